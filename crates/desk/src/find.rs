//! Search as you type.
//!
//! Questions find the candidates, one after the other until the page is full. The first walks the names in their order from
//! what was typed: it answers at once however common the beginning is. On PostgreSQL a second one looks through the newest
//! customers: its word index collects all that meet a beginning before it gives the first, which takes long just where so
//! many meet it that the newest are enough. The last asks the word index for rows that have all the parts. None sorts what
//! it finds (a common pair of beginnings meets tens of thousands); the best of the candidates come first, and each candidate
//! is verified against the words that this asker may see.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use form::FieldKind;
use kernel::{Id, Moment, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Built, Kind, Reads};

use crate::list::{self, ListQuery};
use crate::record::{Customer, Row, row_columns, visible};
use crate::sight::Lenses;
use crate::words::{self, Asked, Query, Rank};
use crate::{Contact, Portfolio, Sight, contact};

/// A customer that was found, with what a row of the search box shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub id: Id<Customer>,
    pub type_key: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacted: Option<Moment>,
    /// The contact through whom the customer was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Via {
    pub contact: Id<Contact>,
    pub name: String,
}

/// How many candidates the word index is asked for.
const CANDIDATES: u32 = 200;
/// How many the order of names is asked for.
const NAMED: u32 = 40;
/// How many of the newest customers are looked through: whom one in a hundred meets fills a page of these, and they are in
/// memory from one search to the next.
const NEWEST: u32 = 2_000;
pub const DEFAULT_LIMIT: usize = 20;
pub const MAX_LIMIT: usize = 50;

store::statements! {
    /// What `by_name` and `by_words` build, for the test that prepares every statement; they add the asker's conditions.
    BY_NAME = concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.deleted IS NULL AND ", visible!(),
        " AND c.sort_name >= $1 AND c.sort_name < $2 ORDER BY c.sort_name, c.id LIMIT $3");
    /// What `among_newest` builds.
    AMONG_NEWEST = concat!("SELECT ", row_columns!(), " FROM (SELECT * FROM customer ORDER BY seq DESC LIMIT $1) c \
            WHERE ' ' || c.words LIKE $2 AND c.deleted IS NULL AND ", visible!(), " LIMIT $3");
    /// Each has its own full-text index.
    BY_WORDS = concat!("SELECT ", row_columns!(), " FROM customer_find CROSS JOIN customer c ON c.seq = customer_find.rowid \
            WHERE customer_find MATCH $1 AND c.deleted IS NULL AND ", visible!(), " ORDER BY customer_find.rowid DESC LIMIT $2"),
        concat!("SELECT ", row_columns!(), " FROM customer c WHERE engage_words(c.words) @@ $1::text::tsquery \
            AND c.deleted IS NULL AND ", visible!(), " LIMIT $2");
}

/// The best `limit` customers (20 when 0, at most 50) for what was typed so far. Nothing typed, nothing found.
pub async fn search(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    typed: &str,
    limit: usize,
) -> Result<Vec<Hit>> {
    let all = ListQuery::default();
    search_among(reads, sight, portfolio, typed, limit, &all).await
}

/// The same among the customers of a list: those of its type that meet its filter. A field that the asker may not filter by is
/// refused as in a list.
pub async fn search_among(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    typed: &str,
    limit: usize,
    list: &ListQuery,
) -> Result<Vec<Hit>> {
    let codes = calling_codes(portfolio);
    let query = Query::new(typed, &codes.iter().map(String::as_str).collect::<Vec<_>>());
    if query.is_empty() {
        return Ok(Vec::new());
    }
    let limit = if limit == 0 {
        DEFAULT_LIMIT
    } else {
        limit.min(MAX_LIMIT)
    };
    let lenses = Lenses::new(portfolio, sight);
    let mut found = Found {
        query: &query,
        lenses: &lenses,
        seen: BTreeSet::new(),
        ranked: Vec::new(),
    };
    if let Some(beginning) = query.name() {
        let rows = by_name(reads, sight, portfolio, list, beginning).await?;
        found.take(reads, sight, rows).await?;
    }
    if let Some(asked) = query.asked(reads.kind()) {
        if found.ranked.len() < limit
            && reads.kind() == Kind::Postgres
            && let Some(beginnings) = query.beginnings()
        {
            let rows = among_newest(reads, sight, portfolio, list, &beginnings).await?;
            found.take(reads, sight, rows).await?;
        }
        if found.ranked.len() < limit {
            let rows = by_words(reads, sight, portfolio, list, asked).await?;
            found.take(reads, sight, rows).await?;
        }
    }
    found
        .ranked
        .sort_by_key(|(rank, row, _)| (*rank, Reverse(row.contacted), row.id));
    found.ranked.truncate(limit);
    let hits = found
        .ranked
        .into_iter()
        .map(|(_, row, via)| hit(row, via, &lenses));
    Ok(hits.collect())
}

/// Those of the countries whose numbers are written without them.
fn calling_codes(portfolio: &Portfolio) -> BTreeSet<String> {
    let fields = portfolio.iter().flat_map(|of| &of.schema.fields);
    fields
        .filter_map(|f| match &f.kind {
            FieldKind::Phone { country } => country.clone(),
            _ => None,
        })
        .collect()
}

async fn by_name(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    list: &ListQuery,
    beginning: &str,
) -> Result<Vec<Row>> {
    let mut built = Built::new(
        reads.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM customer c WHERE c.deleted IS NULL AND ",
            visible!(),
            " AND c.sort_name >= "
        ),
    );
    built
        .bind(beginning)
        .push(" AND c.sort_name < ")
        .bind(format!("{beginning}\u{10ffff}"))
        .push(" AND ");
    list::push_read(&mut built, sight, portfolio, list)?;
    built.push(" ORDER BY c.sort_name, c.id LIMIT ").bind(NAMED);
    built.fetch_all(reads).await
}

async fn among_newest(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    list: &ListQuery,
    beginnings: &[&str],
) -> Result<Vec<Row>> {
    let mut built = Built::new(
        reads.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM (SELECT * FROM customer ORDER BY seq DESC LIMIT "
        ),
    );
    built.bind(NEWEST).push(concat!(
        ") c WHERE c.deleted IS NULL AND ",
        visible!(),
        " AND "
    ));
    list::push_read(&mut built, sight, portfolio, list)?;
    for beginning in beginnings {
        push_beginning(&mut built, beginning);
    }
    built.push(" LIMIT ").bind(CANDIDATES);
    built.fetch_all(reads).await
}

/// One of the row's words must begin so. Nothing that means more than itself in a pattern survives folding.
fn push_beginning(built: &mut Built, beginning: &str) {
    built
        .push(" AND ' ' || c.words LIKE ")
        .bind(format!("% {beginning}%"));
}

async fn by_words(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    list: &ListQuery,
    asked: Asked,
) -> Result<Vec<Row>> {
    let mut built = match reads.kind() {
        // CROSS JOIN: the index leads. Its rows come newest first by themselves.
        Kind::Sqlite => Built::new(
            Kind::Sqlite,
            concat!(
                "SELECT ",
                row_columns!(),
                " FROM customer_find CROSS JOIN customer c ON c.seq = customer_find.rowid WHERE customer_find MATCH "
            ),
        ),
        Kind::Postgres => Built::new(
            Kind::Postgres,
            concat!(
                "SELECT ",
                row_columns!(),
                " FROM customer c WHERE engage_words(c.words) @@ "
            ),
        ),
    };
    built.bind(asked.question);
    if reads.kind() == Kind::Postgres {
        built.push("::text::tsquery");
    }
    for beginning in asked.beginnings {
        push_beginning(&mut built, &beginning);
    }
    built.push(concat!(" AND c.deleted IS NULL AND ", visible!(), " AND "));
    list::push_read(&mut built, sight, portfolio, list)?;
    if reads.kind() == Kind::Sqlite {
        built.push(" ORDER BY customer_find.rowid DESC");
    }
    built.push(" LIMIT ").bind(CANDIDATES);
    built.fetch_all(reads).await
}

struct Found<'a> {
    query: &'a Query,
    lenses: &'a Lenses<'a>,
    seen: BTreeSet<Id<Customer>>,
    ranked: Vec<(Rank, Row, Option<Via>)>,
}

impl Found<'_> {
    /// Keeps the candidates that fit by what the asker may see.
    async fn take(&mut self, reads: &mut impl Reads, sight: &Sight, rows: Vec<Row>) -> Result<()> {
        let mut unmet = Vec::new();
        for row in rows {
            if !self.seen.insert(row.id) {
                continue;
            }
            let (name, words) = self.own_words(&row);
            match self.query.rank(&name, &words) {
                Some(rank) => self.ranked.push((rank, row, None)),
                None => unmet.push((row, words)),
            }
        }
        if unmet.is_empty() {
            return Ok(());
        }
        // The words of these may be a contact's.
        let ids: Vec<_> = unmet.iter().map(|(row, _)| row.id).collect();
        let mut contacts: BTreeMap<Id<Customer>, Vec<Contact>> = BTreeMap::new();
        for contact in contact::of_many(reads, &ids).await? {
            contacts.entry(contact.customer).or_default().push(contact);
        }
        for (row, own) in unmet {
            let candidates = contacts.remove(&row.id).unwrap_or_default();
            let met = candidates.into_iter().find_map(|contact| {
                let mut words =
                    words::of_contact(&contact, &|field| sight.shows_contact(field, &contact));
                words.extend(own.iter().cloned());
                let name = if sight.shows_contact("name", &contact) {
                    contact.name.as_str()
                } else {
                    ""
                };
                let rank = self.query.rank(name, &words)?;
                Some((
                    rank,
                    Via {
                        contact: contact.id,
                        name: name.to_owned(),
                    },
                ))
            });
            if let Some((rank, via)) = met {
                self.ranked.push((rank, row, Some(via)));
            }
        }
        Ok(())
    }

    /// The name and the words that the asker may know.
    fn own_words(&self, row: &Row) -> (String, Vec<words::Word>) {
        let Some(lens) = self.lenses.of(&row.type_key) else {
            return (String::new(), Vec::new());
        };
        let schema = &lens.of.schema;
        // Texts are stored as they are: no need to bring the other kinds into their canonical form.
        let values: &Map<String, Value> = &row.fields.0;
        let words = words::of_customer(schema, values, &|key| self.lenses.shows_field(key, row));
        let hidden = schema
            .title
            .iter()
            .any(|key| !self.lenses.shows_field(key, row));
        let name = if hidden || !self.lenses.shows("name", row) {
            String::new()
        } else {
            row.name.clone()
        };
        (name, words)
    }
}

fn hit(row: Row, via: Option<Via>, lenses: &Lenses<'_>) -> Hit {
    let first = |wanted: fn(&FieldKind) -> bool, customer: &Customer| {
        let of = lenses.of(&customer.type_key)?.of;
        let keys = of
            .schema
            .fields
            .iter()
            .filter(|f| wanted(&f.kind))
            .map(|f| f.key.as_str());
        keys.into_iter()
            .find_map(|key| customer.fields.get(key)?.as_str().map(str::to_owned))
    };
    let customer = row.seen(lenses);
    Hit {
        phone: first(|kind| matches!(kind, FieldKind::Phone { .. }), &customer),
        email: first(|kind| matches!(kind, FieldKind::Email), &customer),
        id: customer.id,
        type_key: customer.type_key,
        name: customer.name,
        document: customer.document,
        segment: customer.segment,
        contacted: customer.contacted,
        via,
    }
}
