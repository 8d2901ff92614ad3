//! What there is to be permitted: the product's own entities, and what designers define beside them.

use serde::{Deserialize, Serialize};

use crate::Verb;

/// An entity and its fields. What a designer defined is named `fields.<key>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Entity {
    pub name: String,
    pub verbs: Vec<Verb>,
    pub fields: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Process {
    pub key: String,
    pub activities: Vec<String>,
}

/// All that a matrix of permissions has rows for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Catalogue {
    pub entities: Vec<Entity>,
    pub processes: Vec<Process>,
}

use Verb::{Change, Create, Delete, Execute, Export, Read};

/// The product's own entities: name, verbs that mean something, fields.
const STATIC: &[(&str, &[Verb], &[&str])] = &[
    (
        "customer",
        &[Read, Create, Change, Delete, Export],
        &[
            "type", "name", "document", "segment", "owner", "unit", "created", "changed",
        ],
    ),
    (
        "contact",
        &[Read, Create, Change, Delete, Export],
        &[
            "customer", "name", "role", "document", "email", "phone", "mobile", "note",
        ],
    ),
    (
        "case",
        &[Read, Create, Change, Delete, Export],
        &[
            "customer", "type", "title", "status", "priority", "owner", "group", "opened", "closed",
        ],
    ),
    (
        "interaction",
        &[Read, Create, Export],
        &[
            "customer",
            "channel",
            "direction",
            "started",
            "ended",
            "user",
            "summary",
        ],
    ),
    (
        "attachment",
        &[Read, Create, Delete],
        &["customer", "name", "size", "kind"],
    ),
    ("history", &[Read, Export], &["details"]),
    (
        "work_item",
        &[Read, Change, Execute, Export],
        &["process", "activity", "user", "group"],
    ),
    ("instance", &[Read, Change, Delete, Export], &["variables"]),
    ("incident", &[Read, Change], &[]),
    ("message", &[Read, Delete, Execute], &[]),
    (
        "view",
        &[Read, Create, Change, Delete],
        &["name", "entity", "filter", "owner"],
    ),
    ("import", &[Read, Execute, Delete], &[]),
    (
        "definition",
        &[Read, Create, Change, Delete, Execute, Export],
        &[],
    ),
    (
        "user",
        &[Read, Create, Change, Delete, Export],
        &[
            "login",
            "name",
            "email",
            "unit",
            "position",
            "active",
            "roles",
            "groups",
            // To give one, and to release a lock-out.
            "password",
            // To see whether there is one, and to take it away.
            "second_factor",
        ],
    ),
    (
        "group",
        &[Read, Create, Change, Delete],
        &["name", "description", "members"],
    ),
    ("unit", &[Read, Create, Change, Delete], &["name", "parent"]),
    ("position", &[Read, Create, Change, Delete], &["name"]),
    (
        "role",
        &[Read, Create, Change, Delete, Export],
        &["key", "name", "description", "grants"],
    ),
    (
        "session",
        &[Read, Delete],
        &["user", "started", "seen", "address"],
    ),
    (
        "audit",
        // Execute: have the whole trail checked. Change: how much is recorded.
        &[Read, Change, Execute, Export],
        &[
            "at",
            "user",
            "role",
            "operation",
            "module",
            "entity",
            "record",
            "customer",
            "change",
            "duration",
            "outcome",
            "note",
            "session",
        ],
    ),
    // Looking as another user, and asking why.
    ("lens", &[Execute], &[]),
    // Execute: approve or refuse what others ask for beyond their limits, as far as one may do it oneself.
    ("approval", &[Read, Execute], &[]),
    ("setting", &[Read, Change], &[]),
];

/// Entities of which the service does not hold every record and every field against the grants: on what their conditions may
/// look, and which of their fields may be granted apart. What stands in neither list nobody would keep to, so that a role
/// with it is refused ([`crate::Role::check`]). Whose customer it is does not go by these: what runs, waits and happened for
/// somebody whom one may not see is not seen.
const HELD: &[(&str, &[&str], &[&str])] = &[
    ("work_item", &["process", "activity", "user", "group"], &[]),
    ("instance", &[], &["variables"]),
    ("history", &[], &["details"]),
    ("incident", &[], &[]),
    ("message", &[], &[]),
    ("import", &[], &[]),
    ("definition", &[], &[]),
    ("setting", &[], &[]),
    ("approval", &[], &[]),
    ("lens", &[], &[]),
    // A condition on everything there is would be one on these, too.
    ("*", &[], &["*"]),
];

/// Whether a condition on records of this entity may look at this field.
pub(crate) fn holds_condition(entity: &str, field: &str) -> bool {
    let held = HELD.iter().find(|(name, ..)| *name == entity);
    held.is_none_or(|(_, conditions, _)| conditions.contains(&field))
}

/// Whether this field of an entity may be granted apart from the rest.
pub(crate) fn holds_field(entity: &str, field: &str) -> bool {
    let held = HELD.iter().find(|(name, ..)| *name == entity);
    held.is_none_or(|(_, _, fields)| fields.contains(&"*") || fields.contains(&field))
}

impl Catalogue {
    /// The product's own entities.
    pub fn of_product() -> Self {
        let entities = STATIC
            .iter()
            .map(|(name, verbs, fields)| Entity {
                name: (*name).to_owned(),
                verbs: verbs.to_vec(),
                fields: fields.iter().map(|f| (*f).to_owned()).collect(),
            })
            .collect();
        Self {
            entities,
            processes: Vec::new(),
        }
    }

    /// Adds fields that a designer defined, by their bare keys.
    pub fn add_fields<'k>(&mut self, entity: &str, keys: impl IntoIterator<Item = &'k str>) {
        if let Some(entity) = self.entities.iter_mut().find(|e| e.name == entity) {
            for key in keys {
                let name = format!("fields.{key}");
                if !entity.fields.contains(&name) {
                    entity.fields.push(name);
                }
            }
        }
    }
}
