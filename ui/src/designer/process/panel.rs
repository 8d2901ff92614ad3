//! What is chosen, and what can be said about it.

use flow::{
    Element, ElementKind,
    edit::Command,
    model::{GatewayKind, Lane, SequenceFlow, TaskKind},
};
use form::Words;
use leptos::prelude::*;

use super::{Work, binding::WorkItemPanel, event::Particulars, rule::RulePart};
use crate::{
    designer::{
        bound::{WordsInput, bound},
        expression::{self, ExpressionInput},
        head::rename,
    },
    kit::{Button, Choice, Combobox, Field, Icon, Select, Switch, TextArea, TextInput},
    prefs::preferences,
    t, tr,
};

#[derive(Clone, PartialEq, Eq, Hash)]
enum Chosen {
    Nothing,
    /// A pool, note, group or data: something with a name only.
    Thing(String),
    Several(usize),
    WorkItem(String),
    Flow(String),
    Lane(String),
    Other(String),
}

#[component]
pub fn Panel(work: Work) -> impl IntoView {
    // Which panel, not what is in it: typing does not build it anew.
    let what = Memo::new(move |_| {
        let others = work.also.with(Vec::len);
        if others > 0 {
            return Chosen::Several(others + usize::from(work.chosen.with(Option::is_some)));
        }
        let Some(id) = work.chosen.get() else {
            return Chosen::Nothing;
        };
        let Some(document) = work.document() else {
            return Chosen::Nothing;
        };
        if let Some(element) = document.element(&id) {
            return if can_be_worked(element) {
                Chosen::WorkItem(id)
            } else {
                Chosen::Other(id)
            };
        }
        if document.flow(&id).is_some() {
            return Chosen::Flow(id);
        }
        if document
            .processes
            .iter()
            .any(|process| process.lanes.iter().any(|lane| *lane.id == *id))
        {
            return Chosen::Lane(id);
        }
        work.stage.turn.track();
        if work.stage.shape(&id).is_some() || work.stage.edge(&id).is_some() {
            return Chosen::Thing(id);
        }
        Chosen::Nothing
    });
    // A panel of its own owner: what it holds is gone only once it is off the page.
    let panel = move |what: Chosen| match what {
        Chosen::Several(count) => view! { <Several work=work count=count /> }.into_any(),
        Chosen::Thing(id) => view! { <ThingPanel work=work id=id /> }.into_any(),
        Chosen::Nothing => view! { <ProcessPanel work=work /> }.into_any(),
        Chosen::WorkItem(id) => view! { <WorkItemPanel work=work id=id /> }.into_any(),
        Chosen::Flow(id) => view! { <FlowPanel work=work id=id /> }.into_any(),
        Chosen::Lane(id) => view! { <LanePanel work=work id=id /> }.into_any(),
        Chosen::Other(id) => view! { <OtherPanel work=work id=id /> }.into_any(),
    };
    view! { <For each=move || [what.get()] key=Clone::clone children=panel /> }
}

/// Something that people do: it takes a form, outcomes and a group.
fn can_be_worked(element: &Element) -> bool {
    matches!(
        element.kind,
        ElementKind::Task {
            task: TaskKind::User | TaskKind::Manual | TaskKind::Abstract
        }
    )
}

/// What an element is, for people.
pub fn kind_name(element: &Element) -> String {
    match &element.kind {
        ElementKind::StartEvent { .. } => t!("bpmn-start"),
        ElementKind::EndEvent => t!("bpmn-end"),
        ElementKind::IntermediateCatchEvent => t!("bpmn-catch"),
        ElementKind::IntermediateThrowEvent => t!("bpmn-throw"),
        ElementKind::BoundaryEvent { .. } => t!("bpmn-boundary"),
        ElementKind::Task { task } => match task {
            TaskKind::User => t!("bpmn-user-task"),
            TaskKind::Manual => t!("bpmn-manual-task"),
            TaskKind::Service => t!("bpmn-service-task"),
            TaskKind::Send { .. } => t!("bpmn-send-task"),
            TaskKind::Receive { .. } => t!("bpmn-receive-task"),
            TaskKind::Script { .. } => t!("bpmn-script-task"),
            TaskKind::BusinessRule => t!("bpmn-rule-task"),
            TaskKind::Abstract => t!("bpmn-task"),
        },
        ElementKind::CallActivity { .. } => t!("bpmn-call"),
        ElementKind::SubProcess { .. } => t!("bpmn-sub-process"),
        ElementKind::Gateway { gateway } => match gateway {
            GatewayKind::Exclusive => t!("bpmn-exclusive"),
            GatewayKind::Inclusive => t!("bpmn-inclusive"),
            GatewayKind::Parallel => t!("bpmn-parallel"),
            GatewayKind::EventBased { .. } => t!("bpmn-event-based"),
            GatewayKind::Complex { .. } => t!("bpmn-complex"),
        },
        ElementKind::Choreography => t!("bpmn-choreography"),
    }
}

/// The name of an element, flow or lane on the drawing.
#[component]
pub fn NameField(work: Work, id: String, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let text = bound(
        move || name.get(),
        move |text: String| {
            work.apply(
                "rename",
                vec![Command::Rename {
                    element: id.as_str().into(),
                    name: text,
                }],
            );
        },
    );
    view! {
        <Field label=tr!("designer-name")>
            <TextArea value=text rows=2 />
        </Field>
    }
}

/// The process as a whole: shown while nothing is chosen.
#[component]
fn ProcessPanel(work: Work) -> impl IntoView {
    let name = Signal::derive(move || {
        let name = work
            .draft
            .body
            .with(|body| body.get("name").cloned().unwrap_or_default());
        serde_json::from_value::<Words>(name).unwrap_or_default()
    });
    let entry = move |entry: &'static str| {
        bound(
            move || work.text(entry),
            move |text| work.set_text(entry, text),
        )
    };
    let customer_type = entry("customer_type");
    let calendar = entry("calendar");
    let supervisors = entry("supervisors");
    let process_id = entry("process_id");
    let processes = Signal::derive(move || {
        work.document().map_or_else(Vec::new, |document| {
            document
                .processes
                .iter()
                .map(|process| {
                    Choice::new(
                        &*process.id,
                        if process.name.is_empty() {
                            process.id.to_string()
                        } else {
                            process.name.clone()
                        },
                    )
                })
                .collect()
        })
    });
    let several = Memo::new(move |_| processes.with(Vec::len) > 1);
    let tasks = Memo::new(move |_| {
        work.with_process(|process| {
            let all: Vec<_> = process
                .elements
                .iter()
                .filter(|element| element.is_work_item())
                .collect();
            let bound = all
                .iter()
                .filter(|element| {
                    element
                        .binding
                        .as_ref()
                        .is_some_and(|b| b.form.is_some() && !b.outcomes.is_empty())
                })
                .count();
            (all.len(), bound)
        })
        .unwrap_or_default()
    });
    view! {
        <div class="stack">
            <h2>{tr!("process-whole")}</h2>
            <p class="weak small">{tr!("process-hint")}</p>
            <p>{move || { let (all, bound) = tasks.get(); t!("process-tasks", all = all as i64, bound = bound as i64) }}</p>
            <WordsInput label=tr!("designer-name") value=name on_change=move |words: Words| rename(work.draft, words) />
            <Field label=tr!("process-customer-type") hint=Signal::derive(|| t!("process-customer-type-hint"))>
                <Select value=customer_type options=Signal::derive(move || work.known.choices("customer_type")) none=Signal::derive(|| t!("process-any-customer")) />
            </Field>
            <Field label=tr!("process-supervisors")>
                <Combobox value=supervisors options=Signal::derive(move || work.known.group_choices()) placeholder=tr!("designer-choose") />
            </Field>
            <Field label=tr!("process-calendar")>
                <Select value=calendar options=Signal::derive(move || work.known.choices("calendar")) none=Signal::derive(|| t!("process-company-calendar")) />
            </Field>
            <DurationField work=work />
            <Show when=move || several.get()>
                <Field label=tr!("process-which") hint=Signal::derive(|| t!("process-which-hint"))>
                    <Select value=process_id options=processes none=Signal::derive(|| t!("process-first")) />
                </Field>
            </Show>
            <OwnForms work=work />
        </div>
    }
}

/// How long the whole should take, in days.
#[component]
fn DurationField(work: Work) -> impl IntoView {
    let text = bound(
        move || {
            super::duration::split(&work.text("duration"))
                .filter(|(_, unit)| *unit == "D")
                .map(|(days, _)| days)
                .unwrap_or_default()
        },
        move |days: String| {
            let digits = kernel::text::digits(&days);
            work.set_text(
                "duration",
                if digits.is_empty() {
                    String::new()
                } else {
                    super::duration::join(&digits, "D")
                },
            );
        },
    );
    view! {
        <Field label=tr!("process-duration")>
            <TextInput value=text max_length=4_u32 />
        </Field>
    }
}

/// Forms that only this process uses.
#[component]
fn OwnForms(work: Work) -> impl IntoView {
    let forms = Memo::new(move |_| work.forms());
    view! {
        <Show when=move || !forms.with(Vec::is_empty)>
            <h3>{tr!("process-own-forms")}</h3>
            <ul class="link-list">
                {move || {
                    let language = preferences().language();
                    forms
                        .get()
                        .into_iter()
                        .map(|form| {
                            let key = form.key.clone();
                            view! {
                                <li>
                                    <button type="button" class="link-line" on:click=move |_| work.form.set(Some(key.clone()))>
                                        <crate::kit::Drawn icon=Icon::TextField />
                                        <span class="cut">{form.name.get(language).to_owned()}</span>
                                    </button>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </Show>
    }
}

/// A sequence flow: its name, its condition, and whether it is the way when nothing else holds.
#[component]
fn FlowPanel(work: Work, id: String) -> impl IntoView {
    let own = StoredValue::new(id.clone());
    let flow = Memo::new(move |_| -> Option<SequenceFlow> {
        own.with_value(|id| {
            work.document()
                .and_then(|document| document.flow(id).cloned())
        })
    });
    let condition = bound(
        move || {
            flow.with(|flow| {
                flow.as_ref()
                    .and_then(|flow| flow.condition.clone())
                    .unwrap_or_default()
            })
        },
        move |text: String| {
            let condition = Some(text).filter(|text| !text.trim().is_empty());
            work.apply(
                "condition",
                vec![Command::SetCondition {
                    flow: own.get_value().as_str().into(),
                    condition,
                }],
            );
        },
    );
    let is_default =
        Signal::derive(move || flow.with(|flow| flow.as_ref().is_some_and(|flow| flow.default)));
    let scope = Signal::derive(move || work.scope());
    let found = Memo::new(move |_| {
        let scope = scope.get();
        condition.with(|text| expression::wrong(text, &scope, true, expression::language()))
    });
    let error = Signal::derive(move || {
        if let Some(wrong) = found.get() {
            return Some(wrong.sentence);
        }
        let language = preferences().language();
        work.draft.problems.with(|problems| {
            own.with_value(|id| {
                problems
                    .iter()
                    .find(|problem| problem.field == *id)
                    .map(|problem| locale::problem(language, problem))
            })
        })
    });
    // Outcomes of the activities just before: what a condition is mostly about.
    let outcomes = Signal::derive(move || {
        let language = preferences().language();
        let Some(source) = flow.with(|flow| flow.as_ref().map(|flow| flow.source.clone())) else {
            return Vec::new();
        };
        work.with_process(|process| {
            let mut found = Vec::new();
            let mut seen = vec![source.clone()];
            let mut at = vec![source];
            while let Some(id) = at.pop() {
                let Some(element) = process.element(&id) else {
                    continue;
                };
                if let Some(binding) = element
                    .binding
                    .as_ref()
                    .filter(|binding| !binding.outcomes.is_empty())
                {
                    found.extend(binding.outcomes.iter().map(|outcome| {
                        let label = outcome.label.get(language);
                        let label = if label.is_empty() {
                            &outcome.key
                        } else {
                            label
                        };
                        Choice::new(
                            format!("{} = \"{}\"", outcome_name(&element.id), outcome.key),
                            label,
                        )
                        .with_hint(element.name.clone())
                    }));
                } else if element.is_gateway() {
                    for flow in process.flows.iter().filter(|flow| flow.target == id) {
                        if !seen.contains(&flow.source) {
                            seen.push(flow.source.clone());
                            at.push(flow.source.clone());
                        }
                    }
                }
            }
            found
        })
        .unwrap_or_default()
    });
    let quick = bound(
        move || condition.get(),
        move |text: String| {
            if !text.is_empty() {
                condition.set(text);
            }
        },
    );
    let name = Signal::derive(move || {
        flow.with(|flow| {
            flow.as_ref()
                .map(|flow| flow.name.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <div class="stack">
            <h2>{tr!("bpmn-flow")}</h2>
            <NameField work=work id=id name=name />
            <Show when=move || !outcomes.with(Vec::is_empty)>
                <Field label=tr!("process-when-outcome")>
                    <Select
                        value=quick
                        options=Signal::derive(move || {
                            outcomes
                                .get()
                                .into_iter()
                                .map(|choice| Choice::new(choice.value, format!("{} — {}", choice.label, choice.hint.replace('\n', " "))))
                                .collect::<Vec<_>>()
                        })
                        none=Signal::derive(|| t!("process-by-condition"))
                    />
                </Field>
            </Show>
            <Field label=tr!("process-condition") hint=Signal::derive(|| t!("process-condition-hint")) error=error>
                <ExpressionInput value=condition scope=scope found=found id="flow-condition" />
            </Field>
            <Switch
                label=tr!("process-default-flow")
                hint=Signal::derive(|| t!("process-default-flow-hint"))
                value=is_default
                on_change=move |on: bool| {
                    let Some(flow) = flow.get_untracked() else { return };
                    let chosen = on.then(|| flow.id.clone());
                    let mut commands = vec![Command::SetDefault { source: flow.source.clone(), flow: chosen }];
                    if on && flow.condition.is_some() {
                        commands.insert(0, Command::SetCondition { flow: flow.id.clone(), condition: None });
                    }
                    work.apply("default", commands);
                }
            />
        </div>
    }
}

/// How a condition names an activity's outcome: by its id where FEEL reads that as a name, else the last one chosen.
fn outcome_name(id: &str) -> String {
    let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain {
        format!("{id}.outcome")
    } else {
        "outcome".to_owned()
    }
}

#[component]
fn LanePanel(work: Work, id: String) -> impl IntoView {
    let own = StoredValue::new(id.clone());
    let lane = Memo::new(move |_| -> Option<Lane> {
        let document = work.document()?;
        own.with_value(|id| {
            document
                .processes
                .iter()
                .flat_map(|process| &process.lanes)
                .find(|lane| *lane.id == **id)
                .cloned()
        })
    });
    let group = bound(
        move || {
            lane.with(|lane| {
                lane.as_ref()
                    .and_then(|lane| lane.group.clone())
                    .unwrap_or_default()
            })
        },
        move |key: String| {
            let group = Some(key).filter(|key| !key.is_empty());
            work.apply(
                "group",
                vec![Command::SetLaneGroup {
                    lane: own.get_value().as_str().into(),
                    group,
                }],
            );
        },
    );
    let name = Signal::derive(move || {
        lane.with(|lane| {
            lane.as_ref()
                .map(|lane| lane.name.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <div class="stack">
            <h2>{tr!("bpmn-lane")}</h2>
            <NameField work=work id=id name=name />
            <Field label=tr!("process-lane-group") hint=Signal::derive(|| t!("process-lane-group-hint"))>
                <Combobox value=group options=Signal::derive(move || work.known.group_choices()) placeholder=tr!("designer-choose") />
            </Field>
        </div>
    }
}

/// Several at once.
#[component]
fn Several(work: Work, count: usize) -> impl IntoView {
    view! {
        <div class="stack">
            <h2>{tr!("canvas-several", count = count as i64)}</h2>
            <p class="weak small">{tr!("canvas-several-hint")}</p>
            <Button label=tr!("canvas-copy") icon=Icon::Copy key="Ctrl+C" on_press=move || { work.copy(); } />
            <Button label=tr!("canvas-remove") icon=Icon::Trash key=t!("canvas-key-delete") on_press=move || work.remove_selected() />
        </div>
    }
}

/// A pool, note, group, data or line with nothing but a name.
#[component]
fn ThingPanel(work: Work, id: String) -> impl IntoView {
    let own = StoredValue::new(id.clone());
    let name = Signal::derive(move || {
        work.stage.turn.track();
        own.with_value(|id| work.name_of(id))
    });
    let kind = move || {
        work.stage.turn.track();
        own.with_value(|id| {
            work.stage.shape(id).map_or_else(
                || t!("bpmn-flow"),
                |shape| super::kinds::shape_name(shape.kind),
            )
        })
    };
    view! {
        <div class="stack">
            <h2>{kind}</h2>
            <NameField work=work id=id name=name />
        </div>
    }
}

/// An element that people do not work on: its name and what makes it what it is.
#[component]
fn OtherPanel(work: Work, id: String) -> impl IntoView {
    let own = StoredValue::new(id.clone());
    let element = Memo::new(move |_| {
        own.with_value(|id| {
            work.document()
                .and_then(|document| document.element(id).cloned())
        })
    });
    let name = Signal::derive(move || {
        element.with(|element| {
            element
                .as_ref()
                .map(|element| element.name.clone())
                .unwrap_or_default()
        })
    });
    view! {
        <div class="stack">
            <h2>{move || element.with(|element| element.as_ref().map(kind_name))}</h2>
            <NameField work=work id=id name=name />
            <RulePart work=work element=element />
            <Particulars work=work element=element />
            {move || {
                let words = element.with(|element| element.as_ref().map(|element| element.documentation.clone()).unwrap_or_default());
                (!words.is_empty()).then(|| view! { <p class="weak">{words}</p> })
            }}
        </div>
    }
}
