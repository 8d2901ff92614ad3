//! What an expression works on and gives back.

mod context;
mod json;
mod list;
mod range;

use std::fmt;
use std::sync::Arc;

pub use context::{Context, Name};
pub use list::List;
pub use range::{Range, RangeForm};

use crate::function::Function;
use crate::number::Number;
use crate::temporal::{Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration};

/// A FEEL value. Cloning copies at most a reference count.
#[derive(Clone, Default)]
pub enum Value {
    /// Nothing: also what an expression yields that cannot be computed.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// A decimal of 34 digits.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// A day.
    Date(Date),
    /// A time of day.
    Time(Time),
    /// A day with a time of day.
    DateTime(DateTime),
    /// A length of time in seconds.
    DaysTimeDuration(DaysTimeDuration),
    /// A count of months.
    YearsMonthsDuration(YearsMonthsDuration),
    /// Values in order.
    List(List),
    /// Values by name.
    Context(Context),
    /// An interval.
    Range(Arc<Range>),
    /// Something that can be called.
    Function(Arc<Function>),
}

impl Value {
    /// Text as a value.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::String(text.into())
    }

    /// A list of values.
    #[must_use]
    pub fn list(values: Vec<Self>) -> Self {
        Self::List(values.into())
    }

    /// Whether this is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is `true`: null and everything else are not.
    #[must_use]
    pub const fn is_true(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    /// Whether this is `false`.
    #[must_use]
    pub const fn is_false(&self) -> bool {
        matches!(self, Self::Boolean(false))
    }

    /// The boolean, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }

    /// The date, if it is one.
    #[must_use]
    pub const fn as_date(&self) -> Option<Date> {
        match self {
            Self::Date(value) => Some(*value),
            _ => None,
        }
    }

    /// The date and time, if it is one.
    #[must_use]
    pub const fn as_date_time(&self) -> Option<&DateTime> {
        match self {
            Self::DateTime(value) => Some(value),
            _ => None,
        }
    }

    /// The values of a list, if it is one.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The context, if it is one.
    #[must_use]
    pub const fn as_context(&self) -> Option<&Context> {
        match self {
            Self::Context(context) => Some(context),
            _ => None,
        }
    }

    /// The name of the value's type, as FEEL writes it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Boolean(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::DateTime(_) => "date and time",
            Self::DaysTimeDuration(_) => "days and time duration",
            Self::YearsMonthsDuration(_) => "years and months duration",
            Self::List(_) => "list",
            Self::Context(_) => "context",
            Self::Range(_) => "range",
            Self::Function(_) => "function",
        }
    }

    /// Bytes that the value would take written out, roughly. Shared parts count each time they appear: this is what bounds
    /// comparing, printing and dropping.
    #[must_use]
    pub fn weight(&self) -> u64 {
        match self {
            Self::String(text) => 32 + text.len() as u64,
            Self::List(list) => list.weight(),
            Self::Context(context) => context.weight(),
            Self::Range(range) => 64 + range.start.weight() + range.end.weight(),
            Self::Function(function) => function.weight(),
            _ => 32,
        }
    }

    /// How deep lists and contexts are nested in this value.
    #[must_use]
    pub fn depth(&self) -> u32 {
        match self {
            Self::List(list) => list.depth(),
            Self::Context(context) => context.depth(),
            Self::Range(range) => 1 + range.start.depth().max(range.end.depth()),
            Self::Function(function) => function.depth(),
            _ => 0,
        }
    }
}

/// The value as FEEL's `string()` writes it, except that a text inside a list or context stands in quotes.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::String(value) => f.write_str(value),
            Self::Date(value) => value.fmt(f),
            Self::Time(value) => value.fmt(f),
            Self::DateTime(value) => value.fmt(f),
            Self::DaysTimeDuration(value) => value.fmt(f),
            Self::YearsMonthsDuration(value) => value.fmt(f),
            Self::List(list) => {
                f.write_str("[")?;
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    value.write_nested(f)?;
                }
                f.write_str("]")
            }
            Self::Context(context) => {
                f.write_str("{")?;
                for (index, (name, value)) in context.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    if crate::syntax::is_plain_name(name) {
                        write!(f, "{name}: ")?;
                    } else {
                        crate::syntax::write_quoted(f, name)?;
                        f.write_str(": ")?;
                    }
                    value.write_nested(f)?;
                }
                f.write_str("}")
            }
            Self::Range(range) => range.fmt(f),
            Self::Function(function) => function.fmt(f),
        }
    }
}

impl Value {
    fn write_nested(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => crate::syntax::write_quoted(f, text),
            other => fmt::Display::fmt(other, f),
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(_)
            | Self::Time(_)
            | Self::DateTime(_)
            | Self::DaysTimeDuration(_)
            | Self::YearsMonthsDuration(_) => {
                write!(f, "@\"{self}\"")
            }
            other => other.write_nested(f),
        }
    }
}

/// Equal as FEEL's `=` has it; what FEEL cannot compare is not equal.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        crate::eval::compare::equal(self, other) == Some(true)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value.into())
    }
}

impl From<Context> for Value {
    fn from(value: Context) -> Self {
        Self::Context(value)
    }
}

impl From<List> for Value {
    fn from(value: List) -> Self {
        Self::List(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
