use leptos::prelude::*;

use super::{Drawn, Icon, Tone};
use crate::format;

/// Something that happened, on a [`Timeline`].
#[derive(Clone)]
pub struct TimelineEntry {
    pub key: String,
    /// Milliseconds since 1970.
    pub at: f64,
    pub icon: Icon,
    /// The class of its channel's hue (`channel-mail`), or empty.
    pub hue: &'static str,
    pub tone: Tone,
    pub title: String,
    /// Weaker words behind the title: process, person, duration.
    pub note: String,
    /// Its state in one word, with the tone above.
    pub state: Option<String>,
    /// What opens under it when pressed; without it the line does not open.
    pub detail: Option<ViewFn>,
}

/// What happened, newest first, grouped by day. A line opens in place; Enter or Space opens the focused one.
#[component]
pub fn Timeline(#[prop(into)] entries: Signal<Vec<TimelineEntry>>) -> impl IntoView {
    let days = move || {
        let mut days: Vec<(String, Vec<TimelineEntry>)> = Vec::new();
        for entry in entries.get() {
            let heading = format::day_heading(entry.at);
            match days.last_mut() {
                Some((last, group)) if *last == heading => group.push(entry),
                _ => days.push((heading, vec![entry])),
            }
        }
        days
    };
    view! {
        <div class="timeline">
            {move || {
                days()
                    .into_iter()
                    .map(|(heading, entries)| {
                        view! {
                            <section>
                                <h3 class="timeline-day">{heading}</h3>
                                <ul>{entries.into_iter().map(|entry| view! { <Line entry=entry /> }).collect_view()}</ul>
                            </section>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

#[component]
fn Line(entry: TimelineEntry) -> impl IntoView {
    let open = RwSignal::new(false);
    let detail = StoredValue::new(entry.detail.clone());
    let opens = entry.detail.is_some();
    let words = view! {
        <span class="strong cut">{entry.title}</span>
        <span class="weak cut grow">{entry.note}</span>
        {entry.state.map(|state| view! { <super::Badge label=state tone=entry.tone /> })}
    };
    view! {
        <li class="timeline-item">
            <time class="timeline-time" title=format::date_time(entry.at)>
                {format::time(entry.at)}
            </time>
            <span class=format!("timeline-mark {}", entry.hue)>
                <Drawn icon=entry.icon />
            </span>
            <div>
                {if opens {
                    view! {
                        <button
                            type="button"
                            class="timeline-head"
                            aria-expanded=move || open.get().to_string()
                            on:click=move |_| open.update(|open| *open = !*open)
                        >
                            <Drawn icon=Icon::ChevronRight class="timeline-turn" />
                            {words}
                        </button>
                    }
                        .into_any()
                } else {
                    view! { <div class="timeline-head">{words}</div> }.into_any()
                }}
                <Show when=move || open.get()>
                    <div class="timeline-body">
                        {detail.with_value(|detail| detail.as_ref().map(ViewFn::run))}
                    </div>
                </Show>
            </div>
        </li>
    }
}
