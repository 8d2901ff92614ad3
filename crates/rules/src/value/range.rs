//! Intervals.

use std::fmt;

use super::Value;

/// How a range was written: `(< 10)` and `(null..10)` differ in FEEL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RangeForm {
    /// Two end points.
    Interval,
    /// `<` and `<=`: only the end.
    Below,
    /// `>` and `>=`: only the start.
    Above,
    /// `=`
    Exactly,
    /// `!=`
    Other,
}

/// An interval of values; an end point that is null is open without limit where the form says so.
#[derive(Clone)]
pub struct Range {
    /// How it was written.
    pub form: RangeForm,
    /// Where it starts.
    pub start: Value,
    /// Where it ends.
    pub end: Value,
    /// Whether the start belongs to it.
    pub start_included: bool,
    /// Whether the end belongs to it.
    pub end_included: bool,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equal = |included| if included { "=" } else { "" };
        match self.form {
            RangeForm::Interval => {
                let open = if self.start_included { '[' } else { '(' };
                let close = if self.end_included { ']' } else { ')' };
                write!(f, "{open}{:?}..{:?}{close}", self.start, self.end)
            }
            RangeForm::Below => write!(f, "(<{} {:?})", equal(self.end_included), self.end),
            RangeForm::Above => write!(f, "(>{} {:?})", equal(self.start_included), self.start),
            RangeForm::Exactly => write!(f, "(= {:?})", self.start),
            RangeForm::Other => write!(f, "(!= {:?})", self.start),
        }
    }
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
