use form::Words;
use leptos::prelude::*;
use rules::dmn::{Aggregation, DecisionTable, HitPolicy, Model};
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::JsFuture;

use super::{
    bound::{WordsInput, bound},
    draft::Draft,
    head::{Head, rename},
    problems::Problems,
};
use crate::{
    kit::{
        Badge, Button, Choice, EmptyState, Field, FileDrop, Icon, Look, Notice, Select, Tone, toast,
    },
    t, tr,
    transport::save_text,
};

/// The largest file that is taken.
const MOST_MIB: usize = flow::xml::MAX_BYTES >> 20;

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Body {
    key: String,
    name: Words,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<String>,
    #[serde(default)]
    dmn: String,
}

/// A decision: which one of its model is asked, and its tables as they stand in the file. Ids for tests: `decision-asked`,
/// `decision-file`, `decision-export`.
#[component]
pub fn DecisionEditor(draft: Draft, #[prop(into)] on_reread: Callback<()>) -> impl IntoView {
    let body = Memo::new(move |_| draft.typed::<Body>());
    let name = Signal::derive(move || {
        body.with(|body| {
            body.as_ref()
                .map(|body| body.name.clone())
                .unwrap_or_default()
        })
    });
    let text = Memo::new(move |_| {
        body.with(|body| {
            body.as_ref()
                .map(|body| body.dmn.clone())
                .unwrap_or_default()
        })
    });
    let names = Memo::new(move |_| {
        let model = text.with(|text| Model::read(text));
        model.map_or_else(
            |_| Vec::new(),
            |model| model.decisions().map(str::to_owned).collect(),
        )
    });
    let options = Signal::derive(move || {
        let names = names.get().into_iter();
        names
            .map(|name| Choice::new(name.clone(), name))
            .collect::<Vec<_>>()
    });
    let asked = bound(
        move || {
            body.with(|body| body.as_ref().and_then(|body| body.decision.clone()))
                .unwrap_or_default()
        },
        move |name: String| {
            draft.edit::<Body>("change", |body| {
                body.decision = Some(name).filter(|name| !name.is_empty());
            });
        },
    );
    let trouble = RwSignal::new(None::<String>);
    let take = move |file: send_wrapper::SendWrapper<web_sys::File>| {
        trouble.set(None);
        leptos::task::spawn_local(async move {
            let Ok(bytes) = JsFuture::from(file.array_buffer()).await else {
                trouble.set(Some(t!("designer-import-unreadable")));
                return;
            };
            let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
            match flow::xml::decode(&bytes) {
                Ok(text) => {
                    let text = text.into_owned();
                    draft.edit::<Body>("change", |body| body.dmn = text);
                }
                Err(problem) => {
                    trouble.set(Some(
                        problem.sentence(crate::prefs::preferences().language()),
                    ));
                }
            }
        });
    };
    let keep = move || {
        let (name, text) = (format!("{}.dmn", draft.key()), text.get_untracked());
        leptos::task::spawn_local(async move {
            if !save_text(&text, &name).await {
                toast(t!("decision-copied"));
            }
        });
    };
    let tables = move || {
        let found = text.with(|text| Model::tables(text)).unwrap_or_default();
        if found.is_empty() {
            return view! {
                <EmptyState icon=Icon::Table title=tr!("decision-no-tables") text=Signal::derive(|| t!("decision-no-tables-text")) />
            }
            .into_any();
        }
        found
            .into_iter()
            .map(|(name, table)| view! { <Table name=name table=table /> })
            .collect_view()
            .into_any()
    };
    view! {
        <div class="editor">
            <Head draft=draft on_reread=on_reread />
            <div class="editor-main">
                <div class="editor-scroll pad stack">
                    <div class="pair">
                        <WordsInput label=tr!("designer-name") value=name on_change=move |words: Words| rename(draft, words) />
                        <Field label=tr!("decision-asked") hint=Signal::derive(|| t!("decision-asked-hint"))>
                            <Select value=asked options=options none=Signal::derive(|| t!("decision-asked-only")) id="decision-asked" />
                        </Field>
                    </div>
                    <div class="row">
                        <h2 class="grow">{tr!("decision-tables")}</h2>
                        <Button
                            id="decision-export"
                            label=tr!("decision-export")
                            icon=Icon::Download
                            look=Look::Quiet
                            on_press=keep
                        />
                    </div>
                    {tables}
                    <FileDrop
                        id="decision-file"
                        label=tr!("decision-replace")
                        hint=Signal::derive(|| t!("designer-import-hint", most = MOST_MIB))
                        accept=".dmn,.xml,application/xml,text/xml"
                        max_bytes=(MOST_MIB << 20) as f64
                        on_refused=move || trouble.set(Some(t!("designer-import-too-large", most = MOST_MIB)))
                        on_file=move |file| take(file)
                    />
                    {move || trouble.get().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
                </div>
                <Problems problems=draft.problems on_go=|_: String| {} />
            </div>
        </div>
    }
}

fn policy(table: &DecisionTable) -> String {
    match (table.hit_policy, table.aggregation) {
        (HitPolicy::Unique, _) => t!("decision-policy-unique"),
        (HitPolicy::Any, _) => t!("decision-policy-any"),
        (HitPolicy::Priority, _) => t!("decision-policy-priority"),
        (HitPolicy::First, _) => t!("decision-policy-first"),
        (HitPolicy::RuleOrder, _) => t!("decision-policy-rule-order"),
        (HitPolicy::OutputOrder, _) => t!("decision-policy-output-order"),
        (HitPolicy::Collect, None) => t!("decision-policy-collect"),
        (HitPolicy::Collect, Some(Aggregation::Sum)) => t!("decision-collect-sum"),
        (HitPolicy::Collect, Some(Aggregation::Count)) => t!("decision-collect-count"),
        (HitPolicy::Collect, Some(Aggregation::Min)) => t!("decision-collect-min"),
        (HitPolicy::Collect, Some(Aggregation::Max)) => t!("decision-collect-max"),
    }
}

/// A table as it is written, to read.
#[component]
fn Table(name: String, table: DecisionTable) -> impl IntoView {
    let policy = policy(&table);
    let noted = table.rules.iter().any(|rule| !rule.notes.is_empty());
    let count = table.rules.len();
    let default: Vec<String> = table
        .outputs
        .iter()
        .map(|output| output.default.clone().unwrap_or_default())
        .collect();
    let inputs = table.inputs.iter().map(|input| {
        view! {
            <th scope="col">
                <span class="mono">{input.expression.clone()}</span>
                <span class="weak small decision-type">{input.type_name.clone()}</span>
            </th>
        }
    });
    let outputs = table.outputs.iter().map(|output| {
        let title = output.name.clone().unwrap_or_else(|| name.clone());
        view! {
            <th scope="col" class="decision-output">
                <span class="mono">{title}</span>
                <span class="weak small decision-type">{output.type_name.clone()}</span>
            </th>
        }
    });
    let head = view! {
        <tr>
            <th scope="col" class="figures weak">"#"</th>
            {inputs.collect_view()}
            {outputs.collect_view()}
            {noted.then(|| view! { <th scope="col">{tr!("decision-notes")}</th> })}
        </tr>
    };
    let rows = table.rules.into_iter().enumerate().map(|(at, rule)| {
        view! {
            <tr>
                <td class="figures weak">{at + 1}</td>
                {rule.inputs.into_iter().map(|cell| view! { <td class="mono">{cell}</td> }).collect_view()}
                {rule.outputs.into_iter().map(|cell| view! { <td class="mono decision-output">{cell}</td> }).collect_view()}
                {noted.then(|| view! { <td class="weak">{rule.notes.join(" · ")}</td> })}
            </tr>
        }
    });
    let columns = table.inputs.len();
    let otherwise = default.iter().any(|text| !text.is_empty()).then(|| {
        view! {
            <tr>
                <td></td>
                <td colspan=columns.max(1).to_string() class="weak">{tr!("decision-default")}</td>
                {default.iter().map(|text| view! { <td class="mono decision-output">{text.clone()}</td> }).collect_view()}
                {noted.then(|| view! { <td></td> })}
            </tr>
        }
    });
    view! {
        <section class="stack stack-tight">
            <div class="row">
                <h3 class="cut">{name.clone()}</h3>
                <Badge label=policy tone=Tone::Neutral />
                <span class="weak small">{t!("decision-rules", count = count)}</span>
            </div>
            <div class="surface decision-table">
                <table class="table">
                    <thead>{head}</thead>
                    <tbody>
                        {rows.collect_view()}
                        {otherwise}
                    </tbody>
                </table>
                {(count == 0).then(|| view! { <p class="weak pad">{tr!("decision-no-rules")}</p> })}
            </div>
        </section>
    }
}
