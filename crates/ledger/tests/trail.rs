//! The trail and the history, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

use std::collections::BTreeSet;

use kernel::{Ambient, Id, Moment, Page, Span};
use ledger::audit::checkpoint::{self, Checkpoint, Signer};
use ledger::audit::verify::{Finding, Report, Trust, verify};
use ledger::audit::{self, Entry, Outcome, export};
use ledger::history::{self, Line, Summary, kinds};
use ledger::{Actor, User};
use store::Db;
use store::testing::hand_ambient;

enum Customer {}

const START: Moment = Moment::from_micros(1_790_000_000_123_456);

fn ambient() -> Ambient {
    hand_ambient(START, 7).1
}

fn signer(seed: u8) -> Signer {
    Signer::from_seed(&[seed; 32]).unwrap()
}

fn trust(signer: &Signer, outside: &[&Checkpoint]) -> Trust {
    Trust {
        keys: vec![signer.public()],
        outside: outside.iter().map(|c| (*c).clone()).collect(),
    }
}

fn entry(ambient: &Ambient, number: usize) -> (Actor, Entry) {
    let user = Id::<User>::from_parts(START, [3; 10]);
    let actor = Actor::person(user, "Inés Müller")
        .with_role("agent")
        .with_session(ambient.id())
        .on_node("a");
    let before = serde_json::json!({ "name": "Ana", "segment": "Oro", "number": number });
    let after = serde_json::json!({ "name": "Ana María", "segment": "Oro", "number": number });
    let entry = Entry::new("customer.change", "desk", "customer")
        .of(number)
        .customer(ambient.id::<Customer>())
        .changed(Some(&before), Some(&after))
        .took(Span::from_millis(12));
    (actor, entry)
}

/// Writes `transactions` times `each` entries.
async fn fill(db: &Db, ambient: &Ambient, transactions: usize, each: usize) {
    for t in 0..transactions {
        let mut tx = db.write().await.unwrap();
        for e in 0..each {
            let (actor, entry) = entry(ambient, t * each + e);
            audit::record(&mut tx, ambient.now(), &actor, entry);
        }
        tx.commit().await.unwrap();
    }
}

async fn check(db: &Db, trust: Trust) -> Report {
    verify(db, trust, |_| {}).await.unwrap()
}

async fn seal(db: &Db, signer: &Signer) -> Checkpoint {
    let mut tx = db.write().await.unwrap();
    let made = checkpoint::make(&mut tx, START, signer).await.unwrap();
    tx.commit().await.unwrap();
    made
}

store::both! {
    async fn what_was_written_is_sound_and_reads_back(db: Db) {
        let ambient = ambient();
        let key = signer(1);
        fill(&db, &ambient, 5, 3).await;
        let first = seal(&db, &key).await;
        // Nothing new: the same checkpoint.
        assert_eq!(seal(&db, &key).await, first);
        fill(&db, &ambient, 1, 2_500).await;
        let second = seal(&db, &key).await;
        fill(&db, &ambient, 1, 2).await;
        let report = check(&db, trust(&key, &[&first, &second])).await;
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.entries, report.checkpoints, report.newest_checkpoint, report.uncovered), (2_517, 2, 2, 2));

        let mut reads = db.read().await.unwrap();
        let ask = audit::Ask { entity: Some("customer".into()), entity_id: Some("14".into()), ..Default::default() };
        let found = audit::page(&mut reads, &Page::default(), &ask).await.unwrap().items;
        let one = found.iter().find(|e| e.duration == Some(12_000)).unwrap();
        assert_eq!(one.user_name, "Inés Müller");
        assert_eq!(one.outcome(), Some(Outcome::Done));
        // Only what differs is kept.
        let change: serde_json::Value = serde_json::from_str(one.change.as_deref().unwrap()).unwrap();
        assert_eq!(change, serde_json::json!({ "before": { "name": "Ana" }, "after": { "name": "Ana María" } }));
        let by_word = audit::Ask { operation: Some("customer.".into()), ..Default::default() };
        let mut page = Page { limit: Some(500), cursor: None };
        let mut seen = BTreeSet::new();
        loop {
            let part = audit::page(&mut reads, &page, &by_word).await.unwrap();
            seen.extend(part.items.iter().map(|e| (e.lane, e.number)));
            page.cursor = part.next;
            if page.cursor.is_none() { break }
        }
        assert_eq!(seen.len(), 2_517);
        let none = audit::Ask { operation: Some("customers.".into()), ..Default::default() };
        assert!(audit::page(&mut reads, &Page::default(), &none).await.unwrap().items.is_empty());
    }

    async fn a_rolled_back_write_leaves_nothing(db: Db) {
        let ambient = ambient();
        fill(&db, &ambient, 1, 1).await;
        let mut tx = db.write().await.unwrap();
        let (actor, entry) = entry(&ambient, 1);
        audit::record(&mut tx, ambient.now(), &actor, entry);
        tx.rollback().await.unwrap();
        assert_eq!(audit::count(&mut db.read().await.unwrap()).await.unwrap(), 1);
        assert!(check(&db, Trust::default()).await.is_sound());
    }

    async fn many_writers_keep_the_chain_whole(db: Db) {
        let ambient = ambient();
        let writers = (0..6).map(|_| {
            let (db, ambient) = (db.clone(), ambient.clone());
            tokio::spawn(async move { fill(&db, &ambient, 10, 2).await })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let report = check(&db, Trust::default()).await;
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.entries, 120);
    }

    async fn the_exported_file_is_checked_without_the_database(db: Db) {
        let ambient = ambient();
        let key = signer(1);
        fill(&db, &ambient, 3, 40).await;
        let outside = seal(&db, &key).await;
        let mut file = Vec::new();
        export::export(&mut db.read().await.unwrap(), START, &mut file).await.unwrap();
        let report = export::verify_file(&file[..], trust(&key, &[&outside])).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(report.entries, 120);
        // Every single entry, changed in one letter, is found, and nothing else is.
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for at in (0..lines.len()).filter(|i| lines[*i].starts_with(r#"{"entry""#)).step_by(7) {
            let mut changed = lines.clone();
            let line = lines[at].replacen("Müller", "Muller", 1);
            assert_ne!(line, lines[at]);
            changed[at] = &line;
            let report = export::verify_file(changed.join("\n").as_bytes(), trust(&key, &[])).unwrap();
            assert_eq!(report.faults, 1, "{report:?}");
            assert!(matches!(report.findings[0], Finding::Altered { .. }));
        }
        // Cut in the middle of a line: an error that says where.
        let cut = &text[..text.len() / 2];
        let error = export::verify_file(cut.as_bytes(), Trust::default()).unwrap_err();
        assert!(error.fields()[0].field.starts_with("line "));
    }

    async fn the_history_is_read_newest_first(db: Db) {
        let ambient = ambient();
        let (mine, other) = (ambient.id::<Customer>(), ambient.id::<Customer>());
        let actor = Actor::system("timers");
        let lines: Vec<Line> = (0..1_203_i64)
            .map(|i| {
                let at = START + Span::from_secs(i % 600);
                let kind = if i % 3 == 0 { kinds::INTERACTION } else { kinds::ACTIVITY_CLOSED };
                let summary = Summary::key("history-closed").with("outcome", i);
                let mut line = Line::new(ambient.id(), if i % 2 == 0 { mine } else { other }, at, kind, &actor, summary);
                line.channel = (i % 3 == 0).then(|| "phone".to_owned());
                line.details = (i % 5 == 0).then(|| serde_json::json!({ "n": i, "text": "a\u{0}b \\u0000" }));
                line.duration = Some(Span::from_secs(i));
                line
            })
            .collect();
        let mut tx = db.write().await.unwrap();
        history::append(&mut tx, &lines).await.unwrap();
        tx.commit().await.unwrap();

        let mut reads = db.read().await.unwrap();
        let mut page = Page { limit: Some(100), cursor: None };
        let mut got = Vec::new();
        loop {
            let part = history::page(&mut reads, mine, &page, &history::Ask::default()).await.unwrap();
            got.extend(part.items);
            page.cursor = part.next;
            if page.cursor.is_none() { break }
        }
        let mut wanted: Vec<Line> = lines.iter().filter(|l| l.customer == mine.uuid()).cloned().collect();
        wanted.sort_by_key(|l| std::cmp::Reverse((l.at, l.id)));
        for line in &mut wanted {
            // U+0000 is dropped, what only looks like its escape is not.
            if let Some(details) = &mut line.details {
                details["text"] = "ab \\u0000".into();
            }
        }
        assert_eq!(got.len(), wanted.len());
        assert_eq!(got, wanted);
        let ask = history::Ask { channels: vec!["phone".into()], kinds: vec![kinds::INTERACTION.into()], ..Default::default() };
        let phone = history::page(&mut reads, mine, &Page { limit: Some(500), cursor: None }, &ask).await.unwrap();
        assert_eq!(phone.items.len(), wanted.iter().filter(|l| l.channel.is_some()).count());
        let glance = history::glance(&mut reads, mine).await.unwrap();
        assert_eq!(glance.lines, 602);
        assert_eq!(glance.last, wanted.first().map(|l| l.at));
        let contact = wanted.iter().find(|l| l.channel.is_some()).unwrap();
        assert_eq!(glance.last_contact.map(|c| c.at), Some(contact.at));
        assert_eq!(history::glance(&mut reads, ambient.id::<Customer>()).await.unwrap(), history::Glance::default());
        let broken = Page { limit: None, cursor: Some("x".into()) };
        let error = history::page(&mut reads, mine, &broken, &history::Ask::default()).await.unwrap_err();
        assert_eq!(error.code(), kernel::Code::Invalid);
    }
}
