//! The language by example: what the documentation says is what happens.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says so by panicking"
)]

use rules::{Expression, Language, Scope, Value};
use serde_json::json;

fn evaluate(text: &str) -> Value {
    let scope = Scope::from_json(&json!({
        "amount": 1500, "tier": "gold", "age": 30, "customer": {"first name": "Ana", "orders": [{"total": 10}, {"total": 25}]},
    }));
    let expression =
        Expression::parse(text).unwrap_or_else(|problems| panic!("{text}: {problems}"));
    expression.evaluate(&scope).unwrap()
}

#[test]
fn expressions_give_what_they_say() {
    let cases = [
        (
            r#"amount > 1000 and tier = "gold" and age in [18..65]"#,
            "true",
        ),
        ("customer.first name", "\"Ana\""),
        ("sum(customer.orders.total)", "35"),
        ("customer.orders[total > 20].total", "[25]"),
        ("count(customer.orders[item.total > 20])", "1"),
        ("if amount > 2000 then \"high\" else \"low\"", "\"low\""),
        ("for i in 1..4 return i * i", "[1, 4, 9, 16]"),
        (
            "for i in 1..5 return if i < 3 then 1 else partial[-1] + partial[-2]",
            "[1, 1, 2, 3, 5]",
        ),
        ("some o in customer.orders satisfies o.total > 20", "true"),
        ("every o in customer.orders satisfies o.total > 20", "false"),
        ("{a: 1, b: a + 1}.b", "2"),
        (
            "{f: function(n) if n <= 1 then 1 else n * f(n - 1), r: f(20)}.r",
            "2432902008176640000",
        ),
        (
            "date(\"2026-01-31\") + duration(\"P1M\")",
            "@\"2026-02-28\"",
        ),
        ("@\"2026-11-21\" - @\"2026-11-01\"", "@\"P20D\""),
        (
            "substring(string: \"foobar\", start position: 3)",
            "\"obar\"",
        ),
        ("-3 ** 2", "9"),
        ("2 ** 3 ** 2", "64"),
        ("1 - 2 - 3", "-4"),
        ("0.1 + 0.2 = 0.3", "true"),
        ("5 in (< 3, > 4)", "true"),
        ("5 in not(5, 6)", "false"),
        ("not(5 in (1..5))", "true"),
        ("[1, 2, 3][-1]", "3"),
        ("sort([3, 1, 2], function(a, b) a > b)", "[3, 2, 1]"),
        ("missing + 1", "null"),
        ("true or missing", "true"),
        (
            "string([1, \"a\", {b: null}])",
            "\"[1, \\\"a\\\", {b: null}]\"",
        ),
        ("]1..3[ = (1..3)", "true"),
        ("count([1..3])", "1"),
        ("(function(x: number) x + 1)(2)", "3"),
        ("2 in ]1..1 + 2[", "true"),
        ("-3 in ]-5..-1[ and true", "true"),
        ("2 in ]-1 + 2..- -3[ or false", "true"),
        ("2 in ]1..[5, 6][1] - 3]", "true"),
        ("10 between 5 and 15 and true", "true"),
        ("for x in [1, 2], y in [x, 3] return x * y", "[1, 3, 4, 6]"),
    ];
    for (text, expected) in cases {
        assert_eq!(format!("{:?}", evaluate(text)), expected, "{text}");
    }
}

#[test]
fn problems_point_at_the_place_and_say_what_was_expected() {
    let problem = |text: &str| Expression::parse(text).unwrap_err().0.remove(0);
    let missing = problem("if a > 1\nthen 2");
    assert_eq!((missing.line, missing.column), (2, 7));
    assert_eq!(
        missing.sentence(Language::En),
        "The text ends too soon: “else” is missing here."
    );
    assert_eq!(
        missing.sentence(Language::Es),
        "Aquí falta «else»: el texto termina antes."
    );
    assert_eq!(
        problem("[1, 2").sentence(Language::En),
        "The text ends too soon: “,” or “]” is missing here."
    );
    assert_eq!(
        problem("\"abc").sentence(Language::En),
        "The closing quote of the text is missing."
    );
    assert_eq!(problem("1 +").span, 3..3);
    assert_eq!(
        problem("@\"foo\"").sentence(Language::En).chars().next(),
        Some('“')
    );
    assert!(Expression::parse(&"(".repeat(100_000)).is_err());
}

#[test]
fn cells_test_their_input() {
    let holds = |text: &str, input: Value| {
        Expression::parse_unary_tests(text)
            .unwrap()
            .test(&input, &Scope::new())
            .unwrap()
    };
    assert_eq!(holds("-", Value::Null), Some(true));
    assert_eq!(holds("< 10, > 20", Value::from(5)), Some(true));
    assert_eq!(holds("[10..20]", Value::from(20)), Some(true));
    assert_eq!(holds("not(1, 2)", Value::from(3)), Some(true));
    assert_eq!(holds("\"a\", \"b\"", Value::from("b")), Some(true));
    assert_eq!(holds("? > 5 and ? < 10", Value::from(7)), Some(true));
    assert_eq!(holds("contains(?, \"x\")", Value::from("axb")), Some(true));
    assert_eq!(holds("[1, 2, 3]", Value::from(2)), Some(true));
    assert_eq!(holds("-5", Value::from(-5)), Some(true));
}
