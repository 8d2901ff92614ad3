//! A form in the making: its places in order, what is chosen of them, and beside it the form as the agent will see it.

mod panel;
mod place;
mod preview;

use form::{
    FieldKind, FieldSpec, Form, Words,
    form::{CustomerField, Item, Section, Source},
};
use leptos::prelude::*;

use super::{
    bound::free_key,
    draft::Draft,
    field_editor::kind_icon,
    head::Head,
    item_list::{ItemList, Line},
    known::Known,
    problems::Problems,
};
use crate::{
    kit::{Button, Choice, Icon, Look, Menu, MenuItem, SplitPane},
    prefs::preferences,
    t, tr,
};

use panel::Panel;
use place::{Place, places};
use preview::Preview;

/// A form that is a definition of its own.
#[component]
pub fn FormPage(
    draft: Draft,
    known: Known,
    #[prop(into)] on_reread: Callback<()>,
) -> impl IntoView {
    let form = Signal::derive(move || draft.typed::<Form>().unwrap_or_default());
    let chosen = RwSignal::new(0_usize);
    let go = move |place: String| {
        if let Some(at) = form.with_untracked(|form| place::of_path(form, &place)) {
            chosen.set(at);
        }
    };
    view! {
        <div class="editor">
            <Head draft=draft on_reread=on_reread />
            <div class="editor-main">
                <FormEditor
                    form=form
                    known=known
                    chosen=chosen
                    on_change={move |what: &'static str, changed: Form| draft.edit::<Form>(what, |form| *form = changed)}
                />
                <Problems problems=draft.problems on_go=go />
            </div>
        </div>
    }
}

/// The editor itself, for a form wherever it is kept. Ids for tests: `form-add-field`, `form-places`.
#[component]
pub fn FormEditor(
    #[prop(into)] form: Signal<Form>,
    known: Known,
    chosen: RwSignal<usize>,
    #[prop(into)] on_change: Callback<(&'static str, Form)>,
) -> impl IntoView {
    let fields = Signal::derive(move || {
        known.fields(form.with(|form| form.customer_type.clone()).as_deref())
    });
    let edit = move |what: &'static str, change: Box<dyn FnOnce(&mut Form)>| {
        let mut changed = form.get_untracked();
        change(&mut changed);
        on_change.run((what, changed));
    };
    let wrong = Memo::new(move |_| {
        let fields = fields.get();
        form.with(|form| form.problems(Some(&fields)))
    });
    let lines = Signal::derive(move || {
        let language = preferences().language();
        let wrong = wrong.get();
        form.with(|form| {
            places(form)
                .into_iter()
                .map(|place| {
                    let path = place.path();
                    let wrong = wrong.iter().any(|problem| match place {
                        Place::Section(_) => {
                            problem.field.starts_with(&path) && !problem.field.contains(".items[")
                        }
                        Place::Item(..) => problem.field.starts_with(&path),
                    });
                    Line {
                        wrong,
                        ..line(form, place, &fields.get(), language)
                    }
                })
                .collect::<Vec<_>>()
        })
    });
    // After adding: the new line is chosen.
    let choose_place = move |wanted: Place| {
        if let Some(at) =
            form.with_untracked(|form| places(form).iter().position(|place| *place == wanted))
        {
            chosen.set(at);
        }
    };
    let here =
        move || form.with_untracked(|form| places(form).get(chosen.get_untracked()).copied());
    let add = move |source: Source| {
        let at = match here() {
            Some(Place::Item(section, item)) => (section, item + 1),
            Some(Place::Section(section)) => (section, 0),
            None => (0, 0),
        };
        edit(
            "add",
            Box::new(move |form| {
                if form.sections.is_empty() {
                    form.sections.push(section(form));
                }
                let section = &mut form.sections[at.0];
                section
                    .items
                    .insert(at.1.min(section.items.len()), Item::new(source));
            }),
        );
        choose_place(Place::Item(at.0, at.1));
    };
    let add_field = move || {
        let key = form.with_untracked(|form| {
            free_key("campo", |key| {
                form.own_fields().any(|field| field.key == key)
            })
        });
        let number = form.with_untracked(|form| form.own_fields().count()) + 1;
        let label = Words::new(format!("Campo {number}"), format!("Field {number}"));
        add(Source::Field(FieldSpec::new(key, label, FieldKind::Text)));
    };
    let add_section = move || {
        let at = form.with_untracked(|form| form.sections.len());
        edit(
            "add",
            Box::new(|form| {
                let section = section(form);
                form.sections.push(section);
            }),
        );
        choose_place(Place::Section(at));
    };
    crate::kit::shortcut("Alt+N", Signal::derive(|| t!("form-add-field")), add_field);
    let customer_items = Signal::derive(move || {
        let language = preferences().language();
        let there = form.with(|form| form.items().filter_map(Item::path).collect::<Vec<_>>());
        fields
            .get()
            .into_iter()
            .filter(|field| !there.contains(&format!("customer.{}", field.key)))
            .map(|field| {
                let key = field.key.clone();
                let label = field.label.get(language).to_owned();
                MenuItem::act(Signal::stored(label), kind_icon(&field.kind), move || {
                    add(Source::Customer(CustomerField {
                        field: key.clone(),
                        editable: false,
                    }));
                })
            })
            .collect::<Vec<_>>()
    });
    let moved = move |at: usize, down: bool| {
        let Some(place) = form.with_untracked(|form| places(form).get(at).copied()) else {
            return;
        };
        let to = form.with_untracked(|form| place::after_move(form, place, down));
        if let Some(to) = to {
            edit(
                "move",
                Box::new(move |form| place::move_to(form, place, to)),
            );
            choose_place(to);
        }
    };
    let removed = move |at: usize| {
        let Some(place) = form.with_untracked(|form| places(form).get(at).copied()) else {
            return;
        };
        edit("remove", Box::new(move |form| place::remove(form, place)));
        let count = form.with_untracked(|form| places(form).len());
        chosen.set(at.min(count.saturating_sub(1)));
    };
    let types = Signal::derive(move || known.choices("customer_type"));
    let offering = RwSignal::new(false);
    let list = move || {
        view! {
            <div class="form-places">
                <div class="form-places-tools">
                    <Button id="form-add-field" label=tr!("form-add-field") icon=Icon::Plus look=Look::Quiet on_press=add_field />
                    <Show when=move || !fields.with(Vec::is_empty)>
                        <Menu open=offering items=customer_items label=tr!("form-add-customer-field")>
                            <Button label=tr!("form-customer-short") icon=Icon::Plus look=Look::Quiet on_press=move || offering.update(|open| *open = !*open) />
                        </Menu>
                    </Show>
                    <Button label=tr!("form-add-section") look=Look::Quiet on_press=add_section />
                    <Button label=tr!("form-add-note") look=Look::Quiet on_press=move || add(Source::Note(Words::new("Texto", "Text"))) />
                </div>
                <div class="editor-scroll">
                    <ItemList id="form-places" lines=lines chosen=chosen label=tr!("form-places") on_move=moved on_remove=removed />
                </div>
            </div>
        }
    };
    let middle = move || {
        view! {
            <div class="form-preview-pane">
                <p class="form-preview-head small weak">{tr!("form-preview")}</p>
                <div class="editor-scroll">
                    <Preview form=form fields=fields />
                </div>
            </div>
        }
    };
    let place = Memo::new(move |_| {
        let at = chosen.get();
        form.with(|form| places(form).get(at).copied())
    });
    let side = move || {
        view! {
            <div class="editor-panel">
                <Panel form=form place=place fields=fields problems=wrong types=types on_change=on_change />
            </div>
        }
    };
    let left = StoredValue::new(ViewFn::from(list));
    let centre = StoredValue::new(ViewFn::from(middle));
    let inner = move || {
        view! { <SplitPane name="designer.form.places" side=left.get_value() main=centre.get_value() width=280.0 least=200.0 label=tr!("form-places") /> }
    };
    view! {
        <div class="editor-body">
            <SplitPane name="designer.form.panel" side=side main=inner width=360.0 at_end=true label=tr!("designer-properties") />
        </div>
    }
}

/// A new section, under a key that the form does not have.
fn section(form: &Form) -> Section {
    let number = form.sections.len() + 1;
    Section {
        key: free_key("section", |key| {
            form.sections.iter().any(|section| section.key == key)
        }),
        title: Words::new(format!("Sección {number}"), format!("Section {number}")),
        columns: 2,
        visible: None,
        items: Vec::new(),
    }
}

fn line(form: &Form, place: Place, fields: &[FieldSpec], language: kernel::Language) -> Line {
    let plain = |label: String, hint: String, icon: Icon, deep: bool| Line {
        label,
        hint,
        icon,
        deep,
        wrong: false,
    };
    match place {
        Place::Section(at) => {
            let section = &form.sections[at];
            plain(
                section.title.get(language).to_owned(),
                String::new(),
                Icon::Rows,
                false,
            )
        }
        Place::Item(section, at) => match &form.sections[section].items[at].source {
            Source::Field(field) => plain(
                field.label.get(language).to_owned(),
                String::new(),
                kind_icon(&field.kind),
                true,
            ),
            Source::Customer(bound) => {
                let known = fields.iter().find(|field| field.key == bound.field);
                let label = known.map_or_else(
                    || bound.field.clone(),
                    |field| field.label.get(language).to_owned(),
                );
                let hint = if bound.editable {
                    t!("form-customer-editable")
                } else {
                    t!("form-customer")
                };
                plain(
                    label,
                    hint,
                    known.map_or(Icon::User, |field| kind_icon(&field.kind)),
                    true,
                )
            }
            Source::Note(words) => plain(
                words.get(language).to_owned(),
                t!("form-note"),
                Icon::Note,
                true,
            ),
        },
    }
}

/// Spans and columns as choices.
fn numbers(most: u8) -> Vec<Choice> {
    (1..=most)
        .map(|n| Choice::new(n.to_string(), n.to_string()))
        .collect()
}
