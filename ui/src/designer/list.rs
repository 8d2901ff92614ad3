use api::{
    definitions::{DefinitionLine, Imported, ListDefinitions, NewDefinition, Saved},
    path,
};
use form::Words;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen_futures::JsFuture;

use super::{
    bound::key_of,
    known::{self, KINDS, NEW, kind_icon, kind_name},
};
use crate::{
    format,
    kit::{
        Badge, Button, Choice, Dialog, Drawn, EmptyState, Field, FileDrop, Icon, Look, Notice,
        Segments, Select, TextInput, Tone, debounced, shortcut,
    },
    loaded::Loaded,
    moment::ms,
    prefs::preferences,
    problem::Problem,
    t, tr,
    transport::{self, live},
};

/// All definitions, with their state. Ids for tests: `designer-search`, `designer-new`, `designer-import`,
/// `definition-KIND-KEY`.
#[component]
pub fn Definitions() -> impl IntoView {
    let kind =
        RwSignal::new(crate::remember::read::<String>("engage.designer.kind").unwrap_or_default());
    Effect::new(move |_| kind.with(|kind| crate::remember::write("engage.designer.kind", kind)));
    let text = RwSignal::new(String::new());
    let asked = RwSignal::new(String::new());
    let ask = debounced(120, move |text: String| asked.set(text));
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() {
            ask(text);
        }
    });
    let found = Loaded::new(move || {
        let wanted = ListDefinitions {
            kind: Some(kind.get()).filter(|kind| !kind.is_empty()),
            q: Some(asked.get()).filter(|text| !text.is_empty()),
            ..ListDefinitions::default()
        };
        async move { known::list(&wanted).await }
    });
    live::follow(
        &["design", "definition"],
        move |_: api::events::LiveEvent| found.again(),
    );
    let making = RwSignal::new(false);
    let importing = RwSignal::new(false);
    shortcut("N", Signal::derive(|| t!("designer-new")), move || {
        making.set(true);
    });
    shortcut("I", Signal::derive(|| t!("designer-import")), move || {
        importing.set(true);
    });
    let kinds = Signal::derive(|| {
        let mut all = vec![Choice::new("", t!("designer-all"))];
        all.extend(KINDS.iter().map(|kind| Choice::new(*kind, kind_name(kind))));
        all
    });
    view! {
        <section class="designer-home">
            <header class="designer-home-head">
                <h1 class="grow">{tr!("place-designer")}</h1>
                <Button id="designer-import" label=tr!("designer-import") icon=Icon::FileUp key="I" on_press=move || importing.set(true) />
                <Button id="designer-new" label=tr!("designer-new") icon=Icon::Plus look=Look::Primary key="N" on_press=move || making.set(true) />
            </header>
            <div class="designer-home-bar">
                <Segments value=kind options=kinds label=tr!("designer-kind") on_change=move |chosen: String| kind.set(chosen) />
                <div class="search-box">
                    <TextInput id="designer-search" value=text kind="search" icon=Icon::Search label=tr!("designer-search") placeholder=tr!("designer-search") />
                </div>
            </div>
            <div class="designer-home-list surface">
                {found.view(
                    8,
                    || t!("designer-failed"),
                    move || {
                        view! {
                            {move || {
                                let lines = found.get().unwrap_or_default();
                                if lines.is_empty() {
                                    return view! {
                                        <EmptyState
                                            icon=Icon::Workflow
                                            title=tr!("designer-none")
                                            text=Signal::derive(|| t!("designer-none-text"))
                                        />
                                    }
                                        .into_any();
                                }
                                view! { <Table lines=lines /> }.into_any()
                            }}
                        }
                    },
                )}
            </div>
            <NewDialog open=making />
            <ImportDialog open=importing />
        </section>
    }
}

#[component]
fn Table(lines: Vec<DefinitionLine>) -> impl IntoView {
    view! {
        <table class="plain-table">
            <thead>
                <tr>
                    <th scope="col">{tr!("designer-name")}</th>
                    <th scope="col">{tr!("designer-kind")}</th>
                    <th scope="col">{tr!("designer-state")}</th>
                    <th scope="col">{tr!("designer-changed")}</th>
                </tr>
            </thead>
            <tbody>
                {lines
                    .into_iter()
                    .map(|line| {
                        let address = format!("/designer/{}/{}", line.kind, line.key);
                        let id = format!("definition-{}-{}", line.kind, line.key);
                        let (kind, name) = (line.kind.clone(), line.name.clone());
                        let (published, draft) = (line.published, line.draft);
                        let changed = ms(line.changed);
                        view! {
                            <tr>
                                <td>
                                    <a class="definition-link" href=address id=id>
                                        <Drawn icon=kind_icon(&line.kind) />
                                        <span class="strong cut">{move || name.get(preferences().language()).to_owned()}</span>
                                        <span class="mono weak cut">{line.key}</span>
                                    </a>
                                </td>
                                <td class="weak">{move || kind_name(&kind)}</td>
                                <td><State published=published draft=draft /></td>
                                <td class="weak figures cut">
                                    {move || format::when(changed)}
                                    {line.changed_by.map(|name| format!(" · {name}"))}
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

/// Draft, published, or published with changes: in words and colour.
#[component]
pub fn State(published: Option<i64>, draft: bool) -> impl IntoView {
    match (published, draft) {
        (None, _) => view! { <Badge label=tr!("designer-state-draft") tone=Tone::Neutral icon=Icon::Pencil /> }.into_any(),
        (Some(version), true) => view! {
            <span class="row">
                <Badge label=tr!("designer-state-changed", version = version) tone=Tone::Warning icon=Icon::Pencil />
            </span>
        }
        .into_any(),
        (Some(version), false) => {
            view! { <Badge label=tr!("designer-state-published", version = version) tone=Tone::Success icon=Icon::Check /> }.into_any()
        }
    }
}

#[component]
fn NewDialog(open: RwSignal<bool>) -> impl IntoView {
    let kind = RwSignal::new("process".to_owned());
    let name = RwSignal::new(String::new());
    let key = RwSignal::new(String::new());
    let own_key = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        let suggested = key_of(&name.get());
        if !own_key.get_untracked() {
            key.set(suggested);
        }
    });
    let kinds = Signal::derive(|| {
        NEW.iter()
            .map(|kind| Choice::new(*kind, kind_name(kind)))
            .collect::<Vec<_>>()
    });
    let navigate = StoredValue::new_local(use_navigate());
    let make = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let language = preferences().language();
        let mut words = Words::default();
        words.set(language, name.get_untracked());
        let wanted = NewDefinition {
            kind: kind.get_untracked(),
            key: key.get_untracked(),
            name: words,
            body: None,
        };
        leptos::task::spawn_local(async move {
            let answer: Result<Saved, Problem> = transport::post(path::DEFINITIONS, &wanted).await;
            busy.set(false);
            match answer {
                Ok(_) => {
                    open.set(false);
                    name.set(String::new());
                    own_key.set(false);
                    navigate.try_with_value(|go| {
                        go(
                            &format!("/designer/{}/{}", wanted.kind, wanted.key),
                            Default::default(),
                        );
                    });
                }
                Err(refused) => problem.set(Some(refused)),
            }
        });
    };
    let field_error = move |field: &'static str| {
        Signal::derive(move || {
            problem.with(|p| p.as_ref().and_then(|p| p.fields.get(field).cloned()))
        })
    };
    let rest = move || {
        problem.with(|p| {
            p.as_ref()
                .filter(|p| p.fields.is_empty())
                .map(|p| p.sentence.clone())
        })
    };
    view! {
        <Dialog
            open=open
            title=tr!("designer-new-title")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="designer-create"
                        label=tr!("designer-create")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || name.with(|name| name.trim().is_empty()))
                        on_press=make
                    />
                }
            })
        >
            <div class="stack">
                <Field label=tr!("designer-kind")>
                    <Select value=kind options=kinds id="designer-new-kind" />
                </Field>
                <Field label=tr!("designer-name") required=true>
                    <TextInput value=name focus=true id="designer-new-name" on_enter=make />
                </Field>
                <Field label=tr!("designer-key") hint=Signal::derive(|| t!("designer-key-hint")) error=field_error("key")>
                    <TextInput value=key id="designer-new-key" on_commit=move || own_key.set(true) on_enter=make />
                </Field>
                {move || rest().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
            </div>
        </Dialog>
    }
}

/// The largest file that the BPMN reader takes, in MiB.
const MOST_MIB: usize = flow::xml::MAX_BYTES >> 20;

/// By its name, else by the namespace that stands at its beginning.
fn is_decision(name: &str, bytes: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    if name.ends_with(".dmn") || name.ends_with(".bpmn") {
        return name.ends_with(".dmn");
    }
    // In a wide encoding every second byte is zero.
    let head: String = bytes
        .iter()
        .take(4_000)
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(*byte))
        .collect();
    head.contains("/spec/DMN/")
}

/// What is wrong with a file before it is sent.
#[derive(Clone, Copy)]
enum Trouble {
    TooLarge,
    /// It went away, or may not be read.
    Unreadable,
}

#[component]
fn ImportDialog(open: RwSignal<bool>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let trouble = RwSignal::new(None::<Trouble>);
    let navigate = StoredValue::new_local(use_navigate());
    let take = move |file: send_wrapper::SendWrapper<web_sys::File>| {
        busy.set(true);
        problem.set(None);
        trouble.set(None);
        leptos::task::spawn_local(async move {
            // As it is: the page would read any file as UTF-8, and whoever reads the bytes sees what they are.
            let Ok(bytes) = JsFuture::from(file.array_buffer()).await else {
                busy.set(false);
                trouble.set(Some(Trouble::Unreadable));
                return;
            };
            let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
            let (kind, to) = if is_decision(&file.name(), &bytes) {
                ("decision", path::IMPORT_DECISION)
            } else {
                ("process", path::IMPORT_PROCESS)
            };
            let body = transport::Body::Bytes {
                content_type: "application/xml",
                bytes,
            };
            let query = [("file", file.name())];
            let answer: Result<Imported, Problem> = transport::call("POST", to, &query, body).await;
            busy.set(false);
            match answer {
                Ok(imported) => {
                    open.set(false);
                    navigate.try_with_value(|go| {
                        go(
                            &format!("/designer/{kind}/{}", imported.key),
                            Default::default(),
                        );
                    });
                }
                Err(refused) => problem.set(Some(refused)),
            }
        });
    };
    view! {
        <Dialog open=open title=tr!("designer-import-title")>
            <div class="stack">
                <FileDrop
                    id="designer-file"
                    label=tr!("designer-import-drop")
                    hint=Signal::derive(|| t!("designer-import-hint", most = MOST_MIB))
                    accept=".bpmn,.dmn,.xml,application/xml,text/xml"
                    max_bytes=(MOST_MIB << 20) as f64
                    on_refused=move || {
                        problem.set(None);
                        trouble.set(Some(Trouble::TooLarge));
                    }
                    on_file=move |file| take(file)
                />
                <Show when=move || busy.get()>
                    <p class="row weak"><span class="spinner" aria-hidden="true"></span>{tr!("designer-import-reading")}</p>
                </Show>
                {move || {
                    trouble
                        .get()
                        .map(|trouble| {
                            let text = match trouble {
                                Trouble::TooLarge => t!("designer-import-too-large", most = MOST_MIB),
                                Trouble::Unreadable => t!("designer-import-unreadable"),
                            };
                            view! { <Notice tone=Tone::Danger text=text /> }
                        })
                }}
                {move || {
                    problem
                        .get()
                        .map(|problem| {
                            let lines = problem.fields.into_iter().map(|(place, sentence)| {
                                view! { <li><span class="mono weak">{place}</span>" "{sentence}</li> }
                            });
                            view! {
                                <Notice tone=Tone::Danger text=problem.sentence />
                                <ul class="problem-list" role="alert">{lines.collect_view()}</ul>
                            }
                        })
                }}
            </div>
        </Dialog>
    }
}
