//! One condition, four readings: evaluated by `rules`, as a filter in memory, and as SQL on each database. All must find the
//! same things.

use kernel::{Filter, Moment, Operand};
use rules::filter::compile_with;
use rules::{Context, Expression, Schema, Scope, Type, Value};
use store::testing::{SeededRng, hand_ambient};
use store::{Built, Db, Sql};

use crate::dice::Dice;
use crate::things::{Thing, column, insert};

/// How many things each filter is held against, and how many filters see the same things.
const THINGS: usize = 40;
const ROUND: usize = 500;

const CLEAR: Sql = Sql::both("DELETE FROM thing");

/// What was compared.
#[derive(Debug, Default)]
pub struct Tally {
    /// Conditions in FEEL that became filters.
    pub conditions: usize,
    /// Conditions that no filter says; each named a part of itself.
    pub refused: usize,
    /// Filter trees that no condition stands behind, with searches in texts.
    pub trees: usize,
    /// Things found, over all of them.
    pub found: usize,
}

/// Compares so many conditions, and one tree for every four of them. The fault is the first difference.
pub async fn compare(databases: &[Db], seed: u64, conditions: usize) -> Result<Tally, String> {
    let mut dice = Dice(SeededRng::new(seed));
    let mut tally = Tally::default();
    let mut things = Vec::new();
    let mut asked = 0;
    while tally.conditions < conditions {
        if asked % ROUND == 0 {
            things = anew(databases, &mut dice, seed ^ asked as u64).await?;
        }
        asked += 1;
        let text = dice.condition(3);
        // Half of them know the types of the fields: the filter is another one, what it finds is the same.
        let schema = if dice.roll(2) == 0 {
            schema()
        } else {
            Schema::new()
        };
        let known = Scope::new().with("limit", 1);
        let expression =
            Expression::parse(&text).map_err(|why| format!("{text} is no condition: {why}"))?;
        match compile_with(&expression, &schema, &known) {
            Err(refused) if text.get(refused.span.clone()) == Some(&refused.part) => {
                tally.refused += 1;
            }
            Err(refused) => return Err(format!("{text}: refused without its part: {refused:?}")),
            Ok(filter) => {
                tally.conditions += 1;
                for thing in &things {
                    let scope = known.clone().with_layer(record(thing));
                    let said = expression.evaluate(&scope).map(|value| value.is_true());
                    if said != Ok(filter.matches(&|field| thing.get(field))) {
                        return Err(format!(
                            "{text} is {said:?} of {thing:?}, unlike {filter:?}"
                        ));
                    }
                }
                tally.found += look(databases, &things, &filter)
                    .await
                    .map_err(|why| format!("{text}: {why}"))?;
            }
        }
        if asked % 4 == 0 {
            tally.trees += 1;
            let filter = dice.filter(3);
            tally.found += look(databases, &things, &filter).await?;
        }
    }
    Ok(tally)
}

/// Other things in every database.
async fn anew(databases: &[Db], dice: &mut Dice, seed: u64) -> Result<Vec<Thing>, String> {
    let (_, ambient) = hand_ambient(Moment::from_secs(1_700_000_000), seed);
    let mut things: Vec<Thing> = (0..THINGS).map(|_| dice.thing(ambient.id())).collect();
    things.sort_by_key(|thing| thing.id);
    for db in databases {
        let written = async {
            let mut tx = db.write().await?;
            store::execute!(tx, CLEAR)?;
            for thing in &things {
                insert(&mut tx, thing).await?;
            }
            tx.commit().await
        };
        written.await.map_err(|why| why.to_string())?;
    }
    Ok(things)
}

/// How many things a filter finds, everywhere the same.
async fn look(databases: &[Db], things: &[Thing], filter: &Filter) -> Result<usize, String> {
    let expected: Vec<_> = things
        .iter()
        .filter(|thing| filter.matches(&|field| thing.get(field)))
        .map(|thing| thing.id)
        .collect();
    for db in databases {
        let mut built = Built::new(db.kind(), "SELECT id FROM thing WHERE ");
        let text = built.text().to_owned();
        let asked = async {
            store::filter::push(&mut built, filter, &column)?;
            built.push(" ORDER BY id");
            built
                .fetch_all::<(kernel::Id<Thing>,)>(&mut db.read().await?)
                .await
        };
        let found = asked.await.map_err(|why| format!("{filter:?}: {why}"))?;
        let found: Vec<_> = found.into_iter().map(|(id,)| id).collect();
        if found != expected {
            return Err(format!(
                "{:?} finds otherwise: {filter:?}\n{text}",
                db.kind()
            ));
        }
    }
    Ok(expected.len())
}

fn schema() -> Schema {
    let facts = [
        ("tier", Type::String),
        ("points", Type::Number),
        ("since", Type::Date),
        ("vip", Type::Boolean),
    ];
    Schema::new()
        .with("at", Type::DateTime)
        .with("price", Type::Number)
        .with("name", Type::String)
        .with("open", Type::Boolean)
        .with("facts", Type::context(facts))
}

/// The thing as an expression sees it.
fn record(thing: &Thing) -> Context {
    let value = |field: &str| match thing.get(field) {
        Operand::Null => Value::Null,
        Operand::Boolean(value) => Value::Boolean(value),
        Operand::Number(number) => number
            .to_string()
            .parse()
            .map_or(Value::Null, Value::Number),
        Operand::Text(text) => Value::from(text),
        Operand::Date(day) => literal(&day),
        Operand::Moment(moment) => literal(&moment.to_string()),
    };
    let facts: Context = ["tier", "points", "since", "vip"]
        .map(|key| (key, value(&format!("facts.{key}"))))
        .into_iter()
        .collect();
    let mut record: Context = ["at", "price", "name", "open"]
        .map(|field| (field, value(field)))
        .into_iter()
        .collect();
    record.insert("facts", facts);
    record
}

fn literal(text: &str) -> Value {
    Expression::parse(&format!("@\"{text}\""))
        .ok()
        .and_then(|literal| literal.evaluate(&Scope::new()).ok())
        .unwrap_or_default()
}

const FIELDS: [&str; 8] = [
    "at",
    "price",
    "name",
    "open",
    "facts.tier",
    "facts.points",
    "facts.since",
    "facts.vip",
];

impl Dice {
    fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let sides = u8::try_from(words.len()).unwrap_or(u8::MAX);
        words[usize::from(self.roll(sides))]
    }

    /// A condition of FEEL on the fields of things.
    fn condition(&mut self, depth: u8) -> String {
        if depth > 0 && self.roll(2) == 0 {
            let (one, other) = (self.condition(depth - 1), self.condition(depth - 1));
            return match self.roll(3) {
                0 => format!("({one} and {other})"),
                1 => format!("({one} or {other})"),
                _ => format!("not({one})"),
            };
        }
        let field = self.one_of(&FIELDS);
        let (a, b) = (self.value(field), self.value(field));
        let sign = self.one_of(&["=", "!=", "<", "<=", ">", ">="]);
        let (open, close) = (self.one_of(&["[", "]", "("]), self.one_of(&["]", "[", ")"]));
        match self.roll(12) {
            0..4 => format!("{field} {sign} {a}"),
            4 => format!("{a} {sign} {field}"),
            5 => format!("{field} between {a} and {b}"),
            6 => format!("{field} in ({a}, {b})"),
            7 => format!("{field} in [{a}, {b}]"),
            8 => format!("{field} in {open}{a}..{b}{close}"),
            9 => format!("{field} in ({sign} {a}, {b})"),
            10 => format!("list contains([{a}, {b}], {field})"),
            // A condition by itself; a calculation with what is known; or what no filter says.
            _ => match self.roll(4) {
                0 => field.to_owned(),
                1 => format!("{field} {sign} limit * 2 - 0.5"),
                2 => format!("{field} {sign} {}", self.one_of(&FIELDS)),
                _ => self.one_of(&["true", "false", "null", "1 < 2"]).to_owned(),
            },
        }
    }

    /// A value, mostly one that fits.
    fn value(&mut self, field: &str) -> String {
        let of = if self.roll(8) == 0 {
            self.one_of(&FIELDS)
        } else {
            field
        };
        if self.roll(12) == 0 {
            return "null".to_owned();
        }
        let words: &[&str] = match of {
            "price" | "facts.points" => &[
                "0",
                "1",
                "-1",
                "1.5",
                "1.50005",
                "2.0001",
                "1E20",
                "-1E20",
                "limit",
                "limit + 0.5",
            ],
            "open" | "facts.vip" => &["true", "false"],
            "facts.since" => &[
                "date(\"2026-01-10\")",
                "date(\"2026-02-11\")",
                "date(\"2026-03-12\")",
                "date(2026, 2, 12)",
            ],
            "at" => &[
                "@\"1970-01-01T00:00:00Z\"",
                "@\"1970-01-01T00:00:00.001Z\"",
                "@\"1970-01-01T00:00:00.0015Z\"",
                "@\"1970-01-01T01:00:00.003+01:00\"",
                "@\"1970-01-01T00:00:00.0045Z\"",
            ],
            _ => &[
                "\"\"",
                "\"Oro\"",
                "\"oro\"",
                "\"Órbita\"",
                "\"plata\"",
                "\"Z\"",
                "\"a b\"",
            ],
        };
        self.one_of(words).to_owned()
    }
}
