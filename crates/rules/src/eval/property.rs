//! What follows a point: entries of contexts, members of dates, times, durations and ranges.

use super::{Machine, Result};
use crate::temporal::{DaysTimeDuration, Time, Zone};
use crate::value::{Range, RangeForm, Value};

/// `value.name`; of a list, that of each item.
pub(crate) fn path(value: &Value, name: &str, machine: &mut Machine) -> Result {
    match value {
        Value::Context(context) => Ok(context.get(name).cloned().unwrap_or_default()),
        Value::List(items) => {
            machine.spend(items.len() as u64)?;
            let mut values = Vec::with_capacity(items.len());
            for item in items.iter() {
                values.push(path(item, name, machine)?);
            }
            machine.list(values)
        }
        other => Ok(property(other, name).unwrap_or_default()),
    }
}

fn property(value: &Value, name: &str) -> Option<Value> {
    match value {
        Value::Date(date) => Some(Value::from(match name {
            "year" => i64::from(date.year()),
            "month" => i64::from(date.month()),
            "day" => i64::from(date.day()),
            "weekday" => i64::from(date.weekday()),
            "hour" | "minute" | "second" => 0,
            "time offset" => return Some(Value::DaysTimeDuration(DaysTimeDuration::ZERO)),
            _ => return None,
        })),
        Value::DateTime(moment) => match name {
            "year" | "month" | "day" | "weekday" => property(&Value::Date(moment.date()), name),
            "time offset" => moment.offset().map(offset_value),
            _ => time_property(&moment.time(), name),
        },
        Value::Time(time) => time_property(time, name),
        Value::DaysTimeDuration(duration) => {
            let (days, hours, minutes, seconds, nanos) = duration.magnitude();
            let part = match name {
                "days" => days,
                "hours" => hours,
                "minutes" => minutes,
                "seconds" => {
                    let total = u128::from(seconds) * 1_000_000_000 + u128::from(nanos);
                    return crate::number::Number::from_parts(duration.is_negative(), total, -9)
                        .map(Value::Number);
                }
                _ => return None,
            };
            let part = i64::try_from(part).ok()?;
            Some(Value::from(if duration.is_negative() {
                -part
            } else {
                part
            }))
        }
        Value::YearsMonthsDuration(duration) => match name {
            "years" => Some(Value::from(duration.years())),
            "months" => Some(Value::from(duration.months())),
            _ => None,
        },
        Value::Range(range) => range_property(range, name),
        _ => None,
    }
}

fn time_property(time: &Time, name: &str) -> Option<Value> {
    match name {
        "hour" => Some(Value::from(time.hour())),
        "minute" => Some(Value::from(time.minute())),
        "second" => {
            let nanos = time.nanos_of_day() % 60_000_000_000;
            crate::number::Number::from_parts(false, nanos.unsigned_abs().into(), -9)
                .map(Value::Number)
        }
        "time offset" => time.offset().map(offset_value),
        "timezone" => Zone::name(time.zone()).map(Value::from),
        _ => None,
    }
}

fn offset_value(offset: i32) -> Value {
    Value::DaysTimeDuration(DaysTimeDuration::from_seconds(offset.into()))
}

fn range_property(range: &Range, name: &str) -> Option<Value> {
    Some(match name {
        "start" => range.start.clone(),
        "end" => range.end.clone(),
        "start included" if range.form == RangeForm::Other => Value::Boolean(false),
        "end included" if range.form == RangeForm::Other => Value::Boolean(false),
        "start included" => Value::Boolean(range.start_included),
        "end included" => Value::Boolean(range.end_included),
        _ => return None,
    })
}
