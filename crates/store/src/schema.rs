//! How the database's schema stands to this program's migrations, without running any.

use std::borrow::Cow;
use std::collections::BTreeMap;

use kernel::{Moment, Result};

use crate::{Db, Kind, MIGRATIONS_POSTGRES, MIGRATIONS_SQLITE};

/// As [`Db::schema`] finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Nothing was ever migrated here: so many migrations wait.
    Empty(usize),
    Current,
    /// So many migrations wait; the first of them.
    Behind(usize, Cow<'static, str>),
    /// A newer program has been here: this one knows nothing of that migration.
    Newer(i64),
    /// This migration is not the one that was run here, or broke off.
    Altered(i64),
}

crate::statements! {
    /// The migrator's own table: it is not there before the first migration.
    THERE = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'",
        "SELECT COUNT(to_regclass('_sqlx_migrations'))";
    APPLIED = "SELECT version, success, checksum FROM _sqlx_migrations ORDER BY version";
    /// SQLite has no clock but this machine's.
    CLOCK = "SELECT NULL", "SELECT clock_timestamp()";
}

impl Db {
    /// Looks, and changes nothing.
    pub async fn schema(&self) -> Result<Schema> {
        let mut known: BTreeMap<i64, _> = match self.kind() {
            Kind::Sqlite => &MIGRATIONS_SQLITE,
            Kind::Postgres => &MIGRATIONS_POSTGRES,
        }
        .iter()
        .filter(|migration| !migration.migration_type.is_down_migration())
        .map(|migration| (migration.version, migration))
        .collect();
        let mut read = self.read().await?;
        let (there,) = crate::fetch_one!(&mut read, (i64,), THERE)?;
        if there == 0 {
            return Ok(Schema::Empty(known.len()));
        }
        let applied = crate::fetch_all!(&mut read, (i64, bool, Vec<u8>), APPLIED)?;
        let begun = !applied.is_empty();
        for (version, success, checksum) in applied {
            match known.remove(&version) {
                None => return Ok(Schema::Newer(version)),
                Some(mine) if !success || *mine.checksum != *checksum => {
                    return Ok(Schema::Altered(version));
                }
                Some(_) => {}
            }
        }
        Ok(match known.values().next() {
            None => Schema::Current,
            Some(_) if !begun => Schema::Empty(known.len()),
            Some(first) => Schema::Behind(known.len(), first.description.clone()),
        })
    }

    /// What time the database has; `None` where it has the time of this machine (SQLite).
    pub async fn clock(&self) -> Result<Option<Moment>> {
        if self.kind() == Kind::Sqlite {
            return Ok(None);
        }
        let mut read = self.read().await?;
        let (at,) = crate::fetch_one!(&mut read, (Moment,), CLOCK)?;
        Ok(Some(at))
    }
}
