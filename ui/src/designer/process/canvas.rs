use flow::{
    edit::Command,
    model::{Bounds, Point},
    scene::{Drawing, Item},
};
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{
    Work,
    hand::{Gesture, Hand},
    kinds,
    overlay::Overlay,
    pad::{Naming, Pad, to_properties},
    palette::{Chooser, Choosing, Palette},
    shape,
    stage::{Live, id_of},
    view::View,
    walk::{self, Step},
};
use crate::{
    kit::{Icon, IconButton, shortcut},
    t, tr,
};

/// Connecting by keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    pub source: String,
    /// With whether it may be.
    pub target: Option<(String, bool)>,
}

/// The drawing and everything that is done to it. By pointer: drag the ground to move it, Shift and drag to select, drag
/// shapes, handles and lines. By key: arrows go from element to element, Shift+arrows move, `N` adds, `A` appends, `C`
/// connects, F2 renames, Enter goes on to the properties, Escape lets go.
#[component]
pub fn Canvas(drawing: Memo<Option<Drawing>>, work: Work) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let hand = Hand::new(work, frame);
    let stage = work.stage;
    Effect::new(move |_| {
        if let Some(drawing) = drawing.get() {
            stage.show(drawing);
            // What is no more cannot stay selected.
            let known = |id: &String| {
                stage.with(|drawing| drawing.items.iter().any(|item| id_of(item) == id))
            };
            let also = work.also.get_untracked();
            if !also.iter().all(known) {
                work.also.set(also.into_iter().filter(known).collect());
            }
        }
    });
    let fit = move || {
        let (width, height) = work.size();
        let extent = stage.with(|drawing| drawing.extent);
        work.sight.set(View::fitting(extent, width, height));
    };
    let plane =
        Memo::new(move |_| drawing.with(|drawing| drawing.as_ref().map(|one| one.id.clone())));
    Effect::new(move |before: Option<Option<_>>| {
        let now = plane.get();
        // Another drawing of the document is seen whole; the same one is left as one looks at it.
        if frame.get().is_some() && before.flatten() != now {
            request_animation_frame(fit);
        }
        now
    });
    let zoom = move |by: f64| {
        let (width, height) = work.size();
        work.sight
            .update(|sight| *sight = sight.zoomed(by, width / 2.0, height / 2.0));
    };
    Effect::new(move |_| {
        if let Some(id) = work.chosen.get()
            && let Some(bounds) = bounds_of(work, &id)
        {
            let (width, height) = work.size();
            let now = work.sight.get_untracked();
            let next = now.revealing(bounds, width, height);
            if next != now {
                work.sight.set(next);
            }
        }
    });
    bound_keys(work, hand, fit);
    let keys = move |event: web_sys::KeyboardEvent| {
        if key(work, hand, &event, zoom, fit) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let wheel = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        let Some(frame) = frame.get_untracked() else {
            return;
        };
        let corner = frame.get_bounding_client_rect();
        let (x, y) = (
            f64::from(event.client_x()) - corner.left(),
            f64::from(event.client_y()) - corner.top(),
        );
        work.sight.update(|now| {
            if event.ctrl_key() || event.meta_key() {
                *now = now.zoomed((-event.delta_y() / 300.0).exp(), x, y);
            } else if event.shift_key() {
                now.x -= event.delta_y();
            } else {
                now.x -= event.delta_x();
                now.y -= event.delta_y();
            }
        });
    };
    let paste = move |event: web_sys::ClipboardEvent| {
        event.prevent_default();
        work.pasting.set_value(false);
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text/plain").ok());
        work.paste(text);
    };
    let told = Memo::new(move |_| {
        stage.turn.track();
        work.chosen.get().map(|id| told(work, &id))
    });
    // What was done is said; then what is chosen.
    Effect::new(move |_| {
        if let Some(told) = told.get() {
            work.say.set(told);
        }
    });
    // The frame's size is asked for when it changes: in the middle of a drag the question would cost a layout each time.
    let size = RwSignal::new((0.0, 0.0));
    watch_size(frame, size);
    Effect::new(move |_| {
        stage.turn.track();
        let (width, height) = size.get();
        if width > 0.0 {
            stage.look(work.sight.get().seen(width, height));
        }
    });
    let shown = Memo::new(move |_| {
        let chosen = work.chosen.get();
        let also = work.also.get();
        stage.shown(|id| chosen.as_deref() == Some(id) || also.iter().any(|one| one == id))
    });
    let transform = move || {
        let view = work.sight.get();
        format!("translate({} {}) scale({})", view.x, view.y, view.scale)
    };
    let cursor = move || match hand.gesture.get() {
        Gesture::Pan { .. } | Gesture::Move { .. } => "canvas canvas-held",
        Gesture::Line { .. } | Gesture::End { .. } | Gesture::Place { .. } => {
            "canvas canvas-aiming"
        }
        _ => "canvas",
    };
    view! {
        <div class="canvas-whole">
            <Palette work=work hand=hand />
            <div class="canvas-frame">
                <div
                    node_ref=frame
                    id="canvas"
                    class=cursor
                    tabindex="0"
                    role="application"
                    aria-label=tr!("process-canvas")
                    aria-describedby="canvas-keys"
                    aria-activedescendant=move || work.chosen.get().map(|id| format!("element-{id}"))
                    on:keydown=keys
                    on:pointerdown=move |event| hand.down(&event)
                    on:pointermove=move |event| hand.moved(&event)
                    on:pointerup=move |event| hand.up(&event)
                    on:pointercancel=move |_| hand.cancel()
                    on:dblclick=move |event: web_sys::MouseEvent| {
                        let item = event
                            .target()
                            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                            .and_then(|target| target.closest("[data-element], [data-label]").ok().flatten());
                        let id = item.and_then(|item| item.get_attribute("data-element").or_else(|| item.get_attribute("data-label")));
                        if let Some(id) = id {
                            work.select_one(&id);
                            work.naming.set(Some(id));
                        }
                    }
                    on:wheel=wheel
                    on:paste=paste
                >
                    <svg class="bpmn" role="group" aria-label=tr!("process-canvas")>
                        <Ends />
                        <g transform=transform>
                            <g>
                                <For each=move || shown.get() key=Clone::clone children=move |key| one(work, &key) />
                            </g>
                            <g class="bpmn-labels">
                                <For each=move || shown.get() key=Clone::clone children=move |key| label(work, &key) />
                            </g>
                            <g class="canvas-over-all"><Overlay work=work hand=hand /></g>
                        </g>
                    </svg>
                </div>
                <Pad work=work hand=hand />
                <Naming work=work hand=hand />
                <Chooser work=work hand=hand />
                {move || hand.refusal.get().map(|(why, x, y)| view! {
                    <div class="canvas-refusal" role="alert" style:left=format!("{}px", x + 14.0) style:top=format!("{}px", y + 14.0)>{why}</div>
                })}
                <p class="only-read" id="canvas-keys">{tr!("canvas-keys")}</p>
                <p class="only-read" aria-live="polite" id="canvas-said">{move || work.say.get()}</p>
                <Show when=move || stage.turn.get() != 0 && stage.with(|drawing| drawing.items.is_empty())>
                    <p class="canvas-empty">{tr!("canvas-empty")}</p>
                </Show>
                <div class="canvas-tools">
                    <IconButton icon=Icon::LayoutGrid label=tr!("canvas-layout") key="Shift+L" id="canvas-layout" on_press=move || { work.apply("layout", vec![Command::Layout]); } />
                    <IconButton icon=Icon::ZoomOut label=tr!("process-zoom-out") key="-" on_press=move || zoom(0.8) />
                    <span class="small figures canvas-zoom">
                        {move || t!("kit-percent", number = format!("{:.0}", work.sight.get().scale * 100.0))}
                    </span>
                    <IconButton icon=Icon::ZoomIn label=tr!("process-zoom-in") key="+" on_press=move || zoom(1.25) />
                    <IconButton icon=Icon::Maximize label=tr!("process-fit") key="0" on_press=fit />
                </div>
            </div>
        </div>
    }
}

fn bounds_of(work: Work, id: &str) -> Option<Bounds> {
    if let Some(shape) = work.stage.shape(id) {
        return Some(shape.bounds);
    }
    let edge = work.stage.edge(id)?;
    let point = edge.waypoints.first()?;
    Some(Bounds {
        x: point.x,
        y: point.y,
        width: 1.0,
        height: 1.0,
    })
}

/// What is chosen, for a screen reader: what it is, its name, and where it leads.
fn told(work: Work, id: &str) -> String {
    let stage = work.stage;
    if let Some(shape) = stage.shape(id) {
        let mut said = kinds::told(&shape);
        let ways: Vec<String> = stage.with(|drawing| {
            drawing
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Edge(edge) if edge.source.as_deref() == Some(id) => edge.target.clone(),
                    _ => None,
                })
                .map(|target| target.to_string())
                .collect()
        });
        let ways: Vec<String> = ways
            .iter()
            .filter_map(|id| stage.shape(id))
            .map(|shape| kinds::told(&shape))
            .collect();
        if !ways.is_empty() {
            said = t!("canvas-told-leads", what = said, to = ways.join("; "));
        }
        let wrong = work
            .faults
            .with_untracked(|faults| faults.iter().any(|(known, _)| known == id));
        if wrong {
            said = t!("canvas-told-wrong", what = said);
        }
        return said;
    }
    let Some(edge) = stage.edge(id) else {
        return String::new();
    };
    let end = |end: &Option<flow::ElementId>| {
        end.as_ref()
            .and_then(|id| stage.shape(id))
            .map(|shape| kinds::told(&shape))
            .unwrap_or_default()
    };
    t!(
        "canvas-told-flow",
        name = edge.name.clone(),
        from = end(&edge.source),
        to = end(&edge.target)
    )
}

/// Keys that the status bar tells.
fn bound_keys(work: Work, hand: Hand, fit: impl Fn() + Copy + Send + Sync + 'static) {
    let free = move || work.form.with_untracked(Option::is_none);
    let chosen = move || work.chosen.get_untracked().filter(|_| free());
    shortcut("N", Signal::derive(|| t!("canvas-all")), move || {
        if free() {
            work.choosing.set(Some(Choosing::New));
        }
    });
    shortcut("A", Signal::derive(|| t!("canvas-append")), move || {
        if chosen().is_some_and(|id| work.leads_on(&id)) {
            work.choosing.set(Some(Choosing::Append));
        }
    });
    shortcut("C", Signal::derive(|| t!("canvas-connect")), move || {
        if let Some(source) = chosen().filter(|id| work.stage.shape(id).is_some()) {
            hand.focus();
            work.say.set(t!("canvas-said-aim"));
            work.aim.set(Some(Aim {
                source,
                target: None,
            }));
        }
    });
    shortcut("F2", Signal::derive(|| t!("canvas-rename")), move || {
        if let Some(id) = chosen() {
            work.naming.set(Some(id));
        }
    });
    shortcut("T", Signal::derive(|| t!("canvas-change")), move || {
        if chosen().is_some_and(|id| super::palette::same_family(work, &id).len() > 1) {
            work.choosing.set(Some(Choosing::Change));
        }
    });
    shortcut(
        "P",
        Signal::derive(|| t!("canvas-next-problem")),
        move || {
            if free() {
                next_fault(work);
                hand.focus();
            }
        },
    );
    shortcut(
        "Shift+L",
        Signal::derive(|| t!("canvas-layout")),
        move || {
            if free() && work.apply("layout", vec![Command::Layout]) {
                request_animation_frame(fit);
            }
        },
    );
}

/// On to the next element with something wrong, and what that is.
fn next_fault(work: Work) {
    let all = work.faults.get_untracked();
    let chosen = work.chosen.get_untracked();
    let at = all.iter().position(|(id, _)| Some(id) == chosen.as_ref());
    let next = at.map_or(0, |at| (at + 1) % all.len().max(1));
    match all.get(next) {
        Some((id, _)) => {
            work.select_one(id);
            work.explained.set(true);
        }
        None => work.say.set(t!("designer-problems-none")),
    }
}

/// A key on the canvas. `true`: it was taken.
fn key(
    work: Work,
    hand: Hand,
    event: &web_sys::KeyboardEvent,
    zoom: impl Fn(f64),
    fit: impl Fn(),
) -> bool {
    let name = event.key();
    let (ctrl, shift) = (event.ctrl_key() || event.meta_key(), event.shift_key());
    let arrow = match name.as_str() {
        "ArrowLeft" => Some((Step::Left, -1.0, 0.0)),
        "ArrowRight" => Some((Step::Right, 1.0, 0.0)),
        "ArrowUp" => Some((Step::Up, 0.0, -1.0)),
        "ArrowDown" => Some((Step::Down, 0.0, 1.0)),
        _ => None,
    };
    if event.alt_key() {
        return false;
    }
    if let Some((step, dx, dy)) = arrow {
        match (ctrl, shift) {
            (false, false) => go(work, step),
            (false, true) => work.nudge(dx * 10.0, dy * 10.0),
            (true, false) => work.nudge(dx, dy),
            (true, true) => work.grow(dx * 10.0, dy * 10.0),
        }
        return true;
    }
    if ctrl {
        match name.to_lowercase().as_str() {
            "a" => work.select_all(),
            "c" => return work.copy(),
            "x" => {
                if work.copy() {
                    work.remove_selected();
                }
            }
            "d" => {
                if work.copy() {
                    work.paste(None);
                }
            }
            "v" => {
                // The paste event brings the clipboard; where none comes the last copy is taken.
                work.pasting.set_value(true);
                crate::kit::after(120, move || {
                    if work.pasting.try_get_value() == Some(true) {
                        work.pasting.set_value(false);
                        work.paste(None);
                    }
                });
                return false;
            }
            _ => return false,
        }
        return true;
    }
    match name.as_str() {
        "Home" => {
            if let Some(first) = work.stage.with(walk::first) {
                work.select_one(&first);
            }
        }
        " " => {
            // Marked: it stays selected while one walks on.
            if let Some(id) = work.chosen.get_untracked() {
                work.also
                    .update(|also| match also.iter().position(|known| *known == id) {
                        Some(at) => {
                            also.remove(at);
                        }
                        None => also.push(id),
                    });
                let count = work.also.with_untracked(Vec::len);
                work.marking.set_value(count > 0);
                work.say
                    .set(t!("canvas-said-selected", count = count as i64));
            }
        }
        "+" | "=" => zoom(1.25),
        "-" => zoom(0.8),
        "0" => fit(),
        "1" => {
            let scale = work.sight.get_untracked().scale;
            zoom(1.0 / scale);
        }
        "r" | "R" => {
            let id = work.chosen.get_untracked();
            match id.filter(|id| work.stage.edge(id).is_some()) {
                Some(id) => work.straighten(&id),
                None => return false,
            }
        }
        "m" | "M" => return mend(work),
        "Delete" | "Backspace" => work.remove_selected(),
        "Escape" => return escape(work, hand),
        "Enter" => match work.aim.get_untracked() {
            Some(aim) => {
                work.aim.set(None);
                match aim.target {
                    Some((target, _)) => {
                        work.connect(&aim.source, &target);
                    }
                    None => work.select_one(&aim.source),
                }
            }
            None => to_properties(),
        },
        _ => return false,
    }
    true
}

/// The first mend that is proposed for what is chosen.
fn mend(work: Work) -> bool {
    let chosen = work.chosen.get_untracked();
    let commands = work.findings.with_untracked(|findings| {
        findings
            .iter()
            .filter(|finding| Some(&*finding.element) == chosen.as_deref())
            .find_map(|finding| finding.mend.as_ref().map(|mend| mend.commands.clone()))
    });
    match commands {
        Some(commands) => {
            work.apply("mend", commands);
            true
        }
        None => false,
    }
}

fn escape(work: Work, hand: Hand) -> bool {
    if let Some(aim) = work.aim.get_untracked() {
        work.aim.set(None);
        work.select_one(&aim.source);
    } else if hand.gesture.get_untracked() != Gesture::Idle {
        hand.cancel();
    } else if work.explained.get_untracked() && work.chosen.with_untracked(Option::is_some) {
        work.explained.set(false);
    } else if work.chosen.with_untracked(Option::is_some) {
        work.select(Vec::new());
    } else {
        return false;
    }
    true
}

/// A step along the drawing; while connecting, of what is aimed at.
fn go(work: Work, step: Step) {
    if let Some(aim) = work.aim.get_untracked() {
        let from = aim
            .target
            .as_ref()
            .map_or(aim.source.clone(), |(id, _)| id.clone());
        let to = work
            .stage
            .with(|drawing| walk::nearest(drawing, &from, step, &aim.source));
        let Some(to) = to else { return };
        let fine = work.allows(&Command::Connect {
            id: None,
            source: aim.source.as_str().into(),
            target: to.as_str().into(),
        });
        let name = work
            .stage
            .shape(&to)
            .map(|shape| kinds::told(&shape))
            .unwrap_or_default();
        work.say.set(match &fine {
            Ok(()) => t!("canvas-said-aimed", name = name),
            Err(why) => why.clone(),
        });
        work.aim.set(Some(Aim {
            source: aim.source,
            target: Some((to, fine.is_ok())),
        }));
        return;
    }
    let to = work.stage.with(|drawing| {
        work.chosen
            .with_untracked(|chosen| walk::step(drawing, chosen.as_deref(), step))
    });
    if let Some(to) = to {
        if work.marking.get_value() {
            work.chosen.set(Some(to));
        } else {
            work.select_one(&to);
        }
    }
}

fn shift_of(live: &Live) -> impl Fn() -> Option<String> + Send + Sync + Clone + 'static {
    let shift = live.shift.clone();
    move || {
        let (dx, dy) = shift.get();
        ((dx, dy) != (0.0, 0.0)).then(|| format!("translate({dx} {dy})"))
    }
}

/// A shape or line: drawn again when it itself changes.
fn one(work: Work, key: &str) -> AnyView {
    let Some(live) = work.stage.live(key) else {
        return ().into_any();
    };
    let item = live.item.clone();
    let (id, shape) =
        item.with_untracked(|item| (id_of(item).to_owned(), matches!(item, Item::Shape(_))));
    let class = if shape { "bpmn-shape" } else { "bpmn-edge" };
    let named = live.item.clone();
    let name = move || {
        named.with(|item| match item {
            Item::Shape(shape) => kinds::told(shape),
            Item::Edge(edge) => t!("process-flow-named", name = edge.name.clone()),
        })
    };
    view! {
        <g class=class data-element=id.clone() id=format!("element-{id}") role="img" aria-label=name transform=shift_of(&live)>
            {move || item.with(|item| match item {
                Item::Shape(one) => shape::shape(one),
                Item::Edge(edge) => shape::edge(edge),
            })}
        </g>
    }
    .into_any()
}

/// The name that stands beside it.
fn label(work: Work, key: &str) -> AnyView {
    let Some(live) = work.stage.live(key) else {
        return ().into_any();
    };
    let item = live.item.clone();
    view! {
        <g transform=shift_of(&live)>
            {move || item.with(|item| match item {
                Item::Shape(one) => shape::outside(one),
                Item::Edge(edge) => shape::edge_label(edge),
            })}
        </g>
    }
    .into_any()
}

impl Work {
    /// Of the canvas on the screen, in pixels.
    pub fn size(&self) -> (f64, f64) {
        document()
            .get_element_by_id("canvas")
            .map_or((800.0, 500.0), |canvas| {
                (
                    f64::from(canvas.client_width()),
                    f64::from(canvas.client_height()),
                )
            })
    }

    pub fn middle_of_sight(&self) -> Point {
        let (width, height) = self.size();
        self.sight.get_untracked().inside(width / 2.0, height / 2.0)
    }

    /// The part of the drawing that is seen.
    pub fn in_sight(&self) -> Bounds {
        let (width, height) = self.size();
        self.sight.get_untracked().seen(width, height)
    }

    pub fn name_of(&self, id: &str) -> String {
        match self.stage.shape(id) {
            Some(shape) => shape.name,
            None => self
                .stage
                .edge(id)
                .map(|edge| edge.name)
                .unwrap_or_default(),
        }
    }
}

/// Follows the size of the frame, for as long as it lives.
fn watch_size(frame: NodeRef<html::Div>, size: RwSignal<(f64, f64)>) {
    Effect::new(move |_| {
        let Some(node) = frame.get() else { return };
        let seen = node.clone();
        let measure = move || {
            let now = (
                f64::from(seen.client_width()),
                f64::from(seen.client_height()),
            );
            size.try_set(now);
        };
        measure();
        let changed = Closure::<dyn FnMut()>::new(measure);
        let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&node);
        let kept = StoredValue::new_local(Some((observer, changed)));
        on_cleanup(move || {
            if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                observer.disconnect();
            }
        });
    });
}

/// The ends of lines.
#[component]
fn Ends() -> impl IntoView {
    view! {
        <defs>
            <marker id="bpmn-arrow" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
                <path class="bpmn-end-filled" d="M0 .8L10 5 0 9.2z" />
            </marker>
            <marker id="bpmn-open" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
                <path class="bpmn-end-open" d="M.5 1L9.5 5 .5 9z" />
            </marker>
            <marker id="bpmn-fork" viewBox="0 0 10 10" refX="9.5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
                <path class="bpmn-end-line" d="M1 1L9.5 5 1 9" />
            </marker>
            <marker id="bpmn-ring" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse">
                <circle class="bpmn-end-open" cx="5" cy="5" r="4" />
            </marker>
            <marker id="bpmn-condition" viewBox="0 0 16 10" refX="0" refY="5" markerWidth="16" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">
                <path class="bpmn-end-open" d="M.5 5L8 1l7.5 4L8 9z" />
            </marker>
        </defs>
    }
}
