use kernel::FieldProblem;
use leptos::prelude::*;

use crate::{
    kit::{Count, Drawn, Icon, Tone},
    prefs::preferences,
    tr,
};

/// What stands against publishing, each line leading to its place. Collapses to its heading.
#[component]
pub fn Problems(
    #[prop(into)] problems: Signal<Vec<FieldProblem>>,
    /// Gets the place of the line that was pressed.
    #[prop(into)]
    on_go: Callback<(String,)>,
    /// How many lines the editor adds of its own, such as doubts about a drawing.
    #[prop(optional, into)]
    more: Signal<usize>,
    /// Those lines.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let open = crate::remember::remembered("engage.designer.problems", true);
    let count = Signal::derive(move || problems.with(|problems| problems.len() as u64));
    let doubts = Signal::derive(move || more.get() as u64);
    let children = StoredValue::new(children);
    view! {
        <section class="designer-problems" aria-label=tr!("designer-problems")>
            <button
                type="button"
                class="designer-problems-head"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || {
                    let icon = if open.get() { Icon::ChevronDown } else { Icon::ChevronRight };
                    view! { <Drawn icon=icon /> }
                }}
                <span class="strong">{tr!("designer-problems")}</span>
                {move || match (count.get(), doubts.get()) {
                    (0, 0) => view! { <span class="weak small">{tr!("designer-problems-none")}</span> }.into_any(),
                    (0, doubts) => view! { <Count count=doubts tone=Tone::Warning /> }.into_any(),
                    (number, _) => view! { <Count count=number tone=Tone::Danger /> }.into_any(),
                }}
            </button>
            <Show when=move || open.get() && (count.get() != 0 || doubts.get() != 0)>
                <ul class="designer-problems-list">
                    {move || {
                        let language = preferences().language();
                        problems
                            .get()
                            .into_iter()
                            .map(|problem| {
                                let place = problem.field.clone();
                                view! {
                                    <li>
                                        <button type="button" class="designer-problem" on:click=move |_| on_go.run((place.clone(),))>
                                            <Drawn icon=Icon::CircleAlert class="tone-danger" />
                                            <span>{locale::problem(language, &problem)}</span>
                                        </button>
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                    {children.with_value(|children| children.as_ref().map(|children| children()))}
                </ul>
            </Show>
        </section>
    }
}
