//! A form answers the screen and the service alike.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops here and says so"
)]

use form::form::{Context, Mask};
use form::{BoundForm, FieldSpec, Form};
use kernel::Language;
use serde_json::{Map, Value, json};

fn customer_fields() -> Vec<FieldSpec> {
    serde_json::from_value(json!([
        { "key": "name", "label": { "es": "Nombre", "en": "Name" }, "kind": "text", "required": true },
        { "key": "phone", "label": { "es": "Celular", "en": "Mobile" }, "kind": "phone", "country": "54" },
        { "key": "balance", "label": { "es": "Saldo", "en": "Balance" }, "kind": "amount" },
        { "key": "birth", "label": { "es": "Nacimiento", "en": "Birth" }, "kind": "date" },
    ]))
    .unwrap()
}

/// A claim about a bill: a section that opens by a choice, a computed refund, a rule, a pop-up.
fn claim() -> Form {
    serde_json::from_value(json!({
        "key": "claim",
        "name": { "es": "Reclamo", "en": "Claim" },
        "customer_type": "person",
        "sections": [
            { "key": "who", "columns": 3, "title": { "es": "Cliente", "en": "Customer" }, "items": [
                { "customer": { "field": "name" }, "span": 2 },
                { "customer": { "field": "phone", "editable": true } },
                { "customer": { "field": "balance" } },
            ]},
            { "key": "what", "columns": 2, "items": [
                { "note": { "es": "Lea el monto en la factura.", "en": "Read the amount on the bill." }, "span": 2 },
                { "field": { "key": "reason", "label": { "es": "Motivo", "en": "Reason" }, "kind": "choice", "required": true,
                    "options": [ { "key": "amount", "label": { "es": "Importe" } }, { "key": "other", "label": { "es": "Otro" } } ] } },
                { "field": { "key": "detail", "label": { "es": "Detalle", "en": "Detail" }, "kind": "long_text" },
                  "required_if": "reason = \"other\"" },
            ]},
            { "key": "money", "visible": "reason = \"amount\"", "items": [
                { "field": { "key": "billed", "label": { "es": "Facturado", "en": "Billed" }, "kind": "amount", "required": true, "min": "0" },
                  "initial": "customer.balance" },
                { "field": { "key": "right", "label": { "es": "Correcto", "en": "Right" }, "kind": "amount" },
                  "rule": { "holds": "right <= billed", "message": { "es": "No puede superar lo facturado.", "en": "It cannot exceed what was billed." } } },
                { "field": { "key": "refund", "label": { "es": "A devolver", "en": "Refund" }, "kind": "amount" },
                  "computed": "(billed - right) * 1.21" },
                { "field": { "key": "approval", "label": { "es": "Aprobación", "en": "Approval" }, "kind": "text" },
                  "visible": "refund > 1000" },
            ]},
        ],
        "pop_ups": [
            { "key": "minor", "title": { "es": "Menor de edad" }, "text": { "es": "Pida un responsable." }, "tone": "warning",
              "when": "customer.birth > today() - duration(\"P18Y\")" },
        ]
    }))
    .unwrap()
}

fn bound() -> BoundForm {
    claim().bind(&customer_fields()).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn context() -> Context {
    Context {
        customer: object(
            json!({ "name": "Cynthia Bera", "phone": "+5491151093439", "balance": "1500.5", "birth": "1997-08-21" }),
        ),
        now: Some("2026-11-21T12:00:00Z".parse().unwrap()),
        language: Language::En,
        ..Context::default()
    }
}

fn told(problems: &[kernel::FieldProblem]) -> Vec<String> {
    problems
        .iter()
        .map(|p| {
            format!("{} {} {}", p.field, p.code, p.sentence)
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// D-21: the screen draws from the outline and from nothing else, on the desktop and in the browser alike.
#[test]
fn the_outline_is_the_one_order_of_fields_and_tabs() {
    let drawn: Vec<String> = bound()
        .outline()
        .iter()
        .map(|i| {
            let tab = i.tab.map_or("-".into(), |t| t.to_string());
            format!(
                "{tab} {} r{}c{}+{} {} {}",
                i.section,
                i.row,
                i.column,
                i.span,
                i.path.as_deref().unwrap_or("·"),
                i.kind
            )
        })
        .collect();
    assert_eq!(
        drawn,
        [
            "- who r1c1+2 customer.name text",
            "1 who r1c3+1 customer.phone phone",
            "- who r2c1+1 customer.balance amount",
            "- what r1c1+2 · note",
            "2 what r2c1+1 reason choice",
            "3 what r2c2+1 detail long_text",
            "4 money r1c1+1 billed amount",
            "5 money r1c2+1 right amount",
            "- money r2c1+1 refund amount",
            "6 money r2c2+1 approval text",
        ]
    );
}

#[test]
fn conditions_open_sections_compute_values_and_require() {
    let form = bound();
    let context = context();
    let opened = form.initial(&context);
    assert_eq!(opened["billed"], json!("1500.5"));
    let state = form.evaluate(&opened, &context);
    assert!(!state.sections.contains("money") && !state.visible.contains("billed"));
    assert_eq!(told(&state.problems), ["reason required"]);

    let state = form.evaluate(&object(json!({ "reason": "other" })), &context);
    assert!(state.required.contains("detail"));
    assert_eq!(told(&state.problems), ["detail required"]);

    let filled = object(json!({ "reason": "amount", "billed": "1500.5", "right": 300 }));
    let state = form.evaluate(&filled, &context);
    // 1200.5 × 1.21 is exact.
    assert_eq!(state.computed["refund"], json!("1452.605"));
    assert!(
        state.visible.contains("approval"),
        "it depends on what is computed"
    );
    assert_eq!(told(&state.problems), Vec::<String>::new());
    assert!(state.pop_ups.is_empty());

    let state = form.evaluate(
        &object(json!({ "reason": "amount", "billed": 10, "right": 11 })),
        &context,
    );
    assert_eq!(
        told(&state.problems),
        ["right rule It cannot exceed what was billed."]
    );

    let mut minor = context.clone();
    minor.customer.insert("birth".into(), json!("2010-01-01"));
    assert_eq!(form.evaluate(&opened, &minor).pop_ups, ["minor"]);
}

#[test]
fn what_is_accepted_holds_no_hidden_value_and_only_what_changed_of_the_customer() {
    let form = bound();
    let sent = object(json!({
        "reason": "other", "detail": " Cobro doble ", "billed": "9", "refund": "99999",
        "customer.phone": "011 4000-0000", "customer.name": "Cynthia Bera",
    }));
    let accepted = form.accept(&sent, &context()).unwrap();
    assert_eq!(
        Value::Object(accepted.own),
        json!({ "reason": "other", "detail": "Cobro doble" })
    );
    assert_eq!(
        Value::Object(accepted.customer),
        json!({ "phone": "+541140000000" })
    );
}

#[test]
fn what_may_not_be_changed_or_seen_is_not_taken() {
    let form = bound();
    let mut masked = context();
    masked.mask = Mask {
        hidden: ["billed".to_owned()].into(),
        read_only: ["customer.phone".to_owned()].into(),
    };
    let sent = object(json!({
        "reason": "amount", "billed": "5", "nothing": 1, "customer.name": "Otra", "customer.phone": "+5400000000",
    }));
    let mut problems = told(&form.accept(&sent, &masked).unwrap_err());
    problems.sort();
    assert_eq!(
        problems,
        [
            "billed unknown_field",
            "customer.name read_only",
            "customer.phone read_only",
            "nothing unknown_field"
        ]
    );
    let state = form.evaluate(&object(json!({ "reason": "amount" })), &masked);
    assert!(!state.visible.contains("billed") && !state.required.contains("billed"));
    let same = object(json!({ "reason": "amount", "customer.phone": "+5491151093439" }));
    assert!(form.accept(&same, &masked).unwrap().customer.is_empty());
}

#[test]
fn a_wrong_definition_is_told_place_by_place() {
    let mut form = claim();
    form.sections[0].items[0].span = 4;
    form.sections[1].visible = Some("reason =".into());
    form.sections[2].columns = 9;
    form.sections[2].items[0].source = form.sections[1].items[1].source.clone();
    let told: Vec<String> = form
        .problems(Some(&[]))
        .iter()
        .map(|p| format!("{} {}", p.field, p.code))
        .collect();
    assert_eq!(
        told,
        [
            "sections[0].items[0].span bad_span",
            "sections[0].items[0] unknown_field",
            "sections[0].items[1] unknown_field",
            "sections[0].items[2] unknown_field",
            "sections[1].visible bad_expression",
            "sections[2].columns bad_columns",
            "sections[2].items[0] duplicate_key",
        ]
    );
    let expression = form
        .problems(None)
        .into_iter()
        .find(|p| p.code == "bad_expression")
        .unwrap();
    assert!(!expression.args["es"].is_empty() && !expression.args["en"].is_empty());
    assert!(form.bind(&customer_fields()).is_err());
}

#[test]
fn conditions_that_chase_each_other_are_told_and_do_not_hang() {
    let mut form = claim();
    form.sections.truncate(2);
    form.sections[1].items[1].visible = Some("detail = null".into());
    form.sections[1].items[2].visible = Some("reason != null".into());
    let bound = form.bind(&customer_fields()).unwrap();
    let state = bound.evaluate(
        &object(json!({ "reason": "other", "detail": "x" })),
        &context(),
    );
    assert!(
        told(&state.problems).contains(&"form form_circular".to_owned()),
        "{:?}",
        state.problems
    );
}

#[test]
fn a_form_reads_back_as_it_was_written() {
    let form = claim();
    let text = serde_json::to_string_pretty(&form).unwrap();
    assert_eq!(serde_json::from_str::<Form>(&text).unwrap(), form);
}

#[test]
fn a_note_is_shown_while_its_condition_and_its_section_are() {
    let form: Form = serde_json::from_value(json!({
        "key": "f", "name": { "es": "F" },
        "sections": [
            { "key": "one", "items": [
                { "note": { "es": "Siempre" } },
                { "note": { "es": "Caro" }, "visible": "price > 100" },
                { "field": { "key": "price", "label": { "es": "Precio" }, "kind": "amount" } },
            ]},
            { "key": "two", "visible": "price > 500", "items": [
                { "note": { "es": "Muy caro" }, "visible": "price > 100" },
            ]},
        ]
    }))
    .unwrap();
    let form = form.bind(&[]).unwrap();
    let shown = |price: Value| {
        let mut values = Map::new();
        values.insert("price".to_owned(), price);
        let notes = form.evaluate(&values, &Context::default()).notes;
        notes.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(shown(Value::Null), [(0, 0)]);
    assert_eq!(shown(json!("101")), [(0, 0), (0, 1)]);
    assert_eq!(shown(json!("501")), [(0, 0), (0, 1), (1, 0)]);
}

#[test]
fn a_form_says_which_names_its_screen_needs() {
    let form: Form = serde_json::from_value(json!({
        "key": "f", "name": {"es": "F", "en": "F"},
        "sections": [{"key": "s", "visible": "process.kind = \"a\"", "items": [
            {"field": {"key": "amount", "label": {"es": "M", "en": "A"}, "kind": "amount"},
             "initial": "process.begun_with", "rule": {"holds": "amount <= process.billed", "message": {"es": "m", "en": "m"}}},
        ]}],
        "pop_ups": [{"key": "p", "title": {"es": "t", "en": "t"}, "text": {"es": "t", "en": "t"}, "when": "process[\"late\"]"}],
    }))
    .unwrap();
    for name in ["kind", "billed", "late"] {
        assert!(form.mentions(name), "{name}");
    }
    // The service has computed what a field begins with; and a part of a name is another name.
    for name in ["begun_with", "bill", "illed", "secret", ""] {
        assert!(!form.mentions(name), "{name}");
    }
}
