#![expect(dead_code, reason = "each test uses some of it")]
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "helpers of tests are tests"
)]

use std::path::PathBuf;

use flow::engine::{self, ActivityId, Effect, Event, Plan, State, TimerId, Variables};
use flow::xml;
use kernel::{Moment, Span};
use serde_json::{Value, json};

/// A folder of the shared test data, or `None` (said aloud) where it is not at hand.
pub fn testdata(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ENGAGE_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let dir = root.join(folder);
    if !dir.is_dir() {
        println!("skipped: no data");
        return None;
    }
    Some(dir)
}

/// A document around what stands in one process, `p`.
pub fn document(content: &str) -> String {
    around(&format!(
        r#"<bpmn:process id="p" isExecutable="true">{content}</bpmn:process>"#
    ))
}

pub fn around(content: &str) -> String {
    format!(
        r#"<bpmn:definitions xmlns:bpmn="{}" xmlns:engage="{}" id="d" targetNamespace="t">{content}</bpmn:definitions>"#,
        xml::BPMN,
        xml::ENGAGE
    )
}

/// Flows from a line such as `start > a > end; gate > b [amount > 5]`.
pub fn flows(text: &str) -> String {
    let mut out = String::new();
    for chain in text.split(';') {
        let (chain, condition) = match chain.split_once('[') {
            Some((chain, condition)) => (chain, condition.trim().strip_suffix(']')),
            None => (chain, None),
        };
        let names: Vec<&str> = chain.split('>').map(str::trim).collect();
        for pair in names.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let condition = condition.map_or_else(String::new, |text| {
                let text = text.replace('<', "&lt;");
                format!("<bpmn:conditionExpression>{text}</bpmn:conditionExpression>")
            });
            out.push_str(&format!(
                r#"<bpmn:sequenceFlow id="{from}-{to}" sourceRef="{from}" targetRef="{to}">{condition}</bpmn:sequenceFlow>"#
            ));
        }
    }
    out
}

/// An instance under test: what it did, and what it waits for.
pub struct Instance {
    pub plan: Plan,
    pub state: State,
    pub now: Moment,
    pub effects: Vec<Effect>,
}

impl Instance {
    pub fn of(content: &str) -> Self {
        Self::from_xml(&document(content), "p")
    }

    pub fn from_xml(text: &str, process: &str) -> Self {
        let definitions = xml::read(text).expect("a document");
        let plan = Plan::compile(&definitions, process).expect("a process that runs");
        Self {
            plan,
            state: State::default(),
            now: Moment::from_secs(1_800_000_000),
            effects: Vec::new(),
        }
    }

    pub fn start(&mut self, variables: Value) -> &mut Self {
        self.tell(Event::Start {
            start_event: None,
            trigger: None,
            variables: object(variables),
        })
    }

    /// Tells the instance something. Also checks that the state survives being stored.
    pub fn tell(&mut self, event: Event) -> &mut Self {
        let stored = serde_json::to_string(&self.state).expect("a state is JSON");
        let loaded: State = serde_json::from_str(&stored).expect("and comes back");
        assert_eq!(loaded, self.state);
        let (state, effects) =
            engine::step(&self.plan, &loaded, event, self.now).expect("the event fits");
        self.state = state;
        self.effects.extend(effects);
        self
    }

    pub fn wait(&mut self, span: Span) -> &mut Self {
        self.now = self.now + span;
        self
    }

    /// The newest waiting run of an element.
    pub fn activity(&self, element: &str) -> ActivityId {
        let waiting = self.state.waiting(&self.plan);
        let found = waiting.iter().rfind(|waiting| &*waiting.element == element);
        found
            .unwrap_or_else(|| panic!("{element} does not wait, but {waiting:?}"))
            .activity
    }

    pub fn complete(&mut self, element: &str) -> &mut Self {
        self.complete_with(element, None, json!({}))
    }

    pub fn complete_with(
        &mut self,
        element: &str,
        outcome: Option<&str>,
        variables: Value,
    ) -> &mut Self {
        let activity = self.activity(element);
        let outcome = outcome.map(str::to_owned);
        self.tell(Event::WorkItemCompleted {
            activity,
            outcome,
            variables: object(variables),
        })
    }

    pub fn answer(&mut self, element: &str, variables: Value) -> &mut Self {
        let activity = self.activity(element);
        self.tell(Event::TransactionCompleted {
            activity,
            variables: object(variables),
            by: None,
        })
    }

    pub fn fail(&mut self, element: &str, error: Option<&str>) -> &mut Self {
        let activity = self.activity(element);
        let error = error.map(str::to_owned);
        self.tell(Event::TransactionFailed {
            activity,
            error,
            message: "no answer".to_owned(),
        })
    }

    pub fn message(&mut self, name: &str) -> &mut Self {
        self.tell(Event::MessageReceived {
            wait: None,
            name: name.to_owned(),
            variables: Variables::new(),
        })
    }

    pub fn signal(&mut self, name: &str) -> &mut Self {
        self.tell(Event::SignalReceived {
            name: name.to_owned(),
            variables: Variables::new(),
        })
    }

    /// The newest timer of an element.
    pub fn timer(&self, element: &str) -> TimerId {
        let mut timers = self.effects.iter().rev();
        timers
            .find_map(|effect| match effect {
                Effect::TimerScheduled {
                    timer, element: at, ..
                } if &**at == element => Some(*timer),
                _ => None,
            })
            .unwrap_or_else(|| panic!("no timer at {element}"))
    }

    pub fn fire(&mut self, element: &str) -> &mut Self {
        let timer = self.timer(element);
        self.tell(Event::TimerFired { timer })
    }

    /// The elements that wait, in order of their names.
    pub fn waiting(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .state
            .waiting(&self.plan)
            .into_iter()
            .map(|waiting| waiting.element.to_string())
            .collect();
        names.sort();
        names
    }

    /// The elements entered so far, in order.
    pub fn entered(&self) -> Vec<&str> {
        let entered = self.effects.iter().filter_map(|effect| match effect {
            Effect::Entered { element, .. } => Some(&**element),
            _ => None,
        });
        entered.collect()
    }

    pub fn completed(&self) -> bool {
        self.state.is_ended() && self.effects.contains(&Effect::Completed)
    }

    pub fn has(&self, wanted: impl Fn(&Effect) -> bool) -> bool {
        self.effects.iter().any(wanted)
    }
}

pub fn object(value: Value) -> Variables {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}
