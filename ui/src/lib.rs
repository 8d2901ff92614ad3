//! The Leptos application: one bundle for the desktop window and the browser.
//!
//! - [`kit`]: the components, on the tokens of `styles/`; the gallery (`/gallery`) shows each in every state.
//! - `frame`: what stands around every screen: rail, top bar, workspace tabs, status bar, palette, sign-in over the page.
//! - `transport`: the one door to the service, over the shell's IPC or over HTTP.
//! - [`forms`]: forms and fields as designers define them, drawn and checked.
//! - a module a screen: `sign_in`, `inbox`, `desk`, `attend`, `import`, `designer`, `operations`, `settings`, `gallery`.
//! - `parts`: which of them are fetched when they are first opened.
//!
//! **To add a screen**: a module with its component, a route in [`app`], its words in the `locale` room, its styles in
//! `styles/`. A screen has all of its states: loading, empty, failed, no permission, long text (see the kit's
//! `Loading`, `EmptyState`, `Failure`).

pub mod app;
mod approvals;
mod attend;
pub mod day;
mod deputy;
mod designer;
mod desk;
mod export;
pub mod format;
pub mod forms;
pub mod frame;
mod gallery;
mod import;
mod inbox;
pub mod kit;
mod listed;
pub mod loaded;
pub mod moment;
mod operations;
mod parts;
pub mod prefs;
pub mod problem;
pub mod remember;
pub mod session;
mod settings;
mod sign_in;
mod skills;
pub mod text;
pub mod transport;
mod why;

use wasm_bindgen::prelude::wasm_bindgen;

/// The browser calls this once the bundle is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
