use std::sync::{Arc, Mutex};

use http::Response;
use http_body_util::{BodyExt, Full};
use serde_json::json;

use super::*;

type Seen = Arc<Mutex<Vec<Request<Bytes>>>>;

/// A service that remembers what it was asked and gives `answer`.
fn service(status: u16, answer: &'static str) -> (Backend, Seen) {
    let seen = Seen::default();
    let backend = Backend::embedded(tower::service_fn({
        let seen = Arc::clone(&seen);
        move |request: Request<Full<Bytes>>| {
            let seen = Arc::clone(&seen);
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                seen.lock().unwrap().push(Request::from_parts(parts, body));
                Ok(Response::builder()
                    .status(status)
                    .header("content-type", "application/json")
                    .header("set-cookie", "session=secret")
                    .body(Full::new(Bytes::from(answer)))
                    .unwrap())
            }
        }
    }));
    (backend, seen)
}

fn ask(method: &str, path: &str) -> Call {
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        ..Call::default()
    }
}

#[tokio::test]
async fn the_page_never_sees_the_token() {
    let (backend, _) = service(201, r#"{"token":"t0p","user":{"name":"Ana"}}"#);
    let session = Session::in_memory();
    let answer = call(&backend, &session, &ask("POST", SESSION))
        .await
        .unwrap();
    assert_eq!(session.token().as_deref(), Some("t0p"));
    assert_eq!(
        answer.body,
        Content::Json {
            value: json!({"user": {"name": "Ana"}})
        }
    );
    let told = serde_json::to_string(&answer).unwrap();
    assert!(!told.contains("t0p") && !told.contains("secret"), "{told}");
}

#[tokio::test]
async fn every_call_carries_the_token_and_the_page_cannot_set_it() {
    let (backend, seen) = service(200, "{}");
    let session = Session::in_memory();
    session.begin("t0p").await;
    let mut asked = ask("GET", "/api/v1/customers");
    asked.query = vec![(String::from("q"), String::from("peña & co"))];
    asked.headers = vec![
        (String::from("authorization"), String::from("Bearer other")),
        (String::from("cookie"), String::from("session=other")),
        (String::from("engage-client"), String::from("browser")),
        (String::from("Idempotency-Key"), String::from("k1")),
    ];
    call(&backend, &session, &asked).await.unwrap();
    let seen = seen.lock().unwrap();
    let headers = seen[0].headers();
    assert_eq!(headers["authorization"], "Bearer t0p");
    assert_eq!(headers["engage-client"], "desktop");
    assert_eq!(headers["idempotency-key"], "k1");
    assert!(!headers.contains_key("cookie"));
    assert_eq!(seen[0].uri(), "/api/v1/customers?q=pe%C3%B1a+%26+co");
}

#[tokio::test]
async fn nothing_outside_the_api_can_be_asked_for() {
    let (backend, seen) = service(200, "{}");
    let session = Session::in_memory();
    for path in [
        "/metrics",
        "https://elsewhere.example/api/",
        "//elsewhere.example/api/",
        "/api/../metrics",
        "/api/%2e%2E/metrics",
        "/api/v1/x?token=1",
        "/api/\\..\\metrics",
        "api/v1/customers",
    ] {
        let refused = call(&backend, &session, &ask("GET", path)).await;
        assert!(matches!(refused, Err(Refusal::NotAllowed(_))), "{path}");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_session_that_the_service_no_longer_knows_is_forgotten() {
    let (backend, _) = service(401, r#"{"code":"session_expired"}"#);
    let session = Session::in_memory();
    session.begin("old").await;
    let answer = call(&backend, &session, &ask("GET", "/api/v1/inbox"))
        .await
        .unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(session.token(), None);
}

#[tokio::test]
async fn a_wrong_password_signs_nobody_out() {
    let (backend, _) = service(401, r#"{"code":"wrong_credentials"}"#);
    let session = Session::in_memory();
    session.begin("mine").await;
    call(&backend, &session, &ask("POST", SESSION))
        .await
        .unwrap();
    assert_eq!(session.token().as_deref(), Some("mine"));
}

#[tokio::test]
async fn signing_out_forgets() {
    let (backend, seen) = service(204, "");
    let session = Session::in_memory();
    session.begin("mine").await;
    let answer = call(&backend, &session, &ask("DELETE", SESSION))
        .await
        .unwrap();
    assert_eq!(answer.body, Content::Empty);
    assert_eq!(session.token(), None);
    assert_eq!(
        seen.lock().unwrap()[0].headers()["authorization"],
        "Bearer mine"
    );
}

#[tokio::test]
async fn bodies_of_every_kind_arrive() {
    let (backend, seen) = service(200, "{}");
    let session = Session::in_memory();
    let bodies = [
        json!({"kind": "json", "value": {"a": 1}}),
        json!({"kind": "text", "value": "á", "content_type": "text/csv"}),
        json!({"kind": "bytes", "base64": "AP8=", "content_type": "application/pdf"}),
    ];
    for body in bodies {
        let asked: Call = serde_json::from_value(
            json!({"method": "POST", "path": "/api/v1/files", "body": body}),
        )
        .unwrap();
        call(&backend, &session, &asked).await.unwrap();
    }
    let seen = seen.lock().unwrap();
    let arrived: Vec<(&[u8], &str)> = seen
        .iter()
        .map(|request| {
            let kind = request.headers()["content-type"].to_str().unwrap();
            (&request.body()[..], kind)
        })
        .collect();
    assert_eq!(
        arrived,
        [
            (&b"{\"a\":1}"[..], "application/json"),
            ("á".as_bytes(), "text/csv"),
            (&[0, 255][..], "application/pdf"),
        ]
    );
}
