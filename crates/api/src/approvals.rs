//! Limits: what goes beyond one's own is refused with `needs_approval`, and can be asked for. Whoever may do it, the limit
//! counted, and may `execute` the entity `approval`, decides; with the approval it is done, in the requester's name, once.

use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::customers::{ChangeCustomer, NewCustomer};
use crate::of;
use crate::session::Named;
use crate::work::{CompleteWorkItem, StartInstance};

/// What can be asked for: the very requests that were refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Operation {
    CreateCustomer {
        new: NewCustomer,
    },
    ChangeCustomer {
        #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
        customer: Id<of::Customer>,
        change: ChangeCustomer,
    },
    CompleteWorkItem {
        #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
        work_item: Id<of::WorkItem>,
        complete: CompleteWorkItem,
    },
    StartInstance {
        start: StartInstance,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AskApproval {
    pub operation: Operation,
    /// For whoever decides; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// Which requests are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ApprovalScope {
    /// Those that wait and that the asker may decide, the oldest first.
    #[default]
    Decide,
    /// Those that the asker made, the newest first.
    Asked,
    /// Those that the asker decided, the newest first.
    Decided,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::IntoParams))]
pub struct ListApprovals {
    #[serde(default)]
    pub scope: ApprovalScope,
    #[serde(default)]
    pub limit: Option<u32>,
    #[serde(default)]
    pub cursor: Option<String>,
}

/// One value of what is asked for, as far as the reader may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ApprovalValue {
    pub field: String,
    /// What people call the field, in the reader's language.
    pub label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<Object>))]
    pub before: Option<Value>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub wanted: Value,
    /// It is this one that goes beyond the limit.
    pub beyond: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Approval {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Approval>,
    pub asked: Moment,
    /// Key: the id.
    pub requester: Named,
    /// `create_customer`, `change_customer`, `complete_work_item`, `start_instance`.
    pub kind: String,
    /// Absent also where the reader may not see the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub customer: Option<Id<of::Customer>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub work_item: Option<Id<of::WorkItem>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<String>,
    /// The limit that was passed: the field's name for people, how much is permitted, how much is wanted.
    pub field: String,
    pub limit: String,
    pub wanted: String,
    pub values: Vec<ApprovalValue>,
    pub reason: String,
    /// `pending`, `approved`, `refused`, `withdrawn`, `failed`
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decider: Option<Named>,
    /// What the decider said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Why it could not be done although it was approved, in the reader's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Whether the reader may decide it now.
    pub may_decide: bool,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DecideApproval {
    pub approve: bool,
    /// Wanted for a refusal.
    #[serde(default)]
    pub reason: String,
}
