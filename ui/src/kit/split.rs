use leptos::{ev, prelude::*};
use serde::{Deserialize, Serialize};

use super::{Icon, IconButton, shortcut};
use crate::remember::remembered;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Width {
    pixels: f64,
    closed: bool,
}

/// Two panes with a bar between. The side pane (left, or right with `at_end`) has a width that is dragged, or moved by
/// arrow keys on the bar; `key` closes and opens it; width and state are remembered under `name`.
#[component]
pub fn SplitPane(
    /// What this pane is called in the device's memory.
    #[prop(into)]
    name: String,
    #[prop(into)] side: ViewFn,
    #[prop(into)] main: ViewFn,
    #[prop(default = 340.0)] width: f64,
    #[prop(default = 240.0)] least: f64,
    #[prop(default = 560.0)] most: f64,
    #[prop(optional)] at_end: bool,
    /// The key that closes and opens the side pane, and what the status bar says of it.
    #[prop(optional)]
    key: Option<(&'static str, Signal<String>)>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let kept = remembered(
        format!("engage.pane.{name}"),
        Width {
            pixels: width,
            closed: false,
        },
    );
    let moving = RwSignal::new(None::<(f64, f64)>);
    if let Some((key, label)) = key {
        shortcut(key, label, move || {
            kept.update(|kept| kept.closed = !kept.closed);
        });
    }
    let resize = move |pixels: f64| kept.update(|kept| kept.pixels = pixels.clamp(least, most));
    let sign = if at_end { -1.0 } else { 1.0 };
    let moved = window_event_listener(ev::pointermove, move |event| {
        if let Some((from, before)) = moving.get_untracked() {
            resize(before + sign * (f64::from(event.client_x()) - from));
        }
    });
    let released = window_event_listener(ev::pointerup, move |_| {
        if moving.get_untracked().is_some() {
            moving.set(None);
        }
    });
    on_cleanup(move || {
        moved.remove();
        released.remove();
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        let step = match event.key().as_str() {
            "ArrowLeft" => -16.0 * sign,
            "ArrowRight" => 16.0 * sign,
            "Home" => least - most,
            "End" => most - least,
            "Enter" => {
                event.prevent_default();
                kept.update(|kept| kept.closed = !kept.closed);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        resize(kept.with_untracked(|kept| kept.pixels) + step);
    };
    let closed = Memo::new(move |_| kept.with(|kept| kept.closed));
    // In a narrow window the pane at the end is a drawer over the main one; it also comes when something in it has the focus.
    let drawn = RwSignal::new(false);
    let pane = move || {
        view! {
            <div
                class="split-side"
                class:split-open=drawn
                hidden=closed
                style:width=move || format!("{}px", kept.with(|kept| kept.pixels))
            >
                {side.run()}
            </div>
        }
    };
    let bar = view! {
        <div
            class="split-bar"
            class:split-bar-moving=move || moving.with(Option::is_some)
            hidden=closed
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=label
            aria-valuemin=least
            aria-valuemax=most
            aria-valuenow=move || kept.with(|kept| kept.pixels.round())
            on:pointerdown=move |event| {
                event.prevent_default();
                moving.set(Some((f64::from(event.client_x()), kept.with_untracked(|kept| kept.pixels))));
            }
            on:dblclick=move |_| resize(width)
            on:keydown=keys
        ></div>
    };
    let main = view! { <div class="split-main">{main.run()}</div> };
    if at_end {
        let icon = Signal::derive(move || {
            if drawn.get() {
                Icon::ChevronRight
            } else {
                Icon::ChevronLeft
            }
        });
        let right = move || {
            let pixels = kept.with(|kept| kept.pixels);
            if drawn.get() {
                format!("{pixels}px")
            } else {
                "0px".to_owned()
            }
        };
        view! {
            <div class="split split-end">
                {main} {bar} {pane()}
                <div class="split-toggle" hidden=closed style:right=right>
                    <IconButton icon=icon label=label expanded=Signal::from(drawn) on_press=move || drawn.update(|drawn| *drawn = !*drawn) />
                </div>
            </div>
        }
        .into_any()
    } else {
        view! { <div class="split">{pane()} {bar} {main}</div> }.into_any()
    }
}
