//! Types: what a value may be, and how a value becomes one of them.

mod check;
mod complete;
mod format;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::temporal::{Date, DateTime, Time};
use crate::value::{Context, Name, Range, RangeForm, Value};

pub use check::{Analysis, check, check_tests};
pub use complete::{Completion, CompletionKind, complete};
pub(crate) use format::Piece;
pub use format::{format, format_in};

/// The type of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    #[default]
    Any,
    /// Only null.
    Null,
    /// A number.
    Number,
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day with a time of day.
    DateTime,
    /// A length of time in seconds.
    DaysTimeDuration,
    /// A count of months.
    YearsMonthsDuration,
    /// A list whose items are of one type.
    List(Arc<Type>),
    /// A context with at least these entries.
    Context(Arc<Vec<(Name, Type)>>),
    /// A range between two values of one type.
    Range(Arc<Type>),
    /// A function with these parameter types and this result.
    Function(Arc<Vec<Type>>, Arc<Type>),
}

impl Type {
    /// A list of this type.
    #[must_use]
    pub fn list(self) -> Self {
        Self::List(Arc::new(self))
    }

    /// A context with these entries.
    #[must_use]
    pub fn context<N: Into<Name>>(entries: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Context(Arc::new(
            entries
                .into_iter()
                .map(|(name, entry)| (name.into(), entry))
                .collect(),
        ))
    }

    /// A built-in type by the name that FEEL gives it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Any" => Self::Any,
            "Null" => Self::Null,
            "number" => Self::Number,
            "string" => Self::String,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "date and time" | "dateTime" => Self::DateTime,
            "days and time duration" | "dayTimeDuration" => Self::DaysTimeDuration,
            "years and months duration" | "yearMonthDuration" => Self::YearsMonthsDuration,
            "list" => Self::Any.list(),
            "context" => Self::Context(Arc::default()),
            "range" => Self::Range(Arc::new(Self::Any)),
            "function" => Self::Function(Arc::default(), Arc::new(Self::Any)),
            _ => return None,
        })
    }

    /// Whether a value is of this type. Null conforms inside lists and contexts, but is not itself an instance of anything.
    #[must_use]
    pub fn has_instance(&self, value: &Value) -> bool {
        !value.is_null() && self.admits(value)
    }

    /// Whether a value is of this type or null.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) | (_, Value::Null) => true,
            (Self::Number, Value::Number(_))
            | (Self::String, Value::String(_))
            | (Self::Boolean, Value::Boolean(_))
            | (Self::Date, Value::Date(_))
            | (Self::Time, Value::Time(_))
            | (Self::DateTime, Value::DateTime(_))
            | (Self::DaysTimeDuration, Value::DaysTimeDuration(_))
            | (Self::YearsMonthsDuration, Value::YearsMonthsDuration(_)) => true,
            (Self::List(item), Value::List(values)) => {
                values.iter().all(|value| item.admits(value))
            }
            (Self::Context(entries), Value::Context(context)) => entries
                .iter()
                .all(|(name, entry)| context.get(name).is_some_and(|value| entry.admits(value))),
            (Self::Range(end), Value::Range(range)) => {
                end.admits(&range.start) && end.admits(&range.end)
            }
            (Self::Function(parameters, result), Value::Function(function)) => {
                function.conforms_to(parameters, result)
            }
            _ => false,
        }
    }

    /// Whether every value of this type is one of the other type.
    #[must_use]
    pub fn conforms_to(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Any) | (Self::Null, _) => true,
            (Self::List(a), Self::List(b)) | (Self::Range(a), Self::Range(b)) => a.conforms_to(b),
            (Self::Context(a), Self::Context(b)) => b.iter().all(|(name, wanted)| {
                a.iter()
                    .any(|(candidate, entry)| candidate == name && entry.conforms_to(wanted))
            }),
            (Self::Function(a, x), Self::Function(b, y)) => {
                a.len() == b.len()
                    && a.iter().zip(b.iter()).all(|(a, b)| b.conforms_to(a))
                    && x.conforms_to(y)
            }
            (a, b) => a == b,
        }
    }

    /// The value as this type: as it is, or by one of FEEL's conversions (a list of one item to the item, an item to a list
    /// of one, a date to its midnight in UTC), or null.
    #[must_use]
    pub fn coerce(&self, value: Value) -> Value {
        if self.admits(&value) {
            return value;
        }
        match (self, value) {
            (Self::DateTime, Value::Date(date)) => Value::DateTime(date.at_midnight_utc()),
            (Self::List(_), Value::List(_)) => Value::Null,
            (Self::List(item), value) => match item.coerce(value) {
                Value::Null => Value::Null,
                value => Value::list(vec![value]),
            },
            (single, Value::List(values)) if values.len() == 1 => single.coerce(values[0].clone()),
            _ => Value::Null,
        }
    }

    /// A value from JSON as this type: like [`Type::coerce`], and text becomes the date, time, duration or number it writes.
    #[must_use]
    pub fn read(&self, value: Value) -> Value {
        match (self, value) {
            (Self::List(item), Value::List(values)) => Value::list(
                values
                    .iter()
                    .map(|value| item.read(value.clone()))
                    .collect(),
            ),
            (Self::Context(entries), Value::Context(context)) => {
                let read = |name: &Name, value: &Value| {
                    let entry = entries.iter().find(|(candidate, _)| candidate == name);
                    entry.map_or_else(|| value.clone(), |(_, entry)| entry.read(value.clone()))
                };
                Value::Context(
                    context
                        .iter()
                        .map(|(name, value)| (Name::clone(name), read(name, value)))
                        .collect::<Context>(),
                )
            }
            (wanted, Value::String(text)) if *wanted != Self::String => wanted
                .parse(&text)
                .unwrap_or_else(|| wanted.coerce(Value::String(text))),
            (wanted, value) => wanted.coerce(value),
        }
    }

    fn parse(&self, text: &str) -> Option<Value> {
        match self {
            Self::Number => text.parse().ok().map(Value::Number),
            Self::Date => Date::parse(text)
                .or_else(|| DateTime::parse(text).map(|moment| moment.date()))
                .map(Value::Date),
            Self::Time => Time::parse(text).map(Value::Time),
            Self::DateTime => DateTime::parse(text).map(Value::DateTime),
            Self::DaysTimeDuration => crate::temporal::duration(text)?
                .ok()
                .map(Value::DaysTimeDuration),
            Self::YearsMonthsDuration => crate::temporal::duration(text)?
                .err()
                .map(Value::YearsMonthsDuration),
            Self::Range(_) => {
                let value = crate::builtins::range_from_text(text)?;
                self.admits(&value).then_some(value)
            }
            _ => None,
        }
    }

    /// The type of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Boolean(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Date(_) => Self::Date,
            Value::Time(_) => Self::Time,
            Value::DateTime(_) => Self::DateTime,
            Value::DaysTimeDuration(_) => Self::DaysTimeDuration,
            Value::YearsMonthsDuration(_) => Self::YearsMonthsDuration,
            Value::List(values) => values
                .iter()
                .map(Self::of)
                .reduce(|a, b| a.join(&b))
                .unwrap_or(Self::Any)
                .list(),
            Value::Context(context) => Self::context(
                context
                    .iter()
                    .map(|(name, value)| (Name::clone(name), Self::of(value))),
            ),
            Value::Range(range) => Self::Range(Arc::new(match (&**range, range.form) {
                (Range { end, .. }, RangeForm::Below) => Self::of(end),
                (Range { start, .. }, _) => Self::of(start),
            })),
            Value::Function(function) => function.signature(),
        }
    }

    /// The narrowest type that holds both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        if self.conforms_to(other) {
            other.clone()
        } else if other.conforms_to(self) {
            self.clone()
        } else {
            match (self, other) {
                (Self::List(a), Self::List(b)) => a.join(b).list(),
                (Self::Context(a), Self::Context(b)) => {
                    Self::context(a.iter().filter_map(|(name, entry)| {
                        let (_, matching) = b.iter().find(|(candidate, _)| candidate == name)?;
                        Some((Name::clone(name), entry.join(matching)))
                    }))
                }
                _ => Self::Any,
            }
        }
    }

    /// The name without its parameters: `list`, not `list<number>`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Any => "Any",
            Self::Null => "Null",
            Self::Number => "number",
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Time => "time",
            Self::DateTime => "date and time",
            Self::DaysTimeDuration => "days and time duration",
            Self::YearsMonthsDuration => "years and months duration",
            Self::List(_) => "list",
            Self::Context(_) => "context",
            Self::Range(_) => "range",
            Self::Function(..) => "function",
        }
    }
}

/// The type as FEEL writes it.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Range(end) => write!(f, "range<{end}>"),
            Self::Context(entries) => {
                f.write_str("context")?;
                for (index, (name, entry)) in entries.iter().enumerate() {
                    write!(f, "{}{name}: {entry}", if index == 0 { "<" } else { ", " })?;
                }
                f.write_str(if entries.is_empty() { "" } else { ">" })
            }
            Self::Function(parameters, result) => {
                f.write_str("function<")?;
                for (index, parameter) in parameters.iter().enumerate() {
                    write!(f, "{}{parameter}", if index == 0 { "" } else { ", " })?;
                }
                write!(f, ">->{result}")
            }
            simple => f.write_str(simple.name()),
        }
    }
}

/// The variables that exist at a place, with their types, and the named types that may be mentioned there.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(crate) variables: Vec<(Name, Type)>,
    pub(crate) types: HashMap<Name, Type>,
    pub(crate) members: Vec<Name>,
}

impl Schema {
    /// A schema without variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one variable more; it hides one of the same name.
    #[must_use]
    pub fn with(mut self, name: impl Into<Name>, of: Type) -> Self {
        self.add(name, of);
        self
    }

    /// Adds a variable; it hides one of the same name.
    pub fn add(&mut self, name: impl Into<Name>, of: Type) {
        let name = name.into();
        self.variables.retain(|(existing, _)| *existing != name);
        self.add_members(&of);
        self.variables.push((name, of));
    }

    /// Adds a named type.
    pub fn add_type(&mut self, name: impl Into<Name>, of: Type) {
        self.add_members(&of);
        self.types.insert(name.into(), of);
    }

    /// Names of entries that may follow a point and are not in any type, so that ones with signs in them are recognised.
    pub(crate) fn add_member(&mut self, name: &Name) {
        if !self.members.contains(name) {
            self.members.push(Name::clone(name));
        }
    }

    fn add_members(&mut self, of: &Type) {
        match of {
            Type::Context(entries) => {
                for (name, entry) in entries.iter() {
                    // Plain names are recognised without help.
                    if !crate::syntax::is_plain_name(name) {
                        self.add_member(name);
                    }
                    self.add_members(entry);
                }
            }
            Type::List(item) | Type::Range(item) => self.add_members(item),
            _ => {}
        }
    }

    /// The type of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Type> {
        self.variables
            .iter()
            .find(|(candidate, _)| **candidate == *name)
            .map(|(_, of)| of)
    }

    /// The variables in the order they were added.
    pub fn variables(&self) -> impl Iterator<Item = (&Name, &Type)> {
        self.variables.iter().map(|(name, of)| (name, of))
    }

    /// What the variables of a scope are, by their present values.
    #[must_use]
    pub fn of_context(context: &Context) -> Self {
        let mut schema = Self::new();
        for (name, value) in context.iter() {
            schema.add(Name::clone(name), Type::of(value));
        }
        schema
    }
}
