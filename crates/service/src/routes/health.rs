use std::net::SocketAddr;

use api::Problem;
use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use kernel::{Code, Error};
use sha2::{Digest, Sha256};
use store::Storage;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, bearer};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(metrics))
}

/// Whether this node can work: the database answers, and what is committed finds its way to the disk.
#[utoipa::path(get, path = "/health", tag = "operation", responses(
    (status = 200, description = "It works", body = String),
    (status = 503, description = "The database does not answer, or the disk takes nothing: the text says which", body = String),
))]
async fn health(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.stopping.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match app.db.ping().await {
        Ok(()) => match app.db.storage().await {
            Storage::Fine => (StatusCode::OK, "ok\n"),
            Storage::Full => (
                StatusCode::SERVICE_UNAVAILABLE,
                "no room on the disk: reading works, writing does not\n",
            ),
            Storage::Failing => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the disk refuses to write: reading works, writing does not\n",
            ),
        },
        Err(error) => {
            tracing::warn!(%error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}

/// Figures in Prometheus' text form. For whoever shows the token of `metrics_token_file`; where there is none, for this machine
/// alone.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, description = "Prometheus text", body = String), (status = "default", body = Problem)))]
async fn metrics(
    State(app): State<App>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Answer<String> {
    let open = match &app.metrics_token {
        Some(wanted) => bearer(&headers).is_some_and(|shown| {
            // Hashes are compared: how long that takes says nothing of the token.
            *wanted == <[u8; 32]>::from(Sha256::digest(shown))
        }),
        // The desktop's embedded service has no address: it is this machine.
        None => {
            connect
                .is_none_or(|Extension(ConnectInfo(from))| from.ip().to_canonical().is_loopback())
                && !["x-forwarded-for", "forwarded"]
                    .iter()
                    .any(|name| headers.contains_key(*name))
        }
    };
    if !open {
        return Err(Error::new(Code::Unauthenticated).into());
    }
    let (all, idle) = app.db.connections();
    metrics::gauge!("engage_db_connections").set(all);
    metrics::gauge!("engage_db_connections_idle").set(idle as f64);
    let trouble = app.db.storage().await != Storage::Fine;
    metrics::gauge!("engage_storage_trouble").set(u8::from(trouble));
    app.metrics.run_upkeep();
    Ok(app.metrics.render())
}
