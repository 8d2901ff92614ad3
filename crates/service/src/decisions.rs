//! Decisions of the definitions, asked by running processes.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use design::{Body, DecisionDefinition, Kind, Published};
use flow::engine::{Request, Variables};
use futures::future::BoxFuture;
use kernel::{Ambient, Code, Language, Moment};
use rules::dmn::Model;
use rules::temporal::{DateTime, Zone};
use runner::{Answer, Call, Fault, Perform, Told};
use serde_json::Value;
use store::Db;

/// A version of a decision, ready to be asked: it never changes.
struct Ready {
    version: i64,
    model: Model,
    /// Which of the model's decisions is asked.
    asked: String,
}

/// Asks decisions. Systems outside are not connected here.
pub struct Decisions {
    db: Db,
    definitions: Published,
    ambient: Ambient,
    /// The newest version of each that was asked.
    ready: RwLock<HashMap<String, Arc<Ready>>>,
}

impl Decisions {
    pub fn new(db: Db, definitions: Published, ambient: Ambient) -> Self {
        Self {
            db,
            definitions,
            ambient,
            ready: RwLock::default(),
        }
    }

    /// The newest published version.
    async fn newest(&self, key: &str) -> Result<Arc<Ready>, Fault> {
        let passing = |error: kernel::Error| match error.code() {
            Code::NotFound => stopped(|language| said(language, "decision-not-published", key, "")),
            _ => Fault::Passing(error.to_string()),
        };
        let mut reads = self.db.read().await.map_err(passing)?;
        let (version, body) = self
            .definitions
            .newest(&mut reads, Kind::Decision, key)
            .await
            .map_err(passing)?;
        drop(reads);
        let known = self
            .ready
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned();
        if let Some(ready) = known.filter(|known| known.version == version) {
            return Ok(ready);
        }
        let ready = match &*body {
            Body::Decision(definition) => readied(version, definition),
            _ => None,
        };
        let ready = ready.ok_or_else(|| {
            stopped(|language| {
                let why = match &*body {
                    Body::Decision(definition) => definition.model(language).err(),
                    _ => None,
                };
                let why = why.and_then(|problems| problems.into_iter().next());
                let why = why.map_or_else(String::new, |problem| problem.sentence);
                said(language, "decision-failed", key, &why)
            })
        })?;
        let ready = Arc::new(ready);
        self.ready
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.to_owned(), Arc::clone(&ready));
        Ok(ready)
    }

    async fn ask(&self, key: &str, inputs: &Variables) -> Result<Answer, Fault> {
        let ready = self.newest(key).await?;
        let mut scope = rules::Scope::from_json(&Value::Object(inputs.clone()));
        if let Some(now) = instant(self.ambient.now()) {
            scope = scope.at(now);
        }
        let value = ready.model.ask(&ready.asked, &scope).map_err(|fault| {
            stopped(|language| {
                let why = match language {
                    Language::Es => fault.sentence(rules::Language::Es),
                    Language::En => fault.sentence(rules::Language::En),
                };
                said(language, "decision-failed", key, why)
            })
        })?;
        let mut given = Variables::new();
        let value = value.to_json();
        // What is mapped may name the entries of a result directly.
        if let Value::Object(entries) = &value {
            given.extend(entries.clone());
        }
        given.insert("result".to_owned(), value);
        Ok(Answer {
            variables: given,
            by: Some(format!("{key} v{}", ready.version)),
        })
    }
}

fn readied(version: i64, definition: &DecisionDefinition) -> Option<Ready> {
    let model = definition.model(Language::Es).ok()?;
    let asked = definition.asked(&model)?.to_owned();
    Some(Ready {
        version,
        model,
        asked,
    })
}

/// What an incident keeps.
fn stopped(say: impl Fn(Language) -> String) -> Fault {
    Fault::Final(Told::new(say).to_string())
}

fn said(language: Language, sentence: &str, key: &str, why: &str) -> String {
    let told = locale::text_with(
        language,
        sentence,
        &[("key", key.into()), ("why", why.into())],
    );
    told.trim_end().to_owned()
}

fn instant(now: Moment) -> Option<DateTime> {
    let micros = now.as_micros();
    let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1_000).ok()?;
    DateTime::from_epoch(micros.div_euclid(1_000_000), nanos, &Zone::utc())
}

impl Perform for Decisions {
    fn perform<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, Result<Answer, Fault>> {
        let (sentence, key) = match &call.request {
            Request::Decision {
                decision: Some(key),
            } => return Box::pin(self.ask(key, &call.inputs)),
            Request::Decision { decision: None } => ("task-without-decision", ""),
            Request::Service {
                transaction: Some(key),
            } => ("system-not-connected", &**key),
            Request::Service { transaction: None } => ("task-without-transaction", ""),
            Request::Script { language, .. } => ("script-not-connected", &**language),
        };
        let fault = stopped(|language| said(language, sentence, key, ""));
        Box::pin(async { Err(fault) })
    }

    fn is_remote(&self, _: &Call) -> bool {
        false
    }
}
