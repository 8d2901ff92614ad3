//! A whole world of definitions as readable files: path → text.
//!
//! `solution.json` heads the bundle; the files of the definitions follow the table in `body/files.rs`. What other rooms keep in a
//! bundle (groups, roles, sample data) is left to them: [`import`] says which files it did not take.

use std::collections::{BTreeMap, BTreeSet};

use form::Words;
use kernel::{Code, Error, FieldProblem, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::types::Json;
use store::{Reads, Tx};

use crate::body::{from_files, place};
use crate::check::refused;
use crate::draft::{Author, Save, create, hold, published, save};
use crate::publish::publish;
use crate::{Body, Kind};

/// The head of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The form of the bundle: 1.
    pub format: u32,
    pub name: Words,
}

pub const HEAD: &str = "solution.json";
const FORMAT: u32 = 1;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// What was published, with its new version.
    pub published: Vec<(Kind, String, i64)>,
    /// What was there already, word for word.
    pub unchanged: Vec<(Kind, String)>,
    /// Files that are no definition's: other rooms' part of the bundle.
    pub rest: Vec<String>,
}

store::statements! {
    NEWEST = "SELECT d.kind, v.body FROM definition d \
        JOIN definition_version v ON v.definition_id = d.id AND v.version = d.latest ORDER BY d.kind, d.key";
}

/// The newest published version of everything.
pub async fn export(reads: &mut impl Reads, name: Words) -> Result<BTreeMap<String, String>> {
    let head = Head {
        format: FORMAT,
        name,
    };
    let mut text = serde_json::to_string_pretty(&head).map_err(Error::internal)?;
    text.push('\n');
    let mut files = BTreeMap::from([(HEAD.to_owned(), text)]);
    for (kind, Json(body)) in store::fetch_all!(reads, (Kind, Json<Value>), NEWEST)? {
        files.extend(Body::read(kind, body)?.files()?);
    }
    Ok(files)
}

/// Takes a bundle in: each of its definitions becomes the published one. All of it, or nothing: on an error drop the
/// transaction. A definition with a draft that differs is not overwritten: publish or discard the draft first. The problems
/// are named `PATH: place`.
pub async fn import(
    tx: &mut Tx,
    author: Author<'_>,
    files: &BTreeMap<String, String>,
) -> Result<Imported> {
    read_head(files)?;
    let mut imported = Imported::default();
    let mut definitions = BTreeSet::new();
    for path in files.keys().filter(|path| *path != HEAD) {
        match place(path) {
            Some(definition) => _ = definitions.insert(definition),
            None => imported.rest.push(path.clone()),
        }
    }
    let mut problems = Vec::new();
    let mut bodies = Vec::new();
    // In the order of `Kind`: what is referred to comes before what refers to it.
    for (kind, key) in definitions {
        match from_files(kind, &key, files) {
            Ok(body) => bodies.push(body),
            Err(problem) => problems.push(problem),
        }
    }
    if !problems.is_empty() {
        return Err(refused(problems));
    }
    for body in bodies {
        match take(tx, author, &body).await {
            Ok(Some(version)) => {
                imported
                    .published
                    .push((body.kind(), body.key().to_owned(), version));
            }
            Ok(None) => imported
                .unchanged
                .push((body.kind(), body.key().to_owned())),
            Err(error) if error.fields().is_empty() => return Err(error),
            Err(error) => {
                let path = body
                    .files()?
                    .into_iter()
                    .next()
                    .map(|(path, _)| path)
                    .unwrap_or_default();
                problems.extend(error.fields().iter().cloned().map(|mut problem| {
                    problem.field = format!("{path}: {}", problem.field);
                    problem
                }));
            }
        }
    }
    if problems.is_empty() {
        Ok(imported)
    } else {
        Err(refused(problems))
    }
}

/// Saves and publishes one; its new version, or `None` where it is there already.
async fn take(tx: &mut Tx, author: Author<'_>, body: &Body) -> Result<Option<i64>> {
    let (kind, key) = (body.kind(), body.key());
    let revision = match hold(tx, kind, key, None).await {
        Err(error) if error.code() == Code::NotFound => create(tx, author, body).await?.revision,
        Err(error) => return Err(error),
        Ok(held) if held.draft.is_some() => {
            return Err(FieldProblem::new("draft", "draft_in_the_way")
                .with("key", key)
                .into());
        }
        Ok(held) => {
            if let Some(there) = published(tx, kind, key, &held).await?
                && there.hash()? == body.hash()?
            {
                return Ok(None);
            }
            let draft = Save {
                kind,
                key: key.to_owned(),
                body: body.clone(),
                revision: held.revision,
            };
            save(tx, author, &draft).await?.revision
        }
    };
    publish(tx, author, kind, key, revision, "")
        .await
        .map(|done| Some(done.version))
}

fn read_head(files: &BTreeMap<String, String>) -> Result<Head> {
    let problem = |code| refused(vec![FieldProblem::new(HEAD, code)]);
    let text = files.get(HEAD).ok_or_else(|| problem("missing_file"))?;
    let head: Head =
        serde_json::from_str(text).map_err(|error| problem("not_a_solution").because(error))?;
    if head.format == FORMAT {
        Ok(head)
    } else {
        Err(problem("newer_solution"))
    }
}
