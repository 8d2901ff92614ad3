use leptos::prelude::*;

use super::{Drawn, Icon, Tone};

/// Something to know about the place it stands in, for as long as it is so (a closed item, another's draft). What has just
/// happened goes to a toast. Buttons come as children.
#[component]
pub fn Notice(
    #[prop(into)] text: Signal<String>,
    #[prop(optional)] tone: Tone,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Warning => ("notice notice-warning", Icon::TriangleAlert),
        Tone::Danger => ("notice notice-danger", Icon::CircleAlert),
        Tone::Success => ("notice notice-success", Icon::CircleCheck),
        _ => ("notice", Icon::Info),
    };
    view! {
        <div class=class role="status">
            <Drawn icon=icon />
            <span>{text}</span>
            {children.map(|children| view! { <span class="notice-actions">{children()}</span> })}
        </div>
    }
}
