use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{
    kit::{Button, Icon, IconButton, Look, TextInput},
    t,
};

/// A name and its value, being typed.
#[derive(Clone, Copy)]
pub struct Pair {
    number: u64,
    name: RwSignal<String>,
    value: RwSignal<String>,
}

/// Names with values, as many as wanted: values to set, elements with another id. Ids for tests: `ID-add`, `ID-name-N`,
/// `ID-value-N`, counted from 0.
#[component]
pub fn Pairs(
    pairs: RwSignal<Vec<Pair>>,
    id: &'static str,
    #[prop(into)] name: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] add: Signal<String>,
) -> impl IntoView {
    let more = move || {
        let number = pairs.with_untracked(|pairs| {
            let numbers = pairs.iter().map(|pair| pair.number + 1);
            numbers.max().unwrap_or(0)
        });
        let pair = Pair {
            number,
            name: RwSignal::new(String::new()),
            value: RwSignal::new(String::new()),
        };
        pairs.update(|pairs| pairs.push(pair));
    };
    view! {
        <div class="stack operations-pairs">
            <For each=move || pairs.get() key=|pair| pair.number let:pair>
                <div class="row">
                    <TextInput
                        id=format!("{id}-name-{}", pair.number)
                        value=pair.name
                        label=name
                        placeholder=name
                        autocomplete="off"
                        focus=true
                    />
                    <TextInput
                        id=format!("{id}-value-{}", pair.number)
                        value=pair.value
                        label=value
                        placeholder=value
                        autocomplete="off"
                    />
                    <IconButton
                        icon=Icon::X
                        label=move || t!("operations-pair-remove", name = pair.name.get())
                        on_press=move || pairs.update(|pairs| pairs.retain(|one| one.number != pair.number))
                    />
                </div>
            </For>
            <div class="row">
                <Button id=format!("{id}-add") label=add icon=Icon::Plus look=Look::Quiet on_press=more />
            </div>
        </div>
    }
}

/// As they were typed; a pair without a name is none.
pub fn texts(pairs: RwSignal<Vec<Pair>>) -> BTreeMap<String, String> {
    pairs.with_untracked(|pairs| {
        pairs
            .iter()
            .map(|pair| {
                let read =
                    |text: RwSignal<String>| text.with_untracked(|text| text.trim().to_owned());
                (read(pair.name), read(pair.value))
            })
            .filter(|(name, _)| !name.is_empty())
            .collect()
    })
}

/// The same as values: what reads as a number, as true, false or null, or stands in JSON's brackets or quotes is that, all
/// else a text.
pub fn values(pairs: RwSignal<Vec<Pair>>) -> Map<String, Value> {
    texts(pairs)
        .into_iter()
        .map(|(name, text)| {
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            (name, value)
        })
        .collect()
}
