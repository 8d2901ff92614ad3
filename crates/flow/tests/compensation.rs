//! What was completed is undone: by a throw that names an activity or none, in sub-processes, transactions, event
//! sub-processes, one after the other and the latest first.

mod common;

use common::{Instance, flows};
use flow::engine::Effect;
use serde_json::json;

/// Service tasks, each with a user task `un-…` that undoes it.
fn undoable(names: &[&str]) -> String {
    let one = |name: &&str| {
        format!(
            r#"<bpmn:serviceTask id="{name}"/><bpmn:userTask id="un-{name}" isForCompensation="true"/>
            <bpmn:boundaryEvent id="on-{name}" attachedToRef="{name}"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
            <bpmn:association id="as-{name}" sourceRef="on-{name}" targetRef="un-{name}"/>"#
        )
    };
    names.iter().map(one).collect()
}

const UNDO: &str = r#"<bpmn:intermediateThrowEvent id="undo"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>"#;

fn waits(run: &Instance, step: &str) -> bool {
    run.waiting().iter().any(|waiting| waiting == step)
}

fn left(run: &Instance, id: &str) -> usize {
    let left =
        |effect: &&Effect| matches!(effect, Effect::Left { element, .. } if &**element == id);
    run.effects.iter().filter(left).count()
}

#[test]
fn a_throw_that_names_nothing_undoes_all_the_latest_first() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{UNDO}<bpmn:userTask id="after"/>{}"#,
        undoable(&["book", "pay", "send"]),
        flows("s > book > pay > undo > after > send")
    ));
    run.start(json!({}))
        .answer("book", json!({}))
        .answer("pay", json!({}));
    assert_eq!(run.waiting(), ["un-pay", "undo"]);
    run.complete("un-pay");
    assert_eq!(run.waiting(), ["un-book", "undo"]);
    run.complete("un-book");
    assert_eq!(run.waiting(), ["after"]);
    // It goes on as if nothing had been.
    run.complete("after").answer("send", json!({}));
    assert!(run.completed());
}

#[test]
fn nothing_to_undo_is_no_reason_to_wait() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{UNDO}<bpmn:userTask id="after"/>{}"#,
        undoable(&["later"]),
        flows("s > undo > after > later")
    ));
    run.start(json!({}));
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn a_throw_that_does_not_wait_goes_on_and_all_is_undone_nevertheless() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}<bpmn:intermediateThrowEvent id="undo"><bpmn:compensateEventDefinition waitForCompletion="false"/></bpmn:intermediateThrowEvent>
        <bpmn:userTask id="after"/><bpmn:endEvent id="e"/>{}"#,
        undoable(&["book", "pay"]),
        flows("s > book > pay > undo > after > e")
    ));
    run.start(json!({}))
        .answer("book", json!({}))
        .answer("pay", json!({}));
    assert_eq!(run.waiting(), ["after", "un-pay", "undo"]);
    run.complete("after");
    assert!(!run.completed(), "two are still to be undone");
    run.complete("un-pay");
    assert_eq!(run.waiting(), ["un-book", "undo"]);
    run.complete("un-book");
    assert!(run.completed());
    assert_eq!(left(&run, "undo"), 1);
}

#[test]
fn an_end_event_undoes_before_the_process_ends() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}<bpmn:endEvent id="e"><bpmn:compensateEventDefinition/></bpmn:endEvent>{}"#,
        undoable(&["book", "pay"]),
        flows("s > book > pay > e")
    ));
    run.start(json!({}))
        .answer("book", json!({}))
        .answer("pay", json!({}))
        .complete("un-pay")
        .complete("un-book");
    assert!(run.completed());
}

#[test]
fn what_a_loop_did_three_times_is_undone_three_times_one_by_one() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}<bpmn:exclusiveGateway id="in"/><bpmn:exclusiveGateway id="g" default="g-undo"/>{UNDO}<bpmn:endEvent id="e"/>{}"#,
        undoable(&["book"]),
        flows("s > in > book > g > undo > e; g > in [more = true]")
    ));
    run.start(json!({}))
        .answer("book", json!({"more": true}))
        .answer("book", json!({"more": true}))
        .answer("book", json!({"more": false}));
    for _ in 0..3 {
        assert_eq!(run.waiting(), ["un-book", "undo"]);
        run.complete("un-book");
    }
    assert!(run.completed());
}

fn in_a_sub_process(name: &str, more: &str) -> String {
    format!(
        r#"<bpmn:subProcess id="{name}"><bpmn:startEvent id="{name}-s"/>{}{more}<bpmn:endEvent id="{name}-e"/>{}</bpmn:subProcess>"#,
        undoable(&[&format!("{name}-a"), &format!("{name}-b")]),
        flows(&format!("{name}-s > {name}-a > {name}-b > {name}-e"))
    )
}

#[test]
fn inside_a_sub_process_it_means_what_is_inside() {
    let inner = format!(
        r#"<bpmn:subProcess id="sub"><bpmn:startEvent id="is"/>{}{UNDO}<bpmn:endEvent id="ie"/>{}</bpmn:subProcess>"#,
        undoable(&["in-a", "in-b"]),
        flows("is > in-a > in-b > undo > ie")
    );
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{inner}<bpmn:endEvent id="e"/>{}"#,
        undoable(&["outside"]),
        flows("s > outside > sub > e")
    ));
    run.start(json!({}))
        .answer("outside", json!({}))
        .answer("in-a", json!({}))
        .answer("in-b", json!({}));
    assert_eq!(run.waiting(), ["un-in-b", "undo"]);
    run.complete("un-in-b").complete("un-in-a");
    assert!(run.completed(), "{:?}", run.waiting());
    assert!(!run.entered().contains(&"un-outside"));
}

#[test]
fn a_completed_sub_process_is_undone_as_a_whole_in_its_turn() {
    // `book` is completed while the sub-process runs: the sub-process is completed last and undone first.
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:parallelGateway id="fork"/><bpmn:parallelGateway id="join"/>{}{}{UNDO}<bpmn:userTask id="after"/>{}"#,
        undoable(&["book"]),
        in_a_sub_process("sub", ""),
        flows("s > fork > sub > join > undo > after; fork > book > join")
    ));
    run.start(json!({}))
        .answer("sub-a", json!({}))
        .answer("book", json!({}))
        .answer("sub-b", json!({}));
    assert_eq!(run.waiting(), ["un-sub-b", "undo"]);
    run.complete("un-sub-b");
    assert_eq!(run.waiting(), ["un-sub-a", "undo"]);
    run.complete("un-sub-a");
    assert_eq!(run.waiting(), ["un-book", "undo"]);
    run.complete("un-book");
    assert_eq!(run.waiting(), ["after"]);
    assert_eq!(left(&run, "sub"), 1, "it was completed once");
    run.complete("after");
    assert!(run.completed());
}

#[test]
fn what_still_runs_is_not_undone() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:parallelGateway id="fork"/>{}{}{UNDO}<bpmn:userTask id="after"/>{}"#,
        undoable(&["book"]),
        in_a_sub_process("sub", ""),
        flows("s > fork > sub; fork > book > undo > after")
    ));
    run.start(json!({}))
        .answer("sub-a", json!({}))
        .answer("book", json!({}));
    assert_eq!(run.waiting(), ["sub-b", "un-book", "undo"]);
    run.complete("un-book");
    assert_eq!(run.waiting(), ["after", "sub-b"]);
    run.answer("sub-b", json!({})).complete("after");
    assert!(run.completed());
}

#[test]
fn a_handler_of_its_own_stands_for_what_is_inside() {
    let handler = r#"<bpmn:userTask id="un-sub" isForCompensation="true"/>
        <bpmn:boundaryEvent id="on-sub" attachedToRef="sub"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
        <bpmn:association id="as-sub" sourceRef="on-sub" targetRef="un-sub"/>"#;
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{handler}{UNDO}<bpmn:endEvent id="e"/>{}"#,
        in_a_sub_process("sub", ""),
        flows("s > sub > undo > e")
    ));
    run.start(json!({}))
        .answer("sub-a", json!({}))
        .answer("sub-b", json!({}));
    assert_eq!(run.waiting(), ["un-sub", "undo"]);
    run.complete("un-sub");
    assert!(run.completed(), "{:?}", run.waiting());
}

#[test]
fn a_compensation_event_sub_process_may_undo_what_is_inside() {
    let handler = format!(
        r#"<bpmn:subProcess id="h" triggeredByEvent="true"><bpmn:startEvent id="hs"><bpmn:compensateEventDefinition/></bpmn:startEvent>
        <bpmn:userTask id="ask"/><bpmn:intermediateThrowEvent id="inner"><bpmn:compensateEventDefinition/></bpmn:intermediateThrowEvent>
        <bpmn:userTask id="tell"/>{}</bpmn:subProcess>"#,
        flows("hs > ask > inner > tell")
    );
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{UNDO}<bpmn:endEvent id="e"/>{}"#,
        in_a_sub_process("sub", &handler),
        flows("s > sub > undo > e")
    ));
    run.start(json!({}))
        .answer("sub-a", json!({}))
        .answer("sub-b", json!({}));
    for step in ["ask", "un-sub-b", "un-sub-a", "tell"] {
        assert!(waits(&run, step), "{step}: {:?}", run.waiting());
        run.complete(step);
    }
    assert!(run.completed(), "{:?}", run.waiting());
}

/// What a process does when something goes wrong late: its error event sub-process undoes all that went well.
#[test]
fn an_error_event_sub_process_undoes_completed_sub_processes_too() {
    let saga = format!(
        r#"<bpmn:subProcess id="saga" triggeredByEvent="true"><bpmn:startEvent id="ss"><bpmn:errorEventDefinition/></bpmn:startEvent>{UNDO}<bpmn:userTask id="tell"/>{}</bpmn:subProcess>"#,
        flows("ss > undo > tell")
    );
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{}{}<bpmn:endEvent id="bad"><bpmn:errorEventDefinition/></bpmn:endEvent>{saga}{}"#,
        undoable(&["book"]),
        in_a_sub_process("sub", ""),
        flows("s > book > sub > bad")
    ));
    run.start(json!({}))
        .answer("book", json!({}))
        .answer("sub-a", json!({}))
        .answer("sub-b", json!({}));
    for step in ["un-sub-b", "un-sub-a", "un-book", "tell"] {
        assert!(waits(&run, step), "{step}: {:?}", run.waiting());
        run.complete(step);
    }
    assert!(run.completed(), "{:?}", run.waiting());
}

fn transaction(end: &str) -> String {
    format!(
        r#"<bpmn:startEvent id="s"/><bpmn:transaction id="tx"><bpmn:startEvent id="ts"/>{}{}<bpmn:exclusiveGateway id="g" default="g-fine"/><bpmn:endEvent id="fine"/>
        <bpmn:endEvent id="no"><bpmn:cancelEventDefinition/></bpmn:endEvent>{}</bpmn:transaction>
        <bpmn:boundaryEvent id="on-tx" attachedToRef="tx"><bpmn:cancelEventDefinition/></bpmn:boundaryEvent>
        <bpmn:userTask id="sorry"/>{UNDO}<bpmn:userTask id="after"/>{}"#,
        undoable(&["book"]),
        in_a_sub_process("sub", ""),
        flows("ts > book > sub > g > fine; g > no [bad = true]"),
        flows(end)
    )
}

#[test]
fn a_cancelled_transaction_undoes_sub_processes_in_it_before_its_boundary_event_leaves() {
    let mut run = Instance::of(&transaction("s > tx > undo > after; on-tx > sorry"));
    run.start(json!({"bad": true}))
        .answer("book", json!({}))
        .answer("sub-a", json!({}))
        .answer("sub-b", json!({}));
    for step in ["un-sub-b", "un-sub-a", "un-book"] {
        assert!(waits(&run, step), "{step}: {:?}", run.waiting());
        assert!(!run.entered().contains(&"sorry"));
        run.complete(step);
    }
    assert_eq!(run.waiting(), ["sorry"]);
    run.complete("sorry");
    assert!(run.completed());
}

#[test]
fn a_completed_transaction_is_undone_from_outside() {
    let mut run = Instance::of(&transaction("s > tx > undo > after; on-tx > sorry"));
    run.start(json!({"bad": false}))
        .answer("book", json!({}))
        .answer("sub-a", json!({}))
        .answer("sub-b", json!({}));
    for step in ["un-sub-b", "un-sub-a", "un-book"] {
        assert!(waits(&run, step), "{step}: {:?}", run.waiting());
        run.complete(step);
    }
    assert_eq!(run.waiting(), ["after"]);
    run.complete("after");
    assert!(run.completed());
}

#[test]
fn each_run_of_a_repeated_sub_process_is_undone() {
    let sub = in_a_sub_process("sub", "").replace(
        "<bpmn:startEvent id=\"sub-s\"/>",
        r#"<bpmn:startEvent id="sub-s"/><bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"#,
    );
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/>{sub}{UNDO}<bpmn:userTask id="after"/>{}"#,
        flows("s > sub > undo > after")
    ));
    run.start(json!({}));
    for _ in 0..2 {
        run.answer("sub-a", json!({})).answer("sub-b", json!({}));
    }
    for step in ["un-sub-b", "un-sub-a", "un-sub-b", "un-sub-a"] {
        assert!(waits(&run, step), "{step}: {:?}", run.waiting());
        run.complete(step);
    }
    assert_eq!(run.waiting(), ["after"]);
}
