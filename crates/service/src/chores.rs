//! What the service does by itself, now and then: signed checkpoints of the audit trail, and forgetting what nobody needs
//! any more. On many nodes each chore is one job per span of time (`jobs`, by its key), and whoever takes it does it.

use std::time::Duration;

use jobs::{Done, Failure, NewJob, Policy, Running, Worker, Working};
use kernel::{Ambient, Id, Moment, Result, Span};
use ledger::audit::verification::{self, Verification};
use ledger::audit::{checkpoint, verify as chain};
use store::Db;
use tokio_util::sync::CancellationToken;

use crate::{App, Config, audit};

const CHECKPOINT: &str = "chore.checkpoint";
const PURGE: &str = "chore.purge";

/// How often it is looked whether a chore is due.
const LOOK: Duration = Duration::from_secs(20);
const PURGE_EVERY: Span = Span::from_hours(1);
/// Ended sessions are kept so long; the trail keeps what was done in them.
const SESSIONS_KEPT: Span = Span::from_days(30);
const TRIES_KEPT: Span = Span::from_days(1);
/// An upload that broke off may be taken up again for so long.
const UPLOADS_KEPT: Span = Span::from_days(1);

/// One job for each span: its key says which.
fn job(kind: &str, now: Moment, every: Span) -> Result<NewJob> {
    let span = now.as_micros().div_euclid(every.as_micros());
    Ok(NewJob::new(kind, &())?.keyed(format!("{kind}:{}:{span}", every.as_micros())))
}

/// Asks for what is due, on every node; the key makes it one.
pub async fn plan(db: Db, ambient: Ambient, config: Config, stopping: CancellationToken) {
    let every = Span::from_minutes(config.checkpoint_minutes.into());
    let mut asked = (None, None);
    loop {
        let due = async {
            let now = ambient.now();
            let mut wanted = Vec::new();
            let span = |every: Span| now.as_micros().div_euclid(every.as_micros());
            let spans = (
                (every > Span::ZERO).then(|| span(every)),
                Some(span(PURGE_EVERY)),
            );
            if every > Span::ZERO && asked.0 != spans.0 {
                wanted.push(job(CHECKPOINT, now, every)?);
            }
            if asked.1 != spans.1 {
                wanted.push(job(PURGE, now, PURGE_EVERY)?);
            }
            if !wanted.is_empty() {
                let mut tx = db.write().await?;
                jobs::enqueue(&mut tx, &ambient, &wanted).await?;
                tx.commit().await?;
            }
            Ok::<_, kernel::Error>(spans)
        };
        match due.await {
            Ok(spans) => asked = spans,
            Err(error) => tracing::warn!(%error, "could not plan the chores"),
        }
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Does what was asked for.
pub fn worker(db: &Db, ambient: &Ambient, config: &Config) -> Working {
    let policy = Policy {
        limit: 1,
        repeatable: true,
        timeout: Duration::from_secs(600),
        ..Policy::default()
    };
    let (checking, purging) = (
        (db.clone(), ambient.clone(), config.clone()),
        (db.clone(), ambient.clone()),
    );
    Worker::new(db.clone(), ambient.clone())
        .handle(CHECKPOINT, policy.clone(), move |_: Running| {
            let (db, ambient, config) = checking.clone();
            async move { ended(make_checkpoint(&db, &ambient, &config).await) }
        })
        .handle(PURGE, policy, move |_: Running| {
            let (db, ambient) = purging.clone();
            async move { ended(purge(&db, &ambient).await) }
        })
        .start()
}

fn ended(done: Result<()>) -> Result<Done, Failure> {
    match done {
        Ok(()) => Ok(Done::Finish),
        Err(error) => {
            tracing::warn!(%error, "a chore failed and is tried again");
            Err(Failure::Passing(error.to_string()))
        }
    }
}

/// Signs where the trail stands, and sees to it that the folder elsewhere holds every checkpoint.
async fn make_checkpoint(db: &Db, ambient: &Ambient, config: &Config) -> Result<()> {
    let signer = audit::signer(config, ambient)?;
    let mut tx = db.write().await?;
    checkpoint::make(&mut tx, ambient.now(), &signer).await?;
    tx.commit().await?;
    let Some(folder) = &config.checkpoint_dir else {
        return Ok(());
    };
    let path = folder.join(audit::CHECKPOINTS);
    let mut last = if path.exists() {
        audit::read_checkpoints(&path)?
            .last()
            .map_or(0, |c| c.number)
    } else {
        0
    };
    loop {
        let some = checkpoint::after(&mut db.read().await?, last, 500).await?;
        audit::keep_elsewhere(folder, &signer, &some)?;
        match some.last() {
            Some(newest) => last = newest.number,
            None => return Ok(()),
        }
    }
}

async fn purge(db: &Db, ambient: &Ambient) -> Result<()> {
    let now = ambient.now();
    let mut tx = db.write().await?;
    let sessions = directory::session::purge(&mut tx, now - SESSIONS_KEPT).await?;
    let tries = directory::sign_in::purge(&mut tx, now - TRIES_KEPT).await?;
    tx.commit().await?;
    let uploads = desk::import::remove_abandoned(db, now - UPLOADS_KEPT).await?;
    if sessions + tries > 0 || uploads > 0 {
        tracing::info!(
            sessions,
            tries,
            uploads,
            "forgot what nobody needs any more"
        );
    }
    Ok(())
}

/// Carries a check of the trail through, saying how far it is.
pub async fn verify(app: App, id: Id<Verification>) {
    let checked = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let work = {
        let (app, checked) = (app.clone(), checked.clone());
        async move {
            let trust = audit::trust(&app.config)?;
            chain::verify(&app.db, trust, |seen| {
                checked.store(seen, std::sync::atomic::Ordering::Relaxed);
            })
            .await
        }
    };
    tokio::pin!(work);
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let found = loop {
        tokio::select! {
            found = &mut work => break found,
            () = app.stopping.cancelled() => return,
            _ = tick.tick() => {
                let seen = checked.load(std::sync::atomic::Ordering::Relaxed);
                let told = async {
                    let mut tx = app.db.write().await?;
                    verification::advance(&mut tx, app.ambient.now(), id, seen).await?;
                    tx.commit().await
                };
                if let Err(error) = told.await {
                    tracing::warn!(%error, "could not say how far a check of the trail is");
                }
            }
        }
    };
    let kept = async {
        let found = found.map_err(|error| error.to_string());
        let mut tx = app.db.write().await?;
        verification::finish(&mut tx, app.ambient.now(), id, found).await?;
        tx.commit().await
    };
    if let Err(error) = kept.await {
        tracing::error!(%error, "could not keep what a check of the trail has found");
    }
}

#[cfg(test)]
mod tests {
    use store::testing::hand_ambient;

    use super::*;

    store::both! {
        async fn checkpoints_are_kept_elsewhere_whole_even_after_it_was_away(db: Db) {
            let (_, ambient) = hand_ambient(Moment::from_secs(1_790_000_000), 3);
            let folder = tempfile::tempdir().unwrap();
            let config = Config {
                data_dir: folder.path().join("data"),
                checkpoint_dir: Some(folder.path().join("elsewhere")),
                ..Config::default()
            };
            let act = async |n: i64| {
                let mut tx = db.write().await.unwrap();
                let entry = ledger::audit::Entry::new("thing.do", "desk", "thing").of(n);
                ledger::audit::record(&mut tx, ambient.now(), &ledger::Actor::system("test"), entry);
                tx.commit().await.unwrap();
            };
            act(1).await;
            make_checkpoint(&db, &ambient, &config).await.unwrap();
            act(2).await;
            // Once without the folder: the next one brings both.
            make_checkpoint(&db, &ambient, &Config { checkpoint_dir: None, ..config.clone() }).await.unwrap();
            act(3).await;
            make_checkpoint(&db, &ambient, &config).await.unwrap();
            let trust = audit::trust(&config).unwrap();
            assert_eq!(trust.outside.iter().map(|c| c.number).collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!(trust.keys.len(), 1);
            let report = chain::verify(&db, trust, |_| {}).await.unwrap();
            assert!(report.is_sound() && report.uncovered == 0, "{report:?}");
        }

        async fn many_nodes_ask_and_one_job_comes_of_it(db: Db) {
            let (_, ambient) = hand_ambient(Moment::from_secs(1_790_000_000), 3);
            let stop = CancellationToken::new();
            let nodes: Vec<_> = (0..3)
                .map(|_| tokio::spawn(plan(db.clone(), ambient.clone(), Config::default(), stop.clone())))
                .collect();
            let mut count = 0;
            for _ in 0..200 {
                count = jobs::counts(&mut db.read().await.unwrap()).await.unwrap().iter().map(|c| c.count).sum();
                if count == 2 { break; }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            stop.cancel();
            for node in nodes { node.await.unwrap(); }
            let after: i64 = jobs::counts(&mut db.read().await.unwrap()).await.unwrap().iter().map(|c| c.count).sum();
            assert_eq!((count, after), (2, 2));
        }
    }
}
