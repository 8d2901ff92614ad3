use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;

/// How much of a refused request is still taken in, and for how long.
const BYTES: usize = 64 << 20;
const TIME: Duration = Duration::from_secs(10);

/// Takes in the rest of a request that was answered before it had been read: a connection closed while the other side
/// still sends is reset, and the answer that says why is lost with it (RFC 9112 §9.6). Within bounds: whoever sends on and
/// on is cut off all the same.
pub async fn hear_out(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let shared = Arc::clone(&rest);
    let stream = futures::stream::poll_fn(move |context| lock(&shared).poll_next_unpin(context));
    let request = Request::from_parts(parts, Body::from_stream(stream));
    let response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        // Too slow or too much: the answer goes out, and perhaps it arrives.
        let _ = tokio::time::timeout(TIME, drain(&rest)).await;
    }
    response
}

async fn drain(rest: &Mutex<BodyDataStream>) {
    let mut taken = 0;
    while taken < BYTES {
        let next = futures::future::poll_fn(|context| lock(rest).poll_next_unpin(context)).await;
        match next {
            Some(Ok(piece)) => taken += piece.len(),
            Some(Err(_)) | None => return,
        }
    }
}

fn lock(rest: &Mutex<BodyDataStream>) -> std::sync::MutexGuard<'_, BodyDataStream> {
    rest.lock().unwrap_or_else(PoisonError::into_inner)
}
