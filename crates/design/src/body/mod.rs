//! What a definition says.

mod decision;
mod files;
mod process;

use form::{CustomerSchema, Form, Words};
use kernel::{Code, Error, FieldProblem, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use decision::DecisionDefinition;
pub use files::{from_files, place};
pub use process::ProcessDefinition;

kernel::stored_words! {
    /// What kinds of definitions there are. In the order in which one may refer to another: a later kind refers to earlier
    /// ones.
    pub enum Kind {
        Calendar = "calendar",
        CustomerType = "customer_type",
        Decision = "decision",
        Form = "form",
        Process = "process",
    }
}

/// A definition of whichever kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    Calendar(CalendarDefinition),
    CustomerType(CustomerSchema),
    Decision(DecisionDefinition),
    Form(Form),
    Process(ProcessDefinition),
}

/// When the company works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalendarDefinition {
    pub key: String,
    pub name: Words,
    #[serde(flatten)]
    pub calendar: kernel::calendar::Calendar,
}

impl Body {
    /// From the form in which it is stored and sent. What cannot be read is `bad_definition`, with the place.
    pub fn read(kind: Kind, value: Value) -> Result<Self> {
        let read = match kind {
            Kind::Calendar => serde_json::from_value(value).map(Self::Calendar),
            Kind::CustomerType => serde_json::from_value(value).map(Self::CustomerType),
            Kind::Decision => serde_json::from_value(value).map(Self::Decision),
            Kind::Form => serde_json::from_value(value).map(Self::Form),
            Kind::Process => serde_json::from_value(value).map(Self::Process),
        };
        read.map_err(|error| {
            Error::new(Code::BadDefinition)
                .field(FieldProblem::new("body", "unreadable_body").with("reason", &error))
                .because(error)
        })
    }

    /// A new, empty one.
    pub fn empty(kind: Kind, key: &str, name: Words) -> Self {
        let key = key.to_owned();
        match kind {
            Kind::Calendar => Self::Calendar(CalendarDefinition {
                key,
                name,
                calendar: kernel::calendar::Calendar::office("UTC"),
            }),
            Kind::CustomerType => Self::CustomerType(CustomerSchema {
                key,
                name,
                ..CustomerSchema::default()
            }),
            Kind::Decision => Self::Decision(DecisionDefinition::empty(key, name)),
            Kind::Form => Self::Form(Form {
                key,
                name,
                ..Form::default()
            }),
            Kind::Process => Self::Process(ProcessDefinition::empty(key, name)),
        }
    }

    pub const fn kind(&self) -> Kind {
        match self {
            Self::Calendar(_) => Kind::Calendar,
            Self::CustomerType(_) => Kind::CustomerType,
            Self::Decision(_) => Kind::Decision,
            Self::Form(_) => Kind::Form,
            Self::Process(_) => Kind::Process,
        }
    }

    pub fn key(&self) -> &str {
        match self {
            Self::Calendar(body) => &body.key,
            Self::CustomerType(body) => &body.key,
            Self::Decision(body) => &body.key,
            Self::Form(body) => &body.key,
            Self::Process(body) => &body.key,
        }
    }

    pub fn name(&self) -> &Words {
        match self {
            Self::Calendar(body) => &body.name,
            Self::CustomerType(body) => &body.name,
            Self::Decision(body) => &body.name,
            Self::Form(body) => &body.name,
            Self::Process(body) => &body.name,
        }
    }

    /// The same under another key and name.
    #[must_use]
    pub fn renamed(mut self, to: &str, as_name: Words) -> Self {
        let (key, name) = match &mut self {
            Self::Calendar(body) => (&mut body.key, &mut body.name),
            Self::CustomerType(body) => (&mut body.key, &mut body.name),
            Self::Decision(body) => (&mut body.key, &mut body.name),
            Self::Form(body) => (&mut body.key, &mut body.name),
            Self::Process(body) => (&mut body.key, &mut body.name),
        };
        to.clone_into(key);
        *name = as_name;
        self
    }

    /// The form in which it is stored and sent.
    pub fn to_value(&self) -> Result<Value> {
        match self {
            Self::Calendar(body) => serde_json::to_value(body),
            Self::CustomerType(body) => serde_json::to_value(body),
            Self::Decision(body) => serde_json::to_value(body),
            Self::Form(body) => serde_json::to_value(body),
            Self::Process(body) => serde_json::to_value(body),
        }
        .map_err(Error::internal)
    }

    /// SHA-256 of the stable text form: the same body has the same hash on both databases and in the files of a solution.
    pub fn hash(&self) -> Result<[u8; 32]> {
        let mut hash = Sha256::new();
        for (path, text) in self.files()? {
            // Lengths keep one file's end from being taken for another's beginning.
            hash.update(format!("{path}\n{}\n", text.len()));
            hash.update(&text);
        }
        Ok(hash.finalize().into())
    }
}
