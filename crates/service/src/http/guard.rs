use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error};
use tracing::Instrument;

use super::Failure;
use crate::App;

/// How long a request may take, but for streams and uploads.
const DEADLINE: Duration = Duration::from_secs(60);

/// Names the request, holds it to its deadline, counts and logs it.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = hex::encode(app.ambient.random::<8>());
    let name = HeaderName::from_static(api::header::REQUEST_ID);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(name.clone(), value);
    }
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "other".to_owned(), |m| m.as_str().to_owned());
    let method = request.method().clone();
    let streams =
        route == api::path::EVENTS || (route == api::path::IMPORTS && method == Method::POST);
    let span = tracing::info_span!("http.request", %method, %route, request = %id);
    let began = Instant::now();
    let work = ledger::audit::timed(next.run(request)).instrument(span.clone());
    let mut response = if streams {
        work.await
    } else {
        match tokio::time::timeout(DEADLINE, work).await {
            Ok(response) => response,
            Err(elapsed) => Failure(Error::new(Code::Timeout).because(elapsed)).into_response(),
        }
    };
    let took = began.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!("engage_http_request_seconds", "method" => method.to_string(), "route" => route.clone())
        .record(took.as_secs_f64());
    metrics::counter!("engage_http_requests_total", "method" => method.to_string(), "route" => route, "status" => status.to_string())
        .increment(1);
    span.in_scope(|| tracing::info!(status, milliseconds = took.as_millis() as u64, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Headers on every answer. The policy allows our own files and WebAssembly, and nothing else.
pub async fn security_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.config.secure_cookies() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}
