//! What the room's stories share: a customer type, and people made of it.

use std::sync::{Arc, OnceLock};

use desk::{Customer, NewCustomer, Portfolio, Sight, customer};
use form::schema::DocumentRule;
use form::{CustomerSchema, FieldKind, FieldSpec, Words};
use kernel::{Ambient, Moment};
use serde_json::{Value, json};
use store::Db;
use store::testing::{HandClock, hand_ambient};

pub fn schema() -> CustomerSchema {
    let field = |key: &str, es: &str, en: &str, kind| FieldSpec::new(key, Words::new(es, en), kind);
    let mut name = field(
        "full_name",
        "Nombre y apellido",
        "Full name",
        FieldKind::Text,
    );
    name.required = true;
    let mut cuit = field(
        "cuit",
        "CUIT/CUIL",
        "Tax number",
        FieldKind::Document {
            rule: DocumentRule::Cuit,
        },
    );
    cuit.unique = true;
    let mut balance = field(
        "balance",
        "Saldo cuenta",
        "Account balance",
        FieldKind::Amount {
            currency: Some("ARS".into()),
        },
    );
    balance.searchable = true;
    let mut city = field("city", "Ciudad", "City", FieldKind::Text);
    city.searchable = true;
    CustomerSchema {
        key: "person".into(),
        name: Words::new("Persona", "Person"),
        title: vec!["full_name".into()],
        fields: vec![
            name,
            cuit,
            field(
                "mobile",
                "Teléfono celular",
                "Mobile",
                FieldKind::Phone {
                    country: Some("54".into()),
                },
            ),
            field("email", "Correo electrónico", "E-mail", FieldKind::Email),
            field("address", "Domicilio", "Address", FieldKind::LongText),
            city,
            field(
                "born",
                "Fecha de nacimiento",
                "Date of birth",
                FieldKind::Date,
            ),
            balance,
            field("segment", "Segmento", "Segment", FieldKind::Text),
            field("vip", "VIP", "VIP", FieldKind::Boolean),
        ],
        ..CustomerSchema::default()
    }
}

pub fn portfolio() -> Portfolio {
    Portfolio::new([(1, Arc::new(schema()))])
}

/// One for the whole binary: ids must not repeat.
pub fn ambient() -> Ambient {
    clock_and_ambient().1
}

pub fn clock_and_ambient() -> (HandClock, Ambient) {
    static BOTH: OnceLock<(HandClock, Ambient)> = OnceLock::new();
    BOTH.get_or_init(|| hand_ambient(Moment::from_secs(1_790_000_000), 7))
        .clone()
}

pub fn actor() -> ledger::Actor {
    ledger::Actor::system("test")
}

pub fn person(fields: Value) -> NewCustomer {
    serde_json::from_value(json!({"type_key": "person", "fields": fields})).unwrap()
}

pub async fn make(db: &Db, fields: Value) -> Customer {
    let mut tx = db.write().await.unwrap();
    let all = Sight::all();
    let made = customer::create(
        &mut tx,
        &ambient(),
        &actor(),
        (&all, &all),
        &portfolio(),
        person(fields),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    made
}
