//! Functions on contexts.

use super::arguments::{get, list, single};
use crate::value::{Context, Name, Value};

fn context_argument(value: &Value) -> Option<&Context> {
    single(value).as_context()
}

pub(super) fn get_value(arguments: &[Value]) -> Option<Value> {
    let mut context = context_argument(get(arguments, 0))?;
    match get(arguments, 1) {
        Value::String(key) => context.get(key).cloned(),
        // A list of keys leads inwards.
        Value::List(keys) => {
            let (last, path) = keys.split_last()?;
            for key in path {
                context = context.get(key.as_str()?)?.as_context()?;
            }
            context.get(last.as_str()?).cloned()
        }
        _ => None,
    }
}

pub(super) fn get_entries(arguments: &[Value]) -> Option<Value> {
    let entries = context_argument(get(arguments, 0))?
        .iter()
        .map(|(name, value)| {
            Value::Context(
                [
                    ("key", Value::String(Name::clone(name))),
                    ("value", value.clone()),
                ]
                .into_iter()
                .collect(),
            )
        });
    Some(Value::List(entries.collect()))
}

pub(super) fn context(arguments: &[Value]) -> Option<Value> {
    let mut result = Context::new();
    for entry in list(arguments, 0)? {
        let entry = entry.as_context()?;
        let key = entry.get("key")?.as_str()?;
        if result.get(key).is_some() {
            return None;
        }
        result.insert(key, entry.get("value")?.clone());
    }
    Some(Value::Context(result))
}

pub(super) fn put(arguments: &[Value]) -> Option<Value> {
    let context = context_argument(get(arguments, 0))?;
    let value = get(arguments, 2);
    match get(arguments, 1) {
        Value::String(key) => put_at(
            context,
            std::slice::from_ref(&Value::String(Name::clone(key))),
            value,
        ),
        Value::List(keys) if !keys.is_empty() => put_at(context, keys, value),
        _ => None,
    }
    .map(Value::Context)
}

/// The context with a value at the end of a path of keys; contexts missing on the way are made.
fn put_at(context: &Context, keys: &[Value], value: &Value) -> Option<Context> {
    let (key, rest) = keys.split_first()?;
    let key = key.as_str()?;
    let inner = if rest.is_empty() {
        value.clone()
    } else {
        let existing = match context.get(key) {
            None | Some(Value::Null) => Context::new(),
            Some(Value::Context(existing)) => existing.clone(),
            Some(_) => return None,
        };
        Value::Context(put_at(&existing, rest, value)?)
    };
    let mut result = context.clone();
    result.insert(key, inner);
    Some(result)
}

/// Nulls among the contexts are passed over; nothing to merge is null.
pub(super) fn merge(arguments: &[Value]) -> Option<Value> {
    let contexts = list(arguments, 0)?;
    if contexts.is_empty() {
        return None;
    }
    let mut result = Context::new();
    for context in contexts.iter().filter(|context| !context.is_null()) {
        for (name, value) in context.as_context()?.iter() {
            result.insert(Name::clone(name), value.clone());
        }
    }
    Some(Value::Context(result))
}
