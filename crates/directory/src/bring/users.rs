use std::collections::{BTreeSet, HashMap};

use access::Verb;
use kernel::{FieldProblem, Result, text};

use super::units::{Known, named};
use super::{Action, Row, Work, in_order};
use crate::users::{self, User, UserKind, UserWrite};
use crate::{GroupId, RoleId, UserId, groups, positions, roles};

/// What cells refer to by name or key.
struct Names {
    units: Known,
    /// Key and name, folded.
    groups: HashMap<String, (GroupId, String)>,
    roles: HashMap<String, (RoleId, String)>,
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
                work.refused(&row, made)?;
            }
            work.tell(&row, Action::Create, Vec::new());
        }
    }
    Ok(())
}

type Changes = Vec<(&'static str, String, String)>;

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

/// Groups and roles, by key or name, with `|` between them. Giving a role wants the right to change roles: nobody brings
/// users who may do more than oneself.
async fn holding(
    work: &mut Work<'_>,
    names: &Names,
    row: &Row,
    before: Option<&User>,
    write: &mut UserWrite,
    changes: &mut Changes,
) -> Result<()> {
    if let Some(told) = work.value(row, "groups").map(str::to_owned) {
        let held = match before {
            Some(user) => users::groups_of(work.tx, user.id).await?,
            None => Vec::new(),
        };
        let held: BTreeSet<String> = held.into_iter().map(|n| n.name).collect();
        let mut wanted = BTreeSet::new();
        let mut ids = Vec::new();
        for word in listed(&told) {
            match names.groups.get(&text::fold(word)) {
                Some((id, name)) => {
                    ids.push(*id);
                    wanted.insert(name.clone());
                }
                None => {
                    let problem = FieldProblem::new("groups", "unknown_group").with("key", word);
                    work.refuse(row, "groups", problem);
                }
            }
        }
        changes.push(("groups", joined(&held), joined(&wanted)));
        write.groups = Some(ids);
    }
    if let Some(told) = work.value(row, "roles").map(str::to_owned) {
        let held = match before {
            Some(user) => users::roles_of_all(work.tx, &[user.id]).await?,
            None => Vec::new(),
        };
        let held: BTreeSet<String> = held.into_iter().map(|(_, n)| n.name).collect();
        let mut wanted = BTreeSet::new();
        let mut ids = Vec::new();
        for word in listed(&told) {
            match names.roles.get(&text::fold(word)) {
                Some((id, name)) => {
                    ids.push(*id);
                    wanted.insert(name.clone());
                }
                None => {
                    let problem = FieldProblem::new("roles", "unknown_role").with("key", word);
                    work.refuse(row, "roles", problem);
                }
            }
        }
        if held != wanted && work.policy.require(Verb::Change, "role").is_err() {
            work.refuse(row, "roles", FieldProblem::new("roles", "field_forbidden"));
        }
        changes.push(("roles", joined(&held), joined(&wanted)));
        write.roles = Some(ids);
    }
    Ok(())
}

fn listed(told: &str) -> impl Iterator<Item = &str> {
    told.split('|')
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

fn joined(names: &BTreeSet<String>) -> String {
    names.iter().cloned().collect::<Vec<_>>().join(" | ")
}
