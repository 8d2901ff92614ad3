//! Configuration: a TOML file, and the environment over it. Every key is here, with its meaning; an unknown one is refused.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use directory::outside::ldap::LdapConfig;
use directory::outside::oidc::OidcConfig;
use kernel::{Error, FieldProblem, Result};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// What the service is told at start-up. Each key may also come from the environment: `ENGAGE_` and the key in capitals
/// (`ENGAGE_DATABASE`), which wins over the file. Another name that begins so is refused, unless it is known to be somebody
/// else's: a misspelt one would otherwise start the service on a database of its own.
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
    /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), and others for parts of the program:
    /// `info,sqlx=warn`. Default: `info`.
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
        let mut problems: Vec<FieldProblem> = table
            .keys()
            .filter(|key| !KEYS.contains(&key.as_str()))
            .map(|key| unknown(key, kernel::text::nearest(key, KEYS.iter().copied())))
            .collect();
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase) else {
                continue;
            };
            if KEYS.contains(&key.as_str()) {
                let value = typed(&key, value)?;
                table.insert(key, value);
            } else if !is_foreign(&name, &value) {
                let meant = kernel::text::nearest(&key, KEYS.iter().copied());
                let meant = meant.map(|key| format!("{PREFIX}{}", key.to_ascii_uppercase()));
                problems.push(unknown(&name, meant.as_deref()));
            }
        }
        if let Ok(error) = Error::try_from(problems) {
            return Err(error);
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
        if let Err(problem) = self.log_filter() {
            problems.push(problem);
        }
        Error::try_from(problems).map_or(Ok(()), Err)
    }

    /// What [`Config::log`] asks for.
    pub fn log_filter(&self) -> Result<EnvFilter, FieldProblem> {
        let wrong = |part: &str| FieldProblem::new("log", "log_filter").with("part", part);
        let mut filter = EnvFilter::default();
        if self.log.trim().is_empty() {
            return Ok(filter.add_directive(LevelFilter::INFO.into()));
        }
        for part in self.log.split(',').map(str::trim) {
            // A bare word that is no level would be taken for a part of the program: with `debgu` all else falls silent.
            let is_level = part.parse::<LevelFilter>().is_ok();
            // So would one with another mark than the comma between: `info;sqlx=warn`.
            let target = part.split(['=', '[']).next().unwrap_or_default();
            let is_target = |c: char| c.is_ascii_alphanumeric() || "_:-.".contains(c);
            if part.is_empty()
                || !(is_level || part.contains(['=', '[']))
                || !target.chars().all(is_target)
            {
                return Err(wrong(part));
            }
            filter = filter.add_directive(part.parse().map_err(|_| wrong(part))?);
        }
        Ok(filter)
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

const PREFIX: &str = "ENGAGE_";

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

/// What other programs of the house read under the same prefix; a test holds the list equal to what they do read.
const FOREIGN: &[&str] = &[
    // The desktop, and the program's own command line.
    "ENGAGE_SERVER",
    "ENGAGE_CONFIG",
    // Tests, benchmarks and the tasks of `cargo xtask`.
    "ENGAGE_BENCH_CUSTOMERS",
    "ENGAGE_BENCH_ENTRIES",
    "ENGAGE_DECISIONS",
    "ENGAGE_GUESSES",
    "ENGAGE_KEEP",
    "ENGAGE_KILLS",
    "ENGAGE_ORACLE_CASES",
    "ENGAGE_PROGRAMS",
    "ENGAGE_SCREENSHOTS",
    "ENGAGE_SEEDS",
    "ENGAGE_STRANGERS_SECONDS",
    "ENGAGE_TAMPER_PLACES",
    "ENGAGE_TEST_CLOCK",
    "ENGAGE_TEST_POSTGRES",
    "ENGAGE_TESTDATA",
    "ENGAGE_UPDATE",
    "ENGAGE_WAYS_ROLES",
];

/// Whether the variable is none of ours: [`FOREIGN`], or what Kubernetes sets in every pod for a Service called `engage…`
/// (`ENGAGE_SERVICE_HOST=10.0.0.1`, `ENGAGE_PORT=tcp://10.0.0.1:8420`, `ENGAGE_PORT_8420_TCP_ADDR`…).
fn is_foreign(name: &str, value: &str) -> bool {
    let of_a_port = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    FOREIGN.contains(&name)
        || name.ends_with("SERVICE_HOST")
        || name.ends_with("SERVICE_PORT")
        || name.contains("SERVICE_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
        || name
            .split_once("_PORT_")
            .is_some_and(|(_, rest)| of_a_port(rest))
}

fn unknown(name: &str, meant: Option<&str>) -> FieldProblem {
    match meant {
        Some(meant) => FieldProblem::new(name, "misspelt_setting").with("meant", meant),
        None => FieldProblem::new(name, "unknown_setting"),
    }
}

/// The environment knows only text; numbers, flags and sections are told by their looks.
fn typed(key: &str, value: String) -> Result<toml::Value> {
    // A filter may begin with a bracket, and a level may be a number: always text.
    if key == "log" {
        return Ok(toml::Value::String(value));
    }
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
    use std::collections::BTreeSet;

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
    fn an_unknown_key_is_refused_and_the_nearest_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wrong.toml");
        std::fs::write(&file, "conections = 3\nheight = 3\n").unwrap();
        let error = Config::load(Some(&file), std::iter::empty()).unwrap_err();
        let told: Vec<_> = error
            .fields()
            .iter()
            .map(|p| (&*p.field, &*p.code, p.args.get("meant").map(String::as_str)))
            .collect();
        let expected = [
            ("conections", "misspelt_setting", Some("connections")),
            ("height", "unknown_setting", None),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn an_unknown_variable_is_refused_and_the_nearest_named() {
        let error = from_env(&[
            ("ENGAGE_DATABSE", "postgres://somewhere/engage"),
            ("ENGAGE_PORT", "9000"),
            ("ENGAGE_CONNECTIONS", "20"),
            ("DATABSE", "is nobody's"),
        ])
        .unwrap_err();
        let told: Vec<_> = error
            .fields()
            .iter()
            .map(|p| (&*p.field, p.args.get("meant").map(String::as_str)))
            .collect();
        let expected = [
            ("ENGAGE_DATABSE", Some("ENGAGE_DATABASE")),
            ("ENGAGE_PORT", None),
        ];
        assert_eq!(told, expected);
        for language in kernel::Language::ALL {
            let sentence = locale::problem(language, &error.fields()[0]);
            assert!(sentence.contains("ENGAGE_DATABASE"), "{sentence}");
        }
    }

    #[test]
    fn what_others_set_is_left_alone() {
        let kubernetes = [
            ("ENGAGE_SERVICE_HOST", "10.0.0.1"),
            ("ENGAGE_SERVICE_PORT", "8420"),
            ("ENGAGE_SERVICE_PORT_HTTP", "8420"),
            ("ENGAGE_PORT", "tcp://10.0.0.1:8420"),
            ("ENGAGE_PORT_8420_TCP", "tcp://10.0.0.1:8420"),
            ("ENGAGE_PORT_8420_TCP_ADDR", "10.0.0.1"),
            ("ENGAGE_WEB_SERVICE_HOST", "10.0.0.2"),
        ];
        from_env(&kubernetes).unwrap();
        let all: Vec<_> = FOREIGN.iter().map(|name| (*name, "1")).collect();
        from_env(&all).unwrap();
    }

    /// Every name in the sources is a key or on the list, and nothing is on the list that nobody reads.
    #[test]
    fn the_list_of_foreign_names_is_what_the_house_uses() {
        fn collect(folder: &Path, names: &mut BTreeSet<String>) {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = entry.path();
                if path.is_dir() {
                    if !["target", "node_modules"]
                        .map(Some)
                        .contains(&path.file_name().and_then(|n| n.to_str()))
                    {
                        collect(&path, names);
                    }
                } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with(file!()) {
                    let text = std::fs::read_to_string(&path).unwrap_or_default();
                    for (at, _) in text.match_indices(PREFIX) {
                        let name = text[at..].split(|c: char| {
                            !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                        });
                        names.extend(
                            name.take(1)
                                .filter(|name| name.len() > PREFIX.len())
                                .map(str::to_owned),
                        );
                    }
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut used = BTreeSet::new();
        for part in ["crates", "src-tauri", "tests", "ui/src", "xtask"] {
            collect(&root.join(part), &mut used);
        }
        used.retain(|name| !KEYS.contains(&&*name[PREFIX.len()..].to_ascii_lowercase()));
        let known: BTreeSet<String> = FOREIGN.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(used, known);
    }

    #[test]
    fn a_log_filter_that_cannot_be_read_is_refused() {
        for (filter, part) in [
            ("debgu", "debgu"),
            ("info,sqlx=loud", "sqlx=loud"),
            ("info,,warn", ""),
            ("info;sqlx=warn", "info;sqlx=warn"),
        ] {
            let error = from_env(&[("ENGAGE_LOG", filter)]).unwrap_err();
            let problem = &error.fields()[0];
            assert_eq!(
                (&*problem.field, &*problem.code),
                ("log", "log_filter"),
                "{filter}"
            );
            assert_eq!(problem.args["part"], part);
        }
        for filter in [
            "",
            "info",
            "WARN",
            "off",
            "info, sqlx=warn",
            "service::http=debug,error",
            "[request]=trace",
        ] {
            from_env(&[("ENGAGE_LOG", filter)]).unwrap();
        }
        let shown = from_env(&[("ENGAGE_LOG", "info, sqlx=warn")])
            .unwrap()
            .log_filter()
            .unwrap()
            .to_string();
        assert_eq!(shown, "sqlx=warn,info");
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
