//! Lists of customers as files, by the list's own conditions and order.

use api::Problem;
use api::customers::ExportCustomers;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use desk::Sight;
use desk::list::ListQuery;
use form::{CustomerSchema, FieldKind, FieldSpec};
use futures::future::BoxFuture;
use kernel::{Error, FieldProblem, Filter, Language, Page, Result};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use access::Verb;

use crate::App;
use crate::http::{Answer, Input, Session, Tongue};
use crate::sheet::{self, Cell, Row, Rows, Table};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export))
}

/// A list of customers as a file (`format`: `csv` or `xlsx`): the rows and values that the asker may both read and export, in
/// the list's order; what may not be exported is an empty cell. Amounts and numbers are exact in CSV, days are
/// `2026-11-21`, moments in UTC. Two entries in the trail: that it began, and how it ended. It stops where the asker loses
/// the right.
#[utoipa::path(post, path = api::path::CUSTOMERS_EXPORT, tag = "customers", request_body = ExportCustomers, security(("bearer" = []), ("cookie" = [])), responses((status = 200, content((String = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), (status = "default", body = Problem)))]
async fn export(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    headers: HeaderMap,
    Input(input): Input<ExportCustomers>,
) -> Answer<Response> {
    let format = input.format.as_deref().unwrap_or("csv").parse()?;
    let query = query(&input);
    let portfolio = app.rooms.portfolio();
    let schema = portfolio
        .get(&input.customer_type)
        .map(|of| of.schema.clone())
        .ok_or_else(|| {
            Error::from(
                FieldProblem::new("customer_type", "unknown_customer_type")
                    .with("key", &input.customer_type),
            )
        })?;
    let columns = columns(&schema, input.fields.as_deref())?;
    let mut rows = Export {
        app: app.clone(),
        actor: session.actor.clone(),
        language,
        query,
        columns,
        cursor: None,
        done: false,
        first: None,
    };
    rows.may(&session)?;
    // Conditions that this asker may not set are refused now, not in the middle of a file.
    rows.first = Some(rows.read(&session).await?);
    let conditions = serde_json::to_string(&input).map_err(Error::internal)?;
    let mut tx = app.db.write().await?;
    let entry = Entry::new("customer.export", "desk", "customer").note(conditions);
    audit::record(&mut tx, app.ambient.now(), &session.actor, entry);
    tx.commit().await?;
    let mut headings: Vec<String> = rows
        .columns
        .iter()
        .map(|spec| spec.label.get(language).to_owned())
        .collect();
    headings.extend(
        ["created", "changed", "id"]
            .iter()
            .map(|key| locale::text(language, &format!("customers-column-{key}"))),
    );
    let sheet = match schema.plural.get(language) {
        "" => schema.name.get(language),
        plural => plural,
    };
    let table = Table {
        file: "clientes",
        sheet: sheet.to_owned(),
        headings,
    };
    Ok(sheet::answer(app, headers, format, table, rows))
}

fn query(input: &ExportCustomers) -> ListQuery {
    ListQuery {
        type_key: Some(input.customer_type.clone()),
        filter: input.filter.clone().unwrap_or(Filter::TRUE),
        sort: input.sort.clone(),
        deleted: input.deleted,
    }
}

/// The fields that were asked for, in that order; all of the type where none were named.
fn columns(schema: &CustomerSchema, wanted: Option<&[String]>) -> Result<Vec<FieldSpec>> {
    let Some(wanted) = wanted else {
        return Ok(schema.fields.clone());
    };
    wanted
        .iter()
        .map(|key| {
            let found = schema.fields.iter().find(|spec| spec.key == *key);
            found.cloned().ok_or_else(|| {
                FieldProblem::new("fields", "unknown_field")
                    .with("field", key)
                    .into()
            })
        })
        .collect()
}

struct Export {
    app: App,
    actor: Actor,
    language: Language,
    query: ListQuery,
    columns: Vec<FieldSpec>,
    cursor: Option<String>,
    done: bool,
    /// Read before the answer began.
    first: Option<Vec<Row>>,
}

impl Export {
    /// The next part, as this session may see it now.
    async fn read(&mut self, session: &Session) -> Result<Vec<Row>> {
        let portfolio = self.app.rooms.portfolio();
        let sight = Sight::reading(&session.policy).and(Sight::of(&session.policy, Verb::Export));
        let page = Page {
            limit: Some(Page::MAX_LIMIT),
            cursor: self.cursor.take(),
        };
        let mut reads = self.app.db.read().await?;
        let found = desk::list::page(&mut reads, &sight, &portfolio, &self.query, &page).await?;
        self.done = found.next.is_none();
        self.cursor = found.next;
        Ok(found.items.into_iter().map(|one| self.row(one)).collect())
    }

    fn row(&self, customer: desk::Customer) -> Row {
        let value = |spec: &FieldSpec| match customer.fields.get(&spec.key) {
            Some(value) => cell(spec, value, self.language),
            None => Cell::from(""),
        };
        let mut row: Row = self.columns.iter().map(value).collect();
        row.push(Cell::Moment(customer.created));
        row.push(Cell::Moment(customer.changed));
        row.push(Cell::Text(customer.id.to_string()));
        row
    }
}

fn cell(spec: &FieldSpec, value: &Value, language: Language) -> Cell {
    let text = match value {
        Value::Null => return Cell::from(""),
        Value::Bool(yes) => {
            let key = if *yes { "value-yes" } else { "value-no" };
            return Cell::Text(locale::text(language, key));
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match &spec.kind {
        kind if kind.is_exact_number() => Cell::Exact(text),
        FieldKind::Moment => match text.parse() {
            Ok(at) => Cell::Moment(at),
            Err(_) => Cell::Text(text),
        },
        FieldKind::Choice { options } => {
            let option = options.iter().find(|option| option.key == text);
            Cell::Text(option.map_or(text, |option| option.label.get(language).to_owned()))
        }
        _ => Cell::Text(text),
    }
}

impl Rows for Export {
    fn next(&mut self, session: Session) -> BoxFuture<'_, Result<Option<Vec<Row>>>> {
        Box::pin(async move {
            self.may(&session)?;
            if let Some(first) = self.first.take() {
                return Ok(Some(first));
            }
            if self.done {
                return Ok(None);
            }
            self.read(&session).await.map(Some)
        })
    }

    fn may(&self, session: &Session) -> Result<()> {
        session.policy.require(Verb::Read, "customer")?;
        session.policy.require(Verb::Export, "customer")
    }

    fn ended(&self) -> (Actor, Entry) {
        (
            self.actor.clone(),
            Entry::new("customer.export_end", "desk", "customer"),
        )
    }
}
