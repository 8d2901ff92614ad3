//! Running instances moved to another version of their process, and instances changed by hand.
//!
//! A move keeps what runs: work items, waits and timers (with their remaining time) go on as they are. [`Runner::preview`]
//! says beforehand, for each instance, whether it moves, stays, or cannot, and why. A move can be taken back exactly for as
//! long as nothing else has happened to the instance; later it can be moved back like any other.

use std::collections::BTreeMap;

use flow::engine::{Obstacle, State, Variables, transfer};
use flow::model::ElementId;
use kernel::{Error, FieldProblem, Id, Moment, Page, Paged, Result};
use ledger::{Actor, User};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Built, Reads, Tx};

use crate::command::{Advanced, What};
use crate::plugs::Published;
use crate::rows::{self, InstanceRow};
use crate::runner::{Runner, advanced};
use crate::words::{Instance, InstanceState};

/// Marks the id of a move.
#[derive(Debug)]
pub enum Moved {}

/// Elements that have another id in the new version: the new one by the old.
pub type Mapping = BTreeMap<String, String>;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Move {
    pub to: i64,
    #[serde(default)]
    pub mapping: Mapping,
    pub reason: String,
}

/// Tokens taken away and begun by hand.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Modify {
    /// Activities (their numbers in the instance) that are taken away.
    pub cancel: Vec<u32>,
    /// Ids of elements that begin.
    pub start: Vec<String>,
    pub variables: Variables,
    pub reason: String,
}

/// Whether an instance can be moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    Moves {
        /// Timers and waits that the new version does not have any more.
        lost: usize,
        /// Those that it has in addition.
        new: usize,
    },
    /// It runs on that version already.
    Stays,
    Impossible {
        obstacles: Vec<Obstacle>,
    },
}

/// An instance with its verdict.
#[derive(Clone, Debug, Serialize)]
pub struct MoveLine {
    pub instance: Id<Instance>,
    pub version: i64,
    pub started: Moment,
    pub verdict: Verdict,
}

/// A move that was made.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct MoveMade {
    pub id: Id<Moved>,
    pub number: i64,
    pub from_version: i64,
    pub to_version: i64,
    pub at: Moment,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
    pub reason: String,
    pub undone: Option<Moment>,
}

/// What is needed to take a move back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Before {
    pub state: State,
    /// Timers that the move took away: number and due time.
    pub timers: Vec<(i64, Moment)>,
    pub waits: Vec<(i64, String, String, Option<String>)>,
    /// Timers and waits that it brought.
    pub new_timers: Vec<i64>,
    pub new_waits: Vec<i64>,
    /// Open work items: activity, element, name.
    pub items: Vec<(i64, String, String)>,
    /// It did more than that: a condition of the new version held at once.
    pub stepped: bool,
}

#[derive(Clone, Debug, FromRow)]
pub(crate) struct MoveRow {
    pub instance: Id<Instance>,
    pub number: i64,
    pub from_version: i64,
    pub to_version: i64,
    pub before: Json<Before>,
    pub undone: Option<Moment>,
}

store::statements! {
    INSERT = "INSERT INTO instance_move (id, instance, number, from_version, to_version, at, user_id, user_name, reason, before)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    FIND = "SELECT instance, number, from_version, to_version, before, undone FROM instance_move WHERE id = $1";
    UNDONE = "UPDATE instance_move SET undone = $2 WHERE id = $1";
    OF_INSTANCE = "SELECT id, number, from_version, to_version, at, user_id, user_name, reason, undone FROM instance_move
        WHERE instance = $1 ORDER BY at, id";
    INCIDENTS = "UPDATE incident SET process_version = $2 WHERE instance = $1 AND resolved IS NULL";
    INCIDENTS_OF = "UPDATE incident SET element = $3 WHERE instance = $1 AND element = $2 AND resolved IS NULL";
}

#[expect(clippy::too_many_arguments, reason = "the columns of a row")]
pub(crate) async fn insert(
    tx: &mut Tx,
    id: Id<Moved>,
    instance: Id<Instance>,
    number: i64,
    (from, to): (i64, i64),
    at: Moment,
    actor: &Actor,
    reason: &str,
    before: &Before,
) -> Result<()> {
    store::execute!(
        tx,
        INSERT,
        id,
        instance,
        number,
        from,
        to,
        at,
        actor.user,
        actor.name.as_str(),
        reason,
        Json(before)
    )
    .map(drop)
}

pub(crate) async fn find(reads: &mut impl Reads, id: Id<Moved>) -> Result<Option<MoveRow>> {
    store::fetch_optional!(reads, MoveRow, FIND, id)
}

pub(crate) async fn undone(tx: &mut Tx, id: Id<Moved>, at: Moment) -> Result<()> {
    store::execute!(tx, UNDONE, id, at).map(drop)
}

/// Open incidents of an instance that was moved.
pub(crate) async fn move_incidents(
    tx: &mut Tx,
    instance: Id<Instance>,
    version: i64,
    mapping: &Mapping,
) -> Result<()> {
    store::execute!(tx, INCIDENTS, instance, version)?;
    for (from, to) in mapping {
        store::execute!(tx, INCIDENTS_OF, instance, from.as_str(), to.as_str())?;
    }
    Ok(())
}

pub async fn moves_of(reads: &mut impl Reads, instance: Id<Instance>) -> Result<Vec<MoveMade>> {
    store::fetch_all!(reads, MoveMade, OF_INSTANCE, instance)
}

pub(crate) fn elements(mapping: &Mapping) -> BTreeMap<ElementId, ElementId> {
    mapping
        .iter()
        .map(|(from, to)| (from.as_str().into(), to.as_str().into()))
        .collect()
}

/// What stands against a move, by element.
pub(crate) fn refused(obstacles: &[Obstacle]) -> Error {
    let problems: Vec<_> = obstacles
        .iter()
        .map(|obstacle| {
            let code = match obstacle {
                Obstacle::Gone { .. } => "move_gone",
                Obstacle::OtherKind { .. } => "move_other_kind",
                Obstacle::Elsewhere { .. } => "move_elsewhere",
                Obstacle::OtherEvent { .. } => "move_other_event",
                Obstacle::OtherRepetition { .. } => "move_other_repetition",
            };
            FieldProblem::new(obstacle.element().to_string(), code)
                .with("element", obstacle.element())
        })
        .collect();
    Error::try_from(problems).unwrap_or_else(|()| Error::invalid("mapping", "required"))
}

fn verdict(
    row: &InstanceRow,
    old: &Published,
    new: &Published,
    mapping: &BTreeMap<ElementId, ElementId>,
    now: Moment,
) -> Verdict {
    use flow::engine::Effect;
    if row.process_version == new.version {
        return Verdict::Stays;
    }
    match transfer(&old.plan, &new.plan, &row.data.0, mapping, now) {
        Ok((_, effects)) => {
            let count =
                |of: fn(&Effect) -> bool| effects.iter().filter(|effect| of(effect)).count();
            Verdict::Moves {
                lost: count(|effect| {
                    matches!(
                        effect,
                        Effect::TimerCancelled { .. } | Effect::Forgotten { .. }
                    )
                }),
                new: count(|effect| {
                    matches!(
                        effect,
                        Effect::TimerScheduled { .. }
                            | Effect::MessageAwaited { .. }
                            | Effect::SignalAwaited { .. }
                    )
                }),
            }
        }
        Err(obstacles) => Verdict::Impossible { obstacles },
    }
}

/// A reason is what the next person reads: at least a word, at most a page.
pub(crate) fn reasoned(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required"));
    }
    if reason.chars().count() > 2_000 {
        return Err(FieldProblem::new("reason", "too_long")
            .with("max", 2_000)
            .into());
    }
    Ok(())
}

impl Runner {
    /// What would become of each running instance of a process, in the order of their ids; nothing is written. `from`: only
    /// those of this version.
    pub async fn preview(
        &self,
        reads: &mut impl Reads,
        process: &str,
        from: Option<i64>,
        change: &Move,
        page: &Page,
    ) -> Result<Paged<MoveLine>> {
        let new = self.published(process, change.to).await?;
        let mapping = elements(&change.mapping);
        let mut sql = Built::new(reads.kind(), rows::SELECT_INSTANCES);
        sql.push("state = 'running' AND process = ").bind(process);
        if let Some(from) = from {
            sql.push(" AND process_version = ").bind(from);
        }
        if let Some(cursor) = &page.cursor {
            let id = cursor
                .parse()
                .map_err(|_| Error::invalid("cursor", "cursor"))?;
            sql.push(" AND id > ").bind(Id::<Instance>::new(id));
        }
        sql.push(" ORDER BY id LIMIT ")
            .bind(i64::from(page.limit()) + 1);
        let mut found: Vec<InstanceRow> = sql.fetch_all(reads).await?;
        let more = found.len() > page.limit() as usize;
        found.truncate(page.limit() as usize);
        let next = found.last().filter(|_| more).map(|row| row.id.to_string());
        let now = self.inner().ambient.now();
        let mut items = Vec::with_capacity(found.len());
        for row in found {
            let old = self.published(process, row.process_version).await?;
            items.push(MoveLine {
                instance: row.id,
                version: row.process_version,
                started: row.started,
                verdict: verdict(&row, &old, &new, &mapping, now),
            });
        }
        Ok(Paged {
            items,
            next,
            total: None,
        })
    }

    /// The same for one instance.
    pub async fn preview_one(
        &self,
        reads: &mut impl Reads,
        instance: Id<Instance>,
        change: &Move,
    ) -> Result<Verdict> {
        let row = rows::read_instance(reads, instance)
            .await?
            .filter(|row| row.state == InstanceState::Running)
            .ok_or_else(|| Error::not_found("instance"))?;
        let old = self.published(&row.process, row.process_version).await?;
        let new = self.published(&row.process, change.to).await?;
        let now = self.inner().ambient.now();
        Ok(verdict(&row, &old, &new, &elements(&change.mapping), now))
    }

    /// Moves an instance. `Invalid` names what stands against it, element by element; `WrongState` where it has ended or
    /// is on that version already.
    pub async fn move_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        change: Move,
    ) -> Result<Advanced> {
        reasoned(&change.reason)?;
        advanced(
            self.send_in(tx, actor, What::Move { instance, change })
                .await?,
        )
    }

    /// Takes a move back. `WrongState` where something has happened since: then it is moved back like any other.
    pub async fn undo_move_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        made: Id<Moved>,
    ) -> Result<Advanced> {
        advanced(
            self.send_in(tx, actor, What::Undo { instance, made })
                .await?,
        )
    }

    /// Takes tokens away and begins elements, by hand.
    pub async fn modify_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
        change: Modify,
    ) -> Result<Advanced> {
        reasoned(&change.reason)?;
        if change.cancel.is_empty() && change.start.is_empty() && change.variables.is_empty() {
            return Err(Error::invalid("start", "required"));
        }
        advanced(
            self.send_in(tx, actor, What::Modify { instance, change })
                .await?,
        )
    }
}
