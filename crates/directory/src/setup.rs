//! The first start: an installation without users, and its first administrator.

use access::{Grant, Target, Verb};
use kernel::{Ambient, Code, Error, Language, Result};
use ledger::Actor;
use store::{Reads, Tx};

use crate::roles::{self, ADMINISTRATOR, Role, RoleSpec};
use crate::users::{self, User, UserWrite};
use crate::{PasswordHash, demo};

store::statements! {
    ANYBODY = "SELECT EXISTS (SELECT 1 FROM user_account)";
    /// Held until the end, so that of two who set up at once one comes second, and is refused.
    LOCK = "SELECT number FROM access_generation WHERE id = 1",
        "SELECT number FROM access_generation WHERE id = 1 FOR UPDATE";
}

/// Whether there is nobody yet.
pub async fn needs_setup(reads: &mut impl Reads) -> Result<bool> {
    let (anybody,) = store::fetch_one!(reads, (bool,), ANYBODY)?;
    Ok(!anybody)
}

/// Everything, everywhere.
pub fn administrator(language: Language) -> RoleSpec {
    let (name, description) = match language {
        Language::Es => ("Administrador", "Puede hacer todo y concede los permisos."),
        Language::En => ("Administrator", "May do everything and grants permissions."),
    };
    RoleSpec {
        key: ADMINISTRATOR.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        grants: vec![
            Grant::allow(Target::entity("*"), &Verb::ALL),
            Grant::allow(Target::process("*"), &Verb::ALL),
        ],
    }
}

/// Makes the first user, with the administrator's role, and the usual roles beside it. Error: `wrong_state` where somebody
/// was faster.
pub async fn setup_administrator(
    tx: &mut Tx,
    ambient: &Ambient,
    login: &str,
    name: &str,
    password: &PasswordHash,
    language: Language,
) -> Result<User> {
    store::fetch_one!(tx, (i64,), LOCK)?;
    if !needs_setup(tx).await? {
        return Err(Error::new(Code::WrongState).with("state", "set_up"));
    }
    let actor = Actor::system("setup");
    let mut role = None;
    for spec in demo::roles(language) {
        let made = ensure_role(tx, ambient, &actor, spec).await?;
        if made.key == ADMINISTRATOR {
            role = Some(made.id);
        }
    }
    let write = UserWrite {
        roles: role.map(|id| vec![id]),
        ..UserWrite::new(login, name)
    };
    users::create(tx, ambient, &actor, write, Some(password), false).await
}

/// The role of this key; made if it is not there, left alone if it is.
pub async fn ensure_role(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    spec: RoleSpec,
) -> Result<Role> {
    match roles::find_by_key(tx, &spec.key).await? {
        Some(role) => Ok(role),
        None => roles::create(tx, ambient, actor, spec).await,
    }
}
