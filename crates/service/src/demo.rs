//! The demo world: a solution with processes and customer types, users of every role, and customers. It is filled in through
//! the same doors that everybody uses, so that its audit trail and histories are real.

use std::collections::BTreeMap;

use access::{Grant, Target, Verb};
use api::session::DemoUser;
use design::{Author, Body, Kind, Surroundings};
use desk::{NewCustomer, Portfolio, Sight};
use directory::{Passwords, UserWrite, groups, roles, setup, users};
use include_dir::{Dir, DirEntry, include_dir};
use kernel::{Ambient, Error, Language, Result};
use ledger::Actor;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::{Db, Tx};

static SOLUTION: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/solution");

/// Not a secret: it is printed on the sign-in screen of the demo world, and only there.
const PASSWORD: &str = "violeta-lluvia-tren";

/// Login, name, role's key, groups' keys, sentence of what the person does.
const USERS: &[(&str, &str, &str, &[&str], &str)] = &[
    (
        "agente",
        "Paula Lamas",
        "agent",
        &["contact_center", "card_delivery"],
        "settings-demo-agent",
    ),
    (
        "backoffice",
        "Tomás Ferreyra",
        "back_office",
        &["billing_assistants", "cards_back_office", "credit_risk"],
        "settings-demo-back-office",
    ),
    (
        "supervisora",
        "Graciela Suárez",
        "supervisor",
        &["supervisors", "billing_coordination", "billing_management"],
        "settings-demo-supervisor",
    ),
    (
        "disenadora",
        "Inés Otaegui",
        "designer",
        &[],
        "settings-demo-designer",
    ),
    (
        "admin",
        "Ana Robles",
        "administrator",
        &[],
        "settings-demo-administrator",
    ),
];

/// For the sign-in screen.
pub fn users() -> Vec<DemoUser> {
    let user = |(login, name, _, _, role): &(&str, &str, &str, &[&str], &str)| DemoUser {
        login: (*login).to_owned(),
        password: PASSWORD.to_owned(),
        name: (*name).to_owned(),
        role: (*role).to_owned(),
    };
    USERS.iter().map(user).collect()
}

/// Credit notes up to this much; above it the supervisor approves.
fn credit_limit() -> Grant {
    Grant::allow(Target::activity("billing_claim", "*"), &[Verb::Execute])
        .up_to("note_amount", rust_decimal::Decimal::from(50_000))
}

#[derive(Deserialize)]
struct DemoGroup {
    key: String,
    name: form::Words,
}

/// Fills an empty database; one with users in it is left as it is.
pub async fn fill(db: &Db, ambient: &Ambient) -> Result<()> {
    if !setup::needs_setup(&mut db.read().await?).await? {
        return Ok(());
    }
    let passwords = Passwords::new(ambient, 2).await?;
    let password = passwords.prepare(ambient, PASSWORD, &[]).await?;
    let actor = Actor::system("demo");
    let mut tx = db.write().await?;
    for mut spec in directory::demo::roles(Language::Es) {
        if spec.key == "back_office" {
            spec.grants.push(credit_limit());
        }
        setup::ensure_role(&mut tx, ambient, &actor, spec).await?;
    }
    let files = files();
    let text = files.get("groups.json").map_or("[]", String::as_str);
    let wanted: Vec<DemoGroup> = serde_json::from_str(text).map_err(Error::internal)?;
    for group in wanted {
        groups::create(
            &mut tx,
            ambient,
            &actor,
            &group.key,
            group.name.get(Language::Es),
            "",
        )
        .await?;
    }
    for (login, name, role, in_groups, _) in USERS {
        let role = roles::find_by_key(&mut tx, role)
            .await?
            .ok_or_else(|| Error::not_found("role"))?;
        let mut ids = Vec::new();
        for key in *in_groups {
            ids.push(
                groups::find_by_key(&mut tx, key)
                    .await?
                    .ok_or_else(|| Error::not_found("group"))?
                    .id,
            );
        }
        let write = UserWrite {
            groups: Some(ids),
            roles: Some(vec![role.id]),
            ..UserWrite::new(*login, *name)
        };
        users::create(&mut tx, ambient, &actor, write, Some(&password), false).await?;
    }
    solution(&mut tx, ambient, &actor, &files).await?;
    tx.commit().await?;
    tracing::info!("the demo world is there");
    Ok(())
}

async fn solution(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    files: &BTreeMap<String, String>,
) -> Result<()> {
    let around = Surroundings {
        groups: groups::keys(tx).await?.into_iter().collect(),
        language: Language::Es,
    };
    let author = Author {
        ambient,
        actor,
        around: &around,
    };
    let definitions = files
        .iter()
        .filter(|(path, _)| *path != "groups.json")
        .map(|(p, t)| (p.clone(), t.clone()))
        .collect();
    let imported = design::solution::import(tx, author, &definitions).await?;
    let mut types = Vec::new();
    for (kind, key, version) in &imported.published {
        if *kind == Kind::CustomerType
            && let Body::CustomerType(schema) = design::version(tx, *kind, key, *version).await?
        {
            desk::index::ensure(tx, &schema).await?;
            types.push((*version, Arc::new(schema)));
        }
    }
    let portfolio = Portfolio::new(types);
    let all = Sight::all();
    for (type_key, fields) in people() {
        let new = NewCustomer {
            type_key: type_key.to_owned(),
            owner: None,
            unit: None,
            home: None,
            fields,
        };
        desk::customer::create(tx, ambient, actor, (&all, &all), &portfolio, new).await?;
    }
    Ok(())
}

fn files() -> BTreeMap<String, String> {
    fn gather(folder: &Dir<'_>, into: &mut BTreeMap<String, String>) {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) => gather(inner, into),
                DirEntry::File(file) => {
                    let path = file.path().to_string_lossy().replace('\\', "/");
                    into.insert(path, file.contents_utf8().unwrap_or_default().to_owned());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    gather(&SOLUTION, &mut found);
    found
}

const FIRST: &[&str] = &[
    "Cynthia",
    "Yésica",
    "Belén",
    "Raúl",
    "Hernán",
    "Valeria",
    "Martín",
    "Lucía",
    "Íñigo",
    "Sofía",
    "Nicolás",
    "Rocío",
    "Agustín",
    "Camila",
    "Jorge",
    "Marcela",
    "Andrés",
    "Noelia",
    "Ezequiel",
    "María José",
    "Facundo",
    "Zoe",
];
const LAST: &[&str] = &[
    "Bera",
    "Vera",
    "Giménez",
    "Jiménez",
    "Gonsales",
    "González",
    "Valdés",
    "Baldez",
    "Zárate",
    "Sárate",
    "Müller",
    "D'Alessandro",
    "Ibáñez",
    "Núñez",
    "Nuñes",
    "Leston",
    "Ernandes",
    "Hernández",
    "Peñaloza",
    "Otaegui",
    "Yanos",
    "Llanos",
];
const CITIES: &[&str] = &[
    "Buenos Aires",
    "Córdoba",
    "Rosario",
    "Mendoza",
    "Tucumán",
    "La Plata",
    "Salta",
    "Neuquén",
];
const STREETS: &[&str] = &[
    "Av. Corrientes",
    "Tucumán",
    "Bv. Oroño",
    "San Martín",
    "Av. Colón",
    "Belgrano",
    "Mitre",
];
const COMPANIES: &[&str] = &[
    "Agro Pampeana",
    "Ferretería El Tornillo",
    "Textil Andina",
    "Lácteos del Sur",
    "Transporte Ruta 3",
    "Imprenta Lux",
];

/// 240 persons and 24 companies, always the same. The same words in the same places: no chance in it.
fn people() -> Vec<(&'static str, Map<String, Value>)> {
    let pick = |from: &[&'static str], n: usize| from[n % from.len()];
    let mut made = Vec::new();
    for n in 0..240_usize {
        let (first, last) = (pick(FIRST, n * 7 + n / 22), pick(LAST, n * 5 + n / 11));
        let mut fields = object(json!({
            "name": format!("{first} {last}"),
            "document": cuit(if n.is_multiple_of(2) { 27 } else { 20 }, 14_000_000 + n * 83_417),
            "mobile": format!("+54911{:08}", 41_000_000 + n * 70_937),
            "email": format!("{}.{n}@example.com", kernel::text::fold(last).replace(' ', "")),
            "address": format!("{} {}", pick(STREETS, n * 3), 100 + n * 17),
            "city": pick(CITIES, n * 3 + n / 8),
            "birth_date": format!("{}-{:02}-{:02}", 1948 + n % 55, 1 + n % 12, 1 + n % 28),
            "balance": format!("{}.{:02}", (n * 7_919) % 250_000, n % 100),
            "annual_average": format!("{}.50", 1_000 + (n * 331) % 90_000),
            "points": ((n * 37) % 12_000).to_string(),
            "segment": pick(&["gold", "silver", "bronze", "bronze"], n),
        }));
        if n.is_multiple_of(9) {
            fields.insert("agreement".into(), "Convenio empleados 2026".into());
        }
        made.push(("person", fields));
    }
    for n in 0..24_usize {
        let name = format!(
            "{} {}",
            pick(COMPANIES, n),
            ["S.A.", "S.R.L.", "S.A.S.", "y Cía."][n / 6]
        );
        let fields = object(json!({
            "name": name,
            "document": cuit(30, 50_000_000 + n * 612_343),
            "phone": format!("+541148{:06}", 100_000 + n * 7_001),
            "email": format!("compras{n}@example.com"),
            "address": format!("{} {}", pick(STREETS, n), 1_000 + n * 31),
            "city": pick(CITIES, n),
            "employees": (5 + n * 13).to_string(),
            "balance": format!("{}.00", (n * 41_999) % 2_000_000),
            "segment": pick(&["gold", "silver"], n),
        }));
        made.push(("company", fields));
    }
    made
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Argentina's tax number with its check digit: weights 5 4 3 2 7 6 5 4 3 2, modulus 11.
fn cuit(prefix: usize, number: usize) -> String {
    let ten = format!("{prefix:02}{number:08}");
    let sum: usize = ten
        .bytes()
        .zip([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
        .map(|(digit, weight)| usize::from(digit - b'0') * weight)
        .sum();
    let check = match 11 - sum % 11 {
        11 => 0,
        // No such number is issued under this prefix; the next one is.
        10 => return cuit(prefix, number + 1),
        digit => digit,
    };
    format!("{ten}{check}")
}
