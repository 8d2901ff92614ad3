use access::Verb;
use api::session::{
    BeginSecondFactor, Enrolment, FactorCode, RecoveryCodes, SecondFactor, SignInPolicy,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use directory::second_factor::{self, Standing};
use directory::{Role, Source, giving, roles};
use kernel::{Code, Error, FieldProblem, Id, Span};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::directory::users::{changeable, check_identity, seen};
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

/// Whether a user has a second factor.
#[utoipa::path(get, path = api::path::USER_SECOND_FACTOR, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = SecondFactor), (status = "default", body = Problem)))]
async fn of_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<SecondFactor>> {
    let mut reads = app.db.read().await?;
    let user = seen(&session, &mut reads, id).await?;
    session
        .policy
        .mask("user", Verb::Read)
        .check_written(["second_factor"], &|name: &str| user.get(name))?;
    Ok(Json(told(
        second_factor::standing(&mut reads, user.id).await?,
    )))
}

/// A reset by whoever may, for who has lost the device: the second factor is gone, all sessions of the user end.
#[utoipa::path(delete, path = api::path::USER_SECOND_FACTOR, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn reset(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let user = changeable(&session, &mut tx, id).await?;
    // One's own is taken away with a code: an unlocked screen is no device.
    if user.id == session.user.id {
        return Err(Error::new(Code::WrongState)
            .with("state", "own_second_factor")
            .into());
    }
    check_identity(&session, &mut tx, &user, &["second_factor"]).await?;
    let now = app.ambient.now();
    second_factor::remove(&mut tx, now, &session.actor, user.id, "second_factor.reset").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn is_seen(session: &Session, role: &Role) -> bool {
    session
        .policy
        .require_on(Verb::Read, "role", &|field: &str| role.get(field))
        .is_ok()
}

/// What signing in asks of whom.
#[utoipa::path(get, path = api::path::SIGN_IN_POLICY, tag = "directory", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = SignInPolicy), (status = "default", body = Problem)))]
async fn policy(State(app): State<App>, session: Session) -> Answer<Json<SignInPolicy>> {
    session.policy.require(Verb::Read, "role")?;
    let mut reads = app.db.read().await?;
    let mut second_factor_roles = second_factor::required_roles(&mut reads).await?;
    let all = roles::all(&mut reads).await?;
    second_factor_roles.retain(|key| {
        all.iter()
            .any(|role| role.key == *key && is_seen(&session, role))
    });
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
    let all = roles::all(&mut tx).await?;
    for (at, key) in input.second_factor_roles.iter().enumerate() {
        if !all.iter().any(|role| role.key == *key) {
            let place = format!("second_factor_roles[{at}]");
            return Err(
                Error::from(FieldProblem::new(place, "unknown_role").with("key", key)).into(),
            );
        }
    }
    let before = second_factor::required_roles(&mut tx).await?;
    let mut ids = Vec::new();
    for role in all {
        let (was, is) = (
            before.contains(&role.key),
            input.second_factor_roles.contains(&role.key),
        );
        // What the asker does not see was not told either, and stays as it is.
        let asks = if is_seen(&session, &role) {
            is
        } else {
            was || is
        };
        if asks != was && !giving::may_give(&session.policy, &role) {
            let problem = FieldProblem::new("second_factor_roles", "role_not_changeable");
            giving::refused([problem.with("name", &role.key)])?;
        }
        if asks {
            ids.push(role.id);
        }
    }
    second_factor::set_required_roles(&mut tx, app.ambient.now(), &session.actor, &ids).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
