//! Time passes: due times, escalation ladders, timer events.

use std::sync::Arc;

use kernel::calendar::Calendar;
use kernel::{Id, Moment, Span};
use runner::{InstanceState, Office};
use serde_json::json;
use store::Db;
use store::testing::hand_ambient;

use crate::house::{BEGIN, END, House, START, document, line, user_task};

const SECOND: Span = Span::from_secs(1);

/// Features W-23: L1 after 7 days, L2 after 14, L3 after 21.
fn claim_process() -> String {
    let task = user_task(
        "task",
        r#"due="P7D""#,
        r#"<engage:assignment group="assistants"/><engage:escalation after="P7D" to="coordination"/>
           <engage:escalation after="P14D" to="managers"/><engage:escalation after="P21D" to="superintendents"/>"#,
    );
    document(&line(&[BEGIN, ("task", &task), END]), "")
}

store::both! {
    async fn what_is_not_done_climbs_the_ladder_by_itself_to_the_second(db: Db) {
        let house = House::new(&db, &[("claim", claim_process())]);
        let customer = house.ambient.id();
        let item = house.start_for("claim", Some(customer), json!({})).await.opened[0].id;
        house.runner.claim(&crate::house::person(1), item, None).await.unwrap();
        let ladder = ["assistants", "coordination", "managers", "superintendents"];
        for (level, days) in [(1, 7), (2, 14), (3, 21)] {
            let due = START + Span::from_days(days);
            house.clock.set(due - SECOND);
            assert_eq!(house.runner.fire_due().await.unwrap(), 0);
            let before = house.runner.work_item(&mut db.read().await.unwrap(), item).await.unwrap().line;
            assert_eq!((before.level, before.group.as_deref()), (level - 1, Some(ladder[usize::try_from(level).unwrap() - 1])));
            house.clock.set(due);
            assert!(house.runner.fire_due().await.unwrap() >= 1);
            let after = house.group(ladder[usize::try_from(level).unwrap()]).await;
            assert_eq!((after.len(), after[0].level, after[0].assignee), (1, level, None));
            assert!(house.group(ladder[usize::try_from(level).unwrap() - 1]).await.is_empty());
            house.clock.set(due + SECOND);
            assert_eq!(house.runner.fire_due().await.unwrap(), 0);
        }
        // Whoever has it now may close it; nothing is left to fire.
        house.close(3, item, None).await.unwrap();
        assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), None);
        let ask = ledger::history::Ask { kinds: vec![ledger::history::kinds::ESCALATION.into()], ..Default::default() };
        let lines = ledger::history::page(&mut db.read().await.unwrap(), customer, &kernel::Page::default(), &ask).await.unwrap().items;
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.user_name == "timers"));
    }

    async fn what_is_closed_in_time_climbs_no_ladder(db: Db) {
        let house = House::new(&db, &[("claim", claim_process())]);
        let item = house.start("claim", json!({})).await.opened[0].id;
        house.clock.set(START + Span::from_days(7) - SECOND);
        house.close(1, item, None).await.unwrap();
        house.clock.advance(Span::from_days(30));
        assert_eq!(house.runner.fire_due().await.unwrap(), 0);
    }

    async fn a_timer_that_was_claimed_by_a_node_that_died_fires_on_another_once(db: Db) {
        let house = House::new(&db, &[("claim", claim_process())]);
        house.start("claim", json!({})).await;
        let due = START + Span::from_days(7);
        house.clock.set(due);
        // A node takes the timers and vanishes.
        let mut tx = db.write().await.unwrap();
        let taken = jobs::timer::claim(&mut tx, due, due + Span::from_secs(10), 10).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!taken.is_empty());
        assert_eq!(house.runner.fire_due().await.unwrap(), 0);
        house.clock.advance(Span::from_secs(10));
        assert_eq!(house.runner.fire_due().await.unwrap(), taken.len());
        assert_eq!(house.group("coordination").await[0].level, 1);
    }

    async fn two_nodes_fire_a_thousand_timers_once_each(db: Db) {
        let wait = r#"<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"#;
        let process = document(&line(&[BEGIN, ("wait", wait), END]), "");
        let (clock, ambient) = hand_ambient(START, 1);
        let one = House::with(&db, &[("wait", process.clone())], clock.clone(), ambient.clone());
        let two = House::with(&db, &[("wait", process)], clock.clone(), ambient);
        let begun = futures::future::join_all((0..1_000).map(|_| one.start("wait", json!({})))).await;
        clock.set(START + Span::from_hours(1));
        let (a, b) = tokio::join!(one.runner.fire_due(), two.runner.fire_due());
        assert_eq!(a.unwrap() + b.unwrap(), 1_000);
        for instance in begun.iter().step_by(97) {
            let detail = one.detail(instance.instance).await;
            assert_eq!((detail.line.state, detail.line.version), (InstanceState::Completed, 2));
        }
        let query = runner::InstanceQuery { state: Some(InstanceState::Running), ..Default::default() };
        let left = runner::instances(&mut db.read().await.unwrap(), &query, &kernel::Page::default()).await.unwrap();
        assert!(left.items.is_empty());
    }

    async fn business_hours_pass_only_while_the_company_works(db: Db) {
        let task = user_task("task", r#"due="PT4H" dueCalendar="business""#, r#"<engage:assignment group="agents"/><engage:escalation after="P2D" to="boss" calendar="business"/>"#);
        let process = document(&line(&[BEGIN, ("task", &task), END]), "");
        // Friday, 16:00 UTC.
        let friday: Moment = "2026-11-20T16:00:00Z".parse().unwrap();
        let (clock, ambient) = hand_ambient(friday, 1);
        let house = House::with(&db, &[("office", process)], clock, ambient);
        house.start("office", json!({})).await;
        let line = house.group("agents").await.remove(0);
        assert_eq!(line.due, Some("2026-11-23T11:00:00Z".parse().unwrap()));
        house.clock.set("2026-11-24T15:59:59Z".parse().unwrap());
        house.runner.fire_due().await.unwrap();
        assert!(house.group("boss").await.is_empty());
        house.clock.set("2026-11-24T16:00:00Z".parse().unwrap());
        house.runner.fire_due().await.unwrap();
        assert_eq!(house.group("boss").await.len(), 1);
    }

    async fn an_interrupting_timer_takes_the_work_item_away(db: Db) {
        let task = user_task("task", "", r#"<engage:assignment group="agents"/>"#);
        let body = format!(
            r#"{}{task}{}<endEvent id="late"/><boundaryEvent id="limit" attachedToRef="task"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1H</timeDuration></timerEventDefinition></boundaryEvent>
            <sequenceFlow id="a" sourceRef="begin" targetRef="task"/><sequenceFlow id="b" sourceRef="task" targetRef="end"/><sequenceFlow id="c" sourceRef="limit" targetRef="late"/>"#,
            BEGIN.1, END.1
        );
        let house = House::new(&db, &[("limit", document(&body, ""))]);
        let begun = house.start("limit", json!({})).await;
        house.clock.advance(Span::from_hours(1));
        assert_eq!(house.runner.fire_due().await.unwrap(), 1);
        assert!(house.group("agents").await.is_empty());
        let refused = house.close(1, begun.opened[0].id, None).await.unwrap_err();
        assert_eq!((refused.code(), refused.args()["state"].as_str()), (kernel::Code::WrongState, "withdrawn"));
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
    }

    async fn the_loop_fires_by_the_clock_and_survives_a_stray_timer(db: Db) {
        let house = House::new(&db, &[("claim", claim_process())]);
        let mut tx = db.write().await.unwrap();
        let stray = jobs::timer::Timer::new(Id::<()>::from_parts(START, [3; 10]), 1, START);
        jobs::timer::schedule(&mut tx, &[stray]).await.unwrap();
        tx.commit().await.unwrap();
        house.start("claim", json!({})).await;
        let working = house.runner.work();
        house.clock.set(START + Span::from_days(14));
        for _ in 0..100 {
            if !house.group("managers").await.is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(house.group("managers").await.len(), 1);
        working.stop().await;
        let mut reads = db.read().await.unwrap();
        assert_eq!(jobs::timer::next(&mut reads).await.unwrap(), Some(START + Span::from_days(21)));
    }
}

/// Waits an hour, and then turns in a circle while `turn` says so.
fn circle() -> String {
    let body = format!(
        r#"{}<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration xsi:type="tFormalExpression">PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>
        <exclusiveGateway id="in"/><exclusiveGateway id="gate" default="out"/>{}
        <sequenceFlow id="a" sourceRef="begin" targetRef="wait"/><sequenceFlow id="b" sourceRef="wait" targetRef="in"/><sequenceFlow id="c" sourceRef="in" targetRef="gate"/>
        <sequenceFlow id="again" sourceRef="gate" targetRef="in"><conditionExpression xsi:type="tFormalExpression">turn = true</conditionExpression></sequenceFlow>
        <sequenceFlow id="out" sourceRef="gate" targetRef="end"/>"#,
        BEGIN.1, END.1
    );
    document(&body, "")
}

store::both! {
    async fn a_timer_that_cannot_act_is_an_incident_and_comes_at_once_when_it_is_mended(db: Db) {
        let house = House::new(&db, &[("circle", circle())]);
        let begun = house.start("circle", json!({"turn": true})).await.instance;
        for (number, hours) in [(1, 1), (2, 5)] {
            house.clock.set(START + Span::from_hours(hours));
            house.runner.fire_due().await.unwrap();
            // The date is gone, and what it was for is not.
            assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), None);
            let detail = house.detail(begun).await;
            assert_eq!((detail.line.state, detail.line.incident_count), (InstanceState::Running, 1));
            assert_eq!((detail.incidents[0].code.as_str(), detail.incidents[0].element.as_str()), ("flow.endless", "wait"));
            let turn = number == 1;
            house.clock.set(START + Span::from_hours(5));
            let mended = crate::house::variables(json!({ "turn": turn }));
            house.runner.retry(&crate::house::person(1), &[detail.incidents[0].id], &mended).await.unwrap().remove(0).unwrap();
        }
        assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), Some(START + Span::from_hours(5)));
        house.runner.fire_due().await.unwrap();
        let detail = house.detail(begun).await;
        assert_eq!((detail.line.state, detail.line.incident_count), (InstanceState::Completed, 0));
    }
}

/// An event of a timer.
fn timed(tag: &str, text: &str) -> String {
    format!(
        r#"<intermediateCatchEvent id="wait"><timerEventDefinition><{tag} xsi:type="tFormalExpression">{text}</{tag}></timerEventDefinition></intermediateCatchEvent>"#
    )
}

store::both! {
    async fn days_and_instants_without_an_offset_are_those_of_the_calendar_s_zone(db: Db) {
        // Begun at 2027-01-15T03:00 in New York; its clocks go forward on 14 March.
        let cases = [
            ("timeDate", "2027-01-15T10:00:00", 1_800_025_200),
            ("timeDate", "2027-01-15T10:00:00Z", 1_800_007_200),
            ("timeDuration", "PT2H", 1_800_007_200),
            ("timeDuration", "P60D", 1_800_000_000 + 60 * 86_400 - 3_600),
            ("timeCycle", "R2/2027-01-15T04:00:00/PT1H", 1_800_003_600),
            ("timeCycle", "R2/2027-01-15T01:00:00/PT2H", 1_800_007_200),
        ];
        let keys: Vec<String> = (0..cases.len()).map(|at| format!("wait{at}")).collect();
        let process = |case: &(&str, &str, i64)| document(&line(&[BEGIN, ("wait", &timed(case.0, case.1)), END]), "");
        let processes: Vec<(&str, String)> =
            keys.iter().zip(&cases).map(|(key, case)| (key.as_str(), process(case))).collect();
        let mut house = House::new(&db, &processes);
        house.count_by(Arc::new(Office::new(&Calendar::office("America/New_York")).unwrap()));
        for (key, (tag, text, expected)) in keys.iter().zip(cases) {
            let begun = house.start(key, json!({})).await.instance;
            let next = jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap();
            assert_eq!(next, Some(Moment::from_secs(expected)), "{tag} {text}");
            house.runner.cancel(&crate::house::person(1), begun, "seen").await.unwrap();
        }
    }
}

#[test]
fn a_calendar_is_plugged_in_ready() {
    let office: Arc<dyn runner::Calendars> =
        Arc::new(Office::new(&Calendar::office("UTC")).unwrap());
    assert!(!office.calendar().is_open(Moment::EPOCH));
    assert!(Office::new(&Calendar::office("Nowhere/At_All")).is_err());
}
