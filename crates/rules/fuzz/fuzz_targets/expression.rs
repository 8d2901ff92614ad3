//! Any text: read, checked, completed, formatted and evaluated without a panic; formatting keeps the meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules::types::{Schema, check, complete, format};
use rules::{Expression, Scope};

fuzz_target!(|text: &str| {
    let schema = Schema::new();
    let _ = check(text, &schema);
    let _ = complete(text, text.len() / 2, &schema);
    if let Ok(expression) = Expression::parse(text) {
        let scope = Scope::new().with("a", 1).with("b", "x");
        let value = expression.evaluate(&scope);
        if let Ok(formatted) = format(text) {
            let again = Expression::parse(&formatted).expect("a formatted text can be read");
            assert_eq!(format!("{:?}", again.evaluate(&scope)), format!("{value:?}"));
        }
    }
});
