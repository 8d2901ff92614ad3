use api::approvals::Operation;
use api::customers::{ChangeCustomer, Customer};
use form::{CustomerSchema, FieldKind, FieldSpec, Medium};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::{keepers::Keepers, types};
use crate::{
    approvals,
    forms::{ValueControl, shown, shown_plain},
    kit::{Button, Drawn, Field, Icon, Look, Tone, toast, toast_with},
    loaded::Loaded,
    prefs::preferences,
    problem::{Problem, ProblemKind},
    t, tr, transport,
};

/// What is known of the customer, in two columns: click copies, double click (or Enter) edits where that is allowed, a
/// lock stands where it is not. Ids for tests: `fact-KEY`.
#[component]
pub fn Facts(customer: Loaded<Customer>, schema: Signal<Option<CustomerSchema>>) -> impl IntoView {
    let editing = RwSignal::new(None::<String>);
    view! {
        <dl class="facts">
            {move || {
                let shape = schema.get();
                let Some(known) = customer.get() else { return Vec::new() };
                match shape {
                    Some(schema) => {
                        schema
                            .fields
                            .into_iter()
                            .map(|spec| view! { <Fact customer=customer spec=spec editing=editing /> }.into_any())
                            .collect::<Vec<_>>()
                    }
                    // A type that is not published any more: its values are shown as they are.
                    None => {
                        known
                            .fields
                            .into_iter()
                            .map(|(key, value)| {
                                view! {
                                    <div class="fact">
                                        <dt class="fact-label">{key}</dt>
                                        <dd class="fact-value">{shown_plain(&value)}</dd>
                                    </div>
                                }
                                    .into_any()
                            })
                            .collect()
                    }
                }
            }}
        </dl>
        <Keepers customer=customer />
    }
}

#[component]
fn Fact(
    customer: Loaded<Customer>,
    spec: FieldSpec,
    editing: RwSignal<Option<String>>,
) -> impl IntoView {
    let key = spec.key.clone();
    let fact_id = StoredValue::new(format!("fact-{key}"));
    let spec = StoredValue::new(spec);
    let own = key.clone();
    let is_edited = Memo::new(move |_| editing.with(|editing| editing.as_ref() == Some(&own)));
    let own = key.clone();
    let hidden = Memo::new(move |_| {
        customer
            .get()
            .is_some_and(|customer| customer.hidden.contains(&own))
    });
    let own = key.clone();
    let changeable = Memo::new(move |_| {
        customer
            .get()
            .is_some_and(|customer| customer.changeable.contains(&own))
    });
    let own = key.clone();
    let value = Memo::new(move |_| {
        customer
            .get()
            .and_then(|customer| customer.fields.get(&own).cloned())
            .unwrap_or(Value::Null)
    });
    let text = Memo::new(move |_| spec.with_value(|spec| shown(spec, &value.get())));
    let copy = move || {
        let text = text.get_untracked();
        if text.is_empty() {
            return;
        }
        let promise = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                toast(t!("customer-copied", text = text));
            }
        });
    };
    let own = key.clone();
    let edit = move || {
        if changeable.get_untracked() {
            editing.set(Some(own.clone()));
        }
    };
    let edit = StoredValue::new(edit);
    let begin = move || edit.with_value(|edit| edit());
    let wide = spec.with_value(|spec| spec.kind == FieldKind::LongText);
    let icon = spec.with_value(|spec| match spec.kind {
        FieldKind::Email => Some((Icon::Mail, "channel-mail")),
        FieldKind::Phone { .. } if spec.media.contains(&Medium::Whatsapp) => {
            Some((Icon::WhatsApp, "channel-whatsapp"))
        }
        FieldKind::Phone { .. } => Some((Icon::Phone, "channel-phone")),
        _ => None,
    });
    let figures = spec.with_value(|spec| {
        spec.kind.is_exact_number()
            || matches!(spec.kind, FieldKind::Date | FieldKind::Document { .. })
    });
    view! {
        <div class="fact" class:fact-wide=wide class:fact-editing=is_edited>
            <dt class="fact-label">{move || spec.with_value(types::label)}</dt>
            <dd>
                <Show
                    when=move || is_edited.get()
                    fallback=move || {
                        view! {
                            <Show
                                when=move || !hidden.get()
                                fallback=|| {
                                    view! {
                                        <span class="fact-locked" title=t!("kit-locked")>
                                            <Drawn icon=Icon::Lock />
                                            <span>{tr!("customer-locked")}</span>
                                        </span>
                                    }
                                }
                            >
                                <button
                                    type="button"
                                    id=fact_id.get_value()
                                    class="fact-value"
                                    class:figures=figures
                                    title=move || if changeable.get() { t!("customer-fact-edit") } else { t!("customer-fact-copy") }
                                    on:click=move |_| copy()
                                    on:dblclick=move |_| begin()
                                    on:keydown=move |event| {
                                        if event.key() == "F2" || (event.key() == "Enter" && changeable.get_untracked()) {
                                            event.prevent_default();
                                            begin();
                                        }
                                    }
                                >
                                    {move || icon.filter(|_| !text.with(String::is_empty)).map(|(icon, hue)| view! { <Drawn icon=icon class=hue /> })}
                                    {move || {
                                        let text = text.get();
                                        if text.is_empty() { view! { <span class="weak">"—"</span> }.into_any() } else { view! { <span>{text}</span> }.into_any() }
                                    }}
                                </button>
                                <Show when=move || !changeable.get()>
                                    <span class="fact-fixed" title=t!("customer-fact-fixed")>
                                        <Drawn icon=Icon::Lock class="icon-small" />
                                        <span class="only-read">{tr!("customer-fact-fixed")}</span>
                                    </span>
                                </Show>
                            </Show>
                        }
                    }
                >
                    <Editor customer=customer spec=spec.get_value() first=value.get_untracked() editing=editing />
                </Show>
            </dd>
        </div>
    }
}

/// Saves a change of the customer on the screen, and shows what came of it. Somebody else's change in between is shown, too,
/// and told in the answer.
pub(super) async fn save_change(
    customer: Loaded<Customer>,
    id: kernel::Id<api::of::Customer>,
    change: &ChangeCustomer,
) -> Result<(), Problem> {
    match transport::patch(&api::path::customer(id), change).await {
        Ok(changed) => {
            customer.set(changed);
            toast(t!("customer-saved"));
            Ok(())
        }
        Err(mut wrong) => {
            if wrong.kind == ProblemKind::Conflict && wrong.code == "stale" {
                customer.again();
                wrong.sentence = t!("customer-stale");
            }
            Err(wrong)
        }
    }
}

/// One value being changed: Enter saves, Escape leaves it as it was. Somebody else's change in between is told.
#[component]
fn Editor(
    customer: Loaded<Customer>,
    spec: FieldSpec,
    first: Value,
    editing: RwSignal<Option<String>>,
) -> impl IntoView {
    let value = RwSignal::new(first.clone());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let key = spec.key.clone();
    let checked = spec.clone();
    let label = spec.label.clone();
    let save = move || {
        let Some(known) = customer.get_untracked() else {
            return;
        };
        let canonical = match checked.check(&value.get_untracked()) {
            Ok(canonical) => canonical,
            Err(wrong) => {
                problem.set(Some(locale::problem(
                    untrack(|| preferences().language()),
                    &wrong,
                )));
                return;
            }
        };
        if canonical == first {
            editing.set(None);
            return;
        }
        let mut fields = Map::new();
        fields.insert(key.clone(), canonical);
        let change = ChangeCustomer {
            version: known.version,
            fields,
            ..ChangeCustomer::default()
        };
        let field = format!("fields.{key}");
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = save_change(customer, known.id, &change).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    editing.try_set(None);
                }
                Err(wrong) if wrong.code == "stale" => {
                    problem.try_set(Some(wrong.sentence));
                }
                Err(wrong) => {
                    let asked = Operation::ChangeCustomer {
                        customer: known.id,
                        change,
                    };
                    let beyond = approvals::beyond(&wrong, asked, move || {
                        editing.try_set(None);
                    });
                    let own = wrong.fields.get(&field).cloned();
                    if own.is_none() && !beyond {
                        toast_with(wrong.sentence.clone(), Tone::Danger, None);
                    }
                    problem.try_set(Some(own.unwrap_or(wrong.sentence)));
                }
            }
        });
    };
    let save = StoredValue::new(save);
    let run = move || save.with_value(|save| save());
    let long = spec.kind == FieldKind::LongText;
    view! {
        <div
            class="fact-editor"
            on:keydown=move |event| {
                match event.key().as_str() {
                    "Escape" => {
                        event.prevent_default();
                        event.stop_propagation();
                        editing.set(None);
                    }
                    // The control reads what was typed on Enter as well, before this hears of it.
                    "Enter" if !long && !event.default_prevented() => {
                        event.prevent_default();
                        run();
                    }
                    _ => {}
                }
            }
        >
            <Field label=move || label.get(preferences().language()).to_owned() error=problem>
                <ValueControl spec=spec value=value focus=true />
            </Field>
            <div class="row">
                <Button label=tr!("kit-save") look=Look::Primary key="↵" busy=busy on_press=run />
                <Button label=tr!("kit-cancel") look=Look::Quiet key="Esc" on_press=move || editing.set(None) />
            </div>
        </div>
    }
}
