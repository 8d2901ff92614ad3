use access::{Verb, Visibility};
use api::Problem;
use api::audit::{Past, PastField};
use axum::Json;
use axum::extract::State;
use desk::Sight;
use directory::{groups, positions, roles, units, users};
use kernel::{Error, FieldProblem, Id, Language, Moment, Result};
use ledger::audit::{Recorded, past as trail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::Reads;
use uuid::Uuid;

use crate::App;
use crate::http::{Answer, At, Params, Session, Tongue};
use crate::trail::{Reader, entity_name, field_label, has_past};

#[derive(Deserialize)]
pub struct When {
    at: Moment,
}

/// How many of the changes since are listed.
const LISTED: usize = 200;

/// What a record looked like at an instant, and what was changed since: the present state with the trail's changes taken
/// back. What the trail cannot vouch for is said in `doubts`.
#[utoipa::path(get, path = api::path::AUDIT_PAST, tag = "audit", params(("entity" = String, Path), ("id" = String, Path), ("at" = String, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Past), (status = "default", body = Problem)))]
pub async fn past(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((entity, id)): At<(String, String)>,
    Params(when): Params<When>,
) -> Answer<Json<Past>> {
    let reader = Reader::new(&app, &session, language)?;
    let mask = session.policy.mask("audit", Verb::Read);
    let seen = ["change", "record", "at"];
    if seen.iter().any(|c| mask.field(c) != Visibility::Always) {
        session.policy.require(Verb::Read, "audit.change")?;
    }
    if !has_past(&entity) {
        return Err(Error::from(FieldProblem::new("entity", "no_past")).into());
    }
    session.policy.require(Verb::Read, &entity)?;
    let uuid: Uuid = id.parse().map_err(|_| Error::not_found("record"))?;
    let mut reads = app.db.read().await?;
    let present = present(&app, &session, &mut reads, &entity, uuid).await?;
    let (since, whole) = trail::since(&mut reads, &entity, &id, when.at).await?;
    let since: Vec<Recorded> = since.into_iter().filter(|e| reader.may_see(e)).collect();
    let left_by = trail::last_change(&mut reads, &entity, &id, when.at)
        .await?
        .filter(|e| reader.may_see(e));
    if present.state.is_none() && since.is_empty() && left_by.is_none() {
        return Err(Error::not_found("record").into());
    }
    let module = match entity.as_str() {
        "customer" | "contact" => "desk",
        _ => "directory",
    };
    let gaps = trail::gaps(&mut reads, (module, &entity), when.at).await?;
    let was = trail::reconstruct(present.state.clone(), &since);

    let customer = present
        .customer
        .or_else(|| since.iter().chain(&left_by).find_map(|e| e.customer));
    let like = like(&entity, &id, customer);
    let (mut then, mut now) = (
        was.state.clone().unwrap_or_default(),
        present.state.clone().unwrap_or_default(),
    );
    let partly_hidden = reader
        .strip(&mut reads, &like, [&mut then, &mut now])
        .await?
        || !present.masked.is_empty();
    let state = state_at(&present, &was, &since, when.at);
    let told = Told {
        app: &app,
        reader: &reader,
        language,
        entity: &entity,
        of_type: present.of_type.as_deref(),
    };
    let fields = if matches!(state, "there" | "unknown") {
        told.fields(&mut reads, then, now, &was).await?
    } else {
        Vec::new()
    };
    let mut doubts = Vec::new();
    if !whole {
        doubts.push(locale::text(language, "audit-past-too-long"));
    }
    for gap in gaps {
        let to = gap.to.map_or_else(
            || locale::text(language, "audit-past-now"),
            |to| to.to_string(),
        );
        let args = [("from", gap.from.to_string().into()), ("to", to.into())];
        doubts.push(locale::text_with(language, "audit-past-gap", &args));
    }
    for (of, key) in [
        ("untraced", "audit-past-untraced"),
        ("veiled", "audit-past-veiled"),
    ] {
        let named: Vec<&str> = fields
            .iter()
            .filter(|f| f.doubt.as_deref() == Some(of))
            .map(|f| f.label.as_str())
            .collect();
        if !named.is_empty() {
            let args = [("fields", named.join(", ").into())];
            doubts.push(locale::text_with(language, key, &args));
        }
    }
    if was.partial {
        doubts.push(locale::text(language, "audit-past-partial"));
    }
    if entity == "user" || entity == "group" || entity == "role" {
        doubts.push(locale::text(language, "audit-past-members"));
    }
    let listed: Vec<Recorded> = since
        .into_iter()
        .filter(trail::is_change)
        .take(LISTED)
        .collect();
    let lines = reader.lines(&mut reads, &listed).await?;
    let left_by = match left_by {
        Some(entry) => reader
            .lines(&mut reads, std::slice::from_ref(&entry))
            .await?
            .pop(),
        None => None,
    };
    Ok(Json(Past {
        entity_name: entity_name(language, &entity),
        entity,
        record: id,
        at: when.at,
        name: present.name,
        state: state.to_owned(),
        created: present.created,
        fields,
        partly_hidden,
        doubts,
        left_by,
        since: lines,
    }))
}

/// The record as it is now; `state` in the form that the trail uses.
#[derive(Default)]
struct Present {
    state: Option<Map<String, Value>>,
    name: String,
    created: Option<Moment>,
    deleted: bool,
    customer: Option<Uuid>,
    masked: Vec<String>,
    of_type: Option<String>,
}

fn image(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value).map_err(Error::internal)? {
        Value::Object(mut map) => {
            map.retain(|_, value| !value.is_null());
            Ok(map)
        }
        _ => Ok(Map::new()),
    }
}

async fn present(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    entity: &str,
    id: Uuid,
) -> Result<Present> {
    let sight = Sight::reading(&session.policy);
    let portfolio = app.rooms.portfolio();
    Ok(match entity {
        "customer" => {
            let customer = desk::customer::load(reads, &sight, &portfolio, Id::new(id)).await?;
            // Removed for good, or not for these eyes: the two are not told apart.
            let customer = customer.ok_or_else(|| Error::not_found("customer"))?;
            let mut state: Map<String, Value> = customer
                .fields
                .into_iter()
                .map(|(key, value)| (format!("fields.{key}"), value))
                .collect();
            if let Some(owner) = customer.owner {
                state.insert("owner".into(), json!(owner.to_string()));
            }
            if let Some(unit) = customer.unit {
                state.insert("unit".into(), json!(unit.to_string()));
            }
            Present {
                state: Some(state),
                name: customer.name,
                created: Some(customer.created),
                deleted: customer.deleted.is_some(),
                customer: Some(id),
                masked: customer.masked,
                of_type: Some(customer.type_key),
            }
        }
        "contact" => match desk::contact::load(reads, &sight, &portfolio, Id::new(id)).await? {
            Some(contact) => {
                let mut state = image(&contact)?;
                for own in ["id", "customer", "version", "created", "changed"] {
                    state.remove(own);
                }
                Present {
                    state: Some(state),
                    name: contact.name,
                    created: Some(contact.created),
                    customer: Some(contact.customer.uuid()),
                    ..Present::default()
                }
            }
            None => Present::default(),
        },
        "user" => match users::find(reads, Id::new(id)).await? {
            Some(user) => {
                session
                    .policy
                    .require_on(Verb::Read, "user", &|field: &str| user.get(field))
                    .map_err(|_| Error::not_found("user"))?;
                let names = |named: Vec<directory::Named>| -> Vec<String> {
                    named.into_iter().map(|n| n.name).collect()
                };
                let mut state = image(&user)?;
                let groups = names(users::groups_of(reads, user.id).await?);
                let roles = names(users::roles_of(reads, user.id).await?);
                state.insert("groups".into(), json!(groups));
                state.insert("roles".into(), json!(roles));
                Present {
                    state: Some(state),
                    name: user.name,
                    created: Some(user.created),
                    ..Present::default()
                }
            }
            None => Present::default(),
        },
        _ => {
            let found = match entity {
                "group" => groups::find(reads, Id::new(id)).await?.map(|g| image(&g)),
                "unit" => units::find(reads, Id::new(id)).await?.map(|u| image(&u)),
                "position" => positions::find(reads, Id::new(id))
                    .await?
                    .map(|p| image(&p)),
                _ => roles::find(reads, Id::new(id)).await?.map(|r| image(&r)),
            };
            let state = found.transpose()?;
            let name = state
                .as_ref()
                .and_then(|s| s.get("name"))
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            Present {
                state,
                name,
                ..Present::default()
            }
        }
    })
}

/// An entry about this record that says nothing: what rights are asked about.
fn like(entity: &str, id: &str, customer: Option<Uuid>) -> Recorded {
    Recorded {
        lane: 0,
        number: 0,
        at: Moment::EPOCH,
        user_id: None,
        user_name: String::new(),
        role: None,
        kind: String::new(),
        session: None,
        node: String::new(),
        operation: String::new(),
        module: String::new(),
        entity: entity.to_owned(),
        entity_id: Some(id.to_owned()),
        customer,
        change: None,
        duration: None,
        outcome: String::new(),
        note: None,
        hash: Vec::new(),
    }
}

fn state_at(present: &Present, was: &trail::Past, since: &[Recorded], at: Moment) -> &'static str {
    let created_since = since.iter().any(|e| e.operation.ends_with(".create"));
    if created_since || present.created.is_some_and(|created| created > at) {
        return "not_yet";
    }
    // A record in the recycle bin keeps its fields: whether it was there then is told by who put it in and took it out.
    let mut deleted = present.deleted;
    for entry in since {
        if entry.operation.ends_with(".delete") {
            deleted = false;
        } else if entry.operation.ends_with(".restore") {
            deleted = true;
        }
    }
    match &was.state {
        _ if deleted => "gone",
        Some(_) if was.partial => "unknown",
        Some(_) => "there",
        None => "gone",
    }
}

struct Told<'a> {
    app: &'a App,
    reader: &'a Reader,
    language: Language,
    entity: &'a str,
    /// The customer's type.
    of_type: Option<&'a str>,
}

impl Told<'_> {
    /// The fields in the order of the definition, then by name.
    async fn fields(
        &self,
        reads: &mut impl Reads,
        mut then: Map<String, Value>,
        mut now: Map<String, Value>,
        was: &trail::Past,
    ) -> Result<Vec<PastField>> {
        let portfolio = self.app.rooms.portfolio();
        let place = |field: &str| {
            let key = field.strip_prefix("fields.")?;
            portfolio
                .iter()
                .find_map(|of| of.schema.fields.iter().position(|f| f.key == key))
        };
        let mut names: Vec<String> = then.keys().chain(now.keys()).cloned().collect();
        names.sort_by(|a, b| {
            let order = |name: &str| place(name).map_or((1, 0), |at| (0, at));
            order(a).cmp(&order(b)).then_with(|| a.cmp(b))
        });
        names.dedup();
        let mut fields = Vec::new();
        for field in names {
            // How a record counts its states is no news of it.
            if matches!(field.as_str(), "id" | "version") {
                continue;
            }
            let (mut before, mut after) = (then.remove(&field), now.remove(&field));
            let doubt = was.doubts.get(&field).map(|doubt| match doubt {
                trail::Doubt::Veiled => "veiled",
                trail::Doubt::Untraced => "untraced",
            });
            let differs = before != after;
            for side in [&mut before, &mut after].into_iter().flatten() {
                self.reader.tell(reads, &field, side).await?;
            }
            fields.push(PastField {
                label: field_label(
                    &portfolio,
                    self.language,
                    (self.entity, self.of_type),
                    &field,
                ),
                field,
                then: before,
                now: after,
                differs,
                doubt: doubt.map(str::to_owned),
            });
        }
        Ok(fields)
    }
}
