//! Groups: who shares an inbox, or a role.

use access::Mask;
use kernel::{Ambient, Error, Paged, Result, text};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Reads, Sql, Tx};
use uuid::Uuid;

use crate::common::{NAME_LIMIT, Problems, TEXT_LIMIT, changed_access, stale_or_missing, taken};
use crate::list::{self, Ask, Listed};
use crate::{GroupId, Named, UserId, users};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Group {
    pub id: GroupId,
    /// By which definitions name it: `[a-z][a-z0-9_]*`, at most 63 characters; never changes.
    pub key: String,
    pub name: String,
    pub description: String,
    pub version: i64,
}

impl Listed for Group {
    const SELECT: &'static str =
        "SELECT id, key, name, description, version FROM user_group WHERE TRUE";
    fn column(field: &str) -> Option<Column> {
        Some(match field {
            "id" => Column::new(ColumnKind::Uuid, Sql::both("id")),
            "key" => Column::new(ColumnKind::Text, Sql::both("key")),
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
    FIND = "SELECT id, key, name, description, version FROM user_group WHERE id = $1";
    FIND_BY_NAME = "SELECT id, key, name, description, version FROM user_group WHERE name_folded = $1";
    FIND_BY_KEY = "SELECT id, key, name, description, version FROM user_group WHERE key = $1";
    ALL = "SELECT id, key, name, description, version FROM user_group ORDER BY name_folded";
    MEMBER_IDS = "SELECT m.user_id FROM group_member AS m JOIN user_group AS g ON g.id = m.group_id \
        JOIN user_account AS u ON u.id = m.user_id WHERE g.key = $1 AND u.active ORDER BY m.user_id";
    KEYS = "SELECT key FROM user_group ORDER BY key";
    INSERT = "INSERT INTO user_group (id, key, name, name_folded, description, version) VALUES ($1, $2, $3, $4, $5, 1)";
    CHANGE = "UPDATE user_group SET name = $3, name_folded = $4, description = $5, version = version + 1 \
        WHERE id = $1 AND version = $2";
    REMOVE = "DELETE FROM user_group WHERE id = $1 AND version = $2";
    MEMBERS = "SELECT u.id, u.name FROM group_member AS m JOIN user_account AS u ON u.id = m.user_id \
        WHERE m.group_id = $1 ORDER BY u.name_folded, u.id";
    SIZES = "SELECT group_id, count(*) FROM group_member GROUP BY group_id";
    ROLES = "SELECT r.id, r.name FROM role_group AS h JOIN role AS r ON r.id = h.role_id \
        WHERE h.group_id = $1 ORDER BY r.name_folded, r.id";
    ADD = "INSERT INTO group_member (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    TAKE_OUT = "DELETE FROM group_member WHERE group_id = $1 AND user_id = $2";
}

pub async fn find(reads: &mut impl Reads, id: GroupId) -> Result<Option<Group>> {
    store::fetch_optional!(reads, Group, FIND, id)
}

pub async fn find_by_key(reads: &mut impl Reads, key: &str) -> Result<Option<Group>> {
    store::fetch_optional!(reads, Group, FIND_BY_KEY, key)
}

/// All of them, for whoever keeps their names at hand: a company has hundreds, not more.
pub async fn all(reads: &mut impl Reads) -> Result<Vec<Group>> {
    store::fetch_all!(reads, Group, ALL)
}

/// The active members of a group, by its key.
pub async fn member_ids(reads: &mut impl Reads, key: &str) -> Result<Vec<UserId>> {
    Ok(store::fetch_all!(reads, (UserId,), MEMBER_IDS, key)?
        .into_iter()
        .map(|(id,)| id)
        .collect())
}

/// The keys of all groups: what a definition may name.
pub async fn keys(reads: &mut impl Reads) -> Result<Vec<String>> {
    Ok(store::fetch_all!(reads, (String,), KEYS)?
        .into_iter()
        .map(|(key,)| key)
        .collect())
}

/// Accents and case do not matter.
pub async fn find_by_name(reads: &mut impl Reads, name: &str) -> Result<Option<Group>> {
    store::fetch_optional!(reads, Group, FIND_BY_NAME, text::fold(name))
}

pub async fn list(reads: &mut impl Reads, mask: &Mask, ask: &Ask) -> Result<Paged<Group>> {
    list::list(reads, mask, ask).await
}

/// All members by name. A group is an inbox's people: hundreds, not more.
pub async fn members(reads: &mut impl Reads, id: GroupId) -> Result<Vec<Named>> {
    store::fetch_all!(reads, Named, MEMBERS, id)
}

/// How many members each group has. Empty groups are absent.
pub async fn sizes(reads: &mut impl Reads) -> Result<Vec<(GroupId, i64)>> {
    store::fetch_all!(reads, (GroupId, i64), SIZES)
}

/// The roles that its members hold through it.
pub async fn roles_of(reads: &mut impl Reads, id: GroupId) -> Result<Vec<Named>> {
    store::fetch_all!(reads, Named, ROLES, id)
}

fn checked(name: &str, description: &str) -> Result<(String, String)> {
    let mut problems = Problems::default();
    let name = problems.text("name", name, NAME_LIMIT);
    let description = problems.length("description", description, TEXT_LIMIT);
    problems.done().map(|()| (name, description))
}

/// `key` is for definitions to name it by: `[a-z][a-z0-9_]*`, at most 63 characters.
pub async fn create(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    key: &str,
    name: &str,
    description: &str,
) -> Result<Group> {
    let plain = key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.len() <= 63
        && key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain {
        return Err(Error::invalid("key", "key_form"));
    }
    let (name, description) = checked(name, description)?;
    let group = Group {
        id: ambient.id(),
        key: key.to_owned(),
        name,
        description,
        version: 1,
    };
    let inserted = store::try_execute!(
        tx,
        INSERT,
        group.id,
        &group.key,
        &group.name,
        text::fold(&group.name),
        &group.description
    );
    inserted.map_err(|e| match kernel::violated(&e).as_deref() {
        Some("user_group_key_key") => taken(e, "user_group_key_key", "key"),
        _ => taken(e, "user_group_name_folded_key", "name"),
    })?;
    let entry = Entry::new("group.create", "directory", "group")
        .of(group.id)
        .changed(None, Some(&group));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(group)
}

pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: GroupId,
    version: i64,
    name: &str,
    description: &str,
) -> Result<Group> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    let (name, description) = checked(name, description)?;
    let group = Group {
        id,
        key: before.key.clone(),
        name,
        description,
        version: version + 1,
    };
    let touched = store::try_execute!(
        tx,
        CHANGE,
        id,
        version,
        &group.name,
        text::fold(&group.name),
        &group.description
    )
    .map_err(|e| taken(e, "user_group_name_folded_key", "name"))?;
    if touched == 0 {
        return Err(stale_or_missing(true, "group"));
    }
    let entry = Entry::new("group.change", "directory", "group")
        .of(id)
        .changed(Some(&before), Some(&group));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(group)
}

/// Memberships and the group's roles go with it. Whether work still waits for it is for the caller to ask first.
pub async fn remove(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: GroupId,
    version: i64,
) -> Result<()> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    if store::execute!(tx, REMOVE, id, version)? == 0 {
        return Err(stale_or_missing(true, "group"));
    }
    changed_access(tx).await?;
    users::keep_an_administrator(tx).await?;
    let entry = Entry::new("group.remove", "directory", "group")
        .of(id)
        .changed(Some(&before), None);
    audit::record(tx, ambient.now(), actor, entry);
    Ok(())
}

/// Puts a user into a group, or takes one out. Doing what is already so leaves no trace.
pub async fn set_member(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: GroupId,
    user: UserId,
    member: bool,
) -> Result<()> {
    let group = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    let user = users::find(tx, user)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let sql = if member { ADD } else { TAKE_OUT };
    if store::execute!(tx, sql, id, user.id)? == 0 {
        return Ok(());
    }
    changed_access(tx).await?;
    users::keep_an_administrator(tx).await?;
    let operation = if member {
        "group.add_member"
    } else {
        "group.remove_member"
    };
    let note = format!("{} · {}", group.name, user.login);
    audit::record(
        tx,
        ambient.now(),
        actor,
        Entry::new(operation, "directory", "group")
            .of(id)
            .note(note),
    );
    Ok(())
}
