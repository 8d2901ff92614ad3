use api::{imports::Import, path};
use kernel::Paged;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use crate::{
    format,
    kit::{Badge, EmptyState, FileDrop, Icon, Notice, Progress, Tone},
    listed::Listed,
    moment::ms,
    problem::Problem,
    t, tr,
    transport::{self, live},
};

/// The largest list that the service takes.
const MOST_BYTES: f64 = 1024.0 * 1024.0 * 1024.0;

/// All lists so far, with a place for the next one. Id for tests: `import-file`.
#[component]
pub fn Imports() -> impl IntoView {
    let found =
        Listed::new(
            |query| async move { transport::get::<Paged<Import>>(path::IMPORTS, &query).await },
        );
    live::follow(&["import"], move |_: api::events::LiveEvent| found.again());
    let sending = RwSignal::new(None::<(String, f64)>);
    let problem = RwSignal::new(None::<String>);
    let navigate = StoredValue::new_local(use_navigate());
    let take = move |file: send_wrapper::SendWrapper<web_sys::File>| {
        problem.set(None);
        sending.set(Some((file.name(), 0.0)));
        leptos::task::spawn_local(async move {
            let query = [("name", file.name())];
            let told = move |done: f64| {
                sending.update(|sending| {
                    if let Some(sending) = sending {
                        sending.1 = done;
                    }
                });
            };
            let answer: Result<Import, Problem> =
                transport::upload(path::IMPORTS, &query, "text/csv", &file, told).await;
            sending.set(None);
            match answer {
                Ok(import) => {
                    // Whoever went elsewhere meanwhile finds it in the list.
                    navigate.try_with_value(|go| {
                        go(&format!("/import/{}", import.id), Default::default());
                    });
                }
                Err(refused) => problem.set(Some(refused.sentence)),
            }
        });
    };
    view! {
        <section class="import-home">
            <h1>{tr!("place-import")}</h1>
            <FileDrop
                id="import-file"
                label=tr!("import-drop")
                hint=Signal::derive(|| t!("import-drop-hint"))
                accept=".csv,.txt,.tsv,text/csv,text/plain"
                max_bytes=MOST_BYTES
                on_refused=move || problem.set(Some(t!("import-too-large")))
                on_file=move |file| take(file)
            />
            {move || {
                sending
                    .get()
                    .map(|(name, _)| view! {
                        <Progress
                            label=Signal::derive(move || t!("import-sending", name = name.clone()))
                            done=Signal::derive(move || sending.get().map(|(_, done)| done))
                        />
                    })
            }}
            {move || problem.get().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
            <h2>{tr!("import-lists")}</h2>
            <div class="surface import-lists">
                {found.view(
                    "imports",
                    || t!("import-lists-failed"),
                    move || {
                        view! {
                            {move || {
                                let lists = found.get();
                                if lists.is_empty() {
                                    return view! { <EmptyState icon=Icon::FileUp title=tr!("import-none") text=Signal::derive(|| t!("import-none-text")) /> }
                                        .into_any();
                                }
                                view! { <Lists lists=lists /> }.into_any()
                            }}
                        }
                    },
                )}
            </div>
        </section>
    }
}

#[component]
fn Lists(lists: Vec<Import>) -> impl IntoView {
    view! {
        <table class="plain-table">
            <thead>
                <tr>
                    <th scope="col">{tr!("import-file-name")}</th>
                    <th scope="col">{tr!("import-state")}</th>
                    <th scope="col" class="end">{tr!("import-created")}</th>
                    <th scope="col" class="end">{tr!("import-rejected")}</th>
                    <th scope="col">{tr!("import-when")}</th>
                </tr>
            </thead>
            <tbody>
                {lists
                    .into_iter()
                    .map(|import| {
                        let at = ms(import.created);
                        let state = import.state.clone();
                        view! {
                            <tr>
                                <td><a class="strong cut" href=format!("/import/{}", import.id)>{import.file_name}</a></td>
                                <td><State state=state /></td>
                                <td class="end figures">{move || format::count(import.progress.created.unsigned_abs())}</td>
                                <td class="end figures">{move || format::count(import.progress.rejected.unsigned_abs())}</td>
                                <td class="weak">{move || format::when(at)}" · "{import.created_by}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

/// Where a list stands, in a word.
#[component]
pub fn State(#[prop(into)] state: Signal<String>) -> impl IntoView {
    let label = Signal::derive(move || match state.get().as_str() {
        "uploading" => t!("import-state-uploading"),
        "ready" => t!("import-state-ready"),
        "queued" => t!("import-state-queued"),
        "running" => t!("import-state-running"),
        "done" => t!("import-state-done"),
        "cancelling" => t!("import-state-cancelling"),
        "cancelled" => t!("import-state-cancelled"),
        "undoing" => t!("import-state-undoing"),
        "undone" => t!("import-state-undone"),
        _ => t!("import-state-failed"),
    });
    let tone = Signal::derive(move || match state.get().as_str() {
        "done" => Tone::Success,
        "failed" => Tone::Danger,
        "running" | "queued" | "undoing" | "cancelling" => Tone::Info,
        "cancelled" | "undone" => Tone::Warning,
        _ => Tone::Neutral,
    });
    view! { <Badge label=label tone=tone /> }
}
