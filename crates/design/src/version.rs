use kernel::{Error, Moment, Result};
use serde_json::Value;
use sqlx::types::Json;
use store::Reads;

use crate::{Body, Kind};

/// A line of a definition's past.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct VersionLine {
    pub version: i64,
    pub published: Moment,
    #[sqlx(rename = "published_by_name")]
    pub published_by: String,
    /// What the publisher wrote about it; may be empty.
    pub note: String,
    /// SHA-256 of the text form.
    pub hash: Vec<u8>,
}

store::statements! {
    VERSIONS = "SELECT v.version, v.published, v.published_by_name, v.note, v.hash \
        FROM definition_version v JOIN definition d ON d.id = v.definition_id \
        WHERE d.kind = $1 AND d.key = $2 ORDER BY v.version DESC";
    BODY = "SELECT v.body FROM definition_version v JOIN definition d ON d.id = v.definition_id \
        WHERE d.kind = $1 AND d.key = $2 AND v.version = $3";
    LATEST = "SELECT latest FROM definition WHERE kind = $1 AND key = $2";
}

/// All published versions, the newest first.
pub async fn versions(reads: &mut impl Reads, kind: Kind, key: &str) -> Result<Vec<VersionLine>> {
    store::fetch_all!(reads, VersionLine, VERSIONS, kind, key)
}

/// A published version, or `NotFound`.
pub async fn version(reads: &mut impl Reads, kind: Kind, key: &str, version: i64) -> Result<Body> {
    let found = store::fetch_optional!(reads, (Json<Value>,), BODY, kind, key, version)?;
    let (Json(body),) = found.ok_or_else(|| Error::not_found("version"))?;
    Body::read(kind, body)
}

/// The number of the newest published version; `None` where nothing is published.
pub async fn latest(reads: &mut impl Reads, kind: Kind, key: &str) -> Result<Option<i64>> {
    let found = store::fetch_optional!(reads, (i64,), LATEST, kind, key)?;
    Ok(found.map(|(latest,)| latest).filter(|latest| *latest > 0))
}
