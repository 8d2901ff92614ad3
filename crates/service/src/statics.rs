//! The web agent's files.

use std::path::{Path, PathBuf};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kernel::{Code, Error};

use crate::App;
use crate::http::Failure;

/// Everything that is no API route: a file of the web agent, or its first page for the routes that it draws itself.
pub async fn serve(State(app): State<App>, request: Request) -> Response {
    let path = request.uri().path();
    let asks_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(folder) = app
        .ui
        .as_deref()
        .filter(|_| asks_page && !path.starts_with("/api/"))
    else {
        return Failure(Error::new(Code::NoRoute)).into_response();
    };
    match file(folder, path).await {
        Some(response) => response,
        // A file that is not there is not there; a route of the application is its first page.
        None if path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains('.')) =>
        {
            Failure(Error::new(Code::NoRoute)).into_response()
        }
        None => file(folder, "/index.html")
            .await
            .unwrap_or_else(|| Failure(Error::new(Code::NoRoute)).into_response()),
    }
}

async fn file(folder: &Path, path: &str) -> Option<Response> {
    let wanted = if path == "/" {
        "index.html"
    } else {
        path.trim_start_matches('/')
    };
    // Only plain names: no way up, no hidden file, nothing encoded.
    let plain = wanted.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    });
    if !plain {
        return None;
    }
    let full: PathBuf = folder.join(wanted);
    let bytes = tokio::fs::read(&full).await.ok()?;
    let kind = mime_guess::from_path(&full).first_or_octet_stream();
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    // Names with a hash in them never change; the first page names them and must be fresh.
    let lasting = wanted != "index.html"
        && wanted
            .split(['.', '-'])
            .any(|part| part.len() >= 8 && part.chars().all(|c| c.is_ascii_hexdigit()));
    let cache = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Some(response)
}
