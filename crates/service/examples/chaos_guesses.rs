//! 20,000 tries to guess a way in. `cargo xtask chaos guesses`; `ENGAGE_GUESSES` sets another number. Nobody comes in, nearly
//! all are throttled, and existing users are answered like nobody, in like time.
#![expect(clippy::print_stdout, reason = "a command line's answer")]
#![expect(clippy::unwrap_used, reason = "a proof that cannot run shall stop")]

#[expect(dead_code, reason = "the stories of the tests use the rest")]
#[path = "../tests/house/mod.rs"]
mod house;

use house::{ADMIN, House, PASSWORD};

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let sound = runtime.block_on(run());
    if !sound {
        std::process::exit(1);
    }
}

async fn run() -> bool {
    let tries = std::env::var("ENGAGE_GUESSES").map_or(20_000, |n| n.parse().unwrap());
    let house = House::open(store::testing::sqlite().await).await;
    let admin = house.sign_in(ADMIN, PASSWORD).await;
    let logins = ["ana", "ines", "raul", "eva", "juan", "luz", "teo"];
    for login in logins {
        house.add_user(&admin, login, &["agent"]).await;
    }
    // The first passwords are stretched with cold caches: they are nobody's fault.
    let _ = house::guess(&house.router, &["ana"], 2).await;
    let mut report = house::guess(&house.router, &logins, tries).await;
    let (known, unknown) = (median(&mut report.known), median(&mut report.unknown));
    let apart = (known - unknown).abs();
    let counts = [
        ("guesses that came in", report.entered == 0, tries),
        (
            "answers alike for nobody and a wrong password",
            report.bodies.len() == 1,
            1,
        ),
        (
            "guesses throttled but for the first hundred",
            report.throttled + 100 >= tries,
            report.throttled,
        ),
    ];
    for (name, good, count) in counts {
        let (passed, failed) = if good { (count, 0) } else { (0, count) };
        println!(
            "{}",
            serde_json::json!({"name": name, "passed": passed, "failed": failed, "skipped": 0})
        );
    }
    println!(
        "{}",
        serde_json::json!({"name": "a wrong password, median", "value": (known * 100.0).round() / 100.0, "unit": "ms", "goal": "<= 1000"})
    );
    println!(
        "{}",
        serde_json::json!({"name": "nobody and a wrong password apart, median", "value": (apart * 100.0).round() / 100.0, "unit": "ms", "goal": "<= 5"})
    );
    let sound = counts.iter().all(|(_, good, _)| *good);
    house.close().await;
    sound
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
