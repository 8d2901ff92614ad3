//! `+ - * / **` over numbers, texts, dates, times and durations.

use crate::syntax::ast::Operator;
use crate::temporal::{Date, DateTime, DaysTimeDuration};
use crate::value::Value;

/// The result, or `None` where FEEL gives null: operands that do not go together, overflow, a zero divisor.
pub(crate) fn apply(operator: Operator, a: &Value, b: &Value) -> Option<Value> {
    match operator {
        Operator::Add => add(a, b),
        Operator::Subtract => subtract(a, b),
        Operator::Multiply => multiply(a, b),
        Operator::Divide => divide(a, b),
        Operator::Power => match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.power(*b).map(Value::Number),
            _ => None,
        },
    }
}

pub(crate) fn negate(value: &Value) -> Option<Value> {
    match value {
        Value::Number(value) => Some(Value::Number(value.negate())),
        Value::DaysTimeDuration(value) => value.negate().map(Value::DaysTimeDuration),
        Value::YearsMonthsDuration(value) => value.negate().map(Value::YearsMonthsDuration),
        _ => None,
    }
}

fn add(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.plus(*b).map(Value::Number),
        (Value::String(a), Value::String(b)) => Some(Value::from([&**a, &**b].concat())),
        (Value::DaysTimeDuration(a), Value::DaysTimeDuration(b)) => {
            a.plus(*b).map(Value::DaysTimeDuration)
        }
        (Value::YearsMonthsDuration(a), Value::YearsMonthsDuration(b)) => {
            a.plus(*b).map(Value::YearsMonthsDuration)
        }
        (moment, Value::DaysTimeDuration(duration))
        | (Value::DaysTimeDuration(duration), moment) => later(moment, *duration),
        (moment, Value::YearsMonthsDuration(duration))
        | (Value::YearsMonthsDuration(duration), moment) => {
            months_later(moment, duration.total_months())
        }
        _ => None,
    }
}

fn subtract(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.subtract(*b).map(Value::Number),
        (Value::DaysTimeDuration(a), Value::DaysTimeDuration(b)) => {
            a.plus(b.negate()?).map(Value::DaysTimeDuration)
        }
        (Value::YearsMonthsDuration(a), Value::YearsMonthsDuration(b)) => {
            a.plus(b.negate()?).map(Value::YearsMonthsDuration)
        }
        (Value::Time(a), Value::Time(b)) => a.since(b).map(Value::DaysTimeDuration),
        (moment, Value::DaysTimeDuration(duration)) => later(moment, duration.negate()?),
        (moment, Value::YearsMonthsDuration(duration)) => {
            months_later(moment, duration.negate()?.total_months())
        }
        (Value::Date(a), Value::Date(b)) => {
            let days = a.epoch_day() - b.epoch_day();
            days.checked_mul(86_400)
                .map(|seconds| Value::DaysTimeDuration(DaysTimeDuration::from_seconds(seconds)))
        }
        (a, b) => moment(a)?.since(&moment(b)?).map(Value::DaysTimeDuration),
    }
}

/// A date and time, or a date at its midnight in UTC.
fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::DateTime(moment) => Some(moment.clone()),
        Value::Date(date) => Some(date.at_midnight_utc()),
        _ => None,
    }
}

fn later(moment: &Value, duration: DaysTimeDuration) -> Option<Value> {
    match moment {
        Value::DateTime(moment) => moment.add(duration).map(Value::DateTime),
        Value::Time(time) => Some(Value::Time(time.add(duration))),
        // A date goes by its midnight: what is left of a day falls away.
        Value::Date(date) => date_later(*date, duration).map(Value::Date),
        _ => None,
    }
}

fn date_later(date: Date, duration: DaysTimeDuration) -> Option<Date> {
    date.at_midnight_utc()
        .add(duration)
        .map(|moment| moment.date())
}

fn months_later(moment: &Value, months: i64) -> Option<Value> {
    match moment {
        Value::DateTime(moment) => moment.add_months(months).map(Value::DateTime),
        Value::Date(date) => date.add_months(months).map(Value::Date),
        _ => None,
    }
}

fn multiply(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.multiply(*b).map(Value::Number),
        (Value::DaysTimeDuration(duration), Value::Number(factor))
        | (Value::Number(factor), Value::DaysTimeDuration(duration)) => {
            duration.multiply(*factor).map(Value::DaysTimeDuration)
        }
        (Value::YearsMonthsDuration(duration), Value::Number(factor))
        | (Value::Number(factor), Value::YearsMonthsDuration(duration)) => {
            duration.multiply(*factor).map(Value::YearsMonthsDuration)
        }
        _ => None,
    }
}

fn divide(a: &Value, b: &Value) -> Option<Value> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.divide(*b).map(Value::Number),
        (Value::DaysTimeDuration(a), Value::Number(b)) => a.divide(*b).map(Value::DaysTimeDuration),
        (Value::YearsMonthsDuration(a), Value::Number(b)) => {
            a.divide(*b).map(Value::YearsMonthsDuration)
        }
        (Value::DaysTimeDuration(a), Value::DaysTimeDuration(b)) => a.ratio(*b).map(Value::Number),
        (Value::YearsMonthsDuration(a), Value::YearsMonthsDuration(b)) => {
            a.ratio(*b).map(Value::Number)
        }
        _ => None,
    }
}
