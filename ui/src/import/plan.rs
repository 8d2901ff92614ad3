use api::{
    customers::Keeper,
    imports::{ColumnMapping, Import, ImportPlan, ListFormat, Preview},
    path,
};
use form::CustomerSchema;
use kernel::FieldProblem;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    desk::choice,
    kit::{
        Button, Choice, Combobox, EmptyState, Failure, Field, Icon, Loading, Look, Notice, Select,
        Switch, Tone,
    },
    loaded::Loaded,
    prefs::preferences,
    problem::Problem,
    t, tr, transport,
};

/// Before it runs: how the file is read, with a sample that follows at once, and which column is which field. Ids for
/// tests: `import-type`, `import-encoding`, `import-start`, `map-N`.
#[component]
pub fn PlanStep(import: Import, #[prop(into)] on_started: Callback<(Import,)>) -> impl IntoView {
    let types = Loaded::new(|| transport::get::<Vec<CustomerSchema>>(path::CUSTOMER_TYPES, &[]));
    types.view(
        4,
        || t!("import-types-failed"),
        move || {
            let known = types.get_untracked().unwrap_or_default();
            if known.is_empty() {
                return view! {
                    <EmptyState icon=Icon::IdCard title=tr!("import-no-types") text=Signal::derive(|| t!("import-no-types-text"))>
                        <a class="button" href="/designer">{tr!("import-to-designer")}</a>
                    </EmptyState>
                }
                .into_any();
            }
            view! { <Settings import=import.clone() types=known on_started=on_started /> }.into_any()
        },
    )
}

/// What is chosen so far, in the form in which controls hold it.
#[derive(Clone, Copy)]
struct Choices {
    customer_type: RwSignal<String>,
    encoding: RwSignal<String>,
    delimiter: RwSignal<String>,
    header: RwSignal<bool>,
    decimal_mark: RwSignal<String>,
    date_order: RwSignal<String>,
    /// `None` until the service has proposed one, and again when what it stands on has changed.
    mapping: RwSignal<Option<Vec<ColumnMapping>>>,
    match_by: RwSignal<Option<Vec<String>>>,
    on_match: RwSignal<String>,
    formulas: RwSignal<String>,
    /// Ids, empty for nobody.
    owner: RwSignal<String>,
    unit: RwSignal<String>,
}

impl Choices {
    fn new(import: &Import, types: &[CustomerSchema]) -> Self {
        let plan = import.plan.clone();
        let format = plan
            .as_ref()
            .map_or_else(|| import.format.clone(), |plan| plan.format.clone());
        let first = types
            .first()
            .map(|schema| schema.key.clone())
            .unwrap_or_default();
        let customer_type = plan
            .as_ref()
            .map(|plan| plan.customer_type.clone())
            .filter(|key| types.iter().any(|t| t.key == *key))
            .unwrap_or(
                // People are what most lists hold.
                types
                    .iter()
                    .find(|schema| schema.key == "person")
                    .map_or(first, |schema| schema.key.clone()),
            );
        Self {
            customer_type: RwSignal::new(customer_type),
            encoding: RwSignal::new(format.encoding),
            delimiter: RwSignal::new(format.delimiter),
            header: RwSignal::new(format.header),
            decimal_mark: RwSignal::new(format.decimal_mark),
            date_order: RwSignal::new(format.date_order),
            mapping: RwSignal::new(
                plan.as_ref()
                    .map(|plan| plan.mapping.clone())
                    .filter(|mapping| !mapping.is_empty()),
            ),
            match_by: RwSignal::new(
                plan.as_ref()
                    .map(|plan| plan.match_by.clone())
                    .filter(|fields| !fields.is_empty()),
            ),
            on_match: RwSignal::new(
                plan.as_ref()
                    .map_or_else(|| "skip".to_owned(), |plan| plan.on_match.clone()),
            ),
            formulas: RwSignal::new(plan.map_or_else(|| "reject".to_owned(), |plan| plan.formulas)),
            owner: RwSignal::new(id_of(import.owner.as_ref())),
            unit: RwSignal::new(id_of(import.unit.as_ref())),
        }
    }

    /// The plan as it is sent, followed.
    fn plan(&self) -> ImportPlan {
        ImportPlan {
            customer_type: self.customer_type.get(),
            format: ListFormat {
                encoding: self.encoding.get(),
                delimiter: self.delimiter.get(),
                header: self.header.get(),
                decimal_mark: self.decimal_mark.get(),
                date_order: self.date_order.get(),
            },
            mapping: self.mapping.get().unwrap_or_default(),
            match_by: self.match_by.get().unwrap_or_default(),
            on_match: self.on_match.get(),
            formulas: self.formulas.get(),
            owner: self.owner.with(|id| id.parse().ok()),
            unit: self.unit.with(|id| id.parse().ok()),
        }
    }
}

fn id_of(keeper: Option<&Keeper>) -> String {
    keeper.map(|keeper| keeper.id.clone()).unwrap_or_default()
}

#[component]
fn Settings(
    import: Import,
    types: Vec<CustomerSchema>,
    on_started: Callback<(Import,)>,
) -> impl IntoView {
    let choices = Choices::new(&import, &types);
    let types = StoredValue::new(types);
    let id = StoredValue::new(import.id.to_string());
    let preview = RwSignal::new(None::<Result<Preview, Problem>>);
    let asking = RwSignal::new(false);
    let turn = StoredValue::new(0_u64);
    let ask = move || {
        let plan = choices.plan();
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        asking.set(true);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::IMPORT_PREVIEW, &[&id.get_value()]);
            let answer: Result<Preview, Problem> = transport::post(&address, &plan).await;
            if turn.try_get_value() != Some(own) {
                return;
            }
            asking.set(false);
            if let Ok(preview) = &answer {
                // What the service proposed, where nothing was chosen yet.
                if choices.mapping.with_untracked(Option::is_none) {
                    choices.mapping.set(Some(preview.plan.mapping.clone()));
                }
                if choices.match_by.with_untracked(Option::is_none) {
                    choices.match_by.set(Some(preview.plan.match_by.clone()));
                }
            }
            preview.set(Some(answer));
        });
    };
    Effect::new(move |_| ask());
    // Another type or another cut of the columns: the mapping is proposed anew.
    for of in [choices.customer_type, choices.delimiter] {
        Effect::new(move |before: Option<String>| {
            let now = of.get();
            if before.is_some_and(|before| before != now) {
                choices.mapping.set(None);
                choices.match_by.set(None);
            }
            now
        });
    }
    let schema = Memo::new(move |_| {
        let key = choices.customer_type.get();
        types
            .with_value(|types| types.iter().find(|schema| schema.key == key).cloned())
            .unwrap_or_default()
    });
    let starting = RwSignal::new(false);
    let refused = RwSignal::new(None::<Problem>);
    let start = move || {
        starting.set(true);
        refused.set(None);
        let plan = untrack(|| choices.plan());
        leptos::task::spawn_local(async move {
            let id = id.get_value();
            let saved: Result<Value, Problem> =
                transport::put(&path::fill(path::IMPORT_PLAN, &[&id]), &plan).await;
            let answer = match saved {
                Ok(_) => {
                    transport::post::<_, Value>(
                        &path::fill(path::IMPORT_START, &[&id]),
                        &serde_json::json!({}),
                    )
                    .await
                }
                Err(problem) => Err(problem),
            };
            let answer = match answer {
                Ok(_) => transport::get::<Import>(&path::fill(path::IMPORT, &[&id]), &[]).await,
                Err(problem) => Err(problem),
            };
            starting.set(false);
            match answer {
                Ok(import) => {
                    // The page may have seen by itself that it runs.
                    on_started.try_run((import,));
                }
                Err(problem) => refused.set(Some(problem)),
            }
        });
    };
    let standing = Memo::new(move |_| {
        preview.with(|preview| match preview {
            Some(Ok(preview)) => preview.problems.clone(),
            _ => Vec::new(),
        })
    });
    let ready = Memo::new(move |_| {
        preview.with(|preview| matches!(preview, Some(Ok(_)))) && standing.with(Vec::is_empty)
    });
    view! {
        <div class="import-body">
            <div class="import-settings stack">
                <h2>{tr!("import-how")}</h2>
                <p class="weak small">{tr!("import-how-hint")}</p>
                <Format choices=choices types=types />
                <h2>{tr!("import-duplicates")}</h2>
                <Duplicates choices=choices schema=schema />
                <Whose choices=choices import=import.clone() />
            </div>
            <div class="import-sample">
                <Show when=move || preview.with(Option::is_none)><Loading lines=8 /></Show>
                {move || match preview.get() {
                    Some(Ok(shown)) => view! { <Sample preview=shown choices=choices schema=schema /> }.into_any(),
                    Some(Err(problem)) => view! {
                        <Failure title=t!("import-preview-failed") text=problem.sentence details=problem.details on_retry=move || ask() />
                    }
                    .into_any(),
                    None => ().into_any(),
                }}
                <footer class="import-foot">
                    <Problems problems=standing schema=schema />
                    {move || refused.get().map(|problem| view! { <Notice tone=Tone::Danger text=problem.sentence /> })}
                    <span class="grow"></span>
                    <Show when=move || asking.get()><span class="spinner" aria-hidden="true"></span></Show>
                    <Button
                        id="import-start"
                        label=tr!("import-start")
                        icon=Icon::Play
                        look=Look::Primary
                        busy=starting
                        disabled=Signal::derive(move || !ready.get())
                        on_press=start
                    />
                </footer>
            </div>
        </div>
    }
}

#[component]
fn Problems(problems: Memo<Vec<FieldProblem>>, schema: Memo<CustomerSchema>) -> impl IntoView {
    move || {
        let language = preferences().language();
        let problems = problems.get();
        if problems.is_empty() {
            return ().into_any();
        }
        let lines = problems
            .iter()
            .map(|problem| {
                let key = problem.field.rsplit('.').next().unwrap_or_default();
                let label = schema.with(|schema| schema.field(key).map(|field| field.label.get(language).to_owned()));
                let sentence = locale::problem(language, problem);
                view! { <li>{label.map(|label| view! { <span class="strong">{label}": "</span> })}{sentence}</li> }
            })
            .collect_view();
        view! { <ul class="problem-list tone-danger" role="alert">{lines}</ul> }.into_any()
    }
}

#[component]
fn Format(choices: Choices, types: StoredValue<Vec<CustomerSchema>>) -> impl IntoView {
    let type_choices = Signal::derive(move || {
        let language = preferences().language();
        types.with_value(|types| {
            types
                .iter()
                .map(|schema| Choice::new(&schema.key, schema.name.get(language)))
                .collect::<Vec<_>>()
        })
    });
    let plain = |all: &'static [(&'static str, &'static str)]| {
        Signal::stored(
            all.iter()
                .map(|(value, label)| Choice::new(*value, *label))
                .collect::<Vec<_>>(),
        )
    };
    let delimiters = Signal::derive(|| {
        vec![
            Choice::new(",", t!("import-comma")),
            Choice::new(";", t!("import-semicolon")),
            Choice::new("\t", t!("import-tab")),
            Choice::new("|", t!("import-bar")),
        ]
    });
    let marks = Signal::derive(|| {
        vec![
            Choice::new("comma", t!("import-mark-comma")),
            Choice::new("point", t!("import-mark-point")),
        ]
    });
    let orders = Signal::derive(|| {
        vec![
            Choice::new("dmy", t!("import-order-dmy")),
            Choice::new("ymd", t!("import-order-ymd")),
            Choice::new("mdy", t!("import-order-mdy")),
        ]
    });
    view! {
        <Field label=tr!("import-type")>
            <Select id="import-type" value=choices.customer_type options=type_choices />
        </Field>
        <Field label=tr!("import-encoding")>
            <Select
                id="import-encoding"
                value=choices.encoding
                options=plain(&[("utf-8", "UTF-8"), ("windows-1252", "Windows-1252 / Latin-1"), ("utf-16le", "UTF-16 LE"), ("utf-16be", "UTF-16 BE")])
            />
        </Field>
        <Field label=tr!("import-delimiter")>
            <Select id="import-delimiter" value=choices.delimiter options=delimiters />
        </Field>
        <div class="pair">
            <Field label=tr!("import-mark")>
                <Select id="import-mark" value=choices.decimal_mark options=marks />
            </Field>
            <Field label=tr!("import-order")>
                <Select id="import-order" value=choices.date_order options=orders />
            </Field>
        </div>
        <Switch label=tr!("import-header") value=choices.header on_change=move |on: bool| choices.header.set(on) />
    }
}

#[component]
fn Duplicates(choices: Choices, schema: Memo<CustomerSchema>) -> impl IntoView {
    let answers = Signal::derive(|| {
        vec![
            Choice::new("skip", t!("import-skip")),
            Choice::new("update", t!("import-update")),
            Choice::new("create", t!("import-create")),
        ]
    });
    let formulas = Signal::derive(|| {
        vec![
            Choice::new("reject", t!("import-formulas-reject")),
            Choice::new("neutralise", t!("import-formulas-neutralise")),
        ]
    });
    // Only what is mapped can be compared by.
    let fields = Memo::new(move |_| {
        let mapped = choices.mapping.get().unwrap_or_default();
        schema.with(|schema| {
            schema
                .fields
                .iter()
                .filter(|field| {
                    (field.unique || field.searchable)
                        && mapped.iter().any(|one| one.field == field.key)
                })
                .map(|field| (field.key.clone(), field.label.clone()))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <fieldset class="field">
            <legend class="field-label">{tr!("import-match-by")}</legend>
            <div class="checks">
                {move || {
                    fields
                        .get()
                        .into_iter()
                        .map(|(key, label)| {
                            let own = key.clone();
                            view! {
                                <Switch
                                    label=Signal::derive(move || label.get(preferences().language()).to_owned())
                                    value=Signal::derive(move || choices.match_by.with(|by| by.as_ref().is_some_and(|by| by.contains(&own))))
                                    on_change=move |on: bool| choices.match_by.update(|by| {
                                        let by = by.get_or_insert_default();
                                        by.retain(|one| *one != key);
                                        if on {
                                            by.push(key.clone());
                                        }
                                    })
                                />
                            }
                        })
                        .collect_view()
                }}
            </div>
        </fieldset>
        <Field label=tr!("import-on-match")>
            <Select id="import-on-match" value=choices.on_match options=answers />
        </Field>
        <Field label=tr!("import-formulas")>
            <Select value=choices.formulas options=formulas />
        </Field>
    }
}

/// To whom the new customers belong: only what this person may choose. Ids for tests: `import-owner`, `import-unit`.
#[component]
fn Whose(choices: Choices, import: Import) -> impl IntoView {
    let may = |what: &str| import.assignable.iter().any(|name| name == what);
    let (owner, unit) = (may("owner"), may("unit"));
    let address = path::fill(path::IMPORT_KEEPERS, &[&import.id.to_string()]);
    let (of_owner, of_unit) = (address.clone(), address);
    (owner || unit).then(|| {
        view! {
            <h2>{tr!("import-whose")}</h2>
            {unit.then(|| {
                view! {
                    <Field label=tr!("customer-unit")>
                        <Given what="unit" value=choices.unit now=import.unit address=of_unit />
                    </Field>
                }
            })}
            {owner.then(|| {
                view! {
                    <Field label=tr!("customer-owner")>
                        <Given what="owner" value=choices.owner now=import.owner address=of_owner />
                    </Field>
                }
            })}
        }
    })
}

#[component]
fn Given(
    what: &'static str,
    value: RwSignal<String>,
    now: Option<Keeper>,
    address: String,
) -> impl IntoView {
    // Without a unit of its own a list's customers are of the unit of whoever brings it.
    let optional = what == "owner" || now.is_none();
    let options = RwSignal::new(now.into_iter().map(choice).collect::<Vec<_>>());
    let address = StoredValue::new(address);
    let look = move |text: String| {
        let query = [("what", what.to_owned()), ("q", text.clone())];
        leptos::task::spawn_local(async move {
            let found: Result<Vec<Keeper>, Problem> =
                transport::get(&address.get_value(), &query).await;
            let nobody =
                (optional && text.trim().is_empty()).then(|| Choice::new("", nobody(what)));
            let found = found.unwrap_or_default().into_iter().map(choice);
            options.try_set(nobody.into_iter().chain(found).collect());
        });
    };
    look(String::new());
    view! {
        <Combobox
            id=format!("import-{what}")
            value=value
            options=options
            placeholder=Signal::derive(move || nobody(what))
            on_search=move |text: String| look(text)
        />
    }
}

fn nobody(what: &str) -> String {
    if what == "unit" {
        t!("customer-no-unit")
    } else {
        t!("customer-nobody")
    }
}

/// The first rows as they are read, under the field that each column goes to.
#[component]
fn Sample(preview: Preview, choices: Choices, schema: Memo<CustomerSchema>) -> impl IntoView {
    let options = Signal::derive(move || {
        let language = preferences().language();
        schema.with(|schema| {
            schema
                .fields
                .iter()
                .map(|field| {
                    let star = if field.required { " *" } else { "" };
                    Choice::new(&field.key, format!("{}{star}", field.label.get(language)))
                })
                .collect::<Vec<_>>()
        })
    });
    let heads = preview
        .columns
        .iter()
        .map(|column| {
            let index = column.index;
            let mapped = crate::import::plan::mapped(choices, index);
            let header = if column.header.is_empty() {
                t!("import-column", number = i64::from(index) + 1)
            } else {
                column.header.clone()
            };
            let label = header.clone();
            view! {
                <th scope="col">
                    <div class="import-head cut">{header}</div>
                    <Select
                        id=format!("map-{index}")
                        value=mapped
                        options=options
                        none=Signal::derive(|| t!("import-leave-out"))
                        label=Signal::derive(move || t!("import-map", name = label.clone()))
                    />
                </th>
            }
        })
        .collect_view();
    let width = preview.columns.len();
    let rows = preview
        .rows
        .into_iter()
        .map(|row| {
            let cells = (0..width)
                .map(|at| view! { <td class="cut">{row.get(at).cloned().unwrap_or_default()}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="import-grid" tabindex="0" role="region" aria-label=tr!("import-sample")>
            <table class="plain-table">
                <thead><tr>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The field of a column, as a control holds it.
fn mapped(choices: Choices, index: u32) -> RwSignal<String> {
    let of = move || {
        choices
            .mapping
            .with(|mapping| {
                mapping.as_ref().and_then(|mapping| {
                    mapping
                        .iter()
                        .find(|one| one.column == index)
                        .map(|one| one.field.clone())
                })
            })
            .unwrap_or_default()
    };
    let value = RwSignal::new(untrack(of));
    Effect::new(move |_| {
        let now = of();
        if value.with_untracked(|value| *value != now) {
            value.set(now);
        }
    });
    Effect::new(move |before: Option<()>| {
        let field = value.get();
        if before.is_none() || untrack(of) == field {
            return;
        }
        choices.mapping.update(|mapping| {
            let mapping = mapping.get_or_insert_default();
            // One column a field: the other one gives it up.
            mapping.retain(|one| one.column != index && one.field != field);
            if !field.is_empty() {
                mapping.push(ColumnMapping {
                    column: index,
                    field,
                });
                mapping.sort_by_key(|one| one.column);
            }
        });
    });
    value
}
