//! The journal held against what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use api::customers::{Contact, Customer, HistoryLine};
use api::definitions::Definition;
use api::work::{Instance, InstanceLine, WorkItem, WorkItemLine};
use api::{of, path};
use futures::{StreamExt, TryStreamExt, stream};
use kernel::{Id, Paged};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::{Instant as Since, sleep};

use super::{Staff, Written};
use crate::{Client, Refused};

/// A timer of a node that was killed is taken up when its lease has run out.
const LATE: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 6;

/// Waits for the escalations of what was begun a moment ago. One that never comes is for [`faults`] to tell.
pub async fn settled(staff: &Staff, journal: &[Written]) -> Result<()> {
    let began = Since::now();
    for written in journal {
        let Written::Hurried { instance, .. } = written else {
            continue;
        };
        while began.elapsed() < LATE {
            let now: Instance = staff.supervisor.get(&path::instance(*instance)).await?;
            if now.work_items.iter().any(|item| item.escalation_level > 0) {
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
    Ok(())
}

/// What the journal says and the service does not, each in a sentence; empty where everything is there once.
pub async fn faults(staff: &Staff, journal: &[Written]) -> Result<Vec<String>> {
    let waiting = waiting(staff).await?;
    let found: Vec<Vec<String>> = stream::iter(journal)
        .map(|written| fault(staff, &waiting, written))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut found = found.concat();
    found.extend(told_twice(journal));
    found.sort_unstable();
    Ok(found)
}

/// Besides: what is there and nobody was told of. Only where every write was sent until it was answered.
pub async fn left_over(staff: &Staff, journal: &[Written]) -> Result<Vec<String>> {
    let mut begun: BTreeMap<Id<of::Customer>, BTreeSet<Id<of::Instance>>> = BTreeMap::new();
    for written in journal {
        if let Written::Start { customer, instance } | Written::Hurried { customer, instance } =
            written
        {
            begun.entry(*customer).or_default().insert(*instance);
        }
    }
    let there: Vec<Option<String>> = stream::iter(begun)
        .map(|(customer, mine)| async move {
            let there = instances(&staff.agent, customer).await?;
            let there: BTreeSet<_> = there.iter().map(|line| line.id).collect();
            anyhow::Ok((there != mine).then(|| {
                format!("customer {customer}: {mine:?} were begun and {there:?} are there")
            }))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut found: Vec<_> = there.into_iter().flatten().collect();
    let mut newest: BTreeMap<&str, i64> = BTreeMap::new();
    for written in journal {
        if let Written::Version { key, version, .. } = written {
            let known = newest.entry(key).or_default();
            *known = (*known).max(*version);
        }
    }
    for (key, version) in newest {
        let at = path::definition("form", key);
        let now: Definition = staff.designer.get(&at).await?;
        let all: BTreeSet<_> = now.versions.iter().map(|line| line.version).collect();
        if now.versions.len() != all.len() || all != (1..=version).collect() {
            found.push(format!(
                "{key}: version {version} was the last and there are {all:?}"
            ));
        }
    }
    Ok(found)
}

/// One identity, acknowledged for two writes.
fn told_twice(journal: &[Written]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let identity = |written: &Written| match written {
        Written::Customer { id, .. } => Some(id.to_string()),
        Written::Start { instance, .. } | Written::Hurried { instance, .. } => {
            Some(instance.to_string())
        }
        Written::Version { key, version, .. } => Some(format!("{key} {version}")),
        _ => None,
    };
    journal
        .iter()
        .filter_map(identity)
        .filter(|id| !seen.insert(id.clone()))
        .map(|id| format!("{id} was acknowledged for two writes"))
        .collect()
}

pub(super) async fn instances(
    client: &Client,
    customer: Id<of::Customer>,
) -> Result<Vec<InstanceLine>> {
    let at = path::fill(path::CUSTOMER_INSTANCES, &[&customer.to_string()]);
    all(client, &at, "").await
}

/// Every work item of the back office's group, whoever has it: how often each is listed.
async fn waiting(staff: &Staff) -> Result<BTreeMap<Id<of::Instance>, Vec<WorkItemLine>>> {
    let group = "&scope=team&group=billing_assistants";
    let lines: Vec<WorkItemLine> = all(&staff.assistant, path::WORK_ITEMS, group).await?;
    let mut by_instance: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in lines {
        by_instance.entry(line.instance).or_default().push(line);
    }
    Ok(by_instance)
}

async fn all<T: DeserializeOwned>(client: &Client, at: &str, more: &str) -> Result<Vec<T>> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page: Paged<T> = client.get(&format!("{at}?limit=500{more}{cursor}")).await?;
        found.extend(page.items);
        let Some(next) = page.next else {
            return Ok(found);
        };
        cursor = String::from("&cursor=");
        path::encode(&next, &mut cursor);
    }
}

type Waiting = BTreeMap<Id<of::Instance>, Vec<WorkItemLine>>;

/// What is wrong with one of them. That something is not there at all is a fault, not an error.
async fn fault(staff: &Staff, waiting: &Waiting, written: &Written) -> Result<Vec<String>> {
    let seen = match written {
        Written::Customer { id, name } => customer(staff, *id, name).await,
        Written::Change {
            customer,
            version,
            city,
        } => changed(staff, *customer, *version, city).await,
        Written::Contact { customer, name } => contact(staff, *customer, name).await,
        Written::Start { customer, instance } => started(staff, *customer, *instance).await,
        Written::Claim { item, by } => claimed(staff, *item, by).await,
        Written::Close {
            instance,
            item,
            outcome,
            next,
        } => closed(staff, waiting, *instance, *item, outcome, next).await,
        Written::Draft { key, revision } => drafted(staff, key, *revision).await,
        Written::Version { key, version, mark } => published(staff, key, *version, mark).await,
        Written::Hurried { customer, instance } => hurried(staff, *customer, *instance).await,
    };
    let wrong = match seen {
        Ok(wrong) => wrong,
        Err(error)
            if error
                .downcast_ref::<Refused>()
                .is_some_and(|no| no.code() == "not_found") =>
        {
            Some("is not there".to_owned())
        }
        Err(error) => return Err(error.context(format!("{written:?}"))),
    };
    let kind = written.kind();
    Ok(wrong
        .map(|wrong| format!("{kind}: {written:?} {wrong}"))
        .into_iter()
        .collect())
}

/// A sentence where it does not hold.
fn unless(holds: bool, wrong: impl FnOnce() -> String) -> Option<String> {
    (!holds).then(wrong)
}

async fn customer(staff: &Staff, id: Id<of::Customer>, name: &str) -> Result<Option<String>> {
    let now: Customer = staff.agent.get(&path::customer(id)).await?;
    let found = staff.agent.suggest(name).await?;
    let named: Vec<_> = found.iter().filter(|line| line.name == name).collect();
    Ok(unless(
        now.name == name && named.len() == 1 && named[0].id == id,
        || format!("is called {:?}, and {} are found", now.name, named.len()),
    ))
}

async fn changed(
    staff: &Staff,
    id: Id<of::Customer>,
    version: i64,
    city: &str,
) -> Result<Option<String>> {
    let now: Customer = staff.agent.get(&path::customer(id)).await?;
    Ok(unless(
        now.version == version && now.fields.get("city").is_some_and(|v| v == city),
        || {
            let city = now.fields.get("city");
            format!("has version {} and {city:?}", now.version)
        },
    ))
}

async fn contact(staff: &Staff, id: Id<of::Customer>, name: &str) -> Result<Option<String>> {
    let at = path::fill(path::CUSTOMER_CONTACTS, &[&id.to_string()]);
    let now: Vec<Contact> = staff.agent.get(&at).await?;
    let there = now.iter().filter(|c| c.values.name == name).count();
    Ok(unless(there == 1, || format!("is there {there} times")))
}

async fn started(
    staff: &Staff,
    customer: Id<of::Customer>,
    id: Id<of::Instance>,
) -> Result<Option<String>> {
    let now: Instance = staff.supervisor.get(&path::instance(id)).await?;
    let told = history(staff, customer, id, "process_started").await?;
    Ok(unless(
        now.line.customer == Some(customer) && now.line.state == "running" && told == 1,
        || {
            format!(
                "is {}, and its history tells of {told} starts",
                now.line.state
            )
        },
    ))
}

async fn claimed(staff: &Staff, id: Id<of::WorkItem>, by: &str) -> Result<Option<String>> {
    let now: WorkItem = staff.supervisor.get(&path::work_item(id)).await?;
    let who = now.line.assignee.map(|named| named.name);
    let state = now.line.state;
    Ok(unless(
        matches!(state.as_str(), "claimed" | "completed") && who.as_deref() == Some(by),
        || format!("is {state} and {who:?}'s"),
    ))
}

async fn closed(
    staff: &Staff,
    waiting: &Waiting,
    instance: Id<of::Instance>,
    id: Id<of::WorkItem>,
    outcome: &str,
    next: &str,
) -> Result<Option<String>> {
    let item: WorkItem = staff.supervisor.get(&path::work_item(id)).await?;
    let now: Instance = staff.supervisor.get(&path::instance(instance)).await?;
    let done: Vec<_> = now
        .steps
        .iter()
        .filter(|step| step.work_item == Some(id) && step.ending.as_deref() == Some("completed"))
        .map(|step| step.outcome.as_deref().unwrap_or_default())
        .collect();
    let open: Vec<_> = now
        .work_items
        .iter()
        .filter(|line| line.closed.is_none())
        .collect();
    let listed = waiting.get(&instance).map_or(0, |lines| {
        lines
            .iter()
            .filter(|line| open.iter().any(|open| open.id == line.id))
            .count()
    });
    let group = open
        .first()
        .and_then(|line| line.group.as_ref())
        .map(|group| group.key.as_str());
    let told = match now.line.customer {
        Some(customer) => history(staff, customer, instance, "activity_closed").await?,
        None => 0,
    };
    Ok(unless(
        item.line.state == "completed"
            && done == [outcome]
            && open.len() == 1
            && group == Some(next)
            && listed == 1
            && told == 1,
        || {
            format!(
                "is {} with {done:?}; {} wait after it with {group:?}, {listed} in the group's inbox, history tells of it {told} times",
                item.line.state,
                open.len()
            )
        },
    ))
}

async fn drafted(staff: &Staff, key: &str, revision: i64) -> Result<Option<String>> {
    let now: Definition = staff.designer.get(&path::definition("form", key)).await?;
    Ok(unless(now.revision >= revision, || {
        format!("is at revision {}", now.revision)
    }))
}

async fn published(staff: &Staff, key: &str, version: i64, mark: &str) -> Result<Option<String>> {
    let at = path::fill(path::VERSION, &["form", key, &version.to_string()]);
    let body: Value = staff.designer.get(&at).await?;
    Ok(unless(body["help"]["es"] == mark, || {
        format!("says {}", body["help"])
    }))
}

async fn hurried(
    staff: &Staff,
    customer: Id<of::Customer>,
    id: Id<of::Instance>,
) -> Result<Option<String>> {
    let now: Instance = staff.supervisor.get(&path::instance(id)).await?;
    let fired = now
        .steps
        .iter()
        .filter(|step| step.element == "wait" && step.left.is_some())
        .count();
    let levels: Vec<_> = now.work_items.iter().map(|i| i.escalation_level).collect();
    let told = history(staff, customer, id, "escalation").await?;
    Ok(unless(fired == 1 && levels == [1] && told == 1, || {
        format!(
            "its timer fired {fired} times, its work items are on the rungs {levels:?}, history tells of {told} escalations"
        )
    }))
}

async fn history(
    staff: &Staff,
    customer: Id<of::Customer>,
    instance: Id<of::Instance>,
    kind: &str,
) -> Result<usize> {
    let lines: Vec<HistoryLine> = all(&staff.agent, &path::customer_history(customer), "").await?;
    let told = |line: &&HistoryLine| line.instance == Some(instance) && line.kind == kind;
    Ok(lines.iter().filter(told).count())
}
