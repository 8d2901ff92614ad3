//! A role while it is worked on: its grants with undo, what it began as, and which cell is looked at.

use std::sync::Arc;

use access::{Grant, Policy, Target, Verb};
use api::roles::{GrantCatalogue, RoleDetail};
use leptos::prelude::*;

use super::{
    model::{self, Own, Rule},
    words::Names,
};

#[derive(Clone, Copy)]
pub struct Editing {
    pub catalogue: StoredValue<GrantCatalogue>,
    pub names: Names,
    /// As the service has it.
    pub base: RwSignal<RoleDetail>,
    pub name: RwSignal<String>,
    pub description: RwSignal<String>,
    pub grants: RwSignal<Vec<Grant>>,
    /// The role's own decisions, compiled anew whenever its grants change.
    pub policy: Memo<Compiled>,
    pub at: RwSignal<Option<(Target, Verb)>>,
    undone: RwSignal<Vec<Vec<Grant>>>,
    done: RwSignal<Vec<Vec<Grant>>>,
    pub may_change: Signal<bool>,
}

/// Compared by the grants it was made of.
#[derive(Clone)]
pub struct Compiled {
    pub policy: Arc<Policy>,
    grants: Vec<Grant>,
}

impl PartialEq for Compiled {
    fn eq(&self, other: &Self) -> bool {
        self.grants == other.grants
    }
}

const MOST_STEPS: usize = 200;

impl Editing {
    pub fn new(
        role: RoleDetail,
        catalogue: GrantCatalogue,
        names: Names,
        may_change: Signal<bool>,
    ) -> Self {
        let grants = RwSignal::new(role.grants.clone());
        let fixed = role.fixed;
        let key = role.key.clone();
        Self {
            catalogue: StoredValue::new(catalogue),
            names,
            name: RwSignal::new(role.name.clone()),
            description: RwSignal::new(role.description.clone()),
            grants,
            policy: Memo::new(move |_| {
                let grants = grants.get();
                Compiled {
                    policy: Arc::new(model::policy(&key, &grants)),
                    grants,
                }
            }),
            base: RwSignal::new(role),
            at: RwSignal::new(None),
            undone: RwSignal::new(Vec::new()),
            done: RwSignal::new(Vec::new()),
            may_change: Signal::derive(move || may_change.get() && !fixed),
        }
    }

    pub fn is_dirty(&self) -> bool {
        self.base.with(|base| {
            self.grants.with(|grants| *grants != base.grants)
                || self.name.with(|name| *name != base.name)
                || self.description.with(|text| *text != base.description)
        })
    }

    /// Changes the grants as one step of undo.
    pub fn change(&self, change: impl FnOnce(&mut Vec<Grant>)) {
        if !self.may_change.get_untracked() {
            return;
        }
        let before = self.grants.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return;
        }
        self.done.update(|done| {
            if done.len() >= MOST_STEPS {
                done.remove(0);
            }
            done.push(before);
        });
        self.undone.set(Vec::new());
        self.grants.set(after);
    }

    pub fn undo(&self) {
        if let Some(before) = self.done.try_update(Vec::pop).flatten() {
            let now = self.grants.get_untracked();
            self.undone.update(|undone| undone.push(now));
            self.grants.set(before);
        }
    }

    pub fn redo(&self) {
        if let Some(after) = self.undone.try_update(Vec::pop).flatten() {
            let now = self.grants.get_untracked();
            self.done.update(|done| done.push(now));
            self.grants.set(after);
        }
    }

    pub fn can_undo(&self) -> bool {
        self.done.with(|done| !done.is_empty())
    }

    pub fn can_redo(&self) -> bool {
        self.undone.with(|undone| !undone.is_empty())
    }

    /// Takes over what the service has, and forgets the steps.
    pub fn take(&self, role: RoleDetail) {
        self.name.set(role.name.clone());
        self.description.set(role.description.clone());
        self.grants.set(role.grants.clone());
        self.done.set(Vec::new());
        self.undone.set(Vec::new());
        self.base.set(role);
    }

    pub fn set(&self, target: &Target, verb: Verb, to: Own) {
        self.change(|grants| model::set(grants, target, verb, to));
    }

    pub fn step(&self, target: &Target, verb: Verb) {
        let own = self
            .grants
            .with_untracked(|grants| model::own(grants, target, verb));
        self.set(target, verb, model::next(own));
    }

    pub fn rules(&self, target: &Target, verb: Verb) -> Vec<Rule> {
        self.grants
            .with(|grants| model::rules(grants, target, verb))
    }

    pub fn put(&self, target: &Target, verb: Verb, rules: &[Rule]) {
        self.change(|grants| model::put(grants, target, verb, rules));
    }
}
