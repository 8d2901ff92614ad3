//! A table with a column of every kind and a document, for tests of what is written, read and filtered.

use kernel::{Amount, Error, Moment};
use store::filter::{Column, ColumnKind};
use store::{Db, Sql, Tx};

pub const CREATE: Sql = Sql::each(
    "CREATE TABLE thing (id BLOB PRIMARY KEY, at TEXT, price INTEGER, name TEXT, folded TEXT, open INTEGER, facts TEXT) STRICT",
    "CREATE TABLE thing (id uuid PRIMARY KEY, at timestamptz, price numeric(19,4), name text, folded text, open boolean, facts jsonb)",
);
const INSERT: Sql = Sql::both(
    "INSERT INTO thing (id, at, price, name, folded, open, facts) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

#[derive(Debug, PartialEq, Clone, sqlx::FromRow)]
pub struct Thing {
    pub id: kernel::Id<Thing>,
    pub at: Option<Moment>,
    pub price: Option<Amount>,
    pub name: Option<String>,
    pub open: Option<bool>,
    pub facts: sqlx::types::Json<serde_json::Value>,
}

pub async fn create(db: &Db) -> Result<(), Error> {
    let mut tx = db.write().await?;
    store::execute!(tx, CREATE)?;
    tx.commit().await
}

pub async fn insert(tx: &mut Tx, thing: &Thing) -> Result<u64, Error> {
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

/// The fields that a filter may name.
pub fn column(name: &str) -> Option<Column> {
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
