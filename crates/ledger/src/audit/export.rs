//! The whole trail as a file, and its check without any database.
//!
//! JSON Lines: first `{"export": …}`, then one line per checkpoint, lane end and entry. The file can be checked by this
//! room's [`verify_file`], or by any program that follows [`super::chain`] and [`super::checkpoint`].

use std::io::{self, BufRead, Write};

use kernel::{Error, Moment, Result};
use serde::{Deserialize, Serialize};
use store::Reads;

use super::chain::Recorded;
use super::checkpoint::Checkpoint;
use super::verify::{Framed, Part, Parts, Report, Trust, Verifier, WHOLE, frame};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Export {
        form: u32,
        at: Moment,
    },
    Checkpoint(Checkpoint),
    End {
        lane: i64,
        number: i64,
        #[serde(with = "hex::serde")]
        head: Vec<u8>,
    },
    Unreadable {
        lane: i64,
        number: i64,
    },
    Entry(Box<Recorded>),
}

const FORM: u32 = 1;

struct Sink<W>(W);

impl<W: Write> Sink<W> {
    fn line(&mut self, line: &Line) -> Result<()> {
        serde_json::to_writer(&mut self.0, line).map_err(|e| Error::from_io(e.into()))?;
        self.0.write_all(b"\n").map_err(Error::from_io)
    }
}

trait FromIo {
    fn from_io(error: io::Error) -> Self;
}
impl FromIo for Error {
    fn from_io(error: io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => kernel::Code::StorageFull,
            _ => kernel::Code::Internal,
        };
        Self::new(code).because(error)
    }
}

impl<W: Write> Framed for Sink<W> {
    fn checkpoint(&mut self, checkpoint: Checkpoint) -> Result<()> {
        self.line(&Line::Checkpoint(checkpoint))
    }
    fn end(&mut self, lane: i64, number: i64, head: Vec<u8>) -> Result<()> {
        self.line(&Line::End { lane, number, head })
    }
}

/// Writes the whole trail; hand in something buffered. It blocks while it writes: call it where that may be (a command
/// line, a thread of its own).
pub async fn export(reads: &mut impl Reads, at: Moment, to: impl Write) -> Result<()> {
    let mut sink = Sink(to);
    sink.line(&Line::Export { form: FORM, at })?;
    for (lane, to) in frame(reads, &mut sink).await? {
        let mut parts = Parts::new(lane, to);
        while let Some(part) = parts.next::<Recorded>(reads, WHOLE).await? {
            match part {
                Part::Read(entries) => {
                    for entry in entries {
                        sink.line(&Line::Entry(Box::new(entry)))?;
                    }
                }
                Part::Unreadable(number) => sink.line(&Line::Unreadable { lane, number })?,
            }
        }
    }
    sink.0.flush().map_err(Error::from_io)
}

/// Checks an exported file. What is no line of an export is an error that names the line; what is one and wrong is a
/// finding.
pub fn verify_file(mut file: impl BufRead, trust: Trust) -> Result<Report> {
    let mut verifier = Verifier::new(trust);
    let mut text = String::new();
    let mut number = 0_u64;
    loop {
        text.clear();
        number += 1;
        if file.read_line(&mut text).map_err(Error::from_io)? == 0 {
            return Ok(verifier.finish());
        }
        let line = serde_json::from_str(&text)
            .map_err(|e| Error::invalid(format!("line {number}"), "audit_line").because(e))?;
        match (number, line) {
            (1, Line::Export { form: FORM, .. }) => {}
            (1, _) | (_, Line::Export { .. }) => {
                return Err(Error::invalid(format!("line {number}"), "audit_export"));
            }
            (_, Line::Checkpoint(checkpoint)) => verifier.checkpoint(&checkpoint),
            (_, Line::End { lane, number, head }) => verifier.end(lane, number, head),
            (_, Line::Unreadable { lane, number }) => verifier.unreadable(lane, number),
            (_, Line::Entry(entry)) => verifier.entry(&entry),
        }
    }
}
