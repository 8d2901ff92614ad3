//! Closing an activity: its form, what is filled in, and what of the customer changes with it.

use std::collections::BTreeSet;

use access::{Place, Verb};
use api::work::{CompleteWorkItem, Completed};
use api::{Problem, of};
use axum::Json;
use axum::extract::State;
use desk::{CustomerPatch, Sight};
use form::Form;
use form::form::{Context, Mask};
use kernel::{Code, Error, FieldProblem, Id, Language};
use runner::{Complete, WorkItemDetail};
use serde_json::{Map, Value, json};
use store::{Reads, Tx};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::work::{for_me, may, seen};
use crate::http::{Answer, At, Input, Session, Tongue};
use crate::{App, limits};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(complete))
}

/// Where the form and the customer meet: what the form is bound to, and what it may see.
pub(super) struct Bound {
    pub form: Form,
    pub fields: Vec<form::FieldSpec>,
    pub context: Context,
    /// The customer as it was read: a change must name this version.
    pub customer: Option<desk::Customer>,
}

pub(super) async fn bound(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    detail: &WorkItemDetail,
    language: Language,
) -> Result<Option<Bound>, Error> {
    let Some(binding) = &detail.binding else {
        return Ok(None);
    };
    let process = (detail.line.process.as_str(), detail.line.process_version);
    let Some(form) = app.rooms.form_of(reads, process, binding).await? else {
        return Ok(None);
    };
    let portfolio = app.rooms.portfolio();
    let customer = match detail.line.customer {
        Some(id) => {
            desk::customer::load(
                reads,
                &Sight::reading(&session.policy),
                &portfolio,
                id.cast(),
            )
            .await?
        }
        None => None,
    };
    let fields = form
        .customer_type
        .as_deref()
        .map(|key| app.rooms.fields_of(key))
        .unwrap_or_default();
    let values = customer
        .as_ref()
        .map(|c| c.fields.clone())
        .unwrap_or_default();
    let place = Place::activity(&detail.line.process, &detail.line.element);
    let mut record = Map::new();
    record.insert("fields".into(), Value::Object(values.clone()));
    let known = access::json_record(&record);
    let reading = session.policy.mask_at("customer", Verb::Read, place);
    let writing = session.policy.mask_at("customer", Verb::Change, place);
    let paths = |hides: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        fields
            .iter()
            .map(|f| f.key.as_str())
            .filter(|key| hides(key))
            .map(|key| format!("customer.{key}"))
            .collect()
    };
    let hidden = paths(&|key| !reading.shows(&format!("fields.{key}"), &known));
    let read_only = paths(&|key| !writing.shows(&format!("fields.{key}"), &known));
    let context = Context {
        customer: values,
        session: Map::new(),
        process: detail.variables.clone(),
        user: match json!({"login": session.user.login, "name": session.user.name, "groups": session.group_keys()})
        {
            Value::Object(map) => map,
            _ => Map::new(),
        },
        now: Some(app.ambient.now()),
        zone: None,
        language,
        mask: Mask { hidden, read_only },
    };
    Ok(Some(Bound {
        form,
        fields,
        context,
        customer,
    }))
}

/// A closing that has been checked: what the form comes to, and what of the customer it changes.
pub(super) struct Closing {
    pub detail: WorkItemDetail,
    bound: Option<Bound>,
    values: Map<String, Value>,
    patch: Map<String, Value>,
    outcome: Option<String>,
    version: i64,
}

impl Closing {
    fn place(&self) -> (&str, &str) {
        (&self.detail.line.process, &self.detail.line.element)
    }

    /// What it comes to, for limits.
    pub async fn parts(
        &self,
        app: &App,
        reads: &mut impl Reads,
    ) -> Result<Vec<limits::Part>, Error> {
        let form = self
            .bound
            .as_ref()
            .and_then(|bound| bound.form.bind(&bound.fields).ok());
        let mut parts = vec![limits::activity_part(
            self.place(),
            &self.values,
            form.as_ref(),
        )];
        if let Some(customer) = self.bound.as_ref().and_then(|b| b.customer.as_ref())
            && !self.patch.is_empty()
        {
            let (process, activity) = self.place();
            let place = Some((process.to_owned(), activity.to_owned()));
            parts.push(
                limits::customer_part(app, reads, Some(customer.id), &self.patch, place).await?,
            );
        }
        Ok(parts)
    }
}

/// Checks a closing with this person's rights.
pub(super) async fn closing(
    app: &App,
    session: &Session,
    reads: &mut impl Reads,
    (id, input): (Id<of::WorkItem>, CompleteWorkItem),
    language: Language,
) -> Result<Closing, Error> {
    let detail = seen(app, session, reads, id).await?;
    let bound = bound(app, session, reads, &detail, language).await?;
    if !may(app, session, Verb::Execute, &detail.line) {
        return Err(Error::new(Code::Forbidden)
            .with("verb", "execute")
            .with("entity", "work_item"));
    }
    let (values, patch) = match &bound {
        Some(bound) => {
            let form = bound.form.bind(&bound.fields).map_err(|problems| {
                Error::internal(format!("a published form does not bind: {problems:?}"))
            })?;
            let accepted = form
                .accept(&input.values, &bound.context)
                .map_err(invalid)?;
            (accepted.own, accepted.customer)
        }
        None if input.values.is_empty() => (Map::new(), Map::new()),
        None => return Err(Error::invalid("values", "no_form")),
    };
    Ok(Closing {
        detail,
        bound,
        values,
        patch,
        outcome: input.outcome,
        version: input.version,
    })
}

/// Carries a closing out. What the form changes of the customer is changed with it, or nothing is.
pub(super) async fn close(
    app: &App,
    session: &Session,
    tx: &mut Tx,
    closing: Closing,
) -> Result<Completed, Error> {
    if let Some(customer) = closing.bound.as_ref().and_then(|b| b.customer.as_ref()) {
        if !closing.patch.is_empty() {
            let (process, activity) = closing.place();
            let place = Place::activity(process, activity);
            let sights = (
                &Sight::reading(&session.policy),
                &Sight::at(&session.policy, Verb::Change, place),
            );
            let patch = CustomerPatch {
                fields: closing.patch,
                ..CustomerPatch::default()
            };
            desk::customer::change(
                tx,
                &app.ambient,
                &session.actor,
                sights,
                &app.rooms.portfolio(),
                (customer.id, customer.version),
                patch,
            )
            .await?;
        }
        desk::customer::contacted(tx, customer.id, app.ambient.now()).await?;
    }
    let complete = Complete {
        work_item: closing.detail.line.id,
        version: Some(closing.version),
        outcome: closing.outcome,
        values: closing.values,
    };
    let advanced = app
        .rooms
        .runner
        .complete_in(tx, &session.actor, complete)
        .await?;
    Ok(Completed {
        instance_ended: advanced.state != runner::InstanceState::Running,
        next: for_me(session, &advanced.opened),
    })
}

/// Closes a work item with one of its outcomes. What the form changes of the customer is changed with it, or nothing is.
#[utoipa::path(post, path = api::path::WORK_ITEM_COMPLETE, tag = "work", params(("id" = String, Path)), request_body = CompleteWorkItem, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Completed), (status = "default", body = Problem)))]
async fn complete(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::WorkItem>>,
    Input(input): Input<CompleteWorkItem>,
) -> Answer<Json<Completed>> {
    let checked = {
        let mut reads = app.db.read().await?;
        let checked = closing(&app, &session, &mut reads, (id, input), language).await?;
        let policy = &session.policy;
        if policy.has_limits(Verb::Execute) || policy.has_limits(Verb::Change) {
            limits::hold(policy, &checked.parts(&app, &mut reads).await?)?;
        }
        checked
    };
    let mut tx = app.db.write().await?;
    let done = close(&app, &session, &mut tx, checked).await?;
    tx.commit().await?;
    Ok(Json(done))
}

fn invalid(problems: Vec<FieldProblem>) -> Error {
    Error::try_from(problems).unwrap_or_else(|()| Error::new(Code::Invalid))
}
