//! What is awaited together (starts, boundary events, event sub-processes, gateways that begin a process), what data associations
//! carry, and what a message flow calls its message.

mod common;

use common::{Instance, around, document, flows, object};
use flow::engine::{Effect, Event, Plan, Request, StartKind};
use kernel::Span;
use serde_json::{Value, json};

const ORDER: &str = r#"<bpmn:messageEventDefinition messageRef="order"/>"#;
const PAYMENT: &str = r#"<bpmn:messageEventDefinition messageRef="payment"/>"#;
const HOUR: &str = r#"<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"#;
const RIPE: &str = r#"<bpmn:conditionalEventDefinition><bpmn:condition>ripe = true</bpmn:condition></bpmn:conditionalEventDefinition>"#;

fn with_messages(content: &str) -> String {
    document(content).replace(
        "<bpmn:process",
        r#"<bpmn:message id="order" name="order"/><bpmn:message id="payment" name="payment"/><bpmn:process"#,
    )
}

fn instance(content: &str) -> Instance {
    Instance::from_xml(&with_messages(content), "p")
}

fn begin(run: &mut Instance, element: &str, trigger: Option<u32>, variables: Value) {
    run.tell(Event::Start {
        start_event: Some(element.into()),
        trigger,
        variables: object(variables),
    });
}

/// How much it listens to.
fn listeners(run: &Instance) -> usize {
    let state = serde_json::to_value(&run.state).unwrap_or_default();
    state
        .get("subs")
        .and_then(Value::as_array)
        .map_or(0, Vec::len)
}

#[test]
fn a_start_marked_parallel_waits_for_its_other_triggers() {
    let content = format!(
        r#"<bpmn:startEvent id="both" parallelMultiple="true">{ORDER}{PAYMENT}{RIPE}</bpmn:startEvent><bpmn:userTask id="ship"/>{}"#,
        flows("both > ship")
    );
    let plan = instance(&content);
    let nth: Vec<u32> = plan.plan.starts().iter().map(|start| start.nth).collect();
    assert_eq!(nth, [0, 1, 2]);
    // Whichever comes first begins it, and is not awaited again.
    for (first, other) in [(0, "payment"), (1, "order")] {
        let mut run = instance(&content);
        begin(&mut run, "both", Some(first), json!({"ripe": false}));
        assert_eq!(run.waiting(), ["both"]);
        let awaited: Vec<&str> = run
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::MessageAwaited { name, .. } => Some(&**name),
                _ => None,
            })
            .collect();
        assert_eq!(awaited, [other]);
        run.message(other);
        assert_eq!(run.waiting(), ["both"]);
        let mut ripe = run;
        ripe.tell(Event::VariablesSet {
            variables: object(json!({"ripe": true})),
        });
        assert_eq!(ripe.waiting(), ["ship"]);
    }
    // What holds at once is not waited for.
    let mut run = instance(&content);
    begin(&mut run, "both", Some(0), json!({"ripe": true}));
    run.message("payment");
    assert_eq!(run.waiting(), ["ship"]);
    // By hand nothing is awaited, and without the mark one of them is enough.
    let mut run = instance(&content);
    begin(&mut run, "both", None, json!({}));
    assert_eq!(run.waiting(), ["ship"]);
    let mut run = instance(&content.replace(r#" parallelMultiple="true""#, ""));
    begin(&mut run, "both", Some(0), json!({}));
    assert_eq!(run.waiting(), ["ship"]);
}

#[test]
fn a_parallel_gateway_that_begins_a_process_waits_for_all_of_its_events() {
    let content = |kind: &str| {
        format!(
            r#"<bpmn:eventBasedGateway id="gate" instantiate="true" {kind}/>
            <bpmn:intermediateCatchEvent id="o">{ORDER}</bpmn:intermediateCatchEvent><bpmn:intermediateCatchEvent id="p1">{PAYMENT}</bpmn:intermediateCatchEvent>
            <bpmn:userTask id="pick"/><bpmn:userTask id="book"/>{}"#,
            flows("gate > o > pick; gate > p1 > book")
        )
    };
    let mut run = instance(&content(r#"eventGatewayType="Parallel""#));
    begin(&mut run, "p1", Some(0), json!({}));
    assert_eq!(run.waiting(), ["book", "o"]);
    run.complete("book");
    assert!(!run.completed());
    run.message("order").complete("pick");
    assert!(run.completed());
    // An exclusive one is stood for by the event that came.
    let mut run = instance(&content(""));
    begin(&mut run, "p1", Some(0), json!({}));
    assert_eq!(run.waiting(), ["book"]);
}

#[test]
fn a_boundary_event_marked_parallel_interrupts_when_all_have_come() {
    let content = |beside: bool, events: &str| {
        format!(
            r#"<bpmn:startEvent id="s"/><bpmn:userTask id="work"/><bpmn:boundaryEvent id="edge" attachedToRef="work" parallelMultiple="true" cancelActivity="{}">{events}</bpmn:boundaryEvent>
            <bpmn:userTask id="stop"/>{}"#,
            !beside,
            flows("s > work; edge > stop")
        )
    };
    let mut run = instance(&content(false, &format!("{ORDER}{HOUR}")));
    run.start(json!({}));
    run.wait(Span::from_hours(1)).fire("edge");
    assert_eq!(run.waiting(), ["work"]);
    run.message("order");
    assert_eq!(run.waiting(), ["stop"]);
    // Done before: what was left of it is forgotten.
    let mut run = instance(&content(false, &format!("{ORDER}{PAYMENT}")));
    run.start(json!({})).message("order").complete("work");
    assert!(run.completed());
    assert!(listeners(&run) == 0);

    // Beside its activity: as often as all have come.
    let mut run = instance(&content(true, &format!("{ORDER}{PAYMENT}{RIPE}")));
    run.start(json!({"ripe": true}));
    run.message("order");
    assert_eq!(run.waiting(), ["work"]);
    run.message("payment");
    assert_eq!(run.waiting(), ["stop", "work"]);
    run.message("order").message("payment");
    // The condition went on holding: it has to come to hold anew.
    assert_eq!(run.waiting(), ["stop", "work"]);
    for ripe in [false, true] {
        run.tell(Event::VariablesSet {
            variables: object(json!({"ripe": ripe})),
        });
    }
    assert_eq!(run.waiting(), ["stop", "stop", "work"]);
    // A timer that is no cycle comes once.
    let mut run = instance(&content(true, &format!("{ORDER}{HOUR}")));
    run.start(json!({})).message("order");
    run.wait(Span::from_hours(1)).fire("edge");
    assert_eq!(run.waiting(), ["stop", "work"]);
    assert_eq!(listeners(&run), 0);
}

#[test]
fn an_event_sub_process_marked_parallel_begins_when_all_have_come() {
    let content = format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="work"/>
        <bpmn:subProcess id="sub" triggeredByEvent="true"><bpmn:startEvent id="on" parallelMultiple="true" isInterrupting="true">{ORDER}{PAYMENT}</bpmn:startEvent><bpmn:userTask id="react"/>{}</bpmn:subProcess>{}"#,
        flows("on > react"),
        flows("s > work")
    );
    let mut run = instance(&content);
    run.start(json!({})).message("payment");
    assert_eq!(run.waiting(), ["work"]);
    run.message("order");
    assert_eq!(run.waiting(), ["react"]);
    run.complete("react");
    assert!(run.completed());
}

#[test]
fn data_associations_carry_what_they_name() {
    let content = format!(
        r#"<bpmn:dataObject id="d1"/><bpmn:dataObjectReference id="r1" name="Monto total" dataObjectRef="d1"/>
        <bpmn:dataObject id="d2" name="risk"/><bpmn:dataObjectReference id="r2" name="Riesgo [alto]" dataObjectRef="d2"/>
        <bpmn:startEvent id="s"/>
        <bpmn:serviceTask id="rate"><bpmn:ioSpecification><bpmn:dataInput id="in1" name="amount"/><bpmn:dataInput id="in2" name="double"/><bpmn:dataOutput id="out1" name="score"/></bpmn:ioSpecification>
          <bpmn:dataInputAssociation id="a1"><bpmn:sourceRef>r1</bpmn:sourceRef><bpmn:targetRef>in1</bpmn:targetRef></bpmn:dataInputAssociation>
          <bpmn:dataInputAssociation id="a2"><bpmn:sourceRef>r1</bpmn:sourceRef><bpmn:targetRef>in2</bpmn:targetRef><bpmn:transformation>Monto total * 2</bpmn:transformation></bpmn:dataInputAssociation>
          <bpmn:dataInputAssociation id="a3"><bpmn:targetRef>in2</bpmn:targetRef><bpmn:assignment><bpmn:from>"mobile"</bpmn:from><bpmn:to>channel</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation>
          <bpmn:dataInputAssociation id="a4"><bpmn:sourceRef>r1</bpmn:sourceRef><bpmn:targetRef>in2</bpmn:targetRef><bpmn:transformation language="http://www.w3.org/1999/XPath">count(//x)</bpmn:transformation></bpmn:dataInputAssociation>
          <bpmn:dataOutputAssociation id="b1"><bpmn:sourceRef>out1</bpmn:sourceRef><bpmn:targetRef>r2</bpmn:targetRef></bpmn:dataOutputAssociation>
        </bpmn:serviceTask>
        <bpmn:userTask id="look"><bpmn:property id="hole" name="__targetRef_placeholder"/>
          <bpmn:dataInputAssociation id="a5"><bpmn:sourceRef>r1</bpmn:sourceRef><bpmn:targetRef>hole</bpmn:targetRef></bpmn:dataInputAssociation></bpmn:userTask>
        {}"#,
        flows("s > rate > look")
    );
    let mut run = Instance::from_xml(&document(&content), "p");
    run.start(json!({"Monto total": 21}));
    let asked = run.effects.iter().find_map(|effect| match effect {
        Effect::TransactionRequested {
            request: Request::Service { .. },
            inputs,
            ..
        } => Some(inputs.clone()),
        _ => None,
    });
    assert_eq!(
        asked,
        Some(object(
            json!({"amount": 21, "double": 42, "channel": "mobile"})
        ))
    );
    run.answer("rate", json!({"score": 7, "note": "ok"}));
    // The data object is set, and what was given stays what it was.
    let wanted = json!({"Monto total": 21, "risk": 7, "score": 7, "note": "ok"});
    assert_eq!(Value::Object(run.state.variables.clone()), wanted);
    assert_eq!(run.waiting(), ["look"]);
}

#[test]
fn both_ends_of_a_message_flow_mean_the_same_message() {
    let document = |flow: &str, end: &str| {
        around(&format!(
            r#"<bpmn:message id="m" name="pedido"/><bpmn:collaboration id="c"><bpmn:participant id="us" processRef="p"/><bpmn:participant id="them" processRef="q"/>
            <bpmn:messageFlow id="mf" sourceRef="tell" targetRef="hear" {flow}/></bpmn:collaboration>
            <bpmn:process id="p"><bpmn:startEvent id="s"/><bpmn:sendTask id="tell" name="Avisar"/>{}</bpmn:process>
            <bpmn:process id="q"><bpmn:startEvent id="hear" name="Recibir"><bpmn:messageEventDefinition {end}/></bpmn:startEvent><bpmn:userTask id="t"/>{}</bpmn:process>"#,
            flows("s > tell"),
            flows("hear > t")
        ))
    };
    for (way, end, expected) in [
        (r#"messageRef="m""#, "", "pedido"),
        ("", r#"messageRef="m""#, "pedido"),
        (r#"name="Pedido de cliente""#, "", "Pedido de cliente"),
        ("", "", "Recibir"),
    ] {
        let text = document(way, end);
        let mut run = Instance::from_xml(&text, "p");
        run.start(json!({}));
        let sent = run.effects.iter().find_map(|effect| match effect {
            Effect::MessageSent { name, .. } => Some(name.to_string()),
            _ => None,
        });
        assert_eq!(sent.as_deref(), Some(expected));
        let definitions = flow::xml::read(&text).expect("a document");
        let plan = Plan::compile(&definitions, "q").expect("a process that runs");
        let name = expected.into();
        assert_eq!(plan.starts()[0].kind, StartKind::Message { name });
    }
}
