//! What people do all day, through the HTTP API of the real service: on a file and on PostgreSQL, on one node and on two,
//! with the clock moved and the process killed.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::customers::{Customer, CustomerLine, HistoryLine};
use api::work::{Completed, Instance, Started, WorkItem, WorkItemLine};
use api::{of, path};
use journeys::{Client, Database, Options, Place, Refused, Service, eventually};
use kernel::{Id, Paged};
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

/// The same story on every database that is there.
async fn on_each<F>(name: &str, story: impl Fn(Place, Database) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    let place = Place::new(name)?;
    for database in Database::all(&place)? {
        let on = database.name();
        let apart = Place::new(&format!("{name}-{on}"))?;
        story(apart, database)
            .await
            .with_context(|| format!("{name} on {on}"))?;
    }
    Ok(())
}

async fn found(agent: &Client, typed: &str) -> Result<CustomerLine> {
    let hits = agent.suggest(typed).await?;
    hits.into_iter()
        .next()
        .with_context(|| format!("nobody is found by {typed:?}"))
}

async fn started(agent: &Client, customer: Id<of::Customer>) -> Result<Started> {
    agent
        .post(
            path::INSTANCES,
            &json!({"process": "billing_claim", "customer": customer}),
        )
        .await
}

async fn opened(agent: &Client, item: Id<of::WorkItem>) -> Result<WorkItem> {
    agent.get(&path::work_item(item)).await
}

async fn closed(
    agent: &Client,
    item: &WorkItem,
    outcome: &str,
    values: Value,
) -> Result<Completed> {
    let body = json!({"version": item.line.version, "outcome": outcome, "values": values});
    agent
        .post(&path::work_item_complete(item.line.id), &body)
        .await
}

async fn inbox(agent: &Client) -> Result<Vec<WorkItemLine>> {
    Ok(agent
        .get::<Paged<WorkItemLine>>(path::WORK_ITEMS)
        .await?
        .items)
}

fn claim() -> Value {
    json!({"reason": "amount", "invoice": "0001-00004321", "billed": "1500", "expected": "1200", "detail": "No reconoce el cargo"})
}

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

#[tokio::test]
async fn a_claim_goes_from_the_agent_to_the_back_office_and_into_the_history() -> Result<()> {
    on_each("claim", |place, database| async move {
        let service = Service::start(&place, "node", &database, &Options::demo())?;
        let agent = service.client()?.sign_in("agente", PASSWORD).await?;
        let back_office = service.client()?.sign_in("backoffice", PASSWORD).await?;

        // Found by name in any order, accents and case ignored; by telephone; by document; by mail.
        let customer = found(&agent, "BERA cyn").await?;
        ensure!(customer.name == "Cynthia Bera", "{customer:?}");
        for typed in ["11 4100-0000", "27-14000000-6", "bera.0@exa"] {
            ensure!(
                found(&agent, typed).await?.id == customer.id,
                "not found by {typed}"
            );
        }

        let mut live = back_office.events(None).await?;
        let begun = started(&agent, customer.id).await?;
        let first = opened(&agent, begun.work_items[0]).await?;
        ensure!(first.may_complete && first.line.customer_name.as_deref() == Some("Cynthia Bera"));

        // What is missing is named; nothing happens.
        let refused = closed(&agent, &first, "to_analysis", json!({}))
            .await
            .unwrap_err();
        ensure!(code(&refused) == "invalid", "{refused}");
        let refused = closed(&agent, &first, "no_such_outcome", claim())
            .await
            .unwrap_err();
        ensure!(code(&refused) == "invalid", "{refused}");
        // A value of the wrong kind too.
        let mut wrong = claim();
        wrong["billed"] = json!("mucho");
        let refused = closed(&agent, &first, "to_analysis", wrong)
            .await
            .unwrap_err();
        ensure!(
            code(&refused) == "invalid" && refused.to_string().contains("billed"),
            "{refused}"
        );

        closed(&agent, &first, "to_analysis", claim()).await?;
        // The next step is in the other group's inbox without being asked for.
        live.until("the work item of the analysis", WAIT, |e| {
            e.data.contains("inbox:billing_assistants")
        })
        .await?;
        let line = inbox(&back_office)
            .await?
            .into_iter()
            .find(|i| i.instance == begun.instance)
            .context("no analysis")?;
        ensure!(
            line.customer_name.as_deref() == Some("Cynthia Bera") && line.due.is_some(),
            "{line:?}"
        );
        ensure!(
            inbox(&agent)
                .await?
                .iter()
                .all(|i| i.instance != begun.instance),
            "the agent sees the analysis"
        );

        // Two close the same: the second hears who was faster, and nothing is done twice.
        let analysis = opened(&back_office, line.id).await?;
        let values = filled(&analysis)?;
        closed(&back_office, &analysis, "rejected", values.clone()).await?;
        let late = closed(&back_office, &analysis, "accepted", values)
            .await
            .unwrap_err();
        ensure!(code(&late) == "already_closed", "{late}");

        // To the end, whoever's turn it is.
        for _ in 0..6 {
            let instance: Instance = agent.get(&path::instance(begun.instance)).await?;
            if instance.line.state == "completed" {
                break;
            }
            let waiting = inbox(&agent)
                .await?
                .into_iter()
                .find(|i| i.instance == begun.instance)
                .context("nothing waits")?;
            let item = opened(&agent, waiting.id).await?;
            closed(&agent, &item, &item.outcomes[0].key.clone(), filled(&item)?).await?;
        }
        let instance: Instance = agent.get(&path::instance(begun.instance)).await?;
        ensure!(instance.line.state == "completed", "{:?}", instance.line);
        ensure!(
            instance.steps.iter().filter(|s| s.who.is_some()).count() >= 3,
            "{:?}",
            instance.steps
        );

        let history: Paged<HistoryLine> = agent.get(&path::customer_history(customer.id)).await?;
        let told: Vec<_> = history
            .items
            .iter()
            .map(|l| (l.kind.as_str(), l.who.as_deref().unwrap_or("")))
            .collect();
        for expected in [
            ("process_started", "Paula Lamas"),
            ("activity_closed", "Tomás Ferreyra"),
            ("process_ended", ""),
        ] {
            ensure!(
                told.iter()
                    .any(|(kind, who)| *kind == expected.0 && who.contains(expected.1)),
                "{expected:?} in {told:?}"
            );
        }
        ensure!(
            history
                .items
                .iter()
                .any(|l| l.seconds.is_some() && l.outcome.is_some()),
            "{:?}",
            history.items
        );
        Ok(())
    })
    .await
}

/// Something acceptable for every field that the form wants.
fn filled(item: &WorkItem) -> Result<Value> {
    let Some(form) = &item.form else {
        return Ok(json!({}));
    };
    let bound = form
        .bind(&item.customer_fields)
        .map_err(|p| anyhow::anyhow!("{p:?}"))?;
    let mut values = item.values.clone();
    for _ in 0..10 {
        let state = bound.evaluate(&values, &item.context);
        let missing: Vec<_> = state
            .problems
            .iter()
            .filter(|p| p.code == "required")
            .map(|p| p.field.clone())
            .collect();
        if missing.is_empty() {
            ensure!(state.problems.is_empty(), "{:?}", state.problems);
            return Ok(values.into());
        }
        for field in form.own_fields().filter(|f| missing.contains(&f.key)) {
            use form::FieldKind::*;
            let value = match &field.kind {
                Text | LongText => json!("Revisado con el cliente"),
                Number { .. } | Amount { .. } => {
                    json!(field.min.clone().unwrap_or_else(|| "1".to_owned()))
                }
                Date => json!("2026-11-21"),
                Moment => json!("2026-11-21T10:00:00Z"),
                Boolean => json!(true),
                Choice { options } => json!(options.first().context("no options")?.key),
                Email => json!("alguien@example.com"),
                Phone { .. } => json!("+541140000000"),
                Document { .. } => json!("20123456786"),
            };
            values.insert(field.key.clone(), value);
        }
    }
    anyhow::bail!("the form is never satisfied: {:?}", form.key)
}

#[tokio::test]
async fn what_is_not_done_in_time_goes_up_the_ladder() -> Result<()> {
    on_each("ladder", |place, database| async move {
        let service = Service::start(&place, "node", &database, &Options::demo())?;
        let agent = service.client()?.sign_in("agente", PASSWORD).await?;
        let customer = found(&agent, "cynthia").await?;
        let begun = started(&agent, customer.id).await?;
        let first = opened(&agent, begun.work_items[0]).await?;
        closed(&agent, &first, "to_analysis", claim()).await?;
        const DAY: i64 = 86_400;
        // A day before the seventh: nothing yet.
        service.clock().ahead(6 * DAY)?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
        ensure!(
            inbox(&supervisor)
                .await?
                .iter()
                .all(|i| i.instance != begun.instance),
            "too early"
        );
        service.clock().ahead(7 * DAY + 60)?;
        // Whoever signs in while the clock jumps is signed out by it: asked with a session of its own each time.
        let (supervisor, item) = eventually("the escalation", WAIT, || {
            let service = &service;
            async move {
                let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
                let found = inbox(&supervisor)
                    .await?
                    .into_iter()
                    .find(|i| i.instance == begun.instance);
                Ok(found.map(|item| (supervisor, item)))
            }
        })
        .await?;
        ensure!(item.escalation_level == 1, "{item:?}");
        ensure!(
            item.group
                .as_ref()
                .is_some_and(|g| g.key == "billing_coordination"),
            "{item:?}"
        );
        let history: Paged<HistoryLine> =
            supervisor.get(&path::customer_history(customer.id)).await?;
        ensure!(
            history.items.iter().any(|l| l.kind == "escalation"),
            "{:?}",
            history.items
        );
        // The session that was idle for a week is over, and says so.
        let expired = agent.get::<Value>(path::SESSION).await.unwrap_err();
        ensure!(code(&expired) == "session_expired", "{expired}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_nodes_share_one_database() -> Result<()> {
    let place = Place::new("two-nodes")?;
    let Some(database) = Database::postgres()? else {
        eprintln!("skipped: no PostgreSQL");
        return Ok(());
    };
    let mut one = Service::start(&place, "one", &database, &Options::demo())?;
    let two = Service::start(&place, "two", &database, &Options::demo())?;
    let agent = one.client()?.sign_in("agente", PASSWORD).await?;
    let back_office = two.client()?.sign_in("backoffice", PASSWORD).await?;
    let mut live = back_office.events(None).await?;
    let customer = found(&agent, "cynthia").await?;
    let begun = started(&agent, customer.id).await?;
    let first = opened(&agent, begun.work_items[0]).await?;
    closed(&agent, &first, "to_analysis", claim()).await?;
    live.until("the other node's event", WAIT, |e| {
        e.data.contains("inbox:billing_assistants")
    })
    .await?;
    // One node dies; whoever was at it goes on at the other with the same session.
    one.kill();
    let there = agent.at(&two.address());
    let again: Customer = there.get(&path::customer(customer.id)).await?;
    ensure!(
        again.open_instances.is_some_and(|open| open >= 1),
        "{again:?}"
    );
    let line = inbox(&back_office)
        .await?
        .into_iter()
        .find(|i| i.instance == begun.instance)
        .context("no analysis")?;
    let analysis = opened(&back_office, line.id).await?;
    closed(&back_office, &analysis, "rejected", filled(&analysis)?).await?;
    one.restart()?;
    let instance: Instance = agent.get(&path::instance(begun.instance)).await?;
    ensure!(
        instance
            .steps
            .iter()
            .any(|s| s.who.as_deref() == Some("Tomás Ferreyra")),
        "{:?}",
        instance.steps
    );
    Ok(())
}

#[tokio::test]
async fn a_write_that_is_tried_again_happens_once() -> Result<()> {
    on_each("once", |place, database| async move {
        let service = Service::start(&place, "node", &database, &Options::demo())?;
        let agent = service.client()?.sign_in("agente", PASSWORD).await?;
        let customer = found(&agent, "cynthia").await?;
        let body = json!({"process": "billing_claim", "customer": customer.id});
        let first: Started = agent
            .post_as("the-same-key", path::INSTANCES, &body)
            .await?;
        let second: Started = agent
            .post_as("the-same-key", path::INSTANCES, &body)
            .await?;
        ensure!(first == second, "{first:?} {second:?}");
        let other = json!({"process": "credit_card", "customer": customer.id});
        let refused = agent
            .post_as::<Started>("the-same-key", path::INSTANCES, &other)
            .await
            .unwrap_err();
        ensure!(code(&refused) == "idempotency_mismatch", "{refused}");
        let open: Customer = agent.get(&path::customer(customer.id)).await?;
        ensure!(open.open_instances == Some(1), "{open:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn nobody_gets_in_by_guessing_and_nobody_sees_what_is_not_theirs() -> Result<()> {
    on_each("strangers", |place, database| async move {
        let service = Service::start(&place, "node", &database, &Options::demo())?;
        let nobody = service.client()?;
        for asked in [
            path::SESSION,
            path::WORK_ITEMS,
            path::CUSTOMER_TYPES,
            path::USERS,
            path::IMPORTS,
        ] {
            let refused = nobody.get::<Value>(asked).await.unwrap_err();
            ensure!(code(&refused) == "unauthenticated", "{asked}: {refused}");
        }
        let wrong = nobody
            .sign_in("agente", "no-es-esta-clave")
            .await
            .unwrap_err();
        let unknown = nobody
            .sign_in("nadie", "no-es-esta-clave")
            .await
            .unwrap_err();
        let told = |e: &anyhow::Error| {
            e.downcast_ref::<Refused>()
                .map(|r| (r.status, r.code().to_owned(), r.problem["sentence"].clone()))
        };
        ensure!(
            told(&wrong) == told(&unknown) && code(&wrong) == "wrong_credentials",
            "{wrong} {unknown}"
        );
        let mut throttled = false;
        for _ in 0..30 {
            let refused = nobody
                .sign_in("agente", "no-es-esta-clave")
                .await
                .unwrap_err();
            throttled |= code(&refused) == "throttled";
        }
        ensure!(throttled, "thirty guesses and nobody minds");
        let agent = service.client()?.sign_in("backoffice", PASSWORD).await?;
        for forbidden in [path::ROLES, path::IMPORTS] {
            let refused = agent.get::<Value>(forbidden).await.unwrap_err();
            ensure!(code(&refused) == "forbidden", "{forbidden}: {refused}");
        }
        Ok(())
    })
    .await
}
