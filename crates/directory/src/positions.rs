//! Positions: what people are employed as. They say nothing about what may be done; roles do.

use access::Mask;
use kernel::{Ambient, Code, Error, Paged, Result, text};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::PositionId;
use crate::common::{NAME_LIMIT, Problems, stale_or_missing, taken};
use crate::list::{self, Ask, Listed};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Position {
    pub id: PositionId,
    pub name: String,
    pub version: i64,
}

impl Listed for Position {
    const SELECT: &'static str = "SELECT id, name, version FROM position WHERE TRUE";
    fn column(field: &str) -> Option<Column> {
        Some(match field {
            "id" => Column::new(ColumnKind::Uuid, Sql::both("id")),
            "name" => Column::new(ColumnKind::Text, Sql::both("name")).with_folded("name_folded"),
            _ => return None,
        })
    }
    fn sorted(field: &str) -> Option<&'static str> {
        (field == "name").then_some("name_folded")
    }
    fn place(&self, _field: &str) -> (String, Uuid) {
        (text::fold(&self.name), self.id.uuid())
    }
}

store::statements! {
    FIND = "SELECT id, name, version FROM position WHERE id = $1";
    INSERT = "INSERT INTO position (id, name, name_folded, version) VALUES ($1, $2, $3, 1)";
    CHANGE = "UPDATE position SET name = $3, name_folded = $4, version = version + 1 WHERE id = $1 AND version = $2";
    REMOVE = "DELETE FROM position WHERE id = $1 AND version = $2";
    SIZES = "SELECT position, count(*) FROM user_account WHERE position IS NOT NULL GROUP BY position";
    FIND_BY_NAME = "SELECT id, name, version FROM position WHERE name_folded = $1";
    IS_USED = "SELECT EXISTS (SELECT 1 FROM user_account WHERE position = $1)";
}

pub async fn find(reads: &mut impl Reads, id: PositionId) -> Result<Option<Position>> {
    store::fetch_optional!(reads, Position, FIND, id)
}

/// Accents and case do not matter.
pub async fn find_by_name(reads: &mut impl Reads, name: &str) -> Result<Option<Position>> {
    store::fetch_optional!(reads, Position, FIND_BY_NAME, text::fold(name))
}

/// How many users have each position, inactive ones too. Positions that nobody has are absent.
pub async fn sizes(reads: &mut impl Reads) -> Result<Vec<(PositionId, i64)>> {
    store::fetch_all!(reads, (PositionId, i64), SIZES)
}

pub async fn list(reads: &mut impl Reads, mask: &Mask, ask: &Ask) -> Result<Paged<Position>> {
    list::list(reads, mask, ask).await
}

pub async fn create(tx: &mut Tx, ambient: &Ambient, actor: &Actor, name: &str) -> Result<Position> {
    let mut problems = Problems::default();
    let name = problems.text("name", name, NAME_LIMIT);
    problems.done()?;
    let position = Position {
        id: ambient.id(),
        name,
        version: 1,
    };
    store::try_execute!(
        tx,
        INSERT,
        position.id,
        &position.name,
        text::fold(&position.name)
    )
    .map_err(|e| taken(e, "position_name_folded_key", "name"))?;
    let entry = Entry::new("position.create", "directory", "position")
        .of(position.id)
        .changed(None, Some(&position));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(position)
}

pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: PositionId,
    version: i64,
    name: &str,
) -> Result<Position> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("position"))?;
    let mut problems = Problems::default();
    let name = problems.text("name", name, NAME_LIMIT);
    problems.done()?;
    let position = Position {
        id,
        name,
        version: version + 1,
    };
    let touched = store::try_execute!(
        tx,
        CHANGE,
        id,
        version,
        &position.name,
        text::fold(&position.name)
    )
    .map_err(|e| taken(e, "position_name_folded_key", "name"))?;
    if touched == 0 {
        return Err(stale_or_missing(true, "position"));
    }
    let entry = Entry::new("position.change", "directory", "position")
        .of(id)
        .changed(Some(&before), Some(&position));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(position)
}

/// Only a position that nobody has can be removed.
pub async fn remove(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: PositionId,
    version: i64,
) -> Result<()> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("position"))?;
    let (used,) = store::fetch_one!(tx, (bool,), IS_USED, id)?;
    if used {
        return Err(Error::new(Code::WrongState).with("state", "used"));
    }
    if store::execute!(tx, REMOVE, id, version)? == 0 {
        return Err(stale_or_missing(true, "position"));
    }
    let entry = Entry::new("position.remove", "directory", "position")
        .of(id)
        .changed(Some(&before), None);
    audit::record(tx, ambient.now(), actor, entry);
    Ok(())
}
