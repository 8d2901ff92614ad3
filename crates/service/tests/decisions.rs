//! Business rule tasks ask published decisions: DMN files are imported, checked, published, asked, and asked anew when
//! another version is published. On both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::time::Duration;

use api::path;
use axum::body::Body;
use axum::http::{Request, header};
use house::House;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const DEMO: &str = "violeta-lluvia-tren";

/// Who gets a credit: by income, and never while a debt is open.
fn credit(limit: u32) -> String {
    format!(
        r##"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="Crédito" namespace="urn:test">
  <inputData id="i1" name="income"><variable name="income" typeRef="number"/></inputData>
  <inputData id="i2" name="debt"><variable name="debt" typeRef="boolean"/></inputData>
  <decision id="grade" name="grade"><variable name="grade" typeRef="string"/>
    <informationRequirement id="r1"><requiredInput href="#i1"/></informationRequirement>
    <decisionTable hitPolicy="FIRST"><input id="a"><inputExpression typeRef="number"><text>income</text></inputExpression></input>
      <output id="o" typeRef="string"/>
      <rule id="x1"><inputEntry id="e1"><text>&gt;= {limit}</text></inputEntry><outputEntry id="f1"><text>"A"</text></outputEntry></rule>
      <rule id="x2"><inputEntry id="e2"><text>-</text></inputEntry><outputEntry id="f2"><text>"B"</text></outputEntry></rule>
    </decisionTable></decision>
  <decision id="answer" name="answer"><variable name="answer"/>
    <informationRequirement id="r2"><requiredDecision href="#grade"/></informationRequirement>
    <informationRequirement id="r3"><requiredInput href="#i2"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE"><input id="b"><inputExpression typeRef="string"><text>grade</text></inputExpression></input>
      <input id="c"><inputExpression typeRef="boolean"><text>debt</text></inputExpression></input>
      <output id="p" name="granted" typeRef="boolean"/><output id="q" name="rate" typeRef="number"/>
      <rule id="y1"><inputEntry id="g1"><text>"A"</text></inputEntry><inputEntry id="h1"><text>false</text></inputEntry><outputEntry id="k1"><text>true</text></outputEntry><outputEntry id="l1"><text>4.5</text></outputEntry></rule>
      <rule id="y2"><inputEntry id="g2"><text>"B"</text></inputEntry><inputEntry id="h2"><text>false</text></inputEntry><outputEntry id="k2"><text>false</text></outputEntry><outputEntry id="l2"><text>0</text></outputEntry></rule>
      <rule id="y3"><inputEntry id="g3"><text>-</text></inputEntry><inputEntry id="h3"><text>true</text></inputEntry><outputEntry id="k3"><text>false</text></outputEntry><outputEntry id="l3"><text>0</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"##
    )
}

fn process(decision: &str, result: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_credit" targetNamespace="urn:test"><message id="m" name="pedido"/>
  <process id="p_credit" name="pedido" isExecutable="true"><startEvent id="begin"><messageEventDefinition messageRef="m"/></startEvent>
  <businessRuleTask id="ask" name="Evaluar"><extensionElements><engage:activity decision="{decision}" result="{result}"/></extensionElements></businessRuleTask>
  <exclusiveGateway id="choice" default="d"/><endEvent id="yes"/><endEvent id="no"/>
  <sequenceFlow id="a" sourceRef="begin" targetRef="ask"/><sequenceFlow id="b" sourceRef="ask" targetRef="choice"/>
  <sequenceFlow id="c" sourceRef="choice" targetRef="yes"><conditionExpression xsi:type="tFormalExpression">{}</conditionExpression></sequenceFlow>
  <sequenceFlow id="d" sourceRef="choice" targetRef="no"/></process>
</definitions>"#,
        if result.is_empty() {
            "granted = true"
        } else {
            "verdict.granted = true"
        }
    )
}

async fn import(house: &House, token: &str, to: &str, text: String) -> (u16, Value) {
    let request = Request::post(to)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/xml")
        .body(Body::from(text))
        .unwrap();
    let answer = house.router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn publish(house: &House, token: &str, kind: &str, key: &str, revision: &Value) -> Value {
    let at = path::fill(path::PUBLISH, &[kind, key]);
    let order = json!({ "revision": revision });
    let (status, told) = house.call(token, "POST", &at, order).await;
    assert_eq!(status, 200, "{told}");
    told
}

/// Where an instance stands when it has nothing more to do, or cannot go on.
async fn settled(house: &House, token: &str, values: Value) -> Value {
    let order = json!({"name": "pedido", "variables": values});
    let (status, told) = house.call(token, "POST", path::MESSAGES, order).await;
    assert_eq!(status, 200, "{told}");
    let instance = told["instances"][0].as_str().unwrap().to_owned();
    again(house, token, &instance).await
}

async fn again(house: &House, token: &str, instance: &str) -> Value {
    let at = path::fill(path::INSTANCE, &[instance]);
    for _ in 0..300 {
        let (_, now) = house.get(token, &at).await;
        if now["line"]["state"] != "running" || now["incidents"] != json!([]) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{instance} waits for ever");
}

fn ended_at(instance: &Value) -> &str {
    let steps = instance["steps"].as_array().unwrap();
    steps.last().unwrap()["element"].as_str().unwrap()
}

/// Which version of which decision the history says was asked.
fn asked(instance: &Value) -> &str {
    let steps = instance["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["element"] == "ask").unwrap();
    step["outcome"].as_str().unwrap()
}

/// A table that contradicts itself stops the instance, in the reader's language; mended and published, it is asked again.
async fn torn(house: &House, admin: &str) {
    let save = async |dmn: String| {
        let (_, known) = house
            .get(admin, &path::definition("decision", "credit"))
            .await;
        let mut body = known["body"].clone();
        body["dmn"] = json!(dmn);
        let draft = path::fill(path::DRAFT, &["decision", "credit"]);
        let order = json!({"revision": known["revision"], "body": body});
        let (status, saved) = house.call(admin, "PUT", &draft, order).await;
        assert_eq!(status, 200, "{saved}");
        publish(house, admin, "decision", "credit", &saved["revision"]).await;
    };
    let overlapping = credit(2_000).replace(
        r#"<text>"B"</text></inputEntry>"#,
        "<text>-</text></inputEntry>",
    );
    assert_ne!(overlapping, credit(2_000));
    save(overlapping).await;
    let now = settled(house, admin, json!({"income": 2500, "debt": false})).await;
    let instance = now["line"]["id"].as_str().unwrap().to_owned();
    let mut sentences = Vec::new();
    for language in ["es", "en"] {
        let request = Request::get(path::INCIDENT_GROUPS)
            .header(header::AUTHORIZATION, format!("Bearer {admin}"))
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .unwrap();
        let answer = house.router.clone().oneshot(request).await.unwrap();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        let groups: Value = serde_json::from_slice(&bytes).unwrap();
        let group = &groups[0];
        assert_eq!(
            (&group["element"], &group["count"]),
            (&json!("ask"), &json!(1)),
            "{group}"
        );
        sentences.push(group["detail"].as_str().unwrap().to_owned());
    }
    assert!(
        sentences[0].starts_with("La decisión «credit» no se pudo calcular."),
        "{sentences:?}"
    );
    assert!(
        sentences[1].starts_with("The decision “credit” could not be computed."),
        "{sentences:?}"
    );
    assert!(
        sentences
            .iter()
            .all(|one| !one.ends_with("computed.") && !one.ends_with("calcular.")),
        "{sentences:?}"
    );

    save(credit(2_000)).await;
    let order = json!({"process": "pedido", "element": "ask", "reason": "mended"});
    let (status, told) = house
        .call(admin, "POST", path::INCIDENTS_RETRY, order)
        .await;
    assert_eq!(status, 202, "{told}");
    for _ in 0..300 {
        let now = again(house, admin, &instance).await;
        if now["line"]["state"] != "running" {
            assert_eq!(ended_at(&now), "yes", "{now}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{instance} was not tried again");
}

async fn story(database: store::testing::TestDb) {
    let house = House::start(database, true).await;
    let admin = house.sign_in("admin", DEMO).await;
    let to = format!("{}?file=credito.dmn&key=credit", path::IMPORT_DECISION);

    // What is no decision is refused with its line.
    let broken = credit(1_000).replace("</definitions>", "");
    let (status, told) = import(&house, &admin, &to, broken).await;
    assert_eq!(
        (status, &told["code"]),
        (422, &json!("bad_definition")),
        "{told}"
    );
    let none = r#"<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="x" namespace="n"/>"#;
    let (status, told) = import(&house, &admin, &to, none.to_owned()).await;
    assert_eq!(
        (status, &told["fields"][0]["code"]),
        (422, &json!("no_decision")),
        "{told}"
    );

    // A process that asks what is not published is not published, either.
    let place = format!("{}?file=pedido&key=pedido", path::IMPORT_PROCESS);
    let (status, told) = import(&house, &admin, &place, process("credit", "")).await;
    assert_eq!(status, 201, "{told}");
    let revision = told["saved"]["revision"].clone();
    let at = path::fill(path::PUBLISH, &["process", "pedido"]);
    let order = json!({ "revision": revision });
    let (status, told) = house.call(&admin, "POST", &at, order).await;
    assert_eq!(
        (status, &told["fields"][0]["code"]),
        (422, &json!("task_with_unknown_decision")),
        "{told}"
    );

    let (status, made) = import(&house, &admin, &to, credit(1_000)).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(made["saved"]["problems"], json!([]), "{made}");
    publish(
        &house,
        &admin,
        "decision",
        "credit",
        &made["saved"]["revision"],
    )
    .await;
    publish(&house, &admin, "process", "pedido", &revision).await;

    let rich = json!({"income": 1500, "debt": false});
    let now = settled(&house, &admin, rich.clone()).await;
    assert_eq!(
        (ended_at(&now), &now["variables"]["rate"]),
        ("yes", &json!(4.5)),
        "{now}"
    );
    assert_eq!(asked(&now), "credit v1");
    let now = settled(&house, &admin, json!({"income": 1500, "debt": true})).await;
    assert_eq!(
        (ended_at(&now), &now["variables"]["granted"]),
        ("no", &json!(false)),
        "{now}"
    );

    // Another version, and what begins now goes by it.
    let definition = path::definition("decision", "credit");
    let (_, known) = house.get(&admin, &definition).await;
    let mut body = known["body"].clone();
    body["dmn"] = json!(credit(2_000));
    let draft = path::fill(path::DRAFT, &["decision", "credit"]);
    let order = json!({"revision": known["revision"], "body": body});
    let (status, saved) = house.call(&admin, "PUT", &draft, order).await;
    assert_eq!(status, 200, "{saved}");
    publish(&house, &admin, "decision", "credit", &saved["revision"]).await;
    let now = settled(&house, &admin, rich.clone()).await;
    assert_eq!((ended_at(&now), asked(&now)), ("no", "credit v2"));

    // A cell that cannot be read is told with its place, and is not published.
    let mut wrong = body.clone();
    wrong["dmn"] = json!(credit(2_000).replace("&gt;= 2000", "&gt;= (("));
    let (_, known) = house.get(&admin, &definition).await;
    let order = json!({"revision": known["revision"], "body": wrong});
    let (status, saved) = house.call(&admin, "PUT", &draft, order).await;
    assert_eq!(status, 200, "{saved}");
    let problem = &saved["problems"][0];
    assert_eq!(
        (&problem["field"], &problem["code"]),
        (&json!("grade"), &json!("bad_decision")),
        "{saved}"
    );
    let at = path::fill(path::PUBLISH, &["decision", "credit"]);
    let order = json!({"revision": saved["revision"]});
    assert_eq!(house.call(&admin, "POST", &at, order).await.0, 422);

    // The result as a whole goes into a variable where one is named.
    let process_at = path::definition("process", "pedido");
    let (_, known) = house.get(&admin, &process_at).await;
    let mut body = known["body"].clone();
    body["bpmn"] = json!(process("credit", "verdict"));
    let draft = path::fill(path::DRAFT, &["process", "pedido"]);
    let order = json!({"revision": known["revision"], "body": body});
    let (_, saved) = house.call(&admin, "PUT", &draft, order).await;
    publish(&house, &admin, "process", "pedido", &saved["revision"]).await;
    let now = settled(&house, &admin, json!({"income": 2500, "debt": false})).await;
    assert_eq!(ended_at(&now), "yes", "{now}");
    assert_eq!(
        now["variables"]["verdict"],
        json!({"granted": true, "rate": 4.5})
    );
    assert!(now["variables"].get("granted").is_none());
    torn(&house, &admin).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_ask_published_decisions_on_sqlite() {
    story(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_ask_published_decisions_on_postgres() {
    if let Some(database) = store::testing::postgres().await {
        story(database).await;
    }
}
