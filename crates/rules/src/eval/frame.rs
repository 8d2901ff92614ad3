//! Where names are looked up: frames on the stack, each with what one construct binds.

use crate::scope::Scope;
use crate::value::{Context, Name, Value};

pub(crate) struct Frame<'a> {
    pub(crate) parent: Option<&'a Frame<'a>>,
    pub(crate) names: Names<'a>,
}

pub(crate) enum Names<'a> {
    Scope(&'a Scope),
    Context(&'a Context),
    One(&'a str, &'a Value),
    Many(&'a [(Name, Value)]),
    /// The item of a filter: its entries, and itself as `item`.
    Item(&'a Value),
}

impl<'a> Frame<'a> {
    pub(crate) const fn root(names: Names<'a>) -> Self {
        Self {
            parent: None,
            names,
        }
    }

    pub(crate) const fn inside(parent: &'a Self, names: Names<'a>) -> Self {
        Self {
            parent: Some(parent),
            names,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let mut frame = Some(self);
        while let Some(here) = frame {
            let found = match &here.names {
                Names::Scope(scope) => scope.get(name),
                Names::Context(context) => context.get(name),
                Names::One(own, value) => (*own == name).then_some(*value),
                Names::Many(entries) => entries
                    .iter()
                    .rev()
                    .find(|(own, _)| **own == *name)
                    .map(|(_, value)| value),
                Names::Item(item) => match item {
                    Value::Context(context) => context
                        .get(name)
                        .or_else(|| (name == "item").then_some(*item)),
                    _ => (name == "item").then_some(*item),
                },
            };
            if found.is_some() {
                return found;
            }
            frame = here.parent;
        }
        None
    }
}
