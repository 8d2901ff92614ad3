use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Error, Result};
use store::Reads;

use crate::{Body, Kind, version};

/// Published versions, each read once. A version never changes, so nothing here is ever out of date; which version is the
/// newest is asked of the database every time, so that a publication on another node takes effect at once.
#[derive(Clone, Debug, Default)]
pub struct Published(Arc<RwLock<Versions>>);

/// By kind, key and number.
type Versions = HashMap<(Kind, String, i64), Arc<Body>>;

/// A guard against growth without end: more versions than this in use at once are read again now and then.
const MOST: usize = 2_000;

impl Published {
    pub fn new() -> Self {
        Self::default()
    }

    /// A version, or `NotFound`.
    pub async fn version(
        &self,
        reads: &mut impl Reads,
        kind: Kind,
        key: &str,
        number: i64,
    ) -> Result<Arc<Body>> {
        let place = (kind, key.to_owned(), number);
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&place)
            .cloned();
        if let Some(body) = known {
            return Ok(body);
        }
        let body = Arc::new(version::version(reads, kind, key, number).await?);
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST {
            held.clear();
        }
        held.insert(place, Arc::clone(&body));
        Ok(body)
    }

    /// The newest version with its number, or `NotFound`.
    pub async fn newest(
        &self,
        reads: &mut impl Reads,
        kind: Kind,
        key: &str,
    ) -> Result<(i64, Arc<Body>)> {
        let number = version::latest(reads, kind, key).await?;
        let number = number.ok_or_else(|| Error::not_found(noun(kind)))?;
        Ok((number, self.version(reads, kind, key, number).await?))
    }
}

/// The key of the kind's noun in the catalogues.
pub(crate) const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Calendar => "calendar",
        Kind::Decision => "decision",
        Kind::CustomerType => "customer_type",
        Kind::Form => "form",
        Kind::Process => "process",
    }
}
