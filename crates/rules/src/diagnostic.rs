//! What is wrong with a text, where, and what was expected there.

mod hints;
mod sentences;

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use hints::Hint;

/// The languages of the sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Spanish
    Es,
    /// English
    En,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// Something else was expected here. Arguments: what was found.
    Unexpected,
    /// A text without its closing quote.
    UnterminatedText,
    /// A comment without its end.
    UnterminatedComment,
    /// A number beyond what can be kept. Arguments: the number.
    BadNumber,
    /// `@"…"` that is no date, time or duration. Arguments: the text.
    BadLiteral,
    /// Brackets or expressions nested too deep. Arguments: the limit.
    TooDeep,
    /// A text that is too long. Arguments: the limit in bytes.
    TooLong,
    /// An entry named twice in one context. Arguments: the name.
    DuplicateEntry,
    /// A name that nothing in scope has. Arguments: the name, the nearest known one or nothing.
    UnknownName,
    /// A function that does not exist. Arguments: the name, the nearest known one or nothing.
    UnknownFunction,
    /// A member that the value does not have. Arguments: the member, the type, the nearest known one or nothing.
    UnknownMember,
    /// A type that does not exist. Arguments: the name.
    UnknownType,
    /// An operand of a type that the operator does not take. Arguments: the operator, the left type, the right type.
    WrongOperands,
    /// Two types that are never equal. Arguments: the left type, the right type.
    NeverEqual,
    /// A condition that is not true or false. Arguments: the type.
    NotACondition,
    /// An argument of a wrong type. Arguments: the function, the parameter, the expected type, the found type.
    WrongArgument,
    /// Too few or too many arguments, or names that do not fit. Arguments: the function, its signature.
    WrongArguments,
    /// Something called that is no function. Arguments: the type.
    NotAFunction,
    /// A document that is no well-formed XML. Arguments: the line, in which way as one of the words `xml:…`.
    BadXml,
    /// A document that is no DMN. Arguments: the element that it begins with.
    BadDocument,
    /// A reference to something that does not exist. Arguments: the reference.
    BadReference,
    /// Elements that require one another in a circle. Arguments: the name of one.
    Circle,
}

/// One problem in a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Where, in bytes from the beginning of the text.
    pub span: Range<usize>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub code: Code,
    /// What the sentence needs, in the order that [`Code`] says.
    pub args: Vec<String>,
    /// What would have been right here: punctuation and keywords as written, or one of the words `expression`, `name`, `type`,
    /// `operator`, `text`, `end`.
    pub expected: Vec<String>,
    /// What was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Hint>,
}

impl Diagnostic {
    /// A problem at a place of a text.
    #[must_use]
    pub fn new(
        text: &str,
        span: Range<usize>,
        code: Code,
        args: Vec<String>,
        expected: Vec<String>,
    ) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let small = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let hint = hints::find(text, &span, code, &args, &expected);
        Self {
            span,
            line: small(line),
            column: small(column),
            code,
            args,
            expected,
            hint,
        }
    }

    /// The problem as a sentence for people, and a second one with what was probably meant.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let problem = sentences::problem(self, language);
        match &self.hint {
            Some(hint) => format!("{problem} {}", hint.sentence(language)),
            None => problem,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.line,
            self.column,
            self.sentence(Language::En)
        )
    }
}

/// Everything that is wrong with a text; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// The problem to show when there is room for one.
    #[must_use]
    pub fn first(&self) -> Option<&Diagnostic> {
        self.0.first()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

impl From<Box<Diagnostic>> for Diagnostics {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self(vec![*diagnostic])
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// Why an evaluation was given up: it would have taken more than its limits allow. What FEEL calls an error is not a fault, it
/// is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// More steps than allowed.
    OutOfFuel,
    /// Calls or values nested deeper than allowed.
    TooDeep,
    /// More memory than allowed.
    TooLarge,
    /// The model has no decision, knowledge model or service of that name.
    UnknownElement,
    /// More rules of a table hold than its hit policy allows.
    HitPolicy,
}

impl Fault {
    /// The fault as a sentence for people.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        sentences::fault(self, language)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence(Language::En))
    }
}

impl std::error::Error for Fault {}
