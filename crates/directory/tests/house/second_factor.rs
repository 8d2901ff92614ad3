//! What a device shows, beside the password, on both databases. The codes are made here once more, from the RFC.

use crate::common::{House, PASSWORD, credentials, eventually, house_with};
use directory::{Credentials, SessionsConfig, second_factor, users};
use kernel::{Code, Moment, Span};
use store::{Db, Vault};

async fn house(db: Db) -> House {
    let vault = Some(Vault::new(&[5; 32]).unwrap());
    let config = SessionsConfig {
        vault,
        ..SessionsConfig::default()
    };
    house_with(db, config).await
}

/// RFC 4648, then RFC 6238.
fn device(secret: &str, now: Moment) -> String {
    let mut bits = String::new();
    for letter in secret.chars().filter(|c| *c != ' ') {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
        bits.push_str(&format!("{value:05b}"));
    }
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let counter = (now.as_micros() / 30_000_000).to_be_bytes();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let hash = ring::hmac::sign(&key, &counter);
    let hash = hash.as_ref();
    let from = usize::from(hash[19] & 0xf);
    let number = u32::from_be_bytes(hash[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

impl House {
    /// Enrols `admin`: the secret and the recovery codes.
    async fn enrolled(&self) -> (String, Vec<String>) {
        let token = self.token("admin").await;
        let signed_in = self.sessions.authenticate(&token).await.unwrap();
        let vault = self.sessions.vault().unwrap();
        let mut tx = self.db.write().await.unwrap();
        let made = second_factor::begin(&mut tx, &self.ambient, vault, &signed_in)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = self.db.write().await.unwrap();
        let wrong = second_factor::confirm(&mut tx, &self.ambient, vault, &signed_in, "000000");
        assert_eq!(
            wrong.await.unwrap_err().fields()[0].code,
            "second_factor_wrong"
        );
        let code = device(&made.secret, self.ambient.now());
        let codes = second_factor::confirm(&mut tx, &self.ambient, vault, &signed_in, &code)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        (made.secret, codes)
    }

    async fn try_code(&self, password: &str, code: Option<&str>) -> Result<String, Code> {
        let with = Credentials {
            code: code.map(str::to_owned),
            ..credentials("admin", password)
        };
        let entered = self.sessions.sign_in(with).await;
        entered.map(|e| e.token).map_err(|e| e.code())
    }
}

store::both! {
    async fn a_code_is_asked_for_and_opens_once(db: Db) {
        let house = house(db.clone()).await;
        // Before enrolment nobody is asked; a pending secret counts for nothing.
        assert!(house.try_code(PASSWORD, None).await.is_ok());
        let (secret, recovery) = house.enrolled().await;
        assert_eq!(recovery.len(), 10);
        assert_eq!(house.try_code(PASSWORD, None).await, Err(Code::SecondFactorRequired));
        // Nobody without the password learns that there is a second factor.
        assert_eq!(house.try_code("otra frase cualquiera", None).await, Err(Code::WrongCredentials));
        assert_eq!(house.try_code(PASSWORD, Some("000000")).await, Err(Code::SecondFactorRequired));
        // The code that confirmed the enrolment is spent.
        let code = device(&secret, house.ambient.now());
        assert_eq!(house.try_code(PASSWORD, Some(&code)).await, Err(Code::SecondFactorRequired));
        house.clock.advance(Span::from_secs(30));
        let code = device(&secret, house.ambient.now());
        let both = [house.try_code(PASSWORD, Some(&code)), house.try_code(PASSWORD, Some(&code))];
        let [one, other] = both;
        let (one, other) = tokio::join!(one, other);
        assert!(one.is_ok() != other.is_ok(), "a code opened {one:?} {other:?}");
        house.clock.advance(Span::from_secs(90));
        let late = device(&secret, house.ambient.now() - Span::from_secs(60));
        assert_eq!(house.try_code(PASSWORD, Some(&late)).await, Err(Code::SecondFactorRequired));
    }

    async fn recovery_codes_open_once_each(db: Db) {
        let house = house(db.clone()).await;
        let (_, recovery) = house.enrolled().await;
        for code in &recovery[..3] {
            assert!(house.try_code(PASSWORD, Some(&code.to_uppercase().replace(' ', "-"))).await.is_ok());
            assert_eq!(house.try_code(PASSWORD, Some(code)).await, Err(Code::SecondFactorRequired));
        }
        let standing = second_factor::standing(&mut db.read().await.unwrap(), house.admin.id).await.unwrap();
        assert_eq!(standing.recovery_left, 7);
        assert!(standing.enrolled.is_some());
    }

    async fn guessing_codes_is_throttled_like_guessing_passwords(db: Db) {
        let house = house(db.clone()).await;
        house.enrolled().await;
        let mut answers = Vec::new();
        for guess in 0..12 {
            answers.push(house.try_code(PASSWORD, Some(&format!("{:06}", guess * 7))).await.unwrap_err());
        }
        assert!(answers[..10].iter().all(|a| *a == Code::SecondFactorRequired), "{answers:?}");
        assert!(answers[10..].iter().all(|a| *a == Code::Throttled), "{answers:?}");
    }

    async fn a_role_may_ask_for_it_and_an_administrator_may_reset_it(db: Db) {
        let house = house(db.clone()).await;
        let token = house.token("admin").await;
        assert_eq!(house.sessions.authenticate(&token).await.unwrap().unfinished(), None);
        let role = directory::roles::find_by_key(&mut db.read().await.unwrap(), "administrator").await.unwrap().unwrap();
        let mut tx = db.write().await.unwrap();
        second_factor::set_required_roles(&mut tx, house.ambient.now(), &house.actor, &[role.id]).await.unwrap();
        tx.commit().await.unwrap();
        // The open session too, at once.
        eventually("the rule reaches it", async || house.sessions.authenticate(&token).await.unwrap().unfinished() == Some("second_factor")).await;
        let (secret, _) = house.enrolled().await;
        eventually("a session that began with less ends", async || house.sessions.authenticate(&token).await.is_err()).await;
        house.clock.advance(Span::from_secs(60));
        let code = device(&secret, house.ambient.now());
        let token = house.try_code(PASSWORD, Some(&code)).await.unwrap();
        assert_eq!(house.sessions.authenticate(&token).await.unwrap().unfinished(), None);

        let mut tx = db.write().await.unwrap();
        second_factor::remove(&mut tx, house.ambient.now(), &house.actor, house.admin.id, "second_factor.reset").await.unwrap();
        tx.commit().await.unwrap();
        eventually("the reset ends it", async || house.sessions.authenticate(&token).await.is_err()).await;
        let token = house.try_code(PASSWORD, None).await.unwrap();
        assert_eq!(house.sessions.authenticate(&token).await.unwrap().unfinished(), Some("second_factor"));
        let operations = ["second_factor.policy", "second_factor.enrol", "second_factor.reset"];
        for operation in operations {
            assert_eq!(crate::sign_in::trail(&db, operation).await.len(), 1, "{operation}");
        }
    }

    async fn secrets_rest_sealed(db: Db) {
        let house = house(db.clone()).await;
        house.enrolled().await;
        let mut reads = db.read().await.unwrap();
        assert_eq!(second_factor::key_fits(&mut reads, house.sessions.vault().unwrap()).await.unwrap(), Some(true));
        let other = Vault::new(&[6; 32]).unwrap();
        assert_eq!(second_factor::key_fits(&mut reads, &other).await.unwrap(), Some(false));
        let user = users::find(&mut reads, house.admin.id).await.unwrap().unwrap();
        assert!(user.active);
    }
}
