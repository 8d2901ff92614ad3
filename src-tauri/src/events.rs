//! Live events: the service's stream of server-sent events (WHATWG HTML §9.2), read here and handed to the page.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::StreamExt;
use http::{Method, Request, StatusCode, header};
use serde::Serialize;
use tokio::{select, time};

use crate::{
    backend::{self, Backend},
    session::Session,
};

/// What the page is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// The stream is open: what happens from now on arrives.
    Connected,
    /// The stream broke; it is being opened again and resumes where it stopped.
    Disconnected,
    Event {
        id: String,
        event: String,
        data: String,
    },
    /// Somebody followed a link from outside: this route should be shown.
    Open { path: String },
}

/// Reads the stream as long as `tell` says that somebody listens. Nobody signed in: waits for it. Broken: opens it again
/// after 1, 2, 4 … 15 s, from the last event that was seen.
pub async fn follow(backend: &Backend, session: &Session, tell: impl Fn(Message) -> bool) {
    let mut signed_in = session.watch();
    let mut last: Option<String> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let token = signed_in.borrow_and_update().clone();
        let Some(token) = token else {
            last = None;
            if signed_in.changed().await.is_err() {
                return;
            }
            continue;
        };
        let ending = select! {
            ending = read(backend, &token, &mut last, &tell) => ending,
            // Another user's events are another stream.
            _ = signed_in.changed() => Ending::Changed,
        };
        match ending {
            Ending::NobodyListens => return,
            Ending::Changed => last = None,
            Ending::Closed => pause = FIRST_PAUSE,
            Ending::Refused => {}
        }
        if !tell(Message::Disconnected) {
            return;
        }
        if !matches!(ending, Ending::Changed) {
            select! {
                () = time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                _ = signed_in.changed() => signed_in.mark_changed(),
            }
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

enum Ending {
    NobodyListens,
    Changed,
    Closed,
    Refused,
}

async fn read(
    backend: &Backend,
    token: &Arc<str>,
    last: &mut Option<String>,
    tell: &impl Fn(Message) -> bool,
) -> Ending {
    let mut request = Request::builder()
        .method(Method::GET)
        .uri(api::path::EVENTS)
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    if let Some(id) = last.as_deref() {
        request = request.header("last-event-id", id);
    }
    let Ok(request) = request.body(Bytes::new()) else {
        return Ending::Refused;
    };
    let response = match backend.send(request).await {
        Ok(response) if response.status() == StatusCode::OK => response,
        Ok(response) => {
            tracing::info!(status = response.status().as_u16(), "no live events");
            return Ending::Refused;
        }
        Err(error) => {
            tracing::info!(error, "no live events");
            return Ending::Refused;
        }
    };
    if !tell(Message::Connected) {
        return Ending::NobodyListens;
    }
    let mut parser = Parser::default();
    let mut chunks = std::pin::pin!(backend::chunks(response.into_body()));
    while let Some(Ok(chunk)) = chunks.next().await {
        for event in parser.push(&chunk) {
            if !event.id.is_empty() {
                *last = Some(event.id.clone());
            }
            let told = tell(Message::Event {
                id: event.id,
                event: event.name,
                data: event.data,
            });
            if !told {
                return Ending::NobodyListens;
            }
        }
    }
    Ending::Closed
}

/// One event of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The last id that the stream has named, in this event or before it.
    pub id: String,
    pub name: String,
    pub data: String,
}

/// Takes the stream in pieces of any length, cut anywhere.
#[derive(Default)]
pub struct Parser {
    line: Vec<u8>,
    after_return: bool,
    id: String,
    name: String,
    data: String,
}

impl Parser {
    pub fn push(&mut self, piece: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in piece {
            let second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if second_half {
                continue;
            }
            if byte == b'\n' || byte == b'\r' {
                let line = std::mem::take(&mut self.line);
                events.extend(self.line(&String::from_utf8_lossy(&line)));
            } else {
                self.line.push(byte);
            }
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "event" => value.clone_into(&mut self.name),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            // An empty field is a comment: the service's sign of life.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        let name = std::mem::take(&mut self.name);
        let mut data = std::mem::take(&mut self.data);
        data.pop()?;
        Some(Event {
            id: self.id.clone(),
            name: if name.is_empty() {
                String::from("message")
            } else {
                name
            },
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use http::Response;
    use http_body_util::Full;

    use super::*;

    fn event(id: &str, name: &str, data: &str) -> Event {
        Event {
            id: id.to_owned(),
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn the_stream_may_be_cut_anywhere() {
        let stream = ": hello\nid: 7\nevent: inbox\ndata: {\"a\":1}\ndata: two\r\n\r\ndata:x\n\nid: 8\n\nevent: n\ndata:  é\n\n";
        let expected = vec![
            event("7", "inbox", "{\"a\":1}\ntwo"),
            event("7", "message", "x"),
            event("8", "n", " é"),
        ];
        for size in 1..stream.len() {
            let mut parser = Parser::default();
            let events: Vec<Event> = stream
                .as_bytes()
                .chunks(size)
                .flat_map(|piece| parser.push(piece))
                .collect();
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn an_event_that_never_ended_is_not_told() {
        let mut parser = Parser::default();
        assert_eq!(parser.push(b"id: 1\ndata: half"), []);
    }

    /// A service that tells one event a connection and notes where each connection wanted to resume.
    fn one_event_each(seen: Arc<Mutex<Vec<Option<String>>>>) -> Backend {
        Backend::embedded(tower::service_fn(move |request: Request<Full<Bytes>>| {
            let resumed = request
                .headers()
                .get("last-event-id")
                .map(|id| id.to_str().unwrap().to_owned());
            let mut seen = seen.lock().unwrap();
            seen.push(resumed);
            let text = format!("id: {0}\ndata: {0}\n\n", seen.len());
            async move { Ok(Response::new(Full::new(Bytes::from(text)))) }
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_stream_resumes_where_it_stopped() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let backend = one_event_each(Arc::clone(&seen));
        let session = Session::in_memory();
        session.begin("t").await;
        let told = Mutex::new(Vec::new());
        follow(&backend, &session, |message| {
            let mut told = told.lock().unwrap();
            told.push(message);
            told.len() < 6
        })
        .await;
        assert_eq!(*seen.lock().unwrap(), [None, Some(String::from("1"))]);
        let kinds: Vec<bool> = told
            .lock()
            .unwrap()
            .iter()
            .map(|message| matches!(message, Message::Event { .. }))
            .collect();
        assert_eq!(kinds, [false, true, false, false, true, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_signed_in_means_no_stream() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let backend = one_event_each(Arc::clone(&seen));
        let session = Session::in_memory();
        let waited = time::timeout(
            Duration::from_secs(3600),
            follow(&backend, &session, |_| true),
        )
        .await;
        assert!(waited.is_err());
        assert!(seen.lock().unwrap().is_empty());
    }
}
