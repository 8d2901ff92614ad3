//! Decision tables: evaluated, and analysed.

use std::time::Instant;

use rules::dmn::{DecisionTable, HitPolicy, TableInput, TableOutput, TableRule};
use rules::table::{Reason, analyse};
use rules::{Expression, Schema, Scope, Value};

fn table(
    hit_policy: HitPolicy,
    inputs: &[(&str, &str, Option<&str>)],
    rules: &[(&[&str], &str)],
) -> DecisionTable {
    DecisionTable {
        hit_policy,
        aggregation: None,
        inputs: inputs
            .iter()
            .map(|(expression, of, values)| TableInput {
                expression: (*expression).into(),
                type_name: Some((*of).into()),
                values: values.map(Into::into),
            })
            .collect(),
        outputs: vec![TableOutput::default()],
        rules: rules
            .iter()
            .map(|(inputs, output)| TableRule {
                inputs: inputs.iter().map(|cell| (*cell).to_owned()).collect(),
                outputs: vec![(*output).to_owned()],
                notes: vec![],
            })
            .collect(),
    }
}

#[test]
fn a_table_by_itself_is_evaluated() {
    let discount = table(
        HitPolicy::Unique,
        &[("tier", "string", None), ("amount", "number", None)],
        &[
            (&["\"gold\"", ">= 1000"], "amount * 0.1"),
            (&["\"gold\"", "< 1000"], "0"),
            (&["not(\"gold\")", "-"], "0"),
        ],
    );
    let prepared = discount.prepare(&Schema::new()).unwrap();
    let value = prepared
        .evaluate(&Scope::new().with("tier", "gold").with("amount", 2000))
        .unwrap();
    assert_eq!(value, Value::from(200));
    let mut wrong = discount;
    wrong.rules[0].inputs[1] = ">=".into();
    assert_eq!(wrong.prepare(&Schema::new()).unwrap_err().len(), 1);
}

#[test]
fn gaps_and_overlaps_come_with_examples() {
    let findings = analyse(&table(
        HitPolicy::Unique,
        &[
            ("age", "number", None),
            ("tier", "string", Some("\"gold\", \"silver\"")),
        ],
        &[
            (&["< 18", "-"], "1"),
            (&["[18..65]", "\"gold\""], "2"),
            (&["[60..70]", "\"gold\""], "3"),
            (&["> 70", "-"], "4"),
        ],
    ));
    assert!(findings.complete && findings.opaque.is_empty());
    assert_eq!(findings.overlaps.len(), 1);
    assert_eq!(findings.overlaps[0].rules, (1, 2));
    assert_eq!(
        findings.overlaps[0].example,
        [Value::from(60), Value::from("gold")]
    );
    let cells: Vec<_> = findings.gaps.iter().map(|gap| gap.cells.clone()).collect();
    assert_eq!(cells, [["[18..70]", "\"silver\""]]);
    assert_eq!(
        findings.gaps[0].example,
        [Value::from(18), Value::from("silver")]
    );
}

#[test]
fn dead_and_subsumed_rules_are_named() {
    let findings = analyse(&table(
        HitPolicy::First,
        &[("n", "number", None)],
        &[
            (&["< 10"], "1"),
            (&[">= 10"], "2"),
            (&["[5..15]"], "3"),
            (&["[20..10]"], "4"),
            (&["< 3"], "5"),
        ],
    ));
    let dead: Vec<_> = findings
        .dead
        .iter()
        .map(|dead| (dead.rule, dead.reason.clone()))
        .collect();
    assert_eq!(
        dead,
        [
            (2, Reason::Covered(vec![0, 1])),
            (3, Reason::Impossible(0)),
            (4, Reason::Covered(vec![0]))
        ]
    );
    assert!(findings.gaps.is_empty());
    assert_eq!(
        findings
            .subsumed
            .iter()
            .map(|inner| (inner.rule, inner.by))
            .collect::<Vec<_>>(),
        [(4, 0)]
    );
}

#[test]
fn days_have_no_day_between_them_and_booleans_are_two() {
    let findings = analyse(&table(
        HitPolicy::Unique,
        &[("day", "date", None), ("open", "boolean", None)],
        &[
            (&["<= date(\"2026-01-01\")", "true"], "1"),
            (&[">= date(\"2026-01-02\")", "true"], "2"),
            (&["-", "false"], "3"),
        ],
    ));
    assert!(findings.gaps.is_empty(), "{:?}", findings.gaps);
    assert!(findings.overlaps.is_empty());
}

/// Every example of a finding is put to the table's own rules.
#[test]
fn examples_hold_when_they_are_tried() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..30 {
        let mut cell = |numeric: bool| -> String {
            match (random(4), numeric) {
                (0, _) => "-".into(),
                (1, true) => format!("[{}..{})", random(10), 5 + random(10)),
                (2, true) => format!("< {}", random(12)),
                (_, true) => format!("{}, > {}", random(9), random(12)),
                (1, false) => "not(\"a\")".into(),
                (2, false) => "\"a\", \"b\"".into(),
                (_, false) => "\"c\"".into(),
            }
        };
        let rows: Vec<Vec<String>> = (0..8)
            .map(|_| vec![cell(true), cell(false), cell(true)])
            .collect();
        let cells: Vec<Vec<&str>> = rows
            .iter()
            .map(|row| row.iter().map(String::as_str).collect())
            .collect();
        let rules: Vec<(&[&str], &str)> = cells.iter().map(|row| (row.as_slice(), "1")).collect();
        let source = table(
            HitPolicy::Unique,
            &[
                ("x", "number", None),
                ("y", "string", None),
                ("z", "number", None),
            ],
            &rules,
        );
        let findings = analyse(&source);
        assert!(findings.complete);
        let tests: Vec<Vec<Expression>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|text| Expression::parse_unary_tests(text).unwrap())
                    .collect()
            })
            .collect();
        let scope = Scope::new();
        let matching = |example: &[Value]| -> Vec<usize> {
            let holds =
                |test: &Expression, value: &Value| test.test(value, &scope).unwrap() == Some(true);
            (0..tests.len())
                .filter(|row| {
                    tests[*row]
                        .iter()
                        .zip(example)
                        .all(|(test, value)| holds(test, value))
                })
                .collect()
        };
        for gap in &findings.gaps {
            assert_eq!(
                matching(&gap.example),
                Vec::<usize>::new(),
                "{rows:?} {gap:?}"
            );
        }
        for overlap in &findings.overlaps {
            let found = matching(&overlap.example);
            assert!(
                found.contains(&overlap.rules.0) && found.contains(&overlap.rules.1),
                "{rows:?} {overlap:?}"
            );
        }
        // Where there is neither gap nor overlap in what was found, none is met by trying.
        for x in -1..16 {
            for y in ["a", "b", "c", "d"] {
                for z in -1..16 {
                    let found = matching(&[Value::from(x), Value::from(y), Value::from(z)]);
                    assert!(!found.is_empty() || !findings.gaps.is_empty());
                    assert!(found.len() < 2 || findings.overlap_count > 0);
                }
            }
        }
    }
}

#[test]
fn a_thousand_rows_of_ten_columns_take_milliseconds() {
    let source = rules::bench::large_table();
    // The best of five: another process may have had the processor. Debug builds only show that it ends.
    let (tries, limit) = if cfg!(debug_assertions) {
        (1, 20_000)
    } else {
        (5, 50)
    };
    let best = (0..tries)
        .map(|_| {
            let started = Instant::now();
            let findings = analyse(&source);
            assert!(findings.overlap_count > 0);
            started.elapsed().as_millis()
        })
        .min();
    assert!(best.is_some_and(|best| best <= limit), "{best:?} ms");
}
