//! Files of units, positions and users: the same work for a look and for good, as often as one likes.

use access::Policy;
use directory::bring::{Action, Kind, bring};
use directory::{Ask, Having, UserWrite, positions, roles, units, users};
use kernel::Code;
use store::Db;

use crate::common::{House, house};

async fn all_seeing(house: &House) -> Policy {
    let mut reads = house.db.read().await.unwrap();
    let held = directory::session::roles_of(&mut reads, house.admin.id)
        .await
        .unwrap();
    Policy::compile(&held, &access::Subject::default())
}

store::both! {
    async fn an_organisation_comes_from_three_files_and_a_second_time_changes_nothing(db: Db) {
        let house = house(db.clone()).await;
        let policy = all_seeing(&house).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let files = [
            // The branch stands before what it hangs on.
            "Unidad;Depende de\nSur;Ventas\nVentas;Empresa\nEmpresa;\n",
            "cargo\nGerente\nEjecutiva\n",
            "usuario;nombre;correo;unidad;cargo;depende de;roles;activo\n\
             eva;Eva Paz;eva@example.org;Ventas / Sur;Ejecutiva;ana;agent;sí\n\
             ana;Ana Ríos;;Ventas;Gerente;;supervisor|agent;sí\n",
        ];
        for (file, kind) in files.iter().zip([Kind::Units, Kind::Positions, Kind::Users]) {
            let mut tx = db.write().await.unwrap();
            let told = bring(&mut tx, ambient, actor, &policy, file).await.unwrap();
            assert_eq!(told.kind, kind);
            assert_eq!(told.wrong, [], "{kind:?}");
            assert_eq!(told.count(Action::Create), u32::try_from(told.rows.len()).unwrap());
            // Only looked at: none of it stays.
            drop(tx);
            let mut tx = db.write().await.unwrap();
            bring(&mut tx, ambient, actor, &policy, file).await.unwrap();
            tx.commit().await.unwrap();
            let mut tx = db.write().await.unwrap();
            let again = bring(&mut tx, ambient, actor, &policy, file).await.unwrap();
            assert_eq!(again.count(Action::Same), u32::try_from(again.rows.len()).unwrap(), "{:?}", again.rows);
        }
        let mut reads = db.read().await.unwrap();
        let eva = users::find_by_login(&mut reads, "eva").await.unwrap().unwrap();
        let ana = users::find_by_login(&mut reads, "ana").await.unwrap().unwrap();
        assert_eq!(eva.manager, Some(ana.id));
        let south = units::find(&mut reads, eva.unit.unwrap()).await.unwrap().unwrap();
        assert_eq!((south.name.as_str(), south.parent), ("Sur", ana.unit));
        // Whoever stands in the branch, with the role, is found by both.
        let agent = roles::find_by_key(&mut reads, "agent").await.unwrap().unwrap();
        let ask = Ask {
            having: vec![Having::UnitAndBelow(ana.unit.unwrap()), Having::Role(agent.id)],
            ..Ask::default()
        };
        let mask = policy.mask("user", access::Verb::Read);
        let found = users::list(&mut reads, &mask, &ask).await.unwrap();
        let logins: Vec<_> = found.items.iter().map(|user| user.login.as_str()).collect();
        assert_eq!(logins, ["ana", "eva"]);
        let by_login = users::list(&mut reads, &mask, &Ask { search: Some("EVA".into()), ..Ask::default() }).await.unwrap();
        assert_eq!(by_login.items.len(), 1);
    }

    async fn every_problem_is_told_by_row_and_column_and_nothing_stays(db: Db) {
        let house = house(db.clone()).await;
        let policy = all_seeing(&house).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let file = "login,name,unit,reports to,roles,active\n\
            beto,Beto,Nowhere,,,\n\
            caro,,,,,\n\
            dora,Dora,,nobody,,\n\
            emil,Emil,,,pilot,maybe\n\
            fe,Fe,,gus,,\n\
            gus,Gus,,fe,,\n\
            beto,Otra,,,,\n";
        let mut tx = db.write().await.unwrap();
        let told = bring(&mut tx, ambient, actor, &policy, file).await.unwrap();
        let wrong: Vec<_> = told.wrong.iter().map(|w| (w.row, w.column.as_str(), w.problem.code.as_ref())).collect();
        assert_eq!(wrong, [
            (2, "unit", "unknown_unit"),
            (3, "name", "required"),
            (4, "reports to", "unknown_user"),
            (5, "active", "not_a_boolean"),
            (5, "roles", "unknown_role"),
            (6, "reports to", "manager_ring"),
            (7, "reports to", "manager_ring"),
            (8, "login", "duplicate_in_list"),
        ]);
        let rejects = told.rejects(("Row", "Column", "Reason"), &|p| p.code.to_string()).unwrap();
        assert!(rejects.contains("5,roles,unknown_role,emil,Emil,,,pilot,maybe\r\n"), "{rejects}");
        drop(tx);
        let mut reads = db.read().await.unwrap();
        assert!(users::find_by_login(&mut reads, "beto").await.unwrap().is_none());
    }

    async fn a_dissolved_unit_hands_its_people_and_units_over(db: Db) {
        let house = house(db.clone()).await;
        let (ambient, actor) = (&house.ambient, &house.actor);
        let mut tx = db.write().await.unwrap();
        let top = units::create(&mut tx, ambient, actor, "Empresa", None).await.unwrap();
        let sales = units::create(&mut tx, ambient, actor, "Ventas", Some(top.id)).await.unwrap();
        let south = units::create(&mut tx, ambient, actor, "Sur", Some(sales.id)).await.unwrap();
        let write = UserWrite { unit: Some(sales.id), ..UserWrite::new("ines", "Inés") };
        let ines = users::create(&mut tx, ambient, actor, write, None, false).await.unwrap();
        let below = units::dissolve(&mut tx, ambient, actor, sales.id, 1, units::Heir::Unit(south.id)).await.unwrap_err();
        assert_eq!(below.code(), Code::Invalid);
        let hanging = units::dependants(&mut tx, sales.id, 10).await.unwrap();
        assert_eq!((hanging.units.len(), hanging.users_total), (1, 1));
        units::dissolve(&mut tx, ambient, actor, sales.id, 1, units::Heir::Unit(top.id)).await.unwrap();
        assert_eq!(users::find(&mut tx, ines.id).await.unwrap().unwrap().unit, Some(top.id));
        assert_eq!(units::find(&mut tx, south.id).await.unwrap().unwrap().parent, Some(top.id));
        assert!(units::find(&mut tx, sales.id).await.unwrap().is_none());
        assert!(positions::find_by_name(&mut tx, "nadie").await.unwrap().is_none());
    }

    async fn whoever_typed_too_many_wrong_passwords_is_listed(db: Db) {
        let house = house(db.clone()).await;
        house.user("ines", &["agent"]).await;
        for _ in 0..10 {
            house.sessions.sign_in(crate::common::credentials("ines", "nada que ver aquí")).await.unwrap_err();
        }
        house.sessions.sign_in(crate::common::credentials("nobody", "nada que ver aquí")).await.unwrap_err();
        let mut reads = db.read().await.unwrap();
        let locked = house.sessions.locked_out_now(&mut reads).await.unwrap();
        let told: Vec<_> = locked.iter().map(|one| (one.login.as_str(), one.tries)).collect();
        assert_eq!(told, [("ines", 10)]);
    }
}
