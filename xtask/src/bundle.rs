//! `cargo xtask bundle`: the installable packages, deb and rpm, of the desktop here and of the service in
//! [`bundle_service`].

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    bundle_service,
    place::{cargo, root, target},
    say::{has_program, output, run, say},
    setup, ui,
};

/// Pinned: a newer one could be of the next major line, and would not read our configuration.
const BUNDLER: &str = "@tauri-apps/cli@2.12.5";

/// Which build goes into the packages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// The one that people install.
    Release,
    /// The one that the tests have built already, so that the shell is not built twice to see whether it can be packed.
    Dev,
}

impl Profile {
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Dev => "debug",
        }
    }
}

pub fn command(_: &[String]) -> Result<()> {
    setup::have(&[&setup::COMPILER, &setup::WEBVIEW, &setup::PACKAGES])?;
    build()?;
    bundle(Profile::Release)?;
    inspect(Profile::Release)
}

/// What people install: the service made to be quick, the desktop to be small (profile `desktop`). Both lie in `release` then.
pub fn build() -> Result<()> {
    ui::build(ui::Speed::Small)?;
    run(cargo().args(["build", "--release", "--package", "service"]))?;
    run(cargo().args(["build", "--profile", "desktop", "--package", "engage"]))?;
    let name = format!("engage{}", env::consts::EXE_SUFFIX);
    let target = target()?;
    fs::copy(
        target.join("desktop").join(&name),
        target.join(Profile::Release.folder()).join(&name),
    )?;
    Ok(())
}

/// Packs the shell and the service that are built.
pub fn bundle(profile: Profile) -> Result<()> {
    setup::have(&[&setup::PACKAGES])?;
    let target = target()?;
    let folder = target.join("xtask").join("bundler");
    let program = folder.join("node_modules/.bin/tauri");
    let known = folder.join("version");
    if !program.exists() || fs::read_to_string(&known).ok().as_deref() != Some(BUNDLER) {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), "{\"private\": true}\n")?;
        say(format!(
            "Installing the bundler {BUNDLER} by npm, into {}.",
            folder.display()
        ));
        run(Command::new("npm").current_dir(&folder).args([
            "install",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            BUNDLER,
        ]))?;
        fs::write(known, BUNDLER)?;
    }
    let output = target.join(profile.folder()).join("bundle");
    for kind in ["deb", "rpm"] {
        drop(fs::remove_dir_all(output.join(kind)));
    }
    let mut command = Command::new(&program);
    command
        .current_dir(root())
        .env("CARGO_TARGET_DIR", &target)
        .args(["bundle", "--bundles", "deb,rpm"]);
    if profile == Profile::Dev {
        command.arg("--debug");
    }
    run(&mut command)?;
    bundle_service::pack(profile)
}

/// Installs each package into a folder, as its own tool does it, and looks at what is there.
pub fn inspect(profile: Profile) -> Result<()> {
    let bundles = target()?.join(profile.folder()).join("bundle");
    let deb = only_file(&bundles.join("deb"), "deb")?;
    let rpm = only_file(&bundles.join("rpm"), "rpm")?;
    let scratch = Scratch::new("packages")?;
    inspect_deb(&deb, &scratch.path().join("deb"))?;
    inspect_rpm(&rpm, &scratch.path().join("rpm"))?;
    let mut packages = vec![deb, rpm];
    packages.extend(bundle_service::inspect(profile)?);
    for package in &packages {
        say(format!(
            "  {}  {:.1} MB",
            package.display(),
            fs::metadata(package)?.len() as f64 / 1e6
        ));
    }
    Ok(())
}

/// A folder below the temporary one, gone when it is done with.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(purpose: &str) -> Result<Self> {
        let folder = env::temp_dir().join(format!("engage-{purpose}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn inspect_deb(package: &Path, to: &Path) -> Result<()> {
    let depends = output(
        Command::new("dpkg-deb")
            .arg("-f")
            .arg(package)
            .arg("Depends"),
    )?;
    for library in ["libwebkit2gtk-4.1-0", "libgtk-3-0"] {
        if !depends.contains(library) {
            bail!(
                "the deb does not ask for {library}, it asks for: {}",
                depends.trim()
            );
        }
    }
    install_deb(package, to, &["-i"])?;
    installed(to)
}

/// Into a root of its own: nothing on this machine is touched.
pub fn install_deb(package: &Path, to: &Path, how: &[&str]) -> Result<()> {
    for folder in ["var/lib/dpkg/updates", "var/lib/dpkg/info"] {
        fs::create_dir_all(to.join(folder))?;
    }
    fs::write(to.join("var/lib/dpkg/status"), "")?;
    output(
        Command::new("dpkg")
            .arg(format!("--root={}", to.display()))
            .args([
                "--force-not-root",
                "--force-depends",
                "--force-script-chrootless",
            ])
            .arg("--log=/dev/null")
            .args(how)
            .arg(package),
    )?;
    Ok(())
}

fn inspect_rpm(package: &Path, to: &Path) -> Result<()> {
    install_rpm(package, to)?;
    installed(to)
}

pub fn install_rpm(package: &Path, to: &Path) -> Result<()> {
    if !has_program("rpm") {
        bail!("no rpm here to look at the rpm with");
    }
    fs::create_dir_all(to)?;
    output(
        Command::new("rpm")
            .arg("--root")
            .arg(to)
            .args(["--dbpath", "/var/lib/rpm", "--nodeps", "--noscripts", "-i"])
            .arg(package),
    )?;
    Ok(())
}

/// The program, its place in the menu with the links that it answers, and its icon.
fn installed(root: &Path) -> Result<()> {
    let program = root.join("usr/bin/engage");
    if fs::metadata(&program).map(|file| file.len()).unwrap_or(0) < 1_000_000 {
        bail!("the package holds no program at usr/bin/engage");
    }
    let entry = root.join("usr/share/applications/Engage.desktop");
    let text = fs::read_to_string(&entry).with_context(|| {
        format!(
            "the package puts nothing into the menu ({})",
            entry.display()
        )
    })?;
    for line in ["Exec=engage", "MimeType=x-scheme-handler/engage"] {
        if !text.contains(line) {
            bail!("the menu entry has no {line}:\n{text}");
        }
    }
    let icon = root.join("usr/share/icons/hicolor/128x128/apps/engage.png");
    if !icon.exists() {
        bail!("the package holds no icon ({})", icon.display());
    }
    Ok(())
}

pub fn only_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("no {}", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    match (files.pop(), files.pop()) {
        (Some(file), None) => Ok(file),
        (None, _) => bail!("no {ending} in {}", folder.display()),
        _ => bail!("more than one {ending} in {}", folder.display()),
    }
}
