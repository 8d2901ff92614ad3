use std::sync::LazyLock;

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    kit::{Icon, IconButton},
    t,
    transport::live,
};

static ARRIVED: LazyLock<ArcRwSignal<u64>> = LazyLock::new(ArcRwSignal::default);

/// Counts what arrives in the inbox while one is elsewhere.
pub fn begin() {
    live::follow(&["inbox", "user"], |event: api::events::LiveEvent| {
        let away = window()
            .location()
            .pathname()
            .is_ok_and(|path| !path.starts_with("/inbox"));
        if away && event.kind == "work_item.opened" {
            ARRIVED.update(|count| *count += 1);
        }
    });
}

/// The inbox has been looked at.
pub fn seen() {
    if ARRIVED.get_untracked() > 0 {
        ARRIVED.set(0);
    }
}

/// The bell: how many pendings arrived since the inbox was last looked at.
#[component]
pub fn Notifications() -> impl IntoView {
    let navigate = use_navigate();
    let arrived = ARRIVED.clone();
    let count = Memo::new(move |_| arrived.get());
    view! {
        <div class="top-bell">
            <IconButton
                icon=Icon::Bell
                label=move || match count.get() {
                    0 => t!("bell-none"),
                    count => t!("bell-some", count = count),
                }
                on_press=move || {
                    seen();
                    navigate("/inbox", Default::default());
                }
            />
            <Show when=move || { count.get() > 0 }>
                <span class="count count-danger" aria-hidden="true">
                    {move || count.get().min(99)}
                </span>
            </Show>
            <span class="only-read" role="status">
                {move || (count.get() > 0).then(|| t!("bell-some", count = count.get()))}
            </span>
        </div>
    }
}
