//! A whole service in this process, asked as its clients ask it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::time::Instant;

use api::path;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use futures::StreamExt;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

pub const ADMIN: &str = "admin";
pub const PASSWORD: &str = "el tren sale a las ocho";
/// What an administrator chooses for a new user.
pub const FIRST: &str = "la primera clave de todos";

pub struct House {
    pub router: Router,
    running: service::Running,
    _database: store::testing::TestDb,
    _folder: tempfile::TempDir,
}

impl House {
    pub async fn open(database: store::testing::TestDb) -> Self {
        let house = Self::start(database, false).await;
        let (status, told) = house
            .call("", "POST", path::SET_UP, json!({"password": PASSWORD}))
            .await;
        assert_eq!(status, 204, "{told}");
        house
    }

    /// Empty, or with the demo world in it.
    pub async fn start(database: store::testing::TestDb, demo: bool) -> Self {
        Self::with(database, |config| config.demo = demo).await
    }

    pub async fn with(
        database: store::testing::TestDb,
        change: impl FnOnce(&mut service::Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = service::Config {
            database: Some(database.url.clone()),
            data_dir: folder.path().to_owned(),
            session_requests_per_minute: 0,
            ..service::Config::default()
        };
        change(&mut config);
        let running = service::start(config).await.unwrap();
        Self {
            router: running.router.clone(),
            running,
            _database: database,
            _folder: folder,
        }
    }

    pub async fn close(self) {
        self.running.stop().await;
    }

    pub async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        call(&self.router, token, method, path, body).await
    }

    pub async fn get(&self, token: &str, path: &str) -> (u16, Value) {
        self.call(token, "GET", path, Value::Null).await
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> String {
        let body = json!({"login": login, "password": password});
        let (status, entered) = self.call("", "POST", path::SESSION, body).await;
        assert_eq!(status, 200, "{entered}");
        entered["token"].as_str().unwrap().to_owned()
    }

    pub async fn add_user(&self, admin: &str, login: &str, roles: &[&str]) -> Value {
        let new = json!({"login": login, "name": format!("Persona {login}"), "password": FIRST, "mail": null, "groups": [], "roles": roles});
        let (status, made) = self.call(admin, "POST", path::USERS, new).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// Signs a new user in with a password of their own.
    pub async fn settle(&self, login: &str) -> String {
        let token = self.sign_in(login, FIRST).await;
        let change = json!({"current": FIRST, "new": PASSWORD});
        assert_eq!(
            self.call(&token, "PUT", path::PASSWORD, change).await.0,
            204
        );
        token
    }

    /// The status of a list of customers.
    pub async fn list(&self, token: &str) -> u16 {
        self.call(token, "POST", path::CUSTOMERS_SEARCH, json!({}))
            .await
            .0
    }

    pub async fn change_user(&self, admin: &str, login: &str, mut change: Value) {
        let (_, found) = self.get(admin, &format!("{}?q={login}", path::USERS)).await;
        let user = &found["items"][0];
        change["version"] = user["version"].clone();
        let place = path::fill(path::USER, &[user["id"].as_str().unwrap()]);
        let (status, told) = self.call(admin, "PATCH", &place, change).await;
        assert_eq!(status, 200, "{told}");
    }

    /// An answer that comes part by part, or its status where it is refused.
    pub async fn open_stream(
        &self,
        token: &str,
        method: &str,
        place: &str,
        body: &Value,
    ) -> Result<Stream, u16> {
        let request = request(token, method, place, body);
        let response = self.router.clone().oneshot(request).await.unwrap();
        match response.status().as_u16() {
            200 => Ok(Stream(Box::pin(response.into_body().into_data_stream()))),
            status => Err(status),
        }
    }

    pub async fn stream(&self, token: &str) -> Stream {
        let mut stream = self
            .open_stream(token, "GET", path::EVENTS, &Value::Null)
            .await
            .unwrap();
        stream.0.next().await.unwrap().unwrap();
        stream
    }
}

pub struct Stream(pub std::pin::Pin<Box<axum::body::BodyDataStream>>);

impl Stream {
    /// Waits for the end, generously: how soon it must come another test says.
    pub async fn ended(&mut self) {
        let all = async { while self.0.next().await.is_some() {} };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), all).await;
        assert!(
            waited.is_ok(),
            "a stream goes on for somebody who may no longer listen"
        );
    }
}

fn request(token: &str, method: &str, path: &str, body: &Value) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if body.is_null() {
        Body::empty()
    } else {
        request = request.header(header::CONTENT_TYPE, "application/json");
        Body::from(body.to_string())
    };
    request.body(body).unwrap()
}

pub async fn call(
    router: &Router,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let (status, text) = text(router, token, method, path, body).await;
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// The answer as it comes: a file, a page, a list.
pub async fn text(
    router: &Router,
    token: &str,
    method: &str,
    path: &str,
    body: Value,
) -> (u16, String) {
    let response = router
        .clone()
        .oneshot(request(token, method, path, &body))
        .await
        .unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// What came of guessing.
#[derive(Debug, Default)]
pub struct Guessed {
    pub entered: usize,
    pub throttled: usize,
    /// Different answers to what was not throttled, but for the request's number.
    pub bodies: BTreeSet<String>,
    /// Milliseconds of those that were not throttled: an existing user, and nobody.
    pub known: Vec<f64>,
    pub unknown: Vec<f64>,
}

/// Guesses in turn at users and at nobody; eight tries at each, so that the address is throttled and not the login alone.
pub async fn guess(router: &Router, logins: &[&str], tries: usize) -> Guessed {
    let mut report = Guessed::default();
    for number in 0..tries {
        let (known, turn) = (number % 2 == 0, number / 16);
        let name = if known {
            logins[turn % logins.len()].to_owned()
        } else {
            format!("nobody{turn}")
        };
        let body = json!({"login": name, "password": format!("una frase probada {number}")});
        let begun = Instant::now();
        let (status, mut told) = call(router, "", "POST", path::SESSION, body).await;
        let took = begun.elapsed().as_secs_f64() * 1_000.0;
        match status {
            200 => report.entered += 1,
            429 => report.throttled += 1,
            _ => {
                told["request"] = Value::Null;
                report.bodies.insert(format!("{status} {}", told["code"]));
                if known {
                    report.known.push(took);
                } else {
                    report.unknown.push(took);
                }
            }
        }
    }
    report
}

/// A story on both databases, each with a service of its own.
#[macro_export]
macro_rules! on_both {
    ($(async fn $name:ident($house:ident: House) $body:block)*) => {
        $(mod $name {
            use super::*;
            async fn story($house: &House) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let house = House::open(store::testing::sqlite().await).await;
                story(&house).await;
                house.close().await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = store::testing::postgres().await {
                    let house = House::open(database).await;
                    story(&house).await;
                    house.close().await;
                }
            }
        })*
    };
}
