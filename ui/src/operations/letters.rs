use std::collections::BTreeSet;

use access::Verb;
use api::{
    engine::{DeadLetter, Requeue, Requeued},
    path,
};
use kernel::Paged;
use leptos::{html, prelude::*};

use super::may;
use crate::{
    format,
    kit::{Badge, Button, Dialog, EmptyState, Icon, Look, Notice, Tone, every},
    listed::Listed,
    moment::ms,
    prefs::preferences,
    problem::Problem,
    settings::parts::Refusal,
    t, tr, transport,
};

const IN_DOUBT: &str = "in_doubt";

/// What a job does, in words; its kind where it has none.
fn kind(kind: &str) -> String {
    let key = format!("dead-letter-{}", kind.replace(['.', '_'], "-"));
    if locale::has(preferences().language(), &key) {
        t!(&key)
    } else {
        kind.to_owned()
    }
}

/// Jobs that failed for good, newest first. Ids for tests: `letters-none`, `letter-ID`, `letter-choose-ID`, `letters-all`,
/// `letter-requeue-ID`, `letters-requeue`, `requeue-send`, `letters-result`, `letters-more`.
#[component]
pub fn Letters(pulse: RwSignal<u64>) -> impl IntoView {
    let lines = Listed::new(|query| async move {
        transport::get::<Paged<DeadLetter>>(path::DEAD_LETTERS, &query).await
    });
    Effect::new(move |before: Option<()>| {
        pulse.track();
        if before.is_some() {
            lines.again();
        }
    });
    // Nobody tells when a job fails.
    every(15_000, move || lines.again());
    let changes = may(Verb::Change, "incident");
    let chosen = RwSignal::new(BTreeSet::<String>::new());
    // What has gone from the list is not chosen any more.
    let held = Memo::new(move |_| {
        let chosen = chosen.get();
        let there = lines.get().into_iter();
        there
            .filter(|line| chosen.contains(&line.id.to_string()))
            .collect::<Vec<_>>()
    });
    let asking = RwSignal::new(Vec::<DeadLetter>::new());
    let result = RwSignal::new(None::<(String, Tone)>);
    let done = move || {
        chosen.set(BTreeSet::new());
        lines.again();
    };
    let rows = move || {
        lines
            .get()
            .into_iter()
            .map(|line| view! { <Line line=line changes=changes chosen=chosen asking=asking /> })
            .collect_view()
    };
    view! {
        <div class="operations-scroll">
            <p class="weak">{tr!("operations-letters-text")}</p>
            <div id="letters-result" role="status">
                {move || result.get().map(|(text, tone)| view! { <Notice text=text tone=tone /> })}
            </div>
            {lines.view(
                "letters",
                || t!("operations-letters-failed"),
                move || {
                    view! {
                        <Show
                            when=move || lines.with(|lines| !lines.is_empty())
                            fallback=|| {
                                view! {
                                    <div id="letters-none">
                                        <EmptyState
                                            icon=Icon::CircleCheck
                                            title=tr!("operations-letters-none")
                                            text=Signal::derive(|| t!("operations-letters-none-text"))
                                        />
                                    </div>
                                }
                            }
                        >
                            {changes
                                .then(|| {
                                    view! {
                                        <div class="row">
                                            <Button
                                                id="letters-requeue"
                                                icon=Icon::Redo
                                                label=move || t!("operations-requeue-chosen", count = held.with(Vec::len))
                                                disabled=Signal::derive(move || held.with(Vec::is_empty))
                                                on_press=move || asking.set(held.get_untracked())
                                            />
                                        </div>
                                    }
                                })}
                            <div class="surface operations-table">
                                <table class="table">
                                    <thead>
                                        <tr>
                                            {changes.then(|| view! { <th scope="col"><All lines=lines chosen=chosen held=held /></th> })}
                                            <th scope="col">{tr!("operations-letter-kind")}</th>
                                            <th scope="col">{tr!("operations-state")}</th>
                                            <th scope="col">{tr!("operations-letter-cause")}</th>
                                            <th scope="col" class="table-end">{tr!("operations-letter-attempts")}</th>
                                            <th scope="col">{tr!("operations-letter-asked")}</th>
                                            <th scope="col">{tr!("operations-letter-ended")}</th>
                                            {changes
                                                .then(|| view! { <th scope="col"><span class="only-read">{tr!("operations-requeue")}</span></th> })}
                                        </tr>
                                    </thead>
                                    <tbody>{rows}</tbody>
                                </table>
                            </div>
                        </Show>
                    }
                },
            )}
            <Anew asking=asking result=result on_done=done />
        </div>
    }
}

/// Chooses all that is in sight, or none.
#[component]
fn All(
    lines: Listed<DeadLetter>,
    chosen: RwSignal<BTreeSet<String>>,
    held: Memo<Vec<DeadLetter>>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let whole = Memo::new(move |_| {
        let count = held.with(Vec::len);
        count > 0 && count == lines.with(<[DeadLetter]>::len)
    });
    Effect::new(move |_| {
        let partly = !whole.get() && held.with(|held| !held.is_empty());
        if let Some(node) = node.get() {
            node.set_indeterminate(partly);
        }
    });
    view! {
        <label class="choice">
            <input
                node_ref=node
                id="letters-all"
                type="checkbox"
                aria-label=tr!("operations-letter-choose-all")
                prop:checked=whole
                on:change=move |event| {
                    let all = event_target_checked(&event);
                    let ids = untrack(|| lines.get()).into_iter().map(|line| line.id.to_string());
                    chosen.set(if all { ids.collect() } else { BTreeSet::new() });
                }
            />
        </label>
    }
}

#[component]
fn Line(
    line: DeadLetter,
    changes: bool,
    chosen: RwSignal<BTreeSet<String>>,
    asking: RwSignal<Vec<DeadLetter>>,
) -> impl IntoView {
    let id = line.id.to_string();
    let own = StoredValue::new(id.clone());
    let kept = StoredValue::new(line.clone());
    let asked = ms(line.asked);
    let finished = line.finished.map(ms);
    let (state, tone) = if line.state == IN_DOUBT {
        (t!("operations-letter-in-doubt"), Tone::Warning)
    } else {
        (t!("operations-letter-failed"), Tone::Danger)
    };
    let name = kind(&line.kind);
    let cause = line.cause.filter(|cause| !cause.trim().is_empty());
    let box_label = t!(
        "operations-letter-choose",
        kind = name.clone(),
        when = format::when(asked)
    );
    view! {
        <tr id=format!("letter-{id}")>
            {changes
                .then(|| {
                    view! {
                        <td>
                            <label class="choice">
                                <input
                                    id=format!("letter-choose-{id}")
                                    type="checkbox"
                                    aria-label=box_label
                                    prop:checked=move || chosen.with(|chosen| own.with_value(|own| chosen.contains(own)))
                                    on:change=move |event| {
                                        let on = event_target_checked(&event);
                                        chosen
                                            .update(|chosen| {
                                                if on {
                                                    chosen.insert(own.get_value());
                                                } else {
                                                    own.with_value(|own| chosen.remove(own));
                                                }
                                            });
                                    }
                                />
                            </label>
                        </td>
                    }
                })}
            <td class="operations-long"><span class="strong">{name}</span></td>
            <td><Badge label=state tone=tone /></td>
            <td class="operations-long">
                {match cause {
                    Some(cause) => view! { <span>{cause}</span> }.into_any(),
                    None => view! { <span class="weak">{tr!("operations-letter-no-cause")}</span> }.into_any(),
                }}
            </td>
            <td class="table-end figures">{format::count(u64::try_from(line.attempts).unwrap_or(0))}</td>
            <td class="figures weak" title=format::to_the_second(asked)>{format::when(asked)}</td>
            <td class="figures weak" title=finished.map(format::to_the_second)>{finished.map(format::when)}</td>
            {changes
                .then(|| {
                    view! {
                        <td class="table-end">
                            <Button
                                id=format!("letter-requeue-{id}")
                                label=tr!("operations-requeue")
                                look=Look::Quiet
                                icon=Icon::Redo
                                on_press=move || asking.set(vec![kept.get_value()])
                            />
                        </td>
                    }
                })}
        </tr>
    }
}

/// Asks first, with a warning where an effect may happen twice, and says what came of it.
#[component]
fn Anew(
    asking: RwSignal<Vec<DeadLetter>>,
    result: RwSignal<Option<(String, Tone)>>,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        let wanted = asking.with(|asking| !asking.is_empty());
        if wanted {
            problem.set(None);
        }
        open.set(wanted);
    });
    let close = move || asking.set(Vec::new());
    let send = move || {
        let ask = Requeue {
            ids: asking.with_untracked(|asking| asking.iter().map(|line| line.id).collect()),
        };
        if busy.get_untracked() || ask.ids.is_empty() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let answer: Result<Requeued, Problem> =
                transport::post(path::DEAD_LETTERS_REQUEUE, &ask).await;
            busy.try_set(false);
            match answer {
                Ok(Requeued { requeued }) => {
                    let gone = (ask.ids.len() as u64).saturating_sub(requeued);
                    let told = if gone == 0 {
                        (t!("operations-requeued", count = requeued), Tone::Success)
                    } else {
                        let text = t!("operations-requeued-some", count = requeued, gone = gone);
                        (text, Tone::Warning)
                    };
                    asking.try_set(Vec::new());
                    result.try_set(Some(told));
                    on_done.try_run(());
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let count = move || asking.with(Vec::len);
    let in_doubt =
        move || asking.with(|all| all.iter().filter(|line| line.state == IN_DOUBT).count());
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || t!("operations-requeue-title", count = count()))
            on_close=close
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=close />
                    <Button id="requeue-send" label=tr!("operations-requeue") look=Look::Primary busy=busy on_press=send />
                }
            }
        >
            <div class="stack">
                <p>{move || t!("operations-requeue-sure", count = count())}</p>
                {move || {
                    (in_doubt() > 0)
                        .then(|| view! { <Notice tone=Tone::Warning text=t!("operations-requeue-doubt", count = in_doubt()) /> })
                }}
                <Refusal problem=problem fields=&[] />
            </div>
        </Dialog>
    }
}
