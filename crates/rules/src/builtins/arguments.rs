//! Reading arguments: a list of one item also stands for the item, an item for a list of one.

use crate::number::Number;
use crate::value::Value;

pub(super) fn get(arguments: &[Value], position: usize) -> &Value {
    const NULL: &Value = &Value::Null;
    arguments.get(position).unwrap_or(NULL)
}

/// The value, or what a list of one holds.
pub(super) fn single(value: &Value) -> &Value {
    match value {
        Value::List(items) if items.len() == 1 => &items[0],
        other => other,
    }
}

pub(super) fn number(arguments: &[Value], position: usize) -> Option<Number> {
    single(get(arguments, position)).as_number()
}

/// A whole number: what is behind the point falls away.
pub(super) fn integer(arguments: &[Value], position: usize) -> Option<i64> {
    number(arguments, position)?.to_i64()
}

pub(super) fn text(arguments: &[Value], position: usize) -> Option<&str> {
    single(get(arguments, position)).as_str()
}

/// The items of a list; null is no list.
pub(super) fn list(arguments: &[Value], position: usize) -> Option<&[Value]> {
    match get(arguments, position) {
        Value::Null => None,
        Value::List(items) => Some(items),
        single => Some(std::slice::from_ref(single)),
    }
}

/// The items of a list, where an item alone will not do.
pub(super) fn only_list(arguments: &[Value], position: usize) -> Option<&[Value]> {
    get(arguments, position).as_list()
}

/// Either the items of the one list given, or the arguments themselves.
pub(super) fn items(arguments: &[Value]) -> &[Value] {
    match arguments {
        [Value::List(items)] => items,
        other => other,
    }
}

/// An optional argument: absent is `Some(None)`, given and right `Some(Some)`, anything else `None`.
pub(super) fn optional<'a, T>(
    arguments: &'a [Value],
    position: usize,
    read: impl FnOnce(&'a [Value], usize) -> Option<T>,
) -> Option<Option<T>> {
    if position >= arguments.len() {
        Some(None)
    } else {
        read(arguments, position).map(Some)
    }
}
