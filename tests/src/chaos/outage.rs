//! F4: PostgreSQL is broken off and started again, its backends are killed, every connection is held up.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::check;
use super::fleet::{Journal, Node};
use super::{Score, Size};
use crate::Place;
use crate::cluster::Cluster;
use crate::database::ask;

const RATE: &str = "40";
/// The stretch over which a rate is taken.
const STRETCH: Duration = Duration::from_secs(3);
/// How long it may take to be back.
const BACK: Duration = Duration::from_secs(10);

const FAULTS: [&str; 3] = ["restart", "backends killed", "every connection held up"];

/// Returns when the database is itself again.
async fn fault(cluster: &mut Cluster, which: &str) -> Result<()> {
    match which {
        "restart" => {
            cluster.break_off()?;
            cluster.up()
        }
        "backends killed" => ask(
            &cluster.url(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
        ),
        _ => {
            let url = cluster.url();
            let held = "BEGIN; LOCK TABLE instance, job IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(6); COMMIT";
            tokio::task::spawn_blocking(move || {
                // The two locks come one after the other: where a step holds them the other way round, PostgreSQL may call off
                // either. Ours is tried again.
                loop {
                    match ask(&url, held) {
                        Err(error) if error.to_string().contains("deadlock detected") => {}
                        done => return done,
                    }
                }
            })
            .await?
        }
    }
}

/// From `since` until starts come again at 98 % of `rate`; `None`: not within the time allowed.
async fn back(journal: &Journal, since: Instant, rate: f64) -> Option<Duration> {
    let wanted = rate * STRETCH.as_secs_f64() * 0.98;
    let mut at = since;
    while at <= since + BACK {
        if Instant::now() < at + STRETCH {
            sleep(Duration::from_millis(50)).await;
            continue;
        }
        if journal.starts(at, at + STRETCH) as f64 >= wanted {
            return Some(at - since);
        }
        at += Duration::from_millis(100);
    }
    None
}

async fn usual(journal: &Journal, seconds: u64) -> f64 {
    let began = Instant::now();
    sleep(Duration::from_secs(seconds)).await;
    journal.starts(began, Instant::now()) as f64 / began.elapsed().as_secs_f64()
}

pub(super) async fn outages(size: Size) -> Result<Vec<Score>> {
    let place = Place::new("f4")?;
    let mut cluster = Cluster::start(&place.folder("postgres")?, &[])?;
    let journal = Journal::default();
    // Fewer connections than the node has to do with at once: held up, none is left.
    let variables = [
        ("START", "plain effect"),
        ("RATE", RATE),
        ("CONNECTIONS", "3"),
    ];
    let url = cluster.url();
    let mut node = Node::start(place.path(), "node", &url, &journal, &variables)?;
    sleep(Duration::from_secs(3)).await;
    let rate = usual(&journal, size.of(4, 10)).await;
    let rounds = size.of(1, 33);
    let mut scores = Vec::new();
    for which in FAULTS {
        let (mut times, mut missed) = (Vec::new(), 0);
        for _ in 0..rounds {
            fault(&mut cluster, which).await?;
            match back(&journal, Instant::now(), rate).await {
                Some(time) => times.push(time),
                None => missed += 1,
            }
            ensure!(node.is_running(), "the node has ended: {}", node.log());
        }
        times.sort_unstable();
        let worst = times.last().copied().unwrap_or(BACK);
        scores.push(Score {
            name: format!("F4 {which}: back at 98 % of {rate:.0}/s within 10 s"),
            passed: times.len(),
            failed: missed,
            seen: format!("worst {} ms", worst.as_millis()),
        });
    }
    node.set("RATE", "0");
    node.restart()?;
    let db = check::open(&url).await?;
    let checked = check::settled(&db, place.path(), &journal, Duration::from_secs(60)).await?;
    scores.push(Score::held(
        "F4 nothing lost, stuck or done twice",
        checked.is_whole(),
        checked.words(),
    ));
    db.close().await;

    // Control: the database stays away.
    node.set("RATE", RATE);
    node.restart()?;
    sleep(Duration::from_secs(2)).await;
    cluster.break_off()?;
    let came_back = back(&journal, Instant::now(), rate).await;
    scores.push(Score::held(
        "F4 control, a database that stays away: must be found",
        came_back.is_none(),
        format!("{came_back:?}"),
    ));
    drop(node);
    scores.push(unsynced().await?);
    Ok(scores)
}

/// Control: commits that are acknowledged before they are on the disk, and the database broken off.
async fn unsynced() -> Result<Score> {
    let place = Place::new("f4-unsynced")?;
    let settings = [
        "synchronous_commit=off",
        "wal_writer_delay=10s",
        "wal_writer_flush_after=1GB",
    ];
    let mut cluster = Cluster::start(&place.folder("postgres")?, &settings)?;
    let journal = Journal::default();
    let variables = [("START", "plain"), ("RATE", RATE)];
    let url = cluster.url();
    let mut node = Node::start(place.path(), "node", &url, &journal, &variables)?;
    sleep(Duration::from_secs(1)).await;
    // Else it would write every full page at once.
    cluster.freeze("walwriter")?;
    sleep(Duration::from_secs(3)).await;
    cluster.break_off()?;
    node.kill();
    cluster.up()?;
    node.set("RATE", "0");
    node.restart()?;
    let db = check::open(&url).await?;
    let checked = check::settled(&db, place.path(), &journal, Duration::from_secs(30)).await?;
    db.close().await;
    Ok(Score::held(
        "F4 control, commits that do not wait for the disk: must be found",
        checked.lost > 0,
        checked.words(),
    ))
}
