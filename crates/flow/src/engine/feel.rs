//! FEEL, the product's language, as the language of conditions.

use std::fmt;

use kernel::Moment;
use serde_json::Value;

use super::condition::{Conditions, Prepared, Wrong};
use super::state::Variables;
use crate::model::Definitions;

/// FEEL over the variables of an instance.
#[derive(Default)]
pub struct Feel {
    schema: rules::Schema,
}

impl Feel {
    /// Knows the ids of the document's elements, so that `sid-1F-2.outcome` is a name and no subtraction.
    pub fn of(definitions: &Definitions) -> Self {
        let elements = definitions
            .processes
            .iter()
            .flat_map(|process| &process.elements);
        let odd =
            elements.filter(|element| !element.id.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let mut schema = rules::Schema::new();
        for element in odd {
            schema.add(&*element.id, rules::Type::Any);
        }
        // A data object may have blanks in its name.
        let data = definitions
            .processes
            .iter()
            .flat_map(|process| &process.data);
        let odd = data.filter(|data| !data.name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        for data in odd {
            schema.add(&*data.name, rules::Type::Any);
        }
        Self { schema }
    }
}

impl Conditions for Feel {
    fn prepare(&self, text: &str) -> Result<Box<dyn Prepared>, Wrong> {
        let expression =
            rules::Expression::parse_in(text, &self.schema).map_err(|diagnostics| {
                let sentence = |language| {
                    diagnostics
                        .first()
                        .map(|first| first.sentence(language))
                        .unwrap_or_default()
                };
                Wrong {
                    es: sentence(rules::Language::Es),
                    en: sentence(rules::Language::En),
                }
            })?;
        let timely = ["now", "today"].iter().any(|word| text.contains(word));
        Ok(Box::new(Ready { expression, timely }))
    }
}

struct Ready {
    expression: rules::Expression,
    /// It asks for the time.
    timely: bool,
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)
    }
}

impl Prepared for Ready {
    fn evaluate(&self, layers: &[&Variables], now: Moment) -> Result<Value, String> {
        let text = self.expression.text();
        let mut scope = rules::Scope::new();
        for layer in layers.iter().rev() {
            // Turning a value into FEEL's costs more than most conditions: only what the text can mean is turned.
            let named = layer
                .iter()
                .filter(|(name, _)| text.contains(name.as_str()));
            let context: rules::Context = named
                .map(|(name, value)| (name.as_str(), rules::Value::from(value)))
                .collect();
            scope = scope.with_layer(context);
        }
        if self.timely {
            let micros = now.as_micros();
            let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or(0);
            let utc = rules::temporal::Zone::utc();
            if let Some(now) =
                rules::temporal::DateTime::from_epoch(micros.div_euclid(1_000_000), nanos, &utc)
            {
                scope = scope.at(now);
            }
        }
        match self.expression.evaluate(&scope) {
            Ok(value) => Ok(value.to_json()),
            // The code of the fault is for support; the sentence is the caller's.
            Err(fault) => Err(format!("{text} ({fault:?})")),
        }
    }
}
