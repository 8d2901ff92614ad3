//! The loop that fires timers: it sleeps until the next one is due, claims what is, and hands it to the committers, whose
//! transaction takes the timer's row away. Nodes share the work by claiming; a node that dies leaves its claims to the
//! others after a lease.

use std::sync::Arc;
use std::time::Duration;

use flow::engine::{Event, TimerId};
use kernel::{Code, Id, Moment, Result, Span};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::command::{Command, What};
use crate::feed;
use crate::runner::Runner;
use crate::sla::BUDGET_TIMER;
use crate::starts;

/// How long the others leave a claimed timer alone.
const LEASE: Span = Span::from_secs(10);
const BATCH: i64 = 500;
/// How often to look when no timer is known to be due: the clock may be set, another node's timers may be left over.
const POLL: Duration = Duration::from_millis(500);
/// Live events are kept so long: who was away longer looks at everything anew.
const FEED_KEPT: Span = Span::from_days(1);
/// Accepted effects are kept so long: their keys refuse repeats.
const EFFECTS_KEPT: Span = Span::from_days(30);
const TRIM_EVERY: Span = Span::from_minutes(10);

/// Fires one batch of what is due. Returns how many timers it fired.
pub(crate) async fn fire(runner: &Runner) -> Result<usize> {
    let inner = runner.inner();
    let now = inner.ambient.now();
    // What a power cut takes back is taken once more.
    let mut tx = inner.db.write_unflushed().await?;
    let due = jobs::timer::claim(&mut tx, now, now + LEASE, BATCH).await?;
    if due.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    tx.commit().await?;
    let clock = Arc::new(ledger::Actor::system("timers"));
    let fires = due.iter().map(|timer| {
        let clock = Arc::clone(&clock);
        async move {
            if timer.number == starts::START_TIMER {
                let listener = Id::new(timer.subject);
                return runner
                    .submit(Command::new(&clock, What::Slot { listener }))
                    .await;
            }
            let instance = Id::new(timer.subject);
            if timer.number == BUDGET_TIMER {
                return runner
                    .submit(Command::new(&clock, What::BudgetDue { instance }))
                    .await;
            }
            let number = u32::try_from(timer.number).unwrap_or(u32::MAX);
            let event = Event::TimerFired {
                timer: TimerId(number),
            };
            runner
                .submit(Command::new(&clock, What::Event { instance, event }))
                .await
        }
    });
    let mut worst = None;
    for (timer, answer) in due.iter().zip(futures::future::join_all(fires).await) {
        match answer {
            Ok(_) => {}
            // The step itself cannot be done (an endless loop behind the timer): an incident of its instance, and no date is
            // lost in silence.
            Err(error) if !error.is_passing() && error.code() != Code::Internal => {
                tracing::error!(%error, subject = %timer.subject, number = timer.number, "a timer could not act");
                if let Err(error) = stuck(runner, &clock, timer, &error).await {
                    worst = Some(error);
                }
            }
            // It comes again when the claim runs out.
            Err(error) => worst = Some(error),
        }
    }
    match worst {
        Some(error) => Err(error),
        None => Ok(due.len()),
    }
}

/// A timer's step was refused for good.
async fn stuck(
    runner: &Runner,
    clock: &Arc<ledger::Actor>,
    timer: &jobs::timer::Timer,
    why: &kernel::Error,
) -> Result<()> {
    let inner = runner.inner();
    let of_instance = timer.number != starts::START_TIMER && timer.number != BUDGET_TIMER;
    if let (true, Ok(number)) = (of_instance, u32::try_from(timer.number)) {
        let code = match why.code() {
            Code::BadDefinition => "flow.endless",
            Code::TooLarge => "flow.too_many_tokens",
            _ => "flow.timer_failed",
        };
        let event = Event::TimerStuck {
            timer: TimerId(number),
            code: code.to_owned(),
            message: why.to_string(),
        };
        let instance = Id::new(timer.subject);
        let told = runner
            .submit(Command::new(clock, What::Event { instance, event }))
            .await;
        match told {
            Ok(_) => return Ok(()),
            Err(error) if error.is_passing() || error.code() == Code::Internal => {
                return Err(error);
            }
            // Not even that: there is no instance to tell.
            Err(error) => tracing::error!(%error, subject = %timer.subject, "a timer is given up"),
        }
    }
    let mut tx = inner.db.write().await?;
    jobs::timer::remove(&mut tx, &[(timer.subject, timer.number)]).await?;
    tx.commit().await
}

pub(crate) struct Working {
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Working {
    pub fn start(runner: Runner) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(runner, stop.clone()));
        Self {
            stop,
            task: Some(task),
        }
    }

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

async fn run(runner: Runner, stop: CancellationToken) {
    let inner = Arc::clone(runner.inner());
    let mut signals = inner.db.signals().subscribe();
    let mut trimmed = Moment::MIN;
    while !stop.is_cancelled() {
        let mut wait = until_next(&runner).await;
        if wait.is_zero() {
            match fire(&runner).await {
                Ok(0) => wait = Duration::from_millis(5), // another node is at it
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(%error, "could not fire timers; trying again");
                    wait = POLL;
                }
            }
        }
        trim(&runner, &mut trimmed).await;
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = signalled(&mut signals) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// How long nothing is due. A look costs one read; only then is anything claimed.
async fn until_next(runner: &Runner) -> Duration {
    let inner = runner.inner();
    let next = async { jobs::timer::next(&mut inner.db.read().await?).await };
    match next.await {
        Ok(Some(due)) => due.since(inner.ambient.now()).to_std().min(POLL),
        Ok(None) => POLL,
        Err(error) => {
            tracing::warn!(%error, "could not look for timers; trying again");
            POLL
        }
    }
}

async fn trim(runner: &Runner, last: &mut Moment) {
    let inner = runner.inner();
    let now = inner.ambient.now();
    if now.since(*last).as_micros().abs() < TRIM_EVERY.as_micros() {
        return;
    }
    *last = now;
    let trimmed = async {
        let mut tx = inner.db.write().await?;
        feed::trim(&mut tx, now - FEED_KEPT).await?;
        jobs::trim(&mut tx, now - EFFECTS_KEPT).await?;
        tx.commit().await
    };
    if let Err(error) = trimmed.await {
        tracing::warn!(%error, "could not forget old events and effects; trying again later");
    }
}

async fn signalled(signals: &mut tokio::sync::broadcast::Receiver<store::Signal>) {
    use tokio::sync::broadcast::error::RecvError;
    loop {
        match signals.recv().await {
            Ok(signal) if signal.topic == jobs::timer::SIGNAL => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}
