use form::{CustomerSchema, FieldKind, FieldSpec, Words};
use leptos::prelude::*;

use super::{
    bound::{WordsInput, bound, free_key},
    draft::Draft,
    field_editor::{FieldEditor, kind_icon, kind_name, swap},
    head::{Head, rename},
    item_list::{ItemList, Line},
    problems::Problems,
};
use crate::{
    kit::{Button, Choice, EmptyState, Field, Icon, IconButton, Select, SplitPane, shortcut},
    prefs::preferences,
    t, tr,
};

/// A customer type: its names, and its fields in their order. Ids for tests: `add-field`, `fields`.
#[component]
pub fn CustomerTypeEditor(draft: Draft, #[prop(into)] on_reread: Callback<()>) -> impl IntoView {
    let schema = Memo::new(move |_| draft.typed::<CustomerSchema>().unwrap_or_default());
    // Fields of the published version keep key and kind; those added since do not.
    let published = StoredValue::new(
        if draft.published.get_untracked().is_some() && !draft.differs.get_untracked() {
            schema
                .get_untracked()
                .fields
                .iter()
                .map(|field| field.key.clone())
                .collect::<Vec<_>>()
        } else {
            Vec::new()
        },
    );
    Effect::new(move |_| {
        if draft.published.get().is_some() && !draft.differs.get() {
            published.set_value(schema.with_untracked(|schema| {
                schema
                    .fields
                    .iter()
                    .map(|field| field.key.clone())
                    .collect()
            }));
        }
    });
    let chosen = RwSignal::new(0_usize);
    let edit = move |what: &'static str, change: Box<dyn FnOnce(&mut CustomerSchema)>| {
        draft.edit::<CustomerSchema>(what, change);
    };
    let add = move || {
        edit(
            "add",
            Box::new(move |schema| {
                let key = free_key("campo", |key| schema.field(key).is_some());
                let number = schema.fields.len() + 1;
                let label = Words::new(format!("Campo {number}"), format!("Field {number}"));
                let mut field = FieldSpec::new(key, label, FieldKind::Text);
                if schema.fields.is_empty() {
                    field.required = true;
                    field.searchable = true;
                    schema.title = vec![field.key.clone()];
                }
                schema.fields.push(field);
            }),
        );
        chosen.set(schema.with_untracked(|schema| schema.fields.len().saturating_sub(1)));
        // On to its label.
        request_animation_frame(|| {
            if let Some(input) = document().get_element_by_id("field-label-es") {
                let input: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(input);
                let _ = input.focus();
                input.select();
            }
        });
    };
    shortcut("Alt+N", Signal::derive(|| t!("type-add-field")), add);
    let lines = Signal::derive(move || {
        let language = preferences().language();
        let wrong = draft
            .problems
            .with(|problems| problems.iter().map(|p| p.field.clone()).collect::<Vec<_>>());
        schema.with(|schema| {
            schema
                .fields
                .iter()
                .enumerate()
                .map(|(at, field)| Line {
                    label: field.label.get(language).to_owned(),
                    hint: facts(field),
                    icon: kind_icon(&field.kind),
                    deep: false,
                    wrong: wrong
                        .iter()
                        .any(|place| place.starts_with(&format!("fields[{at}]"))),
                })
                .collect::<Vec<_>>()
        })
    });
    let go = move |place: String| {
        let at = place
            .strip_prefix("fields[")
            .and_then(|rest| rest.split_once(']'))
            .and_then(|(at, _)| at.parse().ok());
        if let Some(at) = at {
            chosen.set(at);
        }
    };
    let main = move || {
        view! {
            <div class="editor-main">
                <div class="editor-scroll pad stack">
                    <Names draft=draft schema=schema />
                    <div class="row">
                        <h2 class="grow">{tr!("type-fields")}</h2>
                        <Button id="add-field" label=tr!("type-add-field") icon=Icon::Plus key="Alt+N" on_press=add />
                    </div>
                    <div class="surface">
                        <ItemList
                            id="fields"
                            lines=lines
                            chosen=chosen
                            label=tr!("type-fields")
                            on_move=move |at: usize, down: bool| {
                                edit("move", Box::new(move |schema| swap(&mut schema.fields, at, down)));
                                let count = schema.with_untracked(|schema| schema.fields.len());
                                chosen.set(if down { (at + 1).min(count.saturating_sub(1)) } else { at.saturating_sub(1) });
                            }
                            on_remove=move |at: usize| {
                                edit("remove", Box::new(move |schema| {
                                    if at < schema.fields.len() {
                                        let gone = schema.fields.remove(at);
                                        schema.title.retain(|key| *key != gone.key);
                                    }
                                }));
                                let count = schema.with_untracked(|schema| schema.fields.len());
                                chosen.set(at.min(count.saturating_sub(1)));
                            }
                        />
                        <Show when=move || schema.with(|schema| schema.fields.is_empty())>
                            <EmptyState icon=Icon::IdCard title=tr!("type-no-fields") text=Signal::derive(|| t!("type-no-fields-text")) />
                        </Show>
                    </div>
                    <p class="small weak">{tr!("designer-order-hint")}</p>
                </div>
                <Problems problems=draft.problems on_go=go />
            </div>
        }
    };
    let there = Memo::new(move |_| {
        let at = chosen.get();
        schema.with(|schema| schema.fields.get(at).map(|_| at))
    });
    let side = move || {
        view! {
            <div class="editor-panel">
                {move || {
                    there
                        .get()
                        .map(|at| {
                            let value = Signal::derive(move || {
                                schema.with(|schema| schema.fields.get(at).cloned()).unwrap_or_else(|| FieldSpec::new("", Words::default(), FieldKind::Text))
                            });
                            let fixed = Signal::derive(move || {
                                value.with(|field| published.with_value(|keys| keys.contains(&field.key)))
                            });
                            view! {
                                <div class="row">
                                    <h2 class="grow cut">{move || value.with(|field| field.label.get(preferences().language()).to_owned())}</h2>
                                    <IconButton
                                        icon=Icon::Trash
                                        label=tr!("designer-remove")
                                        on_press=move || {
                                            edit("remove", Box::new(move |schema| {
                                                if at < schema.fields.len() {
                                                    let gone = schema.fields.remove(at);
                                                    schema.title.retain(|key| *key != gone.key);
                                                }
                                            }));
                                            chosen.set(at.saturating_sub(1));
                                        }
                                    />
                                </div>
                                <FieldEditor
                                    value=value
                                    fixed=fixed
                                    on_change=move |field: FieldSpec| {
                                        edit("field", Box::new(move |schema| {
                                            let Some(own) = schema.fields.get_mut(at) else { return };
                                            let before = std::mem::replace(own, field);
                                            // Who names the customer by this field keeps doing so under its new key.
                                            let now = schema.fields[at].key.clone();
                                            for key in schema.title.iter_mut().filter(|key| **key == before.key) {
                                                key.clone_from(&now);
                                            }
                                        }));
                                    }
                                />
                            }
                        })
                }}
            </div>
        }
    };
    view! {
        <div class="editor">
            <Head draft=draft on_reread=on_reread />
            <div class="editor-body">
                <SplitPane name="designer.type" side=side main=main width=380.0 at_end=true label=tr!("designer-properties") />
            </div>
        </div>
    }
}

/// Names, icon and the field that names a customer.
#[component]
fn Names(draft: Draft, schema: Memo<CustomerSchema>) -> impl IntoView {
    let title = bound(
        move || schema.with(|schema| schema.title.first().cloned().unwrap_or_default()),
        move |key| draft.edit::<CustomerSchema>("title", |schema| schema.title = vec![key]),
    );
    let texts = Signal::derive(move || {
        let language = preferences().language();
        schema.with(|schema| {
            schema
                .fields
                .iter()
                .filter(|field| field.kind == FieldKind::Text)
                .map(|field| Choice::new(&field.key, field.label.get(language)))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <div class="triple">
            <WordsInput id="type-name" label=tr!("designer-name") value=Signal::derive(move || schema.with(|schema| schema.name.clone())) on_change=move |words: Words| rename(draft, words) />
            <WordsInput
                label=tr!("type-plural")
                value=Signal::derive(move || schema.with(|schema| schema.plural.clone()))
                on_change={move |words: Words| draft.edit::<CustomerSchema>("plural", |schema| schema.plural = words)}
            />
            <Field label=tr!("type-title") hint=Signal::derive(|| t!("type-title-hint"))>
                <Select value=title options=texts none=Signal::derive(|| t!("designer-choose")) />
            </Field>
        </div>
    }
}

/// Kind and what is special of a field, in a line.
fn facts(field: &FieldSpec) -> String {
    let mut facts = vec![kind_name(field.kind.word())];
    if field.required {
        facts.push(t!("field-required-short"));
    }
    if field.unique {
        facts.push(t!("field-unique-short"));
    }
    if field.searchable {
        facts.push(t!("field-searchable-short"));
    }
    if field.sensitive {
        facts.push(t!("field-sensitive-short"));
    }
    facts.join(" · ")
}
