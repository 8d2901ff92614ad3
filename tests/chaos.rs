//! The short forms of the chaos scenarios, each with its control. In full, F9 with its true bound: `cargo xtask chaos`.
#![expect(clippy::print_stdout, reason = "what a scenario saw is worth knowing")]

use anyhow::{Result, ensure};
use journeys::chaos::{self, Size};

async fn holds(scenario: &str) -> Result<()> {
    let mut failed = Vec::new();
    for score in chaos::run(scenario, Size::Short).await? {
        println!("{}", score.line());
        if score.failed > 0 {
            failed.push(score);
        }
    }
    ensure!(failed.is_empty(), "{failed:#?}");
    Ok(())
}

fn has_postgres() -> bool {
    let has = std::env::var_os("ENGAGE_TEST_POSTGRES").is_some();
    if !has {
        println!("skipped: no PostgreSQL");
    }
    has
}

#[tokio::test]
async fn f1_killed_at_random_instants_nothing_is_lost() -> Result<()> {
    holds("F1").await
}

#[tokio::test]
async fn f2_the_other_node_goes_on_and_the_late_one_is_refused() -> Result<()> {
    if has_postgres() {
        holds("F2").await?;
    }
    Ok(())
}

#[tokio::test]
async fn f4_after_an_outage_the_rate_is_back() -> Result<()> {
    if has_postgres() {
        holds("F4").await?;
    }
    Ok(())
}

#[tokio::test]
async fn f6_a_disk_in_trouble_makes_no_false_promise() -> Result<()> {
    holds("F6").await
}

#[tokio::test]
async fn f7_every_slot_begins_once_whatever_the_clock_does() -> Result<()> {
    holds("F7").await
}

#[tokio::test]
async fn f9_poison_is_isolated() -> Result<()> {
    holds("F9").await
}
