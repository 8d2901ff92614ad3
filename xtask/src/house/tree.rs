//! What may stand in the tree at all.

use std::{fs, process::Command};

use super::nothing_wrong;
use crate::{place::root, say::output};

/// A file longer than this is seldom one thing.
const LONGEST: usize = 900;

/// Every file that git keeps or would keep.
pub fn files() -> Vec<String> {
    let listed = output(
        Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(root()),
    )
    .unwrap();
    let mut files: Vec<String> = listed.lines().map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

/// Folders of the machines on which this is made: nobody else has them.
fn machine_paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in [concat!("/wo", "rk/"), concat!("/fa", "rm/")] {
        for (at, _) in text.match_indices(folder) {
            let before = text[..at].chars().next_back();
            // `…/v1/work/…` is a path of the API, not of a machine.
            if before.is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.'))) {
                let line = text[..at].lines().count().max(1);
                found.push(format!("line {line}"));
            }
        }
    }
    found
}

#[test]
fn no_path_of_a_machine_is_in_the_tree() {
    let mut findings = Vec::new();
    for file in files() {
        // What is no text names no path.
        let Ok(text) = fs::read_to_string(root().join(&file)) else {
            continue;
        };
        for place in machine_paths(&text) {
            findings.push(format!("{file}, {place}"));
        }
    }
    nothing_wrong("paths of a machine", &findings);
}

#[test]
fn a_path_of_a_machine_is_found() {
    let bad = format!("a\nopen(\"{}main\")", concat!("/wo", "rk/"));
    assert_eq!(machine_paths(&bad), ["line 2"]);
    assert!(machine_paths("GET /api/v1/work/7, /work-items/7").is_empty());
}

#[test]
fn no_file_is_too_long() {
    let findings: Vec<String> = files()
        .into_iter()
        .filter(|file| file.ends_with(".rs"))
        .filter_map(|file| {
            let lines = fs::read_to_string(root().join(&file)).ok()?.lines().count();
            (lines > LONGEST).then(|| format!("{file}: {lines} lines"))
        })
        .collect();
    nothing_wrong("length of a file", &findings);
}

/// Where a page written for people points to, relative to itself: pictures and links, without what stands behind `#`.
fn links(text: &str) -> Vec<String> {
    text.match_indices("](")
        .filter_map(|(at, mark)| text[at + mark.len()..].split(')').next())
        .map(|place| place.split('#').next().unwrap_or_default().to_owned())
        .filter(|place| {
            !place.is_empty()
                && !place.contains("://")
                && !place.starts_with('/')
                && !place.contains(' ')
        })
        .collect()
}

#[test]
fn what_the_pages_point_to_is_there() {
    let all = files();
    let known = |place: &str| {
        let place = place.trim_end_matches('/');
        let inside = format!("{place}/");
        all.iter()
            .any(|file| file == place || file.starts_with(&inside))
    };
    let mut findings = Vec::new();
    for page in all.iter().filter(|file| file.ends_with(".md")) {
        let Ok(text) = fs::read_to_string(root().join(page)) else {
            continue;
        };
        let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in links(&text) {
            let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
            for part in link.split('/') {
                match part {
                    ".." => drop(parts.pop()),
                    "." | "" => {}
                    part => parts.push(part),
                }
            }
            if !known(&parts.join("/")) {
                findings.push(format!("{page} points to {link}"));
            }
        }
    }
    nothing_wrong("links to what is not there", &findings);
}

#[test]
fn links_are_found() {
    let page = "![One](a/b.png) [two](../c.md#part), [three](https://example.com/d) [four](#here)";
    assert_eq!(links(page), ["a/b.png", "../c.md"]);
}
