//! A record matches a compiled filter exactly where the expression is true for it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

use kernel::Moment;
use kernel::filter::{Filter, Operand};
use proptest::prelude::*;
use rules::filter::{Why, compile, compile_with};
use rules::{Context, Expression, Language, Schema, Scope, Type, Value};

const FIELDS: [&str; 3] = ["a", "b", "c"];

/// A value as a text of FEEL, as FEEL has it, and as the filter has it.
fn values() -> Vec<(String, Value, Operand)> {
    let mut values = vec![("null".to_owned(), Value::Null, Operand::Null)];
    for boolean in [true, false] {
        values.push((
            boolean.to_string(),
            Value::Boolean(boolean),
            Operand::Boolean(boolean),
        ));
    }
    for number in ["-1", "0", "1", "1.0", "2.5", "10"] {
        values.push((
            number.into(),
            Value::Number(number.parse().unwrap()),
            Operand::Number(number.parse().unwrap()),
        ));
    }
    for text in ["", "a", "A", "á", "b", "ab", "ñ", "Z"] {
        values.push((
            format!("\"{text}\""),
            Value::from(text),
            Operand::Text(text.into()),
        ));
    }
    for date in ["2026-01-01", "2026-11-21", "1999-12-31"] {
        let value = Expression::parse(&format!("@\"{date}\""))
            .unwrap()
            .evaluate(&Scope::new())
            .unwrap();
        values.push((
            format!("date(\"{date}\")"),
            value,
            Operand::Date(date.into()),
        ));
    }
    for (text, micros) in [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000_000),
        ("2026-01-01T00:00:00.0004Z", 1_767_225_600_000_400),
        ("2026-01-01T00:00:00.001Z", 1_767_225_600_001_000),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600_000_000),
    ] {
        let value = Expression::parse(&format!("@\"{text}\""))
            .unwrap()
            .evaluate(&Scope::new())
            .unwrap();
        values.push((
            format!("@\"{text}\""),
            value,
            Operand::Moment(Moment::from_micros(micros)),
        ));
    }
    values
}

fn value() -> impl Strategy<Value = String> {
    prop::sample::select(values()).prop_map(|(text, ..)| text)
}

fn field() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&FIELDS[..])
}

fn condition() -> impl Strategy<Value = String> {
    let comparison = prop::sample::select(&["=", "!=", "<", "<=", ">", ">="][..]);
    let leaf = prop_oneof![
        (field(), comparison.clone(), value())
            .prop_map(|(field, sign, value)| format!("{field} {sign} {value}")),
        (field(), comparison.clone(), value())
            .prop_map(|(field, sign, value)| format!("{value} {sign} {field}")),
        (field(), value(), value())
            .prop_map(|(field, low, high)| format!("{field} between {low} and {high}")),
        (field(), value(), value()).prop_map(|(field, a, b)| format!("{field} in ({a}, {b})")),
        (field(), value(), value()).prop_map(|(field, a, b)| format!("{field} in [{a}, {b}]")),
        (field(), value(), value()).prop_map(|(field, a, b)| format!("{field} in [{a}..{b})")),
        (field(), comparison, value())
            .prop_map(|(field, sign, value)| format!("{field} in ({sign} {value})")),
        (field(), value(), value())
            .prop_map(|(field, a, b)| format!("list contains([{a}, {b}], {field})")),
        field().prop_map(str::to_owned),
        Just("true".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} and {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            inner.prop_map(|inner| format!("not({inner})")),
        ]
    })
}

/// `PROPTEST_CASES=100000` for the long run.
fn config() -> ProptestConfig {
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() {
        ProptestConfig::default().cases
    } else {
        4_000
    };
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_filter_says_what_the_expression_says(text in condition(), picks in prop::array::uniform3(0..24_usize)) {
        let expression = Expression::parse(&text).unwrap();
        let Ok(filter) = compile(&expression) else { return Ok(()) };
        let values = values();
        let picked: Vec<_> = FIELDS.iter().zip(picks).map(|(field, pick)| (*field, values[pick % values.len()].clone())).collect();
        let record: Context = picked.iter().map(|(field, (_, value, _))| (*field, value.clone())).collect();
        let get = |name: &str| picked.iter().find(|(field, _)| *field == name).map_or(Operand::Null, |(_, (.., operand))| operand.clone());
        let said = expression.evaluate(&Scope::new().with_layer(record)).unwrap().is_true();
        prop_assert_eq!(filter.matches(&get), said, "{} as {:?} on {:?}", text, filter, picked);
    }
}

#[test]
fn what_cannot_be_said_is_named() {
    let cases = [
        ("a + 1 > 2", "a + 1", Why::Calculation),
        ("a = 1 and b > c", "b > c", Why::TwoFields),
        (
            "contains(name, \"x\")",
            "contains(name, \"x\")",
            Why::TextSearch,
        ),
        ("count(orders) > 1", "count(orders)", Why::Structure),
        ("a > @\"P1D\"", "@\"P1D\"", Why::Value),
        (
            "some x in a satisfies x > 1",
            "some x in a satisfies x > 1",
            Why::Structure,
        ),
    ];
    for (text, part, why) in cases {
        let refused = compile(&Expression::parse(text).unwrap()).unwrap_err();
        assert_eq!((refused.part.as_str(), refused.why), (part, why), "{text}");
        assert_ne!(
            refused.sentence(Language::Es),
            refused.sentence(Language::En)
        );
    }
}

#[test]
fn what_is_known_now_is_worked_out_and_declared_types_make_it_simple() {
    let expression = Expression::parse("segment != \"gold\" and balance > limit * 2").unwrap();
    let schema = Schema::new().with("segment", Type::String);
    let filter = compile_with(&expression, &schema, &Scope::new().with("limit", 50)).unwrap();
    let expected = Filter::All(vec![
        Filter::compare(
            "segment",
            kernel::filter::Comparison::NotEqual,
            Operand::Text("gold".into()),
        ),
        Filter::compare(
            "balance",
            kernel::filter::Comparison::Greater,
            Operand::Number(100.into()),
        ),
    ]);
    assert_eq!(filter, expected);
}
