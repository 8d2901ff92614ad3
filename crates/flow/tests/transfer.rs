//! Moving running instances to another version.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

mod common;

use std::collections::BTreeMap;

use common::{Instance, document, flows};
use flow::engine::{Effect, Event, Obstacle, Plan, transfer};
use flow::xml;
use kernel::{Language, Span};
use serde_json::json;

fn plan(content: &str) -> Plan {
    let definitions = xml::read(&document(content)).expect("a document");
    Plan::compile(&definitions, "p").expect("it runs")
}

const LATE: &str = r#"<bpmn:boundaryEvent id="late" attachedToRef="a"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"#;

#[test]
fn work_and_timers_go_on_in_the_new_version() {
    let ends = r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:userTask id="a"/>"#;
    let mut run = Instance::of(&format!("{ends}{LATE}{}", flows("s > a > e; late > e")));
    run.start(json!({"n": 1}));
    let timer = run.timer("late");
    // The new version has another order, one more task, and a message beside the timer.
    let new = plan(&format!(
        r#"<bpmn:userTask id="b"/>{ends}{LATE}<bpmn:boundaryEvent id="stop" attachedToRef="a"><bpmn:messageEventDefinition/></bpmn:boundaryEvent>{}"#,
        flows("s > a > b > e; late > b; stop > e")
    ));
    let (state, effects) = transfer(&run.plan, &new, &run.state, &BTreeMap::new(), run.now)
        .expect("nothing stands against it");
    assert!(effects.iter().all(|effect| !matches!(
        effect,
        Effect::TimerScheduled { .. } | Effect::TimerCancelled { .. }
    )));
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::MessageAwaited { element, .. } if &**element == "stop")
    ));
    let mut moved = Instance {
        plan: new,
        state,
        now: run.now + Span::from_hours(1),
        effects,
    };
    moved.tell(Event::TimerFired { timer });
    assert_eq!(moved.waiting(), ["b"]);
    moved.complete("b");
    assert!(moved.completed());
}

#[test]
fn what_has_no_place_stands_against_it_until_it_is_mapped() {
    let old = format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > a > e")
    );
    let mut run = Instance::of(&old);
    run.start(json!({}));
    let new = plan(&old.replace("\"a\"", "\"renamed\""));
    let obstacles =
        transfer(&run.plan, &new, &run.state, &BTreeMap::new(), run.now).expect_err("a is gone");
    assert!(matches!(&*obstacles, [Obstacle::Gone { element, .. }] if &**element == "a"));
    assert!(obstacles[0].sentence(Language::Es).contains("«a»"));
    let mapping = BTreeMap::from([("a".into(), "renamed".into())]);
    let (state, _) = transfer(&run.plan, &new, &run.state, &mapping, run.now).expect("mapped");
    let mut moved = Instance {
        plan: new,
        state,
        now: run.now,
        effects: Vec::new(),
    };
    moved.complete("renamed");
    assert!(moved.completed());

    let other = plan(&old.replace("userTask", "serviceTask"));
    let obstacles = transfer(&run.plan, &other, &run.state, &BTreeMap::new(), run.now)
        .expect_err("another kind");
    assert!(matches!(&*obstacles, [Obstacle::OtherKind { .. }]));
    let inside = plan(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:subProcess id="sub"><bpmn:userTask id="a"/></bpmn:subProcess><bpmn:endEvent id="e"/>{}"#,
        flows("s > sub > e")
    ));
    let obstacles =
        transfer(&run.plan, &inside, &run.state, &BTreeMap::new(), run.now).expect_err("elsewhere");
    assert!(matches!(&*obstacles, [Obstacle::Elsewhere { .. }]));
}
