//! What the whole service lets out and lets in, through its real router, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod house;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use api::path;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use house::{ADMIN, House, PASSWORD};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Made here once more from RFC 6238: what a person's device shows.
fn device(secret: &str, micros: i64) -> String {
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
    let counter = (micros / 30_000_000).to_be_bytes();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &key);
    let tag = ring::hmac::sign(&key, &counter);
    let hash = tag.as_ref();
    let from = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[from..from + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn now() -> i64 {
    store::ambient().now().as_micros()
}

on_both! {
    async fn the_second_factor_from_enrolment_to_reset(house: House) {
        let admin = house.sign_in(ADMIN, PASSWORD).await;
        house.add_user(&admin, "ines", &["agent"]).await;
        let first = house.sign_in("ines", house::FIRST).await;
        // Somebody else chose the password: nothing else is answered.
        let (status, problem) = house.get(&first, path::WORK_ITEMS).await;
        assert_eq!((status, problem["code"].as_str()), (403, Some("unfinished")), "{problem}");
        let change = json!({"current": house::FIRST, "new": PASSWORD});
        assert_eq!(house.call(&first, "PUT", path::PASSWORD, change).await.0, 204);
        assert_eq!(house.get(&first, path::WORK_ITEMS).await.0, 200);

        let rules = json!({"second_factor_roles": ["agent"]});
        assert_eq!(house.call(&first, "PUT", path::SIGN_IN_POLICY, rules.clone()).await.0, 403);
        assert_eq!(house.call(&admin, "PUT", path::SIGN_IN_POLICY, rules).await.0, 204);
        let (status, problem) = house.get(&first, path::WORK_ITEMS).await;
        assert_eq!((status, problem["args"]["what"].as_str()), (403, Some("second_factor")));
        let (_, me) = house.get(&first, path::SESSION).await;
        assert_eq!(me["must_enrol_second_factor"], true);

        let (status, made) = house.call(&first, "POST", path::SECOND_FACTOR, json!({})).await;
        assert_eq!(status, 200, "{made}");
        assert!(made["uri"].as_str().unwrap().starts_with("otpauth://totp/Engage:ines?secret="));
        assert!(made["picture_path"].as_str().unwrap().starts_with("M4 4h1v1h-1z"));
        let secret = made["secret"].as_str().unwrap().to_owned();
        let code = json!({"code": device(&secret, now())});
        let (status, recovery) = house.call(&first, "PUT", path::SECOND_FACTOR, code.clone()).await;
        assert_eq!((status, recovery["codes"].as_array().unwrap().len()), (200, 10));
        assert_eq!(house.get(&first, path::WORK_ITEMS).await.0, 200);

        let with = |code: Option<&str>| json!({"login": "ines", "password": PASSWORD, "code": code});
        let (status, problem) = house.call("", "POST", path::SESSION, with(None)).await;
        assert_eq!((status, problem["code"].as_str()), (401, Some("second_factor_required")));
        let spent = code["code"].as_str();
        assert_eq!(house.call("", "POST", path::SESSION, with(spent)).await.0, 401);
        let one = recovery["codes"][0].as_str();
        let (status, entered) = house.call("", "POST", path::SESSION, with(one)).await;
        assert_eq!(status, 200, "{entered}");
        let second = entered["token"].as_str().unwrap().to_owned();
        assert_eq!(house.call("", "POST", path::SESSION, with(one)).await.0, 401, "a recovery code opened twice");
        // One's own is taken away with a code alone; another's by who may change users.
        let own = path::fill(path::USER_SECOND_FACTOR, &[entered["me"]["id"].as_str().unwrap()]);
        assert_eq!(house.call(&second, "DELETE", &own, Value::Null).await.0, 403);
        assert_eq!(house.call(&second, "DELETE", path::SECOND_FACTOR, json!({"code": "000000"})).await.0, 422);
        assert_eq!(house.call(&admin, "DELETE", &own, Value::Null).await.0, 204);
        assert_eq!(house.get(&second, path::WORK_ITEMS).await.0, 401);
        assert_eq!(house.call("", "POST", path::SESSION, with(None)).await.0, 200);
        let admins_own = path::fill(path::USER_SECOND_FACTOR, &[house.get(&admin, path::SESSION).await.1["id"].as_str().unwrap()]);
        assert_eq!(house.call(&admin, "DELETE", &admins_own, Value::Null).await.0, 409);
    }

    async fn nothing_is_answered_to_nobody(house: House) {
        let document = serde_json::to_value(service::open_api()).unwrap();
        let open = [path::WELCOME, path::SET_UP, path::HEALTH, path::METRICS, path::PROVIDER_BEGIN, path::PROVIDER_FINISH];
        let mut asked = 0;
        for (place, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let free = open.contains(&place.as_str()) || (place == path::SESSION && method == "post");
                // What says that it wants no session must be in the list above, and the other way round.
                assert_eq!(operation.get("security").is_none(), free, "{method} {place}");
                if free {
                    continue;
                }
                asked += 1;
                let filled = place.split('/').map(|step| if step.starts_with('{') { "0198c0de-0000-7000-8000-000000000000" } else { step }).collect::<Vec<_>>().join("/");
                for token in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
                    let (status, problem) = house.call(token, &method.to_uppercase(), &filled, json!({})).await;
                    assert_eq!((status, problem["code"].as_str()), (401, Some("unauthenticated")), "{method} {place}: {problem}");
                }
            }
        }
        assert!(asked > 40, "{asked}");
    }

    async fn what_is_revoked_ends_within_a_second(house: House) {
        let admin = house.sign_in(ADMIN, PASSWORD).await;
        house.add_user(&admin, "raul", &["agent"]).await;
        let raul = house.settle("raul").await;
        assert_eq!(house.list(&raul).await, 200);
        let mut stream = house.stream(&raul).await;
        house.change_user(&admin, "raul", json!({"roles": []})).await;
        let since = Instant::now();
        while house.list(&raul).await != 403 {
            assert!(since.elapsed() < Duration::from_secs(20), "a role taken away still opens lists");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // A stream ends when who may do what changes: its client connects anew, and is asked anew.
        stream.ended().await;
        house.change_user(&admin, "raul", json!({"active": false})).await;
        while house.get(&raul, path::SESSION).await.0 != 401 {
            assert!(since.elapsed() < Duration::from_secs(40), "a session of nobody lives on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn guesses_find_nothing(house: House) {
        let admin = house.sign_in(ADMIN, PASSWORD).await;
        house.add_user(&admin, "ines", &["agent"]).await;
        let report = house::guess(&house.router, &["ines"], 160).await;
        assert_eq!(report.entered, 0, "{report:?}");
        assert!(report.throttled >= 50, "{report:?}");
        assert_eq!(report.bodies.len(), 1, "unknown user and wrong password are answered differently: {report:?}");
    }

    async fn what_is_refused_leaves_one_trace(house: House) {
        let admin = house.sign_in(ADMIN, PASSWORD).await;
        house.add_user(&admin, "ines", &["agent"]).await;
        let ines = house.settle("ines").await;
        for _ in 0..3 {
            assert_eq!(house.get(&ines, path::AUDIT).await.0, 403);
        }
        let place = format!("{}?operation=access.refuse", path::AUDIT);
        let (status, found) = house.get(&admin, &place).await;
        assert_eq!(status, 200, "{found}");
        let entries = found["items"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "once for the same thing: {found}");
        assert_eq!((entries[0]["outcome"].as_str(), entries[0]["entity"].as_str()), (Some("refused"), Some("audit")), "{found}");
        assert!(entries[0]["note"].as_str().unwrap().contains(path::AUDIT), "{found}");
    }

    async fn a_cookie_counts_for_our_own_page_alone(house: House) {
        let body = json!({"login": ADMIN, "password": PASSWORD}).to_string();
        let entering = Request::post(path::SESSION).header("content-type", "application/json").header(api::header::CLIENT, "web");
        let entered = house.router.clone().oneshot(entering.body(Body::from(body)).unwrap()).await.unwrap();
        assert_eq!(entered.status(), 200);
        let cookie = entered.headers()["set-cookie"].to_str().unwrap();
        for mark in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.contains(mark), "{cookie}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let asked = async |headers: &[(&str, &str)]| {
            let mut asking = Request::get(path::SESSION).header("cookie", &cookie);
            for (name, value) in headers {
                asking = asking.header(*name, *value);
            }
            house.router.clone().oneshot(asking.body(Body::empty()).unwrap()).await.unwrap().status().as_u16()
        };
        assert_eq!(asked(&[(api::header::CLIENT, "web")]).await, 200);
        assert_eq!(asked(&[("sec-fetch-site", "same-origin")]).await, 200);
        // What a page of another site can have the browser send.
        assert_eq!(asked(&[]).await, 401);
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(asked(&[("sec-fetch-site", site)]).await, 401, "{site}");
        }
        assert_eq!(asked(&[("origin", "https://elsewhere.example"), ("sec-fetch-mode", "no-cors")]).await, 401);
    }
}

/// The demo world, and somebody in it who holds these grants.
async fn demo_with(
    database: store::testing::TestDb,
    grants: Value,
) -> (House, String, String, String) {
    let house = House::start(database, true).await;
    let admin = house.sign_in("admin", "violeta-lluvia-tren").await;
    let role = json!({"key": "probe", "name": "Probe", "description": "", "grants": grants});
    let (status, told) = house.call(&admin, "POST", path::ROLES, role).await;
    assert_eq!(status, 201, "{told}");
    let user = house.add_user(&admin, "ines", &["probe"]).await;
    let ines = house.settle("ines").await;
    (house, admin, ines, user["id"].as_str().unwrap().to_owned())
}

async fn made(house: &House, admin: &str, fields: Value) -> String {
    let new = json!({"customer_type": "person", "fields": fields});
    let (status, made) = house.call(admin, "POST", path::CUSTOMERS, new).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn changed(house: &House, admin: &str, place: &str, mut change: Value) {
    change["version"] = house.get(admin, place).await.1["version"].clone();
    let (status, told) = house.call(admin, "PATCH", place, change).await;
    assert_eq!(status, 200, "{told}");
}

/// A field that may not be seen tells nothing by being empty, nor of what stood there before.
async fn what_stood_in_a_hidden_field(database: store::testing::TestDb) {
    let read = json!(["read"]);
    let (house, admin, ines, _) = demo_with(database, json!([
        {"target": {"entity": "customer"}, "verbs": ["read", "change"]},
        {"target": {"field": {"entity": "customer", "field": "fields.email"}}, "verbs": read, "effect": "deny"},
        {"target": {"entity": "history"}, "verbs": read},
        {"target": {"entity": "audit"}, "verbs": read},
    ])).await;
    let filled = made(
        &house,
        &admin,
        json!({"name": "Zuqui Uno", "email": "zuqui@example.org"}),
    )
    .await;
    let empty = made(&house, &admin, json!({"name": "Zuqui Dos"})).await;
    let of = |id: &str| path::fill(path::CUSTOMER, &[id]);
    let (_, with) = house.get(&ines, &of(&filled)).await;
    let (_, without) = house.get(&ines, &of(&empty)).await;
    for told in [&with, &without] {
        let listed = |list: &str| told[list].as_array().unwrap().contains(&json!("email"));
        assert!(listed("hidden") && !listed("changeable"), "{told}");
    }
    changed(
        &house,
        &admin,
        &of(&filled),
        json!({"fields": {"email": null}}),
    )
    .await;
    let (_, entries) = house
        .get(
            &admin,
            &format!("{}?entity=customer&record={filled}", path::AUDIT),
        )
        .await;
    let mut places = vec![
        of(&filled),
        path::fill(path::CUSTOMER_HISTORY, &[&filled]),
        format!(
            "{}?at=2100-01-01T00:00:00Z",
            path::fill(path::AUDIT_PAST, &["customer", &filled])
        ),
        format!("{}?entity=customer&record={filled}", path::AUDIT),
    ];
    for entry in entries["items"].as_array().unwrap() {
        places.push(path::fill(
            path::AUDIT_ENTRY,
            &[entry["id"].as_str().unwrap()],
        ));
    }
    assert!(places.len() > 5, "{entries}");
    let mut seen_by_admin = 0;
    for place in places {
        let (status, told) = house.get(&ines, &place).await;
        assert!(!told.to_string().contains("zuqui@"), "{place}: {told}");
        assert!([200, 404].contains(&status), "{place}: {told}");
        seen_by_admin += usize::from(
            house
                .get(&admin, &place)
                .await
                .1
                .to_string()
                .contains("zuqui@"),
        );
    }
    assert!(seen_by_admin > 1, "nothing was there to be hidden");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stood_in_a_hidden_field_stays_hidden_sqlite() {
    what_stood_in_a_hidden_field(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stood_in_a_hidden_field_stays_hidden_postgres() {
    if let Some(database) = store::testing::postgres().await {
        what_stood_in_a_hidden_field(database).await;
    }
}

/// Whose every grant speaks of owners and units opens one customer through the second wall: theirs are whole, the others are not
/// there.
async fn own_customers_through_the_wall(database: store::testing::TestDb) {
    let (read, own) = (
        json!(["read"]),
        json!({"compare": {"field": "owner", "comparison": "equal", "value": {"text": "$user"}}}),
    );
    let (house, admin, ines, id) = demo_with(
        database,
        json!([
            {"target": {"entity": "customer"}, "verbs": ["read", "change"], "condition": own},
            {"target": {"entity": "contact"}, "verbs": read},
            {"target": {"entity": "history"}, "verbs": read},
            {"target": {"entity": "instance"}, "verbs": read},
        ]),
    )
    .await;
    let (mine, other) = (
        made(&house, &admin, json!({"name": "Zuqui Uno"})).await,
        made(&house, &admin, json!({"name": "Zuqui Dos"})).await,
    );
    let of = |customer: &str| path::fill(path::CUSTOMER, &[customer]);
    changed(
        &house,
        &admin,
        &of(&mine),
        json!({"fields": {}, "owner": id}),
    )
    .await;
    for customer in [&mine, &other] {
        let contact = json!({"name": "Eva Contacto"});
        let place = path::fill(path::CUSTOMER_CONTACTS, &[customer]);
        assert_eq!(house.call(&admin, "POST", &place, contact).await.0, 201);
    }
    for template in [
        path::CUSTOMER,
        path::CUSTOMER_CONTACTS,
        path::CUSTOMER_HISTORY,
        path::CUSTOMER_INSTANCES,
    ] {
        let (status, told) = house.get(&ines, &path::fill(template, &[&mine])).await;
        assert_eq!(status, 200, "{template}: {told}");
        let (_, whole) = house.get(&admin, &path::fill(template, &[&mine])).await;
        let lines = |told: &Value| told["items"].as_array().or(told.as_array()).map(Vec::len);
        assert_eq!(lines(&told), lines(&whole), "{template}");
        assert_eq!(
            house.get(&ines, &path::fill(template, &[&other])).await.0,
            404,
            "{template}"
        );
    }
    let contacts = house
        .get(&ines, &path::fill(path::CUSTOMER_CONTACTS, &[&mine]))
        .await
        .1;
    assert!(contacts.to_string().contains("Eva Contacto"), "{contacts}");
    // Given to somebody else it is gone at once.
    changed(
        &house,
        &admin,
        &of(&mine),
        json!({"fields": {}, "owner": null}),
    )
    .await;
    assert_eq!(house.get(&ines, &of(&mine)).await.0, 404);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_customers_are_whole_and_others_not_there_sqlite() {
    own_customers_through_the_wall(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn own_customers_are_whole_and_others_not_there_postgres() {
    if let Some(database) = store::testing::postgres().await {
        own_customers_through_the_wall(database).await;
    }
}

#[tokio::test]
async fn who_asks_faster_than_anybody_works_is_told_to_wait() {
    let house = House::with(store::testing::sqlite().await, |config| {
        config.demo = true;
        config.session_requests_per_minute = 60;
    })
    .await;
    let first = house.sign_in("agente", "violeta-lluvia-tren").await;
    let second = house.sign_in("agente", "violeta-lluvia-tren").await;
    let mut answers = Vec::new();
    for _ in 0..70 {
        answers.push(house.get(&first, path::SESSION).await);
    }
    assert!(answers[..60].iter().all(|(status, _)| *status == 200));
    let (status, problem) = answers.last().unwrap();
    assert_eq!(
        (
            *status,
            problem["code"].as_str(),
            problem["args"]["seconds"].as_str()
        ),
        (429, Some("throttled"), Some("1"))
    );
    assert_eq!(house.get(&second, path::SESSION).await.0, 200);
    house.close().await;
}

#[tokio::test]
async fn figures_are_for_this_machine_or_for_who_shows_the_token() {
    let asked = async |house: &House, from: &str, header: Option<(&str, &str)>| {
        let mut asking = Request::get(path::METRICS);
        if let Some((name, value)) = header {
            asking = asking.header(name, value);
        }
        let mut asking = asking.body(Body::empty()).unwrap();
        let from: SocketAddr = from.parse().unwrap();
        asking.extensions_mut().insert(ConnectInfo(from));
        let router = house.router.clone();
        router.oneshot(asking).await.unwrap().status().as_u16()
    };
    let (here, there) = ("127.0.0.1:9", "192.0.2.7:9");
    let bare = House::with(store::testing::sqlite().await, |_| {}).await;
    assert_eq!(asked(&bare, here, None).await, 200);
    assert_eq!(asked(&bare, "[::ffff:127.0.0.1]:9", None).await, 200);
    assert_eq!(asked(&bare, there, None).await, 401);
    // A proxy on this machine speaks for somebody else.
    assert_eq!(
        asked(&bare, here, Some(("x-forwarded-for", "192.0.2.7"))).await,
        401
    );
    bare.close().await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "a token of some length\n").unwrap();
    let house = House::with(store::testing::sqlite().await, |config| {
        config.metrics_token_file = Some(file.clone());
    })
    .await;
    let shown = |token: &'static str| Some(("authorization", token));
    assert_eq!(
        asked(&house, there, shown("Bearer a token of some length")).await,
        200
    );
    assert_eq!(
        asked(&house, there, shown("Bearer another of some length")).await,
        401
    );
    assert_eq!(asked(&house, here, None).await, 401);
    house.close().await;

    std::fs::write(&file, "short\n").unwrap();
    let database = store::testing::sqlite().await;
    let config = service::Config {
        database: Some(database.url.clone()),
        data_dir: folder.path().to_owned(),
        metrics_token_file: Some(file),
        ..service::Config::default()
    };
    let refused = service::start(config).await.err().unwrap();
    assert!(refused.fields()[0].args["why"].contains("16"), "{refused}");
}
