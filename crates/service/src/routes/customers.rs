use access::Verb;
use api::customers::{
    AskKeepers, ChangeContact, ChangeCustomer, Contact, ContactValues, Customer, CustomerLine,
    CustomerWindow, HistoryLine, Keeper, ListCustomers, NewCustomer, Suggest,
};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::Sight;
use desk::list::ListQuery;
use kernel::{Error, Filter, Id, Language, Page, Paged};
use ledger::history::{self, Summary, kinds};
use runner::feed;
use serde::Deserialize;
use serde_json::{Map, Value};
use store::Tx;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::keepers::{known_keepers, named, offered};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};
use crate::limits;
use crate::trail::{self, Seen};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(search))
        .routes(routes!(window))
        .routes(routes!(suggest))
        .routes(routes!(load, change, delete))
        .routes(routes!(keepers))
        .routes(routes!(history_page))
        .routes(routes!(contacts, add_contact))
        .routes(routes!(change_contact, delete_contact))
}

/// What this asker may read and what it may do by `verb`, as the room wants it.
fn sights(session: &Session, verb: Verb) -> (Sight, Sight) {
    (
        Sight::reading(&session.policy),
        Sight::of(&session.policy, verb),
    )
}

/// Says on every screen that shows the customer that it has changed.
fn tell(app: &App, tx: &mut Tx, id: Id<desk::Customer>, change: &'static str) {
    feed::publish(
        tx,
        app.ambient.now(),
        format!("customer:{id}"),
        change,
        id.uuid(),
    );
}

fn line(customer: desk::Customer, wanted: &[String]) -> CustomerLine {
    let mut fields = customer.fields;
    fields.retain(|key, _| wanted.contains(key));
    CustomerLine {
        id: customer.id.cast(),
        customer_type: customer.type_key,
        name: customer.name,
        segment: customer.segment,
        fields,
        version: customer.version,
        changed: customer.changed,
    }
}

/// A list of customers was read: how many, where the levels want to know.
async fn listed(app: &App, session: &Session, count: usize) -> Result<(), Error> {
    let count = count.to_string();
    let what = Seen {
        note: Some(&count),
        ..Seen::default()
    };
    trail::seen(app, session, ("desk", "customer"), what).await
}

fn query(input: &ListCustomers) -> ListQuery {
    ListQuery {
        type_key: input.customer_type.clone(),
        filter: input.filter.clone().unwrap_or(Filter::TRUE),
        sort: input.sort.clone(),
        deleted: input.deleted,
    }
}

/// A list of customers, by conditions, from a cursor on.
#[utoipa::path(post, path = api::path::CUSTOMERS_SEARCH, tag = "customers", request_body = ListCustomers, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<CustomerLine>), (status = "default", body = Problem)))]
async fn search(
    State(app): State<App>,
    session: Session,
    Input(input): Input<ListCustomers>,
) -> Answer<Json<Paged<CustomerLine>>> {
    session.policy.require(Verb::Read, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let found = desk::list::page(
        &mut app.db.read().await?,
        &sight,
        &portfolio,
        &query(&input),
        &input.page,
    )
    .await?;
    listed(&app, &session, found.items.len()).await?;
    Ok(Json(found.map(|customer| line(customer, &input.fields))))
}

/// A part of a list from a position, and how many there are in all.
#[utoipa::path(post, path = api::path::CUSTOMERS_WINDOW, tag = "customers", request_body = ListCustomers, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = CustomerWindow), (status = "default", body = Problem)))]
async fn window(
    State(app): State<App>,
    session: Session,
    Input(input): Input<ListCustomers>,
) -> Answer<Json<CustomerWindow>> {
    session.policy.require(Verb::Read, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let place = (u64::from(input.offset.unwrap_or(0)), input.page.limit());
    let found = desk::list::window(
        &mut app.db.read().await?,
        &sight,
        &portfolio,
        &query(&input),
        place,
    )
    .await?;
    listed(&app, &session, found.items.len()).await?;
    Ok(Json(CustomerWindow {
        items: found
            .items
            .into_iter()
            .map(|customer| line(customer, &input.fields))
            .collect(),
        offset: found.offset,
        total: found.total,
        more: found.more,
    }))
}

/// Customers for what has been typed so far: a name in any order of words, a number, a mail address.
#[utoipa::path(post, path = api::path::CUSTOMERS_SUGGEST, tag = "customers", request_body = Suggest, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<CustomerLine>), (status = "default", body = Problem)))]
async fn suggest(
    State(app): State<App>,
    session: Session,
    Input(input): Input<Suggest>,
) -> Answer<Json<Vec<CustomerLine>>> {
    session.policy.require(Verb::Read, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let limit = usize::try_from(input.limit.unwrap_or(0)).unwrap_or(usize::MAX);
    let among = ListQuery {
        type_key: input.customer_type,
        filter: input.filter.unwrap_or(Filter::TRUE),
        ..ListQuery::default()
    };
    let hits = desk::find::search_among(
        &mut app.db.read().await?,
        &sight,
        &portfolio,
        &input.q,
        limit,
        &among,
    )
    .await?;
    listed(&app, &session, hits.len()).await?;
    let lines = hits.into_iter().map(|hit| {
        let told = [
            ("document", hit.document),
            ("phone", hit.phone),
            ("email", hit.email),
            ("via", hit.via.map(|via| via.name)),
        ];
        let fields = told
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))))
            .collect();
        CustomerLine {
            id: hit.id.cast(),
            customer_type: hit.type_key,
            name: hit.name,
            segment: hit.segment,
            fields,
            version: 0,
            changed: hit.contacted.unwrap_or_default(),
        }
    });
    Ok(Json(lines.collect()))
}

/// What this person may change of a customer: keys of its fields, and which of `owner` and `unit`. `customer` is whole, for
/// conditions to go by; what is `masked` of it to this person is not among them.
fn changeable(
    app: &App,
    session: &Session,
    customer: &desk::Customer,
    masked: &[String],
) -> (Vec<String>, Vec<String>) {
    let writing = session.policy.mask("customer", Verb::Change);
    let portfolio = app.rooms.portfolio();
    let record = desk::customer::operands(&portfolio, customer);
    let known = |field: &str| record.get(field).cloned().unwrap_or(kernel::Operand::Null);
    if !writing.rows().matches(&known) {
        return (Vec::new(), Vec::new());
    }
    let of = portfolio.get(&customer.type_key);
    let fields = of.map(|of| of.schema.fields.iter()).into_iter().flatten();
    let fields = fields
        .filter(|f| writing.shows(&format!("fields.{}", f.key), &known))
        .map(|f| f.key.clone())
        .filter(|key| !masked.contains(key))
        .collect();
    let reading = session.policy.mask("customer", Verb::Read);
    let kept = ["owner", "unit"].map(str::to_owned).into_iter();
    let assignable = kept.filter(|name| reading.shows(name, &known) && writing.shows(name, &known));
    (fields, assignable.collect())
}

/// A customer as one opens it.
async fn opened(app: &App, session: &Session, customer: desk::Customer) -> Result<Customer, Error> {
    let portfolio = app.rooms.portfolio();
    let mut reads = app.db.read().await?;
    // Conditions speak of the whole customer, not of what this person sees of it.
    let all = Sight::all();
    let whole = desk::customer::load(&mut reads, &all, &portfolio, customer.id).await?;
    let whole = whole.as_ref().unwrap_or(&customer);
    let (changeable, assignable) = changeable(app, session, whole, &customer.masked);
    let reading = session.policy.mask("customer", Verb::Read);
    let record = desk::customer::operands(&portfolio, whole);
    let known = |field: &str| record.get(field).cloned().unwrap_or(kernel::Operand::Null);
    let kept = ["owner", "unit"].map(str::to_owned).into_iter();
    let kept: Vec<_> = kept.filter(|name| reading.shows(name, &known)).collect();
    let (owner, unit) = named(
        &mut reads,
        customer.owner.map(Id::cast),
        customer.unit.map(Id::cast),
    )
    .await?;
    let glance = history::glance(&mut reads, customer.id).await?;
    let running = runner::InstanceQuery {
        customer: Some(customer.id.cast()),
        processes: super::reach::processes_read(app, session),
        state: Some(runner::InstanceState::Running),
        ..runner::InstanceQuery::default()
    };
    let whole = Page {
        limit: Some(Page::MAX_LIMIT),
        cursor: None,
    };
    let may = |entity: &str| session.policy.require(Verb::Read, entity).is_ok();
    let open = if may("instance") {
        let found = runner::instances(&mut reads, &running, &whole).await?;
        u32::try_from(found.items.len()).ok()
    } else {
        None
    };
    let contacted = glance.last_contact.map(|c| c.at).or(customer.contacted);
    Ok(Customer {
        id: customer.id.cast(),
        customer_type: customer.type_key,
        name: customer.name,
        segment: customer.segment,
        fields: customer.fields,
        hidden: customer.masked,
        changeable,
        owner,
        unit,
        kept,
        assignable,
        version: customer.version,
        created: customer.created,
        changed: customer.changed,
        last_contact: contacted.filter(|_| may("history")),
        open_instances: open,
    })
}

/// A customer, with the fields that the asker may read.
#[utoipa::path(get, path = api::path::CUSTOMER, tag = "customers", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Customer), (status = "default", body = Problem)))]
async fn load(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
) -> Answer<Json<Customer>> {
    session.policy.require(Verb::Read, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let found =
        desk::customer::load(&mut app.db.read().await?, &sight, &portfolio, id.cast()).await?;
    let customer = found.ok_or_else(|| Error::not_found("customer"))?;
    let sensitive = portfolio.get(&customer.type_key).is_some_and(|of| {
        let mut shown = of.schema.fields.iter().filter(|f| f.sensitive);
        shown.any(|f| customer.fields.contains_key(&f.key))
    });
    let what = Seen {
        record: Some(id.to_string()),
        customer: Some(id.uuid()),
        sensitive,
        ..Seen::default()
    };
    trail::seen(&app, &session, ("desk", "customer"), what).await?;
    Ok(Json(opened(&app, &session, customer).await?))
}

/// A new customer.
#[utoipa::path(post, path = api::path::CUSTOMERS, tag = "customers", request_body = NewCustomer, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Customer), (status = "default", body = Problem)))]
async fn create(
    State(app): State<App>,
    session: Session,
    Input(input): Input<NewCustomer>,
) -> Answer<(StatusCode, Json<Customer>)> {
    session.policy.require(Verb::Create, "customer")?;
    let mut tx = app.db.write().await?;
    if session.policy.has_limits(Verb::Create) {
        let part = limits::customer_part(&app, &mut tx, None, &input.fields, None).await?;
        limits::hold(&session.policy, &[part])?;
    }
    let made = make(&app, &session, &mut tx, input).await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Json(opened(&app, &session, made).await?),
    ))
}

/// Makes a customer with this person's rights, limits apart.
pub(super) async fn make(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    input: NewCustomer,
) -> Result<desk::Customer, Error> {
    session.policy.require(Verb::Create, "customer")?;
    let (reading, writing) = sights(session, Verb::Create);
    let new = desk::NewCustomer {
        type_key: input.customer_type,
        owner: input.owner.map(Id::cast),
        unit: input.unit.map(Id::cast),
        home: session.user.unit.map(Id::cast),
        fields: input.fields,
    };
    known_keepers(tx, input.owner, input.unit).await?;
    let made = desk::customer::create(
        tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &app.rooms.portfolio(),
        new,
    )
    .await?;
    tell(app, tx, made.id, "customer.created");
    Ok(made)
}

/// Changes a customer with this person's rights, limits apart.
pub(super) async fn alter(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    id: Id<desk::Customer>,
    input: ChangeCustomer,
) -> Result<desk::Customer, Error> {
    session.policy.require(Verb::Change, "customer")?;
    let (reading, writing) = sights(session, Verb::Change);
    let patch = desk::CustomerPatch {
        owner: input.owner.map(|owner| owner.map(Id::cast)),
        unit: input.unit.map(|unit| unit.map(Id::cast)),
        fields: input.fields,
    };
    known_keepers(tx, input.owner.flatten(), input.unit.flatten()).await?;
    let kept = desk::customer::change(
        tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &app.rooms.portfolio(),
        (id, input.version),
        patch,
    )
    .await?;
    tell(app, tx, kept.id, "customer.changed");
    Ok(kept)
}

/// Changes fields; what is absent stays, `null` empties.
#[utoipa::path(patch, path = api::path::CUSTOMER, tag = "customers", params(("id" = String, Path)), request_body = ChangeCustomer, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Customer), (status = "default", body = Problem)))]
async fn change(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
    Input(input): Input<ChangeCustomer>,
) -> Answer<Json<Customer>> {
    session.policy.require(Verb::Change, "customer")?;
    let mut tx = app.db.write().await?;
    if session.policy.has_limits(Verb::Change) {
        let part =
            limits::customer_part(&app, &mut tx, Some(id.cast()), &input.fields, None).await?;
        limits::hold(&session.policy, &[part])?;
    }
    let kept = alter(&app, &session, &mut tx, id.cast(), input).await?;
    tx.commit().await?;
    Ok(Json(opened(&app, &session, kept).await?))
}

/// To whom a customer could be given: whoever may give it away may know everybody's name and login for that, and the units'.
#[utoipa::path(get, path = api::path::CUSTOMER_KEEPERS, tag = "customers", params(("id" = String, Path), ("what" = String, Query), ("q" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Keeper>), (status = "default", body = Problem)))]
async fn keepers(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
    Params(asked): Params<AskKeepers>,
) -> Answer<Json<Vec<Keeper>>> {
    session.policy.require(Verb::Change, "customer")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let mut reads = app.db.read().await?;
    let seen = desk::customer::load(&mut reads, &sight, &portfolio, id.cast()).await?;
    let seen = seen.ok_or_else(|| Error::not_found("customer"))?;
    let whole = desk::customer::load(&mut reads, &Sight::all(), &portfolio, id.cast()).await?;
    let whole = whole.ok_or_else(|| Error::not_found("customer"))?;
    if !changeable(&app, &session, &whole, &seen.masked)
        .1
        .contains(&asked.what)
    {
        let error = Error::new(kernel::Code::Forbidden);
        return Err(error
            .with("verb", Verb::Change)
            .with("entity", "customer")
            .into());
    }
    Ok(Json(offered(&mut reads, &session, &asked).await?))
}

#[derive(Deserialize)]
struct AtVersion {
    version: i64,
}

/// Puts a customer into the recycle bin.
#[utoipa::path(delete, path = api::path::CUSTOMER, tag = "customers", params(("id" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn delete(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
    Params(at): Params<AtVersion>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "customer")?;
    let (reading, writing) = sights(&session, Verb::Delete);
    let portfolio = app.rooms.portfolio();
    let mut tx = app.db.write().await?;
    let key = (id.cast(), at.version);
    desk::customer::delete(
        &mut tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &portfolio,
        key,
    )
    .await?;
    tell(&app, &mut tx, id.cast(), "customer.deleted");
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The customer's history, newest first.
#[utoipa::path(get, path = api::path::CUSTOMER_HISTORY, tag = "customers", params(("id" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<HistoryLine>), (status = "default", body = Problem)))]
async fn history_page(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Customer>>,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<HistoryLine>>> {
    session.policy.require(Verb::Read, "history")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let mut reads = app.db.read().await?;
    let customer = desk::customer::load(&mut reads, &sight, &portfolio, id.cast()).await?;
    let customer = customer.ok_or_else(|| Error::not_found("customer"))?;
    let found = super::reach::history(&app, &session, &mut reads, customer.id, page).await?;
    let what = Seen {
        record: Some(id.to_string()),
        customer: Some(id.uuid()),
        ..Seen::default()
    };
    trail::seen(&app, &session, ("ledger", "history"), what).await?;
    let mask = session.policy.mask("history", Verb::Read);
    let hidden = Hidden {
        details: mask.field("details") != access::Visibility::Always,
        fields: &customer.masked,
    };
    Ok(Json(found.map(|line| told(line, language, &hidden))))
}

/// What of a line's details this asker may not see.
struct Hidden<'a> {
    details: bool,
    fields: &'a [String],
}

fn told(line: history::Line, language: Language, hidden: &Hidden<'_>) -> HistoryLine {
    let details = match line.details {
        Some(Value::Object(details)) if !hidden.details => stripped(details, hidden.fields),
        _ => Map::new(),
    };
    // A process ends in one of the engine's states, an activity with one of the designer's outcomes.
    let ended = [kinds::PROCESS_ENDED, kinds::PROCESS_CANCELLED].contains(&line.kind.as_str());
    let (state, outcome) = if ended {
        (line.state, None)
    } else {
        (None, line.state)
    };
    HistoryLine {
        id: line.id.cast(),
        at: line.at,
        channel: line.channel.unwrap_or_default(),
        kind: line.kind,
        process: line.process,
        activity: line.activity,
        instance: line.instance.map(Id::new),
        state,
        outcome,
        who: Some(line.user_name).filter(|name| !name.is_empty()),
        seconds: line.duration.map(|d| d.as_millis() / 1_000),
        summary: Some(sentence(&line.summary, language)),
        details,
    }
}

/// Without the customer's fields that are hidden, wherever a change or a form names them, as a key or in a list.
fn stripped(mut details: Map<String, Value>, hidden: &[String]) -> Map<String, Value> {
    let is_hidden = |name: &str| {
        let bare = name
            .strip_prefix("customer.")
            .or_else(|| name.strip_prefix("fields."));
        hidden.iter().any(|h| h == name || bare == Some(h))
    };
    details.retain(|key, _| !is_hidden(key));
    for value in details.values_mut() {
        match value {
            Value::Object(inner) => *inner = stripped(std::mem::take(inner), hidden),
            Value::Array(names) => names.retain(|name| !name.as_str().is_some_and(is_hidden)),
            _ => {}
        }
    }
    details
}

fn sentence(summary: &Summary, language: Language) -> String {
    match summary {
        Summary::Key { key, args } => {
            let args: Vec<_> = args
                .iter()
                .map(|(name, value)| (name.as_str(), locale::FluentValue::from(value.as_str())))
                .collect();
            locale::text_with(language, key, &args)
        }
        Summary::Text { text } => text.clone(),
    }
}

fn contact(contact: desk::Contact) -> Contact {
    Contact {
        id: contact.id.cast(),
        version: contact.version,
        masked: contact.masked,
        values: ContactValues {
            name: contact.name,
            role: contact.role,
            document: contact.document,
            email: contact.email,
            phone: contact.phone,
            mobile: contact.mobile,
            note: contact.note,
        },
    }
}

fn values(values: ContactValues) -> desk::contact::ContactValues {
    desk::contact::ContactValues {
        name: values.name,
        role: values.role,
        document: values.document,
        email: values.email,
        phone: values.phone,
        mobile: values.mobile,
        note: values.note,
    }
}

/// The people who represent the customer.
#[utoipa::path(get, path = api::path::CUSTOMER_CONTACTS, tag = "customers", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Contact>), (status = "default", body = Problem)))]
async fn contacts(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
) -> Answer<Json<Vec<Contact>>> {
    session.policy.require(Verb::Read, "contact")?;
    let portfolio = app.rooms.portfolio();
    let sight = Sight::reading(&session.policy);
    let found =
        desk::contact::list(&mut app.db.read().await?, &sight, &portfolio, id.cast()).await?;
    let what = Seen {
        customer: Some(id.uuid()),
        ..Seen::default()
    };
    trail::seen(&app, &session, ("desk", "contact"), what).await?;
    Ok(Json(found.into_iter().map(contact).collect()))
}

/// Registers a contact.
#[utoipa::path(post, path = api::path::CUSTOMER_CONTACTS, tag = "customers", params(("id" = String, Path)), request_body = ContactValues, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Contact), (status = "default", body = Problem)))]
async fn add_contact(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Customer>>,
    Input(input): Input<ContactValues>,
) -> Answer<(StatusCode, Json<Contact>)> {
    session.policy.require(Verb::Create, "contact")?;
    let portfolio = app.rooms.portfolio();
    let reading = Sight::reading(&session.policy);
    let writing = Sight::of(&session.policy, Verb::Create);
    let mut tx = app.db.write().await?;
    let new = (id.cast(), values(input));
    let made = desk::contact::create(
        &mut tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &portfolio,
        new,
    )
    .await?;
    tell(&app, &mut tx, id.cast(), "customer.contacts");
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(contact(made))))
}

/// Writes a contact anew.
#[utoipa::path(put, path = api::path::CUSTOMER_CONTACT, tag = "customers", params(("id" = String, Path), ("contact" = String, Path)), request_body = ChangeContact, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Contact), (status = "default", body = Problem)))]
async fn change_contact(
    State(app): State<App>,
    session: Session,
    At((id, which)): At<(Id<of::Customer>, Id<of::Contact>)>,
    Input(input): Input<ChangeContact>,
) -> Answer<Json<Contact>> {
    session.policy.require(Verb::Change, "contact")?;
    let portfolio = app.rooms.portfolio();
    let reading = Sight::reading(&session.policy);
    let writing = Sight::of(&session.policy, Verb::Change);
    let mut tx = app.db.write().await?;
    let new = (which.cast(), input.version, values(input.values));
    let kept = desk::contact::change(
        &mut tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &portfolio,
        new,
    )
    .await?;
    tell(&app, &mut tx, id.cast(), "customer.contacts");
    tx.commit().await?;
    Ok(Json(contact(kept)))
}

/// Takes a contact away.
#[utoipa::path(delete, path = api::path::CUSTOMER_CONTACT, tag = "customers", params(("id" = String, Path), ("contact" = String, Path), ("version" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn delete_contact(
    State(app): State<App>,
    session: Session,
    At((id, which)): At<(Id<of::Customer>, Id<of::Contact>)>,
    Params(at): Params<AtVersion>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "contact")?;
    let portfolio = app.rooms.portfolio();
    let reading = Sight::reading(&session.policy);
    let writing = Sight::of(&session.policy, Verb::Delete);
    let mut tx = app.db.write().await?;
    let key = (which.cast(), at.version);
    desk::contact::delete(
        &mut tx,
        &app.ambient,
        &session.actor,
        (&reading, &writing),
        &portfolio,
        key,
    )
    .await?;
    tell(&app, &mut tx, id.cast(), "customer.contacts");
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_field_is_not_even_named() {
        let told = serde_json::json!({
            "changed": ["balance", "fields.email", "owner"],
            "form": {"customer.balance": "1", "email": "a@example.com", "reason": "x"},
        });
        let Value::Object(told) = told else {
            unreachable!()
        };
        let hidden = ["balance".to_owned(), "email".to_owned()];
        let left = Value::Object(stripped(told, &hidden));
        assert_eq!(
            left,
            serde_json::json!({"changed": ["owner"], "form": {"reason": "x"}})
        );
    }
}
