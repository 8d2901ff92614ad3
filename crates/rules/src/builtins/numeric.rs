//! Functions on numbers.

use super::arguments::{get, integer, number, optional, single};
use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::number::{Number, Rounding};
use crate::value::Value;

/// Steps that a root, logarithm or exponential at 76 digits is worth: some tens of microseconds.
const SERIES: u64 = 2_000;

fn round(arguments: &[Value], rounding: Rounding) -> Option<Value> {
    let scale = optional(arguments, 1, integer)?.unwrap_or(0);
    number(arguments, 0)?
        .round_to(scale, rounding)
        .map(Value::Number)
}

pub(super) fn decimal(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::HalfEven)
}

pub(super) fn floor(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::Floor)
}

pub(super) fn ceiling(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::Ceiling)
}

pub(super) fn round_up(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::Up)
}

pub(super) fn round_down(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::Down)
}

pub(super) fn round_half_up(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::HalfUp)
}

pub(super) fn round_half_down(arguments: &[Value]) -> Option<Value> {
    round(arguments, Rounding::HalfDown)
}

pub(super) fn abs(arguments: &[Value]) -> Option<Value> {
    match single(get(arguments, 0)) {
        Value::Number(number) => Some(Value::Number(number.abs())),
        Value::DaysTimeDuration(duration) if duration.is_negative() => {
            duration.negate().map(Value::DaysTimeDuration)
        }
        Value::YearsMonthsDuration(duration) if duration.total_months() < 0 => {
            duration.negate().map(Value::YearsMonthsDuration)
        }
        value @ (Value::DaysTimeDuration(_) | Value::YearsMonthsDuration(_)) => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn modulo(arguments: &[Value]) -> Option<Value> {
    number(arguments, 0)?
        .modulo(number(arguments, 1)?)
        .map(Value::Number)
}

fn series(
    machine: &mut Machine,
    arguments: &[Value],
    function: fn(Number) -> Option<Number>,
) -> Result<Value, Fault> {
    machine.spend(SERIES)?;
    Ok(Value::from(number(arguments, 0).and_then(function)))
}

pub(super) fn sqrt(machine: &mut Machine, arguments: &[Value]) -> Result<Value, Fault> {
    series(machine, arguments, Number::sqrt)
}

pub(super) fn log(machine: &mut Machine, arguments: &[Value]) -> Result<Value, Fault> {
    series(machine, arguments, Number::ln)
}

pub(super) fn exp(machine: &mut Machine, arguments: &[Value]) -> Result<Value, Fault> {
    series(machine, arguments, Number::exp)
}

/// The remainder by two of a whole number.
fn parity(arguments: &[Value]) -> Option<Number> {
    let number = number(arguments, 0)?;
    if number.is_integer() {
        number.abs().modulo(Number::from(2))
    } else {
        None
    }
}

pub(super) fn odd(arguments: &[Value]) -> Option<Value> {
    number(arguments, 0)?;
    Some(Value::Boolean(parity(arguments) == Some(Number::ONE)))
}

pub(super) fn even(arguments: &[Value]) -> Option<Value> {
    number(arguments, 0)?;
    Some(Value::Boolean(parity(arguments) == Some(Number::ZERO)))
}
