//! Looking with another user's eyes: the header [`api::lens::AS`]. What is answered is what that user would be answered; the
//! trail names who looked, at whom and at what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use access::Verb;
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use directory::{SignedIn, UserId, eyes};
use kernel::{Code, Error, FieldProblem, Moment, Span};
use ledger::audit::{self, Entry};

use super::{Failure, Session};
use crate::App;

/// Nothing is written through the lens, whatever the two users may do.
pub async fn only_reading(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD)
        || (request.method() == Method::POST && api::path::READING.contains(&request.uri().path()));
    if !reads && request.headers().contains_key(api::lens::AS) {
        let refused = Error::new(Code::Forbidden)
            .with("verb", Verb::Change)
            .with("entity", "lens");
        return Failure(refused).into_response();
    }
    next.run(request).await
}

/// As whom somebody wants to look.
pub fn wanted(headers: &HeaderMap) -> Result<Option<UserId>, Error> {
    let Some(value) = headers.get(api::lens::AS) else {
        return Ok(None);
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.map(Some)
        .ok_or_else(|| FieldProblem::new(api::lens::AS, "unknown_reference").into())
}

pub async fn look(app: &App, own: &Arc<SignedIn>, user: UserId) -> Result<Arc<SignedIn>, Error> {
    own.policy.require(Verb::Execute, "lens")?;
    let found = eyes::of(&mut app.db.read().await?, user).await?;
    let found = found.ok_or_else(|| Error::not_found("user"))?;
    Ok(Arc::new(own.looking_as(found)))
}

/// What was entered of late, by session, user and thing: one entry for one thing, not for each time that a screen asks again.
#[derive(Default)]
pub struct Traces(Mutex<HashMap<(uuid::Uuid, uuid::Uuid, String), Moment>>);

const AGAIN: Span = Span::from_minutes(10);
const HELD: usize = 10_000;

impl Traces {
    pub(super) fn is_known(&self, key: &(uuid::Uuid, uuid::Uuid, String), now: Moment) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(key).is_some_and(|at| now.since(*at) < AGAIN)
    }

    pub(super) fn keep(&self, key: (uuid::Uuid, uuid::Uuid, String), now: Moment) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= HELD {
            seen.retain(|_, at| now.since(*at) < AGAIN);
        }
        seen.insert(key, now);
    }
}

/// Leaves the trace before anything is answered.
pub async fn trace(app: &App, session: &Session, path: &str) -> Result<(), Error> {
    let now = app.ambient.now();
    let key = (
        session.session.uuid(),
        session.user.id.uuid(),
        path.to_owned(),
    );
    if app.traces.is_known(&key, now) {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    let entry = Entry::new("lens.look", "audit", "user")
        .of(session.user.id)
        .note(path);
    audit::record(&mut tx, now, &session.actor, entry);
    tx.commit().await?;
    app.traces.keep(key, now);
    Ok(())
}
