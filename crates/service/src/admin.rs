//! What an administrator does from the command line.

use directory::{Passwords, UserWrite, groups, roles, setup, users};
use kernel::{Ambient, Code, Error, FieldProblem, Language, Result};
use ledger::Actor;
use locale::FluentValue;
use store::Db;

/// A user to be added.
#[derive(Debug)]
pub struct NewUser {
    pub login: String,
    pub name: String,
    /// Keys. The usual roles are made when they are not there yet.
    pub roles: Vec<String>,
    pub groups: Vec<String>,
}

/// Adds a user. The password holds until the first sign-in, which asks for another.
pub async fn add_user(db: &Db, ambient: &Ambient, new: NewUser, password: &str) -> Result<()> {
    let passwords = Passwords::new(ambient, 1).await?;
    let password = passwords
        .prepare(ambient, password, &[&new.login, &new.name])
        .await?;
    let actor = Actor::system("command line");
    let mut tx = db.write().await?;
    for spec in directory::demo::roles(Language::Es) {
        if new.roles.contains(&spec.key) {
            setup::ensure_role(&mut tx, ambient, &actor, spec).await?;
        }
    }
    let mut role_ids = Vec::new();
    for key in &new.roles {
        let found = roles::find_by_key(&mut tx, key).await?;
        role_ids.push(
            found
                .ok_or_else(|| {
                    Error::from(FieldProblem::new("role", "unknown_role").with("key", key))
                })?
                .id,
        );
    }
    let mut group_ids = Vec::new();
    for key in &new.groups {
        let found = groups::find_by_key(&mut tx, key).await?;
        group_ids.push(
            found
                .ok_or_else(|| {
                    Error::from(FieldProblem::new("group", "unknown_group").with("key", key))
                })?
                .id,
        );
    }
    let write = UserWrite {
        groups: Some(group_ids),
        roles: Some(role_ids),
        ..UserWrite::new(new.login, new.name)
    };
    users::create(&mut tx, ambient, &actor, write, Some(&password), true).await?;
    tx.commit().await
}

/// An error as it is told there, a line each: the sentence, the fields with theirs, and the cause for whoever must dig.
pub fn explain(error: &Error, language: Language) -> Vec<String> {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    // "Recorded under number" is for those who ask from far away; here the cause is at hand.
    if let (Code::Internal, Some(cause)) = (error.code(), &cause) {
        let args = [("why", FluentValue::from(cause.as_str()))];
        return vec![locale::text_with(language, "command-failed", &args)];
    }
    let mut lines = vec![locale::error(language, error)];
    for field in error.fields() {
        let problem = locale::problem(language, field);
        lines.push(format!("{}: {problem}", field.field));
    }
    lines.extend(cause.map(|cause| format!("({cause})")));
    lines
}
