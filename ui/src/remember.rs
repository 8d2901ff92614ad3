//! What this device remembers between starts: widths, open tabs, chosen columns, unsent drafts. Nothing secret: whoever
//! sits at this device can read it, so a session token never comes here.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

fn storage() -> Option<web_sys::Storage> {
    web_sys::window().and_then(|window| window.local_storage().ok().flatten())
}

pub fn read<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// A device that cannot remember (private window, full disk) works on without memory.
pub fn write<T: Serialize>(key: &str, value: &T) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        let _ = storage.set_item(key, &text);
    }
}

pub fn forget(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}

/// A signal that begins with what was remembered under `key` and is remembered whenever it changes.
pub fn remembered<T>(key: impl Into<String>, first: T) -> RwSignal<T>
where
    T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
{
    let key = key.into();
    let signal = RwSignal::new(read(&key).unwrap_or(first));
    Effect::new(move |before: Option<()>| {
        let value = signal.get();
        if before.is_some() {
            write(&key, &value);
        }
    });
    signal
}
