//! What runs for a customer whom somebody may not see is not there for them by any door, and a process that they may not
//! start they do not set going otherwise. On both databases.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::time::Duration;

use api::path;
use axum::body::Body;
use axum::http::{Request, header};
use futures::StreamExt;
use house::{House, Stream};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const DEMO: &str = "violeta-lluvia-tren";

fn document(key: &str, body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_{key}" targetNamespace="urn:test">
  <message id="m" name="pedido {key}"/><message id="p" name="pago {key}"/>
  <process id="p_{key}" name="{key}" isExecutable="true">{body}</process>
</definitions>"#
    )
}

/// Begins at a message and waits for another.
const ORDER: &str = r#"<startEvent id="placed"><messageEventDefinition messageRef="m"/></startEvent>
  <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="p"/></intermediateCatchEvent>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="placed" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="end"/>"#;
/// Begins at a message and stops at a system that is not connected.
const STUCK: &str = r#"<startEvent id="placed"><messageEventDefinition messageRef="m"/></startEvent>
  <serviceTask id="call" name="Consultar"><extensionElements><engage:activity transaction="saldo"/></extensionElements></serviceTask>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="placed" targetRef="call"/><sequenceFlow id="b" sourceRef="call" targetRef="end"/>"#;
/// Begins wherever a number is above ten.
const HIGH: &str = r#"<startEvent id="high"><conditionalEventDefinition><condition xsi:type="tFormalExpression">number &gt; 10</condition></conditionalEventDefinition></startEvent>
  <intermediateCatchEvent id="wait"><messageEventDefinition messageRef="p"/></intermediateCatchEvent>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="high" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="end"/>"#;

struct World {
    house: House,
    admin: String,
    /// Sees the customers of her own, and may start `order` up to 100 and `stuck`.
    ines: String,
    /// Sees everybody, and may start nothing.
    bea: String,
    mine: String,
    other: String,
}

impl World {
    async fn open(database: store::testing::TestDb) -> Self {
        let house = House::start(database, true).await;
        let admin = house.sign_in("admin", DEMO).await;
        let own = json!({"compare": {"field": "owner", "comparison": "equal", "value": {"text": "$user"}}});
        let all =
            |entity: &str, verbs: &[&str]| json!({"target": {"entity": entity}, "verbs": verbs});
        let operating = || {
            vec![
                all("instance", &["read", "change", "delete"]),
                all("incident", &["read", "change"]),
                all("message", &["read", "execute", "delete"]),
            ]
        };
        let mut few = operating();
        few.push(json!({"target": {"entity": "customer"}, "verbs": ["read"], "condition": own}));
        few.push(json!({"target": {"process": "order"}, "verbs": ["read", "execute"], "limit": {"field": "number", "at_most": "100"}}));
        few.push(json!({"target": {"process": "stuck"}, "verbs": ["read", "execute"]}));
        let mut idle = operating();
        idle.push(all("customer", &["read"]));
        idle.push(json!({"target": {"process": "*"}, "verbs": ["read"]}));
        let mut ids = Vec::new();
        for (login, grants) in [("ines", few), ("bea", idle)] {
            let role = json!({"key": login, "name": login, "description": "", "grants": grants});
            let (status, told) = house.call(&admin, "POST", path::ROLES, role).await;
            assert_eq!(status, 201, "{told}");
            let user = house.add_user(&admin, login, &[login]).await;
            ids.push(user["id"].as_str().unwrap().to_owned());
        }
        let (ines, bea) = (house.settle("ines").await, house.settle("bea").await);
        let mut customers = Vec::new();
        for name in ["Zuqui Uno", "Zuqui Dos"] {
            let new = json!({"customer_type": "person", "fields": {"name": name}});
            let (status, made) = house.call(&admin, "POST", path::CUSTOMERS, new).await;
            assert_eq!(status, 201, "{made}");
            customers.push(made);
        }
        let id = |at: usize| customers[at]["id"].as_str().unwrap().to_owned();
        let given = json!({"fields": {}, "owner": ids[0], "version": customers[0]["version"]});
        let place = path::fill(path::CUSTOMER, &[&id(0)]);
        assert_eq!(house.call(&admin, "PATCH", &place, given).await.0, 200);
        let (mine, other) = (id(0), id(1));
        Self {
            house,
            admin,
            ines,
            bea,
            mine,
            other,
        }
    }

    async fn published(&self, key: &str, body: &str) {
        let (text, definition) = (document(key, body), path::definition("process", key));
        let (status, known) = self.house.get(&self.admin, &definition).await;
        let revision = if status == 404 {
            let place = format!("{}?file={key}&key={key}", path::IMPORT_PROCESS);
            let request = Request::post(place)
                .header(header::AUTHORIZATION, format!("Bearer {}", self.admin))
                .header(header::CONTENT_TYPE, "application/xml")
                .body(Body::from(text))
                .unwrap();
            let answer = self.house.router.clone().oneshot(request).await.unwrap();
            let bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let told: Value = serde_json::from_slice(&bytes).unwrap();
            told["saved"]["revision"]
                .as_i64()
                .unwrap_or_else(|| panic!("{told}"))
        } else {
            let mut body = known["body"].clone();
            body["bpmn"] = json!(text);
            let draft = path::fill(path::DRAFT, &["process", key]);
            let wanted = json!({"revision": known["revision"], "body": body});
            let (_, saved) = self.house.call(&self.admin, "PUT", &draft, wanted).await;
            saved["revision"]
                .as_i64()
                .unwrap_or_else(|| panic!("{saved}"))
        };
        let publish = path::fill(path::PUBLISH, &["process", key]);
        let wanted = json!({"revision": revision});
        let (status, told) = self.house.call(&self.admin, "POST", &publish, wanted).await;
        assert_eq!(status, 200, "{told}");
    }

    /// An instance that the administrator begins.
    async fn begun(&self, key: &str, customer: Option<&str>) -> String {
        let message = json!({"name": format!("pedido {key}"), "customer": customer});
        let (status, told) = self
            .house
            .call(&self.admin, "POST", path::MESSAGES, message)
            .await;
        assert_eq!(status, 200, "{told}");
        told["instances"][0].as_str().unwrap().to_owned()
    }

    async fn asked(&self, token: &str, method: &str, place: &str, body: Value) -> (u16, String) {
        let (status, told) = self.house.call(token, method, place, body).await;
        (status, told["code"].as_str().unwrap_or_default().to_owned())
    }

    async fn state(&self, instance: &str) -> String {
        let (_, told) = self
            .house
            .get(&self.admin, &path::fill(path::INSTANCE, &[instance]))
            .await;
        told["line"]["state"]
            .as_str()
            .unwrap_or_else(|| panic!("{told}"))
            .to_owned()
    }

    async fn version(&self, instance: &str) -> i64 {
        let place = path::fill(path::INSTANCE_OPERATION, &[instance]);
        self.house.get(&self.admin, &place).await.1["version"]
            .as_i64()
            .unwrap()
    }

    async fn finished(&self, bulk: &Value) -> Value {
        let place = path::fill(
            path::BULK,
            &[bulk["id"].as_str().unwrap_or_else(|| panic!("{bulk}"))],
        );
        for _ in 0..300 {
            let (_, now) = self.house.get(&self.ines, &place).await;
            if now["state"] == "done" {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("an order is never done");
    }
}

async fn heard(stream: &mut Stream, enough: impl Fn(&str) -> bool) -> String {
    let mut all = String::new();
    let listening = async {
        while let Some(Ok(part)) = stream.0.next().await {
            all.push_str(&String::from_utf8_lossy(&part));
            if enough(&all) {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), listening).await;
    all
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn instances(database: store::testing::TestDb) {
    let world = World::open(database).await;
    let (house, ines, bea) = (&world.house, &world.ines, &world.bea);
    world.published("order", ORDER).await;
    // The other's has awaited longest.
    let (theirs, own, nobodys) = (
        world.begun("order", Some(&world.other)).await,
        world.begun("order", Some(&world.mine)).await,
        world.begun("order", None).await,
    );
    let at = |template: &str, id: &str| path::fill(template, &[id]);

    // Ended, changed, moved.
    let end = |id: &str| format!("{}?reason=x", at(path::INSTANCE, id));
    let change = |number: i64| json!({"cancel": [], "start": [], "variables": {"number": number}, "reason": "x"});
    let gone = refused(404, "not_found");
    assert_eq!(
        world
            .asked(ines, "DELETE", &end(&theirs), Value::Null)
            .await,
        gone
    );
    assert_eq!(
        world
            .asked(
                ines,
                "POST",
                &at(path::INSTANCE_CHANGES, &theirs),
                change(1)
            )
            .await,
        gone
    );
    assert_eq!(
        world
            .asked(ines, "POST", &at(path::INSTANCE_CHANGES, &own), change(101))
            .await
            .1,
        "needs_approval"
    );
    assert_eq!(
        world
            .asked(ines, "POST", &at(path::INSTANCE_CHANGES, &own), change(100))
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .asked(bea, "POST", &at(path::INSTANCE_CHANGES, &own), change(1))
            .await,
        refused(403, "forbidden")
    );
    world
        .published("order", &ORDER.replace("\"end\"", "\"over\""))
        .await;
    let order = json!({"process": "order", "to": 2, "reason": "x"});
    assert_eq!(
        world.asked(bea, "POST", path::MOVES, order.clone()).await,
        refused(403, "forbidden")
    );
    let (_, preview) = house
        .call(ines, "POST", path::MOVES_PREVIEW, order.clone())
        .await;
    let listed: Vec<_> = preview["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["instance"].as_str().unwrap())
        .collect();
    assert_eq!(listed.len(), 2, "{preview}");
    assert!(
        listed.contains(&own.as_str()) && !listed.contains(&theirs.as_str()),
        "{preview}"
    );
    // For whom each runs is told with it; what runs for nobody says so.
    let whose = |id: &str| {
        let mut lines = preview["items"].as_array().unwrap().iter();
        let line = lines.find(|line| line["instance"] == id).unwrap();
        (line["customer"].clone(), line["customer_name"].clone())
    };
    assert_eq!(whose(&own), (json!(world.mine), json!("Zuqui Uno")));
    assert_eq!(whose(&nobodys), (Value::Null, Value::Null));
    let named = json!({"process": "order", "to": 2, "reason": "x", "instances": [own, theirs]});
    assert_eq!(world.asked(ines, "POST", path::MOVES, named).await, gone);
    let (status, bulk) = house.call(ines, "POST", path::MOVES, order).await;
    assert_eq!(status, 202, "{bulk}");
    let done = world.finished(&bulk).await;
    assert_eq!(
        (done["done"].as_i64(), done["refused"].as_i64()),
        (Some(2), Some(0)),
        "{done}"
    );
    assert_eq!(
        [
            world.version(&theirs).await,
            world.version(&own).await,
            world.version(&nobodys).await
        ],
        [1, 2, 2]
    );

    // What becomes of the other's she does not hear; of her own she does.
    let mut stream = house.stream(ines).await;
    let pay = json!({"name": "pago order", "variables": {}});
    assert_eq!(
        world.asked(ines, "POST", path::MESSAGES, pay.clone()).await,
        refused(409, "not_awaited")
    );
    assert_eq!(world.state(&theirs).await, "running");
    assert_eq!(
        world
            .asked(&world.admin, "POST", path::MESSAGES, pay.clone())
            .await
            .0,
        200
    );
    assert_eq!(world.state(&theirs).await, "completed");
    assert_eq!(
        world.asked(bea, "POST", path::MESSAGES, pay.clone()).await,
        refused(403, "forbidden")
    );
    let much = json!({"name": "pago order", "variables": {"number": 101}});
    assert_eq!(
        world.asked(ines, "POST", path::MESSAGES, much).await.1,
        "needs_approval"
    );
    assert_eq!(world.asked(ines, "POST", path::MESSAGES, pay).await.0, 200);
    assert_eq!(world.state(&own).await, "completed");
    assert_eq!(
        world
            .asked(ines, "DELETE", &end(&nobodys), Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(world.state(&nobodys).await, "cancelled");
    let told = heard(&mut stream, |all| all.contains(&nobodys)).await;
    assert!(told.contains(&own) && told.contains(&nobodys), "{told}");
    assert!(!told.contains(&theirs), "{told}");
    world.house.close().await;
}

async fn starts(database: store::testing::TestDb) {
    let world = World::open(database).await;
    let (house, ines, bea) = (&world.house, &world.ines, &world.bea);
    for (key, body) in [("order", ORDER), ("high", HIGH)] {
        world.published(key, body).await;
    }
    let running = async |customer: &str| {
        let place = path::fill(path::CUSTOMER_INSTANCES, &[customer]);
        house.get(&world.admin, &place).await.1["items"]
            .as_array()
            .unwrap()
            .len()
    };
    let begin = |customer: &str, number: i64| json!({"name": "pedido order", "customer": customer, "variables": {"number": number}});
    // By name or by message, the same is asked.
    let by_name = json!({"process": "order", "customer": world.mine, "variables": {"number": 101}});
    assert_eq!(
        world.asked(ines, "POST", path::INSTANCES, by_name).await.1,
        "needs_approval"
    );
    assert_eq!(
        world
            .asked(ines, "POST", path::MESSAGES, begin(&world.mine, 101))
            .await
            .1,
        "needs_approval"
    );
    assert_eq!(
        world
            .asked(ines, "POST", path::MESSAGES, begin(&world.other, 1))
            .await,
        refused(404, "not_found")
    );
    assert_eq!(
        world
            .asked(bea, "POST", path::MESSAGES, begin(&world.mine, 1))
            .await,
        refused(403, "forbidden")
    );
    let met = |number: i64| json!({"customer": world.mine, "variables": {"number": number}});
    // Of a process that she may not even read she is not told that it would begin.
    assert_eq!(
        world.asked(ines, "POST", path::CONDITIONS, met(11)).await,
        refused(409, "not_awaited")
    );
    assert_eq!(
        world.asked(bea, "POST", path::CONDITIONS, met(11)).await,
        refused(403, "forbidden")
    );
    assert_eq!(
        world.asked(bea, "POST", path::CONDITIONS, met(1)).await.0,
        200
    );
    // What reaches whoever comes is for those who might set anything going for anybody.
    let mut kept = begin(&world.mine, 1);
    kept["name"] = json!("nobody awaits it");
    kept["keep_seconds"] = json!(60);
    for who in [ines, bea] {
        assert_eq!(
            world.asked(who, "POST", path::MESSAGES, kept.clone()).await,
            refused(403, "forbidden")
        );
        assert_eq!(
            world
                .asked(who, "POST", path::SIGNALS, json!({"name": "tormenta"}))
                .await,
            refused(403, "forbidden")
        );
    }
    assert_eq!(
        world
            .asked(&world.admin, "POST", path::MESSAGES, kept)
            .await
            .0,
        200
    );
    assert_eq!(
        (running(&world.mine).await, running(&world.other).await),
        (0, 0)
    );
    assert_eq!(
        world
            .asked(ines, "POST", path::MESSAGES, begin(&world.mine, 100))
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .asked(&world.admin, "POST", path::CONDITIONS, met(11))
            .await
            .0,
        200
    );
    assert_eq!(running(&world.mine).await, 2);
    world.house.close().await;
}

async fn incidents(database: store::testing::TestDb) {
    let world = World::open(database).await;
    let (house, ines) = (&world.house, &world.ines);
    world.published("stuck", STUCK).await;
    for customer in [&world.mine, &world.other] {
        world.begun("stuck", Some(customer)).await;
    }
    let list = async |token: &str| {
        house.get(token, path::INCIDENTS).await.1["items"]
            .as_array()
            .unwrap()
            .clone()
    };
    let mut all = Vec::new();
    for _ in 0..300 {
        all = list(&world.admin).await;
        if all.len() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(all.len(), 2, "{all:?}");
    let own = list(ines).await;
    assert_eq!(own.len(), 1, "{own:?}");
    let told = ["customer", "customer_name", "element_name"].map(|part| own[0][part].clone());
    assert_eq!(
        told,
        [json!(world.mine), json!("Zuqui Uno"), json!("Consultar")]
    );
    // An incident is no dead letter: nothing begins anew, and that is said.
    let (status, answer) = house
        .call(
            &world.admin,
            "POST",
            path::DEAD_LETTERS_REQUEUE,
            json!({"ids": [own[0]["id"]]}),
        )
        .await;
    assert_eq!((status, answer), (200, json!({"requeued": 0})));
    let count =
        async |token: &str| house.get(token, path::INCIDENT_GROUPS).await.1[0]["count"].as_i64();
    assert_eq!(
        (count(&world.admin).await, count(ines).await),
        (Some(2), Some(1))
    );
    let others = all.iter().find(|line| line["id"] != own[0]["id"]).unwrap();
    let one = |id: &Value| json!({"ids": [id], "reason": "x"});
    assert_eq!(
        world
            .asked(ines, "POST", path::INCIDENTS_RETRY, one(&others["id"]))
            .await,
        refused(404, "not_found")
    );
    assert_eq!(
        world
            .asked(
                &world.bea,
                "POST",
                path::INCIDENTS_RETRY,
                one(&own[0]["id"])
            )
            .await,
        refused(403, "forbidden")
    );
    let by_process = json!({"process": "stuck", "reason": "x"});
    assert_eq!(
        world
            .asked(
                &world.bea,
                "POST",
                path::INCIDENTS_RETRY,
                by_process.clone()
            )
            .await,
        refused(403, "forbidden")
    );
    let (status, bulk) = house
        .call(ines, "POST", path::INCIDENTS_RETRY, by_process)
        .await;
    assert_eq!(status, 202, "{bulk}");
    assert_eq!(world.finished(&bulk).await["done"], 1);
    world.house.close().await;
}

/// What a role says about work items holds for the inbox and its numbers, too; and a window learns of a process what its form
/// names.
async fn inbox(database: store::testing::TestDb) {
    let house = House::start(database, true).await;
    let admin = house.sign_in("admin", DEMO).await;
    let is = |field: &str, value: &str| json!({"compare": {"field": field, "comparison": "equal", "value": {"text": value}}});
    let mine = json!({"any": [is("group", "$groups"), is("user", "$user")]});
    let claims = json!({"all": [mine.clone(), is("process", "billing_claim")]});
    let cards = json!({"all": [mine.clone(), is("process", "credit_card")]});
    let mut tokens = Vec::new();
    for (login, condition) in [("all", mine), ("claims", claims), ("cards", cards)] {
        let grants = json!([
            {"target": {"entity": "work_item"}, "verbs": ["read", "execute"], "condition": condition},
            {"target": {"entity": "customer"}, "verbs": ["read"]},
            {"target": {"entity": "instance"}, "verbs": ["read"]},
            {"target": {"process": "*"}, "verbs": ["read", "execute"]},
        ]);
        let role = json!({"key": login, "name": login, "description": "", "grants": grants});
        let (status, told) = house.call(&admin, "POST", path::ROLES, role).await;
        assert_eq!(status, 201, "{told}");
        house.add_user(&admin, login, &[login]).await;
        house
            .change_user(&admin, login, json!({"groups": ["contact_center"]}))
            .await;
        tokens.push(house.settle(login).await);
    }
    let start = json!({"process": "billing_claim", "variables": {"zq_secret": "zqsecret"}, "customer": null});
    let (status, begun) = house.call(&admin, "POST", path::INSTANCES, start).await;
    assert_eq!(status, 201, "{begun}");
    for (token, shown) in tokens.iter().zip([1, 1, 0]) {
        let (_, listed) = house.get(token, path::WORK_ITEMS).await;
        assert_eq!(listed["items"].as_array().unwrap().len(), shown, "{listed}");
        let (_, counts) = house.get(token, path::WORK_ITEMS_COUNTS).await;
        let of_groups: i64 = counts["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|g| g["count"].as_i64().unwrap())
            .sum();
        assert_eq!(of_groups, i64::try_from(shown).unwrap(), "{counts}");
        if let Some(item) = listed["items"].get(0) {
            let place = path::fill(path::WORK_ITEM, &[item["id"].as_str().unwrap()]);
            let (status, told) = house.get(token, &place).await;
            assert_eq!(status, 200, "{told}");
            assert!(!told.to_string().contains("zqsecret"), "{told}");
        }
    }
    let place = path::fill(path::INSTANCE, &[begun["instance"].as_str().unwrap()]);
    assert!(
        house
            .get(&admin, &place)
            .await
            .1
            .to_string()
            .contains("zqsecret")
    );
    house.close().await;
}

/// What is kept for a customer whom one does not see is not there either.
async fn messages(database: store::testing::TestDb) {
    let world = World::open(database).await;
    let (house, ines) = (&world.house, &world.ines);
    let mut kept = Vec::new();
    for customer in [json!(world.mine), json!(world.other), Value::Null] {
        let message =
            json!({"name": "nadie lo espera", "customer": customer, "keep_seconds": 3_600});
        let (status, told) = house
            .call(&world.admin, "POST", path::MESSAGES, message)
            .await;
        assert_eq!((status, &told["outcome"]), (200, &json!("kept")), "{told}");
        kept.push(told["kept"].as_str().unwrap().to_owned());
    }
    let listed = async |token: &str| {
        let (_, told) = house.get(token, path::MESSAGES).await;
        let items = told["items"].as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&world.admin).await.len(), 3);
    assert_eq!(listed(ines).await, [kept[2].clone(), kept[0].clone()]);
    let one = format!("{}?limit=1", path::MESSAGES);
    let (_, told) = house.get(ines, &one).await;
    let next = format!("{one}&cursor={}", told["next"].as_str().unwrap());
    let (_, told) = house.get(ines, &next).await;
    assert_eq!(told["items"][0]["id"], json!(kept[0]), "{told}");
    let mut answers = Vec::new();
    for id in &kept {
        let at = path::fill(path::MESSAGE, &[id]);
        answers.push(house.call(ines, "DELETE", &at, Value::Null).await.0);
    }
    assert_eq!(answers, [204, 404, 204]);
    assert_eq!(listed(&world.admin).await, [kept[1].clone()]);
    world.house.close().await;
}

/// Whoever may not read a process, or an activity of it, sees nothing of what runs there: by no list, number, page or history.
async fn processes(database: store::testing::TestDb) {
    let world = World::open(database).await;
    let house = &world.house;
    world.published("order", ORDER).await;
    world.published("stuck", STUCK).await;
    let read = |entity: &str| json!({"target": {"entity": entity}, "verbs": ["read"]});
    let deny = |target: Value| json!({"target": target, "verbs": ["read"], "effect": "deny"});
    let mut tokens = Vec::new();
    for (login, hidden) in [
        ("whole", None),
        ("no_order", Some(json!({"process": "order"}))),
        ("no_claim", Some(json!({"process": "billing_claim"}))),
        (
            "no_task",
            Some(json!({"activity": {"process": "billing_claim", "activity": "*"}})),
        ),
        ("nothing", Some(json!({"process": "*"}))),
    ] {
        let mut grants: Vec<Value> = ["customer", "instance", "incident", "work_item", "history"]
            .map(read)
            .into();
        grants.push(json!({"target": {"process": "*"}, "verbs": ["read", "execute"]}));
        grants.extend(hidden.map(deny));
        let role = json!({"key": login, "name": login, "description": "", "grants": grants});
        let (status, told) = house.call(&world.admin, "POST", path::ROLES, role).await;
        assert_eq!(status, 201, "{told}");
        house.add_user(&world.admin, login, &[login]).await;
        let groups = json!({"groups": ["contact_center"]});
        house.change_user(&world.admin, login, groups).await;
        tokens.push(house.settle(login).await);
    }
    let order = world.begun("order", Some(&world.mine)).await;
    world.begun("stuck", Some(&world.mine)).await;
    let start = json!({"process": "billing_claim", "customer": world.mine});
    let (status, claim) = house
        .call(&world.admin, "POST", path::INSTANCES, start)
        .await;
    assert_eq!(status, 201, "{claim}");
    let claim = claim["instance"].as_str().unwrap().to_owned();
    let mut stuck = 0;
    for _ in 0..300 {
        stuck = house.get(&world.admin, path::INCIDENTS).await.1["items"]
            .as_array()
            .unwrap()
            .len();
        if stuck == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(stuck, 1);
    let listed = async |token: &str, place: &str| {
        let (status, told) = house.get(token, place).await;
        assert_eq!(status, 200, "{place}: {told}");
        told["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{told}"))
            .len()
    };
    let of_customer = |template: &str| path::fill(template, &[&world.mine]);
    let mut seen = Vec::new();
    for token in &tokens {
        let (_, counts) = house.get(token, path::WORK_ITEMS_COUNTS).await;
        let groups = counts["groups"].as_array().unwrap().iter();
        let waiting: i64 = groups.map(|group| group["count"].as_i64().unwrap()).sum();
        let (_, customer) = house
            .get(token, &path::fill(path::CUSTOMER, &[&world.mine]))
            .await;
        let (_, causes) = house.get(token, path::INCIDENT_GROUPS).await;
        let (_, history) = house.get(token, &of_customer(path::CUSTOMER_HISTORY)).await;
        let begun = history["items"].as_array().unwrap().iter();
        let begun = begun
            .filter(|line| line["kind"] == "process_started")
            .count();
        seen.push((
            listed(token, path::WORK_ITEMS).await,
            waiting,
            listed(token, &of_customer(path::CUSTOMER_INSTANCES)).await,
            customer["open_instances"].as_i64(),
            listed(token, path::INCIDENTS).await,
            causes.as_array().unwrap().len(),
            begun,
        ));
    }
    assert_eq!(
        seen,
        [
            (1, 1, 3, Some(3), 1, 1, 3),
            (1, 1, 2, Some(2), 1, 1, 2),
            (0, 0, 2, Some(2), 1, 1, 2),
            (0, 0, 3, Some(3), 1, 1, 3),
            (0, 0, 0, Some(0), 0, 0, 0),
        ]
    );
    // One by one.
    let (_, inbox) = house.get(&tokens[0], path::WORK_ITEMS).await;
    let item = path::fill(
        path::WORK_ITEM,
        &[inbox["items"][0]["id"].as_str().unwrap()],
    );
    let status = async |token: &str, place: &str| house.get(token, place).await.0;
    let mut answers = Vec::new();
    for token in &tokens {
        let order = status(token, &path::fill(path::INSTANCE, &[&order])).await;
        let claim = status(token, &path::fill(path::INSTANCE, &[&claim])).await;
        answers.push([order, claim, status(token, &item).await]);
    }
    assert_eq!(
        answers,
        [
            [200, 200, 200],
            [404, 200, 200],
            [200, 404, 404],
            [200, 200, 404],
            [404, 404, 404],
        ]
    );
    // Of an activity that is hidden no step is told.
    let steps = async |token: &str| {
        let (_, told) = house
            .get(token, &path::fill(path::INSTANCE, &[&claim]))
            .await;
        told["steps"].as_array().unwrap().len()
    };
    assert!(steps(&tokens[0]).await > steps(&tokens[3]).await);
    world.house.close().await;
}

/// A grant that nobody would keep to is refused, with the place and the reason.
async fn roles(database: store::testing::TestDb) {
    let house = House::open(database).await;
    let admin = house.sign_in(house::ADMIN, house::PASSWORD).await;
    let condition = |field: &str| json!({"compare": {"field": field, "comparison": "equal", "value": {"text": "x"}}});
    let with = |target: Value, field: &str| json!({"target": target, "verbs": ["read"], "condition": condition(field)});
    let apart = |entity: &str, field: &str| json!({"target": {"field": {"entity": entity, "field": field}}, "verbs": ["read"], "effect": "deny"});
    for (grant, refused) in [
        (with(json!({"entity": "work_item"}), "process"), None),
        (with(json!({"entity": "customer"}), "segment"), None),
        (apart("instance", "variables"), None),
        (apart("history", "details"), None),
        (
            with(json!({"entity": "work_item"}), "priority"),
            Some("grants[0].condition"),
        ),
        (
            with(json!({"entity": "instance"}), "process"),
            Some("grants[0].condition"),
        ),
        (
            with(json!({"entity": "incident"}), "kind"),
            Some("grants[0].condition"),
        ),
        (
            with(json!({"entity": "history"}), "user"),
            Some("grants[0].condition"),
        ),
        (
            with(json!({"entity": "*"}), "owner"),
            Some("grants[0].condition"),
        ),
        (
            with(json!({"process": "order"}), "owner"),
            Some("grants[0].condition"),
        ),
        (apart("work_item", "due"), Some("grants[0].target")),
        (apart("message", "*"), Some("grants[0].target")),
        (apart("import", "rows"), Some("grants[0].target")),
    ] {
        let role = json!({"key": "probe", "name": "Probe", "description": "", "grants": [grant]});
        let (status, told) = house.call(&admin, "POST", path::ROLES, role).await;
        match refused {
            Some(place) => {
                assert_eq!(
                    (status, told["fields"][0]["field"].as_str()),
                    (422, Some(place)),
                    "{grant}: {told}"
                );
                assert!(
                    told["fields"][0]["sentence"].as_str().unwrap().len() > 20,
                    "{told}"
                );
            }
            None => {
                assert_eq!(status, 201, "{grant}: {told}");
                let at = format!("{}?version=1", path::fill(path::ROLE, &["probe"]));
                assert_eq!(house.call(&admin, "DELETE", &at, Value::Null).await.0, 204);
            }
        }
    }
    house.close().await;
}

/// A stream ends with the right, even where nobody tells it: the signal may be lost.
async fn streams(database: store::testing::TestDb) {
    let url = database.url.clone();
    let house = House::open(database).await;
    let admin = house.sign_in(house::ADMIN, house::PASSWORD).await;
    let grants = json!([{"target": {"entity": "work_item"}, "verbs": ["read"]}]);
    let role = json!({"key": "probe", "name": "Probe", "description": "", "grants": grants});
    assert_eq!(house.call(&admin, "POST", path::ROLES, role).await.0, 201);
    house.add_user(&admin, "ines", &["probe"]).await;
    let ines = house.settle("ines").await;
    let mut stream = house.stream(&ines).await;
    // From outside of the service: on a file, what happens there signals nothing to it.
    let outside = store::Db::open(&store::DbConfig::from_url(&url).unwrap())
        .await
        .unwrap();
    let ambient = store::ambient();
    let mut tx = outside.write().await.unwrap();
    let role = directory::roles::find_by_key(&mut tx, "probe")
        .await
        .unwrap()
        .unwrap();
    let actor = ledger::Actor::system("test");
    directory::roles::remove(&mut tx, &ambient, &actor, role.id, role.version)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    stream.ended().await;
    house.close().await;
}

macro_rules! on_both {
    ($($name:ident)*) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(store::testing::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = store::testing::postgres().await {
                    super::$name(database).await;
                }
            }
        })*
    };
}

on_both! { instances starts incidents inbox messages processes roles streams }
