//! SIGKILL at random instants while many people write. Each keeps a journal of what was acknowledged; afterwards all of it
//! must be there, and nothing twice.
#![expect(
    clippy::print_stdout,
    reason = "how many kills there were is worth knowing"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::customers::Customer;
use api::work::Started;
use api::{of, path};
use journeys::{Client, Database, Options, Place, Refused, Service, eventually};
use kernel::Id;
use serde_json::json;
use tokio::sync::Mutex;

const PASSWORD: &str = "violeta-lluvia-tren";
const WRITERS: usize = 4;

/// Who asked, and the instance that was acknowledged.
type Journal = Mutex<Vec<(usize, Id<of::Instance>)>>;

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
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let customers = agent.suggest("a").await?;
    let persons: Vec<_> = customers
        .into_iter()
        .filter(|c| c.customer_type == "person")
        .map(|c| c.id)
        .collect();
    ensure!(
        persons.len() >= WRITERS,
        "too few customers: {}",
        persons.len()
    );

    let stop = Arc::new(AtomicBool::new(false));
    let journal: Arc<Journal> = Arc::default();
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| {
            tokio::spawn(write(
                agent.clone(),
                n,
                persons[n],
                Arc::clone(&stop),
                Arc::clone(&journal),
            ))
        })
        .collect();

    // From a seed, so that a failing run can be run again.
    let mut dice = 0x9e37_79b9_u64;
    for _ in 0..kills() {
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        tokio::time::sleep(Duration::from_millis(150 + (dice >> 33) % 500)).await;
        service.kill();
        service.restart()?;
    }
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await??;
    }

    let journal = journal.lock().await;
    ensure!(
        journal.len() >= kills(),
        "the writers got hardly anything done: {}",
        journal.len()
    );
    let mut acknowledged = BTreeSet::new();
    for (_, instance) in journal.iter() {
        ensure!(
            acknowledged.insert(*instance),
            "an instance was acknowledged for two different requests: {instance}"
        );
    }
    for (n, person) in persons.iter().take(WRITERS).enumerate() {
        let mine: BTreeSet<_> = journal
            .iter()
            .filter(|(of, _)| *of == n)
            .map(|(_, i)| *i)
            .collect();
        let there = instances(&agent, *person).await?;
        let lost: Vec<_> = mine.difference(&there).collect();
        ensure!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        // One request may have been cut off between its commit and its answer, at the very end: its key was never retried.
        ensure!(
            there.len() <= mine.len() + 1,
            "{} were asked for and {} are there",
            mine.len(),
            there.len()
        );
    }
    // What runs goes on, the trail is whole.
    let open: Customer = agent.get(&path::customer(persons[0])).await?;
    ensure!(open.open_instances > 0);
    service.stop()?;
    let report = service.command(&["audit", "verify"])?;
    ensure!(report.contains("\"faults\": 0"), "{report}");
    println!(
        "{} kills on {}: {} acknowledged writes, none lost",
        kills(),
        database.name(),
        journal.len()
    );
    Ok(())
}

/// Starts process after process for one customer; keeps a request's key until it is answered.
async fn write(
    agent: Client,
    n: usize,
    customer: Id<of::Customer>,
    stop: Arc<AtomicBool>,
    journal: Arc<Journal>,
) -> Result<()> {
    let body = json!({"process": "billing_claim", "customer": customer});
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let key = format!("writer-{n}-{number}");
        // Tried again with the same key until there is an answer.
        let answer = eventually("an answer", Duration::from_secs(60), || {
            let (agent, key, body) = (agent.clone(), key.clone(), body.clone());
            async move {
                match agent.post_as::<Started>(&key, path::INSTANCES, &body).await {
                    Ok(started) => Ok(Some(Some(started.instance))),
                    // Done, and the answer lost with the process: no retry may do it again.
                    Err(error)
                        if error
                            .downcast_ref::<Refused>()
                            .is_some_and(|r| r.code() == "already_done") =>
                    {
                        Ok(Some(None))
                    }
                    Err(error) => Err(error),
                }
            }
        })
        .await?;
        if let Some(instance) = answer {
            journal.lock().await.push((n, instance));
        } else {
            // It is there without an answer: find it, so that the count below stays exact.
            let known: BTreeSet<_> = journal
                .lock()
                .await
                .iter()
                .filter(|(of, _)| *of == n)
                .map(|(_, i)| *i)
                .collect();
            let there = instances(&agent, customer).await?;
            let new: Vec<_> = there.difference(&known).copied().collect();
            ensure!(
                new.len() == 1,
                "one write was done without an answer, and {} are new",
                new.len()
            );
            journal.lock().await.push((n, new[0]));
        }
    }
    Ok(())
}

/// Patiently: the service may just be coming back.
async fn instances(
    agent: &Client,
    customer: Id<of::Customer>,
) -> Result<BTreeSet<Id<of::Instance>>> {
    eventually("the list of instances", Duration::from_secs(60), || {
        let agent = agent.clone();
        async move { agent.instances(customer).await.map(Some) }
    })
    .await
}
