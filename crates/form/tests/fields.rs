//! One field, one value: what is taken, in which canonical form, and what is said about the rest.

use form::schema::{ChoiceOption, DocumentRule};
use form::{CustomerSchema, FieldKind, FieldSpec, Words};
use proptest::prelude::*;
use serde_json::{Value, json};

fn field(kind: FieldKind) -> FieldSpec {
    FieldSpec::new("f", Words::new("Campo", "Field"), kind)
}

/// `Ok(canonical)` or the code of the problem.
fn taken(field: &FieldSpec, value: Value) -> Result<Value, String> {
    field.check(&value).map_err(|p| p.code.into_owned())
}

fn assert_taken(field: &FieldSpec, cases: &[(Value, Result<Value, &str>)]) {
    for (value, wanted) in cases {
        let wanted = wanted.clone().map_err(str::to_owned);
        assert_eq!(
            taken(field, value.clone()),
            wanted,
            "{} ← {value}",
            field.kind.word()
        );
    }
}

#[test]
fn no_value_is_null_unless_it_is_required() {
    let mut name = field(FieldKind::Text);
    for nothing in [json!(null), json!(""), json!(" \t ")] {
        assert_eq!(taken(&name, nothing), Ok(Value::Null));
    }
    name.required = true;
    assert_eq!(taken(&name, json!("  ")), Err("required".into()));
    assert_eq!(taken(&name, json!(" Ana ")), Ok(json!("Ana")));
}

#[test]
fn numbers_are_exact_and_their_canonical_form_is_decimal_text() {
    let mut number = field(FieldKind::Number { decimals: Some(2) });
    number.min = Some("-10".into());
    number.max = Some("1000.5".into());
    assert_taken(
        &number,
        &[
            (json!(12), Ok(json!("12"))),
            (json!("12.50"), Ok(json!("12.5"))),
            (json!(0.1), Ok(json!("0.1"))),
            (json!("12.345"), Err("too_precise")),
            (json!("-10.01"), Err("too_small")),
            (json!("1000.51"), Err("too_big")),
            (json!("1e2"), Err("not_a_number")),
            (json!("doce"), Err("not_a_number")),
            (json!("."), Err("not_a_number")),
            (json!(true), Err("not_a_number")),
        ],
    );
    let amount = field(FieldKind::Amount { currency: None });
    assert_taken(
        &amount,
        &[
            (
                json!("922337203685477.5807"),
                Ok(json!("922337203685477.5807")),
            ),
            (json!("922337203685477.5808"), Err("number_out_of_range")),
            (
                json!("99999999999999999999999999999999"),
                Err("number_out_of_range"),
            ),
        ],
    );
}

#[test]
fn a_day_that_the_calendar_does_not_have_is_refused() {
    let mut day = field(FieldKind::Date);
    day.min = Some("1900-01-01".into());
    assert_taken(
        &day,
        &[
            (json!("2024-02-29"), Ok(json!("2024-02-29"))),
            (json!("2023-02-29"), Err("not_a_date")),
            (json!("2000-04-31"), Err("not_a_date")),
            (json!("21/8/1997"), Err("not_a_date")),
            (json!("+100-01-01"), Err("not_a_date")),
            (json!("1899-12-31"), Err("too_early")),
        ],
    );
    let moment = field(FieldKind::Moment);
    assert_taken(
        &moment,
        &[
            (
                json!("2026-11-21T07:15:00-03:00"),
                Ok(json!("2026-11-21T10:15:00.000000Z")),
            ),
            (json!("2026-11-21"), Err("not_a_moment")),
        ],
    );
}

#[test]
fn addresses_are_normalised() {
    assert_taken(
        &field(FieldKind::Email),
        &[
            (
                json!(" Cynthia.Bera@Example.COM "),
                Ok(json!("cynthia.bera@example.com")),
            ),
            (json!("cynthia.example.com"), Err("not_an_email")),
            (json!("a@b"), Err("not_an_email")),
            (json!("a..b@example.com"), Err("not_an_email")),
            (json!("a@b@example.com"), Err("not_an_email")),
            (json!("=CMD()@example.com"), Err("not_an_email")),
        ],
    );
    assert_taken(
        &field(FieldKind::Phone {
            country: Some("54".into()),
        }),
        &[
            (json!("+54 9 11 5109-3439"), Ok(json!("+5491151093439"))),
            (json!("0054 (11) 5109.3439"), Ok(json!("+541151093439"))),
            (json!("011 5109 3439"), Ok(json!("+541151093439"))),
            (json!("int. 205"), Err("not_a_phone")),
            (json!("+0123456789"), Err("not_a_phone")),
            (json!("12"), Err("not_a_phone")),
        ],
    );
    assert_taken(
        &field(FieldKind::Phone { country: None }),
        &[(json!("011 5109 3439"), Ok(json!("01151093439")))],
    );
}

/// What was typed, and the canonical number or the problem's code.
type Typed = (&'static str, Result<&'static str, &'static str>);

#[test]
fn document_numbers_are_checked_by_their_countrys_rule() {
    let cases: &[(DocumentRule, &[Typed])] = &[
        (
            DocumentRule::Cuit,
            &[
                ("23-14017031-3", Ok("23140170313")),
                ("20.08795098.1", Ok("20087950981")),
                ("23-14017031-4", Err("bad_check_digit")),
                ("23-14017-3", Err("bad_document")),
            ],
        ),
        (
            DocumentRule::Dni,
            &[
                ("14.017.031", Ok("14017031")),
                ("140170311", Err("bad_document")),
            ],
        ),
        (
            DocumentRule::Rut,
            &[
                ("12.345.678-5", Ok("123456785")),
                ("7.654.321-k", Err("bad_check_digit")),
                ("6-k", Ok("6K")),
                ("K", Err("bad_document")),
                ("Ñ", Err("bad_document")),
            ],
        ),
        (
            DocumentRule::Rfc,
            &[
                ("GODE561231GR8", Ok("GODE561231GR8")),
                ("GODE561231GR7", Err("bad_check_digit")),
                ("GODE561331GR8", Err("bad_document")),
            ],
        ),
        (
            DocumentRule::Nif,
            &[
                ("12345678Z", Ok("12345678Z")),
                ("12345678-a", Err("bad_check_digit")),
                ("X1234567L", Ok("X1234567L")),
                ("A58818501", Ok("A58818501")),
                ("A58818502", Err("bad_check_digit")),
                ("1234", Err("bad_document")),
            ],
        ),
        (
            DocumentRule::Ruc,
            &[
                ("20131312955", Ok("20131312955")),
                ("20131312954", Err("bad_check_digit")),
            ],
        ),
        // The profile of the reference screens shows a CUIT of eight digits: the designer may ask for no rule.
        (
            DocumentRule::None,
            &[
                ("14017031", Ok("14017031")),
                ("ab-12/c", Ok("AB12C")),
                ("a$b", Err("bad_document")),
            ],
        ),
    ];
    for (rule, cases) in cases {
        for (typed, wanted) in *cases {
            let wanted = wanted.map(|w| json!(w)).map_err(str::to_owned);
            let document = field(FieldKind::Document { rule: *rule });
            assert_eq!(
                taken(&document, json!(typed)),
                wanted,
                "{} ← {typed}",
                rule.word()
            );
        }
    }
}

#[test]
fn a_choice_is_one_of_its_options() {
    let option = |key: &str, es: &str| ChoiceOption {
        key: key.into(),
        label: Words::new(es, key),
    };
    let options = vec![
        option("gold", "Oro"),
        option("silver", "Plata"),
        option("other", "PLATA"),
    ];
    assert_taken(
        &field(FieldKind::Choice { options }),
        &[
            (json!("gold"), Ok(json!("gold"))),
            (json!(" ORO "), Ok(json!("gold"))),
            (json!("plata"), Err("not_an_option")),
            (json!("bronze"), Err("not_an_option")),
            (json!("—"), Err("not_an_option")),
        ],
    );
    let plain = field(FieldKind::Text);
    assert_taken(
        &plain,
        &[
            (json!("Calle 50\r\n N° 3"), Ok(json!("Calle 50 N° 3"))),
            (
                json!("=HYPERLINK(\"http://example.com\";\"clic\")"),
                Err("formula"),
            ),
            (json!("@SUM(A1)"), Err("formula")),
            (json!("+54 (11) 4000"), Ok(json!("+54 (11) 4000"))),
        ],
    );
    let mut text = field(FieldKind::Text);
    text.max = Some("3".into());
    assert_eq!(taken(&text, json!("añox")), Err("too_long".into()));
    assert_eq!(taken(&text, json!("año")), Ok(json!("año")));
    assert_eq!(
        taken(&text, json!("a\u{0}b")),
        Err("control_characters".into())
    );
}

#[test]
fn a_definition_reads_as_a_designer_writes_it_and_says_what_is_wrong_with_it() {
    let schema: CustomerSchema = serde_json::from_value(json!({
        "key": "person",
        "name": { "es": "Persona", "en": "Person" },
        "title": ["name", "age"],
        "fields": [
            { "key": "name", "label": { "es": "Nombre" }, "kind": "text", "required": true, "searchable": true },
            { "key": "age", "label": { "es": "Edad" }, "kind": "number", "decimals": 0, "min": "130", "max": "0" },
            { "key": "mobile", "label": { "es": "Celular" }, "kind": "phone", "country": "54", "media": ["sms", "whatsapp", "voice"] },
            { "key": "name", "label": {}, "kind": "choice", "options": [] },
            { "key": "Fecha", "label": { "es": "Fecha" }, "kind": "date", "max": "hoy" },
            { "key": "if", "label": { "es": "Si" }, "kind": "boolean" },
        ]
    }))
    .unwrap();
    let found: Vec<String> = schema
        .problems()
        .into_iter()
        .map(|p| format!("{} {}", p.field, p.code))
        .collect();
    assert_eq!(
        found,
        [
            "title[1] title_not_text",
            "fields[1].max bad_bound",
            "fields[3].key duplicate_key",
            "fields[3].label required",
            "fields[3].options no_options",
            "fields[4].key bad_key",
            "fields[4].max bad_bound",
            "fields[5].key reserved_key",
        ]
    );
    let back: CustomerSchema =
        serde_json::from_value(serde_json::to_value(&schema).unwrap()).unwrap();
    assert_eq!(back, schema);
}

#[test]
fn unknown_keys_are_named_and_nothing_is_taken_by_halves() {
    let mut schema = CustomerSchema {
        key: "p".into(),
        ..CustomerSchema::default()
    };
    schema.fields = vec![
        FieldSpec {
            key: "name".into(),
            required: true,
            ..field(FieldKind::Text)
        },
        FieldSpec {
            key: "balance".into(),
            ..field(FieldKind::Amount { currency: None })
        },
    ];
    let values = json!({ "balance": "x", "nmae": "Ana" });
    let problems = schema.check(values.as_object().unwrap()).unwrap_err();
    let told: Vec<_> = problems
        .iter()
        .map(|p| (p.field.as_str(), &*p.code))
        .collect();
    assert_eq!(
        told,
        [
            ("name", "required"),
            ("balance", "not_a_number"),
            ("nmae", "unknown_field")
        ]
    );
}

proptest! {
    #[test]
    fn the_canonical_form_is_a_fixed_point_and_survives_storage(units in i64::MIN..=i64::MAX, text in ".{0,40}") {
        let amount = field(FieldKind::Amount { currency: None });
        let canonical = amount.check(&json!(kernel::Amount::from_ten_thousandths(units).to_string())).unwrap();
        prop_assert_eq!(amount.check(&canonical).unwrap(), canonical.clone());
        let stored = amount.to_storage(&canonical);
        prop_assert_eq!(stored.as_i64(), Some(units));
        prop_assert_eq!(amount.from_storage(&stored), canonical);
        for kind in [
            FieldKind::Text, FieldKind::Email, FieldKind::Phone { country: Some("54".into()) }, FieldKind::Date,
            FieldKind::Document { rule: DocumentRule::Rut }, FieldKind::Document { rule: DocumentRule::Rfc },
            FieldKind::Document { rule: DocumentRule::Nif }, FieldKind::Document { rule: DocumentRule::None },
        ] {
            let any = field(kind);
            if let Ok(value) = any.check(&json!(text)) {
                prop_assert_eq!(any.check(&value), Ok(value.clone()), "{}", any.kind.word());
            }
        }
    }
}
