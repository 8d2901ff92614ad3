//! Asking: what was refused for going beyond a limit is asked for with one key, from wherever it was refused.

use std::sync::LazyLock;

use api::approvals::{Approval, AskApproval, Operation};
use api::path;
use kernel::Paged;
use leptos::prelude::*;

use crate::{
    kit::{Button, Dialog, Field, Look, Notice, TextArea, Tone, toast},
    loaded::Loaded,
    problem::Problem,
    t, tr,
    transport::{self, live},
};

#[derive(Clone)]
struct Asking {
    operation: Operation,
    why: String,
    done: Callback<()>,
}

static ASKING: LazyLock<ArcRwSignal<Option<Asking>>> = LazyLock::new(ArcRwSignal::default);

/// Offers to ask for `operation` where `problem` says that it needs approval; `done` runs once it is asked. Says whether it
/// was that.
pub fn beyond(problem: &Problem, operation: Operation, done: impl Into<Callback<()>>) -> bool {
    if problem.code != "needs_approval" {
        return false;
    }
    ASKING.set(Some(Asking {
        operation,
        why: problem.sentence.clone(),
        done: done.into(),
    }));
    true
}

/// Stands once, in the frame. Ids for tests: `ask-reason`, `ask-send`.
#[component]
pub fn AskDialog() -> impl IntoView {
    let asking = ASKING.clone();
    let wanted = Memo::new(move |_| asking.with(|asking| asking.as_ref().map(|a| a.why.clone())));
    let open = RwSignal::new(false);
    let reason = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = wanted.with(Option::is_some);
        if wanted && !open.get_untracked() {
            reason.set(String::new());
            problem.set(None);
            // What is pressed next is meant for this.
            super::focus_soon("ask-reason");
        }
        open.set(wanted);
    });
    let close = || ASKING.set(None);
    let send = move || {
        let Some(asking) = ASKING.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let request = AskApproval {
                operation: asking.operation,
                reason: reason.get_untracked(),
            };
            let answer: Result<Approval, Problem> =
                transport::post(path::APPROVALS, &request).await;
            busy.set(false);
            match answer {
                Ok(_) => {
                    ASKING.set(None);
                    toast(t!("approval-asked"));
                    asking.done.try_run(());
                }
                Err(wrong) => {
                    let first = wrong.fields.into_values().next();
                    problem.set(Some(first.unwrap_or(wrong.sentence)));
                }
            }
        });
    };
    view! {
        <Dialog
            id="ask-approval"
            open=open
            title=Signal::derive(|| t!("approval-ask-title"))
            on_close=close
            actions=move || {
                view! {
                    <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=close />
                    <Button id="ask-send" label=tr!("approval-ask") look=Look::Primary key="↵" busy=busy on_press=send />
                }
            }
        >
            <div
                class="stack"
                on:keydown=move |event| {
                    if event.key() == "Enter" && !event.shift_key() {
                        event.prevent_default();
                        event.stop_propagation();
                        send();
                    }
                }
            >
                <p>{move || wanted.get().unwrap_or_default()}</p>
                <Field label=tr!("approval-ask-reason") hint=tr!("approval-ask-hint") error=problem>
                    <TextArea id="ask-reason" value=reason rows=2 max_length=2000_u32 />
                </Field>
            </div>
        </Dialog>
    }
}

/// Over a work item: that one has asked, and with what outcome it waits; or what was said.
#[component]
pub fn Asked(#[prop(into)] item: String) -> impl IntoView {
    let found = Loaded::new(move || {
        let item = item.clone();
        async move {
            let query = [("scope", "asked".to_owned()), ("limit", "50".to_owned())];
            let page: Paged<Approval> = transport::get(path::APPROVALS, &query).await?;
            Ok(page
                .items
                .into_iter()
                .find(|one| one.work_item.is_some_and(|id| id.to_string() == item)))
        }
    });
    live::follow(&["user"], move |event: api::events::LiveEvent| {
        if event.kind.starts_with("approval.") {
            found.again();
        }
    });
    let waiting = super::news::asked();
    Effect::new(move |_| {
        waiting.track();
        found.again();
    });
    move || {
        let one = found.get().flatten()?;
        let (text, tone) = match one.state.as_str() {
            "pending" => (t!("approval-waits"), Tone::Info),
            "refused" => (
                t!(
                    "approval-was-refused",
                    who = one.decider.map(|d| d.name).unwrap_or_default(),
                    why = one.answer.unwrap_or_default()
                ),
                Tone::Warning,
            ),
            "failed" => (
                t!("approval-failed", why = one.problem.unwrap_or_default()),
                Tone::Warning,
            ),
            _ => return None,
        };
        Some(view! {
            <Notice text=text tone=tone>
                <a href="/approvals">{t!("approvals-open")}</a>
            </Notice>
        })
    }
}
