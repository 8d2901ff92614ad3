//! The designer's and the list-bringer's day: a process that another tool drew, a customer type of one's own, and two dirty
//! lists of ten thousand.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use api::customers::CustomerWindow;
use api::definitions::{Definition, Imported, Saved};
use api::imports::{Import, ImportPlan, Preview, RejectLine};
use api::path;
use journeys::{Client, Database, Options, Place, Refused, Service, eventually, testdata};
use kernel::Paged;
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

async fn upload(
    designer: &Client,
    what: &str,
    document: impl Into<reqwest::Body>,
) -> Result<Imported> {
    let to = format!("{}?file={what}", path::IMPORT_PROCESS);
    designer
        .send(reqwest::Method::POST, &to, "application/xml", document)
        .await
}

#[tokio::test]
async fn a_process_of_another_tool_comes_in_and_a_broken_one_says_where() -> Result<()> {
    let place = Place::new("design")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("design-{}", database.name()))?;
        let service = Service::start(&apart, "node", &database, &Options::demo())?;
        let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;

        for (broken, why) in [
            ("esto no es xml", "line"),
            ("<a><b></a>", "line"),
            (TWO_STARTS, "Start_2"),
            (TO_NOTHING, "Nowhere"),
        ] {
            match upload(&designer, "roto.bpmn", broken).await {
                // What can be drawn is kept as a draft; what stands against publishing it is named.
                Ok(taken) => ensure!(
                    taken
                        .saved
                        .problems
                        .iter()
                        .any(|p| format!("{p:?}").contains(why)),
                    "{why} is not named: {:?}",
                    taken.saved.problems
                ),
                Err(refused) => {
                    ensure!(code(&refused) == "bad_definition", "{refused}");
                    ensure!(
                        refused.to_string().contains(why),
                        "{why} is not named: {refused}"
                    );
                }
            }
        }

        // A customer type of one's own takes effect at once.
        let schema = json!({
            "key": "asegurado", "name": {"es": "Asegurado", "en": "Policy holder"}, "title": ["nombre"],
            "fields": [
                {"key": "nombre", "label": {"es": "Nombre", "en": "Name"}, "kind": "text", "required": true, "searchable": true},
                {"key": "poliza", "label": {"es": "Póliza", "en": "Policy"}, "kind": "text", "unique": true, "searchable": true},
                {"key": "prima", "label": {"es": "Prima", "en": "Premium"}, "kind": "amount", "currency": "ARS"}
            ]
        });
        let made: Saved = designer
            .post(path::DEFINITIONS, &json!({"kind": "customer_type", "key": "asegurado", "name": {"es": "Asegurado", "en": "Policy holder"}, "body": schema}))
            .await?;
        ensure!(made.problems.is_empty(), "{:?}", made.problems);
        let publish = path::fill(path::PUBLISH, &["customer_type", "asegurado"]);
        let published: Saved = designer
            .post(&publish, &json!({"revision": made.revision}))
            .await?;
        ensure!(published.version == Some(1), "{published:?}");
        let new = json!({"customer_type": "asegurado", "fields": {"nombre": "Zoe Ibáñez", "poliza": "P-1", "prima": "10.5"}});
        let _: Value = designer.post(path::CUSTOMERS, &new).await?;
        let twice = designer
            .post::<Value>(path::CUSTOMERS, &new)
            .await
            .unwrap_err();
        ensure!(matches!(code(&twice), "duplicate" | "invalid"), "{twice}");
        let stale = designer
            .post::<Saved>(&publish, &json!({"revision": 0}))
            .await
            .unwrap_err();
        ensure!(matches!(code(&stale), "stale" | "wrong_state"), "{stale}");

        let Some(file) = testdata("bpmn-miwg/C.1.0.bpmn") else {
            eprintln!("skipped: no data");
            continue;
        };
        let taken = upload(&designer, "C.1.0.bpmn", std::fs::read(file)?).await?;
        let opened: Definition = designer
            .get(&path::definition("process", &taken.key))
            .await?;
        ensure!(
            opened.body["bpmn"]
                .as_str()
                .is_some_and(|text| text.contains("BPMNDiagram")),
            "the drawing is lost"
        );
        // Its user tasks have no form, outcome or group yet: each is named, and publishing is refused.
        ensure!(opened.problems.len() >= 3, "{:?}", opened.problems);
        let publish = path::fill(path::PUBLISH, &["process", &taken.key]);
        let refused = designer
            .post::<Saved>(&publish, &json!({"revision": opened.revision}))
            .await
            .unwrap_err();
        ensure!(code(&refused) == "bad_definition", "{refused}");
    }
    Ok(())
}

const TWO_STARTS: &str = r#"<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="P" isExecutable="true"><startEvent id="Start_1"/><startEvent id="Start_2"/><userTask id="T"/>
<sequenceFlow id="f1" sourceRef="Start_1" targetRef="T"/><sequenceFlow id="f2" sourceRef="Start_2" targetRef="T"/></process></definitions>"#;
const TO_NOTHING: &str = r#"<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
<process id="P" isExecutable="true"><startEvent id="Start_1"/><sequenceFlow id="f1" sourceRef="Start_1" targetRef="Nowhere"/></process></definitions>"#;

#[tokio::test]
async fn two_dirty_lists_come_in_whole_and_go_out_whole() -> Result<()> {
    let place = Place::new("lists")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("lists-{}", database.name()))?;
        let service = Service::start(&apart, "node", &database, &Options::demo())?;
        let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
        for (name, encoding, delimiter, decimal, dates) in [
            (
                "clientes_latin1_punto_y_coma.csv",
                "windows-1252",
                ";",
                "comma",
                "dmy",
            ),
            ("clientes_utf8_coma.csv", "utf-8", ",", "point", "ymd"),
        ] {
            let Some(file) = testdata(&format!("customers/{name}")) else {
                eprintln!("skipped: no data");
                continue;
            };
            let before = count(&designer).await?;
            let to = format!("{}?name={name}", path::IMPORTS);
            let list: Import = designer
                .send(reqwest::Method::POST, &to, "text/csv", std::fs::read(file)?)
                .await?;
            let seen = (
                list.format.encoding.as_str(),
                list.format.delimiter.as_str(),
                list.format.decimal_mark.as_str(),
                list.format.date_order.as_str(),
            );
            ensure!(
                seen == (encoding, delimiter, decimal, dates),
                "{name}: {:?}",
                list.format
            );

            let ask = ImportPlan {
                customer_type: "person".into(),
                format: list.format.clone(),
                mapping: Vec::new(),
                match_by: Vec::new(),
                on_match: "skip".into(),
                formulas: "reject".into(),
                owner: None,
                unit: None,
            };
            let at = |template: &str| path::fill(template, &[&list.id.to_string()]);
            let preview: Preview = designer.post(&at(path::IMPORT_PREVIEW), &ask).await?;
            ensure!(
                preview.problems.is_empty() && preview.plan.mapping.len() >= 8,
                "{:?} {:?}",
                preview.plan,
                preview.problems
            );
            let _: Import = designer.put(&at(path::IMPORT_PLAN), &preview.plan).await?;
            let _: Import = designer.post(&at(path::IMPORT_START), &json!({})).await?;
            let done = eventually("the list to be in", Duration::from_secs(120), || {
                let (designer, at) = (designer.clone(), at(path::IMPORT));
                async move {
                    let now: Import = designer.get(&at).await?;
                    Ok(matches!(now.state.as_str(), "done" | "failed").then_some(now))
                }
            })
            .await?;
            let p = &done.progress;
            ensure!(done.state == "done" && done.failure.is_none(), "{done:?}");
            ensure!(
                p.read == p.created + p.updated + p.skipped + p.rejected && p.read >= 9_900,
                "{p:?}"
            );
            // About 2 % are wrong, in ways that the list's own page names.
            ensure!((100..=400).contains(&(p.rejected + p.skipped)), "{p:?}");
            ensure!(
                count(&designer).await? == before + u64::try_from(p.created)?,
                "not all of it is visible"
            );
            let rejected: Paged<RejectLine> = designer
                .get(&format!("{}?limit=500", at(path::IMPORT_REJECTS)))
                .await?;
            let rejected = rejected.items;
            ensure!(
                rejected.iter().all(|r| r.row > 1
                    && r.problems
                        .iter()
                        .all(|p| !p.sentence.is_empty() && !p.sentence.starts_with('['))),
                "{:?}",
                rejected.first()
            );
            let report =
                String::from_utf8(designer.download(&at(path::IMPORT_REJECTS_FILE)).await?)?;
            ensure!(
                report.lines().count() > rejected.len().min(400) / 2 && report.contains("Motivo"),
                "{}",
                report.lines().next().unwrap_or("")
            );

            let _: Import = designer.post(&at(path::IMPORT_UNDO), &json!({})).await?;
            eventually("the list to be out again", Duration::from_secs(120), || {
                let (designer, at) = (designer.clone(), at(path::IMPORT));
                async move { Ok((designer.get::<Import>(&at).await?.state == "undone").then_some(())) }
            })
            .await?;
            ensure!(
                count(&designer).await? == before,
                "something of the list is left"
            );
        }
    }
    Ok(())
}

async fn count(designer: &Client) -> Result<u64> {
    let ask = json!({"customer_type": "person", "offset": 0, "page": {"limit": 1}});
    let seen: CustomerWindow = designer
        .post(path::CUSTOMERS_WINDOW, &ask)
        .await
        .context("counting")?;
    Ok(seen.total)
}

#[tokio::test]
async fn what_is_too_large_is_refused_with_the_limit() -> Result<()> {
    let place = Place::new("large")?;
    let database = Database::file(&place);
    let options = Options::demo().with("ENGAGE_UPLOAD_LIMIT_MIB", "2");
    let service = Service::start(&place, "node", &database, &options)?;
    let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
    let row = "Ana;27140000006\n".repeat(200_000);
    let refused = designer
        .send::<Import>(
            reqwest::Method::POST,
            &format!("{}?name=grande.csv", path::IMPORTS),
            "text/csv",
            row,
        )
        .await
        .unwrap_err();
    ensure!(
        code(&refused) == "too_large" && refused.to_string().contains("2 MiB"),
        "{refused}"
    );
    let refused = upload(&designer, "grande.bpmn", vec![b' '; 9 << 20])
        .await
        .unwrap_err();
    ensure!(code(&refused) == "too_large", "{refused}");
    let malformed = designer
        .send::<Value>(
            reqwest::Method::POST,
            path::INSTANCES,
            "application/json",
            "{\"process\": 3",
        )
        .await
        .unwrap_err();
    ensure!(code(&malformed) == "malformed", "{malformed}");
    Ok(())
}
