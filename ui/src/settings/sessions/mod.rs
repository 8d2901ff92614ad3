//! Who is signed in where, and who is locked out.

use access::Verb;
use api::{
    directory::{Ended, LockOut, OpenSession},
    path,
};
use kernel::Paged;
use leptos::prelude::*;

use crate::{
    format,
    kit::{
        Badge, Button, Drawn, EmptyState, Icon, Look, Notice, TextInput, Tone, debounced, every,
        toast,
    },
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    settings::{
        Page,
        parts::{Confirm, Refusal, may},
    },
    t, tr,
    transport::{self, live},
};

/// All open sessions, newest first, and the lock-outs over them. Ids for tests: `session-search`, `session-end-ID`.
#[component]
pub fn SessionsPage() -> impl IntoView {
    let text = RwSignal::new(String::new());
    let asked = RwSignal::new(String::new());
    let ask = debounced(150, move |text: String| asked.set(text));
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() {
            ask(text);
        }
    });
    let first = Loaded::new(move || {
        let text = asked.get();
        async move { part(&text, None).await }
    });
    // What was fetched behind the first part; another answer begins anew.
    let more = RwSignal::new(Vec::<OpenSession>::new());
    let next = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        if let Some(page) = first.get() {
            more.set(Vec::new());
            next.set(page.next);
        }
    });
    let locked =
        Loaded::new(|| async { transport::get::<Vec<LockOut>>(path::LOCK_OUTS, &[]).await });
    let look = move || {
        first.again();
        locked.again();
    };
    live::follow(&["access"], move |_: api::events::LiveEvent| look());
    // Nobody signals that somebody has signed in.
    every(15_000, look);
    let go_on = move || {
        let Some(cursor) = next.get_untracked() else {
            return;
        };
        leptos::task::spawn_local(async move {
            if let Ok(page) = part(&asked.get_untracked(), Some(cursor)).await {
                more.try_update(|more| more.extend(page.items));
                next.try_set(page.next);
            }
        });
    };
    view! {
        <Page title=tr!("settings-sessions")>
            <div class="settings-scroll stack">
                <LockOuts locked=locked />
                <div class="search-box"><TextInput id="session-search" value=text kind="search" icon=Icon::Search label=tr!("session-search") placeholder=tr!("session-search") /></div>
                {first.view(
                    8,
                    || t!("sessions-failed"),
                    move || {
                        view! {
                            {move || {
                                let mut lines = first.get().map(|page| page.items).unwrap_or_default();
                                lines.extend(more.get());
                                view! { <Lines lines=lines with_user=true on_ended=look /> }
                            }}
                            <Show when=move || next.with(Option::is_some)>
                                <div class="row"><Button id="session-more" label=tr!("settings-more") on_press=go_on /></div>
                            </Show>
                        }
                    },
                )}
            </div>
        </Page>
    }
}

async fn part(text: &str, cursor: Option<String>) -> Result<Paged<OpenSession>, Problem> {
    let mut query = vec![("limit", "100".to_owned())];
    if !text.trim().is_empty() {
        query.push(("q", text.to_owned()));
    }
    query.extend(cursor.map(|cursor| ("cursor", cursor)));
    transport::get(path::OPEN_SESSIONS, &query).await
}

/// One user's sessions, inside the user's page.
#[component]
pub fn UserSessions(id: String) -> impl IntoView {
    let address = path::fill(path::USER_SESSIONS, &[&id]);
    let ending = StoredValue::new(address.clone());
    let sessions = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<Vec<OpenSession>>(&address, &[]).await }
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| {
        sessions.again();
    });
    let ends = may(Verb::Delete, "session");
    let sure = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let end_all = move || {
        busy.set(true);
        problem.set(None);
        let address = ending.get_value();
        leptos::task::spawn_local(async move {
            let answer: Result<Ended, Problem> =
                transport::call("DELETE", &address, &[], transport::Body::Empty).await;
            busy.try_set(false);
            match answer {
                Ok(ended) => {
                    sure.try_set(false);
                    toast(t!("sessions-ended", count = ended.sessions));
                    sessions.again();
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <div class="stack">
            {sessions.view(
                3,
                || t!("sessions-failed"),
                move || {
                    view! {
                        {move || view! { <Lines lines=sessions.get().unwrap_or_default() with_user=false on_ended=move || sessions.again() /> }}
                        <Show when=move || ends.get() && sessions.get().is_some_and(|all| !all.is_empty())>
                            <div class="row">
                                <Button id="sessions-end-all" label=tr!("sessions-end-all") icon=Icon::LogOut look=Look::Danger on_press=move || sure.set(true) />
                            </div>
                        </Show>
                    }
                },
            )}
            <Confirm
                id="sessions-end-all-sure"
                open=sure
                title=tr!("sessions-end-all")
                text=tr!("sessions-end-all-text")
                act=tr!("sessions-end-all")
                on_act=end_all
                busy=busy
                problem=problem
            />
        </div>
    }
}

fn device(client: &str) -> (Icon, String) {
    match client {
        "web" => (Icon::Monitor, t!("session-web")),
        "desktop" => (Icon::Monitor, t!("session-desktop")),
        _ => (Icon::Link, t!("session-api")),
    }
}

#[component]
fn Lines(
    lines: Vec<OpenSession>,
    with_user: bool,
    #[prop(into)] on_ended: Callback<()>,
) -> impl IntoView {
    let ends = may(Verb::Delete, "session");
    let problem = RwSignal::new(None::<Problem>);
    if lines.is_empty() {
        return view! { <EmptyState icon=Icon::Monitor title=tr!("sessions-none") /> }.into_any();
    }
    let end = move |id: String| {
        problem.set(None);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::OPEN_SESSION, &[&id]);
            match transport::delete(&address, &[]).await {
                Ok(()) => {
                    toast(t!("session-ended"));
                    on_ended.try_run(());
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let rows = lines
        .into_iter()
        .map(|line| {
            let id = StoredValue::new(line.id.to_string());
            let (started, seen) = (ms(line.started), ms(line.seen));
            let client = line.client.clone();
            let icon = device(&client).0;
            let roles = line.roles.join(", ");
            let current = line.current;
            view! {
                <tr>
                    {with_user
                        .then(|| {
                            view! {
                                <td>
                                    <a class="strong" href=format!("/settings/users/{}", line.user)>{line.name.clone()}</a>
                                    <span class="weak small">" "{roles}</span>
                                </td>
                            }
                        })}
                    <td>
                        <span class="row">
                            <Drawn icon=icon />
                            {move || device(&client).1}
                            {current.then(|| view! { <Badge label=tr!("session-this") tone=Tone::Accent /> })}
                        </span>
                    </td>
                    <td class="mono">{line.address.clone()}</td>
                    <td class="figures weak">{move || format::when(started)}</td>
                    <td class="figures weak">{move || format::ago(seen)}</td>
                    <td class="end">
                        <Show when=move || ends.get() && !current>
                            <Button
                                id=format!("session-end-{}", id.get_value())
                                label=tr!("session-end")
                                look=Look::Quiet
                                icon=Icon::LogOut
                                on_press=move || end(id.get_value())
                            />
                        </Show>
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Refusal problem=problem fields=&[] />
        <div class="surface settings-table">
            <table class="plain-table">
                <thead>
                    <tr>
                        {with_user.then(|| view! { <th scope="col">{tr!("session-user")}</th> })}
                        <th scope="col">{tr!("session-device")}</th>
                        <th scope="col">{tr!("session-address")}</th>
                        <th scope="col">{tr!("session-since")}</th>
                        <th scope="col">{tr!("session-seen")}</th>
                        <th scope="col"><span class="only-read">{tr!("session-end")}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// Whoever typed too many wrong passwords; one press lets them try again.
#[component]
fn LockOuts(locked: Loaded<Vec<LockOut>>) -> impl IntoView {
    let releases = may(Verb::Change, "user");
    let release = move |user: String| {
        leptos::task::spawn_local(async move {
            let address = path::fill(path::USER_LOCK_OUT, &[&user]);
            if transport::delete(&address, &[]).await.is_ok() {
                toast(t!("user-released"));
                locked.again();
            }
        });
    };
    move || {
        locked
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|one| {
                let until = ms(one.until);
                let (name, login) = (one.name.clone(), one.login.clone());
                let user = StoredValue::new(one.user.to_string());
                view! {
                    <Notice
                        tone=Tone::Warning
                        text=Signal::derive(move || {
                            t!("session-locked", name = name.clone(), login = login.clone(), tries = one.tries, time = format::time(until))
                        })
                    >
                        <Show when=move || releases.get()>
                            <Button
                                id=format!("release-{}", user.get_value())
                                label=tr!("user-release")
                                icon=Icon::Unlock
                                on_press=move || release(user.get_value())
                            />
                        </Show>
                    </Notice>
                }
            })
            .collect_view()
    }
}
