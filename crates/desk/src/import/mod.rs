//! Lists of customers, from the uploaded file to the switch that makes them visible as a whole.
//!
//! ```text
//! uploading ─ ready ─ queued ─ running ─ done ─ undoing ─ undone
//!     │         │        └────────┴─ cancelling ─ cancelled
//!     └─────────┴─ (removed)            └─ failed
//! ```
//! **Never half in.** The customers of a list are written where all customers are, in batches, each with its transaction
//! and the place in the file up to which it goes; but they carry the list's id in `hidden_by`, and every reader leaves out
//! what is hidden by a list that is not `visible`. So one row's change lets the list in, or takes it out, however long it
//! is: no transaction of minutes holds SQLite's one writer or runs into PostgreSQL's time limits. New values for customers
//! who were there before wait in `customer_import_update` and are written in the very transaction that turns the switch.
//!
//! **Whoever dies is succeeded.** A worker holds the list by a lease and writes its fence number with every batch; after
//! kill -9 another one takes over when the lease has run out ([`recover`] at start-up of the only node: at once), reads the
//! file again from its pieces in the database and goes on behind the last batch that was committed.
//!
//! **Undone as a whole.** The switch is turned back, customers who had been there get back what they were, the list's own
//! are removed in batches. Whom somebody has touched meanwhile is no longer hidden by the list, stays, and is named.

mod check;
pub mod detect;
mod report;
pub mod setup;
pub mod text;
mod undo;
pub mod value;
mod work;
mod write;

pub use detect::Inspection;
pub use report::{RejectedRow, Report, ReportWords, rejected};
pub use setup::{Formulas, Importer, OnExisting, Setup, Target};
pub use undo::{Kept, kept};
pub use work::{Rights, recover, work};

use kernel::{Ambient, Code, Error, Id, Moment, Page, Paged, Result};
use ledger::{Actor, audit};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;
use store::{Db, Reads, Tx};

use crate::Portfolio;

kernel::stored_words! {
    pub enum State {
        /// The file is coming in.
        Uploading = "uploading",
        /// It is here; how to read it can be corrected.
        Ready = "ready",
        Queued = "queued",
        Running = "running",
        /// Its customers are visible.
        Done = "done",
        Cancelling = "cancelling",
        Cancelled = "cancelled",
        Undoing = "undoing",
        Undone = "undone",
        /// It could not be carried out; nothing of it is there. [`Import::failure`] says why.
        Failed = "failed",
    }
}

/// A list and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Import {
    pub id: Id<Import>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_key: Option<String>,
    pub file_name: String,
    pub state: State,
    #[sqlx(json)]
    pub setup: Setup,
    /// Bytes of the file.
    pub size: i64,
    /// SHA-256 of the file, hexadecimal.
    pub hash: String,
    /// Who brought it.
    #[sqlx(json)]
    pub actor: Actor,
    pub created: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<Moment>,
    /// Rows of data behind us; `rows_created + rows_updated + rows_skipped + rows_rejected`.
    pub rows_read: i64,
    pub rows_created: i64,
    pub rows_updated: i64,
    pub rows_skipped: i64,
    pub rows_rejected: i64,
    /// Bytes behind us, of `size`.
    pub bytes_read: i64,
    /// After an undo: customers who stayed because somebody had touched them.
    pub rows_kept: i64,
    /// A problem's code, where the list failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Larger files are refused.
pub const MAX_FILE: u64 = 2 * 1024 * 1024 * 1024;
/// The pieces in which a file is kept.
const PIECE: usize = 1024 * 1024;
/// What is looked at to find out what a file is.
const SAMPLE: usize = 256 * 1024;
/// The signal that tells of progress; its payload is the list's id.
pub const SIGNAL: &str = "customer_import";

macro_rules! import_columns {
    () => {
        "id, type_key, file_name, state, setup, size, hash, actor, created, started, finished, rows_read, rows_created, \
         rows_updated, rows_skipped, rows_rejected, bytes_read, rows_kept, failure"
    };
}
pub(crate) use import_columns;

store::statements! {
    BEGIN = "INSERT INTO customer_import (id, type_key, file_name, state, visible, setup, size, hash, actor, created, rows_read, \
            rows_created, rows_updated, rows_skipped, rows_rejected, bytes_read, rows_kept, fence) \
        VALUES ($1, NULL, $2, 'uploading', FALSE, $3, 0, '', $4, $5, 0, 0, 0, 0, 0, 0, 0, 0)";
    PUT_PIECE = "INSERT INTO customer_import_chunk (import_id, number, bytes) VALUES ($1, $2, $3)";
    RECEIVED = "UPDATE customer_import SET state = 'ready', size = $2, hash = $3, setup = $4 WHERE id = $1 AND state = 'uploading'";
    SAME_FILE = "SELECT COUNT(*) FROM customer_import WHERE hash = $1 AND id <> $2 AND state = 'done'";
    LOAD = concat!("SELECT ", import_columns!(), " FROM customer_import WHERE id = $1");
    /// The row stays ours until the end.
    LOCK = concat!("SELECT ", import_columns!(), " FROM customer_import WHERE id = $1"),
        concat!("SELECT ", import_columns!(), " FROM customer_import WHERE id = $1 FOR UPDATE");
    NEWEST = concat!("SELECT ", import_columns!(), " FROM customer_import WHERE id < $1 ORDER BY id DESC LIMIT $2");
    PIECE_OF = "SELECT bytes FROM customer_import_chunk WHERE import_id = $1 AND number = $2";
    CONFIGURE = "UPDATE customer_import SET type_key = $2, setup = $3 WHERE id = $1 AND state = 'ready'";
    SETTLED = "UPDATE customer_import SET setup = $2 WHERE id = $1";
    SET_STATE = "UPDATE customer_import SET state = $2, fence = fence + 1, lease_until = NULL WHERE id = $1";
    REMOVE_PIECES = "DELETE FROM customer_import_chunk WHERE import_id = $1";
    REMOVE = "DELETE FROM customer_import WHERE id = $1";
    ABANDONED = "SELECT id FROM customer_import WHERE state = 'uploading' AND created < $1 LIMIT 100";
}

/// Every statement of the imports.
pub(crate) fn statements() -> Vec<store::Statement> {
    [
        STATEMENTS,
        work::STATEMENTS,
        write::STATEMENTS,
        undo::STATEMENTS,
        report::STATEMENTS,
    ]
    .concat()
}

/// A file on its way in, kept in pieces in the database: any node can go on with it. Dropped before
/// [`Upload::finish`], what has come so far is left over, until [`remove_abandoned`] finds it.
pub struct Upload {
    db: Db,
    ambient: Ambient,
    actor: Actor,
    id: Id<Import>,
    piece: Vec<u8>,
    pieces: i64,
    size: u64,
    hash: Sha256,
    utf8: text::Utf8Check,
    start: Vec<u8>,
}

impl Upload {
    pub async fn begin(db: &Db, ambient: &Ambient, actor: &Actor, file_name: &str) -> Result<Self> {
        let id = ambient.id::<Import>();
        // A path is nobody's business.
        let name: String = file_name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        let mut tx = db.write().await?;
        store::execute!(
            &mut tx,
            BEGIN,
            id,
            name,
            Json(Setup::default()),
            Json(actor.clone()),
            ambient.now()
        )?;
        tx.commit().await?;
        Ok(Self {
            db: db.clone(),
            ambient: ambient.clone(),
            actor: actor.clone(),
            id,
            piece: Vec::with_capacity(PIECE),
            pieces: 0,
            size: 0,
            hash: Sha256::new(),
            utf8: text::Utf8Check::default(),
            start: Vec::new(),
        })
    }

    pub fn id(&self) -> Id<Import> {
        self.id
    }

    /// Takes the next bytes. [`Code::TooLarge`] beyond [`MAX_FILE`].
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > MAX_FILE {
            return Err(Error::new(Code::TooLarge).with("limit", MAX_FILE));
        }
        self.hash.update(bytes);
        self.utf8.feed(bytes);
        let sample = bytes.len().min(SAMPLE.saturating_sub(self.start.len()));
        self.start.extend_from_slice(&bytes[..sample]);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            bytes = later;
            if self.piece.len() == PIECE {
                self.put().await?;
            }
        }
        Ok(())
    }

    /// The file is whole: finds out what it is.
    pub async fn finish(mut self) -> Result<Import> {
        if self.size == 0 {
            return Err(Error::invalid("file", "empty_file"));
        }
        if !self.piece.is_empty() {
            self.put().await?;
        }
        let whole = self.start.len() as u64 == self.size;
        let utf8 = self.utf8.holds();
        let mut found = detect::setup(&self.start, whole, utf8, None);
        found.utf8 = utf8;
        let mut tx = self.db.write().await?;
        let hash = hex::encode(self.hash.finalize());
        store::execute!(
            &mut tx,
            RECEIVED,
            self.id,
            i64::try_from(self.size).unwrap_or(i64::MAX),
            hash,
            Json(found)
        )?;
        let import = load(&mut tx, self.id).await?;
        let entry = audit::Entry::new("import.upload", "desk", "import")
            .of(self.id)
            .note(&import.file_name);
        audit::record(&mut tx, self.ambient.now(), &self.actor, entry);
        tx.commit().await?;
        Ok(import)
    }

    async fn put(&mut self) -> Result<()> {
        let mut tx = self.db.write().await?;
        store::execute!(&mut tx, PUT_PIECE, self.id, self.pieces, &self.piece)?;
        tx.commit().await?;
        self.pieces += 1;
        self.piece.clear();
        Ok(())
    }
}

pub async fn load(reads: &mut impl Reads, id: Id<Import>) -> Result<Import> {
    store::fetch_optional!(reads, Import, LOAD, id)?.ok_or_else(|| Error::not_found("import"))
}

/// The lists, newest first.
pub async fn page(reads: &mut impl Reads, page: &Page) -> Result<Paged<Import>> {
    let before: Id<Import> = match &page.cursor {
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Error::invalid("cursor", "bad_cursor"))?,
        None => Id::new(uuid::Uuid::max()),
    };
    let limit = i64::from(page.limit());
    let mut items = store::fetch_all!(reads, Import, NEWEST, before, limit + 1)?;
    let more = items.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.id.to_string());
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

/// Whether the very same file has been let in before: worth a warning.
pub async fn came_before(reads: &mut impl Reads, import: &Import) -> Result<bool> {
    Ok(store::fetch_one!(reads, (i64,), SAME_FILE, &import.hash, import.id)?.0 > 0)
}

/// What the file looks like, and what is proposed for a type: shown to a person, corrected, and given to [`configure`].
/// With `setup` the file is read as that says (and a mapping proposed where it has none); without it, as was found out.
pub async fn inspect(
    reads: &mut impl Reads,
    portfolio: &Portfolio,
    id: Id<Import>,
    type_key: &str,
    setup: Option<Setup>,
) -> Result<Inspection> {
    let import = load(reads, id).await?;
    let schema = &portfolio.wanted(type_key)?.schema;
    let start = &start_of(reads, id).await?[..];
    let whole = i64::try_from(start.len()).is_ok_and(|n| n == import.size);
    let setup = match setup {
        Some(told) if !told.mapping.is_empty() => told,
        Some(told) => detect::mapped(start, whole, told, schema),
        None => Setup {
            utf8: import.setup.utf8,
            ..detect::setup(start, whole, import.setup.utf8, Some(schema))
        },
    };
    Ok(detect::inspect(start, whole, setup))
}

/// The beginning of the file.
async fn start_of(reads: &mut impl Reads, id: Id<Import>) -> Result<Vec<u8>> {
    let mut start = store::fetch_optional!(reads, (Vec<u8>,), PIECE_OF, id, 0_i64)?
        .map(|p| p.0)
        .unwrap_or_default();
    start.truncate(SAMPLE);
    Ok(start)
}

/// Says how the list is to be read and what is to be done with it. Every fault of it is named.
pub async fn configure(
    tx: &mut Tx,
    (ambient, actor): (&Ambient, &Actor),
    importer: &Importer,
    portfolio: &Portfolio,
    id: Id<Import>,
    type_key: &str,
    mut setup: Setup,
) -> Result<Import> {
    importer.settle(&mut setup, portfolio.wanted(type_key)?)?;
    let import = load(tx, id).await?;
    setup.utf8 = import.setup.utf8;
    let start = start_of(tx, id).await?;
    setup.titles = detect::titles(&start, setup.dialect, setup.header);
    if store::execute!(tx, CONFIGURE, id, type_key, Json(&setup))? == 0 {
        return Err(wrong(&import));
    }
    let entry = audit::Entry::new("import.configure", "desk", "import")
        .of(id)
        .note(&import.file_name)
        .changed(Some(&import.setup), Some(&setup));
    audit::record(tx, ambient.now(), actor, entry);
    load(tx, id).await
}

/// Has the list carried out, with the rights of whoever starts it, whoever made its plan. The work itself is [`work`]'s; the
/// signal [`SIGNAL`] calls it.
pub async fn start(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    importer: &Importer,
    portfolio: &Portfolio,
    id: Id<Import>,
) -> Result<Import> {
    let mut import = locked(tx, id).await?;
    let of = portfolio.wanted(import.type_key.as_deref().unwrap_or_default())?;
    if import.state != State::Ready {
        return Err(wrong(&import));
    }
    importer.settle(&mut import.setup, of)?;
    store::execute!(tx, SETTLED, id, Json(&import.setup))?;
    turn(tx, ambient, actor, &import, State::Queued, "import.start").await
}

/// Takes a list back that is not in yet: nothing of it remains.
pub async fn cancel(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: Id<Import>,
) -> Result<Import> {
    let import = locked(tx, id).await?;
    if !matches!(
        import.state,
        State::Ready | State::Uploading | State::Queued | State::Running
    ) {
        return Err(wrong(&import));
    }
    turn(
        tx,
        ambient,
        actor,
        &import,
        State::Cancelling,
        "import.cancel",
    )
    .await
}

/// Takes a list out again that is in. Its customers vanish at once, but for those whom somebody has touched since; what
/// the list changed of others is changed back, where nobody has changed it since. [`kept`] names who stayed.
pub async fn undo(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    portfolio: &Portfolio,
    id: Id<Import>,
) -> Result<Import> {
    let import = locked(tx, id).await?;
    if import.state != State::Done {
        return Err(wrong(&import));
    }
    undo::change_back(tx, ambient, portfolio, &import).await?;
    undo::take_out(tx, id).await?;
    turn(tx, ambient, actor, &import, State::Undoing, "import.undo").await
}

/// Removes what was left of uploads that broke off before `before`. Returns how many.
pub async fn remove_abandoned(db: &Db, before: Moment) -> Result<usize> {
    let found = store::fetch_all!(&mut db.read().await?, (Id<Import>,), ABANDONED, before)?;
    for (id,) in &found {
        let mut tx = db.write().await?;
        store::execute!(&mut tx, REMOVE_PIECES, *id)?;
        store::execute!(&mut tx, REMOVE, *id)?;
        tx.commit().await?;
    }
    Ok(found.len())
}

async fn locked(tx: &mut Tx, id: Id<Import>) -> Result<Import> {
    store::fetch_optional!(tx, Import, LOCK, id)?.ok_or_else(|| Error::not_found("import"))
}

async fn turn(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    import: &Import,
    state: State,
    operation: &'static str,
) -> Result<Import> {
    store::execute!(tx, SET_STATE, import.id, state)?;
    let entry = audit::Entry::new(operation, "desk", "import")
        .of(import.id)
        .note(&import.file_name);
    audit::record(tx, ambient.now(), actor, entry);
    tx.signal(SIGNAL, import.id.to_string());
    load(tx, import.id).await
}

fn wrong(import: &Import) -> Error {
    Error::new(Code::WrongState).with("state", import.state)
}
