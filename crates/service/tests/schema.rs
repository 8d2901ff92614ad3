//! The two databases have the same schema, and every statement of every room can be prepared on both.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, Executor, Row, SqlSafeStr, Statement as _};

/// table.column → not null
type Columns = BTreeMap<String, bool>;

/// PostgreSQL's full-text index has a virtual table of SQLite's as its counterpart, with tables of its own behind it.
fn is_search_index(name: &str) -> bool {
    name.starts_with("customer_find") || name == "customer_words_idx"
}

async fn sqlite_schema(url: &str) -> (Columns, BTreeSet<String>) {
    let mut c = sqlx::SqliteConnection::connect(url).await.unwrap();
    let rows = sqlx::query(
        "SELECT m.name, c.name, c.\"notnull\" OR c.pk > 0 FROM sqlite_schema m, pragma_table_xinfo(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations' AND c.hidden = 0",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    let columns = rows
        .iter()
        .map(|r| {
            (
                r.get::<String, _>(0),
                r.get::<String, _>(1),
                r.get::<i64, _>(2) != 0,
            )
        })
        .filter(|(table, ..)| !is_search_index(table))
        .map(|(table, column, required)| (format!("{table}.{column}"), required))
        .collect();
    let indexes = sqlx::query_as::<_, (String,)>(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    (
        columns,
        indexes
            .into_iter()
            .map(|i| i.0)
            .filter(|n| !is_search_index(n))
            .collect(),
    )
}

async fn postgres_schema(url: &str) -> (Columns, BTreeSet<String>) {
    let mut c = sqlx::PgConnection::connect(url).await.unwrap();
    let rows: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT c.table_name::text, c.column_name::text, c.is_nullable = 'NO' FROM information_schema.columns c \
         JOIN information_schema.tables t USING (table_schema, table_name) \
         WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    let columns = rows
        .into_iter()
        .filter(|(table, ..)| !is_search_index(table))
        .map(|(table, column, required)| (format!("{table}.{column}"), required))
        .collect();
    // Indexes behind a constraint have no name of their own on SQLite.
    let indexes: Vec<(String,)> = sqlx::query_as(
        "SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' \
         WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)",
    )
    .fetch_all(&mut c)
    .await
    .unwrap();
    (
        columns,
        indexes
            .into_iter()
            .map(|i| i.0)
            .filter(|n| !is_search_index(n))
            .collect(),
    )
}

#[tokio::test]
async fn the_two_schemas_are_the_same() {
    let Some(postgres) = store::testing::postgres().await else {
        return;
    };
    let sqlite = store::testing::sqlite().await;
    let (sqlite_columns, sqlite_indexes) = sqlite_schema(&sqlite.url).await;
    let (postgres_columns, postgres_indexes) = postgres_schema(&postgres.url).await;
    assert!(
        sqlite_columns.len() > 100,
        "the schema was not read: {}",
        sqlite_columns.len()
    );
    let differing: Vec<_> = sqlite_columns
        .iter()
        .filter(|(column, required)| postgres_columns.get(*column) != Some(required))
        .chain(
            postgres_columns
                .iter()
                .filter(|(column, required)| sqlite_columns.get(*column) != Some(required)),
        )
        .collect();
    assert!(
        differing.is_empty(),
        "columns that differ (name, not null): {differing:#?}"
    );
    let differing: Vec<_> = sqlite_indexes
        .symmetric_difference(&postgres_indexes)
        .collect();
    assert!(
        differing.is_empty(),
        "indexes on one side only: {differing:#?}"
    );
}

#[tokio::test]
async fn every_statement_can_be_prepared_on_both_databases() {
    let sqlite = store::testing::sqlite().await;
    let mut lite = sqlx::SqliteConnection::connect(&sqlite.url).await.unwrap();
    let postgres = store::testing::postgres().await;
    let mut wrong = Vec::new();
    let statements = service::statements();
    assert!(
        statements.len() > 100,
        "the rooms list only {} statements",
        statements.len()
    );
    let mut shapes = BTreeMap::new();
    for statement in &statements {
        match (&mut lite)
            .prepare(statement.sql.sqlite.into_sql_str())
            .await
        {
            Ok(prepared) => {
                let names: Vec<String> = prepared
                    .columns()
                    .iter()
                    .map(|c| sqlx::Column::name(c).to_owned())
                    .collect();
                shapes.insert(statement.name, names);
            }
            Err(error) => wrong.push(format!("{} on SQLite: {error}", statement.name)),
        }
    }
    if let Some(postgres) = &postgres {
        let mut big = sqlx::PgConnection::connect(&postgres.url).await.unwrap();
        for statement in &statements {
            match (&mut big)
                .prepare(statement.sql.postgres.into_sql_str())
                .await
            {
                Ok(prepared) => {
                    let names = prepared.columns().len();
                    if shapes
                        .get(statement.name)
                        .is_some_and(|lite| lite.len() != names)
                    {
                        wrong.push(format!(
                            "{}: {names} columns on PostgreSQL, {:?} on SQLite",
                            statement.name, shapes[statement.name]
                        ));
                    }
                }
                Err(error) => wrong.push(format!("{} on PostgreSQL: {error}", statement.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The codes of the document are those of the answers.
#[test]
fn the_document_names_every_code_as_it_is_sent() {
    let document = serde_json::to_value(service::open_api()).unwrap();
    let told: BTreeSet<&str> = document["components"]["schemas"]["Code"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(serde_json::Value::as_str)
        .collect();
    let sent: BTreeSet<&str> = kernel::Code::ALL.iter().map(|code| code.text()).collect();
    assert_eq!(told, sent);
}

/// What other systems rely on changes only where somebody sees it. `ENGAGE_UPDATE=1` writes docs/openapi.json anew.
#[test]
fn the_openapi_document_is_the_committed_one() {
    let place = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    // Through text: keys in the order of their names, whatever serde_json keeps.
    let mut now = serde_json::to_value(service::open_api()).unwrap();
    now["info"]["version"] = serde_json::Value::Null;
    if std::env::var_os("ENGAGE_UPDATE").is_some() {
        std::fs::write(&place, pretty(&now, 0) + "\n").unwrap();
    }
    let kept = std::fs::read_to_string(&place).unwrap_or_default();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap_or_default();
    let differences = differences("", &kept, &now);
    assert!(
        differences.is_empty(),
        "the API has changed; if it shall, run this test with ENGAGE_UPDATE=1 and commit docs/openapi.json:\n{}",
        differences.join("\n")
    );
}

/// The places where two documents differ, at most twenty.
fn differences(at: &str, kept: &serde_json::Value, now: &serde_json::Value) -> Vec<String> {
    use serde_json::Value::Object;
    let mut found = Vec::new();
    match (kept, now) {
        (Object(a), Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let place = format!("{at}/{key}");
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => found.extend(differences(&place, a, b)),
                    (Some(_), None) => found.push(format!("- {place}")),
                    _ => found.push(format!("+ {place}")),
                }
            }
        }
        (a, b) if a != b => {
            let short =
                |value: &serde_json::Value| value.to_string().chars().take(120).collect::<String>();
            found.push(format!("~ {at}: {} → {}", short(a), short(b)));
        }
        _ => {}
    }
    found.truncate(20);
    found
}

/// Keys by name, two blanks a level: the same on every machine.
fn pretty(value: &serde_json::Value, depth: usize) -> String {
    use serde_json::Value::{Array, Object};
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Object(map) if !map.is_empty() => {
            let sorted: BTreeMap<&String, &serde_json::Value> = map.iter().collect();
            let lines: Vec<String> = sorted
                .into_iter()
                .map(|(key, value)| {
                    format!(
                        "{inner}{}: {}",
                        serde_json::json!(key),
                        pretty(value, depth + 1)
                    )
                })
                .collect();
            format!("{{\n{}\n{outer}}}", lines.join(",\n"))
        }
        Array(items) if !items.is_empty() => {
            let lines: Vec<String> = items
                .iter()
                .map(|item| format!("{inner}{}", pretty(item, depth + 1)))
                .collect();
            format!("[\n{}\n{outer}]", lines.join(",\n"))
        }
        plain => plain.to_string(),
    }
}
