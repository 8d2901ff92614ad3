//! Functions on dates, and what time it is.

use super::arguments::{get, single};
use super::conversion::day;
use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::value::Value;

pub(super) fn now(machine: &mut Machine, _: &[Value]) -> Result<Value, Fault> {
    Ok(machine
        .now()
        .map_or(Value::Null, |now| Value::DateTime(now.clone())))
}

pub(super) fn today(machine: &mut Machine, _: &[Value]) -> Result<Value, Fault> {
    Ok(machine
        .now()
        .map_or(Value::Null, |now| Value::Date(now.date())))
}

pub(super) fn day_of_year(arguments: &[Value]) -> Option<Value> {
    Some(Value::from(day(single(get(arguments, 0)))?.day_of_year()))
}

pub(super) fn week_of_year(arguments: &[Value]) -> Option<Value> {
    Some(Value::from(day(single(get(arguments, 0)))?.week_of_year()))
}

/// The English name, as the standard has it; a screen shows the date in its own language.
pub(super) fn day_of_week(arguments: &[Value]) -> Option<Value> {
    const NAMES: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    let day = day(single(get(arguments, 0)))?;
    NAMES
        .get(usize::from(day.weekday()) - 1)
        .map(|name| Value::text(name))
}

/// The English name, as the standard has it.
pub(super) fn month_of_year(arguments: &[Value]) -> Option<Value> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let day = day(single(get(arguments, 0)))?;
    NAMES
        .get(usize::from(day.month()) - 1)
        .map(|name| Value::text(name))
}
