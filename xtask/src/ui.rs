//! `cargo xtask ui`: the browser's bundle in `ui/dist`, for the window and for the service alike.
//!
//! cargo → wasm-bindgen → wasm-opt → names that carry the content's hash, so that a browser may keep them for ever and
//! never sees yesterday's. `ui/index.html` is the entry; in it `/styles.css` and `/start.js` stand for the hashed names.
//! `ui/styles/*.css`, in name order, become one file; everything under `ui/public` is copied as it is. There is no inline
//! script anywhere: the policy of the pages forbids it.

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

pub fn build(speed: Speed) -> Result<()> {
    setup::have(&[&setup::COMPILER, &setup::BUNDLE_OF_UI])?;
    let target = target()?;
    let profile = match speed {
        Speed::Small => "wasm",
        Speed::Fast => "dev",
    };
    compile("ui", profile)?;
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
    bind(&wasm, &work)?;
    // No wasm-opt: Debian's 108 swaps the tables of functions and of references, and the bundle does not start.
    let start = assemble(&work, &dist)?;
    fs::write(stamp_file, format!("{stamp} {start}"))?;
    Ok(())
}

/// Makes `ui.js` and `ui_bg.wasm` of a compiled package, in a folder.
pub fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    run(cargo()
        .args(["run", "--quiet", "--package", "bindgen", "--"])
        .arg(wasm)
        .arg(folder))
}

/// Compiles a package for the browser.
pub fn compile(package: &str, profile: &str) -> Result<()> {
    let mut build = cargo();
    if setup::wasm_target() {
        build.args([
            "build",
            "--package",
            package,
            "--target",
            TRIPLE,
            "--profile",
            profile,
        ]);
    } else {
        build = std_from_debian(package)?;
        build.args(["--profile", profile]);
    }
    // The caller's flags are meant for this machine, not for the browser.
    build.env_remove("RUSTFLAGS");
    run(&mut build)
}

/// Where rustup has no network: Debian packages a compiler with the sources of its own standard library, and the two are
/// of one version, which `build-std` asks for. That compiler is used for the browser's bundle only.
fn std_from_debian(package: &str) -> Result<Command> {
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
    let mut build = cargo();
    build
        .env("RUSTC", "/usr/bin/rustc")
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker()?)
        .args(["build", "--package", package, "--target", TRIPLE])
        .args(["-Z", "build-std=std,panic_abort"]);
    Ok(build)
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

    let wasm = fs::read(work.join("ui_bg.wasm"))?;
    let wasm_name = format!("ui-{}.wasm", hash(&wasm));
    fs::write(fresh.join(&wasm_name), &wasm)?;

    let script = fs::read(work.join("ui.js"))?;
    let script_name = format!("ui-{}.js", hash(&script));
    fs::write(fresh.join(&script_name), &script)?;
    let snippets = work.join("snippets");
    if snippets.is_dir() {
        copy_tree(&snippets, &fresh.join("snippets"))?;
    }

    let start = format!(
        "import start from \"./{script_name}\";\nawait start({{ module_or_path: \"/{wasm_name}\" }});\n"
    );
    let start_name = format!("start-{}.js", hash(start.as_bytes()));
    fs::write(fresh.join(&start_name), &start)?;

    let styles = styles()?;
    let styles_name = format!("styles-{}.css", hash(styles.as_bytes()));
    fs::write(fresh.join(&styles_name), &styles)?;

    let page = root().join("ui/index.html");
    let page = fs::read_to_string(&page)
        .with_context(|| format!("{} is the bundle's entry", page.display()))?;
    for placeholder in ["\"/styles.css\"", "\"/start.js\""] {
        if !page.contains(placeholder) {
            bail!("ui/index.html does not load {placeholder}");
        }
    }
    let page = page
        .replace("\"/styles.css\"", &format!("\"/{styles_name}\""))
        .replace("\"/start.js\"", &format!("\"/{start_name}\""));
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
    for name in [&wasm_name, &script_name, &styles_name] {
        report(&dist.join(name))?;
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

fn report(file: &Path) -> Result<()> {
    let size = fs::metadata(file)?.len();
    let packed = Command::new("gzip")
        .args(["-9", "-c"])
        .arg(file)
        .stderr(Stdio::null())
        .output()
        .map(|done| done.stdout.len());
    let packed = packed.map_or_else(
        |_| String::from("?"),
        |size| format!("{:.1} KiB", size as f64 / 1024.0),
    );
    let name = file.file_name().unwrap_or_default().display();
    say(format!(
        "  ui/dist/{name}  {:.1} KiB, gzip {packed}",
        size as f64 / 1024.0
    ));
    Ok(())
}

/// Everything that the bundle is made of, as one short text: equal stamps, equal bundles.
fn stamp(wasm: &Path, profile: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hasher.write(profile.as_bytes());
    hasher.write(&fs::read(wasm).with_context(|| format!("no {}", wasm.display()))?);
    hasher.write(&fs::read(root().join("ui/index.html")).unwrap_or_default());
    // This file decides how the parts are put together.
    hasher.write(include_bytes!("ui.rs"));
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
        hasher.write(path.to_string_lossy().as_bytes());
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
