//! Equality and order, as FEEL has them: three-valued, and only within one type.

use std::cmp::Ordering;

use crate::function::{Body, Function};
use crate::syntax::ast::Comparison;
use crate::value::{Range, RangeForm, Value};

/// Whether two values are equal; `None` where FEEL cannot compare them.
pub(crate) fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a == b),
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a.iter().zip(b.iter()).map(|(a, b)| equal(a, b)))
        }
        (Value::Context(a), Value::Context(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all(a
                .iter()
                .map(|(name, value)| b.get(name).map_or(Some(false), |other| equal(value, other))))
        }
        (Value::Range(a), Value::Range(b)) => {
            let alike = a.form == b.form
                && a.start_included == b.start_included
                && a.end_included == b.end_included;
            if !alike {
                return Some(false);
            }
            all([equal(&a.start, &b.start), equal(&a.end, &b.end)].into_iter())
        }
        (Value::Function(a), Value::Function(b)) => Some(same_function(a, b)),
        (Value::Date(a), Value::Date(b)) => Some(a == b),
        (Value::Time(a), Value::Time(b)) => Some(a.compare(b) == Some(Ordering::Equal)),
        (Value::DateTime(a), Value::DateTime(b)) => Some(a.compare(b) == Some(Ordering::Equal)),
        _ => order(a, b).map(|order| order == Ordering::Equal),
    }
}

/// False when one is false, else unknown when one is unknown.
fn all(results: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for result in results {
        match result {
            Some(false) => return Some(false),
            None => known = None,
            Some(true) => {}
        }
    }
    known
}

fn same_function(a: &Function, b: &Function) -> bool {
    match (&a.body, &b.body) {
        (Body::Builtin(a), Body::Builtin(b)) => a.name == b.name,
        _ => std::ptr::eq(a, b),
    }
}

/// Which of two values is less; `None` where there is no order between them.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => a.compare(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.compare(b),
        (Value::DaysTimeDuration(a), Value::DaysTimeDuration(b)) => Some(a.cmp(b)),
        (Value::YearsMonthsDuration(a), Value::YearsMonthsDuration(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

pub(crate) fn compare(comparison: Comparison, a: &Value, b: &Value) -> Value {
    let result = match comparison {
        Comparison::Equal => equal(a, b),
        Comparison::NotEqual => equal(a, b).map(|equal| !equal),
        Comparison::Less => order(a, b).map(Ordering::is_lt),
        Comparison::LessOrEqual => order(a, b).map(Ordering::is_le),
        Comparison::Greater => order(a, b).map(Ordering::is_gt),
        Comparison::GreaterOrEqual => order(a, b).map(Ordering::is_ge),
    };
    Value::from(result)
}

/// Whether a range holds a value; `None` where they cannot be compared.
pub(crate) fn contains(range: &Range, value: &Value) -> Option<bool> {
    match range.form {
        RangeForm::Exactly => return equal(value, &range.start),
        RangeForm::Other => return equal(value, &range.start).map(|equal| !equal),
        _ => {}
    }
    let above = |form| {
        if form == RangeForm::Below {
            return Some(true);
        }
        let order = order(value, &range.start)?;
        Some(order.is_gt() || (range.start_included && order.is_eq()))
    };
    let below = |form| {
        if form == RangeForm::Above {
            return Some(true);
        }
        let order = order(value, &range.end)?;
        Some(order.is_lt() || (range.end_included && order.is_eq()))
    };
    // Both, so that an end of another kind is noticed also where the first end has decided.
    let (above, below) = (above(range.form)?, below(range.form)?);
    Some(above && below)
}

/// `value in test`, where the test is any value: a range that holds it, a list with a matching item, or something equal.
pub(crate) fn is_in(value: &Value, test: &Value) -> Option<bool> {
    match test {
        Value::Range(range) if !matches!(value, Value::Range(_)) => contains(range, value),
        Value::List(items) => {
            if matches!(value, Value::List(_)) && equal(value, test) == Some(true) {
                return Some(true);
            }
            let mut known = Some(false);
            for item in items.iter() {
                let result = match item {
                    Value::Range(range) if !matches!(value, Value::Range(_)) => {
                        contains(range, value)
                    }
                    other => equal(value, other),
                };
                match result {
                    Some(true) => return Some(true),
                    None => known = if value.is_null() { None } else { known },
                    Some(false) => {}
                }
            }
            known
        }
        other => equal(value, other),
    }
}
