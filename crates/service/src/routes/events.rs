use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use access::Verb;
use api::Problem;
use api::events::LiveEvent;
use async_stream::stream;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use kernel::{Filter, Id, Result};
use runner::feed::{self, Topics};
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listen))
}

/// How many transactions' events are read at once.
const BATCH: i64 = 200;
/// Signals may be lost: so often the stream looks by itself for events, and whether its session is still open.
const LOOK: Duration = Duration::from_secs(5);

/// Live events, as server-sent events (WHATWG HTML §9.2). Resumes after `last-event-id`.
#[utoipa::path(get, path = api::path::EVENTS, tag = "events", security(("bearer" = []), ("cookie" = [])), responses((status = 200, content_type = "text/event-stream", body = LiveEvent), (status = "default", body = Problem)))]
async fn listen(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let resume = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<i64>().ok());
    let after = match resume {
        Some(id) => id,
        None => feed::head(&mut app.db.read().await?).await?,
    };
    Ok(Sse::new(events(app, session, after))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn events(
    app: App,
    session: Session,
    mut after: i64,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream! {
        let mut signals = app.db.signals().subscribe();
        let mut look = tokio::time::interval(LOOK);
        // The first thing that a client hears: it is connected, from where it goes on, and of which state of permissions:
        // what changed while it was not connected it knows by that.
        let hello = format!("{{\"access\":{}}}", session.generation());
        yield Ok(Event::default().id(after.to_string()).event("hello").data(hello));
        loop {
            loop {
                let Ok((found, next, more, gap)) = read(&app, &session, after).await else { break };
                if gap {
                    yield Ok(Event::default().id(next.to_string()).event("reset").data("{}"));
                }
                for (id, event) in found {
                    if let Ok(data) = serde_json::to_string(&event) {
                        yield Ok(Event::default().id(id.to_string()).event("change").data(data));
                    }
                }
                after = next;
                if !more {
                    break;
                }
            }
            // Sleeps until something may have happened; other rooms' hints pass by without an id.
            loop {
                tokio::select! {
                    () = app.stopping.cancelled() => return,
                    _ = look.tick() => {
                        if !is_open(&app, &session).await {
                            return;
                        }
                        break;
                    }
                    signal = signals.recv() => match signal {
                        Ok(signal) if signal.topic == feed::SIGNAL => break,
                        // Who may do what has changed: the client hears of it, so that what is on its screen is read anew;
                        // then it connects again, and is asked again who it is. Somebody's signing out changes nothing.
                        Ok(signal) if signal.topic == "access" => {
                            if let Some(generation) = changed(&app, &session).await {
                                let event = LiveEvent {
                                    topic: "access".to_owned(),
                                    kind: "access.changed".to_owned(),
                                    subject: generation.to_string(),
                                };
                                if let Ok(data) = serde_json::to_string(&event) {
                                    yield Ok(Event::default().event("change").data(data));
                                }
                                return;
                            }
                            if !is_open(&app, &session).await {
                                return;
                            }
                        }
                        Ok(signal) => {
                            if let Some(event) = hint(&session, &signal)
                                && let Ok(data) = serde_json::to_string(&event)
                            {
                                yield Ok(Event::default().event("change").data(data));
                            }
                        }
                        Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return,
                    },
                }
            }
        }
    }
}

/// The state of permissions, if it is not what it was when the stream began. A database that does not answer tells later.
async fn changed(app: &App, session: &Session) -> Option<i64> {
    let mut reads = app.db.read().await.ok()?;
    let now = directory::session::generation(&mut reads).await.ok()?;
    (now != session.generation()).then_some(now)
}

/// A database that does not answer ends nothing: the next look tells.
async fn is_open(app: &App, session: &Session) -> bool {
    let Ok(mut reads) = app.db.read().await else {
        return true;
    };
    app.rooms
        .sessions
        .still_open(&mut reads, session.session)
        .await
        .unwrap_or(true)
}

type Found = (Vec<(i64, LiveEvent)>, i64, bool, bool);

async fn read(app: &App, session: &Session, after: i64) -> Result<Found> {
    let mut reads = app.db.read().await?;
    let since = feed::events_since(&mut reads, after, &Topics::All, BATCH).await?;
    let groups: BTreeSet<String> = session.group_keys().into_iter().collect();
    let own = format!("user:{}", session.user.id);
    let whole = session.policy.rows("customer", Verb::Read) == Filter::TRUE;
    let mut found = Vec::new();
    for event in since.events {
        let (kind, subject) = event
            .topic
            .split_once(':')
            .unwrap_or((event.topic.as_str(), ""));
        let wanted = match kind {
            "inbox" => groups.contains(subject),
            "user" => event.topic == own,
            "customer" => whole || sees(app, session, &mut reads, subject).await?,
            "instance" | "process" => session.policy.require(Verb::Read, "instance").is_ok(),
            super::approvals::TOPIC => {
                super::approvals::waits_for(app, session, &mut reads, event.subject).await?
            }
            _ => false,
        };
        if wanted {
            found.push((
                event.id,
                LiveEvent {
                    topic: event.topic,
                    kind: event.kind,
                    subject: event.subject.to_string(),
                },
            ));
        }
    }
    Ok((found, since.next, since.more, since.gap))
}

/// Not even that a customer exists may be learned from an event.
async fn sees(
    app: &App,
    session: &Session,
    reads: &mut store::Read,
    customer: &str,
) -> Result<bool> {
    let Ok(id) = customer.parse::<Id<desk::Customer>>() else {
        return Ok(false);
    };
    let sight = desk::Sight::reading(&session.policy);
    Ok(
        desk::customer::load(reads, &sight, &app.rooms.portfolio(), id)
            .await?
            .is_some(),
    )
}

/// What other rooms signal, for the screens that care.
fn hint(session: &Session, signal: &store::Signal) -> Option<LiveEvent> {
    let (topic, kind) = match signal.topic.as_str() {
        design::SIGNAL => ("definitions".to_owned(), "definition.published"),
        desk::import::SIGNAL if session.policy.require(Verb::Read, "import").is_ok() => {
            (format!("import:{}", signal.payload), "import.progress")
        }
        _ => return None,
    };
    Some(LiveEvent {
        topic,
        kind: kind.to_owned(),
        subject: signal.payload.clone(),
    })
}
