//! A working day in small, as often as there is time: every write of the main job, one after the other, and a journal of
//! what was acknowledged. A write whose answer is lost is sent again under its key until there is an answer, so the journal
//! tells to the last write what must be there afterwards: see [`faults`].

mod check;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use api::customers::{Contact, Customer};
use api::definitions::{Definition, Imported, Saved};
use api::work::{Completed, Started, WorkItem};
use api::{of, path};
use kernel::Id;
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::sleep;

pub use check::{faults, left_over, settled};

use crate::{Client, Refused, Service, eventually};

/// Longer than any restart.
const PATIENCE: Duration = Duration::from_secs(60);
/// Begins with a timer and ends in a work item that climbs a rung: both come due while the service is being killed.
pub const HURRIED: &str = "kills_hurried";
const CLAIM: &str = "billing_claim";
const AGENT: &str = "Paula Lamas";
const ASSISTANT: &str = "Tomás Ferreyra";

/// What was acknowledged. Each kind knows what must be there for it.
#[derive(Clone, Debug)]
pub enum Written {
    Customer {
        id: Id<of::Customer>,
        name: String,
    },
    Change {
        customer: Id<of::Customer>,
        version: i64,
        city: String,
    },
    Contact {
        customer: Id<of::Customer>,
        name: String,
    },
    Start {
        customer: Id<of::Customer>,
        instance: Id<of::Instance>,
    },
    Claim {
        item: Id<of::WorkItem>,
        by: &'static str,
    },
    /// With which outcome, in words, and the group whose inbox the next step must be in.
    Close {
        instance: Id<of::Instance>,
        item: Id<of::WorkItem>,
        outcome: &'static str,
        next: &'static str,
    },
    Draft {
        key: String,
        revision: i64,
    },
    Version {
        key: String,
        version: i64,
        mark: String,
    },
    /// Its timer fires once, its escalation too.
    Hurried {
        customer: Id<of::Customer>,
        instance: Id<of::Instance>,
    },
}

impl Written {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Customer { .. } => "customers",
            Self::Change { .. } => "changes",
            Self::Contact { .. } => "contacts",
            Self::Start { .. } => "starts",
            Self::Claim { .. } => "claims",
            Self::Close { .. } => "closings",
            Self::Draft { .. } => "drafts",
            Self::Version { .. } => "versions",
            Self::Hurried { .. } => "timers",
        }
    }
}

/// Who writes.
#[derive(Clone)]
pub struct Staff {
    agent: Client,
    assistant: Client,
    supervisor: Client,
    designer: Client,
}

impl Staff {
    /// Signs everybody in, and publishes the process that is in a hurry.
    pub async fn of(service: &Service, password: &str) -> Result<Self> {
        let nobody = service.client()?;
        let staff = Self {
            agent: nobody.sign_in("agente", password).await?,
            assistant: nobody.sign_in("backoffice", password).await?,
            supervisor: nobody.sign_in("supervisora", password).await?,
            designer: nobody.sign_in("disenadora", password).await?,
        };
        let revision = staff.form("kills_note").await?;
        staff.publish("form", "kills_note", revision).await?;
        let to = format!("{}?file={HURRIED}&key={HURRIED}", path::IMPORT_PROCESS);
        let taken: Imported = staff
            .designer
            .send(Method::POST, &to, "application/xml", hurried())
            .await?;
        let revision = taken.saved.revision;
        staff
            .publish("process", HURRIED, revision)
            .await
            .with_context(|| format!("{:?}", taken.saved.problems))?;
        Ok(staff)
    }

    pub fn agent(&self) -> &Client {
        &self.agent
    }

    async fn form(&self, key: &str) -> Result<i64> {
        let new =
            json!({"kind": "form", "key": key, "name": {"es": "Nota"}, "body": form(key, "0")});
        let made: Saved = self.designer.post(path::DEFINITIONS, &new).await?;
        Ok(made.revision)
    }

    async fn publish(&self, kind: &str, key: &str, revision: i64) -> Result<Saved> {
        let publish = path::fill(path::PUBLISH, &[kind, key]);
        self.designer
            .post(&publish, &json!({ "revision": revision }))
            .await
    }
}

/// A form of one field; `mark` tells its versions apart.
fn form(key: &str, mark: &str) -> Value {
    json!({
        "key": key,
        "name": {"es": "Nota", "en": "Note"},
        "help": {"es": mark, "en": mark},
        "sections": [{"key": "all", "items": [
            {"field": {"key": "note", "label": {"es": "Nota", "en": "Note"}, "kind": "text"}},
        ]}],
    })
}

fn hurried() -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_hurried" targetNamespace="urn:test">
  <process id="p_hurried" name="{HURRIED}" isExecutable="true"><startEvent id="begin"/>
  <intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1S</timeDuration></timerEventDefinition></intermediateCatchEvent>
  <userTask id="task" name="Atender"><extensionElements><engage:activity form="kills_note" due="PT4H"><engage:assignment group="supervisors"/><engage:outcome key="done" labelEs="Hecho"/><engage:escalation after="PT1S" to="billing_management"/></engage:activity></extensionElements></userTask>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="begin" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="task"/><sequenceFlow id="c" sourceRef="task" targetRef="end"/></process>
</definitions>"#
    )
}

/// What all writers were told.
#[derive(Default)]
pub struct Journal {
    written: Mutex<Vec<Written>>,
    /// Writes that were done and whose answer went with the process.
    unheard: Mutex<usize>,
}

impl Journal {
    pub async fn note(&self, written: Written) {
        self.written.lock().await.push(written);
    }

    pub async fn all(&self) -> Vec<Written> {
        self.written.lock().await.clone()
    }

    pub async fn unheard(&self) -> usize {
        *self.unheard.lock().await
    }
}

/// One of those who write at the same time.
pub struct Writer<'a> {
    pub number: usize,
    pub staff: &'a Staff,
    pub journal: &'a Journal,
}

impl Writer<'_> {
    /// Round after round, each with a customer of its own. The round that is under way is brought to its end.
    pub async fn until(&self, stop: &AtomicBool) -> Result<()> {
        let key = format!("kills_form_{}", self.number);
        let mut revision = self.staff.form(&key).await?;
        for round in 1.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let mark = format!("w{}r{round}", self.number);
            self.round(round, &mark)
                .await
                .with_context(|| format!("round {mark}"))?;
            revision = self
                .design(&key, revision, round, &mark)
                .await
                .with_context(|| format!("design {mark}"))?;
        }
        Ok(())
    }

    async fn round(&self, round: i64, mark: &str) -> Result<()> {
        let Staff {
            agent, assistant, ..
        } = self.staff;
        let (customer, version) = self.customer(mark).await?;
        self.change(customer, version, mark).await?;
        let at = path::fill(path::CUSTOMER_CONTACTS, &[&customer.to_string()]);
        let contact = json!({"name": format!("Apoderada {mark}"), "role": "Apoderada"});
        let _: Option<Contact> = self
            .write(agent, "contact", mark, Method::POST, &at, &contact)
            .await?;
        let name = format!("Apoderada {mark}");
        self.journal.note(Written::Contact { customer, name }).await;

        let instance = self.start(CLAIM, customer, mark).await?;
        self.journal
            .note(Written::Start { customer, instance })
            .await;
        let first = self.only_item(agent, instance, "register").await?;
        let version = self
            .claim(agent, AGENT, &first, &format!("{mark}-1"))
            .await?;
        let claim = json!({"reason": "amount", "invoice": "0001-00004321", "billed": "1500", "expected": "1200", "detail": mark});
        let order = json!({"version": version, "outcome": "to_analysis", "values": claim});
        let item = first.line.id;
        let at = path::work_item_complete(item);
        let _: Option<Completed> = self
            .write(agent, "close", mark, Method::POST, &at, &order)
            .await?;
        self.journal
            .note(Written::Close {
                instance,
                item,
                outcome: "Pasa a análisis",
                next: "billing_assistants",
            })
            .await;
        // Every second one is taken from the group's inbox, the others stay in it.
        if round % 2 == 0 {
            let next = self.only_item(assistant, instance, "analyse").await?;
            self.claim(assistant, ASSISTANT, &next, &format!("{mark}-2"))
                .await?;
        }

        let instance = self.start(HURRIED, customer, mark).await?;
        self.journal
            .note(Written::Hurried { customer, instance })
            .await;
        Ok(())
    }

    /// Its version too.
    async fn customer(&self, mark: &str) -> Result<(Id<of::Customer>, i64)> {
        let agent = &self.staff.agent;
        let name = format!("Alta {mark}");
        let new = json!({"customer_type": "person", "fields": {"name": name}});
        let made: Option<Customer> = self
            .write(agent, "new", mark, Method::POST, path::CUSTOMERS, &new)
            .await?;
        let (id, version) = match made {
            Some(customer) => (customer.id, customer.version),
            None => {
                let id = patiently("the customer", || async {
                    let found = agent.suggest(&name).await?;
                    let found = found.into_iter().find(|line| line.name == name);
                    Ok(found.map(|line| line.id))
                })
                .await?;
                let there: Customer = self.seen(agent, &path::customer(id)).await?;
                (id, there.version)
            }
        };
        self.journal.note(Written::Customer { id, name }).await;
        Ok((id, version))
    }

    async fn change(&self, customer: Id<of::Customer>, before: i64, mark: &str) -> Result<()> {
        let agent = &self.staff.agent;
        let city = format!("Ciudad {mark}");
        let order = json!({"version": before, "fields": {"city": city}});
        let at = path::customer(customer);
        let changed: Option<Customer> = self
            .write(agent, "change", mark, Method::PATCH, &at, &order)
            .await?;
        if let Some(changed) = changed {
            ensure!(
                changed.version == before + 1,
                "changed once, and the version went from {} to {}",
                before,
                changed.version
            );
        }
        self.journal
            .note(Written::Change {
                customer,
                version: before + 1,
                city,
            })
            .await;
        Ok(())
    }

    async fn start(
        &self,
        process: &str,
        customer: Id<of::Customer>,
        mark: &str,
    ) -> Result<Id<of::Instance>> {
        let agent = &self.staff.agent;
        let order = json!({"process": process, "customer": customer});
        let started: Option<Started> = self
            .write(agent, process, mark, Method::POST, path::INSTANCES, &order)
            .await?;
        if let Some(started) = started {
            return Ok(started.instance);
        }
        // It is there without an answer: the customer is this round's, so there is only one of this process.
        let mine = patiently("the instances", || async {
            check::instances(agent, customer).await.map(Some)
        })
        .await?;
        let mut mine = mine.into_iter().filter(|line| line.process.key == process);
        let found = mine.next().context("done, and not there")?;
        ensure!(
            mine.next().is_none(),
            "{process} was begun twice for {mark}"
        );
        Ok(found.id)
    }

    /// The one work item in which this instance waits now.
    async fn only_item(
        &self,
        who: &Client,
        instance: Id<of::Instance>,
        element: &str,
    ) -> Result<WorkItem> {
        let now: api::work::Instance = self.seen(who, &path::instance(instance)).await?;
        let open: Vec<_> = now
            .work_items
            .iter()
            .filter(|i| i.closed.is_none())
            .collect();
        ensure!(open.len() == 1, "{} work items wait at once", open.len());
        let item: WorkItem = self.seen(who, &path::work_item(open[0].id)).await?;
        ensure!(
            item.element == element,
            "{} instead of {element}",
            item.element
        );
        Ok(item)
    }

    /// The work item's version afterwards.
    async fn claim(
        &self,
        who: &Client,
        by: &'static str,
        item: &WorkItem,
        mark: &str,
    ) -> Result<i64> {
        let item_id = item.line.id;
        let at = path::fill(path::WORK_ITEM_ASSIGNEE, &[&item_id.to_string()]);
        let order = json!({"version": item.line.version});
        let claimed: Option<WorkItem> = self
            .write(who, "claim", mark, Method::POST, &at, &order)
            .await?;
        let now = match claimed {
            Some(now) => now,
            None => self.seen(who, &path::work_item(item_id)).await?,
        };
        self.journal
            .note(Written::Claim { item: item_id, by })
            .await;
        Ok(now.line.version)
    }

    /// Saves a draft and publishes it: the draft's revision afterwards.
    async fn design(&self, key: &str, revision: i64, version: i64, mark: &str) -> Result<i64> {
        let designer = &self.staff.designer;
        let at = path::fill(path::DRAFT, &["form", key]);
        let draft = json!({"revision": revision, "body": form(key, mark)});
        let saved: Option<Saved> = self
            .write(designer, "draft", mark, Method::PUT, &at, &draft)
            .await?;
        let revision = self.revision(saved, key).await?;
        self.journal
            .note(Written::Draft {
                key: key.to_owned(),
                revision,
            })
            .await;
        let at = path::fill(path::PUBLISH, &["form", key]);
        let order = json!({ "revision": revision });
        let published: Option<Saved> = self
            .write(designer, "publish", mark, Method::POST, &at, &order)
            .await?;
        if let Some(told) = published.as_ref().and_then(|saved| saved.version) {
            ensure!(
                told == version,
                "version {told} is told where {version} is due"
            );
        }
        let revision = self.revision(published, key).await?;
        self.journal
            .note(Written::Version {
                key: key.to_owned(),
                version,
                mark: mark.to_owned(),
            })
            .await;
        Ok(revision)
    }

    async fn revision(&self, saved: Option<Saved>, key: &str) -> Result<i64> {
        if let Some(saved) = saved {
            return Ok(saved.revision);
        }
        let at = path::definition("form", key);
        let now: Definition = self.seen(&self.staff.designer, &at).await?;
        Ok(now.revision)
    }

    /// Sends until there is an answer, always under the same key. `None`: it is done, and its answer went with the process.
    async fn write<T: DeserializeOwned>(
        &self,
        who: &Client,
        what: &str,
        mark: &str,
        method: Method,
        at: &str,
        body: &impl Serialize,
    ) -> Result<Option<T>> {
        let key = format!("{what}-{mark}");
        let began = Instant::now();
        loop {
            let error = match who.write_as(&key, method.clone(), at, body).await {
                Ok(answer) => return Ok(Some(answer)),
                Err(error) => error,
            };
            match error.downcast_ref::<Refused>() {
                Some(no) if no.code() == "already_done" => {
                    *self.journal.unheard.lock().await += 1;
                    return Ok(None);
                }
                // A write that was done and is asked for again must not hear that it cannot be done.
                Some(no) if no.status < 500 => return Err(error.context(key)),
                _ if began.elapsed() > PATIENCE => return Err(error.context(key)),
                _ => sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn seen<T: DeserializeOwned>(&self, who: &Client, at: &str) -> Result<T> {
        patiently(at, || async { who.get(at).await.map(Some) }).await
    }
}

/// The service may just be coming back.
async fn patiently<T, F>(what: &str, ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    eventually(what, PATIENCE, ask).await
}
