//! Signed statements of where all lanes stood: what makes a cut tail, a rewritten chain and an old backup visible.
//!
//! A checkpoint can be kept outside (a file, a mail, a printed page): its JSON form is small and stands alone.

use std::fmt;

use kernel::{Code, Error, Moment, Result};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Reads, Tx};

/// Signs checkpoints. Its seed belongs in a file that only the service's account reads, never in the database.
pub struct Signer(Ed25519KeyPair);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public())
    }
}

impl Signer {
    /// From a seed of 32 random bytes (RFC 8032 §5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self)
            .map_err(|e| Error::internal(e.to_string()))
    }

    /// From the seed's 64 hexadecimal digits, as configuration holds them.
    pub fn from_hex(seed: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(seed.trim(), &mut bytes)
            .map_err(|e| Error::invalid("audit.key", "key_hex").because(e))?;
        Self::from_seed(&bytes)
    }

    /// What a verifier must be given, by another way than the data.
    pub fn public(&self) -> PublicKey {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        PublicKey(key)
    }
}

/// The public half of a [`Signer`]; 64 hexadecimal digits as text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PublicKey(#[serde(with = "hex::serde")] pub [u8; 32]);

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl std::str::FromStr for PublicKey {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|e| Error::invalid("audit.public_key", "key_hex").because(e))?;
        Ok(Self(bytes))
    }
}

/// What is signed, as JSON text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// 1, 2, 3…
    pub number: i64,
    pub at: Moment,
    /// Where each lane stood.
    pub lanes: Vec<LaneEnd>,
    /// Hash of the checkpoint before; 32 zero bytes for the first.
    #[serde(with = "hex::serde")]
    pub previous: [u8; 32],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneEnd {
    pub lane: i64,
    pub number: i64,
    #[serde(with = "hex::serde")]
    pub head: [u8; 32],
}

/// A signed statement. Its serde form is what is kept outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Checkpoint {
    pub number: i64,
    /// The JSON of a [`Statement`], byte for byte as signed.
    pub statement: String,
    #[serde(with = "hex::serde")]
    pub signature: Vec<u8>,
    #[serde(with = "hex::serde")]
    pub signer: Vec<u8>,
}

impl Checkpoint {
    /// Signs a statement.
    pub fn sign(statement: &Statement, signer: &Signer) -> Result<Self> {
        let text = serde_json::to_string(statement).map_err(Error::internal)?;
        let signature = signer.0.sign(text.as_bytes()).as_ref().to_vec();
        Ok(Self {
            number: statement.number,
            statement: text,
            signature,
            signer: signer.public().0.to_vec(),
        })
    }

    /// What the next one calls `previous`: over statement and signature, each with its length.
    pub fn hash(&self) -> [u8; 32] {
        let mut sha = Sha256::new();
        for part in [self.statement.as_bytes(), &self.signature] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
        sha.finalize().into()
    }

    /// The statement, if one of these keys has signed it.
    pub fn open(&self, trusted: &[PublicKey]) -> Result<Statement, CheckpointFault> {
        let key = trusted
            .iter()
            .find(|k| k.0[..] == self.signer[..])
            .ok_or(CheckpointFault::UnknownKey)?;
        UnparsedPublicKey::new(&ED25519, &key.0)
            .verify(self.statement.as_bytes(), &self.signature)
            .map_err(|_| CheckpointFault::BadSignature)?;
        let statement: Statement =
            serde_json::from_str(&self.statement).map_err(|_| CheckpointFault::Unreadable)?;
        // The number stands outside the signed text too, where it can be changed.
        if statement.number == self.number {
            Ok(statement)
        } else {
            Err(CheckpointFault::BadSignature)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointFault {
    /// Signed by a key that the verifier was not told of.
    UnknownKey,
    BadSignature,
    Unreadable,
}

store::statements! {
    NEWEST = "SELECT number, statement, signature, signer FROM audit_checkpoint ORDER BY number DESC LIMIT 1";
    AFTER = "SELECT number, statement, signature, signer FROM audit_checkpoint WHERE number > $1 ORDER BY number LIMIT $2";
    LANES = "SELECT lane, number, head FROM audit_lane ORDER BY lane";
    INSERT = "INSERT INTO audit_checkpoint (number, statement, signature, signer) VALUES ($1, $2, $3, $4)";
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct StoredLane {
    pub lane: i64,
    pub number: i64,
    pub head: Vec<u8>,
}

pub(super) async fn lanes(reads: &mut impl Reads) -> Result<Vec<StoredLane>> {
    store::fetch_all!(reads, StoredLane, LANES)
}

/// The checkpoints after this number, in order: at most so many.
pub async fn after(reads: &mut impl Reads, number: i64, limit: i64) -> Result<Vec<Checkpoint>> {
    store::fetch_all!(reads, Checkpoint, AFTER, number, limit)
}

/// The newest checkpoint of this database: what to hand to whoever keeps it outside.
pub async fn newest(reads: &mut impl Reads) -> Result<Option<Checkpoint>> {
    store::fetch_optional!(reads, Checkpoint, NEWEST)
}

/// Signs where the lanes stand now. Where nothing was written since the newest checkpoint, that one is returned. Two nodes
/// that do it at once: one of them gets [`Code::Stale`], and the other's checkpoint is as good.
pub async fn make(tx: &mut Tx, at: Moment, signer: &Signer) -> Result<Checkpoint> {
    let newest = newest(tx).await?;
    let mut ends = Vec::new();
    for lane in lanes(tx).await? {
        let head = lane
            .head
            .try_into()
            .map_err(|_| Error::internal("a lane's head is not 32 bytes"))?;
        ends.push(LaneEnd {
            lane: lane.lane,
            number: lane.number,
            head,
        });
    }
    let (number, previous) = match &newest {
        Some(newest) => (newest.number + 1, newest.hash()),
        None => (1, [0; 32]),
    };
    if let Some(newest) = newest
        && let Ok(statement) = serde_json::from_str::<Statement>(&newest.statement)
        && statement.lanes == ends
        && newest.signer == signer.public().0
    {
        return Ok(newest);
    }
    let checkpoint = Checkpoint::sign(
        &Statement {
            number,
            at,
            lanes: ends,
            previous,
        },
        signer,
    )?;
    let written = store::try_execute!(
        tx,
        INSERT,
        checkpoint.number,
        &checkpoint.statement,
        &checkpoint.signature,
        &checkpoint.signer
    );
    match written {
        Ok(_) => Ok(checkpoint),
        Err(error) if kernel::violated(&error).is_some() => {
            Err(Error::new(Code::Stale).because(error))
        }
        Err(error) => Err(error.into()),
    }
}
