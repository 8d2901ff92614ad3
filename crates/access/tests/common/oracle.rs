//! Asks the oracle and the decision function the same, and tells where they differ.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use access::{Policy, Verdict};

use crate::common::{Chance, question, roles, subject};

#[derive(Default)]
pub struct Tally {
    /// Questions answered alike: allowed, denied, needs approval.
    pub counts: [usize; 3],
    /// Each with all that is needed to look into it.
    pub mismatches: Vec<String>,
}

const QUESTIONS: usize = 60;

/// How many policies to try.
pub fn cases(default: u64) -> u64 {
    let wanted = std::env::var("ENGAGE_ORACLE_CASES").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// `None` where there is no Python.
pub fn compare(cases: u64) -> Option<Tally> {
    let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/access_oracle.py");
    let mut python = Command::new("python3")
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut ask = python.stdin.take().unwrap();
    let mut answers = BufReader::new(python.stdout.take().unwrap()).lines();
    // Asking and reading at once, so that neither side waits on a full pipe.
    let asking = std::thread::spawn(move || {
        for seed in 0..cases {
            let mut chance = Chance(seed);
            let (roles, subject) = (roles(&mut chance), subject(&mut chance));
            let questions: Vec<_> = (0..QUESTIONS)
                .map(|_| question(&mut chance).json())
                .collect();
            let case =
                serde_json::json!({ "roles": roles, "subject": subject, "questions": questions });
            writeln!(ask, "{case}").unwrap();
        }
    });
    let mut tally = Tally::default();
    for seed in 0..cases {
        let mut chance = Chance(seed);
        let (roles, subject) = (roles(&mut chance), subject(&mut chance));
        let policy = Policy::compile(&roles, &subject);
        let expected: Vec<Verdict> =
            serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(expected.len(), QUESTIONS);
        for (number, expected) in expected.into_iter().enumerate() {
            let question = question(&mut chance);
            let decision = question.ask(&policy);
            if decision.verdict == expected {
                tally.counts[expected as usize] += 1;
            } else {
                tally.mismatches.push(format!(
                    "seed {seed}, question {number}: {}\nroles: {}\nsubject: {subject:?}\nours: {decision:?}\nwanted: {expected:?}",
                    question.json(),
                    serde_json::json!(roles),
                ));
            }
        }
    }
    asking.join().unwrap();
    assert!(python.wait().unwrap().success());
    Some(tally)
}
