//! Exceptions at work items and activities of a case, by the routes: who may, what is told, what is kept. On both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use api::path;
use axum::body::Body;
use axum::http::{Request, header};
use house::House;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const DEMO: &str = "violeta-lluvia-tren";

const VISIT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_visit" targetNamespace="urn:test">
  <error id="err" errorCode="NOBODY"/>
  <process id="p_visit" name="visit" isExecutable="true"><startEvent id="begin"/>
  <adHocSubProcess id="case" name="Caso" ordering="Parallel">
    <userTask id="task" name="Visitar"><extensionElements><engage:activity form="visit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
    <completionCondition>solved = true</completionCondition></adHocSubProcess>
  <boundaryEvent id="gone" name="No había nadie" attachedToRef="case"><errorEventDefinition errorRef="err"/></boundaryEvent>
  <userTask id="sorry" name="Avisar"><extensionElements><engage:activity form="visit_note"><engage:assignment group="contact_center"/><engage:outcome key="done" labelEs="Hecho"/></engage:activity></extensionElements></userTask>
  <endEvent id="end"/><endEvent id="other"/>
  <sequenceFlow id="a" sourceRef="begin" targetRef="case"/><sequenceFlow id="b" sourceRef="case" targetRef="end"/>
  <sequenceFlow id="c" sourceRef="gone" targetRef="sorry"/><sequenceFlow id="e" sourceRef="sorry" targetRef="other"/></process>
</definitions>"#;

async fn publish(house: &House, designer: &str) {
    let form = json!({"kind": "form", "key": "visit_note", "name": {"es": "Nota"}, "body": {
        "key": "visit_note", "name": {"es": "Nota", "en": "Note"},
        "sections": [{"key": "all", "items": [{"field": {"key": "note", "label": {"es": "Nota", "en": "Note"}, "kind": "text"}}]}],
    }});
    let (status, made) = house.call(designer, "POST", path::DEFINITIONS, form).await;
    assert_eq!(status, 201, "{made}");
    let publish = path::fill(path::PUBLISH, &["form", "visit_note"]);
    let revision = json!({"revision": made["revision"]});
    let (status, told) = house.call(designer, "POST", &publish, revision).await;
    assert_eq!(status, 200, "{told}");
    let place = format!("{}?file=visit&key=visit", path::IMPORT_PROCESS);
    let request = Request::post(place)
        .header(header::AUTHORIZATION, format!("Bearer {designer}"))
        .header(header::CONTENT_TYPE, "application/xml")
        .body(Body::from(VISIT))
        .unwrap();
    let answer = house.router.clone().oneshot(request).await.unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    let told: Value = serde_json::from_slice(&bytes).unwrap();
    let revision = told["saved"]["revision"]
        .as_i64()
        .unwrap_or_else(|| panic!("{told}"));
    let publish = path::fill(path::PUBLISH, &["process", "visit"]);
    let (status, told) = house
        .call(designer, "POST", &publish, json!({"revision": revision}))
        .await;
    assert_eq!(status, 200, "{told}");
}

async fn story(database: store::testing::TestDb) {
    let house = House::start(database, true).await;
    let admin = house.sign_in("admin", DEMO).await;
    let agent = house.sign_in("agente", DEMO).await;
    publish(&house, &admin).await;
    let new = json!({"customer_type": "person", "fields": {"name": "Zuqui"}});
    let (status, customer) = house.call(&admin, "POST", path::CUSTOMERS, new).await;
    assert_eq!(status, 201, "{customer}");
    let customer = customer["id"].as_str().unwrap().to_owned();
    let order = json!({"process": "visit", "customer": customer});
    let (status, started) = house.call(&admin, "POST", path::INSTANCES, order).await;
    assert_eq!(status, 201, "{started}");
    let instance = path::fill(path::INSTANCE, &[started["instance"].as_str().unwrap()]);

    // A case offers what can be begun; whoever may not start the process is offered nothing.
    let (_, now) = house.get(&admin, &instance).await;
    assert_eq!(now["startable"][0]["name"], "Visitar", "{now}");
    let begin = json!({"activity": now["startable"][0]["activity"], "element": "task"});
    let at = path::fill(
        path::INSTANCE_ACTIVITIES,
        &[started["instance"].as_str().unwrap()],
    );
    assert_eq!(house.call(&admin, "POST", &at, begin.clone()).await.0, 204);
    let (_, now) = house.get(&admin, &instance).await;
    assert_eq!(now["work_items"].as_array().unwrap().len(), 2, "{now}");
    let wrong = json!({"activity": begin["activity"], "element": "sorry"});
    let (status, told) = house.call(&admin, "POST", &at, wrong).await;
    assert_eq!((status, &told["code"]), (422, &json!("invalid")), "{told}");
    house.add_user(&admin, "nadie", &[]).await;
    let nobody = house.settle("nadie").await;
    assert!(matches!(
        house.call(&nobody, "POST", &at, begin).await.0,
        403 | 404
    ));

    // The agent is offered the way out, and no other.
    let item = now["work_items"][0]["id"].as_str().unwrap().to_owned();
    let place = path::fill(path::WORK_ITEM, &[&item]);
    let (status, seen) = house.get(&agent, &place).await;
    assert_eq!(status, 200, "{seen}");
    assert_eq!(
        seen["exceptions"],
        json!([{"escalation": false, "code": "NOBODY", "name": "No había nadie", "interrupting": true}])
    );
    let raise = path::fill(path::WORK_ITEM_EXCEPTION, &[&item]);
    let order = |version: &Value, code: &str, note: &str| json!({"version": version, "escalation": false, "code": code, "note": note});
    let version = &seen["line"]["version"];
    for (wrong, field) in [
        (order(version, "NOBODY", "  "), "note"),
        (order(version, "NOBODY", &"x".repeat(2_001)), "note"),
        (order(version, "FIRE", "humo"), "code"),
    ] {
        let (status, told) = house.call(&agent, "POST", &raise, wrong).await;
        assert_eq!(
            (status, &told["fields"][0]["field"]),
            (422, &json!(field)),
            "{told}"
        );
    }
    let (status, told) = house
        .call(
            &agent,
            "POST",
            &raise,
            order(&json!(99), "NOBODY", "no abre"),
        )
        .await;
    assert_eq!((status, &told["code"]), (409, &json!("stale")), "{told}");
    assert!(matches!(
        house
            .call(&nobody, "POST", &raise, order(version, "NOBODY", "yo"))
            .await
            .0,
        403 | 404
    ));
    let (status, done) = house
        .call(&agent, "POST", &raise, order(version, "NOBODY", "no abre"))
        .await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["instance_ended"], false);
    let next = done["next"][0].as_str().unwrap_or_else(|| panic!("{done}"));
    let (_, next) = house
        .get(&agent, &path::fill(path::WORK_ITEM, &[next]))
        .await;
    assert_eq!(next["element"], "sorry");

    // Both of the case's are withdrawn; the customer's history and the trail say who, how and why.
    let (_, history) = house
        .get(&admin, &path::fill(path::CUSTOMER_HISTORY, &[&customer]))
        .await;
    let lines = history["items"].as_array().unwrap();
    let line = lines
        .iter()
        .find(|line| line["kind"] == "activity_exception")
        .unwrap_or_else(|| panic!("{history}"));
    assert_eq!(
        (&line["activity"], &line["outcome"], &line["who"]),
        (
            &json!("Visitar"),
            &json!("No había nadie"),
            &json!("Paula Lamas")
        )
    );
    let (_, trail) = house
        .get(&admin, &format!("{}?limit=100", path::AUDIT))
        .await;
    let entry = trail["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["operation"] == "work_item.except")
        .unwrap_or_else(|| panic!("{trail}"));
    assert!(entry.to_string().contains("no abre"), "{entry}");
    let (_, shut) = house.get(&agent, &place).await;
    assert_eq!(shut["line"]["state"], "withdrawn");
    assert_eq!(shut["exceptions"], json!([]));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_leaves_an_activity_by_another_way_on_sqlite() {
    story(store::testing::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_leaves_an_activity_by_another_way_on_postgres() {
    if let Some(database) = store::testing::postgres().await {
        story(database).await;
    }
}
