//! Groups: who shares an inbox, the roles that come with it, and which activities name it.

mod detail;

use access::Verb;
use api::{
    directory::{GroupLine, NewGroup as Wanted},
    path,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::{
    kit::{
        Button, Count, Dialog, Drawn, EmptyState, Field, Icon, Look, TextArea, TextInput, fold,
        shortcut,
    },
    loaded::Loaded,
    problem::Problem,
    settings::{
        Page,
        parts::{Refusal, at_field, may, whole},
    },
    t, tr,
    transport::{self, live},
};

/// Groups at the left, the chosen one beside them. Ids for tests: `group-KEY`, `group-new`.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let params = use_params_map();
    let chosen = Memo::new(move |_| params.with(|params| params.get("key")));
    let again = RwSignal::new(0_u64);
    let groups = Loaded::new(move || {
        again.track();
        async { whole::<GroupLine>(path::GROUPS).await }
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| groups.again());
    let text = RwSignal::new(String::new());
    let making = RwSignal::new(false);
    let creates = may(Verb::Create, "group");
    shortcut("N", Signal::derive(|| t!("group-new")), move || {
        if creates.get_untracked() {
            making.set(true);
        }
    });
    let actions = ViewFn::from(move || {
        view! {
            <Show when=move || creates.get()>
                <Button id="group-new" label=tr!("group-new") icon=Icon::Plus look=Look::Primary key="N" on_press=move || making.set(true) />
            </Show>
        }
    });
    view! {
        <div class="beside" class:beside-open=move || chosen.with(Option::is_some)>
            <div class="beside-list">
                <Page title=tr!("settings-groups") actions=actions>
                    <div class="settings-scroll stack">
                        <div class="search-box"><TextInput id="group-search" value=text kind="search" icon=Icon::Search label=tr!("group-search") placeholder=tr!("group-search") /></div>
                        {groups.view(
                            6,
                            || t!("groups-failed"),
                            move || {
                                view! {
                                    {move || {
                                        let wanted = fold(&text.get());
                                        let lines: Vec<GroupLine> = groups
                                            .get()
                                            .unwrap_or_default()
                                            .into_iter()
                                            .filter(|line| fold(&line.name).contains(&wanted) || line.key.contains(&wanted))
                                            .collect();
                                        view! { <Lines lines=lines chosen=chosen /> }
                                    }}
                                }
                            },
                        )}
                    </div>
                </Page>
            </div>
            {move || {
                chosen.get().map(|key| view! { <aside class="beside-detail"><detail::One key=key again=again /></aside> })
            }}
            <NewGroup open=making again=again />
        </div>
    }
}

#[component]
fn Lines(lines: Vec<GroupLine>, chosen: Memo<Option<String>>) -> impl IntoView {
    if lines.is_empty() {
        return view! {
            <EmptyState icon=Icon::Group title=tr!("groups-none") text=Signal::derive(|| t!("groups-none-text")) />
        }
        .into_any();
    }
    let rows = lines
        .into_iter()
        .map(|line| {
            let (key, shown) = (line.key.clone(), line.key.clone());
            let here = move || chosen.with(|chosen| chosen.as_deref() == Some(key.as_str()));
            view! {
                <li>
                    <a
                        id=format!("group-{}", line.key)
                        class="roles-line"
                        href=format!("/settings/groups/{}", line.key)
                        aria-current=move || here().then_some("true")
                    >
                        <Drawn icon=Icon::Group />
                        <span class="grow">
                            <span class="strong roles-line-name">{line.name}</span>
                            <span class="weak small roles-line-text">{line.description}</span>
                        </span>
                        <span class="mono weak">{shown}</span>
                        <Count count=u64::from(line.members) />
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="roles-lines">{rows}</ul> }.into_any()
}

#[component]
fn NewGroup(open: RwSignal<bool>, again: RwSignal<u64>) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let key = RwSignal::new(String::new());
    let own_key = RwSignal::new(false);
    let description = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    Effect::new(move |_| {
        let suggested: String = fold(&name.get())
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        if !own_key.get_untracked() {
            key.set(suggested.trim_matches('_').to_owned());
        }
    });
    let make = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = Wanted {
            key: key.get_untracked(),
            name: name.get_untracked(),
            description: description.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            let answer: Result<GroupLine, Problem> = transport::post(path::GROUPS, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(made) => {
                    open.try_set(false);
                    name.try_set(String::new());
                    description.try_set(String::new());
                    own_key.try_set(false);
                    again.try_update(|again| *again += 1);
                    navigate.try_with_value(|go| {
                        go(
                            &format!("/settings/groups/{}", made.key),
                            Default::default(),
                        );
                    });
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("group-new")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="group-make"
                        label=tr!("group-make")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || name.with(|name| name.trim().is_empty()))
                        on_press=make
                    />
                }
            })
        >
            <div class="stack">
                <Field id="group-new-name" label=tr!("group-name") required=true error=at_field(problem, "name")>
                    <TextInput value=name focus=true max_length=200_u32 />
                </Field>
                <Field id="group-new-key" label=tr!("group-key") hint=tr!("group-key-hint") error=at_field(problem, "key")>
                    <TextInput value=key on_commit=move || own_key.set(true) max_length=63_u32 />
                </Field>
                <Field id="group-new-description" label=tr!("group-description") error=at_field(problem, "description")>
                    <TextArea value=description rows=2 />
                </Field>
                <Refusal problem=problem fields=&["name", "key", "description"] />
            </div>
        </Dialog>
    }
}
