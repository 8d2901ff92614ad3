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
    gallery::Gallery,
    inbox::Inbox,
    kit::{self, EmptyState, Icon, Toasts},
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
                <Route path=path!("/gallery") view=Gallery />
                <Route path=path!("/sign-in/return") view=crate::sign_in::Return />
                <ParentRoute path=path!("") view=Frame>
                    <Route path=path!("") view=|| view! { <Redirect path="/inbox" /> } />
                    <Route path=path!("inbox") view=Inbox />
                    <Route path=path!("work-items/:id") view=Attend />
                    <Route path=path!("customers") view=Customers />
                    <Route path=path!("customers/:id") view=CustomerPage />
                    <Route path=path!("instances/:id") view=InstancePage />
                    <Route path=path!("designer") view=crate::designer::Definitions />
                    <Route path=path!("designer/:kind/:key") view=crate::designer::DefinitionPage />
                    <Route path=path!("import") view=crate::import::Imports />
                    <Route path=path!("import/:id") view=crate::import::ImportPage />
                    <ParentRoute path=path!("settings") view=crate::settings::Settings>
                        <Route path=path!("") view=crate::settings::FirstSection />
                        <Route path=path!("organisation") view=crate::settings::organisation::OrganisationPage />
                        <Route path=path!("users/:id?") view=crate::settings::users::UsersPage />
                        <Route path=path!("groups/:key?") view=crate::settings::groups::GroupsPage />
                        <Route path=path!("roles/:key?") view=crate::settings::roles::RolesPage />
                        <Route path=path!("sessions") view=crate::settings::sessions::SessionsPage />
                        <Route path=path!("sign-in") view=crate::sign_in::SignInRules />
                        <Route path=path!("audit/*rest") view=crate::settings::audit::AuditPage />
                        <Route path=path!("lens/*rest") view=crate::settings::lens::LensPage />
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
