//! Which names are known at a place, and finding the longest of them in a text.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{is_name_part, is_space};
use crate::types::{Schema, Type};
use crate::value::Name;

/// Names by their first word.
#[derive(Default, Debug)]
pub(crate) struct Index(HashMap<String, Vec<Name>>);

impl Index {
    pub(crate) fn add(&mut self, name: &Name) {
        self.0
            .entry(first_word(name).to_owned())
            .or_default()
            .push(Name::clone(name));
    }

    /// The longest name that the text begins with at `at`, where it ends, and how many were looked at.
    fn longest(&self, text: &str, at: usize) -> (Option<(Name, usize)>, usize) {
        let Some(candidates) = self.0.get(first_word(&text[at..])) else {
            return (None, 0);
        };
        let matches = candidates
            .iter()
            .filter_map(|name| match_name(text, at, name).map(|end| (Name::clone(name), end)));
        (matches.max_by_key(|(_, end)| *end), candidates.len())
    }

    fn remove(&mut self, name: &str) {
        if let Some(names) = self.0.get_mut(first_word(name))
            && let Some(position) = names.iter().rposition(|candidate| **candidate == *name)
        {
            names.remove(position);
        }
    }

    fn contains(&self, name: &str) -> bool {
        self.0
            .get(first_word(name))
            .is_some_and(|names| names.iter().any(|candidate| **candidate == *name))
    }
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !is_name_part(c)).unwrap_or(text.len());
    &text[..end]
}

/// Where a name ends in the text if the text has it at `at`: any white space stands for its single spaces.
fn match_name(text: &str, at: usize, name: &str) -> Option<usize> {
    let mut rest = &text[at..];
    for c in name.chars() {
        if c == ' ' {
            let trimmed = rest.trim_start_matches(is_space);
            if trimmed.len() == rest.len() {
                return None;
            }
            rest = trimmed;
        } else {
            rest = rest.strip_prefix(c)?;
        }
    }
    let continues =
        name.chars().next_back().is_some_and(is_name_part) && rest.starts_with(is_name_part);
    (!continues).then(|| text.len() - rest.len())
}

/// A name with single spaces between its words and none around.
pub(crate) fn normalize(name: &str) -> String {
    name.split(is_space)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is known from outside the text.
#[derive(Debug, Default)]
pub(crate) struct Known {
    variables: Index,
    members: Index,
    types: HashMap<Name, Type>,
}

static BUILTINS: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    for builtin in crate::builtins::all() {
        if builtin.name.contains(' ') {
            index.add(&Name::from(builtin.name));
        }
    }
    index
});

impl Known {
    pub(crate) fn from_schema(schema: &Schema) -> Self {
        let mut known = Self {
            types: schema.types.clone(),
            ..Self::default()
        };
        for (name, _) in &schema.variables {
            known.variables.add(name);
        }
        for name in &schema.members {
            known.members.add(name);
        }
        known
    }

    pub(super) fn has_variable(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    pub(super) fn named_type(&self, name: &str) -> Option<Type> {
        self.types.get(name).cloned()
    }

    pub(super) fn type_names(&self) -> impl Iterator<Item = &Name> {
        self.types.keys()
    }

    /// The longest known name at a place of the text, and how many names were looked at. `locals` are the names bound in the
    /// text itself; members count too where `members` says so.
    pub(super) fn longest(
        &self,
        text: &str,
        at: usize,
        locals: &Locals,
        members: bool,
    ) -> (Option<(Name, usize)>, usize) {
        let no_members = Index::default();
        let indexes = [
            &self.variables,
            &*BUILTINS,
            &locals.index,
            if members { &self.members } else { &no_members },
        ];
        let (mut best, mut looked_at) = (None::<(Name, usize)>, 0);
        for index in indexes {
            let (found, candidates) = index.longest(text, at);
            looked_at += candidates;
            if let Some((name, end)) = found
                && best.as_ref().is_none_or(|(_, longest)| end > *longest)
            {
                best = Some((name, end));
            }
        }
        (best, looked_at)
    }

    pub(super) fn longest_member(&self, text: &str, at: usize) -> Option<(Name, usize)> {
        self.members.longest(text, at).0
    }
}

/// The names that the text binds around a place: loop variables, parameters, earlier entries of a context.
#[derive(Default)]
pub(super) struct Locals {
    order: Vec<Name>,
    index: Index,
}

impl Locals {
    pub(super) fn push(&mut self, name: Name) {
        self.index.add(&name);
        self.order.push(name);
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn truncate(&mut self, length: usize) {
        while self.order.len() > length {
            if let Some(name) = self.order.pop() {
                self.index.remove(&name);
            }
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.index.contains(name)
    }
}
