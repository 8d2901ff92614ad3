//! The organisation's tree of units.

use access::Mask;
use kernel::{Ambient, Code, Error, FieldProblem, Id, Paged, Result, text};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::UnitId;
use crate::common::{NAME_LIMIT, Problems, changed_access, stale_or_missing};
use crate::list::{self, Ask, Listed};

/// A part of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Unit {
    pub id: UnitId,
    /// Absent at the top.
    pub parent: Option<UnitId>,
    pub name: String,
    pub version: i64,
}

impl Listed for Unit {
    const SELECT: &'static str = "SELECT id, parent, name, version FROM unit WHERE TRUE";
    fn column(field: &str) -> Option<Column> {
        Some(match field {
            "id" => Column::new(ColumnKind::Uuid, Sql::both("id")),
            "parent" => Column::new(ColumnKind::Uuid, Sql::both("parent")),
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
    FIND = "SELECT id, parent, name, version FROM unit WHERE id = $1";
    INSERT = "INSERT INTO unit (id, parent, name, name_folded, version) VALUES ($1, $2, $3, $4, 1)";
    CHANGE = "UPDATE unit SET parent = $3, name = $4, name_folded = $5, version = version + 1 WHERE id = $1 AND version = $2";
    REMOVE = "DELETE FROM unit WHERE id = $1 AND version = $2";
    IS_USED = "SELECT EXISTS (SELECT 1 FROM unit WHERE parent = $1) OR EXISTS (SELECT 1 FROM user_account WHERE unit = $1)";
    /// UNION, not UNION ALL: it ends even if the tree were broken.
    BELOW = "WITH RECURSIVE below (id) AS (SELECT id FROM unit WHERE id = $1 \
        UNION SELECT unit.id FROM unit JOIN below ON unit.parent = below.id) SELECT id FROM below ORDER BY id";
    /// Moving branches is rare; one at a time, so that two moves cannot close a ring between them.
    LOCK_TREE = "SELECT number FROM access_generation WHERE id = 1",
        "SELECT number FROM access_generation WHERE id = 1 FOR UPDATE";
}

pub async fn find(reads: &mut impl Reads, id: UnitId) -> Result<Option<Unit>> {
    store::fetch_optional!(reads, Unit, FIND, id)
}

pub async fn list(reads: &mut impl Reads, mask: &Mask, ask: &Ask) -> Result<Paged<Unit>> {
    list::list(reads, mask, ask).await
}

/// The unit itself and all below it.
pub async fn below(reads: &mut impl Reads, id: UnitId) -> Result<Vec<UnitId>> {
    let rows = store::fetch_all!(reads, (Id<Unit>,), BELOW, id)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn create(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    name: &str,
    parent: Option<UnitId>,
) -> Result<Unit> {
    let mut problems = Problems::default();
    let name = problems.text("name", name, NAME_LIMIT);
    if let Some(parent) = parent
        && find(tx, parent).await?.is_none()
    {
        problems.add(FieldProblem::new("parent", "unknown_reference"));
    }
    problems.done()?;
    let unit = Unit {
        id: ambient.id(),
        parent,
        name,
        version: 1,
    };
    store::execute!(
        tx,
        INSERT,
        unit.id,
        unit.parent,
        &unit.name,
        text::fold(&unit.name)
    )?;
    changed_access(tx).await?;
    audit::record(
        tx,
        ambient.now(),
        actor,
        Entry::new("unit.create", "directory", "unit")
            .of(unit.id)
            .changed(None, Some(&unit)),
    );
    Ok(unit)
}

/// Renames a unit or moves it with its branch.
pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UnitId,
    version: i64,
    name: &str,
    parent: Option<UnitId>,
) -> Result<Unit> {
    store::fetch_one!(tx, (i64,), LOCK_TREE)?;
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("unit"))?;
    let mut problems = Problems::default();
    let name = problems.text("name", name, NAME_LIMIT);
    if let Some(parent) = parent {
        if find(tx, parent).await?.is_none() {
            problems.add(FieldProblem::new("parent", "unknown_reference"));
        } else if below(tx, id).await?.contains(&parent) {
            problems.add(FieldProblem::new("parent", "unit_below_itself"));
        }
    }
    problems.done()?;
    let unit = Unit {
        id,
        parent,
        name,
        version: version + 1,
    };
    if store::execute!(
        tx,
        CHANGE,
        id,
        version,
        unit.parent,
        &unit.name,
        text::fold(&unit.name)
    )? == 0
    {
        return Err(stale_or_missing(true, "unit"));
    }
    changed_access(tx).await?;
    let entry = Entry::new("unit.change", "directory", "unit")
        .of(id)
        .changed(Some(&before), Some(&unit));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(unit)
}

/// Only what is empty can be removed: no units below it, no users in it.
pub async fn remove(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UnitId,
    version: i64,
) -> Result<()> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("unit"))?;
    let (used,) = store::fetch_one!(tx, (bool,), IS_USED, id)?;
    if used {
        return Err(Error::new(Code::WrongState).with("state", "used"));
    }
    if store::execute!(tx, REMOVE, id, version)? == 0 {
        return Err(stale_or_missing(true, "unit"));
    }
    changed_access(tx).await?;
    let entry = Entry::new("unit.remove", "directory", "unit")
        .of(id)
        .changed(Some(&before), None);
    audit::record(tx, ambient.now(), actor, entry);
    Ok(())
}
