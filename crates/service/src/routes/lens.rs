//! The security lens: looking as another user, and why something is hidden. Every answer is the decision function's own
//! (`access::Policy::decide`); here it is only asked and put into words.

use std::collections::BTreeMap;

use access::{Because, Catalogue, Effect, Grant, Place, Request, Target, Verb, Verdict};
use api::lens::{
    Answer as Told, Depth, Hidden, Look, Part, RightsQuery, RuleLine, Seen, SeenRole, Thing,
    Things, WhoLine, WhoQuery, WhyQuery,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use desk::Sight;
use directory::eyes::{self, Eyes};
use directory::{Ask, users};
use futures::future::BoxFuture;
use kernel::{Comparison, Error, Filter, Id, Language, Operand, Page, Paged, Result};
use ledger::Actor;
use ledger::audit::{self, Entry};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};
use crate::sheet::{self, Cell, Row, Rows, Table};
use crate::trail::{entity_name, field_label};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(begin, end))
        .routes(routes!(things))
        .routes(routes!(why))
        .routes(routes!(rights))
        .routes(routes!(who))
}

async fn eyes_of(app: &App, id: Id<of::User>) -> Result<Eyes> {
    eyes::of(&mut app.db.read().await?, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("user"))
}

fn seen(app: &App, eyes: &Eyes) -> Seen {
    Seen {
        id: eyes.user.id.cast(),
        login: eyes.user.login.clone(),
        name: eyes.user.name.clone(),
        active: eyes.user.active,
        roles: eyes
            .roles
            .iter()
            .map(|held| SeenRole {
                key: held.key.clone(),
                name: held.name.clone(),
                version: held.version,
                since: held.since,
                through: held.through.clone(),
            })
            .collect(),
        groups: app
            .rooms
            .groups_named(&eyes.groups)
            .into_iter()
            .map(|group| group.name)
            .collect(),
    }
}

/// Begins to look as a user: from here on requests with the header `engage-as` are answered as that user would be. Recorded.
#[utoipa::path(post, path = api::path::LENS, tag = "lens", request_body = Look, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Seen), (status = "default", body = Problem)))]
async fn begin(
    State(app): State<App>,
    session: Session,
    Input(input): Input<Look>,
) -> Answer<Json<Seen>> {
    session.policy.require(Verb::Execute, "lens")?;
    let eyes = eyes_of(&app, input.user).await?;
    leave(&app, &session.actor, "lens.begin", &eyes).await?;
    Ok(Json(seen(&app, &eyes)))
}

async fn leave(app: &App, actor: &Actor, operation: &'static str, eyes: &Eyes) -> Result<()> {
    let mut tx = app.db.write().await?;
    let entry = Entry::new(operation, "audit", "user").of(eyes.user.id);
    audit::record(&mut tx, app.ambient.now(), actor, entry);
    tx.commit().await
}

#[derive(serde::Deserialize)]
struct Whom {
    user: Id<of::User>,
}

/// Ends looking as a user. Recorded.
#[utoipa::path(delete, path = api::path::LENS, tag = "lens", params(("user" = String, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn end(
    State(app): State<App>,
    session: Session,
    Params(whom): Params<Whom>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Execute, "lens")?;
    let eyes = eyes_of(&app, whom.user).await?;
    leave(&app, &session.actor, "lens.end", &eyes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Names of what there is to ask about, in one language.
struct Names<'a> {
    app: &'a App,
    language: Language,
}

impl Names<'_> {
    fn field(&self, entity: &str, field: &str) -> String {
        field_label(
            &self.app.rooms.portfolio(),
            self.language,
            (entity, None),
            field,
        )
    }

    fn target(&self, target: &Target) -> (String, String, Option<(String, String)>) {
        let process = |key: &str| {
            let found = self.app.rooms.processes();
            let found = found.iter().find(|p| p.key == key);
            found.map_or_else(|| key.to_owned(), |p| p.name.get(self.language).to_owned())
        };
        match target {
            Target::Entity(key) => (key.clone(), entity_name(self.language, key), None),
            Target::Field { entity, field } => (
                entity.clone(),
                entity_name(self.language, entity),
                Some((field.clone(), self.field(entity, field))),
            ),
            Target::Process(key) => (key.clone(), process(key), None),
            Target::Activity {
                process: key,
                activity,
            } => (
                key.clone(),
                process(key),
                Some((activity.clone(), activity.clone())),
            ),
        }
    }

    /// A condition as people read one.
    fn condition(&self, entity: &str, filter: &Filter) -> String {
        let joined = |parts: &[Filter], word: &str| {
            let word = format!(" {} ", locale::text(self.language, word));
            let parts: Vec<_> = parts
                .iter()
                .map(|p| match p {
                    Filter::All(_) | Filter::Any(_) => format!("({})", self.condition(entity, p)),
                    _ => self.condition(entity, p),
                })
                .collect();
            parts.join(&word)
        };
        match filter {
            Filter::All(parts) => joined(parts, "lens-and"),
            Filter::Any(parts) => joined(parts, "lens-or"),
            Filter::Not(inner) => format!(
                "{} ({})",
                locale::text(self.language, "lens-not"),
                self.condition(entity, inner)
            ),
            Filter::Compare {
                field,
                comparison,
                value,
            } => {
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "≠",
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "≤",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => "≥",
                    Comparison::Contains => "∋",
                    Comparison::StartsWith => "^",
                };
                format!(
                    "{} {sign} {}",
                    self.field(entity, field),
                    self.operand(value)
                )
            }
            Filter::In { field, values } => {
                let values: Vec<_> = values.iter().map(|v| self.operand(v)).collect();
                format!("{} ∈ {{{}}}", self.field(entity, field), values.join(", "))
            }
        }
    }

    fn operand(&self, value: &Operand) -> String {
        match value {
            Operand::Null => "∅".to_owned(),
            Operand::Boolean(b) => {
                locale::text(self.language, if *b { "lens-yes" } else { "lens-no" })
            }
            Operand::Number(n) => n.to_string(),
            Operand::Date(day) => day.clone(),
            Operand::Moment(at) => at.to_string(),
            Operand::Text(text) => match text.strip_prefix('$') {
                Some(name @ ("user" | "unit" | "groups" | "unit_and_below")) => locale::text(
                    self.language,
                    &format!("lens-own-{}", name.replace('_', "-")),
                ),
                _ => format!("«{text}»"),
            },
        }
    }

    fn rule(&self, eyes: &Eyes, at: &access::GrantRef) -> Option<RuleLine> {
        let held = eyes.roles.iter().find(|held| *held.key == *at.role)?;
        let grant: &Grant = held.grants.get(at.grant)?;
        let (key, _, part) = self.target(&grant.target);
        let depth = match &grant.target {
            Target::Process(_) => Depth::Process,
            Target::Activity { .. } => Depth::Activity,
            Target::Entity(_) => Depth::Entity,
            Target::Field { .. } => Depth::Field,
        };
        Some(RuleLine {
            role: held.key.clone(),
            role_name: held.name.clone(),
            version: held.version,
            number: at.grant + 1,
            depth,
            effect: grant.effect,
            target: match part {
                Some((part, _)) if matches!(depth, Depth::Activity) => format!("{key} › {part}"),
                Some((part, _)) => format!("{key}.{part}"),
                None => key.clone(),
            },
            verbs: grant.verbs.clone(),
            condition: grant
                .condition
                .as_ref()
                .filter(|c| **c != Filter::TRUE)
                .map(|c| self.condition(&key, c)),
            within: grant.within.as_ref().map(|w| match &w.activity {
                Some(activity) => format!("{} › {activity}", w.process),
                None => w.process.clone(),
            }),
            limit: grant
                .limit
                .as_ref()
                .map(|l| format!("{} ≤ {}", self.field(&key, &l.field), l.at_most)),
        })
    }

    /// Asks the decision function, and puts its answer into words.
    fn ask(
        &self,
        eyes: &Eyes,
        verb: Verb,
        target: &Target,
        record: Option<access::Getter<'_>>,
    ) -> Told {
        let mut request = Request::new(verb, target).at(Place::ANYWHERE);
        if let Some(record) = record {
            request = request.on(record);
        }
        let decision = eyes.policy.decide(&request);
        let (key, name, part) = self.target(target);
        let rules: Vec<RuleLine> = decision
            .grants
            .iter()
            .filter_map(|at| self.rule(eyes, at))
            .collect();
        let because = match decision.because {
            Because::Granted => "granted",
            Because::Denied => "denied",
            Because::NoGrant if eyes.roles.is_empty() => "no-role",
            Because::NoGrant => "no-grant",
            Because::OtherRecords => "other-records",
            Because::NotListed => "not-listed",
            Because::Limit => "limit",
        };
        let args = [(
            "role",
            rules
                .first()
                .map(|r| r.role_name.clone())
                .unwrap_or_default()
                .into(),
        )];
        Told {
            verb,
            target: key,
            target_name: name,
            part_name: part.as_ref().map(|(_, name)| name.clone()),
            part: part.map(|(key, _)| key),
            verdict: decision.verdict,
            because: decision.because,
            sentence: locale::text_with(self.language, &format!("lens-because-{because}"), &args),
            rules,
        }
    }
}

/// What there is to ask about.
#[utoipa::path(get, path = api::path::LENS_THINGS, tag = "lens", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Things), (status = "default", body = Problem)))]
async fn things(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
) -> Answer<Json<Things>> {
    session.policy.require(Verb::Execute, "lens")?;
    let names = Names {
        app: &app,
        language,
    };
    let catalogue = app.rooms.catalogue();
    let entities = catalogue.entities.iter().map(|entity| Thing {
        key: entity.name.clone(),
        name: entity_name(language, &entity.name),
        verbs: entity.verbs.clone(),
        parts: entity
            .fields
            .iter()
            .map(|field| Part {
                key: field.clone(),
                name: names.field(&entity.name, field),
            })
            .collect(),
    });
    let processes = catalogue.processes.iter().map(|process| Thing {
        key: process.key.clone(),
        name: names.target(&Target::process(&*process.key)).1,
        verbs: vec![Verb::Read, Verb::Execute],
        parts: process
            .activities
            .iter()
            .map(|activity| Part {
                key: activity.clone(),
                name: activity.clone(),
            })
            .collect(),
    });
    Ok(Json(Things {
        entities: entities.collect(),
        processes: processes.collect(),
    }))
}

/// What a screen of this entity hides from the user, and the rule that hides each thing. With `record`: on that record.
#[utoipa::path(get, path = api::path::LENS_WHY, tag = "lens", params(("id" = String, Path), WhyQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Hidden), (status = "default", body = Problem)))]
async fn why(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::User>>,
    Params(query): Params<WhyQuery>,
) -> Answer<Json<Hidden>> {
    session.policy.require(Verb::Execute, "lens")?;
    let eyes = eyes_of(&app, id).await?;
    let names = Names {
        app: &app,
        language,
    };
    let catalogue = app.rooms.catalogue();
    let entity = catalogue
        .entities
        .iter()
        .find(|e| e.name == query.entity)
        .ok_or_else(|| Error::invalid("entity", "unknown_choice"))?;
    let record = match &query.record {
        Some(id) => Some(record(&app, &session, &entity.name, id).await?),
        None => None,
    };
    let getter = |field: &str| record.as_ref().map_or(Operand::Null, |r| r.get(field));
    let on: Option<access::Getter<'_>> = record.as_ref().map(|_| &getter as access::Getter<'_>);
    let whole = Target::entity(&*entity.name);
    let mut hidden = Vec::new();
    let mut asked = 0;
    let mut ask = |verb: Verb, target: &Target| {
        asked += 1;
        let answer = names.ask(&eyes, verb, target, on);
        (answer.verdict != Verdict::Allowed).then_some(answer)
    };
    let there = ask(Verb::Read, &whole);
    for verb in entity.verbs.iter().filter(|v| **v != Verb::Read) {
        hidden.extend(ask(*verb, &whole));
    }
    if there.is_none() {
        for field in entity.fields.iter().filter(|f| match &record {
            Some(record) => record.has(f),
            None => true,
        }) {
            let target = Target::field(&*entity.name, &**field);
            hidden.extend(ask(Verb::Read, &target));
            if entity.verbs.contains(&Verb::Change)
                && eyes
                    .policy
                    .decide(&Request::new(Verb::Change, &whole))
                    .is_allowed()
            {
                hidden.extend(ask(Verb::Change, &target));
            }
        }
    }
    // What cannot be seen at all comes before what cannot be changed.
    hidden.sort_by_key(|answer| (answer.verb != Verb::Read, answer.part.is_none()));
    Ok(Json(Hidden {
        user: seen(&app, &eyes),
        record: there,
        hidden,
        asked,
    }))
}

/// A record as the conditions of grants see it; read with the looker's own rights.
struct Record {
    values: BTreeMap<String, Operand>,
    /// The customer type's fields, where it is a customer: others do not exist on this screen.
    fields: Option<Vec<String>>,
}

impl Record {
    fn get(&self, field: &str) -> Operand {
        self.values.get(field).cloned().unwrap_or(Operand::Null)
    }
    fn has(&self, field: &str) -> bool {
        match (field.strip_prefix("fields."), &self.fields) {
            (Some(key), Some(known)) => known.iter().any(|k| k == key),
            _ => true,
        }
    }
}

async fn record(app: &App, session: &Session, entity: &str, id: &str) -> Result<Record> {
    let uuid: uuid::Uuid = id.parse().map_err(|_| Error::not_found("record"))?;
    let mut reads = app.db.read().await?;
    match entity {
        "customer" => {
            let portfolio = app.rooms.portfolio();
            let sight = Sight::reading(&session.policy);
            let customer = desk::customer::load(&mut reads, &sight, &portfolio, Id::new(uuid))
                .await?
                .ok_or_else(|| Error::not_found("customer"))?;
            let fields = portfolio
                .get(&customer.type_key)
                .map(|of| of.schema.fields.iter().map(|f| f.key.clone()).collect());
            Ok(Record {
                values: desk::customer::operands(&portfolio, &customer),
                fields,
            })
        }
        "user" => {
            let user = users::find(&mut reads, Id::new(uuid))
                .await?
                .ok_or_else(|| Error::not_found("user"))?;
            session
                .policy
                .require_on(Verb::Read, "user", &|field: &str| user.get(field))
                .map_err(|_| Error::not_found("user"))?;
            let known = [
                "id", "login", "name", "email", "kind", "unit", "position", "manager", "active",
            ];
            Ok(Record {
                values: known
                    .iter()
                    .map(|f| ((*f).to_owned(), user.get(f)))
                    .collect(),
                fields: None,
            })
        }
        // Others are asked about as such: their conditions need the room that owns them.
        _ => Err(Error::invalid("record", "lens_record")),
    }
}

/// Every question there is about a user, in order: the product's entities with their fields, then the processes.
fn questions(catalogue: &Catalogue, query: &RightsQuery) -> Vec<(Verb, Target)> {
    let mut all = Vec::new();
    let wanted = |key: &str| query.target.as_deref().is_none_or(|t| t == key);
    let verbs = |of: &[Verb]| -> Vec<Verb> {
        of.iter()
            .copied()
            .filter(|v| query.verb.is_none_or(|wanted| wanted == *v))
            .collect()
    };
    for entity in catalogue.entities.iter().filter(|e| wanted(&e.name)) {
        for verb in verbs(&entity.verbs) {
            all.push((verb, Target::entity(&*entity.name)));
        }
        for field in &entity.fields {
            // A field is read, written and taken out; the rest is the record's.
            for verb in verbs(&entity.verbs)
                .into_iter()
                .filter(|v| matches!(v, Verb::Read | Verb::Change | Verb::Export))
            {
                all.push((verb, Target::field(&*entity.name, &**field)));
            }
        }
    }
    for process in catalogue.processes.iter().filter(|p| wanted(&p.key)) {
        for verb in verbs(&[Verb::Read, Verb::Execute]) {
            all.push((verb, Target::process(&*process.key)));
        }
        for activity in &process.activities {
            for verb in verbs(&[Verb::Read, Verb::Execute]) {
                all.push((verb, Target::activity(&*process.key, &**activity)));
            }
        }
    }
    all
}

fn rights_of(
    app: &App,
    language: Language,
    eyes: &Eyes,
    query: &RightsQuery,
    from: usize,
    limit: usize,
) -> (Vec<Told>, Option<usize>) {
    let names = Names { app, language };
    let all = questions(&app.rooms.catalogue(), query);
    let mut items = Vec::new();
    for (at, (verb, target)) in all.iter().enumerate().skip(from) {
        let answer = names.ask(eyes, *verb, target, None);
        if query
            .may
            .is_some_and(|may| may != (answer.verdict == Verdict::Allowed))
        {
            continue;
        }
        if items.len() == limit {
            return (items, Some(at));
        }
        items.push(answer);
    }
    (items, None)
}

/// What this user may do, thing by thing, and by which rule. With `format` as a file (`csv`, `xlsx`).
#[utoipa::path(get, path = api::path::LENS_RIGHTS, tag = "lens", params(("id" = String, Path), RightsQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<Told>), (status = "default", body = Problem)))]
async fn rights(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    headers: HeaderMap,
    At(id): At<Id<of::User>>,
    Params(query): Params<RightsQuery>,
) -> Answer<Response> {
    session.policy.require(Verb::Execute, "lens")?;
    let eyes = eyes_of(&app, id).await?;
    let from = match &query.cursor {
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Error::invalid("cursor", "cursor"))?,
        None => 0,
    };
    if let Some(format) = &query.format {
        let rows = File {
            what: What::Rights(eyes.user.id.cast(), query.clone()),
            ..File::new(&app, &session, language)
        };
        return file(app, &session, headers, format, "permisos", rows).await;
    }
    let page = Page {
        limit: query.limit,
        cursor: None,
    };
    let (items, next) = rights_of(&app, language, &eyes, &query, from, page.limit() as usize);
    Ok(Json(Paged {
        items,
        next: next.map(|n| n.to_string()),
        total: None,
    })
    .into_response())
}

fn asked(query: &WhoQuery) -> Result<Target> {
    match (&query.entity, &query.field, &query.process, &query.activity) {
        (Some(entity), Some(field), None, None) => Ok(Target::field(&**entity, &**field)),
        (Some(entity), None, None, None) => Ok(Target::entity(&**entity)),
        (None, None, Some(process), Some(activity)) => {
            Ok(Target::activity(&**process, &**activity))
        }
        (None, None, Some(process), None) => Ok(Target::process(&**process)),
        _ => Err(Error::invalid("entity", "lens_target")),
    }
}

/// How many users are looked at for one page: with a condition few may meet, the answer goes on where it stopped.
const LOOKED_AT: usize = 500;

async fn who_page(
    app: &App,
    language: Language,
    reader: &Session,
    query: &WhoQuery,
    cursor: Option<String>,
    limit: usize,
) -> Result<(Vec<WhoLine>, Option<String>)> {
    let target = asked(query)?;
    let verb = query.verb.unwrap_or(Verb::Read);
    let names = Names { app, language };
    let mask = reader.policy.mask("user", Verb::Read);
    let mut reads = app.db.read().await?;
    let (mut items, mut cursor, mut looked) = (Vec::new(), cursor, 0);
    loop {
        let want = u32::try_from(limit - items.len())
            .unwrap_or(1)
            .clamp(1, 100);
        let ask = Ask {
            page: Page {
                limit: Some(want),
                cursor: cursor.take(),
            },
            filter: Some(Filter::equal("active", Operand::Boolean(true))),
            ..Ask::default()
        };
        let page = users::list(&mut reads, &mask, &ask).await?;
        looked += page.items.len();
        for user in page.items {
            let eyes = eyes::of_user(&mut reads, user).await?;
            let answer = names.ask(&eyes, verb, &target, None);
            if query
                .may
                .is_some_and(|may| may != (answer.verdict == Verdict::Allowed))
            {
                continue;
            }
            items.push(WhoLine {
                id: eyes.user.id.cast(),
                login: eyes.user.login,
                name: eyes.user.name,
                answer,
            });
        }
        cursor = page.next;
        if cursor.is_none() || items.len() >= limit || looked >= LOOKED_AT {
            return Ok((items, cursor));
        }
    }
}

/// Who may do it (by default: read), user by user, and by which rule. With `format` as a file (`csv`, `xlsx`).
#[utoipa::path(get, path = api::path::LENS_WHO, tag = "lens", params(WhoQuery), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<WhoLine>), (status = "default", body = Problem)))]
async fn who(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    headers: HeaderMap,
    Params(query): Params<WhoQuery>,
) -> Answer<Response> {
    session.policy.require(Verb::Execute, "lens")?;
    session.policy.require(Verb::Read, "user")?;
    asked(&query)?;
    if let Some(format) = &query.format {
        let rows = File {
            what: What::Who(query.clone()),
            ..File::new(&app, &session, language)
        };
        return file(app, &session, headers, format, "quien-puede", rows).await;
    }
    let page = Page {
        limit: query.limit,
        cursor: None,
    };
    let (items, next) = who_page(
        &app,
        language,
        &session,
        &query,
        query.cursor.clone(),
        page.limit() as usize,
    )
    .await?;
    Ok(Json(Paged {
        items,
        next,
        total: None,
    })
    .into_response())
}

enum What {
    Rights(Id<of::User>, RightsQuery),
    Who(WhoQuery),
}

/// Either answer as a file.
struct File {
    app: App,
    actor: Actor,
    language: Language,
    what: What,
    cursor: Option<String>,
    done: bool,
}

impl File {
    fn new(app: &App, session: &Session, language: Language) -> Self {
        Self {
            app: app.clone(),
            actor: session.actor.clone(),
            language,
            what: What::Who(WhoQuery::default()),
            cursor: None,
            done: false,
        }
    }
}

const COLUMNS: [&str; 10] = [
    "user", "login", "verb", "target", "part", "verdict", "why", "role", "version", "rule",
];

async fn file(
    app: App,
    session: &Session,
    headers: HeaderMap,
    format: &str,
    name: &'static str,
    rows: File,
) -> Answer<Response> {
    let format = format.parse()?;
    let (entity, note) = match &rows.what {
        What::Rights(user, query) => (user.to_string(), serde_json::to_string(query)),
        What::Who(query) => (String::new(), serde_json::to_string(query)),
    };
    let mut entry = Entry::new("lens.export", "audit", "user").note(note.unwrap_or_default());
    entry.entity_id = Some(entity).filter(|id| !id.is_empty());
    let mut tx = app.db.write().await?;
    audit::record(&mut tx, app.ambient.now(), &session.actor, entry);
    tx.commit().await?;
    let table = Table {
        file: name,
        sheet: locale::text(rows.language, "lens-title"),
        headings: COLUMNS
            .iter()
            .map(|key| locale::text(rows.language, &format!("lens-column-{key}")))
            .collect(),
    };
    Ok(sheet::answer(app, headers, format, table, rows))
}

fn row(language: Language, name: &str, login: &str, told: &Told) -> Row {
    let rule = told.rules.first();
    let verdict = match told.verdict {
        Verdict::Allowed => "lens-verdict-allowed",
        Verdict::Denied => "lens-verdict-denied",
        Verdict::NeedsApproval => "lens-verdict-approval",
    };
    let what = rule.map(|rule| {
        let effect = match rule.effect {
            Effect::Allow => "lens-effect-allow",
            Effect::Deny => "lens-effect-deny",
        };
        let condition = rule.condition.as_ref().map(|c| format!(" · {c}"));
        format!(
            "{} {} {}{}",
            rule.number,
            locale::text(language, effect),
            rule.target,
            condition.unwrap_or_default()
        )
    });
    vec![
        name.into(),
        login.into(),
        locale::text(language, &format!("lens-verb-{}", told.verb.text())).into(),
        told.target_name.clone().into(),
        told.part_name.clone().into(),
        locale::text(language, verdict).into(),
        told.sentence.clone().into(),
        rule.map(|r| r.role_name.clone()).into(),
        rule.map_or(Cell::from(""), |r| Cell::Number(r.version as f64)),
        what.into(),
    ]
}

impl Rows for File {
    fn next(&mut self, session: Session) -> BoxFuture<'_, Result<Option<Vec<Row>>>> {
        Box::pin(async move {
            self.may(&session)?;
            if self.done {
                return Ok(None);
            }
            let language = self.language;
            let (rows, next) = match &self.what {
                What::Rights(user, query) => {
                    let eyes = eyes_of(&self.app, *user).await?;
                    let from = self.cursor.as_deref().and_then(|c| c.parse().ok());
                    let (items, next) =
                        rights_of(&self.app, language, &eyes, query, from.unwrap_or(0), 500);
                    let (name, login) = (&eyes.user.name, &eyes.user.login);
                    let rows: Vec<Row> = items
                        .iter()
                        .map(|told| row(language, name, login, told))
                        .collect();
                    (rows, next.map(|n| n.to_string()))
                }
                What::Who(query) => {
                    let (items, next) = who_page(
                        &self.app,
                        language,
                        &session,
                        query,
                        self.cursor.take(),
                        100,
                    )
                    .await?;
                    let rows: Vec<Row> = items
                        .iter()
                        .map(|line| row(language, &line.name, &line.login, &line.answer))
                        .collect();
                    (rows, next)
                }
            };
            self.done = next.is_none();
            self.cursor = next;
            Ok(Some(rows))
        })
    }

    fn may(&self, session: &Session) -> Result<()> {
        session.policy.require(Verb::Execute, "lens")
    }

    fn ended(&self) -> (Actor, Entry) {
        (
            self.actor.clone(),
            Entry::new("lens.export_end", "audit", "audit"),
        )
    }
}
