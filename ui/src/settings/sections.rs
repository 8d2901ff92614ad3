//! What stands in the navigation of the Settings window.

use access::Verb;
use api::session::Me;

use crate::kit::Icon;

pub struct Section {
    /// The last part of its path, and of its id.
    pub key: &'static str,
    /// Key of its name.
    pub name: &'static str,
    /// Key of the heading over it; sections of one group stand together.
    pub group: &'static str,
    pub icon: Icon,
    /// Whether this person sees it. The service decides again on every call.
    pub seen: fn(&Me) -> bool,
}

impl Section {
    pub fn path(&self) -> String {
        format!("/settings/{}", self.key)
    }
}

const PEOPLE: &str = "settings-people";
const PERMISSIONS: &str = "settings-permissions";
const WATCH: &str = "settings-watch";

pub const SECTIONS: &[Section] = &[
    Section {
        key: "organisation",
        name: "settings-organisation",
        group: PEOPLE,
        icon: Icon::ListTree,
        seen: |me| writes(me, "unit") || reads_field(me, "user", "position"),
    },
    Section {
        key: "users",
        name: "settings-users",
        group: PEOPLE,
        icon: Icon::User,
        seen: |me| writes(me, "user") || reads_field(me, "user", "login"),
    },
    Section {
        key: "groups",
        name: "settings-groups",
        group: PEOPLE,
        icon: Icon::Group,
        seen: |me| writes(me, "group") || reads_field(me, "user", "groups"),
    },
    Section {
        key: "roles",
        name: "settings-roles",
        group: PERMISSIONS,
        icon: Icon::ShieldCheck,
        seen: |me| me.permissions.may(Verb::Read, "role"),
    },
    Section {
        key: "lens",
        name: "settings-lens",
        group: PERMISSIONS,
        icon: Icon::Eye,
        seen: |me| me.permissions.may(Verb::Execute, "lens"),
    },
    Section {
        key: "sign-in",
        name: "policy-title",
        group: PERMISSIONS,
        icon: Icon::Key,
        seen: |me| me.permissions.may(Verb::Change, "role"),
    },
    Section {
        key: "sessions",
        name: "settings-sessions",
        group: WATCH,
        icon: Icon::Monitor,
        seen: |me| me.permissions.may(Verb::Read, "session"),
    },
    Section {
        key: "audit",
        name: "settings-audit",
        group: WATCH,
        icon: Icon::History,
        seen: |me| me.permissions.may(Verb::Read, "audit"),
    },
];

/// What everybody may read of colleagues is no reason to administer them.
fn writes(me: &Me, entity: &str) -> bool {
    [Verb::Create, Verb::Change, Verb::Delete]
        .into_iter()
        .any(|verb| me.permissions.may(verb, entity))
}

fn reads_field(me: &Me, entity: &str, field: &str) -> bool {
    me.permissions.may_field(Verb::Read, entity, field)
}

/// Whether anything of the window is for this person.
pub fn any(me: &Me) -> bool {
    SECTIONS.iter().any(|section| (section.seen)(me))
}

/// Whether a path is of this section.
pub fn is_at(section: &Section, path: &str) -> bool {
    path.strip_prefix("/settings/")
        .and_then(|rest| rest.strip_prefix(section.key))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
