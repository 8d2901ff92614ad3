//! A node of the engine alone, for the chaos scenarios to kill, freeze and poison: the rooms as they are in the service, with
//! a system plugged in that does what the scenario wants. It says on standard output what it has done, one line each:
//! `ready`, `ack MARK` (a start was acknowledged; its instance bears the mark), `fail CODE`, `did MICROSECONDS` (from the request to the end of the
//! last call of an instance).
//!
//! | variable | says |
//! |---|---|
//! | `ENGAGE_DATABASE` | where to |
//! | `NODE` | its name, kept with everything that it does |
//! | `SINK` | the file of what the other system was asked for: a line `KEY NODE KIND` for each request |
//! | `START` | the processes to begin, in turn: `effect remote slow poison` |
//! | `RATE` | how many a second; 0 for none |
//! | `SLOW` | milliseconds that the slow system takes |
//! | `POISON` | `none`, `mixed` (panics, never ends, 20 MiB) or `blocks` (holds a thread: what a handler must not do) |
//! | `CLOCK` | a file that says by how many seconds the clock is ahead |
//! | `CYCLES` | time zones: a process that begins by a cycle for each, see `chaos/clocks.rs` |
//! | `EARLY` | 1: the double that acknowledges before it has asked |
#![expect(clippy::print_stdout, reason = "its journal is what it says there")]

use std::collections::HashMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use flow::engine::Request;
use futures::future::BoxFuture;
use journeys::chaos::cycles;
use kernel::{Ambient, Clock, Error, Moment, Span};
use ledger::Actor;
use runner::{Answer, Call, Fault, Perform, Plans, Plugs, Published, Runner, Start};
use serde_json::json;
use store::{Db, DbConfig, OsRng, SystemClock};

const CALL: &str = r#"<engine:activity transaction="KIND"><engine:input from="at" to="at"/><engine:output from="by" to="by"/></engine:activity>"#;

/// Begins, calls a system, waits a second, calls it again, ends: four steps.
const EFFECT: &str = r#"<startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="a"/>
    <serviceTask id="a"><extensionElements>FIRST</extensionElements></serviceTask><sequenceFlow id="f2" sourceRef="a" targetRef="t"/>
    <intermediateCatchEvent id="t"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>
    <sequenceFlow id="f3" sourceRef="t" targetRef="b"/>
    <serviceTask id="b"><extensionElements>LAST</extensionElements></serviceTask><sequenceFlow id="f4" sourceRef="b" targetRef="end"/><endEvent id="end"/>"#;

/// Begins, calls a system, ends: two steps.
const ONE: &str = r#"<startEvent id="begin"/><sequenceFlow id="f1" sourceRef="begin" targetRef="a"/>
    <serviceTask id="a"><extensionElements>LAST</extensionElements></serviceTask>
    <sequenceFlow id="f2" sourceRef="a" targetRef="end"/><endEvent id="end"/>"#;

struct Library(HashMap<String, Arc<Published>>);

impl Library {
    fn new(zones: &[String]) -> Result<Self> {
        let call = |kind: &str| CALL.replace("KIND", kind);
        let mut bodies: Vec<(String, String)> = vec![(
            "effect".into(),
            EFFECT
                .replace("FIRST", &call("first"))
                .replace("LAST", &call("plain")),
        )];
        for kind in ["plain", "remote", "slow", "poison"] {
            bodies.push((kind.into(), ONE.replace("LAST", &call(kind))));
        }
        for (number, zone) in zones.iter().enumerate() {
            bodies.push((format!("cycle{number}"), cycles::process(zone)));
        }
        let mut library = HashMap::new();
        for (key, body) in bodies {
            let text = format!(
                r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                xmlns:engine="urn:engage:bpmn:1" id="d" targetNamespace="urn:chaos"><process id="p" isExecutable="true">{body}</process></definitions>"#
            );
            let problems = |found| anyhow!("{key}: {found:?}");
            let definitions = flow::xml::read(&text).map_err(problems)?;
            let name = flow::model::Text::default();
            let published =
                Published::compile(&definitions, "p", &key, 1, name).map_err(problems)?;
            let calendar = key.strip_prefix("cycle").map(str::to_owned);
            library.insert(key, Arc::new(published.by_calendar(calendar)));
        }
        Ok(Self(library))
    }
}

impl Plans for Library {
    fn plan<'a>(
        &'a self,
        process: &'a str,
        _: i64,
    ) -> BoxFuture<'a, kernel::Result<Arc<Published>>> {
        Box::pin(async move {
            let found = self.0.get(process).cloned();
            found.ok_or_else(|| Error::not_found("process"))
        })
    }
    fn newest<'a>(&'a self, _: &'a str) -> BoxFuture<'a, kernel::Result<i64>> {
        Box::pin(async { Ok(1) })
    }
}

/// The calendars of the zones, by their number.
struct Zones(Vec<Arc<kernel::calendar::WorkTime>>);

impl Zones {
    fn new(zones: &[String]) -> Result<Self> {
        let ready = zones.iter().map(|zone| {
            let (name, _) = cycles::parts(zone);
            let calendar = kernel::calendar::Calendar::office(name).ready();
            calendar
                .map(Arc::new)
                .map_err(|why| anyhow!("{zone}: {why}"))
        });
        let mut ready: Vec<_> = ready.collect::<Result<_>>()?;
        if ready.is_empty() {
            let utc = kernel::calendar::Calendar::office("UTC").ready();
            ready.push(Arc::new(utc.map_err(|why| anyhow!("{why}"))?));
        }
        Ok(Self(ready))
    }
}

impl runner::Calendars for Zones {
    fn calendar(&self) -> Arc<kernel::calendar::WorkTime> {
        Arc::clone(&self.0[0])
    }
    fn named(&self, key: Option<&str>) -> Arc<kernel::calendar::WorkTime> {
        let number = key.and_then(|key| key.parse::<usize>().ok());
        number
            .and_then(|number| self.0.get(number).cloned())
            .unwrap_or_else(|| self.calendar())
    }
}

/// The other system.
struct System {
    node: String,
    sink: Option<PathBuf>,
    slow: Duration,
    poison: String,
    ambient: Ambient,
}

impl System {
    fn note(&self, key: &str, kind: &str) {
        let Some(sink) = &self.sink else { return };
        let line = format!("{key} {} {kind}\n", self.node);
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(sink)
            .and_then(|mut file| file.write_all(line.as_bytes()));
        if let Err(error) = written {
            println!("fail sink {error}");
        }
    }
}

impl Perform for System {
    fn perform<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let Request::Service { transaction } = &call.request else {
                return Err(Fault::Final("only transactions".into()));
            };
            let kind = transaction.as_deref().unwrap_or_default();
            self.note(&call.effect_key, kind);
            match kind {
                "slow" => tokio::time::sleep(self.slow).await,
                "poison" if self.poison == "blocks" => std::thread::sleep(Duration::from_secs(6)),
                "poison" if self.poison == "mixed" => match self.ambient.random::<1>()[0] % 3 {
                    0 => panic!("poison"),
                    1 => std::future::pending().await,
                    _ => {
                        let much = json!({ "by": "x".repeat(20 << 20) });
                        return Ok(much.as_object().cloned().unwrap_or_default().into());
                    }
                },
                _ => {}
            }
            if !matches!(kind, "first" | "poison")
                && let Some(at) = call.inputs.get("at").and_then(serde_json::Value::as_i64)
            {
                let now = SystemClock.now().since(Moment::from_micros(at));
                println!("did {}", now.as_micros());
            }
            let by = json!({ "by": self.node });
            Ok(by.as_object().cloned().unwrap_or_default().into())
        })
    }

    fn is_remote(&self, call: &Call) -> bool {
        matches!(&call.request, Request::Service { transaction } if transaction.as_deref() == Some("remote"))
    }
}

/// The machine's, plus what a file says.
struct Shifted(PathBuf);

impl Clock for Shifted {
    fn now(&self) -> Moment {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        SystemClock.now() + Span::from_secs(text.trim().parse().unwrap_or(0))
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

fn number(name: &str, default: u64) -> u64 {
    variable(name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let url = variable("ENGAGE_DATABASE").context("ENGAGE_DATABASE")?;
    let zones: Vec<String> = variable("CYCLES")
        .map(|text| text.split_whitespace().map(str::to_owned).collect())
        .unwrap_or_default();
    let ambient = match variable("CLOCK") {
        Some(file) => Ambient::new(Arc::new(Shifted(file.into())), Arc::new(OsRng)),
        None => store::ambient(),
    };
    let mut config = DbConfig::from_url(&url).map_err(|error| anyhow!("{error}"))?;
    config.connections = u32::try_from(number("CONNECTIONS", 12))?;
    let db = Db::open(&config)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    db.migrate().await.map_err(|error| anyhow!("{error}"))?;
    let system = System {
        node: variable("NODE").unwrap_or_default(),
        sink: variable("SINK").map(PathBuf::from),
        slow: Duration::from_millis(number("SLOW", 0)),
        poison: variable("POISON").unwrap_or_default(),
        ambient: ambient.clone(),
    };
    let mut plugs = Plugs::new(Arc::new(Library::new(&zones)?));
    plugs.perform = Arc::new(system);
    plugs.calendars = Arc::new(Zones::new(&zones)?);
    let runner = Runner::new(db.clone(), ambient, plugs);
    let listed: Vec<_> = (0..zones.len()).map(|n| (format!("cycle{n}"), 1)).collect();
    runner
        .listen_to_all(&listed)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    let _working = runner.work();
    println!("ready");
    load(&runner).await
}

/// Begins processes at a steady rate, whatever becomes of those before.
async fn load(runner: &Runner) -> Result<()> {
    let rate = number("RATE", 0);
    let early = number("EARLY", 0) == 1;
    let kinds: Vec<String> = variable("START")
        .unwrap_or_else(|| "effect".into())
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if rate == 0 {
        return std::future::pending().await;
    }
    let machine = Arc::new(Actor::system("chaos"));
    let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / rate as f64));
    // As a busy front desk: what could not be asked for in time is not asked for in a heap.
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let node = format!(
        "{}-{}",
        variable("NODE").unwrap_or_default(),
        std::process::id()
    );
    for turn in 0.. {
        tick.tick().await;
        let process = kinds[turn % kinds.len()].clone();
        let (runner, machine) = (runner.clone(), Arc::clone(&machine));
        let mark = format!("{node}-{turn}");
        let asked = json!({ "at": SystemClock.now().as_micros(), "mark": mark });
        let start = Start {
            process,
            version: 1,
            variables: asked.as_object().cloned().unwrap_or_default(),
            ..Start::default()
        };
        if early {
            println!("ack {mark}");
        }
        tokio::spawn(async move {
            match runner.start(&machine, start).await {
                Ok(_) if early => {}
                Ok(_) => println!("ack {mark}"),
                Err(error) => println!("fail {:?}", error.code()),
            }
        });
    }
    Ok(())
}
