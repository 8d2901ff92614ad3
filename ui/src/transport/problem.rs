use kernel::FieldProblem;
use serde_json::Value;

use super::{Answer, AnswerBody};
use crate::{
    prefs::preferences,
    problem::{Problem, ProblemKind},
    t,
};

/// A refusal, as the service tells it. Read leniently: a newer service may know codes that this page does not.
pub fn read(answer: &Answer) -> Problem {
    let kind = match answer.status {
        401 => ProblemKind::SignedOut,
        403 => ProblemKind::Forbidden,
        404 | 410 => ProblemKind::NotFound,
        409 => ProblemKind::Conflict,
        400 | 413 | 415 | 422 => ProblemKind::Invalid,
        502..=504 => ProblemKind::Offline,
        _ => ProblemKind::Failed,
    };
    let body = match &answer.body {
        AnswerBody::Json(body) => body.clone(),
        AnswerBody::Text(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        AnswerBody::Empty => Value::Null,
    };
    let text = |name: &str| {
        body.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let code = text("code");
    let sentence = text("sentence");
    let mut problem = Problem::new(
        kind,
        &code,
        if sentence.is_empty() {
            fallback(kind)
        } else {
            sentence
        },
    );
    let fields = body.get("fields").cloned().unwrap_or(Value::Null);
    for field in serde_json::from_value::<Vec<FieldProblem>>(fields).unwrap_or_default() {
        let sentence = locale::problem(preferences().language(), &field);
        problem.fields.insert(field.field, sentence);
    }
    problem.details = format!("{} {code} · {}", answer.status, text("request"));
    problem
}

fn fallback(kind: ProblemKind) -> String {
    match kind {
        ProblemKind::Offline => t!("transport-offline"),
        _ => t!("transport-failed"),
    }
}

pub fn offline(cause: &str) -> Problem {
    let mut problem = Problem::new(ProblemKind::Offline, "offline", t!("transport-offline"));
    problem.details = format!("offline · {cause}");
    problem
}

/// The service and this page are of different versions, most likely.
pub fn unreadable(path: &str, wrong: &str) -> Problem {
    let mut problem = Problem::new(
        ProblemKind::Failed,
        "unreadable",
        t!("transport-unreadable"),
    );
    problem.details = format!("{path} · {wrong}");
    problem
}
