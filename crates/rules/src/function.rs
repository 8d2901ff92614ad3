//! Functions as values.

use std::fmt;
use std::sync::Arc;

use crate::builtins::Builtin;
use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::syntax::ast::Lambda;
use crate::types::Type;
use crate::value::{Context, Name, Value};

/// Something that can be called.
pub struct Function {
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Builtin(&'static Builtin),
    /// A function written in FEEL, with what its body took from around it, and its own name where it has one, so that it may
    /// call itself.
    Lambda {
        lambda: Arc<Lambda>,
        captured: Context,
        own_name: Option<Name>,
    },
    /// A business knowledge model or a decision service of a DMN model.
    Model(Arc<dyn Invocable>),
}

/// What a DMN model offers to be called.
pub(crate) trait Invocable: Send + Sync {
    fn parameters(&self) -> &[(Name, Type)];
    fn result(&self) -> &Type;
    /// Calls it with as many arguments as it has parameters.
    fn invoke(&self, machine: &mut Machine, arguments: Vec<Value>) -> Result<Value, Fault>;
}

impl Function {
    pub(crate) const fn new(body: Body) -> Self {
        Self { body }
    }

    /// The parameters, where they are fixed.
    pub(crate) fn parameters(&self) -> Option<&[(Name, Type)]> {
        match &self.body {
            Body::Builtin(_) => None,
            Body::Lambda { lambda, .. } => Some(&lambda.parameters),
            Body::Model(model) => Some(model.parameters()),
        }
    }

    pub(crate) fn signature(&self) -> Type {
        match &self.body {
            Body::Builtin(builtin) => builtin.signature(),
            Body::Lambda { lambda, .. } => Type::Function(
                Arc::new(lambda.parameters.iter().map(|(_, of)| of.clone()).collect()),
                Arc::new(Type::Any),
            ),
            Body::Model(model) => {
                let parameters = model
                    .parameters()
                    .iter()
                    .map(|(_, of)| of.clone())
                    .collect();
                Type::Function(Arc::new(parameters), Arc::new(model.result().clone()))
            }
        }
    }

    pub(crate) fn conforms_to(&self, parameters: &[Type], result: &Type) -> bool {
        match self.signature() {
            Type::Function(own, own_result) => {
                own.len() == parameters.len()
                    && own
                        .iter()
                        .zip(parameters)
                        .all(|(own, wanted)| *own == Type::Any || wanted.conforms_to(own))
                    && (*own_result == Type::Any || own_result.conforms_to(result))
            }
            _ => false,
        }
    }

    pub(crate) fn weight(&self) -> u64 {
        match &self.body {
            Body::Lambda { captured, .. } => 64 + Value::Context(captured.clone()).weight(),
            _ => 64,
        }
    }

    pub(crate) fn depth(&self) -> u32 {
        match &self.body {
            Body::Lambda { captured, .. } => 1 + Value::Context(captured.clone()).depth(),
            _ => 1,
        }
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Body::Builtin(builtin) = &self.body {
            return f.write_str(builtin.name);
        }
        f.write_str("function(")?;
        for (index, (name, _)) in self.parameters().unwrap_or_default().iter().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
