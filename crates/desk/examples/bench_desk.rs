//! What the customers' desk takes: the import of a list, search as you type, opening a customer, each on both databases.
//!
//! `ENGAGE_BENCH_CUSTOMERS` says how many (1,000,000 when absent); `ENGAGE_TEST_POSTGRES` names the cluster. One JSON object
//! a line on stdout, everything else on stderr.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that goes wrong must stop"
)]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk::import::{self, State, Upload};
use desk::list::{self, ListQuery};
use desk::{Portfolio, Sight, customer, find};
use form::schema::DocumentRule;
use form::{CustomerSchema, FieldKind, FieldSpec, Words};
use kernel::Page;
use store::Db;

#[tokio::main]
async fn main() {
    let customers = std::env::var("ENGAGE_BENCH_CUSTOMERS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000_000);
    let sqlite = store::testing::sqlite().await;
    measure("sqlite", &sqlite.db, customers, 10_000).await;
    sqlite.db.close().await;
    drop(sqlite);
    if let Some(postgres) = store::testing::postgres().await {
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
    import::configure(&mut tx, &Sight::all(), &portfolio, list.id, "person", setup)
        .await
        .unwrap();
    import::start(&mut tx, &ambient, &actor, &portfolio, list.id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (begun, memory) = (Instant::now(), resident());
    let watched = watch_memory();
    import::work(db, &ambient, &portfolio).await.unwrap();
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
}

/// Megabytes that the process holds now.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|s| s.split(' ').nth(1)?.parse::<f64>().ok());
    pages.unwrap_or(0.0) * 4_096.0 / 1e6
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
    let fields = vec![
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
    let schema = CustomerSchema {
        key: "person".into(),
        name: Words::new("Persona", "Person"),
        title: vec!["full_name".into()],
        fields,
        ..CustomerSchema::default()
    };
    Portfolio::new([(1, Arc::new(schema))])
}

/// As people type: letter by letter, names in any order, numbers from either end.
fn questions(people: &mut People, known: &[Person]) -> Vec<String> {
    let mut typed = Vec::new();
    for (i, person) in known.iter().enumerate() {
        let first = |text: &str, n: usize| text.chars().take(n).collect::<String>();
        let few = 1 + people.below(7);
        typed.push(match i % 12 {
            0 => first(person.given, few),
            1 => first(person.surname, few),
            2 => format!("{} {}", first(person.given, 2), first(person.surname, 2)),
            3 => format!("{} {}", first(person.surname, 3), first(person.given, 3)),
            4 => format!("{} {}", person.given, first(person.surname, few)),
            5 => format!(
                "{} {} {}",
                person.given,
                person.surname,
                first(person.second, 1)
            )
            .to_uppercase(),
            6 => first(&person.local, 4 + people.below(5)),
            7 => person.local.chars().skip(4).collect(),
            8 => format!("+54 9 11 {}-{}", &person.local[..4], &person.local[4..]),
            9 => first(&person.cuit, 4 + people.below(8)),
            10 => first(&person.email, 6 + people.below(12)),
            _ => format!("{} {}", person.surname, person.second),
        });
    }
    typed
}

/// Invented people: names as they are common in Spanish, with their phonetic twins, and tax numbers with right check digits.
struct People(u64);

struct Person {
    given: &'static str,
    surname: &'static str,
    second: &'static str,
    cuit: String,
    local: String,
    email: String,
}

const GIVEN: &[&str] = &[
    "María",
    "José",
    "Juan",
    "Carlos",
    "Ana",
    "Luis",
    "Lucía",
    "Cynthia",
    "Cintia",
    "Yésica",
    "Jésica",
    "Belén",
    "Raúl",
    "Valeria",
    "Iñigo",
    "Joaquín",
    "Martín",
    "Marta",
    "Mario",
    "Miguel",
    "Pedro",
    "Pablo",
    "Sofía",
    "Laura",
    "Elena",
    "Helena",
    "Diego",
    "Andrés",
    "Fernando",
    "Florencia",
    "Graciela",
    "Gustavo",
    "Hernán",
    "Ignacio",
    "Jorge",
    "Julieta",
    "Karina",
    "Carina",
    "Leandro",
    "Lorena",
    "Marcela",
    "Mariana",
    "Matías",
    "Micaela",
    "Natalia",
    "Nicolás",
    "Óscar",
    "Patricia",
    "Ramón",
    "Ricardo",
    "Roberto",
    "Rocío",
    "Rosa",
    "Rubén",
    "Sandra",
    "Santiago",
    "Sebastián",
    "Silvia",
    "Soledad",
    "Susana",
    "Tomás",
    "Verónica",
    "Víctor",
    "Ximena",
    "Jimena",
    "Ángela",
    "Bruno",
    "Camila",
    "Clara",
    "Damián",
    "Emilia",
    "Facundo",
    "Gabriela",
    "Zoé",
    "Walter",
    "Noemí",
];
const SURNAMES: &[&str] = &[
    "González",
    "Gonsales",
    "Rodríguez",
    "López",
    "García",
    "Pérez",
    "Sánchez",
    "Romero",
    "Sosa",
    "Torres",
    "Álvarez",
    "Ruiz",
    "Ramírez",
    "Flores",
    "Acosta",
    "Benítez",
    "Medina",
    "Suárez",
    "Herrera",
    "Aguirre",
    "Pereyra",
    "Gutiérrez",
    "Giménez",
    "Jiménez",
    "Molina",
    "Silva",
    "Castro",
    "Rojas",
    "Ortiz",
    "Núñez",
    "Luna",
    "Juárez",
    "Cabrera",
    "Ríos",
    "Ferreyra",
    "Godoy",
    "Morales",
    "Domínguez",
    "Moreno",
    "Peralta",
    "Vega",
    "Carrizo",
    "Quiroga",
    "Castillo",
    "Ledesma",
    "Muñiz",
    "Ojeda",
    "Ponce",
    "Vera",
    "Vázquez",
    "Vásquez",
    "Villalba",
    "Cardozo",
    "Navarro",
    "Ramos",
    "Arias",
    "Coronel",
    "Córdoba",
    "Figueroa",
    "Correa",
    "Cáceres",
    "Vargas",
    "Maldonado",
    "Mansilla",
    "Farías",
    "Rivero",
    "Paz",
    "Miranda",
    "Roldán",
    "Méndez",
    "Lucero",
    "Cruz",
    "Hernández",
    "Ernandes",
    "Agüero",
    "Páez",
    "Blanco",
    "Mendoza",
    "Barrios",
    "Escobar",
    "Ávila",
    "Soria",
    "Leiva",
    "Acuña",
    "Maidana",
    "Moyano",
    "Campos",
    "Olivera",
    "Duarte",
    "Soto",
    "Franco",
    "Bravo",
    "Valdés",
    "Baldez",
    "Toledo",
    "Andrada",
    "Zárate",
    "Sárate",
    "Llanos",
    "Yanos",
    "Bera",
    "Leston",
    "Müller",
    "Ibáñez",
    "Peña",
    "D'Alessandro",
    "O'Connor",
    "Van der Meer",
    "Etcheverry",
    "Irigoyen",
    "Yrigoyen",
    "Urquiza",
    "Belgrano",
    "Sarmiento",
    "Alberdi",
    "Rivadavia",
    "Saavedra",
    "Moretti",
    "Bianchi",
    "Ferrari",
    "Rossi",
    "Russo",
    "Esposito",
    "Romano",
    "Colombo",
    "Ricci",
    "Marino",
    "Greco",
    "Bruno",
    "Gallo",
    "Conti",
    "De Luca",
    "Costa",
    "Giordano",
];

impl People {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn pick(&mut self, from: &'static [&'static str]) -> &'static str {
        // The first names of the list are the common ones, as in life.
        let (a, b) = (self.below(from.len()), self.below(from.len()));
        from[a.min(b)]
    }

    fn person(&mut self, number: u64) -> Person {
        let (given, surname, second) = (self.pick(GIVEN), self.pick(SURNAMES), self.pick(SURNAMES));
        let local = format!("{:08}", 20_000_000 + self.below(60_000_000));
        let folded = |name: &str| kernel::text::fold(name).replace(' ', "");
        let email = format!("{}.{}{number}@example.com", folded(given), folded(surname));
        Person {
            given,
            surname,
            second,
            cuit: cuit(self.below(3), 1_000_000 + number * 37 % 89_000_000),
            local,
            email,
        }
    }

    fn row(&mut self, text: &mut String, number: u64) -> Person {
        let p = self.person(number);
        let (cuit, local) = (&p.cuit, &p.local);
        let day = format!(
            "{}/{}/{}",
            1 + self.below(28),
            1 + self.below(12),
            1940 + self.below(65)
        );
        let balance = format!(
            "{}.{:03},{:02}",
            1 + self.below(250),
            self.below(1_000),
            self.below(100)
        );
        let street = [
            "\"Av. Corrientes 1234, piso 3 \"\"B\"\"\"",
            "Tucumán 540",
            "\"Bv. Oroño 77; local 2\"",
            "Pasaje Ñandú s/n",
        ][self.below(4)];
        let city = [
            "Lima",
            "Montevideo",
            "Buenos Aires",
            "Bogotá",
            "Córdoba",
            "Ciudad de México",
        ][self.below(6)];
        let segment = ["Oro", "Plata", "Bronce", ""][self.below(4)];
        let _ = writeln!(
            text,
            "{} {} {};{}-{}-{};+54 9 11 {}-{};{};{street};{city};{day};{balance};{segment}",
            p.given,
            p.surname,
            p.second,
            &cuit[..2],
            &cuit[2..10],
            &cuit[10..],
            &local[..4],
            &local[4..],
            p.email
        );
        p
    }
}

/// A tax number whose check digit is right; where the rule has none for a prefix, the next number is taken.
fn cuit(prefix: usize, number: u64) -> String {
    let body = format!("{}{number:08}", ["20", "23", "27"][prefix]);
    let sum: u32 = body
        .bytes()
        .zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(d, w)| u32::from(d - b'0') * w)
        .sum();
    match 11 - sum % 11 {
        10 => cuit(prefix, number + 1),
        11 => format!("{body}0"),
        check => format!("{body}{check}"),
    }
}
