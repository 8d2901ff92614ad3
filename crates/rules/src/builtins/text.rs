//! Functions on texts. Positions and lengths count characters (Unicode code points).

use super::arguments::{get, integer, list, optional, single, text};
use super::regex::{Regex, Replacement};
use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::value::Value;

type Outcome = Result<Value, Fault>;

pub(super) fn substring(arguments: &[Value]) -> Option<Value> {
    let text = text(arguments, 0)?;
    let start = integer(arguments, 1)?;
    let length = optional(arguments, 2, integer)?;
    if length.is_some_and(|length| length < 1) {
        return None;
    }
    let count = i64::try_from(text.chars().count()).ok()?;
    let first = match start {
        0 => return None,
        1.. => start - 1,
        _ => count + start,
    };
    if first < 0 || first >= count {
        return None;
    }
    let skipped = text.chars().skip(usize::try_from(first).ok()?);
    let part: String = match length {
        Some(length) => skipped.take(usize::try_from(length).ok()?).collect(),
        None => skipped.collect(),
    };
    Some(Value::from(part))
}

pub(super) fn length(arguments: &[Value]) -> Option<Value> {
    Some(Value::Number(text(arguments, 0)?.chars().count().into()))
}

pub(super) fn upper_case(arguments: &[Value]) -> Option<Value> {
    Some(Value::from(text(arguments, 0)?.to_uppercase()))
}

pub(super) fn lower_case(arguments: &[Value]) -> Option<Value> {
    Some(Value::from(text(arguments, 0)?.to_lowercase()))
}

pub(super) fn before(arguments: &[Value]) -> Option<Value> {
    let (text, part) = (text(arguments, 0)?, text(arguments, 1)?);
    Some(Value::text(text.find(part).map_or("", |at| &text[..at])))
}

pub(super) fn after(arguments: &[Value]) -> Option<Value> {
    let (text, part) = (text(arguments, 0)?, text(arguments, 1)?);
    Some(Value::text(
        text.find(part).map_or("", |at| &text[at + part.len()..]),
    ))
}

pub(super) fn contains(arguments: &[Value]) -> Option<Value> {
    Some(Value::Boolean(
        text(arguments, 0)?.contains(text(arguments, 1)?),
    ))
}

pub(super) fn starts_with(arguments: &[Value]) -> Option<Value> {
    Some(Value::Boolean(
        text(arguments, 0)?.starts_with(text(arguments, 1)?),
    ))
}

pub(super) fn ends_with(arguments: &[Value]) -> Option<Value> {
    Some(Value::Boolean(
        text(arguments, 0)?.ends_with(text(arguments, 1)?),
    ))
}

/// The pattern and flags of a call, compiled. Null flags are no flags.
fn pattern(
    machine: &mut Machine,
    arguments: &[Value],
    flags_at: usize,
) -> Result<Option<Regex>, Fault> {
    let flags = match single(get(arguments, flags_at)) {
        Value::Null => "",
        Value::String(flags) => flags,
        _ => return Ok(None),
    };
    let Some(pattern) = text(arguments, 1) else {
        return Ok(None);
    };
    machine.spend(8 + pattern.len() as u64)?;
    Ok(Regex::new(pattern, flags))
}

pub(super) fn matches(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let (Some(input), Some(regex)) = (text(arguments, 0), pattern(machine, arguments, 2)?) else {
        return Ok(Value::Null);
    };
    Ok(Value::Boolean(regex.find(input, 0, machine)?.is_some()))
}

pub(super) fn replace(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let (Some(input), Some(replacement)) = (text(arguments, 0), text(arguments, 2)) else {
        return Ok(Value::Null);
    };
    let Some(regex) = pattern(machine, arguments, 3)? else {
        return Ok(Value::Null);
    };
    let Some(replacement) = Replacement::new(replacement, regex.literal(), regex.groups()) else {
        return Ok(Value::Null);
    };
    let mut result = String::new();
    let mut rest = 0;
    let mut from = 0;
    while let Some(found) = regex.find(input, from, machine)? {
        let (start, end) = found.whole();
        machine.allocate((start - rest) as u64)?;
        result.push_str(&input[rest..start]);
        let length = result.len();
        replacement.write(input, &found, &mut result);
        machine.allocate((result.len() - length) as u64)?;
        rest = end;
        // An empty match moves on by one character, which stays as it is.
        from = if end > start {
            end
        } else {
            end + input[end..].chars().next().map_or(1, char::len_utf8)
        };
        if from > input.len() {
            break;
        }
    }
    result.push_str(&input[rest..]);
    Ok(Value::from(result))
}

pub(super) fn split(machine: &mut Machine, arguments: &[Value]) -> Outcome {
    let (Some(input), Some(regex)) = (text(arguments, 0), pattern(machine, arguments, 2)?) else {
        return Ok(Value::Null);
    };
    let mut parts = Vec::new();
    let (mut rest, mut from) = (0, 0);
    while from <= input.len() {
        let Some(found) = regex.find(input, from, machine)? else {
            break;
        };
        let (start, end) = found.whole();
        if end == start {
            from = end + input[end..].chars().next().map_or(1, char::len_utf8);
            if start == 0 || start == input.len() {
                continue;
            }
        } else {
            from = end;
        }
        machine.allocate(64 + (start - rest) as u64)?;
        parts.push(Value::text(&input[rest..start]));
        rest = end;
    }
    parts.push(Value::text(&input[rest..]));
    Ok(Value::list(parts))
}

pub(super) fn join(arguments: &[Value]) -> Option<Value> {
    let delimiter = match single(get(arguments, 1)) {
        Value::Null => "",
        Value::String(delimiter) => delimiter,
        _ => return None,
    };
    let mut parts = Vec::new();
    for item in list(arguments, 0)? {
        match item {
            Value::Null => {}
            Value::String(part) => parts.push(&**part),
            _ => return None,
        }
    }
    Some(Value::from(parts.join(delimiter)))
}
