//! Ways that are not the plain one, on the screen: an agent leaves an activity because something came up, somebody begins an
//! activity of a case once more, an operator takes as done what another system did without saying so. In a real browser, on
//! both databases, in whatever language it speaks.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::definitions::{Imported, Saved};
use api::path;
use api::work::{Instance, Started, WorkItem};
use journeys::{Browser, Client, Database, Options, Place, Service, eventually};
use serde_json::{Value, json};

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

const VISIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_visita" targetNamespace="urn:test">
  <error id="err" errorCode="NADIE"/><escalation id="esc" escalationCode="TARDE"/>
  <process id="p_visita" name="visita" isExecutable="true"><startEvent id="begin"/>
  <adHocSubProcess id="case" name="Caso" ordering="Parallel">
    <userTask id="task" name="Visitar al cliente"><extensionElements><engage:activity form="visit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
    <completionCondition>solved = true</completionCondition></adHocSubProcess>
  <boundaryEvent id="gone" name="No había nadie" attachedToRef="case"><errorEventDefinition errorRef="err"/></boundaryEvent>
  <boundaryEvent id="late" name="Llega tarde" attachedToRef="case" cancelActivity="false"><escalationEventDefinition escalationRef="esc"/></boundaryEvent>
  <userTask id="sorry" name="Pedir otra cita"><extensionElements><engage:activity form="visit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
  <serviceTask id="book" name="Anotar en la agenda"><extensionElements><engage:activity transaction="agenda"><engage:output from="number" to="booked"/></engage:activity></extensionElements></serviceTask>
  <endEvent id="end"/><endEvent id="other"/>
  <sequenceFlow id="a" sourceRef="begin" targetRef="case"/><sequenceFlow id="b" sourceRef="case" targetRef="end"/>
  <sequenceFlow id="c" sourceRef="gone" targetRef="sorry"/><sequenceFlow id="e" sourceRef="sorry" targetRef="other"/>
  <sequenceFlow id="f" sourceRef="late" targetRef="book"/></process>
</definitions>"#;

async fn published(designer: &Client) -> Result<()> {
    let form = json!({"kind": "form", "key": "visit_note", "name": {"es": "Nota"}, "body": {
        "key": "visit_note", "name": {"es": "Nota", "en": "Note"},
        "sections": [{"key": "all", "items": [{"field": {"key": "note", "label": {"es": "Nota", "en": "Note"}, "kind": "text"}}]}],
    }});
    let made: Saved = designer.post(path::DEFINITIONS, &form).await?;
    let to = format!("{}?file=visita&key=visita", path::IMPORT_PROCESS);
    for (kind, key, revision) in [
        ("form", "visit_note", Some(made.revision)),
        ("process", "visita", None),
    ] {
        let revision = match revision {
            Some(revision) => revision,
            None => {
                let taken: Imported = designer
                    .send(
                        reqwest::Method::POST,
                        &to,
                        "application/xml",
                        VISIT.to_owned(),
                    )
                    .await?;
                taken.saved.revision
            }
        };
        let publish = path::fill(path::PUBLISH, &[kind, key]);
        let _: Saved = designer
            .post(&publish, &json!({ "revision": revision }))
            .await
            .with_context(|| format!("publishing {key}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn an_agent_leaves_by_another_way_and_an_operator_takes_something_as_done() -> Result<()> {
    let place = Place::new("exceptions")?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        let name = database.name().to_lowercase();
        let service = Service::start(&place, &name, &database, &Options::demo())?;
        let operator = service.client()?.sign_in("admin", PASSWORD).await?;
        published(&operator).await?;
        let customer = operator.suggest("cynthia").await?;
        let customer = customer.first().context("nobody is found")?.id;
        let order = json!({"process": "visita", "customer": customer});
        let started: Started = operator.post(path::INSTANCES, &order).await?;
        let instance = path::instance(started.instance);
        let now: Instance = operator.get(&instance).await?;
        let item = now.work_items.first().context("nothing to do")?.id;

        // The agent is told of both ways. The one that does not interrupt first: the activity stays.
        let browser = Browser::open(&place, &format!("{name}-agent"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("agente", PASSWORD).await?;
        page.route(&format!("/work-items/{item}")).await?;
        page.press_id("attend-exception").await?;
        page.press_id("attend-exception-confirm").await?;
        page.element("//*[@id='attend-exception-note'][@aria-invalid='true']")
            .await?;
        page.picture(&format!("exceptions-{name}-1-ask")).await?;
        page.element("//label[contains(., 'Llega tarde')]//input")
            .await?
            .click()
            .await?;
        page.write(&page.id("attend-exception-note").await?, "hay un corte")
            .await?;
        page.press_id("attend-exception-confirm").await?;
        eventually("the call beside it to be stuck", WAIT, || async {
            let now: Instance = operator.get(&instance).await?;
            Ok((now.incidents.len() == 1
                && now
                    .work_items
                    .iter()
                    .any(|i| i.id == item && i.closed.is_none()))
            .then_some(()))
        })
        .await?;

        // Nobody was there: the case is over, and the next activity opens by itself.
        page.element("//*[@id='attend-exception'][not(@disabled)]")
            .await?;
        page.press_id("attend-exception").await?;
        page.element("//label[contains(., 'No había nadie')]//input")
            .await?
            .click()
            .await?;
        page.write(&page.id("attend-exception-note").await?, "no abren")
            .await?;
        page.press_id("attend-exception-confirm").await?;
        page.shows("Pedir otra cita").await?;
        page.picture(&format!("exceptions-{name}-2-next")).await?;
        let left: WorkItem = operator.get(&path::work_item(item)).await?;
        ensure!(left.line.state == "withdrawn", "{:?}", left.line);
        page.route(&format!("/customers/{customer}")).await?;
        page.shows("No había nadie").await?;
        page.picture(&format!("exceptions-{name}-3-history"))
            .await?;
        browser.close().await?;

        let browser = Browser::open(&place, &format!("{name}-admin"), &service.address()).await?;
        let page = browser.page();
        page.sign_in("admin", PASSWORD).await?;

        // What the other system did without saying so.
        page.press_id("rail-operations").await?;
        let cause = "//li[@data-process='visita'][@data-element='book']";
        page.element(&format!("{cause}//button[@aria-expanded='false']"))
            .await?
            .click()
            .await?;
        page.element(&format!("{cause}//button[starts-with(@id, 'accept-')]"))
            .await?
            .click()
            .await?;
        page.press_id("accept-values-add").await?;
        page.write(&page.id("accept-values-name-0").await?, "number")
            .await?;
        page.write(&page.id("accept-values-value-0").await?, "42")
            .await?;
        page.press_id("accept-send").await?;
        page.element("//*[@id='accept-reason'][@aria-invalid='true']")
            .await?;
        page.write(&page.id("accept-reason").await?, "figura en la agenda")
            .await?;
        page.picture(&format!("exceptions-{name}-4-accept")).await?;
        page.press_id("accept-send").await?;
        page.id("incidents-none").await?;
        eventually("the task to know what it gave", WAIT, || async {
            let now: Instance = operator.get(&instance).await?;
            Ok((now.incidents.is_empty() && now.variables["booked"] == 42).then_some(()))
        })
        .await?;

        // Another case, of which something is begun once more.
        let started: Started = operator.post(path::INSTANCES, &order).await?;
        let instance = path::instance(started.instance);
        page.route(&format!("/instances/{}", started.instance))
            .await?;
        page.press_id("begin-task").await?;
        eventually("a second visit", WAIT, || async {
            let now: Instance = operator.get(&instance).await?;
            Ok((now.work_items.len() == 2).then_some(()))
        })
        .await?;
        let two: Value = json!(2);
        eventually("both on the screen", WAIT, || async {
            let seen = page
                .run("return document.querySelectorAll('.instance .choices a').length")
                .await?;
            Ok((seen == two).then_some(()))
        })
        .await?;
        page.picture(&format!("exceptions-{name}-5-case")).await?;
        browser.close().await?;
    }
    Ok(())
}
