//! What the engine cannot do by itself, on the screen: steps that are stuck, by their cause, and tried again once it is
//! mended; running tasks moved to a newer version and back; what is left of a task's time. In a real browser, on both
//! databases, in whatever language it speaks.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::definitions::{Definition, Imported, Saved};
use api::engine::{IncidentGroup, MessagePublished, Operation};
use api::work::{Instance, Started, WorkItem};
use api::{of, path};
use journeys::{Browser, Client, Database, Options, Page, Place, Service, eventually};
use kernel::Id;
use serde_json::{Value, json};

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

fn document(key: &str, body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  id="d_{key}" targetNamespace="urn:test">
  <message id="m" name="pedido {key}"/>
  <process id="p_{key}" name="{key}" isExecutable="true">{body}</process>
</definitions>"#
    )
}

/// Goes on where the number is below zero or above five: what lies between is an incident until somebody gives another.
const STUCK: &str = r#"<startEvent id="placed"><messageEventDefinition messageRef="m"/></startEvent>
  <exclusiveGateway id="choice" name="¿Cuánto?"/><endEvent id="much"/><endEvent id="less"/>
  <sequenceFlow id="a" sourceRef="placed" targetRef="choice"/>
  <sequenceFlow id="b" sourceRef="choice" targetRef="much"><conditionExpression xsi:type="tFormalExpression">n &gt; 5</conditionExpression></sequenceFlow>
  <sequenceFlow id="c" sourceRef="choice" targetRef="less"><conditionExpression xsi:type="tFormalExpression">n &lt; 0</conditionExpression></sequenceFlow>"#;
/// Begins at a message and waits ten hours.
const SLOW: &str = r#"<startEvent id="placed"><messageEventDefinition messageRef="m"/></startEvent>
  <intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT10H</timeDuration></timerEventDefinition></intermediateCatchEvent>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="placed" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="end"/>"#;

/// Brings a process in and publishes it; a second time, as the next version.
async fn published(designer: &Client, key: &str, body: &str) -> Result<()> {
    let text = document(key, body);
    let at = path::definition("process", key);
    let revision = match designer.get::<Definition>(&at).await {
        Err(_) => {
            let to = format!("{}?file={key}&key={key}", path::IMPORT_PROCESS);
            let taken: Imported = designer
                .send(reqwest::Method::POST, &to, "application/xml", text)
                .await?;
            taken.saved.revision
        }
        Ok(known) => {
            let mut body = known.body.clone();
            body["bpmn"] = json!(text);
            let draft = path::fill(path::DRAFT, &["process", key]);
            let saved: Saved = designer
                .put(&draft, &json!({"revision": known.revision, "body": body}))
                .await?;
            saved.revision
        }
    };
    let publish = path::fill(path::PUBLISH, &["process", key]);
    let _: Saved = designer
        .post(&publish, &json!({ "revision": revision }))
        .await
        .with_context(|| format!("publishing {key}"))?;
    Ok(())
}

async fn begun(
    operator: &Client,
    key: &str,
    customer: Option<Id<of::Customer>>,
) -> Result<Id<of::Instance>> {
    let message =
        json!({"name": format!("pedido {key}"), "variables": {"n": 3}, "customer": customer});
    let answer: MessagePublished = operator.post(path::MESSAGES, &message).await?;
    answer
        .instances
        .first()
        .copied()
        .context("nothing was begun")
}

#[tokio::test]
async fn what_is_stuck_is_seen_mended_and_moved_on_the_screen() -> Result<()> {
    let place = Place::new("operations")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
        let operator = service.client()?.sign_in("admin", PASSWORD).await?;
        let agent = service.client()?.sign_in("agente", PASSWORD).await?;
        let browser = Browser::open(&place, &format!("{name}-admin"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("admin", PASSWORD).await?;
        mended(page, &designer, &operator, &name).await?;
        moved(page, &designer, &operator, &name).await?;
        waited(page, &agent, &name).await?;
        browser.close().await?;

        // Who may neither see incidents nor change what runs has no such place, by whatever way they come.
        let browser = Browser::open(&place, &format!("{name}-agent"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("agente", PASSWORD).await?;
        page.id("rail-inbox").await?;
        let there = page
            .run("return document.getElementById('rail-operations') !== null")
            .await?;
        ensure!(there == false, "the agent has a way to the operations");
        browser.close().await?;
    }
    Ok(())
}

/// The cause of the stuck process, in the list.
const CAUSE: &str = "//li[@data-process='trabada'][@data-element='choice']";

async fn groups(operator: &Client) -> Result<Vec<IncidentGroup>> {
    let all: Vec<IncidentGroup> = operator.get(path::INCIDENT_GROUPS).await?;
    Ok(all
        .into_iter()
        .filter(|group| group.process.key == "trabada")
        .collect())
}

async fn mended(page: &Page, designer: &Client, operator: &Client, name: &str) -> Result<()> {
    let customer = operator
        .suggest("cynthia")
        .await?
        .into_iter()
        .next()
        .context("nobody is found")?
        .id;
    page.press_id("rail-operations").await?;
    page.id("incidents-none").await?;
    page.picture(&format!("operations-{name}-1-nothing-stuck"))
        .await?;

    published(designer, "trabada", STUCK).await?;
    let mut instances = Vec::new();
    for whose in [Some(customer), Some(customer), None] {
        instances.push(begun(operator, "trabada", whose).await?);
    }
    eventually("three incidents of one cause", WAIT, || async {
        let groups = groups(operator).await?;
        Ok((groups.len() == 1 && groups[0].count == 3).then_some(()))
    })
    .await?;

    // It appears by itself, with its number; opened, it tells whose the tasks are.
    let count = page
        .element(&format!(
            "{CAUSE}//*[contains(@class, 'count')][normalize-space(.)='3']"
        ))
        .await?;
    drop(count);
    page.element(&format!("{CAUSE}//button[@aria-expanded='false']"))
        .await?
        .click()
        .await?;
    page.element(&format!("{CAUSE}//button[@aria-expanded='true']"))
        .await?;
    page.element(&format!("{CAUSE}//a[@href='/customers/{customer}']"))
        .await?;
    for instance in &instances {
        page.element(&format!("{CAUSE}//a[@href='/instances/{instance}']"))
            .await?;
    }
    page.picture(&format!("operations-{name}-2-cause")).await?;

    // One of them, as it is: an order wants a reason, and what fails once more comes back.
    page.element(&format!(
        "{CAUSE}//button[starts-with(@id, 'retry-')][not(@id='retry-all')]"
    ))
    .await?
    .click()
    .await?;
    page.press_id("retry-send").await?;
    page.element("//*[@id='retry-reason'][@aria-invalid='true']")
        .await?;
    page.write(&page.id("retry-reason").await?, "a ver si anda")
        .await?;
    page.press_id("retry-send").await?;
    result(page, 1).await?;
    page.press_id("order-close").await?;
    eventually("what was not mended to be back", WAIT, || async {
        let groups = groups(operator).await?;
        Ok((groups.len() == 1 && groups[0].count == 3).then_some(()))
    })
    .await?;

    // All of them, with a value that leads on: none is left, and they have come to their end.
    page.press_id("retry-all").await?;
    page.press_id("retry-values-add").await?;
    page.write(&page.id("retry-values-name-0").await?, "n")
        .await?;
    page.write(&page.id("retry-values-value-0").await?, "7")
        .await?;
    page.write(&page.id("retry-reason").await?, "faltaba el número")
        .await?;
    page.picture(&format!("operations-{name}-3-retry")).await?;
    page.press_id("retry-send").await?;
    result(page, 3).await?;
    page.id("incidents-none").await?;
    page.picture(&format!("operations-{name}-4-mended")).await?;
    for instance in instances {
        eventually("a mended task to end", WAIT, || async {
            let now: Instance = operator.get(&path::instance(instance)).await?;
            Ok((now.line.state == "completed" && now.variables["n"] == 7).then_some(()))
        })
        .await?;
    }

    page.press_id("tab-letters").await?;
    page.id("letters-none").await?;
    Ok(())
}

/// Waits until the order is done, so many of it and none refused.
async fn result(page: &Page, done: u32) -> Result<()> {
    page.element(&format!(
        "//*[@id='order-result'][@data-state='done'][@data-done='{done}'][@data-refused='0']"
    ))
    .await
    .map(drop)
}

async fn moved(page: &Page, designer: &Client, operator: &Client, name: &str) -> Result<()> {
    published(designer, "lenta", SLOW).await?;
    let mut instances = Vec::new();
    for _ in 0..2 {
        instances.push(begun(operator, "lenta", None).await?);
    }
    // In the second version the wait has another id.
    published(designer, "lenta", &SLOW.replace("\"wait\"", "\"pause\"")).await?;

    // The processes are read when the part is opened.
    page.press_id("tab-moves").await?;
    page.press_id("operations-refresh").await?;
    page.write(&page.id("moves-process").await?, "lenta")
        .await?;
    page.element("//*[@role='option'][contains(., 'lenta')]")
        .await?
        .click()
        .await?;
    page.press_id("moves-look").await?;
    page.element("//*[@id='moves-sum'][@data-moves='0'][@data-impossible='2']")
        .await?;
    let told = page
        .element("//tr[@data-verdict='impossible']")
        .await?
        .text()
        .await?;
    ensure!(told.contains("wait"), "it does not say why: {told:?}");
    page.picture(&format!("operations-{name}-5-impossible"))
        .await?;

    // Told what it is called now, both can go.
    page.element("//details/summary").await?.click().await?;
    page.press_id("moves-renamed-add").await?;
    page.write(&page.id("moves-renamed-name-0").await?, "wait")
        .await?;
    page.write(&page.id("moves-renamed-value-0").await?, "pause")
        .await?;
    page.press_id("moves-look").await?;
    page.element("//*[@id='moves-sum'][@data-moves='2'][@data-impossible='0']")
        .await?;
    page.press_id("moves-order").await?;
    page.write(&page.id("moves-reason").await?, "nueva norma")
        .await?;
    page.press_id("moves-send").await?;
    result(page, 2).await?;
    page.picture(&format!("operations-{name}-6-moved")).await?;

    // One of them goes back, in its own page.
    let instance = instances[0];
    let at = path::fill(path::INSTANCE_OPERATION, &[&instance.to_string()]);
    let now: Operation = operator.get(&at).await?;
    ensure!(now.version == 2, "{now:?}");
    page.route(&format!("/instances/{instance}")).await?;
    let made = now.moves.first().context("no move")?.id;
    page.id("instance-moves").await?;
    page.press_id(&format!("undo-{made}")).await?;
    eventually("the move to be undone", WAIT, || async {
        let now: Operation = operator.get(&at).await?;
        Ok((now.version == 1).then_some(()))
    })
    .await?;
    page.picture(&format!("operations-{name}-7-undone")).await?;
    Ok(())
}

/// A customer is awaited: the task's page says since when its time stands still, and why.
async fn waited(page: &Page, agent: &Client, name: &str) -> Result<()> {
    let customer = agent
        .suggest("cynthia")
        .await?
        .into_iter()
        .next()
        .context("nobody is found")?;
    let start = json!({"process": "billing_claim", "customer": customer.id});
    let started: Started = agent.post(path::INSTANCES, &start).await?;
    let item = *started.work_items.first().context("no work item")?;
    let whole: WorkItem = agent.get(&path::work_item(item)).await?;
    let pause = path::fill(path::WORK_ITEM_PAUSE, &[&item.to_string()]);
    let ask = json!({"version": whole.line.version, "reason": "falta la factura de marzo"});
    let _: Value = agent.post(&pause, &ask).await?;
    page.route(&format!("/instances/{}", started.instance))
        .await?;
    page.element(
        "//*[@id='instance-levels']//li[@data-state='paused'][contains(., 'falta la factura de marzo')]",
    )
    .await?;
    page.element("//*[@id='instance-levels']//summary")
        .await?
        .click()
        .await?;
    page.element("//*[@id='instance-levels']//ol/li[contains(., 'falta la factura de marzo')]")
        .await?;
    page.picture(&format!("operations-{name}-8-waits")).await?;
    Ok(())
}
