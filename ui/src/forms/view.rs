use form::{
    FieldKind,
    form::{Source, Tone as PopUpTone},
};
use leptos::prelude::*;

use super::{FormModel, ValueControl};
use crate::{
    kit::{Drawn, Field, Icon, Notice, Tone},
    prefs::preferences,
};

/// The id of a field's control on the page: `field-customer-phone` for the path `customer.phone`.
pub fn control_id(path: &str) -> String {
    format!("field-{}", path.replace('.', "-"))
}

/// Draws a form: sections in one to three columns, notes, fields with their problems; what a condition hides is not on
/// the page. Pop-ups that hold stand above it.
#[component]
pub fn FormView(
    model: FormModel,
    /// Nothing can be typed: somebody else closed it, or no permission.
    #[prop(optional, into)]
    locked: Signal<bool>,
) -> impl IntoView {
    let definition = model.bound.form().clone();
    let state = model.state;
    let outline = model.bound.outline();
    let first_path = outline
        .iter()
        .find(|place| place.tab == Some(1))
        .and_then(|place| place.path.clone());
    let mut places = outline.into_iter();
    let pop_ups = definition.pop_ups.clone();
    let sections = definition
        .sections
        .into_iter()
        .enumerate()
        .map(|(s, section)| {
            let key = section.key.clone();
            let in_sight = Memo::new(move |_| state.with(|state| state.sections.contains(&key)));
            let columns = section.columns.clamp(1, 3);
            let items = section
                .items
                .into_iter()
                .enumerate()
                .filter_map(|(i, item)| Some((i, item, places.next()?)))
                .map(|(i, item, place)| {
                    let span = format!("span {}", place.span);
                    match (item.source, place.path) {
                        (Source::Note(words), _) => {
                            let holds = Memo::new(move |_| state.with(|state| state.notes.contains(&(s, i))));
                            view! {
                                <p class="form-note" style:grid-column=span hidden=move || !holds.get()>
                                    {move || words.get(preferences().language()).to_owned()}
                                </p>
                            }
                            .into_any()
                        }
                        (_, Some(path)) => {
                            let first = first_path.as_ref() == Some(&path);
                            view! { <Place model=model.clone() path=path span=span locked=locked first=first /> }.into_any()
                        }
                        _ => ().into_any(),
                    }
                })
                .collect_view();
            let title = section.title.clone();
            view! {
                <fieldset class="form-section" hidden=move || !in_sight.get()>
                    {(!title.is_empty())
                        .then(|| view! { <legend class="form-title">{move || title.get(preferences().language()).to_owned()}</legend> })}
                    <div class="form-grid" style:grid-template-columns=format!("repeat({columns}, minmax(0, 1fr))")>
                        {items}
                    </div>
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <div class="form">
            {pop_ups
                .into_iter()
                .map(|pop_up| {
                    let key = pop_up.key.clone();
                    let holds = Memo::new(move |_| state.with(|state| state.pop_ups.contains(&key)));
                    let tone = match pop_up.tone {
                        PopUpTone::Info => Tone::Info,
                        PopUpTone::Offer => Tone::Success,
                        PopUpTone::Warning => Tone::Warning,
                    };
                    view! {
                        <Show when=move || holds.get()>
                            <Notice
                                tone=tone
                                text={
                                    let pop_up = pop_up.clone();
                                    move || {
                                        let language = preferences().language();
                                        format!("{}: {}", pop_up.title.get(language), pop_up.text.get(language))
                                    }
                                }
                            />
                        </Show>
                    }
                })
                .collect_view()}
            {sections}
        </div>
    }
}

/// One field in its cell.
#[component]
fn Place(
    model: FormModel,
    path: String,
    span: String,
    locked: Signal<bool>,
    first: bool,
) -> impl IntoView {
    let (Some(spec), Some(value)) = (model.bound.field(&path).cloned(), model.field(&path)) else {
        return ().into_any();
    };
    let state = model.state;
    let own = path.clone();
    let visible = Memo::new(move |_| state.with(|state| state.visible.contains(&own)));
    let own = path.clone();
    let fixed = Signal::derive(move || {
        locked.get()
            || state
                .with(|state| state.read_only.contains(&own) || state.computed.contains_key(&own))
    });
    let own = path.clone();
    let required = Memo::new(move |_| state.with(|state| state.required.contains(&own)));
    let error = {
        let (model, path) = (model.clone(), path.clone());
        Signal::derive(move || model.problem(&path))
    };
    let leave = {
        let (model, path) = (model.clone(), path.clone());
        move || model.leave(&path)
    };
    let own = path.clone();
    let computed = Memo::new(move |_| state.with(|state| state.computed.contains_key(&own)));
    let id = control_id(&path);
    let words = spec.label.clone();
    let boolean = spec.kind == FieldKind::Boolean;
    let group = boolean
        || (spec.required
            && matches!(&spec.kind, FieldKind::Choice { options } if options.len() <= 3));
    // The checkbox says its label itself.
    let label = move || {
        if boolean {
            "\u{a0}".to_owned()
        } else {
            words.get(preferences().language()).to_owned()
        }
    };
    let help = spec.help.clone();
    let help_there = !help.is_empty();
    let help = Signal::derive(move || help.get(preferences().language()).to_owned());
    let body = StoredValue::new((spec, leave));
    view! {
        <Show when=move || visible.get()>
            <div style:grid-column=span.clone() class="form-place" class:form-place-computed=computed>
                {
                    let (spec, leave) = body.get_value();
                    let label = label.clone();
                    let id = id.clone();
                    let inner = move || view! { <ValueControl spec=spec.clone() value=value read_only=fixed on_commit=leave.clone() focus=first /> };
                    if help_there {
                        view! { <Field label=label hint=help error=error required=required group=group id=id>{inner()}</Field> }.into_any()
                    } else {
                        view! { <Field label=label error=error required=required group=group id=id>{inner()}</Field> }.into_any()
                    }
                }
                <Show when=move || computed.get()>
                    <span class="form-computed"><Drawn icon=Icon::Calculator /></span>
                </Show>
            </div>
        </Show>
    }
    .into_any()
}
