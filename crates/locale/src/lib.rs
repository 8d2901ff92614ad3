//! What the product says, in Spanish and English, as [Fluent](https://projectfluent.org) catalogues that are compiled in.
//!
//! **To add a sentence**: the same key with the same arguments in `locales/es/<file>.ftl` and `locales/en/<file>.ftl`; a
//! test holds the two equal. **To add a file**: two files and a line in `catalogues!` below.
//!
//! Keys: `error-<code>` for every code of `kernel`, `problem-<code>` for what is wrong with one value, `noun-<what>` for
//! the things that errors speak of, all else by screen.

use std::sync::OnceLock;

pub use fluent_bundle::FluentValue;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use kernel::Language;

macro_rules! catalogues {
    ($($file:literal),+ $(,)?) => {
        /// (file, Spanish, English)
        const CATALOGUES: &[(&str, &str, &str)] = &[$((
            $file,
            include_str!(concat!("../locales/es/", $file, ".ftl")),
            include_str!(concat!("../locales/en/", $file, ".ftl")),
        )),+];
    };
}
catalogues![
    "errors",
    "problems",
    "kit",
    "agent",
    "designer",
    "canvas",
    "import",
    "settings",
    "audit",
    "shell",
    "history",
    "engine",
    "operations",
    "approvals",
    "doctor"
];

/// The sentence of a key. A key that does not exist comes back as itself, in brackets, so that a missing one is seen.
pub fn text(language: Language, key: &str) -> String {
    text_with(language, key, &[])
}

/// The sentence of a key with its arguments. A number chooses the plural form where the sentence has several.
pub fn text_with(language: Language, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
    let bundle = bundle(language);
    let Some(pattern) = bundle.get_message(key).and_then(|m| m.value()) else {
        return format!("[{key}]");
    };
    let mut given = FluentArgs::with_capacity(args.len());
    for (name, value) in args {
        given.set(*name, value.clone());
    }
    // A missing argument shows as `{$name}`: the test of the catalogues keeps that from happening.
    let mut problems = Vec::new();
    bundle
        .format_pattern(pattern, Some(&given), &mut problems)
        .into_owned()
}

/// Whether there is a sentence of that key.
pub fn has(language: Language, key: &str) -> bool {
    bundle(language).has_message(key)
}

/// The sentence for an error, for the person who meets it.
pub fn error(language: Language, error: &kernel::Error) -> String {
    sentence(
        language,
        &format!("error-{}", error.code().text().replace('_', "-")),
        error.args().iter(),
    )
}

/// The sentence for what is wrong with one value; its own where the room that found it brought one.
pub fn problem(language: Language, problem: &kernel::FieldProblem) -> String {
    if !problem.sentence.is_empty() {
        return problem.sentence.clone();
    }
    sentence(
        language,
        &format!("problem-{}", problem.code.replace('_', "-")),
        problem.args.iter(),
    )
}

fn sentence<'a>(
    language: Language,
    key: &str,
    args: impl Iterator<Item = (&'a String, &'a String)>,
) -> String {
    let named: Vec<(&str, FluentValue<'_>)> = args
        .map(|(name, value)| {
            let noun = format!("noun-{}", value.replace('_', "-"));
            // What somebody typed is said as they typed it.
            let shown = if name != "value" && has(language, &noun) {
                FluentValue::from(text(language, &noun))
            } else {
                number_or_text(value)
            };
            (name.as_str(), shown)
        })
        .collect();
    text_with(language, key, &named)
}

fn number_or_text(value: &str) -> FluentValue<'_> {
    // Only whole numbers: they choose plurals. Anything else is shown as it was given.
    match value.parse::<i64>() {
        Ok(number) if number.to_string() == value => FluentValue::from(number),
        _ => FluentValue::from(value),
    }
}

fn bundle(language: Language) -> &'static FluentBundle<FluentResource> {
    static BUNDLES: [OnceLock<FluentBundle<FluentResource>>; 2] =
        [OnceLock::new(), OnceLock::new()];
    let slot = match language {
        Language::Es => &BUNDLES[0],
        Language::En => &BUNDLES[1],
    };
    slot.get_or_init(|| load(language))
}

fn load(language: Language) -> FluentBundle<FluentResource> {
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks are for mixed directions of writing; ours are both left to right, and marks break copy and search.
    bundle.set_use_isolating(false);
    for (_, es, en) in CATALOGUES {
        let source = if language == Language::Es { es } else { en };
        // A broken entry costs that entry; the test of the catalogues refuses it before it ships.
        let resource =
            FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// For the test that holds the languages equal: (file, text) of each catalogue.
pub fn sources(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    CATALOGUES
        .iter()
        .map(move |(file, es, en)| (*file, if language == Language::Es { *es } else { *en }))
}
