//! Taking a part of a document along: as a small document of its own, so that the clipboard holds BPMN.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::record::Record;
use crate::model::{Definitions, ElementId};
use crate::xml::{self, Attribute, BPMN, BPMNDI, Child, Name, Node, NodeId, Tree, XSI};

/// What of the root the copied things may refer to.
const SHARED: [&str; 7] = [
    "message",
    "signal",
    "error",
    "escalation",
    "category",
    "dataStore",
    "itemDefinition",
];

/// The elements with what they hold, their boundary events and the lines among them, as a BPMN document. Pools and lanes
/// are frames, not content: they are left out. `None`: there is nothing to copy.
pub fn copy(definitions: &Definitions, elements: &[ElementId]) -> Option<String> {
    let tree = &definitions.tree;
    let mut chosen: Vec<NodeId> = Vec::new();
    let wanted: HashSet<&str> = elements.iter().map(|id| &**id).collect();
    let taken = |id: &str| -> bool {
        // Itself, or something around it.
        let mut at = definitions.index.get(id).copied();
        while let Some(node) = at {
            if tree
                .attribute(node, "id")
                .is_some_and(|id| wanted.contains(&**id))
            {
                return true;
            }
            at = tree.node(node).parent;
        }
        false
    };
    let content = |node: NodeId| {
        !matches!(
            &*tree.node(node).name.local,
            "participant"
                | "lane"
                | "process"
                | "collaboration"
                | "sequenceFlow"
                | "messageFlow"
                | "association"
        )
    };
    let outermost = |node: NodeId| {
        let around = tree
            .node(node)
            .parent
            .and_then(|id| tree.attribute(id, "id"));
        !around.is_some_and(|id| taken(id))
    };
    for process in &definitions.processes {
        let elements = process.elements.iter().filter(|element| {
            wanted.contains(&*element.id)
                || element
                    .attached_to()
                    .is_some_and(|host| wanted.contains(&**host))
        });
        let ids = elements.map(|element| &element.id);
        let data = process.data.iter().map(|data| &data.id);
        let artifacts = process.artifacts.iter().map(|artifact| &artifact.id);
        let rest = data.chain(artifacts).filter(|id| wanted.contains(&***id));
        for id in ids.chain(rest) {
            let Some(node) = definitions.index.get(id).copied() else {
                continue;
            };
            if content(node) && outermost(node) && !chosen.contains(&node) {
                chosen.push(node);
                let object = tree.attribute(node, "dataObjectRef");
                chosen.extend(object.and_then(|id| definitions.index.get(id)));
            }
        }
        let both = |source: &str, target: &str| taken(source) && taken(target);
        // A boundary event comes with its activity, so it counts as taken.
        let hangs: HashSet<&str> = process
            .elements
            .iter()
            .filter(|element| element.attached_to().is_some_and(|host| taken(host)))
            .map(|element| &*element.id)
            .collect();
        let end = |id: &str| hangs.contains(id) || taken(id);
        let flows = process.flows.iter().filter(|flow| {
            (both(&flow.source, &flow.target)) || (end(&flow.source) && end(&flow.target))
        });
        let flows = flows.map(|flow| &flow.id);
        let ties = process.artifacts.iter().filter(|tie| {
            matches!((&tie.source, &tie.target), (Some(source), Some(target)) if end(source) && end(target))
        });
        for id in flows.chain(ties.map(|tie| &tie.id)) {
            let node = definitions.index.get(id).copied();
            chosen.extend(node.filter(|node| outermost(*node) && !chosen.contains(node)));
        }
    }
    if chosen.is_empty() {
        return None;
    }
    Some(xml::write_part(&part(definitions, &chosen)))
}

/// A document of its own around the chosen nodes.
fn part(definitions: &Definitions, chosen: &[NodeId]) -> Tree {
    let mut tree = definitions.tree.clone();
    let root = tree.root();
    let prefix = tree.node(root).name.prefix.clone();
    let bpmn = |local: &str| Name {
        prefix: prefix.clone(),
        namespace: BPMN.into(),
        local: local.into(),
    };
    let mut ids: HashSet<Arc<str>> = HashSet::new();
    let mut queue = chosen.to_vec();
    while let Some(node) = queue.pop() {
        ids.extend(tree.attribute(node, "id").cloned());
        queue.extend(tree.elements(node));
    }
    let shared: Vec<NodeId> = tree
        .elements(root)
        .filter(|id| SHARED.contains(&&*tree.node(*id).name.local))
        .collect();
    let drawn: Vec<NodeId> = tree
        .named(root, BPMNDI, "BPMNDiagram")
        .filter_map(|diagram| tree.child(diagram, BPMNDI, "BPMNPlane"))
        .flat_map(|plane| tree.elements(plane))
        .filter(|node| {
            tree.attribute(*node, "bpmnElement")
                .is_some_and(|of| ids.contains(of))
        })
        .collect();
    let planes = tree.named(root, BPMNDI, "BPMNDiagram").next();
    let frame = planes.map(|diagram| (diagram, tree.child(diagram, BPMNDI, "BPMNPlane")));
    let process = tree.create(Node {
        name: bpmn("process"),
        declarations: Vec::new(),
        attributes: vec![plain("id", "clipboard")],
        children: chosen.iter().map(|id| Child::Element(*id)).collect(),
        parent: Some(root),
        line: 0,
        column: 0,
    });
    let mut children: Vec<Child> = shared.into_iter().map(Child::Element).collect();
    children.push(Child::Element(process));
    if let Some((diagram, Some(plane))) = frame {
        tree.node_mut(plane).children = drawn.into_iter().map(Child::Element).collect();
        let attributes = &mut tree.node_mut(plane).attributes;
        attributes.retain(|attribute| &*attribute.name.local != "bpmnElement");
        attributes.push(plain("bpmnElement", "clipboard"));
        tree.node_mut(diagram).children = vec![Child::Element(plane)];
        children.push(Child::Element(diagram));
    }
    tree.node_mut(root).children = children;
    tree
}

fn plain(local: &str, value: &str) -> Attribute {
    Attribute {
        name: Name {
            prefix: "".into(),
            namespace: "".into(),
            local: local.into(),
        },
        value: value.into(),
    }
}

impl Record<'_> {
    pub fn paste(
        &mut self,
        bpmn: &str,
        parent: &ElementId,
        lane: Option<&ElementId>,
        dx: f64,
        dy: f64,
    ) {
        let (Ok(source), Some(home)) = (xml::tree(bpmn), self.node(parent)) else {
            return;
        };
        let root = source.root();
        let tops: Vec<NodeId> = source
            .named(root, BPMN, "process")
            .flat_map(|process| source.elements(process))
            .filter(|node| !source.node(*node).name.is(BPMN, "laneSet"))
            .collect();
        let mut names: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        for top in &tops {
            self.name_anew(&source, *top, &mut names);
        }
        self.take_shared(&source, &tops);
        for top in &tops {
            let node = self.graft(&source, *top, &names);
            let late = matches!(
                &*source.node(*top).name.local,
                "textAnnotation" | "group" | "association"
            );
            let at = if late {
                usize::MAX
            } else {
                self.before_artifacts(home)
            };
            self.attach(node, home, at);
            let own = source.attribute(*top, "id").and_then(|id| names.get(id));
            let Some(own) = own.cloned() else { continue };
            let node_of_flow = !late
                && !matches!(
                    &*source.node(*top).name.local,
                    "sequenceFlow" | "dataObject" | "dataObjectReference" | "dataStoreReference"
                );
            if let Some(lane) = lane.filter(|_| node_of_flow) {
                self.join_lane(&own, lane);
            }
            self.touch(&own);
        }
        self.draw_pasted(&source, parent, &names, (dx, dy));
    }

    /// New ids for a node and all in it.
    fn name_anew(&self, source: &Tree, node: NodeId, names: &mut HashMap<Arc<str>, Arc<str>>) {
        if let Some(id) = source.attribute(node, "id") {
            let taken = |candidate: &str| {
                self.definitions.index.contains_key(candidate)
                    || names.values().any(|name| **name == *candidate)
            };
            let fresh = if taken(id) {
                super::execute::free_id(&source.node(node).name.local, taken)
            } else {
                id.clone()
            };
            names.insert(id.clone(), fresh);
        }
        for child in source.elements(node) {
            self.name_anew(source, child, names);
        }
    }

    /// Messages, signals, errors… that the pasted things need and this document lacks.
    fn take_shared(&mut self, source: &Tree, tops: &[NodeId]) {
        let mut needed: HashSet<Arc<str>> = HashSet::new();
        let mut queue = tops.to_vec();
        while let Some(node) = queue.pop() {
            let attributes = source.node(node).attributes.iter();
            needed.extend(
                attributes
                    .filter(|attribute| attribute.name.local.ends_with("Ref"))
                    .map(|attribute| attribute.value.clone()),
            );
            queue.extend(source.elements(node));
        }
        let root = self.tree().root();
        for shared in source.elements(source.root()) {
            let node = source.node(shared);
            if !SHARED.contains(&&*node.name.local) {
                continue;
            }
            let inner = source.elements(shared).chain([shared]);
            let wanted = inner
                .filter_map(|id| source.attribute(id, "id"))
                .any(|id| needed.contains(id));
            let known = source
                .attribute(shared, "id")
                .is_some_and(|id| self.definitions.index.contains_key(id));
            if wanted && !known {
                let node = self.graft(source, shared, &HashMap::new());
                let at = self.place_after(root, &SHARED);
                self.attach(node, root, at);
            }
        }
    }

    /// A copy of a node of another tree, with its contents; references follow the new names.
    fn graft(&mut self, source: &Tree, id: NodeId, names: &HashMap<Arc<str>, Arc<str>>) -> NodeId {
        let old = source.node(id);
        let name = self.own_name(&old.name);
        let mut attributes = Vec::with_capacity(old.attributes.len());
        for attribute in &old.attributes {
            let local = &*attribute.name.local;
            let value = match names.get(&attribute.value) {
                Some(new) if local == "id" || local.ends_with("Ref") || local == "default" => {
                    new.clone()
                }
                // The default way was not copied.
                None if local == "default" => continue,
                _ if local == "type" && &*attribute.name.namespace == XSI => {
                    self.own_type(source, &attribute.value)
                }
                _ => attribute.value.clone(),
            };
            let name = if attribute.name.namespace.is_empty() {
                attribute.name.clone()
            } else {
                self.own_name(&attribute.name)
            };
            attributes.push(Attribute { name, value });
        }
        let made = self.definitions.tree.create(Node {
            name,
            declarations: Vec::new(),
            attributes,
            children: Vec::new(),
            parent: None,
            line: 0,
            column: 0,
        });
        let reference = matches!(
            &*old.name.local,
            "incoming" | "outgoing" | "sourceRef" | "targetRef" | "flowNodeRef"
        );
        let mut children = Vec::with_capacity(old.children.len());
        for child in &old.children {
            match child {
                Child::Element(inner) => {
                    let lost = matches!(&*source.node(*inner).name.local, "incoming" | "outgoing")
                        && !names.contains_key(source.text(*inner).trim());
                    if lost {
                        continue;
                    }
                    let inner = self.graft(source, *inner, names);
                    self.definitions.tree.node_mut(inner).parent = Some(made);
                    children.push(Child::Element(inner));
                }
                Child::Text(text) if reference => {
                    let text = names
                        .get(text.trim())
                        .cloned()
                        .unwrap_or_else(|| text.clone());
                    children.push(Child::Text(text));
                }
                other => children.push(other.clone()),
            }
        }
        self.definitions.tree.node_mut(made).children = children;
        made
    }

    fn own_name(&mut self, name: &Name) -> Name {
        Name {
            prefix: self.prefix_like(&name.namespace, &name.prefix),
            namespace: name.namespace.clone(),
            local: name.local.clone(),
        }
    }

    /// `bpmn:tFormalExpression` with the prefix that this document uses.
    fn own_type(&mut self, source: &Tree, value: &str) -> Arc<str> {
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let declared = &source.node(source.root()).declarations;
        let uri = declared.iter().find(|(known, _)| **known == *prefix);
        let Some((_, uri)) = uri else {
            return value.into();
        };
        match &*self.prefix_like(&uri.clone(), prefix) {
            "" => local.into(),
            prefix => format!("{prefix}:{local}").into(),
        }
    }

    fn draw_pasted(
        &mut self,
        source: &Tree,
        parent: &ElementId,
        names: &HashMap<Arc<str>, Arc<str>>,
        (dx, dy): (f64, f64),
    ) {
        let Some(plane) = self.plane_for(parent) else {
            return;
        };
        let drawn = source
            .named(source.root(), BPMNDI, "BPMNDiagram")
            .filter_map(|diagram| source.child(diagram, BPMNDI, "BPMNPlane"))
            .flat_map(|plane| source.elements(plane));
        for old in drawn {
            let element = source
                .attribute(old, "bpmnElement")
                .and_then(|of| names.get(of));
            let Some(element) = element.cloned() else {
                continue;
            };
            let mut renamed = HashMap::new();
            let mut queue = vec![old];
            while let Some(node) = queue.pop() {
                if let Some(id) = source.attribute(node, "id") {
                    let base = if node == old {
                        element.to_string()
                    } else {
                        format!("{element}_part")
                    };
                    let mut fresh = self.free_di(&base);
                    while renamed.values().any(|known: &Arc<str>| **known == *fresh) {
                        fresh.push('_');
                    }
                    renamed.insert(id.clone(), fresh.into());
                }
                queue.extend(source.elements(node));
            }
            let shape = self.graft(source, old, &renamed);
            self.definitions
                .tree
                .set_attribute(shape, "bpmnElement", Some(&element));
            let mut queue = vec![shape];
            while let Some(node) = queue.pop() {
                for (local, by) in [("x", dx), ("y", dy)] {
                    let value = self
                        .tree()
                        .attribute(node, local)
                        .and_then(|text| text.parse::<f64>().ok());
                    if let Some(value) = value {
                        let moved = (value + by).to_string();
                        self.definitions
                            .tree
                            .set_attribute(node, local, Some(&moved));
                    }
                }
                queue.extend(self.tree().elements(node));
            }
            self.append(shape, plane);
            self.touch(&element);
        }
    }
}
