//! Tree to program.

use super::parse::Tree;

/// Counted repetitions are written out; a program longer than this is refused.
const MAX_PROGRAM: usize = 4_000;

pub(super) enum Instruction {
    Char(char),
    Any,
    Class(usize),
    LineStart,
    LineEnd,
    BackReference(usize),
    /// Notes the position; undone when the attempt fails.
    Save(usize),
    /// Leaves a loop whose last turn took nothing.
    EndIfEmpty(usize, usize),
    /// Tries the first, then the second.
    Split(usize, usize),
    Jump(usize),
    Match,
}

/// The program and how many slots it notes positions in.
pub(super) fn compile(tree: &Tree, groups: usize) -> Option<(Vec<Instruction>, usize)> {
    let mut compiler = Compiler {
        program: Vec::new(),
        slots: 2 * (groups + 1),
    };
    compiler.tree(tree)?;
    compiler.program.push(Instruction::Match);
    Some((compiler.program, compiler.slots))
}

struct Compiler {
    program: Vec<Instruction>,
    slots: usize,
}

impl Compiler {
    fn push(&mut self, instruction: Instruction) -> Option<usize> {
        if self.program.len() >= MAX_PROGRAM {
            return None;
        }
        self.program.push(instruction);
        Some(self.program.len() - 1)
    }

    fn tree(&mut self, tree: &Tree) -> Option<()> {
        match tree {
            Tree::Empty => {}
            Tree::Char(c) => {
                self.push(Instruction::Char(*c))?;
            }
            Tree::Any => {
                self.push(Instruction::Any)?;
            }
            Tree::Class(index) => {
                self.push(Instruction::Class(*index))?;
            }
            Tree::LineStart => {
                self.push(Instruction::LineStart)?;
            }
            Tree::LineEnd => {
                self.push(Instruction::LineEnd)?;
            }
            Tree::BackReference(group) => {
                self.push(Instruction::BackReference(*group))?;
            }
            Tree::Group(number, inner) => {
                self.push(Instruction::Save(2 * number))?;
                self.tree(inner)?;
                self.push(Instruction::Save(2 * number + 1))?;
            }
            Tree::Sequence(pieces) => {
                for piece in pieces {
                    self.tree(piece)?;
                }
            }
            Tree::Choice(branches) => self.choice(branches)?,
            Tree::Repeat {
                of,
                min,
                max,
                greedy,
            } => self.repeat(of, *min, *max, *greedy)?,
        }
        Some(())
    }

    fn choice(&mut self, branches: &[Tree]) -> Option<()> {
        let mut ends = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.tree(branch)?;
                break;
            }
            let split = self.push(Instruction::Split(0, 0))?;
            self.tree(branch)?;
            ends.push(self.push(Instruction::Jump(0))?);
            self.program[split] = Instruction::Split(split + 1, self.program.len());
        }
        let end = self.program.len();
        for jump in ends {
            self.program[jump] = Instruction::Jump(end);
        }
        Some(())
    }

    fn repeat(&mut self, of: &Tree, min: u32, max: Option<u32>, greedy: bool) -> Option<()> {
        for _ in 0..min {
            self.tree(of)?;
            // A counted repetition of nothing would be written out in vain.
            if matches!(of, Tree::Empty) {
                return Some(());
            }
        }
        match max {
            None => self.endless(of, greedy),
            Some(max) => self.optional(of, max - min, greedy),
        }
    }

    fn endless(&mut self, of: &Tree, greedy: bool) -> Option<()> {
        let slot = self.slots;
        self.slots += 1;
        let split = self.push(Instruction::Split(0, 0))?;
        self.push(Instruction::Save(slot))?;
        self.tree(of)?;
        let check = self.push(Instruction::EndIfEmpty(slot, 0))?;
        self.push(Instruction::Jump(split))?;
        let end = self.program.len();
        self.program[check] = Instruction::EndIfEmpty(slot, end);
        self.program[split] = if greedy {
            Instruction::Split(split + 1, end)
        } else {
            Instruction::Split(end, split + 1)
        };
        Some(())
    }

    fn optional(&mut self, of: &Tree, times: u32, greedy: bool) -> Option<()> {
        let mut splits = Vec::new();
        for _ in 0..times {
            splits.push(self.push(Instruction::Split(0, 0))?);
            self.tree(of)?;
        }
        let end = self.program.len();
        for split in splits {
            self.program[split] = if greedy {
                Instruction::Split(split + 1, end)
            } else {
                Instruction::Split(end, split + 1)
            };
        }
        Some(())
    }
}
