//! What of the trail is shown: kept in the address, so that a link leads to the very same.

use api::audit::AuditQuery;
use kernel::Moment;
use leptos_router::params::ParamsMap;

use crate::{kit::now_ms, transport};

/// Periods that move with the clock; `own` has its two ends in the query.
pub const RANGES: [&str; 6] = ["hour", "day", "week", "month", "all", "own"];
const USUAL: &str = "week";

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    pub range: String,
    pub query: AuditQuery,
    /// The entry that is open.
    pub entry: Option<String>,
}

pub const NAMES: [&str; 9] = [
    "user",
    "role",
    "operation",
    "module",
    "entity",
    "record",
    "customer",
    "session",
    "outcome",
];

impl Asked {
    pub fn read(map: &ParamsMap) -> Self {
        let text = |name: &str| map.get(name).filter(|text| !text.is_empty());
        let range = text("range").filter(|r| RANGES.contains(&r.as_str()));
        Self {
            range: range.unwrap_or_else(|| USUAL.to_owned()),
            query: AuditQuery {
                from: text("from").and_then(|t| t.parse().ok()),
                to: text("to").and_then(|t| t.parse().ok()),
                user: text("user").and_then(|t| t.parse().ok()),
                role: text("role"),
                operation: text("operation"),
                module: text("module"),
                entity: text("entity"),
                record: text("record"),
                customer: text("customer").and_then(|t| t.parse().ok()),
                session: text("session").and_then(|t| t.parse().ok()),
                outcome: text("outcome"),
                q: text("q"),
                ..AuditQuery::default()
            },
            entry: text("entry"),
        }
    }

    /// The address of it.
    pub fn path(&self) -> String {
        let mut pairs = Vec::new();
        if self.range != USUAL {
            pairs.push(("range".to_owned(), self.range.clone()));
        }
        let mut kept = self.query.clone();
        if self.range != "own" {
            (kept.from, kept.to) = (None, None);
        }
        pairs.extend(transport::query_of(&kept));
        pairs.extend(self.entry.iter().map(|e| ("entry".to_owned(), e.clone())));
        let query: Vec<String> = pairs
            .iter()
            .map(|(name, value)| {
                let mut pair = format!("{name}=");
                api::path::encode(value, &mut pair);
                pair
            })
            .collect();
        if query.is_empty() {
            "/settings/audit".to_owned()
        } else {
            format!("/settings/audit?{}", query.join("&"))
        }
    }

    /// What the service is asked, with the period's beginning by the clock of now.
    pub fn asking(&self) -> AuditQuery {
        let hours = match self.range.as_str() {
            "hour" => 1.0,
            "day" => 24.0,
            "week" => 24.0 * 7.0,
            "month" => 24.0 * 30.0,
            "own" => return self.query.clone(),
            _ => {
                return AuditQuery {
                    from: None,
                    to: None,
                    ..self.query.clone()
                };
            }
        };
        // To the minute: the same question twice is the same.
        let minute = 60_000.0;
        let from = ((now_ms() - hours * 3_600_000.0) / minute).floor() * minute;
        AuditQuery {
            from: Some(moment(from)),
            to: None,
            ..self.query.clone()
        }
    }

    /// A condition as text, by its name in the address.
    pub fn condition(&self, name: &str) -> Option<String> {
        transport::query_of(&self.query)
            .into_iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value)
    }

    /// The same with one condition set, or taken away.
    pub fn with(&self, name: &str, value: Option<String>) -> Self {
        let mut this = self.clone();
        let query = &mut this.query;
        match name {
            "user" => query.user = value.and_then(|v| v.parse().ok()),
            "role" => query.role = value,
            "operation" => query.operation = value,
            "module" => query.module = value,
            "entity" => {
                query.record = None;
                query.entity = value;
            }
            "record" => query.record = value,
            "customer" => query.customer = value.and_then(|v| v.parse().ok()),
            "session" => query.session = value.and_then(|v| v.parse().ok()),
            "outcome" => query.outcome = value,
            "q" => query.q = value,
            _ => {}
        }
        this.entry = None;
        this
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds of a clock, far below 2^53"
)]
pub fn moment(ms: f64) -> Moment {
    Moment::from_millis(ms as i64)
}
