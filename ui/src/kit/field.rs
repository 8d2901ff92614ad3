use leptos::{context::Provider, prelude::*};

use super::{Drawn, Icon, fresh_id};

/// What a [`Field`] tells the control inside it.
#[derive(Clone)]
pub struct FieldContext {
    pub id: String,
    pub described_by: Signal<Option<String>>,
    pub invalid: Signal<bool>,
    pub required: Signal<bool>,
    /// The id that the label points to: of the control, where that brings its own.
    named: Option<RwSignal<String>>,
}

/// The id and descriptions for a control: those of the field around it, or its own when it stands alone.
pub fn field_context(own: Option<String>) -> FieldContext {
    let mut context = use_context::<FieldContext>().unwrap_or_else(|| FieldContext {
        id: fresh_id("control"),
        described_by: Signal::stored(None),
        invalid: Signal::stored(false),
        required: Signal::stored(false),
        named: None,
    });
    if let Some(own) = own {
        if let Some(named) = context.named {
            named.set(own.clone());
        }
        context.id = own;
    }
    context
}

/// Label above, control, then a hint or what is wrong. Every control that takes a value stands in one, except in bars
/// where the control's own `label` names it.
///
/// The error says what is wrong and what to do; it replaces the hint, so that the page does not jump twice.
#[component]
pub fn Field(
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] hint: Option<Signal<String>>,
    #[prop(optional, into)] error: Option<Signal<Option<String>>>,
    #[prop(optional, into)] required: Signal<bool>,
    /// The control's id; made up when absent.
    #[prop(optional, into)]
    id: Option<String>,
    /// For groups (radio buttons) there is no single control that the label could point to.
    #[prop(optional)]
    group: bool,
    children: Children,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| fresh_id("field"));
    let error = Signal::derive(move || error.and_then(|error| error.get()));
    let note = format!("{id}-note");
    let described_by = {
        let note = note.clone();
        Signal::derive(move || {
            (hint.is_some() || error.with(Option::is_some)).then(|| note.clone())
        })
    };
    let named = RwSignal::new(id.clone());
    // For what stands inside, and for nothing else: a context of the page's owner would reach the next control without a
    // field, and outlive what it points to.
    let context = FieldContext {
        id: id.clone(),
        described_by,
        invalid: Signal::derive(move || error.with(Option::is_some)),
        required,
        named: Some(named),
    };
    // A box says its label itself, with its star.
    let said_inside = move || label.with(|label| label.trim().is_empty());
    let needed = move || {
        (required.get() && !said_inside())
            .then(|| view! { <span class="field-needed" aria-hidden="true">"*"</span> })
    };
    let label_id = format!("{id}-label");
    let head = if group {
        view! { <span class="field-label" id=label_id>{label}{needed}</span> }.into_any()
    } else {
        view! { <label class="field-label" id=label_id for=named>{label}{needed}</label> }
            .into_any()
    };
    view! {
        <div class="field">
            {head}
            <Provider value=context>{children()}</Provider>
            {move || match error.get() {
                Some(error) => Some(
                    view! {
                        <p class="field-error" id=note.clone() role="alert">
                            <Drawn icon=Icon::CircleAlert />
                            <span>{error}</span>
                        </p>
                    }
                        .into_any(),
                ),
                None => hint.map(|hint| view! { <p class="field-hint" id=note.clone()>{hint}</p> }.into_any()),
            }}
        </div>
    }
}
