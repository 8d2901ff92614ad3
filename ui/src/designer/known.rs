//! What the editors offer to choose from: groups, published definitions.

use api::{
    definitions::{Definition, DefinitionLine, ListDefinitions},
    directory::GroupLine,
    path,
};
use form::{CustomerSchema, FieldSpec};
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
}

impl Known {
    /// What cannot be read stays empty: the editors work without, and the checks name what is missing.
    pub fn read() -> Self {
        let known = Self {
            groups: RwSignal::new(Vec::new()),
            definitions: RwSignal::new(Vec::new()),
            types: RwSignal::new(Vec::new()),
        };
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
        _ => t!("designer-kind-process"),
    }
}

pub fn kind_icon(kind: &str) -> Icon {
    match kind {
        "customer_type" => Icon::IdCard,
        "form" => Icon::TextField,
        "calendar" => Icon::Calendar,
        _ => Icon::Workflow,
    }
}

pub const KINDS: [&str; 4] = ["process", "form", "customer_type", "calendar"];
