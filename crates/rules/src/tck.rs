//! Runs the DMN TCK's cases: folders of models with test files. Only built with the feature `conformance`, because it reads
//! files and looks at a clock, which nothing else here does.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use roxmltree::{Document, Node as Xml};

use crate::dmn::Model;
use crate::number::Number;
use crate::scope::{Limits, Scope};
use crate::temporal::{self, Date, DateTime, Time};
use crate::types::Type;
use crate::value::{Context, Value};

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Per level and folder, in order.
    pub folders: Vec<Folder>,
    /// Every case that failed.
    pub failures: Vec<Failure>,
    /// Every case that was skipped, with the reason.
    pub skips: Vec<(String, &'static str)>,
    /// Time spent evaluating, without reading models and cases.
    pub evaluating: Duration,
    /// Time of the whole run.
    pub whole: Duration,
}

/// One folder's counts of cases.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// `compliance-level-3/0068-feel-equality`
    pub name: String,
    /// Cases whose result nodes are all as expected.
    pub passed: usize,
    /// Cases with one that is not.
    pub failed: usize,
    /// Cases left out by name.
    pub skipped: usize,
}

/// A case that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// `folder/case`
    pub case: String,
    /// The decision or service.
    pub node: String,
    /// What the test file expects.
    pub expected: String,
    /// What came out.
    pub found: String,
}

impl Report {
    /// Cases that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.folders.iter().map(|folder| folder.passed).sum()
    }

    /// Cases that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.folders.iter().map(|folder| folder.failed).sum()
    }

    /// Cases left out.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.folders.iter().map(|folder| folder.skipped).sum()
    }

    /// Mean evaluation time of a case, in nanoseconds.
    #[must_use]
    pub fn mean_nanos(&self) -> u128 {
        let cases = (self.passed() + self.failed()).max(1) as u128;
        self.evaluating.as_nanos() / cases
    }
}

/// Folders left out, by the end of their name, and why. Nothing else is.
const SKIPPED: &[(&str, &str)] = &[(
    "0076-feel-external-java",
    "calls Java classes: a rule must not reach outside, and there is no Java virtual machine here",
)];

/// Runs every case below a directory: each folder with a `*-test-*.xml` beside its models.
///
/// # Errors
/// When a file cannot be read. A model that cannot be read fails its cases.
pub fn run(directory: &Path) -> io::Result<Report> {
    let started = Instant::now();
    let mut folders = Vec::new();
    find_folders(directory, &mut folders)?;
    folders.sort();
    let mut report = Report::default();
    for path in folders {
        let name = path
            .strip_prefix(directory)
            .unwrap_or(&path)
            .to_string_lossy()
            .replace('\\', "/");
        run_folder(&path, &name, &mut report)?;
    }
    report.whole = started.elapsed();
    Ok(report)
}

fn files(directory: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|own| own == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn find_folders(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if !files(directory, "dmn")?.is_empty() {
        found.push(directory.to_owned());
    }
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find_folders(&path, found)?;
        }
    }
    Ok(())
}

fn run_folder(path: &Path, name: &str, report: &mut Report) -> io::Result<()> {
    let mut folder = Folder {
        name: name.to_owned(),
        ..Folder::default()
    };
    let mut models = BTreeMap::new();
    for file in files(path, "dmn")? {
        let file_name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        models.insert(file_name, fs::read_to_string(&file)?);
    }
    for file in files(path, "xml")? {
        let text = fs::read_to_string(&file)?;
        let Ok(document) = Document::parse(&text) else {
            report.failures.push(Failure {
                case: format!("{name}/{}", file.display()),
                node: String::new(),
                expected: "a test file".into(),
                found: "no XML".into(),
            });
            folder.failed += 1;
            continue;
        };
        run_file(document.root_element(), &models, &mut folder, report);
    }
    report.folders.push(folder);
    Ok(())
}

fn elements<'a, 'i>(node: Xml<'a, 'i>, name: &'static str) -> impl Iterator<Item = Xml<'a, 'i>> {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn element<'a, 'i>(node: Xml<'a, 'i>, name: &'static str) -> Option<Xml<'a, 'i>> {
    elements(node, name).next()
}

fn run_file(
    root: Xml<'_, '_>,
    models: &BTreeMap<String, String>,
    folder: &mut Folder,
    report: &mut Report,
) {
    let main = element(root, "modelName")
        .and_then(|name| name.text())
        .unwrap_or_default()
        .trim()
        .to_owned();
    // The model under test first, then whatever it may import.
    let mut texts: Vec<&str> = models.get(&main).map(String::as_str).into_iter().collect();
    texts.extend(
        models
            .iter()
            .filter(|(name, _)| **name != main)
            .map(|(_, text)| text.as_str()),
    );
    let model = Model::read_all(&texts);
    let skip = SKIPPED
        .iter()
        .find(|(skipped, _)| folder.name.ends_with(skipped));
    for case in elements(root, "testCase") {
        let id = case.attribute("id").unwrap_or_default();
        if let Some((_, reason)) = skip {
            folder.skipped += 1;
            report.skips.push((format!("{}/{id}", folder.name), reason));
            continue;
        }
        let failures = match &model {
            Ok(model) => run_case(model, case, &mut report.evaluating),
            Err(problems) => vec![(String::new(), "a model".to_owned(), problems.to_string())],
        };
        if failures.is_empty() {
            folder.passed += 1;
        } else {
            folder.failed += 1;
        }
        for (node, expected, found) in failures {
            report.failures.push(Failure {
                case: format!("{}/{id}", folder.name),
                node,
                expected,
                found,
            });
        }
    }
}

fn run_case(
    model: &Model,
    case: Xml<'_, '_>,
    evaluating: &mut Duration,
) -> Vec<(String, String, String)> {
    let mut inputs = Context::new();
    let types = model.inputs();
    for input in elements(case, "inputNode") {
        let name = input.attribute("name").unwrap_or_default();
        let of = types.get(name).cloned().unwrap_or_default();
        inputs.insert(name, of.read_untyped(value(input)));
    }
    let now = DateTime::parse("2026-11-21T12:00:00Z");
    let mut scope = Scope::new().with_layer(inputs).with_limits(Limits::batch());
    if let Some(now) = now {
        scope = scope.at(now);
    }
    let mut failures = Vec::new();
    for result in elements(case, "resultNode") {
        let node = result.attribute("name").unwrap_or_default();
        let kind = result
            .attribute("type")
            .or_else(|| case.attribute("type"))
            .unwrap_or("decision");
        let invocable = case.attribute("invocableName").unwrap_or(node);
        let started = Instant::now();
        let outcome = match kind {
            "decisionService" => model.evaluate_service(invocable, &scope),
            "bkm" => model.evaluate_knowledge(invocable, &scope),
            _ => model.evaluate_decision(node, &scope),
        };
        *evaluating += started.elapsed();
        let expected = element(result, "expected").map_or(Value::Null, value);
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(fault) => {
                failures.push((node.to_owned(), format!("{expected:?}"), fault.to_string()));
                continue;
            }
        };
        // A service with several outputs gives a context; a result node names one of them.
        let found = match &outcome {
            Value::Context(context) if kind == "decisionService" && !alike(&outcome, &expected) => {
                context.get(node).cloned().unwrap_or(outcome)
            }
            _ => outcome,
        };
        if !alike(&found, &expected) {
            failures.push((
                node.to_owned(),
                format!("{expected:?}"),
                format!("{found:?}"),
            ));
        }
    }
    failures
}

/// The value that a node of the test file writes.
fn value(node: Xml<'_, '_>) -> Value {
    if let Some(list) = element(node, "list") {
        return if is_nil(list) {
            Value::Null
        } else {
            Value::List(elements(list, "item").map(value).collect())
        };
    }
    if let Some(simple) = element(node, "value") {
        return simple_value(simple);
    }
    let mut components = elements(node, "component").peekable();
    if components.peek().is_none() {
        return Value::Null;
    }
    Value::Context(
        components
            .map(|component| {
                (
                    component.attribute("name").unwrap_or_default(),
                    value(component),
                )
            })
            .collect(),
    )
}

fn is_nil(node: Xml<'_, '_>) -> bool {
    node.attributes()
        .any(|attribute| attribute.name() == "nil" && attribute.value() == "true")
}

fn simple_value(node: Xml<'_, '_>) -> Value {
    if is_nil(node) {
        return Value::Null;
    }
    let text: String = node
        .descendants()
        .filter(Xml::is_text)
        .filter_map(|piece| piece.text())
        .collect();
    let declared = node
        .attributes()
        .find(|attribute| attribute.name() == "type")
        .map(|attribute| attribute.value());
    let trimmed = text.trim();
    let read = match declared.map(|name| name.rsplit(':').next().unwrap_or(name)) {
        Some("decimal" | "double" | "integer" | "int" | "long" | "float") => {
            trimmed.parse::<Number>().ok().map(Value::Number)
        }
        Some("boolean") => trimmed.parse().ok().map(Value::Boolean),
        Some("date") => Date::parse(trimmed).map(Value::Date),
        Some("time") => Time::parse(trimmed).map(Value::Time),
        Some("dateTime") => DateTime::parse(trimmed).map(Value::DateTime),
        Some("duration" | "dayTimeDuration" | "yearMonthDuration") => temporal::duration(trimmed)
            .map(|duration| match duration {
                Ok(days) => Value::DaysTimeDuration(days),
                Err(months) => Value::YearsMonthsDuration(months),
            }),
        _ => None,
    };
    read.unwrap_or_else(|| Value::from(text))
}

impl Type {
    /// What a test file gives without saying its type, read as the declared one.
    fn read_untyped(&self, value: Value) -> Value {
        match (self, &value) {
            (Self::Any | Self::String, _) => value,
            (_, Value::String(_) | Value::Context(_) | Value::List(_)) => {
                match self.read(value.clone()) {
                    Value::Null => value,
                    read => read,
                }
            }
            _ => value,
        }
    }
}

/// Equal as the published runners have it: numbers within 10^-8.
fn alike(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Null, Value::Null) => true,
        (Value::Number(a), Value::Number(b)) => {
            let tolerance = Number::from_parts(false, 1, -8).unwrap_or(Number::ZERO);
            a == b
                || a.subtract(*b)
                    .is_some_and(|distance| distance.abs() < tolerance)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b))
        }
        (Value::Context(a), Value::Context(b)) => {
            a.len() == b.len()
                && b.iter()
                    .all(|(name, b)| a.get(name).is_some_and(|a| alike(a, b)))
        }
        (a, b) => a.type_name() == b.type_name() && a == b,
    }
}
