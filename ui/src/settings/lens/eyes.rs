//! With whose eyes this window looks: kept for the tab, so that it survives a reload and no other tab is touched.

use std::sync::LazyLock;

use api::lens::{Look, Seen};
use leptos::prelude::*;

use crate::{problem::Problem, session, transport};

const KEY: &str = "engage.lens";

static EYES: LazyLock<ArcRwSignal<Option<Seen>>> = LazyLock::new(|| ArcRwSignal::new(kept()));

fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

fn kept() -> Option<Seen> {
    let text = storage()?.get_item(KEY).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Whose eyes; `None`: one's own.
pub fn eyes() -> Option<Seen> {
    EYES.get()
}

/// Whether one looks as somebody else just now.
pub fn is_looking() -> bool {
    EYES.with_untracked(Option::is_some)
}

/// The header's value for a request to this path. About the lens itself one asks as oneself.
pub fn header(path: &str) -> Option<String> {
    if path.starts_with(api::path::LENS) {
        return None;
    }
    EYES.with_untracked(|eyes| eyes.as_ref().map(|seen| seen.id.to_string()))
}

/// Begins to look as this user; every screen is drawn anew as they would see it.
pub async fn look(user: kernel::Id<api::of::User>) -> Result<(), Problem> {
    let seen: Seen = transport::post(api::path::LENS, &Look { user }).await?;
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&seen)) {
        let _ = storage.set_item(KEY, &text);
    }
    EYES.set(Some(seen));
    session::begin().await;
    Ok(())
}

/// One's own eyes again.
pub async fn leave() {
    let seen = EYES.get_untracked();
    if let Some(storage) = storage() {
        let _ = storage.remove_item(KEY);
    }
    EYES.set(None);
    if let Some(seen) = seen {
        // The trail knows already that it began; not to be able to say that it ended keeps nobody inside.
        let _ = transport::delete(api::path::LENS, &[("user", seen.id.to_string())]).await;
    }
    session::begin().await;
}
