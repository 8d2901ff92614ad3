//! What permission costs on a list of 50 customers: the same page read without any, and as somebody who may not see all of
//! the rows nor all of the fields.

use std::time::{Duration, Instant};

use access::{Grant, Policy, Role, Subject, Target, Verb};
use desk::list::{self, ListQuery};
use desk::{Portfolio, Sight};
use kernel::{Comparison, Filter, Operand, Page, Sort, SortDirection};
use store::Db;
use uuid::Uuid;

/// A company of so many units, customers dealt out to them in turn; a unit's id ends in its number.
const DEAL_OUT: store::Sql = store::Sql::each(
    "UPDATE customer SET unit_id = unhex(printf('%032x', 3917079552 + seq % $1)) WHERE seq > $2 AND seq <= $3",
    "UPDATE customer SET unit_id = CAST(lpad(to_hex(3917079552 + seq % $1), 32, '0') AS uuid) WHERE seq > $2 AND seq <= $3",
);
/// One in so many is looked after by the asker, who has the id 7.
const OWN: store::Sql = store::Sql::each(
    "UPDATE customer SET owner_id = unhex(printf('%032x', 7)) WHERE seq % $1 = 0",
    "UPDATE customer SET owner_id = CAST(lpad(to_hex(7), 32, '0') AS uuid) WHERE seq % $1 = 0",
);
/// As autovacuum does it in time.
const SETTLE: store::Sql = store::Sql::each("SELECT 0", "ANALYZE customer");

const UNITS: u8 = 100;

fn unit(number: u8) -> Uuid {
    Uuid::from_u128(3_917_079_552 + u128::from(number))
}

/// Sees the customers of so many units, or own ones; of these all fields but two, and one only of its own.
fn somebody(units: u8) -> Policy {
    let equal = |field: &str, whose: &str| Filter::equal(field, Operand::Text(whose.to_owned()));
    let own = equal("owner", "$user");
    let role = Role {
        key: "agent".to_owned(),
        grants: vec![
            Grant::allow(Target::entity("customer"), &[Verb::Read])
                .when(own.clone().or(equal("unit", "$unit_and_below"))),
            Grant::deny(Target::field("customer", "fields.balance"), &[Verb::Read]),
            Grant::deny(Target::field("customer", "fields.born"), &[Verb::Read]),
            Grant::deny(Target::field("customer", "fields.email"), &[Verb::Read]).when(
                Filter::compare("segment", Comparison::Equal, Operand::Text("Oro".into())),
            ),
        ],
    };
    let subject = Subject {
        user: Uuid::from_u128(7).to_string(),
        unit: Some(unit(0).to_string()),
        unit_and_below: (0..units).map(|number| unit(number).to_string()).collect(),
        groups: Vec::new(),
    };
    Policy::compile(&[role], &subject)
}

/// As the service does it: the policy is the session's, what it says of customers is asked with each request.
async fn once(
    db: &Db,
    policy: Option<&Policy>,
    portfolio: &Portfolio,
    query: &ListQuery,
) -> (Duration, usize) {
    let page = Page {
        limit: Some(50),
        cursor: None,
    };
    let asked = Instant::now();
    let sight = policy.map_or_else(Sight::all, Sight::reading);
    let mut read = db.read().await.unwrap();
    let page = list::page(&mut read, &sight, portfolio, query, &page)
        .await
        .unwrap();
    (asked.elapsed(), page.items.len())
}

pub async fn measure(name: &str, db: &Db, portfolio: &Portfolio) {
    // In parts, each well within a statement's time.
    for from in (0_i64..).step_by(50_000) {
        let mut tx = db.write().await.unwrap();
        let dealt =
            store::execute!(&mut tx, DEAL_OUT, i64::from(UNITS), from, from + 50_000).unwrap();
        tx.commit().await.unwrap();
        if dealt == 0 {
            break;
        }
    }
    let mut tx = db.write().await.unwrap();
    store::execute!(&mut tx, OWN, 5_000_i64).unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.write().await.unwrap();
    store::execute!(&mut tx, SETTLE).unwrap();
    tx.commit().await.unwrap();

    let all = ListQuery::default();
    let richest = ListQuery {
        type_key: Some("person".to_owned()),
        sort: Some(Sort {
            field: "fields.balance".to_owned(),
            direction: SortDirection::Descending,
        }),
        ..ListQuery::default()
    };
    let mut times = Vec::new();
    for _ in 0..50 {
        let (took, rows) = once(db, None, portfolio, &richest).await;
        assert_eq!(rows, 50, "{name}: a page in the order of a field");
        times.push(took);
    }
    times.sort();
    super::line(
        &format!("50 customers listed on {name} in the order of a field"),
        times[times.len() / 2].as_secs_f64() * 1e3,
        "ms",
        "",
    );

    for (units, share) in [
        (UNITS, "all"),
        (UNITS / 2, "half"),
        (1, "a hundredth"),
        (0, "own ones, one in 5,000"),
    ] {
        let policy = somebody(units);
        let (mut without, mut with) = (Vec::new(), Vec::new());
        // In turn, so that both meet the same moods of the machine.
        for round in 0..220 {
            let (bare, _) = once(db, None, portfolio, &all).await;
            let (masked, rows) = once(db, Some(&policy), portfolio, &all).await;
            assert_eq!(rows, 50, "{name}: a page of {share}");
            if round >= 20 {
                without.push(bare);
                with.push(masked);
            }
        }
        without.sort();
        with.sort();
        let median = |times: &[Duration]| times[times.len() / 2].as_secs_f64() * 1e3;
        let (without, with) = (median(&without), median(&with));
        super::line(
            &format!("50 customers listed on {name} by who may see {share}"),
            with,
            "ms",
            "",
        );
        // Where less may be seen it is another list: its rows are looked for among the others, with or without permission.
        if units == UNITS {
            super::line(
                &format!("what permission costs of it on {name}"),
                100.0 * (with / without - 1.0),
                "%",
                "<= 15",
            );
        }
    }
}
