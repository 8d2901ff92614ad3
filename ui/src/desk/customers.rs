use api::{
    customers::{CustomerLine, CustomerWindow, ExportCustomers, ListCustomers},
    path,
};
use form::{CustomerSchema, FieldKind, FieldSpec};
use kernel::{Filter, Moment, Page, Sort, SortDirection};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{suggest, types};
use crate::{
    export::{Asked, ExportMenu},
    format,
    forms::shown,
    kit::{
        Choice, EmptyState, Icon, Select, TextInput, debounced,
        grid::{Cell, Column, DataGrid, Filtering, GridPage, GridQuery, GridRow, Source},
        shortcut,
    },
    loaded::Loaded,
    moment::ms,
    prefs::preferences,
    problem::Problem,
    t, tr,
    transport::{self, live},
};

/// All customers of a type: searched as one types, sorted by the service, columns to choose from the type's fields.
/// Ids for tests: `customer-search`, `customer-type`.
#[component]
pub fn Customers() -> impl IntoView {
    let known = Loaded::new(types::load);
    known.view(
        8,
        || t!("customers-failed"),
        move || {
            let types = known.get_untracked().unwrap_or_default();
            if types.is_empty() {
                return view! {
                    <EmptyState icon=Icon::Users title=tr!("customers-no-types") text=Signal::derive(|| t!("customers-no-types-text")) />
                }
                .into_any();
            }
            view! { <List types=types.to_vec() /> }.into_any()
        },
    )
}

#[component]
fn List(types: Vec<CustomerSchema>) -> impl IntoView {
    let first = types
        .first()
        .map(|schema| schema.key.clone())
        .unwrap_or_default();
    let chosen = RwSignal::new(
        crate::remember::read::<String>("engage.customers.type").unwrap_or(first.clone()),
    );
    if !types
        .iter()
        .any(|schema| chosen.with_untracked(|chosen| *chosen == schema.key))
    {
        chosen.set(first);
    }
    Effect::new(move |_| {
        chosen.with(|chosen| crate::remember::write("engage.customers.type", chosen));
    });
    let several = types.len() > 1;
    let types = StoredValue::new(types);
    let options = Signal::derive(move || {
        let language = preferences().language();
        types.with_value(|types| {
            types
                .iter()
                .map(|schema| {
                    let name = if schema.plural.is_empty() {
                        &schema.name
                    } else {
                        &schema.plural
                    };
                    Choice::new(schema.key.clone(), name.get(language))
                })
                .collect::<Vec<_>>()
        })
    });
    let text = RwSignal::new(String::new());
    let searched = RwSignal::new(String::new());
    let search = debounced(80, move |text: String| searched.set(text));
    Effect::new(move |before: Option<()>| {
        let text = text.get();
        if before.is_some() {
            search(text);
        }
    });
    let box_node = NodeRef::<leptos::html::Input>::new();
    shortcut("/", Signal::derive(|| t!("customers-search")), move || {
        if let Some(node) = box_node.get_untracked() {
            let _ = node.focus();
        }
    });
    // As it was last listed.
    let listed = RwSignal::new(Listing::default());
    let ask = Callback::new(move |()| {
        let query = ExportCustomers {
            customer_type: chosen.get_untracked(),
            sort: listed.with_untracked(|listed| listed.sort.clone()),
            filter: listed.with_untracked(|listed| listed.filter.clone()),
            ..ExportCustomers::default()
        };
        let body = serde_json::to_value(&query).unwrap_or_default();
        Asked::Body(path::CUSTOMERS_EXPORT, body)
    });
    let withheld = Signal::derive(move || {
        let searching = searched.with(|text| !text.trim().is_empty());
        searching.then(|| t!("customers-export-searching"))
    });
    let bar = ViewFn::from(move || {
        view! {
            <div class="search-box">
                <TextInput
                    id="customer-search"
                    value=text
                    kind="search"
                    icon=Icon::Search
                    label=tr!("customers-search")
                    placeholder=tr!("customers-search-by")
                    focus=true
                    node_ref=box_node
                />
            </div>
            {several.then(|| view! { <Select id="customer-type" value=chosen options=options label=tr!("customers-type") /> })}
            <ExportMenu id="customers-export" entity="customer" ask=ask file=tr!("customers-file") withheld=withheld />
        }
    });
    move || {
        let key = chosen.get();
        let schema =
            types.with_value(|types| types.iter().find(|schema| schema.key == key).cloned());
        schema.map(
            |schema| view! { <Grid schema=schema text=searched bar=bar.clone() chosen=chosen listed=listed /> },
        )
    }
}

/// In what order, and which.
#[derive(Clone, Debug, Default, PartialEq)]
struct Listing {
    sort: Option<Sort>,
    filter: Option<Filter>,
}

#[component]
fn Grid(
    schema: CustomerSchema,
    text: RwSignal<String>,
    bar: ViewFn,
    /// The key of the type that is shown: a search that fits only customers of another type goes there.
    chosen: RwSignal<String>,
    /// How it is listed is left here.
    listed: RwSignal<Listing>,
) -> impl IntoView {
    let navigate = use_navigate();
    let refresh = RwSignal::new(0_u64);
    // A list that others change is read again, but not more than once in a while.
    let again = debounced(1_500, move |()| refresh.update(|turn| *turn += 1));
    live::follow(&["customer"], move |_: api::events::LiveEvent| again(()));
    let columns = columns(&schema);
    let key = schema.key.clone();
    let source = Source::anywhere(move |query| answer(schema.clone(), query, chosen, listed));
    view! {
        <DataGrid
            name=format!("customers.{key}")
            label=tr!("place-customers")
            columns=Signal::stored(columns)
            source=source
            text=text
            refresh=Signal::derive(move || refresh.get())
            on_open=move |id: String| navigate(&format!("/customers/{id}"), Default::default())
            bar=bar
            empty=move || {
                view! {
                    <EmptyState
                        icon=Icon::Search
                        title=move || if text.with(String::is_empty) { t!("customers-none") } else { t!("customers-not-found", text = text.get()) }
                        text=Signal::derive(|| t!("customers-not-found-text"))
                    />
                }
            }
        />
    }
}

/// Name first, then the type's fields; the first few are shown until the reader chooses otherwise.
fn columns(schema: &CustomerSchema) -> Vec<Column> {
    const SHOWN: usize = 6;
    // What one may not read on every customer, one can neither order nor ask by.
    let may = |field: &str| {
        untrack(crate::session::me)
            .is_some_and(|me| me.permissions.is_searchable("customer", field))
    };
    let named = may("name") && schema.title.iter().all(|key| may(&format!("fields.{key}")));
    let mut name = Column::new("name", Signal::derive(|| t!("customers-name")), 260.0);
    if named {
        name = name.sortable().filtered(Filtering::Text { folded: true });
    }
    let mut columns = vec![name];
    let rest = schema
        .fields
        .iter()
        .filter(|field| !schema.title.contains(&field.key));
    for (at, field) in rest.enumerate() {
        let label = field.label.clone();
        let label = Signal::derive(move || label.get(preferences().language()).to_owned());
        let figures = field.kind.is_exact_number();
        let width = if figures { 120.0 } else { 150.0 };
        let mut column = Column::new(format!("fields.{}", field.key), label, width);
        if may(&column.key) {
            column.sortable = field.searchable;
            column = column.filtered(filtering(field));
        }
        if figures {
            column = column.figures();
        }
        if at >= SHOWN {
            column = column.spare();
        }
        columns.push(column);
    }
    columns.push(
        Column::new("changed", Signal::derive(|| t!("customers-changed")), 140.0)
            .sortable()
            .filtered(Filtering::Moment)
            .spare(),
    );
    let created = Signal::derive(|| t!("customers-column-created"));
    columns.push(Column::asked("created", created, Filtering::Moment));
    if may("owner") {
        let mine = Signal::derive(|| {
            crate::session::me()
                .map(|me| vec![Choice::new(me.id.to_string(), me.name)])
                .unwrap_or_default()
        });
        let owner = Signal::derive(|| t!("customer-owner"));
        columns.push(Column::asked("owner", owner, Filtering::Choice(mine)));
    }
    columns
}

fn filtering(field: &FieldSpec) -> Filtering {
    match &field.kind {
        FieldKind::Number { .. } | FieldKind::Amount { .. } => Filtering::Number,
        FieldKind::Date => Filtering::Date,
        FieldKind::Boolean => Filtering::Boolean,
        FieldKind::Choice { options } => {
            let options = options.clone();
            Filtering::Choice(Signal::derive(move || {
                let language = preferences().language();
                let choice = |option: &form::schema::ChoiceOption| {
                    Choice::new(option.key.clone(), option.label.get(language))
                };
                options.iter().map(choice).collect()
            }))
        }
        _ => Filtering::Text { folded: false },
    }
}

async fn answer(
    schema: CustomerSchema,
    query: GridQuery,
    chosen: RwSignal<String>,
    listed: RwSignal<Listing>,
) -> Result<GridPage, Problem> {
    if !query.text.trim().is_empty() {
        // What fits best, not all that fits: whoever sees fifty types one letter more.
        const MOST: u32 = 50;
        let among = query.filter.map(|filter| (schema.key.clone(), filter));
        let lines = suggest(&query.text, MOST, among).await?;
        let cut = lines.len() >= MOST as usize;
        let elsewhere = lines.first().map(|line| line.customer_type.clone());
        let lines: Vec<CustomerLine> = lines
            .into_iter()
            .filter(|line| line.customer_type == schema.key)
            .collect();
        if lines.is_empty()
            && let Some(other) = elsewhere
        {
            chosen.try_set(other);
        }
        return Ok(GridPage {
            total: u64::try_from(lines.len()).ok(),
            rows: lines.iter().map(|line| row(&schema, line)).collect(),
            next: None,
            cut,
        });
    }
    let fields: Vec<String> = schema
        .fields
        .iter()
        .map(|field| field.key.clone())
        .collect();
    let sort = query.sort.map(|(field, down)| Sort {
        field,
        direction: if down {
            SortDirection::Descending
        } else {
            SortDirection::Ascending
        },
    });
    listed.try_set(Listing {
        sort: sort.clone(),
        filter: query.filter.clone(),
    });
    let request = ListCustomers {
        customer_type: Some(schema.key.clone()),
        filter: query.filter,
        deleted: false,
        sort,
        page: Page {
            limit: u32::try_from(query.limit).ok(),
            cursor: None,
        },
        offset: u32::try_from(query.offset).ok(),
        fields,
    };
    let window: CustomerWindow = transport::post(path::CUSTOMERS_WINDOW, &request).await?;
    Ok(GridPage {
        rows: window.items.iter().map(|line| row(&schema, line)).collect(),
        next: None,
        total: Some(window.total),
        // The bar reaches so far: what lies behind is found by asking for it.
        cut: window.more,
    })
}

fn row(schema: &CustomerSchema, line: &CustomerLine) -> GridRow {
    let mut cells = vec![Cell::Strong(line.name.clone())];
    for field in schema
        .fields
        .iter()
        .filter(|field| !schema.title.contains(&field.key))
    {
        // A search answers with the telling values under their kinds' names, whatever the designer called the fields.
        let found = line.fields.get(&field.key).or_else(|| match field.kind {
            FieldKind::Phone { .. }
                if first_of(schema, |kind| matches!(kind, FieldKind::Phone { .. }))
                    == Some(&field.key) =>
            {
                line.fields.get("phone")
            }
            FieldKind::Email
                if first_of(schema, |kind| *kind == FieldKind::Email) == Some(&field.key) =>
            {
                line.fields.get("email")
            }
            _ => None,
        });
        cells.push(match found {
            Some(value) => Cell::Text(shown(field, value)),
            None => Cell::Empty,
        });
    }
    cells.push(if line.changed == Moment::EPOCH {
        Cell::Empty
    } else {
        Cell::Text(format::when(ms(line.changed)))
    });
    GridRow {
        key: line.id.to_string(),
        cells,
    }
}

/// The key of the first field of a kind.
fn first_of(schema: &CustomerSchema, fits: impl Fn(&FieldKind) -> bool) -> Option<&String> {
    schema
        .fields
        .iter()
        .find(|field| fits(&field.kind))
        .map(|field| &field.key)
}
