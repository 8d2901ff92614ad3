//! Targets, verbs and conditions in words.

use access::{Effect, Target, Verb};
use api::roles::{GrantCatalogue, GrantEntity, GrantField, GrantFieldKind};
use kernel::{Comparison, Filter, Operand};
use leptos::prelude::*;

use super::model::Rule;
use crate::{format, moment::ms, prefs::preferences, t};

pub fn verb(verb: Verb) -> String {
    t!(match verb {
        Verb::Read => "verb-read",
        Verb::Create => "verb-create",
        Verb::Change => "verb-change",
        Verb::Delete => "verb-delete",
        Verb::Execute => "verb-execute",
        Verb::Export => "verb-export",
    })
}

pub fn entity(name: &str) -> String {
    if name == "*" {
        return t!("matrix-all-entities");
    }
    sentence("grant-entity", name)
}

/// The product's own words; a name that has none yet is shown as it is.
fn sentence(kind: &str, name: &str) -> String {
    let key = format!("{kind}-{}", name.replace(['_', '.'], "-"));
    let language = preferences().language();
    if locale::has(language, &key) {
        locale::text(language, &key)
    } else {
        name.to_owned()
    }
}

pub fn field(catalogue: &GrantCatalogue, of: &str, name: &str) -> String {
    match name {
        "*" => return t!("matrix-all-fields"),
        "fields.*" => return t!("matrix-designed-fields"),
        _ => {}
    }
    let known = find_field(catalogue, of, name).and_then(|field| field.label.as_ref());
    match known {
        Some(label) => label.get(preferences().language()).to_owned(),
        None => sentence("grant-field", name.strip_prefix("fields.").unwrap_or(name)),
    }
}

pub fn find_entity<'c>(catalogue: &'c GrantCatalogue, name: &str) -> Option<&'c GrantEntity> {
    catalogue.entities.iter().find(|entity| entity.name == name)
}

/// The numbers on which a limit of this target may stand: name and label. Of processes and activities, what their forms hold.
pub fn numbers(catalogue: &GrantCatalogue, target: &Target) -> Vec<(String, String)> {
    let of_forms = |process: &str, activity: &dyn Fn(&str) -> bool| {
        let mut found: Vec<(String, String)> = catalogue
            .processes
            .iter()
            .filter(|one| process == "*" || one.key == process)
            .flat_map(|one| &one.activities)
            .filter(|one| activity(&one.id))
            .flat_map(|one| &one.fields)
            .filter(|field| field.kind == GrantFieldKind::Number)
            .map(|field| {
                let label = field.label.as_ref();
                let label = label.map(|l| l.get(preferences().language()).to_owned());
                (
                    field.name.clone(),
                    label.unwrap_or_else(|| field.name.clone()),
                )
            })
            .collect();
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        found
    };
    match target {
        Target::Process(process) => of_forms(process, &|_| true),
        Target::Activity { process, activity } => match activity.strip_suffix('*') {
            Some(beginning) => of_forms(process, &|id| id.starts_with(beginning)),
            None => of_forms(process, &|id| id == activity),
        },
        Target::Entity(entity) | Target::Field { entity, .. } => find_entity(catalogue, entity)
            .map(|found| found.fields.clone())
            .unwrap_or_default()
            .into_iter()
            .filter(|one| one.kind == GrantFieldKind::Number)
            .map(|one| (one.name.clone(), field(catalogue, entity, &one.name)))
            .collect(),
    }
}

pub fn find_field<'c>(
    catalogue: &'c GrantCatalogue,
    of: &str,
    name: &str,
) -> Option<&'c GrantField> {
    find_entity(catalogue, of)?
        .fields
        .iter()
        .find(|field| field.name == name)
}

pub fn process(catalogue: &GrantCatalogue, key: &str) -> String {
    if key == "*" {
        return t!("matrix-all-processes");
    }
    catalogue
        .processes
        .iter()
        .find(|process| process.key == key)
        .map_or_else(
            || key.to_owned(),
            |process| process.name.get(preferences().language()).to_owned(),
        )
}

pub fn activity(catalogue: &GrantCatalogue, of: &str, id: &str) -> String {
    if id == "*" {
        return t!("matrix-all-activities");
    }
    catalogue
        .processes
        .iter()
        .find(|process| process.key == of)
        .and_then(|process| process.activities.iter().find(|activity| activity.id == id))
        .map(|activity| activity.name.clone())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| id.to_owned())
}

/// The last step of a target: «Saldo».
pub fn name_of(catalogue: &GrantCatalogue, target: &Target) -> String {
    match target {
        Target::Process(key) => process(catalogue, key),
        Target::Activity {
            process: of,
            activity: id,
        } => activity(catalogue, of, id),
        Target::Entity(name) => entity(name),
        Target::Field {
            entity: of,
            field: name,
        } => field(catalogue, of, name),
    }
}

/// A target from the top: «Cliente › Saldo».
pub fn path_of(catalogue: &GrantCatalogue, target: &Target) -> String {
    let parent = match target {
        Target::Process(_) | Target::Entity(_) => None,
        Target::Activity { process: of, .. } => Some(process(catalogue, of)),
        Target::Field { entity: of, .. } => Some(entity(of)),
    };
    let name = name_of(catalogue, target);
    match parent {
        Some(parent) => format!("{parent} › {name}"),
        None => name,
    }
}

pub fn comparison(comparison: Comparison) -> String {
    t!(match comparison {
        Comparison::Equal => "condition-equal",
        Comparison::NotEqual => "condition-not-equal",
        Comparison::Less => "condition-less",
        Comparison::LessOrEqual => "condition-less-or-equal",
        Comparison::Greater => "condition-greater",
        Comparison::GreaterOrEqual => "condition-greater-or-equal",
        Comparison::Contains => "condition-contains",
        Comparison::StartsWith => "condition-starts-with",
    })
}

/// What a value is called: placeholders in words, ids by name where `named` knows one.
pub fn value(
    field: Option<&GrantField>,
    operand: &Operand,
    named: &dyn Fn(&str) -> Option<String>,
) -> String {
    match operand {
        Operand::Null => t!("condition-nothing"),
        Operand::Boolean(true) => t!("settings-yes"),
        Operand::Boolean(false) => t!("settings-no"),
        Operand::Number(number) => format::number(&number.to_string(), None),
        Operand::Text(text) => match text.as_str() {
            "$user" => t!("condition-user"),
            "$unit" => t!("condition-unit"),
            "$unit_and_below" => t!("condition-unit-and-below"),
            "$groups" => t!("condition-groups"),
            text => field
                .and_then(|field| field.options.iter().find(|option| option.value == text))
                .map(|option| option.label.get(preferences().language()).to_owned())
                .or_else(|| named(text))
                .unwrap_or_else(|| format!("«{text}»")),
        },
        Operand::Date(day) => day.clone(),
        Operand::Moment(at) => format::date_time(ms(*at)),
    }
}

/// A condition as a sentence: «Responsable es la propia persona y Unidad es la propia o una inferior».
pub fn condition(
    catalogue: &GrantCatalogue,
    of: &str,
    filter: &Filter,
    named: &dyn Fn(&str) -> Option<String>,
) -> String {
    let join = |parts: &[Filter], word: String| {
        let told: Vec<String> = parts
            .iter()
            .map(|part| {
                let inner = condition(catalogue, of, part, named);
                if matches!(part, Filter::All(parts) | Filter::Any(parts) if parts.len() > 1) {
                    format!("({inner})")
                } else {
                    inner
                }
            })
            .collect();
        told.join(&format!(" {word} "))
    };
    match filter {
        Filter::All(parts) if parts.is_empty() => t!("condition-always"),
        Filter::Any(parts) if parts.is_empty() => t!("condition-never"),
        Filter::All(parts) => join(parts, t!("condition-and")),
        Filter::Any(parts) => join(parts, t!("condition-or")),
        Filter::Not(inner) => {
            t!(
                "condition-not",
                condition = condition(catalogue, of, inner, named)
            )
        }
        Filter::Compare {
            field: name,
            comparison: how,
            value: operand,
        } => {
            let known = find_field(catalogue, of, name);
            format!(
                "{} {} {}",
                field(catalogue, of, name),
                comparison(*how),
                value(known, operand, named)
            )
        }
        Filter::In {
            field: name,
            values,
        } => {
            let known = find_field(catalogue, of, name);
            let told: Vec<String> = values.iter().map(|one| value(known, one, named)).collect();
            format!(
                "{} {} {}",
                field(catalogue, of, name),
                t!("condition-one-of"),
                told.join(", ")
            )
        }
    }
}

/// The rules of a cell as a sentence: «permite si Responsable es la propia persona».
pub fn rules(
    catalogue: &GrantCatalogue,
    target: &Target,
    rules: &[Rule],
    named: &dyn Fn(&str) -> Option<String>,
) -> String {
    if rules.is_empty() {
        return t!("cell-inherits");
    }
    let of = match target {
        Target::Entity(entity) | Target::Field { entity, .. } => entity.as_str(),
        Target::Process(_) | Target::Activity { .. } => "",
    };
    let told: Vec<String> = rules
        .iter()
        .map(|rule| {
            let mut text = match rule.effect {
                Effect::Allow => t!("cell-allows"),
                Effect::Deny => t!("cell-denies"),
            };
            if let Some(filter) = &rule.condition {
                let filter = condition(catalogue, of, filter, named);
                text = format!("{text} {}", t!("cell-if", condition = filter));
            }
            if let Some(limit) = &rule.limit {
                let name = field(catalogue, of, &limit.field);
                let at_most = format::number(&limit.at_most.to_string(), None);
                text = format!("{text} {}", t!("cell-up-to", field = name, limit = at_most));
            }
            if let Some(within) = &rule.within {
                let mut place = process(catalogue, &within.process);
                if let Some(id) = &within.activity {
                    place = format!("{place} › {}", activity(catalogue, &within.process, id));
                }
                text = format!("{text} {}", t!("cell-within", place = place));
            }
            text
        })
        .collect();
    told.join("; ")
}

/// The entity whose fields a target's condition may speak of.
pub fn entity_of(target: &Target) -> Option<&str> {
    match target {
        Target::Entity(entity) | Target::Field { entity, .. } => Some(entity),
        Target::Process(_) | Target::Activity { .. } => None,
    }
}

/// Names of units and groups by id, for conditions that mean one.
#[derive(Clone, Copy)]
pub struct Names(pub RwSignal<std::collections::BTreeMap<String, String>>);

impl Names {
    pub fn find(&self) -> impl Fn(&str) -> Option<String> + use<> {
        let names = self.0.get();
        move |id: &str| names.get(id).cloned()
    }
}
