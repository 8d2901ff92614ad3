//! What failed for good, or of which nobody knows whether it happened, seen to by hand. What runs for a customer whom somebody
//! may not see is not there for them here, either.

use access::Verb;
use api::engine::{AcceptIncident, DeadLetter, Requeue, Requeued};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jobs::Job;
use kernel::{Code, Error, FieldProblem, Id, Page, Paged, Result};
use runner::{Anew, Incident, IncidentQuery};
use serde_json::Map;
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reach::{self, may_set_going, seen_instances};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};

/// Dead letters that one request begins anew.
const MOST: usize = 500;
/// Characters of a reason.
const LONGEST: usize = 2_000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(dead_letters))
        .routes(routes!(requeue))
        .routes(routes!(accept))
}

/// Those that this person may know of.
async fn seen(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    mut letters: Vec<jobs::DeadLetter>,
) -> Result<Vec<jobs::DeadLetter>> {
    let instances: Vec<_> = letters
        .iter()
        .filter_map(|letter| runner::letter_of(letter).map(|(instance, _)| instance))
        .collect();
    let seen = seen_instances(app, session, reads, instances).await?;
    letters.retain(|letter| match runner::letter_of(letter) {
        Some((instance, _)) => seen.contains(&instance.uuid()),
        // Messages and signals are for whoever awaits them: nobody knows for whom beforehand.
        None => reach::sees_everything(app, session),
    });
    Ok(letters)
}

/// Jobs that failed for good, and those of which nobody knows whether their effect happened; newest first. A page may hold
/// fewer than it could.
#[utoipa::path(get, path = api::path::DEAD_LETTERS, tag = "engine", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<DeadLetter>), (status = "default", body = Problem)))]
async fn dead_letters(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<DeadLetter>>> {
    session.policy.require(Verb::Read, "incident")?;
    let mut reads = app.db.read().await?;
    let found = jobs::dead(&mut reads, &page).await?;
    let items = seen(&app, &session, &mut reads, found.items).await?;
    let items = items.into_iter().map(|dead| DeadLetter {
        id: dead.id.cast(),
        kind: dead.kind,
        state: dead.state.text().to_owned(),
        attempts: dead.attempt,
        asked: dead.enqueued,
        finished: dead.finished,
        cause: dead.cause.map(|cause| runner::told(cause, language)),
    });
    Ok(Json(Paged {
        items: items.collect(),
        next: found.next,
        total: None,
    }))
}

/// Begins dead letters anew, with all their attempts. What an instance asked for is asked for again by the instance, and its
/// incident ends with it; where no instance waits for it any more it is taken from the list, and does not count.
#[utoipa::path(post, path = api::path::DEAD_LETTERS_REQUEUE, tag = "engine", request_body = Requeue, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Requeued), (status = "default", body = Problem)))]
async fn requeue(
    State(app): State<App>,
    session: Session,
    Input(input): Input<Requeue>,
) -> Answer<Json<Requeued>> {
    session.policy.require(Verb::Change, "incident")?;
    if input.ids.len() > MOST {
        let problem = FieldProblem::new("ids", "too_many").with("max", MOST);
        return Err(Error::new(Code::Invalid).field(problem).into());
    }
    let mut tx = app.db.write().await?;
    let mut letters = Vec::with_capacity(input.ids.len());
    for id in &input.ids {
        letters.extend(jobs::letter(&mut tx, id.cast::<Job>()).await?);
    }
    let letters = seen(&app, &session, &mut tx, letters).await?;
    let mut requeued = 0;
    for letter in &letters {
        if let Some(process) = app.rooms.runner.process_of_letter(&mut tx, letter).await? {
            may_set_going(&session, &process, &Map::new())?;
        }
        let anew = app
            .rooms
            .runner
            .begin_anew_in(&mut tx, &session.actor, letter.id)
            .await?;
        requeued += u64::from(anew == Anew::Begun);
    }
    let said: Vec<_> = letters.iter().map(|letter| letter.id.to_string()).collect();
    if !said.is_empty() {
        let entry = ledger::audit::Entry::new("job.requeue", "jobs", "job").note(said.join(", "));
        ledger::audit::record(&mut tx, app.ambient.now(), &session.actor, entry);
    }
    tx.commit().await?;
    Ok(Json(Requeued { requeued }))
}

/// Says that what an incident stopped was done outside: the activity is over, with these values, and the instance goes on.
#[utoipa::path(post, path = api::path::INCIDENT_ACCEPT, tag = "engine", params(("id" = String, Path)), request_body = AcceptIncident, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn accept(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Incident>>,
    Input(input): Input<AcceptIncident>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Change, "incident")?;
    let reason = input.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "required").into());
    }
    if reason.chars().count() > LONGEST {
        let problem = FieldProblem::new("reason", "too_long").with("max", LONGEST);
        return Err(Error::new(Code::Invalid).field(problem).into());
    }
    let incident: Id<Incident> = id.cast();
    let look = IncidentQuery {
        ids: vec![incident],
        resolved_too: true,
        ..IncidentQuery::default()
    };
    let mut tx = app.db.write().await?;
    let found = reach::all_incidents(&app, &session, &mut tx, &look).await?;
    let line = found.first().ok_or_else(|| Error::not_found("incident"))?;
    may_set_going(&session, &line.process, &input.values)?;
    app.rooms
        .runner
        .accept_in(&mut tx, &session.actor, incident, input.values, reason)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
