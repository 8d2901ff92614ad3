use leptos::{html, prelude::*};

use super::{Icon, IconButton, fresh_id};
use crate::tr;

/// Opens and closes a `<dialog>` with its signal. The browser keeps the focus inside and gives it back; it begins where there is
/// something to do: in the first field, or on the last button that takes nothing away.
pub fn follow(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(node) = node.get() else { return };
        if wanted && !node.open() {
            let _ = node.show_modal();
            // Once what it holds stands, and has taken the focus if it wants it.
            request_animation_frame(move || begin(&node));
        } else if !wanted && node.open() {
            node.close();
        }
    });
}

fn begin(dialog: &web_sys::HtmlDialogElement) {
    const FIELD: &str =
        ".dialog-body :is(input, select, textarea):not(:disabled, [type='hidden'], [readonly])";
    const BUTTON: &str = ".dialog-foot .button:not(:disabled, .button-danger)";
    let find = |what: &str| dialog.query_selector_all(what).ok();
    let taken = document().active_element().is_some_and(|active| {
        active
            .closest(".dialog-body, .dialog-foot")
            .is_ok_and(|place| place.is_some())
    });
    if taken || !dialog.open() {
        return;
    }
    let field = find(FIELD).and_then(|all| all.item(0));
    let button = || find(BUTTON).and_then(|all| all.item(all.length().checked_sub(1)?));
    if let Some(first) = field.or_else(button) {
        let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(first).focus();
    }
}

/// Asks for a decision or a few values before anything else goes on. For more than five fields or for looking something
/// up beside the page take [`Drawer`](super::Drawer); to tell, a toast.
///
/// The last of `actions` is the primary one. Escape and a press outside close it, unless `must_answer`.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    children: ChildrenFn,
    /// The buttons at the bottom.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    #[prop(optional)] wide: bool,
    #[prop(optional)] must_answer: bool,
    #[prop(optional, into)] on_close: Option<Callback<()>>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = StoredValue::new(fresh_id("dialog"));
    follow(node, open);
    let close = move || {
        open.set(false);
        if let Some(on_close) = on_close {
            on_close.run(());
        }
    };
    let outside = move |event: web_sys::MouseEvent| {
        // A press on the backdrop is a press on the dialog element itself.
        let on_backdrop = node.get_untracked().is_some_and(|node| {
            event.target().is_some_and(|target| {
                wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(target)
                    .is_ok_and(|target| node.is_same_node(Some(&target)))
            })
        });
        if on_backdrop && !must_answer {
            close();
        }
    };
    let children = StoredValue::new(children);
    let actions = StoredValue::new(actions);
    view! {
        <dialog
            node_ref=node
            id=id
            class=if wide { "dialog dialog-wide" } else { "dialog" }
            aria-labelledby=heading.get_value()
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                if !must_answer {
                    close();
                }
            }
            on:mousedown=outside
        >
            <Show when=move || open.get()>
                <div class="dialog-head">
                    <h2 id=heading.get_value()>{title}</h2>
                    <Show when=move || !must_answer>
                        <IconButton icon=Icon::X label=tr!("kit-close") key="Esc" on_press=close />
                    </Show>
                </div>
                <div class="dialog-body">{children.with_value(|children| children())}</div>
                {actions
                    .with_value(|actions| {
                        actions.as_ref().map(|actions| view! { <div class="dialog-foot">{actions.run()}</div> })
                    })}
            </Show>
        </dialog>
    }
}
