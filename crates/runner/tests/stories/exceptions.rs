//! Ways that are not the plain one: exceptions that people raise, escalations that leave a called process, signals that carry
//! values, what is undone, activities begun by hand.

use flow::engine::ActivityId;
use kernel::{Code, Id};
use runner::{Advanced, Except, InstanceState, WorkItem, WorkItemState};
use serde_json::json;
use store::Db;

use crate::house::{BEGIN, END, House, document, line, person, user_task, variables};

fn raising(item: Id<WorkItem>, escalation: bool, code: Option<&str>) -> Except {
    Except {
        work_item: item,
        version: None,
        escalation,
        code: code.map(str::to_owned),
        note: "se fue la luz".into(),
    }
}

async fn raise(house: &House, who: u8, except: Except) -> kernel::Result<Advanced> {
    let mut tx = house.db.write().await?;
    let answer = house
        .runner
        .except_in(&mut tx, &person(who), except)
        .await?;
    tx.commit().await?;
    Ok(answer)
}

/// A visit that may be broken off, and about which somebody may be told.
fn visit() -> String {
    let task = user_task("visit", "", r#"<engage:assignment group="field"/>"#);
    let sorry = user_task("sorry", "", r#"<engage:assignment group="office"/>"#);
    let told = user_task("told", "", r#"<engage:assignment group="office"/>"#);
    let body = format!(
        r#"{}{sorry}{told}
        <boundaryEvent id="gone" name="No había nadie" attachedToRef="visit"><errorEventDefinition errorRef="err"/></boundaryEvent>
        <boundaryEvent id="late" name="Llega tarde" attachedToRef="visit" cancelActivity="false"><escalationEventDefinition escalationRef="esc"/></boundaryEvent>
        <sequenceFlow id="g" sourceRef="gone" targetRef="sorry"/><sequenceFlow id="l" sourceRef="late" targetRef="told"/>"#,
        line(&[BEGIN, ("visit", &task), END])
    );
    document(
        &body,
        r#"<error id="err" errorCode="NOBODY"/><escalation id="esc" escalationCode="LATE"/>"#,
    )
}

fn sub(name: &str, called: &str, after: &str) -> String {
    let catcher = if after.is_empty() {
        String::new()
    } else {
        format!(
            r#"{}<boundaryEvent id="heard" attachedToRef="call" cancelActivity="false"><escalationEventDefinition escalationRef="esc"/></boundaryEvent>
            <sequenceFlow id="h" sourceRef="heard" targetRef="{after}"/>"#,
            user_task(after, "", r#"<engage:assignment group="office"/>"#)
        )
    };
    let call = format!(r#"<callActivity id="call" name="{name}" calledElement="{called}"/>"#);
    document(
        &format!("{}{catcher}", line(&[BEGIN, ("call", &call), END])),
        r#"<escalation id="esc" escalationCode="LATE"/>"#,
    )
}

store::both! {
    async fn somebody_breaks_off_and_the_process_goes_the_other_way(db: Db) {
        let house = House::new(&db, &[("visit", visit())]);
        let begun = house.start("visit", json!({})).await;
        let item = house.group("field").await.remove(0).id;
        let offered = house.runner.work_item(&mut db.read().await.unwrap(), item).await.unwrap().exceptions;
        let told: Vec<_> = offered.iter().map(|one| (one.escalation, one.code.as_deref(), &*one.name, one.interrupting)).collect();
        assert_eq!(told, [(true, Some("LATE"), "Llega tarde", false), (false, Some("NOBODY"), "No había nadie", true)]);

        let nobody = raise(&house, 1, raising(item, false, Some("FIRE"))).await.unwrap_err();
        assert_eq!(nobody.fields().first().map(|field| &*field.code), Some("unknown_exception"));
        house.runner.claim(&person(1), item, None).await.unwrap();
        let others = raise(&house, 2, raising(item, false, Some("NOBODY"))).await.unwrap_err();
        assert_eq!(others.code(), Code::AlreadyClaimed);

        // One that does not interrupt leaves the work where it is.
        raise(&house, 1, raising(item, true, Some("LATE"))).await.unwrap();
        assert_eq!(house.group("office").await.len(), 1);
        assert_eq!(house.mine(1).await.len(), 1);

        raise(&house, 1, raising(item, false, Some("NOBODY"))).await.unwrap();
        assert!(house.mine(1).await.is_empty());
        let detail = house.detail(begun.instance).await;
        assert_eq!(detail.variables["exception"], json!({"code": "NOBODY", "note": "se fue la luz"}));
        let left = detail.work_items.iter().find(|one| one.id == item).unwrap();
        assert_eq!(left.state, WorkItemState::Withdrawn);
        let open: Vec<_> = house.group("office").await.into_iter().map(|one| one.element).collect();
        assert!(open.contains(&"sorry".to_owned()) && open.contains(&"told".to_owned()), "{open:?}");
        let again = raise(&house, 1, raising(item, false, Some("NOBODY"))).await.unwrap_err();
        assert_eq!(again.code(), Code::WrongState);
    }

    async fn an_escalation_leaves_called_processes_until_somebody_catches_it(db: Db) {
        let inner = document(
            &line(&[
                BEGIN,
                ("warn", r#"<intermediateThrowEvent id="warn"><escalationEventDefinition escalationRef="esc"/></intermediateThrowEvent>"#),
                ("work", &user_task("work", "", r#"<engage:assignment group="field"/>"#)),
                END,
            ]),
            r#"<escalation id="esc" escalationCode="LATE"/>"#,
        );
        let house = House::new(&db, &[("outer", sub("outer", "middle", "hurry")), ("middle", sub("middle", "inner", "")), ("inner", inner)]);
        let begun = house.start("outer", json!({})).await;
        for _ in 0..6 {
            house.runner.perform_due().await.unwrap();
        }
        assert_eq!(house.group("office").await.len(), 1, "who called the caller hears it");
        // Nothing was interrupted: the work goes on, and all three end.
        house.close(1, house.group("field").await[0].id, None).await.unwrap();
        house.close(1, house.group("office").await[0].id, None).await.unwrap();
        for _ in 0..6 {
            house.runner.perform_due().await.unwrap();
        }
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
    }

    async fn a_signal_carries_what_it_is_mapped_to(db: Db) {
        let signal = r#"<signal id="sig" name="tarifa"/>"#;
        let thrower = document(
            &line(&[
                BEGIN,
                ("throw", r#"<intermediateThrowEvent id="throw"><extensionElements><engage:activity><engage:input from="price * 2" to="tariff"/></engage:activity></extensionElements><signalEventDefinition signalRef="sig"/></intermediateThrowEvent>"#),
                END,
            ]),
            signal,
        );
        let catcher = document(
            &line(&[BEGIN, ("catch", r#"<intermediateCatchEvent id="catch"><signalEventDefinition signalRef="sig"/></intermediateCatchEvent>"#), END]),
            signal,
        );
        let house = House::new(&db, &[("thrower", thrower), ("catcher", catcher)]);
        let waits = house.start("catcher", json!({})).await;
        house.start("thrower", json!({"price": 21, "secret": 1})).await;
        for _ in 0..4 {
            house.runner.perform_due().await.unwrap();
        }
        let detail = house.detail(waits.instance).await;
        assert_eq!((detail.line.state, &detail.variables["tariff"]), (InstanceState::Completed, &json!(42)));
        assert!(!detail.variables.contains_key("secret"));
    }

    async fn what_was_done_is_undone_by_people_the_latest_first(db: Db) {
        let undoable = |id: &str| {
            format!(
                r#"{}{}<boundaryEvent id="on_{id}" attachedToRef="{id}"><compensateEventDefinition/></boundaryEvent>
                <association id="as_{id}" sourceRef="on_{id}" targetRef="un_{id}"/>"#,
                user_task(id, "", r#"<engage:assignment group="field"/>"#),
                user_task(&format!("un_{id}"), "", r#"<engage:assignment group="office"/>"#)
                    .replacen("<userTask ", r#"<userTask isForCompensation="true" "#, 1),
            )
        };
        let body = line(&[
            BEGIN,
            ("book", &undoable("book")),
            ("pay", &undoable("pay")),
            ("undo", r#"<intermediateThrowEvent id="undo"><compensateEventDefinition/></intermediateThrowEvent>"#),
            END,
        ]);
        let house = House::new(&db, &[("trip", document(&body, ""))]);
        let begun = house.start("trip", json!({})).await;
        for _ in 0..2 {
            house.close(1, house.group("field").await[0].id, None).await.unwrap();
        }
        for expected in ["un_pay", "un_book"] {
            let waiting = house.group("office").await;
            assert_eq!(waiting.iter().map(|one| one.element.as_str()).collect::<Vec<_>>(), [expected]);
            house.close(2, waiting[0].id, None).await.unwrap();
        }
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
    }

    async fn activities_of_a_case_are_begun_when_they_are_needed(db: Db) {
        let case = format!(
            r#"<adHocSubProcess id="case" ordering="Parallel">{}{}<completionCondition>solved = true</completionCondition></adHocSubProcess>"#,
            user_task("call", "", r#"<engage:assignment group="field"/>"#),
            user_task("write", "", r#"<engage:assignment group="field"/>"#)
        );
        let house = House::new(&db, &[("case", document(&line(&[BEGIN, ("case", &case), END]), ""))]);
        let begun = house.start("case", json!({})).await;
        let offered = house.detail(begun.instance).await.startable;
        let names: Vec<_> = offered.iter().map(|one| &*one.element).collect();
        assert_eq!(names, ["call", "write"]);
        let mut tx = db.write().await.unwrap();
        house.runner.begin_activity_in(&mut tx, &person(1), begun.instance, offered[0].activity, "call").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.group("field").await.len(), 3);
        let mut tx = db.write().await.unwrap();
        let gone = house.runner.begin_activity_in(&mut tx, &person(1), begun.instance, ActivityId(999), "call").await.unwrap_err();
        drop(tx);
        assert_eq!(gone.code(), Code::WrongState);
        house.runner.set_variables(&person(1), begun.instance, variables(json!({"solved": true}))).await.unwrap();
        house.close(1, house.group("field").await[0].id, None).await.unwrap();
        assert_eq!(house.detail(begun.instance).await.line.state, InstanceState::Completed);
        assert!(house.detail(begun.instance).await.startable.is_empty());
    }
}
