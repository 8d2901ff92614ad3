//! The icon beside the clock: brings the windows back, and ends the application.

use kernel::Language;
use tauri::{
    App, AppHandle,
    image::Image,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::TrayIconBuilder,
};

use crate::windows::{self, Kind};

const QUIT: &str = "quit";

/// A desktop without a place for such icons is no reason not to start.
pub fn show(app: &App, language: Language) {
    if let Err(error) = build(app, language) {
        tracing::info!(%error, "no tray icon");
    }
}

fn build(app: &App, language: Language) -> tauri::Result<()> {
    let [open, designer, settings, quit] = [
        "shell-open",
        "shell-designer",
        "shell-settings",
        "shell-quit",
    ]
    .map(|key| locale::text(language, key));
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, Kind::Main.label(), open, true, None::<&str>)?,
            &MenuItem::with_id(app, Kind::Designer.label(), designer, true, None::<&str>)?,
            &MenuItem::with_id(app, Kind::Settings.label(), settings, true, None::<&str>)?,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, QUIT, quit, true, None::<&str>)?,
        ],
    )?;
    TrayIconBuilder::with_id("engage")
        .icon(Image::from_bytes(include_bytes!("../../icons/tray.png"))?)
        .tooltip("Engage")
        .menu(&menu)
        .show_menu_on_left_click(true)
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .build(app)?;
    Ok(())
}

fn chosen(app: &AppHandle, item: &str) {
    let kind = match item {
        QUIT => return app.exit(0),
        "designer" => Kind::Designer,
        "settings" => Kind::Settings,
        _ => Kind::Main,
    };
    if let Err(error) = windows::open(app, kind) {
        tracing::warn!(%error, "the window did not open");
    }
}
