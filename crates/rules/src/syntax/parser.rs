//! Tokens to tree: a hand-written parser by precedence, with the names in scope at hand.

use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::ast::{
    Arguments, BuiltinCall, Comparison, Domain, Iterator, Kind, Node, Operator, Test,
};
use super::lexer::{self, Token, shown};
use super::names::{Known, Locals, normalize};
use super::{MAX_LENGTH, MAX_NESTING, STOP_WORDS, is_name_start};
use crate::builtins;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::value::{Name, Value};

pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) known: &'a Known,
    /// Names bound by the text itself at this point, innermost last.
    pub(super) locals: Locals,
    /// For each function around this point: the names its body mentions.
    pub(super) mentioned: Vec<HashSet<Name>>,
    pub(super) nesting: u32,
    /// The nesting at which a `[` closes a range instead of opening a filter.
    pub(super) closing: Option<u32>,
    /// What is left of the work allowed: trying both readings of a bracket must not add up.
    steps: usize,
    /// The token that was looked at last, and from where.
    ahead: RefCell<Option<(usize, Token<'a>, Range<usize>)>>,
    /// How often a second reading may still be tried.
    retries: usize,
    /// Inside how many filters this point is: there, members are names too.
    filters: u32,
    /// Where names stand that the text binds: they may hold signs, and are kept whole when it is formatted.
    pub(super) bound: Vec<Range<usize>>,
    /// Whether `?` was mentioned.
    pub(super) input_mentioned: bool,
    /// Whether the loop around this point uses `partial`.
    partial_mentioned: bool,
}

/// Reads a whole text as an expression.
pub(crate) fn parse_expression(text: &str, known: &Known) -> Result<Node, Diagnostics> {
    let mut parser = Parser::new(text, known)?;
    let node = parser.expression()?;
    parser.finish()?;
    Ok(node)
}

/// [`parse_expression`], and where the names stand that the text binds.
pub(crate) fn parse_for_format(
    text: &str,
    known: &Known,
) -> Result<(Node, Vec<Range<usize>>), Diagnostics> {
    let mut parser = Parser::new(text, known)?;
    let node = parser.expression()?;
    parser.finish()?;
    Ok((node, parser.bound))
}

/// Reads a whole text as an expression inside boxes that bind these names.
pub(crate) fn parse_expression_inside(
    text: &str,
    known: &Known,
    locals: &[Name],
    in_filter: bool,
) -> Result<Node, Diagnostics> {
    let mut parser = Parser::new(text, known)?;
    parser.bind(locals);
    parser.filters = u32::from(in_filter);
    let node = parser.expression()?;
    parser.finish()?;
    Ok(node)
}

/// Reads a whole text as a cell's tests inside boxes that bind these names.
pub(crate) fn parse_unary_tests_inside(
    text: &str,
    known: &Known,
    locals: &[Name],
) -> Result<Node, Diagnostics> {
    let mut parser = Parser::new(text, known)?;
    parser.bind(locals);
    let tests = parser.unary_tests()?;
    parser.finish()?;
    Ok(Node {
        kind: Kind::Tests(tests),
        start: 0,
        end: offset(text.len()),
    })
}

/// Reads a whole text as the tests of a decision table's cell.
pub(crate) fn parse_unary_tests(text: &str, known: &Known) -> Result<Node, Diagnostics> {
    let mut parser = Parser::new(text, known)?;
    let tests = parser.unary_tests()?;
    parser.finish()?;
    Ok(Node {
        kind: Kind::Tests(tests),
        start: 0,
        end: offset(text.len()),
    })
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, known: &'a Known) -> Parsed<Self> {
        if text.len() > MAX_LENGTH {
            let code = Code::TooLong;
            return Err(Box::new(Diagnostic::new(
                text,
                0..text.len(),
                code,
                vec![MAX_LENGTH.to_string()],
                vec![],
            )));
        }
        let (locals, mentioned) = (Locals::default(), Vec::new());
        let steps = 20_000 + 2 * text.len();
        let retries = 400 + text.len() / 64;
        Ok(Self {
            text,
            at: 0,
            known,
            locals,
            mentioned,
            bound: Vec::new(),
            nesting: 0,
            closing: None,
            steps,
            ahead: RefCell::new(None),
            retries,
            filters: 0,
            input_mentioned: false,
            partial_mentioned: false,
        })
    }

    fn bind(&mut self, names: &[Name]) {
        for name in names {
            self.locals.push(Name::clone(name));
        }
    }

    pub(super) fn finish(&mut self) -> Parsed<()> {
        match self.peek()? {
            (Token::End, _) => Ok(()),
            _ => Err(self.unexpected(&["operator", "end"])),
        }
    }

    pub(super) fn peek(&self) -> Parsed<(Token<'a>, Range<usize>)> {
        // Every level of precedence looks at the next token: it is read once.
        if let Some((at, token, span)) = &*self.ahead.borrow()
            && *at == self.at
        {
            return Ok((token.clone(), span.clone()));
        }
        let (token, span) = lexer::token(self.text, self.at)?;
        *self.ahead.borrow_mut() = Some((self.at, token.clone(), span.clone()));
        Ok((token, span))
    }

    pub(super) fn problem(
        &self,
        span: Range<usize>,
        code: Code,
        args: Vec<String>,
    ) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(self.text, span, code, args, vec![]))
    }

    /// A problem with the next token.
    pub(super) fn unexpected(&self, expected: &[&str]) -> Box<Diagnostic> {
        let span = match self.peek() {
            Ok((_, span)) => span,
            Err(problem) => return problem,
        };
        let found = vec![shown(&self.text[span.clone()])];
        let expected = expected.iter().map(|&item| item.to_owned()).collect();
        Box::new(Diagnostic::new(
            self.text,
            span,
            Code::Unexpected,
            found,
            expected,
        ))
    }

    pub(super) fn eat(&mut self, sign: &str) -> Parsed<bool> {
        match self.peek()? {
            (Token::Sign(found), span) if found == sign => {
                self.at = span.end;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    pub(super) fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign)? {
            Ok(())
        } else {
            Err(self.unexpected(&[sign]))
        }
    }

    pub(super) fn peek_sign(&self) -> Parsed<&'static str> {
        Ok(match self.peek()? {
            (Token::Sign(sign), _) => sign,
            _ => "",
        })
    }

    fn peek_word(&self, word: &str) -> Parsed<bool> {
        Ok(matches!(self.peek()?, (Token::Word(found), _) if found == word))
    }

    pub(super) fn eat_word(&mut self, word: &str) -> Parsed<bool> {
        match self.peek()? {
            (Token::Word(found), span) if found == word => {
                self.at = span.end;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word)? {
            Ok(())
        } else {
            Err(self.unexpected(&[word]))
        }
    }

    pub(super) fn node(&self, start: usize, kind: Kind) -> Node {
        Node {
            kind,
            start: offset(start),
            end: offset(self.at),
        }
    }

    pub(super) fn start(&self) -> Parsed<usize> {
        lexer::skip(self.text, self.at)
    }

    /// Runs a part one level deeper.
    pub(super) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= MAX_NESTING {
            let start = self.start()?;
            return Err(self.problem(
                start..self.text.len(),
                Code::TooDeep,
                vec![MAX_NESTING.to_string()],
            ));
        }
        self.nesting += 1;
        let result = part(self);
        self.nesting -= 1;
        result
    }

    pub(super) fn expression(&mut self) -> Parsed<Node> {
        self.nested(Self::disjunction)
    }

    fn disjunction(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        let first = self.conjunction()?;
        if !self.peek_word("or")? {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat_word("or")? {
            parts.push(self.conjunction()?);
        }
        Ok(self.node(start, Kind::Or(parts)))
    }

    fn conjunction(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        let first = self.comparison()?;
        if !self.peek_word("and")? {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat_word("and")? {
            parts.push(self.comparison()?);
        }
        Ok(self.node(start, Kind::And(parts)))
    }

    pub(super) fn comparison_sign(&mut self) -> Parsed<Option<Comparison>> {
        let comparison = match self.peek_sign()? {
            "=" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return Ok(None),
        };
        let (_, span) = self.peek()?;
        self.at = span.end;
        Ok(Some(comparison))
    }

    fn comparison(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        let mut left = self.sum()?;
        for _ in 0..MAX_NESTING {
            if let Some(comparison) = self.comparison_sign()? {
                let right = self.sum()?;
                left = self.node(start, Kind::Compare(comparison, Box::new((left, right))));
            } else if self.eat_word("between")? {
                let low = self.sum()?;
                self.expect_word("and")?;
                let high = self.sum()?;
                left = self.node(start, Kind::Between(Box::new((left, low, high))));
            } else if self.eat_word("in")? {
                let tests = self.tests_after_in()?;
                left = self.node(start, Kind::In(Box::new(left), tests));
            } else {
                return Ok(left);
            }
        }
        Err(self.unexpected(&["end"]))
    }

    fn tests_after_in(&mut self) -> Parsed<Vec<Test>> {
        if self.peek_sign()? == "(" {
            let before = self.at;
            self.at = self.peek()?.1.end;
            // `(1..3)` and `(a + b) * c` also begin with a bracket.
            if let Ok(tests) = self.nested(Self::test_list)
                && self.eat(")")?
                && !matches!(
                    self.peek_sign()?,
                    "+" | "-" | "*" | "/" | "**" | "." | "[" | "("
                )
            {
                return Ok(tests);
            }
            self.retry(before)?;
        }
        if self.peek_word("not")? {
            let before = self.at;
            if let Ok(tests) = self.nested(Self::unary_tests) {
                return Ok(tests);
            }
            self.retry(before)?;
        }
        Ok(vec![self.test(false)?])
    }

    /// `-`, `not(…)` or a list of tests.
    pub(super) fn unary_tests(&mut self) -> Parsed<Vec<Test>> {
        let before = self.at;
        if self.eat("-")? {
            if self.peek()?.0 == Token::End {
                return Ok(vec![Test::Any]);
            }
            self.at = before;
        }
        if self.eat_word("not")? && self.eat("(")? {
            // `not(a) or b` is a condition.
            if let Ok(tests) = self.test_list()
                && self.eat(")")?
                && matches!(
                    self.peek()?,
                    (Token::End | Token::Sign(")" | "," | "}" | "]"), _)
                )
            {
                return Ok(vec![Test::Not(tests)]);
            }
        }
        self.at = before;
        self.test_list()
    }

    fn test_list(&mut self) -> Parsed<Vec<Test>> {
        let mut tests = vec![self.test(true)?];
        while self.eat(",")? {
            tests.push(self.test(true)?);
        }
        Ok(tests)
    }

    /// One test. In brackets and in a cell a `whole` expression fits; behind `in`, an `and` belongs to what follows.
    fn test(&mut self, whole: bool) -> Parsed<Test> {
        if let Some(comparison) = self.comparison_sign()? {
            return Ok(Test::Compare(comparison, self.sum()?));
        }
        let outer = std::mem::replace(&mut self.input_mentioned, false);
        let node = if whole {
            self.expression()?
        } else {
            self.sum()?
        };
        let condition = std::mem::replace(&mut self.input_mentioned, outer);
        self.input_mentioned |= condition;
        Ok(Test::Value { node, condition })
    }

    /// Additions and subtractions.
    pub(super) fn sum(&mut self) -> Parsed<Node> {
        self.chain(
            Self::product,
            &[("+", Operator::Add), ("-", Operator::Subtract)],
        )
    }

    fn product(&mut self) -> Parsed<Node> {
        self.chain(
            Self::power,
            &[("*", Operator::Multiply), ("/", Operator::Divide)],
        )
    }

    fn power(&mut self) -> Parsed<Node> {
        self.chain(Self::negation, &[("**", Operator::Power)])
    }

    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Parsed<Node>,
        signs: &[(&str, Operator)],
    ) -> Parsed<Node> {
        let start = self.start()?;
        let first = operand(self)?;
        let mut rest = Vec::new();
        'next: loop {
            for (sign, operator) in signs {
                if self.eat(sign)? {
                    rest.push((*operator, operand(self)?));
                    continue 'next;
                }
            }
            break;
        }
        if rest.is_empty() {
            Ok(first)
        } else {
            Ok(self.node(start, Kind::Arithmetic(Box::new(first), rest)))
        }
    }

    fn negation(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        if !self.eat("-")? {
            return self.instance();
        }
        // Deeper, but not inside of anything: what closes the range around it still does.
        let closing = self.closing;
        let same = closing == Some(self.nesting);
        let operand = self.nested(|parser| {
            parser.closing = closing.map(|at| at + u32::from(same));
            parser.negation()
        });
        self.closing = closing;
        let operand = operand?;
        if let Kind::Literal(Value::Number(number)) = &operand.kind {
            return Ok(self.node(start, Kind::Literal(Value::Number(number.negate()))));
        }
        Ok(self.node(start, Kind::Negate(Box::new(operand))))
    }

    fn instance(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        let node = self.postfix()?;
        if !self.eat_word("instance")? {
            return Ok(node);
        }
        self.expect_word("of")?;
        let of = self.type_expression()?;
        Ok(self.node(start, Kind::InstanceOf(Box::new(node), of)))
    }

    /// A value with what is attached to it: `.member`, `[filter]`, `(arguments)`.
    fn postfix(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        let mut node = self.primary()?;
        for _ in 0..MAX_NESTING {
            match self.peek_sign()? {
                "." => {
                    self.at = self.peek()?.1.end;
                    let name = self.member_name()?;
                    node = self.node(start, Kind::Path(Box::new(node), name));
                }
                "[" if self.closing != Some(self.nesting) => {
                    self.at = self.peek()?.1.end;
                    let filter = self.filter_body()?;
                    self.expect("]")?;
                    node = self.node(start, Kind::Filter(Box::new(node), Box::new(filter)));
                }
                "(" => {
                    self.at = self.peek()?.1.end;
                    let arguments = self.nested(Self::arguments)?;
                    node = self.call(start, node, arguments);
                }
                _ => return Ok(node),
            }
        }
        let end = self.at;
        Err(self.problem(start..end, Code::TooDeep, vec![MAX_NESTING.to_string()]))
    }

    pub(super) fn filter_body(&mut self) -> Parsed<Node> {
        self.filters += 1;
        let bound = self.locals.len();
        self.locals.push(Name::from("item"));
        let filter = self.expression();
        self.locals.truncate(bound);
        self.filters -= 1;
        filter
    }

    fn call(&self, start: usize, callee: Node, arguments: Arguments) -> Node {
        if let Kind::Name(name) = &callee.kind
            && !self.is_bound(name)
            && let Some(builtin) = builtins::find(name)
        {
            let (names, arguments): (Vec<_>, Vec<_>) = match arguments {
                Arguments::Positional(nodes) => (Vec::new(), nodes),
                Arguments::Named(nodes) => nodes.into_iter().unzip(),
            };
            let bound = if names.is_empty() {
                builtin.bind(arguments.len())
            } else {
                builtin.bind_named(&names)
            };
            return self.node(
                start,
                Kind::CallBuiltin(Box::new(BuiltinCall {
                    builtin,
                    arguments,
                    bound,
                    names,
                })),
            );
        }
        self.node(start, Kind::Call(Box::new(callee), arguments))
    }

    /// Whether a name means something other than the built-in function of that name here.
    fn is_bound(&self, name: &str) -> bool {
        self.locals.contains(name) || self.known.has_variable(name)
    }

    fn arguments(&mut self) -> Parsed<Arguments> {
        if self.eat(")")? {
            return Ok(Arguments::Positional(Vec::new()));
        }
        let mut named = Vec::new();
        let mut positional = Vec::new();
        loop {
            match self.argument_name()? {
                Some(name) if positional.is_empty() => named.push((name, self.expression()?)),
                None if named.is_empty() => positional.push(self.expression()?),
                _ => return Err(self.unexpected(&["name"])),
            }
            if self.eat(")")? {
                break;
            }
            if !self.eat(",")? {
                return Err(self.unexpected(&[",", ")"]));
            }
        }
        Ok(if named.is_empty() {
            Arguments::Positional(positional)
        } else {
            Arguments::Named(named)
        })
    }

    fn member_name(&mut self) -> Parsed<Name> {
        let start = self.start()?;
        if !self.text[start..].starts_with(is_name_start) {
            return Err(self.unexpected(&["name"]));
        }
        let known = self.known.longest_member(self.text, start);
        Ok(self.longest_name(start, known))
    }

    /// The known name, or the words up to the next keyword if they reach further.
    fn longest_name(&mut self, start: usize, known: Option<(Name, usize)>) -> Name {
        let words = self.joined_words(start);
        match known {
            // A known name followed by more words is the beginning of an unknown one: two names never stand side by side.
            Some((name, end))
                if end >= words
                    || self.text[end..words]
                        .trim_start_matches(super::is_space)
                        .is_empty() =>
            {
                self.at = end;
                name
            }
            _ => {
                self.at = words;
                normalize(&self.text[start..words]).into()
            }
        }
    }

    /// Where the words from `start` on end that can be one name. A comment ends a name, and so does a number before a point,
    /// whatever blanks stand between: `1 .x` reads as `1.x` does.
    fn joined_words(&self, start: usize) -> usize {
        let followed_by_point =
            |rest: &str| rest.trim_start_matches(super::is_space).starts_with('.');
        let mut end = start + lexer::word_length(&self.text[start..]);
        loop {
            let rest = self.text[end..].trim_start_matches(super::is_space);
            let next = self.text.len() - rest.len();
            let length = lexer::word_length(rest);
            let word = &rest[..length];
            let number = word.starts_with(|c: char| c.is_ascii_digit());
            if length == 0
                || next == end
                || STOP_WORDS.contains(&word)
                || (number && followed_by_point(&rest[length..]))
            {
                return end;
            }
            end = next + length;
        }
    }

    fn primary(&mut self) -> Parsed<Node> {
        self.work(1)?;
        let (token, span) = self.peek()?;
        match token {
            Token::Number(digits) => {
                self.at = span.end;
                let number = digits.parse().map_err(|_| {
                    self.problem(span.clone(), Code::BadNumber, vec![digits.to_owned()])
                })?;
                Ok(self.node(span.start, Kind::Literal(Value::Number(number))))
            }
            Token::Text(text) => {
                self.at = span.end;
                Ok(self.node(span.start, Kind::Literal(Value::from(text))))
            }
            Token::Word(word) => self.word(word, span),
            Token::Sign("@") => self.at_literal(span),
            Token::Sign("(") => self.nested(|parser| parser.in_brackets(span.clone())),
            Token::Sign("[") => self.nested(|parser| parser.list_or_range(span.clone())),
            Token::Sign("]") => self.nested(|parser| parser.open_range(span.clone())),
            Token::Sign("{") => self.nested(|parser| parser.context(span.clone())),
            _ => Err(self.unexpected(&["expression"])),
        }
    }

    fn at_literal(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let (Token::Text(text), text_span) = self.peek()? else {
            return Err(self.unexpected(&["text"]));
        };
        self.at = text_span.end;
        match builtins::temporal_from_text(&text) {
            Some(value) => Ok(self.node(span.start, Kind::Literal(value))),
            None => Err(self.problem(span.start..text_span.end, Code::BadLiteral, vec![text])),
        }
    }

    fn word(&mut self, word: &str, span: Range<usize>) -> Parsed<Node> {
        let (known, looked_at) =
            self.known
                .longest(self.text, span.start, &self.locals, self.filters > 0);
        self.work(looked_at / 16)?;
        if known
            .as_ref()
            .is_none_or(|(_, end)| *end <= span.end && !self.is_bound(word))
        {
            let literal = match word {
                "true" => Some(Value::Boolean(true)),
                "false" => Some(Value::Boolean(false)),
                "null" => Some(Value::Null),
                _ => None,
            };
            if let Some(value) = literal {
                self.at = span.end;
                return Ok(self.node(span.start, Kind::Literal(value)));
            }
            let rest = lexer::token(self.text, span.end)?.0;
            match word {
                "if" => return self.nested(|parser| parser.conditional(span.clone())),
                "for" if matches!(rest, Token::Word(_)) => {
                    return self.nested(|parser| parser.iteration(span.clone()));
                }
                "some" | "every" if matches!(rest, Token::Word(_)) => {
                    return self.nested(|parser| parser.quantified(word == "every", span.clone()));
                }
                "function" if rest == Token::Sign("(") => {
                    return self.nested(|parser| parser.function(span.clone()));
                }
                word if STOP_WORDS.contains(&word) => return Err(self.unexpected(&["expression"])),
                _ => {}
            }
        }
        if word == "?" {
            self.input_mentioned = true;
            self.at = span.end;
            self.mention(&Name::from("?"));
            return Ok(self.node(span.start, Kind::Name("?".into())));
        }
        let name = self.longest_name(span.start, known);
        self.partial_mentioned |= &*name == "partial";
        self.mention(&name);
        Ok(self.node(span.start, Kind::Name(name)))
    }

    fn mention(&mut self, name: &Name) {
        if let Some(names) = self.mentioned.last_mut() {
            names.insert(Name::clone(name));
        }
    }

    /// Goes back to try another reading. Readings within readings would double with each level: there are only so many.
    pub(super) fn retry(&mut self, from: usize) -> Parsed<()> {
        self.retries = self.retries.saturating_sub(1);
        if self.retries == 0 {
            return self.work(usize::MAX);
        }
        self.at = from;
        Ok(())
    }

    /// Pays for work; too much of it ends the reading.
    fn work(&mut self, steps: usize) -> Parsed<()> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(self.problem(
                self.at..self.text.len(),
                Code::TooDeep,
                vec![MAX_NESTING.to_string()],
            )),
        }
    }

    fn conditional(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let condition = self.expression()?;
        self.expect_word("then")?;
        let yes = self.expression()?;
        self.expect_word("else")?;
        let no = self.expression()?;
        Ok(self.node(span.start, Kind::If(Box::new((condition, yes, no)))))
    }

    /// The words up to `in`, as the name of a loop's variable.
    fn loop_name(&mut self) -> Parsed<Name> {
        let start = self.start()?;
        if !self.text[start..].starts_with(is_name_start) {
            return Err(self.unexpected(&["name"]));
        }
        let end = self.joined_words(start);
        self.at = end;
        self.bound.push(start..end);
        self.expect_word("in")?;
        Ok(normalize(&self.text[start..end]).into())
    }

    fn iterators(&mut self) -> Parsed<Vec<Iterator>> {
        let mut iterators = Vec::new();
        loop {
            let name = self.loop_name()?;
            let first = self.expression()?;
            let domain = if self.eat("..")? {
                Domain::Span(first, self.expression()?)
            } else {
                Domain::Each(first)
            };
            self.locals.push(Name::clone(&name));
            iterators.push(Iterator { name, domain });
            if !self.eat(",")? {
                return Ok(iterators);
            }
        }
    }

    fn iteration(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let bound = self.locals.len();
        let iterators = self.iterators()?;
        self.expect_word("return")?;
        self.locals.push(Name::from("partial"));
        let outer = std::mem::replace(&mut self.partial_mentioned, false);
        let body = Box::new(self.expression()?);
        let partial = std::mem::replace(&mut self.partial_mentioned, outer);
        self.locals.truncate(bound);
        Ok(self.node(
            span.start,
            Kind::For {
                iterators,
                body,
                partial,
            },
        ))
    }

    fn quantified(&mut self, every: bool, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let bound = self.locals.len();
        let iterators = self.iterators()?;
        self.expect_word("satisfies")?;
        let condition = Box::new(self.expression()?);
        self.locals.truncate(bound);
        Ok(self.node(
            span.start,
            Kind::Quantified {
                every,
                iterators,
                condition,
            },
        ))
    }

    fn context(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let bound = self.locals.len();
        let mut entries: Vec<(Name, Node)> = Vec::new();
        let mut names = HashSet::new();
        if !self.eat("}")? {
            loop {
                let start = self.start()?;
                let name = self.entry_name()?;
                if !names.insert(Name::clone(&name)) {
                    let end = self.at;
                    return Err(self.problem(
                        start..end,
                        Code::DuplicateEntry,
                        vec![name.to_string()],
                    ));
                }
                self.expect(":")?;
                let value = self.expression()?;
                self.locals.push(Name::clone(&name));
                entries.push((name, value));
                if self.eat("}")? {
                    break;
                }
                if !self.eat(",")? {
                    return Err(self.unexpected(&[",", "}"]));
                }
            }
        }
        self.locals.truncate(bound);
        Ok(self.node(span.start, Kind::Context(entries)))
    }

    /// The name of a context's entry: a text in quotes, or everything up to the colon.
    fn entry_name(&mut self) -> Parsed<Name> {
        if let (Token::Text(text), span) = self.peek()? {
            self.at = span.end;
            return Ok(text.into());
        }
        let start = self.start()?;
        let rest = &self.text[start..];
        let end = rest
            .find([':', ',', '{', '}', '(', ')', '[', ']', '"'])
            .unwrap_or(rest.len());
        self.written(start, start + end)
    }

    fn function(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let lambda = self.lambda()?;
        Ok(self.node(span.start, Kind::Function(Arc::new(lambda))))
    }
}
