//! Values in order.

use std::ops::Deref;
use std::sync::Arc;

use super::Value;

/// A list; cheap to clone.
#[derive(Clone, Debug)]
pub struct List(Arc<Items>);

#[derive(Clone, Debug)]
struct Items {
    values: Vec<Value>,
    weight: u64,
    depth: u32,
}

impl List {
    pub(super) fn weight(&self) -> u64 {
        self.0.weight
    }

    pub(super) fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Whether somebody else holds this list too, so that a change would copy it.
    pub(crate) fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(crate) fn push(&mut self, value: Value) {
        let items = Arc::make_mut(&mut self.0);
        items.weight = items.weight.saturating_add(value.weight());
        items.depth = items.depth.max(value.depth() + 1);
        items.values.push(value);
    }
}

impl From<Vec<Value>> for List {
    fn from(values: Vec<Value>) -> Self {
        let (mut weight, mut depth) = (32_u64, 0);
        for value in &values {
            weight = weight.saturating_add(value.weight());
            depth = depth.max(value.depth());
        }
        Self(Arc::new(Items {
            values,
            weight,
            depth: depth + 1,
        }))
    }
}

impl FromIterator<Value> for List {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.values
    }
}
