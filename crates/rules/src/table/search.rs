//! Boxes: whether one lies within others, and what none of them covers. All searches have a budget.

use std::collections::HashSet;

use super::column::Set;

/// Steps that a search may take: some tens of milliseconds.
pub(super) const BUDGET: usize = 40_000;

/// A rule as a box: a set of segments for each input.
pub(super) struct Rule<'a> {
    pub(super) number: usize,
    pub(super) sets: Vec<&'a Set>,
    /// The first and last segment of each set: most rules are told apart by these alone.
    spans: Vec<(usize, usize)>,
    /// The inputs, that with the narrowest set first.
    order: Vec<usize>,
    /// Whether the box is exactly what the rule matches.
    pub(super) exact: bool,
}

impl<'a> Rule<'a> {
    pub(super) fn new(number: usize, sets: Vec<&'a Set>, exact: bool) -> Self {
        let spans: Vec<(usize, usize)> = sets.iter().map(|set| set.span()).collect();
        let mut order: Vec<usize> = (0..sets.len()).collect();
        order.sort_by_key(|input| spans[*input].1 - spans[*input].0);
        Self {
            number,
            sets,
            spans,
            order,
            exact,
        }
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.sets.iter().zip(&other.sets).all(|(a, b)| a.meets(b))
    }

    /// Whether two rules have no input in common.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        // The narrowest set of this rule comes first: it tells most other rules apart at once.
        self.order.iter().any(|input| {
            let ((first, last), (other_first, other_last)) =
                (self.spans[*input], other.spans[*input]);
            if last < other_first || other_last < first {
                return true;
            }
            if first == last {
                return !other.sets[*input].contains(first);
            }
            !self.sets[*input].meets(other.sets[*input])
        })
    }

    pub(super) fn first(&self) -> Vec<usize> {
        self.sets
            .iter()
            .map(|set| set.first().unwrap_or(0))
            .collect()
    }
}

pub(super) fn within(inner: &Rule<'_>, outer: &Rule<'_>) -> bool {
    inner
        .sets
        .iter()
        .zip(&outer.sets)
        .all(|(a, b)| a.is_within(b))
}

/// Whether others together cover a rule; `None` when the budget runs out first.
pub(super) fn is_covered(
    rule: &Rule<'_>,
    others: &[&Rule<'_>],
    budget: &mut usize,
) -> Option<bool> {
    let sets: Vec<Set> = rule.sets.iter().map(|set| (*set).clone()).collect();
    covered(&sets, others, budget)
}

/// Takes the first box away and looks at what is left of the space, piece by piece.
fn covered(space: &[Set], others: &[&Rule<'_>], budget: &mut usize) -> Option<bool> {
    *budget = budget.checked_sub(1)?;
    let meets = |other: &&Rule<'_>| space.iter().zip(&other.sets).all(|(a, b)| a.meets(b));
    let Some(position) = others.iter().position(meets) else {
        return Some(false);
    };
    let (cut, rest) = (others[position], &others[position + 1..]);
    let mut left: Vec<Set> = space.to_vec();
    for input in 0..space.len() {
        let outside = left[input].without(cut.sets[input]);
        if !outside.is_empty() {
            let mut piece = left.clone();
            piece[input] = outside;
            if !covered(&piece, rest, budget)? {
                return Some(false);
            }
        }
        left[input] = left[input].and(cut.sets[input]);
    }
    Some(true)
}

pub(super) struct Gaps {
    pub(super) gaps: Vec<Vec<Set>>,
    pub(super) complete: bool,
}

/// What no rule covers, as boxes that do not overlap.
pub(super) fn gaps(domains: &[&Set], rules: &[Rule<'_>], most: usize) -> Gaps {
    // Inputs that are split into the fewest classes come first: the tree stays narrow where it is long.
    let mut order: Vec<usize> = (0..domains.len()).collect();
    let distinct: Vec<usize> = (0..domains.len())
        .map(|input| {
            rules
                .iter()
                .map(|rule| rule.sets[input])
                .collect::<HashSet<_>>()
                .len()
        })
        .collect();
    order.sort_by_key(|input| distinct[*input]);
    let mut search = Search {
        domains,
        rules,
        order: &order,
        full: Vec::new(),
        cover: Vec::new(),
        known: HashSet::new(),
        gaps: Vec::new(),
        most,
        budget: BUDGET,
    };
    search.prepare();
    let everything = Set::full(rules.len());
    let mut path = Vec::new();
    let finished = search.descend(0, &everything, &mut path);
    let complete = finished && search.gaps.len() < most;
    Gaps {
        gaps: search.gaps,
        complete,
    }
}

struct Search<'a> {
    domains: &'a [&'a Set],
    rules: &'a [Rule<'a>],
    order: &'a [usize],
    /// For each level: the rules that take everything from there on.
    full: Vec<Set>,
    /// For each level and segment: the rules that match it.
    cover: Vec<Vec<Set>>,
    /// Levels with sets of rules below which everything is covered.
    known: HashSet<(usize, Set)>,
    gaps: Vec<Vec<Set>>,
    most: usize,
    budget: usize,
}

impl Search<'_> {
    fn prepare(&mut self) {
        let count = self.rules.len();
        self.full = vec![Set::full(count); self.order.len() + 1];
        for level in (0..self.order.len()).rev() {
            let input = self.order[level];
            let mut full = Set::empty(count);
            for (index, rule) in self.rules.iter().enumerate() {
                if self.full[level + 1].contains(index)
                    && self.domains[input].is_within(rule.sets[input])
                {
                    full.insert(index);
                }
            }
            self.full[level] = full;
        }
        self.cover = self
            .order
            .iter()
            .map(|input| self.cover_of(*input))
            .collect();
    }

    /// One pass over the segments: at each, the rules whose membership changes there are turned over.
    fn cover_of(&self, input: usize) -> Vec<Set> {
        let length = self.domains[input].iter().last().map_or(0, |last| last + 1);
        let mut changes: Vec<Vec<usize>> = vec![Vec::new(); length];
        for (index, rule) in self.rules.iter().enumerate() {
            for segment in rule.sets[input].changes() {
                if let Some(changing) = changes.get_mut(segment) {
                    changing.push(index);
                }
            }
        }
        let mut here = Set::empty(self.rules.len());
        let turn = |changing: Vec<usize>| {
            for rule in changing {
                here.toggle(rule);
            }
            here.clone()
        };
        changes.into_iter().map(turn).collect()
    }

    /// Looks for gaps where only `active` rules are left. False when the budget ran out or enough was found.
    fn descend(&mut self, level: usize, active: &Set, path: &mut Vec<Set>) -> bool {
        if active.is_empty() {
            self.note(path);
            return self.gaps.len() < self.most;
        }
        if active.meets(&self.full[level]) || level == self.order.len() {
            return true;
        }
        let key = (level, active.clone());
        if self.known.contains(&key) {
            return true;
        }
        let input = self.order[level];
        // Segments that leave the same rules are gone through together.
        let mut classes: Vec<(Set, Set)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for segment in self.domains[input].iter() {
            let Some(left) = self.budget.checked_sub(1) else {
                return false;
            };
            self.budget = left;
            let rest = active.and(&self.cover[level][segment]);
            let place = *places.entry(rest.clone()).or_insert_with(|| {
                classes.push((rest, Set::empty(self.cover[level].len())));
                classes.len() - 1
            });
            classes[place].1.insert(segment);
        }
        let before = self.gaps.len();
        for (rest, segments) in classes {
            path.push(segments);
            let go_on = self.descend(level + 1, &rest, path);
            path.pop();
            if !go_on {
                return false;
            }
        }
        if self.gaps.len() == before {
            self.known.insert(key);
        }
        true
    }

    fn note(&mut self, path: &[Set]) {
        let mut gap: Vec<Set> = self
            .domains
            .iter()
            .map(|domain| (*domain).clone())
            .collect();
        for (level, segments) in path.iter().enumerate() {
            let input = self.order[level];
            // Sets of one column have one length.
            gap[input] = self.domains[input].and(&widened(segments, self.domains[input]));
        }
        // A gap beside the last one, alike in all but one input, is one with it.
        if let Some(last) = self.gaps.last_mut() {
            let differing: Vec<usize> = (0..gap.len())
                .filter(|input| gap[*input] != last[*input])
                .collect();
            if let [input] = differing.as_slice() {
                last[*input] = last[*input].or(&gap[*input]);
                return;
            }
        }
        self.gaps.push(gap);
    }
}

/// The set with as many words as another one.
fn widened(set: &Set, like: &Set) -> Set {
    let mut wide = like.without(like);
    for segment in set.iter() {
        wide.insert(segment);
    }
    wide
}
