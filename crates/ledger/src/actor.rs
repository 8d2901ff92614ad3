use kernel::Id;
use serde::{Deserialize, Serialize};

/// Marks a user's id in rooms that do not know the directory: `Id<ledger::User>`.
#[derive(Debug)]
pub enum User {}
/// Marks a group's id.
#[derive(Debug)]
pub enum Group {}
/// Marks a session's id.
#[derive(Debug)]
pub enum Session {}

kernel::stored_words! {
    /// What kind of doer.
    pub enum ActorKind {
        /// A user of ours, in a session.
        Person = "person",
        /// The product itself: timers, imports, workers.
        System = "system",
        /// Somebody outside: a customer on the web, another system's call.
        External = "external",
    }
}

/// Who does something. The name and role are kept as they were at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: Option<Id<User>>,
    /// What people call the doer: a user's full name, `timers`, the outside party's name.
    pub name: String,
    /// Names of the roles held, joined by `, `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Id<Session>>,
    pub kind: ActorKind,
    /// The service node on which it happens; empty where there is only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub node: String,
}

impl Actor {
    /// A part of the product that acts by itself.
    pub fn system(part: &str) -> Self {
        Self {
            user: None,
            name: part.to_owned(),
            role: None,
            session: None,
            kind: ActorKind::System,
            node: String::new(),
        }
    }

    pub fn person(user: Id<User>, name: impl Into<String>) -> Self {
        Self {
            user: Some(user),
            name: name.into(),
            role: None,
            session: None,
            kind: ActorKind::Person,
            node: String::new(),
        }
    }

    pub fn external(name: impl Into<String>) -> Self {
        Self {
            user: None,
            name: name.into(),
            role: None,
            session: None,
            kind: ActorKind::External,
            node: String::new(),
        }
    }

    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    #[must_use]
    pub fn with_session(mut self, session: Id<Session>) -> Self {
        self.session = Some(session);
        self
    }

    #[must_use]
    pub fn on_node(mut self, node: impl Into<String>) -> Self {
        self.node = node.into();
        self
    }
}
