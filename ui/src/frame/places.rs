//! The places of the product: what the rail and the palette lead to.

use access::Verb;
use api::session::Me;

use crate::kit::Icon;

/// A screen that one goes to, as opposed to an object that one opens.
#[derive(Clone, Copy)]
pub struct Place {
    pub path: &'static str,
    /// Key of its name.
    pub name: &'static str,
    pub icon: Icon,
    /// The key that goes there.
    pub key: &'static str,
    /// Whether this person sees it at all. The service decides again on every call.
    pub seen: fn(&Me) -> bool,
}

pub const PLACES: &[Place] = &[
    Place {
        path: "/inbox",
        name: "place-inbox",
        icon: Icon::Inbox,
        key: "Alt+B",
        seen: everybody,
    },
    Place {
        path: "/customers",
        name: "place-customers",
        icon: Icon::Users,
        key: "Alt+C",
        seen: everybody,
    },
    Place {
        path: "/approvals",
        name: "place-approvals",
        icon: Icon::CircleCheck,
        key: "Alt+A",
        seen: everybody,
    },
    Place {
        path: "/import",
        name: "place-import",
        icon: Icon::FileUp,
        key: "Alt+I",
        seen: whoever_brings_lists,
    },
    Place {
        path: "/designer",
        name: "place-designer",
        icon: Icon::Workflow,
        key: "Alt+D",
        seen: whoever_designs,
    },
    Place {
        path: "/operations",
        name: "place-operations",
        icon: Icon::Zap,
        key: "Alt+O",
        seen: whoever_operates,
    },
    Place {
        path: "/settings",
        name: "place-settings",
        icon: Icon::Settings,
        key: "Alt+S",
        seen: crate::settings::sections::any,
    },
];

fn everybody(_: &Me) -> bool {
    true
}

fn whoever_brings_lists(me: &Me) -> bool {
    me.permissions.may(Verb::Execute, "import")
}

fn whoever_designs(me: &Me) -> bool {
    me.permissions.may(Verb::Change, "definition")
}

fn whoever_operates(me: &Me) -> bool {
    me.permissions.may(Verb::Read, "incident") || me.permissions.may(Verb::Change, "instance")
}

/// The place that a path belongs to.
pub fn place_of(path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| {
        path == place.path
            || path
                .strip_prefix(place.path)
                .is_some_and(|rest| rest.starts_with('/'))
    })
}
