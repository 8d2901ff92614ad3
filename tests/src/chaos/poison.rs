//! F9: one call in a hundred panics, never ends, or answers 20 MiB. What becomes of the others?

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::check;
use super::fleet::{Journal, Node};
use super::{Score, Size};
use crate::{Database, Place};

/// How many times as long the others' slowest may take, and what it may cost besides: the grain of the clock and of the
/// machine's other work. Beside other tests a few seconds say nothing finer.
fn bound(size: Size) -> (f64, Duration) {
    size.of(
        (5.0, Duration::from_millis(200)),
        (1.5, Duration::from_millis(20)),
    )
}

struct Phase {
    p99: Duration,
    ended: usize,
}

struct Run<'r> {
    place: &'r Place,
    database: &'r Database,
    long: Duration,
    rate: &'r str,
}

impl Run<'_> {
    async fn phase(&self, poison: &str) -> Result<(Phase, Journal)> {
        let journal = Journal::default();
        let start = format!("{}poison", "plain ".repeat(99));
        let variables = [
            ("START", start.as_str()),
            ("RATE", self.rate),
            ("POISON", poison),
        ];
        let mut node = Node::start(
            self.place.path(),
            "node",
            self.database.url(),
            &journal,
            &variables,
        )?;
        // The first are slower: connections, plans, caches.
        sleep(Duration::from_secs(3)).await;
        let began = Instant::now();
        sleep(self.long).await;
        let mut times = journal.times(began);
        ensure!(
            node.is_running(),
            "the node has ended by itself: {}",
            node.log()
        );
        times.sort_unstable();
        let at = (times.len() * 99 / 100).min(times.len().saturating_sub(1));
        let p99 = times.get(at).copied().unwrap_or(Duration::from_secs(600));
        Ok((
            Phase {
                p99,
                ended: times.len(),
            },
            journal,
        ))
    }
}

pub(super) async fn poisoned(size: Size) -> Result<Vec<Score>> {
    let place = Place::new("f9")?;
    let database = Database::file(&place);
    let run = Run {
        place: &place,
        database: &database,
        long: size.of(Duration::from_secs(7), Duration::from_secs(75)),
        rate: size.of("40", "80"),
    };
    // In turn, so that what else the machine does meets both.
    let (mut clean, mut poisoned) = (Vec::new(), Vec::new());
    let mut acknowledged = 0;
    for _ in 0..2 {
        clean.push(run.phase("none").await?.0);
        let (phase, journal) = run.phase("mixed").await?;
        acknowledged += journal.acknowledged().len();
        poisoned.push(phase);
    }
    let least = |phases: &[Phase]| {
        phases
            .iter()
            .map(|phase| phase.p99)
            .min()
            .unwrap_or_default()
    };
    // The least disturbed of each.
    let base = least(&clean);
    let seen = least(&poisoned);
    let (times, grain) = bound(size);
    let allowed = base.mul_f64(times) + grain;
    let ended: usize = poisoned.iter().map(|phase| phase.ended).sum();
    // What has not ended has no time to be compared: fewer ends count as much as late ones.
    let wanted = clean.iter().map(|phase| phase.ended).max().unwrap_or(0) * 4 / 5;
    let ends = poisoned.iter().map(|phase| phase.ended).max().unwrap_or(0);
    let mut scores = vec![Score::held(
        format!("F9 beside 1 % of poison the others' 99 % stays within {times} times"),
        seen <= allowed && ends >= wanted && ended > 0,
        format!(
            "{} ms for {} ms, {ended} ended",
            seen.as_millis(),
            base.as_millis()
        ),
    )];
    let db = check::open(database.url()).await?;
    let mut node = Node::start(
        place.path(),
        "last",
        database.url(),
        &Journal::default(),
        &[("POISON", "none")],
    )?;
    let began = Instant::now();
    let healthy = async || -> Result<usize> {
        let mut open = 0;
        for process in check::variables(&db, "plain").await? {
            open += usize::from(check::find(&process, "by").is_none());
        }
        Ok(open)
    };
    while healthy().await? > 0 && began.elapsed() < Duration::from_secs(30) {
        sleep(Duration::from_millis(500)).await;
    }
    let open = healthy().await?;
    scores.push(Score::held(
        "F9 every healthy one of them has ended, and the node with them still works",
        open == 0 && node.is_running() && acknowledged > 0,
        format!("{acknowledged} acknowledged under poison, {open} open"),
    ));
    drop(node);
    db.close().await;
    let (blocked, _) = run.phase("blocks").await?;
    scores.push(Score::held(
        "F9 control, work that holds its thread: must be found",
        blocked.p99 > allowed || blocked.ended < wanted,
        format!(
            "{} ms, {} ended, {wanted} wanted",
            blocked.p99.as_millis(),
            blocked.ended
        ),
    ));
    Ok(scores)
}
