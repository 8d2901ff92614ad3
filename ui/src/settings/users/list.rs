use access::Verb;
use api::{
    directory::{ListUsers, UserLine},
    path,
    roles::RoleLine,
    session::Named,
};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    kit::{
        Button, Choice, Combobox, EmptyState, Icon, Look, Select, TextInput, Tone, debounced,
        grid::{Cell, Column, DataGrid, GridPage, GridQuery, GridRow, Source},
        shortcut,
    },
    loaded::Loaded,
    problem::Problem,
    settings::{
        Page,
        parts::{may, unit_choices, units, whole},
    },
    t, tr,
    transport::{self, live},
};

#[component]
pub fn UserList(again: RwSignal<u64>, chosen: Memo<Option<String>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let searched = RwSignal::new(String::new());
    let search = debounced(120, move |text: String| searched.set(text));
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() {
            search(text);
        }
    });
    let active = RwSignal::new("yes".to_owned());
    let kind = RwSignal::new(String::new());
    let unit = RwSignal::new(String::new());
    let role = RwSignal::new(String::new());
    let from = RwSignal::new(String::new());
    Effect::new(move |before: Option<()>| {
        active.track();
        kind.track();
        unit.track();
        role.track();
        from.track();
        if before.is_some() {
            again.update(|again| *again += 1);
        }
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| {
        again.update(|again| *again += 1);
    });
    let all_units = Loaded::new(units);
    let all_roles = Loaded::new(|| async { whole::<RoleLine>(path::ROLES).await });
    let source = Source::in_order(move |query: GridQuery| {
        let some =
            |signal: RwSignal<String>| Some(signal.get_untracked()).filter(|v| !v.is_empty());
        let list = ListUsers {
            q: Some(query.text).filter(|text| !text.trim().is_empty()),
            active: match active.get_untracked().as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            kind: some(kind),
            unit: some(unit),
            role: some(role),
            source: some(from),
            group: None,
            sort: query
                .sort
                .map(|(key, down)| if down { format!("-{key}") } else { key }),
            limit: u32::try_from(query.limit).ok(),
            cursor: query.cursor,
        };
        async move { page(list).await }
    });
    let columns = Signal::derive(|| {
        let label = |key: &'static str| Signal::derive(move || t!(key));
        vec![
            Column::new("name", label("user-name"), 210.0).sortable(),
            Column::new("login", label("user-login"), 130.0).sortable(),
            Column::new("state", label("user-state"), 110.0),
            Column::new("roles", label("settings-roles"), 170.0),
            Column::new("unit", label("user-unit"), 150.0),
            Column::new("position", label("user-position"), 150.0),
            Column::new("groups", label("settings-groups"), 180.0),
            Column::new("manager", label("user-manager"), 160.0).spare(),
            Column::new("mail", label("user-mail"), 200.0).spare(),
            Column::new("kind", label("user-kind"), 110.0).spare(),
            Column::new("source", label("user-source"), 140.0),
        ]
    });
    let navigate = StoredValue::new_local(use_navigate());
    let go = move |path: String| {
        navigate.try_with_value(|go| go(&path, Default::default()));
    };
    let creates = may(Verb::Create, "user");
    shortcut("N", Signal::derive(|| t!("user-new")), move || {
        if creates.get_untracked() {
            go("/settings/users/new".to_owned());
        }
    });
    let under = RwSignal::new(None::<String>);
    Effect::new(move |before: Option<Option<String>>| {
        let now = under.get();
        // A click chooses the row; the detail follows it where one is open already.
        if before.is_some_and(|before| before != now)
            && let Some(id) = &now
            && chosen.with_untracked(|chosen| chosen.as_ref().is_some_and(|c| c != "new"))
        {
            go(format!("/settings/users/{id}"));
        }
        now
    });
    let bar = ViewFn::from(move || {
        let actives = Signal::derive(|| {
            vec![
                Choice::new("yes", t!("user-actives")),
                Choice::new("no", t!("user-inactives")),
                Choice::new("all", t!("user-everybody")),
            ]
        });
        let kinds = Signal::derive(|| {
            vec![
                Choice::new("person", t!("user-person")),
                Choice::new("external", t!("user-external")),
            ]
        });
        let sources = Signal::derive(|| {
            ["password", "ldap", "oidc"]
                .into_iter()
                .map(|source| Choice::new(source, source_name(source)))
                .collect::<Vec<_>>()
        });
        let roles = Signal::derive(move || {
            all_roles
                .get()
                .unwrap_or_default()
                .into_iter()
                .map(|role| Choice::new(role.key, role.name))
                .collect::<Vec<_>>()
        });
        let unit_list = Signal::derive(move || unit_choices(&all_units.get().unwrap_or_default()));
        view! {
            <div class="search-box"><TextInput id="user-search" value=text kind="search" icon=Icon::Search label=tr!("user-search") placeholder=tr!("user-search") /></div>
            <Select id="user-filter-active" value=active options=actives label=tr!("user-state") />
            <Select value=role options=roles label=tr!("user-role") none=tr!("user-any-role") />
            <Select value=kind options=kinds label=tr!("user-kind") none=tr!("user-any-kind") />
            <Select id="user-filter-source" value=from options=sources label=tr!("user-source") none=tr!("user-any-source") />
            <div class="filter-box"><Combobox value=unit options=unit_list label=tr!("user-unit") placeholder=tr!("user-any-unit") /></div>
        }
    });
    let empty = ViewFn::from(move || {
        view! { <EmptyState icon=Icon::Users title=tr!("users-none") text=Signal::derive(|| t!("users-none-text")) /> }
    });
    let actions = ViewFn::from(move || {
        view! {
            <Show when=move || creates.get()>
                <Button id="user-new" label=tr!("user-new") icon=Icon::UserPlus look=Look::Primary key="N" on_press=move || go("/settings/users/new".to_owned()) />
            </Show>
        }
    });
    view! {
        <Page title=tr!("settings-users") actions=actions>
            <div class="grid-place">
                <DataGrid
                    name="settings.users"
                    label=tr!("settings-users")
                    columns=columns
                    source=source
                    text=searched
                    refresh=again
                    chosen=under
                    on_open=move |id: String| go(format!("/settings/users/{id}"))
                    bar=bar
                    empty=empty
                />
            </div>
        </Page>
    }
}

async fn page(list: ListUsers) -> Result<GridPage, Problem> {
    let query = transport::query_of(&list);
    let query: Vec<(&str, String)> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let found: Paged<UserLine> = transport::get(path::USERS, &query).await?;
    Ok(GridPage {
        rows: found.items.into_iter().map(row).collect(),
        next: found.next,
        total: found.total,
        cut: false,
    })
}

fn row(user: UserLine) -> GridRow {
    let names = |named: &[Named]| {
        let names: Vec<&str> = named.iter().map(|one| one.name.as_str()).collect();
        text(names.join(", "))
    };
    let state = if !user.active {
        Cell::State(t!("user-inactive"), Tone::Neutral)
    } else if user.locked_until.is_some() {
        Cell::State(t!("user-locked"), Tone::Warning)
    } else {
        Cell::State(t!("user-active"), Tone::Success)
    };
    let name = |named: Option<Named>| text(named.map(|one| one.name).unwrap_or_default());
    GridRow {
        key: user.id.to_string(),
        cells: vec![
            Cell::Strong(user.name),
            text(user.login),
            state,
            names(&user.roles),
            name(user.unit),
            name(user.position),
            names(&user.groups),
            name(user.manager),
            text(user.mail.unwrap_or_default()),
            text(if user.kind == "external" {
                t!("user-external")
            } else {
                t!("user-person")
            }),
            text(source_name(&user.source)),
        ],
    }
}

/// Who vouches for a user: we alone, or a directory.
pub fn source_name(source: &str) -> String {
    match source {
        "ldap" => t!("user-source-ldap"),
        "oidc" => t!("user-source-oidc"),
        _ => t!("user-source-password"),
    }
}

fn text(text: String) -> Cell {
    if text.is_empty() {
        Cell::Empty
    } else {
        Cell::Text(text)
    }
}
