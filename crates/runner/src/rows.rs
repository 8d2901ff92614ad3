//! The rows of instances and work items, and how a batch of them is read and written.

use std::sync::Arc;

use flow::engine::{State, Variables};
use kernel::{Id, Moment, Result};
use ledger::User;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Reads, Tx};
use uuid::Uuid;

use crate::command::WorkItemBrief;
use crate::sla::Budget;
use crate::words::{Customer, Incident, Instance, InstanceState, WorkItem, WorkItemState};

#[derive(Clone, Debug, FromRow)]
pub(crate) struct InstanceRow {
    pub id: Id<Instance>,
    pub process: String,
    pub process_version: i64,
    pub customer: Option<Id<Customer>>,
    pub state: InstanceState,
    pub version: i64,
    pub data: Json<State>,
    pub incidents: i64,
    pub parent: Option<Id<Instance>>,
    pub parent_activity: Option<i64>,
    pub started: Moment,
    pub started_by: Option<Id<User>>,
    pub ended: Option<Moment>,
}

/// Why a work item lies where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `group`, `round_robin`, `least_loaded`, `skill`, `same_user`, `own_customer`, `deputy`, `expression`, `escalation`,
    /// `claimed`, `released`, `assigned`.
    pub strategy: String,
    /// Facts of the choice, by name: `load`, `of`, `turn_after`, `rung`, `why`, `by`, `fallback`…
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub facts: std::collections::BTreeMap<String, String>,
}

impl Reason {
    pub fn new(strategy: &str) -> Self {
        Self {
            strategy: strategy.to_owned(),
            facts: std::collections::BTreeMap::new(),
        }
    }
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.facts.insert(name.to_owned(), value.to_string());
        self
    }
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct WorkItemRow {
    pub id: Id<WorkItem>,
    pub instance: Id<Instance>,
    pub activity: i64,
    pub process: String,
    pub process_version: i64,
    pub customer: Option<Id<Customer>>,
    pub element: String,
    pub name: String,
    pub state: WorkItemState,
    pub group_key: Option<String>,
    pub assignee: Option<Id<User>>,
    pub reason: Json<Reason>,
    pub sender: Option<Id<User>>,
    pub level: i64,
    pub due: Option<Moment>,
    pub opened: Moment,
    pub closed: Option<Moment>,
    pub closed_by: Option<Id<User>>,
    pub outcome: Option<String>,
    pub inputs: Json<Variables>,
    pub answer: Option<Json<Variables>>,
    pub version: i64,
    /// Since when the customer is awaited.
    pub paused: Option<Moment>,
    pub sla: Option<Id<Budget>>,
}

impl WorkItemRow {
    pub fn brief(&self) -> WorkItemBrief {
        WorkItemBrief {
            id: self.id,
            instance: self.instance,
            element: self.element.clone(),
            name: self.name.clone(),
            state: self.state,
            group: self.group_key.clone(),
            assignee: self.assignee,
            due: self.due,
            version: self.version,
        }
    }
}

/// One advance, as it is kept.
pub(crate) struct StepRow {
    pub instance: Id<Instance>,
    pub number: i64,
    pub at: Moment,
    pub user_id: Option<Id<User>>,
    pub user_name: Arc<str>,
    pub event: Value,
    pub trace: Value,
}

pub(crate) struct WaitRow {
    pub instance: Id<Instance>,
    pub number: i64,
    pub kind: &'static str,
    pub name: String,
    pub correlation: Option<String>,
}

pub(crate) struct IncidentRow {
    pub id: Id<Incident>,
    pub instance: Id<Instance>,
    pub activity: i64,
    pub process: String,
    pub process_version: i64,
    pub element: String,
    pub code: String,
    pub message: String,
    pub raised: Moment,
    pub pattern: String,
}

/// An incident that is over.
pub(crate) struct Mended {
    pub instance: Id<Instance>,
    pub activity: i64,
    pub at: Moment,
    pub by: Option<Id<User>>,
}

macro_rules! instance_columns {
    () => {
        "id, process, process_version, customer, state, version, data, incidents, parent, parent_activity, started, \
         started_by, ended"
    };
}
macro_rules! work_item_columns {
    () => {
        "id, instance, activity, process, process_version, customer, element, name, state, group_key, assignee, reason, \
         sender, level, due, opened, closed, closed_by, outcome, inputs, answer, version, paused, sla"
    };
}

store::statements! {
    /// In one order for all, so that two batches wait for each other instead of locking each other out.
    LOCK_INSTANCES =
        concat!("SELECT ", instance_columns!(), " FROM instance WHERE id = $1"),
        concat!("SELECT ", instance_columns!(), " FROM instance WHERE id = ANY($1) ORDER BY id FOR UPDATE");
    READ_INSTANCE = concat!("SELECT ", instance_columns!(), " FROM instance WHERE id = $1");
    INSERT_INSTANCE =
        concat!("INSERT INTO instance (", instance_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
        concat!("INSERT INTO instance (", instance_columns!(), ") SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], \
            $4::uuid[], $5::text[], $6::bigint[], $7::jsonb[], $8::bigint[], $9::uuid[], $10::bigint[], $11::timestamptz[], \
            $12::uuid[], $13::timestamptz[])");
    UPDATE_INSTANCE =
        "UPDATE instance SET version = $3, state = $4, data = $5, incidents = $6, ended = $7, process_version = $8
         WHERE id = $1 AND version = $2",
        "UPDATE instance SET version = n.version, state = n.state, data = n.data, incidents = n.incidents, ended = n.ended,
            process_version = n.process_version
         FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::bigint[], $7::timestamptz[], $8::bigint[])
              AS n (id, seen, version, state, data, incidents, ended, process_version)
         WHERE instance.id = n.id AND instance.version = n.seen";
    INSERT_STEP =
        "INSERT INTO instance_step (instance, number, at, user_id, user_name, event, trace) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        "INSERT INTO instance_step (instance, number, at, user_id, user_name, event, trace)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::jsonb[], $7::jsonb[])";
    INSTANCE_OF =
        "SELECT instance FROM work_item WHERE id = $1",
        "SELECT DISTINCT instance FROM work_item WHERE id = ANY($1)";
    WORK_ITEMS =
        concat!("SELECT ", work_item_columns!(), " FROM work_item WHERE id = $1"),
        concat!("SELECT ", work_item_columns!(), " FROM work_item WHERE id = ANY($1)");
    READ_WORK_ITEM = concat!("SELECT ", work_item_columns!(), " FROM work_item WHERE id = $1");
    WORK_ITEM_OF_ACTIVITY =
        concat!("SELECT ", work_item_columns!(), " FROM work_item WHERE instance = $1 AND activity = $2");
    INSERT_WORK_ITEM =
        concat!("INSERT INTO work_item (", work_item_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
            $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)"),
        concat!("INSERT INTO work_item (", work_item_columns!(), ") SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], \
            $4::text[], $5::bigint[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::jsonb[], \
            $13::uuid[], $14::bigint[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[], $18::uuid[], $19::text[], \
            $20::jsonb[], $21::jsonb[], $22::bigint[], $23::timestamptz[], $24::uuid[])");
    UPDATE_WORK_ITEM =
        "UPDATE work_item SET state = $2, group_key = $3, assignee = $4, reason = $5, sender = $6, level = $7, due = $8,
            closed = $9, closed_by = $10, outcome = $11, answer = $12, version = $13, process_version = $14, element = $15,
            name = $16, paused = $17, sla = $18 WHERE id = $1",
        "UPDATE work_item SET state = n.state, group_key = n.group_key, assignee = n.assignee, reason = n.reason,
            sender = n.sender, level = n.level, due = n.due, closed = n.closed, closed_by = n.closed_by, outcome = n.outcome,
            answer = n.answer, version = n.version, process_version = n.process_version, element = n.element, name = n.name,
            paused = n.paused, sla = n.sla
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::jsonb[], $6::uuid[], $7::bigint[], $8::timestamptz[],
            $9::timestamptz[], $10::uuid[], $11::text[], $12::jsonb[], $13::bigint[], $14::bigint[], $15::text[], $16::text[],
            $17::timestamptz[], $18::uuid[])
            AS n (id, state, group_key, assignee, reason, sender, level, due, closed, closed_by, outcome, answer, version,
                process_version, element, name, paused, sla)
         WHERE work_item.id = n.id";
    INSERT_WAIT =
        "INSERT INTO instance_wait (instance, number, kind, name, correlation) VALUES ($1, $2, $3, $4, $5)",
        "INSERT INTO instance_wait (instance, number, kind, name, correlation)
         SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[])";
    DELETE_WAIT =
        "DELETE FROM instance_wait WHERE instance = $1 AND number = $2",
        "DELETE FROM instance_wait USING unnest($1::uuid[], $2::bigint[]) AS gone (instance, number)
         WHERE instance_wait.instance = gone.instance AND instance_wait.number = gone.number";
    /// Raised again for the same activity, it is the same incident with a newer cause.
    INSERT_INCIDENT =
        "INSERT INTO incident (id, instance, activity, process, process_version, element, code, message, raised, pattern)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (instance, activity) WHERE resolved IS NULL
         DO UPDATE SET code = excluded.code, message = excluded.message, raised = excluded.raised, pattern = excluded.pattern",
        "INSERT INTO incident (id, instance, activity, process, process_version, element, code, message, raised, pattern)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[],
            $8::text[], $9::timestamptz[], $10::text[])
         ON CONFLICT (instance, activity) WHERE resolved IS NULL
         DO UPDATE SET code = excluded.code, message = excluded.message, raised = excluded.raised, pattern = excluded.pattern";
    MEND_INCIDENT =
        "UPDATE incident SET resolved = $3, resolved_by = $4 WHERE instance = $1 AND activity = $2 AND resolved IS NULL",
        "UPDATE incident SET resolved = m.at, resolved_by = m.by
         FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::uuid[]) AS m (instance, activity, at, by)
         WHERE incident.instance = m.instance AND incident.activity = m.activity AND incident.resolved IS NULL";
    WAITS_OF = "SELECT number, kind, name, correlation FROM instance_wait WHERE instance = $1 ORDER BY number";
    OPEN_ITEMS = concat!("SELECT ", work_item_columns!(), " FROM work_item WHERE instance = $1 AND state IN ('open', 'claimed')");
    USER_NAME = "SELECT name FROM user_name_view WHERE id = $1";
}

/// For lists: a condition follows.
pub(crate) const SELECT_INSTANCES: &str =
    concat!("SELECT ", instance_columns!(), " FROM instance WHERE ");

pub(crate) async fn waits_of(
    reads: &mut impl Reads,
    id: Id<Instance>,
) -> Result<Vec<(i64, String, String, Option<String>)>> {
    store::fetch_all!(reads, (i64, String, String, Option<String>), WAITS_OF, id)
}

pub(crate) async fn open_items(
    reads: &mut impl Reads,
    id: Id<Instance>,
) -> Result<Vec<WorkItemRow>> {
    store::fetch_all!(reads, WorkItemRow, OPEN_ITEMS, id)
}

pub(crate) async fn lock_instances(tx: &mut Tx, ids: &[Id<Instance>]) -> Result<Vec<InstanceRow>> {
    jobs::return_rows!(tx, InstanceRow, LOCK_INSTANCES, ids, |id| [*id])
}

pub(crate) async fn read_instance(
    reads: &mut impl Reads,
    id: Id<Instance>,
) -> Result<Option<InstanceRow>> {
    store::fetch_optional!(reads, InstanceRow, READ_INSTANCE, id)
}

pub(crate) async fn instances_of(tx: &mut Tx, items: &[Id<WorkItem>]) -> Result<Vec<Id<Instance>>> {
    let found = jobs::return_rows!(tx, (Id<Instance>,), INSTANCE_OF, items, |id| [*id])?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

pub(crate) async fn work_items(tx: &mut Tx, ids: &[Id<WorkItem>]) -> Result<Vec<WorkItemRow>> {
    jobs::return_rows!(tx, WorkItemRow, WORK_ITEMS, ids, |id| [*id])
}

pub(crate) async fn read_work_item(
    reads: &mut impl Reads,
    id: Id<WorkItem>,
) -> Result<Option<WorkItemRow>> {
    store::fetch_optional!(reads, WorkItemRow, READ_WORK_ITEM, id)
}

pub(crate) async fn work_item_of(
    tx: &mut Tx,
    instance: Id<Instance>,
    activity: i64,
) -> Result<Option<WorkItemRow>> {
    store::fetch_optional!(tx, WorkItemRow, WORK_ITEM_OF_ACTIVITY, instance, activity)
}

/// The user's name as people know it; empty where the directory does not know the user.
pub(crate) async fn user_name(reads: &mut impl Reads, user: Option<Id<User>>) -> Result<String> {
    let Some(user) = user else {
        return Ok(String::new());
    };
    let name = store::fetch_optional!(reads, (String,), USER_NAME, user)?;
    Ok(name.map(|(name,)| name).unwrap_or_default())
}

pub(crate) async fn insert_instances(tx: &mut Tx, rows: &[&InstanceRow]) -> Result<()> {
    jobs::write_rows!(tx, INSERT_INSTANCE, rows, |row| [
        row.id,
        row.process.as_str(),
        row.process_version,
        row.customer,
        row.state.text(),
        row.version,
        Json(&row.data.0),
        row.incidents,
        row.parent,
        row.parent_activity,
        row.started,
        row.started_by,
        row.ended,
    ])?;
    Ok(())
}

/// Each with the version that was read. Returns how many were written.
pub(crate) async fn update_instances(tx: &mut Tx, rows: &[(i64, &InstanceRow)]) -> Result<u64> {
    jobs::write_rows!(tx, UPDATE_INSTANCE, rows, |row| [
        row.1.id,
        row.0,
        row.1.version,
        row.1.state.text(),
        Json(&row.1.data.0),
        row.1.incidents,
        row.1.ended,
        row.1.process_version,
    ])
}

pub(crate) async fn insert_steps(tx: &mut Tx, rows: &[StepRow]) -> Result<()> {
    jobs::write_rows!(tx, INSERT_STEP, rows, |row| [
        row.instance,
        row.number,
        row.at,
        row.user_id,
        &*row.user_name,
        Json(&row.event),
        Json(&row.trace),
    ])?;
    Ok(())
}

pub(crate) async fn insert_work_items(tx: &mut Tx, rows: &[&WorkItemRow]) -> Result<()> {
    jobs::write_rows!(tx, INSERT_WORK_ITEM, rows, |row| [
        row.id,
        row.instance,
        row.activity,
        row.process.as_str(),
        row.process_version,
        row.customer,
        row.element.as_str(),
        row.name.as_str(),
        row.state.text(),
        row.group_key.as_deref(),
        row.assignee,
        Json(&row.reason.0),
        row.sender,
        row.level,
        row.due,
        row.opened,
        row.closed,
        row.closed_by,
        row.outcome.as_deref(),
        Json(&row.inputs.0),
        row.answer.as_ref().map(|answer| Json(&answer.0)),
        row.version,
        row.paused,
        row.sla,
    ])?;
    Ok(())
}

pub(crate) async fn update_work_items(tx: &mut Tx, rows: &[&WorkItemRow]) -> Result<()> {
    jobs::write_rows!(tx, UPDATE_WORK_ITEM, rows, |row| [
        row.id,
        row.state.text(),
        row.group_key.as_deref(),
        row.assignee,
        Json(&row.reason.0),
        row.sender,
        row.level,
        row.due,
        row.closed,
        row.closed_by,
        row.outcome.as_deref(),
        row.answer.as_ref().map(|answer| Json(&answer.0)),
        row.version,
        row.process_version,
        row.element.as_str(),
        row.name.as_str(),
        row.paused,
        row.sla,
    ])?;
    Ok(())
}

pub(crate) async fn insert_waits(tx: &mut Tx, rows: &[WaitRow]) -> Result<()> {
    jobs::write_rows!(tx, INSERT_WAIT, rows, |row| [
        row.instance,
        row.number,
        row.kind,
        row.name.as_str(),
        row.correlation.as_deref(),
    ])?;
    Ok(())
}

pub(crate) async fn delete_waits(tx: &mut Tx, rows: &[(Uuid, i64)]) -> Result<()> {
    jobs::write_rows!(tx, DELETE_WAIT, rows, |row| [row.0, row.1])?;
    Ok(())
}

pub(crate) async fn insert_incidents(tx: &mut Tx, rows: &[IncidentRow]) -> Result<()> {
    jobs::write_rows!(tx, INSERT_INCIDENT, rows, |row| [
        row.id,
        row.instance,
        row.activity,
        row.process.as_str(),
        row.process_version,
        row.element.as_str(),
        row.code.as_str(),
        row.message.as_str(),
        row.raised,
        row.pattern.as_str(),
    ])?;
    Ok(())
}

pub(crate) async fn mend_incidents(tx: &mut Tx, rows: &[Mended]) -> Result<()> {
    jobs::write_rows!(tx, MEND_INCIDENT, rows, |row| [
        row.instance,
        row.activity,
        row.at,
        row.by
    ])?;
    Ok(())
}
