//! `engage-service`: the service as a program.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program on the command line speaks there"
)]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use kernel::{Error, Language, Result};
use service::{Config, Finding, LogFormat, Verdict};

#[derive(Parser)]
#[command(name = "engage-service", version, about = "The service of Engage")]
struct Command {
    /// Configuration file (TOML). The environment wins over it: ENGAGE_DATABASE, ENGAGE_LISTEN…
    #[arg(long, global = true, env = "ENGAGE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Answers requests until told to stop (SIGTERM, Ctrl+C).
    Serve,
    /// Brings the database's schema up to this version.
    Migrate,
    /// Fills an empty database with the demo world.
    Demo,
    /// Users.
    User {
        #[command(subcommand)]
        what: UserWhat,
    },
    /// Looks at configuration, folders, database, clock, keys and port, says what is wrong, and changes nothing.
    Doctor,
    /// The audit trail.
    Audit {
        #[command(subcommand)]
        what: AuditWhat,
    },
    /// Writes the OpenAPI document to standard output.
    Openapi,
}

#[derive(Subcommand)]
enum UserWhat {
    /// Adds a user; the password is read from standard input, one line.
    Add {
        login: String,
        /// Full name; the login when absent.
        #[arg(long)]
        name: Option<String>,
        /// Keys of roles; may be given several times.
        #[arg(long)]
        role: Vec<String>,
        /// Keys of groups; may be given several times.
        #[arg(long)]
        group: Vec<String>,
    },
}

#[derive(Subcommand)]
enum AuditWhat {
    /// Checks the whole chain, or an exported file of it.
    Verify {
        /// An exported file; the database when absent.
        #[arg(long)]
        file: Option<PathBuf>,
        /// A checkpoint kept elsewhere: finds a cut tail and an old backup put back.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
    },
    /// Writes the chain as JSON Lines to standard output.
    Export,
    /// Signs the chain's present heads and writes the checkpoint to standard output: keep it elsewhere.
    Checkpoint,
}

fn main() -> ExitCode {
    let command = Command::parse();
    let language = language();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(command, language)) {
        Ok(code) => code,
        Err(error) => {
            explain(&error, language);
            ExitCode::FAILURE
        }
    }
}

/// As POSIX has it: the first of the three that says something.
fn language() -> Language {
    let said = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    said.map_or(Language::En, |l| Language::negotiate(&l.replace('_', "-")))
}

fn explain(error: &Error, language: Language) {
    for (number, line) in service::explain(error, language).iter().enumerate() {
        eprintln!("{}{line}", if number == 0 { "" } else { "  " });
    }
}

async fn run(command: Command, language: Language) -> Result<ExitCode> {
    if matches!(command.what, What::Openapi) {
        println!(
            "{}",
            serde_json::to_string_pretty(&service::open_api()).map_err(Error::internal)?
        );
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(command.config.as_deref(), std::env::vars())?;
    start_log(&config)?;
    match command.what {
        What::Serve => serve(config).await?,
        What::Migrate => service::open(&config).await?.close().await,
        What::Demo => {
            let db = service::open(&config).await?;
            service::fill_demo(&db, &store::ambient()).await?;
            db.close().await;
        }
        What::User {
            what:
                UserWhat::Add {
                    login,
                    name,
                    role,
                    group,
                },
        } => {
            let mut password = String::new();
            std::io::stdin()
                .read_line(&mut password)
                .map_err(Error::internal)?;
            let db = service::open(&config).await?;
            let user = service::NewUser {
                name: name.unwrap_or_else(|| login.clone()),
                login,
                roles: role,
                groups: group,
            };
            service::add_user(
                &db,
                &store::ambient(),
                user,
                password.trim_end_matches(['\r', '\n']),
            )
            .await?;
            db.close().await;
        }
        What::Doctor => return Ok(doctor(&config, language).await),
        What::Audit { what } => return audit(&config, what).await,
        What::Openapi => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn start_log(config: &Config) -> Result<()> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(config.log_filter()?)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_ansi(false).init(),
    }
    Ok(())
}

async fn serve(config: Config) -> Result<()> {
    let listen = config.listen;
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| {
            Error::from(
                kernel::FieldProblem::new("listen", "cannot_listen")
                    .with("address", listen)
                    .with("why", &error),
            )
        })?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let running = service::start(config).await?;
    println!("listening on http://{address}");
    let router = running
        .router
        .clone()
        .into_make_service_with_connect_info::<std::net::SocketAddr>();
    let stopping = running.app().stopping.clone();
    let graceful = async move {
        told_to_stop().await;
        tracing::info!("stopping");
        // Streams end, so that the server need not wait for them.
        stopping.cancel();
    };
    axum::serve(listener, router)
        .with_graceful_shutdown(graceful)
        .await
        .map_err(Error::internal)?;
    running.stop().await;
    Ok(())
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

/// One line each: its verdict, its name, what was seen.
async fn doctor(config: &Config, language: Language) -> ExitCode {
    let findings = service::examine(config, language).await;
    let wide = |text: &String| text.chars().count();
    let word = |finding: &Finding| locale::text(language, finding.verdict.key());
    let columns = [
        findings.iter().map(|f| wide(&word(f))).max(),
        findings.iter().map(|f| wide(&f.what)).max(),
    ];
    let [verdict, what] = columns.map(Option::unwrap_or_default);
    for finding in &findings {
        println!(
            "{:verdict$}  {:what$}  {}",
            word(finding),
            finding.what,
            finding.told
        );
    }
    if findings.iter().any(|f| f.verdict == Verdict::Wrong) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

async fn audit(config: &Config, what: AuditWhat) -> Result<ExitCode> {
    match what {
        AuditWhat::Verify { file, checkpoint } => {
            let report =
                service::audit::verify(config, file.as_deref(), checkpoint.as_deref()).await?;
            println!(
                "{}",
                serde_json::to_string_pretty(&report).map_err(Error::internal)?
            );
            Ok(if report.is_sound() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        AuditWhat::Export => {
            service::audit::export(config, &mut std::io::stdout().lock()).await?;
            Ok(ExitCode::SUCCESS)
        }
        AuditWhat::Checkpoint => {
            println!("{}", service::audit::checkpoint(config).await?);
            Ok(ExitCode::SUCCESS)
        }
    }
}
