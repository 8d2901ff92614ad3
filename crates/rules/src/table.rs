//! What a decision table leaves out, says twice, or never says: gaps, overlaps, dead and subsumed rules, each with an example.
//!
//! Every column is cut at the values its cells mention, so that each cell becomes a set of small integers; from there on it is
//! geometry of boxes. Searching for gaps can take exponential work, so it is bounded: [`Findings::complete`] says whether it
//! went through. Cells that are conditions on other variables cannot be cut: they are listed as [`Findings::opaque`], raise no
//! false alarms, and may hide a gap.

mod column;
mod search;

use serde::Serialize;

use crate::dmn::{DecisionTable, HitPolicy};
use crate::value::Value;
use column::Column;

/// The most findings of one kind that are listed.
pub const MAX_LISTED: usize = 200;

/// What the analysis found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// Inputs for which no rule matches.
    pub gaps: Vec<Gap>,
    /// Pairs of rules that match for the same input. Under `First`, `RuleOrder`, `OutputOrder` and `Collect` that is how such
    /// tables are meant, and none are listed.
    pub overlaps: Vec<Overlap>,
    /// How many such pairs there are in all.
    pub overlap_count: usize,
    /// Rules that never decide anything.
    pub dead: Vec<Dead>,
    /// Rules all of whose inputs another rule matches too.
    pub subsumed: Vec<Subsumed>,
    /// Cells whose meaning depends on more than their column: rule and input, from 0.
    pub opaque: Vec<(usize, usize)>,
    /// Whether the search for gaps and dead rules came to its end.
    pub complete: bool,
}

/// Inputs that no rule matches.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    /// For each input the values, as a cell would write them.
    pub cells: Vec<String>,
    /// One input of the gap.
    pub example: Vec<Value>,
}

/// Two rules that match for the same input.
#[derive(Clone, Debug, Serialize)]
pub struct Overlap {
    /// The rules, from 0.
    pub rules: (usize, usize),
    /// An input that both match.
    pub example: Vec<Value>,
    /// Whether their outputs are written differently.
    pub conflict: bool,
}

/// A rule that never decides.
#[derive(Clone, Debug, Serialize)]
pub struct Dead {
    /// The rule, from 0.
    pub rule: usize,
    /// Why.
    pub reason: Reason,
    /// An input that the rule would match, where there is one.
    pub example: Option<Vec<Value>>,
}

/// Why a rule never decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A cell matches no value: the input, from 0.
    Impossible(usize),
    /// Earlier rules match everything that it matches.
    Covered(Vec<usize>),
}

/// A rule within another one.
#[derive(Clone, Debug, Serialize)]
pub struct Subsumed {
    /// The rule, from 0.
    pub rule: usize,
    /// The rule that matches everything that it matches.
    pub by: usize,
    /// An input that both match.
    pub example: Vec<Value>,
}

/// Analyses a table.
#[must_use]
pub fn analyse(table: &DecisionTable) -> Findings {
    let columns: Vec<Column> = (0..table.inputs.len())
        .map(|input| Column::cut(table, input))
        .collect();
    let mut findings = Findings {
        complete: true,
        ..Findings::default()
    };
    let mut rules = Vec::new();
    for rule in 0..table.rules.len() {
        let boxed: Vec<&column::Set> = columns.iter().map(|column| column.cell(rule)).collect();
        let opaque: Vec<usize> = (0..columns.len())
            .filter(|input| columns[*input].is_opaque(rule))
            .collect();
        findings
            .opaque
            .extend(opaque.iter().map(|input| (rule, *input)));
        if let Some(input) = boxed.iter().position(|set| set.is_empty()) {
            findings.dead.push(Dead {
                rule,
                reason: Reason::Impossible(input),
                example: None,
            });
        } else {
            rules.push(search::Rule::new(rule, boxed, opaque.is_empty()));
        }
    }
    find_pairs(table, &columns, &rules, &mut findings);
    if matches!(table.hit_policy, HitPolicy::First) {
        find_covered(&columns, &rules, &mut findings);
    }
    find_gaps(&columns, &rules, &mut findings);
    findings.dead.sort_by_key(|dead| dead.rule);
    findings
}

fn example(columns: &[Column], place: &[usize]) -> Vec<Value> {
    columns
        .iter()
        .zip(place)
        .map(|(column, segment)| column.example(*segment))
        .collect()
}

/// Overlaps, and rules within other rules.
fn find_pairs(
    table: &DecisionTable,
    columns: &[Column],
    rules: &[search::Rule<'_>],
    findings: &mut Findings,
) {
    let listed = matches!(
        table.hit_policy,
        HitPolicy::Unique | HitPolicy::Any | HitPolicy::Priority
    );
    for (index, a) in rules.iter().enumerate() {
        if !a.exact {
            continue;
        }
        for b in &rules[index + 1..] {
            if !b.exact || a.is_apart(b) {
                continue;
            }
            let outputs = |rule: usize| table.rules.get(rule).map(|rule| &rule.outputs);
            let conflict = outputs(a.number) != outputs(b.number);
            if listed && (table.hit_policy != HitPolicy::Any || conflict) {
                findings.overlap_count += 1;
                if findings.overlaps.len() < MAX_LISTED {
                    let place: Vec<usize> = a
                        .sets
                        .iter()
                        .zip(&b.sets)
                        .map(|(a, b)| a.first_common(b).unwrap_or(0))
                        .collect();
                    let example = example(columns, &place);
                    findings.overlaps.push(Overlap {
                        rules: (a.number, b.number),
                        example,
                        conflict,
                    });
                }
            }
            if findings.subsumed.len() < MAX_LISTED {
                let inner = if search::within(b, a) {
                    Some((b, a))
                } else if search::within(a, b) && table.hit_policy != HitPolicy::First {
                    Some((a, b))
                } else {
                    None
                };
                if let Some((inner, outer)) = inner {
                    let example = example(columns, &inner.first());
                    findings.subsumed.push(Subsumed {
                        rule: inner.number,
                        by: outer.number,
                        example,
                    });
                }
            }
        }
    }
}

/// Under `First`: rules whose inputs earlier rules take away, one alone or several together.
fn find_covered(columns: &[Column], rules: &[search::Rule<'_>], findings: &mut Findings) {
    let mut budget = search::BUDGET / 2;
    for (index, rule) in rules.iter().enumerate() {
        if !rule.exact {
            continue;
        }
        let earlier: Vec<&search::Rule<'_>> = rules[..index]
            .iter()
            .filter(|other| other.exact && rule.meets(other))
            .collect();
        match search::is_covered(rule, &earlier, &mut budget) {
            Some(true) => {
                let by = match earlier.iter().find(|other| search::within(rule, other)) {
                    Some(single) => vec![single.number],
                    None => earlier.iter().map(|other| other.number).collect(),
                };
                let example = Some(example(columns, &rule.first()));
                findings.dead.push(Dead {
                    rule: rule.number,
                    reason: Reason::Covered(by),
                    example,
                });
            }
            Some(false) => {}
            None => {
                findings.complete = false;
                return;
            }
        }
    }
}

fn find_gaps(columns: &[Column], rules: &[search::Rule<'_>], findings: &mut Findings) {
    if columns.is_empty() {
        return;
    }
    let domains: Vec<&column::Set> = columns.iter().map(|column| &column.domain).collect();
    let found = search::gaps(&domains, rules, MAX_LISTED);
    findings.complete &= found.complete;
    for gap in found.gaps {
        let cells = columns
            .iter()
            .zip(&gap)
            .map(|(column, set)| column.cell_text(set))
            .collect();
        let place: Vec<usize> = gap.iter().map(|set| set.first().unwrap_or(0)).collect();
        findings.gaps.push(Gap {
            cells,
            example: example(columns, &place),
        });
    }
}
