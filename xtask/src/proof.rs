//! The proving commands: `bench`, `conformance`, `simulate`, `chaos`.
//!
//! A proof is a cargo *example* of the room that it belongs to, found by its name: `crates/desk/examples/bench_search.rs`
//! is `cargo xtask bench search`. It writes one JSON object a line to standard output and whatever else it has to say to
//! standard error:
//!
//! * a figure: `{"name", "value", "unit", "goal"}`, the goal like `"<= 30"` or `">= 20000"`;
//! * a count: `{"name", "passed", "failed", "skipped"}`.
//!
//! A room with a package `crates/ROOM/browser` measures the same as wasm: [`crate::browser`].
//!
//! Here the lines become a table, or pass through with `--json`. A benchmark runs five times (`--times N`: so often), each on
//! a PostgreSQL of its own with its usual durability; each figure's median is shown, and kept with all that it was taken
//! from in `docs/benchmarks/` (with `--only PART`, which an example may know, only that part's figures are replaced).

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    browser, bundle,
    place::{cargo, root, target},
    postgres::Durability,
    say::{run, say},
    setup,
    test::PURE,
};

pub fn bench(arguments: &[String]) -> Result<()> {
    prove("bench", arguments)
}

pub fn conformance(arguments: &[String]) -> Result<()> {
    prove("conformance", arguments)
}

pub fn simulate(arguments: &[String]) -> Result<()> {
    prove("simulate", arguments)
}

pub fn chaos(arguments: &[String]) -> Result<()> {
    prove("chaos", arguments)
}

/// The package in `tests`.
const JOURNEYS: &str = "journeys";

struct Proof {
    /// `search` of `bench_search`.
    name: String,
    example: String,
    package: String,
    /// What is said to it when only a part is wanted.
    part: &'static [&'static str],
}

/// Parts of proofs that have names of their own: kind, proof, name, what is said to it.
const PARTS: &[(&str, &str, &str, &[&str])] = &[
    ("bench", "engine", "jobs", &["--only", "queue"]),
    ("chaos", "engine", "F1", &["F1"]),
    ("chaos", "engine", "F2", &["F2"]),
    ("chaos", "engine", "F4", &["F4"]),
    ("chaos", "engine", "F6", &["F6"]),
    ("chaos", "engine", "F7", &["F7"]),
    ("chaos", "engine", "F9", &["F9"]),
];

/// One line of a proof.
#[derive(Debug, PartialEq)]
struct Line {
    name: String,
    value: String,
    goal: String,
    good: bool,
}

fn prove(kind: &str, arguments: &[String]) -> Result<()> {
    let json = arguments.iter().any(|word| word == "--json");
    let mut extra: Vec<&String> = arguments.iter().filter(|word| *word != "--json").collect();
    let times = times(kind, &mut extra)?;
    let named = match extra.first() {
        Some(word) if !word.starts_with('-') => Some(extra.remove(0)),
        _ => None,
    };
    let all = proofs(kind)?;
    let chosen: Vec<&Proof> = match named {
        Some(name) => {
            let is_named = |proof: &&Proof| proof.name.eq_ignore_ascii_case(name);
            all.iter().filter(is_named).collect()
        }
        // The whole has its parts in it.
        None => all.iter().filter(|proof| proof.part.is_empty()).collect(),
    };
    if chosen.is_empty() {
        let names: Vec<&str> = all.iter().map(|proof| proof.name.as_str()).collect();
        bail!("cargo xtask {kind} NAME, with one of: {}", names.join(", "));
    }
    let wants_database = chosen
        .iter()
        .any(|proof| !PURE.contains(&proof.package.as_str()));
    let own = match kind {
        // Speed with the flushing left out is no speed.
        "bench" => wants_database.then_some(Durability::Usual),
        _ if std::env::var_os("ENGAGE_TEST_POSTGRES").is_some() => None,
        _ => wants_database.then_some(Durability::None),
    };
    let database = own.map(crate::postgres::Cluster::start).transpose()?;
    let mut failures = Vec::new();
    for proof in chosen {
        prepare(kind, proof)?;
        let mut runs = Vec::new();
        let mut ended_well = true;
        for _ in 0..times {
            let (results, good) = start(kind, proof, &extra, json, database.as_ref())?;
            runs.push(results);
            ended_well &= good;
        }
        let results = if kind == "bench" {
            medians(&runs)
        } else {
            runs.concat()
        };
        let mut lines = Outcome {
            good: show(&proof.name, &results, json) && ended_well,
            results,
        };
        if kind == "bench" && browser::has(&proof.package) {
            let more = browser::figures(&proof.package)?;
            lines.good &= show(&format!("{} in Chromium", proof.name), &more, json);
            lines.results.extend(more);
        }
        if kind == "bench" && !lines.results.is_empty() {
            keep(
                proof,
                lines.results,
                extra.iter().any(|word| *word == "--only"),
            )?;
        }
        if !lines.good {
            failures.push(proof.name.clone());
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    bail!("not as it should be: {}", failures.join(", "))
}

struct Outcome {
    results: Vec<Value>,
    good: bool,
}

fn times(kind: &str, extra: &mut Vec<&String>) -> Result<usize> {
    let Some(at) = extra.iter().position(|word| *word == "--times") else {
        return Ok(if kind == "bench" { 5 } else { 1 });
    };
    let told = extra.get(at + 1).and_then(|word| word.parse().ok());
    let times = told.filter(|times| (1..=100).contains(times));
    let times = times.context("--times wants a number from 1 to 100 after it")?;
    extra.drain(at..=at + 1);
    Ok(times)
}

/// Of each figure its median over all runs, with what it was taken from; in the order of the first run.
fn medians(runs: &[Vec<Value>]) -> Vec<Value> {
    let named = |name: &Value| -> Vec<f64> {
        let all = runs.iter().flatten().filter(|value| value["name"] == *name);
        all.filter_map(|value| value["value"].as_f64()).collect()
    };
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let mut results = first.clone();
    for result in &mut results {
        let values = named(&result["name"]);
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        if let Some(median) = sorted.get(sorted.len() / 2)
            && sorted.len() > 1
        {
            result["value"] = json!(median);
            result["values"] = json!(values);
        }
    }
    results
}

/// What a proof needs built besides itself.
fn prepare(kind: &str, proof: &Proof) -> Result<()> {
    setup::have(&[&setup::COMPILER])?;
    if is_chaos_of_programs(kind, proof) {
        // As the tests run them: what is lost is lost at any speed.
        run(cargo().args(["build", "--quiet", "--package", "service", "--bins"]))?;
        run(cargo().args(["build", "--quiet", "--package", JOURNEYS, "--bins"]))?;
    } else if proof.name == "service" {
        run(cargo().args(["build", "--quiet", "--release", "--package", "service"]))?;
    } else if proof.package == JOURNEYS {
        // It starts the programs themselves, windows and all.
        setup::have(&[&setup::WEBVIEW, &setup::WINDOWS_AND_BROWSERS])?;
        bundle::build()?;
        bundle::bundle(bundle::Profile::Release)?;
    }
    let mut command = cargo();
    command.args(["build", "--quiet"]);
    if !is_chaos_of_programs(kind, proof) {
        command.arg("--release");
    }
    command.args(["--package", &proof.package, "--example", &proof.example]);
    run(&mut command)
}

/// Where [`prepare`] has put it.
fn program(kind: &str, proof: &Proof) -> Result<PathBuf> {
    let profile = if is_chaos_of_programs(kind, proof) {
        "debug"
    } else {
        "release"
    };
    let name = format!("{}{}", proof.example, std::env::consts::EXE_SUFFIX);
    Ok(target()?.join(profile).join("examples").join(name))
}

fn is_chaos_of_programs(kind: &str, proof: &Proof) -> bool {
    kind == "chaos" && proof.package == JOURNEYS
}

/// What one run says, and whether it ended well.
fn start(
    kind: &str,
    proof: &Proof,
    extra: &[&String],
    json: bool,
    database: Option<&crate::postgres::Cluster>,
) -> Result<(Vec<Value>, bool)> {
    // The program itself, built before: what changes in the sources meanwhile does not matter to the next run.
    let mut command = Command::new(program(kind, proof)?);
    command
        .current_dir(root())
        .args(proof.part)
        .args(extra)
        .stdout(Stdio::piped());
    if let Some(database) = database {
        command.env("ENGAGE_TEST_POSTGRES", database.url());
    }
    if std::env::var_os("ENGAGE_TESTDATA").is_none() {
        command.env("ENGAGE_TESTDATA", testdata());
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", proof.example))?;
    let printed = child.stdout.take().context("no output to read")?;
    let mut results = Vec::new();
    for line in BufReader::new(printed).lines() {
        let line = line?;
        match serde_json::from_str::<Value>(&line) {
            Ok(value) if value.get("name").is_some() => results.push(value),
            _ if json => {}
            _ => say(&line),
        }
    }
    let ended_well = child.wait()?.success();
    Ok((results, ended_well))
}

/// Shows figures that are already there; whether all are as they should be.
fn show(title: &str, results: &[Value], json: bool) -> bool {
    let lines: Vec<Line> = results.iter().map(read).collect();
    if json {
        results.iter().for_each(|value| say(value.to_string()));
    } else {
        say(table(title, &lines));
    }
    lines.iter().all(|line| line.good)
}

fn testdata() -> PathBuf {
    root().join("../shared/testdata")
}

fn proofs(kind: &str) -> Result<Vec<Proof>> {
    let mut found = Vec::new();
    let mut packages: Vec<PathBuf> = fs::read_dir(root().join("crates"))?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    packages.push(root().join("tests"));
    for package in packages {
        let Ok(examples) = fs::read_dir(package.join("examples")) else {
            continue;
        };
        for example in examples.flatten() {
            let path = example.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let Some(stem) = stem else { continue };
            let Some(name) = stem
                .strip_prefix(kind)
                .and_then(|rest| rest.strip_prefix('_'))
            else {
                continue;
            };
            found.push(Proof {
                name: name.to_owned(),
                example: stem.to_owned(),
                package: package_name(&package),
                part: &[],
            });
        }
    }
    for (of_kind, whole, name, part) in PARTS.iter().copied() {
        if of_kind == kind
            && let Some(whole) = found.iter().find(|proof| proof.name == whole)
        {
            let (example, package) = (whole.example.clone(), whole.package.clone());
            found.push(Proof {
                name: name.to_owned(),
                example,
                package,
                part,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A room's folder bears its name; the journeys' package lives in `tests`.
fn package_name(folder: &Path) -> String {
    match folder.file_name().and_then(|name| name.to_str()) {
        Some("tests") | None => JOURNEYS.to_owned(),
        Some(name) => name.to_owned(),
    }
}

fn read(value: &Value) -> Line {
    let name = text(&value["name"]);
    if let Some(failed) = value["failed"].as_u64() {
        let count = |key: &str| value[key].as_u64().unwrap_or(0);
        return Line {
            name,
            value: format!(
                "{} passed, {failed} failed, {} skipped",
                count("passed"),
                count("skipped")
            ),
            goal: String::new(),
            good: failed == 0,
        };
    }
    let goal = text(&value["goal"]);
    Line {
        name,
        value: format!("{} {}", text(&value["value"]), text(&value["unit"])),
        good: value["value"]
            .as_f64()
            .is_none_or(|figure| meets(figure, &goal)),
        goal,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(
            || number.to_string(),
            |figure| {
                if figure.fract() == 0.0 {
                    format!("{figure:.0}")
                } else {
                    format!("{figure:.2}")
                }
            },
        ),
        other => other.to_string(),
    }
}

/// A goal that cannot be read is met by nothing: a typing mistake must not pass for success.
fn meets(figure: f64, goal: &str) -> bool {
    let goal = goal.trim().replace('≤', "<=").replace('≥', ">=");
    if goal.is_empty() {
        return true;
    }
    let number = |rest: &str| {
        rest.trim()
            .replace(',', "")
            .split_whitespace()
            .next()
            .and_then(|word| word.parse::<f64>().ok())
    };
    if let Some(rest) = goal.strip_prefix("<=") {
        return number(rest).is_some_and(|limit| figure <= limit);
    }
    if let Some(rest) = goal.strip_prefix(">=") {
        return number(rest).is_some_and(|limit| figure >= limit);
    }
    if let Some(rest) = goal.strip_prefix('=') {
        return number(rest).is_some_and(|limit| (figure - limit).abs() < f64::EPSILON);
    }
    false
}

fn table(title: &str, lines: &[Line]) -> String {
    let width = |of: fn(&Line) -> &String| {
        lines
            .iter()
            .map(|line| of(line).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (names, values, goals) = (
        width(|line| &line.name),
        width(|line| &line.value),
        width(|line| &line.goal),
    );
    let mut all = format!("\n{title}\n");
    for line in lines {
        let mark = if line.good { "ok" } else { "MISSED" };
        all.push_str(&format!(
            "  {:<names$}  {:>values$}  {:<goals$}  {mark}\n",
            line.name, line.value, line.goal
        ));
    }
    all
}

fn keep(proof: &Proof, results: Vec<Value>, is_part: bool) -> Result<()> {
    let folder = root().join("docs/benchmarks");
    fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}.json", proof.name));
    let mut all = Vec::new();
    if is_part && let Ok(text) = fs::read_to_string(&path) {
        let before: Value = serde_json::from_str(&text)?;
        all = before["results"].as_array().cloned().unwrap_or_default();
    }
    for result in results {
        match all.iter_mut().find(|one| one["name"] == result["name"]) {
            Some(one) => *one = result,
            None => all.push(result),
        }
    }
    let mut file = serde_json::to_string_pretty(&json!({
        "area": proof.name,
        "machine": machine(),
        "results": all,
    }))?;
    file.push('\n');
    fs::write(path, file)?;
    Ok(())
}

fn machine() -> Value {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines()
                .find(|line| line.starts_with("model name"))
                .and_then(|line| line.split(':').nth(1))
                .map(|name| name.trim().to_owned())
        })
        .unwrap_or_default();
    json!({"cores": cores, "processor": processor})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_held_against_its_goal() {
        assert!(meets(30.0, "<= 30"));
        assert!(!meets(30.1, "≤ 30 ms"));
        assert!(meets(20_000.0, ">= 20,000"));
        assert!(!meets(19_999.0, ">=20000"));
        assert!(meets(5.0, ""));
        assert!(!meets(5.0, "about 5"), "an unreadable goal is not met");
    }

    #[test]
    fn one_failed_case_fails_the_line() {
        let line = read(&json!({"name": "miwg", "passed": 20, "failed": 1, "skipped": 2}));
        assert_eq!(line.value, "20 passed, 1 failed, 2 skipped");
        assert!(!line.good);
        assert!(read(&json!({"name": "miwg", "passed": 20, "failed": 0})).good);
    }

    #[test]
    fn of_several_runs_the_median_is_kept_with_all_values() {
        let run = |ms: f64, rows: f64| {
            vec![
                json!({"name": "search", "value": ms, "goal": "<= 30"}),
                json!({"name": "rows", "value": rows}),
            ]
        };
        let found = medians(&[run(9.0, 1.0), run(40.0, 3.0), run(11.0, 2.0)]);
        assert_eq!(found[0]["value"], 11.0);
        assert_eq!(found[0]["values"], json!([9.0, 40.0, 11.0]));
        assert_eq!(found[1]["value"], 2.0);
        assert_eq!(medians(&[run(9.0, 1.0)]), run(9.0, 1.0));
    }

    #[test]
    fn how_often_is_said_or_five_times() {
        let words: Vec<String> = ["--full", "--times", "3"].map(String::from).to_vec();
        let mut extra: Vec<&String> = words.iter().collect();
        assert_eq!(times("bench", &mut extra).unwrap(), 3);
        assert_eq!(extra, [&words[0]]);
        assert_eq!(times("bench", &mut extra).unwrap(), 5);
        assert_eq!(times("chaos", &mut extra).unwrap(), 1);
        let none = "--times".to_owned();
        assert!(times("bench", &mut vec![&none]).is_err());
    }

    #[test]
    fn parts_are_parts_of_something_that_is_there() {
        for (kind, whole, name, _) in PARTS {
            let all = proofs(kind).unwrap();
            assert!(all.iter().any(|proof| proof.name == *whole), "{whole}");
            assert!(all.iter().any(|proof| proof.name == *name), "{name}");
        }
    }

    #[test]
    fn the_table_lines_up() {
        let lines = [
            read(&json!({"name": "search p95", "value": 12.345, "unit": "ms", "goal": "<= 30"})),
            read(&json!({"name": "rows", "value": 9000, "unit": "rows/s", "goal": ">= 10000"})),
        ];
        assert_eq!(
            table("search", &lines),
            "\nsearch\n  search p95     12.35 ms  <= 30     ok\n  rows        9000 rows/s  >= 10000  MISSED\n"
        );
    }
}
