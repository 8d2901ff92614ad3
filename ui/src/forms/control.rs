use form::{FieldKind, FieldSpec};
use kernel::Moment;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsValue;

use super::shown::shown;
use crate::{
    kit::{
        Checkbox, Choice, Combobox, DateField, Icon, NumberField, RadioGroup, Select, TextArea,
        TextInput,
    },
    prefs::preferences,
    tr,
};

/// Up to so many options are shown as radio buttons, then as a list, then to be searched.
const RADIOS: usize = 3;
const LISTED: usize = 12;

/// The control for one field. `value` holds what the field holds: canonical where it can be read, else as typed (the
/// form's checks then say what is wrong with it). Stands in a [`Field`](crate::kit::Field).
#[component]
pub fn ValueControl(
    spec: FieldSpec,
    value: RwSignal<Value>,
    #[prop(optional, into)] read_only: Signal<bool>,
    #[prop(optional, into)] on_commit: Option<Callback<()>>,
    /// Takes the focus when it appears.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let commit = Callback::new(move |()| {
        if let Some(on_commit) = on_commit {
            on_commit.try_run(());
        }
    });
    let max_length = match spec.kind {
        FieldKind::Text => Some(200),
        FieldKind::LongText => Some(20_000),
        _ => None,
    };
    let max_length = spec
        .max
        .as_ref()
        .filter(|_| max_length.is_some())
        .and_then(|max| max.parse().ok())
        .or(max_length);
    let label = spec.label.clone();
    match spec.kind.clone() {
        FieldKind::LongText => {
            let text = text_of(value);
            view! { <TextArea value=text read_only=read_only max_length=max_length.unwrap_or(20_000_u32) on_commit=commit /> }.into_any()
        }
        FieldKind::Number { decimals } => {
            let text = text_of(value);
            view! { <NumberField value=text decimals=decimals.unwrap_or(4) fixed=decimals.is_some() read_only=read_only on_commit=commit /> }
                .into_any()
        }
        FieldKind::Amount { currency } => {
            let text = text_of(value);
            let unit = Signal::stored(currency.unwrap_or_default());
            view! { <NumberField value=text decimals=2_u8 unit=unit read_only=read_only on_commit=commit /> }.into_any()
        }
        FieldKind::Date => {
            let text = text_of(value);
            view! { <DateField value=text read_only=read_only on_commit=commit /> }.into_any()
        }
        FieldKind::Moment => {
            let text = local_moment(value);
            view! { <TextInput value=text kind="datetime-local" read_only=read_only on_commit=commit /> }.into_any()
        }
        FieldKind::Boolean => {
            let on = RwSignal::new(value.with_untracked(|value| value == &Value::Bool(true)));
            Effect::new(move |_| {
                let now = value.with(|value| value == &Value::Bool(true));
                if on.get_untracked() != now {
                    on.set(now);
                }
            });
            let set = move || {
                value.set(Value::Bool(on.get_untracked()));
                commit.try_run(());
            };
            view! {
                <Checkbox value=on label=move || label.get(preferences().language()).to_owned() disabled=read_only on_commit=set />
            }
                .into_any()
        }
        FieldKind::Choice { options } => {
            let count = options.len();
            let text = text_of(value);
            let options = Signal::derive(move || {
                let language = preferences().language();
                options
                    .iter()
                    .map(|option| Choice::new(option.key.clone(), option.label.get(language)))
                    .collect::<Vec<_>>()
            });
            if count <= RADIOS && spec.required {
                view! { <RadioGroup value=text options=options line=true disabled=read_only on_commit=commit /> }.into_any()
            } else if count <= LISTED {
                view! {
                    <Select value=text options=options none=tr!("value-choose") disabled=read_only on_commit=commit />
                }
                    .into_any()
            } else {
                view! { <Combobox value=text options=options disabled=read_only on_commit=commit /> }.into_any()
            }
        }
        FieldKind::Document { .. } => {
            let text = document_of(spec, value, read_only);
            view! {
                <TextInput value=text read_only=read_only on_commit=commit focus=focus max_length=max_length.unwrap_or(200_u32) />
            }
                .into_any()
        }
        kind => {
            let (input, icon) = match kind {
                FieldKind::Email => ("email", Some(Icon::Mail)),
                FieldKind::Phone { .. } => ("tel", Some(Icon::Phone)),
                _ => ("text", None),
            };
            let text = text_of(value);
            match icon {
                Some(icon) => {
                    view! { <TextInput value=text kind=input icon=icon read_only=read_only on_commit=commit focus=focus /> }.into_any()
                }
                None => {
                    view! {
                        <TextInput
                            value=text
                            kind=input
                            read_only=read_only
                            on_commit=commit
                            focus=focus
                            max_length=max_length.unwrap_or(200_u32)
                        />
                    }
                        .into_any()
                }
            }
        }
    }
}

/// A document's number: as people read it where it only stands there, as it is kept where it can be changed.
fn document_of(
    spec: FieldSpec,
    value: RwSignal<Value>,
    read_only: Signal<bool>,
) -> RwSignal<String> {
    let kept = text_of(value);
    let text = RwSignal::new(String::new());
    Effect::new(move |_| {
        let now = if read_only.get() {
            value.with(|value| shown(&spec, value))
        } else {
            kept.get()
        };
        if text.with_untracked(|text| *text != now) {
            text.set(now);
        }
    });
    Effect::new(move |before: Option<()>| {
        let now = text.get();
        if before.is_some()
            && !read_only.get_untracked()
            && kept.with_untracked(|kept| *kept != now)
        {
            kept.set(now);
        }
    });
    text
}

/// The value as text, both ways: what is typed becomes the value, what is computed or read anew becomes the text.
fn text_of(value: RwSignal<Value>) -> RwSignal<String> {
    let read = move |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let text = RwSignal::new(value.with_untracked(read));
    Effect::new(move |_| {
        let now = value.with(read);
        if text.with_untracked(|text| *text != now) {
            text.set(now);
        }
    });
    Effect::new(move |before: Option<()>| {
        let now = text.get();
        if before.is_some() && value.with_untracked(read) != now {
            value.set(if now.is_empty() {
                Value::Null
            } else {
                Value::String(now)
            });
        }
    });
    text
}

/// An instant as the browser's own control wants it: local, without a zone (`2026-11-21T10:15`).
fn local_moment(value: RwSignal<Value>) -> RwSignal<String> {
    let to_local = |value: &Value| {
        let Some(at) = value.as_str().and_then(|text| text.parse::<Moment>().ok()) else {
            return String::new();
        };
        let ms = crate::moment::ms(at);
        let date = js_sys::Date::new(&JsValue::from_f64(ms));
        let shifted = ms - date.get_timezone_offset() * 60_000.0;
        let text = String::from(js_sys::Date::new(&JsValue::from_f64(shifted)).to_iso_string());
        text.get(..16).unwrap_or_default().to_owned()
    };
    let text = RwSignal::new(value.with_untracked(to_local));
    Effect::new(move |_| {
        let now = value.with(to_local);
        if text.with_untracked(|text| *text != now) {
            text.set(now);
        }
    });
    Effect::new(move |before: Option<()>| {
        let typed = text.get();
        if before.is_none() || value.with_untracked(to_local) == typed {
            return;
        }
        let ms = js_sys::Date::parse(&typed);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a date's milliseconds are whole and within i64"
        )]
        value.set(if ms.is_finite() {
            Value::String(Moment::from_millis(ms as i64).to_string())
        } else {
            Value::Null
        });
    });
    text
}
