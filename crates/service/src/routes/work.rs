use access::{Request, Target, Verb};
use api::session::Named;
use api::work::{
    AssignWorkItem, GroupCount, InboxCounts, InboxQuery, Incident, Instance, InstanceLine,
    StartInstance, Startable, Started, Step, WorkItem, WorkItemLine,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::Kind;
use desk::Sight;
use form::form::Context;
use kernel::{
    Code, Error, FieldProblem, Filter, Id, Language, Operand, Page, Paged, SortDirection,
};
use runner::{Assignee, InboxSort, Scope, Start, WorkItemDetail};
use serde::Deserialize;
use serde_json::Map;
use store::{Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::closing::bound;
use super::engine::instance;
use super::reach::{self, may_start};
use crate::http::{Answer, At, Input, Params, Session, Tongue};
use crate::{App, limits, trail};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(startable))
        .routes(routes!(start))
        .routes(routes!(load_instance, cancel))
        .routes(routes!(of_customer))
        .routes(routes!(inbox))
        .routes(routes!(counts))
        .routes(routes!(load))
        .routes(routes!(assign, release))
}

/// What people call a process, in their language; its key where it is not published any more.
pub(super) fn process_name(app: &App, key: &str, language: Language) -> Named {
    let processes = app.rooms.processes();
    let name = processes
        .iter()
        .find(|p| p.key == key)
        .map_or_else(|| key.to_owned(), |p| p.name.get(language).to_owned());
    Named {
        key: key.to_owned(),
        name,
    }
}

fn line(app: &App, line: runner::WorkItemLine, language: Language) -> WorkItemLine {
    let groups = app.rooms.groups();
    let group = line.group.map(|key| {
        let name = groups
            .iter()
            .find(|g| g.key == key)
            .map_or_else(|| key.clone(), |g| g.name.clone());
        Named { key, name }
    });
    WorkItemLine {
        id: line.id.cast(),
        instance: line.instance.cast(),
        process: process_name(app, &line.process, language),
        activity: line.name,
        customer: line.customer.map(Id::cast),
        customer_name: line.customer_name,
        group,
        assignee: line.assignee.map(|id| Named {
            key: id.to_string(),
            name: line.assignee_name.unwrap_or_default(),
        }),
        state: line.state.text().to_owned(),
        created: line.opened,
        closed: line.closed,
        outcome: line.outcome,
        due: line.due,
        paused: line.paused,
        escalation_level: u32::try_from(line.level).unwrap_or(0),
        sender: line.sender_name,
        version: line.version,
    }
}

/// What a reason keeps by id and by key is told by name.
async fn in_words(
    app: &App,
    reads: &mut impl Reads,
    reason: &mut runner::Reason,
) -> Result<(), Error> {
    if reason.strategy == "deputy"
        && let Some(of) = reason.facts.get_mut("of")
        && let Ok(id) = of.parse()
        && let Some(user) = directory::users::find(reads, id).await?
    {
        *of = user.name;
    }
    if reason.strategy == "escalation"
        && let Some(from) = reason.facts.get_mut("from")
        && let Some(group) = app.rooms.groups().iter().find(|group| group.key == *from)
    {
        from.clone_from(&group.name);
    }
    Ok(())
}

/// Whether the asker may see what every customer is called: then lines show names as they come.
fn names_are_shown(app: &App, session: &Session) -> bool {
    let sight = Sight::reading(&session.policy);
    let titles = |of: &desk::CustomerType| {
        let mut keys = of.schema.title.iter();
        keys.all(|key| sight.always(&format!("fields.{key}")))
    };
    *sight.rows() == Filter::TRUE
        && sight.always("name")
        && app.rooms.portfolio().iter().all(titles)
}

/// Where a line says whose it is.
type Whose<'l, C> = (&'l mut Option<Id<C>>, &'l mut Option<String>);

/// Takes out of lines whom the asker may not see, and what they are called where only that is hidden.
pub(super) async fn veiled<T, C>(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    lines: &mut [T],
    whose: fn(&mut T) -> Whose<'_, C>,
) -> Result<(), Error> {
    if names_are_shown(app, session) {
        return Ok(());
    }
    let mut ids: Vec<Id<desk::Customer>> = lines
        .iter_mut()
        .filter_map(|line| whose(line).0.as_ref().map(|id| Id::new(id.uuid())))
        .collect();
    ids.sort_unstable_by_key(|id| id.uuid());
    ids.dedup();
    let sight = Sight::reading(&session.policy);
    let portfolio = app.rooms.portfolio();
    let known: std::collections::HashMap<_, _> =
        desk::customer::names(reads, &sight, &portfolio, &ids)
            .await?
            .into_iter()
            .map(|(id, name)| (id.uuid(), name))
            .collect();
    for line in lines {
        let (customer, name) = whose(line);
        match customer.as_ref().and_then(|id| known.get(&id.uuid())) {
            Some(shown) => *name = Some(shown.clone()).filter(|name| !name.is_empty()),
            None => (*customer, *name) = (None, None),
        }
    }
    Ok(())
}

/// Decides about a work item: by its group, who has it, and its process and activity.
pub(super) fn may(app: &App, session: &Session, verb: Verb, item: &runner::WorkItemLine) -> bool {
    let groups = app.rooms.groups();
    let group = item
        .group
        .as_ref()
        .and_then(|key| groups.iter().find(|g| g.key == *key));
    let get = |field: &str| match field {
        "group" => group.map_or(Operand::Null, |g| Operand::Text(g.id.to_string())),
        "user" => item
            .assignee
            .map_or(Operand::Null, |id| Operand::Text(id.to_string())),
        "process" => Operand::Text(item.process.clone()),
        "activity" => Operand::Text(item.element.clone()),
        _ => Operand::Null,
    };
    let entity = Target::entity("work_item");
    if !session
        .policy
        .decide(&Request::new(verb, &entity).on(&get))
        .is_allowed()
    {
        return false;
    }
    // Processes and activities are read and executed; whatever else is done with a work item begins with reading it.
    let activity = Target::activity(&item.process, &item.element);
    let on_activity = match verb {
        Verb::Execute => Verb::Execute,
        _ => Verb::Read,
    };
    session
        .policy
        .decide(&Request::new(on_activity, &activity))
        .is_allowed()
}

/// The work item, or "not found" where the asker may not see it.
pub(super) async fn seen(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::WorkItem>,
) -> Result<WorkItemDetail, Error> {
    let detail = app.rooms.runner.work_item(reads, id.cast()).await?;
    if may(app, session, Verb::Read, &detail.line) {
        Ok(detail)
    } else {
        Err(Error::not_found("work_item"))
    }
}

/// What waits for this user.
#[utoipa::path(get, path = api::path::WORK_ITEMS, tag = "work", params(("scope" = Option<String>, Query), ("group" = Option<String>, Query), ("process" = Option<String>, Query), ("customer" = Option<String>, Query), ("q" = Option<String>, Query), ("order" = Option<String>, Query), ("cursor" = Option<String>, Query), ("descending" = Option<bool>, Query), ("limit" = Option<u32>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<WorkItemLine>), (status = "default", body = Problem)))]
async fn inbox(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(input): Params<InboxQuery>,
) -> Answer<Json<Paged<WorkItemLine>>> {
    session.policy.require(Verb::Read, "work_item")?;
    let unknown = |field: &'static str, value: &str| {
        Error::from(FieldProblem::new(field, "not_an_option").with("value", value))
    };
    let scope = match input.scope.as_deref().unwrap_or("all") {
        "all" => Scope::All,
        "mine" => Scope::Mine,
        "groups" => Scope::Groups,
        "team" => Scope::Team,
        "closed" => Scope::Closed,
        other => return Err(unknown("scope", other).into()),
    };
    let sort = match input.order.as_deref().unwrap_or("due") {
        "due" => InboxSort::Due,
        "opened" => InboxSort::Opened,
        "closed" => InboxSort::Closed,
        "name" => InboxSort::Name,
        "process" => InboxSort::Process,
        "customer" => InboxSort::Customer,
        other => return Err(unknown("order", other).into()),
    };
    let own = session.group_keys();
    let groups = match input.group {
        // Other groups' work is for those who may see all of it.
        Some(group)
            if own.contains(&group)
                || session.policy.rows("work_item", Verb::Read) == Filter::TRUE =>
        {
            vec![group]
        }
        Some(_) => {
            return Ok(Json(Paged {
                items: Vec::new(),
                next: None,
                total: None,
            }));
        }
        None => own,
    };
    let query = runner::InboxQuery {
        user: Some(session.user.id),
        groups,
        scope,
        process: input.process,
        customer: input.customer.map(Id::cast),
        text: input.q,
        filter: reach::work_rows(&app, &session),
        sort,
        direction: if input.descending {
            SortDirection::Descending
        } else {
            SortDirection::Ascending
        },
        ..runner::InboxQuery::default()
    };
    let page = Page {
        limit: input.limit,
        cursor: input.cursor,
    };
    // What narrows or orders a list tells of what it looks at.
    if !names_are_shown(&app, &session) {
        if query.sort == InboxSort::Customer {
            return Err(Error::invalid("order", "unknown_field").into());
        }
        if query
            .text
            .as_deref()
            .is_some_and(|text| !text.trim().is_empty())
        {
            return Err(Error::invalid("q", "unknown_field").into());
        }
    }
    let mut reads = app.db.read().await?;
    let mut found = runner::inbox(&mut reads, &query, &page).await?;
    veiled(&app, &session, &mut reads, &mut found.items, |item| {
        (&mut item.customer, &mut item.customer_name)
    })
    .await?;
    Ok(Json(found.map(|item| line(&app, item, language))))
}

/// How much waits for this user.
#[utoipa::path(get, path = api::path::WORK_ITEMS_COUNTS, tag = "work", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = InboxCounts), (status = "default", body = Problem)))]
async fn counts(State(app): State<App>, session: Session) -> Answer<Json<InboxCounts>> {
    session.policy.require(Verb::Read, "work_item")?;
    let mut reads = app.db.read().await?;
    let found = reach::counts(&app, &session, &mut reads).await?;
    let groups = found.groups.into_iter().map(|(key, count)| {
        let known = session.groups.iter().find(|g| g.key == key);
        let name = known.map_or_else(|| key.clone(), |g| g.name.clone());
        GroupCount { key, name, count }
    });
    Ok(Json(InboxCounts {
        mine: found.mine,
        groups: groups.collect(),
        overdue: found.overdue,
    }))
}

/// A work item with all that is needed to work on it.
#[utoipa::path(get, path = api::path::WORK_ITEM, tag = "work", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = WorkItem), (status = "default", body = Problem)))]
async fn load(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::WorkItem>>,
) -> Answer<Json<WorkItem>> {
    let mut reads = app.db.read().await?;
    let detail = seen(&app, &session, &mut reads, id).await?;
    let bound = bound(&app, &session, &mut reads, &detail, language).await?;
    let read = trail::Seen {
        record: Some(id.to_string()),
        customer: detail.line.customer.map(Id::uuid),
        sensitive: bound
            .as_ref()
            .is_some_and(|b| b.fields.iter().any(|f| f.sensitive)),
        ..trail::Seen::default()
    };
    trail::seen(&app, &session, ("runner", "work_item"), read).await?;
    let may_complete = detail.line.state.is_open()
        && may(&app, &session, Verb::Execute, &detail.line)
        && detail
            .line
            .assignee
            .is_none_or(|user| user == session.user.id);
    let values = bound
        .as_ref()
        .and_then(|b| {
            b.form
                .bind(&b.fields)
                .ok()
                .map(|form| form.initial(&b.context))
        })
        .unwrap_or_default();
    let hidden = bound
        .as_ref()
        .map(|b| b.context.mask.hidden.clone())
        .unwrap_or_default();
    let (form, customer_fields, context) = match bound {
        Some(mut bound) => {
            // The window computes what the form names, and needs no more of what the process knows.
            let shown = shows_variables(&session);
            let process = &mut bound.context.process;
            process.retain(|name, _| shown && bound.form.mentions(name));
            (Some(bound.form), bound.fields, bound.context)
        }
        None => (None, Vec::new(), Context::default()),
    };
    let visible = |field: &form::FieldSpec| !hidden.contains(&format!("customer.{}", field.key));
    let mut detail = detail;
    veiled(
        &app,
        &session,
        &mut reads,
        std::slice::from_mut(&mut detail.line),
        |item| (&mut item.customer, &mut item.customer_name),
    )
    .await?;
    let binding = detail.binding.clone().unwrap_or_default();
    let mut reason = detail.line.reason.0.clone();
    in_words(&app, &mut reads, &mut reason).await?;
    let element = detail.line.element.clone();
    let exceptions = if may_complete {
        super::exceptions::offered(&detail)
    } else {
        Vec::new()
    };
    Ok(Json(WorkItem {
        line: line(&app, detail.line, language),
        element,
        reason: reason.strategy,
        reason_facts: reason.facts,
        presence: binding.presence.map(|presence| match presence {
            flow::model::Presence::CustomerPresent => "customer_present".to_owned(),
            flow::model::Presence::BackOffice => "back_office".to_owned(),
        }),
        help: binding.help.clone(),
        form,
        // The form is bound by the screen to exactly the fields that it may show.
        customer_fields: customer_fields.into_iter().filter(visible).collect(),
        values,
        context,
        outcomes: binding.outcomes.clone(),
        exceptions,
        answer: detail.answer,
        may_complete,
    }))
}

/// Of the work items that a step opened, those that this user may go on with.
pub(super) fn for_me(session: &Session, opened: &[runner::WorkItemBrief]) -> Vec<Id<of::WorkItem>> {
    let groups = session.group_keys();
    let mine = |item: &&runner::WorkItemBrief| match item.assignee {
        Some(user) => user == session.user.id,
        None => item
            .group
            .as_ref()
            .is_some_and(|group| groups.contains(group)),
    };
    opened
        .iter()
        .filter(mine)
        .map(|item| item.id.cast())
        .collect()
}

/// Claims a work item, or hands it to somebody.
#[utoipa::path(post, path = api::path::WORK_ITEM_ASSIGNEE, tag = "work", params(("id" = String, Path)), request_body = AssignWorkItem, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = WorkItem), (status = "default", body = Problem)))]
async fn assign(
    app: State<App>,
    session: Session,
    tongue: Tongue,
    At(id): At<Id<of::WorkItem>>,
    Input(input): Input<AssignWorkItem>,
) -> Answer<Json<WorkItem>> {
    let detail = seen(&app, &session, &mut app.db.read().await?, id).await?;
    let verb = if input.to.is_none() {
        Verb::Execute
    } else {
        Verb::Change
    };
    if !may(&app, &session, verb, &detail.line) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", verb)
            .with("entity", "work_item")
            .into());
    }
    let mut tx = app.db.write().await?;
    match input.to {
        None => {
            app.rooms
                .runner
                .claim_in(&mut tx, &session.actor, id.cast(), Some(input.version))
                .await?;
        }
        Some(to) => {
            let assignee = if let Some(group) = to.strip_prefix("group:") {
                Assignee::Group(group.to_owned())
            } else {
                let user = directory::users::find_by_login(&mut tx, &to).await?;
                let user = user.filter(|u| u.active);
                Assignee::User(
                    user.ok_or_else(|| {
                        Error::from(FieldProblem::new("to", "unknown_user").with("key", &to))
                    })?
                    .id,
                )
            };
            app.rooms
                .runner
                .assign_in(
                    &mut tx,
                    &session.actor,
                    id.cast(),
                    Some(input.version),
                    assignee,
                    None,
                )
                .await?;
        }
    }
    tx.commit().await?;
    load(app, session, tongue, At(id)).await
}

#[derive(Deserialize)]
struct AtVersion {
    version: i64,
}

/// Gives a work item back to its group.
#[utoipa::path(delete, path = api::path::WORK_ITEM_ASSIGNEE, tag = "work", params(("id" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn release(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::WorkItem>>,
    Params(at): Params<AtVersion>,
) -> Answer<StatusCode> {
    let detail = seen(&app, &session, &mut app.db.read().await?, id).await?;
    let own = detail.line.assignee == Some(session.user.id);
    let verb = if own { Verb::Execute } else { Verb::Change };
    if !may(&app, &session, verb, &detail.line) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", verb)
            .with("entity", "work_item")
            .into());
    }
    let mut tx = app.db.write().await?;
    app.rooms
        .runner
        .release_in(&mut tx, &session.actor, id.cast(), Some(at.version))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The processes that this user may start for this customer.
#[utoipa::path(get, path = api::path::CUSTOMER_STARTABLE, tag = "work", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Startable>), (status = "default", body = Problem)))]
async fn startable(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Customer>>,
) -> Answer<Json<Vec<Startable>>> {
    let customer = customer_of(&app, &session, &mut app.db.read().await?, id).await?;
    let processes = app.rooms.processes();
    let fits = |p: &&crate::wiring::ProcessLine| {
        p.customer_type
            .as_ref()
            .is_none_or(|of| *of == customer.type_key)
    };
    let list = processes
        .iter()
        .filter(fits)
        .filter(|p| may_start(&session, &p.key))
        .map(|p| Startable {
            key: p.key.clone(),
            name: p.name.get(language).to_owned(),
            description: String::new(),
            customer_types: p.customer_type.iter().cloned().collect(),
        });
    Ok(Json(list.collect()))
}

async fn customer_of(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    id: Id<of::Customer>,
) -> Result<desk::Customer, Error> {
    session.policy.require(Verb::Read, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let found = desk::customer::load(reads, &sight, &portfolio, id.cast()).await?;
    found.ok_or_else(|| Error::not_found("customer"))
}

/// Starts a process with this person's rights, limits apart.
pub(super) async fn begin(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    input: StartInstance,
) -> Result<Started, Error> {
    if !may_start(session, &input.process) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "execute")
            .with("entity", "process"));
    }
    let customer = match input.customer {
        Some(id) => Some(customer_of(app, session, tx, id).await?),
        None => None,
    };
    let processes = app.rooms.processes();
    let known = processes
        .iter()
        .find(|p| p.key == input.process)
        .ok_or_else(|| Error::not_found("process"))?;
    if let (Some(wanted), Some(customer)) = (&known.customer_type, &customer)
        && *wanted != customer.type_key
    {
        return Err(Error::invalid("customer", "other_customer_type"));
    }
    let newest = design::latest(tx, Kind::Process, &input.process).await?;
    if let Some(customer) = &customer {
        desk::customer::contacted(tx, customer.id, app.ambient.now()).await?;
    }
    let start = Start {
        process: input.process,
        version: newest.ok_or_else(|| Error::not_found("process"))?,
        customer: customer.map(|c| c.id.cast()),
        variables: input.variables,
        start_event: None,
        trigger: None,
    };
    let advanced = app.rooms.runner.start_in(tx, &session.actor, start).await?;
    Ok(Started {
        instance: advanced.instance.cast(),
        work_items: for_me(session, &advanced.opened),
    })
}

/// Starts a process, for a customer or for none.
#[utoipa::path(post, path = api::path::INSTANCES, tag = "work", request_body = StartInstance, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Started), (status = "default", body = Problem)))]
async fn start(
    State(app): State<App>,
    session: Session,
    Input(input): Input<StartInstance>,
) -> Answer<(StatusCode, Json<Started>)> {
    limits::hold(
        &session.policy,
        &[limits::process_part(&input.process, &input.variables)],
    )?;
    let mut tx = app.db.write().await?;
    let started = begin(&app, &session, &mut tx, input).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(started)))
}

fn instance_line(app: &App, line: runner::InstanceLine, language: Language) -> InstanceLine {
    InstanceLine {
        id: line.id.cast(),
        process: process_name(app, &line.process, language),
        process_version: line.process_version,
        customer: line.customer.map(Id::cast),
        customer_name: line.customer_name,
        state: line.state.text().to_owned(),
        started: line.started,
        ended: line.ended,
        started_by: line.started_by_name,
        incidents: line.incident_count,
    }
}

/// What runs and what has run for a customer, newest first.
#[utoipa::path(get, path = api::path::CUSTOMER_INSTANCES, tag = "work", params(("id" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<InstanceLine>), (status = "default", body = Problem)))]
async fn of_customer(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Customer>>,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<InstanceLine>>> {
    session.policy.require(Verb::Read, "instance")?;
    let customer = customer_of(&app, &session, &mut app.db.read().await?, id).await?;
    let query = runner::InstanceQuery {
        customer: Some(customer.id.cast()),
        processes: reach::processes_read(&app, &session),
        ..runner::InstanceQuery::default()
    };
    let mut reads = app.db.read().await?;
    let mut found = runner::instances(&mut reads, &query, &page).await?;
    veiled(&app, &session, &mut reads, &mut found.items, |line| {
        (&mut line.customer, &mut line.customer_name)
    })
    .await?;
    Ok(Json(found.map(|line| instance_line(&app, line, language))))
}

/// An instance with every step that it has taken.
#[utoipa::path(get, path = api::path::INSTANCE, tag = "work", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Instance), (status = "default", body = Problem)))]
async fn load_instance(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Instance>>,
) -> Answer<Json<Instance>> {
    let mut reads = app.db.read().await?;
    let detail = instance(&app, &session, Verb::Read, &mut reads, id).await?;
    let read = trail::Seen {
        record: Some(id.to_string()),
        customer: detail.line.customer.map(Id::uuid),
        ..trail::Seen::default()
    };
    trail::seen(&app, &session, ("runner", "instance"), read).await?;
    let mut detail = detail;
    veiled(
        &app,
        &session,
        &mut reads,
        std::slice::from_mut(&mut detail.line),
        |line| (&mut line.customer, &mut line.customer_name),
    )
    .await?;
    veiled(&app, &session, &mut reads, &mut detail.work_items, |item| {
        (&mut item.customer, &mut item.customer_name)
    })
    .await?;
    let place = (detail.line.process.clone(), detail.line.process_version);
    let body = app
        .rooms
        .definitions
        .version(&mut reads, Kind::Process, &place.0, place.1)
        .await?;
    let document = match &*body {
        design::Body::Process(process) => process.document().ok(),
        _ => None,
    };
    let scene = document.as_ref().map(flow::scene::scene);
    // What people call the outcome of an activity; its key where it has no words.
    let outcome = |element: &str, key: String| {
        let elements = document
            .iter()
            .flat_map(|d| &d.processes)
            .flat_map(|p| &p.elements);
        let binding = elements
            .filter(|e| &*e.id == element)
            .find_map(|e| e.binding.as_ref());
        let known = binding.and_then(|b| b.outcomes.iter().find(|o| o.key == key));
        known
            .map(|o| o.label.get(language).to_owned())
            .filter(|label| !label.is_empty())
            .unwrap_or(key)
    };
    let word = |ending: flow::engine::Ending| match ending {
        flow::engine::Ending::Completed => "completed",
        flow::engine::Ending::Interrupted => "interrupted",
        flow::engine::Ending::Withdrawn => "withdrawn",
        flow::engine::Ending::Merged => "merged",
    };
    let startable = super::exceptions::startable(&session, &detail);
    let is_read = |element: &str| reach::reads_activity(&session, &place.0, element);
    Ok(Json(Instance {
        line: instance_line(&app, detail.line, language),
        steps: detail
            .stages
            .into_iter()
            .filter(|stage| is_read(&stage.element))
            .map(|stage| Step {
                outcome: stage.outcome.map(|key| outcome(&stage.element, key)),
                element: stage.element,
                name: stage.name,
                entered: stage.entered,
                left: stage.left,
                ending: stage.ending.map(word).map(str::to_owned),
                who: stage.user_name,
                work_item: stage.work_item.map(Id::cast),
                escalated: stage.escalated,
            })
            .collect(),
        work_items: detail
            .work_items
            .into_iter()
            .filter(|item| may(&app, &session, Verb::Read, item))
            .map(|item| line(&app, item, language))
            .collect(),
        variables: if shows_variables(&session) {
            detail.variables
        } else {
            Map::new()
        },
        incidents: detail
            .incidents
            .into_iter()
            .filter(|incident| is_read(&incident.element))
            .map(|incident| Incident {
                id: incident.id.cast(),
                element: incident.element,
                sentence: format!(
                    "{}: {}",
                    super::engine::cause(language, &incident.code),
                    runner::told(incident.message, language)
                ),
                cause: incident.code,
                raised: incident.raised,
            })
            .collect(),
        scene: serde_json::to_value(scene).map_err(Error::internal)?,
        startable,
        flows: detail.flows,
    }))
}

/// Whether this person may see what a process knows.
fn shows_variables(session: &Session) -> bool {
    let mask = session.policy.mask("instance", Verb::Read);
    mask.field("variables") == access::Visibility::Always
}

#[derive(Deserialize)]
struct Why {
    reason: String,
}

/// Ends a running instance, with a reason that is kept.
#[utoipa::path(delete, path = api::path::INSTANCE, tag = "work", params(("id" = String, Path), ("reason" = String, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn cancel(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Instance>>,
    Params(why): Params<Why>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "instance")?;
    let mut tx = app.db.write().await?;
    instance(&app, &session, Verb::Delete, &mut tx, id).await?;
    if why.reason.trim().is_empty() {
        return Err(Error::invalid("reason", "required").into());
    }
    app.rooms
        .runner
        .cancel_in(&mut tx, &session.actor, id.cast(), why.reason)
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
