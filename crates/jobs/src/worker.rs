//! Runs jobs: takes them in batches, a bounded number ahead; runs each apart from the others; ends many in one commit.

use std::collections::{BTreeMap, HashMap};
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use kernel::{Ambient, Id, Moment, Result, Span};
use store::Db;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::Policy;
use crate::queue::{self, Claimed, Job, Lease, SIGNAL};
use crate::settle::{Verdict, settle};

/// How often a worker looks by itself, when no signal comes.
const POLL: Duration = Duration::from_secs(1);
/// How many jobs end in one transaction.
const BATCH: usize = 500;
/// How long running jobs may go on after the order to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How a run ended well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// The worker may end the job.
    Finish,
    /// The handler has ended it in its own transaction ([`settle_in`](crate::settle_in)).
    Settled,
}

/// How a run ended badly; the texts are causes, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// May succeed later.
    Passing(String),
    /// Will never succeed: a dead letter.
    Final(String),
    /// The remote effect may have happened.
    InDoubt(String),
}

/// Does the jobs of one kind. May be called twice for one job: see the crate's page. It must not block its thread; a panic
/// is caught and counts as a passing failure.
pub trait Handler: Send + Sync + 'static {
    fn run(&self, job: Running) -> BoxFuture<'static, Result<Done, Failure>>;

    /// The job is about to end as failed or in doubt: by what [`run`](Self::run) said, by its last attempt, or because a
    /// worker vanished after arming it. Whoever waits for it can be told here. Returns the verdict for the worker to carry
    /// out; `None` where the handler has settled the job in its own transaction.
    fn bury(&self, job: Running, verdict: Verdict) -> BoxFuture<'static, Option<Verdict>> {
        let _ = job;
        Box::pin(std::future::ready(Some(verdict)))
    }
}

impl<F, R> Handler for F
where
    F: Fn(Running) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Done, Failure>> + Send + 'static,
{
    fn run(&self, job: Running) -> BoxFuture<'static, Result<Done, Failure>> {
        Box::pin(self(job))
    }
}

/// A job in a handler's hands.
#[derive(Clone, Debug)]
pub struct Running {
    claimed: Claimed,
    db: Db,
}

impl Running {
    /// Announces that the remote effect begins: from here on a lost worker leaves the job in doubt instead of planned. An
    /// error says: do not begin.
    pub async fn arm(&self) -> Result<()> {
        let mut tx = self.db.write().await?;
        queue::arm(&mut tx, self.claimed.lease).await?;
        tx.commit().await
    }

    /// The payload as the type that it was made from.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, Failure> {
        T::deserialize(&self.claimed.payload)
            .map_err(|error| Failure::Final(format!("unreadable payload: {error}")))
    }
}

impl Deref for Running {
    type Target = Claimed;
    fn deref(&self) -> &Claimed {
        &self.claimed
    }
}

struct Kind {
    policy: Policy,
    handler: Arc<dyn Handler>,
    slots: Arc<Semaphore>,
    /// For those who run long.
    ward: Arc<Semaphore>,
}

/// The handlers of a node, before they begin to work.
pub struct Worker {
    db: Db,
    ambient: Ambient,
    kinds: BTreeMap<String, Kind>,
}

impl Worker {
    pub fn new(db: Db, ambient: Ambient) -> Self {
        Self {
            db,
            ambient,
            kinds: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn handle(
        mut self,
        kind: impl Into<String>,
        policy: Policy,
        handler: impl Handler,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(policy.limit.max(1)));
        let ward = Arc::new(Semaphore::new(policy.ward));
        self.kinds.insert(
            kind.into(),
            Kind {
                policy,
                handler: Arc::new(handler),
                slots,
                ward,
            },
        );
        self
    }

    /// Begins. Stops when [`Working::stop`] is called, or when the answer is dropped.
    pub fn start(self) -> Working {
        let stop = CancellationToken::new();
        let (shared, settled) = Shared::new(self, stop.clone());
        let settler = tokio::spawn(settle_all(Arc::clone(&shared), settled));
        let heart = tokio::spawn(beat(Arc::clone(&shared)));
        let claimer = tokio::spawn(claim_all(Arc::clone(&shared)));
        let task = tokio::spawn(async move {
            let _ = claimer.await;
            shared.drain().await;
            heart.abort();
            // The last sender: the settler ends what it has and returns.
            drop(shared);
            let _ = settler.await;
        });
        Working {
            stop,
            task: Some(task),
        }
    }

    /// Does, here and now, what is due by the clock, and what that makes due; returns how many runs it took. For tests and
    /// for a process that has no worker.
    pub async fn run_due(self) -> Result<usize> {
        let (shared, mut settled) = Shared::new(self, CancellationToken::new());
        let mut count = 0;
        loop {
            let claimed = shared.claim().await?.claimed;
            if claimed.is_empty() {
                return Ok(count);
            }
            count += claimed.len();
            let runs: Vec<_> = claimed
                .into_iter()
                .map(|job| Arc::clone(&shared).run(job))
                .collect();
            for run in runs {
                let _ = run.await;
            }
            let mut ends = Vec::new();
            while let Ok(end) = settled.try_recv() {
                ends.push(end);
            }
            shared.commit(&ends).await?;
            shared.forget(&ends);
        }
    }
}

/// A worker at work.
pub struct Working {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Working {
    /// Takes nothing more, lets what runs come to its end (at most ten seconds), gives back what was not begun.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            let _ = task.await;
        }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

struct Held {
    lease: Lease,
    kind: String,
    run: Option<AbortHandle>,
    /// It has given its place to another.
    aside: bool,
}

/// What a look at the queue has brought.
struct Look {
    claimed: Vec<Claimed>,
    /// A kind was left out for lack of room.
    more: bool,
    /// When the first of what was looked at is due, now or later; `None`: nothing, or others are at it.
    next: Option<Moment>,
}

struct Shared {
    db: Db,
    ambient: Ambient,
    kinds: BTreeMap<String, Kind>,
    stop: CancellationToken,
    held: Mutex<HashMap<Id<Job>, Held>>,
    /// There is room again for more.
    room: Notify,
    ends: mpsc::UnboundedSender<(Lease, Option<Verdict>)>,
}

type Ends = mpsc::UnboundedReceiver<(Lease, Option<Verdict>)>;

impl Shared {
    fn new(worker: Worker, stop: CancellationToken) -> (Arc<Self>, Ends) {
        // Bounded by what is held, which is bounded by the kinds' limits.
        let (ends, settled) = mpsc::unbounded_channel();
        let Worker { db, ambient, kinds } = worker;
        let shared = Self {
            db,
            ambient,
            kinds,
            stop,
            held: Mutex::default(),
            room: Notify::new(),
            ends,
        };
        (Arc::new(shared), settled)
    }

    /// How much more of each kind may be taken. A kind is refilled when half of what it may hold is gone, so that claims
    /// come in batches. The second answer says whether a kind was left out for lack of room.
    fn wanted(&self) -> (Vec<(String, i64, Span)>, bool) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = false;
        let mut wanted = Vec::new();
        for (name, kind) in &self.kinds {
            let limit = kind.policy.limit.max(1);
            let here = |held: &&Held| held.kind == *name && !held.aside;
            let of_kind = held.values().filter(here).count();
            if of_kind > limit {
                left_out = true;
                continue;
            }
            let lease =
                Span::from_micros(i64::try_from(kind.policy.lease.as_micros()).unwrap_or(i64::MAX));
            wanted.push((
                name.clone(),
                i64::try_from(2 * limit - of_kind).unwrap_or(1),
                lease,
            ));
        }
        (wanted, left_out)
    }

    /// Takes what is due and fits.
    async fn claim(&self) -> Result<Look> {
        let (mut wanted, no_room) = self.wanted();
        let now = self.ambient.now();
        let kinds: Vec<&str> = wanted.iter().map(|want| want.0.as_str()).collect();
        let due = queue::next_due(&mut self.db.read().await?, &kinds).await?;
        let is_due = |kind: &str| due.iter().any(|(of, at)| of == kind && *at <= now);
        wanted.retain(|want| is_due(&want.0));
        let mut look = Look {
            claimed: Vec::new(),
            more: no_room,
            next: due.iter().map(|(_, at)| *at).min(),
        };
        if wanted.is_empty() {
            return Ok(look);
        }
        // What a power cut takes back is taken once more.
        let mut tx = self.db.write_unflushed().await?;
        look.claimed = queue::claim(&mut tx, now, &wanted).await?;
        if look.claimed.is_empty() {
            // Another node is taking it just now.
            tx.rollback().await?;
            look.next = Some(now);
            return Ok(look);
        }
        tx.commit().await?;
        Ok(look)
    }

    /// Runs a job on a task of its own.
    fn run(self: Arc<Self>, job: Claimed) -> JoinHandle<()> {
        let (lease, kind) = (job.lease, job.kind.clone());
        let shared = Arc::clone(&self);
        shared.keep(lease, kind);
        let task = tokio::spawn(async move {
            let verdict = self.outcome(job).await;
            let _ = self.ends.send((lease, verdict));
        });
        if let Some(held) = shared
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_mut(&lease.job)
        {
            held.run = Some(task.abort_handle());
        }
        task
    }

    fn keep(&self, lease: Lease, kind: String) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(
            lease.job,
            Held {
                lease,
                kind,
                run: None,
                aside: false,
            },
        );
    }

    /// `None`: the handler has ended the job itself.
    async fn outcome(&self, job: Claimed) -> Option<Verdict> {
        let Some(kind) = self.kinds.get(&job.kind) else {
            return Some(Verdict::Returned);
        };
        let slot = tokio::select! {
            slot = kind.slots.acquire() => slot,
            () = self.stop.cancelled() => return Some(Verdict::Returned),
        };
        let Ok(slot) = slot else {
            return Some(Verdict::Returned);
        };
        let id = job.lease.job;
        let running = Running {
            claimed: job,
            db: self.db.clone(),
        };
        let mut run = std::pin::pin!(self.tried(kind, running.clone()));
        let (_place, verdict) = match tokio::time::timeout(kind.policy.patience, &mut run).await {
            Ok(verdict) => (slot, verdict),
            Err(_) => match kind.ward.try_acquire() {
                Ok(bed) => {
                    drop(slot);
                    self.aside(id);
                    (bed, run.await)
                }
                Err(_) => (slot, run.await),
            },
        };
        let verdict = match verdict {
            Some(verdict @ (Verdict::Failed { .. } | Verdict::InDoubt { .. })) => verdict,
            other => return other,
        };
        // However it goes wrong, the job ends.
        let burial = AssertUnwindSafe(async { kind.handler.bury(running, verdict.clone()).await })
            .catch_unwind();
        match tokio::time::timeout(kind.policy.timeout, burial).await {
            Ok(Ok(left)) => left,
            Ok(Err(_)) | Err(_) => Some(verdict),
        }
    }

    /// It no longer takes a place of its kind.
    fn aside(&self, job: Id<Job>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = held.get_mut(&job) {
            held.aside = true;
        }
        drop(held);
        self.room.notify_one();
    }

    async fn tried(&self, kind: &Kind, job: Running) -> Option<Verdict> {
        let (attempt, keyed) = (job.attempt, job.key.is_some());
        if job.armed && !kind.policy.repeatable {
            return Some(Verdict::InDoubt {
                cause: "the worker vanished after the effect had begun".into(),
            });
        }
        if attempt > kind.policy.attempts {
            return Some(Verdict::Failed {
                cause: format!("lease lost {} times", attempt - 1),
            });
        }
        // Inside the block: what the handler does before its first wait may panic too.
        let work = AssertUnwindSafe(async { kind.handler.run(job).await }).catch_unwind();
        let failure = match tokio::time::timeout(kind.policy.timeout, work).await {
            Ok(Ok(Ok(Done::Finish))) => return Some(Verdict::Done),
            Ok(Ok(Ok(Done::Settled))) => return None,
            Ok(Ok(Err(failure))) => failure,
            Ok(Err(panic)) => Failure::Passing(format!("panic: {}", said(&*panic))),
            // It may have got as far as the other side.
            Err(_) if keyed && !kind.policy.repeatable => {
                Failure::InDoubt(format!("no end after {} s", kind.policy.timeout.as_secs()))
            }
            Err(_) => Failure::Passing(format!("no end after {} s", kind.policy.timeout.as_secs())),
        };
        Some(match failure {
            Failure::Passing(cause) if attempt < kind.policy.attempts => {
                let chance = u32::from_le_bytes(self.ambient.random());
                Verdict::Again {
                    at: self.ambient.now() + kind.policy.pause(attempt, chance),
                    cause,
                }
            }
            Failure::Passing(cause) | Failure::Final(cause) => Verdict::Failed { cause },
            Failure::InDoubt(cause) => Verdict::InDoubt { cause },
        })
    }

    async fn commit(&self, ends: &[(Lease, Option<Verdict>)]) -> Result<()> {
        let ends: Vec<_> = ends
            .iter()
            .filter_map(|(lease, verdict)| Some((*lease, verdict.clone()?)))
            .collect();
        if ends.is_empty() {
            return Ok(());
        }
        let forgettable = ends
            .iter()
            .all(|(lease, verdict)| verdict.may_be_forgotten(*lease));
        let mut tx = if forgettable {
            self.db.write_unflushed().await?
        } else {
            self.db.write().await?
        };
        let ended = settle(&mut tx, self.ambient.now(), &ends).await?;
        tx.commit().await?;
        for (lease, verdict) in &ends {
            if !ended.contains(&lease.job) {
                tracing::warn!(job = %lease.job, fence = lease.fence, ?verdict, "the lease was lost; another worker has the job");
            } else if !matches!(verdict, Verdict::Done | Verdict::Returned) {
                tracing::warn!(job = %lease.job, ?verdict, "a job did not succeed");
            }
        }
        Ok(())
    }

    fn forget(&self, ends: &[(Lease, Option<Verdict>)]) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for (lease, _) in ends {
            if held
                .get(&lease.job)
                .is_some_and(|held| held.lease == *lease)
            {
                held.remove(&lease.job);
            }
        }
        drop(held);
        self.room.notify_one();
    }

    fn is_idle(&self) -> bool {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Waits for what runs, then breaks it off: its leases run out and others take it.
    async fn drain(&self) {
        let ended = async {
            while !self.is_idle() {
                self.room.notified().await;
            }
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            for (_, held) in self
                .held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .drain()
            {
                if let Some(run) = held.run {
                    run.abort();
                }
            }
        }
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a word")
}

/// The loop that takes work: after a signal, when something becomes due, and now and then by itself.
async fn claim_all(shared: Arc<Shared>) {
    let mut signals = shared.db.signals().subscribe();
    let mut pause = Duration::ZERO;
    while !shared.stop.is_cancelled() {
        let (wait, more) = match shared.claim().await {
            Ok(look) => {
                pause = Duration::ZERO;
                let took = !look.claimed.is_empty();
                for job in look.claimed {
                    // Ended by its own message to the settler; the handle is not needed.
                    drop(Arc::clone(&shared).run(job));
                }
                if took {
                    // There may be more of it, and what was later may be due by now.
                    continue;
                }
                let next = look.next.unwrap_or(Moment::MAX);
                let wait = next.since(shared.ambient.now()).to_std();
                // Not at once even if something is due already: another node is taking it just now.
                (wait.clamp(Duration::from_millis(5), POLL), look.more)
            }
            Err(error) => {
                tracing::warn!(%error, "could not take jobs; trying again");
                pause = (pause * 2).clamp(Duration::from_millis(50), Duration::from_secs(2));
                (pause, false)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shared.room.notified(), if more => {}
            () = signalled(&mut signals, SIGNAL) => {}
            () = shared.stop.cancelled() => {}
        }
    }
}

/// Returns when the topic is signalled. A listener that lagged has missed something: it looks.
async fn signalled(signals: &mut tokio::sync::broadcast::Receiver<store::Signal>, topic: &str) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match signals.recv().await {
            Ok(signal) if signal.topic == topic => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Ends jobs, many in one commit: while one commit is under way the next batch gathers.
async fn settle_all(shared: Arc<Shared>, mut settled: Ends) {
    // Its own handle must not keep the channel open for ever.
    let weak = Arc::downgrade(&shared);
    drop(shared);
    let mut batch = Vec::with_capacity(BATCH);
    while settled.recv_many(&mut batch, BATCH).await > 0 {
        let Some(shared) = weak.upgrade() else { return };
        let mut pause = Duration::from_millis(50);
        while let Err(error) = shared.commit(&batch).await {
            // The leases go on running out meanwhile; whoever takes the jobs over does them again, which handlers allow for.
            tracing::warn!(%error, jobs = batch.len(), "could not end jobs; trying again");
            if shared.stop.is_cancelled() && pause > Duration::from_secs(1) {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
        shared.forget(&batch);
        batch.clear();
    }
}

/// Prolongs the leases of what is held, and breaks off what was lost.
async fn beat(shared: Arc<Shared>) {
    let shortest = shared
        .kinds
        .values()
        .map(|kind| kind.policy.lease)
        .min()
        .unwrap_or(POLL);
    loop {
        tokio::time::sleep(shortest / 3).await;
        let now = shared.ambient.now();
        let leases: Vec<_> = {
            let held = shared.held.lock().unwrap_or_else(PoisonError::into_inner);
            let until = |held: &Held| {
                let lease = shared
                    .kinds
                    .get(&held.kind)
                    .map_or(POLL, |kind| kind.policy.lease);
                now + Span::from_micros(i64::try_from(lease.as_micros()).unwrap_or(i64::MAX))
            };
            let mut leases: Vec<_> = held
                .values()
                .map(|held| (held.lease, until(held)))
                .collect();
            leases.sort_by_key(|(lease, _)| lease.job);
            leases
        };
        if leases.is_empty() {
            continue;
        }
        let kept = async {
            let mut tx = shared.db.write_unflushed().await?;
            let kept = queue::extend(&mut tx, &leases).await?;
            tx.commit().await?;
            Ok::<_, kernel::Error>(kept)
        };
        match kept.await {
            Ok(kept) => {
                let kept: std::collections::HashSet<_> = kept.into_iter().collect();
                let mut held = shared.held.lock().unwrap_or_else(PoisonError::into_inner);
                for (lease, _) in leases
                    .iter()
                    .filter(|(lease, _)| !kept.contains(&lease.job))
                {
                    // Ended meanwhile, or lost. What has ended is no longer held or about to be forgotten.
                    if let Some(lost) = held.get(&lease.job).filter(|held| held.lease == *lease)
                        && lost.run.as_ref().is_some_and(|run| !run.is_finished())
                    {
                        tracing::warn!(job = %lease.job, "the lease was lost; breaking the run off");
                        if let Some(run) = held.remove(&lease.job).and_then(|held| held.run) {
                            run.abort();
                        }
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "could not prolong leases; trying again"),
        }
    }
}
