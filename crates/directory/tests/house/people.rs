//! Units, groups, users and roles, on both databases.

use crate::common::house;
use access::{Grant, Policy, Target, Verb};
use directory::{Ask, RoleSpec, UserWrite, groups, positions, roles, units, users};
use kernel::{Code, Filter, Operand, Page, Sort, SortDirection};
use ledger::audit;
use store::Db;

fn all_seeing() -> Policy {
    Policy::compile(
        &[access::Role {
            key: "all".into(),
            grants: vec![Grant::allow(Target::entity("*"), &Verb::ALL)],
        }],
        &access::Subject::default(),
    )
}

fn problem(error: &kernel::Error) -> (&str, &str) {
    (&error.fields()[0].field, &error.fields()[0].code)
}

store::both! {
    async fn the_tree_of_units_stays_a_tree(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let mut tx = db.write().await.unwrap();
        let top = units::create(&mut tx, ambient, actor, "Empresa", None).await.unwrap();
        let sales = units::create(&mut tx, ambient, actor, "Ventas", Some(top.id)).await.unwrap();
        let south = units::create(&mut tx, ambient, actor, "Sur", Some(sales.id)).await.unwrap();
        let claims = units::create(&mut tx, ambient, actor, "Reclamos", Some(top.id)).await.unwrap();
        let ring = units::change(&mut tx, ambient, actor, top.id, 1, "Empresa", Some(south.id)).await.unwrap_err();
        assert_eq!(problem(&ring), ("parent", "unit_below_itself"));
        let moved = units::change(&mut tx, ambient, actor, sales.id, 1, "Ventas", Some(claims.id)).await.unwrap();
        assert_eq!(moved.version, 2);
        let stale = units::change(&mut tx, ambient, actor, sales.id, 1, "Venta", None).await.unwrap_err();
        assert_eq!(stale.code(), Code::Stale);
        assert_eq!(units::below(&mut tx, claims.id).await.unwrap().len(), 3);
        let used = units::remove(&mut tx, ambient, actor, claims.id, 1).await.unwrap_err();
        assert_eq!(used.code(), Code::WrongState);
        units::remove(&mut tx, ambient, actor, south.id, 1).await.unwrap();
        let missing = units::create(&mut tx, ambient, actor, "", Some(south.id)).await.unwrap_err();
        assert_eq!(missing.fields().len(), 2);
        tx.commit().await.unwrap();
        let mut reads = db.read().await.unwrap();
        assert_eq!(units::list(&mut reads, &all_seeing().mask("unit", Verb::Read), &Ask::default()).await.unwrap().items.len(), 3);
    }

    async fn users_are_written_whole_and_audited(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let mut tx = db.write().await.unwrap();
        let unit = units::create(&mut tx, ambient, actor, "Ventas", None).await.unwrap();
        let position = positions::create(&mut tx, ambient, actor, "Vendedora").await.unwrap();
        let twice = positions::create(&mut tx, ambient, actor, "vendedorá").await.unwrap_err();
        assert_eq!((twice.code(), problem(&twice)), (Code::Duplicate, ("name", "taken")));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let unit2 = units::create(&mut tx, ambient, actor, "Ventas", None).await.unwrap();
        assert_ne!(unit.id, unit2.id);
        let position = positions::Position { id: positions::create(&mut tx, ambient, actor, "Vendedora").await.unwrap().id, ..position };
        let group = groups::create(&mut tx, ambient, actor, "mostrador", "Mostrador", "Los del frente").await.unwrap();
        let agent = roles::find_by_key(&mut tx, "agent").await.unwrap().unwrap();
        let write = UserWrite {
            email: Some("ines@example.org".into()),
            unit: Some(unit2.id),
            position: Some(position.id),
            manager: Some(house.admin.id),
            groups: Some(vec![group.id, group.id]),
            roles: Some(vec![agent.id]),
            ..UserWrite::new("Ines", "Inés Müller")
        };
        let ines = users::create(&mut tx, ambient, actor, write.clone(), None, false).await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = db.write().await.unwrap();
        let twice = users::create(&mut tx, ambient, actor, UserWrite::new("INES", "Otra"), None, false).await.unwrap_err();
        assert_eq!((twice.code(), problem(&twice)), (Code::Duplicate, ("login", "taken")));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let wrong = UserWrite { email: Some("@".into()), manager: Some(ines.id), ..UserWrite::new("i nes", " ") };
        let error = users::change(&mut tx, ambient, actor, ines.id, 1, wrong).await.unwrap_err();
        let problems: Vec<_> = error.fields().iter().map(|p| (&*p.field, &*p.code)).collect();
        assert_eq!(problems, [("login", "login_form"), ("name", "required"), ("email", "email_form"), ("manager", "manager_ring")]);
        let renamed = UserWrite { name: "Inés M. Paz".into(), groups: None, roles: Some(vec![]), ..write.clone() };
        let changed = users::change(&mut tx, ambient, actor, ines.id, 1, renamed).await.unwrap();
        assert_eq!((changed.version, &*changed.name), (2, "Inés M. Paz"));
        assert_eq!(users::groups_of(&mut tx, ines.id).await.unwrap()[0].name, "Mostrador");
        assert!(users::roles_of(&mut tx, ines.id).await.unwrap().is_empty());
        let stale = users::change(&mut tx, ambient, actor, ines.id, 1, write).await.unwrap_err();
        assert_eq!(stale.code(), Code::Stale);
        let preferences = users::Preferences { language: Some(kernel::Language::En), screen: serde_json::json!({ "theme": "dark" }) };
        users::set_preferences(&mut tx, ines.id, &preferences).await.unwrap();
        assert_eq!(users::preferences(&mut tx, ines.id).await.unwrap(), preferences);
        tx.commit().await.unwrap();

        let ask = audit::Ask { entity: Some("user".into()), entity_id: Some(ines.id.to_string()), ..Default::default() };
        let trail = audit::page(&mut db.read().await.unwrap(), &Page::default(), &ask).await.unwrap().items;
        let operations: std::collections::BTreeSet<_> = trail.iter().map(|e| &*e.operation).collect();
        assert_eq!(operations, ["user.change", "user.create"].into());
        let change = trail.iter().find(|e| e.operation == "user.change").unwrap().change.clone().unwrap();
        let change: serde_json::Value = serde_json::from_str(&change).unwrap();
        let (before, after) = (("Inés Müller", ["agent"]), "Inés M. Paz");
        assert_eq!(change["before"], serde_json::json!({ "name": before.0, "roles": before.1, "version": 1 }));
        assert_eq!(change["after"], serde_json::json!({ "name": after, "roles": [], "version": 2 }));
    }

    async fn there_is_always_an_administrator(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let role = roles::find_by_key(&mut db.read().await.unwrap(), "administrator").await.unwrap().unwrap();
        let mut tx = db.write().await.unwrap();
        let error = roles::set_user(&mut tx, ambient, actor, role.id, house.admin.id, false).await.unwrap_err();
        assert_eq!(problem(&error), ("roles", "last_administrator"));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let inactive = UserWrite { active: false, ..UserWrite::new("admin", "Ada") };
        let error = users::change(&mut tx, ambient, actor, house.admin.id, 1, inactive.clone()).await.unwrap_err();
        assert_eq!(problem(&error), ("roles", "last_administrator"));
        drop(tx);
        house.user("berta", &["administrator"]).await;
        let mut tx = db.write().await.unwrap();
        users::change(&mut tx, ambient, actor, house.admin.id, 1, inactive).await.unwrap();
        let narrower = RoleSpec { key: role.key.clone(), name: role.name.clone(), description: String::new(), grants: vec![] };
        assert_eq!(problem(&roles::change(&mut tx, ambient, actor, role.id, 1, narrower).await.unwrap_err()).1, "administrator_role");
        assert_eq!(problem(&roles::remove(&mut tx, ambient, actor, role.id, 1).await.unwrap_err()).1, "administrator_role");
        tx.commit().await.unwrap();
    }

    async fn a_role_keeps_its_versions(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let spec = RoleSpec {
            key: "cobranzas".into(),
            name: "Cobranzas".into(),
            description: String::new(),
            grants: vec![Grant::allow(Target::entity("customer"), &[Verb::Read])
                .when(Filter::equal("unit", Operand::Text("$unit_and_below".into())))],
        };
        let mut tx = db.write().await.unwrap();
        let role = roles::create(&mut tx, ambient, actor, spec.clone()).await.unwrap();
        assert_eq!(roles::find(&mut tx, role.id).await.unwrap().unwrap(), role);
        let more = RoleSpec { grants: vec![Grant::allow(Target::entity("case"), &[Verb::Read])], ..spec.clone() };
        roles::change(&mut tx, ambient, actor, role.id, 1, more.clone()).await.unwrap();
        assert_eq!(roles::change(&mut tx, ambient, actor, role.id, 1, more).await.unwrap_err().code(), Code::Stale);
        let versions = roles::versions(&mut tx, role.id).await.unwrap();
        assert_eq!(versions.iter().map(|v| (v.number, v.grants.len())).collect::<Vec<_>>(), [(2, 1), (1, 1)]);
        assert_eq!(versions[1].grants, spec.grants);
        assert_eq!(versions[0].user_name, "Ada Ríos");
        let broken = RoleSpec { key: "Con espacios".into(), ..spec.clone() };
        assert_eq!(problem(&roles::create(&mut tx, ambient, actor, broken).await.unwrap_err()), ("key", "key_form"));
        let broken = RoleSpec { key: "x".into(), grants: vec![Grant::allow(Target::entity("cust*"), &[])], ..spec };
        let error = roles::create(&mut tx, ambient, actor, broken).await.unwrap_err();
        assert_eq!(error.fields().iter().map(|p| &*p.field).collect::<Vec<_>>(), ["grants[0].verbs", "grants[0].target"]);
        roles::remove(&mut tx, ambient, actor, role.id, 2).await.unwrap();
        assert_eq!(roles::versions(&mut tx, role.id).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
    }

    async fn lists_come_in_parts_and_only_what_may_be_seen(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let mut tx = db.write().await.unwrap();
        let ours = units::create(&mut tx, ambient, actor, "Nuestra", None).await.unwrap();
        let theirs = units::create(&mut tx, ambient, actor, "Ajena", None).await.unwrap();
        for i in 0..57 {
            let unit = Some(if i % 2 == 0 { ours.id } else { theirs.id });
            // Names that differ, that repeat, and that fold together.
            let write = UserWrite { unit, ..UserWrite::new(format!("u{i}"), ["Ana", "Ána", "ñandú", "Zoe", "b-c"][i % 5]) };
            users::create(&mut tx, ambient, actor, write, None, false).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut reads = db.read().await.unwrap();
        let everything = all_seeing().mask("user", Verb::Read);
        for direction in [SortDirection::Ascending, SortDirection::Descending] {
            let mut ask = Ask { page: Page { limit: Some(10), cursor: None }, sort: Some(Sort { field: "name".into(), direction }), ..Ask::default() };
            let mut seen = Vec::new();
            loop {
                let part = users::list(&mut reads, &everything, &ask).await.unwrap();
                seen.extend(part.items);
                ask.page.cursor = part.next;
                if ask.page.cursor.is_none() { break }
            }
            let mut ids: Vec<_> = seen.iter().map(|u| u.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!((seen.len(), ids.len()), (58, 58));
            let mut names: Vec<_> = seen.iter().map(|u| kernel::text::fold(&u.name)).collect();
            if direction == SortDirection::Descending { names.reverse(); }
            assert!(names.is_sorted());
        }

        // Names that somebody may not read are told neither by the order nor by where a part ends.
        let nameless = vec![
            Grant::allow(Target::entity("user"), &[Verb::Read]),
            Grant::deny(Target::field("user", "name"), &[Verb::Read]).when(Filter::equal("unit", Operand::Text(theirs.id.to_string()))),
        ];
        let mask = Policy::compile(&[access::Role { key: "s".into(), grants: nameless }], &access::Subject::default()).mask("user", Verb::Read);
        let mut ask = Ask { page: Page { limit: Some(10), cursor: None }, ..Ask::default() };
        let mut seen = Vec::new();
        loop {
            let part = users::list(&mut reads, &mask, &ask).await.unwrap();
            seen.extend(part.items.iter().map(|user| user.id));
            let Some(next) = part.next else { break };
            // The identity, and nothing behind it.
            assert_eq!(base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &next).unwrap().len(), 32);
            ask.page.cursor = Some(next);
        }
        assert_eq!(seen.len(), 58);
        assert!(seen.is_sorted());

        let subject = access::Subject { unit_and_below: vec![ours.id.to_string()], ..Default::default() };
        let own_unit = Filter::equal("unit", Operand::Text("$unit_and_below".into()));
        let grants = vec![
            Grant::allow(Target::entity("user"), &[Verb::Read]).when(own_unit),
            Grant::deny(Target::field("user", "email"), &[Verb::Read]),
        ];
        let policy = Policy::compile(&[access::Role { key: "s".into(), grants }], &subject);
        let mask = policy.mask("user", Verb::Read);
        let part = users::list(&mut reads, &mask, &Ask { search: Some("ana".into()), ..Ask::all(500) }).await.unwrap();
        assert_eq!(part.items.len(), 12);
        assert!(part.items.iter().all(|u| u.unit == Some(ours.id)));
        for user in &users::list(&mut reads, &everything, &Ask::all(500)).await.unwrap().items {
            let get = |f: &str| user.get(f);
            assert_eq!(mask.rows().matches(&get), policy.require_on(Verb::Read, "user", &get).is_ok());
        }
        for field in ["email", "no_such_field"] {
            let ask = Ask { filter: Some(Filter::equal(field, Operand::Null)), ..Ask::default() };
            assert_eq!(problem(&users::list(&mut reads, &mask, &ask).await.unwrap_err()), (field, "unknown_field"));
        }
        let none = Policy::nothing().mask("user", Verb::Read);
        assert!(users::list(&mut reads, &none, &Ask::default()).await.unwrap().items.is_empty());
        let cursor = Ask { page: Page { limit: None, cursor: Some("%".into()) }, ..Ask::default() };
        assert_eq!(users::list(&mut reads, &everything, &cursor).await.unwrap_err().code(), Code::Invalid);
    }

    async fn every_statement_is_prepared(db: Db) {
        use store::sqlx::{AssertSqlSafe, Executor, SqlSafeStr};
        for statement in directory::statements().into_iter().chain(ledger::statements()) {
            let mut reads = db.read().await.unwrap();
            match store::Reads::conn(&mut reads) {
                store::Conn::Sqlite(c) => c.prepare(AssertSqlSafe(statement.sql.sqlite.to_owned()).into_sql_str()).await.map(|_| ()),
                store::Conn::Postgres(c) => c.prepare(AssertSqlSafe(statement.sql.postgres.to_owned()).into_sql_str()).await.map(|_| ()),
            }
            .unwrap_or_else(|e| panic!("{}: {e}", statement.name));
        }
    }
}
