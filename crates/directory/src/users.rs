//! Users: people of the organisation, and external participants. A user is never deleted, only made inactive.

use access::Mask;
use kernel::{
    Ambient, Error, FieldProblem, Id, Language, Moment, Operand, Paged, Result, Span, text,
};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use store::filter::{Column, ColumnKind};
use store::{Built, Reads, Sql, Tx};
use uuid::Uuid;

use crate::common::{NAME_LIMIT, Problems, changed_access, stale_or_missing, taken};
use crate::list::{self, Ask, Having, Listed};
use crate::{GroupId, Named, PasswordHash, PositionId, RoleId, Source, UnitId, UserId, session};

kernel::stored_words! {
    pub enum UserKind {
        /// Belongs to the organisation.
        Person = "person",
        /// A third party who takes part in some processes (row S-14).
        External = "external",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct User {
    pub id: UserId,
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    pub kind: UserKind,
    pub unit: Option<UnitId>,
    pub position: Option<PositionId>,
    /// To whom this user reports.
    pub manager: Option<UserId>,
    pub active: bool,
    /// The password must be changed at the next sign-in.
    pub must_change: bool,
    pub language: Option<Language>,
    pub created: Moment,
    pub version: i64,
}

impl User {
    /// For conditions of `access`: the value of a field by the name it has in grants.
    pub fn get(&self, field: &str) -> Operand {
        let id = |id: Option<Uuid>| id.map_or(Operand::Null, |id| Operand::Text(id.to_string()));
        match field {
            "id" => id(Some(self.id.uuid())),
            "login" => Operand::Text(self.login.clone()),
            "name" => Operand::Text(self.name.clone()),
            "email" => self.email.clone().map_or(Operand::Null, Operand::Text),
            "kind" => Operand::Text(self.kind.text().to_owned()),
            "unit" => id(self.unit.map(Id::uuid)),
            "position" => id(self.position.map(Id::uuid)),
            "manager" => id(self.manager.map(Id::uuid)),
            "active" => Operand::Boolean(self.active),
            _ => Operand::Null,
        }
    }
}

/// A user as it is written. Groups and roles are the whole sets, when given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWrite {
    /// How the user signs in: 1 to 100 characters without blanks; case does not matter.
    pub login: String,
    pub name: String,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default = "person")]
    pub kind: UserKind,
    #[serde(default)]
    pub unit: Option<UnitId>,
    #[serde(default)]
    pub position: Option<PositionId>,
    #[serde(default)]
    pub manager: Option<UserId>,
    #[serde(default = "yes")]
    pub active: bool,
    /// `None`: as they are.
    #[serde(default)]
    pub groups: Option<Vec<GroupId>>,
    /// `None`: as they are.
    #[serde(default)]
    pub roles: Option<Vec<RoleId>>,
}

fn person() -> UserKind {
    UserKind::Person
}
fn yes() -> bool {
    true
}

impl UserWrite {
    pub fn new(login: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            login: login.into(),
            name: name.into(),
            email: None,
            kind: UserKind::Person,
            unit: None,
            position: None,
            manager: None,
            active: true,
            groups: None,
            roles: None,
        }
    }
}

/// What the trail keeps of a user: with the names of groups and roles, for they may be gone when somebody reads it.
#[derive(Serialize)]
struct Kept {
    #[serde(flatten)]
    user: User,
    groups: Vec<String>,
    roles: Vec<String>,
}

impl Listed for User {
    const SEARCH: &'static [(&'static str, &'static str)] = &[
        ("name", "name_folded LIKE "),
        ("login", "login_folded LIKE "),
    ];
    const SELECT: &'static str = "SELECT id, login, name, email, kind, unit, position, manager, active, must_change, \
        language, created, version FROM user_account WHERE TRUE";
    fn column(field: &str) -> Option<Column> {
        Some(match field {
            "id" => Column::new(ColumnKind::Uuid, Sql::both("id")),
            "login" => {
                Column::new(ColumnKind::Text, Sql::both("login")).with_folded("login_folded")
            }
            "name" => Column::new(ColumnKind::Text, Sql::both("name")).with_folded("name_folded"),
            "email" => Column::new(ColumnKind::Text, Sql::both("email")),
            "kind" => Column::new(ColumnKind::Text, Sql::both("kind")),
            "unit" => Column::new(ColumnKind::Uuid, Sql::both("unit")),
            "position" => Column::new(ColumnKind::Uuid, Sql::both("position")),
            "manager" => Column::new(ColumnKind::Uuid, Sql::both("manager")),
            "active" => Column::new(ColumnKind::Boolean, Sql::both("active")),
            _ => return None,
        })
    }
    fn sorted(field: &str) -> Option<&'static str> {
        match field {
            "name" => Some("name_folded"),
            "login" => Some("login_folded"),
            _ => None,
        }
    }
    fn place(&self, field: &str) -> (String, Uuid) {
        (
            if field == "login" {
                fold_login(&self.login)
            } else {
                text::fold(&self.name)
            },
            self.id.uuid(),
        )
    }
    fn having(built: &mut Built, having: Having) -> bool {
        match having {
            Having::Role(role) => {
                built
                    .push("(EXISTS (SELECT 1 FROM role_user AS h WHERE h.user_id = user_account.id AND h.role_id = ")
                    .bind(role)
                    .push(") OR EXISTS (SELECT 1 FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id \
                        WHERE m.user_id = user_account.id AND h.role_id = ")
                    .bind(role)
                    .push("))");
            }
            Having::Group(group) => {
                built
                    .push("EXISTS (SELECT 1 FROM group_member AS m WHERE m.user_id = user_account.id AND m.group_id = ")
                    .bind(group)
                    .push(")");
            }
            Having::UnitAndBelow(unit) => {
                built
                    .push("unit IN (WITH RECURSIVE below (id) AS (SELECT id FROM unit WHERE id = ")
                    .bind(unit)
                    .push(" UNION SELECT c.id FROM unit AS c JOIN below ON c.parent = below.id) SELECT id FROM below)");
            }
            Having::From(source) => {
                // Of OpenID Connect the provider is the issuer's address.
                built.push(match source {
                    Source::Password => "NOT EXISTS (SELECT 1 FROM user_identity AS i WHERE i.user_id = user_account.id)",
                    Source::Ldap => "EXISTS (SELECT 1 FROM user_identity AS i WHERE i.user_id = user_account.id AND i.provider = 'ldap')",
                    Source::Oidc => "EXISTS (SELECT 1 FROM user_identity AS i WHERE i.user_id = user_account.id AND i.provider <> 'ldap')",
                });
            }
        }
        true
    }
}

store::statements! {
    FIND = "SELECT id, login, name, email, kind, unit, position, manager, active, must_change, language, created, version \
        FROM user_account WHERE id = $1";
    FIND_BY_LOGIN = "SELECT id, login, name, email, kind, unit, position, manager, active, must_change, language, created, \
        version FROM user_account WHERE login_folded = $1";
    /// Whose identity comes from where, of all whom another directory knows.
    IDENTITIES = "SELECT user_id, provider FROM user_identity";
    IDENTITY = "SELECT user_id, provider FROM user_identity WHERE user_id = $1";
    INSERT = "INSERT INTO user_account (id, login, login_folded, name, name_folded, email, kind, unit, position, manager, \
        active, password, password_changed, must_change, preferences, created, version) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $13, 1)";
    CHANGE = "UPDATE user_account SET login = $3, login_folded = $4, name = $5, name_folded = $6, email = $7, kind = $8, \
        unit = $9, position = $10, manager = $11, active = $12, version = version + 1 WHERE id = $1 AND version = $2";
    SET_PASSWORD = "UPDATE user_account SET password = $2, password_changed = $3, must_change = $4, version = version + 1 \
        WHERE id = $1";
    PASSWORD = "SELECT password FROM user_account WHERE id = $1";
    PASSWORD_SINCE = "SELECT password_changed FROM user_account WHERE id = $1 AND must_change";
    PREFERENCES = "SELECT preferences, language FROM user_account WHERE id = $1";
    SET_PREFERENCES = "UPDATE user_account SET preferences = $2, language = $3 WHERE id = $1";
    GROUPS = "SELECT g.id, g.name FROM group_member AS m JOIN user_group AS g ON g.id = m.group_id \
        WHERE m.user_id = $1 ORDER BY g.name_folded, g.id";
    ROLES = "SELECT r.id, r.key AS name FROM role_user AS h JOIN role AS r ON r.id = h.role_id \
        WHERE h.user_id = $1 ORDER BY r.key";
    LEAVE_GROUPS = "DELETE FROM group_member WHERE user_id = $1";
    JOIN_GROUP = "INSERT INTO group_member (group_id, user_id) SELECT id, $2 FROM user_group WHERE id = $1 \
        ON CONFLICT DO NOTHING";
    DROP_ROLES = "DELETE FROM role_user WHERE user_id = $1";
    TAKE_ROLE = "INSERT INTO role_user (role_id, user_id) SELECT id, $2 FROM role WHERE id = $1 ON CONFLICT DO NOTHING";
    LOGINS = "SELECT id, login, name FROM user_account";
    /// Every active user who holds the role, once for each role that they hold.
    HOLDING = "WITH held (user_id, role_id) AS (SELECT user_id, role_id FROM role_user \
        UNION SELECT m.user_id, h.role_id FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id) \
        SELECT u.id, u.name, held.role_id FROM held JOIN user_account AS u ON u.id = held.user_id \
        WHERE u.active AND EXISTS (SELECT 1 FROM held AS of WHERE of.user_id = u.id AND of.role_id = $1) \
        ORDER BY u.name_folded, u.id, held.role_id";
    HAS_UNIT = "SELECT EXISTS (SELECT 1 FROM unit WHERE id = $1)";
    HAS_POSITION = "SELECT EXISTS (SELECT 1 FROM position WHERE id = $1)";
    HAS_USER = "SELECT EXISTS (SELECT 1 FROM user_account WHERE id = $1)";
    /// Up to whom one reports; UNION ends even in a ring.
    ABOVE = "WITH RECURSIVE above (id) AS (SELECT manager FROM user_account WHERE id = $1 \
        UNION SELECT u.manager FROM user_account AS u JOIN above ON u.id = above.id) \
        SELECT EXISTS (SELECT 1 FROM above WHERE id = $2)";
    /// Whether an active user still holds the administrators' role, by itself or through a group; yes where nobody ever
    /// did, so that an installation can be filled before its first administrator is named.
    HAS_ADMINISTRATOR = "SELECT NOT EXISTS (SELECT 1 FROM role WHERE key = 'administrator') OR EXISTS (\
        SELECT 1 FROM role AS r JOIN user_account AS u ON u.active \
        WHERE r.key = 'administrator' AND (EXISTS (SELECT 1 FROM role_user AS h WHERE h.role_id = r.id AND h.user_id = u.id) \
        OR EXISTS (SELECT 1 FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id \
            WHERE h.role_id = r.id AND m.user_id = u.id)))";
}

/// The form in which logins are compared: lower case. Accents count.
pub(crate) fn fold_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// From where these users' identities come; who is missing is known here alone.
pub async fn sources(
    reads: &mut impl Reads,
    of: &[UserId],
) -> Result<std::collections::HashMap<UserId, Source>> {
    let rows = match of {
        [one] => store::fetch_all!(reads, (UserId, String), IDENTITY, *one)?,
        _ => store::fetch_all!(reads, (UserId, String), IDENTITIES)?,
    };
    let source = |provider: &str| match provider {
        "ldap" => Source::Ldap,
        _ => Source::Oidc,
    };
    Ok(rows
        .into_iter()
        .filter(|(user, _)| of.contains(user))
        .map(|(user, provider)| (user, source(&provider)))
        .collect())
}

pub async fn find(reads: &mut impl Reads, id: UserId) -> Result<Option<User>> {
    store::fetch_optional!(reads, User, FIND, id)
}

pub async fn find_by_login(reads: &mut impl Reads, login: &str) -> Result<Option<User>> {
    store::fetch_optional!(reads, User, FIND_BY_LOGIN, fold_login(login))
}

pub async fn list(reads: &mut impl Reads, mask: &Mask, ask: &Ask) -> Result<Paged<User>> {
    list::list(reads, mask, ask).await
}

pub async fn groups_of(reads: &mut impl Reads, id: UserId) -> Result<Vec<Named>> {
    store::fetch_all!(reads, Named, GROUPS, id)
}

/// The groups of many users at once, each by its name.
pub async fn groups_of_all(
    reads: &mut impl Reads,
    users: &[UserId],
) -> Result<Vec<(UserId, Named)>> {
    named_of_all(
        reads,
        users,
        "SELECT m.user_id, g.id, g.name FROM group_member AS m JOIN user_group AS g ON g.id = m.group_id WHERE m.user_id IN (",
        ") ORDER BY g.name_folded, g.id",
    )
    .await
}

/// The roles that many users hold by themselves; `name` is the role's name, for people.
pub async fn roles_of_all(
    reads: &mut impl Reads,
    users: &[UserId],
) -> Result<Vec<(UserId, Named)>> {
    named_of_all(
        reads,
        users,
        "SELECT h.user_id, r.id, r.name FROM role_user AS h JOIN role AS r ON r.id = h.role_id WHERE h.user_id IN (",
        ") ORDER BY r.name_folded, r.id",
    )
    .await
}

#[derive(sqlx::FromRow)]
struct NamedOf {
    user_id: UserId,
    #[sqlx(flatten)]
    named: Named,
}

async fn named_of_all(
    reads: &mut impl Reads,
    users: &[UserId],
    select: &'static str,
    order: &'static str,
) -> Result<Vec<(UserId, Named)>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut built = Built::new(reads.kind(), select);
    for (at, user) in users.iter().enumerate() {
        if at > 0 {
            built.push(", ");
        }
        built.bind(*user);
    }
    built.push(order);
    let rows: Vec<NamedOf> = built.fetch_all(reads).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.user_id, row.named))
        .collect())
}

/// Id and login of everybody, inactive ones too: for matching what was counted under a hash.
pub(crate) async fn logins(reads: &mut impl Reads) -> Result<Vec<(UserId, String, String)>> {
    store::fetch_all!(reads, (UserId, String, String), LOGINS)
}

/// How many active users hold a role, by themselves or through groups, by the set of roles that each holds: what a change
/// of a role does depends on nothing else.
pub async fn holding(
    reads: &mut impl Reads,
    role: RoleId,
) -> Result<Vec<(UserId, String, RoleId)>> {
    store::fetch_all!(reads, (UserId, String, RoleId), HOLDING, role)
}

/// The roles given to the user directly; `name` is the role's key. Those that come through groups are not among them.
pub async fn roles_of(reads: &mut impl Reads, id: UserId) -> Result<Vec<Named>> {
    store::fetch_all!(reads, Named, ROLES, id)
}

async fn kept(reads: &mut impl Reads, user: User) -> Result<Kept> {
    let names = |named: Vec<Named>| named.into_iter().map(|n| n.name).collect();
    let groups = names(groups_of(reads, user.id).await?);
    let roles = names(roles_of(reads, user.id).await?);
    Ok(Kept {
        user,
        groups,
        roles,
    })
}

async fn check(tx: &mut Tx, id: Option<UserId>, write: UserWrite) -> Result<UserWrite> {
    let mut problems = Problems::default();
    let login = problems.text("login", &write.login, 100);
    if login.contains(char::is_whitespace) {
        problems.add(FieldProblem::new("login", "login_form"));
    }
    let name = problems.text("name", &write.name, NAME_LIMIT);
    let email = write
        .email
        .map(|e| problems.length("email", &e, NAME_LIMIT))
        .filter(|e| !e.is_empty());
    if email.as_ref().is_some_and(|e| {
        !e.split_once('@')
            .is_some_and(|(who, host)| !who.is_empty() && !host.is_empty())
    }) {
        problems.add(FieldProblem::new("email", "email_form"));
    }
    let references = [
        ("unit", HAS_UNIT, write.unit.map(Id::uuid)),
        ("position", HAS_POSITION, write.position.map(Id::uuid)),
        ("manager", HAS_USER, write.manager.map(Id::uuid)),
    ];
    for (field, sql, reference) in references {
        if let Some(reference) = reference {
            let (there,) = store::fetch_one!(tx, (bool,), sql, reference)?;
            if !there {
                problems.add(FieldProblem::new(field, "unknown_reference"));
            }
        }
    }
    if let (Some(id), Some(manager)) = (id, write.manager) {
        let (ring,) = store::fetch_one!(tx, (bool,), ABOVE, manager, id)?;
        if ring || manager == id {
            problems.add(FieldProblem::new("manager", "manager_ring"));
        }
    }
    problems.done()?;
    Ok(UserWrite {
        login,
        name,
        email,
        ..write
    })
}

async fn set_groups_and_roles(tx: &mut Tx, id: UserId, write: &UserWrite) -> Result<()> {
    if let Some(groups) = &write.groups {
        store::execute!(tx, LEAVE_GROUPS, id)?;
        for (i, group) in groups.iter().enumerate() {
            if store::execute!(tx, JOIN_GROUP, *group, id)? == 0 && !groups[..i].contains(group) {
                return Err(Error::invalid(format!("groups[{i}]"), "unknown_reference"));
            }
        }
    }
    if let Some(roles) = &write.roles {
        store::execute!(tx, DROP_ROLES, id)?;
        for (i, role) in roles.iter().enumerate() {
            if store::execute!(tx, TAKE_ROLE, *role, id)? == 0 && !roles[..i].contains(role) {
                return Err(Error::invalid(format!("roles[{i}]"), "unknown_reference"));
            }
        }
    }
    Ok(())
}

/// Without a password the user cannot sign in here until one is set. A password given here is the administrator's choice,
/// so it must be changed at the first sign-in when `must_change` says so.
pub async fn create(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    write: UserWrite,
    password: Option<&PasswordHash>,
    must_change: bool,
) -> Result<User> {
    let write = check(tx, None, write).await?;
    let user = User {
        id: ambient.id(),
        login: write.login.clone(),
        name: write.name.clone(),
        email: write.email.clone(),
        kind: write.kind,
        unit: write.unit,
        position: write.position,
        manager: write.manager,
        active: write.active,
        must_change,
        language: None,
        created: ambient.now(),
        version: 1,
    };
    store::try_execute!(
        tx,
        INSERT,
        user.id,
        &user.login,
        fold_login(&user.login),
        &user.name,
        text::fold(&user.name),
        &user.email,
        user.kind,
        user.unit,
        user.position,
        user.manager,
        user.active,
        password.map(PasswordHash::text),
        user.created,
        user.must_change,
        Json(serde_json::json!({}))
    )
    .map_err(|e| taken(e, "user_account_login_folded_key", "login"))?;
    set_groups_and_roles(tx, user.id, &write).await?;
    changed_access(tx).await?;
    let after = kept(tx, user.clone()).await?;
    let entry = Entry::new("user.create", "directory", "user")
        .of(user.id)
        .changed(None, Some(&after));
    audit::record(tx, user.created, actor, entry);
    Ok(user)
}

/// A user made inactive is signed out everywhere.
pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UserId,
    version: i64,
    write: UserWrite,
) -> Result<User> {
    let before = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let before = kept(tx, before).await?;
    let write = check(tx, Some(id), write).await?;
    let touched = store::try_execute!(
        tx,
        CHANGE,
        id,
        version,
        &write.login,
        fold_login(&write.login),
        &write.name,
        text::fold(&write.name),
        &write.email,
        write.kind,
        write.unit,
        write.position,
        write.manager,
        write.active
    )
    .map_err(|e| taken(e, "user_account_login_folded_key", "login"))?;
    if touched == 0 {
        return Err(stale_or_missing(true, "user"));
    }
    set_groups_and_roles(tx, id, &write).await?;
    // Before the check: it holds a row until the end, so that two such changes come one by one.
    changed_access(tx).await?;
    keep_an_administrator(tx).await?;
    if !write.active {
        session::end_all(tx, ambient.now(), id, None).await?;
    }
    let user = find(tx, id)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let after = kept(tx, user.clone()).await?;
    let operation = match (before.user.active, user.active) {
        (true, false) => "user.deactivate",
        (false, true) => "user.activate",
        _ => "user.change",
    };
    let entry = Entry::new(operation, "directory", "user")
        .of(id)
        .changed(Some(&before), Some(&after));
    audit::record(tx, ambient.now(), actor, entry);
    Ok(user)
}

pub(crate) async fn keep_an_administrator(tx: &mut Tx) -> Result<()> {
    let (there,) = store::fetch_one!(tx, (bool,), HAS_ADMINISTRATOR)?;
    if there {
        Ok(())
    } else {
        Err(Error::invalid("roles", "last_administrator"))
    }
}

/// Sets a password by somebody else than the user; all the user's sessions end.
pub async fn set_password(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UserId,
    password: &PasswordHash,
    must_change: bool,
) -> Result<()> {
    let now = ambient.now();
    if store::execute!(tx, SET_PASSWORD, id, password.text(), now, must_change)? == 0 {
        return Err(Error::not_found("user"));
    }
    session::end_all(tx, now, id, None).await?;
    audit::record(
        tx,
        now,
        actor,
        Entry::new("user.set_password", "directory", "user").of(id),
    );
    Ok(())
}

/// The user's own change: all other sessions end.
pub(crate) async fn change_own_password(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    id: UserId,
    password: &PasswordHash,
) -> Result<()> {
    let now = ambient.now();
    if store::execute!(tx, SET_PASSWORD, id, password.text(), now, false)? == 0 {
        return Err(Error::not_found("user"));
    }
    session::end_all(tx, now, id, actor.session).await?;
    // This session must notice at once that nothing is left to be done first.
    tx.signal(crate::common::TOPIC, "");
    audit::record(
        tx,
        now,
        actor,
        Entry::new("user.change_password", "directory", "user").of(id),
    );
    Ok(())
}

pub(crate) async fn password(reads: &mut impl Reads, id: UserId) -> Result<Option<String>> {
    let row = store::fetch_optional!(reads, (Option<String>,), PASSWORD, id)?;
    Ok(row.and_then(|(password,)| password))
}

/// Whether the password was chosen by somebody else, and longer ago than such a one opens anything.
pub(crate) async fn first_password_is_over(
    reads: &mut impl Reads,
    id: UserId,
    now: Moment,
) -> Result<bool> {
    let row = store::fetch_optional!(reads, (Option<Moment>,), PASSWORD_SINCE, id)?;
    let since = row.and_then(|(since,)| since);
    Ok(since.is_some_and(|since| now.since(since) > Span::from_days(FIRST_PASSWORD_DAYS)))
}

/// So long a password that somebody else chose can be replaced by its user (ASVS 6.4.1).
pub const FIRST_PASSWORD_DAYS: i64 = 7;

/// How the user likes the screen: theme, density, columns… The UI's own document, at most 64 KiB; and the language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    pub language: Option<Language>,
    #[serde(default)]
    pub screen: Value,
}

const PREFERENCES_LIMIT: usize = 65_536;

pub async fn preferences(reads: &mut impl Reads, id: UserId) -> Result<Preferences> {
    let row = store::fetch_optional!(reads, (Json<Value>, Option<Language>), PREFERENCES, id)?;
    let (Json(screen), language) = row.ok_or_else(|| Error::not_found("user"))?;
    Ok(Preferences { language, screen })
}

/// The user's own matter: the last one wins, and the trail does not keep it. Sessions notice the language.
pub async fn set_preferences(tx: &mut Tx, id: UserId, preferences: &Preferences) -> Result<()> {
    let size = preferences.screen.to_string().len();
    if !preferences.screen.is_object() || size > PREFERENCES_LIMIT {
        return Err(FieldProblem::new("screen", "preferences_form")
            .with("limit", PREFERENCES_LIMIT)
            .into());
    }
    if store::execute!(
        tx,
        SET_PREFERENCES,
        id,
        Json(&preferences.screen),
        preferences.language
    )? == 0
    {
        return Err(Error::not_found("user"));
    }
    tx.signal(crate::common::TOPIC, "");
    Ok(())
}
