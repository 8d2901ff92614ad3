use std::collections::{BTreeMap, BTreeSet};

use access::{Policy, Subject, Verb, Visibility};
use api::Problem;
use api::definitions::{
    CopyDefinition, Definition, DefinitionLine, DifferenceLine, GroupReach, Imported,
    ListDefinitions, NewDefinition, Publish, SaveDraft, Saved, VersionLine,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use design::{Ask, Author, Body, Change, Kind, Save, Side, Summary};
use form::CustomerSchema;
use kernel::{Error, FieldProblem, Page, Paged};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;
use crate::http::{Answer, At, Input, Params, Session, Tongue};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(load))
        .routes(routes!(save, discard))
        .routes(routes!(publish))
        .routes(routes!(copy))
        .routes(routes!(version))
        .routes(routes!(difference))
        .routes(routes!(import_process))
        .routes(routes!(import_decision))
        .routes(routes!(customer_types))
        .routes(routes!(reach))
}

fn kind(text: &str) -> Result<Kind, Error> {
    text.parse()
        .map_err(|_| Error::from(FieldProblem::new("kind", "unknown_kind").with("kind", text)))
}

fn line(summary: Summary) -> DefinitionLine {
    DefinitionLine {
        kind: summary.kind.text().to_owned(),
        key: summary.key,
        name: summary.name,
        published: summary.published,
        draft: summary.draft,
        changed: summary.changed,
        changed_by: Some(summary.changed_by).filter(|name| !name.is_empty()),
    }
}

fn saved(saved: design::Saved) -> Saved {
    Saved {
        revision: saved.revision,
        draft: saved.draft,
        version: None,
        problems: saved.problems,
    }
}

/// Definitions, by kind and name.
#[utoipa::path(get, path = api::path::DEFINITIONS, tag = "definitions", params(("kind" = Option<String>, Query), ("q" = Option<String>, Query), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Paged<DefinitionLine>), (status = "default", body = Problem)))]
async fn list(
    State(app): State<App>,
    session: Session,
    Params(query): Params<ListDefinitions>,
) -> Answer<Json<Paged<DefinitionLine>>> {
    session.policy.require(Verb::Read, "definition")?;
    let ask = Ask {
        kind: query.kind.as_deref().map(kind).transpose()?,
        text: query.q,
        draft: None,
    };
    let page = Page {
        limit: query.limit,
        cursor: query.cursor,
    };
    let found = design::list(&mut app.db.read().await?, &ask, &page).await?;
    Ok(Json(found.map(line)))
}

/// A new definition, as a draft.
#[utoipa::path(post, path = api::path::DEFINITIONS, tag = "definitions", request_body = NewDefinition, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Saved), (status = "default", body = Problem)))]
async fn create(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Input(input): Input<NewDefinition>,
) -> Answer<(StatusCode, Json<Saved>)> {
    session.policy.require(Verb::Create, "definition")?;
    let kind = kind(&input.kind)?;
    let body = match input.body {
        Some(value) => Body::read(kind, value)?.renamed(&input.key, input.name),
        None => Body::empty(kind, &input.key, input.name),
    };
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let made = design::create(&mut tx, author, &body).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(saved(made))))
}

/// A definition as the Designer opens it.
#[utoipa::path(get, path = api::path::DEFINITION, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Definition), (status = "default", body = Problem)))]
async fn load(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((kind_text, key)): At<(String, String)>,
) -> Answer<Json<Definition>> {
    session.policy.require(Verb::Read, "definition")?;
    let mut reads = app.db.read().await?;
    let around = app.rooms.surroundings(&mut reads, language).await?;
    let loaded = design::load(&mut reads, kind(&kind_text)?, &key, &around).await?;
    Ok(Json(Definition {
        body: loaded.body.to_value()?,
        revision: loaded.summary.revision,
        line: line(loaded.summary),
        problems: loaded.problems,
        versions: loaded
            .versions
            .into_iter()
            .map(|v| VersionLine {
                version: v.version,
                published: v.published,
                published_by: Some(v.published_by).filter(|s| !s.is_empty()),
                note: Some(v.note).filter(|s| !s.is_empty()),
            })
            .collect(),
    }))
}

/// Saves the draft. An incomplete one is saved too; what stands against publishing it is in the answer.
#[utoipa::path(put, path = api::path::DRAFT, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path)), request_body = SaveDraft, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Saved), (status = "default", body = Problem)))]
async fn save(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((kind_text, key)): At<(String, String)>,
    Input(input): Input<SaveDraft>,
) -> Answer<Json<Saved>> {
    session.policy.require(Verb::Change, "definition")?;
    let kind = kind(&kind_text)?;
    let body = Body::read(kind, input.body)?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let kept = design::save(
        &mut tx,
        author,
        &Save {
            kind,
            key,
            body,
            revision: input.revision,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(Json(saved(kept)))
}

#[derive(Deserialize)]
struct AtRevision {
    revision: i64,
}

/// Throws the draft away; a definition that was never published goes with it.
#[utoipa::path(delete, path = api::path::DRAFT, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path), ("revision" = i64, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 204), (status = "default", body = Problem)))]
async fn discard(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((kind_text, key)): At<(String, String)>,
    Params(at): Params<AtRevision>,
) -> Answer<StatusCode> {
    session.policy.require(Verb::Delete, "definition")?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    design::discard(&mut tx, author, kind(&kind_text)?, &key, at.revision).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the draft the next version: it takes effect at once, everywhere. Refused with every problem named.
#[utoipa::path(post, path = api::path::PUBLISH, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path)), request_body = Publish, security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Saved), (status = "default", body = Problem)))]
async fn publish(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((kind_text, key)): At<(String, String)>,
    Input(input): Input<Publish>,
) -> Answer<Json<Saved>> {
    session.policy.require(Verb::Execute, "definition")?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let note = input.note.unwrap_or_default();
    let done = design::publish(
        &mut tx,
        author,
        kind(&kind_text)?,
        &key,
        input.revision,
        &note,
    )
    .await?;
    if let Body::CustomerType(schema) = &done.body {
        desk::index::ensure(&mut tx, schema).await?;
    }
    if let Body::Process(process) = &done.body {
        let published = crate::wiring::compiled(process, done.version)?;
        app.rooms.runner.listen_in(&mut tx, &published).await?;
    }
    tx.commit().await?;
    app.rooms.refresh(&app.db).await?;
    Ok(Json(Saved {
        revision: done.revision,
        draft: false,
        version: Some(done.version),
        problems: Vec::new(),
    }))
}

/// Copies a definition under another key, as a draft.
#[utoipa::path(post, path = api::path::COPY, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path)), request_body = CopyDefinition, security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Saved), (status = "default", body = Problem)))]
async fn copy(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    At((kind_text, key)): At<(String, String)>,
    Input(input): Input<CopyDefinition>,
) -> Answer<(StatusCode, Json<Saved>)> {
    session.policy.require(Verb::Create, "definition")?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let made = design::copy(
        &mut tx,
        author,
        kind(&kind_text)?,
        &key,
        &input.key,
        input.name,
    )
    .await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(saved(made))))
}

/// The body of a published version.
#[utoipa::path(get, path = api::path::VERSION, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path), ("version" = i64, Path)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Object), (status = "default", body = Problem)))]
async fn version(
    State(app): State<App>,
    session: Session,
    At((kind_text, key, version)): At<(String, String, i64)>,
) -> Answer<Json<serde_json::Value>> {
    session.policy.require(Verb::Read, "definition")?;
    let body = design::version(&mut app.db.read().await?, kind(&kind_text)?, &key, version).await?;
    Ok(Json(body.to_value()?))
}

#[derive(Deserialize)]
struct Between {
    /// A version; 0 for nothing; the newest published one when absent.
    from: Option<i64>,
    /// A version; the draft when absent.
    to: Option<i64>,
}

/// What differs between two versions, or between a version and the draft, line by line.
#[utoipa::path(get, path = api::path::DIFFERENCE, tag = "definitions", params(("kind" = String, Path), ("key" = String, Path), ("from" = Option<i64>, Query), ("to" = Option<i64>, Query)), security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<DifferenceLine>), (status = "default", body = Problem)))]
async fn difference(
    State(app): State<App>,
    session: Session,
    At((kind_text, key)): At<(String, String)>,
    Params(between): Params<Between>,
) -> Answer<Json<Vec<DifferenceLine>>> {
    session.policy.require(Verb::Read, "definition")?;
    let kind = kind(&kind_text)?;
    let mut reads = app.db.read().await?;
    let from = match between.from {
        Some(version) => Some(version),
        None => design::latest(&mut reads, kind, &key).await?,
    };
    let from = from.filter(|v| *v > 0).map_or(Side::Nothing, Side::Version);
    let to = between.to.map_or(Side::Draft, Side::Version);
    let lines = design::difference(&mut reads, kind, &key, from, to).await?;
    let word = |change| match change {
        Change::File => "file",
        Change::Same => "same",
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Gap => "gap",
    };
    Ok(Json(
        lines
            .into_iter()
            .map(|l| DifferenceLine {
                change: word(l.change).to_owned(),
                text: l.text,
            })
            .collect(),
    ))
}

#[derive(Deserialize)]
struct ImportProcess {
    /// Name of the file, for a title where the document has none.
    #[serde(default)]
    file: String,
    /// Key of the process; made from its name when absent.
    key: Option<String>,
}

/// Takes in a BPMN 2.0 document that another tool drew, at most 8 MiB; it becomes the draft of a process. Its encoding is what
/// its byte order mark says, else its XML declaration, else UTF-8.
#[utoipa::path(post, path = api::path::IMPORT_PROCESS, tag = "definitions", params(("file" = Option<String>, Query), ("key" = Option<String>, Query)), request_body(content = String, content_type = "application/xml"), security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Imported), (status = "default", body = Problem)))]
async fn import_process(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(query): Params<ImportProcess>,
    document: Result<bytes::Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<(StatusCode, Json<Imported>)> {
    session.policy.require(Verb::Create, "definition")?;
    let document = document?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let (key, made) = design::import_process(
        &mut tx,
        author,
        &document,
        &query.file,
        query.key.as_deref(),
    )
    .await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Json(Imported {
            key,
            saved: saved(made),
        }),
    ))
}

/// Imports a DMN file, in the encoding that it says it has, as the draft of a new decision.
#[utoipa::path(post, path = api::path::IMPORT_DECISION, tag = "definitions", params(("file" = Option<String>, Query), ("key" = Option<String>, Query)), request_body(content = String, content_type = "application/xml"), security(("bearer" = []), ("cookie" = [])), responses((status = 201, body = Imported), (status = "default", body = Problem)))]
async fn import_decision(
    State(app): State<App>,
    session: Session,
    Tongue(language): Tongue,
    Params(query): Params<ImportProcess>,
    document: Result<bytes::Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<(StatusCode, Json<Imported>)> {
    session.policy.require(Verb::Create, "definition")?;
    let document = document?;
    let mut tx = app.db.write().await?;
    let around = app.rooms.surroundings(&mut tx, language).await?;
    let author = Author {
        ambient: &app.ambient,
        actor: &session.actor,
        around: &around,
    };
    let (key, made) = design::import_decision(
        &mut tx,
        author,
        &document,
        &query.file,
        query.key.as_deref(),
    )
    .await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Json(Imported {
            key,
            saved: saved(made),
        }),
    ))
}

/// The published customer types, for whoever serves customers. Fields that the asker may not read on every customer are
/// left out.
#[utoipa::path(get, path = api::path::CUSTOMER_TYPES, tag = "definitions", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<CustomerSchema>), (status = "default", body = Problem)))]
async fn customer_types(
    State(app): State<App>,
    session: Session,
) -> Answer<Json<Vec<CustomerSchema>>> {
    session.policy.require(Verb::Read, "customer")?;
    let sight = desk::Sight::reading(&session.policy);
    let portfolio = app.rooms.portfolio();
    let types = portfolio.iter().map(|of| {
        let mut schema = (*of.schema).clone();
        schema
            .fields
            .retain(|field| sight.always(&format!("fields.{}", field.key)));
        schema
    });
    Ok(Json(types.collect()))
}

/// What the people of each group may do with customers' fields: a process that asks for more of them has a hole. A field
/// that they may read of some customers only counts as read; a group without people and roles is not judged yet.
#[utoipa::path(get, path = api::path::REACH, tag = "definitions", security(("bearer" = []), ("cookie" = [])), responses((status = 200, body = Vec<GroupReach>), (status = "default", body = Problem)))]
async fn reach(State(app): State<App>, session: Session) -> Answer<Json<Vec<GroupReach>>> {
    session.policy.require(Verb::Change, "definition")?;
    let mut reads = app.db.read().await?;
    let roles: BTreeMap<_, _> = directory::roles::all(&mut reads)
        .await?
        .into_iter()
        .map(|role| {
            let known = access::Role {
                key: role.key,
                grants: role.grants,
            };
            (role.id, known)
        })
        .collect();
    let portfolio = app.rooms.portfolio();
    let fields: BTreeSet<&str> = portfolio
        .iter()
        .flat_map(|of| &of.schema.fields)
        .map(|field| field.key.as_str())
        .collect();
    // Many hold the same roles: each set is compiled once.
    let mut known = BTreeMap::new();
    let mut all = Vec::new();
    let mut held = directory::roles::sets_of_groups(&mut reads).await?;
    for group in directory::groups::all(&mut reads).await? {
        let group = group.key;
        let sets = held.remove(&group).unwrap_or_default();
        let mut reaches = [fields.clone(), fields.clone()];
        for set in sets {
            let each = known.entry(set).or_insert_with_key(|set| {
                let held: Vec<_> = set.iter().filter_map(|id| roles.get(id)).cloned().collect();
                let policy = Policy::compile(&held, &Subject::default());
                [Verb::Read, Verb::Change].map(|verb| {
                    let mask = policy.mask("customer", verb);
                    let shown =
                        |field: &&str| mask.field(&format!("fields.{field}")) != Visibility::Never;
                    fields
                        .iter()
                        .copied()
                        .filter(shown)
                        .collect::<BTreeSet<_>>()
                })
            });
            for (reach, own) in reaches.iter_mut().zip(each.iter()) {
                reach.retain(|field| own.contains(field));
            }
        }
        let [reads, writes] = reaches.map(|keys| keys.into_iter().map(str::to_owned).collect());
        all.push(GroupReach {
            group,
            reads,
            writes,
        });
    }
    Ok(Json(all))
}
