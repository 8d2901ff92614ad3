use std::{
    collections::BTreeSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    kit::{Icon, IconButton},
    t,
    transport::live,
};

static ARRIVED: LazyLock<ArcRwSignal<BTreeSet<String>>> = LazyLock::new(ArcRwSignal::default);

/// What one's own actions opened lately: the event and the answer of the service race each other.
static OWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

const REMEMBERED: usize = 64;

/// Keeps what arrives in the inbox while one is elsewhere.
pub fn begin() {
    live::follow(&["inbox", "user"], |event: api::events::LiveEvent| {
        let away = window()
            .location()
            .pathname()
            .is_ok_and(|path| !path.starts_with("/inbox"));
        if !away || event.kind != "work_item.opened" || is_own(&event.subject) {
            return;
        }
        // The same through several groups is one pending.
        if ARRIVED.with_untracked(|all| !all.contains(&event.subject)) {
            ARRIVED.update(|all| {
                all.insert(event.subject);
            });
        }
    });
}

/// These follow from what one did oneself: nobody needs to be told of them.
pub fn own(opened: impl IntoIterator<Item = String>) {
    for id in opened {
        if ARRIVED.with_untracked(|all| all.contains(&id)) {
            ARRIVED.update(|all| {
                all.remove(&id);
            });
        }
        let mut known = OWN.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push(id);
    }
}

fn is_own(id: &str) -> bool {
    let known = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().any(|one| one == id)
}

/// The inbox has been looked at.
pub fn seen() {
    if ARRIVED.with_untracked(|all| !all.is_empty()) {
        ARRIVED.update(BTreeSet::clear);
    }
}

/// The bell: how many pendings arrived since the inbox was last looked at.
#[component]
pub fn Notifications() -> impl IntoView {
    let navigate = use_navigate();
    let arrived = ARRIVED.clone();
    let count = Memo::new(move |_| arrived.with(BTreeSet::len) as u64);
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
