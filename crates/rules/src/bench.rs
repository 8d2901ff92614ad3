//! Timed evaluations, for `cargo xtask bench rules`. Only built with the feature `bench`, because it looks at a clock.

use std::hint::black_box;
use std::time::Instant;

use crate::dmn::{DecisionTable, HitPolicy, TableInput, TableOutput, TableRule};
use crate::expression::Expression;
use crate::scope::Scope;
use crate::table;
use crate::value::Value;

/// The expression that engines are compared by.
pub const EXPRESSION: &str = "amount > 1000 and tier = \"gold\" and age in [18..65]";

/// One figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// How much, in `unit`.
    pub value: f64,
    /// `ns` or `ms`.
    pub unit: &'static str,
    /// The most it may be.
    pub goal: f64,
}

fn scope() -> Scope {
    Scope::new()
        .with("amount", 1500)
        .with("tier", "gold")
        .with("age", 30)
}

/// Runs something so often and gives the best of five mean times, in nanoseconds: the others were disturbed.
fn nanos(times: u32, mut run: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let started = Instant::now();
        for _ in 0..times {
            run();
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e9 / f64::from(times));
    }
    best
}

/// Nanoseconds for one evaluation of the prepared [`EXPRESSION`]; NaN if it is not true as it should be.
#[must_use]
pub fn prepared_expression() -> f64 {
    let scope = scope();
    match Expression::parse(EXPRESSION) {
        Ok(expression)
            if expression
                .evaluate(&scope)
                .is_ok_and(|value| value.is_true()) =>
        {
            nanos(200_000, || {
                let _ = black_box(black_box(&expression).evaluate(black_box(&scope)));
            })
        }
        _ => f64::NAN,
    }
}

/// Nanoseconds for reading and evaluating [`EXPRESSION`].
#[must_use]
pub fn read_and_evaluate() -> f64 {
    let scope = scope();
    nanos(20_000, || {
        if let Ok(expression) = Expression::parse(black_box(EXPRESSION)) {
            let _ = black_box(expression.evaluate(&scope));
        }
    })
}

/// A table of 1,000 rules over 10 numbers, with every kind of cell.
#[must_use]
pub fn large_table() -> DecisionTable {
    let cell = |row: usize, column: usize| match (row * 31 + column * 17) % 5 {
        0 => "-".to_owned(),
        1 => format!("< {}", (row * 7 + column) % 400),
        2 => format!("[{}..{}]", (row * 13) % 300, 300 + (row * 3) % 300),
        3 => format!("{}", (row + column) % 500),
        _ => format!("not({})", row % 50),
    };
    DecisionTable {
        hit_policy: HitPolicy::Unique,
        aggregation: None,
        inputs: (0..10)
            .map(|column| TableInput {
                expression: format!("x{column}"),
                type_name: Some("number".into()),
                values: None,
            })
            .collect(),
        outputs: vec![TableOutput::default()],
        rules: (0..1000)
            .map(|row| TableRule {
                inputs: (0..10).map(|column| cell(row, column)).collect(),
                outputs: vec!["1".into()],
                notes: vec![],
            })
            .collect(),
    }
}

/// Milliseconds for the analysis of [`large_table`].
#[must_use]
pub fn table_analysis() -> f64 {
    let source = large_table();
    nanos(2, || {
        black_box(table::analyse(black_box(&source)));
    }) / 1e6
}

/// Nanoseconds for one evaluation of [`large_table`].
#[must_use]
pub fn table_evaluation() -> f64 {
    let Ok(prepared) = large_table().prepare(&crate::Schema::new()) else {
        return f64::NAN;
    };
    let scope = (0..10).fold(Scope::new(), |scope, column| {
        scope.with(format!("x{column}"), Value::from(100 + column))
    });
    nanos(200, || {
        let _ = black_box(prepared.evaluate(&scope));
    })
}

/// All figures.
#[must_use]
pub fn all() -> Vec<Figure> {
    vec![
        Figure {
            name: "prepared expression",
            value: prepared_expression(),
            unit: "ns",
            goal: 500.0,
        },
        Figure {
            name: "read and evaluate",
            value: read_and_evaluate(),
            unit: "ns",
            goal: 20_000.0,
        },
        Figure {
            name: "analysis of 1,000 x 10",
            value: table_analysis(),
            unit: "ms",
            goal: 50.0,
        },
        Figure {
            name: "evaluation of 1,000 x 10",
            value: table_evaluation(),
            unit: "ns",
            goal: 1_000_000.0,
        },
    ]
}
