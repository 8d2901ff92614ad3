//! What the editors offer to choose from: groups, published definitions.

use std::collections::BTreeMap;

use api::{
    definitions::{Definition, DefinitionLine, GroupReach, ListDefinitions},
    directory::GroupLine,
    engine::KnownSkill,
    path,
};
use flow::lint::{Reach, Sight, Use};
use form::{
    CustomerSchema, FieldSpec, Form,
    form::{Item, Source},
};
use kernel::Paged;
use leptos::prelude::*;

use crate::{
    kit::{Choice, Icon},
    prefs::preferences,
    problem::Problem,
    t,
    transport::{self, query_of},
};

/// Groups and definitions, read when an editor opens.
#[derive(Clone, Copy)]
pub struct Known {
    pub groups: RwSignal<Vec<GroupLine>>,
    pub definitions: RwSignal<Vec<DefinitionLine>>,
    pub types: RwSignal<Vec<CustomerSchema>>,
    /// What the people of each group may; `None` until it is known.
    pub reach: RwSignal<Option<BTreeMap<String, Reach>>>,
    /// What somebody is good at.
    pub skills: RwSignal<Vec<KnownSkill>>,
    /// Published forms that were asked for, by key.
    pub forms: RwSignal<BTreeMap<String, Form>>,
}

impl Known {
    /// What cannot be read stays empty: the editors work without, and the checks name what is missing.
    pub fn read() -> Self {
        let known = Self {
            groups: RwSignal::new(Vec::new()),
            definitions: RwSignal::new(Vec::new()),
            types: RwSignal::new(Vec::new()),
            reach: RwSignal::new(None),
            skills: RwSignal::new(Vec::new()),
            forms: RwSignal::new(BTreeMap::new()),
        };
        leptos::task::spawn_local(async move {
            if let Ok(all) = transport::get::<Vec<KnownSkill>>(path::SKILLS, &[]).await {
                known.skills.try_set(all);
            }
        });
        leptos::task::spawn_local(async move {
            if let Ok(all) = transport::get::<Vec<GroupReach>>(path::REACH, &[]).await {
                let named =
                    |keys: Vec<String>| keys.iter().map(|key| format!("customer.{key}")).collect();
                let reach = |one: GroupReach| {
                    let reach = Reach {
                        reads: named(one.reads),
                        writes: named(one.writes),
                    };
                    (one.group, reach)
                };
                known
                    .reach
                    .try_set(Some(all.into_iter().map(reach).collect()));
            }
        });
        leptos::task::spawn_local(async move {
            if let Ok(groups) = groups().await {
                known.groups.try_set(groups);
            }
        });
        leptos::task::spawn_local(async move {
            if let Ok(found) = list(&ListDefinitions::default()).await {
                known.definitions.try_set(found);
            }
        });
        leptos::task::spawn_local(async move {
            if let Ok(types) =
                transport::get::<Vec<CustomerSchema>>(path::CUSTOMER_TYPES, &[]).await
            {
                known.types.try_set(types);
            }
        });
        known
    }

    /// What the linter is told of permissions: what each form asks of customers, and who may that. Forms that a process
    /// shares with others are read when they are first met. `None` until the groups are known.
    pub fn sight(&self, own: &[Form], shared: impl Iterator<Item = String>) -> Option<Sight> {
        let groups = self.reach.get()?;
        let mut forms: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for key in shared {
            let read = self
                .forms
                .with(|forms| forms.get(&key).map(|form| (self.uses(form), filled(form))));
            match read {
                Some((uses, fields)) => {
                    forms.insert(key.clone(), uses);
                    // One that is not here yet may fill in anything.
                    if let Some(fields) = fields {
                        sets.insert(key, fields);
                    }
                }
                None => self.fetch_form(key),
            }
        }
        for form in own {
            forms.insert(form.key.clone(), self.uses(form));
            sets.insert(form.key.clone(), filled(form).unwrap_or_default());
        }
        Some(Sight {
            forms,
            sets,
            groups,
        })
    }

    fn fetch_form(&self, key: String) {
        let forms = self.forms;
        // Until it is here, and where it cannot be read, it asks for nothing that we know of.
        forms.update_untracked(|forms| {
            forms.insert(key.clone(), Form::default());
        });
        leptos::task::spawn_local(async move {
            let read = load("form", &key).await.ok();
            if let Some(form) = read.and_then(|found| serde_json::from_value(found.body).ok()) {
                forms.try_update(|forms| forms.insert(key, form));
            }
        });
    }

    /// The customer's fields that a form shows or changes.
    fn uses(&self, form: &Form) -> Vec<Use> {
        let fields = self.fields(form.customer_type.as_deref());
        let named = |item: &Item| {
            let Source::Customer(bound) = &item.source else {
                return None;
            };
            let spec = fields.iter().find(|spec| spec.key == bound.field);
            Some(Use {
                field: format!("customer.{}", bound.field),
                label: spec
                    .map(|spec| flow::model::Text {
                        es: spec.label.es.clone(),
                        en: spec.label.en.clone(),
                    })
                    .unwrap_or_default(),
                writes: bound.editable,
                required: bound.editable && spec.is_some_and(|spec| spec.required),
            })
        };
        form.items().filter_map(named).collect()
    }

    pub fn group_choices(&self) -> Vec<Choice> {
        self.groups.with(|groups| {
            groups
                .iter()
                .map(|group| Choice::new(&group.key, &group.name).with_hint(&group.key))
                .collect()
        })
    }

    /// What a group is called; its key where it is not known.
    pub fn group_name(&self, key: &str) -> String {
        self.groups.with(|groups| {
            groups
                .iter()
                .find(|group| group.key == key)
                .map_or_else(|| key.to_owned(), |group| group.name.clone())
        })
    }

    /// Published definitions of a kind.
    pub fn choices(&self, kind: &str) -> Vec<Choice> {
        let language = preferences().language();
        self.definitions.with(|all| {
            all.iter()
                .filter(|line| line.kind == kind && line.published.is_some())
                .map(|line| Choice::new(&line.key, line.name.get(language)).with_hint(&line.key))
                .collect()
        })
    }

    /// The fields of a published customer type.
    pub fn fields(&self, customer_type: Option<&str>) -> Vec<FieldSpec> {
        let Some(key) = customer_type else {
            return Vec::new();
        };
        self.types.with(|types| {
            types
                .iter()
                .find(|schema| schema.key == key)
                .map(|schema| schema.fields.clone())
                .unwrap_or_default()
        })
    }
}

/// All that fit, part by part.
pub async fn list(wanted: &ListDefinitions) -> Result<Vec<DefinitionLine>, Problem> {
    let mut wanted = wanted.clone();
    let mut all = Vec::new();
    loop {
        let query = query_of(&wanted);
        let query: Vec<(&str, String)> = query
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let part: Paged<DefinitionLine> = transport::get(path::DEFINITIONS, &query).await?;
        all.extend(part.items);
        if part.next.is_none() {
            return Ok(all);
        }
        wanted.cursor = part.next;
    }
}

pub async fn load(kind: &str, key: &str) -> Result<Definition, Problem> {
    transport::get(&path::definition(kind, key), &[]).await
}

async fn groups() -> Result<Vec<GroupLine>, Problem> {
    let mut all = Vec::new();
    let mut cursor = None::<String>;
    loop {
        let query: Vec<(&str, String)> = cursor
            .iter()
            .map(|cursor| ("cursor", cursor.clone()))
            .collect();
        let answer: serde_json::Value = transport::get(path::GROUPS, &query).await?;
        let next = answer
            .get("next")
            .and_then(serde_json::Value::as_str)
            .map(str::to_owned);
        // A list, or a page of one: both are read.
        let items = answer.get("items").cloned().unwrap_or(answer);
        all.extend(serde_json::from_value::<Vec<GroupLine>>(items).unwrap_or_default());
        if next.is_none() {
            return Ok(all);
        }
        cursor = next;
    }
}

/// The name of a kind, for people.
pub fn kind_name(kind: &str) -> String {
    match kind {
        "customer_type" => t!("designer-kind-customer-type"),
        "form" => t!("designer-kind-form"),
        "calendar" => t!("designer-kind-calendar"),
        "decision" => t!("designer-kind-decision"),
        _ => t!("designer-kind-process"),
    }
}

pub fn kind_icon(kind: &str) -> Icon {
    match kind {
        "customer_type" => Icon::IdCard,
        "form" => Icon::TextField,
        "calendar" => Icon::Calendar,
        "decision" => Icon::Table,
        _ => Icon::Workflow,
    }
}

pub const KINDS: [&str; 5] = ["process", "form", "decision", "customer_type", "calendar"];
/// Those that are begun here; a decision comes in a file.
pub const NEW: [&str; 4] = ["process", "form", "customer_type", "calendar"];

/// The variables that a form fills in. `None`: the form is not here.
fn filled(form: &Form) -> Option<Vec<String>> {
    let fields = form.items().filter_map(|item| match &item.source {
        Source::Field(field) => Some(field.key.clone()),
        Source::Customer(_) | Source::Note(_) => None,
    });
    (!form.key.is_empty()).then(|| fields.collect())
}
