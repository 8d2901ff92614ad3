use std::collections::BTreeSet;

use access::Target;
use api::{
    path,
    roles::{EffectiveCell, EffectivePermissions, EffectiveRow, Extent, GrantCatalogue},
};
use leptos::prelude::*;

use crate::{
    kit::{Badge, Drawn, EmptyState, Icon, Loading, TextInput, Tone, fold},
    loaded::Loaded,
    settings::roles::words,
    t, tr,
    transport::{self, live},
};

/// What a user may do, and by which role.
#[component]
pub fn Permitted(id: String) -> impl IntoView {
    let address = path::fill(path::USER_PERMISSIONS, &[&id]);
    let permitted = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<EffectivePermissions>(&address, &[]).await }
    });
    let catalogue = Loaded::new(|| async {
        transport::get::<GrantCatalogue>(path::GRANT_CATALOGUE, &[]).await
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| {
        permitted.again();
    });
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(BTreeSet::<String>::new());
    permitted.view(
        8,
        || t!("user-permissions-failed"),
        move || {
            view! {
                <div class="stack">
                    <div class="stack stack-tight">
                        <h3>{tr!("user-holds")}</h3>
                        {move || permitted.get().map(|held| view! { <Held held=held /> })}
                    </div>
                    <TextInput value=text kind="search" icon=Icon::Search label=tr!("matrix-search") placeholder=tr!("matrix-search") />
                    {move || {
                        let (Some(held), Some(catalogue)) = (permitted.get(), catalogue.get()) else {
                            return view! { <Loading lines=6 /> }.into_any();
                        };
                        let wanted = fold(&text.get());
                        let rows = held
                            .rows
                            .iter()
                            .filter(|row| shown(row, &catalogue, &wanted, &open.get()))
                            .map(|row| view! { <Line row=row.clone() held=held.clone() catalogue=catalogue.clone() open=open /> })
                            .collect_view();
                        view! { <ul class="permitted">{rows}</ul> }.into_any()
                    }}
                </div>
            }
        },
    )
}

#[component]
fn Held(held: EffectivePermissions) -> impl IntoView {
    if held.roles.is_empty() {
        return view! {
            <EmptyState icon=Icon::ShieldCheck title=tr!("user-holds-none") text=Signal::derive(|| t!("user-holds-none-text")) />
        }
        .into_any();
    }
    let roles = held
        .roles
        .into_iter()
        .map(|role| {
            let through = role.through.join(", ");
            view! {
                <li class="chip">
                    <a href=format!("/settings/roles/{}", role.key)>{role.name}</a>
                    {(!through.is_empty())
                        .then(|| {
                            view! { <span class="weak small">{move || t!("user-through", groups = through.clone())}</span> }
                        })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="chips">{roles}</ul> }.into_any()
}

fn parent_key(target: &Target) -> Option<String> {
    match target {
        Target::Field { entity, .. } => Some(format!("e:{entity}")),
        Target::Activity { process, .. } => Some(format!("p:{process}")),
        Target::Entity(_) | Target::Process(_) => None,
    }
}

fn own_key(target: &Target) -> String {
    match target {
        Target::Entity(entity) => format!("e:{entity}"),
        Target::Process(process) => format!("p:{process}"),
        Target::Field { .. } | Target::Activity { .. } => String::new(),
    }
}

fn shown(
    row: &EffectiveRow,
    catalogue: &GrantCatalogue,
    wanted: &str,
    open: &BTreeSet<String>,
) -> bool {
    if !wanted.is_empty() {
        return fold(&words::path_of(catalogue, &row.target)).contains(wanted);
    }
    parent_key(&row.target).is_none_or(|parent| open.contains(&parent))
}

#[component]
fn Line(
    row: EffectiveRow,
    held: EffectivePermissions,
    catalogue: GrantCatalogue,
    open: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let key = own_key(&row.target);
    let deep = parent_key(&row.target).is_some();
    let name = words::name_of(&catalogue, &row.target);
    let some: Vec<EffectiveCell> = row
        .cells
        .iter()
        .filter(|cell| cell.extent != Extent::None)
        .cloned()
        .collect();
    let mut by: Vec<String> = some
        .iter()
        .flat_map(|cell| cell.grants.iter())
        .filter_map(|grant| {
            held.roles
                .iter()
                .find(|role| *role.key == *grant.role)
                .map(|role| role.name.clone())
        })
        .collect();
    by.sort();
    by.dedup();
    let nothing = some.is_empty();
    let badges = some
        .into_iter()
        .map(|cell| {
            let (tone, icon) = match cell.extent {
                Extent::All => (Tone::Success, Icon::Check),
                _ => (Tone::Info, Icon::Filter),
            };
            let verb = cell.verb;
            view! { <Badge label=Signal::derive(move || words::verb(verb)) tone=tone icon=icon /> }
        })
        .collect_view();
    let is_open = {
        let key = key.clone();
        Signal::derive(move || open.with(|open| open.contains(&key)))
    };
    let toggle = move |_| {
        open.update(|open| {
            if !open.remove(&key) {
                open.insert(key.clone());
            }
        });
    };
    view! {
        <li class="permitted-line" class:permitted-deep=deep>
            {if deep {
                view! { <span class="permitted-name cut">{name}</span> }.into_any()
            } else {
                view! {
                    <button type="button" class="permitted-name strong" aria-expanded=move || is_open.get().to_string() on:click=toggle>
                        {move || {
                            let icon = if is_open.get() { Icon::ChevronDown } else { Icon::ChevronRight };
                            view! { <Drawn icon=icon /> }
                        }}
                        <span class="cut">{name}</span>
                    </button>
                }
                    .into_any()
            }}
            <span class="permitted-verbs">
                {if nothing {
                    view! { <span class="weak small">{tr!("matrix-nothing")}</span> }.into_any()
                } else {
                    badges.into_any()
                }}
            </span>
            <span class="weak small cut permitted-by">{by.join(", ")}</span>
        </li>
    }
}
