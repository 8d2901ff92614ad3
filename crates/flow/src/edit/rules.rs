//! What may be done to a document, asked before the gesture and before the command.

use kernel::Language;
use serde::{Deserialize, Serialize};

use super::Command;
use crate::model::{Definitions, Element, ElementId, ElementKind};
use crate::problem::{Problem, fill};

/// Why a command is not executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    NoSuchElement {
        element: String,
    },
    IdTaken {
        id: String,
    },
    /// An id that XML does not allow.
    BadId {
        id: String,
    },
    UnknownTag {
        tag: String,
    },
    /// Nothing leads out of an end event, into a start event or a boundary event.
    NotConnectable {
        source: String,
        target: String,
    },
    /// Sequence flows stay inside their process or sub-process.
    AcrossBorder {
        source: String,
        target: String,
    },
    /// Another of the same family only.
    OtherFamily {
        from: String,
        to: String,
    },
    NotBindable {
        element: String,
    },
    NotAFlowOf {
        source: String,
        flow: String,
    },
    NotAnEvent {
        element: String,
    },
    BadBounds,
    /// Only a process, a sub-process or the lane of a pool holds elements.
    NoPlace {
        parent: String,
    },
    /// The document would not hold together.
    Broken {
        problems: Vec<Problem>,
    },
}

impl Refusal {
    pub fn sentence(&self, language: Language) -> String {
        let (es, en, args): (&str, &str, Vec<String>) = match self {
            Self::NoSuchElement { element } => (
                "«{0}» no existe en el diagrama.",
                "“{0}” is not in the diagram.",
                vec![element.clone()],
            ),
            Self::IdTaken { id } => (
                "El identificador «{0}» ya se usa.",
                "The id “{0}” is already in use.",
                vec![id.clone()],
            ),
            Self::BadId { id } => (
                "«{0}» no sirve de identificador: empiece por una letra y use letras, cifras, guiones o puntos.",
                "“{0}” cannot be an id: begin with a letter and use letters, digits, hyphens or dots.",
                vec![id.clone()],
            ),
            Self::UnknownTag { tag } => (
                "No hay ningún elemento de tipo «{0}».",
                "There is no element of type “{0}”.",
                vec![tag.clone()],
            ),
            Self::NotConnectable { source, target } => (
                "De «{0}» no puede salir un flujo hacia «{1}».",
                "No flow can lead from “{0}” to “{1}”.",
                vec![source.clone(), target.clone()],
            ),
            Self::AcrossBorder { source, target } => (
                "«{0}» y «{1}» están en procesos o subprocesos distintos. Use un evento de borde o un flujo de mensaje.",
                "“{0}” and “{1}” are in different processes or sub-processes. Use a boundary event or a message flow.",
                vec![source.clone(), target.clone()],
            ),
            Self::OtherFamily { from, to } => (
                "«{0}» no puede convertirse en «{1}».",
                "“{0}” cannot become “{1}”.",
                vec![from.clone(), to.clone()],
            ),
            Self::NotBindable { element } => (
                "«{0}» no es un trámite: no admite formulario ni resultados.",
                "“{0}” is not an activity: it takes no form and no outcomes.",
                vec![element.clone()],
            ),
            Self::NotAFlowOf { source, flow } => (
                "«{1}» no sale de «{0}».",
                "“{1}” does not leave “{0}”.",
                vec![source.clone(), flow.clone()],
            ),
            Self::NotAnEvent { element } => (
                "«{0}» no es un evento.",
                "“{0}” is not an event.",
                vec![element.clone()],
            ),
            Self::BadBounds => (
                "El tamaño o la posición no son válidos.",
                "The size or position is not valid.",
                Vec::new(),
            ),
            Self::NoPlace { parent } => (
                "Ese elemento no puede ir en «{0}».",
                "That element cannot go into “{0}”.",
                vec![parent.clone()],
            ),
            Self::Broken { problems } => {
                let first = problems.first().map(|problem| problem.sentence(language));
                return first.unwrap_or_default();
            }
        };
        fill(if language == Language::Es { es } else { en }, &args)
    }
}

const FAMILIES: [&[&str]; 5] = [
    &[
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
    ],
    &[
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "eventBasedGateway",
        "complexGateway",
    ],
    &["subProcess", "transaction", "adHocSubProcess"],
    &[
        "startEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "endEvent",
    ],
    &["boundaryEvent"],
];

/// Elements that can be added and are no flow nodes.
const OTHERS: [&str; 4] = [
    "textAnnotation",
    "group",
    "dataObjectReference",
    "dataStoreReference",
];

const ATTRIBUTES: [&str; 14] = [
    "isExecutable",
    "isInterrupting",
    "cancelActivity",
    "isForCompensation",
    "triggeredByEvent",
    "calledElement",
    "scriptFormat",
    "instantiate",
    "eventGatewayType",
    "parallelMultiple",
    "ordering",
    "cancelRemainingInstances",
    "messageRef",
    "isCollection",
];

pub(super) fn check(definitions: &Definitions, command: &Command) -> Result<(), Refusal> {
    let known = |id: &ElementId| {
        let found = definitions.index.contains_key(id);
        if found {
            Ok(())
        } else {
            Err(Refusal::NoSuchElement {
                element: id.to_string(),
            })
        }
    };
    match command {
        Command::Add {
            id,
            tag,
            parent,
            attached_to,
            bounds,
            lane,
            ..
        } => {
            let flow_node = FAMILIES.iter().any(|family| family.contains(&&**tag));
            if !flow_node && !OTHERS.contains(&&**tag) {
                return Err(Refusal::UnknownTag { tag: tag.clone() });
            }
            known(parent)?;
            lane.iter().try_for_each(known)?;
            fresh(definitions, id.as_ref())?;
            sane(bounds.iter())?;
            match (attached_to, tag == "boundaryEvent") {
                (Some(host), true)
                    if definitions.element(host).is_some_and(Element::is_activity) =>
                {
                    Ok(())
                }
                (None, false) => Ok(()),
                (host, _) => Err(Refusal::NoSuchElement {
                    element: host.as_deref().unwrap_or_default().to_owned(),
                }),
            }
        }
        Command::Remove { elements } => elements.iter().try_for_each(known),
        Command::Connect { id, source, target } => {
            known(source)?;
            known(target)?;
            fresh(definitions, id.as_ref())?;
            connectable(definitions, source, target)
        }
        Command::Reconnect {
            flow,
            source,
            target,
        } => {
            known(source)?;
            known(target)?;
            if definitions.flow(flow).is_none() {
                return Err(no_such(flow));
            }
            let process = |id: &str| {
                definitions
                    .processes
                    .iter()
                    .position(|process| process.element(id).is_some())
            };
            if process(source).is_none() || process(source) != process(target) {
                return Err(Refusal::AcrossBorder {
                    source: source.to_string(),
                    target: target.to_string(),
                });
            }
            connectable(definitions, source, target)
        }
        Command::Rename { element, .. } => known(element),
        Command::Move { elements, dx, dy } => {
            elements.iter().try_for_each(known)?;
            if dx.is_finite() && dy.is_finite() {
                Ok(())
            } else {
                Err(Refusal::BadBounds)
            }
        }
        Command::Resize { element, bounds } | Command::PlaceLabel { element, bounds } => {
            known(element)?;
            sane([bounds].into_iter())
        }
        Command::Bend { edge, waypoints } => {
            known(edge)?;
            let fine = waypoints.len() >= 2
                && waypoints
                    .iter()
                    .all(|point| point.x.is_finite() && point.y.is_finite());
            if fine {
                Ok(())
            } else {
                Err(Refusal::BadBounds)
            }
        }
        Command::Bind { element, .. } => {
            known(element)?;
            let bindable = definitions.element(element).is_some();
            if bindable {
                Ok(())
            } else {
                Err(Refusal::NotBindable {
                    element: element.to_string(),
                })
            }
        }
        Command::SetCondition { flow, .. } => {
            let found = definitions.flow(flow).is_some();
            if found {
                Ok(())
            } else {
                Err(Refusal::NoSuchElement {
                    element: flow.to_string(),
                })
            }
        }
        Command::SetDefault { source, flow } => {
            let element = definitions.element(source).ok_or_else(|| no_such(source))?;
            match flow {
                Some(flow) if !element.outgoing.contains(flow) => Err(Refusal::NotAFlowOf {
                    source: source.to_string(),
                    flow: flow.to_string(),
                }),
                _ => Ok(()),
            }
        }
        Command::SetEvent { element, .. } => {
            let found = definitions
                .element(element)
                .ok_or_else(|| no_such(element))?;
            if is_event(found) {
                Ok(())
            } else {
                Err(Refusal::NotAnEvent {
                    element: element.to_string(),
                })
            }
        }
        Command::Retype { element, tag } => {
            let node = definitions
                .index
                .get(element)
                .ok_or_else(|| no_such(element))?;
            let from = &*definitions.tree.node(*node).name.local;
            let family = FAMILIES
                .iter()
                .any(|family| family.contains(&from) && family.contains(&&**tag));
            if family {
                Ok(())
            } else {
                Err(Refusal::OtherFamily {
                    from: from.to_owned(),
                    to: tag.clone(),
                })
            }
        }
        Command::Set {
            element, attribute, ..
        } => {
            known(element)?;
            if ATTRIBUTES.contains(&&**attribute) {
                Ok(())
            } else {
                Err(Refusal::UnknownTag {
                    tag: attribute.clone(),
                })
            }
        }
        Command::SetLaneGroup { lane, .. } => {
            let mut lanes = definitions
                .processes
                .iter()
                .flat_map(|process| &process.lanes);
            if lanes.any(|known| known.id == *lane) {
                Ok(())
            } else {
                Err(no_such(lane))
            }
        }
        Command::Declare { id, tag, .. } => {
            fresh(definitions, Some(id))?;
            let fine = ["message", "signal", "error", "escalation"].contains(&&**tag);
            if fine {
                Ok(())
            } else {
                Err(Refusal::UnknownTag { tag: tag.clone() })
            }
        }
        Command::AddPool { id, bounds, .. } => {
            fresh(definitions, Some(id))?;
            sane([bounds].into_iter())
        }
        Command::AddLane { id, pool, .. } => {
            fresh(definitions, Some(id))?;
            let holds = definitions
                .collaborations
                .iter()
                .flat_map(|collaboration| &collaboration.participants)
                .any(|known| known.id == *pool && known.process.is_some());
            if holds {
                Ok(())
            } else {
                Err(Refusal::NoPlace {
                    parent: pool.to_string(),
                })
            }
        }
        Command::Place {
            elements,
            parent,
            lane,
        } => {
            elements.iter().try_for_each(known)?;
            lane.iter().try_for_each(known)?;
            home(definitions, parent)?;
            elements
                .iter()
                .try_for_each(|id| placeable(definitions, id, parent))
        }
        Command::Attach { element, host } => {
            let boundary = definitions
                .element(element)
                .is_some_and(|element| element.attached_to().is_some());
            let activity = definitions.element(host).is_some_and(Element::is_activity);
            if boundary && activity {
                Ok(())
            } else {
                Err(Refusal::NoPlace {
                    parent: host.to_string(),
                })
            }
        }
        Command::Paste {
            bpmn, parent, lane, ..
        } => {
            lane.iter().try_for_each(known)?;
            home(definitions, parent)?;
            crate::xml::read(bpmn)
                .map(|_| ())
                .map_err(|problems| Refusal::Broken { problems })
        }
        Command::Layout => Ok(()),
    }
}

/// A process or an opened sub-process: something that holds flow elements.
fn home(definitions: &Definitions, parent: &ElementId) -> Result<(), Refusal> {
    let sub_process = definitions
        .element(parent)
        .is_some_and(|element| matches!(element.kind, ElementKind::SubProcess { .. }));
    if sub_process || definitions.process(parent).is_some() {
        Ok(())
    } else {
        Err(Refusal::NoPlace {
            parent: parent.to_string(),
        })
    }
}

/// Whether an element may be put into a parent: nothing holds itself, frames hold nothing but by their size.
fn placeable(definitions: &Definitions, id: &ElementId, parent: &ElementId) -> Result<(), Refusal> {
    let refuse = || {
        Err(Refusal::NoPlace {
            parent: parent.to_string(),
        })
    };
    let in_process = |process: &crate::model::Process| {
        process.elements.iter().any(|element| element.id == *id)
            || process.data.iter().any(|data| data.id == *id)
            || process.artifacts.iter().any(|artifact| artifact.id == *id)
    };
    if !definitions.processes.iter().any(in_process) {
        return refuse();
    }
    let mut at = Some(parent.clone());
    while let Some(around) = at {
        if around == *id {
            return refuse();
        }
        at = definitions
            .element(&around)
            .and_then(|element| element.parent.clone());
    }
    Ok(())
}

fn no_such(id: &ElementId) -> Refusal {
    Refusal::NoSuchElement {
        element: id.to_string(),
    }
}

pub(super) fn is_event(element: &Element) -> bool {
    matches!(
        element.kind,
        ElementKind::StartEvent { .. }
            | ElementKind::EndEvent
            | ElementKind::IntermediateCatchEvent
            | ElementKind::IntermediateThrowEvent
            | ElementKind::BoundaryEvent { .. }
    )
}

fn fresh(definitions: &Definitions, id: Option<&ElementId>) -> Result<(), Refusal> {
    let Some(id) = id else { return Ok(()) };
    let mut chars = id.chars();
    let fine = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || "_-.".contains(c));
    if !fine {
        return Err(Refusal::BadId { id: id.to_string() });
    }
    if definitions.index.contains_key(id) {
        Err(Refusal::IdTaken { id: id.to_string() })
    } else {
        Ok(())
    }
}

fn sane<'a>(mut bounds: impl Iterator<Item = &'a crate::model::Bounds>) -> Result<(), Refusal> {
    let fine = bounds.all(|b| {
        [b.x, b.y, b.width, b.height]
            .iter()
            .all(|n| n.is_finite() && n.abs() < 1e7)
            && b.width > 0.0
            && b.height > 0.0
    });
    if fine {
        Ok(())
    } else {
        Err(Refusal::BadBounds)
    }
}

fn connectable(
    definitions: &Definitions,
    source: &ElementId,
    target: &ElementId,
) -> Result<(), Refusal> {
    let ends = || (source.to_string(), target.to_string());
    let refuse = |(source, target)| Err(Refusal::NotConnectable { source, target });
    let (Some(from), Some(to)) = (definitions.element(source), definitions.element(target)) else {
        // Associations join anything to an annotation or data; message flows reach black boxes.
        return if source == target {
            refuse(ends())
        } else {
            Ok(())
        };
    };
    let out = !matches!(from.kind, ElementKind::EndEvent)
        && !from.is_event_sub_process()
        && !from.for_compensation;
    let into = !matches!(
        to.kind,
        ElementKind::StartEvent { .. } | ElementKind::BoundaryEvent { .. }
    ) && !to.is_event_sub_process()
        && !to.for_compensation;
    let process = |id: &str| {
        definitions
            .processes
            .iter()
            .position(|process| process.element(id).is_some())
    };
    if process(source) != process(target) {
        return Ok(()); // a message flow
    }
    if from.parent != to.parent {
        let (source, target) = ends();
        return Err(Refusal::AcrossBorder { source, target });
    }
    let undo = matches!(from.kind, ElementKind::BoundaryEvent { .. }) && to.for_compensation;
    if (out && into && source != target) || undo {
        Ok(())
    } else {
        refuse(ends())
    }
}
