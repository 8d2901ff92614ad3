use access::Verb;
use api::{
    organisation::{SaveUnit, UnitDependants, UnitLine},
    path,
};
use leptos::prelude::*;

use crate::{
    kit::{
        Button, Choice, Combobox, Dialog, Drawn, Field, Icon, IconButton, Look, Notice, TextInput,
        Tone, toast,
    },
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Conflict, Refusal, at_field, is_conflict, may, unit_choices},
    t, tr, transport,
};

/// One unit: its name, where it stands, who is in it.
#[component]
pub fn UnitPanel(
    unit: UnitLine,
    all: Loaded<Vec<UnitLine>>,
    chosen: RwSignal<Option<String>>,
    asking: RwSignal<bool>,
    again: RwSignal<u64>,
) -> impl IntoView {
    let own = unit.id;
    let base = RwSignal::new(unit.clone());
    let theirs = RwSignal::new(None::<UnitLine>);
    let name = RwSignal::new(unit.name.clone());
    let parent = RwSignal::new(unit.parent.map(|id| id.to_string()).unwrap_or_default());
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let changes = may(Verb::Change, "unit");
    let deletes = may(Verb::Delete, "unit");
    let dirty = Memo::new(move |_| {
        base.with(|base| {
            name.with(|name| *name != base.name)
                || parent.with(|parent| {
                    *parent != base.parent.map(|id| id.to_string()).unwrap_or_default()
                })
        })
    });
    let take = move |unit: &UnitLine| {
        name.set(unit.name.clone());
        parent.set(unit.parent.map(|id| id.to_string()).unwrap_or_default());
        base.set(unit.clone());
        theirs.set(None);
    };
    // What others do to it shows while nothing is being written.
    Effect::new(move |_| {
        let now = all
            .get()
            .unwrap_or_default()
            .into_iter()
            .find(|one| one.id == own);
        if let Some(now) = now
            && !dirty.get_untracked()
        {
            take(&now);
        }
    });
    let parents = Signal::derive(move || {
        let all = all.get().unwrap_or_default();
        let mut choices = vec![Choice::new("", t!("unit-top"))];
        choices.extend(
            unit_choices(&all)
                .into_iter()
                .filter(|choice| choice.value != own.to_string()),
        );
        choices
    });
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = SaveUnit {
            version: base.with_untracked(|base| base.version),
            name: name.get_untracked(),
            parent: parent.with_untracked(|parent| parent.parse().ok()),
        };
        leptos::task::spawn_local(async move {
            let address = path::fill(path::UNIT, &[&own.to_string()]);
            let answer: Result<UnitLine, Problem> = transport::put(&address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(kept) => {
                    toast(t!("unit-saved", name = kept.name.clone()));
                    take(&kept);
                    all.again();
                    again.try_update(|again| *again += 1);
                }
                Err(refused) if is_conflict(&refused) => {
                    let now = crate::settings::parts::units()
                        .await
                        .ok()
                        .and_then(|all| all.into_iter().find(|one| one.id == own));
                    theirs.try_set(now);
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let differing = Signal::derive(move || {
        let Some(theirs) = theirs.get() else {
            return Vec::new();
        };
        let base = base.get();
        let named = |id: Option<kernel::Id<api::of::Unit>>| {
            id.and_then(|id| {
                all.get()
                    .unwrap_or_default()
                    .into_iter()
                    .find(|unit| unit.id == id)
            })
            .map_or_else(|| t!("unit-top"), |unit| unit.name)
        };
        let mut found = Vec::new();
        if base.name != theirs.name {
            found.push((t!("unit-name"), base.name.clone(), theirs.name.clone()));
        }
        if base.parent != theirs.parent || found.is_empty() {
            found.push((t!("unit-parent"), named(base.parent), named(theirs.parent)));
        }
        found
    });
    let dependants = Loaded::new(move || {
        again.track();
        async move {
            let address = path::fill(path::UNIT_DEPENDANTS, &[&own.to_string()]);
            transport::get::<UnitDependants>(&address, &[]).await
        }
    });
    let disabled = Signal::derive(move || !changes.get());
    view! {
        <header class="detail-head">
            <Drawn icon=Icon::Building />
            <h2 class="grow cut">{move || base.with(|base| base.name.clone())}</h2>
            <IconButton icon=Icon::X label=tr!("kit-close") on_press=move || chosen.set(None) />
        </header>
        <div class="detail-body">
            <div class="stack">
                <Field id="unit-field-name" label=tr!("unit-name") required=true error=at_field(problem, "name")>
                    <TextInput value=name disabled=disabled max_length=200_u32 on_enter=save />
                </Field>
                <Field id="unit-field-parent" label=tr!("unit-parent") error=at_field(problem, "parent")>
                    <Combobox value=parent options=parents disabled=disabled />
                </Field>
                <Refusal problem=problem fields=&["name", "parent"] />
                <Conflict
                    differences=differing
                    on_theirs=move || {
                        if let Some(now) = theirs.get_untracked() {
                            take(&now);
                        }
                    }
                    on_mine=move || {
                        if let Some(now) = theirs.get_untracked() {
                            theirs.set(None);
                            base.set(now);
                            save();
                        }
                    }
                />
                <Show when=move || changes.get()>
                    <div class="row">
                        <Button id="unit-save" label=tr!("kit-save") look=Look::Primary busy=busy disabled=Signal::derive(move || !dirty.get()) on_press=save />
                        <span class="grow"></span>
                        <Show when=move || deletes.get()>
                            <Button id="unit-remove" label=tr!("unit-remove") icon=Icon::Trash look=Look::Danger on_press=move || asking.set(true) />
                        </Show>
                    </div>
                </Show>
                <section class="stack stack-tight">
                    <h3>{tr!("unit-users")}</h3>
                    {dependants.view(
                        3,
                        || t!("units-failed"),
                        move || {
                            view! {
                                {move || {
                                    let Some(hanging) = dependants.get() else { return ().into_any() };
                                    if hanging.users_total == 0 {
                                        return view! { <p class="weak">{tr!("unit-nobody")}</p> }.into_any();
                                    }
                                    let more = hanging.users_total.saturating_sub(u64::try_from(hanging.users.len()).unwrap_or(0));
                                    let people = hanging
                                        .users
                                        .into_iter()
                                        .map(|user| {
                                            view! {
                                                <li class="person">
                                                    <Drawn icon=Icon::User />
                                                    <a class="cut grow" href=format!("/settings/users/{}", user.id)>{user.name}</a>
                                                </li>
                                            }
                                        })
                                        .collect_view();
                                    view! {
                                        <ul class="people">{people}</ul>
                                        {(more > 0).then(|| view! { <p class="weak small">{move || t!("role-and-more", count = more)}</p> })}
                                    }
                                        .into_any()
                                }}
                            }
                        },
                    )}
                </section>
            </div>
        </div>
        <Remove open=asking base=base all=all chosen=chosen again=again dependants=dependants />
    }
}

/// Removing a unit says first what hangs on it, and where that goes.
#[component]
fn Remove(
    open: RwSignal<bool>,
    base: RwSignal<UnitLine>,
    all: Loaded<Vec<UnitLine>>,
    chosen: RwSignal<Option<String>>,
    again: RwSignal<u64>,
    dependants: Loaded<UnitDependants>,
) -> impl IntoView {
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let into = RwSignal::new(String::new());
    Effect::new(move |_| {
        if open.get() {
            problem.set(None);
            dependants.again();
            into.set(
                base.with_untracked(|base| base.parent.map(|id| id.to_string()))
                    .unwrap_or_default(),
            );
        }
    });
    let hangs = move || {
        dependants
            .get()
            .is_some_and(|one| one.users_total > 0 || one.customers > 0 || !one.units.is_empty())
    };
    let heirs = Signal::derive(move || {
        let own = base.with(|base| base.id.to_string());
        let mut choices = vec![Choice::new("", t!("unit-top"))];
        choices.extend(
            unit_choices(&all.get().unwrap_or_default())
                .into_iter()
                .filter(|choice| choice.value != own),
        );
        choices
    });
    let remove = move || {
        busy.set(true);
        problem.set(None);
        let unit = base.get_untracked();
        let mut query = vec![("version", unit.version.to_string())];
        if untrack(hangs) {
            query.push(("into", into.get_untracked()));
        }
        leptos::task::spawn_local(async move {
            let address = path::fill(path::UNIT, &[&unit.id.to_string()]);
            let answer = transport::delete(&address, &query).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    open.try_set(false);
                    chosen.try_set(None);
                    toast(t!("unit-removed", name = unit.name));
                    all.again();
                    again.try_update(|again| *again += 1);
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
            title=Signal::derive(move || t!("unit-remove-title", name = base.with(|base| base.name.clone())))
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button id="unit-remove-sure" label=tr!("unit-remove") look=Look::Danger busy=busy on_press=remove />
                }
            })
        >
            <div class="stack">
                <Show when=hangs fallback=move || view! { <p>{tr!("unit-remove-empty")}</p> }>
                    <Notice
                        tone=Tone::Warning
                        text=Signal::derive(move || {
                            let hanging = dependants.get();
                            t!(
                                "unit-remove-hangs",
                                users = hanging.as_ref().map_or(0, |one| one.users_total),
                                units = hanging.as_ref().map_or(0, |one| one.units.len()),
                                customers = hanging.as_ref().map_or(0, |one| one.customers)
                            )
                        })
                    />
                    <p class="weak small">
                        {move || dependants.get().map(|one| one.units.join(", ")).unwrap_or_default()}
                    </p>
                    <Field id="unit-remove-into" label=tr!("unit-remove-into") error=at_field(problem, "into")>
                        <Combobox value=into options=heirs />
                    </Field>
                </Show>
                <Refusal problem=problem fields=&["into"] />
            </div>
        </Dialog>
    }
}
