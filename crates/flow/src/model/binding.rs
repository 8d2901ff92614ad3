use serde::{Deserialize, Serialize};

/// What a designer gives an activity so that it can be worked in Engage.
///
/// It lives in the document, under the activity's `extensionElements`, as `engage:activity` (namespace
/// [`crate::xml::ENGAGE`]): one BPMN file is a whole process definition.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Binding {
    pub form: Option<FormRef>,
    /// How the activity may end. The agent chooses one; conditions see it as `outcome` and as `<element id>.outcome`.
    pub outcomes: Vec<Outcome>,
    pub assignment: Assignment,
    pub due: Option<Due>,
    /// Who hears of it when it is not done, in the order of time.
    pub escalation: Vec<Rung>,
    pub presence: Option<Presence>,
    /// Key of the calendar by which this activity's business hours are counted: that of the unit which does it. Absent: the
    /// process's.
    pub calendar: Option<String>,
    /// While it waits, the customer is awaited: the budget of the whole process stands still.
    pub awaits_customer: bool,
    pub help: Option<Text>,
    /// Key of the transaction that a service or send task calls.
    pub transaction: Option<String>,
    /// Key of the decision table of a business rule task.
    pub decision: Option<String>,
    /// Variable that takes the result of a script, decision or transaction; without it the result's own names are taken.
    pub result: Option<String>,
    /// Expression by which messages find this instance.
    pub correlation: Option<String>,
    pub inputs: Vec<Mapping>,
    pub outputs: Vec<Mapping>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormRef {
    /// Key of a published form definition.
    Key(String),
    /// Id of a form kept with the process itself.
    Inline(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub key: String,
    pub label: Text,
}

/// A text in both languages of the product. An empty one falls back on the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Text {
    pub es: String,
    pub en: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Assignment {
    pub strategy: Strategy,
    /// Key of the group; without it the lane's.
    pub group: Option<String>,
    /// For [`Strategy::Skill`]: key of the skill, with the least level after a colon where there is one (`english:3`).
    pub skill: Option<String>,
    /// For [`Strategy::Expression`]: gives a user or group key.
    pub expression: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// Anybody in the group takes it from the inbox.
    #[default]
    Group,
    RoundRobin,
    LeastLoaded,
    Skill,
    /// Whoever looks after the customer.
    OwnCustomer,
    /// Whoever did the previous activity of this instance.
    SameUser,
    Deputy,
    Expression,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// ISO 8601, such as `PT4H`, or an expression.
    pub after: String,
    #[serde(default)]
    pub calendar: DueCalendar,
}

/// Whether hours run always or only while the company works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueCalendar {
    #[default]
    Always,
    Business,
}

/// A step of the escalation ladder: `after` counts from the opening of the work item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// ISO 8601, such as `PT4H`, or an expression.
    pub after: String,
    /// Key of the group that takes the work item over.
    pub to: String,
    #[serde(default)]
    pub calendar: DueCalendar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    CustomerPresent,
    BackOffice,
}

/// `to` takes the value of the expression `from`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    pub from: String,
    pub to: String,
}

impl Text {
    pub fn get(&self, language: kernel::Language) -> &str {
        let (first, second) = match language {
            kernel::Language::Es => (&self.es, &self.en),
            kernel::Language::En => (&self.en, &self.es),
        };
        if first.is_empty() { second } else { first }
    }

    pub fn is_empty(&self) -> bool {
        self.es.is_empty() && self.en.is_empty()
    }
}
