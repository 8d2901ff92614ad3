use kernel::{Id, Moment, Page};
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
    /// Only what I have claimed; only what nobody has; all of it when absent.
    pub mine: Option<bool>,
    /// Only of this group.
    pub group: Option<String>,
    /// Only of this process.
    pub process: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    /// `due` (default), `created`, `priority`.
    pub order: Option<String>,
    #[serde(flatten)]
    pub page: Page,
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
    pub priority: i64,
    pub created: Moment,
    pub due: Option<Moment>,
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
    /// Why it came to this group or person: key of a sentence and its arguments.
    pub reason: Option<String>,
    /// `customer_present` or `back_office`.
    pub presence: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub help: Option<flow::model::Text>,
    /// What the activity shows; `None` for an activity without a form.
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub form: Option<Value>,
    /// Values to begin with: what the instance and the customer already know.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub values: Map<String, Value>,
    /// What form conditions may look at besides the values: `customer`, `instance`, `user`.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub context: Map<String, Value>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Vec<Object>))]
    pub outcomes: Vec<flow::model::Outcome>,
    /// Whether this user may close it now.
    pub may_complete: bool,
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
    /// `running`, `completed`, `cancelled`, `incident`.
    pub state: String,
    pub started: Moment,
    pub ended: Option<Moment>,
    pub started_by: Option<String>,
    /// Names of the activities where it stands.
    pub at: Vec<String>,
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Step {
    pub element: String,
    pub name: String,
    pub kind: String,
    pub entered: Moment,
    pub left: Option<Moment>,
    /// `completed`, `interrupted`, `withdrawn`, or absent while it waits.
    pub ending: Option<String>,
    pub outcome: Option<String>,
    pub who: Option<String>,
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
