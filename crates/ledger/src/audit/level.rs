//! How much is recorded (features.md S-13): per module and entity, from nothing but security up to every reading.
//!
//! Security (the directory, the audit itself, whoever was turned away) is recorded at every level: there is none below.
//! Levels are read in the transaction that writes, so a change of level holds from the next commit on, on every node.

use kernel::{Error, Moment, Result};
use serde::{Deserialize, Serialize};
use store::{Reads, Tx};

use super::{Entry, Outcome, record};
use crate::Actor;

kernel::stored_words! {
    /// What is recorded. Ordered: each takes in those before it.
    pub enum Level {
        /// Nothing but security.
        Security = "security",
        /// Every write: where nothing else is said.
        Writes = "writes",
        /// Writes, and the reading of a record whose sensitive fields were shown.
        Sensitive = "sensitive",
        /// Every reading, too.
        Reads = "reads",
    }
}

/// What an entry tells of: decides at which level it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nature {
    Security,
    Write,
    SensitiveRead,
    Read,
}

/// `*` for all of them.
pub const ALL: &str = "*";

/// The modules whose entries are about security, whatever they say.
const SECURITY: [&str; 2] = ["directory", "audit"];

impl Nature {
    pub(super) fn of_module(module: &str) -> Self {
        if SECURITY.contains(&module) {
            Self::Security
        } else {
            Self::Write
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Rule {
    pub module: String,
    pub entity: String,
    pub level: Level,
}

/// All that was set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Levels(pub Vec<Rule>);

impl Levels {
    pub const DEFAULT: Level = Level::Writes;

    /// The nearest rule counts: the entity's, the module's, the one for everything.
    pub fn of(&self, module: &str, entity: &str) -> Level {
        [(module, entity), (module, ALL), (ALL, ALL)]
            .into_iter()
            .find_map(|(m, e)| self.0.iter().find(|r| r.module == m && r.entity == e))
            .map_or(Self::DEFAULT, |rule| rule.level)
    }

    pub fn keeps(&self, entry: &Entry) -> bool {
        if entry.nature == Nature::Security || entry.outcome == Outcome::Refused {
            return true;
        }
        let least = match entry.nature {
            Nature::Security => Level::Security,
            Nature::Write => Level::Writes,
            Nature::SensitiveRead => Level::Sensitive,
            Nature::Read => Level::Reads,
        };
        self.of(&entry.module, &entry.entity) >= least
    }
}

store::statements! {
    LOAD = "SELECT module, entity, level FROM audit_level ORDER BY module, entity";
    SET = "INSERT INTO audit_level (module, entity, level) VALUES ($1, $2, $3) \
        ON CONFLICT (module, entity) DO UPDATE SET level = excluded.level";
    CLEAR = "DELETE FROM audit_level WHERE module = $1 AND entity = $2";
}

/// What a node that keeps levels in memory listens to.
pub const SIGNAL: &str = "audit_level";

pub async fn load(reads: &mut impl Reads) -> Result<Levels> {
    Ok(Levels(store::fetch_all!(reads, Rule, LOAD)?))
}

fn is_word(word: &str) -> bool {
    word == ALL
        || (word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.len() <= 63
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
}

/// Sets a level, or takes it back (`None`: as the module, or everything, says). Audited, whatever the levels say.
pub async fn set(
    tx: &mut Tx,
    at: Moment,
    actor: &Actor,
    (module, entity): (&str, &str),
    level: Option<Level>,
) -> Result<()> {
    for (field, word) in [("module", module), ("entity", entity)] {
        if !is_word(word) {
            return Err(Error::invalid(field, "key_form"));
        }
    }
    if module == ALL && entity != ALL {
        return Err(Error::invalid("entity", "level_entity_alone"));
    }
    if SECURITY.contains(&module) && level.is_some_and(|l| l <= Level::Writes) {
        return Err(Error::invalid("level", "level_security"));
    }
    let before = load(tx)
        .await?
        .0
        .into_iter()
        .find(|r| r.module == module && r.entity == entity)
        .map(|r| r.level);
    if before == level {
        return Ok(());
    }
    match level {
        Some(level) => store::execute!(tx, SET, module, entity, level)?,
        None => store::execute!(tx, CLEAR, module, entity)?,
    };
    tx.signal(SIGNAL, "");
    let state = |level: Option<Level>| level.map(|level| serde_json::json!({ "level": level }));
    let entry = Entry::new(OPERATION, "audit", "audit_level")
        .of(format!("{module}/{entity}"))
        .changed(state(before).as_ref(), state(level).as_ref());
    record(tx, at, actor, entry);
    Ok(())
}

/// How a change of level is called in the trail.
pub const OPERATION: &str = "audit.level";
