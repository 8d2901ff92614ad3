//! The usual roles, as a beginning: what a company starts with and changes, and what the demo world uses.

use access::{Grant, Target, Verb};
use kernel::{Filter, Language, Operand};

use crate::RoleSpec;
use crate::setup::administrator;

use Verb::{Change, Create, Delete, Execute, Export, Read};

/// Administrator, designer, agent, supervisor, back office.
pub fn roles(language: Language) -> Vec<RoleSpec> {
    vec![
        administrator(language),
        designer(language),
        agent(language),
        supervisor(language),
        back_office(language),
    ]
}

fn spec(
    key: &str,
    language: Language,
    es: (&str, &str),
    en: (&str, &str),
    grants: Vec<Grant>,
) -> RoleSpec {
    let (name, description) = match language {
        Language::Es => es,
        Language::En => en,
    };
    RoleSpec {
        key: key.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        grants,
    }
}

fn own(field: &str, whose: &str) -> Filter {
    Filter::equal(field, Operand::Text(whose.to_owned()))
}

/// What everybody who works with customers needs to see of the house.
fn house() -> Vec<Grant> {
    ["group", "unit", "position"]
        .into_iter()
        .map(|e| Grant::allow(Target::entity(e), &[Read]))
        .collect()
}

/// Colleagues by name; not their e-mail, roles or groups.
fn colleagues() -> Vec<Grant> {
    vec![
        Grant::allow(Target::entity("user"), &[Read]),
        Grant::allow(Target::field("user", "name"), &[Read]),
        Grant::allow(Target::field("user", "unit"), &[Read]),
        Grant::allow(Target::field("user", "active"), &[Read]),
    ]
}

/// Views that a person makes for oneself.
fn own_views() -> Grant {
    Grant::allow(Target::entity("view"), &[Read, Create, Change, Delete])
        .when(own("owner", "$user"))
}

pub fn designer(language: Language) -> RoleSpec {
    let mut grants = vec![
        Grant::allow(Target::entity("definition"), &Verb::ALL),
        Grant::allow(Target::entity("customer"), &[Read, Create, Change, Export]),
        Grant::allow(Target::entity("contact"), &[Read]),
        Grant::allow(Target::entity("case"), &[Read]),
        Grant::allow(Target::entity("history"), &[Read]),
        Grant::allow(Target::entity("import"), &[Read, Execute, Delete]),
        Grant::allow(Target::entity("instance"), &[Read, Change, Delete]),
        Grant::allow(Target::entity("work_item"), &[Read]),
        Grant::allow(Target::entity("incident"), &[Read, Change]),
        Grant::allow(Target::entity("role"), &[Read]),
        Grant::allow(Target::process("*"), &[Read, Execute]),
        own_views(),
    ];
    grants.extend(house());
    grants.extend(colleagues());
    spec(
        "designer",
        language,
        (
            "Diseñador",
            "Define tipos de cliente, formularios, procesos y reglas, e importa datos.",
        ),
        (
            "Designer",
            "Defines customer types, forms, processes and rules, and imports data.",
        ),
        grants,
    )
}

pub fn agent(language: Language) -> RoleSpec {
    let mut grants = vec![
        Grant::allow(Target::entity("customer"), &[Read, Create, Change]),
        // Moving customers between owners and units is the supervisor's.
        Grant::deny(Target::field("customer", "owner"), &[Change]),
        Grant::deny(Target::field("customer", "unit"), &[Change]),
        Grant::allow(Target::entity("contact"), &[Read, Create, Change]),
        Grant::allow(Target::entity("case"), &[Read, Create, Change]),
        Grant::allow(Target::entity("interaction"), &[Read, Create]),
        Grant::allow(Target::entity("attachment"), &[Read, Create]),
        Grant::allow(Target::entity("history"), &[Read]),
        Grant::allow(Target::entity("instance"), &[Read]),
        Grant::allow(Target::entity("work_item"), &[Read, Change, Execute])
            .when(own("group", "$groups").or(own("user", "$user"))),
        Grant::allow(Target::entity("definition"), &[Read]),
        Grant::allow(Target::process("*"), &[Read, Execute]),
        own_views(),
    ];
    grants.extend(house());
    grants.extend(colleagues());
    spec(
        "agent",
        language,
        (
            "Agente",
            "Atiende clientes y cierra los pendientes propios y de sus grupos.",
        ),
        (
            "Agent",
            "Serves customers and closes work items of their own and of their groups.",
        ),
        grants,
    )
}

pub fn supervisor(language: Language) -> RoleSpec {
    let mut grants = vec![
        Grant::allow(Target::entity("customer"), &[Read, Create, Change, Export]),
        Grant::allow(Target::entity("contact"), &[Read, Create, Change, Delete]),
        Grant::allow(Target::entity("case"), &[Read, Create, Change, Export]),
        Grant::allow(Target::entity("interaction"), &[Read, Create, Export]),
        Grant::allow(Target::entity("attachment"), &[Read, Create, Delete]),
        Grant::allow(Target::entity("history"), &[Read, Export]),
        Grant::allow(Target::entity("instance"), &[Read, Change, Delete, Export]),
        Grant::allow(
            Target::entity("work_item"),
            &[Read, Change, Execute, Export],
        ),
        Grant::allow(Target::entity("incident"), &[Read, Change]),
        Grant::allow(Target::entity("definition"), &[Read]),
        Grant::allow(Target::entity("import"), &[Read]),
        Grant::allow(Target::entity("approval"), &[Execute]),
        // Those who report to the own unit and below are seen whole.
        Grant::allow(Target::entity("user"), &[Read]).when(own("unit", "$unit_and_below")),
        Grant::allow(Target::entity("session"), &[Read]),
        Grant::allow(Target::process("*"), &[Read, Execute]),
        own_views(),
    ];
    grants.extend(house());
    spec(
        "supervisor",
        language,
        (
            "Supervisor",
            "Ve y reasigna el trabajo de todos y recibe lo que escala.",
        ),
        (
            "Supervisor",
            "Sees and reassigns everybody's work and receives what escalates.",
        ),
        grants,
    )
}

pub fn back_office(language: Language) -> RoleSpec {
    let mut grants = vec![
        Grant::allow(Target::entity("customer"), &[Read, Change]),
        Grant::deny(Target::field("customer", "owner"), &[Change]),
        Grant::deny(Target::field("customer", "unit"), &[Change]),
        Grant::allow(Target::entity("contact"), &[Read]),
        Grant::allow(Target::entity("case"), &[Read, Change]),
        Grant::allow(Target::entity("attachment"), &[Read, Create]),
        Grant::allow(Target::entity("history"), &[Read]),
        Grant::allow(Target::entity("instance"), &[Read]),
        Grant::allow(Target::entity("work_item"), &[Read, Change, Execute])
            .when(own("group", "$groups").or(own("user", "$user"))),
        Grant::allow(Target::entity("definition"), &[Read]),
        Grant::allow(Target::process("*"), &[Read, Execute]),
        own_views(),
    ];
    grants.extend(house());
    grants.extend(colleagues());
    spec(
        "back_office",
        language,
        (
            "Back office",
            "Resuelve los trámites internos de sus grupos, sin crear clientes.",
        ),
        (
            "Back office",
            "Works on the internal steps of their groups, without creating customers.",
        ),
        grants,
    )
}
