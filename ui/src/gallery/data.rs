use kernel::Operand;
use leptos::prelude::*;

use super::Part;
use crate::{
    format,
    kit::{
        Choice, Icon, Segments, SplitPane, TextInput, Timeline, TimelineEntry, Tone, Tree,
        TreeNode, fold,
        grid::{Cell, Column, DataGrid, Filtering, GridPage, GridQuery, GridRow, Source},
        now_ms,
    },
    problem::{Problem, ProblemKind},
};

const ROWS: usize = 100_000;
const FIRST: [&str; 6] = [
    "Cynthia",
    "Agustín",
    "María del Carmen",
    "Íñigo",
    "Zoë",
    "José",
];
const LAST: [&str; 5] = [
    "Bera",
    "Pérez Núñez",
    "Quispe Mamani",
    "Ordóñez",
    "Fernández de Kirchner y Álzaga Unzué",
];

fn pick<'a>(list: &[&'a str], at: usize) -> &'a str {
    list.get(at % list.len()).copied().unwrap_or_default()
}

fn name(at: usize) -> String {
    format!("{}, {}", pick(&LAST, at / 7), pick(&FIRST, at))
}

fn row(at: usize) -> GridRow {
    let (state, tone) = match at % 5 {
        0 => ("Al día", Tone::Success),
        1 => ("Vence hoy", Tone::Warning),
        2 => ("Vencido", Tone::Danger),
        _ => ("Sin deuda", Tone::Neutral),
    };
    GridRow {
        key: at.to_string(),
        cells: vec![
            Cell::Strong(name(at)),
            Cell::Text(format!(
                "2{}-{:08}-{}",
                at % 8,
                20_000_000 + at * 37,
                at % 10
            )),
            Cell::Text(format!("11 {:04}-{:04}", at % 9000 + 1000, at * 7 % 10_000)),
            Cell::State(state.to_owned(), tone),
            if at % 11 == 3 {
                Cell::Locked
            } else {
                Cell::Text(format::number(&debt(at), Some(2)))
            },
            if at.is_multiple_of(4) {
                Cell::Empty
            } else {
                Cell::Text("Sucursal Río Cuarto".to_owned())
            },
        ],
    }
}

fn debt(at: usize) -> String {
    format!("{}.{:02}", at * 13 % 90_000, at % 100)
}

/// Stands for the service: sorts, narrows and pages a hundred thousand rows.
async fn answer(query: GridQuery) -> Result<GridPage, Problem> {
    if query.text == "error" {
        return Err(Problem::new(
            ProblemKind::Failed,
            "unavailable",
            "El servicio no responde. Pruebe otra vez en unos segundos.".to_owned(),
        ));
    }
    let wanted = fold(&query.text);
    let meets = |at: usize| {
        query.filter.as_ref().is_none_or(|filter| {
            filter.matches(&|field: &str| match field {
                "name" => Operand::Text(name(at)),
                "debt" => debt(at).parse().map_or(Operand::Null, Operand::Number),
                _ => Operand::Null,
            })
        })
    };
    let mut all: Vec<usize> = (0..ROWS)
        .filter(|at| wanted.is_empty() || fold(&name(*at)).contains(&wanted))
        .filter(|at| meets(*at))
        .collect();
    if let Some((key, down)) = query.sort {
        match key.as_str() {
            "name" => all.sort_by_key(|at| name(*at)),
            _ => all.sort_by_key(|at| at * 13 % 90_000),
        }
        if down {
            all.reverse();
        }
    }
    Ok(GridPage {
        rows: all
            .iter()
            .skip(query.offset)
            .take(query.limit)
            .map(|at| row(*at))
            .collect(),
        next: None,
        total: u64::try_from(all.len()).ok(),
        cut: false,
    })
}

fn columns() -> Vec<Column> {
    let say = |text: &str| Signal::stored(text.to_owned());
    vec![
        Column::new("name", say("Nombre"), 260.0)
            .sortable()
            .filtered(Filtering::Text { folded: true }),
        Column::new("document", say("CUIT"), 140.0),
        Column::new("phone", say("Teléfono"), 130.0),
        Column::new("state", say("Estado"), 110.0),
        Column::new("debt", say("Deuda"), 110.0)
            .sortable()
            .filtered(Filtering::Number)
            .figures(),
        Column::new("branch", say("Sucursal"), 170.0),
    ]
}

fn moments() -> Vec<TimelineEntry> {
    let hour = 3_600_000.0;
    let entry =
        |key: &str, at: f64, icon, hue, title: &str, note: &str, state: Option<(&str, Tone)>| {
            TimelineEntry {
                key: key.to_owned(),
                at: now_ms() - at * hour,
                icon,
                hue,
                tone: state.map_or(Tone::Neutral, |(_, tone)| tone),
                title: title.to_owned(),
                note: note.to_owned(),
                state: state.map(|(state, _)| state.to_owned()),
                detail: Some(ViewFn::from(|| {
                    "Resultado: Resuelto. La clienta aceptó la nota de crédito por $ 1.514,00."
                        .to_owned()
                })),
            }
        };
    vec![
        entry(
            "1",
            0.4,
            Icon::Phone,
            "channel-phone",
            "Reclamo por facturación",
            "Registrar reclamo · Pedro Lamas · 6 min",
            Some(("En curso", Tone::Info)),
        ),
        entry(
            "2",
            3.0,
            Icon::WhatsApp,
            "channel-whatsapp",
            "Consulta de saldo",
            "Responder · Lucía Paz · 2 min",
            Some(("Resuelto", Tone::Success)),
        ),
        entry(
            "3",
            25.0,
            Icon::Mail,
            "channel-mail",
            "Envío de factura",
            "Automático",
            Some(("No entregado", Tone::Danger)),
        ),
        entry(
            "4",
            29.0,
            Icon::User,
            "",
            "Domicilio cambiado",
            "Lucía Paz",
            None,
        ),
        entry(
            "5",
            460.0 * 24.0,
            Icon::Sms,
            "channel-sms",
            "Alta del cliente",
            "Campaña Primavera",
            None,
        ),
    ]
}

fn things() -> Vec<TreeNode> {
    vec![
        TreeNode::new("org", "Organización")
            .icon(Icon::Building)
            .holding(vec![
                TreeNode::new("front", "Front office")
                    .icon(Icon::Users)
                    .holding(vec![
                        TreeNode::new("calls", "Llamadas entrantes").icon(Icon::Group),
                        TreeNode::new("walkin", "Atención presencial").icon(Icon::Group),
                    ]),
                TreeNode::new("back", "Back office").icon(Icon::Users),
            ]),
        TreeNode::new("roles", "Roles")
            .icon(Icon::Shield)
            .holding(vec![TreeNode::new("agent", "Agente").icon(Icon::Person)]),
    ]
}

#[component]
pub fn Data() -> impl IntoView {
    let text = RwSignal::new(String::new());
    let searched = RwSignal::new(String::new());
    let later = crate::kit::debounced(120, move |text: String| searched.set(text));
    Effect::new(move |_| later(text.get()));
    let chosen = RwSignal::new("front".to_owned());
    let open = RwSignal::new(["org".to_owned(), "front".to_owned()].into_iter().collect());
    let view = RwSignal::new("all".to_owned());
    view! {
        <Part name="Data grid" wide=true>
            <div class="surface gallery-grid">
                <DataGrid
                    name="gallery"
                    label="Clientes"
                    columns=Signal::stored(columns())
                    source=Source::anywhere(answer)
                    text=searched
                    bar=move || {
                        view! {
                            <TextInput value=text kind="search" icon=Icon::Search label="Buscar" placeholder="Nombre («error» falla)" />
                            <Segments
                                label="Vista"
                                value=view
                                options=Signal::stored(vec![Choice::new("all", "Todos"), Choice::new("due", "Con deuda")])
                                on_change=move |to: String| view.set(to)
                            />
                        }
                    }
                />
            </div>
        </Part>
        <Part name="Timeline"><div class="surface pad gallery-tall"><Timeline entries=Signal::stored(moments()) /></div></Part>
        <Part name="Tree"><div class="surface"><Tree nodes=Signal::stored(things()) chosen=chosen open=open label="Organización" /></div></Part>
        <Part name="Split pane" wide=true>
            <div class="surface gallery-split">
                <SplitPane
                    name="gallery"
                    label="Ancho de la lista"
                    width=220.0
                    least=120.0
                    side=|| view! { <p class="pad">"Lista. La barra se arrastra, o se mueve con las flechas; Intro la cierra."</p> }
                    main=|| view! { <p class="pad">"El objeto."</p> }
                />
            </div>
        </Part>
    }
}
