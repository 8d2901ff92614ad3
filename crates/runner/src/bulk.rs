//! One order for many: instances moved to another version, incidents tried again. A durable job takes them part by part, each
//! in a transaction of its own with others of its part; what was refused says why, and the rest goes on.

use futures::future::join_all;
use jobs::{Done, Failure, NewJob, Running};
use kernel::{Code, Error, Id, Moment, Page, Paged, Result};
use ledger::{Actor, User, audit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;
use sqlx::types::Json;
use std::sync::Arc;
use store::{Built, Reads, Tx};

use crate::command::{Command, What};
use crate::follow::{self, failed};
use crate::incidents::{self, IncidentQuery};
use crate::moves::{Mapping, Move, reasoned};
use crate::runner::Runner;
use crate::words::{Incident, Instance};
use flow::engine::Variables;

/// Marks the id of an order for many.
#[derive(Debug)]
pub enum Bulk {}

/// How many are taken at once.
const PART: i64 = 100;

kernel::stored_words! {
    pub enum BulkKind { Move = "move", Retry = "retry" }
}
kernel::stored_words! {
    pub enum BulkState { Running = "running", Done = "done", Cancelled = "cancelled" }
}

/// What is to be done to many.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// The running instances of a process: of one version or of all, or only those named.
    Move {
        process: String,
        from: Option<i64>,
        to: i64,
        #[serde(default)]
        mapping: Mapping,
        #[serde(default)]
        instances: Vec<Id<Instance>>,
    },
    /// The open incidents that the query finds.
    Retry {
        query: IncidentQuery,
        #[serde(default)]
        variables: Variables,
    },
}

impl Order {
    const fn kind(&self) -> BulkKind {
        match self {
            Self::Move { .. } => BulkKind::Move,
            Self::Retry { .. } => BulkKind::Retry,
        }
    }
}

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct BulkLine {
    pub id: Id<Bulk>,
    pub kind: BulkKind,
    pub state: BulkState,
    pub done: i64,
    pub refused: i64,
    pub at: Moment,
    pub ended: Option<Moment>,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
    pub reason: String,
}

/// One that was refused, or that had nothing to be done.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct BulkResult {
    pub subject: uuid::Uuid,
    pub verdict: String,
    #[serde(skip)]
    pub detail: Json<Value>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    bulk: Id<Bulk>,
    after: Option<uuid::Uuid>,
}

#[derive(FromRow)]
struct Row {
    state: BulkState,
    ask: Json<Order>,
    at: Moment,
    user_id: Option<Id<User>>,
    user_name: String,
    reason: String,
}

macro_rules! columns {
    () => {
        "id, kind, state, done, refused, at, ended, user_id, user_name, reason"
    };
}

store::statements! {
    INSERT = "INSERT INTO bulk (id, kind, state, ask, done, refused, at, user_id, user_name, reason)
        VALUES ($1, $2, 'running', $3, 0, 0, $4, $5, $6, $7)";
    ORDER = "SELECT state, ask, at, user_id, user_name, reason FROM bulk WHERE id = $1";
    FIND = concat!("SELECT ", columns!(), " FROM bulk WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM bulk ORDER BY at DESC, id LIMIT 100");
    CANCEL = "UPDATE bulk SET state = 'cancelled', ended = $2 WHERE id = $1 AND state = 'running'";
    END = "UPDATE bulk SET state = 'done', ended = $2 WHERE id = $1 AND state = 'running'";
    COUNT = "UPDATE bulk SET done = done + $2, refused = refused + $3 WHERE id = $1";
    RESULT = "INSERT INTO bulk_result (bulk, subject, verdict, detail) VALUES ($1, $2, $3, $4)
        ON CONFLICT (bulk, subject) DO NOTHING",
        "INSERT INTO bulk_result (bulk, subject, verdict, detail)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) ON CONFLICT (bulk, subject) DO NOTHING";
    RESULTS = "SELECT subject, verdict, detail FROM bulk_result WHERE bulk = $1 AND verdict <> 'done' AND subject > $2
        ORDER BY subject LIMIT $3";
}

pub async fn bulks(reads: &mut impl Reads) -> Result<Vec<BulkLine>> {
    store::fetch_all!(reads, BulkLine, LIST)
}

/// `NotFound`.
pub async fn bulk(reads: &mut impl Reads, id: Id<Bulk>) -> Result<BulkLine> {
    store::fetch_optional!(reads, BulkLine, FIND, id)?.ok_or_else(|| Error::not_found("bulk"))
}

/// Those that were not done, and why.
pub async fn bulk_results(
    reads: &mut impl Reads,
    id: Id<Bulk>,
    page: &Page,
) -> Result<Paged<BulkResult>> {
    let after = match &page.cursor {
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Error::invalid("cursor", "cursor"))?,
        None => uuid::Uuid::nil(),
    };
    let limit = page.limit();
    let mut items = store::fetch_all!(reads, BulkResult, RESULTS, id, after, i64::from(limit) + 1)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.subject.to_string());
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

impl Runner {
    /// Orders it; it begins when the transaction commits.
    pub async fn order_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        order: Order,
        reason: &str,
    ) -> Result<Id<Bulk>> {
        reasoned(reason)?;
        let inner = self.inner();
        if let Order::Move { process, to, .. } = &order {
            // There is such a version.
            inner.published(process, *to).await?;
        }
        let (id, now) = (inner.ambient.id::<Bulk>(), inner.ambient.now());
        store::execute!(
            tx,
            INSERT,
            id,
            order.kind().text(),
            Json(&order),
            now,
            actor.user,
            actor.name.as_str(),
            reason
        )?;
        let part = Part {
            bulk: id,
            after: None,
        };
        jobs::enqueue(tx, &inner.ambient, &[NewJob::new(follow::BULK, &part)?]).await?;
        let operation = match order {
            Order::Move { .. } => "process.move_many",
            Order::Retry { .. } => "incident.retry_many",
        };
        let mut entry = audit::Entry::new(operation, "runner", "bulk")
            .of(id)
            .note(reason);
        entry.change = Some(json!({ "after": order }));
        audit::record(tx, now, actor, entry);
        Ok(id)
    }

    /// Those that were not reached yet stay as they are. `WrongState` where it has ended.
    pub async fn cancel_bulk_in(&self, tx: &mut Tx, actor: &Actor, id: Id<Bulk>) -> Result<()> {
        let now = self.inner().ambient.now();
        bulk(tx, id).await?;
        if store::execute!(tx, CANCEL, id, now)? == 0 {
            return Err(Error::new(Code::WrongState).with("state", "ended"));
        }
        let entry = audit::Entry::new("bulk.cancel", "runner", "bulk").of(id);
        audit::record(tx, now, actor, entry);
        Ok(())
    }
}

/// One part: the next ones, then the order for those after them, in the transaction that ends this job.
pub(crate) async fn part(runner: Runner, job: Running) -> Result<Done, Failure> {
    let part: Part = job.payload()?;
    carry_out(&runner, &job, &part)
        .await
        .map_err(|error| failed(&error))
}

async fn carry_out(runner: &Runner, job: &Running, part: &Part) -> Result<Done> {
    let inner = runner.inner();
    let mut reads = inner.db.read().await?;
    let Some(row) = store::fetch_optional!(&mut reads, Row, ORDER, part.bulk)? else {
        return Ok(Done::Finish);
    };
    if row.state != BulkState::Running {
        return Ok(Done::Finish);
    }
    let actor = Arc::new(Actor {
        user: row.user_id,
        ..Actor::system(&row.user_name)
    });
    let after = part.after.unwrap_or_else(uuid::Uuid::nil);
    let commands: Vec<(uuid::Uuid, Result<Command>)> = match &row.ask.0 {
        Order::Move {
            process,
            from,
            to,
            mapping,
            instances,
        } => {
            let chosen = instances_after(&mut reads, process, *from, instances, after).await?;
            let change = Move {
                to: *to,
                mapping: mapping.clone(),
                reason: row.reason.clone(),
            };
            let command = |instance: Id<Instance>| {
                let what = What::Move {
                    instance,
                    change: change.clone(),
                };
                (instance.uuid(), Ok(Command::new(&actor, what)))
            };
            chosen.into_iter().map(command).collect()
        }
        Order::Retry { query, variables } => {
            let chosen =
                incidents::after(&mut reads, query, (Id::new(after), row.at), PART).await?;
            let command = |(incident, instance, activity): (Id<Incident>, Id<Instance>, i64)| {
                let command = u32::try_from(activity)
                    .map_err(Error::internal)
                    .map(|activity| {
                        let what = What::Retry {
                            incident,
                            instance,
                            activity,
                            variables: variables.clone(),
                        };
                        Command::new(&actor, what)
                    });
                (incident.uuid(), command)
            };
            chosen.into_iter().map(command).collect()
        }
    };
    drop(reads);
    let last = commands.last().map(|(subject, _)| *subject);
    let answers = join_all(commands.into_iter().map(|(subject, command)| async move {
        let answer = match command {
            Ok(command) => runner.submit(command).await,
            Err(error) => Err(error),
        };
        (subject, answer)
    }))
    .await;
    let mut results = Vec::with_capacity(answers.len());
    for (subject, answer) in answers {
        results.push(match answer {
            Ok(_) => (subject, "done", Value::Null),
            // Nothing is wrong with it: the part comes again.
            Err(error) if error.is_passing() => return Err(error),
            Err(error)
                if error
                    .args()
                    .get("state")
                    .is_some_and(|s| s == "same_version") =>
            {
                (subject, "stays", Value::Null)
            }
            Err(error) => (
                subject,
                "refused",
                json!({ "code": error.code(), "args": error.args(), "fields": error.fields() }),
            ),
        });
    }
    let count = |verdict: &str| {
        i64::try_from(results.iter().filter(|result| result.1 == verdict).count()).unwrap_or(0)
    };
    let mut tx = inner.db.write().await?;
    jobs::settle_in(&mut tx, inner.ambient.now(), job.lease).await?;
    jobs::write_rows!(&mut tx, RESULT, &results, |result| [
        part.bulk,
        result.0,
        result.1,
        Json(&result.2)
    ])?;
    store::execute!(&mut tx, COUNT, part.bulk, count("done"), count("refused"))?;
    match last {
        Some(last) => {
            let next = Part {
                bulk: part.bulk,
                after: Some(last),
            };
            jobs::enqueue(
                &mut tx,
                &inner.ambient,
                &[NewJob::new(follow::BULK, &next)?],
            )
            .await?;
        }
        None => {
            store::execute!(&mut tx, END, part.bulk, inner.ambient.now())?;
        }
    }
    tx.commit().await?;
    Ok(Done::Settled)
}

async fn instances_after(
    reads: &mut impl Reads,
    process: &str,
    from: Option<i64>,
    only: &[Id<Instance>],
    after: uuid::Uuid,
) -> Result<Vec<Id<Instance>>> {
    let mut sql = Built::new(
        reads.kind(),
        "SELECT id FROM instance WHERE state = 'running' AND process = ",
    );
    sql.push("").bind(process);
    if let Some(from) = from {
        sql.push(" AND process_version = ").bind(from);
    }
    if !only.is_empty() {
        sql.push(" AND id IN (");
        for (at, id) in only.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " }).bind(*id);
        }
        sql.push(")");
    }
    sql.push(" AND id > ").bind(after);
    sql.push(" ORDER BY id LIMIT ").bind(PART);
    let rows: Vec<(Id<Instance>,)> = sql.fetch_all(reads).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
