//! Boxed expressions to trees.

use std::sync::Arc;

use roxmltree::Node as Xml;

use super::cell::{CellProblem, Unread};
use super::items::Items;
use super::table::{self, DecisionTable};
use super::xml::{child, child_text, children};
use super::{Constraint, Problem};
use crate::syntax::ast::{self, Arguments, Domain, Iterator, Kind, Lambda, Node};
use crate::syntax::{Known, normalize, parse_expression_inside};
use crate::types::Type;
use crate::value::{Name, Value};

/// The tags that hold an expression.
const EXPRESSIONS: [&str; 12] = [
    "literalExpression",
    "context",
    "decisionTable",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "filter",
    "for",
    "some",
    "every",
];

/// Reads the expressions of one element.
pub(super) struct Reader<'a> {
    pub(super) element: &'a str,
    pub(super) known: &'a Known,
    pub(super) items: &'a Items,
    pub(super) problems: &'a mut Vec<Problem>,
    /// Names bound by the boxes around: earlier entries, parameters, loop variables.
    locals: Vec<Name>,
    in_filter: bool,
}

/// The expression inside an element, whichever it is.
pub(super) fn expression_child<'a, 'i>(node: Xml<'a, 'i>) -> Option<Xml<'a, 'i>> {
    node.children()
        .find(|child| child.is_element() && EXPRESSIONS.contains(&child.tag_name().name()))
}

fn node(kind: Kind) -> Node {
    Node {
        kind,
        start: 0,
        end: 0,
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        element: &'a str,
        known: &'a Known,
        items: &'a Items,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            element,
            known,
            items,
            problems,
            locals: Vec::new(),
            in_filter: false,
        }
    }

    /// The expression inside an element; null where there is none.
    pub(super) fn inside(&mut self, parent: Option<Xml<'_, '_>>) -> Node {
        match parent.and_then(expression_child) {
            Some(expression) => self.expression(expression),
            None => node(Kind::Literal(Value::Null)),
        }
    }

    pub(super) fn expression(&mut self, xml: Xml<'_, '_>) -> Node {
        let tree = match xml.tag_name().name() {
            "literalExpression" => self.literal(xml),
            "context" => self.context(xml),
            "decisionTable" => self.table(xml),
            "invocation" => self.invocation(xml),
            "list" => self.list(xml),
            "relation" => self.relation(xml),
            "functionDefinition" => self.function(xml),
            "conditional" => {
                let condition = self.inside(child(xml, "if"));
                let yes = self.inside(child(xml, "then"));
                let no = self.inside(child(xml, "else"));
                node(Kind::If(Box::new((condition, yes, no))))
            }
            "filter" => {
                let list = self.inside(child(xml, "in"));
                let outer = std::mem::replace(&mut self.in_filter, true);
                let matching = self.within(&["item"], |reader| reader.inside(child(xml, "match")));
                self.in_filter = outer;
                node(Kind::BoxedFilter(Box::new(list), Box::new(matching)))
            }
            "for" | "some" | "every" => self.iteration(xml),
            _ => node(Kind::Literal(Value::Null)),
        };
        match xml.attribute("typeRef") {
            Some(reference) => self.typed(tree, reference),
            None => tree,
        }
    }

    fn typed(&self, tree: Node, reference: &str) -> Node {
        let constraint = self.items.get(reference);
        if constraint.of == Type::Any {
            tree
        } else {
            node(Kind::Typed(Box::new(tree), constraint))
        }
    }

    fn within<T>(&mut self, names: &[&str], part: impl FnOnce(&mut Self) -> T) -> T {
        let bound = self.locals.len();
        self.locals
            .extend(names.iter().map(|name| Name::from(*name)));
        let result = part(self);
        self.locals.truncate(bound);
        result
    }

    /// A text as a tree; one that cannot be read is null and noted.
    fn literal(&mut self, xml: Xml<'_, '_>) -> Node {
        let text = child_text(xml, "text").unwrap_or_default();
        match parse_expression_inside(&text, self.known, &self.locals, self.in_filter) {
            Ok(tree) => tree,
            Err(found) => {
                let holder = child(xml, "text").or(Some(xml));
                self.problems
                    .extend(Problem::all(self.element, holder, found));
                node(Kind::Literal(Value::Null))
            }
        }
    }

    fn context(&mut self, xml: Xml<'_, '_>) -> Node {
        let bound = self.locals.len();
        let mut entries = Vec::new();
        let mut result = None;
        for entry in children(xml, "contextEntry") {
            let value = self.inside(Some(entry));
            match child(entry, "variable") {
                Some(variable) => {
                    let name: Name =
                        normalize(variable.attribute("name").unwrap_or_default()).into();
                    let value = match variable.attribute("typeRef") {
                        Some(reference) => self.typed(value, reference),
                        None => value,
                    };
                    self.locals.push(Name::clone(&name));
                    entries.push((name, value));
                }
                None => result = Some(value),
            }
        }
        self.locals.truncate(bound);
        node(match result {
            Some(result) => Kind::Block(entries, Box::new(result)),
            None => Kind::Context(entries),
        })
    }

    fn table(&mut self, xml: Xml<'_, '_>) -> Node {
        let source = DecisionTable::from_xml(xml);
        let mut unread = Unread::default();
        let constraint = |reference: &str| self.items.get(reference);
        let table = table::prepare(&source, self.known, &self.locals, &constraint, &mut unread);
        for CellProblem { cell, diagnostic } in unread.0 {
            let holder = cell.find(xml).or(Some(xml));
            let found = Problem::all(self.element, holder, diagnostic.into());
            self.problems
                .extend(found.into_iter().map(|problem| Problem {
                    cell: Some(cell),
                    ..problem
                }));
        }
        node(Kind::Table(Arc::new(table)))
    }

    fn invocation(&mut self, xml: Xml<'_, '_>) -> Node {
        let callee = self.inside(Some(xml));
        let mut bindings = Vec::new();
        for binding in children(xml, "binding") {
            let parameter = child(binding, "parameter")
                .and_then(|parameter| parameter.attribute("name"))
                .unwrap_or_default();
            bindings.push((Name::from(normalize(parameter)), self.inside(Some(binding))));
        }
        let arguments = if bindings.is_empty() {
            Arguments::Positional(Vec::new())
        } else {
            Arguments::Named(bindings)
        };
        node(Kind::Call(Box::new(callee), arguments))
    }

    fn list(&mut self, xml: Xml<'_, '_>) -> Node {
        let items = xml
            .children()
            .filter(|child| child.is_element() && EXPRESSIONS.contains(&child.tag_name().name()));
        node(Kind::List(
            items.map(|item| self.expression(item)).collect(),
        ))
    }

    fn relation(&mut self, xml: Xml<'_, '_>) -> Node {
        let columns: Vec<(Name, Option<&str>)> = children(xml, "column")
            .map(|column| {
                (
                    normalize(column.attribute("name").unwrap_or_default()).into(),
                    column.attribute("typeRef"),
                )
            })
            .collect();
        let mut rows = Vec::new();
        for row in children(xml, "row") {
            let cells = row.children().filter(|child| {
                child.is_element() && EXPRESSIONS.contains(&child.tag_name().name())
            });
            let mut entries = Vec::new();
            for ((name, reference), cell) in columns.iter().zip(cells) {
                let value = self.expression(cell);
                let value = match reference {
                    Some(reference) => self.typed(value, reference),
                    None => value,
                };
                entries.push((Name::clone(name), value));
            }
            rows.push(node(Kind::Context(entries)));
        }
        node(Kind::List(rows))
    }

    fn function(&mut self, xml: Xml<'_, '_>) -> Node {
        if xml.attribute("kind").is_some_and(|kind| kind != "FEEL") {
            return node(Kind::Literal(Value::Null));
        }
        node(Kind::Function(Arc::new(self.lambda(xml))))
    }

    /// The parameters and the body of a function definition.
    pub(super) fn lambda(&mut self, xml: Xml<'_, '_>) -> Lambda {
        let parameters: Vec<(Name, Type)> = children(xml, "formalParameter")
            .map(|parameter| {
                let of = parameter
                    .attribute("typeRef")
                    .map_or(Type::Any, |reference| self.items.get(reference).of.clone());
                (
                    normalize(parameter.attribute("name").unwrap_or_default()).into(),
                    of,
                )
            })
            .collect();
        let names: Vec<&str> = parameters.iter().map(|(name, _)| &**name).collect();
        let body = self.within(&names, |reader| reader.inside(Some(xml)));
        let mut free = ast::names(&body);
        free.retain(|name| !names.contains(&&**name));
        Lambda {
            parameters,
            body,
            free,
        }
    }

    fn iteration(&mut self, xml: Xml<'_, '_>) -> Node {
        let name: Name = normalize(xml.attribute("iteratorVariable").unwrap_or("item")).into();
        let domain = match self.inside(child(xml, "in")) {
            Node {
                kind: Kind::Typed(inner, _),
                ..
            } if matches!(inner.kind, Kind::Range(_)) => Domain::Each(*inner),
            other => Domain::Each(other),
        };
        let iterators = vec![Iterator {
            name: Name::clone(&name),
            domain,
        }];
        match xml.tag_name().name() {
            "for" => {
                let body = Box::new(self.within(&[&name, "partial"], |reader| {
                    reader.inside(child(xml, "return"))
                }));
                let partial = ast::names(&body).iter().any(|name| &**name == "partial");
                node(Kind::For {
                    iterators,
                    body,
                    partial,
                })
            }
            quantifier => {
                let condition = Box::new(
                    self.within(&[&name], |reader| reader.inside(child(xml, "satisfies"))),
                );
                node(Kind::Quantified {
                    every: quantifier == "every",
                    iterators,
                    condition,
                })
            }
        }
    }

    /// The constraint of a type reference.
    pub(super) fn constraint(&self, reference: &str) -> Arc<Constraint> {
        self.items.get(reference)
    }
}
