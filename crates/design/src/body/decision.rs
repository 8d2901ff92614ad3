use form::Words;
use kernel::{FieldProblem, Language};
use rules::dmn::Model;
use serde::{Deserialize, Serialize};

/// A decision: a DMN document, and which of its decisions is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionDefinition {
    pub key: String,
    pub name: Words,
    /// Name of the decision that is asked; absent: the only one that no other decision requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The document, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dmn: String,
}

impl DecisionDefinition {
    /// With a document that has one table and no rules.
    pub fn empty(key: String, name: Words) -> Self {
        let title = name.get(Language::Es);
        let title = if title.is_empty() { &key } else { title };
        let title = escaped(title);
        let dmn = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="Definitions_{key}" name="{title}" namespace="urn:engage:decision:{key}">
  <decision id="Decision_{key}" name="{title}">
    <variable name="{title}"/>
    <decisionTable id="Table_{key}" hitPolicy="UNIQUE">
      <input id="Input_1"><inputExpression><text>value</text></inputExpression></input>
      <output id="Output_1"/>
    </decisionTable>
  </decision>
</definitions>
"#
        );
        Self {
            key,
            name,
            decision: None,
            dmn,
        }
    }

    /// The model, ready. On error: why it cannot be read, each with its line.
    pub fn model(&self, language: Language) -> Result<Model, Vec<FieldProblem>> {
        Model::read(&self.dmn).map_err(|found| {
            let each = found.0.iter().map(|wrong| {
                let mut told = FieldProblem::new(format!("line {}", wrong.line), "bad_decision")
                    .with("line", wrong.line);
                told.sentence = wrong.sentence(feel(language));
                told
            });
            each.collect()
        })
    }

    /// Which decision is asked. `None`: there is none of that name, or several that could be meant.
    pub fn asked<'a>(&'a self, model: &'a Model) -> Option<&'a str> {
        match &self.decision {
            Some(name) => model.decisions().find(|known| known == name),
            None => match &*model.results() {
                [only] => Some(*only),
                _ => None,
            },
        }
    }

    /// What stands against publishing it, besides its key and name.
    pub(crate) fn problems(&self, language: Language) -> Vec<FieldProblem> {
        let model = match self.model(language) {
            Ok(model) => model,
            Err(found) => return found,
        };
        let each = model.problems().iter().map(|wrong| {
            let mut told =
                FieldProblem::new(&wrong.element, "bad_decision").with("line", wrong.line);
            told.sentence = wrong.sentence(feel(language));
            told
        });
        let mut problems: Vec<_> = each.collect();
        if self.asked(&model).is_none() {
            problems.push(match &self.decision {
                Some(name) => FieldProblem::new("decision", "unknown_decision").with("key", name),
                None => FieldProblem::new("decision", "which_decision"),
            });
        }
        problems
    }
}

/// The rules' own languages.
fn feel(language: Language) -> rules::Language {
    match language {
        Language::Es => rules::Language::Es,
        Language::En => rules::Language::En,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
