//! The session's token, held so that the page never sees it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::watch, task, time};

use crate::secrets::Secrets;

/// A keyring that asks a person to unlock it may take long; one that has hung must not hold up the window.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the token is kept while nobody works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    Keyring,
    /// No keyring runs here: the session ends with the application.
    Memory,
}

/// Invariant: after each call returns, memory and keyring hold the same token, or [`Session::kept`] says `Memory`.
pub struct Session {
    token: watch::Sender<Option<Arc<str>>>,
    store: Mutex<Option<Arc<dyn Secrets>>>,
}

impl Session {
    /// Nothing is remembered beyond this process.
    pub fn in_memory() -> Self {
        Self {
            token: watch::Sender::new(None),
            store: Mutex::new(None),
        }
    }

    /// Takes up the session that `open`'s keyring remembers; without a keyring, starts signed out and stays in memory.
    pub async fn resume<S>(open: impl FnOnce() -> Result<S, String> + Send + 'static) -> Self
    where
        S: Secrets + 'static,
    {
        let session = Self::in_memory();
        let opened = patiently(move || {
            let store = open()?;
            let token = store.load()?;
            Ok((store, token))
        })
        .await;
        match opened {
            Ok((store, token)) => {
                session.token.send_replace(token.map(Arc::from));
                *session.store() = Some(Arc::new(store));
            }
            Err(reason) => {
                tracing::info!(reason, "no keyring: the session stays in memory");
            }
        }
        session
    }

    pub fn token(&self) -> Option<Arc<str>> {
        self.token.borrow().clone()
    }

    /// Wakes when somebody signs in or out.
    pub fn watch(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.token.subscribe()
    }

    pub fn kept(&self) -> Kept {
        match *self.store() {
            Some(_) => Kept::Keyring,
            None => Kept::Memory,
        }
    }

    pub async fn begin(&self, token: &str) {
        self.token.send_replace(Some(Arc::from(token)));
        let token = token.to_owned();
        self.write(move |store| store.save(&token)).await;
    }

    pub async fn end(&self) {
        if self.token.send_replace(None).is_some() {
            self.write(|store| store.forget()).await;
        }
    }

    /// A keyring that fails once is not asked again: half a promise would be worse than none.
    async fn write(&self, act: impl FnOnce(&dyn Secrets) -> Result<(), String> + Send + 'static) {
        let Some(store) = self.store().clone() else {
            return;
        };
        if let Err(reason) = patiently(move || act(&*store)).await {
            tracing::warn!(reason, "the keyring failed: the session stays in memory");
            *self.store() = None;
        }
    }

    fn store(&self) -> std::sync::MutexGuard<'_, Option<Arc<dyn Secrets>>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn patiently<T: Send + 'static>(
    act: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    match time::timeout(PATIENCE, task::spawn_blocking(act)).await {
        Ok(Ok(result)) => result,
        Ok(Err(stopped)) => Err(stopped.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Drawer {
        held: Arc<Mutex<Option<String>>>,
        broken: bool,
    }

    impl Secrets for Drawer {
        fn load(&self) -> Result<Option<String>, String> {
            Ok(self.held.lock().unwrap().clone())
        }
        fn save(&self, secret: &str) -> Result<(), String> {
            if self.broken {
                return Err(String::from("locked"));
            }
            *self.held.lock().unwrap() = Some(secret.to_owned());
            Ok(())
        }
        fn forget(&self) -> Result<(), String> {
            *self.held.lock().unwrap() = None;
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_session_outlives_the_window() {
        let keyring = Drawer::default();
        let first = Session::resume({
            let keyring = keyring.clone();
            || Ok(keyring)
        })
        .await;
        assert_eq!(first.token(), None);
        first.begin("secret").await;
        assert_eq!(first.kept(), Kept::Keyring);

        let second = Session::resume({
            let keyring = keyring.clone();
            || Ok(keyring)
        })
        .await;
        assert_eq!(second.token().as_deref(), Some("secret"));
        second.end().await;
        assert_eq!(*keyring.held.lock().unwrap(), None);
    }

    #[tokio::test]
    async fn without_a_keyring_the_session_stays_in_memory_and_says_so() {
        let session = Session::resume(|| Err::<Drawer, _>(String::from("no default store"))).await;
        assert_eq!(session.kept(), Kept::Memory);
        session.begin("secret").await;
        assert_eq!(session.token().as_deref(), Some("secret"));
    }

    #[tokio::test]
    async fn a_keyring_that_refuses_is_given_up() {
        let session = Session::resume(|| {
            Ok(Drawer {
                broken: true,
                ..Drawer::default()
            })
        })
        .await;
        assert_eq!(session.kept(), Kept::Keyring);
        session.begin("secret").await;
        assert_eq!(session.kept(), Kept::Memory);
        assert_eq!(session.token().as_deref(), Some("secret"));
    }
}
