//! Random things and random filters over them.

use kernel::{Amount, Comparison, Filter, Moment, Operand};
use rust_decimal::Decimal;
use store::testing::SeededRng;

use crate::things::Thing;

impl Thing {
    /// The value of a field, as a filter in memory asks for it.
    pub fn get(&self, field: &str) -> Operand {
        let fact = |key: &str| self.facts.get(key).cloned().unwrap_or_default();
        let found = match field {
            "at" => self.at.map(Operand::Moment),
            "price" => self.price.map(|p| Operand::Number(p.decimal())),
            "name" => self.name.clone().map(Operand::Text),
            "open" => self.open.map(Operand::Boolean),
            "facts.tier" => fact("tier").as_str().map(|s| Operand::Text(s.into())),
            "facts.points" => fact("points")
                .as_i64()
                .map(|n| Operand::Number(Decimal::new(n, 4))),
            "facts.since" => fact("since").as_str().map(|s| Operand::Date(s.into())),
            "facts.vip" => fact("vip").as_bool().map(Operand::Boolean),
            _ => None,
        };
        found.unwrap_or(Operand::Null)
    }
}

/// Small random things, from few values so that filters hit.
pub struct Dice(pub SeededRng);

impl Dice {
    pub fn roll(&mut self, sides: u8) -> u8 {
        let mut byte = [0];
        kernel::Rng::fill(&self.0, &mut byte);
        byte[0] % sides
    }
    fn number(&mut self) -> Decimal {
        [
            "0",
            "1",
            "-1",
            "1.5",
            "1.50005",
            "99999999999999999999",
            "-99999999999999999999",
            "2.0001",
        ][usize::from(self.roll(8))]
        .parse()
        .unwrap_or_default()
    }
    fn stored_number(&mut self) -> i64 {
        [0, 10_000, -10_000, 15_000, 15_001, 20_001][usize::from(self.roll(6))]
    }
    fn word(&mut self) -> String {
        ["", "Oro", "oro", "Órbita", "plata", "Z", "a b"][usize::from(self.roll(7))].to_owned()
    }
    fn day(&mut self) -> String {
        format!("2026-0{}-1{}", 1 + self.roll(3), self.roll(3))
    }
    fn moment(&mut self) -> Moment {
        Moment::from_micros(i64::from(self.roll(4)) * 1_500)
    }
    pub fn thing(&mut self, id: kernel::Id<Thing>) -> Thing {
        let mut facts = serde_json::Map::new();
        if self.roll(3) > 0 {
            facts.insert("tier".into(), self.word().into());
        }
        if self.roll(3) > 0 {
            facts.insert("points".into(), self.stored_number().into());
        }
        if self.roll(3) > 0 {
            facts.insert("since".into(), self.day().into());
        }
        if self.roll(3) > 0 {
            facts.insert("vip".into(), (self.roll(2) == 0).into());
        }
        Thing {
            id,
            at: (self.roll(4) > 0).then(|| self.moment()),
            price: (self.roll(4) > 0).then(|| Amount::from_ten_thousandths(self.stored_number())),
            name: (self.roll(4) > 0).then(|| self.word()),
            open: (self.roll(4) > 0).then(|| self.roll(2) == 0),
            facts: sqlx::types::Json(facts.into()),
        }
    }
    fn operand(&mut self) -> Operand {
        match self.roll(6) {
            0 => Operand::Null,
            1 => Operand::Boolean(self.roll(2) == 0),
            2 => Operand::Number(self.number()),
            3 => Operand::Date(self.day()),
            4 => Operand::Moment(self.moment()),
            _ => Operand::Text(self.word()),
        }
    }
    fn fitting(&mut self, field: &str) -> Operand {
        match field {
            "at" => Operand::Moment(self.moment()),
            "price" | "facts.points" => Operand::Number(self.number()),
            "open" | "facts.vip" => Operand::Boolean(self.roll(2) == 0),
            "facts.since" => Operand::Date(self.day()),
            _ => Operand::Text(self.word()),
        }
    }
    /// A tree of any shape, with operands that do not fit among them.
    pub fn filter(&mut self, depth: u8) -> Filter {
        if depth > 0 && self.roll(2) == 0 {
            let parts = (0..self.roll(4)).map(|_| self.filter(depth - 1)).collect();
            return match self.roll(3) {
                0 => Filter::All(parts),
                1 => Filter::Any(parts),
                _ => Filter::Not(Box::new(self.filter(depth - 1))),
            };
        }
        let field = [
            "at",
            "price",
            "name",
            "open",
            "facts.tier",
            "facts.points",
            "facts.since",
            "facts.vip",
        ][usize::from(self.roll(8))];
        let value = if self.roll(4) == 0 {
            self.operand()
        } else {
            self.fitting(field)
        };
        if self.roll(6) == 0 {
            return Filter::In {
                field: field.into(),
                values: vec![value, self.fitting(field)],
            };
        }
        let comparisons = [
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
            Comparison::Contains,
            Comparison::StartsWith,
        ];
        let most = if field == "name" { 8 } else { 6 };
        Filter::compare(field, comparisons[usize::from(self.roll(most))], value)
    }
}
