//! One customer at a time: made, read, changed, put into the recycle bin and taken out again.

use std::collections::BTreeMap;

use form::FieldSpec;
use kernel::{Ambient, Code, Error, FieldProblem, Id, Moment, Operand, Result};
use ledger::history::{self, Line, Summary, kinds};
use ledger::{Actor, User, audit};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::types::Json;
use store::{Built, Reads, Tx};

use crate::portfolio::CustomerType;
use crate::record::{Customer, Derived, Row, Unit, row_columns, visible};
use crate::sight::{Lenses, operand};
use crate::{Portfolio, Sight, contact, list, words};

/// What a new customer is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCustomer {
    pub type_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Id<User>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Id<Unit>>,
    /// The unit of whoever makes it: it belongs there where no unit is said.
    #[serde(skip)]
    pub home: Option<Id<Unit>>,
    pub fields: Map<String, Value>,
}

/// What is to change: what is absent stays, `null` empties (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerPatch {
    #[serde(skip_serializing_if = "Option::is_none", with = "kernel::twice")]
    pub owner: Option<Option<Id<User>>>,
    #[serde(skip_serializing_if = "Option::is_none", with = "kernel::twice")]
    pub unit: Option<Option<Id<Unit>>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
}

store::statements! {
    INSERT = "INSERT INTO customer (id, type_key, type_version, name, sort_name, document, segment, owner_id, unit_id, fields, \
            words, version, created, changed) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $12)";
    OWNER = "SELECT owner_id FROM customer WHERE id = $1";
    OF_UNIT = "SELECT count(*) FROM customer WHERE unit_id = $1";
    SOME_OF_UNIT = "SELECT id FROM customer WHERE unit_id = $1 ORDER BY id LIMIT 500";
    /// The ids come as a JSON list: one statement for any number of them.
    HAND_OVER = "UPDATE customer SET unit_id = $2, changed = $3, version = version + 1 \
            WHERE id IN (SELECT unhex(value, '-') FROM json_each($1))",
        "UPDATE customer SET unit_id = $2, changed = $3, version = version + 1 \
            WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::text::json))";
    /// The row stays ours until the end: what is checked here still holds when it is written.
    LOCK = concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.id = $1 AND ", visible!()),
        concat!("SELECT ", row_columns!(), " FROM customer c WHERE c.id = $1 AND ", visible!(), " FOR UPDATE");
    UPDATE = "UPDATE customer SET type_version = $3, name = $4, sort_name = $5, document = $6, segment = $7, owner_id = $8, \
            unit_id = $9, fields = $10, words = $11, changed = $12, deleted = $13, version = version + 1, hidden_by = NULL \
        WHERE id = $1 AND version = $2";
    CONTACTED = "UPDATE customer SET contacted = $2, hidden_by = NULL \
        WHERE id = $1 AND (contacted IS NULL OR contacted < $2 OR hidden_by IS NOT NULL)";
    INSERT_KEY = "INSERT INTO customer_key (type_key, field, value, customer_id) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (type_key, field, value) DO NOTHING";
    DELETE_KEY = "DELETE FROM customer_key WHERE type_key = $1 AND field = $2 AND value = $3 AND customer_id = $4";
    REWORD = "UPDATE customer SET words = $2, hidden_by = NULL WHERE id = $1";
}

/// The customer, if it is there for this asker. Those in the recycle bin are, too: [`Customer::deleted`] says so.
pub async fn load(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    id: Id<Customer>,
) -> Result<Option<Customer>> {
    let row = load_row(reads, sight, portfolio, id).await?;
    Ok(row.map(|row| row.seen(&Lenses::new(portfolio, sight))))
}

/// A customer's values as the conditions of grants see them, by the names that grants use. Of what was hidden from whoever
/// loaded it there are none.
pub fn operands(portfolio: &Portfolio, customer: &Customer) -> BTreeMap<String, Operand> {
    let text = |value: String| Operand::Text(value);
    let moment = |value: Option<Moment>| value.map_or(Operand::Null, Operand::Moment);
    let mut known = BTreeMap::from([
        ("id".to_owned(), text(customer.id.to_string())),
        ("type".to_owned(), text(customer.type_key.clone())),
        ("name".to_owned(), text(customer.name.clone())),
        ("created".to_owned(), moment(Some(customer.created))),
        ("changed".to_owned(), moment(Some(customer.changed))),
        ("contacted".to_owned(), moment(customer.contacted)),
    ]);
    for (name, value) in [
        ("document", customer.document.clone()),
        ("segment", customer.segment.clone()),
        ("owner", customer.owner.map(|o| o.to_string())),
        ("unit", customer.unit.map(|u| u.to_string())),
    ] {
        known.extend(value.map(|value| (name.to_owned(), text(value))));
    }
    if let Some(of) = portfolio.get(&customer.type_key) {
        for field in &of.schema.fields {
            if let Some(value) = customer.fields.get(&field.key) {
                let stored = field.to_storage(value);
                known.insert(format!("fields.{}", field.key), operand(field, &stored));
            }
        }
    }
    known
}

/// The names of those of these customers whom the asker may see.
pub async fn names(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    ids: &[Id<Customer>],
) -> Result<Vec<(Id<Customer>, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut built = Built::new(
        reads.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM customer c WHERE ",
            visible!(),
            " AND c.id IN ("
        ),
    );
    for (i, id) in ids.iter().enumerate() {
        if i > 0 {
            built.push(", ");
        }
        built.bind(*id);
    }
    built.push(") AND ");
    store::filter::push(&mut built, &sight.rows(), &|field| {
        list::any_column(portfolio, field)
    })?;
    let lenses = Lenses::new(portfolio, sight);
    let rows = built.fetch_all::<Row>(reads).await?;
    Ok(rows
        .into_iter()
        .map(|row| row.seen(&lenses))
        .map(|customer| (customer.id, customer.name))
        .collect())
}

pub(crate) async fn load_row(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    id: Id<Customer>,
) -> Result<Option<Row>> {
    let mut built = Built::new(
        reads.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM customer c WHERE ",
            visible!(),
            " AND c.id = "
        ),
    );
    built.bind(id).push(" AND ");
    store::filter::push(&mut built, &sight.rows(), &|field| {
        list::any_column(portfolio, field)
    })?;
    Ok(built.fetch_all::<Row>(reads).await?.pop())
}

/// Makes a customer. `writing` says which fields this user may fill, `reading` what comes back. Where nobody is named to look
/// after it, and its maker may only make customers of their own, it is the maker's.
///
/// [`Code::Invalid`] with every problem of every field; [`Code::Duplicate`] with the field whose value another customer of
/// the type has (args `customer` and `name`, where that one may be seen).
pub async fn create(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    new: NewCustomer,
) -> Result<Customer> {
    let of = portfolio.wanted(&new.type_key)?;
    let (id, now) = (ambient.id::<Customer>(), ambient.now());
    let mut problems = Vec::new();
    let canonical = checked(of, &new.fields, &mut problems);
    let derived = Derived::of(of, &canonical);
    let mut would_be = Row {
        id,
        type_key: new.type_key.clone(),
        type_version: of.version,
        name: derived.name.clone(),
        document: derived.document.clone(),
        segment: derived.segment.clone(),
        owner_id: new.owner,
        unit_id: new.unit.or(new.home),
        fields: Json(of.schema.to_storage(&canonical)),
        version: 1,
        created: now,
        changed: now,
        contacted: None,
        deleted: None,
    };
    let lenses = Lenses::new(portfolio, writing);
    not_permitted(
        &lenses,
        &would_be,
        &new.fields,
        (new.owner.is_some(), new.unit.is_some()),
        &mut problems,
    );
    let canonical = whole(problems, canonical)?;
    let may_be = |row: &Row| {
        let of = lenses.of(&new.type_key);
        writing.rows().matches(&|field| row.operand(of, field))
    };
    if !may_be(&would_be) && would_be.owner_id.is_none() {
        would_be.owner_id = actor.user;
    }
    if !may_be(&would_be) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "create")
            .with("entity", "customer"));
    }
    let (owner, unit) = (would_be.owner_id, would_be.unit_id);
    let words = words::stored(
        tx.kind(),
        &words::of_customer(&of.schema, &canonical, &|_| true),
    );
    store::execute!(
        tx,
        INSERT,
        id,
        &new.type_key,
        of.version,
        &derived.name,
        &derived.sort_name,
        derived.document.as_deref(),
        derived.segment.as_deref(),
        owner,
        unit,
        Json(of.schema.to_storage(&canonical)),
        &words,
        now
    )?;
    take_keys(tx, reading, portfolio, of, id, &derived.keys).await?;
    let state = recorded(of, &canonical, owner, unit);
    audit::record(
        tx,
        now,
        actor,
        audit::Entry::new("customer.create", "desk", "customer")
            .of(id)
            .customer(id)
            .changed(None, Some(&state)),
    );
    history::append(
        tx,
        &[line(ambient, actor, id, now, kinds::CUSTOMER_CREATED, None)],
    )
    .await?;
    load_own(tx, portfolio, reading, id).await
}

/// Changes a customer. `version` is the one that the changer has seen: [`Code::Stale`] where it is no longer that.
pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    (id, version): (Id<Customer>, i64),
    patch: CustomerPatch,
) -> Result<Customer> {
    let row = wanted(tx, (reading, writing), portfolio, id, version).await?;
    if row.deleted.is_some() {
        return Err(Error::new(Code::WrongState).with("state", "deleted"));
    }
    let of = portfolio.wanted(&row.type_key)?;
    let mut problems = Vec::new();
    let names = (patch.owner.is_some(), patch.unit.is_some());
    not_permitted(
        &Lenses::new(portfolio, writing),
        &row,
        &patch.fields,
        names,
        &mut problems,
    );
    let before = row.canonical(&of.schema);
    let mut merged = before.clone();
    // What the definition no longer knows is not checked against it, and stays.
    let gone: Map<String, Value> = {
        let (known, gone) = merged
            .into_iter()
            .partition(|(key, _)| of.schema.field(key).is_some());
        merged = known;
        gone
    };
    for (key, value) in patch.fields {
        merged.insert(key, value);
    }
    let owner = patch.owner.unwrap_or(row.owner_id);
    let unit = patch.unit.unwrap_or(row.unit_id);
    let canonical = checked(of, &merged, &mut problems);
    let mut canonical = whole(problems, canonical)?;
    canonical.extend(gone);
    let now = ambient.now();
    write(
        tx,
        (reading, portfolio, of),
        &row,
        Written {
            before: &before,
            after: &canonical,
            owner,
            unit,
            deleted: None,
            now,
        },
    )
    .await?;
    let (old, new) = (
        recorded(of, &before, row.owner_id, row.unit_id),
        recorded(of, &canonical, owner, unit),
    );
    let entry = audit::Entry::new("customer.change", "desk", "customer")
        .of(id)
        .customer(id)
        .changed(Some(&old), Some(&new));
    let changed = entry.change.as_ref().map(changed_names);
    audit::record(tx, now, actor, entry);
    if changed.is_some() {
        history::append(
            tx,
            &[line(
                ambient,
                actor,
                id,
                now,
                kinds::CUSTOMER_CHANGED,
                changed,
            )],
        )
        .await?;
    }
    load_own(tx, portfolio, reading, id).await
}

/// Puts a customer into the recycle bin: it is no longer listed or found, and its unique values are free again.
pub async fn delete(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    sights: (&Sight, &Sight),
    portfolio: &Portfolio,
    key: (Id<Customer>, i64),
) -> Result<()> {
    let at = ambient.now();
    mark(
        tx,
        actor,
        sights,
        portfolio,
        key,
        (Some(at), at, "customer.delete"),
    )
    .await
}

/// Takes a customer out of the recycle bin. [`Code::Duplicate`] where another one has taken its unique value meanwhile.
pub async fn restore(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    sights: (&Sight, &Sight),
    portfolio: &Portfolio,
    key: (Id<Customer>, i64),
) -> Result<Customer> {
    mark(
        tx,
        actor,
        sights,
        portfolio,
        key,
        (None, ambient.now(), "customer.restore"),
    )
    .await?;
    load_own(tx, portfolio, sights.0, key.0).await
}

/// Who looks after the customer: for whoever gives out work.
pub async fn owner(reads: &mut impl Reads, id: Id<Customer>) -> Result<Option<Id<User>>> {
    Ok(store::fetch_optional!(reads, (Option<Id<User>>,), OWNER, id)?.and_then(|(owner,)| owner))
}

/// How many customers belong to a unit, those in the recycle bin too.
pub async fn of_unit(reads: &mut impl Reads, unit: Id<Unit>) -> Result<u64> {
    let (count,) = store::fetch_one!(reads, (i64,), OF_UNIT, unit)?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// All customers of a unit that is going to be dissolved go to another, or to none. One entry for each: whose a customer was
/// decides who could see it. Says how many there were.
pub async fn hand_over(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (from, to): (Id<Unit>, Option<Id<Unit>>),
) -> Result<u64> {
    let now = ambient.now();
    let state = |unit: Option<Id<Unit>>| {
        let mut state = Map::new();
        if let Some(unit) = unit {
            state.insert("unit".to_owned(), Value::String(unit.to_string()));
        }
        state
    };
    let (before, after) = (state(Some(from)), state(to));
    let mut moved = 0;
    loop {
        let some = store::fetch_all!(tx, (Id<Customer>,), SOME_OF_UNIT, from)?;
        if some.is_empty() {
            return Ok(moved);
        }
        let ids: Vec<String> = some.iter().map(|(id,)| id.to_string()).collect();
        let ids = serde_json::to_string(&ids).map_err(Error::internal)?;
        moved += store::execute!(tx, HAND_OVER, &ids, to, now)?;
        for (id,) in some {
            let entry = audit::Entry::new("customer.change", "desk", "customer")
                .of(id)
                .customer(id)
                .changed(Some(&before), Some(&after));
            audit::record(tx, now, actor, entry);
        }
        audit::flush(tx).await?;
    }
}

/// Says that we have just had to do with a customer (an interaction, a process): it comes first where several are found,
/// and undoing the list that brought it leaves it alone. Not audited: what happened is.
pub async fn contacted(tx: &mut Tx, id: Id<Customer>, at: Moment) -> Result<()> {
    store::execute!(tx, CONTACTED, id, at)?;
    Ok(())
}

async fn mark(
    tx: &mut Tx,
    actor: &Actor,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    (id, version): (Id<Customer>, i64),
    (deleted, now, operation): (Option<Moment>, Moment, &'static str),
) -> Result<()> {
    let row = wanted(tx, (reading, writing), portfolio, id, version).await?;
    if row.deleted.is_some() == deleted.is_some() {
        return Err(Error::new(Code::WrongState).with(
            "state",
            if deleted.is_some() {
                "deleted"
            } else {
                "active"
            },
        ));
    }
    let of = portfolio.wanted(&row.type_key)?;
    let values = row.canonical(&of.schema);
    let empty = Map::new();
    let (before, after) = if deleted.is_some() {
        (&values, &empty)
    } else {
        (&empty, &values)
    };
    // The keys follow what is there; the record itself stays whole.
    let (old, new) = (Derived::of(of, before).keys, Derived::of(of, after).keys);
    release_keys(tx, of, id, &old).await?;
    take_keys(tx, reading, portfolio, of, id, &new).await?;
    let written = Written {
        before: &values,
        after: &values,
        owner: row.owner_id,
        unit: row.unit_id,
        deleted,
        now,
    };
    write(tx, (reading, portfolio, of), &row, written).await?;
    let note = audit::Entry::new(operation, "desk", "customer")
        .of(id)
        .customer(id)
        .note(row.name);
    audit::record(tx, now, actor, note);
    Ok(())
}

struct Written<'a> {
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
    owner: Option<Id<User>>,
    unit: Option<Id<Unit>>,
    deleted: Option<Moment>,
    now: Moment,
}

async fn write(
    tx: &mut Tx,
    (reading, portfolio, of): (&Sight, &Portfolio, &CustomerType),
    row: &Row,
    new: Written<'_>,
) -> Result<()> {
    let (old_keys, derived) = (Derived::of(of, new.before).keys, Derived::of(of, new.after));
    let mut found_by = words::of_customer(&of.schema, new.after, &|_| true);
    for contact in contact::of(tx, row.id).await? {
        found_by.extend(words::of_contact(&contact, &|_| true));
    }
    let (gone, come) = differing(&old_keys, &derived.keys);
    release_keys(tx, of, row.id, &gone).await?;
    take_keys(tx, reading, portfolio, of, row.id, &come).await?;
    let words = words::stored(tx.kind(), &found_by);
    let done = store::execute!(
        tx,
        UPDATE,
        row.id,
        row.version,
        of.version,
        &derived.name,
        &derived.sort_name,
        derived.document.as_deref(),
        derived.segment.as_deref(),
        new.owner,
        new.unit,
        Json(of.schema.to_storage(new.after)),
        &words,
        new.now,
        new.deleted
    )?;
    if done == 0 {
        Err(Error::new(Code::Stale))
    } else {
        Ok(())
    }
}

type Keys = Vec<(String, String)>;

fn differing(old: &Keys, new: &Keys) -> (Keys, Keys) {
    let without = |from: &Keys, other: &Keys| {
        from.iter()
            .filter(|k| !other.contains(k))
            .cloned()
            .collect()
    };
    (without(old, new), without(new, old))
}

async fn release_keys(tx: &mut Tx, of: &CustomerType, id: Id<Customer>, keys: &Keys) -> Result<()> {
    for (field, value) in keys {
        store::execute!(tx, DELETE_KEY, &of.schema.key, field, value, id)?;
    }
    Ok(())
}

async fn take_keys(
    tx: &mut Tx,
    reading: &Sight,
    portfolio: &Portfolio,
    of: &CustomerType,
    id: Id<Customer>,
    keys: &Keys,
) -> Result<()> {
    let mut taken = Error::new(Code::Duplicate);
    for (field, value) in keys {
        if store::execute!(tx, INSERT_KEY, &of.schema.key, field, value, id)? == 0 {
            let mut problem =
                FieldProblem::new(format!("fields.{field}"), "duplicate").with("value", value);
            if let Some(holder) =
                holder(tx, reading, portfolio, (&of.schema.key, field, value)).await?
            {
                problem = problem
                    .with("customer", holder.id)
                    .with("name", holder.name);
            }
            taken = taken.field(problem);
        }
    }
    if taken.fields().is_empty() {
        Ok(())
    } else {
        Err(taken)
    }
}

/// Who has this unique value, as far as the asker may know.
async fn holder(
    tx: &mut Tx,
    reading: &Sight,
    portfolio: &Portfolio,
    (type_key, field, value): (&str, &str, &str),
) -> Result<Option<Customer>> {
    let mut built = Built::new(
        tx.kind(),
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM customer_key k JOIN customer c ON c.id = k.customer_id WHERE ",
            visible!(),
            " AND k.type_key = "
        ),
    );
    built
        .bind(type_key)
        .push(" AND k.field = ")
        .bind(field)
        .push(" AND k.value = ")
        .bind(value)
        .push(" AND ");
    store::filter::push(&mut built, &reading.rows(), &|field| {
        list::any_column(portfolio, field)
    })?;
    let found = built.fetch_all::<Row>(tx).await?.pop();
    Ok(found.map(|row| row.seen(&Lenses::new(portfolio, reading))))
}

/// The row to be changed, locked; checked to be visible, changeable, and of the version that the changer has seen.
async fn wanted(
    tx: &mut Tx,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    id: Id<Customer>,
    version: i64,
) -> Result<Row> {
    let missing = || Error::not_found("customer");
    load_row(tx, reading, portfolio, id)
        .await?
        .ok_or_else(missing)?;
    if load_row(tx, writing, portfolio, id).await?.is_none() {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "change")
            .with("entity", "customer"));
    }
    let row = store::fetch_optional!(tx, Row, LOCK, id)?.ok_or_else(missing)?;
    if row.version != version {
        return Err(Error::new(Code::Stale).with("version", row.version));
    }
    Ok(row)
}

/// What the writer sees of what it wrote. A new customer may lie outside of what its maker may read; then only its
/// existence is told.
async fn load_own(
    tx: &mut Tx,
    portfolio: &Portfolio,
    reading: &Sight,
    id: Id<Customer>,
) -> Result<Customer> {
    let row =
        store::fetch_optional!(tx, Row, LOCK, id)?.ok_or_else(|| Error::not_found("customer"))?;
    Ok(row.seen(&Lenses::new(portfolio, reading)))
}

fn not_permitted(
    lenses: &Lenses<'_>,
    row: &Row,
    fields: &Map<String, Value>,
    (owner, unit): (bool, bool),
    problems: &mut Vec<FieldProblem>,
) {
    let mut refuse = |name: String| problems.push(FieldProblem::new(name, "field_forbidden"));
    for key in fields.keys().filter(|key| !lenses.shows_field(key, row)) {
        refuse(format!("fields.{key}"));
    }
    for (name, wanted) in [("owner", owner), ("unit", unit)] {
        if wanted && !lenses.shows(name, row) {
            refuse(name.to_owned());
        }
    }
}

/// The canonical values, with every problem added to the list.
fn checked(
    of: &CustomerType,
    values: &Map<String, Value>,
    problems: &mut Vec<FieldProblem>,
) -> Map<String, Value> {
    match of.schema.check(values) {
        Ok(mut canonical) => {
            canonical.retain(|_, value| !value.is_null());
            if Derived::of(of, &canonical).sort_name.is_empty() {
                for key in &of.schema.title {
                    problems.push(FieldProblem::new(format!("fields.{key}"), "no_name"));
                }
            }
            canonical
        }
        Err(found) => {
            problems.extend(found.into_iter().map(|mut problem| {
                problem.field = format!("fields.{}", problem.field);
                problem
            }));
            Map::new()
        }
    }
}

fn whole(problems: Vec<FieldProblem>, canonical: Map<String, Value>) -> Result<Map<String, Value>> {
    match Error::try_from(problems) {
        Ok(error) => Err(error),
        Err(()) => Ok(canonical),
    }
}

/// What the audit entry keeps. What a designer calls sensitive is recorded as having changed, never what it is.
pub(crate) fn recorded(
    of: &CustomerType,
    canonical: &Map<String, Value>,
    owner: Option<Id<User>>,
    unit: Option<Id<Unit>>,
) -> Map<String, Value> {
    let mut state: Map<String, Value> = canonical
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            let sensitive = of
                .schema
                .field(key)
                .is_some_and(|f: &FieldSpec| f.sensitive);
            (
                format!("fields.{key}"),
                if sensitive {
                    veiled(value)
                } else {
                    value.clone()
                },
            )
        })
        .collect();
    if let Some(owner) = owner {
        state.insert("owner".into(), owner.to_string().into());
    }
    if let Some(unit) = unit {
        state.insert("unit".into(), unit.to_string().into());
    }
    state
}

/// For the history, which more people read than may see every field: which fields have changed, not from what to what.
fn changed_names(change: &Value) -> Value {
    let side = |name: &str| {
        change
            .get(name)
            .and_then(Value::as_object)
            .into_iter()
            .flat_map(Map::keys)
            .cloned()
    };
    let names: std::collections::BTreeSet<String> = side("before").chain(side("after")).collect();
    serde_json::json!({ "changed": names })
}

/// A mark that differs where the values differ, so that a change shows, and does not tell them.
fn veiled(value: &Value) -> Value {
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(value.to_string());
    Value::String(format!("••• {}", hex::encode(&hash[..2])))
}

fn line(
    ambient: &Ambient,
    actor: &Actor,
    id: Id<Customer>,
    at: Moment,
    kind: &str,
    details: Option<Value>,
) -> Line {
    Line {
        id: ambient.id(),
        customer: id.uuid(),
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
        summary: Summary::key(&format!("history-{}", kind.replace('_', "-"))),
        details,
    }
}

/// The words of a customer anew, after a contact of it has changed.
pub(crate) async fn reword(tx: &mut Tx, portfolio: &Portfolio, id: Id<Customer>) -> Result<()> {
    let row =
        store::fetch_optional!(tx, Row, LOCK, id)?.ok_or_else(|| Error::not_found("customer"))?;
    let mut found_by = match portfolio.get(&row.type_key) {
        Some(of) => words::of_customer(&of.schema, &row.canonical(&of.schema), &|_| true),
        None => Vec::new(),
    };
    for contact in contact::of(tx, id).await? {
        found_by.extend(words::of_contact(&contact, &|_| true));
    }
    let words = words::stored(tx.kind(), &found_by);
    store::execute!(tx, REWORD, id, words)?;
    Ok(())
}
