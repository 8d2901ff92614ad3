//! Configuration: a TOML file, and the environment over it. Every key is here, with its meaning; an unknown one is refused.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use directory::outside::ldap::LdapConfig;
use directory::outside::oidc::OidcConfig;
use kernel::{Error, FieldProblem, Result};
use serde::Deserialize;

/// What the service is told at start-up. Each key may also come from the environment: `ENGAGE_` and the key in capitals
/// (`ENGAGE_DATABASE`), which wins over the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `sqlite:PATH` or `postgres://user:password@host/database`. Default: `sqlite:<data_dir>/engage.db`.
    pub database: Option<String>,
    /// Where files are kept: the SQLite file, lists on their way in. Default: `./data`.
    pub data_dir: PathBuf,
    /// Address and port to listen on; port 0 takes a free one. Default: `127.0.0.1:8420`. Behind a proxy that speaks TLS.
    pub listen: SocketAddr,
    /// Connections to the database that this node may hold, 2 to 200. Default: 10.
    pub connections: u32,
    /// Folder of the web agent's files. Default: `ui` beside the program, else `ui/dist`; without either only the API answers.
    pub ui_dir: Option<PathBuf>,
    /// Fills an empty database with the demo world, and shows its users on the sign-in screen. Default: false.
    pub demo: bool,
    /// What is logged: a `tracing` filter such as `info,sqlx=warn`. Default: `info`.
    pub log: String,
    /// `text` or `json`. Default: `text`.
    pub log_format: LogFormat,
    /// A session ends after this many minutes without a request, 1 to 1440. Default: 30.
    pub session_idle_minutes: u32,
    /// A session ends after this many hours in any case, 1 to 168. Default: 12.
    pub session_absolute_hours: u32,
    /// Send the session cookie over TLS only. Default: false when listening on loopback, true otherwise.
    pub secure_cookies: Option<bool>,
    /// Addresses of reverse proxies before this service: whom they name in `x-forwarded-for` is taken for the asker. From the
    /// environment: an array, `["10.0.0.4"]`. Default: none.
    pub trusted_proxies: Vec<IpAddr>,
    /// Requests that one session may make of one node in a minute, 60 to 100,000; 0: any number. Default: 6000.
    pub session_requests_per_minute: u32,
    /// A file with the token (16 characters or more) that whoever reads `/metrics` must show as `Authorization: Bearer`.
    /// Without it `/metrics` answers this machine alone, and nobody who comes through a proxy.
    pub metrics_token_file: Option<PathBuf>,
    /// Largest list that may be uploaded, in MiB, 1 to 4096. Default: 1024. Every other request body is held to 8 MiB.
    pub upload_limit_mib: u64,
    /// Minutes between signed checkpoints of the audit trail, 0 to 1440; 0: none are made by themselves. Default: 60.
    pub checkpoint_minutes: u32,
    /// Folder in which checkpoints are kept besides, best on another machine: whoever rewrites the database cannot rewrite
    /// them. Holds `checkpoints.jsonl` and the public keys that sign (`KEY.pub`). Absent: in the database alone.
    pub checkpoint_dir: Option<PathBuf>,
    /// The key that seals secrets in the database (second factors): a file with 64 hexadecimal digits. Nodes of one database
    /// must have the same. Default: `<data_dir>/secrets.key`, made at the first start.
    pub secrets_key_file: Option<PathBuf>,
    /// A list of passwords that have leaked, one a line or as SHA-1 in hexadecimal (the form of Have I Been Pwned; what
    /// follows a colon is passed over). Nobody may choose one of them. Default: none but the words that the product knows.
    pub leaked_passwords: Option<PathBuf>,
    /// Users from LDAP or Active Directory; see docs/sign-in.md. From the environment: an inline table.
    pub ldap: Option<LdapConfig>,
    /// Sign-in through an OpenID Connect provider; see docs/sign-in.md. From the environment: an inline table.
    pub oidc: Option<OidcConfig>,
    /// For tests alone: a file that holds a number of seconds by which the clock is ahead. Read ten times a second; wants
    /// `ENGAGE_TEST_CLOCK=1` in the environment.
    pub clock_offset_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: None,
            data_dir: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8420)),
            connections: 10,
            ui_dir: None,
            demo: false,
            log: "info".into(),
            log_format: LogFormat::Text,
            session_idle_minutes: 30,
            session_absolute_hours: 12,
            secure_cookies: None,
            trusted_proxies: Vec::new(),
            session_requests_per_minute: 6_000,
            metrics_token_file: None,
            upload_limit_mib: 1024,
            checkpoint_minutes: 60,
            checkpoint_dir: None,
            secrets_key_file: None,
            leaked_passwords: None,
            ldap: None,
            oidc: None,
            clock_offset_file: None,
        }
    }
}

impl Config {
    /// The desktop's own service, in its process: SQLite in this folder.
    pub fn embedded(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            ..Self::default()
        }
    }

    /// Reads the file (if one is named) and the environment over it.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self> {
        let mut table = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    Error::from(
                        FieldProblem::new(path.display().to_string(), "file_unreadable")
                            .with("why", &error),
                    )
                })?;
                text.parse::<toml::Table>().map_err(|error| {
                    Error::from(
                        FieldProblem::new(path.display().to_string(), "config_unreadable")
                            .with("why", error.message()),
                    )
                })?
            }
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            let Some(key) = name.strip_prefix("ENGAGE_").map(str::to_ascii_lowercase) else {
                continue;
            };
            // Variables of tests and of the desktop share the prefix.
            if !KEYS.contains(&key.as_str()) {
                continue;
            }
            let value = typed(&key, value)?;
            table.insert(key, value);
        }
        let config: Self =
            toml::Value::Table(table)
                .try_into()
                .map_err(|error: toml::de::Error| {
                    Error::from(
                        FieldProblem::new("config", "config_unreadable")
                            .with("why", error.message()),
                    )
                })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<()> {
        let mut problems = Vec::new();
        let mut within = |key: &str, value: u64, least: u64, most: u64| {
            if !(least..=most).contains(&value) {
                problems.push(
                    FieldProblem::new(key, "out_of_range")
                        .with("least", least)
                        .with("most", most),
                );
            }
        };
        within("connections", self.connections.into(), 2, 200);
        within(
            "session_idle_minutes",
            self.session_idle_minutes.into(),
            1,
            1440,
        );
        within(
            "session_absolute_hours",
            self.session_absolute_hours.into(),
            1,
            168,
        );
        within(
            "checkpoint_minutes",
            self.checkpoint_minutes.into(),
            0,
            1440,
        );
        within("upload_limit_mib", self.upload_limit_mib, 1, 4096);
        if self.session_requests_per_minute != 0 {
            let asked = self.session_requests_per_minute.into();
            within("session_requests_per_minute", asked, 60, 100_000);
        }
        Error::try_from(problems).map_or(Ok(()), Err)
    }

    pub fn database_url(&self) -> String {
        self.database
            .clone()
            .unwrap_or_else(|| format!("sqlite:{}", self.data_dir.join("engage.db").display()))
    }

    pub fn secure_cookies(&self) -> bool {
        self.secure_cookies
            .unwrap_or(!self.listen.ip().is_loopback())
    }

    /// The web agent's files, where there are any.
    pub fn ui_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = &self.ui_dir {
            return Some(folder.clone());
        }
        let beside = std::env::current_exe().ok()?.parent()?.join("ui");
        [
            beside,
            PathBuf::from("/usr/share/engage/ui"),
            PathBuf::from("ui/dist"),
        ]
        .into_iter()
        .find(|folder| folder.join("index.html").is_file())
    }
}

/// Names of the keys, for the environment; a test holds the list equal to the fields.
const KEYS: &[&str] = &[
    "database",
    "data_dir",
    "listen",
    "connections",
    "ui_dir",
    "demo",
    "log",
    "log_format",
    "session_idle_minutes",
    "session_absolute_hours",
    "secure_cookies",
    "trusted_proxies",
    "session_requests_per_minute",
    "metrics_token_file",
    "upload_limit_mib",
    "checkpoint_minutes",
    "checkpoint_dir",
    "secrets_key_file",
    "leaked_passwords",
    "ldap",
    "oidc",
    "clock_offset_file",
];

/// The environment knows only text; numbers, flags and sections are told by their looks.
fn typed(key: &str, value: String) -> Result<toml::Value> {
    if value.starts_with(['{', '[']) {
        let whole = format!("{key} = {value}").parse::<toml::Table>();
        let mut table = whole.map_err(|error| {
            Error::from(FieldProblem::new(key, "config_unreadable").with("why", error.message()))
        })?;
        return Ok(table.remove(key).unwrap_or(toml::Value::String(value)));
    }
    Ok(match value.as_str() {
        "true" => toml::Value::Boolean(true),
        "false" => toml::Value::Boolean(false),
        text => text
            .parse::<i64>()
            .map_or(toml::Value::String(value), toml::Value::Integer),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_env(pairs: &[(&str, &str)]) -> Result<Config> {
        Config::load(
            None,
            pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned())),
        )
    }

    #[test]
    fn the_environment_wins_and_ranges_hold() {
        let config = from_env(&[
            ("ENGAGE_CONNECTIONS", "42"),
            ("ENGAGE_DEMO", "true"),
            ("ENGAGE_SERVER", "x"),
        ])
        .unwrap();
        assert_eq!((config.connections, config.demo), (42, true));
        let error = from_env(&[("ENGAGE_CONNECTIONS", "1000")]).unwrap_err();
        assert_eq!(error.fields()[0].field, "connections");
    }

    #[test]
    fn a_section_comes_from_the_environment_as_an_inline_table() {
        let config = from_env(&[(
            "ENGAGE_LDAP",
            r#"{ url = "ldaps://dc.example.com", base = "dc=example", groups = { "cn=a,dc=x" = "agents" } }"#,
        )])
        .unwrap();
        let ldap = config.ldap.unwrap();
        assert_eq!(ldap.groups["cn=a,dc=x"], "agents");
        assert!(ldap.start_tls && ldap.create_users);
        assert!(from_env(&[("ENGAGE_LDAP", "{ url = 3 }")]).is_err());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let folder = std::env::temp_dir().join("engage-config-test");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("wrong.toml");
        std::fs::write(&file, "conections = 3\n").unwrap();
        let error = Config::load(Some(&file), std::iter::empty()).unwrap_err();
        assert!(
            error.fields()[0].args["why"].contains("conections"),
            "{error}"
        );
    }

    #[test]
    fn every_key_can_come_from_the_environment() {
        let wrong =
            toml::Table::from_iter([("no_such_key".to_owned(), toml::Value::Boolean(true))]);
        let told = toml::Value::Table(wrong)
            .try_into::<Config>()
            .unwrap_err()
            .message()
            .to_owned();
        for key in KEYS {
            assert!(
                told.contains(&format!("`{key}`")),
                "{key} is no field: {told}"
            );
        }
        assert_eq!(
            told.matches('`').count() / 2 - 1,
            KEYS.len(),
            "a field is missing in KEYS: {told}"
        );
    }
}
