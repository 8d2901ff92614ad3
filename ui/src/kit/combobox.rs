use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Drawn, Floating, Icon, field::field_context, fold, fresh_id};
use crate::tr;

/// Something that can be chosen from a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// Said beside the label in a weaker voice: a document number, a group.
    pub hint: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            hint: String::new(),
        }
    }
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// Never more in the list than a person would read; typing narrows it.
const MOST_SHOWN: usize = 100;

/// One of many, found by typing (WAI-ARIA combobox with list autocomplete). Accents and case do not matter. With
/// `on_search` the list comes from elsewhere as one types; without it `options` is narrowed here.
#[component]
pub fn Combobox(
    /// The chosen value; empty for none.
    value: RwSignal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<Signal<String>>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_search: Option<Callback<(String,)>>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
) -> impl IntoView {
    let field = field_context(id);
    let list = fresh_id("list");
    let open = RwSignal::new(false);
    let typed = RwSignal::new(None::<String>);
    let active = RwSignal::new(0_usize);
    let box_node = NodeRef::<html::Div>::new();
    let input = NodeRef::<html::Input>::new();

    let shown = Memo::new(move |_| {
        let wanted = typed
            .with(|typed| typed.as_deref().map(fold))
            .unwrap_or_default();
        options.with(|options| {
            options
                .iter()
                .filter(|one| {
                    on_search.is_some()
                        || wanted.is_empty()
                        || fold(&one.label).contains(&wanted)
                        || fold(&one.hint).contains(&wanted)
                })
                .take(MOST_SHOWN)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    // As one types, the list changes and may lose what is chosen; what it is called is kept.
    let chosen = Memo::new(move |before: Option<&Option<Choice>>| {
        let value = value.get();
        let of_list =
            options.with(|options| options.iter().find(|one| one.value == value).cloned());
        of_list.or_else(|| before?.clone().filter(|known| known.value == value))
    });
    let text = move || {
        typed.get().unwrap_or_else(|| {
            chosen
                .with(|chosen| chosen.as_ref().map(|one| one.label.clone()))
                .unwrap_or_else(|| value.get())
        })
    };
    let begin = move || {
        if !open.get_untracked() && !disabled.get_untracked() {
            let value = value.get_untracked();
            active.set(shown.with_untracked(|shown| {
                shown.iter().position(|one| one.value == value).unwrap_or(0)
            }));
            open.set(true);
        }
    };
    let choose = move |chosen: &Choice| {
        value.set(chosen.value.clone());
        typed.set(None);
        open.set(false);
        if let Some(commit) = on_commit {
            commit.try_run(());
        }
    };
    // What was typed and not chosen is dropped when the list closes.
    Effect::new(move |_| {
        if !open.get() {
            typed.set(None);
        }
    });
    let option_id = {
        let list = list.clone();
        move |at: usize| format!("{list}-{at}")
    };
    let active_id = {
        let option_id = option_id.clone();
        move || {
            (open.get() && shown.with(|shown| !shown.is_empty())).then(|| option_id(active.get()))
        }
    };
    {
        let option_id = option_id.clone();
        Effect::new(move |_| {
            let at = active.get();
            if open.get()
                && let Some(element) = document().get_element_by_id(&option_id(at))
            {
                let options = web_sys::ScrollIntoViewOptions::new();
                options.set_block(web_sys::ScrollLogicalPosition::Nearest);
                element.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    }
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = shown.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" => {
                event.prevent_default();
                if open.get_untracked() {
                    active.update(|at| *at = if *at + 1 < count { *at + 1 } else { 0 });
                } else {
                    begin();
                }
            }
            "ArrowUp" => {
                event.prevent_default();
                if open.get_untracked() {
                    active.update(|at| {
                        *at = if *at > 0 {
                            *at - 1
                        } else {
                            count.saturating_sub(1)
                        }
                    });
                } else {
                    begin();
                }
            }
            "Enter" if open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                let chosen =
                    shown.with_untracked(|shown| shown.get(active.get_untracked()).cloned());
                if let Some(chosen) = chosen {
                    choose(&chosen);
                }
            }
            "Escape" if open.get_untracked() => {
                event.prevent_default();
                event.stop_propagation();
                open.set(false);
            }
            "Tab" => open.set(false),
            _ => {}
        }
    };
    let list_id = list.clone();
    view! {
        <div
            class="input"
            node_ref=box_node
            on:pointerdown=move |event| {
                let on_input = event.target().is_some_and(|target| target.is_instance_of::<web_sys::HtmlInputElement>());
                if !on_input {
                    event.prevent_default();
                    if let Some(input) = input.get_untracked() {
                        let _ = input.focus();
                    }
                }
                if open.get_untracked() { open.set(false) } else { begin() }
            }
        >
            <input
                node_ref=input
                id=field.id
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-autocomplete="list"
                aria-haspopup="listbox"
                aria-label=move || label.map(|label| label.get())
                aria-expanded=move || open.get().to_string()
                aria-controls=list_id
                aria-activedescendant=active_id
                aria-describedby=field.described_by
                aria-invalid=move || field.invalid.get().then_some("true")
                aria-required=move || field.required.get().then_some("true")
                placeholder=placeholder
                disabled=disabled
                prop:value=text
                on:input=move |event| {
                    let text = event_target_value(&event);
                    if let Some(search) = on_search {
                        search.run((text.clone(),));
                    }
                    if text.is_empty() {
                        value.set(String::new());
                    }
                    begin();
                    typed.set(Some(text));
                    active.set(0);
                }
                on:keydown=keys
                // What is typed takes the place of what stands there.
                on:click=move |_| {
                    if let (true, Some(input)) = (typed.with_untracked(Option::is_none), input.get_untracked()) {
                        input.select();
                    }
                }
                on:blur=move |_| open.set(false)
            />
            <Drawn icon=Icon::ChevronsUpDown />
        </div>
        <Floating
            open=open
            anchor=move || box_node.get_untracked().map(JsCast::unchecked_into)
            as_wide=true
        >
            {
                let list = list.clone();
                let option_id = option_id.clone();
                view! {
                    <div
                        id=list
                        role="listbox"
                        // The focus stays in the input: pressing an option must not take it.
                        on:pointerdown=move |event| event.prevent_default()
                    >
                        {move || {
                            let option_id = option_id.clone();
                            shown
                                .get()
                                .into_iter()
                                .enumerate()
                                .map(move |(at, one)| {
                                    let chosen = one.clone();
                                    let own = one.value.clone();
                                    view! {
                                        <div
                                            id=option_id(at)
                                            class="option"
                                            class:option-active=move || active.get() == at
                                            role="option"
                                            aria-selected=move || (active.get() == at).to_string()
                                            on:click=move |_| choose(&chosen)
                                            on:pointermove=move |_| {
                                                if active.get_untracked() != at {
                                                    active.set(at);
                                                }
                                            }
                                        >
                                            <span class="option-check">
                                                {move || {
                                                    value
                                                        .with(|value| *value == own)
                                                        .then(|| view! { <Drawn icon=Icon::Check /> })
                                                }}
                                            </span>
                                            <span class="cut">{one.label}</span>
                                            <span class="option-weak">{one.hint}</span>
                                        </div>
                                    }
                                })
                                .collect_view()
                        }}
                        <Show when=move || shown.with(Vec::is_empty)>
                            <p class="combobox-none">{tr!("kit-nothing-found")}</p>
                        </Show>
                    </div>
                }
            }
        </Floating>
    }
}
