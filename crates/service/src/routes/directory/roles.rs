use access::Verb;
use api::directory::Person;
use api::roles::{
    GrantActivity, GrantCatalogue, GrantEntity, GrantField, GrantFieldKind, GrantOption,
    GrantProcess, NewRole, RoleDetail, RoleLine, RoleVersion, SaveRole,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::{Body, Kind};
use directory::{Role, RoleSpec, giving, roles};
use form::{FieldKind, FieldSpec};
use kernel::{Error, Id, Operand, Paged};
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Look, Versioned, few};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_roles, add_role))
        .routes(routes!(load_role, save_role, remove_role))
        .routes(routes!(role_versions))
        .routes(routes!(give_user, take_user))
        .routes(routes!(give_group, take_group))
        .routes(routes!(grant_catalogue))
}

fn record(role: &Role) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| role.get(field)
}

/// The role, if the asker may do this to it; a role that may not be seen is not there.
pub(super) async fn found(
    session: &Session,
    reads: &mut impl Reads,
    key: &str,
    verb: Verb,
) -> Result<Role, Error> {
    let role = roles::find_by_key(reads, key)
        .await?
        .ok_or_else(|| Error::not_found("role"))?;
    session
        .policy
        .require_on(Verb::Read, "role", &record(&role))
        .map_err(|_| Error::not_found("role"))?;
    session.policy.require_on(verb, "role", &record(&role))?;
    Ok(role)
}

/// Roles by name.
#[utoipa::path(get, path = api::path::ROLES, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<RoleLine>), (status = "default", body = Problem)))]
async fn list_roles(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<RoleLine>>> {
    session.policy.require(Verb::Read, "role")?;
    let mask = session.policy.mask("role", Verb::Read);
    let mut reads = app.db.read().await?;
    let found = roles::list(&mut reads, &mask, &look.ask()).await?;
    let sizes = roles::sizes(&mut reads).await?;
    let lines = found.items.into_iter().map(|role| {
        let members = sizes
            .iter()
            .find(|(id, _)| *id == role.id)
            .map_or(0, |(_, count)| few(*count));
        RoleLine {
            givable: giving::may_give(&session.policy, &role),
            key: role.key,
            name: role.name,
            description: role.description,
            members,
            version: role.version,
        }
    });
    Ok(Json(Paged {
        items: lines.collect(),
        next: found.next,
        total: found.total,
    }))
}

async fn detail(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    role: Role,
) -> Result<RoleDetail, Error> {
    let shows = session
        .policy
        .mask("role", Verb::Read)
        .shows("grants", &record(&role));
    let (mut users, mut in_groups) = (Vec::new(), Vec::new());
    let sees_roles =
        session.policy.mask("user", Verb::Read).field("roles") == access::Visibility::Always;
    if sees_roles {
        let (by_user, by_group) = roles::holders(reads, role.id).await?;
        users = by_user
            .into_iter()
            .map(|user| Person {
                id: Id::new(user.id),
                name: user.name,
            })
            .collect();
        let ids: Vec<_> = by_group.iter().map(|group| Id::new(group.id)).collect();
        in_groups = app.rooms.groups_named(&ids);
    }
    Ok(RoleDetail {
        id: role.id.cast(),
        fixed: role.key == roles::ADMINISTRATOR,
        key: role.key,
        name: role.name,
        description: role.description,
        grants: if shows { role.grants } else { Vec::new() },
        version: role.version,
        users,
        groups: in_groups,
    })
}

/// A role with its grants and holders.
#[utoipa::path(get, path = api::path::ROLE, tag = "directory", params(("key" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn load_role(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
) -> Answer<Json<RoleDetail>> {
    let mut reads = app.db.read().await?;
    let role = found(&session, &mut reads, &key, Verb::Read).await?;
    Ok(Json(detail(&app, &session, &mut reads, role).await?))
}

/// Adds a role; a copy is one with another's grants.
#[utoipa::path(post, path = api::path::ROLES, tag = "directory", request_body = NewRole, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = RoleDetail), (status = "default", body = Problem)))]
async fn add_role(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewRole>,
) -> Answer<(StatusCode, Json<RoleDetail>)> {
    session.policy.require(Verb::Create, "role")?;
    let mut tx = app.db.write().await?;
    let spec = RoleSpec {
        key: input.key,
        name: input.name,
        description: input.description,
        grants: input.grants,
    };
    let written = [
        (!spec.description.is_empty(), "description"),
        (!spec.grants.is_empty(), "grants"),
    ];
    let made = roles::create(&mut tx, &app.ambient, &session.actor, spec).await?;
    session
        .policy
        .require_on(Verb::Create, "role", &record(&made))?;
    session.policy.mask("role", Verb::Create).check_written(
        written.iter().filter(|(w, _)| *w).map(|(_, name)| *name),
        &record(&made),
    )?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    Ok((
        StatusCode::CREATED,
        Json(detail(&app, &session, &mut reads, made).await?),
    ))
}

/// Changes a role: a new version of it.
#[utoipa::path(put, path = api::path::ROLE, tag = "directory", params(("key" = String, Path)), request_body = SaveRole, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn save_role(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
    Input(input): Input<SaveRole>,
) -> Answer<Json<RoleDetail>> {
    let mut tx = app.db.write().await?;
    let role = found(&session, &mut tx, &key, Verb::Change).await?;
    let written = [
        (role.name != input.name, "name"),
        (role.description != input.description, "description"),
        (role.grants != input.grants, "grants"),
    ];
    session.policy.mask("role", Verb::Change).check_written(
        written.iter().filter(|(w, _)| *w).map(|(_, name)| *name),
        &record(&role),
    )?;
    let spec = RoleSpec {
        key: role.key.clone(),
        name: input.name,
        description: input.description,
        grants: input.grants,
    };
    let kept = roles::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        role.id,
        input.version,
        spec,
    )
    .await?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    Ok(Json(detail(&app, &session, &mut reads, kept).await?))
}

/// Removes a role; whoever held it holds it no more. Its states stay.
#[utoipa::path(delete, path = api::path::ROLE, tag = "directory", params(("key" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn remove_role(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
    Params(at): Params<Versioned>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let role = found(&session, &mut tx, &key, Verb::Delete).await?;
    roles::remove(&mut tx, &app.ambient, &session.actor, role.id, at.version).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The newest 500 states of a role, newest first.
#[utoipa::path(get, path = api::path::ROLE_VERSIONS, tag = "directory", params(("key" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<RoleVersion>), (status = "default", body = Problem)))]
async fn role_versions(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
) -> Answer<Json<Vec<RoleVersion>>> {
    let mut reads = app.db.read().await?;
    let role = found(&session, &mut reads, &key, Verb::Read).await?;
    let shows = session
        .policy
        .mask("role", Verb::Read)
        .shows("grants", &record(&role));
    let versions = roles::versions(&mut reads, role.id).await?;
    let told = versions.into_iter().map(|version| RoleVersion {
        number: version.number,
        name: version.name,
        description: version.description,
        grants: if shows { version.grants } else { Vec::new() },
        at: version.at,
        by: version.user_name,
    });
    Ok(Json(told.collect()))
}

async fn set_user(
    app: &App,
    session: &Session,
    (key, user): (String, Id<of::User>),
    holds: bool,
) -> Result<RoleDetail, Error> {
    let mut tx = app.db.write().await?;
    let role = found(session, &mut tx, &key, Verb::Change).await?;
    let user = super::users::changeable(session, &mut tx, user).await?;
    session
        .policy
        .mask("user", Verb::Change)
        .check_written(["roles"], &|name: &str| user.get(name))?;
    roles::set_user(
        &mut tx,
        &app.ambient,
        &session.actor,
        role.id,
        user.id,
        holds,
    )
    .await?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    detail(app, session, &mut reads, role).await
}

/// Gives a role to a user.
#[utoipa::path(put, path = api::path::ROLE_USER, tag = "directory", params(("key" = String, Path), ("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn give_user(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, Id<of::User>)>,
) -> Answer<Json<RoleDetail>> {
    Ok(Json(set_user(&app, &session, place, true).await?))
}

/// Takes a role from a user.
#[utoipa::path(delete, path = api::path::ROLE_USER, tag = "directory", params(("key" = String, Path), ("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn take_user(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, Id<of::User>)>,
) -> Answer<Json<RoleDetail>> {
    Ok(Json(set_user(&app, &session, place, false).await?))
}

async fn set_group(
    app: &App,
    session: &Session,
    (key, group): (String, String),
    holds: bool,
) -> Result<RoleDetail, Error> {
    let mut tx = app.db.write().await?;
    let role = found(session, &mut tx, &key, Verb::Change).await?;
    // All its members are given it: as with a user, it takes the right to change whom it is given to.
    let group = super::groups::found(session, &mut tx, &group, Verb::Change).await?;
    roles::set_group(
        &mut tx,
        &app.ambient,
        &session.actor,
        role.id,
        group.id,
        holds,
    )
    .await?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    detail(app, session, &mut reads, role).await
}

/// Gives a role to the members of a group.
#[utoipa::path(put, path = api::path::ROLE_GROUP, tag = "directory", params(("key" = String, Path), ("group" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn give_group(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, String)>,
) -> Answer<Json<RoleDetail>> {
    Ok(Json(set_group(&app, &session, place, true).await?))
}

/// Takes a role from the members of a group.
#[utoipa::path(delete, path = api::path::ROLE_GROUP, tag = "directory", params(("key" = String, Path), ("group" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleDetail), (status = "default", body = Problem)))]
async fn take_group(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, String)>,
) -> Answer<Json<RoleDetail>> {
    Ok(Json(set_group(&app, &session, place, false).await?))
}

/// All that a role can grant.
#[utoipa::path(get, path = api::path::GRANT_CATALOGUE, tag = "directory", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = GrantCatalogue), (status = "default", body = Problem)))]
async fn grant_catalogue(State(app): State<App>, session: Session) -> Answer<Json<GrantCatalogue>> {
    session.policy.require(Verb::Read, "role")?;
    let mut reads = app.db.read().await?;
    let mut processes = Vec::new();
    for process in app.rooms.processes().iter() {
        processes.push(GrantProcess {
            key: process.key.clone(),
            name: process.name.clone(),
            activities: activities(&app, &mut reads, &process.key).await?,
        });
    }
    let portfolio = app.rooms.portfolio();
    let designed: Vec<FieldSpec> = portfolio
        .iter()
        .flat_map(|of| of.schema.fields.clone())
        .collect();
    let catalogue = app.rooms.catalogue();
    let entities = catalogue
        .entities
        .iter()
        .map(|entity| GrantEntity {
            name: entity.name.clone(),
            verbs: entity.verbs.clone(),
            fields: entity
                .fields
                .iter()
                .map(|name| field(&entity.name, name, &designed))
                .collect(),
        })
        .collect();
    Ok(Json(GrantCatalogue {
        processes,
        entities,
    }))
}

async fn activities(
    app: &App,
    reads: &mut impl Reads,
    process: &str,
) -> Result<Vec<GrantActivity>, Error> {
    let (definition_version, body) = app
        .rooms
        .definitions
        .newest(reads, Kind::Process, process)
        .await?;
    let Body::Process(definition) = &*body else {
        return Ok(Vec::new());
    };
    let Ok(document) = definition.document() else {
        return Ok(Vec::new());
    };
    let Some(running) = definition.running(&document) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for element in running.elements.iter().filter(|e| e.is_activity()) {
        let form = match &element.binding {
            Some(binding) => {
                let version = (process, definition_version);
                app.rooms.form_of(reads, version, binding).await?
            }
            None => None,
        };
        let fields = form.iter().flat_map(form::Form::own_fields).map(|spec| {
            let (kind, options) = kind_of(&spec.kind);
            GrantField {
                name: spec.key.clone(),
                label: Some(spec.label.clone()),
                kind,
                options,
            }
        });
        found.push(GrantActivity {
            id: element.id.to_string(),
            name: element.name.clone(),
            fields: fields.collect(),
        });
    }
    Ok(found)
}

fn field(entity: &str, name: &str, designed: &[FieldSpec]) -> GrantField {
    let own = name
        .strip_prefix("fields.")
        .filter(|_| entity == "customer")
        .and_then(|key| designed.iter().find(|spec| spec.key == key));
    let (kind, options) = match own {
        Some(spec) => kind_of(&spec.kind),
        None => (product_kind(entity, name), Vec::new()),
    };
    GrantField {
        name: name.to_owned(),
        label: own.map(|spec| spec.label.clone()),
        kind,
        options,
    }
}

fn kind_of(kind: &FieldKind) -> (GrantFieldKind, Vec<GrantOption>) {
    match kind {
        FieldKind::Choice { options } => {
            let options = options
                .iter()
                .map(|option| GrantOption {
                    value: option.key.clone(),
                    label: option.label.clone(),
                })
                .collect();
            (GrantFieldKind::Text, options)
        }
        FieldKind::Number { .. } | FieldKind::Amount { .. } => (GrantFieldKind::Number, Vec::new()),
        FieldKind::Date => (GrantFieldKind::Date, Vec::new()),
        FieldKind::Moment => (GrantFieldKind::Moment, Vec::new()),
        FieldKind::Boolean => (GrantFieldKind::Boolean, Vec::new()),
        _ => (GrantFieldKind::Text, Vec::new()),
    }
}

/// What the product's own fields hold, where the entity's owner can look for it in its rows: a condition on anything
/// else would hide every row.
fn product_kind(entity: &str, field: &str) -> GrantFieldKind {
    match (entity, field) {
        ("customer" | "user", "unit") | ("unit", "parent") => GrantFieldKind::Unit,
        ("customer" | "view", "owner") | ("work_item" | "session", "user") => GrantFieldKind::User,
        ("work_item", "group") => GrantFieldKind::Group,
        ("user", "active") => GrantFieldKind::Boolean,
        ("customer", "created" | "changed") => GrantFieldKind::Moment,
        ("customer", "type" | "name" | "document" | "segment")
        | ("user", "login" | "name" | "email")
        | ("group" | "unit" | "position", "name")
        | ("role", "key" | "name")
        | ("session", "address") => GrantFieldKind::Text,
        _ => GrantFieldKind::Opaque,
    }
}
