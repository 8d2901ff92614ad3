use form::{
    FieldSpec, Form, Words,
    form::{Item, PopUp, Rule, Section, Source, Tone as PopUpTone},
};
use kernel::FieldProblem;
use leptos::prelude::*;
use rules::Type;

use super::{Place, numbers};
use crate::{
    designer::{
        bound::{RowTools, WordsInput, bound, free_key},
        expression::{self, ExpressionInput, Scope},
        field_editor::{FieldEditor, swap},
    },
    kit::{Button, Choice, Field, Icon, Look, Select, Switch},
    prefs::preferences,
    t, tr,
};

/// What the chosen place is made of; under it what belongs to the form as a whole.
#[component]
pub fn Panel(
    form: Signal<Form>,
    place: Memo<Option<Place>>,
    fields: Signal<Vec<FieldSpec>>,
    problems: Memo<Vec<FieldProblem>>,
    types: Signal<Vec<Choice>>,
    on_change: Callback<(&'static str, Form)>,
) -> impl IntoView {
    let edit = Callback::new(move |(what, change): (&'static str, Change)| {
        let mut changed = form.get_untracked();
        change(&mut changed);
        on_change.run((what, changed));
    });
    view! {
        <div class="stack">
            {move || match place.get() {
                Some(Place::Section(at)) => view! { <SectionPanel form=form at=at problems=problems edit=edit /> }.into_any(),
                Some(Place::Item(section, at)) => {
                    view! { <ItemPanel form=form section=section at=at fields=fields problems=problems edit=edit /> }.into_any()
                }
                None => ().into_any(),
            }}
            <FormWhole form=form types=types problems=problems edit=edit />
        </div>
    }
}

type Change = std::sync::Arc<dyn Fn(&mut Form) + Send + Sync>;
type Edit = Callback<(&'static str, Change)>;

fn change(edit: Edit, what: &'static str, change: impl Fn(&mut Form) + Send + Sync + 'static) {
    edit.run((what, std::sync::Arc::new(change)));
}

/// One expression, with what is wrong with it.
#[component]
fn Expression(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] hint: Signal<String>,
    #[prop(into)] value: Signal<Option<String>>,
    path: String,
    problems: Memo<Vec<FieldProblem>>,
    form: Signal<Form>,
    #[prop(into)] on_change: Callback<(Option<String>,)>,
) -> impl IntoView {
    let scope = Signal::derive(move || form.with(scope_of));
    let text = bound(
        move || value.get().unwrap_or_default(),
        move |text: String| on_change.run((Some(text).filter(|text| !text.trim().is_empty()),)),
    );
    let found = Memo::new(move |_| {
        let scope = scope.get();
        text.with(|text| expression::wrong(text, &scope, false, expression::language()))
    });
    let error = Signal::derive(move || {
        if let Some(wrong) = found.get() {
            return Some(wrong.sentence);
        }
        let language = preferences().language();
        problems.with(|problems| {
            problems
                .iter()
                .find(|p| p.field == path)
                .map(|p| locale::problem(language, p))
        })
    });
    view! {
        <Field label=label hint=hint error=error>
            <ExpressionInput value=text scope=scope found=found />
        </Field>
    }
}

/// A form's expression sees its own fields, and the customer.
fn scope_of(form: &Form) -> Scope {
    let mut scope = Scope::default();
    expression::add_fields(&mut scope.schema, form);
    for name in ["customer", "user", "session", "process"] {
        scope.schema.add(name, Type::Any);
    }
    scope
}

#[component]
fn SectionPanel(
    form: Signal<Form>,
    at: usize,
    problems: Memo<Vec<FieldProblem>>,
    edit: Edit,
) -> impl IntoView {
    let own = move || form.with(|form| form.sections.get(at).cloned());
    let set = move |what: &'static str, set: Box<dyn Fn(&mut Section) + Send + Sync>| {
        change(edit, what, move |form| {
            if let Some(section) = form.sections.get_mut(at) {
                set(section);
            }
        });
    };
    let columns = bound(
        move || own().map(|own| own.columns.to_string()).unwrap_or_default(),
        move |text: String| {
            let columns = text.parse().unwrap_or(2);
            set(
                "columns",
                Box::new(move |section| {
                    section.columns = columns;
                    for item in &mut section.items {
                        item.span = item.span.clamp(1, columns);
                    }
                }),
            );
        },
    );
    view! {
        <h2>{tr!("form-section")}</h2>
        <WordsInput
            label=tr!("form-title")
            value=Signal::derive(move || own().map(|own| own.title).unwrap_or_default())
            on_change=move |words: Words| set("title", Box::new(move |section| section.title = words.clone()))
        />
        <Field label=tr!("form-columns")>
            <Select value=columns options=Signal::stored(numbers(3)) />
        </Field>
        <Expression
            label=tr!("form-visible")
            hint=tr!("form-visible-hint")
            value=Signal::derive(move || own().and_then(|own| own.visible))
            path=format!("sections[{at}].visible")
            problems=problems
            form=form
            on_change={move |text: Option<String>| set("visible", Box::new(move |section| section.visible.clone_from(&text)))}
        />
    }
}

#[component]
fn ItemPanel(
    form: Signal<Form>,
    section: usize,
    at: usize,
    fields: Signal<Vec<FieldSpec>>,
    problems: Memo<Vec<FieldProblem>>,
    edit: Edit,
) -> impl IntoView {
    let own = move || {
        form.with(|form| {
            form.sections
                .get(section)
                .and_then(|section| section.items.get(at))
                .cloned()
        })
    };
    let set = move |what: &'static str, set: Box<dyn Fn(&mut Item) + Send + Sync>| {
        change(edit, what, move |form| {
            if let Some(item) = form
                .sections
                .get_mut(section)
                .and_then(|section| section.items.get_mut(at))
            {
                set(item);
            }
        });
    };
    let kind = Memo::new(move |_| match own().map(|own| own.source) {
        Some(Source::Field(_)) => 1,
        Some(Source::Customer(_)) => 2,
        Some(Source::Note(_)) => 3,
        None => 0,
    });
    let span = bound(
        move || own().map(|own| own.span.to_string()).unwrap_or_default(),
        move |text: String| {
            let span = text.parse().unwrap_or(1);
            set("span", Box::new(move |item| item.span = span));
        },
    );
    let most = Signal::derive(move || {
        numbers(form.with(|form| {
            form.sections
                .get(section)
                .map_or(1, |section| section.columns)
        }))
    });
    let expression = move |name: &'static str,
                           label: Signal<String>,
                           hint: Signal<String>,
                           get: fn(&Item) -> Option<String>,
                           put: fn(&mut Item, Option<String>)| {
        view! {
            <Expression
                label=label
                hint=hint
                value=Signal::derive(move || own().and_then(|own| get(&own)))
                path=format!("sections[{section}].items[{at}].{name}")
                problems=problems
                form=form
                on_change={move |text: Option<String>| set(name, Box::new(move |item| put(item, text.clone())))}
            />
        }
    };
    let message = Signal::derive(move || {
        own()
            .and_then(|own| own.rule)
            .map(|rule| rule.message)
            .unwrap_or_default()
    });
    view! {
        {move || match kind.get() {
            1 => {
                let value = Signal::derive(move || match own().map(|own| own.source) {
                    Some(Source::Field(field)) => field,
                    _ => FieldSpec::new("", Words::default(), form::FieldKind::Text),
                });
                view! {
                    <h2>{tr!("form-field")}</h2>
                    <FieldEditor
                        value=value
                        fixed=Signal::stored(false)
                        of_form=true
                        on_change=move |field: FieldSpec| set("field", Box::new(move |item| item.source = Source::Field(field.clone())))
                    />
                }
                .into_any()
            }
            2 => {
                let editable = Signal::derive(move || matches!(own().map(|own| own.source), Some(Source::Customer(bound)) if bound.editable));
                let name = Signal::derive(move || match own().map(|own| own.source) {
                    Some(Source::Customer(bound)) => fields
                        .with(|fields| fields.iter().find(|field| field.key == bound.field).map(|field| field.label.get(preferences().language()).to_owned()))
                        .unwrap_or(bound.field),
                    _ => String::new(),
                });
                view! {
                    <h2>{move || t!("form-customer-field", name = name.get())}</h2>
                    <Switch
                        label=tr!("form-customer-change")
                        hint=Signal::derive(|| t!("form-customer-change-hint"))
                        value=editable
                        on_change=move |on: bool| set("editable", Box::new(move |item| {
                            if let Source::Customer(bound) = &mut item.source {
                                bound.editable = on;
                            }
                        }))
                    />
                }
                .into_any()
            }
            3 => view! {
                <h2>{tr!("form-note")}</h2>
                <WordsInput
                    label=tr!("form-text")
                    long=true
                    value=Signal::derive(move || match own().map(|own| own.source) {
                        Some(Source::Note(words)) => words,
                        _ => Words::default(),
                    })
                    on_change=move |words: Words| set("note", Box::new(move |item| item.source = Source::Note(words.clone())))
                />
            }
            .into_any(),
            _ => ().into_any(),
        }}
        <h3>{tr!("form-behaviour")}</h3>
        <Field label=tr!("form-span")>
            <Select value=span options=most />
        </Field>
        {expression("visible", Signal::derive(|| t!("form-visible")), Signal::derive(|| t!("form-visible-hint")), |item| item.visible.clone(), |item, text| item.visible = text)}
        <Show when=move || kind.get() == 1 || kind.get() == 2>
            {expression("required_if", Signal::derive(|| t!("form-required-if")), Signal::derive(|| t!("form-required-if-hint")), |item| item.required_if.clone(), |item, text| item.required_if = text)}
            {expression(
                "rule.holds",
                Signal::derive(|| t!("form-rule")),
                Signal::derive(|| t!("form-rule-hint")),
                |item| item.rule.as_ref().map(|rule| rule.holds.clone()),
                |item, text| {
                    let message = item.rule.take().map(|rule| rule.message).unwrap_or_default();
                    item.rule = text.map(|holds| Rule { holds, message });
                },
            )}
            <Show when=move || own().is_some_and(|own| own.rule.is_some())>
                <WordsInput
                    label=tr!("form-rule-message")
                    value=message
                    on_change=move |words: Words| set("message", Box::new(move |item| {
                        if let Some(rule) = &mut item.rule {
                            rule.message = words.clone();
                        }
                    }))
                />
            </Show>
        </Show>
        <Show when=move || kind.get() == 1>
            {expression("computed", Signal::derive(|| t!("form-computed")), Signal::derive(|| t!("form-computed-hint")), |item| item.computed.clone(), |item, text| item.computed = text)}
            {expression("initial", Signal::derive(|| t!("form-initial")), Signal::derive(|| t!("form-initial-hint")), |item| item.initial.clone(), |item, text| item.initial = text)}
        </Show>
    }
}

/// Name, customer type, help and pop-ups.
#[component]
fn FormWhole(
    form: Signal<Form>,
    types: Signal<Vec<Choice>>,
    problems: Memo<Vec<FieldProblem>>,
    edit: Edit,
) -> impl IntoView {
    let customer_type = bound(
        move || form.with(|form| form.customer_type.clone().unwrap_or_default()),
        move |key: String| {
            let key = Some(key).filter(|key| !key.is_empty());
            change(edit, "customer type", move |form| {
                form.customer_type.clone_from(&key);
            });
        },
    );
    let count = Memo::new(move |_| form.with(|form| form.pop_ups.len()));
    view! {
        <details class="panel-group">
            <summary>{tr!("form-whole")}</summary>
            <div class="stack">
                <WordsInput
                    label=tr!("designer-name")
                    value=Signal::derive(move || form.with(|form| form.name.clone()))
                    on_change=move |words: Words| change(edit, "name", move |form| form.name = words.clone())
                />
                <Field label=tr!("form-customer-type") hint=Signal::derive(|| t!("form-customer-type-hint"))>
                    <Select value=customer_type options=types none=Signal::derive(|| t!("form-no-customer-type")) />
                </Field>
                <WordsInput
                    label=tr!("form-help")
                    long=true
                    value=Signal::derive(move || form.with(|form| form.help.clone()))
                    on_change=move |words: Words| change(edit, "help", move |form| form.help = words.clone())
                />
                <h3>{tr!("form-pop-ups")}</h3>
                {move || (0..count.get()).map(|at| view! { <PopUpEditor form=form at=at count=count problems=problems edit=edit /> }).collect_view()}
                <Button
                    label=tr!("form-add-pop-up")
                    icon=Icon::Plus
                    look=Look::Quiet
                    on_press=move || {
                        change(edit, "pop-up", |form| {
                            let key = free_key("pop_up", |key| form.pop_ups.iter().any(|pop_up| pop_up.key == key));
                            form.pop_ups.push(PopUp {
                                key,
                                title: Words::new("Aviso", "Notice"),
                                text: Words::default(),
                                tone: PopUpTone::Info,
                                when: None,
                            });
                        });
                    }
                />
            </div>
        </details>
    }
}

#[component]
fn PopUpEditor(
    form: Signal<Form>,
    at: usize,
    count: Memo<usize>,
    problems: Memo<Vec<FieldProblem>>,
    edit: Edit,
) -> impl IntoView {
    let own = move || form.with(|form| form.pop_ups.get(at).cloned());
    let set = move |set: Box<dyn Fn(&mut PopUp) + Send + Sync>| {
        change(edit, "pop-up", move |form| {
            if let Some(pop_up) = form.pop_ups.get_mut(at) {
                set(pop_up);
            }
        });
    };
    let tone = bound(
        move || {
            match own().map(|own| own.tone) {
                Some(PopUpTone::Offer) => "offer",
                Some(PopUpTone::Warning) => "warning",
                _ => "info",
            }
            .to_owned()
        },
        move |word: String| {
            let tone = match word.as_str() {
                "offer" => PopUpTone::Offer,
                "warning" => PopUpTone::Warning,
                _ => PopUpTone::Info,
            };
            set(Box::new(move |pop_up| pop_up.tone = tone));
        },
    );
    let tones = Signal::derive(|| {
        vec![
            Choice::new("info", t!("form-tone-info")),
            Choice::new("offer", t!("form-tone-offer")),
            Choice::new("warning", t!("form-tone-warning")),
        ]
    });
    view! {
        <div class="surface pad stack">
            <div class="row">
                <div class="grow"><Select value=tone options=tones label=tr!("form-tone") /></div>
                <RowTools
                    first=at == 0
                    last=at + 1 == count.get_untracked()
                    on_move=move |down: bool| change(edit, "pop-up", move |form| swap(&mut form.pop_ups, at, down))
                    on_remove=move || change(edit, "pop-up", move |form| {
                        if at < form.pop_ups.len() {
                            form.pop_ups.remove(at);
                        }
                    })
                />
            </div>
            <WordsInput label=tr!("form-title") value=Signal::derive(move || own().map(|own| own.title).unwrap_or_default()) on_change=move |words: Words| set(Box::new(move |pop_up| pop_up.title = words.clone())) />
            <WordsInput label=tr!("form-text") long=true value=Signal::derive(move || own().map(|own| own.text).unwrap_or_default()) on_change=move |words: Words| set(Box::new(move |pop_up| pop_up.text = words.clone())) />
            <Expression
                label=tr!("form-when")
                hint=tr!("form-when-hint")
                value=Signal::derive(move || own().and_then(|own| own.when))
                path=format!("pop_ups[{at}].when")
                problems=problems
                form=form
                on_change={move |text: Option<String>| set(Box::new(move |pop_up| pop_up.when.clone_from(&text)))}
            />
        </div>
    }
}
