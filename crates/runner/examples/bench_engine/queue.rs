//! Plain jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jobs::{Done, NewJob, Policy, Running, Worker, enqueue};
use store::Db;
use tokio::sync::{Mutex, Notify};

use crate::measure::{Stretch, percentile, say};

const JOBS: usize = 50_000;
const BATCH: usize = 500;

pub async fn rate(kind: &str, db: &Db, goal_on: &str) -> anyhow::Result<()> {
    let ambient = store::ambient();
    let stretch = Stretch::begin(db);
    for batch in 0..JOBS / BATCH {
        let jobs: Vec<_> = (0..BATCH)
            .map(|i| NewJob::new("plain", &serde_json::json!({ "n": batch * BATCH + i })))
            .collect::<kernel::Result<_>>()?;
        let mut tx = db.write().await?;
        enqueue(&mut tx, &ambient, &jobs).await?;
        tx.commit().await?;
    }
    let (per_second, per_cpu) = stretch.rates(JOBS);
    say(&format!("{kind}: jobs enqueued"), per_second, "/s", None);
    say(
        &format!("{kind}: jobs enqueued per processor second"),
        per_cpu,
        "/CPU-s",
        None,
    );

    let (count, all) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let stretch = Stretch::begin(db);
    let working = {
        let (count, all) = (Arc::clone(&count), Arc::clone(&all));
        let policy = Policy {
            limit: 500,
            ..Policy::default()
        };
        Worker::new(db.clone(), ambient).handle("plain", policy, move |_: Running| {
            let (count, all) = (Arc::clone(&count), Arc::clone(&all));
            async move {
                if count.fetch_add(1, Ordering::Relaxed) + 1 == JOBS {
                    all.notify_one();
                }
                Ok(Done::Finish)
            }
        })
    }
    .start();
    all.notified().await;
    // The last commits belong to the work.
    working.stop().await;
    let (per_second, per_cpu) = stretch.rates(JOBS);
    let goal = |this: &str, goal| (goal_on == this).then_some(goal);
    say(
        &format!("{kind}: plain jobs done"),
        per_second,
        "/s",
        goal("per_second", ">= 15000"),
    );
    say(
        &format!("{kind}: plain jobs done per processor second"),
        per_cpu,
        "/CPU-s",
        goal("per_cpu", ">= 12000"),
    );
    Ok(())
}

/// How long a job waits at a steady rate: from its commit, when it is there to be taken, to the handler that begins; and,
/// besides, from before the commit, as whoever asks sees it.
pub async fn pickup(kind: &str, db: &Db) -> anyhow::Result<()> {
    const TICKS: usize = 2_000;
    let ambient = store::ambient();
    let begun = Arc::new(Mutex::new(vec![Duration::ZERO; TICKS]));
    let origin = Instant::now();
    let working = {
        let begun = Arc::clone(&begun);
        Worker::new(db.clone(), ambient.clone()).handle(
            "tick",
            Policy::default(),
            move |job: Running| {
                let now = origin.elapsed();
                let begun = Arc::clone(&begun);
                async move {
                    let number = job.payload["n"].as_u64().unwrap_or_default();
                    let number = usize::try_from(number).unwrap_or(TICKS);
                    if let Some(place) = begun.lock().await.get_mut(number) {
                        *place = now;
                    }
                    Ok(Done::Finish)
                }
            },
        )
    }
    .start();
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut asked, mut there) = (Vec::new(), Vec::new());
    for number in 0..TICKS {
        tick.tick().await;
        asked.push(origin.elapsed());
        let job = NewJob::new("tick", &serde_json::json!({ "n": number }))?;
        let mut tx = db.write().await?;
        enqueue(&mut tx, &ambient, &[job]).await?;
        tx.commit().await?;
        there.push(origin.elapsed());
    }
    working.stop().await;
    let begun = begun.lock().await;
    // It may be begun before the asker hears that it is there.
    let since = |from: &[Duration]| -> Vec<Duration> {
        let pairs = begun.iter().zip(from);
        pairs
            .map(|(begun, from)| begun.saturating_sub(*from))
            .collect()
    };
    let (mut waited, mut whole) = (since(&there), since(&asked));
    for (percent, word, goal) in [(50, "median", "<= 5"), (99, "99 %", "<= 50")] {
        say(
            &format!("{kind}: pickup, {word}"),
            percentile(&mut waited, percent),
            "ms",
            Some(goal),
        );
        say(
            &format!("{kind}: pickup with the asker's own commit, {word}"),
            percentile(&mut whole, percent),
            "ms",
            None,
        );
    }
    Ok(())
}
