use access::{Grant, Verb};
use api::{
    path,
    roles::{NewRole as Wanted, RoleDetail, RoleLine},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::editing::Editing;
use crate::{
    kit::{
        Button, Count, Dialog, EmptyState, Field, Icon, IconButton, Look, TextArea, TextInput,
        shortcut, toast,
    },
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Confirm, Refusal, at_field, may, whole},
    t, tr,
    transport::{self, live},
};

#[component]
pub fn RoleList(again: RwSignal<u64>, chosen: Memo<Option<String>>) -> impl IntoView {
    let roles = Loaded::new(move || {
        again.track();
        async { whole::<RoleLine>(path::ROLES).await }
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| roles.again());
    let making = RwSignal::new(false);
    let creates = may(Verb::Create, "role");
    shortcut("N", Signal::derive(|| t!("role-new")), move || {
        if creates.get_untracked() {
            making.set(true);
        }
    });
    view! {
        <header class="roles-head">
            <h1 class="grow cut">{tr!("settings-roles")}</h1>
            <Show when=move || creates.get()>
                <IconButton id="role-new" icon=Icon::Plus label=tr!("role-new") key="N" on_press=move || making.set(true) />
            </Show>
        </header>
        {roles.view(
            6,
            || t!("roles-failed"),
            move || {
                view! {
                    {move || {
                        let lines = roles.get().unwrap_or_default();
                        if lines.is_empty() {
                            return view! { <EmptyState icon=Icon::ShieldCheck title=tr!("roles-none") /> }.into_any();
                        }
                        let lines = lines
                            .into_iter()
                            .map(|line| {
                                let key = line.key.clone();
                                let here = move || chosen.with(|chosen| chosen.as_deref() == Some(key.as_str()));
                                view! {
                                    <li>
                                        <a
                                            id=format!("role-{}", line.key)
                                            class="roles-line"
                                            href=format!("/settings/roles/{}", line.key)
                                            aria-current=move || here().then_some("true")
                                        >
                                            <span class="grow">
                                                <span class="strong cut roles-line-name">{line.name}</span>
                                                <span class="weak small roles-line-text">{line.description}</span>
                                            </span>
                                            <Count count=u64::from(line.members) />
                                        </a>
                                    </li>
                                }
                            })
                            .collect_view();
                        view! { <ul class="roles-lines">{lines}</ul> }.into_any()
                    }}
                }
            },
        )}
        <NewRole open=making from=Signal::stored(None) again=again />
    }
}

/// A key out of a name: `Gestor de cartera` → `gestor_de_cartera`.
fn key_of(name: &str) -> String {
    let folded = crate::kit::fold(name);
    let mut key = String::new();
    for letter in folded.chars() {
        if letter.is_ascii_alphanumeric() {
            key.push(letter);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    let key = key.trim_end_matches('_');
    key.trim_start_matches(|c: char| !c.is_ascii_lowercase())
        .chars()
        .take(63)
        .collect()
}

/// A role from nothing, or as a copy of another.
#[component]
pub fn NewRole(
    open: RwSignal<bool>,
    /// Name and grants of the one that is copied.
    #[prop(into)]
    from: Signal<Option<(String, Vec<Grant>)>>,
    again: RwSignal<u64>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    Effect::new(move |_| {
        if open.get() {
            let copied = from.with_untracked(|from| from.as_ref().map(|(name, _)| name.clone()));
            name.set(copied.map_or_else(String::new, |name| t!("role-copy-of", name = name)));
            description.set(String::new());
            problem.set(None);
        }
    });
    let make = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = Wanted {
            key: key_of(&name.get_untracked()),
            name: name.get_untracked(),
            description: description.get_untracked(),
            grants: from
                .get_untracked()
                .map(|(_, grants)| grants)
                .unwrap_or_default(),
        };
        leptos::task::spawn_local(async move {
            let answer: Result<RoleDetail, Problem> = transport::post(path::ROLES, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(made) => {
                    open.try_set(false);
                    again.try_update(|again| *again += 1);
                    navigate.try_with_value(|go| {
                        go(&format!("/settings/roles/{}", made.key), Default::default());
                    });
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    // A taken key is a taken name for whoever reads it.
    let at_name = Signal::derive(move || {
        at_field(problem, "name")
            .get()
            .or_else(|| at_field(problem, "key").get())
    });
    view! {
        <Dialog
            open=open
            title=Signal::derive(move || if from.with(Option::is_some) { t!("role-copy") } else { t!("role-new") })
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="role-make"
                        label=tr!("role-make")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || name.with(|name| key_of(name).is_empty()))
                        on_press=make
                    />
                }
            })
        >
            <div class="stack">
                <Field id="role-new-name" label=tr!("role-name") required=true error=at_name>
                    <TextInput value=name focus=true max_length=200_u32 on_enter=make />
                </Field>
                <Field id="role-new-description" label=tr!("role-description") error=at_field(problem, "description")>
                    <TextArea value=description />
                </Field>
                <Refusal problem=problem fields=&["name", "key", "description"] />
            </div>
        </Dialog>
    }
}

/// Takes a role away, after saying from how many.
#[component]
pub fn RemoveRole(open: RwSignal<bool>, editing: Editing, again: RwSignal<u64>) -> impl IntoView {
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    let text = Signal::derive(move || {
        editing.base.with(|base| {
            t!(
                "role-remove-text",
                name = base.name.clone(),
                users = u64::try_from(base.users.len()).unwrap_or(0),
                groups = u64::try_from(base.groups.len()).unwrap_or(0)
            )
        })
    });
    let remove = move || {
        busy.set(true);
        problem.set(None);
        let base = editing.base.get_untracked();
        let address = path::fill(path::ROLE, &[&base.key]);
        leptos::task::spawn_local(async move {
            let query = [("version", base.version.to_string())];
            let answer = transport::delete(&address, &query).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    open.try_set(false);
                    toast(t!("role-removed", name = base.name));
                    again.try_update(|again| *again += 1);
                    navigate.try_with_value(|go| go("/settings/roles", Default::default()));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Confirm
            id="role-remove-sure"
            open=open
            title=tr!("role-remove")
            text=text
            act=tr!("role-remove")
            on_act=remove
            busy=busy
            problem=problem
        />
    }
}
