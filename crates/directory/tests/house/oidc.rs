//! OpenID Connect against a strict provider of the test's own, which also sends every forgery: each is refused.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::common::{House, house_with};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use directory::outside::oidc::{Oidc, OidcConfig};
use directory::{SessionsConfig, groups, users};
use kernel::{Code, Span};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::Db;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Key {
    kid: String,
    pair: EcdsaKeyPair,
}

fn key(kid: &str) -> Key {
    let rng = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &rng).unwrap();
    Key {
        kid: kid.into(),
        pair,
    }
}

impl Key {
    fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256",
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..])})
    }
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

type Forge = Box<dyn Fn(&Key, Value, Value) -> String + Send>;

/// What the provider remembers and how it lies.
struct State {
    issuer: String,
    key: Key,
    published: Vec<Value>,
    /// code → (nonce, challenge, redirect, subject, login)
    codes: HashMap<String, (String, String, String, String, String)>,
    forge: Option<Forge>,
    in_user_info: Option<Value>,
    now: i64,
    read_keys: usize,
    /// Refresh token → subject and login. Each serves once.
    given: HashMap<String, (String, String)>,
    /// Used before: whoever brings one again is a thief, and nobody of that subject stays.
    spent: HashMap<String, String>,
    /// So many refresh tokens were given: no two are alike.
    issued: u64,
    groups: Value,
    away: bool,
}

#[derive(Clone)]
struct Provider(Arc<Mutex<State>>);

impl Provider {
    async fn start(now: kernel::Moment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let key = key("one");
        let state = State {
            issuer: format!("http://{}/realms/bank", listener.local_addr().unwrap()),
            published: vec![key.jwk(), json!({"kty": "something new", "kid": 7})],
            key,
            codes: HashMap::new(),
            forge: None,
            in_user_info: None,
            now: now.as_micros() / 1_000_000,
            read_keys: 0,
            given: HashMap::new(),
            spent: HashMap::new(),
            issued: 0,
            groups: json!(["/tellers", "/other"]),
            away: false,
        };
        let this = Self(Arc::new(Mutex::new(state)));
        let serving = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.answer(stream).await });
            }
        });
        this
    }

    async fn answer(&self, mut stream: TcpStream) -> Option<()> {
        let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
        let (head, mut body) = loop {
            let read = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
            bytes.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                break (head.to_owned(), body.to_owned());
            }
        };
        let length: usize = header(&head, "content-length").map_or(0, |n| n.parse().unwrap());
        while body.len() < length {
            let read = stream.read(&mut part).await.ok().filter(|n| *n > 0)?;
            body.push_str(&String::from_utf8_lossy(&part[..read]));
        }
        let path = head.split(' ').nth(1)?.to_owned();
        let (status, told) = self.route(&path, &head, &body);
        let told = told.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{told}",
            told.len()
        );
        stream.write_all(answer.as_bytes()).await.ok()
    }

    fn route(&self, path: &str, head: &str, body: &str) -> (u16, Value) {
        let mut state = self.0.lock().unwrap();
        let issuer = state.issuer.clone();
        match path {
            "/realms/bank/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
                    "jwks_uri": format!("{issuer}/keys"), "userinfo_endpoint": format!("{issuer}/userinfo"),
                }),
            ),
            "/realms/bank/keys" => {
                state.read_keys += 1;
                (200, json!({"keys": state.published}))
            }
            "/realms/bank/userinfo" => match (
                &state.in_user_info,
                header(head, "authorization").as_deref(),
            ) {
                (Some(info), Some("Bearer access!")) => (200, info.clone()),
                _ => (401, json!({})),
            },
            "/realms/bank/token" if state.away => (503, json!({})),
            "/realms/bank/token" => match state.token(head, body) {
                Ok((token, again)) => (
                    200,
                    json!({"access_token": "access!", "token_type": "Bearer", "id_token": token, "refresh_token": again}),
                ),
                Err(error) => (400, json!({"error": error})),
            },
            _ => (404, json!({})),
        }
    }

    /// What the person's browser does: signs in there, and comes back with a code and the state.
    fn visit(&self, address: &str, subject: &str, login: &str) -> (String, String) {
        let url = url::Url::parse(address).unwrap();
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        let mut state = self.0.lock().unwrap();
        assert!(address.starts_with(&format!("{}/authorize?", state.issuer)));
        assert_eq!(
            (
                &*query["response_type"],
                &*query["client_id"],
                &*query["code_challenge_method"]
            ),
            ("code", "engage client", "S256")
        );
        assert!(query["scope"].split(' ').any(|scope| scope == "openid"));
        assert!(
            query["state"].len() >= 43
                && query["nonce"].len() >= 43
                && query["code_challenge"].len() == 43
        );
        let code = format!("code {}", state.codes.len());
        let kept = (
            query["nonce"].clone(),
            query["code_challenge"].clone(),
            query["redirect_uri"].clone(),
            subject.into(),
            login.into(),
        );
        state.codes.insert(code.clone(), kept);
        (query["state"].clone(), code)
    }

    fn lie(&self, forge: impl Fn(&Key, Value, Value) -> String + Send + 'static) {
        self.0.lock().unwrap().forge = Some(Box::new(forge));
    }
}

impl State {
    /// Strict: a client that gets one thing wrong gets nothing. The ID token and the next refresh token, or the error.
    fn token(&mut self, head: &str, body: &str) -> Result<(String, String), &'static str> {
        let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let basic = header(head, "authorization")
            .and_then(|given| STANDARD.decode(given.strip_prefix("Basic ")?).ok())
            .and_then(|given| String::from_utf8(given).ok());
        if basic.as_deref() != Some("engage+client:s%26cret") || form.contains_key("client_secret")
        {
            return Err("invalid_client");
        }
        let (nonce, subject, login) = match &*form["grant_type"] {
            "refresh_token" => {
                let (subject, login) = self.again(&form["refresh_token"])?;
                (None, subject, login)
            }
            "authorization_code" => {
                let kept = self.codes.remove(&form["code"]).ok_or("invalid_grant")?;
                let (nonce, challenge, redirect, subject, login) = kept;
                let hash = BASE64.encode(Sha256::digest(form["code_verifier"].as_bytes()));
                if form["redirect_uri"] != redirect || hash != challenge {
                    return Err("invalid_grant");
                }
                (Some(nonce), subject, login)
            }
            _ => return Err("unsupported_grant_type"),
        };
        let half = Sha256::digest(b"access!");
        let header = json!({"alg": "ES256", "kid": self.key.kid});
        let mut claims = json!({"iss": self.issuer, "aud": "engage client", "sub": subject, "iat": self.now, "exp": self.now + 300,
            "at_hash": BASE64.encode(&half[..16]), "name": "Ada Provider", "email": "ada@id.test", "realm": {"groups": self.groups}});
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        if self.in_user_info.is_none() {
            claims["preferred_username"] = json!(login);
        }
        self.issued += 1;
        let next = format!("refresh {}", self.issued);
        self.given.insert(next.clone(), (subject, login));
        let token = match &self.forge {
            Some(forge) => forge(&self.key, header, claims),
            None => self.key.sign(&header, &claims),
        };
        Ok((token, next))
    }

    fn again(&mut self, token: &str) -> Result<(String, String), &'static str> {
        if let Some(subject) = self.spent.get(token).cloned() {
            self.given.retain(|_, (of, _)| *of != subject);
        }
        let (subject, login) = self.given.remove(token).ok_or("invalid_grant")?;
        self.spent.insert(token.into(), subject.clone());
        Ok((subject, login))
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

async fn set_up(db: Db) -> (Provider, House) {
    let provider = Provider::start(crate::common::START).await;
    let issuer = provider.0.lock().unwrap().issuer.clone();
    let config: OidcConfig = serde_json::from_value(json!({
        "issuer": issuer, "client_id": "engage client", "client_secret": "s&cret", "public_url": "https://engage.example.com/",
        "groups_claim": "realm.groups", "groups": {"/tellers": "tellers"},
    }))
    .unwrap();
    let config = SessionsConfig {
        oidc: Some(Oidc::new(config).unwrap()),
        vault: Some(store::Vault::new(&[5; 32]).unwrap()),
        ..SessionsConfig::default()
    };
    let house = house_with(db, config).await;
    let mut tx = house.db.write().await.unwrap();
    groups::create(
        &mut tx,
        &house.ambient,
        &house.actor,
        "tellers",
        "Tellers",
        "",
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (provider, house)
}

impl House {
    async fn through(
        &self,
        provider: &Provider,
        subject: &str,
        login: &str,
    ) -> Result<String, Code> {
        let begun = self.sessions.begin_elsewhere(None).await.unwrap();
        let (state, code) = provider.visit(&begun.address, subject, login);
        let entered = self
            .sessions
            .finish_elsewhere(
                &begun.attempt,
                &state,
                &code,
                Some("10.0.0.9"),
                Some("test"),
            )
            .await;
        entered.map(|e| e.token).map_err(|e| e.code())
    }
}

store::both! {
    async fn somebody_comes_in_through_the_provider(db: Db) {
        let (provider, house) = set_up(db.clone()).await;
        let token = house.through(&provider, "248289", "ada").await.unwrap();
        let signed_in = house.sessions.authenticate(&token).await.unwrap();
        assert_eq!((&*signed_in.user.login, &*signed_in.user.name, signed_in.user.email.as_deref()), ("ada", "Ada Provider", Some("ada@id.test")));
        assert_eq!(signed_in.groups.len(), 1);
        // The subject counts, not the name: renamed there it is the same user here, and the name freed is another's.
        let again = house.through(&provider, "248289", "ada2").await.unwrap();
        assert_eq!(house.sessions.authenticate(&again).await.unwrap().user.id, signed_in.user.id);
        assert_eq!(house.through(&provider, "999", "ada").await, Err(Code::WrongCredentials));
        // A local account is not taken over by its name.
        assert_eq!(house.through(&provider, "1000", "ADMIN").await, Err(Code::WrongCredentials));
        let mut tx = db.write().await.unwrap();
        let user = users::find(&mut tx, signed_in.user.id).await.unwrap().unwrap();
        let write = directory::UserWrite { active: false, ..directory::UserWrite::new("ada", "Ada") };
        users::change(&mut tx, &house.ambient, &house.actor, user.id, user.version, write).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.through(&provider, "248289", "ada").await, Err(Code::WrongCredentials));
    }

    async fn claims_may_stand_in_userinfo_if_it_is_about_the_same_person(db: Db) {
        let (provider, house) = set_up(db).await;
        let tell = |info: Value| provider.0.lock().unwrap().in_user_info = Some(info);
        tell(json!({"sub": "7", "preferred_username": "eva"}));
        assert!(house.through(&provider, "7", "").await.is_ok());
        assert_eq!(house.through(&provider, "8", "").await, Err(Code::WrongCredentials));
        tell(json!({"sub": "8"}));
        assert_eq!(house.through(&provider, "8", "").await, Err(Code::WrongCredentials));
    }

    async fn what_comes_back_belongs_to_who_began(db: Db) {
        let (provider, house) = set_up(db.clone()).await;
        let sessions = &house.sessions;
        let begin = async || sessions.begin_elsewhere(None).await.unwrap();
        let finish = async |attempt: &str, state: &str, code: &str| sessions.finish_elsewhere(attempt, state, code, None, None).await.map(|_| ()).map_err(|e| e.code());
        let refused = Err(Code::WrongCredentials);

        let (mine, theirs) = (begin().await, begin().await);
        let (state, code) = provider.visit(&mine.address, "1", "eva");
        assert_eq!(finish(&theirs.attempt, &state, &code).await, refused, "another's attempt");
        assert_eq!(finish("made up", &state, &code).await, refused);
        assert_eq!(finish(&mine.attempt, "other state", &code).await, refused);
        // A wrong state spends the attempt.
        assert_eq!(finish(&mine.attempt, &state, &code).await, refused);

        let mine = begin().await;
        let (state, code) = provider.visit(&mine.address, "1", "eva");
        assert_eq!(finish(&mine.attempt, &state, &code).await, Ok(()));
        assert_eq!(finish(&mine.attempt, &state, &code).await, refused, "twice");

        // A stolen code, brought with an attempt of the thief's own: PKCE and nonce are not the same.
        let (mine, theirs) = (begin().await, begin().await);
        let (_, code) = provider.visit(&mine.address, "1", "eva");
        let (state, _) = provider.visit(&theirs.address, "2", "thief");
        assert_eq!(finish(&theirs.attempt, &state, &code).await, refused);

        let mine = begin().await;
        let (state, code) = provider.visit(&mine.address, "1", "eva");
        house.clock.advance(Span::from_minutes(10));
        assert_eq!(finish(&mine.attempt, &state, &code).await, refused, "late");
        assert!(!crate::sign_in::trail(&db, "session.refuse").await.is_empty());
    }

    async fn disabled_at_the_provider_is_signed_out_here(db: Db) {
        let (provider, house) = set_up(db.clone()).await;
        let look = async || {
            house.clock.advance(Span::from_secs(31));
            provider.0.lock().unwrap().now += 31;
            // Two nodes at the same moment: a token that came twice would throw its owner out.
            let (one, other) = tokio::join!(house.sessions.look_elsewhere(), house.sessions.look_elsewhere());
            one.and_then(|one| other.map(|other| one + other)).map_err(|e| e.code())
        };
        let here = async |token: &str| house.sessions.authenticate(token).await.map(|_| ()).map_err(|e| e.code());
        let ada = house.through(&provider, "1", "ada").await.unwrap();
        let eva = house.through(&provider, "2", "eva").await.unwrap();
        // Asked again and again, each time by the token given last.
        for _ in 0..3 {
            assert_eq!(look().await, Ok(0));
        }
        assert_eq!(provider.0.lock().unwrap().spent.len(), 6);
        // Its tokens do not lie open in the database.
        let given: Vec<String> = provider.0.lock().unwrap().given.keys().cloned().collect();
        assert_eq!(given.len(), 2);
        for kept in crate::common::refresh_tokens(&db).await {
            assert!(given.iter().all(|token| !kept.windows(token.len()).any(|part| part == token.as_bytes())));
        }
        // Who leaves a group there leaves it here.
        assert_eq!(house.sessions.authenticate(&ada).await.unwrap().groups.len(), 1);
        provider.0.lock().unwrap().groups = json!(["/other"]);
        assert_eq!(look().await, Ok(0));
        crate::common::eventually("without the group", async || house.sessions.authenticate(&ada).await.unwrap().groups.is_empty()).await;
        // A provider that is away, or does not know us any more, throws nobody out.
        provider.0.lock().unwrap().away = true;
        assert_eq!(look().await, Err(Code::DirectoryUnavailable));
        provider.0.lock().unwrap().away = false;
        assert_eq!(look().await, Ok(0));
        assert_eq!((here(&ada).await, here(&eva).await), (Ok(()), Ok(())));
        // Ada is disabled there.
        provider.0.lock().unwrap().given.retain(|_, (subject, _)| subject != "1");
        assert_eq!(look().await, Ok(1));
        crate::common::eventually("signed out", async || here(&ada).await == Err(Code::SessionExpired)).await;
        assert_eq!(here(&eva).await, Ok(()));
        assert_eq!(crate::sign_in::trail(&db, "session.end").await.len(), 1);
        // Of who signed out here nobody is asked any more.
        let mut tx = db.write().await.unwrap();
        let of_eva = house.sessions.authenticate(&eva).await.unwrap().session;
        directory::session::end(&mut tx, house.ambient.now(), &house.actor, of_eva).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(look().await, Ok(0));
        assert!(crate::common::refresh_tokens(&db).await.is_empty());
        // A token about somebody else keeps nobody here by another's right, and nobody out.
        let ada = house.through(&provider, "3", "ida").await.unwrap();
        provider.lie(|key, header, mut claims| { claims["sub"] = json!("4"); key.sign(&header, &claims) });
        for _ in 0..2 {
            assert_eq!(look().await, Err(Code::WrongCredentials));
            assert_eq!(here(&ada).await, Ok(()));
        }
    }

    async fn only_known_places_are_returned_to(db: Db) {
        let (_provider, house) = set_up(db).await;
        for (redirect, fine) in [
            ("http://127.0.0.1:40123/return", true), ("https://engage.example.com/sign-in/return", true),
            ("http://127.0.0.1/return", false), ("http://127.0.0.1:40123/other", false), ("http://127.0.0.1.evil.test:1/return", false),
            ("http://evil.test:40123/return", false), ("https://127.0.0.1:40123/return", false), ("http://a@127.0.0.1:1/return", false),
            ("http://127.0.0.1:1/return?x=y", false), ("https://engage.example.com/sign-in/return/../x", false), ("javascript:alert(1)", false), ("", false),
        ] {
            let begun = house.sessions.begin_elsewhere(Some(redirect)).await;
            assert_eq!(begun.is_ok(), fine, "{redirect}");
        }
    }

    async fn every_forgery_is_refused(db: Db) {
        let (provider, house) = set_up(db.clone()).await;
        type Change = fn(&mut Value, i64);
        let now = provider.0.lock().unwrap().now;
        let changes: [(&str, Change); 12] = [
            ("iss", |c, _| c["iss"] = json!("https://evil.test")),
            ("aud", |c, _| c["aud"] = json!("another client")),
            ("aud of two", |c, _| c["aud"] = json!(["engage client", "another"])),
            ("azp", |c, _| c["azp"] = json!("another client")),
            ("nonce", |c, _| c["nonce"] = json!("another")),
            ("no nonce", |c, _| { c.as_object_mut().unwrap().remove("nonce"); }),
            ("expired", |c, now| c["exp"] = json!(now - 120)),
            ("no exp", |c, _| { c.as_object_mut().unwrap().remove("exp"); }),
            ("old", |c, now| c["iat"] = json!(now - 3600)),
            ("from the future", |c, now| c["iat"] = json!(now + 3600)),
            ("no subject", |c, _| c["sub"] = json!("")),
            ("another access token", |c, _| c["at_hash"] = json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ];
        for (what, change) in changes {
            provider.lie(move |key, header, mut claims| { change(&mut claims, now); key.sign(&header, &claims) });
            assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "{what}");
        }
        provider.lie(|_, header, claims| key("one").sign(&header, &claims));
        assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "another key of the same name");
        for alg in ["none", "None", "HS256", "RS256"] {
            provider.lie(move |key, _, claims| key.sign(&json!({"alg": alg, "kid": "one"}), &claims));
            assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "{alg}");
            provider.lie(move |key, _, claims| {
                let token = key.sign(&json!({"alg": alg}), &claims);
                format!("{}.", token.rsplit_once('.').unwrap().0)
            });
            assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "{alg} without a signature");
        }
        provider.lie(|key, header, claims| {
            let token = key.sign(&header, &claims);
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let mut bytes = BASE64.decode(signature).unwrap();
            bytes[10] ^= 1;
            format!("{signed}.{}", BASE64.encode(bytes))
        });
        assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "a changed signature");
        provider.lie(|key, header, claims| {
            let token = key.sign(&header, &claims);
            let parts: Vec<&str> = token.split('.').collect();
            let mut other = claims.clone();
            other["sub"] = json!("somebody else");
            format!("{}.{}.{}", parts[0], BASE64.encode(other.to_string()), parts[2])
        });
        assert_eq!(house.through(&provider, "5", "eva").await, Err(Code::WrongCredentials), "changed claims");
        // The truth still comes in, and nobody was made by a lie.
        provider.0.lock().unwrap().forge = None;
        assert!(house.through(&provider, "5", "eva").await.is_ok());
        assert_eq!(crate::sign_in::trail(&db, "user.create").await.len(), 2);
    }

    async fn new_keys_of_the_provider_are_found(db: Db) {
        let (provider, house) = set_up(db).await;
        assert!(house.through(&provider, "1", "eva").await.is_ok());
        {
            let mut state = provider.0.lock().unwrap();
            state.key = key("two");
            state.published = vec![state.key.jwk()];
        }
        // Not at once for everybody who sends an unknown key, but soon.
        let mut entered = house.through(&provider, "1", "eva").await;
        for _ in 0..200 {
            if entered.is_ok() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            entered = house.through(&provider, "1", "eva").await;
        }
        assert!(entered.is_ok());
        assert_eq!(provider.0.lock().unwrap().read_keys, 2);
    }
}
