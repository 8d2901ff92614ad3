//! The second factor: time-based codes from a person's device, and recovery codes for the day it is lost (row S-06).
//!
//! **Enrolment** is two steps: [`begin`] makes a secret and shows it, [`confirm`] wants a code that proves the device has
//! it; only then does sign-in ask. **At sign-in** [`present`] takes a code of the device or a recovery code: each opens
//! once, within the transaction that begins the session, so that of two who bring the same code one is refused. Tries are
//! counted with those of the password.
//!
//! **By policy**: holders of the roles named in [`set_required_roles`] may do nothing else before they have enrolled
//! ([`Standing::must_enrol`]). Who comes through OpenID Connect is the identity provider's to ask for a second factor.
//!
//! Secrets are sealed for their user ([`store::Vault`]); recovery codes are kept as hashes of 80 random bits.

mod code;

use kernel::{Ambient, Code, Error, Moment, Result};
use ledger::Actor;
use ledger::audit::{self, Entry};
use sha2::{Digest, Sha256};
use store::{Reads, Tx, Vault};

use crate::common::changed_access;
use crate::session::{self, SignedIn};
use crate::{RoleId, UserId};

pub use code::Picture;

/// What the picture calls the installation.
const ISSUER: &str = "Engage";
const RECOVERY_CODES: usize = 10;
/// Bytes of one recovery code: 80 bits, 16 letters.
const RECOVERY: usize = 10;

/// A user's second factor, as the user and administrators see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when sign-in asks for codes.
    pub enrolled: Option<Moment>,
    /// A role asks for it.
    pub required: bool,
    /// Recovery codes not yet used.
    pub recovery_left: i64,
}

impl Standing {
    pub fn must_enrol(&self) -> bool {
        self.required && self.enrolled.is_none()
    }
}

/// What somebody enrols with; shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// To be typed where nothing can be photographed: base 32 in groups of four.
    pub secret: String,
    pub uri: String,
    pub picture: Picture,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment")
    }
}

/// What came of the code that was brought to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// This user has no second factor.
    NotAsked,
    Right,
    /// There was none.
    Missing,
    /// Wrong, or used before.
    Wrong,
}

#[derive(sqlx::FromRow)]
struct Kept {
    secret: Vec<u8>,
    confirmed: Option<Moment>,
    last_step: i64,
}

store::statements! {
    FIND = "SELECT secret, confirmed, last_step FROM second_factor WHERE user_id = $1";
    /// A pending one is replaced; one that counts is not.
    BEGIN = "INSERT INTO second_factor (user_id, secret, confirmed, last_step, created) VALUES ($1, $2, NULL, 0, $3) \
        ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created = excluded.created, last_step = 0 \
        WHERE second_factor.confirmed IS NULL";
    CONFIRM = "UPDATE second_factor SET confirmed = $2, last_step = $3 WHERE user_id = $1 AND confirmed IS NULL";
    /// Of two who bring the same code at once, one finds the step taken.
    SPEND = "UPDATE second_factor SET last_step = $2 WHERE user_id = $1 AND last_step < $2 AND confirmed IS NOT NULL";
    REMOVE = "DELETE FROM second_factor WHERE user_id = $1";
    DROP_RECOVERY = "DELETE FROM recovery_code WHERE user_id = $1";
    ADD_RECOVERY = "INSERT INTO recovery_code (user_id, code) VALUES ($1, $2)";
    SPEND_RECOVERY = "DELETE FROM recovery_code WHERE user_id = $1 AND code = $2";
    ENROLLED = "SELECT confirmed FROM second_factor WHERE user_id = $1";
    LEFT = "SELECT COUNT(*) FROM recovery_code WHERE user_id = $1";
    REQUIRED = "SELECT EXISTS (SELECT 1 FROM second_factor_role AS f WHERE f.role_id IN (\
        SELECT role_id FROM role_user WHERE user_id = $1 \
        UNION SELECT h.role_id FROM role_group AS h JOIN group_member AS m ON m.group_id = h.group_id \
        WHERE m.user_id = $1))";
    REQUIRED_ROLES = "SELECT r.key FROM second_factor_role AS f JOIN role AS r ON r.id = f.role_id ORDER BY r.key";
    DROP_REQUIRED = "DELETE FROM second_factor_role";
    REQUIRE = "INSERT INTO second_factor_role (role_id) SELECT id FROM role WHERE id = $1 ON CONFLICT DO NOTHING";
    ANY_SECRET = "SELECT user_id, secret FROM second_factor LIMIT 1";
}

/// Where a user's secret may be opened.
fn place(user: UserId) -> String {
    format!("second_factor {user}")
}

pub async fn standing(reads: &mut impl Reads, user: UserId) -> Result<Standing> {
    let enrolled = store::fetch_optional!(reads, (Option<Moment>,), ENROLLED, user)?;
    let (required,) = store::fetch_one!(reads, (bool,), REQUIRED, user)?;
    let (recovery_left,) = store::fetch_one!(reads, (i64,), LEFT, user)?;
    Ok(Standing {
        enrolled: enrolled.and_then(|(confirmed,)| confirmed),
        required,
        recovery_left,
    })
}

/// Makes a secret for a device. Error: `wrong_state` where one counts already.
pub async fn begin(
    tx: &mut Tx,
    ambient: &Ambient,
    vault: &Vault,
    signed_in: &SignedIn,
) -> Result<Enrolment> {
    let user = &signed_in.user;
    let secret = ambient.random::<{ code::SECRET }>();
    let sealed = vault.seal(ambient, &place(user.id), &secret)?;
    if store::execute!(tx, BEGIN, user.id, sealed, ambient.now())? == 0 {
        return Err(Error::new(Code::WrongState).with("state", "enrolled"));
    }
    let uri = code::uri(&secret, ISSUER, &user.login);
    let picture =
        code::picture(&uri).ok_or_else(|| Error::internal("the key's address fits no QR code"))?;
    Ok(Enrolment {
        secret: grouped(&code::base32(&secret)),
        uri,
        picture,
    })
}

/// The device shows the right code: from now on sign-in asks. Gives the recovery codes, the only time they are seen.
pub async fn confirm(
    tx: &mut Tx,
    ambient: &Ambient,
    vault: &Vault,
    signed_in: &SignedIn,
    typed: &str,
) -> Result<Vec<String>> {
    let (user, now) = (signed_in.user.id, ambient.now());
    let kept = store::fetch_optional!(tx, Kept, FIND, user)?
        .filter(|kept| kept.confirmed.is_none())
        .ok_or_else(|| Error::new(Code::WrongState).with("state", "not_begun"))?;
    let secret = vault.open(&place(user), &kept.secret)?;
    let step = code::step_of(&secret, typed, now)
        .ok_or_else(|| Error::invalid("code", "second_factor_wrong"))?;
    store::execute!(tx, CONFIRM, user, now, step)?;
    let codes = new_recovery(tx, ambient, user).await?;
    // Other sessions began with the password alone.
    session::end_all(tx, now, user, Some(signed_in.session)).await?;
    changed_access(tx).await?;
    let entry = Entry::new("second_factor.enrol", "directory", "user").of(user);
    audit::record(tx, now, &signed_in.actor(), entry);
    Ok(codes)
}

/// Takes the second factor away: the user's own wish, or an administrator's, because the device is lost. Ends the user's
/// other sessions. No error where there was none.
pub async fn remove(
    tx: &mut Tx,
    now: Moment,
    actor: &Actor,
    user: UserId,
    operation: &'static str,
) -> Result<()> {
    store::execute!(tx, DROP_RECOVERY, user)?;
    if store::execute!(tx, REMOVE, user)? == 0 {
        return Ok(());
    }
    session::end_all(tx, now, user, actor.session).await?;
    changed_access(tx).await?;
    audit::record(
        tx,
        now,
        actor,
        Entry::new(operation, "directory", "user").of(user),
    );
    Ok(())
}

/// Fresh recovery codes; those before count no longer.
pub async fn renew_recovery(
    tx: &mut Tx,
    ambient: &Ambient,
    signed_in: &SignedIn,
) -> Result<Vec<String>> {
    let user = signed_in.user.id;
    let codes = new_recovery(tx, ambient, user).await?;
    let entry = Entry::new("second_factor.renew_recovery", "directory", "user").of(user);
    audit::record(tx, ambient.now(), &signed_in.actor(), entry);
    Ok(codes)
}

async fn new_recovery(tx: &mut Tx, ambient: &Ambient, user: UserId) -> Result<Vec<String>> {
    store::execute!(tx, DROP_RECOVERY, user)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bytes = ambient.random::<RECOVERY>();
        store::execute!(tx, ADD_RECOVERY, user, recovery_hash(&bytes))?;
        codes.push(grouped(&code::base32(&bytes)).to_lowercase());
    }
    Ok(codes)
}

fn recovery_hash(code: &[u8]) -> Vec<u8> {
    Sha256::digest(code).to_vec()
}

/// `ABCD EFGH …`: what a person can read out and type.
fn grouped(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters
        .chunks(4)
        .map(|four| four.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Looks at what was brought beside the right password, and spends it.
pub(crate) async fn present(
    tx: &mut Tx,
    vault: Option<&Vault>,
    now: Moment,
    user: UserId,
    typed: Option<&str>,
) -> Result<Presented> {
    let kept = store::fetch_optional!(tx, Kept, FIND, user)?.filter(|k| k.confirmed.is_some());
    let Some(kept) = kept else {
        return Ok(Presented::NotAsked);
    };
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else {
        return Ok(Presented::Missing);
    };
    let vault = vault.ok_or_else(no_vault)?;
    let secret = vault.open(&place(user), &kept.secret)?;
    if let Some(step) = code::step_of(&secret, typed, now) {
        let fresh = step > kept.last_step && store::execute!(tx, SPEND, user, step)? > 0;
        return Ok(if fresh {
            Presented::Right
        } else {
            Presented::Wrong
        });
    }
    let plain: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect();
    let spent = match code::from_base32(&plain).filter(|bytes| bytes.len() == RECOVERY) {
        Some(bytes) => store::execute!(tx, SPEND_RECOVERY, user, recovery_hash(&bytes))?,
        None => 0,
    };
    Ok(if spent > 0 {
        Presented::Right
    } else {
        Presented::Wrong
    })
}

/// Spends a code for something within a session. `false`: it is wrong, was used before, or there is no second factor.
pub async fn spend(
    tx: &mut Tx,
    vault: &Vault,
    now: Moment,
    user: UserId,
    typed: &str,
) -> Result<bool> {
    let presented = present(tx, Some(vault), now, user, Some(typed)).await?;
    Ok(presented == Presented::Right)
}

fn no_vault() -> Error {
    Error::internal("there is no key for secrets: see secrets.key in the data folder")
}

/// Keys of the roles whose holders must have a second factor.
pub async fn required_roles(reads: &mut impl Reads) -> Result<Vec<String>> {
    let rows = store::fetch_all!(reads, (String,), REQUIRED_ROLES)?;
    Ok(rows.into_iter().map(|(key,)| key).collect())
}

/// The whole set. Who holds one of them and has not enrolled may from the next request on do nothing else.
pub async fn set_required_roles(
    tx: &mut Tx,
    now: Moment,
    actor: &Actor,
    roles: &[RoleId],
) -> Result<()> {
    let before = required_roles(tx).await?;
    store::execute!(tx, DROP_REQUIRED)?;
    for (at, role) in roles.iter().enumerate() {
        if store::execute!(tx, REQUIRE, *role)? == 0 && !roles[..at].contains(role) {
            return Err(Error::invalid(format!("roles[{at}]"), "unknown_reference"));
        }
    }
    changed_access(tx).await?;
    let after = required_roles(tx).await?;
    let entry = Entry::new("second_factor.policy", "directory", "setting")
        .changed(Some(&before), Some(&after));
    audit::record(tx, now, actor, entry);
    Ok(())
}

/// Whether this key opens what is kept; `None` where nothing is kept yet.
pub async fn key_fits(reads: &mut impl Reads, vault: &Vault) -> Result<Option<bool>> {
    let kept = store::fetch_optional!(reads, (UserId, Vec<u8>), ANY_SECRET)?;
    Ok(kept.map(|(user, sealed)| vault.open(&place(user), &sealed).is_ok()))
}
