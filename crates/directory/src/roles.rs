//! Roles: named lists of grants, held by users and groups. Every state that a role had is kept.

use std::collections::{BTreeMap, BTreeSet};

use access::{Grant, Mask};
use kernel::{Ambient, Error, FieldProblem, Moment, Operand, Paged, Result, text};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use store::filter::{Column, ColumnKind};
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::common::{NAME_LIMIT, Problems, TEXT_LIMIT, changed_access, stale_or_missing, taken};
use crate::list::{self, Ask, Listed};
use crate::{GroupId, Named, RoleId, UserId, groups, users};

/// The role that can do everything. At least one active user always holds it.
pub const ADMINISTRATOR: &str = "administrator";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Role {
    pub id: RoleId,
    /// Stable, `[a-z][a-z0-9_]*`: decisions name it.
    pub key: String,
    pub name: String,
    pub description: String,
    #[sqlx(json)]
    pub grants: Vec<Grant>,
    pub version: i64,
}

impl Role {
    /// For conditions of `access`: the value of a field by the name it has in grants.
    pub fn get(&self, field: &str) -> Operand {
        match field {
            "id" => Operand::Text(self.id.to_string()),
            "key" => Operand::Text(self.key.clone()),
            "name" => Operand::Text(self.name.clone()),
            "description" => Operand::Text(self.description.clone()),
            _ => Operand::Null,
        }
    }
}

/// A role as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSpec {
    pub key: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub grants: Vec<Grant>,
}

/// A state that a role had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct RoleVersion {
    pub role_id: RoleId,
    pub number: i64,
    pub key: String,
    pub name: String,
    pub description: String,
    #[sqlx(json)]
    pub grants: Vec<Grant>,
    pub at: Moment,
    pub user_name: String,
}

impl Listed for Role {
    const SELECT: &'static str =
        "SELECT id, key, name, description, grants, version FROM role WHERE TRUE";
    fn column(field: &str) -> Option<Column> {
        Some(match field {
            "id" => Column::new(ColumnKind::Uuid, Sql::both("id")),
            "key" => Column::new(ColumnKind::Text, Sql::both("key")),
            "name" => Column::new(ColumnKind::Text, Sql::both("name")).with_folded("name_folded"),
            _ => return None,
        })
    }
    fn sorted(field: &str) -> Option<&'static str> {
        match field {
            "name" => Some("name_folded"),
            "key" => Some("key"),
            _ => None,
        }
    }
    fn place(&self, field: &str) -> (String, Uuid) {
        (
            if field == "key" {
                self.key.clone()
            } else {
                text::fold(&self.name)
            },
            self.id.uuid(),
        )
    }
}

store::statements! {
    FIND = "SELECT id, key, name, description, grants, version FROM role WHERE id = $1";
    FIND_BY_KEY = "SELECT id, key, name, description, grants, version FROM role WHERE key = $1";
    INSERT = "INSERT INTO role (id, key, name, name_folded, description, grants, version) VALUES ($1, $2, $3, $4, $5, $6, 1)";
    CHANGE = "UPDATE role SET key = $3, name = $4, name_folded = $5, description = $6, grants = $7, version = version + 1 \
        WHERE id = $1 AND version = $2";
    REMOVE = "DELETE FROM role WHERE id = $1 AND version = $2";
    KEEP = "INSERT INTO role_version (role_id, number, key, name, description, grants, at, user_name) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    VERSIONS = "SELECT role_id, number, key, name, description, grants, at, user_name FROM role_version \
        WHERE role_id = $1 ORDER BY number DESC LIMIT 500";
    ALL = "SELECT id, key, name, description, grants, version FROM role ORDER BY name_folded, id";
    SIZES = "SELECT role_id, count(*) FROM (SELECT role_id, user_id FROM role_user \
        UNION SELECT h.role_id, m.user_id FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id) AS held \
        GROUP BY role_id";
    THROUGH = "SELECT h.role_id, g.name FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id \
        JOIN user_group AS g ON g.id = h.group_id WHERE m.user_id = $1 ORDER BY g.name_folded, g.id";
    GIVE_USER = "INSERT INTO role_user (role_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    TAKE_USER = "DELETE FROM role_user WHERE role_id = $1 AND user_id = $2";
    GIVE_GROUP = "INSERT INTO role_group (role_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    TAKE_GROUP = "DELETE FROM role_group WHERE role_id = $1 AND group_id = $2";
    /// A group that nobody is in counts with the roles of its own.
    HELD_IN_GROUPS = "SELECT g.key AS group_key, m.user_id, h.role_id FROM user_group AS g \
        JOIN group_member AS m ON m.group_id = g.id JOIN user_account AS u ON u.id = m.user_id AND u.active \
        LEFT JOIN (SELECT role_id, user_id FROM role_user UNION SELECT r.role_id, n.user_id FROM role_group AS r \
            JOIN group_member AS n ON n.group_id = r.group_id) AS h ON h.user_id = m.user_id \
        UNION SELECT g.key, NULL, h.role_id FROM user_group AS g JOIN role_group AS h ON h.group_id = g.id \
        WHERE NOT EXISTS (SELECT 1 FROM group_member AS m JOIN user_account AS u ON u.id = m.user_id \
            WHERE m.group_id = g.id AND u.active)";
    HOLDING_USERS = "SELECT u.id, u.name FROM role_user AS h JOIN user_account AS u ON u.id = h.user_id \
        WHERE h.role_id = $1 ORDER BY u.name_folded, u.id";
    HOLDING_GROUPS = "SELECT g.id, g.name FROM role_group AS h JOIN user_group AS g ON g.id = h.group_id \
        WHERE h.role_id = $1 ORDER BY g.name_folded, g.id";
}

pub async fn find(reads: &mut impl Reads, id: RoleId) -> Result<Option<Role>> {
    store::fetch_optional!(reads, Role, FIND, id)
}

pub async fn find_by_key(reads: &mut impl Reads, key: &str) -> Result<Option<Role>> {
    store::fetch_optional!(reads, Role, FIND_BY_KEY, key)
}

pub async fn list(reads: &mut impl Reads, mask: &Mask, ask: &Ask) -> Result<Paged<Role>> {
    list::list(reads, mask, ask).await
}

/// All of them: a company has tens, not more.
pub async fn all(reads: &mut impl Reads) -> Result<Vec<Role>> {
    store::fetch_all!(reads, Role, ALL)
}

/// How many users hold each role, by themselves or through groups. Roles that nobody holds are absent.
pub async fn sizes(reads: &mut impl Reads) -> Result<Vec<(RoleId, i64)>> {
    store::fetch_all!(reads, (RoleId, i64), SIZES)
}

/// The groups through which a user holds roles, by name.
pub async fn through_groups(reads: &mut impl Reads, user: UserId) -> Result<Vec<(RoleId, String)>> {
    store::fetch_all!(reads, (RoleId, String), THROUGH, user)
}

/// Which roles are held together in each group: one set for all of its people who hold the same. A group with neither people
/// nor roles is absent.
pub async fn sets_of_groups(
    reads: &mut impl Reads,
) -> Result<BTreeMap<String, BTreeSet<BTreeSet<RoleId>>>> {
    type Held = (String, Option<UserId>, Option<RoleId>);
    let held = store::fetch_all!(reads, Held, HELD_IN_GROUPS)?;
    let mut people: BTreeMap<(String, Option<UserId>), BTreeSet<RoleId>> = BTreeMap::new();
    for (group, user, role) in held {
        people.entry((group, user)).or_default().extend(role);
    }
    let mut sets: BTreeMap<String, BTreeSet<BTreeSet<RoleId>>> = BTreeMap::new();
    for ((group, _), roles) in people {
        sets.entry(group).or_default().insert(roles);
    }
    Ok(sets)
}

/// The newest 500 states, newest first.
pub async fn versions(reads: &mut impl Reads, id: RoleId) -> Result<Vec<RoleVersion>> {
    store::fetch_all!(reads, RoleVersion, VERSIONS, id)
}

/// Who holds it: users by themselves, and groups.
pub async fn holders(reads: &mut impl Reads, id: RoleId) -> Result<(Vec<Named>, Vec<Named>)> {
    let users = store::fetch_all!(reads, Named, HOLDING_USERS, id)?;
    let groups = store::fetch_all!(reads, Named, HOLDING_GROUPS, id)?;
    Ok((users, groups))
}

fn checked(spec: RoleSpec) -> Result<RoleSpec> {
    let mut problems = Problems::default();
    let name = problems.text("name", &spec.name, NAME_LIMIT);
    let description = problems.length("description", &spec.description, TEXT_LIMIT);
    let plain = spec.key.starts_with(|c: char| c.is_ascii_lowercase())
        && spec.key.len() <= 63
        && spec
            .key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain {
        problems.add(FieldProblem::new("key", "key_form"));
    }
    problems.done()?;
    let role = access::Role {
        key: spec.key,
        grants: spec.grants,
    };
    role.check()?;
    Ok(RoleSpec {
        key: role.key,
        name,
        description,
        grants: role.grants,
    })
}

async fn keep(tx: &mut Tx, at: Moment, actor: &Actor, role: &Role) -> Result<()> {
    store::execute!(
        tx,
        KEEP,
        role.id,
        role.version,
        &role.key,
        &role.name,
        &role.description,
        Json(&role.grants),
        at,
        &actor.name
    )?;
    changed_access(tx).await
}

pub async fn create(tx: &mut Tx, ambient: &Ambient, actor: &Actor, spec: RoleSpec) -> Result<Role> {
    let RoleSpec {
        key,
        name,
        description,
        grants,
    } = checked(spec)?;
    let role = Role {
        id: ambient.id(),
        key,
        name,
        description,
        grants,
        version: 1,
    };
    store::try_execute!(
        tx,
        INSERT,
        role.id,
        &role.key,
        &role.name,
        text::fold(&role.name),
        &role.description,
        Json(&role.grants)
    )
    .map_err(|e| taken(e, "role_key_key", "key"))?;
    keep(tx, ambient.now(), actor, &role).await?;
    let entry = Entry::new("role.create", "directory", "role")
        .of(role.id)
        .changed(None, Some(&role));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(role)
}

pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: RoleId,
    version: i64,
    spec: RoleSpec,
) -> Result<Role> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    let RoleSpec {
        key,
        name,
        description,
        grants,
    } = checked(spec)?;
    // The installation knows its way back in by this key.
    if before.key == ADMINISTRATOR && (key != before.key || grants != before.grants) {
        return Err(Error::invalid("grants", "administrator_role"));
    }
    let role = Role {
        id,
        key,
        name,
        description,
        grants,
        version: version + 1,
    };
    let touched = store::try_execute!(
        tx,
        CHANGE,
        id,
        version,
        &role.key,
        &role.name,
        text::fold(&role.name),
        &role.description,
        Json(&role.grants)
    )
    .map_err(|e| taken(e, "role_key_key", "key"))?;
    if touched == 0 {
        return Err(stale_or_missing(true, "role"));
    }
    keep(tx, ambient.now(), actor, &role).await?;
    let entry = Entry::new("role.change", "directory", "role")
        .of(id)
        .changed(Some(&before), Some(&role));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(role)
}

/// Whoever holds it holds it no more. Its states stay.
pub async fn remove(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: RoleId,
    version: i64,
) -> Result<()> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    if before.key == ADMINISTRATOR {
        return Err(Error::invalid("key", "administrator_role"));
    }
    if store::execute!(tx, REMOVE, id, version)? == 0 {
        return Err(stale_or_missing(true, "role"));
    }
    changed_access(tx).await?;
    let entry = Entry::new("role.remove", "directory", "role")
        .of(id)
        .changed(Some(&before), None);
    audit::record(tx, ambient.now(), actor, entry);
    Ok(())
}

/// Gives a role to a user, or takes it away. Doing what is already so leaves no trace.
pub async fn set_user(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: RoleId,
    user: UserId,
    holds: bool,
) -> Result<()> {
    let role = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    let user = users::find(tx, user)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let sql = if holds { GIVE_USER } else { TAKE_USER };
    if store::execute!(tx, sql, id, user.id)? == 0 {
        return Ok(());
    }
    given(tx, ambient, actor, &role, holds, &user.login).await
}

/// Gives a role to all members of a group, or takes it away.
pub async fn set_group(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: RoleId,
    group: GroupId,
    holds: bool,
) -> Result<()> {
    let role = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    let group = groups::find(tx, group)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    let sql = if holds { GIVE_GROUP } else { TAKE_GROUP };
    if store::execute!(tx, sql, id, group.id)? == 0 {
        return Ok(());
    }
    given(tx, ambient, actor, &role, holds, &group.name).await
}

async fn given(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    role: &Role,
    holds: bool,
    whom: &str,
) -> Result<()> {
    // First: it holds a row until the end, so that two who take the last two administrators away do it one by one.
    changed_access(tx).await?;
    users::keep_an_administrator(tx).await?;
    let operation = if holds { "role.give" } else { "role.take" };
    let entry = Entry::new(operation, "directory", "role")
        .of(role.id)
        .note(format!("{} · {whom}", role.key));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(())
}
