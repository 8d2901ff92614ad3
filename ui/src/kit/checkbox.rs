use leptos::{html, prelude::*};

use super::field::field_context;

/// Yes or no that is sent with the form, or one of several that may be ticked. For what takes effect at once take
/// [`Switch`](super::Switch).
#[component]
pub fn Checkbox(
    value: RwSignal<bool>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    /// Some of what stands below is ticked, but not all.
    #[prop(optional, into)]
    partly: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    let node = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let partly = partly.get();
        if let Some(node) = node.get() {
            node.set_indeterminate(partly);
        }
    });
    view! {
        <label class="choice">
            <input
                node_ref=node
                type="checkbox"
                id=field.id
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                disabled=disabled
                prop:checked=value
                on:change=move |event| {
                    value.set(event_target_checked(&event));
                    if let Some(commit) = on_commit {
                        commit.try_run(());
                    }
                }
            />
            <span>
                {label}
                {move || field.required.get().then(|| view! { " " <span class="field-needed" aria-hidden="true">"*"</span> })}
                {hint.map(|hint| view! { <span class="choice-hint">{hint}</span> })}
            </span>
        </label>
    }
}
