//! One shape or line of the drawing, quietly, by the standard.

use flow::{
    model::{Bounds, Point},
    scene::{EdgeKind, EventMark, SceneEdge, SceneShape, ShapeKind},
};
use leptos::prelude::*;

use super::{
    label::{fitted, width, wrapped},
    marks,
    stage::Stage,
};

const LINE: f64 = 1.2;

/// What is drawn of a shape; its frame and behaviour are the canvas's.
pub fn shape(shape: &SceneShape) -> AnyView {
    let Bounds {
        x,
        y,
        width,
        height,
    } = shape.bounds;
    let mut class = "bpmn-body".to_owned();
    if shape.fill.is_some() {
        class.push_str(" bpmn-tinted");
    }
    let fill = shape.fill.clone();
    let dashed = (!shape.interrupting).then_some("4 3");
    match shape.kind {
        ShapeKind::StartEvent
        | ShapeKind::EndEvent
        | ShapeKind::IntermediateCatchEvent
        | ShapeKind::IntermediateThrowEvent
        | ShapeKind::BoundaryEvent => {
            let radius = width.min(height) / 2.0;
            let (cx, cy) = (x + width / 2.0, y + height / 2.0);
            let double = matches!(
                shape.kind,
                ShapeKind::IntermediateCatchEvent
                    | ShapeKind::IntermediateThrowEvent
                    | ShapeKind::BoundaryEvent
            );
            let class = if shape.kind == ShapeKind::EndEvent {
                format!("{class} bpmn-end")
            } else {
                class
            };
            let filled = shape.throwing
                && shape.event != EventMark::Timer
                && shape.event != EventMark::Conditional;
            let mark = marks::event(shape.event);
            let scale = radius / 18.0;
            view! {
                <circle class=class fill=fill cx=cx cy=cy r=radius stroke-dasharray=dashed />
                {double.then(|| view! { <circle class="bpmn-inner" cx=cx cy=cy r=(radius - 3.0).max(1.0) stroke-dasharray=dashed /> })}
                {(!mark.is_empty())
                    .then(|| view! {
                        <path
                            class=if filled { "bpmn-mark bpmn-mark-filled" } else { "bpmn-mark" }
                            transform=format!("translate({} {}) scale({scale})", cx - radius, cy - radius)
                            d=mark
                        />
                    })}
            }
            .into_any()
        }
        ShapeKind::ExclusiveGateway
        | ShapeKind::InclusiveGateway
        | ShapeKind::ParallelGateway
        | ShapeKind::EventBasedGateway
        | ShapeKind::InstantiatingGateway
        | ShapeKind::ParallelEventBasedGateway
        | ShapeKind::ComplexGateway => {
            let path = format!(
                "M{} {y}L{} {}L{} {}L{x} {}Z",
                x + width / 2.0,
                x + width,
                y + height / 2.0,
                x + width / 2.0,
                y + height,
                y + height / 2.0
            );
            let class = format!("{class} bpmn-gateway");
            let thick = matches!(
                shape.kind,
                ShapeKind::ExclusiveGateway
                    | ShapeKind::ParallelGateway
                    | ShapeKind::ComplexGateway
                    | ShapeKind::InclusiveGateway
            );
            view! {
                <path class=class fill=fill d=path />
                <path
                    class=if thick { "bpmn-mark bpmn-mark-thick" } else { "bpmn-mark" }
                    transform=format!("translate({x} {y}) scale({} {})", width / 50.0, height / 50.0)
                    d=marks::gateway(shape.kind, shape.markers.cross)
                />
            }
            .into_any()
        }
        ShapeKind::Pool | ShapeKind::Lane => band(shape, class, fill),
        ShapeKind::DataObject | ShapeKind::DataInput | ShapeKind::DataOutput => {
            let fold = (width * 0.28).min(height * 0.28);
            let path = format!(
                "M{x} {y}h{}l{fold} {fold}v{}h{}zM{} {y}v{fold}h{fold}",
                width - fold,
                height - fold,
                -width,
                x + width - fold
            );
            view! {
                <path class=class fill=fill d=path />
                {matches!(shape.kind, ShapeKind::DataInput | ShapeKind::DataOutput)
                    .then(|| view! {
                        <path
                            class=if shape.kind == ShapeKind::DataOutput { "bpmn-mark bpmn-mark-filled" } else { "bpmn-mark" }
                            transform=format!("translate({} {}) scale(0.5)", x - 2.0, y - 2.0)
                            d=marks::event(EventMark::Link)
                        />
                    })}
                {shape.markers.collection.then(|| small(marks::small::PARALLEL, x + width / 2.0 - 7.0, y + height - 16.0))}
            }
            .into_any()
        }
        ShapeKind::DataStore => {
            let lid = (height * 0.14).max(3.0);
            let path = format!(
                "M{x} {t}c0 {d} {width} {d} {width} 0v{h}c0 {d} {nw} {d} {nw} 0zM{x} {t}c0 {u} {width} {u} {width} 0M{x} {t2}c0 {d} {width} {d} {width} 0",
                t = y + lid,
                d = lid * 1.33,
                u = -lid * 1.33,
                h = height - 2.0 * lid,
                nw = -width,
                t2 = y + lid * 1.9
            );
            view! { <path class=class fill=fill d=path /> }.into_any()
        }
        ShapeKind::Annotation => {
            let path = format!("M{} {y}h-8v{height}h8", x + 8.0);
            let text = lines(
                &shape.name,
                Bounds {
                    x: x + 6.0,
                    y,
                    width: width - 8.0,
                    height,
                },
                Align::Left,
            );
            view! {
                <rect class="bpmn-clear" x=x y=y width=width height=height />
                <path class="bpmn-line" d=path />
                {text}
            }
            .into_any()
        }
        ShapeKind::Group => {
            view! { <rect class="bpmn-group" x=x y=y width=width height=height rx="8" /> }
                .into_any()
        }
        ShapeKind::Message => {
            let path = format!(
                "M{x} {y}h{width}v{height}h{}zM{x} {y}l{} {}l{} {}",
                -width,
                width / 2.0,
                height * 0.55,
                width / 2.0,
                -height * 0.55
            );
            let class = if shape.throwing {
                class
            } else {
                format!("{class} bpmn-shaded")
            };
            view! { <path class=class fill=fill d=path /> }.into_any()
        }
        ShapeKind::Conversation | ShapeKind::SubConversation | ShapeKind::CallConversation => {
            let side = width * 0.22;
            let path = format!(
                "M{} {y}h{}l{side} {h2}l{ns} {h2}h{}l{ns} {nh2}z",
                x + side,
                width - 2.0 * side,
                -(width - 2.0 * side),
                h2 = height / 2.0,
                ns = -side,
                nh2 = -height / 2.0
            );
            view! { <path class=if shape.kind == ShapeKind::CallConversation { format!("{class} bpmn-call") } else { class } fill=fill d=path /> }.into_any()
        }
        _ => activity(shape, class, fill),
    }
}

/// Tasks, sub-processes, choreographies: a box with its name, sign and small signs.
fn activity(shape: &SceneShape, class: String, fill: Option<String>) -> AnyView {
    let Bounds {
        x,
        y,
        width,
        height,
    } = shape.bounds;
    let mut class = class;
    match shape.kind {
        ShapeKind::CallActivity | ShapeKind::CallChoreography => class.push_str(" bpmn-call"),
        ShapeKind::EventSubProcess => class.push_str(" bpmn-dotted"),
        ShapeKind::UserTask if !shape.bound => class.push_str(" bpmn-unbound"),
        _ => {}
    }
    if shape.expanded {
        class.push_str(" bpmn-expanded");
    }
    if shape.kind == ShapeKind::ChoreographyBand && !shape.throwing {
        class.push_str(" bpmn-shaded");
    }
    let round = if shape.kind == ShapeKind::ChoreographyBand {
        0.0
    } else {
        8.0
    };
    let icon = marks::task(shape.kind);
    let markers = markers(shape);
    let below = if markers.is_empty() { 0.0 } else { 14.0 };
    let name = if shape.expanded {
        lines(
            &shape.name,
            Bounds {
                x: x + 8.0,
                y: y + 2.0,
                width: width - 16.0,
                height: 20.0,
            },
            Align::Centre,
        )
    } else {
        let above = if icon.is_some() && height > 44.0 {
            8.0
        } else {
            0.0
        };
        lines(
            &shape.name,
            Bounds {
                x: x + 5.0,
                y: y + above,
                width: width - 10.0,
                height: height - above - below,
            },
            Align::Centre,
        )
    };
    let start = x + width / 2.0 - markers.len() as f64 * 8.0;
    view! {
        <rect class=class fill=fill x=x y=y width=width height=height rx=round />
        {(shape.kind == ShapeKind::Transaction)
            .then(|| view! { <rect class="bpmn-inner" x=x + 3.0 y=y + 3.0 width=(width - 6.0).max(0.0) height=(height - 6.0).max(0.0) rx="6" /> })}
        {icon.map(|icon| view! {
            <path class="bpmn-icon" transform=format!("translate({} {}) scale(0.583)", x + 5.0, y + 5.0) d=icon.path() />
        })}
        {name}
        {markers
            .into_iter()
            .enumerate()
            .map(|(at, mark)| small(mark, start + at as f64 * 16.0, y + height - 17.0))
            .collect_view()}
    }
    .into_any()
}

fn markers(shape: &SceneShape) -> Vec<&'static str> {
    let markers = shape.markers;
    [
        (markers.compensation, marks::small::COMPENSATION),
        (markers.looping, marks::small::LOOP),
        (markers.parallel, marks::small::PARALLEL),
        (markers.sequential, marks::small::SEQUENTIAL),
        (markers.collapsed, marks::small::COLLAPSED),
        (markers.ad_hoc, marks::small::AD_HOC),
    ]
    .into_iter()
    .filter_map(|(on, mark)| on.then_some(mark))
    .collect()
}

fn small(mark: &'static str, x: f64, y: f64) -> AnyView {
    view! { <path class="bpmn-mark" transform=format!("translate({x} {y})") d=mark /> }.into_any()
}

/// A pool or lane: its name in a band at the left, turned, or along the top.
fn band(shape: &SceneShape, class: String, fill: Option<String>) -> AnyView {
    let Bounds {
        x,
        y,
        width,
        height,
    } = shape.bounds;
    let lane = shape.kind == ShapeKind::Lane;
    let class = format!("{class} {}", if lane { "bpmn-lane" } else { "bpmn-pool" });
    let closed = !shape.expanded;
    let deep = 30.0_f64;
    let name = if closed {
        lines(
            &shape.name,
            Bounds {
                x: x + 8.0,
                y,
                width: width - 16.0,
                height,
            },
            Align::Centre,
        )
    } else if shape.horizontal {
        let (cx, cy) = (x + deep / 2.0, y + height / 2.0);
        let turned = Bounds {
            x: cx - height / 2.0 + 4.0,
            y: cy - deep / 2.0,
            width: height - 8.0,
            height: deep,
        };
        view! { <g transform=format!("rotate(-90 {cx} {cy})")>{lines(&shape.name, turned, Align::Centre)}</g> }.into_any()
    } else {
        lines(
            &shape.name,
            Bounds {
                x: x + 4.0,
                y,
                width: width - 8.0,
                height: deep,
            },
            Align::Centre,
        )
    };
    let line = (!closed && !lane).then(|| {
        if shape.horizontal {
            format!("M{} {y}v{height}", x + deep)
        } else {
            format!("M{x} {}h{width}", y + deep)
        }
    });
    view! {
        <rect class=class fill=fill x=x y=y width=width height=height rx="2" />
        {line.map(|path| view! { <path class="bpmn-line" d=path /> })}
        {name}
        {shape.markers.collection.then(|| small(marks::small::PARALLEL, x + width / 2.0 - 7.0, y + height - 17.0))}
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq)]
enum Align {
    Centre,
    /// From the top, centred: a name under a shape.
    Under,
    Left,
}

/// What a name needs so that its words stay whole, where those are of a usual length.
fn unbroken(text: &str) -> f64 {
    let words = text.split_whitespace().map(|word| width(word, 11.0));
    words.fold(60.0, f64::max).min(120.0)
}

fn lines(text: &str, bounds: Bounds, align: Align) -> AnyView {
    if text.trim().is_empty() {
        return ().into_any();
    }
    let (size, lines) = if align == Align::Under {
        // Other fonts than the drawing tool's: rather a little wider than its box than a word broken.
        (11.0, wrapped(text, bounds.width.max(unbroken(text)), 11.0))
    } else {
        fitted(text, bounds.width, bounds.height)
    };
    let step = size * 1.2;
    let x = if align == Align::Left {
        bounds.x
    } else {
        bounds.x + bounds.width / 2.0
    };
    let first = match align {
        Align::Under => bounds.y + size * 0.9,
        _ => bounds.y + bounds.height / 2.0 - (lines.len() as f64 - 1.0) * step / 2.0 + size * 0.35,
    };
    let class = if align == Align::Left {
        "bpmn-text bpmn-text-left"
    } else {
        "bpmn-text"
    };
    view! {
        <text class=class font-size=size>
            {lines
                .into_iter()
                .enumerate()
                .map(|(at, line)| view! { <tspan x=x y=first + at as f64 * step>{line}</tspan> })
                .collect_view()}
        </text>
    }
    .into_any()
}

/// Whether the name stands beside the shape, not in it.
fn named_beside(kind: ShapeKind) -> bool {
    matches!(
        kind,
        ShapeKind::StartEvent
            | ShapeKind::EndEvent
            | ShapeKind::IntermediateCatchEvent
            | ShapeKind::IntermediateThrowEvent
            | ShapeKind::BoundaryEvent
            | ShapeKind::ExclusiveGateway
            | ShapeKind::InclusiveGateway
            | ShapeKind::ParallelGateway
            | ShapeKind::EventBasedGateway
            | ShapeKind::InstantiatingGateway
            | ShapeKind::ParallelEventBasedGateway
            | ShapeKind::ComplexGateway
            | ShapeKind::DataObject
            | ShapeKind::DataInput
            | ShapeKind::DataOutput
            | ShapeKind::DataStore
            | ShapeKind::Message
            | ShapeKind::Group
            | ShapeKind::Conversation
            | ShapeKind::SubConversation
            | ShapeKind::CallConversation
    )
}

fn beside(shape: &SceneShape) -> Bounds {
    let own = shape.bounds;
    shape.label.unwrap_or(Bounds {
        x: own.x + own.width / 2.0 - 45.0,
        y: own.y + own.height + 4.0,
        width: 90.0,
        height: 14.0,
    })
}

/// Where a name that can be moved stands.
pub fn label_of(stage: &Stage, id: &str) -> Option<Bounds> {
    match stage.shape(id) {
        Some(shape) => named_beside(shape.kind).then(|| beside(&shape)),
        None => stage.edge(id).and_then(|edge| over_line(&edge)),
    }
}

/// Where a name is written while it is edited.
pub fn naming_place(stage: &Stage, id: &str) -> Option<Bounds> {
    if let Some(place) = label_of(stage, id) {
        return Some(Bounds {
            x: place.centre().x - 60.0,
            width: 120.0,
            height: 40.0,
            ..place
        });
    }
    let shape = stage.shape(id)?;
    let b = shape.bounds;
    Some(match shape.kind {
        ShapeKind::Pool | ShapeKind::Lane => Bounds {
            y: b.centre().y - 24.0,
            width: 180.0,
            height: 48.0,
            ..b
        },
        _ if shape.expanded => Bounds { height: 40.0, ..b },
        _ => b,
    })
}

/// The name beside an event, gateway, data object or group.
pub fn outside(shape: &SceneShape) -> AnyView {
    if named_beside(shape.kind) {
        held(&shape.element, &shape.name, beside(shape))
    } else {
        ().into_any()
    }
}

/// A name with something to hold it by.
fn held(id: &str, name: &str, place: Bounds) -> AnyView {
    if name.trim().is_empty() {
        return ().into_any();
    }
    let wide = place.width.max(60.0);
    let high = wrapped(name, wide, 11.0).len() as f64 * 13.2;
    let text = lines(name, place, Align::Under);
    view! {
        <g data-label=id.to_owned()>
            <rect class="bpmn-grip" x=place.centre().x - wide / 2.0 y=place.y width=wide height=high />
            {text}
        </g>
    }
    .into_any()
}

/// A line with its ends; `ends` names the markers of this drawing.
pub fn edge(edge: &SceneEdge) -> AnyView {
    let path = path(&edge.waypoints);
    let (class, start, end) = match edge.kind {
        EdgeKind::SequenceFlow => ("bpmn-flow", None, Some("url(#bpmn-arrow)")),
        EdgeKind::MessageFlow => (
            "bpmn-flow bpmn-message",
            Some("url(#bpmn-ring)"),
            Some("url(#bpmn-open)"),
        ),
        EdgeKind::Association => ("bpmn-flow bpmn-association", None, None),
        EdgeKind::DirectedAssociation | EdgeKind::DataAssociation => {
            ("bpmn-flow bpmn-association", None, Some("url(#bpmn-fork)"))
        }
        EdgeKind::MutualAssociation => (
            "bpmn-flow bpmn-association",
            Some("url(#bpmn-fork)"),
            Some("url(#bpmn-fork)"),
        ),
        EdgeKind::ConversationLink => ("bpmn-flow bpmn-conversation", None, None),
        EdgeKind::Other => ("bpmn-flow", None, None),
    };
    let start = if edge.conditional {
        Some("url(#bpmn-condition)")
    } else {
        start
    };
    let slash = edge
        .default
        .then(|| default_slash(&edge.waypoints))
        .flatten();
    view! {
        <path class="bpmn-hit" d=path.clone() />
        <path class=class d=path marker-start=start marker-end=end stroke-width=LINE />
        {slash.map(|path| view! { <path class="bpmn-flow" d=path /> })}
    }
    .into_any()
}

/// The name of a line: where the file says, else over the middle of its longest part.
pub fn edge_label(edge: &SceneEdge) -> AnyView {
    over_line(edge)
        .map(|place| held(&edge.element, &edge.name, place))
        .into_any()
}

fn over_line(edge: &SceneEdge) -> Option<Bounds> {
    edge.label.or_else(|| {
        let longest = edge
            .waypoints
            .windows(2)
            .max_by(|a, b| length(a).total_cmp(&length(b)))?;
        let (x, y) = (
            (longest[0].x + longest[1].x) / 2.0,
            (longest[0].y + longest[1].y) / 2.0,
        );
        Some(Bounds {
            x: x - 45.0,
            y: y - 18.0,
            width: 90.0,
            height: 14.0,
        })
    })
}

fn length(ends: &[Point]) -> f64 {
    (ends[0].x - ends[1].x).hypot(ends[0].y - ends[1].y)
}

/// Bends are rounded a little.
pub fn path(points: &[Point]) -> String {
    let Some(first) = points.first() else {
        return String::new();
    };
    let mut path = format!("M{} {}", first.x, first.y);
    for (at, point) in points.iter().enumerate().skip(1) {
        match points.get(at + 1) {
            Some(next) => {
                let before = points[at - 1];
                let bend = 6.0_f64
                    .min(length(&[before, *point]) / 2.0)
                    .min(length(&[*point, *next]) / 2.0);
                let (from, to) = (towards(*point, before, bend), towards(*point, *next, bend));
                path.push_str(&format!(
                    "L{} {}Q{} {} {} {}",
                    from.x, from.y, point.x, point.y, to.x, to.y
                ));
            }
            None => path.push_str(&format!("L{} {}", point.x, point.y)),
        }
    }
    path
}

fn towards(from: Point, to: Point, by: f64) -> Point {
    let whole = length(&[from, to]).max(0.001);
    Point {
        x: from.x + (to.x - from.x) * by / whole,
        y: from.y + (to.y - from.y) * by / whole,
    }
}

fn default_slash(points: &[Point]) -> Option<String> {
    let (first, second) = (points.first()?, points.get(1)?);
    let at = towards(*first, *second, 10.0);
    let along = towards(
        Point { x: 0.0, y: 0.0 },
        Point {
            x: second.x - first.x,
            y: second.y - first.y,
        },
        1.0,
    );
    // Turned by about 60° against the line.
    let (dx, dy) = (
        along.x * 0.5 - along.y * 0.87,
        along.x * 0.87 + along.y * 0.5,
    );
    Some(format!(
        "M{} {}L{} {}",
        at.x - dx * 5.0,
        at.y - dy * 5.0,
        at.x + dx * 5.0,
        at.y + dy * 5.0
    ))
}
