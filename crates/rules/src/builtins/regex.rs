//! Regular expressions as XPath 3.1 has them (clause 5.6.1): XML Schema's classes with subtraction, blocks and categories,
//! reluctant quantifiers, back-references, the flags `s`, `m`, `i`, `x` and `q`.
//!
//! Our own, because the Rust engines have neither back-references nor class subtraction in this syntax, and because every step
//! of the matching must be paid for: a pattern that backtracks without end runs out of fuel, nothing more.

mod class;
mod compile;
mod parse;

use crate::diagnostic::Fault;
use crate::eval::Machine;
use class::Class;
use compile::Instruction;

/// Entries on the stack of things to try: beyond it a match is given up as too large.
const MAX_STACK: usize = 500_000;

/// A compiled pattern.
pub(super) struct Regex {
    program: Vec<Instruction>,
    classes: Vec<Class>,
    groups: usize,
    slots: usize,
    flags: Flags,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    dot_all: bool,
    multi_line: bool,
    ignore_case: bool,
    free_spacing: bool,
    literal: bool,
}

/// Where a pattern matched: byte positions of the whole and of each group.
pub(super) struct Found(Vec<Option<usize>>);

impl Found {
    pub(super) fn whole(&self) -> (usize, usize) {
        (self.0[0].unwrap_or(0), self.0[1].unwrap_or(0))
    }

    fn group<'a>(&self, input: &'a str, group: usize) -> &'a str {
        match (self.0.get(2 * group), self.0.get(2 * group + 1)) {
            (Some(Some(start)), Some(Some(end))) => &input[*start..*end],
            _ => "",
        }
    }
}

impl Regex {
    /// Compiles a pattern; `None` when it or the flags are wrong.
    pub(super) fn new(pattern: &str, flags: &str) -> Option<Self> {
        let mut set = Flags::default();
        for flag in flags.chars() {
            match flag {
                's' => set.dot_all = true,
                'm' => set.multi_line = true,
                'i' => set.ignore_case = true,
                'x' => set.free_spacing = true,
                'q' => set.literal = true,
                _ => return None,
            }
        }
        let parsed = parse::parse(pattern, set)?;
        let (program, slots) = compile::compile(&parsed.tree, parsed.groups)?;
        Some(Self {
            program,
            classes: parsed.classes,
            groups: parsed.groups,
            slots,
            flags: set,
        })
    }

    pub(super) const fn literal(&self) -> bool {
        self.flags.literal
    }

    pub(super) const fn groups(&self) -> usize {
        self.groups
    }

    /// The first match at or after a byte position.
    pub(super) fn find(
        &self,
        input: &str,
        from: usize,
        machine: &mut Machine,
    ) -> Result<Option<Found>, Fault> {
        let mut start = from;
        loop {
            machine.spend(1)?;
            if let Some(found) = self.match_at(input, start, machine)? {
                return Ok(Some(found));
            }
            match input[start..].chars().next() {
                Some(c) => start += c.len_utf8(),
                None => return Ok(None),
            }
        }
    }

    fn match_at(
        &self,
        input: &str,
        start: usize,
        machine: &mut Machine,
    ) -> Result<Option<Found>, Fault> {
        enum Job {
            Try { pc: usize, at: usize },
            Restore { slot: usize, value: Option<usize> },
        }
        let mut slots: Vec<Option<usize>> = vec![None; self.slots];
        let mut stack = vec![Job::Try { pc: 0, at: start }];
        let mut steps = 0_u32;
        while let Some(job) = stack.pop() {
            let (mut pc, mut at) = match job {
                Job::Restore { slot, value } => {
                    slots[slot] = value;
                    continue;
                }
                Job::Try { pc, at } => (pc, at),
            };
            loop {
                steps += 1;
                if steps.is_multiple_of(4) {
                    machine.spend(1)?;
                }
                let next = input[at..].chars().next();
                match &self.program[pc] {
                    Instruction::Char(expected) => {
                        let Some(c) = next.filter(|c| self.same(*c, *expected)) else {
                            break;
                        };
                        at += c.len_utf8();
                    }
                    Instruction::Any => {
                        let Some(c) =
                            next.filter(|c| self.flags.dot_all || !matches!(c, '\n' | '\r'))
                        else {
                            break;
                        };
                        at += c.len_utf8();
                    }
                    Instruction::Class(index) => {
                        let class = &self.classes[*index];
                        let Some(c) = next.filter(|c| class.matches(*c, self.flags.ignore_case))
                        else {
                            break;
                        };
                        at += c.len_utf8();
                    }
                    Instruction::LineStart => {
                        let here =
                            at == 0 || (self.flags.multi_line && input[..at].ends_with('\n'));
                        if !here {
                            break;
                        }
                    }
                    Instruction::LineEnd => {
                        let here = next.is_none() || (self.flags.multi_line && next == Some('\n'));
                        if !here {
                            break;
                        }
                    }
                    Instruction::BackReference(group) => {
                        let text = match (slots[2 * group], slots[2 * group + 1]) {
                            (Some(start), Some(end)) => &input[start..end],
                            _ => "",
                        };
                        let Some(length) = self.prefix(&input[at..], text) else {
                            break;
                        };
                        steps += u32::try_from(text.len()).unwrap_or(u32::MAX - steps);
                        at += length;
                    }
                    Instruction::Save(slot) => {
                        stack.push(Job::Restore {
                            slot: *slot,
                            value: slots[*slot],
                        });
                        slots[*slot] = Some(at);
                    }
                    Instruction::EndIfEmpty(slot, end) => {
                        // A turn that took nothing would come again and again.
                        if slots[*slot] == Some(at) {
                            pc = *end;
                            continue;
                        }
                    }
                    Instruction::Split(first, second) => {
                        if stack.len() >= MAX_STACK {
                            return Err(Fault::TooLarge);
                        }
                        stack.push(Job::Try { pc: *second, at });
                        pc = *first;
                        continue;
                    }
                    Instruction::Jump(to) => {
                        pc = *to;
                        continue;
                    }
                    Instruction::Match => {
                        slots[0] = Some(start);
                        slots[1] = Some(at);
                        return Ok(Some(Found(slots)));
                    }
                }
                pc += 1;
            }
        }
        Ok(None)
    }

    fn same(&self, a: char, b: char) -> bool {
        a == b
            || (self.flags.ignore_case
                && class::variants(a)
                    .any(|variant| class::variants(b).any(|other| variant == other)))
    }

    /// How much of the input the text takes, if the input begins with it.
    fn prefix(&self, input: &str, text: &str) -> Option<usize> {
        let mut rest = input.chars();
        for expected in text.chars() {
            if !self.same(rest.next()?, expected) {
                return None;
            }
        }
        Some(input.len() - rest.as_str().len())
    }
}

/// The third argument of `replace`, read.
pub(super) struct Replacement(Vec<Part>);

enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    /// Reads `$1` and `\$`; `None` when a sign stands alone.
    pub(super) fn new(text: &str, literal: bool, groups: usize) -> Option<Self> {
        if literal {
            return Some(Self(vec![Part::Text(text.to_owned())]));
        }
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' => plain.push(rest.next().filter(|c| matches!(c, '\\' | '$'))?),
                '$' => {
                    let mut group = rest.next()?.to_digit(10)? as usize;
                    // As many digits as still name a group.
                    while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
                        let longer = group * 10 + digit as usize;
                        if longer > groups {
                            break;
                        }
                        group = longer;
                        rest.next();
                    }
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Group(group));
                }
                other => plain.push(other),
            }
        }
        parts.push(Part::Text(plain));
        Some(Self(parts))
    }

    pub(super) fn write(&self, input: &str, found: &Found, result: &mut String) {
        for part in &self.0 {
            match part {
                Part::Text(text) => result.push_str(text),
                Part::Group(group) => result.push_str(found.group(input, *group)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;

    fn is_match(pattern: &str, flags: &str, input: &str) -> Option<bool> {
        let mut machine = Machine::new(&Scope::new());
        Regex::new(pattern, flags)
            .map(|regex| regex.find(input, 0, &mut machine).unwrap().is_some())
    }

    #[test]
    fn patterns_of_every_kind() {
        let cases = [
            ("^a{2,3}$", "", "aa", true),
            ("^a{2,3}$", "", "aaaa", false),
            (r"^(a|b)\1$", "", "aa", true),
            (r"^(a|b)\1$", "", "ab", false),
            ("^[a-z-[aeiou]]+$", "", "rhythm", true),
            ("^[a-z-[aeiou]]+$", "", "rime", false),
            (r"^\p{Lu}\p{Ll}+$", "", "Ñandú", true),
            (r"^\p{IsCyrillic}+$", "", "Да", true),
            (r"^\i\c*$", "", "_x-1", true),
            ("(a*)*b", "", "aaaaab", true),
            ("^(a*)*$", "", "aaaa", true),
            ("a.c", "", "a\nc", false),
            ("a.c", "s", "a\nc", true),
            ("^b$", "m", "a\nb\nc", true),
            ("a.b", "q", "a.b", true),
            ("a.b", "q", "axb", false),
            (r"[\d\s]+", "", "1 2", true),
            ("^(?:ab)+?$", "", "abab", true),
        ];
        for (pattern, flags, input, expected) in cases {
            assert_eq!(
                is_match(pattern, flags, input),
                Some(expected),
                "{pattern} on {input}"
            );
        }
        for pattern in [
            "(", ")", "[", "[z-a]", "a{3,2}", "*", r"\1", r"(\1)", r"[\1]", r"\p{Xx}", "a**", r"\",
            "a{1",
        ] {
            assert_eq!(is_match(pattern, "", ""), None, "{pattern}");
        }
    }

    #[test]
    fn endless_backtracking_runs_out_of_fuel() {
        let mut machine = Machine::new(&Scope::new());
        let regex = Regex::new("^(a+)+$", "").unwrap();
        let input = format!("{}b", "a".repeat(60));
        assert_eq!(
            regex.find(&input, 0, &mut machine).map(|_| ()),
            Err(Fault::OutOfFuel)
        );
    }
}
