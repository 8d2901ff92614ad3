use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query};

use axum::http::header;
use axum::http::request::Parts;
use kernel::Language;

use super::Failure;

/// A JSON body; what cannot be read becomes a [`Failure`] that says where.
#[derive(FromRequest)]
#[from_request(via(Json), rejection(Failure))]
pub struct Input<T>(pub T);

/// The parts of the path.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Failure))]
pub struct At<T>(pub T);

/// The query.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Failure))]
pub struct Params<T>(pub T);

/// The asker's language: `lang` in the query where a link cannot carry headers (a download), else `accept-language`
/// (RFC 9110 §12.5.4); Spanish where neither says anything that we speak.
#[derive(Clone, Copy)]
pub struct Tongue(pub Language);

impl<S: Sync> FromRequestParts<S> for Tongue {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let named = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .find_map(|pair| pair.strip_prefix("lang=")?.parse().ok());
        if let Some(language) = named {
            return Ok(Self(language));
        }
        let header = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|v| v.to_str().ok());
        Ok(Self(
            header.map_or_else(Language::default, Language::negotiate),
        ))
    }
}
