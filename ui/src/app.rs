//! The application's root: preferences, keys, toasts and the routes.

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use crate::{
    attend::Attend,
    desk::{CustomerPage, Customers, InstancePage},
    frame::Frame,
    inbox::Inbox,
    kit::{self, EmptyState, Icon, Toasts},
    parts::{self, Fetched},
    prefs::preferences,
    tr,
};

#[component]
pub fn App() -> impl IntoView {
    preferences().wear();
    kit::listen_for_keys();
    view! {
        <Router>
            <Routes fallback=Nowhere>
                <Route path=path!("/gallery") view=Fetched(parts::gallery) />
                <Route path=path!("/sign-in/return") view=crate::sign_in::Return />
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=|| view! { <Redirect path="/inbox" /> } />
                    <Route path=path!("inbox") view=Inbox />
                    <Route path=path!("work-items/:id") view=Attend />
                    <Route path=path!("customers") view=Customers />
                    <Route path=path!("customers/:id") view=CustomerPage />
                    <Route path=path!("instances/:id") view=InstancePage />
                    <Route path=path!("approvals") view=crate::approvals::Approvals />
                    <Route path=path!("designer") view=Fetched(parts::definitions) />
                    <Route path=path!("designer/:kind/:key") view=Fetched(parts::definition) />
                    <Route path=path!("import") view=Fetched(parts::imports) />
                    <Route path=path!("import/:id") view=Fetched(parts::one_import) />
                    <Route path=path!("operations/:part?") view=Fetched(parts::operations) />
                    <ParentRoute path=path!("settings") view=Fetched(parts::settings)>
                        <Route path=path!("") view=Fetched(parts::first_section) />
                        <Route path=path!("organisation") view=Fetched(parts::organisation) />
                        <Route path=path!("users/:id?") view=Fetched(parts::users) />
                        <Route path=path!("groups/:key?") view=Fetched(parts::groups) />
                        <Route path=path!("roles/:key?") view=Fetched(parts::roles) />
                        <Route path=path!("sessions") view=Fetched(parts::sessions) />
                        <Route path=path!("sign-in") view=Fetched(parts::sign_in_rules) />
                        <Route path=path!("audit/*rest") view=Fetched(parts::audit) />
                        <Route path=path!("lens/*rest") view=Fetched(parts::lens) />
                    </ParentRoute>
                    <Route path=path!("*rest") view=Nowhere />
                </ParentRoute>
            </Routes>
        </Router>
        <Toasts />
    }
}

/// A path that leads nowhere: an old link, a typing error.
#[component]
fn Nowhere() -> impl IntoView {
    view! {
        <EmptyState icon=Icon::Search title=tr!("nowhere-title") text=Signal::derive(|| crate::t!("nowhere-text"))>
            <a class="button" href="/inbox">{tr!("nowhere-home")}</a>
        </EmptyState>
    }
}
