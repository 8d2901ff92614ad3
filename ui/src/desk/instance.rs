use api::{
    engine::{Budget, Operation},
    path,
    work::Instance,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{ad_hoc::AdHoc, history::instance_state, levels::Levels, moved::Moved};
use crate::{
    format,
    forms::shown_plain,
    frame::tabs,
    kit::{Badge, Drawn, EmptyState, Icon, Notice, Tone, every},
    loaded::Loaded,
    moment::ms,
    t, tr,
    transport::{self, live},
};

/// One run of a process: where it stands, every step with who, when, how long and with what result, what went
/// wrong. Kept live.
#[component]
pub fn InstancePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    move || {
        let id = id.get();
        view! { <One id=id /> }
    }
}

#[component]
fn One(id: String) -> impl IntoView {
    let address = path::fill(path::INSTANCE, &[&id]);
    let instance = Loaded::new(move || {
        let address = address.clone();
        async move { transport::get::<Instance>(&address, &[]).await }
    });
    // Of its own: what stands beside the steps is not drawn anew with every step.
    let budgets = {
        let address = path::fill(path::INSTANCE_BUDGETS, &[&id]);
        Loaded::new(move || {
            let address = address.clone();
            async move { transport::get::<Vec<Budget>>(&address, &[]).await }
        })
    };
    let operation = {
        let address = path::fill(path::INSTANCE_OPERATION, &[&id]);
        Loaded::new(move || {
            let address = address.clone();
            async move { transport::get::<Operation>(&address, &[]).await }
        })
    };
    {
        let id = id.clone();
        live::follow(&["instance"], move |event: api::events::LiveEvent| {
            if live::is_about(&event, &id) {
                instance.again();
                budgets.again();
                operation.again();
            }
        });
    }
    // A budget is used up without anything happening.
    every(30_000, move || {
        let runs = budgets.get_untracked().is_some_and(|all| {
            let mut states = all.iter().map(|budget| budget.state.as_str());
            states.any(|state| state == "running")
        });
        if runs {
            budgets.again();
        }
    });
    let own = StoredValue::new(id.clone());
    let ledgers = RwSignal::new(false);
    {
        let path = format!("/instances/{id}");
        Effect::new(move |_| {
            if let Some(instance) = instance.get() {
                let line = instance.line;
                let title = match line.customer_name {
                    Some(customer) => format!("{} · {customer}", line.process.name),
                    None => line.process.name,
                };
                tabs::name_tab(&path, &title);
            }
        });
    }
    instance.view(
        8,
        || t!("instance-failed"),
        move || {
            move || {
                instance.get().map(|instance| {
                    view! { <Whole instance=instance own=own budgets=budgets ledgers=ledgers operation=operation /> }
                })
            }
        },
    )
}

#[component]
fn Whole(
    instance: Instance,
    own: StoredValue<String>,
    budgets: Loaded<Vec<Budget>>,
    ledgers: RwSignal<bool>,
    operation: Loaded<Operation>,
) -> impl IntoView {
    let line = instance.line;
    let runs = line.state == "running";
    let (state, tone) = instance_state(&line.state);
    let waiting = instance.work_items;
    let variables: Vec<(String, String)> = instance
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), shown_plain(value)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    view! {
        <div class="instance">
            <header class="customer-head">
                <span class="avatar avatar-large"><Drawn icon=Icon::Workflow class="icon-large" /></span>
                <div class="grow">
                    <h1 class="cut">{line.process.name}</h1>
                    <p class="row small weak customer-line">
                        {line
                            .customer
                            .map(|id| {
                                let name = line.customer_name.clone().unwrap_or_default();
                                view! { <a href=format!("/customers/{id}")>{name}</a> }
                            })}
                        <span>
                            {t!("instance-started", when = format::when(ms(line.started)), who = line.started_by.clone().unwrap_or_else(|| t!("somebody")))}
                        </span>
                        <span>{t!("instance-version", number = line.process_version)}</span>
                    </p>
                </div>
                <Badge label=state tone=tone />
            </header>
            <div class="instance-body">
                {instance
                    .incidents
                    .into_iter()
                    .map(|incident| view! { <Notice text=format!("{}: {}", incident.element, incident.sentence) tone=Tone::Danger /> })
                    .collect_view()}
                {(!waiting.is_empty())
                    .then(|| {
                        view! {
                            <section class="stack">
                                <h2>{t!("instance-waiting")}</h2>
                                <ul class="choices surface">
                                    {waiting
                                        .into_iter()
                                        .map(|item| {
                                            let who = item
                                                .assignee
                                                .or(item.group)
                                                .map(|named| named.name)
                                                .unwrap_or_default();
                                            let due = item.due.map(|due| format::due(ms(due)));
                                            view! {
                                                <li>
                                                    <a class="option" href=format!("/work-items/{}", item.id)>
                                                        <Drawn icon=Icon::ListChecks />
                                                        <span class="strong">{item.activity}</span>
                                                        <span class="weak">{who}</span>
                                                        <span class="option-weak">{due}</span>
                                                    </a>
                                                </li>
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                            </section>
                        }
                    })}
                <AdHoc instance=own startable=instance.startable />
                <Levels budgets=budgets ledgers=ledgers />
                <section class="stack">
                    <h2>{t!("instance-steps")}</h2>
                    <Steps steps=instance.steps />
                </section>
                <Moved instance=own operation=operation runs=runs />
                {(!variables.is_empty())
                    .then(|| {
                        view! {
                            <section class="stack">
                                <h2>{t!("instance-values")}</h2>
                                <dl class="detail surface pad">
                                    {variables
                                        .into_iter()
                                        .map(|(name, value)| {
                                            view! {
                                                <dt>{name}</dt>
                                                <dd>{value}</dd>
                                            }
                                        })
                                        .collect_view()}
                                </dl>
                            </section>
                        }
                    })}
            </div>
        </div>
    }
}

/// The steps of an instance, oldest first: what each was, who did it, when, how long, how it ended.
#[component]
pub fn Steps(steps: Vec<api::work::Step>) -> impl IntoView {
    if steps.is_empty() {
        return view! { <EmptyState icon=Icon::Workflow title=tr!("instance-no-steps") /> }
            .into_any();
    }
    let now = RwSignal::new(crate::kit::now_ms());
    every(30_000, move || now.set(crate::kit::now_ms()));
    view! {
        <ol class="steps">
            {steps
                .into_iter()
                .map(|step| {
                    let (icon, class) = match step.ending.as_deref() {
                        None => (Icon::CircleDot, "tone-accent"),
                        Some("completed" | "merged") => (Icon::CircleCheck, "tone-success"),
                        Some("interrupted") => (Icon::Timer, "tone-warning"),
                        _ => (Icon::Ban, "tone-neutral"),
                    };
                    let ending = step.ending.clone();
                    let outcome = step.outcome.clone();
                    let entered = ms(step.entered);
                    let left = step.left.map(ms);
                    let name = if step.name.is_empty() { step.element } else { step.name };
                    view! {
                        <li class="step">
                            <Drawn icon=icon class=class />
                            <span class="strong cut">
                                {match step.work_item {
                                    Some(item) if left.is_none() => view! { <a href=format!("/work-items/{item}")>{name}</a> }.into_any(),
                                    _ => view! { <span>{name}</span> }.into_any(),
                                }}
                                {(step.escalated > 0)
                                    .then(|| {
                                        view! { <span class="tone-warning small">" · "{t!("inbox-escalated", level = step.escalated)}</span> }
                                    })}
                            </span>
                            <span class="weak cut">{step.who}</span>
                            <span class="step-state">
                                {match (outcome, ending) {
                                    (Some(outcome), _) => view! { <Badge label=outcome tone=Tone::Success /> }.into_any(),
                                    (None, Some(ending)) if ending != "completed" && ending != "merged" => {
                                        let (words, tone) = instance_state(&ending);
                                        view! { <Badge label=words tone=tone /> }.into_any()
                                    }
                                    (None, None) => view! { <Badge label=t!("state-waiting") tone=Tone::Info /> }.into_any(),
                                    _ => ().into_any(),
                                }}
                            </span>
                            <span class="small weak figures">{format::when(entered)}</span>
                            <span class="small weak figures step-span">
                                {move || format::span(left.unwrap_or_else(|| now.get()) - entered)}
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ol>
    }
    .into_any()
}
