//! Brotli beforehand: the best that there is takes seconds, once, and the service then only hands it out.

use std::{fs, path::Path};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;

/// Kinds of files that get smaller; fonts and pictures are packed already.
const WORTH: &[&str] = &["wasm", "js", "css", "html", "svg", "txt"];

pub fn folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        if path.is_dir() {
            folder(&path, &to.join(name))?;
        } else if path
            .extension()
            .and_then(|ending| ending.to_str())
            .is_some_and(|ending| WORTH.contains(&ending))
        {
            let text = fs::read(&path)?;
            let parameters = BrotliEncoderParams {
                quality: 11,
                lgwin: 22,
                size_hint: text.len(),
                ..Default::default()
            };
            let mut packed = Vec::new();
            brotli::BrotliCompress(&mut text.as_slice(), &mut packed, &parameters)?;
            let mut name = name.to_owned();
            name.push(".br");
            fs::write(to.join(name), packed)?;
        }
    }
    Ok(())
}
