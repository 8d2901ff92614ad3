use leptos::prelude::*;

use super::{Choice, field::field_context, fresh_id};

/// One of two to five, all in sight. Stands in a [`Field`](super::Field) with `group=true`. For more take
/// [`Select`](super::Select); to change a view at once, [`Segments`](super::Segments).
#[component]
pub fn RadioGroup(
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    /// Side by side instead of one below the other.
    #[prop(optional)]
    line: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(None);
    let name = fresh_id("radio");
    let labelled_by = label.is_none().then(|| format!("{}-label", field.id));
    view! {
        <div
            class=if line { "radio-group radio-group-line" } else { "radio-group" }
            role="radiogroup"
            id=field.id
            aria-label=move || label.map(|label| label.get())
            aria-labelledby=labelled_by
            aria-describedby=field.described_by
            aria-invalid=move || field.invalid.get().then_some("true")
        >
            <For each=move || options.get() key=|choice| (choice.value.clone(), choice.label.clone()) let:choice>
                {
                    let own = choice.value.clone();
                    let set = choice.value.clone();
                    view! {
                        <label class="choice">
                            <input
                                type="radio"
                                name=name.clone()
                                disabled=disabled
                                prop:checked=move || value.with(|value| *value == own)
                                on:change=move |_| {
                                    value.set(set.clone());
                                    if let Some(commit) = on_commit {
                                        commit.try_run(());
                                    }
                                }
                            />
                            <span>
                                {choice.label}
                                {(!choice.hint.is_empty())
                                    .then(|| view! { <span class="choice-hint">{choice.hint}</span> })}
                            </span>
                        </label>
                    }
                }
            </For>
        </div>
    }
}
