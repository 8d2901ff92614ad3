//! DMN 1.5 models: decisions, business knowledge models, decision services, item definitions, imports.
//!
//! Reading ([`Model::read`]) turns every boxed expression into the same tree that FEEL texts become, so that there is one
//! evaluator. An expression that cannot be read does not spoil the model: it is null, and listed in [`Model::problems`].

mod boxed;
mod cell;
mod graph;
mod items;
mod read;
mod table;
mod xml;

use std::sync::Arc;

use roxmltree::Node as Xml;

use crate::diagnostic::{Diagnostic, Diagnostics, Fault, Language};
use crate::eval::Machine;
use crate::scope::Scope;
use crate::types::{Schema, Type};
use crate::value::Value;

pub use cell::{Cell, CellProblem};
pub(crate) use items::Constraint;
pub(crate) use table::Table;
pub use table::{Aggregation, DecisionTable, HitPolicy, TableInput, TableOutput, TableRule};

/// A DMN model, read and ready. Cheap to clone.
#[derive(Clone)]
pub struct Model(Arc<graph::Graph>);

/// An expression of a model that cannot be read, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The name of the decision, knowledge model or item definition.
    pub element: String,
    /// The cell, where it stands in a decision table.
    pub cell: Option<Cell>,
    /// The line of the document, from 1.
    pub line: u32,
    /// What is wrong, with the place in the expression's own text.
    pub diagnostic: Diagnostic,
}

impl Problem {
    /// The problems of a text that stands in this element of a document.
    fn all(element: &str, holder: Option<Xml<'_, '_>>, found: Diagnostics) -> Vec<Self> {
        let first = holder.map_or(1, xml::text_line);
        let problem = |diagnostic: Diagnostic| Self {
            element: element.to_owned(),
            cell: None,
            line: first + diagnostic.line - 1,
            diagnostic,
        };
        found.0.into_iter().map(problem).collect()
    }

    /// The problem as a sentence for people: the line of the document, whose expression it is, the cell, and what is wrong.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let cell = self.cell.map(|cell| cell.words(language).to_lowercase());
        let cell = cell.map_or_else(String::new, |cell| format!(", {cell}"));
        let (line, element) = (self.line, &self.element);
        let wrong = self.diagnostic.sentence(language);
        match language {
            Language::Es => format!("Línea {line}, «{element}»{cell}: {wrong}"),
            Language::En => format!("Line {line}, “{element}”{cell}: {wrong}"),
        }
    }
}

impl Model {
    /// Reads a model that imports nothing.
    ///
    /// # Errors
    /// When the text is not XML, not DMN, or refers to what does not exist.
    pub fn read(xml: &str) -> Result<Self, Diagnostics> {
        Self::read_all(&[xml])
    }

    /// Reads a model, the first, with the ones that it imports.
    ///
    /// # Errors
    /// When a text is not XML, not DMN, or refers to what does not exist.
    pub fn read_all(xmls: &[&str]) -> Result<Self, Diagnostics> {
        read::read(xmls).map(|graph| Self(Arc::new(graph)))
    }

    /// Reads a decision table from the model's XML as a table that can be edited and analysed: the first one of the decision
    /// or knowledge model of that name.
    ///
    /// # Errors
    /// When the text is not XML or not DMN.
    pub fn tables(xml: &str) -> Result<Vec<(String, DecisionTable)>, Diagnostics> {
        read::tables(xml)
    }

    /// The name of the model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The expressions that cannot be read.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The names of the model's decisions.
    pub fn decisions(&self) -> impl Iterator<Item = &str> {
        self.0.names(graph::Sort::Decision)
    }

    /// The decisions that no other decision requires: what the model is for.
    #[must_use]
    pub fn results(&self) -> Vec<&str> {
        self.0.results()
    }

    /// The names of the model's decision services.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.0.names(graph::Sort::Service)
    }

    /// The model's input data, with their types.
    #[must_use]
    pub fn inputs(&self) -> Schema {
        let mut schema = Schema::new();
        for (name, of) in self.0.inputs() {
            schema.add(name, of);
        }
        schema
    }

    /// The type that a decision's result is declared to be of.
    #[must_use]
    pub fn result_type(&self, decision: &str) -> Option<Type> {
        self.0.result_type(decision)
    }

    /// The value of a decision for the given input data.
    ///
    /// # Errors
    /// [`Fault::UnknownElement`] when there is no such decision; another one when it would take more than the limits.
    pub fn evaluate_decision(&self, name: &str, inputs: &Scope) -> Result<Value, Fault> {
        self.0
            .evaluate_decision(name, inputs, &mut Machine::new(inputs))
    }

    /// The same for whoever acts on it: a table that contradicts itself is a fault, and no null.
    ///
    /// # Errors
    /// As [`Model::evaluate_decision`], and [`Fault::HitPolicy`].
    pub fn ask(&self, name: &str, inputs: &Scope) -> Result<Value, Fault> {
        let mut machine = Machine::new(inputs);
        machine.strict = true;
        self.0.evaluate_decision(name, inputs, &mut machine)
    }

    /// The result of a decision service for the given input data and input decisions: the value of its output decision, or a
    /// context of them where there are several.
    ///
    /// # Errors
    /// [`Fault::UnknownElement`] when there is no such service; another one when it would take more than the limits.
    pub fn evaluate_service(&self, name: &str, inputs: &Scope) -> Result<Value, Fault> {
        self.0
            .evaluate_service(name, inputs, &mut Machine::new(inputs))
    }

    /// The result of a business knowledge model for arguments by parameter name.
    ///
    /// # Errors
    /// [`Fault::UnknownElement`] when there is no such knowledge model; another one when it would take more than the limits.
    pub fn evaluate_knowledge(&self, name: &str, arguments: &Scope) -> Result<Value, Fault> {
        graph::evaluate_knowledge(&self.0, name, arguments, &mut Machine::new(arguments))
    }
}
