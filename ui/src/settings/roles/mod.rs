//! Roles: the matrix of what each grants, who holds it, and what it was before.

mod cell;
mod condition;
mod editing;
mod effect;
mod holders;
mod list;
mod matrix;
mod model;
mod versions;
pub mod words;

use std::collections::BTreeMap;

use access::Verb;
use api::{
    directory::GroupLine,
    path,
    roles::{GrantCatalogue, RoleDetail},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use self::{editing::Editing, words::Names};
use super::parts::{may, unit_choices, units, whole};
use crate::{
    kit::{
        Badge, Button, EmptyState, Icon, IconButton, Look, Tab, Tabs, TextInput, Tone, shortcut,
    },
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Conflict, Refusal, is_conflict},
    t, tr,
    transport::{self, live},
};

/// Roles at the left, the chosen one's matrix beside them. Ids for tests: `role-KEY`, `role-new`, `role-save`.
#[component]
pub fn RolesPage() -> impl IntoView {
    let params = use_params_map();
    let chosen = Memo::new(move |_| params.with(|params| params.get("key")));
    let again = RwSignal::new(0_u64);
    let catalogue = Loaded::new(|| async {
        transport::get::<GrantCatalogue>(path::GRANT_CATALOGUE, &[]).await
    });
    let names = Names(RwSignal::new(BTreeMap::new()));
    leptos::task::spawn_local(async move {
        let (units, groups) = futures::join!(units(), whole::<GroupLine>(path::GROUPS));
        let mut known: BTreeMap<String, String> = unit_choices(&units.unwrap_or_default())
            .into_iter()
            .map(|choice| (choice.value, choice.label))
            .collect();
        known.extend(
            groups
                .unwrap_or_default()
                .into_iter()
                .map(|group| (group.key, group.name)),
        );
        names.0.try_set(known);
    });
    view! {
        <div class="roles" class:beside-open=move || chosen.with(Option::is_some)>
            <div class="roles-list"><list::RoleList again=again chosen=chosen /></div>
            <div class="roles-one">
                {catalogue.view(
                    8,
                    || t!("roles-failed"),
                    move || {
                        view! {
                            {move || {
                                let Some(catalogue) = catalogue.get_untracked() else { return ().into_any() };
                                match chosen.get() {
                                    Some(key) => view! { <One key=key catalogue=catalogue names=names again=again /> }.into_any(),
                                    None => {
                                        view! {
                                            <EmptyState icon=Icon::ShieldCheck title=tr!("roles-choose") text=Signal::derive(|| t!("roles-choose-text")) />
                                        }
                                            .into_any()
                                    }
                                }
                            }}
                        }
                    },
                )}
            </div>
        </div>
    }
}

#[component]
fn One(
    key: String,
    catalogue: GrantCatalogue,
    names: Names,
    again: RwSignal<u64>,
) -> impl IntoView {
    let address = path::fill(path::ROLE, &[&key]);
    let role = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<RoleDetail>(&address, &[]).await }
    });
    let may_change = may(Verb::Change, "role");
    role.view(
        8,
        || t!("roles-failed"),
        move || match role.get_untracked() {
            Some(read) => {
                let editing = Editing::new(read, catalogue.clone(), names, may_change);
                view! { <Edit editing=editing role=role again=again /> }.into_any()
            }
            None => ().into_any(),
        },
    )
}

#[component]
fn Edit(editing: Editing, role: Loaded<RoleDetail>, again: RwSignal<u64>) -> impl IntoView {
    let part = RwSignal::new("matrix".to_owned());
    let sure = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let theirs = RwSignal::new(None::<RoleDetail>);
    let copying = RwSignal::new(false);
    let removing = RwSignal::new(false);
    let dirty = Memo::new(move |_| editing.is_dirty());
    live::follow(&["access"], move |_: api::events::LiveEvent| role.again());
    // What others saved or gave is taken over while nothing is being written here.
    Effect::new(move |before: Option<()>| {
        let read = role.get();
        if before.is_some()
            && let Some(read) = read
            && !dirty.get_untracked()
        {
            editing.take(read);
        }
    });
    let save = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let base = editing.base.get_untracked();
        let wanted = api::roles::SaveRole {
            version: base.version,
            name: editing.name.get_untracked(),
            description: editing.description.get_untracked(),
            grants: editing.grants.get_untracked(),
        };
        let address = path::fill(path::ROLE, &[&base.key]);
        leptos::task::spawn_local(async move {
            let answer: Result<RoleDetail, Problem> = transport::put(&address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(kept) => {
                    sure.try_set(false);
                    theirs.try_set(None);
                    crate::kit::toast(t!(
                        "role-saved",
                        name = kept.name.clone(),
                        version = kept.version
                    ));
                    editing.take(kept.clone());
                    role.set(kept);
                    again.try_update(|again| *again += 1);
                }
                Err(refused) if is_conflict(&refused) => {
                    sure.try_set(false);
                    if let Ok(now) = transport::get::<RoleDetail>(&address, &[]).await {
                        theirs.try_set(Some(now));
                    }
                }
                Err(refused) => {
                    sure.try_set(false);
                    problem.try_set(Some(refused));
                }
            }
        });
    });
    let ask = move || {
        if dirty.get_untracked() {
            // Only grants change what people may do.
            let base = editing.base.get_untracked();
            if editing.grants.get_untracked() == base.grants {
                save.run(());
            } else {
                sure.set(true);
            }
        }
    };
    shortcut("Ctrl+S", Signal::derive(|| t!("kit-save")), ask);
    shortcut(
        "Ctrl+Z",
        Signal::derive(|| t!("settings-undo")),
        move || {
            editing.undo();
        },
    );
    shortcut(
        "Ctrl+Y",
        Signal::derive(|| t!("settings-redo")),
        move || {
            editing.redo();
        },
    );
    let differing = Signal::derive(move || {
        let Some(theirs) = theirs.get() else {
            return Vec::new();
        };
        let base = editing.base.get();
        let named = editing.names.find();
        let mut found: Vec<(String, String, String)> = editing.catalogue.with_value(|catalogue| {
            model::differences(&base.grants, &theirs.grants)
                .into_iter()
                .map(|one| {
                    (
                        format!(
                            "{} · {}",
                            words::path_of(catalogue, &one.target),
                            words::verb(one.verb)
                        ),
                        words::rules(catalogue, &one.target, &one.before, &named),
                        words::rules(catalogue, &one.target, &one.after, &named),
                    )
                })
                .collect()
        });
        if base.name != theirs.name {
            found.push((t!("role-name"), base.name, theirs.name));
        }
        if base.description != theirs.description {
            found.push((t!("role-description"), base.description, theirs.description));
        }
        found
    });
    let panel = RwSignal::new(0_u64);
    let base = editing.base;
    let fixed = move || base.with(|base| base.fixed);
    let creates = may(Verb::Create, "role");
    let deletes = may(Verb::Delete, "role");
    view! {
        <section class="role">
            <header class="role-head">
                <div class="role-title grow">
                    <div class="row">
                        <h2 class="cut" id="role-name">{move || editing.name.get()}</h2>
                        <Badge label=Signal::derive(move || t!("role-version", version = base.with(|base| base.version))) />
                        <Show when=move || dirty.get()><Badge label=tr!("role-unsaved") tone=Tone::Warning icon=Icon::Pencil /></Show>
                    </div>
                    <p class="weak small cut">{move || editing.description.get()}</p>
                </div>
                <IconButton icon=Icon::Undo label=tr!("settings-undo") key="Ctrl+Z" disabled=Signal::derive(move || !editing.can_undo()) on_press=move || editing.undo() />
                <IconButton icon=Icon::Redo label=tr!("settings-redo") key="Ctrl+Y" disabled=Signal::derive(move || !editing.can_redo()) on_press=move || editing.redo() />
                <Show when=move || creates.get()>
                    <Button id="role-copy" label=tr!("role-copy") icon=Icon::Copy on_press=move || copying.set(true) />
                </Show>
                <Show when=move || deletes.get() && !fixed()>
                    <IconButton id="role-remove" icon=Icon::Trash label=tr!("role-remove") on_press=move || removing.set(true) />
                </Show>
                <Show when=move || editing.may_change.get()>
                    <Button
                        id="role-save"
                        label=tr!("kit-save")
                        look=Look::Primary
                        key="Ctrl+S"
                        busy=busy
                        disabled=Signal::derive(move || !dirty.get())
                        on_press=ask
                    />
                </Show>
            </header>
            <Show when=fixed>
                <p class="role-note weak small">{tr!("role-fixed")}</p>
            </Show>
            <div class="role-problems">
                <Refusal problem=problem fields=&["name", "description"] />
                <Conflict
                    differences=differing
                    on_theirs=move || {
                        if let Some(now) = theirs.get_untracked() {
                            theirs.set(None);
                            role.set(now.clone());
                            editing.take(now);
                        }
                    }
                    on_mine=move || {
                        if let Some(now) = theirs.get_untracked() {
                            theirs.set(None);
                            editing.base.set(now);
                            save.run(());
                        }
                    }
                />
            </div>
            <Tabs
                chosen=part
                label=tr!("role-parts")
                tabs=vec![
                    Tab::new("matrix", Signal::derive(|| t!("role-matrix"))),
                    Tab::new("holders", Signal::derive(|| t!("role-holders")))
                        .counting(Signal::derive(move || base.with(|base| u64::try_from(base.users.len() + base.groups.len()).ok()))),
                    Tab::new("versions", Signal::derive(|| t!("role-versions"))),
                    Tab::new("about", Signal::derive(|| t!("role-about"))),
                ]
            />
            <div class="role-part" role="tabpanel">
                {move || match part.get().as_str() {
                    "holders" => view! { <holders::Holders editing=editing role=role again=again /> }.into_any(),
                    "versions" => view! { <versions::Versions editing=editing /> }.into_any(),
                    "about" => view! { <About editing=editing problem=problem /> }.into_any(),
                    _ => {
                        view! {
                            <div class="matrix-place">
                                <div class="matrix-main"><matrix::Matrix editing=editing on_details=move || panel.update(|turn| *turn += 1) /></div>
                                <aside class="matrix-panel"><cell::CellPanel editing=editing focus=panel /></aside>
                            </div>
                        }
                            .into_any()
                    }
                }}
            </div>
            <effect::Sure open=sure editing=editing busy=busy on_sure=save />
            <list::NewRole open=copying from=Signal::derive(move || Some((editing.name.get(), editing.grants.get()))) again=again />
            <list::RemoveRole open=removing editing=editing again=again />
        </section>
    }
}

/// Name and description.
#[component]
fn About(editing: Editing, problem: RwSignal<Option<Problem>>) -> impl IntoView {
    use crate::kit::{Field, TextArea};
    use crate::settings::parts::at_field;
    let disabled = Signal::derive(move || !editing.may_change.get());
    view! {
        <div class="stack role-about">
            <Field id="role-field-name" label=tr!("role-name") required=true error=at_field(problem, "name")>
                <TextInput value=editing.name disabled=disabled max_length=200_u32 />
            </Field>
            <Field id="role-field-description" label=tr!("role-description") error=at_field(problem, "description")>
                <TextArea value=editing.description disabled=disabled />
            </Field>
            <Field label=tr!("role-key") hint=tr!("role-key-hint") group=true>
                <p class="mono">{move || editing.base.with(|base| base.key.clone())}</p>
            </Field>
        </div>
    }
}
