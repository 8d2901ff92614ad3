use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query};

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
