use access::Verb;
use api::approvals::{
    Approval, ApprovalScope, ApprovalValue, AskApproval, DecideApproval, ListApprovals, Operation,
};
use api::session::Named;
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use desk::Sight;
use directory::approvals::{self, ApprovalState, Decision, Wanted};
use directory::eyes;
use kernel::{Code, Error, Id, Language, Page, Paged};
use runner::feed;
use serde::{Deserialize, Serialize};
use store::{Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{closing, customers, work};
use crate::http::{Answer, At, Input, Params, Session, Tongue};
use crate::limits::{self, Part};
use crate::{App, trail};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(load, decide, withdraw))
}

/// The topic by which those who may decide hear of a request; the subject is its id.
pub(super) const TOPIC: &str = "approval";

/// What a request comes to, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Facts {
    parts: Vec<Part>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    activity: Option<String>,
}

/// An operation that has been checked with the requester's rights, and what it comes to.
struct Checked {
    facts: Facts,
    customer: Option<Id<of::Customer>>,
    closing: Option<closing::Closing>,
}

async fn checked(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    operation: &Operation,
    language: Language,
) -> Result<Checked, Error> {
    let plain = |part, customer| Checked {
        facts: Facts {
            parts: vec![part],
            process: None,
            activity: None,
        },
        customer,
        closing: None,
    };
    Ok(match operation {
        Operation::CreateCustomer { new } => {
            session.policy.require(Verb::Create, "customer")?;
            let part = limits::customer_part(app, reads, None, &new.fields, None).await?;
            plain(part, None)
        }
        Operation::ChangeCustomer { customer, change } => {
            session.policy.require(Verb::Change, "customer")?;
            let sight = Sight::reading(&session.policy);
            desk::customer::load(reads, &sight, &app.rooms.portfolio(), customer.cast())
                .await?
                .ok_or_else(|| Error::not_found("customer"))?;
            let id = Some(customer.cast());
            let part = limits::customer_part(app, reads, id, &change.fields, None).await?;
            plain(part, Some(*customer))
        }
        Operation::StartInstance { start } => {
            let part = limits::process_part(&start.process, &start.variables);
            let mut checked = plain(part, start.customer);
            checked.facts.process = Some(start.process.clone());
            checked
        }
        Operation::CompleteWorkItem {
            work_item,
            complete,
        } => {
            let wanted = (*work_item, complete.clone());
            let closing = closing::closing(app, session, reads, wanted, language).await?;
            let line = &closing.detail.line;
            Checked {
                facts: Facts {
                    parts: closing.parts(app, reads).await?,
                    process: Some(line.process.clone()),
                    activity: Some(line.name.clone()),
                },
                customer: line.customer.map(Id::cast),
                closing: Some(closing),
            }
        }
    })
}

/// Does what was asked for, with the requester's rights and in the requester's name.
async fn carry_out(
    app: &App,
    requester: &Session,
    tx: &mut Tx,
    (operation, checked): (Operation, Checked),
) -> Result<(), Error> {
    match operation {
        Operation::CreateCustomer { new } => {
            customers::make(app, requester, tx, new).await?;
        }
        Operation::ChangeCustomer {
            customer,
            mut change,
        } => {
            // What it changes is as it was (see `same_as_then`): what others changed besides does not matter.
            let now =
                desk::customer::load(tx, &Sight::all(), &app.rooms.portfolio(), customer.cast())
                    .await?
                    .ok_or_else(|| Error::not_found("customer"))?;
            change.version = now.version;
            customers::alter(app, requester, tx, customer.cast(), change).await?;
        }
        Operation::StartInstance { start } => {
            work::begin(app, requester, tx, start).await?;
        }
        Operation::CompleteWorkItem { .. } => {
            let closing = checked
                .closing
                .ok_or_else(|| Error::internal("a closing that was not checked"))?;
            closing::close(app, requester, tx, closing).await?;
        }
    }
    Ok(())
}

/// Whether what was seen when it was asked still stands there: else somebody would approve a change of something else.
fn same_as_then(then: &[Part], now: &[Part]) -> bool {
    then.len() == now.len()
        && then
            .iter()
            .zip(now)
            .all(|(then, now)| then.before == now.before)
}

fn read<T: for<'de> Deserialize<'de>>(value: &serde_json::Value) -> Result<T, Error> {
    T::deserialize(value).map_err(Error::internal)
}

/// Whether this person may decide it, as things stand: not one's own, and nothing that goes beyond one's own rights.
async fn may_decide(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    kept: &approvals::Approval,
) -> Result<bool, Error> {
    if kept.requester == session.user.id
        || session.policy.require(Verb::Execute, "approval").is_err()
    {
        return Ok(false);
    }
    let mut facts: Facts = read(&kept.facts.0)?;
    if let Some(id) = kept.customer_id {
        let sight = Sight::reading(&session.policy);
        let id = Id::new(id);
        let portfolio = app.rooms.portfolio();
        if desk::customer::load(reads, &sight, &portfolio, id)
            .await?
            .is_none()
        {
            return Ok(false);
        }
        let whole = desk::customer::load(reads, &Sight::all(), &portfolio, id).await?;
        let record = whole
            .map(|customer| desk::customer::operands(&portfolio, &customer))
            .unwrap_or_default();
        for part in facts
            .parts
            .iter_mut()
            .filter(|part| part.verb == Verb::Change)
        {
            part.record.clone_from(&record);
        }
    }
    Ok(limits::permits(&session.policy, &facts.parts))
}

/// As this reader may see it.
async fn told(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    kept: approvals::Approval,
    language: Language,
) -> Result<Approval, Error> {
    let may_decide =
        kept.state == ApprovalState::Pending && may_decide(app, session, reads, &kept).await?;
    let operation: Operation = read(&kept.operation.0)?;
    let facts: Facts = read(&kept.facts.0)?;
    let portfolio = app.rooms.portfolio();
    let customer = match kept.customer_id {
        Some(id) => {
            let sight = Sight::reading(&session.policy);
            desk::customer::load(reads, &sight, &portfolio, Id::new(id)).await?
        }
        None => None,
    };
    let reading = session.policy.mask("customer", Verb::Read);
    let hides = |field: &str| match (field.strip_prefix("fields."), &customer) {
        (Some(key), Some(customer)) => customer.masked.iter().any(|masked| masked == key),
        (Some(_), None) => reading.field(field) != access::Visibility::Always,
        (None, _) => false,
    };
    let label = |part: &Part, field: &str| {
        part.labels.get(field).map_or_else(
            || {
                let of_type = customer.as_ref().map(|customer| customer.type_key.as_str());
                trail::field_label(&portfolio, language, ("customer", of_type), field)
            },
            |words| words.get(language).to_owned(),
        )
    };
    let mut values = Vec::new();
    let mut beyond = kept.field.clone();
    for part in &facts.parts {
        for (field, wanted) in &part.proposed {
            if hides(field) {
                continue;
            }
            let label = label(part, field);
            let is_beyond = *field == kept.field;
            if is_beyond {
                beyond.clone_from(&label);
            }
            values.push(ApprovalValue {
                field: field.clone(),
                label,
                before: part.before.get(field).cloned(),
                wanted: wanted.clone(),
                beyond: is_beyond,
            });
        }
    }
    let hidden = hides(&kept.field);
    let (kind, work_item) = match &operation {
        Operation::CreateCustomer { .. } => ("create_customer", None),
        Operation::ChangeCustomer { .. } => ("change_customer", None),
        Operation::CompleteWorkItem { work_item, .. } => ("complete_work_item", Some(*work_item)),
        Operation::StartInstance { .. } => ("start_instance", None),
    };
    let problem = kept.problem.as_deref().map(|code| {
        let known = Code::ALL.iter().find(|known| known.text() == code);
        let error = Error::new(known.copied().unwrap_or(Code::WrongState))
            .with("who", &kept.requester_name)
            .with("what", "record")
            .with("state", "");
        locale::error(language, &error)
    });
    Ok(Approval {
        id: kept.id.cast(),
        asked: kept.asked,
        requester: Named {
            key: kept.requester.to_string(),
            name: kept.requester_name,
        },
        kind: kind.to_owned(),
        customer_name: customer.as_ref().map(|customer| customer.name.clone()),
        customer: customer.map(|customer| customer.id.cast()),
        work_item,
        process: facts
            .process
            .map(|key| work::process_name(app, &key, language)),
        activity: facts.activity,
        field: beyond,
        limit: if hidden { String::new() } else { kept.at_most },
        wanted: if hidden { String::new() } else { kept.wanted },
        values,
        reason: kept.reason,
        state: kept.state.text().to_owned(),
        decided: kept.decided,
        decider: kept.decider.map(|id| Named {
            key: id.to_string(),
            name: kept.decider_name.unwrap_or_default(),
        }),
        answer: kept.answer,
        problem,
        may_decide,
        version: kept.version,
    })
}

/// Whether this person has to do with it at all: asked it, decided it, or may decide it.
pub(super) async fn concerns(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    kept: &approvals::Approval,
) -> Result<bool, Error> {
    Ok(kept.requester == session.user.id
        || kept.decider == Some(session.user.id)
        || (kept.state == ApprovalState::Pending && may_decide(app, session, reads, kept).await?))
}

/// For live events: whether a request is this person's to decide.
pub(super) async fn waits_for(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    id: uuid::Uuid,
) -> Result<bool, Error> {
    if session.policy.require(Verb::Execute, "approval").is_err() {
        return Ok(false);
    }
    match approvals::find(reads, Id::new(id)).await? {
        // Decided by another meanwhile: the list is one shorter, and says no more than that.
        Some(kept) if kept.state != ApprovalState::Pending => Ok(true),
        Some(kept) => may_decide(app, session, reads, &kept).await,
        None => Ok(false),
    }
}

/// Requests: those that wait for the asker, those that the asker made, those that the asker decided.
#[utoipa::path(get, path = api::path::APPROVALS, tag = "approvals", params(("scope" = Option<ApprovalScope>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<Approval>), (status = "default", body = Problem)))]
async fn list(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(input): Params<ListApprovals>,
) -> Answer<Json<Paged<Approval>>> {
    let page = Page {
        limit: input.limit,
        cursor: input.cursor,
    };
    let mut reads = app.db.read().await?;
    let user = session.user.id;
    let found = match input.scope {
        ApprovalScope::Decide => {
            session.policy.require(Verb::Execute, "approval")?;
            approvals::open(&mut reads, &page).await?
        }
        ApprovalScope::Asked => approvals::asked_by(&mut reads, user, &page).await?,
        ApprovalScope::Decided => approvals::decided_by(&mut reads, user, &page).await?,
    };
    let mut items = Vec::new();
    for kept in found.items {
        let shown = told(&app, &session, &mut reads, kept, language).await?;
        if input.scope != ApprovalScope::Decide || shown.may_decide {
            items.push(shown);
        }
    }
    Ok(Json(Paged {
        items,
        next: found.next,
        total: None,
    }))
}

/// One request.
#[utoipa::path(get, path = api::path::APPROVAL, tag = "approvals", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Approval), (status = "default", body = Problem)))]
async fn load(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Approval>>,
) -> Answer<Json<Approval>> {
    let mut reads = app.db.read().await?;
    let kept = approvals::find(&mut reads, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("approval"))?;
    if !concerns(&app, &session, &mut reads, &kept).await? {
        return Err(Error::not_found("approval").into());
    }
    Ok(Json(
        told(&app, &session, &mut reads, kept, language).await?,
    ))
}

/// Asks for what was refused with `needs_approval`. What needs no approval is refused: it can be done.
#[utoipa::path(post, path = api::path::APPROVALS, tag = "approvals", request_body = AskApproval, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Approval), (status = "default", body = Problem)))]
async fn ask(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Input(input): Input<AskApproval>,
) -> Answer<(StatusCode, Json<Approval>)> {
    let mut tx = app.db.write().await?;
    let checked = checked(&app, &session, &mut tx, &input.operation, language).await?;
    let beyond = limits::passed(&session.policy, &checked.facts.parts)
        .ok_or_else(|| Error::invalid("operation", "within_limits"))?;
    let wanted = Wanted {
        operation: serde_json::to_value(&input.operation).map_err(Error::internal)?,
        customer: checked.customer.map(Id::uuid),
        field: beyond.field,
        at_most: beyond.at_most,
        wanted: beyond.wanted,
        facts: serde_json::to_value(&checked.facts).map_err(Error::internal)?,
        reason: input.reason,
    };
    let who = (session.user.id, session.user.name.as_str());
    let kept = approvals::ask(&mut tx, &app.ambient, &session.actor, who, wanted).await?;
    feed::publish(
        &mut tx,
        app.ambient.now(),
        format!("{TOPIC}:{}", kept.id),
        "approval.asked",
        kept.id.uuid(),
    );
    let told = told(&app, &session, &mut tx, kept, language).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(told)))
}

/// Tells the requester, and those before whom it waited.
fn tell(app: &App, tx: &mut Tx, kept: &approvals::Approval) {
    let now = app.ambient.now();
    let id = kept.id.uuid();
    for topic in [
        format!("user:{}", kept.requester),
        format!("{TOPIC}:{}", kept.id),
    ] {
        feed::publish(tx, now, topic, "approval.decided", id);
    }
}

/// Approves a request, and with that it is done; or refuses it, with a reason. Where it cannot be done any more the answer
/// says so (`state` `failed`), and nothing has been done.
#[utoipa::path(post, path = api::path::APPROVAL, tag = "approvals", params(("id" = String, Path)), request_body = DecideApproval, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Approval), (status = "default", body = Problem)))]
async fn decide(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Approval>>,
    Input(input): Input<DecideApproval>,
) -> Answer<Json<Approval>> {
    let failed = match settle(&app, &session, id, &input, language).await? {
        Settled::Done(approval) => return Ok(Json(*approval)),
        Settled::CannotBeDone(code) => code,
    };
    // What was begun is taken back; that it failed is kept by itself.
    let mut tx = app.db.write().await?;
    let kept = approvals::pending(&mut tx, id.cast()).await?;
    let who = (session.user.id, session.user.name.as_str());
    let how = (Decision::Failed(failed), input.reason.as_str());
    let kept = approvals::decide(&mut tx, &app.ambient, &session.actor, who, kept, how).await?;
    tell(&app, &mut tx, &kept);
    let told = told(&app, &session, &mut tx, kept, language).await?;
    tx.commit().await?;
    Ok(Json(told))
}

enum Settled {
    Done(Box<Approval>),
    /// The code of what stood in the way.
    CannotBeDone(String),
}

async fn settle(
    app: &App,
    session: &Session,
    id: Id<of::Approval>,
    input: &DecideApproval,
    language: Language,
) -> Result<Settled, Error> {
    let mut tx = app.db.write().await?;
    let found = approvals::find(&mut tx, id.cast())
        .await?
        .ok_or_else(|| Error::not_found("approval"))?;
    if !concerns(app, session, &mut tx, &found).await? {
        return Err(Error::not_found("approval"));
    }
    let kept = approvals::pending(&mut tx, id.cast()).await?;
    if !may_decide(app, session, &mut tx, &kept).await? {
        return Err(Error::new(Code::Forbidden)
            .with("verb", Verb::Execute)
            .with("entity", "approval"));
    }
    let decision = if input.approve {
        let operation: Operation = read(&kept.operation.0)?;
        let done = approved(app, session, &mut tx, (&kept, operation), language).await;
        match done {
            Ok(()) => Decision::Approved,
            // Trying again may succeed: it stays as it is.
            Err(error) if error.is_passing() || error.code() == Code::Internal => {
                return Err(error);
            }
            // The approver's own limit.
            Err(error) if error.code() == Code::NeedsApproval => return Err(error),
            Err(error) => return Ok(Settled::CannotBeDone(error.code().text().to_owned())),
        }
    } else {
        Decision::Refused
    };
    let who = (session.user.id, session.user.name.as_str());
    let how = (decision, input.reason.as_str());
    let kept = approvals::decide(&mut tx, &app.ambient, &session.actor, who, kept, how).await?;
    tell(app, &mut tx, &kept);
    let told = told(app, session, &mut tx, kept, language).await?;
    tx.commit().await?;
    Ok(Settled::Done(Box::new(told)))
}

async fn approved(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    (kept, operation): (&approvals::Approval, Operation),
    language: Language,
) -> Result<(), Error> {
    let eyes = eyes::of(tx, kept.requester)
        .await?
        .filter(|eyes| eyes.user.active)
        .ok_or_else(|| Error::not_found("user"))?;
    let requester = session.in_the_name_of(app, eyes);
    let checked = checked(app, &requester, tx, &operation, language).await?;
    let then: Facts = read(&kept.facts.0)?;
    if !same_as_then(&then.parts, &checked.facts.parts) {
        return Err(Error::new(Code::Stale));
    }
    if let Some(beyond) = limits::passed(&session.policy, &checked.facts.parts) {
        return Err(beyond.into());
    }
    if !limits::permits(&session.policy, &checked.facts.parts) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", Verb::Execute)
            .with("entity", "approval"));
    }
    carry_out(app, &requester, tx, (operation, checked)).await
}

/// Takes one's own request back.
#[utoipa::path(delete, path = api::path::APPROVAL, tag = "approvals", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn withdraw(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Approval>>,
) -> Answer<StatusCode> {
    let mut tx = app.db.write().await?;
    let own = approvals::find(&mut tx, id.cast())
        .await?
        .is_some_and(|kept| kept.requester == session.user.id);
    if !own {
        return Err(Error::not_found("approval").into());
    }
    let kept = approvals::pending(&mut tx, id.cast()).await?;
    let who = (session.user.id, session.user.name.as_str());
    let how = (Decision::Withdrawn, "");
    let kept = approvals::decide(&mut tx, &app.ambient, &session.actor, who, kept, how).await?;
    tell(&app, &mut tx, &kept);
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
