//! Functions on lists.

use std::cmp::Ordering;

use super::arguments::{get, integer, list, only_list, optional};
use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::eval::compare;
use crate::function::Function;
use crate::value::Value;

type Outcome = Result<Value, Fault>;

pub(super) fn contains(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let wanted = get(arguments, 1);
    for item in items {
        if machine.equal(item, wanted)? == Some(true) {
            return Ok(Value::Boolean(true));
        }
    }
    Ok(Value::Boolean(false))
}

pub(super) fn count(arguments: &[Value]) -> Option<Value> {
    Some(Value::Number(list(arguments, 0)?.len().into()))
}

/// The index that a position means: from 1, or from the end below zero.
fn index_of_position(position: i64, length: usize) -> Option<usize> {
    let index = if position > 0 {
        usize::try_from(position - 1).ok()?
    } else {
        length.checked_sub(usize::try_from(position.unsigned_abs()).ok()?)?
    };
    (position != 0 && index < length).then_some(index)
}

pub(super) fn replace(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let replacement = get(arguments, 2);
    let mut result = items.to_vec();
    match get(arguments, 1) {
        Value::Number(position) => {
            let position = position
                .to_i64()
                .and_then(|position| index_of_position(position, items.len()));
            let Some(index) = position else {
                return Ok(Value::Null);
            };
            result[index] = replacement.clone();
        }
        Value::Function(function) => {
            for item in &mut result {
                match machine.call(function, vec![item.clone(), replacement.clone()])? {
                    Value::Boolean(true) => *item = replacement.clone(),
                    Value::Boolean(false) => {}
                    _ => return Ok(Value::Null),
                }
            }
        }
        _ => return Ok(Value::Null),
    }
    Ok(Value::list(result))
}

pub(super) fn sublist(arguments: &[Value]) -> Option<Value> {
    let items = list(arguments, 0)?;
    let start = index_of_position(integer(arguments, 1)?, items.len())?;
    let rest = &items[start..];
    let length = match optional(arguments, 2, integer)? {
        Some(length) => usize::try_from(length).ok()?,
        None => rest.len(),
    };
    rest.get(..length).map(|part| Value::list(part.to_vec()))
}

pub(super) fn append(arguments: &[Value]) -> Option<Value> {
    let mut items = only_list(arguments, 0)?.to_vec();
    items.extend_from_slice(arguments.get(1..)?);
    Some(Value::list(items))
}

pub(super) fn concatenate(arguments: &[Value]) -> Option<Value> {
    let mut items = Vec::new();
    for position in 0..arguments.len() {
        items.extend_from_slice(only_list(arguments, position)?);
    }
    Some(Value::list(items))
}

pub(super) fn insert_before(arguments: &[Value]) -> Option<Value> {
    let mut items = list(arguments, 0)?.to_vec();
    let index = index_of_position(integer(arguments, 1)?, items.len())?;
    items.insert(index, get(arguments, 2).clone());
    Some(Value::list(items))
}

pub(super) fn remove(arguments: &[Value]) -> Option<Value> {
    let mut items = list(arguments, 0)?.to_vec();
    let index = index_of_position(integer(arguments, 1)?, items.len())?;
    items.remove(index);
    Some(Value::list(items))
}

pub(super) fn reverse(arguments: &[Value]) -> Option<Value> {
    let mut items = only_list(arguments, 0)?.to_vec();
    items.reverse();
    Some(Value::list(items))
}

pub(super) fn index_of(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let wanted = get(arguments, 1);
    let mut positions = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if machine.equal(item, wanted)? == Some(true) {
            positions.push(Value::Number((index + 1).into()));
        }
    }
    Ok(Value::list(positions))
}

fn add_distinct(
    machine: &mut Machine,
    distinct: &mut Vec<Value>,
    items: &[Value],
) -> Result<(), Fault> {
    'items: for item in items {
        for known in distinct.iter() {
            if machine.equal(known, item)? == Some(true) {
                continue 'items;
            }
        }
        distinct.push(item.clone());
    }
    Ok(())
}

pub(super) fn union(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let mut distinct = Vec::new();
    for position in 0..arguments.len() {
        let Some(items) = only_list(arguments, position) else {
            return Ok(Value::Null);
        };
        add_distinct(machine, &mut distinct, items)?;
    }
    Ok(Value::list(distinct))
}

pub(super) fn distinct(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = only_list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let mut distinct = Vec::new();
    add_distinct(machine, &mut distinct, items)?;
    Ok(Value::list(distinct))
}

pub(super) fn flatten(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = only_list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let mut flat = Vec::new();
    flatten_into(machine, items, &mut flat)?;
    Ok(Value::list(flat))
}

fn flatten_into(
    machine: &mut Machine,
    items: &[Value],
    flat: &mut Vec<Value>,
) -> Result<(), Fault> {
    for item in items {
        machine.spend(1)?;
        match item {
            Value::List(inner) => flatten_into(machine, inner, flat)?,
            other => {
                machine.allocate(32)?;
                flat.push(other.clone());
            }
        }
    }
    Ok(())
}

pub(super) fn sort(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let Some(items) = list(arguments, 0) else {
        return Ok(Value::Null);
    };
    let precedes = match arguments.get(1) {
        None => None,
        Some(Value::Function(function)) => Some(function),
        Some(_) => return Ok(Value::Null),
    };
    let mut sorter = Sorter {
        machine,
        precedes,
        comparable: true,
    };
    let sorted = sorter.sort(items)?;
    Ok(if sorter.comparable {
        Value::list(sorted)
    } else {
        Value::Null
    })
}

struct Sorter<'a> {
    machine: &'a mut Machine,
    precedes: Option<&'a std::sync::Arc<Function>>,
    comparable: bool,
}

impl Sorter<'_> {
    /// Merging keeps equal items in order and is content with any answer of a wild `precedes`.
    fn sort(&mut self, items: &[Value]) -> Result<Vec<Value>, Fault> {
        if items.len() < 2 {
            return Ok(items.to_vec());
        }
        let (left, right) = items.split_at(items.len() / 2);
        let (left, right) = (self.sort(left)?, self.sort(right)?);
        let mut merged = Vec::with_capacity(items.len());
        let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let next = if self.precedes(b, a)? {
                right.next()
            } else {
                left.next()
            };
            merged.extend(next);
        }
        merged.extend(left);
        merged.extend(right);
        Ok(merged)
    }

    fn precedes(&mut self, a: &Value, b: &Value) -> Result<bool, Fault> {
        self.machine.spend(1)?;
        let result = match self.precedes {
            Some(function) => self
                .machine
                .call(function, vec![a.clone(), b.clone()])?
                .as_bool(),
            None => compare::order(a, b).map(Ordering::is_lt),
        };
        self.comparable &= result.is_some();
        Ok(result.unwrap_or(false))
    }
}
