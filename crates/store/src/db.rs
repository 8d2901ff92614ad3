use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use kernel::{Code, Error, Result};
use sqlx::migrate::Migrator;
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgListener};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, Executor, Postgres, Sqlite};

use crate::config::{DbConfig, Target};
use crate::tx::Begun;
use crate::{Kind, Read, Signals, Tx};

pub static MIGRATIONS_SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
pub static MIGRATIONS_POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

/// The database: cheap to clone.
#[derive(Clone, Debug)]
pub struct Db(Arc<Inner>);

/// What can be reached of what belongs to customers: the second wall, behind the decision function. On PostgreSQL who does not
/// reach everything asks as a role to which the rest of those tables is empty; SQLite has no such roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    Everything,
    /// What belongs to customers of these.
    Only(Arc<Keepers>),
    /// Nothing of any customer.
    Walled,
}

/// Owners and units of customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keepers {
    owners: String,
    units: String,
}

impl Keepers {
    pub fn new<'k>(
        owners: impl IntoIterator<Item = &'k uuid::Uuid>,
        units: impl IntoIterator<Item = &'k uuid::Uuid>,
    ) -> Self {
        let mut listed = [String::new(), String::new()];
        for id in owners {
            listed[0] += &format!("{}{id}", if listed[0].is_empty() { "" } else { "," });
        }
        for id in units {
            listed[1] += &format!("{}{id}", if listed[1].is_empty() { "" } else { "," });
        }
        let [owners, units] = listed;
        Self { owners, units }
    }
}

tokio::task_local! {
    static REACH: Reach;
}

/// Does `work` with this reach. Workers, which nobody asked, reach everything; so does what `work` spawns, and a stream
/// that outlives it.
pub async fn reaching<F: Future>(reach: Reach, work: F) -> F::Output {
    REACH.scope(reach, work).await
}

#[derive(Debug)]
struct Inner {
    pools: Pools,
    signals: Signals,
    disk: Disk,
}

/// Whether what was committed last found its way to the disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    Fine,
    /// No room: what is there can be read, nothing can be written.
    Full,
    /// The disk refuses to write or to flush.
    Failing,
}

/// What commits have heard of the disk, shared by all of them.
#[derive(Clone, Default, Debug)]
pub(crate) struct Disk(Arc<AtomicU8>);

impl Disk {
    pub(crate) fn heard<T>(&self, kind: Kind, commit: &Result<T>) {
        let state = match commit {
            Ok(_) => 0,
            Err(error) => match (error.code(), kind) {
                (Code::StorageFull, _) => 1,
                // A file has no connection that could be lost.
                (Code::Unavailable, Kind::Sqlite) => 2,
                _ => return,
            },
        };
        self.0.store(state, Ordering::Relaxed);
    }

    fn state(&self) -> Storage {
        match self.0.load(Ordering::Relaxed) {
            0 => Storage::Fine,
            1 => Storage::Full,
            _ => Storage::Failing,
        }
    }
}

#[derive(Debug)]
enum Pools {
    /// SQLite has one writer at a time: a pool of one makes the wait for it fair and visible, instead of "database is
    /// locked".
    Sqlite {
        writer: sqlx::Pool<Sqlite>,
        readers: sqlx::Pool<Sqlite>,
    },
    Postgres {
        pool: sqlx::Pool<Postgres>,
        /// Connections of the role `engage_walled`.
        walled: sqlx::Pool<Postgres>,
        /// Connections of the role `engage_reader`, which is told with each use whose customers it sees.
        readers: sqlx::Pool<Postgres>,
    },
}

crate::statements! {
    /// Nobody reads what it writes: SQLite puts a page into its log, PostgreSQL gives out a number.
    TRY = "PRAGMA user_version = 1", "SELECT WHERE pg_current_xact_id() IS NOT NULL";
    /// Until it is told otherwise.
    SEE = "SELECT $1 || $2", "SELECT set_config('engage.owners', $1, FALSE) || set_config('engage.units', $2, FALSE)";
}

impl Db {
    /// Connects. Does not migrate: see [`Db::migrate`].
    pub async fn open(config: &DbConfig) -> Result<Self> {
        let signals = Signals::new();
        let pools = match &config.target {
            Target::Sqlite(path) => open_sqlite(path, config).await?,
            Target::Postgres(url) => {
                let (pool, walled, readers) = open_postgres(url, config).await?;
                tokio::spawn(forward_signals(pool.clone(), signals.clone()));
                Pools::Postgres {
                    pool,
                    walled,
                    readers,
                }
            }
        };
        Ok(Self(Arc::new(Inner {
            pools,
            signals,
            disk: Disk::default(),
        })))
    }

    pub fn kind(&self) -> Kind {
        match self.0.pools {
            Pools::Sqlite { .. } => Kind::Sqlite,
            Pools::Postgres { .. } => Kind::Postgres,
        }
    }

    fn reach() -> Reach {
        REACH.try_with(Clone::clone).unwrap_or(Reach::Everything)
    }

    /// Whether the wall stands; `None` on SQLite, which has none.
    pub async fn has_wall(&self) -> Result<Option<bool>> {
        let Pools::Postgres {
            walled, readers, ..
        } = &self.0.pools
        else {
            return Ok(None);
        };
        for (pool, role) in [(walled, "engage_walled"), (readers, "engage_reader")] {
            let stands: bool = sqlx::query_scalar("SELECT current_user = $1 AND NOT row_security_active('user_account') AND row_security_active('customer')")
                .bind(role)
                .fetch_one(pool)
                .await?;
            if !stands {
                return Ok(Some(false));
            }
        }
        Ok(Some(true))
    }

    pub async fn read(&self) -> Result<Read> {
        Ok(match &self.0.pools {
            Pools::Sqlite { readers, .. } => Read::sqlite(readers.acquire().await?),
            Pools::Postgres {
                pool,
                walled,
                readers,
            } => match Self::reach() {
                Reach::Everything => Read::postgres(pool.acquire().await?),
                Reach::Walled => Read::postgres(walled.acquire().await?),
                Reach::Only(keepers) => {
                    let mut read = Read::postgres(readers.acquire().await?);
                    see(&mut read, &keepers).await?;
                    read
                }
            },
        })
    }

    /// Begins a unit of work. On SQLite it holds the one writer until it ends: take it late, end it soon, and wait for
    /// nothing else meanwhile.
    pub async fn write(&self) -> Result<Tx> {
        // IMMEDIATE: a deferred transaction that turns to writing later can fail half-way.
        self.begin("PRAGMA synchronous = FULL; BEGIN IMMEDIATE", "BEGIN")
            .await
    }

    /// The same, but the commit does not wait for the disk: a power cut may take it back, nothing else does (not a killed
    /// process), and whatever is committed after it by [`Db::write`] takes it to the disk too. For what the next node does
    /// again anyway, such as taking a job.
    pub async fn write_unflushed(&self) -> Result<Tx> {
        self.begin(
            "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
            "BEGIN; SET LOCAL synchronous_commit = off",
        )
        .await
    }

    async fn begin(&self, sqlite: &'static str, postgres: &'static str) -> Result<Tx> {
        let (signals, disk) = (self.0.signals.clone(), self.0.disk.clone());
        Ok(match &self.0.pools {
            Pools::Sqlite { writer, .. } => {
                Tx::sqlite(writer.begin_with(sqlite).await?, signals, disk)
            }
            Pools::Postgres {
                pool,
                walled,
                readers,
            } => {
                let reach = Self::reach();
                let pool = match &reach {
                    Reach::Everything => pool,
                    Reach::Walled => walled,
                    Reach::Only(_) => readers,
                };
                let mut tx = Tx::postgres(Begun::begin(pool, postgres).await?, signals, disk);
                if let Reach::Only(keepers) = &reach {
                    see(&mut tx, keepers).await?;
                }
                tx
            }
        })
    }

    /// How the disk is. After trouble it is tried: a write that changes nothing.
    pub async fn storage(&self) -> Storage {
        if self.0.disk.state() == Storage::Fine {
            return Storage::Fine;
        }
        let tried = async {
            let mut tx = self.write().await?;
            crate::execute!(tx, crate::db::TRY)?;
            tx.commit().await
        };
        if let Err(error) = tried.await {
            tracing::warn!(%error, "the disk is still in trouble");
        }
        self.0.disk.state()
    }

    /// Brings the schema up to this version. Several nodes may do it at once: PostgreSQL's advisory lock lets one through.
    pub async fn migrate(&self) -> Result<()> {
        match &self.0.pools {
            Pools::Sqlite { writer, .. } => MIGRATIONS_SQLITE.run(writer).await,
            Pools::Postgres { pool, .. } => MIGRATIONS_POSTGRES.run(pool).await,
        }
        .map_err(Error::internal)
    }

    /// The signals of all nodes.
    pub fn signals(&self) -> &Signals {
        &self.0.signals
    }

    /// Whether the database answers, within five seconds.
    pub async fn ping(&self) -> Result<()> {
        let ask = async {
            match &self.0.pools {
                Pools::Sqlite { readers, .. } => readers.acquire().await?.ping().await,
                Pools::Postgres { pool, .. } => pool.acquire().await?.ping().await,
            }
        };
        match tokio::time::timeout(Duration::from_secs(5), ask).await {
            Ok(answer) => Ok(answer?),
            Err(elapsed) => Err(Error::new(kernel::Code::Unavailable).because(elapsed)),
        }
    }

    /// Connections held now and how many of them are idle: (all, idle).
    pub fn connections(&self) -> (u32, usize) {
        match &self.0.pools {
            Pools::Sqlite { writer, readers } => (
                writer.size() + readers.size(),
                writer.num_idle() + readers.num_idle(),
            ),
            Pools::Postgres {
                pool,
                walled,
                readers,
            } => (
                pool.size() + walled.size() + readers.size(),
                pool.num_idle() + walled.num_idle() + readers.num_idle(),
            ),
        }
    }

    /// The pool itself, for what only PostgreSQL can do (COPY). `None` on SQLite.
    pub fn postgres(&self) -> Option<&sqlx::Pool<Postgres>> {
        match &self.0.pools {
            Pools::Postgres { pool, .. } => Some(pool),
            Pools::Sqlite { .. } => None,
        }
    }

    /// Waits for the connections to come back and closes them; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        match &self.0.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres {
                pool,
                walled,
                readers,
            } => {
                readers.close().await;
                walled.close().await;
                pool.close().await;
            }
        }
    }
}

async fn open_sqlite(path: &Path, config: &DbConfig) -> Result<Pools> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // An acknowledged write survives a power cut: NORMAL would not promise that.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .statement_cache_capacity(512)
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-32768")
        .pragma("mmap_size", "2147418112")
        .optimize_on_close(true, 400);
    let writer = PoolOptions::<Sqlite>::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // On a full disk SQLite itself rolls back, and the ROLLBACK that follows fails: the connection then believes for
        // ever that it is in a transaction. Such a one is not handed out again.
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
        .connect_with(options.clone())
        .await?;
    let readers = PoolOptions::<Sqlite>::new()
        .max_connections(config.connections.max(1))
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
        .connect_with(options.pragma("query_only", "ON"))
        .await?;
    Ok(Pools::Sqlite { writer, readers })
}

/// Tells a connection of the role `engage_reader` whose customers it sees.
async fn see(reads: &mut impl crate::Reads, keepers: &Keepers) -> Result<()> {
    crate::fetch_one!(reads, (String,), SEE, &keepers.owners, &keepers.units).map(|_| ())
}

/// Becomes the role where there is one. Before its migration there is none, and where we may not make roles there never is.
macro_rules! become_role {
    ($role:literal) => {
        concat!(
            "DO $$ BEGIN SET ROLE ",
            $role,
            "; EXCEPTION WHEN invalid_parameter_value OR undefined_object OR insufficient_privilege THEN NULL; END $$"
        )
    };
}

/// As the tables' owner, as the walled role and as the readers'. The latter two connect when they are first asked: after the
/// migrations.
async fn open_postgres(
    url: &str,
    config: &DbConfig,
) -> Result<(
    sqlx::Pool<Postgres>,
    sqlx::Pool<Postgres>,
    sqlx::Pool<Postgres>,
)> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Error::invalid("database", "database_url").because(error))?
        .application_name("engage")
        .statement_cache_capacity(512)
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            // A node that froze in the middle holds up the others for so long.
            ("idle_in_transaction_session_timeout", "10s"),
            ("timezone", "UTC"),
            // Our statements are short. Compiling one to machine code costs ten times what most take to run.
            ("jit", "off"),
            // To have helpers come for a statement takes longer than most run, and there are other people to serve.
            ("max_parallel_workers_per_gather", "0"),
        ]);
    let of_role = |becoming: &'static str| {
        PoolOptions::<Postgres>::new()
            .max_connections((config.connections / 4).max(2))
            .acquire_timeout(config.acquire_timeout)
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(becoming).await.map(|_| ()) })
            })
            .connect_lazy_with(options.clone())
    };
    let walled = of_role(become_role!("engage_walled"));
    let readers = of_role(become_role!("engage_reader"));
    let pool = PoolOptions::<Postgres>::new()
        .max_connections(config.connections.max(2))
        .acquire_timeout(config.acquire_timeout)
        .connect_with(options)
        .await?;
    Ok((pool, walled, readers))
}

/// Brings what any node signals into this node's channel, for as long as the pool is open. The connection may break at
/// any time: what is said meanwhile is lost, which listeners allow for.
async fn forward_signals(pool: sqlx::Pool<Postgres>, signals: Signals) {
    while !pool.is_closed() {
        if let Err(error) = listen(&pool, &signals).await {
            if pool.is_closed() {
                return;
            }
            tracing::warn!(%error, "lost the connection that listens for signals; trying again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn listen(pool: &sqlx::Pool<Postgres>, signals: &Signals) -> Result<(), sqlx::Error> {
    // An own connection: it must not use up a place in the pool, nor keep the pool from closing.
    let mut listener = PgListener::connect_with(pool).await?;
    listener.ignore_pool_close_event(false);
    listener.listen("engage").await?;
    loop {
        let notice = listener.recv().await?;
        signals.notified(notice.payload());
    }
}
