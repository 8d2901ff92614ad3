//! What an administrator does on the command line, with the real program on a file and on PostgreSQL: migrate, the demo
//! world, a first user, and the doctor with a sound house and with broken ones.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, ensure};
use api::path;
use api::session::{SignIn, SignedIn};
use journeys::{Database, Options, Place, Service, program};
use serde_json::json;
use store::{Db, DbConfig};

const FIRST: &str = "la primera clave de todos";
const OWN: &str = "violeta lluvia tren sur";
const DEMO: &str = "violeta-lluvia-tren";

/// A house with its folder and database, and no node in it.
struct House<'a> {
    folder: PathBuf,
    database: &'a Database,
}

struct Told {
    well: bool,
    out: String,
    err: String,
}

impl Told {
    /// The doctor's line of that name.
    fn line(&self, name: &str) -> Result<&str> {
        self.out
            .lines()
            .find(|line| line.contains(&format!("  {name} ")))
            .with_context(|| format!("nothing of {name} in:\n{}{}", self.out, self.err))
    }

    fn says(&self, name: &str, verdict: &str, words: &str) -> Result<()> {
        let line = self.line(name)?;
        ensure!(
            line.starts_with(verdict) && line.contains(words),
            "{name}: {verdict} and {words:?} instead of {line:?}"
        );
        Ok(())
    }
}

impl House<'_> {
    fn run(&self, arguments: &[&str], typed: &str, variables: &[(&str, &str)]) -> Result<Told> {
        let mut child = Command::new(program("engage-service")?)
            .args(arguments)
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("LANG", "en_US.UTF-8")
            .env("ENGAGE_DATABASE", self.database.url())
            .env("ENGAGE_DATA_DIR", &self.folder)
            .env("ENGAGE_LISTEN", "127.0.0.1:0")
            .env("ENGAGE_LOG", "error")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().context("no input")?;
        // Whoever reads nothing has gone already.
        drop(input.write_all(typed.as_bytes()));
        drop(input);
        let done = child.wait_with_output()?;
        Ok(Told {
            well: done.status.success(),
            out: String::from_utf8_lossy(&done.stdout).into_owned(),
            err: String::from_utf8_lossy(&done.stderr).into_owned(),
        })
    }

    fn doctor(&self, variables: &[(&str, &str)]) -> Result<Told> {
        self.run(&["doctor"], "", variables)
    }

    /// The doctor must find everything well.
    fn sound(&self, variables: &[(&str, &str)]) -> Result<Told> {
        let told = self.doctor(variables)?;
        ensure!(told.well, "{}{}", told.out, told.err);
        Ok(told)
    }

    /// The doctor must find something, and end so that a script hears it.
    fn ill(&self, variables: &[(&str, &str)]) -> Result<Told> {
        let told = self.doctor(variables)?;
        ensure!(!told.well, "nothing was found:\n{}{}", told.out, told.err);
        Ok(told)
    }

    fn holds(&self) -> Result<Vec<String>> {
        let mut names: Vec<_> = fs::read_dir(&self.folder)?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        names.sort_unstable();
        Ok(names)
    }
}

#[tokio::test]
async fn a_house_is_set_up_and_looked_after_from_the_command_line() -> Result<()> {
    let place = Place::new("cli")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("cli-{}", database.name()))?;
        set_up(&apart, &database)
            .await
            .with_context(|| format!("on {}", database.name()))?;
    }
    Ok(())
}

async fn set_up(place: &Place, database: &Database) -> Result<()> {
    let house = House {
        folder: place.folder("node")?,
        database,
    };
    let file = database.name() == "SQLite";

    // Before anything: the doctor looks, and leaves all as it was, however often it comes.
    for _ in 0..2 {
        let told = house.sound(&[])?;
        let waits = if file { "is not there yet" } else { "is empty" };
        told.says("Database", "note", waits)?;
        told.says("Secrets key", "note", "first start makes it")?;
        ensure!(house.holds()?.is_empty(), "it made {:?}", house.holds()?);
    }
    let told = house.sound(&[("LC_ALL", "es_AR.UTF-8")])?;
    told.says("Base de datos", "aviso", "migra")?;
    told.says("Carpeta de datos", "bien", "node")?;

    let done = house.run(&["migrate"], "", &[])?;
    ensure!(done.well, "{}", done.err);
    let told = house.sound(&[])?;
    told.says("Database", "ok", "schema is this version's")?;
    let clock = if file { "note" } else { "ok" };
    told.says("Clock", clock, "")?;

    add_user(&house)?;
    node(place, &house).await?;
    broken(&house).await?;
    schemas(&house).await
}

fn add_user(house: &House<'_>) -> Result<()> {
    let add = |login: &str, role: &str, password: &str, variables: &[(&str, &str)]| {
        let arguments = ["user", "add", login, "--name", "Rosa Paz", "--role", role];
        house.run(&arguments, &format!("{password}\n"), variables)
    };
    let spanish: &[(&str, &str)] = &[("LC_ALL", "es_AR.UTF-8")];
    for (login, role, password, words) in [
        ("rosa", "no_such_role", FIRST, "no_such_role"),
        ("rosa", "administrator", "rosa", "12"),
    ] {
        for language in [&[] as &[_], spanish] {
            let told = add(login, role, password, language)?;
            ensure!(
                !told.well && told.err.contains(words) && !told.err.contains('['),
                "{}",
                told.err
            );
        }
    }
    let told = add("rosa", "administrator", FIRST, &[])?;
    ensure!(told.well && told.out.is_empty(), "{}{}", told.out, told.err);
    // A login is one person's.
    let told = add("rosa", "administrator", FIRST, spanish)?;
    ensure!(!told.well && told.err.contains("Ya"), "{}", told.err);
    ensure!(!told.err.contains(FIRST), "the password is shown");
    Ok(())
}

/// The user signs in; the doctor comes while the node runs.
async fn node(place: &Place, house: &House<'_>) -> Result<()> {
    let mut service = Service::start(place, "node", house.database, &Options::default())?;
    let nobody = service.client()?;
    let wrong = nobody.sign_in("rosa", "otra clave cualquiera").await;
    ensure!(wrong.is_err(), "any password opens");
    let first: SignedIn = nobody
        .post(
            path::SESSION,
            &SignIn {
                login: "rosa".to_owned(),
                password: FIRST.to_owned(),
                code: None,
            },
        )
        .await?;
    ensure!(first.token.is_some(), "no token");
    // It holds until another is chosen, and for nothing else.
    let rosa = nobody.sign_in("rosa", FIRST).await?;
    ensure!(
        rosa.get::<serde_json::Value>(path::USERS).await.is_err(),
        "the temporary password opens everything"
    );
    let change = json!({"current": FIRST, "new": OWN});
    let _: serde_json::Value = rosa.put(path::PASSWORD, &change).await?;
    let rosa = nobody.sign_in("rosa", OWN).await?;
    let users: serde_json::Value = rosa.get(path::USERS).await?;
    ensure!(users["items"][0]["name"] == "Rosa Paz", "{users}");

    let address = service.address();
    let listen = address.trim_start_matches("http://");
    let told = house.sound(&[("ENGAGE_LISTEN", listen)])?;
    told.says("Port", "ok", "A node of Engage answers")?;
    told.says("Audit key", "ok", "signs as")?;
    told.says("Secrets key", "ok", "ready")?;
    told.says("Clock", "ok", "")?;
    service.stop()
}

/// One thing after the other is broken; each is named, in the reader's language.
async fn broken(house: &House<'_>) -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let told = house.ill(&[("ENGAGE_LISTEN", &address)])?;
    told.says("Port", "WRONG", "Another program has")?;
    let told = house.ill(&[("ENGAGE_LISTEN", &address), ("LC_ALL", "es_AR.UTF-8")])?;
    told.says("Puerto", "MAL", "Otro programa ocupa")?;
    drop(taken);

    // Root may write wherever there are files: these are places where nobody may.
    let below_a_file = house.folder.join("clock");
    fs::write(&below_a_file, "0")?;
    let below_a_file = below_a_file.display().to_string();
    for folder in [&*below_a_file, "/proc/self/engage"] {
        let told = house.ill(&[("ENGAGE_DATA_DIR", folder)])?;
        told.says("Data folder", "WRONG", "The folder cannot be written to")?;
        told.says("Database", "ok", "")?;
    }

    let told = house.ill(&[("ENGAGE_DATABASE", "mysql://somewhere/engage")])?;
    told.says("Database", "WRONG", "Write sqlite:PATH or postgres://")?;
    let nobody = "postgres://engage:geheim@127.0.0.1:1/engage";
    let told = house.ill(&[("ENGAGE_DATABASE", nobody)])?;
    told.says("Database", "WRONG", "does not answer")?;
    let shown = format!("{}{}", told.out, told.err);
    ensure!(!shown.contains("geheim"), "the password is shown: {shown}");

    let clock = house.folder.join("offset");
    fs::write(&clock, "-3600")?;
    let shifted = [
        ("ENGAGE_CLOCK_OFFSET_FILE", clock.to_str().context("path")?),
        ("ENGAGE_TEST_CLOCK", "1"),
    ];
    let told = house.ill(&shifted)?;
    let seconds = if house.database.name() == "SQLite" {
        "s behind the newest entry"
    } else {
        "3600 s apart"
    };
    told.says("Clock", "WRONG", seconds)?;

    let key = house.folder.join("secrets.key");
    mode(&key, 0o644)?;
    let told = house.ill(&[])?;
    told.says("Secrets key", "WRONG", "chmod 600")?;
    ensure!(!told.out.contains(fs::read_to_string(&key)?.trim()));
    mode(&key, 0o600)?;
    let told = house.ill(&[("ENGAGE_METRICS_TOKEN_FILE", "/nowhere/token")])?;
    told.says("Metrics token", "WRONG", "/nowhere/token")?;
    // A configuration that cannot be read at all.
    let told = house.ill(&[("ENGAGE_CONNECTIONS", "1")])?;
    ensure!(told.err.contains("connections"), "{}", told.err);
    house.sound(&[]).map(drop)
}

fn mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(())
}

store::statements! {
    FORGET = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    BREAK_OFF = "UPDATE _sqlx_migrations SET success = FALSE WHERE version = 1";
}

async fn written(database: &Database, statement: store::Sql) -> Result<()> {
    let told = |error: kernel::Error| anyhow!("{error}");
    let config = DbConfig::from_url(database.url()).map_err(told)?;
    let db = Db::open(&config).await.map_err(told)?;
    let mut tx = db.write().await.map_err(told)?;
    let rows = store::execute!(&mut tx, statement).map_err(told)?;
    tx.commit().await.map_err(told)?;
    db.close().await;
    ensure!(rows == 1);
    Ok(())
}

/// As an older and a half-made version would have left it.
async fn schemas(house: &House<'_>) -> Result<()> {
    written(house.database, FORGET).await?;
    for _ in 0..2 {
        let told = house.sound(&[])?;
        told.says("Database", "note", "1 migration waits")?;
    }
    written(house.database, BREAK_OFF).await?;
    let told = house.ill(&[])?;
    told.says("Database", "WRONG", "its migration 1 broke off")
}

#[tokio::test]
async fn the_demo_world_is_filled_once_and_only_into_an_empty_house() -> Result<()> {
    let place = Place::new("cli-demo")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("cli-demo-{}", database.name()))?;
        let house = House {
            folder: apart.folder("node")?,
            database: &database,
        };
        for _ in 0..2 {
            let done = house.run(&["demo"], "", &[])?;
            ensure!(done.well, "on {}: {}", database.name(), done.err);
        }
        house.sound(&[])?.says("Database", "ok", "")?;
        let service = Service::start(&apart, "node", &database, &Options::default())?;
        let agent = service.client()?.sign_in("agente", DEMO).await?;
        let found = agent.suggest("BERA cyn").await?;
        ensure!(
            found
                .iter()
                .filter(|line| line.name == "Cynthia Bera")
                .count()
                == 1,
            "on {}: {found:?}",
            database.name()
        );
    }
    Ok(())
}
