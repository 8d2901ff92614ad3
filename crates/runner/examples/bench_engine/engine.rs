//! Instances, work items, timers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use kernel::{Error, Page, Result};
use ledger::Actor;
use runner::{
    Answer, Call, Complete, Fault, InboxQuery, Perform, Plans, Plugs, Published, Runner, Scope,
    Start,
};
use serde_json::json;
use store::Db;
use tokio::sync::Notify;

use crate::measure::{Stretch, percentile, say};

const HEAD: &str = r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:engage="urn:engage:bpmn:1" id="d" targetNamespace="urn:bench">
  <process id="p" isExecutable="true"><startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="a"/>"#;
const SERVICE: &str = r#"<serviceTask id="a"><extensionElements><engage:activity transaction="none"/></extensionElements></serviceTask>
  <endEvent id="end"/><sequenceFlow id="f2" sourceRef="a" targetRef="end"/></process></definitions>"#;
const DESK: &str = r#"<userTask id="a" name="A"><extensionElements><engage:activity><engage:assignment group="agents"/></engage:activity></extensionElements></userTask>
  <userTask id="b" name="B"><extensionElements><engage:activity><engage:assignment group="back"/></engage:activity></extensionElements></userTask>
  <endEvent id="end"/><sequenceFlow id="f2" sourceRef="a" targetRef="b"/><sequenceFlow id="f3" sourceRef="b" targetRef="end"/></process></definitions>"#;
const WAIT: &str = r#"<intermediateCatchEvent id="a"><timerEventDefinition><timeDate xsi:type="tFormalExpression">when</timeDate></timerEventDefinition></intermediateCatchEvent>
  <endEvent id="end"/><sequenceFlow id="f2" sourceRef="a" targetRef="end"/></process></definitions>"#;

struct Library(Vec<Arc<Published>>);

impl Plans for Library {
    fn plan<'a>(&'a self, process: &'a str, _: i64) -> BoxFuture<'a, Result<Arc<Published>>> {
        let found = self
            .0
            .iter()
            .find(|published| &*published.process == process)
            .cloned();
        Box::pin(async move { found.ok_or_else(|| Error::not_found("process")) })
    }
    fn newest<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async { Ok(1) })
    }
}

/// A system that answers at once, in the house.
#[derive(Default)]
struct Echo {
    done: AtomicUsize,
    wanted: AtomicUsize,
    all: Notify,
}

impl Perform for Echo {
    fn perform<'a>(&'a self, _: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>> {
        if self.done.fetch_add(1, Ordering::Relaxed) + 1 == self.wanted.load(Ordering::Relaxed) {
            self.all.notify_one();
        }
        Box::pin(async { Ok(Answer::default()) })
    }
    fn is_remote(&self, _: &Call) -> bool {
        false
    }
}

fn house(db: &Db) -> anyhow::Result<(Runner, Arc<Echo>)> {
    let mut library = Vec::new();
    for (key, body) in [("service", SERVICE), ("desk", DESK), ("wait", WAIT)] {
        let problems = |found| anyhow::anyhow!("{key}: {found:?}");
        let definitions = flow::xml::read(&format!("{HEAD}{body}")).map_err(problems)?;
        let published = Published::compile(&definitions, "p", key, 1, flow::model::Text::default())
            .map_err(problems)?;
        library.push(Arc::new(published));
    }
    let echo = Arc::new(Echo::default());
    let mut plugs = Plugs::new(Arc::new(Library(library)));
    plugs.perform = Arc::clone(&echo) as Arc<dyn Perform>;
    Ok((Runner::new(db.clone(), store::ambient(), plugs), echo))
}

fn begin(process: &str, variables: serde_json::Value) -> Start {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Start {
        process: process.into(),
        version: 1,
        variables,
        ..Start::default()
    }
}

/// Instances of one service task: started, their task done by a worker, ended. Two durable steps each.
async fn carry(runner: &Runner, echo: &Echo, count: usize, at_once: usize) -> anyhow::Result<()> {
    let before = echo.done.load(Ordering::Relaxed);
    echo.wanted.store(before + count, Ordering::Relaxed);
    let machine = Actor::system("bench");
    let next = AtomicUsize::new(0);
    let starters = (0..at_once).map(|_| async {
        while next.fetch_add(1, Ordering::Relaxed) < count {
            runner
                .start(
                    &machine,
                    begin("service", json!({ "payload": "x".repeat(200) })),
                )
                .await?;
        }
        Ok::<_, Error>(())
    });
    futures::future::try_join_all(starters).await?;
    echo.all.notified().await;
    Ok(())
}

async fn running(db: &Db, process: &str) -> anyhow::Result<usize> {
    let query = runner::InstanceQuery {
        process: Some(process.into()),
        state: Some(runner::InstanceState::Running),
        ..runner::InstanceQuery::default()
    };
    Ok(
        runner::instances(&mut db.read().await?, &query, &Page::default())
            .await?
            .items
            .len(),
    )
}

pub async fn rate(kind: &str, db: &Db) -> anyhow::Result<()> {
    let (runner, echo) = house(db)?;
    let working = runner.work();
    carry(&runner, &echo, 1_000, 64).await?;
    let count = 10_000;
    let stretch = Stretch::begin(db);
    carry(&runner, &echo, count, 256).await?;
    while running(db, "service").await? > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (per_second, per_cpu) = stretch.rates(count);
    let goal = |on: &str, goal| (kind == on).then_some(goal);
    say(
        &format!("{kind}: one-service-task instances completed"),
        per_second,
        "/s",
        goal("postgres", ">= 1500"),
    );
    say(
        &format!("{kind}: durable steps"),
        per_second * 2.0,
        "/s",
        goal("sqlite", ">= 1000"),
    );
    say(
        &format!("{kind}: durable steps per processor second"),
        per_cpu * 2.0,
        "/CPU-s",
        goal("postgres", ">= 4000"),
    );

    // Half of that rate, steadily: from the request to the acknowledged start.
    let pause = Duration::from_secs_f64(2.0 / per_second);
    let machine = Actor::system("bench");
    let mut tick = tokio::time::interval(pause);
    let mut starts = tokio::task::JoinSet::new();
    for _ in 0..2_000 {
        tick.tick().await;
        let (runner, machine) = (runner.clone(), machine.clone());
        starts.spawn(async move {
            let began = Instant::now();
            runner
                .start(&machine, begin("service", json!({})))
                .await
                .map(|_| began.elapsed())
        });
    }
    let mut times = starts
        .join_all()
        .await
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    say(
        &format!("{kind}: start acknowledged at half load, median"),
        percentile(&mut times, 50),
        "ms",
        None,
    );
    say(
        &format!("{kind}: start acknowledged at half load, 99 %"),
        percentile(&mut times, 99),
        "ms",
        Some("<= 100"),
    );
    working.stop().await;
    Ok(())
}

/// An agent closes a work item and looks at the next inbox, while three others do the same.
pub async fn closing(kind: &str, db: &Db) -> anyhow::Result<()> {
    let (runner, _) = house(db)?;
    let agent = Actor::person(store::ambient().id(), "Agent");
    let mut lanes = Vec::new();
    for _ in 0..4 {
        let (runner, agent, db) = (runner.clone(), agent.clone(), db.clone());
        lanes.push(tokio::spawn(async move {
            let mut times = Vec::new();
            for _ in 0..250 {
                let item = runner
                    .start(&agent, begin("desk", json!({})))
                    .await?
                    .opened
                    .remove(0)
                    .id;
                let values = json!({ "note": "done" })
                    .as_object()
                    .cloned()
                    .unwrap_or_default();
                let began = Instant::now();
                let closed = runner
                    .complete(
                        &agent,
                        Complete {
                            work_item: item,
                            version: None,
                            outcome: None,
                            values,
                        },
                    )
                    .await?;
                let query = InboxQuery {
                    groups: vec!["back".into()],
                    scope: Scope::Groups,
                    ..InboxQuery::default()
                };
                let inbox = runner::inbox(&mut db.read().await?, &query, &Page::default()).await?;
                times.push(began.elapsed());
                drop((closed, inbox));
            }
            Ok::<_, Error>(times)
        }));
    }
    let mut times = Vec::new();
    for lane in lanes {
        times.extend(lane.await??);
    }
    say(
        &format!("{kind}: close a work item and read the next inbox, median"),
        percentile(&mut times, 50),
        "ms",
        None,
    );
    say(
        &format!("{kind}: close a work item and read the next inbox, 95 %"),
        percentile(&mut times, 95),
        "ms",
        Some("<= 150"),
    );
    Ok(())
}

/// Timers at the rate of 100,000 a minute; how late each fires.
pub async fn timers(kind: &str, db: &Db, count: usize) -> anyhow::Result<()> {
    let (runner, _) = house(db)?;
    let ambient = store::ambient();
    let machine = Actor::system("bench");
    // Long enough to have them all in place before the first is due.
    let first = ambient.now() + kernel::Span::from_secs(5 + i64::try_from(count)? / 500);
    let spread = 60_000_000 * i64::try_from(count)? / 100_000;
    let next = AtomicUsize::new(0);
    let starters = (0..256).map(|_| async {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok::<_, Error>(());
            }
            let offset =
                spread * i64::try_from(number).unwrap_or(0) / i64::try_from(count).unwrap_or(1);
            let when = first + kernel::Span::from_micros(offset);
            runner
                .start(&machine, begin("wait", json!({ "when": when.to_string() })))
                .await?;
        }
    });
    futures::future::try_join_all(starters).await?;
    let working = runner.work();
    while ambient.now() < first + kernel::Span::from_micros(spread) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    while running(db, "wait").await? > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    working.stop().await;
    let late = async {
        const LATE: &str = "the instance's end less the time that it waited for";
        let mut times = Vec::new();
        let mut page = Page {
            limit: Some(500),
            cursor: None,
        };
        let query = runner::InstanceQuery {
            process: Some("wait".into()),
            ..runner::InstanceQuery::default()
        };
        loop {
            let part = runner::instances(&mut db.read().await?, &query, &page).await?;
            for line in part.items.iter().step_by(10) {
                let detail = runner.instance(&mut db.read().await?, line.id).await?;
                let when: kernel::Moment = detail.variables["when"]
                    .as_str()
                    .unwrap_or_default()
                    .parse()?;
                let ended = line.ended.ok_or_else(|| anyhow::anyhow!(LATE))?;
                times.push(ended.since(when).to_std());
            }
            page.cursor = part.next;
            if page.cursor.is_none() {
                return Ok::<_, anyhow::Error>(times);
            }
        }
    };
    let mut times = late.await?;
    say(
        &format!("{kind}: {count} timers at 100,000 a minute, late, median"),
        percentile(&mut times, 50),
        "ms",
        None,
    );
    say(
        &format!("{kind}: {count} timers at 100,000 a minute, late, worst"),
        percentile(&mut times, 100),
        "ms",
        Some("<= 1000"),
    );
    Ok(())
}

/// What a database tidies up after so many rows is not the price of their being there: it does so now, before and after.
async fn settle(db: &Db) -> anyhow::Result<()> {
    if let Some(pool) = db.postgres() {
        for step in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
            let mut connection = pool.acquire().await?;
            sqlx::query("SET statement_timeout = 0")
                .execute(&mut *connection)
                .await?;
            sqlx::query(step).execute(&mut *connection).await?;
            connection.close().await?;
        }
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    Ok(())
}

/// What many waiting instances cost those that run.
pub async fn waiting(kind: &str, db: &Db, count: usize) -> anyhow::Result<()> {
    let (runner, echo) = house(db)?;
    let machine = Actor::system("bench");
    // The median of seven stretches: one alone differs from the next by a tenth.
    let measure = async || -> anyhow::Result<f64> {
        let working = runner.work();
        carry(&runner, &echo, 2_000, 64).await?;
        let mut rates = Vec::new();
        for _ in 0..7 {
            let stretch = Stretch::begin(db);
            carry(&runner, &echo, 3_000, 256).await?;
            rates.push(stretch.rates(3_000).1);
        }
        working.stop().await;
        rates.sort_by(f64::total_cmp);
        Ok(rates[3])
    };
    settle(db).await?;
    let before = measure().await?;
    let far = store::ambient().now() + kernel::Span::from_days(365);
    let next = AtomicUsize::new(0);
    let starters = (0..256).map(|_| async {
        while next.fetch_add(1, Ordering::Relaxed) < count {
            runner
                .start(&machine, begin("wait", json!({ "when": far.to_string() })))
                .await?;
        }
        Ok::<_, Error>(())
    });
    futures::future::try_join_all(starters).await?;
    settle(db).await?;
    let after = measure().await?;
    say(
        &format!("{kind}: instances per processor second beside {count} waiting ones"),
        after,
        "/CPU-s",
        None,
    );
    say(
        &format!("{kind}: lost to {count} waiting ones"),
        100.0 * (1.0 - after / before),
        "%",
        Some("<= 10"),
    );
    let began = Instant::now();
    let (fresh, _) = house(db)?;
    let working = fresh.work();
    fresh.start(&machine, begin("service", json!({}))).await?;
    say(
        &format!("{kind}: start of a node beside {count} waiting ones"),
        began.elapsed().as_secs_f64() * 1_000.0,
        "ms",
        Some("<= 3000"),
    );
    working.stop().await;
    Ok(())
}
