//! The desktop shell: windows, tray, deep links, the session's token, and the one door through which the page reaches
//! the service.
//!
//! There is no business logic and no SQL here. In **embedded** mode the service runs inside this process and its router
//! is called directly, without a port; in **client-server** mode the same requests travel to a company's service. The page
//! does not know which: it hands a [`door::Call`] to the shell and gets a [`door::Answer`] back. It sees neither the
//! session's token nor the service's address.
//!
//! What can be said without a window lives in modules that know no Tauri ([`door`], [`session`], [`events`], [`backend`],
//! [`settings`], [`link`]) and is tested there; [`commands`] and [`app`] are the thin rest. To offer the page something
//! new: a function in [`commands`], its name in `build.rs`, and `allow-…` in the capability of each window that needs it.

pub mod backend;
pub mod door;
pub mod events;
pub mod link;
pub mod provider;
pub mod secrets;
pub mod session;
pub mod settings;

mod app;
mod commands;
mod embedded;
mod graphics;
mod listeners;
mod shell;
mod tray;
mod windows;

pub use app::run;

/// The language of the desktop, for the few words that are the shell's own.
fn language() -> kernel::Language {
    sys_locale::get_locale().map_or_else(kernel::Language::default, |locale| {
        kernel::Language::negotiate(&locale)
    })
}
