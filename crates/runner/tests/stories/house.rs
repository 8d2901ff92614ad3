//! A house to tell stories in: processes written as BPMN, people, other systems, a clock to turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use flow::engine::Variables;
use flow::model::Text;
use futures::future::BoxFuture;
use kernel::{Ambient, Error, Id, Moment, Page, Result};
use ledger::{Actor, User};
use runner::{
    Answer, Call, Complete, Customer, Fault, InboxQuery, Instance, People, Perform, Plans, Plugs,
    Published, Runner, Scope, Start, WorkItem, WorkItemLine,
};
use serde_json::json;
use store::Db;
use store::testing::{HandClock, hand_ambient};

pub const START: Moment = Moment::from_secs(1_800_000_000);

pub struct House {
    pub db: Db,
    pub runner: Runner,
    pub clock: HandClock,
    pub ambient: Ambient,
    pub systems: Arc<Systems>,
    plugs: Plugs,
}

/// One process: `body` is what stands in `<process>`; `extra` beside it (messages, signals, errors).
pub fn document(body: &str, extra: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d" targetNamespace="urn:test">{extra}
  <process id="p" name="P" isExecutable="true">{body}</process>
</definitions>"#
    )
}

/// `a -> b -> c`: elements as given, with plain flows between their ids.
pub fn line(elements: &[(&str, &str)]) -> String {
    let mut body: String = elements.iter().map(|(_, xml)| *xml).collect();
    for pair in elements.windows(2) {
        let (from, to) = (pair[0].0, pair[1].0);
        body.push_str(&format!(
            r#"<sequenceFlow id="{from}_{to}" sourceRef="{from}" targetRef="{to}"/>"#
        ));
    }
    body
}

pub fn user_task(id: &str, attributes: &str, inside: &str) -> String {
    format!(
        r#"<userTask id="{id}" name="Task {id}"><extensionElements><engage:activity {attributes}>{inside}</engage:activity></extensionElements></userTask>"#
    )
}

pub const BEGIN: (&str, &str) = ("begin", r#"<startEvent id="begin"/>"#);
pub const END: (&str, &str) = ("end", r#"<endEvent id="end"/>"#);

struct Library(HashMap<(String, i64), Arc<Published>>);

impl Plans for Library {
    fn plan<'a>(&'a self, process: &'a str, version: i64) -> BoxFuture<'a, Result<Arc<Published>>> {
        Box::pin(async move {
            self.0
                .get(&(process.to_owned(), version))
                .cloned()
                .ok_or_else(|| Error::not_found("process"))
        })
    }
    fn newest<'a>(&'a self, process: &'a str) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            let versions = self.0.keys().filter(|(key, _)| key == process);
            versions
                .map(|(_, version)| *version)
                .max()
                .ok_or_else(|| Error::not_found("process"))
        })
    }
}

/// The other systems: each transaction's answers, the last one for ever; and what they were asked.
#[derive(Default)]
pub struct Systems {
    pub answers: Mutex<HashMap<String, Vec<Result<Variables, Fault>>>>,
    pub asked: Mutex<Vec<(String, String, Variables)>>,
}

impl Systems {
    pub fn answer(&self, transaction: &str, answers: Vec<Result<Variables, Fault>>) {
        self.answers
            .lock()
            .unwrap()
            .insert(transaction.to_owned(), answers);
    }
}

impl Perform for Systems {
    fn perform<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>> {
        let flow::engine::Request::Service { transaction } = &call.request else {
            return Box::pin(async { Err(Fault::Final("only transactions".into())) });
        };
        let name = transaction.as_deref().unwrap_or_default().to_owned();
        self.asked.lock().unwrap().push((
            name.clone(),
            call.effect_key.clone(),
            call.inputs.clone(),
        ));
        let mut answers = self.answers.lock().unwrap();
        let answer = match answers.get_mut(&name) {
            Some(answers) if answers.len() > 1 => answers.remove(0),
            Some(answers) => answers[0].clone(),
            None => Err(Fault::Final(format!("no system {name}"))),
        };
        Box::pin(async move { answer.map(Answer::from) })
    }
}

pub struct Team(pub Vec<Id<User>>);

impl People for Team {
    fn members<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Id<User>>>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
    fn owner(&self, _: Id<Customer>) -> BoxFuture<'_, Result<Option<Id<User>>>> {
        Box::pin(async { Ok(self.0.last().copied()) })
    }
    fn user<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Id<User>>>> {
        Box::pin(async move {
            Ok(key
                .strip_prefix('u')
                .and_then(|n| n.parse::<usize>().ok())
                .map(|n| self.0[n]))
        })
    }
    fn deputy(&self, _: Id<User>) -> BoxFuture<'_, Result<Option<Id<User>>>> {
        Box::pin(async { Ok(self.0.first().copied()) })
    }
}

pub fn user(number: u8) -> Id<User> {
    Id::from_parts(Moment::from_secs(1_700_000_000), [number; 10])
}

pub fn person(number: u8) -> Actor {
    Actor::person(user(number), format!("User {number}"))
}

pub fn variables(value: serde_json::Value) -> Variables {
    value.as_object().cloned().unwrap()
}

impl House {
    /// `processes`: key and BPMN of each; `key@2` is a second version.
    pub fn new(db: &Db, processes: &[(&str, String)]) -> Self {
        let (clock, ambient) = hand_ambient(START, 7);
        Self::with(db, processes, clock, ambient)
    }

    pub fn with(db: &Db, processes: &[(&str, String)], clock: HandClock, ambient: Ambient) -> Self {
        Self::within(db, processes, clock, ambient, None)
    }

    /// Every process may take so long.
    pub fn within(
        db: &Db,
        processes: &[(&str, String)],
        clock: HandClock,
        ambient: Ambient,
        allowance: Option<runner::Allowance>,
    ) -> Self {
        let published = processes.iter().map(|(key, xml)| {
            let definitions =
                flow::xml::read(xml).unwrap_or_else(|problems| panic!("{problems:?}"));
            let name = Text {
                es: format!("Tarea {key}"),
                en: format!("Process {key}"),
            };
            let (key, version) = key.split_once('@').unwrap_or((key, "1"));
            let version = version.parse().unwrap();
            let published = Published::compile(&definitions, "p", key, version, name)
                .unwrap_or_else(|problems| panic!("{problems:?}"));
            let published = published.within(allowance.clone());
            ((key.to_owned(), version), Arc::new(published))
        });
        let systems = Arc::new(Systems::default());
        let mut plugs = Plugs::new(Arc::new(Library(published.collect())));
        plugs.perform = Arc::clone(&systems) as Arc<dyn Perform>;
        plugs.people = Arc::new(Team((0..3).map(user).collect()));
        let runner = Runner::new(db.clone(), ambient.clone(), plugs.clone());
        Self {
            db: db.clone(),
            runner,
            clock,
            ambient,
            systems,
            plugs,
        }
    }

    /// From here on another system answers.
    pub fn poison(&mut self, perform: Arc<dyn Perform>) {
        self.plugs.perform = perform;
        self.runner = Runner::new(self.db.clone(), self.ambient.clone(), self.plugs.clone());
    }

    /// From here on these calendars hold.
    pub fn count_by(&mut self, calendars: Arc<dyn runner::Calendars>) {
        self.plugs.calendars = calendars;
        self.runner = Runner::new(self.db.clone(), self.ambient.clone(), self.plugs.clone());
    }

    /// As publishing does.
    pub async fn listen(&self, process: &str, version: i64) -> Result<()> {
        let published = self.runner.published(process, version).await?;
        let mut tx = self.db.write().await?;
        self.runner.listen_in(&mut tx, &published).await?;
        tx.commit().await
    }

    pub async fn running(&self, process: &str) -> Vec<runner::InstanceLine> {
        let query = runner::InstanceQuery {
            process: Some(process.into()),
            ..Default::default()
        };
        let mut reads = self.db.read().await.unwrap();
        runner::instances(&mut reads, &query, &Page::default())
            .await
            .unwrap()
            .items
    }

    pub async fn start(&self, process: &str, values: serde_json::Value) -> runner::Advanced {
        self.start_for(process, None, values).await
    }

    pub async fn start_for(
        &self,
        process: &str,
        customer: Option<Id<Customer>>,
        values: serde_json::Value,
    ) -> runner::Advanced {
        let start = Start {
            process: process.into(),
            version: 1,
            customer,
            variables: variables(values),
            start_event: None,
            trigger: None,
        };
        self.runner.start(&person(9), start).await.unwrap()
    }

    pub async fn close(
        &self,
        who: u8,
        item: Id<WorkItem>,
        outcome: Option<&str>,
    ) -> Result<runner::Advanced> {
        self.runner
            .complete(&person(who), closing(item, outcome))
            .await
    }

    pub async fn group(&self, group: &str) -> Vec<WorkItemLine> {
        let query = InboxQuery {
            groups: vec![group.into()],
            scope: Scope::Groups,
            ..InboxQuery::default()
        };
        runner::inbox(&mut self.db.read().await.unwrap(), &query, &Page::default())
            .await
            .unwrap()
            .items
    }

    pub async fn mine(&self, number: u8) -> Vec<WorkItemLine> {
        let query = InboxQuery {
            user: Some(user(number)),
            scope: Scope::Mine,
            ..InboxQuery::default()
        };
        runner::inbox(&mut self.db.read().await.unwrap(), &query, &Page::default())
            .await
            .unwrap()
            .items
    }

    pub async fn detail(&self, instance: Id<Instance>) -> runner::InstanceDetail {
        self.runner
            .instance(&mut self.db.read().await.unwrap(), instance)
            .await
            .unwrap()
    }

    pub async fn incidents(&self) -> Vec<runner::IncidentGroup> {
        runner::incident_groups(&mut self.db.read().await.unwrap())
            .await
            .unwrap()
    }
}

pub fn closing(item: Id<WorkItem>, outcome: Option<&str>) -> Complete {
    Complete {
        work_item: item,
        version: None,
        outcome: outcome.map(str::to_owned),
        values: variables(json!({})),
    }
}
