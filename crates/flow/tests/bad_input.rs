//! What is not a process is refused with a sentence that says where.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

mod common;

use common::{around, document, flows};
use flow::engine::Plan;
use flow::{ProblemCode, xml};
use kernel::Language;

fn refused(text: &str) -> flow::Problem {
    let problems = xml::read(text).expect_err("refused");
    for language in Language::ALL {
        assert!(!problems[0].sentence(language).contains('{'));
    }
    problems[0].clone()
}

#[test]
fn each_kind_of_bad_file_has_its_code_and_place() {
    assert_eq!(refused("no xml at all").code, ProblemCode::NotXml);
    assert_eq!(refused("").code, ProblemCode::NotXml);
    // Names that are none: found by the fuzzer.
    for text in [
        "<a :=\"2\"/>",
        "<a 0b=\"2\"/>",
        "<0a/>",
        "<a xmlns:=\"u\"/>",
        "<:a/>",
    ] {
        assert_eq!(refused(text).code, ProblemCode::NotXml, "{text}");
    }
    assert_eq!(refused("<a><b></a>").code, ProblemCode::TagMismatch);
    let place = refused("<a>\n<b>ñ</b><c></d></a>");
    assert_eq!((place.line, place.column), (2, 12));
    let cut = refused("<definitions>\n  <process>\n");
    assert_eq!((cut.code, cut.line), (ProblemCode::TagOpen, 2));
    assert_eq!(refused("<html><body/></html>").code, ProblemCode::NotBpmn);
    assert_eq!(
        refused("<x:definitions/>").code,
        ProblemCode::UndeclaredPrefix
    );
    let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\"><!ENTITY y \"&x;&x;\">]><a>&y;</a>";
    assert_eq!(refused(bomb).code, ProblemCode::Doctype);
    assert_eq!(refused("<a>&boom;</a>").code, ProblemCode::UnknownEntity);
    assert_eq!(refused("<a>&boom</a>").code, ProblemCode::NotXml);
    let deep = "<a>".repeat(300);
    assert_eq!(refused(&deep).code, ProblemCode::TooLarge);
    let long = " ".repeat(xml::MAX_BYTES + 1);
    assert_eq!(refused(&long).code, ProblemCode::TooLarge);
}

#[test]
fn references_to_nothing_and_double_ids_name_element_and_line() {
    let dangling = refused(&document(
        "<bpmn:startEvent id=\"s\"/>\n<bpmn:sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"nobody\"/>",
    ));
    assert_eq!(
        (dangling.code, dangling.line, dangling.element.as_deref()),
        (ProblemCode::DanglingReference, 2, Some("f"))
    );
    assert!(dangling.sentence(Language::Es).contains("nobody"));
    let double = refused(&document("<bpmn:task id=\"s\"/>\n<bpmn:task id=\"s\"/>"));
    assert_eq!((double.code, double.line), (ProblemCode::DuplicateId, 2));
    let missing = refused(&document("<bpmn:task/>"));
    assert_eq!(missing.code, ProblemCode::MissingId);
    let wrong = refused(&document(
        r#"<bpmn:userTask id="a"><bpmn:extensionElements><engage:activity presence="sometimes"/></bpmn:extensionElements></bpmn:userTask>"#,
    ));
    assert_eq!(
        (wrong.code, wrong.element.as_deref()),
        (ProblemCode::BadBinding, Some("a"))
    );
}

#[test]
fn what_cannot_run_is_said_when_it_is_compiled() {
    let compile = |text: &str| {
        let definitions = xml::read(text).expect("it can be read");
        Plan::compile(&definitions, "p")
            .expect_err("it cannot run")
            .remove(0)
    };
    let two = document(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:startEvent id="s2"/><bpmn:endEvent id="e"/>{}"#,
        flows("s > e; s2 > e")
    ));
    assert_eq!(compile(&two).code, ProblemCode::TwoStarts);
    assert_eq!(compile(&document("")).code, ProblemCode::NoStart);
    assert_eq!(compile(&around("")).code, ProblemCode::NoSuchProcess);
    let bad = document(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:intermediateCatchEvent id="t"><bpmn:timerEventDefinition><bpmn:timeDuration>) soon</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>{}"#,
        flows("s > t > e")
    ));
    assert_eq!(compile(&bad).code, ProblemCode::BadTimer);
}
