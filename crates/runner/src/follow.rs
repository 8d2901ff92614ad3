//! What instances want of the outside and of each other, by the outbox: every kind of job of this room and who does it.

use flow::engine::{ActivityId, Event, Request, Variables, WaitingOn};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use jobs::{Done, Failure, Handler, NewJob, Policy, Running, Verdict, Worker};
use kernel::{Code, Error, Id, Result, Span};
use serde::{Deserialize, Serialize};
use store::Reads;

use crate::bulk;
use crate::command::{Command, Start, What};
use crate::messages::{KeptMessage, Publish};
use crate::plugs::{Answer, Call, Fault};
use crate::rows;
use crate::runner::Runner;
use crate::starts;
use crate::words::{Customer, Instance, InstanceState};

/// A transaction, decision or script.
pub(crate) const PERFORM: &str = "runner.perform";
/// Begin a called process.
pub(crate) const CALL: &str = "runner.call";
/// A called process has ended.
pub(crate) const CALLED: &str = "runner.called";
/// An escalation leaves a called process.
pub(crate) const RAISED: &str = "runner.raised";
/// End a process that is no longer called.
pub(crate) const ABANDON: &str = "runner.abandon";
/// A message to whoever awaits it.
pub(crate) const MESSAGE: &str = "runner.message";
/// A signal, about to find all who await it.
pub(crate) const SIGNAL: &str = "runner.signal";
/// A signal to one of them.
pub(crate) const TELL: &str = "runner.tell";
/// Begin a process at a start event.
pub(crate) const BEGIN: &str = "runner.begin";
/// A kept message looks for its receiver.
pub(crate) const OFFER: &str = "runner.offer";
/// A part of an order for many.
pub(crate) const BULK: &str = "runner.bulk";

/// How long a message that a process sent waits for its receiver.
const PATIENCE: Span = Span::from_days(1);
/// How many of those who await a signal are told in one transaction.
const PART: i64 = 2_000;
/// The largest answer of a call, in bytes of JSON: an instance's variables are loaded at every step.
const MAX_ANSWER: usize = 1 << 20;

#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    pub instance: Id<Instance>,
    pub activity: u32,
    pub process: String,
    pub version: i64,
    pub element: String,
    pub customer: Option<Id<Customer>>,
    pub request: Request,
    pub inputs: Variables,
}

/// How the effect keys of an activity's requests begin.
pub(crate) fn perform_key(instance: Id<Instance>, activity: u32) -> String {
    format!("perform:{instance}:{activity}:")
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Called {
    pub instance: Id<Instance>,
    pub activity: u32,
    pub process: String,
    pub customer: Option<Id<Customer>>,
    pub variables: Variables,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Ended {
    pub instance: Id<Instance>,
    pub activity: u32,
    pub state: InstanceState,
    pub error: Option<String>,
    pub variables: Variables,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Raised {
    pub instance: Id<Instance>,
    pub activity: u32,
    /// `None`: one without a code.
    pub code: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Abandoned {
    pub instance: Id<Instance>,
    pub activity: u32,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Offered {
    pub message: Id<KeptMessage>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub instance: Id<Instance>,
    pub name: String,
    pub variables: Variables,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Sent {
    /// Absent: from outside.
    pub from: Option<Id<Instance>>,
    pub name: String,
    pub correlation: Option<String>,
    pub variables: Variables,
}

store::statements! {
    /// Who awaits the message, the longest first. An empty correlation on either side stands for any.
    AWAITING_MESSAGE = "SELECT instance, number FROM instance_wait WHERE kind = 'message' AND name = $1
        AND ($2 IS NULL OR correlation IS NULL OR correlation = $2) ORDER BY instance, number LIMIT $3",
        "SELECT instance, number FROM instance_wait WHERE kind = 'message' AND name = $1
        AND ($2::text IS NULL OR correlation IS NULL OR correlation = $2) ORDER BY instance, number LIMIT $3";
    AWAITING_SIGNAL = "SELECT DISTINCT instance FROM instance_wait WHERE kind = 'signal' AND name = $1 AND instance > $2
        ORDER BY instance LIMIT $3";
    CHILDREN = "SELECT id FROM instance WHERE parent = $1 AND parent_activity = $2 AND state = 'running'";
}

pub(crate) async fn awaiting_message(
    reads: &mut impl Reads,
    name: &str,
    correlation: Option<&str>,
    limit: i64,
) -> Result<Vec<(Id<Instance>, i64)>> {
    store::fetch_all!(
        reads,
        (Id<Instance>, i64),
        AWAITING_MESSAGE,
        name,
        correlation,
        limit
    )
}

/// The worker that does all of it.
pub(crate) fn worker(runner: &Runner) -> Worker {
    let inner = runner.inner();
    let policy = Policy {
        limit: 128,
        ..Policy::default()
    };
    let internal = Policy {
        attempts: 100,
        repeatable: true,
        ..policy.clone()
    };
    let handler = |run: fn(Runner, Running) -> BoxFuture<'static, Result<Done, Failure>>| Does {
        runner: runner.clone(),
        run,
    };
    Worker::new(inner.db.clone(), inner.ambient.clone())
        .handle(
            PERFORM,
            policy,
            handler(|runner, job| perform(runner, job).boxed()),
        )
        .handle(
            CALL,
            internal.clone(),
            handler(|runner, job| call(runner, job).boxed()),
        )
        .handle(
            CALLED,
            internal.clone(),
            handler(|runner, job| called(runner, job).boxed()),
        )
        .handle(
            RAISED,
            internal.clone(),
            handler(|runner, job| raised(runner, job).boxed()),
        )
        .handle(
            ABANDON,
            internal.clone(),
            handler(|runner, job| abandon(runner, job).boxed()),
        )
        .handle(
            MESSAGE,
            internal.clone(),
            handler(|runner, job| message(runner, job).boxed()),
        )
        .handle(
            SIGNAL,
            internal.clone(),
            handler(|runner, job| signal(runner, job).boxed()),
        )
        .handle(
            TELL,
            internal.clone(),
            handler(|runner, job| tell(runner, job).boxed()),
        )
        .handle(
            BEGIN,
            internal.clone(),
            handler(|runner, job| begin(runner, job).boxed()),
        )
        .handle(
            OFFER,
            internal.clone(),
            handler(|runner, job| offer(runner, job).boxed()),
        )
        .handle(
            BULK,
            Policy {
                limit: 2,
                ..internal
            },
            handler(|runner, job| bulk::part(runner, job).boxed()),
        )
}

struct Does {
    runner: Runner,
    run: fn(Runner, Running) -> BoxFuture<'static, Result<Done, Failure>>,
}

impl Handler for Does {
    fn run(&self, job: Running) -> BoxFuture<'static, Result<Done, Failure>> {
        (self.run)(self.runner.clone(), job)
    }

    fn bury(&self, job: Running, verdict: Verdict) -> BoxFuture<'static, Option<Verdict>> {
        bury(self.runner.clone(), job, verdict).boxed()
    }
}

/// However a call ends that an instance waits for, the instance hears of it: it gets an incident instead of waiting for
/// ever.
async fn bury(runner: Runner, job: Running, verdict: Verdict) -> Option<Verdict> {
    let message = match &verdict {
        Verdict::Failed { cause } | Verdict::InDoubt { cause } => cause.clone(),
        Verdict::Done | Verdict::Again { .. } | Verdict::Returned => return Some(verdict),
    };
    let (instance, event) = match job.kind.as_str() {
        PERFORM => {
            let asked: Asked = job.payload().ok()?;
            let activity = ActivityId(asked.activity);
            (
                asked.instance,
                Event::TransactionFailed {
                    activity,
                    error: None,
                    message,
                },
            )
        }
        CALL => {
            let called: Called = job.payload().ok()?;
            let activity = ActivityId(called.activity);
            (
                called.instance,
                Event::CallFailed {
                    activity,
                    error: None,
                    message,
                },
            )
        }
        _ => return Some(verdict),
    };
    match settled(&runner, &job, instance, event, verdict.clone()).await {
        Ok(_) => None,
        Err(_) => Some(verdict),
    }
}

/// A passing fault is tried again; one that stays is a dead letter.
pub(crate) fn failed(error: &Error) -> Failure {
    match error.code() {
        Code::Unavailable
        | Code::Timeout
        | Code::StorageFull
        | Code::Internal
        | Code::Throttled => Failure::Passing(error.to_string()),
        _ => Failure::Final(error.to_string()),
    }
}

async fn perform(runner: Runner, job: Running) -> Result<Done, Failure> {
    let asked: Asked = job.payload()?;
    let inner = runner.inner();
    let published = inner
        .published(&asked.process, asked.version)
        .await
        .map_err(|error| failed(&error))?;
    let call = Call {
        instance: asked.instance,
        activity: asked.activity,
        binding: published
            .element(&asked.element)
            .and_then(|facts| facts.binding.clone()),
        process: asked.process,
        version: asked.version,
        element: asked.element,
        customer: asked.customer,
        request: asked.request,
        inputs: asked.inputs,
        effect_key: format!("{}:{}", asked.instance, asked.activity),
        attempt: job.attempt,
    };
    if inner.plugs.perform.is_remote(&call) {
        if !is_awaited(&runner, &call)
            .await
            .map_err(|error| failed(&error))?
        {
            return Ok(Done::Finish);
        }
        job.arm().await.map_err(|error| failed(&error))?;
    }
    let answer = inner.plugs.perform.perform(&call).await;
    let activity = ActivityId(call.activity);
    let (event, verdict) = match answer {
        Ok(Answer { variables, by }) => {
            match serde_json::to_vec(&variables).map(|bytes| bytes.len()) {
                Ok(size) if size <= MAX_ANSWER => (
                    Event::TransactionCompleted {
                        activity,
                        variables,
                        by,
                    },
                    Verdict::Done,
                ),
                _ => {
                    return Err(Failure::Final(format!(
                        "answer larger than {MAX_ANSWER} bytes"
                    )));
                }
            }
        }
        Err(Fault::Bpmn { code, message }) => (
            Event::TransactionFailed {
                activity,
                error: Some(code),
                message,
            },
            Verdict::Done,
        ),
        // What ends the job badly comes back to `bury`, which tells the instance.
        Err(Fault::Passing(cause)) => return Err(Failure::Passing(cause)),
        Err(Fault::Final(cause)) => return Err(Failure::Final(cause)),
        Err(Fault::InDoubt(cause)) => return Err(Failure::InDoubt(cause)),
    };
    settled(&runner, &job, call.instance, event, verdict).await
}

/// Whether the activity still waits: withdrawn, or answered by an attempt whose end was not heard of, there is nothing to
/// do any more. What stays in the house is not asked for: its answer is simply ignored.
async fn is_awaited(runner: &Runner, call: &Call) -> Result<bool> {
    let mut reads = runner.inner().db.read().await?;
    let Some(row) = rows::read_instance(&mut reads, call.instance).await? else {
        return Ok(false);
    };
    drop(reads);
    // Of the version on which it runs now: it may have been moved since it asked.
    let published = runner.published(&row.process, row.process_version).await?;
    let waiting = row.data.0.waiting(&published.plan);
    Ok(waiting.into_iter().any(|waiting| {
        waiting.activity == ActivityId(call.activity) && waiting.on == WaitingOn::Transaction
    }))
}

/// Hands the answer to the instance; the job ends in the same transaction.
async fn settled(
    runner: &Runner,
    job: &Running,
    instance: Id<Instance>,
    event: Event,
    verdict: Verdict,
) -> Result<Done, Failure> {
    let mut command = Command::new(&runner.inner().machine, What::Event { instance, event });
    command.lease = Some((job.lease, verdict));
    match runner.submit(command).await {
        Ok(_) => Ok(Done::Settled),
        Err(error) => Err(failed(&error)),
    }
}

async fn call(runner: Runner, job: Running) -> Result<Done, Failure> {
    let called: Called = job.payload()?;
    let inner = runner.inner();
    let begun = async {
        let version = inner.plugs.plans.newest(&called.process).await?;
        let start = Start {
            process: called.process.clone(),
            version,
            customer: called.customer,
            variables: called.variables.clone(),
            start_event: None,
            trigger: None,
        };
        let parent = Some((called.instance, called.activity));
        let mut command = Command::new(
            &inner.machine,
            What::Start {
                id: inner.ambient.id(),
                start,
                parent,
            },
        );
        command.lease = Some((job.lease, Verdict::Done));
        runner.submit(command).await
    };
    begun
        .await
        .map(|_| Done::Settled)
        .map_err(|error| failed(&error))
}

async fn called(runner: Runner, job: Running) -> Result<Done, Failure> {
    let ended: Ended = job.payload()?;
    let activity = ActivityId(ended.activity);
    let event = match ended.state {
        InstanceState::Completed => Event::CallCompleted {
            activity,
            variables: ended.variables,
        },
        state => Event::CallFailed {
            activity,
            message: ended
                .error
                .clone()
                .unwrap_or_else(|| state.text().to_owned()),
            error: ended.error,
        },
    };
    settled(&runner, &job, ended.instance, event, Verdict::Done).await
}

async fn raised(runner: Runner, job: Running) -> Result<Done, Failure> {
    let raised: Raised = job.payload()?;
    let event = Event::EscalationRaised {
        activity: ActivityId(raised.activity),
        escalation: raised.code.unwrap_or_default(),
        variables: Variables::new(),
    };
    settled(&runner, &job, raised.instance, event, Verdict::Done).await
}

async fn abandon(runner: Runner, job: Running) -> Result<Done, Failure> {
    let gone: Abandoned = job.payload()?;
    let children = async {
        let mut reads = runner.inner().db.read().await?;
        store::fetch_all!(
            &mut reads,
            (Id<Instance>,),
            CHILDREN,
            gone.instance,
            i64::from(gone.activity)
        )
    };
    for (child,) in children.await.map_err(|error| failed(&error))? {
        let event = Event::Cancelled {
            reason: "the caller no longer waits".into(),
        };
        let command = Command::new(
            &runner.inner().machine,
            What::Event {
                instance: child,
                event,
            },
        );
        runner
            .submit(command)
            .await
            .map_err(|error| failed(&error))?;
    }
    Ok(Done::Finish)
}

/// Whoever is to get it may not have come that far: it is kept for a while.
async fn message(runner: Runner, job: Running) -> Result<Done, Failure> {
    let sent: Sent = job.payload()?;
    let publish = Publish {
        name: sent.name,
        correlation: sent.correlation,
        variables: sent.variables,
        customer: None,
        keep: Some(PATIENCE),
    };
    ended_by(&runner, &job, What::Publish(publish)).await
}

async fn offer(runner: Runner, job: Running) -> Result<Done, Failure> {
    let offered: Offered = job.payload()?;
    let message = offered.message;
    ended_by(&runner, &job, What::Offer { message }).await
}

/// Everybody who awaits the signal now gets a job of his own, in the transaction that ends this one: each hears it once,
/// however often this is tried.
async fn signal(runner: Runner, job: Running) -> Result<Done, Failure> {
    let sent: Sent = job.payload()?;
    spread(&runner, &job, sent)
        .await
        .map_err(|error| failed(&error))
}

async fn spread(runner: &Runner, job: &Running, sent: Sent) -> Result<Done> {
    let inner = runner.inner();
    let mut tx = inner.db.write().await?;
    jobs::settle_in(&mut tx, inner.ambient.now(), job.lease).await?;
    let mut last = Id::<Instance>::new(uuid::Uuid::nil());
    loop {
        let name = sent.name.as_str();
        let part = store::fetch_all!(&mut tx, (Id<Instance>,), AWAITING_SIGNAL, name, last, PART)?;
        let Some((end,)) = part.last() else { break };
        last = *end;
        let told = part
            .iter()
            .filter(|(instance,)| Some(*instance) != sent.from)
            .map(|(instance,)| {
                NewJob::new(
                    TELL,
                    &Told {
                        instance: *instance,
                        name: sent.name.clone(),
                        variables: sent.variables.clone(),
                    },
                )
            })
            .collect::<Result<Vec<_>>>()?;
        jobs::enqueue(&mut tx, &inner.ambient, &told).await?;
    }
    let mut begun = Vec::new();
    for start in starts::listening(&mut tx, "signal", &sent.name).await? {
        let published = inner.published(&start.process, start.version).await?;
        let start = Start {
            trigger: starts::trigger(&published, &start),
            process: start.process,
            version: start.version,
            customer: None,
            variables: sent.variables.clone(),
            start_event: Some(start.element),
        };
        begun.push(NewJob::new(BEGIN, &start)?);
    }
    jobs::enqueue(&mut tx, &inner.ambient, &begun).await?;
    tx.commit().await?;
    Ok(Done::Settled)
}

async fn tell(runner: Runner, job: Running) -> Result<Done, Failure> {
    let told: Told = job.payload()?;
    let event = Event::SignalReceived {
        name: told.name,
        variables: told.variables,
    };
    let instance = told.instance;
    ended_by(&runner, &job, What::Event { instance, event }).await
}

async fn begin(runner: Runner, job: Running) -> Result<Done, Failure> {
    let start: Start = job.payload()?;
    let what = What::Start {
        id: runner.inner().ambient.id(),
        start,
        parent: None,
    };
    ended_by(&runner, &job, what).await
}

/// A command whose transaction ends the job.
async fn ended_by(runner: &Runner, job: &Running, what: What) -> Result<Done, Failure> {
    let mut command = Command::new(&runner.inner().machine, what);
    command.lease = Some((job.lease, Verdict::Done));
    match runner.submit(command).await {
        Ok(_) => Ok(Done::Settled),
        Err(error) => Err(failed(&error)),
    }
}
