use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::of;
use crate::session::Named;

/// A process that may be started for a customer now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Startable {
    pub key: String,
    pub name: String,
    pub description: String,
    /// Customer types it is for; empty for all.
    pub customer_types: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct StartInstance {
    /// Key of the process.
    pub process: String,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Started {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub instance: Id<of::Instance>,
    /// The first work items that the starter may work on: the screen opens the first.
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub work_items: Vec<Id<of::WorkItem>>,
}

/// How an inbox is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[derive(Default)]
#[serde(default)]
pub struct InboxQuery {
    /// `all` (default): given to me, and what lies in my groups for anybody; `mine`; `groups`; `team`: everything in my
    /// groups, whoever has it; `closed`: what I have closed.
    pub scope: Option<String>,
    /// Only of this group.
    pub group: Option<String>,
    /// Only of this process.
    pub process: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    /// Part of the activity's or the customer's name.
    pub q: Option<String>,
    /// `due` (default), `opened`, `closed`, `name`, `process`, `customer`.
    pub order: Option<String>,
    pub descending: bool,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

/// How much waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct InboxCounts {
    pub mine: i64,
    /// In my groups, for anybody; groups with nothing are left out.
    pub groups: Vec<GroupCount>,
    /// Of both, past their due time.
    pub overdue: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupCount {
    pub key: String,
    pub name: String,
    pub count: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct WorkItemLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::WorkItem>,
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub instance: Id<of::Instance>,
    pub process: Named,
    pub activity: String,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    pub customer_name: Option<String>,
    pub group: Option<Named>,
    pub assignee: Option<Named>,
    /// `open`, `claimed`, `completed`, `withdrawn`.
    pub state: String,
    pub created: Moment,
    pub closed: Option<Moment>,
    pub outcome: Option<String>,
    pub due: Option<Moment>,
    /// Since when the customer is awaited: its time stands still.
    #[serde(default)]
    pub paused: Option<Moment>,
    /// How often it has been escalated.
    pub escalation_level: u32,
    /// Who sent it on, where somebody did.
    pub sender: Option<String>,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct WorkItem {
    pub line: WorkItemLine,
    /// The element of the process that it is.
    pub element: String,
    /// Why it came to this group or person: by which strategy, with its facts.
    pub reason: String,
    pub reason_facts: std::collections::BTreeMap<String, String>,
    /// `customer_present` or `back_office`.
    pub presence: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub help: Option<flow::model::Text>,
    /// What the activity shows; `None` for an activity without a form.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub form: Option<form::Form>,
    /// The fields of the customer's type, as far as this user may see them: what the form is bound to.
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<Object>))]
    pub customer_fields: Vec<form::FieldSpec>,
    /// Values to begin with, by the form's paths.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub values: Map<String, Value>,
    /// What the form's expressions see besides its own fields.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub context: form::form::Context,
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<Object>))]
    pub outcomes: Vec<flow::model::Outcome>,
    /// What was filled in, once it is closed.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub answer: Option<Map<String, Value>>,
    /// Whether this user may close it now.
    pub may_complete: bool,
    /// Other ways out than its outcomes: the errors and escalations that the process catches here.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// An error or escalation that somebody can raise at a work item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Exception {
    /// `false`: an error.
    pub escalation: bool,
    /// Absent: the process catches any.
    pub code: Option<String>,
    /// What the designer calls it; its code where it has no name; may be empty.
    pub name: String,
    /// The work item ends with it.
    pub interrupting: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RaiseException {
    pub version: i64,
    pub escalation: bool,
    #[serde(default)]
    pub code: Option<String>,
    /// Why, up to 2,000 characters; the process sees it as `exception.note`.
    pub note: String,
}

/// Begins an activity of a running ad-hoc sub-process once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct BeginActivity {
    /// The run of the ad-hoc sub-process, as [`Instance::startable`] names it.
    pub activity: u32,
    pub element: String,
}

/// An activity of a running ad-hoc sub-process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AdHocActivity {
    pub activity: u32,
    pub element: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct CompleteWorkItem {
    pub version: i64,
    /// One of the outcomes; absent only where the activity declares none.
    #[serde(default)]
    pub outcome: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub values: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Completed {
    /// Whether the instance has ended.
    pub instance_ended: bool,
    /// Work items that followed and that this user may work on.
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<String>))]
    pub next: Vec<Id<of::WorkItem>>,
}

/// Claim, release, or hand to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AssignWorkItem {
    pub version: i64,
    /// Login of a user, to hand it over; absent to claim it.
    #[serde(default)]
    pub to: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct InstanceLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Instance>,
    pub process: Named,
    pub process_version: i64,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    pub customer_name: Option<String>,
    /// `running`, `completed`, `cancelled`, `failed`.
    pub state: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub started_by: Option<String>,
    /// Incidents that hold it.
    pub incidents: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Instance {
    pub line: InstanceLine,
    /// Every step, oldest first.
    pub steps: Vec<Step>,
    /// Where it waits now.
    pub work_items: Vec<WorkItemLine>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub variables: Map<String, Value>,
    pub incidents: Vec<Incident>,
    /// What the canvas draws of the version that runs, and how often each sequence flow was taken.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub scene: Value,
    pub flows: std::collections::BTreeMap<String, u32>,
    /// What this user can begin by hand now, in ad-hoc sub-processes.
    #[serde(default)]
    pub startable: Vec<AdHocActivity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Step {
    pub element: String,
    pub name: String,
    pub entered: Moment,
    pub left: Option<Moment>,
    /// `completed`, `interrupted`, `withdrawn`, `merged`, or absent while it waits.
    pub ending: Option<String>,
    pub outcome: Option<String>,
    pub who: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub work_item: Option<Id<of::WorkItem>>,
    /// How many rungs its escalation climbed.
    pub escalated: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Incident {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Instance>,
    pub element: String,
    pub cause: String,
    pub sentence: String,
    pub raised: Moment,
}
