//! What a gesture or key does to the document, as commands.

use std::collections::HashSet;

use flow::{
    Definitions, Element,
    edit::{self, Command},
    model::{Bounds, ElementId, Point},
    scene::{Item, ShapeKind},
};
use leptos::prelude::*;

use super::{
    Work,
    kinds::{ANNOTATION, Kind},
    stage::{id_of, is_frame, shapes},
};
use crate::{
    kit::{Tone, toast_with},
    prefs::preferences,
    t,
};

/// What a new or moved element stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Home {
    pub parent: ElementId,
    pub lane: Option<ElementId>,
    /// The shape to be marked while something is held over it.
    pub frame: Option<ElementId>,
}

/// Between a shape and what is put after it.
const GAP: f64 = 50.0;

impl Work {
    pub fn select(&self, ids: Vec<String>) {
        let last = ids.last().cloned();
        let rest: Vec<String> = ids
            .into_iter()
            .filter(|id| Some(id) != last.as_ref())
            .collect();
        if self.also.with_untracked(|also| *also != rest) {
            self.also.set(rest);
        }
        if self.chosen.with_untracked(|chosen| *chosen != last) {
            self.chosen.set(last);
        }
    }

    pub fn select_one(&self, id: &str) {
        self.select(vec![id.to_owned()]);
    }

    pub fn toggle(&self, id: &str) {
        let mut all = self.selected();
        match all.iter().position(|known| known == id) {
            Some(at) => {
                all.remove(at);
            }
            None => all.push(id.to_owned()),
        }
        self.select(all);
    }

    /// Everything selected, the one that the properties show last.
    pub fn selected(&self) -> Vec<String> {
        let mut all = self.also.get_untracked();
        all.extend(self.chosen.get_untracked());
        all
    }

    pub fn document_now(&self) -> Option<std::sync::Arc<Definitions>> {
        untrack(|| self.document())
    }

    /// Whether a command could be executed now; the sentence says why not.
    pub fn allows(&self, command: &Command) -> Result<(), String> {
        let Some(document) = self.document_now() else {
            return Err(String::new());
        };
        edit::allows(&document, command)
            .map_err(|refusal| refusal.sentence(preferences().language()))
    }

    pub fn refuse(&self, why: String) {
        self.say.set(why.clone());
        toast_with(why, Tone::Warning, None);
    }

    /// What holds a point of the drawing. The sentence says why nothing does.
    pub fn home_at(&self, point: Point, without: &HashSet<String>) -> Result<Home, String> {
        let document = self.document_now().ok_or_else(String::new)?;
        let frame = self.stage.frame_at(point, without);
        let Some(frame) = frame else {
            let plane = self.stage.with(|drawing| drawing.plane.clone());
            let on_plane = plane.filter(|plane| {
                document.process(plane).is_some() || document.element(plane).is_some()
            });
            if let Some(parent) = on_plane {
                return Ok(Home {
                    parent,
                    lane: None,
                    frame: None,
                });
            }
            return Err(t!("canvas-refuse-outside"));
        };
        let of_pool = |pool: &str| {
            document
                .collaborations
                .iter()
                .flat_map(|collaboration| &collaboration.participants)
                .find(|known| &*known.id == pool)
                .and_then(|known| known.process.clone())
        };
        let id = frame.element.clone();
        let (parent, lane) = match frame.kind {
            ShapeKind::Pool => (of_pool(&id), None),
            ShapeKind::Lane => {
                let process = document
                    .processes
                    .iter()
                    .find(|process| process.lanes.iter().any(|lane| lane.id == id));
                (process.map(|process| process.id.clone()), Some(id.clone()))
            }
            _ => (Some(id.clone()), None),
        };
        parent
            .map(|parent| Home {
                parent,
                lane,
                frame: Some(id),
            })
            .ok_or_else(|| t!("canvas-refuse-closed"))
    }

    /// Where an element stands now.
    pub fn home_of(&self, document: &Definitions, id: &str) -> Option<Home> {
        let process = document.processes.iter().find(|process| {
            process.element(id).is_some()
                || process.data.iter().any(|data| &*data.id == id)
                || process.artifacts.iter().any(|artifact| &*artifact.id == id)
        })?;
        let inner = process
            .element(id)
            .and_then(|element| element.parent.clone())
            .or_else(|| {
                let mut data = process.data.iter().filter(|data| &*data.id == id);
                data.find_map(|data| data.parent.clone())
            })
            .or_else(|| {
                let mut artifacts = process.artifacts.iter().filter(|one| &*one.id == id);
                artifacts.find_map(|one| one.parent.clone())
            });
        let lane = match inner {
            Some(_) => None,
            None => process.lane_of(id).map(|lane| lane.id.clone()),
        };
        let frame = inner.clone().or_else(|| lane.clone());
        Some(Home {
            parent: inner.unwrap_or_else(|| process.id.clone()),
            lane,
            frame,
        })
    }

    /// Adds an element, after `from` with a line to it where there is one. Gives its id.
    pub fn add(&self, kind: Kind, at: Option<Point>, from: Option<&str>) -> Option<String> {
        let document = self.document_now()?;
        if kind.is_frame() {
            return self.add_frame(&document, kind, at);
        }
        let id = edit::free_id(&document, kind.tag);
        if kind.is_boundary() {
            return self.add_boundary(kind, id, at, from);
        }
        let source = from.and_then(|from| self.stage.shape(from));
        let bounds = match (at, &source) {
            (Some(at), _) => kind.bounds_around(at.x, at.y),
            (None, Some(source)) => {
                self.place_after(kind, source.bounds, source.attached_to.is_some())
            }
            (None, None) => {
                let middle = self.middle_of_sight();
                self.free_spot(kind.bounds_around(middle.x, middle.y))
            }
        };
        let beside = source
            .as_ref()
            .filter(|_| at.is_none())
            .and_then(|source| self.home_of(&document, &source.element));
        let home = match beside {
            Some(home) => Ok(home),
            None => self.home_at(bounds.centre(), &HashSet::new()),
        };
        let home = match home {
            Ok(home) => home,
            Err(why) => {
                self.refuse(why);
                return None;
            }
        };
        let mut commands = vec![Command::Add {
            id: Some(id.clone()),
            tag: kind.tag.to_owned(),
            name: String::new(),
            parent: home.parent.clone(),
            lane: home.lane.clone().filter(|_| self.joins_lane(kind)),
            attached_to: None,
            bounds: Some(bounds),
        }];
        commands.extend(kind.finish(&id));
        commands.extend(self.room(&home, bounds));
        let split = at.filter(|_| source.is_none() && kind.follows() && self.joins_lane(kind));
        let split = split.and_then(|at| self.flow_at(at));
        if let Some((flow, target)) = &split {
            let source = document.flow(flow).map(|flow| flow.source.clone())?;
            commands.push(Command::Reconnect {
                flow: flow.clone(),
                source,
                target: id.clone(),
            });
            if kind.group != super::kinds::Group::Ends {
                commands.push(Command::Connect {
                    id: None,
                    source: id.clone(),
                    target: target.clone(),
                });
            }
        }
        if let Some(source) = &source {
            let (a, b) = if kind == ANNOTATION {
                (id.clone(), source.element.clone())
            } else {
                (source.element.clone(), id.clone())
            };
            commands.push(Command::Connect {
                id: None,
                source: a,
                target: b,
            });
        }
        let done = self.apply("add", commands);
        done.then(|| {
            self.select_one(&id);
            self.say.set(match &source {
                Some(source) => t!(
                    "canvas-said-appended",
                    kind = kind.name(),
                    name = super::kinds::told(source)
                ),
                None => t!("canvas-said-added", kind = kind.name()),
            });
            id.to_string()
        })
    }

    fn joins_lane(&self, kind: Kind) -> bool {
        kind.group != super::kinds::Group::Data
    }

    fn add_boundary(
        &self,
        kind: Kind,
        id: ElementId,
        at: Option<Point>,
        from: Option<&str>,
    ) -> Option<String> {
        let host = match at {
            Some(at) => self.stage.activity_at(at, 20.0),
            None => from
                .and_then(|from| self.stage.shape(from))
                .filter(super::stage::is_activity),
        };
        let Some(host) = host else {
            self.refuse(t!("canvas-refuse-boundary"));
            return None;
        };
        let document = self.document_now()?;
        let home = self.home_of(&document, &host.element)?;
        let centre = match at {
            Some(at) => on_border(host.bounds, at),
            None => {
                let taken = self.stage.with(|drawing| {
                    shapes(drawing)
                        .filter(|shape| shape.attached_to.as_ref() == Some(&host.element))
                        .count()
                });
                Point {
                    x: (host.bounds.right() - 20.0 - 42.0 * taken as f64).max(host.bounds.x),
                    y: host.bounds.bottom(),
                }
            }
        };
        let mut commands = vec![Command::Add {
            id: Some(id.clone()),
            tag: kind.tag.to_owned(),
            name: String::new(),
            parent: home.parent,
            lane: home.lane,
            attached_to: Some(host.element.clone()),
            bounds: Some(kind.bounds_around(centre.x, centre.y)),
        }];
        commands.extend(kind.finish(&id));
        self.apply("add", commands).then(|| {
            self.select_one(&id);
            self.say.set(t!(
                "canvas-said-appended",
                kind = kind.name(),
                name = super::kinds::told(&host)
            ));
            id.to_string()
        })
    }

    fn add_frame(&self, document: &Definitions, kind: Kind, at: Option<Point>) -> Option<String> {
        let id = edit::free_id(document, kind.tag);
        let command = if kind.tag == "lane" {
            let chosen = self.chosen.get_untracked();
            let under = at.and_then(|at| self.stage.frame_at(at, &HashSet::new()));
            let under = under.or_else(|| chosen.and_then(|id| self.stage.shape(&id)));
            let pool = under.and_then(|shape| self.pool_around(shape.bounds.centre()));
            let first = || {
                self.stage.with(|drawing| {
                    shapes(drawing)
                        .find(|shape| shape.kind == ShapeKind::Pool && shape.expanded)
                        .map(|shape| shape.element.clone())
                })
            };
            let Some(pool) = pool.or_else(first) else {
                self.refuse(t!("canvas-refuse-lane"));
                return None;
            };
            Command::AddLane {
                id: id.clone(),
                name: String::new(),
                pool,
            }
        } else {
            let (width, height) = kind.size();
            let bounds = match at {
                Some(at) => kind.bounds_around(at.x, at.y),
                None => {
                    let below = self.stage.with(|drawing| drawing.extent);
                    Bounds {
                        x: below.x,
                        y: below.bottom() + 40.0,
                        width: width.max(below.width),
                        height,
                    }
                }
            };
            Command::AddPool {
                id: id.clone(),
                name: String::new(),
                black_box: kind.closed,
                bounds,
            }
        };
        self.apply("add", vec![command]).then(|| {
            self.select_one(&id);
            self.say.set(t!("canvas-said-added", kind = kind.name()));
            id.to_string()
        })
    }

    fn pool_around(&self, point: Point) -> Option<ElementId> {
        self.stage.with(|drawing| {
            shapes(drawing)
                .find(|shape| {
                    shape.kind == ShapeKind::Pool && shape.expanded && shape.bounds.contains(point)
                })
                .map(|shape| shape.element.clone())
        })
    }

    /// To the right of a shape, on its middle line, or under what already stands there.
    fn place_after(&self, kind: Kind, source: Bounds, below: bool) -> Bounds {
        let (width, height) = kind.size();
        let middle = source.centre();
        let wanted = if kind == ANNOTATION {
            Bounds {
                x: source.right() + 20.0,
                y: source.y - height - 40.0,
                width,
                height,
            }
        } else if below {
            Bounds {
                x: middle.x + 40.0,
                y: source.bottom() + 40.0,
                width,
                height,
            }
        } else {
            Bounds {
                x: source.right() + GAP,
                y: middle.y - height / 2.0,
                width,
                height,
            }
        };
        self.free_spot(wanted)
    }

    /// The place itself, or the first one below it that nothing covers.
    fn free_spot(&self, mut wanted: Bounds) -> Bounds {
        self.stage.with(|drawing| {
            for _ in 0..40 {
                let near = Bounds {
                    x: wanted.x - 10.0,
                    y: wanted.y - 10.0,
                    width: wanted.width + 20.0,
                    height: wanted.height + 20.0,
                };
                let taken = shapes(drawing)
                    .find(|shape| {
                        !is_frame(shape) && !shape.expanded && shape.bounds.intersects(&near)
                    })
                    .map(|shape| shape.bounds);
                match taken {
                    Some(other) => wanted.y = other.bottom() + 30.0,
                    None => break,
                }
            }
        });
        wanted
    }

    /// Pools, lanes and sub-processes grow for what is put at their edge.
    fn room(&self, home: &Home, bounds: Bounds) -> Vec<Command> {
        let Some(frame) = home.frame.as_ref().and_then(|id| self.stage.shape(id)) else {
            return Vec::new();
        };
        let over = bounds.right() + 30.0 - frame.bounds.right();
        let under = bounds.bottom() + 20.0 - frame.bounds.bottom();
        let resize = |id: &ElementId, bounds: Bounds| Command::Resize {
            element: id.clone(),
            bounds,
        };
        if matches!(frame.kind, ShapeKind::Pool | ShapeKind::Lane) {
            if over <= 0.0 {
                return Vec::new();
            }
            let pool = self.pool_around(frame.bounds.centre());
            let pool = pool.and_then(|id| self.stage.shape(&id));
            return self.stage.with(|drawing| {
                shapes(drawing)
                    .filter(|shape| match (&pool, shape.kind) {
                        (Some(pool), ShapeKind::Pool) => shape.element == pool.element,
                        (Some(pool), ShapeKind::Lane) => {
                            pool.bounds.contains(shape.bounds.centre())
                        }
                        _ => false,
                    })
                    .map(|shape| {
                        resize(
                            &shape.element,
                            Bounds {
                                width: shape.bounds.width + over,
                                ..shape.bounds
                            },
                        )
                    })
                    .collect()
            });
        }
        if over <= 0.0 && under <= 0.0 {
            return Vec::new();
        }
        vec![resize(
            &frame.element,
            Bounds {
                width: frame.bounds.width + over.max(0.0),
                height: frame.bounds.height + under.max(0.0),
                ..frame.bounds
            },
        )]
    }

    /// The sequence flow under a point, with its target: what is dropped on it goes in between.
    fn flow_at(&self, point: Point) -> Option<(ElementId, ElementId)> {
        let document = self.document_now()?;
        let found = self.stage.with(|drawing| {
            drawing.items.iter().rev().find_map(|item| match item {
                Item::Edge(edge) => edge
                    .waypoints
                    .windows(2)
                    .any(|part| distance(point, part[0], part[1]) < 8.0)
                    .then(|| edge.element.clone()),
                Item::Shape(_) => None,
            })
        })?;
        document
            .flow(&found)
            .map(|flow| (found.clone(), flow.target.clone()))
    }

    pub fn connect(&self, source: &str, target: &str) -> bool {
        let command = Command::Connect {
            id: None,
            source: source.into(),
            target: target.into(),
        };
        let done = self.apply("connect", vec![command]);
        if done {
            let name = |id: &str| {
                self.stage
                    .shape(id)
                    .map(|shape| super::kinds::told(&shape))
                    .unwrap_or_default()
            };
            self.say.set(t!(
                "canvas-said-connected",
                from = name(source),
                to = name(target)
            ));
        }
        done
    }

    pub fn remove_selected(&self) {
        let ids = self.selected();
        if ids.is_empty() {
            return;
        }
        let count = ids.len();
        let elements = ids.iter().map(|id| id.as_str().into()).collect();
        if self.apply("remove", vec![Command::Remove { elements }]) {
            self.select(Vec::new());
            self.say
                .set(t!("canvas-said-removed", count = count as i64));
        }
    }

    /// Ends a move: shifts, and puts into another frame what came to lie in one.
    pub fn finish_move(&self, ids: &[String], grabbed: &str, dx: f64, dy: f64) -> bool {
        let Some(document) = self.document_now() else {
            return false;
        };
        let moved = self.stage.with_contents(ids);
        let elements: Vec<ElementId> = ids.iter().map(|id| id.as_str().into()).collect();
        let mut commands = vec![Command::Move {
            elements: elements.clone(),
            dx,
            dy,
        }];
        let boundary = |id: &str| {
            document
                .element(id)
                .and_then(Element::attached_to)
                .filter(|host| !moved.contains(&***host))
                .cloned()
        };
        if let (Some(host), [id]) = (boundary(grabbed), ids) {
            let Some(shape) = self.stage.shape(id) else {
                return false;
            };
            let centre = Point {
                x: shape.bounds.centre().x + dx,
                y: shape.bounds.centre().y + dy,
            };
            let Some(on) = self.stage.activity_at(centre, 24.0) else {
                self.refuse(t!("canvas-refuse-boundary"));
                return false;
            };
            let to = on_border(on.bounds, centre);
            commands = vec![Command::Move {
                elements,
                dx: dx + to.x - centre.x,
                dy: dy + to.y - centre.y,
            }];
            if on.element != host {
                commands.push(Command::Attach {
                    element: id.as_str().into(),
                    host: on.element,
                });
            }
            return self.apply("move", commands);
        }
        let centre = self.stage.shape(grabbed).map(|shape| Point {
            x: shape.bounds.centre().x + dx,
            y: shape.bounds.centre().y + dy,
        });
        let places: Vec<(ElementId, Home)> = ids
            .iter()
            .filter_map(|id| Some((ElementId::from(id.as_str()), self.home_of(&document, id)?)))
            .filter(|(id, _)| boundary(id).is_none())
            .collect();
        if let Some(centre) = centre.filter(|_| !places.is_empty()) {
            match self.home_at(centre, &moved) {
                Ok(home) => {
                    let elsewhere: Vec<ElementId> = places
                        .into_iter()
                        .filter(|(id, known)| {
                            let data = document.element(id).is_none();
                            known.parent != home.parent || (!data && known.lane != home.lane)
                        })
                        .map(|(id, _)| id)
                        .collect();
                    if !elsewhere.is_empty() {
                        commands.push(Command::Place {
                            elements: elsewhere,
                            parent: home.parent,
                            lane: home.lane,
                        });
                    }
                }
                Err(why) => {
                    self.refuse(why);
                    return false;
                }
            }
        }
        let flows = |document: &Definitions| -> usize {
            document.processes.iter().map(|one| one.flows.len()).sum()
        };
        let before = flows(&document);
        let done = self.apply("move", commands);
        let after = self
            .document_now()
            .map_or(before, |document| flows(&document));
        if done && after < before {
            self.refuse(t!("canvas-said-cut", count = (before - after) as i64));
        }
        done
    }

    pub fn nudge(&self, dx: f64, dy: f64) {
        let ids = self.movable(self.selected());
        if let Some(last) = ids.last().cloned() {
            self.finish_move(&ids, &last, dx, dy);
        }
    }

    /// What can be dragged of a selection: shapes, outermost; a lane moves with its pool.
    pub fn movable(&self, ids: Vec<String>) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for id in ids {
            let Some(shape) = self.stage.shape(&id) else {
                continue;
            };
            let id = if shape.kind == ShapeKind::Lane {
                match self.pool_around(shape.bounds.centre()) {
                    Some(pool) => pool.to_string(),
                    None => continue,
                }
            } else {
                id
            };
            if !out.contains(&id) {
                out.push(id);
            }
        }
        let held: HashSet<String> = out
            .iter()
            .filter(|id| {
                let others: Vec<String> = out.iter().filter(|other| other != id).cloned().collect();
                self.stage.with_contents(&others).contains(*id)
            })
            .cloned()
            .collect();
        // A thing and what holds it: the holder takes it along.
        if held.len() < out.len() {
            out.retain(|id| !held.contains(id));
        }
        out
    }

    /// Larger or smaller by keys.
    pub fn grow(&self, dx: f64, dy: f64) {
        let Some(shape) = self
            .chosen
            .get_untracked()
            .and_then(|id| self.stage.shape(&id))
            .filter(resizable)
        else {
            return;
        };
        let bounds = Bounds {
            width: (shape.bounds.width + dx).max(least(shape.kind).0),
            height: (shape.bounds.height + dy).max(least(shape.kind).1),
            ..shape.bounds
        };
        self.apply(
            "resize",
            vec![Command::Resize {
                element: shape.element,
                bounds,
            }],
        );
    }

    /// The line from side to side, without the bends of before.
    pub fn straighten(&self, id: &str) {
        let Some(edge) = self.stage.edge(id) else {
            return;
        };
        let bounds = |end: &Option<ElementId>| {
            end.as_ref()
                .and_then(|id| self.stage.shape(id))
                .map(|shape| shape.bounds)
        };
        if let (Some(from), Some(to)) = (bounds(&edge.source), bounds(&edge.target)) {
            self.apply(
                "bend",
                vec![Command::Bend {
                    edge: edge.element,
                    waypoints: flow::layout::route(&from, &to),
                }],
            );
        }
    }

    pub fn rename(&self, id: &str, name: String) {
        let known = self
            .stage
            .with(|drawing| {
                drawing
                    .items
                    .iter()
                    .find(|item| id_of(item) == id)
                    .map(|item| match item {
                        Item::Shape(shape) => shape.name.clone(),
                        Item::Edge(edge) => edge.name.clone(),
                    })
            })
            .unwrap_or_default();
        if known != name {
            self.apply(
                "rename",
                vec![Command::Rename {
                    element: id.into(),
                    name,
                }],
            );
        }
    }
}

/// Whether a shape has a size of its own.
pub fn resizable(shape: &flow::scene::SceneShape) -> bool {
    super::stage::is_activity(shape)
        || matches!(
            shape.kind,
            ShapeKind::Pool | ShapeKind::Lane | ShapeKind::Group | ShapeKind::Annotation
        )
}

/// The smallest size of a shape.
pub fn least(kind: ShapeKind) -> (f64, f64) {
    match kind {
        ShapeKind::Pool | ShapeKind::Lane => (200.0, 60.0),
        ShapeKind::Annotation => (50.0, 20.0),
        _ => (60.0, 40.0),
    }
}

/// The point of a border that is nearest.
pub fn on_border(bounds: Bounds, point: Point) -> Point {
    let x = point.x.clamp(bounds.x, bounds.right());
    let y = point.y.clamp(bounds.y, bounds.bottom());
    let sides = [
        (x - bounds.x, Point { x: bounds.x, y }),
        (
            bounds.right() - x,
            Point {
                x: bounds.right(),
                y,
            },
        ),
        (y - bounds.y, Point { x, y: bounds.y }),
        (
            bounds.bottom() - y,
            Point {
                x,
                y: bounds.bottom(),
            },
        ),
    ];
    let nearest = sides.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map_or(point, |(_, point)| point)
}

/// From a point to the nearest point of a part of a line.
pub fn distance(point: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let whole = dx * dx + dy * dy;
    let along = if whole == 0.0 {
        0.0
    } else {
        (((point.x - a.x) * dx + (point.y - a.y) * dy) / whole).clamp(0.0, 1.0)
    };
    (point.x - a.x - along * dx).hypot(point.y - a.y - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_event_sits_on_the_nearest_side() {
        let host = Bounds {
            x: 0.0,
            y: 0.0,
            width: 100.0,
            height: 80.0,
        };
        let at = |x: f64, y: f64| {
            let point = on_border(host, Point { x, y });
            (point.x, point.y)
        };
        assert_eq!(at(50.0, 78.0), (50.0, 80.0));
        assert_eq!(at(-9.0, 30.0), (0.0, 30.0));
        assert_eq!(at(120.0, -20.0), (100.0, 0.0));
    }

    #[test]
    fn distances_are_to_the_part_not_to_the_line() {
        let (a, b) = (Point { x: 0.0, y: 0.0 }, Point { x: 10.0, y: 0.0 });
        assert_eq!(distance(Point { x: 5.0, y: 3.0 }, a, b), 3.0);
        assert_eq!(distance(Point { x: 13.0, y: 4.0 }, a, b), 5.0);
    }
}
