//! Processes that begin by themselves, that are moved, changed by hand and mended: through the HTTP API of the real service,
//! on a file and on PostgreSQL, over restarts.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::definitions::{Definition, Imported, Saved};
use api::engine::{
    Bulk, BulkResult, DeadLetter, IncidentGroup, IncidentLine, KeptMessage, MessagePublished,
    MoveVerdict, Operation,
};
use api::work::Instance;
use api::{of, path};
use journeys::{Client, Database, Options, Place, Refused, Service, eventually};
use kernel::{Id, Paged};
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const WAIT: Duration = Duration::from_secs(60);

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

fn document(key: &str, body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:engage="urn:engage:bpmn:1" id="d_{key}" targetNamespace="urn:test">
  <message id="m" name="pedido {key}"/><signal id="s" name="tormenta"/>
  <process id="p_{key}" name="{key}" isExecutable="true">{body}</process>
</definitions>"#
    )
}

/// Begins at a message or a signal, waits ten hours (or for the signal), ends.
const ORDER: &str = r#"<startEvent id="placed"><messageEventDefinition messageRef="m"/></startEvent>
  <intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT10H</timeDuration></timerEventDefinition></intermediateCatchEvent>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="placed" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="end"/>"#;
const DAILY: &str = r#"<startEvent id="hourly"><timerEventDefinition><timeCycle xsi:type="tFormalExpression">R/PT1H</timeCycle></timerEventDefinition></startEvent>
  <serviceTask id="call" name="Consultar"><extensionElements><engage:activity transaction="saldo"/></extensionElements></serviceTask>
  <endEvent id="end"/><sequenceFlow id="a" sourceRef="hourly" targetRef="call"/><sequenceFlow id="b" sourceRef="call" targetRef="end"/>"#;

/// Brings a process in and publishes it; a second time, as the next version.
async fn published(designer: &Client, key: &str, body: &str) -> Result<i64> {
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
    let done: Saved = designer
        .post(&publish, &json!({ "revision": revision }))
        .await
        .with_context(|| format!("publishing {key}"))?;
    done.version.context("no version")
}

async fn operation(operator: &Client, id: Id<of::Instance>) -> Result<Operation> {
    operator
        .get(&path::fill(path::INSTANCE_OPERATION, &[&id.to_string()]))
        .await
}

async fn order(operator: &Client, number: i64) -> Result<MessagePublished> {
    let message = json!({"name": "pedido order", "variables": {"number": number}});
    operator.post(path::MESSAGES, &message).await
}

async fn finished(operator: &Client, bulk: &Bulk) -> Result<Bulk> {
    let at = path::fill(path::BULK, &[&bulk.id.to_string()]);
    eventually("the order for many is done", WAIT, || async {
        let now: Bulk = operator.get(&at).await?;
        Ok((now.state == "done").then_some(now))
    })
    .await
}

#[tokio::test]
async fn what_begins_by_itself_is_moved_changed_and_mended() -> Result<()> {
    let place = Place::new("engine")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("engine-{}", database.name()))?;
        story(&apart, &database)
            .await
            .with_context(|| format!("on {}", database.name()))?;
    }
    Ok(())
}

async fn story(place: &Place, database: &Database) -> Result<()> {
    let mut service = Service::start(place, "node", database, &Options::demo())?;
    let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
    let operator = service.client()?.sign_in("admin", PASSWORD).await?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;

    messages(&designer, &operator, &agent).await?;
    moves(&designer, &operator, &agent).await?;
    times(&mut service, &designer).await
}

async fn messages(designer: &Client, operator: &Client, agent: &Client) -> Result<()> {
    // Nobody awaits it, and then somebody does.
    let refused = order(operator, 1)
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&refused) == "not_awaited", "{refused}");
    let early: MessagePublished = operator
        .post(
            path::MESSAGES,
            &json!({"name": "pedido order", "variables": {"number": 1}, "keep_seconds": 3600}),
        )
        .await?;
    ensure!(early.outcome == "kept" && early.kept.is_some(), "{early:?}");
    let kept: Paged<KeptMessage> = operator.get(path::MESSAGES).await?;
    ensure!(kept.items.len() == 1, "{kept:?}");
    let refused = order(agent, 1).await.err().context("it was not refused")?;
    ensure!(code(&refused) == "forbidden", "{refused}");

    ensure!(published(designer, "order", ORDER).await? == 1);
    eventually("the kept message begins its process", WAIT, || async {
        let kept: Paged<KeptMessage> = operator.get(path::MESSAGES).await?;
        Ok(kept.items.is_empty().then_some(()))
    })
    .await?;
    // The same key is the same message.
    let message = json!({"name": "pedido order", "variables": {"number": 2}});
    let first: MessagePublished = operator
        .post_as("pedido-2", path::MESSAGES, &message)
        .await?;
    let again: MessagePublished = operator
        .post_as("pedido-2", path::MESSAGES, &message)
        .await?;
    ensure!(
        first.outcome == "began" && first == again,
        "{first:?} {again:?}"
    );
    let shown: Instance = operator.get(&path::instance(first.instances[0])).await?;
    ensure!(shown.variables["number"] == 2, "{:?}", shown.variables);
    Ok(())
}

async fn moves(designer: &Client, operator: &Client, agent: &Client) -> Result<()> {
    let id = order(operator, 3).await?.instances[0];
    let moves = path::fill(path::INSTANCE_MOVES, &[&id.to_string()]);
    // In the second version the wait has another name, in the third its old one again.
    ensure!(published(designer, "order", &ORDER.replace("\"wait\"", "\"pause\"")).await? == 2);
    ensure!(published(designer, "order", &ORDER.replace("PT10H", "PT5H")).await? == 3);
    let verdict: MoveVerdict = operator.get(&format!("{moves}?to=2")).await?;
    ensure!(
        verdict.verdict == "impossible" && verdict.obstacles[0].sentence.contains("wait"),
        "{verdict:?}"
    );
    let refused = operator
        .post::<Value>(&moves, &json!({"to": 2, "reason": "x"}))
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&refused) == "invalid", "{refused}");
    ensure!(
        agent
            .post::<Value>(&moves, &json!({"to": 3, "reason": "x"}))
            .await
            .is_err()
    );
    let moved: Operation = operator
        .post(
            &moves,
            &json!({"to": 2, "mapping": {"wait": "pause"}, "reason": "nueva norma"}),
        )
        .await?;
    ensure!(
        moved.version == 2 && moved.newest == 3 && moved.moves[0].may_undo,
        "{moved:?}"
    );
    let undo = path::fill(
        path::INSTANCE_MOVE,
        &[&id.to_string(), &moved.moves[0].id.to_string()],
    );
    operator.delete(&undo).await?;
    let back = operation(operator, id).await?;
    ensure!(
        back.version == 1 && back.moves[0].undone.is_some() && back.tokens[0].element == "wait",
        "{back:?}"
    );

    // All at once, looked at first.
    let order_for_all = json!({"process": "order", "to": 3, "reason": "para todos"});
    let preview: Paged<MoveVerdict> = operator.post(path::MOVES_PREVIEW, &order_for_all).await?;
    ensure!(
        preview.items.len() == 3 && preview.items.iter().all(|line| line.verdict == "moves"),
        "{preview:?}"
    );
    let bulk: Bulk = operator.post(path::MOVES, &order_for_all).await?;
    let bulk = finished(operator, &bulk).await?;
    ensure!((bulk.done, bulk.refused) == (3, 0), "{bulk:?}");
    let results: Paged<BulkResult> = operator
        .get(&path::fill(path::BULK_RESULTS, &[&bulk.id.to_string()]))
        .await?;
    ensure!(results.items.is_empty(), "{results:?}");

    // By hand, straight to the end.
    let now = operation(operator, id).await?;
    let changes = path::fill(path::INSTANCE_CHANGES, &[&id.to_string()]);
    let without = json!({"cancel": [now.tokens[0].activity], "start": ["end"], "reason": ""});
    ensure!(operator.post::<Value>(&changes, &without).await.is_err());
    let change =
        json!({"cancel": [now.tokens[0].activity], "start": ["end"], "reason": "el cliente vino"});
    let ended: Operation = operator.post(&changes, &change).await?;
    ensure!(ended.tokens.is_empty() && now.version == 3, "{ended:?}");
    let shown: Instance = operator.get(&path::instance(id)).await?;
    ensure!(shown.line.state == "completed", "{:?}", shown.line);
    Ok(())
}

async fn times(service: &mut Service, designer: &Client) -> Result<()> {
    published(designer, "daily", DAILY).await?;
    // Three hours pass while nobody is there: one begins, and stops at a system that is not connected.
    service.stop()?;
    service.clock().ahead(3 * 3_600)?;
    service.restart()?;
    // Nobody stays signed in for three hours without a word.
    let operator = &service.client()?.sign_in("admin", PASSWORD).await?;
    let groups = eventually("the timer has begun a process", WAIT, || async {
        let groups: Vec<IncidentGroup> = operator.get(path::INCIDENT_GROUPS).await?;
        Ok((!groups.is_empty()).then_some(groups))
    })
    .await?;
    ensure!(
        groups.len() == 1 && groups[0].count == 1 && groups[0].element_name == "Consultar",
        "{groups:?}"
    );
    ensure!(groups[0].sentence == "La transacción falló", "{groups:?}");
    service.clock().ahead(3 * 3_600 + 3_600)?;
    // Whoever signs in while the clock jumps is signed out by it: asked with a session of its own each time.
    let operator = &eventually("the next hour begins another", WAIT, || async {
        let operator = service.client()?.sign_in("admin", PASSWORD).await?;
        let groups: Vec<IncidentGroup> = operator.get(path::INCIDENT_GROUPS).await?;
        Ok((groups[0].count == 2).then_some(operator))
    })
    .await?;
    let again = json!({"process": "daily", "cause": groups[0].cause, "variables": {"cuenta": 1}, "reason": "conectado"});
    let bulk: Bulk = operator.post(path::INCIDENTS_RETRY, &again).await?;
    ensure!(finished(operator, &bulk).await?.done == 2);
    // Nothing is connected still: they are back, and the values are there.
    let lines = eventually("both have failed again", WAIT, || async {
        let lines: Paged<IncidentLine> = operator.get(path::INCIDENTS).await?;
        Ok((lines.items.len() == 2).then_some(lines.items))
    })
    .await?;
    let shown: Instance = operator.get(&path::instance(lines[0].instance)).await?;
    ensure!(shown.variables["cuenta"] == 1, "{:?}", shown.variables);
    let nothing = operator
        .post::<Bulk>(path::INCIDENTS_RETRY, &json!({"reason": "todo"}))
        .await
        .err()
        .context("it was not refused")?;
    ensure!(code(&nothing) == "invalid", "{nothing}");
    let dead: Paged<DeadLetter> = operator.get(path::DEAD_LETTERS).await?;
    ensure!(
        dead.items.iter().all(|dead| dead.cause.is_some()),
        "{dead:?}"
    );
    let _: Value = operator
        .post(path::SIGNALS, &json!({"name": "tormenta"}))
        .await?;
    Ok(())
}
