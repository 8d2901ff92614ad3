//! Ways that are not the plain one: exceptions at a work item, and activities of an ad-hoc sub-process begun by hand.

use access::Verb;
use api::work::{AdHocActivity, BeginActivity, Completed, Exception, RaiseException};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use flow::engine::ActivityId;
use kernel::{Code, Error, Id};
use runner::{Except, InstanceDetail, WorkItemDetail};
use serde_json::Map;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::engine::instance;
use super::reach;
use super::work::{for_me, may, seen};
use crate::App;
use crate::http::{Answer, At, Input, Session};

/// Characters of a reason.
const LONGEST: usize = 2_000;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(except))
        .routes(routes!(begin_activity))
}

pub(super) fn offered(detail: &WorkItemDetail) -> Vec<Exception> {
    let each = detail.exceptions.iter().map(|one| Exception {
        escalation: one.escalation,
        code: one.code.as_deref().map(str::to_owned),
        name: match (&*one.name, &one.code) {
            ("", Some(code)) => code.to_string(),
            (name, _) => name.to_owned(),
        },
        interrupting: one.interrupting,
    });
    each.collect()
}

pub(super) fn startable(session: &Session, detail: &InstanceDetail) -> Vec<AdHocActivity> {
    if !reach::may_start(session, &detail.line.process) {
        return Vec::new();
    }
    let each = detail.startable.iter().map(|one| AdHocActivity {
        activity: one.activity.0,
        element: one.element.to_string(),
        name: if one.name.is_empty() {
            one.element.to_string()
        } else {
            one.name.to_string()
        },
    });
    each.collect()
}

/// Leaves the plain way at a work item by an error or an escalation that the process catches. The work item ends with it
/// where the catching event is interrupting.
#[utoipa::path(post, path = api::path::WORK_ITEM_EXCEPTION, tag = "work", params(("id" = String, Path)), request_body = RaiseException, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Completed), (status = "default", body = Problem)))]
async fn except(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::WorkItem>>,
    Input(input): Input<RaiseException>,
) -> Answer<Json<Completed>> {
    let note = input.note.trim().to_owned();
    if note.is_empty() {
        return Err(Error::invalid("note", "required").into());
    }
    if note.chars().count() > LONGEST {
        let problem = kernel::FieldProblem::new("note", "too_long").with("max", LONGEST);
        return Err(Error::new(Code::Invalid).field(problem).into());
    }
    let mut tx = app.db.write().await?;
    let detail = seen(&app, &session, &mut tx, id).await?;
    if !may(&app, &session, Verb::Execute, &detail.line) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "execute")
            .with("entity", "work_item")
            .into());
    }
    let except = Except {
        work_item: id.cast(),
        version: Some(input.version),
        escalation: input.escalation,
        code: input.code,
        note,
    };
    let advanced = app
        .rooms
        .runner
        .except_in(&mut tx, &session.actor, except)
        .await?;
    tx.commit().await?;
    Ok(Json(Completed {
        instance_ended: advanced.state != runner::InstanceState::Running,
        next: for_me(&session, &advanced.opened),
    }))
}

/// Begins an activity of a running ad-hoc sub-process once more. Whoever may start the process may.
#[utoipa::path(post, path = api::path::INSTANCE_ACTIVITIES, tag = "work", params(("id" = String, Path)), request_body = BeginActivity, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn begin_activity(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Instance>>,
    Input(input): Input<BeginActivity>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let detail = instance(&app, &session, Verb::Read, &mut tx, id).await?;
    reach::may_set_going(&session, &detail.line.process, &Map::new())?;
    let offered = detail
        .startable
        .iter()
        .any(|one| one.activity.0 == input.activity && *one.element == *input.element);
    if !offered {
        return Err(Error::invalid("element", "unknown_element").into());
    }
    app.rooms
        .runner
        .begin_activity_in(
            &mut tx,
            &session.actor,
            id.cast(),
            ActivityId(input.activity),
            &input.element,
        )
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
