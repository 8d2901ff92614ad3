//! Statements whose shape is known only at run time: lists with filters that a person composed. Text and values are kept
//! apart: what came from outside is always bound, never part of the text.

use kernel::{Amount, Moment, Result};
use rust_decimal::Decimal;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, FromRow};
use uuid::Uuid;

use crate::{Conn, Kind, Reads, within_deadline};

/// A value to bind.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    Boolean(bool),
    Integer(i64),
    Text(String),
    Uuid(Uuid),
    Moment(Moment),
    Amount(Amount),
    /// An exact number of any scale; PostgreSQL only (SQLite compares scaled integers).
    Decimal(Decimal),
    Json(serde_json::Value),
    Bytes(Vec<u8>),
    Many(Many),
}

/// Values of one kind, bound together: the statement stays the same however many they are. PostgreSQL takes them as an
/// array (`= ANY ($1)`), SQLite as a JSON array (`IN (SELECT value FROM json_each($1))`, ids as bare hexadecimal digits).
#[derive(Clone, Debug, PartialEq)]
pub enum Many {
    Integers(Vec<i64>),
    Texts(Vec<String>),
    Uuids(Vec<Uuid>),
}

impl Many {
    /// All of them, if they are of one kind that is bound so.
    pub fn of(binds: &[Bind]) -> Option<Self> {
        let integer = |b: &Bind| match b {
            Bind::Integer(v) => Some(*v),
            _ => None,
        };
        let text = |b: &Bind| match b {
            // SQLite's JSON ends a text at a NUL.
            Bind::Text(v) if !v.contains('\0') => Some(v.clone()),
            _ => None,
        };
        let uuid = |b: &Bind| match b {
            Bind::Uuid(v) => Some(*v),
            _ => None,
        };
        let integers = binds.iter().map(integer).collect();
        let texts = || binds.iter().map(text).collect();
        let uuids = || binds.iter().map(uuid).collect();
        Option::map(integers, Self::Integers)
            .or_else(|| Option::map(texts(), Self::Texts))
            .or_else(|| Option::map(uuids(), Self::Uuids))
    }

    fn json(self) -> String {
        match self {
            Self::Integers(all) => serde_json::Value::from(all).to_string(),
            Self::Texts(all) => serde_json::Value::from(all).to_string(),
            Self::Uuids(all) => {
                let mut text = String::with_capacity(2 + all.len() * 35);
                text.push('[');
                for (i, id) in all.iter().enumerate() {
                    text.push_str(if i == 0 { "\"" } else { ",\"" });
                    text.push_str(id.simple().encode_lower(&mut Uuid::encode_buffer()));
                    text.push('"');
                }
                text.push(']');
                text
            }
        }
    }
}

macro_rules! bind_from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl From<$from> for Bind { fn from(value: $from) -> Self { Self::$variant(value.into()) } })*
    };
}
bind_from!(bool => Boolean, i64 => Integer, i32 => Integer, u32 => Integer, String => Text, &str => Text, Uuid => Uuid,
    Moment => Moment, Amount => Amount, Decimal => Decimal, serde_json::Value => Json, Vec<u8> => Bytes);
impl<T> From<kernel::Id<T>> for Bind {
    fn from(id: kernel::Id<T>) -> Self {
        Self::Uuid(id.uuid())
    }
}

/// A statement being built for one kind of database.
#[derive(Clone, Debug)]
pub struct Built {
    kind: Kind,
    text: String,
    binds: Vec<Bind>,
}

impl Built {
    pub fn new(kind: Kind, text: &'static str) -> Self {
        Self {
            kind,
            text: text.to_owned(),
            binds: Vec::new(),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Appends text of ours. It must not hold anything that came from outside: hence `'static`.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends text that was put together from constants of ours (a column's expression out of a catalogue).
    pub(crate) fn push_owned(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a column's expression, for ORDER BY and keyset conditions.
    pub fn push_column(&mut self, column: &crate::filter::Column) -> &mut Self {
        let text = column.text(self.kind).to_owned();
        self.push_owned(&text)
    }

    /// Appends a key (`[a-z][a-z0-9_]*`) as text in quotes, for where the planner must know it: a bound value does not lead
    /// SQLite to an index of some of the rows.
    pub fn push_key(&mut self, key: &str) -> Result<&mut Self> {
        crate::filter::plain(key)?;
        self.push_owned(&format!("'{key}'"));
        Ok(self)
    }

    /// Appends a placeholder and binds the value to it.
    pub fn bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.binds.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.binds.len().to_string());
        self
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn binds(&self) -> &[Bind] {
        &self.binds
    }

    /// Runs it and returns all rows.
    pub async fn fetch_all<R>(self, reads: &mut impl Reads) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        match reads.conn() {
            Conn::Sqlite(c) => {
                let mut query = sqlx::query_as::<sqlx::Sqlite, R>(AssertSqlSafe(self.text));
                for bind in self.binds {
                    query = match bind {
                        Bind::Boolean(v) => query.bind(v),
                        Bind::Integer(v) => query.bind(v),
                        Bind::Text(v) => query.bind(v),
                        Bind::Uuid(v) => query.bind(v),
                        Bind::Moment(v) => query.bind(v),
                        Bind::Amount(v) => query.bind(v),
                        Bind::Decimal(v) => query.bind(v.to_string()),
                        Bind::Json(v) => query.bind(v),
                        Bind::Bytes(v) => query.bind(v),
                        Bind::Many(v) => query.bind(v.json()),
                    };
                }
                within_deadline(query.fetch_all(c)).await
            }
            Conn::Postgres(c) => {
                let mut query = sqlx::query_as::<sqlx::Postgres, R>(AssertSqlSafe(self.text));
                for bind in self.binds {
                    query = match bind {
                        Bind::Boolean(v) => query.bind(v),
                        Bind::Integer(v) => query.bind(v),
                        Bind::Text(v) => query.bind(v),
                        Bind::Uuid(v) => query.bind(v),
                        Bind::Moment(v) => query.bind(v),
                        Bind::Amount(v) => query.bind(v),
                        Bind::Decimal(v) => query.bind(v),
                        Bind::Json(v) => query.bind(v),
                        Bind::Bytes(v) => query.bind(v),
                        Bind::Many(Many::Integers(v)) => query.bind(v),
                        Bind::Many(Many::Texts(v)) => query.bind(v),
                        Bind::Many(Many::Uuids(v)) => query.bind(v),
                    };
                }
                within_deadline(query.fetch_all(c)).await
            }
        }
    }
}
