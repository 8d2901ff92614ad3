//! `cargo xtask ui`: the browser's bundle in `ui/dist`, for the window and for the service alike.
//!
//! cargo → division into parts (see `ui/src/parts.rs`) → wasm-bindgen → names that carry the content's hash, so that a
//! browser may keep them for ever and never sees yesterday's. `ui/index.html` is the entry; in it `/styles.css`,
//! `/start.js`, `/ui.js` and `/ui.wasm` stand for the hashed names. `ui/styles/*.css`, in name order, become one file;
//! everything under `ui/public` is copied as it is. There is no inline script anywhere: the policy of the pages forbids it.
//!
//! Beside it, in `ui/dist.packed`, lie the same files in Brotli's form, for the service to hand out as they are. The window
//! has no use for them, so they are not in the folder that is built into it.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{
    place::{cargo, root, target},
    say::{output, run, say},
    setup,
};

pub const TRIPLE: &str = "wasm32-unknown-unknown";

/// How the wasm is made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speed {
    /// Optimised for size: what people get.
    Small,
    /// Built in seconds, several times the size: for the one who is changing it.
    Fast,
}

pub fn command(arguments: &[String]) -> Result<()> {
    let speed = match arguments {
        [] => Speed::Small,
        [one] if one == "--fast" => Speed::Fast,
        _ => bail!("cargo xtask ui [--fast]"),
    };
    build(speed)
}

/// What a person waits for before the desk can be used, compressed.
const BUDGET: u64 = 1_200_000;

pub fn build(speed: Speed) -> Result<()> {
    setup::have(&[&setup::COMPILER])?;
    let target = target()?;
    let profile = match speed {
        Speed::Small => "wasm",
        Speed::Fast => "dev",
    };
    compile("ui", profile, Shape::Parts)?;
    let folder = match speed {
        Speed::Small => "wasm",
        Speed::Fast => "debug",
    };
    let wasm = target.join(TRIPLE).join(folder).join("ui.wasm");
    let dist = root().join("ui/dist");
    let stamp_file = target.join("xtask").join("ui.stamp");
    let stamp = stamp(&wasm, profile)?;
    // The stamp names the page's script: another build's bundle in the same place is not ours.
    let built = fs::read_to_string(&stamp_file).is_ok_and(|known| {
        known.split_once(' ').is_some_and(|(known, start)| {
            known == stamp && dist.join(start).exists() && dist.join("index.html").exists()
        })
    });
    if built {
        return Ok(());
    }

    let work = target.join("xtask").join("ui");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let names: &[&str] = match speed {
        Speed::Small => &[],
        Speed::Fast => &["--names"],
    };
    make("parts", &wasm, &work, names)?;
    let start = assemble(&work, &dist)?;
    let packed = dist.with_file_name("dist.packed");
    if packed.exists() {
        fs::remove_dir_all(&packed)?;
    }
    if speed == Speed::Small {
        make("pack", &dist, &packed, &[])?;
        report(&dist, &packed)?;
    }
    fs::write(stamp_file, format!("{stamp} {start}"))?;
    Ok(())
}

/// Makes `ui.js` and `ui_bg.wasm` of a compiled package, in a folder.
pub fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    make("bind", wasm, folder, &[])
}

fn make(what: &str, from: &Path, to: &Path, more: &[&str]) -> Result<()> {
    run(cargo()
        .args(["run", "--quiet", "--profile", "tool"])
        .args(["--package", "bindgen", "--", what])
        .arg(from)
        .arg(to)
        .args(more))
}

/// What the linker is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One program.
    Whole,
    /// One that can still be divided: it keeps what refers to what.
    Parts,
}

/// Compiles a package for the browser.
pub fn compile(package: &str, profile: &str, shape: Shape) -> Result<()> {
    let mut build = cargo();
    let act = match shape {
        Shape::Whole => "build",
        Shape::Parts => "rustc",
    };
    if setup::wasm_target() {
        build.args([act, "--package", package, "--target", TRIPLE]);
    } else {
        build = std_from_sources(act, package)?;
    }
    build.args(["--profile", profile]);
    if shape == Shape::Parts {
        build.args(["--lib", "--crate-type", "cdylib"]);
        build.args(["--", "-C", "link-args=--emit-relocs"]);
    }
    // The caller's flags are meant for this machine, not for the browser.
    build.env_remove("RUSTFLAGS");
    run(&mut build)
}

/// Where rustup has no network: the standard library is built from its sources by a compiler of the same version, which
/// `build-std` asks for. The toolchain's own, where its sources (the component `rust-src`) are there; else Debian's, which
/// packages both, and is used for the browser's bundle only.
fn std_from_sources(act: &str, package: &str) -> Result<Command> {
    let mut build = cargo();
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let own = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    if own.is_dir() {
        say(
            "rustup cannot add the wasm target here; building the standard library from the toolchain's sources instead.",
        );
    } else {
        build
            .env("RUSTC", debian()?)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?);
    }
    build
        .env("RUSTC_BOOTSTRAP", "1")
        .args([act, "--package", package, "--target", TRIPLE])
        .args(["-Z", "build-std=std,panic_abort"]);
    Ok(build)
}

/// Debian's compiler, with the sources of its standard library.
fn debian() -> Result<&'static str> {
    let compiler = "/usr/bin/rustc";
    say(
        "rustup cannot add the wasm target here; building the standard library from Debian's sources instead.",
    );
    setup::have(&[&setup::Need {
        purpose: "build Rust's standard library for the browser",
        packages: &["rustc-web", "rust-web-src"],
    }])?;
    let sources = Path::new("/usr/lib/rustlib/src/rust/library");
    if !sources.is_dir() {
        bail!(
            "the standard library's sources are not at {}; add the target wasm32-unknown-unknown by rustup once a network is there",
            sources.display()
        );
    }
    let said = output(Command::new(compiler).arg("--version"))?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    if version(&said) < version(needed) {
        bail!(
            "Debian's compiler here is {}, and Rust {needed} or newer is needed; Debian's security and updates suites have one, \
             or add the target wasm32-unknown-unknown by rustup once a network is there",
            said.trim()
        );
    }
    Ok(compiler)
}

/// `(1, 94)` of `rustc 1.94.0 (…)` or `1.94`.
fn version(said: &str) -> (u32, u32) {
    let numbers = said
        .split(' ')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut parts = numbers
        .unwrap_or_default()
        .split('.')
        .map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Debian's compiler brings no linker for wasm. rustup's brings one, also without the target; else it is LLVM's.
fn linker() -> Result<PathBuf> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let own = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(host.trim())
        .join("bin/rust-lld");
    if own.is_file() {
        return Ok(own);
    }
    setup::have(&[&setup::Need {
        purpose: "link the browser's bundle",
        packages: &["lld"],
    }])?;
    Ok(PathBuf::from("wasm-ld"))
}

/// Puts the bundle together; the answer is the name of the script that starts it.
fn assemble(work: &Path, dist: &Path) -> Result<String> {
    let fresh = dist.with_file_name("dist.new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    let public = root().join("ui/public");
    if public.is_dir() {
        copy_tree(&public, &fresh)?;
    }

    // The parts find one another by their names within one folder, which carries the hash for all of them.
    let mut hasher = DefaultHasher::new();
    hash_tree(work, &mut hasher)?;
    let programs = format!("ui-{:016x}", hasher.finish());
    copy_tree(work, &fresh.join(&programs))?;
    let script = format!("/{programs}/ui.js");
    let wasm = format!("/{programs}/ui_bg.wasm");

    let start = format!(
        "import start from \"{script}\";\nawait start({{ module_or_path: \"{wasm}\" }});\n"
    );
    let start_name = format!("start-{}.js", hash(start.as_bytes()));
    fs::write(fresh.join(&start_name), &start)?;

    let styles = styles()?;
    let styles_name = format!("styles-{}.css", hash(styles.as_bytes()));
    fs::write(fresh.join(&styles_name), &styles)?;

    let page = root().join("ui/index.html");
    let mut page = fs::read_to_string(&page)
        .with_context(|| format!("{} is the bundle's entry", page.display()))?;
    for (placeholder, name) in [
        ("/styles.css", format!("/{styles_name}")),
        ("/start.js", format!("/{start_name}")),
        ("/ui.js", script),
        ("/ui.wasm", wasm),
    ] {
        let placeholder = format!("\"{placeholder}\"");
        if !page.contains(&placeholder) {
            bail!("ui/index.html does not load {placeholder}");
        }
        page = page.replace(&placeholder, &format!("\"{name}\""));
    }
    fs::write(fresh.join("index.html"), page)?;

    // What a running service has open must not vanish file by file: the folders change places.
    let old = dist.with_file_name("dist.old");
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    if dist.exists() {
        fs::rename(dist, &old)?;
    }
    fs::rename(&fresh, dist)?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(start_name)
}

fn styles() -> Result<String> {
    let folder = root().join("ui/styles");
    let mut sheets: Vec<PathBuf> = match fs::read_dir(&folder) {
        Ok(entries) => entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?,
        Err(_) => Vec::new(),
    };
    sheets.retain(|path| path.extension().is_some_and(|ending| ending == "css"));
    sheets.sort();
    let mut all = String::new();
    for sheet in sheets {
        all.push_str(&fs::read_to_string(sheet)?);
        all.push('\n');
    }
    Ok(all)
}

/// What each program weighs. The desk's own must be within its budget.
fn report(dist: &Path, packed: &Path) -> Result<()> {
    let mut files = Vec::new();
    list(dist, Path::new(""), &mut files)?;
    files.retain(|name| {
        let ending = name.extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("wasm" | "js" | "css"))
    });
    say(format!(
        "  {:<28} {:>9} {:>9} {:>9}  kB",
        "ui/dist", "as it is", "gzip", "brotli"
    ));
    let kilo = |size: u64| format!("{:.1}", size as f64 / 1000.0);
    let mut desk = None;
    for name in &files {
        let mut twin = packed.join(name).into_os_string();
        twin.push(".br");
        let brotli = fs::metadata(twin)?.len();
        let gzip = Command::new("gzip")
            .args(["-9", "-c"])
            .arg(dist.join(name))
            .stderr(Stdio::null())
            .output()
            .map_or(0, |done| done.stdout.len() as u64);
        let last = name.file_name().unwrap_or_default().to_string_lossy();
        say(format!(
            "  {last:<28} {:>9} {:>9} {:>9}",
            kilo(fs::metadata(dist.join(name))?.len()),
            kilo(gzip),
            kilo(brotli)
        ));
        if last == "ui_bg.wasm" {
            desk = Some(brotli);
        }
    }
    match desk {
        None => bail!("there is no ui_bg.wasm in {}", dist.display()),
        Some(size) if size > BUDGET => bail!(
            "the desk's program is {} kB compressed, its budget is {} kB: what of it could be a part (ui/src/parts.rs)?",
            kilo(size),
            kilo(BUDGET)
        ),
        Some(_) => Ok(()),
    }
}

fn list(folder: &Path, below: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut names: Vec<_> = fs::read_dir(folder.join(below))?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<Result<_>>()?;
    names.sort();
    for name in names {
        let name = below.join(name);
        if folder.join(&name).is_dir() {
            list(folder, &name, files)?;
        } else {
            files.push(name);
        }
    }
    Ok(())
}

/// Everything that the bundle is made of, as one short text: equal stamps, equal bundles.
fn stamp(wasm: &Path, profile: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hasher.write(profile.as_bytes());
    hasher.write(&fs::read(wasm).with_context(|| format!("no {}", wasm.display()))?);
    hasher.write(&fs::read(root().join("ui/index.html")).unwrap_or_default());
    // These decide how the parts are put together.
    hasher.write(include_bytes!("ui.rs"));
    hasher.write(include_bytes!("../bindgen/src/main.rs"));
    hasher.write(include_bytes!("../bindgen/src/parts.rs"));
    hasher.write(include_bytes!("../bindgen/src/pack.rs"));
    for folder in ["ui/styles", "ui/public"] {
        hash_tree(&root().join(folder), &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash(content: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(content);
    format!("{:016x}", hasher.finish())
}

fn hash_tree(folder: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    for path in paths {
        hasher.write(path.file_name().unwrap_or_default().as_encoded_bytes());
        if path.is_dir() {
            hash_tree(&path, hasher)?;
        } else {
            hasher.write(&fs::read(path)?);
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
