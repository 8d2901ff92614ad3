//! F7: the clock is set forward and back, over changes of the clocks in six zones, under two nodes that work.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use kernel::{Clock as _, Moment, Span};
use store::{Db, SystemClock};
use tokio::time::sleep;

use super::check;
use super::cycles::{CYCLES, told};
use super::fleet::{Journal, Node};
use super::{Score, Size};
use crate::{Database, Place};

/// How late a timer may be.
const LATE: Duration = Duration::from_secs(2);

/// The clock of all nodes of a run.
struct Hand(PathBuf);

impl Hand {
    fn new(folder: &Path, at: Moment) -> Result<Self> {
        let hand = Self(folder.join("clock"));
        hand.set(at)?;
        Ok(hand)
    }

    fn set(&self, to: Moment) -> Result<()> {
        let ahead = to
            .since(SystemClock.now())
            .as_micros()
            .div_euclid(1_000_000);
        let fresh = self.0.with_extension("new");
        fs::write(&fresh, ahead.to_string())?;
        Ok(fs::rename(fresh, &self.0)?)
    }
}

/// All slots of all cycles, in order: when, and the number of the cycle.
fn slots() -> Result<Vec<(Moment, usize)>> {
    let mut all = Vec::new();
    for (number, cycle) in CYCLES.iter().enumerate() {
        for slot in cycle.slots {
            let at = slot.parse().map_err(|_| anyhow!("no instant: {slot}"))?;
            all.push((at, number));
        }
    }
    all.sort_unstable();
    Ok(all)
}

#[derive(Default)]
struct Seen {
    right: usize,
    /// Began before its time, twice, or not at all.
    wrong: Vec<String>,
    worst: Duration,
}

/// How often each cycle has begun.
async fn begun(houses: &[Db]) -> Result<[i64; CYCLES.len()]> {
    let mut counts = [0; CYCLES.len()];
    for db in houses {
        let by_process = check::by_process(db).await?;
        for (number, count) in counts.iter_mut().enumerate() {
            *count += by_process
                .get(&format!("cycle{number}"))
                .copied()
                .unwrap_or(0);
        }
    }
    Ok(counts)
}

/// Goes from slot to slot: shortly before, nothing more has begun; at it, one more has.
async fn walk(hand: &Hand, houses: &[Db], steps: usize) -> Result<Seen> {
    let mut seen = Seen::default();
    let mut expected = [0_i64; CYCLES.len()];
    let slots = slots()?;
    let mut at = 0;
    while at < slots.len() {
        let now = slots[at].0;
        let together = slots[at..].iter().take_while(|slot| slot.0 == now).count();
        hand.set(now - Span::from_secs(120))?;
        sleep(Duration::from_millis(1_200)).await;
        if begun(houses).await? != expected {
            seen.wrong.push(format!(
                "before {now}: {:?} for {expected:?}",
                begun(houses).await?
            ));
        }
        for (_, cycle) in &slots[at..at + together] {
            expected[*cycle] += 1;
        }
        hand.set(now)?;
        let began = Instant::now();
        while begun(houses).await? != expected && began.elapsed() < Duration::from_secs(20) {
            sleep(Duration::from_millis(50)).await;
        }
        let late = began.elapsed();
        // A second one would come a moment later.
        if at % steps == 0 {
            hand.set(now - Span::from_hours(1))?;
            sleep(Duration::from_millis(700)).await;
            hand.set(now + Span::from_secs(30))?;
            sleep(Duration::from_millis(700)).await;
        }
        let there = begun(houses).await?;
        if there == expected {
            seen.right += together;
            seen.worst = seen.worst.max(late);
        } else {
            seen.wrong
                .push(format!("at {now}: {there:?} for {expected:?}"));
            expected = there;
        }
        at += together;
    }
    Ok(seen)
}

pub(super) async fn jumps(size: Size) -> Result<Vec<Score>> {
    let mut scores = Vec::new();
    let place = Place::new("f7")?;
    let mut databases = vec![Database::file(&place)];
    databases.extend(Database::postgres()?);
    ensure!(
        databases.len() == 2 || size == Size::Short,
        "the full form wants PostgreSQL: ENGAGE_TEST_POSTGRES"
    );
    let first = slots()?.first().context("no slots")?.0;
    let cycles: Vec<String> = CYCLES.iter().map(told).collect();
    let cycles = cycles.join(" ");
    for database in &databases {
        let nodes = if database.name() == "SQLite" { 1 } else { 2 };
        if size == Size::Short && nodes == 1 && databases.len() == 2 {
            continue;
        }
        let apart = Place::new(&format!("f7-{}", database.name()))?;
        let hand = Hand::new(apart.path(), first - Span::from_days(1))?;
        let journal = Journal::default();
        let clock = hand.0.display().to_string();
        let variables = [
            ("CYCLES", cycles.as_str()),
            ("CLOCK", clock.as_str()),
            ("START", "effect plain"),
            ("RATE", "4"),
        ];
        let mut fleet = (0..nodes)
            .map(|n| {
                let name = format!("node{n}");
                Node::start(apart.path(), &name, database.url(), &journal, &variables)
            })
            .collect::<Result<Vec<_>>>()?;
        let houses = [check::open(database.url()).await?];
        let seen = walk(&hand, &houses, size.of(12, 1)).await?;
        scores.push(Score::held(
            format!(
                "F7 {} with {nodes} node(s): each slot begins once, at its time",
                database.name()
            ),
            seen.wrong.is_empty() && seen.right == CYCLES.len() * 3,
            format!(
                "{} of {} slots {}",
                seen.right,
                CYCLES.len() * 3,
                seen.wrong.join("; ")
            ),
        ));
        scores.push(Score::held(
            "F7 late by at most 2 s",
            seen.worst <= size.of(5 * LATE, LATE),
            format!("worst {} ms", seen.worst.as_millis()),
        ));
        // A day back, a day forward, an hour, and what was under way meanwhile.
        let end = slots()?.last().context("no slots")?.0 + Span::from_hours(1);
        for ahead in [-86_400, 0, -3_600, 3_600, 0, 86_400] {
            hand.set(end + Span::from_secs(ahead))?;
            sleep(Duration::from_millis(1_500)).await;
        }
        let before = begun(&houses).await?;
        for node in &mut fleet {
            node.set("RATE", "0");
            node.restart()?;
        }
        hand.set(end + Span::from_days(3))?;
        let checked =
            check::settled(&houses[0], apart.path(), &journal, Duration::from_secs(60)).await?;
        let cycles_alone = before == [3; CYCLES.len()] && begun(&houses).await? == before;
        scores.push(Score::held(
            "F7 by an hour and a day to and fro: no slot again, nothing lost, stuck or done twice",
            cycles_alone && checked.is_whole(),
            checked.words(),
        ));
    }
    scores.push(strangers(&cycles, first).await?);
    Ok(scores)
}

/// Control: two houses on one clock that know nothing of each other, counted as one.
async fn strangers(cycles: &str, first: Moment) -> Result<Score> {
    let place = Place::new("f7-strangers")?;
    let hand = Hand::new(place.path(), first - Span::from_days(1))?;
    let clock = hand.0.display().to_string();
    let (mut fleet, mut houses) = (Vec::new(), Vec::new());
    for name in ["one", "other"] {
        let folder = place.folder(name)?;
        let database = Database::file_in(&folder);
        let variables = [("CYCLES", cycles), ("CLOCK", clock.as_str())];
        fleet.push(Node::start(
            &folder,
            name,
            database.url(),
            &Journal::default(),
            &variables,
        )?);
        houses.push(check::open(database.url()).await?);
    }
    hand.set(first)?;
    sleep(Duration::from_secs(3)).await;
    let total: i64 = begun(&houses).await?.iter().sum();
    Ok(Score::held(
        "F7 control, two houses on one clock: must be found",
        total > 1,
        format!("the first slot begins {total} times"),
    ))
}
