//! How fast it is, for `cargo xtask bench`. The crate reads no clock: the caller times what these functions do and divides by
//! what they say they did.

use std::fmt::Write as _;

use kernel::Moment;

use crate::engine::{Effect, Event, Plan, State, Variables, advance};
use crate::xml;

/// What a measured piece of work did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Calls of [`advance`].
    pub steps: u64,
    /// Elements entered.
    pub elements: u64,
    /// Instances run from start to end.
    pub instances: u64,
}

/// A process of `tasks` service tasks in a row.
pub fn row(tasks: u32) -> Option<Plan> {
    let mut content = String::from("<startEvent id=\"n0\"/>");
    for at in 1..=tasks {
        let _ = write!(
            content,
            "<serviceTask id=\"n{at}\"/><sequenceFlow id=\"f{at}\" sourceRef=\"n{}\" targetRef=\"n{at}\"/>",
            at - 1
        );
    }
    let end = tasks + 1;
    let _ = write!(
        content,
        "<endEvent id=\"n{end}\"/><sequenceFlow id=\"f{end}\" sourceRef=\"n{tasks}\" targetRef=\"n{end}\"/>"
    );
    let text = format!(
        "<definitions xmlns=\"{}\" targetNamespace=\"t\"><process id=\"p\" isExecutable=\"true\">{content}</process></definitions>",
        xml::BPMN
    );
    Plan::compile(&xml::read(&text).ok()?, "p").ok()
}

/// Runs instances of a plan whose tasks are all requests, answering each at once.
pub fn run(plan: &Plan, instances: u64) -> Work {
    let mut work = Work::default();
    let now = Moment::from_secs(1_800_000_000);
    for _ in 0..instances {
        let mut state = State::default();
        let mut event = Event::Start {
            start_event: None,
            trigger: None,
            variables: Variables::new(),
        };
        loop {
            let Ok(effects) = advance(plan, &mut state, event, now) else {
                return work;
            };
            work.steps += 1;
            work.elements += effects
                .iter()
                .filter(|effect| matches!(effect, Effect::Entered { .. }))
                .count() as u64;
            let asked = effects.iter().find_map(|effect| match effect {
                Effect::TransactionRequested { activity, .. } => Some(*activity),
                _ => None,
            });
            let Some(activity) = asked else { break };
            event = Event::TransactionCompleted {
                activity,
                variables: Variables::new(),
                by: None,
            };
        }
        work.instances += u64::from(state.is_ended());
    }
    work
}

/// A document of about `elements` elements, with decisions, joins and a drawing, to measure reading, linting and layout.
pub fn large(elements: u32) -> String {
    let mut content = String::from("<startEvent id=\"n0\"/>");
    let mut flows = String::new();
    let mut last = "n0".to_owned();
    let mut flow = 0_u32;
    let mut join = |flows: &mut String, from: &str, to: &str, condition: &str| {
        flow += 1;
        let _ = write!(
            flows,
            "<sequenceFlow id=\"f{flow}\" sourceRef=\"{from}\" targetRef=\"{to}\">{condition}</sequenceFlow>"
        );
    };
    for block in 0..elements / 5 {
        let (split, a, b, merge, task) = (
            format!("s{block}"),
            format!("a{block}"),
            format!("b{block}"),
            format!("m{block}"),
            format!("t{block}"),
        );
        let _ = write!(
            content,
            "<exclusiveGateway id=\"{split}\"/><userTask id=\"{a}\" name=\"A\"/><userTask id=\"{b}\" name=\"B\"/>\
             <exclusiveGateway id=\"{merge}\"/><serviceTask id=\"{task}\"/>"
        );
        join(&mut flows, &last, &split, "");
        join(
            &mut flows,
            &split,
            &a,
            "<conditionExpression>amount &gt; 5</conditionExpression>",
        );
        join(&mut flows, &split, &b, "");
        join(&mut flows, &a, &merge, "");
        join(&mut flows, &b, &merge, "");
        join(&mut flows, &merge, &task, "");
        last = task;
    }
    let _ = write!(content, "<endEvent id=\"end\"/>");
    join(&mut flows, &last, "end", "");
    format!(
        "<definitions xmlns=\"{}\" targetNamespace=\"t\"><process id=\"p\" isExecutable=\"true\">{content}{flows}</process></definitions>",
        xml::BPMN
    )
}
