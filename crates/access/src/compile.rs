use std::collections::HashMap;
use std::sync::Arc;

use kernel::{Comparison, Error, Filter, Operand, Result};

use crate::decide::{Getter, GrantRef, Place, Request};
use crate::mask::Masks;
use crate::{Catalogue, Effect, Grant, Limit, Permissions, Role, Subject, Target, Verb};

/// A user's roles, made ready for questions. Cheap to share: keep it in an `Arc` with the session.
#[derive(Clone, Debug)]
pub struct Policy {
    roles: Vec<Arc<str>>,
    rules: Vec<Rule>,
    entities: Index,
    processes: Index,
    pub(crate) masks: Masks,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub role: usize,
    pub grant: usize,
    pub effect: Effect,
    verbs: u8,
    pub child: Option<Pattern>,
    within: Option<(Pattern, Option<Pattern>)>,
    /// Placeholders already replaced.
    pub condition: Option<Filter>,
    pub limit: Option<Limit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    Any,
    Beginning(String),
    Exact(String),
}

impl Pattern {
    fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some("") => Self::Any,
            Some(beginning) => Self::Beginning(beginning.to_owned()),
            None => Self::Exact(text.to_owned()),
        }
    }

    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Beginning(beginning) => name.starts_with(beginning.as_str()),
            Self::Exact(exact) => name == exact,
        }
    }
}

/// Which rules speak of a parent, each list by role and grant.
#[derive(Clone, Debug, Default)]
struct Index {
    named: HashMap<String, Vec<usize>>,
    /// Those about `*`, for a parent that no rule names.
    others: Vec<usize>,
}

impl Index {
    fn of(&self, name: &str) -> &[usize] {
        self.named.get(name).unwrap_or(&self.others)
    }

    fn build(parents: &[(usize, &str)]) -> Self {
        let mut index = Self::default();
        for (rule, parent) in parents {
            if *parent == "*" {
                index.others.push(*rule);
                for list in index.named.values_mut() {
                    list.push(*rule);
                }
            } else {
                let others = &index.others;
                index
                    .named
                    .entry((*parent).to_owned())
                    .or_insert_with(|| others.clone())
                    .push(*rule);
            }
        }
        index
    }
}

impl Rule {
    pub fn applies(&self, verb: Verb, place: Place<'_>) -> bool {
        self.verbs & verb.bit() != 0
            && self.within.as_ref().is_none_or(|(process, activity)| {
                place.process.is_some_and(|p| process.matches(p))
                    && activity
                        .as_ref()
                        .is_none_or(|wanted| place.activity.is_some_and(|a| wanted.matches(a)))
            })
    }

    /// Whether it lets somebody touch what is there already: for what is yet to be made there is no record.
    pub fn opens(&self) -> bool {
        self.effect == Effect::Allow
            && self.child.is_none()
            && self.verbs & !Verb::Create.bit() != 0
    }

    /// Whether it speaks of this child, or of the parent as a whole.
    pub fn reaches(&self, child: Option<&str>) -> bool {
        match (&self.child, child) {
            (None, _) => true,
            (Some(pattern), Some(child)) => pattern.matches(child),
            (Some(_), None) => false,
        }
    }
}

impl Policy {
    /// Whether no grant for this verb tells processes or activities of them apart: what holds for one of them holds for all.
    pub fn takes_processes_alike(&self, verb: Verb) -> bool {
        let tells_apart = |at: &usize| {
            let rule = &self.rules[*at];
            rule.verbs & verb.bit() != 0 && rule.child.is_some()
        };
        let named = self.processes.named.values().flatten();
        let speaks = |at: &usize| self.rules[*at].verbs & verb.bit() != 0;
        !self.processes.others.iter().any(tells_apart)
            && !named
                .filter(|at| !self.processes.others.contains(at))
                .any(speaks)
    }

    /// Whether any grant for this verb has a limit: whoever writes then asks [`Policy::decide`] with what is proposed.
    pub fn has_limits(&self, verb: Verb) -> bool {
        self.rules
            .iter()
            .any(|rule| rule.limit.is_some() && rule.verbs & verb.bit() != 0)
    }

    /// A role that comes twice counts once: roles are told apart by their key.
    pub fn compile(roles: &[Role], subject: &Subject) -> Self {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut rules = Vec::new();
        let mut entities = Vec::new();
        let mut processes = Vec::new();
        for role in roles {
            if names.iter().any(|n| **n == *role.key) {
                continue;
            }
            names.push(role.key.as_str().into());
            for (position, grant) in role.grants.iter().enumerate() {
                let (parent, child, list) = match &grant.target {
                    Target::Entity(entity) => (entity, None, &mut entities),
                    Target::Field { entity, field } => (entity, Some(field), &mut entities),
                    Target::Process(process) => (process, None, &mut processes),
                    Target::Activity { process, activity } => {
                        (process, Some(activity), &mut processes)
                    }
                };
                list.push((rules.len(), parent.as_str()));
                rules.push(Rule::new(names.len() - 1, position, grant, child, subject));
            }
        }
        Self {
            roles: names,
            rules,
            entities: Index::build(&entities),
            processes: Index::build(&processes),
            masks: Masks::default(),
        }
    }

    /// Nothing is permitted.
    pub fn nothing() -> Self {
        Self::compile(&[], &Subject::default())
    }

    /// The keys of the roles it was made of.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|r| &**r)
    }

    /// [`Error`] with code `forbidden` unless the verb is permitted on some record of the entity.
    pub fn require(&self, verb: Verb, entity: &str) -> Result<()> {
        let target = Target::entity(entity);
        if self.decide(&Request::new(verb, &target)).is_allowed() {
            Ok(())
        } else {
            Err(forbidden(verb, entity))
        }
    }

    /// [`Error`] with code `forbidden` unless the verb is permitted on some record of the target.
    pub fn may(&self, verb: Verb, target: &Target) -> Result<()> {
        if self.decide(&Request::new(verb, target)).is_allowed() {
            return Ok(());
        }
        let name = match target {
            Target::Entity(name) | Target::Process(name) => name.clone(),
            Target::Field {
                entity: parent,
                field: child,
            }
            | Target::Activity {
                process: parent,
                activity: child,
            } => {
                format!("{parent}.{child}")
            }
        };
        Err(forbidden(verb, &name))
    }

    /// For the screen.
    pub fn permissions(&self, catalogue: &Catalogue) -> Permissions {
        Permissions::of(self, catalogue)
    }

    /// The same as [`Policy::require`] for one record.
    pub fn require_on(&self, verb: Verb, entity: &str, record: Getter<'_>) -> Result<()> {
        let target = Target::entity(entity);
        if self
            .decide(&Request::new(verb, &target).on(record))
            .is_allowed()
        {
            Ok(())
        } else {
            Err(forbidden(verb, entity))
        }
    }

    pub(crate) fn rule(&self, at: usize) -> &Rule {
        &self.rules[at]
    }

    pub(crate) fn grant_ref(&self, rule: &Rule) -> GrantRef {
        GrantRef {
            role: Arc::clone(&self.roles[rule.role]),
            grant: rule.grant,
        }
    }

    /// The rules about the target's parent, role by role, and its child.
    pub(crate) fn rules_for<'t>(&self, target: &'t Target) -> (&[usize], Option<&'t str>) {
        match target {
            Target::Entity(entity) => (self.entities.of(entity), None),
            Target::Field { entity, field } => (self.entities.of(entity), Some(field)),
            Target::Process(process) => (self.processes.of(process), None),
            Target::Activity { process, activity } => (self.processes.of(process), Some(activity)),
        }
    }
}

/// Not permitted: with what, on what.
pub(crate) fn forbidden(verb: Verb, entity: &str) -> Error {
    Error::new(kernel::Code::Forbidden)
        .with("verb", verb)
        .with("entity", entity)
}

impl Rule {
    fn new(
        role: usize,
        position: usize,
        grant: &Grant,
        child: Option<&String>,
        subject: &Subject,
    ) -> Self {
        Self {
            role,
            grant: position,
            effect: grant.effect,
            verbs: grant.verbs.iter().fold(0, |bits, verb| bits | verb.bit()),
            child: child.map(|c| Pattern::new(c)),
            within: grant.within.as_ref().map(|w| {
                (
                    Pattern::new(&w.process),
                    w.activity.as_deref().map(Pattern::new),
                )
            }),
            condition: grant
                .condition
                .as_ref()
                .filter(|c| **c != Filter::TRUE)
                .map(|c| resolve(c, subject)),
            limit: grant.limit.clone(),
        }
    }
}

/// A comparison that is always unknown: nothing stands in an order with null.
fn unknown(field: &str) -> Filter {
    Filter::compare(field, Comparison::Less, Operand::Null)
}

/// What a placeholder stands for.
enum Stands {
    For(Operand),
    ForOneOf(Vec<Operand>),
    ForNothing,
}

fn resolve(filter: &Filter, subject: &Subject) -> Filter {
    match filter {
        Filter::All(parts) => Filter::All(parts.iter().map(|p| resolve(p, subject)).collect()),
        Filter::Any(parts) => Filter::Any(parts.iter().map(|p| resolve(p, subject)).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(resolve(inner, subject))),
        Filter::Compare {
            field,
            comparison,
            value,
        } => match (stands(value, subject), comparison) {
            (Stands::For(value), _) => Filter::compare(field.clone(), *comparison, value),
            (Stands::ForOneOf(values), Comparison::Equal) => Filter::In {
                field: field.clone(),
                values,
            },
            (Stands::ForOneOf(values), Comparison::NotEqual) => Filter::Not(Box::new(Filter::In {
                field: field.clone(),
                values,
            })),
            (Stands::ForOneOf(_) | Stands::ForNothing, _) => unknown(field),
        },
        Filter::In { field, values } => {
            let mut all = Vec::with_capacity(values.len());
            for value in values {
                match stands(value, subject) {
                    Stands::For(value) => all.push(value),
                    Stands::ForOneOf(values) => all.extend(values),
                    Stands::ForNothing => return unknown(field),
                }
            }
            Filter::In {
                field: field.clone(),
                values: all,
            }
        }
    }
}

fn stands(value: &Operand, subject: &Subject) -> Stands {
    let Operand::Text(text) = value else {
        return Stands::For(value.clone());
    };
    let Some(name) = text.strip_prefix('$') else {
        return Stands::For(value.clone());
    };
    let texts = |ids: &[String]| Stands::ForOneOf(ids.iter().cloned().map(Operand::Text).collect());
    match name {
        "user" => Stands::For(Operand::Text(subject.user.clone())),
        "unit" => subject
            .unit
            .clone()
            .map_or(Stands::ForNothing, |u| Stands::For(Operand::Text(u))),
        "groups" => texts(&subject.groups),
        "unit_and_below" => texts(&subject.unit_and_below),
        _ if name.starts_with('$') => Stands::For(Operand::Text(name.to_owned())),
        _ => Stands::ForNothing,
    }
}
