use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::*;

const NOW: i64 = 1_790_000_000;

struct Signer {
    pair: EcdsaKeyPair,
    key: Key,
}

fn signer(kid: &str) -> Signer {
    let rng = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
    let point = pair.public_key().as_ref();
    let key = json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig",
        "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..])});
    Signer {
        key: serde_json::from_value(key).unwrap(),
        pair,
    }
}

impl Signer {
    fn sign(&self, header: &Value, claims: &Value) -> String {
        let text = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = self
            .pair
            .sign(&SystemRandom::new(), text.as_bytes())
            .unwrap();
        format!("{text}.{}", BASE64.encode(signature))
    }
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://id.example.com",
        client: "engage",
        nonce: Some("n-0S6"),
        now: Moment::from_micros(NOW * 1_000_000),
        access_token: Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
    }
}

fn good() -> Value {
    json!({"iss": "https://id.example.com", "aud": "engage", "sub": "248289", "nonce": "n-0S6",
        "iat": NOW - 5, "exp": NOW + 300, "at_hash": "77QmUPtjPfzWtF2AnpK9RQ"})
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "a", "typ": "JWT"})
}

#[test]
fn a_token_that_is_all_right_is_taken() {
    let signer = signer("a");
    let token = signer.sign(&header(), &good());
    let claims = claims(&token, std::slice::from_ref(&signer.key), &expected()).unwrap();
    assert_eq!(claims["sub"], "248289");
    let mut several = good();
    several["aud"] = json!(["other", "engage"]);
    several["azp"] = json!("engage");
    let token = signer.sign(&header(), &several);
    assert!(super::claims(&token, std::slice::from_ref(&signer.key), &expected()).is_ok());
}

#[test]
fn every_wrong_claim_is_refused() {
    let signer = signer("a");
    let keys = std::slice::from_ref(&signer.key);
    let cases: [(&str, Value, Refused); 21] = [
        ("iss", json!("https://id.example.com/"), Refused::Issuer),
        ("iss", json!("https://evil.example.com"), Refused::Issuer),
        ("iss", Value::Null, Refused::Issuer),
        ("aud", json!("other"), Refused::Audience),
        ("aud", json!([]), Refused::Audience),
        ("aud", json!(["engage", "other"]), Refused::Audience),
        ("aud", Value::Null, Refused::Audience),
        ("azp", json!("other"), Refused::Audience),
        ("nonce", json!("another"), Refused::Nonce),
        ("nonce", Value::Null, Refused::Nonce),
        ("exp", json!(NOW - 61), Refused::Expired),
        ("exp", Value::Null, Refused::Expired),
        ("exp", json!("never"), Refused::Expired),
        ("iat", json!(NOW - 601), Refused::Expired),
        ("iat", json!(NOW + 120), Refused::NotYet),
        ("iat", Value::Null, Refused::Malformed),
        ("nbf", json!(NOW + 120), Refused::NotYet),
        ("sub", json!(""), Refused::Subject),
        ("sub", json!("x".repeat(256)), Refused::Subject),
        ("sub", json!(7), Refused::Subject),
        (
            "at_hash",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            Refused::AccessToken,
        ),
    ];
    for (claim, value, why) in cases {
        let mut forged = good();
        forged[claim] = value.clone();
        let token = signer.sign(&header(), &forged);
        assert_eq!(
            claims(&token, keys, &expected()).unwrap_err(),
            why,
            "{claim} = {value}"
        );
    }
}

#[test]
fn every_wrong_signature_is_refused() {
    let (ours, theirs) = (signer("a"), signer("a"));
    let keys = std::slice::from_ref(&ours.key);
    let refused = |token: &str| claims(token, keys, &expected()).unwrap_err();
    assert_eq!(
        refused(&theirs.sign(&header(), &good())),
        Refused::Signature
    );
    let token = ours.sign(&header(), &good());
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(refused(&format!("{signed}.")), Refused::Signature);
    assert_eq!(refused(signed), Refused::Malformed);
    assert_eq!(refused(&format!("{token}.x")), Refused::Malformed);
    for alg in ["none", "None", "NONE", "HS256", "RS512", ""] {
        let token = ours.sign(&json!({"alg": alg, "kid": "a"}), &good());
        assert_eq!(refused(&token), Refused::Algorithm, "{alg}");
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(refused(&format!("{signed}.")), Refused::Algorithm, "{alg}");
    }
    // The public key as an HMAC's secret.
    let secret = decoded(ours.key.x.as_deref().unwrap()).unwrap();
    let text = format!(
        "{}.{}",
        BASE64.encode(json!({"alg": "HS256", "kid": "a"}).to_string()),
        BASE64.encode(good().to_string())
    );
    let tag = ring::hmac::sign(
        &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret),
        text.as_bytes(),
    );
    assert_eq!(
        refused(&format!("{text}.{}", BASE64.encode(tag))),
        Refused::Algorithm
    );
    for (header, why) in [
        (json!({"alg": "ES256", "kid": "b"}), Refused::UnknownKey),
        (json!({"alg": "RS256", "kid": "a"}), Refused::UnknownKey),
        (
            json!({"alg": "ES256", "kid": "a", "crit": ["exp"]}),
            Refused::Algorithm,
        ),
        (json!({"kid": "a"}), Refused::Malformed),
    ] {
        assert_eq!(refused(&ours.sign(&header, &good())), why, "{header}");
    }
    // Each single byte of the signed part counts.
    for at in (0..signed.len()).filter(|at| signed.as_bytes()[*at] != b'.') {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(
            changed == token || claims(&changed, keys, &expected()).is_err(),
            "byte {at}"
        );
    }
    let encrypting: Key = serde_json::from_value(
        json!({"kty": "EC", "crv": "P-256", "kid": "a", "use": "enc", "x": ours.key.x, "y": ours.key.y}),
    )
    .unwrap();
    assert_eq!(
        claims(&token, &[encrypting], &expected()).unwrap_err(),
        Refused::UnknownKey
    );
    let unnamed = ours.sign(&json!({"alg": "ES256"}), &good());
    let both = [ours.key.clone(), signer("b").key];
    assert_eq!(
        claims(&unnamed, &both, &expected()).unwrap_err(),
        Refused::UnknownKey
    );
    assert!(claims(&unnamed, keys, &expected()).is_ok());
}

/// RFC 8037 appendix A.4 in kind, and RFC 7515 appendix A.2 and A.3: the very examples.
#[test]
fn signatures_of_the_rfcs() {
    let rsa: Key = serde_json::from_value(json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"})).unwrap();
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let header = Header {
        alg: "RS256".into(),
        kid: None,
        crit: None,
    };
    let signature = decoded(signature).unwrap();
    assert_eq!(
        verify(
            &header,
            std::slice::from_ref(&rsa),
            signed.as_bytes(),
            &signature
        ),
        Ok(())
    );
    assert_eq!(
        verify(&header, &[rsa], b"other", &signature),
        Err(Refused::Signature)
    );

    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let key: Key = serde_json::from_value(
        json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(pair.public_key())}),
    )
    .unwrap();
    let header = Header {
        alg: "EdDSA".into(),
        kid: None,
        crit: None,
    };
    let signature = pair.sign(b"signed");
    assert_eq!(
        verify(
            &header,
            std::slice::from_ref(&key),
            b"signed",
            signature.as_ref()
        ),
        Ok(())
    );
    assert_eq!(
        verify(&header, &[key], b"changed", signature.as_ref()),
        Err(Refused::Signature)
    );
}
