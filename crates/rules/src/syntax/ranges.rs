//! Everything that begins with a bracket: groups, ranges, lists.

use std::ops::Range;

use super::ast::{Comparison, Kind, Node, RangeNode};
use super::parser::{Parsed, Parser};

impl Parser<'_> {
    /// `(expression)`, `(start..end)`, `(< end)`.
    pub(super) fn in_brackets(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        if let Some(comparison) = self.comparison_sign()? {
            let operand = self.sum()?;
            self.expect(")")?;
            return Ok(self.node(span.start, Kind::UnaryRange(comparison, Box::new(operand))));
        }
        let inner = self.expression()?;
        if self.eat("..")? {
            return self.range(span.start, inner, false);
        }
        if !self.eat(")")? {
            return Err(self.unexpected(&["operator", ")"]));
        }
        Ok(Node {
            start: u32::try_from(span.start).unwrap_or(u32::MAX),
            end: u32::try_from(self.at).unwrap_or(u32::MAX),
            ..inner
        })
    }

    /// `[a, b]`, `[start..end]`.
    pub(super) fn list_or_range(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let mut items = Vec::new();
        if self.eat("]")? {
            return Ok(self.node(span.start, Kind::List(items)));
        }
        loop {
            items.push(self.list_item()?);
            if items.len() == 1 && self.eat("..")? {
                let Some(start) = items.pop() else { break };
                return self.range(span.start, start, true);
            }
            if self.eat("]")? {
                break;
            }
            if !self.eat(",")? {
                return Err(self.unexpected(&[",", "]"]));
            }
        }
        Ok(self.node(span.start, Kind::List(items)))
    }

    /// An item; a bare comparison is a range without a limit on one side.
    fn list_item(&mut self) -> Parsed<Node> {
        let start = self.start()?;
        match self.comparison_sign()? {
            Some(comparison) => self.unary_range(start, comparison),
            None => self.expression(),
        }
    }

    fn unary_range(&mut self, start: usize, comparison: Comparison) -> Parsed<Node> {
        let operand = self.sum()?;
        Ok(self.node(start, Kind::UnaryRange(comparison, Box::new(operand))))
    }

    /// `]start..end]`
    pub(super) fn open_range(&mut self, span: Range<usize>) -> Parsed<Node> {
        self.at = span.end;
        let start = self.expression()?;
        self.expect("..")?;
        self.range(span.start, start, false)
    }

    fn range(&mut self, from: usize, start: Node, start_included: bool) -> Parsed<Node> {
        let end = self.range_end()?;
        let end_included = if self.eat("]")? {
            true
        } else if self.eat(")")? || self.eat("[")? {
            false
        } else {
            return Err(self.unexpected(&["]", ")", "["]));
        };
        Ok(self.node(
            from,
            Kind::Range(Box::new(RangeNode {
                start,
                end,
                start_included,
                end_included,
            })),
        ))
    }

    /// The end of a range. A `[` behind it may open a filter or close the range: the filter is tried first, where the range
    /// still closes after it.
    fn range_end(&mut self) -> Parsed<Node> {
        let before = self.at;
        if let Ok(node) = self.sum()
            && matches!(self.peek_sign()?, "]" | ")" | "[")
        {
            return Ok(node);
        }
        self.retry(before)?;
        let outer = self.closing.replace(self.nesting);
        let node = self.sum();
        self.closing = outer;
        node
    }
}
