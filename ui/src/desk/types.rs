//! The published customer types: which fields a customer has and what they are called. Read once, read again when one is
//! published.

use std::sync::{Arc, LazyLock};

use api::{customers::CustomerLine, path};
use form::{CustomerSchema, FieldKind, FieldSpec};
use leptos::prelude::*;

use crate::{forms::shown, prefs::preferences, problem::Problem, transport};

type Types = Arc<Vec<CustomerSchema>>;

static TYPES: LazyLock<ArcRwSignal<Option<Types>>> = LazyLock::new(ArcRwSignal::default);

/// The types, from memory where they are known.
pub async fn load() -> Result<Types, Problem> {
    if let Some(types) = TYPES.get_untracked() {
        return Ok(types);
    }
    load_again().await
}

pub async fn load_again() -> Result<Types, Problem> {
    let types: Vec<CustomerSchema> = transport::get(path::CUSTOMER_TYPES, &[]).await?;
    let types = Arc::new(types);
    TYPES.set(Some(types.clone()));
    Ok(types)
}

/// What is known by now, followed.
pub fn known() -> Types {
    TYPES.get().unwrap_or_default()
}

pub fn find(key: &str) -> Option<CustomerSchema> {
    known().iter().find(|schema| schema.key == key).cloned()
}

pub fn label(spec: &FieldSpec) -> String {
    spec.label.get(preferences().language()).to_owned()
}

/// What tells a customer from another of the same name: document, telephone, mail, in that order.
pub fn telling(line: &CustomerLine) -> String {
    let Some(schema) = untrack(|| find(&line.customer_type)) else {
        let texts = line.fields.values().filter_map(serde_json::Value::as_str);
        return texts.take(2).collect::<Vec<_>>().join(" · ");
    };
    let rank = |spec: &FieldSpec| match spec.kind {
        FieldKind::Document { .. } => 0,
        FieldKind::Phone { .. } => 1,
        FieldKind::Email => 2,
        _ => 3,
    };
    let mut specs: Vec<&FieldSpec> = schema
        .fields
        .iter()
        .filter(|spec| {
            !schema.title.contains(&spec.key)
                && rank(spec) < 3
                && line.fields.contains_key(&spec.key)
        })
        .collect();
    specs.sort_by_key(|spec| rank(spec));
    specs
        .iter()
        .filter_map(|spec| line.fields.get(&spec.key).map(|value| shown(spec, value)))
        .filter(|text| !text.is_empty())
        .take(2)
        .collect::<Vec<_>>()
        .join(" · ")
}
