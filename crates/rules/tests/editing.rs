//! What an editor asks: types, problems, completions, formatting.

use rules::types::{Schema, Type, check, check_tests, complete, format};
use rules::{Code, Expression, Language, Scope};

fn schema() -> Schema {
    let order = Type::context([("total", Type::Number), ("placed on", Type::Date)]);
    let customer = Type::context([
        ("name", Type::String),
        ("birth date", Type::Date),
        ("orders", order.list()),
    ]);
    Schema::new()
        .with("customer", customer)
        .with("amount", Type::Number)
        .with("price and tax", Type::Number)
}

#[test]
fn types_are_found() {
    let cases = [
        ("amount * 2", "number"),
        ("customer.orders.total", "list<number>"),
        (
            "customer.orders[1]",
            "context<total: number, placed on: date>",
        ),
        (
            "customer.orders[total > 10]",
            "list<context<total: number, placed on: date>>",
        ),
        ("for o in customer.orders return o.placed on", "list<date>"),
        ("if amount > 1 then \"a\" else \"b\"", "string"),
        ("max(customer.orders.total)", "number"),
        ("customer.birth date + duration(\"P1Y\")", "Any"),
        ("price and tax + 1", "number"),
        ("{a: 1, b: a > 0}", "context<a: number, b: boolean>"),
        ("function(x: number) x + 1", "function<number>->number"),
    ];
    for (text, expected) in cases {
        let analysis = check(text, &schema());
        assert!(analysis.is_clean(), "{text}: {:?}", analysis.problems);
        assert_eq!(analysis.of.to_string(), expected, "{text}");
    }
}

#[test]
fn problems_are_found_with_what_was_probably_meant() {
    let cases = [
        (
            "amout > 1",
            Code::UnknownName,
            "There is no “amout” here. Did you mean “amount”?",
        ),
        (
            "customer.nme",
            Code::UnknownMember,
            "A context has no “nme”. Did you mean “name”?",
        ),
        (
            "amount + \"1\"",
            Code::WrongOperands,
            "“+” cannot be applied to a number and a text.",
        ),
        (
            "amount = \"1\"",
            Code::NeverEqual,
            "This compares a number with a text: they are never equal.",
        ),
        (
            "amount and true",
            Code::NotACondition,
            "A condition (true or false) is expected here, but this is a number.",
        ),
        (
            "upper case(amount)",
            Code::WrongArgument,
            "“upper case” expects a text for “string”, but is given a number.",
        ),
        (
            "upper cas(customer.name)",
            Code::UnknownFunction,
            "There is no function “upper cas”. Did you mean “upper case”?",
        ),
        (
            "sum()",
            Code::WrongArguments,
            "“sum” is not called like this.",
        ),
        (
            "customer.name()",
            Code::NotAFunction,
            "This is a text and cannot be called as a function.",
        ),
    ];
    for (text, code, sentence) in cases {
        let analysis = check(text, &schema());
        let problem = analysis
            .problems
            .first()
            .unwrap_or_else(|| panic!("{text}: no problem"));
        assert_eq!(problem.code, code, "{text}");
        let said = problem.sentence(Language::En);
        assert!(said.starts_with(sentence), "{said}");
        assert_ne!(problem.sentence(Language::Es), said);
    }
    assert_eq!(check("a + b + a", &Schema::new()).unknown, ["a", "b"]);
    assert!(check_tests("< 10, [20..30]", &Type::Number, &schema()).is_clean());
    assert!(!check_tests("\"a\"", &Type::Number, &schema()).is_clean());
}

#[test]
fn completions_know_where_the_cursor_is() {
    let texts = |text: &str| {
        let cursor = text.find('|').unwrap();
        let found = complete(&text.replace('|', ""), cursor, &schema());
        found
            .into_iter()
            .map(|completion| completion.text)
            .collect::<Vec<_>>()
    };
    assert_eq!(texts("customer.|"), ["name", "birth date", "orders"]);
    assert_eq!(texts("customer.bi| = 1"), ["birth date"]);
    assert_eq!(texts("some o in customer.orders satisfies o.t|"), ["total"]);
    assert_eq!(
        texts("if am| > 3 then").first().map(String::as_str),
        Some("amount")
    );
    assert_eq!(texts("am|")[0], "amount");
    assert!(texts("count(customer.orders[to|").contains(&"total".to_owned()));
    assert!(texts("substring b|").contains(&"substring before".to_owned()));
    assert!(texts("\"am|").is_empty());
    assert!(texts("amount |").contains(&"and".to_owned()));
    let replaced = complete("1 + cust", 8, &schema());
    assert_eq!(replaced[0].replaces, 4..8);
}

/// Found by the fuzzer: a blank before the point made it a name, and formatting took the blank away.
#[test]
fn a_number_before_a_point_ends_a_name_with_blanks_and_without() {
    for text in ["x > for  1000 .i", "x > for 1000.i", "year 2000 . day"] {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
    for text in ["year 2000", "year 2000 + 1", "address line.city"] {
        assert!(Expression::parse(text).is_ok(), "{text}");
    }
}

/// Found by the fuzzer: words of a name that begin with a digit were taken apart.
#[test]
fn a_loop_s_name_is_kept_whole() {
    let text = "for year 1or 0x  in [1] return year 1or 0x";
    let formatted = format(text).unwrap();
    assert_eq!(formatted, "for year 1or 0x in [1] return year 1or 0x");
}

#[test]
fn formatting_changes_white_space_only() {
    let cases = [
        ("1+2 *3", "1 + 2 * 3"),
        ("if  a>1 then[1,2 ]else - b", "if a > 1 then [1, 2] else -b"),
        ("f( x ,y )[ 1 ] . z", "f(x, y)[1].z"),
        ("{a:1,b:[1 .. 3]}", "{a: 1, b: [1..3]}"),
        ("x in(1,2)", "x in (1, 2)"),
        ("@\"2026-01-01\"+@\"P1D\"", "@\"2026-01-01\" + @\"P1D\""),
        ("function( a,b )a+b", "function(a, b) a + b"),
        ("1 // one\n+ 2", "1 // one\n+ 2"),
        (
            "some x in xs satisfies x>-1",
            "some x in xs satisfies x > -1",
        ),
    ];
    for (text, expected) in cases {
        let formatted = format(text).unwrap();
        assert_eq!(formatted, expected, "{text}");
        assert_eq!(format(&formatted).unwrap(), formatted);
        let value = |text: &str| {
            format!(
                "{:?}",
                Expression::parse(text)
                    .unwrap()
                    .evaluate(&Scope::new())
                    .unwrap()
            )
        };
        assert_eq!(value(&formatted), value(text), "{text}");
    }
    let long = "amount > 1000 and customer.name = \"somebody with a long name\" and customer.birth date < @\"2000-01-01\" or false";
    assert!(format(long).unwrap().contains("\n  and "));
}
