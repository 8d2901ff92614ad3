//! A write that is sent again while its first try, cut off with its node, is still coming to an end in the database.

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::time::Duration;

use api::path;
use axum::body::Body;
use axum::http::Request;
use house::House;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::idempotency::{self, Write};
use tower::ServiceExt;

const KEY: &str = "once-and-no-more";
/// As the node that was killed had sent it; its COMMIT is on its way.
const CHANGE: store::Sql =
    store::Sql::both("UPDATE customer SET version = version + 1 WHERE id = $1");

/// The names that the key and the request have in the database.
fn write(token: &str, place: &str, body: &str) -> std::sync::Arc<Write> {
    let key = Sha256::digest(format!("Bearer {token}\0\0\0{KEY}"));
    let request = Sha256::digest(format!("PATCH\0{place}\0{body}"));
    Write::new(key.into(), request.into(), store::ambient().now())
}

/// SQLite has one node and one writer: what is cut off there is rolled back.
#[tokio::test(flavor = "multi_thread")]
async fn what_its_own_first_try_did_does_not_refuse_it() {
    let Some(database) = store::testing::postgres().await else {
        return;
    };
    let db = database.db.clone();
    let house = House::open(database).await;
    let admin = house.sign_in(house::ADMIN, house::PASSWORD).await;
    let new = json!({"kind": "customer_type", "key": "person", "name": {"es": "Persona"}, "body": {
        "key": "person", "name": {"es": "Persona"}, "title": ["name"],
        "fields": [{"key": "name", "label": {"es": "Nombre"}, "kind": "text", "required": true, "searchable": true}],
    }});
    let (status, made) = house.call(&admin, "POST", path::DEFINITIONS, new).await;
    assert_eq!(status, 201, "{made}");
    let publish = path::fill(path::PUBLISH, &["customer_type", "person"]);
    let order = json!({"revision": made["revision"]});
    let (status, told) = house.call(&admin, "POST", &publish, order).await;
    assert_eq!(status, 200, "{told}");
    let ana = json!({"customer_type": "person", "fields": {"name": "Ana"}});
    let (status, made) = house.call(&admin, "POST", path::CUSTOMERS, ana).await;
    assert_eq!(status, 201, "{made}");
    let id: kernel::Id<api::of::Customer> = made["id"].as_str().unwrap().parse().unwrap();
    let place = path::customer(id);
    let body = json!({"version": made["version"], "fields": {"name": "Eva"}}).to_string();

    let again = |key: &str| {
        let request = Request::patch(&place)
            .header("authorization", format!("Bearer {admin}"))
            .header("content-type", "application/json")
            .header(api::header::IDEMPOTENCY_KEY, key)
            .body(Body::from(body.clone()))
            .unwrap();
        let router = house.router.clone();
        tokio::spawn(async move {
            let answer = router.oneshot(request).await.unwrap();
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let problem: Value = serde_json::from_slice(&bytes).unwrap();
            problem["code"].as_str().unwrap_or("done").to_owned()
        })
    };
    let first = idempotency::serving(write(&admin, &place, &body), async {
        let mut tx = db.write().await.unwrap();
        assert_eq!(store::execute!(&mut tx, CHANGE, id).unwrap(), 1);
        let [mine, other] = [again(KEY), again("another-key")];
        // Both have looked their keys up, and wait for the row.
        tokio::time::sleep(Duration::from_millis(500)).await;
        tx.commit().await.unwrap();
        (mine.await.unwrap(), other.await.unwrap())
    });
    // Somebody else was slower; this one was not.
    assert_eq!(first.await, ("already_done".to_owned(), "stale".to_owned()));
    house.close().await;
}
