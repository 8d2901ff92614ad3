//! Small dealings with the page that several components share.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// An id that is unique on this page, for `aria-controls` and friends.
pub fn fresh_id(prefix: &str) -> String {
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The device's clock in milliseconds since 1970: the UI's one clock.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Gives the focus at once, so that what is typed straight after a key opened something goes there; an element that does not
/// stand on the page yet has it with the next frame.
pub fn take_focus(element: &web_sys::HtmlElement) {
    let _ = element.focus();
    let taken = document()
        .active_element()
        .is_some_and(|active| active.is_same_node(Some(element)));
    if !taken {
        let element = element.clone();
        request_animation_frame(move || {
            let _ = element.focus();
        });
    }
}

/// Runs `act` once after `millis`, unless the owner is gone by then.
pub fn after(millis: u64, act: impl FnOnce() + 'static) {
    let handle = set_timeout_with_handle(act, Duration::from_millis(millis)).ok();
    if let Some(handle) = handle {
        on_cleanup(move || handle.clear());
    }
}

/// Runs `act` every `millis` for as long as the owner lives.
pub fn every(millis: u64, act: impl Fn() + 'static) {
    if let Ok(handle) = set_interval_with_handle(act, Duration::from_millis(millis)) {
        on_cleanup(move || handle.clear());
    }
}

/// `act`, but only once nothing more has come for `millis`: for searching while somebody types. Nothing is done any more for
/// a page that has been left meanwhile.
pub fn debounced<T: Send + Sync + 'static>(
    millis: u64,
    act: impl Fn(T) + Copy + 'static,
) -> impl Fn(T) + Copy + 'static {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    move |value: T| {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        let late = move || {
            if waiting.try_with_value(|_| ()).is_some() {
                act(value);
            }
        };
        let handle = set_timeout_with_handle(late, Duration::from_millis(millis)).ok();
        waiting.try_update_value(|slot| *slot = handle);
    }
}

/// Lower case without accents: how a person's typing is compared with what is on a list.
pub fn fold(text: &str) -> String {
    kernel::text::fold(text)
}
