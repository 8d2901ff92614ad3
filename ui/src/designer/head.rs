use form::Words;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::Value;

use super::{
    difference::DifferenceDialog,
    draft::{Draft, Keeping},
    known::{kind_icon, kind_name},
    list::State,
};
use crate::{
    format,
    kit::{
        Button, Dialog, Drawn, Field, Icon, IconButton, Look, Menu, MenuItem, Notice, Side,
        TextArea, Tone, shortcut, toast,
    },
    moment::ms,
    prefs::preferences,
    problem::Problem,
    t, tr,
};

/// The bar over an editor: what it is, whether it is kept, undo, difference, publish. `on_reread` reads the definition again.
/// Ids for tests: `draft-state`, `publish`, `publish-confirm`.
#[component]
pub fn Head(
    draft: Draft,
    #[prop(into)] on_reread: Callback<()>,
    /// Buttons of the editor itself.
    #[prop(optional, into)]
    tools: Option<ViewFn>,
) -> impl IntoView {
    let publishing = RwSignal::new(false);
    let more = RwSignal::new(false);
    let comparing = RwSignal::new(false);
    let discarding = RwSignal::new(false);
    let history = RwSignal::new(false);
    let name = Memo::new(move |_| {
        let words: Words = draft
            .body
            .with(|body| {
                body.get("name")
                    .cloned()
                    .and_then(|name| serde_json::from_value(name).ok())
            })
            .unwrap_or_default();
        words.get(preferences().language()).to_owned()
    });
    let place = format!("/designer/{}/{}", draft.kind(), draft.key());
    Effect::new(move |_| crate::frame::tabs::name_tab(&place, &name.get()));
    shortcut(
        "Ctrl+Z",
        Signal::derive(|| t!("designer-undo")),
        move || draft.undo(),
    );
    shortcut(
        "Ctrl+Shift+Z",
        Signal::derive(|| t!("designer-redo")),
        move || draft.redo(),
    );
    // Where Windows taught it so.
    shortcut(
        "Ctrl+Y",
        Signal::derive(|| t!("designer-redo")),
        move || draft.redo(),
    );
    shortcut(
        "Ctrl+S",
        Signal::derive(|| t!("designer-save-now")),
        move || {
            if draft.keeping.get_untracked() != Keeping::Conflict {
                leptos::task::spawn_local(async move { draft.save().await });
            }
        },
    );
    shortcut(
        "Ctrl+Shift+P",
        Signal::derive(|| t!("designer-publish")),
        move || publishing.set(true),
    );
    let menu = Signal::derive(move || {
        let mut items = vec![
            MenuItem::act(
                Signal::derive(|| t!("designer-difference")),
                Icon::Columns,
                move || comparing.set(true),
            ),
            MenuItem::act(
                Signal::derive(|| t!("designer-versions")),
                Icon::History,
                move || history.set(true),
            ),
        ];
        if draft.differs.get() {
            items.push(
                MenuItem::act(
                    Signal::derive(|| t!("designer-discard")),
                    Icon::Trash,
                    move || discarding.set(true),
                )
                .dangerous(),
            );
        }
        items
    });
    let kind = draft.kind();
    view! {
        <header class="designer-head">
            <a class="icon-button" href="/designer" aria-label=tr!("designer-back")><Drawn icon=Icon::ArrowLeft /></a>
            <Drawn icon=kind_icon(&kind) />
            <div class="designer-title">
                <h1 class="cut">{move || name.get()}</h1>
                <p class="small weak cut">{move || kind_name(&kind)}" · "<span class="mono">{draft.key()}</span></p>
            </div>
            {move || view! { <State published=draft.published.get() draft=draft.differs.get() /> }}
            <span class="designer-keeping small" id="draft-state" role="status"><KeepingWords draft=draft on_reread=on_reread /></span>
            <span class="grow"></span>
            {tools.map(|tools| tools.run())}
            <IconButton icon=Icon::Undo label=named(move || draft.undoes(), "designer-undo", "designer-undo-named") key="Ctrl+Z" disabled=Signal::derive(move || !draft.can_undo()) on_press=move || draft.undo() />
            <IconButton icon=Icon::Redo label=named(move || draft.redoes(), "designer-redo", "designer-redo-named") key="Ctrl+Y" disabled=Signal::derive(move || !draft.can_redo()) on_press=move || draft.redo() />
            <Button label=tr!("designer-difference-short") icon=Icon::Columns on_press=move || comparing.set(true) />
            <Button
                id="publish"
                label=tr!("designer-publish")
                icon=Icon::Upload
                look=Look::Primary
                disabled=Signal::derive(move || !draft.differs.get() && draft.keeping.get() == Keeping::Saved)
                on_press=move || publishing.set(true)
            />
            <Menu open=more items=menu label=tr!("designer-more") side=Side::BelowEnd>
                <IconButton icon=Icon::Ellipsis label=tr!("designer-more") expanded=Signal::from(more) on_press=move || more.update(|more| *more = !*more) />
            </Menu>
            <PublishDialog open=publishing draft=draft />
            <DifferenceDialog open=comparing draft=draft />
            <DiscardDialog open=discarding draft=draft on_reread=on_reread />
            <VersionsDialog open=history draft=draft />
        </header>
    }
}

/// «Deshacer: mover», or plainly «Deshacer».
fn named(
    what: impl Fn() -> String + Send + Sync + 'static,
    plain: &'static str,
    named: &'static str,
) -> Signal<String> {
    Signal::derive(move || {
        let what = what();
        if what.is_empty() {
            t!(plain)
        } else {
            t!(named, what = what)
        }
    })
}

#[component]
fn KeepingWords(draft: Draft, on_reread: Callback<()>) -> impl IntoView {
    move || {
        match draft.keeping.get() {
        Keeping::Saved => view! { <span class="weak row"><Drawn icon=Icon::Check />{tr!("designer-saved")}</span> }.into_any(),
        Keeping::Waiting | Keeping::Saving => view! { <span class="weak">{tr!("designer-saving")}</span> }.into_any(),
        Keeping::Conflict => view! {
            <span class="tone-danger row">
                <Drawn icon=Icon::TriangleAlert />
                {tr!("designer-conflict")}
                <Button label=tr!("designer-reread") look=Look::Quiet on_press=on_reread />
            </span>
        }
        .into_any(),
        Keeping::Failed(problem) => view! {
            <span class="tone-danger row">
                <Drawn icon=Icon::TriangleAlert />
                <span class="cut">{problem.sentence}</span>
                <Button
                    label=tr!("kit-try-again")
                    look=Look::Quiet
                    on_press=move || leptos::task::spawn_local(async move { draft.save().await })
                />
            </span>
        }
        .into_any(),
    }
    }
}

#[component]
fn PublishDialog(open: RwSignal<bool>, draft: Draft) -> impl IntoView {
    let note = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        if open.get() {
            refused.set(None);
        }
    });
    let publish = move || {
        busy.set(true);
        refused.set(None);
        leptos::task::spawn_local(async move {
            let answer = draft.publish(note.get_untracked()).await;
            busy.set(false);
            match answer {
                Ok(Some(version)) => {
                    open.set(false);
                    note.set(String::new());
                    toast(t!("designer-published", version = version));
                }
                Ok(None) => open.set(false),
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    let standing = Signal::derive(move || draft.problems.with(Vec::len));
    view! {
        <Dialog
            open=open
            title=tr!("designer-publish-title")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="publish-confirm"
                        label=tr!("designer-publish")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || standing.get() > 0 && draft.keeping.get() == Keeping::Saved)
                        on_press=publish
                    />
                }
            })
        >
            <div class="stack">
                {move || match standing.get() {
                    0 => view! { <p>{tr!("designer-publish-text")}</p> }.into_any(),
                    count => view! { <Notice tone=Tone::Danger text=tr!("designer-publish-refused", count = count as i64) /> }.into_any(),
                }}
                <ul class="problem-list">
                    {move || {
                        let language = preferences().language();
                        draft.problems.get().iter().map(|problem| view! { <li>{locale::problem(language, problem)}</li> }).collect_view()
                    }}
                </ul>
                <Show when=move || standing.get() == 0>
                    <Field label=tr!("designer-publish-note") hint=Signal::derive(|| t!("designer-publish-note-hint"))>
                        <TextArea value=note rows=2 id="publish-note" on_send=publish />
                    </Field>
                </Show>
                {move || refused.get().map(|problem| view! {
                    <Notice tone=Tone::Danger text=problem.sentence />
                    <ul class="problem-list">{problem.fields.into_values().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                })}
            </div>
        </Dialog>
    }
}

#[component]
fn DiscardDialog(open: RwSignal<bool>, draft: Draft, on_reread: Callback<()>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let navigate = StoredValue::new_local(use_navigate());
    let discard = move || {
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = draft.discard().await;
            busy.set(false);
            match answer {
                Ok(true) => {
                    open.set(false);
                    on_reread.try_run(());
                }
                Ok(false) => {
                    open.set(false);
                    navigate.try_with_value(|go| go("/designer", Default::default()));
                }
                Err(problem) => refused.set(Some(problem.sentence)),
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("designer-discard-title")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button label=tr!("designer-discard") look=Look::Danger busy=busy on_press=discard />
                }
            })
        >
            <p>{move || if draft.published.get().is_some() { t!("designer-discard-text") } else { t!("designer-discard-all-text") }}</p>
            {move || refused.get().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
        </Dialog>
    }
}

#[component]
fn VersionsDialog(open: RwSignal<bool>, draft: Draft) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!("designer-versions")>
            <ul class="version-list">
                {move || {
                    draft
                        .versions
                        .get()
                        .into_iter()
                        .map(|line| {
                            let at = ms(line.published);
                            view! {
                                <li>
                                    <span class="strong figures">{format!("v{}", line.version)}</span>
                                    <span class="weak">{move || format::date_time(at)}{line.published_by.map(|name| format!(" · {name}"))}</span>
                                    <span>{line.note}</span>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
            <Show when=move || draft.versions.with(Vec::is_empty)>
                <p class="weak">{tr!("designer-versions-none")}</p>
            </Show>
        </Dialog>
    }
}

/// Sets the body's name.
pub fn rename(draft: Draft, words: Words) {
    draft.change("name", |body| {
        if let (Value::Object(body), Ok(name)) = (body, serde_json::to_value(words)) {
            body.insert("name".to_owned(), name);
        }
    });
}
