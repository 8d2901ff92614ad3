//! Pattern to tree.

use super::Flags;
use super::class::{Class, Item};

/// How deep groups and classes may nest.
const MAX_NESTING: u32 = 60;

pub(super) struct Parsed {
    pub(super) tree: Tree,
    pub(super) classes: Vec<Class>,
    pub(super) groups: usize,
}

pub(super) enum Tree {
    Empty,
    Char(char),
    Any,
    Class(usize),
    LineStart,
    LineEnd,
    BackReference(usize),
    Group(usize, Box<Tree>),
    Sequence(Vec<Tree>),
    Choice(Vec<Tree>),
    Repeat {
        of: Box<Tree>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    },
}

pub(super) fn parse(pattern: &str, flags: Flags) -> Option<Parsed> {
    if flags.literal {
        let tree = Tree::Sequence(pattern.chars().map(Tree::Char).collect());
        return Some(Parsed {
            tree,
            classes: Vec::new(),
            groups: 0,
        });
    }
    let text = if flags.free_spacing {
        without_spaces(pattern)
    } else {
        pattern.to_owned()
    };
    let mut parser = Parser {
        rest: text.chars().collect::<Vec<_>>(),
        at: 0,
        classes: Vec::new(),
        groups: 0,
        closed: Vec::new(),
        nesting: 0,
    };
    let tree = parser.choice()?;
    parser.peek().is_none().then_some(Parsed {
        tree,
        classes: parser.classes,
        groups: parser.groups,
    })
}

/// The pattern without the white space that stands outside of classes.
fn without_spaces(pattern: &str) -> String {
    let mut result = String::new();
    let (mut depth, mut escaped) = (0_u32, false);
    for c in pattern.chars() {
        if depth == 0 && matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        if !escaped {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        escaped = c == '\\' && !escaped;
        result.push(c);
    }
    result
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    classes: Vec<Class>,
    groups: usize,
    /// Groups that a back-reference may name: those already closed.
    closed: Vec<usize>,
    nesting: u32,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    fn choice(&mut self) -> Option<Tree> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return None;
        }
        let mut branches = vec![self.sequence()?];
        while self.eat('|') {
            branches.push(self.sequence()?);
        }
        self.nesting -= 1;
        if branches.len() == 1 {
            branches.pop()
        } else {
            Some(Tree::Choice(branches))
        }
    }

    fn sequence(&mut self) -> Option<Tree> {
        let mut pieces = Vec::new();
        while let Some(c) = self.peek() {
            if matches!(c, '|' | ')') {
                break;
            }
            let atom = self.atom()?;
            pieces.push(self.quantified(atom)?);
        }
        Some(match pieces.len() {
            0 => Tree::Empty,
            _ => Tree::Sequence(pieces),
        })
    }

    fn quantified(&mut self, atom: Tree) -> Option<Tree> {
        let (min, max) = match self.peek() {
            Some('?') => (0, Some(1)),
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('{') => return self.counted(atom),
            _ => return Some(atom),
        };
        self.at += 1;
        self.repeat(atom, min, max)
    }

    fn counted(&mut self, atom: Tree) -> Option<Tree> {
        self.at += 1;
        let min = self.count()?;
        let max = if self.eat(',') {
            if self.peek() == Some('}') {
                None
            } else {
                Some(self.count()?)
            }
        } else {
            Some(min)
        };
        if !self.eat('}') || max.is_some_and(|max| max < min) {
            return None;
        }
        self.repeat(atom, min, max)
    }

    fn count(&mut self) -> Option<u32> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.rest[start..self.at]
            .iter()
            .collect::<String>()
            .parse()
            .ok()
    }

    fn repeat(&mut self, of: Tree, min: u32, max: Option<u32>) -> Option<Tree> {
        if matches!(of, Tree::LineStart | Tree::LineEnd) {
            return None;
        }
        let greedy = !self.eat('?');
        if matches!(self.peek(), Some('*' | '+' | '{' | '?')) {
            return None;
        }
        Some(Tree::Repeat {
            of: Box::new(of),
            min,
            max,
            greedy,
        })
    }

    fn atom(&mut self) -> Option<Tree> {
        Some(match self.next()? {
            '(' => return self.group(),
            '[' => {
                let class = self.class()?;
                self.class_tree(class)
            }
            '.' => Tree::Any,
            '^' => Tree::LineStart,
            '$' => Tree::LineEnd,
            '\\' => return self.escape(),
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            other => Tree::Char(other),
        })
    }

    fn class_tree(&mut self, class: Class) -> Tree {
        self.classes.push(class);
        Tree::Class(self.classes.len() - 1)
    }

    fn group(&mut self) -> Option<Tree> {
        if self.eat('?') {
            if !self.eat(':') {
                return None;
            }
            let inner = self.choice()?;
            return self.eat(')').then_some(inner);
        }
        self.groups += 1;
        let number = self.groups;
        let inner = self.choice()?;
        if !self.eat(')') {
            return None;
        }
        self.closed.push(number);
        Some(Tree::Group(number, Box::new(inner)))
    }

    fn escape(&mut self) -> Option<Tree> {
        if let Some(first) = self.peek().and_then(|c| c.to_digit(10)) {
            self.at += 1;
            let mut group = first as usize;
            while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
                let longer = group * 10 + digit as usize;
                if longer > self.groups {
                    break;
                }
                group = longer;
                self.at += 1;
            }
            return self
                .closed
                .contains(&group)
                .then_some(Tree::BackReference(group));
        }
        match self.escaped_item()? {
            Item::Range(first, last) if first == last => Some(Tree::Char(first)),
            item => {
                let class = Class {
                    items: vec![item],
                    ..Class::default()
                };
                Some(self.class_tree(class))
            }
        }
    }

    /// What follows a backslash, inside a class or outside.
    fn escaped_item(&mut self) -> Option<Item> {
        let c = self.next()?;
        Some(match c {
            'n' => Item::Range('\n', '\n'),
            'r' => Item::Range('\r', '\r'),
            't' => Item::Range('\t', '\t'),
            '\\' | '|' | '.' | '-' | '^' | '?' | '*' | '+' | '{' | '}' | '(' | ')' | '[' | ']'
            | '$' => Item::Range(c, c),
            'd' | 'D' => Item::Digit(c == 'd'),
            's' | 'S' => Item::Space(c == 's'),
            'w' | 'W' => Item::Word(c == 'w'),
            'i' | 'I' => Item::NameStart(c == 'i'),
            'c' | 'C' => Item::NamePart(c == 'c'),
            'p' | 'P' => {
                if !self.eat('{') {
                    return None;
                }
                let start = self.at;
                while self.next()? != '}' {}
                let name: String = self.rest[start..self.at - 1].iter().collect();
                return Item::property(&name, c == 'p');
            }
            _ => return None,
        })
    }

    /// A class after its `[`, up to and with its `]`.
    fn class(&mut self) -> Option<Class> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return None;
        }
        let mut class = Class {
            negated: self.eat('^'),
            ..Class::default()
        };
        loop {
            match self.next()? {
                ']' if !class.items.is_empty() => break,
                '[' | ']' => return None,
                '-' if self.peek() == Some('[') && !class.items.is_empty() => {
                    self.at += 1;
                    class.without = Some(Box::new(self.class()?));
                    if !self.eat(']') {
                        return None;
                    }
                    break;
                }
                first => {
                    let item = if first == '\\' {
                        self.escaped_item()?
                    } else {
                        Item::Range(first, first)
                    };
                    let item = self.range_from(item)?;
                    class.items.push(item);
                }
            }
        }
        self.nesting -= 1;
        Some(class)
    }

    /// A range, if a hyphen and its other end follow.
    fn range_from(&mut self, item: Item) -> Option<Item> {
        let Item::Range(first, _) = item else {
            return Some(item);
        };
        let after = self.rest.get(self.at + 1).copied();
        if self.peek() != Some('-') || matches!(after, None | Some(']' | '[')) {
            return Some(item);
        }
        self.at += 1;
        let last = match self.next()? {
            '\\' => match self.escaped_item()? {
                Item::Range(last, _) => last,
                _ => return None,
            },
            last => last,
        };
        (first <= last).then_some(Item::Range(first, last))
    }
}
