//! `cargo xtask bench service`: what the service answers over HTTP, as the desktop and the browser ask it, with sessions and
//! permissions: taking in a list of people, searching as one types among a million customers, opening one with 200 lines of history (warm, and first
//! after a start), closing an activity until the next inbox stands there, one's own and a colleague's.
//!
//! `ENGAGE_BENCH_CUSTOMERS` says how many customers (1,000,000 when absent); `--only sqlite` or `--only postgresql` measures
//! on that alone. Program and load share the machine.

#[path = "../../crates/desk/examples/bench_desk/people.rs"]
mod people;

use std::{
    env,
    io::{Write, stdout},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use api::{
    customers::{Customer, HistoryLine},
    imports::{Import, ImportPlan, Preview},
    path,
    work::{Completed, Started, WorkItem, WorkItemLine},
};
use futures::{future::try_join3, stream};
use journeys::{Client, Database, Options, Place, Service, eventually};
use kernel::Paged;
use people::{People, Person, questions};
use serde_json::{Value, json};

/// Of the demo world, printed on its sign-in screen.
const PASSWORD: &str = "violeta-lluvia-tren";
/// Customers with a long history, and how many processes each has been through: four lines of history a process.
const REGULARS: usize = 8;
const VISITS: usize = 50;

#[tokio::main]
async fn main() -> Result<()> {
    let customers = env::var("ENGAGE_BENCH_CUSTOMERS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000_000);
    let only = env::args().skip_while(|word| word != "--only").nth(1);
    let place = Place::new("bench-service")?;
    for database in Database::all(&place)? {
        let name = database.name().to_lowercase();
        if only.as_deref().is_none_or(|only| only == name) {
            measure(&place, &database, &name, customers).await?;
        }
    }
    Ok(())
}

async fn measure(place: &Place, database: &Database, name: &str, customers: u64) -> Result<()> {
    let options = Options::demo().with("ENGAGE_LOG", "warn");
    let mut service = Service::start(place, name, database, &options)?;
    let admin = service.client()?.sign_in("admin", PASSWORD).await?;
    let mut people = People::new(42);
    let (known, took) = bring(&admin, &mut people, customers).await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
    let rate = customers as f64 / took.as_secs_f64();
    let goal = if name == "sqlite" {
        ">= 10000"
    } else {
        ">= 20000"
    };
    tell(
        &format!("list of {customers} taken in over HTTP on {name}"),
        rate,
        "rows/s",
        goal,
    )?;

    let agent = service.client()?.sign_in("agente", PASSWORD).await?;
    let typed = questions(&mut people, &known);
    let (mut times, mut found) = (Vec::new(), 0);
    for question in &typed {
        let asked = Instant::now();
        let hits = agent.suggest(question).await?;
        times.push(asked.elapsed());
        found += usize::from(!hits.is_empty());
    }
    ensure!(found * 10 > typed.len() * 7, "{found} of {}", typed.len());
    let among = format!("search among {customers} over HTTP on {name}");
    tell(&format!("{among}, p50"), share(&mut times, 50), "ms", "")?;
    tell(
        &format!("{among}, p95"),
        share(&mut times, 95),
        "ms",
        "<= 30",
    )?;

    let regulars = regulars(&agent).await?;
    visits(&service, &agent, &regulars, name).await?;

    let mut warm = Vec::new();
    for _ in 0..10 {
        for customer in &regulars {
            warm.push(opened(&agent, customer).await?);
        }
    }
    let open = format!("open a customer with 200 lines of history over HTTP on {name}");
    tell(
        &format!("{open}, p95"),
        share(&mut warm, 95),
        "ms",
        "<= 100",
    )?;
    let mut cold = Vec::new();
    for customer in &regulars {
        service.stop()?;
        service.restart()?;
        cold.push(opened(&agent, customer).await?);
    }
    tell(
        &format!("{open}, first after a start, worst of {REGULARS}"),
        share(&mut cold, 100),
        "ms",
        "<= 300",
    )
}

/// So many people as a list, taken in as any other. Returns some of them, and how long it took from the start to the end.
async fn bring(
    admin: &Client,
    people: &mut People,
    customers: u64,
) -> Result<(Vec<Person>, Duration)> {
    let mut known = Vec::new();
    let mut pieces: Vec<Result<Vec<u8>, std::io::Error>> = Vec::new();
    let mut text = String::from(
        "Nombre y apellido;CUIT/CUIL;Teléfono celular;Correo electrónico;Domicilio;Ciudad;Fecha de nacimiento;Saldo cuenta;Segmento\n",
    );
    for number in 0..customers {
        let person = people.row(&mut text, number);
        if number % (customers / 600).max(1) == 0 {
            known.push(person);
        }
        if text.len() > 256 * 1024 || number + 1 == customers {
            pieces.push(Ok(std::mem::take(&mut text).into_bytes()));
        }
    }
    let list: Import = admin
        .send(
            reqwest::Method::POST,
            &format!("{}?name=bench.csv", path::IMPORTS),
            "text/csv",
            reqwest::Body::wrap_stream(stream::iter(pieces)),
        )
        .await?;
    let at = |template: &str| path::fill(template, &[&list.id.to_string()]);
    let plan = ImportPlan {
        customer_type: "person".into(),
        format: list.format.clone(),
        mapping: Vec::new(),
        match_by: Vec::new(),
        on_match: "skip".into(),
        formulas: "reject".into(),
        owner: None,
        unit: None,
    };
    let preview: Preview = admin.post(&at(path::IMPORT_PREVIEW), &plan).await?;
    ensure!(preview.problems.is_empty(), "{:?}", preview.problems);
    let _: Import = admin.put(&at(path::IMPORT_PLAN), &preview.plan).await?;
    let begun = Instant::now();
    let _: Import = admin.post(&at(path::IMPORT_START), &json!({})).await?;
    let done = eventually("the list", Duration::from_secs(600), || async {
        let now: Import = admin.get(&at(path::IMPORT)).await?;
        Ok((now.state == "done").then_some(now))
    })
    .await?;
    let least = i64::try_from(customers)? * 9 / 10;
    let took = begun.elapsed();
    ensure!(done.progress.created > least, "{:?}", done.progress);
    Ok((known, took))
}

async fn regulars(agent: &Client) -> Result<Vec<String>> {
    let ask = json!({"customer_type": "person", "fields": [], "page": {"limit": REGULARS}});
    let page: Paged<Value> = agent.post(path::CUSTOMERS_SEARCH, &ask).await?;
    page.items
        .iter()
        .map(|line| Ok(line["id"].as_str().context("an id")?.to_owned()))
        .collect()
}

/// Applications taken by an agent and refused by the back office, until every customer has a long history.
async fn visits(service: &Service, agent: &Client, customers: &[String], name: &str) -> Result<()> {
    let office = service.client()?.sign_in("backoffice", PASSWORD).await?;
    let mut live = office.events(None).await?;
    let (mut there, mut own) = (Vec::new(), Vec::new());
    for visit in 0..VISITS * customers.len() {
        let customer = &customers[visit % customers.len()];
        let begun: Started = agent
            .post(
                path::INSTANCES,
                &json!({"process": "credit_card", "customer": customer}),
            )
            .await?;
        let first: WorkItem = agent.get(&path::work_item(begun.work_items[0])).await?;
        let values = json!({"card": "gold", "income": "900000", "consent": true});
        let asked = Instant::now();
        close(agent, &first, "complete", &values).await?;
        let next = loop {
            live.until("the next inbox", Duration::from_secs(20), |event| {
                event.data.contains("inbox:credit_risk")
            })
            .await?;
            let inbox: Paged<WorkItemLine> = office.get(path::WORK_ITEMS).await?;
            let ours = |line: &WorkItemLine| line.instance == begun.instance;
            if let Some(line) = inbox.items.into_iter().find(ours) {
                break line.id;
            }
        };
        there.push(asked.elapsed());
        let next: WorkItem = office.get(&path::work_item(next)).await?;
        let values = json!({"score": "310", "reason": "Ingresos insuficientes"});
        let asked = Instant::now();
        close(&office, &next, "refused", &values).await?;
        let inbox: Paged<WorkItemLine> = office.get(path::WORK_ITEMS).await?;
        own.push(asked.elapsed());
        let left = inbox.items.iter().any(|line| line.id == next.line.id);
        ensure!(!left, "what was closed is still in the inbox");
    }
    let closing = format!("closing an activity over HTTP on {name}");
    tell(
        &format!("{closing} until one's next inbox, p95"),
        share(&mut own, 95),
        "ms",
        "<= 150",
    )?;
    tell(
        &format!("{closing} until the colleague's inbox has the next, p95"),
        share(&mut there, 95),
        "ms",
        "<= 150",
    )
}

async fn close(who: &Client, item: &WorkItem, outcome: &str, values: &Value) -> Result<()> {
    let body = json!({"version": item.line.version, "outcome": outcome, "values": values});
    let _: Completed = who
        .post(&path::work_item_complete(item.line.id), &body)
        .await?;
    Ok(())
}

/// All that the customer's page asks for, at once, as the page does.
async fn opened(agent: &Client, customer: &str) -> Result<Duration> {
    let at = |template: &str| path::fill(template, &[customer]);
    let history = format!("{}?limit=200", at(path::CUSTOMER_HISTORY));
    let (record, contacts) = (at(path::CUSTOMER), at(path::CUSTOMER_CONTACTS));
    let asked = Instant::now();
    let (_, _, lines): (Customer, Value, Paged<HistoryLine>) = try_join3(
        agent.get(&record),
        agent.get(&contacts),
        agent.get(&history),
    )
    .await?;
    let took = asked.elapsed();
    ensure!(lines.items.len() == 200, "{} lines", lines.items.len());
    Ok(took)
}

/// So many per cent of them took at most this long, in milliseconds.
fn share(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    let at = (times.len() * percent / 100).min(times.len() - 1);
    times[at].as_secs_f64() * 1_000.0
}

fn tell(name: &str, value: f64, unit: &str, goal: &str) -> Result<()> {
    let value = (value * 100.0).round() / 100.0;
    let line = json!({"name": name, "value": value, "unit": unit, "goal": goal});
    writeln!(stdout().lock(), "{line}")?;
    Ok(())
}
