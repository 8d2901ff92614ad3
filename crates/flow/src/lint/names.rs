//! Which variables a process defines, and which its expressions use.

use std::collections::HashSet;

use kernel::text::nearest;

use super::Sight;
use crate::model::{ArtifactKind, Element, ElementKind, FormRef, Process, Repeat, TaskKind};

/// What the kernel itself provides, and what FEEL knows.
const GIVEN: [&str; 40] = [
    "outcome",
    "loopCounter",
    "numberOfInstances",
    "numberOfActiveInstances",
    "numberOfCompletedInstances",
    "numberOfTerminatedInstances",
    "activationCount",
    "customer",
    "instance",
    "user",
    "true",
    "false",
    "null",
    "and",
    "or",
    "not",
    "if",
    "then",
    "else",
    "for",
    "in",
    "return",
    "some",
    "every",
    "satisfies",
    "between",
    "instance",
    "of",
    "function",
    "external",
    "item",
    "date",
    "time",
    "duration",
    "now",
    "today",
    "number",
    "string",
    "list",
    "partial",
];

/// Whether the names of this process can be told at all: somebody in it takes values that we do not see.
pub(super) struct Names<'a> {
    known: HashSet<&'a str>,
    /// A form, a transaction or a called process may set anything.
    pub open: bool,
}

impl<'a> Names<'a> {
    pub fn of(process: &'a Process, sight: Option<&'a Sight>) -> Self {
        let mut known: HashSet<&str> = GIVEN.into_iter().collect();
        let mut open = false;
        for data in &process.data {
            known.insert(&data.name);
            known.extend(data.name.split_whitespace());
            known.insert(&data.id);
        }
        for element in &process.elements {
            known.insert(&element.id);
            if let Some(Repeat::Multiple { item, output, .. }) = &element.repeat {
                known.extend(item.iter().chain(output).map(String::as_str));
            }
            known.extend(element.data_outputs.iter().map(|mapping| &*mapping.to));
            match filled_in(element, sight) {
                Some(fields) => known.extend(fields.iter().map(String::as_str)),
                None => open |= sets_anything(element),
            }
            let Some(binding) = &element.binding else {
                continue;
            };
            known.extend(binding.outputs.iter().map(|mapping| &*mapping.to));
            known.extend(binding.result.as_deref());
        }
        let words = process
            .artifacts
            .iter()
            .filter(|artifact| artifact.kind == ArtifactKind::Annotation);
        // Declared in words: «variables: amount, customer».
        for text in words.map(|artifact| &artifact.text) {
            if let Some(list) = text.strip_prefix("variables:") {
                known.extend(list.split(',').map(str::trim));
            }
        }
        Self { known, open }
    }

    /// What may have been meant by a name that nobody defines.
    pub fn near(&self, name: &str) -> Option<&'a str> {
        let own = self
            .known
            .iter()
            .copied()
            .filter(|known| !GIVEN.contains(known));
        nearest(name, own)
    }

    /// The first name in an expression that nobody defines.
    pub fn unknown<'t>(&self, text: &'t str) -> Option<&'t str> {
        names(text).find(|name| !self.known.contains(name))
    }
}

/// What a work item gives, where that is known: what its form fills in; without a form nothing but its outcome.
fn filled_in<'s>(element: &Element, sight: Option<&'s Sight>) -> Option<&'s [String]> {
    let sight = sight.filter(|_| element.is_work_item())?;
    let form = element
        .binding
        .as_ref()
        .and_then(|binding| binding.form.as_ref());
    match form {
        None => Some(&[]),
        Some(FormRef::Key(key) | FormRef::Inline(key)) => sight.sets.get(key).map(Vec::as_slice),
    }
}

fn sets_anything(element: &Element) -> bool {
    let mapped = element
        .binding
        .as_ref()
        .is_some_and(|b| !b.outputs.is_empty() || b.result.is_some());
    match &element.kind {
        // The caller and messages bring what they like.
        ElementKind::StartEvent { .. } => !element.events.is_empty(),
        ElementKind::Task { task } => match task {
            TaskKind::User | TaskKind::Script { .. } => !mapped,
            TaskKind::Service | TaskKind::BusinessRule | TaskKind::Receive { .. } => !mapped,
            TaskKind::Abstract | TaskKind::Manual => element.binding.is_some() && !mapped,
            TaskKind::Send { .. } => false,
        },
        ElementKind::CallActivity { .. } => !mapped,
        ElementKind::IntermediateCatchEvent | ElementKind::BoundaryEvent { .. } => {
            !element.events.is_empty()
        }
        _ => false,
    }
}

/// The names an expression begins a path with; functions and texts left out.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut path = false;
    std::iter::from_fn(move || {
        loop {
            let c = rest.chars().next()?;
            if c == '"' {
                let end = rest[1..].find('"').map_or(rest.len(), |at| at + 2);
                rest = &rest[end..];
            } else if c.is_alphabetic() || c == '_' {
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                rest = after;
                let call = after.trim_start().starts_with('(');
                let key = after.trim_start().starts_with(':');
                if !std::mem::take(&mut path) && !call && !key {
                    return Some(name);
                }
            } else if c.is_ascii_digit() {
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || c == '.'))
                    .unwrap_or(rest.len());
                rest = &rest[end..];
            } else {
                path = c == '.' || (path && c.is_whitespace());
                rest = &rest[c.len_utf8()..];
            }
        }
    })
}

/// The expression with one name in place of another, texts left alone.
pub(super) fn renamed(text: &str, from: &str, to: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut last = 0;
    let start = text.as_ptr() as usize;
    for name in names(text).filter(|name| *name == from) {
        let at = name.as_ptr() as usize - start;
        whole.push_str(&text[last..at]);
        whole.push_str(to);
        last = at + name.len();
    }
    whole.push_str(&text[last..]);
    whole
}

/// The outcomes that an expression compares `outcome` with.
pub(super) fn outcomes(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("outcome") {
        rest = &rest[at + "outcome".len()..];
        let after = rest.trim_start();
        let Some(value) = after
            .strip_prefix('=')
            .map(str::trim_start)
            .and_then(|v| v.strip_prefix('"'))
        else {
            continue;
        };
        if let Some(end) = value.find('"') {
            found.push(value[..end].to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_paths_calls_and_texts() {
        let found: Vec<&str> =
            names("a.b > 3 and count(list1) = c or d = \"e f\" and {k: g}.k = 1.5").collect();
        assert_eq!(found, ["a", "and", "list1", "c", "or", "d", "and", "g"]);
        assert_eq!(
            renamed("a.a > a and \"a\" = ab", "a", "xy"),
            "xy.a > xy and \"a\" = ab"
        );
        assert_eq!(
            outcomes("outcome = \"yes\" or take.outcome=\"no\""),
            ["yes", "no"]
        );
    }
}
