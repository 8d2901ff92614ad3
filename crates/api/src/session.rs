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
    /// What the button of the identity provider says, where one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The largest list that may be brought, in MiB (2^20 bytes): a page says so before it sends one. 0: not told, by a
    /// service of an older version.
    #[serde(default)]
    pub upload_limit_mib: u64,
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
    /// Of the second factor (six digits, or a recovery code), once the service has asked for it with
    /// `second_factor_required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// One's second factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// Since when sign-in asks for a code.
    pub enrolled: Option<Moment>,
    /// A role asks for it: it cannot be taken away, only replaced.
    pub required: bool,
    /// Recovery codes not yet used.
    pub recovery_left: u32,
}

/// Begins enrolment. The password is asked for again once five minutes have passed since signing in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct BeginSecondFactor {
    pub password: Option<String>,
}

/// What an authenticator enrols with. Seen once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// To be typed where nothing can be photographed: base 32 in groups of four.
    pub secret: String,
    /// `otpauth://…`: opens the authenticator on the same device.
    pub uri: String,
    /// The QR code of the address: so many modules wide, the quiet zone with it…
    pub picture_size: u32,
    /// …and the dark ones as the path of an SVG drawing, a module being 1.
    pub picture_path: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FactorCode {
    /// Six digits, or a recovery code.
    pub code: String,
}

/// Recovery codes, each good once. Seen once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    pub codes: Vec<String>,
}

/// Begins a sign-in through the identity provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct BeginProvider {
    /// Where the person's program listens: `http://127.0.0.1:<port>/return` (RFC 8252 §7.3). Absent: the page
    /// `/sign-in/return`.
    pub redirect: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct ProviderBegun {
    /// Where the browser goes.
    pub address: String,
    /// To be brought back by who began. The browser has it in an HttpOnly cookie instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

/// What the provider sent back with the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FinishProvider {
    pub state: String,
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
}

/// What signing in asks of whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct SignInPolicy {
    /// Keys of the roles whose holders must have a second factor.
    pub second_factor_roles: Vec<String>,
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
    /// A role asks for a second factor and there is none yet: until then nothing else is answered.
    #[serde(default)]
    pub must_enrol_second_factor: bool,
    /// The password is kept here; otherwise (LDAP, identity provider) it is changed where it is kept.
    #[serde(default = "yes")]
    pub own_password: bool,
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

fn yes() -> bool {
    true
}
