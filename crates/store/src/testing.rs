//! A throw-away database of each kind, for the tests of the rooms above.
//!
//! ```ignore
//! store::both! {
//!     async fn a_customer_is_found_again(db: store::Db) { … }
//! }
//! ```
//! makes two tests, `…::sqlite` and `…::postgres`. PostgreSQL is the cluster that `ENGAGE_TEST_POSTGRES` names (an
//! address of a superuser; `cargo xtask test` starts one); without it that half says "skipped: no PostgreSQL".

#![expect(
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot have its database says so and stops"
)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Ambient, Clock, Moment, Rng, Span};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{Db, DbConfig};

/// A database for one test. Dropped, it goes away (the file at once; PostgreSQL's with its cluster).
pub struct TestDb {
    pub db: Db,
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// Fresh, migrated, in a file of its own.
pub async fn sqlite() -> TestDb {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("test.db");
    let db = Db::open(&DbConfig::sqlite(&path)).await.expect("opens");
    db.migrate().await.expect("migrates");
    TestDb {
        db,
        url: format!("sqlite:{}", path.display()),
        _folder: Some(folder),
    }
}

/// Fresh and migrated; `None` where no cluster is named.
pub async fn postgres() -> Option<TestDb> {
    let Ok(server) = std::env::var("ENGAGE_TEST_POSTGRES") else {
        eprintln!("skipped: no PostgreSQL (ENGAGE_TEST_POSTGRES is not set)");
        return None;
    };
    let url = fresh_postgres(&server).await;
    let mut config = DbConfig::from_url(&url).expect("an address");
    config.connections = 6;
    let db = Db::open(&config).await.expect("opens");
    db.migrate().await.expect("migrates");
    Some(TestDb {
        db,
        url,
        _folder: None,
    })
}

/// A new database on the server, copied from a migrated template so that a test need not run the migrations.
async fn fresh_postgres(server: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (base, _) = server.rsplit_once('/').expect("an address with a database");
    let mut admin = PgConnection::connect(server)
        .await
        .expect("the test cluster answers");
    let version: u64 =
        crate::MIGRATIONS_POSTGRES
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, migration| {
                migration.checksum.iter().fold(hash, |h, b| {
                    (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
                })
            });
    let template = format!("engage_template_{version:016x}");
    // One test process makes the template, the others wait for it.
    admin
        .execute("SELECT pg_advisory_lock(7001)")
        .await
        .expect("lock");
    let there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(&template)
            .fetch_one(&mut admin)
            .await
            .expect("asks for the template");
    if !there {
        let raw = format!("{template}_raw");
        admin
            .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {raw}")))
            .await
            .expect("drop");
        admin
            .execute(AssertSqlSafe(format!("CREATE DATABASE {raw}")))
            .await
            .expect("create");
        let mut fresh = PgConnection::connect(&format!("{base}/{raw}"))
            .await
            .expect("connects");
        crate::MIGRATIONS_POSTGRES
            .run_direct(None, &mut fresh, false)
            .await
            .expect("migrates");
        fresh.close().await.expect("closes");
        admin
            .execute(AssertSqlSafe(format!(
                "ALTER DATABASE {raw} RENAME TO {template}"
            )))
            .await
            .expect("rename");
    }
    let name = format!(
        "test_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    admin
        .execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}")))
        .await
        .expect("drop");
    admin
        .execute(AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE {template}"
        )))
        .await
        .expect("create");
    admin
        .execute("SELECT pg_advisory_unlock(7001)")
        .await
        .expect("unlock");
    admin.close().await.expect("closes");
    format!("{base}/{name}")
}

/// One story on both databases.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: $type:ty) $body:block)*) => {
        $(mod $name {
            use super::*;
            async fn story($db: $type) $body
            $(#[$meta])*
            #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let test = $crate::testing::sqlite().await;
                story(test.db.clone()).await;
            }
            $(#[$meta])*
            #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(test) = $crate::testing::postgres().await {
                    story(test.db.clone()).await;
                }
            }
        })*
    };
}

/// A clock that a test turns by hand.
#[derive(Clone, Debug)]
pub struct HandClock(Arc<Mutex<Moment>>);

impl HandClock {
    pub fn at(moment: Moment) -> Self {
        Self(Arc::new(Mutex::new(moment)))
    }
    pub fn set(&self, moment: Moment) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = moment;
    }
    pub fn advance(&self, span: Span) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = *now + span;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chance with a seed: the same test, the same ids.
#[derive(Debug)]
pub struct SeededRng(Mutex<u64>);

impl SeededRng {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64.
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// A clock to turn and seeded chance.
pub fn hand_ambient(at: Moment, seed: u64) -> (HandClock, Ambient) {
    let clock = HandClock::at(at);
    (
        clock.clone(),
        Ambient::new(Arc::new(clock), Arc::new(SeededRng::new(seed))),
    )
}
