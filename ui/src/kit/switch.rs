use leptos::prelude::*;

/// On or off, taking effect at once (a preference, a rule switched on). In a form that is sent take
/// [`Checkbox`](super::Checkbox).
#[component]
pub fn Switch(
    #[prop(into)] value: Signal<bool>,
    #[prop(into)] on_change: Callback<(bool,)>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                role="switch"
                id=id
                disabled=disabled
                prop:checked=value
                on:change=move |event| on_change.run((event_target_checked(&event),))
            />
            <span>
                {label} {hint.map(|hint| view! { <span class="choice-hint">{hint}</span> })}
            </span>
        </label>
    }
}
