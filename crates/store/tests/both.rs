//! The room's promises, on both databases.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cmp::Ordering;
use std::time::Duration;

use kernel::{Code, Error, Filter, Id, Moment, Operand, Rng as _};
use store::filter::{Column, ColumnKind};
use store::testing::{SeededRng, hand_ambient};
use store::{AtCommit, Built, Db, Kind, Reads as _, Tx};
use things::{CREATE, Thing, column, create, insert};

mod things;

store::statements! {
    LOAD = "SELECT id, at, price, name, open, facts FROM thing WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM thing";
    ECHO = "SELECT $1", "SELECT $1::bigint";
    PRESENT = "SELECT COUNT(*) FROM thing WHERE id = $1";
    /// Also the transaction in which this is asked, where it is older than the question.
    LEFT_OPEN = "SELECT 0", "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND (state LIKE 'idle in transaction%' OR pid = pg_backend_pid() AND query_start - xact_start > interval '1 ms')";
}

const COPY: &str = "COPY thing (id, name) FROM STDIN (FORMAT binary)";

/// The id and a name of some length, in COPY's binary format.
fn row(thing: Id<Thing>) -> Vec<u8> {
    let name = vec![b'x'; 200_000];
    let mut row = b"PGCOPY\n\xff\r\n\0".to_vec();
    row.extend([0; 8]);
    row.extend(2_i16.to_be_bytes());
    for value in [thing.uuid().as_bytes().as_slice(), &name] {
        row.extend(i32::try_from(value.len()).unwrap().to_be_bytes());
        row.extend(value);
    }
    row.extend((-1_i16).to_be_bytes());
    row
}

async fn put(db: &Db, thing: Id<Thing>, copied: bool) -> Result<(), Error> {
    let mut tx = db.write().await?;
    if copied && tx.kind() == Kind::Postgres {
        tx.copy_in(COPY, row(thing)).await?;
    } else {
        let facts = sqlx::types::Json(serde_json::json!({}));
        let whole = Thing {
            id: thing,
            at: None,
            price: None,
            name: None,
            open: None,
            facts,
        };
        insert(&mut tx, &whole).await?;
    }
    tx.commit().await
}

/// Who rolls back does so in the background.
async fn none_is_left_open(db: &Db) -> bool {
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let mut read = db.read().await.unwrap();
        if store::fetch_one!(&mut read, (i64,), LEFT_OPEN).unwrap().0 == 0 {
            return true;
        }
    }
    false
}

async fn present(db: &Db, thing: Id<Thing>) -> bool {
    let mut read = db.read().await.unwrap();
    store::fetch_one!(&mut read, (i64,), PRESENT, thing)
        .unwrap()
        .0
        == 1
}

store::both! {
    async fn whoever_breaks_off_breaks_nothing_for_others(db: Db) {
        create(&db).await.unwrap();
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..4_u64 {
            let db = db.clone();
            workers.spawn(async move {
                let (_, ambient) = hand_ambient(Moment::EPOCH, worker);
                let chance = SeededRng::new(worker);
                let (mut acknowledged, mut broken_off) = (Vec::new(), 0);
                for turn in 0..250_i64 {
                    let mut byte = [0];
                    chance.fill(&mut byte);
                    let patience = Duration::from_micros(u64::from(byte[0]) * 20);
                    let thing = ambient.id();
                    match tokio::time::timeout(patience, put(&db, thing, turn % 2 == 0)).await {
                        Ok(done) => {
                            done.unwrap();
                            assert!(present(&db, thing).await, "what was acknowledged is there");
                            acknowledged.push(thing);
                        }
                        Err(_) => broken_off += 1,
                    }
                    let asked = turn * 10 + i64::try_from(worker).unwrap();
                    let mut read = db.read().await.unwrap();
                    let told = store::fetch_one!(&mut read, (i64,), ECHO, asked).unwrap().0;
                    assert_eq!(told, asked, "the answer is to another question");
                }
                (acknowledged, broken_off)
            });
        }
        let (mut acknowledged, mut broken_off) = (Vec::new(), 0);
        while let Some(worker) = workers.join_next().await {
            let (things, times) = worker.unwrap();
            acknowledged.extend(things);
            broken_off += times;
        }
        assert!(acknowledged.len() > 50 && broken_off > 50, "{} and {broken_off}", acknowledged.len());
        for thing in acknowledged {
            assert!(present(&db, thing).await, "what was acknowledged is still there");
        }
        // Several connections, taken in turn: not always the one that is looked at.
        let several = (db.read().await.unwrap(), db.read().await.unwrap(), db.read().await.unwrap());
        drop(several);
        for turn in 0..40 {
            let mut begins = Box::pin(db.write());
            // As far as it gets when it is looked after so many times: before the answer to BEGIN, or behind it.
            for _ in 0..turn % 8 {
                if futures::poll!(begins.as_mut()).is_ready() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            drop(begins);
            assert!(none_is_left_open(&db).await, "after {} looks", turn % 8);
        }
    }

    async fn what_is_written_is_read_back(db: Db) {
        create(&db).await.unwrap();
        let (_, ambient) = hand_ambient(Moment::from_secs(1_700_000_000), 1);
        let thing = Thing {
            id: ambient.id(),
            at: Some(Moment::from_micros(-1)),
            price: Some("-12345.6789".parse().unwrap()),
            name: Some("Ñandú".into()),
            open: Some(true),
            facts: sqlx::types::Json(serde_json::json!({"tier": "gold"})),
        };
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        let loaded = store::fetch_one!(&mut read, Thing, LOAD, thing.id).unwrap();
        assert_eq!(loaded, thing);
        let mut tx = db.write().await.unwrap();
        assert_eq!(insert(&mut tx, &thing).await.unwrap_err().code(), Code::Duplicate);
    }

    async fn nothing_is_there_without_commit_and_signals_come_after_it(db: Db) {
        create(&db).await.unwrap();
        // PostgreSQL's listener connects in the background.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut signals = db.signals().subscribe();
        let (_, ambient) = hand_ambient(Moment::EPOCH, 2);
        let thing = Thing { id: ambient.id(), at: None, price: None, name: None, open: None, facts: sqlx::types::Json(serde_json::json!({})) };
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.signal("things", "lost");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.signal("things", "kept");
        tx.signal("things", "kept");
        tx.commit().await.unwrap();
        let signal = tokio::time::timeout(Duration::from_secs(5), signals.recv()).await.unwrap().unwrap();
        assert_eq!((signal.topic.as_str(), signal.payload.as_str()), ("things", "kept"));
        assert!(tokio::time::timeout(Duration::from_millis(200), signals.recv()).await.is_err());
        let mut read = db.read().await.unwrap();
        assert_eq!(store::fetch_one!(&mut read, (i64,), COUNT).unwrap().0, 1);
    }

    async fn what_must_come_last_comes_last_and_once(db: Db) {
        create(&db).await.unwrap();
        #[derive(Default)]
        struct Last(Vec<Thing>);
        impl AtCommit for Last {
            fn run<'a>(self: Box<Self>, tx: &'a mut Tx) -> std::pin::Pin<Box<dyn Future<Output = kernel::Result<()>> + Send + 'a>> {
                Box::pin(async move {
                    for thing in &self.0 {
                        insert(tx, thing).await?;
                    }
                    Ok(())
                })
            }
        }
        let (_, ambient) = hand_ambient(Moment::EPOCH, 3);
        let thing = || Thing { id: ambient.id(), at: None, price: None, name: None, open: None, facts: sqlx::types::Json(serde_json::json!({})) };
        let mut tx = db.write().await.unwrap();
        tx.at_commit::<Last>().0.push(thing());
        tx.at_commit::<Last>().0.push(thing());
        assert_eq!(store::fetch_one!(&mut tx, (i64,), COUNT).unwrap().0, 0);
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        assert_eq!(store::fetch_one!(&mut read, (i64,), COUNT).unwrap().0, 2);
    }

    async fn what_came_from_outside_is_never_in_the_text(db: Db) {
        let evil = "x'); DROP TABLE thing; --";
        let mut built = Built::new(db.kind(), "SELECT id FROM thing WHERE ");
        store::filter::push(&mut built, &Filter::equal("name", Operand::Text(evil.into())), &column).unwrap();
        assert!(!built.text().contains("DROP"));
        assert!(Column::document(ColumnKind::Text, "facts", "a' OR '1'='1").is_err());
        let unknown = Filter::equal(evil, Operand::Null);
        assert_eq!(store::filter::push(&mut built, &unknown, &column).unwrap_err().code(), Code::Invalid);
    }
}

#[test]
fn the_two_migration_lists_are_the_same() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator
            .iter()
            .map(|m| (m.version, m.description.to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&store::MIGRATIONS_SQLITE),
        names(&store::MIGRATIONS_POSTGRES)
    );
    assert_ne!(
        names(&store::MIGRATIONS_SQLITE).len().cmp(&0),
        Ordering::Equal
    );
}

#[test]
fn the_dialects_are_told_apart() {
    assert_ne!(CREATE.text(Kind::Sqlite), CREATE.text(Kind::Postgres));
    assert_eq!(STATEMENTS.len(), 5);
}

/// PostgreSQL's second wall: who is walled sees nothing of a customer, whatever the statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_the_wall_customers_are_not_there() {
    let Some(test) = store::testing::postgres().await else {
        return;
    };
    let db = &test.db;
    assert_eq!(db.has_wall().await.unwrap(), Some(true));
    let mut tx = db.write().await.unwrap();
    store::execute!(
        &mut tx,
        MAKE,
        kernel::Id::<()>::new(uuid::Uuid::from_u128(7))
    )
    .unwrap();
    tx.commit().await.unwrap();
    let all = async || {
        let mut reads = db.read().await.unwrap();
        let (seen,) = store::fetch_one!(&mut reads, (i64,), ALL).unwrap();
        let (named,) = store::fetch_one!(&mut reads, (i64,), NAMED).unwrap();
        (seen, named)
    };
    assert_eq!(all().await, (1, 1), "workers see everything");
    assert_eq!(
        store::reaching(store::Reach::Everything, all()).await,
        (1, 1)
    );
    assert_eq!(store::reaching(store::Reach::Walled, all()).await, (0, 0));
    let bent = store::reaching(store::Reach::Walled, async {
        let mut tx = db.write().await.unwrap();
        let touched = store::execute!(&mut tx, BEND).unwrap();
        let made = store::execute!(
            &mut tx,
            MAKE,
            kernel::Id::<()>::new(uuid::Uuid::from_u128(8))
        );
        (touched, made.is_err())
    });
    assert_eq!(bent.await, (0, true), "and can neither change nor make one");
    assert_eq!(all().await, (1, 1));
}

/// And who may touch some customers sees those, and what belongs to them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_tells_readers_apart() {
    let Some(test) = store::testing::postgres().await else {
        return;
    };
    let (db, id) = (&test.db, uuid::Uuid::from_u128);
    let (me, other, home, elsewhere) = (id(1), id(2), id(11), id(12));
    let mut tx = db.write().await.unwrap();
    for (customer, owner, unit) in [
        (101, Some(me), Some(elsewhere)),
        (102, Some(other), Some(home)),
        (103, Some(other), Some(elsewhere)),
        (104, None, None),
    ] {
        let customer = kernel::Id::<()>::new(id(customer));
        store::execute!(&mut tx, MAKE, customer).unwrap();
        let kept = store::execute!(&mut tx, KEEP, customer, owner, unit).unwrap();
        let contact = store::execute!(&mut tx, MAKE_CONTACT, customer).unwrap();
        let line = store::execute!(&mut tx, MAKE_HISTORY, customer).unwrap();
        assert_eq!((kept, contact, line), (1, 1, 1));
    }
    tx.commit().await.unwrap();
    let seen = async |owners: &[uuid::Uuid], units: &[uuid::Uuid]| {
        let keepers = std::sync::Arc::new(store::Keepers::new(owners, units));
        store::reaching(store::Reach::Only(keepers), async {
            let mut reads = db.read().await.unwrap();
            let mut found = Vec::new();
            for sql in [ALL, NAMED, CONTACTS, LINES] {
                let (one,) = store::fetch_one!(&mut reads, (i64,), sql).unwrap();
                found.push(one);
            }
            drop(reads);
            // In a transaction it is the same, and nothing of a customer can be written.
            let mut tx = db.write().await.unwrap();
            let (one,) = store::fetch_one!(&mut tx, (i64,), ALL).unwrap();
            assert_eq!(
                (one, store::execute!(&mut tx, BEND).unwrap()),
                (found[0], 0)
            );
            tx.rollback().await.unwrap();
            found
        })
        .await
    };
    for _ in 0..3 {
        // One connection after the other serves different people: nobody inherits what the one before could see.
        assert_eq!(seen(&[me], &[home]).await, [2, 2, 2, 2]);
        assert_eq!(seen(&[me], &[]).await, [1, 1, 1, 1]);
        assert_eq!(seen(&[], &[elsewhere, home]).await, [3, 3, 3, 3]);
        assert_eq!(seen(&[], &[]).await, [0, 0, 0, 0]);
        assert_eq!(seen(&[home], &[me]).await, [0, 0, 0, 0]);
    }
    let (all,) = store::fetch_one!(&mut db.read().await.unwrap(), (i64,), ALL).unwrap();
    assert_eq!(all, 4);
}

const KEEP: store::Sql =
    store::Sql::both("UPDATE customer SET owner_id = $2, unit_id = $3 WHERE id = $1");
const MAKE_CONTACT: store::Sql = store::Sql::both(
    "INSERT INTO contact (id, customer_id, name, version, created, changed) VALUES ($1, $1, 'Eva', 1, now(), now())",
);
const MAKE_HISTORY: store::Sql = store::Sql::both(
    "INSERT INTO history (customer, at, id, kind, user_name, summary) VALUES ($1, now(), $1, 'note', 'Eva', '{}')",
);
const CONTACTS: store::Sql = store::Sql::both("SELECT COUNT(*) FROM contact");
const LINES: store::Sql = store::Sql::both("SELECT COUNT(*) FROM history");
const ALL: store::Sql = store::Sql::both("SELECT COUNT(*) FROM customer");
const NAMED: store::Sql = store::Sql::both("SELECT COUNT(*) FROM customer_name_view");
const BEND: store::Sql = store::Sql::both("UPDATE customer SET name = 'x'");
const MAKE: store::Sql = store::Sql::both(
    "INSERT INTO customer (id, type_key, type_version, name, sort_name, fields, words, version, created, changed) \
     VALUES ($1, 't', 1, 'Ana', 'ana', '{}', '', 1, now(), now())",
);
