//! What a form says to what has been typed, and what the service takes of it.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{FieldProblem, Language, Moment};
use rules::Scope;
use rules::temporal::{DateTime, Zone};
use rules::value::{Context as FeelContext, Value as Feel};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::bound::{BoundForm, Slot};
use super::expression;

/// What a form's expressions see besides its own fields, and what the person may do with them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Canonical values of the customer, as far as the person may see them.
    pub customer: Map<String, Value>,
    /// Common data of the session (D-03).
    pub session: Map<String, Value>,
    /// Variables of the running process.
    pub process: Map<String, Value>,
    pub user: Map<String, Value>,
    /// What time it is; without it `now()` and `today()` are null.
    pub now: Option<Moment>,
    /// IANA name of the zone in which `today()` is asked; UTC when absent.
    pub zone: Option<String>,
    pub language: Language,
    pub mask: Mask,
}

/// What a person may not do with a form's fields, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Mask {
    /// Not to be seen: as if the form had no such field.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hidden: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub read_only: BTreeSet<String>,
}

/// What the screen shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormState {
    /// Paths of the fields that are shown.
    pub visible: BTreeSet<String>,
    /// Keys of the sections that are shown.
    pub sections: BTreeSet<String>,
    pub required: BTreeSet<String>,
    /// Paths that cannot be typed into.
    pub read_only: BTreeSet<String>,
    pub computed: BTreeMap<String, Value>,
    /// The notes that are shown, by section and place in it (from 0). A note of a hidden section is not.
    pub notes: BTreeSet<(usize, usize)>,
    /// Keys of the pop-ups whose condition holds, in the form's order.
    pub pop_ups: Vec<String>,
    /// In the form's order.
    pub problems: Vec<FieldProblem>,
    /// Canonical values of all visible fields, null where there is none or it is not acceptable.
    pub values: Map<String, Value>,
}

/// What a filled form comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The form's own visible and computed fields by key: variables of the process.
    pub own: Map<String, Value>,
    /// Fields of the customer that were changed, by key.
    pub customer: Map<String, Value>,
}

impl BoundForm {
    /// What the fields hold when the form is opened.
    pub fn initial(&self, context: &Context) -> Map<String, Value> {
        let scope = surroundings(context).with_layer(self.customer_layer(context, &Map::new()));
        let mut values = Map::new();
        for slot in &self.slots {
            let value = if slot.own {
                let computed = slot.initial.as_ref();
                let value = computed.map(|e| expression::untyped(&expression::evaluate(e, &scope)));
                value.and_then(|value| slot.spec.check(&value).ok())
            } else {
                context.customer.get(&slot.spec.key).cloned()
            };
            if let Some(value) = value.filter(|value| !value.is_null()) {
                values.insert(slot.path.clone(), value);
            }
        }
        values
    }

    /// What the form shows for these values, given by path. Never fails: what is wrong stands in `problems`.
    pub fn evaluate(&self, values: &Map<String, Value>, context: &Context) -> FormState {
        let typed = self.typed_values(values, context);
        let mut round = self.round(&typed, &Round::default(), context);
        // Each round may show, hide or compute what the next one sees. What has not come to rest after as many rounds as
        // there are fields goes round in a circle.
        let mut settled = false;
        for _ in 0..self.slots.len() + 2 {
            let next = self.round(&typed, &round, context);
            settled = next == round;
            round = next;
            if settled {
                break;
            }
        }
        self.state(typed, round, settled, context)
    }

    /// What the service takes of a submitted form. What a condition hides or the form computes is left aside whatever was
    /// sent for it; what the person may not change must not differ.
    pub fn accept(
        &self,
        values: &Map<String, Value>,
        context: &Context,
    ) -> Result<Accepted, Vec<FieldProblem>> {
        let mut state = self.evaluate(values, context);
        let mut problems = std::mem::take(&mut state.problems);
        for (path, sent) in values {
            match self.slot(path) {
                Some(slot) if !context.mask.hidden.contains(path) => {
                    if slot.computed.is_none()
                        && state.read_only.contains(path)
                        && slot.spec.check(sent).as_ref() != Ok(&state.values[path])
                    {
                        problems.push(FieldProblem::new(path, "read_only"));
                    }
                }
                _ => problems.push(FieldProblem::new(path, "unknown_field").with("field", path)),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut accepted = Accepted::default();
        for slot in &self.slots {
            let Some(value) = state.values.remove(&slot.path) else {
                continue;
            };
            if slot.own {
                accepted.own.insert(slot.spec.key.clone(), value);
            } else if !state.read_only.contains(&slot.path)
                && context.customer.get(&slot.spec.key).unwrap_or(&Value::Null) != &value
            {
                accepted.customer.insert(slot.spec.key.clone(), value);
            }
        }
        Ok(accepted)
    }

    /// The canonical value of each field that is not computed, or what is wrong with it.
    fn typed_values(&self, values: &Map<String, Value>, context: &Context) -> Typed {
        let mut typed = Typed::default();
        for slot in self.slots.iter().filter(|slot| slot.computed.is_none()) {
            let known = || context.customer.get(&slot.spec.key);
            let sent = values.get(&slot.path);
            let value =
                match sent {
                    _ if slot.shown_only || context.mask.read_only.contains(&slot.path) => {
                        if slot.own { sent } else { known() }
                    }
                    Some(sent) => Some(sent),
                    None if !slot.own => known(),
                    None => None,
                };
            if context.mask.hidden.contains(&slot.path) {
                typed.canonical.insert(slot.path.clone(), Value::Null);
                continue;
            }
            match slot.spec.check(value.unwrap_or(&Value::Null)) {
                Ok(value) => {
                    typed.canonical.insert(slot.path.clone(), value);
                }
                // What the person cannot change here is not theirs to mend here.
                Err(_) if slot.shown_only => {
                    typed
                        .canonical
                        .insert(slot.path.clone(), value.cloned().unwrap_or_default());
                }
                Err(mut problem) => {
                    problem.field.clone_from(&slot.path);
                    typed.canonical.insert(slot.path.clone(), Value::Null);
                    typed.problems.insert(slot.path.clone(), problem);
                }
            }
        }
        typed
    }

    /// One round: conditions and computed values as seen from the last one.
    fn round(&self, typed: &Typed, last: &Round, context: &Context) -> Round {
        let mut seen = Map::new();
        for slot in &self.slots {
            let value = match &slot.computed {
                Some(_) => last.computed.get(&slot.path),
                None => typed.canonical.get(&slot.path),
            };
            let hidden = last.hidden.contains(&slot.path);
            seen.insert(
                slot.path.clone(),
                value.filter(|_| !hidden).cloned().unwrap_or_default(),
            );
        }
        let scope = surroundings(context)
            .with_layer(self.customer_layer(context, &seen))
            .with_layer(self.own_layer(&seen));
        let mut round = Round::default();
        for (section, condition) in self.form.sections.iter().zip(&self.sections) {
            if !condition
                .as_ref()
                .is_none_or(|e| expression::evaluate(e, &scope).is_true())
            {
                round.hidden_sections.insert(section.key.clone());
            }
        }
        for slot in &self.slots {
            let section = &self.form.sections[slot.section].key;
            let shown = slot
                .visible
                .as_ref()
                .is_none_or(|e| expression::evaluate(e, &scope).is_true());
            if !shown
                || round.hidden_sections.contains(section)
                || context.mask.hidden.contains(&slot.path)
            {
                round.hidden.insert(slot.path.clone());
            }
            if let Some(computed) = &slot.computed {
                let value = expression::untyped(&expression::evaluate(computed, &scope));
                round
                    .computed
                    .insert(slot.path.clone(), rounded(slot, &value));
            }
            if slot.required
                || slot
                    .required_if
                    .as_ref()
                    .is_some_and(|e| expression::evaluate(e, &scope).is_true())
            {
                round.required.insert(slot.path.clone());
            }
            if slot
                .rule
                .as_ref()
                .is_some_and(|e| expression::evaluate(e, &scope).is_false())
            {
                round.broken.insert(slot.path.clone());
            }
        }
        for note in &self.notes {
            let section = &self.form.sections[note.section].key;
            let shown = note
                .visible
                .as_ref()
                .is_none_or(|e| expression::evaluate(e, &scope).is_true());
            if shown && !round.hidden_sections.contains(section) {
                round.notes.insert((note.section, note.item));
            }
        }
        for (pop_up, condition) in self.form.pop_ups.iter().zip(&self.pop_ups) {
            if condition
                .as_ref()
                .is_none_or(|e| expression::evaluate(e, &scope).is_true())
            {
                round.pop_ups.push(pop_up.key.clone());
            }
        }
        round
    }

    fn state(
        &self,
        mut typed: Typed,
        mut round: Round,
        settled: bool,
        context: &Context,
    ) -> FormState {
        let mut state = FormState {
            notes: round.notes,
            pop_ups: round.pop_ups,
            ..FormState::default()
        };
        let shown = self
            .form
            .sections
            .iter()
            .filter(|s| !round.hidden_sections.contains(&s.key));
        state.sections = shown.map(|section| section.key.clone()).collect();
        if !settled {
            state
                .problems
                .push(FieldProblem::new("form", "form_circular"));
        }
        for slot in self
            .slots
            .iter()
            .filter(|slot| !round.hidden.contains(&slot.path))
        {
            let path = &slot.path;
            let computed = round.computed.remove(path);
            let fixed =
                computed.is_some() || slot.shown_only || context.mask.read_only.contains(path);
            let value = computed
                .clone()
                .or_else(|| typed.canonical.remove(path))
                .unwrap_or_default();
            let required = round.required.contains(path) && !fixed;
            let problem = match typed.problems.remove(path) {
                Some(problem) => Some(problem),
                None if required && value.is_null() => Some(FieldProblem::new(path, "required")),
                None if round.broken.contains(path) => {
                    Some(self.broken_rule(slot, context.language))
                }
                None => None,
            };
            state.problems.extend(problem);
            state.visible.insert(path.clone());
            if required {
                state.required.insert(path.clone());
            }
            if fixed {
                state.read_only.insert(path.clone());
            }
            if let Some(computed) = computed {
                state.computed.insert(path.clone(), computed);
            }
            state.values.insert(path.clone(), value);
        }
        state
    }

    fn broken_rule(&self, slot: &Slot, language: Language) -> FieldProblem {
        let mut problem = FieldProblem::new(&slot.path, "rule");
        if let Some(rule) = &self.item(slot).rule {
            rule.message.get(language).clone_into(&mut problem.sentence);
        }
        problem
    }

    /// `customer`, with what the form changes in it.
    fn customer_layer(&self, context: &Context, seen: &Map<String, Value>) -> FeelContext {
        let mut customer = FeelContext::new();
        for field in &self.customer {
            let slot = self
                .slots
                .iter()
                .find(|slot| !slot.own && slot.spec.key == field.key);
            let changed = slot
                .filter(|slot| !slot.shown_only)
                .and_then(|slot| seen.get(&slot.path));
            let value = changed
                .or_else(|| context.customer.get(&field.key))
                .unwrap_or(&Value::Null);
            customer.insert(field.key.as_str(), expression::typed(&field.kind, value));
        }
        let mut layer = FeelContext::new();
        layer.insert("customer", customer);
        layer
    }

    fn own_layer(&self, seen: &Map<String, Value>) -> FeelContext {
        let mut layer = FeelContext::new();
        for slot in self.slots.iter().filter(|slot| slot.own) {
            let value = seen.get(&slot.path).unwrap_or(&Value::Null);
            layer.insert(
                slot.spec.key.as_str(),
                expression::typed(&slot.spec.kind, value),
            );
        }
        layer
    }
}

#[derive(Default)]
struct Typed {
    canonical: BTreeMap<String, Value>,
    problems: BTreeMap<String, FieldProblem>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Round {
    hidden: BTreeSet<String>,
    hidden_sections: BTreeSet<String>,
    required: BTreeSet<String>,
    broken: BTreeSet<String>,
    computed: BTreeMap<String, Value>,
    notes: BTreeSet<(usize, usize)>,
    pop_ups: Vec<String>,
}

fn surroundings(context: &Context) -> Scope {
    let mut layer = FeelContext::new();
    for (name, values) in [
        ("session", &context.session),
        ("process", &context.process),
        ("user", &context.user),
    ] {
        layer.insert(name, Feel::from(&Value::Object(values.clone())));
    }
    let scope = Scope::new().with_layer(layer);
    let zone = context
        .zone
        .as_deref()
        .and_then(Zone::named)
        .unwrap_or_else(Zone::utc);
    let now = context.now.and_then(|now| {
        let micros = now.as_micros();
        let nanos = u32::try_from(micros.rem_euclid(1_000_000) * 1_000).unwrap_or(0);
        DateTime::from_epoch(micros.div_euclid(1_000_000), nanos, &zone)
    });
    match now {
        Some(now) => scope.at(now),
        None => scope,
    }
}

/// A computed value in its field's canonical form. An exact number is rounded half-even to what the field holds; what the
/// field cannot hold is null.
fn rounded(slot: &Slot, value: &Value) -> Value {
    if slot.spec.kind.is_exact_number() {
        let decimals = match slot.spec.kind {
            crate::schema::FieldKind::Number { decimals } => decimals.unwrap_or(4).min(4),
            _ => 4,
        };
        return crate::schema::round_exact(value, decimals)
            .map_or(Value::Null, |amount| Value::String(amount.to_string()));
    }
    slot.spec.check(value).unwrap_or_default()
}
