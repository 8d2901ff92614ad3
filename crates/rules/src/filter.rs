//! Expressions that only compare fields with values become the filter tree of `kernel`, and so SQL on both databases.
//!
//! The promise: a record matches the filter exactly where the expression is *true* for it. FEEL and the filter tree differ in
//! places (comparing two kinds is unknown in FEEL and known in the tree; FEEL compares moments to the millisecond; the
//! tree's text search ignores case and accents), so the compiler drives `not` down to the comparisons, where each has a form
//! that is true for the same records, and refuses what has none.

use kernel::Moment;
use kernel::filter::{Comparison as Test, Filter, Operand};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::diagnostic::Language;
use crate::eval::{Frame, Machine, Names, evaluate};
use crate::expression::Expression;
use crate::scope::Scope;
use crate::syntax::ast::{self, Comparison, Kind, Node};
use crate::types::{Schema, Type};
use crate::value::{Range, RangeForm, Value};

/// A part of an expression that no filter says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotCompilable {
    /// The part, as it is written.
    pub part: String,
    /// Where it stands, in bytes.
    pub span: std::ops::Range<usize>,
    /// Why.
    pub why: Why,
}

/// Why a part cannot be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// It calculates with a field.
    Calculation,
    /// It compares two fields.
    TwoFields,
    /// It is a list, context, loop or function over fields.
    Structure,
    /// It searches in a text: FEEL minds case and accents, the search does not.
    TextSearch,
    /// The value has no counterpart in the database: a duration, a time of day, a number of more than 28 digits, a date and
    /// time without an offset, a year beyond 9999.
    Value,
    /// Working it out would take more than the limits allow.
    Limits,
}

impl NotCompilable {
    /// The reason as a sentence for people.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let (spanish, english) = match self.why {
            Why::Calculation => ("calcula con un campo", "calculates with a field"),
            Why::TwoFields => (
                "compara dos campos entre sí",
                "compares two fields with one another",
            ),
            Why::Structure => (
                "recorre una lista o usa una función sobre un campo",
                "goes through a list or uses a function on a field",
            ),
            Why::TextSearch => (
                "busca dentro de un texto distinguiendo mayúsculas y acentos, y la búsqueda no los distingue",
                "searches in a text minding case and accents, which the search does not",
            ),
            Why::Value => (
                "compara con un valor que la base de datos no tiene",
                "compares with a value that the database does not have",
            ),
            Why::Limits => ("necesita demasiado trabajo", "takes too much work"),
        };
        match language {
            Language::Es => format!(
                "«{}» no se puede convertir en filtro: {spanish}.",
                self.part
            ),
            Language::En => format!("“{}” cannot become a filter: it {english}.", self.part),
        }
    }
}

/// Compiles an expression whose names are all fields.
///
/// # Errors
/// The first part that no filter says.
pub fn compile(expression: &Expression) -> Result<Filter, NotCompilable> {
    compile_with(expression, &Schema::new(), &Scope::new())
}

/// Compiles an expression: names that the scope knows are values now, all others are fields. Where the schema says the type of
/// a field, the filter is simpler; then the records must keep to it.
///
/// # Errors
/// The first part that no filter says.
pub fn compile_with(
    expression: &Expression,
    schema: &Schema,
    scope: &Scope,
) -> Result<Filter, NotCompilable> {
    Compiler {
        text: expression.text(),
        schema,
        scope,
    }
    .condition(expression.root(), true)
}

struct Compiler<'a> {
    text: &'a str,
    schema: &'a Schema,
    scope: &'a Scope,
}

type Compiled = Result<Filter, NotCompilable>;

/// One side of a comparison.
enum Side {
    Field(String, Option<Type>),
    Constant(Value),
}

impl Compiler<'_> {
    fn refuse(&self, node: &Node, why: Why) -> NotCompilable {
        NotCompilable {
            part: self.text.get(node.span()).unwrap_or_default().to_owned(),
            span: node.span(),
            why,
        }
    }

    /// The filter that is true where the condition is true (or, not `positive`, where it is false).
    fn condition(&self, node: &Node, positive: bool) -> Compiled {
        match &node.kind {
            Kind::And(parts) | Kind::Or(parts) => {
                let filters = parts
                    .iter()
                    .map(|part| self.condition(part, positive))
                    .collect::<Result<Vec<_>, _>>()?;
                // De Morgan holds in three values too.
                Ok(if matches!(node.kind, Kind::And(_)) == positive {
                    Filter::All(filters)
                } else {
                    Filter::Any(filters)
                })
            }
            Kind::CallBuiltin(call) if call.builtin.name == "not" && call.arguments.len() == 1 => {
                self.condition(&call.arguments[0], !positive)
            }
            Kind::CallBuiltin(call)
                if call.builtin.name == "list contains"
                    && call.names.is_empty()
                    && call.arguments.len() == 2 =>
            {
                self.list_contains(node, &call.arguments, positive)
            }
            Kind::Compare(comparison, operands) => {
                self.comparison(node, *comparison, operands, positive)
            }
            Kind::Between(parts) => {
                let low = self.leaf(
                    node,
                    Comparison::GreaterOrEqual,
                    &parts.0,
                    &parts.1,
                    positive,
                )?;
                let high =
                    self.leaf(node, Comparison::LessOrEqual, &parts.0, &parts.2, positive)?;
                // What cannot be compared with one end decides nothing, whatever the other says.
                if positive {
                    Ok(Filter::All(vec![low, high]))
                } else {
                    self.outside(node, parts, low, high)
                }
            }
            Kind::In(operand, tests) => self.membership(operand, tests, positive),
            _ => match self.side(node)? {
                Side::Constant(value) => Ok(if value.as_bool() == Some(positive) {
                    Filter::TRUE
                } else {
                    Filter::FALSE
                }),
                Side::Field(field, _) => Ok(Filter::equal(field, Operand::Boolean(positive))),
            },
        }
    }

    /// `not (x between a and b)` is true where x is comparable with both and beyond one.
    fn outside(
        &self,
        node: &Node,
        parts: &(Node, Node, Node),
        below: Filter,
        above: Filter,
    ) -> Compiled {
        let comparable = |end: &Node| -> Compiled {
            let less = self.leaf(node, Comparison::Less, &parts.0, end, true)?;
            let rest = self.leaf(node, Comparison::GreaterOrEqual, &parts.0, end, true)?;
            Ok(Filter::Any(vec![less, rest]))
        };
        Ok(Filter::All(vec![
            Filter::Any(vec![below, above]),
            comparable(&parts.1)?,
            comparable(&parts.2)?,
        ]))
    }

    fn comparison(
        &self,
        node: &Node,
        comparison: Comparison,
        operands: &(Node, Node),
        positive: bool,
    ) -> Compiled {
        self.leaf(node, comparison, &operands.0, &operands.1, positive)
    }

    fn leaf(
        &self,
        node: &Node,
        comparison: Comparison,
        left: &Node,
        right: &Node,
        positive: bool,
    ) -> Compiled {
        match (self.side(left)?, self.side(right)?) {
            (Side::Field(field, of), Side::Constant(value)) => {
                self.test(right, &field, of.as_ref(), comparison, &value, positive)
            }
            (Side::Constant(value), Side::Field(field, of)) => self.test(
                left,
                &field,
                of.as_ref(),
                mirrored(comparison),
                &value,
                positive,
            ),
            (Side::Field(..), Side::Field(..)) => Err(self.refuse(node, Why::TwoFields)),
            (Side::Constant(a), Side::Constant(b)) => {
                let holds =
                    crate::eval::compare::compare(comparison, &a, &b).as_bool() == Some(positive);
                Ok(if holds { Filter::TRUE } else { Filter::FALSE })
            }
        }
    }

    /// A field compared with a value, true where FEEL's comparison is true (or false).
    fn test(
        &self,
        at: &Node,
        field: &str,
        of: Option<&Type>,
        comparison: Comparison,
        value: &Value,
        positive: bool,
    ) -> Compiled {
        let comparison = if positive {
            comparison
        } else {
            opposite(comparison)
        };
        if value.is_null() {
            return Ok(match comparison {
                Comparison::Equal => Filter::equal(field, Operand::Null),
                Comparison::NotEqual => Filter::compare(field, Test::NotEqual, Operand::Null),
                _ => Filter::FALSE,
            });
        }
        if let Value::DateTime(_) = value {
            return self.moment(at, field, comparison, value);
        }
        let operand = self.operand(at, value)?;
        let plain = |test| Filter::compare(field, test, operand.clone());
        if matches!(operand, Operand::Boolean(_))
            && !matches!(comparison, Comparison::Equal | Comparison::NotEqual)
        {
            return Ok(Filter::FALSE);
        }
        Ok(match comparison {
            Comparison::Equal => plain(Test::Equal),
            Comparison::Less => plain(Test::Less),
            Comparison::LessOrEqual => plain(Test::LessOrEqual),
            Comparison::Greater => plain(Test::Greater),
            Comparison::GreaterOrEqual => plain(Test::GreaterOrEqual),
            // A value of another kind is not different in FEEL: it cannot be compared.
            Comparison::NotEqual if of.is_some_and(|of| *of == Type::of(value)) => {
                plain(Test::NotEqual)
            }
            Comparison::NotEqual => Filter::Any(vec![
                Filter::equal(field, Operand::Null),
                plain(Test::Less),
                plain(Test::Greater),
            ]),
        })
    }

    /// Moments are compared to the millisecond in FEEL: a value stands for the whole millisecond it is in.
    fn moment(&self, at: &Node, field: &str, comparison: Comparison, value: &Value) -> Compiled {
        let Value::DateTime(moment) = value else {
            return Err(self.refuse(at, Why::Value));
        };
        if moment.offset().is_none() {
            return Err(self.refuse(at, Why::Value));
        }
        let (seconds, nanos) = moment.epoch();
        let micros = seconds
            .checked_mul(1_000_000)
            .and_then(|micros| micros.checked_add(i64::from(nanos / 1_000_000) * 1000));
        // Four-digit years, as the database keeps them.
        let micros = micros
            .filter(|_| (1..=9999).contains(&moment.date().year()))
            .ok_or_else(|| self.refuse(at, Why::Value))?;
        let from = Operand::Moment(Moment::from_micros(micros));
        let to = Operand::Moment(Moment::from_micros(micros + 1000));
        let compare = |test, operand: &Operand| Filter::compare(field, test, operand.clone());
        Ok(match comparison {
            Comparison::Equal => Filter::All(vec![
                compare(Test::GreaterOrEqual, &from),
                compare(Test::Less, &to),
            ]),
            Comparison::NotEqual => Filter::Any(vec![
                Filter::equal(field, Operand::Null),
                compare(Test::Less, &from),
                compare(Test::GreaterOrEqual, &to),
            ]),
            Comparison::Less => compare(Test::Less, &from),
            Comparison::LessOrEqual => compare(Test::Less, &to),
            Comparison::Greater => compare(Test::GreaterOrEqual, &to),
            Comparison::GreaterOrEqual => compare(Test::GreaterOrEqual, &from),
        })
    }

    fn operand(&self, at: &Node, value: &Value) -> Result<Operand, NotCompilable> {
        let operand = match value {
            Value::Boolean(value) => Some(Operand::Boolean(*value)),
            Value::String(text) => Some(Operand::Text(text.to_string())),
            Value::Number(number) => {
                let decimal = number.to_string().parse::<Decimal>().ok();
                decimal
                    .filter(|decimal| decimal.to_string().parse() == Ok(*number))
                    .map(Operand::Number)
            }
            Value::Date(date) => (0..=9999)
                .contains(&date.year())
                .then(|| Operand::Date(date.to_string())),
            _ => None,
        };
        operand.ok_or_else(|| self.refuse(at, Why::Value))
    }

    fn membership(&self, operand: &Node, tests: &[ast::Test], positive: bool) -> Compiled {
        let (field, of) = match self.side(operand)? {
            Side::Field(field, of) => (field, of),
            Side::Constant(_) => return Err(self.refuse(operand, Why::Structure)),
        };
        let mut filters = Vec::with_capacity(tests.len());
        for test in tests {
            filters.push(match test {
                ast::Test::Any => {
                    if positive {
                        Filter::TRUE
                    } else {
                        Filter::FALSE
                    }
                }
                ast::Test::Not(inner) => self.membership(operand, inner, !positive)?,
                ast::Test::Compare(comparison, node) => match self.side(node)? {
                    Side::Constant(value) => {
                        self.test(node, &field, of.as_ref(), *comparison, &value, positive)?
                    }
                    Side::Field(..) => return Err(self.refuse(node, Why::TwoFields)),
                },
                ast::Test::Value {
                    node,
                    condition: true,
                } => return Err(self.refuse(node, Why::Structure)),
                ast::Test::Value { node, .. } => match self.side(node)? {
                    Side::Constant(value) => {
                        self.value_test(node, &field, of.as_ref(), &value, positive)?
                    }
                    Side::Field(..) => return Err(self.refuse(node, Why::TwoFields)),
                },
            });
        }
        Ok(if positive {
            any(filters)
        } else {
            Filter::All(filters)
        })
    }

    /// `field in value`: a range that holds it, a list with an equal item, or an equal value.
    fn value_test(
        &self,
        at: &Node,
        field: &str,
        of: Option<&Type>,
        value: &Value,
        positive: bool,
    ) -> Compiled {
        match value {
            // A range whose ends are of two kinds is none: nothing can be compared with it.
            Value::Null if matches!(at.kind, Kind::Range(_)) => Ok(Filter::FALSE),
            Value::Range(range) => self.range_test(at, field, of, range, positive),
            // Where the answer is `no`, a list of mixed items knows more than its items do.
            Value::List(items) if positive => {
                let tests = items.iter().map(|item| match item {
                    Value::Range(range) => self.range_test(at, field, of, range, true),
                    Value::List(_) | Value::Context(_) => Err(self.refuse(at, Why::Structure)),
                    item => self.test(at, field, of, Comparison::Equal, item, true),
                });
                Ok(any(tests.collect::<Result<Vec<_>, _>>()?))
            }
            Value::List(_) | Value::Context(_) | Value::Function(_) => {
                Err(self.refuse(at, Why::Structure))
            }
            single => self.test(at, field, of, Comparison::Equal, single, positive),
        }
    }

    fn range_test(
        &self,
        at: &Node,
        field: &str,
        of: Option<&Type>,
        range: &Range,
        positive: bool,
    ) -> Compiled {
        let lower = if range.start_included {
            Comparison::GreaterOrEqual
        } else {
            Comparison::Greater
        };
        let upper = if range.end_included {
            Comparison::LessOrEqual
        } else {
            Comparison::Less
        };
        let test =
            |comparison, value, positive| self.test(at, field, of, comparison, value, positive);
        match range.form {
            RangeForm::Exactly => test(Comparison::Equal, &range.start, positive),
            RangeForm::Other => test(Comparison::NotEqual, &range.start, positive),
            RangeForm::Below => test(upper, &range.end, positive),
            RangeForm::Above => test(lower, &range.start, positive),
            RangeForm::Interval if range.start.is_null() || range.end.is_null() => {
                Ok(Filter::FALSE)
            }
            RangeForm::Interval => {
                let ends = vec![
                    test(lower, &range.start, positive)?,
                    test(upper, &range.end, positive)?,
                ];
                // Both ends are of one kind, so that outside of one is comparable with the other.
                Ok(if positive {
                    Filter::All(ends)
                } else {
                    Filter::Any(ends)
                })
            }
        }
    }

    fn list_contains(&self, node: &Node, arguments: &[Node], positive: bool) -> Compiled {
        match (self.side(&arguments[0])?, self.side(&arguments[1])?) {
            (Side::Constant(Value::List(items)), Side::Field(field, of)) if positive => {
                let tests = items.iter().map(|item| {
                    self.test(
                        &arguments[0],
                        &field,
                        of.as_ref(),
                        Comparison::Equal,
                        item,
                        true,
                    )
                });
                Ok(any(tests.collect::<Result<Vec<_>, _>>()?))
            }
            // Here `no` is always known: what is of another kind is simply not in the list.
            (Side::Constant(Value::List(items)), Side::Field(field, _)) => {
                let values = items.iter().map(|item| match item {
                    Value::Null => Ok(Operand::Null),
                    item => self.operand(&arguments[0], item),
                });
                Ok(Filter::Not(Box::new(Filter::In {
                    field,
                    values: values.collect::<Result<Vec<_>, _>>()?,
                })))
            }
            (Side::Constant(_), Side::Constant(_)) => Err(self.refuse(node, Why::Structure)),
            _ => Err(self.refuse(node, Why::Structure)),
        }
    }

    /// A field, or a value worked out now.
    fn side(&self, node: &Node) -> Result<Side, NotCompilable> {
        if let Some(field) = field_name(node) {
            let root = field.split('.').next().unwrap_or_default();
            if self.scope.get(root).is_none() {
                let of = field_type(node, self.schema);
                return Ok(Side::Field(field, of));
            }
        }
        if ast::names(node)
            .iter()
            .any(|name| self.scope.get(name).is_none())
        {
            return Err(self.refuse(node, reason(node)));
        }
        let frame = Frame::root(Names::Scope(self.scope));
        match evaluate(node, &frame, &mut Machine::new(self.scope)) {
            Ok(value) => Ok(Side::Constant(value)),
            Err(_) => Err(self.refuse(node, Why::Limits)),
        }
    }
}

/// One part as it is, several as alternatives.
fn any(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last) => {
            filters.push(last);
            Filter::Any(filters)
        }
        None => Filter::FALSE,
    }
}

fn field_name(node: &Node) -> Option<String> {
    match &node.kind {
        Kind::Name(name) => Some(name.to_string()),
        Kind::Path(base, name) => Some(format!("{}.{name}", field_name(base)?)),
        _ => None,
    }
}

fn field_type(node: &Node, schema: &Schema) -> Option<Type> {
    match &node.kind {
        Kind::Name(name) => schema.get(name).cloned(),
        Kind::Path(base, name) => match field_type(base, schema)? {
            Type::Context(entries) => entries
                .iter()
                .find(|(own, _)| own == name)
                .map(|(_, of)| of.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn reason(node: &Node) -> Why {
    match &node.kind {
        Kind::Arithmetic(..) | Kind::Negate(_) => Why::Calculation,
        Kind::CallBuiltin(call)
            if matches!(
                call.builtin.name,
                "contains" | "starts with" | "ends with" | "matches"
            ) =>
        {
            Why::TextSearch
        }
        _ => Why::Structure,
    }
}

const fn mirrored(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

const fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}
