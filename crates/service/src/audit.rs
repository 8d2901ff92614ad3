//! The audit trail from the command line: verify, export, checkpoint; and the key that signs.

use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;

use kernel::{Ambient, Error, FieldProblem, Result};
use ledger::audit::checkpoint::{self, Checkpoint, Signer};
use ledger::audit::verify::{Report, Trust};
use ledger::audit::{export as trail, verify as chain};

use crate::Config;

pub(crate) const KEY_FILE: &str = "audit.key";
/// In the folder for checkpoints: one JSON object a line.
pub(crate) const CHECKPOINTS: &str = "checkpoints.jsonl";

/// The key that signs checkpoints, in the data folder; made at the first start. Nodes of one company share the file, or
/// each signs with its own and the verifier is told all their public halves.
pub fn signer(config: &Config, ambient: &Ambient) -> Result<Signer> {
    Signer::from_seed(&crate::keys::kept(
        &config.data_dir.join(KEY_FILE),
        ambient,
    )?)
}

/// The checkpoints of a file, one JSON object a line.
pub(crate) fn read_checkpoints(path: &Path) -> Result<Vec<Checkpoint>> {
    let text = fs::read_to_string(path).map_err(|e| at(path, &e))?;
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|e| {
            Error::invalid(format!("{}:{}", path.display(), number + 1), "audit_line").because(e)
        })
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(read)
        .collect()
}

/// What is known by another way than the database: the key of this node, and what the folder for checkpoints holds.
pub(crate) fn trust(config: &Config) -> Result<Trust> {
    // Looking must not make a key.
    let mut keys = match fs::read_to_string(config.data_dir.join(KEY_FILE)) {
        Ok(seed) => vec![Signer::from_hex(&seed)?.public()],
        Err(_) => Vec::new(),
    };
    let mut outside = Vec::new();
    if let Some(folder) = &config.checkpoint_dir {
        let kept = folder.join(CHECKPOINTS);
        if kept.exists() {
            outside = read_checkpoints(&kept)?;
        }
        for entry in fs::read_dir(folder).map_err(|e| at(folder, &e))?.flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|e| e == "pub") {
                let text = fs::read_to_string(&path).map_err(|e| at(&path, &e))?;
                keys.push(text.parse()?);
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Trust { keys, outside })
}

/// Adds to the folder for checkpoints what it does not hold yet, and the public half of the key that signs.
pub(crate) fn keep_elsewhere(
    folder: &Path,
    signer: &Signer,
    checkpoints: &[Checkpoint],
) -> Result<()> {
    fs::create_dir_all(folder).map_err(|e| at(folder, &e))?;
    let public = signer.public().to_string();
    let key = folder.join(format!("{public}.pub"));
    if !key.exists() {
        fs::write(&key, &public).map_err(|e| at(&key, &e))?;
    }
    let path = folder.join(CHECKPOINTS);
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(|e| at(&path, &e))?;
    for checkpoint in checkpoints {
        let mut line = serde_json::to_string(checkpoint).map_err(Error::internal)?;
        line.push('\n');
        file.write_all(line.as_bytes()).map_err(|e| at(&path, &e))?;
    }
    file.sync_all().map_err(|e| at(&path, &e))
}

/// Checks the database's trail, or an exported file of it. `outside` is a file with checkpoints that were kept elsewhere,
/// one JSON object a line.
pub async fn verify(
    config: &Config,
    file: Option<&Path>,
    outside: Option<&Path>,
) -> Result<Report> {
    let mut trust = trust(config)?;
    if let Some(path) = outside {
        trust.outside.extend(read_checkpoints(path)?);
    }
    match file {
        Some(path) => trail::verify_file(
            BufReader::new(fs::File::open(path).map_err(|e| at(path, &e))?),
            trust,
        ),
        None => {
            let db = crate::open(config).await?;
            let report = chain::verify(&db, trust, |_| {}).await;
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
