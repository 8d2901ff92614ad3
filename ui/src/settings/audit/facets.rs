use api::{
    audit::{AuditFacets, Facet},
    path,
};
use leptos::prelude::*;

use super::{asked::Asked, trail::ask};
use crate::{format, kit::Loading, loaded::Loaded, t, tr};

/// How many of a facet stand there before one asks for all.
const SHOWN: usize = 7;

/// What there is to choose from, with counts.
#[component]
pub fn Facets(
    question: Memo<Asked>,
    asked: Memo<Asked>,
    #[prop(into)] on_change: Callback<(Asked,)>,
) -> impl IntoView {
    let found = Loaded::new(move || {
        let query = question.get().asking();
        async move { ask::<AuditFacets>(path::AUDIT_FACETS, &query).await }
    });
    view! {
        <aside class="audit-facets" aria-label=tr!("audit-filters")>
            {move || match found.get() {
                None if found.problem().is_some() => ().into_any(),
                None => view! { <Loading lines=8 /> }.into_any(),
                Some(facets) => view! {
                    {(!facets.whole).then(|| view! { <p class="weak small audit-facet-note">{tr!("audit-facet-partial")}</p> })}
                    <Group name="outcome" title="audit-facet-outcome" lines=facets.outcomes asked=asked on_change=on_change />
                    <Group name="operation" title="audit-facet-operation" lines=facets.operations asked=asked on_change=on_change />
                    <Group name="user" title="audit-facet-user" lines=facets.users asked=asked on_change=on_change />
                    <Group name="entity" title="audit-facet-entity" lines=facets.entities asked=asked on_change=on_change />
                    <Group name="module" title="audit-facet-module" lines=facets.modules asked=asked on_change=on_change />
                }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn Group(
    name: &'static str,
    title: &'static str,
    lines: Vec<Facet>,
    asked: Memo<Asked>,
    on_change: Callback<(Asked,)>,
) -> impl IntoView {
    let whole = RwSignal::new(false);
    let count = lines.len();
    let lines = StoredValue::new(lines);
    let chosen = Memo::new(move |_| asked.with(|a| a.condition(name)));
    (count > 0).then(|| view! {
        <fieldset class="audit-facet">
            <legend>{tr!(title)}</legend>
            {move || {
                let some = if whole.get() { count } else { SHOWN };
                lines
                    .get_value()
                    .into_iter()
                    .enumerate()
                    // What is chosen stays in sight.
                    .filter(|(at, line)| *at < some || chosen.with(|c| c.as_deref() == Some(&*line.key)))
                    .map(|(_, line)| {
                        let (key, own) = (line.key.clone(), line.key.clone());
                        let on = Memo::new(move |_| chosen.with(|c| c.as_deref() == Some(&*own)));
                        view! {
                            <button
                                type="button"
                                class="audit-facet-line"
                                id=format!("facet-{name}-{}", line.key.replace('.', "-"))
                                aria-pressed=move || on.get().to_string()
                                on:click=move |_| {
                                    let to = (!on.get_untracked()).then(|| key.clone());
                                    on_change.run((asked.get_untracked().with(name, to),));
                                }
                            >
                                <span class="cut grow">{line.name}</span>
                                <span class="weak figures">{(line.count > 0).then(|| format::count(line.count))}</span>
                            </button>
                        }
                    })
                    .collect_view()
            }}
            <Show when=move || { count > SHOWN && !whole.get() }>
                <button type="button" class="audit-facet-all" on:click=move |_| whole.set(true)>
                    {move || t!("audit-facet-more", n = count - SHOWN)}
                </button>
            </Show>
        </fieldset>
    })
}
