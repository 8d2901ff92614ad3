use std::sync::LazyLock;

use leptos::{html, prelude::*};

use super::{
    Drawn, Icon, IconButton, Tone,
    float::{hide_from_top, show_on_top},
};
use crate::tr;

#[derive(Clone)]
struct Toast {
    number: u64,
    text: String,
    tone: Tone,
    action: Option<(String, Callback<()>)>,
}

static TOASTS: LazyLock<ArcRwSignal<Vec<Toast>>> = LazyLock::new(|| ArcRwSignal::new(Vec::new()));

/// Says that something went well. Gone after some seconds; whatever must be read belongs on the page.
pub fn toast(text: impl Into<String>) {
    toast_with(text, Tone::Success, None);
}

/// Says something with a tone, and offers one thing to do («Deshacer», «Ver»). Warnings and failures stay until closed.
pub fn toast_with(text: impl Into<String>, tone: Tone, action: Option<(String, Callback<()>)>) {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let text = text.into();
    // Time to read it; and where it offers something, to decide.
    let stays = if action.is_some() { 6_000 } else { 3_500 };
    TOASTS.update(|all| {
        // The same twice in a row says no more than once.
        all.retain(|one| one.text != text);
        if all.len() >= 4 {
            all.remove(0);
        }
        all.push(Toast {
            number,
            text,
            tone,
            action,
        });
    });
    if !matches!(tone, Tone::Danger | Tone::Warning) {
        set_timeout(
            move || close(number),
            std::time::Duration::from_millis(stays),
        );
    }
}

fn close(number: u64) {
    TOASTS.update(|all| all.retain(|one| one.number != number));
}

/// Where toasts appear: in the top bar, where nobody writes and nothing is pressed. Stands once, at the application's root.
#[component]
pub fn Toasts() -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    // Shown anew for each toast, so that it lies above a dialog opened since.
    Effect::new(move |_| {
        let any = TOASTS.with(|all| !all.is_empty());
        if let Some(node) = node.get() {
            hide_from_top(&node);
            if any {
                show_on_top(&node);
            }
        }
    });
    view! {
        <div node_ref=node class="toasts" popover="manual" role="log" aria-live="polite" aria-label=tr!("kit-messages")>
            <For each=move || TOASTS.get() key=|toast| toast.number let:toast>
                {
                    let icon = match toast.tone {
                        Tone::Success => Icon::CircleCheck,
                        Tone::Warning => Icon::TriangleAlert,
                        Tone::Danger => Icon::CircleAlert,
                        _ => Icon::Info,
                    };
                    let number = toast.number;
                    view! {
                        <div class="toast">
                            <Drawn icon=icon class=toast.tone.text_class() />
                            <p class="toast-text">{toast.text}</p>
                            {toast
                                .action
                                .map(|(label, run)| {
                                    view! {
                                        <button
                                            type="button"
                                            class="toast-action"
                                            on:click=move |_| {
                                                close(number);
                                                run.try_run(());
                                            }
                                        >
                                            {label}
                                        </button>
                                    }
                                })}
                            <IconButton small=true icon=Icon::X label=tr!("kit-close") on_press=move || close(number) />
                        </div>
                    }
                }
            </For>
        </div>
    }
}
