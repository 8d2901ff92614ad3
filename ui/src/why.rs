//! Why a work item is where it is, in words.

use std::collections::BTreeMap;

use crate::{prefs::preferences, t};

/// A reason that this page has no sentence for says nothing: better than a word of the program's.
pub fn why(reason: &str, facts: &BTreeMap<String, String>) -> Option<String> {
    let fact = |name: &str| facts.get(name).cloned().unwrap_or_default();
    let number = |name: &str| fact(name).parse::<i64>().unwrap_or(0);
    Some(match reason {
        "group" => match fact("instead_of").as_str() {
            "" => t!("why-group"),
            wanted => {
                let key = format!("why-instead-{}", wanted.replace('_', "-"));
                if locale::has(preferences().language(), &key) {
                    t!(&key)
                } else {
                    t!("why-instead")
                }
            }
        },
        "round_robin" => t!("why-round-robin", of = number("of")),
        "least_loaded" => t!("why-least-loaded", load = number("load"), of = number("of")),
        "skill" => t!(
            "why-skill",
            skill = fact("skill"),
            level = number("level"),
            of = number("of")
        ),
        "same_user" => t!("why-same-user"),
        "own_customer" => t!("why-own-customer"),
        "deputy" => t!("why-deputy", name = fact("of")),
        "expression" => t!("why-expression", value = fact("value")),
        "escalation" => t!(
            "why-escalation",
            from = fact("from"),
            level = number("rung")
        ),
        "claimed" => t!("why-claimed", name = fact("by")),
        "released" => t!("why-released", name = fact("by")),
        "assigned" => match fact("why").as_str() {
            "" => t!("why-assigned", name = fact("by")),
            why => t!(
                "why-assigned-because",
                name = fact("by"),
                why = why.to_owned()
            ),
        },
        _ => return None,
    })
}
