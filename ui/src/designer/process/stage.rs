//! What stands on the canvas, each thing with signals of its own: a change draws again what it changed and nothing else.

use std::collections::{HashMap, HashSet};

use flow::{
    layout,
    model::{Bounds, Point},
    scene::{Drawing, Item, SceneEdge, SceneShape, ShapeKind},
};
use leptos::prelude::*;

/// One shape or line that is shown.
#[derive(Clone)]
pub struct Live {
    pub item: ArcRwSignal<Item>,
    /// How far it is dragged from where the document has it.
    pub shift: ArcRwSignal<(f64, f64)>,
}

/// The items in the order in which they are painted, by key.
#[derive(Clone, Copy)]
pub struct Stage {
    pub order: RwSignal<Vec<String>>,
    /// The part of a large drawing that is on the page; `None`: all of it.
    near: RwSignal<Option<Bounds>>,
    /// Where each element stands in the drawing.
    places: StoredValue<HashMap<String, usize>>,
    live: StoredValue<HashMap<String, Live>>,
    drawing: StoredValue<Drawing>,
    /// Counts the changes of the drawing, for what hangs on places.
    pub turn: RwSignal<u64>,
    moving: StoredValue<HashSet<String>>,
    bending: StoredValue<HashSet<String>>,
}

/// A drawing of up to so many things is on the page as a whole.
const WHOLE: usize = 250;

/// Whether any of it lies in a box, its name included.
fn touches(item: &Item, around: &Bounds) -> bool {
    let meets = |bounds: &Bounds| {
        bounds.x < around.right()
            && bounds.right() > around.x
            && bounds.y < around.bottom()
            && bounds.bottom() > around.y
    };
    match item {
        Item::Shape(shape) => meets(&shape.bounds) || shape.label.as_ref().is_some_and(meets),
        Item::Edge(edge) => {
            let mut points = edge.waypoints.iter();
            let Some(first) = points.next() else {
                return false;
            };
            let start = Bounds {
                x: first.x,
                y: first.y,
                width: 1.0,
                height: 1.0,
            };
            let all = points.fold(start, |all, point| {
                all.union(&Bounds {
                    x: point.x,
                    y: point.y,
                    width: 1.0,
                    height: 1.0,
                })
            });
            meets(&all) || edge.label.as_ref().is_some_and(meets)
        }
    }
}

pub fn id_of(item: &Item) -> &str {
    match item {
        Item::Shape(shape) => &shape.element,
        Item::Edge(edge) => &edge.element,
    }
}

/// Things that hold others and lie under them.
pub fn is_frame(shape: &SceneShape) -> bool {
    matches!(
        shape.kind,
        ShapeKind::Pool | ShapeKind::Lane | ShapeKind::Group
    )
}

impl Stage {
    pub fn new() -> Self {
        Self {
            order: RwSignal::new(Vec::new()),
            near: RwSignal::new(None),
            places: StoredValue::new(HashMap::new()),
            live: StoredValue::new(HashMap::new()),
            drawing: StoredValue::new(Drawing::default()),
            turn: RwSignal::new(0),
            moving: StoredValue::new(HashSet::new()),
            bending: StoredValue::new(HashSet::new()),
        }
    }

    /// Shows a drawing: signals are written only for what differs.
    pub fn show(&self, drawing: Drawing) {
        let mut order = Vec::with_capacity(drawing.items.len());
        let mut seen: HashMap<&str, u32> = HashMap::new();
        let mut before = self
            .live
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        let mut after = HashMap::with_capacity(drawing.items.len());
        for item in &drawing.items {
            // The bands of a choreography share their participant's id.
            let nth = seen.entry(id_of(item)).or_default();
            let key = match *nth {
                0 => id_of(item).to_owned(),
                nth => format!("{}#{nth}", id_of(item)),
            };
            *nth += 1;
            let live = match before.remove(&key) {
                Some(live) => {
                    if live.item.with_untracked(|known| known != item) {
                        live.item.set(item.clone());
                    }
                    if live.shift.get_untracked() != (0.0, 0.0) {
                        live.shift.set((0.0, 0.0));
                    }
                    live
                }
                None => Live {
                    item: ArcRwSignal::new(item.clone()),
                    shift: ArcRwSignal::new((0.0, 0.0)),
                },
            };
            after.insert(key.clone(), live);
            order.push(key);
        }
        self.live.set_value(after);
        self.moving.update_value(HashSet::clear);
        self.bending.update_value(HashSet::clear);
        let mut places = HashMap::with_capacity(drawing.items.len());
        for (at, item) in drawing.items.iter().enumerate() {
            places.entry(id_of(item).to_owned()).or_insert(at);
        }
        self.places.set_value(places);
        self.drawing.set_value(drawing);
        if self.order.with_untracked(|known| *known != order) {
            self.order.set(order);
        }
        self.turn.update(|turn| *turn += 1);
    }

    pub fn live(&self, key: &str) -> Option<Live> {
        self.live.with_value(|live| live.get(key).cloned())
    }

    /// The drawing as the document has it.
    pub fn with<T>(&self, read: impl FnOnce(&Drawing) -> T) -> T {
        self.drawing.with_value(read)
    }

    pub fn shape(&self, id: &str) -> Option<SceneShape> {
        self.item(id, |item| match item {
            Item::Shape(shape) => Some(shape.clone()),
            Item::Edge(_) => None,
        })
    }

    pub fn edge(&self, id: &str) -> Option<SceneEdge> {
        self.item(id, |item| match item {
            Item::Edge(edge) => Some(edge.clone()),
            Item::Shape(_) => None,
        })
    }

    fn item<T>(&self, id: &str, read: impl FnOnce(&Item) -> Option<T>) -> Option<T> {
        let at = self.places.with_value(|places| places.get(id).copied())?;
        self.with(|drawing| read(drawing.items.get(at)?))
    }

    /// Keeps what is drawn around what is seen: half a screen more on every side, so that moving a little draws nothing anew.
    pub fn look(&self, seen: Bounds) {
        if self.with(|drawing| drawing.items.len() <= WHOLE) {
            if self.near.with_untracked(Option::is_some) {
                self.near.set(None);
            }
            return;
        }
        let enough = self.near.with_untracked(|near| {
            near.is_some_and(|near| {
                near.x <= seen.x
                    && near.y <= seen.y
                    && near.right() >= seen.right()
                    && near.bottom() >= seen.bottom()
                    && near.width <= seen.width * 4.0
            })
        });
        if !enough {
            self.near.set(Some(Bounds {
                x: seen.x - seen.width / 2.0,
                y: seen.y - seen.height / 2.0,
                width: seen.width * 2.0,
                height: seen.height * 2.0,
            }));
        }
    }

    /// The keys of what is on the page, followed. What is selected always is: screen readers are sent to it.
    pub fn shown(&self, selected: impl Fn(&str) -> bool) -> Vec<String> {
        let order = self.order.get();
        let Some(near) = self.near.get() else {
            return order;
        };
        self.turn.track();
        self.with(|drawing| {
            order
                .into_iter()
                .zip(&drawing.items)
                .filter(|(_, item)| touches(item, &near) || selected(id_of(item)))
                .map(|(key, _)| key)
                .collect()
        })
    }

    /// Whether what stands there is on the page, followed.
    pub fn is_near(&self, point: Point) -> bool {
        self.near
            .with(|near| near.is_none_or(|near| near.contains(point)))
    }

    /// What goes along when these are moved: contents and boundary events.
    pub fn with_contents(&self, ids: &[String]) -> HashSet<String> {
        self.with(|drawing| {
            let mut moved: HashSet<String> = ids.iter().cloned().collect();
            let holders: HashMap<&str, &SceneShape> = shapes(drawing)
                .map(|shape| (&*shape.element, shape))
                .collect();
            let pools: Vec<Bounds> = shapes(drawing)
                .filter(|shape| shape.kind == ShapeKind::Pool && moved.contains(&*shape.element))
                .map(|shape| shape.bounds)
                .collect();
            for shape in shapes(drawing) {
                let mut at = shape.parent.as_deref().or(shape.attached_to.as_deref());
                let mut steps = 0;
                while let Some(id) = at.filter(|_| steps < 32) {
                    if moved.contains(id) {
                        moved.insert(shape.element.to_string());
                        break;
                    }
                    at = holders.get(id).and_then(|holder| {
                        holder.parent.as_deref().or(holder.attached_to.as_deref())
                    });
                    steps += 1;
                }
                if shape
                    .attached_to
                    .as_deref()
                    .is_some_and(|host| moved.contains(host))
                    || pools.iter().any(|pool| {
                        shape.kind != ShapeKind::Pool && pool.contains(shape.bounds.centre())
                    })
                {
                    moved.insert(shape.element.to_string());
                }
            }
            moved
        })
    }

    /// Shows shapes dragged by so much, lines with them. Nothing of it is in the document yet.
    pub fn drag(&self, moved: &HashSet<String>, dx: f64, dy: f64) {
        self.moving.update_value(|moving| {
            moving.extend(moved.iter().cloned());
        });
        for id in moved {
            if let Some(live) = self.live(id) {
                live.shift.set((dx, dy));
            }
        }
        self.reroute(
            moved,
            |bounds| Bounds {
                x: bounds.x + dx,
                y: bounds.y + dy,
                ..bounds
            },
            Some((dx, dy)),
        );
    }

    /// Shows a shape with other bounds.
    pub fn stretch(&self, id: &str, bounds: Bounds) {
        let moved: HashSet<String> = [id.to_owned()].into();
        if let Some(live) = self.live(id) {
            live.item.update(|item| {
                if let Item::Shape(shape) = item {
                    shape.bounds = bounds;
                }
            });
            self.bending.update_value(|bending| {
                bending.insert(id.to_owned());
            });
        }
        self.reroute(&moved, |_| bounds, None);
    }

    /// Shows a line along other points.
    pub fn bend(&self, id: &str, points: Vec<Point>) {
        if let Some(live) = self.live(id) {
            live.item.update(|item| {
                if let Item::Edge(edge) = item {
                    edge.waypoints = points;
                }
            });
            self.bending.update_value(|bending| {
                bending.insert(id.to_owned());
            });
        }
    }

    fn reroute(
        &self,
        moved: &HashSet<String>,
        place: impl Fn(Bounds) -> Bounds,
        shift: Option<(f64, f64)>,
    ) {
        self.with(|drawing| {
            let mut places: HashMap<&str, Bounds> = HashMap::new();
            let lines: Vec<&SceneEdge> = drawing
                .items
                .iter()
                .filter_map(|item| match item {
                    Item::Edge(edge) => Some(edge),
                    Item::Shape(_) => None,
                })
                .filter(|edge| {
                    [&edge.source, &edge.target]
                        .into_iter()
                        .flatten()
                        .any(|end| moved.contains(&**end))
                })
                .collect();
            if lines.is_empty() {
                return;
            }
            for shape in shapes(drawing) {
                places.insert(&shape.element, shape.bounds);
            }
            for edge in lines {
                let (Some(source), Some(target)) = (&edge.source, &edge.target) else {
                    continue;
                };
                let (begins, stops) = (moved.contains(&**source), moved.contains(&**target));
                let Some(live) = self.live(&edge.element) else {
                    continue;
                };
                self.bending.update_value(|bending| {
                    bending.insert(edge.element.to_string());
                });
                if let (true, true, Some(shift)) = (begins, stops, shift) {
                    live.shift.set(shift);
                    continue;
                }
                let (Some(from), Some(to)) = (places.get(&**source), places.get(&**target)) else {
                    continue;
                };
                let new_from = if begins { place(*from) } else { *from };
                let new_to = if stops { place(*to) } else { *to };
                let line = layout::adjusted(&edge.waypoints, (from, &new_from), (to, &new_to));
                live.item.update(|item| {
                    if let Item::Edge(shown) = item {
                        shown.waypoints = line;
                    }
                });
            }
        });
    }

    /// Back to what the document has: the gesture was broken off or refused.
    pub fn settle(&self) {
        let touched: HashSet<String> = self
            .moving
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        let bent: HashSet<String> = self
            .bending
            .try_update_value(std::mem::take)
            .unwrap_or_default();
        if touched.is_empty() && bent.is_empty() {
            return;
        }
        self.with(|drawing| {
            for item in &drawing.items {
                let id = id_of(item);
                if !touched.contains(id) && !bent.contains(id) {
                    continue;
                }
                let Some(live) = self.live(id) else { continue };
                if live.shift.get_untracked() != (0.0, 0.0) {
                    live.shift.set((0.0, 0.0));
                }
                if live.item.with_untracked(|shown| shown != item) {
                    live.item.set(item.clone());
                }
            }
        });
    }

    /// Where a shape is shown now, dragged or not.
    pub fn bounds_now(&self, id: &str) -> Option<Bounds> {
        let live = self.live(id)?;
        let (dx, dy) = live.shift.get();
        live.item.with(|item| match item {
            Item::Shape(shape) => Some(Bounds {
                x: shape.bounds.x + dx,
                y: shape.bounds.y + dy,
                ..shape.bounds
            }),
            Item::Edge(_) => None,
        })
    }

    /// The points of a line as it is shown now.
    pub fn points_now(&self, id: &str) -> Option<Vec<Point>> {
        let live = self.live(id)?;
        let (dx, dy) = live.shift.get();
        live.item.with(|item| match item {
            Item::Edge(edge) => Some(
                edge.waypoints
                    .iter()
                    .map(|point| Point {
                        x: point.x + dx,
                        y: point.y + dy,
                    })
                    .collect(),
            ),
            Item::Shape(_) => None,
        })
    }

    /// The topmost shape at a point that holds others: opened sub-process, lane, pool. `without`: what is being moved.
    pub fn frame_at(&self, point: Point, without: &HashSet<String>) -> Option<SceneShape> {
        self.with(|drawing| {
            drawing.items.iter().rev().find_map(|item| match item {
                Item::Shape(shape)
                    if !without.contains(&*shape.element)
                        && shape.kind != ShapeKind::Group
                        && shape.expanded
                        && shape.bounds.contains(point) =>
                {
                    Some(shape.clone())
                }
                _ => None,
            })
        })
    }

    /// The topmost activity at a point, for what hangs on its border.
    pub fn activity_at(&self, point: Point, reach: f64) -> Option<SceneShape> {
        self.with(|drawing| {
            drawing.items.iter().rev().find_map(|item| match item {
                Item::Shape(shape) if is_activity(shape) => {
                    let near = Bounds {
                        x: shape.bounds.x - reach,
                        y: shape.bounds.y - reach,
                        width: shape.bounds.width + 2.0 * reach,
                        height: shape.bounds.height + 2.0 * reach,
                    };
                    near.contains(point).then(|| shape.clone())
                }
                _ => None,
            })
        })
    }

    /// Everything that lies wholly in a box, frames left out unless they do too.
    pub fn within(&self, around: Bounds) -> Vec<String> {
        self.with(|drawing| {
            let inside = |bounds: &Bounds| {
                bounds.x >= around.x
                    && bounds.y >= around.y
                    && bounds.right() <= around.right()
                    && bounds.bottom() <= around.bottom()
            };
            shapes(drawing)
                .filter(|shape| inside(&shape.bounds) && shape.kind != ShapeKind::Lane)
                .map(|shape| shape.element.to_string())
                .collect()
        })
    }
}

pub fn shapes(drawing: &Drawing) -> impl Iterator<Item = &SceneShape> {
    drawing.items.iter().filter_map(|item| match item {
        Item::Shape(shape) => Some(shape),
        Item::Edge(_) => None,
    })
}

pub fn is_activity(shape: &SceneShape) -> bool {
    matches!(
        shape.kind,
        ShapeKind::Task
            | ShapeKind::UserTask
            | ShapeKind::ManualTask
            | ShapeKind::ServiceTask
            | ShapeKind::SendTask
            | ShapeKind::ReceiveTask
            | ShapeKind::ScriptTask
            | ShapeKind::BusinessRuleTask
            | ShapeKind::CallActivity
            | ShapeKind::SubProcess
            | ShapeKind::EventSubProcess
            | ShapeKind::Transaction
            | ShapeKind::AdHocSubProcess
    )
}
