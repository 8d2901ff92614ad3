//! Pools, lanes, and what stands in which.

use std::collections::HashSet;

use super::record::Record;
use crate::model::{Bounds, ElementId};
use crate::xml::{BPMN, BPMNDI, NodeId};

/// The band at the left of a pool that holds its name.
const BAND: f64 = 30.0;
const LANE_HEIGHT: f64 = 120.0;
const ROOM: f64 = 40.0;

/// What may stand before the flow elements of a process.
const BEFORE_LANES: [&str; 6] = [
    "documentation",
    "extensionElements",
    "auditing",
    "monitoring",
    "property",
    "laneSet",
];

impl Record<'_> {
    pub fn add_pool(&mut self, id: &ElementId, name: &str, black_box: bool, bounds: Bounds) {
        let root = self.tree().root();
        let known = self.definitions.collaborations.first();
        let known = known.and_then(|collaboration| self.node(&collaboration.id));
        let first = self
            .definitions
            .processes
            .first()
            .map(|process| process.id.clone());
        let fresh = known.is_none();
        let collaboration = known.unwrap_or_else(|| {
            let own = self.free_root("Collaboration_1");
            let node = self.create(BPMN, "collaboration", &[("id", &own)]);
            let first = self.tree().named(root, BPMN, "process").next();
            let at = first.and_then(|node| self.tree().position(node));
            self.attach(node, root, at.map_or(usize::MAX, |(_, at)| at));
            if let Some(first) = &first_plane(self, first_id(self)) {
                self.set(*first, "bpmnElement", Some(&own));
            }
            node
        });
        let adopted = first.filter(|_| fresh);
        let mut bounds = bounds;
        if let Some(process) = &adopted {
            // The process that was drawn without a pool comes into one; a black box then stands below it.
            let around = self.around_all(bounds);
            if black_box {
                let own = self.free_id("participant");
                let name = self
                    .definitions
                    .process(process)
                    .map(|process| process.name.clone());
                let name = name.unwrap_or_default();
                self.pool(collaboration, &own, &name, Some(process), around);
                bounds.y = bounds.y.max(around.bottom() + ROOM);
            } else {
                self.pool(collaboration, id, name, Some(process), around);
                self.touch(id);
                return;
            }
        }
        let process = (!black_box).then(|| {
            let own = self.free_id("process");
            let node = self.create(BPMN, "process", &[("id", &own), ("isExecutable", "false")]);
            let at = self.place_after(root, &["process", "collaboration"]);
            self.attach(node, root, at);
            own
        });
        self.pool(collaboration, id, name, process.as_ref(), bounds);
        self.touch(id);
    }

    fn pool(
        &mut self,
        collaboration: NodeId,
        id: &ElementId,
        name: &str,
        process: Option<&ElementId>,
        bounds: Bounds,
    ) {
        let mut attributes: Vec<(&str, &str)> = vec![("id", id)];
        if !name.is_empty() {
            attributes.push(("name", name));
        }
        if let Some(process) = process {
            attributes.push(("processRef", process));
        }
        let node = self.create(BPMN, "participant", &attributes);
        let at = self.place_after(
            collaboration,
            &["documentation", "extensionElements", "participant"],
        );
        self.attach(node, collaboration, at);
        let Some(plane) = self.first_drawn_plane() else {
            return;
        };
        let shape = self.frame(id, bounds, plane);
        // Pools lie under everything.
        self.attach(shape, plane, 0);
        self.touch(id);
    }

    /// The shape of a pool or lane, not yet in a plane.
    fn frame(&mut self, id: &ElementId, bounds: Bounds, _plane: NodeId) -> NodeId {
        let di = self.free_di(id);
        let shape = self.create(
            BPMNDI,
            "BPMNShape",
            &[("id", &di), ("bpmnElement", id), ("isHorizontal", "true")],
        );
        self.write_bounds(shape, bounds);
        shape
    }

    fn first_drawn_plane(&self) -> Option<NodeId> {
        let tree = self.tree();
        tree.named(tree.root(), BPMNDI, "BPMNDiagram")
            .find_map(|diagram| tree.child(diagram, BPMNDI, "BPMNPlane"))
    }

    /// Room for a pool around all that is drawn, never smaller than asked for.
    fn around_all(&self, least: Bounds) -> Bounds {
        let shapes = self
            .definitions
            .diagrams
            .first()
            .map_or(&[][..], |diagram| &diagram.shapes);
        let all = shapes.iter().map(|shape| shape.bounds);
        let Some(all) = all.reduce(|a, b| a.union(&b)) else {
            return least;
        };
        Bounds {
            x: all.x - BAND - ROOM,
            y: all.y - ROOM,
            width: (all.width + BAND + 2.0 * ROOM).max(least.width),
            height: (all.height + 2.0 * ROOM).max(least.height),
        }
    }

    pub fn add_lane(&mut self, id: &ElementId, name: &str, pool: &ElementId) {
        let participants = self
            .definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.participants);
        let process = participants
            .clone()
            .find(|known| known.id == *pool)
            .and_then(|known| known.process.clone());
        let (Some(process), Some(bounds)) = (process, self.bounds_of(pool)) else {
            return;
        };
        let Some(node) = self.node(&process) else {
            return;
        };
        let Some(model) = self.definitions.process(&process) else {
            return;
        };
        let has_lanes = !model.lanes.is_empty();
        let members: Vec<ElementId> = model
            .children(None)
            .map(|element| element.id.clone())
            .collect();
        let below: Vec<ElementId> = participants
            .filter(|other| other.id != *pool)
            .filter(|other| {
                self.bounds_of(&other.id)
                    .is_some_and(|other| other.y >= bounds.bottom() - 1.0)
            })
            .map(|other| other.id.clone())
            .collect();
        let set = self.tree().child(node, BPMN, "laneSet").unwrap_or_else(|| {
            let own = self.free_root(&format!("{process}_lanes"));
            let set = self.create(BPMN, "laneSet", &[("id", &own)]);
            let at = self.place_after(node, &BEFORE_LANES);
            self.attach(set, node, at);
            set
        });
        let Some(plane) = self
            .drawn(pool)
            .and_then(|shape| self.tree().node(shape).parent)
        else {
            return;
        };
        let strip = |y: f64, height: f64| Bounds {
            x: bounds.x + BAND,
            y,
            width: bounds.width - BAND,
            height,
        };
        if !has_lanes {
            let first = self.free_id("lane");
            let first = if first == *id {
                format!("{first}_1").into()
            } else {
                first
            };
            let lane = self.create(BPMN, "lane", &[("id", &first)]);
            self.append(lane, set);
            for member in &members {
                let reference = self.create(BPMN, "flowNodeRef", &[]);
                self.set_text(reference, member);
                self.append(reference, lane);
            }
            self.lane_shape(&first, strip(bounds.y, bounds.height), pool, plane);
        }
        let lane = self.create(BPMN, "lane", &[("id", id)]);
        self.set(lane, "name", Some(name).filter(|name| !name.is_empty()));
        self.append(lane, set);
        self.lane_shape(id, strip(bounds.bottom(), LANE_HEIGHT), pool, plane);
        if let Some(shape) = self.drawn(pool) {
            let grown = Bounds {
                height: bounds.height + LANE_HEIGHT,
                ..bounds
            };
            self.write_bounds(shape, grown);
            self.touch(pool);
        }
        if !below.is_empty() {
            self.shift(&below, 0.0, LANE_HEIGHT);
        }
        self.touch(id);
    }

    /// Lanes are painted right after their pool.
    fn lane_shape(&mut self, id: &ElementId, bounds: Bounds, pool: &ElementId, plane: NodeId) {
        let shape = self.frame(id, bounds, plane);
        let at = self
            .drawn(pool)
            .and_then(|pool| self.tree().position(pool))
            .map_or(usize::MAX, |(_, at)| at + 1);
        self.attach(shape, plane, at);
        self.touch(id);
    }

    /// Writes a flow node into a lane.
    pub fn join_lane(&mut self, id: &ElementId, lane: &ElementId) {
        let Some(lane) = self.node(lane) else { return };
        let member = self.create(BPMN, "flowNodeRef", &[]);
        self.set_text(member, id);
        let at = self.place_after(
            lane,
            &[
                "documentation",
                "extensionElements",
                "partitionElement",
                "flowNodeRef",
            ],
        );
        self.attach(member, lane, at);
    }

    fn leave_lanes(&mut self, id: &ElementId) {
        let tree = self.tree();
        let lanes = self
            .definitions
            .processes
            .iter()
            .flat_map(|process| &process.lanes)
            .filter(|lane| lane.members.contains(id))
            .filter_map(|lane| self.node(&lane.id));
        let members: Vec<NodeId> = lanes
            .flat_map(|lane| tree.named(lane, BPMN, "flowNodeRef"))
            .filter(|member| tree.text(*member).trim() == &**id)
            .collect();
        for member in members {
            self.detach(member);
        }
    }

    pub fn place(&mut self, elements: &[ElementId], parent: &ElementId, lane: Option<&ElementId>) {
        let Some(home) = self.node(parent) else {
            return;
        };
        // Boundary events stand where their activity stands.
        let mut moved: Vec<ElementId> = elements.to_vec();
        for element in self
            .definitions
            .processes
            .iter()
            .flat_map(|process| &process.elements)
        {
            let hangs = element
                .attached_to()
                .is_some_and(|host| elements.contains(host));
            if hangs && !moved.contains(&element.id) {
                moved.push(element.id.clone());
            }
        }
        for id in &moved {
            let Some(node) = self.node(id) else { continue };
            if self.tree().node(node).parent != Some(home) {
                let object = self.object_of(node);
                for node in object.into_iter().chain([node]) {
                    self.detach(node);
                    let at = self.home_of(node, home);
                    self.attach(node, home, at);
                }
            }
            if self.definitions.element(id).is_some() {
                self.leave_lanes(id);
                if let Some(lane) = lane {
                    self.join_lane(id, lane);
                }
            }
            self.touch(id);
        }
        self.mend_lines(&moved);
    }

    /// The data object that a reference alone stands for: it goes along.
    fn object_of(&self, node: NodeId) -> Option<NodeId> {
        let tree = self.tree();
        let object = tree.attribute(node, "dataObjectRef")?;
        let mut references = self
            .definitions
            .processes
            .iter()
            .flat_map(|process| &process.data);
        let shared = references
            .by_ref()
            .filter(|data| data.refers_to.as_ref() == Some(object))
            .count();
        self.node(object).filter(|_| shared == 1)
    }

    fn home_of(&self, node: NodeId, home: NodeId) -> usize {
        if matches!(
            &*self.tree().node(node).name.local,
            "textAnnotation" | "group"
        ) {
            usize::MAX
        } else {
            self.before_artifacts(home)
        }
    }

    /// Flows stand where their ends stand. One whose ends came apart is taken out, and so is a message inside one process.
    fn mend_lines(&mut self, moved: &[ElementId]) {
        let moved: HashSet<&ElementId> = moved.iter().collect();
        let processes = self.definitions.processes.iter();
        let flows: Vec<(ElementId, ElementId, ElementId)> = processes
            .flat_map(|process| &process.flows)
            .filter(|flow| moved.contains(&flow.source) || moved.contains(&flow.target))
            .map(|flow| (flow.id.clone(), flow.source.clone(), flow.target.clone()))
            .collect();
        for (id, source, target) in flows {
            let (Some(node), Some(from), Some(to)) =
                (self.node(&id), self.node(&source), self.node(&target))
            else {
                continue;
            };
            let (from, to) = (self.tree().node(from).parent, self.tree().node(to).parent);
            match (from, to) {
                (Some(from), Some(to)) if from == to => {
                    if self.tree().node(node).parent != Some(from) {
                        self.detach(node);
                        let at = self.before_artifacts(from);
                        self.attach(node, from, at);
                    }
                }
                _ => self.remove(&id),
            }
        }
        let messages: Vec<(ElementId, ElementId, ElementId)> = self
            .definitions
            .collaborations
            .iter()
            .flat_map(|collaboration| &collaboration.message_flows)
            .filter(|flow| moved.contains(&flow.source) || moved.contains(&flow.target))
            .map(|flow| (flow.id.clone(), flow.source.clone(), flow.target.clone()))
            .collect();
        for (id, source, target) in messages {
            let (from, to) = (self.process_around(&source), self.process_around(&target));
            if from.is_some() && from == to {
                self.remove(&id);
            }
        }
    }

    fn process_around(&self, id: &str) -> Option<NodeId> {
        let tree = self.tree();
        let mut at = self.node(id);
        while let Some(node) = at {
            if tree.node(node).name.is(BPMN, "process") {
                return Some(node);
            }
            at = tree.node(node).parent;
        }
        None
    }

    pub fn hang(&mut self, element: &ElementId, host: &ElementId) {
        let (Some(node), Some(on)) = (self.node(element), self.node(host)) else {
            return;
        };
        self.set(node, "attachedToRef", Some(host));
        let home = self.tree().node(on).parent;
        if let Some(home) = home.filter(|home| self.tree().node(node).parent != Some(*home)) {
            self.detach(node);
            let at = self.before_artifacts(home);
            self.attach(node, home, at);
            self.mend_lines(std::slice::from_ref(element));
        }
        self.touch(element);
    }
}

fn first_id(record: &Record<'_>) -> Option<ElementId> {
    record
        .definitions
        .processes
        .first()
        .map(|process| process.id.clone())
}

/// The plane that draws the process.
fn first_plane(record: &Record<'_>, process: Option<ElementId>) -> Option<NodeId> {
    let process = process?;
    let tree = record.tree();
    tree.named(tree.root(), BPMNDI, "BPMNDiagram")
        .filter_map(|diagram| tree.child(diagram, BPMNDI, "BPMNPlane"))
        .find(|plane| {
            tree.attribute(*plane, "bpmnElement")
                .is_some_and(|of| *of == process)
        })
}
