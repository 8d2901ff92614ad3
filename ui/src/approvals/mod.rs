//! Approvals: what goes beyond somebody's limit waits here for whoever may do it. One key approves, another refuses with a
//! reason; what one asked for oneself stands beside it, with what was said.

mod ask;
mod card;
mod news;

use api::approvals::{Approval, DecideApproval};
use api::path;
use kernel::Paged;
use leptos::prelude::*;

use crate::{
    kit::{
        Button, Choice, Dialog, EmptyState, Field, Icon, Look, Segments, TextArea, Tone, debounced,
        shortcut, toast, toast_with,
    },
    loaded::Loaded,
    problem::Problem,
    session, t, tr,
    transport::{self, live},
};

use card::Card;

pub use ask::{AskDialog, Asked, beyond};
pub use news::{begin, waiting};

/// Whether this person decides about others' requests.
pub fn decides(me: &api::session::Me) -> bool {
    me.permissions.may(access::Verb::Execute, "approval")
}

/// Ids for tests: `approvals`, each request `approval-ID`, `approve-ID`, `refuse-ID`, `refusal-reason`, `refusal-send`.
#[component]
pub fn Approvals() -> impl IntoView {
    let may = session::me().is_some_and(|me| decides(&me));
    let scope = RwSignal::new(if may { "decide" } else { "asked" }.to_owned());
    let found = Loaded::new(move || {
        let scope = scope.get();
        async move {
            let query = [("scope", scope), ("limit", "200".to_owned())];
            transport::get::<Paged<Approval>>(path::APPROVALS, &query).await
        }
    });
    let again = debounced(120, move |()| found.again());
    live::follow(
        &["approval", "user"],
        move |event: api::events::LiveEvent| {
            if event.kind.starts_with("approval.") || event.kind == "reset" {
                again(());
            }
        },
    );
    let items = Memo::new(move |_| found.get().map(|page| page.items).unwrap_or_default());
    let chosen = RwSignal::new(None::<String>);
    let at = Memo::new(move |_| {
        let wanted = chosen.get();
        items.with(|items| {
            items
                .iter()
                .position(|one| wanted.as_ref() == Some(&one.id.to_string()))
                .unwrap_or(0)
        })
    });
    let present = move || items.with_untracked(|items| items.get(at.get_untracked()).cloned());
    let step = move |by: isize| {
        let to = items.with_untracked(|items| {
            let to = at
                .get_untracked()
                .saturating_add_signed(by)
                .min(items.len().saturating_sub(1));
            items.get(to).map(|one| one.id.to_string())
        });
        if let Some(to) = to {
            focus(&format!("approval-{to}"));
            chosen.set(Some(to));
        }
    };
    let busy = RwSignal::new(None::<String>);
    let refusing = RwSignal::new(None::<Approval>);
    let decide = move |one: Approval, approve: bool, reason: String| {
        if busy.with_untracked(Option::is_some) || !one.may_decide {
            return;
        }
        let id = one.id.to_string();
        busy.set(Some(id.clone()));
        leptos::task::spawn_local(async move {
            let answer: Result<Approval, Problem> = transport::post(
                &path::fill(path::APPROVAL, &[&id]),
                &DecideApproval { approve, reason },
            )
            .await;
            busy.try_set(None);
            match answer {
                Ok(done) => {
                    refusing.try_set(None);
                    match (done.state.as_str(), done.problem) {
                        ("failed", problem) => toast_with(
                            t!("approval-failed", why = problem.unwrap_or_default()),
                            Tone::Warning,
                            None,
                        ),
                        ("approved", _) => toast(t!("approval-approved")),
                        _ => toast(t!("approval-refused")),
                    }
                }
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
            found.again();
        });
    };
    let approve = move |one: Approval| decide(one, true, String::new());
    let refuse = move |one: Approval| {
        if one.may_decide {
            refusing.set(Some(one));
        }
    };
    let withdraw = move |one: Approval| {
        let address = path::fill(path::APPROVAL, &[&one.id.to_string()]);
        leptos::task::spawn_local(async move {
            match transport::delete(&address, &[]).await {
                Ok(()) => toast(t!("approval-withdrawn")),
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
            found.again();
        });
    };
    shortcut("J", Signal::derive(|| t!("approvals-next")), move || {
        step(1);
    });
    shortcut(
        "K",
        Signal::derive(|| t!("approvals-previous")),
        move || step(-1),
    );
    if may {
        shortcut("A", Signal::derive(|| t!("approval-approve")), move || {
            if let Some(one) = present() {
                approve(one);
            }
        });
        shortcut("R", Signal::derive(|| t!("approval-refuse")), move || {
            if let Some(one) = present() {
                refuse(one);
            }
        });
    }
    view! {
        <section class="approvals" id="approvals" aria-label=tr!("place-approvals")>
            <header class="approvals-head">
                <h1>{tr!("place-approvals")}</h1>
                <Show when=move || may>
                    <Segments
                        label=tr!("approvals-which")
                        value=scope
                        options=Signal::derive(|| {
                            vec![
                                Choice::new("decide", t!("approvals-decide")),
                                Choice::new("asked", t!("approvals-asked")),
                                Choice::new("decided", t!("approvals-decided")),
                            ]
                        })
                        on_change=move |to: String| scope.set(to)
                    />
                </Show>
            </header>
            {found
                .view(
                    6,
                    || t!("approvals-unread"),
                    move || {
                        view! {
                            <Show
                                when=move || items.with(|items| !items.is_empty())
                                fallback=move || {
                                    let text = Signal::derive(move || match scope.get().as_str() {
                                        "decide" => t!("approvals-none-decide"),
                                        "asked" => t!("approvals-none-asked"),
                                        _ => t!("approvals-none-decided"),
                                    });
                                    view! { <EmptyState icon=Icon::CircleCheck title=tr!("approvals-none") text=text /> }
                                }
                            >
                                <ul class="approval-list">
                                    <For
                                        each=move || items.get().into_iter().enumerate()
                                        key=|(_, one)| (one.id.to_string(), one.version)
                                        children=move |(_, one)| {
                                            let id = one.id.to_string();
                                            let own = id.clone();
                                            let here = Memo::new(move |_| {
                                                items.with(|items| items.get(at.get()).is_some_and(|one| one.id.to_string() == own))
                                            });
                                            let own = id.clone();
                                            let working = Signal::derive(move || busy.with(|busy| busy.as_ref() == Some(&own)));
                                            view! {
                                                <Card
                                                    one=one
                                                    here=here
                                                    busy=working
                                                    on_focus=move || chosen.set(Some(id.clone()))
                                                    on_approve=move |one: Approval| approve(one)
                                                    on_refuse=move |one: Approval| refuse(one)
                                                    on_withdraw=move |one: Approval| withdraw(one)
                                                />
                                            }
                                        }
                                    />
                                </ul>
                            </Show>
                        }
                    },
                )}
            <Refusal refusing=refusing busy=busy on_send=move |one: Approval, reason: String| decide(one, false, reason) />
        </section>
    }
}

/// Once it is drawn: a dialog that has just been opened has nothing in it yet that could have the focus.
pub(super) fn focus_soon(id: &'static str) {
    request_animation_frame(move || request_animation_frame(move || focus(id)));
}

fn focus(id: &str) {
    let found = document().get_element_by_id(id);
    if let Some(element) =
        found.and_then(|e| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(e).ok())
    {
        let _ = element.focus();
    }
}

/// Why not: whoever asked is told.
#[component]
fn Refusal(
    refusing: RwSignal<Option<Approval>>,
    busy: RwSignal<Option<String>>,
    #[prop(into)] on_send: Callback<(Approval, String)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let missing = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let wanted = refusing.with(Option::is_some);
        if wanted && !open.get_untracked() {
            reason.set(String::new());
            missing.set(None);
            focus_soon("refusal-reason");
        }
        open.set(wanted);
    });
    let send = move || {
        if reason.with_untracked(|text| text.trim().is_empty()) {
            missing.set(Some(t!("approval-reason-wanted")));
            return;
        }
        if let Some(one) = refusing.get_untracked() {
            on_send.run((one, reason.get_untracked()));
        }
    };
    view! {
        <Dialog
            open=open
            title=Signal::derive(|| t!("approval-refuse-title"))
            on_close=move || refusing.set(None)
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=move || refusing.set(None) />
                    <Button
                        id="refusal-send"
                        label=tr!("approval-refuse")
                        look=Look::Primary
                        key="Ctrl+↵"
                        busy=Signal::derive(move || busy.with(Option::is_some))
                        on_press=send
                    />
                }
            }
        >
            <Field label=tr!("approval-reason") error=missing required=true>
                <TextArea id="refusal-reason" value=reason rows=3 max_length=2000_u32 on_send=send />
            </Field>
        </Dialog>
    }
}
