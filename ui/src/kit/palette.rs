//! The command palette: everything that can be done or opened from here, by typing a few letters (Ctrl+K).

use leptos::{html, prelude::*};

use super::{Drawn, Icon, dialog::follow, fold, fresh_id};
use crate::tr;

/// A line of the palette.
#[derive(Clone)]
pub struct Command {
    /// Groups stand under one heading, in the order of their first line.
    pub group: String,
    pub label: String,
    /// Weaker words behind: a document number, a telephone.
    pub hint: String,
    pub icon: Icon,
    /// The key that does the same without the palette.
    pub key: Option<String>,
    pub run: Callback<()>,
    /// Found elsewhere for what was typed (customers): not narrowed again here.
    pub found: bool,
}

const MOST_SHOWN: usize = 50;

/// Opens over the page. `commands` is all that can be done; `typed` goes out, so that the frame can search and add what
/// it finds.
#[component]
pub fn CommandPalette(
    open: RwSignal<bool>,
    typed: RwSignal<String>,
    #[prop(into)] commands: Signal<Vec<Command>>,
    /// A search elsewhere is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let input = NodeRef::<html::Input>::new();
    let active = RwSignal::new(0_usize);
    let list = fresh_id("palette");
    follow(node, open);
    let shown = Memo::new_with_compare(
        move |_| {
            let wanted = typed.with(|typed| fold(typed));
            let words: Vec<&str> = wanted.split_whitespace().collect();
            let mut found: Vec<Command> = commands.with(|commands| {
                commands
                    .iter()
                    .filter(|one| {
                        one.found || {
                            let text = fold(&format!("{} {}", one.group, one.label));
                            words.iter().all(|word| text.contains(word))
                        }
                    })
                    .take(MOST_SHOWN)
                    .cloned()
                    .collect()
            });
            // One block a group, in order of appearance.
            let mut order: Vec<String> = Vec::new();
            for one in &found {
                if !order.contains(&one.group) {
                    order.push(one.group.clone());
                }
            }
            found.sort_by_key(|one| order.iter().position(|group| *group == one.group));
            found
        },
        |_, _| true,
    );
    Effect::new(move |_| {
        typed.track();
        active.set(0);
    });
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            request_animation_frame(move || {
                if let Some(input) = input.get_untracked() {
                    let _ = input.focus();
                }
            });
        }
    });
    let id_of = {
        let list = list.clone();
        move |at: usize| format!("{list}-{at}")
    };
    {
        let id_of = id_of.clone();
        Effect::new(move |_| {
            if let Some(line) = document().get_element_by_id(&id_of(active.get())) {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                line.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    let run = move |at: usize| {
        let command = shown.with_untracked(|shown| shown.get(at).cloned());
        if let Some(command) = command {
            open.set(false);
            command.run.run(());
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = shown.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => active.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => active.update(|at| *at = (*at + count - 1) % count),
            "Enter" => run(active.get_untracked()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active_id = {
        let id_of = id_of.clone();
        move || id_of(active.get())
    };
    let list_id = list.clone();
    view! {
        <dialog
            node_ref=node
            class="palette"
            id="command-palette"
            aria-label=tr!("palette-label")
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
            <div class="palette-input">
                <Drawn icon=Icon::Search />
                <input
                    node_ref=input
                    id="palette-input"
                    role="combobox"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls=list_id
                    aria-activedescendant=active_id
                    aria-label=tr!("palette-label")
                    placeholder=tr!("palette-placeholder")
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                    on:keydown=keys
                />
                <Show when=move || busy.get()>
                    <span class="spinner weak" aria-hidden="true"></span>
                </Show>
            </div>
            <div class="palette-list" role="listbox" id=list aria-label=tr!("palette-label")>
                {move || {
                    let id_of = id_of.clone();
                    let mut group = String::new();
                    shown
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(move |(at, one)| {
                            let heading = (one.group != group)
                                .then(|| view! { <div class="option-group" role="presentation">{one.group.clone()}</div> });
                            group.clone_from(&one.group);
                            view! {
                                {heading}
                                <div
                                    id=id_of(at)
                                    class="option"
                                    class:option-active=move || active.get() == at
                                    role="option"
                                    aria-selected=move || (active.get() == at).to_string()
                                    on:pointermove=move |_| {
                                        if active.get_untracked() != at {
                                            active.set(at);
                                        }
                                    }
                                    on:click=move |_| run(at)
                                >
                                    <Drawn icon=one.icon />
                                    <span class="cut">{one.label}</span>
                                    <span class="option-weak cut">{one.hint}</span>
                                    {one.key.map(|key| view! { <kbd>{key}</kbd> })}
                                </div>
                            }
                        })
                        .collect_view()
                }}
                <Show when=move || shown.with(Vec::is_empty)>
                    <p class="combobox-none">
                        {move || if busy.get() { crate::t!("kit-loading") } else { crate::t!("kit-nothing-found") }}
                    </p>
                </Show>
            </div>
            <div class="palette-foot">
                <span><kbd>"↑"</kbd><kbd>"↓"</kbd>{tr!("palette-move")}</span>
                <span><kbd>"↵"</kbd>{tr!("palette-run")}</span>
                <span><kbd>"Esc"</kbd>{tr!("kit-close")}</span>
            </div>
        </dialog>
    }
}
