use std::collections::BTreeSet;

use access::Verb;
use api::{
    organisation::{NewUnit, SaveUnit, UnitLine},
    path,
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::unit::UnitPanel;
use crate::{
    kit::{
        Button, Count, Dialog, Drawn, EmptyState, Field, Icon, Look, TextInput, Tone, fold,
        shortcut, toast, toast_with,
    },
    loaded::Loaded,
    problem::Problem,
    remember::remembered,
    settings::parts::{Refusal, at_field, may, units},
    t, tr,
    transport::{self, live},
};

/// A unit in the order in which it is drawn.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    unit: UnitLine,
    depth: usize,
    parent: bool,
    /// Users of the unit and of all below it.
    total: u32,
}

fn id(unit: &UnitLine) -> String {
    unit.id.to_string()
}

/// The tree as lines, by name; only what is open, unless something is searched for.
fn lines(all: &[UnitLine], open: &BTreeSet<String>, wanted: &str) -> Vec<Line> {
    fn total(all: &[UnitLine], of: &UnitLine, depth: usize) -> u32 {
        let below: u32 = if depth < 64 {
            all.iter()
                .filter(|unit| unit.parent == Some(of.id))
                .map(|unit| total(all, unit, depth + 1))
                .sum()
        } else {
            0
        };
        of.users + below
    }
    fn walk(
        all: &[UnitLine],
        parent: Option<&UnitLine>,
        depth: usize,
        open: &BTreeSet<String>,
        out: &mut Vec<Line>,
    ) {
        let mut here: Vec<&UnitLine> = all
            .iter()
            .filter(|unit| match (unit.parent, parent) {
                (None, None) => true,
                (Some(own), Some(parent)) => own == parent.id,
                // Whose parent is not seen stands at the top.
                (Some(own), None) => !all.iter().any(|one| one.id == own),
                (None, Some(_)) => false,
            })
            .collect();
        here.sort_by_key(|unit| fold(&unit.name));
        for unit in here {
            let is_parent = all.iter().any(|one| one.parent == Some(unit.id));
            out.push(Line {
                unit: unit.clone(),
                depth,
                parent: is_parent,
                total: total(all, unit, 0),
            });
            if is_parent && depth < 64 && open.contains(&id(unit)) {
                walk(all, Some(unit), depth + 1, open, out);
            }
        }
    }
    let mut out = Vec::new();
    if wanted.is_empty() {
        walk(all, None, 0, open, &mut out);
    } else {
        let everything: BTreeSet<String> = all.iter().map(id).collect();
        walk(all, None, 0, &everything, &mut out);
        out.retain(|line| fold(&line.unit.name).contains(wanted));
    }
    out
}

/// Whether `unit` is `of` or stands below it.
fn is_below(all: &[UnitLine], unit: &UnitLine, of: &UnitLine) -> bool {
    let mut at = Some(unit);
    for _ in 0..=all.len() {
        let Some(here) = at else { return false };
        if here.id == of.id {
            return true;
        }
        at = here
            .parent
            .and_then(|parent| all.iter().find(|one| one.id == parent));
    }
    false
}

/// The tree that one draws: dragged with the pointer, or by keys (Ctrl+X takes a branch up, Ctrl+V puts it under the unit
/// that has the focus, Alt+Left takes it one level out). N: new below, F2: rename, Delete: remove. Ids for tests:
/// `unit-new`, `unit-ID`, `unit-field-name`.
#[component]
pub fn Units(again: RwSignal<u64>) -> impl IntoView {
    let all = Loaded::new(move || {
        again.track();
        units()
    });
    live::follow(&["access"], move |_: api::events::LiveEvent| all.again());
    let chosen = RwSignal::new(None::<String>);
    let open = remembered("engage.units.open", BTreeSet::<String>::new());
    let text = RwSignal::new(String::new());
    let taken = RwSignal::new(None::<String>);
    let over = RwSignal::new(None::<String>);
    // Under which unit a new one is made; the inner None: at the top.
    let making = RwSignal::new(None::<Option<UnitLine>>);
    let asking = RwSignal::new(false);
    let shown = Memo::new(move |_| {
        let wanted = fold(&text.get());
        open.with(|open| lines(&all.get().unwrap_or_default(), open, &wanted))
    });
    let find = move |wanted: &str| {
        all.get_untracked()
            .unwrap_or_default()
            .into_iter()
            .find(|unit| id(unit) == wanted)
    };
    let creates = may(Verb::Create, "unit");
    let changes = may(Verb::Change, "unit");
    let node = NodeRef::<html::Div>::new();
    let focus = move || {
        request_animation_frame(move || {
            if let Some(node) = node.get_untracked()
                && let Ok(Some(line)) = node.query_selector("[tabindex='0']")
            {
                let _ = line.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    };
    let move_to = Callback::new(move |(unit, parent): (String, Option<String>)| {
        if !changes.get_untracked() {
            return;
        }
        let known = all.get_untracked().unwrap_or_default();
        let Some(unit) = known.iter().find(|one| id(one) == unit).cloned() else {
            return;
        };
        let heir = parent
            .as_ref()
            .and_then(|parent| known.iter().find(|one| id(one) == *parent));
        if let Some(heir) = heir
            && is_below(&known, heir, &unit)
        {
            toast_with(t!("unit-not-below-itself"), Tone::Warning, None);
            return;
        }
        if unit.parent == heir.map(|heir| heir.id) {
            return;
        }
        let wanted = SaveUnit {
            version: unit.version,
            name: unit.name.clone(),
            parent: heir.map(|heir| heir.id),
        };
        let name = heir.map_or_else(|| t!("unit-top"), |heir| heir.name.clone());
        let own = id(&unit);
        leptos::task::spawn_local(async move {
            let address = path::fill(path::UNIT, &[&own]);
            let answer: Result<UnitLine, Problem> = transport::put(&address, &wanted).await;
            match answer {
                Ok(moved) => {
                    if let Some(parent) = moved.parent {
                        open.try_update(|open| open.insert(parent.to_string()));
                    }
                    all.again();
                    again.try_update(|again| *again += 1);
                    toast_with(
                        t!("unit-moved", name = moved.name, into = name),
                        Tone::Success,
                        None,
                    );
                }
                Err(refused) => {
                    // What the tree shows was old: the new one says what happened.
                    all.again();
                    toast_with(refused.sentence, Tone::Danger, None);
                }
            }
        });
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        let lines = shown.get_untracked();
        let now = chosen.get_untracked().unwrap_or_default();
        let at = lines
            .iter()
            .position(|line| id(&line.unit) == now)
            .unwrap_or(0);
        let Some(line) = lines.get(at).cloned() else {
            return;
        };
        let own = id(&line.unit);
        let is_open = open.with_untracked(|open| open.contains(&own));
        let far = event.ctrl_key() || event.meta_key();
        let go = |to: Option<&Line>| {
            if let Some(to) = to {
                chosen.set(Some(id(&to.unit)));
                focus();
            }
        };
        match event.key().as_str() {
            "ArrowDown" => go(lines.get(at + 1)),
            "ArrowUp" => go(at.checked_sub(1).and_then(|at| lines.get(at))),
            "Home" => go(lines.first()),
            "End" => go(lines.last()),
            "ArrowLeft" if event.alt_key() => {
                let parent = line
                    .unit
                    .parent
                    .and_then(|parent| find(&parent.to_string()));
                if let Some(parent) = parent {
                    move_to.run((own, parent.parent.map(|id| id.to_string())));
                }
            }
            "ArrowRight" if line.parent && !is_open => {
                open.update(|open| {
                    open.insert(own);
                });
            }
            "ArrowRight" => go(lines.get(at + 1).filter(|next| next.depth > line.depth)),
            "ArrowLeft" if is_open && line.parent => {
                open.update(|open| {
                    open.remove(&own);
                });
            }
            "ArrowLeft" => go(lines
                .iter()
                .find(|other| Some(other.unit.id) == line.unit.parent)),
            "x" if far => {
                taken.set(Some(own));
                toast(t!("unit-taken", name = line.unit.name));
            }
            "v" if far => {
                if let Some(moving) = taken.get_untracked() {
                    taken.set(None);
                    move_to.run((moving, Some(own)));
                }
            }
            "Escape" if taken.with_untracked(Option::is_some) => taken.set(None),
            "F2" | "Enter" => {
                if let Some(field) = document().get_element_by_id("unit-field-name") {
                    let _ = field.unchecked_into::<web_sys::HtmlElement>().focus();
                }
            }
            "n" | "N" | "Insert" if !far && creates.get_untracked() => {
                making.set(Some(Some(line.unit)));
            }
            "Delete" => asking.set(true),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    shortcut("N", Signal::derive(|| t!("unit-new")), move || {
        if creates.get_untracked() {
            let below = chosen.get_untracked().and_then(|id| find(&id));
            making.set(Some(below));
        }
    });
    let panel = Signal::derive(move || {
        let wanted = chosen.get()?;
        all.get()
            .unwrap_or_default()
            .into_iter()
            .find(|unit| id(unit) == wanted)
    });
    let panel_key = Memo::new(move |_| panel.get().map(|unit| id(&unit)));
    view! {
        <div class="beside" class:beside-open=move || panel_key.with(Option::is_some)>
            <div class="beside-list">
                <div class="settings-bar">
                    <div class="search-box"><TextInput id="unit-search" value=text kind="search" icon=Icon::Search label=tr!("unit-search") placeholder=tr!("unit-search") /></div>
                    <span class="grow"></span>
                    <Show when=move || creates.get()>
                        <Button id="unit-new-top" label=tr!("unit-new-top") icon=Icon::Plus on_press=move || making.set(Some(None)) />
                        <Button
                            id="unit-new"
                            label=tr!("unit-new")
                            icon=Icon::Plus
                            look=Look::Primary
                            key="N"
                            on_press=move || {
                                let below = chosen.get_untracked().and_then(|id| find(&id));
                                making.set(Some(below));
                            }
                        />
                    </Show>
                </div>
                {all.view(
                    8,
                    || t!("units-failed"),
                    move || {
                        view! {
                            <Show
                                when=move || !shown.with(Vec::is_empty)
                                fallback=move || {
                                    view! { <EmptyState icon=Icon::ListTree title=tr!("units-none") text=Signal::derive(|| t!("units-none-text")) /> }
                                }
                            >
                                <div class="tree units" role="tree" node_ref=node aria-label=tr!("organisation-units") on:keydown=keys>
                                    <For each=move || shown.get() key=|line| (id(&line.unit), line.unit.version, line.depth, line.parent, line.total) let:line>
                                        <One
                                            line=line
                                            shown=shown
                                            chosen=chosen
                                            open=open
                                            taken=taken
                                            over=over
                                            drags=changes
                                            on_drop=move |(unit, parent): (String, String)| move_to.run((unit, Some(parent)))
                                        />
                                    </For>
                                </div>
                                <div
                                    class="units-top small weak"
                                    class:units-over=move || over.with(|over| over.as_deref() == Some(""))
                                    hidden=move || taken.with(Option::is_none)
                                    on:dragover=move |event: web_sys::DragEvent| {
                                        event.prevent_default();
                                        over.set(Some(String::new()));
                                    }
                                    on:drop=move |event: web_sys::DragEvent| {
                                        event.prevent_default();
                                        over.set(None);
                                        if let Some(unit) = taken.get_untracked() {
                                            taken.set(None);
                                            move_to.run((unit, None));
                                        }
                                    }
                                >
                                    {tr!("unit-drop-top")}
                                </div>
                            </Show>
                        }
                    },
                )}
            </div>
            {move || {
                panel_key
                    .get()
                    .and_then(|_| panel.get_untracked())
                    .map(|unit| {
                        view! {
                            <aside class="beside-detail">
                                <UnitPanel unit=unit all=all chosen=chosen asking=asking again=again />
                            </aside>
                        }
                    })
            }}
            <NewUnitDialog making=making on_made=move |unit: UnitLine| {
                if let Some(parent) = unit.parent {
                    open.update(|open| {
                        open.insert(parent.to_string());
                    });
                }
                chosen.set(Some(id(&unit)));
                all.again();
                focus();
            } />
        </div>
    }
}

#[component]
#[expect(
    clippy::too_many_arguments,
    reason = "what a line of the tree shares with its tree"
)]
fn One(
    line: Line,
    shown: Memo<Vec<Line>>,
    chosen: RwSignal<Option<String>>,
    open: RwSignal<BTreeSet<String>>,
    taken: RwSignal<Option<String>>,
    over: RwSignal<Option<String>>,
    #[prop(into)] drags: Signal<bool>,
    #[prop(into)] on_drop: Callback<((String, String),)>,
) -> impl IntoView {
    let own = StoredValue::new(id(&line.unit));
    let is = move |signal: RwSignal<Option<String>>| {
        signal.with(|value| value.as_deref() == Some(own.get_value().as_str()))
    };
    let first = Memo::new(move |_| {
        shown.with(|shown| {
            let none = !shown.iter().any(|line| {
                chosen.with(|chosen| chosen.as_deref() == Some(id(&line.unit).as_str()))
            });
            none && shown
                .first()
                .is_some_and(|line| id(&line.unit) == own.get_value())
        })
    });
    let is_open = Memo::new(move |_| open.with(|open| open.contains(&own.get_value())));
    let parent = line.parent;
    let (users, total) = (line.unit.users, line.total);
    view! {
        <div
            class="tree-line unit-line"
            class:units-over=move || is(over)
            class:unit-taken=move || is(taken)
            id=format!("unit-{}", own.get_value())
            role="treeitem"
            prop:ariaLevel=(line.depth + 1).to_string()
            aria-expanded=move || parent.then(|| is_open.get().to_string())
            aria-selected=move || is(chosen).to_string()
            tabindex=move || if is(chosen) || first.get() { "0" } else { "-1" }
            draggable=move || drags.get().to_string()
            style:padding-inline-start=format!("{}px", 4 + line.depth * 20)
            on:click=move |_| chosen.set(Some(own.get_value()))
            on:dragstart=move |event: web_sys::DragEvent| {
                taken.set(Some(own.get_value()));
                if let Some(data) = event.data_transfer() {
                    let _ = data.set_data("text/plain", &own.get_value());
                }
            }
            on:dragend=move |_| {
                taken.set(None);
                over.set(None);
            }
            on:dragover=move |event: web_sys::DragEvent| {
                if taken.with_untracked(Option::is_some) {
                    event.prevent_default();
                    over.set(Some(own.get_value()));
                }
            }
            on:drop=move |event: web_sys::DragEvent| {
                event.prevent_default();
                over.set(None);
                if let Some(unit) = taken.get_untracked() {
                    taken.set(None);
                    on_drop.run(((unit, own.get_value()),));
                }
            }
        >
            <span
                class="tree-twist"
                on:click=move |event| {
                    if parent {
                        event.stop_propagation();
                        open.update(|open| {
                            let own = own.get_value();
                            if !open.remove(&own) {
                                open.insert(own);
                            }
                        });
                    }
                }
            >
                {move || {
                    parent
                        .then(|| {
                            let icon = if is_open.get() { Icon::ChevronDown } else { Icon::ChevronRight };
                            view! { <Drawn icon=icon /> }
                        })
                }}
            </span>
            <Drawn icon=Icon::Building />
            <span class="cut grow">{line.unit.name.clone()}</span>
            {(total > users).then(|| view! { <span class="weak small">{move || t!("unit-with-below", count = total)}</span> })}
            <Count count=u64::from(users) />
        </div>
    }
}

#[component]
fn NewUnitDialog(
    making: RwSignal<Option<Option<UnitLine>>>,
    #[prop(into)] on_made: Callback<(UnitLine,)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        let wanted = making.with(Option::is_some);
        if wanted {
            name.set(String::new());
            problem.set(None);
        }
        open.set(wanted);
    });
    Effect::new(move |_| {
        if !open.get() && making.with_untracked(Option::is_some) {
            making.set(None);
        }
    });
    let above = Signal::derive(move || making.get().flatten());
    let make = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let wanted = NewUnit {
            name: name.get_untracked(),
            parent: above.get_untracked().map(|unit| unit.id),
        };
        leptos::task::spawn_local(async move {
            let answer: Result<UnitLine, Problem> = transport::post(path::UNITS, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(made) => {
                    making.try_set(None);
                    on_made.try_run((made,));
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <Dialog
            open=open
            title=tr!("unit-new")
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || making.set(None) />
                    <Button
                        id="unit-make"
                        label=tr!("unit-make")
                        look=Look::Primary
                        busy=busy
                        disabled=Signal::derive(move || name.with(|name| name.trim().is_empty()))
                        on_press=make
                    />
                }
            })
        >
            <div class="stack">
                <p class="weak">
                    {move || match above.get() {
                        Some(unit) => t!("unit-new-below", name = unit.name),
                        None => t!("unit-new-at-top"),
                    }}
                </p>
                <Field id="unit-new-name" label=tr!("unit-name") required=true error=at_field(problem, "name")>
                    <TextInput value=name focus=true max_length=200_u32 on_enter=make />
                </Field>
                <Refusal problem=problem fields=&["name"] />
            </div>
        </Dialog>
    }
}
