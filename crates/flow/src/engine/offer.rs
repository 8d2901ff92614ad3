//! What people may set off by themselves where an instance stands: exceptions that somebody would catch, and activities of
//! an ad-hoc sub-process.

use std::sync::Arc;

use super::plan::{EvKind, Kind, NONE, Plan};
use super::state::{ActivityId, State};
use crate::model::ElementId;

/// An error or escalation that is caught where it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub escalation: bool,
    /// `None`: the catcher takes any.
    pub code: Option<Arc<str>>,
    /// The event that catches it.
    pub element: ElementId,
    /// What the designer calls that event; empty where it has no name.
    pub name: Arc<str>,
    /// It ends what the catcher is tied to.
    pub interrupting: bool,
}

/// An activity that can be begun once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Startable {
    /// The ad-hoc sub-process.
    pub activity: ActivityId,
    pub element: ElementId,
    pub name: Arc<str>,
}

/// What can be raised at a running activity, the nearest catcher first; of several for one code, the one that would get it.
pub fn exceptions(plan: &Plan, state: &State, activity: ActivityId) -> Vec<Exception> {
    let mut found: Vec<(EvKind, u32)> = Vec::new();
    let mut out = Vec::new();
    let mut at = activity.0;
    while let Some(scope) = state.scope(at) {
        let listeners = state.subs.iter().filter(|sub| {
            sub.scope == at && matches!(sub.event.kind, EvKind::Error | EvKind::Escalation)
        });
        for sub in listeners {
            let sort = (sub.event.kind, sub.event.reference);
            let hidden = found
                .iter()
                .any(|known| *known == sort || *known == (sort.0, NONE));
            let Some(node) = plan.nodes.get(sub.event.element as usize) else {
                continue;
            };
            if hidden {
                continue;
            }
            found.push(sort);
            let around = plan.nodes.get(node.parent as usize);
            let around = around.filter(|around| around.kind == Kind::EventSub);
            let name = match around {
                Some(around) if node.name.is_empty() => around.name.clone(),
                _ => node.name.clone(),
            };
            out.push(Exception {
                escalation: sub.event.kind == EvKind::Escalation,
                code: plan.names.get(sub.event.reference as usize).cloned(),
                element: node.id.clone(),
                name,
                interrupting: sub.event.interrupting,
            });
        }
        at = scope.parent;
    }
    out
}

/// What can be begun by hand now. A sequential ad-hoc sub-process goes its own way.
pub fn startable(plan: &Plan, state: &State) -> Vec<Startable> {
    let mut out = Vec::new();
    for scope in &state.scopes {
        let node = plan.node(scope.element);
        let parallel = matches!(
            node.kind,
            Kind::AdHoc {
                sequential: false,
                ..
            }
        );
        let runs = scope.phase.running();
        if !parallel || !runs || (node.repeat.is_some() && !scope.inner) {
            continue;
        }
        for begin in &node.starts {
            let node = plan.node(*begin);
            if node.kind != Kind::Start {
                out.push(Startable {
                    activity: ActivityId(scope.id),
                    element: node.id.clone(),
                    name: node.name.clone(),
                });
            }
        }
    }
    out
}
