use form::Words;
use kernel::{Moment, Page, Paged, Result};
use store::{Built, Reads};

use crate::Kind;

/// Which definitions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    pub kind: Option<Kind>,
    /// Part of the key or of a name, accents and case ignored.
    pub text: Option<String>,
    /// Only those with a draft (`true`) or without (`false`).
    pub draft: Option<bool>,
}

/// A line of the Designer's list.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub kind: Kind,
    pub key: String,
    pub name: Words,
    /// Newest published version; `None` while there is none.
    pub published: Option<i64>,
    /// There is a draft that differs from what is published.
    pub draft: bool,
    /// What the next save or publication must name.
    pub revision: i64,
    /// How many problems stood against publishing the draft when it was saved.
    pub problems: i64,
    pub changed: Moment,
    pub changed_by: String,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    kind: Kind,
    key: String,
    name_es: String,
    name_en: String,
    latest: i64,
    has_draft: bool,
    revision: i64,
    problems: i64,
    changed: Moment,
    changed_by_name: String,
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        Self {
            kind: row.kind,
            key: row.key,
            name: Words::new(row.name_es, row.name_en),
            published: (row.latest > 0).then_some(row.latest),
            draft: row.has_draft,
            revision: row.revision,
            problems: row.problems,
            changed: row.changed,
            changed_by: row.changed_by_name,
        }
    }
}

const COLUMNS: &str = "SELECT kind, key, name_es, name_en, latest, draft IS NOT NULL AS has_draft, revision, problems, \
    changed, changed_by_name FROM definition";

store::statements! {
    ONE = "SELECT kind, key, name_es, name_en, latest, draft IS NOT NULL AS has_draft, revision, problems, \
        changed, changed_by_name FROM definition WHERE kind = $1 AND key = $2";
}

/// The definitions, by kind and key.
pub async fn list(reads: &mut impl Reads, ask: &Ask, page: &Page) -> Result<Paged<Summary>> {
    let limit = page.limit();
    let mut built = Built::new(reads.kind(), COLUMNS);
    built.push(" WHERE 1 = 1");
    if let Some(kind) = ask.kind {
        built.push(" AND kind = ").bind(kind.text());
    }
    let words = ask
        .text
        .as_deref()
        .map(kernel::text::fold)
        .unwrap_or_default();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        // Folded text holds letters, digits and blanks only: nothing that LIKE would read as a pattern.
        built.push(" AND search LIKE ").bind(format!("%{word}%"));
    }
    match ask.draft {
        Some(true) => _ = built.push(" AND draft IS NOT NULL"),
        Some(false) => _ = built.push(" AND draft IS NULL"),
        None => {}
    }
    if let Some((kind, key)) = page
        .cursor
        .as_deref()
        .and_then(|cursor| cursor.split_once('/'))
    {
        built
            .push(" AND (kind, key) > (")
            .bind(kind)
            .push(", ")
            .bind(key)
            .push(")");
    }
    built
        .push(" ORDER BY kind, key LIMIT ")
        .bind(i64::from(limit) + 1);
    let mut items: Vec<Summary> = built
        .fetch_all::<Row>(reads)
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    let more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let last = items.last().filter(|_| more);
    Ok(Paged {
        next: last.map(|summary| format!("{}/{}", summary.kind, summary.key)),
        items,
        total: None,
    })
}

/// The line of one definition.
pub(crate) async fn one(reads: &mut impl Reads, kind: Kind, key: &str) -> Result<Option<Summary>> {
    Ok(store::fetch_optional!(reads, Row, ONE, kind, key)?.map(Into::into))
}
