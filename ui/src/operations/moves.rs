use api::{
    definitions::{Definition, DefinitionLine, VersionLine},
    engine::{Bulk, MoveInstances, MoveVerdict},
    path,
};
use kernel::Paged;
use leptos::prelude::*;

use super::{
    Whose,
    order::{Order, Orders, Watched},
    pairs::{self, Pairs},
};
use crate::{
    format,
    kit::{
        Badge, Button, Choice, Combobox, Dialog, EmptyState, Field, Icon, Loading, Look, Notice,
        Select, TextArea, Tone,
    },
    listed::Listed,
    loaded::{Failed, Loaded},
    moment::ms,
    prefs::preferences,
    problem::Problem,
    settings::parts::{Refusal, at_field},
    t, tr, transport,
};

/// A house has some hundreds of processes; beyond this they would not be found in a list either.
const MOST_PROCESSES: usize = 5_000;

/// Every process that has been published.
async fn processes() -> Result<Vec<DefinitionLine>, Problem> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut query = vec![("kind", "process".to_owned()), ("limit", "500".to_owned())];
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page: Paged<DefinitionLine> = transport::get(path::DEFINITIONS, &query).await?;
        let published = page
            .items
            .into_iter()
            .filter(|line| line.published.is_some());
        all.extend(published);
        match page.next {
            Some(next) if all.len() < MOST_PROCESSES => cursor = Some(next),
            _ => return Ok(all),
        }
    }
}

fn version_choices(versions: &[VersionLine], without: &str) -> Vec<Choice> {
    versions
        .iter()
        .map(|line| {
            let when = format::date(ms(line.published));
            let label = t!(
                "operations-moves-version",
                version = line.version,
                when = when
            );
            Choice::new(line.version.to_string(), label)
        })
        .filter(|choice| choice.value != without)
        .collect()
}

/// What would become of the running tasks of a process on another version, and the order to move them. Ids for tests:
/// `moves-process`, `moves-from`, `moves-to`, `moves-renamed-add`, `moves-look`, `moves-sum`, `verdict-ID`, `moves-order`,
/// `moves-reason`, `moves-send`, `verdicts-more`.
#[component]
pub fn Moves(pulse: RwSignal<u64>) -> impl IntoView {
    let known = Loaded::new(processes);
    let process = RwSignal::new(String::new());
    let from = RwSignal::new(String::new());
    let to = RwSignal::new(String::new());
    let renamed = RwSignal::new(Vec::new());
    let versions = RwSignal::new(None::<Result<Vec<VersionLine>, Problem>>);
    let turn = StoredValue::new(0_u64);
    // The versions of what is chosen, newest first. What was chosen of them stays, where there is such a one still.
    let read = move || {
        let key = process.get_untracked();
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        if key.is_empty() {
            return;
        }
        leptos::task::spawn_local(async move {
            let found = transport::get::<Definition>(&path::definition("process", &key), &[]).await;
            if turn.try_get_value() != Some(own) {
                return;
            }
            let found = found.map(|definition| {
                let mut versions = definition.versions;
                versions.sort_by_key(|line| std::cmp::Reverse(line.version));
                versions
            });
            if let Ok(lines) = &found {
                let newest = lines.first().map(|line| line.version.to_string());
                if to.try_with_untracked(String::is_empty) == Some(true) {
                    to.try_set(newest.unwrap_or_default());
                }
            }
            versions.try_set(Some(found));
        });
    };
    let looked = RwSignal::new(None::<MoveInstances>);
    Effect::new(move |_| {
        process.track();
        looked.set(None);
        renamed.set(Vec::new());
        versions.set(None);
        from.set(String::new());
        to.set(String::new());
        read();
    });
    // Another question: what was seen is not the answer to it.
    Effect::new(move |_| {
        from.track();
        to.track();
        looked.set(None);
    });
    // Raised when something has moved.
    let settled = RwSignal::new(0_u64);
    Effect::new(move |before: Option<()>| {
        pulse.track();
        if before.is_some() {
            known.again();
            read();
            settled.update(|settled| *settled += 1);
        }
    });
    let lines = Memo::new(move |_| {
        versions.with(|versions| match versions {
            Some(Ok(lines)) => lines.clone(),
            _ => Vec::new(),
        })
    });
    let choices = Signal::derive(move || {
        let language = preferences().language();
        let known = known.get().unwrap_or_default().into_iter();
        known
            .map(|line| Choice::new(line.key.clone(), line.name.get(language)).with_hint(line.key))
            .collect::<Vec<_>>()
    });
    let all_versions = Signal::derive(move || lines.with(|lines| version_choices(lines, "")));
    let targets = Signal::derive(move || {
        let from = from.get();
        lines.with(|lines| version_choices(lines, &from))
    });
    // What runs on a version does not move to the same.
    Effect::new(move |_| {
        let targets = targets.get();
        let fits = to.with_untracked(|to| targets.iter().any(|choice| choice.value == *to));
        if !fits && !targets.is_empty() {
            to.set(
                targets
                    .first()
                    .map(|choice| choice.value.clone())
                    .unwrap_or_default(),
            );
        }
    });
    let look = move || {
        let Ok(to) = to.with_untracked(|to| to.parse()) else {
            return;
        };
        looked.set(Some(MoveInstances {
            process: process.get_untracked(),
            from: from.with_untracked(|from| from.parse().ok()),
            to,
            mapping: pairs::texts(renamed),
            ..MoveInstances::default()
        }));
    };
    let watched = RwSignal::new(None::<Watched>);
    let name = Signal::derive(move || {
        let key = process.get();
        let found = choices.with(|all| all.iter().find(|one| one.value == key).cloned());
        found.map_or(key, |one| one.label)
    });
    // Read again, the fields stay as they stand.
    let phase = Memo::new(move |_| {
        versions.with(|versions| {
            let found = versions.as_ref()?;
            Some(
                found
                    .as_ref()
                    .map(|lines| lines.len() > 1)
                    .map_err(Clone::clone),
            )
        })
    });
    let versions_view = move || {
        if process.with(String::is_empty) {
            return ().into_any();
        }
        match phase.get() {
            None => view! { <Loading lines=2 /> }.into_any(),
            Some(Err(problem)) => {
                view! { <Failed problem=problem title=t!("operations-moves-process-failed") on_retry=read /> }.into_any()
            }
            Some(Ok(false)) => {
                view! { <Notice text=t!("operations-moves-none-to") /> }.into_any()
            }
            Some(Ok(true)) => view! {
                <div class="operations-fields">
                    <Field label=tr!("operations-moves-from")>
                        <Select id="moves-from" value=from options=all_versions none=Signal::derive(|| t!("operations-moves-any")) />
                    </Field>
                    <Field label=tr!("operations-moves-to")>
                        <Select id="moves-to" value=to options=targets />
                    </Field>
                </div>
                <details>
                    <summary>{tr!("operations-moves-renamed")}</summary>
                    <div class="stack operations-renamed">
                        <p class="weak small">{tr!("operations-moves-renamed-hint")}</p>
                        <Pairs
                            id="moves-renamed"
                            pairs=renamed
                            name=tr!("operations-moves-old")
                            value=tr!("operations-moves-new")
                            add=tr!("operations-moves-renamed-add")
                        />
                    </div>
                </details>
                <div class="row">
                    <Button id="moves-look" label=tr!("operations-moves-look") icon=Icon::Eye look=Look::Primary on_press=look />
                </div>
            }
            .into_any(),
        }
    };
    view! {
        <div class="operations-scroll">
            <p class="weak">{tr!("operations-moves-text")}</p>
            {known.view(
                3,
                || t!("operations-moves-process-failed"),
                move || {
                    view! {
                        <div class="surface operations-ask">
                            <Field label=tr!("operations-moves-process")>
                                <Combobox id="moves-process" value=process options=choices placeholder=tr!("operations-moves-process-find") />
                            </Field>
                            {versions_view}
                        </div>
                    }
                },
            )}
            <Order watched=watched on_end=move || settled.update(|settled| *settled += 1) />
            {move || looked.get().map(|ask| view! { <Verdicts ask=ask name=name settled=settled watched=watched /> })}
            <Orders kind="move" watched=watched pulse=settled />
        </div>
    }
}

/// What would become of each, and the order for all of them.
#[component]
fn Verdicts(
    ask: MoveInstances,
    name: Signal<String>,
    settled: RwSignal<u64>,
    watched: RwSignal<Option<Watched>>,
) -> impl IntoView {
    let ask = StoredValue::new(ask);
    let lines = Listed::new(move |query| {
        let body = transport::json(&ask.get_value());
        async move {
            transport::call::<Paged<MoveVerdict>>("POST", path::MOVES_PREVIEW, &query, body).await
        }
    });
    Effect::new(move |before: Option<()>| {
        settled.track();
        if before.is_some() {
            lines.again();
        }
    });
    let count = move |verdict: &str| {
        lines.with(|lines| lines.iter().filter(|line| line.verdict == verdict).count())
    };
    let ordering = RwSignal::new(false);
    let rows = move || {
        lines
            .get()
            .into_iter()
            .map(|line| view! { <Verdict line=line /> })
            .collect_view()
    };
    view! {
        <section class="stack" aria-label=tr!("operations-moves-look")>
            {lines.view(
                "verdicts",
                || t!("operations-moves-failed"),
                move || {
                    view! {
                        <Show
                            when=move || lines.with(|lines| !lines.is_empty())
                            fallback=|| {
                                view! {
                                    <EmptyState
                                        icon=Icon::Workflow
                                        title=tr!("operations-moves-nobody")
                                        text=Signal::derive(|| t!("operations-moves-nobody-text"))
                                    />
                                }
                            }
                        >
                            <div class="row operations-actions">
                                <p
                                    id="moves-sum"
                                    class="grow"
                                    role="status"
                                    data-moves=move || count("moves").to_string()
                                    data-stays=move || count("stays").to_string()
                                    data-impossible=move || count("impossible").to_string()
                                >
                                    {move || {
                                        t!(
                                            "operations-moves-sum", count = lines.with(<[MoveVerdict]>::len), moves = count("moves"), stays =
                                            count("stays"), impossible = count("impossible")
                                        )
                                    }}
                                    {move || {
                                        lines.goes_on().then(|| view! { " " <span class="weak">{t!("operations-moves-sum-part")}</span> })
                                    }}
                                </p>
                                <Button
                                    id="moves-order"
                                    label=tr!("operations-moves-order")
                                    icon=Icon::Transfer
                                    disabled=Signal::derive(move || count("moves") == 0 && !lines.goes_on())
                                    on_press=move || ordering.set(true)
                                />
                            </div>
                            <div class="surface operations-table">
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th scope="col">{tr!("operations-whose")}</th>
                                            <th scope="col" class="table-end">{tr!("operations-moves-on")}</th>
                                            <th scope="col">{tr!("operations-moves-began")}</th>
                                            <th scope="col">{tr!("operations-verdict")}</th>
                                            <th scope="col">{tr!("operations-why")}</th>
                                        </tr>
                                    </thead>
                                    <tbody>{rows}</tbody>
                                </table>
                            </div>
                        </Show>
                    }
                },
            )}
            <Ordering open=ordering ask=ask name=name lines=lines watched=watched />
        </section>
    }
}

#[component]
fn Verdict(line: MoveVerdict) -> impl IntoView {
    let (label, tone) = match line.verdict.as_str() {
        "moves" => (t!("operations-verdict-moves"), Tone::Success),
        "stays" => (t!("operations-verdict-stays"), Tone::Neutral),
        _ => (t!("operations-verdict-impossible"), Tone::Danger),
    };
    let why = match line.verdict.as_str() {
        "moves" if line.lost + line.new == 0 => t!("operations-moves-plain"),
        "moves" => t!("operations-moves-change", lost = line.lost, new = line.new)
            .trim()
            .to_owned(),
        "stays" => t!("operations-moves-same"),
        _ => {
            let sentences = line
                .obstacles
                .iter()
                .map(|obstacle| obstacle.sentence.as_str());
            sentences.collect::<Vec<_>>().join(" ")
        }
    };
    let began = ms(line.started);
    let verdict = line.verdict;
    view! {
        <tr id=format!("verdict-{}", line.instance) data-verdict=verdict>
            <td><Whose instance=Some(line.instance) customer=line.customer name=line.customer_name /></td>
            <td class="table-end figures">{line.version}</td>
            <td class="figures weak" title=format::to_the_second(began)>{format::when(began)}</td>
            <td><Badge label=label tone=tone /></td>
            <td class="operations-long">{why}</td>
        </tr>
    }
}

/// Says what happens, asks why, and orders it.
#[component]
fn Ordering(
    open: RwSignal<bool>,
    ask: StoredValue<MoveInstances>,
    name: Signal<String>,
    lines: Listed<MoveVerdict>,
    watched: RwSignal<Option<Watched>>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        if open.get() {
            problem.set(None);
        }
    });
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let order = MoveInstances {
            reason: reason.get_untracked(),
            ..ask.get_value()
        };
        // As many as were seen, where all were.
        let of = untrack(|| (!lines.goes_on()).then(|| lines.with(<[MoveVerdict]>::len)));
        leptos::task::spawn_local(async move {
            let answer: Result<Bulk, Problem> = transport::post(path::MOVES, &order).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    reason.try_set(String::new());
                    open.try_set(false);
                    watched.try_set(Some(Watched {
                        id: order.id,
                        of: of.and_then(|of| u64::try_from(of).ok()),
                    }));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let close = move || open.set(false);
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || {
                t!("operations-moves-title", process = name.get(), version = ask.with_value(|ask| ask.to))
            })
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=close />
                    <Button
                        id="moves-send"
                        label=tr!("operations-moves-order")
                        look=Look::Primary
                        key="Ctrl+↵"
                        busy=busy
                        on_press=send
                    />
                }
            }
        >
            <div class="stack">
                <p>{tr!("operations-moves-sure")}</p>
                <Field
                    label=tr!("operations-reason")
                    hint=tr!("operations-reason-hint")
                    error=at_field(problem, "reason")
                    required=true
                >
                    <TextArea id="moves-reason" value=reason rows=2 max_length=2000_u32 on_send=send />
                </Field>
                <Refusal problem=problem fields=&["reason"] />
            </div>
        </Dialog>
    }
}
