use std::collections::BTreeSet;

use flow::{
    model::Bounds,
    scene::{Drawing, Item},
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    Work, shape,
    walk::{self, Step},
};
use crate::{
    kit::{Icon, IconButton},
    t, tr,
};

/// What part of the drawing is in sight: a point of the drawing stands at `scale × point + (x, y)`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct View {
    x: f64,
    y: f64,
    scale: f64,
}

const LEAST: f64 = 0.15;
const MOST: f64 = 4.0;
const MARGIN: f64 = 32.0;

impl View {
    /// Scaled about a point of the screen.
    fn zoomed(self, by: f64, x: f64, y: f64) -> Self {
        let scale = (self.scale * by).clamp(LEAST, MOST);
        let by = scale / self.scale;
        Self {
            x: x - (x - self.x) * by,
            y: y - (y - self.y) * by,
            scale,
        }
    }

    fn fitting(extent: Bounds, width: f64, height: f64) -> Self {
        let room = |most: f64, wanted: f64| (most - 2.0 * MARGIN).max(40.0) / wanted.max(1.0);
        let scale = room(width, extent.width)
            .min(room(height, extent.height))
            .clamp(LEAST, 1.25);
        Self {
            x: (width - extent.width * scale) / 2.0 - extent.x * scale,
            y: (height - extent.height * scale) / 2.0 - extent.y * scale,
            scale,
        }
    }
}

/// The drawing: dragged and scrolled to move, Ctrl+wheel or `+` `-` to zoom, `0` to see all of it; arrows go from element to
/// element along the flows, Enter goes on to the properties, Escape lets go.
#[component]
pub fn Canvas(drawing: Drawing, work: Work) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    // The view outlives the drawing: a change of the document does not move what one looks at.
    let kept = use_context::<KeptView>().unwrap_or_else(|| {
        let kept = KeptView(RwSignal::new(None));
        provide_context(kept);
        kept
    });
    let sight = kept.0;
    let extent = drawing.extent;
    let size = move || {
        frame.get_untracked().map_or((800.0, 500.0), |frame| {
            (
                f64::from(frame.client_width()),
                f64::from(frame.client_height()),
            )
        })
    };
    let fit = move || {
        let (width, height) = size();
        sight.set(Some(View::fitting(extent, width, height)));
    };
    Effect::new(move |_| {
        if frame.get().is_some() && sight.get_untracked().is_none() {
            request_animation_frame(fit);
        }
    });
    let zoom = move |by: f64| {
        let (width, height) = size();
        sight.update(|sight| {
            *sight = sight.map(|sight| sight.zoomed(by, width / 2.0, height / 2.0));
        });
    };
    let drawing = StoredValue::new(drawing);
    let reveal = move |id: &str| {
        let bounds = drawing.with_value(|drawing| match walk::find(drawing, id) {
            Some(Item::Shape(shape)) => Some(shape.bounds),
            Some(Item::Edge(edge)) => edge.waypoints.first().map(|p| Bounds {
                x: p.x,
                y: p.y,
                width: 1.0,
                height: 1.0,
            }),
            None => None,
        });
        let (Some(bounds), (width, height)) = (bounds, size()) else {
            return;
        };
        sight.update(|sight| {
            let Some(sight) = sight else { return };
            let (left, top) = (
                bounds.x * sight.scale + sight.x,
                bounds.y * sight.scale + sight.y,
            );
            let (right, bottom) = (
                left + bounds.width * sight.scale,
                top + bounds.height * sight.scale,
            );
            // Pools are larger than the frame: what is in sight anyhow is left where it is.
            if right < MARGIN || left > width - MARGIN || bottom < MARGIN || top > height - MARGIN {
                sight.x += width / 2.0 - f64::midpoint(left, right);
                sight.y += height / 2.0 - f64::midpoint(top, bottom);
            }
        });
    };
    Effect::new(move |_| {
        if let Some(id) = work.chosen.get() {
            reveal(&id);
        }
    });
    let go = move |step: Step| {
        let to = drawing.with_value(|drawing| {
            work.chosen
                .with_untracked(|chosen| walk::step(drawing, chosen.as_deref(), step))
        });
        if to.is_some() {
            work.chosen.set(to);
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => go(Step::Left),
            "ArrowRight" => go(Step::Right),
            "ArrowUp" => go(Step::Up),
            "ArrowDown" => go(Step::Down),
            "Home" => work.chosen.set(drawing.with_value(walk::first)),
            "+" | "=" => zoom(1.25),
            "-" => zoom(0.8),
            "0" => fit(),
            "Escape" if work.chosen.with_untracked(Option::is_some) => work.chosen.set(None),
            "Enter" => {
                let panel = document().get_element_by_id("process-panel");
                let first = panel.and_then(|panel| {
                    panel
                        .query_selector("input, select, textarea, button")
                        .ok()
                        .flatten()
                });
                if let Some(first) = first {
                    let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // Dragging the background; a press without a move lets go of what is chosen.
    let held = RwSignal::new(None::<(f64, f64, bool)>);
    let down = move |event: web_sys::PointerEvent| {
        if event.button() > 1 {
            return;
        }
        held.set(Some((
            f64::from(event.client_x()),
            f64::from(event.client_y()),
            false,
        )));
    };
    let moved = move |event: web_sys::PointerEvent| {
        let Some((x, y, dragging)) = held.get_untracked() else {
            return;
        };
        let (to_x, to_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let (dx, dy) = (to_x - x, to_y - y);
        if !dragging && dx.hypot(dy) < 4.0 {
            return;
        }
        if !dragging && let Some(frame) = frame.get_untracked() {
            let _ = frame.set_pointer_capture(event.pointer_id());
        }
        sight.update(|sight| {
            if let Some(sight) = sight {
                sight.x += dx;
                sight.y += dy;
            }
        });
        held.set(Some((to_x, to_y, true)));
    };
    let up = move |event: web_sys::PointerEvent| {
        let Some((_, _, dragged)) = held.get_untracked() else {
            return;
        };
        held.set(None);
        if dragged {
            return;
        }
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let element = target.and_then(|target| target.closest("[data-element]").ok().flatten());
        work.chosen
            .set(element.and_then(|element| element.get_attribute("data-element")));
        if let Some(frame) = frame.get_untracked() {
            let _ = frame.focus();
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
        sight.update(|sight| {
            let Some(now) = sight else { return };
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
    let wrong = Memo::new(move |_| {
        work.draft.problems.with(|problems| {
            problems
                .iter()
                .map(|problem| problem.field.clone())
                .collect::<BTreeSet<_>>()
        })
    });
    let told = move || {
        let chosen = work.chosen.get()?;
        drawing.with_value(|drawing| {
            walk::find(drawing, &chosen).map(|item| match item {
                Item::Shape(shape) => shape.name.clone(),
                Item::Edge(edge) => t!("process-flow-named", name = edge.name.clone()),
            })
        })
    };
    let transform = move || {
        sight.get().map_or_else(
            || "scale(1)".to_owned(),
            |view| format!("translate({} {}) scale({})", view.x, view.y, view.scale),
        )
    };
    let items = drawing.with_value(|drawing| {
        let shapes = drawing
            .items
            .iter()
            .map(|item| one(item, work, wrong))
            .collect_view();
        let labels = drawing
            .items
            .iter()
            .map(|item| match item {
                Item::Shape(shape) => shape::outside(shape),
                Item::Edge(edge) => shape::edge_label(edge),
            })
            .collect_view();
        view! {
            <g>{shapes}</g>
            <g class="bpmn-labels">{labels}</g>
        }
    });
    view! {
        <div class="canvas-frame">
            <div
                node_ref=frame
                id="canvas"
                class="canvas"
                class:canvas-held=move || held.get().is_some_and(|(_, _, dragging)| dragging)
                tabindex="0"
                role="application"
                aria-label=tr!("process-canvas")
                on:keydown=keys
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=move |_| held.set(None)
                on:wheel=wheel
            >
                <svg class="bpmn" aria-hidden="true">
                    <Ends />
                    <g transform=transform>{items}</g>
                </svg>
            </div>
            <p class="only-read" aria-live="polite">{told}</p>
            <div class="canvas-tools">
                <IconButton icon=Icon::ZoomOut label=tr!("process-zoom-out") key="-" on_press=move || zoom(0.8) />
                <span class="small figures canvas-zoom">
                    {move || sight.get().map(|view| crate::t!("kit-percent", number = format!("{:.0}", view.scale * 100.0)))}
                </span>
                <IconButton icon=Icon::ZoomIn label=tr!("process-zoom-in") key="+" on_press=move || zoom(1.25) />
                <IconButton icon=Icon::Maximize label=tr!("process-fit") key="0" on_press=fit />
            </div>
        </div>
    }
}

#[derive(Clone, Copy)]
struct KeptView(RwSignal<Option<View>>);

/// Gives the canvases under here one view that they keep from drawing to drawing.
pub fn keep_view() {
    provide_context(KeptView(RwSignal::new(None)));
}

/// A shape or line with its selection and its fault.
fn one(item: &Item, work: Work, wrong: Memo<BTreeSet<String>>) -> AnyView {
    let id = match item {
        Item::Shape(shape) => shape.element.to_string(),
        Item::Edge(edge) => edge.element.to_string(),
    };
    let own = StoredValue::new(id.clone());
    let chosen = Memo::new(move |_| {
        work.chosen
            .with(|chosen| own.with_value(|own| chosen.as_deref() == Some(own)))
    });
    let faulty = Memo::new(move |_| wrong.with(|wrong| own.with_value(|own| wrong.contains(own))));
    match item {
        Item::Shape(shape) => {
            let b = shape.bounds;
            view! {
                <g
                    class="bpmn-shape"
                    class:bpmn-chosen=chosen
                    data-element=id.clone()
                    id=format!("element-{id}")
                >
                    {shape::shape(shape)}
                    <Show when=move || chosen.get()>
                        <rect class="bpmn-ring" x=b.x - 5.0 y=b.y - 5.0 width=b.width + 10.0 height=b.height + 10.0 rx="8" />
                    </Show>
                    <Show when=move || faulty.get()>
                        <g transform=format!("translate({} {})", b.x + b.width - 4.0, b.y - 6.0)>
                            <circle class="bpmn-fault" cx="5" cy="5" r="7" />
                            <path class="bpmn-fault-sign" d="M5 1.5v4M5 8v.4" />
                        </g>
                    </Show>
                </g>
            }
            .into_any()
        }
        Item::Edge(edge) => view! {
            <g class="bpmn-edge" class:bpmn-chosen=chosen class:bpmn-edge-wrong=faulty data-element=id>
                {shape::edge(edge)}
            </g>
        }
        .into_any(),
    }
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
