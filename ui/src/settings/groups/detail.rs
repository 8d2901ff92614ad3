use access::Verb;
use api::{
    directory::{GroupDetail, SaveGroup},
    path,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    kit::{
        Badge, Button, Choice, Combobox, Drawn, Field, Icon, IconButton, Look, TextArea, TextInput,
        Tone, debounced, toast,
    },
    loaded::Loaded,
    prefs::preferences,
    problem::Problem,
    settings::parts::{Confirm, Refusal, at_field, may, may_field, users_like},
    t, tr,
    transport::{self, live},
};

#[component]
pub fn One(key: String, again: RwSignal<u64>) -> impl IntoView {
    let address = path::fill(path::GROUP, &[&key]);
    let group = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<GroupDetail>(&address, &[]).await }
    });
    live::follow(&["access", "inbox"], move |_: api::events::LiveEvent| {
        group.again();
    });
    let navigate = StoredValue::new_local(use_navigate());
    let close = move || {
        navigate.try_with_value(|go| go("/settings/groups", Default::default()));
    };
    group.view(
        6,
        || t!("groups-failed"),
        move || {
            view! {
                <header class="detail-head">
                    <h2 class="grow cut">{move || group.get().map(|one| one.group.name)}</h2>
                    <IconButton icon=Icon::X label=tr!("kit-close") on_press=close />
                </header>
                <div class="detail-body"><Detail group=group again=again on_gone=close /></div>
            }
        },
    )
}

#[component]
fn Detail(
    group: Loaded<GroupDetail>,
    again: RwSignal<u64>,
    #[prop(into)] on_gone: Callback<()>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<Problem>);
    let changes = may(Verb::Change, "group");
    let deletes = may(Verb::Delete, "group");
    let started = group.get_untracked().map(|one| one.group);
    let name = RwSignal::new(started.as_ref().map(|g| g.name.clone()).unwrap_or_default());
    let description = RwSignal::new(started.map(|g| g.description).unwrap_or_default());
    let dirty = Memo::new(move |_| {
        group.get().is_some_and(|one| {
            name.with(|name| *name != one.group.name)
                || description.with(|text| *text != one.group.description)
        })
    });
    let kept = move |now: GroupDetail| {
        group.set(now);
        again.try_update(|again| *again += 1);
    };
    let save = move || {
        let Some(one) = group.get_untracked() else {
            return;
        };
        problem.set(None);
        let wanted = SaveGroup {
            version: one.group.version,
            name: name.get_untracked(),
            description: description.get_untracked(),
        };
        let address = path::fill(path::GROUP, &[&one.group.key]);
        leptos::task::spawn_local(async move {
            let answer: Result<GroupDetail, Problem> = transport::put(&address, &wanted).await;
            match answer {
                Ok(now) => {
                    toast(t!("group-saved", name = now.group.name.clone()));
                    kept(now);
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let removing = RwSignal::new(false);
    let gone = RwSignal::new(None::<Problem>);
    let remove = move || {
        let Some(one) = group.get_untracked() else {
            return;
        };
        gone.set(None);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::GROUP, &[&one.group.key]);
            let query = [("version", one.group.version.to_string())];
            match transport::delete(&address, &query).await {
                Ok(()) => {
                    removing.try_set(false);
                    toast(t!("group-removed", name = one.group.name));
                    again.try_update(|again| *again += 1);
                    on_gone.try_run(());
                }
                Err(refused) => {
                    gone.try_set(Some(refused));
                }
            }
        });
    };
    let disabled = Signal::derive(move || !changes.get());
    view! {
        <div class="stack">
            <Refusal problem=problem fields=&["name", "description"] />
            <Field id="group-field-name" label=tr!("group-name") required=true error=at_field(problem, "name")>
                <TextInput value=name disabled=disabled max_length=200_u32 />
            </Field>
            <Field id="group-field-description" label=tr!("group-description") error=at_field(problem, "description")>
                <TextArea value=description disabled=disabled rows=2 />
            </Field>
            <Show when=move || changes.get()>
                <div class="row">
                    <Button id="group-save" label=tr!("kit-save") look=Look::Primary disabled=Signal::derive(move || !dirty.get()) on_press=save />
                    <span class="grow"></span>
                    <Show when=move || deletes.get() && group.get().is_some_and(|one| one.group.givable)>
                        <Button id="group-remove" label=tr!("group-remove") icon=Icon::Trash look=Look::Danger on_press=move || removing.set(true) />
                    </Show>
                </div>
            </Show>
            <Members group=group problem=problem on_kept=kept />
            <Around group=group />
            <Confirm
                id="group-remove-sure"
                open=removing
                title=tr!("group-remove")
                text=Signal::derive(move || {
                    let one = group.get();
                    t!(
                        "group-remove-text",
                        name = one.as_ref().map(|one| one.group.name.clone()).unwrap_or_default(),
                        count = one.map_or(0, |one| one.members.len())
                    )
                })
                act=tr!("group-remove")
                on_act=remove
                problem=gone
            />
        </div>
    }
}

/// Who is in it; takes effect at once.
#[component]
fn Members(
    group: Loaded<GroupDetail>,
    problem: RwSignal<Option<Problem>>,
    #[prop(into)] on_kept: Callback<(GroupDetail,)>,
) -> impl IntoView {
    let groups = may_field(Verb::Change, "group", "members");
    let changes =
        Signal::derive(move || groups.get() && group.get().is_some_and(|one| one.group.givable));
    let member = move |method: &'static str, user: String| {
        problem.set(None);
        let key = group
            .get_untracked()
            .map(|one| one.group.key)
            .unwrap_or_default();
        let address = path::fill(path::GROUP_MEMBER, &[&key, &user]);
        leptos::task::spawn_local(async move {
            let answer: Result<GroupDetail, Problem> =
                transport::call(method, &address, &[], transport::Body::Empty).await;
            match answer {
                Ok(now) => {
                    on_kept.try_run((now,));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let people = RwSignal::new(Vec::<Choice>::new());
    let look = debounced(150, move |text: String| {
        leptos::task::spawn_local(async move {
            let found = users_like(&text).await;
            people.try_set(found);
        });
    });
    let adding = RwSignal::new(String::new());
    let add = move || {
        let user = adding.get_untracked();
        adding.set(String::new());
        if !user.is_empty() {
            member("PUT", user);
        }
    };
    view! {
        <section class="stack stack-tight">
            <h3>{move || t!("group-members", count = group.get().map_or(0, |one| one.members.len()))}</h3>
            <Show when=move || changes.get()>
                <Combobox
                    id="group-add-member"
                    value=adding
                    options=people
                    label=tr!("group-add-member")
                    placeholder=tr!("group-add-member")
                    on_search=move |text: String| look(text)
                    on_commit=add
                />
            </Show>
            <ul class="people">
                <For each=move || group.get().map(|one| one.members).unwrap_or_default() key=|user| user.id.to_string() let:user>
                    {
                        let id = StoredValue::new(user.id.to_string());
                        let name = StoredValue::new(user.name.clone());
                        view! {
                            <li class="person">
                                <Drawn icon=Icon::User />
                                <a class="cut grow" href=format!("/settings/users/{}", id.get_value())>{user.name}</a>
                                <Show when=move || changes.get()>
                                    <IconButton
                                        small=true
                                        icon=Icon::X
                                        label=move || t!("settings-take-out", name = name.get_value())
                                        on_press=move || member("DELETE", id.get_value())
                                    />
                                </Show>
                            </li>
                        }
                    }
                </For>
            </ul>
        </section>
    }
}

/// What hangs on it: its inbox, its roles, the activities that name it.
#[component]
fn Around(group: Loaded<GroupDetail>) -> impl IntoView {
    view! {
        <section class="stack stack-tight">
            <h3>{tr!("group-inbox")}</h3>
            {move || {
                group
                    .get()
                    .map(|one| {
                        let (waiting, overdue) = (one.waiting, one.overdue);
                        view! {
                            <p class="row">
                                <span>{t!("group-waiting", count = waiting)}</span>
                                {(overdue > 0)
                                    .then(|| view! { <Badge label=Signal::derive(move || t!("group-overdue", count = overdue)) tone=Tone::Danger /> })}
                            </p>
                        }
                    })
            }}
        </section>
        <section class="stack stack-tight">
            <h3>{tr!("group-roles")}</h3>
            {move || {
                let roles = group.get().map(|one| one.roles).unwrap_or_default();
                if roles.is_empty() {
                    return view! { <p class="weak">{tr!("group-no-roles")}</p> }.into_any();
                }
                let chips = roles
                    .into_iter()
                    .map(|role| view! { <li class="chip"><a href=format!("/settings/roles/{}", role.key)>{role.name}</a></li> })
                    .collect_view();
                view! { <ul class="chips">{chips}</ul> }.into_any()
            }}
        </section>
        <section class="stack stack-tight">
            <h3>{tr!("group-used")}</h3>
            {move || {
                let used = group.get().map(|one| one.used).unwrap_or_default();
                if used.is_empty() {
                    return view! { <p class="weak">{tr!("group-not-used")}</p> }.into_any();
                }
                let lines = used
                    .into_iter()
                    .map(|one| {
                        let language = preferences().language();
                        let escalated = one.how == "escalated";
                        view! {
                            <li class="person">
                                <Drawn icon=Icon::Workflow />
                                <a class="cut grow" href=format!("/designer/process/{}", one.process)>
                                    {format!("{} › {}", one.process_name.get(language), one.activity_name)}
                                </a>
                                <Badge
                                    label=Signal::derive(move || if escalated { t!("group-escalated") } else { t!("group-assigned") })
                                    tone=if escalated { Tone::Warning } else { Tone::Neutral }
                                />
                            </li>
                        }
                    })
                    .collect_view();
                view! { <ul class="people">{lines}</ul> }.into_any()
            }}
        </section>
    }
}
