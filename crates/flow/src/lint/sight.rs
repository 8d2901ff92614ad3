//! Permission holes: activities whose people may not see or fill in what the activity's form asks of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Finding, Mend, MendKind, Rule, Severity};
use crate::edit::Command;
use crate::model::{Binding, Element, FormRef, Groups, Process, Strategy, Text};

/// What the linter is told about forms and permissions. Data, so that it stays pure: whoever knows forms and grants fills
/// it in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sight {
    /// What each form does with fields that are under permission: by its key, or its id within the process.
    pub forms: BTreeMap<String, Vec<Use>>,
    /// The variables that each form fills in: by its key, or its id within the process.
    pub sets: BTreeMap<String, Vec<String>>,
    /// What the people of each group may, by the group's key. A group that is not here may nothing.
    pub groups: BTreeMap<String, Reach>,
}

/// A form uses a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Use {
    /// As permissions name it, such as `person.salary`.
    pub field: String,
    /// As people name it; empty: by its name.
    pub label: Text,
    /// It is filled in, not only shown.
    pub writes: bool,
    /// Without it the activity cannot be closed.
    pub required: bool,
}

/// The fields that a group may read and write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
}

impl Reach {
    fn lacks(&self, wanted: &Use) -> bool {
        !self.reads.contains(&wanted.field)
            || (wanted.writes && !self.writes.contains(&wanted.field))
    }
}

/// The holes of a process.
pub(super) fn check(process: &Process, sight: &Sight, findings: &mut Vec<Finding>) {
    let groups = process.groups();
    let nothing = Reach::default();
    for element in process.elements.iter().filter(|e| e.is_work_item()) {
        let Some(uses) = uses(element, sight) else {
            continue;
        };
        for group in who(element, &groups) {
            let reach = sight.groups.get(&group).unwrap_or(&nothing);
            let missing: Vec<&Use> = uses.iter().filter(|wanted| reach.lacks(wanted)).collect();
            if missing.is_empty() {
                continue;
            }
            let stops = missing
                .iter()
                .any(|wanted| wanted.writes && wanted.required);
            let called = if element.name.is_empty() {
                element.id.to_string()
            } else {
                element.name.clone()
            };
            let fields: Vec<&str> = missing
                .iter()
                .map(|wanted| Some(wanted.label.get(kernel::Language::Es)))
                .zip(&missing)
                .map(|(label, wanted)| label.filter(|l| !l.is_empty()).unwrap_or(&wanted.field))
                .collect();
            let args = vec![called, group.clone(), fields.join(", ")];
            findings.push(Finding {
                rule: Rule::PermissionHole,
                severity: if stops {
                    Severity::Warning
                } else {
                    Severity::Hint
                },
                process: process.id.clone(),
                element: element.id.clone(),
                mend: another(element, &group, uses, sight, &args),
                args,
                detail: None,
            });
        }
    }
}

fn uses<'s>(element: &Element, sight: &'s Sight) -> Option<&'s [Use]> {
    let form = match element.binding.as_ref()?.form.as_ref()? {
        FormRef::Key(key) => key,
        FormRef::Inline(id) => id,
    };
    sight.forms.get(form).map(Vec::as_slice)
}

/// Whoever may find it in their inbox: the group, and those to whom it climbs. An activity that looks for its person by
/// itself falls back on its group too.
fn who(element: &Element, groups: &Groups<'_>) -> Vec<String> {
    let mut all: Vec<String> = groups.of(element).into_iter().collect();
    let rungs = element
        .binding
        .iter()
        .flat_map(|binding| &binding.escalation);
    all.extend(rungs.map(|rung| rung.to.clone()));
    let mut seen = BTreeSet::new();
    all.retain(|group| seen.insert(group.clone()));
    all
}

/// Gives it to a group whose people may all of it; where there is none, it is a matter of permissions.
fn another(
    element: &Element,
    from: &str,
    uses: &[Use],
    sight: &Sight,
    args: &[String],
) -> Option<Mend> {
    let able = sight
        .groups
        .iter()
        .find(|(_, reach)| !uses.iter().any(|wanted| reach.lacks(wanted)));
    let Some((able, _)) = able else {
        return Some(Mend {
            what: MendKind::Grant,
            args: vec![args[1].clone(), args[2].clone()],
            commands: Vec::new(),
        });
    };
    let mut binding: Binding = element.binding.clone().unwrap_or_default();
    let mut changed = false;
    for rung in binding.escalation.iter_mut().filter(|rung| rung.to == from) {
        rung.to = able.clone();
        changed = true;
    }
    if !changed {
        binding.assignment.group = Some(able.clone());
        if binding.assignment.strategy == Strategy::Expression {
            binding.assignment.strategy = Strategy::Group;
        }
    }
    Some(Mend {
        what: MendKind::GiveTo,
        args: vec![args[0].clone(), able.clone()],
        commands: vec![Command::Bind {
            element: element.id.clone(),
            binding: Some(binding),
        }],
    })
}
