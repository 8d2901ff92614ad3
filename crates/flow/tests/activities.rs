//! Repeated, nested, called, scripted and compensated activities, and changes by hand.

mod common;

use common::{Instance, document, flows, object};
use flow::engine::{Effect, Event, StepFault};
use serde_json::json;

fn reviews(attributes: &str, more: &str) -> Instance {
    Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="review">
        <bpmn:extensionElements><engage:repeat collection="people" item="person"/><engage:activity><engage:input from="person" to="who"/></engage:activity></bpmn:extensionElements>
        <bpmn:multiInstanceLoopCharacteristics {attributes}>{more}</bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
        <bpmn:userTask id="after"/>{}"#,
        flows("s > review > after")
    ))
}

#[test]
fn a_parallel_multi_instance_opens_one_work_item_per_item() {
    let mut run = reviews("", "");
    run.start(json!({"people": ["ana", "luis", "eva"]}));
    assert_eq!(run.waiting(), ["review", "review", "review"]);
    let asked: Vec<_> = run
        .effects
        .iter()
        .filter_map(|e| match e {
            Effect::WorkItemOpened { inputs, .. } => inputs["who"].as_str().map(str::to_owned),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["ana", "luis", "eva"]);
    run.complete("review").complete("review");
    assert_eq!(run.waiting(), ["review"]);
    run.complete("review");
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn a_sequential_one_opens_them_one_by_one_and_a_condition_ends_it_early() {
    let mut run = reviews(
        r#"isSequential="true""#,
        "<bpmn:completionCondition>numberOfCompletedInstances >= 2</bpmn:completionCondition>",
    );
    run.start(json!({"people": ["ana", "luis", "eva"]}));
    assert_eq!(run.waiting(), ["review"]);
    run.complete("review");
    assert_eq!(run.waiting(), ["review"]);
    run.complete("review");
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn an_empty_collection_is_passed_over() {
    let mut run = reviews("", "");
    run.start(json!({"people": []}));
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn a_loop_repeats_while_its_condition_holds() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="ask"><bpmn:standardLoopCharacteristics loopMaximum="5"><bpmn:loopCondition>answer = null</bpmn:loopCondition></bpmn:standardLoopCharacteristics></bpmn:userTask>
        <bpmn:endEvent id="e"/>{}"#,
        flows("s > ask > e")
    ));
    run.start(json!({})).complete("ask").complete("ask");
    assert_eq!(run.waiting(), ["ask"]);
    run.complete_with("ask", None, json!({"answer": "yes"}));
    assert!(run.completed());
}

#[test]
fn an_interrupting_boundary_takes_every_run_of_a_repeated_activity() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="review"><bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>
        <bpmn:boundaryEvent id="late" attachedToRef="review"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
        <bpmn:userTask id="chase"/>{}"#,
        flows("s > review; late > chase")
    ));
    run.start(json!({})).complete("review").fire("late");
    assert_eq!(run.waiting(), ["chase"]);
    assert_eq!(
        run.effects
            .iter()
            .filter(|e| matches!(e, Effect::WorkItemWithdrawn { .. }))
            .count(),
        2
    );
}

#[test]
fn a_called_process_gets_variables_and_gives_some_back() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:callActivity id="call" calledElement="check"><bpmn:extensionElements><engage:activity>
        <engage:input from="customer" to="who"/><engage:output from="score" to="risk"/></engage:activity></bpmn:extensionElements></bpmn:callActivity>
        <bpmn:endEvent id="e"/>{}"#,
        flows("s > call > e")
    ));
    run.start(json!({"customer": "c7", "secret": 1}));
    let called = |e: &Effect| matches!(e, Effect::Called { process, variables, .. } if &**process == "check" && *variables == object(json!({"who": "c7"})));
    assert!(run.has(called));
    let activity = run.activity("call");
    run.tell(Event::CallCompleted {
        activity,
        variables: object(json!({"score": 5, "noise": 0})),
    });
    assert_eq!(run.state.variables.get("risk"), Some(&json!(5)));
    assert_eq!(run.state.variables.get("noise"), None);
    assert!(run.completed());
}

#[test]
fn scripts_run_inside_and_decisions_are_asked_for() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:scriptTask id="sum" scriptFormat="feel"><bpmn:script>{{total: a + b}}</bpmn:script></bpmn:scriptTask>
        <bpmn:businessRuleTask id="rule"><bpmn:extensionElements><engage:activity decision="discount" result="discount"/></bpmn:extensionElements></bpmn:businessRuleTask>
        <bpmn:endEvent id="e"/>{}"#,
        flows("s > sum > rule > e")
    ));
    run.start(json!({"a": 2, "b": 3}));
    assert_eq!(run.state.variables["total"], json!(5));
    run.answer("rule", json!({"result": 0.1}));
    assert_eq!(run.state.variables["discount"], json!(0.1));
    assert!(run.completed());
}

#[test]
fn compensation_undoes_in_reverse_order_and_waits_for_people() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:serviceTask id="book"/><bpmn:serviceTask id="pay"/>
        <bpmn:boundaryEvent id="on-book" attachedToRef="book"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
        <bpmn:boundaryEvent id="on-pay" attachedToRef="pay"><bpmn:compensateEventDefinition/></bpmn:boundaryEvent>
        <bpmn:userTask id="unbook" isForCompensation="true"/><bpmn:userTask id="refund" isForCompensation="true"/>
        <bpmn:intermediateThrowEvent id="undo"><bpmn:compensateEventDefinition activityRef="pay"/></bpmn:intermediateThrowEvent>
        <bpmn:userTask id="after"/>
        <bpmn:association id="a1" sourceRef="on-book" targetRef="unbook"/><bpmn:association id="a2" sourceRef="on-pay" targetRef="refund"/>{}"#,
        flows("s > book > pay > undo > after")
    ));
    run.start(json!({}))
        .answer("book", json!({}))
        .answer("pay", json!({}));
    assert_eq!(run.waiting(), ["refund", "undo"]);
    run.complete("refund");
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn an_ad_hoc_sub_process_ends_by_its_condition_and_takes_more_by_hand() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:adHocSubProcess id="case" ordering="Parallel"><bpmn:completionCondition>solved = true</bpmn:completionCondition>
        <bpmn:userTask id="call"/><bpmn:userTask id="write"/></bpmn:adHocSubProcess><bpmn:userTask id="after"/>{}"#,
        flows("s > case > after")
    ));
    run.start(json!({}));
    assert_eq!(run.waiting(), ["call", "write"]);
    let startable: Vec<_> = flow::engine::startable(&run.plan, &run.state)
        .into_iter()
        .map(|one| one.element.to_string())
        .collect();
    assert_eq!(startable, ["call", "write"]);
    let case = run
        .state
        .running(&run.plan)
        .find(|(_, element)| &***element == "case")
        .expect("it runs")
        .0;
    run.tell(Event::AdHocStarted {
        activity: case,
        element: "call".into(),
    });
    assert_eq!(run.waiting(), ["call", "call", "write"]);
    run.complete_with("call", None, json!({"solved": true}));
    assert_eq!(run.waiting(), ["after"]);
}

#[test]
fn a_sequential_ad_hoc_sub_process_goes_one_by_one() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:adHocSubProcess id="case" ordering="Sequential">
        <bpmn:userTask id="call"/><bpmn:userTask id="write"/></bpmn:adHocSubProcess><bpmn:endEvent id="e"/>{}"#,
        flows("s > case > e")
    ));
    run.start(json!({}));
    assert_eq!(run.waiting(), ["call"]);
    run.complete("call");
    assert_eq!(run.waiting(), ["write"]);
    run.complete("write");
    assert!(run.completed());
}

#[test]
fn an_instance_can_be_moved_by_hand_and_cancelled() {
    let text = document(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:subProcess id="sub"><bpmn:startEvent id="s2"/><bpmn:userTask id="b"/>{}</bpmn:subProcess><bpmn:userTask id="c"/>{}"#,
        flows("s2 > b"),
        flows("s > a > sub > c")
    ));
    let mut run = Instance::from_xml(&text, "p");
    run.start(json!({}));
    let a = run.activity("a");
    run.tell(Event::Modified {
        cancel: vec![a],
        start: vec!["b".into()],
        variables: Default::default(),
    });
    assert_eq!(run.waiting(), ["b"]);
    run.complete("b");
    assert_eq!(run.waiting(), ["c"]);
    run.tell(Event::Cancelled {
        reason: "customer left".to_owned(),
    });
    assert!(run.has(|e| matches!(e, Effect::Terminated { reason } if reason == "customer left")));
    assert!(
        run.has(|e| matches!(e, Effect::WorkItemWithdrawn { element, .. } if &**element == "c"))
    );
    let late = Event::SignalReceived {
        name: "x".to_owned(),
        variables: Default::default(),
    };
    assert_eq!(
        flow::engine::step(&run.plan, &run.state, late, run.now),
        Err(StepFault::Ended)
    );
}

#[test]
fn a_message_start_begins_there_and_a_plain_start_elsewhere() {
    let content = format!(
        r#"<bpmn:startEvent id="plain"/><bpmn:startEvent id="mail"><bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent>
        <bpmn:userTask id="a"/><bpmn:userTask id="b"/>{}"#,
        flows("plain > a; mail > b")
    );
    let text = document(&content).replace(
        "<bpmn:process",
        r#"<bpmn:message id="m" name="mail in"/><bpmn:process"#,
    );
    let mut run = Instance::from_xml(&text, "p");
    assert_eq!(run.plan.starts().len(), 2);
    run.tell(Event::Start {
        start_event: Some("mail".into()),
        trigger: Some(0),
        variables: Default::default(),
    });
    assert_eq!(run.waiting(), ["b"]);
    let mut plain = Instance::from_xml(&text, "p");
    plain.start(json!({}));
    assert_eq!(plain.waiting(), ["a"]);
}

#[test]
fn messages_go_out_with_the_other_end_of_their_flow() {
    let text = common::around(&format!(
        r#"<bpmn:message id="m" name="order"/><bpmn:collaboration id="c"><bpmn:participant id="us" processRef="p"/><bpmn:participant id="them"/>
        <bpmn:messageFlow id="mf" sourceRef="tell" targetRef="them"/></bpmn:collaboration>
        <bpmn:process id="p"><bpmn:startEvent id="s"/><bpmn:sendTask id="tell" messageRef="m"/><bpmn:receiveTask id="hear" messageRef="m"/><bpmn:endEvent id="e"/>{}</bpmn:process>"#,
        flows("s > tell > hear > e")
    ));
    let mut run = Instance::from_xml(&text, "p");
    run.start(json!({}));
    let sent = |e: &Effect| matches!(e, Effect::MessageSent { name, target: Some(t), .. } if &**name == "order" && &**t == "them");
    assert!(run.has(sent));
    run.message("order");
    assert!(run.completed());
}

#[test]
fn what_each_run_gives_is_collected_in_the_order_of_the_items() {
    for (sequential, repeat) in [
        (
            false,
            r#"<bpmn:extensionElements><engage:repeat collection="names" item="name" output="answers" outputItem="answer"/></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics/>"#,
        ),
        (
            true,
            r#"<bpmn:extensionElements><engage:repeat collection="names" item="name" output="answers" outputItem="answer"/></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics isSequential="true"/>"#,
        ),
    ] {
        let mut run = Instance::of(&format!(
            r#"<bpmn:startEvent id="s"/><bpmn:userTask id="ask">{repeat}</bpmn:userTask><bpmn:userTask id="after"/>{}"#,
            flows("s > ask > after")
        ));
        run.start(json!({"names": ["a", "b", "c"]}));
        // Where all run at once the newest is answered first.
        for answer in ["x", "y", "z"] {
            run.complete_with("ask", None, json!({"answer": answer}));
        }
        let expected = if sequential {
            json!(["x", "y", "z"])
        } else {
            json!(["z", "y", "x"])
        };
        assert_eq!(run.state.variables["answers"], expected);
        assert!(
            !run.state.variables.contains_key("answer"),
            "each run has its own"
        );
        assert_eq!(run.waiting(), ["after"]);
    }
}

#[test]
fn the_standard_names_of_outputs_are_read() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:dataObject id="list" name="names"/><bpmn:dataObject id="given" name="answers"/><bpmn:startEvent id="s"/><bpmn:userTask id="ask"><bpmn:multiInstanceLoopCharacteristics>
        <bpmn:loopDataInputRef>list</bpmn:loopDataInputRef><bpmn:loopDataOutputRef>given</bpmn:loopDataOutputRef><bpmn:inputDataItem id="i" name="name"/><bpmn:outputDataItem id="o" name="answer"/>
        <bpmn:completionCondition>answers[1] != null</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask><bpmn:endEvent id="e"/>{}"#,
        flows("s > ask > e")
    ));
    run.start(json!({"names": ["a", "b"]}));
    run.complete_with("ask", None, json!({"answer": 2}));
    assert_eq!(run.state.variables["answers"], json!([null, 2]));
    run.complete_with("ask", None, json!({"answer": 1}));
    assert!(run.completed());
    assert_eq!(run.state.variables["answers"], json!([1, 2]));
}

#[test]
fn a_loop_sees_how_often_it_ran() {
    let mut run = Instance::of(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:serviceTask id="try"><bpmn:standardLoopCharacteristics><bpmn:loopCondition>loopCounter &lt; 3</bpmn:loopCondition></bpmn:standardLoopCharacteristics></bpmn:serviceTask><bpmn:endEvent id="e"/>{}"#,
        flows("s > try > e")
    ));
    run.start(json!({}));
    for _ in 0..3 {
        run.answer("try", json!({}));
    }
    assert!(run.completed(), "{:?}", run.waiting());
}

#[test]
fn exceptions_are_offered_where_somebody_catches_them_and_refused_elsewhere() {
    let mut run = Instance::from_xml(
        &common::around(&format!(
            r#"<bpmn:error id="gone" errorCode="GONE"/><bpmn:escalation id="late" escalationCode="LATE"/><bpmn:process id="p" isExecutable="true">
            <bpmn:startEvent id="s"/><bpmn:subProcess id="sub"><bpmn:startEvent id="is"/><bpmn:userTask id="ask"/><bpmn:userTask id="alone"/>{}</bpmn:subProcess>
            <bpmn:boundaryEvent id="left" name="Se fue" attachedToRef="sub"><bpmn:errorEventDefinition errorRef="gone"/></bpmn:boundaryEvent>
            <bpmn:boundaryEvent id="slow" name="Tarda" attachedToRef="sub" cancelActivity="false"><bpmn:escalationEventDefinition escalationRef="late"/></bpmn:boundaryEvent>
            <bpmn:userTask id="sorry"/><bpmn:userTask id="hurry"/>{}</bpmn:process>"#,
            flows("is > ask > alone"),
            flows("s > sub; left > sorry; slow > hurry")
        )),
        "p",
    );
    run.start(json!({}));
    let ask = run.activity("ask");
    let offered: Vec<_> = flow::engine::exceptions(&run.plan, &run.state, ask)
        .into_iter()
        .map(|one| {
            (
                one.escalation,
                one.code.unwrap_or_default().to_string(),
                one.name.to_string(),
                one.interrupting,
            )
        })
        .collect();
    assert_eq!(
        offered,
        [
            (true, "LATE".into(), "Tarda".into(), false),
            (false, "GONE".into(), "Se fue".into(), true),
        ]
    );
    run.tell(Event::EscalationRaised {
        activity: ask,
        escalation: "LATE".to_owned(),
        variables: Default::default(),
    });
    assert_eq!(run.waiting(), ["ask", "hurry"]);
    let nobody = Event::ErrorRaised {
        activity: ask,
        error: "OTHER".to_owned(),
        variables: Default::default(),
    };
    let fault = flow::engine::step(&run.plan, &run.state, nobody, run.now).expect_err("nobody");
    assert_eq!(fault.code(), "flow.not_caught");
    run.tell(Event::ErrorRaised {
        activity: ask,
        error: "GONE".to_owned(),
        variables: common::object(json!({"why": "bus"})),
    });
    assert_eq!(run.waiting(), ["hurry", "sorry"]);
    assert_eq!(run.state.variables["why"], json!("bus"));
}
