//! `cargo xtask setup`: installs what a bare Debian lacks. Each group of packages belongs to a purpose, so that building
//! the UI does not wait for a database.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Result, bail};

use crate::say::{has_program, output, run, say, succeeds_within};

/// What a set of packages is for.
pub struct Need {
    pub purpose: &'static str,
    pub packages: &'static [&'static str],
}

/// Compiling Rust crates that carry C (SQLite, cryptography).
pub const COMPILER: Need = Need {
    purpose: "compile and link",
    packages: &["gcc", "libc6-dev", "pkg-config"],
};

pub const FUZZER: Need = Need {
    purpose: "compile LLVM's fuzzer",
    packages: &["g++"],
};

pub const WEBVIEW: Need = Need {
    purpose: "build and open the desktop window",
    packages: &[
        "libwebkit2gtk-4.1-dev",
        "libgtk-3-dev",
        "librsvg2-dev",
        "libayatana-appindicator3-dev",
        "libgl1-mesa-dri",
        "libegl1",
        "xdg-utils",
    ],
};

pub const DATABASE: Need = Need {
    purpose: "run the tests on PostgreSQL too",
    packages: &["postgresql", "postgresql-client"],
};

pub const WINDOWS_AND_BROWSERS: Need = Need {
    purpose: "drive a real window and a real browser in tests",
    packages: &[
        "xvfb",
        "xauth",
        "dbus",
        "gnome-keyring",
        "webkit2gtk-driver",
        "chromium",
        "chromium-driver",
        "imagemagick",
        "fonts-dejavu-core",
    ],
};

pub const DIRECTORY: Need = Need {
    purpose: "test users from an LDAP directory",
    packages: &["slapd", "ldap-utils", "openssl"],
};

pub const STRANGERS: Need = Need {
    purpose: "let schemathesis try the API",
    packages: &["python3", "python3-venv"],
};

pub const PACKAGES: Need = Need {
    purpose: "write and inspect the installable packages",
    packages: &["nodejs", "npm", "rpm", "librsvg2-bin"],
};

pub const CROSS: Need = Need {
    purpose: "check the build for Windows",
    packages: &["gcc-mingw-w64-x86-64"],
};

/// Everything that `cargo xtask test` uses.
pub const ALL: &[&Need] = &[
    &COMPILER,
    &WEBVIEW,
    &DATABASE,
    &DIRECTORY,
    &STRANGERS,
    &WINDOWS_AND_BROWSERS,
    &PACKAGES,
    &CROSS,
    &FUZZER,
];

pub fn command(_: &[String]) -> Result<()> {
    have(ALL)?;
    wasm_target();
    say("Everything that building and testing need is installed.");
    Ok(())
}

/// Installs what of the named needs is missing; asks dpkg only, so that it costs nothing when all is there.
pub fn have(needs: &[&Need]) -> Result<()> {
    if !has_program("dpkg-query") {
        say(
            "This is no Debian: the packages are yours to install (see xtask/src/setup.rs for their names).",
        );
        return Ok(());
    }
    let mut missing = Vec::new();
    for need in needs {
        let lacking: Vec<&str> = need
            .packages
            .iter()
            .copied()
            .filter(|package| !installed(package))
            .collect();
        if !lacking.is_empty() {
            say(format!("To {}: {}", need.purpose, lacking.join(" ")));
            missing.extend(lacking);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    say("Installing these from Debian now.");
    let apt = || -> Result<Command> {
        let mut command = as_root("apt-get")?;
        command.env("DEBIAN_FRONTEND", "noninteractive");
        Ok(command)
    };
    run(apt()?.args(["update", "-qq"]))?;
    run(apt()?
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(&missing))
}

/// The standard library for the browser's target, from rustup. `false` where it cannot be had: see [`crate::ui`] for
/// what happens then.
pub fn wasm_target() -> bool {
    rust_target("wasm32-unknown-unknown")
}

/// Adds a compilation target, bounded in time: without a network rustup would try for minutes.
pub fn rust_target(triple: &str) -> bool {
    let Ok(sysroot) = output(Command::new("rustc").args(["--print", "sysroot"])) else {
        return false;
    };
    let library = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(triple)
        .join("lib");
    if library.is_dir() {
        return true;
    }
    if !has_program("rustup") {
        say(format!("No rustup here to add the target {triple} with."));
        return false;
    }
    say(format!("Adding the Rust target {triple}."));
    succeeds_within(
        Command::new("rustup").args(["target", "add", triple]),
        Duration::from_secs(90),
    ) && library.is_dir()
}

fn installed(package: &str) -> bool {
    // A tool that somebody brought along in another way (npm's own Node.js, say) counts as there.
    let program = match package {
        "nodejs" => Some("node"),
        "npm" => Some("npm"),
        "gcc" => Some("gcc"),
        "g++" => Some("g++"),
        _ => None,
    };
    if program.is_some_and(has_program) {
        return true;
    }
    Path::new("/var/lib/dpkg/info")
        .join(format!("{package}.list"))
        .exists()
        || Path::new("/var/lib/dpkg/info")
            .join(format!("{package}:amd64.list"))
            .exists()
}

fn as_root(program: &str) -> Result<Command> {
    let uid = output(Command::new("id").arg("-u"))?;
    if uid.trim() == "0" {
        return Ok(Command::new(program));
    }
    if !has_program("sudo") {
        bail!("{program} needs root: start this as root, or install sudo");
    }
    let mut command = Command::new("sudo");
    command.args(["--preserve-env=DEBIAN_FRONTEND", program]);
    Ok(command)
}
