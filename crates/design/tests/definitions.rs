//! The life of a definition, told on both databases.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on stops here and says so"
)]

mod world;

use design::{Ask, Body, Change, Kind, Published, Save, Side, Surroundings};
use form::Words;
use kernel::{Code, Page};
use serde_json::{Value, json};
use store::Db;

use world::{World, customer_type, process_body, words};

store::both! {
    async fn a_draft_may_be_incomplete_and_is_published_when_it_is_whole(db: Db) {
        let world = World::new();
        let mut person = customer_type("person");
        let Body::CustomerType(schema) = &mut person else { unreachable!() };
        schema.title.clear();

        let mut tx = db.write().await.unwrap();
        let saved = design::create(&mut tx, world.author(), &person).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(saved.revision, 1);
        assert_eq!(world::told(&saved.problems), ["title required"]);

        let mut tx = db.write().await.unwrap();
        let refused = design::publish(&mut tx, world.author(), Kind::CustomerType, "person", 1, "").await.unwrap_err();
        assert_eq!(refused.code(), Code::BadDefinition);
        assert_eq!(world::told(refused.fields()), ["title required"]);
        drop(tx);

        let whole = Save { kind: Kind::CustomerType, key: "person".into(), body: customer_type("person"), revision: 1 };
        let mut tx = db.write().await.unwrap();
        let saved = design::save(&mut tx, world.author(), &whole).await.unwrap();
        assert!(saved.problems.is_empty() && saved.draft);
        let done = design::publish(&mut tx, world.author(), Kind::CustomerType, "person", 2, "Primera").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((done.version, done.revision), (1, 3));

        let mut read = db.read().await.unwrap();
        let loaded = design::load(&mut read, Kind::CustomerType, "person", &world.around).await.unwrap();
        assert_eq!(loaded.body, customer_type("person"));
        assert_eq!((loaded.summary.published, loaded.summary.draft, loaded.summary.revision), (Some(1), false, 3));
        assert_eq!(loaded.versions[0].note, "Primera");
        assert_eq!(loaded.versions[0].published_by, "Diana Diseño");
        assert_eq!(loaded.versions[0].hash, done.hash);
        assert_eq!(ledger::audit::count(&mut read).await.unwrap(), 3, "create, save, publish");
    }

    async fn of_two_who_save_the_second_is_told(db: Db) {
        let world = World::new();
        world.publish(&db, &customer_type("person")).await;
        let mut changed = customer_type("person");
        let Body::CustomerType(schema) = &mut changed else { unreachable!() };
        schema.plural = words("Personas");
        let save = Save { kind: Kind::CustomerType, key: "person".into(), body: changed, revision: 2 };

        let mut tx = db.write().await.unwrap();
        design::save(&mut tx, world.author(), &save).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await.unwrap();
        assert_eq!(design::save(&mut tx, world.author(), &save).await.unwrap_err().code(), Code::Stale);
        drop(tx);

        // What is equal to the published version is no draft any more.
        let back = Save { body: customer_type("person"), revision: 3, ..save };
        let mut tx = db.write().await.unwrap();
        let saved = design::save(&mut tx, world.author(), &back).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!saved.draft);
        let mut tx = db.write().await.unwrap();
        let nothing = design::publish(&mut tx, world.author(), Kind::CustomerType, "person", 4, "").await.unwrap_err();
        assert_eq!(nothing.code(), Code::WrongState);
    }

    async fn a_published_field_keeps_its_kind(db: Db) {
        let world = World::new();
        world.publish(&db, &customer_type("person")).await;
        let mut changed = customer_type("person").to_value().unwrap();
        changed["fields"][1]["kind"] = json!("text");
        let body = Body::read(Kind::CustomerType, changed).unwrap();
        let mut tx = db.write().await.unwrap();
        let save = Save { kind: Kind::CustomerType, key: "person".into(), body, revision: 2 };
        let saved = design::save(&mut tx, world.author(), &save).await.unwrap();
        assert_eq!(world::told(&saved.problems), ["fields[1].kind kind_changed"]);
    }

    async fn a_process_is_bound_before_it_is_published(db: Db) {
        let world = World::new();
        let bare = process_body("claim", "");
        let mut tx = db.write().await.unwrap();
        let saved = design::create(&mut tx, world.author(), &bare).await.unwrap();
        assert_eq!(
            world::told(&saved.problems),
            ["task task_without_form", "task task_without_outcome", "task task_without_group"]
        );
        let half = process_body(
            "claim",
            r#"<engage:activity form="claim_form"><engage:assignment group="nobody"/><engage:outcome key="ok"/><engage:outcome key="ok"/>
               <engage:escalation after="P7D" to="also_nobody"/></engage:activity>"#,
        );
        let save = Save { kind: Kind::Process, key: "claim".into(), body: half, revision: 1 };
        let saved = design::save(&mut tx, world.author(), &save).await.unwrap();
        assert_eq!(
            world::told(&saved.problems),
            [
                "task task_with_unknown_form",
                "task task_with_two_equal_outcomes",
                "task task_with_unknown_group",
                "task task_with_unknown_group",
            ]
        );
        tx.commit().await.unwrap();
        world.publish(&db, &customer_type("person")).await;
        world.publish(&db, &world::form_body("claim_form")).await;
        let whole = process_body(
            "claim",
            r#"<engage:activity form="claim_form"><engage:assignment group="agents"/><engage:outcome key="ok"/></engage:activity>"#,
        );
        let save = Save { kind: Kind::Process, key: "claim".into(), body: whole, revision: 2 };
        let mut tx = db.write().await.unwrap();
        assert_eq!(design::save(&mut tx, world.author(), &save).await.unwrap().problems, []);
        let done = design::publish(&mut tx, world.author(), Kind::Process, "claim", 3, "").await.unwrap();
        tx.commit().await.unwrap();

        let published = Published::new();
        let mut read = db.read().await.unwrap();
        let (number, body) = published.newest(&mut read, Kind::Process, "claim").await.unwrap();
        assert_eq!((number, &*body), (1, &done.body));
        let again = published.version(&mut read, Kind::Process, "claim", 1).await.unwrap();
        assert!(std::sync::Arc::ptr_eq(&body, &again), "read once");
        let missing = published.version(&mut read, Kind::Process, "claim", 2).await.unwrap_err();
        assert_eq!(missing.code(), Code::NotFound);
    }

    async fn what_the_editor_marks_red_cannot_be_published_and_what_it_only_doubts_can(db: Db) {
        let world = World::new();
        let user = |inner: &str| {
            format!(r#"<userTask id="task" name="A"><extensionElements>{inner}</extensionElements></userTask>"#)
        };
        let red = [
            user(""),
            user(r#"<engage:activity><engage:assignment strategy="own_customer"/></engage:activity>"#),
            user(r#"<engage:activity><engage:assignment group="agents"/></engage:activity>"#).replace("</userTask>", r#"</userTask>
                <sequenceFlow id="g0" sourceRef="task" targetRef="gate"/><exclusiveGateway id="gate"/>
                <sequenceFlow id="g1" sourceRef="gate" targetRef="end"><conditionExpression>outcome = "yes"</conditionExpression></sequenceFlow>"#),
            r#"<exclusiveGateway id="task"/><sequenceFlow id="g1" sourceRef="task" targetRef="end"><conditionExpression>amount &gt; &gt; 5</conditionExpression></sequenceFlow>"#.to_owned(),
        ];
        let doubtful = [
            r#"<serviceTask id="task"/>"#,
            r#"<businessRuleTask id="task"/>"#,
            r#"<callActivity id="task"/>"#,
            r#"<intermediateCatchEvent id="task"><timerEventDefinition id="t"/></intermediateCatchEvent>"#,
        ].map(str::to_owned);
        let cases = red.iter().map(|task| (task, true)).chain(doubtful.iter().map(|task| (task, false)));
        for (i, (task, is_red)) in cases.enumerate() {
            let body = world::drawn(&format!("p{i}"), task);
            let Body::Process(process) = &body else { continue };
            let findings = flow::lint::lint(&process.document().unwrap());
            let mut tx = db.write().await.unwrap();
            let saved = design::create(&mut tx, world.author(), &body).await.unwrap();
            let errors = findings.iter().filter(|f| f.severity == flow::lint::Severity::Error);
            let mut marked = 0;
            for error in errors {
                marked += 1;
                assert!(saved.problems.iter().any(|p| p.field == *error.element), "{task}: {error:?}");
            }
            assert_eq!(marked > 0, is_red, "{task}: {findings:?}");
            assert!(is_red || findings.iter().any(|f| &*f.element == "task" && f.severity == flow::lint::Severity::Warning), "{task}");
            let published = design::publish(&mut tx, world.author(), Kind::Process, body.key(), saved.revision, "").await;
            assert_eq!(published.is_err(), is_red, "{task}: {published:?}");
        }
    }

    async fn a_file_of_another_tool_becomes_a_draft(db: Db) {
        let Some(xml) = world::reference("C.1.0.bpmn") else { return };
        let world = World::new();
        let mut tx = db.write().await.unwrap();
        let (key, saved) = design::import_process(&mut tx, world.author(), xml.as_bytes(), "C.1.0.bpmn", None).await.unwrap();
        assert_eq!(key, "bpmn_miwg_test_case_c_1_0");
        let unbound: Vec<&str> = saved
            .problems
            .iter()
            .filter(|p| p.code == "task_without_form")
            .map(|p| p.field.as_str())
            .collect();
        assert_eq!(unbound, ["approveInvoice", "assignApprover", "reviewInvoice", "prepareBankTransfer"]);
        let (second, _) = design::import_process(&mut tx, world.author(), xml.as_bytes(), "C.1.0.bpmn", None).await.unwrap();
        assert_eq!(second, "bpmn_miwg_test_case_c_1_0_2");
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        let Body::Process(process) = design::load(&mut read, Kind::Process, &key, &world.around).await.unwrap().body
        else {
            panic!("a process")
        };
        assert_eq!(process.process_id.as_deref(), Some("bpmn-miwg-test-case-c.1.0"));
        assert_eq!(process.document().unwrap(), flow::xml::read(&xml).unwrap(), "as it was drawn");
    }

    async fn a_broken_file_is_refused_with_line_and_sentence(db: Db) {
        let world = World::new();
        for (xml, code) in [
            ("nada", "flow.not_xml"),
            ("<a><b></a>", "flow.tag_mismatch"),
            ("<html/>", "flow.not_bpmn"),
        ] {
            let mut tx = db.write().await.unwrap();
            let refused = design::import_process(&mut tx, world.author(), xml.as_bytes(), "x.bpmn", None).await.unwrap_err();
            assert_eq!(refused.code(), Code::BadDefinition, "{xml}");
            let problem = &refused.fields()[0];
            assert_eq!(problem.code, code);
            assert!(problem.field.starts_with("line ") && !problem.sentence.is_empty(), "{problem:?}");
        }
    }

    async fn a_file_keeps_its_letters_in_any_encoding(db: Db) {
        let world = World::new();
        let xml = |encoding: &str| {
            let (bpmn, body) = (flow::xml::BPMN, "<startEvent id=\"s\"/>");
            format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<definitions xmlns=\"{bpmn}\"><process id=\"p\" isExecutable=\"true\" name=\"Aprobación\">{body}</process></definitions>")
        };
        let latin = |text: String| -> Vec<u8> { text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect() };
        let mut wide = vec![0xff, 0xfe];
        wide.extend(xml("UTF-16").encode_utf16().flat_map(u16::to_le_bytes));
        for (file, key) in [
            (latin(xml("ISO-8859-1")), "aprobacion"),
            (wide, "aprobacion_2"),
            (xml("UTF-8").into_bytes(), "aprobacion_3"),
        ] {
            let mut tx = db.write().await.unwrap();
            let (made, _) = design::import_process(&mut tx, world.author(), &file, "x.bpmn", None).await.unwrap();
            assert_eq!(made, key);
            tx.commit().await.unwrap();
            let mut read = db.read().await.unwrap();
            let Body::Process(process) = design::load(&mut read, Kind::Process, &made, &world.around).await.unwrap().body else {
                panic!("a process")
            };
            assert!(process.bpmn.contains("name=\"Aprobación\""), "{}", process.bpmn);
            assert!(!process.bpmn.contains("8859") && !process.bpmn.contains("UTF-16"), "we keep UTF-8: {}", process.bpmn);
        }
        for (file, code) in [
            (latin(xml("UTF-8")), "flow.wrong_encoding"),
            (xml("ISO-8859-1").into_bytes(), "flow.mislabelled_encoding"),
            (xml("klingon").into_bytes(), "flow.unknown_encoding"),
            (vec![b' '; flow::xml::MAX_BYTES + 1], "flow.too_large"),
        ] {
            let mut tx = db.write().await.unwrap();
            let refused = design::import_process(&mut tx, world.author(), &file, "x.bpmn", None).await.unwrap_err();
            assert_eq!((refused.code(), &*refused.fields()[0].code), (Code::BadDefinition, code));
            assert!(!refused.fields()[0].sentence.is_empty());
        }
    }

    async fn the_list_is_paged_and_searched(db: Db) {
        let world = World::new();
        for key in ["alpha", "beta", "gamma"] {
            world.publish(&db, &customer_type(key)).await;
        }
        let mut tx = db.write().await.unwrap();
        design::copy(&mut tx, world.author(), Kind::CustomerType, "beta", "delta", words("Año Ñandú")).await.unwrap();
        tx.commit().await.unwrap();
        let mut read = db.read().await.unwrap();
        let mut page = Page { limit: Some(2), cursor: None };
        let mut keys = Vec::new();
        loop {
            let part = design::list(&mut read, &Ask::default(), &page).await.unwrap();
            keys.extend(part.items.into_iter().map(|s| s.key));
            page.cursor = part.next;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(keys, ["alpha", "beta", "delta", "gamma"]);
        let found = |text: &str, draft| Ask { text: Some(text.into()), draft, ..Ask::default() };
        let all = Page::default();
        let by_name = design::list(&mut read, &found("NANDU ano", None), &all).await.unwrap();
        assert_eq!(by_name.items[0].key, "delta");
        assert_eq!(design::list(&mut read, &found("a", Some(true)), &all).await.unwrap().items.len(), 1);
        assert!(design::list(&mut read, &found("100%", None), &all).await.unwrap().items.is_empty());
    }

    async fn what_differs_is_shown_line_by_line_and_can_be_thrown_away(db: Db) {
        let world = World::new();
        world.publish(&db, &customer_type("person")).await;
        let mut changed = customer_type("person").to_value().unwrap();
        changed["fields"][0]["label"]["en"] = json!("Full name");
        let save = Save {
            kind: Kind::CustomerType,
            key: "person".into(),
            body: Body::read(Kind::CustomerType, changed).unwrap(),
            revision: 2,
        };
        let mut tx = db.write().await.unwrap();
        design::save(&mut tx, world.author(), &save).await.unwrap();
        let lines =
            design::difference(&mut tx, Kind::CustomerType, "person", Side::Version(1), Side::Draft).await.unwrap();
        let changed: Vec<_> = lines
            .iter()
            .filter(|l| matches!(l.change, Change::Added | Change::Removed))
            .map(|l| format!("{:?} {}", l.change, l.text.trim()))
            .collect();
        assert_eq!(changed, ["Removed \"en\": \"Name\"", "Added \"en\": \"Full name\""]);
        design::discard(&mut tx, world.author(), Kind::CustomerType, "person", 3).await.unwrap();
        let loaded = design::load(&mut tx, Kind::CustomerType, "person", &world.around).await.unwrap();
        assert_eq!(loaded.body, customer_type("person"));

        design::create(&mut tx, world.author(), &customer_type("never")).await.unwrap();
        design::discard(&mut tx, world.author(), Kind::CustomerType, "never", 1).await.unwrap();
        let gone = design::load(&mut tx, Kind::CustomerType, "never", &world.around).await.unwrap_err();
        assert_eq!(gone.code(), Code::NotFound);
        tx.commit().await.unwrap();
    }

    async fn a_key_is_taken_once_and_never_changes(db: Db) {
        let world = World::new();
        let mut tx = db.write().await.unwrap();
        design::create(&mut tx, world.author(), &customer_type("person")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.write().await.unwrap();
        let taken = design::create(&mut tx, world.author(), &customer_type("person")).await.unwrap_err();
        assert_eq!((taken.code(), &*taken.fields()[0].code), (Code::Duplicate, "taken"));
        drop(tx);
        let mut tx = db.write().await.unwrap();
        let save = Save { kind: Kind::CustomerType, key: "person".into(), body: customer_type("other"), revision: 1 };
        let fixed = design::save(&mut tx, world.author(), &save).await.unwrap_err();
        assert_eq!(fixed.fields()[0].code, "key_is_fixed");
        let bad = design::create(&mut tx, world.author(), &customer_type("../etc")).await.unwrap_err();
        assert_eq!(bad.fields()[0].code, "bad_key");
    }

    async fn a_solution_comes_back_from_its_files(db: Db) {
        let Some(files) = world::demo_solution() else { return };
        let world = World::of_solution(&files);
        let mut tx = db.write().await.unwrap();
        let imported = design::solution::import(&mut tx, world.author(), &files).await.unwrap();
        tx.commit().await.unwrap();
        let published: Vec<String> =
            imported.published.iter().map(|(kind, key, version)| format!("{kind} {key} {version}")).collect();
        assert_eq!(
            published,
            [
                "calendar empresa 1",
                "customer_type company 1",
                "customer_type person 1",
                "form card_delivery 1",
                "form claim_intake 1",
                "process billing_claim 1",
                "process credit_card 1",
            ]
        );
        assert_eq!(imported.rest, ["groups.json"]);

        let mut read = db.read().await.unwrap();
        let exported = design::solution::export(&mut read, Words::new("Demostración", "Demonstration")).await.unwrap();
        drop(read);
        let mut own = files.clone();
        own.retain(|path, _| path != "groups.json");
        for (path, text) in &own {
            assert_eq!(exported.get(path), Some(text), "{path}");
        }
        assert_eq!(exported.len(), own.len());

        let mut tx = db.write().await.unwrap();
        let again = design::solution::import(&mut tx, world.author(), &exported).await.unwrap();
        tx.commit().await.unwrap();
        assert!(again.published.is_empty(), "nothing changed, nothing published");
        assert_eq!(again.unchanged.len(), 7);
    }

    async fn a_solution_with_a_fault_leaves_nothing_behind(db: Db) {
        let Some(mut files) = world::demo_solution() else { return };
        let world = World::of_solution(&files);
        let form = files.get_mut("forms/claim_intake.json").unwrap();
        let mut broken: Value = serde_json::from_str(form).unwrap();
        broken["sections"][0]["items"][0] = json!({ "customer": { "field": "no_such" } });
        *form = broken.to_string();
        let mut tx = db.write().await.unwrap();
        let refused = design::solution::import(&mut tx, world.author(), &files).await.unwrap_err();
        drop(tx);
        let first = &refused.fields()[0];
        assert_eq!((first.field.as_str(), &*first.code), ("forms/claim_intake.json: sections[0].items[0]", "unknown_field"));
        let mut read = db.read().await.unwrap();
        assert!(design::list(&mut read, &Ask::default(), &Page::default()).await.unwrap().items.is_empty());
        files.remove("solution.json");
        drop(read);
        let mut tx = db.write().await.unwrap();
        let headless = design::solution::import(&mut tx, world.author(), &files).await.unwrap_err();
        assert_eq!(headless.fields()[0].code, "missing_file");
    }

    async fn a_publication_is_heard(db: Db) {
        let world = World::new();
        let mut heard = db.signals().subscribe();
        world.publish(&db, &customer_type("person")).await;
        let signal = tokio::time::timeout(std::time::Duration::from_secs(10), async {
            loop {
                let signal = heard.recv().await.unwrap();
                if signal.topic == design::SIGNAL {
                    break signal;
                }
            }
        })
        .await
        .unwrap();
        assert_eq!(signal.payload, "customer_type/person");
    }
}

#[test]
fn what_cannot_be_read_says_why() {
    let refused = Body::read(Kind::Form, json!({ "key": "f" })).unwrap_err();
    assert_eq!(refused.code(), Code::BadDefinition);
    assert!(refused.fields()[0].args["reason"].contains("name"));
    let around = Surroundings::default();
    assert!(around.groups.is_empty());
}
