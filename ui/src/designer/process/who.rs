//! To whom an activity goes: the group, and how it is handed out within it.

use flow::{
    Binding, Element,
    model::{Assignment, Strategy},
};
use kernel::text::fold;
use leptos::prelude::*;

use super::{
    Work,
    binding::{Bind, change},
};
use crate::{
    designer::{
        bound::bound,
        expression::{self, ExpressionInput},
    },
    kit::{Choice, Combobox, Field, Notice, Select, Tone},
    t, tr,
};

/// Ids for tests: `task-group`, `task-strategy`, `task-skill`, `task-skill-level`, `task-expression`.
#[component]
pub fn WhoPart(
    work: Work,
    element: Memo<Option<Element>>,
    binding: Signal<Binding>,
    bind: Bind,
) -> impl IntoView {
    let group = bound(
        move || binding.with(|binding| binding.assignment.group.clone().unwrap_or_default()),
        move |key: String| {
            let group = Some(key).filter(|key| !key.is_empty());
            change(binding, bind, "group", |binding| {
                binding.assignment.group = group;
            });
        },
    );
    // Without one of its own, the lane's.
    let inherited = Signal::derive(move || {
        let id = element.with(|element| element.as_ref().map(|element| element.id.clone()));
        let lane = id.and_then(|id| {
            work.with_process(|process| {
                process
                    .lane_of(&id)
                    .map(|lane| lane.group.clone().unwrap_or_else(|| lane.name.clone()))
            })
            .flatten()
        });
        match lane.filter(|lane| !lane.is_empty()) {
            Some(lane) => t!("process-group-of-lane", name = work.known.group_name(&lane)),
            None => t!("designer-choose"),
        }
    });
    let strategy = bound(
        move || word(binding.with(|binding| binding.assignment.strategy)).to_owned(),
        move |text: String| {
            if let Some(strategy) = STRATEGIES
                .into_iter()
                .find(|strategy| word(*strategy) == text)
            {
                change(binding, bind, "strategy", |binding| {
                    let before = std::mem::take(&mut binding.assignment);
                    binding.assignment = Assignment {
                        strategy,
                        group: before.group,
                        skill: before.skill.filter(|_| strategy == Strategy::Skill),
                        expression: before
                            .expression
                            .filter(|_| strategy == Strategy::Expression),
                    };
                });
            }
        },
    );
    let strategies = Signal::derive(|| {
        STRATEGIES
            .into_iter()
            .map(|strategy| Choice::new(word(strategy), strategy_name(strategy)))
            .collect::<Vec<_>>()
    });
    let chosen = Memo::new(move |_| binding.with(|binding| binding.assignment.strategy));
    view! {
        <Field label=tr!("process-group")>
            <Combobox value=group options=Signal::derive(move || work.known.group_choices()) placeholder=inherited id="task-group" />
        </Field>
        <Field label=tr!("process-strategy")>
            <Select value=strategy options=strategies id="task-strategy" />
        </Field>
        {move || match chosen.get() {
            Strategy::Skill => view! { <Skilled work=work binding=binding bind=bind /> }.into_any(),
            Strategy::Expression => view! { <ByExpression work=work binding=binding bind=bind /> }.into_any(),
            _ => ().into_any(),
        }}
    }
}

const STRATEGIES: [Strategy; 8] = [
    Strategy::Group,
    Strategy::RoundRobin,
    Strategy::LeastLoaded,
    Strategy::Skill,
    Strategy::OwnCustomer,
    Strategy::Deputy,
    Strategy::SameUser,
    Strategy::Expression,
];

const fn word(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Group => "group",
        Strategy::RoundRobin => "round_robin",
        Strategy::LeastLoaded => "least_loaded",
        Strategy::Skill => "skill",
        Strategy::OwnCustomer => "own_customer",
        Strategy::SameUser => "same_user",
        Strategy::Deputy => "deputy",
        Strategy::Expression => "expression",
    }
}

fn strategy_name(strategy: Strategy) -> String {
    match strategy {
        Strategy::Group => t!("strategy-group"),
        Strategy::RoundRobin => t!("strategy-round-robin"),
        Strategy::LeastLoaded => t!("strategy-least-loaded"),
        Strategy::Skill => t!("strategy-skill"),
        Strategy::OwnCustomer => t!("strategy-own-customer"),
        Strategy::SameUser => t!("strategy-same-user"),
        Strategy::Deputy => t!("strategy-deputy"),
        Strategy::Expression => t!("strategy-expression"),
    }
}

/// `english:3`: the skill, and the least level.
fn parts(text: &str) -> (String, String) {
    match text.rsplit_once(':') {
        Some((skill, level)) => (skill.trim().to_owned(), level.trim().to_owned()),
        None => (text.trim().to_owned(), "1".to_owned()),
    }
}

/// The skill out of those that people have, and how well at least.
#[component]
fn Skilled(work: Work, binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let now = Memo::new(move |_| {
        binding.with(|binding| parts(binding.assignment.skill.as_deref().unwrap_or_default()))
    });
    let set = move |skill: &str, level: &str| {
        let wanted = (!skill.is_empty()).then(|| match level {
            "1" => skill.to_owned(),
            level => format!("{skill}:{level}"),
        });
        change(binding, bind, "skill", |binding| {
            binding.assignment.skill = wanted;
        });
    };
    let skill = bound(
        move || now.with(|(skill, _)| skill.clone()),
        move |skill: String| set(&skill, &now.get_untracked().1),
    );
    let level = bound(
        move || now.with(|(_, level)| level.clone()),
        move |level: String| set(&now.get_untracked().0, &level),
    );
    let typed = RwSignal::new(String::new());
    let options = Signal::derive(move || {
        let typed = typed.get();
        let wanted = fold(&typed);
        let own = now.with(|(skill, _)| skill.clone());
        let known = work.known.skills.get();
        let mut all: Vec<Choice> = known
            .iter()
            .filter(|one| fold(&one.skill).contains(&wanted))
            .map(|one| {
                let hint = t!("skill-people", count = one.people);
                Choice::new(&one.skill, &one.skill).with_hint(hint)
            })
            .collect();
        // One that nobody has yet may be asked for: people learn.
        for new in [typed.trim(), own.as_str()] {
            if !new.is_empty() && !new.contains(':') && !known.iter().any(|one| one.skill == new) {
                all.push(Choice::new(new, new).with_hint(t!("skill-people", count = 0)));
            }
        }
        all
    });
    // How many could get it as it stands: nobody is told before it happens.
    let nobody = Memo::new(move |_| {
        let (skill, level) = now.get();
        let least: i64 = level.parse().unwrap_or(1);
        !skill.is_empty()
            && !work.known.skills.with(|known| {
                known
                    .iter()
                    .any(|one| one.skill == skill && one.level >= least)
            })
    });
    let missing = Signal::derive(move || {
        now.with(|(skill, _)| skill.is_empty())
            .then(|| t!("process-skill-missing"))
    });
    view! {
        <div class="pair">
            <Field label=tr!("process-skill") error=missing>
                <Combobox value=skill options=options id="task-skill" on_search=move |text: String| typed.set(text) />
            </Field>
            <Field label=tr!("process-skill-level")>
                <Select value=level options=crate::skills::levels() id="task-skill-level" />
            </Field>
        </div>
        <Show when=move || nobody.get()>
            <Notice tone=Tone::Warning text=tr!("process-skill-nobody") />
        </Show>
    }
}

#[component]
fn ByExpression(work: Work, binding: Signal<Binding>, bind: Bind) -> impl IntoView {
    let text = bound(
        move || binding.with(|binding| binding.assignment.expression.clone().unwrap_or_default()),
        move |text: String| {
            let text = Some(text).filter(|text| !text.trim().is_empty());
            change(binding, bind, "assignment", |binding| {
                binding.assignment.expression = text;
            });
        },
    );
    let scope = Signal::derive(move || work.scope());
    let found = Memo::new(move |_| {
        let scope = scope.get();
        text.with(|text| expression::wrong(text, &scope, false, expression::language()))
    });
    let error = Signal::derive(move || found.get().map(|wrong| wrong.sentence));
    view! {
        <Field label=tr!("process-expression") hint=Signal::derive(|| t!("process-expression-hint")) error=error>
            <ExpressionInput value=text scope=scope found=found id="task-expression" />
        </Field>
    }
}
