//! Limits and approvals: what goes beyond one's limit is refused, asked for with one key, and done once, when somebody who
//! may has approved it; through the API on both databases, and through the agent's window.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::approvals::Approval;
use api::customers::{Customer, CustomerLine};
use api::work::{Started, WorkItem, WorkItemLine};
use api::{of, path};
use journeys::{Browser, Client, Database, Options, Place, Refused, Service, eventually};
use kernel::{Id, Paged};
use serde_json::{Value, json};
use thirtyfour::Key;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const PATIENCE: Duration = Duration::from_secs(60);

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

fn refused<T: std::fmt::Debug>(answer: Result<T>, wanted: &str) -> Result<anyhow::Error> {
    let error = match answer {
        Ok(done) => anyhow::bail!("{wanted} was expected, and it was done: {done:?}"),
        Err(error) => error,
    };
    ensure!(
        code(&error) == wanted,
        "{wanted} was expected, not {error:?}"
    );
    Ok(error)
}

async fn patched(client: &Client, id: Id<of::Customer>, points: &str) -> Result<Customer> {
    let now: Customer = client.get(&path::customer(id)).await?;
    let body = json!({"version": now.version, "fields": {"points": points}});
    client.patch(&path::customer(id), &body).await
}

async fn points(client: &Client, id: Id<of::Customer>) -> Result<String> {
    let now: Customer = client.get(&path::customer(id)).await?;
    Ok(now
        .fields
        .get("points")
        .map_or_else(String::new, |value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }))
}

async fn ask(
    client: &Client,
    id: Id<of::Customer>,
    points: &str,
    reason: &str,
) -> Result<Approval> {
    let now: Customer = client.get(&path::customer(id)).await?;
    let body = json!({
        "operation": {
            "kind": "change_customer", "customer": id,
            "change": {"version": now.version, "fields": {"points": points}},
        },
        "reason": reason,
    });
    client.post(path::APPROVALS, &body).await
}

async fn decide(
    client: &Client,
    id: Id<of::Approval>,
    approve: bool,
    reason: &str,
) -> Result<Approval> {
    let body = json!({"approve": approve, "reason": reason});
    client
        .post(&path::fill(path::APPROVAL, &[&id.to_string()]), &body)
        .await
}

async fn listed(client: &Client, scope: &str) -> Result<Vec<Approval>> {
    let page: Paged<Approval> = client
        .get(&format!("{}?scope={scope}", path::APPROVALS))
        .await?;
    Ok(page.items)
}

/// A role may change customers, and set `points` up to so much.
async fn limited(admin: &Client, role: &str, at_most: Option<&str>) -> Result<()> {
    let address = path::fill(path::ROLE, &[role]);
    let now: Value = admin.get(&address).await?;
    let mut grants = now["grants"].as_array().cloned().unwrap_or_default();
    let is_ours = |grant: &Value| {
        grant["target"] == json!({"entity": "customer"}) && grant["verbs"] == json!(["change"])
    };
    grants.retain(|grant| !is_ours(grant));
    for grant in &mut grants {
        if grant["target"] == json!({"entity": "customer"})
            && let Some(verbs) = grant["verbs"].as_array_mut()
        {
            verbs.retain(|verb| verb != "change");
        }
    }
    if let Some(at_most) = at_most {
        grants.push(json!({
            "target": {"entity": "customer"}, "verbs": ["change"],
            "limit": {"field": "fields.points", "at_most": at_most},
        }));
    }
    let body = json!({
        "version": now["version"], "name": now["name"], "description": now["description"], "grants": grants,
    });
    let _: Value = admin.put(&address, &body).await?;
    Ok(())
}

async fn somebody(client: &Client) -> Result<CustomerLine> {
    let ask = json!({"customer_type": "person", "fields": [], "page": {"limit": 1}});
    let page: Paged<CustomerLine> = client.post(path::CUSTOMERS_SEARCH, &ask).await?;
    page.items.into_iter().next().context("no customers")
}

async fn audited(admin: &Client, operation: &str) -> Result<Vec<Value>> {
    let page: Value = admin
        .get(&format!("{}?operation={operation}", path::AUDIT))
        .await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

#[tokio::test]
async fn what_goes_beyond_a_limit_is_done_once_when_it_is_approved() -> Result<()> {
    let place = Place::new("approvals")?;
    for database in Database::all(&place)? {
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        by_api(&service).await.with_context(|| name.clone())?;
        a_closing(&service).await.with_context(|| name.clone())?;
    }
    Ok(())
}

async fn by_api(service: &Service) -> Result<()> {
    let admin = service.client()?.sign_in("admin", PASSWORD).await?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let back_office = service.client()?.sign_in("backoffice", PASSWORD).await?;
    let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
    limited(&admin, "agent", Some("100")).await?;
    let customer = somebody(&agent).await?.id;

    // Up to the limit it is done, and cannot be asked for.
    eventually("the limit", PATIENCE, || async {
        Ok(patched(&agent, customer, "101")
            .await
            .is_err()
            .then_some(()))
    })
    .await?;
    patched(&agent, customer, "100").await?;
    refused(ask(&agent, customer, "90", "").await, "invalid")?;
    // Above it nothing is done, and the answer says which field and how much.
    let error = refused(patched(&agent, customer, "500").await, "needs_approval")?;
    let problem = &error
        .downcast_ref::<Refused>()
        .context("no problem")?
        .problem;
    ensure!(
        problem["fields"][0]["field"] == "fields.points" && problem["args"]["limit"] == "100",
        "{problem}"
    );
    ensure!(points(&agent, customer).await? == "100");

    // Asked for: whoever may decide hears of it, nobody else sees it, and not even the requester may decide.
    let mut live = supervisor.events(None).await?;
    let mut hers = agent.events(None).await?;
    let asked = ask(&agent, customer, "500", "Cliente de muchos años").await?;
    ensure!(asked.state == "pending" && !asked.may_decide, "{asked:?}");
    live.until("the request", PATIENCE, |e| {
        e.data.contains("approval.asked")
    })
    .await?;
    let waiting = listed(&supervisor, "decide").await?;
    let seen = waiting.iter().find(|one| one.id == asked.id);
    let seen = seen.context("the supervisor does not see it")?;
    ensure!(
        seen.values.len() == 1
            && seen.values[0].beyond
            && seen.values[0].before == Some(json!("100"))
            && seen.reason == "Cliente de muchos años",
        "{seen:?}"
    );
    refused(listed(&back_office, "decide").await, "forbidden")?;
    refused(decide(&back_office, asked.id, true, "").await, "not_found")?;
    refused(decide(&agent, asked.id, true, "").await, "forbidden")?;
    let address = path::fill(path::APPROVAL, &[&asked.id.to_string()]);
    refused(back_office.get::<Approval>(&address).await, "not_found")?;

    // Two approve at the same moment: it is done once.
    let before: Customer = agent.get(&path::customer(customer)).await?;
    let (one, two) = tokio::join!(
        decide(&supervisor, asked.id, true, ""),
        decide(&supervisor, asked.id, true, "")
    );
    let done: Vec<_> = [&one, &two]
        .into_iter()
        .filter_map(|answer| answer.as_ref().ok())
        .collect();
    ensure!(
        done.len() == 1 && done[0].state == "approved",
        "{one:?} {two:?}"
    );
    let after: Customer = agent.get(&path::customer(customer)).await?;
    ensure!(
        points(&agent, customer).await? == "500" && after.version == before.version + 1,
        "{after:?}"
    );
    hers.until("the answer", PATIENCE, |e| {
        e.data.contains("approval.decided") && e.data.contains("user:")
    })
    .await?;
    // In the trail: who asked, who approved, and the change itself in the name of whoever asked.
    let id = asked.id.to_string();
    for (operation, who) in [
        ("approval.ask", "Paula Lamas"),
        ("approval.approve", "Graciela Suárez"),
    ] {
        let entries = audited(&admin, operation).await?;
        let own: Vec<_> = entries
            .iter()
            .filter(|e| e.to_string().contains(&id))
            .collect();
        ensure!(
            own.len() == 1 && own[0].to_string().contains(who),
            "{operation}: {entries:?}"
        );
    }
    let changes = audited(&admin, "customer.change").await?;
    ensure!(
        changes[0].to_string().contains("Paula Lamas"),
        "{:?}",
        changes[0]
    );

    // Refused: with a reason, which whoever asked reads.
    let asked = ask(&agent, customer, "900", "").await?;
    refused(decide(&supervisor, asked.id, false, " ").await, "invalid")?;
    decide(&supervisor, asked.id, false, "Es demasiado").await?;
    let told = listed(&agent, "asked").await?;
    ensure!(
        told[0].state == "refused" && told[0].answer.as_deref() == Some("Es demasiado"),
        "{told:?}"
    );
    refused(decide(&supervisor, asked.id, true, "").await, "wrong_state")?;
    ensure!(points(&agent, customer).await? == "500");

    // Taken back by whoever asked, and by nobody else.
    let asked = ask(&agent, customer, "901", "").await?;
    let address = path::fill(path::APPROVAL, &[&asked.id.to_string()]);
    refused(supervisor.delete(&address).await, "not_found")?;
    agent.delete(&address).await?;
    ensure!(listed(&supervisor, "decide").await?.is_empty());

    // What stood there is another by the time it is approved: nothing is done, and both are told.
    let asked = ask(&agent, customer, "700", "").await?;
    patched(&supervisor, customer, "300").await?;
    let failed = decide(&supervisor, asked.id, true, "").await?;
    ensure!(
        failed.state == "failed" && failed.problem.is_some(),
        "{failed:?}"
    );
    ensure!(points(&agent, customer).await? == "300");

    // Another's change of another field does not matter.
    let asked = ask(&agent, customer, "800", "").await?;
    let now: Customer = supervisor.get(&path::customer(customer)).await?;
    let body = json!({"version": now.version, "fields": {"city": "Rosario"}});
    let _: Customer = supervisor.patch(&path::customer(customer), &body).await?;
    ensure!(decide(&supervisor, asked.id, true, "").await?.state == "approved");
    ensure!(points(&agent, customer).await? == "800");

    // The approver's own limit counts: what goes beyond it is not theirs to decide.
    let asked = ask(&agent, customer, "2000", "").await?;
    limited(&admin, "supervisor", Some("1000")).await?;
    eventually("the supervisor's limit", PATIENCE, || async {
        Ok(listed(&supervisor, "decide")
            .await?
            .is_empty()
            .then_some(()))
    })
    .await?;
    refused(decide(&supervisor, asked.id, true, "").await, "not_found")?;
    limited(&admin, "supervisor", Some("5000")).await?;
    eventually("the supervisor's other limit", PATIENCE, || async {
        Ok((listed(&supervisor, "decide").await?.len() == 1).then_some(()))
    })
    .await?;

    // Whoever asked has lost the right meanwhile: an approval gives back none.
    limited(&admin, "agent", None).await?;
    let failed = decide(&supervisor, asked.id, true, "").await?;
    ensure!(failed.state == "failed", "{failed:?}");
    ensure!(points(&supervisor, customer).await? == "800");
    limited(&admin, "agent", Some("100")).await?;
    Ok(())
}

/// The demo world's credit notes: up to 50,000 by the back office alone.
async fn a_closing(service: &Service) -> Result<()> {
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let back_office = service.client()?.sign_in("backoffice", PASSWORD).await?;
    let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
    let customer = somebody(&agent).await?.id;
    let begun: Started = agent
        .post(
            path::INSTANCES,
            &json!({"process": "billing_claim", "customer": customer}),
        )
        .await?;
    let first: WorkItem = agent.get(&path::work_item(begun.work_items[0])).await?;
    let claim = json!({"reason": "amount", "invoice": "0001-00004321", "billed": "90000", "expected": "1200", "detail": "No reconoce el cargo"});
    close(&agent, &first, "to_analysis", claim).await?;
    let analysis = waiting(&back_office, &begun).await?;
    let found = json!({"finding": "Se cobró dos veces", "credit": "60000", "root_cause": "tariff"});
    close(&back_office, &analysis, "accepted", found).await?;

    let item = waiting(&back_office, &begun).await?;
    ensure!(item.element == "credit", "{}", item.element);
    let note = json!({"note_number": "NC-1", "note_date": "2026-11-21", "note_amount": "60000"});
    let outcome = item.outcomes.first().map(|o| o.key.clone());
    let complete = json!({"version": item.line.version, "outcome": outcome, "values": note});
    let address = path::work_item_complete(item.line.id);
    let error = refused(
        back_office.post::<Value>(&address, &complete).await,
        "needs_approval",
    )?;
    ensure!(
        error.to_string().contains("values.note_amount"),
        "{error:?}"
    );
    let body = json!({
        "operation": {"kind": "complete_work_item", "work_item": item.line.id, "complete": complete},
        "reason": "Dos períodos",
    });
    let asked: Approval = back_office.post(path::APPROVALS, &body).await?;
    // It waits already.
    refused(
        back_office.post::<Approval>(path::APPROVALS, &body).await,
        "duplicate",
    )?;
    let seen = listed(&supervisor, "decide").await?;
    let seen = seen.iter().find(|one| one.id == asked.id);
    let seen = seen.context("the supervisor does not see it")?;
    ensure!(
        seen.values
            .iter()
            .any(|v| v.beyond && v.wanted == json!("60000")),
        "{seen:?}"
    );
    ensure!(decide(&supervisor, asked.id, true, "").await?.state == "approved");
    let closed: WorkItem = supervisor.get(&path::work_item(item.line.id)).await?;
    ensure!(
        closed.line.state == "closed" || closed.line.closed.is_some(),
        "{:?}",
        closed.line
    );
    Ok(())
}

async fn close(client: &Client, item: &WorkItem, outcome: &str, values: Value) -> Result<()> {
    let body = json!({"version": item.line.version, "outcome": outcome, "values": values});
    let _: Value = client
        .post(&path::work_item_complete(item.line.id), &body)
        .await?;
    Ok(())
}

async fn waiting(client: &Client, of: &Started) -> Result<WorkItem> {
    let line = eventually("the next step", PATIENCE, || async {
        let inbox: Paged<WorkItemLine> = client.get(path::WORK_ITEMS).await?;
        Ok(inbox.items.into_iter().find(|i| i.instance == of.instance))
    })
    .await?;
    client.get(&path::work_item(line.id)).await
}

/// In the window: the agent changes a value, is told, and presses one key; the supervisor hears of it and presses another.
#[tokio::test]
async fn asked_with_one_key_and_approved_with_another() -> Result<()> {
    let place = Place::new("approvals-window")?;
    let databases = Database::all(&place)?;
    let database = databases.first().context("no database")?;
    let service = Service::start(&place, "service", database, &Options::demo())?;
    let admin = service.client()?.sign_in("admin", PASSWORD).await?;
    limited(&admin, "agent", Some("100")).await?;
    let customer = somebody(&admin).await?.id;
    let _ = patched(&admin, customer, "50").await?;

    let agent = Browser::open(&place, "agent", &service.address()).await?;
    let supervisor = Browser::open(&place, "supervisor", &service.address()).await?;
    let (desk, head) = (agent.page(), supervisor.page());
    desk.sign_in("agente", PASSWORD).await?;
    head.sign_in("supervisora", PASSWORD).await?;
    desk.route(&format!("/customers/{customer}")).await?;
    desk.id("customer-name").await?;

    // F2 on the value, the new one, Enter: told that it is too much; Enter again asks.
    change(desk, "500").await?;
    desk.focus_comes_to("ask-reason").await?;
    desk.picture("approvals-1-ask").await?;
    desk.keys("Cliente de muchos años").await?;
    desk.keys(Key::Enter + "").await?;
    desk.shows("Pedido enviado").await?;

    // The supervisor goes there, and approves with one key. (What both are told of it goes by in seconds: not waited for.)
    head.keys(Key::Alt + "a").await?;
    head.shows("Cliente de muchos años").await?;
    head.picture("approvals-2-waiting").await?;
    head.keys("a").await?;
    head.shows("Nada espera su decisión").await?;
    desk.shows("500").await?;
    desk.picture("approvals-3-done").await?;
    ensure!(points(&admin, customer).await? == "500");

    // Refused: it stands, with the reason, where whoever asked looks after it; and the value is as it was.
    desk.shows_in("fact-points", "500").await?;
    change(desk, "900").await?;
    desk.focus_comes_to("ask-reason").await?;
    desk.keys(Key::Enter + "").await?;
    head.shows("900").await?;
    head.keys("r").await?;
    head.focus_comes_to("refusal-reason").await?;
    head.keys("Pida menos").await?;
    head.keys(Key::Control + Key::Enter).await?;
    head.shows("Nada espera su decisión").await?;
    desk.route("/approvals").await?;
    desk.shows("Pida menos").await?;
    desk.picture("approvals-4-refused").await?;
    ensure!(points(&admin, customer).await? == "500");
    agent.close().await?;
    supervisor.close().await
}

async fn change(desk: &journeys::Page, points: &str) -> Result<()> {
    desk.id("fact-points").await?;
    desk.run("document.getElementById('fact-points').focus()")
        .await?;
    desk.keys(Key::F2 + "").await?;
    let field = desk
        .element("//*[contains(@class, 'fact-editor')]//input")
        .await?;
    desk.write(&field, points).await?;
    field.send_keys(Key::Enter + "").await?;
    Ok(())
}
