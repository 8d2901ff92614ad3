//! Sign-in through an identity provider, and the look at who was disabled elsewhere.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use kernel::{Code, Error, Result, Span};
use ledger::Actor;

use crate::outside::oidc::{Attempt, Oidc};
use crate::outside::{self, ldap};
use crate::session::{self, Sessions, Source, token_hash};
use crate::sign_in::Entered;
use crate::users;

/// How long somebody may take at the provider.
const ATTEMPT: Span = Span::from_minutes(10);

/// A sign-in begun: where the browser goes, and what only the client that began it has.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    pub address: String,
    pub attempt: String,
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Begun")
    }
}

store::statements! {
    BEGIN = "INSERT INTO sign_in_attempt (key, state, nonce, verifier, redirect, created) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Whoever takes it has it alone: a code and an attempt serve once.
    TAKE = "DELETE FROM sign_in_attempt WHERE key = $1 AND created > $2 RETURNING state, nonce, verifier, redirect";
    PURGE = "DELETE FROM sign_in_attempt WHERE created < $1";
}

impl Sessions {
    fn oidc(&self) -> Result<&Oidc> {
        let missing = || Error::new(Code::WrongState).with("state", "no_provider");
        self.0.config.oidc.as_ref().ok_or_else(missing)
    }

    /// Begins a sign-in through the identity provider. `redirect`: where the browser comes back to; absent: our page.
    pub async fn begin_elsewhere(&self, redirect: Option<&str>) -> Result<Begun> {
        let oidc = self.oidc()?;
        let redirect = match redirect {
            Some(address) if oidc.may_return(address) => address.to_owned(),
            Some(_) => return Err(Error::invalid("redirect", "redirect_form")),
            None => oidc.return_address(),
        };
        let ambient = &self.0.ambient;
        let random = || BASE64.encode(ambient.random::<32>());
        let (attempt, now) = (random(), ambient.now());
        let kept = Attempt {
            state: random(),
            nonce: random(),
            verifier: random(),
            redirect,
        };
        let address = oidc.address(&kept).await?;
        let mut tx = self.0.db.write().await?;
        store::execute!(&mut tx, PURGE, now - ATTEMPT)?;
        store::execute!(
            &mut tx,
            BEGIN,
            token_hash(&attempt).to_vec(),
            &kept.state,
            &kept.nonce,
            &kept.verifier,
            &kept.redirect,
            now
        )?;
        tx.commit().await?;
        Ok(Begun { address, attempt })
    }

    /// Ends it: whoever began it, with what the provider sent back. Error: `wrong_credentials` for everything that is not
    /// as it should be.
    pub async fn finish_elsewhere(
        &self,
        attempt: &str,
        state: &str,
        code: &str,
        address: Option<&str>,
        client: Option<&str>,
    ) -> Result<Entered> {
        let oidc = self.oidc()?;
        let now = self.0.ambient.now();
        let mut tx = self.0.db.write().await?;
        let key = token_hash(attempt).to_vec();
        let kept = store::fetch_optional!(&mut tx, Attempt, TAKE, key, now - ATTEMPT)?;
        tx.commit().await?;
        let found = match kept.filter(|kept| kept.state == state) {
            Some(kept) => oidc.redeem(&kept, code, now).await,
            None => Err(Error::new(Code::WrongCredentials)),
        };
        let mut tx = self.0.db.write().await?;
        let config = oidc.config();
        let admitted = match found {
            Ok(found) => {
                let creates = config.create_users;
                outside::admit(&mut tx, &self.0.ambient, &found, &config.groups, creates).await
            }
            Err(error) => Err(error),
        };
        match admitted {
            Ok(user) => self.enter(tx, user, Source::Oidc, address, client).await,
            Err(error) => {
                if error.code() == Code::WrongCredentials {
                    // What admitting may have written is not kept.
                    tx.rollback().await?;
                    let mut tx = self.0.db.write().await?;
                    self.refuse(&mut tx, now, None, address);
                    tx.commit().await?;
                }
                Err(error)
            }
        }
    }

    /// Looks whether those who came in through LDAP may still be here: who is gone or disabled there is signed out
    /// everywhere; who changed groups there changes them here. Gives how many were signed out. A directory that does not
    /// answer signs nobody out.
    pub async fn look_elsewhere(&self) -> Result<u64> {
        let Some(directory) = &self.0.config.ldap else {
            return Ok(0);
        };
        let now = self.0.ambient.now();
        let here = outside::here(&mut self.0.db.read().await?, ldap::PROVIDER, now).await?;
        let mut ended = 0;
        let mut seen = HashSet::new();
        for (subject, id) in here.into_iter().filter(|(_, id)| seen.insert(*id)) {
            let found = directory.find_again(&subject).await?;
            let mut tx = self.0.db.write().await?;
            let actor = Actor::system("directory").on_node(&*self.0.config.node);
            match found {
                None => {
                    if session::end_everywhere(&mut tx, now, &actor, id, None).await? > 0 {
                        ended += 1;
                    }
                }
                Some(found) => {
                    if let Some(user) = users::find(&mut tx, id).await? {
                        let map = &directory.config().groups;
                        outside::follow(&mut tx, &self.0.ambient, &actor, user, &found, map)
                            .await?;
                    }
                }
            }
            tx.commit().await?;
        }
        Ok(ended)
    }

    /// Whether a login may be given to a new user: yes, unless the directory is to know every login and does not know
    /// this one (row S-03).
    pub async fn check_login(&self, login: &str) -> Result<()> {
        match &self.0.config.ldap {
            Some(ldap) if ldap.config().only_known_logins => match ldap.find(login).await? {
                Some(_) => Ok(()),
                None => Err(Error::invalid("login", "login_unknown_in_directory")),
            },
            _ => Ok(()),
        }
    }

    /// Whether people come in through LDAP too.
    pub fn has_directory(&self) -> bool {
        self.0.config.ldap.is_some()
    }

    /// What the button of the identity provider says, where there is one.
    pub fn provider_label(&self) -> Option<&str> {
        self.0
            .config
            .oidc
            .as_ref()
            .map(|oidc| &*oidc.config().label)
    }

    /// Whether second factors can be enrolled here, and with what their secrets are sealed.
    pub fn vault(&self) -> Result<&store::Vault> {
        self.0
            .config
            .vault
            .as_ref()
            .ok_or_else(|| Error::internal("there is no key for secrets"))
    }
}
