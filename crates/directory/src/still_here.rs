//! Whether those who came in through another directory may still be here: who was disabled there is signed out here
//! within a minute.

use std::collections::HashSet;

use futures::StreamExt;
use kernel::{Moment, Result, Span};
use ledger::Actor;
use store::Tx;

use crate::outside::oidc::Standing;
use crate::outside::{self, ldap};
use crate::session::{self, Sessions};
use crate::{SessionId, UserId, users};

/// An identity provider is asked about a session so often.
const ASK_AGAIN: Span = Span::from_secs(30);
/// So many sessions at one look, so many at once.
const MOST: i64 = 2_000;
const AT_ONCE: usize = 8;

store::statements! {
    KEEP = "INSERT INTO session_provider (session_id, subject, token, checked) VALUES ($1, $2, $3, $4)";
    DUE = "SELECT p.session_id, p.subject, p.token, p.checked, s.user_id FROM session_provider AS p \
        JOIN session AS s ON s.id = p.session_id \
        WHERE p.checked <= $1 AND s.ended IS NULL AND s.expires > $2 ORDER BY p.checked LIMIT $3";
    /// Of several nodes one asks: a token that is used twice is a stolen one to the provider.
    CLAIM = "UPDATE session_provider SET checked = $3 WHERE session_id = $1 AND checked = $2";
    RENEW = "UPDATE session_provider SET token = $2 WHERE session_id = $1";
    FORGET = "DELETE FROM session_provider WHERE session_id IN \
        (SELECT s.id FROM session AS s WHERE s.ended IS NOT NULL OR s.expires <= $1)";
}

#[derive(sqlx::FromRow)]
struct Due {
    session_id: SessionId,
    subject: String,
    token: Vec<u8>,
    checked: Moment,
    user_id: UserId,
}

/// What a token is sealed for.
fn place(session: SessionId) -> String {
    format!("session_provider/{session}")
}

impl Sessions {
    /// Looks once. Gives how many people or sessions were signed out. A directory or a provider that does not answer signs
    /// nobody out.
    pub async fn look_elsewhere(&self) -> Result<u64> {
        let there = self.look_at_provider().await;
        Ok(self.look_in_directory().await? + there?)
    }

    fn looking(&self) -> Actor {
        Actor::system("directory").on_node(&*self.0.config.node)
    }

    /// Who is gone or disabled in LDAP is signed out everywhere; who changed groups there changes them here.
    async fn look_in_directory(&self) -> Result<u64> {
        let Some(directory) = &self.0.config.ldap else {
            return Ok(0);
        };
        let now = self.0.ambient.now();
        let here = outside::here(&mut self.0.db.read().await?, ldap::PROVIDER, now).await?;
        let mut ended = 0;
        let mut looked = 0_usize;
        let mut failed = None;
        let mut seen = HashSet::new();
        for (subject, id) in here.into_iter().filter(|(_, id)| seen.insert(*id)) {
            // One person about whom the directory does not answer is looked at again next time; who comes after is looked at now.
            match self.look_at_person(directory, &subject, id, now).await {
                Ok(gone) => {
                    looked += 1;
                    ended += u64::from(gone);
                }
                Err(error) => {
                    tracing::warn!(%error, user = %id, "the directory could not be asked about somebody who came from it");
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) if looked == 0 => Err(error),
            _ => Ok(ended),
        }
    }

    /// Whether this person was signed out.
    async fn look_at_person(
        &self,
        directory: &ldap::Ldap,
        subject: &str,
        id: UserId,
        now: Moment,
    ) -> Result<bool> {
        let found = directory.find_again(subject).await?;
        let mut tx = self.0.db.write().await?;
        let actor = self.looking();
        let mut gone = false;
        match found {
            None => gone = session::end_everywhere(&mut tx, now, &actor, id, None).await? > 0,
            Some(found) => {
                if let Some(user) = users::find(&mut tx, id).await? {
                    let map = &directory.config().groups;
                    outside::follow(&mut tx, &self.0.ambient, &actor, user, &found, map).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(gone)
    }

    /// Keeps by what the provider is asked again. Without it a session lasts as long as sessions do.
    pub(crate) async fn keep_asking(
        &self,
        tx: &mut Tx,
        session: SessionId,
        subject: &str,
        token: Option<String>,
    ) -> Result<()> {
        let (Some(token), Some(vault)) = (token, &self.0.config.vault) else {
            tracing::warn!(
                "the identity provider gave no refresh token (or there is no key for secrets): who is disabled there is not noticed here"
            );
            return Ok(());
        };
        let sealed = vault.seal(&self.0.ambient, &place(session), token.as_bytes())?;
        store::execute!(tx, KEEP, session, subject, sealed, self.0.ambient.now())?;
        Ok(())
    }

    /// Asks the provider about every session that has not been asked about of late.
    async fn look_at_provider(&self) -> Result<u64> {
        if self.0.config.oidc.is_none() {
            return Ok(0);
        }
        let now = self.0.ambient.now();
        let mut tx = self.0.db.write_unflushed().await?;
        store::execute!(&mut tx, FORGET, now)?;
        tx.commit().await?;
        let due = {
            let mut reads = self.0.db.read().await?;
            store::fetch_all!(&mut reads, Due, DUE, now - ASK_AGAIN, now, MOST)?
        };
        let asked: Vec<Result<bool>> = futures::stream::iter(due)
            .map(|due| self.ask_about(due))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut ended = 0;
        let mut failed = None;
        for one in asked {
            match one {
                Ok(gone) => ended += u64::from(gone),
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(ended), Err)
    }

    /// Whether the session was ended.
    async fn ask_about(&self, due: Due) -> Result<bool> {
        let (oidc, vault) = (self.oidc()?, self.vault()?);
        let now = self.0.ambient.now();
        let token = String::from_utf8(vault.open(&place(due.session_id), &due.token)?)
            .map_err(kernel::Error::internal)?;
        let mut tx = self.0.db.write().await?;
        let mine = store::execute!(&mut tx, CLAIM, due.session_id, due.checked, now)? > 0;
        tx.commit().await?;
        if !mine {
            return Ok(false);
        }
        let standing = oidc.renew(&token, &due.subject, now).await?;
        let mut tx = self.0.db.write().await?;
        let actor = self.looking();
        let gone = match standing {
            Standing::Gone => {
                session::end(&mut tx, now, &actor, due.session_id).await?;
                Ok(true)
            }
            Standing::Here { found, token } => {
                if let Some(token) = token {
                    let sealed =
                        vault.seal(&self.0.ambient, &place(due.session_id), token.as_bytes())?;
                    store::execute!(&mut tx, RENEW, due.session_id, sealed)?;
                }
                if let Ok(Some(found)) = &found
                    && let Some(user) = users::find(&mut tx, due.user_id).await?
                {
                    let map = &oidc.config().groups;
                    outside::follow(&mut tx, &self.0.ambient, &actor, user, found, map).await?;
                }
                found.map(|_| false)
            }
        };
        tx.commit().await?;
        gone
    }
}
