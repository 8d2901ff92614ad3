//! How long a decision takes. `cargo xtask bench access`. One JSON object a line.
#![expect(clippy::print_stdout, reason = "a command line's answer")]

use std::hint::black_box;
use std::time::Instant;

use access::{Grant, Policy, Request, Role, Subject, Target, Verb};
use kernel::{Comparison, Filter, Operand};

fn say(name: &str, value: f64, goal: &str) {
    let value = (value * 1_000.0).round() / 1_000.0;
    println!(
        "{}",
        serde_json::json!({ "name": name, "value": value, "unit": "µs", "goal": goal })
    );
}

/// Microseconds for one turn.
fn time(turns: u32, mut work: impl FnMut(u32)) -> f64 {
    for turn in 0..turns / 10 {
        work(turn);
    }
    let begun = Instant::now();
    for turn in 0..turns {
        work(turn);
    }
    begun.elapsed().as_secs_f64() * 1e6 / f64::from(turns)
}

/// A role as a large company writes it: 40 entities, each with a row condition and some fields listed or hidden.
fn role(number: usize) -> Role {
    let own = |field: &str, whose: &str| Filter::equal(field, Operand::Text(whose.to_owned()));
    let mut grants = Vec::new();
    for entity in 0..40 {
        let name = format!("entity_{entity}");
        let condition = own("owner", "$user")
            .or(own("unit", "$unit_and_below"))
            .and(Filter::compare(
                "segment",
                Comparison::NotEqual,
                Operand::Text("vip".into()),
            ));
        grants.push(
            Grant::allow(Target::entity(&*name), &[Verb::Read, Verb::Change]).when(condition),
        );
        for field in 0..6 {
            let field = format!("fields.f{}", field * (number + 1));
            grants.push(Grant::allow(Target::field(&*name, field), &[Verb::Read]));
        }
        grants.push(Grant::deny(
            Target::field(&*name, "fields.secret"),
            &Verb::ALL,
        ));
    }
    Role {
        key: format!("role_{number}"),
        grants,
    }
}

fn main() {
    let roles: Vec<Role> = (0..5).map(role).collect();
    let subject = Subject {
        user: "u1".into(),
        unit: Some("n1".into()),
        unit_and_below: (0..20).map(|i| format!("n{i}")).collect(),
        groups: (0..8).map(|i| format!("g{i}")).collect(),
    };
    let policy = Policy::compile(&roles, &subject);
    // Fails the first condition of the row rule, holds the second: the longer way.
    let record = |field: &str| match field {
        "owner" => Operand::Text("u2".into()),
        "unit" => Operand::Text("n19".into()),
        _ => Operand::Null,
    };
    let targets: Vec<_> = (0..40)
        .map(|i| Target::field(format!("entity_{i}"), "fields.f8"))
        .collect();
    let decide = time(200_000, |turn| {
        let target = &targets[turn as usize % targets.len()];
        black_box(policy.decide(&Request::new(Verb::Read, target).on(&record)));
    });
    say("one field of one record, five roles", decide, "<= 5");
    let mask = policy.mask("entity_7", Verb::Read);
    let strip = time(20_000, |_| {
        let mut fields = serde_json::Map::new();
        for field in 0..20 {
            fields.insert(format!("f{field}"), field.into());
        }
        let mut map = serde_json::Map::new();
        map.insert("fields".to_owned(), fields.into());
        mask.strip(&mut map, &record);
        black_box(map);
    });
    say("a record of 20 fields stripped", strip, "<= 200");
    let compile = time(200, |_| {
        black_box(Policy::compile(&roles, &subject));
    });
    say("five roles of 320 grants compiled", compile, "<= 20000");
}
