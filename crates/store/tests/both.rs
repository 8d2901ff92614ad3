//! The room's promises, on both databases.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cmp::Ordering;

use kernel::{Code, Filter, Moment, Operand};
use store::filter::{Column, ColumnKind};
use store::testing::hand_ambient;
use store::{AtCommit, Built, Db, Kind, Tx};
use things::{CREATE, Thing, column, create, insert};

mod things;

store::statements! {
    LOAD = "SELECT id, at, price, name, open, facts FROM thing WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM thing";
}

store::both! {
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
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
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
        let signal = tokio::time::timeout(std::time::Duration::from_secs(5), signals.recv()).await.unwrap().unwrap();
        assert_eq!((signal.topic.as_str(), signal.payload.as_str()), ("things", "kept"));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(200), signals.recv()).await.is_err());
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
    assert_eq!(STATEMENTS.len(), 2);
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

const ALL: store::Sql = store::Sql::both("SELECT COUNT(*) FROM customer");
const NAMED: store::Sql = store::Sql::both("SELECT COUNT(*) FROM customer_name_view");
const BEND: store::Sql = store::Sql::both("UPDATE customer SET name = 'x'");
const MAKE: store::Sql = store::Sql::both(
    "INSERT INTO customer (id, type_key, type_version, name, sort_name, fields, words, version, created, changed) \
     VALUES ($1, 't', 1, 'Ana', 'ana', '{}', '', 1, now(), now())",
);
