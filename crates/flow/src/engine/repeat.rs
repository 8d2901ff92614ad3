//! Activities that run more than once: loops, multi-instance, ad-hoc sub-processes.
//!
//! A repeated activity is a scope around its runs; boundary events hang on the scope around. Each run has variables of its
//! own: `loopCounter` (from 1), the item, and what it gives for the list of results (which has its place there from the
//! beginning, null until it is given). The scope around has `numberOfInstances`, `numberOfActiveInstances`,
//! `numberOfCompletedInstances` and `numberOfTerminatedInstances` (BPMN 2.0, table 10.30).

use serde_json::Value;

use super::plan::{Ix, Kind, NONE, RepeatPlan};
use super::run::{By, Job, Run, What};
use super::state::{Repetition, Variables, Waits};

/// The most runs of one activity.
const MAX_RUNS: u32 = 10_000;

impl Run<'_> {
    pub fn repeat(&mut self, scope: u32) {
        let plan = self.plan;
        let element = self.by(scope).element;
        let Some(repeat) = plan
            .nodes
            .get(element as usize)
            .and_then(|node| node.repeat.as_ref())
        else {
            return;
        };
        let mut repetition = Repetition {
            scope,
            total: None,
            begun: 0,
            done: 0,
            items: Vec::new(),
        };
        match repeat {
            RepeatPlan::Loop { test_before, .. } => {
                self.state.repeats.push(repetition);
                if *test_before {
                    self.next_loop(scope, element);
                } else {
                    self.begin_run(scope, element, None);
                }
            }
            RepeatPlan::Multiple { sequential, .. } => {
                match self.runs(scope, repeat) {
                    Ok((total, items)) => {
                        repetition.total = Some(total);
                        repetition.items = items;
                    }
                    Err(why) => {
                        return self.incident(scope, Waits::ToBegin, "flow.repeat_failed", why);
                    }
                }
                let total = repetition.total.unwrap_or(0);
                let items = if *sequential {
                    Vec::new()
                } else {
                    std::mem::take(&mut repetition.items)
                };
                self.state.repeats.push(repetition);
                self.count(scope);
                if total == 0 {
                    self.state
                        .repeats
                        .retain(|repetition| repetition.scope != scope);
                    return self.leave(scope);
                }
                if *sequential {
                    self.next_item(scope, element);
                    return;
                }
                let mut items = items.into_iter().rev();
                for _ in 0..total {
                    self.begin_run(scope, element, items.next());
                }
                self.count(scope);
            }
        }
    }

    /// How many runs, and the items for them, the last first.
    fn runs(&self, scope: u32, repeat: &RepeatPlan) -> Result<(u32, Vec<Value>), String> {
        let RepeatPlan::Multiple {
            cardinality,
            collection,
            ..
        } = repeat
        else {
            return Ok((1, Vec::new()));
        };
        if let Some(expression) = collection {
            let mut items = match self.value(expression, scope, None)? {
                Value::Array(items) => items,
                Value::Null => Vec::new(),
                one => vec![one],
            };
            let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
            items.reverse();
            return if total <= MAX_RUNS {
                Ok((total, items))
            } else {
                Err(total.to_string())
            };
        }
        let Some(expression) = cardinality else {
            return Ok((1, Vec::new()));
        };
        let value = self.value(expression, scope, None)?;
        let number = value
            .as_u64()
            .or_else(|| value.as_f64().filter(|n| n.fract() == 0.0).and_then(whole));
        match number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|total| *total <= MAX_RUNS)
        {
            Some(total) => Ok((total, Vec::new())),
            None => Err(format!("{}: {value}", expression.text)),
        }
    }

    fn repetition(&mut self, scope: u32) -> Option<&mut Repetition> {
        self.state
            .repeats
            .iter_mut()
            .find(|repetition| repetition.scope == scope)
    }

    fn begin_run(&mut self, scope: u32, element: Ix, item: Option<Value>) {
        let Some(repetition) = self.repetition(scope) else {
            return;
        };
        repetition.begun += 1;
        let number = repetition.begun;
        let run = self.make(element, scope, NONE, true);
        self.set_local(run, "loopCounter", number.into());
        let plan = self.plan;
        if let Some(RepeatPlan::Multiple {
            item: name, output, ..
        }) = &plan.node(element).repeat
        {
            // A plain name is the run's own: others that run at the same time do not write over it.
            if let Some((given, _)) = output.as_ref().filter(|(given, _)| plain(&given.text)) {
                self.set_local(run, &given.text, Value::Null);
            }
            if let (Some(name), Some(value)) = (name, item) {
                self.set_local(run, name, value);
            }
        }
        self.jobs.push_back(Job {
            scope: run,
            what: What::Enter {
                by: By { scope, element },
            },
        });
    }

    fn count(&mut self, scope: u32) {
        let Some(Repetition {
            total, begun, done, ..
        }) = self.repetition(scope)
        else {
            return;
        };
        let (total, begun, done) = (total.unwrap_or(*begun), *begun, *done);
        self.set_local(scope, "numberOfInstances", total.into());
        self.set_local(scope, "numberOfActiveInstances", (begun - done).into());
        self.set_local(scope, "numberOfCompletedInstances", done.into());
        self.set_local(scope, "numberOfTerminatedInstances", 0.into());
    }

    /// One run is over: the next, or the activity is done.
    pub fn run_left(&mut self, run: u32, scope: u32) {
        let plan = self.plan;
        let element = self.by(scope).element;
        let Some(repeat) = plan
            .nodes
            .get(element as usize)
            .and_then(|node| node.repeat.as_ref())
        else {
            return;
        };
        if self.state.scope(scope).is_some_and(|scope| scope.undone) {
            self.try_exit(scope, run);
            return;
        }
        let Some(repetition) = self.repetition(scope) else {
            return;
        };
        repetition.done += 1;
        match repeat {
            RepeatPlan::Loop { .. } => self.next_loop(scope, element),
            RepeatPlan::Multiple {
                sequential,
                completion,
                ..
            } => {
                self.keep_result(run, scope, element);
                self.count(scope);
                let enough = match completion
                    .as_ref()
                    .map(|condition| self.holds(condition, run))
                {
                    None => false,
                    Some(Ok(holds)) => holds,
                    Some(Err(why)) => {
                        self.tell_incident(scope, "flow.condition_failed", why);
                        false
                    }
                };
                if enough {
                    self.destroy_children(scope, run);
                    self.try_exit(scope, run);
                } else if *sequential {
                    self.next_item(scope, element);
                } else {
                    self.try_exit(scope, run);
                }
            }
        }
    }

    /// Puts what a run gave into its place of the list.
    fn keep_result(&mut self, run: u32, scope: u32, element: Ix) {
        let plan = self.plan;
        let Some(RepeatPlan::Multiple {
            output: Some((given, to)),
            ..
        }) = &plan.node(element).repeat
        else {
            return;
        };
        let value = match self.value(given, run, None) {
            Ok(value) => value,
            Err(why) => {
                self.tell_incident(scope, "flow.output_failed", why);
                Value::Null
            }
        };
        let total = self
            .repetition(scope)
            .and_then(|repetition| repetition.total)
            .unwrap_or(0) as usize;
        let place = self.local(run, "loopCounter").and_then(Value::as_u64);
        let mut list = match self.local(scope, to) {
            Some(Value::Array(list)) => list.clone(),
            _ => Vec::new(),
        };
        list.resize(total.max(list.len()), Value::Null);
        let place = place.and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        if let Some(place) = place.and_then(|place| list.get_mut(place)) {
            *place = value;
        }
        let list = Value::Array(list);
        self.set_local(scope, to, list.clone());
        let parent = self.state.scope(scope).map_or(NONE, |scope| scope.parent);
        let mut all = Variables::new();
        all.insert(to.clone(), list);
        self.assign(parent, all);
    }

    fn next_item(&mut self, scope: u32, element: Ix) {
        let Some(repetition) = self.repetition(scope) else {
            return;
        };
        if repetition.begun >= repetition.total.unwrap_or(0) {
            self.try_exit_now(scope);
            return;
        }
        let item = repetition.items.pop();
        self.begin_run(scope, element, item);
        self.count(scope);
    }

    fn next_loop(&mut self, scope: u32, element: Ix) {
        let plan = self.plan;
        let Some(RepeatPlan::Loop {
            condition, maximum, ..
        }) = &plan.node(element).repeat
        else {
            return;
        };
        let begun = self
            .repetition(scope)
            .map_or(0, |repetition| repetition.begun);
        let below = maximum.is_none_or(|maximum| begun < maximum);
        // How many runs there were, as they see it themselves.
        let mut counter = Variables::new();
        counter.insert("loopCounter".to_owned(), begun.into());
        let again = match condition
            .as_ref()
            .map(|condition| self.holds_with(condition, scope, Some(&counter)))
        {
            // Without a condition only the maximum ends the loop; without both it runs once.
            None => maximum.is_some() || begun == 0,
            Some(Ok(holds)) => holds,
            Some(Err(why)) => {
                return self.incident(scope, Waits::ToBegin, "flow.condition_failed", why);
            }
        };
        if again && below {
            self.begin_run(scope, element, None);
        } else {
            self.try_exit_now(scope);
        }
    }

    /// Goes on after an incident between two runs.
    pub fn next_run(&mut self, scope: u32) {
        let element = self.by(scope).element;
        match self.plan.node(element).repeat {
            Some(RepeatPlan::Loop { .. }) => self.next_loop(scope, element),
            _ => self.next_item(scope, element),
        }
    }

    /// The last run is leaving and does not count any more.
    fn try_exit_now(&mut self, scope: u32) {
        let last = self
            .state
            .children(scope)
            .map(|child| child.id)
            .max()
            .unwrap_or(scope);
        self.try_exit(scope, last);
    }

    // Ad-hoc sub-processes.

    /// One activity after the other, in the order in which they are drawn.
    pub fn start_sequence(&mut self, scope: u32, begins: &[Ix]) {
        self.state.repeats.push(Repetition {
            scope,
            total: None,
            begun: 1,
            done: 0,
            items: Vec::new(),
        });
        if let Some(first) = begins.first() {
            self.enter(*first, scope, None);
        }
    }

    /// `true`: another activity of a sequential ad-hoc sub-process has begun.
    pub fn next_of_sequence(&mut self, scope: u32) -> bool {
        let plan = self.plan;
        let Some(node) = self.node_of(scope) else {
            return false;
        };
        if !matches!(
            node.kind,
            Kind::AdHoc {
                sequential: true,
                ..
            }
        ) {
            return false;
        }
        if self
            .state
            .scope(scope)
            .is_none_or(|scope| !scope.phase.running())
        {
            return false;
        }
        let Some(repetition) = self.repetition(scope) else {
            return false;
        };
        let Some(next) = node.starts.get(repetition.begun as usize) else {
            return false;
        };
        repetition.begun += 1;
        debug_assert!(
            plan.nodes.len() > *next as usize,
            "starts are nodes of the plan"
        );
        self.enter(*next, scope, None);
        true
    }

    /// After an activity inside: an ad-hoc sub-process whose completion condition holds is over. `true`: dealt with.
    pub fn ad_hoc_done(&mut self, parent: u32, scope: u32) -> bool {
        let Some(node) = self.node_of(parent) else {
            return false;
        };
        let Kind::AdHoc {
            cancel_remaining, ..
        } = node.kind
        else {
            return false;
        };
        let Some(condition) = &node.condition else {
            return false;
        };
        match self.holds(condition, parent) {
            Ok(true) => {
                self.state
                    .repeats
                    .retain(|repetition| repetition.scope != parent);
                if cancel_remaining {
                    self.destroy_children(parent, scope);
                    self.try_exit(parent, scope);
                    return true;
                }
                false
            }
            Ok(false) => false,
            Err(why) => {
                self.tell_incident(parent, "flow.condition_failed", why);
                false
            }
        }
    }
}

/// One name, and nothing computed.
fn plain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_')
        && text.chars().next().is_some_and(|c| !c.is_numeric())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
fn whole(number: f64) -> Option<u64> {
    (0.0..=4_294_967_295.0)
        .contains(&number)
        .then_some(number as u64)
}
