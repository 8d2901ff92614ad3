//! Pools, lanes, moving between them, and the clipboard.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

mod common;

use common::{document, flows};
use flow::edit::{Command, Editor, copy};
use flow::model::{Bounds, ElementKind};
use flow::scene::{Item, scene};
use flow::{layout, xml};

fn editor(content: &str) -> Editor {
    let definitions = xml::read(&document(content)).expect("a document");
    Editor::new(layout::with_diagram(definitions))
}

/// Executes, and holds that what was written reads back as what is seen, and that undo leads back.
fn does(editor: &mut Editor, command: Command) {
    let before = xml::write(editor.definitions());
    let said = format!("{command:?}");
    editor
        .execute(command)
        .unwrap_or_else(|refusal| panic!("{said}: {refusal:?}"));
    let after = xml::write(editor.definitions());
    assert_ne!(before, after, "{said} changed nothing");
    let read = xml::read(&after).unwrap_or_else(|problems| panic!("{said}: {problems:?}\n{after}"));
    assert_eq!(xml::write(&read), after, "{said}");
    editor.undo().expect("something to undo");
    assert_eq!(
        xml::write(editor.definitions()),
        before,
        "{said} taken back"
    );
    editor.redo().expect("something to redo");
    assert_eq!(xml::write(editor.definitions()), after, "{said} done again");
}

fn bounds(editor: &Editor, element: &str) -> Bounds {
    let mut items = scene(editor.definitions())
        .drawings
        .into_iter()
        .flat_map(|drawing| drawing.items);
    let found = items.find_map(|item| match item {
        Item::Shape(shape) if &*shape.element == element => Some(shape.bounds),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{element} is not drawn"))
}

const BOX: Bounds = Bounds {
    x: 0.0,
    y: 0.0,
    width: 600.0,
    height: 200.0,
};

#[test]
fn the_first_pool_takes_the_process_in_and_lanes_take_its_elements() {
    let mut editor = editor(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:task id="a"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > a > e")
    ));
    does(
        &mut editor,
        Command::AddPool {
            id: "pool".into(),
            name: "Banco".to_owned(),
            black_box: false,
            bounds: BOX,
        },
    );
    let definitions = editor.definitions();
    assert_eq!(definitions.processes.len(), 1);
    assert_eq!(
        definitions.collaborations[0].participants[0]
            .process
            .as_deref(),
        Some("p")
    );
    let pool = bounds(&editor, "pool");
    for id in ["s", "a", "e"] {
        assert!(
            pool.contains(bounds(&editor, id).centre()),
            "{id} is in the pool"
        );
    }

    does(
        &mut editor,
        Command::AddPool {
            id: "out".into(),
            name: "Cliente".to_owned(),
            black_box: true,
            bounds: Bounds {
                y: pool.bottom() + 40.0,
                ..BOX
            },
        },
    );
    does(
        &mut editor,
        Command::Connect {
            id: Some("asks".into()),
            source: "out".into(),
            target: "a".into(),
        },
    );
    assert_eq!(
        editor.definitions().collaborations[0].message_flows.len(),
        1
    );

    let below = bounds(&editor, "out");
    does(
        &mut editor,
        Command::AddLane {
            id: "second".into(),
            name: "Jefes".to_owned(),
            pool: "pool".into(),
        },
    );
    let lanes = &editor.definitions().processes[0].lanes;
    assert_eq!(lanes.len(), 2);
    assert_eq!(
        lanes[0].members.len(),
        3,
        "the first lane holds what was there"
    );
    assert!(lanes[1].members.is_empty());
    assert!(
        bounds(&editor, "out").y > below.y,
        "what stands below makes room"
    );

    does(
        &mut editor,
        Command::Place {
            elements: vec!["a".into()],
            parent: "p".into(),
            lane: Some("second".into()),
        },
    );
    let process = &editor.definitions().processes[0];
    assert_eq!(process.lane_of("a").map(|lane| &*lane.id), Some("second"));
    assert_eq!(process.flows.len(), 2, "lanes do not cut flows");
    does(
        &mut editor,
        Command::Remove {
            elements: vec!["out".into()],
        },
    );
    assert!(
        editor.definitions().collaborations[0]
            .message_flows
            .is_empty()
    );
}

#[test]
fn what_goes_into_a_sub_process_takes_its_inner_flows_along() {
    let mut editor = editor(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:userTask id="b"/><bpmn:boundaryEvent id="late" attachedToRef="a"/>
           <bpmn:subProcess id="sub"/>{}"#,
        flows("s > a > b")
    ));
    does(
        &mut editor,
        Command::Place {
            elements: vec!["a".into(), "b".into()],
            parent: "sub".into(),
            lane: None,
        },
    );
    let definitions = editor.definitions();
    let parent = |id: &str| {
        definitions
            .element(id)
            .and_then(|element| element.parent.clone())
    };
    assert_eq!(parent("a").as_deref(), Some("sub"));
    assert_eq!(
        parent("late").as_deref(),
        Some("sub"),
        "a boundary event goes with its activity"
    );
    assert_eq!(
        definitions
            .flow("a-b")
            .and_then(|flow| flow.parent.clone())
            .as_deref(),
        Some("sub")
    );
    assert!(
        definitions.flow("s-a").is_none(),
        "a flow across the border goes"
    );
    let itself = Command::Place {
        elements: vec!["sub".into()],
        parent: "sub".into(),
        lane: None,
    };
    assert!(editor.allows(&itself).is_err());
    does(
        &mut editor,
        Command::Attach {
            element: "late".into(),
            host: "b".into(),
        },
    );
    let late = editor.definitions().element("late").expect("there");
    assert!(
        matches!(&late.kind, ElementKind::BoundaryEvent { attached_to, .. } if &**attached_to == "b")
    );
}

#[test]
fn a_copy_is_bpmn_and_pastes_with_new_ids_and_all_that_others_wrote() {
    let mut editor = editor(&format!(
        r#"<bpmn:startEvent id="s"/>
           <bpmn:userTask id="a" name="Ask"><bpmn:extensionElements><v:thing xmlns:v="urn:vendor" v:level="3"/></bpmn:extensionElements></bpmn:userTask>
           <bpmn:boundaryEvent id="late" attachedToRef="a"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
           <bpmn:userTask id="b" name="Tell"/>{}"#,
        flows("s > a > b; late > b")
    ));
    let text = copy(editor.definitions(), &["a".into(), "b".into()]).expect("something");
    let alone = xml::read(&text).expect("the clipboard holds BPMN");
    assert_eq!(alone.processes[0].elements.len(), 3);
    assert_eq!(
        alone.processes[0].flows.len(),
        2,
        "the flow from outside stays outside"
    );

    does(
        &mut editor,
        Command::Paste {
            bpmn: text.clone(),
            parent: "p".into(),
            lane: None,
            dx: 20.0,
            dy: 300.0,
        },
    );
    let process = &editor.definitions().processes[0];
    assert_eq!(process.elements.len(), 7);
    assert_eq!(process.flows.len(), 5);
    let again = process
        .elements
        .iter()
        .find(|element| element.name == "Ask" && &*element.id != "a")
        .expect("the copy");
    let late = process
        .elements
        .iter()
        .find(|element| element.attached_to() == Some(&again.id))
        .expect("its boundary event");
    assert_eq!(late.outgoing.len(), 1);
    let (old, new) = (bounds(&editor, "a"), bounds(&editor, &again.id));
    assert_eq!((new.x, new.y), (old.x + 20.0, old.y + 300.0));
    assert_eq!(
        xml::write(editor.definitions())
            .matches("level=\"3\"")
            .count(),
        2
    );

    // Into another document, which uses other prefixes.
    let mut other = Editor::new(layout::with_diagram(
        xml::read(&format!(r#"<definitions xmlns="{}" id="o"><process id="q"><startEvent id="a"/></process></definitions>"#, xml::BPMN)).expect("a document"),
    ));
    does(
        &mut other,
        Command::Paste {
            bpmn: text,
            parent: "q".into(),
            lane: None,
            dx: 0.0,
            dy: 0.0,
        },
    );
    assert_eq!(other.definitions().processes[0].elements.len(), 4);
    assert!(copy(other.definitions(), &["nothing".into()]).is_none());
}

#[test]
fn data_hangs_in_the_activity_and_its_line_follows() {
    let mut editor = editor(r#"<bpmn:userTask id="a"/>"#);
    does(
        &mut editor,
        Command::Add {
            id: Some("letter".into()),
            tag: "dataObjectReference".to_owned(),
            name: "Carta".to_owned(),
            parent: "p".into(),
            lane: None,
            attached_to: None,
            bounds: Some(Bounds {
                x: 400.0,
                y: 300.0,
                width: 36.0,
                height: 50.0,
            }),
        },
    );
    does(
        &mut editor,
        Command::Connect {
            id: Some("reads".into()),
            source: "letter".into(),
            target: "a".into(),
        },
    );
    does(
        &mut editor,
        Command::Connect {
            id: Some("writes".into()),
            source: "a".into(),
            target: "letter".into(),
        },
    );
    let line = |editor: &Editor| {
        let mut edges = editor
            .definitions()
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.edges);
        edges
            .find(|edge| &*edge.element == "reads")
            .map(|edge| edge.waypoints.clone())
    };
    let before = line(&editor).expect("drawn");
    does(
        &mut editor,
        Command::Move {
            elements: vec!["letter".into()],
            dx: 80.0,
            dy: 40.0,
        },
    );
    assert_ne!(line(&editor).expect("drawn"), before);
    does(
        &mut editor,
        Command::Remove {
            elements: vec!["letter".into()],
        },
    );
    assert!(line(&editor).is_none());
    assert!(!xml::write(editor.definitions()).contains("dataInputAssociation"));
}

#[test]
fn a_flow_gets_another_end_and_keeps_what_it_says() {
    let mut editor = editor(&format!(
        r#"<bpmn:exclusiveGateway id="g" default="g-a"/><bpmn:task id="a"/><bpmn:task id="b"/>{}"#,
        flows("g > a; g > b [x > 3]")
    ));
    does(
        &mut editor,
        Command::Reconnect {
            flow: "g-b".into(),
            source: "g".into(),
            target: "a".into(),
        },
    );
    let flow = editor.definitions().flow("g-b").expect("there");
    assert_eq!(
        (&*flow.target, flow.condition.as_deref()),
        ("a", Some("x > 3"))
    );
    assert_eq!(
        editor
            .definitions()
            .element("a")
            .expect("there")
            .incoming
            .len(),
        2
    );
    does(
        &mut editor,
        Command::Reconnect {
            flow: "g-a".into(),
            source: "b".into(),
            target: "a".into(),
        },
    );
    assert!(
        editor
            .definitions()
            .element("g")
            .expect("there")
            .default_flow
            .is_none()
    );
    let itself = Command::Reconnect {
        flow: "g-a".into(),
        source: "a".into(),
        target: "a".into(),
    };
    assert!(editor.allows(&itself).is_err());
}
