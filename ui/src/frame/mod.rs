//! What stands around every screen: rail, top bar, workspace tabs, status bar, palette, and sign-in over the page.
//!
//! A screen says what its tab is called with [`tabs::name_tab`], which keys it has with `kit::shortcut`, and nothing else:
//! the frame finds the rest. To add a place of the rail: a line in [`places::PLACES`].

mod commands;
pub mod notifications;
pub mod places;
mod rail;
mod status;
pub mod tabs;
mod top;

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_navigate};

use crate::{
    deputy::OwnDeputy,
    kit::{Button, Failure, Icon, Loading, Look},
    session::{self, Standing},
    sign_in::{ChangePassword, OwnSecondFactor, SignIn, SignInAgain, Unfinished},
    t, tr, transport,
};

/// The root of every route but the gallery: asks who is here, then shows the way in or the work.
#[component]
pub fn Frame() -> impl IntoView {
    let standing = session::standing();
    leptos::task::spawn_local(session::begin());
    let phase = Memo::new(move |_| match standing.get() {
        Standing::Unknown => (0, None),
        Standing::Out => (1, None),
        Standing::In(me) if me.must_change_password => (4, Some(me.id.to_string())),
        Standing::In(me) if me.must_enrol_second_factor => (5, Some(me.id.to_string())),
        Standing::In(me) => (2, Some(me.id.to_string())),
        Standing::Unreachable(_) => (3, None),
    });
    move || match phase.get().0 {
        0 => view! { <div class="frame-wait"><Loading lines=4 /></div> }.into_any(),
        1 => view! { <SignIn /> }.into_any(),
        4 | 5 => view! { <Unfinished /> }.into_any(),
        3 => {
            let problem = match session::standing().get_untracked() {
                Standing::Unreachable(problem) => Some(problem),
                _ => None,
            };
            let (text, details) = problem
                .map(|problem| (problem.sentence, problem.details))
                .unwrap_or_default();
            view! {
                <main class="frame-wait">
                    <Failure
                        title=t!("frame-unreachable")
                        text=text
                        details=details
                        icon=Icon::WifiOff
                        on_retry=|| leptos::task::spawn_local(session::begin())
                    />
                </main>
            }
            .into_any()
        }
        _ => view! { <Work /> }.into_any(),
    }
}

#[component]
fn Work() -> impl IntoView {
    let palette = RwSignal::new(false);
    tabs::begin();
    notifications::begin();
    crate::approvals::begin();
    commands::keys(palette);
    // Lists, the palette and Customer 360 name fields by them.
    leptos::task::spawn_local(async {
        let _ = crate::desk::types::load().await;
    });
    transport::live::follow(&["definitions"], |_: api::events::LiveEvent| {
        leptos::task::spawn_local(async {
            let _ = crate::desk::types::load_again().await;
        });
    });
    transport::live::follow(&["access"], |_: api::events::LiveEvent| {
        leptos::task::spawn_local(session::again());
    });
    // A deep link that the shell was given.
    let navigate = use_navigate();
    let asked = transport::live::asked_to_open();
    Effect::new(move |_| {
        if let Some(path) = asked.get() {
            navigate(&path, Default::default());
        }
    });
    let connection = transport::connection();
    let offline = Memo::new(move |_| connection.get() == transport::Connection::Offline);
    view! {
        <div class="frame">
            <a class="frame-skip" href="#content">{tr!("frame-skip")}</a>
            <rail::Rail />
            <div class="frame-main">
                <crate::settings::lens::Banner />
                <top::TopBar palette=palette />
                <tabs::TabStrip palette=palette />
                <Show when=move || offline.get()>
                    <div class="frame-offline" role="status">
                        <crate::kit::Drawn icon=Icon::WifiOff />
                        <span class="grow">{tr!("frame-offline")}</span>
                        <Button
                            label=tr!("kit-try-again")
                            look=Look::Quiet
                            on_press=|| transport::live::listen()
                        />
                    </div>
                </Show>
                <main class="frame-content" id="content" tabindex="-1">
                    <Outlet />
                </main>
                <status::StatusBar />
            </div>
            <commands::Palette open=palette />
            <crate::approvals::AskDialog />
            <SignInAgain />
            <ChangePassword />
            <OwnSecondFactor />
            <OwnDeputy />
        </div>
    }
}
