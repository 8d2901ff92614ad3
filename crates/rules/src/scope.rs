//! What an evaluation may see and how much it may spend.

use serde_json::Value as Json;

use crate::temporal::{Date, DateTime};
use crate::value::{Context, Name, Value};

/// How much an evaluation may spend before it is given up with a [`crate::Fault`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: one for each part of the expression each time it is evaluated, more for work that grows with the data. A hundred
    /// thousand take a few milliseconds.
    pub fuel: u64,
    /// Nested evaluations, that is calls within calls.
    pub depth: u32,
    /// Bytes of lists, texts and contexts made on the way, and the size of any one value.
    pub size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 100_000,
            depth: 250,
            size: 8 << 20,
        }
    }
}

impl Limits {
    /// For work over many records in one evaluation, such as an import or a report: two hundred times the steps, and 256 MiB.
    #[must_use]
    pub const fn batch() -> Self {
        Self {
            fuel: 20_000_000,
            depth: 250,
            size: 256 << 20,
        }
    }
}

/// The variables an expression sees, in layers: a later layer hides what has the same name in an earlier one. Also what time
/// it is, as a value, because a rule must give the same answer when it is asked again.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    layers: Vec<Context>,
    now: Option<DateTime>,
    limits: Limits,
}

impl Scope {
    /// A scope without variables, in which `now()` is null.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A scope with the entries of a JSON object; anything else gives an empty one.
    #[must_use]
    pub fn from_json(json: &Json) -> Self {
        Self::new().with_json(json)
    }

    /// The same with one variable more.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, value: impl Into<Value>) -> Self {
        if self.layers.is_empty() {
            self.layers.push(Context::new());
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.insert(name, value);
        }
        self
    }

    /// The same with a layer on top.
    #[must_use]
    pub fn with_layer(mut self, layer: Context) -> Self {
        self.layers.push(layer);
        self
    }

    /// The same with the entries of a JSON object as a layer on top.
    #[must_use]
    pub fn with_json(self, json: &Json) -> Self {
        match Value::from(json) {
            Value::Context(context) => self.with_layer(context),
            _ => self,
        }
    }

    /// The same at a given time: `now()` gives it, `today()` its date.
    #[must_use]
    pub fn at(mut self, now: DateTime) -> Self {
        self.now = Some(now);
        self
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.layers.iter().rev().find_map(|layer| layer.get(name))
    }

    /// The names of all variables, the innermost first; hidden ones appear again.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.layers
            .iter()
            .rev()
            .flat_map(|layer| layer.iter().map(|(name, _)| name))
    }

    /// What time it is.
    #[must_use]
    pub const fn now(&self) -> Option<&DateTime> {
        self.now.as_ref()
    }

    /// What day it is.
    #[must_use]
    pub fn today(&self) -> Option<Date> {
        self.now.as_ref().map(DateTime::date)
    }

    /// The limits of an evaluation.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }
}
