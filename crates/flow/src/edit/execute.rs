//! What each command does to the tree.

use super::Command;
use super::record::{Change, Record};
use crate::model::{Binding, ElementId, ElementKind, EventDefinition, TimingKind, binding_xml};
use crate::xml::{BPMN, Child, ENGAGE, Name, NodeId, XSI};

/// What may stand before what, in a flow node (BPMN 2.0, annex B).
const HEAD: [&str; 5] = [
    "documentation",
    "extensionElements",
    "auditing",
    "monitoring",
    "categoryValueRef",
];

impl Record<'_> {
    pub fn execute(&mut self, command: &Command) {
        match command {
            Command::Add {
                id,
                tag,
                name,
                parent,
                lane,
                attached_to,
                bounds,
            } => {
                let id = id.clone().unwrap_or_else(|| self.free_id(tag));
                self.add(&id, tag, name, parent, attached_to.as_ref());
                if let Some(lane) = lane {
                    self.join_lane(&id, lane);
                }
                self.draw_new(&id, tag, parent, attached_to.as_ref(), *bounds);
                self.touch(&id);
            }
            Command::Remove { elements } => {
                for element in elements {
                    self.remove(element);
                }
            }
            Command::Connect { id, source, target } => self.connect(id.as_ref(), source, target),
            Command::Reconnect {
                flow,
                source,
                target,
            } => self.reconnect(flow, source, target),
            Command::Rename { element, name } => self.rename(element, name),
            Command::Move { elements, dx, dy } => {
                self.drawing_only = true;
                self.shift(elements, *dx, *dy);
            }
            Command::Resize { element, bounds } => {
                self.drawing_only = true;
                self.resize(element, *bounds);
            }
            Command::Bend { edge, waypoints } => {
                self.drawing_only = true;
                self.bend(edge, waypoints);
            }
            Command::PlaceLabel { element, bounds } => {
                self.drawing_only = true;
                self.place_label(element, *bounds);
            }
            Command::Bind { element, binding } => self.bind(element, binding.as_ref()),
            Command::SetCondition { flow, condition } => {
                self.set_condition(flow, condition.as_deref());
            }
            Command::SetDefault { source, flow } => {
                if let Some(node) = self.node(source) {
                    self.set(node, "default", flow.as_deref());
                    self.touch(source);
                }
            }
            Command::SetEvent { element, event } => self.set_event(element, event.as_ref()),
            Command::Retype { element, tag } => {
                if let Some(node) = self.node(element) {
                    let before = self.tree().node(node).name.clone();
                    let after = Name {
                        local: tag.as_str().into(),
                        ..before.clone()
                    };
                    self.change(Change::Rename {
                        node,
                        before,
                        after,
                    });
                    self.touch(element);
                }
            }
            Command::Set {
                element,
                attribute,
                value,
            } => {
                if let Some(node) = self.node(element) {
                    self.set(node, attribute, value.as_deref());
                    self.touch(element);
                }
            }
            Command::SetLaneGroup { lane, group } => {
                if let Some(node) = self.node(lane) {
                    let extensions =
                        self.child_or_new(node, BPMN, "extensionElements", &["documentation"]);
                    let own = self.child_or_new(extensions, ENGAGE, "lane", &[]);
                    self.set(own, "group", group.as_deref());
                    self.touch(lane);
                }
            }
            Command::Declare {
                id,
                tag,
                name,
                code,
            } => self.declare(id, tag, name, code.as_deref()),
            Command::AddPool {
                id,
                name,
                black_box,
                bounds,
            } => self.add_pool(id, name, *black_box, *bounds),
            Command::AddLane { id, name, pool } => self.add_lane(id, name, pool),
            Command::Place {
                elements,
                parent,
                lane,
            } => self.place(elements, parent, lane.as_ref()),
            Command::Attach { element, host } => self.hang(element, host),
            Command::Paste {
                bpmn,
                parent,
                lane,
                dx,
                dy,
            } => self.paste(bpmn, parent, lane.as_ref(), *dx, *dy),
            Command::Layout => {
                self.drawing_only = true;
                self.draw_anew();
            }
        }
    }

    pub fn free_id(&self, tag: &str) -> ElementId {
        free_id(tag, |id| {
            self.node(id).is_some_and(|node| self.stands(node))
        })
    }

    fn add(
        &mut self,
        id: &ElementId,
        tag: &str,
        name: &str,
        parent: &ElementId,
        host: Option<&ElementId>,
    ) {
        let Some(parent) = self.node(parent) else {
            return;
        };
        let mut attributes: Vec<(&str, &str)> = vec![("id", id)];
        if !name.is_empty() && tag != "textAnnotation" {
            attributes.push(("name", name));
        }
        if let Some(host) = host {
            attributes.push(("attachedToRef", host));
        }
        let object = (tag == "dataObjectReference").then(|| format!("{id}_object"));
        if let Some(object) = &object {
            attributes.push(("dataObjectRef", object));
            let object = self.create(BPMN, "dataObject", &[("id", object)]);
            let at = self.before_artifacts(parent);
            self.attach(object, parent, at);
        }
        let node = self.create(BPMN, tag, &attributes);
        if tag == "textAnnotation" {
            let text = self.create(BPMN, "text", &[]);
            self.set_text(text, name);
            self.append(text, node);
        }
        let at = if matches!(tag, "textAnnotation" | "group") {
            usize::MAX
        } else {
            self.before_artifacts(parent)
        };
        self.attach(node, parent, at);
    }

    /// Flow elements stand before artifacts.
    pub fn before_artifacts(&self, parent: NodeId) -> usize {
        let tree = self.tree();
        let artifact = |child: &Child| match child {
            Child::Element(id) => {
                let late = [
                    "textAnnotation",
                    "group",
                    "association",
                    "resourceRole",
                    "performer",
                    "potentialOwner",
                ];
                late.contains(&&*tree.node(*id).name.local)
            }
            _ => false,
        };
        tree.node(parent)
            .children
            .iter()
            .position(artifact)
            .unwrap_or(usize::MAX)
    }

    pub fn remove(&mut self, id: &ElementId) {
        let Some(node) = self.node(id) else { return };
        if self.tree().node(node).parent.is_none() {
            return; // it went with another
        }
        for hanging in self.hanging_on(id, node) {
            self.remove(&hanging);
        }
        self.forget_references(id);
        self.undraw(id);
        self.detach(node);
        self.touch(id);
    }

    /// What cannot stay without the element: its flows, boundary events, associations and contents.
    fn hanging_on(&self, id: &ElementId, node: NodeId) -> Vec<ElementId> {
        let tree = self.tree();
        let mut found: Vec<ElementId> = Vec::new();
        let lines = self.lines();
        let own = lines
            .iter()
            .filter(|(_, source, target)| source == id || target == id);
        found.extend(own.map(|(line, ..)| line.clone()));
        for process in &self.definitions.processes {
            let boundary = process
                .elements
                .iter()
                .filter(|element| element.attached_to() == Some(id));
            found.extend(boundary.map(|element| element.id.clone()));
        }
        let inside = tree
            .elements(node)
            .filter(|child| &*tree.node(*child).name.namespace == BPMN);
        found.extend(inside.filter_map(|child| tree.attribute(child, "id").cloned()));
        found.retain(|hanging| hanging != id && self.node(hanging).is_some());
        found
    }

    /// Every `<incoming>`, `<outgoing>`, `<flowNodeRef>` and `default` that names it.
    fn forget_references(&mut self, id: &ElementId) {
        let tree = self.tree();
        let mut lines = Vec::new();
        let mut defaults = Vec::new();
        for node in self.definitions.index.values().copied() {
            if tree
                .attribute(node, "default")
                .is_some_and(|flow| flow == id)
            {
                defaults.push(node);
            }
            let own = tree.elements(node).filter(|child| {
                let local = &*tree.node(*child).name.local;
                matches!(local, "incoming" | "outgoing" | "flowNodeRef")
                    && tree.text(*child).trim() == &**id
            });
            lines.extend(own);
        }
        // In a fixed order, as the index has none.
        lines.sort_unstable();
        defaults.sort_unstable();
        for node in lines {
            self.detach(node);
        }
        for node in defaults {
            self.set(node, "default", None);
        }
    }

    fn connect(&mut self, id: Option<&ElementId>, source: &ElementId, target: &ElementId) {
        let definitions = &*self.definitions;
        let process_of = |id: &str| {
            definitions
                .processes
                .iter()
                .position(|process| process.element(id).is_some())
        };
        let (from, to) = (process_of(source), process_of(target));
        let pool = |id: &ElementId| {
            definitions
                .collaborations
                .iter()
                .any(|collaboration| collaboration.participants.iter().any(|p| p.id == *id))
        };
        let handler = definitions
            .element(target)
            .is_some_and(|element| element.for_compensation);
        let tag = match (from, to) {
            (Some(a), Some(b)) if a == b && !handler => "sequenceFlow",
            (Some(a), Some(b)) if a != b => "messageFlow",
            _ if pool(source) || pool(target) => "messageFlow",
            _ => "association",
        };
        let id = id.cloned().unwrap_or_else(|| self.free_id(tag));
        let data = |id: &ElementId| {
            let mut all = definitions
                .processes
                .iter()
                .flat_map(|process| &process.data);
            all.any(|data| data.id == *id)
        };
        let (reads, writes) = (data(source) && to.is_some(), from.is_some() && data(target));
        if reads || writes {
            self.connect_data(&id, source, target, reads);
            return;
        }
        let mut attributes: Vec<(&str, &str)> =
            vec![("id", &id), ("sourceRef", source), ("targetRef", target)];
        if handler {
            attributes.push(("associationDirection", "One"));
        }
        let node = self.create(BPMN, tag, &attributes);
        match tag {
            "messageFlow" => {
                let collaboration = self
                    .definitions
                    .collaborations
                    .first()
                    .map(|collaboration| collaboration.id.clone());
                let Some(parent) = collaboration.and_then(|id| self.node(&id)) else {
                    return;
                };
                let at = self.place_after(
                    parent,
                    &[
                        "documentation",
                        "extensionElements",
                        "participant",
                        "messageFlow",
                    ],
                );
                self.attach(node, parent, at);
            }
            _ => {
                let inner = self
                    .node(source)
                    .filter(|_| from.is_some())
                    .or_else(|| self.node(target));
                let Some(parent) = inner.and_then(|node| self.tree().node(node).parent) else {
                    return;
                };
                let at = if tag == "sequenceFlow" {
                    self.before_artifacts(parent)
                } else {
                    usize::MAX
                };
                self.attach(node, parent, at);
            }
        }
        if tag == "sequenceFlow" {
            self.refer(&id, source, "outgoing");
            self.refer(&id, target, "incoming");
        }
        self.draw_line(&id, source, target);
        self.touch(&id);
    }

    fn rename(&mut self, element: &ElementId, name: &str) {
        let Some(node) = self.node(element) else {
            return;
        };
        if &*self.tree().node(node).name.local == "textAnnotation" {
            let text =
                self.child_or_new(node, BPMN, "text", &["documentation", "extensionElements"]);
            self.set_text(text, name);
        } else if &*self.tree().node(node).name.local == "group" {
            self.name_group(node, element, name);
        } else {
            self.set(node, "name", Some(name).filter(|name| !name.is_empty()));
        }
        self.touch(element);
    }

    /// The name of a group is the value of a category of the document.
    fn name_group(&mut self, node: NodeId, element: &ElementId, name: &str) {
        let known = self.tree().attribute(node, "categoryValueRef").cloned();
        if let Some(value) = known.and_then(|id| self.node(&id)) {
            self.set(value, "value", Some(name));
            return;
        }
        let (category, value) = (format!("{element}_category"), format!("{element}_value"));
        let holder = self.create(BPMN, "category", &[("id", &category)]);
        let inner = self.create(BPMN, "categoryValue", &[("id", &value), ("value", name)]);
        self.append(inner, holder);
        let root = self.tree().root();
        let at = self.place_after(root, &["import", "extension", "itemDefinition", "category"]);
        self.attach(holder, root, at);
        self.set(node, "categoryValueRef", Some(&value));
    }

    fn bind(&mut self, element: &ElementId, binding: Option<&Binding>) {
        let Some(node) = self.node(element) else {
            return;
        };
        self.touch(element);
        let extensions = self.tree().child(node, BPMN, "extensionElements");
        let old =
            extensions.and_then(|extensions| self.tree().child(extensions, ENGAGE, "activity"));
        let at = old
            .and_then(|old| self.tree().position(old))
            .map(|(_, at)| at);
        if let Some(old) = old {
            self.detach(old);
        }
        match binding {
            Some(binding) => {
                self.prefix(ENGAGE);
                let extensions =
                    self.child_or_new(node, BPMN, "extensionElements", &["documentation"]);
                let new = binding_xml::create(&mut self.definitions.tree, binding);
                self.attach(new, extensions, at.unwrap_or(usize::MAX));
            }
            None => {
                let empty = extensions
                    .filter(|extensions| self.tree().node(*extensions).children.is_empty());
                if let Some(empty) = empty {
                    self.detach(empty);
                }
            }
        }
    }

    fn set_condition(&mut self, flow: &ElementId, condition: Option<&str>) {
        let Some(node) = self.node(flow) else { return };
        self.touch(flow);
        match condition {
            Some(text) => {
                let known = self.tree().child(node, BPMN, "conditionExpression");
                let holder = known.unwrap_or_else(|| {
                    let made = self.create(BPMN, "conditionExpression", &[]);
                    self.type_formal(made);
                    let at = self.place_after(node, &["documentation", "extensionElements"]);
                    self.attach(made, node, at);
                    made
                });
                self.set_text(holder, text);
            }
            None => {
                if let Some(holder) = self.tree().child(node, BPMN, "conditionExpression") {
                    self.detach(holder);
                }
            }
        }
    }

    /// `xsi:type="bpmn:tFormalExpression"`, which the schema asks of expressions with text.
    fn type_formal(&mut self, node: NodeId) {
        let bpmn = self.prefix(BPMN);
        let xsi = self.prefix(XSI);
        let value = if bpmn.is_empty() {
            "tFormalExpression".to_owned()
        } else {
            format!("{bpmn}:tFormalExpression")
        };
        // The node is new, so nothing has to be remembered.
        self.definitions
            .tree
            .node_mut(node)
            .attributes
            .push(crate::xml::Attribute {
                name: Name {
                    prefix: xsi,
                    namespace: XSI.into(),
                    local: "type".into(),
                },
                value: value.into(),
            });
    }

    /// An end of a flow names the flow.
    fn refer(&mut self, flow: &ElementId, end: &ElementId, local: &str) {
        let Some(end) = self.node(end) else { return };
        let mut before = HEAD.to_vec();
        before.push("incoming");
        if local == "outgoing" {
            before.push("outgoing");
        }
        let reference = self.create(BPMN, local, &[]);
        self.set_text(reference, flow);
        let at = self.place_after(end, &before);
        self.attach(reference, end, at);
    }

    fn reconnect(&mut self, flow: &ElementId, source: &ElementId, target: &ElementId) {
        let Some((node, old)) = self.node(flow).zip(self.definitions.flow(flow).cloned()) else {
            return;
        };
        let ends = [
            (&old.source, source, "outgoing", "sourceRef"),
            (&old.target, target, "incoming", "targetRef"),
        ];
        for (before, after, local, attribute) in ends {
            if before == after {
                continue;
            }
            if let Some(end) = self.node(before) {
                let tree = self.tree();
                let named: Vec<NodeId> = tree
                    .named(end, BPMN, local)
                    .filter(|reference| tree.text(*reference).trim() == &**flow)
                    .collect();
                for reference in named {
                    self.detach(reference);
                }
                if local == "outgoing" && old.default {
                    self.set(end, "default", None);
                }
            }
            self.set(node, attribute, Some(after));
            self.refer(flow, after, local);
        }
        let home = self
            .node(source)
            .and_then(|node| self.tree().node(node).parent);
        if let Some(home) = home.filter(|home| self.tree().node(node).parent != Some(*home)) {
            self.detach(node);
            let at = self.before_artifacts(home);
            self.attach(node, home, at);
        }
        let route = self
            .bounds_of(source)
            .zip(self.bounds_of(target))
            .map(|(from, to)| crate::layout::route(&from, &to));
        if let Some(route) = route {
            self.bend(flow, &route);
        }
        self.touch(flow);
    }

    /// What an activity reads from or writes to data hangs in the activity.
    fn connect_data(
        &mut self,
        id: &ElementId,
        source: &ElementId,
        target: &ElementId,
        reads: bool,
    ) {
        let owner = if reads { target } else { source };
        let Some(node) = self.node(owner) else { return };
        let tag = if reads {
            "dataInputAssociation"
        } else {
            "dataOutputAssociation"
        };
        let association = self.create(BPMN, tag, &[("id", id)]);
        let mut before = HEAD.to_vec();
        before.extend(["incoming", "outgoing", "ioSpecification", "property"]);
        if reads {
            // The schema wants the end of an input to be something of the activity's own.
            let slot = format!("{id}_slot");
            let property = self.create(
                BPMN,
                "property",
                &[("id", &slot), ("name", "__targetRef_placeholder")],
            );
            let at = self.place_after(node, &before);
            self.attach(property, node, at);
            let from = self.create(BPMN, "sourceRef", &[]);
            self.set_text(from, source);
            self.append(from, association);
            let to = self.create(BPMN, "targetRef", &[]);
            self.set_text(to, &slot);
            self.append(to, association);
        } else {
            let to = self.create(BPMN, "targetRef", &[]);
            self.set_text(to, target);
            self.append(to, association);
            before.push("dataInputAssociation");
        }
        before.push(tag);
        let at = self.place_after(node, &before);
        self.attach(association, node, at);
        self.draw_line(id, source, target);
        self.touch(id);
    }

    fn set_event(&mut self, element: &ElementId, event: Option<&EventDefinition>) {
        let Some(node) = self.node(element) else {
            return;
        };
        self.touch(element);
        let tree = self.tree();
        let old = tree.elements(node).filter(|child| {
            let name = &tree.node(*child).name;
            &*name.namespace == BPMN && name.local.contains("ventDefinition")
        });
        for old in old.collect::<Vec<_>>() {
            self.detach(old);
        }
        let Some(event) = event else { return };
        let reference = |id: &Option<ElementId>| id.as_ref().map(ToString::to_string);
        let (tag, attribute, value) = match event {
            EventDefinition::Message { message } => {
                ("messageEventDefinition", "messageRef", reference(message))
            }
            EventDefinition::Signal { signal } => {
                ("signalEventDefinition", "signalRef", reference(signal))
            }
            EventDefinition::Error { error } => {
                ("errorEventDefinition", "errorRef", reference(error))
            }
            EventDefinition::Escalation { escalation } => (
                "escalationEventDefinition",
                "escalationRef",
                reference(escalation),
            ),
            EventDefinition::Link { name } => ("linkEventDefinition", "name", Some(name.clone())),
            EventDefinition::Compensation { activity, .. } => (
                "compensateEventDefinition",
                "activityRef",
                reference(activity),
            ),
            EventDefinition::Timer { .. } => ("timerEventDefinition", "", None),
            EventDefinition::Conditional { .. } => ("conditionalEventDefinition", "", None),
            EventDefinition::Cancel => ("cancelEventDefinition", "", None),
            EventDefinition::Terminate => ("terminateEventDefinition", "", None),
        };
        let attributes: Vec<(&str, &str)> = value
            .iter()
            .map(|value| (attribute, value.as_str()))
            .collect();
        let definition = self.create(BPMN, tag, &attributes);
        let inside = match event {
            EventDefinition::Timer {
                timing: Some(timing),
            } => {
                let local = match timing.kind {
                    TimingKind::Date => "timeDate",
                    TimingKind::Duration => "timeDuration",
                    TimingKind::Cycle => "timeCycle",
                };
                Some((local, timing.text.as_str()))
            }
            EventDefinition::Conditional { condition } => Some(("condition", condition.as_str())),
            _ => None,
        };
        if let Some((local, text)) = inside {
            let holder = self.create(BPMN, local, &[]);
            self.type_formal(holder);
            self.set_text(holder, text);
            self.append(holder, definition);
        }
        self.append(definition, node);
    }

    fn declare(&mut self, id: &ElementId, tag: &str, name: &str, code: Option<&str>) {
        let mut attributes: Vec<(&str, &str)> = vec![("id", id), ("name", name)];
        let code_name = if tag == "error" {
            "errorCode"
        } else {
            "escalationCode"
        };
        if let (Some(code), "error" | "escalation") = (code, tag) {
            attributes.push((code_name, code));
        }
        let node = self.create(BPMN, tag, &attributes);
        let root = self.tree().root();
        let at = self.place_after(
            root,
            &[
                "import",
                "extension",
                "itemDefinition",
                "message",
                "signal",
                "error",
                "escalation",
            ],
        );
        self.attach(node, root, at);
        self.touch(id);
    }

    /// Whether the element is a sub-process that holds others.
    pub fn holds(&self, id: &str) -> bool {
        self.definitions
            .element(id)
            .is_some_and(|element| matches!(element.kind, ElementKind::SubProcess { .. }))
    }
}

/// `Activity_1`, `Gateway_2`…: the first that is free.
pub(super) fn free_id(tag: &str, taken: impl Fn(&str) -> bool) -> ElementId {
    let base = match tag {
        "sequenceFlow" | "messageFlow" | "association" => "Flow",
        "participant" => "Participant",
        "lane" => "Lane",
        "process" => "Process",
        tag if tag.ends_with("Gateway") => "Gateway",
        tag if tag.ends_with("Event") => "Event",
        tag if tag.ends_with("ask") || tag.ends_with("rocess") || tag == "callActivity" => {
            "Activity"
        }
        tag if tag.starts_with("data") => "Data",
        _ => "Element",
    };
    (1_u32..)
        .map(|number| format!("{base}_{number}"))
        .find(|id| !taken(id))
        .unwrap_or_default()
        .into()
}
