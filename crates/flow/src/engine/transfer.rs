//! Moving a running instance to another version of its process.
//!
//! Elements are matched by id, or as the caller says. What runs keeps its ids, so work items, timers (with their remaining
//! time) and waits go on as they are; events that the new version adds to what runs are listened for, and those that it lacks
//! are forgotten. To take a move back, keep the state from before.

use std::collections::BTreeMap;

use kernel::{Language, Moment};
use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::plan::{EvKind, Ix, Kind, NONE, Plan};
use super::run::Run;
use super::state::{ActivityId, React, State, Sub, Waits};
use crate::model::ElementId;
use crate::problem::fill;

/// Why an instance cannot be moved: what runs in it has no place in the new version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "obstacle", rename_all = "snake_case")]
pub enum Obstacle {
    /// The element is gone. Say which one stands for it now.
    Gone {
        activity: ActivityId,
        element: ElementId,
    },
    /// It is there, but of another kind.
    OtherKind {
        activity: ActivityId,
        element: ElementId,
    },
    /// It is there, but in another sub-process.
    Elsewhere {
        activity: ActivityId,
        element: ElementId,
    },
    /// It waits for another event now.
    OtherEvent {
        activity: ActivityId,
        element: ElementId,
    },
    /// It runs several times in one version and once in the other.
    OtherRepetition {
        activity: ActivityId,
        element: ElementId,
    },
}

impl Obstacle {
    pub fn element(&self) -> &ElementId {
        match self {
            Self::Gone { element, .. }
            | Self::OtherKind { element, .. }
            | Self::Elsewhere { element, .. }
            | Self::OtherEvent { element, .. }
            | Self::OtherRepetition { element, .. } => element,
        }
    }

    pub fn sentence(&self, language: Language) -> String {
        let (es, en) = match self {
            Self::Gone { .. } => (
                "«{0}» está en curso y no existe en la versión nueva. Indique qué elemento ocupa su lugar.",
                "“{0}” is running and is not in the new version. Say which element takes its place.",
            ),
            Self::OtherKind { .. } => (
                "«{0}» está en curso y en la versión nueva es de otro tipo.",
                "“{0}” is running and is of another kind in the new version.",
            ),
            Self::Elsewhere { .. } => (
                "«{0}» está en curso y en la versión nueva está en otro subproceso.",
                "“{0}” is running and stands in another sub-process in the new version.",
            ),
            Self::OtherEvent { .. } => (
                "«{0}» espera, y en la versión nueva espera otra cosa.",
                "“{0}” is waiting, and waits for something else in the new version.",
            ),
            Self::OtherRepetition { .. } => (
                "«{0}» está en curso y en la versión nueva se repite de otra manera.",
                "“{0}” is running and repeats in another way in the new version.",
            ),
        };
        fill(
            if language == Language::Es { es } else { en },
            &[self.element().to_string()],
        )
    }
}

/// Moves an instance. On error: everything that stands against it; the instance stays as it was.
///
/// `mapping`: for elements that have another id in the new version, the new one by the old.
pub fn transfer(
    old: &Plan,
    new: &Plan,
    state: &State,
    mapping: &BTreeMap<ElementId, ElementId>,
    now: Moment,
) -> Result<(State, Vec<Effect>), Vec<Obstacle>> {
    let map = Map { old, new, mapping };
    let mut moved = state.clone();
    let mut obstacles = Vec::new();
    for scope in &mut moved.scopes {
        let before = scope.element;
        match map.scope(before, scope.waits, ActivityId(scope.id)) {
            Ok(element) => scope.element = element,
            Err(obstacle) => obstacles.push(obstacle),
        }
        let joins = matches!(
            old.node(before).kind,
            Kind::Parallel | Kind::Inclusive | Kind::Complex
        );
        scope.via = match map.node(scope.via) {
            None if joins && scope.via != NONE => {
                let element = old.node(scope.via).id.clone();
                obstacles.push(Obstacle::Gone {
                    activity: ActivityId(scope.id),
                    element,
                });
                NONE
            }
            via => via.unwrap_or(NONE),
        };
    }
    let mut lost: Vec<Sub> = Vec::new();
    moved.subs = Vec::with_capacity(state.subs.len());
    for sub in &state.subs {
        match map.sub(sub) {
            Some(sub) => moved.subs.push(sub),
            None if matches!(
                sub.react,
                React::Continue | React::ContinueWhenAll | React::Gate { .. }
            ) =>
            {
                let element = old.node(sub.event.element).id.clone();
                obstacles.push(Obstacle::OtherEvent {
                    activity: ActivityId(sub.scope),
                    element,
                });
            }
            None => lost.push(sub.clone()),
        }
    }
    if !obstacles.is_empty() {
        return Err(obstacles);
    }
    moved.spent = state
        .spent
        .iter()
        .filter_map(|(scope, gateway, flows)| {
            let flows = flows.iter().filter_map(|flow| map.node(*flow)).collect();
            Some((*scope, map.node(*gateway)?, flows))
        })
        .collect();
    let mut effects: Vec<Effect> = Vec::new();
    {
        // What is forgotten is told in the words of the old version.
        let mut before = state.clone();
        let mut run = Run::new(old, &mut before, now);
        for sub in &lost {
            run.denounce(sub);
        }
        effects.append(&mut run.effects);
    }
    let mut run = Run::new(new, &mut moved, now);
    run.listen_anew();
    run.settle();
    effects.append(&mut run.effects);
    Ok((moved, effects))
}

struct Map<'a> {
    old: &'a Plan,
    new: &'a Plan,
    mapping: &'a BTreeMap<ElementId, ElementId>,
}

impl Map<'_> {
    fn node(&self, ix: Ix) -> Option<Ix> {
        let node = self.old.nodes.get(ix as usize)?;
        if node.kind == Kind::Root {
            return self.new.roots.first().copied();
        }
        self.new
            .find(self.mapping.get(&node.id).unwrap_or(&node.id))
    }

    fn scope(&self, ix: Ix, waits: Waits, activity: ActivityId) -> Result<Ix, Obstacle> {
        let before = self.old.node(ix);
        let element = before.id.clone();
        let Some(mapped) = self.node(ix) else {
            return Err(Obstacle::Gone { activity, element });
        };
        let after = self.new.node(mapped);
        let same = match waits {
            // A request is a request, whoever is asked.
            Waits::Request => matches!(
                after.kind,
                Kind::Service | Kind::Rule | Kind::Script | Kind::Send
            ),
            _ => std::mem::discriminant(&before.kind) == std::mem::discriminant(&after.kind),
        };
        if !same {
            return Err(Obstacle::OtherKind { activity, element });
        }
        if before.parent != NONE && self.node(before.parent) != Some(after.parent) {
            return Err(Obstacle::Elsewhere { activity, element });
        }
        if before.repeat.is_some() != after.repeat.is_some() {
            return Err(Obstacle::OtherRepetition { activity, element });
        }
        Ok(mapped)
    }

    /// The listener as it is in the new version; `None`: it has no such thing.
    fn sub(&self, sub: &Sub) -> Option<Sub> {
        let mut moved = sub.clone();
        if sub.event.element != NONE {
            moved.event.element = self.node(sub.event.element)?;
        }
        let after = self.new.nodes.get(moved.event.element as usize);
        match sub.event.kind {
            EvKind::Compensate => moved.event.reference = self.node(sub.event.reference)?,
            EvKind::Timer if matches!(sub.react, React::Due | React::Rung { .. }) => {
                let work = after?.work.as_ref()?;
                let there = match sub.react {
                    React::Rung { rung } => work.rungs.len() > rung as usize,
                    _ => work.due.is_some(),
                };
                return there.then_some(moved);
            }
            EvKind::Message
            | EvKind::Signal
            | EvKind::Error
            | EvKind::Escalation
            | EvKind::Timer
            | EvKind::Conditional => {
                let event = after?
                    .events
                    .get(sub.nth as usize)
                    .filter(|event| event.ev.kind == sub.event.kind)?;
                moved.event = event.ev;
            }
            _ => {}
        }
        moved.react = match sub.react {
            React::EventSub { sub, start } => React::EventSub {
                sub: self.node(sub)?,
                start: self.node(start)?,
            },
            React::HandlerSub { sub, start } => React::HandlerSub {
                sub: self.node(sub)?,
                start: self.node(start)?,
            },
            React::Handler { activity } => React::Handler {
                activity: self.node(activity)?,
            },
            React::Compensate { node } => React::Compensate {
                node: self.node(node)?,
            },
            React::Unwind {
                target,
                below,
                only,
                ahead,
            } => React::Unwind {
                target,
                below,
                only: if only == NONE { NONE } else { self.node(only)? },
                ahead,
            },
            other => other,
        };
        Some(moved)
    }
}

impl Run<'_> {
    /// Listens for what the plan has on running scopes and nobody listens for yet.
    fn listen_anew(&mut self) {
        let plan = self.plan;
        let scopes: Vec<(u32, Ix, bool)> = self
            .state
            .scopes
            .iter()
            .filter(|scope| scope.phase.running())
            .map(|scope| (scope.id, scope.element, scope.inner))
            .collect();
        for (scope, element, inner) in scopes {
            let node = plan.node(element);
            let heard = |run: &Self, event: Ix| {
                run.state
                    .subs
                    .iter()
                    .any(|sub| sub.scope == scope && sub.event.element == event)
            };
            if node.repeat.is_none() || inner {
                for (sub, start) in &node.event_subs {
                    if !heard(self, *start) {
                        self.subscribe_all(
                            scope,
                            *start,
                            React::EventSub {
                                sub: *sub,
                                start: *start,
                            },
                        );
                    }
                }
            }
            if !inner {
                for event in &node.attachers {
                    if !heard(self, *event) {
                        self.subscribe_all(scope, *event, React::Boundary);
                    }
                }
            }
        }
    }
}
