//! Item definitions: types with constraints.

use std::collections::HashMap;
use std::sync::Arc;

use roxmltree::Node as Xml;

use super::Problem;
use super::xml::{child, child_text, children};
use crate::eval::{Frame, Machine, Names, Result, tests_hold};
use crate::scope::Scope;
use crate::syntax::ast::{Kind, Node};
use crate::syntax::{Known, normalize, parse_unary_tests};
use crate::types::{Schema, Type};
use crate::value::{Context, Name, Value};

/// A type, with the values it allows.
#[derive(Debug, Default)]
pub(crate) struct Constraint {
    pub(crate) of: Type,
    /// For a collection: of its items.
    item: Option<Arc<Constraint>>,
    entries: Vec<(Name, Arc<Constraint>)>,
    allowed: Option<Arc<Node>>,
    /// Whether there is nothing to check beyond the type.
    plain: bool,
}

impl Constraint {
    pub(crate) const fn plain(of: Type) -> Self {
        Self {
            of,
            item: None,
            entries: Vec::new(),
            allowed: None,
            plain: true,
        }
    }

    /// The value as the type, or null where it is not one or not allowed.
    pub(crate) fn apply(&self, value: Value, machine: &mut Machine) -> Result {
        if !value.is_null() && self.of != Type::Any {
            machine.spend(value.weight() / 128)?;
        }
        let value = self.of.coerce(value);
        if self.plain || self.allows(&value, machine)? {
            Ok(value)
        } else {
            Ok(Value::Null)
        }
    }

    fn allows(&self, value: &Value, machine: &mut Machine) -> Result<bool> {
        if self.plain || value.is_null() {
            return Ok(true);
        }
        machine.spend(1)?;
        if let Some(allowed) = &self.allowed {
            let Kind::Tests(tests) = &allowed.kind else {
                return Ok(true);
            };
            let scope = Scope::new();
            let outside = Frame::root(Names::Scope(&scope));
            if tests_hold(
                tests,
                value,
                &Frame::inside(&outside, Names::One("?", value)),
                machine,
            )? != Some(true)
            {
                return Ok(false);
            }
        }
        if let (Some(item), Value::List(values)) = (&self.item, value) {
            for value in values.iter() {
                if !item.allows(value, machine)? {
                    return Ok(false);
                }
            }
        }
        if let Value::Context(context) = value {
            return self.allows_entries(context, machine);
        }
        Ok(true)
    }

    fn allows_entries(&self, context: &Context, machine: &mut Machine) -> Result<bool> {
        for (name, entry) in &self.entries {
            if let Some(value) = context.get(name)
                && !entry.allows(value, machine)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The item definitions of a model, resolved, and of the models it imports under their import's name.
#[derive(Default)]
pub(super) struct Items {
    definitions: HashMap<Name, Arc<Constraint>>,
}

/// Definitions that refer to one another deeper than this are taken as `Any`.
const MAX_DEPTH: u32 = 40;

impl Items {
    pub(super) fn read(
        definitions: Xml<'_, '_>,
        imported: &[(String, &Self)],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut items = Self::default();
        for (prefix, other) in imported {
            for (name, constraint) in &other.definitions {
                let name = if prefix.is_empty() {
                    Name::clone(name)
                } else {
                    format!("{prefix}.{name}").into()
                };
                items.definitions.insert(name, Arc::clone(constraint));
            }
        }
        let sources: HashMap<String, Xml<'_, '_>> = children(definitions, "itemDefinition")
            .filter_map(|node| node.attribute("name").map(|name| (normalize(name), node)))
            .collect();
        let names: Vec<String> = sources.keys().cloned().collect();
        for name in names {
            items.resolve(&name, &sources, problems, 0);
        }
        items
    }

    /// The constraint of a type reference.
    pub(super) fn get(&self, reference: &str) -> Arc<Constraint> {
        self.find(reference).unwrap_or_default()
    }

    fn find(&self, reference: &str) -> Option<Arc<Constraint>> {
        let name = normalize(reference);
        if let Some(known) = self.definitions.get(&*name) {
            return Some(Arc::clone(known));
        }
        // `feel:string`, as older models write it.
        let local = name.rsplit_once(':').map_or(&*name, |(_, local)| local);
        Type::named(local).map(|of| Arc::new(Constraint::plain(of)))
    }

    /// All of them, as named types for the texts of the model.
    pub(super) fn add_to(&self, schema: &mut Schema) {
        for (name, constraint) in &self.definitions {
            schema.add_type(Name::clone(name), constraint.of.clone());
        }
    }

    fn resolve(
        &mut self,
        name: &str,
        sources: &HashMap<String, Xml<'_, '_>>,
        problems: &mut Vec<Problem>,
        depth: u32,
    ) -> Arc<Constraint> {
        if let Some(known) = self.find(name) {
            return known;
        }
        let Some(source) = sources.get(name).filter(|_| depth < MAX_DEPTH) else {
            return Arc::new(Constraint::plain(Type::Any));
        };
        let constraint = Arc::new(self.definition(*source, sources, problems, depth + 1));
        self.definitions
            .insert(name.into(), Arc::clone(&constraint));
        constraint
    }

    fn definition(
        &mut self,
        node: Xml<'_, '_>,
        sources: &HashMap<String, Xml<'_, '_>>,
        problems: &mut Vec<Problem>,
        depth: u32,
    ) -> Constraint {
        if depth >= MAX_DEPTH {
            return Constraint::plain(Type::Any);
        }
        let name = normalize(node.attribute("name").unwrap_or_default());
        let mut constraint = self.single(node, sources, problems, depth);
        let mut tests = |tag| {
            let text = child_text(child(node, tag)?, "text")?;
            match parse_unary_tests(&text, &Known::default()) {
                Ok(tests) => Some(Arc::new(tests)),
                Err(found) => {
                    let holder = child(node, tag).and_then(|tests| child(tests, "text"));
                    problems.extend(Problem::all(&name, holder, found));
                    None
                }
            }
        };
        constraint.allowed = tests("allowedValues").or(constraint.allowed);
        let whole = tests("typeConstraint");
        constraint.plain = constraint.allowed.is_none()
            && constraint.item.as_ref().is_none_or(|item| item.plain)
            && constraint.entries.iter().all(|(_, entry)| entry.plain);
        if node.attribute("isCollection") == Some("true") {
            let of = constraint.of.clone().list();
            let plain = constraint.plain && whole.is_none();
            constraint = Constraint {
                of,
                item: Some(Arc::new(constraint)),
                entries: Vec::new(),
                allowed: whole,
                plain,
            };
        } else if whole.is_some() {
            constraint.allowed = whole;
            constraint.plain = false;
        }
        constraint
    }

    /// What a definition is before it is a collection: a reference, a structure or a function.
    fn single(
        &mut self,
        node: Xml<'_, '_>,
        sources: &HashMap<String, Xml<'_, '_>>,
        problems: &mut Vec<Problem>,
        depth: u32,
    ) -> Constraint {
        if let Some(reference) = child_text(node, "typeRef") {
            let base = self.resolve(&normalize(&reference), sources, problems, depth);
            // The base is kept whole: what it demands, this demands too.
            let item = base.item.clone();
            let entries = base
                .entries
                .iter()
                .map(|(name, entry)| (Name::clone(name), Arc::clone(entry)))
                .collect();
            let allowed = base.allowed.clone();
            return Constraint {
                of: base.of.clone(),
                item,
                entries,
                allowed,
                plain: false,
            };
        }
        if let Some(function) = child(node, "functionItem") {
            let mut parameters = Vec::new();
            for parameter in children(function, "parameters") {
                let reference = parameter.attribute("typeRef").unwrap_or("Any");
                parameters.push(
                    self.resolve(&normalize(reference), sources, problems, depth)
                        .of
                        .clone(),
                );
            }
            let result = self.resolve(
                &normalize(function.attribute("outputTypeRef").unwrap_or("Any")),
                sources,
                problems,
                depth,
            );
            return Constraint::plain(Type::Function(
                Arc::new(parameters),
                Arc::new(result.of.clone()),
            ));
        }
        let mut entries = Vec::new();
        for component in children(node, "itemComponent") {
            let name: Name = normalize(component.attribute("name").unwrap_or_default()).into();
            entries.push((
                name,
                Arc::new(self.definition(component, sources, problems, depth + 1)),
            ));
        }
        if entries.is_empty() {
            return Constraint::plain(Type::Any);
        }
        let of = Type::context(
            entries
                .iter()
                .map(|(name, entry)| (Name::clone(name), entry.of.clone())),
        );
        Constraint {
            of,
            item: None,
            entries,
            allowed: None,
            plain: false,
        }
    }
}
