//! The people and things of the stories.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on stops here and says so"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use design::{Author, Body, Kind, Surroundings};
use form::Words;
use kernel::{Ambient, FieldProblem, Language, Moment};
use ledger::Actor;
use serde_json::{Value, json};
use store::Db;
use store::testing::{HandClock, hand_ambient};

pub struct World {
    _clock: HandClock,
    ambient: Ambient,
    actor: Actor,
    pub around: Surroundings,
}

impl World {
    pub fn new() -> Self {
        Self::with_groups(["agents".to_owned(), "supervisors".to_owned()])
    }

    /// With the groups that the bundle brings.
    pub fn of_solution(files: &BTreeMap<String, String>) -> Self {
        let groups: Value = serde_json::from_str(&files["groups.json"]).unwrap();
        let keys = groups
            .as_array()
            .unwrap()
            .iter()
            .map(|g| g["key"].as_str().unwrap().to_owned());
        Self::with_groups(keys)
    }

    fn with_groups(groups: impl IntoIterator<Item = String>) -> Self {
        let at: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        let (clock, ambient) = hand_ambient(at, 5);
        Self {
            _clock: clock,
            actor: Actor::person(ambient.id(), "Diana Diseño"),
            ambient,
            around: Surroundings {
                groups: groups.into_iter().collect(),
                language: Language::Es,
            },
        }
    }

    pub fn author(&self) -> Author<'_> {
        Author {
            ambient: &self.ambient,
            actor: &self.actor,
            around: &self.around,
        }
    }

    /// Creates and publishes.
    pub async fn publish(&self, db: &Db, body: &Body) {
        let mut tx = db.write().await.unwrap();
        let saved = design::create(&mut tx, self.author(), body).await.unwrap();
        assert_eq!(saved.problems, []);
        design::publish(
            &mut tx,
            self.author(),
            body.kind(),
            body.key(),
            saved.revision,
            "",
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}

pub fn words(es: &str) -> Words {
    Words::new(es, "")
}

pub fn told(problems: &[FieldProblem]) -> Vec<String> {
    problems
        .iter()
        .map(|p| format!("{} {}", p.field, p.code))
        .collect()
}

pub fn customer_type(key: &str) -> Body {
    let schema = json!({
        "key": key,
        "name": { "es": "Persona", "en": "Person" },
        "title": ["name"],
        "fields": [
            { "key": "name", "label": { "es": "Nombre", "en": "Name" }, "kind": "text", "required": true },
            { "key": "balance", "label": { "es": "Saldo", "en": "Balance" }, "kind": "amount" },
        ],
    });
    Body::read(Kind::CustomerType, schema).unwrap()
}

pub fn form_body(key: &str) -> Body {
    let form = json!({
        "key": key,
        "name": { "es": "Reclamo", "en": "Claim" },
        "customer_type": "person",
        "sections": [{ "key": "all", "items": [
            { "customer": { "field": "name" } },
            { "field": { "key": "amount", "label": { "es": "Importe", "en": "Amount" }, "kind": "amount" } },
        ]}],
    });
    Body::read(Kind::Form, form).unwrap()
}

/// One start, one user task with this extension, one end.
pub fn process_body(key: &str, extension: &str) -> Body {
    let task = format!(
        r#"<userTask id="task" name="Atender"><extensionElements>{extension}</extensionElements></userTask>"#
    );
    drawn(key, &task)
}

/// One start, what is given with the id `task`, one end.
pub fn drawn(key: &str, task: &str) -> Body {
    let bpmn = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:engage="urn:engage:bpmn:1" id="d" targetNamespace="t">
  <process id="p" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="task"/>
    {task}
    <sequenceFlow id="f2" sourceRef="task" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>"#
    );
    let process = json!({ "key": key, "name": { "es": "Reclamo" }, "bpmn": bpmn });
    Body::read(Kind::Process, process).unwrap()
}

/// A model of the reference suite, where the test data are at hand.
pub fn reference(name: &str) -> Option<String> {
    let folder = std::env::var_os("ENGAGE_TESTDATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(folder.join("bpmn-miwg").join(name)).ok();
    if text.is_none() {
        eprintln!("skipped: no data");
    }
    text
}

/// The files of the demonstration that the service ships.
pub fn demo_solution() -> Option<BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../service/demo/solution");
    let mut files = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()? {
            let path = entry.ok()?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).ok()?);
            }
        }
    }
    Some(files)
}
