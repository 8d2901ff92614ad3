//! SIGKILL at random instants while people do every write of the main job. A journal keeps what was acknowledged;
//! afterwards all of it must be there, and nothing twice. The controls: a person who acknowledges before asking, one who
//! sends a write again under another key, and a journal that claims more than it was told. Each must be found.
#![expect(
    clippy::print_stdout,
    reason = "how many kills there were is worth knowing"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::{of, path};
use journeys::day::{self, Journal, Staff, Writer, Written};
use journeys::{Database, Options, Place, Service};
use kernel::Id;
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const WRITERS: usize = 4;
/// Between two promises.
const PROMISE: Duration = Duration::from_millis(100);
/// Nobody and nothing has it.
const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

fn kills() -> usize {
    std::env::var("ENGAGE_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20)
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() -> Result<()> {
    let place = Place::new("kills")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("kills-{}", database.name()))?;
        one(&apart, &database)
            .await
            .with_context(|| format!("on {}", database.name()))?;
    }
    Ok(())
}

async fn one(place: &Place, database: &Database) -> Result<()> {
    let mut service = Service::start(place, "node", database, &Options::demo())?;
    let staff = Staff::of(&service, PASSWORD).await?;
    let someone = staff.agent().suggest("cynthia").await?;
    let someone = someone.first().context("an empty house")?.id;

    let stop = Arc::new(AtomicBool::new(false));
    let journal: Arc<Journal> = Arc::default();
    let promised: Arc<Journal> = Arc::default();
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| {
            let (staff, stop, journal) = (staff.clone(), Arc::clone(&stop), Arc::clone(&journal));
            tokio::spawn(async move {
                let (staff, journal) = (&staff, &*journal);
                Writer {
                    number,
                    staff,
                    journal,
                }
                .until(&stop)
                .await
            })
        })
        .collect();
    let liar = {
        let (staff, stop, promised) = (staff.clone(), Arc::clone(&stop), Arc::clone(&promised));
        tokio::spawn(async move { promise(&staff, someone, &promised, &stop).await })
    };

    // From a seed, so that a failing run can be run again.
    let mut dice = 0x9e37_79b9_u64;
    for _ in 0..kills() {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(200 + (dice >> 33) % 700)).await;
        service.kill();
        // Long enough for everybody to find nobody there, whoever promises above all: its control must not hang on luck.
        tokio::time::sleep(3 * PROMISE / 2).await;
        service.restart()?;
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await??;
    }
    liar.await?;

    let written = journal.all().await;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &written {
        *kinds.entry(one.kind()).or_default() += 1;
    }
    ensure!(
        kinds.len() == 9 && written.len() >= 4 * kills(),
        "the writers got hardly anything done: {kinds:?}"
    );
    day::settled(&staff, &written).await?;
    let mut faults = day::faults(&staff, &written).await?;
    faults.extend(day::left_over(&staff, &written).await?);
    ensure!(
        faults.is_empty(),
        "{} faults in {kinds:?}: {:#?}",
        faults.len(),
        &faults[..faults.len().min(10)]
    );
    let lies = controls(&staff, &written, someone, &promised).await?;

    // The trail is whole.
    service.stop()?;
    let report = service.command(&["audit", "verify"])?;
    ensure!(report.contains("\"faults\": 0"), "{report}");
    println!(
        "{} kills on {}: {} acknowledged writes ({kinds:?}), {} of them by a key alone; none lost, none twice; {lies} promises that \
         nobody kept were found",
        kills(),
        database.name(),
        written.len(),
        journal.unheard().await
    );
    Ok(())
}

/// Notes each write as acknowledged before it is asked for, and never asks again.
async fn promise(staff: &Staff, customer: Id<of::Customer>, promised: &Journal, stop: &AtomicBool) {
    let at = path::fill(path::CUSTOMER_CONTACTS, &[&customer.to_string()]);
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("Prometida {number}");
        let contact = json!({ "name": name });
        promised.note(Written::Contact { customer, name }).await;
        drop(staff.agent().post::<Value>(&at, &contact).await);
        tokio::time::sleep(PROMISE).await;
    }
}

/// How many promises were broken. Fails where a journal that is wrong is taken for right.
async fn controls(
    staff: &Staff,
    written: &[Written],
    someone: Id<of::Customer>,
    promised: &Journal,
) -> Result<usize> {
    let promised = promised.all().await;
    let lies = day::faults(staff, &promised).await?;
    ensure!(
        lies.len() >= kills() && lies.iter().all(|lie| lie.contains("0 times")),
        "{} promises before {} kills, and of them these were found broken: {lies:?}",
        promised.len(),
        kills()
    );

    let name = "Dos llaves".to_owned();
    let at = path::fill(path::CUSTOMER_CONTACTS, &[&someone.to_string()]);
    for _ in 0..2 {
        let _: Value = staff.agent().post(&at, &json!({ "name": name })).await?;
    }
    let twice = Written::Contact {
        customer: someone,
        name,
    };
    let found = day::faults(staff, &[twice]).await?;
    ensure!(
        found.len() == 1 && found[0].contains("2 times"),
        "{found:?}"
    );

    let mut of_kind: BTreeMap<&str, &Written> = BTreeMap::new();
    for one in written {
        of_kind.insert(one.kind(), one);
    }
    for (kind, one) in of_kind {
        let forged = forged(one, written)?;
        let found = day::faults(staff, std::slice::from_ref(&forged)).await?;
        ensure!(
            found.len() == 1 && found[0].starts_with(kind),
            "{forged:?} was taken for true: {found:?}"
        );
    }
    let started = written.iter().find(|one| one.kind() == "starts");
    let started = started.context("no start")?.clone();
    let found = day::faults(staff, &[started.clone(), started.clone()]).await?;
    ensure!(found.len() == 1, "one instance for two writes: {found:?}");
    let one_less: Vec<_> = written
        .iter()
        .filter(|one| match (one, &started) {
            (Written::Start { instance, .. }, Written::Start { instance: gone, .. }) => {
                instance != gone
            }
            _ => true,
        })
        .cloned()
        .collect();
    let found = day::left_over(staff, &one_less).await?;
    ensure!(found.len() == 1, "one instance for nobody: {found:?}");
    Ok(lies.len())
}

/// The same entry, with more in it than was acknowledged.
fn forged(one: &Written, written: &[Written]) -> Result<Written> {
    let mut forged = one.clone();
    match &mut forged {
        Written::Customer { id, .. } => *id = NOBODY.parse()?,
        Written::Change { version, .. } => *version += 1,
        Written::Contact { name, .. } => name.push('x'),
        Written::Start { instance, .. } => *instance = NOBODY.parse()?,
        Written::Claim { by, .. } => *by = "Nadie",
        Written::Close { outcome, .. } => *outcome = "withdrawn",
        Written::Draft { revision, .. } => *revision += 1_000,
        Written::Version { version, .. } => *version += 1_000,
        // One that has no timer.
        Written::Hurried { customer, instance } => {
            let other = written.iter().find_map(|one| match one {
                Written::Start { customer, instance } => Some((*customer, *instance)),
                _ => None,
            });
            (*customer, *instance) = other.context("no start")?;
        }
    }
    Ok(forged)
}
