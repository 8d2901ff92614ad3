//! From XML to a graph of elements.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use roxmltree::{Document, Node as Xml};

use super::boxed::{Reader, expression_child};
use super::graph::{Element, Graph, Logic, Sort};
use super::items::Items;
use super::table::DecisionTable;
use super::xml::{child, children, parse, problem};
use super::{Constraint, Problem};
use crate::diagnostic::{Code, Diagnostics};
use crate::syntax::{Known, is_plain_name, normalize};
use crate::types::{Schema, Type};
use crate::value::Name;

/// One of the documents: its root, and how other documents reach it.
struct Part<'a, 'i> {
    root: Xml<'a, 'i>,
    namespace: &'a str,
    /// Imports: the namespace and the name.
    imports: Vec<(&'a str, String)>,
    items: Items,
    /// Entries of contexts that the model spells out, where their names need help: what follows a point may be one of them.
    members: Vec<Name>,
}

fn members(root: Xml<'_, '_>) -> Vec<Name> {
    let named = root
        .descendants()
        .filter(|node| matches!(node.tag_name().name(), "variable" | "column" | "output"));
    let names: BTreeSet<String> = named
        .filter_map(|node| node.attribute("name").map(normalize))
        .filter(|name| !is_plain_name(name))
        .collect();
    names.into_iter().map(Name::from).collect()
}

fn definitions<'a, 'i>(document: &'a Document<'i>) -> Result<Xml<'a, 'i>, Diagnostics> {
    let root = document.root_element();
    if root.tag_name().name() == "definitions" {
        Ok(root)
    } else {
        Err(problem(
            root,
            Code::BadDocument,
            vec![format!("<{}>", root.tag_name().name())],
        ))
    }
}

pub(super) fn read(xmls: &[&str]) -> Result<Graph, Diagnostics> {
    let documents = xmls
        .iter()
        .map(|xml| parse(xml))
        .collect::<Result<Vec<_>, _>>()?;
    let mut parts: Vec<Part<'_, '_>> = Vec::new();
    for document in &documents {
        let root = definitions(document)?;
        let imports = children(root, "import")
            .filter_map(|import| {
                Some((
                    import.attribute("namespace")?,
                    normalize(import.attribute("name").unwrap_or_default()),
                ))
            })
            .collect();
        parts.push(Part {
            root,
            namespace: root.attribute("namespace").unwrap_or_default(),
            imports,
            items: Items::default(),
            members: members(root),
        });
    }
    let mut problems = Vec::new();
    read_items(&mut parts, &mut problems);
    let mut graph = Graph {
        name: parts[0]
            .root
            .attribute("name")
            .unwrap_or_default()
            .to_owned(),
        ..Graph::default()
    };
    let mut ids = HashMap::new();
    let mut sources = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        for node in part.root.children().filter(Xml::is_element) {
            let Some(sort) = sort(node) else { continue };
            let name: Name = normalize(node.attribute("name").unwrap_or_default()).into();
            if let Some(id) = node.attribute("id") {
                ids.insert((part.namespace, id), sources.len());
            }
            let reference =
                child(node, "variable").and_then(|variable| variable.attribute("typeRef"));
            let constraint =
                reference.map_or_else(Arc::default, |reference| part.items.get(reference));
            graph.elements.push(Element {
                name,
                sort,
                own: index == 0,
                constraint,
                ..Element::default()
            });
            sources.push((index, node));
        }
    }
    for (at, (part, node)) in sources.iter().enumerate() {
        connect(&mut graph, at, &parts, *part, *node, &ids)?;
    }
    graph.check_circles(parts[0].root)?;
    for (at, (part, node)) in sources.iter().enumerate() {
        graph.elements[at].logic = logic(&graph, at, &parts[*part], *node, &mut problems);
    }
    graph.problems = problems;
    graph.index();
    Ok(graph)
}

/// Item definitions, those of imported models first.
fn read_items(parts: &mut [Part<'_, '_>], problems: &mut Vec<Problem>) {
    // Imports seldom go deeper than two; as many rounds as there are parts settle any order.
    for _ in 0..parts.len().min(4) {
        for index in 0..parts.len() {
            let part = &parts[index];
            let imported: Vec<(String, &Items)> = part
                .imports
                .iter()
                .filter_map(|(namespace, name)| {
                    let source = parts
                        .iter()
                        .enumerate()
                        .find(|(other, part)| *other != index && part.namespace == *namespace)?
                        .1;
                    Some((name.clone(), &source.items))
                })
                .collect();
            let mut found = Vec::new();
            let items = Items::read(part.root, &imported, &mut found);
            for problem in found {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
            parts[index].items = items;
        }
    }
}

fn sort(node: Xml<'_, '_>) -> Option<Sort> {
    Some(match node.tag_name().name() {
        "inputData" => Sort::Input,
        "decision" => Sort::Decision,
        "businessKnowledgeModel" => Sort::Knowledge,
        "decisionService" => Sort::Service,
        _ => return None,
    })
}

type Ids<'a> = HashMap<(&'a str, &'a str), usize>;

/// Fills in what an element requires, and under which name it sees it.
fn connect(
    graph: &mut Graph,
    at: usize,
    parts: &[Part<'_, '_>],
    part: usize,
    node: Xml<'_, '_>,
    ids: &Ids<'_>,
) -> Result<(), Diagnostics> {
    let own = &parts[part];
    let target = |reference: Xml<'_, '_>| -> Result<(usize, Option<Name>), Diagnostics> {
        let href = reference.attribute("href").unwrap_or_default();
        let (namespace, id) = href.rsplit_once('#').unwrap_or(("", href));
        let namespace = if namespace.is_empty() {
            own.namespace
        } else {
            namespace
        };
        let found = ids.get(&(namespace, id)).copied();
        let found =
            found.ok_or_else(|| problem(reference, Code::BadReference, vec![href.to_owned()]))?;
        let import = own
            .imports
            .iter()
            .find(|(imported, _)| *imported == namespace && namespace != own.namespace);
        Ok((
            found,
            import
                .map(|(_, name)| Name::from(name.as_str()))
                .filter(|name| !name.is_empty()),
        ))
    };
    let mut requires = Vec::new();
    for requirement in
        children(node, "informationRequirement").chain(children(node, "knowledgeRequirement"))
    {
        for reference in requirement
            .children()
            .filter(|child| child.is_element() && child.has_attribute("href"))
        {
            requires.push(target(reference)?);
        }
    }
    // A knowledge model's requirements stand in it too.
    graph.elements[at].requires = requires;
    let list = |tag| {
        children(node, tag)
            .map(|reference| target(reference).map(|(found, _)| found))
            .collect::<Result<Vec<_>, _>>()
    };
    if graph.elements[at].sort == Sort::Service {
        let (outputs, input_decisions, input_data) = (
            list("outputDecision")?,
            list("inputDecision")?,
            list("inputData")?,
        );
        let inputs: Vec<usize> = input_data.into_iter().chain(input_decisions).collect();
        let parameters = inputs.iter().map(|input| {
            let input = &graph.elements[*input];
            (Name::clone(&input.name), input.constraint.of.clone())
        });
        graph.elements[at].parameters = parameters.collect();
        graph.elements[at].logic = Logic::Service { outputs, inputs };
    }
    Ok(())
}

/// The names that an element's expressions may use, with their types as far as they are declared.
fn schema(graph: &Graph, at: usize, part: &Part<'_, '_>) -> Schema {
    let mut schema = Schema::new();
    part.items.add_to(&mut schema);
    let mut imported: HashMap<&Name, Vec<(Name, Type)>> = HashMap::new();
    for (required, import) in &graph.elements[at].requires {
        let element = &graph.elements[*required];
        match import {
            None => schema.add(Name::clone(&element.name), element.constraint.of.clone()),
            Some(import) => {
                if !is_plain_name(&element.name) {
                    schema.add_member(&element.name);
                }
                imported
                    .entry(import)
                    .or_default()
                    .push((Name::clone(&element.name), element.constraint.of.clone()));
            }
        }
    }
    for (import, entries) in imported {
        schema.add(Name::clone(import), Type::context(entries));
    }
    for name in &part.members {
        schema.add_member(name);
    }
    schema
}

fn logic(
    graph: &Graph,
    at: usize,
    part: &Part<'_, '_>,
    node: Xml<'_, '_>,
    problems: &mut Vec<Problem>,
) -> Logic {
    let element = &graph.elements[at];
    match element.sort {
        Sort::Input => Logic::Input,
        Sort::Service => element.logic.clone(),
        Sort::Decision => {
            let known = Known::from_schema(&schema(graph, at, part));
            match expression_child(node) {
                None => Logic::None,
                Some(expression) => Logic::Expression(Arc::new(
                    Reader::new(&element.name, &known, &part.items, problems)
                        .expression(expression),
                )),
            }
        }
        Sort::Knowledge => {
            let mut schema = schema(graph, at, part);
            // It may call itself.
            schema.add(Name::clone(&element.name), Type::Any);
            let known = Known::from_schema(&schema);
            match child(node, "encapsulatedLogic")
                .filter(|logic| logic.attribute("kind").is_none_or(|kind| kind == "FEEL"))
            {
                None => Logic::None,
                Some(logic) => {
                    let mut reader = Reader::new(&element.name, &known, &part.items, problems);
                    let result = logic
                        .attribute("typeRef")
                        .map(|reference| reader.constraint(reference));
                    Logic::Function(Arc::new(reader.lambda(logic)), result)
                }
            }
        }
    }
}

/// Every decision table of a document, with the name of the element it stands in.
pub(super) fn tables(xml: &str) -> Result<Vec<(String, DecisionTable)>, Diagnostics> {
    let document = parse(xml)?;
    let root = definitions(&document)?;
    let mut found = Vec::new();
    for table in root
        .descendants()
        .filter(|node| node.tag_name().name() == "decisionTable")
    {
        let owner = table.ancestors().find(|node| sort(*node).is_some());
        let name = owner
            .and_then(|owner| owner.attribute("name"))
            .map(normalize)
            .unwrap_or_default();
        found.push((name, DecisionTable::from_xml(table)));
    }
    Ok(found)
}

impl Constraint {
    pub(super) fn is_function(&self) -> bool {
        matches!(self.of, Type::Function(..))
    }
}
