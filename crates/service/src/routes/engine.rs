//! Running processes as those who operate them see them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use access::Verb;
use api::engine::{
    Bulk, BulkResult, EvaluateStarts, IncidentGroup, IncidentLine, KeptMessage, ListIncidents,
    MessagePublished, ModifyInstance, MoveInstance, MoveInstances, MoveMade, MoveVerdict,
    Operation, PublishMessage, PublishSignal, RetryIncidents, Token,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::Kind;
use desk::Sight;
use kernel::{Code, Error, FieldProblem, Id, Language, Page, Paged, Span};
use runner::{Delivered, IncidentQuery, Modify, Move, Order, Publish, Verdict};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::{Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::reach::{
    self, Customers, chosen_instances, customers_of, few_enough, may_reach_anybody, may_set_going,
    seen_instances,
};
use super::work::process_name;
use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(kept, publish))
        .routes(routes!(forget))
        .routes(routes!(signal))
        .routes(routes!(evaluate))
        .routes(routes!(operation))
        .routes(routes!(verdict, move_one))
        .routes(routes!(undo_move))
        .routes(routes!(modify))
        .routes(routes!(preview))
        .routes(routes!(move_many))
        .routes(routes!(bulks))
        .routes(routes!(bulk, cancel_bulk))
        .routes(routes!(bulk_results))
        .routes(routes!(incidents))
        .routes(routes!(incident_groups))
        .routes(routes!(retry))
}

/// Whoever may not see the customer may not act for it, nor learn what runs for it.
async fn customer_seen(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    customer: Id<of::Customer>,
    what: &'static str,
) -> Result<(), Error> {
    let sight = Sight::reading(&session.policy);
    let portfolio = app.rooms.portfolio();
    let found = desk::customer::load(reads, &sight, &portfolio, customer.cast()).await?;
    found.map(drop).ok_or_else(|| Error::not_found(what))
}

/// The instance with its tokens, for whoever may do this with it.
pub(super) async fn instance(
    app: &App,
    session: &Session,
    verb: Verb,
    reads: &mut impl Reads,
    id: Id<of::Instance>,
) -> Result<runner::InstanceDetail, Error> {
    session.policy.require(Verb::Read, "instance")?;
    session.policy.require(verb, "instance")?;
    let detail = app.rooms.runner.instance(reads, id.cast()).await?;
    if !reach::reads_process(session, &detail.line.process) {
        return Err(Error::not_found("instance"));
    }
    if let Some(customer) = detail.line.customer {
        customer_seen(app, session, reads, customer.cast(), "instance").await?;
    }
    if verb == Verb::Change {
        // Whoever may not start the process does not make it go on otherwise either.
        may_set_going(session, &detail.line.process, &Map::new())?;
    }
    Ok(detail)
}

/// What a message or a condition began, or whom it reached, is what this person might have begun by name, and for whom they
/// see. To whom it may not reach, it is as if nobody awaited it.
async fn reached(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    instances: &[Id<runner::Instance>],
    (name, variables): (&str, &Map<String, Value>),
) -> Result<(), Error> {
    let seen = seen_instances(app, session, tx, instances.iter().copied()).await?;
    if seen.len() < instances.len() {
        return Err(Error::new(Code::NotAwaited).with("name", name));
    }
    for id in instances {
        let detail = app.rooms.runner.instance(tx, *id).await?;
        may_set_going(session, &detail.line.process, variables)?;
    }
    Ok(())
}

/// Messages that wait for somebody, newest first.
#[utoipa::path(get, path = api::path::MESSAGES, tag = "engine", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<KeptMessage>), (status = "default", body = Problem)))]
async fn kept(
    State(app): State<App>,
    session: Session,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<KeptMessage>>> {
    session.policy.require(Verb::Read, "message")?;
    let found = reach::kept_messages(&app, &session, &mut app.db.read().await?, page).await?;
    Ok(Json(found.map(|kept| KeptMessage {
        id: kept.id.cast(),
        name: kept.name,
        correlation: kept.correlation,
        at: kept.at,
        until: kept.until,
        by: kept.user_name,
    })))
}

/// Hands a message to whoever awaits it: one instance, else every process that begins at it. What nobody awaits is kept for
/// as long as it says, else refused.
#[utoipa::path(post, path = api::path::MESSAGES, tag = "engine", request_body = PublishMessage, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = MessagePublished), (status = "default", body = Problem)))]
async fn publish(
    State(app): State<App>,
    session: Session,
    Input(input): Input<PublishMessage>,
) -> Answer<Json<MessagePublished>> {
    session.policy.require(Verb::Execute, "message")?;
    if input.keep_seconds.is_some() {
        // Nobody knows yet whom it will reach.
        may_reach_anybody(&app, &session, &input.variables)?;
    }
    let mut tx = app.db.write().await?;
    if let Some(customer) = input.customer {
        customer_seen(&app, &session, &mut tx, customer, "customer").await?;
    }
    let (name, variables) = (input.name.clone(), input.variables.clone());
    let publish = Publish {
        name: input.name,
        correlation: input.correlation,
        variables: input.variables,
        customer: input.customer.map(Id::cast),
        keep: input
            .keep_seconds
            .map(|seconds| Span::from_secs(seconds.clamp(-1, 1 << 32))),
    };
    let delivered = app
        .rooms
        .runner
        .publish_in(&mut tx, &session.actor, publish)
        .await?;
    let whom = match &delivered {
        Delivered::To(instance) => std::slice::from_ref(instance),
        Delivered::Began(began) => began,
        Delivered::Kept { .. } => &[],
    };
    reached(&app, &session, &mut tx, whom, (&name, &variables)).await?;
    tx.commit().await?;
    let (outcome, instances, kept, until) = match delivered {
        Delivered::To(instance) => ("delivered", vec![instance.cast()], None, None),
        Delivered::Began(began) => (
            "began",
            began.into_iter().map(Id::cast).collect(),
            None,
            None,
        ),
        Delivered::Kept { id, until } => ("kept", Vec::new(), Some(id.cast()), Some(until)),
    };
    Ok(Json(MessagePublished {
        outcome: outcome.to_owned(),
        instances,
        kept,
        until,
    }))
}

/// Throws a kept message away.
#[utoipa::path(delete, path = api::path::MESSAGE, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn forget(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Message>>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "message")?;
    let mut tx = app.db.write().await?;
    let kept = runner::kept_message(&mut tx, id.cast()).await?;
    if let Some(customer) = kept.and_then(|kept| kept.customer) {
        customer_seen(&app, &session, &mut tx, customer.cast(), "message").await?;
    }
    app.rooms
        .runner
        .forget_in(&mut tx, &session.actor, id.cast())
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a signal to all who await it and to every process that begins at it. The answer says that it is on its way.
#[utoipa::path(post, path = api::path::SIGNALS, tag = "engine", request_body = PublishSignal, security(("bearer" = []), ("cookie" = [])), responses((status = 202), (status = "default", body = Problem)))]
async fn signal(
    State(app): State<App>,
    session: Session,
    Input(input): Input<PublishSignal>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Execute, "message")?;
    // It reaches all who await it, whoever they are for.
    may_reach_anybody(&app, &session, &input.variables)?;
    let mut tx = app.db.write().await?;
    app.rooms
        .runner
        .signal_in(&mut tx, &session.actor, &input.name, &input.variables)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::ACCEPTED)
}

/// Begins every process whose conditional start holds for these values.
#[utoipa::path(post, path = api::path::CONDITIONS, tag = "engine", request_body = EvaluateStarts, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<String>), (status = "default", body = Problem)))]
async fn evaluate(
    State(app): State<App>,
    session: Session,
    Input(input): Input<EvaluateStarts>,
) -> Answer<Json<Vec<Id<of::Instance>>>> {
    session.policy.require(Verb::Execute, "message")?;
    let mut tx = app.db.write().await?;
    if let Some(customer) = input.customer {
        customer_seen(&app, &session, &mut tx, customer, "customer").await?;
    }
    let customer = input.customer.map(Id::cast);
    let began = app
        .rooms
        .runner
        .evaluate_in(&mut tx, &session.actor, &input.variables, customer)
        .await?;
    reached(&app, &session, &mut tx, &began, ("", &input.variables)).await?;
    tx.commit().await?;
    Ok(Json(began.into_iter().map(Id::cast).collect()))
}

/// What runs in an instance now, on which version, and how it was moved.
#[utoipa::path(get, path = api::path::INSTANCE_OPERATION, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Operation), (status = "default", body = Problem)))]
async fn operation(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Instance>>,
) -> Answer<Json<Operation>> {
    let mut reads = app.db.read().await?;
    let detail = instance(&app, &session, Verb::Read, &mut reads, id).await?;
    let newest = design::latest(&mut reads, Kind::Process, &detail.line.process).await?;
    let made = runner::moves_of(&mut reads, id.cast()).await?;
    let running = detail.line.state == runner::InstanceState::Running;
    let now = detail.line.version;
    let tokens = detail
        .stages
        .into_iter()
        .filter(|stage| stage.left.is_none());
    Ok(Json(Operation {
        version: detail.line.process_version,
        newest: newest.unwrap_or(detail.line.process_version),
        tokens: tokens
            .map(|stage| Token {
                activity: stage.activity.0,
                element: stage.element,
                name: stage.name,
            })
            .collect(),
        moves: made
            .into_iter()
            .map(|made| MoveMade {
                id: made.id.cast(),
                from: made.from_version,
                to: made.to_version,
                at: made.at,
                by: made.user_name,
                reason: made.reason,
                undone: made.undone,
                may_undo: running && made.undone.is_none() && made.number == now,
            })
            .collect(),
    }))
}

#[derive(Deserialize)]
struct To {
    to: i64,
}

fn told(line: runner::MoveLine, whose: &Customers, language: Language) -> MoveVerdict {
    let runner::MoveLine {
        instance,
        version,
        started,
        verdict,
    } = line;
    let (customer, customer_name) = whose.get(&instance.uuid()).cloned().unwrap_or_default();
    let (word, lost, new, obstacles) = match verdict {
        Verdict::Moves { lost, new } => ("moves", lost, new, Vec::new()),
        Verdict::Stays => ("stays", 0, 0, Vec::new()),
        Verdict::Impossible { obstacles } => ("impossible", 0, 0, obstacles),
    };
    let problem = |obstacle: &flow::engine::Obstacle| FieldProblem {
        sentence: obstacle.sentence(language),
        ..FieldProblem::new(obstacle.element().to_string(), "obstacle")
    };
    MoveVerdict {
        instance: instance.cast(),
        customer,
        customer_name,
        started,
        version,
        verdict: word.to_owned(),
        lost,
        new,
        obstacles: obstacles.iter().map(problem).collect(),
    }
}

/// Whether an instance can be moved to a version, as it is.
#[utoipa::path(get, path = api::path::INSTANCE_MOVES, tag = "engine", params(("id" = String, Path), ("to" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = MoveVerdict), (status = "default", body = Problem)))]
async fn verdict(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Instance>>,
    Params(to): Params<To>,
) -> Answer<Json<MoveVerdict>> {
    let mut reads = app.db.read().await?;
    let detail = instance(&app, &session, Verb::Read, &mut reads, id).await?;
    let change = Move {
        to: to.to,
        ..Move::default()
    };
    let verdict = app
        .rooms
        .runner
        .preview_one(&mut reads, id.cast(), &change)
        .await?;
    let line = runner::MoveLine {
        instance: detail.line.id,
        version: detail.line.process_version,
        started: detail.line.started,
        verdict,
    };
    let whose = customers_of(&app, &session, &mut reads, [line.instance]).await?;
    Ok(Json(told(line, &whose, language)))
}

/// Moves an instance to another version of its process. Refused with everything that stands against it.
#[utoipa::path(post, path = api::path::INSTANCE_MOVES, tag = "engine", params(("id" = String, Path)), request_body = MoveInstance, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Operation), (status = "default", body = Problem)))]
async fn move_one(
    app: State<App>,
    session: Session,
    At(id): At<Id<of::Instance>>,
    Input(input): Input<MoveInstance>,
) -> Answer<Json<Operation>> {
    let mut tx = app.db.write().await?;
    instance(&app, &session, Verb::Change, &mut tx, id).await?;
    let change = Move {
        to: input.to,
        mapping: input.mapping,
        reason: input.reason,
    };
    app.rooms
        .runner
        .move_in(&mut tx, &session.actor, id.cast(), change)
        .await?;
    tx.commit().await?;
    operation(app, session, At(id)).await
}

/// Takes a move back, exactly, while nothing else has happened to the instance.
#[utoipa::path(delete, path = api::path::INSTANCE_MOVE, tag = "engine", params(("id" = String, Path), ("move" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn undo_move(
    State(app): State<App>,
    session: Session,
    At((id, made)): At<(Id<of::Instance>, Id<of::Move>)>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    instance(&app, &session, Verb::Change, &mut tx, id).await?;
    app.rooms
        .runner
        .undo_move_in(&mut tx, &session.actor, id.cast(), made.cast())
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes tokens away and begins elements, by hand, with a reason that is kept.
#[utoipa::path(post, path = api::path::INSTANCE_CHANGES, tag = "engine", params(("id" = String, Path)), request_body = ModifyInstance, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Operation), (status = "default", body = Problem)))]
async fn modify(
    app: State<App>,
    session: Session,
    At(id): At<Id<of::Instance>>,
    Input(input): Input<ModifyInstance>,
) -> Answer<Json<Operation>> {
    let mut tx = app.db.write().await?;
    let detail = instance(&app, &session, Verb::Change, &mut tx, id).await?;
    may_set_going(&session, &detail.line.process, &input.variables)?;
    let change = Modify {
        cancel: input.cancel,
        start: input.start,
        variables: input.variables,
        reason: input.reason,
    };
    app.rooms
        .runner
        .modify_in(&mut tx, &session.actor, id.cast(), change)
        .await?;
    tx.commit().await?;
    operation(app, session, At(id)).await
}

/// What would become of each running instance of a process. Nothing is written.
#[utoipa::path(post, path = api::path::MOVES_PREVIEW, tag = "engine", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), request_body = MoveInstances, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<MoveVerdict>), (status = "default", body = Problem)))]
async fn preview(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(page): Params<Page>,
    Input(input): Input<MoveInstances>,
) -> Answer<Json<Paged<MoveVerdict>>> {
    session.policy.require(Verb::Change, "instance")?;
    may_set_going(&session, &input.process, &Map::new())?;
    let change = Move {
        to: input.to,
        mapping: input.mapping,
        reason: String::new(),
    };
    let mut reads = app.db.read().await?;
    let mut found = app
        .rooms
        .runner
        .preview(&mut reads, &input.process, input.from, &change, &page)
        .await?;
    let listed = found.items.iter().map(|line| line.instance);
    let seen = seen_instances(&app, &session, &mut reads, listed).await?;
    found
        .items
        .retain(|line| seen.contains(&line.instance.uuid()));
    let listed = found.items.iter().map(|line| line.instance);
    let whose = customers_of(&app, &session, &mut reads, listed).await?;
    Ok(Json(found.map(|line| told(line, &whose, language))))
}

/// Moves the running instances of a process, part by part. Its progress is at the address of the order.
#[utoipa::path(post, path = api::path::MOVES, tag = "engine", request_body = MoveInstances, security(("bearer" = []), ("cookie" = [])), responses((status = 202, body = Bulk), (status = "default", body = Problem)))]
async fn move_many(
    State(app): State<App>,
    session: Session,
    Input(input): Input<MoveInstances>,
) -> Answer<(StatusCode, Json<Bulk>)> {
    session.policy.require(Verb::Change, "instance")?;
    may_set_going(&session, &input.process, &Map::new())?;
    let named = input.instances.into_iter().map(Id::cast).collect();
    let which = (input.process.as_str(), input.from);
    let mut reads = app.db.read().await?;
    let instances = chosen_instances(&app, &session, &mut reads, which, named).await?;
    drop(reads);
    let order = Order::Move {
        process: input.process,
        from: input.from,
        to: input.to,
        mapping: input.mapping,
        instances,
    };
    ordered(&app, &session, order, &input.reason).await
}

async fn ordered(
    app: &App,
    session: &Session,
    order: Order,
    reason: &str,
) -> Answer<(StatusCode, Json<Bulk>)> {
    let mut tx = app.db.write().await?;
    let id = app
        .rooms
        .runner
        .order_in(&mut tx, &session.actor, order, reason)
        .await?;
    let made = runner::bulk(&mut tx, id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(line(made))))
}

fn line(bulk: runner::BulkLine) -> Bulk {
    Bulk {
        id: bulk.id.cast(),
        kind: bulk.kind.text().to_owned(),
        state: bulk.state.text().to_owned(),
        done: bulk.done,
        refused: bulk.refused,
        at: bulk.at,
        ended: bulk.ended,
        by: bulk.user_name,
        reason: bulk.reason,
    }
}

/// Orders for many are the affair of whoever may give such an order.
fn may_order(session: &Session, verb: Verb) -> Result<(), Error> {
    session
        .policy
        .require(verb, "instance")
        .or_else(|_| session.policy.require(verb, "incident"))
}

/// The last orders for many, newest first.
#[utoipa::path(get, path = api::path::BULKS, tag = "engine", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Bulk>), (status = "default", body = Problem)))]
async fn bulks(State(app): State<App>, session: Session) -> Answer<Json<Vec<Bulk>>> {
    may_order(&session, Verb::Change)?;
    let found = runner::bulks(&mut app.db.read().await?).await?;
    Ok(Json(found.into_iter().map(line).collect()))
}

/// How far an order for many is.
#[utoipa::path(get, path = api::path::BULK, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Bulk), (status = "default", body = Problem)))]
async fn bulk(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Bulk>>,
) -> Answer<Json<Bulk>> {
    may_order(&session, Verb::Change)?;
    Ok(Json(line(
        runner::bulk(&mut app.db.read().await?, id.cast()).await?,
    )))
}

/// Calls an order off: what it has not reached yet stays as it is.
#[utoipa::path(delete, path = api::path::BULK, tag = "engine", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn cancel_bulk(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Bulk>>,
) -> Answer<StatusCode> {
    may_order(&session, Verb::Change)?;
    let mut tx = app.db.write().await?;
    app.rooms
        .runner
        .cancel_bulk_in(&mut tx, &session.actor, id.cast())
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an order did not do, and why.
#[utoipa::path(get, path = api::path::BULK_RESULTS, tag = "engine", params(("id" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<BulkResult>), (status = "default", body = Problem)))]
async fn bulk_results(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Bulk>>,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<BulkResult>>> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Detail {
        code: Option<Code>,
        args: std::collections::BTreeMap<String, String>,
        fields: Vec<FieldProblem>,
    }
    may_order(&session, Verb::Change)?;
    let mut reads = app.db.read().await?;
    let mut found = runner::bulk_results(&mut reads, id.cast(), &page).await?;
    let kind = runner::bulk(&mut reads, id.cast()).await?.kind;
    let subjects = found.items.iter().map(|result| result.subject).collect();
    let shown = subjects_seen(&app, &session, &mut reads, kind, subjects).await?;
    found
        .items
        .retain(|result| shown.contains_key(&result.subject));
    let instances = shown.values().copied();
    let whose = customers_of(&app, &session, &mut reads, instances).await?;
    Ok(Json(found.map(|result| {
        let detail = Detail::deserialize(&result.detail.0).unwrap_or_default();
        let error = detail.code.map(Error::new).map(|error| {
            detail
                .args
                .iter()
                .fold(error, |error, (name, value)| error.with(name, value))
        });
        let fields = detail.fields.into_iter().map(|field| FieldProblem {
            sentence: locale::problem(language, &field),
            ..field
        });
        let instance = shown.get(&result.subject).copied();
        let (customer, customer_name) = instance
            .and_then(|instance| whose.get(&instance.uuid()).cloned())
            .unwrap_or_default();
        BulkResult {
            subject: Id::new(result.subject),
            instance: instance.map(Id::cast),
            customer,
            customer_name,
            verdict: result.verdict,
            sentence: error
                .map(|error| locale::error(language, &error))
                .unwrap_or_default(),
            fields: fields.collect(),
        }
    })))
}

/// Of what an order for many did not do, that of which this person may see the instance, with it.
async fn subjects_seen(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    kind: runner::BulkKind,
    subjects: Vec<uuid::Uuid>,
) -> Result<HashMap<uuid::Uuid, Id<runner::Instance>>, Error> {
    if subjects.is_empty() || kind == runner::BulkKind::Move {
        let instances = subjects.into_iter().map(Id::new);
        let seen = seen_instances(app, session, reads, instances).await?;
        return Ok(seen.into_iter().map(|id| (id, Id::new(id))).collect());
    }
    let query = IncidentQuery {
        ids: subjects.into_iter().map(Id::new).collect(),
        resolved_too: true,
        ..IncidentQuery::default()
    };
    let shown = reach::all_incidents(app, session, reads, &query).await?;
    let shown = shown.into_iter();
    Ok(shown.map(|line| (line.id.uuid(), line.instance)).collect())
}

/// A cause in words; its code where it has none.
pub(super) fn cause(language: Language, code: &str) -> String {
    let key = format!("incident-{}", code.replace(['.', '_'], "-"));
    if locale::has(language, &key) {
        locale::text(language, &key)
    } else {
        code.to_owned()
    }
}

/// What people call an element of a version of a process.
async fn element_name(
    app: &App,
    (process, version): (&str, i64),
    element: &str,
) -> Result<String, Error> {
    let published = app.rooms.runner.published(process, version).await?;
    let facts = published.element(element);
    Ok(facts
        .map(|facts| facts.name.to_string())
        .unwrap_or_default())
}

/// What could not go on, newest first.
#[utoipa::path(get, path = api::path::INCIDENTS, tag = "engine", params(("instance" = Option<String>, Query), ("process" = Option<String>, Query), ("process_version" = Option<i64>, Query), ("element" = Option<String>, Query), ("cause" = Option<String>, Query), ("pattern" = Option<String>, Query), ("resolved_too" = Option<bool>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<IncidentLine>), (status = "default", body = Problem)))]
async fn incidents(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(input): Params<ListIncidents>,
) -> Answer<Json<Paged<IncidentLine>>> {
    session.policy.require(Verb::Read, "incident")?;
    let query = IncidentQuery {
        instance: input.instance.map(Id::cast),
        process: input.process,
        process_version: input.process_version,
        element: input.element,
        code: input.cause,
        pattern: input.pattern,
        ids: Vec::new(),
        resolved_too: input.resolved_too,
    };
    let page = Page {
        limit: input.limit,
        cursor: input.cursor,
    };
    let mut reads = app.db.read().await?;
    let found = reach::incidents(&app, &session, &mut reads, &query, &page).await?;
    let listed = found.items.iter().map(|incident| incident.instance);
    let whose = customers_of(&app, &session, &mut reads, listed).await?;
    drop(reads);
    let mut items = Vec::with_capacity(found.items.len());
    for incident in found.items {
        let place = (incident.process.as_str(), incident.process_version);
        let element_name = element_name(&app, place, &incident.element).await?;
        let whose = whose.get(&incident.instance.uuid()).cloned();
        let (customer, customer_name) = whose.unwrap_or_default();
        items.push(IncidentLine {
            id: incident.id.cast(),
            instance: incident.instance.cast(),
            customer,
            customer_name,
            process: process_name(&app, &incident.process, language),
            process_version: incident.process_version,
            element: incident.element,
            element_name,
            sentence: cause(language, &incident.code),
            cause: incident.code,
            detail: runner::told(incident.message, language),
            raised: incident.raised,
            resolved: incident.resolved,
        });
    }
    Ok(Json(Paged {
        items,
        next: found.next,
        total: found.total,
    }))
}

/// Open incidents by cause, the most frequent first.
#[utoipa::path(get, path = api::path::INCIDENT_GROUPS, tag = "engine", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<IncidentGroup>), (status = "default", body = Problem)))]
async fn incident_groups(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
) -> Answer<Json<Vec<IncidentGroup>>> {
    session.policy.require(Verb::Read, "incident")?;
    let mut reads = app.db.read().await?;
    let found = if reach::sees_everything(&app, &session) {
        runner::incident_groups(&mut reads).await?
    } else {
        let query = IncidentQuery::default();
        grouped(reach::all_incidents(&app, &session, &mut reads, &query).await?)
    };
    drop(reads);
    let mut groups = Vec::with_capacity(found.len());
    for group in found {
        let place = (group.process.as_str(), group.process_version);
        let element_name = element_name(&app, place, &group.element).await?;
        groups.push(IncidentGroup {
            process: process_name(&app, &group.process, language),
            process_version: group.process_version,
            element_name,
            element: group.element,
            sentence: cause(language, &group.code),
            cause: group.code,
            pattern: group.pattern,
            detail: runner::told(group.message, language),
            count: group.count,
            first: group.first,
            last: group.last,
        });
    }
    Ok(Json(groups))
}

/// By cause, the most frequent first, as [`runner::incident_groups`] does it for those who see all.
fn grouped(lines: Vec<runner::IncidentLine>) -> Vec<runner::IncidentGroup> {
    let mut groups: BTreeMap<_, runner::IncidentGroup> = BTreeMap::new();
    for line in lines {
        let (process, version) = (line.process.clone(), line.process_version);
        let key = (
            process,
            version,
            line.element.clone(),
            line.code.clone(),
            line.pattern.clone(),
        );
        let group = groups.entry(key).or_insert(runner::IncidentGroup {
            process: line.process,
            process_version: line.process_version,
            element: line.element,
            code: line.code,
            pattern: line.pattern,
            message: line.message,
            count: 0,
            first: line.raised,
            last: line.raised,
        });
        group.count += 1;
        group.first = group.first.min(line.raised);
        group.last = group.last.max(line.raised);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

/// Tries again what incidents stopped, with repaired values, part by part.
#[utoipa::path(post, path = api::path::INCIDENTS_RETRY, tag = "engine", request_body = RetryIncidents, security(("bearer" = []), ("cookie" = [])), responses((status = 202, body = Bulk), (status = "default", body = Problem)))]
async fn retry(
    State(app): State<App>,
    session: Session,
    Input(input): Input<RetryIncidents>,
) -> Answer<(StatusCode, Json<Bulk>)> {
    session.policy.require(Verb::Change, "incident")?;
    if input.ids.is_empty() && input.process.is_none() {
        // Everything there is would be an accident.
        return Err(Error::invalid("ids", "required").into());
    }
    let mut query = IncidentQuery {
        process: input.process,
        process_version: input.process_version,
        element: input.element,
        code: input.cause,
        pattern: input.pattern,
        ids: input.ids.into_iter().map(Id::cast).collect(),
        ..IncidentQuery::default()
    };
    if let (Some(process), true) = (&query.process, reach::sees_everything(&app, &session)) {
        may_set_going(&session, process, &input.variables)?;
    } else {
        // What is retried is spelled out: what they do not see is not there, and each process wants its right.
        let look = IncidentQuery {
            resolved_too: !query.ids.is_empty(),
            ..query.clone()
        };
        let mut reads = app.db.read().await?;
        let found = reach::all_incidents(&app, &session, &mut reads, &look).await?;
        few_enough("ids", &found)?;
        let ids: Vec<_> = found.iter().map(|line| line.id).collect();
        if found.is_empty() || query.ids.iter().any(|id| !ids.contains(id)) {
            return Err(Error::not_found("incident").into());
        }
        for process in found
            .iter()
            .map(|line| &line.process)
            .collect::<BTreeSet<_>>()
        {
            may_set_going(&session, process, &input.variables)?;
        }
        query.ids = ids;
    }
    let order = Order::Retry {
        query,
        variables: input.variables,
    };
    ordered(&app, &session, order, &input.reason).await
}
