//! Lint: each rule finds its fault, and its mend mends it.
#![expect(clippy::expect_used, reason = "helpers of tests are tests")]

mod common;

use common::{document, flows};
use flow::edit::Editor;
use flow::lint::{Finding, Reach, Rule, Severity, Sight, Use, lint, lint_seen};
use flow::xml;
use kernel::Language;

fn findings(content: &str) -> Vec<Finding> {
    lint(&xml::read(&document(content)).expect("a document"))
}

/// The finding of a rule; mended, it is gone, and nothing worse has come.
fn finds(rule: Rule, element: &str, content: &str) {
    let found = findings(content);
    let finding = found
        .iter()
        .find(|finding| finding.rule == rule && &*finding.element == element);
    let finding = finding.unwrap_or_else(|| panic!("{rule:?} at {element} not in {found:#?}"));
    for language in Language::ALL {
        assert!(
            !finding.sentence(language).contains(['?', '{']),
            "{}",
            finding.sentence(language)
        );
    }
    let Some(mend) = &finding.mend else { return };
    assert!(
        !mend.sentence(Language::Es).contains(['?', '{']),
        "{}",
        mend.sentence(Language::Es)
    );
    let mut editor = Editor::new(xml::read(&document(content)).expect("a document"));
    editor
        .execute_all(mend.commands.clone())
        .unwrap_or_else(|refusal| panic!("{rule:?}: {refusal:?}"));
    let after = lint(editor.definitions());
    assert!(
        !after
            .iter()
            .any(|f| f.rule == rule && f.element == finding.element),
        "{rule:?} is still there"
    );
    assert!(
        after.len() <= found.len(),
        "the mend of {rule:?} brought more: {after:#?}"
    );
}

const PEOPLE: &str = r#"<bpmn:extensionElements><engage:activity form="f"><engage:assignment group="g"/></engage:activity></bpmn:extensionElements>"#;

#[test]
fn each_rule_finds_its_fault_and_mends_it() {
    let ends = r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>"#;
    let user =
        |id: &str| format!(r#"<bpmn:userTask id="{id}" name="{id}">{PEOPLE}</bpmn:userTask>"#);
    finds(
        Rule::Unreachable,
        "lost",
        &format!("{ends}{}{}", user("lost"), flows("s > e; lost > e")),
    );
    finds(
        Rule::DeadEnd,
        "a",
        &format!(
            r#"<bpmn:startEvent id="s"/>{}{}"#,
            user("a"),
            flows("s > a")
        ),
    );
    let fork = |first: &str, second: &str| {
        format!(
            r#"{ends}<bpmn:{first} id="f" default="f-b"/>{}{}<bpmn:{second} id="j"/>{}"#,
            user("a"),
            user("b"),
            flows("s > f; f > a [1 = 2]; f > b; a > j; b > j; j > e")
        )
    };
    finds(
        Rule::Deadlock,
        "j",
        &fork("exclusiveGateway", "parallelGateway"),
    );
    finds(
        Rule::Deadlock,
        "j",
        &fork("inclusiveGateway", "parallelGateway"),
    );
    let forked = format!(
        r#"{ends}<bpmn:parallelGateway id="f"/>{}{}<bpmn:exclusiveGateway id="j"/>{}"#,
        user("a"),
        user("b"),
        flows("s > f > a > j > e; f > b > j")
    );
    finds(Rule::Doubled, "j", &forked);
    finds(
        Rule::EndlessLoop,
        "t",
        &format!(
            r#"<bpmn:startEvent id="s"/><bpmn:task id="t"/><bpmn:task id="u"/>{}"#,
            flows("s > t > u > t")
        ),
    );
    let two = format!(
        r#"{ends}{}<bpmn:userTask id="b" name="b"/>{}"#,
        user("a"),
        flows("s > a > b > e")
    );
    finds(Rule::Unassignable, "b", &two);
    finds(Rule::NoForm, "b", &two);
    let due = r#"<bpmn:userTask id="a" name="a"><bpmn:extensionElements><engage:activity due="PT4H"><engage:assignment group="g"/></engage:activity></bpmn:extensionElements></bpmn:userTask>"#;
    finds(
        Rule::MissingEscalation,
        "a",
        &format!("{ends}{due}{}", flows("s > a > e")),
    );
    let decision = format!(
        r#"{ends}{}<bpmn:exclusiveGateway id="g1"/><bpmn:endEvent id="e2"/>{}"#,
        user("a"),
        flows(r#"s > a > g1; g1 > e [outcome = "yes"]; g1 > e2"#)
    );
    finds(Rule::NoDefault, "g1", &decision);
    finds(Rule::NoOutcomes, "a", &decision);
    let unknown = format!(
        r#"{ends}<bpmn:exclusiveGateway id="g1" default="g1-e2"/><bpmn:endEvent id="e2"/>{}"#,
        flows("s > g1; g1 > e [nobody > 5]; g1 > e2")
    );
    finds(Rule::UndefinedVariable, "g1-e", &unknown);
    finds(
        Rule::NoTransaction,
        "t",
        &format!(r#"{ends}<bpmn:serviceTask id="t"/>{}"#, flows("s > t > e")),
    );
    finds(
        Rule::NoDecision,
        "t",
        &format!(
            r#"{ends}<bpmn:businessRuleTask id="t"/>{}"#,
            flows("s > t > e")
        ),
    );
    finds(
        Rule::NoCalledProcess,
        "t",
        &format!(r#"{ends}<bpmn:callActivity id="t"/>{}"#, flows("s > t > e")),
    );
    let broken = format!(
        r#"{ends}<bpmn:exclusiveGateway id="g1" default="g1-e2"/><bpmn:endEvent id="e2"/>{}"#,
        flows("s > g1; g1 > e [amount > > 5]; g1 > e2")
    );
    finds(Rule::CannotRun, "g1-e", &broken);
    finds(
        Rule::CannotRun,
        "s2",
        &format!(
            r#"{ends}<bpmn:startEvent id="s2"/>{}"#,
            flows("s > e; s2 > e")
        ),
    );
}

#[test]
fn a_well_made_process_has_no_finding() {
    let mut definitions = xml::read(include_str!("models/visit.bpmn")).expect("a document");
    definitions = flow::layout::with_diagram(definitions);
    let found: Vec<_> = lint(&definitions)
        .into_iter()
        .filter(|f| f.rule != Rule::NoForm)
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

/// A form that shows the salary and asks for the limit; the agents may read both, the analysts may all, the guests nothing.
fn sight() -> Sight {
    let field = |name: &str, writes: bool| Use {
        field: name.into(),
        writes,
        required: writes,
        ..Use::default()
    };
    let reach = |reads: &[&str], writes: &[&str]| {
        let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect();
        Reach {
            reads: names(reads),
            writes: names(writes),
        }
    };
    let both = ["limit", "salary"];
    Sight {
        forms: [(
            "f".to_owned(),
            vec![field("salary", false), field("limit", true)],
        )]
        .into(),
        sets: [("f".to_owned(), vec!["limit".to_owned()])].into(),
        groups: [
            ("agents".to_owned(), reach(&both, &[])),
            ("analysts".to_owned(), reach(&both, &["limit"])),
            ("guests".to_owned(), reach(&[], &[])),
        ]
        .into(),
    }
}

#[test]
fn what_a_form_fills_in_is_known_and_what_nobody_fills_in_is_told() {
    let text = |condition: &str, form: &str| {
        let task = format!(
            r#"<bpmn:userTask id="t" name="Limit"><bpmn:extensionElements><engage:activity form="{form}"><engage:assignment group="analysts"/></engage:activity></bpmn:extensionElements></bpmn:userTask>"#
        );
        document(&format!(
            r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:endEvent id="e2"/>{task}<bpmn:exclusiveGateway id="g" default="g-e2"/>
            <bpmn:serviceTask id="call"><bpmn:extensionElements><engage:activity transaction="t"><engage:input from="{condition}" to="x"/><engage:output from="x" to="y"/></engage:activity></bpmn:extensionElements></bpmn:serviceTask>{}"#,
            flows(&format!(
                "s > t > call > g; g > e [{condition} > 5]; g > e2"
            ))
        ))
    };
    let told = |text: &str, sight: Option<&Sight>| {
        let mut found = lint_seen(&xml::read(text).expect("a document"), sight);
        found.retain(|finding| finding.rule == Rule::UndefinedVariable);
        found
    };
    let seen = sight();
    assert!(told(&text("limit", "f"), Some(&seen)).is_empty());
    assert!(told(&text("y", "f"), Some(&seen)).is_empty());
    let wrong = text("limt", "f");
    let found = told(&wrong, Some(&seen));
    let places: Vec<&str> = found.iter().map(|finding| &*finding.element).collect();
    assert_eq!(places, ["call", "g-e"]);
    for finding in &found {
        let mut editor = Editor::new(xml::read(&wrong).expect("a document"));
        let mend = finding.mend.as_ref().expect("a mend");
        editor.execute_all(mend.commands.clone()).expect("mends");
        let left = told(&xml::write(editor.definitions()), Some(&seen));
        assert_eq!(left.len(), 1, "{left:#?}");
    }
    // A form that nobody knows may fill in anything, and without being told of forms nothing is said.
    assert!(told(&text("limt", "other"), Some(&seen)).is_empty());
    assert!(told(&wrong, None).is_empty());
}

fn worked_by(group: &str, rung: &str) -> String {
    let task = format!(
        r#"<bpmn:userTask id="t" name="Limit"><bpmn:extensionElements><engage:activity form="f"><engage:assignment group="{group}"/>{rung}</engage:activity></bpmn:extensionElements></bpmn:userTask>"#
    );
    document(&format!(
        r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>{task}{}"#,
        flows("s > t > e")
    ))
}

fn holes(text: &str, sight: &Sight) -> Vec<Finding> {
    let mut found = lint_seen(&xml::read(text).expect("a document"), Some(sight));
    found.retain(|finding| finding.rule == Rule::PermissionHole);
    found
}

#[test]
fn whoever_gets_an_activity_must_be_able_to_do_it() {
    let seen = sight();
    assert!(holes(&worked_by("analysts", ""), &seen).is_empty());
    let text = worked_by("agents", "");
    let found = holes(&text, &seen);
    assert_eq!(found.len(), 1);
    let hole = &found[0];
    assert_eq!((&*hole.element, hole.severity), ("t", Severity::Warning));
    assert_eq!(
        hole.sentence(Language::En),
        "In “Limit”, the people of “agents” may not see or fill in: limit."
    );
    // The mend gives it to those who may, and mends it.
    let mend = hole.mend.as_ref().expect("a mend");
    assert_eq!(
        mend.sentence(Language::En),
        "Give “Limit” to the group “analysts”, which may"
    );
    let mut editor = Editor::new(xml::read(&text).expect("a document"));
    editor.execute_all(mend.commands.clone()).expect("mends");
    assert!(holes(&xml::write(editor.definitions()), &seen).is_empty());
}

#[test]
fn those_to_whom_it_climbs_must_be_able_to_do_it_too() {
    let text = worked_by(
        "analysts",
        r#"<engage:escalation after="PT4H" to="guests"/>"#,
    );
    let found = holes(&text, &sight());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].args, ["Limit", "guests", "salary, limit"]);
}

#[test]
fn where_nobody_may_it_is_a_matter_of_permissions() {
    let mut seen = sight();
    seen.groups.remove("analysts");
    let found = holes(&worked_by("guests", ""), &seen);
    let mend = found[0].mend.as_ref().expect("a mend");
    assert!(mend.commands.is_empty());
    assert_eq!(
        mend.sentence(Language::En),
        "Grant “guests” in Settings: salary, limit"
    );
    // A group that nobody has heard of may nothing.
    assert_eq!(holes(&worked_by("strangers", ""), &seen).len(), 1);
}

#[test]
fn a_misspelt_name_is_told_from_an_unknown_one() {
    let flowing = |condition: &str| {
        format!(
            r#"<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/><bpmn:dataObject id="amount" name="amount"/>
            <bpmn:exclusiveGateway id="g1" default="g1-e2"/><bpmn:endEvent id="e2"/>{}"#,
            flows(&format!("s > g1; g1 > e [{condition}]; g1 > e2"))
        )
    };
    finds(Rule::UndefinedVariable, "g1-e", &flowing("amuont > 5"));
    let found = findings(&flowing("amuont > 5"));
    let wrong = found
        .iter()
        .find(|f| f.rule == Rule::UndefinedVariable)
        .expect("a finding");
    let mend = wrong.mend.as_ref().expect("a mend");
    assert_eq!(mend.sentence(Language::En), "“amount” was meant");
}
