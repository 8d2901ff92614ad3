use access::Verb;
use api::{
    engine::{Bulk, IncidentGroup, IncidentLine, ListIncidents, RetryIncidents},
    path,
};
use kernel::Paged;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{
    Whose,
    accept::{self, Accept},
    lively, may,
    order::{Order, Orders, Watched},
    pairs::{self, Pairs},
};
use crate::{
    format,
    kit::{Button, Count, Dialog, Drawn, EmptyState, Field, Icon, Look, TextArea, Tone, fresh_id},
    listed::Listed,
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    settings::parts::{Refusal, at_field},
    t, tr, transport,
};

/// What makes incidents one group.
fn key(group: &IncidentGroup) -> String {
    [
        group.process.key.as_str(),
        &group.process_version.to_string(),
        &group.element,
        &group.cause,
        &group.pattern,
    ]
    .join("\n")
}

/// The incidents of a group.
fn listing(group: &IncidentGroup) -> ListIncidents {
    ListIncidents {
        process: Some(group.process.key.clone()),
        process_version: Some(group.process_version),
        element: Some(group.element.clone()),
        cause: Some(group.cause.clone()),
        pattern: Some(group.pattern.clone()),
        ..ListIncidents::default()
    }
}

/// All of a group, tried again.
fn retrying(group: &IncidentGroup) -> RetryIncidents {
    RetryIncidents {
        process: Some(group.process.key.clone()),
        process_version: Some(group.process_version),
        element: Some(group.element.clone()),
        cause: Some(group.cause.clone()),
        pattern: Some(group.pattern.clone()),
        ..RetryIncidents::default()
    }
}

/// What is to be tried again, before it is said why.
#[derive(Clone)]
struct Asked {
    ask: RetryIncidents,
    count: u64,
    cause: String,
}

fn place(group: &IncidentGroup) -> String {
    let element = if group.element_name.is_empty() {
        &group.element
    } else {
        &group.element_name
    };
    t!(
        "operations-place",
        process = group.process.name.clone(),
        version = group.process_version,
        element = element.clone()
    )
}

/// Open incidents by cause, the most frequent first. Ids for tests: each group `.cause` with `data-process`, `data-element`,
/// `data-cause` and in it a button `.cause-head`; in the open one `retry-all`, `incident-ID`, `retry-ID`, `incidents-more`;
/// in the dialog `retry-reason`, `retry-values-add`, `retry-send`.
#[component]
pub fn Incidents(pulse: RwSignal<u64>) -> impl IntoView {
    lively(pulse);
    let groups = Loaded::new(move || {
        pulse.track();
        async move { transport::get::<Vec<IncidentGroup>>(path::INCIDENT_GROUPS, &[]).await }
    });
    let keys = Memo::new(move |_| {
        let groups = groups.get().unwrap_or_default();
        groups.iter().map(key).collect::<Vec<_>>()
    });
    let total = Memo::new(move |_| {
        let groups = groups.get().unwrap_or_default();
        groups.iter().map(|group| group.count).sum::<i64>()
    });
    let opened = RwSignal::new(None::<String>);
    let asking = RwSignal::new(None::<Asked>);
    let watched = RwSignal::new(None::<Watched>);
    let look = move || pulse.update(|pulse| *pulse += 1);
    view! {
        <div class="operations-scroll">
            <Order watched=watched on_end=look />
            {groups.view(
                6,
                || t!("operations-incidents-failed"),
                move || {
                    view! {
                        <Show
                            when=move || keys.with(|keys| !keys.is_empty())
                            fallback=|| {
                                view! {
                                    <div id="incidents-none">
                                        <EmptyState
                                            icon=Icon::CircleCheck
                                            title=tr!("operations-nothing-stuck")
                                            text=Signal::derive(|| t!("operations-nothing-stuck-text"))
                                        />
                                    </div>
                                }
                            }
                        >
                            <p class="weak" role="status">
                                {move || t!("operations-stuck", count = total.get(), causes = keys.with(Vec::len))}
                            </p>
                            <ul class="cause-list" on:keydown=step>
                                <For each=move || keys.get() key=String::clone let:own>
                                    <Cause own=own groups=groups opened=opened asking=asking pulse=pulse />
                                </For>
                            </ul>
                        </Show>
                    }
                },
            )}
            <Show when=move || may(Verb::Change, "incident")>
                <Orders kind="retry" watched=watched pulse=pulse />
            </Show>
            <Retry asking=asking watched=watched />
        </div>
    }
}

/// Up, Down, Home and End go from one cause to the next.
fn step(event: web_sys::KeyboardEvent) {
    let Some(from) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .filter(|target| target.class_list().contains("cause-head"))
    else {
        return;
    };
    let list = event
        .current_target()
        .map(JsCast::unchecked_into::<web_sys::Element>);
    let Some(heads) = list.and_then(|list| list.query_selector_all(".cause-head").ok()) else {
        return;
    };
    let count = heads.length();
    let at = (0..count).find(|at| {
        heads
            .item(*at)
            .is_some_and(|head| from.is_same_node(Some(&head)))
    });
    let to = match (event.key().as_str(), at) {
        ("ArrowDown", Some(at)) => at + 1,
        ("ArrowUp", Some(at)) if at > 0 => at - 1,
        ("Home", _) => 0,
        ("End", _) => count.saturating_sub(1),
        _ => return,
    };
    event.prevent_default();
    let head = heads
        .item(to)
        .and_then(|head| head.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(head) = head {
        let _ = head.focus();
    }
}

#[component]
fn Cause(
    own: String,
    groups: Loaded<Vec<IncidentGroup>>,
    opened: RwSignal<Option<String>>,
    asking: RwSignal<Option<Asked>>,
    pulse: RwSignal<u64>,
) -> impl IntoView {
    let own = StoredValue::new(own);
    let one = Memo::new(move |_| {
        let groups = groups.get().unwrap_or_default();
        own.with_value(|own| groups.into_iter().find(|group| key(group) == *own))
    });
    let open = Memo::new(move |_| {
        own.with_value(|own| opened.with(|opened| opened.as_ref() == Some(own)))
    });
    let told = move |tell: fn(&IncidentGroup) -> String| {
        move || one.with(|one| one.as_ref().map(tell).unwrap_or_default())
    };
    let (head, region) = (fresh_id("cause-head"), StoredValue::new(fresh_id("cause")));
    let named = StoredValue::new(head.clone());
    let turn = move |_| {
        let own = own.get_value();
        opened.update(|opened| {
            *opened = if opened.as_ref() == Some(&own) {
                None
            } else {
                Some(own)
            }
        });
    };
    view! {
        <li
            class="surface cause"
            data-process=told(|group| group.process.key.clone())
            data-element=told(|group| group.element.clone())
            data-cause=told(|group| group.cause.clone())
        >
            <h2>
                <button
                    id=head
                    type="button"
                    class="cause-head"
                    aria-expanded=move || open.get().to_string()
                    aria-controls=move || open.get().then(|| region.get_value())
                    on:click=turn
                >
                    <Drawn icon=Icon::ChevronRight class="cause-turn" />
                    <span class="cause-what">
                        <span class="strong">{told(|group| group.sentence.clone())}</span>
                        <span class="weak small">{told(place)}</span>
                        <span class="weak small cut">{told(|group| group.detail.clone())}</span>
                    </span>
                    <span class="cause-when small weak figures">
                        <span>{told(|group| t!("operations-first", when = format::when(ms(group.first))))}</span>
                        <span>{told(|group| t!("operations-last", when = format::ago(ms(group.last))))}</span>
                    </span>
                    <Count
                        tone=Tone::Danger
                        count=Signal::derive(move || one.with(|one| one.as_ref().map_or(0, count)))
                    />
                </button>
            </h2>
            <Show when=move || open.get()>
                <div id=region.get_value() class="cause-body" role="region" aria-labelledby=named.get_value()>
                    {move || one.get_untracked().map(|group| view! { <Opened first=group one=one asking=asking pulse=pulse /> })}
                </div>
            </Show>
        </li>
    }
}

fn count(group: &IncidentGroup) -> u64 {
    u64::try_from(group.count).unwrap_or(0)
}

/// The incidents of a cause, newest first. `first`: the group as it was when it was opened.
#[component]
fn Opened(
    first: IncidentGroup,
    one: Memo<Option<IncidentGroup>>,
    asking: RwSignal<Option<Asked>>,
    pulse: RwSignal<u64>,
) -> impl IntoView {
    let query = StoredValue::new(transport::query_of(&listing(&first)));
    let lines = Listed::new(move |part| {
        let own = query.get_value();
        async move {
            let mut query: Vec<(&str, String)> = own
                .iter()
                .map(|(name, value)| (name.as_str(), value.clone()))
                .collect();
            query.extend(part);
            transport::get::<Paged<IncidentLine>>(path::INCIDENTS, &query).await
        }
    });
    Effect::new(move |before: Option<()>| {
        pulse.track();
        if before.is_some() {
            lines.again();
        }
    });
    let changes = may(Verb::Change, "incident");
    let sentence = StoredValue::new(first.sentence.clone());
    let all = move || {
        if let Some(group) = one.get_untracked() {
            asking.set(Some(Asked {
                ask: retrying(&group),
                count: count(&group),
                cause: group.sentence,
            }));
        }
    };
    let single = move |line: &IncidentLine| {
        asking.set(Some(Asked {
            ask: RetryIncidents {
                ids: vec![line.id],
                ..RetryIncidents::default()
            },
            count: 1,
            cause: sentence.get_value(),
        }));
    };
    let accepting = RwSignal::new(None::<IncidentLine>);
    let outside = accept::can_be(&first.cause);
    let detail = move || one.with(|one| one.as_ref().map(|one| one.detail.clone()));
    let rows = move || {
        lines
            .get()
            .into_iter()
            .map(|line| {
                let at = ms(line.raised);
                let id = line.id;
                let kept = StoredValue::new(line.clone());
                view! {
                    <tr id=format!("incident-{id}")>
                        <td><Whose instance=Some(line.instance) customer=line.customer name=line.customer_name /></td>
                        <td class="figures weak" title=format::to_the_second(at)>{format::when(at)}</td>
                        <td class="operations-long">{line.detail}</td>
                        <td class="table-end">
                            {changes
                                .then(|| {
                                    view! {
                                        {outside
                                            .then(|| {
                                                view! {
                                                    <Button
                                                        id=format!("accept-{id}")
                                                        label=tr!("operations-accept")
                                                        look=Look::Quiet
                                                        icon=Icon::Check
                                                        on_press=move || accepting.set(Some(kept.get_value()))
                                                    />
                                                }
                                            })}
                                        <Button
                                            id=format!("retry-{id}")
                                            label=tr!("operations-retry")
                                            look=Look::Quiet
                                            icon=Icon::Redo
                                            on_press=move || kept.with_value(single)
                                        />
                                    }
                                })}
                        </td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="row operations-actions">
            <p class="operations-detail mono grow">{detail}</p>
            {changes
                .then(|| {
                    view! {
                        <Button
                            id="retry-all"
                            look=Look::Primary
                            icon=Icon::Redo
                            label=move || t!("operations-retry-all", count = one.with(|one| one.as_ref().map_or(0, count)))
                            on_press=all
                        />
                    }
                })}
        </div>
        {lines.view(
            "incidents",
            || t!("operations-incidents-failed"),
            move || {
                view! {
                    <div class="operations-table">
                        <table class="table">
                            <caption class="only-read">{tr!("operations-incidents")}</caption>
                            <thead>
                                <tr>
                                    <th scope="col">{tr!("operations-whose")}</th>
                                    <th scope="col">{tr!("operations-when")}</th>
                                    <th scope="col">{tr!("operations-said")}</th>
                                    <th scope="col"><span class="only-read">{tr!("operations-retry")}</span></th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }
            },
        )}
        <Accept asking=accepting on_done=move || lines.again() />
    }
}

/// Says how many are tried again, and asks why and with which values.
#[component]
fn Retry(asking: RwSignal<Option<Asked>>, watched: RwSignal<Option<Watched>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let values = RwSignal::new(Vec::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        let wanted = asking.with(Option::is_some);
        if wanted && !open.get_untracked() {
            reason.set(String::new());
            values.set(Vec::new());
            problem.set(None);
        }
        open.set(wanted);
    });
    let close = move || asking.set(None);
    let send = move || {
        let Some(asked) = asking.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let ask = RetryIncidents {
            variables: pairs::values(values),
            reason: reason.get_untracked(),
            ..asked.ask
        };
        leptos::task::spawn_local(async move {
            let answer: Result<Bulk, Problem> = transport::post(path::INCIDENTS_RETRY, &ask).await;
            busy.try_set(false);
            match answer {
                Ok(order) => {
                    asking.try_set(None);
                    watched.try_set(Some(Watched {
                        id: order.id,
                        of: Some(asked.count),
                    }));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let count = move || asking.with(|asked| asked.as_ref().map_or(0, |asked| asked.count));
    view! {
        <Dialog
            id="retry-dialog"
            open=open
            title=Signal::derive(move || t!("operations-retry-title", count = count()))
            on_close=close
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=close />
                    <Button
                        id="retry-send"
                        label=move || t!("operations-retry-all", count = count())
                        look=Look::Primary
                        key="Ctrl+↵"
                        busy=busy
                        on_press=send
                    />
                }
            }
        >
            <div class="stack">
                <p>
                    {move || {
                        let cause = asking.with(|asked| asked.as_ref().map(|asked| asked.cause.clone()));
                        t!("operations-retry-sure", count = count(), cause = cause.unwrap_or_default())
                    }}
                </p>
                <Field
                    label=tr!("operations-reason")
                    hint=tr!("operations-reason-hint")
                    error=at_field(problem, "reason")
                    required=true
                >
                    <TextArea id="retry-reason" value=reason rows=2 max_length=2000_u32 on_send=send />
                </Field>
                <div class="stack">
                    <h3>{tr!("operations-values")}</h3>
                    <p class="weak small">{tr!("operations-values-hint")}</p>
                    <Pairs
                        id="retry-values"
                        pairs=values
                        name=tr!("operations-value-name")
                        value=tr!("operations-value")
                        add=tr!("operations-value-add")
                    />
                </div>
                <Refusal problem=problem fields=&["reason"] />
            </div>
        </Dialog>
    }
}
