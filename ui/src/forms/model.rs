use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use form::{
    FieldSpec, Form, FormState,
    form::{BoundForm, Context},
};
use kernel::FieldProblem;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::{prefs::preferences, problem::Problem};

/// A form while somebody fills it: a signal for each field, and what the form says to them all together.
#[derive(Clone)]
pub struct FormModel {
    pub bound: Arc<BoundForm>,
    fields: Arc<BTreeMap<String, RwSignal<Value>>>,
    /// What conditions and computed values come to now.
    pub state: Memo<Arc<FormState>>,
    /// Fields that somebody has left: their problems are shown. All of them after a try to send.
    left: RwSignal<BTreeSet<String>>,
    tried: RwSignal<bool>,
    /// What the service said against single values, until they change.
    refused: RwSignal<BTreeMap<String, String>>,
}

impl FormModel {
    /// Begins with `values` (by path) over what the form itself begins with. `Err`: the definition cannot be used.
    pub fn new(
        definition: &Form,
        customer_fields: &[FieldSpec],
        context: Context,
        values: &Map<String, Value>,
    ) -> Result<Self, Vec<FieldProblem>> {
        let bound = Arc::new(definition.bind(customer_fields)?);
        let mut first = bound.initial(&context);
        for (path, value) in values {
            if !value.is_null() {
                first.insert(path.clone(), value.clone());
            }
        }
        let fields: BTreeMap<String, RwSignal<Value>> = bound
            .outline()
            .into_iter()
            .filter_map(|place| place.path)
            .map(|path| {
                let value = first.get(&path).cloned().unwrap_or(Value::Null);
                (path, RwSignal::new(value))
            })
            .collect();
        let fields = Arc::new(fields);
        let state = {
            let (bound, fields) = (bound.clone(), fields.clone());
            Memo::new(move |_| {
                let mut context = context.clone();
                context.language = preferences().language();
                Arc::new(bound.evaluate(&collect(&fields, true), &context))
            })
        };
        // Computed values stand in their fields like typed ones.
        {
            let fields = fields.clone();
            Effect::new(move |_| {
                for (path, value) in &state.get().computed {
                    if let Some(field) = fields.get(path)
                        && field.with_untracked(|now| now != value)
                    {
                        field.set(value.clone());
                    }
                }
            });
        }
        Ok(Self {
            bound,
            fields,
            state,
            left: RwSignal::new(BTreeSet::new()),
            tried: RwSignal::new(false),
            refused: RwSignal::new(BTreeMap::new()),
        })
    }

    pub fn field(&self, path: &str) -> Option<RwSignal<Value>> {
        self.fields.get(path).copied()
    }

    /// What is typed so far, by path, followed: for the draft.
    pub fn typed(&self) -> Map<String, Value> {
        collect(&self.fields, true)
    }

    /// What is to be sent: the visible fields that somebody may type into.
    pub fn to_send(&self) -> Map<String, Value> {
        let state = self.state.get_untracked();
        let mut values = collect(&self.fields, false);
        values.retain(|path, _| {
            state.visible.contains(path)
                && !state.read_only.contains(path)
                && !state.computed.contains_key(path)
        });
        for (path, value) in &mut values {
            // The canonical form where there is one; else as typed, for the service to say what is wrong.
            if let Some(canonical) = state
                .values
                .get(path)
                .filter(|canonical| !canonical.is_null())
            {
                value.clone_from(canonical);
            }
        }
        values
    }

    pub fn fill(&self, values: &Map<String, Value>) {
        for (path, value) in values {
            if let Some(field) = self.fields.get(path) {
                field.set(value.clone());
            }
        }
    }

    pub fn leave(&self, path: &str) {
        self.refused.update(|refused| {
            refused.remove(path);
        });
        self.left.update(|left| {
            left.insert(path.to_owned());
        });
    }

    /// What stands against the field, in a sentence, as far as it is to be shown by now.
    pub fn problem(&self, path: &str) -> Option<String> {
        if let Some(refused) = self.refused.with(|refused| refused.get(path).cloned()) {
            return Some(refused);
        }
        if !self.tried.get() && !self.left.with(|left| left.contains(path)) {
            return None;
        }
        let state = self.state.get();
        state
            .problems
            .iter()
            .find(|problem| problem.field == path)
            .filter(|problem| self.tried.get() || problem.code != "required")
            .map(|problem| locale::problem(preferences().language(), problem))
    }

    /// Whether it may be sent. If not, all problems are shown from now on and the first one's path comes back.
    pub fn try_to_send(&self) -> Result<(), String> {
        self.tried.set(true);
        self.refused.set(BTreeMap::new());
        let state = self.state.get_untracked();
        match state.problems.first() {
            None => Ok(()),
            Some(problem) => Err(problem.field.clone()),
        }
    }

    /// Puts what the service refused to its fields. `true` when all of it has a place here.
    pub fn refuse(&self, problem: &Problem) -> bool {
        let mut placed = true;
        let refused = problem
            .fields
            .iter()
            .filter_map(|(path, sentence)| {
                let path = path.strip_prefix("values.").unwrap_or(path).to_owned();
                let known = self.fields.contains_key(&path);
                placed &= known;
                known.then(|| (path, sentence.clone()))
            })
            .collect::<BTreeMap<_, _>>();
        let any = !refused.is_empty();
        self.refused.set(refused);
        placed && any
    }

    /// How many fields still stand against sending it.
    pub fn open_problems(&self) -> usize {
        self.state.get().problems.len()
    }
}

fn collect(fields: &BTreeMap<String, RwSignal<Value>>, follow: bool) -> Map<String, Value> {
    fields
        .iter()
        .map(|(path, value)| {
            let value = if follow {
                value.get()
            } else {
                value.get_untracked()
            };
            (path.clone(), value)
        })
        .collect()
}
