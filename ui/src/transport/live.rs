//! What changes elsewhere shows here at once: the service's live events, over the shell's channel or a stream of HTTP.
//! A screen says what it follows with [`follow`]; after a cut the stream goes on from the last event that was seen.

use std::sync::{
    LazyLock,
    atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
};

use api::events::LiveEvent;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{Connection, desktop, is_desktop, set_connection, sleep};
use crate::prefs::preferences;

#[derive(Clone)]
struct Follower {
    number: u64,
    topics: &'static [&'static str],
    heard: Callback<(LiveEvent,)>,
}

static FOLLOWERS: LazyLock<ArcRwSignal<Vec<Follower>>> =
    LazyLock::new(|| ArcRwSignal::new(Vec::new()));
// Raised when a stream begins and when it ends for good: an older loop then stops.
static TURN: AtomicU64 = AtomicU64::new(0);
static OPENED: LazyLock<ArcRwSignal<Option<String>>> = LazyLock::new(ArcRwSignal::default);

/// The kind of the event that stands for a gap which cannot be closed: everybody looks again.
const RESET: &str = "reset";
/// Set by that event.
static CUT: AtomicBool = AtomicBool::new(false);
/// The first event of every stream.
const HELLO: &str = "hello";
/// Of which state of permissions the page knows; 0 before the first greeting.
static PERMITTED: AtomicI64 = AtomicI64::new(0);
/// The topic of the event that permissions or people have changed.
const ACCESS: &str = "access";

/// Whether the event may be about the thing with this id: by its subject, by its topic, or because it says so little.
pub fn is_about(event: &LiveEvent, id: &str) -> bool {
    event.kind == RESET
        || event.topic == ACCESS
        || event.subject.is_empty()
        || event.subject == id
        || event.topic.ends_with(id)
}

/// `heard` gets every event whose topic begins with one of `topics` (`inbox` hears `inbox:billing`) for as long as the
/// owner lives. After a gap that cannot be closed everybody gets one event: then everything is read anew.
pub fn follow(topics: &'static [&'static str], heard: impl Into<Callback<(LiveEvent,)>>) {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let follower = Follower {
        number,
        topics,
        heard: heard.into(),
    };
    FOLLOWERS.update_untracked(|all| all.push(follower));
    on_cleanup(move || FOLLOWERS.update_untracked(|all| all.retain(|one| one.number != number)));
}

/// A path that the shell asks the page to open (a deep link, a second start).
pub fn asked_to_open() -> ArcRwSignal<Option<String>> {
    OPENED.clone()
}

/// One event of the stream, by its name.
fn tell_of(name: &str, data: &str) {
    if name == HELLO {
        let greeting = serde_json::from_str::<Value>(data).unwrap_or_default();
        if let Some(now) = greeting.get(ACCESS).and_then(Value::as_i64) {
            let known = PERMITTED.swap(now, Ordering::Relaxed);
            // Permissions changed again while nothing was heard.
            if known != 0 && known != now {
                tell(&LiveEvent {
                    topic: ACCESS.to_owned(),
                    kind: "access.changed".to_owned(),
                    subject: now.to_string(),
                });
                CUT.store(false, Ordering::Relaxed);
            }
        }
    } else if name == RESET {
        tell(&LiveEvent {
            topic: String::new(),
            kind: RESET.to_owned(),
            subject: String::new(),
        });
    } else if let Ok(event) = serde_json::from_str(data) {
        tell(&event);
    }
}

fn tell(event: &LiveEvent) {
    if event.topic == ACCESS {
        CUT.store(true, Ordering::Relaxed);
        if let Ok(now) = event.subject.parse() {
            PERMITTED.store(now, Ordering::Relaxed);
        }
    }
    let all = FOLLOWERS.with_untracked(Vec::clone);
    for follower in all {
        let family = event.topic.split(':').next().unwrap_or_default();
        // Who may do what has changed: whatever is on the screen may have to go.
        if event.kind == RESET || family == ACCESS || follower.topics.contains(&family) {
            follower.heard.try_run((event.clone(),));
        }
    }
}

/// Begins to listen. Called when somebody has signed in; a call while it listens begins anew.
pub fn listen() {
    let turn = TURN.fetch_add(1, Ordering::Relaxed) + 1;
    leptos::task::spawn_local(async move {
        if is_desktop() {
            over_shell(turn).await;
        } else {
            over_http(turn).await;
        }
    });
}

pub fn stop() {
    TURN.fetch_add(1, Ordering::Relaxed);
}

async fn over_shell(turn: u64) {
    // The channel stays for the page's life; the shell resumes by itself, over sign-outs too.
    if turn > 1 {
        return;
    }
    let heard = |message: JsValue| {
        let message =
            js_sys::Reflect::get(&message, &JsValue::from_str("message")).unwrap_or(message);
        let Some(message) = desktop::value_of(&message) else {
            return;
        };
        match message.get("kind").and_then(Value::as_str) {
            Some("connected") => set_connection(Connection::Connected),
            Some("disconnected") => set_connection(Connection::Offline),
            Some("open") => {
                let path = message.get("path").and_then(Value::as_str);
                OPENED.set(path.map(str::to_owned));
            }
            Some("event") => {
                let text = |name: &str| {
                    message
                        .get(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                };
                tell_of(text("event"), text("data"));
            }
            _ => {}
        }
    };
    if desktop::listen("listen", heard).await.is_err() {
        set_connection(Connection::Offline);
    }
}

async fn over_http(turn: u64) {
    let mut last = None;
    let mut pause = 500;
    while TURN.load(Ordering::Relaxed) == turn {
        let opened = stream(turn, &mut last).await;
        if TURN.load(Ordering::Relaxed) != turn {
            return;
        }
        match opened {
            // It was open and was cut: try at once, then slower. A change of permissions cuts it on purpose: then there is
            // nothing to wait for.
            Ok(()) => {
                pause = 500;
                if CUT.swap(false, Ordering::Relaxed) {
                    sleep(50).await;
                    continue;
                }
            }
            // No session: whoever signs in begins anew.
            Err(Some(401)) => return,
            Err(_) => {
                set_connection(Connection::Offline);
                pause = (pause * 2).min(15_000);
            }
        }
        sleep(pause).await;
    }
}

/// Reads one stream to its end. EventSource would be simpler, but cannot send the client header nor tell a 401.
async fn stream(turn: u64, last: &mut Option<String>) -> Result<(), Option<u16>> {
    let lost = |_: JsValue| None::<u16>;
    let headers = web_sys::Headers::new().map_err(lost)?;
    headers
        .append("accept", "text/event-stream")
        .map_err(lost)?;
    headers
        .append("accept-language", preferences().language().tag())
        .map_err(lost)?;
    headers.append(api::header::CLIENT, "web").map_err(lost)?;
    if let Some(last) = last {
        headers.append("last-event-id", last).map_err(lost)?;
    }
    let init = web_sys::RequestInit::new();
    init.set_headers(&headers);
    init.set_credentials(web_sys::RequestCredentials::SameOrigin);
    let response = JsFuture::from(window().fetch_with_str_and_init(api::path::EVENTS, &init))
        .await
        .map_err(lost)?;
    let response: web_sys::Response = response.dyn_into().map_err(lost)?;
    if !response.ok() {
        return Err(Some(response.status()));
    }
    set_connection(Connection::Connected);
    let Some(body) = response.body() else {
        return Ok(());
    };
    let reader: web_sys::ReadableStreamDefaultReader =
        body.get_reader().dyn_into().map_err(|_| None::<u16>)?;
    let mut bytes: Vec<u8> = Vec::new();
    while TURN.load(Ordering::Relaxed) == turn {
        let Ok(part) = JsFuture::from(reader.read()).await else {
            return Ok(());
        };
        let field = |name: &str| js_sys::Reflect::get(&part, &JsValue::from_str(name));
        if field("done").is_ok_and(|done| done.is_truthy()) {
            return Ok(());
        }
        if let Ok(chunk) = field("value") {
            bytes.extend(js_sys::Uint8Array::new(&chunk).to_vec());
        }
        // Events are parted by an empty line; a character may be cut between chunks, a line feed never.
        while let Some(end) = bytes.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = bytes.drain(..end + 2).collect();
            hear(&String::from_utf8_lossy(&block), last);
        }
    }
    let _ = reader.cancel();
    Ok(())
}

/// One block of `text/event-stream`.
fn hear(block: &str, last: &mut Option<String>) {
    let mut data = String::new();
    let mut kind = String::new();
    for line in block.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut kind),
            "id" => *last = Some(value.to_owned()),
            "data" => {
                if !data.is_empty() {
                    data.push('\n');
                }
                data.push_str(value);
            }
            _ => {}
        }
    }
    // A block of comments alone keeps the line open and says nothing.
    if !kind.is_empty() || !data.is_empty() {
        tell_of(&kind, &data);
    }
}
