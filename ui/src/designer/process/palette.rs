//! What can be added: a bar with the most used, and the list of all with a search.

use flow::{edit::Command, model::Bounds, scene::EventMark};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    Work,
    hand::{Gesture, Hand},
    kinds::{self, FREQUENT, Group, Kind},
    shape,
};
use crate::{
    kit::{Drawn, Icon, IconButton, after, fold, take_focus, tooltip},
    t, tr,
};

/// What the list is open for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choosing {
    /// A new element in the middle of what is in sight, or at the selected frame.
    New,
    /// One after the selected element.
    Append,
    /// Another kind for the selected element.
    Change,
}

/// How a kind looks, small.
#[component]
pub fn Sample(kind: Kind, size: f64) -> impl IntoView {
    let (width, height) = match kind.group {
        Group::Tasks | Group::Containers => (44.0, 34.0),
        Group::Frames => (52.0, 30.0),
        Group::Data if kind.tag == "textAnnotation" || kind.tag == "group" => (40.0, 30.0),
        _ => kind.size(),
    };
    let bounds = Bounds {
        x: 0.0,
        y: 0.0,
        width,
        height,
    };
    let sample = kind.sample(bounds);
    let side = width.max(height) + 6.0;
    let (x, y) = ((width - side) / 2.0, (height - side) / 2.0);
    view! {
        <svg class="canvas-sample" width=size height=size viewBox=format!("{x} {y} {side} {side}") aria-hidden="true">
            {shape::shape(&sample)}
        </svg>
    }
}

/// The bar at the left. Ids for tests: `palette-TAG`, `palette-all`.
#[component]
pub fn Palette(work: Work, hand: Hand) -> impl IntoView {
    let bar = NodeRef::<html::Div>::new();
    // Arrow keys go through the bar, as in any toolbar.
    let keys = move |event: web_sys::KeyboardEvent| {
        let step: i32 = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => 1,
            "ArrowUp" | "ArrowLeft" => -1,
            _ => return,
        };
        let Some(bar) = bar.get_untracked() else {
            return;
        };
        let Ok(all) = bar.query_selector_all("button") else {
            return;
        };
        let count = i32::try_from(all.length()).unwrap_or(0);
        let focused = document().active_element();
        let at = (0..count).find(|at| {
            all.item(u32::try_from(*at).unwrap_or(0))
                .zip(focused.clone())
                .is_some_and(|(button, focused)| focused.is_same_node(Some(&button)))
        });
        let to = at.map_or(0, |at| (at + step).rem_euclid(count.max(1)));
        event.prevent_default();
        event.stop_propagation();
        if let Some(button) = all.item(u32::try_from(to).unwrap_or(0)) {
            let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    view! {
        <div class="canvas-palette" role="toolbar" aria-orientation="vertical" aria-label=tr!("canvas-palette") node_ref=bar on:keydown=keys>
            <IconButton
                icon=Icon::Search
                label=tr!("canvas-all")
                key="N"
                id="palette-all"
                on_press=move || work.choosing.set(Some(Choosing::New))
            />
            {FREQUENT.into_iter().map(|kind| view! { <Tool work=work hand=hand kind=kind /> }).collect_view()}
        </div>
    }
}

/// Pressed and let go, or pressed and dragged, it hangs at the pointer; by keyboard it is put into the middle.
#[component]
fn Tool(work: Work, hand: Hand, kind: Kind) -> impl IntoView {
    let node = NodeRef::<html::Button>::new();
    let label = Signal::derive(move || kind.name());
    tooltip(node, label, None);
    let on =
        move || matches!(hand.gesture.get(), Gesture::Place { kind: held, .. } if held == kind);
    view! {
        <button
            node_ref=node
            type="button"
            class="icon-button"
            class:canvas-tool-on=on
            id=format!("palette-{}", kind.tag)
            aria-label=label
            on:pointerdown=move |event| {
                if event.button() != 0 {
                    return;
                }
                event.prevent_default();
                // The browser would keep sending to the button what the canvas is to hear.
                if let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                    let _ = target.release_pointer_capture(event.pointer_id());
                }
                hand.gesture.set(Gesture::Place { kind, at: None, held: true });
            }
            on:click=move |event| {
                // No detail: it came from the keyboard.
                if event.detail() == 0 {
                    hand.cancel();
                    put(work, hand, kind, Choosing::New);
                }
            }
        >
            <Sample kind=kind size=24.0 />
        </button>
    }
}

/// Adds what was chosen from the list or by key.
fn put(work: Work, hand: Hand, kind: Kind, choosing: Choosing) {
    let chosen = work.chosen.get_untracked();
    let from = chosen.filter(|_| choosing == Choosing::Append || kind.is_boundary());
    let added = match choosing {
        Choosing::Change => {
            change(work, kind);
            None
        }
        _ => work.add(kind, None, from.as_deref()),
    };
    match added {
        Some(id) if kind.wants_name() => work.naming.set(Some(id)),
        _ => hand.focus(),
    }
}

fn family(tag: &str) -> u8 {
    match tag {
        "startEvent" | "intermediateCatchEvent" | "intermediateThrowEvent" | "endEvent" => 1,
        "boundaryEvent" => 2,
        tag if tag.ends_with("Gateway") => 3,
        "subProcess" | "transaction" | "adHocSubProcess" => 4,
        tag if tag.ends_with("ask") || tag == "callActivity" => 5,
        _ => 0,
    }
}

/// The kinds that an element can become.
pub fn same_family(work: Work, id: &str) -> Vec<Kind> {
    let Some(shape) = work.stage.shape(id) else {
        return Vec::new();
    };
    let own = kinds::ALL.iter().find(|kind| kind.shape == shape.kind);
    let family_of = own.map_or(0, |kind| family(kind.tag));
    if family_of == 0 {
        return Vec::new();
    }
    let open = shape.expanded;
    kinds::ALL
        .iter()
        .filter(|kind| family(kind.tag) == family_of && (family_of != 4 || kind.closed != open))
        .filter(|kind| !(family_of == 4 && kind.closed && kind.tag != "subProcess"))
        .copied()
        .collect()
}

fn change(work: Work, kind: Kind) {
    let Some(id) = work.chosen.get_untracked() else {
        return;
    };
    let element: flow::ElementId = id.as_str().into();
    let known = work.stage.shape(&id);
    let mut commands = vec![Command::Retype {
        element: element.clone(),
        tag: kind.tag.to_owned(),
    }];
    let event = matches!(family(kind.tag), 1 | 2);
    if event {
        // What it waits for stays where the sign is the same.
        if known.is_some_and(|shape| shape.event != kind.mark) {
            commands.push(Command::SetEvent {
                element: element.clone(),
                event: kinds::event_of(kind.mark),
            });
        }
        let goes_on = kind.sets.contains(&("cancelActivity", "false"));
        if kind.is_boundary() {
            commands.push(Command::Set {
                element,
                attribute: "cancelActivity".to_owned(),
                value: goes_on.then(|| "false".to_owned()),
            });
        }
    } else if family(kind.tag) == 4 {
        let inner = kind.sets.contains(&("triggeredByEvent", "true"));
        commands.push(Command::Set {
            element,
            attribute: "triggeredByEvent".to_owned(),
            value: inner.then(|| "true".to_owned()),
        });
    }
    if work.apply("change", commands) {
        work.say.set(t!("canvas-said-changed", kind = kind.name()));
    }
}

/// All kinds, grouped, with a search. Ids for tests: `chooser`, `chooser-search`.
#[component]
pub fn Chooser(work: Work, hand: Hand) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let search = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Div>::new();
    // Which opening this is: the focus that one lost does not close the next.
    let opened = StoredValue::new(0_u32);
    Effect::new(move |_| {
        if work.choosing.get().is_some() {
            opened.update_value(|opened| *opened += 1);
            text.set(String::new());
            at.set(0);
        }
    });
    Effect::new(move |_| {
        if let Some(search) = search.get() {
            take_focus(&search);
        }
    });
    let found = Memo::new(move |_| {
        let Some(choosing) = work.choosing.get() else {
            return Vec::new();
        };
        let all = match choosing {
            Choosing::New => kinds::ALL.to_vec(),
            Choosing::Append => {
                let activity = work
                    .chosen
                    .get()
                    .and_then(|id| work.stage.shape(&id))
                    .is_some_and(|shape| super::stage::is_activity(&shape));
                kinds::ALL
                    .iter()
                    .filter(|kind| kind.follows() || (activity && kind.is_boundary()))
                    .copied()
                    .collect()
            }
            Choosing::Change => work
                .chosen
                .get()
                .map(|id| same_family(work, &id))
                .unwrap_or_default(),
        };
        let words = fold(&text.get());
        all.into_iter()
            .filter(|kind| {
                let name = fold(&format!(
                    "{} {} {}",
                    kind.name(),
                    kind.group.name(),
                    kind.tag
                ));
                words.split_whitespace().all(|word| name.contains(word))
            })
            .collect::<Vec<Kind>>()
    });
    let close = move || {
        work.choosing.set(None);
        hand.focus();
    };
    let take = move |kind: Kind| {
        let Some(choosing) = work.choosing.get_untracked() else {
            return;
        };
        work.choosing.set(None);
        put(work, hand, kind, choosing);
    };
    let show = move |to: usize| {
        at.set(to);
        if let Some(list) = list.get_untracked()
            && let Ok(Some(line)) = list.query_selector(&format!("#chooser-{to}"))
        {
            line.scroll_into_view_with_bool(false);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "Escape" => close(),
            "ArrowDown" if count > 0 => show((at.get_untracked() + 1) % count),
            "ArrowUp" if count > 0 => show((at.get_untracked() + count - 1) % count),
            "Home" if count > 0 => show(0),
            "End" if count > 0 => show(count - 1),
            "Enter" => {
                let kind = found.with_untracked(|found| found.get(at.get_untracked()).copied());
                if let Some(kind) = kind {
                    take(kind);
                }
            }
            "Tab" => close(),
            _ => {
                event.stop_propagation();
                return;
            }
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let title = move || match work.choosing.get() {
        Some(Choosing::Append) => t!("canvas-append"),
        Some(Choosing::Change) => t!("canvas-change"),
        _ => t!("canvas-all"),
    };
    view! {
        <Show when=move || work.choosing.get().is_some()>
            <div class="canvas-chooser" id="chooser" role="dialog" aria-label=title on:pointerdown=|event| event.stop_propagation()>
                <div class="input">
                    <Drawn icon=Icon::Search />
                    <input
                        node_ref=search
                        id="chooser-search"
                        type="text"
                        role="combobox"
                        aria-expanded="true"
                        aria-controls="chooser-list"
                        aria-autocomplete="list"
                        aria-activedescendant=move || format!("chooser-{}", at.get())
                        aria-label=title
                        placeholder=title
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=move || text.get()
                        on:input=move |event| {
                            text.set(event_target_value(&event));
                            at.set(0);
                        }
                        on:keydown=keys
                        on:blur=move |_| {
                            // A press on a line takes the focus first; it closes by itself.
                            let own = opened.get_value();
                            after(150, move || {
                                let inside = document().active_element().is_some_and(|active| active.closest("#chooser").ok().flatten().is_some());
                                let still = opened.try_get_value() == Some(own);
                                if still && !inside && work.choosing.try_get_untracked().flatten().is_some() {
                                    work.choosing.set(None);
                                }
                            });
                        }
                    />
                </div>
                <div class="canvas-chooser-list" id="chooser-list" role="listbox" aria-label=title node_ref=list>
                    {move || {
                        let mut last = None;
                        found
                            .get()
                            .into_iter()
                            .enumerate()
                            .map(|(number, kind)| {
                                let heading = (last != Some(kind.group)).then(|| {
                                    view! { <div class="option-group" role="presentation">{kind.group.name()}</div> }
                                });
                                last = Some(kind.group);
                                view! {
                                    {heading}
                                    <div
                                        class="option"
                                        role="option"
                                        id=format!("chooser-{number}")
                                        class:option-active=move || at.get() == number
                                        aria-selected=move || (at.get() == number).to_string()
                                        on:pointermove=move |_| if at.get_untracked() != number { at.set(number) }
                                        on:pointerdown=move |event| {
                                            event.prevent_default();
                                            event.stop_propagation();
                                            take(kind);
                                        }
                                    >
                                        <Sample kind=kind size=22.0 />
                                        <span>{kind.name()}</span>
                                    </div>
                                }
                            })
                            .collect_view()
                    }}
                    <Show when=move || found.with(Vec::is_empty)>
                        <p class="weak small canvas-chooser-none">{tr!("canvas-none-found")}</p>
                    </Show>
                </div>
            </div>
        </Show>
    }
}

impl Work {
    /// Whether something can come after an element.
    pub fn leads_on(&self, id: &str) -> bool {
        use flow::scene::ShapeKind;
        self.stage.shape(id).is_some_and(|shape| {
            !matches!(
                shape.kind,
                ShapeKind::EndEvent
                    | ShapeKind::Pool
                    | ShapeKind::Lane
                    | ShapeKind::Group
                    | ShapeKind::Annotation
                    | ShapeKind::EventSubProcess
                    | ShapeKind::DataObject
                    | ShapeKind::DataStore
                    | ShapeKind::DataInput
                    | ShapeKind::DataOutput
            ) && (shape.kind != ShapeKind::BoundaryEvent || shape.event != EventMark::Compensation)
        })
    }
}
