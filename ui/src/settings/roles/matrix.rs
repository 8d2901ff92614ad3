use std::collections::BTreeSet;

use access::{Target, Verb};
use api::roles::{Extent, GrantCatalogue};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    editing::Editing,
    model::{self, Own},
    words,
};
use crate::{
    kit::{Drawn, Icon, Switch, TextInput, fold},
    remember::remembered,
    t, tr,
};

/// A row of the matrix.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    key: String,
    target: Target,
    depth: usize,
    verbs: Vec<Verb>,
    parent: bool,
}

const OF_PROCESS: [Verb; 2] = [Verb::Read, Verb::Execute];

fn of_field(verbs: &[Verb]) -> Vec<Verb> {
    // A record is deleted and executed whole; a field of it is read and written.
    verbs
        .iter()
        .copied()
        .filter(|verb| !matches!(verb, Verb::Delete | Verb::Execute))
        .collect()
}

/// All rows, in the four descending depths: process, activity of it, entity, field of it.
fn all(catalogue: &GrantCatalogue) -> Vec<Line> {
    let line = |key: String, target: Target, depth: usize, verbs: Vec<Verb>, parent: bool| Line {
        key,
        target,
        depth,
        verbs,
        parent,
    };
    let mut lines = vec![line(
        "p:*".to_owned(),
        Target::process("*"),
        0,
        OF_PROCESS.to_vec(),
        false,
    )];
    for process in &catalogue.processes {
        let key = format!("p:{}", process.key);
        lines.push(line(
            key.clone(),
            Target::process(&*process.key),
            0,
            OF_PROCESS.to_vec(),
            !process.activities.is_empty(),
        ));
        for activity in &process.activities {
            lines.push(line(
                format!("{key}/{}", activity.id),
                Target::activity(&*process.key, &*activity.id),
                1,
                OF_PROCESS.to_vec(),
                false,
            ));
        }
    }
    lines.push(line(
        "e:*".to_owned(),
        Target::entity("*"),
        0,
        Verb::ALL.to_vec(),
        false,
    ));
    for entity in &catalogue.entities {
        let key = format!("e:{}", entity.name);
        lines.push(line(
            key.clone(),
            Target::entity(&*entity.name),
            0,
            entity.verbs.clone(),
            !entity.fields.is_empty(),
        ));
        if entity.fields.iter().any(|f| f.name.starts_with("fields.")) {
            lines.push(line(
                format!("{key}/fields.*"),
                Target::field(&*entity.name, "fields.*"),
                1,
                of_field(&entity.verbs),
                false,
            ));
        }
        for field in &entity.fields {
            lines.push(line(
                format!("{key}/{}", field.name),
                Target::field(&*entity.name, &*field.name),
                1,
                of_field(&entity.verbs),
                false,
            ));
        }
    }
    lines
}

/// The role as a grid: things in rows, verbs in columns. WAI-ARIA treegrid: one tab stop; arrows move, Right and Left on
/// the name open and close, Space steps a cell through inherit, allow and deny; A, D and Delete say which; Enter goes to
/// its details. Ids for tests: `cell-KEY-VERB`.
#[component]
pub fn Matrix(editing: Editing, #[prop(into)] on_details: Callback<()>) -> impl IntoView {
    let lines = StoredValue::new(editing.catalogue.with_value(all));
    let open = remembered("engage.matrix.open", BTreeSet::<String>::new());
    let text = RwSignal::new(String::new());
    let only_own = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        let wanted = fold(&text.get());
        let own = only_own.get();
        let open = open.get();
        let grants = editing.grants.get();
        let says = |line: &Line| grants.iter().any(|grant| grant.target == line.target);
        editing.catalogue.with_value(|catalogue| {
            lines.with_value(|lines| {
                lines
                    .iter()
                    .filter(|line| {
                        if own {
                            return says(line);
                        }
                        if !wanted.is_empty() {
                            return fold(&words::path_of(catalogue, &line.target))
                                .contains(&wanted);
                        }
                        line.depth == 0
                            || line
                                .key
                                .split_once('/')
                                .is_some_and(|(parent, _)| open.contains(parent))
                    })
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    // Where the keys are: row key and column (0: the name).
    let cursor = RwSignal::new((String::new(), 1_usize));
    let node = NodeRef::<html::Div>::new();
    let at = move || {
        let (key, column) = cursor.get_untracked();
        let row = shown.with_untracked(|shown| shown.iter().position(|line| line.key == key));
        (row.unwrap_or(0), column)
    };
    let look_at = move |row: usize, column: usize| {
        let Some(line) = shown.with_untracked(|shown| shown.get(row).cloned()) else {
            return;
        };
        let verb = column.checked_sub(1).and_then(|at| Verb::ALL.get(at));
        if let Some(verb) = verb.filter(|verb| line.verbs.contains(verb)) {
            editing.at.set(Some((line.target.clone(), *verb)));
        }
        cursor.set((line.key, column));
        request_animation_frame(move || {
            if let Some(node) = node.get_untracked()
                && let Ok(Some(cell)) = node.query_selector("[tabindex='0']")
            {
                let _ = cell.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let toggle = move |key: &str| {
        open.update(|open| {
            if !open.remove(key) {
                open.insert(key.to_owned());
            }
        });
    };
    // The keys act where the focus is, however it came there: screen readers set it without a key or a press.
    let follow = move |event: &web_sys::Event| {
        if let Some(place) = place_of(event)
            && cursor.with_untracked(|cursor| *cursor != place)
        {
            cursor.set(place);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        follow(&event);
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (row, column) = at();
        let count = shown.with_untracked(Vec::len);
        let last = Verb::ALL.len();
        let Some(line) = shown.with_untracked(|shown| shown.get(row).cloned()) else {
            return;
        };
        let is_open = open.with_untracked(|open| open.contains(&line.key));
        let cell = column
            .checked_sub(1)
            .and_then(|at| Verb::ALL.get(at).copied())
            .filter(|verb| line.verbs.contains(verb));
        let say = |to: Own| {
            if let Some(verb) = cell {
                editing.set(&line.target, verb, to);
                editing.at.set(Some((line.target.clone(), verb)));
            }
        };
        match event.key().as_str() {
            "ArrowDown" => look_at((row + 1).min(count.saturating_sub(1)), column),
            "ArrowUp" => look_at(row.saturating_sub(1), column),
            "PageDown" => look_at((row + 10).min(count.saturating_sub(1)), column),
            "PageUp" => look_at(row.saturating_sub(10), column),
            "Home" => look_at(row, 0),
            "End" => look_at(row, last),
            "ArrowRight" if column == 0 && line_is_closed(&shown, row, is_open) => {
                toggle(&cursor.get_untracked().0);
            }
            "ArrowLeft" if column == 0 && is_open => toggle(&cursor.get_untracked().0),
            "ArrowRight" => look_at(row, (column + 1).min(last)),
            "ArrowLeft" => look_at(row, column.saturating_sub(1)),
            " " if column == 0 => toggle(&cursor.get_untracked().0),
            " " => {
                if let Some(verb) = cell {
                    editing.step(&line.target, verb);
                    editing.at.set(Some((line.target.clone(), verb)));
                }
            }
            "a" | "A" | "p" | "P" => say(Own::Allow),
            "d" | "D" | "n" | "N" => say(Own::Deny),
            "Delete" | "Backspace" => say(Own::Inherit),
            "Enter" if column == 0 => toggle(&cursor.get_untracked().0),
            "Enter" => {
                if let Some(verb) = cell {
                    editing.at.set(Some((line.target.clone(), verb)));
                }
                on_details.run(());
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <div class="matrix-bar">
            <div class="search-box"><TextInput id="matrix-search" value=text kind="search" icon=Icon::Search label=tr!("matrix-search") placeholder=tr!("matrix-search") /></div>
            <Switch value=only_own label=tr!("matrix-only-own") on_change=move |on: bool| only_own.set(on) />
            <span class="grow"></span>
            <Legend />
        </div>
        <div class="matrix" role="treegrid" node_ref=node aria-label=tr!("matrix-label") on:keydown=keys on:focusin=move |event| follow(&event) aria-colcount="7">
            <div class="matrix-row matrix-head" role="row">
                <div class="matrix-name" role="columnheader">{tr!("matrix-what")}</div>
                {Verb::ALL
                    .into_iter()
                    .map(|verb| view! { <div class="matrix-verb" role="columnheader">{move || words::verb(verb)}</div> })
                    .collect_view()}
            </div>
            <For each=move || shown.get() key=|line| line.key.clone() let:line>
                <Row
                    line=line
                    editing=editing
                    cursor=cursor
                    open=open
                    first=Signal::derive(move || shown.with(|shown| {
                        let own = cursor.with(|cursor| cursor.0.clone());
                        if shown.iter().any(|line| line.key == own) {
                            String::new()
                        } else {
                            shown.first().map(|line| line.key.clone()).unwrap_or_default()
                        }
                    }))
                />
            </For>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="matrix-none weak">{tr!("kit-nothing-found")}</p>
            </Show>
        </div>
    }
}

/// The row and the column of the cell in which something happened.
fn place_of(event: &web_sys::Event) -> Option<(String, usize)> {
    let element = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let cell = element.closest("[data-column]").ok()??;
    let column = cell.get_attribute("data-column")?.parse().ok()?;
    Some((cell.get_attribute("data-row")?, column))
}

fn line_is_closed(shown: &Memo<Vec<Line>>, row: usize, is_open: bool) -> bool {
    !is_open && shown.with_untracked(|shown| shown.get(row).is_some_and(|line| line.parent))
}

#[component]
fn Row(
    line: Line,
    editing: Editing,
    cursor: RwSignal<(String, usize)>,
    open: RwSignal<BTreeSet<String>>,
    /// The key of the first row while the cursor is in none that is shown.
    #[prop(into)]
    first: Signal<String>,
) -> impl IntoView {
    let key = StoredValue::new(line.key.clone());
    let target = StoredValue::new(line.target.clone());
    let here = move |column: usize| {
        let own = key.get_value();
        cursor.with(|(row, at)| *row == own && *at == column)
            || (column == 1 && first.with(|first| *first == own))
    };
    let is_open = Memo::new(move |_| open.with(|open| open.contains(&key.get_value())));
    let name = Signal::derive(move || {
        editing
            .catalogue
            .with_value(|catalogue| words::name_of(catalogue, &target.get_value()))
    });
    let star = matches!(&line.target, Target::Entity(name) | Target::Process(name) if name == "*");
    let parent = line.parent;
    let toggle = move |_| {
        if parent {
            open.update(|open| {
                let key = key.get_value();
                if !open.remove(&key) {
                    open.insert(key);
                }
            });
        }
        cursor.set((key.get_value(), 0));
    };
    let cells = Verb::ALL
        .into_iter()
        .enumerate()
        .map(|(at, verb)| {
            let means = line.verbs.contains(&verb);
            view! { <Place editing=editing target=target verb=verb means=means name=name key=key tab=Signal::derive(move || here(at + 1)) cursor=cursor column=at + 1 /> }
        })
        .collect_view();
    view! {
        <div
            class="matrix-row"
            class:matrix-deep={line.depth > 0}
            class:matrix-star=star
            role="row"
            prop:ariaLevel=(line.depth + 1).to_string()
            aria-expanded=move || parent.then(|| is_open.get().to_string())
        >
            <div
                class="matrix-name"
                role="rowheader"
                tabindex=move || if here(0) { "0" } else { "-1" }
                id=format!("row-{}", line.key)
                on:click=toggle
                data-row=line.key.clone()
                data-column="0"
            >
                <span class="tree-twist">
                    {move || {
                        parent
                            .then(|| {
                                let icon = if is_open.get() { Icon::ChevronDown } else { Icon::ChevronRight };
                                view! { <Drawn icon=icon /> }
                            })
                    }}
                </span>
                <span class="cut" title=name>{name}</span>
            </div>
            {cells}
        </div>
    }
}

#[component]
fn Place(
    editing: Editing,
    target: StoredValue<Target>,
    verb: Verb,
    /// Whether the verb means something here at all.
    means: bool,
    #[prop(into)] name: Signal<String>,
    key: StoredValue<String>,
    #[prop(into)] tab: Signal<bool>,
    cursor: RwSignal<(String, usize)>,
    column: usize,
) -> impl IntoView {
    if !means {
        return view! {
            <div
                class="matrix-cell matrix-cell-none"
                role="gridcell"
                tabindex=move || if tab.get() { "0" } else { "-1" }
                aria-label=tr!("matrix-no-verb")
                data-row=key.get_value()
                data-column=column.to_string()
            >
                "·"
            </div>
        }
        .into_any();
    }
    let state = Memo::new(move |_| {
        let compiled = editing.policy.get();
        let target = target.get_value();
        editing.grants.with(|grants| {
            let own = model::own(grants, &target, verb);
            let fine = model::rules(grants, &target, verb)
                .iter()
                .any(|rule| !rule.is_plain());
            (
                own,
                fine,
                model::effective(&compiled.policy, grants, &target, verb),
            )
        })
    });
    let class = move || {
        state.with(|(own, _, effective)| {
            let extent = match effective.extent {
                Extent::All => "all",
                Extent::Some => "some",
                Extent::None if effective.denied => "denied",
                Extent::None => "no",
            };
            let own = if *own == Own::Inherit {
                ""
            } else {
                " matrix-own"
            };
            format!("matrix-cell matrix-{extent}{own}")
        })
    };
    let says = move || {
        state.with(|(own, _, effective)| {
            let extent = match effective.extent {
                Extent::All => t!("extent-all"),
                Extent::Some => t!("extent-some"),
                Extent::None if effective.denied => t!("extent-denied"),
                Extent::None => t!("extent-none"),
            };
            let own = match own {
                Own::Inherit => t!("cell-inherits"),
                Own::Allow => t!("cell-allows"),
                Own::Deny => t!("cell-denies"),
            };
            format!("{}, {}: {extent} ({own})", name.get(), words::verb(verb))
        })
    };
    let press = move |_| {
        let at = Some((target.get_value(), verb));
        // The first press looks, the next ones change: nothing is granted by a slip.
        if editing.at.get_untracked() == at {
            editing.step(&target.get_value(), verb);
        }
        editing.at.set(at);
        cursor.set((key.get_value(), column));
    };
    view! {
        <div
            class=class
            class:matrix-here=move || editing.at.with(|at| at.as_ref().is_some_and(|(t, v)| *v == verb && *t == target.get_value()))
            role="gridcell"
            id=format!("cell-{}-{}", key.get_value(), verb.text())
            tabindex=move || if tab.get() { "0" } else { "-1" }
            aria-label=says
            on:click=press
            data-row=key.get_value()
            data-column=column.to_string()
        >
            {move || {
                state
                    .with(|(_, fine, effective)| {
                        let icon = match effective.extent {
                            Extent::All => Some(Icon::Check),
                            Extent::Some => Some(Icon::Filter),
                            Extent::None if effective.denied => Some(Icon::Ban),
                            Extent::None => None,
                        };
                        let mark = (*fine || effective.limited).then(|| view! { <span class="matrix-mark" aria-hidden="true"></span> });
                        view! {
                            {icon.map(|icon| view! { <Drawn icon=icon /> })}
                            {mark}
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

/// What the signs mean.
#[component]
fn Legend() -> impl IntoView {
    let one = |class: &'static str, icon: Option<Icon>, key: &'static str| {
        view! {
            <span class="legend">
                <span class=format!("matrix-cell matrix-swatch {class}")>{icon.map(|icon| view! { <Drawn icon=icon /> })}</span>
                {tr!(key)}
            </span>
        }
    };
    view! {
        <div class="legends small weak">
            {one("matrix-all", Some(Icon::Check), "extent-all")}
            {one("matrix-some", Some(Icon::Filter), "extent-some")}
            {one("matrix-denied", Some(Icon::Ban), "extent-denied")}
            {one("matrix-all matrix-own", Some(Icon::Check), "matrix-said-here")}
        </div>
    }
}
