use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, bail};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder of one journey's own. Gone when the journey ends; kept, for whoever looks for a reason, when it panics or where
/// `ENGAGE_KEEP` is set.
pub struct Place {
    folder: PathBuf,
}

impl Place {
    pub fn new(name: &str) -> Result<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("engage-{name}-{}-{number}", process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() && env::var_os("ENGAGE_KEEP").is_none() {
            drop(fs::remove_dir_all(&self.folder));
        }
    }
}

/// A program of this workspace, as the running test's own build left it.
pub fn program(name: &str) -> Result<PathBuf> {
    let folders: Vec<PathBuf> = match env::var_os("ENGAGE_PROGRAMS") {
        Some(folder) => vec![PathBuf::from(folder)],
        None => env::current_exe()?
            .ancestors()
            .skip(1)
            .take(3)
            .map(Path::to_owned)
            .collect(),
    };
    match folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
    {
        Some(program) => Ok(program),
        None => bail!(
            "{name} is not built; first: cargo build --workspace --all-targets (looked in {})",
            folders
                .first()
                .map(|folder| folder.display().to_string())
                .unwrap_or_default()
        ),
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A file of the shared test data; `None` where there is none on this machine.
pub fn testdata(path: &str) -> Option<PathBuf> {
    let folder = env::var_os("ENGAGE_TESTDATA")
        .map_or_else(|| root().join("../shared/testdata"), PathBuf::from);
    let file = folder.join(path);
    file.exists().then_some(file)
}

/// Where pictures go.
pub(crate) fn screenshots() -> Result<PathBuf> {
    let folder = match env::var_os("ENGAGE_SCREENSHOTS") {
        Some(folder) => PathBuf::from(folder),
        None => program_folder()?.join("screenshots"),
    };
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn program_folder() -> Result<PathBuf> {
    let exe = env::current_exe()?;
    exe.ancestors()
        .nth(3)
        .map(Path::to_owned)
        .context("the test runs outside a target folder")
}
