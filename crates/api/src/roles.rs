//! Roles, what they grant, and what there is to be granted.

use access::{Grant, GrantRef, Target, Verb};
use form::Words;
use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};

use crate::directory::Person;
use crate::of;
use crate::session::Named;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RoleLine {
    pub key: String,
    pub name: String,
    pub description: String,
    pub members: u32,
    /// Whether the asker may change it, and so give it and take it away.
    #[serde(default = "crate::yes")]
    pub givable: bool,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RoleDetail {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Role>,
    pub key: String,
    pub name: String,
    pub description: String,
    pub grants: Vec<Grant>,
    pub version: i64,
    /// The way back in: it can be neither changed nor removed.
    pub fixed: bool,
    /// Who holds it by oneself.
    pub users: Vec<Person>,
    /// The groups whose members hold it.
    pub groups: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct NewRole {
    /// `[a-z][a-z0-9_]*`, at most 63 characters.
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub grants: Vec<Grant>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SaveRole {
    pub version: i64,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub grants: Vec<Grant>,
}

/// A state that a role had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RoleVersion {
    pub number: i64,
    pub name: String,
    pub description: String,
    pub grants: Vec<Grant>,
    pub at: Moment,
    pub by: String,
}

/// Grants that a role might have instead of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ProposedGrants {
    pub grants: Vec<Grant>,
}

/// On which records something is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    None,
    Some,
    All,
}

/// What a change of a role does to those who hold it, with all their other roles counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RoleEffect {
    /// Active users who hold it, by themselves or through groups.
    pub holders: u32,
    pub changes: Vec<EffectChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EffectChange {
    pub target: Target,
    pub verb: Verb,
    pub before: Extent,
    pub after: Extent,
    /// How many users it concerns, and the first of them by name.
    pub users: u32,
    pub names: Vec<String>,
}

/// What one user may do, with all roles counted, and by which grant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EffectivePermissions {
    /// All roles held; `through` names the group where it comes by one.
    pub roles: Vec<HeldRole>,
    pub rows: Vec<EffectiveRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct HeldRole {
    pub key: String,
    pub name: String,
    pub through: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EffectiveRow {
    pub target: Target,
    pub cells: Vec<EffectiveCell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct EffectiveCell {
    pub verb: Verb,
    pub extent: Extent,
    /// The grants that settle it.
    pub grants: Vec<GrantRef>,
}

/// All that a role can grant, with names for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantCatalogue {
    pub processes: Vec<GrantProcess>,
    pub entities: Vec<GrantEntity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantProcess {
    pub key: String,
    pub name: Words,
    pub activities: Vec<GrantActivity>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantActivity {
    pub id: String,
    pub name: String,
    /// What its form holds of its own: limits may stand on the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<GrantField>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantEntity {
    pub name: String,
    pub verbs: Vec<Verb>,
    pub fields: Vec<GrantField>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantField {
    /// `fields.<key>` for what a designer defined.
    pub name: String,
    /// A designer's field brings its own words; the product's are in the catalogues of sentences.
    pub label: Option<Words>,
    pub kind: GrantFieldKind,
    /// Values to choose from, where there are some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<GrantOption>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct GrantOption {
    pub value: String,
    pub label: Words,
}

/// What a field holds, as far as conditions care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantFieldKind {
    Text,
    Number,
    Boolean,
    Date,
    Moment,
    User,
    Unit,
    Group,
    /// Nothing that a condition could compare.
    Opaque,
}
