use access::Verb;
use api::directory::{Ended, LockOut, OpenSession};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use directory::{OpenOf, SessionRow, UserId, users};
use kernel::{Error, Id, Page, Paged};
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Look;
use super::users::seen;
use crate::App;
use crate::http::{Answer, At, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(open_sessions))
        .routes(routes!(end_session))
        .routes(routes!(sessions_of_user, end_sessions_of_user))
        .routes(routes!(lock_outs))
}

async fn lines(
    session: &Session,
    reads: &mut impl Reads,
    rows: Vec<SessionRow>,
) -> Result<Vec<OpenSession>, Error> {
    let mut of: Vec<UserId> = rows.iter().map(|row| row.user_id).collect();
    of.sort();
    of.dedup();
    let shows_roles =
        session.policy.mask("user", Verb::Read).field("roles") == access::Visibility::Always;
    let held = if shows_roles {
        users::roles_of_all(reads, &of).await?
    } else {
        Vec::new()
    };
    let mask = session.policy.mask("session", Verb::Read);
    let line = |row: SessionRow| {
        let shows = |field: &str| mask.shows(field, &|name: &str| row.get(name));
        OpenSession {
            id: row.id.cast(),
            user: row.user_id.cast(),
            name: if shows("user") {
                row.user_name.clone()
            } else {
                String::new()
            },
            roles: held
                .iter()
                .filter(|(user, _)| *user == row.user_id)
                .map(|(_, role)| role.name.clone())
                .collect(),
            client: row.client.clone().unwrap_or_default(),
            address: row
                .address
                .clone()
                .filter(|_| shows("address"))
                .unwrap_or_default(),
            started: row.started,
            seen: row.seen,
            expires: row.expires,
            current: row.id == session.session,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Everybody's open sessions, as far as the asker may see them, newest first.
#[utoipa::path(get, path = api::path::OPEN_SESSIONS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<OpenSession>), (status = "default", body = Problem)))]
async fn open_sessions(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<OpenSession>>> {
    session.policy.require(Verb::Read, "session")?;
    let mask = session.policy.mask("session", Verb::Read);
    let of = OpenOf {
        user: None,
        text: look.q,
    };
    let page = Page {
        limit: look.limit,
        cursor: look.cursor,
    };
    let mut reads = app.db.read().await?;
    let found = app
        .rooms
        .sessions
        .open_seen(&mut reads, &mask, &of, &page)
        .await?;
    Ok(Json(Paged {
        items: lines(&session, &mut reads, found.items).await?,
        next: found.next,
        total: found.total,
    }))
}

/// Ends somebody's session.
#[utoipa::path(delete, path = api::path::OPEN_SESSION, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn end_session(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Session>>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "session")?;
    let mut tx = app.db.write().await?;
    let row = app
        .rooms
        .sessions
        .find_open(&mut tx, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("session"))?;
    session
        .policy
        .require_on(Verb::Delete, "session", &|name: &str| row.get(name))?;
    directory::end_session(&mut tx, app.ambient.now(), &session.actor, row.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A user's open sessions.
#[utoipa::path(get, path = api::path::USER_SESSIONS, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<OpenSession>), (status = "default", body = Problem)))]
async fn sessions_of_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<Vec<OpenSession>>> {
    session.policy.require(Verb::Read, "session")?;
    let mut reads = app.db.read().await?;
    let user = seen(&session, &mut reads, id).await?;
    let mask = session.policy.mask("session", Verb::Read);
    let of = OpenOf {
        user: Some(user.id),
        text: None,
    };
    let page = Page {
        limit: Some(Page::MAX_LIMIT),
        cursor: None,
    };
    let found = app
        .rooms
        .sessions
        .open_seen(&mut reads, &mask, &of, &page)
        .await?;
    Ok(Json(lines(&session, &mut reads, found.items).await?))
}

/// Signs a user out everywhere.
#[utoipa::path(delete, path = api::path::USER_SESSIONS, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Ended), (status = "default", body = Problem)))]
async fn end_sessions_of_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<Ended>> {
    session.policy.require(Verb::Delete, "session")?;
    let mut tx = app.db.write().await?;
    let user = seen(&session, &mut tx, id).await?;
    let open = app.rooms.sessions.open_of_user(&mut tx, user.id).await?;
    for row in &open {
        session
            .policy
            .require_on(Verb::Delete, "session", &|name: &str| row.get(name))?;
    }
    let sessions =
        directory::end_everywhere(&mut tx, app.ambient.now(), &session.actor, user.id, None)
            .await?;
    tx.commit().await?;
    Ok(Json(Ended { sessions }))
}

/// Who is locked out by wrong passwords now.
#[utoipa::path(get, path = api::path::LOCK_OUTS, tag = "directory", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<LockOut>), (status = "default", body = Problem)))]
async fn lock_outs(State(app): State<App>, session: Session) -> Answer<Json<Vec<LockOut>>> {
    session.policy.require(Verb::Read, "session")?;
    let mask = session.policy.mask("user", Verb::Read);
    let mut reads = app.db.read().await?;
    let mut told = Vec::new();
    for one in app.rooms.sessions.locked_out_now(&mut reads).await? {
        let Some(user) = users::find(&mut reads, one.user).await? else {
            continue;
        };
        let record = |name: &str| user.get(name);
        let is_seen = session
            .policy
            .require_on(Verb::Read, "user", &record)
            .is_ok();
        if is_seen && mask.shows("login", &record) {
            told.push(LockOut {
                user: one.user.cast(),
                name: one.name,
                login: one.login,
                tries: one.tries,
                until: one.until,
            });
        }
    }
    Ok(Json(told))
}
