//! The trail as one asker may see it. The reader's own permissions apply twice: those on the entity `audit` say which
//! entries and which of their columns, those on the thing that an entry speaks of say what of its change.

use std::collections::{BTreeSet, HashMap};

use access::{Mask, Verb, Visibility, json_record};
use api::audit::{AuditEntry, AuditLine, AuditQuery, FieldChange};
use desk::Sight;
use kernel::{Error, FieldProblem, Filter, Id, Language, Operand, Result, text};
use ledger::audit::{self, Ask, Entry, Nature, Recorded, past};
use serde_json::{Map, Value};
use store::Reads;

use crate::App;
use crate::http::Session;

/// Looks at the trail for one session.
pub struct Reader {
    session: Session,
    pub language: Language,
    trail: Mask,
    masks: HashMap<String, Mask>,
    sight: Sight,
    portfolio: std::sync::Arc<desk::Portfolio>,
}

/// What the trail calls an entity, as grants know it.
pub fn thing(entity: &str) -> &str {
    match entity {
        "calendar" | "customer_type" | "decision" | "form" | "process" => "definition",
        "audit_level" => "audit",
        other => other,
    }
}

/// A word of the catalogues; the bare word where there is none (a solution may add its own).
pub fn word(language: Language, what: &str, key: &str) -> String {
    let name = format!("{what}-{}", key.replace(['.', '_'], "-"));
    if locale::has(language, &name) {
        locale::text(language, &name)
    } else {
        key.to_owned()
    }
}

pub fn operation_name(language: Language, operation: &str) -> String {
    word(language, "audit-op", operation)
}
pub fn entity_name(language: Language, entity: &str) -> String {
    word(language, "audit-entity", entity)
}
pub fn module_name(language: Language, module: &str) -> String {
    word(language, "audit-module", module)
}

/// The label of a field of a thing.
pub fn field_label(
    portfolio: &desk::Portfolio,
    language: Language,
    (entity, of_type): (&str, Option<&str>),
    field: &str,
) -> String {
    if let Some(key) = field.strip_prefix("fields.") {
        // Two types may call a field of one key by two names.
        let mut labels: Vec<&str> = portfolio
            .iter()
            .filter(|of| of_type.is_none_or(|key| of.schema.key == key))
            .filter_map(|of| of.schema.field(key))
            .map(|spec| spec.label.get(language))
            .collect();
        labels.sort_unstable();
        labels.dedup();
        return if labels.is_empty() {
            key.to_owned()
        } else {
            labels.join(" / ")
        };
    }
    let own = format!(
        "audit-field-{}-{}",
        entity.replace('_', "-"),
        field.replace('_', "-")
    );
    if locale::has(language, &own) {
        locale::text(language, &own)
    } else {
        word(language, "audit-field", field)
    }
}

/// What may be seen of an entry's record.
enum Record {
    /// Every field that the mask shows on every row.
    Some,
    /// The record itself is known: conditions are tried on it.
    Known(Map<String, Value>, Vec<String>),
    Nothing,
}

impl Reader {
    pub fn new(app: &App, session: &Session, language: Language) -> Result<Self> {
        session.policy.require(Verb::Read, "audit")?;
        let masks = [
            "customer",
            "contact",
            "history",
            "user",
            "group",
            "unit",
            "position",
            "role",
            "session",
            "work_item",
            "instance",
            "incident",
            "definition",
            "import",
            "audit",
            "view",
            "attachment",
            "case",
            "interaction",
            "setting",
        ]
        .into_iter()
        .map(|entity| (entity.to_owned(), session.policy.mask(entity, Verb::Read)))
        .collect();
        Ok(Self {
            session: session.clone(),
            language,
            trail: session.policy.mask("audit", Verb::Read),
            masks,
            sight: Sight::reading(&session.policy),
            portfolio: app.rooms.portfolio(),
        })
    }

    fn shows(&self, column: &str) -> bool {
        self.trail.field(column) == Visibility::Always
    }

    fn mask(&self, entity: &str) -> Mask {
        let thing = thing(entity);
        match self.masks.get(thing) {
            Some(mask) => mask.clone(),
            None => self.session.policy.mask(thing, Verb::Read),
        }
    }

    /// The conditions of a query; one on a column that may not be seen is refused like one that does not exist.
    pub fn ask(&self, query: &AuditQuery) -> Result<Ask> {
        let mut problems = Vec::new();
        for (name, column, given) in [
            ("from", "at", query.from.is_some()),
            ("to", "at", query.to.is_some()),
            ("user", "user", query.user.is_some()),
            ("role", "role", query.role.is_some()),
            ("operation", "operation", query.operation.is_some()),
            ("module", "module", query.module.is_some()),
            ("entity", "entity", query.entity.is_some()),
            ("record", "record", query.record.is_some()),
            ("customer", "customer", query.customer.is_some()),
            ("session", "session", query.session.is_some()),
            ("outcome", "outcome", query.outcome.is_some()),
        ] {
            if given && !self.shows(column) {
                problems.push(FieldProblem::new(name, "unknown_field"));
            }
        }
        let outcome = query.outcome.as_deref().map(str::parse).transpose();
        let outcome = outcome.unwrap_or_else(|_| {
            problems.push(FieldProblem::new("outcome", "unknown_choice"));
            None
        });
        if let Ok(error) = Error::try_from(problems) {
            return Err(error);
        }
        Ok(Ask {
            from: query.from,
            to: query.to,
            user: query.user.map(Id::cast),
            role: query.role.clone(),
            operation: query.operation.clone(),
            module: query.module.clone(),
            entity: query.entity.clone(),
            entity_id: query.record.clone(),
            customer: query.customer.map(Id::uuid),
            session: query.session.map(Id::cast),
            outcome,
            also: Some(self.trail.rows().clone()).filter(|rows| *rows != Filter::TRUE),
        })
    }

    /// Whether the entry is there at all for this asker.
    pub fn may_see(&self, entry: &Recorded) -> bool {
        let text = |text: &str| Operand::Text(text.to_owned());
        self.trail.rows().matches(&|field: &str| match field {
            "at" => Operand::Moment(entry.at),
            "user" => entry
                .user_id
                .map_or(Operand::Null, |u| text(&u.to_string())),
            "customer" => entry
                .customer
                .map_or(Operand::Null, |c| text(&c.to_string())),
            "operation" => text(&entry.operation),
            "module" => text(&entry.module),
            "entity" => text(&entry.entity),
            "record" => entry.entity_id.as_deref().map_or(Operand::Null, text),
            "outcome" => text(&entry.outcome),
            "role" => entry.role.as_deref().map_or(Operand::Null, text),
            _ => Operand::Null,
        })
    }

    /// Whether a text stands in what the asker may see of an entry.
    pub fn finds(&self, wanted: &str) -> impl Fn(&Recorded) -> bool + Sync + '_ {
        let wanted: Vec<String> = text::fold(wanted)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        move |entry: &Recorded| {
            let mut seen = String::new();
            let mut add = |text: &str| {
                seen.push_str(text);
                seen.push(' ');
            };
            for (column, text) in [
                ("user", Some(entry.user_name.as_str())),
                ("operation", Some(entry.operation.as_str())),
                ("record", entry.entity_id.as_deref()),
                ("note", self.note_of(entry, None)),
            ] {
                if let Some(text) = text.filter(|_| self.shows(column)) {
                    add(text);
                }
            }
            if self.shows("operation") {
                add(&operation_name(self.language, &entry.operation));
            }
            if self.shows("customer")
                && let Some(customer) = entry.customer
            {
                add(&customer.to_string());
            }
            // Only where every record of the thing is seen: a hit must not tell of one that is not.
            let mask = self.mask(&entry.entity);
            let whole = |mask: &Mask| *mask.rows() == Filter::TRUE;
            let customers =
                entry.customer.is_none() || self.masks.get("customer").is_some_and(whole);
            if self.shows("change") && whole(&mask) && customers {
                let (before, after) = past::sides(entry);
                for (field, value) in before.iter().chain(&after).flatten() {
                    if self.field_shows(&mask, entry, field) {
                        add(&field_label(
                            &self.portfolio,
                            self.language,
                            (&entry.entity, None),
                            field,
                        ));
                        match value {
                            Value::String(text) => add(text),
                            other => add(&other.to_string()),
                        }
                    }
                }
            }
            let seen = text::fold(&seen);
            wanted.iter().all(|word| seen.contains(word.as_str()))
        }
    }

    /// A form's values are the customer's where it is bound to them.
    fn field_shows(&self, mask: &Mask, entry: &Recorded, field: &str) -> bool {
        if mask.field(field) != Visibility::Always {
            return false;
        }
        if entry.customer.is_none() || thing(&entry.entity) == "customer" {
            return true;
        }
        let key = field.strip_prefix("customer.").unwrap_or(field);
        self.masks.get("customer").is_some_and(|customers| {
            customers.field(&format!("fields.{key}")) == Visibility::Always
                || self
                    .portfolio
                    .iter()
                    .all(|of| of.schema.field(key).is_none())
        })
    }

    /// An entry's note names people and things: shown where their names may be seen.
    fn note_of<'e>(&self, entry: &'e Recorded, record: Option<&Record>) -> Option<&'e str> {
        let note = entry.note.as_deref()?;
        if !self.shows("note") {
            return None;
        }
        let named = match entry.entity.as_str() {
            "customer" => "name",
            "user" if entry.operation == "session.refuse" => "login",
            "session" => "address",
            _ => return Some(note),
        };
        let mask = self.mask(&entry.entity);
        let title = || {
            self.portfolio.iter().all(|of| {
                let mut title = of.schema.title.iter();
                title.all(|key| mask.field(&format!("fields.{key}")) == Visibility::Always)
            })
        };
        let whole = *mask.rows() == Filter::TRUE || matches!(record, Some(Record::Known(..)));
        (mask.field(named) == Visibility::Always
            && whole
            && (entry.entity != "customer" || title()))
        .then_some(note)
    }

    /// The lines of a list, with the names of the customers and users that may be seen.
    pub async fn lines(
        &self,
        reads: &mut impl Reads,
        entries: &[Recorded],
    ) -> Result<Vec<AuditLine>> {
        let customers: BTreeSet<_> = entries.iter().filter_map(|e| e.customer).collect();
        let customers: Vec<Id<desk::Customer>> = customers.into_iter().map(Id::new).collect();
        let mut names: HashMap<uuid::Uuid, String> = HashMap::new();
        if self.session.policy.require(Verb::Read, "customer").is_ok() {
            let seen =
                desk::customer::names(reads, &self.sight, &self.portfolio, &customers).await?;
            names.extend(seen.into_iter().map(|(id, name)| (id.uuid(), name)));
        }
        let mut records: HashMap<(String, String), String> = HashMap::new();
        for entry in entries {
            let Some(id) = &entry.entity_id else { continue };
            let key = (entry.entity.clone(), id.clone());
            if !records.contains_key(&key)
                && let Some(name) = self.name_of(reads, entry, &names).await?
            {
                records.insert(key, name);
            }
        }
        Ok(entries
            .iter()
            .map(|entry| {
                let key = entry.entity_id.clone().unwrap_or_default();
                let name = records.get(&(entry.entity.clone(), key)).cloned();
                self.line(entry, name, &names)
            })
            .collect())
    }

    async fn name_of(
        &self,
        reads: &mut impl Reads,
        entry: &Recorded,
        customers: &HashMap<uuid::Uuid, String>,
    ) -> Result<Option<String>> {
        let Some(id) = entry.entity_id.as_deref() else {
            return Ok(None);
        };
        let mask = self.mask(&entry.entity);
        if mask.is_empty() {
            return Ok(None);
        }
        let uuid = id.parse::<uuid::Uuid>().ok();
        Ok(match (entry.entity.as_str(), uuid) {
            ("customer", Some(id)) => customers.get(&id).cloned(),
            ("user", Some(id)) => directory::users::find(reads, Id::new(id))
                .await?
                .filter(|user| {
                    let get = |field: &str| user.get(field);
                    mask.rows().matches(&get) && mask.shows("name", &get)
                })
                .map(|user| user.name),
            ("role", Some(id)) if mask.field("name") == Visibility::Always => {
                directory::roles::find(reads, Id::new(id))
                    .await?
                    .map(|r| r.name)
            }
            ("group", Some(id)) if mask.field("name") == Visibility::Always => {
                directory::groups::find(reads, Id::new(id))
                    .await?
                    .map(|g| g.name)
            }
            ("unit", Some(id)) if mask.field("name") == Visibility::Always => {
                directory::units::find(reads, Id::new(id))
                    .await?
                    .map(|u| u.name)
            }
            _ => None,
        })
    }

    fn line(
        &self,
        entry: &Recorded,
        record_name: Option<String>,
        customers: &HashMap<uuid::Uuid, String>,
    ) -> AuditLine {
        let shown = |column: &str, text: &str| {
            if self.shows(column) {
                text.to_owned()
            } else {
                String::new()
            }
        };
        let customer = entry.customer.filter(|_| self.shows("customer"));
        let mask = self.mask(&entry.entity);
        let whole = *mask.rows() == Filter::TRUE
            || (thing(&entry.entity) == "customer"
                && entry.customer.is_some_and(|c| customers.contains_key(&c)));
        let mut changed = BTreeSet::new();
        if self.shows("change") && whole && self.customer_is_seen(entry, customers) {
            let (before, after) = past::sides(entry);
            for (field, _) in before.iter().chain(&after).flatten() {
                if self.field_shows(&mask, entry, field) {
                    changed.insert(field_label(
                        &self.portfolio,
                        self.language,
                        (&entry.entity, None),
                        field,
                    ));
                }
            }
        }
        AuditLine {
            id: entry.name(),
            at: entry.at,
            user: entry.user_id.map(Id::cast).filter(|_| self.shows("user")),
            user_name: shown("user", &entry.user_name),
            role: entry.role.clone().filter(|_| self.shows("role")),
            kind: entry.kind.clone(),
            operation_name: shown(
                "operation",
                &operation_name(self.language, &entry.operation),
            ),
            operation: shown("operation", &entry.operation),
            module: shown("module", &entry.module),
            entity_name: shown("entity", &entity_name(self.language, &entry.entity)),
            entity: shown("entity", &entry.entity),
            record: entry.entity_id.clone().filter(|_| self.shows("record")),
            record_name: record_name.filter(|_| self.shows("record")),
            customer: customer.map(Id::new),
            customer_name: customer.and_then(|c| customers.get(&c).cloned()),
            changed: changed.into_iter().collect(),
            microseconds: entry.duration.filter(|_| self.shows("duration")),
            outcome: shown("outcome", &entry.outcome),
            note: self.note_of(entry, None).map(str::to_owned),
            session: entry
                .session
                .map(Id::cast)
                .filter(|_| self.shows("session")),
            node: entry.node.clone(),
        }
    }

    /// What hangs on a customer is seen where the customer is.
    fn customer_is_seen(&self, entry: &Recorded, customers: &HashMap<uuid::Uuid, String>) -> bool {
        let all = self
            .masks
            .get("customer")
            .is_some_and(|mask| *mask.rows() == Filter::TRUE);
        all || entry.customer.is_none_or(|c| customers.contains_key(&c))
    }

    /// What may be seen of an entry's record, for the two places that show values.
    async fn record(&self, reads: &mut impl Reads, entry: &Recorded) -> Result<Record> {
        let mask = self.mask(&entry.entity);
        if mask.is_empty() || !self.shows("change") {
            return Ok(Record::Nothing);
        }
        if let Some(id) = entry.customer {
            if self.session.policy.require(Verb::Read, "customer").is_err() {
                return Ok(Record::Nothing);
            }
            let found =
                desk::customer::load(reads, &self.sight, &self.portfolio, Id::new(id)).await?;
            let everybody = *self.sight.rows() == Filter::TRUE;
            return Ok(match found {
                Some(customer) if thing(&entry.entity) == "customer" => {
                    let mut known = Map::new();
                    known.insert("fields".into(), Value::Object(customer.fields));
                    for (name, value) in [
                        ("type", Some(customer.type_key)),
                        ("segment", customer.segment),
                        ("owner", customer.owner.map(|o| o.to_string())),
                        ("unit", customer.unit.map(|u| u.to_string())),
                    ] {
                        if let Some(value) = value {
                            known.insert(name.into(), value.into());
                        }
                    }
                    Record::Known(known, customer.masked)
                }
                // A contact, a work item: of a customer who is seen.
                Some(_) => Record::Some,
                // Not there any more: for whoever sees all of them, by the rules for all.
                None if everybody => Record::Some,
                None => Record::Nothing,
            });
        }
        if *mask.rows() == Filter::TRUE {
            return Ok(Record::Some);
        }
        // Conditions on the record itself: tried on the image that the entry holds.
        let (before, after) = past::sides(entry);
        let mut image = before.unwrap_or_default();
        image.extend(after.unwrap_or_default());
        if let ("user", Some(Ok(id))) = (
            entry.entity.as_str(),
            entry.entity_id.as_deref().map(str::parse::<uuid::Uuid>),
        ) && let Some(user) = directory::users::find(reads, Id::new(id)).await?
            && let Ok(Value::Object(now)) = serde_json::to_value(&user)
        {
            for (name, value) in now {
                image.entry(name).or_insert(value);
            }
        }
        let seen = mask
            .rows()
            .matches(&|field: &str| json_record(&image)(field));
        Ok(if seen {
            Record::Known(image, Vec::new())
        } else {
            Record::Nothing
        })
    }

    fn value_shows(&self, mask: &Mask, record: &Record, entry: &Recorded, field: &str) -> bool {
        match record {
            Record::Nothing => false,
            Record::Some => self.field_shows(mask, entry, field),
            Record::Known(known, masked) => {
                let bare = field.strip_prefix("fields.").unwrap_or(field);
                !masked.iter().any(|m| m == bare)
                    && mask.shows(field, &|name: &str| json_record(known)(name))
            }
        }
    }

    /// One entry with what it changed.
    pub async fn entry(&self, reads: &mut impl Reads, entry: &Recorded) -> Result<AuditEntry> {
        let mut lines = self.lines(reads, std::slice::from_ref(entry)).await?;
        let record = self.record(reads, entry).await?;
        let mask = self.mask(&entry.entity);
        let of_type = match &record {
            Record::Known(known, _) => known.get("type").and_then(Value::as_str),
            _ => None,
        };
        let of_type = of_type.map(str::to_owned);
        let (before, after) = past::sides(entry);
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let mut fields = Vec::new();
        let mut partly_hidden = false;
        for name in names {
            if !self.value_shows(&mask, &record, entry, name) {
                partly_hidden = true;
                continue;
            }
            let value =
                |side: &Map<String, Value>| side.get(name).filter(|v| !v.is_null()).cloned();
            let (mut old, mut new) = (value(&before), value(&after));
            for side in [&mut old, &mut new].into_iter().flatten() {
                self.tell(reads, name, side).await?;
            }
            let veiled = [&old, &new]
                .into_iter()
                .flatten()
                .any(|v| v.as_str().is_some_and(|t| t.starts_with(past::VEIL)));
            fields.push(FieldChange {
                label: field_label(
                    &self.portfolio,
                    self.language,
                    (&entry.entity, of_type.as_deref()),
                    name,
                ),
                field: name.clone(),
                before: old,
                after: new,
                veiled,
            });
        }
        let mut line = lines.pop().ok_or_else(|| Error::not_found("audit"))?;
        line.note = self.note_of(entry, Some(&record)).map(str::to_owned);
        Ok(AuditEntry {
            has_past: line.record.is_some() && has_past(&entry.entity),
            line,
            fields,
            partly_hidden,
            hash: hex::encode(&entry.hash),
        })
    }

    /// Ids of people and units become names.
    pub async fn tell(&self, reads: &mut impl Reads, field: &str, value: &mut Value) -> Result<()> {
        let Some(id) = value
            .as_str()
            .and_then(|text| text.parse::<uuid::Uuid>().ok())
        else {
            return Ok(());
        };
        let name = match field {
            "owner" | "manager" | "assignee" => {
                let users = self.mask("user");
                directory::users::find(reads, Id::new(id))
                    .await?
                    .filter(|user| users.shows("name", &|f: &str| user.get(f)))
                    .map(|user| user.name)
            }
            "unit" => directory::units::find(reads, Id::new(id))
                .await?
                .map(|u| u.name),
            "position" => directory::positions::find(reads, Id::new(id))
                .await?
                .map(|p| p.name),
            _ => None,
        };
        if let Some(name) = name {
            *value = Value::String(name);
        }
        Ok(())
    }

    /// Which of a state's fields may be seen: the rest is taken out. Tells whether there was any.
    pub async fn strip(
        &self,
        reads: &mut impl Reads,
        like: &Recorded,
        states: [&mut Map<String, Value>; 2],
    ) -> Result<bool> {
        let record = self.record(reads, like).await?;
        let mask = self.mask(&like.entity);
        let mut hidden = false;
        for state in states {
            let before = state.len();
            state.retain(|field, _| self.value_shows(&mask, &record, like, field));
            hidden |= state.len() < before;
        }
        Ok(hidden)
    }
}

/// What has before and after images, so that its past can be told.
pub fn has_past(entity: &str) -> bool {
    matches!(
        entity,
        "customer" | "contact" | "user" | "group" | "unit" | "position" | "role"
    )
}

/// Something is read: recorded where the levels say so (features.md S-13), before it is answered.
pub async fn seen(
    app: &App,
    session: &Session,
    (module, entity): (&'static str, &'static str),
    what: Seen<'_>,
) -> Result<()> {
    let mut entry = Entry::new(format!("{entity}.read"), module, entity).reading(what.sensitive);
    entry.entity_id = what.record;
    entry.customer = what.customer;
    entry.note = what.note.map(str::to_owned);
    debug_assert!(entry.nature >= Nature::SensitiveRead);
    if !app.rooms.levels().keeps(&entry) {
        return Ok(());
    }
    let mut tx = app.db.write().await?;
    audit::record(&mut tx, app.ambient.now(), &session.actor, entry);
    tx.commit().await
}

/// What was read.
#[derive(Default)]
pub struct Seen<'a> {
    pub record: Option<String>,
    pub customer: Option<uuid::Uuid>,
    /// Sensitive fields were among what was shown.
    pub sensitive: bool,
    pub note: Option<&'a str>,
}
