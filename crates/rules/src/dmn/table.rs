//! Decision tables: as they are edited and kept ([`DecisionTable`]), and as they are evaluated ([`Table`]).

use std::cmp::Ordering;
use std::sync::Arc;

use roxmltree::Node as Xml;
use serde::{Deserialize, Serialize};

use super::Constraint;
use super::cell::{Cell, CellProblem, Unread};
use super::xml::{child, child_text, children};
use crate::diagnostic::Fault;
use crate::eval::compare::order;
use crate::eval::{Frame, Machine, Names, Result, evaluate, tests_hold};
use crate::syntax::ast::{Kind, Node, Test};
use crate::syntax::{Known, normalize, parse_expression_inside, parse_unary_tests_inside};
use crate::types::{Schema, Type};
use crate::value::{Context, Name, Value};

/// What happens when several rules match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HitPolicy {
    /// At most one rule matches; more are an error (null).
    #[default]
    Unique,
    /// Several may match if they say the same.
    Any,
    /// The one whose outputs come first in the lists of output values.
    Priority,
    /// The first in the table.
    First,
    /// All, in the order of the table.
    RuleOrder,
    /// All, in the order of the output values.
    OutputOrder,
    /// All, or an aggregate of them.
    Collect,
}

/// What `Collect` makes of the outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregation {
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// A decision table as people write it: every cell is a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionTable {
    /// What happens when several rules match.
    #[serde(default)]
    pub hit_policy: HitPolicy,
    /// What `Collect` makes of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<Aggregation>,
    /// The columns that are tested.
    pub inputs: Vec<TableInput>,
    /// The columns that are given back.
    pub outputs: Vec<TableOutput>,
    /// The rows.
    pub rules: Vec<TableRule>,
}

/// A column that is tested.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableInput {
    /// What is tested: an expression.
    pub expression: String,
    /// Its type, where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// The values it may have, as tests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<String>,
}

/// A column that is given back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableOutput {
    /// Its name, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its type, where it is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// The values it may have, the first with the highest priority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<String>,
    /// What it is when no rule matches: an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRule {
    /// The tests, one for each input.
    pub inputs: Vec<String>,
    /// The expressions, one for each output.
    pub outputs: Vec<String>,
    /// Notes for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl DecisionTable {
    pub(super) fn from_xml(xml: Xml<'_, '_>) -> Self {
        let hit_policy = match xml.attribute("hitPolicy").unwrap_or("UNIQUE") {
            "ANY" => HitPolicy::Any,
            "PRIORITY" => HitPolicy::Priority,
            "FIRST" => HitPolicy::First,
            "RULE ORDER" => HitPolicy::RuleOrder,
            "OUTPUT ORDER" => HitPolicy::OutputOrder,
            "COLLECT" => HitPolicy::Collect,
            _ => HitPolicy::Unique,
        };
        let aggregation = match xml.attribute("aggregation") {
            Some("SUM") => Some(Aggregation::Sum),
            Some("COUNT") => Some(Aggregation::Count),
            Some("MIN") => Some(Aggregation::Min),
            Some("MAX") => Some(Aggregation::Max),
            _ => None,
        };
        let values = |node, tag| child(node, tag).and_then(|values| child_text(values, "text"));
        let inputs = children(xml, "input").map(|input| {
            let expression = child(input, "inputExpression");
            TableInput {
                expression: expression
                    .and_then(|expression| child_text(expression, "text"))
                    .unwrap_or_default(),
                type_name: expression
                    .and_then(|expression| expression.attribute("typeRef"))
                    .map(str::to_owned),
                values: values(input, "inputValues"),
            }
        });
        let outputs = children(xml, "output").map(|output| TableOutput {
            name: output.attribute("name").map(normalize),
            type_name: output.attribute("typeRef").map(str::to_owned),
            values: values(output, "outputValues"),
            default: values(output, "defaultOutputEntry"),
        });
        let cells = |rule, tag| {
            children(rule, tag)
                .map(|cell| child_text(cell, "text").unwrap_or_default())
                .collect()
        };
        let rules = children(xml, "rule").map(|rule| TableRule {
            inputs: cells(rule, "inputEntry"),
            outputs: cells(rule, "outputEntry"),
            notes: cells(rule, "annotationEntry"),
        });
        Self {
            hit_policy,
            aggregation,
            inputs: inputs.collect(),
            outputs: outputs.collect(),
            rules: rules.collect(),
        }
    }

    /// The table as something that can be evaluated where these variables exist.
    ///
    /// # Errors
    /// Every cell that cannot be read, with what is wrong in it.
    pub fn prepare(
        &self,
        schema: &Schema,
    ) -> std::result::Result<crate::Expression, Vec<CellProblem>> {
        let mut unread = Unread::default();
        let known = Known::from_schema(schema);
        let constraint = |reference: &str| {
            let named = schema
                .types
                .get(reference)
                .cloned()
                .or_else(|| Type::named(reference));
            Arc::new(Constraint::plain(named.unwrap_or_default()))
        };
        let table = prepare(self, &known, &[], &constraint, &mut unread);
        if unread.0.is_empty() {
            Ok(crate::Expression::from_root(
                "",
                Node {
                    kind: Kind::Table(Arc::new(table)),
                    start: 0,
                    end: 0,
                },
            ))
        } else {
            Err(unread.0)
        }
    }
}

/// A decision table, ready to be evaluated.
#[derive(Debug)]
pub(crate) struct Table {
    hit_policy: HitPolicy,
    aggregation: Option<Aggregation>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Input {
    expression: Node,
    constraint: Arc<Constraint>,
    values: Option<Node>,
}

#[derive(Debug)]
struct Output {
    name: Name,
    constraint: Arc<Constraint>,
    /// In the order of their priority.
    values: Option<Node>,
    default: Option<Node>,
}

#[derive(Debug)]
struct Rule {
    inputs: Vec<Node>,
    outputs: Vec<Node>,
}

/// Reads the cells; what cannot be read is null and noted.
pub(super) fn prepare(
    source: &DecisionTable,
    known: &Known,
    locals: &[Name],
    constraint: &dyn Fn(&str) -> Arc<Constraint>,
    unread: &mut Unread,
) -> Table {
    let null = || Node {
        kind: Kind::Literal(Value::Null),
        start: 0,
        end: 0,
    };
    let mut expression = |cell: Cell, text: &str| {
        let text = text.trim();
        if text.is_empty() || text == "-" {
            return null();
        }
        unread
            .take(cell, parse_expression_inside(text, known, locals, false))
            .unwrap_or_else(null)
    };
    let of =
        |reference: &Option<String>| reference.as_deref().map_or_else(Arc::default, constraint);
    let inputs: Vec<(Node, Arc<Constraint>)> = source
        .inputs
        .iter()
        .enumerate()
        .map(|(column, input)| {
            let place = Cell::Input { column };
            (expression(place, &input.expression), of(&input.type_name))
        })
        .collect();
    let defaults: Vec<Option<Node>> = source
        .outputs
        .iter()
        .enumerate()
        .map(|(column, output)| {
            let default = output.default.as_deref()?;
            Some(expression(Cell::Default { column }, default))
        })
        .collect();
    let outputs: Vec<Vec<Node>> = source
        .rules
        .iter()
        .enumerate()
        .map(|(rule, cells)| {
            let cells = cells.outputs.iter().enumerate();
            cells
                .map(|(column, text)| expression(Cell::Output { rule, column }, text))
                .collect()
        })
        .collect();
    let mut tests = |cell: Cell, text: &str| {
        let text = text.trim();
        let any = Node {
            kind: Kind::Tests(vec![Test::Any]),
            start: 0,
            end: 0,
        };
        if text.is_empty() {
            return any;
        }
        // A test that cannot be read matches nothing.
        let never = Node {
            kind: Kind::Tests(Vec::new()),
            start: 0,
            end: 0,
        };
        unread
            .take(cell, parse_unary_tests_inside(text, known, locals))
            .unwrap_or(never)
    };
    let inputs = inputs.into_iter().zip(&source.inputs).enumerate().map(
        |(column, ((expression, constraint), input))| Input {
            expression,
            constraint,
            values: input
                .values
                .as_deref()
                .map(|values| tests(Cell::InputValues { column }, values)),
        },
    );
    let inputs = inputs.collect();
    let output_columns =
        defaults
            .into_iter()
            .zip(&source.outputs)
            .enumerate()
            .map(|(column, (default, output))| Output {
                name: output.name.as_deref().unwrap_or_default().into(),
                constraint: of(&output.type_name),
                values: output
                    .values
                    .as_deref()
                    .map(|values| tests(Cell::OutputValues { column }, values)),
                default,
            });
    let output_columns = output_columns.collect();
    let rules =
        outputs
            .into_iter()
            .zip(&source.rules)
            .enumerate()
            .map(|(rule, (outputs, cells))| {
                let cells = cells.inputs.iter().enumerate();
                let inputs = cells.map(|(column, text)| tests(Cell::Test { rule, column }, text));
                Rule {
                    inputs: inputs.collect(),
                    outputs,
                }
            });
    Table {
        hit_policy: source.hit_policy,
        aggregation: source.aggregation,
        inputs,
        outputs: output_columns,
        rules: rules.collect(),
    }
}

impl Table {
    pub(crate) fn for_each_node<'a>(&'a self, each: &mut dyn FnMut(&'a Node)) {
        for input in &self.inputs {
            each(&input.expression);
            input.values.iter().for_each(&mut *each);
        }
        for output in &self.outputs {
            output.default.iter().for_each(&mut *each);
        }
        for rule in &self.rules {
            rule.inputs.iter().chain(&rule.outputs).for_each(&mut *each);
        }
    }

    pub(crate) fn evaluate(&self, frame: &Frame<'_>, machine: &mut Machine) -> Result {
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            let value = evaluate(&input.expression, frame, machine)?;
            let value = input.constraint.apply(value, machine)?;
            // A value outside of those that the column is made for has no rule.
            if let Some(Node {
                kind: Kind::Tests(tests),
                ..
            }) = &input.values
                && !value.is_null()
                && !allowed(tests, &value, frame, machine)?
            {
                return Ok(Value::Null);
            }
            inputs.push(value);
        }
        let single = matches!(self.hit_policy, HitPolicy::First);
        let mut matches = Vec::new();
        for rule in &self.rules {
            if rule_matches(rule, &inputs, frame, machine)? {
                matches.push(rule);
                if single {
                    break;
                }
            }
        }
        if matches.is_empty() {
            return self.default(frame, machine);
        }
        self.result(&matches, frame, machine)
    }

    fn result(&self, matches: &[&Rule], frame: &Frame<'_>, machine: &mut Machine) -> Result {
        match self.hit_policy {
            HitPolicy::Unique if matches.len() > 1 => contradicted(machine),
            HitPolicy::Unique | HitPolicy::First => {
                let row = self.row(matches[0], frame, machine)?;
                self.output(row, machine)
            }
            HitPolicy::Any => {
                let row = self.row(matches[0], frame, machine)?;
                let first = self.output(row, machine)?;
                for rule in &matches[1..] {
                    let row = self.row(rule, frame, machine)?;
                    let other = self.output(row, machine)?;
                    if machine.equal(&first, &other)? != Some(true) {
                        return contradicted(machine);
                    }
                }
                Ok(first)
            }
            HitPolicy::Priority | HitPolicy::OutputOrder => {
                let mut rows = Vec::with_capacity(matches.len());
                for rule in matches {
                    let row = self.row(rule, frame, machine)?;
                    rows.push((self.priority(&row, frame, machine)?, row));
                }
                // A stable sort: rows of one priority stay in the order of the table.
                rows.sort_by(|(a, _), (b, _)| a.cmp(b));
                let mut rows = rows.into_iter().map(|(_, row)| row);
                if self.hit_policy == HitPolicy::Priority {
                    let first = rows.next().unwrap_or_default();
                    return self.output(first, machine);
                }
                let outputs = rows
                    .map(|row| self.output(row, machine))
                    .collect::<Result<Vec<_>>>()?;
                machine.list(outputs)
            }
            HitPolicy::RuleOrder | HitPolicy::Collect => {
                let mut outputs = Vec::with_capacity(matches.len());
                for rule in matches {
                    let row = self.row(rule, frame, machine)?;
                    outputs.push(self.output(row, machine)?);
                }
                match self
                    .aggregation
                    .filter(|_| self.hit_policy == HitPolicy::Collect)
                {
                    None => machine.list(outputs),
                    Some(aggregation) => Ok(aggregate(aggregation, &outputs).unwrap_or_default()),
                }
            }
        }
    }

    fn row(&self, rule: &Rule, frame: &Frame<'_>, machine: &mut Machine) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(rule.outputs.len());
        for (node, output) in rule.outputs.iter().zip(&self.outputs) {
            let value = evaluate(node, frame, machine)?;
            values.push(output.constraint.apply(value, machine)?);
        }
        Ok(values)
    }

    fn output(&self, mut row: Vec<Value>, machine: &mut Machine) -> Result {
        if self.outputs.len() == 1 {
            return Ok(row.pop().unwrap_or_default());
        }
        let entries = self
            .outputs
            .iter()
            .zip(row)
            .map(|(output, value)| (Name::clone(&output.name), value));
        machine.context(entries.collect::<Context>())
    }

    /// The place of each output in its column's list of values; one that is not listed comes last.
    fn priority(
        &self,
        row: &[Value],
        frame: &Frame<'_>,
        machine: &mut Machine,
    ) -> Result<Vec<usize>> {
        let mut places = Vec::with_capacity(row.len());
        for (value, output) in row.iter().zip(&self.outputs) {
            let Some(Node {
                kind: Kind::Tests(tests),
                ..
            }) = &output.values
            else {
                continue;
            };
            let mut place = tests.len();
            for (index, test) in tests.iter().enumerate() {
                if tests_hold(std::slice::from_ref(test), value, frame, machine)? == Some(true) {
                    place = index;
                    break;
                }
            }
            places.push(place);
        }
        Ok(places)
    }

    fn default(&self, frame: &Frame<'_>, machine: &mut Machine) -> Result {
        if self.outputs.iter().all(|output| output.default.is_none()) {
            return Ok(match (self.hit_policy, self.aggregation) {
                (HitPolicy::Collect, Some(Aggregation::Count)) => Value::from(0),
                (HitPolicy::Collect, None) | (HitPolicy::RuleOrder | HitPolicy::OutputOrder, _) => {
                    machine.list(Vec::new())?
                }
                _ => Value::Null,
            });
        }
        let mut row = Vec::with_capacity(self.outputs.len());
        for output in &self.outputs {
            let value = match &output.default {
                Some(node) => evaluate(node, frame, machine)?,
                None => Value::Null,
            };
            row.push(output.constraint.apply(value, machine)?);
        }
        self.output(row, machine)
    }
}

fn allowed(
    tests: &[Test],
    value: &Value,
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result<bool> {
    let frame = Frame::inside(frame, Names::One("?", value));
    if tests_hold(tests, value, &frame, machine)? != Some(false) {
        return Ok(true);
    }
    // Of a list, every item must be allowed.
    let Value::List(items) = value else {
        return Ok(false);
    };
    for item in items.iter() {
        let frame = Frame::inside(&frame, Names::One("?", item));
        if tests_hold(tests, item, &frame, machine)? == Some(false) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn rule_matches(
    rule: &Rule,
    inputs: &[Value],
    frame: &Frame<'_>,
    machine: &mut Machine,
) -> Result<bool> {
    for (cell, input) in rule.inputs.iter().zip(inputs) {
        let Kind::Tests(tests) = &cell.kind else {
            return Ok(false);
        };
        machine.spend(1)?;
        if !matches!(tests.as_slice(), [Test::Any])
            && tests_hold(
                tests,
                input,
                &Frame::inside(frame, Names::One("?", input)),
                machine,
            )? != Some(true)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn aggregate(aggregation: Aggregation, outputs: &[Value]) -> Option<Value> {
    let extreme = |wanted: Ordering| {
        let mut best = outputs.first()?;
        for value in &outputs[1..] {
            if order(value, best)? == wanted {
                best = value;
            }
        }
        Some(best.clone())
    };
    match aggregation {
        Aggregation::Count => Some(Value::Number(outputs.len().into())),
        Aggregation::Min => extreme(Ordering::Less),
        Aggregation::Max => extreme(Ordering::Greater),
        Aggregation::Sum => {
            let mut sum = outputs.first()?.clone();
            for value in &outputs[1..] {
                sum =
                    crate::eval::arithmetic::apply(crate::syntax::ast::Operator::Add, &sum, value)?;
            }
            Some(sum)
        }
    }
}

/// More rules hold than the hit policy allows: null (DMN 1.5, 8.2.10), or a fault for whoever must not mistake it for an
/// answer.
fn contradicted(machine: &Machine) -> Result {
    if machine.strict {
        Err(Fault::HitPolicy)
    } else {
        Ok(Value::Null)
    }
}
