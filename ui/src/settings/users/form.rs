use access::Verb;
use api::{
    directory::{GroupLine, UserLine},
    path,
    roles::RoleLine,
    session::Named,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{
    draft::{UserDraft, differences},
    password::PasswordDialog,
};
use crate::{
    format,
    kit::{
        Button, Choice, Combobox, Field, Icon, IconButton, Look, Notice, Segments, TextInput, Tone,
        debounced, toast,
    },
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    settings::parts::{
        Confirm, Conflict, PickMany, Refusal, at_field, is_conflict, may, may_change, may_field,
        may_of, positions, unit_choices, units, users_like, whole,
    },
    t, tr, transport,
};

const FIELDS: &[&str] = &[
    "login", "name", "mail", "kind", "unit", "position", "manager", "groups", "roles", "password",
];

/// The fields of a user, with what is wrong at each.
#[component]
fn Fields(
    draft: UserDraft,
    problem: RwSignal<Option<Problem>>,
    #[prop(into)] disabled: Signal<bool>,
    /// The one to whom the user reports now: the list knows only what was searched for.
    #[prop(into)]
    manager: Signal<Option<Named>>,
) -> impl IntoView {
    let all_units = Loaded::new(units);
    let all_positions = Loaded::new(positions);
    let all_groups = Loaded::new(|| async { whole::<GroupLine>(path::GROUPS).await });
    let all_roles = Loaded::new(|| async { whole::<RoleLine>(path::ROLES).await });
    let unit_list = Signal::derive(move || unit_choices(&all_units.get().unwrap_or_default()));
    let position_list = Signal::derive(move || {
        all_positions
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|one| Choice::new(one.id.to_string(), one.name))
            .collect::<Vec<_>>()
    });
    // What the service would refuse is not offered.
    let fixed_groups = Signal::derive(move || {
        let groups = all_groups.get().unwrap_or_default();
        let withheld = groups.into_iter().filter(|one| !one.givable);
        withheld.map(|one| one.key).collect::<Vec<_>>()
    });
    let fixed_roles = Signal::derive(move || {
        let roles = all_roles.get().unwrap_or_default();
        let withheld = roles.into_iter().filter(|one| !one.givable);
        withheld.map(|one| one.key).collect::<Vec<_>>()
    });
    let groups = Signal::derive(move || {
        all_groups
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|one| Named {
                key: one.key,
                name: one.name,
            })
            .collect::<Vec<_>>()
    });
    let roles = Signal::derive(move || {
        all_roles
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|one| Named {
                key: one.key,
                name: one.name,
            })
            .collect::<Vec<_>>()
    });
    let people = RwSignal::new(Vec::<Choice>::new());
    let look = debounced(150, move |text: String| {
        leptos::task::spawn_local(async move {
            let found = users_like(&text).await;
            people.try_set(found);
        });
    });
    let managers = Signal::derive(move || {
        let mut all = people.get();
        if let Some(one) = manager.get()
            && !all.iter().any(|choice| choice.value == one.key)
        {
            all.insert(0, Choice::new(one.key, one.name));
        }
        all
    });
    let gives_roles = may(Verb::Change, "role");
    let reads_roles = may_field(Verb::Read, "user", "roles");
    let kinds = Signal::derive(|| {
        vec![
            Choice::new("person", t!("user-person")),
            Choice::new("external", t!("user-external")),
        ]
    });
    let kind_value = Signal::derive(move || draft.kind.get());
    view! {
        <div class="stack">
            <Field id="user-field-name" label=tr!("user-name") required=true error=at_field(problem, "name")>
                <TextInput value=draft.name disabled=disabled max_length=200_u32 />
            </Field>
            <div class="pair">
                <Field id="user-field-login" label=tr!("user-login") required=true error=at_field(problem, "login")>
                    <TextInput value=draft.login disabled=disabled max_length=100_u32 />
                </Field>
                <Field id="user-field-mail" label=tr!("user-mail") error=at_field(problem, "mail")>
                    <TextInput value=draft.mail kind="email" disabled=disabled />
                </Field>
            </div>
            <Field label=tr!("user-kind") group=true hint=tr!("user-kind-hint") error=at_field(problem, "kind")>
                <Segments
                    value=kind_value
                    options=kinds
                    label=tr!("user-kind")
                    on_change=move |kind: String| {
                        if !disabled.get_untracked() {
                            draft.kind.set(kind);
                        }
                    }
                />
            </Field>
            <div class="pair">
                <Field id="user-field-unit" label=tr!("user-unit") error=at_field(problem, "unit")>
                    <Combobox value=draft.unit options=unit_list disabled=disabled />
                </Field>
                <Field id="user-field-position" label=tr!("user-position") error=at_field(problem, "position")>
                    <Combobox value=draft.position options=position_list disabled=disabled />
                </Field>
            </div>
            <Field id="user-field-manager" label=tr!("user-manager") error=at_field(problem, "manager")>
                <Combobox value=draft.manager options=managers disabled=disabled on_search=move |text: String| look(text) />
            </Field>
            <Show when=move || reads_roles.get()>
                <Field label=tr!("settings-roles") group=true hint=tr!("user-roles-hint") error=at_field(problem, "roles")>
                    <PickMany
                        id="user-field-roles"
                        chosen=draft.roles
                        options=roles
                        label=tr!("settings-roles")
                        placeholder=tr!("user-add-role")
                        disabled=Signal::derive(move || disabled.get() || !gives_roles.get())
                        fixed=fixed_roles
                    />
                </Field>
            </Show>
            <Field label=tr!("settings-groups") group=true error=at_field(problem, "groups")>
                <PickMany
                    id="user-field-groups"
                    chosen=draft.groups
                    options=groups
                    label=tr!("settings-groups")
                    placeholder=tr!("user-add-group")
                    disabled=disabled
                    fixed=fixed_groups
                />
            </Field>
        </div>
    }
}

#[component]
pub fn NewUserForm(on_close: Callback<()>, again: RwSignal<u64>) -> impl IntoView {
    let draft = UserDraft::empty();
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let navigate = StoredValue::new_local(use_navigate());
    let save = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = draft.fresh();
        leptos::task::spawn_local(async move {
            let answer: Result<UserLine, Problem> = transport::post(path::USERS, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(made) => {
                    toast(t!("user-made", name = made.name.clone()));
                    again.update(|again| *again += 1);
                    navigate.try_with_value(|go| {
                        go(&format!("/settings/users/{}", made.id), Default::default());
                    });
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <header class="detail-head">
            <h2 class="grow cut">{tr!("user-new")}</h2>
            <IconButton icon=Icon::X label=tr!("kit-close") on_press=on_close />
        </header>
        <div class="detail-body">
            <div class="stack">
                <Fields draft=draft problem=problem disabled=false manager=Signal::stored(None) />
                <Field id="user-field-password" label=tr!("user-password") hint=tr!("user-password-hint") error=at_field(problem, "password")>
                    <TextInput value=draft.password kind="password" autocomplete="new-password" />
                </Field>
                <Refusal problem=problem fields=FIELDS />
            </div>
        </div>
        <footer class="detail-foot">
            <Button label=tr!("kit-cancel") on_press=on_close />
            <Button id="user-save" label=tr!("user-make") look=Look::Primary busy=busy on_press=save />
        </footer>
    }
}

#[component]
pub fn UserForm(user: Loaded<UserLine>, again: RwSignal<u64>) -> impl IntoView {
    let draft = UserDraft::empty();
    // What one began with, and whether somebody has saved since.
    let base = RwSignal::new(user.get_untracked());
    let theirs = RwSignal::new(None::<UserLine>);
    if let Some(user) = user.get_untracked() {
        draft.take(&user);
    }
    let dirty =
        Memo::new(move |_| base.with(|base| base.as_ref().is_some_and(|b| draft.differs(b))));
    // What is read anew is taken over while nothing is being written.
    Effect::new(move |before: Option<()>| {
        let read = user.get();
        if before.is_some()
            && let Some(read) = read
            && !dirty.get_untracked()
        {
            draft.take(&read);
            base.set(Some(read));
        }
    });
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let changes = may_change(user);
    let gives_password = may_of(user, "password");
    let disabled = Signal::derive(move || !changes.get());
    let kept = move |line: UserLine| {
        draft.take(&line);
        base.set(Some(line.clone()));
        theirs.set(None);
        user.set(line);
        again.update(|again| *again += 1);
    };
    let send = move |active: bool| {
        let Some(before) = base.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = draft.saved(&before, active);
        let address = path::fill(path::USER, &[&before.id.to_string()]);
        leptos::task::spawn_local(async move {
            let answer: Result<UserLine, Problem> = transport::put(&address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(line) => {
                    toast(t!("user-saved", name = line.name.clone()));
                    kept(line);
                }
                Err(refused) if is_conflict(&refused) => {
                    if let Ok(now) = transport::get::<UserLine>(&address, &[]).await {
                        theirs.try_set(Some(now));
                    }
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let is_active = move || base.with(|base| base.as_ref().is_some_and(|user| user.active));
    let differing = Signal::derive(move || {
        let (Some(base), Some(theirs)) = (base.get(), theirs.get()) else {
            return Vec::new();
        };
        let found = differences(&base, &theirs);
        // A new version without a visible difference: the password, or a field that one does not see.
        if found.is_empty() {
            vec![(
                t!("user-state"),
                String::new(),
                t!("settings-conflict-hidden"),
            )]
        } else {
            found
        }
    });
    let password = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let release = move || {
        let Some(before) = base.get_untracked() else {
            return;
        };
        let address = path::fill(path::USER_LOCK_OUT, &[&before.id.to_string()]);
        leptos::task::spawn_local(async move {
            match transport::delete(&address, &[]).await {
                Ok(()) => {
                    toast(t!("user-released"));
                    user.again();
                    again.update(|again| *again += 1);
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <div class="stack">
            {move || {
                user.get()
                    .and_then(|user| user.locked_until)
                    .map(|until| {
                        let until = ms(until);
                        view! {
                            <Notice tone=Tone::Warning text=Signal::derive(move || t!("user-locked-until", time = format::time(until)))>
                                <Show when=move || gives_password.get()>
                                    <Button id="user-release" label=tr!("user-release") icon=Icon::Unlock on_press=release />
                                </Show>
                            </Notice>
                        }
                    })
            }}
            <Fields
                draft=draft
                problem=problem
                disabled=disabled
                manager=Signal::derive(move || base.with(|base| base.as_ref().and_then(|user| user.manager.clone())))
            />
            <super::identity::Identity user=user />
            <Refusal problem=problem fields=FIELDS />
            <Conflict
                differences=differing
                on_theirs=move || {
                    if let Some(now) = theirs.get_untracked() {
                        kept(now);
                    }
                }
                on_mine=move || {
                    if let Some(now) = theirs.get_untracked() {
                        let active = now.active;
                        base.set(Some(now));
                        theirs.set(None);
                        send(active);
                    }
                }
            />
            <Show when=move || changes.get()>
                <div class="detail-actions">
                    <Button
                        id="user-save"
                        label=tr!("kit-save")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || !dirty.get())
                        on_press=move || send(is_active())
                    />
                    <Button
                        label=tr!("settings-undo-changes")
                        disabled=Signal::derive(move || !dirty.get())
                        on_press=move || {
                            if let Some(user) = base.get_untracked() {
                                draft.take(&user);
                                problem.set(None);
                            }
                        }
                    />
                    <span class="grow"></span>
                    <Show when=move || gives_password.get()>
                        <Button id="user-password" label=tr!("user-set-password") icon=Icon::Key on_press=move || password.set(true) />
                    </Show>
                    <Show
                        when=is_active
                        fallback=move || view! { <Button id="user-activate" label=tr!("user-activate") icon=Icon::UserCheck on_press=move || send(true) /> }
                    >
                        <Button id="user-deactivate" label=tr!("user-deactivate") icon=Icon::Ban look=Look::Danger on_press=move || asking.set(true) />
                    </Show>
                </div>
            </Show>
            <Confirm
                id="user-deactivate-sure"
                open=asking
                title=tr!("user-deactivate-title")
                text=Signal::derive(move || {
                    let name = base.with(|base| base.as_ref().map(|user| user.name.clone())).unwrap_or_default();
                    t!("user-deactivate-text", name = name)
                })
                act=tr!("user-deactivate")
                on_act=move || {
                    asking.set(false);
                    send(false);
                }
            />
            <PasswordDialog open=password user=user on_set=kept />
        </div>
    }
}
