use std::net::SocketAddr;

use api::session::{
    ChangePassword, Me, Named, Preferences, SessionLine, SetUp, SignIn, SignedIn, Welcome,
};
use api::{Problem, of};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use directory::{Credentials, users};
use kernel::{Error, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{
    Answer, At, ClientKind, Entrant, Input, Tongue, client_kind, cookie_cleared, cookie_set,
    sign_in_address,
};
use crate::{App, demo};

/// The first administrator's login.
const ADMIN: &str = "admin";

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(welcome))
        .routes(routes!(set_up))
        .routes(routes!(sign_in, me, sign_out))
        .routes(routes!(own_sessions, sign_out_everywhere))
        .routes(routes!(end_session))
        .routes(routes!(change_password))
        .routes(routes!(set_preferences))
}

/// What the sign-in screen must know.
#[utoipa::path(get, path = api::path::WELCOME, tag = "session", responses((status = 200, body = Welcome), (status = "default", body = Problem)))]
async fn welcome(State(app): State<App>) -> Answer<Json<Welcome>> {
    Ok(Json(Welcome {
        needs_set_up: directory::setup::needs_setup(&mut app.db.read().await?).await?,
        demo_users: if app.config.demo {
            demo::users()
        } else {
            Vec::new()
        },
        product_version: env!("CARGO_PKG_VERSION").to_owned(),
        provider: app.rooms.sessions.provider_label().map(str::to_owned),
        upload_limit_mib: super::imports::most_mib(&app),
    }))
}

/// Sets the administrator's password, once.
#[utoipa::path(post, path = api::path::SET_UP, tag = "session", request_body = SetUp, responses((status = 204), (status = "default", body = Problem)))]
async fn set_up(
    State(app): State<App>,
    Tongue(language): Tongue,
    Input(input): Input<SetUp>,
) -> Answer<StatusCode> {
    let password = app
        .rooms
        .sessions
        .passwords()
        .prepare(&app.ambient, &input.password, &[ADMIN])
        .await?;
    let mut tx = app.db.write().await?;
    let name = locale::text(language, "settings-administrator");
    directory::setup::setup_administrator(&mut tx, &app.ambient, ADMIN, &name, &password, language)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs in.
///
/// Unknown user and wrong password are answered alike, in like time. Too many tries are answered with 429.
#[utoipa::path(post, path = api::path::SESSION, tag = "session", request_body = SignIn, responses((status = 200, body = SignedIn), (status = "default", body = Problem)))]
async fn sign_in(
    State(app): State<App>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Input(input): Input<SignIn>,
) -> Answer<Response> {
    let client = client_kind(&headers);
    let address = sign_in_address(&app, connect.as_deref(), &headers);
    let credentials = Credentials {
        login: input.login,
        password: input.password,
        code: input.code,
        address: Some(address),
        client: Some(client.text().to_owned()),
    };
    let token = app.rooms.sessions.sign_in(credentials).await?.token;
    entered(&app, client, token).await
}

/// The answer to whoever came in: a browser gets the token in a cookie that scripts cannot read.
pub(super) async fn entered(app: &App, client: ClientKind, token: String) -> Answer<Response> {
    let signed_in = app.rooms.sessions.authenticate(&token).await?;
    let me = describe(app, &signed_in).await?;
    if client == ClientKind::Web {
        let mut response = Json(SignedIn { me, token: None }).into_response();
        if let Some(cookie) = cookie_set(&token, app.config.secure_cookies()) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        return Ok(response);
    }
    Ok(Json(SignedIn {
        me,
        token: Some(token),
    })
    .into_response())
}

/// Who is signed in and what they may do.
#[utoipa::path(get, path = api::path::SESSION, tag = "session", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Me), (status = "default", body = Problem)))]
async fn me(State(app): State<App>, session: Entrant) -> Answer<Json<Me>> {
    Ok(Json(describe(&app, &session).await?))
}

/// Ends this session.
#[utoipa::path(delete, path = api::path::SESSION, tag = "session", security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn sign_out(State(app): State<App>, session: Entrant) -> Answer<Response> {
    let mut tx = app.db.write().await?;
    directory::end_session(&mut tx, app.ambient.now(), &session.actor, session.session).await?;
    tx.commit().await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(
            header::SET_COOKIE,
            cookie_cleared(app.config.secure_cookies()),
        )],
    )
        .into_response())
}

/// One's own sessions, at every desk.
#[utoipa::path(get, path = api::path::SESSIONS, tag = "session", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<SessionLine>), (status = "default", body = Problem)))]
async fn own_sessions(State(app): State<App>, session: Entrant) -> Answer<Json<Vec<SessionLine>>> {
    let lines = app
        .rooms
        .sessions
        .open_of_user(&mut app.db.read().await?, session.user.id)
        .await?;
    Ok(Json(
        lines
            .into_iter()
            .map(|line| SessionLine {
                id: line.id.cast(),
                client: line.client.unwrap_or_default(),
                address: line.address.unwrap_or_default(),
                created: line.started,
                last_seen: line.seen,
                current: line.id == session.session,
            })
            .collect(),
    ))
}

/// Ends all of one's sessions, this one too.
#[utoipa::path(delete, path = api::path::SESSIONS, tag = "session", security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn sign_out_everywhere(State(app): State<App>, session: Entrant) -> Answer<Response> {
    let mut tx = app.db.write().await?;
    directory::end_everywhere(
        &mut tx,
        app.ambient.now(),
        &session.actor,
        session.user.id,
        None,
    )
    .await?;
    tx.commit().await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(
            header::SET_COOKIE,
            cookie_cleared(app.config.secure_cookies()),
        )],
    )
        .into_response())
}

/// Ends one of one's own sessions.
#[utoipa::path(delete, path = api::path::SESSION_ONE, tag = "session", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn end_session(
    State(app): State<App>,
    session: Entrant,
    At(id): At<Id<of::Session>>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let own = app
        .rooms
        .sessions
        .open_of_user(&mut tx, session.user.id)
        .await?;
    let Some(line) = own.into_iter().find(|line| line.id == id.cast()) else {
        return Err(Error::not_found("session").into());
    };
    directory::end_session(&mut tx, app.ambient.now(), &session.actor, line.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes one's own password; the other sessions end.
#[utoipa::path(put, path = api::path::PASSWORD, tag = "session", request_body = ChangePassword, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn change_password(
    State(app): State<App>,
    session: Entrant,
    Input(input): Input<ChangePassword>,
) -> Answer<StatusCode> {
    app.rooms
        .sessions
        .change_password(&session, &input.current, &input.new)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Keeps what a user chose for the screen.
#[utoipa::path(put, path = api::path::PREFERENCES, tag = "session", request_body = Preferences, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn set_preferences(
    State(app): State<App>,
    session: Entrant,
    Input(input): Input<Preferences>,
) -> Answer<StatusCode> {
    let language = Some(input.language);
    let screen = serde_json::to_value(input).map_err(Error::internal)?;
    let mut tx = app.db.write().await?;
    directory::users::set_preferences(
        &mut tx,
        session.user.id,
        &users::Preferences { language, screen },
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn describe(app: &App, signed_in: &directory::SignedIn) -> Result<Me, Error> {
    let user = &signed_in.user;
    let mut reads = app.db.read().await?;
    let kept = users::preferences(&mut reads, user.id).await?;
    let unit = match user.unit {
        Some(unit) => directory::units::find(&mut reads, unit).await?,
        None => None,
    };
    let mut roles = Vec::new();
    for key in &signed_in.roles {
        let found = directory::roles::find_by_key(&mut reads, key).await?;
        roles.push(Named {
            key: key.clone(),
            name: found.map_or_else(|| key.clone(), |role| role.name),
        });
    }
    Ok(Me {
        id: user.id.cast(),
        login: user.login.clone(),
        name: user.name.clone(),
        groups: app.rooms.groups_named(&signed_in.groups),
        roles,
        unit: unit.map(|unit| Named {
            key: unit.id.to_string(),
            name: unit.name,
        }),
        permissions: access::Permissions::of(&signed_in.policy, &app.rooms.catalogue()),
        // What an older version kept may have another form: then the screen begins anew.
        preferences: serde_json::from_value(kept.screen).unwrap_or_default(),
        must_change_password: signed_in.unfinished() == Some("password"),
        must_enrol_second_factor: signed_in.unfinished() == Some("second_factor"),
        own_password: signed_in.source == directory::Source::Password,
        absolute_until: signed_in.expires,
        idle_minutes: app.config.session_idle_minutes,
    })
}
