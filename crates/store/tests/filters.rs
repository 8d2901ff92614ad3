//! A condition finds the same things wherever it is read. `cargo xtask conformance filters` compares 100,000.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use store::Db;

#[path = "things/alike.rs"]
mod alike;
#[path = "things/dice.rs"]
mod dice;
mod things;
use things::create;

store::both! {
    async fn a_condition_finds_the_same_in_memory_and_in_sql(db: Db) {
        create(&db).await.unwrap();
        let tally = alike::compare(std::slice::from_ref(&db), 99, 1_500).await.unwrap();
        assert!(tally.found > 5_000 && tally.trees > 300, "they must find something, or the test says nothing: {tally:?}");
        assert!(tally.refused > 0 && tally.refused < tally.conditions / 5, "{tally:?}");
    }
}
