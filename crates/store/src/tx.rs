use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::time::Duration;

use kernel::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx::{Executor as _, PgConnection, Pool, Postgres, Sqlite, SqliteConnection, Transaction};

use crate::db::Disk;
use crate::{Kind, Signal, Signals, within_deadline};

/// A connection of one or the other kind, for as long as one statement needs it.
pub enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// What can be read from: a [`Read`] or a [`Tx`].
pub trait Reads: Send {
    fn conn(&mut self) -> Conn<'_>;
    fn kind(&self) -> Kind;
}

enum Held {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Held {
    fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::Postgres(c) => Conn::Postgres(c),
        }
    }
    fn kind(&self) -> Kind {
        match self {
            Self::Sqlite(_) => Kind::Sqlite,
            Self::Postgres(_) => Kind::Postgres,
        }
    }
}

/// A connection for reading, without a transaction: each statement sees what is committed when it starts.
pub struct Read(Held);

impl Read {
    pub(crate) fn sqlite(c: PoolConnection<Sqlite>) -> Self {
        Self(Held::Sqlite(c))
    }
    pub(crate) fn postgres(c: PoolConnection<Postgres>) -> Self {
        Self(Held::Postgres(c))
    }
}

impl Reads for Read {
    fn conn(&mut self) -> Conn<'_> {
        self.0.conn()
    }
    fn kind(&self) -> Kind {
        self.0.kind()
    }
}

/// Work that a room wants done last in a transaction, once, however often it was asked for: the audit chain collects its
/// entries so and takes its lock at the very end.
pub trait AtCommit: Any + Send {
    fn run<'a>(
        self: Box<Self>,
        tx: &'a mut Tx,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
}

/// A unit of work: all of it is committed, or nothing. Dropped without [`Tx::commit`] it is rolled back, at
/// whatever point.
pub struct Tx {
    /// Taken out only when the transaction ends.
    held: Option<Open>,
    signals: BTreeSet<Signal>,
    at_commit: BTreeMap<TypeId, Box<dyn AtCommit>>,
    outlet: Signals,
    disk: Disk,
}

enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Begun),
}

/// How long whoever broke off is waited for, before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transaction on PostgreSQL that may be broken off at any point, as happens to a request whose asker hangs up. sqlx's own
/// leaves the transaction open when it is dropped while it begins, and then whoever has the connection next works in it;
/// one dropped in a COPY answers the next questions with the answers to those before.
pub(crate) struct Begun {
    /// Taken out only when the transaction ends.
    connection: Option<PoolConnection<Postgres>>,
    /// A COPY has begun and not ended.
    copying: bool,
}

impl Begun {
    pub(crate) async fn begin(pool: &Pool<Postgres>, statement: &'static str) -> Result<Self> {
        let mut begun = Self {
            connection: Some(pool.acquire().await?),
            copying: false,
        };
        within_deadline(begun.connection().execute(sqlx::raw_sql(statement))).await?;
        Ok(begun)
    }

    #[expect(
        clippy::expect_used,
        reason = "it is empty only inside `end`, which consumes the value, and `drop`"
    )]
    fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("the transaction is open")
    }

    async fn end(mut self, statement: &'static str) -> Result<()> {
        within_deadline(self.connection().execute(sqlx::raw_sql(statement))).await?;
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if !self.copying => drop(runtime.spawn(async move {
                // What was asked before is answered first.
                let rollback = connection.execute(sqlx::raw_sql("ROLLBACK"));
                if !matches!(tokio::time::timeout(PATIENCE, rollback).await, Ok(Ok(_))) {
                    drop(connection.detach());
                }
            })),
            // Without its connection it is no more.
            _ => drop(connection.detach()),
        }
    }
}

impl Tx {
    pub(crate) fn sqlite(tx: Transaction<'static, Sqlite>, outlet: Signals, disk: Disk) -> Self {
        Self::open(Open::Sqlite(tx), outlet, disk)
    }
    pub(crate) fn postgres(tx: Begun, outlet: Signals, disk: Disk) -> Self {
        Self::open(Open::Postgres(tx), outlet, disk)
    }
    fn open(open: Open, outlet: Signals, disk: Disk) -> Self {
        Self {
            held: Some(open),
            signals: BTreeSet::new(),
            at_commit: BTreeMap::new(),
            outlet,
            disk,
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "`held` is empty only inside `commit` and `rollback`, which consume the value"
    )]
    fn held(&mut self) -> &mut Open {
        self.held.as_mut().expect("the transaction is open")
    }

    /// For the writing macros; reading ones take [`Reads::conn`].
    pub fn write_conn(&mut self) -> Conn<'_> {
        match self.held() {
            Open::Sqlite(tx) => Conn::Sqlite(tx),
            Open::Postgres(tx) => Conn::Postgres(tx.connection()),
        }
    }

    /// PostgreSQL's COPY: `rows` in its binary format. On SQLite there is none.
    pub async fn copy_in(&mut self, statement: &'static str, rows: Vec<u8>) -> Result<()> {
        let Open::Postgres(tx) = self.held() else {
            return Err(Error::internal("COPY is PostgreSQL's"));
        };
        tx.copying = true;
        within_deadline(async {
            let mut copy = tx.connection().copy_in_raw(statement).await?;
            copy.send(rows).await?;
            copy.finish().await
        })
        .await?;
        tx.copying = false;
        Ok(())
    }

    /// Wakes the listeners of a topic on every node, after the commit. Asked twice with the same words it is sent once.
    pub fn signal(&mut self, topic: &str, payload: impl Into<String>) {
        self.signals.insert(Signal {
            topic: topic.to_owned(),
            payload: payload.into(),
        });
    }

    /// The collector of this type for this transaction; made by `Default` when first asked for.
    #[expect(
        clippy::expect_used,
        reason = "the entry under a type's id is of that type"
    )]
    pub fn at_commit<T: AtCommit + Default>(&mut self) -> &mut T {
        let boxed = self
            .at_commit
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Box::new(T::default()));
        let any: &mut dyn Any = &mut **boxed;
        any.downcast_mut().expect("keyed by type")
    }

    /// Makes all of it durable. After an error nothing of it is there, with one exception: where the connection broke
    /// during the commit itself, the outcome is unknown, and the caller's idempotency key settles it on the next try.
    pub async fn commit(mut self) -> Result<()> {
        while let Some((_, last)) = self.at_commit.pop_first() {
            last.run(&mut self).await?;
        }
        crate::idempotency::record(&mut self).await?;
        let signals = std::mem::take(&mut self.signals);
        match self.held.take() {
            Some(Open::Sqlite(tx)) => {
                let done = within_deadline(tx.commit()).await;
                self.disk.heard(Kind::Sqlite, &done);
                done?;
            }
            Some(Open::Postgres(mut tx)) => {
                if !signals.is_empty() {
                    // One round trip for all. NOTIFY takes a database-wide lock at commit: once per batch, never per row.
                    let (topics, payloads): (Vec<_>, Vec<_>) =
                        signals.iter().map(|s| (&*s.topic, &*s.payload)).unzip();
                    let notify = sqlx::query(
                        "SELECT pg_notify('engage', $3 || ' ' || t || ' ' || p) FROM unnest($1::text[], $2::text[]) AS s(t, p)",
                    )
                    .bind(topics)
                    .bind(payloads)
                    .bind(self.outlet.origin())
                    .execute(tx.connection());
                    within_deadline(notify).await?;
                }
                let done = tx.end("COMMIT").await;
                self.disk.heard(Kind::Postgres, &done);
                done?;
            }
            None => return Err(Error::internal("a transaction was ended twice")),
        }
        for signal in signals {
            self.outlet.send(signal);
        }
        Ok(())
    }

    pub async fn rollback(mut self) -> Result<()> {
        match self.held.take() {
            Some(Open::Sqlite(tx)) => within_deadline(tx.rollback()).await,
            Some(Open::Postgres(tx)) => tx.end("ROLLBACK").await,
            None => Ok(()),
        }
    }
}

impl Reads for Tx {
    fn conn(&mut self) -> Conn<'_> {
        self.write_conn()
    }
    fn kind(&self) -> Kind {
        match &self.held {
            Some(Open::Postgres(_)) => Kind::Postgres,
            _ => Kind::Sqlite,
        }
    }
}
