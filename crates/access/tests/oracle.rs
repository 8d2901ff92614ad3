//! The decision function against an oracle that was written apart from it, in another language, from the same rules.
//! `ENGAGE_ORACLE_CASES` sets how many policies are tried (60 questions each).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use access::{Policy, Verdict};
use common::{Chance, question, roles, subject};

#[test]
fn the_oracle_decides_alike() {
    let cases: u64 = std::env::var("ENGAGE_ORACLE_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2_500);
    let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/access_oracle.py");
    let Ok(mut python) = Command::new("python3")
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    else {
        eprintln!("skipped: no python3");
        return;
    };
    let mut ask = python.stdin.take().unwrap();
    let answers = BufReader::new(python.stdout.take().unwrap());
    // Asking and reading at once, so that neither side waits on a full pipe.
    let asking = std::thread::spawn(move || {
        for seed in 0..cases {
            let mut chance = Chance(seed);
            let (roles, subject) = (roles(&mut chance), subject(&mut chance));
            let questions: Vec<_> = (0..60).map(|_| question(&mut chance).json()).collect();
            let case =
                serde_json::json!({ "roles": roles, "subject": subject, "questions": questions });
            writeln!(ask, "{case}").unwrap();
        }
    });
    let mut counts = [0_usize; 3];
    let mut lines = answers.lines();
    for seed in 0..cases {
        let mut chance = Chance(seed);
        let (roles, subject) = (roles(&mut chance), subject(&mut chance));
        let policy = Policy::compile(&roles, &subject);
        let answers: Vec<Verdict> = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(answers.len(), 60);
        for (number, expected) in answers.into_iter().enumerate() {
            let question = question(&mut chance);
            let decision = question.ask(&policy);
            assert_eq!(
                decision.verdict,
                expected,
                "seed {seed}, question {number}: {}\nroles: {}\nsubject: {subject:?}\nours: {decision:?}",
                question.json(),
                serde_json::to_string_pretty(&roles).unwrap(),
            );
            counts[expected as usize] += 1;
        }
    }
    asking.join().unwrap();
    assert!(python.wait().unwrap().success());
    eprintln!(
        "{cases} policies: {} allowed, {} denied, {} need approval",
        counts[0], counts[1], counts[2]
    );
    // The world is small enough that every answer comes up often.
    assert!(counts.iter().all(|c| *c as u64 > cases / 10), "{counts:?}");
}
