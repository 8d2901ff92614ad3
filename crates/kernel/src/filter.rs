//! The filter tree: conditions on the fields of a record, as data.
//!
//! One tree has three readings that agree: in memory ([`Filter::matches`]), as SQL on SQLite and as SQL on PostgreSQL
//! (room `store`). Lists, searches, segments and the row conditions of permissions all speak it.
//!
//! **Missing values.** A field that is absent and one that is null are the same. `equal` and `not_equal` always know
//! (null equals null, and is different from everything else); an order or text comparison with null is *unknown*. Unknown
//! travels by Kleene's rules, as in SQL and in FEEL: `not unknown` is unknown, `unknown or true` is true. A record
//! matches only where the whole is true. **Kinds.** An order comparison of two different kinds is unknown; `equal` is
//! false. **Text** compares by code point, except in `contains`, `starts_with` and `like_folded`, which compare what
//! [`crate::text::fold`] makes of both sides.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Moment, text};

/// The name of a field: `name`, `segment`, `fields.balance` for what a designer defined.
pub type Field = String;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// True where every part is; an empty list is true.
    #[cfg_attr(feature = "utoipa", schema(no_recursion))]
    All(Vec<Filter>),
    /// True where one part is; an empty list is false.
    #[cfg_attr(feature = "utoipa", schema(no_recursion))]
    Any(Vec<Filter>),
    #[cfg_attr(feature = "utoipa", schema(no_recursion))]
    Not(Box<Filter>),
    Compare {
        field: Field,
        comparison: Comparison,
        value: Operand,
    },
    /// The field is one of these. At most 1,000.
    In { field: Field, values: Vec<Operand> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Folded text contains folded text.
    Contains,
    /// Folded text begins with folded text.
    StartsWith,
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    Null,
    Boolean(bool),
    #[cfg_attr(feature = "utoipa", schema(value_type = String))]
    Number(Decimal),
    Text(String),
    /// A calendar day, `2026-11-21`.
    Date(String),
    Moment(Moment),
}

impl Filter {
    pub const TRUE: Self = Self::All(Vec::new());
    pub const FALSE: Self = Self::Any(Vec::new());

    /// How deep a tree may be, and how many leaves it may have, when it comes from outside.
    pub const MAX_DEPTH: usize = 16;
    pub const MAX_LEAVES: usize = 1_000;

    pub fn equal(field: impl Into<Field>, value: Operand) -> Self {
        Self::Compare {
            field: field.into(),
            comparison: Comparison::Equal,
            value,
        }
    }

    pub fn compare(field: impl Into<Field>, comparison: Comparison, value: Operand) -> Self {
        Self::Compare {
            field: field.into(),
            comparison,
            value,
        }
    }

    /// Both must hold; the neutral element is dropped.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if b == Self::TRUE => a,
            (a, b) if a == Self::TRUE => b,
            (Self::All(mut a), Self::All(b)) => {
                a.extend(b);
                Self::All(a)
            }
            (Self::All(mut a), b) => {
                a.push(b);
                Self::All(a)
            }
            (a, b) => Self::All(vec![a, b]),
        }
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if b == Self::FALSE => a,
            (a, b) if a == Self::FALSE => b,
            (a, b) if a == Self::TRUE || b == Self::TRUE => Self::TRUE,
            (Self::Any(mut a), b) => {
                a.push(b);
                Self::Any(a)
            }
            (a, b) => Self::Any(vec![a, b]),
        }
    }

    /// Whether a record matches; `get` tells the value of a field ([`Operand::Null`] where there is none).
    pub fn matches(&self, get: &impl Fn(&str) -> Operand) -> bool {
        self.truth(get) == Some(true)
    }

    /// Kleene's three values: `None` is unknown.
    pub fn truth(&self, get: &impl Fn(&str) -> Operand) -> Option<bool> {
        match self {
            Self::All(parts) => fold_truth(parts, get, false),
            Self::Any(parts) => fold_truth(parts, get, true),
            Self::Not(inner) => inner.truth(get).map(|t| !t),
            Self::In { field, values } => {
                let value = get(field);
                Some(values.contains(&value))
            }
            Self::Compare {
                field,
                comparison,
                value,
            } => compare(&get(field), *comparison, value),
        }
    }

    /// Every field that the tree names, in order of appearance, with repeats.
    pub fn fields(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.visit(&mut |leaf| {
            if let Self::Compare { field, .. } | Self::In { field, .. } = leaf {
                found.push(field.as_str());
            }
        });
        found
    }

    /// Whether a tree from outside is within [`Self::MAX_DEPTH`] and [`Self::MAX_LEAVES`].
    pub fn is_reasonable(&self) -> bool {
        let mut leaves = 0_usize;
        self.visit(&mut |leaf| {
            leaves += match leaf {
                // They go to the database together, as one list.
                Self::In { values, .. } => 1 + values.len() / 100,
                _ => 1,
            };
        });
        leaves <= Self::MAX_LEAVES && self.depth() <= Self::MAX_DEPTH
    }

    fn depth(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                1 + parts.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Not(inner) => 1 + inner.depth(),
            Self::Compare { .. } | Self::In { .. } => 1,
        }
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|p| p.visit(see)),
            Self::Not(inner) => inner.visit(see),
            Self::Compare { .. } | Self::In { .. } => see(self),
        }
    }
}

/// `decisive` is the truth that settles the whole: false for "all", true for "any".
fn fold_truth(parts: &[Filter], get: &impl Fn(&str) -> Operand, decisive: bool) -> Option<bool> {
    let mut known = true;
    for part in parts {
        match part.truth(get) {
            Some(truth) if truth == decisive => return Some(decisive),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decisive)
}

fn compare(field: &Operand, comparison: Comparison, value: &Operand) -> Option<bool> {
    use std::cmp::Ordering;
    let order = || match (field, value) {
        (Operand::Boolean(a), Operand::Boolean(b)) => Some(a.cmp(b)),
        (Operand::Number(a), Operand::Number(b)) => Some(a.cmp(b)),
        (Operand::Text(a), Operand::Text(b)) | (Operand::Date(a), Operand::Date(b)) => {
            Some(a.as_bytes().cmp(b.as_bytes()))
        }
        (Operand::Moment(a), Operand::Moment(b)) => Some(a.cmp(b)),
        _ => None,
    };
    let folded = |test: fn(&str, &str) -> bool| match (field, value) {
        (Operand::Text(a), Operand::Text(b)) => Some(test(&text::fold(a), &text::fold(b))),
        _ => None,
    };
    match comparison {
        Comparison::Equal => Some(field == value),
        Comparison::NotEqual => Some(field != value),
        Comparison::Less => order().map(Ordering::is_lt),
        Comparison::LessOrEqual => order().map(Ordering::is_le),
        Comparison::Greater => order().map(Ordering::is_gt),
        Comparison::GreaterOrEqual => order().map(Ordering::is_ge),
        Comparison::Contains => folded(|a, b| a.contains(b)),
        Comparison::StartsWith => folded(|a, b| a.starts_with(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str) -> Operand {
        match name {
            "name" => Operand::Text("Cynthia Müller".into()),
            "balance" => Operand::Number(Decimal::new(1050, 2)),
            _ => Operand::Null,
        }
    }

    #[test]
    fn null_is_equal_to_null_and_in_no_order() {
        let absent = Filter::equal("segment", Operand::Null);
        let less = Filter::compare("segment", Comparison::Less, Operand::Text("Oro".into()));
        assert_eq!(absent.truth(&record), Some(true));
        assert_eq!(less.truth(&record), None);
        assert_eq!(Filter::Not(Box::new(less.clone())).truth(&record), None);
        assert_eq!(less.clone().or(absent.clone()).truth(&record), Some(true));
        assert_eq!(less.and(absent).truth(&record), None);
        let different =
            Filter::compare("segment", Comparison::NotEqual, Operand::Text("Oro".into()));
        assert_eq!(different.truth(&record), Some(true));
    }

    #[test]
    fn numbers_compare_by_value_and_text_without_accents() {
        assert!(
            Filter::equal("balance", Operand::Number(Decimal::new(10_500, 3))).matches(&record)
        );
        assert!(
            Filter::compare("name", Comparison::Contains, Operand::Text("MULLER".into()))
                .matches(&record)
        );
        assert!(
            !Filter::compare(
                "name",
                Comparison::StartsWith,
                Operand::Text("muller".into())
            )
            .matches(&record)
        );
    }
}
