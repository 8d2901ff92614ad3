//! Any text: read, checked, completed, formatted and evaluated without a panic; formatting keeps the meaning, and what can be
//! said as a filter finds the record exactly where the text is true.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules::filter::compile;
use rules::types::{Schema, check, complete, format};
use rules::{Expression, Scope, Type};

use kernel::filter::Operand;

fuzz_target!(|text: &str| {
    let schema = Schema::new()
        .with("a", Type::Number)
        .with("b", Type::String)
        .with("t", Type::Boolean);
    let _ = check(text, &schema);
    let middle = (0..=text.len() / 2)
        .rev()
        .find(|at| text.is_char_boundary(*at));
    let _ = complete(text, middle.unwrap_or_default(), &schema);
    let Ok(expression) = Expression::parse(text) else {
        return;
    };
    let scope = Scope::new().with("a", 1).with("b", "x").with("t", true);
    let value = expression.evaluate(&scope);
    if let Ok(formatted) = format(text) {
        let again = Expression::parse(&formatted)
            .unwrap_or_else(|errors| panic!("formatted as {formatted:?}: {errors:?}"));
        let said = again.evaluate(&scope);
        assert_eq!(
            format!("{said:?}"),
            format!("{value:?}"),
            "formatted as {formatted:?}"
        );
        assert_eq!(
            format(&formatted).as_ref(),
            Ok(&formatted),
            "formatted twice, differently"
        );
    }
    if let (Ok(filter), Ok(value)) = (compile(&expression), value) {
        let found = filter.matches(&|field: &str| match field {
            "a" => Operand::Number(1.into()),
            "b" => Operand::Text("x".into()),
            "t" => Operand::Boolean(true),
            _ => Operand::Null,
        });
        assert_eq!(found, value.is_true(), "{filter:?}");
    }
});
