//! Where the session's token outlives the window: the operating system's keyring, or nowhere.

/// What keeps one secret. Calls may block: on a desktop bus, on a person who is asked to unlock.
pub trait Secrets: Send + Sync {
    fn load(&self) -> Result<Option<String>, String>;
    fn save(&self, secret: &str) -> Result<(), String>;
    fn forget(&self) -> Result<(), String>;
}

const SERVICE: &str = "app.engage.desktop";

/// Secret Service, Keychain or Credential Manager.
pub struct Keyring {
    entry: keyring::Entry,
}

impl Keyring {
    /// `account` tells one service's session from another's. Fails where no keyring runs.
    pub fn open(account: &str) -> Result<Self, String> {
        let entry = keyring::Entry::new(SERVICE, account).map_err(|error| error.to_string())?;
        Ok(Self { entry })
    }
}

impl Secrets for Keyring {
    fn load(&self) -> Result<Option<String>, String> {
        match self.entry.get_password() {
            Ok(secret) => Ok(Some(secret)),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn save(&self, secret: &str) -> Result<(), String> {
        self.entry
            .set_password(secret)
            .map_err(|error| error.to_string())
    }

    fn forget(&self) -> Result<(), String> {
        match self.entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }
}
