//! A designer imports a decision that another tool wrote, reads its tables, chooses it in a business rule task on the canvas and
//! publishes both; agents start the process and their answers go the way that the table says. Where the table contradicts itself,
//! the instance stops as an incident and goes on when it is mended. In a real browser, on both databases.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use api::definitions::{Definition, Saved};
use api::path;
use api::work::{Instance, Started};
use journeys::{Browser, Client, Database, Options, Page, Place, Service, eventually};
use serde_json::json;

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

/// With a fault that shows only when it is asked: two rows hold for 2,500.
const DMN: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="Concesión de crédito" namespace="urn:test">
  <inputData id="i1" name="income"><variable name="income" typeRef="number"/></inputData>
  <decision id="grade" name="Clase de riesgo"><variable name="Clase de riesgo" typeRef="string"/>
    <informationRequirement id="r1"><requiredInput href="#i1"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE"><input id="a"><inputExpression typeRef="number"><text>income</text></inputExpression></input>
      <output id="o" typeRef="string"/>
      <annotation name="Norma"/>
      <rule id="x1"><inputEntry id="e1"><text>&gt;= 2000</text></inputEntry><outputEntry id="f1"><text>"A"</text></outputEntry><annotationEntry><text>CR-12</text></annotationEntry></rule>
      <rule id="x2"><inputEntry id="e2"><text>&lt; 2000</text></inputEntry><outputEntry id="f2"><text>"B"</text></outputEntry><annotationEntry><text>CR-13, con garantía de un tercero cuando la haya</text></annotationEntry></rule>
      <rule id="x3"><inputEntry id="e3"><text>2500</text></inputEntry><outputEntry id="f3"><text>"C"</text></outputEntry><annotationEntry><text/></annotationEntry></rule>
    </decisionTable></decision>
  <decision id="answer" name="Respuesta"><variable name="Respuesta"/>
    <informationRequirement id="r2"><requiredDecision href="#grade"/></informationRequirement>
    <decisionTable hitPolicy="FIRST"><input id="b"><inputExpression typeRef="string"><text>Clase de riesgo</text></inputExpression></input>
      <output id="p" name="granted" typeRef="boolean"/><output id="q" name="rate" typeRef="number"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>
      <rule id="y1"><inputEntry id="g1"><text>"A"</text></inputEntry><outputEntry id="k1"><text>true</text></outputEntry><outputEntry id="l1"><text>4.5</text></outputEntry></rule>
      <rule id="y2"><inputEntry id="g2"><text>-</text></inputEntry><outputEntry id="k2"><text>false</text></outputEntry><outputEntry id="l2"><text>0</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"##;

const BPMN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_credito" targetNamespace="urn:test">
  <process id="p_credito" name="Crédito" isExecutable="true"><startEvent id="begin"/>
  <businessRuleTask id="ask" name="Evaluar la solicitud"/>
  <exclusiveGateway id="choice" default="d"/>
  <userTask id="grant" name="Llamar para firmar"><extensionElements><engage:activity form="credit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
  <userTask id="deny" name="Explicar la negativa"><extensionElements><engage:activity form="credit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
  <endEvent id="yes"/><endEvent id="no"/>
  <sequenceFlow id="a" sourceRef="begin" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="choice"/>
  <sequenceFlow id="c" sourceRef="choice" targetRef="grant"><conditionExpression xsi:type="tFormalExpression">answer.granted = true</conditionExpression></sequenceFlow>
  <sequenceFlow id="d" sourceRef="choice" targetRef="deny"/>
  <sequenceFlow id="e" sourceRef="grant" targetRef="yes"/><sequenceFlow id="f" sourceRef="deny" targetRef="no"/></process>
</definitions>"#;

#[tokio::test]
async fn a_decision_is_imported_chosen_in_a_task_and_asked() -> Result<()> {
    let place = Place::new("decisions")?;
    let dmn = place.path().join("credito.dmn");
    let bpmn = place.path().join("credito.bpmn");
    fs::write(&dmn, DMN)?;
    fs::write(&bpmn, BPMN)?;
    for database in Database::all(&place)? {
        println!("on {}", database.name());
        story(&place, &database, &dmn, &bpmn).await?;
    }
    Ok(())
}

async fn story(place: &Place, database: &Database, dmn: &Path, bpmn: &Path) -> Result<()> {
    let name = database.name().to_lowercase();
    let service = Service::start(place, &name, database, &Options::demo())?;
    let admin = service.client()?.sign_in("admin", PASSWORD).await?;
    form(&admin).await?;

    let desk = format!("{name}-designer");
    let browser = Browser::open_sized(place, &desk, &service.address(), (1440, 900)).await?;
    let page = browser.page();
    page.sign_in("disenadora", PASSWORD).await?;
    import(page, dmn).await?;
    page.id("decision-asked").await?;
    page.shows("Clase de riesgo").await?;
    page.shows("CR-12").await?;
    page.picture(&format!("decisions-{name}-1-tables")).await?;
    publish(page, "v1").await?;

    import(page, bpmn).await?;
    // Without a decision the task would stop each instance: that is said before it is published.
    page.shows("«Evaluar la solicitud» no dice qué tabla de decisión usa.")
        .await?;
    page.press("Dibujar").await?;
    page.id("canvas").await?;
    page.id("element-ask").await?;
    choose(page, "ask").await?;
    let offered = page
        .element("//*[@id='task-decision']/option[@value='concesion_de_credito']")
        .await?;
    ensure!(
        offered.text().await? == "Concesión de crédito",
        "{}",
        offered.text().await?
    );
    offered.click().await?;
    let result = page.id("task-result").await?;
    page.write(&result, "answer").await?;
    page.picture(&format!("decisions-{name}-2-task")).await?;
    saved(page).await?;
    publish(page, "v1").await?;

    // What the table says is what happens.
    let customer = admin.suggest("cynthia").await?;
    let customer = customer.first().context("nobody is found")?.id;
    let start = async |income: u32| -> Result<String> {
        let order =
            json!({"process": "credito", "customer": customer, "variables": {"income": income}});
        let started: Started = admin.post(path::INSTANCES, &order).await?;
        Ok(path::instance(started.instance))
    };
    for (income, task) in [(3_000, "grant"), (1_000, "deny")] {
        let instance = start(income).await?;
        let now = stands(&admin, &instance, task).await?;
        let answer = &now.variables["answer"];
        ensure!(answer["granted"] == json!(task == "grant"), "{answer}");
    }

    // The contradiction: an incident that says so, in the words of the table.
    let torn = start(2_500).await?;
    let said = eventually("the incident", WAIT, || async {
        let now: Instance = admin.get(&torn).await?;
        Ok(now.incidents.first().map(|one| one.sentence.clone()))
    })
    .await?;
    ensure!(said.contains("concesion_de_credito"), "{said}");
    page.route("/designer/decision/concesion_de_credito")
        .await?;
    page.id("decision-asked").await?;
    let mended = place.path().join("mended.dmn");
    let row = DMN
        .find("<rule id=\"x3\"")
        .zip(DMN.find("</rule>\n    </decisionTable></decision>\n  <decision id=\"answer\""))
        .context("the row that contradicts")?;
    let text = format!("{}{}", &DMN[..row.0], &DMN[row.1 + "</rule>".len()..]);
    fs::write(&mended, text)?;
    let input = page.id("decision-file").await?;
    input
        .send_keys(mended.to_str().context("a path of letters")?)
        .await?;
    page.shows("2 reglas").await?;
    saved(page).await?;
    publish(page, "v2").await?;
    browser.close().await?;

    let desk = format!("{name}-admin");
    let browser = Browser::open_sized(place, &desk, &service.address(), (1440, 900)).await?;
    let page = browser.page();
    page.sign_in("admin", PASSWORD).await?;
    page.press_id("rail-operations").await?;
    let cause = "//li[@data-process='credito'][@data-element='ask']";
    page.element(&format!("{cause}//button[@aria-expanded='false']"))
        .await?
        .click()
        .await?;
    page.picture(&format!("decisions-{name}-3-incident"))
        .await?;
    page.press_id("retry-all").await?;
    page.write(&page.id("retry-reason").await?, "tabla corregida")
        .await?;
    page.press_id("retry-send").await?;
    stands(&admin, &torn, "grant").await?;
    browser.close().await
}

async fn form(designer: &Client) -> Result<()> {
    let form = json!({"kind": "form", "key": "credit_note", "name": {"es": "Nota"}, "body": {
        "key": "credit_note", "name": {"es": "Nota", "en": "Note"},
        "sections": [{"key": "all", "items": [{"field": {"key": "note", "label": {"es": "Nota", "en": "Note"}, "kind": "text"}}]}],
    }});
    let made: Saved = designer.post(path::DEFINITIONS, &form).await?;
    let order = json!({ "revision": made.revision });
    let publish = path::fill(path::PUBLISH, &["form", "credit_note"]);
    let _: Saved = designer.post(&publish, &order).await?;
    let known: Definition = designer
        .get(&path::definition("form", "credit_note"))
        .await?;
    ensure!(known.problems.is_empty(), "{:?}", known.problems);
    Ok(())
}

async fn import(page: &Page, file: &Path) -> Result<()> {
    page.route("/designer").await?;
    page.press_id("designer-import").await?;
    let input = page.id("designer-file").await?;
    input
        .send_keys(file.to_str().context("a path of letters")?)
        .await?;
    Ok(())
}

async fn saved(page: &Page) -> Result<()> {
    eventually("all to be saved", WAIT, || async {
        let state = page.id("draft-state").await?.text().await?;
        Ok((state.trim() == "Guardado").then_some(()))
    })
    .await
}

async fn publish(page: &Page, version: &str) -> Result<()> {
    page.press_id("publish").await?;
    page.press_id("publish-confirm").await?;
    page.shows(version).await
}

/// The instance, once a work item of that activity is open.
async fn stands(client: &Client, instance: &str, task: &str) -> Result<Instance> {
    eventually(task, WAIT, || async {
        let now: Instance = client.get(instance).await?;
        let there = now
            .steps
            .iter()
            .any(|step| step.element == task && step.left.is_none());
        Ok(there.then_some(now))
    })
    .await
}

async fn choose(page: &Page, element: &str) -> Result<()> {
    page.run(&format!(
        "const e = document.getElementById('element-{element}'); const p = e.querySelector('.bpmn-hit') || e; \
         const r = p.getBoundingClientRect(); const at = {{clientX: r.x + r.width / 2, clientY: r.y + r.height / 2}}; \
         for (const kind of ['pointerdown', 'pointerup']) \
           p.dispatchEvent(new PointerEvent(kind, {{bubbles: true, button: 0, pointerId: 1, ...at}}))"
    ))
    .await?;
    Ok(())
}
