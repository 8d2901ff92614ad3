//! F6: a disk that is full, and one on which two of a hundred writes and flushes fail, under the service on SQLite. The disk
//! is a library between the program and the C library (`shim.c`), so no privilege is needed and both can be switched at
//! any time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use api::work::Started;
use api::{of, path};
use kernel::Id;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::sleep;

use super::{Score, Size};
use crate::{Client, Database, Options, Place, Refused, Service, eventually};

const PASSWORD: &str = "violeta-lluvia-tren";
const WRITERS: usize = 3;
/// From the first refused write to the alarm.
const ALARM: Duration = Duration::from_secs(5);
/// From the disk's recovery to the first write.
const RECOVERY: Duration = Duration::from_secs(10);

struct Disk {
    library: PathBuf,
    mode: PathBuf,
    folder: PathBuf,
}

impl Disk {
    fn build(place: &Place) -> Result<Self> {
        let (source, library) = (place.path().join("shim.c"), place.path().join("shim.so"));
        fs::write(&source, include_str!("shim.c"))?;
        let built = Command::new("gcc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .arg(&source)
            .arg("-ldl")
            .output()
            .context("this scenario wants gcc")?;
        ensure!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let disk = Self {
            library,
            mode: place.path().join("mode"),
            folder: place.folder("disk")?,
        };
        disk.set("ok")?;
        Ok(disk)
    }

    fn set(&self, mode: &str) -> Result<()> {
        Ok(fs::write(&self.mode, mode)?)
    }

    fn options(&self) -> Options {
        let text = |path: &Path| path.display().to_string();
        Options::demo()
            .with("LD_PRELOAD", &text(&self.library))
            .with("DISK_MODE", &text(&self.mode))
            .with("DISK_FOLDER", &text(&self.folder))
    }
}

/// What was acknowledged to each writer; how often a key was already done without an answer.
#[derive(Default)]
struct Written {
    acknowledged: Mutex<BTreeMap<usize, BTreeSet<Id<of::Instance>>>>,
    unanswered: AtomicUsize,
    all: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

async fn write(agent: Client, n: usize, customer: Id<of::Customer>, written: Arc<Written>) {
    let body = json!({"process": "billing_claim", "customer": customer});
    for number in 0.. {
        let key = format!("disk-{n}-{number}");
        loop {
            match agent.post_as::<Started>(&key, path::INSTANCES, &body).await {
                Ok(started) => {
                    let mut journal = written.acknowledged.lock().await;
                    journal.entry(n).or_default().insert(started.instance);
                    written.all.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                Err(error) => {
                    let code = error.downcast_ref::<Refused>().map_or("", Refused::code);
                    if code == "already_done" {
                        written.unanswered.fetch_add(1, Ordering::SeqCst);
                        break;
                    }
                    written.refused.fetch_add(1, Ordering::SeqCst);
                }
            }
            if written.stop.load(Ordering::SeqCst) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        if written.stop.load(Ordering::SeqCst) {
            return;
        }
    }
}

struct House {
    service: Service,
    agent: Client,
    persons: Vec<Id<of::Customer>>,
    written: Arc<Written>,
    writers: Vec<tokio::task::JoinHandle<()>>,
}

impl House {
    async fn open(place: &Place, disk: &Disk) -> Result<Self> {
        let database = Database::file_in(&disk.folder);
        let service = Service::start(place, "node", &database, &disk.options())?;
        let agent = service.client()?.sign_in("agente", PASSWORD).await?;
        let customers = agent.suggest("a").await?;
        let persons: Vec<_> = customers
            .into_iter()
            .filter(|customer| customer.customer_type == "person")
            .map(|customer| customer.id)
            .take(WRITERS)
            .collect();
        ensure!(persons.len() == WRITERS, "too few customers");
        let written = Arc::<Written>::default();
        let writers = persons
            .iter()
            .enumerate()
            .map(|(n, person)| tokio::spawn(write(agent.clone(), n, *person, Arc::clone(&written))))
            .collect();
        Ok(Self {
            service,
            agent,
            persons,
            written,
            writers,
        })
    }

    async fn writes_again(&self, limit: Duration) -> Option<Duration> {
        let (before, began) = (self.written.all.load(Ordering::SeqCst), Instant::now());
        while began.elapsed() < limit {
            if self.written.all.load(Ordering::SeqCst) > before {
                return Some(began.elapsed());
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// SIGKILL and a new start: what was only in the process's memory is gone.
    async fn reopen(&mut self) -> Result<()> {
        self.service.kill();
        self.service.restart()?;
        eventually("an answer", Duration::from_secs(30), || {
            let agent = self.agent.clone();
            async move { agent.get::<Value>(path::SESSION).await.map(Some) }
        })
        .await
        .map(drop)
    }

    async fn stop_writing(&mut self) -> Result<()> {
        self.written.stop.store(true, Ordering::SeqCst);
        for writer in self.writers.drain(..) {
            writer.await?;
        }
        Ok(())
    }

    /// (acknowledged, lost, there without having been acknowledged)
    async fn count(&self) -> Result<(usize, usize, usize)> {
        let journal = self.written.acknowledged.lock().await;
        let (mut all, mut lost, mut beside) = (0, 0, 0);
        for (n, person) in self.persons.iter().enumerate() {
            let mine = journal.get(&n).cloned().unwrap_or_default();
            let there = self.agent.instances(*person).await?;
            all += mine.len();
            lost += mine.difference(&there).count();
            beside += there.difference(&mine).count();
        }
        Ok((all, lost, beside))
    }
}

/// What /health says when it is not well.
async fn alarm(house: &House) -> Result<Option<String>> {
    let answer = house
        .agent
        .request(reqwest::Method::GET, path::HEALTH)
        .send()
        .await?;
    let sick = answer.status().as_u16() == 503;
    Ok(if sick {
        Some(answer.text().await?)
    } else {
        None
    })
}

pub(super) async fn faults(size: Size) -> Result<Vec<Score>> {
    let place = Place::new("f6")?;
    let disk = Disk::build(&place)?;
    let mut house = House::open(&place, &disk).await?;
    house
        .writes_again(Duration::from_secs(20))
        .await
        .context("nobody can write")?;
    // What was there before the writers counts for nobody.
    let rounds = size.of(2, 50);
    let (mut alarms, mut recoveries, mut reads) = (Vec::new(), Vec::new(), 0);
    let mut said = String::new();
    for _ in 0..rounds {
        disk.set("full")?;
        let began = Instant::now();
        let mut alarmed = None;
        while began.elapsed() < 3 * ALARM && alarmed.is_none() {
            if let Some(text) = alarm(&house).await? {
                said = text.trim().to_owned();
                alarmed = Some(began.elapsed());
            }
            sleep(Duration::from_millis(50)).await;
        }
        alarms.push(alarmed.unwrap_or(3 * ALARM));
        sleep(Duration::from_millis(500)).await;
        let before = house.written.all.load(Ordering::SeqCst);
        reads += usize::from(
            house
                .agent
                .get::<Value>(&path::customer(house.persons[0]))
                .await
                .is_ok(),
        );
        sleep(Duration::from_millis(500)).await;
        ensure!(
            house.written.all.load(Ordering::SeqCst) == before,
            "a write was acknowledged on a full disk"
        );
        disk.set("ok")?;
        recoveries.push(
            house
                .writes_again(2 * RECOVERY)
                .await
                .unwrap_or(2 * RECOVERY),
        );
        let well = eventually("the alarm to end", RECOVERY, || async {
            Ok(alarm(&house).await?.is_none().then_some(()))
        });
        well.await?;
        house.reopen().await?;
    }
    let worst = |times: &[Duration]| times.iter().max().copied().unwrap_or_default();
    let mut scores = vec![
        Score::held(
            format!("F6 full disk, {rounds} times: the alarm within 5 s"),
            worst(&alarms) <= ALARM,
            format!("worst {} ms: {said}", worst(&alarms).as_millis()),
        ),
        Score::held(
            "F6 full disk: reading goes on",
            reads == rounds,
            format!("{reads} of {rounds}"),
        ),
        Score::held(
            "F6 full disk: writing again by itself within 10 s",
            worst(&recoveries) <= RECOVERY,
            format!("worst {} ms", worst(&recoveries).as_millis()),
        ),
    ];
    let refused = house.written.refused.load(Ordering::SeqCst);
    let mut recoveries = Vec::new();
    for _ in 0..rounds {
        disk.set("2 %")?;
        sleep(Duration::from_secs(size.of(4, 5))).await;
        disk.set("ok")?;
        recoveries.push(
            house
                .writes_again(2 * RECOVERY)
                .await
                .unwrap_or(2 * RECOVERY),
        );
        house.reopen().await?;
    }
    let refused = house.written.refused.load(Ordering::SeqCst) - refused;
    scores.push(Score::held(
        format!(
            "F6 2 % of writes and flushes fail, {rounds} times: writing again by itself within 10 s"
        ),
        worst(&recoveries) <= RECOVERY && refused > 0,
        format!(
            "worst {} ms, {refused} writes refused",
            worst(&recoveries).as_millis()
        ),
    ));
    house.stop_writing().await?;
    house.reopen().await?;
    let (all, lost, beside) = house.count().await?;
    // Of the demo world, of keys that were done without an answer, and the last try of each writer.
    let allowed = house.written.unanswered.load(Ordering::SeqCst) + WRITERS;
    scores.push(Score::held(
        "F6 nothing acknowledged is lost, nothing done twice",
        lost == 0 && all > 0 && beside <= allowed + demo_instances(),
        format!("{all} acknowledged, {lost} lost, {beside} beside"),
    ));
    house.service.stop()?;
    let report = house.service.command(&["audit", "verify"])?;
    scores.push(Score::held(
        "F6 the trail is whole",
        report.contains("\"faults\": 0"),
        "audit verify",
    ));
    scores.push(liar().await?);
    Ok(scores)
}

/// How many instances the demo world may have given to the writers' customers.
fn demo_instances() -> usize {
    4 * WRITERS
}

/// Control: a disk that says yes and writes nothing.
async fn liar() -> Result<Score> {
    let place = Place::new("f6-liar")?;
    let disk = Disk::build(&place)?;
    let mut house = House::open(&place, &disk).await?;
    house
        .writes_again(Duration::from_secs(20))
        .await
        .context("nobody can write")?;
    disk.set("lies")?;
    sleep(Duration::from_secs(2)).await;
    house.service.kill();
    house.written.stop.store(true, Ordering::SeqCst);
    disk.set("ok")?;
    // It may not even open.
    let reopened = house.service.restart();
    let seen = match reopened {
        Ok(()) => house.count().await.map(|(all, lost, _)| (all, Some(lost))),
        Err(_) => Ok((0, None)),
    };
    let (all, lost) = seen.unwrap_or((0, None));
    Ok(Score::held(
        "F6 control, a disk that says yes and writes nothing: must be found",
        lost != Some(0),
        match lost {
            Some(lost) => format!("{all} acknowledged, {lost} lost"),
            None => String::from("the database cannot be read any more"),
        },
    ))
}
