use access::Verb;
use api::Problem;
use api::audit::{
    AuditEntry, AuditFacets, AuditLevel, AuditLevels, AuditPage, AuditQuery, AuditState, Facet,
    SetAuditLevel, Verification,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures::future::BoxFuture;
use kernel::{Error, Language, Page, Result};
use ledger::Actor;
use ledger::audit::verify::Finding;
use ledger::audit::{
    self, Ask, Direction, Entry, Level, Nature, Place, checkpoint, level, past, verification,
};
use std::collections::BTreeMap;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{Answer, At, Input, Params, Session, Tongue};
use crate::sheet::{self, Cell, Row, Rows, Table};
use crate::trail::{Reader, entity_name, module_name, operation_name, word};
use crate::{App, chores};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(facets))
        .routes(routes!(one))
        .routes(routes!(export))
        .routes(routes!(levels, set_level))
        .routes(routes!(super::past::past))
        .routes(routes!(state, verify))
}

/// The trail, newest first. Looks at no more than 20,000 entries in one call: `looked_to` says how far it came.
#[utoipa::path(get, path = api::path::AUDIT, tag = "audit", params(AuditQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = AuditPage), (status = "default", body = Problem)))]
async fn list(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(query): Params<AuditQuery>,
) -> Answer<Json<AuditPage>> {
    let reader = Reader::new(&app, &session, language)?;
    let ask = reader.ask(&query)?;
    let from: Option<Place> = query.cursor.as_deref().map(str::parse).transpose()?;
    let direction = match query.newer {
        Some(true) if from.is_some() => Direction::Newer,
        _ => Direction::Older,
    };
    let page = Page {
        limit: query.limit,
        cursor: None,
    };
    let wanted = wanted(&query);
    let finds = wanted.as_deref().map(|text| reader.finds(text));
    let keep = finds.as_ref().map(|f| f as audit::Keep<'_>);
    let mut reads = app.db.read().await?;
    let found = audit::look(&mut reads, &ask, from, direction, page.limit(), keep).await?;
    Ok(Json(AuditPage {
        items: reader.lines(&mut reads, &found.items).await?,
        older: found.older.map(|p| p.to_string()),
        newer: found.newer.map(|p| p.to_string()),
        looked_to: found.looked_to,
    }))
}

fn wanted(query: &AuditQuery) -> Option<String> {
    query
        .q
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// What there is to choose from, with counts over the newest entries that meet the conditions.
#[utoipa::path(get, path = api::path::AUDIT_FACETS, tag = "audit", params(AuditQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = AuditFacets), (status = "default", body = Problem)))]
async fn facets(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(query): Params<AuditQuery>,
) -> Answer<Json<AuditFacets>> {
    let reader = Reader::new(&app, &session, language)?;
    let ask = reader.ask(&query)?;
    let mut reads = app.db.read().await?;
    let (counted, whole) = audit::counted(&mut reads, &ask).await?;
    let mut of: [BTreeMap<String, u64>; 5] = Default::default();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (operation, module, entity) in audit::operations(&mut reads).await? {
        for (facet, key) in of.iter_mut().zip([module, entity, operation]) {
            facet.entry(key).or_default();
        }
    }
    for line in counted {
        let count = u64::try_from(line.count).unwrap_or(0);
        for (facet, key) in
            of.iter_mut()
                .zip([line.module, line.entity, line.operation, line.outcome])
        {
            *facet.entry(key).or_default() += count;
        }
        if let Some(user) = line.user_id {
            let key = user.to_string();
            names.entry(key.clone()).or_insert(line.user_name);
            *of[4].entry(key).or_default() += count;
        }
    }
    let [modules, entities, operations, outcomes, users] = of;
    let shows = |column: &str| {
        session.policy.mask("audit", Verb::Read).field(column) == access::Visibility::Always
    };
    let told = |facet: BTreeMap<String, u64>, column: &str, name: &dyn Fn(&str) -> String| {
        let mut lines: Vec<Facet> = facet
            .into_iter()
            .filter(|_| shows(column))
            .map(|(key, count)| Facet {
                name: name(&key),
                key,
                count,
            })
            .collect();
        lines.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        lines
    };
    Ok(Json(AuditFacets {
        modules: told(modules, "module", &|key| module_name(language, key)),
        entities: told(entities, "entity", &|key| entity_name(language, key)),
        operations: told(operations, "operation", &|key| {
            operation_name(language, key)
        }),
        outcomes: told(outcomes, "outcome", &|key| {
            word(language, "audit-outcome", key)
        }),
        users: told(users, "user", &|key| {
            names.get(key).cloned().unwrap_or_default()
        }),
        whole,
    }))
}

/// One entry with what it changed, field by field, as far as the asker may see it.
#[utoipa::path(get, path = api::path::AUDIT_ENTRY, tag = "audit", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = AuditEntry), (status = "default", body = Problem)))]
async fn one(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<String>,
) -> Answer<Json<AuditEntry>> {
    let reader = Reader::new(&app, &session, language)?;
    let (lane, number) = past::read_name(&id).ok_or_else(|| Error::not_found("audit"))?;
    let mut reads = app.db.read().await?;
    let entry = audit::one(&mut reads, lane, number)
        .await?
        .filter(|entry| reader.may_see(entry))
        .ok_or_else(|| Error::not_found("audit"))?;
    Ok(Json(reader.entry(&mut reads, &entry).await?))
}

/// The trail as a file (`format`: `csv` or `xlsx`), by the same conditions. The export leaves two entries: that it began,
/// and how it ended. It stops where the asker loses the right.
#[utoipa::path(get, path = api::path::AUDIT_EXPORT, tag = "audit", params(AuditQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = "default", body = Problem)))]
async fn export(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    headers: HeaderMap,
    Params(query): Params<AuditQuery>,
) -> Answer<Response> {
    session.policy.require(Verb::Export, "audit")?;
    let reader = Reader::new(&app, &session, language)?;
    let ask = reader.ask(&query)?;
    let format = query.format.as_deref().unwrap_or("csv").parse()?;
    let conditions = serde_json::to_string(&query).map_err(Error::internal)?;
    let mut tx = app.db.write().await?;
    let entry = Entry::new("audit.export", "audit", "audit").note(conditions);
    audit::record(&mut tx, app.ambient.now(), &session.actor, entry);
    tx.commit().await?;
    let heading = |key: &str| locale::text(language, &format!("audit-column-{key}"));
    let table = Table {
        file: "auditoria",
        sheet: locale::text(language, "audit-title"),
        headings: COLUMNS.iter().map(|key| heading(key)).collect(),
    };
    let rows = Export {
        app: app.clone(),
        actor: session.actor.clone(),
        language,
        ask,
        wanted: wanted(&query),
        from: None,
        done: false,
    };
    Ok(sheet::answer(app, headers, format, table, rows))
}

const COLUMNS: [&str; 17] = [
    "at-utc",
    "user",
    "role",
    "operation",
    "operation-key",
    "module",
    "entity",
    "record-name",
    "record",
    "customer",
    "changed",
    "duration-ms",
    "outcome",
    "note",
    "session",
    "node",
    "entry",
];

struct Export {
    app: App,
    actor: Actor,
    language: Language,
    ask: Ask,
    wanted: Option<String>,
    from: Option<Place>,
    done: bool,
}

impl Rows for Export {
    fn next(&mut self, session: Session) -> BoxFuture<'_, Result<Option<Vec<Row>>>> {
        Box::pin(async move {
            self.may(&session)?;
            if self.done {
                return Ok(None);
            }
            let reader = Reader::new(&self.app, &session, self.language)?;
            let mut reads = self.app.db.read().await?;
            let finds = self.wanted.as_deref().map(|text| reader.finds(text));
            let keep = finds.as_ref().map(|f| f as audit::Keep<'_>);
            let found = audit::look(
                &mut reads,
                &self.ask,
                self.from,
                Direction::Older,
                500,
                keep,
            )
            .await?;
            self.done = found.older.is_none();
            self.from = found.older;
            let lines = reader.lines(&mut reads, &found.items).await?;
            Ok(Some(
                lines
                    .into_iter()
                    .map(|line| {
                        let milliseconds = line.microseconds.map(|m| m as f64 / 1_000.0);
                        vec![
                            Cell::Moment(line.at),
                            line.user_name.into(),
                            line.role.into(),
                            line.operation_name.into(),
                            line.operation.into(),
                            module_name(self.language, &line.module).into(),
                            line.entity_name.into(),
                            line.record_name.into(),
                            line.record.into(),
                            line.customer_name.into(),
                            line.changed.join(", ").into(),
                            milliseconds.map_or(Cell::from(""), Cell::Number),
                            word(self.language, "audit-outcome", &line.outcome).into(),
                            line.note.into(),
                            line.session.map(|s| s.to_string()).into(),
                            line.node.into(),
                            line.id.into(),
                        ]
                    })
                    .collect(),
            ))
        })
    }

    fn may(&self, session: &Session) -> Result<()> {
        session.policy.require(Verb::Export, "audit")
    }

    fn ended(&self) -> (Actor, Entry) {
        (
            self.actor.clone(),
            Entry::new("audit.export_end", "audit", "audit"),
        )
    }
}

/// What can be chosen a level for: module, entity, and whether reading it can be recorded.
const LEVELS: &[(&str, &str, bool)] = &[
    ("desk", "*", false),
    ("desk", "customer", true),
    ("desk", "contact", true),
    ("desk", "import", false),
    ("ledger", "*", false),
    ("ledger", "history", true),
    ("runner", "*", false),
    ("runner", "instance", true),
    ("runner", "work_item", true),
    ("runner", "incident", false),
    ("design", "*", false),
    ("directory", "*", false),
    ("audit", "*", false),
];

/// How much is recorded, per module and entity.
#[utoipa::path(get, path = api::path::AUDIT_LEVELS, tag = "audit", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = AuditLevels), (status = "default", body = Problem)))]
async fn levels(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
) -> Answer<Json<AuditLevels>> {
    session.policy.require(Verb::Read, "audit")?;
    let levels = level::load(&mut app.db.read().await?).await?;
    let mut places: Vec<(String, String, bool)> = LEVELS
        .iter()
        .map(|(m, e, reads)| ((*m).to_owned(), (*e).to_owned(), *reads))
        .collect();
    // What was set by other means is shown, too.
    for rule in &levels.0 {
        let known = |(m, e, _): &(String, String, bool)| *m == rule.module && *e == rule.entity;
        if rule.module != level::ALL && !places.iter().any(known) {
            places.push((rule.module.clone(), rule.entity.clone(), false));
        }
    }
    let line = |module: String, entity: String, reads: bool| {
        let set = levels
            .0
            .iter()
            .find(|r| r.module == module && r.entity == entity);
        let security = Nature::Security == Entry::new("", module.clone(), entity.clone()).nature;
        AuditLevel {
            module_name: module_name(language, &module),
            entity_name: if entity == level::ALL {
                String::new()
            } else {
                entity_name(language, &entity)
            },
            level: set.map(|r| r.level.text().to_owned()),
            effective: if security {
                Level::Security.text().to_owned()
            } else {
                levels.of(&module, &entity).text().to_owned()
            },
            locked: security,
            reads,
            module,
            entity,
        }
    };
    Ok(Json(AuditLevels {
        everywhere: line(level::ALL.into(), level::ALL.into(), true),
        lines: places.into_iter().map(|(m, e, r)| line(m, e, r)).collect(),
        changeable: session.looker.is_none()
            && session.policy.require(Verb::Change, "audit").is_ok(),
    }))
}

/// Sets how much is recorded. Security is recorded in any case, and so is this.
#[utoipa::path(put, path = api::path::AUDIT_LEVELS, tag = "audit", request_body = SetAuditLevel, security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn set_level(
    State(app): State<App>,
    session: Session,
    Input(input): Input<SetAuditLevel>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Change, "audit")?;
    let wanted = input.level.as_deref().map(str::parse::<Level>).transpose();
    let wanted = wanted.map_err(|_| Error::invalid("level", "unknown_choice"))?;
    let mut tx = app.db.write().await?;
    level::set(
        &mut tx,
        app.ambient.now(),
        &session.actor,
        (&input.module, &input.entity),
        wanted,
    )
    .await?;
    tx.commit().await?;
    app.rooms.refresh_levels(&app.db).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the trail stands on: its size, its checkpoints, the last checks of it.
#[utoipa::path(get, path = api::path::AUDIT_STATE, tag = "audit", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = AuditState), (status = "default", body = Problem)))]
async fn state(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
) -> Answer<Json<AuditState>> {
    session.policy.require(Verb::Read, "audit")?;
    Ok(Json(state_of(&app, language).await?))
}

async fn state_of(app: &App, language: Language) -> Result<AuditState> {
    let now = app.ambient.now();
    let mut reads = app.db.read().await?;
    let newest = checkpoint::newest(&mut reads).await?;
    let stated = newest
        .as_ref()
        .and_then(|c| serde_json::from_str::<checkpoint::Statement>(&c.statement).ok());
    let verifications = verification::newest(&mut reads)
        .await?
        .into_iter()
        .map(|v| told(v, now, language))
        .collect();
    Ok(AuditState {
        entries: audit::count(&mut reads).await?,
        checkpoint: newest.map(|c| c.number),
        checkpoint_at: stated.map(|s| s.at),
        every_minutes: app.config.checkpoint_minutes,
        kept_elsewhere: app.config.checkpoint_dir.is_some(),
        verifications,
    })
}

fn told(
    found: verification::Verification,
    now: kernel::Moment,
    language: Language,
) -> Verification {
    let state = match (&found.report, &found.failure) {
        (Some(report), _) if report.is_sound() => "sound",
        (Some(_), _) => "broken",
        (None, Some(_)) => "failed",
        (None, None) if found.is_running(now) => "running",
        (None, None) => "interrupted",
    };
    let report = found.report.as_ref();
    Verification {
        id: found.id.to_string(),
        by: found.user_name,
        started: found.started,
        finished: found.finished,
        state: state.to_owned(),
        entries: found.entries,
        checked: found.checked,
        checkpoints: report.map_or(0, |r| r.checkpoints),
        uncovered: report.map_or(0, |r| r.uncovered),
        faults: report.map_or(0, |r| r.faults),
        findings: report
            .map(|r| {
                let first = r.findings.iter().take(20);
                first.map(|f| sentence(f, language)).collect()
            })
            .unwrap_or_default(),
    }
}

/// A finding and its place, in a sentence.
fn sentence(finding: &Finding, language: Language) -> String {
    let Ok(serde_json::Value::Object(told)) = serde_json::to_value(finding) else {
        return String::new();
    };
    let fault = told
        .get("fault")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .replace('_', "-");
    // Numbers of entries are names, not amounts: no separators.
    let args: Vec<(&str, locale::FluentValue<'_>)> = told
        .iter()
        .filter(|(name, _)| *name != "fault")
        .map(|(name, value)| (name.as_str(), value.to_string().into()))
        .collect();
    locale::text_with(language, &format!("audit-finding-{fault}"), &args)
}

/// Begins a check of the whole trail in the background; where one is running, that one is the answer.
#[utoipa::path(post, path = api::path::AUDIT_STATE, tag = "audit", security(("bearer" = []), ("cookie" = [])), responses((status = 202, body = AuditState), (status = "default", body = Problem)))]
async fn verify(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
) -> Answer<(StatusCode, Json<AuditState>)> {
    session.policy.require(Verb::Execute, "audit")?;
    let mut tx = app.db.write().await?;
    let (id, new) = verification::begin(&mut tx, &app.ambient, &session.actor).await?;
    tx.commit().await?;
    if new {
        tokio::spawn(chores::verify(app.clone(), id));
    }
    Ok((StatusCode::ACCEPTED, Json(state_of(&app, language).await?)))
}
