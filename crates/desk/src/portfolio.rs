use std::collections::BTreeMap;
use std::sync::Arc;

use form::{CustomerSchema, FieldKind, FieldSpec};
use kernel::{Error, Result};

/// The published customer types, each in its newest version: what `service` takes out of the room `design` and hands in.
#[derive(Clone, Debug, Default)]
pub struct Portfolio(BTreeMap<String, CustomerType>);

/// A published customer type.
#[derive(Clone, Debug)]
pub struct CustomerType {
    pub version: i64,
    pub schema: Arc<CustomerSchema>,
}

impl Portfolio {
    pub fn new(types: impl IntoIterator<Item = (i64, Arc<CustomerSchema>)>) -> Self {
        let entry = |(version, schema): (i64, Arc<CustomerSchema>)| {
            (schema.key.clone(), CustomerType { version, schema })
        };
        Self(types.into_iter().map(entry).collect())
    }

    pub fn get(&self, key: &str) -> Option<&CustomerType> {
        self.0.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = &CustomerType> {
        self.0.values()
    }

    pub(crate) fn wanted(&self, key: &str) -> Result<&CustomerType> {
        self.get(key)
            .ok_or_else(|| Error::invalid("type_key", "unknown_customer_type").with("key", key))
    }
}

impl CustomerType {
    /// The field that tells customers apart on paper: the first of kind document.
    pub fn document_field(&self) -> Option<&FieldSpec> {
        self.schema
            .fields
            .iter()
            .find(|f| matches!(f.kind, FieldKind::Document { .. }))
    }

    /// The field that puts customers into segments: the one with the key `segment`.
    pub fn segment_field(&self) -> Option<&FieldSpec> {
        self.schema.field("segment")
    }

    pub(crate) fn unique_fields(&self) -> impl Iterator<Item = &FieldSpec> {
        self.schema.fields.iter().filter(|f| f.unique)
    }
}
