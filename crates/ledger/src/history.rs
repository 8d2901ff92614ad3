//! The customer's history: what happened, on which channel, who did it, how long it took, how it ended. Append-only: a
//! mistake is corrected by another line.

use std::collections::BTreeMap;

use kernel::{Error, Id, Moment, Page, Paged, Result, Span};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use store::{Built, Reads, Tx};
use uuid::Uuid;

use crate::{Actor, User};

/// The kinds of lines that the product itself writes. The list is open: a solution may add its own words.
pub mod kinds {
    pub const INTERACTION: &str = "interaction";
    pub const PROCESS_STARTED: &str = "process_started";
    pub const ACTIVITY_CLOSED: &str = "activity_closed";
    /// Left by an error or escalation that the process catches.
    pub const ACTIVITY_EXCEPTION: &str = "activity_exception";
    pub const PROCESS_ENDED: &str = "process_ended";
    pub const PROCESS_CANCELLED: &str = "process_cancelled";
    /// To another version of its process.
    pub const PROCESS_MOVED: &str = "process_moved";
    /// Changed by hand.
    pub const PROCESS_MODIFIED: &str = "process_modified";
    pub const ESCALATION: &str = "escalation";
    pub const CUSTOMER_CREATED: &str = "customer_created";
    pub const CUSTOMER_CHANGED: &str = "customer_changed";
    pub const CASE_OPENED: &str = "case_opened";
    pub const CASE_CLOSED: &str = "case_closed";
    pub const NOTE: &str = "note";
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub id: Id<Line>,
    pub customer: Uuid,
    pub at: Moment,
    /// A word of [`kinds`], or a solution's own.
    pub kind: String,
    /// `phone`, `branch`, `mail`, `web`…; absent where no contact took place.
    pub channel: Option<String>,
    /// The process' name as it was.
    pub process: Option<String>,
    /// The activity's name as it was.
    pub activity: Option<String>,
    pub instance: Option<Uuid>,
    pub work_item: Option<Uuid>,
    pub priority: Option<i64>,
    /// Result or closing state: the outcome's name.
    pub state: Option<String>,
    pub user: Option<Id<User>>,
    pub user_name: String,
    pub duration: Option<Span>,
    pub summary: Summary,
    /// What a person may unfold: the form's values, what changed.
    pub details: Option<Value>,
}

/// The line in one sentence: of the catalogues where the product wrote it, as it stands where a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Summary {
    Key {
        /// A key of the `locale` catalogues.
        key: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        args: BTreeMap<String, String>,
    },
    Text {
        text: String,
    },
}

impl Summary {
    pub fn key(key: &str) -> Self {
        Self::Key {
            key: key.to_owned(),
            args: BTreeMap::new(),
        }
    }
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
    #[must_use]
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        if let Self::Key { args, .. } = &mut self {
            args.insert(name.to_owned(), value.to_string());
        }
        self
    }
}

impl Line {
    /// A line with only what every line has.
    pub fn new<C>(
        id: Id<Self>,
        customer: Id<C>,
        at: Moment,
        kind: &str,
        actor: &Actor,
        summary: Summary,
    ) -> Self {
        Self {
            id,
            customer: customer.uuid(),
            at,
            kind: kind.to_owned(),
            channel: None,
            process: None,
            activity: None,
            instance: None,
            work_item: None,
            priority: None,
            state: None,
            user: actor.user,
            user_name: actor.name.clone(),
            duration: None,
            summary,
            details: None,
        }
    }
}

/// What to show of a customer's history; empty lists mean all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    pub kinds: Vec<String>,
    pub channels: Vec<String>,
    pub from: Option<Moment>,
    /// Not included.
    pub to: Option<Moment>,
    /// Only this running process.
    pub instance: Option<Uuid>,
}

/// A customer's history at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glance {
    pub lines: i64,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    /// The last line that has a channel.
    pub last_contact: Option<Contact>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Contact {
    pub at: Moment,
    pub channel: String,
    pub user_name: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Id<Line>,
    customer: Uuid,
    at: Moment,
    kind: String,
    channel: Option<String>,
    process: Option<String>,
    activity: Option<String>,
    instance: Option<Uuid>,
    work_item: Option<Uuid>,
    priority: Option<i64>,
    state: Option<String>,
    user_id: Option<Id<User>>,
    user_name: String,
    duration: Option<i64>,
    summary: Json<Summary>,
    details: Option<Json<Value>>,
}

impl From<Row> for Line {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            customer: row.customer,
            at: row.at,
            kind: row.kind,
            channel: row.channel,
            process: row.process,
            activity: row.activity,
            instance: row.instance,
            work_item: row.work_item,
            priority: row.priority,
            state: row.state,
            user: row.user_id,
            user_name: row.user_name,
            duration: row.duration.map(Span::from_micros),
            summary: row.summary.0,
            details: row.details.map(|d| d.0),
        }
    }
}

const COLUMNS: &str = "SELECT id, customer, at, kind, channel, process, activity, instance, work_item, priority, state, \
    user_id, user_name, duration, summary, details FROM history WHERE customer = ";

store::statements! {
    /// Any number of lines in one statement, as a JSON document: the two databases unpack it each in its own way.
    INSERT = "INSERT INTO history (customer, at, id, kind, channel, process, activity, instance, work_item, priority, \
            state, user_id, user_name, duration, summary, details) \
        SELECT unhex(value ->> 'customer', '-'), value ->> 'at', unhex(value ->> 'id', '-'), value ->> 'kind', \
            value ->> 'channel', value ->> 'process', value ->> 'activity', unhex(value ->> 'instance', '-'), \
            unhex(value ->> 'work_item', '-'), value ->> 'priority', value ->> 'state', \
            unhex(value ->> 'user', '-'), value ->> 'user_name', value ->> 'duration', value -> 'summary', \
            nullif(value -> 'details', 'null') \
        FROM json_each($1)",
        "INSERT INTO history (customer, at, id, kind, channel, process, activity, instance, work_item, priority, \
            state, user_id, user_name, duration, summary, details) \
        SELECT customer, at, id, kind, channel, process, activity, instance, work_item, priority, \
            state, \"user\", user_name, duration, summary, details \
        FROM json_to_recordset($1::text::json) AS row (customer uuid, at timestamptz, id uuid, kind text, channel text, \
            process text, activity text, instance uuid, work_item uuid, priority bigint, state text, \"user\" uuid, \
            user_name text, duration bigint, summary jsonb, details jsonb)";
    GLANCE = "SELECT COUNT(*), MIN(at), MAX(at) FROM history WHERE customer = $1";
    LAST_CONTACT = "SELECT at, channel, user_name FROM history WHERE customer = $1 AND channel IS NOT NULL \
        ORDER BY at DESC, id DESC LIMIT 1";
}

/// How many lines go into one statement.
const BATCH: usize = 1_000;

/// Writes the lines, of one customer or many, in one statement per thousand.
pub async fn append(tx: &mut Tx, lines: &[Line]) -> Result<()> {
    for batch in lines.chunks(BATCH) {
        let mut document = serde_json::to_string(batch).map_err(Error::internal)?;
        // PostgreSQL's text holds no U+0000; what a form let through must not stop the work.
        if document.contains("\\u0000") {
            document = crate::audit::chain::without_nul(&document);
        }
        store::execute!(tx, INSERT, document)?;
    }
    Ok(())
}

/// A part of a customer's history, newest first. `total` is not counted: see [`glance`].
pub async fn page<C>(
    reads: &mut impl Reads,
    customer: Id<C>,
    page: &Page,
    ask: &Ask,
) -> Result<Paged<Line>> {
    let mut built = Built::new(reads.kind(), COLUMNS);
    built.bind(customer.uuid());
    for (column, words) in [
        (" AND kind IN (", &ask.kinds),
        (" AND channel IN (", &ask.channels),
    ] {
        if words.is_empty() {
            continue;
        }
        built.push(column);
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                built.push(", ");
            }
            built.bind(word.as_str());
        }
        built.push(")");
    }
    if let Some(from) = ask.from {
        built.push(" AND at >= ").bind(from);
    }
    if let Some(to) = ask.to {
        built.push(" AND at < ").bind(to);
    }
    if let Some(instance) = ask.instance {
        built.push(" AND instance = ").bind(instance);
    }
    if let Some(cursor) = &page.cursor {
        let (at, id) = read_cursor(cursor)?;
        built
            .push(" AND (at, id) < (")
            .bind(at)
            .push(", ")
            .bind(id)
            .push(")");
    }
    let limit = page.limit() as usize;
    built
        .push(" ORDER BY at DESC, id DESC LIMIT ")
        .bind(i64::from(page.limit()) + 1);
    let mut items: Vec<Line> = built
        .fetch_all::<Row>(reads)
        .await?
        .into_iter()
        .map(Line::from)
        .collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|l| format!("{}.{}", l.at.as_micros(), l.id.uuid().simple()));
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

fn read_cursor(cursor: &str) -> Result<(Moment, Id<Line>)> {
    let read = || {
        let (at, id) = cursor.split_once('.')?;
        Some((Moment::from_micros(at.parse().ok()?), id.parse().ok()?))
    };
    read().ok_or_else(|| Error::invalid("cursor", "cursor"))
}

/// How much there is and when the customer was last in contact.
pub async fn glance<C>(reads: &mut impl Reads, customer: Id<C>) -> Result<Glance> {
    type Counted = (i64, Option<Moment>, Option<Moment>);
    let (lines, first, last) = store::fetch_one!(reads, Counted, GLANCE, customer.uuid())?;
    let last_contact = store::fetch_optional!(reads, Contact, LAST_CONTACT, customer.uuid())?;
    Ok(Glance {
        lines,
        first,
        last,
        last_contact,
    })
}
