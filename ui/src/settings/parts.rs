//! What the sections share: whole lists, one's way through a refusal, picking several, asking before something goes.

use access::Verb;
use api::{
    directory::UserLine,
    organisation::{PositionLine, UnitLine},
    session::Named,
};
use kernel::Paged;
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::{
    kit::{Button, Choice, Combobox, Dialog, Icon, IconButton, Look, Notice, Tone},
    loaded::Loaded,
    problem::{Problem, ProblemKind},
    session, t, tr, transport,
};

/// A list that is shown whole is read in parts of this many.
const PART: u32 = 500;
/// So many parts are read before the rest is left to the search.
const MOST_PARTS: usize = 20;

/// All of a list, part by part.
pub async fn whole<T: DeserializeOwned>(path: &str) -> Result<Vec<T>, Problem> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..MOST_PARTS {
        let mut query = vec![("limit", PART.to_string())];
        query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let page: Paged<T> = transport::get(path, &query).await?;
        all.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    Ok(all)
}

pub async fn units() -> Result<Vec<UnitLine>, Problem> {
    whole(api::path::UNITS).await
}

pub async fn positions() -> Result<Vec<PositionLine>, Problem> {
    whole(api::path::POSITIONS).await
}

/// Users whose name or login holds what is typed.
pub async fn users_like(text: &str) -> Vec<Choice> {
    let query = [("q", text.to_owned()), ("limit", "20".to_owned())];
    let found: Result<Paged<UserLine>, Problem> = transport::get(api::path::USERS, &query).await;
    found
        .map(|page| page.items)
        .unwrap_or_default()
        .into_iter()
        .map(|user| Choice::new(user.id.to_string(), user.name).with_hint(user.login))
        .collect()
}

/// Units by their path from the top, in the order of the tree.
pub fn unit_choices(units: &[UnitLine]) -> Vec<Choice> {
    let path = |unit: &UnitLine| {
        let mut names = vec![unit.name.clone()];
        let mut at = unit.parent;
        // A tree is as deep as it has units at most; a broken one ends here too.
        for _ in 0..units.len() {
            let Some(parent) = at.and_then(|id| units.iter().find(|unit| unit.id == id)) else {
                break;
            };
            names.push(parent.name.clone());
            at = parent.parent;
        }
        names.reverse();
        names.join(" / ")
    };
    let mut choices: Vec<(String, Choice)> = units
        .iter()
        .map(|unit| {
            let path = path(unit);
            (
                crate::kit::fold(&path),
                Choice::new(unit.id.to_string(), path),
            )
        })
        .collect();
    choices.sort_by(|a, b| a.0.cmp(&b.0));
    choices.into_iter().map(|(_, choice)| choice).collect()
}

/// Whether this person may do something at all; the service decides again.
pub fn may(verb: Verb, entity: &'static str) -> Signal<bool> {
    Signal::derive(move || session::me().is_some_and(|me| me.permissions.may(verb, entity)))
}

pub fn may_field(verb: Verb, entity: &'static str, field: &'static str) -> Signal<bool> {
    Signal::derive(move || {
        session::me().is_some_and(|me| me.permissions.may_field(verb, entity, field))
    })
}

/// Whether this person may change anything of the user that is open.
pub fn may_change(user: Loaded<UserLine>) -> Signal<bool> {
    Signal::derive(move || user.get().is_some_and(|user| !user.changeable.is_empty()))
}

/// Whether this person may change a field of the user that is open, as the service told with it.
pub fn may_of(user: Loaded<UserLine>, field: &'static str) -> Signal<bool> {
    Signal::derive(move || {
        user.get()
            .is_some_and(|user| user.changeable.iter().any(|one| one == field))
    })
}

/// What is wrong with one field, out of a refusal. `groups` hears of `groups[3]` too.
pub fn at_field(problem: RwSignal<Option<Problem>>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || {
        problem.with(|problem| {
            let fields = &problem.as_ref()?.fields;
            fields
                .iter()
                .find(|(name, _)| {
                    name.as_str() == field
                        || name
                            .strip_prefix(field)
                            .is_some_and(|rest| rest.starts_with('['))
                })
                .map(|(_, sentence)| sentence.clone())
        })
    })
}

/// What a refusal says beyond the fields that the form shows.
#[component]
pub fn Refusal(
    problem: RwSignal<Option<Problem>>,
    /// The fields that tell their problems themselves.
    fields: &'static [&'static str],
) -> impl IntoView {
    move || {
        let problem = problem.get()?;
        let rest: Vec<String> = problem
            .fields
            .iter()
            .filter(|(name, _)| {
                let name = name.split('[').next().unwrap_or_default();
                !fields.contains(&name)
            })
            .map(|(_, sentence)| sentence.clone())
            .collect();
        let shown = if rest.is_empty() {
            problem.sentence
        } else {
            rest.join(" ")
        };
        Some(view! { <Notice tone=Tone::Danger text=shown /> })
    }
}

/// Several of many: what is chosen as chips, and a box to add one more.
#[component]
pub fn PickMany(
    chosen: RwSignal<Vec<Named>>,
    #[prop(into)] options: Signal<Vec<Named>>,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] placeholder: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Keys that are neither added nor taken out here.
    #[prop(optional, into)]
    fixed: Signal<Vec<String>>,
    #[prop(into)] id: String,
) -> impl IntoView {
    let is_fixed = move |key: &String| fixed.with(|fixed| fixed.contains(key));
    let adding = RwSignal::new(String::new());
    let left = Signal::derive(move || {
        chosen.with(|chosen| {
            options
                .get()
                .into_iter()
                .filter(|one| !chosen.iter().any(|held| held.key == one.key))
                .filter(|one| !is_fixed(&one.key))
                .map(|one| Choice::new(one.key, one.name))
                .collect::<Vec<_>>()
        })
    });
    let add = move || {
        let key = adding.get_untracked();
        let found = options.with_untracked(|all| all.iter().find(|one| one.key == key).cloned());
        if let Some(one) = found {
            chosen.update(|chosen| chosen.push(one));
        }
        adding.set(String::new());
    };
    view! {
        <div class="pick-many">
            <ul class="chips" aria-label=label>
                <For each=move || chosen.get() key=|one| one.key.clone() let:one>
                    {
                        let (key, own) = (one.key.clone(), one.key.clone());
                        let name = one.name.clone();
                        view! {
                            <li class="chip">
                                <span class="cut">{one.name}</span>
                                <Show when=move || !disabled.get() && !is_fixed(&own)>
                                    <IconButton
                                        small=true
                                        icon=Icon::X
                                        label={
                                            let name = name.clone();
                                            move || t!("settings-take-out", name = name.clone())
                                        }
                                        on_press={
                                            let key = key.clone();
                                            move || chosen.update(|chosen| chosen.retain(|one| one.key != key))
                                        }
                                    />
                                </Show>
                            </li>
                        }
                    }
                </For>
            </ul>
            <Show when=move || !disabled.get()>
                <Combobox id=id.clone() value=adding options=left label=label placeholder=placeholder on_commit=add />
            </Show>
        </div>
    }
}

/// Asks before something is taken away: what goes, for how many, and the verb on the button.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(into)] act: Signal<String>,
    #[prop(into)] on_act: Callback<()>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(optional)] problem: Option<RwSignal<Option<Problem>>>,
    #[prop(into)] id: String,
) -> impl IntoView {
    let id = StoredValue::new(id);
    view! {
        <Dialog
            open=open
            title=title
            actions=ViewFn::from(move || {
                view! {
                    <Button label=tr!("kit-cancel") on_press=move || open.set(false) />
                    <Button id=id.get_value() label=act look=Look::Danger busy=busy on_press=move || on_act.run(()) />
                }
            })
        >
            <div class="stack">
                <p>{text}</p>
                {problem.map(|problem| view! { <Refusal problem=problem fields=&[] /> })}
            </div>
        </Dialog>
    }
}

/// Somebody else saved while one was writing: what they changed, and whose word counts.
#[component]
pub fn Conflict(
    /// What stands there now against what one began with: field, then and now. Empty: no conflict.
    #[prop(into)]
    differences: Signal<Vec<(String, String, String)>>,
    #[prop(into)] on_theirs: Callback<()>,
    #[prop(into)] on_mine: Callback<()>,
) -> impl IntoView {
    move || {
        let differences = differences.get();
        if differences.is_empty() {
            return None;
        }
        let lines = differences
            .into_iter()
            .map(|(field, before, after)| {
                view! {
                    <li>
                        <span class="strong">{field}</span>
                        ": "
                        <s class="weak">{or_nothing(before)}</s>
                        " → "
                        <span>{or_nothing(after)}</span>
                    </li>
                }
            })
            .collect_view();
        Some(view! {
            <div class="conflict" role="alert">
                <p class="strong">{tr!("settings-conflict")}</p>
                <ul class="problem-list">{lines}</ul>
                <div class="row">
                    <Button id="conflict-theirs" label=tr!("settings-conflict-theirs") on_press=on_theirs />
                    <Button id="conflict-mine" label=tr!("settings-conflict-mine") on_press=on_mine />
                </div>
            </div>
        })
    }
}

fn or_nothing(text: String) -> String {
    if text.is_empty() {
        "—".to_owned()
    } else {
        text
    }
}

pub fn is_conflict(problem: &Problem) -> bool {
    problem.kind == ProblemKind::Conflict && problem.code == "stale"
}
