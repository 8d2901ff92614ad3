//! What there is afterwards, held against what was acknowledged: read from the database itself, past the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use serde_json::Value;
use sqlx::types::Json;
use store::{Db, DbConfig};
use tokio::time::sleep;

use super::fleet::{Journal, sink};

store::statements! {
    INSTANCES = "SELECT i.process, i.state, i.data, (SELECT count(*) FROM instance_step s WHERE s.instance = i.id),
            (SELECT count(*) FROM incident c WHERE c.instance = i.id AND c.resolved IS NULL)
        FROM instance i";
    OPEN = "SELECT count(*) FROM instance i WHERE i.state = 'running'
        AND NOT EXISTS (SELECT 1 FROM incident c WHERE c.instance = i.id AND c.resolved IS NULL)";
    OPEN_OLDER = "SELECT count(*) FROM instance i WHERE i.state = 'running' AND i.started < $1
        AND NOT EXISTS (SELECT 1 FROM incident c WHERE c.instance = i.id AND c.resolved IS NULL)";
    LEFT = "SELECT (SELECT count(*) FROM job WHERE state IN ('planned', 'leased', 'armed')), (SELECT count(*) FROM timer)";
    BY_PROCESS = "SELECT process, count(*) FROM instance GROUP BY process";
}

/// What a run did to the acknowledged writes.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    pub acknowledged: usize,
    /// Acknowledged and not there.
    pub lost: usize,
    /// One request, two instances.
    pub doubled: usize,
    /// Neither ended nor stopped by an incident that says why.
    pub stuck: usize,
    /// Instances whose steps are too many or too few.
    pub uneven: usize,
    /// Jobs and timers that nobody needs any more.
    pub left: usize,
    /// Remote effects that were begun twice.
    pub repeated: usize,
    /// In-house effects that were begun again by the next node: allowed, at most what was under way.
    pub again: usize,
    /// Instances that an incident stopped.
    pub incidents: usize,
}

impl Checked {
    pub(super) fn is_whole(&self) -> bool {
        self.lost + self.doubled + self.stuck + self.uneven + self.left + self.repeated == 0
    }

    pub(super) fn words(&self) -> String {
        format!(
            "{} acknowledged, {} lost, {} doubled, {} stuck, {} with uneven steps, {} jobs and timers left over, {} remote \
             effects twice, {} in doubt, {} calls begun again",
            self.acknowledged,
            self.lost,
            self.doubled,
            self.stuck,
            self.uneven,
            self.left,
            self.repeated,
            self.incidents,
            self.again
        )
    }
}

pub(super) async fn open(url: &str) -> Result<Db> {
    let config = DbConfig::from_url(url).map_err(|error| anyhow!("{error}"))?;
    Db::open(&config).await.map_err(|error| anyhow!("{error}"))
}

async fn one<T>(asked: impl Future<Output = kernel::Result<T>>) -> Result<T> {
    asked.await.map_err(|error| anyhow!("{error}"))
}

/// How many neither ended nor have an incident.
pub(super) async fn still_open(db: &Db) -> Result<i64> {
    one(async {
        let (count,) = store::fetch_one!(&mut db.read().await?, (i64,), OPEN)?;
        Ok(count)
    })
    .await
}

/// The same, of those begun before.
pub(super) async fn open_older(db: &Db, than: kernel::Moment) -> Result<i64> {
    one(async {
        let (count,) = store::fetch_one!(&mut db.read().await?, (i64,), OPEN_OLDER, than)?;
        Ok(count)
    })
    .await
}

pub(super) async fn by_process(db: &Db) -> Result<BTreeMap<String, i64>> {
    one(async {
        let rows = store::fetch_all!(&mut db.read().await?, (String, i64), BY_PROCESS)?;
        Ok(rows.into_iter().collect())
    })
    .await
}

/// The instances of a process: the variables of each.
pub(super) async fn variables(db: &Db, process: &str) -> Result<Vec<Value>> {
    let rows = one(async {
        store::fetch_all!(
            &mut db.read().await?,
            (String, String, Json<Value>, i64, i64),
            INSTANCES
        )
    })
    .await?;
    let of_process = rows.into_iter().filter(|row| row.0 == process);
    Ok(of_process.map(|row| row.2.0).collect())
}

/// Waits until nothing is under way any more; then counts.
pub(super) async fn settled(
    db: &Db,
    folder: &Path,
    journal: &Journal,
    limit: Duration,
) -> Result<Checked> {
    let began = Instant::now();
    while began.elapsed() < limit {
        // While the database is away nothing is settled.
        if matches!(still_open(db).await, Ok(0)) && matches!(left(db).await, Ok(0)) {
            break;
        }
        sleep(Duration::from_millis(200)).await;
    }
    count(db, folder, journal).await
}

async fn left(db: &Db) -> Result<i64> {
    one(async {
        let (jobs, timers) = store::fetch_one!(&mut db.read().await?, (i64, i64), LEFT)?;
        Ok(jobs + timers)
    })
    .await
}

pub(super) async fn count(db: &Db, folder: &Path, journal: &Journal) -> Result<Checked> {
    let acknowledged: BTreeSet<String> = journal.acknowledged().into_iter().collect();
    let rows = one(async {
        store::fetch_all!(
            &mut db.read().await?,
            (String, String, Json<Value>, i64, i64),
            INSTANCES
        )
    })
    .await?;
    let mut there: BTreeMap<String, usize> = BTreeMap::new();
    let (mut stuck, mut uneven, mut incidents) = (0, 0, 0);
    for (process, state, data, steps, stopped) in &rows {
        if let Some(mark) = find(&data.0, "mark") {
            *there.entry(mark.to_owned()).or_default() += 1;
        }
        match state.as_str() {
            "completed" => uneven += usize::from(*steps != steps_of(process)),
            "running" if *stopped > 0 => incidents += 1,
            _ => stuck += 1,
        }
    }
    let (repeated, again) = effects(folder);
    Ok(Checked {
        acknowledged: acknowledged.len(),
        lost: acknowledged
            .iter()
            .filter(|mark| !there.contains_key(*mark))
            .count(),
        doubled: there.values().filter(|count| **count > 1).count(),
        stuck,
        uneven,
        left: usize::try_from(left(db).await?).unwrap_or(0),
        repeated,
        again,
        incidents,
    })
}

/// How many steps a run of it takes.
fn steps_of(process: &str) -> i64 {
    match process {
        "effect" => 4,
        process if process.starts_with("cycle") => 1,
        _ => 2,
    }
}

/// A variable, wherever the kernel's state keeps it.
pub(super) fn find<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    match value {
        Value::Object(map) => map
            .get(name)
            .and_then(Value::as_str)
            .or_else(|| map.values().find_map(|inner| find(inner, name))),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}

/// What reached the other system more than once under one key: (remote, in-house).
fn effects(folder: &Path) -> (usize, usize) {
    let mut times: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    let text = fs::read_to_string(sink(folder)).unwrap_or_default();
    for line in text.lines() {
        let mut words = line.split(' ');
        if let (Some(key), Some(kind)) = (words.next(), words.nth(1)) {
            *times.entry((key, kind == "remote")).or_default() += 1;
        }
    }
    let more = |remote: bool| {
        times
            .iter()
            .filter(|((_, is_remote), _)| *is_remote == remote)
            .map(|(_, count)| count - 1)
            .sum()
    };
    (more(true), more(false))
}

/// Lines of the other system: key, node, kind.
pub(super) fn asked(folder: &Path) -> Vec<(String, String, String)> {
    let text = fs::read_to_string(sink(folder)).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.next()?, words.next()?))
        })
        .collect()
}
