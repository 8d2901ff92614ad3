//! What other rooms do for the runner. The service plugs them in; each has a default, so that a test needs only the plans.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use flow::engine::{Conditions as _, Feel, Plan, Prepared, Request, StartKind, Variables};
use flow::model::{Binding, Text};
use flow::{Definitions, ElementId, ElementKind, Problem};
use futures::future::BoxFuture;
use kernel::calendar::{Calendar, WorkTime};
use kernel::{Code, Error, Id, Result};
use ledger::{Actor, User};

use crate::sla::Allowance;
use crate::words::{Customer, Instance};

/// A published process, ready to run. Never changes.
pub struct Published {
    /// Key and version of the definition.
    pub process: Arc<str>,
    pub version: i64,
    pub name: Text,
    pub plan: Plan,
    /// Key of the calendar by which its business hours are counted; absent: the company's.
    pub calendar: Option<String>,
    /// How long the whole may take.
    pub allowance: Option<Allowance>,
    elements: HashMap<ElementId, ElementFacts>,
    /// Conditions of conditional starts.
    conditions: HashMap<ElementId, Arc<dyn Prepared>>,
}

/// What people see of an element.
#[derive(Clone)]
pub struct ElementFacts {
    pub name: Arc<str>,
    pub kind: ElementKind,
    pub binding: Option<Arc<Binding>>,
    /// The expression that chooses who gets the work item.
    pub(crate) chooser: Option<Arc<dyn Prepared>>,
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published")
            .field("process", &self.process)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ElementFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ElementFacts")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl Published {
    /// `process_id` is the id of the process inside the document; `key` and `version` those of the definition.
    pub fn compile(
        definitions: &Definitions,
        process_id: &str,
        key: &str,
        version: i64,
        name: Text,
    ) -> Result<Self, Vec<Problem>> {
        let plan = Plan::compile(definitions, process_id)?;
        let process = definitions.process(process_id);
        let feel = Feel::of(definitions);
        let elements = process
            .into_iter()
            .flat_map(|process| &process.elements)
            .map(|element| {
                let expression = element
                    .binding
                    .as_ref()
                    .and_then(|binding| binding.assignment.expression.as_deref());
                let facts = ElementFacts {
                    name: Arc::from(element.name.as_str()),
                    kind: element.kind.clone(),
                    binding: element.binding.clone().map(Arc::new),
                    // One that cannot be read is the lint's affair; the work item goes to its group.
                    chooser: expression
                        .and_then(|text| feel.prepare(text).ok())
                        .map(Arc::from),
                };
                (element.id.clone(), facts)
            });
        let elements = elements.collect();
        let conditions = plan.starts().iter().filter_map(|start| match &start.kind {
            StartKind::Conditional { condition } => {
                let prepared = feel.prepare(condition).ok()?;
                Some((start.element.clone(), Arc::from(prepared)))
            }
            _ => None,
        });
        Ok(Self {
            process: Arc::from(key),
            version,
            name,
            calendar: None,
            allowance: None,
            conditions: conditions.collect(),
            elements,
            plan,
        })
    }

    /// By which calendar its business hours are counted.
    #[must_use]
    pub fn by_calendar(mut self, key: Option<String>) -> Self {
        self.calendar = key;
        self
    }

    /// How long the whole may take.
    #[must_use]
    pub fn within(mut self, allowance: Option<Allowance>) -> Self {
        self.allowance = allowance;
        self
    }

    /// Key of the calendar of an activity: its own, else the process's; `None` for the company's.
    pub(crate) fn calendar_of(&self, element: &str) -> Option<&str> {
        let own = self.elements.get(element).and_then(|facts| {
            let binding = facts.binding.as_ref()?;
            binding.calendar.as_deref()
        });
        own.or(self.calendar.as_deref())
    }

    pub(crate) fn condition(&self, start: &str) -> Option<&dyn Prepared> {
        self.conditions.get(start).map(|condition| &**condition)
    }

    pub fn element(&self, id: &str) -> Option<&ElementFacts> {
        self.elements.get(id)
    }
}

/// Where published processes come from.
pub trait Plans: Send + Sync {
    /// Asked once per version and node; the runner keeps the answer. `NotFound` where there is none.
    fn plan<'a>(&'a self, process: &'a str, version: i64) -> BoxFuture<'a, Result<Arc<Published>>>;

    /// The version that a call activity begins.
    fn newest<'a>(&'a self, process: &'a str) -> BoxFuture<'a, Result<i64>>;
}

/// A work item that somebody is about to close.
#[derive(Clone, Debug)]
pub struct Task {
    pub process: String,
    pub version: i64,
    pub element: String,
    pub binding: Option<Arc<Binding>>,
    /// What the work item was opened with.
    pub inputs: Variables,
}

/// Checks what was filled in against the form.
pub trait Values: Send + Sync {
    /// Returns the values to keep (canonical, computed ones included), or the problems by field.
    fn check<'a>(
        &'a self,
        task: &'a Task,
        outcome: Option<&'a str>,
        values: Variables,
        who: &'a Actor,
    ) -> BoxFuture<'a, Result<Variables>>;
}

/// Who there is.
pub trait People: Send + Sync {
    /// Users of a group who may be given work, in a stable order.
    fn members<'a>(&'a self, group: &'a str) -> BoxFuture<'a, Result<Vec<Id<User>>>>;
    /// Who looks after the customer.
    fn owner(&self, customer: Id<Customer>) -> BoxFuture<'_, Result<Option<Id<User>>>>;
    /// The user with this key (login).
    fn user<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Id<User>>>>;
    /// Who stands in for the user just now.
    fn deputy(&self, user: Id<User>) -> BoxFuture<'_, Result<Option<Id<User>>>>;
}

/// Something that another system, a decision table or a script must do.
#[derive(Clone, Debug)]
pub struct Call {
    pub instance: Id<Instance>,
    pub activity: u32,
    pub process: String,
    pub version: i64,
    pub element: String,
    pub customer: Option<Id<Customer>>,
    pub request: Request,
    pub binding: Option<Arc<Binding>>,
    pub inputs: Variables,
    /// The same for every attempt: hand it to the other side.
    pub effect_key: String,
    /// From 1.
    pub attempt: i64,
}

/// How a call was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub variables: Variables,
    /// What answered, for the history of the instance: a decision and its version.
    pub by: Option<String>,
}

impl From<Variables> for Answer {
    fn from(variables: Variables) -> Self {
        Self {
            variables,
            by: None,
        }
    }
}

/// Why a call did not succeed; the texts are for people: as the other side says them, or in both languages
/// ([`Told`](crate::Told)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Try again later.
    Passing(String),
    /// An error that the process may catch.
    Bpmn { code: String, message: String },
    /// Will never succeed: an incident.
    Final(String),
    /// Nobody knows whether it happened: an incident, and the job stays in doubt.
    InDoubt(String),
}

/// Carries calls out.
pub trait Perform: Send + Sync {
    fn perform<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>>;

    /// Whether it leaves the house: then its beginning is made durable first, and a lost node leaves it in doubt instead of
    /// repeating it.
    fn is_remote(&self, call: &Call) -> bool {
        matches!(call.request, Request::Service { .. })
    }
}

/// The company's working hours, and those of its parts.
pub trait Calendars: Send + Sync {
    fn calendar(&self) -> Arc<WorkTime>;

    /// The calendar of this key; the company's where there is none of it.
    fn named(&self, key: Option<&str>) -> Arc<WorkTime> {
        let _ = key;
        self.calendar()
    }
}

/// Everything that is plugged in.
#[derive(Clone)]
pub struct Plugs {
    pub plans: Arc<dyn Plans>,
    pub values: Arc<dyn Values>,
    pub people: Arc<dyn People>,
    pub perform: Arc<dyn Perform>,
    pub calendars: Arc<dyn Calendars>,
}

impl Plugs {
    pub fn new(plans: Arc<dyn Plans>) -> Self {
        Self {
            plans,
            values: Arc::new(AcceptAll),
            people: Arc::new(Nobody),
            perform: Arc::new(Unbound),
            calendars: Arc::new(Office::default()),
        }
    }
}

/// Takes every value as it comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct AcceptAll;

impl Values for AcceptAll {
    fn check<'a>(
        &'a self,
        _: &'a Task,
        _: Option<&'a str>,
        values: Variables,
        _: &'a Actor,
    ) -> BoxFuture<'a, Result<Variables>> {
        Box::pin(async { Ok(values) })
    }
}

/// A house without people: everything goes to groups.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl People for Nobody {
    fn members<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Id<User>>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn owner(&self, _: Id<Customer>) -> BoxFuture<'_, Result<Option<Id<User>>>> {
        Box::pin(async { Ok(None) })
    }
    fn user<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Id<User>>>> {
        Box::pin(async { Ok(None) })
    }
    fn deputy(&self, _: Id<User>) -> BoxFuture<'_, Result<Option<Id<User>>>> {
        Box::pin(async { Ok(None) })
    }
}

/// No system is connected: every call becomes an incident that says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbound;

impl Perform for Unbound {
    fn perform<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>> {
        let what = match &call.request {
            Request::Service { transaction } => transaction.as_deref().unwrap_or("no transaction"),
            Request::Decision { decision } => decision.as_deref().unwrap_or("no decision"),
            Request::Script { language, .. } => language,
        };
        let message = format!("unbound: {what}");
        Box::pin(async { Err(Fault::Final(message)) })
    }
    fn is_remote(&self, _: &Call) -> bool {
        false
    }
}

/// One calendar for the whole house.
#[derive(Clone, Debug)]
pub struct Office(Arc<WorkTime>);

impl Office {
    pub fn new(calendar: &Calendar) -> Result<Self> {
        let ready = calendar
            .ready()
            .map_err(|error| Error::new(Code::Invalid).because(error))?;
        Ok(Self(Arc::new(ready)))
    }
}

impl Default for Office {
    #[expect(
        clippy::expect_used,
        reason = "a constant calendar in UTC, held ready by a test"
    )]
    fn default() -> Self {
        Self::new(&Calendar::office("UTC")).expect("office hours in UTC")
    }
}

impl Calendars for Office {
    fn calendar(&self) -> Arc<WorkTime> {
        Arc::clone(&self.0)
    }
}
