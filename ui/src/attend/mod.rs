//! Attending: an activity is worked on and closed with an outcome. The form is the page; what is known of the customer,
//! the steps so far and the script stand beside it; the outcomes are the buttons at the bottom, each with its key.
//!
//! - What is typed is kept on this device as a draft until the item is closed, so that neither a closed tab nor a power
//!   cut costs it.
//! - Somebody else may close or take the item meanwhile: then this page says who, takes nothing more, and what was typed
//!   stays to be copied.

mod aside;
mod closing;
mod draft;
mod exception;
mod waiting;

use api::{
    path,
    work::{AssignWorkItem, WorkItem},
};
use form::Form;
use kernel::Moment;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    format,
    forms::{FormModel, FormView},
    frame::tabs,
    kit::{
        Avatar, Badge, Button, EmptyState, Failure, Icon, Look, Notice, SplitPane, Tone, now_ms,
    },
    loaded::Loaded,
    moment::ms,
    problem::{Problem, ProblemKind},
    session, t, tr,
    transport::{self, live},
    why::why,
};

use aside::Aside;
use closing::Outcomes;
use draft::Draft;
use waiting::Waiting;

/// Ids for tests: `attend`, `field-PATH` for each control (dots as dashes), `outcome-KEY` for each outcome.
#[component]
pub fn Attend() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || {
        let id = id.get();
        view! { <One id=id /> }
    }
}

/// Why nothing can be sent from here any more, in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Shut {
    /// Somebody else closed it, or it was withdrawn.
    Over(String),
    /// Somebody else has it.
    Taken(String),
}

#[component]
fn One(id: String) -> impl IntoView {
    let address = path::fill(path::WORK_ITEM, &[&id]);
    let item = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<WorkItem>(&address, &[]).await }
    });
    {
        let id = id.clone();
        live::follow(
            &["inbox", "user", "instance"],
            move |event: api::events::LiveEvent| {
                if live::is_about(&event, &id) {
                    item.again();
                }
            },
        );
    }
    {
        let path = format!("/work-items/{id}");
        Effect::new(move |_| {
            if let Some(item) = item.get() {
                let title = match item.line.customer_name {
                    Some(customer) => format!("{} · {customer}", item.line.activity),
                    None => item.line.activity,
                };
                tabs::name_tab(&path, &title);
            } else if item.problem().is_some() {
                tabs::name_tab(&path, &t!("attend-gone"));
            }
        });
    }
    item.view(
        8,
        || t!("attend-failed"),
        move || {
            let first = item.get_untracked();
            first.map(|first| view! { <Whole first=first item=item /> })
        },
    )
}

#[component]
fn Whole(first: WorkItem, item: Loaded<WorkItem>) -> impl IntoView {
    let id = first.line.id.to_string();
    let draft = Draft::of(&id);
    let found = draft.read();
    let recovered = RwSignal::new(found.as_ref().map(|kept| kept.at));
    let model = first
        .form
        .as_ref()
        .map(|form| begin(form, &first, found.map(|kept| kept.values)));
    let closed_here = RwSignal::new(false);
    claim(&first, item);

    let shut = Memo::new(move |_| {
        if closed_here.get() {
            return None;
        }
        let item = item.get()?;
        // The key of a person is their id; a login is taken too, so that neither way locks anybody out of their own.
        let me = session::me();
        let is_me = |key: &str| {
            me.as_ref()
                .is_some_and(|me| me.login == key || me.id.to_string() == key)
        };
        let who = item
            .line
            .assignee
            .as_ref()
            .map(|named| named.name.clone())
            .unwrap_or_else(|| t!("somebody"));
        match item.line.state.as_str() {
            "completed" => Some(Shut::Over(
                if item
                    .line
                    .assignee
                    .as_ref()
                    .is_some_and(|named| is_me(&named.key))
                {
                    t!("attend-closed-by-you")
                } else {
                    t!("attend-closed", who = who)
                },
            )),
            "withdrawn" => Some(Shut::Over(t!("attend-withdrawn"))),
            _ if item
                .line
                .assignee
                .as_ref()
                .is_some_and(|named| !is_me(&named.key)) =>
            {
                Some(Shut::Taken(t!("attend-taken", who = who)))
            }
            _ => None,
        }
    });
    let may = Memo::new(move |_| item.get().is_some_and(|item| item.may_complete));
    let locked = Signal::derive(move || matches!(shut.get(), Some(Shut::Over(_))) || !may.get());
    if let Some(Ok(model)) = &model {
        draft.follow(model.clone(), closed_here);
    }
    let model = StoredValue::new(model);
    let forget = move || {
        draft.forget();
        recovered.set(None);
        // Begins anew with what the service knows.
        if let Some(Ok(model)) = model.get_value() {
            let values = item
                .get_untracked()
                .map(|item| item.values)
                .unwrap_or_default();
            let mut all = model.typed();
            for (path, value) in &mut all {
                *value = values.get(path).cloned().unwrap_or_default();
            }
            model.fill(&all);
        }
    };
    let main = ViewFn::from(move || {
        view! {
            <article class="attend" id="attend">
                <Head item=item />
                <div class="attend-body">
                    <crate::approvals::Asked item=id.clone() />
                    {move || {
                        shut.get()
                            .map(|shut| {
                                let (text, tone) = match shut {
                                    Shut::Over(text) => (text, Tone::Danger),
                                    Shut::Taken(text) => (text, Tone::Warning),
                                };
                                view! {
                                    <Notice text=text tone=tone>
                                        {model
                                            .get_value()
                                            .and_then(Result::ok)
                                            .map(|model| {
                                                view! { <Button label=tr!("attend-copy") icon=Icon::Copy look=Look::Quiet on_press=move || draft::copy(&model) /> }
                                            })}
                                    </Notice>
                                }
                            })
                    }}
                    {move || (!may.get() && shut.get().is_none()).then(|| view! { <Notice text=t!("attend-not-yours") tone=Tone::Warning /> })}
                    {move || {
                        recovered
                            .get()
                            .map(|at| {
                                view! {
                                    <Notice text=t!("attend-recovered", when = format::when(at)) tone=Tone::Info>
                                        <Button label=tr!("attend-discard") look=Look::Quiet on_press=forget />
                                    </Notice>
                                }
                            })
                    }}
                    {match model.get_value() {
                        Some(Ok(model)) => view! { <FormView model=model locked=locked /> }.into_any(),
                        Some(Err(problems)) => {
                            let details = problems
                                .iter()
                                .map(|problem| format!("{}: {}", problem.field, problem.code))
                                .collect::<Vec<_>>()
                                .join("\n");
                            view! { <Failure title=tr!("attend-bad-form") text=tr!("attend-bad-form-text") details=details /> }.into_any()
                        }
                        None => {
                            view! {
                                <EmptyState icon=Icon::ListChecks title=tr!("attend-no-form") text=Signal::derive(|| t!("attend-no-form-text")) />
                            }
                                .into_any()
                        }
                    }}
                </div>
                <Outcomes
                    item=item
                    model=model.get_value().and_then(Result::ok)
                    locked=locked
                    on_closed=move || {
                        closed_here.set(true);
                        draft.forget();
                    }
                />
            </article>
        }
    });
    let side = ViewFn::from(move || view! { <Aside item=item /> });
    view! {
        <SplitPane
            name="attend.aside"
            at_end=true
            width=340.0
            least=280.0
            most=560.0
            key=("Alt+L", Signal::derive(|| t!("attend-aside-toggle")))
            label=tr!("attend-aside-width")
            side=side
            main=main
        />
    }
}

/// The form with what the service knows, and over it what was typed before.
fn begin(
    form: &Form,
    item: &WorkItem,
    draft: Option<serde_json::Map<String, serde_json::Value>>,
) -> Result<FormModel, Vec<kernel::FieldProblem>> {
    let mut values = item.values.clone();
    values.extend(draft.unwrap_or_default());
    let mut context = item.context.clone();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "today's milliseconds, far within i64"
    )]
    if context.now.is_none() {
        context.now = Some(Moment::from_millis(now_ms() as i64));
    }
    FormModel::new(form, &item.customer_fields, context, &values)
}

/// Who attends an item of the group takes it, so that no two work on the same. Somebody faster is told by the page.
fn claim(item: &WorkItem, loaded: Loaded<WorkItem>) {
    if item.line.assignee.is_some() || item.line.state != "open" || !item.may_complete {
        return;
    }
    let request = AssignWorkItem {
        version: item.line.version,
        to: None,
    };
    let address = path::work_item_assignee(item.line.id);
    leptos::task::spawn_local(async move {
        let answer: Result<serde_json::Value, Problem> = transport::post(&address, &request).await;
        match answer {
            Ok(_) => loaded.again(),
            Err(problem) if problem.kind == ProblemKind::Conflict => loaded.again(),
            // Working on it without having taken it is allowed; closing it decides.
            Err(_) => {}
        }
    });
}

#[component]
fn Head(item: Loaded<WorkItem>) -> impl IntoView {
    let known = move || {
        let known = item.get()?;
        let line = known.line;
        let name = line
            .customer_name
            .clone()
            .unwrap_or_else(|| line.process.name.clone());
        let due = line.due.filter(|_| line.paused.is_none()).map(ms);
        let presence = match known.presence.as_deref() {
            Some("customer_present") => Some((t!("attend-present"), Icon::User)),
            Some("back_office") => Some((t!("attend-back-office"), Icon::Briefcase)),
            _ => None,
        };
        let because = why(&known.reason, &known.reason_facts);
        Some(view! {
                <Avatar name=name.clone() large=true />
                <div class="grow">
                    <h1 class="cut">{line.activity}</h1>
                    <p class="row small weak customer-line">
                        {match line.customer {
                            Some(id) => view! { <a href=format!("/customers/{id}")>{name}</a> }.into_any(),
                            None => ().into_any(),
                        }}
                        <a href=format!("/instances/{}", line.instance)>{line.process.name}</a>
                        {line.group.map(|group| view! { <span>{group.name}</span> })}
                        {because.map(|words| view! { <span class="cut" id="item-why" title=words.clone()>{words.clone()}</span> })}
                    </p>
                </div>
                {presence.map(|(label, icon)| view! { <Badge label=label icon=icon /> })}
                {due
                    .map(|due| {
                        let late = due <= now_ms();
                        let tone = if late { Tone::Danger } else { Tone::Neutral };
                        view! { <Badge label=t!("attend-due", when = format::due(due)) tone=tone icon=Icon::Clock /> }
                    })}
        })
    };
    view! {
        <header class="customer-head">
            {known}
            <Waiting item=item />
        </header>
    }
}
