//! One arm for each kind of node.

use std::sync::Arc;

use super::compare::{self, compare};
use super::{Frame, Machine, Names, Result, arithmetic, iteration, property};
use crate::builtins;
use crate::function::{Body, Function};
use crate::syntax::ast::{
    Arguments, BuiltinCall, Comparison, Kind, Lambda, Node, Operator, RangeNode, Test,
};
use crate::types::Type;
use crate::value::{Context, Name, Range, RangeForm, Value};

/// The value of a node.
pub(crate) fn evaluate(node: &Node, frame: &Frame<'_>, machine: &mut Machine) -> Result {
    machine.spend(1)?;
    match &node.kind {
        Kind::Literal(value) => Ok(value.clone()),
        Kind::Name(name) => Ok(name_value(name, frame)),
        Kind::Compare(comparison, operands) => {
            comparison_value(*comparison, operands, frame, machine)
        }
        Kind::And(parts) => connective(parts, false, frame, machine),
        Kind::Or(parts) => connective(parts, true, frame, machine),
        Kind::Arithmetic(first, rest) => {
            let mut value = evaluate(first, frame, machine)?;
            for (operator, operand) in rest {
                let operand = evaluate(operand, frame, machine)?;
                if *operator == Operator::Power {
                    machine.spend(power_cost(&operand))?;
                }
                value = machine
                    .made(arithmetic::apply(*operator, &value, &operand).unwrap_or_default())?;
            }
            Ok(value)
        }
        Kind::In(operand, tests) => {
            let value = evaluate(operand, frame, machine)?;
            tests_hold(tests, &value, frame, machine).map(Value::from)
        }
        Kind::Path(of, name) => {
            let value = evaluate(of, frame, machine)?;
            property::path(&value, name, machine)
        }
        Kind::Negate(operand) => {
            Ok(arithmetic::negate(&evaluate(operand, frame, machine)?).unwrap_or_default())
        }
        Kind::If(parts) => {
            let (condition, yes, no) = &**parts;
            match evaluate(condition, frame, machine)? {
                Value::Boolean(true) => evaluate(yes, frame, machine),
                Value::Boolean(false) | Value::Null => evaluate(no, frame, machine),
                _ => Ok(Value::Null),
            }
        }
        Kind::Between(parts) => between(parts, frame, machine),
        Kind::CallBuiltin(call) => call_builtin(call, frame, machine),
        Kind::Call(callee, arguments) => call(callee, arguments, frame, machine),
        Kind::Filter(list, filter) => iteration::filter(list, filter, frame, machine),
        Kind::For {
            iterators,
            body,
            partial,
        } => iteration::for_each(iterators, body, *partial, frame, machine),
        Kind::Quantified {
            every,
            iterators,
            condition,
        } => iteration::quantified(*every, iterators, condition, frame, machine),
        Kind::List(items) => {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                values.push(evaluate(item, frame, machine)?);
            }
            machine.list(values)
        }
        Kind::Context(entries) => context(entries, None, frame, machine),
        Kind::Block(entries, result) => context(entries, Some(result), frame, machine),
        Kind::BoxedFilter(list, filter) => iteration::boxed_filter(list, filter, frame, machine),
        Kind::Table(table) => table.evaluate(frame, machine),
        Kind::Typed(node, constraint) => constraint.apply(evaluate(node, frame, machine)?, machine),
        Kind::Range(range) => range_value(range, frame, machine),
        Kind::UnaryRange(comparison, end) => {
            let end = evaluate(end, frame, machine)?;
            Ok(unary_range(*comparison, end))
        }
        Kind::InstanceOf(operand, of) => {
            let value = evaluate(operand, frame, machine)?;
            machine.spend(value.weight() / 64)?;
            Ok(Value::Boolean(of.has_instance(&value)))
        }
        Kind::Function(lambda) => Ok(closure(lambda, None, frame)),
        Kind::Tests(tests) => {
            let input = frame.get("?").cloned().unwrap_or_default();
            tests_hold(tests, &input, frame, machine).map(Value::from)
        }
    }
}

/// Whole powers take some dozens of long multiplications, others a logarithm and an exponential at 76 digits.
fn power_cost(exponent: &Value) -> u64 {
    match exponent {
        Value::Number(exponent) if exponent.is_integer() => 300,
        _ => 4_000,
    }
}

fn name_value(name: &Name, frame: &Frame<'_>) -> Value {
    match frame.get(name) {
        Some(value) => value.clone(),
        None => builtins::find(name).map_or(Value::Null, |builtin| {
            Value::Function(Arc::new(Function::new(Body::Builtin(builtin))))
        }),
    }
}

fn comparison_value(
    comparison: Comparison,
    operands: &(Node, Node),
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let a = evaluate(&operands.0, frame, machine)?;
    let b = evaluate(&operands.1, frame, machine)?;
    machine.spend(a.weight().min(b.weight()) / 64)?;
    Ok(compare(comparison, &a, &b))
}

/// `and` and `or`: `decisive` is the value that decides alone; null and what is no boolean leave it open.
fn connective(parts: &[Node], decisive: bool, frame: &Frame<'_>, machine: &mut Machine) -> Result {
    let mut open = false;
    for part in parts {
        match evaluate(part, frame, machine)? {
            Value::Boolean(value) if value == decisive => return Ok(Value::Boolean(decisive)),
            Value::Boolean(_) => {}
            _ => open = true,
        }
    }
    Ok(if open {
        Value::Null
    } else {
        Value::Boolean(!decisive)
    })
}

fn between(parts: &(Node, Node, Node), frame: &Frame<'_>, machine: &mut Machine) -> Result {
    let value = evaluate(&parts.0, frame, machine)?;
    let low = evaluate(&parts.1, frame, machine)?;
    let high = evaluate(&parts.2, frame, machine)?;
    let result = match (compare::order(&value, &low), compare::order(&value, &high)) {
        (Some(low), Some(high)) => Some(low.is_ge() && high.is_le()),
        _ => None,
    };
    Ok(Value::from(result))
}

/// Whether any of the tests holds for a value: `None` when none does and one cannot be told.
pub(crate) fn tests_hold(
    tests: &[Test],
    value: &Value,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result<Option<bool>> {
    let mut known = Some(false);
    for test in tests {
        match test_holds(test, value, frame, machine)? {
            Some(true) => return Ok(Some(true)),
            None => known = None,
            Some(false) => {}
        }
    }
    Ok(known)
}

fn test_holds(
    test: &Test,
    value: &Value,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result<Option<bool>> {
    match test {
        Test::Any => Ok(Some(true)),
        Test::Not(tests) => Ok(tests_hold(tests, value, frame, machine)?.map(|holds| !holds)),
        Test::Compare(comparison, operand) => {
            let operand = evaluate(operand, frame, machine)?;
            machine.spend(value.weight().min(operand.weight()) / 64)?;
            Ok(compare(*comparison, value, &operand).as_bool())
        }
        Test::Value { node, condition } => {
            // The commonest test of all, without making the range first.
            if let Kind::Range(range) = &node.kind {
                let start = evaluate(&range.start, frame, machine)?;
                let end = evaluate(&range.end, frame, machine)?;
                let form = RangeForm::Interval;
                let (start_included, end_included) = (range.start_included, range.end_included);
                let range = Range {
                    form,
                    start,
                    end,
                    start_included,
                    end_included,
                };
                return Ok(if matches!(value, Value::Range(_)) {
                    compare::equal(value, &Value::Range(Arc::new(range)))
                } else {
                    compare::contains(&range, value)
                });
            }
            let operand = evaluate(node, frame, machine)?;
            if *condition {
                return Ok(operand
                    .as_bool()
                    .or_else(|| compare::is_in(value, &operand).filter(|holds| *holds)));
            }
            machine.spend(operand.weight() / 64)?;
            Ok(compare::is_in(value, &operand))
        }
    }
}

fn call_builtin(call: &BuiltinCall, frame: &Frame<'_>, machine: &mut Machine) -> Result {
    let mut values = Vec::with_capacity(call.arguments.len());
    for argument in &call.arguments {
        values.push(evaluate(argument, frame, machine)?);
    }
    let Some(bound) = &call.bound else {
        return Ok(Value::Null);
    };
    if !call.names.is_empty() {
        values = bound.arrange(values);
    }
    call.builtin.run(machine, &values)
}

fn call(callee: &Node, arguments: &Arguments, frame: &Frame<'_>, machine: &mut Machine) -> Result {
    let callee = evaluate(callee, frame, machine)?;
    match arguments {
        Arguments::Positional(nodes) => {
            let mut values = Vec::with_capacity(nodes.len());
            for node in nodes {
                values.push(evaluate(node, frame, machine)?);
            }
            match &callee {
                Value::Function(function) => machine.call(function, values),
                _ => Ok(Value::Null),
            }
        }
        Arguments::Named(nodes) => {
            let mut named = Vec::with_capacity(nodes.len());
            for (name, node) in nodes {
                named.push((Name::clone(name), evaluate(node, frame, machine)?));
            }
            call_named(&callee, named, machine)
        }
    }
}

/// Calls a function by parameter names: all of them must be given, and no others.
pub(crate) fn call_named(
    callee: &Value,
    named: Vec<(Name, Value)>,
    machine: &mut Machine,
) -> Result {
    let Value::Function(function) = callee else {
        return Ok(Value::Null);
    };
    if let Body::Builtin(builtin) = &function.body {
        let (names, values): (Vec<Name>, Vec<Value>) = named.into_iter().unzip();
        return match builtin.bind_named(&names) {
            Some(bound) => builtin.run(machine, &bound.arrange(values)),
            None => Ok(Value::Null),
        };
    }
    let parameters = function.parameters().unwrap_or_default();
    if named.len() != parameters.len() {
        return Ok(Value::Null);
    }
    let mut values = Vec::with_capacity(parameters.len());
    for (parameter, _) in parameters {
        match named.iter().find(|(name, _)| name == parameter) {
            Some((_, value)) => values.push(value.clone()),
            None => return Ok(Value::Null),
        }
    }
    machine.call(function, values)
}

fn context(
    entries: &[(Name, Node)],
    result: Option<&Node>,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result {
    let mut context = Context::new();
    for (name, node) in entries {
        // What is bound so far is seen by the next entry; the clone shares everything but the table itself.
        let inner = match &node.kind {
            Kind::Typed(inner, _) => &inner.kind,
            kind => kind,
        };
        let value = match inner {
            Kind::Function(lambda) => closure(
                lambda,
                Some(name),
                &Frame::inside(frame, Names::Context(&context)),
            ),
            _ => evaluate(
                node,
                &Frame::inside(frame, Names::Context(&context)),
                machine,
            )?,
        };
        context.insert(Name::clone(name), value);
    }
    if let Some(result) = result {
        return evaluate(
            result,
            &Frame::inside(frame, Names::Context(&context)),
            machine,
        );
    }
    machine.context(context)
}

/// A function value: the names its body mentions are taken from here and now.
pub(crate) fn closure(lambda: &Arc<Lambda>, own_name: Option<&Name>, frame: &Frame<'_>) -> Value {
    let mut captured = Context::new();
    for name in &lambda.free {
        if let Some(value) = frame.get(name) {
            captured.insert(Name::clone(name), value.clone());
        }
    }
    let own_name = own_name.filter(|name| lambda.free.contains(name)).cloned();
    Value::Function(Arc::new(Function::new(Body::Lambda {
        lambda: Arc::clone(lambda),
        captured,
        own_name,
    })))
}

fn range_value(range: &RangeNode, frame: &Frame<'_>, machine: &mut Machine) -> Result {
    let start = evaluate(&range.start, frame, machine)?;
    let end = evaluate(&range.end, frame, machine)?;
    let alike = start.is_null() || end.is_null() || Type::of(&start) == Type::of(&end);
    if !alike {
        return Ok(Value::Null);
    }
    let (form, start_included, end_included) = (
        RangeForm::Interval,
        range.start_included,
        range.end_included,
    );
    machine.checked(Value::Range(Arc::new(Range {
        form,
        start,
        end,
        start_included,
        end_included,
    })))
}

fn unary_range(comparison: Comparison, end: Value) -> Value {
    let null = Value::Null;
    let (form, start, end, start_included, end_included) = match comparison {
        Comparison::Less => (RangeForm::Below, null, end, false, false),
        Comparison::LessOrEqual => (RangeForm::Below, null, end, false, true),
        Comparison::Greater => (RangeForm::Above, end, null, false, false),
        Comparison::GreaterOrEqual => (RangeForm::Above, end, null, true, false),
        Comparison::Equal => (RangeForm::Exactly, end.clone(), end, true, true),
        Comparison::NotEqual => (RangeForm::Other, end.clone(), end, true, true),
    };
    Value::Range(Arc::new(Range {
        form,
        start,
        end,
        start_included,
        end_included,
    }))
}
