//! A table has one owner: only that room names it in SQL. What others may join with is a view that the owner publishes.

use std::{collections::BTreeMap, fs};

use super::{nothing_wrong, tree};
use crate::place::root;

/// Table → owner, from the `-- owner: ROOM` above each `CREATE TABLE`; it holds until another owner is named.
fn owners(migration: &str, findings: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut owners = BTreeMap::new();
    let mut owner: Option<&str> = None;
    for line in migration.lines().map(str::trim) {
        if let Some(named) = line.strip_prefix("-- owner:") {
            owner = Some(named.trim());
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let name = match words.as_slice() {
            ["CREATE", "TABLE", "IF", "NOT", "EXISTS", name, ..]
            | ["CREATE", "TABLE", name, ..]
            | ["CREATE", "UNLOGGED" | "VIRTUAL", "TABLE", name, ..] => {
                name.trim_matches(['(', '"', ';']).to_owned()
            }
            _ => continue,
        };
        match owner {
            Some(owner) => drop(owners.insert(name, owner.to_owned())),
            None => findings.push(format!("the table {name} names no owner above it")),
        }
    }
    owners
}

/// The tables that a text names in SQL: what follows FROM, JOIN, INTO and UPDATE, written in capitals as all our SQL is.
fn named(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let tokens = tokens(&code);
    let word = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.starts_with(|c: char| c.is_alphabetic() || c == '_'))
    };
    let is_sql = |token: &str| token.len() > 1 && token.chars().all(|c| c.is_ascii_uppercase());
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !matches!(*token, "FROM" | "JOIN" | "INTO" | "UPDATE") {
            continue;
        }
        let mut at = at + 1;
        while let Some(name) = word(at).filter(|name| !is_sql(name)) {
            found.push((*name).to_owned());
            // `FROM a x, b AS y`: past the alias, to what a comma announces.
            at += 1;
            if word(at).is_some_and(|token| *token == "AS") {
                at += 1;
            }
            if word(at).is_some_and(|token| !is_sql(token)) {
                at += 1;
            }
            if *token != "FROM" || tokens.get(at) != Some(&",") {
                break;
            }
            at += 1;
        }
    }
    found
}

/// Words, and each other sign by itself. The line break that a string continues over is none.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices() {
        if letter.is_alphanumeric() || letter == '_' {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            tokens.push(&text[from..at]);
        }
        if !letter.is_whitespace() && letter != '\\' {
            tokens.push(&text[at..at + letter.len_utf8()]);
        }
    }
    if let Some(from) = start {
        tokens.push(&text[from..]);
    }
    tokens
}

fn trespasses(
    owners: &BTreeMap<String, String>,
    room: &str,
    file: &str,
    text: &str,
) -> Vec<String> {
    let mut findings: Vec<String> = named(text)
        .into_iter()
        .filter_map(|table| {
            let owner = owners.get(&table)?;
            (owner != room).then(|| format!("{file}: the table {table} belongs to {owner}"))
        })
        .collect();
    findings.sort();
    findings.dedup();
    findings
}

/// The same numbers and names for both databases, without a gap.
fn unequal(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for (list, other, name) in [(sqlite, postgres, "postgres"), (postgres, sqlite, "sqlite")] {
        for file in list.iter().filter(|file| !other.contains(file)) {
            findings.push(format!("migrations/{name} lacks {file}"));
        }
    }
    for (index, file) in sqlite.iter().enumerate() {
        if !file.starts_with(&format!("{:04}_", index + 1)) {
            findings.push(format!("{file} is not number {:04}", index + 1));
        }
    }
    findings
}

fn migrations(kind: &str) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(root().join("migrations").join(kind))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn both_databases_have_the_same_migrations() {
    nothing_wrong(
        "migrations",
        &unequal(&migrations("sqlite"), &migrations("postgres")),
    );
}

#[test]
fn unequal_migrations_are_found() {
    let list = |files: &[&str]| -> Vec<String> { files.iter().map(|f| (*f).to_owned()).collect() };
    assert_eq!(
        unequal(&list(&["0001_a.sql"]), &list(&["0001_a.sql", "0002_b.sql"])).len(),
        1
    );
    assert_eq!(
        unequal(
            &list(&["0001_a.sql", "0003_c.sql"]),
            &list(&["0001_a.sql", "0003_c.sql"])
        )
        .len(),
        1,
        "a gap"
    );
}

#[test]
fn a_table_is_named_by_its_owner_only() {
    let mut findings = Vec::new();
    let mut all = BTreeMap::new();
    for kind in ["sqlite", "postgres"] {
        for file in migrations(kind) {
            let text =
                fs::read_to_string(root().join("migrations").join(kind).join(&file)).unwrap();
            all.extend(owners(&text, &mut findings));
        }
    }
    for file in tree::files().iter().filter(|file| file.ends_with(".rs")) {
        let mut steps = file.split('/');
        let room = match (steps.next(), steps.next(), steps.next()) {
            (Some("crates"), Some(room), Some("src")) => room,
            (Some("src-tauri"), ..) => "engage",
            (Some("ui"), ..) => "ui",
            _ => continue,
        };
        let Ok(text) = fs::read_to_string(root().join(file)) else {
            continue;
        };
        findings.extend(trespasses(&all, room, file, &text));
    }
    nothing_wrong("one owner for each table", &findings);
}

#[test]
fn a_trespass_is_found() {
    let mut findings = Vec::new();
    let owners = owners(
        "CREATE TABLE stray (id BLOB);\n-- owner: desk\n-- Whoever is served.\nCREATE TABLE customer (\n id BLOB\n);\n",
        &mut findings,
    );
    assert_eq!(owners["customer"], "desk");
    assert_eq!(findings.len(), 1, "a table without an owner: {findings:?}");
    for text in [
        "const A: &str = \"SELECT id FROM customer WHERE id = $1\";",
        "\"INSERT INTO customer (id)\"",
        "\"UPDATE customer SET name = $1\"",
        "\"SELECT 1 FROM instance i, customer c WHERE 1 = 1\"",
        "\"SELECT 1 FROM instance AS i,\\\n customer WHERE 1 = 1\"",
        "\"… LEFT JOIN\n    customer c ON c.id = i.customer\"",
    ] {
        assert_eq!(
            trespasses(&owners, "runner", "x.rs", text).len(),
            1,
            "{text}"
        );
        assert!(trespasses(&owners, "desk", "x.rs", text).is_empty());
    }
    for innocent in [
        "// SELECT id FROM customer",
        "OF = \"SELECT x FROM contact\", \"customer\"",
        "UPDATE = \"UPDATE contact SET name = $1, customer = $2\"",
        "\"INSERT INTO contact (id, customer) VALUES ($1, $2)\"",
        "\"SELECT name FROM customer_name_view\"",
        "\"ON CONFLICT DO UPDATE SET customer = excluded.customer\"",
    ] {
        assert!(
            trespasses(&owners, "runner", "x.rs", innocent).is_empty(),
            "{innocent}"
        );
    }
}
