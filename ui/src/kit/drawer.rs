use leptos::{html, prelude::*};

use super::{Icon, IconButton, dialog::follow, fresh_id};
use crate::tr;

/// Slides in from the right over the page: details, a longer form, or the right pane on a narrow screen. It closes by
/// Escape or its button; a press outside closes it too.
#[component]
pub fn Drawer(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    children: ChildrenFn,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = StoredValue::new(fresh_id("drawer"));
    follow(node, open);
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=node
            id=id
            class="drawer"
            aria-labelledby=heading.get_value()
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                open.set(false);
            }
            on:mousedown=move |event| {
                let own = node.get_untracked();
                let target = event.target().and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(target).ok());
                if own.is_some_and(|own| own.is_same_node(target.as_ref())) {
                    open.set(false);
                }
            }
        >
            <Show when=move || open.get()>
                <div class="dialog-head">
                    <h2 id=heading.get_value()>{title}</h2>
                    <IconButton icon=Icon::X label=tr!("kit-close") key="Esc" on_press=move || open.set(false) />
                </div>
                <div class="dialog-body">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
