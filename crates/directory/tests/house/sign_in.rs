//! The way in, on both databases.

use crate::common::{PASSWORD, credentials, house, house_with};
use access::{Target, Verb};
use directory::{SessionsConfig, UserWrite, session, setup, sign_in, users};
use kernel::{Code, Language, Page, Span};
use ledger::audit::{self, Outcome};
use store::Db;

pub async fn trail(db: &Db, operation: &str) -> Vec<audit::Recorded> {
    let ask = audit::Ask {
        operation: Some(operation.into()),
        ..Default::default()
    };
    audit::page(
        &mut db.read().await.unwrap(),
        &Page {
            limit: Some(500),
            cursor: None,
        },
        &ask,
    )
    .await
    .unwrap()
    .items
}

store::both! {
    async fn the_first_start_asks_for_an_administrator_once(db: Db) {
        assert!(setup::needs_setup(&mut db.read().await.unwrap()).await.unwrap());
        let house = house(db.clone()).await;
        assert!(!setup::needs_setup(&mut db.read().await.unwrap()).await.unwrap());
        let hash = house.sessions.prepare(PASSWORD, &house.admin).await.unwrap();
        let mut tx = db.write().await.unwrap();
        let again = setup::setup_administrator(&mut tx, &house.ambient, "eve", "Eve", &hash, Language::En).await;
        assert_eq!(again.unwrap_err().code(), Code::WrongState);
        drop(tx);
        let token = house.token("ADMIN").await;
        let signed_in = house.sessions.authenticate(&token).await.unwrap();
        assert_eq!(signed_in.roles, ["administrator"]);
        assert!(signed_in.policy.require(Verb::Delete, "anything at all").is_ok());
    }

    async fn a_wrong_password_and_an_unknown_user_get_one_answer(db: Db) {
        let house = house(db.clone()).await;
        house.user("ines", &["agent"]).await;
        let mut answers = Vec::new();
        for (login, password) in [("ines", "no es esta clave"), ("nadie", PASSWORD), ("ines", ""), ("", "")] {
            let error = house.sessions.sign_in(credentials(login, password)).await.unwrap_err();
            answers.push(error.to_string());
        }
        assert!(answers.iter().all(|a| a == "wrong_credentials"), "{answers:?}");
        let refused = trail(&db, "session.refuse").await;
        assert_eq!(refused.len(), 4);
        assert!(refused.iter().all(|e| e.outcome() == Some(Outcome::Refused)));
        // What was typed as a login is kept only where it is one.
        assert_eq!(refused.iter().filter(|e| e.note.as_deref() == Some("ines")).count(), 2);
        assert!(!refused.iter().any(|e| format!("{e:?}").contains("nadie")));
    }

    async fn a_password_from_somebody_else_opens_for_a_week(db: Db) {
        let house = house(db.clone()).await;
        let ines = house.user("ines", &["agent"]).await;
        let hash = house.sessions.prepare(PASSWORD, &house.admin).await.unwrap();
        let given = async |must_change| {
            let mut tx = db.write().await.unwrap();
            users::set_password(&mut tx, &house.ambient, &house.actor, ines.id, &hash, must_change).await.unwrap();
            tx.commit().await.unwrap();
        };
        let entered = async || house.sessions.sign_in(credentials("ines", PASSWORD)).await.map(|_| ()).map_err(|e| e.code());
        given(true).await;
        house.clock.advance(Span::from_days(7));
        assert_eq!(entered().await, Ok(()));
        house.clock.advance(Span::from_secs(1));
        assert_eq!(entered().await, Err(Code::FirstPasswordOver));
        // Who does not have it learns nothing of that.
        let wrong = house.sessions.sign_in(credentials("ines", "no es esta clave")).await.unwrap_err();
        assert_eq!(wrong.code(), Code::WrongCredentials);
        given(true).await;
        assert_eq!(entered().await, Ok(()));
        // One's own never ends by itself.
        given(false).await;
        house.clock.advance(Span::from_days(400));
        assert_eq!(entered().await, Ok(()));
    }

    async fn guessing_is_throttled_and_released(db: Db) {
        let house = house(db.clone()).await;
        let ines = house.user("ines", &["agent"]).await;
        // Many at once: the count comes before the look.
        let guesses = (0..30).map(|i| {
            let sessions = house.sessions.clone();
            tokio::spawn(async move { sessions.sign_in(credentials("ines", &format!("adivinanza {i}"))).await.unwrap_err() })
        });
        let mut codes = Vec::new();
        for guess in guesses.collect::<Vec<_>>() {
            codes.push(guess.await.unwrap().code());
        }
        assert_eq!(codes.iter().filter(|c| **c == Code::WrongCredentials).count(), 10);
        assert_eq!(codes.iter().filter(|c| **c == Code::Throttled).count(), 20);
        // Even the right one waits, and is told how long; a login that nobody has is treated alike.
        let error = house.sessions.sign_in(credentials("Ines", PASSWORD)).await.unwrap_err();
        assert_eq!((error.code(), error.args()["seconds"].as_str()), (Code::Throttled, "900"));
        for _ in 0..10 {
            assert_eq!(house.sessions.sign_in(credentials("nadie", "x")).await.unwrap_err().code(), Code::WrongCredentials);
        }
        assert_eq!(house.sessions.sign_in(credentials("nadie", "x")).await.unwrap_err().code(), Code::Throttled);
        assert_eq!(trail(&db, "session.throttle").await.len(), 2);

        let locked = house.sessions.locked_out(&mut db.read().await.unwrap(), "ines").await.unwrap();
        assert_eq!(locked, Some(Span::from_minutes(15)));
        let mut tx = db.write().await.unwrap();
        sign_in::release(&mut tx, house.ambient.now(), &house.actor, &ines).await.unwrap();
        tx.commit().await.unwrap();
        house.token("ines").await;
        // By itself after the window.
        house.clock.advance(Span::from_minutes(15));
        assert_eq!(house.sessions.sign_in(credentials("nadie", "x")).await.unwrap_err().code(), Code::WrongCredentials);
    }

    async fn one_address_cannot_try_all_logins(db: Db) {
        let config = SessionsConfig { tries_per_address: 5, ..SessionsConfig::default() };
        let house = house_with(db.clone(), config).await;
        for _ in 0..8 {
            // Right ones do not count.
            house.token("admin").await;
        }
        let mut codes = Vec::new();
        for i in 0..7 {
            codes.push(house.sessions.sign_in(credentials(&format!("user{i}"), "x")).await.unwrap_err().code());
        }
        assert_eq!(codes, [[Code::WrongCredentials; 5].as_slice(), &[Code::Throttled; 2]].concat());
        let elsewhere = directory::Credentials { address: Some("10.0.0.8".into()), ..credentials("admin", PASSWORD) };
        assert!(house.sessions.sign_in(elsewhere).await.is_ok());
    }

    async fn sessions_end_by_time_and_by_hand(db: Db) {
        let house = house(db.clone()).await;
        let unknown = house.sessions.authenticate("no such token").await.unwrap_err();
        assert_eq!(unknown.code(), Code::Unauthenticated);

        let idle = house.token("admin").await;
        house.clock.advance(Span::from_minutes(29));
        house.sessions.authenticate(&idle).await.unwrap();
        house.clock.advance(Span::from_minutes(29));
        house.sessions.authenticate(&idle).await.unwrap();
        house.clock.advance(Span::from_minutes(30));
        assert_eq!(house.sessions.authenticate(&idle).await.unwrap_err().code(), Code::SessionExpired);

        // Who only listens does not use the session: it becomes idle under an open stream.
        let listened = house.token("admin").await;
        house.clock.advance(Span::from_minutes(29));
        house.sessions.look_again(&listened).await.unwrap();
        house.clock.advance(Span::from_minutes(1));
        assert_eq!(house.sessions.look_again(&listened).await.unwrap_err().code(), Code::SessionExpired);
        assert_eq!(house.sessions.authenticate(&listened).await.unwrap_err().code(), Code::SessionExpired);
        // And who does use it is heard by whoever listens, before it stands in the table.
        let used = house.token("admin").await;
        house.clock.advance(Span::from_minutes(29));
        house.sessions.authenticate(&used).await.unwrap();
        house.clock.advance(Span::from_minutes(29));
        assert!(house.sessions.look_again(&used).await.is_ok());

        let busy = house.token("admin").await;
        let mut lived = Span::ZERO;
        while house.sessions.authenticate(&busy).await.is_ok() {
            house.clock.advance(Span::from_minutes(20));
            lived = lived + Span::from_minutes(20);
        }
        assert_eq!(lived, Span::from_hours(12));

        let (one, two) = (house.token("admin").await, house.token("admin").await);
        house.sessions.sign_out(&one).await.unwrap();
        house.sessions.sign_out(&one).await.unwrap();
        assert_eq!(house.sessions.authenticate(&one).await.unwrap_err().code(), Code::SessionExpired);
        assert!(house.sessions.authenticate(&two).await.is_ok());
        let mut reads = db.read().await.unwrap();
        let open = house.sessions.open(&mut reads, &Page::default()).await.unwrap();
        assert_eq!(open.items.len(), 1);
        assert_eq!(house.sessions.open_of_user(&mut reads, house.admin.id).await.unwrap(), open.items);
        drop(reads);
        let mut tx = db.write().await.unwrap();
        session::end_everywhere(&mut tx, house.ambient.now(), &house.actor, house.admin.id, None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.sessions.authenticate(&two).await.unwrap_err().code(), Code::SessionExpired);
        house.clock.advance(Span::from_days(30));
        let mut tx = db.write().await.unwrap();
        assert!(session::purge(&mut tx, house.ambient.now() - Span::from_days(7)).await.unwrap() >= 4);
        assert!(sign_in::purge(&mut tx, house.ambient.now() - Span::from_days(1)).await.is_ok());
        tx.commit().await.unwrap();
    }

    async fn what_is_taken_away_is_gone_at_once_on_every_node(db: Db) {
        let house = house(db.clone()).await;
        let ines = house.user("ines", &["agent"]).await;
        let token = house.token("ines").await;
        // A second node, with its own memory and its own connections' signals.
        let (_, ambient) = store::testing::hand_ambient(crate::common::START, 99);
        let other = directory::Sessions::new(db.clone(), ambient, house.sessions.passwords().clone(), SessionsConfig::default());
        let customer = Target::entity("customer");
        let may = async |sessions: &directory::Sessions| {
            let signed_in = sessions.authenticate(&token).await.unwrap();
            signed_in.policy.decide(&access::Request::new(Verb::Create, &customer)).is_allowed()
        };
        // Promised is a second, of which a busy machine may eat some.
        let soon = async |wanted: bool| {
            let begun = std::time::Instant::now();
            while may(&house.sessions).await != wanted || may(&other).await != wanted {
                assert!(begun.elapsed().as_secs() < 5, "still not {wanted}");
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        soon(true).await;
        let agent = directory::roles::find_by_key(&mut db.read().await.unwrap(), "agent").await.unwrap().unwrap();
        let mut tx = db.write().await.unwrap();
        directory::roles::set_user(&mut tx, &house.ambient, &house.actor, agent.id, ines.id, false).await.unwrap();
        tx.commit().await.unwrap();
        soon(false).await;

        // Through a group.
        let mut tx = db.write().await.unwrap();
        let group = directory::groups::create(&mut tx, &house.ambient, &house.actor, "mesa", "Mesa de ayuda", "").await.unwrap();
        directory::roles::set_group(&mut tx, &house.ambient, &house.actor, agent.id, group.id, true).await.unwrap();
        directory::groups::set_member(&mut tx, &house.ambient, &house.actor, group.id, ines.id, true).await.unwrap();
        tx.commit().await.unwrap();
        soon(true).await;
        assert_eq!(house.sessions.authenticate(&token).await.unwrap().groups, [group.id]);

        // Made inactive: signed out.
        let write = UserWrite { active: false, ..UserWrite::new("ines", "Inés") };
        let mut tx = db.write().await.unwrap();
        users::change(&mut tx, &house.ambient, &house.actor, ines.id, ines.version, write).await.unwrap();
        tx.commit().await.unwrap();
        let begun = std::time::Instant::now();
        while other.authenticate(&token).await.is_ok() || house.sessions.authenticate(&token).await.is_ok() {
            assert!(begun.elapsed().as_secs() < 5);
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        assert_eq!(house.sessions.sign_in(credentials("ines", PASSWORD)).await.unwrap_err().code(), Code::WrongCredentials);
    }

    async fn a_password_is_changed_by_its_owner(db: Db) {
        let house = house(db.clone()).await;
        house.user("ines", &["agent"]).await;
        let (here, there) = (house.token("ines").await, house.token("ines").await);
        let signed_in = house.sessions.authenticate(&here).await.unwrap();
        let wrong = house.sessions.change_password(&signed_in, "otra", "una frase nueva y larga").await.unwrap_err();
        assert_eq!((&*wrong.fields()[0].field, &*wrong.fields()[0].code), ("present", "wrong_password"));
        for (wanted, problem) in [
            ("corta", "password_short"), ("Contraseña2026!", "password_common"), (PASSWORD, "password_same"),
            ("ines-ines-ines", "password_common"), ("Persona.ines.2026", "password_common"),
        ] {
            let error = house.sessions.change_password(&signed_in, PASSWORD, wanted).await.unwrap_err();
            assert_eq!(error.fields()[0].code, problem, "{wanted}");
        }
        let long = "x9".repeat(65);
        assert_eq!(house.sessions.change_password(&signed_in, PASSWORD, &long).await.unwrap_err().fields()[0].code, "password_long");
        house.sessions.change_password(&signed_in, PASSWORD, "una frase nueva y larga").await.unwrap();
        assert!(house.sessions.authenticate(&here).await.is_ok());
        assert_eq!(house.sessions.authenticate(&there).await.unwrap_err().code(), Code::SessionExpired);
        assert_eq!(house.sessions.sign_in(credentials("ines", PASSWORD)).await.unwrap_err().code(), Code::WrongCredentials);
        assert!(house.sessions.sign_in(credentials("ines", "una frase nueva y larga")).await.is_ok());
        assert_eq!(trail(&db, "user.change_password").await.len(), 1);
        let everything = format!("{:?}", trail(&db, "user.").await);
        assert!(!everything.contains("argon2") && !everything.contains("frase"));
    }
}

/// The same work for an unknown user: medians no further apart than the noise of this machine allows (the goal on a quiet
/// one is 5 ms; `bench_sign_in` measures it).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_user_takes_as_long() {
    let test = store::testing::sqlite().await;
    let config = SessionsConfig {
        tries_per_login: 1_000,
        tries_per_address: 1_000,
        ..SessionsConfig::default()
    };
    let house = house_with(test.db.clone(), config).await;
    let mut times = [Vec::new(), Vec::new()];
    for i in 0..40 {
        let login = if i % 2 == 0 { "admin" } else { "nadie" };
        let begun = std::time::Instant::now();
        house
            .sessions
            .sign_in(credentials(login, "no es esta clave"))
            .await
            .unwrap_err();
        times[i % 2].push(begun.elapsed());
    }
    let [wrong, unknown] = times.map(|mut t| {
        t.sort();
        t[t.len() / 2]
    });
    assert!(
        unknown * 2 > wrong && wrong * 2 > unknown,
        "{wrong:?} {unknown:?}"
    );
}
