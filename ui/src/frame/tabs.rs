//! The workspace's tabs: the objects that are open. They survive a restart, on this device and for this person.

use std::sync::LazyLock;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};
use serde::{Deserialize, Serialize};

use super::places::{PLACES, place_of};
use crate::{
    kit::{Drawn, Icon, IconButton, shortcut_everywhere},
    remember, session, t, tr,
};

/// One open object or place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Tab {
    path: String,
    /// Empty for a place: its name follows the language.
    #[serde(default)]
    title: String,
    #[serde(default)]
    kind: String,
}

/// More would be unreadable; the oldest goes.
const MOST: usize = 12;
const HOME: &str = "/inbox";

static TABS: LazyLock<ArcRwSignal<Vec<Tab>>> = LazyLock::new(|| ArcRwSignal::new(Vec::new()));

fn key() -> String {
    let login = untrack(session::me).map(|me| me.login).unwrap_or_default();
    format!("engage.tabs.{login}")
}

fn is_object(path: &str) -> bool {
    ["/customers/", "/work-items/", "/instances/"]
        .iter()
        .any(|start| path.starts_with(start))
}

fn icon_of(tab: &Tab) -> Icon {
    match tab.path.split('/').nth(1) {
        Some("customers") if is_object(&tab.path) => Icon::User,
        Some("work-items") => Icon::ListChecks,
        Some("instances") => Icon::Workflow,
        _ => place_of(&tab.path).map_or(Icon::File, |place| place.icon),
    }
}

/// Reads the tabs of last time and follows where one goes.
pub fn begin() {
    let kept: Vec<Tab> = remember::read(&key()).unwrap_or_default();
    let mut tabs = vec![Tab {
        path: HOME.to_owned(),
        title: String::new(),
        kind: String::new(),
    }];
    tabs.extend(kept.into_iter().filter(|tab| tab.path != HOME));
    TABS.set(tabs);
    Effect::new(move |_| TABS.with(|tabs| remember::write(&key(), tabs)));
    let path = use_location().pathname;
    Effect::new(move |_| {
        let path = path.get();
        let path = if is_object(&path) {
            path
        } else if let Some(place) = place_of(&path) {
            place.path.to_owned()
        } else {
            return;
        };
        if TABS.with_untracked(|tabs| tabs.iter().any(|tab| tab.path == path)) {
            return;
        }
        TABS.update(|tabs| {
            if tabs.len() >= MOST {
                tabs.remove(1);
            }
            tabs.push(Tab {
                path,
                title: String::new(),
                kind: String::new(),
            });
        });
    });
}

/// Says what the tab of `path` is called: a customer's name, an activity.
pub fn name_tab(path: &str, title: &str) {
    TABS.update(|tabs| {
        if let Some(tab) = tabs.iter_mut().find(|tab| tab.path == path) {
            title.clone_into(&mut tab.title);
        }
    });
}

/// Closes the tab of `path` and says where to go if it was in front.
pub fn close(path: &str) -> String {
    let mut next = HOME.to_owned();
    TABS.update(|tabs| {
        if let Some(at) = tabs
            .iter()
            .position(|tab| tab.path == path && tab.path != HOME)
        {
            tabs.remove(at);
            if let Some(beside) = tabs.get(at).or_else(|| tabs.last()) {
                next.clone_from(&beside.path);
            }
        }
    });
    next
}

#[component]
pub fn TabStrip(palette: RwSignal<bool>) -> impl IntoView {
    let path = use_location().pathname;
    let navigate = StoredValue::new(use_navigate());
    let go = move |to: &str| navigate.with_value(|navigate| navigate(to, Default::default()));
    let is_here = move |tab: &str| {
        path.with(|path| {
            path == tab
                || (!is_object(path) && place_of(path).is_some_and(|place| place.path == tab))
        })
    };
    let shut = move |tab: &str| {
        let here = untrack(|| is_here(tab));
        let next = close(tab);
        if here {
            go(&next);
        }
    };
    shortcut_everywhere("Alt+W", Signal::derive(|| t!("tabs-close")), move || {
        let path = path.get_untracked();
        if path != HOME {
            let path = if is_object(&path) {
                path
            } else {
                place_of(&path).map_or(path, |place| place.path.to_owned())
            };
            shut(&path);
        }
    });
    let step = move |by: isize| {
        let tabs = TABS.get_untracked();
        let at = tabs
            .iter()
            .position(|tab| untrack(|| is_here(&tab.path)))
            .unwrap_or(0);
        let count = tabs.len().max(1);
        let to = at.saturating_add(count).saturating_add_signed(by) % count;
        if let Some(tab) = tabs.get(to) {
            go(&tab.path);
        }
    };
    shortcut_everywhere(
        "Alt+PageDown",
        Signal::derive(|| t!("tabs-next")),
        move || step(1),
    );
    shortcut_everywhere(
        "Alt+PageUp",
        Signal::derive(|| t!("tabs-previous")),
        move || step(-1),
    );
    view! {
        <div class="workspace-tabs" role="tablist" aria-label=tr!("tabs-label")>
            <For each=move || TABS.get() key=|tab| (tab.path.clone(), tab.title.clone()) let:tab>
                {
                    let (own, open, close, middle) = (tab.path.clone(), tab.path.clone(), tab.path.clone(), tab.path.clone());
                    let icon = icon_of(&tab);
                    let home = tab.path == HOME;
                    let place = PLACES.iter().find(|place| place.path == tab.path);
                    let title = move || match place {
                        Some(place) => t!(place.name),
                        None if tab.title.is_empty() => t!("kit-loading"),
                        None => tab.title.clone(),
                    };
                    let here = Memo::new(move |_| is_here(&own));
                    view! {
                        <div class="workspace-tab" class:workspace-tab-here=here>
                            <button
                                type="button"
                                class="workspace-tab-open"
                                role="tab"
                                aria-selected=move || here.get().to_string()
                                on:click=move |_| go(&open)
                                on:auxclick=move |event| {
                                    if event.button() == 1 && !home {
                                        event.prevent_default();
                                        shut(&middle);
                                    }
                                }
                            >
                                <Drawn icon=icon />
                                <span class="cut">{title}</span>
                            </button>
                            {(!home)
                                .then(|| {
                                    view! {
                                        <IconButton
                                            small=true
                                            icon=Icon::X
                                            label=tr!("tabs-close")
                                            key="Alt+W"
                                            on_press=move || shut(&close)
                                        />
                                    }
                                })}
                        </div>
                    }
                }
            </For>
            <IconButton
                small=true
                icon=Icon::Plus
                label=tr!("tabs-open")
                key="Ctrl+K"
                on_press=move || palette.set(true)
            />
        </div>
    }
}
