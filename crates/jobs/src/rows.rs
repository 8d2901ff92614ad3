//! Many rows at once. PostgreSQL pays per round trip: one statement with an array per column. SQLite runs in the process:
//! one prepared statement per row costs less than taking a document apart.

/// Writes rows: `write_rows!(tx, SQL, &rows, |row| [row.id, row.due])` → `Result<u64>`, the number of rows touched.
///
/// SQLite's text takes one row (`VALUES ($1, $2)`), PostgreSQL's takes arrays (`SELECT * FROM unnest($1, $2)`).
#[macro_export]
macro_rules! write_rows {
    ($tx:expr, $sql:expr, $rows:expr, |$row:ident| [$($value:expr),+ $(,)?]) => {
        async {
            let rows = $rows;
            let mut touched: u64 = 0;
            if !rows.is_empty() {
                match $crate::store::Tx::write_conn($tx) {
                    $crate::store::Conn::Sqlite(c) => {
                        for $row in rows.iter() {
                            let query = ::sqlx::query::<::sqlx::Sqlite>($sql.sqlite)$(.bind($value))+;
                            touched += $crate::store::within_deadline(query.execute(&mut *c)).await?.rows_affected();
                        }
                    }
                    $crate::store::Conn::Postgres(c) => {
                        let query = ::sqlx::query::<::sqlx::Postgres>($sql.postgres)
                            $(.bind(rows.iter().map(|$row| { let _ = $row; $value }).collect::<Vec<_>>()))+;
                        touched = $crate::store::within_deadline(query.execute(c)).await?.rows_affected();
                    }
                }
            }
            Ok::<u64, ::kernel::Error>(touched)
        }
        .await
    };
}

/// Like [`write_rows!`], for statements that answer with rows: `→ Result<Vec<Row>>`.
#[macro_export]
macro_rules! return_rows {
    ($tx:expr, $answer:ty, $sql:expr, $rows:expr, |$row:ident| [$($value:expr),+ $(,)?]) => {
        async {
            let rows = $rows;
            let mut answers: Vec<$answer> = Vec::new();
            if !rows.is_empty() {
                match $crate::store::Tx::write_conn($tx) {
                    $crate::store::Conn::Sqlite(c) => {
                        for $row in rows.iter() {
                            let query = ::sqlx::query_as::<::sqlx::Sqlite, $answer>($sql.sqlite)$(.bind($value))+;
                            answers.extend($crate::store::within_deadline(query.fetch_all(&mut *c)).await?);
                        }
                    }
                    $crate::store::Conn::Postgres(c) => {
                        let query = ::sqlx::query_as::<::sqlx::Postgres, $answer>($sql.postgres)
                            $(.bind(rows.iter().map(|$row| { let _ = $row; $value }).collect::<Vec<_>>()))+;
                        answers = $crate::store::within_deadline(query.fetch_all(c)).await?;
                    }
                }
            }
            Ok::<Vec<$answer>, ::kernel::Error>(answers)
        }
        .await
    };
}
