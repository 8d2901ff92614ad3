//! What the windows share: the way to the service, and the session. Both take a moment to be there; who needs them waits.

use std::path::{Path, PathBuf};

use tokio::sync::SetOnce;

use crate::{
    backend::{Backend, Failure},
    embedded::{self, Running},
    secrets::Keyring,
    session::Session,
    settings::Settings,
};

#[derive(Default)]
pub struct Shell {
    session: SetOnce<Session>,
    /// The reason, where it could not be started: every call answers with it.
    backend: SetOnce<Result<Backend, String>>,
    running: SetOnce<Running>,
}

impl Shell {
    /// Starts the embedded service or finds the remote one, while the window is already opening.
    pub async fn start(&self, settings: Settings, data: &Path) {
        let data: PathBuf = settings.data.clone().unwrap_or_else(|| data.to_owned());
        let account = match &settings.server {
            Some(server) => server.to_string(),
            None => format!("file:{}", data.display()),
        };
        let (session, backend) = tokio::join!(
            Session::resume(move || Keyring::open(&account)),
            self.find(&settings, &data)
        );
        drop(self.session.set(session));
        let backend = backend.map_err(|error| {
            tracing::error!(error, "the service did not start");
            error.to_string()
        });
        drop(self.backend.set(backend));
    }

    async fn find(&self, settings: &Settings, data: &Path) -> Result<Backend, Failure> {
        if let Some(server) = &settings.server {
            return Backend::remote(server.clone());
        }
        let (backend, running) = embedded::start(data, settings.demo).await?;
        drop(self.running.set(running));
        Ok(backend)
    }

    pub async fn session(&self) -> &Session {
        self.session.wait().await
    }

    pub async fn backend(&self) -> &Result<Backend, String> {
        self.backend.wait().await
    }

    /// Lets the embedded service finish what it is committing.
    pub async fn stop(&self) {
        if let Some(running) = self.running.get() {
            running.stop().await;
        }
    }
}
