//! Strangers at the door: schemathesis (PyPI) reads our OpenAPI document and sends what nobody of us thought of, by one
//! who may do everything, by one who may do little and by nobody. No server error, no answer that is not as documented, no route that forgets to ask who is
//! there. Short enough for every run; `ENGAGE_STRANGERS_SECONDS` gives each of them more.

use std::{
    env, fmt, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    place::{cargo, target},
    say::{has_program, output, run, say},
};

/// What is looked at, pinned: a newer one may ask for more.
const TOOL: &str = "schemathesis==4.32.5";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
response_schema_conformance,ignored_auth";
/// These end the session that asks, or change its password: the rest would be asked as nobody. They are asked by
/// themselves, when all else is done.
const LAST: &[&str] = &[
    "/api/v1/session",
    "/api/v1/sessions",
    "/api/v1/sessions/{id}",
    "/api/v1/session/password",
    "/api/v1/session/second-factor",
    "/api/v1/sign-in-policy",
];
/// A stream that does not end by itself: asked by nobody, whom it refuses at once.
const STREAM: &str = "/api/v1/events";

/// Who asks what.
#[derive(Clone, Copy)]
enum Asker {
    /// Everything is allowed to the one, little to the other.
    SignedIn(&'static str),
    Ending(&'static str),
    Nobody,
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SignedIn(login) => write!(f, "{login}"),
            Self::Ending(login) => write!(f, "{login}, what may end the session"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

/// `Some`: why it could not be done here.
pub fn knock() -> Result<Option<String>> {
    let Some(tool) = tool()? else {
        return Ok(Some(String::from(
            "PyPI cannot be reached, or python3 has no venv: no schemathesis",
        )));
    };
    // The step `build` has built it with everything else; built by itself it would want other features of everything.
    if !target()?.join("debug/engage-service").is_file() {
        run(cargo().args(["build", "--quiet", "--workspace", "--bins"]))?;
    }
    let folder = target()?.join("strangers");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder)?;
    let service = Service::start(&folder)?;
    let seconds = env::var("ENGAGE_STRANGERS_SECONDS").unwrap_or_else(|_| String::from("45"));
    let mut found = Vec::new();
    for asker in [
        Asker::SignedIn("admin"),
        Asker::SignedIn("agente"),
        Asker::Nobody,
        Asker::Ending("backoffice"),
    ] {
        if let Err(error) = ask(&tool, &folder, &service, asker, &seconds) {
            found.push(format!("as {asker}: {error:#}"));
        }
    }
    drop(service);
    if found.is_empty() {
        return Ok(None);
    }
    bail!("{}", found.join("; "))
}

fn ask(tool: &Path, folder: &Path, service: &Service, asker: Asker, seconds: &str) -> Result<()> {
    say(format!("As {asker}, at most {seconds} s:"));
    let mut command = Command::new(tool);
    command.args(["run", &format!("{}/api/v1/openapi.json", service.address)]);
    command.args(["--checks", CHECKS, "--max-time", seconds]);
    command.args(["--phases", "examples,coverage,fuzzing"]);
    command.args(["--continue-on-failure", "--warnings", "off", "--no-color"]);
    command.args(["--suppress-health-check", "all", "--request-timeout", "20"]);
    match asker {
        Asker::Nobody => {}
        Asker::SignedIn(login) => {
            command.args(["--header", &service.session(login)?]);
            for path in LAST.iter().chain([&STREAM]) {
                command.args(["--exclude-path", path]);
            }
        }
        Asker::Ending(login) => {
            command.args(["--header", &service.session(login)?]);
            for path in LAST {
                command.args(["--include-path", path]);
            }
        }
    }
    run(command.current_dir(folder))
}

/// The program, in a venv below the target folder; made when it is not there.
fn tool() -> Result<Option<PathBuf>> {
    let venv = target()?.join("schemathesis");
    let program = venv.join("bin/schemathesis");
    if program.is_file() {
        return Ok(Some(program));
    }
    if !has_program("python3") {
        return Ok(None);
    }
    let made = output(Command::new("python3").args(["-m", "venv"]).arg(&venv)).is_ok();
    let installed = made
        && output(Command::new(venv.join("bin/pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            TOOL,
        ]))
        .is_ok();
    Ok((installed && program.is_file()).then_some(program))
}

/// The demo world, served from a folder of its own.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new(target()?.join("debug/engage-service"))
            .arg("serve")
            .env("ENGAGE_DEMO", "true")
            .env("ENGAGE_DATA_DIR", folder.join("data"))
            .env("ENGAGE_LISTEN", "127.0.0.1:0")
            .env("ENGAGE_LOG", "warn")
            .env("ENGAGE_SESSION_REQUESTS_PER_MINUTE", "0")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("service.log"))?)
            .spawn()
            .context("engage-service does not start")?;
        let mut line = String::new();
        if let Some(told) = process.stdout.take() {
            BufReader::new(told).read_line(&mut line)?;
        }
        let Some(address) = line.trim().strip_prefix("listening on ") else {
            drop(process.kill());
            bail!("engage-service said «{}»", line.trim());
        };
        let address = address.to_owned();
        Ok(Self { process, address })
    }

    /// Signs in, with the client that every machine with Python has, and tells the header of the session.
    fn session(&self, login: &str) -> Result<String> {
        const SIGN_IN: &str = "import json,sys,urllib.request as u;\
r=u.Request(sys.argv[1]+'/api/v1/session',json.dumps({'login':sys.argv[2],'password':'violeta-lluvia-tren'}).encode(),{'content-type':'application/json'});\
print(json.load(u.urlopen(r))['token'])";
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            match output(Command::new("python3").args(["-c", SIGN_IN, &self.address, login])) {
                Ok(token) => return Ok(format!("Authorization: Bearer {}", token.trim())),
                Err(error) if Instant::now() > until => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(300)),
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
