//! Editing: commands, rules, undo.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

mod common;

use common::{document, flows};
use flow::edit::{Command, Editor, Refusal};
use flow::model::{Binding, Bounds, Due, FormRef, Outcome, Rung, Text};
use flow::scene::{Item, scene};
use flow::{layout, xml};
use kernel::Language;

fn editor(content: &str) -> Editor {
    let definitions = xml::read(&document(content)).expect("a document");
    Editor::new(layout::with_diagram(definitions))
}

fn small() -> Editor {
    editor(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:task id="a" name="A"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > a > e")
    ))
}

fn bounds(editor: &Editor, element: &str) -> Bounds {
    let scene = scene(editor.definitions());
    let mut items = scene.drawings.into_iter().flat_map(|drawing| drawing.items);
    let found = items.find_map(|item| match item {
        Item::Shape(shape) if &*shape.element == element => Some(shape.bounds),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{element} is not drawn"))
}

#[test]
fn what_is_taken_back_stands_where_it_stood() {
    let mut editor = editor(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g" default="f2" name="G"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > g > e")
    ));
    let before = xml::write(editor.definitions());
    let away = Command::SetDefault {
        source: "g".into(),
        flow: None,
    };
    editor
        .execute_all(vec![away])
        .expect("a default taken away");
    assert_ne!(xml::write(editor.definitions()), before);
    editor.undo();
    assert_eq!(xml::write(editor.definitions()), before);
}

#[test]
fn every_command_can_be_taken_back_and_done_again() {
    let mut editor = small();
    let binding = Binding {
        form: Some(FormRef::Key("visit".to_owned())),
        outcomes: vec![Outcome {
            key: "ok".to_owned(),
            label: Text {
                es: "Sí".to_owned(),
                en: "Yes".to_owned(),
            },
        }],
        due: Some(Due {
            after: "PT4H".to_owned(),
            calendar: Default::default(),
        }),
        escalation: vec![Rung {
            after: "PT6H".to_owned(),
            to: "bosses".to_owned(),
            calendar: Default::default(),
        }],
        ..Binding::default()
    };
    let add = |id: &str, tag: &str| Command::Add {
        id: Some(id.into()),
        tag: tag.to_owned(),
        name: format!("new {tag}"),
        parent: "p".into(),
        lane: None,
        attached_to: None,
        bounds: None,
    };
    let commands = vec![
        Command::Retype {
            element: "a".into(),
            tag: "userTask".to_owned(),
        },
        Command::Bind {
            element: "a".into(),
            binding: Some(binding.clone()),
        },
        add("b", "serviceTask"),
        add("g", "exclusiveGateway"),
        add("note", "textAnnotation"),
        Command::Connect {
            id: Some("f".into()),
            source: "g".into(),
            target: "b".into(),
        },
        Command::Connect {
            id: None,
            source: "note".into(),
            target: "b".into(),
        },
        Command::SetCondition {
            flow: "f".into(),
            condition: Some("x < 3 & \"y\"".to_owned()),
        },
        Command::SetDefault {
            source: "g".into(),
            flow: Some("f".into()),
        },
        Command::Rename {
            element: "b".into(),
            name: "Ask \"twice\"".to_owned(),
        },
        Command::Move {
            elements: vec!["a".into(), "b".into()],
            dx: 30.0,
            dy: -12.5,
        },
        Command::Resize {
            element: "b".into(),
            bounds: Bounds {
                x: 1.0,
                y: 2.0,
                width: 200.0,
                height: 90.0,
            },
        },
        Command::Declare {
            id: "m".into(),
            tag: "message".to_owned(),
            name: "paid".to_owned(),
            code: None,
        },
        Command::SetEvent {
            element: "e".into(),
            event: Some(flow::model::EventDefinition::Message {
                message: Some("m".into()),
            }),
        },
        Command::Set {
            element: "p".into(),
            attribute: "isExecutable".to_owned(),
            value: Some("false".to_owned()),
        },
        Command::Layout,
        Command::Remove {
            elements: vec!["a".into(), "g".into()],
        },
    ];
    let mut texts = vec![xml::write(editor.definitions())];
    for command in commands {
        editor.allows(&command).expect("allowed before");
        let said = format!("{command:?}");
        editor
            .execute(command)
            .unwrap_or_else(|refusal| panic!("{said}: {refusal:?}"));
        let text = xml::write(editor.definitions());
        assert_ne!(Some(&text), texts.last(), "{said} changed nothing");
        let again = xml::read(&text).expect("what editing writes can be read");
        assert_eq!(xml::write(&again), text, "{said}");
        assert_eq!(
            unlined(&again),
            unlined(editor.definitions()),
            "the view after {said} is the view of the text"
        );
        texts.push(text);
    }
    let end = editor
        .definitions()
        .process("p")
        .expect("the process")
        .clone();
    assert!(end.element("a").is_none() && end.element("g").is_none());
    assert!(end.flows.is_empty(), "flows go with their ends");
    for text in texts.iter().rev().skip(1) {
        editor.undo().expect("something to undo");
        assert_eq!(&xml::write(editor.definitions()), text);
    }
    assert!(!editor.can_undo());
    for text in &texts[1..] {
        editor.redo().expect("something to redo");
        assert_eq!(&xml::write(editor.definitions()), text);
    }
    let bound = xml::read(&texts[3]).expect("a document");
    assert_eq!(
        bound.element("a").and_then(|a| a.binding.as_ref()),
        Some(&binding)
    );
}

/// The processes without line numbers: what was made by editing has none.
fn unlined(definitions: &flow::Definitions) -> Vec<flow::Process> {
    let mut processes = definitions.processes.clone();
    for element in processes
        .iter_mut()
        .flat_map(|process| &mut process.elements)
    {
        element.line = 0;
    }
    processes
}

#[test]
fn the_view_follows_the_commands() {
    let mut editor = small();
    editor
        .execute(Command::Rename {
            element: "a".into(),
            name: "Visit".to_owned(),
        })
        .expect("fine");
    assert_eq!(
        editor.definitions().element("a").map(|a| &*a.name),
        Some("Visit")
    );
    let before = bounds(&editor, "a");
    editor
        .execute(Command::Move {
            elements: vec!["a".into()],
            dx: 10.0,
            dy: 20.0,
        })
        .expect("fine");
    let after = bounds(&editor, "a");
    assert_eq!((after.x - before.x, after.y - before.y), (10.0, 20.0));
    let edges = &editor.definitions().diagrams[0].edges;
    let into = edges
        .iter()
        .find(|edge| &*edge.element == "s-a")
        .expect("a line");
    assert!(
        after.contains(*into.waypoints.last().expect("an end")),
        "the line follows"
    );
}

#[test]
fn several_commands_are_one_step_and_all_or_nothing() {
    let mut editor = small();
    let before = xml::write(editor.definitions());
    let rename = Command::Rename {
        element: "a".into(),
        name: "X".to_owned(),
    };
    let wrong = Command::Rename {
        element: "nobody".into(),
        name: "Y".to_owned(),
    };
    let refusal = editor
        .execute_all(vec![rename.clone(), wrong])
        .expect_err("the second is refused");
    assert_eq!(
        refusal,
        Refusal::NoSuchElement {
            element: "nobody".to_owned()
        }
    );
    assert_eq!(xml::write(editor.definitions()), before);
    editor
        .execute_all(vec![
            rename,
            Command::Remove {
                elements: vec!["e".into()],
            },
        ])
        .expect("fine");
    editor.undo();
    assert_eq!(xml::write(editor.definitions()), before);
}

#[test]
fn rules_refuse_with_a_sentence() {
    let editor = editor(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:subProcess id="sub"><bpmn:task id="inner"/></bpmn:subProcess><bpmn:endEvent id="e"/>{}"#,
        flows("s > sub > e")
    ));
    let connect = |source: &str, target: &str| Command::Connect {
        id: None,
        source: source.into(),
        target: target.into(),
    };
    for (command, words) in [
        (connect("e", "sub"), "salir"),
        (connect("sub", "s"), "salir"),
        (connect("s", "inner"), "distintos"),
        (
            Command::Retype {
                element: "s".into(),
                tag: "userTask".to_owned(),
            },
            "convertirse",
        ),
        (
            Command::Bind {
                element: "s-sub".into(),
                binding: None,
            },
            "trámite",
        ),
        (
            Command::Add {
                id: Some("1x".into()),
                tag: "task".to_owned(),
                name: String::new(),
                parent: "p".into(),
                lane: None,
                attached_to: None,
                bounds: None,
            },
            "identificador",
        ),
        (
            Command::Move {
                elements: vec!["s".into()],
                dx: f64::NAN,
                dy: 0.0,
            },
            "posición",
        ),
    ] {
        let refusal = editor.allows(&command).expect_err("refused");
        assert!(
            refusal.sentence(Language::Es).contains(words),
            "{}",
            refusal.sentence(Language::Es)
        );
        assert!(!refusal.sentence(Language::En).is_empty());
    }
}

#[test]
fn a_document_without_drawing_gets_one_without_overlaps() {
    let text = include_str!("models/visit.bpmn");
    let drawn = layout::with_diagram(xml::read(text).expect("a document"));
    let again = layout::with_diagram(xml::read(text).expect("a document"));
    assert_eq!(
        xml::write(&drawn),
        xml::write(&again),
        "the same document, the same drawing"
    );
    let shapes = &drawn.diagrams[0].shapes;
    assert_eq!(shapes.len(), 6);
    for (at, one) in shapes.iter().enumerate() {
        for other in &shapes[at + 1..] {
            assert!(
                !one.bounds.intersects(&other.bounds),
                "{} and {}",
                one.element,
                other.element
            );
        }
    }
    let unchanged = xml::write(&drawn);
    assert_eq!(
        xml::write(&layout::with_diagram(drawn)),
        unchanged,
        "what is drawn stays"
    );
}
