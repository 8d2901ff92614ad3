//! One field of a customer type or of a form.

use form::{
    FieldKind, FieldSpec, Medium, Words,
    schema::{ChoiceOption, DocumentRule},
};
use leptos::prelude::*;

use super::bound::{RowTools, WordsInput, bound, free_key, key_of};
use crate::{
    kit::{Button, Choice, Field, Icon, Look, Select, Switch, TextInput},
    t, tr,
};

pub const KINDS: [&str; 11] = [
    "text",
    "long_text",
    "number",
    "amount",
    "date",
    "moment",
    "boolean",
    "choice",
    "email",
    "phone",
    "document",
];

pub fn kind_name(kind: &str) -> String {
    match kind {
        "long_text" => t!("field-kind-long-text"),
        "number" => t!("field-kind-number"),
        "amount" => t!("field-kind-amount"),
        "date" => t!("field-kind-date"),
        "moment" => t!("field-kind-moment"),
        "boolean" => t!("field-kind-boolean"),
        "choice" => t!("field-kind-choice"),
        "email" => t!("field-kind-email"),
        "phone" => t!("field-kind-phone"),
        "document" => t!("field-kind-document"),
        _ => t!("field-kind-text"),
    }
}

pub fn kind_icon(kind: &FieldKind) -> Icon {
    match kind {
        FieldKind::Text => Icon::Type,
        FieldKind::LongText => Icon::AlignLeft,
        FieldKind::Number { .. } => Icon::Hash,
        FieldKind::Amount { .. } => Icon::CreditCard,
        FieldKind::Date => Icon::Calendar,
        FieldKind::Moment => Icon::CalendarClock,
        FieldKind::Boolean => Icon::Toggle,
        FieldKind::Choice { .. } => Icon::List,
        FieldKind::Email => Icon::At,
        FieldKind::Phone { .. } => Icon::Phone,
        FieldKind::Document { .. } => Icon::IdCard,
    }
}

/// An empty field of a kind.
pub fn kind_of(word: &str) -> FieldKind {
    match word {
        "long_text" => FieldKind::LongText,
        "number" => FieldKind::Number { decimals: None },
        "amount" => FieldKind::Amount { currency: None },
        "date" => FieldKind::Date,
        "moment" => FieldKind::Moment,
        "boolean" => FieldKind::Boolean,
        "choice" => FieldKind::Choice {
            options: vec![ChoiceOption {
                key: "option_1".to_owned(),
                label: Words::new("Opción 1", "Option 1"),
            }],
        },
        "email" => FieldKind::Email,
        "phone" => FieldKind::Phone { country: None },
        "document" => FieldKind::Document {
            rule: DocumentRule::None,
        },
        _ => FieldKind::Text,
    }
}

/// All of a field. What only customers' fields have (unique, searchable, media) is left out with `of_form`.
#[component]
pub fn FieldEditor(
    #[prop(into)] value: Signal<FieldSpec>,
    #[prop(into)] on_change: Callback<(FieldSpec,)>,
    /// The key and the kind are published: they stay.
    #[prop(into)]
    fixed: Signal<bool>,
    #[prop(optional)] of_form: bool,
) -> impl IntoView {
    let change = move |change: Box<dyn FnOnce(&mut FieldSpec)>| {
        let mut spec = value.get_untracked();
        change(&mut spec);
        on_change.run((spec,));
    };
    let key = bound(
        move || value.with(|spec| spec.key.clone()),
        move |key| change(Box::new(move |spec| spec.key = key)),
    );
    let kind = bound(
        move || value.with(|spec| spec.kind.word().to_owned()),
        move |word| {
            change(Box::new(move |spec| {
                if spec.kind.word() != word {
                    spec.kind = kind_of(&word);
                    (spec.min, spec.max) = (None, None);
                }
            }));
        },
    );
    let bound_text = move |get: fn(&FieldSpec) -> &Option<String>,
                           set: fn(&mut FieldSpec, Option<String>)| {
        bound(
            move || value.with(|spec| get(spec).clone().unwrap_or_default()),
            move |text: String| {
                let text = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
                change(Box::new(move |spec| set(spec, text)));
            },
        )
    };
    let min = bound_text(|spec| &spec.min, |spec, text| spec.min = text);
    let max = bound_text(|spec| &spec.max, |spec, text| spec.max = text);
    let has_bounds = Memo::new(move |_| {
        value.with(|spec| {
            matches!(
                spec.kind,
                FieldKind::Text
                    | FieldKind::LongText
                    | FieldKind::Number { .. }
                    | FieldKind::Amount { .. }
                    | FieldKind::Date
            )
        })
    });
    let kinds = Signal::derive(|| {
        KINDS
            .iter()
            .map(|kind| Choice::new(*kind, kind_name(kind)))
            .collect::<Vec<_>>()
    });
    let switch =
        move |label: Signal<String>, get: fn(&FieldSpec) -> bool, set: fn(&mut FieldSpec, bool)| {
            view! {
                <Switch
                    label=label
                    value=Signal::derive(move || value.with(get))
                    on_change=move |on: bool| change(Box::new(move |spec| set(spec, on)))
                />
            }
        };
    let label_changed = move |words: Words| {
        change(Box::new(move |spec| {
            // The key follows the label until it is published or was chosen.
            if !fixed.get_untracked()
                && (spec.key.is_empty() || spec.key == key_of(spec.label.get(kernel::Language::Es)))
            {
                spec.key = key_of(words.get(kernel::Language::Es));
            }
            spec.label = words;
        }));
    };
    view! {
        <div class="stack">
            <WordsInput label=tr!("field-label") id="field-label" value=Signal::derive(move || value.with(|spec| spec.label.clone())) on_change=label_changed />
            <div class="pair">
                <Field label=tr!("field-kind")>
                    <Select value=kind options=kinds disabled=fixed id="field-kind" />
                </Field>
                <Field label=tr!("designer-key")>
                    <TextInput value=key disabled=fixed id="field-key" />
                </Field>
            </div>
            <KindEditor value=value on_change=on_change />
            <Show when=move || has_bounds.get()>
                <div class="pair">
                    <Field label=move || if is_text(value) { t!("field-shortest") } else { t!("field-least") }>
                        <TextInput value=min />
                    </Field>
                    <Field label=move || if is_text(value) { t!("field-longest") } else { t!("field-most") }>
                        <TextInput value=max />
                    </Field>
                </div>
            </Show>
            <div class="stack stack-tight">
                {switch(Signal::derive(|| t!("field-required")), |spec| spec.required, |spec, on| spec.required = on)}
                {(!of_form)
                    .then(|| view! {
                        {switch(Signal::derive(|| t!("field-unique")), |spec| spec.unique, |spec, on| spec.unique = on)}
                        {switch(Signal::derive(|| t!("field-searchable")), |spec| spec.searchable, |spec, on| spec.searchable = on)}
                    })}
                {switch(Signal::derive(|| t!("field-sensitive")), |spec| spec.sensitive, |spec, on| spec.sensitive = on)}
            </div>
            {(!of_form).then(|| view! { <Media value=value on_change=on_change /> })}
            <WordsInput label=tr!("field-help") long=true value=Signal::derive(move || value.with(|spec| spec.help.clone())) on_change=move |words: Words| change(Box::new(move |spec| spec.help = words)) />
        </div>
    }
}

fn is_text(value: Signal<FieldSpec>) -> bool {
    value.with(|spec| matches!(spec.kind, FieldKind::Text | FieldKind::LongText))
}

/// By which media the field is an address.
#[component]
fn Media(value: Signal<FieldSpec>, on_change: Callback<(FieldSpec,)>) -> impl IntoView {
    let addresses = Memo::new(move |_| {
        value.with(|spec| {
            matches!(
                spec.kind,
                FieldKind::Email | FieldKind::Phone { .. } | FieldKind::Text | FieldKind::LongText
            )
        })
    });
    view! {
        <Show when=move || addresses.get()>
            <fieldset class="field">
                <legend class="field-label">{tr!("field-media")}</legend>
                <div class="checks">
                    {Medium::ALL
                        .into_iter()
                        .map(|medium| {
                            view! {
                                <Switch
                                    label=Signal::derive(move || medium_name(medium))
                                    value=Signal::derive(move || value.with(|spec| spec.media.contains(&medium)))
                                    on_change=move |on: bool| {
                                        let mut spec = value.get_untracked();
                                        spec.media.retain(|one| *one != medium);
                                        if on {
                                            spec.media.push(medium);
                                        }
                                        on_change.run((spec,));
                                    }
                                />
                            }
                        })
                        .collect_view()}
                </div>
            </fieldset>
        </Show>
    }
}

fn medium_name(medium: Medium) -> String {
    match medium {
        Medium::Email => t!("medium-email"),
        Medium::Sms => t!("medium-sms"),
        Medium::Whatsapp => t!("medium-whatsapp"),
        Medium::Voice => t!("medium-voice"),
        Medium::Fax => t!("medium-fax"),
        Medium::Post => t!("medium-post"),
    }
}

/// What only one kind has: options, rule, currency…
#[component]
fn KindEditor(value: Signal<FieldSpec>, on_change: Callback<(FieldSpec,)>) -> impl IntoView {
    let word = Memo::new(move |_| value.with(|spec| spec.kind.word()));
    let set_kind = move |kind: FieldKind| {
        let mut spec = value.get_untracked();
        spec.kind = kind;
        on_change.run((spec,));
    };
    move || match word.get() {
        "choice" => view! { <Options value=value on_change=on_change /> }.into_any(),
        "document" => {
            let rule = bound(
                move || match value.with(|spec| spec.kind.clone()) {
                    FieldKind::Document { rule } => rule.word().to_owned(),
                    _ => String::new(),
                },
                move |word| {
                    if let Some(rule) = DocumentRule::ALL
                        .into_iter()
                        .find(|rule| rule.word() == word)
                    {
                        set_kind(FieldKind::Document { rule });
                    }
                },
            );
            let rules = Signal::derive(|| {
                DocumentRule::ALL
                    .iter()
                    .map(|rule| Choice::new(rule.word(), rule_name(*rule)))
                    .collect::<Vec<_>>()
            });
            view! { <Field label=tr!("field-rule")><Select value=rule options=rules /></Field> }
                .into_any()
        }
        "amount" => {
            let currency = bound(
                move || match value.with(|spec| spec.kind.clone()) {
                    FieldKind::Amount { currency } => currency.unwrap_or_default(),
                    _ => String::new(),
                },
                move |text: String| {
                    set_kind(FieldKind::Amount {
                        currency: Some(text.trim().to_uppercase()).filter(|text| !text.is_empty()),
                    });
                },
            );
            view! { <Field label=tr!("field-currency")><TextInput value=currency max_length=3_u32 placeholder=Signal::stored("ARS".to_owned()) /></Field> }.into_any()
        }
        "phone" => {
            let country = bound(
                move || match value.with(|spec| spec.kind.clone()) {
                    FieldKind::Phone { country } => country.unwrap_or_default(),
                    _ => String::new(),
                },
                move |text: String| {
                    let digits = kernel::text::digits(&text);
                    set_kind(FieldKind::Phone {
                        country: Some(digits).filter(|text| !text.is_empty()),
                    });
                },
            );
            view! {
                <Field label=tr!("field-country") hint=Signal::derive(|| t!("field-country-hint"))>
                    <TextInput value=country max_length=4_u32 placeholder=Signal::stored("54".to_owned()) />
                </Field>
            }
            .into_any()
        }
        "number" => {
            let decimals = bound(
                move || match value.with(|spec| spec.kind.clone()) {
                    FieldKind::Number { decimals } => decimals.unwrap_or(4).to_string(),
                    _ => String::new(),
                },
                move |text: String| {
                    set_kind(FieldKind::Number {
                        decimals: text.parse().ok(),
                    });
                },
            );
            let choices = Signal::derive(|| {
                (0..=4)
                    .map(|n| Choice::new(n.to_string(), n.to_string()))
                    .collect::<Vec<_>>()
            });
            view! { <Field label=tr!("field-decimals")><Select value=decimals options=choices /></Field> }.into_any()
        }
        _ => ().into_any(),
    }
}

fn rule_name(rule: DocumentRule) -> String {
    match rule {
        DocumentRule::None => t!("field-rule-none"),
        DocumentRule::Cuit => t!("field-rule-cuit"),
        DocumentRule::Dni => t!("field-rule-dni"),
        DocumentRule::Rfc => t!("field-rule-rfc"),
        DocumentRule::Rut => t!("field-rule-rut"),
        DocumentRule::Nif => t!("field-rule-nif"),
        DocumentRule::Ruc => t!("field-rule-ruc"),
    }
}

/// A change to be made.
type Edit<T> = Box<dyn FnOnce(&mut T)>;

/// The options of a choice, in order.
#[component]
fn Options(value: Signal<FieldSpec>, on_change: Callback<(FieldSpec,)>) -> impl IntoView {
    let options = Memo::new(move |_| match value.with(|spec| spec.kind.clone()) {
        FieldKind::Choice { options } => options,
        _ => Vec::new(),
    });
    let change = move |change: Edit<Vec<ChoiceOption>>| {
        let mut options = options.get_untracked();
        change(&mut options);
        let mut spec = value.get_untracked();
        spec.kind = FieldKind::Choice { options };
        on_change.run((spec,));
    };
    let count = Memo::new(move |_| options.with(Vec::len));
    view! {
        <fieldset class="field">
            <legend class="field-label">{tr!("field-options")}</legend>
            {move || {
                let count = count.get();
                (0..count)
                    .map(|at| {
                        let own = move || options.with(|options| options.get(at).cloned().unwrap_or_default());
                        let text = move |get: fn(&ChoiceOption) -> &String, set: fn(&mut ChoiceOption, String)| {
                            bound(
                                move || get(&own()).clone(),
                                move |text| {
                                    change(Box::new(move |options| {
                                        if let Some(option) = options.get_mut(at) {
                                            set(option, text);
                                        }
                                    }));
                                },
                            )
                        };
                        let es = text(|option| &option.label.es, |option, text| option.label.es = text);
                        let en = text(|option| &option.label.en, |option, text| option.label.en = text);
                        let key = text(|option| &option.key, |option, text| option.key = text);
                        view! {
                            <div class="option-row">
                                <TextInput value=es label=tr!("field-option-es") placeholder=Signal::stored("Español".to_owned()) />
                                <TextInput value=en label=tr!("field-option-en") placeholder=Signal::stored("English".to_owned()) />
                                <TextInput value=key label=tr!("designer-key") />
                                <RowTools
                                    first=at == 0
                                    last=at + 1 == count
                                    on_move=move |down: bool| change(Box::new(move |options| swap(options, at, down)))
                                    on_remove=move || {
                                        change(Box::new(move |options| {
                                            options.remove(at);
                                        }));
                                    }
                                />
                            </div>
                        }
                    })
                    .collect_view()
            }}
            <Button
                label=tr!("field-option-add")
                icon=Icon::Plus
                look=Look::Quiet
                on_press=move || {
                    change(
                        Box::new(|options| {
                            let key = free_key("option", |key| options.iter().any(|option| option.key == key));
                            options.push(ChoiceOption { key, label: Words::default() });
                        }),
                    );
                }
            />
        </fieldset>
    }
}

/// Moves the item at `at` one place down or up, where there is one.
pub fn swap<T>(items: &mut [T], at: usize, down: bool) {
    let to = if down { at + 1 } else { at.wrapping_sub(1) };
    if at < items.len() && to < items.len() {
        items.swap(at, to);
    }
}
