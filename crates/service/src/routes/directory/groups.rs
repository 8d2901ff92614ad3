use access::Verb;
use api::directory::{GroupDetail, GroupLine, GroupUse, NewGroup, Person, SaveGroup};
use api::session::Named;
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::{Body, Kind};
use directory::{Giving, Group, giving, groups, roles, users};
use kernel::{Error, FieldProblem, Id, Operand, Paged};
use store::Reads;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Look, Versioned, few};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_groups, add_group))
        .routes(routes!(load_group, save_group, remove_group))
        .routes(routes!(add_member, remove_member))
}

fn line(giving: &Giving, group: Group, members: u32) -> GroupLine {
    GroupLine {
        givable: !giving.withholds_group(group.id),
        key: group.key,
        name: group.name,
        description: group.description,
        members,
        version: group.version,
    }
}

fn record(group: &Group) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| match field {
        "id" => Operand::Text(group.id.to_string()),
        "key" => Operand::Text(group.key.clone()),
        "name" => Operand::Text(group.name.clone()),
        "description" => Operand::Text(group.description.clone()),
        _ => Operand::Null,
    }
}

/// The group, if the asker may do this to it; one that may not be seen is not there.
pub(super) async fn found(
    session: &Session,
    reads: &mut impl Reads,
    key: &str,
    verb: Verb,
) -> Result<Group, Error> {
    let group = groups::find_by_key(reads, key)
        .await?
        .ok_or_else(|| Error::not_found("group"))?;
    session
        .policy
        .require_on(Verb::Read, "group", &record(&group))
        .map_err(|_| Error::not_found("group"))?;
    session.policy.require_on(verb, "group", &record(&group))?;
    Ok(group)
}

/// Groups by name.
#[utoipa::path(get, path = api::path::GROUPS, tag = "directory", params(("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<GroupLine>), (status = "default", body = Problem)))]
async fn list_groups(
    State(app): State<App>,
    session: Session,
    Params(look): Params<Look>,
) -> Answer<Json<Paged<GroupLine>>> {
    session.policy.require(Verb::Read, "group")?;
    let mask = session.policy.mask("group", Verb::Read);
    let mut reads = app.db.read().await?;
    let found = groups::list(&mut reads, &mask, &look.ask()).await?;
    let sizes = groups::sizes(&mut reads).await?;
    let giving = Giving::of(&mut reads, &session.policy).await?;
    let lines = found.items.into_iter().map(|group| {
        let members = sizes
            .iter()
            .find(|(id, _)| *id == group.id)
            .filter(|_| mask.shows("members", &record(&group)))
            .map_or(0, |(_, count)| few(*count));
        line(&giving, group, members)
    });
    Ok(Json(Paged {
        items: lines.collect(),
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
        &input.description,
    )
    .await?;
    tx.commit().await?;
    app.rooms.refresh(&app.db).await?;
    Ok((
        StatusCode::CREATED,
        Json(line(&Giving::default(), group, 0)),
    ))
}

/// A group with its members, roles, inbox and the activities that name it.
#[utoipa::path(get, path = api::path::GROUP, tag = "directory", params(("key" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = GroupDetail), (status = "default", body = Problem)))]
async fn load_group(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
) -> Answer<Json<GroupDetail>> {
    let mut reads = app.db.read().await?;
    let group = found(&session, &mut reads, &key, Verb::Read).await?;
    Ok(Json(detail(&app, &session, &mut reads, group).await?))
}

async fn detail(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    group: Group,
) -> Result<GroupDetail, Error> {
    let shows_members = session
        .policy
        .mask("group", Verb::Read)
        .shows("members", &record(&group));
    let mut members = Vec::new();
    for named in groups::members(reads, group.id).await? {
        if !shows_members {
            break;
        }
        let Some(user) = users::find(reads, Id::new(named.id)).await? else {
            continue;
        };
        let seen = session
            .policy
            .require_on(Verb::Read, "user", &|name: &str| user.get(name));
        if seen.is_ok() {
            members.push(Person {
                id: user.id.cast(),
                name: user.name,
            });
        }
    }
    let mut held = Vec::new();
    if session.policy.require(Verb::Read, "role").is_ok() {
        for role in groups::roles_of(reads, group.id).await? {
            if let Some(role) = roles::find(reads, Id::new(role.id)).await? {
                held.push(Named {
                    key: role.key,
                    name: role.name,
                });
            }
        }
    }
    let (mut waiting, mut overdue) = (0, 0);
    if super::super::reach::work_rows(app, session).is_none() {
        let counts = runner::counts(
            reads,
            None,
            std::slice::from_ref(&group.key),
            app.ambient.now(),
        )
        .await?;
        waiting = counts.groups.iter().map(|g| g.count).sum();
        overdue = counts.overdue;
    }
    let used = uses(app, session, reads, &group.key).await?;
    let giving = Giving::of(reads, &session.policy).await?;
    Ok(GroupDetail {
        group: line(
            &giving,
            group,
            u32::try_from(members.len()).unwrap_or(u32::MAX),
        ),
        members,
        roles: held,
        waiting,
        overdue,
        used,
    })
}

/// The activities of published processes that a group works on or receives.
async fn uses(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    group: &str,
) -> Result<Vec<GroupUse>, Error> {
    let mut used = Vec::new();
    if session.policy.require(Verb::Read, "definition").is_err() {
        return Ok(used);
    }
    for process in app.rooms.processes().iter() {
        let body = app
            .rooms
            .definitions
            .newest(reads, Kind::Process, &process.key)
            .await?
            .1;
        let Body::Process(definition) = &*body else {
            continue;
        };
        let Ok(document) = definition.document() else {
            continue;
        };
        let Some(running) = definition.running(&document) else {
            continue;
        };
        for element in running.elements.iter().filter(|e| e.is_activity()) {
            let mut tell = |how: &str| {
                used.push(GroupUse {
                    process: process.key.clone(),
                    process_name: process.name.clone(),
                    activity: element.id.to_string(),
                    activity_name: element.name.clone(),
                    how: how.to_owned(),
                });
            };
            if running.group_of(element).as_deref() == Some(group) {
                tell("assigned");
            }
            let escalated = element
                .binding
                .as_ref()
                .is_some_and(|b| b.escalation.iter().any(|rung| rung.to == group));
            if escalated {
                tell("escalated");
            }
        }
    }
    Ok(used)
}

/// Renames or describes a group.
#[utoipa::path(put, path = api::path::GROUP, tag = "directory", params(("key" = String, Path)), request_body = SaveGroup, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = GroupDetail), (status = "default", body = Problem)))]
async fn save_group(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
    Input(input): Input<SaveGroup>,
) -> Answer<Json<GroupDetail>> {
    let mut tx = app.db.write().await?;
    let group = found(&session, &mut tx, &key, Verb::Change).await?;
    let written = [
        (group.name != input.name, "name"),
        (group.description != input.description, "description"),
    ];
    session.policy.mask("group", Verb::Change).check_written(
        written.iter().filter(|(w, _)| *w).map(|(_, name)| *name),
        &record(&group),
    )?;
    let kept = groups::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        group.id,
        input.version,
        &input.name,
        &input.description,
    )
    .await?;
    tx.commit().await?;
    app.rooms.refresh(&app.db).await?;
    let mut reads = app.db.read().await?;
    Ok(Json(detail(&app, &session, &mut reads, kept).await?))
}

/// Removes a group that no process names and for which no work waits. Its members and roles stay.
#[utoipa::path(delete, path = api::path::GROUP, tag = "directory", params(("key" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn remove_group(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
    Params(at): Params<Versioned>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let group = found(&session, &mut tx, &key, Verb::Delete).await?;
    let counts = runner::counts(
        &mut tx,
        None,
        std::slice::from_ref(&group.key),
        app.ambient.now(),
    )
    .await?;
    let waiting: i64 = counts.groups.iter().map(|g| g.count).sum();
    if waiting > 0 {
        return Err(
            Error::from(FieldProblem::new("key", "group_has_work").with("count", waiting)).into(),
        );
    }
    if let Some(used) = named_by(&app, &mut tx, &group.key).await? {
        return Err(
            Error::from(FieldProblem::new("key", "group_in_use").with("name", used)).into(),
        );
    }
    // Its members lose the roles that they hold through it.
    let giving = Giving::of(&mut tx, &session.policy).await?;
    giving::refused(giving.groups([group.id]))?;
    groups::remove(&mut tx, &app.ambient, &session.actor, group.id, at.version).await?;
    tx.commit().await?;
    app.rooms.refresh(&app.db).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first process that names the group, whoever asks.
async fn named_by(app: &App, reads: &mut impl Reads, group: &str) -> Result<Option<String>, Error> {
    for process in app.rooms.processes().iter() {
        let body = app
            .rooms
            .definitions
            .newest(reads, Kind::Process, &process.key)
            .await?
            .1;
        let Body::Process(definition) = &*body else {
            continue;
        };
        let Ok(document) = definition.document() else {
            continue;
        };
        let names = definition.running(&document).is_some_and(|running| {
            running.elements.iter().any(|element| {
                running.group_of(element).as_deref() == Some(group)
                    || element
                        .binding
                        .as_ref()
                        .is_some_and(|b| b.escalation.iter().any(|rung| rung.to == group))
            })
        });
        if names {
            return Ok(Some(process.key.clone()));
        }
    }
    Ok(None)
}

async fn set_member(
    app: &App,
    session: &Session,
    (key, user): (String, Id<of::User>),
    member: bool,
) -> Result<GroupDetail, Error> {
    let mut tx = app.db.write().await?;
    let group = found(session, &mut tx, &key, Verb::Change).await?;
    session
        .policy
        .mask("group", Verb::Change)
        .check_written(["members"], &record(&group))?;
    // A group may hold roles: joining it is as much as being given them, leaving it as having them taken away.
    let giving = Giving::of(&mut tx, &session.policy).await?;
    giving::refused(giving.groups([group.id]))?;
    super::users::seen(session, &mut tx, user).await?;
    groups::set_member(
        &mut tx,
        &app.ambient,
        &session.actor,
        group.id,
        user.cast(),
        member,
    )
    .await?;
    tx.commit().await?;
    let mut reads = app.db.read().await?;
    detail(app, session, &mut reads, group).await
}

/// Puts a user into a group.
#[utoipa::path(put, path = api::path::GROUP_MEMBER, tag = "directory", params(("key" = String, Path), ("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = GroupDetail), (status = "default", body = Problem)))]
async fn add_member(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, Id<of::User>)>,
) -> Answer<Json<GroupDetail>> {
    Ok(Json(set_member(&app, &session, place, true).await?))
}

/// Takes a user out of a group.
#[utoipa::path(delete, path = api::path::GROUP_MEMBER, tag = "directory", params(("key" = String, Path), ("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = GroupDetail), (status = "default", body = Problem)))]
async fn remove_member(
    State(app): State<App>,
    session: Session,
    At(place): At<(String, Id<of::User>)>,
) -> Answer<Json<GroupDetail>> {
    Ok(Json(set_member(&app, &session, place, false).await?))
}
