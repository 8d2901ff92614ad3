//! To whom work goes, and when its time stands still: customers with an owner and a unit, skills, deputies, pauses,
//! conditional starts, orders for many that are called off. Through the HTTP API of the real service, on a file and on
//! PostgreSQL.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::customers::{Customer, Keeper};
use api::definitions::{Imported, Saved};
use api::engine::{Budget, Bulk, Deputy, KnownSkill, MessagePublished, Skill};
use api::work::{WorkItem, WorkItemLine};
use api::{of, path};
use journeys::{Client, Database, Options, Place, Refused, Service, eventually};
use kernel::{Id, Paged, Span};
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

fn document(key: &str, start: &str, assignment: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_{key}" targetNamespace="urn:test">
  <process id="p_{key}" name="{key}" isExecutable="true">{start}
  <userTask id="task" name="Atender"><extensionElements><engage:activity form="own_form" due="PT4H">{assignment}<engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="begin" targetRef="task"/><sequenceFlow id="b" sourceRef="task" targetRef="end"/></process>
</definitions>"#
    )
}

const PLAIN: &str = r#"<startEvent id="begin"/>"#;
/// Begins by itself where somebody owes more than a thousand.
const OWES: &str = r#"<startEvent id="begin"><conditionalEventDefinition><condition xsi:type="tFormalExpression">debt &gt; 1000</condition></conditionalEventDefinition></startEvent>"#;

async fn published(designer: &Client, key: &str, start: &str, assignment: &str) -> Result<()> {
    let to = format!("{}?file={key}&key={key}", path::IMPORT_PROCESS);
    let text = document(key, start, assignment);
    let taken: Imported = designer
        .send(reqwest::Method::POST, &to, "application/xml", text)
        .await?;
    let publish = path::fill(path::PUBLISH, &["process", key]);
    let done: Saved = designer
        .post(&publish, &json!({ "revision": taken.saved.revision }))
        .await
        .with_context(|| format!("publishing {key}"))?;
    ensure!(done.version == Some(1));
    Ok(())
}

/// A form on its own, of one text.
async fn form(designer: &Client) -> Result<()> {
    let body = json!({
        "key": "own_form",
        "name": {"es": "Nota", "en": "Note"},
        "sections": [{"key": "all", "items": [
            {"field": {"key": "note", "label": {"es": "Nota", "en": "Note"}, "kind": "text"}},
        ]}],
    });
    let made: Saved = designer
        .post(
            path::DEFINITIONS,
            &json!({"kind": "form", "key": "own_form", "name": {"es": "Nota"}, "body": body}),
        )
        .await
        .context("making the form")?;
    let publish = path::fill(path::PUBLISH, &["form", "own_form"]);
    let _: Saved = designer
        .post(&publish, &json!({ "revision": made.revision }))
        .await?;
    Ok(())
}

async fn user(admin: &Client, login: &str) -> Result<Id<of::User>> {
    let found: Value = admin.get(&format!("{}?q={login}", path::USERS)).await?;
    let id = found["items"][0]["id"].as_str().context("no such user")?;
    Ok(id.parse()?)
}

async fn begin(client: &Client, process: &str, customer: Option<Id<of::Customer>>) -> Result<()> {
    let order = json!({"process": process, "customer": customer});
    let _: Value = client.post(path::INSTANCES, &order).await?;
    Ok(())
}

async fn inbox(client: &Client, process: &str, scope: &str) -> Result<Vec<WorkItemLine>> {
    let at = format!("{}?scope={scope}&process={process}", path::WORK_ITEMS);
    Ok(client.get::<Paged<WorkItemLine>>(&at).await?.items)
}

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

#[tokio::test]
async fn work_finds_its_person_and_its_time_stands_still() -> Result<()> {
    let place = Place::new("dispatch")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("dispatch-{}", database.name()))?;
        let service = Service::start(&apart, "node", &database, &Options::demo())?;
        story(&service)
            .await
            .with_context(|| format!("on {}", database.name()))?;
    }
    Ok(())
}

async fn story(service: &Service) -> Result<()> {
    let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
    let admin = service.client()?.sign_in("admin", PASSWORD).await?;
    form(&designer).await?;
    kept(service, &admin).await?;
    skills(service, &designer, &admin).await?;
    deputies(service, &designer, &admin).await?;
    pauses(service, &designer).await?;
    conditions(&designer, &admin).await?;
    called_off(&admin).await
}

async fn somebody(client: &Client) -> Result<Customer> {
    let found = client.suggest("agro").await?;
    let first = found.first().context("nobody")?;
    client.get(&path::customer(first.id)).await
}

/// A customer gets an owner and a unit; whoever may not give it away is refused.
async fn kept(service: &Service, admin: &Client) -> Result<()> {
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
    let shown = somebody(&agent).await?;
    ensure!(
        shown.owner.is_none() && shown.kept == ["owner", "unit"] && shown.assignable.is_empty(),
        "{shown:?}"
    );
    let paula = user(admin, "agente").await?;
    let give = json!({"version": shown.version, "owner": paula});
    let refused = agent
        .patch::<Customer>(&path::customer(shown.id), &give)
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&refused) == "invalid", "{refused}");

    let keepers = path::fill(path::CUSTOMER_KEEPERS, &[&shown.id.to_string()]);
    let offered: Vec<Keeper> = supervisor
        .get(&format!("{keepers}?what=owner&q=lam"))
        .await?;
    ensure!(
        offered.len() == 1 && offered[0].id == paula.to_string(),
        "{offered:?}"
    );
    let given: Customer = supervisor
        .patch(&path::customer(shown.id), &give)
        .await
        .context("giving it to Paula")?;
    ensure!(
        given
            .owner
            .as_ref()
            .is_some_and(|o| o.name == "Paula Lamas")
            && given.assignable.len() == 2,
        "{given:?}"
    );
    ensure!(given.fields == shown.fields);
    let nobody = json!({"version": given.version, "owner": shown.id});
    let refused = supervisor
        .patch::<Customer>(&path::customer(shown.id), &nobody)
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&refused) == "invalid", "{refused}");

    let unit: Value = admin
        .post(path::UNITS, &json!({"name": "Sucursal Norte"}))
        .await?;
    let into = json!({"version": given.version, "unit": unit["id"]});
    let given: Customer = supervisor
        .patch(&path::customer(shown.id), &into)
        .await
        .context("putting it into the unit")?;
    ensure!(
        given
            .unit
            .as_ref()
            .is_some_and(|u| u.name == "Sucursal Norte")
            && given.owner.is_some(),
        "{given:?}"
    );
    let out = json!({"version": given.version, "unit": null});
    let given: Customer = supervisor.patch(&path::customer(shown.id), &out).await?;
    ensure!(given.unit.is_none() && given.owner.is_some(), "{given:?}");
    Ok(())
}

/// Nobody can: the group gets it. Somebody can: it is theirs, and says why.
async fn skills(service: &Service, designer: &Client, admin: &Client) -> Result<()> {
    let assignment =
        r#"<engage:assignment group="contact_center" strategy="skill" skill="english:3"/>"#;
    published(designer, "skilled", PLAIN, assignment).await?;
    begin(admin, "skilled", None).await?;
    let paula = path::fill(
        path::USER_SKILLS,
        &[&user(admin, "agente").await?.to_string()],
    );
    let skill = |level: i64| json!([{"skill": "english", "level": level}]);
    let english = |level: i64| json!({"skills": skill(level), "seen": []});
    let refused = admin
        .put::<Value>(&paula, &english(6))
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&refused) == "invalid", "{refused}");
    let _: Value = admin.put(&paula, &english(4)).await?;
    // Who saw what stood there before does not undo what another has done since.
    let late = admin.put::<Value>(&paula, &english(2)).await;
    let late = late.err().context("somebody's skills were overwritten")?;
    ensure!(code(&late) == "stale", "{late}");
    let known: Vec<Skill> = admin.get(&paula).await?;
    ensure!(known.len() == 1 && known[0].level == 4, "{known:?}");
    // Designers choose from what people know.
    let all: Vec<KnownSkill> = designer.get(path::SKILLS).await?;
    ensure!(
        all.len() == 1 && all[0].people == 1 && all[0].level == 4,
        "{all:?}"
    );
    begin(admin, "skilled", None).await?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let lying = inbox(&agent, "skilled", "groups").await?;
    let mine = inbox(&agent, "skilled", "mine").await?;
    ensure!(lying.len() == 1 && mine.len() == 1, "{lying:?} {mine:?}");
    let why: WorkItem = agent.get(&path::work_item(mine[0].id)).await?;
    ensure!(
        why.reason_facts.get("skill").map(String::as_str) == Some("english"),
        "{:?}",
        why.reason_facts
    );
    let why: WorkItem = agent.get(&path::work_item(lying[0].id)).await?;
    ensure!(
        why.reason_facts.get("instead_of").map(String::as_str) == Some("skill"),
        "{:?}",
        why.reason_facts
    );
    Ok(())
}

/// While the owner is away, the deputy gets what comes for their customers.
async fn deputies(service: &Service, designer: &Client, admin: &Client) -> Result<()> {
    let assignment = r#"<engage:assignment group="contact_center" strategy="deputy"/>"#;
    published(designer, "for_owner", PLAIN, assignment).await?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let supervisor = service.client()?.sign_in("supervisora", PASSWORD).await?;
    let customer = somebody(&agent).await?;
    begin(admin, "for_owner", Some(customer.id)).await?;
    ensure!(inbox(&agent, "for_owner", "mine").await?.len() == 1);

    let away = path::fill(
        path::USER_DEPUTY,
        &[&user(admin, "agente").await?.to_string()],
    );
    let none: Option<Deputy> = agent.get(&away).await?;
    ensure!(none.is_none());
    let now = customer.changed;
    let week = Span::from_days(7);
    // Everybody names their own deputy, one of those who are there; nobody another's.
    let offers = away.replace("/deputy", "/deputies?q=supervis");
    let offered: Vec<Keeper> = agent.get(&offers).await?;
    // By name: agents do not see logins.
    ensure!(offered.is_empty(), "{offered:?}");
    let offers = away.replace("/deputy", "/deputies?q=graciela");
    let offered: Vec<Keeper> = agent.get(&offers).await?;
    ensure!(
        offered.len() == 1 && offered[0].hint.is_empty(),
        "{offered:?}"
    );
    let whole: Vec<Keeper> = admin.get(&offers).await?;
    ensure!(
        whole.len() == 1 && whole[0].hint == "supervisora" && whole[0].id == offered[0].id,
        "{whole:?}"
    );
    let stands_in = Deputy {
        deputy: offered[0].id.clone(),
        begins: now - week,
        ends: now + week,
        ..Deputy::default()
    };
    let _: Value = agent.put(&away, &stands_in).await?;
    let known: Option<Deputy> = agent.get(&away).await?;
    ensure!(
        known
            .as_ref()
            .is_some_and(|known| known.deputy == offered[0].id && !known.name.is_empty()),
        "{known:?}"
    );
    let known: Option<Deputy> = admin.get(&away).await?;
    ensure!(known.is_some_and(|known| known.deputy == "supervisora"));
    let backoffice = service.client()?.sign_in("backoffice", PASSWORD).await?;
    ensure!(backoffice.put::<Value>(&away, &stands_in).await.is_err());
    ensure!(backoffice.get::<Value>(&offers).await.is_err());
    begin(admin, "for_owner", Some(customer.id)).await?;
    ensure!(inbox(&agent, "for_owner", "mine").await?.len() == 1);
    ensure!(inbox(&supervisor, "for_owner", "mine").await?.len() == 1);
    agent.delete(&away).await?;
    begin(admin, "for_owner", Some(customer.id)).await?;
    ensure!(inbox(&agent, "for_owner", "mine").await?.len() == 2);
    Ok(())
}

/// The customer is awaited: the due time goes away, and comes back with what was left of it.
async fn pauses(service: &Service, designer: &Client) -> Result<()> {
    let assignment = r#"<engage:assignment group="contact_center"/>"#;
    published(designer, "paused", PLAIN, assignment).await?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    begin(&agent, "paused", None).await?;
    let item = inbox(&agent, "paused", "all").await?;
    let item = item.first().context("no work item")?;
    ensure!(item.due.is_some() && item.paused.is_none(), "{item:?}");
    let pause = path::fill(path::WORK_ITEM_PAUSE, &[&item.id.to_string()]);
    let why = |version: i64, reason: &str| json!({"version": version, "reason": reason});
    ensure!(
        agent
            .post::<Value>(&pause, &why(item.version, " "))
            .await
            .is_err()
    );
    let _: Value = agent
        .post(&pause, &why(item.version, "Falta el comprobante"))
        .await?;
    let stale = agent.post::<Value>(&pause, &why(item.version, "x")).await;
    ensure!(stale.is_err());
    let still: WorkItem = agent.get(&path::work_item(item.id)).await?;
    ensure!(still.line.paused.is_some(), "{:?}", still.line);
    let budgets = path::fill(path::INSTANCE_BUDGETS, &[&item.instance.to_string()]);
    let ledger: Vec<Budget> = agent.get(&budgets).await?;
    let own = ledger
        .iter()
        .find(|budget| budget.activity.is_some())
        .context("no budget")?;
    ensure!(
        own.state == "paused"
            && own
                .ledger
                .iter()
                .any(|line| line.reason == "Falta el comprobante"),
        "{own:?}"
    );
    agent
        .delete(&format!("{pause}?version={}", still.line.version))
        .await?;
    let goes_on: WorkItem = agent.get(&path::work_item(item.id)).await?;
    ensure!(
        goes_on.line.paused.is_none() && goes_on.line.due >= item.due,
        "{:?}",
        goes_on.line
    );
    Ok(())
}

async fn conditions(designer: &Client, admin: &Client) -> Result<()> {
    let assignment = r#"<engage:assignment group="contact_center"/>"#;
    published(designer, "owes", OWES, assignment).await?;
    let ask = async |debt: i64| {
        let values = json!({"variables": {"debt": debt}});
        admin.post::<Vec<String>>(path::CONDITIONS, &values).await
    };
    ensure!(ask(10).await?.is_empty());
    ensure!(ask(2_000).await?.len() == 1);
    Ok(())
}

/// An order for many that has not reached all leaves the rest as it is.
async fn called_off(admin: &Client) -> Result<()> {
    for _ in 0..40 {
        begin(admin, "paused", None).await?;
    }
    let order = json!({"process": "paused", "to": 1, "reason": "prueba"});
    let made: Result<Bulk> = admin.post(path::MOVES, &order).await;
    let bulk = made.context("the order")?;
    let at = path::fill(path::BULK, &[&bulk.id.to_string()]);
    let called = admin.delete(&at).await;
    let ended = eventually("the order has ended", WAIT, || async {
        let now: Bulk = admin.get(&at).await?;
        Ok(now.ended.is_some().then_some(now))
    })
    .await?;
    // Called off, or done before that came.
    match called {
        Ok(()) => ensure!(ended.state == "cancelled", "{ended:?}"),
        Err(error) => ensure!(
            code(&error) == "wrong_state" && ended.state == "done",
            "{error} {ended:?}"
        ),
    }
    let message = json!({"name": "nothing awaits this", "variables": {}});
    ensure!(
        admin
            .post::<MessagePublished>(path::MESSAGES, &message)
            .await
            .is_err()
    );
    Ok(())
}
