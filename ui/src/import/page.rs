use api::{imports::Import, path};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{list::State, plan::PlanStep, result::ResultStep};
use crate::{
    format,
    frame::tabs,
    kit::{Drawn, Icon, Notice, Tone, every},
    loaded::Loaded,
    t, tr,
    transport::{self, live},
};

/// One list, in the step where it stands.
#[component]
pub fn ImportPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || {
        let id = id.get();
        view! { <One id=id /> }
    }
}

#[component]
fn One(id: String) -> impl IntoView {
    let own = StoredValue::new(id);
    let import = Loaded::new(move || async move {
        transport::get::<Import>(&path::fill(path::IMPORT, &[&own.get_value()]), &[]).await
    });
    live::follow(&["import"], move |event: api::events::LiveEvent| {
        if own.with_value(|id| live::is_about(&event, id)) {
            import.again();
        }
    });
    // Events may be lost or come seldom: while it runs, it is looked at again.
    every(1_000, move || {
        if import
            .get_untracked()
            .is_some_and(|import| moving(&import.state))
        {
            import.again();
        }
    });
    import.view(
        6,
        || t!("import-open-failed"),
        move || {
            let now = Signal::derive(move || import.get());
            Effect::new(move |_| {
                if let Some(import) = now.get() {
                    tabs::name_tab(&format!("/import/{}", import.id), &import.file_name);
                }
            });
            let before_run = Memo::new(move |_| now.with(|now| now.as_ref().is_some_and(|import| matches!(import.state.as_str(), "uploading" | "ready"))));
            let name = move || now.with(|now| now.as_ref().map(|import| import.file_name.clone()));
            let state = Signal::derive(move || now.with(|now| now.as_ref().map(|import| import.state.clone()).unwrap_or_default()));
            let size = move || now.with(|now| now.as_ref().map(|import| format::bytes(import.bytes as f64)));
            view! {
                <section class="import-page">
                    <header class="designer-head">
                        <a class="icon-button" href="/import" aria-label=tr!("import-back")><Drawn icon=Icon::ArrowLeft /></a>
                        <div class="designer-title">
                            <h1 class="cut">{name}</h1>
                            <p class="small weak">{size}</p>
                        </div>
                        <State state=state />
                    </header>
                    <Show when=move || now.with(|now| now.as_ref().is_some_and(|import| import.came_before))>
                        <div class="pad-line"><Notice tone=Tone::Warning text=tr!("import-came-before") /></div>
                    </Show>
                    {move || {
                        let Some(first) = now.get_untracked() else { return ().into_any() };
                        if before_run.get() {
                            view! { <PlanStep import=first on_started=move |started: Import| import.set(started) /> }.into_any()
                        } else {
                            view! { <ResultStep import=now on_change=move |changed: Import| import.set(changed) /> }.into_any()
                        }
                    }}
                </section>
            }
        },
    )
}

/// Something is still happening to it.
pub fn moving(state: &str) -> bool {
    matches!(
        state,
        "queued" | "running" | "cancelling" | "undoing" | "uploading"
    )
}
