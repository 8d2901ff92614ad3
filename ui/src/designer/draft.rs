//! A definition while it is worked on.

use std::time::Duration;

use api::{
    definitions::{Definition, Publish, SaveDraft, Saved, VersionLine},
    path,
};
use kernel::FieldProblem;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    kit::now_ms,
    problem::{Problem, ProblemKind},
    transport::{self, Body},
};

/// Whether what is on screen is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Keeping {
    Saved,
    /// Changed; to be saved in a moment.
    Waiting,
    Saving,
    /// Somebody else saved it meanwhile: one of the two must give way.
    Conflict,
    Failed(Problem),
}

/// The draft of one definition: every change is saved by itself a moment later, can be undone, and brings back what now
/// stands against publishing.
#[derive(Clone, Copy)]
pub struct Draft {
    kind: StoredValue<String>,
    key: StoredValue<String>,
    pub body: RwSignal<Value>,
    pub problems: RwSignal<Vec<FieldProblem>>,
    /// Newest published version.
    pub published: RwSignal<Option<i64>>,
    /// It differs from what is published.
    pub differs: RwSignal<bool>,
    pub keeping: RwSignal<Keeping>,
    pub versions: RwSignal<Vec<VersionLine>>,
    revision: StoredValue<i64>,
    past: RwSignal<Vec<(&'static str, Value)>>,
    future: RwSignal<Vec<(&'static str, Value)>>,
    // What the last change was and when: typing is undone as a whole, not letter by letter.
    last: StoredValue<(&'static str, f64)>,
    turn: StoredValue<u64>,
}

const PAUSE: Duration = Duration::from_millis(600);
const TOGETHER_MS: f64 = 1_200.0;
/// Steps that are whole in themselves, however quickly they follow one another.
const APART: [&str; 7] = [
    "add", "change", "connect", "layout", "mend", "paste", "remove",
];
const MOST_UNDONE: usize = 60;

impl Draft {
    pub fn new(definition: Definition) -> Self {
        let this = Self {
            kind: StoredValue::new(definition.line.kind),
            key: StoredValue::new(definition.line.key),
            body: RwSignal::new(definition.body),
            problems: RwSignal::new(definition.problems),
            published: RwSignal::new(definition.line.published),
            differs: RwSignal::new(definition.line.draft),
            keeping: RwSignal::new(Keeping::Saved),
            versions: RwSignal::new(definition.versions),
            revision: StoredValue::new(definition.revision),
            past: RwSignal::new(Vec::new()),
            future: RwSignal::new(Vec::new()),
            last: StoredValue::new(("", 0.0)),
            turn: StoredValue::new(0),
        };
        on_cleanup(move || {
            // Whoever leaves the screen in the middle of the pause has it saved all the same.
            if this.keeping.try_get_untracked() == Some(Keeping::Waiting) {
                let (path, request) = (this.path(path::DRAFT), this.request());
                leptos::task::spawn_local(async move {
                    let _: Result<Saved, Problem> = transport::put(&path, &request).await;
                });
            }
        });
        this
    }

    pub fn kind(&self) -> String {
        self.kind.get_value()
    }

    pub fn key(&self) -> String {
        self.key.get_value()
    }

    pub fn path(&self, template: &str) -> String {
        path::fill(template, &[&self.kind(), &self.key()])
    }

    /// The body as its type, followed; `None` where it cannot be read.
    pub fn typed<T: DeserializeOwned>(&self) -> Option<T> {
        self.body
            .with(|body| serde_json::from_value(body.clone()).ok())
    }

    /// Changes the body. Changes of the same `what` in quick succession are one step of undo.
    pub fn change(&self, what: &'static str, change: impl FnOnce(&mut Value)) {
        let before = self.body.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        let now = now_ms();
        let (last, at) = self.last.get_value();
        if last != what || now - at > TOGETHER_MS || APART.contains(&what) {
            self.past.update(|past| {
                if past.len() >= MOST_UNDONE {
                    past.remove(0);
                }
                past.push((what, before));
            });
        }
        self.last.set_value((what, now));
        self.future.update(Vec::clear);
        self.body.set(after);
        self.touch();
    }

    /// Changes the body as its type.
    pub fn edit<T: Serialize + DeserializeOwned>(
        &self,
        what: &'static str,
        edit: impl FnOnce(&mut T),
    ) {
        self.change(what, |body| {
            let Ok(mut typed) = serde_json::from_value::<T>(body.clone()) else {
                return;
            };
            edit(&mut typed);
            if let Ok(value) = serde_json::to_value(typed) {
                *body = value;
            }
        });
    }

    pub fn can_undo(&self) -> bool {
        self.past.with(|past| !past.is_empty())
    }

    pub fn can_redo(&self) -> bool {
        self.future.with(|future| !future.is_empty())
    }

    pub fn undo(&self) {
        self.step(self.past, self.future);
    }

    pub fn redo(&self) {
        self.step(self.future, self.past);
    }

    /// What undo would take back, for people; empty where there is nothing or no word for it.
    pub fn undoes(&self) -> String {
        self.past
            .with(|past| past.last().map(|(what, _)| name_of(what)))
            .unwrap_or_default()
    }

    /// What redo would do again.
    pub fn redoes(&self) -> String {
        self.future
            .with(|future| future.last().map(|(what, _)| name_of(what)))
            .unwrap_or_default()
    }

    fn step(
        &self,
        from: RwSignal<Vec<(&'static str, Value)>>,
        to: RwSignal<Vec<(&'static str, Value)>>,
    ) {
        let mut taken = None;
        from.update(|from| taken = from.pop());
        let Some((what, taken)) = taken else { return };
        to.update(|to| to.push((what, self.body.get_untracked())));
        self.last.set_value(("", 0.0));
        self.body.set(taken);
        self.touch();
    }

    fn touch(&self) {
        let this = *self;
        if this.keeping.get_untracked() == Keeping::Conflict {
            return;
        }
        let was_saving = this.keeping.get_untracked() == Keeping::Saving;
        this.turn.update_value(|turn| *turn += 1);
        if !was_saving {
            this.keeping.set(Keeping::Waiting);
        }
        let turn = this.turn.get_value();
        set_timeout(
            move || {
                if this.turn.try_get_value() == Some(turn)
                    && this.keeping.try_get_untracked() == Some(Keeping::Waiting)
                {
                    leptos::task::spawn_local(async move { this.save().await });
                }
            },
            PAUSE,
        );
    }

    fn request(&self) -> SaveDraft {
        SaveDraft {
            revision: self.revision.get_value(),
            body: self.body.get_untracked(),
        }
    }

    /// Saves now. Afterwards `keeping` says how it went.
    pub async fn save(&self) {
        loop {
            let turn = self.turn.get_value();
            self.keeping.set(Keeping::Saving);
            let answer: Result<Saved, Problem> =
                transport::put(&self.path(path::DRAFT), &self.request()).await;
            // The screen may have gone.
            if self.turn.try_get_value().is_none() {
                return;
            }
            match answer {
                Ok(saved) => {
                    self.take(saved);
                    if self.turn.get_value() == turn {
                        self.keeping.set(Keeping::Saved);
                        return;
                    }
                }
                Err(problem) if problem.kind == ProblemKind::Conflict => {
                    self.keeping.set(Keeping::Conflict);
                    return;
                }
                Err(problem) => {
                    self.keeping.set(Keeping::Failed(problem));
                    return;
                }
            }
        }
    }

    fn take(&self, saved: Saved) {
        self.revision.set_value(saved.revision);
        self.differs.set(saved.draft);
        self.problems.set(saved.problems);
        if saved.version.is_some() {
            self.published.set(saved.version);
        }
    }

    /// Publishes what is on screen.
    pub async fn publish(&self, note: String) -> Result<Option<i64>, Problem> {
        if self.keeping.get_untracked() != Keeping::Saved {
            self.save().await;
            match self.keeping.get_untracked() {
                Keeping::Failed(problem) => return Err(problem),
                Keeping::Conflict => return Ok(None),
                _ => {}
            }
        }
        let request = Publish {
            revision: self.revision.get_value(),
            note: Some(note).filter(|note| !note.is_empty()),
        };
        let saved: Saved = transport::post(&self.path(path::PUBLISH), &request).await?;
        let version = saved.version;
        self.take(saved);
        Ok(version)
    }

    /// Throws the draft away. `true`: the definition is still there (what is published); it must be read again.
    pub async fn discard(&self) -> Result<bool, Problem> {
        let query = [("revision", self.revision.get_value().to_string())];
        transport::call::<Value>("DELETE", &self.path(path::DRAFT), &query, Body::Empty).await?;
        self.keeping.set(Keeping::Saved);
        Ok(self.published.get_untracked().is_some())
    }
}

/// A step as people call it: `undo-…` of the catalogue.
fn name_of(what: &str) -> String {
    let key = format!("undo-{}", what.replace(' ', "-"));
    let language = crate::prefs::preferences().language();
    if locale::has(language, &key) {
        locale::text(language, &key)
    } else {
        String::new()
    }
}
