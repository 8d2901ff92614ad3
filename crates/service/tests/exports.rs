//! Files that are on their way when the right to them ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::time::{Duration, Instant};

use api::path;
use futures::StreamExt;
use house::House;
use serde_json::json;

const DEMO: &str = "violeta-lluvia-tren";

/// What has gone out is out; from the moment that the right is gone nothing follows, and the file is broken off.
async fn an_export_that_is_running_ends_with_the_right(database: store::testing::TestDb) {
    let house = House::start(database, true).await;
    let admin = house.sign_in("admin", DEMO).await;
    for n in 0..700 {
        let new =
            json!({"customer_type": "person", "fields": {"name": format!("Zqrow{n:04}x Pérez")}});
        let (status, told) = house.call(&admin, "POST", path::CUSTOMERS, new).await;
        assert_eq!(status, 201, "{told}");
    }
    house.add_user(&admin, "sara", &["supervisor"]).await;
    let sara = house.settle("sara").await;
    let all = json!({"customer_type": "person"});
    let place = path::CUSTOMERS_EXPORT;
    // Whole, where nothing happens: every row once.
    let (status, whole) = house::text(&house.router, &sara, "POST", place, all.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(whole.matches("Zqrow").count(), 700);
    for change in [json!({"roles": ["agent"]}), json!({"active": false})] {
        house
            .change_user(&admin, "sara", json!({"roles": ["supervisor"]}))
            .await;
        let mut parts = loop {
            match house.open_stream(&sara, "POST", place, &all).await {
                Ok(parts) => break parts,
                // The role is heard of within the second.
                Err(status) => assert_eq!(status, 403),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        // The headings, and the first part.
        for _ in 0..2 {
            parts.0.next().await.unwrap().unwrap();
        }
        house.change_user(&admin, "sara", change).await;
        let gone = Instant::now();
        while house::text(&house.router, &sara, "POST", place, all.clone())
            .await
            .0
            == 200
        {
            assert!(
                gone.elapsed() < Duration::from_secs(20),
                "one can still export"
            );
        }
        assert!(
            parts.0.next().await.unwrap().is_err(),
            "an export goes on without the right"
        );
    }
    let (_, trail) = house
        .get(
            &admin,
            &format!("{}?operation=customer.export_end&limit=50", path::AUDIT),
        )
        .await;
    let broken = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["outcome"] == "refused")
        .count();
    assert_eq!(broken, 2, "{trail}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_ends_with_the_right_sqlite() {
    an_export_that_is_running_ends_with_the_right(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_ends_with_the_right_postgres() {
    if let Some(database) = store::testing::postgres().await {
        an_export_that_is_running_ends_with_the_right(database).await;
    }
}
