use leptos::prelude::*;

use super::{Button, Drawn, Icon, toast};
use crate::{t, tr};

/// A place that could not be filled: what went wrong in a sentence, a way to try again, and the details to copy for
/// whoever helps. Without `on_retry` there is nothing to try again (no permission, gone for good).
#[component]
pub fn Failure(
    #[prop(into)] title: Signal<String>,
    #[prop(optional, into)] text: Signal<String>,
    /// Code and request id, for whoever helps. Nothing that a person must read.
    #[prop(optional, into)]
    details: Signal<String>,
    #[prop(optional, into)] on_retry: Option<Callback<()>>,
    #[prop(default = Icon::CircleAlert, into)] icon: Icon,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let copy = move || {
        let text = format!(
            "{}\n{}\n{}",
            title.get_untracked(),
            text.get_untracked(),
            details.get_untracked()
        );
        let promise = window().navigator().clipboard().write_text(&text);
        wasm_bindgen_futures::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                toast(t!("kit-copied"));
            }
        });
    };
    view! {
        <div class="state" role="alert">
            <div class="state-drawing">
                <Drawn icon=icon class="icon-large" />
            </div>
            <p class="state-title">{title}</p>
            <p class="state-text">{text}</p>
            <div class="row">
                {on_retry
                    .map(|retry| {
                        view! { <Button label=tr!("kit-try-again") icon=Icon::Refresh on_press=retry /> }
                    })} {children.map(|children| children())}
                <Show when=move || details.with(|details| !details.is_empty())>
                    <Button label=tr!("kit-copy-details") icon=Icon::Copy look=super::Look::Quiet on_press=copy />
                </Show>
            </div>
        </div>
    }
}
