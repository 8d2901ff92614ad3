use std::time::Duration;

use kernel::{Code, Error, Result};

use crate::Kind;

/// A statement in both dialects; mostly one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql {
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Sql {
    pub const fn both(text: &'static str) -> Self {
        Self {
            sqlite: text,
            postgres: text,
        }
    }
    /// Where the dialects must differ. Say why beside it.
    pub const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
    pub const fn text(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Sqlite => self.sqlite,
            Kind::Postgres => self.postgres,
        }
    }
}

/// A statement with its name, as the test sees it that prepares each on both databases.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    pub name: &'static str,
    pub sql: Sql,
}

/// Declares statements as constants and lists them in `STATEMENTS`, which the room's `statements()` hands to the test
/// that prepares every statement on both databases. One text serves both; with two, the first is SQLite's and the second
/// PostgreSQL's, and a comment says why.
///
/// ```
/// store::statements! {
///     FIND = "SELECT id, name FROM customer WHERE id = $1";
///     /// PostgreSQL skips what others hold; SQLite has one writer and needs no such clause.
///     CLAIM = "SELECT id FROM job LIMIT $1", "SELECT id FROM job LIMIT $1 FOR UPDATE SKIP LOCKED";
/// }
/// assert_eq!(STATEMENTS.len(), 2);
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $($text:expr),+ ;)*) => {
        $($(#[$meta])* const $name: $crate::Sql = $crate::statements!(@sql $($text),+);)*
        /// Every statement of this module, for the test that prepares them all.
        pub const STATEMENTS: &[$crate::Statement] =
            &[$($crate::Statement { name: concat!(module_path!(), "::", stringify!($name)), sql: $name }),*];
    };
    (@sql $both:expr) => { $crate::Sql::both($both) };
    (@sql $sqlite:expr, $postgres:expr) => { $crate::Sql::each($sqlite, $postgres) };
}

/// Expands a statement into its two arms. Not for use outside this crate's macros.
#[doc(hidden)]
#[macro_export]
macro_rules! on_both {
    ($conn:expr, $make:ident $(::<$row:ty>)?, $sql:expr, [$($arg:expr),*], $how:ident) => {
        match $conn {
            $crate::Conn::Sqlite(c) => $crate::within_deadline(
                $crate::on_both!(@make Sqlite, $make $(, $row)?, $sql.sqlite)$(.bind($arg))*.$how(c)
            ).await,
            $crate::Conn::Postgres(c) => $crate::within_deadline(
                $crate::on_both!(@make Postgres, $make $(, $row)?, $sql.postgres)$(.bind($arg))*.$how(c)
            ).await,
        }
    };
    (@make $db:ident, $make:ident, $row:ty, $text:expr) => { $crate::sqlx::$make::<$crate::sqlx::$db, $row>($text) };
    (@make $db:ident, $make:ident, $text:expr) => { $crate::sqlx::$make::<$crate::sqlx::$db>($text) };
}

/// All rows: `fetch_all!(reads, Row, SQL, args…)` → `Result<Vec<Row>>`. `Row` is a `FromRow` type or a tuple.
#[macro_export]
macro_rules! fetch_all {
    ($reads:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::on_both!($crate::Reads::conn($reads), query_as::<$row>, $sql, [$($arg),*], fetch_all)
    };
}

/// At most one row: `Result<Option<Row>>`.
#[macro_export]
macro_rules! fetch_optional {
    ($reads:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::on_both!($crate::Reads::conn($reads), query_as::<$row>, $sql, [$($arg),*], fetch_optional)
    };
}

/// Exactly one row, for aggregates and `RETURNING`: `Result<Row>`.
#[macro_export]
macro_rules! fetch_one {
    ($reads:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::on_both!($crate::Reads::conn($reads), query_as::<$row>, $sql, [$($arg),*], fetch_one)
    };
}

/// A write: `execute!(tx, SQL, args…)` → `Result<u64>`, the number of rows touched. Wants a [`Tx`](crate::Tx).
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx.write_conn() {
            $crate::Conn::Sqlite(c) => $crate::within_deadline(
                $crate::sqlx::query::<$crate::sqlx::Sqlite>($sql.sqlite)$(.bind($arg))*.execute(c)
            ).await.map(|done| done.rows_affected()),
            $crate::Conn::Postgres(c) => $crate::within_deadline(
                $crate::sqlx::query::<$crate::sqlx::Postgres>($sql.postgres)$(.bind($arg))*.execute(c)
            ).await.map(|done| done.rows_affected()),
        }
    };
}

/// A write that the caller wants to look into when it breaks a unique constraint: like [`execute!`], but the error is the
/// database's own, for [`kernel::violated`].
#[macro_export]
macro_rules! try_execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx.write_conn() {
            $crate::Conn::Sqlite(c) => $crate::sqlx::query::<$crate::sqlx::Sqlite>($sql.sqlite)$(.bind($arg))*
                .execute(c).await.map(|done| done.rows_affected()),
            $crate::Conn::Postgres(c) => $crate::sqlx::query::<$crate::sqlx::Postgres>($sql.postgres)$(.bind($arg))*
                .execute(c).await.map(|done| done.rows_affected()),
        }
    };
}

/// How long one statement may take before the caller is told that the database does not answer. A server that vanished
/// from the network would otherwise hold the caller for good (sqlx sets no TCP keepalive).
const DEADLINE: Duration = Duration::from_secs(30);

/// For the macros: runs a statement within the deadline.
pub async fn within_deadline<T, E: Into<Error>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T> {
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(done) => done.map_err(Into::into),
        Err(elapsed) => Err(Error::new(Code::Timeout).because(elapsed)),
    }
}
