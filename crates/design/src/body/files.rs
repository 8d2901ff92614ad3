//! The readable text form: what a difference compares, a hash covers and a solution bundle holds.
//!
//! | kind | files |
//! |---|---|
//! | calendar | `calendars/KEY.json` |
//! | customer type | `customer-types/KEY.json` |
//! | decision | `decisions/KEY/decision.json`, `decisions/KEY/decision.dmn` |
//! | form | `forms/KEY.json` |
//! | process | `processes/KEY/process.json`, `processes/KEY/process.bpmn`, `processes/KEY/forms/FORM.json` |

use std::collections::BTreeMap;

use form::Form;
use kernel::{Error, FieldProblem, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Body, DecisionDefinition, Kind, ProcessDefinition};

impl Body {
    /// Its files, by path, in the order in which one reads them.
    pub fn files(&self) -> Result<Vec<(String, String)>> {
        let key = self.key();
        Ok(match self {
            Self::Calendar(body) => vec![(format!("calendars/{key}.json"), pretty(body)?)],
            Self::CustomerType(body) => vec![(format!("customer-types/{key}.json"), pretty(body)?)],
            Self::Decision(body) => {
                let head = DecisionDefinition {
                    dmn: String::new(),
                    ..body.clone()
                };
                let folder = format!("decisions/{key}");
                vec![
                    (format!("{folder}/decision.json"), pretty(&head)?),
                    (format!("{folder}/decision.dmn"), body.dmn.clone()),
                ]
            }
            Self::Form(body) => vec![(format!("forms/{key}.json"), pretty(body)?)],
            Self::Process(body) => {
                let head = ProcessDefinition {
                    forms: Vec::new(),
                    bpmn: String::new(),
                    ..body.clone()
                };
                let folder = format!("processes/{key}");
                let mut files = vec![
                    (format!("{folder}/process.json"), pretty(&head)?),
                    (format!("{folder}/process.bpmn"), body.bpmn.clone()),
                ];
                for form in &body.forms {
                    files.push((format!("{folder}/forms/{}.json", form.key), pretty(form)?));
                }
                files
            }
        })
    }
}

/// Which definition a file of a bundle belongs to; `None` where it belongs to none.
pub fn place(path: &str) -> Option<(Kind, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    let json = |name: &str| name.strip_suffix(".json").map(str::to_owned);
    match parts.as_slice() {
        ["calendars", name] => Some((Kind::Calendar, json(name)?)),
        ["customer-types", name] => Some((Kind::CustomerType, json(name)?)),
        ["decisions", key, "decision.json" | "decision.dmn"] => {
            Some((Kind::Decision, (*key).to_owned()))
        }
        ["forms", name] => Some((Kind::Form, json(name)?)),
        ["processes", key, "process.json" | "process.bpmn"] => {
            Some((Kind::Process, (*key).to_owned()))
        }
        ["processes", key, "forms", name] => {
            json(name)?;
            Some((Kind::Process, (*key).to_owned()))
        }
        _ => None,
    }
}

/// A definition out of its files. The problem names the file.
pub fn from_files(
    kind: Kind,
    key: &str,
    files: &BTreeMap<String, String>,
) -> Result<Body, FieldProblem> {
    let body = match kind {
        Kind::Calendar => Body::Calendar(parsed(files, &format!("calendars/{key}.json"))?),
        Kind::CustomerType => {
            Body::CustomerType(parsed(files, &format!("customer-types/{key}.json"))?)
        }
        Kind::Decision => {
            let folder = format!("decisions/{key}");
            let mut body: DecisionDefinition = parsed(files, &format!("{folder}/decision.json"))?;
            text(files, &format!("{folder}/decision.dmn"))?.clone_into(&mut body.dmn);
            Body::Decision(body)
        }
        Kind::Form => Body::Form(parsed(files, &format!("forms/{key}.json"))?),
        Kind::Process => {
            let folder = format!("processes/{key}");
            let mut body: ProcessDefinition = parsed(files, &format!("{folder}/process.json"))?;
            text(files, &format!("{folder}/process.bpmn"))?.clone_into(&mut body.bpmn);
            let own = format!("{folder}/forms/");
            let forms = files
                .range(own.clone()..)
                .take_while(|(path, _)| path.starts_with(&own));
            for (path, _) in forms {
                let form: Form = parsed(files, path)?;
                if *path != format!("{own}{}.json", form.key) {
                    return Err(other_key(path, &form.key));
                }
                body.forms.push(form);
            }
            Body::Process(body)
        }
    };
    if body.key() == key {
        Ok(body)
    } else {
        Err(other_key(key, body.key()))
    }
}

fn other_key(path: &str, key: &str) -> FieldProblem {
    FieldProblem::new(path, "file_of_another_key").with("key", key)
}

fn text<'a>(files: &'a BTreeMap<String, String>, path: &str) -> Result<&'a str, FieldProblem> {
    let found = files.get(path).map(String::as_str);
    found.ok_or_else(|| FieldProblem::new(path, "missing_file"))
}

fn parsed<T: DeserializeOwned>(
    files: &BTreeMap<String, String>,
    path: &str,
) -> Result<T, FieldProblem> {
    serde_json::from_str(text(files, path)?)
        .map_err(|error| FieldProblem::new(path, "unreadable_body").with("reason", error))
}

fn pretty(value: &impl Serialize) -> Result<String> {
    let mut text = serde_json::to_string_pretty(value).map_err(Error::internal)?;
    text.push('\n');
    Ok(text)
}
