//! How points and ranges lie to one another: Allen's relations, DMN 1.5 table 78.

use std::cmp::Ordering;

use super::arguments::{get, single};
use crate::eval::compare::{contains, equal, order};
use crate::value::{Range, RangeForm, Value};

/// A range, or a point as a range of one.
struct Span<'a> {
    start: &'a Value,
    end: &'a Value,
    start_included: bool,
    end_included: bool,
    range: Option<&'a Range>,
}

fn span(arguments: &[Value], position: usize) -> Option<Span<'_>> {
    match single(get(arguments, position)) {
        Value::Null => None,
        Value::Range(range) => {
            (range.form == RangeForm::Interval || range.form == RangeForm::Exactly).then(|| Span {
                start: &range.start,
                end: &range.end,
                start_included: range.start_included,
                end_included: range.end_included,
                range: Some(range),
            })
        }
        point => Some(Span {
            start: point,
            end: point,
            start_included: true,
            end_included: true,
            range: None,
        }),
    }
}

fn two(arguments: &[Value]) -> Option<(Span<'_>, Span<'_>)> {
    Some((span(arguments, 0)?, span(arguments, 1)?))
}

fn two_ranges(arguments: &[Value]) -> Option<(Span<'_>, Span<'_>)> {
    let (a, b) = two(arguments)?;
    (a.range.is_some() && b.range.is_some()).then_some((a, b))
}

fn is_before(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    Some(match order(a.end, b.start)? {
        Ordering::Less => true,
        Ordering::Equal => !a.end_included || !b.start_included,
        Ordering::Greater => false,
    })
}

fn boolean(result: Option<bool>) -> Option<Value> {
    result.map(Value::Boolean)
}

pub(super) fn before(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    boolean(is_before(&a, &b))
}

pub(super) fn after(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    boolean(is_before(&b, &a))
}

fn is_meeting(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    Some(a.end_included && b.start_included && order(a.end, b.start)?.is_eq())
}

pub(super) fn meets(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two_ranges(arguments)?;
    boolean(is_meeting(&a, &b))
}

pub(super) fn met_by(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two_ranges(arguments)?;
    boolean(is_meeting(&b, &a))
}

pub(super) fn overlaps(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two_ranges(arguments)?;
    boolean(Some(!is_before(&a, &b)? && !is_before(&b, &a)?))
}

/// Whether `a` begins before `b`, or with it while `b` leaves its start out.
fn begins_earlier(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    Some(match order(a.start, b.start)? {
        Ordering::Less => true,
        Ordering::Equal => a.start_included && !b.start_included,
        Ordering::Greater => false,
    })
}

/// Starts before the other, reaches into it, and ends no later.
fn is_overlapping_before(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    let ends_in_time = match order(a.end, b.end)? {
        Ordering::Less => true,
        Ordering::Equal => !a.end_included || b.end_included,
        Ordering::Greater => false,
    };
    Some(begins_earlier(a, b)? && !is_before(a, b)? && ends_in_time)
}

pub(super) fn overlaps_before(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two_ranges(arguments)?;
    boolean(is_overlapping_before(&a, &b))
}

pub(super) fn overlaps_after(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two_ranges(arguments)?;
    boolean(is_overlapping_before(&b, &a))
}

fn is_finishing(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    let ends_together = order(a.end, b.end)?.is_eq() && a.end_included == b.end_included;
    let starts_within = match order(a.start, b.start)? {
        Ordering::Greater => true,
        Ordering::Equal => !a.start_included || b.start_included,
        Ordering::Less => false,
    };
    Some(ends_together && (starts_within || a.range.is_none()))
}

pub(super) fn finishes(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    b.range?;
    boolean(is_finishing(&a, &b))
}

pub(super) fn finished_by(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    a.range?;
    boolean(is_finishing(&b, &a))
}

fn is_including(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    let outer = a.range?;
    if b.range.is_none() {
        return contains(outer, b.start);
    }
    let starts = match order(a.start, b.start)? {
        Ordering::Less => true,
        Ordering::Equal => a.start_included || !b.start_included,
        Ordering::Greater => false,
    };
    let ends = match order(a.end, b.end)? {
        Ordering::Greater => true,
        Ordering::Equal => a.end_included || !b.end_included,
        Ordering::Less => false,
    };
    Some(starts && ends)
}

pub(super) fn includes(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    boolean(is_including(&a, &b))
}

pub(super) fn during(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    boolean(is_including(&b, &a))
}

fn is_starting(a: &Span<'_>, b: &Span<'_>) -> Option<bool> {
    let start_together = order(a.start, b.start)?.is_eq() && a.start_included == b.start_included;
    let ends_within = match order(a.end, b.end)? {
        Ordering::Less => true,
        Ordering::Equal => !a.end_included || b.end_included,
        Ordering::Greater => false,
    };
    Some(start_together && (ends_within || a.range.is_none()))
}

pub(super) fn starts(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    b.range?;
    boolean(is_starting(&a, &b))
}

pub(super) fn started_by(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    a.range?;
    boolean(is_starting(&b, &a))
}

pub(super) fn coincides(arguments: &[Value]) -> Option<Value> {
    let (a, b) = two(arguments)?;
    let alike = a.start_included == b.start_included && a.end_included == b.end_included;
    boolean(Some(
        alike && equal(a.start, b.start)? && equal(a.end, b.end)?,
    ))
}
