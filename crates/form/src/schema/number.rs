use kernel::{Amount, AmountError};
use serde_json::Value;

/// An exact number out of JSON: decimal text (`"121335.95"`) or a JSON number, at most four decimals. Grouping marks and
/// decimal commas belong to a locale and are read at the edge.
pub fn parse_exact(value: &Value) -> Result<Amount, AmountError> {
    match value {
        Value::String(text) => plain(text.trim()),
        // The literal's own text: no detour through binary fractions beyond the one that JSON's reader made.
        Value::Number(number) => plain(&number.to_string()),
        _ => Err(AmountError::NotANumber),
    }
}

fn plain(text: &str) -> Result<Amount, AmountError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let well_formed = !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit());
    if !well_formed {
        // `1e3` and `1_000` are numbers to a program, not to a person.
        return Err(AmountError::NotANumber);
    }
    if digits.len() > 24 {
        return Err(AmountError::OutOfRange);
    }
    text.parse()
}

/// The same for what an expression computed: as many decimals as it likes, rounded half-even.
pub fn round_exact(value: &Value, decimals: u8) -> Result<Amount, AmountError> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(AmountError::NotANumber),
    };
    let exact: rust_decimal::Decimal = text.parse().map_err(|_| AmountError::NotANumber)?;
    let strategy = rust_decimal::RoundingStrategy::MidpointNearestEven;
    Amount::rounded(exact.round_dp_with_strategy(u32::from(decimals), strategy))
}
