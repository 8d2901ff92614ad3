use api::{customers::HistoryLine, path};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{
    format,
    forms::shown_plain,
    kit::{Button, EmptyState, Icon, Loading, Timeline, TimelineEntry, Tone},
    loaded::Failed,
    moment::ms,
    problem::Problem,
    t, tr,
    transport::{self, live},
};

const PAGE: u32 = 50;

/// The drawing and hue of a channel.
fn channel_look(channel: &str) -> (Icon, &'static str) {
    match channel {
        "mail" | "email" => (Icon::Mail, "channel-mail"),
        "phone" | "voice" => (Icon::Phone, "channel-phone"),
        "whatsapp" => (Icon::WhatsApp, "channel-whatsapp"),
        "sms" => (Icon::Sms, "channel-sms"),
        "chat" => (Icon::Chat, "channel-chat"),
        "system" | "timer" => (Icon::Timer, ""),
        "import" => (Icon::Database, ""),
        _ => (Icon::Monitor, ""),
    }
}

/// A state in words, with its tone. Unknown ones are shown as they came.
pub fn instance_state(state: &str) -> (String, Tone) {
    let (key, tone) = match state {
        "running" | "open" => ("state-running", Tone::Info),
        "claimed" => ("state-claimed", Tone::Info),
        "completed" => ("state-completed", Tone::Success),
        "cancelled" => ("state-cancelled", Tone::Neutral),
        "withdrawn" => ("state-withdrawn", Tone::Neutral),
        "interrupted" => ("state-interrupted", Tone::Warning),
        "incident" | "failed" => ("state-incident", Tone::Danger),
        other => return (other.to_owned(), Tone::Neutral),
    };
    (t!(key), tone)
}

/// Everything that happened with this customer, any channel, newest first.
#[component]
pub fn History(customer: String) -> impl IntoView {
    let lines = RwSignal::new(None::<Vec<HistoryLine>>);
    let next = RwSignal::new(None::<String>);
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let address = StoredValue::new(path::fill(path::CUSTOMER_HISTORY, &[&customer]));
    let read = move |more: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        leptos::task::spawn_local(async move {
            let mut query = vec![("limit", PAGE.to_string())];
            if more && let Some(cursor) = next.get_untracked() {
                query.push(("cursor", cursor));
            }
            let page: Result<Paged<HistoryLine>, Problem> =
                transport::get(&address.get_value(), &query).await;
            busy.try_set(false);
            match page {
                Ok(page) => {
                    lines.try_update(|lines| match lines {
                        Some(known) if more => known.extend(page.items),
                        _ => *lines = Some(page.items),
                    });
                    next.try_set(page.next);
                    problem.try_set(None);
                }
                Err(wrong) => {
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    read(false);
    live::follow(
        &["customer", "instance"],
        move |event: api::events::LiveEvent| {
            if event.topic.starts_with("instance") || live::is_about(&event, &customer) {
                read(false);
            }
        },
    );
    let entries = Signal::derive(move || {
        lines.with(|lines| lines.iter().flatten().map(entry).collect::<Vec<_>>())
    });
    view! {
        <section class="history" aria-label=tr!("customer-history")>
            <header class="pane-head">
                <h2>{tr!("customer-history")}</h2>
            </header>
            <div class="history-body">
                {move || {
                    if lines.with(Option::is_none) {
                        return match problem.get() {
                            Some(problem) => {
                                view! { <Failed problem=problem title=t!("timeline-failed") on_retry=move || read(false) /> }.into_any()
                            }
                            None => view! { <Loading lines=6 /> }.into_any(),
                        };
                    }
                    if lines.with(|lines| lines.as_ref().is_some_and(Vec::is_empty)) {
                        return view! {
                            <EmptyState icon=Icon::History title=tr!("timeline-none") text=Signal::derive(|| t!("timeline-none-text")) />
                        }
                            .into_any();
                    }
                    view! {
                        <Timeline entries=entries />
                        <Show when=move || next.with(Option::is_some)>
                            <div class="timeline-more">
                                <Button label=tr!("timeline-more") icon=Icon::ChevronDown busy=busy on_press=move || read(true) />
                            </div>
                        </Show>
                    }
                        .into_any()
                }}
            </div>
        </section>
    }
}

fn entry(line: &HistoryLine) -> TimelineEntry {
    let (icon, hue) = match line.kind.as_str() {
        "escalation" | "escalated" | "activity_exception" => (Icon::TriangleAlert, "tone-warning"),
        "process_started" => (Icon::Play, "tone-accent"),
        "customer_changed" | "customer_created" => (Icon::Pencil, ""),
        _ => channel_look(&line.channel),
    };
    let title = line
        .activity
        .clone()
        .or_else(|| line.summary.clone())
        .unwrap_or_else(|| kind_name(&line.kind));
    let mut note: Vec<String> = Vec::new();
    note.extend(line.process.clone());
    note.extend(line.who.clone());
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of an activity, far below 2^52"
    )]
    note.extend(
        line.seconds
            .map(|seconds| format::span(seconds as f64 * 1_000.0)),
    );
    let (state, tone) = match (&line.outcome, &line.state) {
        (Some(outcome), _) if line.kind == "activity_exception" => {
            (Some(outcome.clone()), Tone::Warning)
        }
        (Some(outcome), _) => (Some(outcome.clone()), Tone::Success),
        (None, Some(state)) => {
            let (words, tone) = instance_state(state);
            (Some(words), tone)
        }
        (None, None) => (None, Tone::Neutral),
    };
    let opened = line.clone();
    TimelineEntry {
        key: line.id.to_string(),
        at: ms(line.at),
        icon,
        hue,
        tone,
        title,
        note: note.join(" · "),
        state,
        detail: Some(ViewFn::from(move || detail(&opened))),
    }
}

/// What happened, in words; a kind that this page does not know is shown as it came.
fn kind_name(kind: &str) -> String {
    let key = format!("history-{}", kind.replace('_', "-"));
    if locale::has(crate::prefs::preferences().language(), &key) {
        t!(&key)
    } else {
        kind.to_owned()
    }
}

/// What stands under an opened line.
fn detail(line: &HistoryLine) -> impl IntoView + use<> {
    let facts: Vec<(String, String)> = [
        Some((
            t!("timeline-what"),
            line.summary
                .clone()
                .unwrap_or_else(|| kind_name(&line.kind)),
        )),
        line.process
            .clone()
            .map(|process| (t!("timeline-process"), process)),
        line.outcome
            .clone()
            .map(|outcome| (t!("timeline-outcome"), outcome)),
        line.who.clone().map(|who| (t!("timeline-who"), who)),
        Some((t!("timeline-when"), format::date_time(ms(line.at)))),
    ]
    .into_iter()
    .flatten()
    .chain(
        line.details
            .iter()
            .map(|(key, value)| (key.clone(), shown_plain(value))),
    )
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let instance = line.instance;
    view! {
        <dl class="detail">
            {facts
                .into_iter()
                .map(|(label, value)| {
                    view! {
                        <dt>{label}</dt>
                        <dd>{value}</dd>
                    }
                })
                .collect_view()}
        </dl>
        {instance
            .map(|instance| {
                view! { <A href=format!("/instances/{instance}")>{tr!("timeline-open-instance")}</A> }
            })}
    }
}
