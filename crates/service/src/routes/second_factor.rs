use access::Verb;
use api::session::{
    BeginSecondFactor, Enrolment, FactorCode, RecoveryCodes, SecondFactor, SignInPolicy,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use directory::second_factor::{self, Standing};
use directory::{Source, roles, users};
use kernel::{Code, Error, FieldProblem, Id, Span};
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, At, Entrant, Input, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own, begin, confirm, remove))
        .routes(routes!(renew))
        .routes(routes!(of_user, reset))
        .routes(routes!(policy, set_policy))
}

/// So soon after signing in nobody else sits there yet.
const JUST_NOW: Span = Span::from_minutes(5);

fn told(standing: Standing) -> SecondFactor {
    SecondFactor {
        enrolled: standing.enrolled,
        required: standing.required,
        recovery_left: u32::try_from(standing.recovery_left).unwrap_or(u32::MAX),
    }
}

/// One's own second factor.
#[utoipa::path(get, path = api::path::SECOND_FACTOR, tag = "session", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = SecondFactor), (status = "default", body = Problem)))]
async fn own(State(app): State<App>, session: Entrant) -> Answer<Json<SecondFactor>> {
    let standing = second_factor::standing(&mut app.db.read().await?, session.user.id).await?;
    Ok(Json(told(standing)))
}

/// Begins enrolment: the secret for the device. It counts once a code has been confirmed.
#[utoipa::path(post, path = api::path::SECOND_FACTOR, tag = "session", request_body = BeginSecondFactor, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Enrolment), (status = "default", body = Problem)))]
async fn begin(
    State(app): State<App>,
    session: Entrant,
    Input(input): Input<BeginSecondFactor>,
) -> Answer<Json<Enrolment>> {
    let sessions = &app.rooms.sessions;
    let fresh = app.ambient.now() < session.started + JUST_NOW;
    if !fresh && session.source != Source::Oidc {
        let password = input
            .password
            .ok_or_else(|| Error::from(FieldProblem::new("password", "required")))?;
        sessions
            .confirm_password(&session.signed_in, &password, "password")
            .await?;
    }
    let mut tx = app.db.write().await?;
    let made =
        second_factor::begin(&mut tx, &app.ambient, sessions.vault()?, &session.signed_in).await?;
    tx.commit().await?;
    Ok(Json(Enrolment {
        secret: made.secret,
        uri: made.uri,
        picture_size: u32::try_from(made.picture.size).unwrap_or_default(),
        picture_path: made.picture.path,
    }))
}

/// Confirms it with a code of the device. Answers the recovery codes; other sessions end.
#[utoipa::path(put, path = api::path::SECOND_FACTOR, tag = "session", request_body = FactorCode, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RecoveryCodes), (status = "default", body = Problem)))]
async fn confirm(
    State(app): State<App>,
    session: Entrant,
    Input(input): Input<FactorCode>,
) -> Answer<Json<RecoveryCodes>> {
    let sessions = &app.rooms.sessions;
    sessions.count_code(&session.signed_in).await?;
    let mut tx = app.db.write().await?;
    let codes = second_factor::confirm(
        &mut tx,
        &app.ambient,
        sessions.vault()?,
        &session.signed_in,
        &input.code,
    )
    .await?;
    tx.commit().await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// Takes one's own second factor away, with a code. Where a role asks for one, another must be enrolled next.
#[utoipa::path(delete, path = api::path::SECOND_FACTOR, tag = "session", request_body = FactorCode, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(app): State<App>,
    session: Session,
    Input(input): Input<FactorCode>,
) -> Answer<StatusCode> {
    let mut tx = spend(&app, &session, &input.code).await?;
    let (now, user) = (app.ambient.now(), session.user.id);
    second_factor::remove(&mut tx, now, &session.actor, user, "second_factor.remove").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fresh recovery codes, with a code of the device; those before count no longer.
#[utoipa::path(post, path = api::path::RECOVERY_CODES, tag = "session", request_body = FactorCode, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RecoveryCodes), (status = "default", body = Problem)))]
async fn renew(
    State(app): State<App>,
    session: Session,
    Input(input): Input<FactorCode>,
) -> Answer<Json<RecoveryCodes>> {
    let mut tx = spend(&app, &session, &input.code).await?;
    let codes = second_factor::renew_recovery(&mut tx, &app.ambient, &session.signed_in).await?;
    tx.commit().await?;
    Ok(Json(RecoveryCodes { codes }))
}

/// A transaction in which this code has been spent.
async fn spend(app: &App, session: &Session, code: &str) -> Result<store::Tx, Error> {
    let sessions = &app.rooms.sessions;
    sessions.count_code(&session.signed_in).await?;
    let mut tx = app.db.write().await?;
    let (vault, now) = (sessions.vault()?, app.ambient.now());
    if second_factor::spend(&mut tx, vault, now, session.user.id, code).await? {
        Ok(tx)
    } else {
        Err(Error::invalid("code", "second_factor_wrong"))
    }
}

async fn visible(
    reads: &mut impl Reads,
    session: &Session,
    verb: Verb,
    id: Id<of::User>,
) -> Result<directory::User, Error> {
    let user = users::find(reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let get = |name: &str| user.get(name);
    session
        .policy
        .require_on(Verb::Read, "user", &get)
        .map_err(|_| Error::not_found("user"))?;
    session.policy.require_on(verb, "user", &get)?;
    Ok(user)
}

/// Whether a user has a second factor.
#[utoipa::path(get, path = api::path::USER_SECOND_FACTOR, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = SecondFactor), (status = "default", body = Problem)))]
async fn of_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<SecondFactor>> {
    let mut reads = app.db.read().await?;
    let user = visible(&mut reads, &session, Verb::Read, id).await?;
    Ok(Json(told(
        second_factor::standing(&mut reads, user.id).await?,
    )))
}

/// An administrator's reset, for whoever has lost the device: the second factor is gone, all sessions of the user end.
#[utoipa::path(delete, path = api::path::USER_SECOND_FACTOR, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn reset(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = visible(&mut tx, &session, Verb::Change, id).await?;
    // One's own is taken away with a code: an unlocked screen is no device.
    if user.id == session.user.id {
        return Err(Error::new(Code::WrongState)
            .with("state", "own_second_factor")
            .into());
    }
    let now = app.ambient.now();
    second_factor::remove(&mut tx, now, &session.actor, user.id, "second_factor.reset").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What signing in asks of whom.
#[utoipa::path(get, path = api::path::SIGN_IN_POLICY, tag = "directory", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = SignInPolicy), (status = "default", body = Problem)))]
async fn policy(State(app): State<App>, session: Session) -> Answer<Json<SignInPolicy>> {
    session.policy.require(Verb::Read, "role")?;
    let second_factor_roles = second_factor::required_roles(&mut app.db.read().await?).await?;
    Ok(Json(SignInPolicy {
        second_factor_roles,
    }))
}

/// Sets it.
#[utoipa::path(put, path = api::path::SIGN_IN_POLICY, tag = "directory", request_body = SignInPolicy, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn set_policy(
    State(app): State<App>,
    session: Session,
    Input(input): Input<SignInPolicy>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Change, "role")?;
    let mut tx = app.db.write().await?;
    let mut ids = Vec::new();
    for (at, key) in input.second_factor_roles.iter().enumerate() {
        let role = roles::find_by_key(&mut tx, key).await?.ok_or_else(|| {
            let place = format!("second_factor_roles[{at}]");
            Error::from(FieldProblem::new(place, "unknown_role").with("key", key))
        })?;
        ids.push(role.id);
    }
    second_factor::set_required_roles(&mut tx, app.ambient.now(), &session.actor, &ids).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
