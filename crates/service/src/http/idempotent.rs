use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error, FieldProblem};
use sha2::{Digest, Sha256};
use store::idempotency::{self, Known, Write};

use super::{Failure, Session};
use crate::App;

/// Bodies of writes under a key are held whole, to be compared; streams (uploads) go without.
const BODY_LIMIT: usize = 8 << 20;

/// A write with an idempotency key is carried out once, however often it is tried.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    let writes = matches!(
        *request.method(),
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    );
    let key = request.headers().get(api::header::IDEMPOTENCY_KEY).cloned();
    let path = request.uri().path();
    // Uploads stream; signing in hands out secrets, which must not be kept to be said again.
    let apart = path == api::path::IMPORTS
        || api::path::READING.contains(&path)
        || path == api::path::SET_UP
        || path
            .strip_prefix(api::path::SESSION)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    match key {
        Some(key) if writes && !apart => match under_key(&app, &key, request, next).await {
            Ok(response) => response,
            Err(error) => Failure(error).into_response(),
        },
        _ => next.run(request).await,
    }
}

async fn under_key(
    app: &App,
    key: &HeaderValue,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    let plain = key
        .as_bytes()
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(b));
    if key.is_empty() || key.len() > 64 || !plain {
        return Err(Error::from(FieldProblem::new(
            api::header::IDEMPOTENCY_KEY,
            "idempotency_key_form",
        )));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|e| Error::new(Code::TooLarge).with("limit", "8 MiB").because(e))?;
    let request_headers = parts.headers.clone();
    let mut asker = Sha256::new();
    let lens = axum::http::HeaderName::from_static(api::lens::AS);
    for name in [header::AUTHORIZATION, header::COOKIE, lens] {
        asker.update(
            parts
                .headers
                .get(name)
                .map_or(&[][..], HeaderValue::as_bytes),
        );
        asker.update([0]);
    }
    asker.update(key.as_bytes());
    let mut asked = Sha256::new();
    asked.update(parts.method.as_str());
    asked.update([0]);
    asked.update(parts.uri.to_string());
    asked.update([0]);
    asked.update(&body);
    let write = Write::new(
        asker.finalize().into(),
        asked.finalize().into(),
        app.ambient.now(),
    );
    match idempotency::look_up(&app.db, &write).await? {
        Known::New => {}
        Known::Answered { status, body } => {
            return replay(app, &request_headers, status, body).await;
        }
        Known::Done => return answer_soon(app, &request_headers, &write).await,
    }
    let request = Request::from_parts(parts, Body::from(body));
    let response = idempotency::serving(std::sync::Arc::clone(&write), next.run(request)).await;
    if response.status().is_client_error() && !write.is_recorded() {
        // The same write, cut off with its node, may have come to its end in the database since the key was looked up: then
        // what refuses this one (`stale`, `already_closed`, `duplicate`) is its own doing.
        return match idempotency::look_up(&app.db, &write).await? {
            Known::New => Ok(response),
            Known::Answered { status, body } => replay(app, &request_headers, status, body).await,
            Known::Done => answer_soon(app, &request_headers, &write).await,
        };
    }
    if !write.is_recorded() || !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, BODY_LIMIT).await.map_err(Error::internal)?;
    // The write is durable already. Should this fail, a retry hears "already done" instead of the answer itself.
    let (db, status, kept) = (app.db.clone(), parts.status.as_u16(), body.clone());
    tokio::spawn(async move {
        if let Err(error) = idempotency::answered(&db, &write, status, &kept).await {
            tracing::warn!(%error, "could not keep the answer of a write");
        }
    });
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The answer that was given the first time: only to somebody who is signed in still.
async fn replay(
    app: &App,
    headers: &HeaderMap,
    status: u16,
    body: Vec<u8>,
) -> Result<Response, Error> {
    Session::of(app, headers).await?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let json = HeaderValue::from_static("application/json");
    Ok((status, [(header::CONTENT_TYPE, json)], body).into_response())
}

/// The write is done; its answer is being kept just now, or was lost with the node that gave it.
async fn answer_soon(app: &App, headers: &HeaderMap, write: &Write) -> Result<Response, Error> {
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Known::Answered { status, body } = idempotency::look_up(&app.db, write).await? {
            return replay(app, headers, status, body).await;
        }
    }
    Err(Error::new(Code::AlreadyDone))
}
