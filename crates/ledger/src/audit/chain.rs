//! The hashed form of an entry.
//!
//! Form 1 is a line of UTF-8 text: the values joined by U+001F, in this order: `1`, lane, number, at, user_id, user_name, role,
//! kind, session, node, operation, module, entity, entity_id, customer, change, duration, outcome, note. Numbers are
//! decimal, the instant has its 27 characters, a UUID its 32 lower hexadecimal digits. A value that may be absent is `-` when
//! it is, and otherwise begins with `=`. No value holds U+001F (they are taken out when an entry is written), so no two
//! entries have one form, and an entry with such a value has no form that was ever written.
//!
//! The hash is SHA-256 over the hash before (32 bytes) and this text. Both databases put the text together themselves
//! ([`super::verify`]): that is several times faster than to read the columns one by one.

use std::fmt::{Display, Write};

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
            // Holds no control characters: JSON writes them as escapes.
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

/// PostgreSQL's text cannot hold U+0000, and U+001F separates values in the hashed form.
fn storable(text: String) -> String {
    if text.contains(['\0', SEPARATOR]) {
        text.replace(['\0', SEPARATOR], "")
    } else {
        text
    }
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

pub(super) const SEPARATOR: char = '\u{1f}';

/// The entry's hash after `previous`. `buffer` is only to save allocations.
pub fn hash(previous: &Hash, entry: &Recorded, buffer: &mut String) -> Hash {
    form(entry, buffer);
    link(previous, buffer)
}

/// The hash of an entry whose form is known.
pub fn link(previous: &Hash, form: &str) -> Hash {
    Sha256::new_with_prefix(previous)
        .chain_update(form)
        .finalize()
        .into()
}

pub(super) fn form(entry: &Recorded, buffer: &mut String) {
    buffer.clear();
    buffer.push('1');
    let mut sink = Sink(buffer);
    sink.always(entry.lane);
    sink.always(entry.number);
    sink.always(entry.at);
    sink.maybe(entry.user_id.map(|u| u.uuid().simple()));
    sink.always(&entry.user_name);
    sink.maybe(entry.role.as_ref());
    sink.always(&entry.kind);
    sink.maybe(entry.session.map(|s| s.uuid().simple()));
    sink.always(&entry.node);
    sink.always(&entry.operation);
    sink.always(&entry.module);
    sink.always(&entry.entity);
    sink.maybe(entry.entity_id.as_ref());
    sink.maybe(entry.customer.map(Uuid::simple));
    sink.maybe(entry.change.as_ref());
    sink.maybe(entry.duration);
    sink.always(&entry.outcome);
    sink.maybe(entry.note.as_ref());
}

struct Sink<'b>(&'b mut String);

impl Sink<'_> {
    fn always(&mut self, value: impl Display) {
        // Writing into a string cannot fail.
        let _ = write!(self.0, "{SEPARATOR}{value}");
    }
    fn maybe(&mut self, value: Option<impl Display>) {
        let _ = match value {
            Some(value) => write!(self.0, "{SEPARATOR}={value}"),
            None => write!(self.0, "{SEPARATOR}-"),
        };
    }
}
