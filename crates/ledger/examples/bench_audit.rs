//! How fast the trail is written and verified. `cargo xtask bench audit`; PostgreSQL where `ENGAGE_TEST_POSTGRES` names a
//! cluster. One JSON object a line.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line's answer"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that cannot run shall stop"
)]

use std::io::BufReader;
use std::time::Instant;

use kernel::{Ambient, Span};
use ledger::Actor;
use ledger::audit::verify::{Trust, verify};
use ledger::audit::{self, Entry, export};
use store::Db;

fn say(name: &str, value: f64, unit: &str, goal: &str) {
    println!(
        "{}",
        serde_json::json!({ "name": name, "value": value.round(), "unit": unit, "goal": goal })
    );
}

fn record(tx: &mut store::Tx, ambient: &Ambient, i: usize) {
    let actor = Actor::person(ambient.id(), "Inés Müller")
        .with_role("agent")
        .with_session(ambient.id())
        .on_node("a");
    let entry = Entry::new("work_item.close", "runner", "work_item")
        .of(ambient.id::<()>())
        .customer(ambient.id::<()>())
        .changed(
            Some(&serde_json::json!({ "state": "open" })),
            Some(&serde_json::json!({ "state": "closed", "outcome": i })),
        )
        .took(Span::from_millis(12));
    audit::record(tx, ambient.now(), &actor, entry);
}

async fn measure(db: &Db, kind: &str, entries: usize) {
    let ambient = store::ambient();
    let begun = Instant::now();
    for part in 0..entries / 1_000 {
        let mut tx = db.write().await.unwrap();
        for i in 0..1_000 {
            record(&mut tx, &ambient, part * 1_000 + i);
        }
        tx.commit().await.unwrap();
    }
    let rate = |begun: Instant| entries as f64 / begun.elapsed().as_secs_f64();
    say(
        &format!("audit write, 1,000 a transaction, {kind}"),
        rate(begun),
        "entries/s",
        ">= 10000",
    );

    let begun = Instant::now();
    let report = verify(db, Trust::default(), |_| {}).await.unwrap();
    assert!(
        report.is_sound() && report.entries >= entries as i64,
        "{report:?}"
    );
    say(
        &format!("audit verify, {kind}"),
        rate(begun),
        "entries/s",
        ">= 200000",
    );

    let mut reads = db.read().await.unwrap();
    let mut file = tempfile::tempfile().unwrap();
    let begun = Instant::now();
    export::export(&mut reads, ambient.now(), std::io::BufWriter::new(&file))
        .await
        .unwrap();
    say(
        &format!("audit export, {kind}"),
        rate(begun),
        "entries/s",
        ">= 50000",
    );
    std::io::Seek::rewind(&mut file).unwrap();
    let begun = Instant::now();
    let report = export::verify_file(BufReader::new(&file), Trust::default()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    say(
        &format!("audit verify of the exported file, {kind}"),
        rate(begun),
        "entries/s",
        ">= 200000",
    );

    let begun = Instant::now();
    let writers = (0..8).map(|_| {
        let (db, ambient) = (db.clone(), ambient.clone());
        tokio::spawn(async move {
            for i in 0..100 {
                let mut tx = db.write().await.unwrap();
                record(&mut tx, &ambient, i);
                tx.commit().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let rate = 800.0 / begun.elapsed().as_secs_f64();
    say(
        &format!("audit, 8 writers with one entry a transaction, {kind}"),
        rate,
        "transactions/s",
        ">= 200",
    );
}

#[tokio::main]
async fn main() {
    let entries = std::env::var("ENGAGE_BENCH_ENTRIES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(200_000);
    let sqlite = store::testing::sqlite().await;
    measure(&sqlite.db, "SQLite", entries).await;
    match store::testing::postgres().await {
        Some(postgres) => measure(&postgres.db, "PostgreSQL", entries).await,
        None => eprintln!("skipped: no PostgreSQL"),
    }
}
