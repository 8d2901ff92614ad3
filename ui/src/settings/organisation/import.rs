use api::{
    organisation::{OrganisationFile, OrganisationImport},
    path,
};
use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::{
    kit::{Badge, Button, Choice, Dialog, FileDrop, Icon, Look, Notice, Select, Tone, toast},
    problem::Problem,
    settings::parts::Refusal,
    t, tr, transport,
};

const MOST_BYTES: f64 = 4.0 * 1024.0 * 1024.0;

/// Brings units, positions or users from a CSV file: a look at what it would do first, then all of it or nothing. Ids for
/// tests: `organisation-file`, `organisation-bring`.
#[component]
pub fn ImportDialog(open: RwSignal<bool>, again: RwSignal<u64>) -> impl IntoView {
    let file = RwSignal::new(None::<OrganisationFile>);
    let told = RwSignal::new(None::<OrganisationImport>);
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let too_large = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            file.set(None);
            told.set(None);
            problem.set(None);
            too_large.set(false);
        }
    });
    let ask = move |address: &'static str, wanted: OrganisationFile| {
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let answer: Result<OrganisationImport, Problem> =
                transport::post(address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    if done.done {
                        toast(t!(
                            "organisation-brought",
                            created = done.created,
                            changed = done.changed
                        ));
                        open.try_set(false);
                        again.try_update(|again| *again += 1);
                    }
                    told.try_set(Some(done));
                }
                Err(refused) => {
                    told.try_set(None);
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let take = move |chosen: send_wrapper::SendWrapper<web_sys::File>| {
        too_large.set(false);
        leptos::task::spawn_local(async move {
            let text = JsFuture::from(chosen.text())
                .await
                .ok()
                .and_then(|text| text.as_string())
                .unwrap_or_default();
            let wanted = OrganisationFile {
                name: chosen.name(),
                text,
            };
            file.try_set(Some(wanted.clone()));
            ask(path::ORGANISATION_PREVIEW, wanted);
        });
    };
    let ready = Signal::derive(move || {
        told.with(|told| {
            told.as_ref()
                .is_some_and(|told| told.problems.is_empty() && told.created + told.changed > 0)
        })
    });
    view! {
        <Dialog
            open=open
            wide=true
            title=tr!("organisation-import")
            actions=ViewFn::from(move || {
                view! {
                    <Show when=move || file.with(Option::is_some)>
                        <Button
                            label=tr!("organisation-other-file")
                            on_press=move || {
                                file.set(None);
                                told.set(None);
                                problem.set(None);
                            }
                        />
                    </Show>
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button
                        id="organisation-bring"
                        label=tr!("organisation-bring")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || !ready.get())
                        on_press=move || {
                            if let Some(file) = file.get_untracked() {
                                ask(path::ORGANISATION_IMPORT, file);
                            }
                        }
                    />
                }
            })
        >
            <div class="stack">
                <Show when=move || file.with(Option::is_none)>
                    <FileDrop
                        id="organisation-file"
                        label=tr!("organisation-drop")
                        hint=tr!("organisation-drop-hint")
                        accept=".csv,text/csv"
                        max_bytes=MOST_BYTES
                        on_refused=move || too_large.set(true)
                        on_file=move |file| take(file)
                    />
                    <Examples />
                </Show>
                <Show when=move || too_large.get()><Notice tone=Tone::Danger text=tr!("organisation-too-large") /></Show>
                <Refusal problem=problem fields=&[] />
                {move || told.get().map(|told| view! { <Told told=told file=file /> })}
            </div>
        </Dialog>
    }
}

/// Files to begin with: headings and a row or two.
#[component]
fn Examples() -> impl IntoView {
    let which = RwSignal::new("users".to_owned());
    let options = Signal::derive(|| {
        vec![
            Choice::new("users", t!("settings-users")),
            Choice::new("units", t!("organisation-units")),
            Choice::new("positions", t!("organisation-positions")),
        ]
    });
    let save = move || {
        let kind = which.get_untracked();
        let text = match kind.as_str() {
            "units" => t!("organisation-example-units"),
            "positions" => t!("organisation-example-positions"),
            _ => t!("organisation-example-users"),
        };
        leptos::task::spawn_local(async move {
            kept(transport::save_text(&text, &format!("{kind}.csv")).await);
        });
    };
    view! {
        <div class="row">
            <span class="weak small">{tr!("organisation-example")}</span>
            <Select value=which options=options label=tr!("organisation-example") />
            <Button label=tr!("organisation-example-save") look=Look::Quiet icon=Icon::Download on_press=save />
        </div>
    }
}

/// In the window the text is on the clipboard instead of in a file.
fn kept(as_file: bool) {
    if !as_file {
        toast(t!("kit-copied"));
    }
}

#[component]
fn Told(told: OrganisationImport, file: RwSignal<Option<OrganisationFile>>) -> impl IntoView {
    let wrong = told.problems.len();
    let (created, changed, unchanged) = (told.created, told.changed, told.unchanged);
    let rejects = StoredValue::new(told.rejects.clone());
    let save = move || {
        let Some(text) = rejects.get_value() else {
            return;
        };
        let name = file
            .with_untracked(|file| file.as_ref().map(|file| file.name.clone()))
            .unwrap_or_default();
        let name = format!("{}-rechazos.csv", name.trim_end_matches(".csv"));
        leptos::task::spawn_local(async move {
            kept(transport::save_text(&text, &name).await);
        });
    };
    let problems = told
        .problems
        .into_iter()
        .take(200)
        .map(|one| {
            view! {
                <tr>
                    <td class="figures">{one.row}</td>
                    <td>{one.column}</td>
                    <td class="mono">{one.value}</td>
                    <td class="tone-danger">{one.problem.sentence}</td>
                </tr>
            }
        })
        .collect_view();
    let rows = told
        .rows
        .into_iter()
        .filter(|row| row.action != "wrong")
        .map(|row| {
            let (key, tone) = match row.action.as_str() {
                "create" => ("organisation-creates", Tone::Success),
                "change" => ("organisation-changes", Tone::Info),
                _ => ("organisation-same", Tone::Neutral),
            };
            let changes: Vec<String> = row
                .changes
                .into_iter()
                .map(|change| {
                    format!(
                        "{}: {} → {}",
                        field_name(&change.field),
                        change.before,
                        change.after
                    )
                })
                .collect();
            view! {
                <tr>
                    <td class="figures">{row.row}</td>
                    <td class="strong">{row.name}</td>
                    <td><Badge label=tr!(key) tone=tone /></td>
                    <td class="small weak">{changes.join("; ")}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <p>{move || t!("organisation-would", created = created, changed = changed, unchanged = unchanged)}</p>
        {if wrong > 0 {
            view! {
                <Notice tone=Tone::Danger text=Signal::derive(move || t!("organisation-wrong", count = wrong))>
                    <Button id="organisation-rejects" label=tr!("organisation-rejects") icon=Icon::Download on_press=save />
                </Notice>
                <div class="effect-table">
                    <table class="plain-table">
                        <thead>
                            <tr>
                                <th scope="col">{tr!("settings-reject-row")}</th>
                                <th scope="col">{tr!("settings-reject-column")}</th>
                                <th scope="col">{tr!("organisation-value")}</th>
                                <th scope="col">{tr!("settings-reject-reason")}</th>
                            </tr>
                        </thead>
                        <tbody>{problems}</tbody>
                    </table>
                </div>
            }
                .into_any()
        } else {
            view! {
                <div class="effect-table">
                    <table class="plain-table"><tbody>{rows}</tbody></table>
                </div>
            }
                .into_any()
        }}
    }
}

fn field_name(field: &str) -> String {
    t!(match field {
        "login" => "user-login",
        "name" => "user-name",
        "email" => "user-mail",
        "kind" => "user-kind",
        "unit" => "user-unit",
        "position" => "user-position",
        "manager" => "user-manager",
        "groups" => "settings-groups",
        "roles" => "settings-roles",
        "parent" => "unit-parent",
        _ => "user-state",
    })
}
