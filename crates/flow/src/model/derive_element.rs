//! Reading a flow node: its kind, its events, its repetition.

use super::derive::View;
use super::{
    Element, ElementId, ElementKind, EventDefinition, GatewayKind, Mapping, Repeat, SubProcessKind,
    TaskKind, Timing, TimingKind, binding_xml,
};
use crate::problem::{Problem, ProblemCode};
use crate::xml::{BPMN, ENGAGE, NodeId};

impl View<'_> {
    pub(super) fn kind(&mut self, node: NodeId, local: &str) -> Option<ElementKind> {
        let task = |task| ElementKind::Task { task };
        let gateway = |gateway| ElementKind::Gateway { gateway };
        let sub_process = |sub_process| ElementKind::SubProcess { sub_process };
        Some(match local {
            "startEvent" => ElementKind::StartEvent {
                interrupting: self.flag(node, "isInterrupting", true),
            },
            "endEvent" => ElementKind::EndEvent,
            "intermediateCatchEvent" => ElementKind::IntermediateCatchEvent,
            "intermediateThrowEvent" => ElementKind::IntermediateThrowEvent,
            "boundaryEvent" => ElementKind::BoundaryEvent {
                attached_to: self.required(node, "attachedToRef")?,
                interrupting: self.flag(node, "cancelActivity", true),
            },
            "task" => task(TaskKind::Abstract),
            "userTask" => task(TaskKind::User),
            "manualTask" => task(TaskKind::Manual),
            "serviceTask" => task(TaskKind::Service),
            "sendTask" => task(TaskKind::Send {
                message: self.refers(node, "messageRef"),
            }),
            "receiveTask" => task(TaskKind::Receive {
                message: self.refers(node, "messageRef"),
            }),
            "scriptTask" => task(TaskKind::Script {
                language: self.string(node, "scriptFormat"),
                script: self.child_text(node, "script").unwrap_or_default(),
            }),
            "businessRuleTask" => task(TaskKind::BusinessRule),
            "callActivity" => ElementKind::CallActivity {
                called: self.called(node),
            },
            "subProcess" if self.flag(node, "triggeredByEvent", false) => {
                sub_process(SubProcessKind::Event)
            }
            "subProcess" => sub_process(SubProcessKind::Embedded),
            "transaction" => sub_process(SubProcessKind::Transaction),
            "adHocSubProcess" => sub_process(SubProcessKind::AdHoc {
                sequential: self
                    .tree
                    .attribute(node, "ordering")
                    .is_some_and(|ordering| &**ordering == "Sequential"),
                completion: self.child_text(node, "completionCondition"),
                cancel_remaining: self.flag(node, "cancelRemainingInstances", true),
            }),
            "exclusiveGateway" => gateway(GatewayKind::Exclusive),
            "inclusiveGateway" => gateway(GatewayKind::Inclusive),
            "parallelGateway" => gateway(GatewayKind::Parallel),
            "complexGateway" => gateway(GatewayKind::Complex {
                activation: self.child_text(node, "activationCondition"),
            }),
            "eventBasedGateway" => gateway(GatewayKind::EventBased {
                instantiate: self.flag(node, "instantiate", false),
                parallel: self
                    .tree
                    .attribute(node, "eventGatewayType")
                    .is_some_and(|kind| &**kind == "Parallel"),
            }),
            _ => return None,
        })
    }

    pub(super) fn element(
        &mut self,
        node: NodeId,
        kind: ElementKind,
        parent: Option<&ElementId>,
    ) -> Option<Element> {
        let id = self.id(node)?;
        let binding = match binding_xml::read(self.tree, node) {
            Ok(binding) => binding,
            Err((place, what, value)) => {
                let at = self.tree.node(place);
                let problem = Problem::new(
                    ProblemCode::BadBinding,
                    [id.to_string(), what.to_owned(), value],
                );
                self.problems.push(problem.at(at.line, at.column).on(&id));
                None
            }
        };
        Some(Element {
            name: self.string(node, "name"),
            documentation: self.child_text(node, "documentation").unwrap_or_default(),
            parent: parent.cloned(),
            incoming: Vec::new(),
            outgoing: Vec::new(),
            events: self.events(node),
            parallel_multiple: self.flag(node, "parallelMultiple", false),
            repeat: self.repeat(node),
            for_compensation: self.flag(node, "isForCompensation", false),
            default_flow: self.refers(node, "default"),
            binding,
            data_inputs: self.data_associations(node, "dataInputAssociation"),
            data_outputs: self.data_associations(node, "dataOutputAssociation"),
            line: self.tree.node(node).line,
            kind,
            id,
        })
    }

    /// What data associations carry. One that only ties a data object to an activity, without saying which of its inputs or
    /// outputs it is, carries nothing; nor does one in another expression language.
    fn data_associations(&self, node: NodeId, tag: &str) -> Vec<Mapping> {
        let tree = self.tree;
        let mut all = Vec::new();
        for association in tree.named(node, BPMN, tag) {
            let end = |end| self.data_name(&tree.text(tree.child(association, BPMN, end)?));
            let to = end("targetRef");
            let mut assigned = false;
            for assignment in tree.named(association, BPMN, "assignment") {
                assigned = true;
                let Some(from) = self.own_expression(assignment, "from") else {
                    continue;
                };
                let named = self.child_text(assignment, "to");
                let named = named.filter(|name| {
                    name.chars().all(|c| c.is_alphanumeric() || c == '_')
                        && name.starts_with(char::is_alphabetic)
                });
                all.extend(named.or_else(|| to.clone()).map(|to| Mapping { from, to }));
            }
            if assigned {
                continue;
            }
            let from = if tree.child(association, BPMN, "transformation").is_some() {
                self.own_expression(association, "transformation")
            } else {
                end("sourceRef")
            };
            all.extend(from.zip(to).map(|(from, to)| Mapping { from, to }));
        }
        all
    }

    /// An expression of a child, unless it says that it is in another language than ours.
    fn own_expression(&self, node: NodeId, local: &str) -> Option<String> {
        let child = self.tree.child(node, BPMN, local)?;
        let language = self.string(child, "language").to_ascii_lowercase();
        let own = language.is_empty() || language.contains("feel");
        own.then(|| self.child_text(node, local)).flatten()
    }

    /// The variable that a data object is, or the name of an input or output. What drawing tools put where nothing is meant is
    /// none.
    fn data_name(&self, reference: &str) -> Option<String> {
        let id = self.reference(reference)?;
        let node = *self.index.get(&id)?;
        let own = self.string(node, "name");
        let name = match &*self.tree.node(node).name.local {
            "dataObjectReference" => {
                let object = self.refers(node, "dataObjectRef");
                let object = object.and_then(|object| {
                    let name = self.string(*self.index.get(&object)?, "name");
                    Some(name).filter(|name| !name.is_empty())
                });
                object.unwrap_or(own)
            }
            "dataObject" | "dataInput" | "dataOutput" | "property" => own,
            _ => return None,
        };
        if name.starts_with("__") {
            return None;
        }
        Some(if name.is_empty() {
            id.to_string()
        } else {
            name
        })
    }

    fn events(&self, node: NodeId) -> Vec<EventDefinition> {
        let tree = self.tree;
        let definitions = tree.elements(node).filter_map(|id| {
            let name = &tree.node(id).name;
            if &*name.namespace != BPMN {
                return None;
            }
            if &*name.local == "eventDefinitionRef" {
                return self
                    .reference(&tree.text(id))
                    .and_then(|key| self.index.get(&key).copied());
            }
            name.local.ends_with("EventDefinition").then_some(id)
        });
        definitions.filter_map(|id| self.event(id)).collect()
    }

    fn event(&self, node: NodeId) -> Option<EventDefinition> {
        Some(match &*self.tree.node(node).name.local {
            "messageEventDefinition" => EventDefinition::Message {
                message: self.refers(node, "messageRef"),
            },
            "timerEventDefinition" => EventDefinition::Timer {
                timing: self.timing(node),
            },
            "errorEventDefinition" => EventDefinition::Error {
                error: self.refers(node, "errorRef"),
            },
            "escalationEventDefinition" => EventDefinition::Escalation {
                escalation: self.refers(node, "escalationRef"),
            },
            "signalEventDefinition" => EventDefinition::Signal {
                signal: self.refers(node, "signalRef"),
            },
            "conditionalEventDefinition" => EventDefinition::Conditional {
                condition: self.child_text(node, "condition").unwrap_or_default(),
            },
            "linkEventDefinition" => EventDefinition::Link {
                name: self.string(node, "name"),
            },
            "compensateEventDefinition" => EventDefinition::Compensation {
                activity: self.refers(node, "activityRef"),
                wait: self.flag(node, "waitForCompletion", true),
            },
            "cancelEventDefinition" => EventDefinition::Cancel,
            "terminateEventDefinition" => EventDefinition::Terminate,
            _ => return None,
        })
    }

    fn timing(&self, node: NodeId) -> Option<Timing> {
        let kinds = [
            ("timeDate", TimingKind::Date),
            ("timeDuration", TimingKind::Duration),
            ("timeCycle", TimingKind::Cycle),
        ];
        kinds.into_iter().find_map(|(local, kind)| {
            Some(Timing {
                kind,
                text: self.child_text(node, local)?,
            })
        })
    }

    fn repeat(&self, node: NodeId) -> Option<Repeat> {
        let tree = self.tree;
        if let Some(id) = tree.child(node, BPMN, "standardLoopCharacteristics") {
            return Some(Repeat::Loop {
                test_before: self.flag(id, "testBefore", false),
                condition: self.child_text(id, "loopCondition"),
                maximum: tree
                    .attribute(id, "loopMaximum")
                    .and_then(|text| text.trim().parse().ok()),
            });
        }
        let id = tree.child(node, BPMN, "multiInstanceLoopCharacteristics")?;
        let named = |at: NodeId| {
            let name = self.string(at, "name");
            if name.is_empty() {
                self.string(at, "id")
            } else {
                name
            }
        };
        let data = |local: &str| {
            let key = self
                .child_text(id, local)
                .and_then(|text| self.reference(&text))?;
            let name = self.index.get(&key).map(|at| named(*at));
            Some(name.unwrap_or_else(|| key.to_string()))
        };
        let item = tree.child(id, BPMN, "inputDataItem").map(named);
        let given = tree.child(id, BPMN, "outputDataItem").map(named);
        let (collection, output) = (data("loopDataInputRef"), data("loopDataOutputRef"));
        // Engage writes `engage:repeat collection="…" item="…" output="…" outputItem="…"` beside the activity's other data.
        let own = |name: &str| {
            let repeat = tree.child(
                tree.child(node, BPMN, "extensionElements")?,
                ENGAGE,
                "repeat",
            )?;
            tree.attribute(repeat, name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        Some(Repeat::Multiple {
            sequential: self.flag(id, "isSequential", false),
            cardinality: self.child_text(id, "loopCardinality"),
            collection: own("collection")
                .or(collection)
                .or_else(|| self.vendor(id, &["collection", "inputCollection"])),
            item: own("item")
                .or(item.filter(|item| !item.is_empty()))
                .or_else(|| self.vendor(id, &["elementVariable", "inputElement"])),
            output_item: own("outputItem")
                .or(given.filter(|item| !item.is_empty()))
                .or_else(|| self.vendor(id, &["outputElement"])),
            output: own("output")
                .or(output)
                .or_else(|| self.vendor(id, &["outputCollection"])),
            completion: self.child_text(id, "completionCondition"),
        })
    }

    fn called(&self, node: NodeId) -> Option<String> {
        let standard = self.refers(node, "calledElement").map(|id| id.to_string());
        standard.or_else(|| self.vendor(node, &["processId"]))
    }

    /// What the standard leaves to tools and all of them need: an attribute with a prefix, on the element or on one of its
    /// extension elements.
    fn vendor(&self, node: NodeId, names: &[&str]) -> Option<String> {
        let tree = self.tree;
        let extensions = tree.child(node, BPMN, "extensionElements");
        let below: Vec<NodeId> = extensions
            .into_iter()
            .flat_map(|id| tree.elements(id))
            .collect();
        names.iter().find_map(|name| {
            let own = tree.node(node).attributes.iter();
            let own = own
                .filter(|a| !a.name.namespace.is_empty())
                .find(|a| &*a.name.local == *name);
            let found = own
                .map(|a| &a.value)
                .or_else(|| below.iter().find_map(|id| tree.attribute(*id, name)));
            found
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        })
    }
}
