//! Running processes as those who operate them see them: messages and signals, moves to another version, changes by hand,
//! incidents, dead letters.

use std::collections::BTreeMap;

use kernel::{FieldProblem, Id, Moment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::of;

/// A message to whoever awaits it: one instance, else the processes that begin at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublishMessage {
    pub name: String,
    /// Whoever awaits a correlation gets only messages with the same.
    #[serde(default)]
    pub correlation: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
    /// For the instance that it begins.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    /// How long it waits for somebody, at most 30 days; absent: it is refused (`not_awaited`) when nobody awaits it now.
    #[serde(default)]
    pub keep_seconds: Option<i64>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct MessagePublished {
    /// `delivered`, `began` or `kept`.
    pub outcome: String,
    /// The instance that took it, or those that it began.
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub instances: Vec<Id<of::Instance>>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub kept: Option<Id<of::Message>>,
    pub until: Option<Moment>,
}

/// A message that nobody awaits yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct KeptMessage {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Message>,
    pub name: String,
    pub correlation: Option<String>,
    pub at: Moment,
    pub until: Moment,
    pub by: String,
}

/// A signal to all who await it and to all processes that begin at it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PublishSignal {
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
}

/// Values at which conditional starts look.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EvaluateStarts {
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
}

/// To another version of the process.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveInstance {
    pub to: i64,
    /// Elements that have another id in that version: the new one by the old.
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
    #[serde(default)]
    pub reason: String,
}

/// What would become of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct MoveVerdict {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub instance: Id<of::Instance>,
    /// For whom it runs; absent: for nobody, or not to be seen.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default)]
    pub customer_name: Option<String>,
    pub started: Moment,
    /// On which it runs now.
    pub version: i64,
    /// `moves`, `stays` or `impossible`.
    pub verdict: String,
    /// Timers and waits that the new version does not have any more, and those that it has in addition.
    pub lost: usize,
    pub new: usize,
    /// Why it is impossible, element by element.
    pub obstacles: Vec<FieldProblem>,
}

/// The running instances of a process, to be moved part by part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveInstances {
    pub process: String,
    /// Only those of this version.
    #[serde(default)]
    pub from: Option<i64>,
    pub to: i64,
    #[serde(default)]
    pub mapping: BTreeMap<String, String>,
    /// Only these, where any are named.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub instances: Vec<Id<of::Instance>>,
    /// Kept and shown; needed to do it, not to look.
    #[serde(default)]
    pub reason: String,
}

/// A move that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct MoveMade {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Move>,
    pub from: i64,
    pub to: i64,
    pub at: Moment,
    pub by: String,
    pub reason: String,
    pub undone: Option<Moment>,
    /// Nothing else has happened since: it can be taken back exactly.
    pub may_undo: bool,
}

/// Something that runs in an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Token {
    /// Its number: by it a change by hand takes it away.
    pub activity: u32,
    pub element: String,
    pub name: String,
}

/// Tokens taken away and begun by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ModifyInstance {
    /// Numbers of what is taken away.
    #[serde(default)]
    pub cancel: Vec<u32>,
    /// Ids of the elements that begin.
    #[serde(default)]
    pub start: Vec<String>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
    pub reason: String,
}

/// What operating an instance wants to know beside what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Operation {
    pub version: i64,
    /// The newest published version of its process.
    pub newest: i64,
    pub tokens: Vec<Token>,
    pub moves: Vec<MoveMade>,
}

/// An order for many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Bulk {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Bulk>,
    /// `move` or `retry`.
    pub kind: String,
    /// `running`, `done` or `cancelled`.
    pub state: String,
    pub done: i64,
    pub refused: i64,
    pub at: Moment,
    pub ended: Option<Moment>,
    pub by: String,
    pub reason: String,
}

/// One of an order that was not done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct BulkResult {
    /// The instance, or the incident.
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub subject: Id<of::Instance>,
    /// The instance in any case.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub instance: Option<Id<of::Instance>>,
    /// For whom it runs; absent: for nobody, or not to be seen.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default)]
    pub customer_name: Option<String>,
    /// `stays` or `refused`.
    pub verdict: String,
    /// Why, in one sentence; the parts of it stand in `fields`.
    pub sentence: String,
    pub fields: Vec<FieldProblem>,
}

/// Which incidents. Empty: all open ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ListIncidents {
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub instance: Option<Id<of::Instance>>,
    pub process: Option<String>,
    pub process_version: Option<i64>,
    pub element: Option<String>,
    pub cause: Option<String>,
    /// As a group of incidents has it.
    pub pattern: Option<String>,
    /// Those that are over as well.
    pub resolved_too: bool,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// Open incidents with one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct IncidentGroup {
    pub process: crate::session::Named,
    pub process_version: i64,
    pub element: String,
    pub element_name: String,
    pub cause: String,
    /// The cause in words.
    pub sentence: String,
    /// What their messages have in common: `…` stands for numbers, ids and quoted words.
    #[serde(default)]
    pub pattern: String,
    /// What one of them said.
    pub detail: String,
    pub count: i64,
    pub first: Moment,
    pub last: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct IncidentLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Incident>,
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub instance: Id<of::Instance>,
    /// For whom it runs; absent: for nobody, or not to be seen.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default)]
    pub customer_name: Option<String>,
    pub process: crate::session::Named,
    pub process_version: i64,
    pub element: String,
    /// What people call the element; empty where it has no name.
    #[serde(default)]
    pub element_name: String,
    pub cause: String,
    /// The cause in words.
    pub sentence: String,
    /// What went wrong, as it was said.
    pub detail: String,
    pub raised: Moment,
    pub resolved: Option<Moment>,
}

/// Tries again what incidents stopped, with repaired values: those named, or all that have the same cause. It becomes an order for
/// many.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RetryIncidents {
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub ids: Vec<Id<of::Incident>>,
    pub process: Option<String>,
    pub process_version: Option<i64>,
    pub element: Option<String>,
    pub cause: Option<String>,
    /// As a group of incidents has it.
    pub pattern: Option<String>,
    /// Set in each instance before it goes on.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
    pub reason: String,
}

/// A job that failed for good, or of which nobody knows whether its effect happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DeadLetter {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Job>,
    pub kind: String,
    /// `failed` or `in_doubt`.
    pub state: String,
    pub attempts: i64,
    pub asked: Moment,
    pub finished: Option<Moment>,
    pub cause: Option<String>,
}

/// What an incident stopped was done outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptIncident {
    /// What it gave, as the other system would have said it.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub values: Map<String, Value>,
    /// Up to 2,000 characters; the trail keeps it.
    pub reason: String,
}

/// Dead letters that begin anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Requeue {
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub ids: Vec<Id<of::Job>>,
}

/// How many of them began anew: those that somebody else was quicker with are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Requeued {
    pub requeued: u64,
}

/// A budget of time: of an instance as a whole, or of one of its work items once it has been paused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Budget {
    /// Of this activity; absent: of the whole.
    pub activity: Option<i64>,
    /// What people call that activity.
    #[serde(default)]
    pub activity_name: Option<String>,
    /// `running`, `paused` (the customer is awaited), `met`, `breached`.
    pub state: String,
    /// In seconds; absent: without a limit.
    pub budget_seconds: Option<i64>,
    /// Used up until now.
    pub spent_seconds: i64,
    /// It counts in the business hours of this calendar (empty: the company's); absent: always.
    pub calendar: Option<String>,
    /// What people call that calendar.
    #[serde(default)]
    pub calendar_name: Option<String>,
    /// When it is used up, while it runs.
    pub due: Option<Moment>,
    pub ledger: Vec<LedgerLine>,
}

/// Why a budget ran or stood still.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct LedgerLine {
    pub at: Moment,
    /// `begun`, `paused`, `resumed`, `breached`, `met`.
    pub what: String,
    pub reason: String,
    pub by: String,
    /// Used up until then.
    pub spent_seconds: i64,
}

/// The customer is awaited: the work item's time stands still.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PauseWorkItem {
    pub version: i64,
    pub reason: String,
}

/// What a user can do and how well: 1 is a beginner, 5 a master.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Skill {
    pub skill: String,
    pub level: i64,
}

/// All skills of a user, instead of those that whoever changes them has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SetSkills {
    pub skills: Vec<Skill>,
    /// What stood there, in any order: `stale` where it is no longer that.
    pub seen: Vec<Skill>,
}

/// A skill that somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct KnownSkill {
    pub skill: String,
    /// How many users have it.
    pub people: i64,
    /// The best of them.
    pub level: i64,
}

/// Who stands in for a user, from when to when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Deputy {
    /// Login, or the user's id. In answers the id where the asker may not see logins.
    pub deputy: String,
    /// In answers, where it may be seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub begins: Moment,
    pub ends: Moment,
}
