//! What lies over the drawing: what is selected, its handles, guides, and what is held at the pointer.

use flow::{
    model::{Bounds, Point},
    scene::EdgeKind,
};
use leptos::prelude::*;

use super::{
    Work,
    edits::resizable,
    hand::{Gesture, Hand},
    shape,
};

#[component]
pub fn Overlay(work: Work, hand: Hand) -> impl IntoView {
    view! {
        {move || over_frame(work, hand)}
        {move || selection(work)}
        {move || handles(work, hand)}
        {move || wrong(work)}
        {move || guides(hand)}
        {move || held(work, hand)}
        {move || aim(work)}
    }
}

/// Around every selected shape, along every selected line.
fn selection(work: Work) -> AnyView {
    work.stage.turn.track();
    let mut all = work.also.get();
    all.extend(work.chosen.get());
    all.into_iter()
        .map(|id| {
            // Held by the closure: a step that changes the shape and takes the canvas away may still run it once.
            view! {
                {move || {
                    if let Some(b) = work.stage.bounds_now(&id) {
                        return view! {
                            <rect class="bpmn-ring bpmn-chosen" x=b.x - 5.0 y=b.y - 5.0 width=b.width + 10.0 height=b.height + 10.0 rx="8" />
                        }
                            .into_any();
                    }
                    match work.stage.points_now(&id) {
                        Some(points) => view! { <path class="bpmn-trace" d=shape::path(&points) /> }.into_any(),
                        None => ().into_any(),
                    }
                }}
            }
        })
        .collect_view()
        .into_any()
}

/// To take hold of: corners and sides of the one selected shape, bends, parts and ends of the one selected line.
fn handles(work: Work, hand: Hand) -> AnyView {
    work.stage.turn.track();
    let alone = work.also.with(Vec::is_empty);
    let Some(id) = work.chosen.get().filter(|_| alone) else {
        return ().into_any();
    };
    if hand.busy()
        && !matches!(
            hand.gesture.get(),
            Gesture::Stretch { .. } | Gesture::Bend { .. }
        )
    {
        return ().into_any();
    }
    let size = ArcMemo::new(move |_| 8.0 / work.sight.get().scale.max(0.3));
    if let Some(shape) = work.stage.shape(&id) {
        if !resizable(&shape) {
            return ().into_any();
        }
        const CORNERS: [(i8, i8, &str); 8] = [
            (-1, -1, "nwse"),
            (0, -1, "ns"),
            (1, -1, "nesw"),
            (1, 0, "ew"),
            (1, 1, "nwse"),
            (0, 1, "ns"),
            (-1, 1, "nesw"),
            (-1, 0, "ew"),
        ];
        return view! {
            {move || {
                let b = work.stage.bounds_now(&id).unwrap_or_default();
                let size = size.get();
                CORNERS
                    .into_iter()
                    .map(|(across, along, cursor)| {
                        let x = b.centre().x + f64::from(across) * (b.width / 2.0 + 5.0);
                        let y = b.centre().y + f64::from(along) * (b.height / 2.0 + 5.0);
                        view! {
                            <rect
                                class=format!("canvas-handle canvas-{cursor}")
                                data-corner=format!("{across} {along}")
                                x=x - size / 2.0
                                y=y - size / 2.0
                                width=size
                                height=size
                                rx=size / 4.0
                            />
                        }
                    })
                    .collect_view()
            }}
        }
        .into_any();
    }
    let Some(edge) = work.stage.edge(&id) else {
        return ().into_any();
    };
    let flow = edge.kind == EdgeKind::SequenceFlow;
    view! {
        {move || {
            let points = work.stage.points_now(&id).unwrap_or_default();
            let size = size.get();
            let last = points.len().saturating_sub(1);
            let ends = points.iter().enumerate().map(|(at, point)| {
                let (x, y) = (point.x, point.y);
                if at == 0 || at == last {
                    let end = if at == 0 { "start" } else { "end" };
                    flow.then(|| view! { <circle class="canvas-handle canvas-end" data-end=end cx=x cy=y r=size * 0.6 /> }).into_any()
                } else {
                    view! { <circle class="canvas-handle canvas-bend" data-bend=at.to_string() cx=x cy=y r=size * 0.5 /> }.into_any()
                }
            }).collect_view();
            let parts = points.windows(2).enumerate().filter(|(_, part)| far(part) > size * 4.0).map(|(at, part)| {
                let middle = middle(part);
                view! { <circle class="canvas-handle canvas-part" data-segment=at.to_string() cx=middle.x cy=middle.y r=size * 0.4 /> }
            }).collect_view();
            view! { {parts}{ends} }
        }}
    }
    .into_any()
}

fn far(part: &[Point]) -> f64 {
    (part[0].x - part[1].x).hypot(part[0].y - part[1].y)
}

fn middle(part: &[Point]) -> Point {
    Point {
        x: f64::midpoint(part[0].x, part[1].x),
        y: f64::midpoint(part[0].y, part[1].y),
    }
}

/// A sign at each element that something is wrong with; a press says what.
fn wrong(work: Work) -> AnyView {
    work.stage.turn.track();
    let all = work.faults.get();
    let signs = all.into_iter().filter_map(|(id, hard)| {
        let at = match work.stage.shape(&id) {
            Some(shape) => Point {
                x: shape.bounds.right() - 2.0,
                y: shape.bounds.y - 2.0,
            },
            None => {
                let points = work.stage.edge(&id)?.waypoints;
                let longest = points.windows(2).max_by(|a, b| far(a).total_cmp(&far(b)))?;
                middle(longest)
            }
        };
        if !work.stage.is_near(at) {
            return None;
        }
        let element = id.clone();
        Some(view! {
            <g
                class=if hard { "canvas-fault" } else { "canvas-fault canvas-doubt" }
                transform=format!("translate({} {})", at.x, at.y)
                on:pointerdown=move |event| {
                    event.stop_propagation();
                    work.select_one(&id);
                    work.explained.set(true);
                }
                data-fault=element
            >
                <circle class="bpmn-fault" r="8" />
                <path class="bpmn-fault-sign" d="M0-3.5v4M0 3.4v.3" />
            </g>
        })
    });
    signs.collect_view().into_any()
}

fn guides(hand: Hand) -> AnyView {
    hand.guides
        .get()
        .into_iter()
        .map(|guide| {
            view! { <line class="canvas-guide" x1=guide.from.x y1=guide.from.y x2=guide.to.x y2=guide.to.y /> }
        })
        .collect_view()
        .into_any()
}

/// The frame that would take what is held.
fn over_frame(work: Work, hand: Hand) -> AnyView {
    let Some(shape) = hand.over.get().and_then(|id| work.stage.shape(&id)) else {
        return ().into_any();
    };
    ring(shape.bounds, "canvas-over")
}

fn ring(b: Bounds, class: &'static str) -> AnyView {
    view! { <rect class=class x=b.x y=b.y width=b.width height=b.height rx="6" /> }.into_any()
}

fn held(work: Work, hand: Hand) -> AnyView {
    match hand.gesture.get() {
        Gesture::Band { from, to } => {
            let around = Bounds {
                x: from.x.min(to.x),
                y: from.y.min(to.y),
                width: (from.x - to.x).abs(),
                height: (from.y - to.y).abs(),
            };
            view! { <rect class="canvas-band" x=around.x y=around.y width=around.width height=around.height /> }
                .into_any()
        }
        Gesture::Line { source, at, target } => {
            let from = work.stage.shape(&source).map(|shape| shape.bounds);
            thread(work, from, at, target)
        }
        Gesture::End {
            id,
            start,
            at,
            target,
        } => {
            let edge = work.stage.edge(&id);
            let other = edge.and_then(|edge| if start { edge.target } else { edge.source });
            let from = other
                .and_then(|id| work.stage.shape(&id))
                .map(|shape| shape.bounds);
            thread(work, from, at, target)
        }
        Gesture::Label { now, .. } => ring(now, "canvas-band"),
        Gesture::Place {
            kind, at: Some(at), ..
        } => {
            let sample = kind.sample(kind.bounds_around(at.x, at.y));
            view! { <g class="canvas-ghost">{shape::shape(&sample)}</g> }.into_any()
        }
        _ => ().into_any(),
    }
}

/// A line on its way, and whether it may end where it is.
fn thread(work: Work, from: Option<Bounds>, at: Point, target: Option<(String, bool)>) -> AnyView {
    let Some(from) = from else {
        return ().into_any();
    };
    let end = target
        .as_ref()
        .and_then(|(id, _)| work.stage.shape(id))
        .map(|shape| shape.bounds);
    let fine = target.as_ref().is_none_or(|(_, fine)| *fine);
    let to = end.unwrap_or(Bounds {
        x: at.x,
        y: at.y,
        width: 1.0,
        height: 1.0,
    });
    let path = shape::path(&flow::layout::route(&from, &to));
    view! {
        <path class="canvas-thread" class:canvas-refused=!fine d=path marker-end="url(#bpmn-arrow)" />
        {end.map(|bounds| ring(bounds, if fine { "canvas-over" } else { "canvas-over canvas-refused" }))}
    }
    .into_any()
}

/// Connecting by keys: from the selected element to the one that is aimed at.
fn aim(work: Work) -> AnyView {
    let Some(aim) = work.aim.get() else {
        return ().into_any();
    };
    let from = work.stage.shape(&aim.source).map(|shape| shape.bounds);
    let at = from.map(|bounds| Point {
        x: bounds.right() + 40.0,
        y: bounds.centre().y,
    });
    thread(work, from, at.unwrap_or_default(), aim.target)
}
