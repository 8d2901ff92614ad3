use serde::{Deserialize, Serialize};

use super::ElementId;

/// One drawing (BPMNDI). A file may hold several: one per collapsed sub-process, for instance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagram {
    pub id: Option<ElementId>,
    pub name: String,
    /// What is drawn: a process, collaboration, choreography or sub-process.
    pub plane: Option<ElementId>,
    pub shapes: Vec<Shape>,
    pub edges: Vec<Edge>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    pub id: Option<ElementId>,
    pub element: ElementId,
    pub bounds: Bounds,
    pub expanded: Option<bool>,
    pub horizontal: Option<bool>,
    /// Whether an exclusive gateway shows its cross.
    pub marker_visible: Option<bool>,
    /// For the bands of a choreography activity: `top_initiating`, `bottom_non_initiating`…
    pub band: Option<String>,
    pub message_visible: bool,
    pub label: Option<Label>,
    /// Colours as the file has them (`#rrggbb`), from the colour extension or bpmn.io's older one.
    pub fill: Option<String>,
    pub stroke: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    pub id: Option<ElementId>,
    pub element: ElementId,
    pub waypoints: Vec<Point>,
    pub label: Option<Label>,
    pub stroke: Option<String>,
}

/// Where a name stands when not in the middle of its shape.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Label {
    pub bounds: Option<Bounds>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

impl Bounds {
    pub fn centre(&self) -> Point {
        Point {
            x: self.x + self.width / 2.0,
            y: self.y + self.height / 2.0,
        }
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x
            && point.x <= self.right()
            && point.y >= self.y
            && point.y <= self.bottom()
    }

    pub fn intersects(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// The smallest bounds around both.
    pub fn union(&self, other: &Self) -> Self {
        let x = self.x.min(other.x);
        let y = self.y.min(other.y);
        Self {
            x,
            y,
            width: self.right().max(other.right()) - x,
            height: self.bottom().max(other.bottom()) - y,
        }
    }
}
