//! What the windows share: the way to the service, and the session. Both take a moment to be there; who needs them waits.

use std::path::{Path, PathBuf};

use kernel::{Code, Error, Language};
use locale::FluentValue;
use tokio::sync::SetOnce;

use crate::{
    backend::{Backend, Failure},
    embedded::{self, Running},
    secrets::Keyring,
    session::Session,
    settings::{self, Settings},
};

#[derive(Default)]
pub struct Shell {
    session: SetOnce<Session>,
    /// The reason, where it could not be started: every call answers with it.
    backend: SetOnce<Result<Backend, Reason>>,
    running: SetOnce<Running>,
}

/// Why something does not answer, for the person before the window.
pub trait Why {
    fn told(&self, language: Language) -> String;
}

/// Only for the log: the sentences of what cannot be reached do not say why.
impl Why for String {
    fn told(&self, _: Language) -> String {
        self.clone()
    }
}

/// Why the service could not be started.
#[derive(Debug)]
pub enum Reason {
    Settings(settings::Problem),
    /// The embedded service, on the data in this folder.
    Embedded(PathBuf, Failure),
    Remote(Failure),
}

impl Why for Reason {
    fn told(&self, language: Language) -> String {
        match self {
            Self::Settings(problem) => problem.sentence(language),
            Self::Remote(failure) => failure.to_string(),
            Self::Embedded(data, failure) => {
                let (key, why) = match failure.downcast_ref::<Error>() {
                    Some(error) => understood(error, language),
                    None => ("shell-data-failed", failure.to_string()),
                };
                let args = [
                    ("data", FluentValue::from(data.display().to_string())),
                    ("why", FluentValue::from(why)),
                ];
                locale::text_with(language, key, &args)
            }
        }
    }
}

/// The sentence that fits, and what it says of the cause. Of a database that cannot be opened the catalogue of errors tells
/// those who ask from far away: here the file is at hand, and so is what went wrong with it.
fn understood(error: &Error, language: Language) -> (&'static str, String) {
    if let Code::Internal | Code::Unavailable | Code::Timeout = error.code() {
        let cause = std::error::Error::source(error);
        let cause = cause.map_or_else(|| error.to_string(), ToString::to_string);
        return ("shell-data-failed", cause);
    }
    if error.fields().is_empty() {
        return ("shell-data-refused", locale::error(language, error));
    }
    let fields: Vec<String> = error
        .fields()
        .iter()
        .map(|field| format!("{}: {}", field.field, locale::problem(language, field)))
        .collect();
    ("shell-data-refused", fields.join(" "))
}

impl Shell {
    /// Starts the embedded service or finds the remote one, while the window is already opening. With settings that cannot be
    /// used nothing is started: the window opens all the same, to say what is wrong with them.
    pub async fn start(&self, settings: Result<Settings, settings::Problem>, data: &Path) {
        let settings = match settings {
            Ok(settings) => settings,
            Err(problem) => {
                tracing::error!(%problem, "the settings cannot be used");
                drop(self.session.set(Session::in_memory()));
                drop(self.backend.set(Err(Reason::Settings(problem))));
                return;
            }
        };
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
        if let Err(Reason::Embedded(_, error) | Reason::Remote(error)) = &backend {
            tracing::error!(error, "the service did not start");
        }
        drop(self.backend.set(backend));
    }

    async fn find(&self, settings: &Settings, data: &Path) -> Result<Backend, Reason> {
        if let Some(server) = &settings.server {
            return Backend::remote(server.clone()).map_err(Reason::Remote);
        }
        let (backend, running) = embedded::start(data, settings.demo)
            .await
            .map_err(|failure| Reason::Embedded(data.to_owned(), failure))?;
        drop(self.running.set(running));
        Ok(backend)
    }

    pub async fn session(&self) -> &Session {
        self.session.wait().await
    }

    pub async fn backend(&self) -> &Result<Backend, Reason> {
        self.backend.wait().await
    }

    /// Lets the embedded service finish what it is committing.
    pub async fn stop(&self) {
        if let Some(running) = self.running.get() {
            running.stop().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(data: &Path) -> Reason {
        let shell = Shell::default();
        let settings = Settings {
            data: Some(data.to_owned()),
            ..Settings::default()
        };
        match shell.find(&settings, data).await {
            Ok(_) => panic!("it started"),
            Err(reason) => reason,
        }
    }

    fn says(reason: &Reason, parts: &[&str]) {
        for language in Language::ALL {
            let told = reason.told(language);
            for part in parts {
                assert!(told.contains(part), "{part}: {told}");
            }
            for raw in ["storage_full", "internal", "unavailable", "{", "[shell"] {
                assert!(!told.contains(raw), "{raw}: {told}");
            }
        }
    }

    #[test]
    fn a_full_disk_is_told_in_the_reader_s_language() {
        let full = Error::new(Code::StorageFull).because("database or disk is full");
        let reason = Reason::Embedded("/home/ana/engage".into(), full.into());
        says(&reason, &["/home/ana/engage"]);
        assert!(reason.told(Language::Es).contains("libere espacio"));
        assert!(reason.told(Language::En).contains("make room"));
    }

    #[tokio::test]
    async fn data_that_cannot_be_opened_are_told_with_their_place() {
        let folder = std::env::temp_dir().join(format!("engage-shell-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let place = folder.display().to_string();
        std::fs::write(folder.join("engage.db"), "no database at all, ".repeat(400)).unwrap();
        says(&refused(&folder).await, &[&place]);
        // A file where the folder should be.
        let file = folder.join("file");
        std::fs::write(&file, "").unwrap();
        says(&refused(&file).await, &[&file.display().to_string()]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn settings_that_cannot_be_used_answer_every_call() {
        let shell = Shell::default();
        let problem = settings::Problem::Flag {
            place: "ENGAGE_DEMO".to_owned(),
        };
        shell.start(Err(problem), Path::new("/nowhere")).await;
        let Err(reason) = shell.backend().await else {
            panic!("it started")
        };
        says(reason, &["ENGAGE_DEMO"]);
        assert!(shell.session().await.token().is_none());
    }
}
