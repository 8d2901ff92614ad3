//! A small house with people in it.

use directory::{
    Credentials, Passwords, Sessions, SessionsConfig, User, UserWrite, roles, setup, users,
};
use kernel::{Ambient, Language, Moment};
use ledger::Actor;
use store::Db;
use store::testing::{HandClock, hand_ambient};

pub const START: Moment = Moment::from_micros(1_790_000_000_000_000);
pub const PASSWORD: &str = "el tren sale a las ocho";

pub struct House {
    pub db: Db,
    pub clock: HandClock,
    pub ambient: Ambient,
    pub sessions: Sessions,
    pub admin: User,
    pub actor: Actor,
}

/// Set up, with its first administrator `admin`.
pub async fn house(db: Db) -> House {
    house_with(db, SessionsConfig::default()).await
}

pub async fn house_with(db: Db, config: SessionsConfig) -> House {
    let (clock, ambient) = hand_ambient(START, 11);
    let passwords = Passwords::new(&ambient, 2).await.unwrap();
    let hash = passwords
        .prepare(&ambient, PASSWORD, &["admin"])
        .await
        .unwrap();
    let mut tx = db.write().await.unwrap();
    let admin =
        setup::setup_administrator(&mut tx, &ambient, "admin", "Ada Ríos", &hash, Language::Es)
            .await
            .unwrap();
    tx.commit().await.unwrap();
    let sessions = Sessions::new(db.clone(), ambient.clone(), passwords, config);
    let actor = Actor::person(admin.id, &*admin.name).with_role("administrator");
    House {
        db,
        clock,
        ambient,
        sessions,
        admin,
        actor,
    }
}

pub fn credentials(login: &str, password: &str) -> Credentials {
    Credentials {
        login: login.into(),
        password: password.into(),
        code: None,
        address: Some("10.0.0.7".into()),
        client: Some("test".into()),
    }
}

impl House {
    /// A user with [`PASSWORD`] and these roles, by key.
    pub async fn user(&self, login: &str, role_keys: &[&str]) -> User {
        let hash = self
            .sessions
            .passwords()
            .prepare(&self.ambient, PASSWORD, &[])
            .await
            .unwrap();
        let mut tx = self.db.write().await.unwrap();
        let mut held = Vec::new();
        for key in role_keys {
            held.push(roles::find_by_key(&mut tx, key).await.unwrap().unwrap().id);
        }
        let write = UserWrite {
            roles: Some(held),
            ..UserWrite::new(login, format!("Persona {login}"))
        };
        let user = users::create(
            &mut tx,
            &self.ambient,
            &self.actor,
            write,
            Some(&hash),
            false,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        user
    }

    pub async fn token(&self, login: &str) -> String {
        self.sessions
            .sign_in(credentials(login, PASSWORD))
            .await
            .unwrap()
            .token
    }
}

/// Asks until it holds: what is revoked reaches a session within a second, on PostgreSQL by way of a signal.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never: {what}");
}

const REFRESH_TOKENS: store::Sql = store::Sql::both("SELECT token FROM session_provider");

/// What is kept to ask the identity provider with, as it lies there.
pub async fn refresh_tokens(db: &Db) -> Vec<Vec<u8>> {
    let mut reads = db.read().await.unwrap();
    let found = store::fetch_all!(&mut reads, (Vec<u8>,), REFRESH_TOKENS).unwrap();
    found.into_iter().map(|(token,)| token).collect()
}
