//! Secrets at rest: what must be read again (a second factor's secret, another system's password) and so cannot be kept
//! as a hash. AES-256-GCM (NIST SP 800-38D) under the installation's key, which is kept outside the database: who steals
//! a backup of the database has no secrets.

use kernel::{Ambient, Error, Result};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;

/// Seals and opens. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    key: std::sync::Arc<LessSafeKey>,
    /// Tells with which key something was sealed, so that the wrong key is told apart from a tampered row.
    mark: [u8; MARK],
}

const MARK: usize = 4;

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

impl Vault {
    pub fn new(key: &[u8; 32]) -> Result<Self> {
        let unbound = UnboundKey::new(&AES_256_GCM, key)
            .map_err(|_| Error::internal("no key for AES-256-GCM"))?;
        let hash = digest::digest(&digest::SHA256, key);
        let mut mark = [0; MARK];
        mark.copy_from_slice(&hash.as_ref()[..MARK]);
        Ok(Self {
            key: std::sync::Arc::new(LessSafeKey::new(unbound)),
            mark,
        })
    }

    /// `place` names what the secret is and whose: it opens there alone, so that a row copied to another user is of no
    /// use. Nonces are random: 96 bits are safe for 2³² secrets under one key.
    pub fn seal(&self, ambient: &Ambient, place: &str, secret: &[u8]) -> Result<Vec<u8>> {
        let nonce = ambient.random::<NONCE_LEN>();
        let mut sealed = secret.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| Error::internal("a secret could not be sealed"))?;
        Ok([&self.mark[..], &nonce, &sealed].concat())
    }

    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let broken = || Error::internal("a sealed secret was changed in the database");
        let (mark, rest) = sealed.split_at_checked(MARK).ok_or_else(broken)?;
        if mark != self.mark {
            return Err(Error::internal(
                "a secret was sealed with another key: put the installation's secrets.key back",
            ));
        }
        let (nonce, rest) = rest.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut opened = rest.to_vec();
        let length = self
            .key
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut opened)
            .map_err(|_| broken())?
            .len();
        opened.truncate(length);
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_in_its_place_with_its_key_alone() {
        let ambient = crate::ambient();
        let vault = Vault::new(&[7; 32]).unwrap();
        let sealed = vault.seal(&ambient, "user 1", b"secret").unwrap();
        assert_eq!(vault.open("user 1", &sealed).unwrap(), b"secret");
        assert!(vault.open("user 2", &sealed).is_err());
        assert!(
            Vault::new(&[8; 32])
                .unwrap()
                .open("user 1", &sealed)
                .is_err()
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(
                vault.open("user 1", &changed).is_err(),
                "changed at byte {at}"
            );
            assert!(
                vault.open("user 1", &sealed[..at]).is_err(),
                "cut at byte {at}"
            );
        }
        let again = vault.seal(&ambient, "user 1", b"secret").unwrap();
        assert_ne!(again, sealed, "two seals of the same look alike");
    }
}
