//! Random roles, subjects, questions and records over a small world, so that grants and questions meet often.

use std::collections::BTreeMap;

use access::{Effect, Grant, Limit, Role, Subject, Target, Verb, Within};
use kernel::{Comparison, Filter, Moment, Operand};
use serde_json::{Value, json};

pub type Record = BTreeMap<&'static str, Operand>;

pub const ENTITIES: &[&str] = &["customer", "case", "invoice"];
pub const FIELDS: &[&str] = &[
    "id",
    "version",
    "name",
    "balance",
    "segment",
    "owner",
    "unit",
    "opened",
    "fields.a",
    "fields.ab",
    "fields.b",
];
const PROCESSES: &[&str] = &["p1", "p2"];
const ACTIVITIES: &[&str] = &["a1", "a2", "b1"];
const USERS: &[&str] = &["u1", "u2", "u3"];
const UNITS: &[&str] = &["n1", "n2", "n3"];
const GROUPS: &[&str] = &["g1", "g2"];

/// SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

fn text(value: &str) -> Operand {
    Operand::Text(value.to_owned())
}

fn number(chance: &mut Chance) -> Operand {
    Operand::Number(
        chance
            .pick(&["-1", "0", "9.99", "10", "10.0", "10.01", "100"])
            .parse()
            .unwrap(),
    )
}

fn moment(chance: &mut Chance) -> Operand {
    Operand::Moment(Moment::from_secs(1_700_000_000 + chance.below(3) as i64))
}

pub fn record(chance: &mut Chance) -> Record {
    let mut record = Record::new();
    for field in FIELDS {
        if chance.one_in(5) {
            continue;
        }
        let value = match *field {
            "balance" | "version" => number(chance),
            "owner" => text(chance.pick(USERS)),
            "unit" => text(chance.pick(UNITS)),
            "opened" => moment(chance),
            "fields.a" => Operand::Boolean(chance.one_in(2)),
            "fields.b" => Operand::Date(chance.pick(&["2026-01-01", "2026-11-21"]).to_owned()),
            _ => text(chance.pick(&["oro", "plata", "$x", "g1", ""])),
        };
        record.insert(field, value);
    }
    record
}

fn operand(chance: &mut Chance, field: &str) -> Operand {
    match chance.below(12) {
        0 => Operand::Null,
        1 => text(chance.pick(&[
            "$user",
            "$unit",
            "$groups",
            "$unit_and_below",
            "$what",
            "$$x",
        ])),
        2 => text(chance.pick(&["oro", "plata", "u1", "n1"])),
        _ => match field {
            "balance" | "version" => number(chance),
            "owner" => text(chance.pick(&["$user", "u1", "$groups"])),
            "unit" => text(chance.pick(&["$unit", "$unit_and_below", "n2"])),
            "opened" => moment(chance),
            "fields.a" => Operand::Boolean(true),
            "fields.b" => Operand::Date("2026-11-21".to_owned()),
            _ => text(chance.pick(&["oro", "plata", "$$x", "$groups"])),
        },
    }
}

pub fn condition(chance: &mut Chance, depth: usize) -> Filter {
    match chance.below(if depth == 0 { 5 } else { 9 }) {
        0..=3 => {
            let field = chance.pick(FIELDS);
            let comparison = chance.pick(&[
                Comparison::Equal,
                Comparison::Equal,
                Comparison::NotEqual,
                Comparison::Less,
                Comparison::LessOrEqual,
                Comparison::Greater,
                Comparison::GreaterOrEqual,
            ]);
            Filter::compare(field, comparison, operand(chance, field))
        }
        4 => {
            let field = chance.pick(FIELDS);
            let values = (0..chance.below(3))
                .map(|_| operand(chance, field))
                .collect();
            Filter::In {
                field: field.to_owned(),
                values,
            }
        }
        5 => Filter::Not(Box::new(condition(chance, depth - 1))),
        6 => Filter::Any(
            (0..chance.below(3))
                .map(|_| condition(chance, depth - 1))
                .collect(),
        ),
        _ => Filter::All(
            (0..chance.below(3))
                .map(|_| condition(chance, depth - 1))
                .collect(),
        ),
    }
}

fn verbs(chance: &mut Chance) -> Vec<Verb> {
    let mut verbs: Vec<Verb> = Verb::ALL.into_iter().filter(|_| chance.one_in(2)).collect();
    if verbs.is_empty() {
        verbs.push(Verb::Read);
    }
    verbs
}

pub fn grant(chance: &mut Chance) -> Grant {
    let target = match chance.below(10) {
        0..=3 => Target::entity(if chance.one_in(6) {
            "*"
        } else {
            chance.pick(ENTITIES)
        }),
        4..=6 => {
            let entity = if chance.one_in(8) {
                "*"
            } else {
                chance.pick(ENTITIES)
            };
            let field = if chance.one_in(3) {
                chance.pick(&["*", "fields.*", "fields.a*"])
            } else {
                chance.pick(FIELDS)
            };
            Target::field(entity, field)
        }
        7 | 8 => Target::process(if chance.one_in(4) {
            "*"
        } else {
            chance.pick(PROCESSES)
        }),
        _ => {
            let activity = if chance.one_in(3) {
                chance.pick(&["*", "a*"])
            } else {
                chance.pick(ACTIVITIES)
            };
            Target::activity(
                if chance.one_in(4) {
                    "*"
                } else {
                    chance.pick(PROCESSES)
                },
                activity,
            )
        }
    };
    let effect = if chance.one_in(7) {
        Effect::Deny
    } else {
        Effect::Allow
    };
    Grant {
        target,
        verbs: verbs(chance),
        effect,
        condition: chance.one_in(3).then(|| condition(chance, 2)),
        limit: (effect == Effect::Allow && chance.one_in(8)).then(|| Limit {
            field: chance.pick(&["balance", "version"]).to_owned(),
            at_most: chance.pick(&["0", "10", "50"]).parse().unwrap(),
        }),
        within: chance.one_in(6).then(|| Within {
            process: if chance.one_in(3) {
                "*".to_owned()
            } else {
                chance.pick(PROCESSES).to_owned()
            },
            activity: chance
                .one_in(2)
                .then(|| chance.pick(&["a1", "a*", "b1"]).to_owned()),
        }),
    }
}

pub fn roles(chance: &mut Chance) -> Vec<Role> {
    (0..chance.below(4))
        .map(|i| Role {
            key: format!("r{i}"),
            grants: (0..chance.below(10)).map(|_| grant(chance)).collect(),
        })
        .collect()
}

pub fn subject(chance: &mut Chance) -> Subject {
    let unit = (!chance.one_in(4)).then(|| chance.pick(UNITS).to_owned());
    let below = match &unit {
        None => Vec::new(),
        Some(unit) => std::iter::once(unit.clone())
            .chain(
                UNITS
                    .iter()
                    .filter(|_| chance.one_in(3))
                    .map(|u| (*u).to_owned()),
            )
            .collect(),
    };
    Subject {
        user: chance.pick(USERS).to_owned(),
        unit,
        unit_and_below: below,
        groups: GROUPS
            .iter()
            .filter(|_| chance.one_in(2))
            .map(|g| (*g).to_owned())
            .collect(),
    }
}

pub struct Question {
    pub verb: Verb,
    pub target: Target,
    pub process: Option<&'static str>,
    pub activity: Option<&'static str>,
    pub record: Option<Record>,
    pub proposed: Option<Record>,
}

pub fn question(chance: &mut Chance) -> Question {
    let target = match chance.below(8) {
        0 | 1 => Target::entity(chance.pick(&["customer", "case", "invoice", "other"])),
        2..=5 => Target::field(
            chance.pick(&["customer", "case", "invoice", "other"]),
            chance.pick(FIELDS),
        ),
        6 => Target::process(chance.pick(&["p1", "p2", "p3"])),
        _ => Target::activity(chance.pick(&["p1", "p2", "p3"]), chance.pick(ACTIVITIES)),
    };
    let process = chance.one_in(3).then(|| chance.pick(PROCESSES));
    Question {
        verb: chance.pick(&Verb::ALL),
        target,
        process,
        activity: if process.is_some() && chance.one_in(2) {
            Some(chance.pick(ACTIVITIES))
        } else {
            None
        },
        record: (!chance.one_in(5)).then(|| record(chance)),
        proposed: chance.one_in(4).then(|| record(chance)),
    }
}

pub fn getter(record: &Record) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| record.get(field).cloned().unwrap_or(Operand::Null)
}

impl Question {
    pub fn ask(&self, policy: &access::Policy) -> access::Decision {
        let (record, proposed) = (
            self.record.as_ref().map(getter),
            self.proposed.as_ref().map(getter),
        );
        policy.decide(&access::Request {
            verb: self.verb,
            target: &self.target,
            place: access::Place {
                process: self.process,
                activity: self.activity,
            },
            record: record.as_ref().map(|g| g as &dyn Fn(&str) -> Operand),
            proposed: proposed.as_ref().map(|g| g as &dyn Fn(&str) -> Operand),
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "verb": self.verb,
            "target": self.target,
            "place": { "process": self.process, "activity": self.activity },
            "record": self.record,
            "proposed": self.proposed,
        })
    }
}
