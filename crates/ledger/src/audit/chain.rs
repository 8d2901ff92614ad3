//! The hashed form of an entry.
//!
//! Canonical bytes, form 1, all integers big-endian: the byte 1; the hash before (32 bytes); lane, number, and the
//! instant in microseconds since 1970 (8 bytes each); then, in the order of [`Recorded`]'s fields from `user_id` to `note`,
//! each value as the byte 0 for absent or the byte 1, a length of 4 bytes, and the bytes (UTF-8 for text, 16 for a UUID, 8
//! for the duration in microseconds). The hash is SHA-256 over them.

use kernel::{Id, Moment};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Entry, Outcome};
use crate::{Actor, Session, User};

pub type Hash = [u8; 32];

/// An entry as it stands in the table and in an exported file. What an attacker may have written over is read as plain
/// text, so that it is found instead of refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Recorded {
    pub lane: i64,
    pub number: i64,
    pub at: Moment,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
    pub role: Option<String>,
    /// A word of [`crate::ActorKind`].
    pub kind: String,
    pub session: Option<Id<Session>>,
    pub node: String,
    pub operation: String,
    pub module: String,
    pub entity: String,
    pub entity_id: Option<String>,
    pub customer: Option<Uuid>,
    /// JSON.
    pub change: Option<String>,
    /// Microseconds.
    pub duration: Option<i64>,
    /// A word of [`Outcome`].
    pub outcome: String,
    pub note: Option<String>,
    #[serde(with = "hex::serde")]
    pub hash: Vec<u8>,
}

impl Recorded {
    pub(super) fn new(lane: i64, number: i64, at: Moment, actor: Actor, entry: Entry) -> Self {
        Self {
            lane,
            number,
            at,
            user_id: actor.user,
            user_name: storable(actor.name),
            role: actor.role.map(storable),
            kind: actor.kind.text().to_owned(),
            session: actor.session,
            node: storable(actor.node),
            operation: storable(entry.operation.into_owned()),
            module: storable(entry.module.into_owned()),
            entity: storable(entry.entity.into_owned()),
            entity_id: entry.entity_id.map(storable),
            customer: entry.customer,
            // Never holds a raw U+0000: JSON writes it as an escape.
            change: entry.change.map(|c| c.to_string()),
            duration: entry.duration.map(kernel::Span::as_micros),
            outcome: entry.outcome.text().to_owned(),
            note: entry.note.map(storable),
            hash: Vec::new(),
        }
    }

    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.parse().ok()
    }
}

/// PostgreSQL's text cannot hold U+0000.
fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}

/// A JSON text without the escapes of U+0000. An escaped backslash before `u0000` is no such escape.
pub(crate) fn without_nul(json: &str) -> String {
    let mut kept = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        kept.push_str(&rest[..at]);
        let escape = &rest[at..];
        let length = if escape.starts_with("\\u0000") {
            6
        } else {
            let pair = escape.chars().take(2).map(char::len_utf8).sum();
            kept.push_str(&escape[..pair]);
            pair
        };
        rest = &escape[length..];
    }
    kept.push_str(rest);
    kept
}

/// The entry's hash after `previous`. `buffer` is only to save allocations.
pub fn hash(previous: &Hash, entry: &Recorded, buffer: &mut Vec<u8>) -> Hash {
    buffer.clear();
    buffer.push(1);
    buffer.extend_from_slice(previous);
    for number in [entry.lane, entry.number, entry.at.as_micros()] {
        buffer.extend_from_slice(&number.to_be_bytes());
    }
    uuid(buffer, entry.user_id.map(Id::uuid));
    text(buffer, Some(&entry.user_name));
    text(buffer, entry.role.as_deref());
    text(buffer, Some(&entry.kind));
    uuid(buffer, entry.session.map(Id::uuid));
    text(buffer, Some(&entry.node));
    text(buffer, Some(&entry.operation));
    text(buffer, Some(&entry.module));
    text(buffer, Some(&entry.entity));
    text(buffer, entry.entity_id.as_deref());
    uuid(buffer, entry.customer);
    text(buffer, entry.change.as_deref());
    value(buffer, entry.duration.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    text(buffer, Some(&entry.outcome));
    text(buffer, entry.note.as_deref());
    Sha256::digest(&buffer[..]).into()
}

fn uuid(buffer: &mut Vec<u8>, uuid: Option<Uuid>) {
    value(buffer, uuid.as_ref().map(|u| u.as_bytes().as_slice()));
}

fn text(buffer: &mut Vec<u8>, text: Option<&str>) {
    value(buffer, text.map(str::as_bytes));
}

fn value(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => buffer.push(0),
        Some(bytes) => {
            buffer.push(1);
            // Longer than 4 GiB does not fit in either database.
            buffer.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
            buffer.extend_from_slice(bytes);
        }
    }
}
