use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{Drawn, Floating, Icon, Side};

/// A line of a [`Menu`].
#[derive(Clone)]
pub enum MenuItem {
    Act {
        label: Signal<String>,
        icon: Option<Icon>,
        /// Shown at the end of the line; registering it is the screen's affair.
        key: Option<String>,
        run: Callback<()>,
        danger: bool,
    },
    /// One of several, of which one is on.
    Choose {
        label: Signal<String>,
        on: Signal<bool>,
        run: Callback<()>,
    },
    /// A heading over what follows.
    Group(Signal<String>),
    Line,
}

impl MenuItem {
    pub fn act(label: impl Into<Signal<String>>, icon: Icon, run: impl Into<Callback<()>>) -> Self {
        Self::Act {
            label: label.into(),
            icon: Some(icon),
            key: None,
            run: run.into(),
            danger: false,
        }
    }
    pub fn with_key(mut self, name: &str) -> Self {
        if let Self::Act { key, .. } = &mut self {
            *key = Some(name.to_owned());
        }
        self
    }
    pub fn dangerous(mut self) -> Self {
        if let Self::Act { danger, .. } = &mut self {
            *danger = true;
        }
        self
    }
    pub fn choose(
        label: impl Into<Signal<String>>,
        on: impl Into<Signal<bool>>,
        run: impl Into<Callback<()>>,
    ) -> Self {
        Self::Choose {
            label: label.into(),
            on: on.into(),
            run: run.into(),
        }
    }
}

/// More to do with what it hangs on. The button that opens it comes in as `children` and toggles `open`. Arrow keys,
/// Home, End and first letters move; Enter does; Escape closes and gives the focus back.
#[component]
pub fn Menu(
    open: RwSignal<bool>,
    #[prop(into)] items: Signal<Vec<MenuItem>>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] side: Side,
    children: Children,
) -> impl IntoView {
    let anchor = NodeRef::<html::Span>::new();
    let list = NodeRef::<html::Div>::new();
    let button = move || {
        anchor
            .get_untracked()
            .and_then(|span| span.first_element_child())
    };
    let lines = move || -> Vec<web_sys::HtmlElement> {
        let Some(list) = list.get_untracked() else {
            return Vec::new();
        };
        let Ok(found) = list.query_selector_all("[role^='menuitem']") else {
            return Vec::new();
        };
        (0..found.length())
            .filter_map(|at| found.item(at))
            .map(JsCast::unchecked_into)
            .collect()
    };
    Effect::new(move |_| {
        if list.get().is_some() {
            request_animation_frame(move || {
                if let Some(first) = lines().first() {
                    let _ = first.focus();
                }
            });
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button() {
            let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let lines = lines();
        let count = lines.len();
        if count == 0 {
            return;
        }
        let focused = document().active_element();
        let at = lines
            .iter()
            .position(|line| focused.as_ref().is_some_and(|f| f.is_same_node(Some(line))));
        let to = match event.key().as_str() {
            "ArrowDown" => at.map_or(0, |at| (at + 1) % count),
            "ArrowUp" => at.map_or(count - 1, |at| (at + count - 1) % count),
            "Home" => 0,
            "End" => count - 1,
            "Tab" => {
                open.set(false);
                return;
            }
            letter if letter.chars().count() == 1 && letter != " " => {
                let wanted = super::fold(letter);
                let from = at.map_or(0, |at| at + 1);
                let Some(found) = (0..count).map(|step| (from + step) % count).find(|at| {
                    lines
                        .get(*at)
                        .and_then(|line| line.text_content())
                        .is_some_and(|text| super::fold(&text).starts_with(&wanted))
                }) else {
                    return;
                };
                found
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(line) = lines.get(to) {
            let _ = line.focus();
        }
    };
    view! {
        <span class="menu-anchor" node_ref=anchor>{children()}</span>
        <Floating open=open anchor=button side=side class="menu">
            <div role="menu" aria-label=label node_ref=list on:keydown=keys>
                {move || {
                    items
                        .get()
                        .into_iter()
                        .map(|item| match item {
                            MenuItem::Act { label, icon, key, run, danger } => {
                                view! {
                                    <button
                                        type="button"
                                        class=if danger { "option option-danger" } else { "option" }
                                        role="menuitem"
                                        tabindex="-1"
                                        on:click=move |_| {
                                            close();
                                            run.run(());
                                        }
                                    >
                                        {icon.map(|icon| view! { <Drawn icon=icon /> })}
                                        <span>{label}</span>
                                        {key.map(|key| view! { <span class="option-weak"><kbd>{key}</kbd></span> })}
                                    </button>
                                }
                                    .into_any()
                            }
                            MenuItem::Choose { label, on, run } => {
                                view! {
                                    <button
                                        type="button"
                                        class="option"
                                        role="menuitemradio"
                                        aria-checked=move || on.get().to_string()
                                        tabindex="-1"
                                        on:click=move |_| {
                                            close();
                                            run.run(());
                                        }
                                    >
                                        <span class="option-check">
                                            {move || on.get().then(|| view! { <Drawn icon=Icon::Check /> })}
                                        </span>
                                        <span>{label}</span>
                                    </button>
                                }
                                    .into_any()
                            }
                            MenuItem::Group(label) => {
                                view! { <div class="option-group" role="presentation">{label}</div> }.into_any()
                            }
                            MenuItem::Line => view! { <div class="option-line" role="separator"></div> }.into_any(),
                        })
                        .collect_view()
                }}
            </div>
        </Floating>
    }
}
