//! What may be written at a place of a text.

use std::ops::Range;

use super::check::{Checker, Sight, members};
use super::{Schema, Type};
use crate::builtins;
use crate::syntax::{Known, is_name_part, is_space, parse_expression};
use crate::value::Name;

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is inserted.
    pub text: String,
    /// The part of the text that it replaces, in bytes.
    pub replaces: Range<usize>,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or signature.
    pub detail: String,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompletionKind {
    /// An entry or property, after a point.
    Member,
    /// A variable, of the scope or of the expression itself.
    Variable,
    /// A built-in function.
    Function,
    /// A word of the language.
    Keyword,
}

/// A name that no text has, put in at the cursor to see what stands there.
const MARK: &str = "ꜛcursorꜛ";

/// Words that may begin an expression, and those that may follow one.
const OPENING: [&str; 8] = [
    "if", "for", "some", "every", "function", "true", "false", "null",
];
const FOLLOWING: [&str; 9] = [
    "and",
    "or",
    "between",
    "in",
    "instance of",
    "then",
    "else",
    "return",
    "satisfies",
];

/// What may be written at a cursor (in bytes), the likeliest first.
#[must_use]
pub fn complete(text: &str, cursor: usize, schema: &Schema) -> Vec<Completion> {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let (before, after) = text.split_at(cursor);
    if in_text_or_comment(before) {
        return Vec::new();
    }
    let known = Known::from_schema(schema);
    let attempts = [
        format!("{before}{MARK}{after}"),
        format!("{before}{MARK}{}", closing(before)),
    ];
    for attempt in &attempts {
        let Ok(node) = parse_expression(attempt, &known) else {
            continue;
        };
        let mut found = None;
        let mut watch = |sight: &Sight<'_>| {
            if let Some(at) = sight.name.find(MARK) {
                found = Some(Place {
                    base: sight.base.cloned(),
                    typed: sight.name[..at].to_owned(),
                    locals: sight.locals.to_vec(),
                });
            }
        };
        let mut checker = Checker::new(attempt, schema);
        checker.watch = Some(&mut watch);
        checker.infer(&node);
        if let Some(place) = found {
            return place.completions(before, schema);
        }
    }
    let word = before.rfind(|c| !is_name_part(c)).map_or(0, |at| {
        at + before[at..].chars().next().map_or(1, char::len_utf8)
    });
    Place {
        base: None,
        typed: before[word..].to_owned(),
        locals: Vec::new(),
    }
    .completions(before, schema)
}

/// What stands at the cursor.
struct Place {
    /// After a point: the type of what is before it.
    base: Option<Type>,
    /// What of a name is already there; several words where they may be one name.
    typed: String,
    locals: Vec<(Name, Type)>,
}

impl Place {
    fn completions(&self, before: &str, schema: &Schema) -> Vec<Completion> {
        let mut found: Vec<(bool, Completion)> = Vec::new();
        let last_word = self.typed.rsplit(' ').next().unwrap_or_default().to_owned();
        let mut offer = |text: &str, kind: CompletionKind, detail: String| {
            let lower = text.to_lowercase();
            // The whole of what is typed, or only its last word: `a and cust` are two names.
            for typed in [&self.typed, &last_word] {
                let wanted = typed.to_lowercase();
                let starts = lower.starts_with(&wanted);
                if starts || (wanted.len() > 1 && lower.contains(&wanted)) {
                    let start = start_of(before, typed);
                    let replaces = start..before.len();
                    found.push((
                        !starts,
                        Completion {
                            text: text.to_owned(),
                            replaces,
                            kind,
                            detail,
                        },
                    ));
                    return;
                }
            }
        };
        if let Some(base) = &self.base {
            for (name, of) in members(base) {
                offer(&name, CompletionKind::Member, of.to_string());
            }
        } else {
            for (name, of) in self
                .locals
                .iter()
                .rev()
                .map(|(name, of)| (name, of))
                .chain(schema.variables())
            {
                offer(name, CompletionKind::Variable, of.to_string());
            }
            for builtin in builtins::all() {
                offer(
                    builtin.name,
                    CompletionKind::Function,
                    builtin.forms[0].text.to_owned(),
                );
            }
            let words: &[&str] = if self.typed.contains(' ') {
                &FOLLOWING
            } else {
                &OPENING
            };
            for word in words {
                offer(word, CompletionKind::Keyword, String::new());
            }
        }
        found.sort_by(|(a, x), (b, y)| a.cmp(b).then(x.kind.cmp(&y.kind)));
        let mut completions: Vec<Completion> = Vec::new();
        for (_, completion) in found {
            if !completions
                .iter()
                .any(|other| other.text == completion.text && other.kind == completion.kind)
            {
                completions.push(completion);
            }
        }
        completions
    }
}

/// Where the words typed begin, whatever white space stands between them.
fn start_of(before: &str, typed: &str) -> usize {
    let mut rest = before;
    for c in typed.chars().rev() {
        if c == ' ' {
            rest = rest.trim_end_matches(is_space);
        } else {
            rest = rest.strip_suffix(c).unwrap_or(rest);
        }
    }
    rest.len()
}

fn in_text_or_comment(before: &str) -> bool {
    let mut rest = before;
    loop {
        let Some(at) = rest.find(['"', '/']) else {
            return false;
        };
        rest = &rest[at..];
        if let Some(text) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = text.find(|c| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            });
            match end {
                Some(end) => rest = &text[end + 1..],
                None => return true,
            }
        } else if rest.starts_with("//") {
            match rest.find('\n') {
                Some(end) => rest = &rest[end..],
                None => return true,
            }
        } else if rest.starts_with("/*") {
            match rest.find("*/") {
                Some(end) => rest = &rest[end + 2..],
                None => return true,
            }
        } else {
            rest = &rest[1..];
        }
    }
}

/// What would have to follow for everything open in a text to be closed.
fn closing(before: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = before;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '"' => {
                let inner = &rest[1..];
                let mut escaped = false;
                let end = inner.find(|c| {
                    let closes = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    closes
                });
                length = end.map_or(rest.len(), |end| end + 2);
            }
            '(' => open.push(")"),
            '[' => open.push("]"),
            '{' => open.push("}"),
            ')' | ']' | '}' => {
                open.pop();
            }
            c if crate::syntax::is_name_start(c) => {
                length = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
                match &rest[..length] {
                    "if" => open.push(" then null else null"),
                    "then" => {
                        open.pop();
                        open.push(" else null");
                    }
                    "for" => open.push(" return null"),
                    "some" | "every" => open.push(" satisfies true"),
                    "else" | "return" | "satisfies" => {
                        open.pop();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        rest = &rest[length..];
    }
    open.iter().rev().copied().collect()
}
