//! What begins by itself: at a message, a signal, a time, a condition. And messages that come before anybody awaits them.

use std::sync::Arc;

use kernel::{Code, Moment, Page, Span};
use runner::{Delivered, InstanceState, Publish};
use serde_json::json;
use store::Db;
use store::testing::hand_ambient;

use crate::house::{BEGIN, END, House, START, document, line, person, user_task, variables};

const WORK: &str = r#"<engage:assignment group="agents"/>"#;

/// Begins as told, then waits for somebody.
fn begins_at(definition: &str) -> String {
    let begin = format!(r#"<startEvent id="at">{definition}</startEvent>"#);
    let task = user_task("task", "", WORK);
    let extra = r#"<message id="m" name="order placed"/><signal id="s" name="storm"/>"#;
    document(&line(&[("at", &begin), ("task", &task), END]), extra)
}

const AT_MESSAGE: &str = r#"<messageEventDefinition messageRef="m"/>"#;
const AT_SIGNAL: &str = r#"<signalEventDefinition signalRef="s"/>"#;

fn cycle(text: &str) -> String {
    format!(
        r#"<timerEventDefinition><timeCycle xsi:type="tFormalExpression">{text}</timeCycle></timerEventDefinition>"#
    )
}

fn order(number: i64) -> Publish {
    Publish {
        name: "order placed".into(),
        variables: variables(json!({ "number": number })),
        ..Publish::default()
    }
}

/// Awaits `order placed` of its own number.
fn awaits() -> String {
    let catch = r#"<intermediateCatchEvent id="catch"><extensionElements><engage:activity correlation="string(number)"/></extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent>"#;
    let task = user_task("task", "", WORK);
    let extra = r#"<message id="m" name="order placed"/>"#;
    document(
        &line(&[BEGIN, ("task", &task), ("catch", catch), END]),
        extra,
    )
}

store::both! {
    async fn a_message_begins_a_process_that_listens_for_it(db: Db) {
        let house = House::new(&db, &[("order", begins_at(AT_MESSAGE)), ("order@2", begins_at(AT_SIGNAL))]);
        let customer = house.ambient.id();
        let refused = house.runner.publish(&person(1), order(1)).await.unwrap_err();
        assert_eq!((refused.code(), refused.args()["name"].as_str()), (Code::NotAwaited, "order placed"));
        house.listen("order", 1).await.unwrap();
        let placed = Publish { customer: Some(customer), ..order(7) };
        let Delivered::Began(began) = house.runner.publish(&person(1), placed).await.unwrap() else { panic!("nobody began") };
        let detail = house.detail(began[0]).await;
        assert_eq!((detail.line.customer, &detail.variables["number"]), (Some(customer), &json!(7)));
        assert_eq!((detail.stages[0].element.as_str(), house.group("agents").await.len()), ("at", 1));
        // The next version begins at a signal; the old start is no longer listened for.
        house.listen("order", 2).await.unwrap();
        assert_eq!(house.runner.publish(&person(1), order(8)).await.unwrap_err().code(), Code::NotAwaited);
        house.runner.signal(&person(1), "storm", &variables(json!({"wind": 12}))).await.unwrap();
        house.runner.perform_due().await.unwrap();
        let lines = house.running("order").await;
        assert_eq!((lines.len(), lines[0].process_version), (2, 2));
        assert_eq!(house.detail(lines[0].id).await.variables["wind"], 12);
    }

    async fn a_start_that_awaits_several_together_begins_with_the_first_and_goes_on_with_the_last(db: Db) {
        let both = begins_at(&format!("{AT_MESSAGE}{AT_SIGNAL}")).replace(r#"id="at""#, r#"id="at" parallelMultiple="true""#);
        let either = begins_at(&format!("{AT_MESSAGE}{AT_SIGNAL}"));
        let house = House::new(&db, &[("both", both), ("either", either)]);
        house.listen("both", 1).await.unwrap();
        let Delivered::Began(began) = house.runner.publish(&person(1), order(1)).await.unwrap() else { panic!("nobody began") };
        assert_eq!(house.detail(began[0]).await.stages.iter().filter(|stage| stage.left.is_none()).count(), 1);
        assert!(house.group("agents").await.is_empty());
        // The signal is what it waited for; and it begins another, which waits for a message.
        house.runner.signal(&person(1), "storm", &variables(json!({"wind": 12}))).await.unwrap();
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.group("agents").await.len(), 1);
        let detail = house.detail(began[0]).await;
        assert_eq!((&detail.variables["wind"], &detail.variables["number"], detail.work_items.len()), (&json!(12), &json!(1), 1));
        assert_eq!(house.running("both").await.len(), 2);
        let told = house.runner.publish(&person(1), order(2)).await.unwrap();
        assert!(matches!(told, Delivered::To(_)), "{told:?}");
        assert_eq!((house.group("agents").await.len(), house.running("both").await.len()), (2, 2));
        house.listen("either", 1).await.unwrap();
        house.runner.signal(&person(1), "storm", &variables(json!({}))).await.unwrap();
        house.runner.perform_due().await.unwrap();
        assert_eq!((house.running("either").await.len(), house.group("agents").await.len()), (1, 3));
    }

    async fn a_message_waits_for_whoever_will_await_it_and_no_longer_than_it_may(db: Db) {
        let house = House::new(&db, &[("wait", awaits())]);
        let early = |number: i64, keep: i64| Publish { correlation: Some(number.to_string()), keep: Some(Span::from_secs(keep)), ..order(number) };
        let kept = house.runner.publish(&person(1), early(7, 3_600)).await.unwrap();
        assert!(matches!(kept, Delivered::Kept { until, .. } if until == START + Span::from_hours(1)));
        house.runner.publish(&person(1), early(9, 60)).await.unwrap();
        let begun = house.start("wait", json!({"number": 7})).await;
        house.clock.advance(Span::from_minutes(5));
        house.runner.perform_due().await.unwrap();
        let left = runner::kept_messages(&mut db.read().await.unwrap(), &Page::default()).await.unwrap().items;
        // The other's time is over; it has gone, and it is on record.
        assert_eq!(left.iter().map(|kept| kept.correlation.as_deref()).collect::<Vec<_>>(), [Some("7")]);
        house.close(1, begun.opened[0].id, None).await.unwrap();
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
        assert!(runner::kept_messages(&mut db.read().await.unwrap(), &Page::default()).await.unwrap().items.is_empty());
        // It was handed over once.
        let second = house.start("wait", json!({"number": 7})).await;
        house.close(1, second.opened[0].id, None).await.unwrap();
        house.clock.advance(Span::from_hours(2));
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.detail(second.instance).await.line.state, InstanceState::Running);
        let too_long = Publish { keep: Some(Span::from_days(31)), ..order(1) };
        assert_eq!(house.runner.publish(&person(1), too_long).await.unwrap_err().fields()[0].field, "keep_seconds");
    }

    async fn of_many_messages_each_reaches_one_instance_and_none_two(db: Db) {
        let house = House::new(&db, &[("wait", awaits())]);
        for _ in 0..20 {
            let item = house.start("wait", json!({"number": 7})).await.opened[0].id;
            house.close(1, item, None).await.unwrap();
        }
        let me = person(1);
        let seven = Publish { correlation: Some("7".into()), ..order(7) };
        let answers = futures::future::join_all((0..30).map(|_| house.runner.publish(&me, seven.clone()))).await;
        let mut reached: Vec<_> = answers.iter().filter_map(|answer| match answer { Ok(Delivered::To(instance)) => Some(*instance), _ => None }).collect();
        reached.sort_unstable();
        reached.dedup();
        assert_eq!(reached.len(), 20);
        assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.code() == Code::NotAwaited));
    }

    async fn a_cycle_begins_at_every_instant_and_what_was_missed_once(db: Db) {
        let house = House::new(&db, &[("daily", begins_at(&cycle("R/PT1H"))), ("daily@2", begins_at(&cycle("R/PT1H"))), ("daily@3", begins_at(&cycle("R2/PT2H")))]);
        house.listen("daily", 1).await.unwrap();
        let hour = Span::from_hours(1);
        house.clock.set(START + hour - Span::from_secs(1));
        assert_eq!(house.runner.fire_due().await.unwrap(), 0);
        house.clock.set(START + hour);
        assert_eq!(house.runner.fire_due().await.unwrap(), 1);
        // A new version with the same timer goes on where it was.
        house.listen("daily", 2).await.unwrap();
        house.clock.set(START + hour + hour);
        assert_eq!(house.runner.fire_due().await.unwrap(), 1);
        assert_eq!(house.running("daily").await.iter().map(|line| line.process_version).collect::<Vec<_>>(), [2, 1]);
        // Ten hours and a half without anybody: one instance, and the next at the full hour. Another node, as after a restart.
        house.clock.advance(Span::from_minutes(630));
        let (clock, ambient) = hand_ambient(START, 5);
        clock.set(START + Span::from_minutes(750));
        let other = House::with(&db, &[("daily@2", begins_at(&cycle("R/PT1H")))], clock, ambient);
        let (a, b) = tokio::join!(house.runner.fire_due(), other.runner.fire_due());
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        let next = jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!((house.running("daily").await.len(), next), (3, Some(START + Span::from_hours(13))));
        // Another text begins anew, and ends.
        house.listen("daily", 3).await.unwrap();
        for _ in 0..5 {
            house.clock.advance(Span::from_hours(2));
            house.runner.fire_due().await.unwrap();
        }
        assert_eq!(house.running("daily").await.len(), 5);
        assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), None);
    }

    async fn a_time_that_is_none_is_not_published_and_one_that_is_over_does_not_begin(db: Db) {
        let past = r#"<timerEventDefinition><timeDate xsi:type="tFormalExpression">2020-01-01T00:00:00Z</timeDate></timerEventDefinition>"#;
        let house = House::new(&db, &[("odd", begins_at(&cycle("duration(&quot;PT1H&quot;)"))), ("past", begins_at(past))]);
        let refused = house.listen("odd", 1).await.unwrap_err();
        assert_eq!((refused.code(), refused.fields()[0].field.as_str(), &*refused.fields()[0].code), (Code::BadDefinition, "at", "timer_text"));
        house.listen("past", 1).await.unwrap();
        assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), None);
        // What was published before anybody listened is found.
        house.runner.listen_to_all(&[("past".into(), 1), ("odd".into(), 1)]).await.unwrap();
    }

    async fn a_condition_begins_a_process_when_its_values_are_shown(db: Db) {
        let condition = r#"<conditionalEventDefinition><condition xsi:type="tFormalExpression">debt &gt; 1000</condition></conditionalEventDefinition>"#;
        let house = House::new(&db, &[("dun", begins_at(condition))]);
        house.listen("dun", 1).await.unwrap();
        for (values, begun) in [(json!({"debt": 900}), 0), (json!({"debt": 1_100}), 1), (json!({}), 0)] {
            let mut tx = db.write().await.unwrap();
            let began = house.runner.evaluate_in(&mut tx, &person(1), &variables(values), None).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(began.len(), begun);
        }
    }
}

#[test]
fn the_office_of_a_test_is_utc() {
    let office: Arc<dyn runner::Calendars> = Arc::new(runner::Office::default());
    assert!(
        !office
            .named(Some("none of this key"))
            .is_open(Moment::EPOCH)
    );
}
