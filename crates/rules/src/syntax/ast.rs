//! The tree of an expression. It is what is evaluated: names are resolved as far as the text allows, functions are looked up,
//! chains are flat, so that depth is bounded by [`super::MAX_NESTING`].

use std::ops::Range;
use std::sync::Arc;

use crate::builtins::{Bound, Builtin};
use crate::dmn::Constraint;
use crate::dmn::Table;
use crate::types::Type;
use crate::value::{Name, Value};

/// A part of an expression and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Node {
    pub(crate) const fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[derive(Debug)]
pub(crate) enum Kind {
    Literal(Value),
    /// A variable, or a built-in function as a value.
    Name(Name),
    Path(Box<Node>, Name),
    Filter(Box<Node>, Box<Node>),
    Call(Box<Node>, Arguments),
    CallBuiltin(Box<BuiltinCall>),
    Negate(Box<Node>),
    /// `a + b - c`: operators of one precedence, from left to right.
    Arithmetic(Box<Node>, Vec<(Operator, Node)>),
    Compare(Comparison, Box<(Node, Node)>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Between(Box<(Node, Node, Node)>),
    In(Box<Node>, Vec<Test>),
    InstanceOf(Box<Node>, Type),
    If(Box<(Node, Node, Node)>),
    /// `partial`: whether the body looks at what the loop has made so far.
    For {
        iterators: Vec<Iterator>,
        body: Box<Node>,
        partial: bool,
    },
    /// A condition that is neither boolean nor null makes the whole null.
    Quantified {
        every: bool,
        iterators: Vec<Iterator>,
        condition: Box<Node>,
    },
    List(Vec<Node>),
    Context(Vec<(Name, Node)>),
    Range(Box<RangeNode>),
    /// `(< 10)`
    UnaryRange(Comparison, Box<Node>),
    Function(Arc<Lambda>),
    /// The tests of a decision table's cell, on `?`.
    Tests(Vec<Test>),
    /// A boxed context with a result: entries, then what is made of them.
    Block(Vec<(Name, Node)>, Box<Node>),
    /// A boxed filter: the condition must be a boolean for every item.
    BoxedFilter(Box<Node>, Box<Node>),
    /// A decision table.
    Table(Arc<Table>),
    /// A boxed expression whose result is declared to be of a type.
    Typed(Box<Node>, Arc<Constraint>),
}

#[derive(Debug)]
pub(crate) struct BuiltinCall {
    pub(crate) builtin: &'static Builtin,
    pub(crate) arguments: Vec<Node>,
    /// `None` when the arguments do not fit: the call is then null.
    pub(crate) bound: Option<Bound>,
    /// Where the arguments were named: which.
    pub(crate) names: Vec<Name>,
}

#[derive(Debug)]
pub(crate) enum Arguments {
    Positional(Vec<Node>),
    Named(Vec<(Name, Node)>),
}

#[derive(Debug)]
pub(crate) struct Iterator {
    pub(crate) name: Name,
    pub(crate) domain: Domain,
}

#[derive(Debug)]
pub(crate) enum Domain {
    Each(Node),
    /// `1..10`, either way.
    Span(Node, Node),
}

#[derive(Debug)]
pub(crate) struct RangeNode {
    pub(crate) start: Node,
    pub(crate) end: Node,
    pub(crate) start_included: bool,
    pub(crate) end_included: bool,
}

#[derive(Debug)]
pub(crate) struct Lambda {
    pub(crate) parameters: Vec<(Name, Type)>,
    pub(crate) body: Node,
    /// Names in the body that may come from outside.
    pub(crate) free: Vec<Name>,
}

/// One of the tests behind `in` or in a decision table's cell.
#[derive(Debug)]
pub(crate) enum Test {
    /// `-`
    Any,
    Compare(Comparison, Node),
    /// An expression: a condition on `?` where it mentions it, else something to be equal to or a member of.
    Value {
        node: Node,
        condition: bool,
    },
    Not(Vec<Test>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

impl Operator {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "**",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Node {
    /// Calls a function with each part of this node.
    pub(crate) fn for_each_child<'a>(&'a self, each: &mut dyn FnMut(&'a Self)) {
        fn iterators<'a>(iterators: &'a [Iterator], each: &mut dyn FnMut(&'a Node)) {
            for iterator in iterators {
                match &iterator.domain {
                    Domain::Each(node) => each(node),
                    Domain::Span(start, end) => {
                        each(start);
                        each(end);
                    }
                }
            }
        }
        match &self.kind {
            Kind::Literal(_) | Kind::Name(_) => {}
            Kind::Path(inner, _)
            | Kind::Negate(inner)
            | Kind::InstanceOf(inner, _)
            | Kind::UnaryRange(_, inner)
            | Kind::Typed(inner, _) => each(inner),
            Kind::Filter(a, b) | Kind::BoxedFilter(a, b) => {
                each(a);
                each(b);
            }
            Kind::Call(callee, arguments) => {
                each(callee);
                match arguments {
                    Arguments::Positional(nodes) => nodes.iter().for_each(each),
                    Arguments::Named(nodes) => nodes.iter().for_each(|(_, node)| each(node)),
                }
            }
            Kind::CallBuiltin(call) => call.arguments.iter().for_each(each),
            Kind::Arithmetic(first, rest) => {
                each(first);
                rest.iter().for_each(|(_, node)| each(node));
            }
            Kind::Compare(_, operands) => {
                each(&operands.0);
                each(&operands.1);
            }
            Kind::And(parts) | Kind::Or(parts) | Kind::List(parts) => parts.iter().for_each(each),
            Kind::Between(parts) | Kind::If(parts) => {
                each(&parts.0);
                each(&parts.1);
                each(&parts.2);
            }
            Kind::In(operand, inner) => {
                each(operand);
                Self::for_each_test(inner, each);
            }
            Kind::For {
                iterators: over,
                body,
                ..
            } => {
                iterators(over, each);
                each(body);
            }
            Kind::Quantified {
                iterators: over,
                condition,
                ..
            } => {
                iterators(over, each);
                each(condition);
            }
            Kind::Context(entries) => entries.iter().for_each(|(_, node)| each(node)),
            Kind::Block(entries, result) => {
                entries.iter().for_each(|(_, node)| each(node));
                each(result);
            }
            Kind::Range(range) => {
                each(&range.start);
                each(&range.end);
            }
            Kind::Function(lambda) => each(&lambda.body),
            Kind::Tests(inner) => Self::for_each_test(inner, each),
            Kind::Table(table) => table.for_each_node(each),
        }
    }

    fn for_each_test<'a>(tests: &'a [Test], each: &mut dyn FnMut(&'a Self)) {
        for test in tests {
            match test {
                Test::Any => {}
                Test::Compare(_, node) | Test::Value { node, .. } => each(node),
                Test::Not(inner) => Self::for_each_test(inner, each),
            }
        }
    }
}

/// Every name that an expression mentions, each once, in order.
pub(crate) fn names(node: &Node) -> Vec<Name> {
    fn collect<'a>(node: &'a Node, names: &mut std::collections::BTreeSet<&'a Name>) {
        if let Kind::Name(name) = &node.kind {
            names.insert(name);
        }
        node.for_each_child(&mut |child| collect(child, names));
    }
    let mut found = std::collections::BTreeSet::new();
    collect(node, &mut found);
    found.into_iter().cloned().collect()
}

/// Whether an expression asks what time it is, so that it has no value of its own.
pub(crate) fn asks_time(node: &Node) -> bool {
    let mut asks = matches!(&node.kind, Kind::CallBuiltin(call) if matches!(call.builtin.name, "now" | "today"));
    node.for_each_child(&mut |child| asks |= asks_time(child));
    asks
}
