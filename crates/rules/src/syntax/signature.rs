//! Types and the heads of functions.

use std::collections::HashSet;

use super::ast::Lambda;
use super::lexer::Token;
use super::names::normalize;
use super::parser::{Parsed, Parser};
use super::{is_name_start, is_space};
use crate::diagnostic::Code;
use crate::types::Type;
use crate::value::Name;

impl Parser<'_> {
    /// `(a: number, b) body`
    pub(super) fn lambda(&mut self) -> Parsed<Lambda> {
        let mut parameters = Vec::new();
        self.expect("(")?;
        if !self.eat(")")? {
            loop {
                let name = self.name_before(&[',', ':', ')'])?;
                let of = if self.eat(":")? {
                    self.type_expression()?
                } else {
                    Type::Any
                };
                parameters.push((name, of));
                if self.eat(")")? {
                    break;
                }
                if !self.eat(",")? {
                    return Err(self.unexpected(&[",", ")"]));
                }
            }
        }
        let bound = self.locals.len();
        for (name, _) in &parameters {
            self.locals.push(Name::clone(name));
        }
        self.mentioned.push(HashSet::new());
        let body = self.expression()?;
        let mut free = self.mentioned.pop().unwrap_or_default();
        self.locals.truncate(bound);
        free.retain(|name| parameters.iter().all(|(parameter, _)| parameter != name));
        if let Some(outer) = self.mentioned.last_mut() {
            outer.extend(free.iter().cloned());
        }
        let mut free: Vec<Name> = free.into_iter().collect();
        free.sort();
        Ok(Lambda {
            parameters,
            body,
            free,
        })
    }

    fn name_before(&mut self, ends: &[char]) -> Parsed<Name> {
        let start = self.start()?;
        let rest = &self.text[start..];
        let end = rest.find(ends).unwrap_or(rest.len());
        self.written(start, start + end)
    }

    /// A name and a colon, if they are next.
    pub(super) fn argument_name(&mut self) -> Parsed<Option<Name>> {
        let start = self.start()?;
        let rest = &self.text[start..];
        if !rest.starts_with(is_name_start) {
            return Ok(None);
        }
        let is_part = |c: char| {
            super::is_name_part(c)
                || super::is_space(c)
                || matches!(c, '.' | '/' | '-' | '\'' | '+' | '*')
        };
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let end = super::lexer::comment(&rest[..end]).unwrap_or(end);
        let colon = super::lexer::skip(self.text, start + end)?;
        if !self.text[colon..].starts_with(':') {
            return Ok(None);
        }
        let name = self.written(start, start + end)?;
        self.at = colon + 1;
        Ok(Some(name))
    }

    /// The name that is written from `start` to `end`, or to the comment that begins before it.
    pub(super) fn written(&mut self, start: usize, end: usize) -> Parsed<Name> {
        let piece = &self.text[start..end];
        let piece = &piece[..super::lexer::comment(piece).unwrap_or(piece.len())];
        let piece = piece.trim_end_matches(is_space);
        if !piece.starts_with(is_name_start) {
            return Err(self.unexpected(&["name"]));
        }
        self.at = start + piece.len();
        self.bound.push(start..self.at);
        Ok(normalize(piece).into())
    }

    /// `number`, `list<string>`, `context<a: number>`, `function<number>->string`, `range<date>`, or a type of the model.
    pub(super) fn type_expression(&mut self) -> Parsed<Type> {
        self.nested(Self::type_inside)
    }

    fn type_inside(&mut self) -> Parsed<Type> {
        let start = self.start()?;
        if !self.text[start..].starts_with(is_name_start) {
            return Err(self.unexpected(&["type"]));
        }
        let word = |parser: &Self| match parser.peek() {
            Ok((Token::Word(word), span)) => Some((word.to_owned(), span.end)),
            _ => None,
        };
        if let Some((generic, end)) = word(self) {
            let before = self.at;
            self.at = end;
            if matches!(generic.as_str(), "list" | "context" | "function" | "range")
                && self.eat("<")?
            {
                return self.generic(&generic);
            }
            self.at = before;
        }
        self.named_type(start)
    }

    fn generic(&mut self, generic: &str) -> Parsed<Type> {
        match generic {
            "list" | "range" => {
                let item = self.type_expression()?;
                self.close_angle()?;
                Ok(if generic == "list" {
                    item.list()
                } else {
                    Type::Range(item.into())
                })
            }
            "context" => {
                let mut entries = Vec::new();
                loop {
                    let name = self.name_before(&[':', '>', ','])?;
                    self.expect(":")?;
                    entries.push((name, self.type_expression()?));
                    if !self.eat(",")? {
                        break;
                    }
                }
                self.close_angle()?;
                Ok(Type::context(entries))
            }
            _ => {
                let mut parameters = Vec::new();
                if self.peek_sign()? != ">" {
                    loop {
                        parameters.push(self.type_expression()?);
                        if !self.eat(",")? {
                            break;
                        }
                    }
                }
                self.close_angle()?;
                self.expect("->")?;
                Ok(Type::Function(
                    parameters.into(),
                    self.type_expression()?.into(),
                ))
            }
        }
    }

    /// A `>`, also where it is the first half of `>=`.
    fn close_angle(&mut self) -> Parsed<()> {
        if self.peek_sign()? == ">=" {
            self.at = self.peek()?.1.start + 1;
            return Ok(());
        }
        self.expect(">")
    }

    fn named_type(&mut self, start: usize) -> Parsed<Type> {
        const BUILT_IN: [&str; 3] = [
            "years and months duration",
            "days and time duration",
            "date and time",
        ];
        let rest = &self.text[start..];
        // The longest of the model's names and of the built-in ones with several words.
        let longest = self
            .known
            .type_names()
            .map(|name| &**name)
            .chain(BUILT_IN)
            .filter_map(|name| {
                let mut tail = rest;
                for (index, word) in name.split(' ').enumerate() {
                    if index > 0 {
                        tail = tail.trim_start_matches(is_space);
                    }
                    tail = tail.strip_prefix(word)?;
                }
                (!tail.starts_with(super::is_name_part)).then(|| (name, rest.len() - tail.len()))
            });
        if let Some((name, length)) = longest.max_by_key(|(_, length)| *length) {
            let of = self
                .known
                .named_type(name)
                .or_else(|| Type::named(name))
                .unwrap_or_default();
            self.at = start + length;
            return Ok(of);
        }
        let (_, span) = self.peek()?;
        let word = &self.text[span.clone()];
        match Type::named(word) {
            Some(of) => {
                self.at = span.end;
                Ok(of)
            }
            None => Err(self.problem(span.clone(), Code::UnknownType, vec![word.to_owned()])),
        }
    }
}
