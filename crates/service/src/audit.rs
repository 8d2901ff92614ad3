//! The audit trail from the command line: verify, export, checkpoint; and the key that signs.

use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use kernel::{Ambient, Error, FieldProblem, Result};
use ledger::audit::checkpoint::{self, Checkpoint, Signer};
use ledger::audit::verify::{Report, Trust};
use ledger::audit::{export as trail, verify as chain};

use crate::Config;

const KEY_FILE: &str = "audit.key";

/// The key that signs checkpoints, in the data folder; made at the first start. Nodes of one company share the file, or
/// each signs with its own and the verifier is told all their public halves.
pub fn signer(config: &Config, ambient: &Ambient) -> Result<Signer> {
    let path = config.data_dir.join(KEY_FILE);
    match fs::read_to_string(&path) {
        Ok(seed) => Signer::from_hex(&seed),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let seed = ambient.random::<32>();
            fs::create_dir_all(&config.data_dir).map_err(|e| at(&config.data_dir, &e))?;
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&path).map_err(|e| at(&path, &e))?;
            file.write_all(hex::encode(seed).as_bytes())
                .map_err(|e| at(&path, &e))?;
            Signer::from_seed(&seed)
        }
        Err(error) => Err(at(&path, &error)),
    }
}

/// Checks the database's trail, or an exported file of it. `outside` is a file with checkpoints that were kept elsewhere,
/// one JSON object a line.
pub async fn verify(
    config: &Config,
    file: Option<&Path>,
    outside: Option<&Path>,
) -> Result<Report> {
    // Looking must not make a key.
    let keys = match fs::read_to_string(config.data_dir.join(KEY_FILE)) {
        Ok(seed) => vec![Signer::from_hex(&seed)?.public()],
        Err(_) => Vec::new(),
    };
    let mut trust = Trust {
        keys,
        outside: Vec::new(),
    };
    if let Some(path) = outside {
        let text = fs::read_to_string(path).map_err(|e| at(path, &e))?;
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, l)| !l.trim().is_empty())
        {
            let checkpoint: Checkpoint = serde_json::from_str(line).map_err(|e| {
                Error::invalid(format!("{}:{}", path.display(), number + 1), "audit_line")
                    .because(e)
            })?;
            trust.outside.push(checkpoint);
        }
    }
    match file {
        Some(path) => trail::verify_file(
            BufReader::new(fs::File::open(path).map_err(|e| at(path, &e))?),
            trust,
        ),
        None => {
            let db = crate::open(config).await?;
            let report = chain::verify(&mut db.read().await?, trust).await;
            db.close().await;
            report
        }
    }
}

/// Writes the trail as JSON Lines.
pub async fn export(config: &Config, to: impl Write) -> Result<()> {
    let db = crate::open(config).await?;
    let now = store::ambient().now();
    let done = trail::export(&mut db.read().await?, now, BufWriter::new(to)).await;
    db.close().await;
    done
}

/// Signs where the trail stands now, and returns the checkpoint as one line of JSON.
pub async fn checkpoint(config: &Config) -> Result<String> {
    let ambient = store::ambient();
    let signer = signer(config, &ambient)?;
    let db = crate::open(config).await?;
    let mut tx = db.write().await?;
    let made = checkpoint::make(&mut tx, ambient.now(), &signer).await?;
    tx.commit().await?;
    db.close().await;
    serde_json::to_string(&made).map_err(Error::internal)
}

fn at(path: &Path, error: &std::io::Error) -> Error {
    FieldProblem::new(path.display().to_string(), "file_unreadable")
        .with("why", error)
        .into()
}
