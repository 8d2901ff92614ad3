use kernel::Language;
use leptos::prelude::*;

use super::notifications::Notifications;
use crate::{
    kit::{Avatar, Drawn, Icon, Menu, MenuItem, Side, Tone, toast_with},
    prefs::{Density, Region, Theme, preferences},
    session, t, tr,
};

/// Search, notifications and the person's own menu.
#[component]
pub fn TopBar(palette: RwSignal<bool>) -> impl IntoView {
    view! {
        <header class="top">
            <button type="button" class="top-search" id="open-palette" on:click=move |_| palette.set(true)>
                <Drawn icon=Icon::Search />
                <span class="grow cut">{tr!("top-search")}</span>
                <kbd>"Ctrl+K"</kbd>
            </button>
            <span class="grow"></span>
            <Notifications />
            <PersonMenu />
        </header>
    }
}

fn choose<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    value: T,
    now: impl Fn() -> T + Send + Sync + 'static,
    set: impl Fn(T) + Send + Sync + 'static,
) -> MenuItem {
    MenuItem::choose(
        Signal::derive(move || t!(name)),
        Signal::derive(move || now() == value),
        move || {
            set(value);
            session::keep_preferences();
        },
    )
}

fn group(name: &'static str) -> MenuItem {
    MenuItem::Group(Signal::derive(move || t!(name)))
}

/// Name, language, region, theme, density, keys, sign out. Id for tests: `person-menu`.
#[component]
fn PersonMenu() -> impl IntoView {
    let open = RwSignal::new(false);
    let name = Signal::derive(|| session::me().map(|me| me.name).unwrap_or_default());
    let prefs = preferences();
    let theme = move |name, value| {
        choose(
            name,
            value,
            move || prefs.theme(),
            move |value| prefs.set_theme(value),
        )
    };
    let density = move |name, value| {
        choose(
            name,
            value,
            move || prefs.density(),
            move |value| prefs.set_density(value),
        )
    };
    let language = move |name, value| {
        choose(
            name,
            value,
            move || prefs.language(),
            move |value| prefs.set_language(value),
        )
    };
    let region = move |name, value| {
        choose(
            name,
            value,
            move || prefs.region(),
            move |value| prefs.set_region(value),
        )
    };
    let items = Signal::stored(vec![
        group("menu-language"),
        language("menu-spanish", Language::Es),
        language("menu-english", Language::En),
        group("menu-region"),
        region("menu-region-ar", Region::Argentina),
        region("menu-region-pe", Region::Peru),
        region("menu-region-mx", Region::Mexico),
        region("menu-region-es", Region::Spain),
        region("menu-region-us", Region::UnitedStates),
        MenuItem::Line,
        group("menu-theme"),
        theme("menu-theme-system", Theme::System),
        theme("menu-theme-light", Theme::Light),
        theme("menu-theme-dark", Theme::Dark),
        theme("menu-theme-contrast", Theme::Contrast),
        group("menu-density"),
        density("menu-density-compact", Density::Compact),
        density("menu-density-normal", Density::Normal),
        density("menu-density-roomy", Density::Roomy),
        MenuItem::Line,
        MenuItem::choose(
            Signal::derive(|| t!("menu-single-keys")),
            Signal::derive(move || prefs.single_keys()),
            move || prefs.set_single_keys(!untrack(|| prefs.single_keys())),
        ),
        MenuItem::Line,
        MenuItem::act(
            Signal::derive(|| t!("deputy-menu")),
            Icon::UserCheck,
            crate::deputy::ask_for_deputy,
        ),
        MenuItem::act(
            Signal::derive(|| t!("password-title")),
            Icon::Key,
            crate::sign_in::ask_for_new_password,
        ),
        MenuItem::act(
            Signal::derive(|| t!("factor-title")),
            Icon::Key,
            crate::sign_in::ask_for_second_factor,
        ),
        MenuItem::act(Signal::derive(|| t!("menu-sign-out")), Icon::LogOut, || {
            leptos::task::spawn_local(async {
                if let Err(problem) = session::sign_out().await {
                    toast_with(problem.sentence, Tone::Danger, None);
                }
            });
        }),
    ]);
    view! {
        <Menu open=open items=items label=tr!("menu-label") side=Side::BelowEnd>
            <button
                type="button"
                class="top-person"
                id="person-menu"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Avatar name=name />
                <span class="top-person-name cut">{name}</span>
                <Drawn icon=Icon::ChevronDown />
            </button>
        </Menu>
    }
}
