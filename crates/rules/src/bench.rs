//! Timed evaluations, for `cargo xtask bench rules`. The clock comes in as a function that gives seconds: processor time on
//! a machine, `performance.now()` in a browser.

use std::hint::black_box;

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
    /// The most it may be as native code.
    pub goal: f64,
    /// The most it may be as wasm in a browser.
    pub browser_goal: f64,
}

/// Gives seconds since whenever.
pub type Clock<'a> = &'a dyn Fn() -> f64;

fn scope() -> Scope {
    Scope::new()
        .with("amount", 1500)
        .with("tier", "gold")
        .with("age", 30)
}

/// Runs something so often, seven times over, and gives the median of the mean times in nanoseconds.
fn nanos(clock: Clock<'_>, times: u32, mut run: impl FnMut()) -> f64 {
    let mut means = [0.0; 7];
    for mean in &mut means {
        let started = clock();
        for _ in 0..times {
            run();
        }
        *mean = (clock() - started) * 1e9 / f64::from(times);
    }
    means.sort_by(f64::total_cmp);
    means[3]
}

/// Nanoseconds for one evaluation of the prepared [`EXPRESSION`]; NaN if it is not true as it should be.
#[must_use]
pub fn prepared_expression(clock: Clock<'_>) -> f64 {
    let scope = scope();
    match Expression::parse(EXPRESSION) {
        Ok(expression)
            if expression
                .evaluate(&scope)
                .is_ok_and(|value| value.is_true()) =>
        {
            nanos(clock, 100_000, || {
                let _ = black_box(black_box(&expression).evaluate(black_box(&scope)));
            })
        }
        _ => f64::NAN,
    }
}

/// Nanoseconds for reading and evaluating [`EXPRESSION`].
#[must_use]
pub fn read_and_evaluate(clock: Clock<'_>) -> f64 {
    let scope = scope();
    nanos(clock, 10_000, || {
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
pub fn table_analysis(clock: Clock<'_>) -> f64 {
    let source = large_table();
    nanos(clock, 2, || {
        black_box(table::analyse(black_box(&source)));
    }) / 1e6
}

/// Nanoseconds for one evaluation of [`large_table`].
#[must_use]
pub fn table_evaluation(clock: Clock<'_>) -> f64 {
    let Ok(prepared) = large_table().prepare(&crate::Schema::new()) else {
        return f64::NAN;
    };
    let scope = (0..10).fold(Scope::new(), |scope, column| {
        scope.with(format!("x{column}"), Value::from(100 + column))
    });
    nanos(clock, 200, || {
        let _ = black_box(prepared.evaluate(&scope));
    })
}

/// All figures.
#[must_use]
pub fn all(clock: Clock<'_>) -> Vec<Figure> {
    vec![
        Figure {
            name: "prepared expression",
            value: prepared_expression(clock),
            unit: "ns",
            goal: 500.0,
            browser_goal: 2_000.0,
        },
        Figure {
            name: "read and evaluate",
            value: read_and_evaluate(clock),
            unit: "ns",
            goal: 20_000.0,
            browser_goal: 80_000.0,
        },
        Figure {
            name: "analysis of 1,000 x 10",
            value: table_analysis(clock),
            unit: "ms",
            goal: 50.0,
            browser_goal: 200.0,
        },
        Figure {
            name: "evaluation of 1,000 x 10",
            value: table_evaluation(clock),
            unit: "ns",
            goal: 1_000_000.0,
            browser_goal: 4_000_000.0,
        },
    ]
}
