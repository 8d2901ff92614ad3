use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use api::session::Named;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use directory::SignedIn;
use kernel::{Code, Error};
use ledger::Actor;

use super::Failure;
use crate::App;

const COOKIE: &str = "engage_session";

/// Who asks by which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// A browser: the token travels in an HttpOnly cookie.
    Web,
    /// The desktop's shell, which keeps the token in the keyring.
    Desktop,
    /// Another system.
    Other,
}

impl ClientKind {
    pub const fn text(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Desktop => "desktop",
            Self::Other => "api",
        }
    }
}

pub fn client_kind(headers: &HeaderMap) -> ClientKind {
    match headers
        .get(api::header::CLIENT)
        .and_then(|v| v.to_str().ok())
    {
        Some("web") => ClientKind::Web,
        Some("desktop") => ClientKind::Desktop,
        _ => ClientKind::Other,
    }
}

/// Whoever is signed in. A handler that takes it answers nobody else.
#[derive(Clone)]
pub struct Session {
    pub signed_in: Arc<SignedIn>,
    pub actor: Actor,
    /// The user's groups, with the keys by which definitions name them.
    pub groups: Vec<Named>,
    /// Whoever looks with this user's eyes: then `actor` is theirs, and nothing may be written.
    pub looker: Option<Arc<SignedIn>>,
}

impl Deref for Session {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.signed_in
    }
}

impl Session {
    pub async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Error> {
        let token = token(headers)?.ok_or_else(|| Error::new(Code::Unauthenticated))?;
        let signed_in = app.rooms.sessions.authenticate(&token).await?;
        let actor = signed_in.actor();
        let (signed_in, looker) = match super::lens::wanted(headers)? {
            Some(user) => {
                let seen = super::lens::look(app, &signed_in, user).await?;
                (seen, Some(signed_in))
            }
            None => (signed_in, None),
        };
        Ok(Self {
            actor,
            groups: app.rooms.groups_named(&signed_in.groups),
            signed_in,
            looker,
        })
    }

    pub fn group_keys(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.key.clone()).collect()
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let session = Self::of(app, &parts.headers).await?;
        if session.looker.is_some() {
            super::lens::trace(app, &session, parts.uri.path()).await?;
        }
        Ok(session)
    }
}

fn token(headers: &HeaderMap) -> Result<Option<String>, Error> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        return Ok(value
            .strip_prefix("Bearer ")
            .or_else(|| value.strip_prefix("bearer "))
            .map(|t| t.trim().to_owned()));
    }
    let found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| {
            pair.trim()
                .strip_prefix(COOKIE)?
                .strip_prefix('=')
                .map(str::to_owned)
        });
    // A page of another site can make a browser send the cookie, but not this header (and SameSite=Strict besides). A
    // stream of events cannot set headers, and reads only.
    let vouched = client_kind(headers) == ClientKind::Web
        || headers
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
    if found.is_some() && !vouched {
        return Err(Error::new(Code::Unauthenticated));
    }
    Ok(found)
}

/// The cookie of a new session.
pub fn cookie_set(token: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/{secure}"
    ))
    .ok()
}

/// Takes the cookie away.
pub fn cookie_cleared() -> HeaderValue {
    HeaderValue::from_static("engage_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
}

/// The address from which somebody tries to sign in, for throttling. The desktop's embedded service has none: loopback.
pub fn sign_in_address(connect: Option<&ConnectInfo<SocketAddr>>) -> String {
    connect
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |c| c.0.ip())
        .to_string()
}
