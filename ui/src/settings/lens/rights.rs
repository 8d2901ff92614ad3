use access::{Verb, Verdict};
use api::{
    directory::UserLine,
    lens::{Answer, RightsQuery, Things},
    of, path,
};
use kernel::{Id, Paged};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    banner::{Rule, verb_text},
    eyes,
};
use crate::{
    export::address,
    kit::{
        Avatar, Badge, Button, Choice, Combobox, EmptyState, Icon, Loading, Look, Select, Tone,
        debounced, toast_with,
    },
    loaded::{Failed, Loaded},
    prefs::preferences,
    problem::Problem,
    t, tr, transport,
};

/// What one person may do, thing by thing; and the way into their eyes.
#[component]
pub fn Rights() -> impl IntoView {
    let map = use_query_map();
    let navigate = StoredValue::new(use_navigate());
    let person = RwSignal::new(map.with_untracked(|m| m.get("user").unwrap_or_default()));
    // A link to another person while this page stands.
    Effect::new(move |_| {
        if let Some(user) = map.with(|m| m.get("user"))
            && person.get_untracked() != user
        {
            person.set(user);
        }
    });
    let known = RwSignal::new(Vec::<UserLine>::new());
    let find = move |text: String| {
        leptos::task::spawn_local(async move {
            let mut query = vec![("limit", "50".to_owned())];
            if !text.trim().is_empty() {
                query.push(("q", text));
            }
            if let Ok(page) = transport::get::<Paged<UserLine>>(path::USERS, &query).await {
                known.try_update(|known| {
                    let chosen = person.get_untracked();
                    known.retain(|user| {
                        user.id.to_string() == chosen && !page.items.iter().any(|n| n.id == user.id)
                    });
                    known.extend(page.items);
                });
            }
        });
    };
    find(String::new());
    let search = debounced(250, find);
    let options = Signal::derive(move || {
        known.with(|known| {
            known
                .iter()
                .map(|user| {
                    let roles: Vec<_> = user.roles.iter().map(|r| r.name.clone()).collect();
                    Choice::new(user.id.to_string(), user.name.clone()).with_hint(format!(
                        "{} · {}",
                        user.login,
                        roles.join(", ")
                    ))
                })
                .collect::<Vec<_>>()
        })
    });
    let chosen = Memo::new(move |_| person.get().parse::<Id<of::User>>().ok());
    view! {
        <div class="lens">
            <div class="lens-bar">
                <div class="lens-person">
                    <Combobox
                        value=person
                        id="lens-person"
                        options=options
                        label=Signal::derive(|| t!("lens-person"))
                        placeholder=Signal::derive(|| t!("lens-choose"))
                        on_search=move |text: String| search(text)
                        on_commit=move || {
                            let to = format!("/settings/lens?user={}", person.get_untracked());
                            let options = NavigateOptions { replace: true, ..Default::default() };
                            navigate.with_value(|go| go(&to, options));
                        }
                    />
                </div>
            </div>
            {move || match chosen.get() {
                None => view! { <EmptyState icon=Icon::Eye title=tr!("settings-lens") text=Signal::derive(|| t!("lens-as-text")) /> }.into_any(),
                Some(id) => view! { <Person id=id /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Person(id: Id<of::User>) -> impl IntoView {
    let hidden = Loaded::new(move || {
        let path = path::fill(path::LENS_WHY, &[&id.to_string()]);
        async move {
            transport::get::<api::lens::Hidden>(&path, &[("entity", "customer".to_owned())]).await
        }
    });
    let things = Loaded::new(|| async { transport::get::<Things>(path::LENS_THINGS, &[]).await });
    let (target, verb, may) = (
        RwSignal::new("customer".to_owned()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let query = Memo::new(move |_| RightsQuery {
        target: Some(target.get()).filter(|t| !t.is_empty()),
        verb: read_verb(&verb.get()),
        may: read_may(&may.get()),
        limit: Some(100),
        ..RightsQuery::default()
    });
    let navigate = StoredValue::new_local(use_navigate());
    let busy = RwSignal::new(false);
    let look = move || {
        busy.set(true);
        leptos::task::spawn_local(async move {
            match eyes::look(id).await {
                Ok(()) => {
                    navigate.try_with_value(|go| go("/inbox", Default::default()));
                }
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
            busy.try_set(false);
        });
    };
    let things_choices = Signal::derive(move || {
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
    view! {
        {hidden.view(4, || t!("settings-lens"), move || view! {
            {move || hidden.get().map(|h| {
                let seen = h.user;
                let name = seen.name.clone();
                view! {
                    <section class="lens-head surface">
                        <Avatar name=seen.name.clone() large=true />
                        <div class="grow lens-who">
                            <p class="lens-name"><span class="strong">{seen.name.clone()}</span>" "<span class="weak">{seen.login.clone()}</span>
                                {(!seen.active).then(|| view! { <Badge label=tr!("lens-inactive") tone=Tone::Warning /> })}</p>
                            <p class="small">{if seen.roles.is_empty() {
                                view! { <span class="weak">{tr!("lens-roles-none")}</span> }.into_any()
                            } else {
                                seen.roles.iter().map(|role| {
                                    let through = role.through.join(", ");
                                    view! {
                                        <span class="lens-role">
                                            {t!("lens-role-version", name = role.name.clone(), version = role.version)}
                                            {(!through.is_empty()).then(|| view! { <span class="weak">" "{t!("lens-through", group = through.clone())}</span> })}
                                        </span>
                                    }
                                }).collect_view().into_any()
                            }}</p>
                        </div>
                        <Button id="lens-look" look=Look::Primary icon=Icon::Eye label=tr!("lens-look", name = name.clone()) busy=Signal::from(busy) on_press=look />
                    </section>
                }
            })}
        })}
        <div class="lens-bar">
            <Select value=target id="lens-target" options=things_choices label=Signal::derive(|| t!("lens-thing")) none=Signal::derive(|| t!("lens-all-things")) />
            <VerbChoice verb=verb />
            <MayChoice may=may />
            <span class="grow"></span>
            <Button
                label=tr!("audit-export")
                icon=Icon::Download
                on_press=move || {
                    let query = RightsQuery { limit: None, format: Some("csv".into()), ..query.get_untracked() };
                    export(&path::fill(path::LENS_RIGHTS, &[&id.to_string()]), &query);
                }
            />
        </div>
        {move || {
            let query = query.get();
            view! { <Answers id=id query=query /> }
        }}
    }
}

pub fn read_verb(text: &str) -> Option<Verb> {
    Verb::ALL.into_iter().find(|v| v.text() == text)
}

pub fn read_may(text: &str) -> Option<bool> {
    match text {
        "may" => Some(true),
        "not" => Some(false),
        _ => None,
    }
}

#[component]
pub fn VerbChoice(verb: RwSignal<String>) -> impl IntoView {
    let options = Signal::derive(|| {
        Verb::ALL
            .into_iter()
            .map(|v| Choice::new(v.text(), verb_text(v)))
            .collect::<Vec<_>>()
    });
    view! { <Select value=verb id="lens-verb" options=options label=Signal::derive(|| t!("lens-verb")) none=Signal::derive(|| t!("lens-all-verbs")) /> }
}

#[component]
pub fn MayChoice(may: RwSignal<String>) -> impl IntoView {
    let options = Signal::derive(|| {
        vec![
            Choice::new("may", t!("lens-show-may")),
            Choice::new("not", t!("lens-show-may-not")),
        ]
    });
    view! { <Select value=may id="lens-may" options=options label=Signal::derive(|| t!("lens-answer")) none=Signal::derive(|| t!("lens-show-all")) /> }
}

/// A list of answers as a file.
pub fn export<Q: serde::Serialize>(of: &str, query: &Q) {
    let mut pairs = transport::query_of(query);
    pairs.push(("lang".to_owned(), preferences().language().tag().to_owned()));
    let address = address(of, &pairs);
    leptos::task::spawn_local(async move {
        if let Err(refused) = transport::save(&address, &format!("{}.csv", t!("lens-file"))).await {
            toast_with(refused.sentence, Tone::Danger, None);
        }
    });
}

pub fn verdict(verdict: Verdict) -> (String, Tone) {
    match verdict {
        Verdict::Allowed => (t!("lens-verdict-allowed"), Tone::Success),
        Verdict::Denied => (t!("lens-verdict-denied"), Tone::Danger),
        Verdict::NeedsApproval => (t!("lens-verdict-approval"), Tone::Warning),
    }
}

#[component]
fn Answers(id: Id<of::User>, query: RightsQuery) -> impl IntoView {
    let items = RwSignal::new(Vec::<Answer>::new());
    let next = RwSignal::new(None::<String>);
    let (loading, problem) = (RwSignal::new(true), RwSignal::new(None::<Problem>));
    let query = StoredValue::new(query);
    let fetch = move |cursor: Option<String>| {
        loading.set(true);
        leptos::task::spawn_local(async move {
            let asked = RightsQuery {
                cursor,
                ..query.get_value()
            };
            let pairs = transport::query_of(&asked);
            let pairs: Vec<(&str, String)> =
                pairs.iter().map(|(n, v)| (n.as_str(), v.clone())).collect();
            match transport::get::<Paged<Answer>>(
                &path::fill(path::LENS_RIGHTS, &[&id.to_string()]),
                &pairs,
            )
            .await
            {
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
                    <th scope="col">{tr!("lens-thing")}</th>
                    <th scope="col">{tr!("lens-verb")}</th>
                    <th scope="col">{tr!("lens-answer")}</th>
                    <th scope="col">{tr!("lens-reason")}</th>
                </tr></thead>
                <tbody>
                    <For each=move || items.get().into_iter().enumerate() key=|(at, _)| *at let:one>
                        {
                            let answer = one.1;
                            let (verb, told) = (answer.verb, answer.verdict);
                            let (part, is_whole) = (answer.part.clone().unwrap_or_default(), answer.part.is_none());
                            let (name, part_name) = (answer.target_name.clone(), answer.part_name.clone());
                            view! {
                                <tr data-part=part data-verb=verb.text()>
                                    <td class="wrap"><span class:strong=is_whole>{name}</span>
                                        {part_name.map(|part| view! { <span class="weak">" › "</span>{part} })}</td>
                                    <td>{move || verb_text(verb)}</td>
                                    <td><Badge label=Signal::derive(move || verdict(told).0) tone=verdict(told).1 /></td>
                                    <td class="lens-why-cell"><Reason answer=answer /></td>
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

/// Why: the sentence, and the rule when asked for.
#[component]
pub fn Reason(answer: Answer) -> impl IntoView {
    let rules = answer.rules.clone();
    if rules.is_empty() {
        return view! { <span class="small wrap">{answer.sentence}</span> }.into_any();
    }
    view! {
        <details class="lens-details">
            <summary class="small">{answer.sentence}</summary>
            {rules.into_iter().take(3).map(|rule| view! { <Rule rule=rule /> }).collect_view()}
        </details>
    }
    .into_any()
}
