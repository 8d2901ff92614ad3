//! How a job ends.

use std::collections::HashSet;

use kernel::{Id, Moment, Result};
use sqlx::types::Json;
use store::Tx;

use crate::queue::{Job, Lease, lost, shortened};

/// How a run of a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Done,
    /// Once more, not before this instant.
    Again {
        at: Moment,
        cause: String,
    },
    /// A dead letter.
    Failed {
        cause: String,
    },
    /// Nobody knows whether the remote effect happened; a person decides.
    InDoubt {
        cause: String,
    },
    /// Never begun (the worker stops): the attempt does not count.
    Returned,
}

impl Verdict {
    /// Whether a power cut may take it back: then the job is begun again, as after a worker's death. What stays on record
    /// may not be.
    pub(crate) fn may_be_forgotten(&self, lease: Lease) -> bool {
        match self {
            Self::Done => !lease.keyed,
            Self::Again { .. } | Self::Returned => true,
            Self::Failed { .. } | Self::InDoubt { .. } => false,
        }
    }
}

store::statements! {
    /// The fence in the condition is the point: a worker that was overtaken finishes nothing. SQLite takes them as one
    /// document too: hundreds end at once, and each statement costs a way to its thread and back.
    DONE =
        "DELETE FROM job WHERE rowid IN (SELECT j.rowid FROM json_each($1) AS e CROSS JOIN job AS j ON j.id = unhex(e.value ->> 0)
            AND j.fence = e.value ->> 1 WHERE j.state IN ('leased', 'armed')) RETURNING id",
        "DELETE FROM job USING unnest($1::uuid[], $2::bigint[]) AS done (id, fence)
         WHERE job.id = done.id AND job.fence = done.fence AND job.state IN ('leased', 'armed') RETURNING job.id";
    ACCEPTED =
        "UPDATE job SET state = 'accepted', finished = $3, cause = NULL
         WHERE id = $1 AND fence = $2 AND state IN ('leased', 'armed') RETURNING id",
        "UPDATE job SET state = 'accepted', finished = done.at, cause = NULL
         FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS done (id, fence, at)
         WHERE job.id = done.id AND job.fence = done.fence AND job.state IN ('leased', 'armed') RETURNING job.id";
    OTHERWISE =
        "UPDATE job SET state = $3, due = coalesce($4, due), finished = $5, cause = coalesce($6, cause), attempt = attempt - $7
         WHERE id = $1 AND fence = $2 AND state IN ('leased', 'armed') RETURNING id",
        "UPDATE job SET state = o.state, due = coalesce(o.due, job.due), finished = o.finished,
                cause = coalesce(o.cause, job.cause), attempt = job.attempt - o.unbegun
         FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::bigint[])
              AS o (id, fence, state, due, finished, cause, unbegun)
         WHERE job.id = o.id AND job.fence = o.fence AND job.state IN ('leased', 'armed') RETURNING job.id";
}

struct Otherwise {
    lease: Lease,
    state: &'static str,
    due: Option<Moment>,
    finished: Option<Moment>,
    cause: Option<String>,
    unbegun: i64,
}

/// Ends many jobs in one transaction. The answer names those that ended so; the others' leases were lost, and nothing of
/// them was touched.
pub async fn settle(
    tx: &mut Tx,
    now: Moment,
    ends: &[(Lease, Verdict)],
) -> Result<HashSet<Id<Job>>> {
    let (mut done, mut accepted, mut otherwise) = (Vec::new(), Vec::new(), Vec::new());
    for (lease, verdict) in ends {
        let (state, due, finished, cause, unbegun) = match verdict {
            Verdict::Done if lease.keyed => {
                accepted.push(*lease);
                continue;
            }
            Verdict::Done => {
                done.push(*lease);
                continue;
            }
            Verdict::Again { at, cause } => ("planned", Some(*at), None, Some(shortened(cause)), 0),
            Verdict::Failed { cause } => ("failed", None, Some(now), Some(shortened(cause)), 0),
            Verdict::InDoubt { cause } => ("in_doubt", None, Some(now), Some(shortened(cause)), 0),
            Verdict::Returned => ("planned", Some(now), None, None, 1),
        };
        otherwise.push(Otherwise {
            lease: *lease,
            state,
            due,
            finished,
            cause,
            unbegun,
        });
    }
    // One order for all, so that two nodes never wait for each other's rows.
    done.sort_by_key(|lease| lease.job);
    let mut ended = gone(tx, &done).await?;
    ended.extend(crate::return_rows!(
        tx,
        (Id<Job>,),
        ACCEPTED,
        &accepted,
        |lease| [lease.job, lease.fence, now]
    )?);
    ended.extend(crate::return_rows!(
        tx,
        (Id<Job>,),
        OTHERWISE,
        &otherwise,
        |end| [
            end.lease.job,
            end.lease.fence,
            end.state,
            end.due,
            end.finished,
            end.cause.as_deref(),
            end.unbegun,
        ]
    )?);
    Ok(ended.into_iter().map(|(id,)| id).collect())
}

/// Takes away what is done and leaves nothing behind.
async fn gone(tx: &mut Tx, done: &[Lease]) -> Result<Vec<(Id<Job>,)>> {
    if done.is_empty() {
        return Ok(Vec::new());
    }
    match tx.write_conn() {
        store::Conn::Sqlite(c) => {
            let pairs: Vec<_> = done
                .iter()
                .map(|lease| (lease.job.uuid().simple().to_string(), lease.fence))
                .collect();
            let query = sqlx::query_as(DONE.sqlite).bind(Json(pairs));
            store::within_deadline(query.fetch_all(c)).await
        }
        store::Conn::Postgres(c) => {
            let jobs: Vec<_> = done.iter().map(|lease| lease.job).collect();
            let fences: Vec<_> = done.iter().map(|lease| lease.fence).collect();
            let query = sqlx::query_as(DONE.postgres).bind(jobs).bind(fences);
            store::within_deadline(query.fetch_all(c)).await
        }
    }
}

/// Finishes one job as part of the handler's own transaction, so that what it wrote and the job's end are one. An error
/// says that the lease was lost: roll back.
pub async fn settle_in(tx: &mut Tx, now: Moment, lease: Lease) -> Result<()> {
    if settle(tx, now, &[(lease, Verdict::Done)]).await?.is_empty() {
        return Err(lost());
    }
    Ok(())
}
