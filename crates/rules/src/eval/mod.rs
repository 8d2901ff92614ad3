//! The tree, evaluated. What FEEL calls an error is null here; only running out of what [`Limits`] allow is a [`Fault`].

pub(crate) mod arithmetic;
pub(crate) mod compare;
mod expression;
mod frame;
mod iteration;
mod property;

use crate::diagnostic::Fault;
use crate::function::{Body, Function};
use crate::scope::{Limits, Scope};
use crate::temporal::DateTime;
use crate::value::{Context, List, Name, Value};

pub(crate) use expression::{evaluate, tests_hold};
pub(crate) use frame::{Frame, Names};

/// Nesting of lists and contexts in one value: beyond it, dropping and comparing would need a deep stack.
const MAX_VALUE_DEPTH: u32 = 120;

/// What an evaluation has left, and what it knows of the world.
pub(crate) struct Machine {
    fuel: u64,
    size: u64,
    depth: u32,
    limits: Limits,
    now: Option<DateTime>,
    /// What DMN makes null of because a table contradicts itself is a fault.
    pub(crate) strict: bool,
}

pub(crate) type Result<T = Value> = std::result::Result<T, Fault>;

impl Machine {
    pub(crate) fn new(scope: &Scope) -> Self {
        let limits = scope.limits();
        Self {
            fuel: limits.fuel,
            size: limits.size,
            depth: limits.depth,
            limits,
            now: scope.now().cloned(),
            strict: false,
        }
    }

    pub(crate) const fn now(&self) -> Option<&DateTime> {
        self.now.as_ref()
    }

    /// Pays for so many steps.
    #[inline]
    pub(crate) const fn spend(&mut self, steps: u64) -> Result<()> {
        match self.fuel.checked_sub(steps) {
            Some(left) => {
                self.fuel = left;
                Ok(())
            }
            None => Err(Fault::OutOfFuel),
        }
    }

    /// Pays for so many bytes made.
    pub(crate) const fn allocate(&mut self, bytes: u64) -> Result<()> {
        match self.size.checked_sub(bytes) {
            Some(left) => {
                self.size = left;
                Ok(())
            }
            None => Err(Fault::TooLarge),
        }
    }

    /// Runs a part one call deeper.
    pub(crate) fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth = self.depth.checked_sub(1).ok_or(Fault::TooDeep)?;
        let result = part(self);
        self.depth += 1;
        result
    }

    /// A list made on the way: paid for and not too large.
    pub(crate) fn list(&mut self, values: Vec<Value>) -> Result {
        self.allocate(32 + 32 * values.len() as u64)?;
        self.checked(Value::List(List::from(values)))
    }

    /// A context made on the way: paid for and not too large.
    pub(crate) fn context(&mut self, context: Context) -> Result {
        self.allocate(32 + 64 * context.len() as u64)?;
        self.checked(Value::Context(context))
    }

    /// A value that a function gave: its own memory paid for, and not too large.
    pub(crate) fn made(&mut self, value: Value) -> Result {
        let bytes = match &value {
            Value::String(text) => text.len() as u64,
            Value::List(list) => 32 * list.len() as u64,
            Value::Context(context) => 64 * context.len() as u64,
            _ => return Ok(value),
        };
        self.allocate(bytes)?;
        self.checked(value)
    }

    pub(crate) fn checked(&self, value: Value) -> Result {
        if value.depth() > MAX_VALUE_DEPTH {
            Err(Fault::TooDeep)
        } else if value.weight() > self.limits.size {
            Err(Fault::TooLarge)
        } else {
            Ok(value)
        }
    }

    /// Whether two values are equal, paid for by the smaller one.
    pub(crate) fn equal(&mut self, a: &Value, b: &Value) -> Result<Option<bool>> {
        self.spend(1 + a.weight().min(b.weight()) / 64)?;
        Ok(compare::equal(a, b))
    }

    /// Calls a function with values. Arguments that do not fit the parameters give null.
    pub(crate) fn call(
        &mut self,
        function: &std::sync::Arc<Function>,
        mut arguments: Vec<Value>,
    ) -> Result {
        if let Body::Builtin(builtin) = &function.body {
            return match builtin.bind(arguments.len()) {
                Some(_) => builtin.run(self, &arguments),
                None => Ok(Value::Null),
            };
        }
        let parameters = function.parameters().unwrap_or_default();
        if parameters.len() != arguments.len() {
            return Ok(Value::Null);
        }
        for (argument, (_, of)) in arguments.iter_mut().zip(parameters) {
            if !of.admits(argument) {
                let coerced = of.coerce(std::mem::take(argument));
                if coerced.is_null() {
                    return Ok(Value::Null);
                }
                *argument = coerced;
            }
        }
        self.deeper(|machine| match &function.body {
            Body::Lambda {
                lambda,
                captured,
                own_name,
            } => {
                machine.spend(1)?;
                let parameters = lambda.parameters.iter().map(|(name, _)| Name::clone(name));
                let bound: Vec<(Name, Value)> = parameters.zip(arguments).collect();
                let outside = Frame::root(Names::Context(captured));
                let itself = Value::Function(std::sync::Arc::clone(function));
                let named;
                let around = match own_name {
                    Some(name) => {
                        named = Frame::inside(&outside, Names::One(name, &itself));
                        &named
                    }
                    None => &outside,
                };
                evaluate(
                    &lambda.body,
                    &Frame::inside(around, Names::Many(&bound)),
                    machine,
                )
            }
            Body::Model(model) => model.invoke(machine, arguments),
            Body::Builtin(_) => Ok(Value::Null),
        })
    }
}
