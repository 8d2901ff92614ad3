//! Sign-in with login and password, ours or the directory's, and the second factor.
//!
//! An unknown user and a wrong password are answered alike, after the same work: the same statements, the same stretching.
//! Tries are counted before the password is looked at, in the database, so that neither many nodes nor many requests at
//! once give a guesser more than the configuration says.

use std::collections::HashMap;

use kernel::{Code, Error, FieldProblem, Moment, Result, Span};
use ledger::Actor;
use ledger::audit::{self, Entry, Outcome};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use store::{Reads, Tx};

use crate::outside::{self, Found, GroupMap, ldap::Ldap};
use crate::second_factor::{self, Presented};
use crate::session::{self, Sessions, SignedIn, Source};
use crate::{PasswordHash, SessionId, User, UserId, users};

/// What somebody signs in with.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    pub login: String,
    pub password: String,
    /// Of the second factor: from the device, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
    /// Where the request comes from; the proxy's word counts only if the service trusts the proxy.
    #[serde(skip)]
    pub address: Option<String>,
    /// What the client calls itself, shortened to 200 characters.
    #[serde(skip)]
    pub client: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// A session begun.
#[derive(Clone, Debug)]
pub struct Entered {
    pub session: SessionId,
    /// For the client alone. 43 characters.
    pub token: String,
    pub user: User,
}

/// Somebody whose login had too many wrong passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedOut {
    pub user: UserId,
    pub login: String,
    pub name: String,
    pub tries: i64,
    pub until: Moment,
}

store::statements! {
    /// One more try; a window that is over begins anew.
    TRY = "INSERT INTO sign_in_tries (key, tries, since) VALUES ($1, 1, $2) \
        ON CONFLICT (key) DO UPDATE SET \
            tries = CASE WHEN sign_in_tries.since <= $3 THEN 1 ELSE sign_in_tries.tries + 1 END, \
            since = CASE WHEN sign_in_tries.since <= $3 THEN excluded.since ELSE sign_in_tries.since END \
        RETURNING tries, since";
    FORGET = "DELETE FROM sign_in_tries WHERE key = $1";
    /// A right password was no guess.
    TAKE_BACK = "UPDATE sign_in_tries SET tries = tries - 1 WHERE key = $1 AND tries > 0";
    LOOK = "SELECT tries, since FROM sign_in_tries WHERE key = $1";
    LOCKED = "SELECT key, tries, since FROM sign_in_tries WHERE tries >= $1 AND since > $2";
    PURGE = "DELETE FROM sign_in_tries WHERE since < $1";
}

/// What is counted: its key in the table.
fn login_key(login: &str) -> Vec<u8> {
    Sha256::new_with_prefix(b"login\0")
        .chain_update(users::fold_login(login))
        .finalize()
        .to_vec()
}
fn address_key(address: &str) -> Vec<u8> {
    Sha256::new_with_prefix(b"address\0")
        .chain_update(address)
        .finalize()
        .to_vec()
}

/// Whom the first factor has shown.
enum Shown {
    /// Our own password, with the hash that was looked at.
    Own(UserId, Option<String>),
    There(Found),
    /// The user whose password was wrong, where there is one.
    Nobody(Option<User>),
}

impl Sessions {
    /// Errors: `wrong_credentials`; `second_factor_required` and `first_password_over`, said only to who has the right password; `throttled` with the
    /// seconds to wait, whether or not there is such a user; `directory_unavailable`.
    pub async fn sign_in(&self, credentials: Credentials) -> Result<Entered> {
        self.count_try(&credentials.login, credentials.address.as_deref())
            .await?;
        let shown = self
            .first_factor(&credentials.login, &credentials.password)
            .await?;
        let (now, address) = (self.0.ambient.now(), credentials.address.as_deref());
        let mut tx = self.0.db.write().await?;
        // Made inactive, or given another password, while we stretched: read again inside the transaction.
        let entered = match shown {
            Shown::Own(id, hash) if users::password(&mut tx, id).await? == hash => {
                let user = users::find(&mut tx, id).await?.filter(|user| user.active);
                user.map(|user| (user, Source::Password)).ok_or(None)
            }
            Shown::Own(..) => Err(None),
            Shown::Nobody(user) => Err(user),
            Shown::There(found) => {
                let config = self.0.config.ldap.as_ref().map(Ldap::config);
                let empty = GroupMap::new();
                let (map, creates) =
                    config.map_or((&empty, false), |c| (&c.groups, c.create_users));
                match outside::admit(&mut tx, &self.0.ambient, &found, map, creates).await {
                    Ok(user) => Ok((user, Source::Ldap)),
                    Err(error) if error.code() == Code::WrongCredentials => Err(None),
                    Err(error) => return Err(error),
                }
            }
        };
        let (user, source) = match entered {
            Ok(entered) => entered,
            Err(user) => {
                self.refuse(&mut tx, now, user.as_ref(), address);
                tx.commit().await?;
                return Err(Error::new(Code::WrongCredentials));
            }
        };
        let vault = self.0.config.vault.as_ref();
        let typed = credentials.code.as_deref();
        match second_factor::present(&mut tx, vault, now, user.id, typed).await? {
            Presented::NotAsked | Presented::Right => {}
            Presented::Missing => {
                // What the directory told of the user is kept.
                tx.commit().await?;
                return Err(Error::new(Code::SecondFactorRequired));
            }
            Presented::Wrong => {
                self.refuse(&mut tx, now, Some(&user), address);
                tx.commit().await?;
                let problem = FieldProblem::new("code", "second_factor_wrong");
                return Err(Error::new(Code::SecondFactorRequired).field(problem));
            }
        }
        if matches!(source, Source::Password)
            && users::first_password_is_over(&mut tx, user.id, now).await?
        {
            self.refuse(&mut tx, now, Some(&user), address);
            tx.commit().await?;
            return Err(
                Error::new(Code::FirstPasswordOver).with("days", users::FIRST_PASSWORD_DAYS)
            );
        }
        store::execute!(&mut tx, FORGET, login_key(&credentials.login))?;
        if let Some(address) = address {
            store::execute!(&mut tx, TAKE_BACK, address_key(address))?;
        }
        self.enter(tx, user, source, address, credentials.client.as_deref())
            .await
    }

    /// Begins the session of whoever has shown who they are, and says so in the trail.
    pub(crate) async fn enter(
        &self,
        mut tx: Tx,
        user: User,
        source: Source,
        address: Option<&str>,
        client: Option<&str>,
    ) -> Result<Entered> {
        let entered = self
            .enter_in(&mut tx, user, source, address, client)
            .await?;
        tx.commit().await?;
        Ok(entered)
    }

    pub(crate) async fn enter_in(
        &self,
        tx: &mut Tx,
        user: User,
        source: Source,
        address: Option<&str>,
        client: Option<&str>,
    ) -> Result<Entered> {
        let client: Option<String> =
            client.map(|c| c.chars().filter(|c| !c.is_control()).take(200).collect());
        let (session, token) = session::begin(
            tx,
            &self.0.ambient,
            &self.0.config,
            user.id,
            address,
            client.as_deref(),
            source,
        )
        .await?;
        let roles: Vec<_> = session::roles_of(tx, user.id)
            .await?
            .into_iter()
            .map(|r| r.key)
            .collect();
        let actor = Actor::person(user.id, &*user.name)
            .with_role(roles.join(", "))
            .with_session(session)
            .on_node(&*self.0.config.node);
        let mut entry = Entry::new("session.begin", "directory", "session").of(session);
        entry.note = address.map(str::to_owned);
        audit::record(tx, self.0.ambient.now(), &actor, entry);
        Ok(Entered {
            session,
            token,
            user,
        })
    }

    /// A password of our own is asked first; who has none here may have one in the directory.
    async fn first_factor(&self, login: &str, password: &str) -> Result<Shown> {
        // No login has one, and PostgreSQL cannot even be asked for it: it goes the way of an unknown user.
        let login = if login.contains('\0') { "" } else { login };
        let (user, hash) = {
            let mut reads = self.0.db.read().await?;
            let user = users::find_by_login(&mut reads, login).await?;
            // Asked for either way: a missing user must not save a statement.
            let id = user
                .as_ref()
                .map_or(UserId::new(uuid::Uuid::nil()), |u| u.id);
            (user, users::password(&mut reads, id).await?)
        };
        if let Some(ldap) = &self.0.config.ldap
            && hash.is_none()
        {
            return Ok(match ldap.verify(login, password).await? {
                Some(found) => Shown::There(found),
                None => Shown::Nobody(user),
            });
        }
        let right = self.0.passwords.is_right(password, hash.clone()).await?;
        Ok(match user {
            Some(user) if right => Shown::Own(user.id, hash),
            other => Shown::Nobody(other),
        })
    }

    /// The trail names the user where there is one, never what was typed: it may have been the password.
    pub(crate) fn refuse(
        &self,
        tx: &mut Tx,
        now: Moment,
        user: Option<&User>,
        address: Option<&str>,
    ) {
        let actor = Actor::external(address.unwrap_or_default()).on_node(&*self.0.config.node);
        let mut entry = Entry::new("session.refuse", "directory", "user").ended(Outcome::Refused);
        entry.entity_id = user.map(|u| u.id.to_string());
        entry.note = user.map(|u| u.login.clone());
        audit::record(tx, now, &actor, entry);
    }

    /// Counts this try before it is made.
    pub(crate) async fn count_try(&self, login: &str, address: Option<&str>) -> Result<()> {
        let (now, config) = (self.0.ambient.now(), &self.0.config);
        let mut tx = self.0.db.write().await?;
        let mut wait = None;
        let mut counted = vec![(
            login_key(login),
            config.tries_per_login,
            config.login_window,
        )];
        if let Some(address) = address {
            counted.push((
                address_key(address),
                config.tries_per_address,
                config.address_window,
            ));
        }
        for (key, limit, window) in counted {
            let (tries, since) =
                store::fetch_one!(&mut tx, (i64, Moment), TRY, key, now, now - window)?;
            if tries > limit {
                wait = wait.max(Some((since + window).since(now)));
            }
            // Once per window: who is turned away a thousand times is one event.
            if tries == limit + 1 {
                let actor = Actor::external(address.unwrap_or_default()).on_node(&*config.node);
                let entry =
                    Entry::new("session.throttle", "directory", "session").ended(Outcome::Refused);
                audit::record(&mut tx, now, &actor, entry);
            }
        }
        tx.commit().await?;
        match wait {
            None => Ok(()),
            Some(wait) => Err(Error::new(Code::Throttled).with("seconds", seconds(wait))),
        }
    }

    /// How long this login is locked out; `None` if it is not.
    pub async fn locked_out(&self, reads: &mut impl Reads, login: &str) -> Result<Option<Span>> {
        let (now, config) = (self.0.ambient.now(), &self.0.config);
        let row = store::fetch_optional!(reads, (i64, Moment), LOOK, login_key(login))?;
        Ok(row
            .filter(|(tries, since)| {
                *tries >= config.tries_per_login && now < *since + config.login_window
            })
            .map(|(_, since)| (since + config.login_window).since(now)))
    }

    /// Who is locked out now. Tries are counted under hashes, so that whoever reads the table learns no logins: the users'
    /// logins are hashed to find them, and only when somebody is locked out at all.
    pub async fn locked_out_now(&self, reads: &mut impl Reads) -> Result<Vec<LockedOut>> {
        let (now, config) = (self.0.ambient.now(), &self.0.config);
        let counted = store::fetch_all!(
            reads,
            (Vec<u8>, i64, Moment),
            LOCKED,
            config.tries_per_login,
            now - config.login_window
        )?;
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        let counted: HashMap<Vec<u8>, (i64, Moment)> = counted
            .into_iter()
            .map(|(key, tries, since)| (key, (tries, since)))
            .collect();
        let locked = users::logins(reads)
            .await?
            .into_iter()
            .filter_map(|(user, login, name)| {
                let (tries, since) = counted.get(&login_key(&login))?;
                Some(LockedOut {
                    user,
                    login,
                    name,
                    tries: *tries,
                    until: *since + config.login_window,
                })
            });
        Ok(locked.collect())
    }

    /// The user's own change. The present password is asked for again, and guessing it is counted like signing in. All other
    /// sessions of the user end.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        present: &str,
        wanted: &str,
    ) -> Result<()> {
        let user = &signed_in.user;
        if signed_in.source != Source::Password {
            return Err(Error::new(Code::WrongState).with("state", "password_elsewhere"));
        }
        self.confirm_password(signed_in, present, "present").await?;
        if present == wanted {
            return Err(Error::invalid("password", "password_same"));
        }
        let hash = self.prepare(wanted, user).await?;
        let mut tx = self.0.db.write().await?;
        store::execute!(&mut tx, FORGET, login_key(&user.login))?;
        users::change_own_password(&mut tx, &self.0.ambient, &signed_in.actor(), user.id, &hash)
            .await?;
        tx.commit().await
    }

    /// Whether it is this person who sits there still: the password, once more. Counted like signing in. Error: `invalid`
    /// for this field.
    pub async fn confirm_password(
        &self,
        signed_in: &SignedIn,
        password: &str,
        field: &'static str,
    ) -> Result<()> {
        let login = &signed_in.user.login;
        self.count_try(login, None).await?;
        let right = match self.first_factor(login, password).await? {
            Shown::Own(id, _) => id == signed_in.user.id,
            Shown::There(found) => found.login.eq_ignore_ascii_case(login),
            Shown::Nobody(_) => false,
        };
        if !right {
            return Err(Error::invalid(field, "wrong_password"));
        }
        let mut tx = self.0.db.write().await?;
        store::execute!(&mut tx, FORGET, login_key(login))?;
        tx.commit().await
    }

    /// Counts a try to show a code, against guessing it from within a session.
    pub async fn count_code(&self, signed_in: &SignedIn) -> Result<()> {
        self.count_try(&signed_in.user.login, None).await
    }

    /// Checks a password against the rules and what everybody knows of the user, and stretches it.
    pub async fn prepare(&self, password: &str, user: &User) -> Result<PasswordHash> {
        self.0
            .passwords
            .prepare(&self.0.ambient, password, &[&user.login, &user.name])
            .await
    }
}

/// Whole seconds, rounded up: who waits so long is let in.
fn seconds(wait: Span) -> i64 {
    (wait.as_micros() + 999_999) / 1_000_000
}

/// Releases a lock-out: the login may be tried again at once.
pub async fn release(tx: &mut Tx, now: Moment, actor: &Actor, user: &User) -> Result<()> {
    if store::execute!(tx, FORGET, login_key(&user.login))? > 0 {
        audit::record(
            tx,
            now,
            actor,
            Entry::new("user.release", "directory", "user").of(user.id),
        );
    }
    Ok(())
}

/// Forgets counts whose windows are long over.
pub async fn purge(tx: &mut Tx, before: Moment) -> Result<u64> {
    store::execute!(tx, PURGE, before)
}
