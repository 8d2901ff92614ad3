//! Carries lists out: claimed with a lease, batch by batch.

use std::sync::Arc;

use access::{Policy, Verb};
use kernel::{Ambient, Error, Id, Moment, Result, Span};
use ledger::{User, audit};
use store::{Db, Kind, Tx};
use tokio::sync::mpsc;

use super::check::{Checker, Limits, Prepared, Rejected};
use super::setup::{OnExisting, Setup};
use super::text::{RawRow, Rows};
use super::{Import, SIGNAL, State, import_columns, undo, write};
use crate::{Customer, CustomerType, Portfolio, index};

/// How long a worker may be silent before another one takes its list over.
const LEASE: Span = Span::from_secs(30);
/// Of so many rows and more a list may have the indexes set aside; of more than the longest it may not, or making one of them
/// would hold up whoever writes for too long.
const LONG: i64 = 20_000;
const LONGEST: i64 = 3_000_000;
/// So many times as many rows as there are customers bring most of them.
const MULTIPLE: i64 = 10;
/// Progress is told at most this often.
const TELL: Span = Span::from_millis(400);

store::statements! {
    DUE = concat!("SELECT ", import_columns!(), " FROM customer_import \
        WHERE state IN ('queued', 'running', 'cancelling', 'undoing') AND (lease_until IS NULL OR lease_until < $1) ORDER BY id LIMIT 1");
    FENCE = "SELECT fence FROM customer_import WHERE id = $1";
    /// Whoever else claims it at the same time finds another fence.
    CLAIM = "UPDATE customer_import SET fence = fence + 1, lease_until = $3, started = COALESCE(started, $4), \
            state = CASE WHEN state = 'queued' THEN 'running' ELSE state END \
        WHERE id = $1 AND fence = $2";
    PROGRESS = "UPDATE customer_import SET rows_read = rows_read + $3, rows_created = rows_created + $4, \
            rows_updated = rows_updated + $5, rows_skipped = rows_skipped + $6, rows_rejected = rows_rejected + $7, \
            bytes_read = $8, lease_until = $9 \
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    HOLD = "UPDATE customer_import SET lease_until = $3 WHERE id = $1 AND fence = $2";
    /// The switch.
    LET_IN = "UPDATE customer_import SET visible = TRUE, state = 'done', finished = $3, bytes_read = size, lease_until = NULL \
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    REMOVE_PIECES = "DELETE FROM customer_import_chunk WHERE import_id = $1";
    END = "UPDATE customer_import SET finished = $4, lease_until = NULL, \
            state = CASE WHEN failure IS NOT NULL THEN 'failed' ELSE $3 END \
        WHERE id = $1 AND fence = $2";
    GIVE_UP = "UPDATE customer_import SET state = 'cancelling', failure = $3, lease_until = NULL WHERE id = $1 AND fence = $2";
    /// How many customers there are, looked for no further than so many.
    CUSTOMERS = "SELECT COUNT(*) FROM (SELECT 1 FROM customer LIMIT $1) AS looked";
    RECOVER = "UPDATE customer_import SET lease_until = NULL WHERE lease_until IS NOT NULL";
    PIECE = "SELECT bytes FROM customer_import_chunk WHERE import_id = $1 AND number = $2";
    /// What waits in the index's pending list is read through by every search. SQLite's index has no such list.
    TIDY = "SELECT 0", "SELECT gin_clean_pending_list('customer_words_idx')";
    /// What PostgreSQL's planner believes of a table that was filled since would be wrong until autovacuum comes by.
    COUNT = "ANALYZE customer";
    /// For this transaction: nobody waits for the disk. A crash may take the last batches back, each with its progress; the
    /// switch at the end is waited for, and with it all that went before.
    UNHURRIED = "SELECT ''", "SELECT set_config('synchronous_commit', 'off', TRUE)";
    /// For this transaction: leaves the pending list to the [`Sorter`], however long it is.
    LEAVE_UNSORTED = "SELECT ''", "SELECT set_config('gin_pending_list_limit', '1GB', TRUE)";
}

/// Tells what somebody may do at the moment at which their list is carried out.
pub trait Rights: Sync {
    fn of(&self, user: Id<User>) -> impl Future<Output = Result<Policy>> + Send;
}

/// Everybody may do the same.
impl Rights for Policy {
    async fn of(&self, _: Id<User>) -> Result<Policy> {
        Ok(self.clone())
    }
}

/// Forgets all leases: at the start of a node that is known to be the only one (embedded), so that what a kill -9 left
/// behind goes on at once.
pub async fn recover(db: &Db) -> Result<()> {
    let mut tx = db.write().await?;
    store::execute!(&mut tx, RECOVER)?;
    tx.commit().await
}

/// Carries out one list that is due, to its end; `None` when there is none. To be called in a loop, on the signal
/// [`SIGNAL`] and now and then. An error that passes (the database is away) leaves the list where it is, to be taken up
/// again; any other makes it fail as a whole.
pub async fn work(
    db: &Db,
    ambient: &Ambient,
    portfolio: &Portfolio,
    rights: &impl Rights,
) -> Result<Option<Id<Import>>> {
    let Some((import, fence)) = claim(db, ambient).await? else {
        return Ok(None);
    };
    let held = Held {
        db,
        ambient,
        id: import.id,
        fence,
    };
    let done = match import.state {
        State::Cancelling => held.remove(&import, portfolio, "cancelled").await,
        State::Undoing => held.remove(&import, portfolio, "undone").await,
        _ => held.run(&import, portfolio, rights).await,
    };
    if let Err(error) = done {
        if error.is_passing() {
            return Err(error);
        }
        tracing::error!(%error, import = %import.id, "a list of customers could not be imported");
        let mut tx = db.write().await?;
        store::execute!(&mut tx, GIVE_UP, import.id, fence, error.code().text())?;
        tx.signal(SIGNAL, import.id.to_string());
        tx.commit().await?;
    }
    Ok(Some(import.id))
}

async fn claim(db: &Db, ambient: &Ambient) -> Result<Option<(Import, i64)>> {
    let now = ambient.now();
    let Some(import) = store::fetch_optional!(&mut db.read().await?, Import, DUE, now)? else {
        return Ok(None);
    };
    let mut tx = db.write().await?;
    let fence = store::fetch_one!(&mut tx, (i64,), FENCE, import.id)?.0;
    let claimed = store::execute!(&mut tx, CLAIM, import.id, fence, now + LEASE, now)?;
    let import = super::load(&mut tx, import.id).await?;
    tx.commit().await?;
    let workable = matches!(
        import.state,
        State::Running | State::Cancelling | State::Undoing
    );
    Ok((claimed == 1 && workable).then_some((import, fence + 1)))
}

struct Held<'a> {
    db: &'a Db,
    ambient: &'a Ambient,
    id: Id<Import>,
    fence: i64,
}

/// What the reading thread hands over.
enum Step {
    Batch(Batch),
    End,
}

struct Batch {
    prepared: Vec<Prepared>,
    rejected: Vec<Rejected>,
    rows: i64,
    bytes: i64,
}

impl Batch {
    /// How many rows a file of so many bytes will have, judged by these.
    fn rows_in(&self, size: i64) -> i64 {
        let prepared = self.prepared.iter().map(|row| &row.cells);
        let cells = prepared.chain(self.rejected.iter().map(|row| &row.cells));
        let read: usize = cells.flatten().map(|cell| cell.len() + 1).sum();
        let read = i64::try_from(read).unwrap_or(i64::MAX).max(1);
        size.saturating_mul(self.rows) / read
    }
}

impl Held<'_> {
    async fn run(
        &self,
        import: &Import,
        portfolio: &Portfolio,
        rights: &impl Rights,
    ) -> Result<()> {
        let of = portfolio
            .wanted(import.type_key.as_deref().unwrap_or_default())?
            .clone();
        let reading = Reading {
            of: of.clone(),
            limits: limits(&import.setup, rights).await?,
            setup: import.setup.clone(),
            kind: self.db.kind(),
            // Rows that are behind us already, when we go on with what another worker began.
            behind: import.rows_read,
        };
        let mut steps = reading.begin(self.db.clone(), self.id);
        let mut sorter = Sorter::begin(self.db).await;
        let mut told = Moment::MIN;
        let mut first = import.rows_read == 0;
        loop {
            match steps.recv().await {
                Some(Ok(Step::Batch(batch))) => {
                    if std::mem::take(&mut first) {
                        self.make_way(&of, batch.rows_in(import.size)).await?;
                    }
                    if !self
                        .put(&of, &import.setup, batch, sorter.is_some(), &mut told)
                        .await?
                    {
                        // Cancelled, or taken over by somebody else: not ours any more.
                        return Ok(());
                    }
                    if let Some(at_work) = &sorter
                        && !at_work.keep_up().await
                    {
                        sorter = None;
                    }
                }
                Some(Ok(Step::End)) => break,
                Some(Err(error)) => return Err(error),
                None => return Err(Error::internal("the thread that reads the list has gone")),
            }
        }
        self.let_in(import, portfolio).await
    }

    /// One batch with its progress. `false`: the list is no longer ours.
    async fn put(
        &self,
        of: &CustomerType,
        setup: &Setup,
        batch: Batch,
        unsorted: bool,
        told: &mut Moment,
    ) -> Result<bool> {
        let mut tx = self.db.write().await?;
        store::fetch_all!(&mut tx, (String,), UNHURRIED)?;
        if unsorted {
            store::fetch_all!(&mut tx, (String,), LEAVE_UNSORTED)?;
        }
        let now = self.ambient.now();
        let target = write::Target {
            import: self.id,
            of,
            setup,
            now,
        };
        let mut id = || self.ambient.id::<Customer>();
        let tally = write::batch(&mut tx, &target, batch.prepared, batch.rejected, &mut id).await?;
        let ours = store::execute!(
            &mut tx,
            PROGRESS,
            self.id,
            self.fence,
            batch.rows,
            tally.created,
            tally.updated,
            tally.skipped,
            tally.rejected,
            batch.bytes,
            now + LEASE
        )?;
        if ours == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        if now.since(*told) >= TELL {
            *told = now;
            tx.signal(SIGNAL, self.id.to_string());
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Sets the indexes of the type's fields aside where the list brings most of the customers there will be: to sort a
    /// million values once takes seconds, to put them into their places one by one takes minutes for all fields.
    /// Meanwhile lists by such a field read all customers.
    async fn make_way(&self, of: &CustomerType, rows: i64) -> Result<()> {
        if !(LONG..=LONGEST).contains(&rows) {
            return Ok(());
        }
        let mut tx = self.db.write().await?;
        let there = store::fetch_one!(&mut tx, (i64,), CUSTOMERS, rows / MULTIPLE)?.0;
        if there == rows / MULTIPLE {
            return Ok(());
        }
        match index::set_aside(&mut tx, &of.schema).await {
            Ok(()) => tx.commit().await,
            // Somebody reads for long, or the table is not ours: it goes as it is.
            Err(error) => {
                tracing::debug!(%error, "the indexes of the fields stay");
                tx.rollback().await
            }
        }
    }

    /// The indexes that were set aside, each for itself: others write in between.
    async fn make_indexes(&self, portfolio: &Portfolio, type_key: Option<&str>) -> Result<()> {
        let of = type_key.and_then(|key| portfolio.get(key));
        let Some(of) = of else { return Ok(()) };
        for field in index::wanted(&of.schema)? {
            let mut tx = self.db.write().await?;
            if index::make(&mut tx, &of.schema.key, field).await? {
                let now = self.ambient.now();
                store::execute!(&mut tx, HOLD, self.id, self.fence, now + LEASE)?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// Everything is read: new values for those who were there, and the switch, in one transaction.
    async fn let_in(&self, import: &Import, portfolio: &Portfolio) -> Result<()> {
        self.make_indexes(portfolio, import.type_key.as_deref())
            .await?;
        let mut tx = self.db.write().await?;
        let now = self.ambient.now();
        undo::change(&mut tx, self.ambient, portfolio, import).await?;
        if store::execute!(&mut tx, LET_IN, self.id, self.fence, now)? == 0 {
            return tx.rollback().await;
        }
        store::execute!(&mut tx, REMOVE_PIECES, self.id)?;
        let done = super::load(&mut tx, self.id).await?;
        let note = format!(
            "{}: {} + {} + {} + {}",
            done.file_name,
            done.rows_created,
            done.rows_updated,
            done.rows_skipped,
            done.rows_rejected
        );
        let entry = audit::Entry::new("import.let_in", "desk", "import")
            .of(self.id)
            .note(note);
        audit::record(&mut tx, now, &done.actor, entry);
        tx.signal(SIGNAL, self.id.to_string());
        tx.commit().await?;
        // Where we may not, autovacuum does it a little later.
        if let Err(error) = self.settle().await {
            tracing::debug!(%error, "the customers' indexes were not tidied");
        }
        Ok(())
    }

    /// Has lists and searches be as quick as before the import.
    async fn settle(&self) -> Result<()> {
        if self.db.kind() == Kind::Sqlite {
            return Ok(());
        }
        tidy(self.db).await?;
        let mut tx = self.db.write().await?;
        store::execute!(&mut tx, COUNT)?;
        tx.commit().await
    }

    /// What a cancelled or undone list has left, in batches that let others work in between.
    async fn remove(
        &self,
        import: &Import,
        portfolio: &Portfolio,
        end: &'static str,
    ) -> Result<()> {
        // Without them lists are slow, with the rows left they would be wrong.
        if let Err(error) = self
            .make_indexes(portfolio, import.type_key.as_deref())
            .await
        {
            tracing::warn!(%error, "the fields of the customers have not all their indexes");
        }
        loop {
            let mut tx = self.db.write().await?;
            if store::execute!(
                &mut tx,
                HOLD,
                self.id,
                self.fence,
                self.ambient.now() + LEASE
            )? == 0
            {
                return tx.rollback().await;
            }
            let removed = undo::remove_some(&mut tx, portfolio, self.id).await?;
            if removed == 0 {
                return self.end(tx, end).await;
            }
            tx.commit().await?;
        }
    }

    async fn end(&self, mut tx: Tx, end: &'static str) -> Result<()> {
        store::execute!(&mut tx, REMOVE_PIECES, self.id)?;
        store::execute!(&mut tx, END, self.id, self.fence, end, self.ambient.now())?;
        tx.signal(SIGNAL, self.id.to_string());
        tx.commit().await
    }
}

/// Sorts what waits in the word index's pending list into the index. Only the table's owner may.
async fn tidy(db: &Db) -> Result<()> {
    store::fetch_all!(&mut db.read().await?, (i64,), TIDY).map(|_| ())
}

/// Sorts new words into PostgreSQL's index beside the worker that adds them, on another connection and core. Otherwise
/// whoever makes the pending list overflow has to, which is more than half of the time that a row takes.
struct Sorter(mpsc::Sender<()>);

impl Sorter {
    /// `None` where there is nothing to sort, or where we may not.
    async fn begin(db: &Db) -> Option<Self> {
        if db.kind() != Kind::Postgres || tidy(db).await.is_err() {
            return None;
        }
        // Two batches behind at most: searches read through what waits.
        let (more, mut asked) = mpsc::channel(1);
        let db = db.clone();
        tokio::spawn(async move {
            while asked.recv().await.is_some() {
                if let Err(error) = tidy(&db).await {
                    tracing::warn!(%error, "the customers' index cannot be sorted beside the import");
                    return;
                }
            }
        });
        Some(Self(more))
    }

    /// Another batch is in; waits where sorting lags behind. `false`: it has stopped.
    async fn keep_up(&self) -> bool {
        self.0.send(()).await.is_ok()
    }
}

/// What the rows are held to, of whoever started the list; nothing where their roles know no limits.
async fn limits(setup: &Setup, rights: &impl Rights) -> Result<Option<Limits>> {
    let Some(user) = setup.by else {
        return Ok(None);
    };
    let policy = rights.of(user).await?;
    policy.require(Verb::Create, "customer")?;
    // Which of the two a row becomes is found out when it is written: it must lie within both.
    let mut verbs = vec![Verb::Create];
    if setup.on_existing == OnExisting::Update {
        policy.require(Verb::Change, "customer")?;
        verbs.push(Verb::Change);
    }
    verbs.retain(|verb| policy.has_limits(*verb));
    Ok((!verbs.is_empty()).then_some(Limits { policy, verbs }))
}

struct Reading {
    of: CustomerType,
    limits: Option<Limits>,
    setup: Setup,
    kind: Kind,
    behind: i64,
}

impl Reading {
    /// Reads and checks on a thread of its own, two batches ahead at most: what is in memory does not depend on the file.
    fn begin(self, db: Db, id: Id<Import>) -> mpsc::Receiver<Result<Step>> {
        let (pieces_in, pieces) = mpsc::channel(2);
        tokio::spawn(fetch(db, id, pieces_in));
        let (steps_in, steps) = mpsc::channel(2);
        tokio::task::spawn_blocking(move || self.read(pieces, &steps_in));
        steps
    }

    fn read(self, mut pieces: mpsc::Receiver<Result<Vec<u8>>>, steps: &mpsc::Sender<Result<Step>>) {
        let batch_size = match self.kind {
            // As long as SQLite's one writer may be held; and as much as one fsync pays for.
            Kind::Sqlite => 2_000,
            Kind::Postgres => 5_000,
        };
        let mut rows = Rows::new(self.setup.dialect);
        let mut checker: Option<Checker> = None;
        let (mut seen, mut bytes) = (0_i64, 0_i64);
        let empty = || Batch {
            prepared: Vec::new(),
            rejected: Vec::new(),
            rows: 0,
            bytes: 0,
        };
        let mut batch = empty();
        let mut raw: Vec<RawRow> = Vec::new();
        let of = Arc::new(self.of);
        let mut limits = self.limits;
        loop {
            let piece = match pieces.blocking_recv() {
                Some(Ok(piece)) => Some(piece),
                Some(Err(error)) => {
                    let _ = steps.blocking_send(Err(error));
                    return;
                }
                None => None,
            };
            let last = piece.is_none();
            let piece = piece.unwrap_or_default();
            bytes += i64::try_from(piece.len()).unwrap_or(0);
            // In slices, so that the rows of a whole piece are not in memory twice.
            let mut slices = piece.chunks(64 * 1024).peekable();
            loop {
                let slice = slices.next().unwrap_or_default();
                let end = last && slices.peek().is_none();
                rows.feed(slice, end, &mut |row| raw.push(row));
                for row in raw.drain(..) {
                    let Some(checker) = &checker else {
                        checker = Some(Checker {
                            of: (*of).clone(),
                            setup: self.setup.clone(),
                            limits: limits.take(),
                            kind: self.kind,
                            width: row.cells.len(),
                        });
                        if !self.setup.header
                            && let Some(checker) = &checker
                        {
                            seen += 1;
                            take(checker, row, seen > self.behind, &mut batch);
                        }
                        continue;
                    };
                    seen += 1;
                    take(checker, row, seen > self.behind, &mut batch);
                    if batch.rows >= batch_size {
                        batch.bytes = bytes;
                        // Nobody wants it any more: the list was cancelled or taken over.
                        if steps
                            .blocking_send(Ok(Step::Batch(std::mem::replace(&mut batch, empty()))))
                            .is_err()
                        {
                            return;
                        }
                    }
                }
                if slices.peek().is_none() {
                    break;
                }
            }
            if last {
                break;
            }
        }
        if batch.rows > 0 {
            batch.bytes = bytes;
            if steps.blocking_send(Ok(Step::Batch(batch))).is_err() {
                return;
            }
        }
        let _ = steps.blocking_send(Ok(Step::End));
    }
}

fn take(checker: &Checker, row: RawRow, wanted: bool, batch: &mut Batch) {
    if !wanted {
        return;
    }
    batch.rows += 1;
    match checker.check(row) {
        Ok(prepared) => batch.prepared.push(prepared),
        Err(rejected) => batch.rejected.push(rejected),
    }
}

/// The file's pieces, one after the other.
async fn fetch(db: Db, id: Id<Import>, pieces: mpsc::Sender<Result<Vec<u8>>>) {
    for number in 0_i64.. {
        let piece = async {
            let mut read = db.read().await?;
            store::fetch_optional!(&mut read, (Vec<u8>,), PIECE, id, number)
        };
        let sent = match piece.await {
            Ok(Some((bytes,))) => pieces.send(Ok(bytes)).await,
            Ok(None) => return,
            Err(error) => {
                let _ = pieces.send(Err(error)).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
