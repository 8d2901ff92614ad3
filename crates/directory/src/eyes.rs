//! A user as the lens and the audit see one: who it is, what is held and through whom, and the policy that comes of it. No
//! session is needed, and none is made.

use access::{Grant, Policy, Role, Subject};
use kernel::{Moment, Result};
use sqlx::types::Json;
use store::Reads;

use crate::session::subject_of;
use crate::{GroupId, User, UserId, users};

/// A role as somebody holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub key: String,
    pub name: String,
    pub version: i64,
    pub grants: Vec<Grant>,
    /// When this version came to be.
    pub since: Option<Moment>,
    /// Names of the groups through which it is held; empty where it is the user's own.
    pub through: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Eyes {
    pub user: User,
    pub roles: Vec<Held>,
    pub groups: Vec<GroupId>,
    pub subject: Subject,
    pub policy: Policy,
}

#[derive(sqlx::FromRow)]
struct Row {
    key: String,
    name: String,
    version: i64,
    grants: Json<Vec<Grant>>,
    since: Option<Moment>,
    through: Option<String>,
}

store::statements! {
    HELD = "SELECT r.key, r.name, r.version, r.grants, v.at AS since, NULL AS through \
            FROM role_user AS h JOIN role AS r ON r.id = h.role_id \
            LEFT JOIN role_version AS v ON v.role_id = r.id AND v.number = r.version WHERE h.user_id = $1 \
        UNION ALL SELECT r.key, r.name, r.version, r.grants, v.at AS since, g.name AS through \
            FROM group_member AS m JOIN role_group AS h ON h.group_id = m.group_id JOIN role AS r ON r.id = h.role_id \
            JOIN user_group AS g ON g.id = m.group_id \
            LEFT JOIN role_version AS v ON v.role_id = r.id AND v.number = r.version WHERE m.user_id = $1 \
        ORDER BY 1, 6";
}

/// The eyes of this user; `None` where there is no such user.
pub async fn of(reads: &mut impl Reads, user: UserId) -> Result<Option<Eyes>> {
    match users::find(reads, user).await? {
        Some(user) => Ok(Some(of_user(reads, user).await?)),
        None => Ok(None),
    }
}

/// The same for a user who is known.
pub async fn of_user(reads: &mut impl Reads, user: User) -> Result<Eyes> {
    let (subject, groups) = subject_of(reads, &user).await?;
    let mut roles: Vec<Held> = Vec::new();
    // Of whoever holds a role twice, once by oneself, the groups say nothing.
    let mut own: Vec<String> = Vec::new();
    for row in store::fetch_all!(reads, Row, HELD, user.id)? {
        if row.through.is_none() {
            own.push(row.key.clone());
        }
        match roles.last_mut().filter(|held| held.key == row.key) {
            Some(held) => held.through.extend(row.through),
            None => roles.push(Held {
                key: row.key,
                name: row.name,
                version: row.version,
                grants: row.grants.0,
                since: row.since,
                through: row.through.into_iter().collect(),
            }),
        }
    }
    for held in roles.iter_mut().filter(|held| own.contains(&held.key)) {
        held.through.clear();
    }
    let compiled: Vec<Role> = roles
        .iter()
        .map(|held| Role {
            key: held.key.clone(),
            grants: held.grants.clone(),
        })
        .collect();
    Ok(Eyes {
        policy: Policy::compile(&compiled, &subject),
        user,
        roles,
        groups,
        subject,
    })
}
