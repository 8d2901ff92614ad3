//! Functions that take a list of values, or the values themselves.

use std::cmp::Ordering;

use super::arguments::items;
use crate::eval::compare::order;
use crate::number::Number;
use crate::value::Value;

fn numbers(arguments: &[Value]) -> Option<Vec<Number>> {
    items(arguments).iter().map(Value::as_number).collect()
}

fn extreme(arguments: &[Value], wanted: Ordering) -> Option<Value> {
    let mut values = items(arguments).iter();
    let mut best = values.next()?;
    // One value alone must also be of a kind that has an order.
    order(best, best)?;
    for value in values {
        if order(value, best)? == wanted {
            best = value;
        }
    }
    Some(best.clone())
}

pub(super) fn min(arguments: &[Value]) -> Option<Value> {
    extreme(arguments, Ordering::Less)
}

pub(super) fn max(arguments: &[Value]) -> Option<Value> {
    extreme(arguments, Ordering::Greater)
}

fn total(numbers: &[Number]) -> Option<Number> {
    numbers
        .iter()
        .try_fold(Number::ZERO, |sum, number| sum.plus(*number))
}

fn average(numbers: &[Number]) -> Option<Number> {
    total(numbers)?.divide(Number::from(numbers.len()))
}

/// What is asked of an empty list has no answer.
fn filled(numbers: Vec<Number>) -> Option<Vec<Number>> {
    if numbers.is_empty() {
        None
    } else {
        Some(numbers)
    }
}

pub(super) fn sum(arguments: &[Value]) -> Option<Value> {
    total(&filled(numbers(arguments)?)?).map(Value::Number)
}

pub(super) fn mean(arguments: &[Value]) -> Option<Value> {
    average(&filled(numbers(arguments)?)?).map(Value::Number)
}

pub(super) fn product(arguments: &[Value]) -> Option<Value> {
    let numbers = filled(numbers(arguments)?)?;
    numbers
        .iter()
        .try_fold(Number::ONE, |product, number| product.multiply(*number))
        .map(Value::Number)
}

pub(super) fn median(arguments: &[Value]) -> Option<Value> {
    let mut numbers = filled(numbers(arguments)?)?;
    numbers.sort();
    let middle = numbers.len() / 2;
    if numbers.len() % 2 == 1 {
        return Some(Value::Number(numbers[middle]));
    }
    average(&numbers[middle - 1..=middle]).map(Value::Number)
}

/// The standard deviation of a sample.
pub(super) fn stddev(arguments: &[Value]) -> Option<Value> {
    let numbers = numbers(arguments)?;
    if numbers.len() < 2 {
        return None;
    }
    let mean = average(&numbers)?;
    let squares: Vec<Number> = numbers
        .iter()
        .map(|number| {
            let distance = number.subtract(mean)?;
            distance.multiply(distance)
        })
        .collect::<Option<_>>()?;
    total(&squares)?
        .divide(Number::from(numbers.len() - 1))?
        .sqrt()
        .map(Value::Number)
}

/// The most frequent numbers, in ascending order.
pub(super) fn mode(arguments: &[Value]) -> Option<Value> {
    let mut numbers = numbers(arguments)?;
    numbers.sort();
    let runs: Vec<&[Number]> = numbers.chunk_by(|a, b| a == b).collect();
    let longest = runs.iter().map(|run| run.len()).max().unwrap_or(0);
    let modes = runs
        .iter()
        .filter(|run| run.len() == longest)
        .map(|run| Value::Number(run[0]));
    Some(Value::List(modes.collect()))
}

/// The decisive boolean if it is there, its opposite if there is nothing else, null otherwise.
fn decide(arguments: &[Value], decisive: bool) -> Option<Value> {
    let items = items(arguments);
    if items.iter().any(|item| item.as_bool() == Some(decisive)) {
        return Some(Value::Boolean(decisive));
    }
    items
        .iter()
        .all(|item| item.as_bool().is_some())
        .then_some(Value::Boolean(!decisive))
}

pub(super) fn all(arguments: &[Value]) -> Option<Value> {
    decide(arguments, false)
}

pub(super) fn any(arguments: &[Value]) -> Option<Value> {
    decide(arguments, true)
}
