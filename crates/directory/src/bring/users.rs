use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::Verb;
use kernel::{FieldProblem, Operand, Result, text};

use super::units::{Known, named};
use super::{Action, Row, Work, in_order};
use crate::users::{self, User, UserKind, UserWrite};
use crate::{Giving, GroupId, RoleId, UserId, groups, positions, roles};

/// What cells refer to by name or key.
struct Names {
    units: Known,
    /// Key and name, folded.
    groups: HashMap<String, (GroupId, String)>,
    roles: HashMap<String, (RoleId, String)>,
    giving: Giving,
}

impl Names {
    async fn read(work: &mut Work<'_>) -> Result<Self> {
        let units = Known::read(work).await?;
        let mut known_groups = HashMap::new();
        for group in groups::all(work.tx).await? {
            for word in [&group.key, &group.name] {
                known_groups.insert(text::fold(word), (group.id, group.name.clone()));
            }
        }
        let mut known_roles = HashMap::new();
        for role in roles::all(work.tx).await? {
            for word in [&role.key, &role.name] {
                known_roles.insert(text::fold(word), (role.id, role.name.clone()));
            }
        }
        Ok(Self {
            units,
            groups: known_groups,
            roles: known_roles,
            giving: Giving::of(work.tx, work.policy).await?,
        })
    }
}

pub(crate) async fn bring(work: &mut Work<'_>, rows: Vec<Row>) -> Result<()> {
    let names = Names::read(work).await?;
    let login = |row: &Row| {
        work.value(row, "login")
            .map(users::fold_login)
            .unwrap_or_default()
    };
    let manager = |row: &Row| {
        work.value(row, "manager")
            .filter(|m| !m.is_empty())
            .map(users::fold_login)
    };
    let (rows, ring) = in_order(rows, login, manager);
    for row in ring {
        work.refuse(
            &row,
            "manager",
            FieldProblem::new("manager", "manager_ring"),
        );
        work.tell(&row, Action::Wrong, Vec::new());
    }
    for row in rows {
        one(work, &names, row).await?;
    }
    Ok(())
}

async fn one(work: &mut Work<'_>, names: &Names, row: Row) -> Result<()> {
    let login = work.value(&row, "login").unwrap_or_default().to_owned();
    let before = users::find_by_login(work.tx, &login).await?;
    let mut write = match &before {
        Some(user) => UserWrite {
            email: user.email.clone(),
            kind: user.kind,
            unit: user.unit,
            position: user.position,
            manager: user.manager,
            active: user.active,
            ..UserWrite::new(user.login.clone(), user.name.clone())
        },
        None => UserWrite::new(login, ""),
    };
    let mut changes = Vec::new();
    if let Some(name) = work.value(&row, "name").map(str::to_owned) {
        changes.push((
            "name",
            std::mem::replace(&mut write.name, name.clone()),
            name,
        ));
    }
    if let Some(mail) = work.value(&row, "email").map(str::to_owned) {
        let held = write.email.take().unwrap_or_default();
        write.email = Some(mail.clone()).filter(|mail| !mail.is_empty());
        changes.push(("email", held, mail));
    }
    if let Some(told) = work.value(&row, "kind").map(text::fold) {
        let kind = match told.as_str() {
            "" => Some(write.kind),
            "persona" | "interno" | "interna" | "person" | "internal" => Some(UserKind::Person),
            "externo" | "externa" | "external" => Some(UserKind::External),
            _ => None,
        };
        match kind {
            Some(kind) => {
                changes.push(("kind", write.kind.text().to_owned(), kind.text().to_owned()));
                write.kind = kind;
            }
            None => work.refuse(&row, "kind", FieldProblem::new("kind", "user_kind")),
        }
    }
    if let Some(told) = work.value(&row, "active").map(text::fold) {
        let active = match told.as_str() {
            "" => Some(write.active),
            "si" | "s" | "1" | "true" | "yes" | "y" | "activo" | "activa" => Some(true),
            "no" | "n" | "0" | "false" | "inactivo" | "inactiva" => Some(false),
            _ => None,
        };
        match active {
            Some(active) => {
                changes.push(("active", write.active.to_string(), active.to_string()));
                write.active = active;
            }
            None => work.refuse(&row, "active", FieldProblem::new("active", "not_a_boolean")),
        }
    }
    belonging(work, names, &row, &mut write, &mut changes).await?;
    holding(work, names, &row, before.as_ref(), &mut write, &mut changes).await?;
    changes.retain(|(_, was, is)| was != is);
    written(work, names, &row, before.as_ref(), &write, &changes).await?;
    if work.is_wrong(&row) {
        work.tell(&row, Action::Wrong, Vec::new());
        return Ok(());
    }
    match before {
        Some(_) if changes.is_empty() => work.tell(&row, Action::Same, changes),
        Some(user) => {
            let record = |field: &str| user.get(field);
            if work.allow(&row, Verb::Change, "user", Some(&record)) {
                let kept = users::change(
                    work.tx,
                    work.ambient,
                    work.actor,
                    user.id,
                    user.version,
                    write,
                )
                .await;
                work.refused(&row, kept)?;
            }
            work.tell(&row, Action::Change, changes);
        }
        None => {
            if work.allow(&row, Verb::Create, "user", None) {
                let made =
                    users::create(work.tx, work.ambient, work.actor, write, None, false).await;
                if let Some(made) = work.refused(&row, made)? {
                    work.allow(&row, Verb::Create, "user", Some(&|field| made.get(field)));
                }
            }
            work.tell(&row, Action::Create, Vec::new());
        }
    }
    Ok(())
}

type Changes = Vec<(&'static str, String, String)>;

/// Refuses the fields that the asker may not write. What lets in as somebody who may do more is none of theirs either.
async fn written(
    work: &mut Work<'_>,
    names: &Names,
    row: &Row,
    before: Option<&User>,
    write: &UserWrite,
    changes: &Changes,
) -> Result<()> {
    let verb = before.map_or(Verb::Create, |_| Verb::Change);
    let mask = work.policy.mask("user", verb);
    let record = |field: &str| before.map_or(Operand::Null, |user| user.get(field));
    // What one does not see one does not write over, nor is told how it was.
    let reading = work.policy.mask("user", Verb::Read);
    if before.is_some() && !work.allow(row, Verb::Read, "user", Some(&record)) {
        return Ok(());
    }
    let hidden = |field: &str| before.is_some() && !reading.shows(field, &record);
    // Without them there is no new user.
    let needed = |field: &str| before.is_none() && matches!(field, "login" | "name");
    for (field, _, _) in changes {
        if hidden(field) || !needed(field) && !mask.shows(field, &record) {
            work.refuse(row, field, FieldProblem::new(*field, "field_forbidden"));
        }
    }
    let Some(user) = before.filter(|user| user.login != write.login) else {
        return Ok(());
    };
    if !mask.shows("login", &record) {
        work.refuse(row, "login", FieldProblem::new("login", "field_forbidden"));
    } else if names.giving.is_beyond(work.tx, user.id).await? {
        work.refuse(row, "login", FieldProblem::new("login", "user_beyond"));
    }
    Ok(())
}

/// Where the user belongs: unit, position, manager.
async fn belonging(
    work: &mut Work<'_>,
    names: &Names,
    row: &Row,
    write: &mut UserWrite,
    changes: &mut Changes,
) -> Result<()> {
    if let Some(told) = work.value(row, "unit").map(str::to_owned) {
        let unit = if told.is_empty() {
            None
        } else {
            named(work, &names.units, row, "unit", &told)
        };
        changes.push(("unit", names.units.name(write.unit), names.units.name(unit)));
        // Two units of one name are two units still.
        if unit != write.unit && changes.last().is_some_and(|(_, was, is)| was == is) {
            changes.push(("unit", String::new(), told));
        }
        write.unit = unit;
    }
    if let Some(told) = work.value(row, "position").map(str::to_owned) {
        let held = match write.position {
            Some(position) => positions::find(work.tx, position).await?,
            None => None,
        };
        let wanted = match told.as_str() {
            "" => None,
            name => {
                let found = positions::find_by_name(work.tx, name).await?;
                if found.is_none() {
                    let problem =
                        FieldProblem::new("position", "unknown_position").with("name", name);
                    work.refuse(row, "position", problem);
                }
                found
            }
        };
        write.position = wanted.as_ref().map(|p| p.id);
        let name = |p: Option<positions::Position>| p.map(|p| p.name).unwrap_or_default();
        changes.push(("position", name(held), name(wanted)));
    }
    if let Some(told) = work.value(row, "manager").map(str::to_owned) {
        let held = login_of(work, write.manager).await?;
        let wanted: Option<User> = match told.as_str() {
            "" => None,
            login => {
                let found = users::find_by_login(work.tx, login).await?;
                if found.is_none() {
                    let problem = FieldProblem::new("manager", "unknown_user").with("key", login);
                    work.refuse(row, "manager", problem);
                }
                found
            }
        };
        write.manager = wanted.as_ref().map(|user| user.id);
        changes.push(("manager", held, wanted.map(|u| u.login).unwrap_or_default()));
    }
    Ok(())
}

async fn login_of(work: &mut Work<'_>, user: Option<UserId>) -> Result<String> {
    Ok(match user {
        Some(user) => users::find(work.tx, user)
            .await?
            .map(|user| user.login)
            .unwrap_or_default(),
        None => String::new(),
    })
}

/// Groups and roles, by key or name, with `|` between them. Nobody brings users who may do more than one may give.
async fn holding(
    work: &mut Work<'_>,
    names: &Names,
    row: &Row,
    before: Option<&User>,
    write: &mut UserWrite,
    changes: &mut Changes,
) -> Result<()> {
    // Of what is hidden it is not told either that it holds what is withheld.
    let reading = work.policy.mask("user", Verb::Read);
    let sees = |field: &str| before.is_none_or(|user| reading.shows(field, &|f: &str| user.get(f)));
    if let Some(told) = work.value(row, "groups").map(str::to_owned) {
        let held = match before {
            Some(user) => users::groups_of(work.tx, user.id).await?,
            None => Vec::new(),
        };
        let held = held.into_iter().map(|n| (GroupId::new(n.id), n.name));
        let wanted = known(work, row, &names.groups, "groups", "unknown_group", &told);
        let (ids, moved) = differing(held.collect(), wanted, "groups", changes);
        let problem = names.giving.groups(moved);
        if let Some(problem) = problem.filter(|_| sees("groups")) {
            work.refuse(row, "groups", problem);
        }
        write.groups = Some(ids);
    }
    if let Some(told) = work.value(row, "roles").map(str::to_owned) {
        let held = match before {
            Some(user) => users::roles_of_all(work.tx, &[user.id]).await?,
            None => Vec::new(),
        };
        let held = held.into_iter().map(|(_, n)| (RoleId::new(n.id), n.name));
        let wanted = known(work, row, &names.roles, "roles", "unknown_role", &told);
        let (ids, moved) = differing(held.collect(), wanted, "roles", changes);
        let problem = names.giving.roles(moved);
        if let Some(problem) = problem.filter(|_| sees("roles")) {
            work.refuse(row, "roles", problem);
        }
        write.roles = Some(ids);
    }
    Ok(())
}

/// What a cell names; what is not known is told.
fn known<T: Copy + Ord>(
    work: &mut Work<'_>,
    row: &Row,
    all: &HashMap<String, (T, String)>,
    field: &str,
    code: &'static str,
    told: &str,
) -> BTreeMap<T, String> {
    let mut wanted = BTreeMap::new();
    for word in listed(told) {
        match all.get(&text::fold(word)) {
            Some((id, name)) => {
                wanted.insert(*id, name.clone());
            }
            None => work.refuse(row, field, FieldProblem::new(field, code).with("key", word)),
        }
    }
    wanted
}

/// The whole new set, and what of it came or went; keeps what is to be told of it.
fn differing<T: Copy + Ord>(
    held: BTreeMap<T, String>,
    wanted: BTreeMap<T, String>,
    field: &'static str,
    changes: &mut Changes,
) -> (Vec<T>, Vec<T>) {
    changes.push((field, joined(&held), joined(&wanted)));
    let [before, after] = [&held, &wanted].map(|set| set.keys().copied().collect::<BTreeSet<T>>());
    let moved = before.symmetric_difference(&after).copied().collect();
    (after.into_iter().collect(), moved)
}

fn listed(told: &str) -> impl Iterator<Item = &str> {
    told.split('|')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn joined<T>(named: &BTreeMap<T, String>) -> String {
    let names: BTreeSet<&str> = named.values().map(String::as_str).collect();
    names.into_iter().collect::<Vec<_>>().join(" | ")
}
