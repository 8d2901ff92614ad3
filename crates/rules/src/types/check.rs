//! What type an expression has where certain variables exist, and what is wrong with it.

use std::ops::Range;

use super::{Schema, Type};
use crate::builtins::{self, Bound, Builtin};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{
    Arguments, BuiltinCall, Comparison, Domain, Iterator, Kind, Node, Operator, Test,
};
use crate::syntax::{Known, parse_expression, parse_unary_tests};
use crate::value::Name;

/// What checking a text found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis {
    /// The type of the expression's value; `Any` where it cannot be told.
    pub of: Type,
    /// What is wrong, in the order of the text.
    pub problems: Vec<Diagnostic>,
    /// Names that nothing in scope has, each once.
    pub unknown: Vec<String>,
}

impl Analysis {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks an expression where these variables exist.
#[must_use]
pub fn check(text: &str, schema: &Schema) -> Analysis {
    match parse_expression(text, &Known::from_schema(schema)) {
        Ok(node) => Checker::new(text, schema).run(&node),
        Err(found) => Analysis {
            of: Type::Any,
            problems: found.0,
            unknown: Vec::new(),
        },
    }
}

/// Checks the tests of a decision table's cell, for an input of a type.
#[must_use]
pub fn check_tests(text: &str, input: &Type, schema: &Schema) -> Analysis {
    match parse_unary_tests(text, &Known::from_schema(schema)) {
        Ok(node) => {
            let mut checker = Checker::new(text, schema);
            checker.locals.push(("?".into(), input.clone()));
            checker.run(&node)
        }
        Err(found) => Analysis {
            of: Type::Any,
            problems: found.0,
            unknown: Vec::new(),
        },
    }
}

/// What a place in the tree looks like to somebody who asks while it is checked.
pub(super) struct Sight<'a> {
    /// For a member: the type of what stands before the point.
    pub(super) base: Option<&'a Type>,
    pub(super) name: &'a str,
    pub(super) locals: &'a [(Name, Type)],
}

pub(super) struct Checker<'a> {
    text: &'a str,
    schema: &'a Schema,
    pub(super) locals: Vec<(Name, Type)>,
    problems: Vec<Diagnostic>,
    unknown: Vec<String>,
    /// Is told every name and member: for completion.
    pub(super) watch: Option<&'a mut dyn FnMut(&Sight<'_>)>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(text: &'a str, schema: &'a Schema) -> Self {
        Self {
            text,
            schema,
            locals: Vec::new(),
            problems: Vec::new(),
            unknown: Vec::new(),
            watch: None,
        }
    }

    pub(super) fn run(mut self, node: &Node) -> Analysis {
        let of = self.infer(node);
        self.problems.sort_by_key(|problem| problem.span.start);
        Analysis {
            of,
            problems: self.problems,
            unknown: self.unknown,
        }
    }

    fn report(&mut self, span: Range<usize>, code: Code, args: Vec<String>) {
        self.problems
            .push(Diagnostic::new(self.text, span, code, args, vec![]));
    }

    fn within<T>(&mut self, names: Vec<(Name, Type)>, part: impl FnOnce(&mut Self) -> T) -> T {
        let bound = self.locals.len();
        self.locals.extend(names);
        let result = part(self);
        self.locals.truncate(bound);
        result
    }

    pub(super) fn infer(&mut self, node: &Node) -> Type {
        match &node.kind {
            Kind::Literal(value) => Type::of(value),
            Kind::Name(name) => self.name(node, name),
            Kind::Path(base, name) => self.path(node, base, name),
            Kind::Filter(list, filter) | Kind::BoxedFilter(list, filter) => {
                self.filter(list, filter)
            }
            Kind::Call(callee, arguments) => self.call(callee, arguments),
            Kind::CallBuiltin(call) => self.call_builtin(node, call),
            Kind::Negate(operand) => {
                let of = self.infer(operand);
                let fits = matches!(
                    of,
                    Type::Any
                        | Type::Null
                        | Type::Number
                        | Type::DaysTimeDuration
                        | Type::YearsMonthsDuration
                );
                if !fits {
                    self.report(
                        node.span(),
                        Code::WrongOperands,
                        vec!["-".into(), shown(&of), shown(&of)],
                    );
                    return Type::Any;
                }
                of
            }
            Kind::Arithmetic(first, rest) => self.arithmetic(first, rest),
            Kind::Compare(comparison, operands) => {
                let (a, b) = (self.infer(&operands.0), self.infer(&operands.1));
                self.comparison(node, *comparison, &a, &b);
                Type::Boolean
            }
            Kind::And(parts) | Kind::Or(parts) => {
                for part in parts {
                    self.condition(part);
                }
                Type::Boolean
            }
            Kind::Between(parts) => {
                let value = self.infer(&parts.0);
                for end in [&parts.1, &parts.2] {
                    let of = self.infer(end);
                    self.comparison(end, Comparison::LessOrEqual, &value, &of);
                }
                Type::Boolean
            }
            Kind::In(operand, tests) => {
                let of = self.infer(operand);
                self.tests(tests, &of);
                Type::Boolean
            }
            Kind::InstanceOf(operand, _) => {
                self.infer(operand);
                Type::Boolean
            }
            Kind::If(parts) => {
                self.condition(&parts.0);
                let yes = self.infer(&parts.1);
                yes.join(&self.infer(&parts.2))
            }
            Kind::For {
                iterators, body, ..
            } => {
                let mut names = self.iterators(iterators);
                names.push(("partial".into(), Type::Any.list()));
                self.within(names, |checker| checker.infer(body)).list()
            }
            Kind::Quantified {
                iterators,
                condition,
                ..
            } => {
                let names = self.iterators(iterators);
                self.within(names, |checker| checker.condition(condition));
                Type::Boolean
            }
            Kind::List(items) => {
                let types: Vec<Type> = items.iter().map(|item| self.infer(item)).collect();
                types
                    .into_iter()
                    .reduce(|a, b| a.join(&b))
                    .unwrap_or_default()
                    .list()
            }
            Kind::Context(entries) => self.context(entries, None),
            Kind::Block(entries, result) => self.context(entries, Some(result)),
            Kind::Range(range) => {
                let (start, end) = (self.infer(&range.start), self.infer(&range.end));
                self.comparison(node, Comparison::LessOrEqual, &start, &end);
                Type::Range(start.join(&end).into())
            }
            Kind::UnaryRange(_, end) => Type::Range(self.infer(end).into()),
            Kind::Function(lambda) => {
                let result = self.within(lambda.parameters.clone(), |checker| {
                    checker.infer(&lambda.body)
                });
                let parameters = lambda.parameters.iter().map(|(_, of)| of.clone()).collect();
                Type::Function(std::sync::Arc::new(parameters), result.into())
            }
            Kind::Tests(tests) => {
                let input = self
                    .locals
                    .iter()
                    .rev()
                    .find(|(name, _)| &**name == "?")
                    .map(|(_, of)| of.clone());
                self.tests(tests, &input.unwrap_or_default());
                Type::Boolean
            }
            Kind::Typed(inner, constraint) => {
                self.infer(inner);
                constraint.of.clone()
            }
            Kind::Table(_) => Type::Any,
        }
    }

    fn name(&mut self, node: &Node, name: &Name) -> Type {
        if let Some(watch) = &mut self.watch {
            watch(&Sight {
                base: None,
                name,
                locals: &self.locals,
            });
        }
        if let Some((_, of)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return of.clone();
        }
        if let Some(of) = self.schema.get(name) {
            return of.clone();
        }
        if let Some(builtin) = builtins::find(name) {
            return builtin.signature();
        }
        let locals = self.locals.iter().map(|(name, _)| &**name);
        let near = nearest(
            name,
            locals.chain(self.schema.variables().map(|(name, _)| &**name)),
        );
        self.report(node.span(), Code::UnknownName, vec![name.to_string(), near]);
        if !self.unknown.iter().any(|unknown| **unknown == **name) {
            self.unknown.push(name.to_string());
        }
        Type::Any
    }

    fn path(&mut self, node: &Node, base: &Node, name: &Name) -> Type {
        let of = self.infer(base);
        if let Some(watch) = &mut self.watch {
            watch(&Sight {
                base: Some(&of),
                name,
                locals: &self.locals,
            });
        }
        match member(&of, name) {
            Some(of) => of,
            None => {
                let members = members(&of);
                let near = nearest(name, members.iter().map(|(name, _)| &**name));
                let span = (node.span().end - name.len().min(node.span().len()))..node.span().end;
                self.report(
                    span,
                    Code::UnknownMember,
                    vec![name.to_string(), shown(&of), near],
                );
                Type::Any
            }
        }
    }

    fn filter(&mut self, list: &Node, filter: &Node) -> Type {
        let of = self.infer(list);
        let item = match &of {
            Type::List(item) => (**item).clone(),
            other => other.clone(),
        };
        let mut names = vec![("item".into(), item.clone())];
        if let Type::Context(entries) = &item {
            names.extend(entries.iter().cloned());
        }
        // Of what an item is, nothing is known: any name may be one of its entries.
        let open = matches!(&item, Type::Any)
            || matches!(&item, Type::Context(entries) if entries.is_empty());
        let before = (self.problems.len(), self.unknown.len());
        let condition = self.within(names, |checker| checker.infer(filter));
        if open {
            let (problems, unknown) = before;
            let mut index = 0;
            self.problems.retain(|problem| {
                index += 1;
                index <= problems || problem.code != Code::UnknownName
            });
            self.unknown.truncate(unknown);
        }
        match condition {
            Type::Number => item,
            Type::Boolean | Type::Null => item.list(),
            Type::Any => Type::Any,
            other => {
                self.report(filter.span(), Code::NotACondition, vec![shown(&other)]);
                Type::Any
            }
        }
    }

    fn call(&mut self, callee: &Node, arguments: &Arguments) -> Type {
        let of = match &callee.kind {
            Kind::Name(name) if !self.is_known(name) => {
                let locals = self.locals.iter().map(|(name, _)| &**name);
                let near = nearest(
                    name,
                    locals.chain(builtins::all().iter().map(|builtin| builtin.name)),
                );
                self.report(
                    callee.span(),
                    Code::UnknownFunction,
                    vec![name.to_string(), near],
                );
                Type::Any
            }
            _ => self.infer(callee),
        };
        let given: Vec<(Range<usize>, Type)> = match arguments {
            Arguments::Positional(nodes) => nodes
                .iter()
                .map(|node| (node.span(), self.infer(node)))
                .collect(),
            Arguments::Named(nodes) => nodes
                .iter()
                .map(|(_, node)| (node.span(), self.infer(node)))
                .collect(),
        };
        match of {
            Type::Function(parameters, result) => {
                let name = self.text.get(callee.span()).unwrap_or_default().to_owned();
                // A function of which only that is known takes anything.
                if parameters.len() != given.len()
                    && !(parameters.is_empty() && *result == Type::Any)
                {
                    let signature =
                        Type::Function(parameters, std::sync::Arc::clone(&result)).to_string();
                    self.report(callee.span(), Code::WrongArguments, vec![name, signature]);
                } else if matches!(arguments, Arguments::Positional(_)) {
                    for (index, ((span, of), wanted)) in
                        given.into_iter().zip(parameters.iter()).enumerate()
                    {
                        if !fits(&of, wanted) {
                            let parameter = (index + 1).to_string();
                            self.report(
                                span,
                                Code::WrongArgument,
                                vec![name.clone(), parameter, shown(wanted), shown(&of)],
                            );
                        }
                    }
                }
                (*result).clone()
            }
            Type::Any => Type::Any,
            other => {
                self.report(callee.span(), Code::NotAFunction, vec![shown(&other)]);
                Type::Any
            }
        }
    }

    fn is_known(&self, name: &str) -> bool {
        self.locals.iter().any(|(local, _)| **local == *name)
            || self.schema.get(name).is_some()
            || builtins::find(name).is_some()
    }

    fn call_builtin(&mut self, node: &Node, call: &BuiltinCall) -> Type {
        let given: Vec<Type> = call
            .arguments
            .iter()
            .map(|argument| self.infer(argument))
            .collect();
        let Some(bound) = &call.bound else {
            let forms: Vec<&str> = call.builtin.forms.iter().map(|form| form.text).collect();
            self.report(
                node.span(),
                Code::WrongArguments,
                vec![call.builtin.name.to_owned(), forms.join("; ")],
            );
            return call.builtin.forms[0].result.clone();
        };
        // Several forms of as many arguments: any of them will do.
        let form = best_form(call.builtin, bound, &given);
        for (index, of) in given.iter().enumerate() {
            let Some(parameter) = call.builtin.forms[form].parameter(bound.place(index)) else {
                continue;
            };
            if !fits(of, &parameter.of) {
                let args = vec![
                    call.builtin.name.to_owned(),
                    parameter.name.to_owned(),
                    shown(&parameter.of),
                    shown(of),
                ];
                self.report(call.arguments[index].span(), Code::WrongArgument, args);
            }
        }
        // They take anything and make null of most of it: `date(2026-01-31)` is a subtraction.
        if matches!(call.builtin.name, "date" | "date and time" | "time")
            && *given == [Type::Number]
        {
            let wanted = [shown(&Type::String), shown(&Type::Number)];
            let mut args = vec![call.builtin.name.to_owned(), "from".to_owned()];
            args.extend(wanted);
            self.report(call.arguments[0].span(), Code::WrongArgument, args);
        }
        result_of(call.builtin.name, &given, &call.builtin.forms[form].result)
    }

    fn arithmetic(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Type {
        let mut left = self.infer(first);
        for (operator, operand) in rest {
            let right = self.infer(operand);
            left = match operation(*operator, &left, &right) {
                Some(of) => of,
                None => {
                    let span = first.start as usize..operand.end as usize;
                    self.report(
                        span,
                        Code::WrongOperands,
                        vec![operator.text().into(), shown(&left), shown(&right)],
                    );
                    Type::Any
                }
            };
        }
        left
    }

    fn comparison(&mut self, node: &Node, comparison: Comparison, a: &Type, b: &Type) {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if equality {
            if !may_equal(a, b) {
                self.report(node.span(), Code::NeverEqual, vec![shown(a), shown(b)]);
            }
        } else if !may_order(a, b) {
            self.report(
                node.span(),
                Code::WrongOperands,
                vec![comparison.text().into(), shown(a), shown(b)],
            );
        }
    }

    fn condition(&mut self, node: &Node) {
        let of = self.infer(node);
        if !matches!(of, Type::Boolean | Type::Any | Type::Null) {
            self.report(node.span(), Code::NotACondition, vec![shown(&of)]);
        }
    }

    fn tests(&mut self, tests: &[Test], input: &Type) {
        for test in tests {
            match test {
                Test::Any => {}
                Test::Not(inner) => self.tests(inner, input),
                Test::Compare(comparison, operand) => {
                    let of = self.infer(operand);
                    self.comparison(operand, *comparison, input, &of);
                }
                Test::Value { node, condition } => {
                    let of = self.infer(node);
                    let item = match &of {
                        Type::List(item) | Type::Range(item) => item,
                        other => other,
                    };
                    let item = match item {
                        Type::Range(inner) => inner,
                        other => other,
                    };
                    if !condition && !may_equal(input, item) && !may_equal(input, &of) {
                        self.report(
                            node.span(),
                            Code::NeverEqual,
                            vec![shown(input), shown(item)],
                        );
                    }
                }
            }
        }
    }

    fn iterators(&mut self, iterators: &[Iterator]) -> Vec<(Name, Type)> {
        let bound = self.locals.len();
        let mut names: Vec<(Name, Type)> = Vec::new();
        for iterator in iterators {
            let of = match &iterator.domain {
                Domain::Span(start, end) => {
                    self.infer(end);
                    self.infer(start)
                }
                Domain::Each(node) => match self.infer(node) {
                    Type::List(item) | Type::Range(item) => (*item).clone(),
                    single => single,
                },
            };
            names.push((Name::clone(&iterator.name), of.clone()));
            self.locals.push((Name::clone(&iterator.name), of));
        }
        self.locals.truncate(bound);
        names
    }

    fn context(&mut self, entries: &[(Name, Node)], result: Option<&Node>) -> Type {
        let bound = self.locals.len();
        let mut types = Vec::new();
        for (name, node) in entries {
            if matches!(node.kind, Kind::Function(_)) {
                // It may call itself.
                self.locals.push((Name::clone(name), Type::Any));
            }
            let of = self.infer(node);
            self.locals.push((Name::clone(name), of.clone()));
            types.push((Name::clone(name), of));
        }
        let of = match result {
            Some(result) => self.infer(result),
            None => Type::context(types),
        };
        self.locals.truncate(bound);
        of
    }
}

/// A type as an argument of a sentence.
pub(super) fn shown(of: &Type) -> String {
    format!("type:{}", of.name())
}

/// Whether a value of one type may stand where the other is wanted.
fn fits(of: &Type, wanted: &Type) -> bool {
    match (of, wanted) {
        (Type::Any | Type::Null, _) | (_, Type::Any) => true,
        (Type::List(a), Type::List(b)) => fits(a, b),
        (single, Type::List(b)) => fits(single, b),
        (Type::List(a), single) => fits(a, single),
        (Type::Function(..), Type::Function(..)) | (Type::Context(_), Type::Context(_)) => true,
        (Type::Range(a), Type::Range(b)) => fits(a, b),
        (Type::Date, Type::DateTime) => true,
        (a, b) => a == b,
    }
}

fn may_equal(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Any | Type::Null, _) | (_, Type::Any | Type::Null) => true,
        (Type::List(a), Type::List(b)) | (Type::Range(a), Type::Range(b)) => may_equal(a, b),
        _ => a.name() == b.name(),
    }
}

fn may_order(a: &Type, b: &Type) -> bool {
    let ordered = |of: &Type| {
        !matches!(
            of,
            Type::Boolean | Type::List(_) | Type::Context(_) | Type::Range(_) | Type::Function(..)
        )
    };
    match (a, b) {
        (Type::Any | Type::Null, other) | (other, Type::Any | Type::Null) => ordered(other),
        _ => a == b && ordered(a),
    }
}

fn operation(operator: Operator, a: &Type, b: &Type) -> Option<Type> {
    use Type::{
        Any, Date, DateTime, DaysTimeDuration as Days, Null, Number, String, Time,
        YearsMonthsDuration as Months,
    };
    if matches!(a, Any | Null) || matches!(b, Any | Null) {
        let other = if matches!(a, Any | Null) { b } else { a };
        return (!matches!(
            other,
            Type::Boolean | Type::Function(..) | Type::Context(_) | Type::Range(_)
        ))
        .then_some(Any);
    }
    Some(match (operator, a, b) {
        (Operator::Power, Number, Number)
        | (Operator::Multiply, Number, Number)
        | (Operator::Divide, Number | Days | Months, Number)
        | (Operator::Multiply, Days | Months, Number)
        | (Operator::Add, String, String)
        | (Operator::Add | Operator::Subtract, Number, Number)
        | (Operator::Add | Operator::Subtract, Days, Days)
        | (Operator::Add | Operator::Subtract, Months, Months)
        | (Operator::Add | Operator::Subtract, DateTime | Date | Time, Days)
        | (Operator::Add | Operator::Subtract, DateTime | Date, Months) => a.clone(),
        (Operator::Multiply, Number, Days | Months)
        | (Operator::Add, Days, DateTime | Date | Time)
        | (Operator::Add, Months, DateTime | Date) => b.clone(),
        (Operator::Divide, Days, Days) | (Operator::Divide, Months, Months) => Number,
        (Operator::Subtract, Date | DateTime, Date | DateTime)
        | (Operator::Subtract, Time, Time) => Days,
        _ => return None,
    })
}

/// The form whose parameters take the arguments best; the bound one if none does.
fn best_form(builtin: &Builtin, bound: &Bound, given: &[Type]) -> usize {
    let takes = |form: usize| {
        let form = &builtin.forms[form];
        given.iter().enumerate().all(|(index, of)| {
            form.parameter(bound.place(index))
                .is_some_and(|parameter| fits(of, &parameter.of))
        })
    };
    if takes(bound.form) {
        bound.form
    } else {
        (0..builtin.forms.len())
            .find(|form| takes(*form))
            .unwrap_or(bound.form)
    }
}

/// What a function gives, where that depends on what it is given.
fn result_of(name: &str, given: &[Type], declared: &Type) -> Type {
    let item = |position: usize| match given.get(position) {
        Some(Type::List(item)) => (**item).clone(),
        Some(single) => single.clone(),
        None => Type::Any,
    };
    match name {
        "min" | "max" => given
            .iter()
            .enumerate()
            .map(|(index, _)| item(index))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_default(),
        "abs" => item(0),
        "sublist" | "reverse" | "remove" | "distinct values" | "sort" => item(0).list(),
        "append" | "insert before" | "list replace" => {
            let added = given.last().cloned().unwrap_or_default();
            item(0).join(&added).list()
        }
        "concatenate" | "union" => given
            .iter()
            .enumerate()
            .map(|(index, _)| item(index))
            .reduce(|a, b| a.join(&b))
            .unwrap_or_default()
            .list(),
        _ => declared.clone(),
    }
}

/// What may follow a point after a value of a type.
pub(super) fn members(of: &Type) -> Vec<(Name, Type)> {
    let named = |entries: &[(&str, Type)]| {
        entries
            .iter()
            .map(|(name, of)| (Name::from(*name), of.clone()))
            .collect()
    };
    let date = [
        ("year", Type::Number),
        ("month", Type::Number),
        ("day", Type::Number),
        ("weekday", Type::Number),
    ];
    let time = [
        ("hour", Type::Number),
        ("minute", Type::Number),
        ("second", Type::Number),
        ("time offset", Type::DaysTimeDuration),
        ("timezone", Type::String),
    ];
    match of {
        Type::Context(entries) => entries.to_vec(),
        Type::List(item) => members(item)
            .into_iter()
            .map(|(name, of)| (name, of.list()))
            .collect(),
        Type::Date => named(&date),
        Type::Time => named(&time),
        Type::DateTime => [named(&date), named(&time)].concat(),
        Type::DaysTimeDuration => named(&[
            ("days", Type::Number),
            ("hours", Type::Number),
            ("minutes", Type::Number),
            ("seconds", Type::Number),
        ]),
        Type::YearsMonthsDuration => named(&[("years", Type::Number), ("months", Type::Number)]),
        Type::Range(end) => {
            let (start, end) = ((**end).clone(), (**end).clone());
            named(&[
                ("start", start),
                ("end", end),
                ("start included", Type::Boolean),
                ("end included", Type::Boolean),
            ])
        }
        _ => Vec::new(),
    }
}

/// The type of a member; `None` when there is none of that name.
fn member(of: &Type, name: &str) -> Option<Type> {
    match of {
        Type::Any | Type::Null => Some(Type::Any),
        Type::Context(entries) if entries.is_empty() => Some(Type::Any),
        Type::List(item) => member(item, name).map(Type::list),
        other => members(other)
            .into_iter()
            .find(|(own, _)| **own == *name)
            .map(|(_, of)| of),
    }
}

/// The name that was probably meant, or nothing.
fn nearest<'n>(name: &str, candidates: impl std::iter::Iterator<Item = &'n str>) -> String {
    let lower = name.to_lowercase();
    // Of a short word, half may not be another.
    let letters = name.chars().count();
    let allowed = if letters < 3 { 0 } else { 1 + letters / 5 };
    candidates
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
        .unwrap_or_default()
}

/// How many letters must change to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count().abs_diff(b.len()) > 8 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == *y {
                diagonal
            } else {
                1 + diagonal.min(above).min(row[j])
            };
            diagonal = above;
        }
    }
    row[b.len()]
}
