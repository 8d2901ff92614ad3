//! Sign-in through an identity provider.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use kernel::{Code, Error, Result, Span};

use crate::outside;
use crate::outside::oidc::{Attempt, Oidc, Redeemed};
use crate::session::{Sessions, Source, token_hash};
use crate::sign_in::Entered;

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
    pub(crate) fn oidc(&self) -> Result<&Oidc> {
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
            Ok(Redeemed { found, token }) => {
                let creates = config.create_users;
                outside::admit(&mut tx, &self.0.ambient, &found, &config.groups, creates)
                    .await
                    .map(|user| (user, found.subject, token))
            }
            Err(error) => Err(error),
        };
        match admitted {
            Ok((user, subject, token)) => {
                let entered = self
                    .enter_in(&mut tx, user, Source::Oidc, address, client)
                    .await?;
                self.keep_asking(&mut tx, entered.session, &subject, token)
                    .await?;
                tx.commit().await?;
                Ok(entered)
            }
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

    /// Whether people come in through another directory too.
    pub fn has_directory(&self) -> bool {
        self.0.config.ldap.is_some() || self.0.config.oidc.is_some()
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
