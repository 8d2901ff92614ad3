//! The organisation's tree of units.

use access::Mask;
use kernel::{Ambient, Code, Error, FieldProblem, Id, Paged, Result, text};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::common::{NAME_LIMIT, Problems, changed_access, stale_or_missing};
use crate::list::{self, Ask, Listed};
use crate::{Named, UnitId};

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
    ALL = "SELECT id, parent, name, version FROM unit ORDER BY name_folded, id";
    SIZES = "SELECT unit, count(*) FROM user_account WHERE unit IS NOT NULL GROUP BY unit";
    CHILDREN = "SELECT id, parent, name, version FROM unit WHERE parent = $1 ORDER BY name_folded, id";
    USERS = "SELECT id, name FROM user_account WHERE unit = $1 ORDER BY name_folded, id LIMIT $2";
    USERS_COUNT = "SELECT count(*) FROM user_account WHERE unit = $1";
    HAND_OVER_USERS = "UPDATE user_account SET unit = $2, version = version + 1 WHERE unit = $1";
    HAND_OVER_UNITS = "UPDATE unit SET parent = $2, version = version + 1 WHERE parent = $1";
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

/// The whole tree, by name: a company has hundreds of units, not more.
pub async fn all(reads: &mut impl Reads) -> Result<Vec<Unit>> {
    store::fetch_all!(reads, Unit, ALL)
}

/// How many users each unit has itself, inactive ones too. Units without any are absent.
pub async fn sizes(reads: &mut impl Reads) -> Result<Vec<(UnitId, i64)>> {
    store::fetch_all!(reads, (UnitId, i64), SIZES)
}

/// What hangs on a unit and is in the way of removing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependants {
    pub units: Vec<Unit>,
    /// The first by name.
    pub users: Vec<Named>,
    pub users_total: i64,
}

pub async fn dependants(reads: &mut impl Reads, id: UnitId, users: i64) -> Result<Dependants> {
    let units = store::fetch_all!(reads, Unit, CHILDREN, id)?;
    let named = store::fetch_all!(reads, Named, USERS, id, users)?;
    let (users_total,) = store::fetch_one!(reads, (i64,), USERS_COUNT, id)?;
    Ok(Dependants {
        units,
        users: named,
        users_total,
    })
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

/// Where what hangs on a unit goes when it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heir {
    Unit(UnitId),
    /// Units become the top of their branches; users have no unit.
    Top,
}

/// Removes a unit after all that hangs directly on it has gone to the heir: one entry says what went where.
pub async fn dissolve(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UnitId,
    version: i64,
    heir: Heir,
) -> Result<()> {
    store::fetch_one!(tx, (i64,), LOCK_TREE)?;
    let heir = match heir {
        Heir::Top => None,
        Heir::Unit(heir) => {
            if find(tx, heir).await?.is_none() {
                return Err(Error::invalid("into", "unknown_reference"));
            }
            if below(tx, id).await?.contains(&heir) {
                return Err(Error::invalid("into", "unit_below_itself"));
            }
            Some(heir)
        }
    };
    let hanging = dependants(tx, id, i64::MAX).await?;
    let users = store::execute!(tx, HAND_OVER_USERS, id, heir)?;
    store::execute!(tx, HAND_OVER_UNITS, id, heir)?;
    if users > 0 || !hanging.units.is_empty() {
        let moved = serde_json::json!({
            "into": heir,
            "units": hanging.units.iter().map(|u| u.id).collect::<Vec<_>>(),
            "users": hanging.users.iter().map(|u| u.id).collect::<Vec<_>>(),
        });
        let entry = Entry::new("unit.dissolve", "directory", "unit")
            .of(id)
            .changed(None, Some(&moved));
        audit::record(tx, ambient.now(), actor, entry);
    }
    remove(tx, ambient, actor, id, version).await
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
