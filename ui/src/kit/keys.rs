//! Keys: what can be pressed here, said in one place, so that the status bar, tooltips and the palette tell the same.

use std::sync::LazyLock;

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

use crate::prefs::preferences;

/// A key and what it does, for the status bar.
#[derive(Clone)]
pub struct KeyHint {
    pub keys: String,
    pub label: Signal<String>,
}

#[derive(Clone)]
struct Shortcut {
    number: u64,
    hint: KeyHint,
    run: Callback<()>,
    everywhere: bool,
}

static SHORTCUTS: LazyLock<ArcRwSignal<Vec<Shortcut>>> =
    LazyLock::new(|| ArcRwSignal::new(Vec::new()));

/// `keys` (such as `Ctrl+K`, `J`, `Alt+ArrowLeft`, `?`) runs `run` for as long as the owner lives. Of two with the same
/// keys the later one wins: a dialog over a page takes its keys. Keys without Ctrl or Alt rest while somebody types, and
/// altogether where the person switched them off (WCAG 2.1.4).
pub fn shortcut(keys: &str, label: impl Into<Signal<String>>, run: impl Into<Callback<()>>) {
    register(keys, label.into(), run.into(), false);
}

/// A key of the frame: works on every screen, and is told after the screen's own.
pub fn shortcut_everywhere(
    keys: &str,
    label: impl Into<Signal<String>>,
    run: impl Into<Callback<()>>,
) {
    register(keys, label.into(), run.into(), true);
}

fn register(keys: &str, label: Signal<String>, run: Callback<()>, everywhere: bool) {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let shortcut = Shortcut {
        number,
        hint: KeyHint {
            keys: keys.to_owned(),
            label,
        },
        run,
        everywhere,
    };
    SHORTCUTS.update(|all| all.push(shortcut));
    on_cleanup(move || SHORTCUTS.update(|all| all.retain(|one| one.number != number)));
}

/// The keys that work now: the screen's own first, in its order. What two keys do is told once.
pub fn hints() -> Vec<KeyHint> {
    let all = SHORTCUTS.with(Vec::clone);
    let mut told: Vec<(String, String)> = Vec::new();
    let (everywhere, own): (Vec<Shortcut>, Vec<Shortcut>) =
        all.into_iter().partition(|one| one.everywhere);
    own.into_iter()
        .chain(everywhere)
        .filter(|one| {
            let label = one.hint.label.get();
            let fresh = !told
                .iter()
                .any(|(keys, said)| *keys == one.hint.keys || *said == label);
            told.push((one.hint.keys.clone(), label));
            fresh
        })
        .map(|one| one.hint)
        .collect()
}

/// The name of what was pressed, in the form that [`shortcut`] takes.
pub fn chord(event: &web_sys::KeyboardEvent) -> String {
    let key = event.key();
    let mut name = String::new();
    if event.ctrl_key() || event.meta_key() {
        name.push_str("Ctrl+");
    }
    if event.alt_key() {
        name.push_str("Alt+");
    }
    let letter = key.chars().count() == 1;
    // `?` is Shift and something else on every keyboard, but which differs: the character says enough.
    if event.shift_key() && (!letter || key.chars().all(char::is_alphabetic)) {
        name.push_str("Shift+");
    }
    name.push_str(&if letter { key.to_uppercase() } else { key });
    name
}

/// Hears every key of the page. Called once, by the application.
pub fn listen_for_keys() {
    let handle = window_event_listener(ev::keydown, |event| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let pressed = chord(&event);
        let bare = !pressed.starts_with("Ctrl+") && !pressed.starts_with("Alt+");
        let resting = !preferences().single_keys() || types_text(&event);
        if bare && pressed != "Escape" && !is_function_key(&pressed) && resting {
            return;
        }
        let found = SHORTCUTS.with_untracked(|all| {
            all.iter()
                .rev()
                .find(|one| one.hint.keys == pressed)
                .cloned()
        });
        if let Some(found) = found {
            event.prevent_default();
            found.run.try_run(());
        }
    });
    on_cleanup(move || handle.remove());
}

fn is_function_key(name: &str) -> bool {
    name.trim_start_matches("Shift+")
        .strip_prefix('F')
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
}

/// Whether the key goes into something that a person writes in.
fn types_text(event: &web_sys::KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| {
            let tag = element.tag_name();
            let kind = element.get_attribute("type").unwrap_or_default();
            let ticks = matches!(kind.as_str(), "checkbox" | "radio" | "button" | "submit");
            matches!(tag.as_str(), "TEXTAREA" | "SELECT")
                || (tag == "INPUT" && !ticks)
                || element.is_content_editable()
        })
}
