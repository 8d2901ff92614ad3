//! Roles × records × fields × ways out, against an oracle in Python: what each user is answered by the whole service, in
//! lists, windows, filters, orders, searches, counts, single reads, histories, contacts, running processes, inboxes, live
//! events, the audit view, records as they were, and exports. 0 mismatches.
//!
//! Two kinds of checks: what is shown must be exactly what the oracle says; and in every answer, whatever it is, no value
//! may stand that its reader may not see. For that the values of some records are found nowhere else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

#[path = "ways/cases.rs"]
mod cases;
#[expect(dead_code, reason = "the other tests use the rest")]
mod house;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use api::path;
use cases::{Chance, FIELDS, MARKED, compare, mark, marked, operand, role, shows};
use futures::StreamExt;
use house::House;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const DEMO: &str = "violeta-lluvia-tren";
#[derive(Deserialize)]
struct Told {
    rows: Vec<bool>,
    cells: BTreeMap<String, Vec<bool>>,
    search: BTreeMap<String, String>,
    contacts: Vec<BTreeMap<String, bool>>,
    entity: BTreeMap<String, BTreeMap<String, bool>>,
}

struct Record {
    id: String,
    fields: Map<String, Value>,
}

struct World {
    house: House,
    admin: String,
    records: Vec<Record>,
    contacts: Vec<(String, Map<String, Value>)>,
    /// The first of the records that are marked.
    first: usize,
}

#[derive(Default)]
struct Tally {
    checks: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn check(&mut self, way: &'static str, right: bool, what: impl FnOnce() -> String) {
        *self.checks.entry(way).or_default() += 1;
        if !right && self.wrong.len() < 50 {
            self.wrong.push(format!("{way}: {}", what()));
        }
    }
}

impl World {
    async fn open(database: store::testing::TestDb, users: &[String]) -> Self {
        let house = House::start(database, true).await;
        let admin = house.sign_in("admin", DEMO).await;
        for n in 0..MARKED {
            let new = json!({"customer_type": "person", "fields": marked(n, users)});
            let (status, made) = house.call(&admin, "POST", path::CUSTOMERS, new).await;
            assert_eq!(status, 201, "{made}");
            let id = made["id"].as_str().unwrap();
            let place = path::fill(path::CUSTOMER_CONTACTS, &[id]);
            let contact = json!({
                "name": format!("Zqcname{n:02}x"), "email": format!("zqcmail{n:02}x@example.org"),
                "phone": format!("+54114{:07}", 8_100_000 + n * 1_009), "note": format!("Zqcnote{n:02}x"),
            });
            let (status, made) = house.call(&admin, "POST", &place, contact).await;
            assert_eq!(status, 201, "{made}");
        }
        let mut this = Self {
            house,
            admin,
            records: Vec::new(),
            contacts: Vec::new(),
            first: 0,
        };
        this.read_all().await;
        for record in this.marked() {
            // What runs, and what waits, names the customer too; and a change leaves what was and what is in the trail.
            let start = json!({"process": "billing_claim", "customer": record.id});
            let (status, told) = this
                .house
                .call(&this.admin, "POST", path::INSTANCES, start)
                .await;
            assert_eq!(status, 201, "{told}");
        }
        this
    }

    fn marked(&self) -> &[Record] {
        &self.records[self.first..]
    }

    async fn read_all(&mut self) {
        let ask = json!({"customer_type": "person", "fields": FIELDS, "page": {"limit": 500}});
        let (_, told) = self
            .house
            .call(&self.admin, "POST", path::CUSTOMERS_WINDOW, ask)
            .await;
        let mut records: Vec<Record> = told["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| Record {
                id: row["id"].as_str().unwrap().to_owned(),
                fields: row["fields"].as_object().unwrap().clone(),
            })
            .collect();
        let is_marked = |r: &Record| r.fields["email"].as_str().unwrap_or("").starts_with("zq");
        records.sort_by_key(is_marked);
        self.first = records.iter().position(is_marked).unwrap();
        assert_eq!(records.len() - self.first, MARKED);
        self.records = records;
        self.contacts.clear();
        for record in &self.records[self.first..] {
            let place = path::fill(path::CUSTOMER_CONTACTS, &[&record.id]);
            let (_, told) = self.house.get(&self.admin, &place).await;
            let mut values = told[0].as_object().unwrap().clone();
            values.remove("version");
            self.contacts.push((record.id.clone(), values));
        }
    }

    /// The case as the oracle reads it.
    fn case(&self, grants: &[Value], user: &str) -> Value {
        let fields: Vec<String> = FIELDS
            .iter()
            .map(|f| format!("fields.{f}"))
            .chain(["name".to_owned(), "segment".to_owned()])
            .collect();
        let records: Vec<Value> = self
            .records
            .iter()
            .map(|record| {
                let mut values: Map<String, Value> = record
                    .fields
                    .iter()
                    .map(|(key, value)| (format!("fields.{key}"), operand(key, value)))
                    .collect();
                values.insert("id".into(), json!({"text": record.id}));
                values.insert("type".into(), json!({"text": "person"}));
                for own in ["name", "segment", "document"] {
                    if let Some(value) = record.fields.get(own) {
                        values.insert(own.into(), operand(own, value));
                    }
                }
                json!({"id": record.id, "values": values})
            })
            .collect();
        let contacts: Vec<Value> = self
            .contacts
            .iter()
            .map(|(customer, values)| {
                let mut values: Map<String, Value> = values
                    .iter()
                    .map(|(key, value)| (key.clone(), operand(key, value)))
                    .collect();
                values.insert("customer".into(), json!({"text": customer}));
                json!({"customer": customer, "values": values})
            })
            .collect();
        let whole: Vec<Value> = grants
            .iter()
            .map(|grant| {
                let mut grant = grant.clone();
                let map = grant.as_object_mut().unwrap();
                map.entry("effect").or_insert_with(|| json!("allow"));
                grant
            })
            .collect();
        json!({
            "roles": [{"key": "probe", "grants": whole}],
            "subject": {"user": user, "unit": null, "unit_and_below": [], "groups": []},
            "fields": fields, "records": records, "contacts": contacts,
        })
    }

    /// Nothing in an answer that its reader may not see, whatever the answer is.
    fn scan(
        &self,
        tally: &mut Tally,
        way: &'static str,
        told: &Told,
        text: &str,
        own: Option<usize>,
    ) {
        // A name in small letters is the name all the same.
        let folded = text.to_lowercase();
        for (n, record) in self.marked().iter().enumerate() {
            let at = self.first + n;
            for field in FIELDS {
                let Some(value) = record.fields.get(*field).and_then(Value::as_str) else {
                    continue;
                };
                let Some(mark) = mark(field, value) else {
                    continue;
                };
                let cell = told.cells[&format!("fields.{field}")][at];
                // A name is shown as such only where both say so; as a field where the field does.
                let leaks = !cell && shows(&folded, field, &mark.to_lowercase());
                tally.check(way, !leaks, || format!("{field} of {}: {mark}", record.id));
            }
            if own.is_none() {
                let leaks = !told.rows[at] && text.contains(&record.id);
                tally.check(way, !leaks, || format!("that {} is there", record.id));
            }
            for (field, shown) in &told.contacts[n] {
                let value = self.contacts[n].1[field].as_str().unwrap_or_default();
                let leaks =
                    !shown && value.len() > 4 && text.contains(value.split('@').next().unwrap());
                tally.check(way, !leaks, || {
                    format!("{field} of a contact of {}", record.id)
                });
            }
        }
    }

    async fn text(&self, token: &str, place: &str) -> (u16, String) {
        let (status, text) =
            house::text(&self.house.router, token, "GET", place, Value::Null).await;
        (status, text)
    }

    fn shown(&self, told: &Told, at: usize) -> Map<String, Value> {
        self.records[at]
            .fields
            .iter()
            .filter(|(key, _)| told.cells[&format!("fields.{key}")][at])
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    async fn window(&self, token: &str, more: Value) -> (u16, Value) {
        let mut ask = json!({"customer_type": "person", "fields": FIELDS, "page": {"limit": 500}});
        for (key, value) in more.as_object().unwrap() {
            ask[key] = value.clone();
        }
        self.house
            .call(token, "POST", path::CUSTOMERS_WINDOW, ask)
            .await
    }

    fn seen_ids(&self, told: &Told) -> Vec<&str> {
        let rows = self.records.iter().zip(&told.rows);
        rows.filter(|(_, seen)| **seen)
            .map(|(record, _)| record.id.as_str())
            .collect()
    }

    async fn lists(&self, tally: &mut Tally, told: &Told, token: &str) {
        let wanted: BTreeSet<&str> = self.seen_ids(told).into_iter().collect();
        let (status, answer) = self.window(token, json!({})).await;
        assert_eq!(status, 200, "{answer}");
        self.scan(tally, "window", told, &answer.to_string(), None);
        tally.check("count", answer["total"] == json!(wanted.len()), || {
            format!("{} instead of {}", answer["total"], wanted.len())
        });
        let mut listed = Vec::new();
        let mut cursor = Value::Null;
        loop {
            let ask = json!({"customer_type": "person", "fields": FIELDS, "page": {"limit": 100, "cursor": cursor}});
            let (status, part) = self
                .house
                .call(token, "POST", path::CUSTOMERS_SEARCH, ask)
                .await;
            assert_eq!(status, 200, "{part}");
            self.scan(tally, "list", told, &part.to_string(), None);
            listed.extend(part["items"].as_array().unwrap().clone());
            cursor = part["next"].clone();
            let Some(next) = cursor.as_str() else { break };
            // Where a page ended goes out with it, in a wrapping that anybody can open.
            let inside = String::from_utf8(hex::decode(next).unwrap()).unwrap();
            self.scan(tally, "cursor", told, &inside, None);
        }
        for (way, rows) in [
            ("list", &listed),
            ("window", answer["items"].as_array().unwrap()),
        ] {
            let by_id: BTreeMap<&str, &Value> = rows
                .iter()
                .map(|row| (row["id"].as_str().unwrap(), row))
                .collect();
            for (at, record) in self.records.iter().enumerate() {
                let row = by_id.get(record.id.as_str());
                tally.check(way, row.is_some() == told.rows[at], || {
                    format!("row {}", record.id)
                });
                let Some(row) = row else { continue };
                let wanted = self.shown(told, at);
                for field in FIELDS {
                    tally.check(way, row["fields"].get(field) == wanted.get(*field), || {
                        format!(
                            "{field} of {}: {} instead of {:?}",
                            record.id,
                            row["fields"],
                            wanted.get(*field)
                        )
                    });
                }
                let named = told.cells["name"][at] && told.cells["fields.name"][at];
                let is_named = row["name"].as_str().is_some_and(|name| !name.is_empty());
                tally.check(way, is_named == named, || {
                    format!("name of {}: {}", record.id, row["name"])
                });
            }
        }
    }

    /// The list as a file: who may export gets what they may read, less what they may not export.
    async fn exports(&self, tally: &mut Tally, told: &Told, token: &str, grants: &[Value]) {
        const WAY: &str = "customers' export";
        let ask = json!({"customer_type": "person"});
        let (status, text) = house::text(
            &self.house.router,
            token,
            "POST",
            path::CUSTOMERS_EXPORT,
            ask,
        )
        .await;
        let of = |grant: &Value, key: &str| grant["target"]["field"]["field"] == key;
        let exports = |grant: &&Value| grant["verbs"].to_string().contains("export");
        let may = grants
            .iter()
            .any(|grant| grant["target"]["entity"] == "customer" && exports(&grant));
        tally.check(WAY, status == if may { 200 } else { 403 }, || {
            format!("{may}: {status}")
        });
        self.scan(tally, WAY, told, &text, None);
        if status != 200 {
            return;
        }
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: BTreeMap<String, csv::StringRecord> = reader
            .records()
            .map(Result::unwrap)
            .map(|row| (row[row.len() - 1].to_owned(), row))
            .collect();
        for (at, record) in self.records.iter().enumerate() {
            let row = rows.get(&record.id);
            tally.check(WAY, row.is_some() == told.rows[at], || {
                format!("row {}", record.id)
            });
            let Some(row) = row else { continue };
            // The type's fields in their order.
            for (column, field) in FIELDS.iter().enumerate() {
                let key = format!("fields.{field}");
                let kept = grants
                    .iter()
                    .any(|grant| of(grant, &key) && exports(&grant));
                let shown = told.cells[&key][at] && !kept && record.fields.contains_key(*field);
                tally.check(WAY, row[column].is_empty() != shown, || {
                    format!("{field} of {}: {:?}", record.id, &row[column])
                });
            }
        }
        tally.check(
            WAY,
            rows.len() == told.rows.iter().filter(|seen| **seen).count(),
            || format!("{} rows", rows.len()),
        );
    }

    async fn filters_and_orders(&self, tally: &mut Tally, told: &Told, token: &str) {
        for field in FIELDS {
            let name = format!("fields.{field}");
            let says = told.search[&name].as_str();
            for record in [
                &self.records[self.first],
                &self.records[self.first + 1],
                &self.records[3],
            ] {
                let Some(value) = record.fields.get(*field) else {
                    continue;
                };
                let filter = compare(&name, "equal", operand(field, value));
                let (status, answer) = self.window(token, json!({"filter": filter})).await;
                tally.check(
                    "filter",
                    says == "either" || (status == 200) == (says == "done"),
                    || format!("{field}: {says}, and {status} {}", answer["code"]),
                );
                if status != 200 {
                    continue;
                }
                let wanted: BTreeSet<&str> = (0..self.records.len())
                    .filter(|at| {
                        told.rows[*at] && self.records[*at].fields.get(*field) == Some(value)
                    })
                    .map(|at| self.records[at].id.as_str())
                    .collect();
                let found: BTreeSet<&str> = answer["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|r| r["id"].as_str().unwrap())
                    .collect();
                tally.check("filter", found == wanted, || {
                    format!("{field}: {found:?} instead of {wanted:?}")
                });
                tally.check("count", answer["total"] == json!(wanted.len()), || {
                    format!("filtered by {field}")
                });
            }
            // A search among those that meet a condition is held to it as a list is.
            let record = &self.records[self.first];
            let typed = record.fields["name"].as_str().unwrap().split(' ').next();
            for there in ["equal", "not_equal"] {
                let ask = json!({
                    "q": typed,
                    "customer_type": "person",
                    "filter": compare(&name, there, operand(field, &record.fields[*field])),
                });
                let (status, answer) = self
                    .house
                    .call(token, "POST", path::CUSTOMERS_SUGGEST, ask)
                    .await;
                tally.check(
                    "search among",
                    says == "either" || (status == 200) == (says == "done"),
                    || format!("{field}: {says}, and {status} {}", answer["code"]),
                );
                if status == 200 {
                    let hits = answer.as_array().unwrap();
                    let found = hits.iter().any(|hit| hit["id"] == record.id.as_str());
                    let named = told.cells["fields.name"][self.first];
                    tally.check("search among", found == (named && there == "equal"), || {
                        format!("{field} {there}: {found}")
                    });
                    self.scan(tally, "search among", told, &answer.to_string(), None);
                }
            }
            for direction in ["ascending", "descending"] {
                let sort = json!({"field": name, "direction": direction});
                let (status, answer) = self.window(token, json!({"sort": sort})).await;
                tally.check(
                    "order",
                    says == "either" || (status == 200) == (says == "done"),
                    || format!("{field}: {says}, and {status} {}", answer["code"]),
                );
                if status == 200 {
                    let found: BTreeSet<&str> = answer["items"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|r| r["id"].as_str().unwrap())
                        .collect();
                    let wanted: BTreeSet<&str> = self.seen_ids(told).into_iter().collect();
                    tally.check("order", found == wanted, || format!("rows by {field}"));
                }
            }
        }
    }

    async fn one_by_one(&self, tally: &mut Tally, told: &Told, token: &str) {
        for at in (0..self.records.len()).filter(|at| *at >= self.first || at % 12 == 0) {
            let record = &self.records[at];
            let (status, answer) = self
                .house
                .get(token, &path::fill(path::CUSTOMER, &[&record.id]))
                .await;
            let wanted = if told.rows[at] { 200 } else { 404 };
            tally.check("single read", status == wanted, || {
                format!("{}: {status}", record.id)
            });
            self.scan(tally, "single read", told, &answer.to_string(), Some(at));
            if status == 200 {
                let shown = self.shown(told, at);
                for field in FIELDS {
                    tally.check(
                        "single read",
                        answer["fields"].get(field) == shown.get(*field),
                        || format!("{field} of {}", record.id),
                    );
                }
                // A form that offers a field tells that it is there.
                for offered in answer["changeable"].as_array().unwrap() {
                    let offered = offered.as_str().unwrap();
                    let seen = told.cells.get(&format!("fields.{offered}"));
                    tally.check(
                        "offered to be changed",
                        seen.is_none_or(|at_row| at_row[at]),
                        || format!("{offered} of {}", record.id),
                    );
                }
            }
            if at < self.first {
                continue;
            }
            for (way, template, entity) in [
                ("history", path::CUSTOMER_HISTORY, "history"),
                ("contacts", path::CUSTOMER_CONTACTS, "contact"),
                ("processes", path::CUSTOMER_INSTANCES, "instance"),
            ] {
                let (status, text) = self.text(token, &path::fill(template, &[&record.id])).await;
                let may = told.entity[entity]["read"];
                let wanted = match (may, told.rows[at]) {
                    (false, _) => 403,
                    (true, true) => 200,
                    (true, false) => 404,
                };
                tally.check(way, status == wanted, || {
                    format!("{}: {status}, not {wanted}", record.id)
                });
                self.scan(tally, way, told, &text, Some(at));
                if way == "contacts" && status == 200 {
                    for (field, shown) in &told.contacts[at - self.first] {
                        let value = self.contacts[at - self.first].1[field]
                            .as_str()
                            .unwrap_or_default();
                        tally.check(way, text.contains(value) == *shown, || {
                            format!("{field}: {text}")
                        });
                    }
                }
            }
            let place = format!(
                "{}?at=2100-01-01T00:00:00Z",
                path::fill(path::AUDIT_PAST, &["customer", &record.id])
            );
            let (_, text) = self.text(token, &place).await;
            self.scan(tally, "as it was", told, &text, Some(at));
        }
    }

    async fn searches(&self, tally: &mut Tally, told: &Told, token: &str) {
        for (n, record) in self.marked().iter().enumerate() {
            for field in ["name", "document", "mobile", "email"] {
                let value = record.fields[field].as_str().unwrap();
                let typed = if field == "name" {
                    value.split(' ').next().unwrap()
                } else {
                    value
                };
                let ask = json!({"q": typed});
                let (status, answer) = self
                    .house
                    .call(token, "POST", path::CUSTOMERS_SUGGEST, ask)
                    .await;
                assert_eq!(status, 200, "{answer}");
                let found = answer
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|hit| hit["id"] == record.id.as_str());
                let wanted = told.cells[&format!("fields.{field}")][self.first + n];
                tally.check("search", found == wanted, || {
                    format!("{field} of {}: {found}", record.id)
                });
                self.scan(tally, "search", told, &answer.to_string(), None);
            }
        }
    }

    async fn the_rest(&self, tally: &mut Tally, told: &Told, token: &str) {
        for (way, place) in [
            ("inbox", format!("{}?limit=500", path::WORK_ITEMS)),
            (
                "inbox",
                format!("{}?scope=team&limit=500", path::WORK_ITEMS),
            ),
            (
                "audit",
                format!("{}?entity=customer&limit=200", path::AUDIT),
            ),
            ("audit", format!("{}?limit=200", path::AUDIT)),
            ("export", format!("{}?format=csv", path::AUDIT_EXPORT)),
        ] {
            let (_, text) = self.text(token, &place).await;
            self.scan(tally, way, told, &text, Some(0));
        }
        // Searched for in the trail: a value that one may not see finds nothing.
        for (n, record) in self.marked().iter().enumerate().step_by(3) {
            let value = record.fields["agreement"].as_str().unwrap();
            let place = format!("{}?q={value}&limit=50", path::AUDIT);
            let (status, answer) = self.house.get(token, &place).await;
            assert_eq!(status, 200, "{answer}");
            let found = !answer["items"].as_array().unwrap().is_empty();
            let may = told.cells["fields.agreement"][self.first + n];
            tally.check("audit", may || !found, || format!("found by {value}"));
        }
        let (_, answer) = self
            .house
            .get(token, &format!("{}?entity=customer&limit=100", path::AUDIT))
            .await;
        for entry in answer["items"].as_array().into_iter().flatten().take(20) {
            let place = path::fill(
                path::AUDIT_ENTRY,
                &[entry["id"].as_str().unwrap_or_default()],
            );
            let (_, text) = self.text(token, &place).await;
            self.scan(tally, "audit", told, &text, Some(0));
        }
        // A value that is taken: by whom, only to whom may see that one.
        for (n, record) in self.marked().iter().enumerate().step_by(4) {
            let mut fields = marked(90 + n, &[String::from("nobody")]);
            fields["document"] = record.fields["document"].clone();
            let new = json!({"customer_type": "person", "fields": fields});
            let (status, answer) = self.house.call(token, "POST", path::CUSTOMERS, new).await;
            tally.check("duplicates", status != 201, || {
                format!("{} twice", record.fields["document"])
            });
            let mut text = answer.to_string();
            // What one has just sent is no secret.
            text = text.replace(record.fields["document"].as_str().unwrap(), "");
            self.scan(tally, "duplicates", told, &text, None);
        }
    }

    /// Changes every marked customer and listens: whose change is heard?
    async fn live(&self, tally: &mut Tally, listeners: &mut [(house::Stream, Told)]) {
        for (n, record) in self.marked().iter().enumerate() {
            let place = path::fill(path::CUSTOMER, &[&record.id]);
            let (_, now) = self.house.get(&self.admin, &place).await;
            // Something that no role's condition looks at.
            let change = json!({"version": now["version"], "fields": {"agreement": format!("Zqagree{n:02}x")}});
            let (status, told) = self.house.call(&self.admin, "PATCH", &place, change).await;
            assert_eq!(status, 200, "{told}");
        }
        for (stream, told) in listeners {
            let wanted: BTreeSet<String> = self
                .marked()
                .iter()
                .enumerate()
                .filter(|(n, _)| told.rows[self.first + n])
                .map(|(_, record)| record.id.clone())
                .collect();
            let heard = heard(stream, |text| {
                wanted.iter().all(|id| text.contains(id.as_str()))
            })
            .await;
            for record in self.marked() {
                tally.check(
                    "live events",
                    heard.contains(&record.id) == wanted.contains(&record.id),
                    || format!("{}: heard {}", record.id, heard.contains(&record.id)),
                );
            }
            self.scan(tally, "live events", told, &heard, None);
        }
    }
}

/// All that comes until `enough`, and what follows shortly after.
async fn heard(stream: &mut house::Stream, enough: impl Fn(&str) -> bool) -> String {
    let mut text = String::new();
    loop {
        let patience = Duration::from_millis(if enough(&text) { 400 } else { 20_000 });
        match tokio::time::timeout(patience, stream.0.next()).await {
            Ok(Some(Ok(bytes))) => text.push_str(&String::from_utf8_lossy(&bytes)),
            _ => return text,
        }
    }
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// How many roles: `ENGAGE_WAYS_ROLES` sets another number.
fn wanted() -> usize {
    let set = std::env::var("ENGAGE_WAYS_ROLES").ok();
    set.and_then(|n| n.parse().ok()).unwrap_or(14)
}

async fn story(database: store::testing::TestDb, seed: u64, roles: usize) -> Option<Tally> {
    let oracle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/ways_oracle.py");
    let mut python = Command::new("python3")
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut ask = python.stdin.take().unwrap();
    let mut answers = BufReader::new(python.stdout.take().unwrap()).lines();

    let mut chance = Chance(seed);
    // Their ids are in the records: some are whose.
    let house_users: Vec<String> = (0..3).map(|n| format!("cluster-{n}")).collect();
    let mut world = World::open(database, &house_users).await;
    let mut people = Vec::new();
    for n in 0..roles {
        let grants = role(&mut chance);
        let key = format!("probe_{n}");
        let new =
            json!({"key": key, "name": format!("Probe {n}"), "description": "", "grants": grants});
        let (status, made) = world
            .house
            .call(&world.admin, "POST", path::ROLES, new)
            .await;
        assert_eq!(status, 201, "{made}");
        let login = format!("probe{n}");
        let user = world.house.add_user(&world.admin, &login, &[&key]).await;
        let token = world.house.settle(&login).await;
        people.push((token, grants, user["id"].as_str().unwrap().to_owned()));
    }
    // Some of the records are somebody's: the first users'.
    for (n, record) in world.marked().iter().enumerate() {
        let place = path::fill(path::CUSTOMER, &[&record.id]);
        let (_, now) = world.house.get(&world.admin, &place).await;
        let owner = &people[n % people.len()].2;
        let change = json!({"version": now["version"], "fields": {"cluster": owner}});
        let (status, told) = world
            .house
            .call(&world.admin, "PATCH", &place, change)
            .await;
        assert_eq!(status, 200, "{told}");
    }
    world.read_all().await;

    let mut tally = Tally::default();
    let mut listeners = Vec::new();
    for (token, grants, user) in &people {
        writeln!(ask, "{}", world.case(grants, user)).unwrap();
        ask.flush().unwrap();
        let told: Told = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        let before = tally.wrong.len();
        world.lists(&mut tally, &told, token).await;
        world.exports(&mut tally, &told, token, grants).await;
        world.filters_and_orders(&mut tally, &told, token).await;
        world.one_by_one(&mut tally, &told, token).await;
        world.searches(&mut tally, &told, token).await;
        world.the_rest(&mut tally, &told, token).await;
        if tally.wrong.len() > before {
            say(&format!(
                "{}\n{}",
                json!(grants),
                tally.wrong[before..].join("\n")
            ));
        }
        listeners.push((world.house.stream(token).await, told));
    }
    world.live(&mut tally, &mut listeners).await;
    drop((ask, listeners));
    python.wait().unwrap();
    world.house.close().await;
    Some(tally)
}

async fn told(database: store::testing::TestDb, seed: u64, roles: usize, least: usize) {
    let Some(tally) = story(database, seed, roles).await else {
        say("skipped: no python3");
        return;
    };
    let all: usize = tally.checks.values().sum();
    say(&format!(
        "{all} checks, {} wrong: {:?}",
        tally.wrong.len(),
        tally.checks
    ));
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(all >= least, "{all} checks are too few");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_no_way_out_more_than_may_be_seen_sqlite() {
    told(
        store::testing::sqlite().await,
        20_261_122,
        wanted(),
        wanted() * 10_800,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_no_way_out_more_than_may_be_seen_postgres() {
    if let Some(database) = store::testing::postgres().await {
        told(database, 7, wanted().div_ceil(3), 0).await;
    }
}
