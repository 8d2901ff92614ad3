//! Passwords that have leaked, in a file that the installation brings: nobody may choose one of them (NIST SP 800-63B
//! §3.1.1.2). Two forms, told apart by the first line:
//!
//! * SHA-1 in hexadecimal, sorted, with or without `:count` (what Have I Been Pwned's downloader writes): it may have a
//!   thousand million lines, so it stays on disk and is searched by halves, some thirty reads a question;
//! * plain passwords, one a line: held in memory as the first eight bytes of their SHA-1.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use kernel::{Error, FieldProblem, Result};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

/// A list to ask.
#[derive(Debug)]
pub struct Leaked(Form);

#[derive(Debug)]
enum Form {
    Sorted { path: PathBuf, length: u64 },
    Held(Vec<u64>),
}

/// No line of a list is longer that could matter: passwords have at most 128 characters.
const LINE: usize = 600;

fn sha1(password: &str) -> [u8; 20] {
    let mut hash = [0; 20];
    hash.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, password.as_bytes()).as_ref());
    hash
}

fn beginning(hash: &[u8; 20]) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(eight)
}

/// The hash that a line of the sorted form begins with.
fn line_hash(line: &[u8]) -> Option<[u8; 20]> {
    let mut hash = [0; 20];
    hex::decode_to_slice(line.get(..40)?, &mut hash).ok()?;
    line.get(40)
        .is_none_or(|b| matches!(b, b':' | b'\r' | b'\n'))
        .then_some(hash)
}

impl Leaked {
    pub fn open(path: &Path) -> Result<Self> {
        let wrong = |why: &dyn std::fmt::Display| {
            Error::from(
                FieldProblem::new(path.display().to_string(), "file_unreadable").with("why", why),
            )
        };
        let file = File::open(path).map_err(|e| wrong(&e))?;
        let length = file.metadata().map_err(|e| wrong(&e))?.len();
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line).map_err(|e| wrong(&e))?;
        if line_hash(&line).is_some() {
            let path = path.to_owned();
            return Ok(Self(Form::Sorted { path, length }));
        }
        let mut held = Vec::new();
        while !line.is_empty() {
            let word = String::from_utf8_lossy(&line);
            let word = word.trim_end_matches(['\r', '\n']);
            if !word.is_empty() {
                held.push(beginning(&sha1(word)));
            }
            line.clear();
            lines.read_until(b'\n', &mut line).map_err(|e| wrong(&e))?;
        }
        held.sort_unstable();
        held.dedup();
        Ok(Self(Form::Held(held)))
    }

    /// Whether it is in the list. Reads from disk: not for a thread that serves requests.
    pub fn holds(&self, password: &str) -> Result<bool> {
        let wanted = sha1(password);
        match &self.0 {
            Form::Held(held) => Ok(held.binary_search(&beginning(&wanted)).is_ok()),
            Form::Sorted { path, length } => search(path, *length, &wanted).map_err(|error| {
                Error::from(
                    FieldProblem::new(path.display().to_string(), "file_unreadable")
                        .with("why", error),
                )
            }),
        }
    }
}

/// By halves over bytes: from the middle on to the beginning of the next line.
fn search(path: &Path, length: u64, wanted: &[u8; 20]) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    // The line sought, if there is one, begins in `low..high`.
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        let (start, line) = line_from(&mut file, middle)?;
        match line_hash(&line) {
            Some(hash) if start < high => match hash.cmp(wanted) {
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Less => low = start + 1,
                std::cmp::Ordering::Greater => high = middle,
            },
            // Nothing begins between the middle and the end.
            _ => high = middle,
        }
    }
    Ok(false)
}

/// The first line that begins at `place` or after it, and where.
fn line_from(file: &mut File, place: u64) -> std::io::Result<(u64, Vec<u8>)> {
    // One before: a line may begin right here.
    let from = place.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = [0; LINE];
    let mut read = 0;
    while read < LINE {
        match file.read(&mut bytes[read..])? {
            0 => break,
            some => read += some,
        }
    }
    let bytes = &bytes[..read];
    let skipped = if place == 0 {
        0
    } else {
        bytes
            .iter()
            .position(|b| *b == b'\n')
            .map_or(read, |n| n + 1)
    };
    let line = bytes[skipped..]
        .split(|b| *b == b'\n')
        .next()
        .unwrap_or_default();
    Ok((from + skipped as u64, line.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("engage-leaked-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn both_forms_know_what_is_in_them() {
        let leaked: Vec<String> = (0..997)
            .map(|n| format!("el perro de la casa {n}"))
            .collect();
        let plain = file("plain", &leaked.join("\n"));
        let mut hashes: Vec<String> = leaked
            .iter()
            .enumerate()
            .map(|(n, word)| {
                let hash = hex::encode_upper(sha1(word));
                if n % 3 == 0 {
                    hash
                } else {
                    format!("{hash}:{}", n * n)
                }
            })
            .collect();
        hashes.sort();
        for (name, end) in [("unix", "\n"), ("windows", "\r\n")] {
            let sorted = file(name, &(hashes.join(end) + end));
            for list in [
                Leaked::open(&plain).unwrap(),
                Leaked::open(&sorted).unwrap(),
            ] {
                for word in &leaked {
                    assert!(list.holds(word).unwrap(), "{word} in {list:?}");
                }
                for n in 997..1_500 {
                    assert!(!list.holds(&format!("el perro de la casa {n}")).unwrap());
                }
            }
            std::fs::remove_file(sorted).unwrap();
        }
        std::fs::remove_file(plain).unwrap();
        assert!(Leaked::open(Path::new("/nowhere/at/all")).is_err());
    }
}
