//! Customers and contacts, on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops where something is not as it must be"
)]

mod common;

use access::{Grant, Policy, Role, Subject, Target, Verb};
use common::{actor, ambient, make, person, portfolio};
use desk::list::ListQuery;
use desk::{CustomerPatch, NewCustomer, Sight, contact, customer, find, list};
use kernel::{Code, Comparison, Filter, Operand, Page, Sort, SortDirection};
use serde_json::json;
use store::Db;

fn all() -> (&'static Sight, &'static Sight) {
    static ALL: Sight = Sight::all();
    (&ALL, &ALL)
}

fn names(hits: &[find::Hit]) -> Vec<&str> {
    hits.iter().map(|h| h.name.as_str()).collect()
}

async fn search(db: &Db, typed: &str) -> Vec<find::Hit> {
    find::search(
        &mut db.read().await.unwrap(),
        &Sight::all(),
        &portfolio(),
        typed,
        0,
    )
    .await
    .unwrap()
}

store::both! {
    async fn a_customer_is_made_changed_binned_and_taken_out_again(db: Db) {
        let (ambient, portfolio) = (ambient(), portfolio());
        let mut tx = db.write().await.unwrap();
        let made = customer::create(&mut tx, &ambient, &actor(), all(), &portfolio, person(json!({
            "full_name": " Cynthia Müller ", "cuit": "20-08795098-1", "mobile": "+54 9 11 3738-9941",
            "email": "Cynthia@Example.com", "balance": "182672.35", "born": "1979-05-20", "vip": true, "segment": "Oro",
        }))).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((made.name.as_str(), made.document.as_deref(), made.segment.as_deref(), made.version), ("Cynthia Müller", Some("20087950981"), Some("Oro"), 1));
        assert_eq!(made.fields["balance"], "182672.35");
        assert_eq!(made.fields["email"], "cynthia@example.com");

        // Every problem of every field at once.
        let mut tx = db.write().await.unwrap();
        let wrong = person(json!({"full_name": "", "cuit": "20-08795098-2", "email": "no", "balance": "mucho", "born": "1979-02-30", "shoe": 1}));
        let error = customer::create(&mut tx, &ambient, &actor(), all(), &portfolio, wrong).await.unwrap_err();
        let codes: Vec<_> = error.fields().iter().map(|p| format!("{} {}", p.field, p.code)).collect();
        assert_eq!(codes, ["fields.full_name required", "fields.cuit bad_check_digit", "fields.email not_an_email",
            "fields.born not_a_date", "fields.balance not_a_number", "fields.shoe unknown_field"]);
        let twin = person(json!({"full_name": "Otra", "cuit": "20087950981"}));
        let error = customer::create(&mut tx, &ambient, &actor(), all(), &portfolio, twin.clone()).await.unwrap_err();
        assert_eq!(error.code(), Code::Duplicate);
        assert_eq!(error.fields()[0].args["name"], "Cynthia Müller");
        drop(tx);

        let patch = CustomerPatch { fields: json!({"segment": null, "balance": "-0.5"}).as_object().unwrap().clone(), ..CustomerPatch::default() };
        let mut tx = db.write().await.unwrap();
        let changed = customer::change(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 1), patch.clone()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((changed.version, changed.segment.clone(), &changed.fields["balance"]), (2, None, &json!("-0.5")));
        let mut tx = db.write().await.unwrap();
        let stale = customer::change(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 1), patch).await.unwrap_err();
        assert_eq!(stale.code(), Code::Stale);
        drop(tx);

        let mut tx = db.write().await.unwrap();
        customer::delete(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 2)).await.unwrap();
        let again = customer::create(&mut tx, &ambient, &actor(), all(), &portfolio, twin).await.unwrap();
        tx.commit().await.unwrap();
        assert!(search(&db, "cynthia").await.is_empty());
        let mut tx = db.write().await.unwrap();
        let taken = customer::restore(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 3)).await.unwrap_err();
        assert_eq!(taken.code(), Code::Duplicate);
        drop(tx);
        let mut tx = db.write().await.unwrap();
        customer::delete(&mut tx, &ambient, &actor(), all(), &portfolio, (again.id, 1)).await.unwrap();
        customer::restore(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 3)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(names(&search(&db, "cynthia").await), ["Cynthia Müller"]);

        let mut read = db.read().await.unwrap();
        let trail = ledger::audit::page(&mut read, &Page::default(), &ledger::audit::Ask::default()).await.unwrap();
        let done: Vec<_> = trail.items.iter().map(|e| e.operation.to_string()).collect();
        assert_eq!(done.iter().filter(|o| *o == "customer.create").count(), 2, "{done:?}");
        assert_eq!(done.iter().filter(|o| *o == "customer.delete").count(), 2);
    }

    async fn a_customer_is_found_by_whatever_is_known_of_it(db: Db) {
        let yesica = make(&db, json!({"full_name": "Yésica Valdés Zárate", "cuit": "27-31159626-3", "mobile": "+54 9 11 4600-0501", "email": "yesica.valdes1@example.com"})).await;
        make(&db, json!({"full_name": "Zárate Hnos. S.A.", "mobile": "+54 9 11 5555-1234"})).await;
        for typed in ["yes", "YÉSICA", "zara yes", "valdes", "4600-0501", "46000501", "0501", "+54 9 11 4600-0501", "011 4600 0501",
            "1146000501", "27-31159626-3", "31159626", "2731", "yesica.val", "yesica.valdes1@example.com", "valdes 0501", "y", "v y"] {
            let hits = search(&db, typed).await;
            if typed == "v y" {
                // Single letters are not in the index: they only narrow down what the other words find.
                continue;
            }
            assert_eq!(hits.first().map(|h| h.id), Some(yesica.id), "{typed}");
            assert_eq!(hits.len(), 1, "{typed}: {hits:?}");
        }
        assert_eq!(names(&search(&db, "zar").await), ["Zárate Hnos. S.A.", "Yésica Valdés Zárate"], "a beginning of the name comes first");
        for typed in ["", "  ", "!", "yes no", "ésica", "4600-0502", "'", "\"*", "x\\"] {
            assert!(search(&db, typed).await.is_empty(), "{typed}");
        }
        // The newest contact comes first among equals.
        let twin = make(&db, json!({"full_name": "Yésica Valdés Zárate"})).await;
        let mut tx = db.write().await.unwrap();
        customer::contacted(&mut tx, twin.id, ambient().now()).await.unwrap();
        tx.commit().await.unwrap();
        let ids: Vec<_> = search(&db, "yesica valdes").await.iter().map(|h| h.id).collect();
        assert_eq!(ids, [twin.id, yesica.id]);
    }

    async fn a_contact_leads_to_its_customer(db: Db) {
        let (ambient, portfolio) = (ambient(), portfolio());
        let firm = make(&db, json!({"full_name": "Transportes del Sur"})).await;
        let values = contact::ContactValues { name: "Ñandú Pérez".into(), email: Some("np@example.com".into()), mobile: Some("+5491144443333".into()), ..Default::default() };
        let mut tx = db.write().await.unwrap();
        let wrong = contact::ContactValues { email: Some("np".into()), ..values.clone() };
        assert_eq!(contact::create(&mut tx, &ambient, &actor(), all(), &portfolio, (firm.id, wrong)).await.unwrap_err().fields()[0].field, "email");
        let made = contact::create(&mut tx, &ambient, &actor(), all(), &portfolio, (firm.id, values)).await.unwrap();
        tx.commit().await.unwrap();
        for typed in ["nandu", "perez nan", "4444-3333", "np@ex", "nandu transportes"] {
            let hits = search(&db, typed).await;
            assert_eq!(hits.len(), 1, "{typed}");
            assert_eq!((hits[0].id, hits[0].via.as_ref().map(|v| v.name.as_str())), (firm.id, Some("Ñandú Pérez")), "{typed}");
        }
        let mut tx = db.write().await.unwrap();
        let renamed = contact::ContactValues { name: "Otro".into(), ..Default::default() };
        contact::change(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 1, renamed)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(search(&db, "nandu").await.is_empty());
        assert_eq!(search(&db, "otro").await.len(), 1);
        let mut tx = db.write().await.unwrap();
        contact::delete(&mut tx, &ambient, &actor(), all(), &portfolio, (made.id, 2)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(search(&db, "otro").await.is_empty());
        assert!(contact::list(&mut db.read().await.unwrap(), all().0, &portfolio, firm.id).await.unwrap().is_empty());
    }

    async fn what_may_not_be_seen_is_neither_shown_nor_found_nor_asked_about(db: Db) {
        let portfolio = portfolio();
        make(&db, json!({"full_name": "Ana Oro", "segment": "Oro", "mobile": "+5491144443333", "balance": "10"})).await;
        make(&db, json!({"full_name": "Ana Plata", "segment": "Plata", "mobile": "+5491144443333", "balance": "20"})).await;
        let mut role = Role { key: "agent".into(), grants: Vec::new() };
        role.grants = vec![
            Grant::allow(Target::entity("customer"), &[Verb::Read]).when(Filter::equal("segment", Operand::Text("Oro".into()))),
            Grant::deny(Target::field("customer", "fields.mobile"), &[Verb::Read]),
            Grant::deny(Target::field("customer", "fields.balance"), &[Verb::Read]),
        ];
        let sight = Sight::reading(&Policy::compile(&[role], &Subject::default()));
        let mut read = db.read().await.unwrap();
        let of_type = ListQuery { type_key: Some("person".into()), ..ListQuery::default() };
        let page = list::page(&mut read, &sight, &portfolio, &of_type, &Page::default()).await.unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(page.items[0].name, "Ana Oro");
        assert!(!page.items[0].fields.contains_key("mobile") && page.items[0].masked.contains(&"mobile".to_owned()));
        assert_eq!(list::count(&mut read, &sight, &portfolio, &of_type).await.unwrap(), (1, false));
        for query in [
            ListQuery { filter: Filter::compare("fields.balance", Comparison::Greater, Operand::Number(5.into())), ..of_type.clone() },
            ListQuery { sort: Some(Sort { field: "fields.balance".into(), direction: SortDirection::Ascending }), ..of_type.clone() },
            ListQuery { filter: Filter::equal("fields.no_such", Operand::Null), ..of_type.clone() },
        ] {
            let error = list::page(&mut read, &sight, &portfolio, &query, &Page::default()).await.unwrap_err();
            assert_eq!(error.fields()[0].code, "unknown_field");
        }
        let found = find::search(&mut read, &sight, &portfolio, "ana", 0).await.unwrap();
        assert_eq!((found.len(), found[0].phone.clone()), (1, None));
        assert!(find::search(&mut read, &sight, &portfolio, "4444-3333", 0).await.unwrap().is_empty());
        let mut other = db.read().await.unwrap();
        let hidden = find::search(&mut other, &Sight::all(), &portfolio, "ana plata", 0).await.unwrap()[0].id;
        assert_eq!(customer::load(&mut read, &sight, &portfolio, hidden).await.unwrap(), None);
    }

    async fn a_list_is_paged_in_any_order_without_gaps(db: Db) {
        let portfolio = portfolio();
        let mut tx = db.write().await.unwrap();
        desk::index::ensure(&mut tx, &portfolio.get("person").unwrap().schema).await.unwrap();
        desk::index::ensure(&mut tx, &portfolio.get("person").unwrap().schema).await.unwrap();
        tx.commit().await.unwrap();
        for i in 0..37 {
            let mut fields = json!({"full_name": format!("{} {}", ["Ángel", "Bea", "Ñato"][i % 3], i / 6)});
            if i % 4 != 0 {
                fields["balance"] = json!(format!("{}.5", (i * 7) % 5));
            }
            make(&db, fields).await;
        }
        let mut read = db.read().await.unwrap();
        for (field, direction) in [("name", SortDirection::Ascending), ("name", SortDirection::Descending), ("fields.balance", SortDirection::Ascending),
            ("fields.balance", SortDirection::Descending), ("created", SortDirection::Descending), ("document", SortDirection::Ascending)] {
            let query = ListQuery { type_key: Some("person".into()), sort: Some(Sort { field: field.into(), direction }), ..ListQuery::default() };
            let whole = list::window(&mut read, &Sight::all(), &portfolio, &query, (0, 500)).await.unwrap();
            assert_eq!((whole.items.len(), whole.total, whole.more), (37, 37, false));
            let middle = list::window(&mut read, &Sight::all(), &portfolio, &query, (10, 5)).await.unwrap();
            assert_eq!(middle.items[..], whole.items[10..15]);
            let mut paged = Vec::new();
            let mut page = Page { limit: Some(5), cursor: None };
            loop {
                let part = list::page(&mut read, &Sight::all(), &portfolio, &query, &page).await.unwrap();
                paged.extend(part.items);
                match part.next {
                    Some(next) => page.cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(paged, whole.items, "{field} {direction:?}");
        }
        let error = list::page(&mut read, &Sight::all(), &portfolio, &ListQuery::default(), &Page { limit: None, cursor: Some("zz".into()) }).await.unwrap_err();
        assert_eq!(error.fields()[0].code, "bad_cursor");
        let like = ListQuery { filter: Filter::compare("name", Comparison::Contains, Operand::Text("ñato 3".into())), ..ListQuery::default() };
        assert_eq!(list::page(&mut read, &Sight::all(), &portfolio, &like, &Page::default()).await.unwrap().items.len(), 2);
    }

    async fn whoever_sees_few_among_many_gets_them_all_and_in_order(db: Db) {
        let (portfolio, ambient, all) = (portfolio(), ambient(), Sight::all());
        let me = ambient.id::<ledger::User>();
        let mut tx = db.write().await.unwrap();
        let mut own = Vec::new();
        for i in 0..8_400_usize {
            // The first ones close together, then one in five hundred: among the nearest and far beyond them.
            let mine = i < 60 || i % 500 == 0;
            let name = format!("Cliente {i:05}");
            let mut new = person(json!({"full_name": name}));
            new.owner = mine.then_some(me);
            customer::create(&mut tx, &ambient, &actor(), (&all, &all), &portfolio, new).await.unwrap();
            if mine {
                own.push(name);
            }
        }
        tx.commit().await.unwrap();
        let role = Role {
            key: "agent".into(),
            grants: vec![Grant::allow(Target::entity("customer"), &[Verb::Read])
                .when(Filter::equal("owner", Operand::Text("$user".into())).or(Filter::equal("unit", Operand::Text("$unit_and_below".into()))))],
        };
        let units = (0..20).map(|_| ambient.id::<ledger::User>().to_string()).collect();
        let subject = Subject { user: me.to_string(), unit_and_below: units, ..Subject::default() };
        let sight = Sight::reading(&Policy::compile(&[role], &subject));
        let mut read = db.read().await.unwrap();
        for (direction, limit) in [(SortDirection::Ascending, 50), (SortDirection::Descending, 7)] {
            if direction == SortDirection::Descending {
                own.reverse();
            }
            let query = ListQuery { sort: Some(Sort { field: "name".into(), direction }), ..ListQuery::default() };
            let mut paged = Vec::new();
            let mut page = Page { limit: Some(limit), cursor: None };
            loop {
                let part = list::page(&mut read, &sight, &portfolio, &query, &page).await.unwrap();
                paged.extend(part.items.into_iter().map(|item| item.name));
                match part.next {
                    Some(next) => page.cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(paged, own, "{direction:?}");
            let window = list::window(&mut read, &sight, &portfolio, &query, (40, 100)).await.unwrap();
            let shown: Vec<_> = window.items.into_iter().map(|item| item.name).collect();
            assert_eq!((shown, window.total, window.more), (own[40..].to_vec(), own.len() as u64, false));
        }
        let found = find::search(&mut read, &sight, &portfolio, "cliente 0", 50).await.unwrap();
        assert_eq!(found.len(), 50);
        assert!(found.iter().all(|hit| own.contains(&hit.name)));
    }

    async fn contacts_are_seen_and_written_as_far_as_their_own_permission_goes(db: Db) {
        let (ambient, portfolio) = (ambient(), portfolio());
        let firm = make(&db, json!({"full_name": "Transportes del Sur"})).await;
        let mut tx = db.write().await.unwrap();
        let of = |name: &str, role: &str| contact::ContactValues { name: name.into(), role: Some(role.into()), email: Some("np@example.com".into()), note: Some("reservado".into()), ..Default::default() };
        let mut made = Vec::new();
        for values in [of("Ana", "Tesorera"), of("Bea", "Apoderada")] {
            made.push(contact::create(&mut tx, &ambient, &actor(), all(), &portfolio, (firm.id, values)).await.unwrap());
        }
        tx.commit().await.unwrap();
        let is = |role: &str| Filter::equal("role", Operand::Text(role.into()));
        let role = Role { key: "agent".into(), grants: vec![
            Grant::allow(Target::entity("customer"), &[Verb::Read]),
            Grant::allow(Target::entity("contact"), &[Verb::Read]).when(is("Tesorera").or(is("Socia"))),
            Grant::deny(Target::field("contact", "note"), &[Verb::Read]),
            Grant::allow(Target::entity("contact"), &[Verb::Create, Verb::Change, Verb::Delete]).when(is("Tesorera")),
            Grant::deny(Target::field("contact", "email"), &[Verb::Create, Verb::Change]),
        ] };
        let policy = Policy::compile(&[role], &Subject::default());
        let of_verb = |verb| Sight::of(&policy, verb);
        let (reading, creating, changing, deleting) = (of_verb(Verb::Read), of_verb(Verb::Create), of_verb(Verb::Change), of_verb(Verb::Delete));

        let mut tx = db.write().await.unwrap();
        let seen = contact::list(&mut tx, &reading, &portfolio, firm.id).await.unwrap();
        assert_eq!(seen.len(), 1, "a line for one that does not exist for this reader");
        assert_eq!((seen[0].name.as_str(), seen[0].note.as_deref(), &seen[0].masked[..]), ("Ana", None, &["note".to_owned()][..]));
        let as_seen = contact::ContactValues { name: "Ana Paz".into(), role: Some("Tesorera".into()), email: Some("np@example.com".into()), ..Default::default() };
        let mut change = async |which: usize, version, values| contact::change(&mut tx, &ambient, &actor(), (&reading, &changing), &portfolio, (made[which].id, version, values)).await;
        change(0, 1, as_seen.clone()).await.unwrap();
        assert_eq!(change(1, 1, as_seen.clone()).await.unwrap_err().code(), Code::NotFound);
        for (field, values) in [
            ("email", contact::ContactValues { email: Some("otra@example.com".into()), ..as_seen.clone() }),
            ("email", contact::ContactValues { email: None, ..as_seen.clone() }),
            ("note", contact::ContactValues { note: Some("otra".into()), ..as_seen.clone() }),
        ] {
            let error = change(0, 2, values).await.unwrap_err();
            assert_eq!((&*error.fields()[0].field, &*error.fields()[0].code), (field, "field_forbidden"));
        }
        // Out of what the changer may change.
        let gone = contact::ContactValues { role: Some("Socia".into()), ..as_seen.clone() };
        assert_eq!(change(0, 2, gone).await.unwrap_err().code(), Code::Forbidden);
        tx.rollback().await.unwrap();

        let mut tx = db.write().await.unwrap();
        let mut create = async |values| contact::create(&mut tx, &ambient, &actor(), (&reading, &creating), &portfolio, (firm.id, values)).await;
        assert_eq!(create(of("Eva", "Socia")).await.unwrap_err().code(), Code::Forbidden);
        assert_eq!(create(of("Eva", "Tesorera")).await.unwrap_err().fields()[0].field, "email");
        create(contact::ContactValues { email: None, note: None, ..of("Eva", "Tesorera") }).await.unwrap();
        let gone = contact::delete(&mut tx, &ambient, &actor(), (&reading, &deleting), &portfolio, (made[1].id, 1)).await.unwrap_err();
        assert_eq!(gone.code(), Code::NotFound);
        contact::delete(&mut tx, &ambient, &actor(), (&reading, &deleting), &portfolio, (made[0].id, 1)).await.unwrap();
        tx.commit().await.unwrap();
        let whole = contact::list(&mut db.read().await.unwrap(), all().0, &portfolio, firm.id).await.unwrap();
        assert_eq!(whole.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Bea", "Eva"]);
        assert_eq!(whole[0].note.as_deref(), Some("reservado"));
    }

    async fn names_that_may_not_be_read_are_told_neither_by_the_order_nor_by_where_a_page_ends(db: Db) {
        let portfolio = portfolio();
        for n in 0..30 {
            make(&db, json!({"full_name": format!("Zoe {:02}", (n * 7) % 30), "segment": if n % 2 == 0 { "Oro" } else { "Plata" }})).await;
        }
        let mut role = Role { key: "agent".into(), grants: Vec::new() };
        role.grants = vec![
            Grant::allow(Target::entity("customer"), &[Verb::Read]),
            Grant::deny(Target::field("customer", "fields.full_name"), &[Verb::Read]).when(Filter::equal("segment", Operand::Text("Plata".into()))),
        ];
        let sight = Sight::reading(&Policy::compile(&[role], &Subject::default()));
        let mut read = db.read().await.unwrap();
        let query = ListQuery::default();
        let ids = |items: &[desk::Customer]| items.iter().map(|item| item.id).collect::<Vec<_>>();
        let (mut paged, mut page) = (Vec::new(), Page { limit: Some(4), cursor: None });
        loop {
            let part = list::page(&mut read, &sight, &portfolio, &query, &page).await.unwrap();
            paged.extend(ids(&part.items));
            let Some(next) = part.next else { break };
            let inside = String::from_utf8(hex::decode(&next).unwrap()).unwrap();
            assert!(!inside.to_lowercase().contains("zoe"), "{inside}");
            page.cursor = Some(next);
        }
        let mut sorted = paged.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((paged.len(), &paged), (30, &sorted));
        let window = list::window(&mut read, &sight, &portfolio, &query, (10, 9)).await.unwrap();
        assert_eq!(ids(&window.items)[..], sorted[10..19]);
        // Whoever may read them all has them in their order.
        let whole = list::window(&mut read, &Sight::all(), &portfolio, &query, (0, 3)).await.unwrap();
        let names: Vec<_> = whole.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["Zoe 00", "Zoe 01", "Zoe 02"]);
    }

    async fn what_a_writer_may_not_write_is_refused_by_field(db: Db) {
        let (ambient, portfolio) = (ambient(), portfolio());
        let mut role = Role { key: "agent".into(), grants: Vec::new() };
        role.grants = vec![
            Grant::allow(Target::entity("customer"), &[Verb::Create]).when(Filter::equal("segment", Operand::Text("Oro".into()))),
            Grant::deny(Target::field("customer", "fields.balance"), &[Verb::Create]),
        ];
        let writing = Sight::of(&Policy::compile(&[role], &Subject::default()), Verb::Create);
        let mut tx = db.write().await.unwrap();
        let mut create = async |fields| customer::create(&mut tx, &ambient, &actor(), (&Sight::all(), &writing), &portfolio, NewCustomer { ..person(fields) }).await;
        let error = create(json!({"full_name": "Ana", "segment": "Oro", "balance": "1"})).await.unwrap_err();
        assert_eq!((error.fields()[0].field.as_str(), &*error.fields()[0].code), ("fields.balance", "field_forbidden"));
        assert_eq!(create(json!({"full_name": "Ana", "segment": "Plata"})).await.unwrap_err().code(), Code::Forbidden);
        create(json!({"full_name": "Ana", "segment": "Oro"})).await.unwrap();
    }
}
