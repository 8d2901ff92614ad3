//! A process: its drawing, what an activity is bound to, and the forms that only it uses.

mod binding;
mod canvas;
mod clipboard;
mod duration;
mod edits;
mod event;
mod hand;
mod kinds;
mod label;
mod marks;
mod overlay;
mod pad;
mod palette;
mod panel;
mod rule;
mod scope;
mod shape;
mod snap;
mod stage;
mod view;
mod walk;
mod who;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use flow::{
    Definitions, Process,
    edit::{Command, Editor},
    lint::{self, Finding, Severity},
    model::FormRef,
    scene,
};
use form::Form;
use leptos::prelude::*;
use serde_json::Value;

use super::{draft::Draft, form_editor::FormEditor, head::Head, known::Known, problems::Problems};
use crate::{
    kit::{Button, Choice, EmptyState, Icon, Look, Select, SplitPane, Tone, shortcut, toast_with},
    prefs::preferences,
    t, tr,
};

use canvas::{Aim, Canvas};
use palette::Choosing;
use panel::Panel;
use stage::Stage;
use view::View;

/// The document as it is parsed. Two are equal when they are the same parse.
#[derive(Clone)]
struct Document(Arc<Definitions>);

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Document {
    /// Keys of the forms that are not the process's own.
    fn shared_forms(&self) -> BTreeSet<String> {
        let elements = self
            .0
            .processes
            .iter()
            .flat_map(|process| &process.elements);
        let form = |element: &flow::model::Element| match element.binding.as_ref()?.form.as_ref()? {
            FormRef::Key(key) => Some(key.clone()),
            FormRef::Inline(_) => None,
        };
        elements.filter_map(form).collect()
    }
}

/// What every part of the editor works on.
#[derive(Clone, Copy)]
pub struct Work {
    draft: Draft,
    known: Known,
    document: Memo<Option<Document>>,
    /// What the last step made, so that its text is not parsed again.
    written: StoredValue<Option<(String, Document)>>,
    /// Id of the element that is chosen.
    pub chosen: RwSignal<Option<String>>,
    /// What is selected besides.
    pub also: RwSignal<Vec<String>>,
    /// Walking adds to the selection instead of moving it.
    marking: StoredValue<bool>,
    stage: Stage,
    sight: RwSignal<View>,
    /// Said to screen readers.
    say: RwSignal<String>,
    /// The element whose name is being written.
    naming: RwSignal<Option<String>>,
    choosing: RwSignal<Option<Choosing>>,
    aim: RwSignal<Option<Aim>>,
    /// What is doubtful about the drawing.
    findings: RwSignal<Vec<Finding>>,
    /// Elements with something wrong, and whether it hinders publishing.
    faults: Memo<Vec<(String, bool)>>,
    /// What is wrong with the chosen element is shown beside it.
    explained: RwSignal<bool>,
    pasted: StoredValue<u32>,
    pasting: StoredValue<bool>,
    /// Key of the process's own form that is being edited instead of the drawing.
    pub form: RwSignal<Option<String>>,
}

impl Work {
    fn new(draft: Draft, known: Known) -> Self {
        let text = Memo::new(move |_| {
            draft.body.with(|body| {
                body.get("bpmn")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            })
        });
        let written = StoredValue::new(None::<(String, Document)>);
        let document = Memo::new(move |_| {
            text.with(|text| {
                let made = written.with_value(|written| {
                    let (known, document) = written.as_ref()?;
                    (known == text).then(|| document.clone())
                });
                made.or_else(|| Some(Document(Arc::new(flow::xml::read(text).ok()?))))
            })
        });
        let findings = RwSignal::new(Vec::<Finding>::new());
        let check = crate::kit::debounced(250, move |(document, sight): (Document, _)| {
            let found = lint::lint_seen(&document.0, Option::<lint::Sight>::as_ref(&sight));
            findings.try_set(found);
        });
        let own = Memo::new(move |_| {
            let forms = draft.body.with(|body| body.get("forms").cloned());
            serde_json::from_value::<Vec<Form>>(forms.unwrap_or_default()).unwrap_or_default()
        });
        Effect::new(move |_| {
            if let Some(document) = document.get() {
                let shared = document.shared_forms().into_iter();
                let sight = own.with(|own| known.sight(own, shared));
                check((document, sight));
            }
        });
        let faults = Memo::new(move |_| {
            let mut all: BTreeMap<String, bool> = BTreeMap::new();
            findings.with(|findings| {
                for finding in findings {
                    if finding.severity != Severity::Hint {
                        let hard = all.entry(finding.element.to_string()).or_default();
                        *hard |= finding.severity == Severity::Error;
                    }
                }
            });
            draft.problems.with(|problems| {
                for problem in problems {
                    all.insert(problem.field.clone(), true);
                }
            });
            all.into_iter().collect::<Vec<_>>()
        });
        Self {
            draft,
            known,
            document,
            written,
            chosen: RwSignal::new(None),
            also: RwSignal::new(Vec::new()),
            marking: StoredValue::new(false),
            stage: Stage::new(),
            sight: RwSignal::new(View::default()),
            say: RwSignal::new(String::new()),
            naming: RwSignal::new(None),
            choosing: RwSignal::new(None),
            aim: RwSignal::new(None),
            findings,
            faults,
            explained: RwSignal::new(false),
            pasted: StoredValue::new(0),
            pasting: StoredValue::new(false),
            form: RwSignal::new(None),
        }
    }

    /// The document, followed; `None` where the text is not one.
    fn document(&self) -> Option<Arc<Definitions>> {
        self.document.get().map(|document| document.0)
    }

    /// The process that runs, followed.
    fn with_process<T>(&self, read: impl FnOnce(&Process) -> T) -> Option<T> {
        let document = self.document()?;
        let named = self.text("process_id");
        let process = match named.as_str() {
            "" => document.runnable().next(),
            id => document.process(id),
        };
        process.map(read)
    }

    /// A plain entry of the body, followed; empty where it is absent.
    fn text(&self, name: &'static str) -> String {
        self.draft.body.with(|body| {
            body.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        })
    }

    fn set_text(&self, name: &'static str, text: String) {
        self.draft.change(name, |body| {
            if let Value::Object(body) = body {
                if text.is_empty() {
                    body.remove(name);
                } else {
                    body.insert(name.to_owned(), Value::String(text));
                }
            }
        });
    }

    /// Forms of the process itself, followed.
    fn forms(&self) -> Vec<Form> {
        let forms = self
            .draft
            .body
            .with(|body| body.get("forms").cloned().unwrap_or_default());
        serde_json::from_value(forms).unwrap_or_default()
    }

    fn set_forms(&self, what: &'static str, change: impl FnOnce(&mut Vec<Form>)) {
        let mut forms = untrack(|| self.forms());
        change(&mut forms);
        let Ok(forms) = serde_json::to_value(forms) else {
            return;
        };
        self.draft.change(what, |body| {
            if let Value::Object(body) = body {
                body.insert("forms".to_owned(), forms);
            }
        });
    }

    /// Changes the document by commands, as one step. A refusal is told where it happens.
    fn apply(&self, what: &'static str, commands: Vec<Command>) -> bool {
        let Some(document) = untrack(|| self.document()) else {
            return false;
        };
        let mut editor = Editor::new((*document).clone());
        match editor.execute_all(commands) {
            Ok(_) => {
                let text = flow::xml::write(editor.definitions());
                let made = Document(Arc::new(editor.into_definitions()));
                self.written.set_value(Some((text.clone(), made)));
                self.draft.change(what, |body| {
                    if let Value::Object(body) = body {
                        body.insert("bpmn".to_owned(), Value::String(text));
                    }
                });
                true
            }
            Err(refusal) => {
                let why = refusal.sentence(preferences().language());
                self.say.set(why.clone());
                toast_with(why, Tone::Warning, None);
                false
            }
        }
    }
}

/// Ids for tests: `canvas`, `element-ID` for each shape, `process-panel`.
#[component]
pub fn ProcessEditor(
    draft: Draft,
    known: Known,
    #[prop(into)] on_reread: Callback<()>,
) -> impl IntoView {
    let work = Work::new(draft, known);
    let plane = RwSignal::new(String::new());
    let drawings = Memo::new(move |_| {
        work.document()
            .map(|document| scene::scene(&document).drawings)
            .unwrap_or_default()
    });
    let drawing = Memo::new(move |_| {
        let wanted = plane.get();
        drawings.with(|drawings| {
            let chosen = drawings
                .iter()
                .find(|drawing| drawing.id.as_deref() == Some(wanted.as_str()));
            chosen.or_else(|| drawings.first()).cloned()
        })
    });
    let planes = Signal::derive(move || {
        drawings.with(|drawings| {
            drawings
                .iter()
                .enumerate()
                .map(|(at, drawing)| {
                    let name = if drawing.name.is_empty() {
                        t!("process-diagram", number = at as i64 + 1)
                    } else {
                        drawing.name.clone()
                    };
                    Choice::new(drawing.id.as_deref().unwrap_or_default(), name)
                })
                .collect::<Vec<_>>()
        })
    });
    let go = move |place: String| {
        if let Some(rest) = place.strip_prefix("forms.") {
            let key = rest.split('.').next().unwrap_or_default().to_owned();
            work.form.set(Some(key));
            return;
        }
        work.form.set(None);
        let there = untrack(|| work.document()).is_some_and(|document| {
            document.element(&place).is_some()
                || document.flow(&place).is_some()
                || document
                    .processes
                    .iter()
                    .any(|p| p.lanes.iter().any(|lane| *lane.id == *place))
        });
        work.explained.set(true);
        work.select(there.then_some(place).into_iter().collect());
    };
    let drawn = Memo::new(move |_| drawing.with(Option::is_some));
    let readable = Memo::new(move |_| work.document().is_some());
    let main = move || {
        view! {
            <div class="editor-main">
                {move || match drawn.get() {
                    true => view! { <Canvas drawing=drawing work=work /> }.into_any(),
                    false if !readable.get() => {
                        view! {
                            <EmptyState icon=Icon::TriangleAlert title=tr!("process-unreadable") text=Signal::derive(|| t!("process-unreadable-text")) />
                        }
                            .into_any()
                    }
                    false => {
                        view! {
                            <EmptyState icon=Icon::Workflow title=tr!("process-no-diagram") text=Signal::derive(|| t!("process-no-diagram-text"))>
                                <Button label=tr!("process-layout") look=Look::Primary on_press=move || { work.apply("layout", vec![Command::Layout]); } />
                            </EmptyState>
                        }
                            .into_any()
                    }
                }}
                <Problems problems=draft.problems on_go=go more=Signal::derive(move || work.findings.with(Vec::len))>
                    <Doubts work=work />
                </Problems>
            </div>
        }
    };
    let side =
        move || view! { <div class="editor-panel" id="process-panel"><Panel work=work /></div> };
    let tools = ViewFn::from(move || {
        view! {
            <Show when=move || planes.with(|planes| planes.len() > 1) && work.form.with(Option::is_none)>
                <Select value=plane options=planes label=tr!("process-diagrams") />
            </Show>
        }
    });
    let diagram = StoredValue::new((ViewFn::from(main), ViewFn::from(side)));
    view! {
        <div class="editor">
            <Head draft=draft on_reread=on_reread tools=tools />
            {move || match work.form.get() {
                None => {
                    let (main, side) = diagram.get_value();
                    view! {
                        <div class="editor-body">
                            <SplitPane name="designer.process" side=side main=main width=340.0 at_end=true label=tr!("designer-properties") />
                        </div>
                    }
                        .into_any()
                }
                Some(key) => view! { <OwnForm work=work key=key /> }.into_any(),
            }}
        </div>
    }
}

/// What is doubtful, each line leading to its element, with its mend.
#[component]
fn Doubts(work: Work) -> impl IntoView {
    view! {
        {move || {
            work.findings
                .get()
                .into_iter()
                .map(|finding| {
                    let id = finding.element.to_string();
                    view! {
                        <li class="designer-doubt" on:dblclick=move |_| work.select_one(&id)>
                            <pad::FindingLine work=work finding=finding />
                        </li>
                    }
                })
                .collect_view()
        }}
    }
}

/// A form of the process itself, in the place of the drawing.
#[component]
fn OwnForm(work: Work, key: String) -> impl IntoView {
    let own = StoredValue::new(key);
    let back = move || work.form.set(None);
    shortcut("Escape", Signal::derive(|| t!("process-back")), back);
    let form = Signal::derive(move || {
        own.with_value(|key| work.forms().into_iter().find(|form| form.key == *key))
            .unwrap_or_default()
    });
    let chosen = RwSignal::new(0_usize);
    view! {
        <div class="editor-main">
            <div class="own-form-head">
                <Button label=tr!("process-back") icon=Icon::ArrowLeft look=Look::Quiet key="Esc" on_press=back />
                <span class="strong cut">{move || form.with(|form| form.name.get(preferences().language()).to_owned())}</span>
            </div>
            <FormEditor
                form=form
                known=work.known
                chosen=chosen
                on_change=move |what: &'static str, changed: Form| {
                    work.set_forms(what, |forms| {
                        own.with_value(|key| {
                            if let Some(form) = forms.iter_mut().find(|form| form.key == *key) {
                                *form = changed;
                            }
                        });
                    });
                }
            />
        </div>
    }
}
