use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    forms::{FormModel, shown_plain},
    kit::{debounced, now_ms, toast},
    prefs::preferences,
    remember, session, t,
};

/// What was typed and not sent, with when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub at: f64,
    pub values: Map<String, Value>,
}

/// The draft of one work item, of this person, on this device.
#[derive(Clone, Copy)]
pub struct Draft {
    key: StoredValue<String>,
}

impl Draft {
    pub fn of(item: &str) -> Self {
        let login = untrack(session::me).map(|me| me.login).unwrap_or_default();
        Self {
            key: StoredValue::new(format!("engage.draft.{login}.{item}")),
        }
    }

    pub fn read(&self) -> Option<Kept> {
        remember::read(&self.key.get_value())
    }

    pub fn forget(&self) {
        self.key.with_value(|key| remember::forget(key));
    }

    /// Writes what is typed a moment after it was typed, until the item is closed.
    pub fn follow(&self, model: FormModel, closed: RwSignal<bool>) {
        let key = self.key;
        let write = debounced(250, move |values: Map<String, Value>| {
            if !closed.try_get_untracked().unwrap_or(true) {
                key.try_with_value(|key| {
                    remember::write(
                        key,
                        &Kept {
                            at: now_ms(),
                            values,
                        },
                    );
                });
            }
        });
        // What the form began with is no draft.
        Effect::new(move |first: Option<Map<String, Value>>| {
            let values = model.typed();
            match first {
                None => values,
                Some(first) => {
                    if first != values {
                        write(values);
                    }
                    first
                }
            }
        });
    }
}

/// Everything typed, as lines of text on the clipboard: for whoever was overtaken.
pub fn copy(model: &FormModel) {
    let language = preferences().language();
    let text: Vec<String> = model
        .typed()
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(path, value)| {
            let label = model
                .bound
                .field(path)
                .map_or(path.as_str(), |spec| spec.label.get(language));
            format!("{label}: {}", shown_plain(value))
        })
        .collect();
    let promise = window()
        .navigator()
        .clipboard()
        .write_text(&text.join("\n"));
    leptos::task::spawn_local(async move {
        if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
            toast(t!("kit-copied"));
        }
    });
}
