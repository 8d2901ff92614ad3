//! Any text as a decision table's cell, tested against a few values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules::{Expression, Scope, Value};

fuzz_target!(|text: &str| {
    if let Ok(tests) = Expression::parse_unary_tests(text) {
        for input in [
            Value::Null,
            Value::from(1),
            Value::from("a"),
            Value::from(true),
        ] {
            let _ = tests.test(&input, &Scope::new());
        }
    }
});
