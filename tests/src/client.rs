use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use api::customers::{CustomerLine, Suggest};
use api::{header, of, path, session::SignIn, session::SignedIn, work::InstanceLine};
use kernel::{Id, Paged};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Events, process::choose_cryptography};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The HTTP API as another system uses it: with a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: String,
    token: Option<String>,
}

/// The service said no. `problem` is its answer, as JSON.
#[derive(Debug)]
pub struct Refused {
    pub status: u16,
    pub problem: Value,
}

impl Refused {
    /// The catalogue's code.
    pub fn code(&self) -> &str {
        self.problem["code"].as_str().unwrap_or_default()
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.problem)
    }
}

impl std::error::Error for Refused {}

impl Client {
    pub fn new(address: &str) -> Result<Self> {
        choose_cryptography();
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            address: address.to_owned(),
            token: None,
        })
    }

    /// The same person at another node.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: address.to_owned(),
            ..self.clone()
        }
    }

    pub async fn sign_in(&self, login: &str, password: &str) -> Result<Self> {
        let answer: SignedIn = self
            .post(
                path::SESSION,
                &SignIn {
                    login: login.to_owned(),
                    password: password.to_owned(),
                    code: None,
                },
            )
            .await
            .with_context(|| format!("signing in as {login}"))?;
        Ok(Self {
            token: Some(answer.token.context("signing in brought no token")?),
            ..self.clone()
        })
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        read(self.request(Method::GET, path).send().await?).await
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.post_as(&new_key(), path, body).await
    }

    /// With a key of the caller's: what a retry after a lost answer does.
    pub async fn post_as<T: DeserializeOwned>(
        &self,
        key: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        self.write_as(key, Method::POST, path, body).await
    }

    /// The same for every method that writes.
    pub async fn write_as<T: DeserializeOwned>(
        &self,
        key: &str,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T> {
        let request = self
            .request(method, path)
            .header(header::IDEMPOTENCY_KEY, key)
            .json(body);
        read(request.send().await?).await
    }

    /// The first fifty customers for what is typed.
    pub async fn suggest(&self, typed: &str) -> Result<Vec<CustomerLine>> {
        let typed = Suggest {
            q: typed.to_owned(),
            limit: Some(50),
            customer_type: None,
            filter: None,
        };
        self.post(path::CUSTOMERS_SUGGEST, &typed).await
    }

    pub async fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let request = self
            .request(Method::PUT, path)
            .header(header::IDEMPOTENCY_KEY, new_key())
            .json(body);
        read(request.send().await?).await
    }

    pub async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        let request = self
            .request(Method::PATCH, path)
            .header(header::IDEMPOTENCY_KEY, new_key())
            .json(body);
        read(request.send().await?).await
    }

    pub async fn delete(&self, path: &str) -> Result<()> {
        let request = self
            .request(Method::DELETE, path)
            .header(header::IDEMPOTENCY_KEY, new_key());
        read::<Value>(request.send().await?).await.map(drop)
    }

    /// Any other body: a file, a diagram.
    pub async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<T> {
        let request = self
            .request(method, path)
            .header(header::IDEMPOTENCY_KEY, new_key())
            .header("content-type", content_type)
            .body(body);
        read(request.send().await?).await
    }

    /// All instances of a customer, part by part.
    pub async fn instances(
        &self,
        customer: Id<of::Customer>,
    ) -> Result<BTreeSet<Id<of::Instance>>> {
        let mut found = BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let at = format!(
                "{}?limit=500{cursor}",
                path::fill(path::CUSTOMER_INSTANCES, &[&customer.to_string()])
            );
            let page: Paged<InstanceLine> = self.get(&at).await?;
            found.extend(page.items.iter().map(|instance| instance.id));
            match page.next {
                Some(next) => {
                    cursor = String::from("&cursor=");
                    path::encode(&next, &mut cursor);
                }
                None => return Ok(found),
            }
        }
    }

    /// The answer as bytes: a report, a file.
    pub async fn download(&self, path: &str) -> Result<Vec<u8>> {
        let answer = accepted(self.request(Method::GET, path).send().await?).await?;
        Ok(answer.bytes().await?.to_vec())
    }

    /// Live events from now on, or after `last`.
    pub async fn events(&self, last: Option<&str>) -> Result<Events> {
        let mut request = self
            .request(Method::GET, path::EVENTS)
            .header("accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        Ok(Events::new(accepted(request.send().await?).await?))
    }

    /// For what the methods above do not say.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.address));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// No two actions share a key.
fn new_key() -> String {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("journey-{}-{number}", std::process::id())
}

async fn accepted(answer: Response) -> Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let text = answer.text().await.unwrap_or_default();
    let problem = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Err(Refused {
        status: status.as_u16(),
        problem,
    }
    .into())
}

async fn read<T: DeserializeOwned>(answer: Response) -> Result<T> {
    let answer = accepted(answer).await?;
    let bytes = if answer.status() == StatusCode::NO_CONTENT {
        Vec::new()
    } else {
        answer.bytes().await?.to_vec()
    };
    // Nothing said is the JSON value that says nothing.
    let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
    serde_json::from_slice(text)
        .with_context(|| format!("unexpected answer: {}", String::from_utf8_lossy(text)))
}
