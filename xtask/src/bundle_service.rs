//! The service's packages, deb and rpm: the program, the web agent's files, a systemd unit, a commented configuration that
//! an upgrade leaves alone, and the pages that whoever runs it needs. Packed by the systems' own tools.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    bundle::{Profile, Scratch, install_deb, install_rpm, only_file},
    place::{root, target},
    say::{has_program, output},
};

const NAME: &str = "engage-service";
const SUMMARY: &str = "The service of Engage: customers, processes, work, messages";
const DESCRIPTION: &str = "Desktops and browsers of a company connect to it. It keeps everything in PostgreSQL, on as many \
nodes as wanted, or in one SQLite file.";

/// Where a file of the tree goes, and with which rights.
const FILES: &[(&str, &str, &str)] = &[
    (
        "crates/service/packaging/engage-service.service",
        "usr/lib/systemd/system/engage-service.service",
        "644",
    ),
    (
        "crates/service/packaging/sysusers.conf",
        "usr/lib/sysusers.d/engage-service.conf",
        "644",
    ),
    (
        "crates/service/packaging/engage.toml",
        "etc/engage/engage.toml",
        "640",
    ),
    (
        "docs/operations.md",
        "usr/share/doc/engage-service/operations.md",
        "644",
    ),
    (
        "docs/security.md",
        "usr/share/doc/engage-service/security.md",
        "644",
    ),
    (
        "docs/sign-in.md",
        "usr/share/doc/engage-service/sign-in.md",
        "644",
    ),
    (
        "docs/audit.md",
        "usr/share/doc/engage-service/audit.md",
        "644",
    ),
    ("docs/api.md", "usr/share/doc/engage-service/api.md", "644"),
];
const CONFIGURATION: &str = "/etc/engage/engage.toml";

/// Packs what is built: the service of this profile and the web agent in `ui/dist`.
pub fn pack(profile: Profile) -> Result<()> {
    let work = target()?.join("xtask").join("service-package");
    drop(fs::remove_dir_all(&work));
    let tree = work.join("tree");
    lay_out(profile, &tree)?;
    let bundles = target()?.join(profile.folder()).join("bundle");
    for (kind, pack) in [
        (
            "service-deb",
            deb as fn(Profile, &Path, &Path, &Path) -> Result<()>,
        ),
        ("service-rpm", rpm),
    ] {
        let to = bundles.join(kind);
        drop(fs::remove_dir_all(&to));
        fs::create_dir_all(&to)?;
        pack(profile, &work, &tree, &to).with_context(|| format!("the {kind} of the service"))?;
    }
    Ok(())
}

/// Installs each into a folder and starts the program from there: it must find its own configuration's keys known, and
/// tell its version.
pub fn inspect(profile: Profile) -> Result<Vec<PathBuf>> {
    let bundles = target()?.join(profile.folder()).join("bundle");
    let deb = only_file(&bundles.join("service-deb"), "deb")?;
    let rpm = only_file(&bundles.join("service-rpm"), "rpm")?;
    let scratch = Scratch::new("service-packages")?;
    let (from_deb, from_rpm) = (scratch.path().join("deb"), scratch.path().join("rpm"));
    // The scripts make a user and speak to systemd: not of this machine.
    install_deb(&deb, &from_deb, &["--force-bad-path", "--unpack"])?;
    install_rpm(&rpm, &from_rpm)?;
    for (root, configuration) in [
        (&from_deb, from_deb.join("etc/engage/engage.toml.dpkg-new")),
        (&from_rpm, from_rpm.join("etc/engage/engage.toml")),
    ] {
        installed(root, &configuration)?;
    }
    Ok(vec![deb, rpm])
}

fn installed(root: &Path, configuration: &Path) -> Result<()> {
    for (_, file, _) in FILES {
        if *file != CONFIGURATION.trim_start_matches('/') && !root.join(file).is_file() {
            bail!("the package holds no {file}");
        }
    }
    if !root.join("usr/share/engage/ui/index.html").is_file() {
        bail!("the package holds no web agent");
    }
    let program = root.join("usr/bin").join(NAME);
    let version = output(Command::new(&program).arg("--version"))?;
    if version.trim() != format!("{NAME} {}", env!("CARGO_PKG_VERSION")) {
        bail!("{} says «{}»", program.display(), version.trim());
    }
    let data = root.join("data");
    output(
        Command::new(&program)
            .arg("--config")
            .arg(configuration)
            .arg("migrate")
            .env("ENGAGE_DATA_DIR", &data),
    )
    .with_context(|| format!("with the configuration {}", configuration.display()))?;
    if !data.join("engage.db").is_file() {
        bail!("`migrate` from the package made no database");
    }
    Ok(())
}

/// What people install is small; what a test unpacks again is packed quickly.
const fn deb_compression(profile: Profile) -> &'static str {
    match profile {
        Profile::Release => "-Zxz",
        Profile::Dev => "-Zgzip",
    }
}

const fn rpm_compression(profile: Profile) -> &'static str {
    match profile {
        Profile::Release => "_binary_payload w7.xzdio",
        Profile::Dev => "_binary_payload w1.gzdio",
    }
}

/// The files as they will lie on the machine.
fn lay_out(profile: Profile, tree: &Path) -> Result<()> {
    let program = target()?.join(profile.folder()).join(NAME);
    let place = tree.join("usr/bin").join(NAME);
    copy(&program, &place, "755")?;
    if has_program("strip") {
        output(Command::new("strip").arg("--strip-unneeded").arg(&place))?;
    }
    for (from, to, mode) in FILES {
        copy(&root().join(from), &tree.join(to), mode)?;
    }
    let agent = tree.join("usr/share/engage/ui");
    copy_folder(&root().join("ui/dist"), &agent)
        .context("the web agent is not built: cargo xtask ui")?;
    // A bundle that was built in a hurry is not packed; the service then packs each answer itself.
    let packed = root().join("ui/dist.packed");
    if packed.is_dir() {
        copy_folder(&packed, &agent.with_file_name("ui.packed"))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, mode: &str) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).with_context(|| format!("no {}", from.display()))?;
    output(Command::new("chmod").arg(mode).arg(to))?;
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &place)?;
        } else {
            copy(&entry.path(), &place, "644")?;
        }
    }
    Ok(())
}

fn deb(profile: Profile, work: &Path, tree: &Path, to: &Path) -> Result<()> {
    let whole = work.join("deb");
    output(Command::new("cp").arg("-a").arg(tree).arg(&whole))?;
    let control = whole.join("DEBIAN");
    let kilobytes = output(Command::new("du").arg("-sk").arg(tree))?;
    let kilobytes = kilobytes.split_whitespace().next().unwrap_or("0");
    let architecture = output(Command::new("dpkg").arg("--print-architecture"))?;
    let architecture = architecture.trim();
    fs::create_dir_all(&control)?;
    fs::write(
        control.join("control"),
        format!(
            "Package: {NAME}\nVersion: {}\nArchitecture: {architecture}\nMaintainer: The Engage authors <engage@localhost>\n\
             Installed-Size: {kilobytes}\nDepends: libc6 (>= 2.34), libgcc-s1, adduser\nRecommends: postgresql\nSection: net\n\
             Priority: optional\nDescription: {SUMMARY}\n {DESCRIPTION}\n",
            env!("CARGO_PKG_VERSION")
        ),
    )?;
    fs::write(control.join("conffiles"), format!("{CONFIGURATION}\n"))?;
    for script in ["postinst", "prerm"] {
        copy(
            &root().join("crates/service/packaging").join(script),
            &control.join(script),
            "755",
        )?;
    }
    let file = to.join(format!(
        "{NAME}_{}_{architecture}.deb",
        env!("CARGO_PKG_VERSION")
    ));
    output(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", deb_compression(profile), "--build"])
            .arg(&whole)
            .arg(&file),
    )?;
    Ok(())
}

fn rpm(profile: Profile, work: &Path, tree: &Path, to: &Path) -> Result<()> {
    let script = |name: &str| -> Result<String> {
        let text = fs::read_to_string(root().join("crates/service/packaging").join(name))?;
        // rpm brings its own first line.
        Ok(text.lines().skip(1).collect::<Vec<_>>().join("\n"))
    };
    let mut files = String::new();
    for folder in [
        "/usr/bin",
        "/usr/share/engage",
        "/usr/share/doc/engage-service",
    ] {
        let star = if folder == "/usr/bin" {
            format!("{folder}/{NAME}")
        } else {
            folder.to_owned()
        };
        files.push_str(&star);
        files.push('\n');
    }
    let spec = work.join("engage-service.spec");
    fs::write(
        &spec,
        format!(
            "Name: {NAME}\nVersion: {}\nRelease: 1\nSummary: {SUMMARY}\nLicense: Apache-2.0\nAutoReqProv: no\n\
             Requires: glibc >= 2.34, libgcc, shadow-utils\n\n%description\n{DESCRIPTION}\n\n\
             %install\ncp -a {}/. %{{buildroot}}\n\n\
             %files\n%defattr(-,root,root)\n{files}/usr/lib/systemd/system/engage-service.service\n\
             /usr/lib/sysusers.d/engage-service.conf\n%config(noreplace) %attr(640,root,root) {CONFIGURATION}\n\n\
             %post\n{}\n\n%preun\n{}\n",
            env!("CARGO_PKG_VERSION"),
            tree.display(),
            script("postinst")?,
            script("prerm")?,
        ),
    )?;
    let top = work.join("rpm");
    output(
        Command::new("rpmbuild")
            .arg("-bb")
            .args(["--define", &format!("_topdir {}", top.display())])
            .args(["--define", &format!("_rpmdir {}", to.display())])
            .args([
                "--define",
                "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
            ])
            .args(["--define", rpm_compression(profile)])
            // Nothing is compiled here: no debug packages, no second strip.
            .args(["--define", "debug_package %{nil}"])
            .args(["--define", "__os_install_post %{nil}"])
            .arg(&spec),
    )?;
    Ok(())
}
