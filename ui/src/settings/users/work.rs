//! What work finds a user by: what they are good at, and who stands in for them.

use api::{
    engine::{KnownSkill, SetSkills, Skill},
    path,
};
use kernel::text::fold;
use leptos::prelude::*;

use crate::{
    deputy::DeputyForm,
    kit::{Button, Choice, Combobox, Field, Icon, IconButton, Look, Select, toast},
    loaded::Loaded,
    problem::Problem,
    settings::parts::{Conflict, Refusal, is_conflict},
    skills::levels,
    t, tr, transport,
};

/// Ids for tests: `user-skills`, `skill-new`, `skill-N`, `skill-N-away`, `skills-save`; those of [`DeputyForm`].
#[component]
pub fn AtWork(id: String, #[prop(into)] changes: Signal<bool>) -> impl IntoView {
    let disabled = Signal::derive(move || !changes.get());
    view! {
        <div class="stack user-work">
            <section class="stack" aria-label=tr!("user-skills")>
                <h3 class="small weak">{tr!("user-skills")}</h3>
                <Skills id=id.clone() disabled=disabled />
            </section>
            <section class="stack" aria-label=tr!("deputy-title-other")>
                <h3 class="small weak">{tr!("deputy-title-other")}</h3>
                <DeputyForm user=id disabled=disabled />
            </section>
        </div>
    }
}

/// A skill while it is edited. Its level outlives the list that it was chosen from.
#[derive(Clone, PartialEq)]
struct Line {
    skill: String,
    level: ArcRwSignal<String>,
}

const NEW_LEVEL: &str = "3";

/// The lines of these skills; those that stand there already are kept, for the screen is bound to them.
fn lines(skills: &[Skill], there: &[Line]) -> Vec<Line> {
    let line = |one: &Skill| match there.iter().find(|line| line.skill == one.skill) {
        Some(line) => {
            line.level.set(one.level.to_string());
            line.clone()
        }
        None => Line {
            skill: one.skill.clone(),
            level: ArcRwSignal::new(one.level.to_string()),
        },
    };
    skills.iter().map(line).collect()
}

/// What of these skills came, went or has another level: skill, level before and after.
fn differences(before: &[Skill], now: &[Skill]) -> Vec<(String, String, String)> {
    let level = |skills: &[Skill], name: &str| {
        let found = skills.iter().find(|one| one.skill == name);
        found.map(|one| one.level.to_string()).unwrap_or_default()
    };
    let mut names: Vec<&str> = before
        .iter()
        .chain(now)
        .map(|one| one.skill.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| (name.to_owned(), level(before, name), level(now, name)))
        .filter(|(_, before, now)| before != now)
        .collect()
}

#[component]
fn Skills(id: String, #[prop(into)] disabled: Signal<bool>) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::USER_SKILLS, &[&id]));
    let skills = Loaded::new(move || {
        let address = address.get_value();
        async move { transport::get::<Vec<Skill>>(&address, &[]).await }
    });
    let known =
        Loaded::new(|| async { transport::get::<Vec<KnownSkill>>(path::SKILLS, &[]).await });
    // What one began with, and what another has made of it meanwhile.
    let seen = RwSignal::new(Vec::<Skill>::new());
    let theirs = RwSignal::new(None::<Vec<Skill>>);
    let draft = RwSignal::new(Vec::<Line>::new());
    let adding = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let take = move |all: Vec<Skill>| {
        draft.set(lines(&all, &draft.get_untracked()));
        seen.set(all);
        theirs.set(None);
        problem.set(None);
    };
    Effect::new(move |_| {
        if let Some(all) = skills.get() {
            take(all);
        }
    });
    let wanted = move || {
        let mut all: Vec<Skill> = draft.with(|draft| {
            draft
                .iter()
                .map(|line| Skill {
                    skill: line.skill.clone(),
                    level: line.level.with(|level| level.parse().unwrap_or(1)),
                })
                .collect()
        });
        all.sort_by(|a, b| a.skill.cmp(&b.skill));
        all
    };
    let dirty = Memo::new(move |_| {
        let mut was = seen.get();
        was.sort_by(|a, b| a.skill.cmp(&b.skill));
        was != wanted()
    });
    let options = Signal::derive(move || {
        let text = typed.get();
        let has = |skill: &str| draft.with(|draft| draft.iter().any(|line| line.skill == skill));
        let known = known.get().unwrap_or_default();
        let mut all: Vec<Choice> = known
            .iter()
            .filter(|one| !has(&one.skill) && fold(&one.skill).contains(&fold(&text)))
            .map(|one| {
                Choice::new(&one.skill, &one.skill)
                    .with_hint(t!("skill-people", count = one.people))
            })
            .collect();
        let new = text.trim();
        if !new.is_empty() && !has(new) && !known.iter().any(|one| one.skill == new) {
            all.push(Choice::new(
                new,
                t!("skill-new-named", name = new.to_owned()),
            ));
        }
        all
    });
    let add = move || {
        let skill = adding.get_untracked();
        if !skill.is_empty() {
            draft.update(|draft| {
                draft.push(Line {
                    skill,
                    level: ArcRwSignal::new(NEW_LEVEL.to_owned()),
                });
            });
        }
        adding.set(String::new());
        typed.set(String::new());
    };
    let save = move || {
        let wanted = SetSkills {
            skills: untrack(wanted),
            seen: seen.get_untracked(),
        };
        let address = address.get_value();
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let answer: Result<serde_json::Value, Problem> =
                transport::put(&address, &wanted).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    toast(t!("skills-saved"));
                    // What was saved is what one has seen now; what another does to it, the next saving tells.
                    take(wanted.skills);
                    known.again();
                }
                Err(refused) if is_conflict(&refused) => {
                    match transport::get::<Vec<Skill>>(&address, &[]).await {
                        Ok(now) => {
                            theirs.try_set(Some(now));
                        }
                        Err(wrong) => {
                            problem.try_set(Some(wrong));
                        }
                    }
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let differing = Signal::derive(move || {
        theirs.with(|theirs| {
            let now = theirs.as_ref();
            seen.with(|before| now.map(|now| differences(before, now)).unwrap_or_default())
        })
    });
    skills.view(
        3,
        || t!("skills-failed"),
        move || {
            view! {
                <p class="weak small">{tr!("skills-text")}</p>
                <ul class="skill-lines" id="user-skills" aria-label=tr!("user-skills")>
                    <For each=move || draft.get() key=|line| line.skill.clone() let:line>
                        {
                            let (name, gone) = (line.skill.clone(), line.skill.clone());
                            view! {
                                <li class="skill-line">
                                    <span class="cut grow" title=line.skill.clone()>{line.skill.clone()}</span>
                                    <Select
                                        id=format!("skill-{}", line.skill)
                                        value=RwSignal::from(line.level)
                                        options=levels()
                                        label=Signal::derive(move || t!("skill-level-of", name = name.clone()))
                                        disabled=disabled
                                    />
                                    <Show when=move || !disabled.get()>
                                        <IconButton
                                            small=true
                                            icon=Icon::X
                                            label={
                                                let name = gone.clone();
                                                move || t!("settings-take-out", name = name.clone())
                                            }
                                            on_press={
                                                let gone = gone.clone();
                                                move || draft.update(|draft| draft.retain(|line| line.skill != gone))
                                            }
                                        />
                                    </Show>
                                </li>
                            }
                        }
                    </For>
                </ul>
                <Show when=move || draft.with(Vec::is_empty)>
                    <p class="weak">{tr!("skills-none")}</p>
                </Show>
                <Refusal problem=problem fields=&[] />
                <Conflict
                    differences=differing
                    on_theirs=move || {
                        if let Some(now) = theirs.get_untracked() {
                            take(now);
                        }
                    }
                    on_mine=move || {
                        if let Some(now) = theirs.get_untracked() {
                            seen.set(now);
                            theirs.set(None);
                            save();
                        }
                    }
                />
                <Show when=move || !disabled.get()>
                    <Field label=tr!("skill-new")>
                        <Combobox
                            id="skill-new"
                            value=adding
                            options=options
                            placeholder=tr!("skill-new-hint")
                            on_search=move |text: String| typed.set(text)
                            on_commit=add
                        />
                    </Field>
                    <div class="row">
                        <Button
                            id="skills-save"
                            label=tr!("kit-save")
                            look=Look::Primary
                            busy=busy
                            disabled=Signal::derive(move || !dirty.get())
                            on_press=save
                        />
                        <Button
                            label=tr!("settings-undo-changes")
                            disabled=Signal::derive(move || !dirty.get())
                            on_press=move || take(seen.get_untracked())
                        />
                    </div>
                </Show>
            }
        },
    )
}
