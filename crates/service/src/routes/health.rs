use axum::extract::State;
use axum::http::StatusCode;
use store::Storage;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

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

/// Figures in Prometheus' text form.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, description = "Prometheus text", body = String)))]
async fn metrics(State(app): State<App>) -> String {
    let (all, idle) = app.db.connections();
    metrics::gauge!("engage_db_connections").set(all);
    metrics::gauge!("engage_db_connections_idle").set(idle as f64);
    let trouble = app.db.storage().await != Storage::Fine;
    metrics::gauge!("engage_storage_trouble").set(u8::from(trouble));
    app.metrics.run_upkeep();
    app.metrics.render()
}
