//! What an event waits for or throws, and what else elements that people do not work on need.

use flow::{
    Element, ElementKind,
    edit::{self, Command},
    model::{EventDefinition, Named, TaskKind, Timing, TimingKind},
};
use leptos::prelude::*;

use super::{Work, kinds};
use crate::{
    designer::bound::bound,
    kit::{Choice, Field, Select, Switch, TextArea, TextInput},
    t, tr,
};

/// The particulars of an element, under its name. Ids for tests: `timer-kind`, `timer-text`, `event-name`, `called-process`.
#[component]
pub fn Particulars(work: Work, element: Memo<Option<Element>>) -> impl IntoView {
    // Which fields, not what is in them: typing does not build them anew.
    let shape = Memo::new(move |_| {
        element.with(|element| {
            element.as_ref().map(|element| {
                (
                    element.events.first().map(std::mem::discriminant),
                    std::mem::discriminant(&element.kind),
                    matches!(
                        element.kind,
                        ElementKind::Task {
                            task: TaskKind::Script { .. }
                        }
                    ),
                )
            })
        })
    });
    move || {
        shape.get()?;
        let now = element.get_untracked()?;
        let event = now.events.first().cloned();
        let fields = match event {
            Some(EventDefinition::Timer { .. }) => {
                view! { <TimerFields work=work element=element /> }.into_any()
            }
            Some(EventDefinition::Conditional { .. }) => {
                view! { <TextField work=work element=element label=tr!("process-condition") /> }
                    .into_any()
            }
            Some(EventDefinition::Link { .. }) => {
                view! { <TextField work=work element=element label=tr!("canvas-link-name") /> }
                    .into_any()
            }
            Some(
                EventDefinition::Message { .. }
                | EventDefinition::Signal { .. }
                | EventDefinition::Error { .. }
                | EventDefinition::Escalation { .. },
            ) => view! { <ReferenceField work=work element=element /> }.into_any(),
            _ => ().into_any(),
        };
        let called = matches!(now.kind, ElementKind::CallActivity { .. })
            .then(|| view! { <CalledField work=work element=element /> });
        let goes_on = match now.kind {
            ElementKind::BoundaryEvent { .. } => Some("cancelActivity"),
            ElementKind::StartEvent { .. } if now.parent.is_some() => Some("isInterrupting"),
            _ => None,
        };
        let goes_on = goes_on.map(
            |attribute| view! { <Interrupting work=work element=element attribute=attribute /> },
        );
        Some(view! { {fields}{called}{goes_on} })
    }
}

fn id_of(element: Memo<Option<Element>>) -> Option<flow::ElementId> {
    element.with_untracked(|element| element.as_ref().map(|element| element.id.clone()))
}

fn set(work: Work, element: Memo<Option<Element>>, event: EventDefinition) {
    if let Some(id) = id_of(element) {
        work.apply(
            "event",
            vec![Command::SetEvent {
                element: id,
                event: Some(event),
            }],
        );
    }
}

fn timing(element: Memo<Option<Element>>) -> Option<Timing> {
    element.with(
        |element| match element.as_ref().and_then(|one| one.events.first()) {
            Some(EventDefinition::Timer { timing }) => timing.clone(),
            _ => None,
        },
    )
}

#[component]
fn TimerFields(work: Work, element: Memo<Option<Element>>) -> impl IntoView {
    let name = |kind: TimingKind| match kind {
        TimingKind::Duration => "duration",
        TimingKind::Date => "date",
        TimingKind::Cycle => "cycle",
    };
    let kind_of = |name: &str| match name {
        "date" => TimingKind::Date,
        "cycle" => TimingKind::Cycle,
        _ => TimingKind::Duration,
    };
    let text_now = move || {
        timing(element)
            .map(|timing| timing.text)
            .unwrap_or_default()
    };
    let kind_now = move || timing(element).map_or(TimingKind::Duration, |timing| timing.kind);
    let write = move |kind: TimingKind, text: String| {
        set(
            work,
            element,
            EventDefinition::Timer {
                timing: (!text.trim().is_empty()).then(|| Timing {
                    kind,
                    text: text.trim().to_owned(),
                }),
            },
        );
    };
    let wanted = RwSignal::new(name(untrack(kind_now)).to_owned());
    let kind = bound(
        move || wanted.get(),
        move |kind: String| {
            wanted.set(kind.clone());
            let text = untrack(text_now);
            if !text.is_empty() {
                write(kind_of(&kind), text);
            }
        },
    );
    let text = bound(text_now, move |text| {
        write(kind_of(&wanted.get_untracked()), text);
    });
    let options = Signal::derive(|| {
        vec![
            Choice::new("duration", t!("canvas-timer-duration")),
            Choice::new("date", t!("canvas-timer-date")),
            Choice::new("cycle", t!("canvas-timer-cycle")),
        ]
    });
    let hint = Signal::derive(move || match wanted.get().as_str() {
        "date" => t!("canvas-timer-date-hint"),
        "cycle" => t!("canvas-timer-cycle-hint"),
        _ => t!("canvas-timer-duration-hint"),
    });
    view! {
        <Field label=tr!("canvas-timer")>
            <Select value=kind options=options id="timer-kind" />
        </Field>
        <Field label=tr!("canvas-timer-text") hint=hint>
            <div class="expression"><TextInput value=text id="timer-text" /></div>
        </Field>
    }
}

/// A condition or the name of a link.
#[component]
fn TextField(
    work: Work,
    element: Memo<Option<Element>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let text = bound(
        move || {
            element.with(
                |element| match element.as_ref().and_then(|one| one.events.first()) {
                    Some(EventDefinition::Conditional { condition }) => condition.clone(),
                    Some(EventDefinition::Link { name }) => name.clone(),
                    _ => String::new(),
                },
            )
        },
        move |text: String| {
            let conditional = element.with_untracked(|element| {
                matches!(
                    element.as_ref().and_then(|one| one.events.first()),
                    Some(EventDefinition::Conditional { .. })
                )
            });
            set(
                work,
                element,
                if conditional {
                    EventDefinition::Conditional { condition: text }
                } else {
                    EventDefinition::Link { name: text }
                },
            );
        },
    );
    view! {
        <Field label=label>
            <div class="expression"><TextArea value=text rows=2 id="event-text" /></div>
        </Field>
    }
}

/// The message, signal, error or escalation, by name: what is written first is declared.
#[component]
fn ReferenceField(work: Work, element: Memo<Option<Element>>) -> impl IntoView {
    let tag = move || {
        element.with(
            |element| match element.as_ref().and_then(|one| one.events.first()) {
                Some(EventDefinition::Signal { .. }) => "signal",
                Some(EventDefinition::Error { .. }) => "error",
                Some(EventDefinition::Escalation { .. }) => "escalation",
                _ => "message",
            },
        )
    };
    let all = move || -> Vec<Named> {
        work.document().map_or_else(Vec::new, |document| {
            match tag() {
                "signal" => &document.signals,
                "error" => &document.errors,
                "escalation" => &document.escalations,
                _ => &document.messages,
            }
            .clone()
        })
    };
    let said = |named: &Named| {
        let name = if named.name.is_empty() {
            &named.id
        } else {
            &*named.name
        };
        name.to_owned()
    };
    let now = move || {
        let id =
            element.with(
                |element| match element.as_ref().and_then(|one| one.events.first()) {
                    Some(EventDefinition::Message { message }) => message.clone(),
                    Some(EventDefinition::Signal { signal }) => signal.clone(),
                    Some(EventDefinition::Error { error }) => error.clone(),
                    Some(EventDefinition::Escalation { escalation }) => escalation.clone(),
                    _ => None,
                },
            );
        let id = id.unwrap_or_default();
        all()
            .iter()
            .find(|named| named.id == id)
            .map(said)
            .unwrap_or_default()
    };
    let choose = move |name: String| {
        let Some(own) = id_of(element) else { return };
        let name = name.trim().to_owned();
        let tag = untrack(tag);
        let known = untrack(all).into_iter().find(|named| said(named) == name);
        let mut commands = Vec::new();
        let id = if name.is_empty() {
            None
        } else if let Some(known) = known {
            Some(known.id)
        } else {
            let Some(document) = work.document_now() else {
                return;
            };
            let id = edit::free_id(&document, tag);
            commands.push(Command::Declare {
                id: id.clone(),
                tag: tag.to_owned(),
                name: name.clone(),
                // Catchers compare by code.
                code: matches!(tag, "error" | "escalation")
                    .then(|| crate::designer::bound::key_of(&name)),
            });
            Some(id)
        };
        let event = match tag {
            "signal" => EventDefinition::Signal { signal: id },
            "error" => EventDefinition::Error { error: id },
            "escalation" => EventDefinition::Escalation { escalation: id },
            _ => EventDefinition::Message { message: id },
        };
        commands.push(Command::SetEvent {
            element: own,
            event: Some(event),
        });
        work.apply("event", commands);
    };
    // A declaration is a thing of its own: it is made when the field is left, not letter by letter.
    let text = RwSignal::new(untrack(now));
    Effect::new(move |_| text.set(now()));
    let label = Signal::derive(move || {
        kinds::mark_name(match tag() {
            "signal" => flow::scene::EventMark::Signal,
            "error" => flow::scene::EventMark::Error,
            "escalation" => flow::scene::EventMark::Escalation,
            _ => flow::scene::EventMark::Message,
        })
    });
    let list = "event-names";
    view! {
        <Field label=label hint=Signal::derive(|| t!("canvas-reference-hint"))>
            <div class="input">
                <input
                    id="event-name"
                    list=list
                    autocomplete="off"
                    aria-label=label
                    prop:value=move || text.get()
                    on:change=move |event| choose(event_target_value(&event))
                />
                <datalist id=list>
                    {move || all().iter().map(|named| view! { <option value=said(named)></option> }).collect_view()}
                </datalist>
            </div>
        </Field>
    }
}

#[component]
fn CalledField(work: Work, element: Memo<Option<Element>>) -> impl IntoView {
    let called = bound(
        move || {
            element.with(|element| match element.as_ref().map(|one| &one.kind) {
                Some(ElementKind::CallActivity { called }) => called.clone().unwrap_or_default(),
                _ => String::new(),
            })
        },
        move |key: String| {
            if let Some(id) = id_of(element) {
                work.apply(
                    "called",
                    vec![Command::Set {
                        element: id,
                        attribute: "calledElement".to_owned(),
                        value: Some(key).filter(|key| !key.is_empty()),
                    }],
                );
            }
        },
    );
    view! {
        <Field label=tr!("canvas-called")>
            <Select value=called options=Signal::derive(move || work.known.choices("process")) none=Signal::derive(|| t!("designer-choose")) id="called-process" />
        </Field>
    }
}

#[component]
fn Interrupting(
    work: Work,
    element: Memo<Option<Element>>,
    attribute: &'static str,
) -> impl IntoView {
    let value = Signal::derive(move || {
        element.with(|element| element.as_ref().is_none_or(Element::interrupting))
    });
    view! {
        <Switch
            label=tr!("canvas-interrupts")
            hint=Signal::derive(|| t!("canvas-interrupts-hint"))
            value=value
            on_change=move |on: bool| {
                if let Some(id) = id_of(element) {
                    work.apply(
                        "event",
                        vec![Command::Set {
                            element: id,
                            attribute: attribute.to_owned(),
                            value: (!on).then(|| "false".to_owned()),
                        }],
                    );
                }
            }
        />
    }
}
