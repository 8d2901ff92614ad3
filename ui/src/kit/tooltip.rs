use std::time::Duration;

use leptos::{ev, html, leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen::JsCast;

use super::float::{Side, place, show_on_top};

/// Shows `label`, and the key that does the same, beside `node` when it is pointed at for 400 ms or reached by keyboard.
/// For what has no visible label; a sentence that matters belongs on the page.
pub fn tooltip(node: NodeRef<html::Button>, label: Signal<String>, key: Option<String>) {
    let shown = StoredValue::new_local(None::<web_sys::HtmlElement>);
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    let hide = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        if let Some(shown) = shown.try_update_value(Option::take).flatten() {
            shown.remove();
        }
    };
    let show = move |key: Option<String>| {
        hide();
        let Some(anchor) = node.get_untracked() else {
            return;
        };
        let Ok(tip) = document().create_element("div") else {
            return;
        };
        let tip: web_sys::HtmlElement = tip.unchecked_into();
        tip.set_class_name("tooltip");
        // The label is the button's accessible name already.
        let _ = tip.set_attribute("aria-hidden", "true");
        let _ = tip.set_attribute("popover", "manual");
        if let Ok(words) = document().create_element("span") {
            words.set_text_content(Some(&label.get_untracked()));
            let _ = tip.append_child(&words);
        }
        if let Some(key) = key
            && let Ok(cap) = document().create_element("kbd")
        {
            cap.set_text_content(Some(&key));
            let _ = tip.append_child(&cap);
        }
        if let Some(body) = document().body() {
            let _ = body.append_child(&tip);
        }
        show_on_top(&tip);
        place(&tip, &anchor, Side::Below, 6.0);
        shown.try_set_value(Some(tip));
    };

    Effect::new(move |_| {
        let Some(node) = node.get() else { return };
        let key = key.clone();
        let delayed = {
            let key = key.clone();
            move || {
                let key = key.clone();
                let handle = set_timeout_with_handle(move || show(key), Duration::from_millis(400));
                waiting.try_set_value(handle.ok());
            }
        };
        let by_keyboard = move |event: ev::FocusEvent| {
            let visible = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|element| element.matches(":focus-visible").unwrap_or(false));
            if visible {
                show(key.clone());
            }
        };
        let element: &web_sys::Element = node.as_ref();
        let handles = [
            listen(element, "pointerenter", move |_| delayed()),
            listen(element, "pointerleave", move |_| hide()),
            listen(element, "pointerdown", move |_| hide()),
            listen(element, "blur", move |_| hide()),
            listen(element, "focus", move |event| {
                by_keyboard(event.unchecked_into());
            }),
        ];
        let handles = StoredValue::new_local(Some(handles));
        on_cleanup(move || {
            hide();
            handles.try_update_value(Option::take);
        });
    });
}

/// A listener that goes with its handle.
struct Listening {
    target: web_sys::Element,
    name: &'static str,
    closure: wasm_bindgen::closure::Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref());
    }
}

fn listen(
    target: &web_sys::Element,
    name: &'static str,
    act: impl FnMut(web_sys::Event) + 'static,
) -> Listening {
    let closure = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(act);
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    Listening {
        target: target.clone(),
        name,
        closure,
    }
}
