//! The life of jobs and timers, on both databases.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jobs::{
    Done, Failure, JobState, NewJob, Policy, Running, Verdict, Worker, claim, dead, enqueue,
    settle, settle_in, timer,
};
use kernel::{Ambient, Id, Moment, Page, Span};
use serde_json::json;
use store::Db;
use store::testing::{HandClock, hand_ambient};

const START: Moment = Moment::from_secs(1_800_000_000);
const LEASE: Span = Span::from_secs(10);

fn begin(seed: u64) -> (HandClock, Ambient) {
    hand_ambient(START, seed)
}

async fn ask(db: &Db, ambient: &Ambient, jobs: &[NewJob]) -> u64 {
    let mut tx = db.write().await.unwrap();
    let new = enqueue(&mut tx, ambient, jobs).await.unwrap();
    tx.commit().await.unwrap();
    new
}

async fn take(db: &Db, now: Moment, kind: &str, most: i64) -> Vec<jobs::Claimed> {
    let mut tx = db.write().await.unwrap();
    let claimed = claim(&mut tx, now, &[(kind.to_owned(), most, LEASE)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn end(db: &Db, now: Moment, ends: &[(jobs::Lease, Verdict)]) -> usize {
    let mut tx = db.write().await.unwrap();
    let ended = settle(&mut tx, now, ends).await.unwrap();
    tx.commit().await.unwrap();
    ended.len()
}

fn mail(number: u32) -> NewJob {
    NewJob::new("mail", &json!({ "number": number })).unwrap()
}

store::both! {
    async fn what_was_rolled_back_was_never_asked_for(db: Db) {
        let (_, ambient) = begin(1);
        let mut tx = db.write().await.unwrap();
        enqueue(&mut tx, &ambient, &[mail(1)]).await.unwrap();
        tx.rollback().await.unwrap();
        assert!(take(&db, START, "mail", 10).await.is_empty());
    }

    async fn one_effect_key_is_one_effect_even_after_it_happened(db: Db) {
        let (_, ambient) = begin(2);
        let effect = mail(1).keyed("welcome:42");
        assert_eq!(ask(&db, &ambient, &[effect.clone(), mail(2), effect.clone()]).await, 2);
        assert_eq!(ask(&db, &ambient, std::slice::from_ref(&effect)).await, 0);
        let claimed = take(&db, START, "mail", 10).await;
        assert_eq!(claimed.len(), 2);
        let ends: Vec<_> = claimed.iter().map(|job| (job.lease, Verdict::Done)).collect();
        assert_eq!(end(&db, START, &ends).await, 2);
        assert_eq!(ask(&db, &ambient, std::slice::from_ref(&effect)).await, 0);
        // Forgotten by age, the key is free again.
        let mut tx = db.write().await.unwrap();
        assert_eq!(jobs::trim(&mut tx, START).await.unwrap(), 0);
        assert_eq!(jobs::trim(&mut tx, START + Span::from_secs(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(ask(&db, &ambient, &[effect]).await, 1);
    }

    async fn jobs_wait_for_their_due_time_and_come_oldest_due_first(db: Db) {
        let (_, ambient) = begin(3);
        let late = START + Span::from_secs(60);
        ask(&db, &ambient, &[mail(2).at(late), mail(1), mail(3).at(late + Span::from_secs(1))]).await;
        let numbers = |jobs: &[jobs::Claimed]| jobs.iter().map(|j| j.payload["number"].clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&take(&db, late - Span::from_micros(1), "mail", 10).await), [json!(1)]);
        assert_eq!(numbers(&take(&db, late, "mail", 10).await), [json!(2)]);
        assert!(take(&db, late, "other", 10).await.is_empty());
    }

    async fn a_zombies_late_commit_is_refused(db: Db) {
        let (_, ambient) = begin(4);
        ask(&db, &ambient, &[mail(1)]).await;
        let zombie = take(&db, START, "mail", 1).await.remove(0);
        // Nobody else gets it while the lease runs…
        let end_of_lease = START + LEASE;
        assert!(take(&db, end_of_lease - Span::from_micros(1), "mail", 1).await.is_empty());
        // …then another worker does.
        let heir = take(&db, end_of_lease, "mail", 1).await.remove(0);
        assert_eq!((heir.lease.job, heir.attempt), (zombie.lease.job, 2));
        // The zombie wakes: whatever it says, nothing is touched.
        for verdict in [
            Verdict::Done,
            Verdict::Failed { cause: "no".into() },
            Verdict::Again { at: START, cause: "no".into() },
            Verdict::Returned,
        ] {
            assert_eq!(end(&db, end_of_lease, &[(zombie.lease, verdict)]).await, 0);
        }
        let mut tx = db.write().await.unwrap();
        settle_in(&mut tx, end_of_lease, zombie.lease).await.unwrap_err();
        jobs::arm(&mut tx, zombie.lease).await.unwrap_err();
        let kept = jobs::extend(&mut tx, &[(zombie.lease, end_of_lease + LEASE), (heir.lease, end_of_lease + LEASE)]).await.unwrap();
        assert_eq!(kept, [heir.lease.job]);
        settle_in(&mut tx, end_of_lease, heir.lease).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn what_was_armed_is_never_begun_again_by_itself(db: Db) {
        let (_, ambient) = begin(5);
        ask(&db, &ambient, &[mail(1).keyed("a"), NewJob::new("safe", &json!({})).unwrap().keyed("b")]).await;
        for kind in ["mail", "safe"] {
            let job = take(&db, START, kind, 1).await.remove(0);
            let mut tx = db.write().await.unwrap();
            jobs::arm(&mut tx, job.lease).await.unwrap();
            tx.commit().await.unwrap();
        }
        let later = START + Span::from_hours(1);
        let clock = HandClock::at(later);
        let ambient = ambient.with_clock(Arc::new(clock));
        let begun = Arc::new(AtomicUsize::new(0));
        let count = |begun: &Arc<AtomicUsize>| {
            let begun = Arc::clone(begun);
            move |_: Running| {
                begun.fetch_add(1, Ordering::Relaxed);
                async { Ok(Done::Finish) }
            }
        };
        // The kind whose other side recognises repeats is begun again; the other is not.
        let safe = Policy { repeatable: true, ..Policy::default() };
        let worker = Worker::new(db.clone(), ambient).handle("mail", Policy::default(), count(&begun)).handle("safe", safe, count(&begun));
        assert_eq!(worker.run_due().await.unwrap(), 2);
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        let letters = dead(&mut db.read().await.unwrap(), &Page::default()).await.unwrap().items;
        assert_eq!((letters.len(), letters[0].state), (1, JobState::InDoubt));
        // A person decides that it may be tried again.
        let mut tx = db.write().await.unwrap();
        assert_eq!(jobs::requeue(&mut tx, later, &[letters[0].id]).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(take(&db, later, "mail", 1).await[0].attempt, 1);
    }

    async fn two_claimers_never_get_the_same_job(db: Db) {
        let (_, ambient) = begin(6);
        let many: Vec<_> = (0..200).map(mail).collect();
        ask(&db, &ambient, &many).await;
        let takers = (0..4).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut got = Vec::new();
                loop {
                    let batch = take(&db, START, "mail", 7).await;
                    if batch.is_empty() {
                        return got;
                    }
                    got.extend(batch.into_iter().map(|job| job.lease.job));
                }
            })
        });
        let got: Vec<_> = futures::future::join_all(takers).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(got.len(), 200);
        assert_eq!(got.into_iter().collect::<BTreeSet<_>>().len(), 200);
    }

    async fn poison_ends_in_dead_letters_with_its_cause_while_the_rest_is_done(db: Db) {
        let (clock, ambient) = begin(7);
        let many: Vec<_> = (0..30).map(mail).collect();
        ask(&db, &ambient, &many).await;
        let runs = Arc::new(AtomicUsize::new(0));
        let worker = || {
            let runs = Arc::clone(&runs);
            Worker::new(db.clone(), ambient.clone()).handle(
                "mail",
                Policy { attempts: 3, timeout: Duration::from_millis(50), ..Policy::default() },
                move |job: Running| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    async move {
                        match job.payload["number"].as_i64() {
                            Some(3) => panic!("out of cheese"),
                            Some(5) => std::future::pending().await,
                            Some(7) => Err(Failure::Final("no such address".into())),
                            Some(9) if job.attempt < 3 => Err(Failure::Passing("busy".into())),
                            _ => Ok(Done::Finish),
                        }
                    }
                },
            )
        };
        // The pauses between the attempts are in the clock's time.
        for _ in 0..3 {
            worker().run_due().await.unwrap();
            clock.advance(Span::from_secs(60));
        }
        assert_eq!(runs.load(Ordering::Relaxed), 26 + 3 + 3 + 1 + 3);
        let mut letters = dead(&mut db.read().await.unwrap(), &Page::default()).await.unwrap().items;
        letters.sort_by_key(|letter| letter.payload["number"].as_i64());
        let told: Vec<_> = letters.iter().map(|letter| (letter.attempt, letter.cause.as_deref().unwrap())).collect();
        assert_eq!(told, [(3, "panic: out of cheese"), (3, "no end after 0 s"), (1, "no such address")]);
        assert!(take(&db, clock_end(), "mail", 50).await.is_empty());
    }

    async fn dead_letters_are_read_page_by_page(db: Db) {
        let (_, ambient) = begin(8);
        let many: Vec<_> = (0..7).map(mail).collect();
        ask(&db, &ambient, &many).await;
        let claimed = take(&db, START, "mail", 10).await;
        for (i, job) in claimed.iter().enumerate() {
            // Two at each instant: the order is whole all the same.
            let at = START + Span::from_secs(i64::try_from(i).unwrap() / 2);
            end(&db, at, &[(job.lease, Verdict::Failed { cause: "x".into() })]).await;
        }
        let (mut seen, mut page) = (Vec::new(), Page { limit: Some(3), cursor: None });
        loop {
            let part = dead(&mut db.read().await.unwrap(), &page).await.unwrap();
            seen.extend(part.items.iter().map(|letter| letter.id));
            page.cursor = part.next;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 7);
        assert_eq!(seen.len(), 7);
    }

    async fn a_worker_is_woken_by_the_commit_and_stops_without_losing_anything(db: Db) {
        let ambient = store::ambient();
        let done = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&done);
        let working = Worker::new(db.clone(), ambient.clone())
            .handle("mail", Policy { limit: 4, ..Policy::default() }, move |_: Running| {
                let count = Arc::clone(&count);
                async move {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    count.fetch_add(1, Ordering::Relaxed);
                    Ok(Done::Finish)
                }
            })
            .start();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let many: Vec<_> = (0..60).map(mail).collect();
        ask(&db, &ambient, &many).await;
        while done.load(Ordering::Relaxed) < 10 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        working.stop().await;
        // What was done is gone, what was not begun is there, planned, with no attempt counted.
        let counts = jobs::counts(&mut db.read().await.unwrap()).await.unwrap();
        let left: i64 = counts.iter().map(|count| count.count).sum();
        assert!(counts.iter().all(|count| count.state == JobState::Planned), "{counts:?}");
        assert_eq!(left, 60 - i64::try_from(done.load(Ordering::Relaxed)).unwrap());
        assert!(take(&db, ambient.now(), "mail", 60).await.iter().all(|job| job.attempt == 1));
    }

    async fn timers_are_claimed_once_per_lease_and_not_a_moment_early(db: Db) {
        let (_, ambient) = begin(9);
        let subject = ambient.id::<()>();
        let due = START + Span::from_days(4);
        let mut tx = db.write().await.unwrap();
        let timers = [timer::Timer::new(subject, 1, due), timer::Timer::new(subject, 2, due + Span::from_secs(1))];
        timer::schedule(&mut tx, &timers).await.unwrap();
        assert!(timer::claim(&mut tx, due - Span::from_secs(1), due, 10).await.unwrap().is_empty());
        assert_eq!(timer::next(&mut tx).await.unwrap(), Some(due));
        assert_eq!(timer::claim(&mut tx, due, due + LEASE, 10).await.unwrap(), timers[..1]);
        // Leased: only the other one is left, once it is due.
        assert_eq!(timer::claim(&mut tx, due + Span::from_secs(1), due + LEASE, 10).await.unwrap(), timers[1..]);
        // Not acted upon within the lease: both come again, until the one who acts takes them away.
        assert_eq!(timer::claim(&mut tx, due + LEASE, due + LEASE + LEASE, 10).await.unwrap(), timers);
        assert_eq!(timer::remove(&mut tx, &[(subject.uuid(), 1)]).await.unwrap(), 1);
        assert_eq!(timer::remove(&mut tx, &[(subject.uuid(), 1)]).await.unwrap(), 0);
        assert_eq!(timer::remove_all(&mut tx, &[Id::<()>::uuid(subject)]).await.unwrap(), 1);
        assert_eq!(timer::next(&mut tx).await.unwrap(), None);
        tx.commit().await.unwrap();
    }
}

fn clock_end() -> Moment {
    START + Span::from_days(1)
}
