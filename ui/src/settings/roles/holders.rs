use access::Verb;
use api::{directory::GroupLine, path, roles::RoleDetail};
use leptos::prelude::*;

use super::editing::Editing;
use crate::{
    kit::{Choice, Combobox, Drawn, EmptyState, Icon, IconButton, debounced, toast},
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Refusal, may, users_like, whole},
    t, tr, transport,
};

/// Who holds a role: people by themselves, and groups for all their members. Takes effect at once.
#[component]
pub fn Holders(editing: Editing, role: Loaded<RoleDetail>, again: RwSignal<u64>) -> impl IntoView {
    let problem = RwSignal::new(None::<Problem>);
    let changes = may(Verb::Change, "role");
    let changes_groups = may(Verb::Change, "group");
    let tell = move |method: &'static str, address: String| {
        problem.set(None);
        leptos::task::spawn_local(async move {
            let answer: Result<RoleDetail, Problem> =
                transport::call(method, &address, &[], transport::Body::Empty).await;
            match answer {
                Ok(now) => {
                    // Only who holds it has changed: what is being written stays.
                    editing.base.try_update(|base| {
                        base.users = now.users.clone();
                        base.groups = now.groups.clone();
                    });
                    if !editing.is_dirty() {
                        role.set(now);
                    }
                    again.try_update(|again| *again += 1);
                    toast(t!("role-holders-changed"));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let key = move || editing.base.with_untracked(|base| base.key.clone());
    let people = RwSignal::new(Vec::<Choice>::new());
    let look = debounced(150, move |text: String| {
        leptos::task::spawn_local(async move {
            let found = users_like(&text).await;
            people.try_set(found);
        });
    });
    let adding = RwSignal::new(String::new());
    let add_user = move || {
        let user = adding.get_untracked();
        adding.set(String::new());
        if !user.is_empty() {
            tell("PUT", path::fill(path::ROLE_USER, &[&key(), &user]));
        }
    };
    let all_groups = Loaded::new(|| async { whole::<GroupLine>(path::GROUPS).await });
    let groups = Signal::derive(move || {
        let held = editing.base.with(|base| base.groups.clone());
        all_groups
            .get()
            .unwrap_or_default()
            .into_iter()
            .filter(|group| !held.iter().any(|one| one.key == group.key))
            .map(|group| Choice::new(group.key, group.name))
            .collect::<Vec<_>>()
    });
    let joining = RwSignal::new(String::new());
    let add_group = move || {
        let group = joining.get_untracked();
        joining.set(String::new());
        if !group.is_empty() {
            tell("PUT", path::fill(path::ROLE_GROUP, &[&key(), &group]));
        }
    };
    let nobody = move || {
        editing
            .base
            .with(|base| base.users.is_empty() && base.groups.is_empty())
    };
    view! {
        <div class="holders">
            <Refusal problem=problem fields=&[] />
            <Show when=nobody>
                <EmptyState icon=Icon::Users title=tr!("role-nobody") text=Signal::derive(|| t!("role-nobody-text")) />
            </Show>
            <div class="pair">
                <section class="stack">
                    <h3>{tr!("role-users")}</h3>
                    <Show when=move || changes.get()>
                        <Combobox
                            id="role-add-user"
                            value=adding
                            options=people
                            label=tr!("role-add-user")
                            placeholder=tr!("role-add-user")
                            on_search=move |text: String| look(text)
                            on_commit=add_user
                        />
                    </Show>
                    <ul class="people">
                        <For each=move || editing.base.with(|base| base.users.clone()) key=|user| user.id.to_string() let:user>
                            {
                                let id = user.id.to_string();
                                let address = format!("/settings/users/{id}");
                                let name = user.name.clone();
                                view! {
                                    <li class="person">
                                        <Drawn icon=Icon::User />
                                        <a class="cut grow" href=address>{user.name}</a>
                                        <Show when=move || changes.get()>
                                            <IconButton
                                                small=true
                                                icon=Icon::X
                                                label={
                                                    let name = name.clone();
                                                    move || t!("settings-take-out", name = name.clone())
                                                }
                                                on_press={
                                                    let id = id.clone();
                                                    move || tell("DELETE", path::fill(path::ROLE_USER, &[&key(), &id]))
                                                }
                                            />
                                        </Show>
                                    </li>
                                }
                            }
                        </For>
                    </ul>
                </section>
                <section class="stack">
                    <h3>{tr!("settings-groups")}</h3>
                    <Show when=move || changes.get() && changes_groups.get()>
                        <Combobox
                            id="role-add-group"
                            value=joining
                            options=groups
                            label=tr!("role-add-group")
                            placeholder=tr!("role-add-group")
                            on_commit=add_group
                        />
                    </Show>
                    <ul class="people">
                        <For each=move || editing.base.with(|base| base.groups.clone()) key=|group| group.key.clone() let:group>
                            {
                                let own = group.key.clone();
                                let name = group.name.clone();
                                view! {
                                    <li class="person">
                                        <Drawn icon=Icon::Group />
                                        <a class="cut grow" href=format!("/settings/groups/{}", group.key)>{group.name}</a>
                                        <Show when=move || changes.get() && changes_groups.get()>
                                            <IconButton
                                                small=true
                                                icon=Icon::X
                                                label={
                                                    let name = name.clone();
                                                    move || t!("settings-take-out", name = name.clone())
                                                }
                                                on_press={
                                                    let own = own.clone();
                                                    move || tell("DELETE", path::fill(path::ROLE_GROUP, &[&key(), &own]))
                                                }
                                            />
                                        </Show>
                                    </li>
                                }
                            }
                        </For>
                    </ul>
                </section>
            </div>
        </div>
    }
}
