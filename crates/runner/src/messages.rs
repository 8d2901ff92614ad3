//! Messages and signals from outside, and messages that wait for somebody to await them.
//!
//! A *message* reaches one receiver: the instance that has awaited it longest (by name and correlation), else every process
//! that begins at it, else nobody. What nobody awaits is kept for as long as its sender says, and handed over the moment that
//! somebody awaits it; a sender who wants nothing kept is told `not_awaited`. A *signal* reaches all who await it and every
//! process that begins at it; it is not kept.
//!
//! Either is exactly once: a message ends with the step that it sets off, a signal becomes one job per receiver.

use flow::engine::Variables;
use kernel::{Error, FieldProblem, Id, Moment, Page, Paged, Result, Span};
use ledger::{Actor, User, audit};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Reads, Tx};

use crate::command::{Answer, What};
use crate::follow;
use crate::runner::{Inner, Runner};
use crate::words::{Customer, Instance};

/// Marks the id of a message that is kept.
#[derive(Debug)]
pub enum KeptMessage {}

/// A message to whoever awaits it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Publish {
    pub name: String,
    /// Whoever awaits a correlation gets only messages with the same. Without one the message suits all.
    pub correlation: Option<String>,
    pub variables: Variables,
    /// For an instance that it begins.
    pub customer: Option<Id<Customer>>,
    /// How long it waits for somebody; `None`: it is refused when nobody awaits it now.
    pub keep: Option<Span>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivered {
    To(Id<Instance>),
    Began(Vec<Id<Instance>>),
    Kept { id: Id<KeptMessage>, until: Moment },
}

/// A message that nobody awaits yet.
#[derive(Clone, Debug, Serialize, FromRow)]
pub struct Kept {
    pub id: Id<KeptMessage>,
    pub name: String,
    pub correlation: Option<String>,
    #[serde(skip)]
    pub variables: Json<Variables>,
    pub customer: Option<Id<Customer>>,
    pub at: Moment,
    pub until: Moment,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
}

/// The longest that a message is kept.
pub const LONGEST: Span = Span::from_days(30);
/// The longest name or correlation, in characters.
const MAX_NAME: usize = 500;
/// Whoever begins to await a message looks for kept ones in its own transaction. One that is just being kept in another is
/// not seen then; so it looks around itself, a little later.
const LOOKS: [Span; 3] = [Span::from_secs(1), Span::from_secs(10), Span::from_secs(60)];

macro_rules! columns {
    () => {
        "id, name, correlation, variables, customer, at, until, user_id, user_name"
    };
}

store::statements! {
    INSERT = concat!("INSERT INTO kept_message (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    HOLD = concat!("SELECT ", columns!(), " FROM kept_message WHERE id = $1"),
        concat!("SELECT ", columns!(), " FROM kept_message WHERE id = $1 FOR UPDATE");
    DELETE = "DELETE FROM kept_message WHERE id = $1";
    OF_NAME =
        "SELECT id FROM kept_message WHERE name = $1",
        "SELECT id FROM kept_message WHERE name = ANY($1) ORDER BY id";
    LIST = concat!("SELECT ", columns!(), " FROM kept_message WHERE id < $1 ORDER BY id DESC LIMIT $2");
}

pub(crate) async fn keep(tx: &mut Tx, inner: &Inner, kept: &Kept) -> Result<()> {
    store::execute!(
        tx,
        INSERT,
        kept.id,
        kept.name.as_str(),
        kept.correlation.as_deref(),
        &kept.variables,
        kept.customer,
        kept.at,
        kept.until,
        kept.user_id,
        kept.user_name.as_str()
    )?;
    let looks = LOOKS
        .iter()
        .map(|after| kept.at + *after)
        .filter(|at| *at < kept.until)
        .chain([kept.until]);
    let mut jobs = Vec::new();
    for at in looks {
        jobs.push(jobs::NewJob::new(follow::OFFER, &follow::Offered { message: kept.id })?.at(at));
    }
    jobs::enqueue(tx, &inner.ambient, &jobs).await?;
    Ok(())
}

/// A kept message, held until the transaction ends.
pub async fn kept_message(tx: &mut Tx, id: Id<KeptMessage>) -> Result<Option<Kept>> {
    store::fetch_optional!(tx, Kept, HOLD, id)
}

pub(crate) async fn forget(tx: &mut Tx, id: Id<KeptMessage>) -> Result<u64> {
    store::execute!(tx, DELETE, id)
}

/// Somebody awaits messages of these names from now on: those that are kept look whether it is for them.
pub(crate) async fn offer(tx: &mut Tx, inner: &Inner, names: &[&str]) -> Result<()> {
    let kept = jobs::return_rows!(tx, (Id<KeptMessage>,), OF_NAME, names, |name| [*name])?;
    let jobs: Vec<_> = kept
        .into_iter()
        .map(|(message,)| jobs::NewJob::new(follow::OFFER, &follow::Offered { message }))
        .collect::<Result<_>>()?;
    if !jobs.is_empty() {
        jobs::enqueue(tx, &inner.ambient, &jobs).await?;
    }
    Ok(())
}

/// Kept messages, newest first.
pub async fn kept_messages(reads: &mut impl Reads, page: &Page) -> Result<Paged<Kept>> {
    let last = match &page.cursor {
        Some(cursor) => cursor
            .parse()
            .map(Id::<KeptMessage>::new)
            .map_err(|_| Error::invalid("cursor", "cursor"))?,
        None => Id::from_parts(Moment::MAX, [0xff; 10]),
    };
    let limit = page.limit();
    let mut items = store::fetch_all!(reads, Kept, LIST, last, i64::from(limit) + 1)?;
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
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

impl Publish {
    fn check(&self) -> Result<()> {
        named("name", &self.name)?;
        if self
            .correlation
            .as_ref()
            .is_some_and(|text| text.chars().count() > MAX_NAME)
        {
            return Err(FieldProblem::new("correlation", "too_long")
                .with("max", MAX_NAME)
                .into());
        }
        if self
            .keep
            .is_some_and(|keep| keep > LONGEST || keep < Span::ZERO)
        {
            return Err(FieldProblem::new("keep_seconds", "out_of_range")
                .with("least", 0)
                .with("most", LONGEST.as_millis() / 1_000)
                .into());
        }
        Ok(())
    }
}

fn named(field: &'static str, name: &str) -> Result<()> {
    if name.trim().is_empty() {
        return Err(Error::invalid(field, "required"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(FieldProblem::new(field, "too_long")
            .with("max", MAX_NAME)
            .into());
    }
    Ok(())
}

impl Runner {
    /// A message from outside. `NotAwaited` where nobody awaits it and it is not to be kept.
    pub async fn publish(&self, actor: &Actor, publish: Publish) -> Result<Delivered> {
        publish.check()?;
        delivered(self.send(actor, What::Publish(publish)).await?)
    }

    pub async fn publish_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        publish: Publish,
    ) -> Result<Delivered> {
        publish.check()?;
        delivered(self.send_in(tx, actor, What::Publish(publish)).await?)
    }

    /// A signal from outside, to all that await it and all processes that begin at it. It is on its way when the
    /// transaction commits.
    pub async fn signal_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        name: &str,
        variables: &Variables,
    ) -> Result<()> {
        named("name", name)?;
        let inner = self.inner();
        let sent = follow::Sent {
            from: None,
            name: name.to_owned(),
            correlation: None,
            variables: variables.clone(),
        };
        let job = jobs::NewJob::new(follow::SIGNAL, &sent)?;
        jobs::enqueue(tx, &inner.ambient, &[job]).await?;
        let entry = audit::Entry::new("signal.publish", "runner", "message").of(name);
        audit::record(tx, inner.ambient.now(), actor, entry);
        Ok(())
    }

    pub async fn signal(&self, actor: &Actor, name: &str, variables: &Variables) -> Result<()> {
        let mut tx = self.db().write().await?;
        self.signal_in(&mut tx, actor, name, variables).await?;
        tx.commit().await
    }

    /// Begins every process with a conditional start whose condition holds for these values; how many begin is in the
    /// answer.
    pub async fn evaluate_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        variables: &Variables,
        customer: Option<Id<Customer>>,
    ) -> Result<Vec<Id<Instance>>> {
        let what = What::Evaluate {
            variables: variables.clone(),
            customer,
        };
        match delivered(self.send_in(tx, actor, what).await?)? {
            Delivered::Began(instances) => Ok(instances),
            Delivered::To(_) | Delivered::Kept { .. } => Ok(Vec::new()),
        }
    }

    /// Throws a kept message away. `NotFound`.
    pub async fn forget_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        message: Id<KeptMessage>,
    ) -> Result<()> {
        if forget(tx, message).await? == 0 {
            return Err(Error::not_found("message"));
        }
        let entry = audit::Entry::new("message.delete", "runner", "message").of(message);
        audit::record(tx, self.inner().ambient.now(), actor, entry);
        Ok(())
    }
}

fn delivered(answer: Answer) -> Result<Delivered> {
    match answer {
        Answer::Delivered(delivered) => Ok(delivered),
        _ => Err(Error::internal("an answer of another kind")),
    }
}
