//! What stands against publishing a definition.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use flow::model::{ElementKind, FormRef, TaskKind};
use flow::{Definitions, Element, Process};
use form::{CustomerSchema, FieldSpec, Form};
use kernel::calendar::CalendarError;
use kernel::{Code, Error, FieldProblem, Language, Result};
use store::Reads;

use crate::{Body, CalendarDefinition, Kind, ProcessDefinition, version};

/// What the checks need to know of the rest of the product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// Keys of all groups of the directory.
    pub groups: BTreeSet<String>,
    /// In which language problems that bring their own sentence say it.
    pub language: Language,
}

/// Everything that stands against publishing this body, each with its place: an element's id, a path, or `line 12`.
pub async fn problems(
    reads: &mut impl Reads,
    body: &Body,
    around: &Surroundings,
) -> Result<Vec<FieldProblem>> {
    let known = Known::gather(reads, body).await?;
    Ok(match body {
        Body::Calendar(body) => calendar_problems(body),
        Body::CustomerType(schema) => {
            let mut problems = schema.problems();
            problems.extend(changed_kinds(schema, known.before.as_ref()));
            problems
        }
        Body::Decision(decision) => {
            let mut problems = names(&decision.key, &decision.name);
            problems.extend(decision.problems(around.language));
            problems
        }
        Body::Form(form) => known.form_problems(form),
        Body::Process(process) => known.process_problems(process, around),
    })
}

/// The published definitions to which a body refers, and its own predecessor.
#[derive(Default)]
struct Known {
    customer_types: BTreeMap<String, CustomerSchema>,
    forms: BTreeMap<String, Form>,
    calendars: BTreeSet<String>,
    decisions: BTreeSet<String>,
    before: Option<Body>,
}

impl Known {
    async fn gather(reads: &mut impl Reads, body: &Body) -> Result<Self> {
        let mut known = Self::default();
        if let Some(number) = version::latest(reads, body.kind(), body.key()).await? {
            known.before = Some(version::version(reads, body.kind(), body.key(), number).await?);
        }
        let (mut types, mut forms) = (BTreeSet::new(), BTreeSet::new());
        match body {
            Body::Form(form) => types.extend(form.customer_type.clone()),
            Body::Process(process) => {
                types.extend(process.customer_type.clone());
                types.extend(
                    process
                        .forms
                        .iter()
                        .filter_map(|form| form.customer_type.clone()),
                );
                forms = named_forms(process);
                for key in named_decisions(process) {
                    if version::latest(reads, Kind::Decision, &key)
                        .await?
                        .is_some()
                    {
                        known.decisions.insert(key);
                    }
                }
                if let Some(key) = &process.calendar
                    && version::latest(reads, Kind::Calendar, key).await?.is_some()
                {
                    known.calendars.insert(key.clone());
                }
            }
            Body::Calendar(_) | Body::CustomerType(_) | Body::Decision(_) => {}
        }
        for key in types {
            if let Some(number) = version::latest(reads, Kind::CustomerType, &key).await?
                && let Body::CustomerType(schema) =
                    version::version(reads, Kind::CustomerType, &key, number).await?
            {
                known.customer_types.insert(key, schema);
            }
        }
        for key in forms {
            if let Some(number) = version::latest(reads, Kind::Form, &key).await?
                && let Body::Form(form) = version::version(reads, Kind::Form, &key, number).await?
            {
                known.forms.insert(key, form);
            }
        }
        Ok(known)
    }

    fn form_problems(&self, form: &Form) -> Vec<FieldProblem> {
        let no_fields: &[FieldSpec] = &[];
        match &form.customer_type {
            None => form.problems(Some(no_fields)),
            Some(key) => match self.customer_types.get(key) {
                Some(schema) => form.problems(Some(&schema.fields)),
                None => {
                    let mut problems = form.problems(None);
                    problems.push(unknown("customer_type", "unknown_customer_type", key));
                    problems
                }
            },
        }
    }

    fn process_problems(
        &self,
        process: &ProcessDefinition,
        around: &Surroundings,
    ) -> Vec<FieldProblem> {
        let mut problems = names(&process.key, &process.name);
        if let Some(key) = &process.customer_type
            && !self.customer_types.contains_key(key)
        {
            problems.push(unknown("customer_type", "unknown_customer_type", key));
        }
        if let Some(key) = &process.calendar
            && !self.calendars.contains(key)
        {
            problems.push(unknown("calendar", "unknown_calendar", key));
        }
        if let Some(key) = &process.supervisors
            && !around.groups.contains(key)
        {
            problems.push(unknown("supervisors", "unknown_group", key));
        }
        let mut keys = BTreeSet::new();
        for form in &process.forms {
            let at = format!("forms.{}", form.key);
            if !keys.insert(&form.key) {
                problems.push(FieldProblem::new(&at, "duplicate_key").with("key", &form.key));
            }
            problems.extend(self.form_problems(form).into_iter().map(|mut problem| {
                problem.field = format!("{at}.{}", problem.field);
                problem
            }));
        }
        let document = match process.document() {
            Ok(document) => document,
            Err(found) => {
                problems.extend(found.iter().map(|found| told(found, around.language)));
                return problems;
            }
        };
        let Some(running) = process.running(&document) else {
            let id = process.process_id.as_deref().unwrap_or_default();
            problems.push(unknown("process_id", "unknown_process", id));
            return problems;
        };
        problems.extend(compiled(&document, running, around.language));
        for (element, key) in decisions_of(running) {
            if !self.decisions.contains(key) {
                let name = if element.name.is_empty() {
                    &*element.id
                } else {
                    &element.name
                };
                let problem = FieldProblem::new(&*element.id, "task_with_unknown_decision");
                problems.push(problem.with("name", name).with("decision", key));
            }
        }
        for element in running
            .elements
            .iter()
            .filter(|element| element.is_work_item())
        {
            problems.extend(self.work_item_problems(process, running, element, around));
        }
        problems
    }

    fn work_item_problems(
        &self,
        process: &ProcessDefinition,
        running: &Process,
        element: &Element,
        around: &Surroundings,
    ) -> Vec<FieldProblem> {
        let name = if element.name.is_empty() {
            &*element.id
        } else {
            &element.name
        };
        let problem = |code| FieldProblem::new(&*element.id, code).with("name", name);
        let mut problems = Vec::new();
        let binding = element.binding.clone().unwrap_or_default();
        match &binding.form {
            None => problems.push(problem("task_without_form")),
            Some(FormRef::Key(key)) if self.forms.contains_key(key) => {}
            Some(FormRef::Inline(key)) if process.form(key).is_some() => {}
            Some(FormRef::Key(key) | FormRef::Inline(key)) => {
                problems.push(problem("task_with_unknown_form").with("form", key));
            }
        }
        if binding.outcomes.is_empty() {
            problems.push(problem("task_without_outcome"));
        }
        let mut outcomes = BTreeSet::new();
        if !binding
            .outcomes
            .iter()
            .all(|outcome| outcomes.insert(&outcome.key))
        {
            problems.push(problem("task_with_two_equal_outcomes"));
        }
        match running.group_of(element) {
            None if binding.assignment.expression.is_none() => {
                problems.push(problem("task_without_group"));
            }
            Some(group) if !around.groups.contains(&group) => {
                problems.push(problem("task_with_unknown_group").with("group", group));
            }
            _ => {}
        }
        for rung in &binding.escalation {
            if !around.groups.contains(&rung.to) {
                problems.push(problem("task_with_unknown_group").with("group", &rung.to));
            }
        }
        problems
    }
}

/// What keeps the process from running.
fn compiled(document: &Definitions, process: &Process, language: Language) -> Vec<FieldProblem> {
    match flow::engine::Plan::compile(document, &process.id) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|found| told(found, language)).collect(),
    }
}

/// Keys of the forms on their own to which the activities refer.
fn named_forms(process: &ProcessDefinition) -> BTreeSet<String> {
    let Ok(document) = process.document() else {
        return BTreeSet::new();
    };
    let Some(running) = process.running(&document) else {
        return BTreeSet::new();
    };
    let named = running.elements.iter().filter_map(|element| {
        match element.binding.as_ref()?.form.as_ref()? {
            FormRef::Key(key) => Some(key.clone()),
            FormRef::Inline(_) => None,
        }
    });
    named.collect()
}

/// The activities that ask a decision, with its key.
fn decisions_of(running: &Process) -> impl Iterator<Item = (&Element, &str)> {
    let asks = |element: &&Element| {
        matches!(
            element.kind,
            ElementKind::Task {
                task: TaskKind::BusinessRule
            }
        )
    };
    running.elements.iter().filter(asks).filter_map(|element| {
        let key = element.binding.as_ref()?.decision.as_deref()?;
        Some((element, key))
    })
}

fn named_decisions(process: &ProcessDefinition) -> BTreeSet<String> {
    let Ok(document) = process.document() else {
        return BTreeSet::new();
    };
    let Some(running) = process.running(&document) else {
        return BTreeSet::new();
    };
    decisions_of(running)
        .map(|(_, key)| key.to_owned())
        .collect()
}

/// A problem of the document, at its element or line, in the asker's language.
pub(crate) fn told(problem: &flow::Problem, language: Language) -> FieldProblem {
    let field = match &problem.element {
        Some(element) => element.to_string(),
        None if problem.line > 0 => format!("line {}", problem.line),
        None => "bpmn".to_owned(),
    };
    let mut told = FieldProblem::new(field, problem.code.as_str());
    told.code = Cow::Borrowed(problem.code.as_str());
    if problem.line > 0 {
        told = told.with("line", problem.line);
    }
    told.sentence = problem.sentence(language);
    told
}

/// A published field keeps its kind: what is stored under it would no longer be read.
fn changed_kinds(schema: &CustomerSchema, before: Option<&Body>) -> Vec<FieldProblem> {
    let Some(Body::CustomerType(before)) = before else {
        return Vec::new();
    };
    let changed = schema.fields.iter().enumerate().filter_map(|(i, field)| {
        let old = before.field(&field.key)?;
        (old.kind.word() != field.kind.word()).then(|| {
            FieldProblem::new(format!("fields[{i}].kind"), "kind_changed")
                .with("key", &field.key)
                .with("before", old.kind.word())
        })
    });
    changed.collect()
}

fn calendar_problems(body: &CalendarDefinition) -> Vec<FieldProblem> {
    let mut problems = names(&body.key, &body.name);
    problems.extend(body.calendar.ready().err().map(|error| match error {
        CalendarError::UnknownZone(zone) => {
            FieldProblem::new("zone", "unknown_zone").with("zone", zone)
        }
        CalendarError::BadHours { weekday } => {
            FieldProblem::new(format!("week[{weekday}]"), "bad_hours")
        }
        CalendarError::BadHoliday(name) => {
            FieldProblem::new("holidays", "bad_holiday").with("name", name)
        }
        CalendarError::BadDuration(_) | CalendarError::NeverWorks => {
            FieldProblem::new("week", "never_works")
        }
    }));
    if body.calendar.week.iter().all(Vec::is_empty) {
        problems.push(FieldProblem::new("week", "never_works"));
    }
    problems
}

fn names(key: &str, name: &form::Words) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if !form::schema::is_key(key) {
        problems.push(FieldProblem::new("key", "bad_key").with("key", key));
    }
    if name.is_empty() {
        problems.push(FieldProblem::new("name", "required"));
    }
    problems
}

fn unknown(field: &str, code: &'static str, key: &str) -> FieldProblem {
    FieldProblem::new(field, code).with("key", key)
}

/// All problems as the one error that refuses a definition.
pub(crate) fn refused(problems: Vec<FieldProblem>) -> Error {
    problems
        .into_iter()
        .fold(Error::new(Code::BadDefinition), Error::field)
}
