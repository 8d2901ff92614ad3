//! Where in a decision table something is wrong.

use roxmltree::Node as Xml;
use serde::{Deserialize, Serialize};

use super::xml::{child, children};
use crate::diagnostic::{Diagnostic, Diagnostics, Language};

/// A text of a decision table. Columns and rules count from 0; the sentences count from 1, as people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Cell {
    /// What a column tests.
    Input {
        /// Which input.
        column: usize,
    },
    /// The values that an input may have.
    InputValues {
        /// Which input.
        column: usize,
    },
    /// The values that an output may have.
    OutputValues {
        /// Which output.
        column: usize,
    },
    /// What an output is where no rule matches.
    Default {
        /// Which output.
        column: usize,
    },
    /// The test of a rule for an input.
    Test {
        /// Which rule.
        rule: usize,
        /// Which input.
        column: usize,
    },
    /// What a rule gives for an output.
    Output {
        /// Which rule.
        rule: usize,
        /// Which output.
        column: usize,
    },
}

/// A cell that cannot be read, and what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellProblem {
    /// Which one.
    pub cell: Cell,
    /// What is wrong, with the place in the cell's own text.
    pub diagnostic: Diagnostic,
}

impl CellProblem {
    /// The problem as a sentence for people, with the cell before it.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let place = self.cell.words(language);
        format!("{place}: {}", self.diagnostic.sentence(language))
    }
}

impl Cell {
    /// The cell in words: «Regla 3, entrada 2».
    #[must_use]
    pub fn words(self, language: Language) -> String {
        let spanish = language == Language::Es;
        match self {
            Self::Input { column } if spanish => format!("Entrada {}", column + 1),
            Self::Input { column } => format!("Input {}", column + 1),
            Self::InputValues { column } if spanish => {
                format!("Valores de la entrada {}", column + 1)
            }
            Self::InputValues { column } => format!("Values of input {}", column + 1),
            Self::OutputValues { column } if spanish => {
                format!("Valores de la salida {}", column + 1)
            }
            Self::OutputValues { column } => format!("Values of output {}", column + 1),
            Self::Default { column } if spanish => {
                format!("Valor por defecto de la salida {}", column + 1)
            }
            Self::Default { column } => format!("Default of output {}", column + 1),
            Self::Test { rule, column } if spanish => {
                format!("Regla {}, entrada {}", rule + 1, column + 1)
            }
            Self::Test { rule, column } => format!("Rule {}, input {}", rule + 1, column + 1),
            Self::Output { rule, column } if spanish => {
                format!("Regla {}, salida {}", rule + 1, column + 1)
            }
            Self::Output { rule, column } => format!("Rule {}, output {}", rule + 1, column + 1),
        }
    }

    /// The element of the document that holds the cell's text.
    pub(super) fn find<'a, 'i>(self, table: Xml<'a, 'i>) -> Option<Xml<'a, 'i>> {
        let column_of = |tag, column, part| {
            children(table, tag)
                .nth(column)
                .and_then(|node| child(node, part))
        };
        match self {
            Self::Input { column } => column_of("input", column, "inputExpression"),
            Self::InputValues { column } => column_of("input", column, "inputValues"),
            Self::OutputValues { column } => column_of("output", column, "outputValues"),
            Self::Default { column } => column_of("output", column, "defaultOutputEntry"),
            Self::Test { rule, column } => children(table, "rule")
                .nth(rule)
                .and_then(|rule| children(rule, "inputEntry").nth(column)),
            Self::Output { rule, column } => children(table, "rule")
                .nth(rule)
                .and_then(|rule| children(rule, "outputEntry").nth(column)),
        }
    }
}

/// Problems in texts that do not stop the reading.
#[derive(Default)]
pub(super) struct Unread(pub(super) Vec<CellProblem>);

impl Unread {
    pub(super) fn take<T>(&mut self, cell: Cell, result: Result<T, Diagnostics>) -> Option<T> {
        let note = |diagnostic| CellProblem { cell, diagnostic };
        result
            .map_err(|found| self.0.extend(found.0.into_iter().map(note)))
            .ok()
    }
}
