//! Changing a document: commands on a stack, with undo.
//!
//! A command is asked for before the gesture ([`Editor::allows`]) and again when it is executed. Executing it records the
//! primitive changes of the XML tree, each with what its way back needs; follow-ups (the flows of a removed element, the
//! children of a moved one) belong to the same step. Undo runs the record backwards.
//!
//! To add a command: a variant of [`Command`], its rule in `rules.rs`, its execution in `execute.rs`.

mod copy;
mod drawing;
mod execute;
mod place;
mod record;
mod rules;

use serde::{Deserialize, Serialize};

use crate::model::{Binding, Bounds, Definitions, ElementId, EventDefinition, Point};
pub use copy::copy;
use record::{Change, Record};
pub use rules::Refusal;

/// One change that a person makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
// In the browser's 32 bits no variant is large enough for the lint.
#[cfg_attr(
    target_pointer_width = "64",
    expect(
        clippy::large_enum_variant,
        reason = "a command is made by a gesture, not by the thousand"
    )
)]
pub enum Command {
    /// A new element. `tag` is its BPMN name: `userTask`, `exclusiveGateway`, `endEvent`…
    Add {
        /// Without it, a free one is made from the tag.
        id: Option<ElementId>,
        tag: String,
        name: String,
        /// The process or sub-process that is to hold it.
        parent: ElementId,
        lane: Option<ElementId>,
        /// The activity of a boundary event.
        attached_to: Option<ElementId>,
        bounds: Option<Bounds>,
    },
    /// With all that hangs on them: flows, boundary events, contents.
    Remove {
        elements: Vec<ElementId>,
    },
    /// A sequence flow, message flow or association, after what the ends are.
    Connect {
        id: Option<ElementId>,
        source: ElementId,
        target: ElementId,
    },
    /// Another end for a sequence flow; its name and condition stay.
    Reconnect {
        flow: ElementId,
        source: ElementId,
        target: ElementId,
    },
    Rename {
        element: ElementId,
        name: String,
    },
    /// With contents and boundary events; lines follow.
    Move {
        elements: Vec<ElementId>,
        dx: f64,
        dy: f64,
    },
    Resize {
        element: ElementId,
        bounds: Bounds,
    },
    /// The bends of a line, ends included.
    Bend {
        edge: ElementId,
        waypoints: Vec<Point>,
    },
    /// Where the name of a shape or line stands.
    PlaceLabel {
        element: ElementId,
        bounds: Bounds,
    },
    Bind {
        element: ElementId,
        binding: Option<Binding>,
    },
    SetCondition {
        flow: ElementId,
        condition: Option<String>,
    },
    SetDefault {
        source: ElementId,
        flow: Option<ElementId>,
    },
    /// What an event waits for or throws; `None`: a none event.
    SetEvent {
        element: ElementId,
        event: Option<EventDefinition>,
    },
    /// Another element of the same family: a task becomes a user task, a gateway a parallel one.
    Retype {
        element: ElementId,
        tag: String,
    },
    /// One of the plain attributes, such as `isExecutable`, `cancelActivity`, `calledElement`.
    Set {
        element: ElementId,
        attribute: String,
        value: Option<String>,
    },
    /// The group that works in a lane.
    SetLaneGroup {
        lane: ElementId,
        group: Option<String>,
    },
    /// A message, signal, error or escalation for events to refer to. `tag` is its BPMN name.
    Declare {
        id: ElementId,
        tag: String,
        name: String,
        code: Option<String>,
    },
    /// A pool. The first pool of a document takes in the process that was drawn without one.
    AddPool {
        id: ElementId,
        name: String,
        /// It only sends and receives; what happens in it is not shown.
        black_box: bool,
        bounds: Bounds,
    },
    /// A lane at the bottom of a pool. The first one takes in what the pool holds and a second stands below it.
    AddLane {
        id: ElementId,
        name: String,
        pool: ElementId,
    },
    /// Puts elements into another process, sub-process or lane. Flows that would cross a border go.
    Place {
        elements: Vec<ElementId>,
        parent: ElementId,
        lane: Option<ElementId>,
    },
    /// Hangs a boundary event on another activity.
    Attach {
        element: ElementId,
        host: ElementId,
    },
    /// What [`copy`] gave, with new ids; in this document or another.
    Paste {
        bpmn: String,
        parent: ElementId,
        lane: Option<ElementId>,
        dx: f64,
        dy: f64,
    },
    /// Draws everything anew.
    Layout,
}

/// A document that is being edited.
pub struct Editor {
    definitions: Definitions,
    done: Vec<Step>,
    undone: Vec<Step>,
}

struct Step {
    commands: Vec<Command>,
    changes: Vec<Change>,
}

/// What a step touched, for the canvas to draw again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    pub elements: Vec<ElementId>,
    /// Only the drawing changed.
    pub drawing_only: bool,
}

/// An id for a new element: `Activity_1`, `Gateway_2`…, the first that is free.
pub fn free_id(definitions: &Definitions, tag: &str) -> ElementId {
    execute::free_id(tag, |id| definitions.index.contains_key(id))
}

/// Whether the command could be executed on the document as it is.
pub fn allows(definitions: &Definitions, command: &Command) -> Result<(), Refusal> {
    rules::check(definitions, command)
}

impl Editor {
    pub fn new(definitions: Definitions) -> Self {
        Self {
            definitions,
            done: Vec::new(),
            undone: Vec::new(),
        }
    }

    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    pub fn into_definitions(self) -> Definitions {
        self.definitions
    }

    /// Whether the command could be executed now.
    pub fn allows(&self, command: &Command) -> Result<(), Refusal> {
        allows(&self.definitions, command)
    }

    pub fn execute(&mut self, command: Command) -> Result<Touched, Refusal> {
        self.execute_all(vec![command])
    }

    /// Several commands as one step: all are executed or none.
    pub fn execute_all(&mut self, commands: Vec<Command>) -> Result<Touched, Refusal> {
        let mut changes = Vec::new();
        let mut touched = Touched {
            elements: Vec::new(),
            drawing_only: true,
        };
        for command in &commands {
            match self.one(command, &mut touched) {
                Ok(more) => changes.extend(more),
                Err(refusal) => {
                    self.take_back(&changes);
                    return Err(refusal);
                }
            }
        }
        self.undone.clear();
        self.done.push(Step { commands, changes });
        Ok(touched)
    }

    fn one(&mut self, command: &Command, touched: &mut Touched) -> Result<Vec<Change>, Refusal> {
        rules::check(&self.definitions, command)?;
        let mut record = Record::new(&mut self.definitions);
        record.execute(command);
        let drawing = record.drawing_only;
        touched.elements.append(&mut record.touched);
        touched.drawing_only &= drawing;
        let changes = record.finish();
        let seen = if drawing {
            self.definitions.see_drawing()
        } else {
            self.definitions.see()
        };
        if let Err(problems) = seen {
            self.take_back(&changes);
            return Err(Refusal::Broken { problems });
        }
        Ok(changes)
    }

    fn take_back(&mut self, changes: &[Change]) {
        for change in changes.iter().rev() {
            change.revert(&mut self.definitions.tree);
        }
        // What stood before could be seen, so it can be seen again.
        let seen = self.definitions.see();
        debug_assert!(seen.is_ok(), "undo leads back to a document that was fine");
    }

    /// Takes the last step back. `None`: there is none.
    pub fn undo(&mut self) -> Option<&[Command]> {
        let step = self.done.pop()?;
        self.take_back(&step.changes);
        self.undone.push(step);
        self.undone.last().map(|step| &*step.commands)
    }

    /// Does the last step again that was taken back. `None`: there is none.
    pub fn redo(&mut self) -> Option<&[Command]> {
        let step = self.undone.pop()?;
        for change in &step.changes {
            change.apply(&mut self.definitions.tree);
        }
        let seen = self.definitions.see();
        debug_assert!(seen.is_ok(), "redo leads to a document that was fine");
        self.done.push(step);
        self.done.last().map(|step| &*step.commands)
    }

    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}
