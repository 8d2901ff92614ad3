//! Text to tokens, one at a time: what is a name depends on the scope, so names are put together by the parser.

use std::ops::Range;

use super::{is_name_part, is_name_start, is_space};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::types::Piece;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Number(&'a str),
    Text(String),
    Word(&'a str),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 27] = [
    "..", "**", "<=", ">=", "!=", "->", "==", "(", ")", "[", "]", "{", "}", "<", ">", "=", "+",
    "-", "*", "/", ",", ":", ".", "@", "−", "–", "?",
];

/// Skips white space and comments from `at`.
pub(super) fn skip(text: &str, mut at: usize) -> Result<usize, Box<Diagnostic>> {
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else {
            return Ok(at);
        };
        if is_space(c) {
            at += c.len_utf8();
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some(comment) = rest.strip_prefix("/*") {
            let Some(end) = comment.find("*/") else {
                return Err(Box::new(Diagnostic::new(
                    text,
                    at..text.len(),
                    Code::UnterminatedComment,
                    vec![],
                    vec![],
                )));
            };
            at += end + 4;
        } else {
            return Ok(at);
        }
    }
}

/// Where the first comment begins in what is otherwise a name.
pub(super) fn comment(name: &str) -> Option<usize> {
    [name.find("//"), name.find("/*")]
        .into_iter()
        .flatten()
        .min()
}

/// The token that begins at or after `at`, and where it stands.
pub(super) fn token(text: &str, at: usize) -> Result<(Token<'_>, Range<usize>), Box<Diagnostic>> {
    let start = skip(text, at)?;
    let rest = &text[start..];
    let Some(first) = rest.chars().next() else {
        return Ok((Token::End, start..start));
    };
    if first == '"' {
        return string(text, start);
    }
    if first.is_ascii_digit()
        || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
    {
        let end = start + number_length(rest);
        return Ok((Token::Number(&text[start..end]), start..end));
    }
    if is_name_start(first) {
        let end = start + word_length(rest);
        return Ok((Token::Word(&text[start..end]), start..end));
    }
    for sign in SIGNS {
        if rest.starts_with(sign) {
            // Signs that office programs like to put in place of the plain one.
            let meant = match sign {
                "−" | "–" => "-",
                "==" => "=",
                other => other,
            };
            return Ok((Token::Sign(meant), start..start + sign.len()));
        }
    }
    let end = start + first.len_utf8();
    Err(Box::new(Diagnostic::new(
        text,
        start..end,
        Code::Unexpected,
        vec![shown(&text[start..end])],
        vec!["expression".into()],
    )))
}

/// A piece of the text as an argument of a sentence.
pub(super) fn shown(piece: &str) -> String {
    if piece.is_empty() {
        "end".to_owned()
    } else {
        format!("«{piece}»")
    }
}

pub(super) fn word_length(text: &str) -> usize {
    text.find(|c: char| !is_name_part(c)).unwrap_or(text.len())
}

fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        from + bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1 + sign);
        }
    }
    end
}

fn string(text: &str, start: usize) -> Result<(Token<'_>, Range<usize>), Box<Diagnostic>> {
    let mut value = String::new();
    let mut at = start + 1;
    loop {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else {
            return Err(Box::new(Diagnostic::new(
                text,
                start..text.len(),
                Code::UnterminatedText,
                vec![],
                vec!["\"".into()],
            )));
        };
        at += c.len_utf8();
        match c {
            '"' => return Ok((Token::Text(value), start..at)),
            '\\' => at += escape(&text[at..], &mut value),
            other => value.push(other),
        }
    }
}

/// Reads what follows a backslash; one that begins nothing known stays as it is, so that `"\d"` is a pattern.
fn escape(rest: &str, value: &mut String) -> usize {
    let simple = match rest.chars().next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('"') => '"',
        Some('\'') => '\'',
        Some('\\') => '\\',
        Some('u') => return code_point(rest, 4, value),
        Some('U') => return code_point(rest, 6, value),
        _ => {
            value.push('\\');
            return 0;
        }
    };
    value.push(simple);
    1
}

fn code_point(rest: &str, digits: usize, value: &mut String) -> usize {
    let read = |from: usize| {
        rest.get(from..from + digits)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
    };
    let Some(code) = read(1) else {
        value.push('\\');
        return 0;
    };
    let length = 1 + digits;
    // Two halves of a surrogate pair are one character.
    if digits == 4
        && (0xD800..0xDC00).contains(&code)
        && rest.get(length..length + 2) == Some("\\u")
        && let Some(low) = read(length + 2).filter(|low| (0xDC00..0xE000).contains(low))
    {
        let whole = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        value.push(char::from_u32(whole).unwrap_or(char::REPLACEMENT_CHARACTER));
        return length + 2 + digits;
    }
    value.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    length
}

/// All tokens and comments of a text that is known to be an expression; `names` are kept whole.
pub(crate) fn pieces(text: &str, names: &[Range<usize>]) -> Result<Vec<Piece>, Diagnostics> {
    const WORDS: [&str; 7] = ["if", "for", "some", "every", "function", "of", "external"];
    let mut pieces = Vec::new();
    let mut at = 0;
    loop {
        let next = skip(text, at)?;
        comments(&text[at..next], &mut pieces);
        at = next;
        if let Some(name) = names.iter().find(|name| name.start == at && name.end > at) {
            pieces.push(Piece::Name(text[name.clone()].to_owned()));
            at = name.end;
            continue;
        }
        let (token, span) = token(text, at)?;
        let piece = text[span.clone()].to_owned();
        at = span.end;
        pieces.push(match token {
            Token::End => return Ok(pieces),
            Token::Number(_) | Token::Text(_) => Piece::Literal(piece),
            Token::Word("true" | "false" | "null") => Piece::Literal(piece),
            Token::Word(word) if super::STOP_WORDS.contains(&word) || WORDS.contains(&word) => {
                Piece::Word(piece)
            }
            Token::Word(_) => Piece::Name(piece),
            Token::Sign(sign) => Piece::Sign(sign.to_owned()),
        });
    }
}

/// The comments in a stretch of white space and comments.
fn comments(stretch: &str, pieces: &mut Vec<Piece>) {
    let mut rest = stretch;
    while let Some(at) = rest.find('/') {
        rest = &rest[at..];
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else {
            // The star that opens it does not close it: `/*/`.
            rest[2..].find("*/").map_or(rest.len(), |end| end + 4)
        };
        pieces.push(Piece::Comment(rest[..end].to_owned()));
        rest = &rest[end..];
    }
}
