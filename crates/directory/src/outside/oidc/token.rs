//! The ID token: OpenID Connect Core 1.0 §3.1.3.7 over JWS (RFC 7515) and JWK (RFC 7517). Pure: keys, time and what is
//! expected come in as values; the answer is the claims, or why not.
//!
//! Only asymmetric signatures count (RS256, PS256, ES256, ES384, EdDSA). `none`, and every HMAC, whose secret the browser's
//! side of the wire could know, are refused by not being in the list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use kernel::{Moment, Span};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// How far the provider's clock may be from ours.
const SKEW: Span = Span::from_secs(60);
/// A token that was issued longer ago belongs to another sign-in.
const OLDEST: Span = Span::from_minutes(10);

/// A key of the provider.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// What a token must say to be the answer to our question.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    pub client: &'a str,
    /// Absent: it is no answer to a sign-in, but a token given anew (§12.2).
    pub nonce: Option<&'a str>,
    pub now: Moment,
    /// The access token that came beside it.
    pub access_token: Option<&'a str>,
}

/// Why a token is refused: for the log. The person hears only that signing in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Malformed,
    Algorithm,
    /// No key of the provider fits: it may have changed its keys since we read them.
    UnknownKey,
    Signature,
    Issuer,
    Audience,
    Nonce,
    Expired,
    NotYet,
    Subject,
    AccessToken,
}

fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    BASE64.decode(part).map_err(|_| Refused::Malformed)
}

/// The claims of a token that is what was asked for.
pub(super) fn claims(
    token: &str,
    keys: &[Key],
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Refused> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Malformed);
    };
    let header: Header = serde_json::from_slice(&decoded(head)?).map_err(|_| Refused::Malformed)?;
    // RFC 7515 §4.1.11: what must be understood and is not.
    if header.crit.is_some() {
        return Err(Refused::Algorithm);
    }
    let signed = &token[..head.len() + 1 + body.len()];
    verify(&header, keys, signed.as_bytes(), &decoded(signature)?)?;
    let claims: Map<String, Value> =
        serde_json::from_slice(&decoded(body)?).map_err(|_| Refused::Malformed)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn verify(header: &Header, keys: &[Key], signed: &[u8], signature: &[u8]) -> Result<(), Refused> {
    let (kty, curve) = match header.alg.as_str() {
        "RS256" | "PS256" => ("RSA", None),
        "ES256" => ("EC", Some("P-256")),
        "ES384" => ("EC", Some("P-384")),
        "EdDSA" => ("OKP", Some("Ed25519")),
        _ => return Err(Refused::Algorithm),
    };
    let mut fitting = keys.iter().filter(|key| {
        key.kty == kty
            && curve.is_none_or(|curve| key.crv.as_deref() == Some(curve))
            && key
                .purpose
                .as_deref()
                .is_none_or(|purpose| purpose == "sig")
            && key.alg.as_deref().is_none_or(|alg| alg == header.alg)
            && header
                .kid
                .as_ref()
                .is_none_or(|kid| key.kid.as_ref() == Some(kid))
    });
    let key = fitting.next().ok_or(Refused::UnknownKey)?;
    // Without a name it must be clear which one is meant.
    if header.kid.is_none() && fitting.next().is_some() {
        return Err(Refused::UnknownKey);
    }
    let part = |part: &Option<String>| part.as_deref().ok_or(Refused::Malformed).and_then(decoded);
    let plain = |algorithm: &'static dyn VerificationAlgorithm, public: &[u8]| {
        UnparsedPublicKey::new(algorithm, public)
            .verify(signed, signature)
            .map_err(|_| Refused::Signature)
    };
    match header.alg.as_str() {
        "RS256" | "PS256" => {
            let algorithm = if header.alg == "RS256" {
                &RSA_PKCS1_2048_8192_SHA256
            } else {
                &RSA_PSS_2048_8192_SHA256
            };
            RsaPublicKeyComponents {
                n: part(&key.n)?,
                e: part(&key.e)?,
            }
            .verify(algorithm, signed, signature)
            .map_err(|_| Refused::Signature)
        }
        "EdDSA" => plain(&ED25519, &part(&key.x)?),
        alg => {
            let point = [vec![4], part(&key.x)?, part(&key.y)?].concat();
            let algorithm: &'static dyn VerificationAlgorithm = if alg == "ES256" {
                &ECDSA_P256_SHA256_FIXED
            } else {
                &ECDSA_P384_SHA384_FIXED
            };
            plain(algorithm, &point)
        }
    }
}

fn check(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Refused> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let instant = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_f64)
            .map(|seconds| Moment::from_micros((seconds * 1e6) as i64))
    };
    if text("iss") != Some(expected.issuer) {
        return Err(Refused::Issuer);
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let authorized = text("azp");
    let ours = audience.contains(&expected.client)
        && authorized.is_none_or(|azp| azp == expected.client)
        && (audience.len() == 1 || authorized.is_some());
    if !ours {
        return Err(Refused::Audience);
    }
    if expected.nonce.is_some() && text("nonce") != expected.nonce {
        return Err(Refused::Nonce);
    }
    let now = expected.now;
    if instant("exp").is_none_or(|exp| now >= exp + SKEW) {
        return Err(Refused::Expired);
    }
    let issued = instant("iat").ok_or(Refused::Malformed)?;
    if now >= issued + OLDEST {
        return Err(Refused::Expired);
    }
    if issued > now + SKEW || instant("nbf").is_some_and(|nbf| nbf > now + SKEW) {
        return Err(Refused::NotYet);
    }
    if !text("sub").is_some_and(|sub| (1..=255).contains(&sub.len())) {
        return Err(Refused::Subject);
    }
    if let (Some(hash), Some(access)) = (text("at_hash"), expected.access_token) {
        // §3.1.3.6; the hash of every algorithm in the list but ES384's and EdDSA's is SHA-256.
        let half = |digest: &[u8]| BASE64.encode(&digest[..digest.len() / 2]);
        let ours = [
            &ring::digest::SHA256,
            &ring::digest::SHA384,
            &ring::digest::SHA512,
        ]
        .into_iter()
        .any(|by| half(ring::digest::digest(by, access.as_bytes()).as_ref()) == hash);
        if !ours {
            return Err(Refused::AccessToken);
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
