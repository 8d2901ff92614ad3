//! The organisation: units as a tree, who reports to whom, positions, external participants, and their import.

mod import;
mod positions;
mod reporting;
mod unit;
mod units;

use access::Verb;
use leptos::prelude::*;

use crate::{
    kit::{Button, Icon, Tab, Tabs},
    remember::remembered,
    settings::{Page, parts::may},
    t, tr,
};

/// Ids for tests: `tab-units`, `unit-new`, `organisation-import`.
#[component]
pub fn OrganisationPage() -> impl IntoView {
    let part = remembered("engage.organisation.part", "units".to_owned());
    let importing = RwSignal::new(false);
    let again = RwSignal::new(0_u64);
    let (units, users, positions) = (
        may(Verb::Create, "unit"),
        may(Verb::Create, "user"),
        may(Verb::Create, "position"),
    );
    let brings = move || units.get() || users.get() || positions.get();
    let actions = ViewFn::from(move || {
        view! {
            <Show when=brings>
                <Button id="organisation-import" label=tr!("organisation-import") icon=Icon::FileUp on_press=move || importing.set(true) />
            </Show>
        }
    });
    view! {
        <Page title=tr!("settings-organisation") actions=actions>
            <Tabs
                chosen=part
                label=tr!("settings-organisation")
                tabs=vec![
                    Tab::new("units", Signal::derive(|| t!("organisation-units"))),
                    Tab::new("reporting", Signal::derive(|| t!("organisation-reporting"))),
                    Tab::new("positions", Signal::derive(|| t!("organisation-positions"))),
                    Tab::new("external", Signal::derive(|| t!("organisation-external"))),
                ]
            />
            <div class="organisation-part" role="tabpanel">
                {move || match part.get().as_str() {
                    "reporting" => view! { <reporting::Reporting again=again external=false /> }.into_any(),
                    "external" => view! { <reporting::Reporting again=again external=true /> }.into_any(),
                    "positions" => view! { <positions::Positions again=again /> }.into_any(),
                    _ => view! { <units::Units again=again /> }.into_any(),
                }}
            </div>
            <import::ImportDialog open=importing again=again />
        </Page>
    }
}
