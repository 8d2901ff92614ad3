//! A write that is tried again after a lost answer happens once.
//!
//! While a request is being served, its key stands in a task-local ([`serving`]); the first transaction that commits under
//! it writes the key down **in that same transaction**. So the key is there exactly when the write is. The answer is added
//! afterwards ([`answered`]); where the service died in between, a retry learns that the write was done, not what was said.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kernel::{Code, Error, Moment, Result, Span};

use crate::{Db, Tx, try_execute};

/// How long keys are kept.
pub const KEPT: Span = Span::from_hours(48);

crate::statements! {
    FIND = "SELECT request, status, answer FROM idempotency WHERE key = $1";
    INSERT = "INSERT INTO idempotency (key, request, status, answer, created) VALUES ($1, $2, 0, $3, $4)";
    ANSWER = "UPDATE idempotency SET status = $2, answer = $3 WHERE key = $1";
    TRIM = "DELETE FROM idempotency WHERE created < $1";
}

/// A write under its key.
#[derive(Debug)]
pub struct Write {
    /// Hash of who asks and the key that they made.
    pub key: [u8; 32],
    /// Hash of what they ask.
    pub request: [u8; 32],
    pub at: Moment,
    recorded: AtomicBool,
}

impl Write {
    pub fn new(key: [u8; 32], request: [u8; 32], at: Moment) -> Arc<Self> {
        Arc::new(Self {
            key,
            request,
            at,
            recorded: AtomicBool::new(false),
        })
    }

    /// Whether a transaction has committed under this key.
    pub fn is_recorded(&self) -> bool {
        self.recorded.load(Ordering::Acquire)
    }
}

/// What is known of a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Known {
    /// Never seen: go on.
    New,
    /// Done; this was the answer.
    Answered { status: u16, body: Vec<u8> },
    /// Done; the answer was lost.
    Done,
}

tokio::task_local! {
    static CURRENT: Arc<Write>;
}

/// Serves a request under its key.
pub async fn serving<F: Future>(write: Arc<Write>, work: F) -> F::Output {
    CURRENT.scope(write, work).await
}

/// The key under which this task works: to carry it into another task that commits for it.
pub fn current() -> Option<Arc<Write>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Looks a key up before the work begins.
pub async fn look_up(db: &Db, write: &Write) -> Result<Known> {
    let mut read = db.read().await?;
    let found = crate::fetch_optional!(
        &mut read,
        (Vec<u8>, i64, Vec<u8>),
        FIND,
        write.key.as_slice()
    )?;
    Ok(match found {
        None => Known::New,
        Some((request, _, _)) if request != write.request => {
            return Err(Error::new(Code::IdempotencyMismatch));
        }
        Some((_, 0, _)) => Known::Done,
        Some((_, status, body)) => Known::Answered {
            status: u16::try_from(status).unwrap_or(200),
            body,
        },
    })
}

/// Writes the answer beside the key.
pub async fn answered(db: &Db, write: &Write, status: u16, body: &[u8]) -> Result<()> {
    let mut tx = db.write().await?;
    crate::execute!(tx, ANSWER, write.key.as_slice(), i64::from(status), body)?;
    tx.commit().await
}

/// Forgets keys older than [`KEPT`].
pub async fn trim(db: &Db, now: Moment) -> Result<u64> {
    let mut tx = db.write().await?;
    let gone = crate::execute!(tx, TRIM, now - KEPT)?;
    tx.commit().await?;
    Ok(gone)
}

/// The key to be written down with the transaction that is about to commit.
pub(crate) async fn record(tx: &mut Tx) -> Result<()> {
    let Some(write) = current() else {
        return Ok(());
    };
    if write.recorded.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    let none: &[u8] = &[];
    let inserted = try_execute!(
        tx,
        INSERT,
        write.key.as_slice(),
        write.request.as_slice(),
        none,
        write.at
    );
    if let Err(error) = inserted {
        write.recorded.store(false, Ordering::Release);
        // The same request is being served twice at this moment, and the other one was first.
        return Err(if kernel::violated(&error).is_some() {
            Error::new(Code::AlreadyDone)
        } else {
            error.into()
        });
    }
    Ok(())
}
