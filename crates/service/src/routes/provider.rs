use std::net::SocketAddr;

use api::Problem;
use api::session::{BeginProvider, FinishProvider, ProviderBegun, SignedIn};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use kernel::{Code, Error};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::entered;
use crate::App;
use crate::http::{
    Answer, ClientKind, Input, attempt_cookie, attempt_of, client_kind, sign_in_address,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(finish))
}

/// Begins a sign-in through the identity provider: where the browser goes.
///
/// Whoever begins it must finish it: a browser gets a cookie, others the `attempt`.
#[utoipa::path(post, path = api::path::PROVIDER_BEGIN, tag = "session", request_body = BeginProvider, responses((status = 200, body = ProviderBegun), (status = "default", body = Problem)))]
async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    Input(input): Input<BeginProvider>,
) -> Answer<Response> {
    let begun = app
        .rooms
        .sessions
        .begin_elsewhere(input.redirect.as_deref())
        .await?;
    let (address, attempt) = (begun.address, begun.attempt);
    if client_kind(&headers) != ClientKind::Web {
        let attempt = Some(attempt);
        return Ok(Json(ProviderBegun { address, attempt }).into_response());
    }
    let cookie = attempt_cookie(&attempt, app.config.secure_cookies());
    let mut response = Json(ProviderBegun {
        address,
        attempt: None,
    })
    .into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Ends it with what the provider sent back, and signs in.
#[utoipa::path(post, path = api::path::PROVIDER_FINISH, tag = "session", request_body = FinishProvider, responses((status = 200, body = SignedIn), (status = "default", body = Problem)))]
async fn finish(
    State(app): State<App>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Input(input): Input<FinishProvider>,
) -> Answer<Response> {
    let client = client_kind(&headers);
    let attempt = match client {
        ClientKind::Web => attempt_of(&headers),
        _ => input.attempt,
    };
    let attempt = attempt.ok_or_else(|| Error::new(Code::WrongCredentials))?;
    let entry = app
        .rooms
        .sessions
        .finish_elsewhere(
            &attempt,
            &input.state,
            &input.code,
            Some(&sign_in_address(&app, connect.as_deref(), &headers)),
            Some(client.text()),
        )
        .await?;
    entered(&app, client, entry.token).await
}
