//! Running and finished processes, with every stage they passed (features W-02, A-08: without set-up).

use std::collections::BTreeMap;
use std::sync::Arc;

use flow::engine::{self, ActivityId, Ending, Exception, Startable, TimerId, Variables};
use flow::model::{Binding, ElementId, Text};
use kernel::{Error, Id, Moment, Page, Paged, Result};
use ledger::User;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::FromRow;
use sqlx::types::Json;
use store::{Built, Reads};

use crate::inbox::{self, WorkItemLine};
use crate::incidents::{IncidentLine, IncidentQuery, incidents};
use crate::rows;
use crate::runner::Runner;
use crate::words::{Customer, Instance, InstanceState, WorkItem};

/// What a step did, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Trace {
    In {
        activity: ActivityId,
        element: ElementId,
    },
    Out {
        activity: ActivityId,
        element: ElementId,
        ending: Ending,
    },
    Flow {
        flow: ElementId,
    },
    Opened {
        activity: ActivityId,
        element: ElementId,
        work_item: Id<WorkItem>,
    },
    /// A transaction, decision, script or process was asked for.
    Asked {
        activity: ActivityId,
        element: ElementId,
    },
    Timer {
        timer: TimerId,
        element: ElementId,
        due: Moment,
    },
    Sent {
        element: ElementId,
        name: Arc<str>,
    },
    Overdue {
        activity: ActivityId,
        element: ElementId,
    },
    Escalated {
        activity: ActivityId,
        element: ElementId,
        rung: u32,
        to: Arc<str>,
    },
    Escalation {
        element: ElementId,
        code: Option<Arc<str>>,
    },
    Error {
        element: ElementId,
        code: Option<Arc<str>>,
    },
    Incident {
        activity: ActivityId,
        element: ElementId,
        code: Arc<str>,
    },
    Mended {
        activity: ActivityId,
        element: ElementId,
    },
    /// To another version, or back.
    Moved {
        from: i64,
        to: i64,
        reason: String,
    },
    /// Changed by hand.
    Modified {
        reason: String,
    },
    Ended,
    Terminated {
        reason: String,
    },
}

/// One advance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The instance's version after it.
    pub number: i64,
    pub at: Moment,
    pub user: Option<Id<User>>,
    pub user_name: String,
    /// What moved it: the kernel's event, whole, so that the instance can be replayed.
    pub event: Value,
    pub trace: Vec<Trace>,
}

/// One run of an element: what stage tracking shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    pub activity: ActivityId,
    pub element: String,
    pub name: String,
    pub entered: Moment,
    /// `None`: it is there now.
    pub left: Option<Moment>,
    pub ending: Option<Ending>,
    /// Who brought it to its end.
    pub user_name: Option<String>,
    pub outcome: Option<String>,
    pub work_item: Option<Id<WorkItem>>,
    /// How many rungs its escalation climbed.
    pub escalated: u32,
    /// The incident that holds it.
    pub incident: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct InstanceDetail {
    #[serde(flatten)]
    pub line: InstanceLine,
    pub process_name: Text,
    pub variables: Variables,
    pub stages: Vec<Stage>,
    /// Sequence flows taken, with how often: what the canvas colours.
    pub flows: BTreeMap<String, u32>,
    pub steps: Vec<Step>,
    pub work_items: Vec<WorkItemLine>,
    pub incidents: Vec<IncidentLine>,
    /// Activities of ad-hoc sub-processes that can be begun once more.
    #[serde(skip)]
    pub startable: Vec<Startable>,
}

#[derive(Clone, Debug, PartialEq, Serialize, FromRow)]
pub struct InstanceLine {
    pub id: Id<Instance>,
    pub process: String,
    pub process_version: i64,
    pub customer: Option<Id<Customer>>,
    pub customer_name: Option<String>,
    pub state: InstanceState,
    pub version: i64,
    /// Open ones.
    #[sqlx(rename = "incidents")]
    #[serde(rename = "incident_count")]
    pub incident_count: i64,
    pub parent: Option<Id<Instance>>,
    pub started: Moment,
    pub started_by_name: Option<String>,
    pub ended: Option<Moment>,
}

/// Empty: all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceQuery {
    pub customer: Option<Id<Customer>>,
    pub process: Option<String>,
    /// Of these processes only.
    pub processes: Option<Vec<String>>,
    pub process_version: Option<i64>,
    pub state: Option<InstanceState>,
    pub with_incidents: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct WorkItemDetail {
    #[serde(flatten)]
    pub line: WorkItemLine,
    pub process_name: Text,
    /// Form, outcomes, help…
    pub binding: Option<Arc<Binding>>,
    /// The binding's inputs, as they were when it was opened.
    pub inputs: Variables,
    /// What was filled in, once it is closed.
    pub answer: Option<Variables>,
    /// Of the instance, now.
    pub variables: Variables,
    /// Other ways out than its outcomes.
    #[serde(skip)]
    pub exceptions: Vec<Exception>,
}

macro_rules! lines {
    () => {
        "SELECT i.id, i.process, i.process_version, i.customer, c.name AS customer_name, i.state, i.version, i.incidents,
            i.parent, i.started, u.name AS started_by_name, i.ended
         FROM instance i LEFT JOIN customer_name_view c ON c.id = i.customer
            LEFT JOIN user_name_view u ON u.id = i.started_by"
    };
}

store::statements! {
    LINE = concat!(lines!(), " WHERE i.id = $1");
    STEPS = "SELECT number, at, user_id, user_name, event, trace FROM instance_step WHERE instance = $1 ORDER BY number";
}

/// Newest first.
pub async fn instances(
    reads: &mut impl Reads,
    query: &InstanceQuery,
    page: &Page,
) -> Result<Paged<InstanceLine>> {
    let mut sql = Built::new(reads.kind(), lines!());
    sql.push(" WHERE TRUE");
    if let Some(customer) = query.customer {
        sql.push(" AND i.customer = ").bind(customer);
    }
    if let Some(process) = &query.process {
        sql.push(" AND i.process = ").bind(process.as_str());
    }
    if let Some(processes) = &query.processes {
        sql.push(" AND i.process IN (NULL");
        for process in processes {
            sql.push(", ").bind(process.as_str());
        }
        sql.push(")");
    }
    if let Some(version) = query.process_version {
        sql.push(" AND i.process_version = ").bind(version);
    }
    if let Some(state) = query.state {
        sql.push(" AND i.state = ").bind(state.text());
    }
    if query.with_incidents {
        sql.push(" AND i.incidents > 0");
    }
    if let Some(cursor) = &page.cursor {
        let bad = || Error::invalid("cursor", "cursor");
        let (at, id) = cursor.split_once('|').ok_or_else(bad)?;
        let at: Moment = at.parse().map_err(|_| bad())?;
        let id = Id::<Instance>::new(id.parse().map_err(|_| bad())?);
        sql.push(" AND (i.started < ")
            .bind(at)
            .push(" OR i.started = ")
            .bind(at)
            .push(" AND i.id < ")
            .bind(id)
            .push(")");
    }
    sql.push(" ORDER BY i.started DESC, i.id DESC LIMIT ")
        .bind(i64::from(page.limit()) + 1);
    let mut items: Vec<InstanceLine> = sql.fetch_all(reads).await?;
    let more = items.len() > page.limit() as usize;
    items.truncate(page.limit() as usize);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| format!("{}|{}", last.started, last.id));
    Ok(Paged {
        items,
        next,
        total: None,
    })
}

/// For whom an instance runs.
#[derive(Clone, Debug, FromRow)]
pub struct Whose {
    pub instance: Id<Instance>,
    pub customer: Option<Id<Customer>>,
    pub customer_name: Option<String>,
}

/// For whom these instances run, in no order; at most a page of them.
pub async fn whose(reads: &mut impl Reads, instances: &[Id<Instance>]) -> Result<Vec<Whose>> {
    if instances.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Built::new(
        reads.kind(),
        "SELECT i.id AS instance, i.customer, c.name AS customer_name FROM instance i
            LEFT JOIN customer_name_view c ON c.id = i.customer WHERE i.id IN (",
    );
    for (at, id) in instances.iter().enumerate() {
        sql.push(if at == 0 { "" } else { ", " }).bind(*id);
    }
    sql.push(")");
    sql.fetch_all(reads).await
}

impl Runner {
    /// An instance with all that happened to it. `NotFound`.
    pub async fn instance(
        &self,
        reads: &mut impl Reads,
        id: Id<Instance>,
    ) -> Result<InstanceDetail> {
        #[derive(FromRow)]
        struct Row {
            number: i64,
            at: Moment,
            user_id: Option<Id<User>>,
            user_name: String,
            event: Json<Value>,
            trace: Json<Vec<Trace>>,
        }
        let row = rows::read_instance(reads, id)
            .await?
            .ok_or_else(|| Error::not_found("instance"))?;
        let line = store::fetch_one!(reads, InstanceLine, LINE, id)?;
        let published = self.published(&row.process, row.process_version).await?;
        let steps = store::fetch_all!(reads, Row, STEPS, id)?;
        let steps: Vec<_> = steps
            .into_iter()
            .map(|row| Step {
                number: row.number,
                at: row.at,
                user: row.user_id,
                user_name: row.user_name,
                event: row.event.0,
                trace: row.trace.0,
            })
            .collect();
        let name = |element: &str| {
            published
                .element(element)
                .map(|facts| facts.name.to_string())
                .unwrap_or_default()
        };
        let (mut stages, flows) = stages(&steps, name);
        // What was moved to another version stands where that version has it, whatever it was called when it was entered.
        let state = &row.data.0;
        let now: BTreeMap<ActivityId, &flow::model::ElementId> =
            state.running(&published.plan).collect();
        for stage in stages.iter_mut().filter(|stage| stage.left.is_none()) {
            if let Some(element) = now.get(&stage.activity)
                && ***element != *stage.element
            {
                stage.element = element.to_string();
                stage.name = name(element);
            }
        }
        let query = IncidentQuery {
            instance: Some(id),
            ..IncidentQuery::default()
        };
        let page = Page {
            limit: Some(Page::MAX_LIMIT),
            cursor: None,
        };
        Ok(InstanceDetail {
            line,
            process_name: published.name.clone(),
            startable: engine::startable(&published.plan, &row.data.0),
            variables: row.data.0.variables,
            stages,
            flows,
            steps,
            work_items: inbox::of_instance(reads, id).await?,
            incidents: incidents(reads, &query, &page).await?.items,
        })
    }

    /// A work item with what is needed to work on it. `NotFound`.
    pub async fn work_item(
        &self,
        reads: &mut impl Reads,
        id: Id<WorkItem>,
    ) -> Result<WorkItemDetail> {
        let row = self.row_of(reads, id).await?;
        let line = inbox::line(reads, id)
            .await?
            .ok_or_else(|| Error::not_found("work_item"))?;
        let instance = rows::read_instance(reads, row.instance)
            .await?
            .ok_or_else(|| Error::not_found("instance"))?;
        let published = self.published(&row.process, row.process_version).await?;
        Ok(WorkItemDetail {
            line,
            process_name: published.name.clone(),
            binding: self.binding_of(&row).await?,
            inputs: row.inputs.0,
            answer: row.answer.map(|answer| answer.0),
            exceptions: match u32::try_from(row.activity) {
                Ok(activity) if row.state.is_open() => {
                    engine::exceptions(&published.plan, &instance.data.0, ActivityId(activity))
                }
                _ => Vec::new(),
            },
            variables: instance.data.0.variables,
        })
    }
}

/// The stages out of the steps.
fn stages(steps: &[Step], name: impl Fn(&str) -> String) -> (Vec<Stage>, BTreeMap<String, u32>) {
    let mut stages: Vec<Stage> = Vec::new();
    let mut place = BTreeMap::new();
    let mut flows = BTreeMap::new();
    for step in steps {
        let said = |what| step.event.get(what).and_then(Value::as_str);
        let outcome = said("outcome").or_else(|| said("by"));
        for trace in &step.trace {
            match trace {
                Trace::In { activity, element } => {
                    place.insert(*activity, stages.len());
                    stages.push(Stage {
                        activity: *activity,
                        element: element.to_string(),
                        name: name(element),
                        entered: step.at,
                        left: None,
                        ending: None,
                        user_name: None,
                        outcome: None,
                        work_item: None,
                        escalated: 0,
                        incident: None,
                    });
                }
                Trace::Flow { flow } => *flows.entry(flow.to_string()).or_insert(0) += 1,
                Trace::Out {
                    activity, ending, ..
                } => {
                    if let Some(stage) = place.get(activity).and_then(|at| stages.get_mut(*at)) {
                        stage.left = Some(step.at);
                        stage.ending = Some(*ending);
                        stage.user_name = Some(step.user_name.clone());
                        // The outcome is that of the one activity which this step closed.
                        let closed = step.event.get("activity").and_then(Value::as_u64)
                            == Some(u64::from(activity.0));
                        stage.outcome = outcome.filter(|_| closed).map(str::to_owned);
                    }
                }
                Trace::Opened {
                    activity,
                    work_item,
                    ..
                } => {
                    if let Some(stage) = place.get(activity).and_then(|at| stages.get_mut(*at)) {
                        stage.work_item = Some(*work_item);
                    }
                }
                Trace::Escalated { activity, rung, .. } => {
                    if let Some(stage) = place.get(activity).and_then(|at| stages.get_mut(*at)) {
                        stage.escalated = rung + 1;
                    }
                }
                Trace::Incident { activity, code, .. } => {
                    if let Some(stage) = place.get(activity).and_then(|at| stages.get_mut(*at)) {
                        stage.incident = Some(code.to_string());
                    }
                }
                Trace::Mended { activity, .. } => {
                    if let Some(stage) = place.get(activity).and_then(|at| stages.get_mut(*at)) {
                        stage.incident = None;
                    }
                }
                _ => {}
            }
        }
    }
    (stages, flows)
}
