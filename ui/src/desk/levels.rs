use api::engine::{Budget, LedgerLine};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    format,
    kit::{Badge, Drawn, Icon, Progress, Tone},
    loaded::{Failed, Loaded},
    moment::ms,
    t, tr,
};

fn milliseconds(seconds: i64) -> f64 {
    // A budget of time is far below 2^52 milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
    let seconds = seconds as f64;
    seconds * 1_000.0
}

fn state(state: &str) -> (String, Tone) {
    match state {
        "running" => (t!("instance-level-running"), Tone::Info),
        "paused" => (t!("instance-level-paused"), Tone::Warning),
        "met" => (t!("instance-level-met"), Tone::Success),
        "breached" => (t!("instance-level-breached"), Tone::Danger),
        other => (other.to_owned(), Tone::Neutral),
    }
}

/// Budgets of time: how much of each is left, since when and why one stands still, and how it came to that. Nothing where the
/// task has none. Ids for tests: `instance-levels`.
#[component]
pub fn Levels(
    budgets: Loaded<Vec<Budget>>,
    /// Whether the ledgers are open: the budgets are drawn anew as they are used up.
    ledgers: RwSignal<bool>,
) -> impl IntoView {
    move || {
        if let Some(problem) = budgets.problem() {
            return Some(
                view! {
                    <section class="stack">
                        <h2>{tr!("instance-levels")}</h2>
                        <Failed problem=problem title=t!("instance-levels-failed") on_retry=move || budgets.again() />
                    </section>
                }
                .into_any(),
            );
        }
        let all = budgets.get().filter(|all| !all.is_empty())?;
        Some(
            view! {
                <section id="instance-levels" class="stack">
                    <h2>{tr!("instance-levels")}</h2>
                    <ul class="stack">
                        {all.into_iter().map(|budget| view! { <Level budget=budget ledgers=ledgers /> }).collect_view()}
                    </ul>
                </section>
            }
            .into_any(),
        )
    }
}

#[component]
fn Level(budget: Budget, ledgers: RwSignal<bool>) -> impl IntoView {
    let name = match (budget.activity, budget.activity_name.clone()) {
        (None, _) => t!("instance-level-whole"),
        (Some(_), Some(name)) => name,
        (Some(number), None) => t!("instance-level-activity", number = number),
    };
    let (label, tone) = state(&budget.state);
    let spent = milliseconds(budget.spent_seconds);
    let limit = budget.budget_seconds.map(milliseconds);
    let left = limit.map(|limit| {
        if spent > limit {
            t!("instance-level-over", span = format::span(spent - limit))
        } else {
            t!("instance-level-left", span = format::span(limit - spent))
        }
    });
    let used = limit.map_or_else(
        || t!("instance-level-spent-only", spent = format::span(spent)),
        |limit| {
            t!(
                "instance-level-spent",
                spent = format::span(spent),
                budget = format::span(limit)
            )
        },
    );
    let paused = (budget.state == "paused")
        .then(|| paused(&budget.ledger))
        .flatten();
    let due = budget.due.map(|due| {
        let due = ms(due);
        let text = t!("instance-level-due", when = format::date_time(due));
        view! { <p class="small weak" title=format::due(due)>{text}</p> }
    });
    let calendar = budget.calendar.map(|key| {
        let name = budget
            .calendar_name
            .filter(|name| !name.is_empty())
            .unwrap_or(key);
        if name.is_empty() {
            t!("instance-level-calendar")
        } else {
            t!("instance-level-calendar-of", calendar = name)
        }
    });
    let share = limit
        .filter(|limit| *limit > 0.0)
        .map(|limit| (spent / limit).min(1.0));
    let bar_tone = if budget.state == "breached" {
        Tone::Danger
    } else {
        Tone::Success
    };
    view! {
        <li class="surface pad stack level" data-state=budget.state>
            <header class="row">
                <h3 class="grow cut">{name}</h3>
                <span class="strong figures">{left}</span>
                <Badge label=label tone=tone />
            </header>
            {share.map(|share| view! { <Progress label=used.clone() done=Signal::stored(Some(share)) tone=Signal::stored(bar_tone) /> })}
            {share.is_none().then(|| view! { <p class="small figures">{used.clone()}</p> })}
            {paused
                .map(|text| {
                    view! {
                        <p class="row tone-warning">
                            <Drawn icon=Icon::Hourglass />
                            <span class="level-why">{text}</span>
                        </p>
                    }
                })}
            {due}
            {calendar.map(|text| view! { <p class="small weak">{text}</p> })}
            <details
                open=ledgers.get_untracked()
                on:toggle=move |event| {
                    let details = event.target().map(JsCast::unchecked_into::<web_sys::Element>);
                    if let Some(details) = details {
                        ledgers.try_set(details.has_attribute("open"));
                    }
                }
            >
                <summary>{tr!("instance-level-ledger")}</summary>
                <Ledger lines=budget.ledger />
            </details>
        </li>
    }
}

/// Since when a budget stands still, and why.
fn paused(ledger: &[LedgerLine]) -> Option<String> {
    let line = ledger.iter().rev().find(|line| line.what == "paused")?;
    let when = format::when(ms(line.at));
    Some(if line.reason.is_empty() {
        t!("instance-level-paused-since", when = when)
    } else {
        t!(
            "instance-level-paused-why",
            when = when,
            why = line.reason.clone()
        )
    })
}

#[component]
fn Ledger(lines: Vec<LedgerLine>) -> impl IntoView {
    view! {
        <ol class="level-ledger">
            {lines
                .into_iter()
                .map(|line| {
                    let what = match line.what.as_str() {
                        "begun" => t!("instance-level-begun"),
                        "paused" => t!("instance-level-was-paused"),
                        "resumed" => t!("instance-level-resumed"),
                        "breached" => t!("instance-level-was-breached"),
                        "met" => t!("instance-level-was-met"),
                        _ => line.what,
                    };
                    let at = ms(line.at);
                    view! {
                        <li>
                            <span class="figures weak" title=format::to_the_second(at)>{format::when(at)}</span>
                            <span class="strong">{what}</span>
                            <span class="level-why">{line.reason}</span>
                            <span class="weak cut">{line.by}</span>
                            <span class="figures weak level-spent">{format::span(milliseconds(line.spent_seconds))}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
}
