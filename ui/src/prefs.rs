//! What this person chose about the screen: language, region, theme, density, single keys. Kept on this device; the
//! script `theme.js` reads the same record before the first paint.

use std::sync::LazyLock;

use kernel::Language;
use leptos::{prelude::*, reactive::graph::Observer};
use serde::{Deserialize, Serialize};

use crate::remember;

const KEY: &str = "engage.preferences";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the operating system says, also when it changes.
    #[default]
    System,
    Light,
    Dark,
    Contrast,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    Compact,
    #[default]
    Normal,
    Roomy,
}

/// How dates, numbers and amounts are written. Apart from the language: an English speaker in Lima reads es-PE figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Region {
    #[serde(rename = "es-AR")]
    Argentina,
    #[serde(rename = "es-PE")]
    Peru,
    #[serde(rename = "es-MX")]
    Mexico,
    #[serde(rename = "es-ES")]
    Spain,
    #[serde(rename = "en-US")]
    UnitedStates,
}

impl Region {
    pub const ALL: [Self; 5] = [
        Self::Argentina,
        Self::Peru,
        Self::Mexico,
        Self::Spain,
        Self::UnitedStates,
    ];

    pub const fn tag(self) -> &'static str {
        match self {
            Self::Argentina => "es-AR",
            Self::Peru => "es-PE",
            Self::Mexico => "es-MX",
            Self::Spain => "es-ES",
            Self::UnitedStates => "en-US",
        }
    }

    /// The tag for Intl: the region's figures, but names of days and months in the language of the screen.
    pub const fn written_in(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Argentina, Language::En) => "en-AR",
            (Self::Peru, Language::En) => "en-PE",
            (Self::Mexico, Language::En) => "en-MX",
            (Self::Spain, Language::En) => "en-ES",
            (Self::UnitedStates, Language::Es) => "es-US",
            (own, _) => own.tag(),
        }
    }

    fn of_browser() -> Self {
        let tag = web_sys::window().and_then(|w| w.navigator().language());
        let tag = tag.unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|region| region.tag().eq_ignore_ascii_case(&tag))
            .unwrap_or(if tag.starts_with("en") {
                Self::UnitedStates
            } else {
                Self::Argentina
            })
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default)]
    language: Option<Language>,
    #[serde(default)]
    region: Option<Region>,
    #[serde(default)]
    theme: Theme,
    #[serde(default)]
    density: Density,
    /// WCAG 2.1.4: keys without a modifier can be switched off.
    #[serde(default)]
    no_single_keys: bool,
}

/// The choices as signals. One for the page, reached by [`preferences`] from anywhere, event handlers included.
pub struct Preferences {
    kept: ArcRwSignal<Kept>,
}

static PREFERENCES: LazyLock<Preferences> = LazyLock::new(|| Preferences {
    kept: ArcRwSignal::new(remember::read(KEY).unwrap_or_default()),
});

pub fn preferences() -> &'static Preferences {
    &PREFERENCES
}

impl Preferences {
    pub fn language(&self) -> Language {
        self.read(|kept| kept.language).unwrap_or_else(|| {
            let tag = web_sys::window().and_then(|w| w.navigator().language());
            Language::negotiate(&tag.unwrap_or_default())
        })
    }
    pub fn region(&self) -> Region {
        self.read(|kept| kept.region)
            .unwrap_or_else(Region::of_browser)
    }
    /// The BCP 47 tag by which dates and numbers are written.
    pub fn format_tag(&self) -> &'static str {
        self.region().written_in(self.language())
    }
    pub fn theme(&self) -> Theme {
        self.read(|kept| kept.theme)
    }
    pub fn density(&self) -> Density {
        self.read(|kept| kept.density)
    }
    pub fn single_keys(&self) -> bool {
        self.read(|kept| !kept.no_single_keys)
    }
    /// The height of a row in a list or grid, in CSS pixels.
    pub fn row_height(&self) -> f64 {
        match self.density() {
            Density::Compact => 26.0,
            Density::Normal => 32.0,
            Density::Roomy => 40.0,
        }
    }

    pub fn set_language(&self, language: Language) {
        self.change(|kept| kept.language = Some(language));
    }
    pub fn set_region(&self, region: Region) {
        self.change(|kept| kept.region = Some(region));
    }
    pub fn set_theme(&self, theme: Theme) {
        self.change(|kept| kept.theme = theme);
    }
    pub fn set_density(&self, density: Density) {
        self.change(|kept| kept.density = density);
    }
    pub fn set_single_keys(&self, on: bool) {
        self.change(|kept| kept.no_single_keys = !on);
    }

    // A sentence is asked for in event handlers too, where nothing follows it: reading there is no mistake.
    fn read<T>(&self, read: impl FnOnce(&Kept) -> T) -> T {
        if Observer::get().is_some() {
            self.kept.track();
        }
        self.kept.with_untracked(read)
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) {
        self.kept.update(change);
        self.kept.with_untracked(|kept| remember::write(KEY, kept));
    }

    /// Puts the choices on the page's root and keeps them there. Called once, at the start.
    pub fn wear(&'static self) {
        Effect::new(move |_| {
            let language = self.language().tag();
            let theme = match self.theme() {
                Theme::Light => "light",
                Theme::Dark => "dark",
                Theme::Contrast => "contrast",
                Theme::System => system_theme(),
            };
            let density = match self.density() {
                Density::Compact => "compact",
                Density::Normal => "normal",
                Density::Roomy => "roomy",
            };
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("lang", language);
                let _ = root.set_attribute("data-theme", theme);
                let _ = root.set_attribute("data-density", density);
            }
        });
        // The system's choice may change under a running page.
        for query in ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"] {
            if let Ok(Some(list)) = window().match_media(query) {
                let changed =
                    wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || self.change(|_| ()));
                let _ = list.add_event_listener_with_callback(
                    "change",
                    wasm_bindgen::JsCast::unchecked_ref(changed.as_ref()),
                );
                changed.forget();
            }
        }
    }
}

fn system_theme() -> &'static str {
    let asks = |query: &str| {
        window()
            .match_media(query)
            .ok()
            .flatten()
            .is_some_and(|list| list.matches())
    };
    if asks("(prefers-contrast: more)") {
        "contrast"
    } else if asks("(prefers-color-scheme: dark)") {
        "dark"
    } else {
        "light"
    }
}
