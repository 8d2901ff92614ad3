use kernel::{Filter, Id, Moment, Page, Sort};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::of;

/// A part of a list from a position, for a grid whose scroll bar goes anywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct CustomerWindow {
    pub items: Vec<CustomerLine>,
    pub offset: u64,
    /// How many there are in all, counted to 200,000 at most.
    pub total: u64,
    /// There are more than were counted.
    pub more: bool,
}

/// One line of a list or of what is found while typing. Fields that the asker may not read are absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct CustomerLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Customer>,
    /// Key of the customer type.
    pub customer_type: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The designer's fields by key: those asked for in a list, the telling ones in a search.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: Map<String, Value>,
    pub version: i64,
    pub changed: Moment,
}

/// A customer as one opens it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Customer {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Customer>,
    pub customer_type: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// By key; amounts and numbers as decimal strings, days as `2026-11-21`. What may not be read is absent.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: Map<String, Value>,
    /// Keys of the fields that this user may not read, whether or not something stands in them: shown with a lock.
    pub hidden: Vec<String>,
    /// Keys of the fields that this user may change.
    pub changeable: Vec<String>,
    /// Who looks after the customer, where that may be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Keeper>,
    /// To which unit the customer belongs, where that may be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Keeper>,
    /// Of `owner` and `unit`, those that this user may see.
    #[serde(default)]
    pub kept: Vec<String>,
    /// Of `owner` and `unit`, those that this user may change.
    #[serde(default)]
    pub assignable: Vec<String>,
    pub version: i64,
    pub created: Moment,
    pub changed: Moment,
    /// Last contact of any channel, where the history may be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<Moment>,
    /// Work in progress for this customer, where it may be read; counted to 500 at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_instances: Option<u32>,
}

/// A person or a unit to whom a customer belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Keeper {
    /// A UUID.
    pub id: String,
    pub name: String,
    /// What tells two of a name apart: a login, the unit above.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

/// Who could look after a customer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct AskKeepers {
    /// `owner` or `unit`.
    pub what: String,
    /// As one types: the beginning of a name or login.
    #[serde(default)]
    pub q: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewCustomer {
    pub customer_type: String,
    /// Who looks after it. Absent: nobody, or its maker where they may only make customers of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub owner: Option<Id<of::User>>,
    /// Absent: its maker's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub unit: Option<Id<of::Unit>>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: Map<String, Value>,
}

/// A merge patch (RFC 7396): what is absent stays, `null` empties.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ChangeCustomer {
    pub version: i64,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: Map<String, Value>,
    /// Who looks after it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "kernel::twice"
    )]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub owner: Option<Option<Id<of::User>>>,
    /// To which unit it belongs.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "kernel::twice"
    )]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub unit: Option<Option<Id<of::Unit>>>,
}

/// As one types: a name in any order of words, the last one unfinished; a telephone number, a document, a mail address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Suggest {
    pub q: String,
    /// 1 to 50; 20 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only customers of this type.
    #[serde(default)]
    pub customer_type: Option<String>,
    /// Only these, as in a list.
    #[serde(default)]
    pub filter: Option<Filter>,
}

/// A list with its conditions. A field that the asker may not read can be neither filtered nor sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ListCustomers {
    #[serde(default)]
    pub customer_type: Option<String>,
    #[serde(default)]
    pub filter: Option<Filter>,
    #[serde(default)]
    pub sort: Option<Sort>,
    #[serde(default)]
    pub page: Page,
    /// In the recycle bin instead of in use.
    #[serde(default)]
    pub deleted: bool,
    /// Instead of a cursor: begin at this row (0-based), for a grid that jumps. At most 1,000,000.
    #[serde(default)]
    pub offset: Option<u32>,
    /// Keys of the designer's fields that each line is to carry.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// A list of customers as a file: which, in what order, with which columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ExportCustomers {
    /// The type's key.
    pub customer_type: String,
    /// `csv` where absent, or `xlsx`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// As in a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// As in a list; by name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The recycle bin instead of what is in use.
    #[serde(default)]
    pub deleted: bool,
    /// Keys of the fields that become columns; all of the type where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// Of the headings and choices: `es` or `en`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// A person who represents a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Contact {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Contact>,
    pub version: i64,
    /// Fields that the asker may not see: they come empty, and sent back empty they keep what they have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    #[serde(flatten)]
    pub values: ContactValues,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[derive(Default)]
#[serde(default)]
pub struct ContactValues {
    pub name: String,
    /// What the person is to the customer: `Apoderada`, `Compras`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The whole contact, as it is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ChangeContact {
    pub version: i64,
    #[serde(flatten)]
    pub values: ContactValues,
}

/// One line of the customer's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct HistoryLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::HistoryLine>,
    pub at: Moment,
    /// `desk`, `mail`, `phone`, `whatsapp`…
    pub channel: String,
    /// What happened: `instance_started`, `activity_completed`, `escalated`…
    pub kind: String,
    pub process: Option<String>,
    pub activity: Option<String>,
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub instance: Option<Id<of::Instance>>,
    /// `open`, `completed`, `cancelled`…
    pub state: Option<String>,
    /// The chosen outcome, in words.
    pub outcome: Option<String>,
    /// Who did it; absent for what the service did by itself.
    pub who: Option<String>,
    /// How long the activity took.
    pub seconds: Option<i64>,
    pub summary: Option<String>,
    /// What was entered, by field; without what the asker may not read.
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub details: Map<String, Value>,
}
