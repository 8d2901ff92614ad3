//! Work items: inboxes, claiming, closing, who gets what.

use std::collections::BTreeSet;

use kernel::{Code, Id, Page, SortDirection, Span};
use runner::{Assignee, InboxQuery, InboxSort, InstanceState, Scope, Start, WorkItemState};
use serde_json::json;
use store::Db;

use crate::house::{
    BEGIN, END, House, START, closing, document, line, person, user, user_task, variables,
};

/// A request that is accepted or refused; accepted ones are checked by another group.
fn request() -> String {
    let take = user_task(
        "take",
        r#"due="PT4H""#,
        r#"<engage:assignment group="agents"/><engage:outcome key="yes" es="Aceptado" en="Accepted"/><engage:outcome key="no" es="Rechazado" en="Refused"/>"#,
    );
    let check = user_task("check", "", r#"<engage:assignment group="back"/>"#);
    let body = format!(
        r#"{}{take}{check}<exclusiveGateway id="gate" default="gate_end"/>{}
        <sequenceFlow id="f1" sourceRef="begin" targetRef="take"/><sequenceFlow id="f2" sourceRef="take" targetRef="gate"/>
        <sequenceFlow id="gate_check" sourceRef="gate" targetRef="check"><conditionExpression xsi:type="tFormalExpression">outcome = "yes"</conditionExpression></sequenceFlow>
        <sequenceFlow id="gate_end" sourceRef="gate" targetRef="end"/><sequenceFlow id="f3" sourceRef="check" targetRef="end"/>"#,
        BEGIN.1, END.1
    );
    document(&body, "")
}

fn single(attributes: &str, inside: &str) -> String {
    let task = user_task("task", attributes, inside);
    document(&line(&[BEGIN, ("task", &task), END]), "")
}

store::both! {
    async fn a_request_goes_from_group_to_group_and_leaves_its_traces(db: Db) {
        let house = House::new(&db, &[("request", request())]);
        let customer = house.ambient.id();
        let begun = house.start_for("request", Some(customer), json!({"amount": 12})).await;
        assert_eq!(begun.state, InstanceState::Running);
        let lines = house.group("agents").await;
        assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [begun.opened[0].id]);
        assert_eq!((lines[0].name.as_str(), lines[0].due), ("Task take", Some(START + Span::from_hours(4))));
        assert_eq!(lines[0].sender, Some(user(9)));
        assert!(house.group("back").await.is_empty());

        house.clock.advance(Span::from_minutes(10));
        let mut close = closing(lines[0].id, Some("yes"));
        close.values = variables(json!({"note": "bien"}));
        let next = house.runner.complete(&person(1), close).await.unwrap();
        assert_eq!((next.opened.len(), next.version), (1, 2));
        // The next step is already in the other group's inbox.
        assert!(house.group("agents").await.is_empty());
        let back = house.group("back").await;
        assert_eq!((back.len(), back[0].sender), (1, Some(user(1))));
        let ended = house.close(2, back[0].id, None).await.unwrap();
        assert_eq!(ended.state, InstanceState::Completed);

        // Stage tracking without set-up.
        let detail = house.detail(begun.instance).await;
        let stages: Vec<_> = detail.stages.iter().map(|s| (s.element.as_str(), s.left.is_some(), s.user_name.as_deref(), s.outcome.as_deref())).collect();
        assert_eq!(stages, [
            ("begin", true, Some("User 9"), None),
            ("take", true, Some("User 1"), Some("yes")),
            ("gate", true, Some("User 1"), None),
            ("check", true, Some("User 2"), None),
            ("end", true, Some("User 2"), None),
        ]);
        assert_eq!(detail.variables["note"], "bien");
        assert_eq!(detail.flows["gate_check"], 1);
        // The customer's history, in the same transactions.
        let mut reads = db.read().await.unwrap();
        let history = ledger::history::page(&mut reads, customer, &Page::default(), &ledger::history::Ask::default()).await.unwrap().items;
        let mut told: Vec<_> = history.iter().map(|l| (l.kind.as_str(), l.user_name.as_str(), l.state.as_deref(), l.duration)).collect();
        told.sort_by_key(|line| (line.1 != "User 9", line.1, line.0));
        assert_eq!(told, [
            ("process_started", "User 9", None, None),
            ("activity_closed", "User 1", Some("Aceptado"), Some(Span::from_minutes(10))),
            ("activity_closed", "User 2", None, Some(Span::ZERO)),
            ("process_ended", "User 2", Some("completed"), Some(Span::from_minutes(10))),
        ]);
        // Each write of a person's left one audit entry.
        assert_eq!(ledger::audit::count(&mut reads).await.unwrap(), 3);
        // Who closed what, later.
        let query = InboxQuery { user: Some(user(1)), scope: Scope::Closed, ..InboxQuery::default() };
        let closed = runner::inbox(&mut reads, &query, &Page::default()).await.unwrap().items;
        assert_eq!((closed.len(), closed[0].outcome.as_deref(), closed[0].state), (1, Some("yes"), WorkItemState::Completed));
    }

    async fn of_two_people_who_close_the_same_item_one_is_told_that_it_is_closed(db: Db) {
        let house = House::new(&db, &[("request", request())]);
        for _ in 0..10 {
            let item = house.start("request", json!({})).await.opened[0].id;
            let (a, b) = tokio::join!(house.close(1, item, Some("yes")), house.close(2, item, Some("no")));
            assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
            let refused = a.err().or(b.err()).unwrap();
            assert_eq!(refused.code(), Code::AlreadyClosed);
            assert!(refused.args().contains_key("who"));
        }
        // And again later, on its own.
        let item = house.start("request", json!({})).await.opened[0].id;
        house.close(1, item, Some("no")).await.unwrap();
        assert_eq!(house.close(1, item, Some("no")).await.unwrap_err().code(), Code::AlreadyClosed);
    }

    async fn what_somebody_claimed_nobody_else_closes_until_it_is_given_back(db: Db) {
        let house = House::new(&db, &[("request", request())]);
        let item = house.start("request", json!({})).await.opened[0].id;
        let claimed = house.runner.claim(&person(1), item, Some(1)).await.unwrap();
        assert_eq!((claimed.state, claimed.version), (WorkItemState::Claimed, 2));
        // Again is no harm.
        assert_eq!(house.runner.claim(&person(1), item, Some(2)).await.unwrap().version, 2);
        assert!(house.group("agents").await.is_empty());
        assert_eq!(house.mine(1).await.len(), 1);
        assert_eq!(house.runner.claim(&person(2), item, None).await.unwrap_err().code(), Code::AlreadyClaimed);
        assert_eq!(house.close(2, item, Some("yes")).await.unwrap_err().code(), Code::AlreadyClaimed);
        assert_eq!(house.runner.release(&person(2), item, None).await.unwrap_err().code(), Code::AlreadyClaimed);
        assert_eq!(house.runner.release(&person(1), item, Some(1)).await.unwrap_err().code(), Code::Stale);
        house.runner.release(&person(1), item, Some(2)).await.unwrap();
        assert_eq!(house.group("agents").await.len(), 1);
        let given = house.runner.assign(&person(9), item, None, Assignee::User(user(2)), Some("sabe más".into())).await.unwrap();
        assert_eq!((given.assignee, given.state), (Some(user(2)), WorkItemState::Open));
        let line = house.mine(2).await.remove(0);
        assert_eq!((line.reason.0.strategy.as_str(), line.reason.0.facts["why"].as_str()), ("assigned", "sabe más"));
        house.close(2, item, Some("yes")).await.unwrap();
    }

    async fn values_and_outcomes_that_do_not_fit_change_nothing(db: Db) {
        let house = House::new(&db, &[("request", request())]);
        let item = house.start("request", json!({})).await.opened[0].id;
        let wrong = house.close(1, item, Some("perhaps")).await.unwrap_err();
        assert_eq!((wrong.code(), wrong.fields()[0].code.as_ref()), (Code::Invalid, "unknown_outcome"));
        let none = house.close(1, item, None).await.unwrap_err();
        assert_eq!(none.fields()[0].code, "required");
        assert_eq!(house.close(1, Id::from_parts(START, [1; 10]), None).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(house.group("agents").await[0].version, 1);
        let mut tx = db.write().await.unwrap();
        // In the caller's own transaction a refusal writes nothing and the transaction goes on.
        house.runner.complete_in(&mut tx, &person(1), closing(item, Some("perhaps"))).await.unwrap_err();
        house.runner.complete_in(&mut tx, &person(1), closing(item, Some("no"))).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(house.group("agents").await.len(), 1);
    }

    async fn one_bad_command_does_not_take_its_batch_with_it(db: Db) {
        let house = House::new(&db, &[("request", request())]);
        let starts = (0..40).map(|i| {
            let process = if i % 10 == 3 { "nowhere" } else { "request" };
            let start = Start { process: process.into(), version: 1, ..Start::default() };
            let runner = house.runner.clone();
            async move { runner.start(&person(1), start).await }
        });
        let answers = futures::future::join_all(starts).await;
        assert_eq!(answers.iter().filter(|a| a.is_ok()).count(), 36);
        assert!(answers.iter().flat_map(|a| a.as_ref().err()).all(|e| e.code() == Code::NotFound));
        assert_eq!(house.group("agents").await.len(), 36);
        // The kernel's audit chain is whole after it all.
        assert_eq!(ledger::audit::count(&mut db.read().await.unwrap()).await.unwrap(), 36);
    }

    async fn parallel_branches_closed_at_once_meet_in_their_join(db: Db) {
        let tasks: Vec<_> = (0..4).map(|i| user_task(&format!("t{i}"), "", r#"<engage:assignment group="agents"/>"#)).collect();
        let mut body = format!("{}{}{}<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>", BEGIN.1, END.1, tasks.concat());
        body.push_str(r#"<sequenceFlow id="a" sourceRef="begin" targetRef="fork"/><sequenceFlow id="z" sourceRef="join" targetRef="end"/>"#);
        for i in 0..4 {
            body.push_str(&format!(r#"<sequenceFlow id="i{i}" sourceRef="fork" targetRef="t{i}"/><sequenceFlow id="o{i}" sourceRef="t{i}" targetRef="join"/>"#));
        }
        let house = House::new(&db, &[("split", document(&body, ""))]);
        for _ in 0..5 {
            let begun = house.start("split", json!({})).await;
            assert_eq!(begun.opened.len(), 4);
            let closes = begun.opened.iter().map(|item| house.close(1, item.id, None));
            let answers: Vec<_> = futures::future::join_all(closes).await.into_iter().map(Result::unwrap).collect();
            assert_eq!(answers.iter().filter(|a| a.state == InstanceState::Completed).count(), 1);
            assert_eq!(house.detail(begun.instance).await.line.version, 5);
        }
    }

    async fn work_is_given_by_strategy_and_says_why(db: Db) {
        let by = |strategy: &str| single("", &format!(r#"<engage:assignment group="agents" strategy="{strategy}"/>"#));
        let expression = single("", r#"<engage:assignment group="agents" strategy="expression" expression="who"/>"#);
        let house = House::new(&db, &[("turn", by("round_robin")), ("least", by("least_loaded")), ("same", by("same_user")), ("own", by("own_customer")), ("expr", expression)]);
        let mut turns = Vec::new();
        for _ in 0..4 {
            turns.push(house.start("turn", json!({})).await.opened[0].assignee);
        }
        assert_eq!(turns, [Some(user(0)), Some(user(1)), Some(user(2)), Some(user(0))]);
        // User 0 has two now, the others one each.
        let least: Vec<_> = [house.start("least", json!({})).await, house.start("least", json!({})).await].iter().map(|b| b.opened[0].assignee).collect();
        assert_eq!(least, [Some(user(1)), Some(user(2))]);
        let line = house.mine(1).await.into_iter().find(|line| line.process == "least").unwrap();
        assert_eq!((line.reason.0.strategy.as_str(), line.reason.0.facts["load"].as_str()), ("least_loaded", "1"));
        assert_eq!(house.start("same", json!({})).await.opened[0].assignee, Some(user(9)));
        let customer = house.ambient.id();
        assert_eq!(house.start_for("own", Some(customer), json!({})).await.opened[0].assignee, Some(user(2)));
        // Without a customer there is no owner: the group gets it, and it says so.
        assert_eq!(house.start("own", json!({})).await.opened[0].assignee, None);
        let line = house.group("agents").await.remove(0);
        assert_eq!(line.reason.0.facts["instead_of"], "own_customer");
        assert_eq!(house.start("expr", json!({"who": "u1"})).await.opened[0].assignee, Some(user(1)));
        let other = house.start("expr", json!({"who": "legal"})).await.opened.remove(0);
        assert_eq!((other.assignee, other.group.as_deref()), (None, Some("legal")));
    }

    async fn an_inbox_is_paged_sorted_and_filtered(db: Db) {
        let house = House::new(&db, &[("dated", single(r#"due="PT4H""#, r#"<engage:assignment group="agents"/>"#)), ("free", single("", r#"<engage:assignment group="agents"/>"#))]);
        let mut made = Vec::new();
        for i in 0..7 {
            let process = if i % 2 == 0 { "dated" } else { "free" };
            made.push(house.start(process, json!({})).await.opened[0].id);
            house.clock.advance(Span::from_minutes(1));
        }
        let pages = async |query: &InboxQuery| {
            let (mut seen, mut page) = (Vec::new(), Page { limit: Some(2), cursor: None });
            loop {
                let part = runner::inbox(&mut db.read().await.unwrap(), query, &page).await.unwrap();
                seen.extend(part.items.iter().map(|line| line.id));
                page.cursor = part.next;
                if page.cursor.is_none() {
                    return seen;
                }
            }
        };
        let all = InboxQuery { groups: vec!["agents".into(), "none".into()], ..InboxQuery::default() };
        // By due time, those without one at the end.
        let by_due: Vec<_> = made.iter().step_by(2).chain(made.iter().skip(1).step_by(2)).copied().collect();
        assert_eq!(pages(&all).await, by_due);
        let newest = InboxQuery { sort: InboxSort::Opened, direction: SortDirection::Descending, ..all.clone() };
        assert_eq!(pages(&newest).await, made.iter().rev().copied().collect::<Vec<_>>());
        for sort in [InboxSort::Name, InboxSort::Process, InboxSort::Customer, InboxSort::Closed] {
            let sorted = pages(&InboxQuery { sort, ..all.clone() }).await;
            assert_eq!(sorted.iter().collect::<BTreeSet<_>>().len(), 7, "{sort:?}");
        }
        let soon = InboxQuery { due_before: Some(START + Span::from_hours(4) + Span::from_minutes(3)), ..all.clone() };
        assert_eq!(pages(&soon).await, [made[0], made[2]]);
        let filter: kernel::Filter = serde_json::from_value(json!({"compare": {"field": "process", "comparison": "equal", "value": {"text": "free"}}})).unwrap();
        assert_eq!(pages(&InboxQuery { filter: Some(filter), ..all.clone() }).await.len(), 3);
        assert_eq!(pages(&InboxQuery { text: Some("tasK T".into()), ..all.clone() }).await.len(), 7);
        assert_eq!(pages(&InboxQuery { text: Some("100%".into()), ..all.clone() }).await.len(), 0);
        house.runner.claim(&person(1), made[0], None).await.unwrap();
        let counts = runner::counts(&mut db.read().await.unwrap(), Some(user(1)), &all.groups, START + Span::from_days(1)).await.unwrap();
        assert_eq!((counts.mine, counts.groups[0].count, counts.overdue), (1, 6, 4));
        // The supervisor sees what somebody has, too.
        assert_eq!(pages(&InboxQuery { scope: Scope::Team, ..all }).await.len(), 7);
    }
}
