use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt;

use crate::App;

/// How much of a refused request is still taken in: what a list may be at most, by default.
const BYTES: usize = 1 << 30;
/// For how long at most: 200 MB over a line of 6 Mbit/s.
const TIME: Duration = Duration::from_secs(5 * 60);
/// Whoever sends nothing for so long has heard, or is not there.
const SILENCE: Duration = Duration::from_secs(10);

/// Takes in the rest of a request that was answered before it had been read: a connection closed while the other side
/// still sends is reset, and the answer that says why is lost with it (RFC 9112 §9.6). The answer goes out at once, for
/// those who listen while they send (the desktop's shell); browsers read it only once they have sent all. What comes
/// is thrown away piece by piece, and within bounds: whoever sends on and on is cut off all the same.
pub async fn hear_out(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let rest = Arc::new(Mutex::new(body.into_data_stream()));
    let shared = Arc::clone(&rest);
    let stream = futures::stream::poll_fn(move |context| lock(&shared).poll_next_unpin(context));
    let request = Request::from_parts(parts, Body::from_stream(stream));
    let response = next.run(request).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let stopping = app.stopping.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::time::timeout(TIME, drain(&rest)) => {}
                () = stopping.cancelled() => {}
            }
        });
    }
    response
}

async fn drain(rest: &Mutex<BodyDataStream>) {
    let mut taken = 0;
    while taken < BYTES {
        let next = futures::future::poll_fn(|context| lock(rest).poll_next_unpin(context));
        match tokio::time::timeout(SILENCE, next).await {
            Ok(Some(Ok(piece))) => taken += piece.len(),
            Ok(Some(Err(_)) | None) | Err(_) => return,
        }
    }
}

fn lock(rest: &Mutex<BodyDataStream>) -> std::sync::MutexGuard<'_, BodyDataStream> {
    rest.lock().unwrap_or_else(PoisonError::into_inner)
}
