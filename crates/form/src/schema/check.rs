//! From what somebody typed or sent to the one canonical form.

use kernel::{Amount, AmountError, FieldProblem, Moment};
use serde_json::{Map, Value};

use super::document;
use super::number::parse_exact;
use super::{ChoiceOption, FieldKind, FieldSpec};

const TEXT_MAX: usize = 200;
const LONG_TEXT_MAX: usize = 20_000;

pub(super) fn check(field: &FieldSpec, value: &Value) -> Result<Value, FieldProblem> {
    let problem = |code| FieldProblem::new(&field.key, code);
    let blank = match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    if blank {
        return if field.required {
            Err(problem("required"))
        } else {
            Ok(Value::Null)
        };
    }
    match &field.kind {
        FieldKind::Text => text(field, value, TEXT_MAX, false),
        FieldKind::LongText => text(field, value, LONG_TEXT_MAX, true),
        FieldKind::Number { decimals } => number(field, value, decimals.unwrap_or(4).min(4)),
        FieldKind::Amount { .. } => number(field, value, 4),
        FieldKind::Date => day(field, value),
        FieldKind::Moment => value
            .as_str()
            .and_then(|t| t.trim().parse::<Moment>().ok())
            .map(|m| Value::String(m.to_string()))
            .ok_or_else(|| problem("not_a_moment")),
        FieldKind::Boolean => match value {
            Value::Bool(_) => Ok(value.clone()),
            _ => Err(problem("not_a_boolean")),
        },
        FieldKind::Choice { options } => chosen(options, value)
            .map(|option| Value::String(option.key.clone()))
            .ok_or_else(|| {
                problem("not_an_option").with("value", value.as_str().unwrap_or_default())
            }),
        FieldKind::Email => value
            .as_str()
            .and_then(email)
            .map(Value::String)
            .ok_or_else(|| problem("not_an_email")),
        FieldKind::Phone { country } => value
            .as_str()
            .and_then(|t| phone(t, country.as_deref()))
            .map(Value::String)
            .ok_or_else(|| problem("not_a_phone")),
        FieldKind::Document { rule } => {
            let typed = match value {
                Value::String(text) => text.clone(),
                // A spreadsheet's document numbers come as numbers.
                Value::Number(number) => number.to_string(),
                _ => return Err(problem("bad_document").with("rule", rule.word())),
            };
            document::check(*rule, &typed)
                .map(Value::String)
                .map_err(|code| problem(code).with("rule", rule.word()))
        }
    }
}

/// All values against all fields; unknown keys are problems.
pub(super) fn all(
    fields: &[FieldSpec],
    values: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut canonical = Map::new();
    for field in fields {
        match field.check(values.get(&field.key).unwrap_or(&Value::Null)) {
            Ok(value) => {
                canonical.insert(field.key.clone(), value);
            }
            Err(problem) => problems.push(problem),
        }
    }
    for key in values.keys() {
        if !fields.iter().any(|field| field.key == *key) {
            problems.push(FieldProblem::new(key, "unknown_field").with("field", key));
        }
    }
    if problems.is_empty() {
        Ok(canonical)
    } else {
        Err(problems)
    }
}

/// A calendar day in ISO form, years 1 to 9999: `(year, month, day)`.
pub fn date(text: &str) -> Option<(u16, u8, u8)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let part = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse::<u16>().ok())?
    };
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if year == 0 || day == 0 || day > last {
        return None;
    }
    Some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

/// Which bound of the definition cannot be read, or contradicts the other.
pub(super) fn bounds(field: &FieldSpec) -> Result<(), &'static str> {
    let rank = |bound: &Option<String>, name| match bound {
        None => Ok(None),
        Some(text) => rank(&field.kind, text).map(Some).ok_or(name),
    };
    match (rank(&field.min, "min")?, rank(&field.max, "max")?) {
        (Some(min), Some(max)) if min > max => Err("max"),
        _ => Ok(()),
    }
}

/// A bound as a number that orders as the kind's values do. `None`: not readable, or the kind has no order.
fn rank(kind: &FieldKind, text: &str) -> Option<i64> {
    match kind {
        FieldKind::Text | FieldKind::LongText => text
            .trim()
            .parse::<u32>()
            .ok()
            .filter(|n| *n <= 20_000)
            .map(i64::from),
        FieldKind::Number { .. } | FieldKind::Amount { .. } => text
            .trim()
            .parse::<Amount>()
            .ok()
            .map(Amount::ten_thousandths),
        FieldKind::Date => {
            let (year, month, day) = date(text.trim())?;
            Some(i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day))
        }
        _ => None,
    }
}

fn within(
    field: &FieldSpec,
    value: i64,
    below: &'static str,
    above: &'static str,
) -> Result<(), FieldProblem> {
    let broken = |bound: &Option<String>, breaks: fn(i64, i64) -> bool| {
        let text = bound.clone()?;
        let limit = rank(&field.kind, &text)?;
        breaks(value, limit).then_some(text)
    };
    if let Some(min) = broken(&field.min, |value, min| value < min) {
        return Err(FieldProblem::new(&field.key, below).with("min", min));
    }
    if let Some(max) = broken(&field.max, |value, max| value > max) {
        return Err(FieldProblem::new(&field.key, above).with("max", max));
    }
    Ok(())
}

fn text(field: &FieldSpec, value: &Value, most: usize, lines: bool) -> Result<Value, FieldProblem> {
    let Some(typed) = value.as_str() else {
        return Err(FieldProblem::new(&field.key, "not_text"));
    };
    // A line break in a field of one line is a blank.
    let trimmed = if lines {
        typed.trim().to_owned()
    } else {
        typed
            .split(['\n', '\r', '\t'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let control = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    if trimmed.chars().any(control) {
        return Err(FieldProblem::new(&field.key, "control_characters"));
    }
    if is_formula(&trimmed) {
        return Err(FieldProblem::new(&field.key, "formula"));
    }
    let length = trimmed.chars().count();
    if field.max.is_none() && length > most {
        return Err(FieldProblem::new(&field.key, "too_long").with("max", most));
    }
    within(
        field,
        i64::try_from(length).unwrap_or(i64::MAX),
        "too_short",
        "too_long",
    )?;
    Ok(Value::String(trimmed))
}

/// What a spreadsheet would run when somebody opens an export: never a customer's data.
fn is_formula(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['=', '+', '@']) else {
        return false;
    };
    text.starts_with('=')
        || rest
            .split_once('(')
            .is_some_and(|(name, _)| !name.contains(' '))
}

/// The option of this key, or the only one with this label in either language (accents and case ignored): lists from
/// outside say "Oro", not `gold`.
fn chosen<'a>(options: &'a [ChoiceOption], value: &Value) -> Option<&'a ChoiceOption> {
    let typed = value.as_str()?.trim();
    if let Some(option) = options.iter().find(|option| option.key == typed) {
        return Some(option);
    }
    let folded = kernel::text::fold(typed);
    let same = |label: &str| !folded.is_empty() && kernel::text::fold(label) == folded;
    let mut named = options
        .iter()
        .filter(|o| same(&o.label.es) || same(&o.label.en));
    named.next().filter(|_| named.next().is_none())
}

fn number(field: &FieldSpec, value: &Value, decimals: u8) -> Result<Value, FieldProblem> {
    let amount = parse_exact(value).map_err(|error| match error {
        AmountError::NotANumber => FieldProblem::new(&field.key, "not_a_number"),
        AmountError::OutOfRange => FieldProblem::new(&field.key, "number_out_of_range"),
        AmountError::TooPrecise => {
            FieldProblem::new(&field.key, "too_precise").with("decimals", decimals)
        }
    })?;
    if amount.decimal().normalize().scale() > u32::from(decimals) {
        return Err(FieldProblem::new(&field.key, "too_precise").with("decimals", decimals));
    }
    within(field, amount.ten_thousandths(), "too_small", "too_big")?;
    Ok(Value::String(amount.to_string()))
}

fn day(field: &FieldSpec, value: &Value) -> Result<Value, FieldProblem> {
    let typed = value.as_str().unwrap_or_default().trim();
    let (year, month, day) =
        date(typed).ok_or_else(|| FieldProblem::new(&field.key, "not_a_date"))?;
    let ordered = i64::from(year) * 10_000 + i64::from(month) * 100 + i64::from(day);
    within(field, ordered, "too_early", "too_late")?;
    Ok(Value::String(typed.to_owned()))
}

/// An address as mail systems take it in practice (RFC 5321 §4.5.3.1 for the lengths; quoted local parts and address
/// literals are left out on purpose: in customers' data they are slips).
fn email(typed: &str) -> Option<String> {
    let address = typed.trim();
    let (local, domain) = address.rsplit_once('@')?;
    let local_ok = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let domain_ok = domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(label_ok)
        && domain
            .rsplit('.')
            .next()
            .is_some_and(|top| top.len() >= 2 && !top.chars().all(|c| c.is_ascii_digit()));
    (local_ok && domain_ok).then(|| address.to_lowercase())
}

/// E.164 where the country is known: `+` and 7 to 15 digits; else the bare digits, 6 to 15.
fn phone(typed: &str, country: Option<&str>) -> Option<String> {
    let typed = typed.trim();
    let separators = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    let (international, rest) = match typed.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => match typed.strip_prefix("00") {
            Some(rest) => (true, rest),
            None => (false, typed),
        },
    };
    if !rest.chars().all(|c| c.is_ascii_digit() || separators(c)) {
        return None;
    }
    let digits = kernel::text::digits(rest);
    if international {
        let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
        return fits.then(|| format!("+{digits}"));
    }
    match country {
        Some(code) => {
            // The trunk prefix is for dialling inside the country only.
            let national = digits.trim_start_matches('0');
            let whole = format!("{code}{national}");
            ((6..=13).contains(&national.len()) && whole.len() <= 15).then(|| format!("+{whole}"))
        }
        None => (6..=15).contains(&digits.len()).then_some(digits),
    }
}
