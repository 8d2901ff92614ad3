//! One input column, cut into segments: points and the open stretches between them.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::dmn::DecisionTable;
use crate::eval::compare::order;
use crate::eval::{Frame, Machine, Names, evaluate};
use crate::number::Number;
use crate::scope::Scope;
use crate::syntax::ast::{Comparison, Kind, Node, Test};
use crate::syntax::{Known, Quoted, parse_unary_tests};
use crate::temporal::{DaysTimeDuration, YearsMonthsDuration};
use crate::value::{Range, RangeForm, Value};

/// A set of segments, as bits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Set(Vec<u64>);

impl Set {
    pub(super) fn empty(length: usize) -> Self {
        Self(vec![0; length.div_ceil(64).max(1)])
    }

    pub(super) fn full(length: usize) -> Self {
        let mut set = Self::empty(length);
        set.insert_range(0..length);
        set
    }

    fn insert_range(&mut self, range: std::ops::Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let (word, bit) = (at / 64, at % 64);
            let count = (range.end - at).min(64 - bit);
            let ones = if count == 64 {
                u64::MAX
            } else {
                (1 << count) - 1
            };
            self.0[word] |= ones << bit;
            at += count;
        }
    }

    /// Where membership changes: the first segment of each run, and the first behind it.
    pub(super) fn changes(&self) -> impl Iterator<Item = usize> {
        let shifted =
            |word: usize| (self.0[word] << 1) | if word == 0 { 0 } else { self.0[word - 1] >> 63 };
        let words = (0..self.0.len()).map(move |word| self.0[word] ^ shifted(word));
        words
            .enumerate()
            .flat_map(|(index, word)| bits(word).map(move |bit| index * 64 + bit))
    }

    pub(super) fn insert(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    pub(super) fn toggle(&mut self, index: usize) {
        self.0[index / 64] ^= 1 << (index % 64);
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }

    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a & !b == 0)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect())
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & !b).collect())
    }

    pub(super) fn first(&self) -> Option<usize> {
        let word = self.0.iter().position(|word| *word != 0)?;
        Some(word * 64 + self.0[word].trailing_zeros() as usize)
    }

    fn last(&self) -> Option<usize> {
        let word = self.0.iter().rposition(|word| *word != 0)?;
        Some(word * 64 + 63 - self.0[word].leading_zeros() as usize)
    }

    /// The first and the last segment.
    pub(super) fn span(&self) -> (usize, usize) {
        (self.first().unwrap_or(0), self.last().unwrap_or(0))
    }

    pub(super) fn first_common(&self, other: &Self) -> Option<usize> {
        self.and(other).first()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.0
            .iter()
            .enumerate()
            .flat_map(|(index, word)| bits(*word).map(move |bit| index * 64 + bit))
    }
}

fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = word.trailing_zeros() as usize;
        word &= word.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}

/// A column, cut.
pub(super) struct Column {
    /// The values mentioned, in order where they have one.
    points: Vec<Value>,
    /// Whether there are stretches between the points, or only the points and everything else.
    ordered: bool,
    /// The segments that the input may be in.
    pub(super) domain: Set,
    /// The segments that each different cell matches, and whether it could not be cut and is taken as matching everything.
    sets: Vec<(Set, bool)>,
    /// Which of them each rule has.
    rules: Vec<usize>,
}

/// What a cell matches, as far as it can be told from the cell alone.
enum Cell {
    All,
    Parts { parts: Vec<Range>, not: bool },
    Opaque,
}

impl Column {
    pub(super) fn cut(table: &DecisionTable, input: usize) -> Self {
        let declared = &table.inputs[input];
        // Many rules share their cells: each different text is read once.
        let (mut seen, mut cells) = (HashMap::new(), Vec::new());
        let rules: Vec<usize> = table
            .rules
            .iter()
            .map(|rule| {
                let text = rule.inputs.get(input).map_or("", String::as_str);
                *seen.entry(text).or_insert_with(|| {
                    cells.push(read(text));
                    cells.len() - 1
                })
            })
            .collect();
        let allowed = declared.values.as_deref().map(read);
        let mut points: Vec<Value> = Vec::new();
        for cell in cells.iter().chain(&allowed) {
            if let Cell::Parts { parts, .. } = cell {
                for end in parts.iter().flat_map(|part| [&part.start, &part.end]) {
                    if !end.is_null() {
                        points.push(end.clone());
                    }
                }
            }
        }
        let boolean = declared.type_name.as_deref() == Some("boolean")
            || points
                .iter()
                .any(|point| matches!(point, Value::Boolean(_)));
        if boolean {
            points = vec![Value::Boolean(false), Value::Boolean(true)];
        }
        let has_stretch = |cell: &Cell| matches!(cell, Cell::Parts { parts, .. } if parts.iter().any(|part| part.form != RangeForm::Exactly));
        let numeric = points
            .iter()
            .any(|point| !matches!(point, Value::String(_) | Value::Boolean(_)));
        let ordered = !boolean && (numeric || cells.iter().chain(&allowed).any(has_stretch));
        points.sort_by(|a, b| order(a, b).unwrap_or(Ordering::Equal));
        points.dedup_by(|a, b| {
            order(a, b) == Some(Ordering::Equal) || (matches!(a, Value::Boolean(_)) && a == b)
        });
        // Values of different kinds in one column have no order: nothing can be said about it.
        let mixed = points
            .windows(2)
            .any(|pair| pair[0].type_name() != pair[1].type_name());
        if mixed {
            points.clear();
        }
        let mut column = Self {
            points,
            ordered,
            domain: Set::empty(1),
            sets: Vec::new(),
            rules,
        };
        let length = column.segments();
        let mut domain = Set::full(length);
        for segment in 0..length {
            // Between two neighbouring days there is no day.
            if column.sample(segment).is_none() {
                domain.0[segment / 64] &= !(1 << (segment % 64));
            }
        }
        if boolean {
            domain = Set::empty(length);
            domain.insert(0);
            domain.insert(1);
        }
        if let Some(allowed) = &allowed
            && !mixed
        {
            domain = domain.and(&column.set(allowed));
        }
        let set_of = |cell: &Cell| {
            let opaque = matches!(cell, Cell::Opaque) || (mixed && !matches!(cell, Cell::All));
            (
                if mixed {
                    domain.clone()
                } else {
                    column.set(cell).and(&domain)
                },
                opaque,
            )
        };
        column.sets = cells.iter().map(set_of).collect();
        column.domain = domain;
        column
    }

    /// The segments that a rule's cell matches.
    pub(super) fn cell(&self, rule: usize) -> &Set {
        &self.sets[self.rules[rule]].0
    }

    /// Whether a rule's cell could not be cut.
    pub(super) fn is_opaque(&self, rule: usize) -> bool {
        self.sets[self.rules[rule]].1
    }

    /// How many segments there are: ordered, the stretches and points in turn; else the points and the rest.
    pub(super) fn segments(&self) -> usize {
        if self.ordered {
            2 * self.points.len() + 1
        } else {
            self.points.len() + 1
        }
    }

    fn set(&self, cell: &Cell) -> Set {
        let length = self.segments();
        let Cell::Parts { parts, not } = cell else {
            return Set::full(length);
        };
        let mut set = Set::empty(length);
        for part in parts {
            if self.ordered {
                set.insert_range(self.covered(part));
            } else if let Some(point) = self.points.iter().position(|point| *point == part.start) {
                set.insert(point);
            }
        }
        if *not {
            Set::full(length).without(&set)
        } else {
            set
        }
    }

    fn find(&self, value: &Value) -> Option<usize> {
        self.points
            .binary_search_by(|point| order(point, value).unwrap_or(Ordering::Less))
            .ok()
    }

    /// The segments from the start to the end of a part.
    fn covered(&self, part: &Range) -> std::ops::Range<usize> {
        let place = |value: &Value| {
            if value.is_null() {
                None
            } else {
                self.find(value)
            }
        };
        let from = match place(&part.start) {
            Some(point) => 2 * point + if part.start_included { 1 } else { 2 },
            None => 0,
        };
        let to = match place(&part.end) {
            Some(point) => 2 * point + if part.end_included { 2 } else { 1 },
            None => self.segments(),
        };
        from..to.max(from)
    }

    /// A value in a segment.
    pub(super) fn example(&self, segment: usize) -> Value {
        self.sample(segment).unwrap_or_default()
    }

    fn sample(&self, segment: usize) -> Option<Value> {
        if !self.ordered {
            return match self.points.get(segment) {
                Some(point) => Some(point.clone()),
                None if self.points.is_empty() => Some(Value::Null),
                None => Some(self.other()),
            };
        }
        if segment % 2 == 1 {
            return self.points.get(segment / 2).cloned();
        }
        let below = (segment / 2)
            .checked_sub(1)
            .and_then(|index| self.points.get(index));
        between(below, self.points.get(segment / 2))
    }

    /// A text that no cell mentions.
    fn other(&self) -> Value {
        let mut text = "…".to_owned();
        while self
            .points
            .iter()
            .any(|point| point.as_str() == Some(&text))
        {
            text.push('…');
        }
        Value::from(text)
    }

    /// A set as a cell would write it.
    pub(super) fn cell_text(&self, set: &Set) -> String {
        if self.domain.is_within(set) {
            return "-".to_owned();
        }
        if !self.ordered {
            return self.listed(set);
        }
        let mut parts: Vec<String> = Vec::new();
        let mut segments = set.iter().peekable();
        while let Some(first) = segments.next() {
            let mut last = first;
            // A stretch without any value between two points does not interrupt.
            while let Some(next) = segments.peek().copied() {
                let bridged = next == last + 2
                    && !self.domain.contains(last + 1)
                    && self.sample(last + 1).is_none();
                if next != last + 1 && !bridged {
                    break;
                }
                last = next;
                segments.next();
            }
            parts.push(self.part_text(first, last));
        }
        parts.join(", ")
    }

    fn listed(&self, set: &Set) -> String {
        let rest = self.points.len();
        let name = |segment: usize| literal(&self.points[segment]);
        if set.contains(rest) {
            let others: Vec<String> = (0..rest)
                .filter(|segment| !set.contains(*segment))
                .map(name)
                .collect();
            return format!("not({})", others.join(", "));
        }
        set.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn part_text(&self, first: usize, last: usize) -> String {
        let last_segment = self.segments() - 1;
        if first == last && first % 2 == 1 {
            return literal(&self.points[first / 2]);
        }
        // A stretch begins behind the point before it.
        let start = if first % 2 == 1 {
            Some((first / 2, true))
        } else {
            (first / 2).checked_sub(1).map(|point| (point, false))
        };
        let end = if last % 2 == 1 {
            Some((last / 2, true))
        } else {
            (last < last_segment).then_some((last / 2, false))
        };
        let equal = |included| if included { "=" } else { "" };
        match (start, end) {
            (None, None) => "-".to_owned(),
            (None, Some((point, included))) => {
                format!("<{} {}", equal(included), literal(&self.points[point]))
            }
            (Some((point, included)), None) => {
                format!(">{} {}", equal(included), literal(&self.points[point]))
            }
            (Some((start, from)), Some((end, to))) => {
                let mut text = String::from(if from { "[" } else { "(" });
                let close = if to { ']' } else { ')' };
                let _ = write!(
                    text,
                    "{}..{}{close}",
                    literal(&self.points[start]),
                    literal(&self.points[end])
                );
                text
            }
        }
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => Quoted(text).to_string(),
        other => format!("{other:?}"),
    }
}

/// A value strictly between two neighbouring points; without one of them, beyond the other.
fn between(below: Option<&Value>, above: Option<&Value>) -> Option<Value> {
    let number = |a: Option<Number>, b: Option<Number>| -> Option<Number> {
        match (a, b) {
            (Some(a), Some(b)) => {
                // A whole number where there is one, else the middle.
                let next = a
                    .round_to(0, crate::number::Rounding::Floor)?
                    .plus(Number::ONE)?;
                if next < b {
                    Some(next)
                } else {
                    a.plus(b)?.divide(Number::from(2))
                }
            }
            (Some(a), None) => a.plus(Number::ONE),
            (None, Some(b)) => b.subtract(Number::ONE),
            (None, None) => None,
        }
    };
    match (below, above) {
        (None, None) => Some(Value::Null),
        (Some(Value::Number(_)), _) | (_, Some(Value::Number(_))) => number(
            below.and_then(Value::as_number),
            above.and_then(Value::as_number),
        )
        .map(Value::Number),
        (Some(Value::String(a)), Some(Value::String(b))) => {
            let candidate = format!("{a}a");
            if *candidate < **b {
                Some(Value::from(candidate))
            } else {
                Some(Value::from(format!("{a}\u{1}")))
            }
        }
        (Some(Value::String(a)), None) => Some(Value::from(format!("{a}a"))),
        (None, Some(Value::String(b))) => (!b.is_empty()).then(|| Value::text("")),
        (Some(Value::Date(a)), above) => {
            let next = a.add_days(1)?;
            (above
                .and_then(Value::as_date)
                .is_none_or(|above| next < above))
            .then_some(Value::Date(next))
        }
        (None, Some(Value::Date(b))) => b.add_days(-1).map(Value::Date),
        (Some(Value::YearsMonthsDuration(a)), above) => {
            let next = YearsMonthsDuration::from_months(a.total_months() + 1);
            let fits = !matches!(above, Some(Value::YearsMonthsDuration(above)) if next >= *above);
            fits.then_some(Value::YearsMonthsDuration(next))
        }
        (None, Some(Value::YearsMonthsDuration(b))) => Some(Value::YearsMonthsDuration(
            YearsMonthsDuration::from_months(b.total_months() - 1),
        )),
        (below, above) => nudge(below, above),
    }
}

/// Times and lengths of time: a second later, or a millisecond where that is too much.
fn nudge(below: Option<&Value>, above: Option<&Value>) -> Option<Value> {
    use crate::eval::arithmetic::apply;
    use crate::syntax::ast::Operator;
    let second = Value::DaysTimeDuration(DaysTimeDuration::from_seconds(1));
    let Some(below) = below else {
        return apply(Operator::Subtract, above?, &second);
    };
    for nanos in [1_000_000_000, 1_000_000] {
        let step = Value::DaysTimeDuration(DaysTimeDuration::from_nanos(nanos)?);
        let next = apply(Operator::Add, below, &step)?;
        let above_it = order(below, &next) == Some(Ordering::Less);
        if above_it && above.is_none_or(|above| order(&next, above) == Some(Ordering::Less)) {
            return Some(next);
        }
    }
    None
}

/// Reads a cell as parts of its column.
fn read(text: &str) -> Cell {
    let text = text.trim();
    if text.is_empty() || text == "-" {
        return Cell::All;
    }
    let Ok(Node {
        kind: Kind::Tests(tests),
        ..
    }) = parse_unary_tests(text, &Known::default())
    else {
        return Cell::Opaque;
    };
    match tests.as_slice() {
        [Test::Any] => Cell::All,
        [Test::Not(inner)] => {
            parts(inner).map_or(Cell::Opaque, |parts| Cell::Parts { parts, not: true })
        }
        tests => parts(tests).map_or(Cell::Opaque, |parts| Cell::Parts { parts, not: false }),
    }
}

fn parts(tests: &[Test]) -> Option<Vec<Range>> {
    let mut parts = Vec::new();
    for test in tests {
        match test {
            Test::Compare(Comparison::NotEqual, node) => {
                let value = constant(node)?;
                parts.push(part(
                    RangeForm::Below,
                    Value::Null,
                    value.clone(),
                    false,
                    false,
                ));
                parts.push(part(RangeForm::Above, value, Value::Null, false, false));
            }
            Test::Compare(comparison, node) => {
                let value = constant(node)?;
                parts.push(match comparison {
                    Comparison::Less => part(RangeForm::Below, Value::Null, value, false, false),
                    Comparison::LessOrEqual => {
                        part(RangeForm::Below, Value::Null, value, false, true)
                    }
                    Comparison::Greater => part(RangeForm::Above, value, Value::Null, false, false),
                    Comparison::GreaterOrEqual => {
                        part(RangeForm::Above, value, Value::Null, true, false)
                    }
                    Comparison::Equal | Comparison::NotEqual => {
                        part(RangeForm::Exactly, value.clone(), value, true, true)
                    }
                });
            }
            Test::Value {
                node,
                condition: false,
            } => value_parts(constant(node)?, &mut parts)?,
            Test::Value { .. } | Test::Not(_) | Test::Any => return None,
        }
    }
    Some(parts)
}

fn value_parts(value: Value, parts: &mut Vec<Range>) -> Option<()> {
    match value {
        Value::Null | Value::Context(_) | Value::Function(_) => return None,
        Value::List(items) => {
            for item in items.iter() {
                value_parts(item.clone(), parts)?;
            }
        }
        Value::Range(range) => {
            let range = Arc::unwrap_or_clone(range);
            if range.form == RangeForm::Other
                || (range.form == RangeForm::Interval
                    && (range.start.is_null() || range.end.is_null()))
            {
                return None;
            }
            parts.push(range);
        }
        single => parts.push(part(RangeForm::Exactly, single.clone(), single, true, true)),
    }
    Some(())
}

fn part(
    form: RangeForm,
    start: Value,
    end: Value,
    start_included: bool,
    end_included: bool,
) -> Range {
    Range {
        form,
        start,
        end,
        start_included,
        end_included,
    }
}

/// The value of an expression that mentions no name.
fn constant(node: &Node) -> Option<Value> {
    if let Kind::Literal(value) = &node.kind {
        return (!value.is_null()).then(|| value.clone());
    }
    if !crate::syntax::ast::names(node).is_empty() || crate::syntax::ast::asks_time(node) {
        return None;
    }
    let scope = Scope::new();
    evaluate(
        node,
        &Frame::root(Names::Scope(&scope)),
        &mut Machine::new(&scope),
    )
    .ok()
    .filter(|value| !value.is_null())
}
