//! The elements of a model and what they require of one another; evaluation along the requirements.

use std::collections::HashMap;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::xml::problem;
use super::{Constraint, Problem};
use crate::diagnostic::{Code, Diagnostics, Fault};
use crate::eval::{Frame, Machine, Names, Result, evaluate};
use crate::function::{Body, Function, Invocable};
use crate::scope::Scope;
use crate::syntax::ast::{Lambda, Node};
use crate::types::Type;
use crate::value::{Context, Name, Value};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    #[default]
    Input,
    Decision,
    Knowledge,
    Service,
}

/// Input data, a decision, a knowledge model or a service.
#[derive(Default)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) sort: Sort,
    /// Whether it belongs to the model itself, not to an imported one.
    pub(super) own: bool,
    pub(super) constraint: Arc<Constraint>,
    /// What it requires, and the import's name in front of it.
    pub(super) requires: Vec<(usize, Option<Name>)>,
    /// Of a service.
    pub(super) parameters: Vec<(Name, Type)>,
    pub(super) logic: Logic,
}

#[derive(Clone, Default)]
pub(super) enum Logic {
    #[default]
    None,
    Input,
    Expression(Arc<Node>),
    Function(Arc<Lambda>, Option<Arc<Constraint>>),
    Service {
        outputs: Vec<usize>,
        inputs: Vec<usize>,
    },
}

#[derive(Default)]
pub(super) struct Graph {
    pub(super) name: String,
    pub(super) elements: Vec<Element>,
    pub(super) problems: Vec<Problem>,
    pub(super) by_name: HashMap<(Sort, Name), usize>,
}

/// What is known so far in one evaluation: given values and results.
type Known = Vec<Option<Value>>;

impl Graph {
    pub(super) fn index(&mut self) {
        for (at, element) in self.elements.iter().enumerate() {
            // The model's own elements come before those of its imports.
            self.by_name
                .entry((element.sort, Name::clone(&element.name)))
                .or_insert(at);
        }
    }

    /// The model's own decisions that no other one requires.
    pub(super) fn results(&self) -> Vec<&str> {
        let required: std::collections::HashSet<usize> = self
            .elements
            .iter()
            .filter(|element| element.sort == Sort::Decision)
            .flat_map(|element| element.requires.iter().map(|(at, _)| *at))
            .collect();
        let own = |name: &str| self.names(Sort::Decision).any(|known| known == name);
        let all = self.elements.iter().enumerate();
        all.filter(|(at, element)| element.sort == Sort::Decision && !required.contains(at))
            .map(|(_, element)| &*element.name)
            .filter(|name| own(name))
            .collect()
    }

    /// Decisions must not require themselves.
    pub(super) fn check_circles(&self, root: Xml<'_, '_>) -> std::result::Result<(), Diagnostics> {
        // 0 unseen, 1 on the way, 2 done; the stack is our own because chains may be long.
        let mut state = vec![0_u8; self.elements.len()];
        for start in 0..self.elements.len() {
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.pop() {
                if next == 0 && state[at] == 2 {
                    continue;
                }
                state[at] = 1;
                let element = &self.elements[at];
                let required = if element.sort == Sort::Decision {
                    element.requires.get(next)
                } else {
                    None
                };
                match required {
                    Some((required, _)) => {
                        stack.push((at, next + 1));
                        match state[*required] {
                            1 if self.elements[*required].sort == Sort::Decision => {
                                return Err(problem(
                                    root,
                                    Code::Circle,
                                    vec![element.name.to_string()],
                                ));
                            }
                            0 => stack.push((*required, 0)),
                            _ => {}
                        }
                    }
                    None => state[at] = 2,
                }
            }
        }
        Ok(())
    }

    pub(super) fn names(&self, sort: Sort) -> impl Iterator<Item = &str> {
        self.elements
            .iter()
            .filter(move |element| element.own && element.sort == sort)
            .map(|element| &*element.name)
    }

    pub(super) fn inputs(&self) -> impl Iterator<Item = (Name, Type)> {
        let inputs = self
            .elements
            .iter()
            .filter(|element| element.own && element.sort == Sort::Input);
        inputs.map(|element| (Name::clone(&element.name), element.constraint.of.clone()))
    }

    fn find(&self, sort: Sort, name: &str) -> std::result::Result<usize, Fault> {
        self.by_name
            .get(&(sort, Name::from(name)))
            .copied()
            .ok_or(Fault::UnknownElement)
    }

    pub(super) fn result_type(&self, decision: &str) -> Option<Type> {
        self.find(Sort::Decision, decision)
            .ok()
            .map(|at| self.elements[at].constraint.of.clone())
    }

    pub(super) fn evaluate_decision(
        self: &Arc<Self>,
        name: &str,
        inputs: &Scope,
        machine: &mut Machine,
    ) -> Result {
        let at = self.find(Sort::Decision, name)?;
        let mut known: Known = vec![None; self.elements.len()];
        self.decide(at, &mut known, &Given::Scope(inputs), machine)
    }

    pub(super) fn evaluate_service(
        self: &Arc<Self>,
        name: &str,
        inputs: &Scope,
        machine: &mut Machine,
    ) -> Result {
        let at = self.find(Sort::Service, name)?;
        let Logic::Service {
            outputs,
            inputs: parameters,
        } = &self.elements[at].logic
        else {
            return Ok(Value::Null);
        };
        let mut known: Known = vec![None; self.elements.len()];
        for parameter in parameters {
            let value = self.given(*parameter, &Given::Scope(inputs), machine)?;
            known[*parameter] = Some(value);
        }
        let result = self.serve(outputs, &mut known, &Given::Scope(inputs), machine)?;
        self.elements[at].constraint_applied(result, machine)
    }

    fn serve(
        self: &Arc<Self>,
        outputs: &[usize],
        known: &mut Known,
        given: &Given<'_>,
        machine: &mut Machine,
    ) -> Result {
        if let [single] = outputs {
            return self.decide(*single, known, given, machine);
        }
        let mut context = Context::new();
        for output in outputs {
            let value = self.decide(*output, known, given, machine)?;
            context.insert(Name::clone(&self.elements[*output].name), value);
        }
        machine.context(context)
    }

    /// The value of input data or of an input decision, as it was given.
    fn given(&self, at: usize, given: &Given<'_>, machine: &mut Machine) -> Result {
        let element = &self.elements[at];
        let value = match given {
            Given::Scope(scope) => scope.get(&element.name).cloned().unwrap_or_default(),
            Given::Nothing => Value::Null,
        };
        element.constraint_applied(value, machine)
    }

    /// The value of an element, from what is known or by evaluating it.
    fn decide(
        self: &Arc<Self>,
        at: usize,
        known: &mut Known,
        given: &Given<'_>,
        machine: &mut Machine,
    ) -> Result {
        if let Some(value) = &known[at] {
            return Ok(value.clone());
        }
        let element = &self.elements[at];
        let value = match &element.logic {
            Logic::Input => self.given_input(at, given, machine)?,
            Logic::None if element.sort == Sort::Decision => Value::Null,
            Logic::None => Value::Null,
            Logic::Function(..) | Logic::Service { .. } => self.function(at),
            Logic::Expression(node) => {
                let node = Arc::clone(node);
                let value = machine.deeper(|machine| {
                    let names = self.required(at, known, given, machine)?;
                    evaluate(&node, &Frame::root(Names::Many(&names)), machine)
                })?;
                element.constraint_applied(value, machine)?
            }
        };
        known[at] = Some(value.clone());
        Ok(value)
    }

    /// Input data; those of an imported model may also be given in a context of the import's name.
    fn given_input(&self, at: usize, given: &Given<'_>, machine: &mut Machine) -> Result {
        let element = &self.elements[at];
        if let Given::Scope(scope) = given
            && !element.own
            && scope.get(&element.name).is_none()
        {
            for import in self
                .elements
                .iter()
                .flat_map(|element| &element.requires)
                .filter(|(required, _)| *required == at)
            {
                if let (_, Some(prefix)) = import
                    && let Some(Value::Context(context)) = scope.get(prefix)
                    && let Some(value) = context.get(&element.name)
                {
                    return element.constraint_applied(value.clone(), machine);
                }
            }
        }
        self.given(at, given, machine)
    }

    /// What an element sees of what it requires.
    fn required(
        self: &Arc<Self>,
        at: usize,
        known: &mut Known,
        given: &Given<'_>,
        machine: &mut Machine,
    ) -> Result<Vec<(Name, Value)>> {
        let element = &self.elements[at];
        let mut names: Vec<(Name, Value)> = Vec::with_capacity(element.requires.len());
        for (required, import) in &element.requires {
            let value = self.decide(*required, known, given, machine)?;
            let name = Name::clone(&self.elements[*required].name);
            match import {
                None => names.push((name, value)),
                Some(import) => {
                    let existing = names.iter_mut().find(|(existing, _)| existing == import);
                    match existing {
                        Some((_, Value::Context(context))) => context.insert(name, value),
                        _ => names.push((
                            Name::clone(import),
                            Value::Context([(name, value)].into_iter().collect()),
                        )),
                    }
                }
            }
        }
        Ok(names)
    }

    fn function(self: &Arc<Self>, at: usize) -> Value {
        Value::Function(Arc::new(Function::new(Body::Model(Arc::new(
            ModelFunction {
                graph: Arc::clone(self),
                at,
            },
        )))))
    }
}

impl Element {
    fn constraint_applied(&self, value: Value, machine: &mut Machine) -> Result {
        // A knowledge model's declared type is that of the function, not of its result.
        if self.constraint.is_function() && !matches!(value, Value::Function(_)) {
            return Ok(value);
        }
        self.constraint.apply(value, machine)
    }
}

/// Where input data come from.
enum Given<'a> {
    Scope(&'a Scope),
    Nothing,
}

/// A knowledge model or service as a function.
struct ModelFunction {
    graph: Arc<Graph>,
    at: usize,
}

impl Invocable for ModelFunction {
    fn parameters(&self) -> &[(Name, Type)] {
        let element = &self.graph.elements[self.at];
        match &element.logic {
            Logic::Function(lambda, _) => &lambda.parameters,
            _ => &element.parameters,
        }
    }

    fn result(&self) -> &Type {
        match &self.graph.elements[self.at].constraint.of {
            Type::Function(_, result) => result,
            other => other,
        }
    }

    fn invoke(&self, machine: &mut Machine, arguments: Vec<Value>) -> Result {
        let graph = &self.graph;
        let element = &graph.elements[self.at];
        let mut known: Known = vec![None; graph.elements.len()];
        match &element.logic {
            Logic::Function(lambda, result) => {
                let mut names = graph.required(self.at, &mut known, &Given::Nothing, machine)?;
                names.push((Name::clone(&element.name), graph.function(self.at)));
                let parameters = lambda.parameters.iter().map(|(name, _)| Name::clone(name));
                names.extend(parameters.zip(arguments));
                machine.spend(names.len() as u64)?;
                let value = evaluate(&lambda.body, &Frame::root(Names::Many(&names)), machine)?;
                let value = match result {
                    Some(result) => result.apply(value, machine)?,
                    None => value,
                };
                match &element.constraint.of {
                    Type::Function(_, of) => Ok(of.coerce(value)),
                    _ => element.constraint.apply(value, machine),
                }
            }
            Logic::Service { outputs, inputs } => {
                for (input, value) in inputs.iter().zip(arguments) {
                    known[*input] =
                        Some(graph.elements[*input].constraint_applied(value, machine)?);
                }
                let value = graph.serve(outputs, &mut known, &Given::Nothing, machine)?;
                element.constraint_applied(value, machine)
            }
            _ => Ok(Value::Null),
        }
    }
}

pub(super) fn evaluate_knowledge(
    graph: &Arc<Graph>,
    name: &str,
    arguments: &Scope,
    machine: &mut Machine,
) -> Result {
    let at = graph.find(Sort::Knowledge, name)?;
    let function = ModelFunction {
        graph: Arc::clone(graph),
        at,
    };
    let values = function
        .parameters()
        .iter()
        .map(|(name, _)| arguments.get(name).cloned().unwrap_or_default());
    let values = values.collect();
    function.invoke(machine, values)
}
