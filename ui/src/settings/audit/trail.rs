use api::{
    audit::{AuditLine, AuditPage, AuditQuery},
    path,
};
use leptos::{html, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wasm_bindgen::JsCast;

use super::{
    asked::{Asked, NAMES, RANGES, moment},
    entry::Entry,
    facets::Facets,
};
use crate::{
    export::{self, ExportMenu},
    format,
    kit::{
        Badge, Button, Choice, EmptyState, Icon, IconButton, Loading, Look, Select, TextInput,
        Tone, debounced, every, shortcut,
    },
    loaded::Failed,
    moment::ms,
    problem::Problem,
    t, tr, transport,
};

const PART: u32 = 100;

/// What has come so far.
#[derive(Clone, Default)]
struct Lines {
    items: Vec<AuditLine>,
    older: Option<String>,
    newer: Option<String>,
    looked_to: Option<kernel::Moment>,
}

#[component]
pub fn Trail() -> impl IntoView {
    let map = use_query_map();
    let asked = Memo::new(move |_| map.with(Asked::read));
    let navigate = StoredValue::new(use_navigate());
    let go = move |to: Asked, replace: bool| {
        let options = NavigateOptions {
            replace,
            scroll: false,
            ..Default::default()
        };
        navigate.with_value(|go| go(&to.path(), options));
    };
    // What is asked of the service: not which entry is open.
    let question = Memo::new(move |_| {
        let mut asked = asked.get();
        asked.entry = None;
        asked
    });
    let lines = RwSignal::new(Lines::default());
    let loading = RwSignal::new(true);
    let problem = RwSignal::new(None::<Problem>);
    let fresh = RwSignal::new(0_usize);
    let again = RwSignal::new(0_u64);
    let turn = StoredValue::new(0_u64);

    let fetch = move |cursor: Option<String>, newer: bool| {
        let own = turn.get_value();
        let first = cursor.is_none();
        let query = AuditQuery {
            limit: Some(PART),
            newer: newer.then_some(true),
            cursor,
            ..question.get_untracked().asking()
        };
        loading.set(true);
        leptos::task::spawn_local(async move {
            let answer: Result<AuditPage, Problem> = ask(path::AUDIT, &query).await;
            if turn.try_get_value() != Some(own) {
                return;
            }
            loading.try_set(false);
            match answer {
                Ok(page) => {
                    problem.try_set(None);
                    lines.try_update(|lines| {
                        if newer {
                            let mut items = page.items;
                            items.append(&mut lines.items);
                            lines.items = items;
                            return;
                        }
                        if first {
                            lines.items.clear();
                        }
                        lines.items.extend(page.items);
                        (lines.older, lines.looked_to) = (page.older, page.looked_to);
                        lines.newer = page.newer;
                    });
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    Effect::new(move |_| {
        question.track();
        again.track();
        turn.update_value(|turn| *turn += 1);
        fresh.set(0);
        fetch(None, false);
    });
    // How many have come since: told, not put under the reader's hand.
    every(15_000, move || {
        let Some(newest) = lines.with_untracked(|l| l.items.first().map(cursor)) else {
            return;
        };
        let own = turn.get_value();
        let query = AuditQuery {
            limit: Some(PART),
            newer: Some(true),
            cursor: Some(newest),
            ..question.get_untracked().asking()
        };
        leptos::task::spawn_local(async move {
            let answer: Result<AuditPage, Problem> = ask(path::AUDIT, &query).await;
            if let Ok(page) = answer
                && turn.try_get_value() == Some(own)
            {
                fresh.try_set(page.items.len());
            }
        });
    });

    let searched = RwSignal::new(question.get_untracked().query.q.unwrap_or_default());
    let settle = debounced(350, move |text: String| {
        let text = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let before = asked.get_untracked();
        if before.query.q != text {
            go(before.with("q", text), true);
        }
    });
    Effect::new(move |_| settle(searched.get()));
    let search_node = NodeRef::<html::Input>::new();
    shortcut("/", Signal::derive(|| t!("audit-search")), move || {
        if let Some(node) = search_node.get_untracked() {
            let _ = node.focus();
        }
    });
    let open = move |id: Option<String>| {
        let mut to = asked.get_untracked();
        to.entry = id;
        go(to, true);
    };
    let step = move |by: i64| {
        let Some(now) = asked.with_untracked(|a| a.entry.clone()) else {
            return;
        };
        let next = lines.with_untracked(|lines| {
            let at = lines.items.iter().position(|l| l.id == now)?;
            let at = i64::try_from(at).ok()? + by;
            lines
                .items
                .get(usize::try_from(at).ok()?)
                .map(|l| l.id.clone())
        });
        if let Some(next) = next {
            open(Some(next));
        }
    };
    shortcut("J", Signal::derive(|| t!("audit-next")), move || step(1));
    shortcut("K", Signal::derive(|| t!("audit-previous")), move || {
        step(-1);
    });
    let filters = RwSignal::new(false);
    let detail = move || asked.with(|a| a.entry.clone());
    let change = move |to: Asked| go(to, false);
    view! {
        <div class="audit">
            <div class="audit-bar">
                <div class="audit-search">
                    <TextInput
                        value=searched
                        id="audit-search"
                        kind="search"
                        icon=Icon::Search
                        label=tr!("audit-search")
                        placeholder=Signal::derive(|| t!("audit-search"))
                        node_ref=search_node
                    />
                </div>
                <Range asked=asked on_change=change />
                <Quick asked=asked on_change=change />
                <span class="grow"></span>
                <span class="audit-facets-switch">
                    <IconButton
                        icon=Icon::Filter
                        label=tr!("audit-filters")
                        pressed=Signal::from(filters)
                        on_press=move || filters.update(|on| *on = !*on)
                    />
                </span>
                <IconButton icon=Icon::Refresh label=tr!("kit-try-again") on_press=move || again.update(|a| *a += 1) />
                <Export asked=asked />
            </div>
            <Chips asked=asked on_change=change />
            <div class="audit-body" class:audit-with-entry=move || detail().is_some() class:audit-filters-open=move || filters.get()>
                <Facets question=question asked=asked on_change=change />
                <div class="audit-list">
                    {move || (fresh.get() > 0).then(|| view! {
                        <button type="button" class="audit-fresh" on:click=move |_| again.update(|a| *a += 1)>
                            {move || {
                                let n = fresh.get();
                                if n >= PART as usize { t!("audit-newer-many") } else { t!("audit-newer", n = n) }
                            }}
                        </button>
                    })}
                    {move || {
                        if let Some(problem) = problem.get() {
                            return view! { <Failed problem=problem title=t!("settings-audit") on_retry=move || again.update(|a| *a += 1) /> }.into_any();
                        }
                        let (none, first) = lines.with(|l| (l.items.is_empty(), l.older.is_none()));
                        if none && loading.get() {
                            return view! { <Loading lines=12 /> }.into_any();
                        }
                        if none && first {
                            return view! {
                                <EmptyState icon=Icon::History title=tr!("audit-empty") text=Signal::derive(|| t!("audit-empty-text"))>
                                    <Button
                                        label=tr!("audit-clear")
                                        on_press=move || {
                                            searched.set(String::new());
                                            go(Asked { range: "all".into(), ..Asked::default() }, false);
                                        }
                                    />
                                </EmptyState>
                            }.into_any();
                        }
                        view! { <Rows lines=lines loading=loading asked=asked on_open=open on_more=move || {
                            if let Some(older) = lines.with_untracked(|l| l.older.clone()) {
                                fetch(Some(older), false);
                            }
                        } /> }.into_any()
                    }}
                </div>
                {move || detail().map(|id| view! {
                    <Entry id=id asked=asked on_change=change on_close=move || open(None) on_step=move |by: i64| step(by) />
                })}
            </div>
        </div>
    }
}

pub async fn ask<T: serde::de::DeserializeOwned>(
    path: &str,
    query: &AuditQuery,
) -> Result<T, Problem> {
    let pairs = transport::query_of(query);
    let pairs: Vec<(&str, String)> = pairs.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
    transport::get(path, &pairs).await
}

/// Where a line stands: its instant in microseconds, and its place in the chain.
fn cursor(line: &AuditLine) -> String {
    format!("{}.{}", line.at.as_micros(), line.id.replace('-', "."))
}

#[component]
fn Rows(
    lines: RwSignal<Lines>,
    loading: RwSignal<bool>,
    asked: Memo<Asked>,
    #[prop(into)] on_open: Callback<(Option<String>,)>,
    #[prop(into)] on_more: Callback<()>,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let focus = RwSignal::new(0_usize);
    let move_to = move |to: usize| {
        let count = lines.with_untracked(|l| l.items.len());
        let to = to.min(count.saturating_sub(1));
        focus.set(to);
        let Some(list) = list.get_untracked() else {
            return;
        };
        if let Ok(Some(row)) = list.query_selector(&format!("[data-at='{to}']")) {
            let _ = row.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let at = focus.get_untracked();
        let last = lines.with_untracked(|l| l.items.len()).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => move_to(at + 1),
            "ArrowUp" => move_to(at.saturating_sub(1)),
            "PageDown" => move_to(at + 20),
            "PageUp" => move_to(at.saturating_sub(20)),
            "Home" => move_to(0),
            "End" => move_to(last),
            "Enter" | " " => {
                let id = lines.with_untracked(|l| l.items.get(at).map(|l| l.id.clone()));
                on_open.run((id,));
            }
            "Escape" => on_open.run((None,)),
            _ => return,
        }
        event.prevent_default();
        // An open entry follows the cursor.
        if event.key() != "Escape" && asked.with_untracked(|a| a.entry.is_some()) {
            let at = focus.get_untracked();
            let id = lines.with_untracked(|l| l.items.get(at).map(|l| l.id.clone()));
            on_open.run((id,));
        }
    };
    let scrolled = move |_| {
        let Some(list) = list.get_untracked() else {
            return;
        };
        let left = list.scroll_height() - list.scroll_top() - list.client_height();
        // What was looked through without finding anything goes on only when the reader says so.
        let may = lines.with_untracked(|l| l.older.is_some() && l.looked_to.is_none());
        if left < 600 && may && !loading.get_untracked() {
            on_more.run(());
        }
    };
    view! {
        <div node_ref=list class="audit-scroll" on:scroll=scrolled on:keydown=keys>
            <table class="plain-table audit-table" id="audit-rows" role="grid" aria-label=tr!("settings-audit") aria-busy=move || loading.get().to_string()>
                <thead>
                    <tr>
                        <th scope="col" class="audit-at">{tr!("audit-column-at")}</th>
                        <th scope="col" class="audit-who">{tr!("audit-column-user")}</th>
                        <th scope="col" class="audit-what">{tr!("audit-column-operation")}</th>
                        <th scope="col">{tr!("audit-column-what")}</th>
                        <th scope="col" class="audit-outcome">{tr!("audit-column-outcome")}</th>
                        <th scope="col" class="end audit-took">{tr!("audit-column-duration")}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || lines.get().items.into_iter().enumerate() key=|(at, line)| (*at, line.id.clone()) let:one>
                        <Row at=one.0 line=one.1 focus=focus asked=asked on_open=on_open />
                    </For>
                </tbody>
            </table>
            <div class="audit-foot">
                {move || {
                    let (older, looked_to) = lines.with(|l| (l.older.is_some(), l.looked_to));
                    if loading.get() {
                        return view! { <span class="weak small">{tr!("kit-loading")}</span> }.into_any();
                    }
                    match (older, looked_to) {
                        (true, Some(at)) => {
                            let at = ms(at);
                            view! {
                                <span class="weak small">{move || t!("audit-looked-to", at = format::to_the_second(at))}</span>
                                <Button id="audit-look-on" label=tr!("audit-look-on") on_press=move || on_more.run(()) />
                            }.into_any()
                        }
                        (true, None) => view! { <Button label=tr!("audit-more") look=Look::Quiet on_press=move || on_more.run(()) /> }.into_any(),
                        _ => view! { <span class="weak small">{tr!("audit-end")}</span> }.into_any(),
                    }
                }}
            </div>
        </div>
    }
}

pub fn tone(outcome: &str) -> Tone {
    match outcome {
        "done" => Tone::Success,
        "refused" => Tone::Warning,
        _ => Tone::Danger,
    }
}

pub fn outcome_text(outcome: &str) -> String {
    match outcome {
        "done" => t!("audit-outcome-done"),
        "refused" => t!("audit-outcome-refused"),
        _ => t!("audit-outcome-failed"),
    }
}

/// What an entry is about, in one line.
pub fn about(line: &AuditLine) -> String {
    let mut parts = Vec::new();
    if let Some(name) = line
        .record_name
        .clone()
        .or_else(|| line.customer_name.clone())
    {
        parts.push(name);
    }
    if !line.changed.is_empty() {
        parts.push(line.changed.join(", "));
    }
    if let Some(note) = line.note.clone().filter(|n| parts.first() != Some(n)) {
        parts.push(note);
    }
    parts.join(" · ")
}

/// A length of time that may be far below a second.
pub fn took(micros: i64) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "lengths of time, far below 2^52 µs"
    )]
    let millis = micros as f64 / 1_000.0;
    if millis < 1.0 {
        format!("{} ms", format::number("0.1", Some(1)))
            .replace(&format::number("0.1", Some(1)), "<1")
    } else if millis < 1_000.0 {
        format!("{} ms", format::number(&format!("{millis:.0}"), Some(0)))
    } else {
        format::span(millis)
    }
}

#[component]
fn Row(
    at: usize,
    line: AuditLine,
    focus: RwSignal<usize>,
    asked: Memo<Asked>,
    on_open: Callback<(Option<String>,)>,
) -> impl IntoView {
    let id = line.id.clone();
    let own = line.id.clone();
    let chosen = Memo::new(move |_| asked.with(|a| a.entry.as_deref() == Some(&*own)));
    let when = ms(line.at);
    let outcome = line.outcome.clone();
    let (of, is_done) = (outcome.clone(), outcome == "done");
    let entity = line.entity_name.clone();
    let text = about(&line);
    let title = text.clone();
    view! {
        <tr
            id=format!("entry-{}", line.id)
            data-at=at
            data-operation=line.operation.clone()
            class="audit-row"
            aria-selected=move || chosen.get().to_string()
            tabindex=move || if focus.get() == at { "0" } else { "-1" }
            on:click=move |_| {
                focus.set(at);
                on_open.run((Some(id.clone()),));
            }
        >
            <td class="figures audit-at">{move || format::to_the_second(when)}</td>
            <td class="audit-who cut" title=line.role.clone()>{match line.kind.as_str() {
                "person" => line.user_name.clone().into_any(),
                "system" => view! { <span class="weak">{tr!("audit-kind-system")}</span> }.into_any(),
                _ => view! { <span class="weak">{tr!("audit-kind-external")}" "{line.user_name.clone()}</span> }.into_any(),
            }}</td>
            <td class="audit-what cut strong">{line.operation_name.clone()}</td>
            <td class="cut audit-about" title=title><span class="weak small">{entity}</span>" "{text}</td>
            <td class="audit-outcome">{if is_done {
                view! { <span class="weak small">{move || outcome_text(&of)}</span> }.into_any()
            } else {
                let tone = tone(&outcome);
                view! { <Badge label=Signal::derive(move || outcome_text(&of)) tone=tone /> }.into_any()
            }}</td>
            <td class="end figures weak audit-took">{line.microseconds.map(took)}</td>
        </tr>
    }
}

#[component]
fn Range(asked: Memo<Asked>, #[prop(into)] on_change: Callback<(Asked,)>) -> impl IntoView {
    let value = RwSignal::new(asked.get_untracked().range);
    Effect::new(move |_| value.set(asked.get().range));
    let options = Signal::derive(|| {
        RANGES
            .iter()
            .map(|range| {
                Choice::new(
                    *range,
                    match *range {
                        "hour" => t!("audit-range-hour"),
                        "day" => t!("audit-range-day"),
                        "week" => t!("audit-range-week"),
                        "month" => t!("audit-range-month"),
                        "all" => t!("audit-range-all"),
                        _ => t!("audit-range-own"),
                    },
                )
            })
            .collect::<Vec<_>>()
    });
    let own = Memo::new(move |_| asked.with(|a| a.range == "own"));
    let end = move |is_from: bool, text: String| {
        let at = Some(js_sys::Date::parse(&text))
            .filter(|ms| ms.is_finite())
            .map(moment);
        let mut to = asked.get_untracked();
        if is_from {
            to.query.from = at;
        } else {
            to.query.to = at;
        }
        on_change.run((to,));
    };
    view! {
        <Select
            value=value
            id="audit-range"
            options=options
            label=Signal::derive(|| t!("audit-range"))
            on_commit=move || {
                let mut to = asked.get_untracked();
                to.range = value.get_untracked();
                to.entry = None;
                on_change.run((to,));
            }
        />
        <Show when=move || own.get()>
            <input
                type="datetime-local"
                class="audit-instant"
                id="audit-from"
                aria-label=tr!("audit-from")
                prop:value=move || asked.with(|a| a.query.from.map(|m| local(ms(m))).unwrap_or_default())
                on:change=move |event| end(true, event_target_value(&event))
            />
            <input
                type="datetime-local"
                class="audit-instant"
                id="audit-to"
                aria-label=tr!("audit-to")
                prop:value=move || asked.with(|a| a.query.to.map(|m| local(ms(m))).unwrap_or_default())
                on:change=move |event| end(false, event_target_value(&event))
            />
        </Show>
    }
}

/// An instant as `datetime-local` holds it: by this device's zone, to the minute.
pub fn local(ms: f64) -> String {
    let date = js_sys::Date::new(&ms.into());
    let shifted = ms - date.get_timezone_offset() * 60_000.0;
    let text = js_sys::Date::new(&shifted.into()).to_iso_string();
    String::from(text).chars().take(16).collect()
}

/// Views that are asked for again and again.
#[component]
fn Quick(asked: Memo<Asked>, #[prop(into)] on_change: Callback<(Asked,)>) -> impl IntoView {
    let value = RwSignal::new(String::new());
    let options = Signal::derive(|| {
        vec![
            Choice::new("refused", t!("audit-quick-refused")),
            Choice::new("session.", t!("audit-quick-sign-ins")),
            Choice::new("user.", t!("audit-quick-users")),
            Choice::new("role.", t!("audit-quick-roles")),
            Choice::new("customer.", t!("audit-quick-customers")),
            Choice::new("lens.", t!("audit-quick-lens")),
        ]
    });
    Effect::new(move |_| {
        let now = asked.with(|a| {
            let outcome = a.query.outcome.clone();
            a.query
                .operation
                .clone()
                .filter(|o| o.ends_with('.'))
                .or(outcome)
        });
        value.set(now.unwrap_or_default());
    });
    view! {
        <Select
            value=value
            id="audit-quick"
            options=options
            label=Signal::derive(|| t!("audit-quick"))
            none=Signal::derive(|| t!("audit-quick-all"))
            on_commit=move || {
                let wanted = value.get_untracked();
                let before = asked.get_untracked();
                let mut to = Asked { range: before.range, ..Asked::default() };
                (to.query.from, to.query.to) = (before.query.from, before.query.to);
                match wanted.as_str() {
                    "" => {}
                    "refused" => to.query.outcome = Some(wanted),
                    _ => to.query.operation = Some(wanted),
                }
                on_change.run((to,));
            }
        />
    }
}

/// The conditions that hold, each with its way out.
#[component]
fn Chips(asked: Memo<Asked>, #[prop(into)] on_change: Callback<(Asked,)>) -> impl IntoView {
    let chips = Memo::new(move |_| {
        let asked = asked.get();
        NAMES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), asked.condition(name)?)))
            .collect::<Vec<_>>()
    });
    view! {
        <Show when=move || chips.with(|c| !c.is_empty())>
            <div class="audit-chips">
                <For each=move || chips.get() key=Clone::clone let:chip>
                    {
                        let (name, value) = chip;
                        let label = {
                            let name = name.clone();
                            move || t!(&format!("audit-field-{name}"))
                        };
                        let told = label.clone();
                        view! {
                            <span class="audit-chip">
                                <span class="weak">{label}":"</span>
                                <span class="cut">{value}</span>
                                <IconButton
                                    small=true
                                    icon=Icon::X
                                    label=Signal::derive(move || t!("audit-filter-remove", name = told()))
                                    on_press=move || on_change.run((asked.get_untracked().with(&name, None),))
                                />
                            </span>
                        }
                    }
                </For>
                <Button
                    label=tr!("audit-clear")
                    look=Look::Quiet
                    on_press=move || {
                        let before = asked.get_untracked();
                        let mut to = Asked { range: before.range, ..Asked::default() };
                        (to.query.from, to.query.to) = (before.query.from, before.query.to);
                        on_change.run((to,));
                    }
                />
            </div>
        </Show>
    }
}

#[component]
fn Export(asked: Memo<Asked>) -> impl IntoView {
    let ask = Callback::new(move |()| {
        let query = asked.get_untracked().asking();
        export::Asked::Query(path::AUDIT_EXPORT, transport::query_of(&query))
    });
    view! { <ExportMenu id="audit-export" entity="audit" ask=ask file=tr!("audit-file") /> }
}
