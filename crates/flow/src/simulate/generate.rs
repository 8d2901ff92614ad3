//! Processes drawn at random: sound by construction, so that a run that gets stuck is the kernel's fault.

use super::Dice;
use crate::xml::{BPMN, ENGAGE};

pub(super) struct Drawn {
    pub text: String,
    /// No loop, no repetition, no event that runs beside: every element runs once at most.
    pub once: bool,
}

/// Every fourth seed also draws what is awaited together; the others draw what they drew before, so that those which are kept
/// still mean what they meant.
pub(super) fn document(dice: &mut Dice, seed: u64) -> Drawn {
    let mut drawer = Drawer {
        dice,
        out: String::new(),
        next: 0,
        once: true,
        together: seed.is_multiple_of(4),
        starts: if seed.is_multiple_of(8) { STARTS } else { "" },
    };
    let size = 1 + drawer.dice.roll(4);
    drawer.level(size, 3);
    if drawer.dice.chance(20) {
        drawer.event_sub_process();
    }
    let (out, once) = (drawer.out, drawer.once);
    let text = format!(
        "<bpmn:definitions xmlns:bpmn=\"{BPMN}\" xmlns:engage=\"{ENGAGE}\" id=\"d\" targetNamespace=\"t\">\
         <bpmn:message id=\"m\" name=\"m\"/><bpmn:signal id=\"sig\" name=\"sig\"/><bpmn:error id=\"err\" errorCode=\"E\"/>\
         <bpmn:escalation id=\"esc\" escalationCode=\"X\"/>\
         <bpmn:process id=\"p\" isExecutable=\"true\">{out}</bpmn:process></bpmn:definitions>"
    );
    Drawn { text, once }
}

struct Drawer<'a> {
    dice: &'a mut Dice,
    out: String,
    next: u32,
    once: bool,
    together: bool,
    /// The triggers of the process, taken by its first start.
    starts: &'static str,
}

const STARTS: &str = "<bpmn:messageEventDefinition messageRef=\"m\"/><bpmn:signalEventDefinition signalRef=\"sig\"/>\
     <bpmn:conditionalEventDefinition><bpmn:condition>a &gt; 3</bpmn:condition></bpmn:conditionalEventDefinition>";

/// Where a piece begins and ends.
type Piece = (String, String);

const CONDITIONS: [&str; 5] = [
    "a &gt; 4",
    "b &lt; 3",
    "c = 1",
    "a + b &gt; c",
    "outcome = \"ok\"",
];

impl Drawer<'_> {
    fn id(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}{}", self.next)
    }

    fn node(&mut self, tag: &str, content: &str) -> String {
        self.node_with(tag, "", content)
    }

    fn node_with(&mut self, tag: &str, attributes: &str, content: &str) -> String {
        let id = self.id("n");
        self.out.push_str(&format!(
            "<bpmn:{tag} id=\"{id}\" {attributes}>{content}</bpmn:{tag}>"
        ));
        id
    }

    fn flow(&mut self, from: &str, to: &str, condition: Option<&str>) -> String {
        let id = self.id("f");
        let condition = condition.map_or_else(String::new, |text| {
            format!("<bpmn:conditionExpression>{text}</bpmn:conditionExpression>")
        });
        self.out.push_str(&format!(
            "<bpmn:sequenceFlow id=\"{id}\" sourceRef=\"{from}\" targetRef=\"{to}\">{condition}</bpmn:sequenceFlow>"
        ));
        id
    }

    /// A whole process or sub-process: from a start through pieces to an end.
    fn level(&mut self, size: u32, depth: u32) {
        let starts = std::mem::take(&mut self.starts);
        let attributes = if starts.is_empty() {
            ""
        } else {
            "parallelMultiple=\"true\""
        };
        let mut last = self.node_with("startEvent", attributes, starts);
        for _ in 0..size {
            let (first, end) = self.piece(depth);
            self.flow(&last, &first, None);
            last = end;
        }
        let end = match self.dice.roll(20) {
            0 => "<bpmn:terminateEventDefinition/>",
            1 => "<bpmn:signalEventDefinition signalRef=\"sig\"/>",
            2 => "<bpmn:escalationEventDefinition escalationRef=\"esc\"/>",
            3 => "<bpmn:messageEventDefinition messageRef=\"m\"/>",
            4 => "<bpmn:compensateEventDefinition/>",
            _ => "",
        };
        let end = self.node("endEvent", end);
        self.flow(&last, &end, None);
    }

    fn piece(&mut self, depth: u32) -> Piece {
        if depth == 0 {
            return self.task();
        }
        match self.dice.roll(17) {
            0 | 1 => self.fork(depth, "parallelGateway", false),
            2 => self.fork(depth, "exclusiveGateway", true),
            3 | 4 => self.fork(depth, "inclusiveGateway", true),
            5 => self.cycle(depth),
            6 | 7 => self.sub_process(depth),
            8 => self.race(),
            9 => self.catch(),
            10 => self.repeated(depth),
            11 => self.undone(),
            12 => self.guarded(),
            13 => self.case(depth),
            14 => self.link(depth),
            15 => self.several(),
            _ => self.task(),
        }
    }

    fn task(&mut self) -> Piece {
        let id = match self.dice.roll(7) {
            0 => self.node("serviceTask", ""),
            1 => self.node("task", ""),
            2 => self.node("scriptTask", "<bpmn:script>{a: b + 1}</bpmn:script>"),
            3 => self.node("businessRuleTask", ""),
            4 => self.node_with("callActivity", "calledElement=\"other\"", ""),
            _ => {
                let due = if self.dice.chance(30) {
                    "due=\"PT1H\""
                } else {
                    ""
                };
                let ladder = if self.dice.chance(20) {
                    "<engage:escalation after=\"PT2H\" to=\"x\"/>"
                } else {
                    ""
                };
                let work = format!(
                    "<bpmn:extensionElements><engage:activity {due}><engage:outcome key=\"ok\"/>{ladder}</engage:activity>\
                     </bpmn:extensionElements>"
                );
                self.node("userTask", &work)
            }
        };
        (id.clone(), id)
    }

    fn fork(&mut self, depth: u32, gateway: &str, choose: bool) -> Piece {
        let branches = 2 + self.dice.roll(2);
        let split = self.id("n");
        let join = self.node(gateway, "");
        let mut default = String::new();
        for branch in 0..branches {
            let (first, last) = self.piece(depth - 1);
            let at = self.dice.roll(5) as usize;
            let condition = (choose && branch > 0).then(|| CONDITIONS[at]);
            let flow = self.flow(&split, &first, condition);
            if choose && branch == 0 {
                default = format!("default=\"{flow}\"");
            }
            self.flow(&last, &join, None);
        }
        self.out
            .push_str(&format!("<bpmn:{gateway} id=\"{split}\" {default}/>"));
        (split, join)
    }

    /// A loop drawn with gateways. There is always somebody to ask in it.
    fn cycle(&mut self, depth: u32) -> Piece {
        self.once = false;
        let merge = self.node("exclusiveGateway", "");
        let (first, last) = self.piece(depth - 1);
        let ask = self.node("userTask", "");
        let split = self.id("n");
        let after = self.node("task", "");
        self.flow(&merge, &first, None);
        self.flow(&last, &ask, None);
        self.flow(&ask, &split, None);
        let out = self.flow(&split, &after, None);
        let at = self.dice.roll(5) as usize;
        self.flow(&split, &merge, Some(CONDITIONS[at]));
        self.out.push_str(&format!(
            "<bpmn:exclusiveGateway id=\"{split}\" default=\"{out}\"/>"
        ));
        (merge, after)
    }

    fn sub_process(&mut self, depth: u32) -> Piece {
        let tag = if self.dice.chance(20) {
            "transaction"
        } else {
            "subProcess"
        };
        let id = self.id("n");
        let outer = std::mem::take(&mut self.out);
        let size = 1 + self.dice.roll(2);
        let cancels = tag == "transaction" && self.dice.chance(60);
        if cancels {
            self.cancelling(depth);
        } else {
            self.level(size, depth - 1);
        }
        if self.dice.chance(20) {
            self.event_sub_process();
        }
        if self.dice.chance(15) {
            self.handler_sub_process();
        }
        let inner = std::mem::replace(&mut self.out, outer);
        self.out
            .push_str(&format!("<bpmn:{tag} id=\"{id}\">{inner}</bpmn:{tag}>"));
        let end = self.node("exclusiveGateway", "");
        self.flow(&id, &end, None);
        if cancels {
            let attributes = format!("attachedToRef=\"{id}\"");
            let event = "<bpmn:cancelEventDefinition/>";
            let boundary = self.node_with("boundaryEvent", &attributes, event);
            self.flow(&boundary, &end, None);
        }
        if self.dice.chance(60) {
            self.boundary(&id, &end);
        }
        (id, end)
    }

    /// What stands in a transaction that is cancelled sometimes.
    fn cancelling(&mut self, depth: u32) {
        let start = self.node("startEvent", "");
        let (first, last) = self.undone();
        let (second, end) = self.piece(depth - 1);
        let split = self.id("n");
        let fine = self.node("endEvent", "");
        let cancel = self.node("endEvent", "<bpmn:cancelEventDefinition/>");
        self.flow(&start, &first, None);
        self.flow(&last, &second, None);
        self.flow(&end, &split, None);
        let out = self.flow(&split, &fine, None);
        let at = self.dice.roll(5) as usize;
        self.flow(&split, &cancel, Some(CONDITIONS[at]));
        self.out.push_str(&format!(
            "<bpmn:exclusiveGateway id=\"{split}\" default=\"{out}\"/>"
        ));
    }

    /// Undoes the sub-process around it, by its own work or what is inside, too.
    fn handler_sub_process(&mut self) {
        let id = self.id("n");
        let outer = std::mem::take(&mut self.out);
        let start = self.node("startEvent", "<bpmn:compensateEventDefinition/>");
        let (first, last) = self.task();
        let all = if self.dice.chance(50) {
            "<bpmn:compensateEventDefinition/>"
        } else {
            ""
        };
        let end = self.node("endEvent", all);
        self.flow(&start, &first, None);
        self.flow(&last, &end, None);
        let inner = std::mem::replace(&mut self.out, outer);
        self.out.push_str(&format!(
            "<bpmn:subProcess id=\"{id}\" triggeredByEvent=\"true\">{inner}</bpmn:subProcess>"
        ));
    }

    /// An ad-hoc sub-process.
    fn case(&mut self, depth: u32) -> Piece {
        let id = self.id("n");
        let order = if self.dice.chance(50) {
            "Sequential"
        } else {
            "Parallel"
        };
        let outer = std::mem::take(&mut self.out);
        for _ in 0..=self.dice.roll(2) {
            let (_, last) = self.task();
            if self.dice.chance(30) {
                let (next, _) = self.piece(depth - 1);
                self.flow(&last, &next, None);
            }
        }
        if self.dice.chance(40) {
            self.out
                .push_str("<bpmn:completionCondition>a &gt; 6</bpmn:completionCondition>");
        }
        let inner = std::mem::replace(&mut self.out, outer);
        self.out.push_str(&format!(
            "<bpmn:adHocSubProcess id=\"{id}\" ordering=\"{order}\">{inner}</bpmn:adHocSubProcess>"
        ));
        (id.clone(), id)
    }

    /// A jump.
    fn link(&mut self, depth: u32) -> Piece {
        let name = self.id("l");
        let event = format!("<bpmn:linkEventDefinition name=\"{name}\"/>");
        let (first, last) = self.piece(depth - 1);
        let throw = self.node("intermediateThrowEvent", &event);
        let catch = self.node("intermediateCatchEvent", &event);
        self.flow(&last, &throw, None);
        (first, catch)
    }

    /// Several events at one place: one of them, or all.
    fn several(&mut self) -> Piece {
        let all = self.dice.chance(50);
        let events = "<bpmn:messageEventDefinition messageRef=\"m\"/><bpmn:timerEventDefinition><bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>\
             <bpmn:conditionalEventDefinition><bpmn:condition>a &gt; 3</bpmn:condition></bpmn:conditionalEventDefinition>";
        let attributes = format!("parallelMultiple=\"{all}\"");
        let id = self.node_with("intermediateCatchEvent", &attributes, events);
        (id.clone(), id)
    }

    /// A boundary event whose way meets the normal one again, or ends beside it.
    fn boundary(&mut self, host: &str, end: &str) {
        let kind = self.dice.roll(if self.together { 9 } else { 6 });
        let event = match kind {
            0 => {
                "<bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition>"
            }
            1 => {
                "<bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
            }
            2 => "<bpmn:messageEventDefinition messageRef=\"m\"/>",
            3 => "<bpmn:signalEventDefinition signalRef=\"sig\"/>",
            4 => "<bpmn:escalationEventDefinition/>",
            5 => "<bpmn:errorEventDefinition errorRef=\"err\"/>",
            6 => {
                "<bpmn:messageEventDefinition messageRef=\"m\"/><bpmn:signalEventDefinition signalRef=\"sig\"/>"
            }
            7 => {
                "<bpmn:messageEventDefinition messageRef=\"m\"/><bpmn:timerEventDefinition><bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>"
            }
            _ => {
                "<bpmn:conditionalEventDefinition><bpmn:condition>a &gt; 3</bpmn:condition></bpmn:conditionalEventDefinition>\
                 <bpmn:timerEventDefinition><bpmn:timeCycle>R3/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
            }
        };
        let beside = kind != 5 && self.dice.chance(40);
        let attributes = format!(
            "attachedToRef=\"{host}\" cancelActivity=\"{}\" parallelMultiple=\"{}\"",
            !beside,
            kind > 5
        );
        let boundary = self.node_with("boundaryEvent", &attributes, event);
        let (first, last) = self.task();
        self.flow(&boundary, &first, None);
        if beside {
            self.once = false;
            let stop = self.node("endEvent", "");
            self.flow(&last, &stop, None);
        } else {
            self.flow(&last, end, None);
        }
    }

    fn guarded(&mut self) -> Piece {
        let (id, _) = self.task();
        let end = self.node("exclusiveGateway", "");
        self.flow(&id, &end, None);
        self.boundary(&id, &end);
        (id, end)
    }

    fn race(&mut self) -> Piece {
        let all = self.dice.chance(30);
        let (kind, join) = if all {
            ("eventGatewayType=\"Parallel\"", "parallelGateway")
        } else {
            ("", "exclusiveGateway")
        };
        let gate = self.node_with("eventBasedGateway", kind, "");
        let end = self.node(join, "");
        let events = [
            "<bpmn:messageEventDefinition messageRef=\"m\"/>",
            "<bpmn:timerEventDefinition><bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>",
            "<bpmn:signalEventDefinition signalRef=\"sig\"/>",
        ];
        for event in &events[..2 + self.dice.roll(2) as usize] {
            let catch = self.node("intermediateCatchEvent", event);
            self.flow(&gate, &catch, None);
            self.flow(&catch, &end, None);
        }
        (gate, end)
    }

    fn catch(&mut self) -> Piece {
        let id = match self.dice.roll(6) {
            4 => self.node(
                "intermediateCatchEvent",
                "<bpmn:conditionalEventDefinition><bpmn:condition>b &lt; 6</bpmn:condition></bpmn:conditionalEventDefinition>",
            ),
            5 => self.node("intermediateThrowEvent", "<bpmn:signalEventDefinition signalRef=\"sig\"/>"),
            0 => self.node("intermediateCatchEvent", "<bpmn:messageEventDefinition messageRef=\"m\"/>"),
            1 => self.node_with("receiveTask", "messageRef=\"m\"", ""),
            2 => self.node_with("sendTask", "messageRef=\"m\"", ""),
            _ => self.node(
                "intermediateCatchEvent",
                "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>",
            ),
        };
        (id.clone(), id)
    }

    fn repeated(&mut self, depth: u32) -> Piece {
        self.once = false;
        let repeat = match self.dice.roll(4) {
            0 => {
                "<bpmn:standardLoopCharacteristics loopMaximum=\"3\"><bpmn:loopCondition>a &gt; 2</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
            }
            1 => {
                "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality><bpmn:completionCondition>b = 1</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
            }
            2 => {
                "<bpmn:multiInstanceLoopCharacteristics isSequential=\"true\"><bpmn:loopCardinality>2</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
            }
            _ => {
                "<bpmn:extensionElements><engage:repeat collection=\"list\" item=\"x\"/></bpmn:extensionElements><bpmn:multiInstanceLoopCharacteristics/>"
            }
        };
        let id = if self.dice.chance(50) {
            self.node("userTask", repeat)
        } else {
            let id = self.id("n");
            let outer = std::mem::take(&mut self.out);
            self.level(1, depth - 1);
            let inner = std::mem::replace(&mut self.out, outer);
            self.out.push_str(&format!(
                "<bpmn:subProcess id=\"{id}\">{repeat}{inner}</bpmn:subProcess>"
            ));
            id
        };
        let end = self.node("exclusiveGateway", "");
        self.flow(&id, &end, None);
        if self.dice.chance(30) {
            self.boundary(&id, &end);
        }
        (id, end)
    }

    /// An activity with a handler, and a throw that undoes it.
    fn undone(&mut self) -> Piece {
        let (id, _) = self.task();
        let boundary = self.node_with(
            "boundaryEvent",
            &format!("attachedToRef=\"{id}\""),
            "<bpmn:compensateEventDefinition/>",
        );
        let handler = self.node_with("userTask", "isForCompensation=\"true\"", "");
        let tie = self.id("a");
        self.out.push_str(&format!(
            "<bpmn:association id=\"{tie}\" sourceRef=\"{boundary}\" targetRef=\"{handler}\"/>"
        ));
        if self.dice.chance(70) {
            let named = if self.dice.chance(50) {
                format!("activityRef=\"{id}\"")
            } else {
                String::new()
            };
            let wait = self.dice.chance(70);
            let throw = self.node(
                "intermediateThrowEvent",
                &format!("<bpmn:compensateEventDefinition {named} waitForCompletion=\"{wait}\"/>"),
            );
            self.flow(&id, &throw, None);
            return (id, throw);
        }
        (id.clone(), id)
    }

    fn event_sub_process(&mut self) {
        let event = match self.dice.roll(4) {
            0 => "<bpmn:messageEventDefinition messageRef=\"m\"/>",
            1 => "<bpmn:errorEventDefinition errorRef=\"err\"/>",
            2 => "<bpmn:escalationEventDefinition escalationRef=\"esc\"/>",
            _ => {
                "<bpmn:timerEventDefinition><bpmn:timeDuration>PT3H</bpmn:timeDuration></bpmn:timerEventDefinition>"
            }
        };
        let beside = !event.contains("error") && self.dice.chance(40);
        if beside {
            self.once = false;
        }
        let id = self.id("n");
        let outer = std::mem::take(&mut self.out);
        let start = self.node_with(
            "startEvent",
            &format!("isInterrupting=\"{}\"", !beside),
            event,
        );
        let (first, last) = self.task();
        let end = self.node("endEvent", "");
        self.flow(&start, &first, None);
        self.flow(&last, &end, None);
        let inner = std::mem::replace(&mut self.out, outer);
        self.out.push_str(&format!(
            "<bpmn:subProcess id=\"{id}\" triggeredByEvent=\"true\">{inner}</bpmn:subProcess>"
        ));
    }
}
