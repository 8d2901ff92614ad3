//! Clocks, processor time, percentiles, and the lines that are printed.

use std::io::Write as _;
use std::time::{Duration, Instant};

/// Processor time of this process and of the backends that serve its database.
pub fn processor(db: &store::Db) -> Duration {
    let name = db
        .postgres()
        .and_then(|pool| pool.connect_options().get_database().map(str::to_owned));
    let mut ticks = own("/proc/self/stat");
    if let (Some(name), Ok(processes)) = (name, std::fs::read_dir("/proc")) {
        for process in processes.flatten() {
            let path = process.path();
            let title = std::fs::read(path.join("cmdline")).unwrap_or_default();
            let title = String::from_utf8_lossy(&title);
            // What a database tidies up by itself is not the price of this work.
            let serves = title.starts_with("postgres:") && !title.contains("autovacuum");
            if serves && title.split_whitespace().any(|word| word == name) {
                ticks += own(&path.join("stat").display().to_string());
            }
        }
    }
    // USER_HZ is 100 on every Linux that we build for.
    Duration::from_millis(ticks * 10)
}

/// User and system time, in ticks: fields 14 and 15 of the line.
fn own(path: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<_> = after_name.split_whitespace().collect();
    [11, 12]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<u64>().ok())
        .sum()
}

pub struct Stretch {
    began: Instant,
    processor: Duration,
    db: store::Db,
}

impl Stretch {
    pub fn begin(db: &store::Db) -> Self {
        Self {
            began: Instant::now(),
            processor: processor(db),
            db: db.clone(),
        }
    }

    /// Work per second, and per second of processor time.
    pub fn rates(&self, work: usize) -> (f64, f64) {
        let work = work as f64;
        let used = processor(&self.db).saturating_sub(self.processor);
        (
            work / self.began.elapsed().as_secs_f64(),
            work / used.as_secs_f64().max(0.01),
        )
    }
}

/// In milliseconds.
pub fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort_unstable();
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times
        .get(at)
        .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

pub fn say(name: &str, value: f64, unit: &str, goal: Option<&str>) {
    let value = (value * 100.0).round() / 100.0;
    let line = match goal {
        Some(goal) => {
            serde_json::json!({ "name": name, "value": value, "unit": unit, "goal": goal })
        }
        None => serde_json::json!({ "name": name, "value": value, "unit": unit }),
    };
    let _ = writeln!(std::io::stdout(), "{line}");
}
