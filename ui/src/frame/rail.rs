use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};

use super::places::PLACES;
use crate::{kit::IconButton, session, t, tr};

/// The narrow bar at the left: the places of the product.
#[component]
pub fn Rail() -> impl IntoView {
    let path = use_location().pathname;
    let seen = move || {
        let me = session::me();
        PLACES
            .iter()
            .filter(|place| me.as_ref().is_some_and(|me| (place.seen)(me)))
            .collect::<Vec<_>>()
    };
    view! {
        <nav class="rail" aria-label=tr!("frame-places")>
            <img class="rail-mark" src="/engage.svg" alt="" width="24" height="24" />
            {move || {
                seen()
                    .into_iter()
                    .map(|place| {
                        let navigate = use_navigate();
                        let here = move || {
                            path.with(|path| {
                                path == place.path
                                    || path.strip_prefix(place.path).is_some_and(|rest| rest.starts_with('/'))
                            })
                        };
                        view! {
                            <div class="rail-place" class:rail-place-here=here>
                                <IconButton
                                    id=format!("rail{}", place.path.replace('/', "-"))
                                    icon=place.icon
                                    label=move || t!(place.name)
                                    key=place.key
                                    pressed=Signal::derive(here)
                                    on_press=move || navigate(place.path, Default::default())
                                />
                                {(place.path == "/approvals").then(|| view! { <Waiting /> })}
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}

/// How many requests wait for this person's decision.
#[component]
fn Waiting() -> impl IntoView {
    let waiting = crate::approvals::waiting();
    let count = Memo::new(move |_| waiting.get());
    view! {
        <Show when=move || { count.get() > 0 }>
            <span class="count count-danger" aria-hidden="true">
                {move || count.get().min(99)}
            </span>
        </Show>
        <span class="only-read" role="status">
            {move || (count.get() > 0).then(|| t!("approvals-count", count = count.get()))}
        </span>
    }
}
