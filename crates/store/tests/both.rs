//! The room's promises, on both databases.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cmp::Ordering;

use kernel::{Amount, Code, Comparison, Error, Filter, Moment, Operand};
use rust_decimal::Decimal;
use store::filter::{Column, ColumnKind};
use store::testing::{SeededRng, hand_ambient};
use store::{AtCommit, Built, Db, Kind, Sql, Tx};

store::statements! {
    CREATE = "CREATE TABLE thing (id BLOB PRIMARY KEY, at TEXT, price INTEGER, name TEXT, folded TEXT, open INTEGER, facts TEXT) STRICT",
             "CREATE TABLE thing (id uuid PRIMARY KEY, at timestamptz, price numeric(19,4), name text, folded text, open boolean, facts jsonb)";
    INSERT = "INSERT INTO thing (id, at, price, name, folded, open, facts) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LOAD = "SELECT id, at, price, name, open, facts FROM thing WHERE id = $1";
    COUNT = "SELECT COUNT(*) FROM thing";
}

#[derive(Debug, PartialEq, Clone, sqlx::FromRow)]
struct Thing {
    id: kernel::Id<Thing>,
    at: Option<Moment>,
    price: Option<Amount>,
    name: Option<String>,
    open: Option<bool>,
    facts: sqlx::types::Json<serde_json::Value>,
}

async fn create(db: &Db) {
    let mut tx = db.write().await.unwrap();
    store::execute!(tx, CREATE).unwrap();
    tx.commit().await.unwrap();
}

async fn insert(tx: &mut Tx, thing: &Thing) -> Result<u64, Error> {
    store::execute!(
        tx,
        INSERT,
        thing.id,
        thing.at,
        thing.price,
        thing.name.clone(),
        thing.name.as_deref().map(kernel::text::fold),
        thing.open,
        &thing.facts
    )
}

store::both! {
    async fn what_is_written_is_read_back(db: Db) {
        create(&db).await;
        let (_, ambient) = hand_ambient(Moment::from_secs(1_700_000_000), 1);
        let thing = Thing {
            id: ambient.id(),
            at: Some(Moment::from_micros(-1)),
            price: Some("-12345.6789".parse().unwrap()),
            name: Some("Ñandú".into()),
            open: Some(true),
            facts: sqlx::types::Json(serde_json::json!({"tier": "gold"})),
        };
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        let loaded = store::fetch_one!(&mut read, Thing, LOAD, thing.id).unwrap();
        assert_eq!(loaded, thing);
        let mut tx = db.write().await.unwrap();
        assert_eq!(insert(&mut tx, &thing).await.unwrap_err().code(), Code::Duplicate);
    }

    async fn nothing_is_there_without_commit_and_signals_come_after_it(db: Db) {
        create(&db).await;
        // PostgreSQL's listener connects in the background.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let mut signals = db.signals().subscribe();
        let (_, ambient) = hand_ambient(Moment::EPOCH, 2);
        let thing = Thing { id: ambient.id(), at: None, price: None, name: None, open: None, facts: sqlx::types::Json(serde_json::json!({})) };
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.signal("things", "lost");
        drop(tx);
        let mut tx = db.write().await.unwrap();
        insert(&mut tx, &thing).await.unwrap();
        tx.signal("things", "kept");
        tx.signal("things", "kept");
        tx.commit().await.unwrap();
        let signal = tokio::time::timeout(std::time::Duration::from_secs(5), signals.recv()).await.unwrap().unwrap();
        assert_eq!((signal.topic.as_str(), signal.payload.as_str()), ("things", "kept"));
        assert!(tokio::time::timeout(std::time::Duration::from_millis(200), signals.recv()).await.is_err());
        let mut read = db.read().await.unwrap();
        assert_eq!(store::fetch_one!(&mut read, (i64,), COUNT).unwrap().0, 1);
    }

    async fn what_must_come_last_comes_last_and_once(db: Db) {
        create(&db).await;
        #[derive(Default)]
        struct Last(Vec<Thing>);
        impl AtCommit for Last {
            fn run<'a>(self: Box<Self>, tx: &'a mut Tx) -> std::pin::Pin<Box<dyn Future<Output = kernel::Result<()>> + Send + 'a>> {
                Box::pin(async move {
                    for thing in &self.0 {
                        insert(tx, thing).await?;
                    }
                    Ok(())
                })
            }
        }
        let (_, ambient) = hand_ambient(Moment::EPOCH, 3);
        let thing = || Thing { id: ambient.id(), at: None, price: None, name: None, open: None, facts: sqlx::types::Json(serde_json::json!({})) };
        let mut tx = db.write().await.unwrap();
        tx.at_commit::<Last>().0.push(thing());
        tx.at_commit::<Last>().0.push(thing());
        assert_eq!(store::fetch_one!(&mut tx, (i64,), COUNT).unwrap().0, 0);
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        assert_eq!(store::fetch_one!(&mut read, (i64,), COUNT).unwrap().0, 2);
    }

    async fn a_filter_means_the_same_in_memory_and_in_sql(db: Db) {
        create(&db).await;
        let (_, ambient) = hand_ambient(Moment::from_secs(1_700_000_000), 4);
        let mut dice = Dice(SeededRng::new(99));
        let mut things = Vec::new();
        let mut tx = db.write().await.unwrap();
        for _ in 0..60 {
            let thing = dice.thing(ambient.id());
            insert(&mut tx, &thing).await.unwrap();
            things.push(thing);
        }
        things.sort_by_key(|t| t.id);
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        let mut hits = 0;
        for _ in 0..600 {
            let filter = dice.filter(3);
            let expected: Vec<_> = things.iter().filter(|t| filter.matches(&|f| t.get(f))).map(|t| t.id).collect();
            let mut built = Built::new(db.kind(), "SELECT id FROM thing WHERE ");
            store::filter::push(&mut built, &filter, &column).unwrap();
            built.push(" ORDER BY id");
            let text = built.text().to_owned();
            let found: Vec<(kernel::Id<Thing>,)> = built.fetch_all(&mut read).await.unwrap();
            hits += found.len();
            assert_eq!(found.into_iter().map(|f| f.0).collect::<Vec<_>>(), expected, "{filter:?}\n{text}");
        }
        assert!(hits > 1_000, "the filters must find something, or the test says nothing: {hits}");
    }

    async fn what_came_from_outside_is_never_in_the_text(db: Db) {
        let evil = "x'); DROP TABLE thing; --";
        let mut built = Built::new(db.kind(), "SELECT id FROM thing WHERE ");
        store::filter::push(&mut built, &Filter::equal("name", Operand::Text(evil.into())), &column).unwrap();
        assert!(!built.text().contains("DROP"));
        assert!(Column::document(ColumnKind::Text, "facts", "a' OR '1'='1").is_err());
        let unknown = Filter::equal(evil, Operand::Null);
        assert_eq!(store::filter::push(&mut built, &unknown, &column).unwrap_err().code(), Code::Invalid);
    }
}

fn column(name: &str) -> Option<Column> {
    Some(match name {
        "at" => Column::new(ColumnKind::Moment, Sql::both("at")),
        "price" => Column::new(ColumnKind::Amount, Sql::both("price")),
        "name" => Column::new(ColumnKind::Text, Sql::both("name")).with_folded("folded"),
        "open" => Column::new(ColumnKind::Boolean, Sql::both("open")),
        "facts.tier" => Column::document(ColumnKind::Text, "facts", "tier").ok()?,
        "facts.points" => Column::document(ColumnKind::Scaled, "facts", "points").ok()?,
        "facts.since" => Column::document(ColumnKind::Date, "facts", "since").ok()?,
        "facts.vip" => Column::document(ColumnKind::Boolean, "facts", "vip").ok()?,
        _ => return None,
    })
}

impl Thing {
    fn get(&self, field: &str) -> Operand {
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
struct Dice(SeededRng);

impl Dice {
    fn roll(&mut self, sides: u8) -> u8 {
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
        .unwrap()
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
    fn thing(&mut self, id: kernel::Id<Thing>) -> Thing {
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
    fn filter(&mut self, depth: u8) -> Filter {
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

#[test]
fn the_two_migration_lists_are_the_same() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator
            .iter()
            .map(|m| (m.version, m.description.to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&store::MIGRATIONS_SQLITE),
        names(&store::MIGRATIONS_POSTGRES)
    );
    assert_ne!(
        names(&store::MIGRATIONS_SQLITE).len().cmp(&0),
        Ordering::Equal
    );
}

#[test]
fn the_dialects_are_told_apart() {
    assert_ne!(CREATE.text(Kind::Sqlite), CREATE.text(Kind::Postgres));
    assert_eq!(STATEMENTS.len(), 4);
}
