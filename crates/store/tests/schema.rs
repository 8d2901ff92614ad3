//! How far a database is behind this program, ahead of it or astray: told without a migration being run.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

use kernel::Moment;
use store::{Db, DbConfig, Kind, Schema};

store::statements! {
    FORGET = "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)";
    AHEAD = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        SELECT 9999, 'later', TRUE, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
    BACK = "DELETE FROM _sqlx_migrations WHERE version = 9999";
    OTHER = "UPDATE _sqlx_migrations SET checksum = (SELECT checksum FROM _sqlx_migrations WHERE version = 2) WHERE version = 1";
}

async fn written(db: &Db, statement: store::Sql) {
    let mut tx = db.write().await.unwrap();
    assert_eq!(store::execute!(&mut tx, statement).unwrap(), 1);
    tx.commit().await.unwrap();
}

store::both! {
    async fn the_schema_is_told_and_not_touched(db: Db) {
        assert_eq!(db.schema().await.unwrap(), Schema::Current);
        written(&db, FORGET).await;
        for _ in 0..2 {
            let seen = db.schema().await.unwrap();
            assert!(matches!(seen, Schema::Behind(1, _)), "{seen:?}");
        }
        written(&db, AHEAD).await;
        assert_eq!(db.schema().await.unwrap(), Schema::Newer(9999));
        written(&db, BACK).await;
        written(&db, OTHER).await;
        assert_eq!(db.schema().await.unwrap(), Schema::Altered(1));
    }

    async fn only_another_machine_has_another_clock(db: Db) {
        let clock = db.clock().await.unwrap();
        assert_eq!(clock.is_some(), db.kind() == Kind::Postgres);
        assert!(clock.is_none_or(|at| at > Moment::EPOCH));
    }
}

#[tokio::test]
async fn a_file_that_was_never_migrated_is_empty_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let config = DbConfig::sqlite(folder.path().join("fresh.db"));
    let db = Db::open(&config).await.unwrap();
    for _ in 0..2 {
        let seen = db.schema().await.unwrap();
        assert!(matches!(seen, Schema::Empty(n) if n > 10), "{seen:?}");
    }
}
