//! What the databases' own errors mean to us.

use sqlx::error::{DatabaseError, ErrorKind};

use crate::{Code, Error};

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            // Cut off in the middle of saying hello.
            | sqlx::Error::Protocol(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Code::Unavailable,
            sqlx::Error::Database(inner) => database_code(&**inner),
            _ => Code::Internal,
        };
        Self::new(code).because(error)
    }
}

fn database_code(error: &dyn DatabaseError) -> Code {
    match (error.kind(), error.code().as_deref()) {
        (ErrorKind::UniqueViolation, _) => Code::Duplicate,
        // SQLite: FULL (13). PostgreSQL: disk_full, and "could not extend file" which comes under the same code.
        (_, Some("13" | "53100")) => Code::StorageFull,
        // SQLite: BUSY, LOCKED, READONLY and IOERR families. PostgreSQL: too many connections, shut down, in recovery,
        // serialization failure, deadlock, lock not available.
        (
            _,
            Some(
                "5" | "6" | "261" | "517" | "773" | "53300" | "57P01" | "57P02" | "57P03" | "40001"
                | "40P01" | "55P03",
            ),
        ) => Code::Unavailable,
        // PostgreSQL: query_canceled, by its statement_timeout.
        (_, Some("57014")) => Code::Timeout,
        // PostgreSQL's text and jsonb hold no U+0000: whoever sends one has sent nothing that can be kept or found.
        (_, Some("22021" | "22P05")) => Code::Malformed,
        // PostgreSQL: io_error.
        (_, Some("58030")) => Code::Unavailable,
        // What the file system refused, told apart from a full disk, but as passing: SQLite's IOERR family has 10 as its
        // low byte.
        (_, Some(code)) if code.len() <= 4 && code.parse::<u32>().is_ok_and(|n| n & 0xff == 10) => {
            Code::Unavailable
        }
        _ => Code::Internal,
    }
}

/// The name of the unique constraint that a statement broke, in the one form that both databases are read into:
/// `table_column_column_key`. Indexes are named so in the migrations.
pub fn violated(error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(inner) = error else {
        return None;
    };
    if inner.kind() != ErrorKind::UniqueViolation {
        return None;
    }
    if let Some(name) = inner.constraint() {
        return Some(name.to_owned());
    }
    // SQLite says `UNIQUE constraint failed: customer.type_id, customer.document`, or `index 'name'` for an expression.
    let told = inner.message().rsplit_once("failed: ")?.1;
    if let Some(index) = told.strip_prefix("index '") {
        return Some(index.trim_end_matches('\'').to_owned());
    }
    let mut columns = told.split(", ");
    let (table, first) = columns.next()?.split_once('.')?;
    let mut name = format!("{table}_{first}");
    for column in columns {
        name.push('_');
        name.push_str(column.split_once('.').map_or(column, |(_, c)| c));
    }
    name.push_str("_key");
    Some(name)
}
