use api::{
    approvals::Operation,
    path,
    work::{CompleteWorkItem, Completed, WorkItem},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::Map;
use wasm_bindgen::JsCast;

use super::exception::Exceptions;
use crate::{
    approvals,
    forms::{FormModel, control_id},
    frame::{notifications, tabs},
    kit::{Button, Look, Notice, Tone, shortcut, toast},
    loaded::Loaded,
    prefs::preferences,
    problem::{Problem, ProblemKind},
    t, tr, transport,
};

/// The outcomes as buttons: pressing one closes the activity with it. The first is Ctrl+Enter too.
#[component]
pub fn Outcomes(
    item: Loaded<WorkItem>,
    model: Option<FormModel>,
    locked: Signal<bool>,
    /// The service has acknowledged it.
    #[prop(into)]
    on_closed: Callback<()>,
) -> impl IntoView {
    let Some(first) = item.get_untracked() else {
        return ().into_any();
    };
    let busy = RwSignal::new(None::<String>);
    let problem = RwSignal::new(None::<Problem>);
    let navigate = StoredValue::new(use_navigate());
    let model = StoredValue::new(model);
    let id = first.line.id;
    let close = move |outcome: Option<String>| {
        let Some(now) = item.get_untracked() else {
            return;
        };
        if locked.get_untracked() || busy.with_untracked(Option::is_some) {
            return;
        }
        problem.set(None);
        // What stands in the field under the cursor is read when the field is left.
        leave_field();
        let values = match model.get_value() {
            None => Map::new(),
            Some(model) => match model.try_to_send() {
                Ok(()) => model.to_send(),
                Err(path) => {
                    show(&path);
                    return;
                }
            },
        };
        busy.set(Some(outcome.clone().unwrap_or_default()));
        leptos::task::spawn_local(async move {
            let request = CompleteWorkItem {
                version: now.line.version,
                outcome,
                values,
            };
            let answer: Result<Completed, Problem> =
                transport::post(&path::work_item_complete(id), &request).await;
            busy.try_set(None);
            match answer {
                Ok(done) => {
                    notifications::own(done.next.iter().map(ToString::to_string));
                    on_closed.run(());
                    toast(t!("attend-done", activity = now.line.activity));
                    let beside = tabs::close(&format!("/work-items/{id}"));
                    let to = match done.next.first() {
                        Some(next) => format!("/work-items/{next}"),
                        None => beside,
                    };
                    navigate.try_with_value(|navigate| navigate(&to, Default::default()));
                }
                Err(wrong) => {
                    let asked = Operation::CompleteWorkItem {
                        work_item: id,
                        complete: request,
                    };
                    // More than one may by oneself: the dialog over the page says so, and offers to ask.
                    approvals::beyond(&wrong, asked, || {});
                    // Somebody was faster: the page is told what is so now, and nothing typed goes.
                    if wrong.kind == ProblemKind::Conflict {
                        item.again();
                    }
                    let placed = model
                        .try_get_value()
                        .flatten()
                        .is_some_and(|model| model.refuse(&wrong));
                    if placed
                        && wrong.code != "needs_approval"
                        && let Some(first) = wrong.fields.keys().next()
                    {
                        show(first.strip_prefix("values.").unwrap_or(first));
                    }
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    let outcomes: Vec<(Option<String>, flow::model::Text)> = if first.outcomes.is_empty() {
        vec![(None, flow::model::Text::default())]
    } else {
        first
            .outcomes
            .iter()
            .map(|outcome| (Some(outcome.key.clone()), outcome.label.clone()))
            .collect()
    };
    let name = |text: &flow::model::Text| {
        if text.is_empty() {
            t!("attend-complete")
        } else {
            text.get(preferences().language()).to_owned()
        }
    };
    for (at, (key, text)) in outcomes.iter().enumerate().take(9) {
        let (key, text) = (key.clone(), text.clone());
        let label = Signal::derive(move || name(&text));
        let run = move || close(key.clone());
        if at == 0 {
            shortcut("Ctrl+Enter", label, run.clone());
        }
        shortcut(&format!("Alt+{}", at + 1), label, run);
    }
    let buttons = outcomes
        .into_iter()
        .enumerate()
        .map(|(at, (key, text))| {
            let own = key.clone().unwrap_or_default();
            let id = format!("outcome-{}", if own.is_empty() { "complete" } else { &own });
            let working = Signal::derive(move || busy.with(|busy| busy.as_ref() == Some(&own)));
            view! {
                <Button
                    id=id
                    label=move || name(&text)
                    look=if at == 0 { Look::Primary } else { Look::Plain }
                    key=if at == 0 { "Ctrl+↵".to_owned() } else { format!("Alt+{}", at + 1) }
                    disabled=Signal::derive(move || locked.get() || busy.with(Option::is_some))
                    busy=working
                    on_press=move || close(key.clone())
                />
            }
        })
        .collect_view();
    view! {
        <footer class="attend-foot">
            {move || {
                problem
                    .get()
                    // Who closed it is told above the form.
                    .filter(|problem| problem.code != "already_closed")
                    .map(|problem| {
                        let text = if problem.code == "stale" { t!("attend-stale") } else { problem.sentence };
                        view! { <Notice text=text tone=Tone::Danger /> }
                    })
            }}
            <div class="attend-outcomes" role="group" aria-label=tr!("attend-outcomes")>
                <span class="small weak attend-ask">{tr!("attend-outcomes")}</span>
                <Exceptions item=item locked=locked on_closed=on_closed />
                {buttons}
            </div>
        </footer>
    }
    .into_any()
}

/// A control reads what was typed when it is left: leave it, and come back.
fn leave_field() {
    if let Some(focused) = document().active_element()
        && let Ok(focused) = focused.dyn_into::<web_sys::HtmlElement>()
    {
        let tag = focused.tag_name();
        if matches!(tag.as_str(), "INPUT" | "TEXTAREA") {
            let _ = focused.blur();
            let _ = focused.focus();
        }
    }
}

/// Brings a field into sight and the cursor into it.
fn show(path: &str) {
    let id = control_id(path);
    request_animation_frame(move || {
        let Some(element) = document().get_element_by_id(&id) else {
            return;
        };
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Center);
        element.scroll_into_view_with_scroll_into_view_options(&options);
        if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
            let _ = element.focus();
        }
    });
}
