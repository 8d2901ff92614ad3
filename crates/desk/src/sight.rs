use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use access::{Mask, Place, Policy, Verb, Visibility};
use form::{FieldKind, FieldSpec};
use kernel::{Filter, Moment, Operand};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::portfolio::CustomerType;
use crate::record::Row;
use crate::{Contact, Portfolio};

/// What an asker may do with customers for one verb: on which of them (a row condition) and with which of their fields (a
/// mask). Every function of the room takes one; what is outside of it does not exist for the asker.
///
/// A customer's fields go by `fields.<key>`, its columns by `name`, `document`, `segment`, `owner`, `unit`. The three
/// columns that repeat a field (`name` the title fields, `document`, `segment`) are shown where both may be seen.
#[derive(Clone, Debug)]
pub struct Sight(Vec<Masks>);

#[derive(Clone, Debug)]
struct Masks {
    customer: Mask,
    contact: Mask,
}

impl Sight {
    /// Everything: for the product's own work, and for tests.
    pub const fn all() -> Self {
        Self(Vec::new())
    }

    pub fn of(policy: &Policy, verb: Verb) -> Self {
        Self::at(policy, verb, Place::ANYWHERE)
    }

    /// While working in a process or activity.
    pub fn at(policy: &Policy, verb: Verb, place: Place<'_>) -> Self {
        Self(vec![Masks {
            customer: policy.mask_at("customer", verb, place),
            contact: policy.mask_at("contact", verb, place),
        }])
    }

    /// Only what both let through: what is exported must be readable as well.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub fn reading(policy: &Policy) -> Self {
        Self::of(policy, Verb::Read)
    }

    /// The condition that customers must meet.
    pub fn rows(&self) -> Cow<'_, Filter> {
        if let [masks] = &self.0[..] {
            return Cow::Borrowed(masks.customer.rows());
        }
        let each = self.0.iter().map(|masks| masks.customer.rows().clone());
        Cow::Owned(each.reduce(Filter::and).unwrap_or(Filter::TRUE))
    }

    /// Whether lists have found nearly all customers visible so far.
    pub(crate) fn sees_most(&self) -> bool {
        self.0.iter().all(|masks| masks.customer.sees_most())
    }

    /// A list went through `all` customers, of which `seen` were visible.
    pub(crate) fn learn(&self, seen: usize, all: usize) {
        for masks in &self.0 {
            masks.customer.learn(seen, all);
        }
    }

    fn visibility(&self, field: &str) -> Arc<Visibility> {
        if let [masks] = &self.0[..] {
            return masks.customer.visibility(field);
        }
        let each = self.0.iter().map(|masks| masks.customer.field(field));
        let both = each.reduce(|one, other| match (one, other) {
            (Visibility::Always, any) | (any, Visibility::Always) => any,
            (Visibility::When(one), Visibility::When(other)) => Visibility::When(one.and(other)),
            _ => Visibility::Never,
        });
        Arc::new(both.unwrap_or(Visibility::Always))
    }

    /// Whether every customer of a type is seen, in every field.
    pub fn whole(&self, of: &CustomerType) -> bool {
        let all = |field: &FieldSpec| self.always(&format!("fields.{}", field.key));
        *self.rows() == Filter::TRUE && of.schema.fields.iter().all(all)
    }

    /// Whether lists may be filtered and ordered by a field: only where it is seen on every row.
    pub fn always(&self, field: &str) -> bool {
        *self.visibility(field) == Visibility::Always
    }

    /// Whether a contact is seen at all.
    pub(crate) fn has_contact(&self, contact: &Contact) -> bool {
        self.0
            .iter()
            .all(|masks| masks.contact.rows().matches(&|f: &str| contact.operand(f)))
    }

    /// Whether a field of a contact is seen. Conditions of contacts speak of the contact itself.
    pub(crate) fn shows_contact(&self, field: &str, contact: &Contact) -> bool {
        self.0.iter().all(|masks| {
            masks.contact.rows().matches(&|f: &str| contact.operand(f))
                && masks.contact.shows(field, &|f| contact.operand(f))
        })
    }
}

/// A sight made ready for many rows: what may be seen of each type's fields is worked out once.
pub(crate) struct Lenses<'a> {
    sight: &'a Sight,
    columns: [(&'static str, Arc<Visibility>); COLUMNS.len()],
    types: HashMap<&'a str, Lens<'a>>,
}

/// What a customer has of any type, and every row is asked for.
const COLUMNS: [&str; 5] = ["name", "document", "segment", "owner", "unit"];

pub(crate) struct Lens<'a> {
    pub(crate) of: &'a CustomerType,
    fields: HashMap<&'a str, Arc<Visibility>>,
}

impl<'a> Lenses<'a> {
    pub(crate) fn new(portfolio: &'a Portfolio, sight: &'a Sight) -> Self {
        let lens = |of: &'a CustomerType| {
            let seen = |f: &'a FieldSpec| {
                (
                    f.key.as_str(),
                    sight.visibility(&format!("fields.{}", f.key)),
                )
            };
            (
                of.schema.key.as_str(),
                Lens {
                    of,
                    fields: of.schema.fields.iter().map(seen).collect(),
                },
            )
        };
        Self {
            sight,
            columns: COLUMNS.map(|column| (column, sight.visibility(column))),
            types: portfolio.iter().map(lens).collect(),
        }
    }

    pub(crate) fn of(&self, type_key: &str) -> Option<&Lens<'a>> {
        self.types.get(type_key)
    }

    pub(crate) fn shows(&self, field: &str, row: &Row) -> bool {
        let other;
        let visibility = match self.columns.iter().find(|(column, _)| *column == field) {
            Some((_, visibility)) => visibility,
            None => {
                other = self.sight.visibility(field);
                &other
            }
        };
        match &**visibility {
            Visibility::Always => true,
            Visibility::Never => false,
            Visibility::When(condition) => {
                condition.matches(&|f| row.operand(self.of(&row.type_key), f))
            }
        }
    }

    /// A field that a designer defined, by its bare key.
    pub(crate) fn shows_field(&self, key: &str, row: &Row) -> bool {
        let lens = self.of(&row.type_key);
        match lens.and_then(|l| l.fields.get(key)).map(|seen| &**seen) {
            Some(Visibility::Always) => true,
            Some(Visibility::Never) => false,
            Some(Visibility::When(condition)) => condition.matches(&|f| row.operand(lens, f)),
            // A field that the definition has lost.
            None => self.shows(&format!("fields.{key}"), row),
        }
    }
}

impl Row {
    /// A field's value, for conditions.
    pub(crate) fn operand(&self, lens: Option<&Lens<'_>>, field: &str) -> Operand {
        let text =
            |value: Option<&str>| value.map_or(Operand::Null, |v| Operand::Text(v.to_owned()));
        let moment = |value: Option<Moment>| value.map_or(Operand::Null, Operand::Moment);
        match field {
            "id" => Operand::Text(self.id.to_string()),
            "type" => text(Some(&self.type_key)),
            "name" => text(Some(&self.name)),
            "document" => text(self.document.as_deref()),
            "segment" => text(self.segment.as_deref()),
            "owner" => text(self.owner_id.map(|id| id.to_string()).as_deref()),
            "unit" => text(self.unit_id.map(|id| id.to_string()).as_deref()),
            "created" => moment(Some(self.created)),
            "changed" => moment(Some(self.changed)),
            "contacted" => moment(self.contacted),
            _ => {
                let spec = field
                    .strip_prefix("fields.")
                    .and_then(|key| lens?.of.schema.field(key));
                spec.and_then(|spec| Some(operand(spec, self.fields.0.get(&spec.key)?)))
                    .unwrap_or(Operand::Null)
            }
        }
    }
}

/// A stored value as conditions see it.
pub(crate) fn operand(spec: &FieldSpec, stored: &Value) -> Operand {
    match (&spec.kind, stored) {
        (FieldKind::Boolean, Value::Bool(value)) => Operand::Boolean(*value),
        (FieldKind::Number { .. } | FieldKind::Amount { .. }, Value::Number(units)) => {
            units.as_i64().map_or(Operand::Null, |units| {
                Operand::Number(Decimal::new(units, 4))
            })
        }
        (FieldKind::Date, Value::String(day)) => Operand::Date(day.clone()),
        (_, Value::String(text)) => Operand::Text(text.clone()),
        _ => Operand::Null,
    }
}
