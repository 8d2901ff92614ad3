use form::Words;
use kernel::{Ambient, Code, Error, FieldProblem, Id, Moment, Result};
use ledger::audit::{Entry, record};
use ledger::{Actor, User};
use serde_json::Value;
use sqlx::types::Json;
use store::{Reads, Tx};

use crate::check::{Surroundings, problems};
use crate::list::{self, Summary};
use crate::published::noun;
use crate::version::{self, VersionLine};
use crate::{Body, Kind};

/// Who works, when, and what is around the definitions.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    pub ambient: &'a Ambient,
    pub actor: &'a Actor,
    pub around: &'a Surroundings,
}

/// A definition as the Designer opens it.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub summary: Summary,
    /// The draft where there is one, else the newest published body.
    pub body: Body,
    /// What stands against publishing it now.
    pub problems: Vec<FieldProblem>,
    pub versions: Vec<VersionLine>,
}

/// A draft to be saved.
#[derive(Clone, Debug)]
pub struct Save {
    pub kind: Kind,
    pub key: String,
    pub body: Body,
    /// The revision that was read; another one means that somebody saved meanwhile.
    pub revision: i64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// What the next save must name.
    pub revision: i64,
    /// Whether it differs from what is published.
    pub draft: bool,
    pub problems: Vec<FieldProblem>,
}

/// The row of a definition, locked for the rest of the transaction.
#[derive(sqlx::FromRow)]
pub(crate) struct Held {
    pub id: Id<Body>,
    pub draft: Option<Json<Value>>,
    pub revision: i64,
    pub latest: i64,
}

store::statements! {
    /// SQLite has one writer, so the row is as good as locked.
    HOLD = "SELECT id, draft, revision, latest FROM definition WHERE kind = $1 AND key = $2",
        "SELECT id, draft, revision, latest FROM definition WHERE kind = $1 AND key = $2 FOR UPDATE";
    DRAFT = "SELECT draft FROM definition WHERE kind = $1 AND key = $2";
    INSERT = "INSERT INTO definition (id, kind, key, name_es, name_en, search, draft, revision, problems, latest, \
        created, changed, changed_by, changed_by_name) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 0, $9, $9, $10, $11)";
    UPDATE = "UPDATE definition SET name_es = $2, name_en = $3, search = $4, draft = $5, revision = $6, problems = $7, \
        changed = $8, changed_by = $9, changed_by_name = $10 WHERE id = $1";
    DELETE = "DELETE FROM definition WHERE id = $1";
}

/// The definition with its draft, or `NotFound`.
pub async fn load(
    reads: &mut impl Reads,
    kind: Kind,
    key: &str,
    around: &Surroundings,
) -> Result<Loaded> {
    let summary = list::one(reads, kind, key).await?;
    let summary = summary.ok_or_else(|| Error::not_found(noun(kind)))?;
    let draft = store::fetch_optional!(reads, (Option<Json<Value>>,), DRAFT, kind, key)?;
    let body = match (draft.and_then(|(draft,)| draft), summary.published) {
        (Some(Json(draft)), _) => Body::read(kind, draft)?,
        (None, Some(number)) => version::version(reads, kind, key, number).await?,
        (None, None) => return Err(Error::not_found(noun(kind))),
    };
    Ok(Loaded {
        problems: problems(reads, &body, around).await?,
        versions: version::versions(reads, kind, key).await?,
        summary,
        body,
    })
}

/// A new definition, as a draft. `Duplicate` where its kind has one of that key. It may be incomplete; its key may not be
/// malformed.
pub async fn create(tx: &mut Tx, author: Author<'_>, body: &Body) -> Result<Saved> {
    if !form::schema::is_key(body.key()) {
        return Err(FieldProblem::new("key", "bad_key")
            .with("key", body.key())
            .into());
    }
    let found = problems(tx, body, author.around).await?;
    let now = author.ambient.now();
    let name = body.name();
    let inserted = store::try_execute!(
        tx,
        INSERT,
        author.ambient.id::<Body>(),
        body.kind(),
        body.key(),
        &name.es,
        &name.en,
        search(body.key(), name),
        Json(body.to_value()?),
        count(&found),
        now,
        author.actor.user,
        &author.actor.name
    );
    match inserted {
        Ok(_) => {}
        Err(error) if kernel::violated(&error).is_some() => {
            return Err(Error::new(Code::Duplicate)
                .field(FieldProblem::new("key", "taken").with("key", body.key())));
        }
        Err(error) => return Err(error.into()),
    }
    let entry = entry("definition.create", body.kind(), body.key());
    record(
        tx,
        now,
        author.actor,
        entry.changed(None, Some(&body.to_value()?)),
    );
    Ok(Saved {
        revision: 1,
        draft: true,
        problems: found,
    })
}

/// Saves the draft, complete or not, and says what stands against publishing it. What is equal to the newest published
/// version is no draft any more. `Stale` where somebody saved meanwhile.
pub async fn save(tx: &mut Tx, author: Author<'_>, save: &Save) -> Result<Saved> {
    if save.body.kind() != save.kind || save.body.key() != save.key {
        return Err(Error::from(
            FieldProblem::new("key", "key_is_fixed").with("key", &save.key),
        ));
    }
    let held = hold(tx, save.kind, &save.key, Some(save.revision)).await?;
    let found = problems(tx, &save.body, author.around).await?;
    let before = before(tx, save.kind, &save.key, &held).await?;
    let value = save.body.to_value()?;
    let differs = match published(tx, save.kind, &save.key, &held).await? {
        Some(published) => published.hash()? != save.body.hash()?,
        None => true,
    };
    let now = author.ambient.now();
    let revision = held.revision + 1;
    let draft = differs.then(|| Json(value.clone()));
    update(tx, author, &held, &save.body, draft, revision, &found, now).await?;
    let entry = entry("definition.save", save.kind, &save.key);
    record(
        tx,
        now,
        author.actor,
        entry.changed(before.as_ref(), Some(&value)),
    );
    Ok(Saved {
        revision,
        draft: differs,
        problems: found,
    })
}

/// Throws the draft away: the newest published version is what remains, or nothing where there is none.
pub async fn discard(
    tx: &mut Tx,
    author: Author<'_>,
    kind: Kind,
    key: &str,
    revision: i64,
) -> Result<()> {
    let held = hold(tx, kind, key, Some(revision)).await?;
    let Some(Json(draft)) = &held.draft else {
        return Err(Error::new(Code::WrongState).with("state", "no_draft"));
    };
    let now = author.ambient.now();
    match published(tx, kind, key, &held).await? {
        None => {
            store::execute!(tx, DELETE, held.id)?;
        }
        Some(body) => {
            let none: Option<Json<Value>> = None;
            update(tx, author, &held, &body, none, held.revision + 1, &[], now).await?;
        }
    }
    let entry = entry("definition.discard", kind, key);
    record(tx, now, author.actor, entry.changed(Some(draft), None));
    Ok(())
}

/// The row, or `NotFound`; `Stale` where a revision is named and it is another.
pub(crate) async fn hold(
    tx: &mut Tx,
    kind: Kind,
    key: &str,
    revision: Option<i64>,
) -> Result<Held> {
    let held = store::fetch_optional!(tx, Held, HOLD, kind, key)?;
    let held = held.ok_or_else(|| Error::not_found(noun(kind)))?;
    if revision.is_some_and(|revision| revision != held.revision) {
        return Err(Error::new(Code::Stale));
    }
    Ok(held)
}

/// The newest published body.
pub(crate) async fn published(
    reads: &mut impl Reads,
    kind: Kind,
    key: &str,
    held: &Held,
) -> Result<Option<Body>> {
    if held.latest == 0 {
        return Ok(None);
    }
    version::version(reads, kind, key, held.latest)
        .await
        .map(Some)
}

#[expect(clippy::too_many_arguments, reason = "one row's columns")]
pub(crate) async fn update(
    tx: &mut Tx,
    author: Author<'_>,
    held: &Held,
    body: &Body,
    draft: Option<Json<Value>>,
    revision: i64,
    problems: &[FieldProblem],
    now: Moment,
) -> Result<()> {
    let user: Option<Id<User>> = author.actor.user;
    let name = body.name();
    store::execute!(
        tx,
        UPDATE,
        held.id,
        &name.es,
        &name.en,
        search(body.key(), name),
        draft,
        revision,
        count(problems),
        now,
        user,
        &author.actor.name
    )?;
    Ok(())
}

pub(crate) fn entry(operation: &'static str, kind: Kind, key: &str) -> Entry {
    Entry::new(operation, "design", kind.text()).of(key)
}

/// What stood before a save: the draft, else what is published.
async fn before(
    reads: &mut impl Reads,
    kind: Kind,
    key: &str,
    held: &Held,
) -> Result<Option<Value>> {
    if let Some(Json(draft)) = &held.draft {
        return Ok(Some(draft.clone()));
    }
    match published(reads, kind, key, held).await? {
        Some(body) => body.to_value().map(Some),
        None => Ok(None),
    }
}

fn search(key: &str, name: &Words) -> String {
    kernel::text::fold(&format!("{key} {} {}", name.es, name.en))
}

fn count(problems: &[FieldProblem]) -> i64 {
    i64::try_from(problems.len()).unwrap_or(i64::MAX)
}
