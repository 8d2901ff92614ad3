//! Pools and units of work on SQLite and PostgreSQL: one code base for both.
//!
//! **To query**: write the statement as a constant in a [`statements!`] block beside the type that it loads, with `$1`
//! placeholders, and run it with [`fetch_all!`], [`fetch_optional!`], [`fetch_one!`] or [`execute!`]. Each expands into
//! two concretely typed arms; rows are `#[derive(sqlx::FromRow)]` and serve both databases. Where the dialects must
//! differ, give both texts and say why.
//!
//! **To read** take `&mut impl Reads`; **to write** take `&mut Tx`. What only reads cannot be handed to what writes.
//!
//! **To store a new type**: see `kernel`. **To add a table**: a migration of the same number and name in
//! `migrations/sqlite` and `migrations/postgres`, with `-- owner: <room>` above each table.
//!
//! **To wake others**: [`Tx::signal`]; it is sent when the transaction commits, once however often it was asked for.

pub mod built;
mod config;
mod db;
pub mod filter;
pub mod idempotency;
mod macros;
mod schema;
mod signal;
mod system;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod vault;

pub use built::{Bind, Built, Many};
pub use config::{DbConfig, Kind, Target};
pub use db::{Db, Keepers, MIGRATIONS_POSTGRES, MIGRATIONS_SQLITE, Reach, Storage, reaching};
pub use macros::{Sql, Statement, within_deadline};
pub use schema::Schema;
pub use signal::{Signal, Signals};
pub use system::{OsRng, SystemClock, ambient};
pub use tx::{AtCommit, Conn, Read, Reads, Tx};
pub use vault::Vault;

/// Every statement of this room, for the test that prepares them all on both databases.
pub fn statements() -> Vec<Statement> {
    [idempotency::STATEMENTS, db::STATEMENTS, schema::STATEMENTS].concat()
}

/// For the expansion of the macros.
#[doc(hidden)]
pub use sqlx;
