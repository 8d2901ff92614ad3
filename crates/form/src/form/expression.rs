//! The one door to the expression language.

use std::borrow::Cow;

use kernel::FieldProblem;
use rules::types::Type;
use rules::value::Value as Feel;
use rules::{Expression, Language, Scope};
use serde_json::Value;

use crate::schema::FieldKind;

/// What is wrong with an expression, if there is one and it is wrong.
pub(super) fn problem(at: &str, text: Option<&str>) -> Option<FieldProblem> {
    let diagnostics = Expression::parse(text?).err()?;
    let sentence = |language| {
        diagnostics
            .first()
            .map(|first| first.sentence(language))
            .unwrap_or_default()
    };
    // Both languages travel as arguments; the edge shows the asker's.
    let mut problem = FieldProblem::new(at, "bad_expression")
        .with("es", sentence(Language::Es))
        .with("en", sentence(Language::En));
    problem.code = Cow::Borrowed("bad_expression");
    Some(problem)
}

/// The value of an expression; what cannot be computed within the limits is null, as FEEL has it for every other error.
pub(super) fn evaluate(expression: &Expression, scope: &Scope) -> Feel {
    expression.evaluate(scope).unwrap_or_default()
}

/// A canonical value as the type that its field gives it: decimal text becomes a number, ISO text a date.
pub(super) fn typed(kind: &FieldKind, canonical: &Value) -> Feel {
    let wanted = match kind {
        FieldKind::Number { .. } | FieldKind::Amount { .. } => Type::Number,
        FieldKind::Date => Type::Date,
        FieldKind::Moment => Type::DateTime,
        _ => Type::Any,
    };
    wanted.read(Feel::from(canonical))
}

/// The value of an expression as something that a field's check takes.
pub(super) fn untyped(value: &Feel) -> Value {
    match value {
        Feel::Number(number) => Value::String(number.to_string()),
        other => other.to_json(),
    }
}
