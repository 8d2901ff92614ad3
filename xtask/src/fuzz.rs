//! `cargo xtask fuzz`: random texts against whatever reads texts, until something breaks.
//!
//! A target is a file `crates/ROOM/fuzz/fuzz_targets/NAME.rs`; beside it `corpus/NAME/` holds a few texts to begin with and
//! `NAME.dict` the words of the language. They are built as cargo-fuzz builds them, with the coverage that LLVM's fuzzer
//! follows, but by the same stable compiler as everything else: only the sanitizers would need another, and they look for
//! what safe Rust cannot do wrong. What the fuzzer learns is kept in the target folder, so that the next run goes on from there.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    place::{cargo, root, target},
    say::{output, run, run_into, say},
    setup,
};

/// The compiler flags of cargo-fuzz without a sanitizer.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// How long each target is tried.
#[derive(Clone, Copy)]
pub enum Effort {
    Seconds(u32),
    /// The same texts in the same order each time, from the texts in the tree alone: what was sound yesterday fails today
    /// only because of a change. `cargo xtask fuzz` looks further.
    Runs(u32),
}

/// Enough to find what broke since yesterday: some seconds for each target.
pub const BRIEFLY: Effort = Effort::Runs(50_000);

struct Target {
    /// `rules`, whose package is `rules-fuzz`.
    room: String,
    name: String,
    folder: PathBuf,
}

pub fn command(arguments: &[String]) -> Result<()> {
    let mut seconds = 20;
    let mut only = None;
    let mut more = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--seconds" {
            seconds = words
                .next()
                .and_then(|word| word.parse().ok())
                .context("--seconds takes a number")?;
        } else if only.is_none() {
            only = Some(word.as_str());
        } else {
            more.push(PathBuf::from(word));
        }
    }
    look(only, Effort::Seconds(seconds), &more)
}

/// Runs every target, or one of them, each for so long. `more`: folders with further texts to begin with.
pub fn look(only: Option<&str>, effort: Effort, more: &[PathBuf]) -> Result<()> {
    let all = targets()?;
    let names: Vec<&str> = all.iter().map(|target| target.name.as_str()).collect();
    let chosen: Vec<&Target> = all
        .iter()
        .filter(|target| only.is_none_or(|only| only == target.name))
        .collect();
    if chosen.is_empty() {
        bail!(
            "cargo xtask fuzz [TARGET], with one of: {}",
            names.join(" ")
        );
    }
    setup::have(&[&setup::COMPILER, &setup::FUZZER])?;
    let (programs, work) = build(&chosen)?;
    for target in chosen {
        fuzz(target, &programs, &work, effort, more)?;
        say(format!("{}: nothing found.", target.name));
    }
    Ok(())
}

fn targets() -> Result<Vec<Target>> {
    let mut found = Vec::new();
    for room in fs::read_dir(root().join("crates"))?.flatten() {
        let folder = room.path().join("fuzz");
        let Ok(files) = fs::read_dir(folder.join("fuzz_targets")) else {
            continue;
        };
        for file in files.flatten() {
            let path = file.path();
            let name = path.file_stem().context("a target without a name")?;
            found.push(Target {
                room: room.file_name().to_string_lossy().into_owned(),
                name: name.to_string_lossy().into_owned(),
                folder: folder.clone(),
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Where the programs are, and the folder for what the runs leave. A target folder of their own: the flags are others, and
/// nothing else is to be compiled anew because of them. The triple keeps them away from build scripts.
fn build(targets: &[&Target]) -> Result<(PathBuf, PathBuf)> {
    let work = target()?.join("fuzz");
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let host = host.trim();
    let mut rooms: Vec<&str> = targets.iter().map(|target| target.room.as_str()).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let mut build = cargo();
    build
        .args(["build", "--quiet", "--profile", "fuzz", "--target", host])
        .env("CARGO_TARGET_DIR", &work)
        .env("CARGO_INCREMENTAL", "0")
        .env("RUSTFLAGS", FLAGS.join(" "));
    for room in rooms {
        build.args(["--package", &format!("{room}-fuzz")]);
        build.args(["--features", &format!("{room}-fuzz/fuzz")]);
    }
    run(&mut build)?;
    Ok((work.join(host).join("fuzz"), work))
}

fn fuzz(
    target: &Target,
    programs: &Path,
    work: &Path,
    effort: Effort,
    more: &[PathBuf],
) -> Result<()> {
    let learnt = match effort {
        Effort::Seconds(_) => work.join("corpus").join(&target.name),
        Effort::Runs(_) => work.join("briefly").join(&target.name),
    };
    if matches!(effort, Effort::Runs(_)) && learnt.exists() {
        fs::remove_dir_all(&learnt)?;
    }
    let found = work.join("found").join(&target.name);
    fs::create_dir_all(&learnt)?;
    fs::create_dir_all(&found)?;
    let mut fuzzer = Command::new(programs.join(&target.name));
    match effort {
        Effort::Seconds(seconds) => fuzzer.arg(format!("-max_total_time={seconds}")),
        Effort::Runs(runs) => fuzzer.args([
            format!("-runs={runs}"),
            String::from("-seed=1"),
            String::from("-max_total_time=60"),
        ]),
    };
    fuzzer
        // A text that takes as long as this is a finding too.
        .args(["-timeout=10", "-rss_limit_mb=2048", "-max_len=4096"])
        .args(["-print_final_stats=1", "-verbosity=1", "-close_fd_mask=0"])
        .arg(format!("-artifact_prefix={}/", found.display()));
    let words = target.folder.join(format!("{}.dict", target.name));
    if words.is_file() {
        fuzzer.arg(format!("-dict={}", words.display()));
    }
    fuzzer
        .arg(&learnt)
        .arg(target.folder.join("corpus").join(&target.name))
        .args(more);
    if env::var_os("RUST_BACKTRACE").is_none() {
        fuzzer.env("RUST_BACKTRACE", "1");
    }
    // It talks a great deal: kept in a file, of which only the end is shown, and only when something was found.
    run_into(&mut fuzzer, &work.join(format!("{}.log", target.name))).with_context(|| {
        format!(
            "the fuzzer broke `{}`; the text lies in {}",
            target.name,
            found.display()
        )
    })
}
