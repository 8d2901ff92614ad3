use access::Verb;
use api::{
    engine::{MoveMade, Operation},
    path,
};
use leptos::prelude::*;

use crate::{
    format,
    kit::{Badge, Button, Icon, Look, Tone, toast, toast_with},
    loaded::{Failed, Loaded},
    moment::ms,
    session, t, tr, transport,
};

/// How the task came to another version of its process, with the way back where there is one. Nothing where it was never
/// moved and runs on the newest. Ids for tests: `instance-moves`, `undo-ID`.
#[component]
pub fn Moved(
    instance: StoredValue<String>,
    operation: Loaded<Operation>,
    /// Whether it still runs.
    runs: bool,
) -> impl IntoView {
    let changes =
        untrack(session::me).is_some_and(|me| me.permissions.may(Verb::Change, "instance"));
    let busy = RwSignal::new(false);
    let undo = Callback::new(move |made: String| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let address = path::fill(path::INSTANCE_MOVE, &[&instance.get_value(), &made]);
        leptos::task::spawn_local(async move {
            match transport::delete(&address, &[]).await {
                Ok(()) => toast(t!("instance-move-taken-back")),
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
            busy.try_set(false);
            operation.again();
        });
    });
    move || {
        if let Some(problem) = operation.problem() {
            return Some(
                view! {
                    <section class="stack">
                        <h2>{tr!("instance-moves")}</h2>
                        <Failed problem=problem title=t!("instance-moves-failed") on_retry=move || operation.again() />
                    </section>
                }
                .into_any(),
            );
        }
        let known = operation.get()?;
        let newer = runs && changes && known.newest > known.version;
        if known.moves.is_empty() && !newer {
            return None;
        }
        let newest = known.newest;
        let moves = known.moves;
        Some(
            view! {
                <section id="instance-moves" class="stack">
                    <h2>{tr!("instance-moves")}</h2>
                    {newer.then(|| view! { <p class="weak">{t!("instance-move-newer", newest = newest)}</p> })}
                    {(!moves.is_empty())
                        .then(|| {
                            view! {
                                <ul class="surface made-moves">
                                    {moves
                                        .into_iter()
                                        .map(|made| view! { <Made made=made changes=changes busy=busy undo=undo /> })
                                        .collect_view()}
                                </ul>
                            }
                        })}
                </section>
            }
            .into_any(),
        )
    }
}

#[component]
fn Made(
    made: MoveMade,
    changes: bool,
    busy: RwSignal<bool>,
    undo: Callback<String>,
) -> impl IntoView {
    let id = made.id.to_string();
    let at = ms(made.at);
    view! {
        <li class="made-move">
            <Badge label=t!("instance-move", from = made.from, to = made.to) icon=Icon::Transfer />
            <span class="grow level-why">{made.reason}</span>
            <span class="weak cut">{made.by}</span>
            <span class="figures small weak" title=format::to_the_second(at)>{format::when(at)}</span>
            {made
                .undone
                .map(|undone| view! { <span class="small tone-warning">{t!("instance-move-undone", when = format::when(ms(undone)))}</span> })}
            {(made.may_undo && changes)
                .then(|| {
                    view! {
                        <Button
                            id=format!("undo-{id}")
                            label=tr!("instance-move-undo")
                            look=Look::Quiet
                            icon=Icon::Undo
                            busy=busy
                            on_press=move || undo.run(id.clone())
                        />
                    }
                })}
        </li>
    }
}
