//! Users: who they are, what they hold, what they may do, where they are signed in.

mod draft;
mod form;
mod identity;
mod list;
mod password;
mod permissions;
mod work;

use api::{directory::UserLine, path};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_params_map};

use crate::{
    kit::{Avatar, Badge, Icon, IconButton, Tab, Tabs, Tone},
    loaded::Loaded,
    settings::{parts::may_change, sessions::UserSessions},
    t, tr,
    transport::{self, live},
};

/// The list at the left, the chosen user beside it. Ids for tests: `user-search`, `user-new`, `user-save`.
#[component]
pub fn UsersPage() -> impl IntoView {
    let params = use_params_map();
    let chosen = Memo::new(move |_| params.with(|params| params.get("id")));
    let again = RwSignal::new(0_u64);
    let navigate = StoredValue::new_local(use_navigate());
    let close = Callback::new(move |()| {
        navigate.try_with_value(|go| go("/settings/users", Default::default()));
    });
    view! {
        <div class="beside" class:beside-open=move || chosen.with(Option::is_some)>
            <div class="beside-list"><list::UserList again=again chosen=chosen /></div>
            {move || {
                chosen
                    .get()
                    .map(|id| {
                        view! {
                            <aside class="beside-detail">
                                {if id == "new" {
                                    view! { <form::NewUserForm on_close=close again=again /> }.into_any()
                                } else {
                                    view! { <One id=id on_close=close again=again /> }.into_any()
                                }}
                            </aside>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn One(id: String, on_close: Callback<()>, again: RwSignal<u64>) -> impl IntoView {
    let address = path::fill(path::USER, &[&id]);
    let user = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<UserLine>(&address, &[]).await }
    });
    let part = RwSignal::new("data".to_owned());
    // A draft in work is not thrown over by what others do: the form itself notices a newer version when it saves.
    live::follow(&["access"], move |_: api::events::LiveEvent| user.again());
    user.view(
        8,
        || t!("user-failed"),
        move || {
            let id = id.clone();
            view! {
                <header class="detail-head">
                    <Avatar name=Signal::derive(move || user.get().map(|user| user.name).unwrap_or_default()) large=true />
                    <div class="grow">
                        <h2 class="cut" id="user-name">{move || user.get().map(|user| user.name)}</h2>
                        <p class="weak small cut">{move || user.get().map(|user| user.login)}</p>
                    </div>
                    {move || user.get().map(|user| view! { <State user=user /> })}
                    <IconButton icon=Icon::X label=tr!("kit-close") on_press=on_close />
                </header>
                <Tabs
                    chosen=part
                    label=tr!("user-parts")
                    tabs=vec![
                        Tab::new("data", Signal::derive(|| t!("user-data"))),
                        Tab::new("work", Signal::derive(|| t!("user-work"))),
                        Tab::new("permissions", Signal::derive(|| t!("user-permissions"))),
                        Tab::new("sessions", Signal::derive(|| t!("settings-sessions"))),
                    ]
                />
                <div class="detail-body" role="tabpanel">
                    {move || {
                        let id = id.clone();
                        match part.get().as_str() {
                            "work" => view! { <work::AtWork id=id changes=may_change(user) /> }.into_any(),
                            "permissions" => view! { <permissions::Permitted id=id /> }.into_any(),
                            "sessions" => view! { <UserSessions id=id /> }.into_any(),
                            _ => view! { <form::UserForm user=user again=again /> }.into_any(),
                        }
                    }}
                </div>
            }
        },
    )
}

/// Active, inactive or locked out: in words and colour.
#[component]
pub fn State(user: UserLine) -> impl IntoView {
    if !user.active {
        view! { <Badge label=tr!("user-inactive") tone=Tone::Neutral icon=Icon::Ban /> }.into_any()
    } else if user.locked_until.is_some() {
        view! { <Badge label=tr!("user-locked") tone=Tone::Warning icon=Icon::Lock /> }.into_any()
    } else {
        view! { <Badge label=tr!("user-active") tone=Tone::Success icon=Icon::Check /> }.into_any()
    }
}
