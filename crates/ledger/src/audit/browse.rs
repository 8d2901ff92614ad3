//! The trail as an administrator looks at it.
//!
//! Every call looks at no more than [`BUDGET`] entries, however many there are: one condition, the one that narrows most,
//! drives the list through an index that ends in the time; the others are tried on what comes by. Where that does not fill
//! the page, the answer says up to where it has looked, and the next call goes on from there.

use kernel::{Error, Filter, Id, Moment, Page, Paged, Result};
use serde::{Deserialize, Serialize};
use store::filter::{Column, ColumnKind};
use store::{Built, Kind, Reads, Sql};
use uuid::Uuid;

use super::{Outcome, Recorded};
use crate::{Session, User};

/// Which entries to show; what is absent does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ask {
    pub from: Option<Moment>,
    /// Not included.
    pub to: Option<Moment>,
    pub user: Option<Id<User>>,
    /// A role's key, as it was held then.
    pub role: Option<String>,
    /// The whole word, or with a dot at its end all that begin so: `session.`
    pub operation: Option<String>,
    pub module: Option<String>,
    pub entity: Option<String>,
    pub entity_id: Option<String>,
    pub customer: Option<Uuid>,
    pub session: Option<Id<Session>>,
    pub outcome: Option<Outcome>,
    /// Whatever else must hold: by the fields that [`column`] knows.
    pub also: Option<Filter>,
}

/// Where an entry stands in the order of time. As text: microseconds, lane, number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Place {
    pub at: Moment,
    pub lane: i64,
    pub number: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Older,
    Newer,
}

/// A part of the trail, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    pub items: Vec<Recorded>,
    /// From where to go on towards older ones; absent at the beginning of the trail.
    pub older: Option<Place>,
    /// From where to go on towards newer ones. Absent where a list from the top has none; those that come later stand after
    /// its first item.
    pub newer: Option<Place>,
    /// The page is not full because so many entries were looked at without finding more: up to here.
    pub looked_to: Option<Moment>,
}

/// At most so many entries are looked at in one call.
pub const BUDGET: i64 = 20_000;
/// How many at a time where entries must be read to be judged.
const STEP: i64 = 1_000;

macro_rules! entries {
    ($before:literal) => {
        concat!(
            $before,
            "SELECT lane, number, at, user_id, user_name, role, kind, session, node, operation, module, entity, ",
            "entity_id, customer, change, duration, outcome, note, hash FROM "
        )
    };
}
const ENTRIES: &str = entries!("");

store::statements! {
    ONE = concat!(entries!(""), "audit_entry WHERE lane = $1 AND number = $2");
    /// From one word to the next through the index: as many steps as there are words, not as there are entries.
    OPERATIONS = "WITH RECURSIVE word (operation) AS (\
            SELECT MIN(operation) FROM audit_entry \
            UNION ALL SELECT (SELECT MIN(e.operation) FROM audit_entry AS e WHERE e.operation > word.operation) \
            FROM word WHERE word.operation IS NOT NULL) \
        SELECT w.operation, (SELECT e.module FROM audit_entry AS e WHERE e.operation = w.operation ORDER BY e.at DESC LIMIT 1), \
            (SELECT e.entity FROM audit_entry AS e WHERE e.operation = w.operation ORDER BY e.at DESC LIMIT 1) \
        FROM word AS w WHERE w.operation IS NOT NULL";
}

/// One entry by its place in the chain.
pub async fn one(reads: &mut impl Reads, lane: i64, number: i64) -> Result<Option<Recorded>> {
    store::fetch_optional!(reads, Recorded, ONE, lane, number)
}

/// Every operation that was ever recorded, with the module and entity of its newest entry.
pub async fn operations(reads: &mut impl Reads) -> Result<Vec<(String, String, String)>> {
    store::fetch_all!(reads, (String, String, String), OPERATIONS)
}

/// A part of the trail, newest first, in the form of all lists.
pub async fn page(reads: &mut impl Reads, page: &Page, ask: &Ask) -> Result<Paged<Recorded>> {
    let from = page.cursor.as_deref().map(str::parse).transpose()?;
    let found = look(reads, ask, from, Direction::Older, page.limit(), None).await?;
    Ok(Paged {
        items: found.items,
        next: found.older.map(|p| p.to_string()),
        total: None,
    })
}

/// Which of the entries that come by are wanted: for what SQL cannot decide (a text in what the asker may see).
pub type Keep<'k> = &'k (dyn Fn(&Recorded) -> bool + Sync);

/// A part of the trail from a place on, in either direction; newest first in any case.
pub async fn look(
    reads: &mut impl Reads,
    ask: &Ask,
    from: Option<Place>,
    direction: Direction,
    limit: u32,
    keep: Option<Keep<'_>>,
) -> Result<Looked> {
    let limit = limit as usize;
    let mut items: Vec<Recorded> = Vec::new();
    let (mut place, mut left) = (from, BUDGET);
    // From where to go on in the direction of looking, and whether the budget ended it.
    let (mut on, mut broke_off) = (None, false);
    loop {
        let step = if keep.is_some() { STEP.min(left) } else { left };
        let wanted = if keep.is_some() {
            step
        } else {
            i64::try_from(limit).unwrap_or(i64::MAX) + 1
        };
        let mut found = part(reads, ask, place, direction, step, wanted).await?;
        if let Some(keep) = keep {
            found.retain(|entry| keep(entry));
        }
        items.append(&mut found);
        if items.len() > limit {
            items.truncate(limit);
            on = items.last().map(Recorded::place);
            break;
        }
        let Some(end) = end_of_step(reads, ask, place, direction, step).await? else {
            break;
        };
        left -= step;
        if left <= 0 {
            (on, broke_off) = (Some(end), true);
            break;
        }
        place = Some(end);
    }
    let looked_to = on.filter(|_| broke_off).map(|p| p.at);
    Ok(match direction {
        Direction::Older => Looked {
            newer: from.and_then(|_| items.first().map(Recorded::place)),
            items,
            older: on,
            looked_to,
        },
        Direction::Newer => {
            items.reverse();
            Looked {
                older: items.last().map(Recorded::place).or(from),
                items,
                newer: on,
                looked_to,
            }
        }
    })
}

/// The conditions that an index serves: one of them, the narrowest, and the time.
fn driven(built: &mut Built, ask: &Ask, place: Option<Place>, direction: Direction) {
    built.push("audit_entry WHERE TRUE");
    if let (Some(entity), Some(id)) = (&ask.entity, &ask.entity_id) {
        built.push(" AND entity = ").bind(entity.as_str());
        built.push(" AND entity_id = ").bind(id.as_str());
    } else if let Some(customer) = ask.customer {
        built.push(" AND customer = ").bind(customer);
    } else if let Some(session) = ask.session {
        built.push(" AND session = ").bind(session);
    } else if let Some(outcome) = ask.outcome.filter(|o| *o != Outcome::Done) {
        // Said again as a constant: else the index that holds only these is not considered.
        built
            .push(" AND outcome <> 'done' AND outcome = ")
            .bind(outcome.text());
    } else if let Some(user) = ask.user {
        built.push(" AND user_id = ").bind(user);
    } else if let Some(operation) = ask.operation.as_ref().filter(|o| !o.ends_with('.')) {
        built.push(" AND operation = ").bind(operation.as_str());
    }
    if let Some(from) = ask.from {
        built.push(" AND at >= ").bind(from);
    }
    if let Some(to) = ask.to {
        built.push(" AND at < ").bind(to);
    }
    if let Some(place) = place {
        let (at, row) = match direction {
            Direction::Older => (" AND at <= ", " AND (at, lane, number) < ("),
            Direction::Newer => (" AND at >= ", " AND (at, lane, number) > ("),
        };
        // The first is implied by the second; it is what every planner finds the beginning in the index by.
        built.push(at).bind(place.at);
        built
            .push(row)
            .bind(place.at)
            .push(", ")
            .bind(place.lane)
            .push(", ")
            .bind(place.number)
            .push(")");
    }
    built.push(order(direction));
}

const fn order(direction: Direction) -> &'static str {
    match direction {
        Direction::Older => " ORDER BY at DESC, lane DESC, number DESC",
        Direction::Newer => " ORDER BY at, lane, number",
    }
}

async fn part(
    reads: &mut impl Reads,
    ask: &Ask,
    place: Option<Place>,
    direction: Direction,
    step: i64,
    wanted: i64,
) -> Result<Vec<Recorded>> {
    let mut built = Built::new(reads.kind(), ENTRIES);
    statement(&mut built, ask, place, direction, (step, wanted))?;
    built.fetch_all(reads).await
}

fn statement(
    built: &mut Built,
    ask: &Ask,
    place: Option<Place>,
    direction: Direction,
    (step, wanted): (i64, i64),
) -> Result<()> {
    built.push("(SELECT * FROM ");
    driven(built, ask, place, direction);
    built.push(" LIMIT ").bind(step).push(") AS e WHERE TRUE");
    residual(built, ask)?;
    built.push(order(direction)).push(" LIMIT ").bind(wanted);
    Ok(())
}

/// The conditions that are tried on what comes by. Those that drive are among them: it costs nothing, and there is one list.
fn residual(built: &mut Built, ask: &Ask) -> Result<()> {
    let postgres = built.kind() == Kind::Postgres;
    if let Some(user) = ask.user {
        built.push(" AND user_id = ").bind(user);
    }
    if let Some(session) = ask.session {
        built.push(" AND session = ").bind(session);
    }
    if let Some(customer) = ask.customer {
        built.push(" AND customer = ").bind(customer);
    }
    if let Some(outcome) = ask.outcome {
        built.push(" AND outcome = ").bind(outcome.text());
    }
    if let Some(role) = &ask.role {
        // Roles stand joined by `, `.
        built.push(if postgres {
            " AND strpos(', ' || role || ', ', ', ' || "
        } else {
            " AND instr(', ' || role || ', ', ', ' || "
        });
        built.bind(role.as_str()).push(" || ', ') > 0");
    }
    if let Some(operation) = &ask.operation {
        if operation.ends_with('.') {
            // The range of all words with this beginning: `.` is followed by `/`. By code point on both.
            let after = format!("{}/", operation.trim_end_matches('.'));
            let (least, below) = if postgres {
                (
                    " AND operation COLLATE \"C\" >= ",
                    " AND operation COLLATE \"C\" < ",
                )
            } else {
                (" AND operation >= ", " AND operation < ")
            };
            built.push(least).bind(operation.as_str());
            built.push(below).bind(after);
        } else {
            built.push(" AND operation = ").bind(operation.as_str());
        }
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
    if let Some(also) = &ask.also {
        built.push(" AND ");
        store::filter::push(built, also, &column)?;
    }
    Ok(())
}

/// The place of the last entry of a step, where there were so many.
async fn end_of_step(
    reads: &mut impl Reads,
    ask: &Ask,
    place: Option<Place>,
    direction: Direction,
    step: i64,
) -> Result<Option<Place>> {
    let mut built = Built::new(reads.kind(), "SELECT at, lane, number FROM ");
    driven(&mut built, ask, place, direction);
    built.push(" LIMIT 1 OFFSET ").bind(step - 1);
    Ok(built.fetch_all(reads).await?.pop())
}

/// The trail's columns by the names that grants use for them (`access::catalogue`, entity `audit`).
pub fn column(field: &str) -> Option<Column> {
    let text = |sql: &'static str| Column::new(ColumnKind::Text, Sql::both(sql));
    Some(match field {
        "at" => Column::new(ColumnKind::Moment, Sql::both("at")),
        "user" => Column::new(ColumnKind::Uuid, Sql::both("user_id")),
        "customer" => Column::new(ColumnKind::Uuid, Sql::both("customer")),
        "operation" => text("operation"),
        "module" => text("module"),
        "entity" => text("entity"),
        "record" => text("entity_id"),
        "outcome" => text("outcome"),
        "role" => text("role"),
        _ => return None,
    })
}

/// How many entries of a kind there are among the newest [`BUDGET`].
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Counted {
    pub module: String,
    pub entity: String,
    pub operation: String,
    pub outcome: String,
    pub user_id: Option<Id<User>>,
    pub user_name: String,
    pub count: i64,
}

/// What there is among the newest [`BUDGET`] entries that meet the conditions; and whether these are all.
pub async fn counted(reads: &mut impl Reads, ask: &Ask) -> Result<(Vec<Counted>, bool)> {
    let mut built = Built::new(
        reads.kind(),
        "SELECT module, entity, operation, outcome, user_id, user_name, COUNT(*) AS count FROM (SELECT * FROM ",
    );
    driven(&mut built, ask, None, Direction::Older);
    built.push(" LIMIT ").bind(BUDGET).push(") AS e WHERE TRUE");
    residual(&mut built, ask)?;
    built.push(" GROUP BY module, entity, operation, outcome, user_id, user_name ORDER BY count DESC LIMIT 2000");
    let counted = built.fetch_all(reads).await?;
    let all = end_of_step(reads, ask, None, Direction::Older, BUDGET)
        .await?
        .is_none();
    Ok((counted, all))
}

impl Recorded {
    pub fn place(&self) -> Place {
        Place {
            at: self.at,
            lane: self.lane,
            number: self.number,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at.as_micros(), self.lane, self.number)
    }
}

impl std::str::FromStr for Place {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.split('.').map(|p| p.parse::<i64>().ok());
            let place = Self {
                at: Moment::from_micros(parts.next()??),
                lane: parts.next()??,
                number: parts.next()??,
            };
            parts.next().is_none().then_some(place)
        };
        read().ok_or_else(|| Error::invalid("cursor", "cursor"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entry, record};
    use super::*;
    use crate::Actor;

    #[derive(sqlx::FromRow)]
    struct Line {
        detail: String,
    }

    /// How the database goes about it.
    async fn plan(db: &store::Db, ask: &Ask, direction: Direction) -> String {
        let place = Some(Place {
            at: Moment::from_secs(1_790_002_000),
            lane: 0,
            number: 7,
        });
        let mut reads = db.read().await.unwrap();
        if db.kind() == Kind::Postgres {
            let mut built = Built::new(db.kind(), entries!("EXPLAIN "));
            statement(&mut built, ask, place, direction, (BUDGET, 51)).unwrap();
            let lines: Vec<(String,)> = built.fetch_all(&mut reads).await.unwrap();
            return lines.into_iter().map(|l| l.0 + "\n").collect();
        }
        let mut built = Built::new(db.kind(), entries!("EXPLAIN QUERY PLAN "));
        statement(&mut built, ask, place, direction, (BUDGET, 51)).unwrap();
        let lines: Vec<Line> = built.fetch_all(&mut reads).await.unwrap();
        lines.into_iter().map(|l| l.detail + "\n").collect()
    }

    store::both! {
        async fn every_driving_condition_has_its_index(db: store::Db) {
            let user = |n: u8| Id::<User>::new(Uuid::from_bytes([n; 16]));
            let mut tx = db.write().await.unwrap();
            for n in 0..6_000_i64 {
                let who = Actor::person(user(u8::try_from(n % 200).unwrap()), "Inés")
                    .with_session(Id::new(Uuid::from_u128(u128::try_from(n % 300).unwrap())));
                let outcome = if n % 500 == 0 { Outcome::Refused } else { Outcome::Done };
                let entry = Entry::new(format!("thing.op{}", n % 40), "desk", "thing").of(n % 900)
                    .customer(Id::<Recorded>::new(Uuid::from_u128(u128::try_from(n % 700).unwrap()))).ended(outcome);
                record(&mut tx, Moment::from_secs(1_790_000_000 + n), &who, entry);
            }
            tx.commit().await.unwrap();
            match db.postgres() {
                Some(pool) => drop(sqlx::query("ANALYZE audit_entry").execute(pool).await.unwrap()),
                None => {
                    let mut tx = db.write().await.unwrap();
                    store::execute!(tx, Sql::both("ANALYZE")).unwrap();
                    tx.commit().await.unwrap();
                }
            }
            let one = Uuid::from_u128(5);
            let cases = [
                ("audit_entry_at_lane_number_idx", Ask::default()),
                ("audit_entry_user_id_at_idx", Ask { user: Some(user(3)), ..Ask::default() }),
                ("audit_entry_customer_at_idx", Ask { customer: Some(one), ..Ask::default() }),
                ("audit_entry_session_at_idx", Ask { session: Some(Id::new(one)), ..Ask::default() }),
                ("audit_entry_operation_at_idx", Ask { operation: Some("thing.op7".into()), ..Ask::default() }),
                ("audit_entry_outcome_at_idx", Ask { outcome: Some(Outcome::Refused), ..Ask::default() }),
                ("audit_entry_entity_entity_id_at_idx",
                    Ask { entity: Some("thing".into()), entity_id: Some("7".into()), ..Ask::default() }),
            ];
            for (index, ask) in cases {
                for direction in [Direction::Older, Direction::Newer] {
                    let plan = plan(&db, &ask, direction).await;
                    assert!(plan.contains(index), "{index} {direction:?}:\n{plan}");
                    assert!(!plan.contains("Seq Scan on audit_entry") && !plan.contains("SCAN audit_entry\n"), "{plan}");
                }
            }
        }

        async fn both_ways_meet_and_rare_things_are_found_step_by_step(db: store::Db) {
            let mut tx = db.write().await.unwrap();
            for n in 0..3_000_i64 {
                let module = if n == 100 || n == 2_900 { "rare" } else { "desk" };
                // Several at one instant: their order is whole all the same.
                let at = Moment::from_secs(1_790_000_000 + n / 3);
                record(&mut tx, at, &Actor::system("test").with_role("agent, supervisor"), Entry::new("thing.do", module, "thing").of(n));
            }
            tx.commit().await.unwrap();
            let mut reads = db.read().await.unwrap();
            let all = Ask::default();
            let first = look(&mut reads, &all, None, Direction::Older, 70, None).await.unwrap();
            let second = look(&mut reads, &all, first.older, Direction::Older, 70, None).await.unwrap();
            assert_eq!((first.items.len(), second.items.len()), (70, 70));
            assert!(first.items.last().unwrap().place() > second.items[0].place());
            let back = look(&mut reads, &all, second.newer, Direction::Newer, 70, None).await.unwrap();
            assert_eq!(back.items, first.items);
            assert_eq!(back.newer, None);

            let rare = Ask { module: Some("rare".into()), ..Ask::default() };
            let found = look(&mut reads, &rare, None, Direction::Older, 50, None).await.unwrap();
            assert_eq!(found.items.iter().map(|e| e.entity_id.clone().unwrap()).collect::<Vec<_>>(), ["2900", "100"]);
            assert_eq!((found.older, found.looked_to), (None, None));
            let keep = |e: &Recorded| e.entity_id.as_deref() == Some("100");
            let kept = look(&mut reads, &all, None, Direction::Older, 50, Some(&keep)).await.unwrap();
            assert_eq!(kept.items.len(), 1);
            let role = Ask { role: Some("supervisor".into()), ..Ask::default() };
            assert_eq!(look(&mut reads, &role, None, Direction::Older, 5, None).await.unwrap().items.len(), 5);
            let role = Ask { role: Some("super".into()), ..Ask::default() };
            assert!(look(&mut reads, &role, None, Direction::Older, 5, None).await.unwrap().items.is_empty());

            let (counted, all_of_them) = counted(&mut reads, &all).await.unwrap();
            assert_eq!((counted.iter().map(|c| c.count).sum::<i64>(), all_of_them), (3_000, true));
            assert_eq!(operations(&mut reads).await.unwrap().len(), 1);
        }
    }
}
