//! The security lens.

use leptos::prelude::*;

use super::Page;
use crate::tr;

/// What somebody sees, and which rule hides the rest.
#[component]
pub fn LensPage() -> impl IntoView {
    view! { <Page title=tr!("settings-lens")>""</Page> }
}
