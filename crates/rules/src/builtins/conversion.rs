//! Functions that make one kind of value from another.

use std::sync::Arc;

use super::arguments::{get, integer, number as number_argument, single, text};
use crate::number::Number;
use crate::syntax::ast::{Kind, Node};
use crate::syntax::{Known, parse_expression};
use crate::temporal::{self, Date, DateTime, Time, YearsMonthsDuration, Zone};
use crate::types::Type;
use crate::value::{Range, RangeForm, Value};

/// What `@"…"` may be: a date, a time, both, or a duration.
pub(crate) fn temporal_from_text(text: &str) -> Option<Value> {
    if let Some(date) = Date::parse(text) {
        return Some(Value::Date(date));
    }
    if let Some(duration) = temporal::duration(text) {
        return Some(duration_value(duration));
    }
    Time::parse(text)
        .map(Value::Time)
        .or_else(|| DateTime::parse(text).map(Value::DateTime))
}

fn duration_value(duration: Result<temporal::DaysTimeDuration, YearsMonthsDuration>) -> Value {
    match duration {
        Ok(days) => Value::DaysTimeDuration(days),
        Err(months) => Value::YearsMonthsDuration(months),
    }
}

pub(super) fn date(arguments: &[Value]) -> Option<Value> {
    if arguments.len() == 3 {
        let part = |position| integer(arguments, position);
        return Date::new(part(0)?, part(1)?, part(2)?).map(Value::Date);
    }
    match single(get(arguments, 0)) {
        Value::String(text) => Date::parse(text).map(Value::Date),
        Value::Date(date) => Some(Value::Date(*date)),
        Value::DateTime(moment) => Some(Value::Date(moment.date())),
        _ => None,
    }
}

pub(super) fn time(arguments: &[Value]) -> Option<Value> {
    if arguments.len() >= 3 {
        return clock(arguments, 0).map(Value::Time);
    }
    match single(get(arguments, 0)) {
        Value::String(text) => Time::parse(text).map(Value::Time),
        Value::Time(time) => Some(Value::Time(time.clone())),
        Value::DateTime(moment) => Some(Value::Time(moment.time())),
        Value::Date(date) => Some(Value::Time(date.at_midnight_utc().time())),
        _ => None,
    }
}

/// Hour, minute, second with a fraction, and an offset that may be null.
fn clock(arguments: &[Value], from: usize) -> Option<Time> {
    let (hour, minute) = (integer(arguments, from)?, integer(arguments, from + 1)?);
    let second = number_argument(arguments, from + 2)?;
    let whole = second.to_i64()?;
    let fraction = second
        .subtract(Number::from(whole))?
        .multiply(Number::from(1_000_000_000))?
        .to_i64()?;
    let zone = match single(get(arguments, from + 3)) {
        Value::Null => Zone::local(),
        Value::DaysTimeDuration(offset) => {
            let seconds = offset.total_seconds().to_integer()?;
            Zone::fixed(i32::try_from(seconds).ok()?)?
        }
        _ => return None,
    };
    Time::new(hour, minute, whole, fraction, zone)
}

pub(super) fn date_and_time(arguments: &[Value]) -> Option<Value> {
    match arguments.len() {
        1 => match single(get(arguments, 0)) {
            Value::String(text) => DateTime::parse(text).map(Value::DateTime),
            Value::DateTime(moment) => Some(Value::DateTime(moment.clone())),
            _ => None,
        },
        _ => {
            let date = day(single(get(arguments, 0)))?;
            match single(get(arguments, 1)) {
                Value::Time(time) => Some(Value::DateTime(DateTime::new(date, time))),
                _ => None,
            }
        }
    }
}

/// The day of a date or of a date and time.
pub(super) fn day(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::DateTime(moment) => Some(moment.date()),
        _ => None,
    }
}

pub(super) fn number(arguments: &[Value]) -> Option<Value> {
    let separator = |position, allowed: &[&str]| match single(get(arguments, position)) {
        Value::Null => Some(None),
        Value::String(text) if allowed.contains(&&**text) => text.chars().next().map(Some),
        _ => None,
    };
    let grouping = separator(1, &[" ", ",", "."])?;
    let point = separator(2, &[",", "."])?;
    if grouping.is_some() && grouping == point {
        return None;
    }
    if let Value::Number(number) = single(get(arguments, 0)) {
        return (arguments.len() == 1).then_some(Value::Number(*number));
    }
    let mut digits = String::new();
    for c in text(arguments, 0)?.chars() {
        if Some(c) == grouping {
            continue;
        }
        match (c, point) {
            (c, Some(point)) if c == point => digits.push('.'),
            // Where the point is written otherwise, a plain one is out of place.
            ('.', Some(_)) => return None,
            (other, _) => digits.push(other),
        }
    }
    digits.parse().ok().map(Value::Number)
}

pub(super) fn string(arguments: &[Value]) -> Option<Value> {
    match get(arguments, 0) {
        Value::Null => None,
        text @ Value::String(_) => Some(text.clone()),
        other => Some(Value::from(other.to_string())),
    }
}

pub(super) fn duration(arguments: &[Value]) -> Option<Value> {
    match single(get(arguments, 0)) {
        Value::String(text) => temporal::duration(text).map(duration_value),
        value @ (Value::DaysTimeDuration(_) | Value::YearsMonthsDuration(_)) => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn years_and_months(arguments: &[Value]) -> Option<Value> {
    let (from, to) = (
        day(single(get(arguments, 0)))?,
        day(single(get(arguments, 1)))?,
    );
    Some(Value::YearsMonthsDuration(
        YearsMonthsDuration::from_months(from.months_until(to)),
    ))
}

pub(super) fn range(arguments: &[Value]) -> Option<Value> {
    range_from_text(text(arguments, 0)?)
}

/// A range written as text; its ends are literals or calls of `date`, `time`, `duration` with a literal.
pub(crate) fn range_from_text(text: &str) -> Option<Value> {
    let node = parse_expression(text, &Known::default()).ok()?;
    let Kind::Range(range) = &node.kind else {
        return None;
    };
    let (start, end) = (literal(&range.start)?, literal(&range.end)?);
    if Type::of(&start) != Type::of(&end) || start.is_null() {
        return None;
    }
    if crate::eval::compare::order(&start, &end)?.is_gt() {
        return None;
    }
    let (form, start_included, end_included) = (
        RangeForm::Interval,
        range.start_included,
        range.end_included,
    );
    Some(Value::Range(Arc::new(Range {
        form,
        start,
        end,
        start_included,
        end_included,
    })))
}

fn literal(node: &Node) -> Option<Value> {
    match &node.kind {
        Kind::Literal(value) => Some(value.clone()),
        Kind::CallBuiltin(call) => {
            let Kind::Literal(argument) = &call.arguments.first()?.kind else {
                return None;
            };
            let arguments = std::slice::from_ref(argument);
            match (call.builtin.name, call.arguments.len()) {
                ("date", 1) => date(arguments),
                ("time", 1) => time(arguments),
                ("date and time", 1) => date_and_time(arguments),
                ("duration", 1) => duration(arguments),
                _ => None,
            }
        }
        _ => None,
    }
}

pub(super) fn not(arguments: &[Value]) -> Option<Value> {
    single(get(arguments, 0))
        .as_bool()
        .map(|value| Value::Boolean(!value))
}

/// Whether two values are the same thing: same type, written the same.
pub(super) fn is(arguments: &[Value]) -> Option<Value> {
    let same = match (get(arguments, 0), get(arguments, 1)) {
        (Value::Time(a), Value::Time(b)) => a.identical(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.identical(b),
        (a, b) => a == b,
    };
    Some(Value::Boolean(same))
}
