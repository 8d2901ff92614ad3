//! The one door: what the page may ask for, and what it gets to see of the answer.

use api::path::{PROVIDER_FINISH, SESSION};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri,
    header::{self},
    uri::PathAndQuery,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    backend::{self, Backend, Body, Failure},
    session::Session,
};

/// What the page may hold in memory at once; larger answers are saved to a file.
const ANSWER_LIMIT: usize = 64 << 20;

const PROVIDER: &str = "/api/v1/session/provider";

/// Tells the service that the token may be in the answer's body: a browser gets a cookie instead.
const CLIENT: HeaderName = HeaderName::from_static(api::header::CLIENT);

/// One request to the HTTP API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub method: String,
    /// Below `/api/`, without the query.
    pub path: String,
    #[serde(default)]
    pub query: Vec<(String, String)>,
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    #[serde(default)]
    pub body: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Content,
}

/// A body as JSON can carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    #[default]
    Empty,
    Json {
        value: Value,
    },
    Text {
        value: String,
        content_type: String,
    },
    Bytes {
        base64: String,
        content_type: String,
    },
    /// Bytes that came beside the JSON; only ever inside the shell.
    #[serde(skip)]
    Raw(Bytes),
}

/// Why a call did not reach the service.
#[derive(Debug)]
pub enum Refusal {
    /// Not a request of the HTTP API: a fault of the page.
    NotAllowed(&'static str),
    /// The service cannot be reached, or broke off.
    Unreachable(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Unreachable(failure)
    }
}

/// Makes the page's call with the session's token. What the service says of the token stays here.
pub async fn call(backend: &Backend, session: &Session, call: &Call) -> Result<Answer, Refusal> {
    // Sign-in through the identity provider is the shell's own: the page has no part in its codes.
    if call.path.starts_with(PROVIDER) {
        return Err(Refusal::NotAllowed("the shell's own"));
    }
    own(backend, session, call).await
}

/// Like [`call`], for what only the shell may ask.
pub async fn own(backend: &Backend, session: &Session, call: &Call) -> Result<Answer, Refusal> {
    let (parts, body) = send(backend, session, call).await?;
    let mut bytes = backend::collect(body, ANSWER_LIMIT).await?;
    if parts.signs_in {
        bytes = take_token(session, bytes).await;
    }
    Ok(Answer {
        status: parts.status.as_u16(),
        body: content(&parts.headers, bytes),
        headers: shown(&parts.headers),
    })
}

/// What is known of an answer before its body is read.
pub struct Opened {
    pub status: StatusCode,
    pub headers: HeaderMap,
    signs_in: bool,
}

/// Like [`call`], with the answer's body still to be read: for what is too large for the page.
pub async fn open(
    backend: &Backend,
    session: &Session,
    call: &Call,
) -> Result<(Opened, Body), Refusal> {
    // What signs in holds a token: it must not land in a file.
    if call.path.starts_with(SESSION) {
        return Err(Refusal::NotAllowed("nothing of a session is saved"));
    }
    send(backend, session, call).await
}

async fn send(
    backend: &Backend,
    session: &Session,
    call: &Call,
) -> Result<(Opened, Body), Refusal> {
    let token = session.token();
    let request = request(call, token.as_deref())?;
    let on_session = request.uri().path() == SESSION;
    let finishes = request.uri().path() == PROVIDER_FINISH;
    let signs_in = (on_session || finishes) && request.method() == Method::POST;
    let signs_out = on_session && request.method() == Method::DELETE;
    let response = backend.send(request).await?;
    let (parts, body) = response.into_parts();
    // A token that the service no longer knows is of no use to anybody.
    let refused = parts.status == StatusCode::UNAUTHORIZED && !signs_in;
    if refused || (signs_out && parts.status.is_success()) {
        // Another call may have signed in meanwhile: that session is not this one.
        if session.token() == token {
            session.end().await;
        }
    }
    let opened = Opened {
        signs_in: signs_in && parts.status.is_success(),
        status: parts.status,
        headers: parts.headers,
    };
    Ok((opened, body))
}

fn request(call: &Call, token: Option<&str>) -> Result<Request<Bytes>, Refusal> {
    let method = Method::from_bytes(call.method.as_bytes())
        .map_err(|_| Refusal::NotAllowed("unknown method"))?;
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = method;
    *request.uri_mut() = address(&call.path, &call.query)?;
    let headers = request.headers_mut();
    for (name, value) in &call.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Refusal::NotAllowed("malformed header"))?;
        let value =
            HeaderValue::from_str(value).map_err(|_| Refusal::NotAllowed("malformed header"))?;
        if is_pages_own(&name) {
            headers.append(name, value);
        }
    }
    headers.insert(CLIENT, HeaderValue::from_static("desktop"));
    if let Some(token) = token {
        let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Refusal::NotAllowed("malformed token"))?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    let body = match &call.body {
        Content::Empty => Bytes::new(),
        Content::Raw(bytes) => bytes.clone(),
        Content::Json { value } => {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            Bytes::from(value.to_string())
        }
        Content::Text {
            value,
            content_type,
        } => {
            headers.insert(header::CONTENT_TYPE, media_type(content_type)?);
            Bytes::from(value.clone())
        }
        Content::Bytes {
            base64,
            content_type,
        } => {
            headers.insert(header::CONTENT_TYPE, media_type(content_type)?);
            let bytes = BASE64_STANDARD
                .decode(base64)
                .map_err(|_| Refusal::NotAllowed("malformed base64"))?;
            Bytes::from(bytes)
        }
    };
    *request.body_mut() = body;
    Ok(request)
}

fn media_type(text: &str) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_str(text).map_err(|_| Refusal::NotAllowed("malformed content type"))
}

/// Path and query, and only below `/api/`: the page cannot name another host, nor climb out.
fn address(path: &str, query: &[(String, String)]) -> Result<Uri, Refusal> {
    let outside = !path.starts_with("/api/")
        || path.contains(['?', '#', '\\'])
        || path.split('/').any(|step| {
            matches!(
                step.to_ascii_lowercase().replace("%2e", ".").as_str(),
                "." | ".."
            )
        });
    if outside {
        return Err(Refusal::NotAllowed("path outside the API"));
    }
    let mut text = path.to_owned();
    if !query.is_empty() {
        text.push('?');
        text.push_str(
            &form_urlencoded::Serializer::new(String::new())
                .extend_pairs(query)
                .finish(),
        );
    }
    let path = PathAndQuery::try_from(text).map_err(|_| Refusal::NotAllowed("malformed path"))?;
    Ok(Uri::from(path))
}

/// What the page may set. The rest is the shell's (the session) or the transport's.
fn is_pages_own(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept"
            | "accept-language"
            | "content-type"
            | "if-match"
            | "if-none-match"
            | "idempotency-key"
    ) || (name.as_str().starts_with("engage-") && *name != CLIENT)
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| **name != header::SET_COOKIE)
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn content(headers: &HeaderMap, bytes: Vec<u8>) -> Content {
    if bytes.is_empty() {
        return Content::Empty;
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("application/octet-stream")
        .to_owned();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if (essence == "application/json" || essence.ends_with("+json"))
        && let Ok(value) = serde_json::from_slice(&bytes)
    {
        return Content::Json { value };
    }
    let textual = essence.starts_with("text/") || essence.ends_with("xml");
    match String::from_utf8(bytes) {
        Ok(value) if textual => Content::Text {
            value,
            content_type,
        },
        Ok(value) => Content::Bytes {
            base64: BASE64_STANDARD.encode(value),
            content_type,
        },
        Err(raw) => Content::Bytes {
            base64: BASE64_STANDARD.encode(raw.as_bytes()),
            content_type,
        },
    }
}

/// Keeps the token that signing in brought, and hands on the answer without it.
async fn take_token(session: &Session, bytes: Vec<u8>) -> Vec<u8> {
    let Ok(Value::Object(mut answer)) = serde_json::from_slice(&bytes) else {
        return bytes;
    };
    let Some(Value::String(token)) = answer.remove("token") else {
        return bytes;
    };
    session.begin(&token).await;
    Value::Object(answer).to_string().into_bytes()
}

#[cfg(test)]
#[path = "door_tests.rs"]
mod tests;
