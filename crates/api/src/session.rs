use kernel::{Id, Language, Moment};
use serde::{Deserialize, Serialize};

use crate::of;

/// What the sign-in screen must know before anybody has signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Welcome {
    /// First start: the administrator's password is still to be set ([`SetUp`]).
    pub needs_set_up: bool,
    /// Users of the demo world, shown on the sign-in screen and only there. Empty outside it.
    pub demo_users: Vec<DemoUser>,
    pub product_version: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct DemoUser {
    pub login: String,
    pub password: String,
    pub name: String,
    /// Key of a sentence: what this person does.
    pub role: String,
}

/// Sets the password of the user `admin`, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SetUp {
    /// 12 to 128 characters.
    pub password: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SignIn {
    pub login: String,
    pub password: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SignedIn {
    pub me: Me,
    /// Only for the client `desktop` and for other systems: to be sent as `authorization: Bearer`. In the browser the
    /// session is in an HttpOnly cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Who is signed in and what they may do: what the screen is drawn by. The service decides again on every call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Me {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::User>,
    pub login: String,
    pub name: String,
    pub groups: Vec<Named>,
    pub roles: Vec<Named>,
    pub unit: Option<Named>,
    /// What may be done: entity, verb and field masks.
    pub permissions: access::Permissions,
    pub preferences: Preferences,
    /// Somebody else chose the password: the screen asks for a new one first.
    pub must_change_password: bool,
    /// After so many minutes without a request the session ends; at this instant in any case.
    pub idle_minutes: u32,
    pub absolute_until: Moment,
}

/// A thing's key and the name that people see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Named {
    pub key: String,
    pub name: String,
}

/// What a user chose for the screen. Kept by the service, so that it is the same at every desk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
#[derive(Default)]
pub struct Preferences {
    pub language: Language,
    /// BCP 47 tag for dates and numbers: `es-AR`, `es-PE`, `es-MX`, `es-ES`, `en-US`.
    pub locale: Option<String>,
    /// `system`, `light`, `dark`, `contrast`.
    pub theme: Option<String>,
    /// `compact`, `normal`, `roomy`.
    pub density: Option<String>,
    /// What screens remember: widths, columns, open tabs. At most 64 KiB as JSON.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub screens: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ChangePassword {
    pub current: String,
    /// 12 to 128 characters.
    pub new: String,
}

/// A session of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SessionLine {
    #[cfg_attr(feature = "utoipa", schema(value_type = String, format = Uuid))]
    pub id: Id<of::Session>,
    pub client: String,
    pub address: String,
    pub created: Moment,
    pub last_seen: Moment,
    pub current: bool,
}
