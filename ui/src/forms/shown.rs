use form::{FieldKind, FieldSpec};
use kernel::Moment;
use serde_json::Value;

use crate::{day::Day, format, moment::ms, prefs::preferences, t};

/// A canonical value in the reader's words; empty where there is none.
pub fn shown(spec: &FieldSpec, value: &Value) -> String {
    let text = match value {
        Value::Null => return String::new(),
        Value::Bool(true) => return t!("value-yes"),
        Value::Bool(false) => return t!("value-no"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match &spec.kind {
        FieldKind::Number { decimals } => format::number(&text, *decimals),
        FieldKind::Amount { currency } => match currency {
            Some(currency) => format::money(&text, currency),
            None => format::number(&text, Some(2)),
        },
        FieldKind::Date => Day::parse(&text).map_or(text, format::day),
        FieldKind::Moment => text
            .parse::<Moment>()
            .map_or(text, |at| format::date_time(ms(at))),
        FieldKind::Choice { options } => options
            .iter()
            .find(|option| option.key == text)
            .map_or(text, |option| {
                option.label.get(preferences().language()).to_owned()
            }),
        FieldKind::Document { .. }
            if text.len() == 11 && text.bytes().all(|c| c.is_ascii_digit()) =>
        {
            // CUIT, CUIL: two digits of kind, eight of number, one of check.
            let (kind, rest) = text.split_at(2);
            let (number, check) = rest.split_at(8);
            format!("{kind}-{number}-{check}")
        }
        _ => text,
    }
}

/// A value whose field is not known here (another type's, a process variable).
pub fn shown_plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => t!("value-yes"),
        Value::Bool(false) => t!("value-no"),
        Value::String(text) => match text.parse::<Moment>() {
            Ok(at) => format::date_time(ms(at)),
            Err(_) => Day::parse(text).map_or_else(|| text.clone(), format::day),
        },
        Value::Array(all) => all.iter().map(shown_plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
