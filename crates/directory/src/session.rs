//! Sessions: who asks, and what they may, from one request to the next.
//!
//! A token is 32 random bytes that only the client has; the table holds its SHA-256. A session ends when it was not used for
//! a while, when its absolute time is over, when it is ended, or when its user is made inactive.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::{Mask, Policy, Subject, Verb};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use kernel::{
    Ambient, Code, Error, Filter, Id, Language, Moment, Operand, Page, Paged, Result, Span, text,
};
use ledger::Actor;
use ledger::audit::{self, Entry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::types::Json;
use store::filter::{Column, ColumnKind};
use store::{Built, Db, Reads, Signal, Sql, Tx, Vault};
use tokio::sync::broadcast;
use tokio::time::Instant;
use uuid::Uuid;

use crate::common::TOPIC;
use crate::outside::{ldap::Ldap, oidc::Oidc};
use crate::second_factor::{self, Standing};
use crate::{GroupId, Passwords, SessionId, User, UserId, units, users};

/// How long sessions last, how many tries a guesser gets, and by what ways one comes in.
#[derive(Clone, Debug)]
pub struct SessionsConfig {
    /// A session not used for so long ends.
    pub idle: Span,
    /// However busy, it ends after so long.
    pub absolute: Span,
    /// Wrong passwords for one login within its window; further tries wait for the window's end.
    pub tries_per_login: i64,
    pub login_window: Span,
    /// The same for all logins from one address. Many people may sit behind one.
    pub tries_per_address: i64,
    pub address_window: Span,
    /// This node's name, for the trail.
    pub node: String,
    /// Seals the secrets of second factors; without it nobody can enrol.
    pub vault: Option<Vault>,
    /// Where logins without a password of their own here are looked for.
    pub ldap: Option<Ldap>,
    pub oidc: Option<Oidc>,
}

impl Default for SessionsConfig {
    fn default() -> Self {
        Self {
            idle: Span::from_minutes(30),
            absolute: Span::from_hours(12),
            tries_per_login: 10,
            login_window: Span::from_minutes(15),
            tries_per_address: 100,
            address_window: Span::from_minutes(5),
            node: String::new(),
            vault: None,
            ldap: None,
            oidc: None,
        }
    }
}

kernel::stored_words! {
    /// By what somebody came in.
    pub enum Source {
        Password = "password",
        Ldap = "ldap",
        Oidc = "oidc",
    }
}

/// Whoever has signed in, as the requests of a session see it. What changes in the database arrives here within a second.
#[derive(Debug)]
pub struct SignedIn {
    pub session: SessionId,
    pub user: User,
    /// Keys of all roles held, by oneself or through groups.
    pub roles: Vec<String>,
    pub groups: Vec<GroupId>,
    pub subject: Subject,
    pub policy: Policy,
    pub started: Moment,
    pub expires: Moment,
    pub source: Source,
    pub factor: Standing,
    /// Whether any grant lets this person near what belongs to customers: else the database shows them none of it.
    pub reaches_customers: bool,
    /// Whose customers they may touch at all, where that can be said: of the others the database shows them nothing where one
    /// customer is opened.
    pub keepers: Option<Arc<store::Keepers>>,
    node: String,
    generation: i64,
}

impl SignedIn {
    /// For the trail.
    pub fn actor(&self) -> Actor {
        Actor::person(self.user.id, &*self.user.name)
            .with_role(self.roles.join(", "))
            .with_session(self.session)
            .on_node(&*self.node)
    }

    /// What must be done before anything else: `password` or `second_factor`.
    pub fn unfinished(&self) -> Option<&'static str> {
        // Who came through an identity provider showed it what it asks for.
        let enrols = self.source != Source::Oidc && self.factor.must_enrol();
        if self.user.must_change && self.source == Source::Password {
            Some("password")
        } else if enrols {
            Some("second_factor")
        } else {
            None
        }
    }

    /// Of the permissions that this was compiled from; see [`generation`].
    pub const fn generation(&self) -> i64 {
        self.generation
    }

    pub fn language(&self) -> Option<Language> {
        self.user.language
    }

    /// This session with another user's eyes, for the security lens: what it may see is the other's. Whoever writes an entry
    /// of it takes the actor of the session itself.
    #[must_use]
    pub fn looking_as(&self, eyes: crate::eyes::Eyes) -> Self {
        Self {
            session: self.session,
            roles: eyes.roles.into_iter().map(|held| held.key).collect(),
            user: eyes.user,
            groups: eyes.groups,
            subject: eyes.subject,
            reaches_customers: reaches_customers(&eyes.policy),
            keepers: keepers(&eyes.policy),
            policy: eyes.policy,
            started: self.started,
            expires: self.expires,
            source: self.source,
            factor: self.factor,
            node: self.node.clone(),
            generation: self.generation,
        }
    }
}

/// A session as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub user_name: String,
    pub started: Moment,
    pub seen: Moment,
    pub expires: Moment,
    pub address: Option<String>,
    /// What the client calls itself.
    pub client: Option<String>,
}

impl SessionRow {
    /// For conditions of `access`: the value of a field by the name it has in grants.
    pub fn get(&self, field: &str) -> Operand {
        match field {
            "id" => Operand::Text(self.id.to_string()),
            "user" => Operand::Text(self.user_id.to_string()),
            "address" => self.address.clone().map_or(Operand::Null, Operand::Text),
            "started" => Operand::Moment(self.started),
            "seen" => Operand::Moment(self.seen),
            _ => Operand::Null,
        }
    }
}

fn session_column(field: &str) -> Option<Column> {
    Some(match field {
        "id" => Column::new(ColumnKind::Uuid, Sql::both("s.id")),
        "user" => Column::new(ColumnKind::Uuid, Sql::both("s.user_id")),
        "address" => Column::new(ColumnKind::Text, Sql::both("s.address")),
        "started" => Column::new(ColumnKind::Moment, Sql::both("s.started")),
        "seen" => Column::new(ColumnKind::Moment, Sql::both("s.seen")),
        _ => return None,
    })
}

/// Whose sessions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOf {
    pub user: Option<UserId>,
    /// Part of the user's name.
    pub text: Option<String>,
}

/// The way in and the sessions of this node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub db: Db,
    pub ambient: Ambient,
    pub passwords: Passwords,
    pub config: SessionsConfig,
    cache: Mutex<Cache>,
    /// By the first byte of the token's hash: who looks into the database.
    looking: [tokio::sync::Mutex<()>; LOOKING],
}

#[derive(Debug)]
struct Cache {
    signals: broadcast::Receiver<Signal>,
    /// Grows with every signal that something about access has changed.
    epoch: u64,
    held: HashMap<[u8; 32], Held>,
}

#[derive(Debug, Clone)]
struct Held {
    signed_in: Arc<SignedIn>,
    /// When the database was asked last, by real time: it bounds how long a revoked session lives on.
    checked: Instant,
    epoch: u64,
    used: Moment,
    /// What the table says of `used`.
    written: Moment,
}

/// How long an answer counts without asking the database.
const FRESH: Duration = Duration::from_millis(900);
/// How exactly the table knows when a session was used.
const SEEN_STEP: Span = Span::from_minutes(1);
/// So many sessions can be looked up at once.
const LOOKING: usize = 32;
/// How many sessions are held in memory before those not used of late are let go.
const HELD: usize = 4_096;

#[derive(sqlx::FromRow)]
struct Found {
    id: SessionId,
    user_id: UserId,
    started: Moment,
    seen: Moment,
    expires: Moment,
    ended: Option<Moment>,
    source: Source,
    active: bool,
    version: i64,
    language: Option<Language>,
    generation: i64,
}

store::statements! {
    GENERATION = "SELECT number FROM access_generation WHERE id = 1";
    FIND = "SELECT s.id, s.user_id, s.started, s.seen, s.expires, s.ended, s.source, u.active, u.version, u.language, \
        g.number AS generation FROM session AS s JOIN user_account AS u ON u.id = s.user_id \
        JOIN access_generation AS g ON g.id = 1 WHERE s.token = $1";
    SEEN = "UPDATE session SET seen = $2 WHERE id = $1 AND seen < $2";
    BEGIN = "INSERT INTO session (id, token, user_id, started, seen, expires, address, client, source) \
        VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8)";
    END = "UPDATE session SET ended = $2 WHERE id = $1 AND ended IS NULL";
    END_ALL = "UPDATE session SET ended = $2 WHERE user_id = $1 AND ended IS NULL AND id <> $3";
    ROLES = "SELECT r.key, r.grants FROM role AS r WHERE r.id IN (\
        SELECT role_id FROM role_user WHERE user_id = $1 \
        UNION SELECT h.role_id FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id WHERE m.user_id = $1) \
        ORDER BY r.key";
    GROUPS = "SELECT group_id FROM group_member WHERE user_id = $1 ORDER BY group_id";
    OPEN = "SELECT s.id, s.user_id, u.name AS user_name, s.started, s.seen, s.expires, s.address, s.client \
        FROM session AS s JOIN user_account AS u ON u.id = s.user_id \
        WHERE s.ended IS NULL AND s.expires > $1 AND s.seen > $2 AND s.id < $3 ORDER BY s.id DESC LIMIT $4";
    OPEN_OF_USER = "SELECT s.id, s.user_id, u.name AS user_name, s.started, s.seen, s.expires, s.address, s.client \
        FROM session AS s JOIN user_account AS u ON u.id = s.user_id \
        WHERE s.user_id = $3 AND s.ended IS NULL AND s.expires > $1 AND s.seen > $2 ORDER BY s.id DESC LIMIT 500";
    OPEN_ONE = "SELECT s.id, s.user_id, u.name AS user_name, s.started, s.seen, s.expires, s.address, s.client \
        FROM session AS s JOIN user_account AS u ON u.id = s.user_id \
        WHERE s.ended IS NULL AND s.expires > $1 AND s.seen > $2 AND s.id = $3";
    PURGE = "DELETE FROM session WHERE expires < $1";
}

pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Sessions {
    pub fn new(db: Db, ambient: Ambient, passwords: Passwords, config: SessionsConfig) -> Self {
        let signals = db.signals().subscribe();
        let cache = Mutex::new(Cache {
            signals,
            epoch: 0,
            held: HashMap::new(),
        });
        Self(Arc::new(Inner {
            db,
            ambient,
            passwords,
            config,
            cache,
            looking: Default::default(),
        }))
    }

    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Who asks. Errors: `unauthenticated` for a token that we do not know, `session_expired` for one that has ended.
    pub async fn authenticate(&self, token: &str) -> Result<Arc<SignedIn>> {
        self.asked(token, true).await
    }

    /// The same without counting as a use of the session: for streams, which outlive the request that began them and are
    /// begun anew by programs. Who only listens becomes idle.
    pub async fn look_again(&self, token: &str) -> Result<Arc<SignedIn>> {
        self.asked(token, false).await
    }

    async fn asked(&self, token: &str, uses: bool) -> Result<Arc<SignedIn>> {
        let key = token_hash(token);
        let now = self.0.ambient.now();
        let (epoch, held) = self.held(&key);
        if let Some(fresh) = self.fresh(&key, now, epoch, held.as_ref(), uses) {
            return Ok(fresh);
        }
        // A screen asks many things at once, and most of all when permissions have changed: one of its calls looks, the
        // others wait for what it finds.
        let _one = self.0.looking[usize::from(key[0]) % LOOKING].lock().await;
        let (epoch, held) = self.held(&key);
        if let Some(fresh) = self.fresh(&key, now, epoch, held.as_ref(), uses) {
            return Ok(fresh);
        }
        let checked = Instant::now();
        match self.look(&key, now, held.as_ref()).await {
            Ok((signed_in, seen)) => {
                let before = held.map_or(seen, |held| held.used.max(seen));
                let used = if uses { now.max(before) } else { before };
                // What was used here and not yet written is written by whoever looks next.
                let written = if used.since(seen) >= SEEN_STEP {
                    self.write_seen(&signed_in, used).await
                } else {
                    seen
                };
                self.hold(
                    key,
                    Held {
                        signed_in: Arc::clone(&signed_in),
                        checked,
                        epoch,
                        used,
                        written,
                    },
                );
                Ok(signed_in)
            }
            Err(error) => {
                if matches!(error.code(), Code::Unauthenticated | Code::SessionExpired) {
                    self.0
                        .cache
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .held
                        .remove(&key);
                }
                Err(error)
            }
        }
    }

    /// What is held of this session, if it still counts.
    fn fresh(
        &self,
        key: &[u8; 32],
        now: Moment,
        epoch: u64,
        held: Option<&Held>,
        uses: bool,
    ) -> Option<Arc<SignedIn>> {
        let held = held.filter(|held| {
            held.epoch == epoch
                && held.checked.elapsed() < FRESH
                && self.is_open(now, held.used, held.signed_in.expires)
        })?;
        if uses {
            self.used(key, now);
        }
        Some(Arc::clone(&held.signed_in))
    }

    fn is_open(&self, now: Moment, seen: Moment, expires: Moment) -> bool {
        now < expires && now < seen + self.0.config.idle
    }

    async fn look(
        &self,
        key: &[u8; 32],
        now: Moment,
        held: Option<&Held>,
    ) -> Result<(Arc<SignedIn>, Moment)> {
        let mut reads = self.0.db.read().await?;
        let found = store::fetch_optional!(&mut reads, Found, FIND, key.to_vec())?
            .ok_or_else(|| Error::new(Code::Unauthenticated))?;
        // What this node has seen and not yet written counts too.
        let seen = held.map_or(found.seen, |h| found.seen.max(h.used));
        if found.ended.is_some() || !found.active || !self.is_open(now, seen, found.expires) {
            return Err(Error::new(Code::SessionExpired));
        }
        if let Some(held) = held {
            let known = &held.signed_in;
            let same = (known.generation, known.user.version, known.user.language)
                == (found.generation, found.version, found.language);
            if same {
                return Ok((Arc::clone(known), found.seen));
            }
        }
        let seen = found.seen;
        Ok((Arc::new(self.load(&mut reads, found).await?), seen))
    }

    async fn load(&self, reads: &mut impl Reads, found: Found) -> Result<SignedIn> {
        let user = users::find(reads, found.user_id)
            .await?
            .ok_or_else(|| Error::new(Code::Unauthenticated))?;
        let (subject, groups) = subject_of(reads, &user).await?;
        let roles = roles_of(reads, user.id).await?;
        let policy = Policy::compile(&roles, &subject);
        Ok(SignedIn {
            session: found.id,
            reaches_customers: reaches_customers(&policy),
            keepers: keepers(&policy),
            policy,
            roles: roles.into_iter().map(|r| r.key).collect(),
            user,
            groups,
            subject,
            started: found.started,
            expires: found.expires,
            source: found.source,
            factor: second_factor::standing(reads, found.user_id).await?,
            node: self.0.config.node.clone(),
            generation: found.generation,
        })
    }

    fn held(&self, key: &[u8; 32]) -> (u64, Option<Held>) {
        let mut cache = self.0.cache.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match cache.signals.try_recv() {
                Ok(signal) if signal.topic == TOPIC => cache.epoch += 1,
                Ok(_) => {}
                Err(broadcast::error::TryRecvError::Lagged(_)) => cache.epoch += 1,
                Err(_) => break,
            }
        }
        (cache.epoch, cache.held.get(key).cloned())
    }

    fn used(&self, key: &[u8; 32], now: Moment) {
        let mut cache = self.0.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = cache.held.get_mut(key) {
            held.used = held.used.max(now);
        }
    }

    fn hold(&self, key: [u8; 32], held: Held) {
        let mut cache = self.0.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.held.len() >= HELD {
            cache
                .held
                .retain(|_, h| h.checked.elapsed() < Duration::from_secs(60) || h.used > h.written);
        }
        cache.held.insert(key, held);
    }

    /// Not worth failing a request: the next one tries again.
    async fn write_seen(&self, signed_in: &SignedIn, now: Moment) -> Moment {
        let write = async {
            let mut tx = self.0.db.write().await?;
            store::execute!(&mut tx, SEEN, signed_in.session, now)?;
            tx.commit().await
        };
        match write.await {
            Ok(()) => now,
            Err(error) => {
                tracing::warn!(%error, session = %signed_in.session, "could not note that a session was used");
                Moment::MIN
            }
        }
    }

    /// Ends the session of this token. An unknown token is no error: it is signed out already.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let Ok(signed_in) = self.authenticate(token).await else {
            return Ok(());
        };
        let mut tx = self.0.db.write().await?;
        end(
            &mut tx,
            self.0.ambient.now(),
            &signed_in.actor(),
            signed_in.session,
        )
        .await?;
        tx.commit().await
    }

    /// Open sessions that the asker may see, the newest first; of one user, or of users whose name holds a text.
    pub async fn open_seen(
        &self,
        reads: &mut impl Reads,
        mask: &Mask,
        of: &OpenOf,
        page: &Page,
    ) -> Result<Paged<SessionRow>> {
        let nothing = Paged {
            items: Vec::new(),
            next: None,
            total: None,
        };
        if mask.is_empty() {
            return Ok(nothing);
        }
        let now = self.0.ambient.now();
        let mut built = Built::new(
            reads.kind(),
            "SELECT s.id, s.user_id, u.name AS user_name, s.started, s.seen, s.expires, s.address, s.client \
            FROM session AS s JOIN user_account AS u ON u.id = s.user_id WHERE s.ended IS NULL AND s.expires > ",
        );
        built.bind(now).push(" AND s.seen > ");
        built.bind(now - self.0.config.idle).push(" AND ");
        store::filter::push(&mut built, mask.rows(), &session_column)?;
        if let Some(user) = of.user {
            built.push(" AND s.user_id = ").bind(user);
        }
        if let Some(text) = of.text.as_deref().map(text::fold).filter(|t| !t.is_empty()) {
            mask.check_filter(Some(&Filter::equal("user", Operand::Null)), &[])?;
            built
                .push(" AND u.name_folded LIKE ")
                .bind(format!("%{text}%"));
        }
        if let Some(cursor) = &page.cursor {
            let before: SessionId = cursor
                .parse()
                .map_err(|_| Error::invalid("cursor", "cursor"))?;
            built.push(" AND s.id < ").bind(before);
        }
        built.push(" ORDER BY s.id DESC LIMIT ");
        built.bind(i64::from(page.limit()) + 1);
        let mut items: Vec<SessionRow> = built.fetch_all(reads).await?;
        let more = items.len() > page.limit() as usize;
        items.truncate(page.limit() as usize);
        let next = items.last().filter(|_| more).map(|s| s.id.to_string());
        Ok(Paged {
            items,
            next,
            total: None,
        })
    }

    /// One open session.
    pub async fn find_open(
        &self,
        reads: &mut impl Reads,
        id: SessionId,
    ) -> Result<Option<SessionRow>> {
        let now = self.0.ambient.now();
        store::fetch_optional!(
            reads,
            SessionRow,
            OPEN_ONE,
            now,
            now - self.0.config.idle,
            id
        )
    }

    /// Open sessions, the newest first.
    pub async fn open(&self, reads: &mut impl Reads, page: &Page) -> Result<Paged<SessionRow>> {
        let now = self.0.ambient.now();
        let before = match &page.cursor {
            Some(cursor) => cursor
                .parse()
                .map_err(|_| Error::invalid("cursor", "cursor"))?,
            None => Id::<ledger::Session>::new(uuid::Uuid::max()),
        };
        let limit = i64::from(page.limit());
        let idle = now - self.0.config.idle;
        let mut items = store::fetch_all!(reads, SessionRow, OPEN, now, idle, before, limit + 1)?;
        let more = items.len() > page.limit() as usize;
        items.truncate(page.limit() as usize);
        let next = items.last().filter(|_| more).map(|s| s.id.to_string());
        Ok(Paged {
            items,
            next,
            total: None,
        })
    }

    pub async fn open_of_user(
        &self,
        reads: &mut impl Reads,
        user: UserId,
    ) -> Result<Vec<SessionRow>> {
        let now = self.0.ambient.now();
        store::fetch_all!(
            reads,
            SessionRow,
            OPEN_OF_USER,
            now,
            now - self.0.config.idle,
            user
        )
    }
}

/// By what one comes near customers; who works on a process may touch the customer that it is about.
fn reaches_customers(policy: &Policy) -> bool {
    let entities = [
        "customer",
        "contact",
        "case",
        "interaction",
        "history",
        "import",
        "instance",
        "work_item",
    ];
    entities.iter().any(|entity| {
        Verb::ALL
            .iter()
            .any(|verb| !policy.mask(entity, *verb).is_empty())
    })
}

fn keepers(policy: &Policy) -> Option<Arc<store::Keepers>> {
    let whose = policy.whose("customer")?;
    let ids = |keys: &BTreeSet<String>| -> Vec<Uuid> {
        // A key that is no id is nobody's.
        keys.iter().filter_map(|key| key.parse().ok()).collect()
    };
    let (owners, units) = (ids(&whose.owners), ids(&whose.units));
    Some(Arc::new(store::Keepers::new(&owners, &units)))
}

/// Grows whenever who may do what has changed; a signal of this room alone says less (somebody signed out).
pub async fn generation(reads: &mut impl Reads) -> Result<i64> {
    let (number,) = store::fetch_one!(reads, (i64,), GENERATION)?;
    Ok(number)
}

/// Who a user is for the conditions of grants.
pub async fn subject_of(reads: &mut impl Reads, user: &User) -> Result<(Subject, Vec<GroupId>)> {
    let groups: Vec<GroupId> = store::fetch_all!(reads, (GroupId,), GROUPS, user.id)?
        .into_iter()
        .map(|(id,)| id)
        .collect();
    let below = match user.unit {
        Some(unit) => units::below(reads, unit).await?,
        None => Vec::new(),
    };
    let subject = Subject {
        user: user.id.to_string(),
        unit: user.unit.map(|u| u.to_string()),
        unit_and_below: below.iter().map(ToString::to_string).collect(),
        groups: groups.iter().map(ToString::to_string).collect(),
    };
    Ok((subject, groups))
}

/// All roles that a user holds, by oneself and through groups.
pub async fn roles_of(reads: &mut impl Reads, user: UserId) -> Result<Vec<access::Role>> {
    let rows = store::fetch_all!(reads, (String, Json<Vec<access::Grant>>), ROLES, user)?;
    Ok(rows
        .into_iter()
        .map(|(key, Json(grants))| access::Role { key, grants })
        .collect())
}

/// Begins a session and gives its token: the only time it is seen.
pub(crate) async fn begin(
    tx: &mut Tx,
    ambient: &Ambient,
    config: &SessionsConfig,
    user: UserId,
    address: Option<&str>,
    client: Option<&str>,
    source: Source,
) -> Result<(SessionId, String)> {
    let (id, now) = (ambient.id(), ambient.now());
    let token = BASE64.encode(ambient.random::<32>());
    let hash = token_hash(&token).to_vec();
    store::execute!(
        tx,
        BEGIN,
        id,
        hash,
        user,
        now,
        now + config.absolute,
        address,
        client,
        source
    )?;
    Ok((id, token))
}

/// Ends one session, one's own or another's.
pub async fn end(tx: &mut Tx, now: Moment, actor: &Actor, session: SessionId) -> Result<()> {
    if store::execute!(tx, END, session, now)? > 0 {
        tx.signal(TOPIC, "");
        audit::record(
            tx,
            now,
            actor,
            Entry::new("session.end", "directory", "session").of(session),
        );
    }
    Ok(())
}

/// Ends all sessions of a user but one, without an entry of its own: it is part of something greater.
pub(crate) async fn end_all(
    tx: &mut Tx,
    now: Moment,
    user: UserId,
    but: Option<SessionId>,
) -> Result<u64> {
    let but = but.unwrap_or(Id::new(uuid::Uuid::nil()));
    let ended = store::execute!(tx, END_ALL, user, now, but)?;
    if ended > 0 {
        tx.signal(TOPIC, "");
    }
    Ok(ended)
}

/// Signs a user out everywhere; `but` stays. Tells how many sessions ended.
pub async fn end_everywhere(
    tx: &mut Tx,
    now: Moment,
    actor: &Actor,
    user: UserId,
    but: Option<SessionId>,
) -> Result<u64> {
    let ended = end_all(tx, now, user, but).await?;
    if ended > 0 {
        let entry = Entry::new("session.end_all", "directory", "user")
            .of(user)
            .note(ended.to_string());
        audit::record(tx, now, actor, entry);
    }
    Ok(ended)
}

/// Deletes sessions that ended long ago. The trail keeps what was done in them.
pub async fn purge(tx: &mut Tx, before: Moment) -> Result<u64> {
    store::execute!(tx, PURGE, before)
}
