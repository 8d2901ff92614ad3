use std::collections::HashMap;

use api::{
    imports::{Import, KeptLine, RejectLine},
    path,
};
use form::Words;
use kernel::{FieldProblem, Paged};
use leptos::prelude::*;
use serde_json::Value;

use super::page::moving;
use crate::{
    desk::types,
    format,
    kit::{Button, Dialog, EmptyState, Icon, Look, Notice, Progress, Tone, toast_with},
    listed::Listed,
    loaded::Loaded,
    prefs::preferences,
    problem::Problem,
    t, tr, transport,
};

/// While it runs and after: how far, what came of it, what was refused and why, and the way back. Ids for tests:
/// `import-undo`, `import-undo-confirm`, `import-rejects-file`, `import-created`.
#[component]
pub fn ResultStep(
    #[prop(into)] import: Signal<Option<Import>>,
    #[prop(into)] on_change: Callback<(Import,)>,
) -> impl IntoView {
    let state = Memo::new(move |_| {
        import.with(|import| {
            import
                .as_ref()
                .map(|import| import.state.clone())
                .unwrap_or_default()
        })
    });
    let progress = Memo::new(move |_| {
        import.with(|import| {
            import
                .as_ref()
                .map(|import| import.progress.clone())
                .unwrap_or_default()
        })
    });
    let undoing = RwSignal::new(false);
    let act = move |template: &'static str| {
        let Some(id) =
            import.with_untracked(|import| import.as_ref().map(|import| import.id.to_string()))
        else {
            return;
        };
        leptos::task::spawn_local(async move {
            let answer: Result<Value, Problem> =
                transport::post(&path::fill(template, &[&id]), &serde_json::json!({})).await;
            match answer {
                Ok(_) => {
                    if let Ok(changed) =
                        transport::get::<Import>(&path::fill(path::IMPORT, &[&id]), &[]).await
                    {
                        on_change.try_run((changed,));
                    }
                }
                Err(problem) => toast_with(problem.sentence, Tone::Danger, None),
            }
        });
    };
    let done = Signal::derive(move || {
        (state.get() != "queued")
            .then(|| f64::from(progress.with(|progress| progress.percent)) / 100.0)
    });
    let label = Signal::derive(move || match state.get().as_str() {
        "queued" => t!("import-waiting"),
        "undoing" => t!("import-undoing"),
        "cancelling" => t!("import-cancelling"),
        _ => t!(
            "import-running",
            read = progress.with(|progress| progress.read)
        ),
    });
    let figure = move |name: &'static str,
                       id: &'static str,
                       read: fn(&api::imports::Progress) -> i64,
                       tone: &'static str| {
        view! {
            <div class="figure surface">
                <span class="small weak">{tr!(name)}</span>
                <span id=id class=format!("figure-number figures {tone}")>{move || format::count(progress.with(read).unsigned_abs())}</span>
            </div>
        }
    };
    let failure =
        move || import.with(|import| import.as_ref().and_then(|import| import.failure.clone()));
    let kept = move || import.with(|import| import.as_ref().map_or(0, |import| import.kept));
    view! {
        <div class="import-result stack">
            <Show when=move || moving(&state.get())>
                <div class="surface pad stack">
                    <Progress label=label done=done />
                    <Show when=move || matches!(state.get().as_str(), "queued" | "running")>
                        <div class="row">
                            <p class="grow weak small">{tr!("import-leave")}</p>
                            <Button label=tr!("import-cancel") icon=Icon::X on_press=move || act(path::IMPORT_CANCEL) />
                        </div>
                    </Show>
                </div>
            </Show>
            {move || failure().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
            <Show when=move || state.get() == "undone">
                <Notice tone=Tone::Warning text=move || t!("import-undone", kept = kept()) />
            </Show>
            <div class="figures-row">
                {figure("import-created", "import-created", |progress| progress.created, "tone-success")}
                {figure("import-updated", "import-updated", |progress| progress.updated, "strong")}
                {figure("import-skipped", "import-skipped", |progress| progress.skipped, "strong")}
                {figure("import-rejected", "import-rejected", |progress| progress.rejected, "tone-danger")}
            </div>
            <div class="row">
                <Show when=move || progress.with(|progress| progress.rejected > 0) && !moving(&state.get())>
                    <Button
                        id="import-rejects-file"
                        label=tr!("import-rejects-file")
                        icon=Icon::Download
                        on_press=move || {
                            let Some(import) = import.get_untracked() else { return };
                            leptos::task::spawn_local(async move {
                                let address = path::fill(path::IMPORT_REJECTS_FILE, &[&import.id.to_string()]);
                                let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
                                let name = t!("import-rejects-name", name = stem.to_owned());
                                if let Err(problem) = transport::save(&address, &name).await {
                                    toast_with(problem.sentence, Tone::Danger, None);
                                }
                            });
                        }
                    />
                </Show>
                <span class="grow"></span>
                <Show when=move || matches!(state.get().as_str(), "done" | "cancelled" | "failed") && progress.with(|p| p.created + p.updated > 0)>
                    <Button id="import-undo" label=tr!("import-undo") icon=Icon::Undo look=Look::Danger on_press=move || undoing.set(true) />
                </Show>
                <Show when=move || state.get() == "done">
                    <a class="button button-primary" href="/customers">{tr!("import-to-customers")}</a>
                </Show>
            </div>
            {move || {
                let over = !moving(&state.get());
                let rejected = progress.with(|progress| progress.rejected);
                (over && rejected > 0).then(|| import.get_untracked().map(|import| view! { <Rejects id=import.id.to_string() total=rejected /> }))
            }}
            {move || {
                (state.get() == "undone" && kept() > 0).then(|| import.get_untracked().map(|import| view! { <Kept id=import.id.to_string() /> }))
            }}
        </div>
        <Dialog
            open=undoing
            title=tr!("import-undo-title")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || undoing.set(false) />
                    <Button
                        id="import-undo-confirm"
                        label=tr!("import-undo")
                        look=Look::Danger
                        on_press=move || {
                            undoing.set(false);
                            act(path::IMPORT_UNDO);
                        }
                    />
                }
            })
        >
            <p>{move || t!("import-undo-text", created = progress.with(|p| p.created), updated = progress.with(|p| p.updated))}</p>
        </Dialog>
    }
}

/// The rows that were refused, each with its columns and reasons; a part at a time. Its button: `import-rejects-more`.
#[component]
fn Rejects(id: String, total: i64) -> impl IntoView {
    let own = StoredValue::new(id);
    // What the fields are called; until that is known their columns are counted.
    let labels = Loaded::new(|| async {
        let types = types::load().await?;
        let fields = types.iter().flat_map(|schema| &schema.fields);
        Ok(fields
            .map(|field| (field.key.clone(), field.label.clone()))
            .collect::<HashMap<String, Words>>())
    });
    let rejects = Listed::new(move |query| async move {
        let address = path::fill(path::IMPORT_REJECTS, &[&own.get_value()]);
        transport::get::<Paged<RejectLine>>(&address, &query).await
    });
    let shown = move || rejects.with(<[RejectLine]>::len) as i64;
    let line = move |row: i64, problem: FieldProblem| {
        let argument = |name: &str| problem.args.get(name).cloned().unwrap_or_default();
        let value = argument("value");
        let key = problem
            .field
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .to_owned();
        let number = argument("column").parse::<i64>().ok();
        let column = move || {
            let labels = labels.get().unwrap_or_default();
            match (labels.get(&key), number) {
                (Some(label), _) => label.get(preferences().language()).to_owned(),
                (None, Some(number)) => t!("import-column", number = number + 1),
                (None, None) => String::new(),
            }
        };
        view! {
            <tr>
                <td class="end figures">{row}</td>
                <td>{column}</td>
                <td class="cut mono">{value}</td>
                <td>{move || locale::problem(preferences().language(), &problem)}</td>
            </tr>
        }
    };
    rejects.view(
        "import-rejects",
        || t!("import-rejects-failed"),
        move || {
            view! {
                <Show
                    when=move || rejects.with(|lines| !lines.is_empty())
                    fallback=|| view! { <EmptyState icon=Icon::Check title=tr!("import-rejects-none") /> }
                >
                    <h2>{tr!("import-rejects")}</h2>
                    <div class="surface import-lists">
                        <table class="plain-table">
                            <thead>
                                <tr>
                                    <th scope="col" class="end">{tr!("import-row")}</th>
                                    <th scope="col">{tr!("import-column-name")}</th>
                                    <th scope="col">{tr!("import-value")}</th>
                                    <th scope="col">{tr!("import-reason")}</th>
                                </tr>
                            </thead>
                            <tbody>
                                // What stands is left standing when the next part comes.
                                <For each=move || rejects.get() key=|line| line.row let:refused>
                                    {
                                        let row = refused.row;
                                        refused.problems.into_iter().map(move |problem| line(row, problem)).collect_view()
                                    }
                                </For>
                            </tbody>
                        </table>
                    </div>
                    <Show when=move || shown() < total>
                        <p class="small weak figures" role="status">
                            {move || t!("import-rejects-more", shown = shown(), total = total)}
                        </p>
                    </Show>
                </Show>
            }
        },
    )
}

/// Customers whom an undo left, because somebody has worked on them since. Its button: `import-kept-more`.
#[component]
fn Kept(id: String) -> impl IntoView {
    let own = StoredValue::new(id);
    let kept = Listed::new(move |query| async move {
        let address = path::fill(path::IMPORT_KEPT, &[&own.get_value()]);
        transport::get::<Paged<KeptLine>>(&address, &query).await
    });
    kept.view(
        "import-kept",
        || t!("import-rejects-failed"),
        move || {
            view! {
                <h2>{tr!("import-kept")}</h2>
                <ul class="link-list surface">
                    <For each=move || kept.get() key=|line| (line.row, line.customer) let:line>
                        <li><a class="link-line" href=format!("/customers/{}", line.customer)>{line.name}</a></li>
                    </For>
                </ul>
            }
        },
    )
}
