//! Dead letters, seen to by hand. What an instance asked for and did not get is an incident of it as well: it begins anew with
//! the instance, or not at all.

use jobs::{DeadLetter, Job};
use kernel::{Code, Error, Id, Result};
use ledger::Actor;
use store::{Reads, Tx};

use flow::engine::Variables;

use crate::command::What;
use crate::follow::{Asked, CALL, Called, PERFORM};
use crate::incidents;
use crate::runner::Runner;
use crate::words::{Incident, Instance};

/// What became of a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anew {
    /// It is done again.
    Begun,
    /// Nobody waits for it any more; it is off the list.
    Closed,
}

/// Which activity of which instance waits for it.
pub fn letter_of(letter: &DeadLetter) -> Option<(Id<Instance>, u32)> {
    let payload = letter.payload.0.clone();
    match letter.kind.as_str() {
        PERFORM => serde_json::from_value::<Asked>(payload)
            .ok()
            .map(|asked| (asked.instance, asked.activity)),
        CALL => serde_json::from_value::<Called>(payload)
            .ok()
            .map(|called| (called.instance, called.activity)),
        _ => None,
    }
}

impl Runner {
    /// Begins a dead letter anew. `NotFound`: it is none.
    pub async fn begin_anew_in(&self, tx: &mut Tx, actor: &Actor, job: Id<Job>) -> Result<Anew> {
        let now = self.inner().ambient.now();
        let letter = jobs::letter(tx, job)
            .await?
            .ok_or_else(|| Error::not_found("job"))?;
        let Some((instance, activity)) = letter_of(&letter) else {
            jobs::requeue(tx, now, &[job]).await?;
            return Ok(Anew::Begun);
        };
        // The instance asks again by itself, as for any incident; the old letter goes with it.
        jobs::close(tx, now, &[job]).await?;
        let Some((incident, _)) = incidents::open_at(tx, instance, activity).await? else {
            return Ok(Anew::Closed);
        };
        let retry = What::Retry {
            incident,
            instance,
            activity,
            variables: Variables::new(),
        };
        self.send_in(tx, actor, retry).await?;
        Ok(Anew::Begun)
    }

    /// What an incident stopped was done outside: the activity is over, with these values. `WrongState` where it is not one
    /// that asks something of another system, or is over.
    pub async fn accept_in(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        incident: Id<Incident>,
        variables: Variables,
        reason: String,
    ) -> Result<()> {
        let (instance, activity, resolved) = incidents::place(tx, incident)
            .await?
            .ok_or_else(|| Error::not_found("incident"))?;
        if resolved {
            return Err(Error::new(Code::WrongState).with("state", "resolved"));
        }
        let activity = u32::try_from(activity).map_err(Error::internal)?;
        let accept = What::Accept {
            incident,
            instance,
            activity,
            variables,
            reason,
        };
        self.send_in(tx, actor, accept).await?;
        Ok(())
    }

    /// The process whose instance waits for a dead letter, to ask for the right to set it going.
    pub async fn process_of_letter(
        &self,
        reads: &mut impl Reads,
        letter: &DeadLetter,
    ) -> Result<Option<String>> {
        let Some((instance, activity)) = letter_of(letter) else {
            return Ok(None);
        };
        let open = incidents::open_at(reads, instance, activity).await?;
        Ok(open.map(|(_, process)| process))
    }
}
