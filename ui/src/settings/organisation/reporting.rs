use std::collections::BTreeSet;

use api::{organisation::ReportingLine, path};
use leptos::prelude::*;

use crate::{
    kit::{Avatar, Badge, Button, Drawn, EmptyState, Icon, IconButton, TextInput, Tone, fold},
    loaded::Loaded,
    remember::remembered,
    settings::parts::whole,
    t, tr,
    transport::live,
};

/// Who reports to whom, as a chart of cards from the top down; or the external participants alone.
#[component]
pub fn Reporting(again: RwSignal<u64>, external: bool) -> impl IntoView {
    let all = Loaded::new(move || {
        again.track();
        async { whole::<ReportingLine>(path::REPORTING).await }
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| all.again());
    let text = RwSignal::new(String::new());
    let closed = RwSignal::new(BTreeSet::<String>::new());
    let zoom = remembered("engage.reporting.zoom", 1.0_f64);
    let by = move |step: f64| zoom.update(|zoom| *zoom = (*zoom + step).clamp(0.4, 1.6));
    all.view(
        8,
        || t!("reporting-failed"),
        move || {
            view! {
                <div class="reporting">
                    <div class="settings-bar">
                        <div class="search-box"><TextInput value=text kind="search" icon=Icon::Search label=tr!("user-search") placeholder=tr!("user-search") /></div>
                        <span class="grow"></span>
                        {(!external)
                            .then(|| {
                                view! {
                                    <IconButton icon=Icon::ZoomOut label=tr!("reporting-smaller") on_press=move || by(-0.1) />
                                    <Button label=Signal::derive(move || format!("{:.0} %", zoom.get() * 100.0)) look=crate::kit::Look::Quiet on_press=move || zoom.set(1.0) />
                                    <IconButton icon=Icon::ZoomIn label=tr!("reporting-larger") on_press=move || by(0.1) />
                                }
                            })}
                    </div>
                    {move || {
                        let people = all.get().unwrap_or_default();
                        let wanted = fold(&text.get());
                        if external || !wanted.is_empty() {
                            let found: Vec<ReportingLine> = people
                                .iter()
                                .filter(|one| (!external || one.external) && fold(&one.name).contains(&wanted))
                                .cloned()
                                .collect();
                            return view! { <Flat found=found people=people external=external /> }.into_any();
                        }
                        view! { <Chart people=people closed=closed zoom=zoom /> }.into_any()
                    }}
                </div>
            }
        },
    )
}

#[component]
fn Flat(found: Vec<ReportingLine>, people: Vec<ReportingLine>, external: bool) -> impl IntoView {
    if found.is_empty() {
        let title = if external {
            "external-none"
        } else {
            "kit-nothing-found"
        };
        return view! {
            <EmptyState icon=Icon::Users title=tr!(title) text=Signal::derive(move || if external { t!("external-none-text") } else { String::new() }) />
        }
        .into_any();
    }
    let rows = found
        .into_iter()
        .map(|one| {
            let manager = one
                .manager
                .and_then(|id| people.iter().find(|other| other.id == id))
                .map(|other| other.name.clone());
            view! {
                <tr>
                    <td><a class="strong" href=format!("/settings/users/{}", one.id)>{one.name}</a></td>
                    <td>{one.position}</td>
                    <td>{one.unit}</td>
                    <td>{manager}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="settings-scroll">
            <div class="surface settings-table">
                <table class="plain-table">
                    <thead>
                        <tr>
                            <th scope="col">{tr!("user-name")}</th>
                            <th scope="col">{tr!("user-position")}</th>
                            <th scope="col">{tr!("user-unit")}</th>
                            <th scope="col">{tr!("user-manager")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn below<'p>(people: &'p [ReportingLine], of: &ReportingLine) -> Vec<&'p ReportingLine> {
    people
        .iter()
        .filter(|one| one.manager == Some(of.id))
        .collect()
}

#[component]
fn Chart(
    people: Vec<ReportingLine>,
    closed: RwSignal<BTreeSet<String>>,
    zoom: RwSignal<f64>,
) -> impl IntoView {
    // Whose manager is not seen, or who has none, begins a line. Those with nobody on either side come last, apart.
    let is_top = |one: &&ReportingLine| {
        one.manager
            .is_none_or(|id| !people.iter().any(|other| other.id == id))
    };
    let (tops, alone): (Vec<&ReportingLine>, Vec<&ReportingLine>) = people
        .iter()
        .filter(is_top)
        .partition(|one| !below(&people, one).is_empty());
    if people.is_empty() {
        return view! { <EmptyState icon=Icon::Users title=tr!("reporting-none") /> }.into_any();
    }
    let no_lines = tops.is_empty();
    let chart = tops
        .into_iter()
        .map(|one| branch(&people, one, closed, 0))
        .collect_view();
    let apart = alone
        .iter()
        .map(|one| view! { <li>{card(one)}</li> })
        .collect_view();
    let any_alone = !alone.is_empty();
    view! {
        <div class="chart" tabindex="0" role="group" aria-label=tr!("organisation-reporting") style:zoom=move || zoom.get().to_string()>
            {no_lines.then(|| view! { <p class="weak">{tr!("reporting-no-lines")}</p> })}
            <ul class="chart-tops">{chart}</ul>
            {any_alone
                .then(|| {
                    view! {
                        <h3>{tr!("reporting-alone")}</h3>
                        <ul class="chart-alone">{apart}</ul>
                    }
                })}
        </div>
    }
    .into_any()
}

fn branch(
    people: &[ReportingLine],
    one: &ReportingLine,
    closed: RwSignal<BTreeSet<String>>,
    depth: usize,
) -> AnyView {
    let under = below(people, one);
    let count = under.len();
    let key = StoredValue::new(one.id.to_string());
    let is_closed = Memo::new(move |_| closed.with(|closed| closed.contains(&key.get_value())));
    let toggle = move || {
        closed.update(|closed| {
            let key = key.get_value();
            if !closed.remove(&key) {
                closed.insert(key);
            }
        });
    };
    // A ring cannot be stored; a tree deeper than this is a mistake that should be seen, not drawn.
    let children = (depth < 32 && count > 0).then(|| {
        let lines = under
            .into_iter()
            .map(|one| branch(people, one, closed, depth + 1))
            .collect_view();
        view! { <ul class="chart-below" hidden=is_closed>{lines}</ul> }
    });
    view! {
        <li class="chart-branch">
            <div class="chart-card-row">
                {card(one)}
                {(count > 0)
                    .then(|| {
                        view! {
                            <IconButton
                                small=true
                                icon=Signal::derive(move || if is_closed.get() { Icon::ChevronRight } else { Icon::ChevronDown })
                                label=Signal::derive(move || t!("reporting-below", count = count))
                                expanded=Signal::derive(move || !is_closed.get())
                                on_press=toggle
                            />
                        }
                    })}
            </div>
            {children}
        </li>
    }
    .into_any()
}

fn card(one: &ReportingLine) -> AnyView {
    let about = [one.position.clone(), one.unit.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let name = one.name.clone();
    let external = one.external;
    view! {
        <a class="chart-card" href=format!("/settings/users/{}", one.id)>
            <Avatar name=Signal::stored(name.clone()) />
            <span class="grow">
                <span class="strong cut chart-line">{name}</span>
                <span class="weak small cut chart-line">{about}</span>
            </span>
            {external.then(|| view! { <Badge label=tr!("user-external") tone=Tone::Info /> })}
            <Drawn icon=Icon::ChevronRight class="chart-go" />
        </a>
    }
    .into_any()
}
