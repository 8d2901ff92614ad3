//! Controls that write into a draft.

use form::Words;
use kernel::Language;
use leptos::prelude::*;

use crate::{
    kit::{TextArea, TextInput},
    tr,
};

/// A signal for a control that stands for a part of something larger: it follows `get`, and what is typed goes to `set`.
pub fn bound<T: Clone + PartialEq + Send + Sync + 'static>(
    get: impl Fn() -> T + Clone + 'static,
    set: impl Fn(T) + 'static,
) -> RwSignal<T> {
    let signal = RwSignal::new(untrack(&get));
    let source = get.clone();
    Effect::new(move |_| {
        let value = source();
        if signal.with_untracked(|now| *now != value) {
            signal.set(value);
        }
    });
    Effect::new(move |before: Option<()>| {
        let value = signal.get();
        if before.is_some() && untrack(&get) != value {
            set(value);
        }
    });
    signal
}

/// A text in both languages, one line each (or several with `long`).
#[component]
pub fn WordsInput(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<Words>,
    #[prop(into)] on_change: Callback<(Words,)>,
    #[prop(optional)] long: bool,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let side = move |language: Language| {
        bound(
            move || match language {
                Language::Es => value.with(|words| words.es.clone()),
                Language::En => value.with(|words| words.en.clone()),
            },
            move |text| {
                let mut words = value.get_untracked();
                words.set(language, text);
                on_change.run((words,));
            },
        )
    };
    let line = move |language: Language, id: Option<String>| {
        let text = side(language);
        let tag = language.tag().to_uppercase();
        let name = Signal::derive(move || format!("{} ({})", label.get(), language.tag()));
        view! {
            <div class="words-line">
                <span class="words-tag" aria-hidden="true">{tag}</span>
                {match (long, id) {
                    (true, Some(id)) => view! { <TextArea value=text label=name rows=2 id=id /> }.into_any(),
                    (true, None) => view! { <TextArea value=text label=name rows=2 /> }.into_any(),
                    (false, Some(id)) => view! { <TextInput value=text label=name id=id /> }.into_any(),
                    (false, None) => view! { <TextInput value=text label=name /> }.into_any(),
                }}
            </div>
        }
    };
    view! {
        <div class="field">
            <span class="field-label">{label}</span>
            {line(Language::Es, id.clone().map(|id| format!("{id}-es")))}
            {line(Language::En, id.map(|id| format!("{id}-en")))}
        </div>
    }
}

/// The key that stands for a name, while nobody typed one: `Reclamo de facturación` → `reclamo_de_facturacion`.
pub fn key_of(name: &str) -> String {
    let mut key: String = kernel::text::fold(name)
        .chars()
        .filter(char::is_ascii)
        .collect::<String>()
        .replace(' ', "_");
    key.truncate(40);
    let key = key.trim_matches('_').to_owned();
    if key.is_empty() || key.starts_with(|c: char| c.is_ascii_lowercase()) {
        key
    } else {
        format!("n_{key}")
    }
}

/// A key among others: the first of `base`, `base_2`, `base_3`… that is not taken.
pub fn free_key(base: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(base) {
        return base.to_owned();
    }
    (2..)
        .map(|number| format!("{base}_{number}"))
        .find(|key| !taken(key))
        .unwrap_or_default()
}

/// Buttons that move a row up or down and take it out.
#[component]
pub fn RowTools(
    #[prop(into)] on_move: Callback<(bool,)>,
    #[prop(into)] on_remove: Callback<()>,
    first: bool,
    last: bool,
) -> impl IntoView {
    use crate::kit::{Icon, IconButton};
    view! {
        <div class="row-tools">
            <IconButton small=true icon=Icon::ArrowUp label=tr!("designer-move-up") disabled=first on_press=move || on_move.run((false,)) />
            <IconButton small=true icon=Icon::ArrowDown label=tr!("designer-move-down") disabled=last on_press=move || on_move.run((true,)) />
            <IconButton small=true icon=Icon::Trash label=tr!("designer-remove") on_press=move || on_remove.run(()) />
        </div>
    }
}
