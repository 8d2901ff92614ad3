//! Live events: in the order of commits, resumable, none missed.

use std::collections::BTreeSet;

use kernel::Span;
use runner::feed::{self, Topics};
use serde_json::json;
use store::Db;
use uuid::Uuid;

use crate::house::{BEGIN, END, House, START, document, line, person, user_task};

fn only(topics: &[&str]) -> Topics {
    Topics::Of(topics.iter().map(|topic| (*topic).to_owned()).collect())
}

store::both! {
    async fn a_screen_hears_what_concerns_it_and_goes_on_where_it_stopped(db: Db) {
        let task = user_task("task", "", r#"<engage:assignment group="agents"/>"#);
        let house = House::new(&db, &[("one", document(&line(&[BEGIN, ("task", &task), END]), ""))]);
        let begin = feed::head(&mut db.read().await.unwrap()).await.unwrap();
        let begun = house.start("one", json!({})).await;
        let item = begun.opened[0].id;
        let mine = only(&["inbox:agents"]);
        let heard = feed::events_since(&mut db.read().await.unwrap(), begin, &mine, 10).await.unwrap();
        assert_eq!(heard.events.iter().map(|e| (e.kind.as_str(), e.subject)).collect::<Vec<_>>(), [("work_item.opened", item.uuid())]);
        house.close(1, item, None).await.unwrap();
        let next = feed::events_since(&mut db.read().await.unwrap(), heard.next, &mine, 10).await.unwrap();
        assert_eq!(next.events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["work_item.closed"]);
        // Cut off in the middle of a transaction's events, nothing is told twice and nothing is missed.
        let all = feed::events_since(&mut db.read().await.unwrap(), begin, &Topics::All, 10).await.unwrap().events;
        assert!(all.len() >= 4);
        for (at, event) in all.iter().enumerate() {
            let rest = feed::events_since(&mut db.read().await.unwrap(), event.id, &Topics::All, 10).await.unwrap();
            assert_eq!(rest.events, all[at + 1..]);
            assert!(!rest.gap);
        }
    }

    async fn what_was_rolled_back_or_refused_is_never_told(db: Db) {
        let task = user_task("task", "", r#"<engage:assignment group="agents"/>"#);
        let house = House::new(&db, &[("one", document(&line(&[BEGIN, ("task", &task), END]), ""))]);
        let item = house.start("one", json!({})).await.opened[0].id;
        house.runner.claim(&person(1), item, None).await.unwrap();
        let head = feed::head(&mut db.read().await.unwrap()).await.unwrap();
        let mut tx = db.write().await.unwrap();
        feed::publish(&mut tx, START, "customer:1", "customer.changed", Uuid::nil());
        tx.rollback().await.unwrap();
        house.close(2, item, None).await.unwrap_err();
        let told = feed::events_since(&mut db.read().await.unwrap(), head, &Topics::All, 10).await.unwrap();
        assert_eq!((told.events.len(), told.next), (0, head));
    }

    async fn a_listener_that_was_away_too_long_is_told_so(db: Db) {
        let say = async |at| {
            let mut tx = db.write().await.unwrap();
            feed::publish(&mut tx, at, "t", "k", Uuid::nil());
            tx.commit().await.unwrap();
            feed::head(&mut db.read().await.unwrap()).await.unwrap()
        };
        let first = say(START).await;
        say(START + Span::from_hours(1)).await;
        let third = say(START + Span::from_hours(2)).await;
        let mut tx = db.write().await.unwrap();
        assert_eq!(feed::trim(&mut tx, START + Span::from_minutes(90)).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let mut reads = db.read().await.unwrap();
        assert!(feed::events_since(&mut reads, first, &Topics::All, 10).await.unwrap().gap);
        let now = feed::events_since(&mut reads, third, &Topics::All, 10).await.unwrap();
        assert!(!now.gap && now.events.is_empty());
    }

    async fn a_listener_misses_nothing_while_many_write_at_once(db: Db) {
        const WRITERS: u128 = 4;
        const EACH: u128 = 60;
        let head = feed::head(&mut db.read().await.unwrap()).await.unwrap();
        let listener = {
            let db = db.clone();
            tokio::spawn(async move {
                let (mut heard, mut after) = (Vec::new(), head);
                while (heard.len() as u128) < WRITERS * EACH {
                    let since = feed::events_since(&mut db.read().await.unwrap(), after, &Topics::All, 5).await.unwrap();
                    assert!(!since.gap);
                    heard.extend(since.events.into_iter().map(|event| event.subject));
                    after = since.next;
                    tokio::task::yield_now().await;
                }
                heard
            })
        };
        let writers = (0..WRITERS).map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let mut tx = db.write().await.unwrap();
                    feed::publish(&mut tx, START, "t", "k", Uuid::from_u128(writer * EACH + number));
                    // Some take their time before they commit, some give up.
                    if number % 7 == 0 {
                        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                    }
                    if number % 11 == 5 {
                        tx.rollback().await.unwrap();
                        tx = db.write().await.unwrap();
                        feed::publish(&mut tx, START, "t", "k", Uuid::from_u128(writer * EACH + number));
                    }
                    tx.commit().await.unwrap();
                }
            })
        });
        for writer in futures::future::join_all(writers).await {
            writer.unwrap();
        }
        let heard = tokio::time::timeout(std::time::Duration::from_secs(30), listener).await.expect("something was missed").unwrap();
        assert_eq!(heard.len() as u128, WRITERS * EACH);
        assert_eq!(heard.into_iter().collect::<BTreeSet<_>>().len() as u128, WRITERS * EACH);
    }
}
