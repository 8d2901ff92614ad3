use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use crate::kit::{Drawn, Icon};

/// A line of an [`ItemList`].
#[derive(Clone, PartialEq)]
pub struct Line {
    pub label: String,
    /// Said after it in a weaker voice.
    pub hint: String,
    pub icon: Icon,
    /// Set in under the line before: a field under its section.
    pub deep: bool,
    /// Something of it is wrong.
    pub wrong: bool,
}

/// Things in an order that a person chooses. One tab stop: arrows choose, Alt+arrows move, Delete takes out.
#[component]
pub fn ItemList(
    #[prop(into)] lines: Signal<Vec<Line>>,
    chosen: RwSignal<usize>,
    #[prop(into)] label: Signal<String>,
    /// `true`: down.
    #[prop(into)]
    on_move: Callback<(usize, bool)>,
    #[prop(into)] on_remove: Callback<(usize,)>,
    #[prop(optional, into)] id: Option<String>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let focus = move || {
        request_animation_frame(move || {
            if let Some(list) = list.get_untracked()
                && let Ok(Some(line)) = list.query_selector("[tabindex='0']")
            {
                let _ = line.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = lines.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        let at = chosen.get_untracked().min(count - 1);
        match (event.key().as_str(), event.alt_key()) {
            ("ArrowDown", false) => chosen.set((at + 1).min(count - 1)),
            ("ArrowUp", false) => chosen.set(at.saturating_sub(1)),
            ("Home", _) => chosen.set(0),
            ("End", _) => chosen.set(count - 1),
            ("ArrowDown", true) => on_move.run((at, true)),
            ("ArrowUp", true) => on_move.run((at, false)),
            ("Delete", _) => on_remove.run((at,)),
            _ => return,
        }
        event.prevent_default();
        focus();
    };
    view! {
        <div node_ref=list class="item-list" role="listbox" aria-label=label id=id on:keydown=keys>
            {move || {
                lines
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(at, line)| {
                        let on = move || chosen.get() == at;
                        view! {
                            <button
                                type="button"
                                class="item-line"
                                class:item-line-deep=line.deep
                                role="option"
                                aria-selected=move || on().to_string()
                                tabindex=move || if on() { "0" } else { "-1" }
                                on:click=move |_| chosen.set(at)
                            >
                                <Drawn icon=line.icon />
                                <span class="cut">{line.label}</span>
                                <span class="weak small cut">{line.hint}</span>
                                {line.wrong.then(|| view! { <Drawn icon=Icon::CircleAlert class="tone-danger" /> })}
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
