use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    calendar::CalendarEditor, customer_type::CustomerTypeEditor, decision::DecisionEditor,
    draft::Draft, form_editor::FormPage, known, known::Known, process::ProcessEditor,
};
use crate::{
    kit::{EmptyState, Icon},
    loaded::Loaded,
    t, tr,
};

/// One definition, in the editor of its kind.
#[component]
pub fn DefinitionPage() -> impl IntoView {
    let params = use_params_map();
    let place = Memo::new(move |_| {
        params.with(|params| {
            (
                params.get("kind").unwrap_or_default(),
                params.get("key").unwrap_or_default(),
            )
        })
    });
    move || {
        let (kind, key) = place.get();
        view! { <Editor kind=kind key=key /> }
    }
}

#[component]
fn Editor(kind: String, key: String) -> impl IntoView {
    let (own_kind, own_key) = (kind.clone(), key.clone());
    let definition = Loaded::new(move || {
        let (kind, key) = (own_kind.clone(), own_key.clone());
        async move { known::load(&kind, &key).await }
    });
    let turn = RwSignal::new(0_u64);
    let known = Known::read();
    definition.view(
        8,
        || t!("designer-open-failed"),
        move || {
            let (kind, key) = (kind.clone(), key.clone());
            let reread = Callback::new(move |()| {
                let (kind, key) = (kind.clone(), key.clone());
                leptos::task::spawn_local(async move {
                    if let Ok(read) = known::load(&kind, &key).await {
                        definition.set(read);
                        turn.update(|turn| *turn += 1);
                    }
                });
            });
            view! {
                {move || {
                    turn.track();
                    let Some(definition) = definition.get_untracked() else { return ().into_any() };
                    let kind = definition.line.kind.clone();
                    let draft = Draft::new(definition);
                    match kind.as_str() {
                        "customer_type" => view! { <CustomerTypeEditor draft=draft on_reread=reread /> }.into_any(),
                        "form" => view! { <FormPage draft=draft known=known on_reread=reread /> }.into_any(),
                        "decision" => view! { <DecisionEditor draft=draft on_reread=reread /> }.into_any(),
                        "calendar" => view! { <CalendarEditor draft=draft on_reread=reread /> }.into_any(),
                        "process" => view! { <ProcessEditor draft=draft known=known on_reread=reread /> }.into_any(),
                        _ => view! { <EmptyState icon=Icon::Search title=tr!("designer-open-failed") /> }.into_any(),
                    }
                }}
            }
        },
    )
}
