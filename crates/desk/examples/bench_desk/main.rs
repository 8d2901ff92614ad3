//! What the customers' desk takes: the import of a list, search as you type, opening a customer, each on both databases.
//!
//! `ENGAGE_BENCH_CUSTOMERS` says how many (1,000,000 when absent); `ENGAGE_TEST_POSTGRES` names the cluster; `--only sqlite`
//! or `--only postgres` measures on that alone. One JSON object a line on stdout, everything else on stderr.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong must stop"
)]

mod lists;
mod people;

use std::sync::Arc;
use std::time::{Duration, Instant};

use desk::import::{self, State, Upload};
use desk::list::{self, ListQuery};
use desk::{Portfolio, Sight, customer, find};
use form::schema::DocumentRule;
use form::{CustomerSchema, FieldKind, FieldSpec, Words};
use kernel::Page;
use store::Db;

use people::{People, questions};

#[tokio::main]
async fn main() {
    let customers = std::env::var("ENGAGE_BENCH_CUSTOMERS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000_000);
    let mut arguments = std::env::args().skip_while(|word| word != "--only");
    let only = arguments.nth(1);
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        let sqlite = store::testing::sqlite().await;
        measure("sqlite", &sqlite.db, customers, 10_000).await;
        sqlite.db.close().await;
        drop(sqlite);
    }
    if wanted("postgres")
        && let Some(postgres) = store::testing::postgres().await
    {
        measure("postgres", &postgres.db, customers, 20_000).await;
    }
}

fn line(name: &str, value: f64, unit: &str, goal: &str) {
    println!(
        "{}",
        serde_json::json!({"name": name, "value": (value * 100.0).round() / 100.0, "unit": unit, "goal": goal})
    );
}

async fn measure(name: &str, db: &Db, customers: u64, rate: u64) {
    let portfolio = portfolio();
    let ambient = store::ambient();
    let actor = ledger::Actor::system("bench");
    // As publishing the type does.
    let mut tx = db.write().await.unwrap();
    for of in portfolio.iter() {
        desk::index::ensure(&mut tx, &of.schema).await.unwrap();
    }
    tx.commit().await.unwrap();

    let begun = Instant::now();
    let mut upload = Upload::begin(db, &ambient, &actor, "bench.csv")
        .await
        .unwrap();
    let mut people = People::new(42);
    let mut text = String::from(
        "Nombre y apellido;CUIT/CUIL;Teléfono celular;Correo electrónico;Domicilio;Ciudad;Fecha de nacimiento;Saldo cuenta;Segmento\n",
    );
    let mut known = Vec::new();
    for i in 0..customers {
        let person = people.row(&mut text, i);
        if i % (customers / 600).max(1) == 0 {
            known.push(person);
        }
        if text.len() > 256 * 1024 || i + 1 == customers {
            upload.push(text.as_bytes()).await.unwrap();
            text.clear();
        }
    }
    let list = upload.finish().await.unwrap();
    eprintln!(
        "{name}: {} MB uploaded in {:.1} s",
        list.size / 1_000_000,
        begun.elapsed().as_secs_f64()
    );

    let setup = import::inspect(
        &mut db.read().await.unwrap(),
        &portfolio,
        list.id,
        "person",
        None,
    )
    .await
    .unwrap()
    .setup;
    let mut tx = db.write().await.unwrap();
    import::configure(
        &mut tx,
        (&ambient, &actor),
        &import::Importer::ALL,
        &portfolio,
        list.id,
        "person",
        setup,
    )
    .await
    .unwrap();
    import::start(
        &mut tx,
        &ambient,
        &actor,
        &import::Importer::ALL,
        &portfolio,
        list.id,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let (begun, memory) = (Instant::now(), resident());
    let watched = watch_memory();
    import::work(db, &ambient, &portfolio, &access::Policy::nothing())
        .await
        .unwrap();
    let took = begun.elapsed().as_secs_f64();
    let done = import::load(&mut db.read().await.unwrap(), list.id)
        .await
        .unwrap();
    assert_eq!(
        (done.state, done.rows_created + done.rows_rejected),
        (State::Done, done.rows_read)
    );
    eprintln!(
        "{name}: {} created, {} rejected in {took:.1} s",
        done.rows_created, done.rows_rejected
    );
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
    line(
        &format!("import into {name}"),
        done.rows_read as f64 / took,
        "rows/s",
        &format!(">= {rate}"),
    );
    line(
        &format!("memory that the import into {name} takes"),
        watched.peak() - memory,
        "MB",
        "<= 100",
    );

    let typed = questions(&mut people, &known);
    let mut times: Vec<(Duration, &str)> = Vec::new();
    let mut found = 0;
    for question in &typed {
        let asked = Instant::now();
        let mut read = db.read().await.unwrap();
        let hits = find::search(&mut read, &Sight::all(), &portfolio, question, 0)
            .await
            .unwrap();
        times.push((asked.elapsed(), question));
        found += usize::from(!hits.is_empty());
    }
    assert!(
        found * 10 > typed.len() * 7,
        "most questions find somebody: {found} of {}",
        typed.len()
    );
    times.sort();
    for (took, question) in times.iter().rev().take(12) {
        eprintln!(
            "{name}: {:6.1} ms  {question}",
            took.as_secs_f64() * 1_000.0
        );
    }
    let at = |share: usize| {
        times[(times.len() * share / 100).min(times.len() - 1)]
            .0
            .as_secs_f64()
            * 1_000.0
    };
    line(
        &format!("search among {customers} on {name}, p50"),
        at(50),
        "ms",
        "",
    );
    line(
        &format!("search among {customers} on {name}, p95"),
        at(95),
        "ms",
        "<= 30",
    );

    let first = Page {
        limit: Some(200),
        cursor: None,
    };
    let page = list::page(
        &mut db.read().await.unwrap(),
        &Sight::all(),
        &portfolio,
        &ListQuery::default(),
        &first,
    )
    .await
    .unwrap();
    let ids: Vec<_> = page.items.into_iter().map(|c| c.id).collect();
    let mut times = Vec::new();
    for id in ids {
        let asked = Instant::now();
        let mut read = db.read().await.unwrap();
        assert!(
            customer::load(&mut read, &Sight::all(), &portfolio, id)
                .await
                .unwrap()
                .is_some()
        );
        desk::contact::list(&mut read, &Sight::all(), &portfolio, id)
            .await
            .unwrap();
        times.push(asked.elapsed());
    }
    times.sort();
    line(
        &format!("open a customer on {name} (record and contacts), p95"),
        times[times.len() * 95 / 100].as_secs_f64() * 1_000.0,
        "ms",
        "<= 100",
    );
    lists::measure(name, db, &portfolio).await;
}

/// Megabytes that the process holds of its own now. The pages of SQLite's file that are mapped are the system's cache: it takes
/// them back when it wants to.
fn resident() -> f64 {
    let told = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = |at: usize| {
        told.split(' ')
            .nth(at)
            .and_then(|n| n.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (pages(1) - pages(2)) * 4_096.0 / 1e6
}

struct Watched(tokio::task::JoinHandle<()>, Arc<std::sync::Mutex<f64>>);

fn watch_memory() -> Watched {
    let peak = Arc::new(std::sync::Mutex::new(0.0_f64));
    let seen = Arc::clone(&peak);
    let task = tokio::spawn(async move {
        loop {
            let now = resident();
            if let Ok(mut peak) = seen.lock() {
                *peak = peak.max(now);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    Watched(task, peak)
}

impl Watched {
    fn peak(self) -> f64 {
        self.0.abort();
        self.1.lock().map(|p| *p).unwrap_or_default()
    }
}

fn portfolio() -> Portfolio {
    let field = |key: &str, es: &str, kind| FieldSpec::new(key, Words::new(es, es), kind);
    let mut name = field("full_name", "Nombre y apellido", FieldKind::Text);
    name.required = true;
    let mut cuit = field(
        "cuit",
        "CUIT/CUIL",
        FieldKind::Document {
            rule: DocumentRule::Cuit,
        },
    );
    cuit.unique = true;
    let mut fields = vec![
        name,
        cuit,
        field(
            "mobile",
            "Teléfono celular",
            FieldKind::Phone {
                country: Some("54".into()),
            },
        ),
        field("email", "Correo electrónico", FieldKind::Email),
        field("address", "Domicilio", FieldKind::LongText),
        field("city", "Ciudad", FieldKind::Text),
        field("born", "Fecha de nacimiento", FieldKind::Date),
        field(
            "balance",
            "Saldo cuenta",
            FieldKind::Amount {
                currency: Some("ARS".into()),
            },
        ),
        field("segment", "Segmento", FieldKind::Text),
    ];
    for field in &mut fields {
        // Seven, as in the demo's person.
        field.searchable = !matches!(field.key.as_str(), "address" | "born");
    }
    let schema = CustomerSchema {
        key: "person".into(),
        name: Words::new("Persona", "Person"),
        title: vec!["full_name".into()],
        fields,
        ..CustomerSchema::default()
    };
    Portfolio::new([(1, Arc::new(schema))])
}
