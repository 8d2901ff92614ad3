//! Operations: what is stuck and how it goes on, jobs that failed for good, running tasks that move to a newer version.
//!
//! - [`incidents`]: open incidents by cause, tried again one by one or all of a cause.
//! - [`letters`]: dead letters, begun anew.
//! - [`moves`]: what would become of the running tasks of a process, and the order to move them.
//! - [`order`]: how far an order for many is, what it did not do and why; the last orders.
//! - [`listed`]: a list that is read part by part. [`pairs`]: names with values, typed in.
//!
//! The address says which part is shown: `/operations`, `/operations/letters`, `/operations/moves`.

mod accept;
mod incidents;
mod letters;
mod moves;
mod order;
mod pairs;

use access::Verb;
use kernel::Id;
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::{
    kit::{EmptyState, Icon, IconButton, Tab, Tabs, every},
    session, t, tr,
    transport::live,
};

fn may(verb: Verb, entity: &'static str) -> bool {
    untrack(session::me).is_some_and(|me| me.permissions.may(verb, entity))
}

/// Ids for tests: `operations`, `tab-incidents`, `tab-letters`, `tab-moves`, `operations-refresh`, and those of the parts.
#[component]
pub fn Operations() -> impl IntoView {
    let mut tabs: Vec<Tab> = Vec::new();
    if may(Verb::Read, "incident") {
        tabs.push(Tab::new(
            "incidents",
            Signal::derive(|| t!("operations-incidents")),
        ));
        tabs.push(Tab::new(
            "letters",
            Signal::derive(|| t!("operations-letters")),
        ));
    }
    if may(Verb::Change, "instance") {
        tabs.push(Tab::new("moves", Signal::derive(|| t!("operations-moves"))));
    }
    let keys: Vec<&'static str> = tabs.iter().map(|tab| tab.key).collect();
    let Some(first) = keys.first().copied() else {
        return view! {
            <EmptyState
                icon=Icon::Lock
                title=tr!("kit-no-permission")
                text=Signal::derive(|| t!("operations-no-permission"))
            />
        }
        .into_any();
    };
    let known = StoredValue::new(keys);
    let params = use_params_map();
    let of_address = Memo::new(move |_| {
        let part = params.with(|params| params.get("part").unwrap_or_default());
        known.with_value(|known| {
            let found = known.iter().find(|key| **key == part).copied();
            found.unwrap_or(first).to_owned()
        })
    });
    let chosen = RwSignal::new(of_address.get_untracked());
    Effect::new(move |_| {
        let part = of_address.get();
        if chosen.with_untracked(|chosen| *chosen != part) {
            chosen.set(part);
        }
    });
    let navigate = StoredValue::new(use_navigate());
    Effect::new(move |_| {
        let part = chosen.get();
        if of_address.with_untracked(|shown| *shown != part) {
            let path = match part.as_str() {
                "incidents" => "/operations".to_owned(),
                part => format!("/operations/{part}"),
            };
            navigate.with_value(|navigate| navigate(&path, Default::default()));
        }
    });
    // Pressed, or time to look again: what is in sight is read anew.
    let pulse = RwSignal::new(0_u64);
    view! {
        <section class="operations" id="operations" aria-label=tr!("place-operations")>
            <header class="operations-head">
                <h1 class="grow">{tr!("place-operations")}</h1>
                <IconButton
                    id="operations-refresh"
                    icon=Icon::Refresh
                    label=tr!("operations-refresh")
                    on_press=move || pulse.update(|pulse| *pulse += 1)
                />
            </header>
            <Tabs chosen=chosen label=tr!("operations-parts") tabs=tabs />
            <div class="operations-part" role="tabpanel" aria-labelledby=move || format!("tab-{}", chosen.get())>
                {move || match chosen.get().as_str() {
                    "letters" => view! { <letters::Letters pulse=pulse /> }.into_any(),
                    "moves" => view! { <moves::Moves pulse=pulse /> }.into_any(),
                    _ => view! { <incidents::Incidents pulse=pulse /> }.into_any(),
                }}
            </div>
        </section>
    }
    .into_any()
}

/// Raises `pulse` when something happened to what runs, at most every two seconds however much happens, and now and then
/// by itself: not everything is told.
fn lively(pulse: RwSignal<u64>) {
    let heard = StoredValue::new(false);
    let quiet = StoredValue::new(0_u32);
    live::follow(&["instance"], move |_: api::events::LiveEvent| {
        heard.try_set_value(true);
    });
    every(2_000, move || {
        let looked_long_ago = quiet.try_update_value(|quiet| {
            *quiet += 1;
            *quiet >= 10
        });
        if heard.try_get_value() == Some(true) || looked_long_ago == Some(true) {
            heard.try_set_value(false);
            quiet.try_set_value(0);
            pulse.try_update(|pulse| *pulse += 1);
        }
    });
}

/// For whom something runs, with the way there; and the way to what runs.
#[component]
fn Whose<I: 'static>(
    instance: Option<Id<I>>,
    customer: Option<Id<api::of::Customer>>,
    name: Option<String>,
) -> impl IntoView {
    let who = match (customer, name) {
        (Some(customer), name) => {
            let name = name.unwrap_or_else(|| t!("operations-unnamed"));
            view! { <a class="strong" href=format!("/customers/{customer}")>{name}</a> }.into_any()
        }
        (None, _) => view! { <span class="weak">{tr!("operations-nobody")}</span> }.into_any(),
    };
    view! {
        <span class="row operations-whose">
            {who}
            {instance
                .map(|instance| {
                    view! { <a class="small" href=format!("/instances/{instance}")>{tr!("operations-open")}</a> }
                })}
        </span>
    }
}
