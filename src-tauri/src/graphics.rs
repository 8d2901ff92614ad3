//! How the webview on Linux brings its picture to the screen.
//!
//! WebKitGTK hands pictures from one of its processes to the other by way of a graphics card. Where there is none (virtual
//! desktops, thin clients) it imitates that in memory, which takes some 80 MB more and shows
//! nothing sooner; it can be told to leave it, by a variable that must stand before it begins.

/// WebKitGTK's own name for it.
#[cfg(target_os = "linux")]
const BY_CARD: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// Each card that can draw stands there as `renderD128` and onwards.
#[cfg(target_os = "linux")]
const CARDS: &str = "/dev/dri";

/// Begins this program anew with the variable set, where there is no card and nobody has decided yet. Comes back where nothing
/// is to be done, or nothing can be: then it goes on as it always did.
#[cfg(target_os = "linux")]
pub fn settle() {
    use std::{env, os::unix::process::CommandExt, path::Path, process::Command};

    if env::var_os(BY_CARD).is_some() || has_card(Path::new(CARDS)) {
        return;
    }
    let Ok(program) = env::current_exe() else {
        return;
    };
    // The same process goes on as the new program: its number, its terminal and whoever waits for it stay.
    let refused = Command::new(program)
        .args(env::args_os().skip(1))
        .env(BY_CARD, "1")
        // Fewer, fuller pools: the service inside has more threads than work.
        .env("MALLOC_ARENA_MAX", "2")
        .exec();
    tracing::warn!(%refused, "the webview takes more memory than it needs: it could not be told that there is no graphics card");
}

#[cfg(not(target_os = "linux"))]
pub fn settle() {}

#[cfg(target_os = "linux")]
fn has_card(folder: &std::path::Path) -> bool {
    let Ok(found) = std::fs::read_dir(folder) else {
        return false;
    };
    found
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::has_card;

    #[test]
    fn a_card_is_known_by_its_render_node() {
        let folder = std::env::temp_dir().join(format!("engage-cards-{}", std::process::id()));
        assert!(
            !has_card(&folder),
            "a folder that is not there holds a card"
        );
        fs::create_dir_all(&folder).unwrap_or_default();
        assert!(!has_card(&folder), "an empty folder holds a card");
        // A display without anything that draws, as of many virtual machines.
        fs::write(folder.join("card0"), "").unwrap_or_default();
        assert!(!has_card(&folder), "a bare display counts as a card");
        fs::write(folder.join("renderD128"), "").unwrap_or_default();
        assert!(has_card(&folder), "a render node is overlooked");
        drop(fs::remove_dir_all(&folder));
    }
}
