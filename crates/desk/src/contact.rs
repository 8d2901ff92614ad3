//! The people who represent a customer. Whoever knows the contact finds the customer.

use form::schema::DocumentRule;
use form::{FieldKind, FieldSpec, Words};
use kernel::{Ambient, Code, Error, FieldProblem, Id, Moment, Operand, Result};
use ledger::{Actor, audit};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Reads, Tx};

use crate::record::Customer;
use crate::{Portfolio, Sight, customer};

/// A person who represents a customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Contact {
    pub id: Id<Contact>,
    #[sqlx(rename = "customer_id")]
    pub customer: Id<Customer>,
    pub name: String,
    /// What they are to the customer: `Apoderado`, `Tesorera`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub version: i64,
    pub created: Moment,
    pub changed: Moment,
    /// Fields that the asker may not see: those above are empty.
    #[sqlx(skip)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
}

/// What a contact is made of, and what a change writes: the whole, not a patch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactValues {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

store::statements! {
    OF = "SELECT id, customer_id, name, role, document, email, phone, mobile, note, version, created, changed \
        FROM contact WHERE customer_id = $1 AND deleted IS NULL ORDER BY created, id";
    LOAD = "SELECT id, customer_id, name, role, document, email, phone, mobile, note, version, created, changed \
        FROM contact WHERE id = $1 AND deleted IS NULL";
    /// The ids come as a JSON list: one statement for any number of them.
    OF_MANY = "SELECT id, customer_id, name, role, document, email, phone, mobile, note, version, created, changed \
        FROM contact WHERE deleted IS NULL AND customer_id IN (SELECT unhex(value, '-') FROM json_each($1))",
        "SELECT id, customer_id, name, role, document, email, phone, mobile, note, version, created, changed \
        FROM contact WHERE deleted IS NULL AND customer_id IN (SELECT value::uuid FROM json_array_elements_text($1::text::json))";
    INSERT = "INSERT INTO contact (id, customer_id, name, role, document, email, phone, mobile, note, version, created, changed) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)";
    UPDATE = "UPDATE contact SET name = $3, role = $4, document = $5, email = $6, phone = $7, mobile = $8, note = $9, \
        changed = $10, version = version + 1 WHERE id = $1 AND version = $2 AND deleted IS NULL";
    DELETE = "UPDATE contact SET deleted = $3, changed = $3, version = version + 1 \
        WHERE id = $1 AND version = $2 AND deleted IS NULL";
}

impl Contact {
    /// A field's value, for conditions.
    pub(crate) fn operand(&self, field: &str) -> Operand {
        let text = |value: &Option<String>| value.clone().map_or(Operand::Null, Operand::Text);
        match field {
            "id" => Operand::Text(self.id.to_string()),
            "customer" => Operand::Text(self.customer.to_string()),
            "name" => Operand::Text(self.name.clone()),
            "role" => text(&self.role),
            "document" => text(&self.document),
            "email" => text(&self.email),
            "phone" => text(&self.phone),
            "mobile" => text(&self.mobile),
            "note" => text(&self.note),
            _ => Operand::Null,
        }
    }

    /// What the asker may see of it; nothing where it does not exist for the asker.
    fn seen(self, sight: &Sight) -> Option<Self> {
        sight.has_contact(&self).then(|| self.lensed(sight))
    }

    fn lensed(self, sight: &Sight) -> Self {
        let may = |field: &str| sight.shows_contact(field, &self);
        let keep = |field: &str, value: &Option<String>| value.clone().filter(|_| may(field));
        Self {
            name: if may("name") {
                self.name.clone()
            } else {
                String::new()
            },
            role: keep("role", &self.role),
            document: keep("document", &self.document),
            email: keep("email", &self.email),
            phone: keep("phone", &self.phone),
            mobile: keep("mobile", &self.mobile),
            note: keep("note", &self.note),
            masked: FIELDS
                .into_iter()
                .filter(|field| !may(field))
                .map(str::to_owned)
                .collect(),
            ..self
        }
    }
}

/// The contacts of a customer that the asker may see.
pub async fn list(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    customer: Id<Customer>,
) -> Result<Vec<Contact>> {
    if customer::load_row(reads, sight, portfolio, customer)
        .await?
        .is_none()
    {
        return Err(Error::not_found("customer"));
    }
    Ok(of(reads, customer)
        .await?
        .into_iter()
        .filter_map(|c| c.seen(sight))
        .collect())
}

pub async fn load(
    reads: &mut impl Reads,
    sight: &Sight,
    portfolio: &Portfolio,
    id: Id<Contact>,
) -> Result<Option<Contact>> {
    let Some(contact) = store::fetch_optional!(reads, Contact, LOAD, id)? else {
        return Ok(None);
    };
    let seen = customer::load_row(reads, sight, portfolio, contact.customer)
        .await?
        .is_some();
    Ok(if seen { contact.seen(sight) } else { None })
}

/// Makes a contact. An unknown one is registered on the spot, while the customer is being served.
pub async fn create(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    (customer, values): (Id<Customer>, ContactValues),
) -> Result<Contact> {
    if customer::load_row(tx, reading, portfolio, customer)
        .await?
        .is_none()
    {
        return Err(Error::not_found("customer"));
    }
    let (id, now) = (ambient.id::<Contact>(), ambient.now());
    let v = checked(values, Vec::new())?;
    let would_be = Contact {
        id,
        customer,
        name: v.name.clone(),
        role: v.role.clone(),
        document: v.document.clone(),
        email: v.email.clone(),
        phone: v.phone.clone(),
        mobile: v.mobile.clone(),
        note: v.note.clone(),
        version: 1,
        created: now,
        changed: now,
        masked: Vec::new(),
    };
    if !writing.has_contact(&would_be) {
        return Err(forbidden("create"));
    }
    let given = FIELDS.into_iter().zip(apart(v.clone()));
    let refused: Vec<_> = given
        .filter(|(field, value)| value.is_some() && !writing.shows_contact(field, &would_be))
        .map(|(field, _)| refuse(field))
        .collect();
    if let Ok(error) = Error::try_from(refused) {
        return Err(error);
    }
    store::execute!(
        tx,
        INSERT,
        id,
        customer,
        &v.name,
        &v.role,
        &v.document,
        &v.email,
        &v.phone,
        &v.mobile,
        &v.note,
        now
    )?;
    customer::reword(tx, portfolio, customer).await?;
    let entry = audit::Entry::new("contact.create", "desk", "contact")
        .of(id)
        .customer(customer)
        .changed(None, Some(&v));
    audit::record(tx, now, actor, entry);
    // Whoever makes one that lies outside of what they may read is told that it is there.
    Ok(wanted(tx, id).await?.lensed(reading))
}

/// Writes a contact's values anew. Fields that the changer may not see come empty and keep what they have; what they may see
/// and not write must come as it is.
pub async fn change(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    (id, version, values): (Id<Contact>, i64, ContactValues),
) -> Result<Contact> {
    let old = writable(tx, (reading, writing), portfolio, id, "change").await?;
    let mut problems = Vec::new();
    let mut values = apart(values);
    for ((field, new), kept) in FIELDS.into_iter().zip(&mut values).zip(apart(old.values())) {
        let blank = |value: &Option<String>| value.as_deref().is_none_or(|t| t.trim().is_empty());
        let read = reading.shows_contact(field, &old);
        if !read && blank(new) {
            *new = kept;
        } else if *new != kept
            && !(blank(new) && blank(&kept))
            && !(read && writing.shows_contact(field, &old))
        {
            problems.push(refuse(field));
        }
    }
    let v = checked(together(values), problems)?;
    let now = ambient.now();
    let done = store::execute!(
        tx,
        UPDATE,
        id,
        version,
        &v.name,
        &v.role,
        &v.document,
        &v.email,
        &v.phone,
        &v.mobile,
        &v.note,
        now
    )?;
    if done == 0 {
        return Err(Error::new(Code::Stale));
    }
    customer::reword(tx, portfolio, old.customer).await?;
    let entry = audit::Entry::new("contact.change", "desk", "contact")
        .of(id)
        .customer(old.customer);
    audit::record(tx, now, actor, entry.changed(Some(&old.values()), Some(&v)));
    let kept = wanted(tx, id).await?;
    if !writing.has_contact(&kept) {
        return Err(forbidden("change"));
    }
    Ok(kept.lensed(reading))
}

pub async fn delete(
    tx: &mut Tx,
    ambient: &Ambient,
    actor: &Actor,
    (reading, deleting): (&Sight, &Sight),
    portfolio: &Portfolio,
    (id, version): (Id<Contact>, i64),
) -> Result<()> {
    let old = writable(tx, (reading, deleting), portfolio, id, "delete").await?;
    let now = ambient.now();
    if store::execute!(tx, DELETE, id, version, now)? == 0 {
        return Err(Error::new(Code::Stale));
    }
    customer::reword(tx, portfolio, old.customer).await?;
    let entry = audit::Entry::new("contact.delete", "desk", "contact")
        .of(id)
        .customer(old.customer);
    audit::record(tx, now, actor, entry.changed(Some(&old.values()), None));
    Ok(())
}

impl Contact {
    fn values(&self) -> ContactValues {
        ContactValues {
            name: self.name.clone(),
            role: self.role.clone(),
            document: self.document.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            mobile: self.mobile.clone(),
            note: self.note.clone(),
        }
    }
}

pub(crate) async fn of(reads: &mut impl Reads, customer: Id<Customer>) -> Result<Vec<Contact>> {
    store::fetch_all!(reads, Contact, OF, customer)
}

pub(crate) async fn of_many(
    reads: &mut impl Reads,
    customers: &[Id<Customer>],
) -> Result<Vec<Contact>> {
    let ids: Vec<String> = customers.iter().map(ToString::to_string).collect();
    store::fetch_all!(
        reads,
        Contact,
        OF_MANY,
        serde_json::to_string(&ids).map_err(Error::internal)?
    )
}

async fn wanted(tx: &mut Tx, id: Id<Contact>) -> Result<Contact> {
    store::fetch_optional!(tx, Contact, LOAD, id)?.ok_or_else(|| Error::not_found("contact"))
}

/// One that the asker may see, and do that with.
async fn writable(
    tx: &mut Tx,
    (reading, writing): (&Sight, &Sight),
    portfolio: &Portfolio,
    id: Id<Contact>,
    verb: &str,
) -> Result<Contact> {
    let contact = wanted(tx, id).await?;
    let seen = customer::load_row(tx, reading, portfolio, contact.customer)
        .await?
        .is_some();
    if !seen || !reading.has_contact(&contact) {
        return Err(Error::not_found("contact"));
    }
    if !writing.has_contact(&contact) {
        return Err(forbidden(verb));
    }
    Ok(contact)
}

fn forbidden(verb: &str) -> Error {
    Error::new(Code::Forbidden)
        .with("verb", verb)
        .with("entity", "contact")
}

fn refuse(field: &str) -> FieldProblem {
    FieldProblem::new(field, "field_forbidden")
}

const FIELDS: [&str; 7] = [
    "name", "role", "document", "email", "phone", "mobile", "note",
];

/// In the order of [`FIELDS`].
fn apart(values: ContactValues) -> [Option<String>; FIELDS.len()] {
    let ContactValues {
        name,
        role,
        document,
        email,
        phone,
        mobile,
        note,
    } = values;
    [Some(name), role, document, email, phone, mobile, note]
}

fn together(values: [Option<String>; FIELDS.len()]) -> ContactValues {
    let [name, role, document, email, phone, mobile, note] = values;
    ContactValues {
        name: name.unwrap_or_default(),
        role,
        document,
        email,
        phone,
        mobile,
        note,
    }
}

/// The canonical values, or every problem.
fn checked(values: ContactValues, mut problems: Vec<FieldProblem>) -> Result<ContactValues> {
    let mut check = |key: &str, kind: FieldKind, required: bool, value: Option<String>| {
        let mut spec = FieldSpec::new(key, Words::default(), kind);
        spec.required = required;
        match spec.check(&value.map_or(Value::Null, Value::String)) {
            Ok(Value::String(text)) => Some(text),
            Ok(_) => None,
            Err(problem) => {
                problems.push(problem);
                None
            }
        }
    };
    let name = check("name", FieldKind::Text, true, Some(values.name)).unwrap_or_default();
    let checked = ContactValues {
        role: check("role", FieldKind::Text, false, values.role),
        document: check(
            "document",
            FieldKind::Document {
                rule: DocumentRule::None,
            },
            false,
            values.document,
        ),
        email: check("email", FieldKind::Email, false, values.email),
        phone: check(
            "phone",
            FieldKind::Phone { country: None },
            false,
            values.phone,
        ),
        mobile: check(
            "mobile",
            FieldKind::Phone { country: None },
            false,
            values.mobile,
        ),
        note: check("note", FieldKind::LongText, false, values.note),
        name,
    };
    if problems.is_empty() && kernel::text::fold(&checked.name).is_empty() {
        problems.push(FieldProblem::new("name", "no_name"));
    }
    match Error::try_from(problems) {
        Ok(error) => Err(error),
        Err(()) => Ok(checked),
    }
}
