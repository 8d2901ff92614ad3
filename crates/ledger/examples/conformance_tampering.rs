//! Twenty kinds of tampering with an exported trail, each at a hundred places, looked for by the stand-alone verifier with
//! the newest checkpoint kept outside. `cargo xtask conformance tampering`; `ENGAGE_TAMPER_PLACES` sets another number of
//! places. The same kinds in the databases themselves: tests/tampering.rs.
#![expect(clippy::print_stdout, reason = "a command line's answer")]
#![expect(clippy::unwrap_used, reason = "a proof that cannot run shall stop")]

use std::collections::BTreeMap;

use ledger::Actor;
use ledger::audit::checkpoint::{self, Checkpoint, Signer};
use ledger::audit::verify::Trust;
use ledger::audit::{self, Entry, chain, export};
use serde_json::{Value, json};
use store::Db;

/// Entries before the last checkpoint; a hundred more come after it, which it does not vouch for.
const ENTRIES: usize = 1_200;

/// Mended so that the chain fits again from that entry to the end of its lane: what somebody can do who reads our code.
fn forged(lines: &mut [Value], at: usize) {
    let lane = lines[at]["entry"]["lane"].clone();
    let before = lines[..at]
        .iter()
        .rfind(|line| line["entry"]["lane"] == lane);
    let mut head: chain::Hash = before.map_or([0; 32], |line| {
        let text = line["entry"]["hash"].as_str().unwrap();
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        bytes
    });
    let mut buffer = String::new();
    for line in lines[at..]
        .iter_mut()
        .filter(|line| line["entry"]["lane"] == lane)
    {
        let entry: chain::Recorded = serde_json::from_value(line["entry"].clone()).unwrap();
        head = chain::hash(&head, &entry, &mut buffer);
        line["entry"]["hash"] = json!(hex(&head));
    }
    for line in lines.iter_mut().filter(|line| line["end"]["lane"] == lane) {
        line["end"]["head"] = json!(hex(&head));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entry before it in its lane.
fn before(lines: &[Value], at: usize) -> Option<usize> {
    let lane = &lines[at]["entry"]["lane"];
    lines[..at]
        .iter()
        .rposition(|line| line["entry"]["lane"] == *lane)
}

fn text(lines: &mut [Value], at: usize, field: &str, value: Value) {
    lines[at]["entry"][field] = value;
}

/// Numbers of the later entries of the lane moved by so much.
fn renumber(lines: &mut [Value], from: usize, lane: &Value, by: i64) {
    for line in lines[from..]
        .iter_mut()
        .filter(|line| line["entry"]["lane"] == *lane)
    {
        let number = line["entry"]["number"].as_i64().unwrap();
        line["entry"]["number"] = json!(number + by);
    }
    for line in lines.iter_mut().filter(|line| line["end"]["lane"] == *lane) {
        let number = line["end"]["number"].as_i64().unwrap();
        line["end"]["number"] = json!(number + by);
    }
}

type Kind = (&'static str, fn(&mut Vec<Value>, usize));

const KINDS: [Kind; 22] = [
    ("the doer's name", |l, at| {
        text(l, at, "user_name", json!("Nadie"));
    }),
    ("the doer", |l, at| text(l, at, "user_id", Value::Null)),
    ("the role", |l, at| {
        text(l, at, "role", json!("administrator"));
    }),
    ("the time", |l, at| {
        text(l, at, "at", json!("2026-01-01T00:00:00.000000Z"));
    }),
    ("the operation", |l, at| {
        text(l, at, "operation", json!("customer.read"));
    }),
    ("what changed", |l, at| text(l, at, "change", Value::Null)),
    ("the customer", |l, at| text(l, at, "customer", Value::Null)),
    ("the record", |l, at| {
        text(l, at, "entity_id", json!("another"));
    }),
    ("the outcome", |l, at| {
        text(l, at, "outcome", json!("refused"));
    }),
    ("the duration", |l, at| text(l, at, "duration", json!(1))),
    ("a text moved into the next field", |l, at| {
        text(l, at, "module", json!("deskcustomer"));
        text(l, at, "entity", json!(""));
    }),
    ("the hash", |l, at| {
        text(l, at, "hash", json!(hex(&[7; 32])));
    }),
    ("deleted", |l, at| drop(l.remove(at))),
    ("deleted, and the numbers closed", |l, at| {
        let lane = l[at]["entry"]["lane"].clone();
        l.remove(at);
        renumber(l, at, &lane, -1);
    }),
    ("deleted, and the chain mended", |l, at| {
        let lane = l[at]["entry"]["lane"].clone();
        l.remove(at);
        renumber(l, at, &lane, -1);
        if let Some(next) = l[at..]
            .iter()
            .position(|line| line["entry"]["lane"] == lane)
        {
            forged(l, at + next);
        }
    }),
    ("inserted", |l, at| {
        let mut copy = l[at].clone();
        copy["entry"]["user_name"] = json!("Nadie");
        l.insert(at, copy);
    }),
    ("inserted, and the chain mended", |l, at| {
        let lane = l[at]["entry"]["lane"].clone();
        // Another one than stands there: the same once more after the newest checkpoint would be an entry like any other.
        let mut copy = l[at].clone();
        copy["entry"]["user_name"] = json!("Nadie");
        renumber(l, at, &lane, 1);
        l.insert(at, copy);
        forged(l, at);
    }),
    ("swapped with the one before", |l, at| {
        if let Some(other) = before(l, at) {
            l.swap(at, other);
        } else {
            text(l, at, "number", json!(2));
        }
    }),
    ("moved into another lane", |l, at| {
        let lane = l[at]["entry"]["lane"].as_i64().unwrap();
        text(l, at, "lane", json!((lane + 1) % 8));
    }),
    ("rewritten, and the chain mended", |l, at| {
        text(l, at, "user_name", json!("Nadie"));
        forged(l, at);
    }),
    ("the tail cut, and the lane's end with it", |l, at| {
        let lane = l[at]["entry"]["lane"].clone();
        let number = l[at]["entry"]["number"].as_i64().unwrap() - 1;
        let head =
            before(l, at).map_or_else(|| json!(hex(&[0; 32])), |b| l[b]["entry"]["hash"].clone());
        l.retain(|line| {
            line["entry"]["lane"] != lane || line["entry"]["number"].as_i64().unwrap() <= number
        });
        for line in l.iter_mut().filter(|line| line["end"]["lane"] == lane) {
            line["end"]["number"] = json!(number);
            line["end"]["head"] = head.clone();
        }
    }),
    ("a checkpoint's text or signature", |l, at| {
        let which: Vec<usize> = (0..l.len())
            .filter(|i| l[*i]["checkpoint"].is_object())
            .collect();
        let field = ["statement", "signature", "signer"][at % 3];
        let checkpoint = &mut l[which[at % which.len()]]["checkpoint"][field];
        let mut text = checkpoint.as_str().unwrap().to_owned();
        let last = text.pop().unwrap();
        text.push(if last == '0' { '1' } else { '0' });
        *checkpoint = json!(text);
    }),
];

async fn fill(db: &Db, entries: usize) {
    let ambient = store::ambient();
    for part in 0..entries / 100 {
        let mut tx = db.write().await.unwrap();
        for i in 0..100 {
            let n = part * 100 + i;
            let actor = Actor::person(ambient.id(), format!("Persona {n}")).with_role("agent");
            let entry = Entry::new("customer.change", "desk", "customer")
                .of(ambient.id::<()>())
                .customer(ambient.id::<()>())
                .changed(Some(&json!({ "n": n })), Some(&json!({ "n": n + 1 })))
                .took(kernel::Span::from_millis(3));
            audit::record(&mut tx, ambient.now(), &actor, entry);
        }
        tx.commit().await.unwrap();
    }
}

async fn seal(db: &Db, signer: &Signer) -> Checkpoint {
    let mut tx = db.write().await.unwrap();
    let made = checkpoint::make(&mut tx, store::ambient().now(), signer)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    made
}

/// A file that cannot be read as an export at all is found as well.
fn is_found(lines: &[Value], trust: &Trust) -> bool {
    let mut file = Vec::new();
    for line in lines {
        file.extend_from_slice(line.to_string().as_bytes());
        file.push(b'\n');
    }
    export::verify_file(&*file, trust.clone()).map_or(true, |report| !report.is_sound())
}

#[tokio::main]
async fn main() {
    let places = std::env::var("ENGAGE_TAMPER_PLACES").ok();
    let places: usize = places.and_then(|n| n.parse().ok()).unwrap_or(100);
    let test = store::testing::sqlite().await;
    let signer = Signer::from_seed(&[1; 32]).unwrap();
    for _ in 0..3 {
        fill(&test.db, ENTRIES / 3).await;
        seal(&test.db, &signer).await;
    }
    let outside = seal(&test.db, &signer).await;
    let mut file = Vec::new();
    let mut reads = test.db.read().await.unwrap();
    export::export(&mut reads, store::ambient().now(), &mut file)
        .await
        .unwrap();
    let lines: Vec<Value> = String::from_utf8(file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let trust = Trust {
        keys: vec![signer.public()],
        outside: vec![outside],
    };
    assert!(!is_found(&lines, &trust), "it is sound before");
    let entries: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at]["entry"].is_object())
        .collect();
    let mut missed = BTreeMap::new();
    let mut failed = 0;
    for (name, tamper) in KINDS {
        let mut found = 0;
        for place in 0..places {
            // Spread over all of it, the first and the last among them.
            let at = entries[place * (entries.len() - 1) / (places - 1).max(1)];
            let mut bent = lines.clone();
            tamper(&mut bent, at);
            if bent != lines && is_found(&bent, &trust) {
                found += 1;
            } else {
                missed.entry(name).or_insert_with(Vec::new).push(at);
            }
        }
        failed += places - found;
        println!(
            "{}",
            json!({ "name": format!("tampering: {name}"), "passed": found, "failed": places - found, "skipped": 0 })
        );
    }
    for (name, places) in missed {
        println!(
            "{}",
            json!({ "name": format!("missed: {name} at {places:?}"), "passed": 0, "failed": places.len(), "skipped": 0 })
        );
    }
    if failed > 0 {
        std::process::exit(1);
    }
}
