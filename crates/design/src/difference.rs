//! What differs between two states of a definition, line by line of their text form.

use std::collections::BTreeMap;

use kernel::Result;
use serde::{Deserialize, Serialize};
use store::Reads;

use crate::draft::load;
use crate::{Body, Kind, Surroundings, version};

/// A state to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Before there was anything.
    Nothing,
    Version(i64),
    /// The draft; where there is none, the newest published version.
    Draft,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The beginning of a file; the text is its path.
    File,
    Same,
    Added,
    Removed,
    /// Lines that are the same on both sides and left out; the text is how many.
    Gap,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub change: Change,
    pub text: String,
}

/// How many equal lines are shown around a change.
const CONTEXT: usize = 3;
/// More changed lines than this in one file are not lined up: the old ones are shown removed, the new ones added.
const MOST_CHANGES: usize = 1_000;

/// The lines that differ, with a few equal ones around them. Empty: nothing differs.
pub async fn difference(
    reads: &mut impl Reads,
    kind: Kind,
    key: &str,
    from: Side,
    to: Side,
) -> Result<Vec<Line>> {
    let before = files(reads, kind, key, from).await?;
    let after = files(reads, kind, key, to).await?;
    Ok(compare(&before, &after))
}

async fn files(
    reads: &mut impl Reads,
    kind: Kind,
    key: &str,
    side: Side,
) -> Result<BTreeMap<String, String>> {
    let body: Body = match side {
        Side::Nothing => return Ok(BTreeMap::new()),
        Side::Version(number) => version::version(reads, kind, key, number).await?,
        Side::Draft => load(reads, kind, key, &Surroundings::default()).await?.body,
    };
    Ok(body.files()?.into_iter().collect())
}

fn compare(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Line> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let mut lines = Vec::new();
    for path in paths {
        let side =
            |files: &'_ BTreeMap<String, String>| files.get(path).cloned().unwrap_or_default();
        let (old, new) = (side(before), side(after));
        if old == new && before.contains_key(path) == after.contains_key(path) {
            continue;
        }
        lines.push(Line {
            change: Change::File,
            text: path.clone(),
        });
        let old: Vec<&str> = old.lines().collect();
        let new: Vec<&str> = new.lines().collect();
        lines.extend(folded(&edits(&old, &new)));
    }
    lines
}

/// Leaves out what is far from any change.
fn folded(edits: &[(Change, &str)]) -> Vec<Line> {
    let changed: Vec<usize> = (0..edits.len())
        .filter(|i| edits[*i].0 != Change::Same)
        .collect();
    let near = |i: usize| {
        let next = changed.partition_point(|c| *c < i);
        let close = |c: Option<&usize>| c.is_some_and(|c| c.abs_diff(i) <= CONTEXT);
        close(changed.get(next)) || close(next.checked_sub(1).and_then(|p| changed.get(p)))
    };
    let mut lines = Vec::new();
    let mut hidden = 0;
    let gap = |hidden: usize| Line {
        change: Change::Gap,
        text: hidden.to_string(),
    };
    for (i, (change, text)) in edits.iter().enumerate() {
        if near(i) {
            if hidden > 0 {
                lines.push(gap(std::mem::take(&mut hidden)));
            }
            lines.push(Line {
                change: *change,
                text: (*text).to_owned(),
            });
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        lines.push(gap(hidden));
    }
    lines
}

/// The shortest way from one text to the other (E. Myers, 1986).
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Change, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (old_core, end) = old_rest.split_at(old_rest.len() - tail);
    let new_core = &new_rest[..new_rest.len() - tail];
    let same = |lines: &[&'a str]| lines.iter().map(|l| (Change::Same, *l)).collect::<Vec<_>>();
    let mut all = same(&old[..head]);
    all.extend(shortest(old_core, new_core));
    all.extend(same(end));
    all
}

fn shortest<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Change, &'a str)> {
    let whole = || {
        let removed = old.iter().map(|line| (Change::Removed, *line));
        removed
            .chain(new.iter().map(|line| (Change::Added, *line)))
            .collect()
    };
    if old.is_empty() || new.is_empty() {
        return whole();
    }
    let (n, m) = (signed(old.len()), signed(new.len()));
    let most = signed(MOST_CHANGES).min(n + m);
    // How far into the old lines the best path comes on each diagonal (old − new), from −most − 1 to most + 1.
    let mut reached = vec![0; index(2 * most + 3)];
    let at = |diagonal: isize| index(diagonal + most + 1);
    let mut trace = Vec::new();
    for edits in 0..=most {
        trace.push(reached.clone());
        for k in (-edits..=edits).step_by(2) {
            let mut x = match came_from(&reached, at, k, edits) {
                from if from > k => reached[at(from)],
                from => reached[at(from)] + 1,
            };
            while x < n && x - k < m && old[index(x)] == new[index(x - k)] {
                x += 1;
            }
            reached[at(k)] = x;
            if x >= n && x - k >= m {
                return walked_back(&trace, at, old, new);
            }
        }
    }
    whole()
}

/// The diagonal from which the best path of `edits` edits enters diagonal `k`: from above (`k + 1`, a line added) or from
/// the left (`k - 1`, a line removed).
fn came_from(reached: &[isize], at: impl Fn(isize) -> usize, k: isize, edits: isize) -> isize {
    if k == -edits || (k != edits && reached[at(k - 1)] < reached[at(k + 1)]) {
        k + 1
    } else {
        k - 1
    }
}

fn walked_back<'a>(
    trace: &[Vec<isize>],
    at: impl Fn(isize) -> usize,
    old: &[&'a str],
    new: &[&'a str],
) -> Vec<(Change, &'a str)> {
    let (mut x, mut y) = (signed(old.len()), signed(new.len()));
    let mut back = Vec::new();
    for (edits, reached) in trace.iter().enumerate().rev() {
        let from = came_from(reached, &at, x - y, signed(edits));
        let (from_x, from_y) = match edits {
            0 => (0, 0),
            _ => (reached[at(from)], reached[at(from)] - from),
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            back.push((Change::Same, old[index(x)]));
        }
        if x > from_x {
            x -= 1;
            back.push((Change::Removed, old[index(x)]));
        } else if y > from_y {
            y -= 1;
            back.push((Change::Added, new[index(y)]));
        }
    }
    back.reverse();
    back
}

/// Numbers of lines fit both ways: a text of more than `isize::MAX` lines does not fit into memory.
fn signed(lines: usize) -> isize {
    isize::try_from(lines).unwrap_or(isize::MAX)
}
fn index(line: isize) -> usize {
    usize::try_from(line).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sides(edits: &[(Change, &str)]) -> (Vec<String>, Vec<String>) {
        let side = |other: Change| {
            let kept = edits.iter().filter(|(change, _)| *change != other);
            kept.map(|(_, text)| (*text).to_owned()).collect()
        };
        (side(Change::Added), side(Change::Removed))
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_out_of_the_difference(old in "[ab\n]{0,60}", new in "[ab\n]{0,60}") {
            let old: Vec<&str> = old.lines().collect();
            let new: Vec<&str> = new.lines().collect();
            let (before, after) = sides(&edits(&old, &new));
            prop_assert_eq!(before, old);
            prop_assert_eq!(after, new);
        }
    }

    #[test]
    fn one_changed_line_is_one_line_out_and_one_in() {
        let old: Vec<String> = (0..40).map(|n| format!("line {n}")).collect();
        let mut new = old.clone();
        new[20] = "another".to_owned();
        let file = |lines: &[String]| BTreeMap::from([("f.json".to_owned(), lines.join("\n"))]);
        let told: Vec<String> = compare(&file(&old), &file(&new))
            .iter()
            .map(|l| format!("{:?} {}", l.change, l.text))
            .collect();
        assert_eq!(
            told,
            [
                "File f.json",
                "Gap 17",
                "Same line 17",
                "Same line 18",
                "Same line 19",
                "Removed line 20",
                "Added another",
                "Same line 21",
                "Same line 22",
                "Same line 23",
                "Gap 16",
            ]
        );
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_not_lined_up() {
        let old: Vec<String> = (0..3_000).map(|n| format!("old {n}")).collect();
        let new: Vec<String> = (0..3_000).map(|n| format!("new {n}")).collect();
        let of = |lines: &[String]| {
            lines
                .iter()
                .map(String::as_str)
                .collect::<Vec<&str>>()
                .join("\n")
        };
        let (old, new) = (of(&old), of(&new));
        let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
        assert_eq!(edits(&old, &new).len(), 6_000);
    }
}
