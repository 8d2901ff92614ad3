use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::Deserialize;

use super::Report;
use crate::engine::{Action, NONE, Player};
use crate::xml;

#[derive(Deserialize)]
struct Case {
    name: String,
    model: String,
    steps: Vec<Step>,
    open_at_end: Vec<String>,
    #[serde(default)]
    order_sensitive: bool,
}

#[derive(Deserialize)]
struct Step {
    wait: Option<String>,
    choose: Option<String>,
    #[serde(default)]
    flows: Vec<String>,
    trigger: Option<String>,
    kind: Option<String>,
    signal: Option<String>,
    expect: Option<String>,
    scope: Option<Restriction>,
}

#[derive(Deserialize)]
struct Restriction {
    running: Option<String>,
    started_by_step: Option<usize>,
}

/// The token-simulation cases: each is driven step by step and its trace compared, at the highest level that it reaches:
/// `exact` (the same lines in the same order) or `outcome` (the same lines per window in any order, and the same things left
/// alive). Cases that only assert what is left alive pass as `outcome`.
pub fn token_simulation(dir: &Path) -> std::io::Result<Report> {
    let mut report = Report::new("token-simulation");
    for file in ["cases.json", "assertion-cases.json"] {
        let text = std::fs::read_to_string(dir.join(file))?;
        let cases: Vec<Case> = serde_json::from_str(&text).map_err(std::io::Error::other)?;
        for case in cases {
            let result = run(dir, &case).map(|level| {
                (
                    Some(level),
                    if case.order_sensitive {
                        "order-sensitive".to_owned()
                    } else {
                        String::new()
                    },
                )
            });
            report.add(&case.name, result);
        }
    }
    Ok(report)
}

/// `action:element:scope` with our own numbers for scopes.
type Line = (String, String, Option<String>);

fn run(dir: &Path, case: &Case) -> Result<&'static str, String> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let text = read(&dir.join(&case.model))?;
    let definitions = xml::read(&text).map_err(|problems| format!("{problems:?}"))?;
    let mut player = Player::new(&definitions).map_err(|problems| format!("{problems:?}"))?;
    let mut started: HashMap<usize, u32> = HashMap::new();
    let mut labels = Labels::default();
    let mut exact = true;
    let mut windows = 0;
    let mut from = 0;
    for (at, step) in case.steps.iter().enumerate() {
        if let Some(file) = &step.expect {
            let text = read(&dir.join("traces").join(file))?;
            let wanted: Vec<String> =
                serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let wanted: Vec<Line> = wanted.iter().map(|line| split(line)).collect();
            let found = window(&player, from);
            from = player.lines.len();
            windows += 1;
            same_outcome(&wanted, &found)?;
            exact &= labels.same(&wanted, &found);
            continue;
        }
        let before = player.state().scopes.len();
        drive(&mut player, step, &started)?;
        if step
            .kind
            .as_deref()
            .is_some_and(|kind| kind.ends_with("start"))
        {
            let roots = player
                .state()
                .scopes
                .iter()
                .skip(before)
                .filter(|scope| scope.parent == NONE);
            started.extend(roots.map(|scope| (at, scope.id)));
        }
    }
    let mut open: Vec<String> = player.tokens().map(ToString::to_string).collect();
    let mut wanted = case.open_at_end.clone();
    open.sort();
    wanted.sort();
    if open != wanted {
        return Err(format!("open at the end: {open:?}, expected {wanted:?}"));
    }
    Ok(if exact && windows > 0 {
        "exact"
    } else {
        "outcome"
    })
}

fn drive(player: &mut Player, step: &Step, started: &HashMap<usize, u32>) -> Result<(), String> {
    if let Some(element) = &step.wait {
        return player
            .wait(element)
            .then_some(())
            .ok_or_else(|| format!("no element {element}"));
    }
    if let Some(gateway) = &step.choose {
        let chosen = player.choose(gateway, step.flows.iter().map(String::as_str));
        return chosen
            .then_some(())
            .ok_or_else(|| format!("no gateway {gateway} with these flows"));
    }
    if let Some(flow) = &step.signal {
        let sent = player.message(flow).map_err(|fault| fault.to_string())?;
        return sent
            .then_some(())
            .ok_or_else(|| format!("no message flow {flow}"));
    }
    let Some(element) = &step.trigger else {
        return Err("a step that says nothing".to_owned());
    };
    if matches!(step.kind.as_deref(), Some("start" | "implicit-start")) {
        let begun = player.start(element).map_err(|fault| fault.to_string())?;
        return begun
            .then_some(())
            .ok_or_else(|| format!("no start {element}"));
    }
    let scope = step.scope.as_ref();
    let running = scope.and_then(|scope| scope.running.as_deref());
    let instance = scope
        .and_then(|scope| scope.started_by_step)
        .and_then(|step| started.get(&step).copied());
    let trigger = player.triggers().into_iter().find(|trigger| {
        let within = || {
            let sub = player
                .state()
                .subs
                .iter()
                .find(|sub| Some(sub.id) == trigger.id);
            let mut at = sub.map_or(NONE, |sub| sub.scope);
            while let Some(scope) = player.state().scope(at) {
                if scope.parent == NONE {
                    return Some(scope.id) == instance;
                }
                at = scope.parent;
            }
            false
        };
        trigger.id.is_some()
            && *trigger.element == **element
            && running.is_none_or(|running| *trigger.at == *running)
            && (instance.is_none() || within())
    });
    match trigger.and_then(|trigger| trigger.id) {
        Some(id) => player.trigger(id).map_err(|fault| fault.to_string()),
        None => Err(format!("nothing waits at {element}")),
    }
}

fn split(line: &str) -> Line {
    let mut parts = line.split(':');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (action, element, scope) = (next(), next(), next());
    (action, element, (scope != "null").then_some(scope))
}

fn window(player: &Player, from: usize) -> Vec<Line> {
    let lines = player.lines[from..].iter();
    lines
        .map(|line| {
            let action = match line.action {
                Action::Create => "createScope",
                Action::Enter => "enter",
                Action::Signal => "signal",
                Action::Exit => "exit",
                Action::Destroy => "destroyScope",
            };
            let element = player.plan().node(line.element).id.to_string();
            (
                action.to_owned(),
                element,
                (line.scope != NONE).then(|| line.scope.to_string()),
            )
        })
        .collect()
}

fn same_outcome(wanted: &[Line], found: &[Line]) -> Result<(), String> {
    let count = |lines: &[Line]| {
        let mut counts: BTreeMap<(String, String), i64> = BTreeMap::new();
        for (action, element, _) in lines {
            *counts.entry((action.clone(), element.clone())).or_default() += 1;
        }
        counts
    };
    let mut difference = count(wanted);
    for (line, times) in count(found) {
        *difference.entry(line).or_default() -= times;
    }
    difference.retain(|_, times| *times != 0);
    if difference.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = difference
        .into_iter()
        .map(|((action, element), times)| {
            format!(
                "{action}:{element} {}",
                if times > 0 {
                    "is missing"
                } else {
                    "is too much"
                }
            )
        })
        .collect();
    Err(lines.join(", "))
}

/// The renaming of scopes that a case uses throughout.
#[derive(Default)]
struct Labels {
    ours: HashMap<String, String>,
    theirs: HashMap<String, String>,
}

impl Labels {
    fn same(&mut self, wanted: &[Line], found: &[Line]) -> bool {
        wanted.len() == found.len()
            && wanted.iter().zip(found).all(|(wanted, found)| {
                let plain = (&wanted.0, &wanted.1) == (&found.0, &found.1);
                plain
                    && match (&wanted.2, &found.2) {
                        (None, None) => true,
                        (Some(theirs), Some(ours)) => {
                            let one = self
                                .ours
                                .entry(theirs.clone())
                                .or_insert_with(|| ours.clone())
                                == ours;
                            one && self
                                .theirs
                                .entry(ours.clone())
                                .or_insert_with(|| theirs.clone())
                                == theirs
                        }
                        _ => false,
                    }
            })
    }
}
