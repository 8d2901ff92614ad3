//! Text to tree.

pub(crate) mod ast;
mod lexer;
mod names;
mod parser;
mod ranges;
mod signature;

use std::fmt;

pub(crate) use lexer::pieces;
pub(crate) use names::{Known, normalize};
pub(crate) use parser::{
    parse_expression, parse_expression_inside, parse_for_format, parse_unary_tests,
    parse_unary_tests_inside,
};

/// Texts longer than this are not read.
pub const MAX_LENGTH: usize = 64 * 1024;
/// How deep brackets and expressions may nest.
pub const MAX_NESTING: u32 = 100;

/// Words that end a name when nothing in scope says otherwise.
pub(crate) const STOP_WORDS: [&str; 9] = [
    "and",
    "or",
    "in",
    "between",
    "then",
    "else",
    "return",
    "satisfies",
    "instance",
];

pub(crate) const fn is_name_start(c: char) -> bool {
    matches!(c, '?' | '_' | 'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
        && !is_space(c)
}

pub(crate) const fn is_name_part(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

pub(crate) const fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{180E}' | '\u{2000}'..='\u{200B}'
        | '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\u{FEFF}')
}

/// Whether a name can stand in a text without help from the scope: words and digits, no keyword among them.
pub(crate) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.split(' ').enumerate().all(|(index, word)| {
            let mut letters = word.chars();
            let first = letters.next();
            first.is_some_and(|first| is_name_start(first) || (index > 0 && is_name_part(first)))
                && letters.all(is_name_part)
                && !STOP_WORDS.contains(&word)
        })
        && !matches!(
            name,
            "if" | "for" | "some" | "every" | "function" | "true" | "false" | "null" | "not" | "?"
        )
}

/// Writes a text as FEEL reads it.
pub(crate) fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    use fmt::Write as _;
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// Text in quotes, as FEEL reads it.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_quoted(f, self.0)
    }
}
