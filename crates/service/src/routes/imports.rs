use std::collections::HashMap;
use std::str::FromStr;

use access::Verb;
use api::customers::{AskKeepers, Keeper};
use api::imports::{
    Column, ColumnMapping, Import, ImportPlan, KeptLine, ListFormat, Preview, Progress, RejectLine,
};
use api::{Problem, of};
use async_stream::stream;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use desk::Sight;
use desk::import::{
    self, Formulas, Importer, OnExisting, Report, ReportWords, Setup, Target, Upload,
};
use futures::StreamExt;
use kernel::{Code, Error, FieldProblem, Id, Language, Page, Paged};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::keepers::{known_keepers, named, offered};
use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, upload))
        .routes(routes!(load))
        .routes(routes!(preview))
        .routes(routes!(configure))
        .routes(routes!(keepers))
        .routes(routes!(start))
        .routes(routes!(cancel))
        .routes(routes!(undo))
        .routes(routes!(rejects))
        .routes(routes!(rejects_file))
        .routes(routes!(kept))
}

fn format(setup: &Setup) -> ListFormat {
    ListFormat {
        encoding: setup.dialect.encoding.text().to_owned(),
        delimiter: setup.dialect.delimiter.to_string(),
        header: setup.header,
        decimal_mark: setup.decimal.text().to_owned(),
        date_order: setup.dates.text().to_owned(),
    }
}

fn plan(customer_type: &str, setup: &Setup) -> ImportPlan {
    let mapped = |target: &Target| ColumnMapping {
        column: u32::try_from(target.column).unwrap_or(u32::MAX),
        field: target.field.clone(),
    };
    ImportPlan {
        customer_type: customer_type.to_owned(),
        format: format(setup),
        mapping: setup.mapping.iter().map(mapped).collect(),
        match_by: setup.match_by.clone(),
        on_match: match setup.on_existing {
            OnExisting::Skip => "skip",
            OnExisting::Update => "update",
            OnExisting::Create => "create",
        }
        .to_owned(),
        formulas: match setup.formulas {
            Formulas::Reject => "reject",
            Formulas::Neutralise => "neutralise",
        }
        .to_owned(),
        owner: setup.owner.map(Id::cast),
        unit: setup.unit.map(Id::cast),
    }
}

/// One of a list of words, or a problem that names the place.
fn word<T: FromStr>(field: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| {
        FieldProblem::new(field, "not_an_option")
            .with("value", text)
            .into()
    })
}

fn setup(plan: &ImportPlan) -> Result<Setup, Error> {
    let mut letters = plan.format.delimiter.chars();
    let (Some(delimiter), None) = (letters.next(), letters.next()) else {
        return Err(Error::invalid("format.delimiter", "bad_delimiter"));
    };
    let mut setup = Setup {
        header: plan.format.header,
        match_by: plan.match_by.clone(),
        owner: plan.owner.map(Id::cast),
        unit: plan.unit.map(Id::cast),
        ..Setup::default()
    };
    setup.dialect.encoding = word("format.encoding", &plan.format.encoding)?;
    setup.dialect.delimiter = delimiter;
    setup.decimal = word("format.decimal_mark", &plan.format.decimal_mark)?;
    setup.dates = word("format.date_order", &plan.format.date_order)?;
    setup.mapping = plan
        .mapping
        .iter()
        .map(|m| Target {
            column: usize::try_from(m.column).unwrap_or(usize::MAX),
            field: m.field.clone(),
        })
        .collect();
    setup.on_existing = match plan.on_match.as_str() {
        "skip" => OnExisting::Skip,
        "update" => OnExisting::Update,
        "create" => OnExisting::Create,
        other => {
            return Err(FieldProblem::new("on_match", "not_an_option")
                .with("value", other)
                .into());
        }
    };
    setup.formulas = match plan.formulas.as_str() {
        "reject" => Formulas::Reject,
        "neutralise" => Formulas::Neutralise,
        other => {
            return Err(FieldProblem::new("formulas", "not_an_option")
                .with("value", other)
                .into());
        }
    };
    Ok(setup)
}

fn shown(import: import::Import, came_before: bool, language: Language) -> Import {
    let size = import.size.max(1);
    let percent = (import.bytes_read.saturating_mul(100) / size).clamp(0, 100);
    Import {
        id: import.id.cast(),
        plan: import.type_key.as_deref().map(|of| plan(of, &import.setup)),
        format: format(&import.setup),
        owner: None,
        unit: None,
        assignable: Vec::new(),
        file_name: import.file_name,
        bytes: import.size,
        state: import.state.text().to_owned(),
        came_before,
        progress: Progress {
            percent: u8::try_from(percent).unwrap_or(100),
            read: import.rows_read,
            created: import.rows_created,
            updated: import.rows_updated,
            skipped: import.rows_skipped,
            rejected: import.rows_rejected,
        },
        created: import.created,
        created_by: import.actor.name,
        started: import.started,
        ended: import.finished,
        failure: import.failure.map(|code| sentence(&code, language)),
        kept: import.rows_kept,
    }
}

/// What stands in a list is seen by whoever brought it, and by those who may read all that such a list could hold.
fn check_open(app: &App, session: &Session, import: &import::Import) -> Result<(), Error> {
    if import.actor.user == Some(session.user.id.cast()) {
        return Ok(());
    }
    let portfolio = app.rooms.portfolio();
    let reading = Sight::reading(&session.policy);
    let of = import
        .type_key
        .as_deref()
        .and_then(|key| portfolio.get(key));
    let open = match of {
        Some(of) => reading.whole(of),
        None => portfolio.iter().all(|of| reading.whole(of)),
    };
    if open {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden)
        .with("verb", Verb::Read)
        .with("entity", "import"))
}

fn importer(session: &Session) -> Importer {
    Importer {
        reading: Sight::reading(&session.policy),
        making: Sight::of(&session.policy, Verb::Create),
        changing: Sight::of(&session.policy, Verb::Change),
        user: Some(session.user.id.cast()),
        home: session.user.unit.map(Id::cast),
    }
}

/// Which of `owner` and `unit` this person may choose for new customers.
fn assignable(session: &Session) -> Vec<String> {
    let making = Sight::of(&session.policy, Verb::Create);
    ["owner", "unit"]
        .into_iter()
        .filter(|name| making.always(name))
        .map(str::to_owned)
        .collect()
}

/// One list with the names of whom its customers are given to: those of the plan, or those that it would begin with.
async fn whole(
    app: &App,
    session: &Session,
    import: import::Import,
    came_before: bool,
    language: Language,
) -> Result<Import, Error> {
    let setup = &import.setup;
    let planned = import.type_key.is_some();
    let unit = setup.unit.map(Id::cast);
    let unit = unit.or(session.user.unit.filter(|_| !planned).map(Id::cast));
    let mut reads = app.db.read().await?;
    let (owner, unit) = named(&mut reads, setup.owner.map(Id::cast), unit).await?;
    Ok(Import {
        owner,
        unit,
        assignable: assignable(session),
        ..shown(import, came_before, language)
    })
}

fn sentence(code: &str, language: Language) -> String {
    let key = format!("problem-{}", code.replace('_', "-"));
    if locale::has(language, &key) {
        locale::text(language, &key)
    } else {
        locale::text(language, "problem-import-failed")
    }
}

/// The lists that came in, newest first.
#[utoipa::path(get, path = api::path::IMPORTS, tag = "imports", params(("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<Import>), (status = "default", body = Problem)))]
async fn list(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<Import>>> {
    session.policy.require(Verb::Read, "import")?;
    let found = import::page(&mut app.db.read().await?, &page).await?;
    Ok(Json(found.map(|import| shown(import, false, language))))
}

/// The largest list that is taken, in MiB: what is configured, within what a list may be at all.
pub fn most_mib(app: &App) -> u64 {
    app.config.upload_limit_mib.min(import::MAX_FILE >> 20)
}

#[derive(Deserialize)]
struct FileName {
    name: String,
}

/// Takes a list in, as a stream: its size does not matter to the service's memory. Nothing is done with it yet.
#[utoipa::path(post, path = api::path::IMPORTS, tag = "imports", params(("name" = String, Query)), request_body(content = String, content_type = "text/csv"), security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Import), (status = "default", body = Problem)))]
async fn upload(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(file): Params<FileName>,
    headers: HeaderMap,
    body: Body,
) -> Answer<(StatusCode, Json<Import>)> {
    session.policy.require(Verb::Execute, "import")?;
    let limit = most_mib(&app) << 20;
    let too_large = || Error::new(Code::TooLarge).with("limit", format!("{} MiB", most_mib(&app)));
    // Whoever says beforehand that it is too much need not send it first. Who says nothing (chunked) is counted.
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large().into());
    }
    let mut upload = Upload::begin(&app.db, &app.ambient, &session.actor, &file.name).await?;
    let mut stream = body.into_data_stream();
    let mut taken = 0_u64;
    while let Some(piece) = stream.next().await {
        // The sender went away: what came of it is removed after a while.
        let piece = piece.map_err(|e| Error::new(Code::Malformed).because(e))?;
        taken += piece.len() as u64;
        if taken > limit {
            return Err(too_large().into());
        }
        upload.push(&piece).await?;
    }
    let import = upload.finish().await?;
    let came_before = import::came_before(&mut app.db.read().await?, &import).await?;
    let told = whole(&app, &session, import, came_before, language).await?;
    Ok((StatusCode::CREATED, Json(told)))
}

/// A list and how far it is.
#[utoipa::path(get, path = api::path::IMPORT, tag = "imports", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Import), (status = "default", body = Problem)))]
async fn load(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
) -> Answer<Json<Import>> {
    session.policy.require(Verb::Read, "import")?;
    let mut reads = app.db.read().await?;
    let import = import::load(&mut reads, id.cast()).await?;
    let came_before = import::came_before(&mut reads, &import).await?;
    drop(reads);
    Ok(Json(
        whole(&app, &session, import, came_before, language).await?,
    ))
}

/// The list as it would be read so; without a mapping, one is proposed.
#[utoipa::path(post, path = api::path::IMPORT_PREVIEW, tag = "imports", params(("id" = String, Path)), request_body = ImportPlan, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Preview), (status = "default", body = Problem)))]
async fn preview(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
    Input(input): Input<ImportPlan>,
) -> Answer<Json<Preview>> {
    session.policy.require(Verb::Execute, "import")?;
    let portfolio = app.rooms.portfolio();
    let mut reads = app.db.read().await?;
    check_open(&app, &session, &import::load(&mut reads, id.cast()).await?)?;
    let mut seen = import::inspect(
        &mut reads,
        &portfolio,
        id.cast(),
        &input.customer_type,
        Some(setup(&input)?),
    )
    .await?;
    known_keepers(&mut reads, input.owner, input.unit).await?;
    let of = portfolio
        .get(&input.customer_type)
        .ok_or_else(|| Error::not_found("customer_type"))?;
    let problems = match importer(&session).settle(&mut seen.setup, of) {
        Ok(()) => Vec::new(),
        Err(error) if error.fields().is_empty() => return Err(error.into()),
        Err(error) => error
            .fields()
            .iter()
            .map(|f| FieldProblem {
                sentence: locale::problem(language, f),
                ..f.clone()
            })
            .collect(),
    };
    let column = |c: import::detect::ColumnSample| Column {
        index: u32::try_from(c.index).unwrap_or(u32::MAX),
        header: c.header,
        samples: c.samples,
    };
    Ok(Json(Preview {
        plan: plan(&input.customer_type, &seen.setup),
        columns: seen.columns.into_iter().map(column).collect(),
        rows: seen.rows,
        problems,
    }))
}

/// Says how the list is to be read and what is done with it.
#[utoipa::path(put, path = api::path::IMPORT_PLAN, tag = "imports", params(("id" = String, Path)), request_body = ImportPlan, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Import), (status = "default", body = Problem)))]
async fn configure(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
    Input(input): Input<ImportPlan>,
) -> Answer<Json<Import>> {
    session.policy.require(Verb::Execute, "import")?;
    let portfolio = app.rooms.portfolio();
    let mut tx = app.db.write().await?;
    check_open(&app, &session, &import::load(&mut tx, id.cast()).await?)?;
    known_keepers(&mut tx, input.owner, input.unit).await?;
    let import = import::configure(
        &mut tx,
        (&app.ambient, &session.actor),
        &importer(&session),
        &portfolio,
        id.cast(),
        &input.customer_type,
        setup(&input)?,
    )
    .await?;
    tx.commit().await?;
    Ok(Json(whole(&app, &session, import, false, language).await?))
}

/// To whom the new customers could be given.
#[utoipa::path(get, path = api::path::IMPORT_KEEPERS, tag = "imports", params(("id" = String, Path), ("what" = String, Query), ("q" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<Keeper>), (status = "default", body = Problem)))]
async fn keepers(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Import>>,
    Params(asked): Params<AskKeepers>,
) -> Answer<Json<Vec<Keeper>>> {
    session.policy.require(Verb::Execute, "import")?;
    let mut reads = app.db.read().await?;
    import::load(&mut reads, id.cast()).await?;
    if !assignable(&session).contains(&asked.what) {
        let error = Error::new(Code::Forbidden).with("verb", Verb::Create);
        return Err(error.with("entity", "customer").into());
    }
    Ok(Json(offered(&mut reads, &session, &asked).await?))
}

/// Begins: the list is taken in as a whole, or not at all.
#[utoipa::path(post, path = api::path::IMPORT_START, tag = "imports", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Import), (status = "default", body = Problem)))]
async fn start(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
) -> Answer<Json<Import>> {
    session.policy.require(Verb::Execute, "import")?;
    let portfolio = app.rooms.portfolio();
    let mut tx = app.db.write().await?;
    let import = import::start(
        &mut tx,
        &app.ambient,
        &session.actor,
        &importer(&session),
        &portfolio,
        id.cast(),
    )
    .await?;
    tx.commit().await?;
    Ok(Json(shown(import, false, language)))
}

/// Takes back a list that is not in yet: nothing of it remains.
#[utoipa::path(post, path = api::path::IMPORT_CANCEL, tag = "imports", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Import), (status = "default", body = Problem)))]
async fn cancel(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
) -> Answer<Json<Import>> {
    session.policy.require(Verb::Execute, "import")?;
    let mut tx = app.db.write().await?;
    let import = import::cancel(&mut tx, &app.ambient, &session.actor, id.cast()).await?;
    tx.commit().await?;
    Ok(Json(shown(import, false, language)))
}

/// Takes a list out again that is in, but for the customers whom somebody has touched since.
#[utoipa::path(post, path = api::path::IMPORT_UNDO, tag = "imports", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Import), (status = "default", body = Problem)))]
async fn undo(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
) -> Answer<Json<Import>> {
    session.policy.require(Verb::Delete, "import")?;
    let portfolio = app.rooms.portfolio();
    let mut tx = app.db.write().await?;
    let import = import::undo(&mut tx, &app.ambient, &session.actor, &portfolio, id.cast()).await?;
    tx.commit().await?;
    Ok(Json(shown(import, false, language)))
}

/// The row after which a part begins.
fn after(page: &Page) -> Result<i64, Error> {
    match &page.cursor {
        None => Ok(0),
        Some(cursor) => cursor
            .parse()
            .map_err(|_| Error::invalid("cursor", "bad_cursor")),
    }
}

/// Where the next part begins: after the last row of this one, where that is full.
fn next(last: Option<i64>, count: usize, limit: u32) -> Option<String> {
    last.filter(|_| count >= limit as usize)
        .map(|row| row.to_string())
}

/// Rows that were not taken, in the order of the list.
#[utoipa::path(get, path = api::path::IMPORT_REJECTS, tag = "imports", params(("id" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<RejectLine>), (status = "default", body = Problem)))]
async fn rejects(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<RejectLine>>> {
    session.policy.require(Verb::Read, "import")?;
    let mut reads = app.db.read().await?;
    check_open(&app, &session, &import::load(&mut reads, id.cast()).await?)?;
    let rows = import::rejected(&mut reads, id.cast(), after(&page)?, page.limit()).await?;
    let next = next(rows.last().map(|r| r.row_number), rows.len(), page.limit());
    let holders = rows.iter().flat_map(|row| &row.problems).filter_map(holder);
    let seen = seen(&app, &session, &mut reads, holders).await?;
    let told = |problems: Vec<FieldProblem>| {
        problems
            .into_iter()
            .map(|mut p| {
                // Who has the value already is told only to whoever may see them.
                if holder(&p).is_some_and(|id| !seen.contains_key(&id)) {
                    p.args.remove("customer");
                }
                FieldProblem {
                    sentence: locale::problem(language, &p),
                    ..p
                }
            })
            .collect()
    };
    let line = |r: import::RejectedRow| RejectLine {
        row: r.row_number,
        cells: r.cells,
        problems: told(r.problems),
    };
    Ok(Json(Paged {
        items: rows.into_iter().map(line).collect(),
        next,
        total: None,
    }))
}

/// The rejected rows as they came, with row number and reason, as a file to be mended and imported again.
#[utoipa::path(get, path = api::path::IMPORT_REJECTS_FILE, tag = "imports", params(("id" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = String, content_type = "text/csv"), (status = "default", body = Problem)))]
async fn rejects_file(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At(id): At<Id<of::Import>>,
    headers: HeaderMap,
) -> Answer<Response> {
    session.policy.require(Verb::Read, "import")?;
    let mut reads = app.db.read().await?;
    let import = import::load(&mut reads, id.cast()).await?;
    check_open(&app, &session, &import)?;
    let mut report = Report::begin(&mut reads, id.cast()).await?;
    drop(reads);
    let pieces = stream! {
        let (row, reason) = (locale::text(language, "import-report-row"), locale::text(language, "import-report-reason"));
        let say = move |problem: &FieldProblem| locale::problem(language, problem);
        loop {
            let words = ReportWords { row: &row, reason: &reason, say: &say };
            match reported(&app, &headers, &import, &mut report, &words).await {
                Ok(Some(text)) => yield Ok::<_, Error>(text),
                Ok(None) => return,
                // The download breaks off: better than a file that looks whole.
                Err(error) => {
                    yield Err(error);
                    return;
                }
            }
        }
    };
    let told = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"rechazos.csv\""),
        ),
    ];
    Ok((told, Body::from_stream(pieces)).into_response())
}

/// The next piece, for whoever may still read it: signed out, or without the right, nothing goes out any more.
async fn reported(
    app: &App,
    headers: &HeaderMap,
    import: &import::Import,
    report: &mut Report,
    words: &ReportWords<'_>,
) -> Result<Option<String>, Error> {
    let session = Session::of(app, headers).await?;
    session.policy.require(Verb::Read, "import")?;
    check_open(app, &session, import)?;
    report.next(&mut app.db.read().await?, words).await
}

/// The customer whom a problem names.
fn holder(problem: &FieldProblem) -> Option<Id<desk::Customer>> {
    problem.args.get("customer")?.parse().ok()
}

/// The names of those of these customers whom the asker may see.
async fn seen(
    app: &App,
    session: &Session,
    reads: &mut store::Read,
    ids: impl Iterator<Item = Id<desk::Customer>>,
) -> Result<HashMap<Id<desk::Customer>, String>, Error> {
    let ids: Vec<_> = ids.collect();
    let sight = Sight::reading(&session.policy);
    let names = desk::customer::names(reads, &sight, &app.rooms.portfolio(), &ids).await?;
    Ok(names.into_iter().collect())
}

/// Customers whom an undo left because somebody had touched them, as far as the asker may see them.
#[utoipa::path(get, path = api::path::IMPORT_KEPT, tag = "imports", params(("id" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<KeptLine>), (status = "default", body = Problem)))]
async fn kept(
    State(app): State<App>,
    session: Session,
    At(id): At<Id<of::Import>>,
    Params(page): Params<Page>,
) -> Answer<Json<Paged<KeptLine>>> {
    session.policy.require(Verb::Read, "import")?;
    let mut reads = app.db.read().await?;
    let mut from = after(&page)?;
    // A part of whom the asker may see nobody is not the end of the list.
    loop {
        let rows = import::kept(&mut reads, id.cast(), from, page.limit()).await?;
        let last = rows.last().map(|k| k.row_number);
        let next = next(last, rows.len(), page.limit());
        from = last.unwrap_or(from);
        let names = seen(&app, &session, &mut reads, rows.iter().map(|k| k.id)).await?;
        let line = |k: import::Kept| {
            Some(KeptLine {
                customer: k.id.cast(),
                name: names.get(&k.id)?.clone(),
                row: k.row_number,
                was_there: k.was_there,
            })
        };
        let items: Vec<_> = rows.into_iter().filter_map(line).collect();
        if !items.is_empty() || next.is_none() {
            let total = None;
            return Ok(Json(Paged { items, next, total }));
        }
    }
}
