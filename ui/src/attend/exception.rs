use api::{
    path,
    work::{Completed, Exception, RaiseException, WorkItem},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    frame::{notifications, tabs},
    kit::{Button, Choice, Dialog, Field, Icon, Look, RadioGroup, TextArea, shortcut, toast},
    loaded::Loaded,
    problem::{Problem, ProblemKind},
    t, tr, transport,
};

const NOTE_MAX: u32 = 2_000;

fn name(exception: &Exception) -> String {
    match (exception.name.is_empty(), exception.escalation) {
        (false, _) => exception.name.clone(),
        (true, true) => t!("attend-exception-any-escalation"),
        (true, false) => t!("attend-exception-any-error"),
    }
}

/// Where the process catches errors or escalations at this activity: a way out besides the outcomes. Ids for tests:
/// `attend-exception`, `attend-exception-note`, `attend-exception-confirm`.
#[component]
pub fn Exceptions(
    item: Loaded<WorkItem>,
    locked: Signal<bool>,
    /// The work item ended with it.
    #[prop(into)]
    on_closed: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let offered = Memo::new(move |_| item.get().map(|item| item.exceptions).unwrap_or_default());
    let there = Memo::new(move |_| offered.with(|all| !all.is_empty()));
    let ask = move || {
        if there.get_untracked() && !locked.get_untracked() {
            open.set(true);
        }
    };
    shortcut("Alt+X", Signal::derive(|| t!("attend-exception")), ask);
    view! {
        <Show when=move || there.get()>
            <Button
                id="attend-exception"
                label=tr!("attend-exception")
                icon=Icon::TriangleAlert
                look=Look::Quiet
                key="Alt+X"
                disabled=locked
                on_press=ask
            />
        </Show>
        <Asking item=item offered=offered open=open on_closed=on_closed />
    }
}

#[component]
fn Asking(
    item: Loaded<WorkItem>,
    offered: Memo<Vec<Exception>>,
    open: RwSignal<bool>,
    on_closed: Callback<()>,
) -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let note = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let navigate = StoredValue::new(use_navigate());
    let options = Signal::derive(move || {
        let all = offered.get().into_iter().enumerate();
        all.map(|(at, one)| Choice {
            value: at.to_string(),
            label: name(&one),
            hint: if one.interrupting {
                t!("attend-exception-ends")
            } else {
                t!("attend-exception-stays")
            },
        })
        .collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        if open.get() {
            // Where there is one only, nobody has to choose it.
            chosen.set("0".to_owned());
            refused.set(None);
        }
    });
    let raise = move || {
        let Some(known) = item.get_untracked() else {
            return;
        };
        let at: Option<usize> = chosen.get_untracked().parse().ok();
        let Some(one) = at.and_then(|at| offered.get_untracked().into_iter().nth(at)) else {
            return;
        };
        let request = RaiseException {
            version: known.line.version,
            escalation: one.escalation,
            code: one.code.clone(),
            note: note.get_untracked().trim().to_owned(),
        };
        if request.note.is_empty() {
            refused.set(Some(t!("attend-exception-why")));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let id = known.line.id;
        leptos::task::spawn_local(async move {
            let answer: Result<Completed, Problem> =
                transport::post(&path::work_item_exception(id), &request).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    open.try_set(false);
                    note.try_set(String::new());
                    notifications::own(done.next.iter().map(ToString::to_string));
                    toast(t!("attend-exception-done", name = name(&one)));
                    if !one.interrupting {
                        item.again();
                        return;
                    }
                    on_closed.run(());
                    let beside = tabs::close(&format!("/work-items/{id}"));
                    let to = match done.next.first() {
                        Some(next) => format!("/work-items/{next}"),
                        None => beside,
                    };
                    navigate.try_with_value(|navigate| navigate(&to, Default::default()));
                }
                Err(problem) => {
                    if problem.kind == ProblemKind::Conflict {
                        item.again();
                    }
                    let own = problem.fields.get("note").cloned();
                    refused.try_set(Some(own.unwrap_or(problem.sentence)));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("attend-exception")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button id="attend-exception-confirm" label=tr!("attend-exception-confirm") look=Look::Primary busy=busy on_press=raise />
                }
            })
        >
            <div class="stack">
                <Field label=tr!("attend-exception-which") group=true>
                    <RadioGroup value=chosen options=options />
                </Field>
                <Field label=tr!("attend-exception-note") error=refused>
                    <TextArea id="attend-exception-note" value=note rows=3 max_length=NOTE_MAX on_send=raise />
                </Field>
            </div>
        </Dialog>
    }
}
