//! The built-in functions: one table of signatures, from which calls are bound, checked, completed and documented.

mod arguments;
mod context;
mod conversion;
mod list;
mod numeric;
mod ranges;
mod regex;
mod statistics;
mod table;
mod temporal;
mod text;
mod unicode_blocks;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::diagnostic::Fault;
use crate::eval::Machine;
use crate::types::Type;
use crate::value::{Name, Value};

pub(crate) use conversion::{range_from_text, temporal_from_text};

/// A built-in function.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    /// The ways to call it.
    pub(crate) forms: Vec<Form>,
    run: Run,
}

/// One way to call a function.
#[derive(Debug)]
pub(crate) struct Form {
    /// As it is shown.
    pub(crate) text: &'static str,
    pub(crate) parameters: Vec<Parameter>,
    required: usize,
    /// The last parameter may be given any number of times.
    variadic: bool,
    pub(crate) result: Type,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) of: Type,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Run {
    /// Work that grows no faster than its arguments. `None` is null.
    Plain(fn(&[Value]) -> Option<Value>),
    /// Work that must be paid for on the way, calls back, or asks the time.
    Machine(fn(&mut Machine, &[Value]) -> Result<Value, Fault>),
}

/// How the arguments of a call meet the parameters.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) form: usize,
    /// For named arguments: the place of each.
    places: Vec<usize>,
}

impl Bound {
    /// Puts named arguments in their places; what is not given in between is null.
    pub(crate) fn arrange(&self, values: Vec<Value>) -> Vec<Value> {
        let length = self.places.iter().map(|place| place + 1).max().unwrap_or(0);
        let mut arranged = vec![Value::Null; length];
        for (place, value) in self.places.iter().zip(values) {
            arranged[*place] = value;
        }
        arranged
    }

    /// The parameter that the argument at a position goes to.
    pub(crate) fn place(&self, position: usize) -> usize {
        self.places.get(position).copied().unwrap_or(position)
    }
}

impl Form {
    fn read(text: &'static str) -> (&'static str, Self) {
        let (name, rest) = text.split_once('(').unwrap_or((text, ")"));
        let (parameters, result) = rest.split_once(") -> ").unwrap_or((rest, "Any"));
        let mut form = Self {
            text,
            parameters: Vec::new(),
            required: 0,
            variadic: false,
            result: type_of(result),
        };
        for parameter in parameters
            .split(", ")
            .filter(|parameter| !parameter.is_empty())
        {
            let (name, of) = parameter.split_once(": ").unwrap_or((parameter, "Any"));
            let (name, optional) = name
                .strip_suffix('?')
                .map_or((name, false), |name| (name, true));
            let (of, variadic) = of.strip_suffix("...").map_or((of, false), |of| (of, true));
            form.variadic |= variadic;
            form.required += usize::from(!optional);
            form.parameters.push(Parameter {
                name,
                of: type_of(of),
            });
        }
        (name, form)
    }

    const fn takes(&self, count: usize) -> bool {
        count >= self.required && (self.variadic || count <= self.parameters.len())
    }

    /// The type of the parameter that an argument goes to.
    pub(crate) fn parameter(&self, place: usize) -> Option<&Parameter> {
        self.parameters.get(place).or_else(|| {
            if self.variadic {
                self.parameters.last()
            } else {
                None
            }
        })
    }
}

fn type_of(text: &str) -> Type {
    match text
        .strip_prefix("list<")
        .and_then(|rest| rest.strip_suffix('>'))
    {
        Some(item) => type_of(item).list(),
        None => Type::named(text).unwrap_or_default(),
    }
}

impl Builtin {
    /// The form that takes so many arguments.
    pub(crate) fn bind(&self, count: usize) -> Option<Bound> {
        let form = self.forms.iter().position(|form| form.takes(count))?;
        Some(Bound {
            form,
            places: Vec::new(),
        })
    }

    /// The form that has all these parameters and misses none.
    pub(crate) fn bind_named(&self, names: &[Name]) -> Option<Bound> {
        self.forms.iter().enumerate().find_map(|(form, candidate)| {
            let place = |name: &Name| {
                candidate
                    .parameters
                    .iter()
                    .position(|parameter| *parameter.name == **name)
            };
            let places: Vec<usize> = names.iter().map(place).collect::<Option<_>>()?;
            let complete = (0..candidate.required).all(|required| places.contains(&required));
            complete.then_some(Bound { form, places })
        })
    }

    pub(crate) fn run(&self, machine: &mut Machine, arguments: &[Value]) -> Result<Value, Fault> {
        match self.run {
            Run::Plain(run) => {
                let weight: u64 = arguments
                    .iter()
                    .map(Value::weight)
                    .fold(0, u64::saturating_add);
                machine.spend(4 + weight / 256)?;
                machine.made(run(arguments).unwrap_or_default())
            }
            Run::Machine(run) => {
                machine.spend(1)?;
                let value = run(machine, arguments)?;
                machine.made(value)
            }
        }
    }

    pub(crate) fn signature(&self) -> Type {
        let form = &self.forms[0];
        let parameters = form
            .parameters
            .iter()
            .map(|parameter| parameter.of.clone())
            .collect();
        Type::Function(
            std::sync::Arc::new(parameters),
            std::sync::Arc::new(form.result.clone()),
        )
    }
}

static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    table::TABLE
        .iter()
        .map(|(forms, run)| {
            let read: Vec<_> = forms.iter().map(|text| Form::read(text)).collect();
            Builtin {
                name: read[0].0,
                forms: read.into_iter().map(|(_, form)| form).collect(),
                run: *run,
            }
        })
        .collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    BUILTINS
        .iter()
        .enumerate()
        .map(|(index, builtin)| (builtin.name, index))
        .collect()
});

/// All of them, in the order of the documentation.
pub(crate) fn all() -> &'static [Builtin] {
    &BUILTINS
}

/// The function of a name.
pub(crate) fn find(name: &str) -> Option<&'static Builtin> {
    BY_NAME.get(name).map(|index| &BUILTINS[*index])
}

/// The name and the ways to call every built-in function, for documentation and help.
pub fn signatures() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    all().iter().map(|builtin| {
        (
            builtin.name,
            builtin.forms.iter().map(|form| form.text).collect(),
        )
    })
}
