use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use kernel::{Filter, Operand, Result, Sort};
use serde_json::{Map, Value};

use crate::compile::{Pattern, Policy, forbidden};
use crate::decide::{Getter, Place, is_identity};
use crate::{Effect, Target, Verb};

/// What a verb may touch of an entity: rows and fields at once. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mask(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    entity: String,
    verb: Verb,
    rows: Filter,
    roles: Vec<RolePart>,
    denies: Vec<(Pattern, Filter)>,
    /// What [`Mask::field`] has found out: a list asks the same of every row.
    known: RwLock<HashMap<String, Arc<Visibility>>>,
    /// What lists have learnt of the rows: see [`Mask::sees_most`].
    sees_few: AtomicBool,
}

/// The masks of a policy that were asked for, by entity and verb: every request of a session asks for the same.
pub(crate) type Masks = Arc<RwLock<HashMap<(String, Verb), Mask>>>;

const FIELDS: &str = "fields.";
/// A record's own keys may be anything: no more than so many are kept in mind.
const KNOWN: usize = 1_024;

/// What one role gives.
#[derive(Clone, Debug)]
struct RolePart {
    rows: Filter,
    /// `None`: all fields. Else only these, where their condition holds.
    listed: Option<Vec<(Pattern, Filter)>>,
}

/// On which of the rows that are visible at all a field is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visibility {
    Always,
    Never,
    When(Filter),
}

impl Policy {
    /// The condition that rows must meet, ready for SQL. [`Filter::FALSE`] where nothing is permitted.
    pub fn rows(&self, entity: &str, verb: Verb) -> Filter {
        self.mask(entity, verb).rows().clone()
    }

    /// Rows and fields, wherever one works.
    pub fn mask(&self, entity: &str, verb: Verb) -> Mask {
        let key = (entity.to_owned(), verb);
        let masks = self.masks.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(mask) = masks.get(&key) {
            return mask.clone();
        }
        drop(masks);
        let mask = self.make_mask(entity, verb, Place::ANYWHERE);
        let mut masks = self.masks.write().unwrap_or_else(PoisonError::into_inner);
        if masks.len() < KNOWN {
            masks.insert(key, mask.clone());
        }
        mask
    }

    /// Rows and fields while working in a process or activity. Limits do not count: they are about values, not about rows.
    pub fn mask_at(&self, entity: &str, verb: Verb, place: Place<'_>) -> Mask {
        if place == Place::ANYWHERE {
            self.mask(entity, verb)
        } else {
            self.make_mask(entity, verb, place)
        }
    }

    fn make_mask(&self, entity: &str, verb: Verb, place: Place<'_>) -> Mask {
        let target = Target::entity(entity);
        let (rules, _) = self.rules_for(&target);
        let mut roles: Vec<(usize, RolePart)> = Vec::new();
        let mut denied_rows = Filter::FALSE;
        let mut denies = Vec::new();
        for rule in rules
            .iter()
            .map(|i| self.rule(*i))
            .filter(|r| r.applies(verb, place))
        {
            let condition = rule.condition.clone().unwrap_or(Filter::TRUE);
            if rule.effect == Effect::Deny {
                match &rule.child {
                    None => denied_rows = denied_rows.or(condition),
                    Some(pattern) => denies.push((pattern.clone(), condition)),
                }
                continue;
            }
            if roles.last().is_none_or(|(role, _)| *role != rule.role) {
                roles.push((
                    rule.role,
                    RolePart {
                        rows: Filter::FALSE,
                        listed: None,
                    },
                ));
            }
            let Some((_, part)) = roles.last_mut() else {
                continue;
            };
            match &rule.child {
                None => {
                    let rows = std::mem::replace(&mut part.rows, Filter::FALSE);
                    part.rows = rows.or(condition);
                }
                Some(pattern) => part
                    .listed
                    .get_or_insert_default()
                    .push((pattern.clone(), condition)),
            }
        }
        let roles: Vec<_> = roles
            .into_iter()
            .map(|(_, part)| part)
            .filter(|p| p.rows != Filter::FALSE)
            .collect();
        let allowed = roles
            .iter()
            .fold(Filter::FALSE, |any, part| any.or(part.rows.clone()));
        let rows = without(allowed, denied_rows);
        Mask(Arc::new(Inner {
            entity: entity.to_owned(),
            verb,
            rows,
            roles,
            denies,
            known: RwLock::default(),
            sees_few: AtomicBool::new(false),
        }))
    }
}

/// `allowed` and not `denied`, constants folded. What is unknown to be denied is denied: `not unknown` is unknown.
fn without(allowed: Filter, denied: Filter) -> Filter {
    if denied == Filter::FALSE {
        allowed
    } else if denied == Filter::TRUE || allowed == Filter::FALSE {
        Filter::FALSE
    } else {
        allowed.and(Filter::Not(Box::new(denied)))
    }
}

fn both(a: Filter, b: Filter) -> Filter {
    if a == Filter::FALSE || b == Filter::FALSE {
        Filter::FALSE
    } else {
        a.and(b)
    }
}

impl Mask {
    /// Whether there can be any row at all.
    pub fn is_empty(&self) -> bool {
        self.0.rows == Filter::FALSE
    }

    pub fn rows(&self) -> &Filter {
        &self.0.rows
    }

    /// Whether lists have found nearly all rows visible so far: then it costs less to look at each row than to have the
    /// database look for those that may be seen. True until a list has learnt otherwise.
    pub fn sees_most(&self) -> bool {
        !self.0.sees_few.load(Ordering::Relaxed)
    }

    /// A list went through `all` rows, of which `seen` were visible.
    pub fn learn(&self, seen: usize, all: usize) {
        if seen < all - all / 10 {
            self.0.sees_few.store(true, Ordering::Relaxed);
        }
    }

    /// On which of the visible rows a field is.
    pub fn field(&self, name: &str) -> Visibility {
        Visibility::clone(&self.visibility(name))
    }

    /// The same, shared.
    pub fn visibility(&self, name: &str) -> Arc<Visibility> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(visibility) = known.get(name) {
            return Arc::clone(visibility);
        }
        drop(known);
        let found = Arc::new(self.find(name));
        let mut known = self.0.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KNOWN {
            known.insert(name.to_owned(), Arc::clone(&found));
        }
        found
    }

    fn find(&self, name: &str) -> Visibility {
        if self.is_empty() {
            return Visibility::Never;
        }
        if is_identity(name, self.0.verb) {
            return Visibility::Always;
        }
        let denied = self
            .0
            .denies
            .iter()
            .filter(|(pattern, _)| pattern.matches(name))
            .fold(Filter::FALSE, |any, (_, condition)| {
                any.or(condition.clone())
            });
        if denied == Filter::TRUE {
            return Visibility::Never;
        }
        let mut everywhere = true;
        let mut some = Filter::FALSE;
        for part in &self.0.roles {
            let listed = match &part.listed {
                None => Filter::TRUE,
                Some(list) => list
                    .iter()
                    .filter(|(pattern, _)| pattern.matches(name))
                    .fold(Filter::FALSE, |any, (_, condition)| {
                        any.or(condition.clone())
                    }),
            };
            everywhere &= listed == Filter::TRUE;
            some = some.or(both(part.rows.clone(), listed));
        }
        // A row that is visible by one role shows the field by the same, or some role shows it on every row.
        if denied == Filter::FALSE && (everywhere || some == Filter::TRUE) {
            return Visibility::Always;
        }
        match without(some, denied) {
            never if never == Filter::FALSE => Visibility::Never,
            condition => Visibility::When(condition),
        }
    }

    /// Whether a field is visible on this record (which is taken to be visible itself).
    pub fn shows(&self, field: &str, record: Getter<'_>) -> bool {
        match &*self.visibility(field) {
            Visibility::Always => true,
            Visibility::Never => false,
            Visibility::When(condition) => condition.matches(&|f: &str| record(f)),
        }
    }

    /// Takes out what must not be seen of a record. What stands under `fields` is known to grants as `fields.<name>`.
    /// `record` must tell the whole record, not the stripped one.
    pub fn strip(&self, shown: &mut Map<String, Value>, record: Getter<'_>) {
        let mut path = String::from(FIELDS);
        shown.retain(|name, value| match value {
            Value::Object(inner) if name == "fields" => {
                inner.retain(|inner, _| {
                    path.truncate(FIELDS.len());
                    path.push_str(inner);
                    self.shows(&path, record)
                });
                true
            }
            _ => self.shows(name, record),
        });
    }

    /// Refuses to filter or sort by what is not visible on every row, with the very answer that a field gets that does
    /// not exist. `sort` may be empty.
    pub fn check_filter(&self, filter: Option<&Filter>, sort: &[Sort]) -> Result<()> {
        let fields = filter.map(Filter::fields).unwrap_or_default();
        for field in fields
            .into_iter()
            .chain(sort.iter().map(|s| s.field.as_str()))
        {
            if *self.visibility(field) != Visibility::Always {
                return Err(kernel::Error::invalid(field, "unknown_field"));
            }
        }
        Ok(())
    }

    /// Refuses values for fields that may not be written on this record: `forbidden`, with each field named.
    pub fn check_written<'f>(
        &self,
        fields: impl IntoIterator<Item = &'f str>,
        record: Getter<'_>,
    ) -> Result<()> {
        let mut error = None;
        for field in fields {
            if !self.shows(field, record) {
                let problem = kernel::FieldProblem::new(field, "field_forbidden");
                error = Some(
                    error
                        .unwrap_or_else(|| forbidden(self.0.verb, &self.0.entity))
                        .field(problem),
                );
            }
        }
        error.map_or(Ok(()), Err)
    }
}

/// A record out of JSON, for conditions: text, whole and decimal numbers, booleans; `fields.x` is looked up inside
/// `fields`. Days and instants stay text, so a condition on them wants the typed getter of the owner.
pub fn json_record(map: &Map<String, Value>) -> impl Fn(&str) -> Operand + '_ {
    |field: &str| {
        let value = match field.strip_prefix("fields.") {
            Some(inner) => map.get("fields").and_then(|f| f.get(inner)),
            None => map.get(field),
        };
        match value {
            Some(Value::Bool(b)) => Operand::Boolean(*b),
            Some(Value::String(s)) => Operand::Text(s.clone()),
            Some(Value::Number(n)) => n.to_string().parse().map_or(Operand::Null, Operand::Number),
            _ => Operand::Null,
        }
    }
}
