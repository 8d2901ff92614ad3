use api::{
    lens::{Things, WhoLine, WhoQuery},
    path,
};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::rights::{MayChoice, Reason, VerbChoice, export, read_may, read_verb, verdict};
use crate::{
    kit::{Badge, Button, Choice, Combobox, EmptyState, Icon, Loading, Look, Select},
    loaded::{Failed, Loaded},
    problem::Problem,
    t, tr, transport,
};

/// Who may do a thing: user by user, with the rule.
#[component]
pub fn Who() -> impl IntoView {
    let map = use_query_map();
    let from = |name: &str, other: &str| {
        RwSignal::new(
            map.with_untracked(|m| m.get(name))
                .unwrap_or_else(|| other.to_owned()),
        )
    };
    let (target, part) = (from("target", "customer"), from("part", ""));
    let (verb, may) = (
        RwSignal::new("read".to_owned()),
        RwSignal::new(String::new()),
    );
    let things = Loaded::new(|| async { transport::get::<Things>(path::LENS_THINGS, &[]).await });
    let is_process = Memo::new(move |_| {
        things
            .get()
            .is_some_and(|t| t.processes.iter().any(|p| p.key == target.get()))
    });
    let choices = Signal::derive(move || {
        let mut choices = Vec::new();
        if let Some(things) = things.get() {
            choices.extend(
                things
                    .entities
                    .into_iter()
                    .map(|t| Choice::new(t.key, t.name)),
            );
            choices.extend(
                things
                    .processes
                    .into_iter()
                    .map(|t| Choice::new(t.key, t.name)),
            );
        }
        choices
    });
    let parts = Signal::derive(move || {
        let wanted = target.get();
        let mut choices = vec![Choice::new("", t!("lens-part-whole"))];
        if let Some(things) = things.get() {
            let found = things
                .entities
                .into_iter()
                .chain(things.processes)
                .find(|t| t.key == wanted);
            choices.extend(
                found
                    .into_iter()
                    .flat_map(|t| t.parts)
                    .map(|p| Choice::new(p.key.clone(), p.name).with_hint(p.key)),
            );
        }
        choices
    });
    let query = Memo::new(move |_| {
        let (key, part) = (
            Some(target.get()),
            Some(part.get()).filter(|p| !p.is_empty()),
        );
        let base = WhoQuery {
            verb: read_verb(&verb.get()),
            may: read_may(&may.get()),
            limit: Some(50),
            ..WhoQuery::default()
        };
        if is_process.get() {
            WhoQuery {
                process: key,
                activity: part,
                ..base
            }
        } else {
            WhoQuery {
                entity: key,
                field: part,
                ..base
            }
        }
    });
    view! {
        <div class="lens">
            <div class="lens-bar">
                <Select value=target id="lens-target" options=choices label=Signal::derive(|| t!("lens-thing")) on_commit=move || part.set(String::new()) />
                <div class="lens-person"><Combobox value=part id="lens-field" options=parts label=Signal::derive(|| t!("lens-part")) placeholder=Signal::derive(|| t!("lens-part-whole")) /></div>
                <VerbChoice verb=verb />
                <MayChoice may=may />
                <span class="grow"></span>
                <Button
                    label=tr!("audit-export")
                    icon=Icon::Download
                    on_press=move || export(path::LENS_WHO, &WhoQuery { limit: None, format: Some("csv".into()), ..query.get_untracked() })
                />
            </div>
            {move || {
                let query = query.get();
                view! { <People query=query /> }
            }}
        </div>
    }
}

#[component]
fn People(query: WhoQuery) -> impl IntoView {
    let items = RwSignal::new(Vec::<WhoLine>::new());
    let next = RwSignal::new(None::<String>);
    let (loading, problem) = (RwSignal::new(true), RwSignal::new(None::<Problem>));
    let query = StoredValue::new(query);
    let fetch = move |cursor: Option<String>| {
        loading.set(true);
        leptos::task::spawn_local(async move {
            let asked = WhoQuery {
                cursor,
                ..query.get_value()
            };
            let pairs = transport::query_of(&asked);
            let pairs: Vec<(&str, String)> =
                pairs.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
            match transport::get::<Paged<WhoLine>>(path::LENS_WHO, &pairs).await {
                Ok(page) => {
                    items.try_update(|items| items.extend(page.items));
                    next.try_set(page.next);
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
            loading.try_set(false);
        });
    };
    fetch(None);
    view! {
        <div class="lens-scroll">
            {move || problem.get().map(|p| view! { <Failed problem=p title=t!("settings-lens") on_retry=move || { problem.set(None); fetch(None); } /> })}
            <table class="plain-table lens-table" id="lens-answers">
                <thead><tr>
                    <th scope="col">{tr!("lens-person")}</th>
                    <th scope="col">{tr!("lens-answer")}</th>
                    <th scope="col">{tr!("lens-reason")}</th>
                </tr></thead>
                <tbody>
                    <For each=move || items.get() key=|line| line.id let:line>
                        {
                            let told = line.answer.verdict;
                            let (login, name) = (line.login.clone(), line.name.clone());
                            view! {
                                <tr data-login=line.login>
                                    <td><a class="strong" href=format!("/settings/lens?user={}", line.id)>{name}</a>" "<span class="weak small">{login}</span></td>
                                    <td><Badge label=Signal::derive(move || verdict(told).0) tone=verdict(told).1 /></td>
                                    <td class="lens-why-cell"><Reason answer=line.answer /></td>
                                </tr>
                            }
                        }
                    </For>
                </tbody>
            </table>
            <div class="audit-foot">
                {move || {
                    if loading.get() {
                        view! { <Loading lines=2 /> }.into_any()
                    } else if next.with(Option::is_some) {
                        view! { <Button label=tr!("lens-more") look=Look::Quiet on_press=move || fetch(next.get_untracked()) /> }.into_any()
                    } else if items.with(Vec::is_empty) && problem.with(Option::is_none) {
                        view! { <EmptyState icon=Icon::Search title=tr!("lens-empty") /> }.into_any()
                    } else {
                        ().into_any()
                    }
                }}
            </div>
        </div>
    }
}
