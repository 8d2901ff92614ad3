use std::path::PathBuf;
use std::sync::Arc;

use kernel::Ambient;
use store::Db;

use crate::Config;

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// See [`App`], which derefs to it.
pub struct Parts {
    pub config: Config,
    pub db: Db,
    pub ambient: Ambient,
    /// The web agent's files, where there are any.
    pub ui: Option<PathBuf>,
    pub rooms: Arc<crate::wiring::Rooms>,
    pub metrics: metrics_exporter_prometheus::PrometheusHandle,
    /// What [`crate::Config::metrics_token_file`] holds, as SHA-256.
    pub metrics_token: Option<[u8; 32]>,
    pub traces: crate::http::Traces,
    /// What was refused of late, so that the trail tells of it once.
    pub refusals: crate::http::Traces,
    pub paces: crate::http::Paces,
    pub whose: crate::routes::Whose,
    /// Ends when the service is told to stop: streams end with it.
    pub stopping: tokio_util::sync::CancellationToken,
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}
