//! The group committer: whatever has gathered while the last transaction was being committed goes into the next one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Code, Error, Result};
use tokio::sync::{mpsc, oneshot};

use crate::batch::apply;
use crate::command::{Answer, Command};
use crate::runner::Inner;

/// How many commands go into one transaction. More would make the first wait for the last.
const BATCH: usize = 128;
/// How many may wait for one committer before senders wait: what overload looks like from outside.
const QUEUE: usize = 1_024;

pub(crate) type Request = (Command, oneshot::Sender<Result<Answer>>);

/// The ways in, one per committer.
#[derive(Clone, Debug)]
pub(crate) struct Committers(Arc<[mpsc::Sender<Request>]>);

impl Committers {
    /// SQLite has one writer. PostgreSQL commits in parallel: while one lane waits for the disk the other prepares.
    pub fn spawn(inner: &Arc<Inner>) -> Self {
        let lanes = match inner.db.kind() {
            store::Kind::Sqlite => 1,
            store::Kind::Postgres => 2,
        };
        let lanes = (0..lanes).map(|_| {
            let (sender, receiver) = mpsc::channel(QUEUE);
            tokio::spawn(commit_all(Arc::clone(inner), receiver));
            sender
        });
        Self(lanes.collect())
    }

    /// Returns when the command is durable, or refused. Dropped by its caller, the command is carried out all the same.
    pub async fn submit(&self, command: Command) -> Result<Answer> {
        let (answer, answered) = oneshot::channel();
        let stopped = || Error::new(Code::Unavailable);
        let lane = self.0.get(command.lane(self.0.len())).ok_or_else(stopped)?;
        lane.send((command, answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

async fn commit_all(inner: Arc<Inner>, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::with_capacity(BATCH);
    // Ends when the last handle on the runner is gone.
    while requests.recv_many(&mut batch, BATCH).await > 0 {
        commit(&inner, &mut batch).await;
    }
}

async fn commit(inner: &Inner, batch: &mut Vec<Request>) {
    let (commands, senders): (Vec<_>, Vec<_>) = batch.drain(..).unzip();
    let mut outcome = once(inner, &commands).await;
    if let Err(Broken::Before(error)) = &outcome
        && error.code() == Code::Unavailable
    {
        // Two transactions in each other's way, or a connection that broke: once more, all together.
        tracing::debug!(%error, commands = commands.len(), "a batch could not be committed; trying again");
        tokio::time::sleep(Duration::from_millis(20)).await;
        outcome = once(inner, &commands).await;
    }
    match outcome {
        Ok(answers) => {
            for (sender, answer) in senders.into_iter().zip(answers) {
                // Whoever asked may have gone.
                let _ = sender.send(answer);
            }
        }
        // At the commit itself: whether it happened is not known, so nothing is tried again here. The asker's own key, the
        // job's fence or the timer's row settles it.
        Err(Broken::AtCommit(error)) => refuse_all(error, senders),
        Err(Broken::Before(error)) if commands.len() == 1 || error.is_passing() => {
            refuse_all(error, senders);
        }
        Err(Broken::Before(error)) => {
            // One of them is to blame: each alone.
            tracing::warn!(%error, commands = commands.len(), "a batch failed; its commands are tried one by one");
            for (command, sender) in commands.into_iter().zip(senders) {
                let answer = match once(inner, std::slice::from_ref(&command)).await {
                    Ok(mut answers) => answers.pop(),
                    Err(Broken::Before(error) | Broken::AtCommit(error)) => Some(Err(error)),
                };
                let _ =
                    sender
                        .send(answer.unwrap_or_else(|| {
                            Err(Error::internal("a command without an answer"))
                        }));
            }
        }
    }
}

fn refuse_all(error: Error, senders: Vec<oneshot::Sender<Result<Answer>>>) {
    tracing::warn!(%error, commands = senders.len(), "commands could not be committed");
    let code = error.code();
    let mut error = Some(error);
    for sender in senders {
        let _ = sender.send(Err(error.take().unwrap_or_else(|| Error::new(code))));
    }
}

/// Where a transaction broke.
enum Broken {
    /// Nothing of it is there.
    Before(Error),
    /// All of it may be there, or nothing.
    AtCommit(Error),
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        Self::Before(error)
    }
}

async fn once(inner: &Inner, commands: &[Command]) -> Result<Vec<Result<Answer>>, Broken> {
    let mut refused: BTreeMap<usize, Error> = BTreeMap::new();
    loop {
        let live: Vec<_> = commands
            .iter()
            .enumerate()
            .filter(|(at, _)| !refused.contains_key(at))
            .collect();
        if live.is_empty() {
            break;
        }
        let mut tx = inner.db.write().await?;
        let wanted: Vec<_> = live.iter().map(|(_, command)| *command).collect();
        let answers = apply(inner, &mut tx, &wanted).await?;
        // The job of a refused command has been ended with the others: not so. Once more, without it.
        let spoilt = live
            .iter()
            .zip(&answers)
            .any(|((_, command), answer)| command.lease.is_some() && answer.is_err());
        if !spoilt && answers.iter().any(Result::is_ok) {
            tx.commit().await.map_err(Broken::AtCommit)?;
            let mut answers = answers.into_iter();
            let all = (0..commands.len()).map(|at| match refused.remove(&at) {
                Some(error) => Err(error),
                None => answers
                    .next()
                    .unwrap_or_else(|| Err(Error::internal("a command without an answer"))),
            });
            return Ok(all.collect());
        }
        tx.rollback().await?;
        for ((at, _), answer) in live.into_iter().zip(answers) {
            if let Err(error) = answer {
                refused.insert(at, error);
            }
        }
    }
    Ok(refused.into_values().map(Err).collect())
}
