use leptos::prelude::*;

use super::{Choice, Drawn, Icon, field::field_context};

/// One of a few fixed choices (up to about ten), by the system's own list. For many, or to search, take [`Combobox`];
/// where all should be seen at once, [`RadioGroup`].
///
/// [`Combobox`]: super::Combobox
/// [`RadioGroup`]: super::RadioGroup
#[component]
pub fn Select(
    /// The chosen value; empty for none.
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    /// The words for "nothing chosen"; without them one must always be chosen.
    #[prop(optional, into)]
    none: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    view! {
        <span class="select-box">
            <select
                class="select"
                id=field.id
                aria-label=move || label.map(|label| label.get())
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                disabled=disabled
                on:change=move |event| {
                    value.set(event_target_value(&event));
                    if let Some(commit) = on_commit {
                        commit.try_run(());
                    }
                }
            >
                {none
                    .map(|none| {
                        view! {
                            <option value="" selected=move || value.with(String::is_empty)>
                                {none}
                            </option>
                        }
                    })}
                <For each=move || options.get() key=|choice| (choice.value.clone(), choice.label.clone()) let:choice>
                    {
                        let own = choice.value.clone();
                        view! {
                            <option value=choice.value selected=move || value.with(|value| *value == own)>
                                {choice.label}
                            </option>
                        }
                    }
                </For>
            </select>
            <Drawn icon=Icon::ChevronDown />
        </span>
    }
}
