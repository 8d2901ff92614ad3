//! Budgets of time, and what handing out work goes by: skills and deputies.

use access::Verb;
use api::customers::Keeper;
use api::engine::{Budget, Deputy, KnownSkill, LedgerLine, PauseWorkItem, SetSkills, Skill};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::{Ask, Kind};
use kernel::{Error, FieldProblem, Id, Page};
use ledger::User;
use serde::Deserialize;
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::directory::users;
use super::engine::instance;
use super::keepers::{colleague, colleagues};
use super::work::{may, seen};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(budgets))
        .routes(routes!(pause, resume))
        .routes(routes!(skills, set_skills))
        .routes(routes!(known_skills))
        .routes(routes!(deputy, set_deputy, no_deputy))
        .routes(routes!(deputies))
}

fn seconds(span: kernel::Span) -> i64 {
    span.as_millis() / 1_000
}

/// The budgets of an instance and of its work items, each with the ledger of why it ran or stood still.
#[utoipa::path(get, path = api::path::INSTANCE_BUDGETS, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Budget>), (status = "default", body = Problem)))]
async fn budgets(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Instance>>,
) -> Answer<Json<Vec<Budget>>> {
    let mut reads = app.db.read().await?;
    let detail = instance(&app, &session, Verb::Read, &mut reads, id).await?;
    let named = |activity: i64| {
        let mut stages = detail.stages.iter();
        let stage = stages.find(|stage| i64::from(stage.activity.0) == activity);
        stage.map(|stage| stage.name.clone())
    };
    let found = app.rooms.runner.budgets(&mut reads, id.cast()).await?;
    let named_calendar = |line: &runner::BudgetLine| {
        let mut keys = line.calendar.iter();
        keys.any(|key| !key.is_empty())
    };
    let calendars = if found.iter().any(named_calendar) {
        let all = Ask {
            kind: Some(Kind::Calendar),
            text: None,
            draft: None,
        };
        let page = Page {
            limit: Some(Page::MAX_LIMIT),
            cursor: None,
        };
        design::list(&mut reads, &all, &page).await?.items
    } else {
        Vec::new()
    };
    let calendar_name = |key: &String| {
        let known = calendars.iter().find(|summary| summary.key == *key);
        known.map(|summary| summary.name.get(language).to_owned())
    };
    let shown = found.into_iter().map(|line| Budget {
        calendar_name: line.calendar.as_ref().and_then(calendar_name),
        activity_name: line
            .activity
            .and_then(named)
            .filter(|name| !name.is_empty()),
        activity: line.activity,
        state: line.state.text().to_owned(),
        budget_seconds: line.budget.map(seconds),
        spent_seconds: seconds(line.spent),
        calendar: line.calendar,
        due: line.due,
        ledger: line
            .ledger
            .into_iter()
            .map(|line| LedgerLine {
                at: line.at,
                what: line.what,
                reason: line.reason,
                by: line.user_name,
                spent_seconds: line.spent / 1_000_000,
            })
            .collect(),
    });
    Ok(Json(shown.collect()))
}

async fn workable(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::WorkItem>,
) -> Result<(), Error> {
    let detail = seen(app, session, reads, id).await?;
    if may(app, session, Verb::Execute, &detail.line) {
        Ok(())
    } else {
        Err(Error::new(kernel::Code::Forbidden)
            .with("verb", Verb::Execute)
            .with("entity", "work_item"))
    }
}

/// The customer is awaited: due time and escalation stand still, and with them the budget of the whole.
#[utoipa::path(post, path = api::path::WORK_ITEM_PAUSE, tag = "engine", params(("id" = String, Path)), request_body = PauseWorkItem, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn pause(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::WorkItem>>,
    Input(input): Input<PauseWorkItem>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    workable(&app, &session, &mut tx, id).await?;
    app.rooms
        .runner
        .pause_in(
            &mut tx,
            &session.actor,
            id.cast(),
            Some(input.version),
            &input.reason,
        )
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct AtVersion {
    version: i64,
}

/// It goes on with what was left of its time.
#[utoipa::path(delete, path = api::path::WORK_ITEM_PAUSE, tag = "engine", params(("id" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn resume(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::WorkItem>>,
    Params(at): Params<AtVersion>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    workable(&app, &session, &mut tx, id).await?;
    app.rooms
        .runner
        .resume_in(&mut tx, &session.actor, id.cast(), Some(at.version))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a user can do and how well.
#[utoipa::path(get, path = api::path::USER_SKILLS, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Skill>), (status = "default", body = Problem)))]
async fn skills(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<Vec<Skill>>> {
    session.policy.require(Verb::Read, "user")?;
    let mut reads = app.db.read().await?;
    let user = users::seen(&session, &mut reads, id).await?.id;
    let found = runner::skills(&mut reads, user).await?;
    let shown = found.into_iter().map(|skill| Skill {
        skill: skill.skill,
        level: skill.level,
    });
    Ok(Json(shown.collect()))
}

/// All skills of a user, instead of those that whoever changes them has seen.
#[utoipa::path(put, path = api::path::USER_SKILLS, tag = "engine", params(("id" = String, Path)), request_body = SetSkills, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn set_skills(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<SetSkills>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Change, "user")?;
    let [seen, new] = [input.seen, input.skills].map(|skills| {
        let skills = skills.into_iter().map(|skill| runner::Skill {
            skill: skill.skill,
            level: skill.level,
        });
        skills.collect::<Vec<_>>()
    });
    let mut tx = app.db.write().await?;
    let user = users::changeable(&session, &mut tx, id).await?.id;
    app.rooms
        .runner
        .set_skills_in(&mut tx, &session.actor, user, &seen, &new)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All skills that somebody has: what processes can ask for. Whoever designs processes may see them, and whoever may see users.
#[utoipa::path(get, path = api::path::SKILLS, tag = "engine", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<KnownSkill>), (status = "default", body = Problem)))]
async fn known_skills(State(app): State<App>, session: Session) -> Answer<Json<Vec<KnownSkill>>> {
    let designs = session.policy.require(Verb::Change, "definition");
    designs.or_else(|_| session.policy.require(Verb::Read, "user"))?;
    let mut reads = app.db.read().await?;
    let found = runner::known_skills(&mut reads).await?;
    let shown = found.into_iter().map(|known| KnownSkill {
        skill: known.skill,
        people: known.people,
        level: known.level,
    });
    Ok(Json(shown.collect()))
}

/// Who stands in for a user; nothing where nobody does.
#[utoipa::path(get, path = api::path::USER_DEPUTY, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Option<Deputy>), (status = "default", body = Problem)))]
async fn deputy(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<Option<Deputy>>> {
    let mut reads = app.db.read().await?;
    let user = own_or(&session, &mut reads, Verb::Read, id).await?;
    let Some(set) = runner::deputy(&mut reads, user).await? else {
        return Ok(Json(None));
    };
    let stands_in = directory::users::find(&mut reads, set.deputy).await?;
    let mask = session.policy.mask("user", Verb::Read);
    let stands_in = stands_in.map(|user| colleague(&mask, user));
    Ok(Json(stands_in.map(|known| Deputy {
        deputy: if known.hint.is_empty() {
            known.id
        } else {
            known.hint
        },
        name: known.name,
        begins: set.begins,
        ends: set.ends,
    })))
}

/// Everybody may name a deputy; for another it takes the permission to change that user.
async fn own_or(
    session: &Session,
    reads: &mut impl Reads,
    verb: Verb,
    id: Id<of::User>,
) -> Result<Id<User>, Error> {
    if session.user.id == id.cast() {
        return Ok(session.user.id);
    }
    session.policy.require(verb, "user")?;
    let user = match verb {
        Verb::Read => users::seen(session, reads, id).await?,
        _ => users::changeable(session, reads, id).await?,
    };
    Ok(user.id)
}

/// Who stands in for a user, from when to when.
#[utoipa::path(put, path = api::path::USER_DEPUTY, tag = "engine", params(("id" = String, Path)), request_body = Deputy, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn set_deputy(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<Deputy>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = own_or(&session, &mut tx, Verb::Change, id).await?;
    let stands_in = match input.deputy.parse() {
        Ok(id) => directory::users::find(&mut tx, id).await?,
        Err(_) => directory::users::find_by_login(&mut tx, &input.deputy).await?,
    };
    // Chosen among those whom the asker may see by name; who stands in already may go on.
    let set = runner::deputy(&mut tx, user).await?.map(|set| set.deputy);
    let known = stands_in.filter(|one| one.active && (set == Some(one.id) || named(&session, one)));
    let stands_in = known.ok_or_else(|| {
        Error::from(FieldProblem::new("deputy", "unknown_user").with("key", &input.deputy))
    })?;
    let new = runner::Deputy {
        deputy: stands_in.id,
        begins: input.begins,
        ends: input.ends,
    };
    app.rooms
        .runner
        .set_deputy_in(&mut tx, &session.actor, user, Some(&new))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(session: &Session, user: &directory::User) -> bool {
    let record = |name: &str| user.get(name);
    let policy = &session.policy;
    policy.require_on(Verb::Read, "user", &record).is_ok()
        && policy.mask("user", Verb::Read).shows("name", &record)
}

/// Nobody stands in for the user any more.
#[utoipa::path(delete, path = api::path::USER_DEPUTY, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn no_deputy(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = own_or(&session, &mut tx, Verb::Change, id).await?;
    app.rooms
        .runner
        .set_deputy_in(&mut tx, &session.actor, user, None)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct AskDeputies {
    #[serde(default)]
    q: String,
}

/// Who could stand in for a user: of the active users those whom the asker may see by name.
#[utoipa::path(get, path = api::path::USER_DEPUTIES, tag = "engine", params(("id" = String, Path), ("q" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Keeper>), (status = "default", body = Problem)))]
async fn deputies(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Params(asked): Params<AskDeputies>,
) -> Answer<Json<Vec<Keeper>>> {
    let mut reads = app.db.read().await?;
    let user = own_or(&session, &mut reads, Verb::Change, id).await?;
    let mut offered = colleagues(&mut reads, &session, &asked.q).await?;
    offered.retain(|one| one.id != user.to_string());
    Ok(Json(offered))
}
