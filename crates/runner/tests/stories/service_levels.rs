//! Budgets that stand still while the customer is awaited, in business time; several calendars; work by skill and deputies.

use std::sync::Arc;

use kernel::calendar::{Calendar, WorkTime};
use kernel::{Code, Moment, Span};
use runner::{Allowance, BudgetState, Calendars, Deputy, Skill};
use serde_json::json;
use store::Db;
use store::testing::hand_ambient;

use crate::house::{BEGIN, END, House, START, document, line, person, user, user_task};

const HOUR: Span = Span::from_hours(1);

fn at(text: &str) -> Moment {
    text.parse().unwrap()
}

/// Four business hours, a ladder, and on the way the customer is asked to send something.
fn claim() -> String {
    let task = user_task(
        "task",
        r#"due="PT4H" dueCalendar="business""#,
        r#"<engage:assignment group="agents"/><engage:escalation after="PT48H" to="boss"/>"#,
    );
    let wait = r#"<receiveTask id="wait" name="Papers" messageRef="m"><extensionElements><engage:activity awaits="customer"/></extensionElements></receiveTask>"#;
    document(
        &line(&[BEGIN, ("task", &task), ("wait", wait), END]),
        r#"<message id="m" name="papers"/>"#,
    )
}

fn house(db: &Db, begin: Moment) -> House {
    let (clock, ambient) = hand_ambient(begin, 3);
    let allowance = Allowance {
        text: "PT16H".into(),
        business: true,
    };
    House::within(db, &[("claim", claim())], clock, ambient, Some(allowance))
}

/// Nine to six from Monday to Friday for the company; the branch opens on Saturdays, too, from ten to two.
struct Two;

impl Calendars for Two {
    fn calendar(&self) -> Arc<WorkTime> {
        Arc::new(Calendar::office("UTC").ready().unwrap())
    }
    fn named(&self, key: Option<&str>) -> Arc<WorkTime> {
        let mut calendar = Calendar::office("UTC");
        if key == Some("branch") {
            calendar.week[5] = vec![kernel::calendar::Hours::new(10, 14)];
        }
        Arc::new(calendar.ready().unwrap())
    }
}

store::both! {
    async fn a_pause_stops_due_time_and_ladder_and_the_ledger_says_why(db: Db) {
        // Friday, ten o'clock: due at two.
        let house = house(&db, at("2026-11-20T10:00:00Z"));
        let begun = house.start("claim", json!({})).await;
        let item = begun.opened[0].id;
        assert_eq!(house.group("agents").await[0].due, Some(at("2026-11-20T14:00:00Z")));
        house.clock.advance(HOUR);
        let pause = async |reason: &str| {
            let mut tx = db.write().await.unwrap();
            let answer = house.runner.pause_in(&mut tx, &person(1), item, None, reason).await;
            if answer.is_ok() {
                tx.commit().await.unwrap();
            }
            answer
        };
        assert_eq!(pause("  ").await.unwrap_err().fields()[0].field, "reason");
        pause("we wait for the invoice").await.unwrap();
        assert_eq!(pause("again").await.unwrap_err().args()["state"], "paused");
        // A week passes; nothing is late, nothing climbs.
        house.clock.set(at("2026-11-27T10:00:00Z"));
        house.runner.fire_due().await.unwrap();
        let lying = house.group("agents").await.remove(0);
        assert_eq!((lying.level, lying.due, lying.paused), (0, None, Some(at("2026-11-20T11:00:00Z"))));
        let mut tx = db.write().await.unwrap();
        house.runner.resume_in(&mut tx, &person(1), item, None).await.unwrap();
        tx.commit().await.unwrap();
        // Three business hours were left, and forty-seven hours of the ladder.
        assert_eq!(house.group("agents").await[0].due, Some(at("2026-11-27T13:00:00Z")));
        let budgets = house.runner.budgets(&mut db.read().await.unwrap(), begun.instance).await.unwrap();
        let (whole, own) = (&budgets[0], &budgets[1]);
        assert_eq!((whole.activity, whole.state, whole.spent, whole.budget), (None, BudgetState::Running, HOUR, Some(Span::from_hours(16))));
        assert_eq!((own.state, own.spent, own.budget, own.due), (BudgetState::Running, HOUR, Some(Span::from_hours(4)), Some(at("2026-11-27T13:00:00Z"))));
        let told: Vec<_> = own.ledger.iter().map(|l| (l.what.as_str(), l.reason.as_str(), l.user_name.as_str(), l.spent / 1_000_000)).collect();
        assert_eq!(told, [("begun", "", "User 1", 0), ("paused", "we wait for the invoice", "User 1", 3_600), ("resumed", "", "User 1", 3_600)]);
        house.clock.set(at("2026-11-29T08:59:59Z"));
        house.runner.fire_due().await.unwrap();
        assert!(house.group("boss").await.is_empty());
        house.clock.set(at("2026-11-29T09:00:00Z"));
        house.runner.fire_due().await.unwrap();
        assert_eq!(house.group("boss").await.len(), 1);
    }

    async fn the_whole_stands_still_while_an_activity_awaits_the_customer(db: Db) {
        let house = house(&db, at("2026-11-20T10:00:00Z"));
        let begun = house.start("claim", json!({})).await;
        house.clock.advance(HOUR);
        house.close(1, begun.opened[0].id, None).await.unwrap();
        house.clock.set(at("2027-01-20T10:00:00Z"));
        house.runner.fire_due().await.unwrap();
        let budget = async || house.runner.budgets(&mut db.read().await.unwrap(), begun.instance).await.unwrap().remove(0);
        let waiting = budget().await;
        assert_eq!((waiting.state, waiting.spent, waiting.due), (BudgetState::Paused, HOUR, None));
        assert_eq!(waiting.ledger[1].reason, "Papers");
        house.runner.publish(&person(1), runner::Publish { name: "papers".into(), ..Default::default() }).await.unwrap();
        let ended = budget().await;
        assert_eq!((ended.state, ended.ledger.last().unwrap().what.as_str()), (BudgetState::Met, "met"));
        assert_eq!(jobs::timer::next(&mut db.read().await.unwrap()).await.unwrap(), None);
    }

    async fn a_budget_that_is_used_up_says_so_once(db: Db) {
        let house = house(&db, at("2026-11-20T10:00:00Z"));
        let begun = house.start("claim", json!({})).await;
        // Sixteen business hours from Friday ten o'clock: eight on Friday, eight on Monday.
        for (when, state) in [("2026-11-23T16:59:59Z", BudgetState::Running), ("2026-11-23T17:00:00Z", BudgetState::Breached), ("2026-11-24T17:00:00Z", BudgetState::Breached)] {
            house.clock.set(at(when));
            house.runner.fire_due().await.unwrap();
            let budget = house.runner.budgets(&mut db.read().await.unwrap(), begun.instance).await.unwrap().remove(0);
            assert_eq!(budget.state, state, "{when}");
        }
        let budget = house.runner.budgets(&mut db.read().await.unwrap(), begun.instance).await.unwrap().remove(0);
        assert_eq!(budget.ledger.len(), 2);
    }

    async fn each_activity_counts_by_its_own_calendar(db: Db) {
        let task = |id: &str, more: &str| user_task(id, &format!(r#"due="PT4H" dueCalendar="business" {more}"#), &format!(r#"<engage:assignment group="{id}"/>"#));
        let (office, branch) = (task("office", ""), task("branch", r#"calendar="branch""#));
        let body = format!(
            r#"{}{office}{branch}{}<parallelGateway id="fork"/><parallelGateway id="join"/><sequenceFlow id="a" sourceRef="begin" targetRef="fork"/><sequenceFlow id="b" sourceRef="fork" targetRef="office"/>
            <sequenceFlow id="c" sourceRef="fork" targetRef="branch"/><sequenceFlow id="d1" sourceRef="office" targetRef="join"/><sequenceFlow id="e" sourceRef="branch" targetRef="join"/><sequenceFlow id="f" sourceRef="join" targetRef="end"/>"#,
            BEGIN.1, END.1
        );
        let (clock, ambient) = hand_ambient(at("2026-11-20T17:00:00Z"), 3);
        let mut house = House::with(&db, &[("both", document(&body, ""))], clock, ambient);
        house.count_by(Arc::new(Two));
        house.start("both", json!({})).await;
        assert_eq!(house.group("office").await[0].due, Some(at("2026-11-23T12:00:00Z")));
        assert_eq!(house.group("branch").await[0].due, Some(at("2026-11-21T13:00:00Z")));
    }

    async fn work_goes_to_whoever_can_do_it_and_to_deputies(db: Db) {
        let task = |inside: &str| document(&line(&[BEGIN, ("task", &user_task("task", "", inside)), END]), "");
        let skilled = task(r#"<engage:assignment group="agents" strategy="skill" skill="english:3"/>"#);
        let deputy = task(r#"<engage:assignment group="agents" strategy="deputy"/>"#);
        let house = House::new(&db, &[("skilled", skilled), ("deputy", deputy)]);
        let set = async |number: u8, skills: &[Skill]| {
            let mut tx = db.write().await.unwrap();
            let seen = runner::skills(&mut tx, user(number)).await.unwrap();
            let answer = house.runner.set_skills_in(&mut tx, &person(9), user(number), &seen, skills).await;
            tx.commit().await.unwrap();
            answer
        };
        let english = |level: i64| vec![Skill { skill: "english".into(), level }];
        // Nobody can: the group gets it, and it says so.
        let item = house.start("skilled", json!({})).await.opened.remove(0);
        assert_eq!((item.assignee, item.group.as_deref()), (None, Some("agents")));
        assert_eq!(house.group("agents").await[0].reason.0.facts["instead_of"], "skill");
        for (number, level) in [(0, 2), (1, 3), (2, 5)] {
            set(number, &english(level)).await.unwrap();
        }
        assert_eq!(set(1, &english(6)).await.unwrap_err().code(), Code::Invalid);
        let mut given = Vec::new();
        for _ in 0..3 {
            given.push(house.start("skilled", json!({})).await.opened[0].assignee);
        }
        // The best first, then whoever has less to do; never the beginner.
        assert_eq!(given, [Some(user(2)), Some(user(1)), Some(user(2))]);
        let reason = house.mine(1).await[0].reason.0.clone();
        assert_eq!((reason.strategy.as_str(), reason.facts["skill"].as_str(), reason.facts["level"].as_str(), reason.facts["of"].as_str()), ("skill", "english", "3", "2"));

        // The owner is user 2; user 1 stands in for a week, and nobody before and after.
        let customer = house.ambient.id();
        let mut tx = db.write().await.unwrap();
        let away = Deputy { deputy: user(1), begins: START + HOUR, ends: START + Span::from_days(7) };
        house.runner.set_deputy_in(&mut tx, &person(2), user(2), Some(&away)).await.unwrap();
        let own = Deputy { deputy: user(2), ..away.clone() };
        assert!(house.runner.set_deputy_in(&mut tx, &person(2), user(2), Some(&own)).await.is_err());
        tx.commit().await.unwrap();
        assert_eq!(house.start_for("deputy", Some(customer), json!({})).await.opened[0].assignee, Some(user(2)));
        house.clock.advance(HOUR);
        assert_eq!(house.start_for("deputy", Some(customer), json!({})).await.opened[0].assignee, Some(user(1)));
        house.clock.set(START + Span::from_days(7));
        assert_eq!(house.start_for("deputy", Some(customer), json!({})).await.opened[0].assignee, Some(user(2)));
    }
}
