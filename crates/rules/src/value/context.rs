//! Values by name.

use std::collections::HashMap;
use std::sync::Arc;

use super::Value;

/// A name, with single spaces between its words.
pub type Name = Arc<str>;

/// From this many entries on names are found through an index.
const INDEXED_FROM: usize = 12;

/// A context: names in the order of their first appearance, each once. Cheap to clone, copied on change when shared.
#[derive(Clone, Debug, Default)]
pub struct Context(Arc<Entries>);

#[derive(Clone, Debug, Default)]
struct Entries {
    values: Vec<(Name, Value)>,
    index: HashMap<Name, usize>,
    weight: u64,
    depth: u32,
}

impl Context {
    /// A context without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of an entry.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .position(name)
            .map(|position| &self.0.values[position].1)
    }

    /// Sets an entry; an existing one keeps its place.
    pub fn insert(&mut self, name: impl Into<Name>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        let entries = Arc::make_mut(&mut self.0);
        entries.weight = entries
            .weight
            .saturating_add(64 + name.len() as u64)
            .saturating_add(value.weight());
        entries.depth = entries.depth.max(value.depth());
        match entries.position(&name) {
            Some(position) => entries.values[position].1 = value,
            None => entries.push(name, value),
        }
    }

    /// The entries in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Name, &Value)> {
        self.0.values.iter().map(|(name, value)| (name, value))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values.is_empty()
    }

    pub(super) fn weight(&self) -> u64 {
        32 + self.0.weight
    }

    pub(super) fn depth(&self) -> u32 {
        self.0.depth + 1
    }
}

impl Entries {
    fn position(&self, name: &str) -> Option<usize> {
        if self.values.len() < INDEXED_FROM {
            self.values
                .iter()
                .position(|(candidate, _)| **candidate == *name)
        } else {
            self.index.get(name).copied()
        }
    }

    fn push(&mut self, name: Name, value: Value) {
        self.values.push((name, value));
        match self.values.len() {
            INDEXED_FROM => {
                self.index = self
                    .values
                    .iter()
                    .enumerate()
                    .map(|(position, (name, _))| (Name::clone(name), position))
                    .collect();
            }
            len if len > INDEXED_FROM => {
                let name = Name::clone(&self.values[len - 1].0);
                self.index.insert(name, len - 1);
            }
            _ => {}
        }
    }
}

impl<N: Into<Name>, V: Into<Value>> FromIterator<(N, V)> for Context {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(entries: T) -> Self {
        let mut context = Self::new();
        for (name, value) in entries {
            context.insert(name, value);
        }
        context
    }
}
