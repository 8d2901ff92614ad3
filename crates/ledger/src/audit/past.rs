//! What a record looked like at an instant: its present state, with what the trail says was changed since taken back, change
//! by change. What the trail cannot vouch for is named, never guessed.

use std::collections::BTreeMap;

use kernel::{Moment, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::Reads;

use super::level::{self, Level, Levels};
use super::{Recorded, browse};

/// At most so many changes are taken back.
pub const MOST: i64 = 5_000;

/// What is recorded in place of a value that is not to be kept begins so.
pub const VEIL: &str = "••• ";

store::statements! {
    SINCE = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
        entity_id, customer, change, duration, outcome, note, hash FROM audit_entry \
        WHERE entity = $1 AND entity_id = $2 AND at > $3 AND outcome = 'done' \
        ORDER BY at DESC, lane DESC, number DESC LIMIT $4";
    LAST = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
        entity_id, customer, change, duration, outcome, note, hash FROM audit_entry \
        WHERE entity = $1 AND entity_id = $2 AND at <= $3 AND change IS NOT NULL \
        ORDER BY at DESC, lane DESC, number DESC LIMIT 1";
    LEVELS = "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, \
        entity_id, customer, change, duration, outcome, note, hash FROM audit_entry \
        WHERE operation = $1 AND at > $2 ORDER BY at DESC, lane DESC, number DESC LIMIT $3";
}

/// What was done with a record since an instant, newest first; `false` where there is more than [`MOST`].
pub async fn since(
    reads: &mut impl Reads,
    entity: &str,
    id: &str,
    at: Moment,
) -> Result<(Vec<Recorded>, bool)> {
    let mut found = store::fetch_all!(reads, Recorded, SINCE, entity, id, at, MOST + 1)?;
    let whole = found.len() <= MOST as usize;
    found.truncate(MOST as usize);
    Ok((found, whole))
}

/// The last change up to an instant: whose state it was.
pub async fn last_change(
    reads: &mut impl Reads,
    entity: &str,
    id: &str,
    at: Moment,
) -> Result<Option<Recorded>> {
    store::fetch_optional!(reads, Recorded, LAST, entity, id, at)
}

/// A time in which writes of a module's entity were not recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub from: Moment,
    /// Absent: still so.
    pub to: Option<Moment>,
}

/// When, since an instant, writes were not recorded because a level said so. Out of the levels' own entries, which are
/// always recorded.
pub async fn gaps(
    reads: &mut impl Reads,
    (module, entity): (&str, &str),
    at: Moment,
) -> Result<Vec<Gap>> {
    let mut levels = level::load(reads).await?;
    let changes = store::fetch_all!(reads, Recorded, LEVELS, level::OPERATION, at, MOST)?;
    Ok(gaps_of(&mut levels, &changes, (module, entity), at))
}

fn gaps_of(
    levels: &mut Levels,
    changes: &[Recorded],
    (module, entity): (&str, &str),
    at: Moment,
) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut end: Option<Moment> = None;
    let mut note = |levels: &Levels, from: Moment, to: Option<Moment>| {
        if levels.of(module, entity) > Level::Security {
            return;
        }
        match gaps.last_mut().filter(|g| Some(g.from) == to) {
            Some(later) => later.from = from,
            None => gaps.push(Gap { from, to }),
        }
    };
    for change in changes {
        note(levels, change.at, end);
        end = Some(change.at);
        let Some((module, entity)) = change
            .entity_id
            .as_deref()
            .and_then(|id| id.split_once('/'))
        else {
            continue;
        };
        levels
            .0
            .retain(|r| r.module != module || r.entity != entity);
        let (before, _) = sides(change);
        let word = before
            .as_ref()
            .and_then(|b| b.get("level"))
            .and_then(Value::as_str);
        if let Some(level) = word.and_then(|l| l.parse().ok()) {
            levels.0.push(level::Rule {
                module: module.to_owned(),
                entity: entity.to_owned(),
                level,
            });
        }
    }
    note(levels, at, end);
    gaps
}

/// Why a field's value cannot be vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It was sensitive: that it changed was recorded, not what it was.
    Veiled,
    /// What was there before a change is not what the one before it had left: something has changed it without a trace.
    Untraced,
}

/// A record as it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// `None`: it was not there (yet, or any more).
    pub state: Option<Map<String, Value>>,
    pub doubts: BTreeMap<String, Doubt>,
    /// Only the fields that the trail speaks of are known: the record is not there any more, and its end left no image.
    pub partial: bool,
}

/// A record's fields; `None` where there was no such record.
pub type Side = Option<Map<String, Value>>;

/// What an entry says was before and after it.
pub fn sides(entry: &Recorded) -> (Side, Side) {
    let Some(Ok(Value::Object(mut change))) =
        entry.change.as_deref().map(serde_json::from_str::<Value>)
    else {
        return (None, None);
    };
    let mut side = |name: &str| match change.remove(name) {
        Some(Value::Object(fields)) => Some(fields),
        _ => None,
    };
    (side("before"), side("after"))
}

fn is_veiled(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(VEIL))
}

/// Takes back, from the present state, what was done since: newest first.
pub fn reconstruct(present: Option<Map<String, Value>>, since: &[Recorded]) -> Past {
    let mut past = Past {
        state: present,
        ..Past::default()
    };
    for entry in since {
        let (before, after) = sides(entry);
        let made = entry.operation.ends_with(".create");
        match (before, after) {
            (None, after) if made => {
                past.check(&after.unwrap_or_default());
                past.state = None;
                past.partial = false;
            }
            (Some(before), None) => {
                past.state = Some(before);
                past.partial = false;
            }
            (before, Some(after)) => past.take_back(before.unwrap_or_default(), &after),
            (None, None) => {}
        }
    }
    let state = past.state.as_ref();
    past.doubts
        .retain(|_, doubt| state.is_some() || *doubt == Doubt::Untraced);
    if let Some(state) = &mut past.state {
        let veiled: Vec<_> = state
            .iter()
            .filter(|(_, v)| is_veiled(v))
            .map(|(k, _)| k.clone())
            .collect();
        for field in veiled {
            past.doubts.insert(field, Doubt::Veiled);
        }
    }
    past
}

impl Past {
    /// What a change left must be what stands there now.
    fn check(&mut self, after: &Map<String, Value>) {
        let Some(state) = &self.state else { return };
        for (field, left) in after {
            let known = state.get(field);
            if !is_veiled(left) && known.is_some_and(|v| !is_veiled(v)) && known != Some(left) {
                self.doubts.insert(field.clone(), Doubt::Untraced);
            }
        }
    }

    fn take_back(&mut self, before: Map<String, Value>, after: &Map<String, Value>) {
        self.check(after);
        if self.state.is_none() {
            self.partial = true;
        }
        let state = self.state.get_or_insert_default();
        for (field, left) in after {
            if !before.contains_key(field) {
                state.remove(field);
                if is_veiled(left) {
                    self.doubts.remove(field);
                }
            }
        }
        for (field, value) in before {
            if !after.contains_key(&field) && state.get(&field).is_some_and(|v| !v.is_null()) {
                self.doubts.insert(field.clone(), Doubt::Untraced);
            }
            state.insert(field, value);
        }
    }
}

impl Recorded {
    /// Where the entry is in the chain, as people and links name it.
    pub fn name(&self) -> String {
        format!("{}-{}", self.lane, self.number)
    }
}

/// The lane and number of [`Recorded::name`].
pub fn read_name(name: &str) -> Option<(i64, i64)> {
    let (lane, number) = name.split_once('-')?;
    Some((lane.parse().ok()?, number.parse().ok()?))
}

/// For a list of what happened since: only what changed something.
pub fn is_change(entry: &Recorded) -> bool {
    entry.change.is_some()
        || [".create", ".delete", ".restore", ".remove"]
            .iter()
            .any(|end| entry.operation.ends_with(end))
}

/// The order of the trail.
pub fn newest_first(entries: &mut [Recorded]) {
    entries.sort_by_key(|e| {
        std::cmp::Reverse(browse::Place {
            at: e.at,
            lane: e.lane,
            number: e.number,
        })
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Entry, chain};
    use super::*;
    use crate::Actor;

    fn entry(seconds: i64, operation: &'static str, change: Value) -> Recorded {
        let mut entry = Entry::new(operation, "desk", "customer").of("a");
        entry.change = Some(change);
        chain::Recorded::new(
            0,
            seconds,
            Moment::from_secs(seconds),
            Actor::system("test"),
            entry,
        )
    }

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    #[test]
    fn changes_are_taken_back_one_by_one() {
        let trail = [
            entry(
                30,
                "customer.change",
                json!({"before": {"name": "B", "mail": "x"}, "after": {"name": "C"}}),
            ),
            entry(
                20,
                "customer.change",
                json!({"before": {}, "after": {"mail": "x"}}),
            ),
            entry(10, "customer.create", json!({"after": {"name": "B"}})),
        ];
        let now = Some(map(json!({"name": "C", "phone": "1"})));
        let at = |n: usize| reconstruct(now.clone(), &trail[..n]);
        assert_eq!(
            at(1).state,
            Some(map(json!({"name": "B", "mail": "x", "phone": "1"})))
        );
        assert_eq!(at(2).state, Some(map(json!({"name": "B", "phone": "1"}))));
        assert_eq!(at(3), Past::default());
        assert!(at(2).doubts.is_empty());
    }

    #[test]
    fn what_was_changed_without_a_trace_is_doubted() {
        let trail = [entry(
            30,
            "customer.change",
            json!({"before": {"name": "B"}, "after": {"name": "C"}}),
        )];
        let past = reconstruct(Some(map(json!({"name": "Z"}))), &trail);
        assert_eq!(past.doubts.get("name"), Some(&Doubt::Untraced));
        let veiled = [entry(
            30,
            "customer.change",
            json!({"before": {"card": "••• 0a0a"}, "after": {"card": "••• 1b1b"}}),
        )];
        let past = reconstruct(Some(map(json!({"card": "4111"}))), &veiled);
        assert_eq!(past.doubts.get("card"), Some(&Doubt::Veiled));
    }

    #[test]
    fn what_is_gone_comes_back_from_its_last_image() {
        let trail = [entry(
            30,
            "contact.delete",
            json!({"before": {"name": "B"}}),
        )];
        assert_eq!(
            reconstruct(None, &trail).state,
            Some(map(json!({"name": "B"})))
        );
        let trail = [entry(
            20,
            "customer.change",
            json!({"before": {"name": "A"}, "after": {"name": "B"}}),
        )];
        let past = reconstruct(None, &trail);
        assert!(past.partial);
        assert_eq!(past.state, Some(map(json!({"name": "A"}))));
    }

    #[test]
    fn times_without_a_record_are_named() {
        let set = |seconds: i64, before: Value, after: Value| {
            let mut e = entry(
                seconds,
                "audit.level",
                json!({"before": before, "after": after}),
            );
            e.entity_id = Some("desk/customer".into());
            e
        };
        let changes = [
            set(40, json!({"level": "security"}), json!({"level": "reads"})),
            set(20, json!({}), json!({"level": "security"})),
        ];
        let mut now = Levels(vec![level::Rule {
            module: "desk".into(),
            entity: "customer".into(),
            level: Level::Reads,
        }]);
        let gaps = gaps_of(
            &mut now,
            &changes,
            ("desk", "customer"),
            Moment::from_secs(5),
        );
        let expected = Gap {
            from: Moment::from_secs(20),
            to: Some(Moment::from_secs(40)),
        };
        assert_eq!(gaps, [expected]);
    }
}
