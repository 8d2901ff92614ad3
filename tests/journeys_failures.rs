//! What goes wrong around a service, at the level of processes: killed in the middle of a list, no room left on the disk,
//! the database gone and back again. Nothing acknowledged is lost, nothing is half in, and whoever asks meanwhile is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use api::customers::CustomerWindow;
use api::imports::{Import, ImportPlan, Preview};
use api::path;
use api::work::Started;
use journeys::{Cable, Client, Database, Options, Place, Refused, Service, eventually};
use serde_json::{Value, json};

const PASSWORD: &str = "violeta-lluvia-tren";
const ROWS: usize = 12_000;

fn code(error: &anyhow::Error) -> &str {
    error
        .downcast_ref::<Refused>()
        .map(Refused::code)
        .unwrap_or_default()
}

/// Everybody different, nobody of the demo world.
fn list(rows: usize) -> String {
    let mut text = String::from("Nombre y apellido;CUIT/CUIL;Correo electrónico\n");
    for row in 0..rows {
        let number = cuit(55_000_000 + row);
        text.push_str(&format!(
            "Persona{row} Delalista;{number};lista{row}@example.com\n"
        ));
    }
    text
}

/// With its check digit: the tens number 20, or 23 where 20 would give the digit 10.
fn cuit(document: usize) -> String {
    let digit = |kind: usize| {
        let digits = format!("{kind}{document:08}");
        let sum: usize = digits
            .bytes()
            .zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
            .map(|(digit, weight)| usize::from(digit - b'0') * weight)
            .sum();
        (11 - sum % 11) % 11
    };
    let kind = if digit(20) == 10 { 23 } else { 20 };
    format!("{kind}{document:08}{}", digit(kind))
}

async fn count(client: &Client) -> Result<u64> {
    let ask = json!({"customer_type": "person", "offset": 0, "page": {"limit": 1}});
    let seen: CustomerWindow = client.post(path::CUSTOMERS_WINDOW, &ask).await?;
    Ok(seen.total)
}

async fn uploaded(designer: &Client, text: String) -> Result<Import> {
    let to = format!("{}?name=lista.csv", path::IMPORTS);
    designer
        .send(reqwest::Method::POST, &to, "text/csv", text)
        .await
}

async fn begun(designer: &Client, list: &Import) -> Result<()> {
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
    ensure!(preview.problems.is_empty(), "{:?}", preview.problems);
    let _: Import = designer.put(&at(path::IMPORT_PLAN), &preview.plan).await?;
    let _: Import = designer.post(&at(path::IMPORT_START), &json!({})).await?;
    Ok(())
}

#[tokio::test]
async fn a_list_whose_service_is_killed_comes_in_whole_all_the_same() -> Result<()> {
    let place = Place::new("killed-list")?;
    for database in Database::all(&place)? {
        let apart = Place::new(&format!("killed-list-{}", database.name()))?;
        let mut service = Service::start(&apart, "node", &database, &Options::demo())?;
        let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
        let before = count(&designer).await?;
        let list = uploaded(&designer, list(ROWS)).await?;
        begun(&designer, &list).await?;
        let at = path::fill(path::IMPORT, &[&list.id.to_string()]);
        for share in [5, 3] {
            let halfway = i64::try_from(ROWS / share)?;
            let now = eventually("a part of the list", Duration::from_secs(90), || {
                let (designer, at) = (designer.clone(), at.clone());
                async move {
                    let now: Import = designer.get(&at).await?;
                    Ok((now.progress.read >= halfway || now.state == "done").then_some(now))
                }
            })
            .await?;
            ensure!(now.state == "running", "too quick to be killed: {now:?}");
            service.kill();
            service.restart()?;
            // The connection that the kill has broken is noticed by the first who uses it.
            let seen = eventually("an answer after the kill", Duration::from_secs(20), || {
                let designer = designer.clone();
                async move { count(&designer).await.map(Some) }
            })
            .await?;
            ensure!(
                seen == before,
                "the list is half in on {}: {seen} for {before}",
                database.name()
            );
        }
        let done = eventually("the whole list", Duration::from_secs(180), || {
            let (designer, at) = (designer.clone(), at.clone());
            async move {
                let now: Import = designer.get(&at).await?;
                Ok(matches!(now.state.as_str(), "done" | "failed").then_some(now))
            }
        })
        .await?;
        let rows = i64::try_from(ROWS)?;
        ensure!(
            done.state == "done" && done.progress.created == rows && done.progress.read == rows,
            "{done:?}"
        );
        ensure!(count(&designer).await? == before + u64::try_from(rows)?);
        service.stop()?;
        let report = service.command(&["audit", "verify"])?;
        ensure!(report.contains("\"faults\": 0"), "{report}");
    }
    Ok(())
}

/// A small disk of its own; `None` where this user may not mount one.
struct Disk(PathBuf);

impl Disk {
    fn mount(folder: &Path, mib: u32) -> Option<Self> {
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"])
            .arg(folder)
            .output();
        done.is_ok_and(|done| done.status.success())
            .then(|| Self(folder.to_owned()))
    }

    /// Takes all the room there is.
    fn fill(&self) -> Result<()> {
        let piece = vec![0_u8; 64 << 10];
        let mut ballast = fs::File::create(self.0.join("ballast"))?;
        for size in [piece.len(), 4096, 512, 1] {
            while std::io::Write::write_all(&mut ballast, &piece[..size]).is_ok() {}
        }
        Ok(())
    }

    fn free(&self) -> Result<()> {
        Ok(fs::remove_file(self.0.join("ballast"))?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}

#[tokio::test]
async fn on_a_full_disk_a_write_is_refused_and_nothing_is_lost() -> Result<()> {
    let place = Place::new("full-disk")?;
    let folder = place.folder("disk")?;
    let Some(disk) = Disk::mount(&folder, 96) else {
        eprintln!("skipped: this user may not mount a small disk");
        return Ok(());
    };
    let database = Database::file_in(&folder);
    let mut service = Service::start(&place, "node", &database, &Options::demo())?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let designer = service.client()?.sign_in("disenadora", PASSWORD).await?;
    let customer = agent
        .suggest("cynthia")
        .await?
        .into_iter()
        .next()
        .context("nobody is found")?;
    let start = json!({"process": "billing_claim", "customer": customer.id});
    let first: Started = agent.post(path::INSTANCES, &start).await?;

    disk.fill()?;
    // Some writes may still fit into what the file has reserved; a list does not.
    let mut refused = None;
    for _ in 0..200 {
        if let Err(error) = uploaded(&designer, list(2_000)).await {
            refused = Some(error);
            break;
        }
    }
    let refused = refused.context("the disk never was full")?;
    ensure!(code(&refused) == "storage_full", "{refused}");
    let said = refused
        .downcast_ref::<Refused>()
        .map(|r| r.problem["sentence"].to_string())
        .unwrap_or_default();
    ensure!(said.contains("espacio"), "{said}");
    // What is there can still be read.
    let _: Value = agent.get(&path::instance(first.instance)).await?;

    disk.free()?;
    let second: Started = eventually("to be able to write again", Duration::from_secs(20), || {
        let (agent, start) = (agent.clone(), start.clone());
        async move { agent.post(path::INSTANCES, &start).await.map(Some) }
    })
    .await?;
    service.kill();
    service.restart()?;
    for instance in [first.instance, second.instance] {
        let _: Value = eventually("an answer after the kill", Duration::from_secs(20), || {
            let agent = agent.clone();
            async move { agent.get(&path::instance(instance)).await.map(Some) }
        })
        .await?;
    }
    service.stop()?;
    let report = service.command(&["audit", "verify"])?;
    ensure!(report.contains("\"faults\": 0"), "{report}");
    Ok(())
}

#[tokio::test]
async fn a_database_that_goes_away_and_comes_back_costs_nothing_but_the_time() -> Result<()> {
    let place = Place::new("cable")?;
    let Some(database) = Database::postgres()? else {
        eprintln!("skipped: no PostgreSQL");
        return Ok(());
    };
    let host = database
        .url()
        .split_once('@')
        .and_then(|(_, rest)| rest.split_once('/'))
        .map(|(host, _)| host.to_owned())
        .context("an address with a host")?;
    let cable = Cable::to(&host)?;
    let way = database.by_way_of(cable.through(database.url())?);
    let mut service = Service::start(&place, "node", &way, &Options::demo())?;
    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let customer = agent
        .suggest("cynthia")
        .await?
        .into_iter()
        .next()
        .context("nobody is found")?;
    let start = json!({"process": "billing_claim", "customer": customer.id});
    let before: Started = agent.post(path::INSTANCES, &start).await?;

    cable.pull_out();
    let asked = Instant::now();
    let key = "while-the-database-is-away";
    let refused = agent
        .post_as::<Started>(key, path::INSTANCES, &start)
        .await
        .err()
        .context("a write went through without a database")?;
    ensure!(
        matches!(code(&refused), "unavailable" | "timeout"),
        "{refused}"
    );
    ensure!(
        asked.elapsed() < Duration::from_secs(40),
        "the answer took {:?}",
        asked.elapsed()
    );
    let health = eventually(
        "the service to say that it is not well",
        Duration::from_secs(30),
        || {
            let agent = agent.clone();
            async move {
                let sick = agent.get::<Value>(path::HEALTH).await.err();
                Ok(sick.and_then(|e| e.downcast_ref::<Refused>().map(|r| r.status)))
            }
        },
    )
    .await?;
    ensure!(health == 503, "{health}");

    cable.put_back();
    // The same request once more, with its key: done once.
    let after: Started = eventually("the database to be back", Duration::from_secs(60), || {
        let (agent, start) = (agent.clone(), start.clone());
        async move { agent.post_as(key, path::INSTANCES, &start).await.map(Some) }
    })
    .await?;
    ensure!(after.instance != before.instance);
    let again: Started = agent.post_as(key, path::INSTANCES, &start).await?;
    ensure!(again.instance == after.instance, "done twice");
    // Who listens for live events across it hears of what comes after.
    let back_office = service.client()?.sign_in("supervisora", PASSWORD).await?;
    let mut live = back_office.events(None).await?;
    cable.pull_out();
    cable.put_back();
    let _: Started = eventually(
        "a write after the second break",
        Duration::from_secs(60),
        || {
            let (agent, start) = (agent.clone(), start.clone());
            async move { agent.post(path::INSTANCES, &start).await.map(Some) }
        },
    )
    .await?;
    live.until("news after the break", Duration::from_secs(60), |_| true)
        .await?;
    service.stop()?;
    let report = service.command(&["audit", "verify"])?;
    ensure!(report.contains("\"faults\": 0"), "{report}");
    Ok(())
}
