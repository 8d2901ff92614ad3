//! What instances want of other systems and of each other; what happens when it fails.

use std::time::Duration;

use flow::engine::Event;
use jobs::JobState;
use kernel::{Code, Span};
use runner::{Anew, Delivered, Fault, IncidentQuery, InstanceState, Publish};
use serde_json::json;
use store::Db;

use crate::house::{BEGIN, END, House, START, document, line, person, user_task, variables};

fn service(id: &str, transaction: &str, inside: &str) -> String {
    format!(
        r#"<serviceTask id="{id}"><extensionElements><engage:activity transaction="{transaction}">{inside}</engage:activity></extensionElements></serviceTask>"#
    )
}

fn one_call() -> String {
    let call = service(
        "call",
        "score",
        r#"<engage:input from="amount" to="sum"/><engage:output from="score" to="risk"/>"#,
    );
    document(&line(&[BEGIN, ("call", &call), END]), "")
}

store::both! {
    async fn a_transaction_is_asked_with_its_inputs_and_its_answer_moves_the_instance(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Ok(variables(json!({"score": 7, "noise": true})))]);
        let begun = house.start("call", json!({"amount": 12})).await;
        assert_eq!(begun.state, InstanceState::Running);
        assert_eq!(house.runner.perform_due().await.unwrap(), 1);
        let detail = house.detail(begun.instance).await;
        assert_eq!((detail.line.state, &detail.variables["risk"]), (InstanceState::Completed, &json!(7)));
        let asked = house.systems.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 1);
        assert_eq!((asked[0].0.as_str(), &asked[0].2["sum"]), ("score", &json!(12)));
        assert!(asked[0].1.starts_with(&begun.instance.to_string()));
        // The effect stays on record as accepted.
        let counts = jobs::counts(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!(counts.iter().map(|c| (c.state, c.count)).collect::<Vec<_>>(), [(JobState::Accepted, 1)]);
    }

    async fn a_system_that_is_busy_is_asked_again_with_the_same_effect_key(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Err(Fault::Passing("busy".into())), Err(Fault::Passing("busy".into())), Ok(variables(json!({"score": 1})))]);
        let begun = house.start("call", json!({"amount": 1})).await;
        for _ in 0..3 {
            house.runner.perform_due().await.unwrap();
            house.clock.advance(Span::from_minutes(1));
        }
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
        let asked = house.systems.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 3);
        assert!(asked.iter().all(|a| a.1 == asked[0].1));
    }

    async fn what_fails_for_good_is_an_incident_and_is_mended_in_bulk(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Err(Fault::Final("no such account".into()))]);
        let mut begun = Vec::new();
        for _ in 0..5 {
            begun.push(house.start("call", json!({"amount": 1})).await.instance);
        }
        house.runner.perform_due().await.unwrap();
        let groups = house.incidents().await;
        assert_eq!(groups.len(), 1, "{groups:?}");
        assert_eq!((groups[0].count, groups[0].element.as_str(), groups[0].message.contains("no such account")), (5, "call", true));
        // Nothing is lost: the instances wait, and say so.
        let detail = house.detail(begun[0]).await;
        assert_eq!((detail.line.state, detail.line.incident_count, detail.incidents.len()), (InstanceState::Running, 1, 1));
        assert!(detail.stages.iter().any(|stage| stage.element == "call" && stage.incident.is_some() && stage.left.is_none()));

        house.systems.answer("score", vec![Ok(variables(json!({"score": 2})))]);
        let query = IncidentQuery { element: Some("call".into()), ..Default::default() };
        let all = runner::incidents(&mut db.read().await.unwrap(), &query, &kernel::Page::default()).await.unwrap().items;
        let ids: Vec<_> = all.iter().map(|incident| incident.id).collect();
        let answers = house.runner.retry(&person(1), &ids, &variables(json!({}))).await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        house.runner.perform_due().await.unwrap();
        assert!(house.incidents().await.is_empty());
        for instance in begun {
            let detail = house.detail(instance).await;
            assert_eq!((detail.line.state, detail.line.incident_count), (InstanceState::Completed, 0));
        }
        let again = house.runner.retry(&person(1), &ids[..1], &variables(json!({}))).await.unwrap().remove(0).unwrap_err();
        assert_eq!(again.code(), Code::WrongState);
    }

    async fn causes_are_told_apart_by_what_their_messages_say_but_for_what_differs_in_each_case(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        let says = |text: &str| Err(Fault::Final(text.into()));
        let both = runner::Told { es: "la cuenta «7» está cerrada".into(), en: "account 7 is closed".into() };
        house.systems.answer("score", vec![
            says("no such account 4711"), says("no such account 12"), says("no such account ES91-22"),
            says("timeout after 30 s"), says(&both.to_string()),
        ]);
        for _ in 0..5 {
            house.start("call", json!({"amount": 1})).await;
        }
        house.runner.perform_due().await.unwrap();
        let groups = house.incidents().await;
        let mut found: Vec<_> = groups.iter().map(|group| (group.count, group.pattern.as_str())).collect();
        found.sort_unstable();
        assert_eq!(found, [(1, "la cuenta … está cerrada"), (1, "timeout after … s"), (3, "no such account …")]);
        let closed = groups.iter().find(|group| group.pattern.starts_with("la cuenta")).unwrap();
        assert_eq!(runner::told(closed.message.clone(), kernel::Language::En), "account 7 is closed");
        let query = IncidentQuery { pattern: Some("no such account …".into()), ..Default::default() };
        let same = runner::incidents(&mut db.read().await.unwrap(), &query, &kernel::Page::default()).await.unwrap().items;
        assert_eq!(same.len(), 3);
        assert!(same.iter().all(|line| line.message.starts_with("no such account ")));
    }

    async fn a_dead_letter_begins_anew_with_its_instance_or_not_at_all(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Err(Fault::Final("no such account".into()))]);
        let (goes_on, ends) = (house.start("call", json!({"amount": 1})).await.instance, house.start("call", json!({"amount": 2})).await.instance);
        house.runner.perform_due().await.unwrap();
        house.runner.cancel(&person(1), ends, "no longer wanted").await.unwrap();
        let letters = async || jobs::dead(&mut db.read().await.unwrap(), &kernel::Page::default()).await.unwrap().items;
        let dead = letters().await;
        assert_eq!(dead.len(), 2);
        house.systems.answer("score", vec![Ok(variables(json!({"score": 4})))]);
        for letter in &dead {
            let (instance, _) = runner::letter_of(letter).unwrap();
            let mut tx = db.write().await.unwrap();
            let anew = house.runner.begin_anew_in(&mut tx, &person(1), letter.id).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(anew, if instance == goes_on { Anew::Begun } else { Anew::Closed });
        }
        assert!(letters().await.is_empty());
        house.runner.perform_due().await.unwrap();
        let detail = house.detail(goes_on).await;
        assert_eq!((detail.line.state, &detail.variables["risk"], detail.line.incident_count), (InstanceState::Completed, &json!(4), 0));
        let mut tx = db.write().await.unwrap();
        let twice = house.runner.begin_anew_in(&mut tx, &person(1), dead[0].id).await.unwrap_err();
        assert_eq!(twice.code(), Code::NotFound);
    }

    async fn what_was_done_outside_is_accepted_with_its_values(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Err(Fault::InDoubt("no answer".into()))]);
        let begun = house.start("call", json!({"amount": 1})).await.instance;
        house.runner.perform_due().await.unwrap();
        let incident = house.detail(begun).await.incidents.remove(0).id;
        let accept = async |incident| {
            let mut tx = db.write().await.unwrap();
            let answer = house.runner.accept_in(&mut tx, &person(1), incident, variables(json!({"score": 9})), "it is in their books".into()).await;
            tx.commit().await.unwrap();
            answer
        };
        accept(incident).await.unwrap();
        let detail = house.detail(begun).await;
        assert_eq!((detail.line.state, &detail.variables["risk"], detail.line.incident_count), (InstanceState::Completed, &json!(9), 0));
        // It was asked once, and nobody is in doubt any more.
        assert_eq!(house.systems.asked.lock().unwrap().len(), 1);
        assert!(jobs::dead(&mut db.read().await.unwrap(), &kernel::Page::default()).await.unwrap().items.is_empty());
        assert_eq!(accept(incident).await.unwrap_err().code(), Code::WrongState);
    }

    async fn a_condition_is_not_something_that_can_be_done_outside(db: Db) {
        let body = format!(
            r#"{}<exclusiveGateway id="gate"/>{}<sequenceFlow id="a" sourceRef="begin" targetRef="gate"/>
            <sequenceFlow id="b" sourceRef="gate" targetRef="end"><conditionExpression xsi:type="tFormalExpression">size &gt; 5</conditionExpression></sequenceFlow>
            <sequenceFlow id="c" sourceRef="gate" targetRef="end"><conditionExpression xsi:type="tFormalExpression">size &lt; 2</conditionExpression></sequenceFlow>"#,
            BEGIN.1, END.1
        );
        let house = House::new(&db, &[("gate", document(&body, ""))]);
        let begun = house.start("gate", json!({"size": 3})).await;
        let incident = house.detail(begun.instance).await.incidents.remove(0);
        let mut tx = db.write().await.unwrap();
        let refused = house.runner.accept_in(&mut tx, &person(1), incident.id, variables(json!({})), "x".into()).await.unwrap_err();
        assert_eq!(refused.code(), Code::WrongState);
    }

    async fn a_condition_that_cannot_be_decided_is_an_incident_mended_by_a_value(db: Db) {
        let body = format!(
            r#"{}<exclusiveGateway id="gate"/>{}<endEvent id="other"/><sequenceFlow id="a" sourceRef="begin" targetRef="gate"/>
            <sequenceFlow id="b" sourceRef="gate" targetRef="end"><conditionExpression xsi:type="tFormalExpression">size &gt; 5</conditionExpression></sequenceFlow>
            <sequenceFlow id="c" sourceRef="gate" targetRef="other"><conditionExpression xsi:type="tFormalExpression">size &lt;= 5</conditionExpression></sequenceFlow>"#,
            BEGIN.1, END.1
        );
        let house = House::new(&db, &[("gate", document(&body, ""))]);
        let begun = house.start("gate", json!({})).await;
        let incident = house.detail(begun.instance).await.incidents.remove(0);
        house.runner.retry(&person(1), &[incident.id], &variables(json!({"size": 9}))).await.unwrap().remove(0).unwrap();
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
    }

    async fn a_zombies_answer_is_refused_and_the_instance_moves_once(db: Db) {
        let house = House::new(&db, &[("call", one_call())]);
        house.systems.answer("score", vec![Ok(variables(json!({"score": 3})))]);
        let begun = house.start("call", json!({"amount": 1})).await;
        // A worker takes the job, and is slow.
        let mut tx = db.write().await.unwrap();
        let zombie = jobs::claim(&mut tx, START, &[("runner.perform".into(), 1, Span::from_secs(10))]).await.unwrap().remove(0);
        tx.commit().await.unwrap();
        assert_eq!(house.runner.perform_due().await.unwrap(), 0);
        // Its lease runs out; another does the work.
        house.clock.advance(Span::from_secs(10));
        assert_eq!(house.runner.perform_due().await.unwrap(), 1);
        let version = house.detail(begun.instance).await.line.version;
        // The zombie wants to end the job in the transaction of what it did: the whole transaction is refused.
        let mut tx = db.write().await.unwrap();
        let refused = jobs::settle_in(&mut tx, START, zombie.lease).await.unwrap_err();
        assert_eq!(refused.args()["state"], "lease_lost");
        tx.rollback().await.unwrap();
        let detail = house.detail(begun.instance).await;
        assert_eq!((detail.line.state, detail.line.version, version), (InstanceState::Completed, 2, 2));
    }

    async fn a_called_process_returns_its_values_and_ends_with_its_caller(db: Db) {
        let call = r#"<callActivity id="call" calledElement="child"/>"#;
        let parent = document(&line(&[BEGIN, ("call", call), END]), "");
        let task = user_task("task", "", r#"<engage:assignment group="agents"/>"#);
        let child = document(&line(&[BEGIN, ("task", &task), END]), "");
        let lost = document(&line(&[BEGIN, ("call", r#"<callActivity id="call" calledElement="nobody"/>"#), END]), "");
        let house = House::new(&db, &[("parent", parent), ("child", child), ("lost", lost)]);
        let begun = house.start("parent", json!({"x": 1})).await;
        house.runner.perform_due().await.unwrap();
        let item = house.group("agents").await.remove(0);
        let mut close = crate::house::closing(item.id, None);
        close.values = variables(json!({"y": 2}));
        house.runner.complete(&person(1), close).await.unwrap();
        house.runner.perform_due().await.unwrap();
        let detail = house.detail(begun.instance).await;
        assert_eq!((detail.line.state, &detail.variables["y"]), (InstanceState::Completed, &json!(2)));
        // A caller that is cancelled takes the called one with it.
        let second = house.start("parent", json!({})).await;
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.group("agents").await.len(), 1);
        let ended = house.runner.cancel(&person(1), second.instance, "mistake").await.unwrap();
        assert_eq!(ended.state, InstanceState::Cancelled);
        house.runner.perform_due().await.unwrap();
        assert!(house.group("agents").await.is_empty());
        assert_eq!(house.runner.cancel(&person(1), second.instance, "again").await.unwrap_err().code(), Code::WrongState);
        // A process that nobody published is the caller's incident.
        house.start("lost", json!({})).await;
        house.runner.perform_due().await.unwrap();
        assert_eq!(house.incidents().await[0].process, "lost");
    }

    async fn messages_find_their_instance_and_signals_find_all(db: Db) {
        let extra = r#"<message id="m" name="paid"/><signal id="s" name="closing time"/>"#;
        let catch = r#"<intermediateCatchEvent id="catch"><extensionElements><engage:activity correlation="order"/></extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent>"#;
        let bell = r#"<intermediateCatchEvent id="bell"><signalEventDefinition signalRef="s"/></intermediateCatchEvent>"#;
        let house = House::new(&db, &[
            ("pay", document(&line(&[BEGIN, ("catch", catch), END]), extra)),
            ("bell", document(&line(&[BEGIN, ("bell", bell), END]), extra)),
        ]);
        let one = house.start("pay", json!({"order": "A1"})).await.instance;
        let two = house.start("pay", json!({"order": "A2"})).await.instance;
        let none = variables(json!({}));
        let paid = |order: &str, values: &flow::engine::Variables| Publish {
            name: "paid".into(),
            correlation: Some(order.into()),
            variables: values.clone(),
            ..Publish::default()
        };
        let refused = house.runner.publish(&person(1), paid("A3", &none)).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotAwaited);
        let sum = variables(json!({"sum": 5}));
        assert_eq!(house.runner.publish(&person(1), paid("A2", &sum)).await.unwrap(), Delivered::To(two));
        assert_eq!(house.runner.publish(&person(1), paid("A2", &none)).await.unwrap_err().code(), Code::NotAwaited);
        let (one, two) = (house.detail(one).await, house.detail(two).await);
        assert_eq!((one.line.state, two.line.state), (InstanceState::Running, InstanceState::Completed));
        assert_eq!(two.variables["sum"], 5);
        for _ in 0..3 {
            house.start("bell", json!({})).await;
        }
        house.runner.signal(&person(1), "closing time", &none).await.unwrap();
        assert_eq!(house.runner.perform_due().await.unwrap(), 4);
        assert!(house.running("bell").await.iter().all(|line| line.state == InstanceState::Completed));
        house.runner.signal(&person(1), "closing time", &none).await.unwrap();
        assert_eq!(house.runner.perform_due().await.unwrap(), 1);
    }

    async fn the_workers_carry_a_hundred_instances_through(db: Db) {
        let first = service("first", "score", r#"<engage:output from="score" to="a"/>"#);
        let second = service("second", "score", r#"<engage:output from="score" to="b"/>"#);
        let process = document(&line(&[BEGIN, ("first", &first), ("second", &second), END]), "");
        let (clock, ambient) = store::testing::hand_ambient(START, 3);
        let house = House::with(&db, &[("two", process)], clock, ambient);
        house.systems.answer("score", vec![Ok(variables(json!({"score": 1})))]);
        let working = house.runner.work();
        let begun = futures::future::join_all((0..100).map(|_| house.start("two", json!({})))).await;
        for _ in 0..200 {
            let query = runner::InstanceQuery { state: Some(InstanceState::Running), ..Default::default() };
            if runner::instances(&mut db.read().await.unwrap(), &query, &kernel::Page::default()).await.unwrap().items.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        working.stop().await;
        for instance in &begun {
            let detail = house.detail(instance.instance).await;
            assert_eq!((detail.line.state, detail.line.version), (InstanceState::Completed, 3));
            // Replayed from its events, the kernel gives the same stages.
            let events: Vec<Event> = detail.steps.iter().map(|step| serde_json::from_value(step.event.clone()).unwrap()).collect();
            let published = house.runner.published("two", 1).await.unwrap();
            let mut state = flow::engine::State::default();
            for event in events {
                state = flow::engine::step(&published.plan, &state, event, START).unwrap().0;
            }
            assert!(state.is_ended());
            assert_eq!(state.variables, detail.variables);
        }
        assert_eq!(house.systems.asked.lock().unwrap().len(), 200);
    }
}

/// A system that panics, hangs up half-way, or answers with far too much.
struct Poison;

impl runner::Perform for Poison {
    fn perform<'a>(
        &'a self,
        call: &'a runner::Call,
    ) -> futures::future::BoxFuture<'a, Result<runner::Answer, Fault>> {
        let kind = call
            .inputs
            .get("sum")
            .and_then(serde_json::Value::as_i64)
            .unwrap_or_default();
        Box::pin(async move {
            match kind {
                1 => panic!("out of cheese"),
                2 => Ok(variables(json!({ "score": "x".repeat(20 << 20) })).into()),
                _ => Err(Fault::InDoubt("hung up after the order".into())),
            }
        })
    }
}

store::both! {
    async fn poison_ends_as_incidents_and_dead_letters_with_their_cause(db: Db) {
        let mut house = House::new(&db, &[("call", one_call())]);
        house.poison(std::sync::Arc::new(Poison));
        for amount in 1..=3 {
            house.start("call", json!({"amount": amount})).await;
        }
        for _ in 0..12 {
            house.runner.perform_due().await.unwrap();
            house.clock.advance(Span::from_hours(1));
        }
        let query = IncidentQuery::default();
        let open = runner::incidents(&mut db.read().await.unwrap(), &query, &kernel::Page::default()).await.unwrap().items;
        let mut causes: Vec<_> = open.iter().map(|incident| incident.message.as_str()).collect();
        causes.sort_unstable();
        assert_eq!(causes, ["answer larger than 1048576 bytes", "hung up after the order", "panic: out of cheese"]);
        let letters = jobs::dead(&mut db.read().await.unwrap(), &kernel::Page::default()).await.unwrap().items;
        let mut states: Vec<_> = letters.iter().map(|letter| letter.state.text()).collect();
        states.sort_unstable();
        assert_eq!(states, ["failed", "failed", "in_doubt"]);
    }
}
