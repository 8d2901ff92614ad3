//! Whether the trail is what was written.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Code, Error, Result};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use store::{Db, Reads};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::chain::{Hash, Recorded};
use super::checkpoint::{self, Checkpoint, CheckpointFault, LaneEnd, PublicKey};
use super::{LANES, chain};

/// What the verifier was told by another way than the data.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys whose signature counts. Several after a change of keys.
    pub keys: Vec<PublicKey>,
    /// Checkpoints that were kept outside. Without one, a database put back as a whole looks sound.
    pub outside: Vec<Checkpoint>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub entries: i64,
    pub checkpoints: i64,
    /// Number of the newest checkpoint that holds; 0 without one.
    pub newest_checkpoint: i64,
    /// Entries that no checkpoint vouches for yet: their tail could be cut, or they could be rewritten from some place to
    /// the end, without a trace.
    pub uncovered: i64,
    /// The first [`Report::MAX_FINDINGS`] faults.
    pub findings: Vec<Finding>,
    /// How many faults there are in all.
    pub faults: i64,
}

impl Report {
    pub const MAX_FINDINGS: usize = 1_000;

    pub fn is_sound(&self) -> bool {
        self.faults == 0
    }
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Finding {
    /// Its fields or its hash were changed, or the hash of the one before.
    Altered { lane: i64, number: i64 },
    /// Entries are missing, or stand in another order: after `after` comes `found`.
    Gap { lane: i64, after: i64, found: i64 },
    /// What stands there cannot be read as an entry.
    Unreadable { lane: i64, number: i64 },
    /// The lane should end at `expected`, and ends at `found`.
    End {
        lane: i64,
        expected: i64,
        found: i64,
    },
    /// The last entry is another than the lane's end says.
    Head { lane: i64, number: i64 },
    /// A lane that no installation has, or one that is gone.
    Lane { lane: i64 },
    /// A signed checkpoint says that another entry stood here, or that there was one.
    Contradicts {
        checkpoint: i64,
        lane: i64,
        number: i64,
    },
    /// A checkpoint's text or signature was changed, or it cannot be read.
    CheckpointAltered { checkpoint: i64 },
    /// Signed with a key that we were not told of.
    CheckpointKey { checkpoint: i64 },
    /// Does not follow from the checkpoint before it, or that one is missing.
    CheckpointChain { checkpoint: i64 },
    /// Kept outside, and not here: an old state was put back, or checkpoints were deleted.
    CheckpointMissing { checkpoint: i64 },
    /// Another checkpoint of this number was kept outside: the history was forked.
    CheckpointDiffers { checkpoint: i64 },
}

/// The check itself, over whatever source: checkpoints and lane ends first, then each lane's entries in order.
#[derive(Debug)]
pub struct Verifier {
    trust: Trust,
    lanes: BTreeMap<i64, Lane>,
    checkpoints: i64,
    last_checkpoint: Option<(i64, Hash)>,
    newest_sound: i64,
    entries: i64,
    findings: Vec<Finding>,
    faults: i64,
    buffer: String,
}

#[derive(Debug, Default)]
struct Lane {
    /// What signed checkpoints say: (number, hash, checkpoint), by number.
    signed: Vec<(i64, Hash, i64)>,
    /// The first of `signed` not yet met.
    next_signed: usize,
    end: Option<(i64, Vec<u8>)>,
    number: i64,
    head: Hash,
}

impl Verifier {
    pub fn new(trust: Trust) -> Self {
        let mut this = Self {
            trust: Trust::default(),
            lanes: (0..LANES).map(|lane| (lane, Lane::default())).collect(),
            checkpoints: 0,
            last_checkpoint: None,
            newest_sound: 0,
            entries: 0,
            findings: Vec::new(),
            faults: 0,
            buffer: String::with_capacity(1_024),
        };
        // What stands in a checkpoint from outside holds whether or not the data know of it.
        for outside in &trust.outside {
            if let Some(lanes) = this.opened(outside, &trust.keys) {
                this.demand(outside.number, lanes);
            }
        }
        this.trust = trust;
        this
    }

    fn fault(&mut self, finding: Finding) {
        self.faults += 1;
        if self.findings.len() < Report::MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    fn opened(
        &mut self,
        checkpoint: &Checkpoint,
        keys: &[PublicKey],
    ) -> Option<checkpoint::Statement> {
        let number = checkpoint.number;
        match checkpoint.open(keys) {
            Ok(statement) => return Some(statement),
            Err(CheckpointFault::UnknownKey) => {
                self.fault(Finding::CheckpointKey { checkpoint: number });
            }
            Err(CheckpointFault::BadSignature | CheckpointFault::Unreadable) => {
                self.fault(Finding::CheckpointAltered { checkpoint: number });
            }
        }
        None
    }

    fn demand(&mut self, checkpoint: i64, statement: checkpoint::Statement) {
        for LaneEnd { lane, number, head } in statement.lanes {
            let Some(known) = self.lanes.get_mut(&lane) else {
                self.fault(Finding::Lane { lane });
                continue;
            };
            // A lane that stood still since the checkpoint before says nothing new.
            if number > 0
                && known
                    .signed
                    .last()
                    .is_none_or(|(n, h, _)| (*n, *h) != (number, head))
            {
                known.signed.push((number, head, checkpoint));
            }
        }
    }

    /// The next checkpoint, in order of number.
    pub fn checkpoint(&mut self, checkpoint: &Checkpoint) {
        self.checkpoints += 1;
        let number = checkpoint.number;
        if self
            .trust
            .outside
            .iter()
            .any(|o| o.number == number && o != checkpoint)
        {
            self.fault(Finding::CheckpointDiffers { checkpoint: number });
        }
        let keys = std::mem::take(&mut self.trust.keys);
        let opened = self.opened(checkpoint, &keys);
        self.trust.keys = keys;
        if let Some(statement) = opened {
            let (before, previous) = self.last_checkpoint.unwrap_or((0, [0; 32]));
            if number != before + 1 || statement.previous != previous {
                self.fault(Finding::CheckpointChain { checkpoint: number });
            }
            self.newest_sound = number;
            self.demand(number, statement);
        }
        self.last_checkpoint = Some((number, checkpoint.hash()));
    }

    /// Where a lane ends by the source's own account.
    pub fn end(&mut self, lane: i64, number: i64, head: Vec<u8>) {
        match self.lanes.get_mut(&lane) {
            Some(known) => known.end = Some((number, head)),
            None => self.fault(Finding::Lane { lane }),
        }
    }

    /// The next entry; after all checkpoints. Within a lane in the order of the source.
    pub fn entry(&mut self, entry: &Recorded) {
        let mut buffer = std::mem::take(&mut self.buffer);
        chain::form(entry, &mut buffer);
        self.form(entry.lane, entry.number, &buffer, &entry.hash);
        self.buffer = buffer;
    }

    /// The same where the entry's form is already known.
    fn form(&mut self, in_lane: i64, number: i64, form: &str, stored: &[u8]) {
        self.entries += 1;
        let Some(lane) = self.lanes.get_mut(&in_lane) else {
            self.fault(Finding::Lane { lane: in_lane });
            return;
        };
        if lane.number == 0 && lane.next_signed == 0 {
            // Checkpoints from outside came first, those of the data after: by number now.
            lane.signed.sort_unstable_by_key(|(number, ..)| *number);
        }
        let after = lane.number;
        let sound = chain::link(&lane.head, form)[..] == *stored;
        // Go on from what is stored, so that one changed entry is one finding.
        lane.head = <Hash>::try_from(stored).unwrap_or_default();
        lane.number = number;
        let head = lane.head;
        let mut contradicted = Vec::new();
        while let Some((at, hash, checkpoint)) = lane.signed.get(lane.next_signed) {
            if *at > number {
                break;
            }
            if *at < number || *hash != head {
                contradicted.push(Finding::Contradicts {
                    checkpoint: *checkpoint,
                    lane: in_lane,
                    number: *at,
                });
            }
            lane.next_signed += 1;
        }
        if number != after + 1 {
            self.fault(Finding::Gap {
                lane: in_lane,
                after,
                found: number,
            });
        } else if !sound {
            self.fault(Finding::Altered {
                lane: in_lane,
                number,
            });
        }
        for finding in contradicted {
            self.fault(finding);
        }
    }

    fn part(&mut self, lane: i64, part: Part<Packed>) {
        match part {
            Part::Read(packed) => {
                for (last, entries) in packed {
                    let mut entries = Unpacked(&entries);
                    while !entries.0.is_empty() {
                        match entries.take() {
                            Some((number, hash, form)) => self.form(lane, number, form, &hash),
                            None => {
                                self.unreadable(lane, last);
                                break;
                            }
                        }
                    }
                }
            }
            Part::Unreadable(number) => self.unreadable(lane, number),
        }
    }

    /// Something that could not be read as an entry stands at this number.
    pub fn unreadable(&mut self, lane: i64, number: i64) {
        self.fault(Finding::Unreadable { lane, number });
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.number = number;
        }
    }

    pub fn finish(mut self) -> Report {
        let last = self.last_checkpoint.map_or(0, |(number, _)| number);
        let missing: Vec<_> = self
            .trust
            .outside
            .iter()
            .map(|o| o.number)
            .filter(|number| *number > last)
            .collect();
        for checkpoint in missing {
            self.fault(Finding::CheckpointMissing { checkpoint });
        }
        let mut uncovered = 0;
        for (number, mut lane) in std::mem::take(&mut self.lanes) {
            let signed = lane.signed.iter().map(|(n, ..)| *n).max().unwrap_or(0);
            uncovered += (lane.number - signed).max(0);
            for (at, _, checkpoint) in lane.signed.drain(lane.next_signed..) {
                self.fault(Finding::Contradicts {
                    checkpoint,
                    lane: number,
                    number: at,
                });
            }
            match lane.end {
                None => self.fault(Finding::Lane { lane: number }),
                Some((end, _)) if end != lane.number => {
                    self.fault(Finding::End {
                        lane: number,
                        expected: end,
                        found: lane.number,
                    });
                }
                Some((_, head)) if head[..] != lane.head => self.fault(Finding::Head {
                    lane: number,
                    number: lane.number,
                }),
                Some(_) => {}
            }
        }
        Report {
            entries: self.entries,
            checkpoints: self.checkpoints,
            newest_checkpoint: self.newest_sound,
            uncovered,
            findings: self.findings,
            faults: self.faults,
        }
    }
}

store::statements! {
    COUNT_ALL = "SELECT CAST(COALESCE(SUM(number), 0) AS bigint) FROM audit_lane";
    LAST = "SELECT MAX(number) FROM audit_entry WHERE lane = $1";
    STRANGE_LANES = "SELECT DISTINCT lane FROM audit_entry WHERE lane < 0 OR lane > 7 LIMIT 100";
    ENTRIES = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
        entity_id, customer, change, duration, outcome, note, hash \
        FROM audit_entry WHERE lane = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4";
    /// The form of [`chain`], put together by each database in its own words, and many in one row: a driver takes longer to
    /// hand over a row than we to check it. What is packed, [`Unpacked`] says.
    FORMS = "SELECT max(number), group_concat(number || ' ' || hex(hash) || ' ' || octet_length(form) || ' ' || form, '' ORDER BY number) \
        FROM (SELECT number, hash, concat_ws(char(31), '1', lane, number, at, \
            iif(user_id IS NULL, '-', '=' || lower(hex(user_id))), user_name, coalesce('=' || role, '-'), \
            kind, iif(session IS NULL, '-', '=' || lower(hex(session))), node, operation, \
            module, entity, coalesce('=' || entity_id, '-'), \
            iif(customer IS NULL, '-', '=' || lower(hex(customer))), coalesce('=' || change, '-'), \
            coalesce('=' || duration, '-'), outcome, coalesce('=' || note, '-')) AS form \
        FROM audit_entry WHERE lane = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4) AS entries HAVING count(*) > 0",
        "SELECT max(number), string_agg(concat(number, ' ', encode(hash, 'hex'), ' ', octet_length(form), ' ', form), '' ORDER BY number) \
        FROM (SELECT number, hash, concat('1', chr(31), lane, chr(31), number, chr(31), \
            to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), chr(31), \
            coalesce('=' || replace(user_id::text, '-', ''), '-'), chr(31), user_name, chr(31), coalesce('=' || role, '-'), chr(31), \
            kind, chr(31), coalesce('=' || replace(session::text, '-', ''), '-'), chr(31), node, chr(31), operation, chr(31), \
            module, chr(31), entity, chr(31), coalesce('=' || entity_id, '-'), chr(31), \
            coalesce('=' || replace(customer::text, '-', ''), '-'), chr(31), coalesce('=' || change, '-'), chr(31), \
            coalesce('=' || duration, '-'), chr(31), outcome, chr(31), coalesce('=' || note, '-')) AS form \
        FROM audit_entry WHERE lane = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4) AS entries HAVING count(*) > 0";
    NEXT_NUMBER = "SELECT MIN(number) FROM audit_entry WHERE lane = $1 AND number > $2";
}
pub(super) const COUNT: store::Sql = COUNT_ALL;
pub(super) const WHOLE: store::Sql = ENTRIES;

/// How many entries are held in memory at a time.
const PART: i64 = 1_000;

/// Goes through the whole trail, over several connections, lane by lane, for the reading takes longer than the check; tells
/// after each part how many entries it has seen. Others may write meanwhile: what comes after the start is left for the next
/// time.
pub async fn verify(db: &Db, trust: Trust, mut tell: impl FnMut(i64)) -> Result<Report> {
    let mut verifier = Verifier::new(trust);
    let lanes = frame(&mut db.read().await?, &mut verifier).await?;
    let lanes = Arc::new(Mutex::new(lanes.into_iter()));
    let readers = std::thread::available_parallelism().map_or(1, |n| n.get().min(MOST_READERS));
    let (told, mut heard) = mpsc::channel(2 * readers);
    let mut reading = JoinSet::new();
    for _ in 0..readers {
        let (db, lanes, told) = (db.clone(), Arc::clone(&lanes), told.clone());
        reading.spawn(async move {
            let mut reads = db.read().await?;
            loop {
                let next = lanes.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((lane, to)) = next else {
                    return Ok::<_, Error>(());
                };
                let mut parts = Parts::new(lane, to);
                while let Some(part) = parts.next::<Packed>(&mut reads, FORMS).await? {
                    if told.send((lane, part)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        });
    }
    drop(told);
    while let Some((lane, part)) = heard.recv().await {
        verifier.part(lane, part);
        tell(verifier.entries);
    }
    // One that broke off has left its lane half told: there is no report then.
    while let Some(done) = reading.join_next().await {
        done.map_err(Error::internal)??;
    }
    Ok(verifier.finish())
}

/// Connections that a check may take at a time.
const MOST_READERS: usize = 4;

/// The last entry's number, and entries as [`Unpacked`] reads them.
type Packed = (i64, String);

/// Goes through packed entries. Each is its number, a blank, its hash in hexadecimal digits, a blank, its form's length in
/// bytes, a blank, its form.
struct Unpacked<'a>(&'a str);

impl<'a> Unpacked<'a> {
    /// `None` where the text is not as the statement makes it.
    fn take(&mut self) -> Option<(i64, Vec<u8>, &'a str)> {
        let (number, rest) = self.0.split_once(' ')?;
        let (hash, rest) = rest.split_once(' ')?;
        let (length, rest) = rest.split_once(' ')?;
        let (form, rest) = rest.split_at_checked(length.parse().ok()?)?;
        self.0 = rest;
        Some((number.parse().ok()?, hex::decode(hash).ok()?, form))
    }
}

/// Who is told of checkpoints and lane ends: the verifier, or the file that is exported.
pub(super) trait Framed {
    fn checkpoint(&mut self, checkpoint: Checkpoint) -> Result<()>;
    fn end(&mut self, lane: i64, number: i64, head: Vec<u8>) -> Result<()>;
}

impl Framed for Verifier {
    fn checkpoint(&mut self, checkpoint: Checkpoint) -> Result<()> {
        Self::checkpoint(self, &checkpoint);
        Ok(())
    }
    fn end(&mut self, lane: i64, number: i64, head: Vec<u8>) -> Result<()> {
        Self::end(self, lane, number, head);
        Ok(())
    }
}

/// Tells of everything but the entries; these are to be read lane by lane, up to the number given.
pub(super) async fn frame(
    reads: &mut impl Reads,
    told: &mut impl Framed,
) -> Result<Vec<(i64, i64)>> {
    let mut last = i64::MIN;
    loop {
        let part = checkpoint::after(reads, last, 1_000).await?;
        let Some(newest) = part.last() else { break };
        last = newest.number;
        for checkpoint in part {
            told.checkpoint(checkpoint)?;
        }
    }
    // Entries before lane ends: what is written between the two readings only moves the end.
    let mut lanes = BTreeMap::new();
    for lane in 0..LANES {
        let (number,) = store::fetch_one!(reads, (Option<i64>,), LAST, lane)?;
        lanes.insert(lane, number.unwrap_or(0));
    }
    for (strange,) in store::fetch_all!(reads, (i64,), STRANGE_LANES)? {
        lanes.insert(strange, i64::MAX);
    }
    for lane in checkpoint::lanes(reads).await? {
        let seen = lanes.entry(lane.lane).or_insert(0);
        *seen = (*seen).max(lane.number);
        told.end(lane.lane, lane.number, lane.head)?;
    }
    Ok(lanes.into_iter().collect())
}

/// Reads a lane's entries part by part.
pub(super) struct Parts {
    lane: i64,
    after: i64,
    to: i64,
    limit: i64,
}

pub(super) enum Part<R> {
    Read(Vec<R>),
    /// What stands at this number does not decode.
    Unreadable(i64),
}

/// A row that knows its number.
pub(super) trait Numbered:
    Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>
{
    fn number(&self) -> i64;
}
impl Numbered for Packed {
    fn number(&self) -> i64 {
        self.0
    }
}
impl Numbered for Recorded {
    fn number(&self) -> i64 {
        self.number
    }
}

impl Parts {
    pub fn new(lane: i64, to: i64) -> Self {
        Self {
            lane,
            after: i64::MIN,
            to,
            limit: PART,
        }
    }

    pub async fn next<R: Numbered>(
        &mut self,
        reads: &mut impl Reads,
        sql: store::Sql,
    ) -> Result<Option<Part<R>>> {
        loop {
            match store::fetch_all!(reads, R, sql, self.lane, self.after, self.to, self.limit) {
                Ok(entries) => {
                    let Some(last) = entries.last() else {
                        return Ok(None);
                    };
                    (self.after, self.limit) = (last.number(), PART);
                    return Ok(Some(Part::Read(entries)));
                }
                // A value that does not decode: somebody wrote past us. Close in on it, name it, step over it.
                Err(error) if error.code() == Code::Internal && self.limit > 1 => self.limit = 1,
                Err(error) if error.code() == Code::Internal => {
                    let (number,) = store::fetch_one!(
                        reads,
                        (Option<i64>,),
                        NEXT_NUMBER,
                        self.lane,
                        self.after
                    )?;
                    let Some(number) = number.filter(|n| *n <= self.to) else {
                        return Err(error);
                    };
                    (self.after, self.limit) = (number, PART);
                    return Ok(Some(Part::Unreadable(number)));
                }
                Err(error) => return Err(error),
            }
        }
    }
}
