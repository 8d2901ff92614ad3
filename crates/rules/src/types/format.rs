//! A text in its usual form: the same tokens and comments, with the white space that makes them easy to read.

use std::ops::Range;

use crate::diagnostic::Diagnostics;
use crate::syntax::ast::{Kind, Node};
use crate::syntax::{Known, STOP_WORDS, is_space, normalize, parse_for_format, pieces};

use super::Schema;

/// The longest line; longer ones are broken before keywords.
const WIDTH: usize = 100;

/// The text of an expression in its usual form. It means the same as before, and formatting it again changes nothing.
///
/// # Errors
/// When the text is no expression.
pub fn format(text: &str) -> Result<String, Diagnostics> {
    format_in(text, &Schema::new())
}

/// [`format`] where these variables exist.
///
/// # Errors
/// When the text is no expression.
pub fn format_in(text: &str, schema: &Schema) -> Result<String, Diagnostics> {
    let known = Known::from_schema(schema);
    let (node, mut names) = parse_for_format(text, &known)?;
    collect_names(text, &node, &mut names);
    names.sort_by_key(|range| range.start);
    let pieces = pieces(text, &names)?;
    let line = join(&pieces, false);
    if line.len() <= WIDTH && !line.contains('\n') {
        Ok(line)
    } else {
        Ok(join(&pieces, true))
    }
}

/// Where names stand: they are kept whole.
fn collect_names(text: &str, node: &Node, names: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Name(_) => names.push(trimmed(text, node.span())),
        Kind::Path(base, _) => {
            // Behind the point that follows the base.
            let from = base.span().end;
            if let Some(point) = text
                .get(from..node.span().end)
                .and_then(|rest| rest.find('.'))
            {
                let start = from + point + 1;
                let skipped =
                    text[start..].len() - text[start..].trim_start_matches(is_space).len();
                names.push(start + skipped..node.span().end);
            }
        }
        _ => {}
    }
    node.for_each_child(&mut |child| collect_names(text, child, names));
}

/// A name in brackets has the brackets in its span.
fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let piece = &text[span.clone()];
    let inner = piece.trim_matches(|c| c == '(' || c == ')' || is_space(c));
    let start = span.start + piece.find(inner).unwrap_or(0);
    start..start + inner.len()
}

/// A token or comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Name(String),
    Word(String),
    Literal(String),
    Sign(String),
    Comment(String),
}

impl Piece {
    const fn is_operand(&self) -> bool {
        matches!(self, Self::Name(_) | Self::Literal(_))
    }
}

/// Puts the pieces together; `broken`, with a new line before the keywords that stand outside of brackets.
fn join(pieces: &[Piece], broken: bool) -> String {
    let mut line = String::new();
    let mut depth = 0_usize;
    let mut previous: Option<&Piece> = None;
    // Whether the last sign was a minus before an operand.
    let mut after_prefix = false;
    for (index, piece) in pieces.iter().enumerate() {
        let prefix = is_prefix(piece, previous);
        if let Some(previous) = previous
            && !after_prefix
            && spaced(previous, piece, prefix)
        {
            let here =
                broken && depth == 0 && matches!(piece, Piece::Word(word) if begins_line(word));
            line.push_str(if here { "\n  " } else { " " });
        }
        match piece {
            Piece::Name(text) => line.push_str(&normalize(text)),
            Piece::Word(text) | Piece::Literal(text) => line.push_str(text),
            Piece::Sign(sign) => {
                match sign.as_str() {
                    "(" | "[" | "{" => depth += 1,
                    ")" | "]" | "}" => depth = depth.saturating_sub(1),
                    _ => {}
                }
                line.push_str(sign);
            }
            Piece::Comment(text) => {
                line.push_str(text.trim_end());
                if text.starts_with("//") && index + 1 < pieces.len() {
                    line.push('\n');
                }
            }
        }
        after_prefix = prefix || matches!(piece, Piece::Comment(text) if text.starts_with("//"));
        previous = Some(piece);
    }
    line
}

/// Whether a minus or a comparison stands before its operand, with nothing on its left.
fn is_prefix(piece: &Piece, previous: Option<&Piece>) -> bool {
    let Piece::Sign(sign) = piece else {
        return false;
    };
    if sign == "@" {
        return true;
    }
    let begins = match previous {
        None | Some(Piece::Word(_)) => true,
        Some(Piece::Sign(sign)) => !matches!(sign.as_str(), ")" | "]" | "}"),
        _ => false,
    };
    begins && sign == "-"
}

fn spaced(previous: &Piece, piece: &Piece, prefix: bool) -> bool {
    match (previous, piece) {
        (Piece::Comment(_), _) | (_, Piece::Comment(_)) => true,
        (Piece::Sign(sign), _) if matches!(sign.as_str(), "(" | "[" | "{" | "." | "..") => false,
        (_, Piece::Sign(sign))
            if matches!(sign.as_str(), ")" | "]" | "}" | "," | ":" | "." | "..") =>
        {
            false
        }
        (Piece::Word(word), Piece::Sign(sign)) if sign == "(" => word != "function",
        (previous, Piece::Sign(sign)) if sign == "(" || sign == "[" => {
            let attached = previous.is_operand()
                || matches!(previous, Piece::Sign(closing) if matches!(closing.as_str(), ")" | "]" | "}"));
            !attached
        }
        (_, Piece::Sign(_)) if prefix => true,
        _ => true,
    }
}

/// The words before which a long line is broken.
fn begins_line(word: &str) -> bool {
    STOP_WORDS.contains(&word) && !matches!(word, "in" | "between" | "instance")
}
