//! What waits for whom (features W-03, W-04, W-12, A-06, A-07).

use kernel::{Error, Filter, Id, Moment, Page, Paged, Result, SortDirection};
use ledger::User;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use store::filter::{Column, ColumnKind};
use store::{Built, Reads, Sql};

use crate::rows::Reason;
use crate::words::{Customer, Instance, WorkItem, WorkItemState};

/// Which work items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Given to the user, and what lies in the user's groups for anybody.
    #[default]
    All,
    /// Given to or claimed by the user.
    Mine,
    /// In the user's groups, for anybody.
    Groups,
    /// Everything in these groups, whoever has it: the supervisor's view.
    Team,
    /// What the user has closed.
    Closed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxSort {
    /// Without a due time: at the end.
    #[default]
    Due,
    Opened,
    Closed,
    Name,
    Process,
    Customer,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InboxQuery {
    pub user: Option<Id<User>>,
    /// Keys of the groups.
    pub groups: Vec<String>,
    pub scope: Scope,
    pub process: Option<String>,
    pub customer: Option<Id<Customer>>,
    pub due_before: Option<Moment>,
    /// Part of the work item's or the customer's name.
    pub text: Option<String>,
    /// By `name`, `element`, `process`, `state`, `group`, `assignee`, `sender`, `customer`, `customer_name`,
    /// `customer_type`, `segment`, `level`, `due`, `opened`, `closed`, `outcome`.
    pub filter: Option<Filter>,
    pub sort: InboxSort,
    pub direction: SortDirection,
}

/// A line of an inbox.
#[derive(Clone, Debug, PartialEq, Serialize, FromRow)]
pub struct WorkItemLine {
    pub id: Id<WorkItem>,
    pub instance: Id<Instance>,
    pub process: String,
    pub process_version: i64,
    pub element: String,
    pub name: String,
    pub state: WorkItemState,
    /// Key of the group.
    #[sqlx(rename = "group_key")]
    pub group: Option<String>,
    pub group_name: Option<String>,
    pub assignee: Option<Id<User>>,
    pub assignee_name: Option<String>,
    pub sender: Option<Id<User>>,
    pub sender_name: Option<String>,
    pub customer: Option<Id<Customer>>,
    pub customer_name: Option<String>,
    pub customer_type: Option<String>,
    pub segment: Option<String>,
    /// How many rungs of its escalation ladder it has climbed.
    pub level: i64,
    pub due: Option<Moment>,
    /// Since when the customer is awaited: its time stands still.
    pub paused: Option<Moment>,
    pub opened: Moment,
    pub closed: Option<Moment>,
    pub closed_by_name: Option<String>,
    pub outcome: Option<String>,
    /// Why it lies here.
    #[serde(serialize_with = "plain")]
    pub reason: Json<Reason>,
    pub version: i64,
}

fn plain<S: serde::Serializer>(reason: &Json<Reason>, serializer: S) -> Result<S::Ok, S::Error> {
    reason.0.serialize(serializer)
}

macro_rules! lines {
    () => {
        "SELECT w.id, w.instance, w.process, w.process_version, w.element, w.name, w.state, w.group_key, w.assignee,
            a.name AS assignee_name, w.sender, s.name AS sender_name, g.name AS group_name, w.customer, c.name AS customer_name,
            c.type_key AS customer_type, c.segment, w.level, w.due, w.paused, w.opened, w.closed, e.name AS closed_by_name, w.outcome,
            w.reason, w.version
         FROM work_item w LEFT JOIN customer_name_view c ON c.id = w.customer LEFT JOIN user_name_view a ON a.id = w.assignee
            LEFT JOIN user_name_view s ON s.id = w.sender LEFT JOIN user_name_view e ON e.id = w.closed_by
            LEFT JOIN group_name_view g ON g.key = w.group_key"
    };
}

store::statements! {
    LINE = concat!(lines!(), " WHERE w.id = $1");
    OF_INSTANCE = concat!(lines!(), " WHERE w.instance = $1 ORDER BY w.opened, w.id");
}

pub(crate) async fn line(reads: &mut impl Reads, id: Id<WorkItem>) -> Result<Option<WorkItemLine>> {
    store::fetch_optional!(reads, WorkItemLine, LINE, id)
}

pub(crate) async fn of_instance(
    reads: &mut impl Reads,
    id: Id<Instance>,
) -> Result<Vec<WorkItemLine>> {
    store::fetch_all!(reads, WorkItemLine, OF_INSTANCE, id)
}

fn column(field: &str) -> Option<Column> {
    let (kind, sql) = match field {
        "name" => (ColumnKind::Text, "w.name"),
        "element" => (ColumnKind::Text, "w.element"),
        "process" => (ColumnKind::Text, "w.process"),
        "state" => (ColumnKind::Text, "w.state"),
        "group" => (ColumnKind::Text, "w.group_key"),
        "outcome" => (ColumnKind::Text, "w.outcome"),
        "customer_name" => (ColumnKind::Text, "c.name"),
        "group_name" => (ColumnKind::Text, "g.name"),
        "customer_type" => (ColumnKind::Text, "c.type_key"),
        "segment" => (ColumnKind::Text, "c.segment"),
        "assignee" => (ColumnKind::Uuid, "w.assignee"),
        "sender" => (ColumnKind::Uuid, "w.sender"),
        "customer" => (ColumnKind::Uuid, "w.customer"),
        "level" => (ColumnKind::Integer, "w.level"),
        "due" => (ColumnKind::Moment, "w.due"),
        "opened" => (ColumnKind::Moment, "w.opened"),
        "closed" => (ColumnKind::Moment, "w.closed"),
        _ => return None,
    };
    Some(Column::new(kind, Sql::both(sql)))
}

/// Later than anything that happens: where work items without a due time stand.
const FAR: Moment = Moment::from_secs(221_845_392_000);

pub async fn inbox(
    reads: &mut impl Reads,
    query: &InboxQuery,
    page: &Page,
) -> Result<Paged<WorkItemLine>> {
    let mut sql = Built::new(reads.kind(), lines!());
    sql.push(" WHERE ");
    in_scope(&mut sql, query);
    if let Some(process) = &query.process {
        sql.push(" AND w.process = ").bind(process.as_str());
    }
    if let Some(customer) = query.customer {
        sql.push(" AND w.customer = ").bind(customer);
    }
    if let Some(due) = query.due_before {
        sql.push(" AND w.due < ").bind(due);
    }
    if let Some(text) = query
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let pattern = format!(
            "%{}%",
            text.to_lowercase()
                .replace('\\', "\\\\")
                .replace('%', "\\%")
                .replace('_', "\\_")
        );
        sql.push(" AND (lower(w.name) LIKE ").bind(pattern.as_str());
        sql.push(" ESCAPE '\\' OR lower(c.name) LIKE ")
            .bind(pattern)
            .push(" ESCAPE '\\')");
    }
    if let Some(filter) = &query.filter {
        sql.push(" AND ");
        store::filter::push(&mut sql, filter, &column)?;
    }
    let up = query.direction == SortDirection::Ascending;
    if let Some(cursor) = &page.cursor {
        let bad = || Error::invalid("cursor", "cursor");
        let (id, key) = cursor.split_once('|').ok_or_else(bad)?;
        let id = Id::<WorkItem>::new(id.parse().map_err(|_| bad())?);
        sql.push(" AND (");
        sort_key(&mut sql, query.sort);
        sql.push(if up { " > " } else { " < " });
        bind_key(&mut sql, query.sort, key)?;
        sql.push(" OR ");
        sort_key(&mut sql, query.sort);
        sql.push(" = ");
        bind_key(&mut sql, query.sort, key)?;
        sql.push(if up { " AND w.id > " } else { " AND w.id < " })
            .bind(id)
            .push(")");
    }
    sql.push(" ORDER BY ");
    sort_key(&mut sql, query.sort);
    sql.push(if up {
        ", w.id LIMIT "
    } else {
        " DESC, w.id DESC LIMIT "
    })
    .bind(i64::from(page.limit()) + 1);
    let mut items: Vec<WorkItemLine> = sql.fetch_all(reads).await?;
    let more = items.len() > page.limit() as usize;
    items.truncate(page.limit() as usize);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| format!("{}|{}", last.id, key_of(last, query.sort)));
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

fn in_scope(sql: &mut Built, query: &InboxQuery) {
    if query.scope == Scope::Closed {
        sql.push("w.closed_by IS NOT NULL AND w.state = 'completed' AND ");
        match query.user {
            Some(user) => sql.push("w.closed_by = ").bind(user),
            None => sql.push("FALSE"),
        };
        return;
    }
    sql.push("w.state IN ('open', 'claimed') AND (");
    let mine = matches!(query.scope, Scope::All | Scope::Mine);
    let groups = !matches!(query.scope, Scope::Mine) && !query.groups.is_empty();
    match query.user.filter(|_| mine) {
        Some(user) => sql.push("w.assignee = ").bind(user),
        None => sql.push("FALSE"),
    };
    if groups {
        sql.push(if query.scope == Scope::Team {
            " OR ("
        } else {
            " OR (w.assignee IS NULL AND "
        });
        sql.push("w.group_key IN (");
        for (at, group) in query.groups.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " })
                .bind(group.as_str());
        }
        sql.push("))");
    }
    sql.push(")");
}

/// The expression by which lines are ordered; never null, so that an order has a next line.
fn sort_key(sql: &mut Built, sort: InboxSort) {
    match sort {
        InboxSort::Due => sql.push("coalesce(w.due, ").bind(FAR).push(")"),
        InboxSort::Opened => sql.push("w.opened"),
        InboxSort::Closed => sql.push("coalesce(w.closed, ").bind(FAR).push(")"),
        InboxSort::Name => sql.push("w.name"),
        InboxSort::Process => sql.push("w.process"),
        InboxSort::Customer => sql.push("coalesce(c.name, '')"),
    };
}

fn bind_key(sql: &mut Built, sort: InboxSort, key: &str) -> Result<()> {
    match sort {
        InboxSort::Due | InboxSort::Opened | InboxSort::Closed => {
            sql.bind(
                key.parse::<Moment>()
                    .map_err(|_| Error::invalid("cursor", "cursor"))?,
            );
        }
        InboxSort::Name | InboxSort::Process | InboxSort::Customer => {
            sql.bind(key);
        }
    }
    Ok(())
}

fn key_of(line: &WorkItemLine, sort: InboxSort) -> String {
    match sort {
        InboxSort::Due => line.due.unwrap_or(FAR).to_string(),
        InboxSort::Opened => line.opened.to_string(),
        InboxSort::Closed => line.closed.unwrap_or(FAR).to_string(),
        InboxSort::Name => line.name.clone(),
        InboxSort::Process => line.process.clone(),
        InboxSort::Customer => line.customer_name.clone().unwrap_or_default(),
    }
}

/// The numbers beside the inbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InboxCounts {
    pub mine: i64,
    /// Of the user's groups, for anybody; groups with nothing are left out.
    pub groups: Vec<GroupCount>,
    /// Of both, past their due time.
    pub overdue: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupCount {
    pub group: String,
    pub count: i64,
}

pub async fn counts(
    reads: &mut impl Reads,
    user: Option<Id<User>>,
    groups: &[String],
    now: Moment,
) -> Result<InboxCounts> {
    #[derive(FromRow)]
    struct Row {
        mine: bool,
        group_key: Option<String>,
        count: i64,
        overdue: i64,
    }
    let query = InboxQuery {
        user,
        groups: groups.to_vec(),
        ..InboxQuery::default()
    };
    let mut sql = Built::new(
        reads.kind(),
        "SELECT w.assignee IS NOT NULL AS mine, CASE WHEN w.assignee IS NULL THEN w.group_key END AS group_key,
            count(*) AS count, count(CASE WHEN w.due < ",
    );
    sql.bind(now)
        .push(" THEN 1 END) AS overdue FROM work_item w WHERE ");
    in_scope(&mut sql, &query);
    sql.push(" GROUP BY 1, 2 ORDER BY 1, 2");
    let mut counts = InboxCounts::default();
    for row in sql.fetch_all::<Row>(reads).await? {
        counts.overdue += row.overdue;
        match row.group_key {
            Some(group) if !row.mine => counts.groups.push(GroupCount {
                group,
                count: row.count,
            }),
            _ => counts.mine += row.count,
        }
    }
    Ok(counts)
}
