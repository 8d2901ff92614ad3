//! The audit browser.

use leptos::prelude::*;

use super::Page;
use crate::tr;

/// What was done, by whom, with what result.
#[component]
pub fn AuditPage() -> impl IntoView {
    view! { <Page title=tr!("settings-audit")>""</Page> }
}
