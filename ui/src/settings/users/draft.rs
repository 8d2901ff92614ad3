use api::{
    directory::{NewUser, SaveUser, UserLine},
    session::Named,
};
use kernel::Id;
use leptos::prelude::*;

use crate::t;

/// A user while it is written.
#[derive(Clone, Copy)]
pub struct UserDraft {
    pub login: RwSignal<String>,
    pub name: RwSignal<String>,
    pub mail: RwSignal<String>,
    pub kind: RwSignal<String>,
    pub unit: RwSignal<String>,
    pub position: RwSignal<String>,
    pub manager: RwSignal<String>,
    pub groups: RwSignal<Vec<Named>>,
    pub roles: RwSignal<Vec<Named>>,
    pub password: RwSignal<String>,
}

impl UserDraft {
    pub fn empty() -> Self {
        let text = || RwSignal::new(String::new());
        Self {
            login: text(),
            name: text(),
            mail: text(),
            kind: RwSignal::new("person".to_owned()),
            unit: text(),
            position: text(),
            manager: text(),
            groups: RwSignal::new(Vec::new()),
            roles: RwSignal::new(Vec::new()),
            password: text(),
        }
    }

    pub fn take(&self, user: &UserLine) {
        let key = |named: &Option<Named>| {
            named
                .as_ref()
                .map(|named| named.key.clone())
                .unwrap_or_default()
        };
        self.login.set(user.login.clone());
        self.name.set(user.name.clone());
        self.mail.set(user.mail.clone().unwrap_or_default());
        self.kind.set(user.kind.clone());
        self.unit.set(key(&user.unit));
        self.position.set(key(&user.position));
        self.manager.set(key(&user.manager));
        self.groups.set(user.groups.clone());
        self.roles.set(user.roles.clone());
    }

    pub fn differs(&self, user: &UserLine) -> bool {
        let key = |named: &Option<Named>| {
            named
                .as_ref()
                .map(|named| named.key.clone())
                .unwrap_or_default()
        };
        let keys = |named: &[Named]| {
            let mut keys: Vec<String> = named.iter().map(|one| one.key.clone()).collect();
            keys.sort();
            keys
        };
        self.login.get() != user.login
            || self.name.get() != user.name
            || self.mail.get() != user.mail.clone().unwrap_or_default()
            || self.kind.get() != user.kind
            || self.unit.get() != key(&user.unit)
            || self.position.get() != key(&user.position)
            || self.manager.get() != key(&user.manager)
            || self.groups.with(|groups| keys(groups)) != keys(&user.groups)
            || self.roles.with(|roles| keys(roles)) != keys(&user.roles)
    }

    pub fn fresh(&self) -> NewUser {
        NewUser {
            login: self.login.get_untracked(),
            name: self.name.get_untracked(),
            mail: filled(self.mail),
            password: filled(self.password),
            kind: Some(self.kind.get_untracked()),
            unit: id(self.unit),
            position: id(self.position),
            manager: id(self.manager),
            groups: keys(self.groups),
            roles: keys(self.roles),
        }
    }

    /// What is saved; groups and roles only where they were touched, so that whoever may not give roles can still correct
    /// a name.
    pub fn saved(&self, before: &UserLine, active: bool) -> SaveUser {
        let changed = |now: RwSignal<Vec<Named>>, was: &[Named]| {
            let (mut now, mut was): (Vec<String>, Vec<String>) =
                (keys(now), was.iter().map(|one| one.key.clone()).collect());
            now.sort();
            was.sort();
            (now != was).then_some(now)
        };
        SaveUser {
            version: before.version,
            login: self.login.get_untracked(),
            name: self.name.get_untracked(),
            mail: filled(self.mail),
            kind: self.kind.get_untracked(),
            unit: id(self.unit),
            position: id(self.position),
            manager: id(self.manager),
            active,
            groups: changed(self.groups, &before.groups),
            roles: changed(self.roles, &before.roles),
        }
    }
}

fn filled(text: RwSignal<String>) -> Option<String> {
    Some(text.get_untracked()).filter(|text| !text.trim().is_empty())
}

fn id<T>(text: RwSignal<String>) -> Option<Id<T>> {
    text.with_untracked(|text| text.parse().ok())
}

fn keys(named: RwSignal<Vec<Named>>) -> Vec<String> {
    named.with_untracked(|named| named.iter().map(|one| one.key.clone()).collect())
}

/// Where two states of a user differ: field, one, other.
pub fn differences(was: &UserLine, is: &UserLine) -> Vec<(String, String, String)> {
    let named = |one: &Option<Named>| one.as_ref().map(|n| n.name.clone()).unwrap_or_default();
    let names = |all: &[Named]| {
        let mut names: Vec<String> = all.iter().map(|n| n.name.clone()).collect();
        names.sort();
        names.join(", ")
    };
    let state = |user: &UserLine| {
        if user.active {
            t!("user-active")
        } else {
            t!("user-inactive")
        }
    };
    [
        ("user-login", was.login.clone(), is.login.clone()),
        ("user-name", was.name.clone(), is.name.clone()),
        (
            "user-mail",
            was.mail.clone().unwrap_or_default(),
            is.mail.clone().unwrap_or_default(),
        ),
        ("user-state", state(was), state(is)),
        ("user-unit", named(&was.unit), named(&is.unit)),
        ("user-position", named(&was.position), named(&is.position)),
        ("user-manager", named(&was.manager), named(&is.manager)),
        ("settings-groups", names(&was.groups), names(&is.groups)),
        ("settings-roles", names(&was.roles), names(&is.roles)),
    ]
    .into_iter()
    .filter(|(_, was, is)| was != is)
    .map(|(key, was, is)| (t!(key), was, is))
    .collect()
}
