//! Filters and loops.

use super::{Frame, Machine, Names, Result, evaluate};
use crate::number::Number;
use crate::syntax::ast::{Domain, Iterator, Kind, Node};
use crate::temporal::Date;
use crate::value::{List, RangeForm, Value};

/// `list[filter]`: an item by its number, or the items for which a condition is true.
pub(super) fn filter(
    list: &Node,
    filter: &Node,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let value = evaluate(list, frame, machine)?;
    apply_filter(&value, filter, frame, machine)
}

/// The same for a value that is there already.
pub(crate) fn apply_filter(
    value: &Value,
    filter: &Node,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let items = match value {
        Value::List(items) => &**items,
        Value::Null => return Ok(Value::Null),
        single => std::slice::from_ref(single),
    };
    if let Kind::Literal(Value::Number(position)) = &filter.kind {
        return Ok(item_at(items, *position));
    }
    // A number may also be computed; whether it is one shows without an item, unless the filter needs one.
    if items.is_empty() {
        return match evaluate(filter, frame, machine)? {
            Value::Number(_) => Ok(Value::Null),
            _ => machine.list(Vec::new()),
        };
    }
    let mut kept = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match evaluate(filter, &Frame::inside(frame, Names::Item(item)), machine)? {
            Value::Boolean(true) => kept.push(item.clone()),
            // The position does not depend on the item: the first tells.
            Value::Number(position) if index == 0 => return Ok(item_at(items, position)),
            Value::Boolean(false) | Value::Null => {}
            _ if index == 0 => return Ok(Value::Null),
            _ => {}
        }
    }
    machine.list(kept)
}

fn item_at(items: &[Value], position: Number) -> Value {
    let Some(position) = position.to_i64() else {
        return Value::Null;
    };
    let index = if position > 0 {
        usize::try_from(position - 1).ok()
    } else {
        usize::try_from(position.unsigned_abs())
            .ok()
            .filter(|back| *back > 0)
            .and_then(|back| items.len().checked_sub(back))
    };
    index
        .and_then(|index| items.get(index))
        .cloned()
        .unwrap_or_default()
}

/// What a loop runs over.
enum Elements {
    Values(Value),
    Numbers {
        next: i64,
        last: i64,
        step: i64,
    },
    Days {
        next: i64,
        last: i64,
        step: i64,
    },
    /// Null or something that cannot be gone through.
    None,
}

impl Elements {
    fn of(domain: &Domain, frame: &Frame<'_>, machine: &mut Machine) -> Result<Self> {
        Ok(match domain {
            Domain::Span(start, end) => {
                let start = evaluate(start, frame, machine)?;
                let end = evaluate(end, frame, machine)?;
                Self::between(&start, &end)
            }
            Domain::Each(node) => match evaluate(node, frame, machine)? {
                Value::Range(range) if range.form == RangeForm::Interval => {
                    let mut elements = Self::between(&range.start, &range.end);
                    if let Self::Numbers { next, last, step } | Self::Days { next, last, step } =
                        &mut elements
                    {
                        // What is left out at the ends of an empty range must not turn its direction.
                        if !range.start_included {
                            *next += *step;
                        }
                        if !range.end_included {
                            *last -= *step;
                        }
                    }
                    elements
                }
                Value::Null => Self::None,
                Value::List(list) => Self::Values(Value::List(list)),
                Value::Range(_) => Self::None,
                single => Self::Values(Value::list(vec![single])),
            },
        })
    }

    fn between(start: &Value, end: &Value) -> Self {
        match (start, end) {
            (Value::Number(start), Value::Number(end)) => {
                match (start.to_integer(), end.to_integer()) {
                    (Some(next), Some(last)) => Self::Numbers {
                        next,
                        last,
                        step: if next <= last { 1 } else { -1 },
                    },
                    _ => Self::None,
                }
            }
            (Value::Date(start), Value::Date(end)) => {
                let (next, last) = (start.epoch_day(), end.epoch_day());
                Self::Days {
                    next,
                    last,
                    step: if next <= last { 1 } else { -1 },
                }
            }
            _ => Self::None,
        }
    }

    fn get(&mut self, index: usize) -> Option<Value> {
        match self {
            Self::Values(Value::List(list)) => list.get(index).cloned(),
            Self::Numbers { next, last, step } => advance(next, *last, *step).map(Value::from),
            Self::Days { next, last, step } => advance(next, *last, *step)
                .and_then(Date::from_epoch_day)
                .map(Value::Date),
            _ => None,
        }
    }
}

fn advance(next: &mut i64, last: i64, step: i64) -> Option<i64> {
    let here = *next;
    if (step > 0 && here > last) || (step < 0 && here < last) {
        return None;
    }
    *next += step;
    Some(here)
}

/// Runs `each` for every combination of the iterators' elements, the last one fastest. False: what is gone through is not a
/// list.
fn combinations(
    iterators: &[Iterator],
    frame: &Frame<'_>,
    machine: &mut Machine,
    each: &mut dyn FnMut(&Frame<'_>, &mut Machine) -> Result<bool>,
) -> Result<Progress> {
    let Some((first, rest)) = iterators.split_first() else {
        return Ok(if each(frame, machine)? {
            Progress::Done
        } else {
            Progress::Stopped
        });
    };
    let mut elements = Elements::of(&first.domain, frame, machine)?;
    if matches!(elements, Elements::None) {
        return Ok(Progress::NotAList);
    }
    let mut index = 0;
    while let Some(value) = elements.get(index) {
        machine.spend(1)?;
        index += 1;
        match combinations(
            rest,
            &Frame::inside(frame, Names::One(&first.name, &value)),
            machine,
            each,
        )? {
            Progress::Done => {}
            other => return Ok(other),
        }
    }
    Ok(Progress::Done)
}

#[derive(PartialEq)]
enum Progress {
    Done,
    Stopped,
    NotAList,
}

/// `for … return …`. `partial`: the body looks at what the loop has made so far.
pub(super) fn for_each(
    iterators: &[Iterator],
    body: &Node,
    partial: bool,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let mut results = List::from(Vec::new());
    let progress = combinations(iterators, frame, machine, &mut |frame, machine| {
        let value = if partial {
            let so_far = Value::List(results.clone());
            evaluate(
                body,
                &Frame::inside(frame, Names::One("partial", &so_far)),
                machine,
            )?
        } else {
            evaluate(body, frame, machine)?
        };
        // Pushing copies only when the body kept the list; that copy is paid for.
        machine.allocate(if results.is_shared() {
            64 + 32 * results.len() as u64
        } else {
            32
        })?;
        results.push(value);
        Ok(true)
    })?;
    if progress == Progress::NotAList {
        Ok(Value::Null)
    } else {
        machine.checked(Value::List(results))
    }
}

pub(super) fn quantified(
    every: bool,
    iterators: &[Iterator],
    condition: &Node,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let (mut open, mut wrong) = (false, false);
    let progress = combinations(iterators, frame, machine, &mut |frame, machine| {
        match evaluate(condition, frame, machine)? {
            // One false decides `every`, one true decides `some`.
            Value::Boolean(value) if value != every => return Ok(false),
            Value::Boolean(_) => {}
            Value::Null => open = true,
            _ => {
                wrong = true;
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    Ok(match progress {
        _ if wrong => Value::Null,
        Progress::Stopped => Value::Boolean(!every),
        Progress::NotAList => Value::Null,
        Progress::Done if open => Value::Null,
        Progress::Done => Value::Boolean(every),
    })
}

/// A boxed filter: items for which the condition is true; a condition that is neither boolean nor null makes the whole null.
pub(super) fn boxed_filter(
    list: &Node,
    filter: &Node,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let value = evaluate(list, frame, machine)?;
    let items = match &value {
        Value::List(items) => &**items,
        Value::Null => return Ok(Value::Null),
        single => std::slice::from_ref(single),
    };
    let mut kept = Vec::new();
    for item in items {
        match evaluate(filter, &Frame::inside(frame, Names::Item(item)), machine)? {
            Value::Boolean(true) => kept.push(item.clone()),
            Value::Boolean(false) | Value::Null => {}
            _ => return Ok(Value::Null),
        }
    }
    machine.list(kept)
}
