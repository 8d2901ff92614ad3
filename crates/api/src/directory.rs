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
    pub unit: Option<Named>,
    pub groups: Vec<Named>,
    pub roles: Vec<Named>,
    pub active: bool,
    /// Locked out by wrong passwords until then.
    pub locked_until: Option<Moment>,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// `[a-z0-9][a-z0-9._-]*`, at most 64 characters.
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub mail: Option<String>,
    /// The first password; the user changes it in the preferences.
    pub password: String,
    #[serde(default)]
    pub groups: Vec<String>,
    #[serde(default)]
    pub roles: Vec<String>,
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GroupLine {
    pub key: String,
    pub name: String,
    pub members: u32,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewGroup {
    /// `[a-z][a-z0-9_]*`, at most 63 characters.
    pub key: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RoleLine {
    pub key: String,
    pub name: String,
    pub description: String,
    pub members: u32,
    pub version: i64,
}
