//! What permissions come to: for one user now, and for everybody who holds a role if it were another.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::{Catalogue, Grant, Policy, Request, Subject, Target, Verb, Visibility};
use api::roles::{
    EffectChange, EffectiveCell, EffectivePermissions, EffectiveRow, Extent, HeldRole,
    ProposedGrants, RoleEffect,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use directory::{RoleId, UserId, roles, session, users};
use kernel::{Filter, Id};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::users::seen;
use crate::App;
use crate::http::{Answer, At, Input, Session};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(permissions))
        .routes(routes!(role_effect))
}

/// Everything there is to be permitted, with the verbs that mean something for it.
fn targets(catalogue: &Catalogue) -> Vec<(Target, Vec<Verb>)> {
    let mut all = Vec::new();
    for process in &catalogue.processes {
        let verbs = vec![Verb::Read, Verb::Execute];
        all.push((Target::process(&*process.key), verbs.clone()));
        for activity in &process.activities {
            all.push((
                Target::activity(&*process.key, activity.as_str()),
                verbs.clone(),
            ));
        }
    }
    for entity in &catalogue.entities {
        all.push((Target::entity(&*entity.name), entity.verbs.clone()));
        for field in &entity.fields {
            // A record is deleted and exported whole; a field of it is read and written.
            let verbs = entity
                .verbs
                .iter()
                .copied()
                .filter(|verb| !matches!(verb, Verb::Delete | Verb::Execute))
                .collect();
            all.push((Target::field(&*entity.name, field.as_str()), verbs));
        }
    }
    all
}

/// On which records a policy permits something.
fn extent(policy: &Policy, target: &Target, verb: Verb) -> Extent {
    if !policy.decide(&Request::new(verb, target)).is_allowed() {
        return Extent::None;
    }
    match target {
        Target::Process(_) | Target::Activity { .. } => Extent::All,
        Target::Entity(entity) => match policy.rows(entity, verb) {
            rows if rows == Filter::TRUE => Extent::All,
            rows if rows == Filter::FALSE => Extent::None,
            _ => Extent::Some,
        },
        Target::Field { entity, field } => {
            let mask = policy.mask(entity, verb);
            match mask.field(field) {
                Visibility::Never => Extent::None,
                Visibility::Always if *mask.rows() == Filter::TRUE => Extent::All,
                Visibility::Always | Visibility::When(_) => Extent::Some,
            }
        }
    }
}

/// What a user may do, by which role, and on all records or only some.
#[utoipa::path(get, path = api::path::USER_PERMISSIONS, tag = "directory", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = EffectivePermissions), (status = "default", body = Problem)))]
async fn permissions(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::User>>,
) -> Answer<Json<EffectivePermissions>> {
    session.policy.require(Verb::Read, "role")?;
    let mut reads = app.db.read().await?;
    let user = seen(&session, &mut reads, id).await?;
    let record = |name: &str| user.get(name);
    session
        .policy
        .mask("user", Verb::Read)
        .check_written(["roles"], &record)?;
    let held = session::roles_of(&mut reads, user.id).await?;
    let (subject, _) = session::subject_of(&mut reads, &user).await?;
    let policy = Policy::compile(&held, &subject);
    let own: BTreeSet<uuid::Uuid> = users::roles_of(&mut reads, user.id)
        .await?
        .into_iter()
        .map(|role| role.id)
        .collect();
    let through = roles::through_groups(&mut reads, user.id).await?;
    let mut told = Vec::new();
    for role in roles::all(&mut reads).await? {
        let groups: Vec<String> = through
            .iter()
            .filter(|(id, _)| *id == role.id)
            .map(|(_, group)| group.clone())
            .collect();
        if own.contains(&role.id.uuid()) || !groups.is_empty() {
            let through = if own.contains(&role.id.uuid()) {
                Vec::new()
            } else {
                groups
            };
            told.push(HeldRole {
                key: role.key,
                name: role.name,
                through,
            });
        }
    }
    let rows = targets(&app.rooms.catalogue())
        .into_iter()
        .map(|(target, verbs)| EffectiveRow {
            cells: verbs
                .into_iter()
                .map(|verb| EffectiveCell {
                    verb,
                    extent: extent(&policy, &target, verb),
                    grants: policy.decide(&Request::new(verb, &target)).grants,
                })
                .collect(),
            target,
        })
        .collect();
    Ok(Json(EffectivePermissions { roles: told, rows }))
}

/// Names that a change tells before it only counts.
const NAMED: usize = 5;

/// What the holders of a role would gain and lose if it had these grants instead; all their other roles are counted.
#[utoipa::path(post, path = api::path::ROLE_EFFECT, tag = "directory", params(("key" = String, Path)), request_body = ProposedGrants, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = RoleEffect), (status = "default", body = Problem)))]
async fn role_effect(
    State(app): State<App>,
    session: Session,
    At(key): At<String>,
    Input(input): Input<ProposedGrants>,
) -> Answer<Json<RoleEffect>> {
    let mut reads = app.db.read().await?;
    let role = super::roles::found(&session, &mut reads, &key, Verb::Change).await?;
    access::Role {
        key: role.key.clone(),
        grants: input.grants.clone(),
    }
    .check()?;
    // What a change does to somebody depends on which roles they hold and on nothing else: each set is asked once.
    let mut sets: HashMap<UserId, (String, BTreeSet<RoleId>)> = HashMap::new();
    for (user, name, held) in users::holding(&mut reads, role.id).await? {
        let of = sets.entry(user).or_insert_with(|| (name, BTreeSet::new()));
        of.1.insert(held);
    }
    let mut by_set: BTreeMap<BTreeSet<RoleId>, Vec<String>> = BTreeMap::new();
    let holders = u32::try_from(sets.len()).unwrap_or(u32::MAX);
    for (name, set) in sets.into_values() {
        by_set.entry(set).or_default().push(name);
    }
    // With nobody to hold it, what it means by itself.
    if by_set.is_empty() {
        by_set.insert(BTreeSet::from([role.id]), Vec::new());
    }
    let known: HashMap<RoleId, access::Role> = roles::all(&mut reads)
        .await?
        .into_iter()
        .map(|r| {
            (
                r.id,
                access::Role {
                    key: r.key,
                    grants: r.grants,
                },
            )
        })
        .collect();
    let targets = targets(&app.rooms.catalogue());
    let mut changes: Vec<EffectChange> = Vec::new();
    for (set, mut names) in by_set {
        names.sort();
        let held: Vec<access::Role> = set.iter().filter_map(|id| known.get(id).cloned()).collect();
        let proposed = with_grants(&held, &role.key, &input.grants);
        let subject = anybody();
        let before = Policy::compile(&held, &subject);
        let after = Policy::compile(&proposed, &subject);
        for (target, verbs) in &targets {
            for verb in verbs {
                let (was, is) = (
                    extent(&before, target, *verb),
                    extent(&after, target, *verb),
                );
                let other = was == is && was == Extent::Some && {
                    rows_of(&before, target, *verb) != rows_of(&after, target, *verb)
                };
                if was == is && !other {
                    continue;
                }
                let users = u32::try_from(names.len()).unwrap_or(u32::MAX);
                let same = changes.iter_mut().find(|change| {
                    change.target == *target
                        && change.verb == *verb
                        && (change.before, change.after) == (was, is)
                });
                match same {
                    Some(change) => {
                        change.users += users;
                        change.names.extend(names.iter().cloned());
                    }
                    None => changes.push(EffectChange {
                        target: target.clone(),
                        verb: *verb,
                        before: was,
                        after: is,
                        users,
                        names: names.clone(),
                    }),
                }
            }
        }
    }
    for change in &mut changes {
        change.names.sort();
        change.names.truncate(NAMED);
    }
    Ok(Json(RoleEffect { holders, changes }))
}

fn with_grants(held: &[access::Role], key: &str, grants: &[Grant]) -> Vec<access::Role> {
    held.iter()
        .map(|role| {
            if role.key == key {
                access::Role {
                    key: role.key.clone(),
                    grants: grants.to_vec(),
                }
            } else {
                role.clone()
            }
        })
        .collect()
}

/// Somebody with an identity, a unit and a group: so that conditions on them are conditions, not nothing.
fn anybody() -> Subject {
    Subject {
        user: "u".to_owned(),
        unit: Some("o".to_owned()),
        unit_and_below: vec!["o".to_owned(), "b".to_owned()],
        groups: vec!["g".to_owned()],
    }
}

/// The condition behind [`Extent::Some`], to tell one from another.
fn rows_of(policy: &Policy, target: &Target, verb: Verb) -> Filter {
    match target {
        Target::Entity(entity) => policy.rows(entity, verb),
        Target::Field { entity, field } => match policy.mask(entity, verb).field(field) {
            Visibility::When(condition) => condition,
            Visibility::Always => policy.rows(entity, verb),
            Visibility::Never => Filter::FALSE,
        },
        Target::Process(_) | Target::Activity { .. } => Filter::TRUE,
    }
}
