use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash as Phc, Salt};
use argon2::password_hash::{self, CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use kernel::{Ambient, Error, FieldProblem, Result};
use tokio::sync::Semaphore;

use crate::{Leaked, words};

/// A password that has passed the rules and was stretched; the only form that is stored. Argon2id, PHC string format.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash")
    }
}

/// Makes and checks hashes, a few at a time: each takes 19 MiB and some 20 ms of a core, which must neither stall requests
/// nor be a way to exhaust the machine.
#[derive(Clone, Debug)]
pub struct Passwords {
    places: Arc<Semaphore>,
    /// Of a password that nobody has: what is checked when there is nothing to check, so that it takes as long.
    dummy: Arc<str>,
    leaked: Option<Arc<Leaked>>,
}

/// Characters.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 128;

// OWASP, Password Storage: m = 19 MiB, t = 2, p = 1.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;

/// Argon2 with memory of its own choosing. What glibc's allocator frees below 32 MiB it keeps for the next time, which
/// costs a service that has once checked two passwords 38 MiB for good; what it was asked for above that is given back.
struct Stretcher;

/// In blocks of 1 KiB; only those that are used become memory.
const ROOM: usize = 40 * 1_024;

impl CustomizedPasswordHasher<Phc> for Stretcher {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<Phc> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?;
        let algorithm = algorithm.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?;
        let version = version.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let mut buffer = [0; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let out = buffer
            .get_mut(..length)
            .ok_or(password_hash::Error::OutputSize)?;
        let blocks = params.block_count();
        let mut memory = Vec::with_capacity(blocks.max(ROOM));
        memory.resize(blocks, Block::default());
        let kept = ParamsString::try_from(&params)?;
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(
            password,
            &salt,
            out,
            &mut memory,
        )?;
        Ok(Phc {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: kept,
            salt: Some(salt),
            hash: Some(Output::new(out)?),
        })
    }
}

impl Passwords {
    /// `places`: how many at a time.
    pub async fn new(ambient: &Ambient, places: usize) -> Result<Self> {
        let mut this = Self {
            places: Arc::new(Semaphore::new(places.max(1))),
            dummy: Arc::from(""),
            leaked: None,
        };
        let nobodys = hex::encode(ambient.random::<32>());
        this.dummy = this.stretch(nobodys, ambient.random()).await?.into();
        Ok(this)
    }

    /// Refuses what is in this list, too.
    #[must_use]
    pub fn refusing(mut self, leaked: Leaked) -> Self {
        self.leaked = Some(Arc::new(leaked));
        self
    }

    /// Checks the rules and stretches. `known` are words that the password must not be made of: login, name, company.
    /// Errors: `invalid`, with what is wrong named for field `password`.
    pub async fn prepare(
        &self,
        ambient: &Ambient,
        password: &str,
        known: &[&str],
    ) -> Result<PasswordHash> {
        check(password, known)?;
        if let Some(leaked) = self.leaked.clone() {
            let password = password.to_owned();
            if self.work(move || leaked.holds(&password)).await?? {
                return Err(FieldProblem::new("password", "password_leaked").into());
            }
        }
        Ok(PasswordHash(
            self.stretch(password.to_owned(), ambient.random()).await?,
        ))
    }

    /// Whether it is the password of this hash. Without a hash: no, after the same time.
    pub(crate) async fn is_right(&self, password: &str, hash: Option<String>) -> Result<bool> {
        let there = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy.to_string());
        // Nobody's password is longer: cut what would only cost time. The rest cannot be right.
        let fits = password.chars().count() <= LONGEST;
        let password = if fits {
            password.to_owned()
        } else {
            String::new()
        };
        let right = self
            .work(move || {
                let Ok(parsed) = Phc::new(&hash) else {
                    return false;
                };
                Stretcher
                    .verify_password(password.as_bytes(), &parsed)
                    .is_ok()
            })
            .await?;
        Ok(right && there && fits)
    }

    async fn stretch(&self, password: String, salt: [u8; 16]) -> Result<String> {
        self.work(move || {
            let params = Params::new(MEMORY_KIB, PASSES, 1, None)
                .map_err(|e| Error::internal(e.to_string()))?;
            let hash = Stretcher
                .hash_password_customized(password.as_bytes(), &salt, None, None, params)
                .map_err(|e| Error::internal(e.to_string()))?;
            Ok(hash.to_string())
        })
        .await?
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let _place = self.places.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Error::internal)
    }
}

fn check(password: &str, known: &[&str]) -> Result<()> {
    let length = password.chars().count();
    let problem = if length < SHORTEST {
        FieldProblem::new("password", "password_short").with("limit", SHORTEST)
    } else if length > LONGEST {
        FieldProblem::new("password", "password_long").with("limit", LONGEST)
    } else if words::is_common(password) || words::is_common(&without(password, known)) {
        FieldProblem::new("password", "password_common")
    } else {
        return Ok(());
    };
    Err(problem.into())
}

/// The password without the words that everybody knows of this user.
fn without(password: &str, known: &[&str]) -> String {
    let mut left = password.to_lowercase();
    for word in known
        .iter()
        .flat_map(|k| k.split(|c: char| !c.is_alphanumeric()))
        .filter(|w| w.chars().count() >= 3)
    {
        left = left.replace(&word.to_lowercase(), " ");
    }
    left
}
