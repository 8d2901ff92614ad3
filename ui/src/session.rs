//! Who is signed in.

use std::sync::LazyLock;

use api::{
    path,
    session::{Me, Preferences, SignIn, SignedIn, Welcome},
};
use kernel::Language;
use leptos::prelude::*;

use crate::{
    prefs::{Density, Region, Theme, preferences},
    problem::{Problem, ProblemKind},
    remember, transport,
};

/// What the page may show.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Not asked yet.
    Unknown,
    Out,
    In(Box<Me>),
    /// The service cannot say.
    Unreachable(Problem),
}

static STANDING: LazyLock<ArcRwSignal<Standing>> =
    LazyLock::new(|| ArcRwSignal::new(Standing::Unknown));

pub fn standing() -> ArcRwSignal<Standing> {
    STANDING.clone()
}

/// Who is signed in; `None` before and after.
pub fn me() -> Option<Me> {
    match STANDING.get() {
        Standing::In(me) => Some(*me),
        _ => None,
    }
}

/// Asks the service who we are.
pub async fn begin() {
    STANDING.set(Standing::Unknown);
    match transport::get::<Me>(path::SESSION, &[]).await {
        Ok(me) => enter(me),
        Err(problem) if problem.kind == ProblemKind::SignedOut => STANDING.set(Standing::Out),
        Err(problem) => STANDING.set(Standing::Unreachable(problem)),
    }
}

/// Asks again what this person may do, because somebody has changed it. A screen that asks what is permitted follows.
pub async fn again() {
    if let Ok(now) = transport::get::<Me>(path::SESSION, &[]).await
        && let Standing::In(before) = STANDING.get_untracked()
        && before.id == now.id
        && *before != now
    {
        STANDING.set(Standing::In(Box::new(now)));
    }
}

pub async fn welcome() -> Result<Welcome, Problem> {
    transport::get(path::WELCOME, &[]).await
}

/// Signs in. Over a page whose session ended the same person goes on where they were; another one gets a fresh page.
pub async fn sign_in(login: &str, password: &str, code: Option<String>) -> Result<(), Problem> {
    let request = SignIn {
        login: login.to_owned(),
        password: password.to_owned(),
        code,
    };
    entered(transport::post(path::SESSION, &request).await?);
    Ok(())
}

/// Somebody has come in, by whatever way.
pub fn entered(signed_in: SignedIn) {
    remember::write("engage.login", &signed_in.me.login);
    let before = STANDING.get_untracked();
    match before {
        Standing::In(before) if before.id != signed_in.me.id => {
            let _ = window().location().set_href("/");
        }
        Standing::In(_) => {
            transport::resume();
            transport::live::listen();
        }
        _ => enter(signed_in.me),
    }
}

pub async fn sign_out() -> Result<(), Problem> {
    transport::delete(path::SESSION, &[]).await?;
    transport::live::stop();
    STANDING.set(Standing::Out);
    Ok(())
}

fn enter(mut me: Me) {
    if crate::settings::lens::eyes::is_looking() {
        // The other's eyes, not their language and colours; and their password is theirs to change.
        me.must_change_password = false;
    } else {
        wear(&me.preferences);
    }
    STANDING.set(Standing::In(Box::new(me)));
    transport::resume();
    transport::live::listen();
}

/// Takes over what this person chose at another desk. Someone who never chose keeps this device's choices.
fn wear(kept: &Preferences) {
    let prefs = preferences();
    let Some(locale) = &kept.locale else { return };
    prefs.set_language(kept.language);
    if let Some(region) = Region::ALL
        .into_iter()
        .find(|region| region.tag() == locale)
    {
        prefs.set_region(region);
    }
    match kept.theme.as_deref() {
        Some("light") => prefs.set_theme(Theme::Light),
        Some("dark") => prefs.set_theme(Theme::Dark),
        Some("contrast") => prefs.set_theme(Theme::Contrast),
        Some(_) => prefs.set_theme(Theme::System),
        None => {}
    }
    match kept.density.as_deref() {
        Some("compact") => prefs.set_density(Density::Compact),
        Some("roomy") => prefs.set_density(Density::Roomy),
        Some(_) => prefs.set_density(Density::Normal),
        None => {}
    }
}

/// Tells the service what was chosen, so that it is the same at every desk. It matters to nobody when that fails: the
/// device remembers too.
pub fn keep_preferences() {
    let Some(me) = untrack(me) else { return };
    let prefs = preferences();
    let kept = untrack(|| Preferences {
        language: prefs.language(),
        locale: Some(prefs.region().tag().to_owned()),
        theme: Some(
            match prefs.theme() {
                Theme::System => "system",
                Theme::Light => "light",
                Theme::Dark => "dark",
                Theme::Contrast => "contrast",
            }
            .to_owned(),
        ),
        density: Some(
            match prefs.density() {
                Density::Compact => "compact",
                Density::Normal => "normal",
                Density::Roomy => "roomy",
            }
            .to_owned(),
        ),
        screens: me.preferences.screens.clone(),
    });
    leptos::task::spawn_local(async move {
        let _: Result<serde_json::Value, Problem> = transport::put(path::PREFERENCES, &kept).await;
    });
}

/// The other language.
pub fn other(language: Language) -> Language {
    match language {
        Language::Es => Language::En,
        Language::En => Language::Es,
    }
}
