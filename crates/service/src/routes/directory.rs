use access::Verb;
use api::directory::{ChangeUser, GroupLine, NewGroup, NewUser, RoleLine, UserLine};
use api::session::Named;
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use directory::{Ask, GroupId, RoleId, User, UserWrite, groups, roles, users};
use kernel::{Error, FieldProblem, Id, Page, Paged, Span};
use serde::Deserialize;
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, At, Input, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, add_user))
        .routes(routes!(load_user, change_user))
        .routes(routes!(list_groups, add_group))
        .routes(routes!(list_roles))
}

#[derive(Deserialize)]
struct Look {
    #[serde(default)]
    q: Option<String>,
    // Not flattened: the query's numbers would then be taken for text.
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Look {
    fn ask(self) -> Ask {
        Ask {
            page: Page {
                limit: self.limit,
                cursor: self.cursor,
            },
            search: self.q.filter(|q| !q.trim().is_empty()),
            ..Ask::default()
        }
    }
}

/// A user with groups, roles and lock-out, as far as the asker may see them.
async fn line(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    user: User,
) -> Result<UserLine, Error> {
    let mask = session.policy.mask("user", Verb::Read);
    let shows = |field: &str| mask.shows(field, &|name: &str| user.get(name));
    let known = app.rooms.groups();
    let named = |ids: Vec<directory::Named>| {
        let key = |id: uuid::Uuid| {
            known
                .iter()
                .find(|g| g.id.uuid() == id)
                .map_or_else(String::new, |g| g.key.clone())
        };
        ids.into_iter()
            .map(|n| Named {
                key: key(n.id),
                name: n.name,
            })
            .collect::<Vec<_>>()
    };
    let in_groups = if shows("groups") {
        named(users::groups_of(reads, user.id).await?)
    } else {
        Vec::new()
    };
    let own_roles = if shows("roles") {
        users::roles_of(reads, user.id).await?
    } else {
        Vec::new()
    };
    let unit = match user.unit {
        Some(unit) if shows("unit") => directory::units::find(reads, unit).await?,
        _ => None,
    };
    let locked: Option<Span> = app.rooms.sessions.locked_out(reads, &user.login).await?;
    Ok(UserLine {
        id: user.id.cast(),
        login: if shows("login") {
            user.login.clone()
        } else {
            String::new()
        },
        name: user.name.clone(),
        mail: user.email.clone().filter(|_| shows("email")),
        unit: unit.map(|unit| Named {
            key: unit.id.to_string(),
            name: unit.name,
        }),
        groups: in_groups,
        roles: own_roles
            .into_iter()
            .map(|role| Named {
                key: role.name.clone(),
                name: role.name,
            })
            .collect(),
        active: user.active,
        locked_until: locked
            .filter(|_| shows("login"))
            .map(|left| app.ambient.now() + left),
        version: user.version,
    })
}

/// Users by name.
#[utoipa::path(get, path = api::path::USERS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<UserLine>), (status = "default", body = Problem)))]
async fn list_users(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<UserLine>>> {
    session.policy.require(Verb::Read, "user")?;
    let mut reads = app.db.read().await?;
    let found = users::list(
        &mut reads,
        &session.policy.mask("user", Verb::Read),
        &look.ask(),
    )
    .await?;
    let mut lines = Vec::with_capacity(found.items.len());
    for user in found.items {
        lines.push(line(&app, &session, &mut reads, user).await?);
    }
    Ok(Json(Paged {
        items: lines,
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
    let user = users::find(&mut reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    session
        .policy
        .require_on(Verb::Read, "user", &|name: &str| user.get(name))
        .map_err(|_| Error::not_found("user"))?;
    Ok(Json(line(&app, &session, &mut reads, user).await?))
}

async fn group_ids(reads: &mut impl Reads, keys: &[String]) -> Result<Vec<GroupId>, Error> {
    let mut ids = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        match groups::find_by_key(reads, key).await? {
            Some(group) => ids.push(group.id),
            None => {
                return Err(FieldProblem::new(format!("groups[{at}]"), "unknown_group")
                    .with("key", key)
                    .into());
            }
        }
    }
    Ok(ids)
}

async fn role_ids(reads: &mut impl Reads, keys: &[String]) -> Result<Vec<RoleId>, Error> {
    let mut ids = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        match roles::find_by_key(reads, key).await? {
            Some(role) => ids.push(role.id),
            None => {
                return Err(FieldProblem::new(format!("roles[{at}]"), "unknown_role")
                    .with("key", key)
                    .into());
            }
        }
    }
    Ok(ids)
}

/// Adds a user. The first password is to be changed at the first sign-in.
#[utoipa::path(post, path = api::path::USERS, tag = "directory", request_body = NewUser, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = UserLine), (status = "default", body = Problem)))]
async fn add_user(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewUser>,
) -> Answer<(StatusCode, Json<UserLine>)> {
    session.policy.require(Verb::Create, "user")?;
    // Giving a role is as much as changing one: nobody makes a user who may do more than oneself.
    if !input.roles.is_empty() {
        session.policy.require(Verb::Change, "role")?;
    }
    let known = [input.login.as_str(), input.name.as_str()];
    let password = app
        .rooms
        .sessions
        .passwords()
        .prepare(&app.ambient, &input.password, &known)
        .await?;
    let mut tx = app.db.write().await?;
    let write = UserWrite {
        email: input.mail,
        groups: Some(group_ids(&mut tx, &input.groups).await?),
        roles: Some(role_ids(&mut tx, &input.roles).await?),
        ..UserWrite::new(input.login, input.name)
    };
    let made = users::create(
        &mut tx,
        &app.ambient,
        &session.actor,
        write,
        Some(&password),
        true,
    )
    .await?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    Ok((
        StatusCode::CREATED,
        Json(line(&app, &session, &mut reads, made).await?),
    ))
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
    if input.roles.is_some() {
        session.policy.require(Verb::Change, "role")?;
    }
    let user = users::find(&mut app.db.read().await?, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    let password = match &input.password {
        Some(password) => {
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
    let mut tx = app.db.write().await?;
    session
        .policy
        .require_on(Verb::Change, "user", &|name: &str| user.get(name))?;
    let write = UserWrite {
        email: input.mail.or(user.email),
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
        ..UserWrite::new(user.login, input.name.unwrap_or(user.name))
    };
    let kept = users::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        user.id,
        input.version,
        write,
    )
    .await?;
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
    let mut reads = app.db.read().await?;
    let kept = users::find(&mut reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))?;
    Ok(Json(line(&app, &session, &mut reads, kept).await?))
}

/// Groups by name.
#[utoipa::path(get, path = api::path::GROUPS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<GroupLine>), (status = "default", body = Problem)))]
async fn list_groups(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<GroupLine>>> {
    session.policy.require(Verb::Read, "group")?;
    let mut reads = app.db.read().await?;
    let found = groups::list(
        &mut reads,
        &session.policy.mask("group", Verb::Read),
        &look.ask(),
    )
    .await?;
    let mut lines = Vec::with_capacity(found.items.len());
    for group in found.items {
        let members = groups::members(&mut reads, group.id).await?.len();
        let members = u32::try_from(members).unwrap_or(u32::MAX);
        lines.push(GroupLine {
            key: group.key,
            name: group.name,
            members,
            version: group.version,
        });
    }
    Ok(Json(Paged {
        items: lines,
        next: found.next,
        total: found.total,
    }))
}

/// Adds a group.
#[utoipa::path(post, path = api::path::GROUPS, tag = "directory", request_body = NewGroup, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = GroupLine), (status = "default", body = Problem)))]
async fn add_group(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewGroup>,
) -> Answer<(StatusCode, Json<GroupLine>)> {
    session.policy.require(Verb::Create, "group")?;
    let mut tx = app.db.write().await?;
    let group = groups::create(
        &mut tx,
        &app.ambient,
        &session.actor,
        &input.key,
        &input.name,
        "",
    )
    .await?;
    tx.commit().await?;
    app.rooms.refresh(&app.db).await?;
    let line = GroupLine {
        key: group.key,
        name: group.name,
        members: 0,
        version: group.version,
    };
    Ok((StatusCode::CREATED, Json(line)))
}

/// Roles by name.
#[utoipa::path(get, path = api::path::ROLES, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<RoleLine>), (status = "default", body = Problem)))]
async fn list_roles(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<RoleLine>>> {
    session.policy.require(Verb::Read, "role")?;
    let mut reads = app.db.read().await?;
    let found = roles::list(
        &mut reads,
        &session.policy.mask("role", Verb::Read),
        &look.ask(),
    )
    .await?;
    let mut lines = Vec::with_capacity(found.items.len());
    for role in found.items {
        let (users, groups) = roles::holders(&mut reads, role.id).await?;
        let members = u32::try_from(users.len() + groups.len()).unwrap_or(u32::MAX);
        lines.push(RoleLine {
            key: role.key,
            name: role.name,
            description: role.description,
            members,
            version: role.version,
        });
    }
    Ok(Json(Paged {
        items: lines,
        next: found.next,
        total: found.total,
    }))
}
