use leptos::prelude::*;

use crate::{
    format,
    kit::{Drawn, Icon, every, hints},
    prefs::preferences,
    t, tr,
    transport::{self, Connection},
};

/// The line at the bottom: connection, when something was last saved, and the keys that work here.
#[component]
pub fn StatusBar() -> impl IntoView {
    let connection = transport::connection();
    let state = Memo::new(move |_| connection.get());
    let saved = transport::saved_at();
    // Whether one will have to sign in again because this machine has nothing to keep the session in.
    let fleeting = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        fleeting.try_set(transport::is_fleeting().await);
    });
    let tick = RwSignal::new(0_u32);
    every(5_000, move || {
        tick.update(|tick| *tick = tick.wrapping_add(1));
    });
    let keys = move || {
        let single = preferences().single_keys();
        hints()
            .into_iter()
            .filter(|hint| single || hint.keys.contains('+') || hint.keys.len() > 1)
            .take(7)
            .collect::<Vec<_>>()
    };
    view! {
        <footer class="status">
            <span class="row" role="status" id="connection-state" data-state=move || format!("{:?}", state.get()).to_lowercase()>
                {move || {
                    let (icon, class, words) = match state.get() {
                        Connection::Connected => (Icon::Wifi, "tone-success", t!("status-connected")),
                        Connection::Connecting => (Icon::Wifi, "tone-neutral", t!("status-connecting")),
                        Connection::Offline => (Icon::WifiOff, "tone-danger", t!("status-offline")),
                    };
                    view! {
                        <Drawn icon=icon class=class />
                        <span>{words}</span>
                    }
                }}
            </span>
            <span>
                {move || {
                    tick.track();
                    saved.get().map(|at| t!("status-saved", when = format::ago(at)))
                }}
            </span>
            {move || {
                fleeting
                    .get()
                    .then(|| {
                        view! {
                            <span class="row" id="session-fleeting" title=t!("status-fleeting-why")>
                                <Drawn icon=Icon::Key class="tone-warning" />
                                <span>{t!("status-fleeting")}</span>
                                <span class="only-read">{t!("status-fleeting-why")}</span>
                            </span>
                        }
                    })
            }}
            <span class="grow"></span>
            <span class="status-keys" aria-label=tr!("status-keys")>
                {move || {
                    keys()
                        .into_iter()
                        .map(|hint| view! { <span class="row"><kbd>{shown(&hint.keys)}</kbd>{hint.label}</span> })
                        .collect_view()
                }}
            </span>
        </footer>
    }
}

/// As it is printed on a keyboard.
fn shown(keys: &str) -> String {
    keys.replace("Enter", "↵")
        .replace("ArrowUp", "↑")
        .replace("ArrowDown", "↓")
        .replace("ArrowLeft", "←")
        .replace("ArrowRight", "→")
}
