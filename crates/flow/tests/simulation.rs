//! Lives of instances drawn from seeds.

#[test]
fn two_thousand_seeds_keep_every_promise() {
    let seeds: u64 = std::env::var("ENGAGE_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2_000);
    let mut ended = 0;
    let mut entered = 0;
    for seed in 0..seeds {
        match flow::simulate(seed) {
            Ok(outcome) => {
                ended += u64::from(outcome.ended);
                entered += u64::from(outcome.entered);
            }
            Err(failure) => panic!(
                "{failure}\n{}\n{}",
                failure.process,
                failure.history.join("\n")
            ),
        }
    }
    println!("{ended} of {seeds} ended, {entered} elements entered");
    // The promises would be cheap if nothing ever ran to its end.
    assert!(ended * 10 >= seeds * 9, "{ended} of {seeds} ended");
}

/// Seeds that once broke a promise.
#[test]
fn old_failures_stay_mended() {
    for seed in [4_632, 20_895, 89_466] {
        if let Err(failure) = flow::simulate(seed) {
            panic!(
                "{failure}\n{}\n{}",
                failure.process,
                failure.history.join("\n")
            );
        }
    }
}
