//! What a designer gives an activity: form, outcomes, who, by when, what if not, help.

use flow::{
    Binding, Element,
    edit::Command,
    model::{Due, DueCalendar, FormRef, Outcome, Presence, Rung, Text},
};
use form::{
    FieldKind, FieldSpec, Form, Words,
    form::{CustomerField, Item, Section, Source},
};
use leptos::prelude::*;

use super::{
    Work,
    duration::{join, split},
    panel::{NameField, kind_name},
    who::WhoPart,
};
use crate::{
    designer::{
        bound::{RowTools, WordsInput, bound, free_key, key_of},
        field_editor::swap,
    },
    kit::{Button, Choice, Combobox, Field, Icon, Look, Segments, Select, Switch, TextInput},
    prefs::preferences,
    t, tr,
};

/// Ids for tests: `task-form`, `edit-form`, `add-outcome`, `outcome-N-es`, `task-group`.
#[component]
pub fn WorkItemPanel(work: Work, id: String) -> impl IntoView {
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
    let binding = Signal::derive(move || {
        element
            .with(|element| element.as_ref().and_then(|element| element.binding.clone()))
            .unwrap_or_default()
    });
    let bind = Callback::new(move |(what, binding): (&'static str, Binding)| {
        let binding = Some(binding).filter(|binding| *binding != Binding::default());
        work.apply(
            what,
            vec![Command::Bind {
                element: own.get_value().as_str().into(),
                binding,
            }],
        );
    });
    view! {
        <div class="stack">
            <h2>{move || element.with(|element| element.as_ref().map(kind_name))}</h2>
            <NameField work=work id=id name=name />
            <FormPart work=work element=element binding=binding bind=bind />
            <Outcomes binding=binding bind=bind />
            <WhoPart work=work element=element binding=binding bind=bind />
            <DuePart binding=binding bind=bind />
            <Ladder work=work binding=binding bind=bind />
            <RestPart binding=binding bind=bind />
        </div>
    }
}

/// A change to be made.
type Edit<T> = Box<dyn FnOnce(&mut T)>;

pub type Bind = Callback<(&'static str, Binding)>;

pub fn change(
    binding: Signal<Binding>,
    bind: Bind,
    what: &'static str,
    change: impl FnOnce(&mut Binding),
) {
    let mut changed = binding.get_untracked();
    change(&mut changed);
    bind.run((what, changed));
}

const OWN: &str = "own:";
const NEW: &str = "new";

#[component]
fn FormPart(
    work: Work,
    element: Memo<Option<Element>>,
    binding: Signal<Binding>,
    bind: Bind,
) -> impl IntoView {
    let own_key = Memo::new(
        move |_| match binding.with(|binding| binding.form.clone()) {
            Some(FormRef::Inline(key)) => Some(key),
            _ => None,
        },
    );
    let make = move || {
        let (id, name) = element.with_untracked(|element| {
            element
                .as_ref()
                .map(|element| {
                    (
                        element.id.to_string(),
                        element
                            .name
                            .split_whitespace()
                            .collect::<Vec<_>>()
                            .join(" "),
                    )
                })
                .unwrap_or_default()
        });
        let base = key_of(if name.is_empty() { &id } else { &name });
        let base = if base.is_empty() {
            "form".to_owned()
        } else {
            base
        };
        let forms = untrack(|| work.forms());
        let key = free_key(&base, |key| forms.iter().any(|form| form.key == key));
        let form = first_form(work, &key, &name);
        work.set_forms("new form", |forms| forms.push(form));
        change(binding, bind, "form", |binding| {
            binding.form = Some(FormRef::Inline(key.clone()));
        });
        // Once the drawing has followed: what is taken away before would be drawn once more, without what it stands on.
        request_animation_frame(move || {
            let _ = work.form.try_set(Some(key));
        });
    };
    let chosen = bound(
        move || match binding.with(|binding| binding.form.clone()) {
            Some(FormRef::Key(key)) => key,
            Some(FormRef::Inline(key)) => format!("{OWN}{key}"),
            None => String::new(),
        },
        move |value: String| {
            if value == NEW {
                make();
                return;
            }
            let form = match value.strip_prefix(OWN) {
                Some(key) => Some(FormRef::Inline(key.to_owned())),
                None => Some(value).filter(|key| !key.is_empty()).map(FormRef::Key),
            };
            change(binding, bind, "form", |binding| binding.form = form);
        },
    );
    let options = Signal::derive(move || {
        let language = preferences().language();
        let mut all = vec![Choice::new(NEW, t!("process-new-form"))];
        all.extend(work.forms().into_iter().map(|form| {
            Choice::new(
                format!("{OWN}{}", form.key),
                t!(
                    "process-own-form",
                    name = form.name.get(language).to_owned()
                ),
            )
        }));
        all.extend(work.known.choices("form"));
        all
    });
    view! {
        <Field label=tr!("process-form")>
            <div class="row">
                <div class="grow"><Select value=chosen options=options none=Signal::derive(|| t!("process-no-form")) id="task-form" /></div>
                <Show when=move || own_key.get().is_some()>
                    <Button id="edit-form" label=tr!("process-edit-form") icon=Icon::Pencil on_press=move || work.form.set(own_key.get_untracked()) />
                </Show>
            </div>
        </Field>
    }
}

/// Something to begin with: who the customer is, and one field.
fn first_form(work: Work, key: &str, name: &str) -> Form {
    let customer_type = Some(untrack(|| work.text("customer_type"))).filter(|key| !key.is_empty());
    let fields = untrack(|| work.known.fields(customer_type.as_deref()));
    let title = untrack(|| work.known.types.get())
        .into_iter()
        .find(|schema| Some(&schema.key) == customer_type.as_ref())
        .map(|schema| schema.title);
    let shown = title
        .unwrap_or_default()
        .into_iter()
        .filter(|key| fields.iter().any(|field| field.key == *key));
    let mut items: Vec<Item> = shown
        .map(|field| {
            Item::new(Source::Customer(CustomerField {
                field,
                editable: false,
            }))
        })
        .collect();
    items.push(Item::new(Source::Field(FieldSpec::new(
        "comentario",
        Words::new("Comentario", "Comment"),
        FieldKind::LongText,
    ))));
    Form {
        key: key.to_owned(),
        name: Words::new(if name.is_empty() { key } else { name }, ""),
        customer_type,
        sections: vec![Section {
            key: "datos".to_owned(),
            title: Words::new("Datos", "Data"),
            columns: 2,
            visible: None,
            items,
        }],
        ..Form::default()
    }
}

#[component]
fn Outcomes(binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let count = Memo::new(move |_| binding.with(|binding| binding.outcomes.len()));
    let edit = move |change_outcomes: Edit<Vec<Outcome>>| {
        change(binding, bind, "outcomes", |binding| {
            change_outcomes(&mut binding.outcomes);
        });
    };
    let add = move || {
        edit(Box::new(|outcomes| {
            let key = free_key("resultado", |key| {
                outcomes.iter().any(|outcome| outcome.key == key)
            });
            outcomes.push(Outcome {
                key,
                label: Text::default(),
            });
        }));
        let at = binding.with_untracked(|binding| binding.outcomes.len().saturating_sub(1));
        request_animation_frame(move || {
            if let Some(input) = document().get_element_by_id(&format!("outcome-{at}-es")) {
                let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(input).focus();
            }
        });
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{tr!("process-outcomes")}</legend>
            <p class="field-hint">{tr!("process-outcomes-hint")}</p>
            {move || {
                let count = count.get();
                (0..count)
                    .map(|at| {
                        let own = move || binding.with(|binding| binding.outcomes.get(at).cloned().unwrap_or_default());
                        let es = bound(
                            move || own().label.es,
                            move |text: String| edit(Box::new(move |outcomes| {
                                let others: Vec<String> = outcomes.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, o)| o.key.clone()).collect();
                                if let Some(outcome) = outcomes.get_mut(at) {
                                    // The key follows the words as long as it came from them.
                                    let made = outcome.key.starts_with("resultado") || outcome.key == key_of(&outcome.label.es);
                                    let key = key_of(&text);
                                    if made && !key.is_empty() {
                                        outcome.key = free_key(&key, |key| others.iter().any(|other| other == key));
                                    }
                                    outcome.label.es = text;
                                }
                            })),
                        );
                        let en = bound(
                            move || own().label.en,
                            move |text: String| edit(Box::new(move |outcomes| {
                                if let Some(outcome) = outcomes.get_mut(at) {
                                    outcome.label.en = text;
                                }
                            })),
                        );
                        view! {
                            <div class="outcome-row">
                                <TextInput value=es id=format!("outcome-{at}-es") label=tr!("process-outcome-es") placeholder=Signal::stored("Español".to_owned()) />
                                <TextInput value=en id=format!("outcome-{at}-en") label=tr!("process-outcome-en") placeholder=Signal::stored("English".to_owned()) />
                                <RowTools
                                    first=at == 0
                                    last=at + 1 == count
                                    on_move=move |down: bool| edit(Box::new(move |outcomes| swap(outcomes, at, down)))
                                    on_remove=move || edit(Box::new(move |outcomes| {
                                        if at < outcomes.len() {
                                            outcomes.remove(at);
                                        }
                                    }))
                                />
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <Button id="add-outcome" label=tr!("process-add-outcome") icon=Icon::Plus look=Look::Quiet on_press=add />
        </fieldset>
    }
}

fn units() -> Signal<Vec<Choice>> {
    Signal::derive(|| {
        vec![
            Choice::new("TM", t!("unit-minutes")),
            Choice::new("TH", t!("unit-hours")),
            Choice::new("D", t!("unit-days")),
            Choice::new("W", t!("unit-weeks")),
        ]
    })
}

/// A number and a unit; what is not so simple stays as it was written, in one line.
#[component]
fn Length(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<(String,)>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let number = bound(
        move || value.with(|text| split(text).map_or_else(|| text.clone(), |(number, _)| number)),
        move |text: String| {
            let text = text.trim().to_owned();
            let unit = value
                .with_untracked(|text| split(text))
                .map_or("D", |(_, unit)| unit);
            on_change.run((
                if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
                    join(&text, unit)
                } else {
                    text
                },
            ));
        },
    );
    let unit = bound(
        move || {
            value
                .with(|text| split(text))
                .map_or("D", |(_, unit)| unit)
                .to_owned()
        },
        move |unit: String| {
            if let Some((number, _)) = value.with_untracked(|text| split(text)) {
                on_change.run((join(&number, &unit),));
            }
        },
    );
    view! {
        <div class="length">
            <TextInput value=number label=label />
            <Select value=unit options=units() label=tr!("process-unit") />
        </div>
    }
}

#[component]
fn DuePart(binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let after = Signal::derive(move || {
        binding.with(|binding| {
            binding
                .due
                .as_ref()
                .map(|due| due.after.clone())
                .unwrap_or_default()
        })
    });
    let business = Signal::derive(move || {
        binding.with(|binding| {
            binding
                .due
                .as_ref()
                .is_some_and(|due| due.calendar == DueCalendar::Business)
        })
    });
    view! {
        <Field label=tr!("process-due") group=true>
            <Length
                value=after
                label=tr!("process-due")
                on_change=move |text: String| {
                    change(binding, bind, "due", |binding| {
                        let calendar = binding.due.take().map(|due| due.calendar).unwrap_or_default();
                        binding.due = Some(text).filter(|text| !text.is_empty()).map(|after| Due { after, calendar });
                    });
                }
            />
        </Field>
        <Show when=move || !after.with(String::is_empty)>
            <Switch
                label=tr!("process-business")
                value=business
                on_change=move |on: bool| {
                    change(binding, bind, "due calendar", |binding| {
                        if let Some(due) = &mut binding.due {
                            due.calendar = if on { DueCalendar::Business } else { DueCalendar::Always };
                        }
                    });
                }
            />
        </Show>
    }
}

/// Who hears of it when it is not done, in the order of time.
#[component]
fn Ladder(work: Work, binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let count = Memo::new(move |_| binding.with(|binding| binding.escalation.len()));
    let edit = move |change_ladder: Edit<Vec<Rung>>| {
        change(binding, bind, "escalation", |binding| {
            change_ladder(&mut binding.escalation);
        });
    };
    view! {
        <fieldset class="field">
            <legend class="field-label">{tr!("process-escalation")}</legend>
            {move || {
                let count = count.get();
                (0..count)
                    .map(|at| {
                        let own = move || binding.with(|binding| binding.escalation.get(at).cloned());
                        let to = bound(
                            move || own().map(|own| own.to).unwrap_or_default(),
                            move |key: String| edit(Box::new(move |ladder| {
                                if let Some(rung) = ladder.get_mut(at) {
                                    rung.to = key;
                                }
                            })),
                        );
                        view! {
                            <div class="rung">
                                <div class="row">
                                    <span class="weak small rung-level">{t!("process-level", number = at as i64 + 1)}</span>
                                    <Length
                                        value=Signal::derive(move || own().map(|own| own.after).unwrap_or_default())
                                        label=tr!("process-after")
                                        on_change=move |text: String| edit(Box::new(move |ladder| {
                                            if let Some(rung) = ladder.get_mut(at) {
                                                rung.after = text;
                                            }
                                        }))
                                    />
                                    <RowTools
                                        first=at == 0
                                        last=at + 1 == count
                                        on_move=move |down: bool| edit(Box::new(move |ladder| swap(ladder, at, down)))
                                        on_remove=move || edit(Box::new(move |ladder| {
                                            if at < ladder.len() {
                                                ladder.remove(at);
                                            }
                                        }))
                                    />
                                </div>
                                <Combobox value=to options=Signal::derive(move || work.known.group_choices()) label=tr!("process-escalate-to") placeholder=tr!("process-escalate-to") />
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <Button
                label=tr!("process-add-rung")
                icon=Icon::Plus
                look=Look::Quiet
                on_press=move || edit(Box::new(|ladder| {
                    let days = (ladder.len() + 1) * 7;
                    ladder.push(Rung { after: format!("P{days}D"), to: String::new(), calendar: DueCalendar::Always });
                }))
            />
        </fieldset>
    }
}

/// Whether the customer is there, and help for whoever does it.
#[component]
fn RestPart(binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let presence = Signal::derive(move || {
        match binding.with(|binding| binding.presence) {
            Some(Presence::CustomerPresent) => "customer_present",
            Some(Presence::BackOffice) => "back_office",
            None => "",
        }
        .to_owned()
    });
    let presences = Signal::derive(|| {
        vec![
            Choice::new("customer_present", t!("process-present")),
            Choice::new("back_office", t!("process-back-office")),
        ]
    });
    let help = Signal::derive(move || {
        binding
            .with(|binding| binding.help.clone())
            .map(|text| Words::new(text.es, text.en))
            .unwrap_or_default()
    });
    view! {
        <Field label=tr!("process-presence") group=true>
            <Segments
                value=presence
                options=presences
                label=tr!("process-presence")
                on_change=move |value: String| {
                    let presence = match value.as_str() {
                        "customer_present" => Some(Presence::CustomerPresent),
                        _ => Some(Presence::BackOffice),
                    };
                    change(binding, bind, "presence", |binding| binding.presence = presence);
                }
            />
        </Field>
        <WordsInput
            label=tr!("process-help")
            long=true
            value=help
            on_change=move |words: Words| {
                let help = (!words.is_empty()).then_some(Text { es: words.es, en: words.en });
                change(binding, bind, "help", |binding| binding.help = help);
            }
        />
    }
}
