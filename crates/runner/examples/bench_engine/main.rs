//! `cargo xtask bench engine`: the queue and the engine on both databases, on this machine, with its usual durability.
//!
//! Besides work per second it prints work per second of processor time, which holds steady while others use the machine: the
//! time of this process and of the database's backends that served it. `--full` takes the sizes of the goals for timers and
//! waiting instances; without it they are smaller, at the same rate. `--only PART` runs one part (`queue`, `engine`, `timers`,
//! `waiting`), `--database postgres` one database.

mod engine;
mod measure;
mod queue;

use store::Db;

fn main() -> anyhow::Result<()> {
    let full = std::env::args().any(|word| word == "--full");
    let named = |option: &str| std::env::args().skip_while(|word| word != option).nth(1);
    let (only, database) = (named("--only"), named("--database"));
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(async {
            let wanted = |part: &str| only.as_deref().is_none_or(|only| part.contains(only));
            let on = |kind: &str| database.as_deref().is_none_or(|one| one == kind);
            if on("sqlite") {
                let test = store::testing::sqlite().await;
                run("sqlite", &test.db, full, &wanted).await?;
            }
            if on("postgres")
                && let Some(test) = store::testing::postgres().await
            {
                run("postgres", &test.db, full, &wanted).await?;
            }
            Ok(())
        })
}

async fn run(
    kind: &'static str,
    db: &Db,
    full: bool,
    wanted: &impl Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let sqlite = kind == "sqlite";
    if wanted("queue") {
        queue::rate(kind, db, if sqlite { "per_second" } else { "per_cpu" }).await?;
        queue::pickup(kind, db).await?;
    }
    if wanted("engine") {
        engine::rate(kind, db).await?;
        engine::closing(kind, db).await?;
    }
    if wanted("timers") {
        engine::timers(kind, db, if full { 100_000 } else { 10_000 }).await?;
    }
    if wanted("waiting") {
        engine::waiting(kind, db, if full { 1_000_000 } else { 100_000 }).await?;
    }
    Ok(())
}
