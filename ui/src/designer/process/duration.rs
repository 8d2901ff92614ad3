//! ISO 8601 durations as a number and a unit.

use crate::t;

/// `P7D` → (`7`, `D`), `PT30M` → (`30`, `TM`). What is composed or an expression stays as it is: `None`.
pub fn split(text: &str) -> Option<(String, &'static str)> {
    let rest = text.trim().strip_prefix('P')?;
    let (timed, rest) = match rest.strip_prefix('T') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let last = rest.chars().next_back()?;
    let number = &rest[..rest.len() - last.len_utf8()];
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let unit = match (timed, last) {
        (true, 'M') => "TM",
        (true, 'H') => "TH",
        (false, 'D') => "D",
        (false, 'W') => "W",
        _ => return None,
    };
    Some((number.to_owned(), unit))
}

pub fn join(number: &str, unit: &str) -> String {
    match unit {
        "TM" => format!("PT{number}M"),
        "TH" => format!("PT{number}H"),
        "W" => format!("P{number}W"),
        _ => format!("P{number}D"),
    }
}

/// As people say it; what is composed, or an expression, as it stands.
pub fn said(text: &str) -> String {
    let Some((number, unit)) = split(text) else {
        return text.to_owned();
    };
    let count: f64 = number.parse().unwrap_or_default();
    match unit {
        "TM" => t!("kit-minutes", count = count),
        "TH" => t!("kit-hours", count = count),
        "W" => t!("kit-days", count = count * 7.0),
        _ => t!("kit-days", count = count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_simple_goes_both_ways_and_the_rest_is_left_alone() {
        for text in ["P7D", "PT30M", "PT4H", "P2W"] {
            let (number, unit) = split(text).unwrap();
            assert_eq!(join(&number, unit), text);
        }
        for text in ["P1DT2H", "sla.hours", "", "P", "PT", "P1M", "P1Y"] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
