//! Who gets a work item, and why. The reason is kept with it and shown.

use flow::model::Strategy;
use kernel::{Id, Result};
use ledger::{Actor, User};
use store::Tx;

use super::{Batch, Loaded};
use crate::rows::Reason;
use crate::talents;
use crate::words::Instance;

store::statements! {
    TURN = "SELECT last_user FROM assignment_turn WHERE group_key = $1",
        "SELECT last_user FROM assignment_turn WHERE group_key = $1 FOR UPDATE";
    SET_TURN = "INSERT INTO assignment_turn (group_key, last_user) VALUES ($1, $2)
        ON CONFLICT (group_key) DO UPDATE SET last_user = excluded.last_user";
    LOAD =
        "SELECT assignee, count(*) FROM work_item WHERE assignee = $1 AND state IN ('open', 'claimed') GROUP BY assignee",
        "SELECT assignee, count(*) FROM work_item WHERE assignee = ANY($1) AND state IN ('open', 'claimed') GROUP BY assignee";
    LAST_CLOSER = "SELECT closed_by FROM work_item WHERE instance = $1 AND closed_by IS NOT NULL ORDER BY closed DESC LIMIT 1";
}

pub(super) struct Choice {
    pub group: Option<String>,
    pub user: Option<Id<User>>,
    pub reason: Reason,
}

impl Batch<'_> {
    pub(super) async fn choose(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        loaded: &Loaded,
        element: &str,
        group: Option<&str>,
    ) -> Result<Choice> {
        let instance = &loaded.row;
        let facts = loaded.published.element(element);
        let binding = facts.and_then(|facts| facts.binding.as_ref());
        let strategy = binding
            .map(|binding| binding.assignment.strategy)
            .unwrap_or_default();
        let people = &self.inner.plugs.people;
        let mut group = group.map(str::to_owned);
        let members = match (strategy, &group) {
            (Strategy::RoundRobin | Strategy::LeastLoaded | Strategy::Skill, Some(group)) => {
                people.members(group).await?
            }
            _ => Vec::new(),
        };
        let chosen = match strategy {
            Strategy::Group => {
                return Ok(Choice {
                    group,
                    user: None,
                    reason: Reason::new("group"),
                });
            }
            Strategy::RoundRobin => match &group {
                Some(group) => self.next_in_turn(tx, group, &members).await?,
                None => None,
            },
            Strategy::LeastLoaded => self.least_loaded(tx, &members).await?,
            Strategy::SameUser => {
                let user = self.previous(tx, actor, instance.id).await?;
                user.map(|user| (user, Reason::new("same_user")))
            }
            Strategy::OwnCustomer => match instance.customer {
                Some(customer) => people
                    .owner(customer)
                    .await?
                    .map(|user| (user, Reason::new("own_customer"))),
                None => None,
            },
            Strategy::Deputy => {
                let owner = match instance.customer {
                    Some(customer) => people.owner(customer).await?,
                    None => self.previous(tx, actor, instance.id).await?,
                };
                match owner {
                    Some(owner) => Some(match self.stands_in(tx, owner).await? {
                        Some(deputy) => (deputy, Reason::new("deputy").with("of", owner)),
                        None => (owner, Reason::new("own_customer")),
                    }),
                    None => None,
                }
            }
            Strategy::Expression => {
                let chooser = facts.and_then(|facts| facts.chooser.as_ref());
                let value = chooser.and_then(|chooser| {
                    chooser
                        .evaluate(&[&instance.data.0.variables], self.now)
                        .ok()
                });
                match value.as_ref().and_then(serde_json::Value::as_str) {
                    Some(key) => match people.user(key).await? {
                        Some(user) => Some((user, Reason::new("expression").with("value", key))),
                        // No user of that key: a group.
                        None => {
                            group = Some(key.to_owned());
                            let reason = Reason::new("expression").with("value", key);
                            return Ok(Choice {
                                group,
                                user: None,
                                reason,
                            });
                        }
                    },
                    None => None,
                }
            }
            Strategy::Skill => {
                let wanted = binding.and_then(|binding| binding.assignment.skill.as_deref());
                match wanted {
                    Some(wanted) => self.skilled(tx, wanted, &members).await?,
                    None => None,
                }
            }
        };
        Ok(match chosen {
            Some((user, reason)) => Choice {
                group,
                user: Some(user),
                reason,
            },
            None => {
                let wanted = serde_json::to_value(strategy).ok();
                let wanted = wanted
                    .as_ref()
                    .and_then(serde_json::Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                Choice {
                    group,
                    user: None,
                    reason: Reason::new("group").with("instead_of", wanted),
                }
            }
        })
    }

    /// Who stands in for the user now: as it was set here, else as the house knows it.
    async fn stands_in(&self, tx: &mut Tx, user: Id<User>) -> Result<Option<Id<User>>> {
        match talents::deputy(tx, user).await? {
            Some(set) if set.begins <= self.now && self.now < set.ends => Ok(Some(set.deputy)),
            Some(_) => Ok(None),
            None => self.inner.plugs.people.deputy(user).await,
        }
    }

    /// Of those in the group who can do it well enough, the one with the least to do; of equals the better one.
    async fn skilled(
        &self,
        tx: &mut Tx,
        wanted: &str,
        members: &[Id<User>],
    ) -> Result<Option<(Id<User>, Reason)>> {
        let (skill, level) = talents::wanted(wanted);
        let mut able = talents::skilled(tx, skill, level).await?;
        able.retain(|(user, _)| members.contains(user));
        able.sort_by_key(|(user, level)| {
            (-level, members.iter().position(|member| member == user))
        });
        let users: Vec<_> = able.iter().map(|(user, _)| *user).collect();
        let chosen = self.least_loaded(tx, &users).await?;
        Ok(chosen.map(|(user, reason)| {
            let has = able
                .iter()
                .find(|(able, _)| *able == user)
                .map_or(level, |(_, level)| *level);
            let load = reason.facts.get("load").cloned().unwrap_or_default();
            let reason = Reason::new("skill")
                .with("skill", skill)
                .with("level", has)
                .with("load", load)
                .with("of", users.len());
            (user, reason)
        }))
    }

    async fn next_in_turn(
        &self,
        tx: &mut Tx,
        group: &str,
        members: &[Id<User>],
    ) -> Result<Option<(Id<User>, Reason)>> {
        let last = store::fetch_optional!(tx, (Id<User>,), TURN, group)?.map(|(user,)| user);
        let after = last
            .and_then(|last| members.iter().position(|member| *member == last))
            .map_or(0, |at| at + 1);
        let Some(next) = members.get(after).or_else(|| members.first()).copied() else {
            return Ok(None);
        };
        store::execute!(tx, SET_TURN, group, next)?;
        Ok(Some((
            next,
            Reason::new("round_robin").with("of", members.len()),
        )))
    }

    async fn least_loaded(
        &self,
        tx: &mut Tx,
        members: &[Id<User>],
    ) -> Result<Option<(Id<User>, Reason)>> {
        let loads = jobs::return_rows!(tx, (Id<User>, i64), LOAD, members, |member| [*member])?;
        let load_of = |member: Id<User>| {
            let stored = loads
                .iter()
                .find(|(user, _)| *user == member)
                .map_or(0, |(_, load)| *load);
            // What this transaction has given out already is not in the table yet.
            let given = self
                .items
                .values()
                .filter(|item| item.new && item.row.assignee == Some(member))
                .count();
            stored + i64::try_from(given).unwrap_or(0)
        };
        let least = members
            .iter()
            .map(|member| (load_of(*member), *member))
            .min_by_key(|(load, _)| *load);
        Ok(least.map(|(load, user)| {
            (
                user,
                Reason::new("least_loaded")
                    .with("load", load)
                    .with("of", members.len()),
            )
        }))
    }

    /// Who closed the activity before: the one who does so just now, or the last one.
    async fn previous(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        instance: Id<Instance>,
    ) -> Result<Option<Id<User>>> {
        if actor.user.is_some() {
            return Ok(actor.user);
        }
        Ok(store::fetch_optional!(tx, (Id<User>,), LAST_CLOSER, instance)?.map(|(user,)| user))
    }
}
