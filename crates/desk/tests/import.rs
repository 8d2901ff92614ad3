//! Lists of customers, on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops where something is wrong, and says what it skips"
)]

mod common;

use std::path::PathBuf;

use access::{Grant, Policy, Role, Subject, Target, Verb};
use common::{actor, ambient, clock_and_ambient, make, portfolio};
use desk::import::{self, Import, Importer, OnExisting, Report, ReportWords, Setup, State, Upload};
use desk::list::{self, ListQuery};
use desk::{CustomerPatch, Sight, customer, find};
use kernel::{Filter, Id, Operand, Span};
use serde_json::json;
use store::Db;

store::statements! {
    INDEXES = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'customer_field_%'",
        "SELECT COUNT(*) FROM pg_indexes WHERE indexname LIKE 'customer_field_%'";
}

/// How many fields have theirs.
async fn indexes(db: &Db) -> i64 {
    store::fetch_one!(&mut db.read().await.unwrap(), (i64,), INDEXES)
        .unwrap()
        .0
}

async fn upload(db: &Db, bytes: &[u8]) -> Import {
    let mut upload = Upload::begin(db, &ambient(), &actor(), "C:\\listas\\clientes.csv")
        .await
        .unwrap();
    // As a stream does: in pieces that end anywhere.
    for piece in bytes.chunks(7_919) {
        upload.push(piece).await.unwrap();
    }
    upload.finish().await.unwrap()
}

async fn begin(db: &Db, bytes: &[u8], change: impl FnOnce(&mut Setup)) -> Id<Import> {
    let portfolio = portfolio();
    let import = upload(db, bytes).await;
    let mut setup = import::inspect(
        &mut db.read().await.unwrap(),
        &portfolio,
        import.id,
        "person",
        None,
    )
    .await
    .unwrap()
    .setup;
    change(&mut setup);
    let mut tx = db.write().await.unwrap();
    import::configure(
        &mut tx,
        (&ambient(), &actor()),
        &Importer::ALL,
        &portfolio,
        import.id,
        "person",
        setup,
    )
    .await
    .unwrap();
    import::start(
        &mut tx,
        &ambient(),
        &actor(),
        &Importer::ALL,
        &portfolio,
        import.id,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    import.id
}

async fn work(db: &Db) {
    while import::work(db, &ambient(), &portfolio(), &Policy::nothing())
        .await
        .unwrap()
        .is_some()
    {}
}

async fn status(db: &Db, id: Id<Import>) -> Import {
    import::load(&mut db.read().await.unwrap(), id)
        .await
        .unwrap()
}

async fn carried_out(db: &Db, bytes: &[u8], change: impl FnOnce(&mut Setup)) -> Import {
    let id = begin(db, bytes, change).await;
    work(db).await;
    status(db, id).await
}

async fn count(db: &Db) -> u64 {
    list::count(
        &mut db.read().await.unwrap(),
        &Sight::all(),
        &portfolio(),
        &ListQuery::default(),
    )
    .await
    .unwrap()
    .0
}

async fn reasons(db: &Db, id: Id<Import>) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    loop {
        let after = found.last().map_or(0, |(row, _)| *row);
        let some = import::rejected(&mut db.read().await.unwrap(), id, after, 500)
            .await
            .unwrap();
        if some.is_empty() {
            return found;
        }
        found.extend(some.into_iter().map(|r| {
            let said: Vec<_> = r
                .problems
                .iter()
                .map(|p| format!("{} {}", p.field, p.code))
                .collect();
            (r.row_number, said.join(", ").trim().to_owned())
        }));
    }
}

async fn report(db: &Db, id: Id<Import>) -> String {
    let say = |p: &kernel::FieldProblem| format!("[{}]", p.code);
    let words = ReportWords {
        row: "Fila",
        reason: "Motivo",
        say: &say,
    };
    let mut read = db.read().await.unwrap();
    let mut report = Report::begin(&mut read, id).await.unwrap();
    let mut text = String::new();
    while let Some(piece) = report.next(&mut read, &words).await.unwrap() {
        text.push_str(&piece);
    }
    text
}

fn data(name: &str) -> Option<Vec<u8>> {
    let base = std::env::var("ENGAGE_TESTDATA").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    );
    let found = std::fs::read(base.join("customers").join(name)).ok();
    if found.is_none() {
        eprintln!("skipped: no data");
    }
    found
}

fn tally(import: &Import) -> [i64; 5] {
    [
        import.rows_read,
        import.rows_created,
        import.rows_updated,
        import.rows_skipped,
        import.rows_rejected,
    ]
}

const SMALL: &str = "Nombre;CUIT;Correo;Saldo;Nacimiento\n\
    Ana Álvarez;20-08795098-1;ana@example.com;1.234,50;1/2/1980\n\
    Bruno Báez;;bruno@example.com;-3,5;31/12/1999\n";

store::both! {
    async fn the_two_lists_are_imported_with_every_planted_error_found(db: Db) {
        let (Some(latin), Some(utf8)) = (data("clientes_latin1_punto_y_coma.csv"), data("clientes_utf8_coma.csv")) else { return };
        let import = upload(&db, &latin).await;
        let seen = import::inspect(&mut db.read().await.unwrap(), &portfolio(), import.id, "person", None).await.unwrap();
        let setup = &seen.setup;
        assert_eq!((setup.dialect.encoding, setup.dialect.delimiter, setup.header), (import::text::Encoding::Windows1252, ';', true));
        assert_eq!((setup.decimal, setup.dates), (import::value::DecimalMark::Comma, import::value::DateOrder::DayMonthYear));
        let fields: Vec<_> = setup.mapping.iter().map(|t| (t.column, t.field.as_str())).collect();
        assert_eq!(fields, [(0, "full_name"), (1, "cuit"), (2, "mobile"), (3, "email"), (4, "address"), (5, "city"), (6, "born"), (7, "balance"), (8, "segment")]);
        assert_eq!(seen.rows[0][0], "Cynthia Giménez Gonsales");

        let first = carried_out(&db, &latin, |_| {}).await;
        assert_eq!((first.state, first.file_name.as_str()), (State::Done, "clientes.csv"));
        assert_eq!(tally(&first), [10_000, 9_807, 0, 0, 193]);
        assert_eq!(count(&db).await, 9_807);
        let mut by_reason = std::collections::BTreeMap::new();
        for (_, why) in reasons(&db, first.id).await {
            *by_reason.entry(why).or_insert(0) += 1;
        }
        let found: Vec<_> = by_reason.iter().map(|(why, n)| (why.as_str(), *n)).collect();
        assert_eq!(found, [("balance not_a_number", 17), ("born not_a_date", 28), ("columns_missing", 22), ("cuit bad_check_digit", 37),
            ("cuit duplicate_in_list", 24), ("email not_an_email", 46), ("full_name formula", 7), ("full_name required", 12)]);

        // The second list has one customer whom the first had brought.
        let second = carried_out(&db, &utf8, |_| {}).await;
        assert_eq!(tally(&second), [10_000, 9_786, 0, 1, 213]);
        let mut by_reason = std::collections::BTreeMap::new();
        for (_, why) in reasons(&db, second.id).await {
            *by_reason.entry(why).or_insert(0) += 1;
        }
        let found: Vec<_> = by_reason.iter().map(|(why, n)| (why.as_str(), *n)).collect();
        assert_eq!(found, [("balance not_a_number", 40), ("born not_a_date", 24), ("columns_missing", 35), ("cuit bad_check_digit", 44),
            ("cuit duplicate_in_list", 14), ("email not_an_email", 37), ("full_name formula", 11), ("full_name required", 8)]);
        assert_eq!(count(&db).await, 9_807 + 9_786);

        let hits = find::search(&mut db.read().await.unwrap(), &Sight::all(), &portfolio(), "5109-3439", 0).await.unwrap();
        assert_eq!((hits.len(), hits[0].name.as_str()), (1, "Cynthia Giménez Gonsales"));
        let one = customer::load(&mut db.read().await.unwrap(), &Sight::all(), &portfolio(), hits[0].id).await.unwrap().unwrap();
        assert_eq!((&one.fields["balance"], &one.fields["born"], one.segment.as_deref()), (&json!("121335.95"), &json!("1997-08-21"), Some("Oro")));

        // Sent in again it brings nobody new; taken out, nothing of it remains.
        let again = carried_out(&db, &latin, |_| {}).await;
        assert_eq!(tally(&again), [10_000, 0, 0, 9_807 + 24, 193 - 24], "whoever repeats a row of somebody who is there is there, too");
        let mut tx = db.write().await.unwrap();
        import::undo(&mut tx, &ambient(), &actor(), &portfolio(), second.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(count(&db).await, 9_807, "gone at once");
        work(&db).await;
        assert_eq!(status(&db, second.id).await.state, State::Undone);
        let twice = carried_out(&db, &utf8, |_| {}).await;
        assert_eq!(tally(&twice), [10_000, 9_786, 0, 1, 213], "its unique values are free again");
    }

    async fn what_was_turned_away_can_be_mended_and_sent_in_again(db: Db) {
        let list = "Nombre;CUIT;Correo;Saldo\n\
            Ana;20-08795098-2;ana@example.com;1\n\
            \"=cmd|'/c calc'\";;b@example.com;2\n\
            \"Carla;\nla \"\"segunda\"\"\";;c(at)example.com;x\n\
            Dora;;\n\
            Eva;;eva@example.com;5\n";
        let first = carried_out(&db, list.as_bytes(), |_| {}).await;
        assert_eq!(tally(&first), [5, 1, 0, 0, 4]);
        assert_eq!(reasons(&db, first.id).await, [(2, "cuit bad_check_digit".into()), (3, "full_name formula".into()),
            (4, "email not_an_email, balance not_a_number".into()), (5, "columns_missing".into())]);
        let text = report(&db, first.id).await;
        assert_eq!(text, "\u{feff}Nombre;CUIT;Correo;Saldo;Fila;Motivo\r\n\
            Ana;20-08795098-2;ana@example.com;1;2;CUIT «20-08795098-2»: [bad_check_digit]\r\n\
            '=cmd|'/c calc';;b@example.com;2;3;Nombre «=cmd|'/c calc'»: [formula]\r\n\
            \"Carla;\nla \"\"segunda\"\"\";;c(at)example.com;x;4;Correo «c(at)example.com»: [not_an_email] · Saldo «x»: [not_a_number]\r\n\
            Dora;;;;5;[columns_missing]\r\n");
        let mended = text.replace("098-2;ana", "098-1;ana").replace("c(at)", "c@").replace(";x;", ";7,5;");
        let second = carried_out(&db, mended.as_bytes(), |_| {}).await;
        assert_eq!(tally(&second), [4, 3, 0, 0, 1], "{:?}", reasons(&db, second.id).await);
        assert_eq!(reasons(&db, second.id).await[0], (3, "full_name formula".into()));
        let third = carried_out(&db, mended.as_bytes(), |s| s.formulas = import::Formulas::Neutralise).await;
        let hits = find::search(&mut db.read().await.unwrap(), &Sight::all(), &portfolio(), "b@example.com", 0).await.unwrap();
        assert_eq!((tally(&third)[1], hits[0].name.as_str()), (3, "cmd|'/c calc'"));
    }

    async fn who_is_there_already_is_skipped_updated_or_made_again(db: Db) {
        let ana = make(&db, json!({"full_name": "Ana", "cuit": "20-08795098-1", "email": "ana@example.com", "balance": "1", "city": "Lima"})).await;
        let skipped = carried_out(&db, SMALL.as_bytes(), |_| {}).await;
        assert_eq!(tally(&skipped), [2, 1, 0, 1, 0]);
        let by_mail = |policy| move |s: &mut Setup| {
            s.match_by = vec!["email".into()];
            s.on_existing = policy;
        };
        let updated = carried_out(&db, SMALL.as_bytes(), by_mail(OnExisting::Update)).await;
        assert_eq!(tally(&updated), [2, 0, 2, 0, 0]);
        let load = async || customer::load(&mut db.read().await.unwrap(), &Sight::all(), &portfolio(), ana.id).await.unwrap().unwrap();
        let now = load().await;
        assert_eq!((now.name.as_str(), &now.fields["balance"], &now.fields["city"], now.version), ("Ana Álvarez", &json!("1234.5"), &json!("Lima"), 2));
        let twin = carried_out(&db, SMALL.as_bytes(), by_mail(OnExisting::Create)).await;
        assert_eq!(tally(&twin), [2, 1, 0, 0, 1], "a unique value forbids the other");
        assert_eq!(reasons(&db, twin.id).await, [(2, "email duplicate".into())]);
        // Undone, she is what she was.
        let mut tx = db.write().await.unwrap();
        import::undo(&mut tx, &ambient(), &actor(), &portfolio(), updated.id).await.unwrap();
        tx.commit().await.unwrap();
        work(&db).await;
        let now = load().await;
        assert_eq!((now.name.as_str(), &now.fields["balance"], &now.fields["city"]), ("Ana", &json!("1"), &json!("Lima")));
        assert_eq!(status(&db, updated.id).await.rows_kept, 0);
    }

    async fn whom_somebody_has_touched_is_kept_and_named(db: Db) {
        let portfolio = portfolio();
        let import = carried_out(&db, SMALL.as_bytes(), |_| {}).await;
        let hits = find::search(&mut db.read().await.unwrap(), &Sight::all(), &portfolio, "ana alvarez", 0).await.unwrap();
        let patch = CustomerPatch { fields: json!({"city": "Quito"}).as_object().unwrap().clone(), ..CustomerPatch::default() };
        let mut tx = db.write().await.unwrap();
        customer::change(&mut tx, &ambient(), &actor(), (&Sight::all(), &Sight::all()), &portfolio, (hits[0].id, 1), patch).await.unwrap();
        import::undo(&mut tx, &ambient(), &actor(), &portfolio, import.id).await.unwrap();
        tx.commit().await.unwrap();
        work(&db).await;
        assert_eq!(count(&db).await, 1);
        let kept = import::kept(&mut db.read().await.unwrap(), import.id, 0, 500).await.unwrap();
        assert_eq!(kept.iter().map(|k| (k.name.as_str(), k.row_number, k.was_there)).collect::<Vec<_>>(), [("Ana Álvarez", 2, false)]);
        assert_eq!(status(&db, import.id).await.rows_kept, 1);
    }

    async fn nothing_is_seen_before_the_end_and_nothing_after_a_cancel(db: Db) {
        let mut long = String::from("Nombre;Correo\n");
        for i in 0..12_345 {
            long.push_str(&format!("Persona {i};p{i}@example.com\n"));
        }
        let id = begin(&db, long.as_bytes(), |_| {}).await;
        let watched = db.clone();
        let watcher = tokio::spawn(async move {
            let mut half = Vec::new();
            loop {
                let state = status(&watched, id).await;
                let seen = count(&watched).await;
                // The state was read before the count: done by then, all must be there; before it all or nothing.
                if !matches!(seen, 0 | 12_345) || state.state == State::Done && seen == 0 {
                    half.push(seen);
                }
                if state.state == State::Done {
                    return half;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
        work(&db).await;
        assert_eq!(watcher.await.unwrap(), Vec::<u64>::new());
        assert_eq!(count(&db).await, 12_345);

        let id = begin(&db, long.replace("p", "q").as_bytes(), |_| {}).await;
        let (worker, ambient_) = (db.clone(), ambient());
        let working = tokio::spawn(async move { import::work(&worker, &ambient_, &portfolio(), &Policy::nothing()).await });
        while status(&db, id).await.rows_read == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        let mut tx = db.write().await.unwrap();
        let cancelled = import::cancel(&mut tx, &ambient(), &actor(), id).await;
        let in_time = cancelled.is_ok();
        if in_time {
            tx.commit().await.unwrap();
        } else {
            // It was quicker than we: then it is taken out instead.
            drop(tx);
            let mut tx = db.write().await.unwrap();
            import::undo(&mut tx, &ambient(), &actor(), &portfolio(), id).await.unwrap();
            tx.commit().await.unwrap();
        }
        working.await.unwrap().unwrap();
        assert_eq!(count(&db).await, 12_345);
        work(&db).await;
        let ended = status(&db, id).await;
        assert_eq!(ended.state, if in_time { State::Cancelled } else { State::Undone });
        assert_eq!(count(&db).await, 12_345);
    }

    async fn a_list_that_multiplies_the_customers_has_the_indexes_of_their_fields_made_anew(db: Db) {
        let long = |who: &str| {
            let row = |i: u32| format!("{who} {i};{who}{i}@example.com;{}\n", i % 977);
            "Nombre;Correo;Saldo\n".to_owned() + &(0..21_000).map(row).collect::<String>()
        };
        let begun = async |who: &str| {
            let id = begin(&db, long(who).as_bytes(), |_| {}).await;
            let (worker, ambient) = (db.clone(), ambient());
            let working = tokio::spawn(async move { import::work(&worker, &ambient, &portfolio(), &Policy::nothing()).await });
            while status(&db, id).await.rows_read == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            (id, working)
        };
        let mut tx = db.write().await.unwrap();
        desk::index::ensure(&mut tx, &portfolio().get("person").unwrap().schema).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(indexes(&db).await, 2);

        let (id, working) = begun("Ana").await;
        assert_eq!(indexes(&db).await, 0, "set aside");
        let mut tx = db.write().await.unwrap();
        import::cancel(&mut tx, &ambient(), &actor(), id).await.unwrap();
        tx.commit().await.unwrap();
        working.await.unwrap().unwrap();
        work(&db).await;
        assert_eq!((indexes(&db).await, count(&db).await), (2, 0), "back though the list is not");

        let (_, working) = begun("Bea").await;
        assert_eq!(indexes(&db).await, 0, "set aside");
        working.await.unwrap().unwrap();
        assert_eq!((indexes(&db).await, count(&db).await), (2, 21_000), "back behind the list");

        let (_, working) = begun("Eva").await;
        assert_eq!(indexes(&db).await, 2, "as many are there as come: their lists are not made slow");
        working.await.unwrap().unwrap();
        assert_eq!((indexes(&db).await, count(&db).await), (2, 42_000));
        // Of so many the newest alone would not do.
        let mut read = db.read().await.unwrap();
        let found = find::search(&mut read, &Sight::all(), &portfolio(), "20977 bea", 0).await.unwrap();
        assert_eq!(found.iter().map(|hit| hit.name.as_str()).collect::<Vec<_>>(), ["Bea 20977"]);
        let found = find::search(&mut read, &Sight::all(), &portfolio(), "eva", 50).await.unwrap();
        assert_eq!(found.len(), 50);
    }

    async fn a_worker_that_dies_is_succeeded(db: Db) {
        let mut long = String::from("Nombre;Correo;Saldo\n");
        for i in 0..20_000 {
            long.push_str(&format!("Persona {i};p{i}@example.com;{}\n", if i % 100 == 7 { "x" } else { "1" }));
        }
        let id = begin(&db, long.as_bytes(), |_| {}).await;
        let (clock, ambient) = clock_and_ambient();
        let mut deaths = 0;
        for _ in 0..40 {
            let before = status(&db, id).await;
            if before.state == State::Done {
                break;
            }
            // Dropped in the middle of whatever it does: to the database the same as a kill.
            let portfolio = portfolio();
            let nobody = Policy::nothing();
            let dying = import::work(&db, &ambient, &portfolio, &nobody);
            if tokio::time::timeout(std::time::Duration::from_millis(150), dying).await.is_err() {
                deaths += 1;
            }
            assert!(import::work(&db, &ambient, &portfolio, &Policy::nothing()).await.unwrap().is_none() || status(&db, id).await.state == State::Done, "the lease still holds");
            clock.advance(Span::from_secs(31));
        }
        work(&db).await;
        let done = status(&db, id).await;
        assert_eq!((done.state, tally(&done)), (State::Done, [20_000, 19_800, 0, 0, 200]));
        assert_eq!(count(&db).await, 19_800);
        assert_eq!(reasons(&db, id).await.len(), 200);
        assert!(deaths > 0, "nobody died: the test says nothing");
    }

    async fn a_list_is_of_whom_its_importer_may_make_customers_for(db: Db) {
        let portfolio = portfolio();
        let (me, home, other) = (Id::new(uuid::Uuid::from_u128(1)), Id::new(uuid::Uuid::from_u128(2)), Id::new(uuid::Uuid::from_u128(3)));
        let grant = |verb| Grant::allow(Target::entity("customer"), &[verb]);
        let importer = |grants: Vec<Grant>| {
            let policy = Policy::compile(&[Role { key: "r".into(), grants }], &Subject::default());
            Importer { reading: Sight::all(), making: Sight::of(&policy, Verb::Create), changing: Sight::of(&policy, Verb::Change), user: Some(me), home: Some(home) }
        };
        let tried = async |importer: &Importer, change: &dyn Fn(&mut Setup)| {
            let import = upload(&db, b"Nombre;Correo\nEva;eva@example.com\n").await;
            let seen = import::inspect(&mut db.read().await.unwrap(), &portfolio, import.id, "person", None).await.unwrap();
            let mut setup = seen.setup;
            change(&mut setup);
            let mut tx = db.write().await.unwrap();
            let told = import::configure(&mut tx, (&ambient(), &actor()), importer, &portfolio, import.id, "person", setup).await;
            told.map(|import| (import.setup.owner, import.setup.unit)).map_err(|error| match error.fields() {
                [] => error.code().to_string(),
                fields => fields.iter().map(|f| format!("{} {}", f.field, f.code)).collect::<Vec<_>>().join(", "),
            })
        };
        let may_all = importer(vec![grant(Verb::Create), grant(Verb::Change)]);
        assert_eq!(tried(&may_all, &|_| {}).await, Ok((None, Some(home))));
        assert_eq!(tried(&may_all, &|setup| (setup.owner, setup.unit) = (Some(me), Some(other))).await, Ok((Some(me), Some(other))));
        assert_eq!(tried(&may_all, &|setup| setup.on_existing = OnExisting::Update).await, Ok((None, Some(home))));
        // Who makes only customers of their own brings customers of their own, and to nobody else.
        let own = grant(Verb::Create).when(Filter::equal("owner", Operand::Text(me.to_string())));
        let mine = importer(vec![own, grant(Verb::Change)]);
        assert_eq!(tried(&mine, &|_| {}).await, Ok((Some(me), Some(home))));
        assert_eq!(tried(&mine, &|setup| setup.owner = Some(Id::new(uuid::Uuid::from_u128(9)))).await, Err("forbidden".into()));
        // What a condition asks of the rows themselves nobody knows before they are read.
        let gold = importer(vec![grant(Verb::Create).when(Filter::equal("segment", Operand::Text("Oro".into())))]);
        assert_eq!(tried(&gold, &|_| {}).await, Err("forbidden".into()));
        // Nor where it would hold for an empty field.
        let oro = Filter::Not(Box::new(Filter::equal("segment", Operand::Text("Oro".into()))));
        let not_gold = importer(vec![grant(Verb::Create).when(oro.clone())]);
        assert_eq!(tried(&not_gold, &|_| {}).await, Err("forbidden".into()));
        let either = importer(vec![grant(Verb::Create).when(oro.or(Filter::equal("unit", Operand::Text(home.to_string()))))]);
        assert_eq!(tried(&either, &|_| {}).await, Ok((None, Some(home))));
        // Owner and unit are given by who may, and customers who are there changed by who may change them all.
        let keeps = Grant::deny(Target::field("customer", "owner"), &[Verb::Create]);
        let some = grant(Verb::Change).when(Filter::equal("owner", Operand::Text(me.to_string())));
        let less = importer(vec![grant(Verb::Create), keeps, some]);
        let said = tried(&less, &|setup| (setup.owner, setup.on_existing) = (Some(Id::new(uuid::Uuid::from_u128(9))), OnExisting::Update)).await;
        assert_eq!(said, Err("owner field_forbidden, on_match may_not_change_all".into()));
        // What becomes of a row tells whether somebody has the value: it is asked only by whoever may read it of all.
        let mut unread = importer(vec![grant(Verb::Create)]);
        let readers = Role { key: "r".into(), grants: vec![grant(Verb::Read), Grant::deny(Target::field("customer", "fields.email"), &[Verb::Read])] };
        unread.reading = Sight::reading(&Policy::compile(&[readers], &Subject::default()));
        assert_eq!(tried(&unread, &|setup| setup.match_by = vec!["email".into()]).await, Err("match_by[0] cannot_match_by".into()));
        assert!(tried(&unread, &|setup| setup.match_by = Vec::new()).await.is_ok());
        let unseen = Grant::deny(Target::field("customer", "fields.email"), &[Verb::Change]);
        let blind = importer(vec![grant(Verb::Create), grant(Verb::Change), unseen]);
        assert_eq!(tried(&blind, &|setup| setup.on_existing = OnExisting::Update).await, Err("on_match may_not_change_all".into()));
    }

    async fn a_list_is_held_to_the_limits_of_whoever_starts_it(db: Db) {
        let portfolio = portfolio();
        let me = Id::new(uuid::Uuid::from_u128(1));
        let limited = |verb, limit: i64| Grant::allow(Target::entity("customer"), &[verb]).up_to("fields.balance", limit.into());
        let policy = |grants: Vec<Grant>| Policy::compile(&[Role { key: "r".into(), grants }], &Subject::default());
        let brought = async |policy: &Policy, at_work: &Policy, change: &dyn Fn(&mut Setup)| {
            let bytes = "Nombre;Correo;Saldo cuenta\nEva;eva@example.com;100,00\nJuan;juan@example.com;100,01\nAna;ana@example.com;\n";
            let import = upload(&db, bytes.as_bytes()).await;
            let mut setup = import::inspect(&mut db.read().await.unwrap(), &portfolio, import.id, "person", None).await.unwrap().setup;
            change(&mut setup);
            let importer = Importer { reading: Sight::all(), making: Sight::of(policy, Verb::Create), changing: Sight::of(policy, Verb::Change), user: Some(me), home: None };
            let mut tx = db.write().await.unwrap();
            // Whoever made the plan may do everything: it does not matter.
            import::configure(&mut tx, (&ambient(), &actor()), &Importer::ALL, &portfolio, import.id, "person", setup).await.unwrap();
            import::start(&mut tx, &ambient(), &actor(), &importer, &portfolio, import.id).await.unwrap();
            tx.commit().await.unwrap();
            while import::work(&db, &ambient(), &portfolio, at_work).await.unwrap().is_some() {}
            let import = status(&db, import.id).await;
            let reasons = reasons(&db, import.id).await;
            let mut tx = db.write().await.unwrap();
            if import.state == State::Done {
                import::undo(&mut tx, &ambient(), &actor(), &portfolio, import.id).await.unwrap();
            }
            tx.commit().await.unwrap();
            while import::work(&db, &ambient(), &portfolio, at_work).await.unwrap().is_some() {}
            (import, reasons)
        };
        let hundred = policy(vec![limited(Verb::Create, 100), limited(Verb::Change, 100)]);
        let (done, turned_away) = brought(&hundred, &hundred, &|_| {}).await;
        assert_eq!(tally(&done), [3, 2, 0, 0, 1]);
        assert_eq!(turned_away, [(3, "balance beyond_limit".to_owned())]);
        let more = policy(vec![limited(Verb::Create, 200), limited(Verb::Change, 100)]);
        assert_eq!(tally(&brought(&more, &more, &|_| {}).await.0), [3, 3, 0, 0, 0]);
        // What may update those who are there is held to both limits.
        let (done, _) = brought(&more, &more, &|setup| setup.on_existing = OnExisting::Update).await;
        assert_eq!(tally(&done), [3, 2, 0, 0, 1]);
        // What somebody may do counts as it is when the list is carried out.
        let (done, _) = brought(&more, &hundred, &|_| {}).await;
        assert_eq!(tally(&done), [3, 2, 0, 0, 1]);
        let (failed, _) = brought(&more, &Policy::nothing(), &|_| {}).await;
        assert_eq!((failed.state, failed.failure.as_deref()), (State::Failed, Some("forbidden")));
    }

    async fn what_cannot_be_read_is_said_so(db: Db) {
        let portfolio = portfolio();
        let mut empty = Upload::begin(&db, &ambient(), &actor(), "x.csv").await.unwrap();
        empty.push(b"").await.unwrap();
        assert_eq!(empty.finish().await.unwrap_err().fields()[0].code, "empty_file");
        let import = upload(&db, b"a;b\n1;2\n").await;
        let mut tx = db.write().await.unwrap();
        let setup = Setup { match_by: vec!["city".into()], mapping: vec![import::Target { column: 0, field: "shoe".into() }], ..import.setup };
        let error = import::configure(&mut tx, (&ambient(), &actor()), &Importer::ALL, &portfolio, import.id, "person", setup).await.unwrap_err();
        let said: Vec<_> = error.fields().iter().map(|p| format!("{} {}", p.field, p.code)).collect();
        assert_eq!(said, ["mapping[0].field unknown_field", "mapping required_not_mapped", "mapping name_not_mapped", "match_by[0] cannot_match_by"]);
        drop(tx);
        let wide: Vec<u8> = "\u{feff}Nombre\tCorreo\nÑandú\tn@example.com\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(tally(&carried_out(&db, &wide, |_| {}).await), [1, 1, 0, 0, 0]);
        assert_eq!(find::search(&mut db.read().await.unwrap(), &Sight::all(), &portfolio, "nandu", 0).await.unwrap().len(), 1);
        // Told to be UTF-8 though it is not: the letters that cannot be read are no names.
        let latin: Vec<u8> = "Nombre;Correo\nMuñoz;m@example.com\n".chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let wrong = carried_out(&db, &latin, |s| s.dialect.encoding = import::text::Encoding::Utf8).await;
        assert_eq!(reasons(&db, wrong.id).await, [(2, "full_name unreadable_letters".into())]);
    }
}
