//! The audit browser: the trail and its facets, one entry with what it changed, a record as it was, how much is recorded,
//! and whether the chain is whole.
//!
//! The address holds what is shown (`asked`): every view is a link. `/settings/audit`, `…/levels`, `…/integrity`,
//! `…/past/ENTITY/ID?at=`.

mod asked;
mod entry;
mod facets;
mod integrity;
mod levels;
mod past;
mod trail;

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::Page;
use crate::{
    kit::{Choice, Segments},
    t, tr,
};

/// What was done, by whom, with what result. Ids for tests: `audit-rows`, `entry-ID`, `audit-entry`, `audit-search`,
/// `audit-range`, `audit-export`, `facet-NAME-KEY`, `audit-as-of`, `past-at`, `past-FIELD`, `level-MODULE-ENTITY`,
/// `audit-verify`.
#[component]
pub fn AuditPage() -> impl IntoView {
    let params = use_params_map();
    let rest = Memo::new(move |_| params.with(|params| params.get("rest").unwrap_or_default()));
    let part =
        Memo::new(move |_| rest.with(|rest| rest.split('/').next().unwrap_or_default().to_owned()));
    let navigate = StoredValue::new(use_navigate());
    let parts = Signal::derive(|| {
        vec![
            Choice::new("", t!("audit-trail")),
            Choice::new("levels", t!("audit-levels")),
            Choice::new("integrity", t!("audit-integrity")),
        ]
    });
    view! {
        <Page
            title=tr!("settings-audit")
            actions=move || {
                view! {
                    <Segments
                        value=Signal::derive(move || part.get())
                        options=parts
                        label=tr!("settings-audit")
                        on_change=move |to: String| {
                            navigate.with_value(|go| go(&format!("/settings/audit/{to}"), Default::default()));
                        }
                    />
                }
            }
        >
            {move || match part.get().as_str() {
                "levels" => view! { <levels::Levels /> }.into_any(),
                "integrity" => view! { <integrity::Integrity /> }.into_any(),
                "past" => {
                    let rest = rest.get();
                    let mut of = rest.splitn(3, '/').skip(1).map(str::to_owned);
                    let (entity, id) = (of.next().unwrap_or_default(), of.next().unwrap_or_default());
                    view! { <past::PastPage entity=entity id=id /> }.into_any()
                }
                _ => view! { <trail::Trail /> }.into_any(),
            }}
        </Page>
    }
}
