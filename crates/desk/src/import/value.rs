//! From what a cell says to what the field's check wants: decimal marks, date orders, the words for yes and no.

use form::{FieldKind, FieldSpec};
use kernel::text;
use serde_json::Value;

kernel::stored_words! {
    /// In which order a date's parts stand.
    pub enum DateOrder {
        DayMonthYear = "dmy",
        MonthDayYear = "mdy",
        YearMonthDay = "ymd",
    }
}

kernel::stored_words! {
    /// What separates whole from parts. The other one, blanks and apostrophes group the thousands.
    pub enum DecimalMark {
        Comma = "comma",
        Point = "point",
    }
}

impl DecimalMark {
    const fn byte(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Point => '.',
        }
    }
}

/// The cell as the field's check reads it. What cannot be turned stays as it is, so that the check says what is wrong.
pub fn convert(spec: &FieldSpec, cell: &str, decimal: DecimalMark, dates: DateOrder) -> Value {
    let cell = cell.trim();
    let turned = match &spec.kind {
        FieldKind::Number { .. } | FieldKind::Amount { .. } => number(cell, decimal),
        FieldKind::Date => date(cell, dates),
        FieldKind::Boolean => {
            return boolean(cell).map_or_else(|| Value::String(cell.to_owned()), Value::Bool);
        }
        FieldKind::Choice { options } => {
            let folded = text::fold(cell);
            let meant = |words: &form::Words| {
                text::fold(&words.es) == folded || text::fold(&words.en) == folded
            };
            options
                .iter()
                .find(|o| o.key == cell || meant(&o.label))
                .map(|o| o.key.clone())
        }
        _ => None,
    };
    Value::String(turned.unwrap_or_else(|| cell.to_owned()))
}

/// `1.234,50`, `$ -12,5`, `(3.000)`: plain decimal text, if the groups are whole ones. `1.5` is no number where the comma
/// is the mark: read as fifteen it would be a costly mistake.
pub fn number(cell: &str, decimal: DecimalMark) -> Option<String> {
    let (inner, bracketed) = match cell.strip_prefix('(').and_then(|c| c.strip_suffix(')')) {
        Some(inner) => (inner, true),
        None => (cell, false),
    };
    let bare: String = inner
        .chars()
        .filter(|c| !matches!(c, '$' | '€' | ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’'))
        .collect();
    let (negative, digits) = match bare.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let (whole, part) = match digits.split_once(decimal.byte()) {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let group = match decimal {
        DecimalMark::Comma => '.',
        DecimalMark::Point => ',',
    };
    let mut groups = whole.split(group);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let grouped =
        rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|g| g.len() == 3);
    let formed = grouped
        && all_digits(first)
        && rest.iter().all(|g| all_digits(g))
        && part.is_none_or(|p| !p.is_empty() && all_digits(p))
        && !(first.is_empty() && part.is_none());
    if !formed {
        return None;
    }
    let sign = if negative != bracketed { "-" } else { "" };
    let first = if first.is_empty() { "0" } else { first };
    let part = part.map(|p| format!(".{p}")).unwrap_or_default();
    Some(format!("{sign}{first}{}{part}", rest.concat()))
}

/// A day in ISO form; not checked to exist (the field's check does that and says so).
pub fn date(cell: &str, order: DateOrder) -> Option<String> {
    // Spreadsheets like to add midnight.
    let day = cell.split([' ', 'T']).next().unwrap_or(cell);
    let parts: Vec<&str> = day.split(['/', '-', '.']).collect();
    let [a, b, c] = parts[..] else { return None };
    let number = |t: &str| {
        (t.len() <= 4 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u32>().ok())?
    };
    let (a_len, c_len) = (a.len(), c.len());
    let (a, b, c) = (number(a)?, number(b)?, number(c)?);
    let (year, year_len, month, day) = match order {
        // A year of four digits says itself where it stands.
        _ if a_len == 4 => (a, a_len, b, c),
        DateOrder::DayMonthYear => (c, c_len, b, a),
        DateOrder::MonthDayYear => (c, c_len, a, b),
        DateOrder::YearMonthDay => (a, a_len, b, c),
    };
    let year = match year_len {
        4 => year,
        // Of customers' dates more lie behind us than before us.
        2 if year >= 30 => 1_900 + year,
        2 => 2_000 + year,
        _ => return None,
    };
    (month <= 99 && day <= 99).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn boolean(cell: &str) -> Option<bool> {
    match text::fold(cell).as_str() {
        "si" | "s" | "yes" | "y" | "true" | "verdadero" | "1" | "x" => Some(true),
        "no" | "n" | "false" | "falso" | "0" => Some(false),
        _ => None,
    }
}

/// What a spreadsheet would run instead of showing: a cell that begins like a formula.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Our own reports put an apostrophe before what a spreadsheet would run; mended and sent in again, it goes.
pub fn unarmed(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_their_mark_or_not_at_all() {
        let comma = |t| number(t, DecimalMark::Comma);
        assert_eq!(comma("121.335,95").as_deref(), Some("121335.95"));
        assert_eq!(comma("$ -1.000").as_deref(), Some("-1000"));
        assert_eq!(comma("(12,5)").as_deref(), Some("-12.5"));
        assert_eq!(comma(",5").as_deref(), Some("0.5"));
        for wrong in ["1.5", "12.34,5", "1,2,3", "", "-", "12,", "n/d", "1e3"] {
            assert_eq!(comma(wrong), None, "{wrong}");
        }
        assert_eq!(
            number("182,672.35", DecimalMark::Point).as_deref(),
            Some("182672.35")
        );
        assert_eq!(number("1,5", DecimalMark::Point), None);
    }

    #[test]
    fn dates_are_read_by_their_order() {
        assert_eq!(
            date("21/8/1997", DateOrder::DayMonthYear).as_deref(),
            Some("1997-08-21")
        );
        assert_eq!(
            date("8-21-97 00:00:00", DateOrder::MonthDayYear).as_deref(),
            Some("1997-08-21")
        );
        assert_eq!(
            date("1997-08-21", DateOrder::DayMonthYear).as_deref(),
            Some("1997-08-21")
        );
        assert_eq!(
            date("31/02/1999", DateOrder::DayMonthYear).as_deref(),
            Some("1999-02-31")
        );
        assert_eq!(date("ayer", DateOrder::DayMonthYear), None);
        assert_eq!(date("1/2/3", DateOrder::DayMonthYear), None);
    }
}
