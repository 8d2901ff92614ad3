//! The three windows. All load the same bundle; each opens at its own route and has its own capability.

use serde::Deserialize;
use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindowBuilder, webview::NewWindowResponse};
use url::Url;

pub const MAIN: &str = "main";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Main,
    Designer,
    Settings,
}

impl Kind {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Main => MAIN,
            Self::Designer => "designer",
            Self::Settings => "settings",
        }
    }

    const fn route(self) -> &'static str {
        match self {
            Self::Main => "/",
            Self::Designer => "/designer",
            Self::Settings => "/settings",
        }
    }

    /// Logical pixels, until the person chooses: then the window's last place and size are taken up.
    const fn size(self) -> (f64, f64) {
        match self {
            Self::Main => (1366.0, 768.0),
            Self::Designer => (1440.0, 900.0),
            Self::Settings => (1240.0, 720.0),
        }
    }
}

/// Brings the window to the front, opening it where it is closed.
pub fn open(app: &AppHandle, kind: Kind) -> tauri::Result<()> {
    if let Some(window) = app.get_webview_window(kind.label()) {
        window.unminimize()?;
        window.show()?;
        return window.set_focus();
    }
    let (width, height) = kind.size();
    WebviewWindowBuilder::new(app, kind.label(), WebviewUrl::App(kind.route().into()))
        .title("Engage")
        .inner_size(width, height)
        .min_inner_size(480.0, 480.0)
        // The page drags work items and shapes itself.
        .disable_drag_drop_handler()
        .zoom_hotkeys_enabled(true)
        .on_navigation(is_own)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_document_title_changed(|window, title| drop(window.set_title(&title)))
        .build()?;
    Ok(())
}

/// The bundle's own pages. Whatever else a page might lead to opens in the browser, by `open_link`.
fn is_own(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        "about" => url.as_str() == "about:blank",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_at_home() {
        for own in ["tauri://localhost/designer", "http://tauri.localhost/"] {
            assert!(is_own(&Url::parse(own).unwrap()), "{own}");
        }
        for foreign in [
            "https://elsewhere.example/",
            "https://tauri.localhost.elsewhere.example/",
            "file:///etc/passwd",
            "data:text/html,x",
            "about:srcdoc",
        ] {
            assert!(!is_own(&Url::parse(foreign).unwrap()), "{foreign}");
        }
    }
}
