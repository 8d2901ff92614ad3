//! What `engage-service doctor` looks at. It looks and changes nothing: no migration is run, no key, folder or database file
//! is made. That a start will do so is told.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use directory::outside::ldap::{Ldap, LdapConfig};
use directory::outside::oidc::{Oidc, OidcConfig};
use kernel::{Error, FieldProblem, Language, Moment, Result, Span};
use ledger::audit::checkpoint::Signer;
use locale::FluentValue;
use store::{Db, DbConfig, Schema, Target, Vault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{Config, admin, audit, clock, keys, node};

/// Leases, timers and second factors bear this much between two clocks.
const APART: Span = Span::from_secs(5);
/// In MiB. With less than the first nothing should be begun; less than the second is worth knowing.
#[cfg(unix)]
const LITTLE_ROOM: [u64; 2] = [256, 2048];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Sound,
    /// Nothing is wrong, and somebody may want to know.
    Note,
    Wrong,
}

impl Verdict {
    /// Key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sound => "doctor-sound",
            Self::Note => "doctor-note",
            Self::Wrong => "doctor-wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
pub struct Finding {
    /// Its name and what was seen, in the language that was asked for.
    pub what: String,
    pub verdict: Verdict,
    pub told: String,
}

/// Looks at what most often goes wrong.
pub async fn examine(config: &Config, language: Language) -> Vec<Finding> {
    let mut look = Look {
        config,
        language,
        findings: Vec::new(),
    };
    look.folders();
    look.database().await;
    look.files();
    look.outside().await;
    look.web_agent();
    look.connection();
    look.listen().await;
    look.findings
}

type Args<'a> = &'a [(&'a str, String)];
/// Verdict, key of the sentence, its arguments.
type Seen = (Verdict, &'static str, Vec<(&'static str, String)>);

fn sound(key: &'static str) -> Seen {
    (Verdict::Sound, key, Vec::new())
}

struct Look<'c> {
    config: &'c Config,
    language: Language,
    findings: Vec<Finding>,
}

impl Look<'_> {
    fn say(&mut self, what: &str, verdict: Verdict, key: &str, args: Args<'_>) {
        let args: Vec<(&str, FluentValue<'_>)> = args
            .iter()
            .map(|(name, value)| {
                // A number chooses the plural.
                let number = value.parse::<i64>().map(FluentValue::from);
                (*name, number.unwrap_or_else(|_| value.as_str().into()))
            })
            .collect();
        self.findings.push(Finding {
            what: locale::text(self.language, &format!("doctor-what-{what}")),
            verdict,
            told: locale::text_with(self.language, key, &args),
        });
    }

    fn see(&mut self, what: &str, outcome: Result<Seen>) {
        match outcome {
            Ok((verdict, key, args)) => self.say(what, verdict, key, &args),
            Err(error) => {
                let mut lines = admin::explain(&error, self.language);
                // "Some values need correcting" says less than which.
                if !error.fields().is_empty() {
                    lines.remove(0);
                }
                let why = lines.join(" ");
                self.say(what, Verdict::Wrong, "doctor-why", &[("why", why)]);
            }
        }
    }

    fn folders(&mut self) {
        let data = &self.config.data_dir;
        self.see("data-folder", folder(data));
        self.see("room", room(data));
        if let Some(checkpoints) = &self.config.checkpoint_dir {
            self.see("checkpoints", folder(checkpoints));
        }
    }

    /// And what must fit what it holds: the clock, the keys, the wall.
    async fn database(&mut self) {
        let opened = open(self.config).await;
        let db = match opened {
            Ok(Ok(db)) => db,
            Ok(Err(path)) => {
                let args = [("path", path.display().to_string())];
                self.say("database", Verdict::Note, "doctor-database-absent", &args);
                self.secrets(None).await;
                return;
            }
            Err(error) => {
                self.see("database", Err(error));
                self.secrets(None).await;
                return;
            }
        };
        let schema = db.schema().await;
        let whole = matches!(schema, Ok(Schema::Current));
        self.see("database", schema.map(|schema| told(&db, &schema)));
        self.see("clock", clocks(self.config, &db, whole).await);
        self.secrets(whole.then_some(&db)).await;
        if whole {
            self.see("wall", wall(&db).await);
        }
        db.close().await;
    }

    async fn secrets(&mut self, db: Option<&Db>) {
        let own = self.config.data_dir.join("secrets.key");
        let path = self.config.secrets_key_file.clone().unwrap_or(own);
        self.see("secrets-key", secrets(&path, db).await);
    }

    fn files(&mut self) {
        let path = self.config.data_dir.join(audit::KEY_FILE);
        self.see("audit-key", signs(&path));
        if let Some(path) = &self.config.metrics_token_file {
            let read = node::metrics_token(self.config);
            let seen = read.and_then(|_| guarded(path));
            self.see("metrics-token", seen.map(|()| at(path)));
        }
        if let Some(path) = &self.config.leaked_passwords {
            let opened = directory::Leaked::open(path);
            self.see("leaked-passwords", opened.map(|_| at(path)));
        }
    }

    async fn outside(&mut self) {
        if let Some(ldap) = &self.config.ldap {
            self.see("ldap", ldap_answers(ldap).await);
        }
        if let Some(oidc) = &self.config.oidc {
            self.see("provider", provider_answers(oidc).await);
        }
    }

    fn web_agent(&mut self) {
        let seen = match self.config.ui_folder() {
            None => (Verdict::Note, "doctor-web-agent-absent", Vec::new()),
            Some(folder) if folder.join("index.html").is_file() => at(&folder),
            Some(folder) => (
                Verdict::Wrong,
                "doctor-web-agent-empty",
                vec![("path", folder.display().to_string())],
            ),
        };
        self.see("web-agent", Ok(seen));
    }

    /// TLS is the proxy's: what we can see of it is what we were told.
    fn connection(&mut self) {
        let Config {
            listen,
            trusted_proxies,
            ..
        } = self.config;
        let seen = if listen.ip().is_loopback() {
            sound("doctor-connection-here")
        } else if !self.config.secure_cookies() {
            (Verdict::Note, "doctor-connection-plain", Vec::new())
        } else if trusted_proxies.is_empty() {
            (Verdict::Note, "doctor-connection-no-proxy", Vec::new())
        } else {
            sound("doctor-connection-proxy")
        };
        self.see("connection", Ok(seen));
    }

    async fn listen(&mut self) {
        let address = self.config.listen;
        self.see("listen", free(address).await);
    }
}

fn at(path: &Path) -> Seen {
    let args = vec![("path", path.display().to_string())];
    (Verdict::Sound, "doctor-path", args)
}

fn unwritable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    let place = path.display().to_string();
    FieldProblem::new(place, "folder_unwritable")
        .with("why", why)
        .into()
}

/// Whether it can be written to; where it is not there yet, whether a start can make it.
fn folder(path: &Path) -> Result<Seen> {
    let there = nearest(path)?;
    // Nameless, so that nothing is left of it whatever happens.
    tempfile::tempfile_in(&there).map_err(|error| unwritable(&there, &error))?;
    if there == path {
        return Ok(at(path));
    }
    let args = vec![("path", path.display().to_string())];
    Ok((Verdict::Note, "doctor-folder-absent", args))
}

/// The folder itself, or the nearest above it that is there.
fn nearest(path: &Path) -> Result<PathBuf> {
    for above in path.ancestors() {
        let above = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
        match fs::metadata(above) {
            Ok(_) => return Ok(above.to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unwritable(path, &error)),
        }
    }
    Ok(PathBuf::from("."))
}

#[cfg(unix)]
fn room(path: &Path) -> Result<Seen> {
    let there = nearest(path)?;
    let disk = rustix::fs::statvfs(&there).map_err(|error| unwritable(&there, &error))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let verdict = match free {
        free if free < LITTLE_ROOM[0] => Verdict::Wrong,
        free if free < LITTLE_ROOM[1] => Verdict::Note,
        _ => Verdict::Sound,
    };
    Ok((verdict, "doctor-room", vec![("mib", free.to_string())]))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Result<Seen> {
    Ok((Verdict::Note, "doctor-room-unknown", Vec::new()))
}

/// Without migrating it. The inner error is the path of a file that is not there: opening it would make it.
async fn open(config: &Config) -> Result<std::result::Result<Db, PathBuf>> {
    let mut settings = DbConfig::from_url(&config.database_url())?;
    settings.connections = 2;
    if let Target::Sqlite(path) = &settings.target
        && !path.exists()
    {
        return Ok(Err(path.clone()));
    }
    Db::open(&settings).await.map(Ok)
}

fn told(db: &Db, schema: &Schema) -> Seen {
    let kind = match db.kind() {
        store::Kind::Sqlite => "SQLite",
        store::Kind::Postgres => "PostgreSQL",
    };
    let kind = ("kind", kind.to_owned());
    match schema {
        Schema::Current => (Verdict::Sound, "doctor-database-current", vec![kind]),
        Schema::Empty(count) => {
            let args = vec![kind, ("count", count.to_string())];
            (Verdict::Note, "doctor-database-empty", args)
        }
        Schema::Behind(count, first) => {
            let first = ("first", first.clone().into_owned());
            let args = vec![kind, ("count", count.to_string()), first];
            (Verdict::Note, "doctor-database-behind", args)
        }
        Schema::Newer(version) => {
            let args = vec![kind, ("version", version.to_string())];
            (Verdict::Wrong, "doctor-database-newer", args)
        }
        Schema::Altered(version) => {
            let args = vec![kind, ("version", version.to_string())];
            (Verdict::Wrong, "doctor-database-altered", args)
        }
    }
}

/// This node's clock against the database's, and against the newest entry of the trail: a clock that was set back makes
/// timers late and entries out of order.
async fn clocks(config: &Config, db: &Db, whole: bool) -> Result<Seen> {
    let clock = clock::from(config.clock_offset_file.clone())?;
    let asked = clock.now();
    let theirs = db.clock().await?;
    let now = clock.now();
    if let Some(theirs) = theirs {
        let trip = now.since(asked);
        let middle = Moment::from_micros(asked.as_micros() + trip.as_micros() / 2);
        let apart = middle.since(theirs).as_micros().abs();
        if apart > APART.as_micros() + trip.as_micros() / 2 {
            let seconds = (apart / 1_000_000).to_string();
            return Ok((
                Verdict::Wrong,
                "doctor-clock-apart",
                vec![("seconds", seconds)],
            ));
        }
    }
    let newest = if whole {
        ledger::audit::newest(&mut db.read().await?).await?
    } else {
        None
    };
    Ok(match (newest, theirs) {
        (Some(newest), _) if newest > now + APART => {
            let seconds = (newest.since(now).as_micros() / 1_000_000).to_string();
            let args = vec![("seconds", seconds), ("at", newest.to_string())];
            (Verdict::Wrong, "doctor-clock-behind", args)
        }
        (_, Some(theirs)) => {
            let millis = now.since(theirs).as_millis().abs().to_string();
            let args = vec![("millis", millis)];
            (Verdict::Sound, "doctor-clock-agrees", args)
        }
        (Some(_), None) => sound("doctor-clock-after-trail"),
        (None, None) => (Verdict::Note, "doctor-clock-unknown", Vec::new()),
    })
}

/// A key that everybody on the machine can read is none.
#[cfg(unix)]
fn guarded(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let place = path.display().to_string();
    let mode = fs::metadata(path)
        .map_err(|error| {
            Error::from(FieldProblem::new(&place, "file_unreadable").with("why", error))
        })?
        .permissions()
        .mode();
    if mode & 0o007 != 0 {
        let mode = format!("{:03o}", mode & 0o777);
        return Err(FieldProblem::new(place, "file_open_to_all")
            .with("mode", mode)
            .into());
    }
    Ok(())
}

#[cfg(not(unix))]
fn guarded(_: &Path) -> Result<()> {
    Ok(())
}

/// The key in this file; `None` where there is none yet.
fn key(path: &Path) -> Result<Option<[u8; 32]>> {
    if !path.try_exists().unwrap_or(true) {
        return Ok(None);
    }
    guarded(path)?;
    keys::kept(path, &store::ambient()).map(Some)
}

fn signs(path: &Path) -> Result<Seen> {
    let Some(seed) = key(path)? else {
        let args = vec![("path", path.display().to_string())];
        return Ok((Verdict::Note, "doctor-key-absent", args));
    };
    let public = Signer::from_seed(&seed)?.public().to_string();
    Ok((
        Verdict::Sound,
        "doctor-audit-key-signs",
        vec![("key", public)],
    ))
}

async fn secrets(path: &Path, db: Option<&Db>) -> Result<Seen> {
    let args = vec![("path", path.display().to_string())];
    let kept = key(path)?;
    // Without a key any other shows whether something is sealed.
    let vault = Vault::new(&kept.unwrap_or_default())?;
    let fits = match db {
        Some(db) => directory::second_factor::key_fits(&mut db.read().await?, &vault).await?,
        None => None,
    };
    Ok(match (kept, fits) {
        (_, Some(false)) => (Verdict::Wrong, "doctor-secrets-key-other", args),
        (None, _) => (Verdict::Note, "doctor-key-absent", args),
        (Some(_), Some(true)) => sound("doctor-secrets-key-opens"),
        (Some(_), None) => sound("doctor-secrets-key-ready"),
    })
}

async fn wall(db: &Db) -> Result<Seen> {
    Ok(match db.has_wall().await? {
        None => sound("doctor-wall-file"),
        Some(true) => sound("doctor-wall-stands"),
        Some(false) => (Verdict::Wrong, "doctor-wall-missing", Vec::new()),
    })
}

async fn ldap_answers(config: &LdapConfig) -> Result<Seen> {
    let ldap = Ldap::new(config.clone())?;
    ldap.check().await?;
    let args = vec![("url", config.url.clone()), ("base", config.base.clone())];
    Ok((Verdict::Sound, "doctor-ldap-answers", args))
}

async fn provider_answers(config: &OidcConfig) -> Result<Seen> {
    let oidc = Oidc::new(config.clone())?;
    let keys = oidc.check().await?;
    let args = vec![
        ("issuer", config.issuer.clone()),
        ("keys", keys.to_string()),
        ("back", oidc.return_address().to_string()),
    ];
    Ok((Verdict::Sound, "doctor-provider-answers", args))
}

async fn free(address: SocketAddr) -> Result<Seen> {
    let args = vec![("address", address.to_string())];
    match std::net::TcpListener::bind(address) {
        Ok(_) => Ok((Verdict::Sound, "doctor-listen-free", args)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Ok(if is_ours(address).await {
                (Verdict::Sound, "doctor-listen-ours", args)
            } else {
                (Verdict::Wrong, "doctor-listen-taken", args)
            })
        }
        Err(error) => Err(FieldProblem::new("listen", "cannot_listen")
            .with("address", address)
            .with("why", error)
            .into()),
    }
}

/// Whether a node of Engage has the port: one that runs is no fault.
async fn is_ours(address: SocketAddr) -> bool {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect((ip, address.port())).await?;
        let request = format!(
            "GET {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n",
            api::path::WELCOME
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 << 10).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(3), ask).await;
    matches!(answer, Ok(Ok(answer)) if String::from_utf8_lossy(&answer)
        .to_ascii_lowercase()
        .contains(&format!("\n{}: ", api::header::REQUEST_ID)))
}
