//! The two languages say the same things, with the same arguments, and every error has its sentence.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast;
use fluent_syntax::parser;
use kernel::{Code, Language};

/// key → names of its arguments
type Keys = BTreeMap<String, BTreeSet<String>>;

fn keys(source: &str, file: &str) -> Keys {
    let resource =
        parser::parse(source).unwrap_or_else(|(_, problems)| panic!("{file}: {problems:?}"));
    let mut found = Keys::new();
    for entry in &resource.body {
        if let ast::Entry::Message(message) = entry {
            let mut args = BTreeSet::new();
            if let Some(pattern) = &message.value {
                in_pattern(pattern, &mut args);
            }
            assert!(
                message.value.is_some(),
                "{file}: {} says nothing",
                message.id.name
            );
            assert!(
                found.insert(message.id.name.to_owned(), args).is_none(),
                "{file}: {} stands twice",
                message.id.name
            );
        }
    }
    found
}

fn in_pattern(pattern: &ast::Pattern<&str>, args: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            in_expression(expression, args);
        }
    }
}

fn in_expression(expression: &ast::Expression<&str>, args: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => in_inline(inline, args),
        ast::Expression::Select { selector, variants } => {
            in_inline(selector, args);
            for variant in variants {
                in_pattern(&variant.value, args);
            }
        }
    }
}

fn in_inline(inline: &ast::InlineExpression<&str>, args: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            args.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => in_expression(expression, args),
        _ => {}
    }
}

#[test]
fn both_languages_have_the_same_keys_and_arguments() {
    for ((file, es), (_, en)) in locale::sources(Language::Es).zip(locale::sources(Language::En)) {
        assert_eq!(
            keys(es, file),
            keys(en, file),
            "{file}.ftl differs between es and en"
        );
    }
}

#[test]
fn no_key_stands_in_two_files() {
    for language in Language::ALL {
        let mut seen = BTreeMap::new();
        for (file, source) in locale::sources(language) {
            for key in keys(source, file).into_keys() {
                if let Some(other) = seen.insert(key.clone(), file) {
                    panic!("{key} stands in {other}.ftl and in {file}.ftl");
                }
            }
        }
    }
}

#[test]
fn every_error_has_its_sentence() {
    for language in Language::ALL {
        for code in Code::ALL {
            let key = format!("error-{}", code.text().replace('_', "-"));
            assert!(
                locale::has(language, &key),
                "{key} is missing in {}",
                language.tag()
            );
        }
    }
}

#[test]
fn sentences_are_for_people() {
    let error = kernel::Error::not_found("work_item");
    assert_eq!(
        locale::error(Language::Es, &error),
        "No se encontró: el pendiente. Puede que ya no exista o que usted no tenga acceso."
    );
    let throttled = kernel::Error::new(Code::Throttled).with("seconds", 1);
    assert_eq!(
        locale::error(Language::En, &throttled),
        "Too many tries. Try again in 1 second."
    );
    assert_eq!(
        locale::text(Language::En, "nothing-of-the-kind"),
        "[nothing-of-the-kind]"
    );
}
