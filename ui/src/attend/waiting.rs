use api::{
    engine::PauseWorkItem,
    path,
    work::{WorkItem, WorkItemLine},
};
use leptos::prelude::*;

use crate::{
    format,
    kit::{
        Badge, Button, Dialog, Field, Icon, Look, Notice, TextArea, Tone, shortcut, toast,
        toast_with,
    },
    loaded::Loaded,
    moment::ms,
    problem::{Problem, ProblemKind},
    t, tr, transport,
};

const REASON_MAX: u32 = 500;

/// The customer is awaited: due time and escalation stand still until it goes on. Ids for tests: `attend-wait`,
/// `attend-wait-reason`, `attend-wait-confirm`, `attend-go-on`.
#[component]
pub fn Waiting(item: Loaded<WorkItem>) -> impl IntoView {
    let open = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let line = Memo::new(move |_| item.get().map(|item| (item.line, item.may_complete)));
    let paused =
        Memo::new(move |_| line.with(|line| line.as_ref().and_then(|(line, _)| line.paused)));
    let may = Memo::new(move |_| {
        line.with(|line| {
            line.as_ref()
                .is_some_and(|(line, may)| *may && line.closed.is_none())
        })
    });
    let go_on = move || {
        let Some((line, _)) = line.get_untracked() else {
            return;
        };
        busy.set(true);
        leptos::task::spawn_local(async move {
            let query = [("version", line.version.to_string())];
            let answer = transport::delete(&place(&line), &query).await;
            busy.try_set(false);
            match answer {
                Ok(()) => toast(t!("attend-goes-on")),
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
            item.again();
        });
    };
    shortcut("Alt+P", Signal::derive(|| t!("attend-wait")), move || {
        if may.get_untracked() && paused.get_untracked().is_none() {
            open.set(true);
        }
    });
    view! {
        {move || {
            paused.get().map(|since| {
                view! { <Badge label=t!("attend-waits", when = format::when(ms(since))) tone=Tone::Info icon=Icon::Hourglass /> }
            })
        }}
        {move || match (may.get(), paused.get()) {
            (false, _) => ().into_any(),
            (true, Some(_)) => {
                view! { <Button id="attend-go-on" label=tr!("attend-go-on") icon=Icon::Play busy=busy on_press=go_on /> }.into_any()
            }
            (true, None) => {
                view! { <Button id="attend-wait" label=tr!("attend-wait") icon=Icon::Hourglass look=Look::Quiet on_press=move || open.set(true) /> }
                    .into_any()
            }
        }}
        <WaitDialog item=item open=open />
    }
}

fn place(line: &WorkItemLine) -> String {
    path::fill(path::WORK_ITEM_PAUSE, &[&line.id.to_string()])
}

/// Why the customer is awaited: the ledger of the time keeps it.
#[component]
fn WaitDialog(item: Loaded<WorkItem>, open: RwSignal<bool>) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let wait = move || {
        let Some(known) = item.get_untracked() else {
            return;
        };
        let request = PauseWorkItem {
            version: known.line.version,
            reason: reason.get_untracked().trim().to_owned(),
        };
        if request.reason.is_empty() {
            refused.set(Some(t!("attend-wait-why")));
            return;
        }
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer: Result<serde_json::Value, Problem> =
                transport::post(&place(&known.line), &request).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    open.try_set(false);
                    reason.try_set(String::new());
                    refused.try_set(None);
                    toast(t!("attend-waiting"));
                    item.again();
                }
                Err(problem) => {
                    if problem.kind == ProblemKind::Conflict {
                        item.again();
                    }
                    let own = problem.fields.get("reason").cloned();
                    refused.try_set(Some(own.unwrap_or(problem.sentence)));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("attend-wait")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button id="attend-wait-confirm" label=tr!("attend-wait-confirm") look=Look::Primary busy=busy on_press=wait />
                }
            })
        >
            <div class="stack">
                <Notice text=tr!("attend-wait-text") tone=Tone::Info />
                <Field label=tr!("attend-wait-reason") error=refused>
                    <TextArea id="attend-wait-reason" value=reason rows=2 max_length=REASON_MAX on_send=wait />
                </Field>
            </div>
        </Dialog>
    }
}
