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

/// From the commit that asks to the handler that begins, at a steady 500 jobs a second.
pub async fn pickup(kind: &str, db: &Db) -> anyhow::Result<()> {
    let ambient = store::ambient();
    let times = Arc::new(Mutex::new(Vec::new()));
    let origin = Instant::now();
    let working = {
        let times = Arc::clone(&times);
        Worker::new(db.clone(), ambient.clone()).handle(
            "tick",
            Policy::default(),
            move |job: Running| {
                let picked = origin.elapsed();
                let times = Arc::clone(&times);
                async move {
                    let asked =
                        Duration::from_nanos(job.payload["at"].as_u64().unwrap_or_default());
                    times.lock().await.push(picked.saturating_sub(asked));
                    Ok(Done::Finish)
                }
            },
        )
    }
    .start();
    let mut tick = tokio::time::interval(Duration::from_millis(2));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for _ in 0..2_000 {
        tick.tick().await;
        let at = u64::try_from(origin.elapsed().as_nanos())?;
        let job = NewJob::new("tick", &serde_json::json!({ "at": at }))?;
        let mut tx = db.write().await?;
        enqueue(&mut tx, &ambient, &[job]).await?;
        tx.commit().await?;
    }
    working.stop().await;
    let mut times = times.lock().await;
    say(
        &format!("{kind}: pickup, median (asked to begun, commit included)"),
        percentile(&mut times, 50),
        "ms",
        Some("<= 5"),
    );
    say(
        &format!("{kind}: pickup, 99 %"),
        percentile(&mut times, 99),
        "ms",
        Some("<= 50"),
    );
    Ok(())
}
