//! The one door to the service: [`call`]. Inside the desktop's window it goes through the shell (which holds the session
//! and the address), in a browser over HTTP to where the page came from.
//!
//! - Every write carries an idempotency key, kept over its retries: a retry after a lost answer is safe, so calls that
//!   found no service are tried again by themselves, three times.
//! - A call that finds the session over waits: the frame asks for the password over the page, and then the call goes on.
//!   Nothing typed is lost, and no screen has to know.
//! - What goes wrong comes back as a [`Problem`] with a sentence in the reader's language.

mod desktop;
mod file;
pub mod live;
mod problem;
mod web;

use std::sync::LazyLock;

use futures::channel::oneshot;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{kit::now_ms, prefs::preferences, problem::Problem};

pub use desktop::{is_desktop, is_fleeting, open_window};
pub use file::{save, save_asked, save_text, upload};

/// How a request is written down before it is sent.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

#[derive(Clone, Debug)]
pub enum Body {
    Empty,
    Json(Value),
    Text {
        content_type: &'static str,
        text: String,
    },
    /// A file as it is, held in memory so that it can be sent again. What may be large goes by [`upload`].
    Bytes {
        content_type: &'static str,
        bytes: Vec<u8>,
    },
}

/// What came back, whatever its status.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: AnswerBody,
}

#[derive(Clone, Debug)]
pub enum AnswerBody {
    Empty,
    Json(Value),
    Text(String),
}

/// The request got no answer at all.
#[derive(Clone, Debug)]
pub struct Lost(pub String);

/// Whether the service can be reached, as far as we know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    #[default]
    Connecting,
    Connected,
    Offline,
}

static CONNECTION: LazyLock<ArcRwSignal<Connection>> = LazyLock::new(ArcRwSignal::default);
static SAVED_AT: LazyLock<ArcRwSignal<Option<f64>>> = LazyLock::new(ArcRwSignal::default);
static SIGNED_OUT: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);
// Calls that wait for somebody to sign in again.
static WAITING: LazyLock<std::sync::Mutex<Vec<oneshot::Sender<()>>>> =
    LazyLock::new(Default::default);

pub fn connection() -> ArcRwSignal<Connection> {
    CONNECTION.clone()
}

/// When the last write was acknowledged, in milliseconds since 1970.
pub fn saved_at() -> ArcRwSignal<Option<f64>> {
    SAVED_AT.clone()
}

/// True while the session is over and calls wait for a new one.
pub fn signed_out() -> ArcRwSignal<bool> {
    SIGNED_OUT.clone()
}

/// Somebody has signed in: what waited goes on.
pub fn resume() {
    SIGNED_OUT.set(false);
    let waiting = WAITING
        .lock()
        .map(|mut waiting| std::mem::take(&mut *waiting));
    for one in waiting.unwrap_or_default() {
        let _ = one.send(());
    }
}

pub(crate) fn set_connection(state: Connection) {
    if CONNECTION.get_untracked() != state {
        CONNECTION.set(state);
    }
}

pub async fn get<T: DeserializeOwned>(path: &str, query: &[(&str, String)]) -> Result<T, Problem> {
    call("GET", path, query, Body::Empty).await
}

/// `query` from a type of the `api` room whose fields are all plain.
pub fn query_of<T: Serialize>(value: &T) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(value) else {
        return Vec::new();
    };
    fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::Null => None,
            Value::String(text) => Some((name, text)),
            other => Some((name, other.to_string())),
        })
        .collect()
}

pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Problem> {
    call("POST", path, &[], json(body)).await
}

pub async fn put<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Problem> {
    call("PUT", path, &[], json(body)).await
}

pub async fn patch<B: Serialize, T: DeserializeOwned>(path: &str, body: &B) -> Result<T, Problem> {
    call("PATCH", path, &[], json(body)).await
}

/// A removal that says something besides the path.
pub async fn delete_with<B: Serialize, T: DeserializeOwned>(
    path: &str,
    body: &B,
) -> Result<T, Problem> {
    call("DELETE", path, &[], json(body)).await
}

/// Signs in through the identity provider, by the desktop's shell: it keeps the token.
pub async fn sign_in_elsewhere<T: DeserializeOwned>() -> Result<T, Problem> {
    let answer = desktop::sign_in_elsewhere()
        .await
        .map_err(|lost| problem::offline(&lost.0))?;
    if !(200..300).contains(&answer.status) {
        return Err(problem::read(&answer));
    }
    understood(api::path::PROVIDER_FINISH, answer.body)
}

pub async fn delete(path: &str, query: &[(&str, String)]) -> Result<(), Problem> {
    call("DELETE", path, query, Body::Empty).await
}

pub fn json<B: Serialize>(body: &B) -> Body {
    serde_json::to_value(body).map_or(Body::Empty, Body::Json)
}

/// Asks the service and reads its answer as `T` (`()` for an answer that nobody reads).
pub async fn call<T: DeserializeOwned>(
    method: &'static str,
    path: &str,
    query: &[(&str, String)],
    body: Body,
) -> Result<T, Problem> {
    let request = Request {
        method,
        path: path.to_owned(),
        query: query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        headers: with_eyes(headers(method, path), path),
        body,
    };
    let answer = exchange(&request).await?;
    if writes(method, path) {
        SAVED_AT.set(Some(now_ms()));
    }
    understood(path, answer.body)
}

fn understood<T: DeserializeOwned>(path: &str, body: AnswerBody) -> Result<T, Problem> {
    let value = match body {
        AnswerBody::Empty => Value::Null,
        AnswerBody::Json(value) => value,
        AnswerBody::Text(text) => Value::String(text),
    };
    serde_json::from_value(value).map_err(|wrong| problem::unreadable(path, &wrong.to_string()))
}

fn writes(method: &str, path: &str) -> bool {
    method != "GET" && !api::path::READING.contains(&path)
}

/// Headers of a request of ours; a write gets its idempotency key here, once.
fn headers(method: &str, path: &str) -> Vec<(String, String)> {
    let mut headers = vec![(
        "accept-language".to_owned(),
        preferences().language().tag().to_owned(),
    )];
    if writes(method, path) {
        headers.push((api::header::IDEMPOTENCY_KEY.to_owned(), fresh_key()));
    }
    headers
}

/// Whoever looks with another's eyes says so with every request.
fn with_eyes(mut headers: Vec<(String, String)>, path: &str) -> Vec<(String, String)> {
    if let Some(user) = crate::settings::lens::eyes::header(path) {
        headers.push((api::lens::AS.to_owned(), user));
    }
    headers
}

/// 128 bits of the browser's randomness.
pub fn fresh_key() -> String {
    let mut bytes = [0_u8; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sends until there is an answer, and waits for a new session where the old one is over.
async fn exchange(request: &Request) -> Result<Answer, Problem> {
    const PAUSES: [u64; 3] = [300, 1_000, 3_000];
    // Signing in and out answers for itself.
    let about_session = [
        api::path::SESSION,
        api::path::PROVIDER_BEGIN,
        api::path::PROVIDER_FINISH,
        api::path::WELCOME,
        api::path::SET_UP,
    ]
    .contains(&request.path.as_str());
    let mut tries = 0;
    loop {
        let outcome = send(request).await;
        let again = match &outcome {
            Ok(answer) => matches!(answer.status, 502..=504),
            Err(_) => true,
        };
        if again && let Some(pause) = PAUSES.get(tries) {
            tries += 1;
            sleep(*pause).await;
            continue;
        }
        let answer = outcome.map_err(|lost| {
            set_connection(Connection::Offline);
            problem::offline(&lost.0)
        })?;
        if answer.status == 401 && !about_session {
            wait_for_session().await;
            continue;
        }
        return if (200..300).contains(&answer.status) {
            Ok(answer)
        } else {
            Err(problem::read(&answer))
        };
    }
}

async fn wait_for_session() {
    let (sender, receiver) = oneshot::channel();
    if let Ok(mut waiting) = WAITING.lock() {
        waiting.push(sender);
    }
    SIGNED_OUT.set(true);
    let _ = receiver.await;
}

async fn send(request: &Request) -> Result<Answer, Lost> {
    if is_desktop() {
        desktop::send(request).await
    } else {
        web::send(request).await
    }
}

/// Lets `millis` pass.
pub async fn sleep(millis: u64) {
    let (sender, receiver) = oneshot::channel();
    set_timeout(
        move || {
            let _ = sender.send(());
        },
        std::time::Duration::from_millis(millis),
    );
    let _ = receiver.await;
}
