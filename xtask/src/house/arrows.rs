//! Who may enter which room.

use std::process::Command;

use serde_json::Value;

use super::nothing_wrong;
use crate::{place::root, say::output};

/// A package of the workspace and what it names in its manifest (for running, building or testing).
struct Package {
    name: String,
    needs: Vec<String>,
}

/// From the ground up: an arrow may only point to a room that stands above it in this list.
const ROOMS: &[(&str, Kind)] = &[
    ("kernel", Kind::Pure),
    ("access", Kind::Pure),
    ("rules", Kind::Pure),
    ("form", Kind::Pure),
    ("flow", Kind::Pure),
    ("locale", Kind::Pure),
    ("api", Kind::Pure),
    ("store", Kind::Ground),
    ("ledger", Kind::Ground),
    ("jobs", Kind::Ground),
    ("directory", Kind::Domain),
    ("design", Kind::Domain),
    ("desk", Kind::Domain),
    ("runner", Kind::Domain),
    ("service", Kind::Service),
    ("ui", Kind::Screen),
    ("engage", Kind::Shell),
    ("journeys", Kind::Journeys),
    ("xtask", Kind::Outside),
    ("bindgen", Kind::Outside),
    ("rules-browser", Kind::Outside),
    ("rules-fuzz", Kind::Outside),
    ("flow-fuzz", Kind::Outside),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// No input or output, no clock, no chance: the browser runs it too.
    Pure,
    Ground,
    /// They do not use one another: they meet in the service, through ids and events.
    Domain,
    Service,
    Screen,
    Shell,
    /// Looks at the house from outside.
    Outside,
    Journeys,
}

impl Kind {
    fn may_use(self, other: Self) -> bool {
        match self {
            Self::Pure | Self::Screen => other == Self::Pure,
            Self::Ground | Self::Domain => matches!(other, Self::Pure | Self::Ground),
            Self::Service => matches!(other, Self::Pure | Self::Ground | Self::Domain),
            Self::Shell => matches!(other, Self::Pure | Self::Service),
            // The journeys speak the service's language and start its programs; they do not link it. The chaos scenarios kill
            // a node that is the engine's rooms alone, and read the database past it.
            Self::Journeys => matches!(other, Self::Pure | Self::Ground | Self::Domain),
            Self::Outside => other == Self::Pure,
        }
    }
}

/// What comes from outside and may be named in one room only: the package's name, or its beginning before `-` or `_`.
const RESERVED: &[(&str, &str)] = &[("tauri", "engage"), ("axum", "service"), ("leptos", "ui")];

fn arrows(packages: &[Package]) -> Vec<String> {
    let place = |name: &str| ROOMS.iter().position(|(room, _)| *room == name);
    let mut findings = Vec::new();
    for package in packages {
        let Some(own) = place(&package.name) else {
            findings.push(format!(
                "{} stands nowhere in the table of rooms",
                package.name
            ));
            continue;
        };
        for need in &package.needs {
            let Some(other) = place(need) else { continue };
            let allowed =
                other < own && ROOMS[own].1.may_use(ROOMS[other].1) || package.name == *need;
            if !allowed {
                findings.push(format!("{} may not use {need}", package.name));
            }
        }
    }
    findings
}

fn reserved(packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        for need in &package.needs {
            let taken = RESERVED
                .iter()
                .find(|(library, _)| need.split(['-', '_']).any(|part| part == *library));
            if let Some((library, room)) = taken
                && package.name != *room
            {
                findings.push(format!(
                    "{library} is only for {room}, not {}",
                    package.name
                ));
            }
        }
    }
    findings
}

fn packages() -> Vec<Package> {
    let answer = output(
        Command::new("cargo")
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root()),
    )
    .unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| Package {
            name: package["name"].as_str().unwrap().to_owned(),
            needs: package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .map(|need| need["name"].as_str().unwrap().to_owned())
                .collect(),
        })
        .collect()
}

fn package(name: &str, needs: &[&str]) -> Package {
    Package {
        name: name.to_owned(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
    }
}

#[test]
fn arrows_go_down_the_table_only() {
    nothing_wrong("house rule 1", &arrows(&packages()));
}

#[test]
fn a_wrong_arrow_is_found() {
    let wrong = [
        package("kernel", &["access"]),
        package("flow", &["store"]),
        package("desk", &["runner"]),
        package("runner", &["desk"]),
        package("ui", &["service"]),
        package("jobs", &["service"]),
        package("engage", &["store"]),
        package("attic", &[]),
    ];
    assert_eq!(arrows(&wrong).len(), wrong.len());
    let right = [
        package("desk", &["desk", "access", "ledger", "serde"]),
        package("engage", &["service", "api"]),
    ];
    assert!(arrows(&right).is_empty());
}

#[test]
fn each_framework_stays_in_its_room() {
    nothing_wrong("house rule 2", &reserved(&packages()));
}

#[test]
fn a_framework_in_the_wrong_room_is_found() {
    let wrong = [
        package("service", &["tauri-plugin-dialog"]),
        package("engage", &["axum"]),
        package("desk", &["utoipa-axum"]),
        package("api", &["leptos_router"]),
    ];
    assert_eq!(reserved(&wrong).len(), wrong.len());
    assert!(reserved(&[package("service", &["axum", "axum-extra"])]).is_empty());
}
