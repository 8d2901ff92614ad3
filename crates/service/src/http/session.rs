use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Instant;

use api::session::Named;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use directory::SignedIn;
use kernel::{Code, Error};
use ledger::Actor;
use ledger::audit::{self, Entry, Outcome};
use store::Reach;

use super::{Failure, refused_with};
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

/// Whether the session of a request is being used by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Counts,
    /// Who only listens becomes idle: a stream is begun anew by the program, not by the person before it.
    Listens,
}

impl Use {
    fn of(path: &str) -> Self {
        if path == api::path::EVENTS {
            Self::Listens
        } else {
            Self::Counts
        }
    }
}

impl Session {
    pub async fn of(app: &App, headers: &HeaderMap) -> Result<Self, Error> {
        Self::asked(app, headers, Use::Counts).await
    }

    /// The same session once more, as it is now, for what outlives its request. It does not count as a use.
    pub async fn again(app: &App, headers: &HeaderMap) -> Result<Self, Error> {
        Self::asked(app, headers, Use::Listens).await
    }

    async fn asked(app: &App, headers: &HeaderMap, uses: Use) -> Result<Self, Error> {
        let token = token(headers, app.config.secure_cookies())?
            .ok_or_else(|| Error::new(Code::Unauthenticated))?;
        let sessions = &app.rooms.sessions;
        let signed_in = match uses {
            Use::Counts => sessions.authenticate(&token).await?,
            Use::Listens => sessions.look_again(&token).await?,
        };
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

    /// Who looks as somebody else answers for themselves.
    pub fn own(&self) -> &SignedIn {
        self.looker.as_ref().unwrap_or(&self.signed_in)
    }

    pub fn group_keys(&self) -> Vec<String> {
        self.groups.iter().map(|group| group.key.clone()).collect()
    }
}

/// The second wall: whoever has no grant near customers, and whoever has not signed in, is served by connections that see
/// none (`store::Reach`), whatever a statement forgets; who opens one, by connections that see those they may.
///
/// Who asks faster than anybody works is told to wait, and what somebody may not do leaves a trace.
pub async fn wall(State(app): State<App>, request: Request, next: Next) -> Response {
    let uses = Use::of(request.uri().path());
    let Ok(session) = Session::asked(&app, request.headers(), uses).await else {
        return store::reaching(Reach::Walled, next.run(request)).await;
    };
    let pace = app.config.session_requests_per_minute;
    if let Err(error) = app.paces.take(session.session.uuid(), pace, Instant::now()) {
        return Failure(error).into_response();
    }
    let reach = match &session.keepers {
        _ if !session.reaches_customers => Reach::Walled,
        Some(keepers) if opens_one(&request) => Reach::Only(Arc::clone(keepers)),
        _ => Reach::Everything,
    };
    let asked = (request.method().clone(), request.uri().path().to_owned());
    let response = store::reaching(reach, next.run(request)).await;
    if let Some(error) = refused_with(&response).filter(|e| e.code() == Code::Forbidden)
        && session.looker.is_none()
        && let Err(error) = trace_refusal(&app, &session, &error, &asked).await
    {
        tracing::warn!(%error, "a refusal could not be entered into the trail");
    }
    response
}

/// Whether one customer is opened, or what belongs to one. Lists and searches are not: before their index could be used, a wall
/// would have to look at every row.
fn opens_one(request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>();
    *request.method() == Method::GET
        && route.is_some_and(|route| route.as_str().starts_with(api::path::CUSTOMER))
}

/// Enters into the trail what somebody was refused, once in a while for the same thing: screens ask again, scripts often.
async fn trace_refusal(
    app: &App,
    session: &Session,
    error: &Error,
    (method, path): &(Method, String),
) -> Result<(), Error> {
    let word = |name: &str| error.args().get(name).cloned().unwrap_or_default();
    let (verb, entity) = (word("verb"), word("entity"));
    let key = (
        session.session.uuid(),
        session.user.id.uuid(),
        format!("{verb} {entity} {method}"),
    );
    let now = app.ambient.now();
    if app.refusals.is_known(&key, now) {
        return Ok(());
    }
    app.refusals.keep(key, now);
    let entity = if entity.is_empty() {
        "session".to_owned()
    } else {
        entity
    };
    let entry = Entry::new("access.refuse", "directory", entity)
        .ended(Outcome::Refused)
        .note(format!("{verb} · {method} {path}"));
    let mut tx = app.db.write().await?;
    audit::record(&mut tx, now, &session.actor, entry);
    tx.commit().await
}

impl FromRequestParts<App> for Session {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let session = Self::asked(app, &parts.headers, Use::of(parts.uri.path())).await?;
        if let Some(what) = session.own().unfinished() {
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

/// The token of `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value
        .strip_prefix("Bearer ")
        .or_else(|| value.strip_prefix("bearer "))
        .map(str::trim)
}

fn token(headers: &HeaderMap, secure: bool) -> Result<Option<String>, Error> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(bearer(headers).map(str::to_owned));
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
