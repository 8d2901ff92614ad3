//! Simulation: a process and the life of one instance of it, both drawn from a seed, with every promise of the kernel checked
//! at every step.
//!
//! What is checked:
//! - no token is lost or doubled: what is entered is left once, what is asked for outside is answered or taken back once, and
//!   the state holds just what is open;
//! - an instance has ended, or every token of it waits on something named that can still come;
//! - the state survives being stored;
//! - the same seed gives the same run.
//!
//! Add a construct to `generate.rs` and it is covered.

mod generate;
mod ledger;

use std::hash::{DefaultHasher, Hash, Hasher};

use kernel::{Moment, Span};
use serde_json::json;

use crate::engine::{
    Event, Exception, Plan, StartKind, State, Variables, WaitingOn, advance, exceptions,
};
use crate::xml;
use ledger::{Ledger, Open};

/// The most steps of one run.
const MAX_STEPS: u32 = 300;

/// A run that kept every promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub seed: u64,
    /// How many events it took.
    pub steps: u32,
    /// How many times an element was entered.
    pub entered: u32,
    /// It came to its end. Otherwise it was still going after the most steps of a run.
    pub ended: bool,
    /// Over all states and the kinds of all effects: two runs with one digest did the same.
    pub digest: u64,
}

/// A run that broke a promise. The seed replays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub seed: u64,
    pub step: u32,
    pub what: String,
    /// The process, as BPMN.
    pub process: String,
    /// What was told and what came of it, step by step, up to the last step that kept every promise.
    pub history: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {} step {}: {}", self.seed, self.step, self.what)
    }
}

/// Numbers from a seed (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to below `sides`.
    pub fn roll(&mut self, sides: u32) -> u32 {
        u32::try_from(self.next() % u64::from(sides.max(1))).unwrap_or(0)
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.roll(100) < percent
    }
}

/// The process that a seed draws, as BPMN.
pub fn process(seed: u64) -> String {
    generate::document(&mut Dice::new(seed), seed).text
}

/// Draws a process and the life of an instance, and runs it twice.
pub fn simulate(seed: u64) -> Result<Outcome, Box<Failure>> {
    // What happened is written down only when somebody is going to read it.
    let again = |failure: Box<Failure>| run(seed, true).err().unwrap_or(failure);
    let first = run(seed, false).map_err(again)?;
    let second = run(seed, false).map_err(again)?;
    if first != second {
        let what = "the second run of the seed was another".to_owned();
        return Err(Box::new(Failure {
            seed,
            step: first.steps,
            what,
            process: process(seed),
            history: Vec::new(),
        }));
    }
    Ok(first)
}

fn run(seed: u64, write: bool) -> Result<Outcome, Box<Failure>> {
    let mut dice = Dice::new(seed);
    let drawn = generate::document(&mut dice, seed);
    let mut step = 0;
    let mut history = Vec::new();
    let mut life = || -> Result<Outcome, String> {
        let definitions =
            xml::read(&drawn.text).map_err(|problems| format!("not read: {problems:?}"))?;
        let plan = Plan::compile(&definitions, "p")
            .map_err(|problems| format!("not compiled: {problems:?}"))?;
        let mut state = State::default();
        let mut now = Moment::from_secs(1_800_000_000);
        let mut ledger = Ledger::default();
        let mut digest = DefaultHasher::new();
        let triggers = plan.starts();
        let begun = match &triggers[0].kind {
            StartKind::Plain => None,
            _ => triggers.get(dice.roll(u32::try_from(triggers.len()).unwrap_or(1)) as usize),
        };
        let mut event = Event::Start {
            start_event: begun.map(|start| start.element.clone()),
            trigger: begun.map(|start| start.nth),
            variables: variables(&mut dice),
        };
        loop {
            let said = event.clone();
            let effects = advance(&plan, &mut state, event, now)
                .map_err(|fault| format!("{said:?}: {fault}"))?;
            step += 1;
            effects.len().hash(&mut digest);
            for effect in &effects {
                std::mem::discriminant(effect).hash(&mut digest);
            }
            if write {
                history.push(format!("{said:?} → {effects:?}"));
            }
            let books = ledger
                .enter(&effects)
                .and_then(|()| ledger.check(&plan, &state, drawn.once));
            books.map_err(|what| format!("{said:?}: {what}"))?;
            stored(&mut state, &mut digest)?;
            if state.is_ended() || step >= MAX_STEPS {
                break;
            }
            now = now + Span::from_secs(i64::from(dice.roll(10_000)));
            let open = ledger.open();
            let condition = state
                .waiting(&plan)
                .iter()
                .any(|waiting| waiting.on == WaitingOn::Condition);
            if condition && (open.is_empty() || dice.chance(20)) {
                // Nobody answers a condition: it comes to hold when values change.
                event = Event::VariablesSet {
                    variables: variables(&mut dice),
                };
                continue;
            }
            let Some(choice) = open.get(dice.roll(u32::try_from(open.len()).unwrap_or(1)) as usize)
            else {
                return Err(format!(
                    "nothing can come any more, but {:?} waits",
                    state.waiting(&plan)
                ));
            };
            event = answer(choice, &mut dice);
            if let Event::ErrorRaised {
                activity,
                variables,
                ..
            } = &event
                && !exceptions(&plan, &state, *activity).iter().any(takes_e)
            {
                // Nobody would catch it: it would be refused.
                event = Event::WorkItemCompleted {
                    activity: *activity,
                    outcome: Some("ok".to_owned()),
                    variables: variables.clone(),
                };
            }
            ledger.answered(choice, &event);
        }
        Ok(Outcome {
            seed,
            steps: step,
            entered: ledger.entered,
            ended: state.is_ended(),
            digest: digest.finish(),
        })
    };
    let result = life();
    result.map_err(|what| {
        Box::new(Failure {
            seed,
            step,
            what,
            process: drawn.text,
            history,
        })
    })
}

fn takes_e(exception: &Exception) -> bool {
    !exception.escalation && exception.code.as_deref().is_none_or(|code| code == "E")
}

/// The state goes through its stored form at every step.
fn stored(state: &mut State, digest: &mut DefaultHasher) -> Result<(), String> {
    let text = serde_json::to_string(state).map_err(|error| error.to_string())?;
    text.hash(digest);
    let loaded: State = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if loaded != *state {
        return Err(format!("the stored state is another: {text}"));
    }
    *state = loaded;
    Ok(())
}

fn variables(dice: &mut Dice) -> Variables {
    let mut out = Variables::new();
    for name in ["a", "b", "c"] {
        out.insert(name.to_owned(), json!(dice.roll(10)));
    }
    out.insert(
        "list".to_owned(),
        json!((0..dice.roll(4)).collect::<Vec<u32>>()),
    );
    out
}

fn answer(open: &Open, dice: &mut Dice) -> Event {
    let variables = if dice.chance(50) {
        variables(dice)
    } else {
        Variables::new()
    };
    match open {
        Open::Work(activity) => match dice.roll(20) {
            0 => Event::ErrorRaised {
                activity: *activity,
                error: "E".to_owned(),
                variables,
            },
            1 => Event::EscalationRaised {
                activity: *activity,
                escalation: "X".to_owned(),
                variables,
            },
            _ => Event::WorkItemCompleted {
                activity: *activity,
                outcome: Some("ok".to_owned()),
                variables,
            },
        },
        Open::Request(activity) => match dice.roll(10) {
            0 => Event::TransactionFailed {
                activity: *activity,
                error: Some("E".to_owned()),
                message: String::new(),
            },
            1 => Event::TransactionFailed {
                activity: *activity,
                error: None,
                message: "down".to_owned(),
            },
            _ => Event::TransactionCompleted {
                activity: *activity,
                variables,
                by: None,
            },
        },
        Open::Call(activity) => Event::CallCompleted {
            activity: *activity,
            variables,
        },
        Open::Timer(timer) => Event::TimerFired { timer: *timer },
        Open::Message(wait) => Event::MessageReceived {
            wait: Some(*wait),
            name: String::new(),
            variables,
        },
        Open::Signal(name) => Event::SignalReceived {
            name: name.to_string(),
            variables,
        },
        Open::Incident(activity) => Event::IncidentResolved {
            activity: *activity,
            variables,
        },
    }
}
