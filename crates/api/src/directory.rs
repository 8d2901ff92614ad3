//! Users, groups, their sessions.

use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};

use crate::of;
use crate::session::Named;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct UserLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub login: String,
    pub name: String,
    pub mail: Option<String>,
    /// `person` belongs to the organisation, `external` takes part in some processes.
    pub kind: String,
    pub unit: Option<Named>,
    pub position: Option<Named>,
    /// To whom the user reports.
    pub manager: Option<Named>,
    pub groups: Vec<Named>,
    /// Given to the user directly; those that come through groups are not among them.
    pub roles: Vec<Named>,
    pub active: bool,
    /// The password must be changed at the next sign-in.
    pub must_change: bool,
    /// Locked out by wrong passwords until then.
    pub locked_until: Option<Moment>,
    /// By whom the user is known: `password` (here alone), `ldap`, `oidc`.
    #[serde(default)]
    pub source: String,
    /// What the asker may change of this user, by its names in grants: `password` and `second_factor` too. Empty in lists,
    /// which do not look for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changeable: Vec<String>,
    pub version: i64,
}

/// The query of the list of users. Filters narrow together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ListUsers {
    /// Part of the name or of the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Id of a unit: its users and those of the units below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Key of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Key of a role, held by oneself or through a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `password` (known here alone), `ldap` or `oidc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `name` or `login`; with `-` before it, descending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// 1 to 100 characters without blanks; case does not matter.
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub mail: Option<String>,
    /// The first password; it must be changed at the first sign-in. Without one the user cannot sign in here until one
    /// is set.
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub kind: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub unit: Option<Id<of::Unit>>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub position: Option<Id<of::Position>>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub manager: Option<Id<of::User>>,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub roles: Vec<String>,
}

/// The whole of a user, in place of what was there: what is absent is emptied. For a part of it take [`ChangeUser`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveUser {
    pub version: i64,
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub mail: Option<String>,
    pub kind: String,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub unit: Option<Id<of::Unit>>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub position: Option<Id<of::Position>>,
    #[serde(default)]
    #[cfg_attr(feature = "utoipa", schema(value_type = Option<String>, format = Uuid))]
    pub manager: Option<Id<of::User>>,
    pub active: bool,
    /// Absent: as they are.
    #[serde(default)]
    pub groups: Option<Vec<String>>,
    /// Absent: as they are.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
}

/// What is absent stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ChangeUser {
    pub version: i64,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub mail: Option<String>,
    #[serde(default)]
    pub active: Option<bool>,
    #[serde(default)]
    pub groups: Option<Vec<String>>,
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// Sets a new password and ends the user's sessions.
    #[serde(default)]
    pub password: Option<String>,
    /// Releases a lock-out.
    #[serde(default)]
    pub unlock: bool,
}

/// A password given by an administrator. The user's sessions end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SetPassword {
    pub password: String,
    /// Whether it must be changed at the next sign-in.
    pub must_change: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupLine {
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub members: u32,
    /// Whether the asker may give and take away all roles that its members hold through it.
    #[serde(default = "crate::yes")]
    pub givable: bool,
    pub version: i64,
}

/// A group with what hangs on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupDetail {
    pub group: GroupLine,
    /// By name; only those whom the asker may see.
    pub members: Vec<Person>,
    pub roles: Vec<Named>,
    /// Work items that wait in its inbox.
    pub waiting: i64,
    /// Of those, the ones past their time.
    pub overdue: i64,
    pub used: Vec<GroupUse>,
}

/// A place of a published process that names a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupUse {
    pub process: String,
    pub process_name: form::Words,
    pub activity: String,
    pub activity_name: String,
    /// `assigned` or `escalated`.
    pub how: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Person {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewGroup {
    /// `[a-z][a-z0-9_]*`, at most 63 characters.
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveGroup {
    pub version: i64,
    pub name: String,
    #[serde(default)]
    pub description: String,
}

/// Somebody's open session, as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct OpenSession {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Session>,
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub user: Id<of::User>,
    pub name: String,
    pub roles: Vec<String>,
    /// `web`, `desktop` or `api`.
    pub client: String,
    pub address: String,
    pub started: Moment,
    pub seen: Moment,
    pub expires: Moment,
    /// The asker's own.
    pub current: bool,
}

/// Somebody who is locked out by wrong passwords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct LockOut {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub user: Id<of::User>,
    pub name: String,
    pub login: String,
    pub tries: i64,
    pub until: Moment,
}

/// How many sessions ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Ended {
    pub sessions: u64,
}
