use kernel::{Code, Error, FieldProblem, Result};
use ledger::audit::record;
use sqlx::types::Json;
use store::Tx;

use crate::check::{problems, refused};
use crate::draft::{Author, entry, hold, published};
use crate::{Body, Kind, SIGNAL};

/// What was published.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub version: i64,
    pub body: Body,
    /// SHA-256 of the text form.
    pub hash: [u8; 32],
    /// What the next save must name.
    pub revision: i64,
}

/// The longest note, in characters.
const NOTE_MAX: usize = 2_000;

store::statements! {
    INSERT = "INSERT INTO definition_version (definition_id, version, body, hash, note, published, published_by, \
        published_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ADVANCE = "UPDATE definition SET draft = NULL, revision = $2, problems = 0, latest = $3, changed = $4, \
        changed_by = $5, changed_by_name = $6 WHERE id = $1";
}

/// Makes the draft the next version, in effect at once on every node. `BadDefinition` names everything that stands against
/// it; `WrongState` (`no_draft`) where nothing differs; `Stale` where somebody saved meanwhile.
pub async fn publish(
    tx: &mut Tx,
    author: Author<'_>,
    kind: Kind,
    key: &str,
    revision: i64,
    note: &str,
) -> Result<Done> {
    if note.chars().count() > NOTE_MAX {
        return Err(FieldProblem::new("note", "too_long")
            .with("max", NOTE_MAX)
            .into());
    }
    let held = hold(tx, kind, key, Some(revision)).await?;
    let Some(Json(draft)) = held.draft.clone() else {
        return Err(Error::new(Code::WrongState).with("state", "no_draft"));
    };
    let body = Body::read(kind, draft)?;
    let found = problems(tx, &body, author.around).await?;
    if !found.is_empty() {
        return Err(refused(found));
    }
    let before = published(tx, kind, key, &held).await?;
    let before = before.map(|body| body.to_value()).transpose()?;
    let value = body.to_value()?;
    let hash = body.hash()?;
    let now = author.ambient.now();
    let actor = author.actor;
    let (version, revision) = (held.latest + 1, held.revision + 1);
    store::execute!(
        tx,
        INSERT,
        held.id,
        version,
        Json(value.clone()),
        hash.to_vec(),
        note.trim(),
        now,
        actor.user,
        &actor.name
    )?;
    store::execute!(
        tx,
        ADVANCE,
        held.id,
        revision,
        version,
        now,
        actor.user,
        &actor.name
    )?;
    let entry = entry("definition.publish", kind, key)
        .changed(before.as_ref(), Some(&value))
        .note(format!("version {version}"));
    record(tx, now, actor, entry);
    tx.signal(SIGNAL, format!("{kind}/{key}"));
    Ok(Done {
        version,
        body,
        hash,
        revision,
    })
}
