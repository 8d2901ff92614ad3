//! Steps that could not go on: listed, and grouped by what went wrong, so that what was mended once is retried in bulk.

use kernel::{Error, Id, Moment, Page, Paged, Result};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use store::{Built, Reads};

use crate::words::{Incident, Instance};

#[derive(Clone, Debug, Serialize, FromRow)]
pub struct IncidentLine {
    pub id: Id<Incident>,
    pub instance: Id<Instance>,
    pub activity: i64,
    pub process: String,
    pub process_version: i64,
    pub element: String,
    pub code: String,
    pub message: String,
    pub pattern: String,
    pub raised: Moment,
    pub resolved: Option<Moment>,
}

/// Open incidents with the same cause: at the same element of the same version, with the same code and messages that say the
/// same but for numbers, ids and quoted words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
pub struct IncidentGroup {
    pub process: String,
    pub process_version: i64,
    pub element: String,
    pub code: String,
    pub pattern: String,
    /// The message of one of them.
    pub message: String,
    pub count: i64,
    pub first: Moment,
    pub last: Moment,
}

/// Empty: all open ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IncidentQuery {
    pub instance: Option<Id<Instance>>,
    pub process: Option<String>,
    pub process_version: Option<i64>,
    pub element: Option<String>,
    pub code: Option<String>,
    pub pattern: Option<String>,
    /// Only these, where any are named.
    pub ids: Vec<Id<Incident>>,
    pub resolved_too: bool,
}

store::statements! {
    GROUPS = "SELECT process, process_version, element, code, pattern, max(message) AS message, count(*) AS count,
            min(raised) AS first, max(raised) AS last
        FROM incident WHERE resolved IS NULL GROUP BY process, process_version, element, code, pattern
        ORDER BY count(*) DESC, process, element, code, pattern LIMIT 500";
    OPEN_AT = "SELECT id, process FROM incident WHERE instance = $1 AND activity = $2 AND resolved IS NULL ORDER BY id DESC LIMIT 1";
    PLACE = "SELECT instance, activity, resolved FROM incident WHERE id = $1";
}

pub async fn incident_groups(reads: &mut impl Reads) -> Result<Vec<IncidentGroup>> {
    store::fetch_all!(reads, IncidentGroup, GROUPS)
}

/// Newest first.
pub async fn incidents(
    reads: &mut impl Reads,
    query: &IncidentQuery,
    page: &Page,
) -> Result<Paged<IncidentLine>> {
    let mut sql = Built::new(
        reads.kind(),
        "SELECT id, instance, activity, process, process_version, element, code, message, pattern, raised, resolved FROM incident WHERE ",
    );
    condition(&mut sql, query);
    if let Some(cursor) = &page.cursor {
        // Ids are made in the order of time.
        let id = cursor
            .parse()
            .map_err(|_| Error::invalid("cursor", "cursor"))?;
        sql.push(" AND id < ").bind(Id::<Incident>::new(id));
    }
    sql.push(" ORDER BY id DESC LIMIT ")
        .bind(i64::from(page.limit()) + 1);
    let mut items: Vec<IncidentLine> = sql.fetch_all(reads).await?;
    let more = items.len() > page.limit() as usize;
    items.truncate(page.limit() as usize);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| last.id.to_string());
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

fn condition(sql: &mut Built, query: &IncidentQuery) {
    sql.push(if query.resolved_too {
        "TRUE"
    } else {
        "resolved IS NULL"
    });
    if let Some(instance) = query.instance {
        sql.push(" AND instance = ").bind(instance);
    }
    if let Some(process) = &query.process {
        sql.push(" AND process = ").bind(process.as_str());
    }
    if let Some(version) = query.process_version {
        sql.push(" AND process_version = ").bind(version);
    }
    if let Some(element) = &query.element {
        sql.push(" AND element = ").bind(element.as_str());
    }
    if let Some(code) = &query.code {
        sql.push(" AND code = ").bind(code.as_str());
    }
    if let Some(pattern) = &query.pattern {
        sql.push(" AND pattern = ").bind(pattern.as_str());
    }
    if !query.ids.is_empty() {
        sql.push(" AND id IN (");
        for (at, id) in query.ids.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " }).bind(*id);
        }
        sql.push(")");
    }
}

/// Open ones with greater ids, in their order: id, instance, activity. Only those raised until then: what fails again is
/// not taken again.
pub(crate) async fn after(
    reads: &mut impl Reads,
    query: &IncidentQuery,
    (after, until): (Id<Incident>, Moment),
    limit: i64,
) -> Result<Vec<(Id<Incident>, Id<Instance>, i64)>> {
    let mut sql = Built::new(
        reads.kind(),
        "SELECT id, instance, activity FROM incident WHERE resolved IS NULL AND ",
    );
    condition(&mut sql, query);
    sql.push(" AND id > ").bind(after);
    sql.push(" AND raised <= ").bind(until);
    sql.push(" ORDER BY id LIMIT ").bind(limit);
    sql.fetch_all(reads).await
}

/// The open incident of an activity, and its process.
pub(crate) async fn open_at(
    reads: &mut impl Reads,
    instance: Id<Instance>,
    activity: u32,
) -> Result<Option<(Id<Incident>, String)>> {
    let activity = i64::from(activity);
    store::fetch_optional!(reads, (Id<Incident>, String), OPEN_AT, instance, activity)
}

/// Where it stands: instance, activity, and whether it is over.
pub(crate) async fn place(
    reads: &mut impl Reads,
    id: Id<Incident>,
) -> Result<Option<(Id<Instance>, i64, bool)>> {
    let row = store::fetch_optional!(reads, (Id<Instance>, i64, Option<Moment>), PLACE, id)?;
    Ok(row.map(|(instance, activity, resolved)| (instance, activity, resolved.is_some())))
}
