//! The indexes behind what a designer marks as searchable: lists of a million customers are ordered and filtered by such a
//! field without reading them all.

use form::{CustomerSchema, FieldSpec};
use kernel::{Error, Result};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use store::filter::ColumnKind;
use store::{Conn, Kind, Reads as _, Tx};

use crate::list;

store::statements! {
    PRESENT = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND name = $1",
        "SELECT COUNT(*) FROM pg_class WHERE oid = to_regclass($1)";
    /// Whoever waits for a table on PostgreSQL has all who come later wait behind.
    PATIENCE = "SELECT ''", "SELECT set_config('lock_timeout', '500ms', TRUE)";
}

/// Makes the indexes that the type's fields want and that are not there yet. For the transaction that publishes the type;
/// on a million customers each takes about three seconds, during which customers are not written.
pub async fn ensure(tx: &mut Tx, schema: &CustomerSchema) -> Result<()> {
    for field in wanted(schema)? {
        make(tx, &schema.key, field).await?;
    }
    Ok(())
}

/// The fields that want one.
pub(crate) fn wanted(schema: &CustomerSchema) -> Result<impl Iterator<Item = &FieldSpec>> {
    if form::schema::is_key(&schema.key) {
        Ok(schema.fields.iter().filter(|field| field.searchable))
    } else {
        Err(Error::invalid("key", "bad_key"))
    }
}

/// Makes the field's index. `false`: it was there.
pub(crate) async fn make(tx: &mut Tx, type_key: &str, field: &FieldSpec) -> Result<bool> {
    let text = statement(tx.kind(), type_key, field)?;
    // Asked for first: PostgreSQL would lock the table before it looks.
    if store::fetch_one!(tx, (i64,), PRESENT, name(type_key, field))?.0 > 0 {
        return Ok(false);
    }
    if tx.kind() == Kind::Postgres {
        // It sorts in files what is more than `maintenance_work_mem`.
        run(tx, text).await?;
    } else {
        // It would sort a million values in memory.
        run(tx, "PRAGMA temp_store = FILE".to_owned()).await?;
        run(tx, text).await?;
        run(tx, "PRAGMA temp_store = MEMORY".to_owned()).await?;
    }
    Ok(true)
}

/// Takes the type's indexes away until [`make`] brings them back: a list that multiplies the customers is in sooner so.
pub(crate) async fn set_aside(tx: &mut Tx, schema: &CustomerSchema) -> Result<()> {
    store::fetch_all!(tx, (String,), PATIENCE)?;
    for field in wanted(schema)? {
        let text = format!("DROP INDEX IF EXISTS {}", name(&schema.key, field));
        run(tx, text).await?;
    }
    Ok(())
}

/// The text is a constant, or made of nothing but what [`statement`] and [`name`] make.
async fn run(tx: &mut Tx, text: String) -> Result<()> {
    match tx.write_conn() {
        Conn::Sqlite(c) => store::within_deadline(sqlx::query(AssertSqlSafe(text)).execute(c))
            .await
            .map(|_| ()),
        Conn::Postgres(c) => store::within_deadline(sqlx::query(AssertSqlSafe(text)).execute(c))
            .await
            .map(|_| ()),
    }
}

fn name(type_key: &str, field: &FieldSpec) -> String {
    let name = Sha256::digest(format!("{type_key}/{}/{}", field.key, field.kind.word()));
    format!("customer_field_{}_idx", hex::encode(&name[..8]))
}

/// The keys are checked to be `[a-z][a-z0-9_]*`: they stand in the text because an index is made for them and no other.
fn statement(kind: Kind, type_key: &str, field: &FieldSpec) -> Result<String> {
    let column =
        list::document(field).ok_or_else(|| Error::invalid(field.key.as_str(), "bad_key"))?;
    let expression = column.text(kind).replace("c.fields", "fields");
    let name = name(type_key, field);
    // Only this type's rows: other types have no such field, or another one under its key whose text is none of this kind.
    let collate = match (kind, column.kind) {
        (Kind::Postgres, ColumnKind::Text | ColumnKind::Date) => " COLLATE \"C\"",
        _ => "",
    };
    Ok(format!(
        "CREATE INDEX IF NOT EXISTS {name} ON customer (({expression}{collate}), id) WHERE type_key = '{type_key}'"
    ))
}
