//! Journeys over the whole product, as people take them: the real `engage-service` on a file or on PostgreSQL, the real
//! desktop window, a real browser.
//!
//! * [`Service`]: starts, stops, kills and restarts the program; [`Database`] says on what; [`Clock`] moves its time.
//! * [`Client`]: the HTTP API, typed by the crate `api`.
//! * [`Desktop`] and [`Browser`]: a window and a browser under WebDriver. Both give a [`Page`], so one journey serves both.
//!
//! **To add a journey**: a file `tests/journeys_NAME.rs` with a `[[test]]` in Cargo.toml. The programs must be built
//! (`cargo build --workspace --all-targets`; `cargo xtask test` does it). PostgreSQL comes from `ENGAGE_TEST_POSTGRES`, an
//! address of a superuser; without it a journey runs on the file alone and says so.

mod browser;
mod cable;
pub mod chaos;
mod client;
mod cluster;
mod database;
pub mod day;
mod desktop;
mod events;
mod page;
mod place;
mod process;
mod service;

pub use browser::Browser;
pub use cable::Cable;
pub use client::{Client, Refused};
pub use cluster::Cluster;
pub use database::Database;
pub use desktop::{Desktop, Window};
pub use events::{Event, Events};
pub use page::Page;
pub use place::{Place, program, testdata};
pub use service::{Clock, Options, Service};

use std::{future::Future, time::Duration};

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// Asks again until there is an answer; fails, naming what was waited for, after `limit`.
pub async fn eventually<T, F>(what: &str, limit: Duration, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let started = Instant::now();
    loop {
        let last = ask().await;
        if let Ok(Some(answer)) = last {
            return Ok(answer);
        }
        if started.elapsed() > limit {
            match last {
                Err(error) => return Err(error.context(format!("waited for: {what}"))),
                Ok(_) => bail!("waited {} s in vain for: {what}", limit.as_secs()),
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
}
