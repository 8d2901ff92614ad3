use std::time::Duration;

use form::{FieldSpec, Form, form::Context};
use leptos::prelude::*;
use serde_json::Map;

use crate::{
    forms::{FormModel, FormView},
    kit::{EmptyState, Icon, Notice, Tone},
    prefs::preferences,
    tr,
};

/// The form as the agent will see it; it can be filled in to try its conditions.
#[component]
pub fn Preview(form: Signal<Form>, fields: Signal<Vec<FieldSpec>>) -> impl IntoView {
    // Drawn anew a moment after the last change, not at every letter.
    let shown = RwSignal::new((form.get_untracked(), fields.get_untracked()));
    let turn = StoredValue::new(0_u64);
    Effect::new(move |before: Option<()>| {
        let now = (form.get(), fields.get());
        if before.is_none() {
            return;
        }
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        set_timeout(
            move || {
                if turn.try_get_value() == Some(own)
                    && shown.try_with_untracked(|shown| *shown != now) == Some(true)
                {
                    shown.set(now);
                }
            },
            Duration::from_millis(250),
        );
    });
    move || {
        let (form, fields) = shown.get();
        if form.items().next().is_none() {
            return view! { <EmptyState icon=Icon::TextField title=tr!("form-empty") text=Signal::derive(|| crate::t!("form-empty-text")) /> }.into_any();
        }
        let context = Context {
            language: preferences().language(),
            ..Context::default()
        };
        match FormModel::new(&form, &fields, context, &Map::new()) {
            Ok(model) => {
                // A form takes the focus when it opens; a preview must not take it from whoever is writing beside it.
                let settling = RwSignal::new(true);
                crate::kit::after(200, move || {
                    settling.try_set(false);
                });
                view! { <div class="form-preview" prop:inert=settling><FormView model=model /></div> }.into_any()
            }
            Err(problems) => {
                let language = preferences().language();
                view! {
                    <div class="pad stack">
                        <Notice tone=Tone::Warning text=tr!("form-preview-problems") />
                        <ul class="problem-list">
                            {problems.iter().map(|problem| view! { <li>{locale::problem(language, problem)}</li> }).collect_view()}
                        </ul>
                    </div>
                }
                .into_any()
            }
        }
    }
}
