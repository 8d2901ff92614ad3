//! The indexes behind what a designer marks as searchable: lists of a million customers are ordered and filtered by such a
//! field without reading them all.

use form::FieldSpec;
use kernel::{Error, Result};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use store::filter::ColumnKind;
use store::{Conn, Kind, Reads, Tx};

use crate::list;

/// Makes the indexes that the type's fields want and that are not there yet. For the transaction that publishes the type;
/// on a million customers each takes a few seconds, during which customers are not written.
pub async fn ensure(tx: &mut Tx, schema: &form::CustomerSchema) -> Result<()> {
    if !form::schema::is_key(&schema.key) {
        return Err(Error::invalid("key", "bad_key"));
    }
    for field in schema.fields.iter().filter(|f| f.searchable) {
        let text = statement(tx.kind(), &schema.key, field)?;
        match tx.write_conn() {
            Conn::Sqlite(c) => store::within_deadline(sqlx::query(AssertSqlSafe(text)).execute(c))
                .await
                .map(|_| ())?,
            Conn::Postgres(c) => {
                store::within_deadline(sqlx::query(AssertSqlSafe(text)).execute(c))
                    .await
                    .map(|_| ())?;
            }
        }
    }
    Ok(())
}

/// The keys are checked to be `[a-z][a-z0-9_]*`: they stand in the text because an index is made for them and no other.
fn statement(kind: Kind, type_key: &str, field: &FieldSpec) -> Result<String> {
    let column =
        list::document(field).ok_or_else(|| Error::invalid(field.key.as_str(), "bad_key"))?;
    let expression = column.text(kind).replace("c.fields", "fields");
    let name = Sha256::digest(format!("{type_key}/{}/{}", field.key, field.kind.word()));
    let name = format!("customer_field_{}_idx", hex::encode(&name[..8]));
    Ok(match kind {
        // Its planner proves no condition from a bound value, so the type is part of the key; where a value of another
        // type's field of the same name does not fit the kind, nothing breaks.
        Kind::Sqlite => {
            format!("CREATE INDEX IF NOT EXISTS {name} ON customer (type_key, {expression}, id)")
        }
        // Only this type's rows: the cast would refuse another type's text under the same key.
        Kind::Postgres => {
            let collate = if matches!(column.kind, ColumnKind::Text | ColumnKind::Date) {
                " COLLATE \"C\""
            } else {
                ""
            };
            format!(
                "CREATE INDEX IF NOT EXISTS {name} ON customer (({expression}{collate}), id) WHERE type_key = '{type_key}'"
            )
        }
    })
}
