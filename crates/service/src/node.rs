//! One node of the service: from configuration to a router that answers, and back to silence.

use std::sync::{Arc, OnceLock};

use axum::Router;
use kernel::{Ambient, Error, FieldProblem, Result};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sha2::{Digest, Sha256};
use store::{Db, DbConfig, Target};
use tokio_util::sync::CancellationToken;

use crate::app::Parts;
use crate::wiring::{Rooms, Workers};
use crate::{App, Config, clock, demo, routes};

/// A node that answers.
pub struct Running {
    /// Everything the node answers. The desktop calls it directly; `engage-service` puts it behind a port.
    pub router: Router,
    app: App,
    workers: Workers,
}

impl Running {
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Ends streams, lets workers finish what they hold, closes the database.
    pub async fn stop(self) {
        self.app.stopping.cancel();
        self.workers.stop().await;
        self.app.db.close().await;
    }
}

/// The database of this configuration, migrated.
pub async fn open(config: &Config) -> Result<Db> {
    let mut settings = DbConfig::from_url(&config.database_url())?;
    settings.connections = config.connections;
    if let Target::Sqlite(path) = &settings.target {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::from(
                    FieldProblem::new(folder.display().to_string(), "folder_unwritable")
                        .with("why", &error),
                )
            })?;
        }
    }
    let db = Db::open(&settings).await?;
    db.migrate().await?;
    Ok(db)
}

/// Opens the database, migrates it, starts the workers and makes the router.
pub async fn start(config: Config) -> Result<Running> {
    let db = open(&config).await?;
    let ambient = Ambient::new(
        clock::from(config.clock_offset_file.clone())?,
        Arc::new(store::OsRng),
    );
    if config.demo {
        demo::fill(&db, &ambient).await?;
    }
    // A file has one node: what its last life held is free.
    if db.kind() == store::Kind::Sqlite {
        desk::import::recover(&db).await?;
    }
    let rooms = Arc::new(Rooms::open(&db, &ambient, &config).await?);
    let workers = Workers::start(&db, &ambient, &rooms, &config);
    let app = App::new(Parts {
        ui: config.ui_folder(),
        metrics: metrics(),
        metrics_token: metrics_token(&config)?,
        traces: crate::http::Traces::default(),
        refusals: crate::http::Traces::default(),
        paces: crate::http::Paces::default(),
        whose: routes::Whose::default(),
        stopping: CancellationToken::new(),
        config,
        db,
        ambient,
        rooms,
    });
    Ok(Running {
        router: routes::router(app.clone()),
        app,
        workers,
    })
}

/// A token that is too short or cannot be read is refused at the start: figures that nobody can fetch help nobody.
pub(crate) fn metrics_token(config: &Config) -> Result<Option<[u8; 32]>> {
    let Some(file) = &config.metrics_token_file else {
        return Ok(None);
    };
    let wrong = |why: String| {
        let place = file.display().to_string();
        Error::from(FieldProblem::new(place, "file_unreadable").with("why", why))
    };
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let token = text.trim();
    if token.len() < 16 {
        return Err(wrong("fewer than 16 characters".to_owned()));
    }
    Ok(Some(Sha256::digest(token).into()))
}

/// The recorder is one for the process: a test may start several nodes in it.
fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let buckets = [
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
            ];
            let builder = PrometheusBuilder::new();
            let builder = match builder
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &buckets)
            {
                Ok(builder) => builder,
                Err(_) => PrometheusBuilder::new(),
            };
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            // Another recorder is there already only when the process has installed its own: then ours counts nothing.
            let _ = metrics::set_global_recorder(recorder);
            handle
        })
        .clone()
}
