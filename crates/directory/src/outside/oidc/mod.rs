//! OpenID Connect (Core 1.0): authorization code with PKCE (RFC 7636). Somebody begins ([`Oidc::address`]), goes to the
//! provider with their browser, and comes back with a code, which is exchanged for an ID token that [`token`] checks.
//!
//! A client that begins gets a secret of its own: only who has it may finish, so that a stolen address or a forged return
//! (RFC 6749 §10.12) opens nothing. The desktop comes back over a loopback port (RFC 8252 §7.3), the browser over a page of
//! ours. Written on `ring`, with which the product does all its cryptography: see docs/dependencies.md.

mod token;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use futures::StreamExt;
use kernel::{Code, Error, FieldProblem, Moment, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use url::Url;

use super::{Found, GroupMap};

/// The section `[oidc]` of the configuration.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// As the provider writes it, to the last slash: `https://id.example.com/realms/bank`.
    pub issuer: String,
    pub client_id: String,
    /// Absent: a public client.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// A file that holds it, instead.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// What people reach this service by: `https://engage.example.com`. The provider must allow the return to
    /// `<public_url>/sign-in/return`, and to `http://127.0.0.1` at any port for the desktop.
    pub public_url: String,
    /// What the button says: «Entrar con …».
    #[serde(default = "label")]
    pub label: String,
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The claim with the login here. Default: `preferred_username`.
    #[serde(default = "preferred_username")]
    pub login_claim: String,
    /// The claim with the groups; `a.b` looks inside. Default: `groups`.
    #[serde(default = "groups")]
    pub groups_claim: String,
    /// Group there = key of a group here.
    #[serde(default)]
    pub groups: GroupMap,
    /// Whether whoever signs in for the first time becomes a user here. Default: true.
    #[serde(default = "yes")]
    pub create_users: bool,
}

fn yes() -> bool {
    true
}
fn label() -> String {
    "OpenID Connect".into()
}
fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).to_vec()
}
fn preferred_username() -> String {
    "preferred_username".into()
}
fn groups() -> String {
    "groups".into()
}

impl std::fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcConfig")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A provider to ask. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Oidc(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: OidcConfig,
    secret: Option<String>,
    http: reqwest::Client,
    known: RwLock<Option<Arc<Known>>>,
}

/// What the provider says of itself (OpenID Connect Discovery 1.0 §3).
#[derive(Debug)]
struct Known {
    about: About,
    keys: Vec<token::Key>,
    read: Instant,
}

#[derive(Clone, Debug, Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Keys {
    /// Those of a kind that we do not know are passed over (RFC 7517 §5).
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Tokens {
    /// Always where a code was exchanged; a provider may leave it out of what it gives anew.
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Who came in, and by what the provider can be asked about them again, where it gives that.
pub(crate) struct Redeemed {
    pub found: Found,
    pub token: Option<String>,
}

/// What the provider says of somebody who came in earlier.
pub(crate) enum Standing {
    /// Signed out, disabled or deleted there.
    Gone,
    /// May be here.
    Here {
        /// Who it is now, where it says. An error where that is not as it should be.
        found: Result<Option<Found>>,
        /// To ask with from now on, instead of the one before, which is spent.
        token: Option<String>,
    },
}

/// What is kept of a sign-in until its answer comes.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Attempt {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub redirect: String,
}

const PATIENCE: Duration = Duration::from_secs(10);
/// What we know of the provider is read again after this time.
const KEPT: Duration = Duration::from_secs(3_600);
/// An unknown key makes us look again, but not for everybody who sends one.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
const LARGEST: usize = 1 << 20;

fn unavailable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::DirectoryUnavailable).because(why)
}

fn refused(why: impl std::fmt::Debug) -> Error {
    tracing::warn!(?why, "a sign-in through the identity provider was refused");
    Error::new(Code::WrongCredentials)
}

/// Over TLS, or on this machine.
fn is_safe(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(url::Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(url::Host::Ipv6(ip))) => ip.is_loopback(),
        ("http", Some(url::Host::Domain(name))) => name == "localhost",
        _ => false,
    })
}

impl Oidc {
    /// Asks nobody yet. Errors: `invalid`, the key of the configuration named.
    pub fn new(config: OidcConfig) -> Result<Self> {
        let wrong = |key: &str, why: &dyn std::fmt::Display| {
            Error::from(
                FieldProblem::new(format!("oidc.{key}"), "config_unreadable").with("why", why),
            )
        };
        if !is_safe(&config.issuer) {
            return Err(wrong("issuer", &"https"));
        }
        if Url::parse(&config.public_url).is_err() {
            return Err(wrong("public_url", &"https"));
        }
        let secret = match &config.client_secret_file {
            Some(path) => Some(
                std::fs::read_to_string(path)
                    .map_err(|e| wrong("client_secret_file", &e))?
                    .trim()
                    .to_owned(),
            ),
            None => config.client_secret.clone(),
        };
        // Already installed by somebody else is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder()
            .user_agent(concat!("engage/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(PATIENCE)
            .timeout(PATIENCE)
            .build()
            .map_err(Error::internal)?;
        Ok(Self(Arc::new(Inner {
            config,
            secret,
            http,
            known: RwLock::default(),
        })))
    }

    pub fn config(&self) -> &OidcConfig {
        &self.0.config
    }

    /// Where the browser comes back to.
    pub fn return_address(&self) -> String {
        format!(
            "{}/sign-in/return",
            self.0.config.public_url.trim_end_matches('/')
        )
    }

    /// Whether somebody may come back there: our page, or a port of the person's own machine.
    pub fn may_return(&self, address: &str) -> bool {
        if address == self.return_address() {
            return true;
        }
        Url::parse(address).is_ok_and(|url| {
            url.scheme() == "http"
                && matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
                && url.port().is_some()
                && url.path() == "/return"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
        })
    }

    /// Whether the provider answers and is who it should be.
    pub async fn check(&self) -> Result<usize> {
        Ok(self.read().await?.keys.len())
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T> {
        let answer = self
            .0
            .http
            .get(address)
            .header("accept", "application/json")
            .send();
        read_answer(answer.await.map_err(unavailable)?).await
    }

    async fn read(&self) -> Result<Arc<Known>> {
        let issuer = &self.0.config.issuer;
        let about: About = self
            .get(&format!(
                "{}/.well-known/openid-configuration",
                issuer.trim_end_matches('/')
            ))
            .await?;
        if about.issuer != *issuer {
            return Err(unavailable(format!(
                "the provider calls itself {}",
                about.issuer
            )));
        }
        let addresses = [
            &about.authorization_endpoint,
            &about.token_endpoint,
            &about.jwks_uri,
        ];
        if !addresses
            .into_iter()
            .chain(&about.userinfo_endpoint)
            .all(|address| is_safe(address))
        {
            return Err(unavailable("an address of the provider is not https"));
        }
        let keys: Keys = self.get(&about.jwks_uri).await?;
        let keys = keys
            .keys
            .into_iter()
            .filter_map(|key| serde_json::from_value(key).ok())
            .collect();
        let known = Arc::new(Known {
            about,
            keys,
            read: Instant::now(),
        });
        *self.0.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    async fn known(&self, at_most: Duration) -> Result<Arc<Known>> {
        let known = self
            .0
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        match known.filter(|known| known.read.elapsed() < at_most) {
            Some(known) => Ok(known),
            None => self.read().await,
        }
    }

    /// Where to send the browser.
    pub(crate) async fn address(&self, attempt: &Attempt) -> Result<String> {
        let known = self.known(KEPT).await?;
        let mut address = Url::parse(&known.about.authorization_endpoint).map_err(unavailable)?;
        let challenge = BASE64.encode(Sha256::digest(attempt.verifier.as_bytes()));
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.0.config.client_id)
            .append_pair("redirect_uri", &attempt.redirect)
            .append_pair("scope", &self.0.config.scopes.join(" "))
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(address.into())
    }

    /// Who came back with this code. Error: `wrong_credentials` where anything is not as it should be.
    pub(crate) async fn redeem(
        &self,
        attempt: &Attempt,
        code: &str,
        now: Moment,
    ) -> Result<Redeemed> {
        let config = &self.0.config;
        let known = self.known(KEPT).await?;
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &*attempt.redirect),
            ("code_verifier", &*attempt.verifier),
        ];
        let answer = self.ask(&known.about, form).await?;
        if answer.status().is_client_error() {
            return Err(refused(answer.status()));
        }
        let tokens: Tokens = read_answer(answer).await?;
        let Some(mut claims) = self.claims(&tokens, Some(&attempt.nonce), now).await? else {
            return Err(refused("no ID token"));
        };
        if !claims.contains_key(&config.login_claim)
            && let (Some(address), Some(token)) =
                (&known.about.userinfo_endpoint, &tokens.access_token)
        {
            let more = self.user_info(address, token).await?;
            // §5.3.2: else it may be about somebody else.
            if more.get("sub") != claims.get("sub") {
                return Err(refused("userinfo is about another subject"));
            }
            for (name, value) in more {
                claims.entry(name).or_insert(value);
            }
        }
        Ok(Redeemed {
            found: self.found(&claims)?,
            token: tokens.refresh_token,
        })
    }

    /// Whether somebody who came in earlier may still be here (§12). Error: the provider does not answer, or not to us;
    /// that says nothing of the person.
    pub(crate) async fn renew(&self, token: &str, subject: &str, now: Moment) -> Result<Standing> {
        let known = self.known(KEPT).await?;
        let form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        let answer = self.ask(&known.about, form).await?;
        if answer.status().is_client_error() {
            let status = answer.status();
            let refusal: Refusal = read_body(answer).await?;
            // Every other one is about us: a wrong secret, a client that was taken away.
            return match &*refusal.error {
                "invalid_grant" => Ok(Standing::Gone),
                other => Err(unavailable(format!(
                    "the provider answered {status} {other}"
                ))),
            };
        }
        let tokens: Tokens = read_answer(answer).await?;
        Ok(Standing::Here {
            found: self.found_again(&tokens, subject, now).await,
            token: tokens.refresh_token,
        })
    }

    async fn found_again(
        &self,
        tokens: &Tokens,
        subject: &str,
        now: Moment,
    ) -> Result<Option<Found>> {
        let Some(claims) = self.claims(tokens, None, now).await? else {
            return Ok(None);
        };
        if claims.get("sub").and_then(Value::as_str) != Some(subject) {
            return Err(refused("a token given anew is about another subject"));
        }
        // What it leaves out of a token given anew has not ended: without groups nobody leaves any.
        let whole = claims.contains_key(&self.0.config.login_claim);
        if whole && self.groups_of(&claims).is_some() {
            self.found(&claims).map(Some)
        } else {
            Ok(None)
        }
    }

    /// What the ID token says, where there is one.
    async fn claims(
        &self,
        tokens: &Tokens,
        nonce: Option<&str>,
        now: Moment,
    ) -> Result<Option<Map<String, Value>>> {
        let Some(id_token) = &tokens.id_token else {
            return Ok(None);
        };
        let expected = token::Expected {
            issuer: &self.0.config.issuer,
            client: &self.0.config.client_id,
            nonce,
            now,
            access_token: tokens.access_token.as_deref(),
        };
        let known = self.known(KEPT).await?;
        let claims = match token::claims(id_token, &known.keys, &expected) {
            // The provider may have changed its keys.
            Err(token::Refused::UnknownKey) => {
                let known = self.known(LOOK_AGAIN).await?;
                token::claims(id_token, &known.keys, &expected)
            }
            other => other,
        };
        claims.map(Some).map_err(refused)
    }

    /// Asks the token endpoint, as this client.
    async fn ask<'a>(
        &'a self,
        about: &About,
        mut form: Vec<(&'a str, &'a str)>,
    ) -> Result<reqwest::Response> {
        let config = &self.0.config;
        let encoded =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut request = self
            .0
            .http
            .post(&about.token_endpoint)
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded");
        // RFC 6749 §2.3.1: both halves are form-encoded first.
        let basic = about
            .token_endpoint_auth_methods_supported
            .as_ref()
            .is_none_or(|known| known.iter().any(|m| m == "client_secret_basic"));
        match &self.0.secret {
            Some(secret) if basic => {
                request = request.basic_auth(encoded(&config.client_id), Some(encoded(secret)));
            }
            Some(secret) => {
                form.push(("client_id", &config.client_id));
                form.push(("client_secret", secret));
            }
            None => form.push(("client_id", &config.client_id)),
        }
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        request.body(body).send().await.map_err(unavailable)
    }

    async fn user_info(&self, address: &str, token: &str) -> Result<Map<String, Value>> {
        let answer = self.0.http.get(address).bearer_auth(token).send();
        read_answer(answer.await.map_err(unavailable)?).await
    }

    fn groups_of<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        let name = &self.0.config.groups_claim;
        if let Some(whole) = claims.get(name) {
            return Some(whole);
        }
        let mut steps = name.split('.');
        let first = steps.next().and_then(|first| claims.get(first))?;
        steps.try_fold(first, |at, step| at.get(step))
    }

    fn found(&self, claims: &Map<String, Value>) -> Result<Found> {
        let config = &self.0.config;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let (Some(subject), Some(login)) = (text("sub"), text(&config.login_claim)) else {
            return Err(refused(format!("no claim {}", config.login_claim)));
        };
        // An address that nobody has verified may be anybody's.
        let verified = claims.get("email_verified") != Some(&Value::Bool(false));
        let groups = match self.groups_of(claims) {
            Some(Value::Array(many)) => many
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(one)) => [one.clone()].into(),
            _ => std::collections::BTreeSet::new(),
        };
        Ok(Found {
            provider: config.issuer.clone(),
            subject,
            name: text("name").unwrap_or_else(|| login.clone()),
            login,
            email: text("email").filter(|mail| verified && mail.contains('@')),
            groups,
        })
    }
}

/// JSON of a bounded size.
async fn read_answer<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T> {
    if !answer.status().is_success() {
        return Err(unavailable(format!(
            "the provider answered {}",
            answer.status()
        )));
    }
    read_body(answer).await
}

async fn read_body<T: DeserializeOwned>(answer: reqwest::Response) -> Result<T> {
    let mut body = Vec::new();
    let mut chunks = answer.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.map_err(unavailable)?);
        if body.len() > LARGEST {
            return Err(unavailable("the provider's answer is too large"));
        }
    }
    serde_json::from_slice(&body).map_err(unavailable)
}
