//! To JSON and from it.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::{Context, Value};
use crate::number::Number;

impl From<&Json> for Value {
    /// JSON has no dates: text stays text. `types::Type::coerce` turns it into what the schema says.
    fn from(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Boolean(*value),
            Json::Number(number) => match number.as_i64() {
                Some(whole) => Self::from(whole),
                None => number
                    .to_string()
                    .parse::<Number>()
                    .map_or(Self::Null, Self::Number),
            },
            Json::String(text) => Self::text(text),
            Json::Array(values) => Self::List(values.iter().map(Self::from).collect()),
            Json::Object(entries) => Self::Context(
                entries
                    .iter()
                    .map(|(name, value)| (name.as_str(), Self::from(value)))
                    .collect(),
            ),
        }
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        Self::from(&json)
    }
}

impl Value {
    /// The value as JSON. A number that a JSON reader would not give back exactly becomes text, as do dates, times, durations
    /// and ranges; a function becomes null.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null | Self::Function(_) => Json::Null,
            Self::Boolean(value) => Json::Bool(*value),
            Self::Number(number) => number_to_json(*number),
            Self::List(values) => Json::Array(values.iter().map(Self::to_json).collect()),
            Self::Context(context) => context.to_json(),
            other => Json::String(other.to_string()),
        }
    }
}

impl Context {
    /// The context as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Json {
        Json::Object(
            self.iter()
                .map(|(name, value)| (name.to_string(), value.to_json()))
                .collect::<Map<_, _>>(),
        )
    }
}

fn number_to_json(number: Number) -> Json {
    /// The largest whole number that JavaScript keeps exactly.
    const SAFE: i64 = (1 << 53) - 1;
    if let Some(whole) = number.to_integer().filter(|whole| whole.abs() <= SAFE) {
        return Json::Number(whole.into());
    }
    let binary = number.to_f64();
    match serde_json::Number::from_f64(binary) {
        Some(json) if json.to_string().parse::<Number>() == Ok(number) => Json::Number(json),
        _ => Json::String(number.to_string()),
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer)
            .map(|json| Self::from(&json))
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_comes_back_as_it_went() {
        let json =
            json!({"a": [1, 2.5, -0.1, "x", null, true], "b": {"c": 9_007_199_254_740_991_i64}});
        assert_eq!(Value::from(&json).to_json(), json);
        assert_eq!(
            Value::Number("0.1234567890123456789".parse().unwrap()).to_json(),
            json!("0.1234567890123456789")
        );
    }
}
