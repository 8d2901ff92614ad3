//! The service inside this process.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
};

use service::Config;

use crate::backend::{Backend, Failure};

/// The embedded service, until it is stopped.
pub struct Running(Mutex<Option<service::Running>>);

impl Running {
    /// Lets it finish what it is committing. A second call finds nothing left to stop.
    pub async fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            running.stop().await;
        }
    }
}

/// Starts it on the file in this folder, filled with the demo world if it is new and `demo` is wanted.
pub async fn start(data: &Path, demo: bool) -> Result<(Backend, Running), Failure> {
    let config = Config {
        demo,
        ..Config::embedded(data)
    };
    let running = service::start(config).await?;
    let backend = Backend::embedded(running.router.clone());
    Ok((backend, Running(Mutex::new(Some(running)))))
}
