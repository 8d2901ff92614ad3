//! The Settings window: who there is, who may do what, and what was done.
//!
//! - [`sections`]: what stands in its navigation and who sees each section.
//! - a module a section: `organisation`, `users`, `groups`, `roles`, `sessions`, `audit`, `lens`.
//!
//! **To add a section**: a module with its page, a line in [`sections::SECTIONS`], a route in [`crate::app`], its words in
//! a catalogue of its own (`settings.ftl`, `audit.ftl`). A page is a [`Page`]: a heading with its actions, and a body that
//! takes the rest of the room.

pub mod audit;
pub mod groups;
pub mod lens;
pub mod organisation;
pub mod parts;
pub mod roles;
pub mod sections;
pub mod sessions;
pub mod users;

use leptos::prelude::*;
use leptos_router::{
    components::{Outlet, Redirect},
    hooks::use_location,
};

use crate::{
    kit::{Drawn, EmptyState, Icon},
    session, t, tr,
};

/// The window's frame: the sections at the left, the chosen one beside them. Ids for tests: `section-KEY`.
#[component]
pub fn Settings() -> impl IntoView {
    view! {
        <div class="settings">
            <Sections />
            <div class="settings-page"><Outlet /></div>
        </div>
    }
}

#[component]
fn Sections() -> impl IntoView {
    let path = use_location().pathname;
    let groups = Memo::new(|_| {
        let me = session::me();
        let mut groups: Vec<(&'static str, Vec<usize>)> = Vec::new();
        for (at, section) in sections::SECTIONS.iter().enumerate() {
            if !me.as_ref().is_some_and(|me| (section.seen)(me)) {
                continue;
            }
            match groups.last_mut() {
                Some((group, of)) if *group == section.group => of.push(at),
                _ => groups.push((section.group, vec![at])),
            }
        }
        groups
    });
    view! {
        <nav class="settings-sections" aria-label=tr!("settings-sections")>
            {move || {
                groups
                    .get()
                    .into_iter()
                    .map(|(group, of)| {
                        let lines = of
                            .into_iter()
                            .filter_map(|at| sections::SECTIONS.get(at))
                            .map(|section| {
                                let here = move || path.with(|path| sections::is_at(section, path));
                                view! {
                                    <a
                                        id=format!("section-{}", section.key)
                                        class="settings-section"
                                        href=section.path()
                                        aria-current=move || here().then_some("page")
                                    >
                                        <Drawn icon=section.icon />
                                        <span class="cut">{tr!(section.name)}</span>
                                    </a>
                                }
                            })
                            .collect_view();
                        view! {
                            <div class="settings-group" role="group" aria-label=tr!(group)>
                                <p class="settings-group-name" aria-hidden="true">{tr!(group)}</p>
                                {lines}
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </nav>
    }
}

/// `/settings` itself: the first section that this person sees.
#[component]
pub fn FirstSection() -> impl IntoView {
    let first = session::me().and_then(|me| {
        sections::SECTIONS
            .iter()
            .find(|section| (section.seen)(&me))
            .map(sections::Section::path)
    });
    match first {
        Some(path) => view! { <Redirect path=path /> }.into_any(),
        None => view! {
            <EmptyState icon=Icon::Lock title=tr!("settings-nothing") text=Signal::derive(|| t!("settings-nothing-text")) />
        }
        .into_any(),
    }
}

/// A section's page: its heading with what can be done at the right, and the body.
#[component]
pub fn Page(
    #[prop(into)] title: Signal<String>,
    /// The buttons at the right of the heading.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="settings-body">
            <header class="settings-head">
                <h1 class="grow cut">{title}</h1>
                {actions.map(|actions| actions.run())}
            </header>
            {children()}
        </section>
    }
}
