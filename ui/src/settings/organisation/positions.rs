use access::Verb;
use api::{
    organisation::{NewPosition, PositionLine, SavePosition},
    path,
};
use leptos::prelude::*;

use crate::{
    kit::{Button, EmptyState, Icon, IconButton, TextInput, toast},
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Refusal, may, positions},
    t, tr,
    transport::{self, live},
};

/// What people are employed as. A position says nothing about what may be done; roles do. Ids for tests: `position-new`,
/// `position-add`.
#[component]
pub fn Positions(again: RwSignal<u64>) -> impl IntoView {
    let all = Loaded::new(move || {
        again.track();
        positions()
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| all.again());
    let problem = RwSignal::new(None::<Problem>);
    let name = RwSignal::new(String::new());
    let creates = may(Verb::Create, "position");
    let add = move || {
        if name.with_untracked(|name| name.trim().is_empty()) {
            return;
        }
        problem.set(None);
        let wanted = NewPosition {
            name: name.get_untracked(),
        };
        leptos::task::spawn_local(async move {
            let answer: Result<PositionLine, Problem> =
                transport::post(path::POSITIONS, &wanted).await;
            match answer {
                Ok(_) => {
                    name.try_set(String::new());
                    all.again();
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <div class="settings-scroll stack">
            <Show when=move || creates.get()>
                <div class="row">
                    <div class="search-box"><TextInput id="position-new" value=name label=tr!("position-new") placeholder=tr!("position-new") max_length=200_u32 on_enter=add /></div>
                    <Button id="position-add" label=tr!("position-add") icon=Icon::Plus on_press=add />
                </div>
            </Show>
            <Refusal problem=problem fields=&[] />
            {all.view(
                6,
                || t!("positions-failed"),
                move || {
                    view! {
                        <Show
                            when=move || all.get().is_some_and(|all| !all.is_empty())
                            fallback=move || {
                                view! { <EmptyState icon=Icon::IdCard title=tr!("positions-none") text=Signal::derive(|| t!("positions-none-text")) /> }
                            }
                        >
                            <div class="surface settings-table">
                                <table class="plain-table">
                                    <thead>
                                        <tr>
                                            <th scope="col">{tr!("position-name")}</th>
                                            <th scope="col" class="end">{tr!("settings-users")}</th>
                                            <th scope="col"><span class="only-read">{tr!("position-remove")}</span></th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        <For each=move || all.get().unwrap_or_default() key=|one| (one.id.to_string(), one.version, one.users) let:one>
                                            <Line position=one all=all problem=problem />
                                        </For>
                                    </tbody>
                                </table>
                            </div>
                        </Show>
                    }
                },
            )}
        </div>
    }
}

#[component]
fn Line(
    position: PositionLine,
    all: Loaded<Vec<PositionLine>>,
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let name = RwSignal::new(position.name.clone());
    let changes = may(Verb::Change, "position");
    let deletes = may(Verb::Delete, "position");
    let (id, version, users) = (position.id.to_string(), position.version, position.users);
    let before = position.name;
    let id = StoredValue::new(id);
    let save = move || {
        let wanted = SavePosition {
            version,
            name: name.get_untracked(),
        };
        if wanted.name == before {
            return;
        }
        problem.set(None);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::POSITION, &[&id.get_value()]);
            let answer: Result<PositionLine, Problem> = transport::put(&address, &wanted).await;
            match answer {
                Ok(kept) => toast(t!("position-saved", name = kept.name)),
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
            all.again();
        });
    };
    let remove = move || {
        problem.set(None);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::POSITION, &[&id.get_value()]);
            let query = [("version", version.to_string())];
            if let Err(refused) = transport::delete(&address, &query).await {
                problem.try_set(Some(refused));
            }
            all.again();
        });
    };
    view! {
        <tr>
            <td>
                <TextInput value=name label=tr!("position-name") disabled=Signal::derive(move || !changes.get()) max_length=200_u32 on_commit=save />
            </td>
            <td class="end figures">{users}</td>
            <td class="end">
                <Show when=move || deletes.get()>
                    <IconButton
                        small=true
                        icon=Icon::Trash
                        label=Signal::derive(move || if users > 0 { t!("position-used") } else { t!("position-remove") })
                        disabled=Signal::derive(move || { users > 0 })
                        on_press=remove
                    />
                </Show>
            </td>
        </tr>
    }
}
