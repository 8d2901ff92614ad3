use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// Where a floating thing stands by its anchor. It turns to the other side where there is no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Below, left edges aligned.
    #[default]
    Below,
    /// Below, right edges aligned.
    BelowEnd,
    /// To the right, tops aligned.
    Right,
}

/// Moves `floating` (position: fixed) to its anchor, inside the window by 8 px at least.
pub fn place(floating: &web_sys::HtmlElement, anchor: &web_sys::Element, side: Side, gap: f64) {
    let at = anchor.get_bounding_client_rect();
    let own = floating.get_bounding_client_rect();
    let side_of = |value: Result<wasm_bindgen::JsValue, _>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0)
    };
    let width = side_of(window().inner_width());
    let height = side_of(window().inner_height());
    let (mut left, mut top) = match side {
        Side::Below => (at.left(), at.bottom() + gap),
        Side::BelowEnd => (at.right() - own.width(), at.bottom() + gap),
        Side::Right => (at.right() + gap, at.top()),
    };
    if side == Side::Right {
        if left + own.width() > width - 8.0 {
            left = at.left() - gap - own.width();
        }
    } else if top + own.height() > height - 8.0 && at.top() - gap - own.height() > 8.0 {
        top = at.top() - gap - own.height();
    }
    left = left.min(width - own.width() - 8.0).max(8.0);
    top = top.min(height - own.height() - 8.0).max(8.0);
    let style = floating.style();
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Into the browser's top layer, above any open dialog. A webview without it leaves the element where its z-index puts it.
pub fn show_on_top(element: &web_sys::HtmlElement) {
    if js_sys::Reflect::has(element, &"showPopover".into()).unwrap_or(false) {
        let _ = element.show_popover();
    }
}

pub fn hide_from_top(element: &web_sys::HtmlElement) {
    if js_sys::Reflect::has(element, &"hidePopover".into()).unwrap_or(false) {
        let _ = element.hide_popover();
    }
}

/// Something that floats by an anchor while `open`: the ground of menus, lists and calendars. It closes on a press
/// outside, on Escape, and when the window changes size. What it holds is built when it opens.
#[component]
pub fn Floating<A>(
    open: RwSignal<bool>,
    /// The element it stands by.
    anchor: A,
    #[prop(optional)] side: Side,
    /// At least as wide as its anchor.
    #[prop(optional)]
    as_wide: bool,
    #[prop(optional, into)] class: String,
    children: ChildrenFn,
) -> impl IntoView
where
    A: Fn() -> Option<web_sys::Element> + Copy + Send + Sync + 'static,
{
    let node = NodeRef::<html::Div>::new();
    let reposition = move || {
        if let (Some(node), Some(anchor)) = (node.get_untracked(), anchor()) {
            if as_wide {
                let width = anchor.get_bounding_client_rect().width();
                let _ = web_sys::HtmlElement::style(&node)
                    .set_property("min-width", &format!("{width}px"));
            }
            place(&node, &anchor, side, 4.0);
        }
    };
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            show_on_top(&node);
            reposition();
            // Once more when what it holds has been laid out.
            request_animation_frame(reposition);
        }
    });
    let outside = window_event_listener(ev::pointerdown, move |event| {
        if !open.get_untracked() {
            return;
        }
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let inside = |element: Option<&web_sys::Node>| {
            element.is_some_and(|element| element.contains(target.as_ref()))
        };
        let own = node.get_untracked();
        let anchor = anchor();
        if !inside(own.as_ref().map(AsRef::as_ref)) && !inside(anchor.as_ref().map(AsRef::as_ref)) {
            open.set(false);
        }
    });
    let resized = window_event_listener(ev::resize, move |_| {
        if open.get_untracked() {
            open.set(false);
        }
    });
    on_cleanup(move || {
        outside.remove();
        resized.remove();
    });
    let class = format!("floating {class}");
    let children = StoredValue::new(children);
    view! {
        <Show when=move || open.get()>
            <div
                node_ref=node
                class=class.clone()
                popover="manual"
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        event.prevent_default();
                        event.stop_propagation();
                        open.set(false);
                        if let Some(anchor) = anchor() {
                            let _ = anchor.unchecked_into::<web_sys::HtmlElement>().focus();
                        }
                    }
                }
            >
                {children.with_value(|children| children())}
            </div>
        </Show>
    }
}
