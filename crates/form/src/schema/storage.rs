use kernel::Amount;
use serde_json::Value;

use super::FieldKind;
use super::number::parse_exact;

pub(super) fn to_storage(kind: &FieldKind, canonical: &Value) -> Value {
    if !kind.is_exact_number() || canonical.is_null() {
        return canonical.clone();
    }
    parse_exact(canonical).map_or(Value::Null, |amount| amount.ten_thousandths().into())
}

pub(super) fn from_storage(kind: &FieldKind, stored: &Value) -> Value {
    if !kind.is_exact_number() {
        return stored.clone();
    }
    stored.as_i64().map_or(Value::Null, |units| {
        Value::String(Amount::from_ten_thousandths(units).to_string())
    })
}
