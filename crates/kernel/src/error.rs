use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// HTTP status (RFC 9110 §15).
pub type Status = u16;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// The one catalogue of what can go wrong. A code exists only where somebody acts on it: a screen that shows
        /// something else, a caller that tries again. Its sentence is `error-<code>` in the catalogues of `locale`.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
        // The derive does not see `rename` through the macro: the texts are the names in snake_case, as a test holds.
        #[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "utoipa", schema(rename_all = "snake_case"))]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }
        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            pub const fn text(self) -> &'static str { match self { $(Self::$name => $text),* } }
            pub const fn status(self) -> Status { match self { $(Self::$name => $status),* } }
        }
    };
}

codes! {
    /// The request cannot be read: broken JSON, a wrong type, an unknown field.
    Malformed = "malformed", 400;
    /// Readable, but some values are not acceptable; [`Error::fields`] says which.
    Invalid = "invalid", 422;
    /// No session, or none that we know.
    Unauthenticated = "unauthenticated", 401;
    /// There was a session; it ended by time or was ended.
    SessionExpired = "session_expired", 401;
    /// Unknown user and wrong password alike.
    WrongCredentials = "wrong_credentials", 401;
    /// The password is right, and a code of the second factor is wanted beside it; field `code` says what was wrong with one.
    SecondFactorRequired = "second_factor_required", 401;
    /// The password is right, but somebody else chose it, and too long ago; an administrator gives a new one. args: `days`.
    FirstPasswordOver = "first_password_over", 401;
    /// The person must first choose a password of their own, or enrol a second factor; args: `what`.
    Unfinished = "unfinished", 403;
    /// The company's directory (LDAP, OpenID Connect) does not answer; trying again is safe.
    DirectoryUnavailable = "directory_unavailable", 503;
    /// Too many tries; args: `seconds`.
    Throttled = "throttled", 429;
    /// Not permitted; args: `verb`, `entity`.
    Forbidden = "forbidden", 403;
    /// More than this user's roles allow by themselves: whoever may do it can approve it. args: `verb`, `entity`, `field`,
    /// `limit`, `value`.
    NeedsApproval = "needs_approval", 403;
    /// Not there, or not there for this user: the two are not told apart. args: `what`.
    NotFound = "not_found", 404;
    /// Somebody changed it since it was read.
    Stale = "stale", 409;
    /// Somebody else has already closed this work item; args: `who`.
    AlreadyClosed = "already_closed", 409;
    /// Somebody else has claimed this work item; args: `who`.
    AlreadyClaimed = "already_claimed", 409;
    /// A unique value is taken; the field is named.
    Duplicate = "duplicate", 409;
    /// The present state does not allow it; args: `state`.
    WrongState = "wrong_state", 409;
    /// A message that nobody awaits, from a sender who wants nothing kept; args: `name`.
    NotAwaited = "not_awaited", 409;
    /// The same request, tried again, was already carried out; its answer is not known any more.
    AlreadyDone = "already_done", 409;
    /// The same idempotency key came with another request.
    IdempotencyMismatch = "idempotency_mismatch", 422;
    /// Larger than allowed; args: `limit` (bytes or items).
    TooLarge = "too_large", 413;
    /// A media type that this place does not read.
    UnsupportedMedia = "unsupported_media", 415;
    /// The file or definition has problems; [`Error::fields`] lists them with line or element.
    BadDefinition = "bad_definition", 422;
    /// No route of that name.
    NoRoute = "no_route", 404;
    /// The route exists, the method does not.
    MethodNotAllowed = "method_not_allowed", 405;
    /// The database cannot be reached just now; trying again is safe.
    Unavailable = "unavailable", 503;
    /// The disk is full. Nothing was written.
    StorageFull = "storage_full", 507;
    /// A limit of time ran out; trying again is safe.
    Timeout = "timeout", 504;
    /// A fault of ours. Logged with the request's id.
    Internal = "internal", 500;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What is wrong with one value. `code` is a key of its own (`required`, `too_long`…), with the sentence
/// `problem-<code>` in `locale`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// Path of the value in the request (`fields.cuit`, `mapping[3].target`), or an element's id, or `line 12`.
    pub field: String,
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    pub code: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The sentence for people, in the asker's language. Filled at the edge where it is empty; a room that has its own
    /// sentences (the rules language, the BPMN reader) fills it itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sentence: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self {
            field: field.into(),
            code: Cow::Borrowed(code),
            args: BTreeMap::new(),
            sentence: String::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// What every room returns when something goes wrong. It carries what a person needs to act; it is logged once, at the
/// edge.
pub struct Error(Box<Inner>);

struct Inner {
    code: Code,
    args: BTreeMap<String, String>,
    fields: Vec<FieldProblem>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub fn new(code: Code) -> Self {
        Self(Box::new(Inner {
            code,
            args: BTreeMap::new(),
            fields: Vec::new(),
            source: None,
        }))
    }

    /// A fault of ours, with what caused it.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).because(source)
    }

    /// `what` is the key of a noun in the catalogues (`customer`, `work_item`…).
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound).with("what", what)
    }

    /// One value is not acceptable.
    pub fn invalid(field: impl Into<String>, code: &'static str) -> Self {
        Self::from(FieldProblem::new(field, code))
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.0.args.insert(name.to_owned(), value.to_string());
        self
    }

    #[must_use]
    pub fn field(mut self, problem: FieldProblem) -> Self {
        self.0.fields.push(problem);
        self
    }

    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }
    pub fn args(&self) -> &BTreeMap<String, String> {
        &self.0.args
    }
    pub fn fields(&self) -> &[FieldProblem] {
        &self.0.fields
    }
    /// Trying the same again may succeed.
    pub fn is_passing(&self) -> bool {
        matches!(
            self.code(),
            Code::Unavailable
                | Code::DirectoryUnavailable
                | Code::Timeout
                | Code::Throttled
                | Code::StorageFull
        )
    }
}

impl From<FieldProblem> for Error {
    fn from(problem: FieldProblem) -> Self {
        Self::new(Code::Invalid).field(problem)
    }
}

/// Many problems at once; `Ok` when there are none.
impl TryFrom<Vec<FieldProblem>> for Error {
    type Error = ();
    fn try_from(problems: Vec<FieldProblem>) -> std::result::Result<Self, ()> {
        if problems.is_empty() {
            return Err(());
        }
        let mut error = Self::new(Code::Invalid);
        error.0.fields = problems;
        Ok(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.code)?;
        for (name, value) in &self.0.args {
            write!(f, " {name}={value}")?;
        }
        for problem in &self.0.fields {
            write!(f, " [{}: {}]", problem.field, problem.code)?;
        }
        if let Some(source) = &self.0.source {
            write!(f, ": {source}")?;
        }
        Ok(())
    }
}
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|s| &**s as &(dyn std::error::Error + 'static))
    }
}
