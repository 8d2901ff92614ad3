//! The installation's own keys: files beside the database, made at the first start, readable by the service alone.

use std::fs;
use std::io::Write;
use std::path::Path;

use kernel::{Ambient, Error, FieldProblem, Result};
use store::Vault;

use crate::Config;

/// What seals secrets in the database.
pub fn vault(config: &Config, ambient: &Ambient) -> Result<Vault> {
    let own = config.data_dir.join("secrets.key");
    let path = config.secrets_key_file.as_deref().unwrap_or(&own);
    Vault::new(&kept(path, ambient)?)
}

/// The 32 bytes in this file, in hexadecimal; made when it is not there.
pub fn kept(path: &Path, ambient: &Ambient) -> Result<[u8; 32]> {
    let at = |why: &dyn std::fmt::Display| {
        Error::from(
            FieldProblem::new(path.display().to_string(), "file_unreadable").with("why", why),
        )
    };
    match fs::read_to_string(path) {
        Ok(text) => {
            let mut key = [0; 32];
            hex::decode_to_slice(text.trim(), &mut key).map_err(|e| at(&e))?;
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = ambient.random::<32>();
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(|e| at(&e))?;
            }
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(path) {
                Ok(mut file) => {
                    file.write_all(hex::encode(key).as_bytes())
                        .and_then(|()| file.sync_all())
                        .map_err(|e| at(&e))?;
                    Ok(key)
                }
                // Another node on the same folder was faster.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    kept(path, ambient)
                }
                Err(error) => Err(at(&error)),
            }
        }
        Err(error) => Err(at(&error)),
    }
}
