//! The pointer on the canvas: what a press, a drag and a release mean.

use std::collections::HashSet;

use flow::{
    edit::Command,
    model::{Bounds, Point},
    scene::ShapeKind,
};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{
    Work,
    edits::{distance, least},
    kinds::Kind,
    snap::{Guide, Snap},
    stage::{is_frame, shapes},
};
use crate::t;

/// What goes on between press and release.
#[derive(Clone, Debug, PartialEq)]
pub enum Gesture {
    Idle,
    Press {
        x: f64,
        y: f64,
        hit: Hit,
        add: bool,
    },
    Pan {
        x: f64,
        y: f64,
    },
    Band {
        from: Point,
        to: Point,
    },
    Move {
        from: Point,
        grabbed: String,
        ids: Vec<String>,
        by: (f64, f64),
    },
    Stretch {
        id: String,
        corner: (i8, i8),
        start: Bounds,
        now: Bounds,
    },
    Bend {
        id: String,
        before: Vec<Point>,
        now: Vec<Point>,
        part: Part,
    },
    /// An end of a flow on its way to another element.
    End {
        id: String,
        start: bool,
        at: Point,
        target: Option<(String, bool)>,
    },
    /// A new line from an element.
    Line {
        source: String,
        at: Point,
        target: Option<(String, bool)>,
    },
    Label {
        id: String,
        from: Point,
        start: Bounds,
        now: Bounds,
    },
    /// Something new hangs at the pointer; `held`: the button is down.
    Place {
        kind: Kind,
        at: Option<Point>,
        held: bool,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Hit {
    Ground,
    Item(String),
    Corner(i8, i8),
    Part(Part),
    Label(String),
    End(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    Bend(usize),
    Segment(usize),
}

/// The canvas's pointer and what it shows meanwhile.
#[derive(Clone, Copy)]
pub struct Hand {
    work: Work,
    frame: NodeRef<html::Div>,
    pub gesture: RwSignal<Gesture>,
    pub guides: RwSignal<Vec<Guide>>,
    /// The frame into which what is held would fall.
    pub over: RwSignal<Option<String>>,
    /// Why it may not fall where the pointer is, and where that is on the screen.
    pub refusal: RwSignal<Option<(String, f64, f64)>>,
    snap: StoredValue<Option<Snap>>,
    moved: StoredValue<HashSet<String>>,
}

impl Hand {
    pub fn new(work: Work, frame: NodeRef<html::Div>) -> Self {
        Self {
            work,
            frame,
            gesture: RwSignal::new(Gesture::Idle),
            guides: RwSignal::new(Vec::new()),
            over: RwSignal::new(None),
            refusal: RwSignal::new(None),
            snap: StoredValue::new(None),
            moved: StoredValue::new(HashSet::new()),
        }
    }

    pub fn busy(&self) -> bool {
        !matches!(self.gesture.get(), Gesture::Idle | Gesture::Press { .. })
    }

    /// A point of the screen, from the canvas's corner.
    fn place(&self, event: &web_sys::MouseEvent) -> (f64, f64) {
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.frame.get_untracked().map_or((x, y), |frame| {
            let corner = frame.get_bounding_client_rect();
            (x - corner.left(), y - corner.top())
        })
    }

    fn point(&self, event: &web_sys::MouseEvent) -> Point {
        let (x, y) = self.place(event);
        self.work.sight.get_untracked().inside(x, y)
    }

    pub fn down(&self, event: &web_sys::PointerEvent) {
        if let Gesture::Place { kind, .. } = self.gesture.get_untracked() {
            event.prevent_default();
            self.gesture.set(Gesture::Place {
                kind,
                at: Some(self.point(event)),
                held: true,
            });
            return;
        }
        // The line from the pad hangs at the pointer: this press says where it goes.
        if event.button() > 1 || matches!(self.gesture.get_untracked(), Gesture::Line { .. }) {
            return;
        }
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        if event.button() == 1 {
            event.prevent_default();
            self.gesture.set(Gesture::Pan { x, y });
            self.capture(event);
            return;
        }
        self.gesture.set(Gesture::Press {
            x,
            y,
            hit: hit_of(event),
            add: event.shift_key() || event.ctrl_key() || event.meta_key(),
        });
    }

    fn capture(&self, event: &web_sys::PointerEvent) {
        if let Some(frame) = self.frame.get_untracked() {
            let _ = frame.set_pointer_capture(event.pointer_id());
        }
    }

    pub fn moved(&self, event: &web_sys::PointerEvent) {
        let gesture = self.gesture.get_untracked();
        match gesture {
            Gesture::Idle => {}
            Gesture::Press { x, y, hit, add } => {
                let (dx, dy) = (
                    f64::from(event.client_x()) - x,
                    f64::from(event.client_y()) - y,
                );
                if dx.hypot(dy) >= 4.0 {
                    self.capture(event);
                    let begun = self.begin(event, hit, add, x, y);
                    self.gesture.set(begun);
                    if !matches!(self.gesture.get_untracked(), Gesture::Idle) {
                        self.moved(event);
                    }
                }
            }
            Gesture::Pan { x, y } => {
                let (to_x, to_y) = (f64::from(event.client_x()), f64::from(event.client_y()));
                self.work.sight.update(|sight| {
                    sight.x += to_x - x;
                    sight.y += to_y - y;
                });
                self.gesture.set(Gesture::Pan { x: to_x, y: to_y });
            }
            Gesture::Band { from, .. } => self.gesture.set(Gesture::Band {
                from,
                to: self.point(event),
            }),
            Gesture::Move {
                from, grabbed, ids, ..
            } => self.drag(event, from, grabbed, ids),
            Gesture::Stretch {
                id, corner, start, ..
            } => self.stretch(event, id, corner, start),
            Gesture::Bend {
                id, before, part, ..
            } => {
                let now = bent(&before, part, self.point(event));
                self.work.stage.bend(&id, now.clone());
                self.gesture.set(Gesture::Bend {
                    id,
                    before,
                    now,
                    part,
                });
            }
            Gesture::End { id, start, .. } => {
                let at = self.point(event);
                let target = self.target_at(event).map(|target| {
                    let fine = self.reconnects(&id, start, &target);
                    self.tell(fine.as_ref().err(), event);
                    (target, fine.is_ok())
                });
                if target.is_none() {
                    self.refusal.set(None);
                }
                self.gesture.set(Gesture::End {
                    id,
                    start,
                    at,
                    target,
                });
            }
            Gesture::Line { source, .. } => {
                let at = self.point(event);
                let target = self.target_at(event).map(|target| {
                    let fine = self.work.allows(&Command::Connect {
                        id: None,
                        source: source.as_str().into(),
                        target: target.as_str().into(),
                    });
                    self.tell(fine.as_ref().err(), event);
                    (target, fine.is_ok())
                });
                if target.is_none() {
                    self.refusal.set(None);
                }
                self.gesture.set(Gesture::Line { source, at, target });
            }
            Gesture::Label {
                id, from, start, ..
            } => {
                let to = self.point(event);
                self.gesture.set(Gesture::Label {
                    id,
                    from,
                    start,
                    now: Bounds {
                        x: start.x + to.x - from.x,
                        y: start.y + to.y - from.y,
                        ..start
                    },
                });
            }
            Gesture::Place { kind, held, .. } => self.hover(event, kind, held),
        }
    }

    fn tell(&self, why: Option<&String>, event: &web_sys::PointerEvent) {
        let (x, y) = self.place(event);
        self.refusal.set(why.map(|why| (why.clone(), x, y)));
    }

    /// The element under the pointer that a line can end at.
    fn target_at(&self, event: &web_sys::PointerEvent) -> Option<String> {
        // The pointer is captured: the event's own target is the canvas.
        let under =
            document().element_from_point(event.client_x() as f32, event.client_y() as f32)?;
        let item = under.closest("[data-element]").ok().flatten()?;
        let id = item.get_attribute("data-element")?;
        self.work.stage.shape(&id).map(|_| id)
    }

    fn reconnects(&self, flow: &str, start: bool, target: &str) -> Result<(), String> {
        let edge = self.work.stage.edge(flow).ok_or_else(String::new)?;
        let (Some(source), Some(end)) = (edge.source, edge.target) else {
            return Err(String::new());
        };
        self.work.allows(&if start {
            Command::Reconnect {
                flow: flow.into(),
                source: target.into(),
                target: end,
            }
        } else {
            Command::Reconnect {
                flow: flow.into(),
                source,
                target: target.into(),
            }
        })
    }

    fn begin(&self, event: &web_sys::PointerEvent, hit: Hit, add: bool, x: f64, y: f64) -> Gesture {
        let work = self.work;
        let pan = Gesture::Pan { x, y };
        let corner = self.frame.get_untracked().map_or((0.0, 0.0), |frame| {
            let corner = frame.get_bounding_client_rect();
            (corner.left(), corner.top())
        });
        let from = work
            .sight
            .get_untracked()
            .inside(x - corner.0, y - corner.1);
        let chosen = work.chosen.get_untracked();
        match hit {
            Hit::Ground if event.shift_key() => Gesture::Band { from, to: from },
            Hit::Ground => pan,
            Hit::Corner(across, along) => {
                match chosen.and_then(|id| Some((work.stage.shape(&id)?, id))) {
                    Some((shape, id)) => Gesture::Stretch {
                        id,
                        corner: (across, along),
                        start: shape.bounds,
                        now: shape.bounds,
                    },
                    None => pan,
                }
            }
            Hit::Part(part) => match chosen.and_then(|id| Some((work.stage.edge(&id)?, id))) {
                Some((edge, id)) => Gesture::Bend {
                    id,
                    now: edge.waypoints.clone(),
                    before: edge.waypoints,
                    part,
                },
                None => pan,
            },
            Hit::End(start) => match chosen {
                Some(id) => Gesture::End {
                    id,
                    start,
                    at: from,
                    target: None,
                },
                None => pan,
            },
            Hit::Label(id) => match super::shape::label_of(&work.stage, &id) {
                Some(start) => Gesture::Label {
                    id,
                    from,
                    start,
                    now: start,
                },
                None => pan,
            },
            Hit::Item(id) => {
                if let Some(edge) = work.stage.edge(&id) {
                    work.select_one(&id);
                    let part = nearest_segment(&edge.waypoints, from);
                    return Gesture::Bend {
                        id,
                        now: edge.waypoints.clone(),
                        before: edge.waypoints,
                        part: Part::Segment(part),
                    };
                }
                let Some(shape) = work.stage.shape(&id) else {
                    return pan;
                };
                // A pool is held by its band; its inside is ground.
                let ground = matches!(shape.kind, ShapeKind::Pool | ShapeKind::Lane)
                    && shape.expanded
                    && from.x > shape.bounds.x + 30.0;
                if ground && event.shift_key() {
                    return Gesture::Band { from, to: from };
                }
                if ground {
                    return pan;
                }
                let mut ids = work.selected();
                if !ids.contains(&id) {
                    if add {
                        ids.push(id.clone());
                    } else {
                        ids = vec![id.clone()];
                    }
                    work.select(ids.clone());
                }
                let ids = work.movable(ids);
                if ids.is_empty() {
                    return pan;
                }
                let moved = work.stage.with_contents(&ids);
                self.snap.set_value(Some(work.stage.with(|drawing| {
                    Snap::new(
                        shapes(drawing)
                            .filter(|other| !moved.contains(&*other.element) && !is_frame(other))
                            .map(|other| other.bounds),
                    )
                })));
                self.moved.set_value(moved);
                Gesture::Move {
                    from,
                    grabbed: id,
                    ids,
                    by: (0.0, 0.0),
                }
            }
        }
    }

    fn drag(&self, event: &web_sys::PointerEvent, from: Point, grabbed: String, ids: Vec<String>) {
        let work = self.work;
        let to = self.point(event);
        let (mut dx, mut dy) = (to.x - from.x, to.y - from.y);
        let scale = work.sight.get_untracked().scale;
        let Some(shape) = work.stage.shape(&grabbed) else {
            return;
        };
        // Alt: exactly where the pointer is.
        if !event.alt_key() {
            let settled = self.snap.with_value(|snap| {
                snap.as_ref()
                    .map(|snap| snap.settle(shape.bounds, dx, dy, 6.0 / scale))
            });
            if let Some((x, y, guides)) = settled {
                (dx, dy) = (x, y);
                self.guides.set(guides);
            }
        } else {
            self.guides.set(Vec::new());
        }
        self.moved
            .with_value(|moved| work.stage.drag(moved, dx, dy));
        let centre = Point {
            x: shape.bounds.centre().x + dx,
            y: shape.bounds.centre().y + dy,
        };
        let free = shape.attached_to.is_none() && !matches!(shape.kind, ShapeKind::Pool);
        if free {
            let home = self.moved.with_value(|moved| work.home_at(centre, moved));
            self.tell(home.as_ref().err(), event);
            let frame = home
                .ok()
                .and_then(|home| home.frame)
                .map(|id| id.to_string());
            let other = frame.filter(|frame| shape.parent.as_deref() != Some(frame));
            if self.over.with_untracked(|over| *over != other) {
                self.over.set(other);
            }
        }
        self.gesture.set(Gesture::Move {
            from,
            grabbed,
            ids,
            by: (dx, dy),
        });
    }

    fn stretch(&self, event: &web_sys::PointerEvent, id: String, corner: (i8, i8), start: Bounds) {
        let work = self.work;
        let Some(shape) = work.stage.shape(&id) else {
            return;
        };
        let to = self.point(event);
        let grid = |value: f64| (value / 10.0).round() * 10.0;
        let (least_x, least_y) = least(shape.kind);
        let mut now = start;
        match corner.0 {
            1 => now.width = (grid(to.x) - start.x).max(least_x),
            -1 => {
                now.x = grid(to.x).min(start.right() - least_x);
                now.width = start.right() - now.x;
            }
            _ => {}
        }
        match corner.1 {
            1 => now.height = (grid(to.y) - start.y).max(least_y),
            -1 => {
                now.y = grid(to.y).min(start.bottom() - least_y);
                now.height = start.bottom() - now.y;
            }
            _ => {}
        }
        work.stage.stretch(&id, now);
        self.gesture.set(Gesture::Stretch {
            id,
            corner,
            start,
            now,
        });
    }

    fn hover(&self, event: &web_sys::PointerEvent, kind: Kind, held: bool) {
        let at = self.point(event);
        if kind.is_boundary() {
            let host = self.work.stage.activity_at(at, 20.0);
            let why = host.is_none().then(|| t!("canvas-refuse-boundary"));
            self.tell(why.as_ref(), event);
            self.over.set(host.map(|host| host.element.to_string()));
        } else if !kind.is_frame() {
            let home = self.work.home_at(at, &HashSet::new());
            self.tell(home.as_ref().err(), event);
            self.over.set(
                home.ok()
                    .and_then(|home| home.frame)
                    .map(|id| id.to_string()),
            );
        }
        self.gesture.set(Gesture::Place {
            kind,
            at: Some(at),
            held,
        });
    }

    pub fn up(&self, event: &web_sys::PointerEvent) {
        let work = self.work;
        let gesture = self.gesture.get_untracked();
        let focus = !matches!(gesture, Gesture::Idle);
        match gesture {
            Gesture::Idle | Gesture::Pan { .. } => {}
            Gesture::Press { hit, add, .. } => match hit {
                Hit::Item(id) | Hit::Label(id) => {
                    if add {
                        work.toggle(&id);
                    } else {
                        work.select_one(&id);
                    }
                }
                Hit::Ground if !add => work.select(Vec::new()),
                _ => {}
            },
            Gesture::Band { from, to } => {
                let around = Bounds {
                    x: from.x.min(to.x),
                    y: from.y.min(to.y),
                    width: (from.x - to.x).abs(),
                    height: (from.y - to.y).abs(),
                };
                let mut all = work.selected();
                for id in work.stage.within(around) {
                    if !all.contains(&id) {
                        all.push(id);
                    }
                }
                work.say
                    .set(t!("canvas-said-selected", count = all.len() as i64));
                work.select(all);
            }
            Gesture::Move {
                grabbed, ids, by, ..
            } => {
                if by != (0.0, 0.0) {
                    work.finish_move(&ids, &grabbed, by.0, by.1);
                }
            }
            Gesture::Stretch { id, start, now, .. } => {
                if start != now {
                    work.apply(
                        "resize",
                        vec![Command::Resize {
                            element: id.as_str().into(),
                            bounds: now,
                        }],
                    );
                }
            }
            Gesture::Bend {
                id, before, now, ..
            } => {
                let now = straightened(now);
                if before != now {
                    work.apply(
                        "bend",
                        vec![Command::Bend {
                            edge: id.as_str().into(),
                            waypoints: now,
                        }],
                    );
                }
            }
            Gesture::End {
                id, start, target, ..
            } => {
                if let (Some((target, true)), Some(edge)) = (target, work.stage.edge(&id))
                    && let (Some(source), Some(end)) = (edge.source, edge.target)
                {
                    let (source, target) = if start {
                        (target.as_str().into(), end)
                    } else {
                        (source, target.as_str().into())
                    };
                    work.apply(
                        "connect",
                        vec![Command::Reconnect {
                            flow: id.as_str().into(),
                            source,
                            target,
                        }],
                    );
                }
            }
            Gesture::Line { source, target, .. } => {
                // Pressed on the pad without a drag: the next press says where to.
                if self.still_choosing(event, &target) {
                    return;
                }
                if let Some((target, true)) = target {
                    work.connect(&source, &target);
                }
            }
            Gesture::Label { id, start, now, .. } => {
                if start != now {
                    work.apply(
                        "label",
                        vec![Command::PlaceLabel {
                            element: id.as_str().into(),
                            bounds: now,
                        }],
                    );
                }
            }
            Gesture::Place { kind, at, .. } => {
                let inside = self.is_inside(event);
                if !inside {
                    // Released over the palette: it was a click, the thing stays at the pointer.
                    if at.is_some() {
                        self.cancel();
                    }
                    return;
                }
                self.cancel();
                let at = self.point(event);
                if let Some(id) = work.add(kind, Some(at), None)
                    && kind.wants_name()
                {
                    work.naming.set(Some(id));
                }
                self.focus();
                return;
            }
        }
        self.cancel();
        if focus {
            self.focus();
        }
    }

    fn still_choosing(
        &self,
        event: &web_sys::PointerEvent,
        target: &Option<(String, bool)>,
    ) -> bool {
        target.is_none()
            && event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                .is_some_and(|target| target.closest(".canvas-pad").ok().flatten().is_some())
    }

    fn is_inside(&self, event: &web_sys::PointerEvent) -> bool {
        self.frame.get_untracked().is_some_and(|frame| {
            let around = frame.get_bounding_client_rect();
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            x >= around.left() && x <= around.right() && y >= around.top() && y <= around.bottom()
        })
    }

    pub fn focus(&self) {
        if let Some(frame) = self.frame.get_untracked()
            && self.work.naming.with_untracked(Option::is_none)
        {
            let _ = frame.focus();
        }
    }

    /// Ends whatever goes on; what was only shown goes back.
    pub fn cancel(&self) {
        self.gesture.set(Gesture::Idle);
        self.guides.set(Vec::new());
        self.over.set(None);
        self.refusal.set(None);
        self.snap.set_value(None);
        self.work.stage.settle();
    }
}

fn hit_of(event: &web_sys::PointerEvent) -> Hit {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return Hit::Ground;
    };
    let read = |name: &str| {
        let holder = target.closest(&format!("[{name}]")).ok().flatten()?;
        holder.get_attribute(name)
    };
    if let Some(corner) = read("data-corner") {
        let mut parts = corner.split(' ').filter_map(|part| part.parse::<i8>().ok());
        if let (Some(across), Some(along)) = (parts.next(), parts.next()) {
            return Hit::Corner(across, along);
        }
    }
    if let Some(at) = read("data-bend").and_then(|at| at.parse().ok()) {
        return Hit::Part(Part::Bend(at));
    }
    if let Some(at) = read("data-segment").and_then(|at| at.parse().ok()) {
        return Hit::Part(Part::Segment(at));
    }
    if let Some(end) = read("data-end") {
        return Hit::End(end == "start");
    }
    if let Some(id) = read("data-label") {
        return Hit::Label(id);
    }
    read("data-element").map_or(Hit::Ground, Hit::Item)
}

/// The part of a line that is nearest to a point.
pub fn nearest_segment(points: &[Point], to: Point) -> usize {
    let mut parts = points.windows(2).enumerate().collect::<Vec<_>>();
    parts.sort_by(|(_, a), (_, b)| distance(to, a[0], a[1]).total_cmp(&distance(to, b[0], b[1])));
    parts.first().map_or(0, |(at, _)| *at)
}

/// A line with a bend or part dragged to a point. Parts that stand upright or level stay so.
fn bent(before: &[Point], part: Part, to: Point) -> Vec<Point> {
    let mut points = before.to_vec();
    match part {
        Part::Bend(at) => {
            let near = |a: f64, b: f64| (a - b).abs() < 6.0;
            let mut to = to;
            for other in [at.checked_sub(1), Some(at + 1)].into_iter().flatten() {
                if let Some(other) = before.get(other) {
                    if near(to.x, other.x) {
                        to.x = other.x;
                    }
                    if near(to.y, other.y) {
                        to.y = other.y;
                    }
                }
            }
            if let Some(point) = points.get_mut(at) {
                *point = to;
            }
        }
        Part::Segment(at) => {
            let (Some(a), Some(b)) = (before.get(at).copied(), before.get(at + 1).copied()) else {
                return points;
            };
            let upright = (a.x - b.x).abs() < 0.5;
            let level = (a.y - b.y).abs() < 0.5;
            if !upright && !level {
                points.insert(at + 1, to);
                return points;
            }
            let moved = |point: Point| {
                if upright {
                    Point { x: to.x, ..point }
                } else {
                    Point { y: to.y, ..point }
                }
            };
            let last = at + 2 == before.len();
            let mut line: Vec<Point> = before[..at].to_vec();
            // The ends stay at their shapes: a stub leads from there.
            if at == 0 {
                line.push(a);
            }
            line.push(moved(a));
            line.push(moved(b));
            if last {
                line.push(b);
            }
            line.extend_from_slice(&before[at + 2..]);
            return line;
        }
    }
    points
}

/// Without bends that are none.
fn straightened(points: Vec<Point>) -> Vec<Point> {
    let mut line: Vec<Point> = Vec::with_capacity(points.len());
    let count = points.len();
    for (at, point) in points.iter().enumerate() {
        let keep = match (line.last(), points.get(at + 1)) {
            (Some(before), Some(after)) if at > 0 && at + 1 < count => {
                distance(*point, *before, *after) > 1.5
            }
            _ => true,
        };
        if keep {
            line.push(*point);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(all: &[(f64, f64)]) -> Vec<Point> {
        all.iter().map(|(x, y)| Point { x: *x, y: *y }).collect()
    }

    #[test]
    fn a_dragged_part_stays_upright_and_the_ends_stay_at_their_shapes() {
        let line = points(&[(0.0, 0.0), (50.0, 0.0), (50.0, 100.0), (100.0, 100.0)]);
        let moved = bent(&line, Part::Segment(1), Point { x: 70.0, y: 31.0 });
        assert_eq!(
            moved,
            points(&[(0.0, 0.0), (70.0, 0.0), (70.0, 100.0), (100.0, 100.0)])
        );
        let straight = points(&[(0.0, 0.0), (100.0, 0.0)]);
        let moved = bent(&straight, Part::Segment(0), Point { x: 40.0, y: 30.0 });
        assert_eq!(
            moved,
            points(&[(0.0, 0.0), (0.0, 30.0), (100.0, 30.0), (100.0, 0.0)])
        );
    }

    #[test]
    fn bends_that_are_none_go() {
        let line = points(&[(0.0, 0.0), (50.0, 0.4), (100.0, 0.0), (100.0, 60.0)]);
        assert_eq!(
            straightened(line),
            points(&[(0.0, 0.0), (100.0, 0.0), (100.0, 60.0)])
        );
    }

    #[test]
    fn a_dragged_bend_clicks_into_line_with_its_neighbours() {
        let line = points(&[(0.0, 0.0), (50.0, 40.0), (100.0, 100.0)]);
        let moved = bent(&line, Part::Bend(1), Point { x: 97.0, y: 3.0 });
        assert_eq!(moved[1], Point { x: 100.0, y: 0.0 });
        assert_eq!(nearest_segment(&line, Point { x: 90.0, y: 90.0 }), 1);
    }
}
