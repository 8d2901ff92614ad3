//! The web agent's files.

use std::path::{Path, PathBuf};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
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
    let brotli = takes_brotli(request.headers());
    match file(folder, path, brotli).await {
        Some(response) => response,
        // A file that is not there is not there; a route of the application is its first page.
        None if path
            .rsplit('/')
            .next()
            .is_some_and(|last| last.contains('.')) =>
        {
            Failure(Error::new(Code::NoRoute)).into_response()
        }
        None => file(folder, "/index.html", brotli)
            .await
            .unwrap_or_else(|| Failure(Error::new(Code::NoRoute)).into_response()),
    }
}

/// Whether the answer may be in Brotli's form.
fn takes_brotli(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let mut parts = one.split(';').map(str::trim);
            parts.next() == Some("br") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
}

/// The same file as it was packed when the web agent was built: in the folder beside, of the same name with `.packed`.
async fn packed(folder: &Path, wanted: &str) -> Option<Vec<u8>> {
    let mut beside = folder.file_name()?.to_owned();
    beside.push(".packed");
    let file = folder.with_file_name(beside).join(format!("{wanted}.br"));
    tokio::fs::read(file).await.ok()
}

async fn file(folder: &Path, path: &str, brotli: bool) -> Option<Response> {
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
    let packed = if brotli {
        packed(folder, wanted).await
    } else {
        None
    };
    let encoded = packed.is_some();
    let bytes = match packed {
        Some(bytes) => bytes,
        None => tokio::fs::read(&full).await.ok()?,
    };
    let kind = mime_guess::from_path(&full).first_or_octet_stream();
    let mut response = (StatusCode::OK, bytes).into_response();
    let headers = response.headers_mut();
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    if let Ok(value) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    // Names with a hash in them never change; the first page names them and must be fresh.
    let lasting = wanted != "index.html"
        && wanted
            .split(['.', '-', '/'])
            .any(|part| part.len() >= 8 && part.chars().all(|c| c.is_ascii_hexdigit()));
    let cache = if lasting {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brotli_goes_only_to_who_takes_it() {
        let takes = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            takes_brotli(&headers)
        };
        assert!(takes("gzip, deflate, br, zstd"));
        assert!(takes("br;q=0.8, gzip"));
        assert!(!takes("gzip, deflate"));
        assert!(!takes("br;q=0, gzip"));
        assert!(!takes_brotli(&HeaderMap::new()));
    }
}
