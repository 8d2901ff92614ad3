use api::customers::CustomerLine;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::places::{PLACES, Place};
use crate::{
    desk::{self, types},
    kit::{
        Icon, debounced,
        palette::{Command, CommandPalette},
        shortcut_everywhere,
    },
    prefs::{Theme, preferences},
    session, t,
};

/// The keys that work everywhere.
pub fn keys(palette: RwSignal<bool>) {
    shortcut_everywhere(
        "Ctrl+K",
        Signal::derive(|| t!("palette-label")),
        move || palette.set(true),
    );
    let me = untrack(session::me);
    // A key that leads nowhere for this person is not told either.
    let seen = |place: &&Place| me.as_ref().is_some_and(|me| (place.seen)(me));
    for place in PLACES.iter().filter(seen) {
        let navigate = use_navigate();
        shortcut_everywhere(place.key, Signal::derive(|| t!(place.name)), move || {
            navigate(place.path, Default::default());
        });
    }
}

/// The palette with what can be done from anywhere and the customers that fit what is typed.
#[component]
pub fn Palette(open: RwSignal<bool>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<CustomerLine>::new());
    let busy = RwSignal::new(false);
    let turn = StoredValue::new(0_u64);
    let search = debounced(60, move |text: String| {
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        leptos::task::spawn_local(async move {
            let lines = desk::suggest(&text, 12, None).await.unwrap_or_default();
            if turn.try_get_value() == Some(own) {
                found.try_set(lines);
                busy.try_set(false);
            }
        });
    });
    Effect::new(move |_| {
        let text = typed.get();
        if text.trim().chars().count() < 2 {
            turn.update_value(|turn| *turn += 1);
            found.set(Vec::new());
            busy.set(false);
        } else {
            busy.set(true);
            search(text);
        }
    });
    let navigate = use_navigate();
    let commands = Signal::derive(move || {
        let group = t!("palette-customers");
        let mut all: Vec<Command> = found
            .get()
            .into_iter()
            .map(|line| {
                let navigate = navigate.clone();
                let path = format!("/customers/{}", line.id);
                Command {
                    group: group.clone(),
                    label: line.name.clone(),
                    hint: types::telling(&line),
                    icon: Icon::User,
                    key: None,
                    run: Callback::new(move |()| navigate(&path, Default::default())),
                    found: true,
                }
            })
            .collect();
        let places = t!("palette-places");
        let me = session::me();
        for place in PLACES
            .iter()
            .filter(|place| me.as_ref().is_some_and(|me| (place.seen)(me)))
        {
            let navigate = navigate.clone();
            all.push(Command {
                group: places.clone(),
                label: t!(place.name),
                hint: String::new(),
                icon: place.icon,
                key: Some(place.key.to_owned()),
                run: Callback::new(move |()| navigate(place.path, Default::default())),
                found: false,
            });
        }
        let actions = t!("palette-actions");
        let mut act = |name: &'static str, icon, run: Callback<()>| {
            all.push(Command {
                group: actions.clone(),
                label: t!(name),
                hint: String::new(),
                icon,
                key: None,
                run,
                found: false,
            });
        };
        let theme = |theme| {
            Callback::new(move |()| {
                preferences().set_theme(theme);
                session::keep_preferences();
            })
        };
        act("palette-theme-light", Icon::Sun, theme(Theme::Light));
        act("palette-theme-dark", Icon::Moon, theme(Theme::Dark));
        act(
            "palette-theme-contrast",
            Icon::Contrast,
            theme(Theme::Contrast),
        );
        act(
            "palette-language",
            Icon::Languages,
            Callback::new(|()| {
                let now = untrack(|| preferences().language());
                preferences().set_language(session::other(now));
                session::keep_preferences();
            }),
        );
        act(
            "menu-sign-out",
            Icon::LogOut,
            Callback::new(|()| {
                leptos::task::spawn_local(async {
                    let _ = session::sign_out().await;
                });
            }),
        );
        all
    });
    view! { <CommandPalette open=open typed=typed commands=commands busy=busy /> }
}
