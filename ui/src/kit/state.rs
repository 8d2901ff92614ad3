use leptos::prelude::*;

use super::{Drawn, Icon};

/// Nothing here: one sentence that says why, and at most one action (as children).
#[component]
pub fn EmptyState(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Option<Signal<String>>,
    #[prop(into)] icon: Icon,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state">
            <div class="state-drawing">
                <Drawn icon=icon class="icon-large" />
            </div>
            <p class="state-title">{title}</p>
            {text.map(|text| view! { <p class="state-text">{text}</p> })}
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}
