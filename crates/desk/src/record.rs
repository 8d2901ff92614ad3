use form::CustomerSchema;
use kernel::{Id, Moment};
use ledger::User;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::types::Json;

use crate::portfolio::CustomerType;
use crate::sight::Lenses;

/// Marks an organisational unit's id in rooms that do not know the directory.
#[derive(Debug)]
pub enum Unit {}

/// A customer as an asker may see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub id: Id<Customer>,
    pub type_key: String,
    /// The version of the type's definition under which the customer was last written.
    pub type_version: i64,
    /// The type's title fields, as far as they may be seen.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Id<User>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Id<Unit>>,
    /// What a change must name, so that nobody overwrites what they have not seen.
    pub version: i64,
    pub created: Moment,
    pub changed: Moment,
    /// When we last had to do with the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacted: Option<Moment>,
    /// In the recycle bin since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Moment>,
    /// Canonical values: exact numbers as decimal text. Only what may be seen.
    pub fields: Map<String, Value>,
    /// Keys of the fields that may not be seen, whether or not something stands in them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

/// The row as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Id<Customer>,
    pub(crate) type_key: String,
    pub(crate) type_version: i64,
    pub(crate) name: String,
    pub(crate) document: Option<String>,
    pub(crate) segment: Option<String>,
    pub(crate) owner_id: Option<Id<User>>,
    pub(crate) unit_id: Option<Id<Unit>>,
    pub(crate) fields: Json<Map<String, Value>>,
    pub(crate) version: i64,
    pub(crate) created: Moment,
    pub(crate) changed: Moment,
    pub(crate) contacted: Option<Moment>,
    pub(crate) deleted: Option<Moment>,
}

/// The columns of [`Row`].
macro_rules! row_columns {
    () => {
        "c.id, c.type_key, c.type_version, c.name, c.document, c.segment, c.owner_id, c.unit_id, c.fields, c.version, \
         c.created, c.changed, c.contacted, c.deleted"
    };
}
pub(crate) use row_columns;

/// The customers that are there: not those of a list that is not let in yet, or is taken out again.
macro_rules! visible {
    () => {
        "(c.hidden_by IS NULL OR c.hidden_by NOT IN (SELECT i.id FROM customer_import i WHERE NOT i.visible))"
    };
}
pub(crate) use visible;

impl Row {
    /// What the asker may see of it.
    pub(crate) fn seen(self, lenses: &Lenses<'_>) -> Customer {
        let of = lenses.of(&self.type_key).map(|lens| lens.of);
        // All that may not be seen, also where nothing stands: whether something does is not to be seen either.
        let mut masked = Vec::new();
        for spec in of.iter().flat_map(|t| &t.schema.fields) {
            if !lenses.shows_field(&spec.key, &self) {
                masked.push(spec.key.clone());
            }
        }
        let mut fields = Map::new();
        for (key, stored) in &self.fields.0 {
            let spec = of.and_then(|t| t.schema.field(key));
            if spec.is_none() && !lenses.shows_field(key, &self) {
                // A field that the definition has lost.
                masked.push(key.clone());
            } else if !stored.is_null() && !masked.contains(key) {
                let canonical =
                    spec.map_or_else(|| stored.clone(), |spec| spec.from_storage(stored));
                fields.insert(key.clone(), canonical);
            }
        }
        let name = match of {
            _ if !lenses.shows("name", &self) => String::new(),
            Some(of) if of.schema.title.iter().any(|key| masked.contains(key)) => {
                of.schema.title_of(&fields)
            }
            _ => self.name.clone(),
        };
        let repeats = |column: &str, spec: Option<&form::FieldSpec>| {
            lenses.shows(column, &self) && spec.is_none_or(|s| !masked.contains(&s.key))
        };
        let document = self
            .document
            .clone()
            .filter(|_| repeats("document", of.and_then(CustomerType::document_field)));
        let segment = self
            .segment
            .clone()
            .filter(|_| repeats("segment", of.and_then(CustomerType::segment_field)));
        Customer {
            id: self.id,
            name,
            document,
            segment,
            owner: self.owner_id.filter(|_| lenses.shows("owner", &self)),
            unit: self.unit_id.filter(|_| lenses.shows("unit", &self)),
            type_key: self.type_key,
            type_version: self.type_version,
            version: self.version,
            created: self.created,
            changed: self.changed,
            contacted: self.contacted,
            deleted: self.deleted,
            fields,
            masked,
        }
    }

    pub(crate) fn canonical(&self, schema: &CustomerSchema) -> Map<String, Value> {
        schema.from_storage(&self.fields.0)
    }
}

/// What a customer's fields say about the columns beside them.
#[derive(Debug)]
pub(crate) struct Derived {
    pub(crate) name: String,
    pub(crate) sort_name: String,
    pub(crate) document: Option<String>,
    pub(crate) segment: Option<String>,
    /// `(field, value)` of the fields whose values are unique.
    pub(crate) keys: Vec<(String, String)>,
}

impl Derived {
    pub(crate) fn of(of: &CustomerType, canonical: &Map<String, Value>) -> Self {
        let text = |key: &str| {
            canonical
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let name = of.schema.title_of(canonical);
        Self {
            sort_name: kernel::text::fold(&name),
            name,
            document: of.document_field().and_then(|f| text(&f.key)),
            segment: of.segment_field().and_then(|f| text(&f.key)),
            keys: keys(of, canonical),
        }
    }
}

fn keys(of: &CustomerType, canonical: &Map<String, Value>) -> Vec<(String, String)> {
    let value = |key: &str| match canonical.get(key)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    of.unique_fields()
        .filter_map(|f| Some((f.key.clone(), value(&f.key)?)))
        .collect()
}
