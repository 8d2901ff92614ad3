//! Running instances move to another version, are moved back, and are changed by hand; many at once.

use kernel::{Code, Id, Page, Span};
use runner::{BulkState, Instance, InstanceState, Modify, Move, Order, Verdict};
use serde_json::json;
use store::Db;

use crate::house::{BEGIN, END, House, START, document, line, person, user_task, variables};

const LIMIT: &str = r#"<boundaryEvent id="limit" attachedToRef="task" cancelActivity="false"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT10H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="late"/><sequenceFlow id="l" sourceRef="limit" targetRef="late"/>"#;

fn process(name: &str, more: &str) -> String {
    let task = user_task(
        name,
        r#"due="PT4H""#,
        r#"<engage:assignment group="agents"/>"#,
    );
    document(&(line(&[BEGIN, (name, &task), END]) + more), "")
}

/// One with a limit of time, one without it, one in which the activity has another name.
fn house(db: &Db) -> House {
    House::new(
        db,
        &[
            ("claim", process("task", LIMIT)),
            ("claim@2", process("task", "")),
            ("claim@3", process("renamed", "")),
        ],
    )
}

fn to(version: i64) -> Move {
    Move {
        to: version,
        reason: "the law has changed".into(),
        ..Move::default()
    }
}

async fn moved(
    house: &House,
    instance: Id<Instance>,
    change: Move,
) -> kernel::Result<runner::Advanced> {
    let mut tx = house.db.write().await.unwrap();
    let answer = house
        .runner
        .move_in(&mut tx, &person(5), instance, change)
        .await?;
    tx.commit().await.unwrap();
    Ok(answer)
}

store::both! {
    async fn an_instance_moves_with_its_work_and_its_time_and_can_be_moved_back(db: Db) {
        let house = house(&db);
        let customer = house.ambient.id();
        let begun = house.start_for("claim", Some(customer), json!({})).await;
        let item = begun.opened[0].id;
        let timers = jobs::timer::of(&mut db.read().await.unwrap(), begun.instance.uuid()).await.unwrap();
        assert_eq!(timers.len(), 2);
        house.clock.advance(Span::from_hours(1));
        let verdict = house.runner.preview_one(&mut db.read().await.unwrap(), begun.instance, &to(2)).await.unwrap();
        assert_eq!(verdict, Verdict::Moves { lost: 1, new: 0 });
        moved(&house, begun.instance, to(2)).await.unwrap();
        let left = jobs::timer::of(&mut db.read().await.unwrap(), begun.instance.uuid()).await.unwrap();
        // The due time stays what it was.
        assert_eq!(left.iter().map(|timer| timer.due).collect::<Vec<_>>(), [START + Span::from_hours(4)]);
        let line = house.group("agents").await.remove(0);
        assert_eq!((line.id, line.process_version), (item, 2));
        let made = runner::moves_of(&mut db.read().await.unwrap(), begun.instance).await.unwrap().remove(0);
        assert_eq!((made.from_version, made.to_version, made.user_name.as_str()), (1, 2, "User 5"));

        let mut tx = db.write().await.unwrap();
        house.runner.undo_move_in(&mut tx, &person(5), begun.instance, made.id).await.unwrap();
        tx.commit().await.unwrap();
        let back = jobs::timer::of(&mut db.read().await.unwrap(), begun.instance.uuid()).await.unwrap();
        assert_eq!(back, timers);
        assert_eq!(house.detail(begun.instance).await.line.process_version, 1);
        // Only once, and only while nothing else has happened.
        let mut tx = db.write().await.unwrap();
        let again = house.runner.undo_move_in(&mut tx, &person(5), begun.instance, made.id).await.unwrap_err();
        assert_eq!(again.args()["state"], "undone");
        drop(tx);
        moved(&house, begun.instance, to(2)).await.unwrap();
        house.close(1, item, None).await.unwrap();
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
        let lines = ledger::history::page(&mut db.read().await.unwrap(), customer, &Page::default(), &ledger::history::Ask::default()).await.unwrap().items;
        assert_eq!(lines.iter().filter(|line| line.kind == "process_moved").count(), 3);
    }

    async fn what_cannot_move_says_why_and_a_mapping_helps(db: Db) {
        let house = house(&db);
        let begun = house.start("claim", json!({})).await;
        let refused = moved(&house, begun.instance, to(3)).await.unwrap_err();
        assert_eq!((refused.code(), refused.fields()[0].field.as_str(), &*refused.fields()[0].code), (Code::Invalid, "task", "move_gone"));
        let mapping = [("task".to_owned(), "renamed".to_owned())].into();
        moved(&house, begun.instance, Move { mapping, ..to(3) }).await.unwrap();
        let line = house.group("agents").await.remove(0);
        assert_eq!((line.element.as_str(), line.name.as_str(), line.due), ("renamed", "Task renamed", Some(START + Span::from_hours(4))));
        // It is shown where it stands now.
        let stages = house.detail(begun.instance).await.stages;
        let there: Vec<_> = stages.iter().filter(|stage| stage.left.is_none()).map(|stage| stage.element.as_str()).collect();
        assert_eq!(there, ["renamed"]);
        assert_eq!(moved(&house, begun.instance, to(3)).await.unwrap_err().args()["state"], "same_version");
        let silent = Move { reason: " ".into(), ..to(2) };
        assert_eq!(moved(&house, begun.instance, silent).await.unwrap_err().fields()[0].field, "reason");
        house.close(1, line.id, None).await.unwrap();
        assert_eq!(moved(&house, begun.instance, to(2)).await.unwrap_err().args()["state"], "ended");
    }

    async fn many_move_part_by_part_and_each_has_its_verdict(db: Db) {
        let house = house(&db);
        for _ in 0..250 {
            house.start("claim", json!({})).await;
        }
        // Ten of them run on the third version, where the activity has another name.
        for line in house.running("claim").await.iter().take(10) {
            let mapping = [("task".to_owned(), "renamed".to_owned())].into();
            moved(&house, line.id, Move { mapping, ..to(3) }).await.unwrap();
        }
        let page = Page { limit: Some(200), cursor: None };
        let preview = house.runner.preview(&mut db.read().await.unwrap(), "claim", None, &to(2), &page).await.unwrap();
        assert_eq!((preview.items.len(), preview.next.is_some()), (200, true));
        let order = || Order::Move { process: "claim".into(), from: None, to: 2, mapping: [].into(), instances: Vec::new() };
        let mut tx = db.write().await.unwrap();
        let bulk = house.runner.order_in(&mut tx, &person(5), order(), "all of them").await.unwrap();
        tx.commit().await.unwrap();
        house.runner.perform_due().await.unwrap();
        let mut reads = db.read().await.unwrap();
        let done = runner::bulk(&mut reads, bulk).await.unwrap();
        assert_eq!((done.state, done.done, done.refused), (BulkState::Done, 240, 10));
        let refused = runner::bulk_results(&mut reads, bulk, &Page::default()).await.unwrap().items;
        assert!(refused.iter().all(|result| result.detail.0["fields"][0]["code"] == "move_gone"));
        drop(reads);
        // Again: nothing is left to be done; and one that was called off touches nobody.
        let mut tx = db.write().await.unwrap();
        let again = house.runner.order_in(&mut tx, &person(5), order(), "once more").await.unwrap();
        let off = house.runner.order_in(&mut tx, &person(5), order(), "no").await.unwrap();
        house.runner.cancel_bulk_in(&mut tx, &person(5), off).await.unwrap();
        tx.commit().await.unwrap();
        house.runner.perform_due().await.unwrap();
        let mut reads = db.read().await.unwrap();
        assert_eq!((runner::bulk(&mut reads, again).await.unwrap().done, runner::bulk(&mut reads, off).await.unwrap().state), (0, BulkState::Cancelled));
    }

    async fn a_person_takes_tokens_away_and_begins_others_with_a_reason(db: Db) {
        let first = user_task("first", "", r#"<engage:assignment group="agents"/>"#);
        let second = user_task("second", "", r#"<engage:assignment group="back"/>"#);
        let house = House::new(&db, &[("two", document(&line(&[BEGIN, ("first", &first), ("second", &second), END]), ""))]);
        let begun = house.start("two", json!({})).await;
        let activity = house.detail(begun.instance).await.stages.iter().find(|stage| stage.left.is_none()).unwrap().activity;
        let change = Modify { cancel: vec![activity.0], start: vec!["second".into()], variables: variables(json!({"skipped": true})), reason: "the customer came in person".into() };
        let mut tx = db.write().await.unwrap();
        let advanced = house.runner.modify_in(&mut tx, &person(5), begun.instance, change.clone()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(advanced.opened[0].element, "second");
        assert!(house.group("agents").await.is_empty());
        let detail = house.detail(begun.instance).await;
        let last = detail.steps.last().unwrap();
        assert_eq!((last.user_name.as_str(), &last.trace[0]), ("User 5", &runner::Trace::Modified { reason: "the customer came in person".into() }));
        let mut tx = db.write().await.unwrap();
        let unknown = Modify { cancel: Vec::new(), start: vec!["nowhere".into()], ..change };
        assert_eq!(house.runner.modify_in(&mut tx, &person(5), begun.instance, unknown).await.unwrap_err().fields()[0].field, "element");
    }

    async fn incidents_of_one_cause_are_tried_again_together(db: Db) {
        let call = r#"<serviceTask id="call"><extensionElements><engage:activity transaction="score"/></extensionElements></serviceTask>"#;
        let mut house = House::new(&db, &[("call", document(&line(&[BEGIN, ("call", call), END]), ""))]);
        house.systems.answer("score", vec![Err(runner::Fault::Final("no such account".into()))]);
        for _ in 0..120 {
            house.start("call", json!({})).await;
        }
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.incidents().await[0].count, 120);
        let systems = std::sync::Arc::new(crate::house::Systems::default());
        systems.answer("score", vec![Ok(variables(json!({})))]);
        house.poison(systems);
        let query = runner::IncidentQuery { process: Some("call".into()), ..Default::default() };
        let mut tx = db.write().await.unwrap();
        let bulk = house.runner.order_in(&mut tx, &person(5), Order::Retry { query, variables: variables(json!({"account": 1})) }, "mended").await.unwrap();
        tx.commit().await.unwrap();
        house.runner.perform_due().await.unwrap();
        let mut reads = db.read().await.unwrap();
        assert_eq!(runner::bulk(&mut reads, bulk).await.unwrap().done, 120);
        drop(reads);
        assert!(house.incidents().await.is_empty());
        assert!(house.running("call").await.iter().all(|line| line.state == InstanceState::Completed));
    }
}
