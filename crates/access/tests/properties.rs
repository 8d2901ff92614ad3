//! What must hold for every policy.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod common;

use access::{Effect, Grant, Permissions, Place, Policy, Request, Target, Verb, Visibility};
use common::{Chance, ENTITIES, FIELDS, getter, grant, question, record, roles, subject};
use kernel::{Filter, Operand, Sort, SortDirection};

fn seeds() -> impl Iterator<Item = (u64, Chance)> {
    (0..3_000_u64).map(|seed| (seed, Chance(seed ^ 0x5eed)))
}

/// Masks and row conditions are the decision function, for many at once.
#[test]
fn masks_and_rows_decide_as_the_decision_function_does() {
    let mut seen = [0_usize; 3];
    for (seed, mut chance) in seeds() {
        let mut roles = roles(&mut chance);
        // Masks are about rows and fields, not about amounts.
        roles
            .iter_mut()
            .flat_map(|r| &mut r.grants)
            .for_each(|g| g.limit = None);
        let policy = Policy::compile(&roles, &subject(&mut chance));
        let place = Place {
            process: chance.one_in(3).then_some("p1"),
            activity: None,
        };
        let verb = chance.pick(&Verb::ALL);
        for entity in ENTITIES {
            let mask = policy.mask_at(entity, verb, place);
            for _ in 0..4 {
                let record = record(&mut chance);
                let get = getter(&record);
                let allowed = |target: &Target| {
                    policy
                        .decide(&Request::new(verb, target).on(&get).at(place))
                        .is_allowed()
                };
                let row = mask.rows().matches(&get);
                assert_eq!(
                    row,
                    allowed(&Target::entity(*entity)),
                    "seed {seed} {entity} {verb}: {record:?}\n{roles:#?}"
                );
                for field in FIELDS {
                    let shown = row && mask.shows(field, &get);
                    let target = Target::field(*entity, *field);
                    assert_eq!(
                        shown,
                        allowed(&target),
                        "seed {seed} {entity}.{field} {verb}: {record:?}\n{roles:#?}"
                    );
                    match mask.field(field) {
                        Visibility::Always => seen[0] += usize::from(row),
                        Visibility::Never => {
                            assert!(!shown);
                            seen[1] += 1;
                        }
                        Visibility::When(_) => seen[2] += 1,
                    }
                }
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 1_000), "{seen:?}");
}

#[test]
fn nothing_is_allowed_by_default() {
    for (_, mut chance) in seeds().take(300) {
        assert!(!question(&mut chance).ask(&Policy::nothing()).is_allowed());
    }
}

#[test]
fn one_more_deny_never_allows_more() {
    for (seed, mut chance) in seeds() {
        let (mut roles, subject) = (roles(&mut chance), subject(&mut chance));
        let before = Policy::compile(&roles, &subject);
        if roles.is_empty() {
            continue;
        }
        let at = chance.below(roles.len());
        roles[at].grants.push(Grant {
            effect: Effect::Deny,
            limit: None,
            ..grant(&mut chance)
        });
        let after = Policy::compile(&roles, &subject);
        for _ in 0..20 {
            let question = question(&mut chance);
            assert!(
                !question.ask(&after).is_allowed() || question.ask(&before).is_allowed(),
                "seed {seed}: {}",
                question.json()
            );
        }
    }
}

/// Row S-04: deeper grants narrow, never widen.
#[test]
fn one_more_grant_on_a_field_or_activity_never_widens_what_its_role_gives() {
    for (seed, mut chance) in seeds() {
        let (mut roles, subject) = (roles(&mut chance), subject(&mut chance));
        roles.truncate(1);
        let before = Policy::compile(&roles, &subject);
        let Some(role) = roles.first_mut() else {
            continue;
        };
        let deeper = grant(&mut chance);
        let is_parent = matches!(deeper.target, Target::Entity(_) | Target::Process(_));
        // A role that already lists fields is widened by listing one more, within what its entity grant gives.
        let lists = role
            .grants
            .iter()
            .any(|g| matches!(g.target, Target::Field { .. } | Target::Activity { .. }));
        if is_parent || lists {
            continue;
        }
        role.grants.push(deeper);
        let after = Policy::compile(&roles, &subject);
        for _ in 0..20 {
            let question = question(&mut chance);
            assert!(
                !question.ask(&after).is_allowed() || question.ask(&before).is_allowed(),
                "seed {seed}: {}",
                question.json()
            );
        }
    }
}

#[test]
fn a_masked_field_is_as_if_it_were_not_there() {
    let grants = vec![
        Grant::allow(Target::entity("customer"), &[Verb::Read]),
        Grant::deny(Target::field("customer", "fields.salary"), &[Verb::Read]),
        Grant::deny(Target::field("customer", "segment"), &[Verb::Read])
            .when(Filter::equal("owner", Operand::Text("u1".into()))),
    ];
    let policy = Policy::compile(
        &[access::Role {
            key: "agent".into(),
            grants,
        }],
        &access::Subject::default(),
    );
    let mask = policy.mask("customer", Verb::Read);
    let by = |field: &str| Filter::equal(field, Operand::Null);
    assert!(
        mask.check_filter(Some(&by("name").or(by("fields.cuit"))), &[])
            .is_ok()
    );
    for field in ["fields.salary", "segment"] {
        let error = mask
            .check_filter(Some(&by("name").and(Filter::Not(Box::new(by(field))))), &[])
            .unwrap_err();
        assert_eq!(
            (&*error.fields()[0].field, &*error.fields()[0].code),
            (field, "unknown_field")
        );
        let sort = Sort {
            field: field.into(),
            direction: SortDirection::Descending,
        };
        assert!(mask.check_filter(None, &[sort]).is_err());
    }
    let whole = serde_json::json!({ "id": "1", "name": "Ana", "segment": "oro", "owner": "u1", "fields": { "salary": 5, "cuit": "20" } });
    let map = whole.as_object().unwrap();
    let mut shown = map.clone();
    mask.strip(&mut shown, &access::json_record(map));
    assert_eq!(
        serde_json::Value::Object(shown),
        serde_json::json!({ "id": "1", "name": "Ana", "owner": "u1", "fields": { "cuit": "20" } })
    );

    let mut catalogue = access::Catalogue::of_product();
    catalogue.add_fields("customer", ["salary", "cuit"]);
    let permissions = Permissions::of(&policy, &catalogue);
    assert!(permissions.may(Verb::Read, "customer") && !permissions.may(Verb::Change, "customer"));
    assert!(!permissions.may_field(Verb::Read, "customer", "fields.salary"));
    assert!(
        permissions.may_field(Verb::Read, "customer", "segment")
            && !permissions.is_searchable("customer", "segment")
    );
    assert!(permissions.is_searchable("customer", "fields.cuit"));
    assert!(!permissions.may(Verb::Read, "user"));

    let changes = policy.mask("customer", Verb::Change);
    assert_eq!(
        changes
            .check_written(["name"], &access::json_record(map))
            .unwrap_err()
            .code(),
        kernel::Code::Forbidden
    );
}

#[test]
fn the_answer_names_the_grant_that_settled_it() {
    use access::{Because, Verdict};
    let ten = rust_decimal::Decimal::TEN;
    let role = access::Role {
        key: "agent".into(),
        grants: vec![
            Grant::allow(Target::entity("offer"), &[Verb::Change]).up_to("discount", ten),
            Grant::allow(Target::entity("customer"), &[Verb::Read])
                .when(Filter::equal("owner", Operand::Text("$user".into()))),
            Grant::allow(Target::field("customer", "name"), &[Verb::Read]),
            Grant::deny(Target::entity("audit"), &Verb::ALL),
        ],
    };
    let subject = access::Subject {
        user: "u1".into(),
        ..Default::default()
    };
    let policy = Policy::compile(&[role], &subject);
    let owned = |who: &'static str| {
        move |f: &str| {
            if f == "owner" {
                Operand::Text(who.into())
            } else {
                Operand::Null
            }
        }
    };
    let discount = |n: i64| move |_: &str| Operand::Number(n.into());
    let ask = |target: &Target, verb, get: &dyn Fn(&str) -> Operand| {
        let decision = policy.decide(&Request::new(verb, target).on(get));
        (
            decision.verdict,
            decision.because,
            decision.grants.iter().map(|g| g.grant).collect::<Vec<_>>(),
        )
    };
    let offer = Target::entity("offer");
    assert_eq!(
        ask(&offer, Verb::Change, &discount(10)),
        (Verdict::Allowed, Because::Granted, vec![0])
    );
    assert_eq!(
        ask(&offer, Verb::Change, &discount(11)),
        (Verdict::NeedsApproval, Because::Limit, vec![0])
    );
    let (name, email) = (
        Target::field("customer", "name"),
        Target::field("customer", "email"),
    );
    assert_eq!(
        ask(&name, Verb::Read, &owned("u1")),
        (Verdict::Allowed, Because::Granted, vec![2])
    );
    assert_eq!(
        ask(&name, Verb::Read, &owned("u2")),
        (Verdict::Denied, Because::OtherRecords, vec![1])
    );
    assert_eq!(
        ask(&email, Verb::Read, &owned("u1")),
        (Verdict::Denied, Because::NotListed, vec![2])
    );
    assert_eq!(
        ask(&Target::entity("audit"), Verb::Read, &owned("u1")),
        (Verdict::Denied, Because::Denied, vec![3])
    );
    assert_eq!(
        ask(&Target::entity("user"), Verb::Read, &owned("u1")),
        (Verdict::Denied, Because::NoGrant, vec![])
    );
}
