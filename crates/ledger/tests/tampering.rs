//! Whoever can write into the database cannot bend the trail unseen.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

use kernel::{Ambient, Moment};
use ledger::Actor;
use ledger::audit::checkpoint::{self, Checkpoint, Signer};
use ledger::audit::verify::{Report, Trust, verify};
use ledger::audit::{self, Entry, chain};
use store::testing::hand_ambient;
use store::{Db, Sql, Tx};

const START: Moment = Moment::from_micros(1_790_000_000_000_000);

store::statements! {
    SAVE = "CREATE TABLE saved AS SELECT * FROM audit_entry";
    SAVE_LANES = "CREATE TABLE saved_lane AS SELECT * FROM audit_lane";
    SAVE_CHECKPOINTS = "CREATE TABLE saved_checkpoint AS SELECT * FROM audit_checkpoint";
    CLEAR = "DELETE FROM audit_entry";
    CLEAR_LANES = "DELETE FROM audit_lane";
    CLEAR_CHECKPOINTS = "DELETE FROM audit_checkpoint";
    RESTORE = "INSERT INTO audit_entry SELECT * FROM saved";
    RESTORE_LANES = "INSERT INTO audit_lane SELECT * FROM saved_lane";
    RESTORE_CHECKPOINTS = "INSERT INTO audit_checkpoint SELECT * FROM saved_checkpoint";

    NAME = "UPDATE audit_entry SET user_name = 'Nadie' WHERE lane = $1 AND number = $2";
    TIME = "UPDATE audit_entry SET at = (SELECT MIN(at) FROM saved) WHERE lane = $1 AND number = $2";
    USER = "UPDATE audit_entry SET user_id = NULL WHERE lane = $1 AND number = $2";
    ROLE = "UPDATE audit_entry SET role = '' WHERE lane = $1 AND number = $2";
    OPERATION = "UPDATE audit_entry SET operation = 'customer.read' WHERE lane = $1 AND number = $2";
    CHANGE = "UPDATE audit_entry SET change = NULL WHERE lane = $1 AND number = $2";
    OUTCOME = "UPDATE audit_entry SET outcome = 'failed' WHERE lane = $1 AND number = $2";
    OUTCOME_WORD = "UPDATE audit_entry SET outcome = 'no word of ours' WHERE lane = $1 AND number = $2";
    DURATION = "UPDATE audit_entry SET duration = duration + 1 WHERE lane = $1 AND number = $2";
    MOVED_TEXT = "UPDATE audit_entry SET module = module || entity, entity = '' WHERE lane = $1 AND number = $2";
    CUSTOMER = "UPDATE audit_entry SET customer = NULL WHERE lane = $1 AND number = $2";
    HASH = "UPDATE audit_entry SET hash = (SELECT hash FROM saved WHERE number = 1 AND lane = $1) WHERE lane = $1 AND number = $2";
    DELETE = "DELETE FROM audit_entry WHERE lane = $1 AND number = $2";
    /// Deleted, and the later ones moved up: through negative numbers, for the key is unique.
    CLOSE_GAP = "UPDATE audit_entry SET number = 1 - number WHERE lane = $1 AND number > $2";
    CLOSE_GAP_2 = "UPDATE audit_entry SET number = -number WHERE lane = $1 AND number <= -$2";
    INSERT = "INSERT INTO audit_entry SELECT lane, number - 100000, at, user_id, user_name, role, kind, session, node, operation, \
        module, entity, entity_id, customer, change, duration, outcome, note, hash FROM saved WHERE lane = $1 AND number = $2";
    APPEND = "INSERT INTO audit_entry SELECT lane, number + 100000, at, user_id, user_name, role, kind, session, node, \
        operation, module, entity, entity_id, customer, change, duration, outcome, note, hash \
        FROM saved WHERE lane = $1 AND number = $2";
    SWAP = "UPDATE audit_entry SET user_name = (SELECT s.user_name FROM saved AS s WHERE s.lane = $1 AND s.number = $2 - 1), \
        entity_id = (SELECT s.entity_id FROM saved AS s WHERE s.lane = $1 AND s.number = $2 - 1), \
        hash = (SELECT s.hash FROM saved AS s WHERE s.lane = $1 AND s.number = $2 - 1) WHERE lane = $1 AND number = $2";
    OTHER_LANE = "UPDATE audit_entry SET lane = 9 WHERE lane = $1 AND number = $2";
    CUT = "DELETE FROM audit_entry WHERE lane = $1 AND number >= $2";
    CUT_LANE = "UPDATE audit_lane SET number = $2 - 1, head = COALESCE((SELECT hash FROM saved WHERE lane = $1 AND number = $2 - 1), head) \
        WHERE lane = $1";
    LANE_NUMBER = "UPDATE audit_lane SET number = $2 - 1 WHERE lane = $1";
    LANE_GONE = "DELETE FROM audit_lane WHERE lane = $1 AND $2 > 0";
    LONGEST = "SELECT lane, MAX(number) FROM audit_entry GROUP BY lane ORDER BY 2 DESC LIMIT 1";
    ENTRY = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
        entity_id, customer, change, duration, outcome, note, hash FROM audit_entry WHERE lane = $1 ORDER BY number";
    REWRITE = "UPDATE audit_entry SET user_name = $3, hash = $4 WHERE lane = $1 AND number = $2";
    HEAD = "UPDATE audit_lane SET head = $2 WHERE lane = $1";
    NOT_A_TIME = "UPDATE audit_entry SET at = 'yesterday' WHERE lane = $1 AND number = $2",
        "UPDATE audit_entry SET at = 'infinity' WHERE lane = $1 AND number = $2";

    LAST_CHECKPOINT_GONE = "DELETE FROM audit_checkpoint WHERE number = (SELECT MAX(number) FROM audit_checkpoint)";
    FIRST_CHECKPOINT_GONE = "DELETE FROM audit_checkpoint WHERE number = 1";
    CHECKPOINT_TEXT = "UPDATE audit_checkpoint SET statement = replace(statement, 'T', 't') WHERE number = 1";
    CHECKPOINT_NUMBER = "UPDATE audit_checkpoint SET number = 7 WHERE number = 1";
    CHECKPOINT_SIGNATURE = "UPDATE audit_checkpoint SET signature = hash FROM saved WHERE saved.number = 1 AND audit_checkpoint.number = 2";
    CHECKPOINT_KEY = "UPDATE audit_checkpoint SET signer = saved.hash FROM saved WHERE saved.number = 1 AND audit_checkpoint.number = 2";
}

async fn fill(db: &Db, ambient: &Ambient, entries: usize) {
    let before = audit::count(&mut db.read().await.unwrap()).await.unwrap() as usize;
    for i in before..before + entries {
        let mut tx = db.write().await.unwrap();
        let actor = Actor::person(ambient.id(), format!("Persona {i}")).with_role("agent");
        let entry = Entry::new("customer.change", "desk", "customer")
            .of(i)
            .customer(ambient.id::<()>())
            .changed(
                Some(&serde_json::json!({ "n": i })),
                Some(&serde_json::json!({ "n": i + 1 })),
            )
            .took(kernel::Span::from_millis(3));
        audit::record(
            &mut tx,
            ambient.now() + kernel::Span::from_secs(1 + i as i64),
            &actor,
            entry,
        );
        tx.commit().await.unwrap();
    }
}

async fn seal(db: &Db, signer: &Signer) -> Checkpoint {
    let mut tx = db.write().await.unwrap();
    let made = checkpoint::make(&mut tx, START, signer).await.unwrap();
    tx.commit().await.unwrap();
    made
}

async fn run(db: &Db, sqls: &[Sql]) {
    let mut tx = db.write().await.unwrap();
    for sql in sqls {
        store::execute!(&mut tx, sql).unwrap();
    }
    tx.commit().await.unwrap();
}

async fn check(db: &Db, trust: &Trust) -> Report {
    verify(db, trust.clone(), |_| {}).await.unwrap()
}

async fn restore(db: &Db) {
    run(
        db,
        &[
            CLEAR,
            CLEAR_LANES,
            CLEAR_CHECKPOINTS,
            RESTORE,
            RESTORE_LANES,
            RESTORE_CHECKPOINTS,
        ],
    )
    .await;
}

/// Changes one entry and makes all hashes after it, and the lane's end, fit again: what somebody can do who reads our code.
async fn forge(tx: &mut Tx, lane: i64, from: i64) {
    let entries = store::fetch_all!(tx, chain::Recorded, ENTRY, lane).unwrap();
    let (mut head, mut buffer) = ([0; 32], String::new());
    for mut entry in entries {
        if entry.number == from {
            entry.user_name = "Nadie".into();
        }
        head = chain::hash(&head, &entry, &mut buffer);
        store::execute!(
            tx,
            REWRITE,
            lane,
            entry.number,
            &entry.user_name,
            head.to_vec()
        )
        .unwrap();
    }
    store::execute!(tx, HEAD, lane, head.to_vec()).unwrap();
}

store::both! {
    async fn every_kind_is_found_at_every_place(db: Db) {
        let (_, ambient) = hand_ambient(START, 3);
        let signer = Signer::from_seed(&[1; 32]).unwrap();
        // Three for each of the eight lanes, whichever they go to.
        fill(&db, &ambient, 12).await;
        seal(&db, &signer).await;
        fill(&db, &ambient, 12).await;
        let outside = seal(&db, &signer).await;
        run(&db, &[SAVE, SAVE_LANES, SAVE_CHECKPOINTS]).await;
        let trust = Trust { keys: vec![signer.public()], outside: vec![outside] };
        assert!(check(&db, &trust).await.is_sound());
        let (lane, last) = store::fetch_one!(&mut db.read().await.unwrap(), (i64, i64), LONGEST).unwrap();
        assert!(last >= 3);

        let one: [(&str, &[Sql]); 24] = [
            ("name", &[NAME]), ("time", &[TIME]), ("user", &[USER]), ("role emptied", &[ROLE]), ("operation", &[OPERATION]),
            ("change", &[CHANGE]), ("outcome", &[OUTCOME]), ("strange outcome", &[OUTCOME_WORD]), ("duration", &[DURATION]),
            ("text moved to the next field", &[MOVED_TEXT]), ("customer", &[CUSTOMER]), ("hash", &[HASH]),
            ("deleted", &[DELETE]), ("deleted and closed", &[DELETE, CLOSE_GAP, CLOSE_GAP_2]), ("inserted", &[INSERT]),
            ("appended", &[APPEND]), ("swapped", &[SWAP]), ("moved to another lane", &[OTHER_LANE]), ("cut", &[CUT]),
            ("cut with the lane's end", &[CUT_LANE, CUT]), ("lane's number", &[LANE_NUMBER]), ("lane gone", &[LANE_GONE]),
            ("unreadable", &[NOT_A_TIME]), ("all emptied", &[CUT_LANE, CUT, LANE_NUMBER]),
        ];
        for (name, sqls) in one {
            for place in 1..=last {
                // These change nothing there.
                if ["hash", "swapped", "time"].contains(&name) && place == 1 {
                    continue;
                }
                let mut tx = db.write().await.unwrap();
                for sql in sqls {
                    store::execute!(&mut tx, sql, lane, place).unwrap();
                }
                tx.commit().await.unwrap();
                let report = check(&db, &trust).await;
                assert!(!report.is_sound(), "{name} at {place}");
                restore(&db).await;
            }
        }
        assert!(check(&db, &trust).await.is_sound());

        // The whole chain made to fit again: the checkpoints say otherwise.
        for place in 1..=last {
            let mut tx = db.write().await.unwrap();
            forge(&mut tx, lane, place).await;
            tx.commit().await.unwrap();
            assert!(!check(&db, &trust).await.is_sound(), "forged at {place}");
            assert!(!check(&db, &Trust { outside: vec![], ..trust.clone() }).await.is_sound(), "forged at {place}, from inside");
            restore(&db).await;
        }

        for (name, sql) in [
            ("last checkpoint gone", LAST_CHECKPOINT_GONE), ("first checkpoint gone", FIRST_CHECKPOINT_GONE),
            ("checkpoint's text", CHECKPOINT_TEXT), ("checkpoint's number", CHECKPOINT_NUMBER),
            ("checkpoint's signature", CHECKPOINT_SIGNATURE), ("checkpoint's key", CHECKPOINT_KEY),
            ("all checkpoints gone", CLEAR_CHECKPOINTS),
        ] {
            run(&db, &[sql]).await;
            assert!(!check(&db, &trust).await.is_sound(), "{name}");
            restore(&db).await;
        }
    }

    async fn an_old_backup_and_a_fork_are_found(db: Db) {
        let (_, ambient) = hand_ambient(START, 3);
        let signer = Signer::from_seed(&[1; 32]).unwrap();
        fill(&db, &ambient, 4).await;
        let old = seal(&db, &signer).await;
        run(&db, &[SAVE, SAVE_LANES, SAVE_CHECKPOINTS]).await;
        fill(&db, &ambient, 4).await;
        let young = seal(&db, &signer).await;
        let trust = |outside: &Checkpoint, key: &Signer| Trust { keys: vec![key.public()], outside: vec![outside.clone()] };
        assert!(check(&db, &trust(&young, &signer)).await.is_sound());

        restore(&db).await;
        // As good as ever by itself; whoever kept the younger checkpoint knows better.
        assert!(check(&db, &trust(&old, &signer)).await.is_sound());
        assert!(!check(&db, &trust(&young, &signer)).await.is_sound());

        // And then it went on another way, with the rightful key.
        fill(&db, &ambient, 9).await;
        seal(&db, &signer).await;
        assert!(check(&db, &trust(&old, &signer)).await.is_sound());
        assert!(!check(&db, &trust(&young, &signer)).await.is_sound());

        // All checkpoints signed anew with another key.
        run(&db, &[CLEAR_CHECKPOINTS]).await;
        let thief = Signer::from_seed(&[2; 32]).unwrap();
        seal(&db, &thief).await;
        assert!(!check(&db, &Trust { keys: vec![signer.public()], outside: vec![] }).await.is_sound());
    }
}
