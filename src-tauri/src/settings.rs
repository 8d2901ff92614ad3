//! Where the shell's own few settings come from: a file, overruled by the environment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use url::{Host, Url};

/// The file `desktop.toml` in the user's configuration folder for Engage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// A company's service, `https://…` (`ENGAGE_SERVER`). Absent: the service runs embedded, on a file.
    pub server: Option<Url>,
    /// The folder of the embedded service's data (`ENGAGE_DATA_DIR`). Absent: the user's data folder.
    pub data: Option<PathBuf>,
    /// Fill an empty embedded service with the demo world (`ENGAGE_DEMO=true`).
    #[serde(default)]
    pub demo: bool,
}

/// Why the settings cannot be used; each names where to look.
#[derive(Debug)]
pub enum Problem {
    Unreadable(PathBuf, io::Error),
    Malformed(PathBuf, String),
    /// Not an address, or one that would send the password in the clear.
    Address(String),
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(file, error) => write!(f, "{}: {error}", file.display()),
            Self::Malformed(file, error) => write!(f, "{}: {error}", file.display()),
            Self::Address(address) => write!(
                f,
                "{address}: the service's address must be https (http only on this machine)"
            ),
        }
    }
}

impl std::error::Error for Problem {}

impl Settings {
    /// Reads the file, where there is one, and lets `variable` (the environment) overrule it.
    pub fn load(file: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problem> {
        let mut settings = match fs::read_to_string(file) {
            Ok(text) => toml::from_str(&text)
                .map_err(|error| Problem::Malformed(file.to_owned(), error.to_string()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(Problem::Unreadable(file.to_owned(), error)),
        };
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(address) = variable("ENGAGE_SERVER") {
            settings.server = Some(Url::parse(&address).map_err(|_| Problem::Address(address))?);
        }
        if let Some(folder) = variable("ENGAGE_DATA_DIR") {
            settings.data = Some(PathBuf::from(folder));
        }
        if let Some(demo) = variable("ENGAGE_DEMO") {
            settings.demo = demo == "true";
        }
        if let Some(server) = &settings.server
            && !is_safe(server)
        {
            return Err(Problem::Address(server.to_string()));
        }
        Ok(settings)
    }
}

fn is_safe(server: &Url) -> bool {
    let loopback = match server.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    server.scheme() == "https" || (server.scheme() == "http" && loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Problem> {
        let folder = std::env::temp_dir().join(format!(
            "engage-settings-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("desktop.toml");
        fs::write(&file, text).unwrap();
        let result = Settings::load(&file, |name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        });
        fs::remove_dir_all(folder).unwrap();
        result
    }

    #[test]
    fn without_a_file_the_service_is_embedded() {
        let settings = Settings::load(Path::new("/nowhere/desktop.toml"), |_| None).unwrap();
        assert_eq!(settings, Settings::default());
        assert_eq!(settings.server, None);
    }

    #[test]
    fn the_environment_overrules_the_file() {
        let settings = load(
            "server = \"https://one.example/\"",
            &[
                ("ENGAGE_SERVER", "https://two.example"),
                ("ENGAGE_DEMO", "true"),
            ],
        )
        .unwrap();
        assert_eq!(settings.server.unwrap().host_str(), Some("two.example"));
        assert!(settings.demo);
    }

    #[test]
    fn a_password_never_travels_in_the_clear() {
        assert!(load("server = \"http://desk.example\"", &[]).is_err());
        assert!(load("server = \"ftp://desk.example\"", &[]).is_err());
        assert!(load("", &[("ENGAGE_SERVER", "http://127.0.0.1.desk.example")]).is_err());
        assert!(load("", &[("ENGAGE_SERVER", "http://127.0.0.1:8080")]).is_ok());
        assert!(load("", &[("ENGAGE_SERVER", "http://[::1]:8080")]).is_ok());
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let problem = load("sever = \"https://desk.example\"", &[]).unwrap_err();
        assert!(problem.to_string().contains("sever"), "{problem}");
    }
}
