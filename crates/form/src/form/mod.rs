//! A form: what an activity shows and asks, in which order, under which conditions.
//!
//! [`Form`] is the definition as a designer writes it. [`Form::bind`] joins it with the fields of a customer type and reads
//! its expressions; the [`BoundForm`] that comes out answers, as pure functions, everything that the screen and the service
//! must agree on:
//!
//! - [`BoundForm::outline`]: which fields, in which order, in which tab order. The screen draws from it and from nothing
//!   else, so the desktop and the browser show the same (D-21).
//! - [`BoundForm::evaluate`]: what is visible, required, computed and wrong for what has been typed so far.
//! - [`BoundForm::accept`]: what the service takes, or why not.
//!
//! **Paths.** A field of the form itself is called by its key; a field of the customer by `customer.` and its key. Values
//! come and go in one flat object by path.
//!
//! **Expressions** are FEEL (crate `rules`). They see the form's own fields by key, and `customer`, `session` (common data
//! of the session, D-03), `process` (the instance's variables) and `user`. A hidden field counts as null.

mod bound;
mod evaluate;
mod expression;

use std::collections::BTreeSet;

use kernel::FieldProblem;
use serde::{Deserialize, Serialize};

use crate::Words;
use crate::schema::{FieldSpec, field_problems, is_key};

pub use bound::{BoundForm, OutlineItem};
pub use evaluate::{Accepted, Context, FormState, Mask};

/// The definition of a form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub key: String,
    pub name: Words,
    /// For whoever fills it; shown beside the form.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub help: Words,
    /// Key of the customer type whose fields it shows; absent where it shows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<String>,
    pub sections: Vec<Section>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pop_ups: Vec<PopUp>,
}

/// A titled part of a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Section {
    pub key: String,
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub title: Words,
    /// 1 to 3.
    #[serde(default = "two")]
    pub columns: u8,
    /// FEEL; shown while it is true. Absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<String>,
    pub items: Vec<Item>,
}

/// A place in a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Item {
    #[serde(flatten)]
    pub source: Source,
    /// How many columns it takes, 1 to the section's columns.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub span: u8,
    /// FEEL; shown while it is true. Absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<String>,
    /// FEEL; required while it is true, besides what the field itself says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_if: Option<String>,
    /// FEEL; the field shows its value and cannot be typed into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub computed: Option<String>,
    /// FEEL; what the field holds when the form is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
}

/// What stands in a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A field of the form.
    Field(FieldSpec),
    /// A field of the customer.
    Customer(CustomerField),
    /// A sentence to read.
    Note(Words),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomerField {
    pub field: String,
    /// Whether what is typed here changes the customer.
    #[serde(default)]
    pub editable: bool,
}

/// What must hold for the form to be accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// FEEL; the value is refused while this is `false`. Null (a value that it needs is missing) refuses nothing.
    pub holds: String,
    pub message: Words,
}

/// An auxiliary form of words that opens over the form when its condition holds (D-13).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PopUp {
    pub key: String,
    pub title: Words,
    pub text: Words,
    #[serde(default)]
    pub tone: Tone,
    /// FEEL; absent: opens with the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    #[default]
    Info,
    Offer,
    Warning,
}

fn speaks_of(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(part) && !after.is_some_and(part)
        })
}

impl Item {
    pub fn new(source: Source) -> Self {
        Self {
            source,
            span: 1,
            visible: None,
            required_if: None,
            computed: None,
            initial: None,
            rule: None,
        }
    }

    /// `customer.phone`, `amount`; `None` for a note.
    pub fn path(&self) -> Option<String> {
        match &self.source {
            Source::Field(field) => Some(field.key.clone()),
            Source::Customer(bound) => Some(format!("customer.{}", bound.field)),
            Source::Note(_) => None,
        }
    }

    /// Its expressions, each with the name of its place.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let rule = self.rule.as_ref().map(|rule| rule.holds.as_str());
        [
            ("visible", self.visible.as_deref()),
            ("required_if", self.required_if.as_deref()),
            ("computed", self.computed.as_deref()),
            ("initial", self.initial.as_deref()),
            ("rule.holds", rule),
        ]
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)))
    }
}

impl Form {
    /// The form's own fields, in order.
    pub fn own_fields(&self) -> impl Iterator<Item = &FieldSpec> {
        self.items().filter_map(|item| match &item.source {
            Source::Field(field) => Some(field),
            _ => None,
        })
    }

    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.sections.iter().flat_map(|section| &section.items)
    }

    /// Whether an expression that is computed while the form is filled in speaks of this name, as a word of its own: what none
    /// speaks of the screen need not know. A false yes is possible (a text that says the word), a false no is not, but for
    /// names that an expression puts together.
    pub fn mentions(&self, name: &str) -> bool {
        let in_items = self.items().flat_map(|item| {
            let computed = item.expressions().filter(|(place, _)| *place != "initial");
            computed.map(|(_, text)| text)
        });
        let in_sections = self.sections.iter().filter_map(|s| s.visible.as_deref());
        let in_pop_ups = self.pop_ups.iter().filter_map(|p| p.when.as_deref());
        let mut all = in_items.chain(in_sections).chain(in_pop_ups);
        all.any(|text| speaks_of(text, name))
    }

    /// Joins the form with the fields of its customer type (none where it shows none). The problems are those of
    /// [`Form::problems`].
    pub fn bind(&self, customer: &[FieldSpec]) -> Result<BoundForm, Vec<FieldProblem>> {
        let problems = self.problems(Some(customer));
        if problems.is_empty() {
            BoundForm::new(self, customer)
        } else {
            Err(problems)
        }
    }

    /// What is wrong with the definition, with its path (`sections[0].items[2].visible`). Without the customer's fields
    /// (`None`) the references to them are not looked at.
    pub fn problems(&self, customer: Option<&[FieldSpec]>) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if !is_key(&self.key) {
            problems.push(FieldProblem::new("key", "bad_key").with("key", &self.key));
        }
        if self.name.is_empty() {
            problems.push(FieldProblem::new("name", "required"));
        }
        if self.items().next().is_none() {
            problems.push(FieldProblem::new("sections", "no_fields"));
        }
        let mut paths = BTreeSet::new();
        let mut sections = BTreeSet::new();
        for (s, section) in self.sections.iter().enumerate() {
            let at = format!("sections[{s}]");
            if !is_key(&section.key) || !sections.insert(&section.key) {
                problems.push(
                    FieldProblem::new(format!("{at}.key"), "bad_key").with("key", &section.key),
                );
            }
            if !(1..=3).contains(&section.columns) {
                problems.push(FieldProblem::new(format!("{at}.columns"), "bad_columns"));
            }
            problems.extend(expression::problem(
                &format!("{at}.visible"),
                section.visible.as_deref(),
            ));
            for (i, item) in section.items.iter().enumerate() {
                let at = format!("{at}.items[{i}]");
                if item.span == 0 || item.span > section.columns {
                    problems.push(FieldProblem::new(format!("{at}.span"), "bad_span"));
                }
                for (name, text) in item.expressions() {
                    problems.extend(expression::problem(&format!("{at}.{name}"), Some(text)));
                }
                if let Some(path) = item.path().filter(|path| !paths.insert(path.clone())) {
                    problems.push(FieldProblem::new(&at, "duplicate_key").with("key", path));
                }
                problems.extend(source_problems(&item.source, &at, customer));
            }
        }
        for (i, pop_up) in self.pop_ups.iter().enumerate() {
            let at = format!("pop_ups[{i}]");
            if !is_key(&pop_up.key) {
                problems.push(
                    FieldProblem::new(format!("{at}.key"), "bad_key").with("key", &pop_up.key),
                );
            }
            problems.extend(expression::problem(
                &format!("{at}.when"),
                pop_up.when.as_deref(),
            ));
        }
        problems
    }
}

fn source_problems(source: &Source, at: &str, customer: Option<&[FieldSpec]>) -> Vec<FieldProblem> {
    match source {
        Source::Field(field) => field_problems(field, at),
        Source::Customer(bound) => match customer {
            Some(fields) if !fields.iter().any(|field| field.key == bound.field) => {
                vec![FieldProblem::new(at, "unknown_field").with("field", &bound.field)]
            }
            _ => Vec::new(),
        },
        Source::Note(words) if words.is_empty() => vec![FieldProblem::new(at, "required")],
        Source::Note(_) => Vec::new(),
    }
}

const fn one() -> u8 {
    1
}
const fn two() -> u8 {
    2
}
const fn is_one(span: &u8) -> bool {
    *span == 1
}
