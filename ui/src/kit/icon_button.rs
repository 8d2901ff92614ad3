use leptos::prelude::*;

use super::{Drawn, Icon, tooltip};

/// A drawing that does something. Its label is read aloud and shown, with its key, when pointed at or focused.
#[component]
pub fn IconButton(
    #[prop(into)] icon: Signal<Icon>,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on_press: Callback<()>,
    #[prop(optional, into)] key: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// For a button that switches something on and off: which it is.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// For a button that opens something: whether it is open.
    #[prop(optional, into)]
    expanded: Option<Signal<bool>>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional)] small: bool,
    #[prop(optional)] node_ref: NodeRef<leptos::html::Button>,
) -> impl IntoView {
    let say = |on: Option<Signal<bool>>| move || on.map(|on| on.get().to_string());
    tooltip(node_ref, label, key);
    view! {
        <button
            node_ref=node_ref
            id=id
            type="button"
            class=if small { "icon-button icon-button-small" } else { "icon-button" }
            aria-label=label
            aria-pressed=say(pressed)
            aria-expanded=say(expanded)
            disabled=disabled
            on:click=move |_| on_press.run(())
        >
            <Drawn icon=icon />
        </button>
    }
}
