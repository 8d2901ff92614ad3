//! The trail as an administrator looks at it.

use kernel::{Error, Id, Moment, Page, Paged, Result};
use serde::{Deserialize, Serialize};
use store::{Built, Reads};
use uuid::Uuid;

use super::{Outcome, Recorded};
use crate::User;

/// Which entries to show; what is absent does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    pub from: Option<Moment>,
    /// Not included.
    pub to: Option<Moment>,
    pub user: Option<Id<User>>,
    /// The whole word, or with a dot at its end all that begin so: `session.`
    pub operation: Option<String>,
    pub module: Option<String>,
    pub entity: Option<String>,
    pub entity_id: Option<String>,
    pub customer: Option<Uuid>,
    pub outcome: Option<Outcome>,
}

const COLUMNS: &str = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
    entity_id, customer, change, duration, outcome, note, hash FROM audit_entry WHERE TRUE";

/// A part of the trail, newest first.
pub async fn page(reads: &mut impl Reads, page: &Page, ask: &Ask) -> Result<Paged<Recorded>> {
    let mut built = Built::new(reads.kind(), COLUMNS);
    if let Some(from) = ask.from {
        built.push(" AND at >= ").bind(from);
    }
    if let Some(to) = ask.to {
        built.push(" AND at < ").bind(to);
    }
    if let Some(user) = ask.user {
        built.push(" AND user_id = ").bind(user);
    }
    if let Some(operation) = &ask.operation {
        if operation.ends_with('.') {
            // The range of all words with this beginning: `.` is followed by `/`. By code point on both.
            let after = format!("{}/", operation.trim_end_matches('.'));
            built.push(" AND operation >= ").bind(operation.as_str());
            built.push(if built.kind() == store::Kind::Postgres {
                " COLLATE \"C\" AND operation < "
            } else {
                " AND operation < "
            });
            built.bind(after);
            built.push(if built.kind() == store::Kind::Postgres {
                " COLLATE \"C\""
            } else {
                ""
            });
        } else {
            built.push(" AND operation = ").bind(operation.as_str());
        }
    }
    if let Some(customer) = ask.customer {
        built.push(" AND customer = ").bind(customer);
    }
    if let Some(outcome) = ask.outcome {
        built.push(" AND outcome = ").bind(outcome.text());
    }
    for (column, wanted) in [
        (" AND module = ", &ask.module),
        (" AND entity = ", &ask.entity),
        (" AND entity_id = ", &ask.entity_id),
    ] {
        if let Some(wanted) = wanted {
            built.push(column).bind(wanted.as_str());
        }
    }
    if let Some(cursor) = &page.cursor {
        let (at, lane, number) = read_cursor(cursor)?;
        built
            .push(" AND (at, lane, number) < (")
            .bind(at)
            .push(", ")
            .bind(lane)
            .push(", ")
            .bind(number)
            .push(")");
    }
    let limit = page.limit() as usize;
    built
        .push(" ORDER BY at DESC, lane DESC, number DESC LIMIT ")
        .bind(i64::from(page.limit()) + 1);
    let mut items: Vec<Recorded> = built.fetch_all(reads).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items
        .last()
        .filter(|_| more)
        .map(|e| format!("{}.{}.{}", e.at.as_micros(), e.lane, e.number));
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

fn read_cursor(cursor: &str) -> Result<(Moment, i64, i64)> {
    let read = || {
        let mut parts = cursor.split('.').map(|p| p.parse::<i64>().ok());
        let place = (
            Moment::from_micros(parts.next()??),
            parts.next()??,
            parts.next()??,
        );
        parts.next().is_none().then_some(place)
    };
    read().ok_or_else(|| Error::invalid("cursor", "cursor"))
}
