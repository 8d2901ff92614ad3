//! One decision, three ways: the decision function, SQLite and PostgreSQL answer alike for random policies, subjects, records
//! and fields. `cargo xtask conformance access-databases`: 1,000,000 decisions on each database; `ENGAGE_DECISIONS` sets
//! another number. PostgreSQL where `ENGAGE_TEST_POSTGRES` names a cluster.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line's answer"
)]
#![expect(clippy::unwrap_used, reason = "a proof that cannot run shall stop")]

#[expect(dead_code, reason = "the tests of the room `access` use the rest")]
#[path = "../../access/tests/common/mod.rs"]
mod common;

use std::collections::{BTreeMap, BTreeSet};

use access::{Policy, Request, Target, Verb, Visibility};
use common::{Chance, FIELDS, Record};
use kernel::{Amount, Filter, Moment, Operand};
use store::filter::{self, Column, ColumnKind};
use store::{Built, Db, Sql};

/// Rows of the table of records.
const RECORDS: usize = 400;

store::statements! {
    CREATE = "CREATE TABLE probe (n INTEGER PRIMARY KEY, id TEXT, version INTEGER, name TEXT, balance INTEGER, segment TEXT, \
            owner TEXT, unit TEXT, opened TEXT, f_a INTEGER, f_ab TEXT, f_b TEXT) STRICT",
        "CREATE TABLE probe (n bigint PRIMARY KEY, id text, version numeric(19,4), name text, balance numeric(19,4), segment text, \
            owner text, unit text, opened timestamptz, f_a boolean, f_ab text, f_b text)";
    INSERT = "INSERT INTO probe (n, id, version, name, balance, segment, owner, unit, opened, f_a, f_ab, f_b) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
}

fn column(field: &str) -> Option<Column> {
    Some(match field {
        "id" => Column::new(ColumnKind::Text, Sql::both("id")),
        "version" => Column::new(ColumnKind::Amount, Sql::both("version")),
        "name" => Column::new(ColumnKind::Text, Sql::both("name")),
        "balance" => Column::new(ColumnKind::Amount, Sql::both("balance")),
        "segment" => Column::new(ColumnKind::Text, Sql::both("segment")),
        "owner" => Column::new(ColumnKind::Text, Sql::both("owner")),
        "unit" => Column::new(ColumnKind::Text, Sql::both("unit")),
        "opened" => Column::new(ColumnKind::Moment, Sql::both("opened")),
        "fields.a" => Column::new(ColumnKind::Boolean, Sql::both("f_a")),
        "fields.ab" => Column::new(ColumnKind::Text, Sql::both("f_ab")),
        "fields.b" => Column::new(ColumnKind::Date, Sql::both("f_b")),
        _ => return None,
    })
}

fn text(record: &Record, field: &str) -> Option<String> {
    match record.get(field) {
        Some(Operand::Text(text) | Operand::Date(text)) => Some(text.clone()),
        _ => None,
    }
}

fn amount(record: &Record, field: &str) -> Option<Amount> {
    match record.get(field) {
        Some(Operand::Number(number)) => Some(Amount::try_from(*number).unwrap()),
        _ => None,
    }
}

async fn fill(db: &Db, records: &[Record]) {
    let mut tx = db.write().await.unwrap();
    store::execute!(&mut tx, CREATE).unwrap();
    for (n, record) in records.iter().enumerate() {
        let opened: Option<Moment> = match record.get("opened") {
            Some(Operand::Moment(at)) => Some(*at),
            _ => None,
        };
        let flag = match record.get("fields.a") {
            Some(Operand::Boolean(flag)) => Some(*flag),
            _ => None,
        };
        store::execute!(
            &mut tx,
            INSERT,
            n as i64,
            text(record, "id"),
            amount(record, "version"),
            text(record, "name"),
            amount(record, "balance"),
            text(record, "segment"),
            text(record, "owner"),
            text(record, "unit"),
            opened,
            flag,
            text(record, "fields.ab"),
            text(record, "fields.b")
        )
        .unwrap();
    }
    tx.commit().await.unwrap();
}

/// The rows that a database finds; `None` where the condition compares what no column could hold.
async fn found(db: &Db, filter: &Filter) -> Option<BTreeSet<usize>> {
    let mut built = Built::new(db.kind(), "SELECT n FROM probe WHERE ");
    filter::push(&mut built, filter, &column).ok()?;
    let mut reads = db.read().await.unwrap();
    let rows: Vec<(i64,)> = built.fetch_all(&mut reads).await.unwrap();
    Some(rows.into_iter().map(|(n,)| n as usize).collect())
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    skipped: usize,
}

async fn compare(
    db: &Db,
    seed: u64,
    records: &[Record],
    wanted: usize,
    tally: &mut BTreeMap<&'static str, Tally>,
) {
    let mut chance = Chance(seed);
    let kind = match db.kind() {
        store::Kind::Sqlite => "SQLite",
        store::Kind::Postgres => "PostgreSQL",
    };
    let tally = tally.entry(kind).or_default();
    while tally.passed + tally.failed < wanted {
        let (mut roles, subject) = (common::roles(&mut chance), common::subject(&mut chance));
        // Conditions are about rows and fields, not about amounts.
        let grants = roles.iter_mut().flat_map(|role| &mut role.grants);
        grants.for_each(|grant| grant.limit = None);
        let policy = Policy::compile(&roles, &subject);
        let verb = chance.pick(&Verb::ALL);
        let entity = chance.pick(common::ENTITIES);
        let mask = policy.mask(entity, verb);
        let Some(rows) = found(db, mask.rows()).await else {
            tally.skipped += records.len();
            continue;
        };
        let mut ask = |target: &Target, by_database: &BTreeSet<usize>| {
            for (n, record) in records.iter().enumerate() {
                let get = |name: &str| record.get(name).cloned().unwrap_or(Operand::Null);
                let decided = policy
                    .decide(&Request::new(verb, target).on(&get))
                    .is_allowed();
                if decided == by_database.contains(&n) {
                    tally.passed += 1;
                } else {
                    tally.failed += 1;
                    if tally.failed < 5 {
                        eprintln!(
                            "{kind}: {target:?} {verb}: decided {decided}\n{record:?}\n{roles:#?}"
                        );
                    }
                }
            }
        };
        ask(&Target::entity(entity), &rows);
        for field in FIELDS {
            let seen = match mask.field(field) {
                Visibility::Always => Some(rows.clone()),
                Visibility::Never => Some(BTreeSet::new()),
                Visibility::When(condition) => found(db, &mask.rows().clone().and(condition)).await,
            };
            match seen {
                Some(seen) => ask(&Target::field(entity, *field), &seen),
                None => continue,
            }
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let failed = runtime.block_on(async {
        let wanted = std::env::var("ENGAGE_DECISIONS").map_or(1_000_000, |n| n.parse().unwrap());
        let mut chance = Chance(20_261_121);
        let records: Vec<Record> = (0..RECORDS).map(|_| common::record(&mut chance)).collect();
        let mut tally = BTreeMap::new();
        let mut databases = vec![store::testing::sqlite().await];
        databases.extend(store::testing::postgres().await);
        for database in &databases {
            fill(&database.db, &records).await;
            compare(&database.db, 7, &records, wanted, &mut tally).await;
        }
        for (kind, Tally { passed, failed, skipped }) in &tally {
            println!(
                "{}",
                serde_json::json!({"name": format!("decisions equal on {kind}"), "passed": passed, "failed": failed, "skipped": skipped})
            );
        }
        if databases.len() < 2 {
            println!(r#"{{"name":"decisions equal on PostgreSQL","passed":0,"failed":0,"skipped":{wanted}}}"#);
        }
        tally.values().map(|t| t.failed).sum::<usize>()
    });
    if failed > 0 {
        std::process::exit(1);
    }
}
