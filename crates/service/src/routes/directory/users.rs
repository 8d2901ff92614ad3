use std::collections::{BTreeSet, HashMap};

use access::{Mask, Verb};
use api::directory::{ChangeUser, ListUsers, NewUser, SaveUser, SetPassword, UserLine};
use api::organisation::SaveManager;
use api::session::Named;
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use directory::{
    Ask, Giving, GroupId, Having, PositionId, RoleId, Source, User, UserId, UserKind, UserWrite,
    giving, groups, positions, roles, units, users,
};
use kernel::{Code, Error, FieldProblem, Filter, Id, Moment, Operand, Page, Paged};
use store::{Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{group_ids, role_ids, sorted};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, add_user))
        .routes(routes!(load_user, save_user, change_user))
        .routes(routes!(set_password))
        .routes(routes!(release_lock_out))
        .routes(routes!(set_manager))
}

/// What many lines of users have in common, read at once.
struct Around {
    groups: HashMap<UserId, Vec<Named>>,
    roles: HashMap<UserId, Vec<Named>>,
    units: HashMap<directory::UnitId, String>,
    positions: HashMap<PositionId, String>,
    managers: HashMap<UserId, String>,
    locked: HashMap<UserId, Moment>,
    sources: HashMap<UserId, Source>,
}

impl Around {
    async fn read(app: &App, reads: &mut impl Reads, of: &[User]) -> Result<Self, Error> {
        let ids: Vec<UserId> = of.iter().map(|user| user.id).collect();
        let known = app.rooms.groups();
        let mut in_groups: HashMap<UserId, Vec<Named>> = HashMap::new();
        for (user, group) in users::groups_of_all(reads, &ids).await? {
            let key = known
                .iter()
                .find(|g| g.id.uuid() == group.id)
                .map_or_else(String::new, |g| g.key.clone());
            in_groups.entry(user).or_default().push(Named {
                key,
                name: group.name,
            });
        }
        let mut held: HashMap<UserId, Vec<Named>> = HashMap::new();
        let keys: HashMap<uuid::Uuid, String> = roles::all(reads)
            .await?
            .into_iter()
            .map(|role| (role.id.uuid(), role.key))
            .collect();
        for (user, role) in users::roles_of_all(reads, &ids).await? {
            held.entry(user).or_default().push(Named {
                key: keys.get(&role.id).cloned().unwrap_or_default(),
                name: role.name,
            });
        }
        let mut units_named = HashMap::new();
        if of.iter().any(|user| user.unit.is_some()) {
            for unit in units::all(reads).await? {
                units_named.insert(unit.id, unit.name);
            }
        }
        let (mut positions_named, mut managers) = (HashMap::new(), HashMap::new());
        for user in of {
            if let Some(id) = user.position
                && !positions_named.contains_key(&id)
                && let Some(position) = positions::find(reads, id).await?
            {
                positions_named.insert(id, position.name);
            }
            if let Some(id) = user.manager
                && !managers.contains_key(&id)
                && let Some(manager) = users::find(reads, id).await?
            {
                managers.insert(id, manager.name);
            }
        }
        let locked = app
            .rooms
            .sessions
            .locked_out_now(reads)
            .await?
            .into_iter()
            .map(|one| (one.user, one.until))
            .collect();
        Ok(Self {
            groups: in_groups,
            roles: held,
            units: units_named,
            positions: positions_named,
            managers,
            locked,
            sources: users::sources(reads, &ids).await?,
        })
    }

    /// A user as far as the asker may see.
    fn line(&self, mask: &Mask, user: User) -> UserLine {
        let shows = |field: &str| mask.shows(field, &|name: &str| user.get(name));
        let named = |id: uuid::Uuid, name: Option<&String>| Named {
            key: id.to_string(),
            name: name.cloned().unwrap_or_default(),
        };
        let of = |held: &HashMap<UserId, Vec<Named>>, field: &str| {
            held.get(&user.id)
                .filter(|_| shows(field))
                .cloned()
                .unwrap_or_default()
        };
        UserLine {
            id: user.id.cast(),
            login: if shows("login") {
                user.login.clone()
            } else {
                String::new()
            },
            name: if shows("name") {
                user.name.clone()
            } else {
                String::new()
            },
            mail: user.email.clone().filter(|_| shows("email")),
            kind: user.kind.text().to_owned(),
            unit: user
                .unit
                .filter(|_| shows("unit"))
                .map(|id| named(id.uuid(), self.units.get(&id))),
            position: user
                .position
                .filter(|_| shows("position"))
                .map(|id| named(id.uuid(), self.positions.get(&id))),
            manager: user
                .manager
                .filter(|_| shows("manager"))
                .map(|id| named(id.uuid(), self.managers.get(&id))),
            groups: of(&self.groups, "groups"),
            roles: of(&self.roles, "roles"),
            active: user.active,
            must_change: user.must_change && shows("login"),
            locked_until: self
                .locked
                .get(&user.id)
                .filter(|_| shows("login"))
                .copied(),
            source: self
                .sources
                .get(&user.id)
                .copied()
                .unwrap_or(Source::Password)
                .text()
                .to_owned(),
            changeable: Vec::new(),
            version: user.version,
        }
    }
}

async fn line(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    user: User,
) -> Result<UserLine, Error> {
    let around = Around::read(app, reads, std::slice::from_ref(&user)).await?;
    let changeable = changeable_fields(session, reads, &user).await?;
    Ok(UserLine {
        changeable,
        ..around.line(&session.policy.mask("user", Verb::Read), user)
    })
}

/// By what somebody gets in as a user: who may write it could become them.
const IDENTITY: [&str; 3] = ["login", "password", "second_factor"];

/// What of this user the asker may change, by its names in grants.
async fn changeable_fields(
    session: &Session,
    reads: &mut impl Reads,
    user: &User,
) -> Result<Vec<String>, Error> {
    let record = |name: &str| user.get(name);
    let policy = &session.policy;
    if policy.require_on(Verb::Change, "user", &record).is_err() {
        return Ok(Vec::new());
    }
    let mask = policy.mask("user", Verb::Change);
    let is_beyond = Giving::of(reads, policy)
        .await?
        .is_beyond(reads, user.id)
        .await?;
    let fields = [
        "name", "email", "kind", "unit", "position", "manager", "active", "groups", "roles",
    ];
    Ok(fields
        .into_iter()
        .chain(IDENTITY.into_iter().filter(|_| !is_beyond))
        .filter(|field| mask.shows(field, &record))
        .map(str::to_owned)
        .collect())
}

/// Refuses what lets the asker in as somebody who may do what the asker may not give: these fields of the user.
pub(in crate::routes) async fn check_identity(
    session: &Session,
    reads: &mut impl Reads,
    user: &User,
    fields: &[&'static str],
) -> Result<(), Error> {
    session
        .policy
        .mask("user", Verb::Change)
        .check_written(fields.iter().copied(), &|name: &str| user.get(name))?;
    let giving = Giving::of(reads, &session.policy).await?;
    if !giving.is_beyond(reads, user.id).await? {
        return Ok(());
    }
    let refused = Error::new(Code::Forbidden)
        .with("verb", Verb::Change)
        .with("entity", "user");
    let beyond = |field: &&str| FieldProblem::new(*field, "user_beyond");
    Err(fields.iter().map(beyond).fold(refused, Error::field))
}

async fn line_of(app: &App, session: &Session, id: UserId) -> Result<UserLine, Error> {
    let mut reads = app.db.read().await?;
    let user = users::find(&mut reads, id)
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    line(app, session, &mut reads, user).await
}

/// The user, if the asker may see it at all: else it is not there.
pub(in crate::routes) async fn seen(
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::User>,
) -> Result<User, Error> {
    let user = users::find(reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    session
        .policy
        .require_on(Verb::Read, "user", &|name: &str| user.get(name))
        .map_err(|_| Error::not_found("user"))?;
    Ok(user)
}

/// The user, if the asker may change it.
pub(in crate::routes) async fn changeable(
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::User>,
) -> Result<User, Error> {
    let user = seen(session, reads, id).await?;
    session
        .policy
        .require_on(Verb::Change, "user", &|name: &str| user.get(name))?;
    Ok(user)
}

async fn asked(reads: &mut impl Reads, list: ListUsers) -> Result<Option<Ask>, Error> {
    let mut filter = Filter::TRUE;
    if let Some(active) = list.active {
        filter = filter.and(Filter::equal("active", Operand::Boolean(active)));
    }
    if let Some(kind) = list.kind {
        filter = filter.and(Filter::equal("kind", Operand::Text(kind)));
    }
    let mut having = Vec::new();
    if let Some(unit) = list.unit {
        let unit = unit
            .parse()
            .map_err(|_| Error::invalid("unit", "unknown_reference"))?;
        having.push(Having::UnitAndBelow(unit));
    }
    if let Some(key) = list.group {
        match groups::find_by_key(reads, &key).await? {
            Some(group) => having.push(Having::Group(group.id)),
            None => return Ok(None),
        }
    }
    if let Some(source) = list.source {
        let source = source.parse().map_err(|_| {
            Error::from(FieldProblem::new("source", "not_an_option").with("value", &source))
        })?;
        having.push(Having::From(source));
    }
    if let Some(key) = list.role {
        match roles::find_by_key(reads, &key).await? {
            Some(role) => having.push(Having::Role(role.id)),
            None => return Ok(None),
        }
    }
    Ok(Some(Ask {
        page: Page {
            limit: list.limit,
            cursor: list.cursor,
        },
        filter: Some(filter).filter(|f| *f != Filter::TRUE),
        sort: list.sort.as_deref().map(sorted),
        search: list.q.filter(|q| !q.trim().is_empty()),
        having,
    }))
}

/// Users by name.
#[utoipa::path(get, path = api::path::USERS, tag = "directory", params(("q" = Option<String>, Query), ("active" = Option<bool>, Query), ("kind" = Option<String>, Query), ("unit" = Option<String>, Query), ("group" = Option<String>, Query), ("role" = Option<String>, Query), ("source" = Option<String>, Query), ("sort" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<UserLine>), (status = "default", body = Problem)))]
async fn list_users(
    State(app): State<App>,
    session: Session,
    Params(list): Params<ListUsers>,
) -> Answer<Json<Paged<UserLine>>> {
    session.policy.require(Verb::Read, "user")?;
    let mask = session.policy.mask("user", Verb::Read);
    // What narrows a list tells of what it narrows by: only what is seen on every row.
    for (wanted, field) in [
        (list.group.is_some(), "groups"),
        (list.role.is_some(), "roles"),
        (list.unit.is_some(), "unit"),
    ] {
        if wanted {
            mask.check_filter(Some(&Filter::equal(field, Operand::Null)), &[])?;
        }
    }
    let mut reads = app.db.read().await?;
    let Some(ask) = asked(&mut reads, list).await? else {
        return Ok(Json(Paged {
            items: Vec::new(),
            next: None,
            total: None,
        }));
    };
    let found = users::list(&mut reads, &mask, &ask).await?;
    let around = Around::read(&app, &mut reads, &found.items).await?;
    Ok(Json(Paged {
        items: found
            .items
            .into_iter()
            .map(|user| around.line(&mask, user))
            .collect(),
        next: found.next,
        total: found.total,
    }))
}

/// A user.
#[utoipa::path(get, path = api::path::USER, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UserLine), (status = "default", body = Problem)))]
async fn load_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<UserLine>> {
    let mut reads = app.db.read().await?;
    let user = seen(&session, &mut reads, id).await?;
    Ok(Json(line(&app, &session, &mut reads, user).await?))
}

fn kind_of(kind: Option<&str>) -> Result<UserKind, Error> {
    match kind {
        None | Some("person") => Ok(UserKind::Person),
        Some("external") => Ok(UserKind::External),
        Some(_) => Err(Error::invalid("kind", "user_kind")),
    }
}

/// What of a write is not as it was.
#[derive(Default)]
struct Written {
    /// By their names in grants.
    fields: Vec<&'static str>,
    /// Into which the user comes, and out of which.
    groups: BTreeSet<GroupId>,
    /// Given and taken away.
    roles: BTreeSet<RoleId>,
}

impl Written {
    async fn read(tx: &mut Tx, before: Option<&User>, write: &UserWrite) -> Result<Self, Error> {
        let fresh = UserWrite::new("", "");
        let was = |field: fn(&User) -> bool, now: bool| before.map_or(now, field);
        let mut this = Self::default();
        let mut say = |changed: bool, name: &'static str| {
            if changed {
                this.fields.push(name);
            }
        };
        match before {
            Some(user) => {
                say(user.login != write.login, "login");
                say(user.name != write.name, "name");
                say(user.email != write.email, "email");
                say(user.kind != write.kind, "kind");
                say(user.unit != write.unit, "unit");
                say(user.position != write.position, "position");
                say(user.manager != write.manager, "manager");
            }
            None => {
                say(write.email.is_some(), "email");
                say(write.kind != fresh.kind, "kind");
                say(write.unit.is_some(), "unit");
                say(write.position.is_some(), "position");
                say(write.manager.is_some(), "manager");
            }
        }
        say(was(|user| user.active, true) != write.active, "active");
        if let Some(ids) = &write.groups {
            let held = match before {
                Some(user) => users::groups_of(tx, user.id).await?,
                None => Vec::new(),
            };
            let held = held.into_iter().map(|one| GroupId::new(one.id)).collect();
            let wanted = ids.iter().copied().collect();
            this.groups = differing(&held, &wanted);
        }
        if let Some(ids) = &write.roles {
            let held = match before {
                Some(user) => users::roles_of(tx, user.id).await?,
                None => Vec::new(),
            };
            let held = held.into_iter().map(|one| RoleId::new(one.id)).collect();
            let wanted = ids.iter().copied().collect();
            this.roles = differing(&held, &wanted);
        }
        for (differs, name) in [
            (!this.groups.is_empty(), "groups"),
            (!this.roles.is_empty(), "roles"),
        ] {
            if differs {
                this.fields.push(name);
            }
        }
        Ok(this)
    }
}

fn differing<T: Copy + Ord>(held: &BTreeSet<T>, wanted: &BTreeSet<T>) -> BTreeSet<T> {
    held.symmetric_difference(wanted).copied().collect()
}

/// Refuses what the asker may not write. Nobody makes a user who may do more than the asker may give: by roles, by groups
/// that hold roles, or by a login that somebody else could come in with.
async fn check(
    session: &Session,
    tx: &mut Tx,
    before: Option<&User>,
    write: &UserWrite,
    password: bool,
) -> Result<(), Error> {
    let mut written = Written::read(tx, before, write).await?;
    if password {
        written.fields.push("password");
    }
    let verb = if before.is_some() {
        Verb::Change
    } else {
        Verb::Create
    };
    let nothing = |_: &str| Operand::Null;
    let record = |name: &str| before.map_or_else(|| nothing(name), |user| user.get(name));
    session
        .policy
        .mask("user", verb)
        .check_written(written.fields.iter().copied(), &record)?;
    let giving = Giving::of(tx, &session.policy).await?;
    let withheld = [giving.roles(written.roles), giving.groups(written.groups)];
    giving::refused(withheld.into_iter().flatten())?;
    let identity = IDENTITY.into_iter().filter(|f| written.fields.contains(f));
    let identity: Vec<_> = identity.collect();
    match before {
        Some(user) if !identity.is_empty() => check_identity(session, tx, user, &identity).await,
        _ => Ok(()),
    }
}

/// Adds a user. The first password is to be changed at the first sign-in.
#[utoipa::path(post, path = api::path::USERS, tag = "directory", request_body = NewUser, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = UserLine), (status = "default", body = Problem)))]
async fn add_user(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewUser>,
) -> Answer<(StatusCode, Json<UserLine>)> {
    session.policy.require(Verb::Create, "user")?;
    app.rooms.sessions.check_login(&input.login).await?;
    let known = [input.login.as_str(), input.name.as_str()];
    let password = match &input.password {
        Some(password) => Some(
            app.rooms
                .sessions
                .passwords()
                .prepare(&app.ambient, password, &known)
                .await?,
        ),
        None => None,
    };
    let mut tx = app.db.write().await?;
    let write = UserWrite {
        email: input.mail,
        kind: kind_of(input.kind.as_deref())?,
        unit: input.unit.map(Id::cast),
        position: input.position.map(Id::cast),
        manager: input.manager.map(Id::cast),
        groups: Some(group_ids(&mut tx, &input.groups).await?),
        roles: Some(role_ids(&mut tx, &input.roles).await?),
        ..UserWrite::new(input.login, input.name)
    };
    check(&session, &mut tx, None, &write, password.is_some()).await?;
    let made = users::create(
        &mut tx,
        &app.ambient,
        &session.actor,
        write,
        password.as_ref(),
        password.is_some(),
    )
    .await
    .map_err(at_wire)?;
    session
        .policy
        .require_on(Verb::Create, "user", &|name: &str| made.get(name))?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Json(line_of(&app, &session, made.id).await?),
    ))
}

/// Saves a user whole.
#[utoipa::path(put, path = api::path::USER, tag = "directory", params(("id" = String, Path)), request_body = SaveUser, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UserLine), (status = "default", body = Problem)))]
async fn save_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<SaveUser>,
) -> Answer<Json<UserLine>> {
    session.policy.require(Verb::Change, "user")?;
    let mut tx = app.db.write().await?;
    let user = changeable(&session, &mut tx, id).await?;
    let write = UserWrite {
        email: input.mail,
        kind: kind_of(Some(&input.kind))?,
        unit: input.unit.map(Id::cast),
        position: input.position.map(Id::cast),
        manager: input.manager.map(Id::cast),
        active: input.active,
        groups: match &input.groups {
            Some(keys) => Some(group_ids(&mut tx, keys).await?),
            None => None,
        },
        roles: match &input.roles {
            Some(keys) => Some(role_ids(&mut tx, keys).await?),
            None => None,
        },
        ..UserWrite::new(input.login, input.name)
    };
    let write = unmasked(&session, &user, write);
    check(&session, &mut tx, Some(&user), &write, false).await?;
    users::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        user.id,
        input.version,
        write,
    )
    .await
    .map_err(at_wire)?;
    tx.commit().await?;
    Ok(Json(line_of(&app, &session, user.id).await?))
}

/// What the asker does not see came empty and stays as it is.
fn unmasked(session: &Session, user: &User, write: UserWrite) -> UserWrite {
    let mask = session.policy.mask("user", Verb::Read);
    let shows = |field: &str| mask.shows(field, &|name: &str| user.get(name));
    UserWrite {
        login: if shows("login") {
            write.login
        } else {
            user.login.clone()
        },
        name: if shows("name") {
            write.name
        } else {
            user.name.clone()
        },
        email: if shows("email") {
            write.email
        } else {
            user.email.clone()
        },
        unit: if shows("unit") { write.unit } else { user.unit },
        position: if shows("position") {
            write.position
        } else {
            user.position
        },
        manager: if shows("manager") {
            write.manager
        } else {
            user.manager
        },
        groups: write.groups.filter(|_| shows("groups")),
        roles: write.roles.filter(|_| shows("roles")),
        ..write
    }
}

/// The room says `email`, the wire says `mail`.
fn at_wire(error: Error) -> Error {
    if !error.fields().iter().any(|p| p.field == "email") {
        return error;
    }
    let mut told = Error::new(error.code());
    for problem in error.fields() {
        let field = if problem.field == "email" {
            "mail"
        } else {
            problem.field.as_str()
        };
        told = told.field(FieldProblem {
            field: field.to_owned(),
            ..problem.clone()
        });
    }
    told.because(error)
}

/// Changes a user; what is absent stays.
#[utoipa::path(patch, path = api::path::USER, tag = "directory", params(("id" = String, Path)), request_body = ChangeUser, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UserLine), (status = "default", body = Problem)))]
async fn change_user(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<ChangeUser>,
) -> Answer<Json<UserLine>> {
    session.policy.require(Verb::Change, "user")?;
    let user = changeable(&session, &mut app.db.read().await?, id).await?;
    let password = match &input.password {
        Some(password) => {
            let mut reads = app.db.read().await?;
            check_identity(&session, &mut reads, &user, &["password"]).await?;
            drop(reads);
            let known = [user.login.as_str(), user.name.as_str()];
            Some(
                app.rooms
                    .sessions
                    .passwords()
                    .prepare(&app.ambient, password, &known)
                    .await?,
            )
        }
        None => None,
    };
    // Whole sets take the place of what stands there: nobody writes over what they do not see.
    let whole = [
        (input.groups.is_some(), "groups"),
        (input.roles.is_some(), "roles"),
    ];
    let whole = whole.into_iter().filter(|(given, _)| *given);
    session
        .policy
        .mask("user", Verb::Read)
        .check_written(whole.map(|(_, name)| name), &|name: &str| user.get(name))?;
    let mut tx = app.db.write().await?;
    let write = UserWrite {
        email: input.mail.or_else(|| user.email.clone()),
        kind: user.kind,
        unit: user.unit,
        position: user.position,
        manager: user.manager,
        active: input.active.unwrap_or(user.active),
        groups: match &input.groups {
            Some(keys) => Some(group_ids(&mut tx, keys).await?),
            None => None,
        },
        roles: match &input.roles {
            Some(keys) => Some(role_ids(&mut tx, keys).await?),
            None => None,
        },
        ..UserWrite::new(
            user.login.clone(),
            input.name.unwrap_or_else(|| user.name.clone()),
        )
    };
    let identity = password.is_some() || input.unlock;
    check(&session, &mut tx, Some(&user), &write, identity).await?;
    let kept = users::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        user.id,
        input.version,
        write,
    )
    .await
    .map_err(at_wire)?;
    if let Some(password) = &password {
        users::set_password(
            &mut tx,
            &app.ambient,
            &session.actor,
            kept.id,
            password,
            true,
        )
        .await?;
    }
    if input.unlock {
        directory::release_lock_out(&mut tx, app.ambient.now(), &session.actor, &kept).await?;
    }
    tx.commit().await?;
    Ok(Json(line_of(&app, &session, user.id).await?))
}

/// Gives a user a password; the user's sessions end.
#[utoipa::path(put, path = api::path::USER_PASSWORD, tag = "directory", params(("id" = String, Path)), request_body = SetPassword, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UserLine), (status = "default", body = Problem)))]
async fn set_password(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<SetPassword>,
) -> Answer<Json<UserLine>> {
    session.policy.require(Verb::Change, "user")?;
    let mut reads = app.db.read().await?;
    let user = changeable(&session, &mut reads, id).await?;
    check_identity(&session, &mut reads, &user, &["password"]).await?;
    drop(reads);
    let known = [user.login.as_str(), user.name.as_str()];
    let password = app
        .rooms
        .sessions
        .passwords()
        .prepare(&app.ambient, &input.password, &known)
        .await?;
    let mut tx = app.db.write().await?;
    // Once more: stretching takes its time, and roles may have been given meanwhile.
    check_identity(&session, &mut tx, &user, &["password"]).await?;
    users::set_password(
        &mut tx,
        &app.ambient,
        &session.actor,
        user.id,
        &password,
        input.must_change,
    )
    .await?;
    directory::release_lock_out(&mut tx, app.ambient.now(), &session.actor, &user).await?;
    tx.commit().await?;
    Ok(Json(line_of(&app, &session, user.id).await?))
}

/// Releases a lock-out: the user may try again at once.
#[utoipa::path(delete, path = api::path::USER_LOCK_OUT, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn release_lock_out(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Change, "user")?;
    let mut tx = app.db.write().await?;
    let user = changeable(&session, &mut tx, id).await?;
    check_identity(&session, &mut tx, &user, &["password"]).await?;
    directory::release_lock_out(&mut tx, app.ambient.now(), &session.actor, &user).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes to whom somebody reports.
#[utoipa::path(put, path = api::path::USER_MANAGER, tag = "directory", params(("id" = String, Path)), request_body = SaveManager, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = UserLine), (status = "default", body = Problem)))]
async fn set_manager(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
    Input(input): Input<SaveManager>,
) -> Answer<Json<UserLine>> {
    session.policy.require(Verb::Change, "user")?;
    let mut tx = app.db.write().await?;
    let user = changeable(&session, &mut tx, id).await?;
    let write = UserWrite {
        email: user.email.clone(),
        kind: user.kind,
        unit: user.unit,
        position: user.position,
        manager: input.manager.map(Id::cast),
        active: user.active,
        ..UserWrite::new(user.login.clone(), user.name.clone())
    };
    check(&session, &mut tx, Some(&user), &write, false).await?;
    users::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        user.id,
        input.version,
        write,
    )
    .await?;
    tx.commit().await?;
    Ok(Json(line_of(&app, &session, user.id).await?))
}
