//! The drawing side of commands: shapes, lines, labels.

use std::collections::HashSet;

use super::record::Record;
use crate::layout::{self, default_size};
use crate::model::{Bounds, ElementId, ElementKind, Point};
use crate::xml::{BPMNDI, DC, DI, NodeId};

impl Record<'_> {
    /// The shape or line that stands for an element, in whichever diagram.
    pub fn drawn(&self, element: &str) -> Option<NodeId> {
        let tree = self.tree();
        let planes = tree
            .named(tree.root(), BPMNDI, "BPMNDiagram")
            .filter_map(|id| tree.child(id, BPMNDI, "BPMNPlane"));
        let mut all = planes.flat_map(|plane| tree.elements(plane));
        all.find(|id| {
            tree.attribute(*id, "bpmnElement")
                .is_some_and(|of| &**of == element)
        })
    }

    pub fn bounds_of(&self, element: &str) -> Option<Bounds> {
        let shapes = self
            .definitions
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.shapes);
        shapes
            .into_iter()
            .find(|shape| &*shape.element == element)
            .map(|shape| shape.bounds)
    }

    pub fn write_bounds(&mut self, holder: NodeId, bounds: Bounds) {
        let node = self.child_or_new(holder, DC, "Bounds", &[]);
        let values = [
            ("x", bounds.x),
            ("y", bounds.y),
            ("width", bounds.width),
            ("height", bounds.height),
        ];
        for (local, value) in values {
            self.set(node, local, Some(&value.to_string()));
        }
    }

    pub fn write_waypoints(&mut self, edge: NodeId, waypoints: &[Point]) {
        let old: Vec<NodeId> = self.tree().named(edge, DI, "waypoint").collect();
        for node in old {
            self.detach(node);
        }
        for (at, point) in waypoints.iter().enumerate() {
            let (x, y) = (point.x.to_string(), point.y.to_string());
            let node = self.create(DI, "waypoint", &[("x", &x), ("y", &y)]);
            self.attach(node, edge, at);
        }
    }

    /// The plane on which a new part of `parent` is drawn.
    pub fn plane_for(&self, parent: &str) -> Option<NodeId> {
        let tree = self.tree();
        let planes = tree
            .named(tree.root(), BPMNDI, "BPMNDiagram")
            .filter_map(|id| tree.child(id, BPMNDI, "BPMNPlane"));
        let planes: Vec<NodeId> = planes.collect();
        let own = planes.iter().copied().find(|plane| {
            tree.attribute(*plane, "bpmnElement")
                .is_some_and(|of| &**of == parent)
        });
        own.or_else(|| self.drawn(parent).and_then(|shape| tree.node(shape).parent))
            .or_else(|| planes.first().copied())
    }

    pub fn draw_new(
        &mut self,
        id: &ElementId,
        tag: &str,
        parent: &ElementId,
        host: Option<&ElementId>,
        bounds: Option<Bounds>,
    ) {
        let Some(plane) = self.plane_for(parent) else {
            return;
        };
        let (width, height) = default_size(tag);
        let at = host
            .and_then(|host| self.bounds_of(host))
            .map(|host| Point {
                x: host.right() - 36.0,
                y: host.bottom() - 18.0,
            });
        let at = at.unwrap_or_else(|| self.free_place());
        let bounds = bounds.unwrap_or(Bounds {
            x: at.x,
            y: at.y,
            width,
            height,
        });
        let di = self.free_di(id);
        let mut attributes: Vec<(&str, &str)> = vec![("id", &di), ("bpmnElement", id)];
        if tag.ends_with("rocess") || tag == "transaction" {
            attributes.push(("isExpanded", "true"));
        }
        let shape = self.create(BPMNDI, "BPMNShape", &attributes);
        self.append(shape, plane);
        self.write_bounds(shape, bounds);
    }

    pub fn free_di(&self, id: &str) -> String {
        let mut di = format!("{id}_di");
        while self.taken(&di) {
            di.push('_');
        }
        di
    }

    /// Whether an element that is still in the document has this id.
    fn taken(&self, id: &str) -> bool {
        self.node(id).is_some_and(|node| self.stands(node))
    }

    /// Whether a node hangs on the root, and not on nothing.
    pub fn stands(&self, node: NodeId) -> bool {
        let tree = self.tree();
        let mut at = Some(node);
        while let Some(node) = at {
            if node == tree.root() {
                return true;
            }
            at = tree.node(node).parent;
        }
        false
    }

    /// To the right of everything.
    fn free_place(&self) -> Point {
        let shapes = self
            .definitions
            .diagrams
            .first()
            .map_or(&[][..], |diagram| &diagram.shapes);
        let right = shapes
            .iter()
            .map(|shape| shape.bounds.right())
            .fold(0.0_f64, f64::max);
        let top = shapes
            .iter()
            .map(|shape| shape.bounds.y)
            .fold(f64::INFINITY, f64::min);
        Point {
            x: right + 50.0,
            y: if top.is_finite() { top } else { 80.0 },
        }
    }

    pub fn draw_line(&mut self, id: &ElementId, source: &ElementId, target: &ElementId) {
        let (Some(from), Some(to)) = (self.bounds_of(source), self.bounds_of(target)) else {
            return;
        };
        let Some(plane) = self
            .drawn(source)
            .and_then(|shape| self.tree().node(shape).parent)
        else {
            return;
        };
        let di = self.free_di(id);
        let edge = self.create(BPMNDI, "BPMNEdge", &[("id", &di), ("bpmnElement", id)]);
        self.append(edge, plane);
        self.write_waypoints(edge, &layout::route(&from, &to));
    }

    pub fn undraw(&mut self, id: &str) {
        while let Some(node) = self.drawn(id) {
            self.detach(node);
        }
        // The sub-process's own diagram, where it has one.
        let tree = self.tree();
        let own = tree
            .named(tree.root(), BPMNDI, "BPMNDiagram")
            .find(|diagram| {
                let plane = tree.child(*diagram, BPMNDI, "BPMNPlane");
                plane
                    .and_then(|plane| tree.attribute(plane, "bpmnElement"))
                    .is_some_and(|of| &**of == id)
            });
        let holds = self.holds(id);
        if let Some(own) = own.filter(|_| holds) {
            self.detach(own);
        }
    }

    pub fn resize(&mut self, element: &ElementId, bounds: Bounds) {
        let (Some(shape), Some(old)) = (self.drawn(element), self.bounds_of(element)) else {
            return;
        };
        self.write_bounds(shape, bounds);
        self.touch(element);
        let mut places = vec![(element.clone(), bounds)];
        // Boundary events keep their place on the border.
        let processes = self.definitions.processes.iter();
        let hanging: Vec<ElementId> = processes
            .flat_map(|process| &process.elements)
            .filter(|other| other.attached_to() == Some(element))
            .map(|other| other.id.clone())
            .collect();
        for event in hanging {
            let (Some(node), Some(at)) = (self.drawn(&event), self.bounds_of(&event)) else {
                continue;
            };
            let centre = at.centre();
            let part = |value: f64, start: f64, whole: f64| (value - start) / whole.max(1.0);
            let moved = Bounds {
                x: bounds.x + part(centre.x, old.x, old.width) * bounds.width - at.width / 2.0,
                y: bounds.y + part(centre.y, old.y, old.height) * bounds.height - at.height / 2.0,
                ..at
            };
            self.write_bounds(node, moved);
            self.shift_label(&event, moved.x - at.x, moved.y - at.y);
            self.touch(&event);
            places.push((event, moved));
        }
        let moved: HashSet<ElementId> = places.iter().map(|(id, _)| id.clone()).collect();
        self.follow(&moved, 0.0, 0.0, &places);
    }

    pub fn bend(&mut self, edge: &ElementId, waypoints: &[Point]) {
        if let Some(node) = self.drawn(edge) {
            self.write_waypoints(node, waypoints);
            self.touch(edge);
        }
    }

    pub fn place_label(&mut self, element: &ElementId, bounds: Bounds) {
        let Some(node) = self.drawn(element) else {
            return;
        };
        let label = self.child_or_new(
            node,
            BPMNDI,
            "BPMNLabel",
            &["extension", "Bounds", "waypoint"],
        );
        self.write_bounds(label, bounds);
        self.touch(element);
    }

    pub fn shift(&mut self, elements: &[ElementId], dx: f64, dy: f64) {
        let moved = self.with_contents(elements);
        let mut ids: Vec<ElementId> = moved.iter().cloned().collect();
        ids.sort();
        let mut places = Vec::new();
        for id in &ids {
            let Some(bounds) = self.bounds_of(id) else {
                continue;
            };
            let Some(shape) = self.drawn(id) else {
                continue;
            };
            let bounds = Bounds {
                x: bounds.x + dx,
                y: bounds.y + dy,
                ..bounds
            };
            self.write_bounds(shape, bounds);
            self.shift_label(id, dx, dy);
            places.push((id.clone(), bounds));
            self.touch(id);
        }
        self.follow(&moved, dx, dy, &places);
    }

    pub fn shift_label(&mut self, id: &ElementId, dx: f64, dy: f64) {
        let diagrams = self.definitions.diagrams.iter();
        let shapes = diagrams
            .clone()
            .flat_map(|diagram| &diagram.shapes)
            .map(|shape| (&shape.element, &shape.label));
        let edges = diagrams
            .flat_map(|diagram| &diagram.edges)
            .map(|edge| (&edge.element, &edge.label));
        let label = shapes
            .chain(edges)
            .find(|(element, _)| *element == id)
            .and_then(|(_, label)| label.as_ref());
        let Some(bounds) = label.and_then(|label| label.bounds) else {
            return;
        };
        let Some(node) = self
            .drawn(id)
            .and_then(|shape| self.tree().child(shape, BPMNDI, "BPMNLabel"))
        else {
            return;
        };
        self.write_bounds(
            node,
            Bounds {
                x: bounds.x + dx,
                y: bounds.y + dy,
                ..bounds
            },
        );
    }

    /// The elements, what they hold and their boundary events.
    pub fn with_contents(&self, elements: &[ElementId]) -> HashSet<ElementId> {
        let mut moved: HashSet<ElementId> = elements.iter().cloned().collect();
        for pool in self
            .definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.participants)
        {
            let process = pool.process.as_ref().filter(|_| moved.contains(&pool.id));
            if let Some(process) = process.and_then(|id| self.definitions.process(id)) {
                moved.extend(process.elements.iter().map(|element| element.id.clone()));
                moved.extend(process.lanes.iter().map(|lane| lane.id.clone()));
                moved.extend(process.data.iter().map(|data| data.id.clone()));
                moved.extend(process.artifacts.iter().map(|artifact| artifact.id.clone()));
            }
        }
        for process in &self.definitions.processes {
            // Parents stand before what they hold; boundary events may stand before their activity.
            for _ in 0..2 {
                for element in &process.elements {
                    let held = element
                        .parent
                        .as_ref()
                        .is_some_and(|parent| moved.contains(parent));
                    let attached = match &element.kind {
                        ElementKind::BoundaryEvent { attached_to, .. } => {
                            moved.contains(attached_to)
                        }
                        _ => false,
                    };
                    if held || attached {
                        moved.insert(element.id.clone());
                    }
                }
            }
            let held = |parent: &Option<ElementId>| {
                parent.as_ref().is_some_and(|parent| moved.contains(parent))
            };
            let data = process
                .data
                .iter()
                .filter(|data| held(&data.parent))
                .map(|data| data.id.clone());
            let artifacts = process
                .artifacts
                .iter()
                .filter(|a| held(&a.parent))
                .map(|a| a.id.clone());
            let more: Vec<ElementId> = data.chain(artifacts).collect();
            moved.extend(more);
        }
        moved
    }

    /// Lines go with their ends: both moved, the whole line; one moved, it is drawn anew.
    fn follow(
        &mut self,
        moved: &HashSet<ElementId>,
        dx: f64,
        dy: f64,
        places: &[(ElementId, Bounds)],
    ) {
        let ends: Vec<(ElementId, ElementId, ElementId)> = self.lines();
        for (id, source, target) in ends {
            let (begins, stops) = (moved.contains(&source), moved.contains(&target));
            if !begins && !stops {
                continue;
            }
            let Some(edge) = self.drawn(&id) else {
                continue;
            };
            let edges = self
                .definitions
                .diagrams
                .iter()
                .flat_map(|diagram| &diagram.edges);
            let old = edges
                .into_iter()
                .find(|edge| edge.element == id)
                .map_or(Vec::new(), |edge| edge.waypoints.clone());
            self.touch(&id);
            if begins && stops && (dx, dy) != (0.0, 0.0) {
                let shifted: Vec<Point> = old
                    .iter()
                    .map(|p| Point {
                        x: p.x + dx,
                        y: p.y + dy,
                    })
                    .collect();
                self.write_waypoints(edge, &shifted);
                self.shift_label(&id, dx, dy);
                continue;
            }
            let place = |end: &ElementId| {
                let new = places
                    .iter()
                    .find(|(id, _)| id == end)
                    .map(|(_, bounds)| *bounds);
                new.or_else(|| self.bounds_of(end))
            };
            let before = (self.bounds_of(&source), self.bounds_of(&target));
            if let (Some(from), Some(to)) = (place(&source), place(&target)) {
                let line = match before {
                    (Some(old_from), Some(old_to)) => {
                        layout::adjusted(&old, (&old_from, &from), (&old_to, &to))
                    }
                    _ => layout::route(&from, &to),
                };
                self.write_waypoints(edge, &line);
            }
        }
    }

    pub fn lines(&self) -> Vec<(ElementId, ElementId, ElementId)> {
        let mut lines = Vec::new();
        for process in &self.definitions.processes {
            lines.extend(
                process
                    .flows
                    .iter()
                    .map(|flow| (flow.id.clone(), flow.source.clone(), flow.target.clone())),
            );
            lines.extend(process.artifacts.iter().filter_map(|tie| {
                Some((tie.id.clone(), tie.source.clone()?, tie.target.clone()?))
            }));
        }
        for collaboration in &self.definitions.collaborations {
            let flows = collaboration.message_flows.iter();
            lines.extend(
                flows.map(|flow| (flow.id.clone(), flow.source.clone(), flow.target.clone())),
            );
            lines.extend(collaboration.artifacts.iter().filter_map(|tie| {
                Some((tie.id.clone(), tie.source.clone()?, tie.target.clone()?))
            }));
        }
        // What the view does not name: data associations, links of conversations.
        let known: HashSet<&str> = lines.iter().map(|(id, ..)| &**id).collect();
        let rest: Vec<ElementId> = self
            .definitions
            .diagrams
            .iter()
            .flat_map(|diagram| &diagram.edges)
            .filter(|edge| !known.contains(&*edge.element))
            .map(|edge| edge.element.clone())
            .collect();
        lines.extend(rest.into_iter().filter_map(|id| {
            let (source, target) = crate::scene::ends(self.definitions, &id)?;
            Some((id, source, target))
        }));
        lines
    }

    /// Replaces every diagram by a new one.
    pub fn draw_anew(&mut self) {
        let diagrams = layout::layout(self.definitions);
        let root = self.tree().root();
        let old: Vec<NodeId> = self.tree().named(root, BPMNDI, "BPMNDiagram").collect();
        for node in old {
            self.detach(node);
        }
        for (at, diagram) in diagrams.iter().enumerate() {
            let number = (at + 1).to_string();
            let id = self.free_root(&format!("Diagram_{number}"));
            let holder = self.create(BPMNDI, "BPMNDiagram", &[("id", &id)]);
            let of = diagram.plane.clone().unwrap_or_default();
            let id = self.free_root(&format!("Plane_{number}"));
            let plane = self.create(BPMNDI, "BPMNPlane", &[("id", &id), ("bpmnElement", &of)]);
            self.append(plane, holder);
            for shape in &diagram.shapes {
                let di = self.free_di(&shape.element);
                let mut attributes: Vec<(&str, &str)> =
                    vec![("id", &di), ("bpmnElement", &shape.element)];
                if let Some(expanded) = shape.expanded {
                    attributes.push(("isExpanded", if expanded { "true" } else { "false" }));
                }
                if shape.horizontal == Some(true) {
                    attributes.push(("isHorizontal", "true"));
                }
                let node = self.create(BPMNDI, "BPMNShape", &attributes);
                self.write_bounds(node, shape.bounds);
                self.append(node, plane);
                self.touch(&shape.element);
            }
            for edge in &diagram.edges {
                let di = self.free_di(&edge.element);
                let node = self.create(
                    BPMNDI,
                    "BPMNEdge",
                    &[("id", &di), ("bpmnElement", &edge.element)],
                );
                self.write_waypoints(node, &edge.waypoints);
                self.append(node, plane);
            }
            self.append(holder, root);
        }
    }

    pub fn free_root(&self, id: &str) -> String {
        let mut id = id.to_owned();
        while self.taken(&id) {
            id.push('_');
        }
        id
    }
}
