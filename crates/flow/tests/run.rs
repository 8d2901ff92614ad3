//! What people see of a running process: work items, outcomes, due times, gateways, events.

mod common;

use common::{Instance, document, flows};
use flow::engine::{Effect, Event, Request, StepFault, TimerPurpose};
use flow::model::{DueCalendar, Presence};
use flow::xml;
use kernel::Span;
use serde_json::json;

fn visit() -> Instance {
    Instance::from_xml(include_str!("models/visit.bpmn"), "visit")
}

#[test]
fn a_work_item_carries_its_binding_and_the_outcome_decides() {
    let mut visit = visit();
    visit.start(json!({"customer": "c1"}));
    let opened = visit.effects.iter().find_map(|effect| match effect {
        Effect::WorkItemOpened {
            element,
            group,
            binding,
            ..
        } => Some((element, group, binding)),
        _ => None,
    });
    let (element, group, binding) = opened.expect("a work item");
    assert_eq!((&**element, group.as_deref()), ("take", Some("agents")));
    let binding = binding.as_ref().expect("a binding");
    assert_eq!(binding.presence, Some(Presence::CustomerPresent));
    assert_eq!(binding.outcomes.len(), 2);

    visit.complete_with("take", Some("accepted"), json!({"floor": 3}));
    assert_eq!(visit.waiting(), ["visit_task"]);
    assert_eq!(visit.state.variables["take"]["outcome"], json!("accepted"));
    assert_eq!(visit.state.variables["floor"], json!(3));
    // The second lane has no group of its own: its name stands for it.
    assert!(visit.has(
        |e| matches!(e, Effect::WorkItemOpened { group: Some(g), .. } if &**g == "Technicians")
    ));
    visit.complete("visit_task");
    assert!(visit.completed());
}

#[test]
fn another_outcome_takes_the_default_and_an_unknown_one_is_refused() {
    let mut visit = visit();
    visit.start(json!({}));
    let activity = visit.activity("take");
    let wrong = Event::WorkItemCompleted {
        activity,
        outcome: Some("maybe".to_owned()),
        variables: Default::default(),
    };
    let fault = flow::engine::step(&visit.plan, &visit.state, wrong, visit.now)
        .expect_err("no such outcome");
    assert_eq!(
        fault,
        StepFault::UnknownOutcome {
            element: "take".into(),
            outcome: "maybe".to_owned()
        }
    );
    visit.complete_with("take", Some("refused"), json!({}));
    assert!(visit.completed());
    assert!(!visit.entered().contains(&"visit_task"));
}

#[test]
fn due_time_and_ladder_are_timers_that_go_with_the_work_item() {
    let mut visit = visit();
    visit.start(json!({}));
    let scheduled: Vec<_> = visit
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::TimerScheduled {
                timer,
                purpose,
                due,
                calendar,
                ..
            } => Some((*timer, *purpose, *due, *calendar)),
            _ => None,
        })
        .collect();
    assert_eq!(scheduled.len(), 3);
    assert!(matches!(scheduled[0].1, TimerPurpose::Due { .. }));
    assert_eq!(
        (scheduled[0].2, scheduled[0].3),
        (visit.now + Span::from_hours(4), DueCalendar::Business)
    );
    assert_eq!(scheduled[1].2, visit.now + Span::from_hours(6));

    visit.wait(Span::from_hours(6)).tell(Event::TimerFired {
        timer: scheduled[1].0,
    });
    assert!(
        visit.has(|e| matches!(e, Effect::Escalated { rung: 0, to, .. } if &**to == "supervisors"))
    );
    visit.complete_with("take", Some("refused"), json!({}));
    let cancelled = visit
        .effects
        .iter()
        .filter(|e| matches!(e, Effect::TimerCancelled { .. }))
        .count();
    assert_eq!(cancelled, 2, "the two that had not fired");
}

#[test]
fn answers_to_what_is_gone_are_faults_and_change_nothing() {
    let mut visit = visit();
    visit.start(json!({}));
    let activity = visit.activity("take");
    visit.complete_with("take", Some("refused"), json!({}));
    let again = Event::WorkItemCompleted {
        activity,
        outcome: None,
        variables: Default::default(),
    };
    assert_eq!(
        flow::engine::step(&visit.plan, &visit.state, again, visit.now),
        Err(StepFault::Ended)
    );
    let mut other = self::visit();
    other.start(json!({}));
    let answer = Event::TransactionCompleted {
        activity: other.activity("take"),
        variables: Default::default(),
        by: None,
    };
    let fault = flow::engine::step(&other.plan, &other.state, answer, other.now)
        .expect_err("a person is asked");
    assert!(matches!(fault, StepFault::WrongAnswer { .. }));
}

#[test]
fn a_service_task_asks_fails_and_is_resolved() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:serviceTask id="call"><bpmn:extensionElements>
        <engage:activity transaction="billing" result="bill"><engage:input from="amount * 2" to="doubled"/></engage:activity>
        </bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="e"/>{}"#,
        flows("s > call > e")
    ));
    run.start(json!({"amount": 21}));
    let asked = run.effects.iter().any(|effect| {
        matches!(effect, Effect::TransactionRequested { request: Request::Service { transaction: Some(key) }, inputs, .. }
            if &**key == "billing" && inputs["doubled"] == json!(42))
    });
    assert!(asked, "{:?}", run.effects);
    run.fail("call", None);
    assert!(
        run.has(|e| matches!(e, Effect::IncidentRaised { message, .. } if message == "no answer"))
    );
    let activity = run.activity("call");
    run.tell(Event::IncidentResolved {
        activity,
        variables: Default::default(),
    });
    run.answer("call", json!({"total": 9}));
    assert_eq!(run.state.variables["bill"], json!({"total": 9}));
    assert!(run.completed());
}

#[test]
fn a_bpmn_error_goes_to_the_boundary_event_of_its_code() {
    let content = format!(
        r#"<bpmn:startEvent id="s"/><bpmn:serviceTask id="call"/>
        <bpmn:boundaryEvent id="caught" attachedToRef="call"><bpmn:errorEventDefinition errorRef="err"/></bpmn:boundaryEvent>
        <bpmn:userTask id="mend"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > call > e; caught > mend > e")
    );
    let text = document(&content).replace(
        "<bpmn:process",
        r#"<bpmn:error id="err" errorCode="E1"/><bpmn:process"#,
    );
    let mut run = Instance::from_xml(&text, "p");
    run.start(json!({})).fail("call", Some("E1"));
    assert_eq!(run.waiting(), ["mend"]);
    let mut other = Instance::from_xml(&text, "p");
    other.start(json!({})).fail("call", Some("E2"));
    assert!(
        other.has(|e| matches!(e, Effect::IncidentRaised { .. })),
        "nobody catches E2"
    );
    assert_eq!(other.waiting(), ["call"]);
}

#[test]
fn a_gateway_without_a_way_out_is_an_incident_that_new_values_resolve() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>{}"#,
        flows("s > g; g > a [n > 5]; g > b [n < 0]")
    ));
    run.start(json!({"n": 3}));
    assert!(
        run.has(
            |e| matches!(e, Effect::IncidentRaised { code, .. } if &**code == "flow.no_way_out")
        )
    );
    let activity = run.activity("g");
    run.tell(Event::IncidentResolved {
        activity,
        variables: common::object(json!({"n": -1})),
    });
    assert_eq!(run.waiting(), ["b"]);
}

#[test]
fn an_inclusive_fork_joins_what_it_opened() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:inclusiveGateway id="f" default="f-c"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>
        <bpmn:userTask id="c"/><bpmn:inclusiveGateway id="j"/><bpmn:userTask id="after"/>{}"#,
        flows("s > f; f > a [x]; f > b [y]; f > c; a > j; b > j; c > j; j > after")
    ));
    run.start(json!({"x": true, "y": true}));
    assert_eq!(run.waiting(), ["a", "b"]);
    run.complete("a");
    assert_eq!(run.waiting(), ["b", "j"]);
    run.complete("b");
    assert_eq!(run.waiting(), ["after"]);
    run.complete("after");
    assert!(run.completed());
}

#[test]
fn a_complex_gateway_goes_on_after_two_of_three_and_swallows_the_third() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:parallelGateway id="f"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/>
        <bpmn:userTask id="c"/><bpmn:complexGateway id="j"><bpmn:activationCondition>activationCount >= 2</bpmn:activationCondition>
        </bpmn:complexGateway><bpmn:userTask id="after"/>{}"#,
        flows("s > f; f > a > j; f > b > j; f > c > j; j > after")
    ));
    run.start(json!({})).complete("a");
    assert_eq!(run.waiting(), ["b", "c", "j"]);
    run.complete("c");
    assert_eq!(run.waiting(), ["after", "b"]);
    run.complete("b").complete("after");
    assert!(run.completed());
    assert_eq!(run.entered().iter().filter(|e| **e == "after").count(), 1);
}

#[test]
fn an_event_based_gateway_takes_the_first_event_and_forgets_the_others() {
    let content = format!(
        r#"<bpmn:startEvent id="s"/><bpmn:eventBasedGateway id="g"/>
        <bpmn:intermediateCatchEvent id="paid"><bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>
        <bpmn:intermediateCatchEvent id="late"><bpmn:timerEventDefinition><bpmn:timeDuration>P3D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:userTask id="ship"/><bpmn:userTask id="dun"/>{}"#,
        flows("s > g; g > paid > ship; g > late > dun")
    );
    let text = document(&content).replace(
        "<bpmn:process",
        r#"<bpmn:message id="m" name="payment"/><bpmn:process"#,
    );
    let mut run = Instance::from_xml(&text, "p");
    run.start(json!({}));
    assert!(run.has(|e| matches!(e, Effect::MessageAwaited { name, .. } if &**name == "payment")));
    run.message("payment");
    assert_eq!(run.waiting(), ["ship"]);
    assert!(run.has(|e| matches!(e, Effect::TimerCancelled { .. })));
    let mut late = Instance::from_xml(&text, "p");
    late.start(json!({})).fire("late");
    assert_eq!(late.waiting(), ["dun"]);
    assert!(late.has(|e| matches!(e, Effect::Forgotten { .. })));
}

#[test]
fn a_cycle_on_a_boundary_comes_as_often_as_it_says() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="work"/>
        <bpmn:boundaryEvent id="nag" attachedToRef="work" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeCycle>R2/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:boundaryEvent>
        <bpmn:userTask id="remind"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > work > e; nag > remind")
    ));
    run.start(json!({}))
        .wait(Span::from_hours(1))
        .fire("nag")
        .wait(Span::from_hours(1))
        .fire("nag");
    assert_eq!(run.waiting(), ["remind", "remind", "work"]);
    let timer = run.timer("nag");
    let third = flow::engine::step(&run.plan, &run.state, Event::TimerFired { timer }, run.now);
    assert_eq!(third, Err(StepFault::NoSuchTimer { timer }));
    run.complete("work").complete("remind").complete("remind");
    assert!(run.completed());
}

#[test]
fn conditional_events_fire_when_their_condition_comes_to_hold() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="until"><bpmn:conditionalEventDefinition><bpmn:condition>stock > 0</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:userTask id="ship"/>{}"#,
        flows("s > until > ship")
    ));
    run.start(json!({"stock": 0}));
    assert_eq!(run.waiting(), ["until"]);
    run.tell(Event::VariablesSet {
        variables: common::object(json!({"stock": 4})),
    });
    assert_eq!(run.waiting(), ["ship"]);
    let mut ready = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="until"><bpmn:conditionalEventDefinition><bpmn:condition>stock > 0</bpmn:condition></bpmn:conditionalEventDefinition></bpmn:intermediateCatchEvent>
        <bpmn:userTask id="ship"/>{}"#,
        flows("s > until > ship")
    ));
    ready.start(json!({"stock": 9}));
    assert_eq!(ready.waiting(), ["ship"], "it held already");
}

#[test]
fn a_loop_without_a_wait_is_found() {
    let text = document(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g"/><bpmn:task id="t"/>{}"#,
        flows("s > g > t > g")
    ));
    let definitions = xml::read(&text).expect("a document");
    let plan = flow::engine::Plan::compile(&definitions, "p").expect("it compiles");
    let start = Event::Start {
        start_event: None,
        trigger: None,
        variables: Default::default(),
    };
    let fault = flow::engine::step(&plan, &Default::default(), start, kernel::Moment::EPOCH);
    assert!(matches!(fault, Err(StepFault::Endless { .. })));
}
