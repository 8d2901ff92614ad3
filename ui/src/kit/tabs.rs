use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Count;

/// A tab of [`Tabs`].
#[derive(Clone)]
pub struct Tab {
    pub key: &'static str,
    pub label: Signal<String>,
    /// Shown beside the label when it is not zero.
    pub count: Signal<Option<u64>>,
}

impl Tab {
    pub fn new(key: &'static str, label: impl Into<Signal<String>>) -> Self {
        Self {
            key,
            label: label.into(),
            count: Signal::stored(None),
        }
    }
    pub fn counting(mut self, count: impl Into<Signal<Option<u64>>>) -> Self {
        self.count = count.into();
        self
    }
}

/// Parts of one object, one in sight at a time. The page shows the part named by `chosen`, in an element with
/// `role="tabpanel"`. Arrow keys, Home and End move and choose.
#[component]
pub fn Tabs(
    chosen: RwSignal<String>,
    tabs: Vec<Tab>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let names: Vec<&'static str> = tabs.iter().map(|tab| tab.key).collect();
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = names.len();
        let current = chosen.get_untracked();
        let at = names.iter().position(|name| *name == current).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        if let Some(name) = names.get(to) {
            chosen.set((*name).to_owned());
        }
        let list = event
            .current_target()
            .map(JsCast::unchecked_into::<web_sys::Element>);
        let tab = list.and_then(|list| list.children().item(u32::try_from(to).unwrap_or(0)));
        if let Some(tab) = tab {
            let _ = tab.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label on:keydown=keys>
            {tabs
                .into_iter()
                .map(|tab| {
                    let key = tab.key;
                    let on = move || chosen.with(|chosen| chosen == key);
                    view! {
                        <button
                            type="button"
                            class="tab"
                            role="tab"
                            id=format!("tab-{key}")
                            aria-selected=move || on().to_string()
                            tabindex=move || if on() { "0" } else { "-1" }
                            on:click=move |_| chosen.set(key.to_owned())
                        >
                            {tab.label}
                            {move || tab.count.get().filter(|count| *count > 0).map(|count| view! { <Count count=count /> })}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}
