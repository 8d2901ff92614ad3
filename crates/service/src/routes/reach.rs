//! Whose instances somebody sees, and which processes they may set going: the same wherever one is started, read, changed or
//! ended, by whatever door. Who may not see a customer does not see what runs for it: it is `not_found`, or left out of a list.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use access::{Request, Target, Verb};
use api::of;
use desk::Sight;
use kernel::{Code, Comparison, Error, Filter, Id, Operand, Page, Result};
use ledger::history;
use runner::{IncidentLine, IncidentQuery, Instance, InstanceQuery};
use serde_json::{Map, Value};
use store::Reads;
use uuid::Uuid;

use super::work::veiled;
use crate::http::Session;
use crate::{App, limits};

/// For whom instances run, and which process: that never changes, so that who listens to events need not ask for each of them.
#[derive(Default)]
pub struct Whose(Mutex<HashMap<Uuid, Runs>>);

#[derive(Clone)]
struct Runs {
    customer: Option<Uuid>,
    process: Arc<str>,
}

/// So many instances are kept in mind; then it begins anew.
const HELD: usize = 50_000;
/// An order for many that names none is spelled out for whoever sees some only: as many as that, and no more.
const MOST: usize = 5_000;

impl Whose {
    fn get(&self, instance: Uuid) -> Option<Runs> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&instance).cloned()
    }

    fn keep(&self, instance: Uuid, runs: Runs) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= HELD {
            known.clear();
        }
        known.insert(instance, runs);
    }
}

/// Whether this person sees every customer: then nothing that runs is hidden from them by whom it is for.
pub(super) fn sees_all(session: &Session) -> bool {
    session.policy.rows("customer", Verb::Read) == Filter::TRUE
}

/// Whether this person sees whatever runs, for whomever and in which process.
pub(super) fn sees_everything(app: &App, session: &Session) -> bool {
    sees_all(session) && processes_read(app, session).is_none()
}

/// Whether this person may read what runs in a process.
pub(super) fn reads_process(session: &Session, process: &str) -> bool {
    let target = Target::process(process);
    session
        .policy
        .decide(&Request::new(Verb::Read, &target))
        .is_allowed()
}

/// Whether this person may read what an activity of a process is about.
pub(super) fn reads_activity(session: &Session, process: &str, activity: &str) -> bool {
    let target = Target::activity(process, activity);
    session
        .policy
        .decide(&Request::new(Verb::Read, &target))
        .is_allowed()
}

/// The processes in which this person may read what runs; `None`: in all that there are.
pub(super) fn processes_read(app: &App, session: &Session) -> Option<Vec<String>> {
    if session.policy.takes_processes_alike(Verb::Read) {
        return (!reads_process(session, "*")).then(Vec::new);
    }
    let all = app.rooms.processes();
    let read: Vec<String> = all
        .iter()
        .filter(|process| reads_process(session, &process.key))
        .map(|process| process.key.clone())
        .collect();
    // Those that are no longer among them are judged like one of which nobody speaks.
    (read.len() < all.len() || !reads_process(session, "*")).then_some(read)
}

/// Whether this person may start a process.
pub(super) fn may_start(session: &Session, process: &str) -> bool {
    let target = Target::process(process);
    session
        .policy
        .decide(&Request::new(Verb::Execute, &target))
        .is_allowed()
}

/// The right to set a process going, within one's limits. What goes beyond them is refused with `needs_approval`.
pub(super) fn may_set_going(
    session: &Session,
    process: &str,
    variables: &Map<String, Value>,
) -> Result<()> {
    if !may_start(session, process) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "execute")
            .with("entity", "process"));
    }
    limits::hold(&session.policy, &[limits::process_part(process, variables)])
}

/// What reaches whoever comes to await it, sooner or later, is for those who may set any process going, for anybody.
pub(super) fn may_reach_anybody(
    app: &App,
    session: &Session,
    variables: &Map<String, Value>,
) -> Result<()> {
    if !sees_all(session) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "read")
            .with("entity", "customer"));
    }
    for process in app.rooms.processes().iter() {
        may_set_going(session, &process.key, variables)?;
    }
    // And those that are not published yet.
    may_set_going(session, "*", variables)
}

/// Of these customers, those whom this person sees.
async fn seen_customers(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    customers: HashSet<Uuid>,
) -> Result<HashSet<Uuid>> {
    let ids: Vec<Id<desk::Customer>> = customers.into_iter().map(Id::new).collect();
    let (sight, portfolio) = (Sight::reading(&session.policy), app.rooms.portfolio());
    let found = desk::customer::names(reads, &sight, &portfolio, &ids).await?;
    Ok(found.into_iter().map(|(id, _)| id.uuid()).collect())
}

/// For whom an instance runs, and which process; `None` where there is no such instance.
async fn whose(app: &App, reads: &mut impl Reads, instance: Id<Instance>) -> Result<Option<Runs>> {
    if let Some(known) = app.whose.get(instance.uuid()) {
        return Ok(Some(known));
    }
    match app.rooms.runner.instance(reads, instance).await {
        Ok(detail) => {
            let runs = Runs {
                customer: detail.line.customer.map(Id::uuid),
                process: detail.line.process.into(),
            };
            app.whose.keep(instance.uuid(), runs.clone());
            Ok(Some(runs))
        }
        Err(error) if error.code() == Code::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Of these instances, those that this person may see by whom they run for and by their process.
pub(super) async fn seen_instances(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    instances: impl IntoIterator<Item = Id<Instance>>,
) -> Result<HashSet<Uuid>> {
    let instances: HashSet<Uuid> = instances.into_iter().map(Id::uuid).collect();
    if sees_everything(app, session) {
        return Ok(instances);
    }
    let mut seen = HashSet::new();
    let mut of_customers = Vec::new();
    for instance in instances {
        let Some(runs) = whose(app, reads, Id::new(instance)).await? else {
            continue;
        };
        if !reads_process(session, &runs.process) {
            continue;
        }
        match runs.customer {
            Some(customer) => of_customers.push((instance, customer)),
            None => {
                seen.insert(instance);
            }
        }
    }
    let customers = of_customers.iter().map(|(_, customer)| *customer).collect();
    let customers = seen_customers(app, session, reads, customers).await?;
    let shown = of_customers
        .into_iter()
        .filter(|(_, customer)| customers.contains(customer));
    seen.extend(shown.map(|(instance, _)| instance));
    Ok(seen)
}

/// For whom instances run, as far as this person may see it: the customer and what they are called.
pub(super) type Customers = HashMap<Uuid, (Option<Id<of::Customer>>, Option<String>)>;

/// For whom the instances of a page run.
pub(super) async fn customers_of(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    instances: impl IntoIterator<Item = Id<Instance>>,
) -> Result<Customers> {
    let instances: HashSet<Uuid> = instances.into_iter().map(Id::uuid).collect();
    let instances: Vec<_> = instances.into_iter().map(Id::new).collect();
    let mut found = runner::whose(reads, &instances).await?;
    veiled(app, session, reads, &mut found, |line| {
        (&mut line.customer, &mut line.customer_name)
    })
    .await?;
    let known = found.into_iter().map(|line| {
        let whose = (line.customer.map(Id::cast), line.customer_name);
        (line.instance.uuid(), whose)
    });
    Ok(known.collect())
}

/// The instances of an order: as they were named, none where all were meant and this person sees all, else spelled out.
/// `not_found` where one is named that they do not see, or where none is left.
pub(super) async fn chosen_instances(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    (process, from): (&str, Option<i64>),
    named: Vec<Id<Instance>>,
) -> Result<Vec<Id<Instance>>> {
    if !reads_process(session, process) {
        return Err(Error::not_found("process"));
    }
    if sees_everything(app, session) {
        return Ok(named);
    }
    if !named.is_empty() {
        let seen = seen_instances(app, session, reads, named.iter().copied()).await?;
        return if named.iter().all(|id| seen.contains(&id.uuid())) {
            Ok(named)
        } else {
            Err(Error::not_found("instance"))
        };
    }
    let query = InstanceQuery {
        process: Some(process.to_owned()),
        process_version: from,
        state: Some(runner::InstanceState::Running),
        ..InstanceQuery::default()
    };
    let mut page = Page {
        limit: Some(Page::MAX_LIMIT),
        cursor: None,
    };
    let mut chosen = Vec::new();
    loop {
        let found = runner::instances(reads, &query, &page).await?;
        let customers = found.items.iter().filter_map(|line| line.customer);
        let customers = customers.map(Id::uuid).collect();
        let seen = seen_customers(app, session, reads, customers).await?;
        let shown = found
            .items
            .iter()
            .filter(|line| line.customer.is_none_or(|id| seen.contains(&id.uuid())));
        chosen.extend(shown.map(|line| line.id));
        few_enough("instances", &chosen)?;
        page.cursor = found.next;
        if page.cursor.is_none() {
            break;
        }
    }
    if chosen.is_empty() {
        return Err(Error::not_found("instance"));
    }
    Ok(chosen)
}

/// A page of the incidents that this person sees, newest first: as full as a page of all of them.
pub(super) async fn incidents(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    query: &IncidentQuery,
    page: &Page,
) -> Result<kernel::Paged<IncidentLine>> {
    if sees_everything(app, session) {
        return runner::incidents(reads, query, page).await;
    }
    let wanted = page.limit() as usize;
    let mut items: Vec<IncidentLine> = Vec::new();
    let mut cursor = page.cursor.clone();
    loop {
        let rest = Page {
            limit: u32::try_from(wanted - items.len()).ok(),
            cursor,
        };
        let found = runner::incidents(reads, query, &rest).await?;
        let instances = found.items.iter().map(|line| line.instance);
        let seen = seen_instances(app, session, reads, instances).await?;
        let shown = found.items.into_iter();
        items.extend(shown.filter(|line| seen.contains(&line.instance.uuid())));
        cursor = found.next;
        if cursor.is_none() || items.len() >= wanted {
            return Ok(kernel::Paged {
                items,
                next: cursor,
                total: None,
            });
        }
    }
}

/// A page of the messages that wait for somebody, but for those about a customer whom this person does not see.
pub(super) async fn kept_messages(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    mut page: Page,
) -> Result<kernel::Paged<runner::Kept>> {
    if sees_all(session) {
        return runner::kept_messages(reads, &page).await;
    }
    let wanted = page.limit() as usize;
    let mut items: Vec<runner::Kept> = Vec::new();
    loop {
        let found = runner::kept_messages(reads, &page).await?;
        let about = found.items.iter().filter_map(|kept| kept.customer);
        let seen = seen_customers(app, session, reads, about.map(Id::uuid).collect()).await?;
        let shown = found.items.into_iter();
        items.extend(shown.filter(|kept| kept.customer.is_none_or(|id| seen.contains(&id.uuid()))));
        page.cursor = found.next;
        page.limit = u32::try_from(wanted.saturating_sub(items.len())).ok();
        if page.cursor.is_none() || items.len() >= wanted {
            return Ok(kernel::Paged {
                items,
                next: page.cursor,
                total: None,
            });
        }
    }
}

/// A page of a customer's history, without what happened in processes that this person may not read: as full as a page of all.
pub(super) async fn history(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    customer: Id<desk::Customer>,
    mut page: Page,
) -> Result<kernel::Paged<history::Line>> {
    let all = history::Ask::default();
    if processes_read(app, session).is_none() {
        return history::page(reads, customer, &page, &all).await;
    }
    let wanted = page.limit() as usize;
    let mut items = Vec::new();
    loop {
        let found = history::page(reads, customer, &page, &all).await?;
        for line in found.items {
            let runs = match line.instance {
                Some(instance) => whose(app, reads, Id::new(instance)).await?,
                None => None,
            };
            if runs.is_none_or(|runs| reads_process(session, &runs.process)) {
                items.push(line);
            }
        }
        page.cursor = found.next;
        page.limit = u32::try_from(wanted.saturating_sub(items.len())).ok();
        if page.cursor.is_none() || items.len() >= wanted {
            return Ok(kernel::Paged {
                items,
                next: page.cursor,
                total: None,
            });
        }
    }
}

/// All that this person sees of what the query finds, up to a little more than an order may name: see [`few_enough`].
pub(super) async fn all_incidents(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    query: &IncidentQuery,
) -> Result<Vec<IncidentLine>> {
    let mut page = Page {
        limit: Some(Page::MAX_LIMIT),
        cursor: None,
    };
    let mut all = Vec::new();
    loop {
        let found = incidents(app, session, reads, query, &page).await?;
        all.extend(found.items);
        page.cursor = found.next;
        if page.cursor.is_none() || all.len() > MOST {
            return Ok(all);
        }
    }
}

/// Refuses an order that would name more than one may.
pub(super) fn few_enough<T>(field: &'static str, named: &[T]) -> Result<()> {
    if named.len() > MOST {
        return Err(kernel::FieldProblem::new(field, "too_many")
            .with("limit", MOST)
            .into());
    }
    Ok(())
}

/// What limits the work items that this person sees, by the names that the inbox has for it: conditions on them, and the
/// processes and activities that they may read. `None` where all are seen.
pub(super) fn work_rows(app: &App, session: &Session) -> Option<Filter> {
    let mut limits = Vec::new();
    let rows = session.policy.rows("work_item", Verb::Read);
    if rows != Filter::TRUE {
        limits.push(in_inbox(&rows, &app.rooms.groups()));
    }
    limits.extend(unread(app, session));
    match limits.len() {
        0 => None,
        1 => limits.pop(),
        _ => Some(Filter::All(limits)),
    }
}

/// Leaves out what they may not read of processes and activities.
fn unread(app: &App, session: &Session) -> Vec<Filter> {
    let one_of = |field: &str, values: Vec<String>| Filter::In {
        field: field.into(),
        values: values.into_iter().map(Operand::Text).collect(),
    };
    let mut limits = Vec::new();
    if let Some(read) = processes_read(app, session) {
        limits.push(one_of("process", read));
    }
    if session.policy.takes_processes_alike(Verb::Read) {
        return limits;
    }
    for process in &app.rooms.catalogue().processes {
        if !reads_process(session, &process.key) {
            continue;
        }
        let hidden: Vec<String> = process
            .activities
            .iter()
            .filter(|activity| !reads_activity(session, &process.key, activity))
            .cloned()
            .collect();
        if !hidden.is_empty() {
            limits.push(Filter::Not(Box::new(Filter::All(vec![
                one_of("process", vec![process.key.clone()]),
                one_of("element", hidden),
            ]))));
        }
    }
    limits
}

fn in_inbox(rows: &Filter, groups: &[directory::Group]) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(|part| in_inbox(part, groups)).collect();
    // Conditions know groups by their id, work items by their key.
    let worded = |field: &str, value: &Operand| match value {
        Operand::Text(id) if field == "group" => {
            let known = groups.iter().find(|group| group.id.to_string() == *id);
            Operand::Text(known.map_or_else(|| id.clone(), |group| group.key.clone()))
        }
        other => other.clone(),
    };
    match rows {
        Filter::All(parts) => Filter::All(all(parts)),
        Filter::Any(parts) => Filter::Any(all(parts)),
        Filter::Not(inner) => Filter::Not(Box::new(in_inbox(inner, groups))),
        Filter::Compare {
            field,
            comparison,
            value,
        } => inbox_column(field).map_or_else(unknown, |column| {
            Filter::compare(column, *comparison, worded(field, value))
        }),
        Filter::In { field, values } => {
            inbox_column(field).map_or_else(unknown, |column| Filter::In {
                field: column.into(),
                values: values.iter().map(|value| worded(field, value)).collect(),
            })
        }
    }
}

/// Of what the catalogue lets conditions on work items speak.
fn inbox_column(field: &str) -> Option<&'static str> {
    Some(match field {
        "group" => "group",
        "user" => "assignee",
        "process" => "process",
        "activity" => "element",
        _ => return None,
    })
}

/// Of a condition that nobody can look into any more, neither it nor its contrary holds.
fn unknown() -> Filter {
    Filter::compare("state", Comparison::Less, Operand::Null)
}

/// What waits for somebody, in numbers: their own, by group for anybody of it, and of both what is late.
#[derive(Default)]
pub(super) struct Waiting {
    pub mine: i64,
    pub groups: BTreeMap<String, i64>,
    pub overdue: i64,
}

/// How much waits for this person, of what they may see.
pub(super) async fn counts(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
) -> Result<Waiting> {
    let (user, now) = (session.user.id, app.ambient.now());
    let mut own = session.group_keys();
    let rows = session.policy.rows("work_item", Verb::Read);
    if !unread(app, session).is_empty() {
        return counted(app, session, reads, own).await;
    }
    if rows != Filter::TRUE {
        let groups = app.rooms.groups();
        let id_of = |key: &str| {
            let known = groups.iter().find(|group| group.key == key);
            known.map_or(Operand::Null, |group| Operand::Text(group.id.to_string()))
        };
        let shown = |group: &Operand, user: Operand| {
            rows.matches(&|field: &str| match field {
                "group" => group.clone(),
                "user" => user.clone(),
                _ => Operand::Null,
            })
        };
        let me = || Operand::Text(user.to_string());
        let plain = rows.fields().iter().all(|f| matches!(*f, "group" | "user"));
        let mut any = groups
            .iter()
            .map(|group| Operand::Text(group.id.to_string()));
        if !(plain && shown(&Operand::Null, me()) && any.all(|group| shown(&group, me()))) {
            return counted(app, session, reads, own).await;
        }
        // All that is their own they see; of their groups' work, that of some groups or of all.
        own.retain(|key| shown(&id_of(key), Operand::Null));
    }
    let found = runner::counts(reads, Some(user), &own, now).await?;
    let groups = found.groups.into_iter();
    Ok(Waiting {
        mine: found.mine,
        groups: groups.map(|count| (count.group, count.count)).collect(),
        overdue: found.overdue,
    })
}

/// The same one by one, where what is seen depends on more than on whose it is.
async fn counted(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    groups: Vec<String>,
) -> Result<Waiting> {
    let now = app.ambient.now();
    let query = runner::InboxQuery {
        user: Some(session.user.id),
        groups,
        filter: work_rows(app, session),
        ..runner::InboxQuery::default()
    };
    let mut page = Page {
        limit: Some(Page::MAX_LIMIT),
        cursor: None,
    };
    let mut counts = Waiting::default();
    loop {
        let found = runner::inbox(reads, &query, &page).await?;
        for item in found.items {
            counts.overdue += i64::from(item.due.is_some_and(|due| due < now));
            match item.group.filter(|_| item.assignee.is_none()) {
                Some(group) => {
                    *counts.groups.entry(group).or_default() += 1;
                }
                None => counts.mine += 1,
            }
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return Ok(counts);
        }
    }
}
