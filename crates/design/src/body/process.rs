use flow::Definitions;
use form::{Form, Words};
use serde::{Deserialize, Serialize};

/// A process: the BPMN document with Engage's bindings in it, and what does not belong into a drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessDefinition {
    pub key: String,
    pub name: Words,
    /// Key of the customer type that it is for (D-09); absent: for any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_type: Option<String>,
    /// Which process of the document runs, where it holds several; absent: the first that can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// Key of the calendar by which business hours are counted; absent: the company's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// Key of the group that answers for the process (D-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisors: Option<String>,
    /// How long the whole should take at most (D-12): ISO 8601, such as `P21D`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Forms that only this process uses; an activity names one by its key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
    /// The document, as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bpmn: String,
}

impl ProcessDefinition {
    /// With a document that has one start and nothing else.
    pub fn empty(key: String, name: Words) -> Self {
        let bpmn = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="Definitions_{key}" targetNamespace="urn:engage:process:{key}">
  <bpmn:process id="Process_{key}" isExecutable="true">
    <bpmn:startEvent id="Start_1"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="Diagram_1">
    <bpmndi:BPMNPlane id="Plane_1" bpmnElement="Process_{key}">
      <bpmndi:BPMNShape id="Start_1_di" bpmnElement="Start_1">
        <dc:Bounds x="160" y="160" width="36" height="36"/>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"#
        );
        Self {
            key,
            name,
            bpmn,
            ..Self::default()
        }
    }

    pub fn document(&self) -> Result<Definitions, Vec<flow::Problem>> {
        flow::xml::read(&self.bpmn)
    }

    /// The id of the process that runs: the one that is named, else the first that can.
    pub fn running<'a>(&self, document: &'a Definitions) -> Option<&'a flow::Process> {
        match &self.process_id {
            Some(id) => document.process(id),
            None => document.runnable().next(),
        }
    }

    /// The form of the process itself with this key.
    pub fn form(&self, key: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.key == key)
    }
}
