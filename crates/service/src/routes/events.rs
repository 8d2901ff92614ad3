use std::collections::{BTreeSet, HashSet};
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
use kernel::{Code, Id, Result};
use runner::feed::{self, Topics};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::MissedTickBehavior;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reach::{reads_process, seen_instances, sees_all};
use crate::App;
use crate::http::{Answer, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(listen))
}

/// How many transactions' events are read at once.
const BATCH: i64 = 200;
/// So often a stream looks whether its session is still open and may still what it might. Signals may be lost.
const LOOK: Duration = Duration::from_secs(1);
/// At each so manieth look it looks for events by itself, too.
const EVENTS_TOO: u32 = 5;

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
    Ok(Sse::new(events(app, session, headers, after))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

fn events(
    app: App,
    session: Session,
    headers: HeaderMap,
    mut after: i64,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream! {
        let mut signals = app.db.signals().subscribe();
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut looks = 0_u32;
        // The first thing that a client hears: it is connected, from where it goes on, and of which state of permissions:
        // what changed while it was not connected it knows by that.
        let hello = format!("{{\"access\":{}}}", session.generation());
        yield Ok(Event::default().id(after.to_string()).event("hello").data(hello));
        let mut due = true;
        loop {
            loop {
                // Whatever woke it, lost signals among it: nobody hears more than they may at that moment.
                match standing(&app, &headers, &session).await {
                    Standing::Same => {}
                    Standing::Over => return,
                    // Who may do what has changed: the client hears of it, so that what is on its screen is read anew; then
                    // it connects again, and is asked again who it is.
                    Standing::Changed(generation) => {
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
                }
                if !due {
                    break;
                }
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
                        looks = looks.wrapping_add(1);
                        due = looks.is_multiple_of(EVENTS_TOO);
                        break;
                    }
                    signal = signals.recv() => match signal {
                        Ok(signal) if signal.topic == feed::SIGNAL => {
                            due = true;
                            break;
                        }
                        Ok(signal) if signal.topic == "access" => {
                            due = false;
                            break;
                        }
                        Ok(signal) => {
                            if let Some(event) = hint(&session, &signal)
                                && let Ok(data) = serde_json::to_string(&event)
                            {
                                yield Ok(Event::default().event("change").data(data));
                            }
                        }
                        Err(RecvError::Lagged(_)) => {
                            due = true;
                            break;
                        }
                        Err(RecvError::Closed) => return,
                    },
                }
            }
        }
    }
}

/// What has become of a stream's session.
enum Standing {
    Same,
    /// They may do other things than when the stream began: the state of permissions now.
    Changed(i64),
    Over,
}

/// Asks again who listens, which counts as no use of the session: whoever leaves a screen open is idle. Cheap: within a second
/// it is answered from memory.
async fn standing(app: &App, headers: &HeaderMap, session: &Session) -> Standing {
    let now = match Session::again(app, headers).await {
        Ok(now) => now,
        // The session has ended; or who looks with another's eyes may no longer, or the other is gone.
        Err(error)
            if matches!(
                error.code(),
                Code::Unauthenticated | Code::SessionExpired | Code::Forbidden | Code::NotFound
            ) =>
        {
            return Standing::Over;
        }
        // A database that does not answer ends nothing: the next look tells.
        Err(_) => return Standing::Same,
    };
    let (was, is) = (session.own(), now.own());
    if is.unfinished().is_some() {
        Standing::Over
    } else if (was.generation(), was.user.version) == (is.generation(), is.user.version) {
        Standing::Same
    } else {
        Standing::Changed(is.generation())
    }
}

type Found = (Vec<(i64, LiveEvent)>, i64, bool, bool);

async fn read(app: &App, session: &Session, after: i64) -> Result<Found> {
    let mut reads = app.db.read().await?;
    let since = feed::events_since(&mut reads, after, &Topics::All, BATCH).await?;
    let groups: BTreeSet<String> = session.group_keys().into_iter().collect();
    let own = format!("user:{}", session.user.id);
    let whole = sees_all(session);
    let may = |entity: &str| session.policy.require(Verb::Read, entity).is_ok();
    let (inbox, runs) = (may("work_item"), may("instance"));
    let told_of = since.events.iter().filter_map(|event| {
        let id = event.topic.strip_prefix("instance:")?;
        id.parse::<Id<runner::Instance>>().ok()
    });
    let instances = if runs {
        let told_of: Vec<_> = told_of.collect();
        seen_instances(app, session, &mut reads, told_of).await?
    } else {
        HashSet::new()
    };
    let mut found = Vec::new();
    for event in since.events {
        let (kind, subject) = event
            .topic
            .split_once(':')
            .unwrap_or((event.topic.as_str(), ""));
        let wanted = match kind {
            "inbox" => inbox && groups.contains(subject),
            "user" => event.topic == own,
            "customer" => whole || sees(app, session, &mut reads, subject).await?,
            // What runs for a customer whom they do not see is not there for them, nor is what becomes of it.
            "instance" => subject
                .parse::<uuid::Uuid>()
                .is_ok_and(|id| instances.contains(&id)),
            "process" => runs && reads_process(session, subject),
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
