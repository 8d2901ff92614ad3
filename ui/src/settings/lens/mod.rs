//! The security lens: look as another user, and ask why. `/settings/lens`: what a person may do; `…/who`: who may do a
//! thing. While one looks as somebody, [`Banner`] stands over every screen.

mod banner;
pub mod eyes;
mod rights;
mod who;

use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use super::Page;
use crate::{
    kit::{Choice, Segments},
    t, tr,
};

pub use banner::Banner;

/// Who may see what, and by which rule. Ids for tests: `lens-person`, `lens-look`, `lens-target`, `lens-field`, `lens-verb`,
/// `lens-answers`.
#[component]
pub fn LensPage() -> impl IntoView {
    let params = use_params_map();
    let part = Memo::new(move |_| params.with(|p| p.get("rest").unwrap_or_default()));
    let navigate = StoredValue::new(use_navigate());
    let parts = Signal::derive(|| {
        vec![
            Choice::new("", t!("lens-what-can")),
            Choice::new("who", t!("lens-who-can")),
        ]
    });
    view! {
        <Page
            title=tr!("settings-lens")
            actions=move || view! {
                <Segments
                    value=Signal::derive(move || part.get())
                    options=parts
                    label=tr!("settings-lens")
                    on_change=move |to: String| navigate.with_value(|go| go(&format!("/settings/lens/{to}"), Default::default()))
                />
            }
        >
            {move || if part.get() == "who" {
                view! { <who::Who /> }.into_any()
            } else {
                view! { <rights::Rights /> }.into_any()
            }}
        </Page>
    }
}
