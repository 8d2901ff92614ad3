//! Users whom another directory knows: LDAP and Active Directory ([`ldap`]), OpenID Connect ([`oidc`]). That directory says
//! who somebody is, and which of the mapped groups they belong to; what they may do is said here, by roles (row S-03).
//!
//! A user is bound for good to the identity there (`user_identity`), never to a name that may be given to somebody else
//! later. A login that has a password of its own here is not taken over by the same name from outside.

pub mod ldap;
pub mod oidc;

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Ambient, Code, Error, Result};
use ledger::Actor;
use store::{Reads, Tx};

use crate::users::{self, User, UserWrite};
use crate::{GroupId, UserId, groups};

/// What the other directory says of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `ldap`, or the issuer.
    pub provider: String,
    /// Never given to anybody else there.
    pub subject: String,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    /// As that directory names them.
    pub groups: BTreeSet<String>,
}

/// Which group there is which group here: name there → key here. Groups that are not among the values are ours alone, and
/// are left as they are.
pub type GroupMap = BTreeMap<String, String>;

store::statements! {
    KNOWN = "SELECT user_id FROM user_identity WHERE provider = $1 AND subject = $2";
    BOUND = "SELECT EXISTS (SELECT 1 FROM user_identity WHERE user_id = $1)";
    BIND = "INSERT INTO user_identity (provider, subject, user_id, checked) VALUES ($1, $2, $3, $4)";
    CHECKED = "UPDATE user_identity SET checked = $3 WHERE provider = $1 AND subject = $2";
    /// Whoever came in through this directory and still has a session.
    HERE = "SELECT DISTINCT i.subject, i.user_id FROM user_identity AS i JOIN session AS s ON s.user_id = i.user_id \
        WHERE i.provider = $1 AND s.ended IS NULL AND s.expires > $2";
}

/// The subjects of a provider who have a session open.
pub(crate) async fn here(
    reads: &mut impl Reads,
    provider: &str,
    now: kernel::Moment,
) -> Result<Vec<(String, UserId)>> {
    store::fetch_all!(reads, (String, UserId), HERE, provider, now)
}

/// The user of this identity: found, bound by login where an administrator has prepared a user without a password, or
/// made. Name, mail and mapped groups follow the other directory. Error: `wrong_credentials` for a login that is
/// somebody else's here, and for a user who was made inactive here.
pub(crate) async fn admit(
    tx: &mut Tx,
    ambient: &Ambient,
    found: &Found,
    map: &GroupMap,
    may_create: bool,
) -> Result<User> {
    let refused = || Error::new(Code::WrongCredentials);
    let actor = Actor::system("directory");
    let known = store::fetch_optional!(tx, (UserId,), KNOWN, &found.provider, &found.subject)?;
    if let Some((id,)) = known {
        let user = users::find(tx, id)
            .await?
            .filter(|user| user.active)
            .ok_or_else(refused)?;
        store::execute!(tx, CHECKED, &found.provider, &found.subject, ambient.now())?;
        return follow(tx, ambient, &actor, user, found, map).await;
    }
    let user = match users::find_by_login(tx, &found.login).await? {
        Some(user) => {
            let (bound,) = store::fetch_one!(tx, (bool,), BOUND, user.id)?;
            let own = users::password(tx, user.id).await?.is_some();
            if bound || own || !user.active {
                return Err(refused());
            }
            user
        }
        None if may_create => {
            let write = UserWrite {
                email: found.email.clone(),
                ..UserWrite::new(&*found.login, &*found.name)
            };
            users::create(tx, ambient, &actor, write, None, false).await?
        }
        None => return Err(refused()),
    };
    store::execute!(
        tx,
        BIND,
        &found.provider,
        &found.subject,
        user.id,
        ambient.now()
    )?;
    follow(tx, ambient, &actor, user, found, map).await
}

/// Writes only where something differs: it is called at every sign-in and every look.
pub(crate) async fn follow(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    user: User,
    found: &Found,
    map: &GroupMap,
) -> Result<User> {
    let mut mapped: BTreeSet<GroupId> = BTreeSet::new();
    let mut wanted: BTreeSet<GroupId> = BTreeSet::new();
    for (there, key) in map {
        let Some(group) = groups::find_by_key(tx, key).await? else {
            tracing::warn!(group = %key, "a group that directory groups are mapped to does not exist");
            continue;
        };
        mapped.insert(group.id);
        if found.groups.iter().any(|g| g.eq_ignore_ascii_case(there)) {
            wanted.insert(group.id);
        }
    }
    let present: BTreeSet<GroupId> = users::groups_of(tx, user.id)
        .await?
        .into_iter()
        .map(|g| GroupId::new(g.id))
        .collect();
    let next: BTreeSet<GroupId> = present
        .difference(&mapped)
        .chain(&wanted)
        .copied()
        .collect();
    let name = if found.name.trim().is_empty() {
        user.name.clone()
    } else {
        found.name.clone()
    };
    let email = found.email.clone().or_else(|| user.email.clone());
    if next == present && name == user.name && email == user.email {
        return Ok(user);
    }
    let write = UserWrite {
        email,
        kind: user.kind,
        unit: user.unit,
        position: user.position,
        manager: user.manager,
        active: user.active,
        groups: Some(next.into_iter().collect()),
        ..UserWrite::new(&*user.login, name)
    };
    users::change(tx, ambient, actor, user.id, user.version, write).await
}
