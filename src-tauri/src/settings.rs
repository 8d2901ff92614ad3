//! Where the shell's own few settings come from: a file, overruled by the environment.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kernel::Language;
use locale::FluentValue;
use url::{Host, Url};

/// The file `desktop.toml` in the user's configuration folder for Engage. To add a key: here, in [`Settings::load`] and in
/// docs/operations.md.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// A company's service, `https://…` (`ENGAGE_SERVER`). Absent: the service runs embedded, on a file.
    pub server: Option<Url>,
    /// The folder of the embedded service's data (`ENGAGE_DATA_DIR`). Absent: the user's data folder.
    pub data: Option<PathBuf>,
    /// Fill an empty embedded service with the demo world (`ENGAGE_DEMO=true`).
    pub demo: bool,
}

const KEYS: [&str; 3] = ["server", "data", "demo"];

/// Why the settings cannot be used; each names where to look.
#[derive(Debug)]
pub enum Problem {
    Unreadable {
        file: PathBuf,
        why: io::Error,
    },
    /// Not TOML. `line` from 1; `why` is the parser's, in English.
    Malformed {
        file: PathBuf,
        line: usize,
        why: String,
    },
    UnknownKey {
        file: PathBuf,
        key: String,
    },
    /// Not the path of a folder, in quotes. `place` is a file or a variable.
    Folder {
        place: String,
    },
    /// Neither `true` nor `false`.
    Flag {
        place: String,
    },
    /// Not an address, or one that would send the password in the clear.
    Address {
        place: String,
        address: String,
    },
}

impl Problem {
    /// What is wrong, where, and what to do.
    pub fn sentence(&self, language: Language) -> String {
        let say = |key: &str, args: &[(&str, &dyn ToString)]| {
            let args: Vec<(&str, FluentValue<'_>)> = args
                .iter()
                .map(|(name, value)| (*name, FluentValue::from(value.to_string())))
                .collect();
            locale::text_with(language, key, &args)
        };
        match self {
            Self::Unreadable { file, why } => say(
                "shell-settings-unreadable",
                &[("file", &file.display()), ("why", why)],
            ),
            Self::Malformed { file, line, why } => say(
                "shell-settings-malformed",
                &[("file", &file.display()), ("line", line), ("why", why)],
            ),
            Self::UnknownKey { file, key } => match kernel::text::nearest(key, KEYS.into_iter()) {
                Some(meant) => say(
                    "shell-settings-misspelt",
                    &[("file", &file.display()), ("key", key), ("meant", &meant)],
                ),
                None => say(
                    "shell-settings-unknown",
                    &[
                        ("file", &file.display()),
                        ("key", key),
                        ("keys", &KEYS.join(", ")),
                    ],
                ),
            },
            Self::Folder { place } => say("shell-settings-folder", &[("place", place)]),
            Self::Flag { place } => say("shell-settings-flag", &[("place", place)]),
            Self::Address { place, address } => say(
                "shell-settings-address",
                &[("place", place), ("address", address)],
            ),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence(Language::En))
    }
}

impl std::error::Error for Problem {}

impl Settings {
    /// Reads the file, where there is one, and lets `variable` (the environment) overrule it.
    pub fn load(file: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Problem> {
        let mut settings = match fs::read_to_string(file) {
            Ok(text) => Self::read(file, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::default(),
            Err(why) => {
                return Err(Problem::Unreadable {
                    file: file.to_owned(),
                    why,
                });
            }
        };
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        if let Some(address) = variable("ENGAGE_SERVER") {
            settings.server = Some(server("ENGAGE_SERVER".to_owned(), &address)?);
        }
        if let Some(folder) = variable("ENGAGE_DATA_DIR") {
            settings.data = Some(PathBuf::from(folder));
        }
        if let Some(demo) = variable("ENGAGE_DEMO") {
            let place = "ENGAGE_DEMO".to_owned();
            settings.demo = demo.parse().map_err(|_| Problem::Flag { place })?;
        }
        Ok(settings)
    }

    fn read(file: &Path, text: &str) -> Result<Self, Problem> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start.min(text.len()));
            Problem::Malformed {
                file: file.to_owned(),
                line: text.as_bytes()[..at]
                    .iter()
                    .filter(|b| **b == b'\n')
                    .count()
                    + 1,
                why: error.message().to_owned(),
            }
        })?;
        let mut settings = Self::default();
        for (key, value) in table {
            let place = format!("{}: {key}", file.display());
            match (key.as_str(), value) {
                ("server", toml::Value::String(address)) => {
                    settings.server = Some(server(place, &address)?);
                }
                ("server", other) => {
                    let address = other.to_string();
                    return Err(Problem::Address { place, address });
                }
                ("data", toml::Value::String(folder)) => settings.data = Some(folder.into()),
                ("data", _) => return Err(Problem::Folder { place }),
                ("demo", toml::Value::Boolean(demo)) => settings.demo = demo,
                ("demo", _) => return Err(Problem::Flag { place }),
                _ => {
                    let file = file.to_owned();
                    return Err(Problem::UnknownKey { file, key });
                }
            }
        }
        Ok(settings)
    }
}

fn server(place: String, address: &str) -> Result<Url, Problem> {
    match Url::parse(address) {
        Ok(url) if is_safe(&url) => Ok(url),
        _ => Err(Problem::Address {
            place,
            address: address.to_owned(),
        }),
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
    fn what_is_wrong_is_told_with_place_and_remedy() {
        let wrong = [
            (
                "sever = \"https://desk.example\"",
                "",
                ["desktop.toml", "sever", "server"],
            ),
            (
                "height = 3",
                "",
                ["desktop.toml", "height", "server, data, demo"],
            ),
            (
                "demo = true\nserver = https://desk.example",
                "",
                ["desktop.toml", "2", ""],
            ),
            ("server = 3", "", ["desktop.toml: server", "3", "https://"]),
            (
                "server = \"desk.example\"",
                "",
                ["desktop.toml: server", "desk.example", "https://"],
            ),
            (
                "",
                "http://desk.example",
                ["ENGAGE_SERVER", "http://desk.example", "https://"],
            ),
            ("data = true", "", ["desktop.toml: data", "", ""]),
            (
                "demo = \"yes\"",
                "",
                ["desktop.toml: demo", "true", "false"],
            ),
        ];
        for (text, address, parts) in wrong {
            let problem = load(text, &[("ENGAGE_SERVER", address)]).unwrap_err();
            for language in Language::ALL {
                let sentence = problem.sentence(language);
                for part in parts {
                    assert!(sentence.contains(part), "{part}: {sentence}");
                }
                assert!(!sentence.contains(['[', '$']), "{sentence}");
            }
        }
        let demo = load("", &[("ENGAGE_DEMO", "yes")]).unwrap_err();
        assert!(demo.sentence(Language::Es).contains("ENGAGE_DEMO"));
        // A folder in place of the file.
        let folder = Settings::load(&std::env::temp_dir(), |_| None).unwrap_err();
        assert!(matches!(folder, Problem::Unreadable { .. }));
    }
}
