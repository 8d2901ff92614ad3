//! Which decision a business rule task asks, and where its result goes.

use flow::{
    Binding, Element,
    edit::Command,
    model::{ElementKind, TaskKind},
};
use leptos::prelude::*;

use super::Work;
use crate::{
    designer::bound::bound,
    kit::{Field, Select, TextInput},
    t, tr,
};

/// Nothing for any other element. Ids for tests: `task-decision`, `task-result`.
#[component]
pub fn RulePart(work: Work, element: Memo<Option<Element>>) -> impl IntoView {
    let asks = Memo::new(move |_| {
        element.with(|element| {
            element.as_ref().is_some_and(|element| {
                matches!(
                    element.kind,
                    ElementKind::Task {
                        task: TaskKind::BusinessRule
                    }
                )
            })
        })
    });
    let binding = Signal::derive(move || {
        element
            .with(|element| element.as_ref().and_then(|element| element.binding.clone()))
            .unwrap_or_default()
    });
    let change = move |what: &'static str, change: Box<dyn FnOnce(&mut Binding)>| {
        let Some(id) =
            element.with_untracked(|element| element.as_ref().map(|element| element.id.clone()))
        else {
            return;
        };
        let mut changed = binding.get_untracked();
        change(&mut changed);
        let binding = Some(changed).filter(|binding| *binding != Binding::default());
        work.apply(
            what,
            vec![Command::Bind {
                element: id,
                binding,
            }],
        );
    };
    let decision = bound(
        move || binding.with(|binding| binding.decision.clone().unwrap_or_default()),
        move |key: String| {
            let key = Some(key).filter(|key| !key.is_empty());
            change("decision", Box::new(move |binding| binding.decision = key));
        },
    );
    let result = bound(
        move || binding.with(|binding| binding.result.clone().unwrap_or_default()),
        move |name: String| {
            let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            change("result", Box::new(move |binding| binding.result = name));
        },
    );
    let options = Signal::derive(move || work.known.choices("decision"));
    view! {
        <Show when=move || asks.get()>
            <Field label=tr!("process-decision")>
                <Select value=decision options=options none=Signal::derive(|| t!("process-no-decision")) id="task-decision" />
            </Field>
            <Field label=tr!("process-decision-result") hint=Signal::derive(|| t!("process-decision-result-hint"))>
                <TextInput value=result id="task-result" />
            </Field>
        </Show>
    }
}
