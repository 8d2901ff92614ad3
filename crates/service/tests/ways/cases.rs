//! Roles with something to hide, and records whose values are found nowhere else.

use serde_json::{Value, json};

pub const FIELDS: &[&str] = &[
    "name",
    "document",
    "mobile",
    "email",
    "address",
    "city",
    "birth_date",
    "balance",
    "annual_average",
    "points",
    "segment",
    "cluster",
    "agreement",
];
/// Records whose values are told apart wherever they turn up.
pub const MARKED: usize = 12;

/// SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

pub fn compare(field: &str, comparison: &str, value: Value) -> Value {
    json!({"compare": {"field": field, "comparison": comparison, "value": value}})
}

pub fn condition(chance: &mut Chance) -> Value {
    match chance.below(7) {
        0 => compare(
            "fields.segment",
            "equal",
            json!({"text": chance.pick(&["gold", "silver", "bronze"])}),
        ),
        1 => compare(
            "fields.segment",
            "not_equal",
            json!({"text": chance.pick(&["gold", "bronze"])}),
        ),
        2 => compare("fields.cluster", "equal", json!({"text": "$user"})),
        3 => compare(
            "fields.balance",
            "greater",
            json!({"number": chance.pick(&["1000", "100000", "200000"])}),
        ),
        4 => compare(
            "segment",
            "equal",
            json!({"text": chance.pick(&["gold", "silver"])}),
        ),
        5 => json!({"not": compare("fields.points", "less_or_equal", json!({"number": "6000"}))}),
        _ => json!({"any": [
            compare("fields.city", "equal", json!({"text": chance.pick(&["Rosario", "Córdoba", "La Plata"])})),
            compare("fields.cluster", "equal", json!({"text": "$user"})),
        ]}),
    }
}

/// A role with something to hide: rows by conditions, fields listed, denied, or both, with and without conditions.
pub fn role(chance: &mut Chance) -> Vec<Value> {
    let read = json!(["read"]);
    let mut grants = vec![
        json!({"target": {"entity": "history"}, "verbs": read}),
        json!({"target": {"entity": "instance"}, "verbs": read}),
        json!({"target": {"entity": "work_item"}, "verbs": read}),
        json!({"target": {"entity": "definition"}, "verbs": read}),
        json!({"target": {"entity": "audit"}, "verbs": ["read", "export"]}),
        json!({"target": {"entity": "contact"}, "verbs": read}),
    ];
    let mut whole =
        json!({"target": {"entity": "customer"}, "verbs": ["read", "create", "change"]});
    // Some may export, and some of them not everything.
    if !chance.one_in(3) {
        whole["verbs"] = json!(["read", "create", "change", "export"]);
        if chance.one_in(2) {
            let field = format!("fields.{}", chance.pick(FIELDS));
            grants.push(json!({"target": {"field": {"entity": "customer", "field": field}}, "verbs": ["export"], "effect": "deny"}));
        }
    }
    if !chance.one_in(3) {
        whole["condition"] = condition(chance);
    }
    grants.push(whole);
    if chance.one_in(2) {
        // The title is listed more often than not: a list without names says little.
        if !chance.one_in(4) {
            for field in ["name", "fields.name"] {
                grants.push(json!({"target": {"field": {"entity": "customer", "field": field}}, "verbs": read}));
            }
        }
        for _ in 0..3 + chance.below(6) {
            let field = format!("fields.{}", chance.pick(FIELDS));
            let mut listed =
                json!({"target": {"field": {"entity": "customer", "field": field}}, "verbs": read});
            if chance.one_in(4) {
                listed["condition"] = condition(chance);
            }
            grants.push(listed);
        }
    }
    for _ in 0..chance.below(4) {
        let field = format!("fields.{}", chance.pick(FIELDS));
        let mut denied = json!({"target": {"field": {"entity": "customer", "field": field}}, "verbs": read, "effect": "deny"});
        if chance.one_in(3) {
            denied["condition"] = condition(chance);
        }
        grants.push(denied);
    }
    for field in ["name", "email", "phone", "note"] {
        if chance.one_in(4) {
            grants.push(json!({"target": {"field": {"entity": "contact", "field": field}}, "verbs": read, "effect": "deny"}));
        }
    }
    if chance.one_in(6) {
        grants.retain(|grant| grant["target"]["entity"] != "history");
    }
    grants
}

/// A number with its own check digit (CUIT, modulus 11).
pub fn cuit(number: usize) -> String {
    let body = format!("27{number:08}");
    let sum: usize = body
        .bytes()
        .zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(digit, weight)| usize::from(digit - b'0') * weight)
        .sum();
    let check = match 11 - sum % 11 {
        11 => 0,
        10 => 9,
        digit => digit,
    };
    format!("{body}{check}")
}

/// Values that no other record has, and nothing else says.
pub fn marked(n: usize, users: &[String]) -> Value {
    let (city, segment) = (
        ["Rosario", "Córdoba", "La Plata"][n % 3],
        ["gold", "silver", "bronze"][n % 3],
    );
    json!({
        "name": format!("Zqname{n:02}x Zqsurname{n:02}x"),
        "document": cuit(61_400_000 + n * 10_007),
        "mobile": format!("+54911{:08}", 61_700_000 + n * 10_009),
        "email": format!("zqmail{n:02}x@example.org"),
        "address": format!("Zqstreet{n:02}x 100"),
        "city": city,
        "birth_date": format!("19{:02}-0{}-1{}", 11 + n, 1 + n % 9, n % 10),
        "balance": format!("{}.37", 771_001 + n * 1_013),
        "annual_average": format!("{}.41", 661_003 + n * 1_019),
        "points": (551_005 + n * 1_021).to_string(),
        "segment": segment,
        "cluster": users[n % users.len()],
        "agreement": format!("Zqagree{n:02}x"),
    })
}

/// What of a field's value is looked for in answers; nothing where others have the same.
pub fn mark(field: &str, value: &str) -> Option<String> {
    match field {
        "city" | "segment" | "cluster" => None,
        // As people write it, with blanks and hyphens between, it still has the number in one piece.
        "document" => Some(value[2..10].to_owned()),
        "mobile" => Some(value[value.len() - 8..].to_owned()),
        "balance" | "annual_average" => Some(value.split('.').next().unwrap().to_owned()),
        "email" => Some(value.split('@').next().unwrap().to_owned()),
        "name" => Some(value.split(' ').next().unwrap().to_owned()),
        "address" => Some(value.split(' ').next().unwrap().to_owned()),
        _ => Some(value.to_owned()),
    }
}

/// Whether an answer shows the mark. The short numbers count only where they stand by themselves: an id has digits too,
/// and so has the fraction of a second.
pub fn shows(text: &str, field: &str, mark: &str) -> bool {
    if !matches!(field, "balance" | "annual_average" | "points") {
        return text.contains(mark);
    }
    text.match_indices(mark).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + mark.len()..].chars().next();
        !before.is_some_and(|one| one.is_alphanumeric() || one == '.')
            && !after.is_some_and(char::is_alphanumeric)
    })
}

pub fn operand(field: &str, value: &Value) -> Value {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    match field {
        "balance" | "annual_average" | "points" => json!({"number": text}),
        "birth_date" => json!({"date": text}),
        _ => json!({"text": text}),
    }
}
