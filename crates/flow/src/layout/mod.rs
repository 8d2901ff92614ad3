//! Drawing a document that has no drawing, or drawing it anew: layers from left to right, lines at right angles.
//!
//! The same document always gives the same drawing. Each process and sub-process is laid out for itself, sub-processes from
//! the inside out; pools stand below each other, and lanes are bands of their pool.

mod place;
mod route;

use std::collections::HashMap;

use crate::model::{
    Bounds, Collaboration, Definitions, Diagram, Edge, ElementId, Participant, Point, Process,
    Shape,
};
use place::{Box2, Placed};
pub use route::{adjusted, route};

/// Room around what stands in a pool or sub-process.
const MARGIN: f64 = 40.0;
/// The strip at the left of a pool or lane that bears its name.
const BAND: f64 = 30.0;

/// Width and height of a new element with this BPMN name.
pub fn default_size(tag: &str) -> (f64, f64) {
    match tag {
        tag if tag.ends_with("Event") => (36.0, 36.0),
        tag if tag.ends_with("Gateway") => (50.0, 50.0),
        "subProcess" | "transaction" | "adHocSubProcess" => (350.0, 200.0),
        "dataObjectReference" => (36.0, 50.0),
        "dataStoreReference" => (50.0, 50.0),
        "textAnnotation" => (100.0, 30.0),
        "group" => (300.0, 200.0),
        _ => (100.0, 80.0),
    }
}

/// A drawing of the whole document, in one diagram.
pub fn layout(definitions: &Definitions) -> Vec<Diagram> {
    let mut sheet = Sheet {
        shapes: Vec::new(),
        places: HashMap::new(),
        edges: Vec::new(),
    };
    let collaboration = definitions
        .collaborations
        .iter()
        .find(|collaboration| !collaboration.participants.is_empty());
    let plane = match collaboration {
        Some(collaboration) => {
            sheet.pools(definitions, collaboration);
            collaboration.id.clone()
        }
        None => {
            let Some(first) = definitions.processes.first() else {
                return Vec::new();
            };
            let mut top = 80.0;
            for process in &definitions.processes {
                let placed = place::process(process);
                top += sheet.process(process, &placed, 160.0, top) + MARGIN;
            }
            first.id.clone()
        }
    };
    vec![Diagram {
        id: None,
        name: String::new(),
        plane: Some(plane),
        shapes: sheet.shapes,
        edges: sheet.edges,
    }]
}

/// The document with a diagram, if it has none: a canvas can always draw what this gives.
pub fn with_diagram(definitions: Definitions) -> Definitions {
    if definitions
        .diagrams
        .iter()
        .any(|diagram| !diagram.shapes.is_empty())
    {
        return definitions;
    }
    let mut editor = crate::edit::Editor::new(definitions);
    // A document in which nothing can be drawn stays as it is.
    let _ = editor.execute(crate::edit::Command::Layout);
    editor.into_definitions()
}

struct Sheet {
    shapes: Vec<Shape>,
    places: HashMap<ElementId, Bounds>,
    edges: Vec<Edge>,
}

impl Sheet {
    fn pools(&mut self, definitions: &Definitions, collaboration: &Collaboration) {
        let placed: Vec<(&Participant, Option<(&Process, Placed)>)> = collaboration
            .participants
            .iter()
            .map(|pool| {
                let process = pool.process.as_ref().and_then(|id| definitions.process(id));
                (
                    pool,
                    process.map(|process| (process, place::process(process))),
                )
            })
            .collect();
        let widest = placed
            .iter()
            .filter_map(|(_, inside)| inside.as_ref())
            .map(|(_, placed)| placed.size.width);
        let width = widest.fold(400.0_f64, f64::max) + 2.0 * MARGIN + 2.0 * BAND;
        let mut top = 80.0;
        for (pool, inside) in &placed {
            let height = inside.as_ref().map_or(60.0, |(_, placed)| {
                (placed.size.height + 2.0 * MARGIN).max(120.0)
            });
            let bounds = Bounds {
                x: 160.0,
                y: top,
                width,
                height,
            };
            self.put(&pool.id, bounds, None, Some(true));
            if let Some((process, placed)) = inside {
                let left =
                    160.0 + BAND + MARGIN + if process.lanes.is_empty() { 0.0 } else { BAND };
                self.lanes(process, placed, &bounds);
                self.process(process, placed, left, top + MARGIN);
            }
            top += height + 30.0;
        }
        for flow in &collaboration.message_flows {
            if let (Some(from), Some(to)) =
                (self.places.get(&flow.source), self.places.get(&flow.target))
            {
                let waypoints = route::upright(from, to);
                self.edges.push(Edge {
                    id: None,
                    element: flow.id.clone(),
                    waypoints,
                    label: None,
                    stroke: None,
                });
            }
        }
    }

    /// Lanes share the pool's height by what stands in them.
    fn lanes(&mut self, process: &Process, placed: &Placed, pool: &Bounds) {
        let tops: Vec<_> = process
            .lanes
            .iter()
            .filter(|lane| lane.parent.is_none())
            .collect();
        for (at, lane) in tops.iter().enumerate() {
            let Some((from, _)) = placed.bands.get(&lane.id) else {
                continue;
            };
            let next = tops
                .get(at + 1)
                .and_then(|next| placed.bands.get(&next.id))
                .map(|(from, _)| *from);
            let begin = if at == 0 { 0.0 } else { from + MARGIN - 20.0 };
            let end = next.map_or(pool.height, |next| next + MARGIN - 20.0);
            let bounds = Bounds {
                x: pool.x + BAND,
                y: pool.y + begin,
                width: pool.width - BAND,
                height: end - begin,
            };
            self.put(&lane.id, bounds, None, Some(true));
        }
    }

    /// Puts a process at a place; gives its height.
    fn process(&mut self, process: &Process, placed: &Placed, left: f64, top: f64) -> f64 {
        for Box2 {
            id,
            bounds,
            expanded,
        } in &placed.boxes
        {
            let bounds = Bounds {
                x: bounds.x + left,
                y: bounds.y + top,
                ..*bounds
            };
            self.put(id, bounds, *expanded, None);
        }
        for flow in &process.flows {
            self.line(&flow.id, &flow.source, &flow.target);
        }
        let bottom = top + placed.size.height;
        let mut right = left;
        for (id, tag) in process
            .data
            .iter()
            .filter(|data| {
                use crate::model::DataKind::{Reference, StoreReference};
                matches!(data.kind, Reference | StoreReference) && data.parent.is_none()
            })
            .map(|data| (&data.id, "dataObjectReference"))
        {
            let (width, height) = default_size(tag);
            self.put(
                id,
                Bounds {
                    x: right,
                    y: bottom + 30.0,
                    width,
                    height,
                },
                None,
                None,
            );
            right += width + 60.0;
        }
        for artifact in &process.artifacts {
            use crate::model::ArtifactKind::{Annotation, Association, Group};
            match artifact.kind {
                Annotation => {
                    let tied = |id: &ElementId| {
                        let mut ties = process
                            .artifacts
                            .iter()
                            .filter(|tie| tie.kind == Association);
                        let tie = ties.find(|tie| {
                            tie.target.as_ref() == Some(id) || tie.source.as_ref() == Some(id)
                        })?;
                        let other = if tie.target.as_ref() == Some(id) {
                            &tie.source
                        } else {
                            &tie.target
                        };
                        self.places.get(other.as_ref()?).copied()
                    };
                    let beside = tied(&artifact.id).unwrap_or(Bounds {
                        x: right,
                        y: bottom,
                        width: 0.0,
                        height: 0.0,
                    });
                    let bounds = Bounds {
                        x: beside.right() + 10.0,
                        y: beside.y - 50.0,
                        width: 100.0,
                        height: 30.0,
                    };
                    self.put(&artifact.id, bounds, None, None);
                }
                Group | Association => {}
            }
        }
        for tie in &process.artifacts {
            if let (Some(source), Some(target)) = (&tie.source, &tie.target) {
                self.line(&tie.id, source, target);
            }
        }
        let more = if process.data.is_empty() { 0.0 } else { 90.0 };
        placed.size.height + more
    }

    fn put(
        &mut self,
        id: &ElementId,
        bounds: Bounds,
        expanded: Option<bool>,
        horizontal: Option<bool>,
    ) {
        self.places.insert(id.clone(), bounds);
        self.shapes.push(Shape {
            id: None,
            element: id.clone(),
            bounds,
            expanded,
            horizontal,
            marker_visible: None,
            band: None,
            message_visible: false,
            label: None,
            fill: None,
            stroke: None,
        });
    }

    fn line(&mut self, id: &ElementId, source: &ElementId, target: &ElementId) {
        if let (Some(from), Some(to)) = (self.places.get(source), self.places.get(target)) {
            let waypoints: Vec<Point> = route(from, to);
            self.edges.push(Edge {
                id: None,
                element: id.clone(),
                waypoints,
                label: None,
                stroke: None,
            });
        }
    }
}
