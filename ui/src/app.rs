//! The application's root: preferences, keys, toasts and the routes.

use leptos::prelude::*;
use leptos_router::{
    components::{Route, Router, Routes},
    path,
};

use crate::{
    gallery::Gallery,
    kit::{self, Toasts},
    prefs::preferences,
};

#[component]
pub fn App() -> impl IntoView {
    preferences().wear();
    kit::listen_for_keys();
    view! {
        <Router>
            <Routes fallback=|| "…">
                <Route path=path!("/gallery") view=Gallery />
            </Routes>
        </Router>
        <Toasts />
    }
}
