//! The fields of a customer type, and of a form's own fields.
//!
//! | kind | canonical value (JSON) | storage form |
//! |---|---|---|
//! | text, long_text | text, trimmed | the same |
//! | number, amount | decimal text, ≤ 4 decimals, no trailing zeros: `"121335.95"` | integer of ten-thousandths: `1213359500` |
//! | date | `"1997-08-21"` | the same |
//! | moment | `"2026-11-21T10:15:00.000000Z"` | the same |
//! | boolean | `true` / `false` | the same |
//! | choice | the option's key | the same |
//! | email | lower case | the same |
//! | phone | `"+5491151093439"`, or bare digits where no country is known | the same |
//! | document | as its rule writes it, without dots or dashes: `"23140170313"` | the same |
//!
//! Absent, `null` and blank text are one: no value, canonically `null`.

mod check;
mod document;
mod number;
mod storage;

use std::collections::BTreeSet;

use kernel::FieldProblem;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Words;

pub use check::date;
pub use document::DocumentRule;
pub use number::{parse_exact, round_exact};

/// A kind of customer and what is known of each: what `Engage Designer` defines under "customer types" (D-02).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerSchema {
    /// `[a-z][a-z0-9_]*`, at most 40 characters; never changes once published.
    pub key: String,
    pub name: Words,
    /// As a list of them is called.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub plural: Words,
    /// Name of an icon of the screen's set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Portfolio (a grouping of customer types) that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<String>,
    /// Keys of the fields that, joined by a blank, are the customer's name on screen. At least one, all of kind text.
    pub title: Vec<String>,
    /// In the order of the screen.
    pub fields: Vec<FieldSpec>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct FieldSpec {
    /// `[a-z][a-z0-9_]*`, at most 40 characters, unique within its schema or form; never changes once published.
    pub key: String,
    pub label: Words,
    #[serde(flatten)]
    pub kind: FieldKind,
    /// By which media this field is an address (D-04): a mobile number serves SMS, WhatsApp and voice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Medium>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// No two customers of the type have the same value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// Customers are found by it, lists can be filtered and ordered by it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub searchable: bool,
    /// Shown and exported only to those who are granted it by name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// Smallest value (number, amount, date) or fewest characters (text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Largest value (number, amount, date) or most characters (text). Text without it: 200, long text: 20,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub help: Words,
}

/// What a field holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldKind {
    #[default]
    Text,
    LongText,
    /// An exact number with at most four decimals.
    Number {
        /// How many decimals a value may have, 0 to 4; 4 when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decimals: Option<u8>,
    },
    /// Money.
    Amount {
        /// ISO 4217 code, such as `ARS`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        currency: Option<String>,
    },
    Date,
    Moment,
    Boolean,
    Choice {
        options: Vec<ChoiceOption>,
    },
    Email,
    Phone {
        /// Calling code that a number without `+` gets: `54`. Without it such a number stays as its digits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        country: Option<String>,
    },
    /// An identity document or tax number.
    Document {
        #[serde(default)]
        rule: DocumentRule,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    pub key: String,
    pub label: Words,
}

/// The ways to reach somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    Email,
    Sms,
    Whatsapp,
    Voice,
    Fax,
    Post,
}

impl Medium {
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::Sms,
        Self::Whatsapp,
        Self::Voice,
        Self::Fax,
        Self::Post,
    ];
}

impl FieldKind {
    /// The word that tells the kind in its serde form.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long_text",
            Self::Number { .. } => "number",
            Self::Amount { .. } => "amount",
            Self::Date => "date",
            Self::Moment => "moment",
            Self::Boolean => "boolean",
            Self::Choice { .. } => "choice",
            Self::Email => "email",
            Self::Phone { .. } => "phone",
            Self::Document { .. } => "document",
        }
    }

    /// Stored as an integer of ten-thousandths.
    pub const fn is_exact_number(&self) -> bool {
        matches!(self, Self::Number { .. } | Self::Amount { .. })
    }
}

impl FieldSpec {
    /// A field that asks for nothing special; the rest is set by name.
    pub fn new(key: impl Into<String>, label: Words, kind: FieldKind) -> Self {
        Self {
            key: key.into(),
            label,
            kind,
            media: Vec::new(),
            required: false,
            unique: false,
            searchable: false,
            sensitive: false,
            min: None,
            max: None,
            help: Words::default(),
        }
    }

    /// The canonical form of what somebody typed or sent, or what is wrong with it (with the field's key).
    ///
    /// No value at all is `Ok(null)` unless the field is required.
    pub fn check(&self, value: &Value) -> Result<Value, FieldProblem> {
        check::check(self, value)
    }

    /// The form in which the databases keep a canonical value: exact numbers as an integer of ten-thousandths, so that
    /// both compare and sum them exactly.
    pub fn to_storage(&self, canonical: &Value) -> Value {
        storage::to_storage(&self.kind, canonical)
    }

    /// The canonical form of a stored value.
    pub fn from_storage(&self, stored: &Value) -> Value {
        storage::from_storage(&self.kind, stored)
    }
}

impl CustomerSchema {
    pub fn field(&self, key: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The first field that is an address for the medium.
    pub fn field_for(&self, medium: Medium) -> Option<&FieldSpec> {
        self.fields.iter().find(|f| f.media.contains(&medium))
    }

    /// What the customer is called on screen, from canonical or stored values.
    pub fn title_of(&self, values: &Map<String, Value>) -> String {
        let parts = self
            .title
            .iter()
            .filter_map(|key| values.get(key)?.as_str());
        parts.collect::<Vec<_>>().join(" ")
    }

    /// All values of a customer in canonical form. A key that the schema does not know is a problem. The problems name
    /// the field by its key alone: prefix it as the request has it.
    pub fn check(
        &self,
        values: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Vec<FieldProblem>> {
        check::all(&self.fields, values)
    }

    /// Stored form of a map of canonical values; what the schema does not know stays as it is.
    pub fn to_storage(&self, canonical: &Map<String, Value>) -> Map<String, Value> {
        self.mapped(canonical, FieldSpec::to_storage)
    }

    pub fn from_storage(&self, stored: &Map<String, Value>) -> Map<String, Value> {
        self.mapped(stored, FieldSpec::from_storage)
    }

    fn mapped(
        &self,
        values: &Map<String, Value>,
        convert: fn(&FieldSpec, &Value) -> Value,
    ) -> Map<String, Value> {
        let pairs = values.iter().map(|(key, value)| {
            let converted = self
                .field(key)
                .map_or_else(|| value.clone(), |f| convert(f, value));
            (key.clone(), converted)
        });
        pairs.collect()
    }

    /// What is wrong with the definition itself, with its path (`fields[2].key`). Empty: it can be published.
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !is_key(&self.key) {
            problems.push(FieldProblem::new("key", "bad_key").with("key", &self.key));
        }
        if self.name.is_empty() {
            problems.push(FieldProblem::new("name", "required"));
        }
        if self.fields.is_empty() {
            problems.push(FieldProblem::new("fields", "no_fields"));
        }
        if self.title.is_empty() {
            problems.push(FieldProblem::new("title", "required"));
        }
        for (i, key) in self.title.iter().enumerate() {
            let path = format!("title[{i}]");
            match self.field(key) {
                None => problems.push(FieldProblem::new(path, "unknown_field").with("field", key)),
                Some(field) if field.kind != FieldKind::Text => {
                    problems.push(FieldProblem::new(path, "title_not_text").with("field", key));
                }
                Some(_) => {}
            }
        }
        problems.extend(fields_problems(&self.fields, "fields"));
        problems
    }
}

/// What is wrong with a list of field definitions; `path` is where it stands.
pub(crate) fn fields_problems(fields: &[FieldSpec], path: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, field) in fields.iter().enumerate() {
        let at = format!("{path}[{i}]");
        if !seen.insert(field.key.as_str()) {
            problems.push(
                FieldProblem::new(format!("{at}.key"), "duplicate_key").with("key", &field.key),
            );
        }
        problems.extend(field_problems(field, &at));
    }
    problems
}

/// What is wrong with one field definition that stands at `at`.
pub(crate) fn field_problems(field: &FieldSpec, at: &str) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut problem = |part: &str, code: &'static str| {
        problems.push(FieldProblem::new(format!("{at}.{part}"), code).with("key", &field.key));
    };
    if !is_key(&field.key) {
        problem("key", "bad_key");
    } else if RESERVED.contains(&field.key.as_str()) {
        problem("key", "reserved_key");
    }
    if field.label.is_empty() {
        problem("label", "required");
    }
    match &field.kind {
        FieldKind::Choice { options } => {
            if options.is_empty() {
                problem("options", "no_options");
            }
            let keys: BTreeSet<_> = options.iter().map(|o| o.key.as_str()).collect();
            if keys.len() != options.len() || keys.contains("") {
                problem("options", "duplicate_option");
            }
        }
        FieldKind::Number {
            decimals: Some(5..),
        } => problem("decimals", "too_many_decimals"),
        _ => {}
    }
    if let Err(part) = check::bounds(field) {
        problem(part, "bad_bound");
    }
    problems
}

/// Words that an expression would not read as a field's name: FEEL's own, and the names under which a form's
/// surroundings stand.
const RESERVED: [&str; 24] = [
    "and",
    "between",
    "customer",
    "else",
    "every",
    "external",
    "false",
    "for",
    "function",
    "if",
    "in",
    "instance",
    "not",
    "null",
    "of",
    "or",
    "outcome",
    "process",
    "return",
    "satisfies",
    "session",
    "some",
    "then",
    "true",
];

/// `[a-z][a-z0-9_]*`, at most 40 characters: a key of a field, type or option.
pub fn is_key(key: &str) -> bool {
    let mut chars = key.chars();
    key.len() <= 40
        && chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_false(value: &bool) -> bool {
    !value
}
