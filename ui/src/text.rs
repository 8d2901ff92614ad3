//! Words on the screen: [`t!`] gives a sentence now, [`tr!`] one that follows the language as it changes.
//!
//! Sentences live in the `locale` room (`kit.ftl`, `agent.ftl`, …), never in a component.

use locale::FluentValue;

use crate::prefs::preferences;

/// A sentence of the catalogue in the reader's language. Read inside an effect or a view it follows the language.
pub fn say(key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    locale::text_with(preferences().language(), key, args)
}

/// `t!("inbox-title")`, `t!("grid-total", count = 12)`: the sentence, as a `String`.
#[macro_export]
macro_rules! t {
    ($key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::text::say($key, &[$((stringify!($name), ::locale::FluentValue::from($value))),*])
    };
}

/// Like [`t!`], as a closure: for a view or a `Signal<String>` that must follow the language.
#[macro_export]
macro_rules! tr {
    ($($all:tt)*) => { move || $crate::t!($($all)*) };
}
