use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use api::session::Named;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use directory::SignedIn;
use kernel::{Code, Error};
use ledger::Actor;
use store::Reach;

use super::Failure;
use crate::App;

/// The cookie of a session. Over TLS a browser holds `__Host-` to this host, to TLS and to the whole path.
fn cookie_name(secure: bool) -> &'static str {
    if secure {
        "__Host-engage_session"
    } else {
        "engage_session"
    }
}

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
        let token = token(headers, app.config.secure_cookies())?
            .ok_or_else(|| Error::new(Code::Unauthenticated))?;
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

    /// What another person asked for, carried out now that it is approved: with that person's rights and in their name. The
    /// session is the approver's, so that it names none.
    pub fn in_the_name_of(&self, app: &App, eyes: directory::eyes::Eyes) -> Self {
        let signed_in = Arc::new(self.signed_in.looking_as(eyes));
        let mut actor = signed_in.actor();
        actor.session = None;
        Self {
            actor,
            groups: app.rooms.groups_named(&signed_in.groups),
            signed_in,
            looker: None,
        }
    }

    pub fn group_keys(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.key.clone()).collect()
    }
}

/// The second wall: whoever has no grant near customers, and whoever has not signed in, is served by connections that see
/// none (`store::Reach`), whatever a statement forgets.
pub async fn wall(State(app): State<App>, request: Request, next: Next) -> Response {
    let near = Session::of(&app, request.headers())
        .await
        .is_ok_and(|session| session.reaches_customers);
    let reach = if near {
        Reach::Everything
    } else {
        Reach::Walled
    };
    store::reaching(reach, next.run(request)).await
}

impl FromRequestParts<App> for Session {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let session = Self::of(app, &parts.headers).await?;
        // Who looks as somebody else answers for themselves.
        let own = session.looker.as_ref().unwrap_or(&session.signed_in);
        if let Some(what) = own.unfinished() {
            return Err(Error::new(Code::Unfinished).with("what", what).into());
        }
        if session.looker.is_some() {
            super::lens::trace(app, &session, parts.uri.path()).await?;
        }
        Ok(session)
    }
}

/// Whoever is signed in, even if they must first choose a password or enrol a second factor: for the calls by which they
/// do that, see who they are, and leave.
#[derive(Clone)]
pub struct Entrant(pub Session);

impl Deref for Entrant {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.0
    }
}

impl FromRequestParts<App> for Entrant {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        Ok(Self(Session::of(app, &parts.headers).await?))
    }
}

fn token(headers: &HeaderMap, secure: bool) -> Result<Option<String>, Error> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        return Ok(value
            .strip_prefix("Bearer ")
            .or_else(|| value.strip_prefix("bearer "))
            .map(|t| t.trim().to_owned()));
    }
    let found = cookie(headers, cookie_name(secure));
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
    let (name, secure) = (cookie_name(secure), if secure { "; Secure" } else { "" });
    HeaderValue::from_str(&format!(
        "{name}={token}; HttpOnly; SameSite=Strict; Path=/{secure}"
    ))
    .ok()
}

/// Takes the cookie away.
pub fn cookie_cleared(secure: bool) -> HeaderValue {
    HeaderValue::from_static(if secure {
        "__Host-engage_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0; Secure"
    } else {
        "engage_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0"
    })
}

const ATTEMPT: &str = "engage_attempt";

/// What a browser needs to finish a sign-in through the identity provider: it is sent back with our own page's call only.
pub fn attempt_cookie(attempt: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    HeaderValue::from_str(&format!(
        "{ATTEMPT}={attempt}; HttpOnly; SameSite=Strict; Path=/api/v1/session/provider; Max-Age=600{secure}"
    ))
    .ok()
}

pub fn attempt_of(headers: &HeaderMap) -> Option<String> {
    cookie(headers, ATTEMPT)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .find_map(|pair| {
            pair.trim()
                .strip_prefix(name)?
                .strip_prefix('=')
                .map(str::to_owned)
        })
}

/// The address from which somebody asks, for throttling and for the trail. The desktop's embedded service has none: it is
/// this machine. What a proxy says of whom it speaks for counts only if the proxy is one of ours: the last address in
/// `x-forwarded-for` that is not itself a proxy of ours.
pub fn sign_in_address(
    app: &App,
    connect: Option<&ConnectInfo<SocketAddr>>,
    headers: &HeaderMap,
) -> String {
    let direct = connect.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |c| c.0.ip());
    let trusted = &app.config.trusted_proxies;
    if !trusted.contains(&direct) {
        return direct.to_string();
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .filter_map(|part| part.trim().parse::<IpAddr>().ok())
        .rfind(|address| !trusted.contains(address))
        .unwrap_or(direct)
        .to_string()
}
