use access::{Effect as Grants, Limit, Target, Verb, Within};
use api::roles::{Extent, GrantFieldKind};
use leptos::{html, prelude::*};

use super::{
    condition::ConditionEditor,
    editing::Editing,
    model::{self, Own, Rule},
    words,
};
use crate::{
    kit::{
        Button, Choice, Drawn, EmptyState, Field, Icon, IconButton, Look, NumberField, Segments,
        Select, fresh_id,
    },
    t, tr,
};

/// The details of the cell under the cursor: what it comes to and why, what it says itself, conditions, limit, and where it
/// counts. `focus` raised takes the keys here.
#[component]
pub fn CellPanel(editing: Editing, focus: RwSignal<u64>) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<()>| {
        focus.track();
        if before.is_some()
            && let Some(node) = node.get_untracked()
        {
            let _ = node.focus();
        }
    });
    let at = Memo::new(move |_| editing.at.get());
    view! {
        <div class="cell-panel" node_ref=node tabindex="-1" aria-label=tr!("cell-label") role="group">
            {move || match at.get() {
                None => {
                    view! {
                        <EmptyState icon=Icon::Pointer title=tr!("cell-choose") text=Signal::derive(|| t!("cell-choose-text")) />
                    }
                        .into_any()
                }
                Some((target, verb)) => view! { <Cell editing=editing target=target verb=verb /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Cell(editing: Editing, target: Target, verb: Verb) -> impl IntoView {
    let target = StoredValue::new(target);
    let path = move || {
        editing
            .catalogue
            .with_value(|catalogue| target.with_value(|target| words::path_of(catalogue, target)))
    };
    let own = Signal::derive(move || {
        let own = editing
            .grants
            .with(|grants| target.with_value(|target| model::own(grants, target, verb)));
        match own {
            Own::Inherit => "inherit",
            Own::Allow => "allow",
            Own::Deny => "deny",
        }
        .to_owned()
    });
    let options = Signal::derive(|| {
        vec![
            Choice::new("inherit", t!("cell-inherit")),
            Choice::new("allow", t!("cell-allow")),
            Choice::new("deny", t!("cell-deny")),
        ]
    });
    let rules = Memo::new(move |_| target.with_value(|target| editing.rules(target, verb)));
    let count = Memo::new(move |_| rules.with(Vec::len));
    let add = move || {
        target.with_value(|target| {
            let mut rules = rules.get_untracked();
            let effect = rules.first().map_or(Grants::Allow, |rule| rule.effect);
            rules.push(Rule {
                condition: Some(kernel::Filter::TRUE),
                ..Rule::plain(effect)
            });
            editing.put(target, verb, &rules);
        });
    };
    view! {
        <div class="stack">
            <div>
                <h3 class="cell-path">{path}</h3>
                <p class="weak">{move || words::verb(verb)}</p>
            </div>
            <Why editing=editing target=target verb=verb />
            <Show
                when=move || editing.may_change.get()
                fallback=move || {
                    view! {
                        <p>
                            {move || {
                                let named = editing.names.find();
                                editing
                                    .catalogue
                                    .with_value(|catalogue| {
                                        target.with_value(|target| words::rules(catalogue, target, &rules.get(), &named))
                                    })
                            }}
                        </p>
                    }
                }
            >
                <Field label=tr!("cell-says") group=true>
                    <Segments
                        value=own
                        options=options
                        label=tr!("cell-says")
                        on_change=move |to: String| {
                            let to = match to.as_str() {
                                "allow" => Own::Allow,
                                "deny" => Own::Deny,
                                _ => Own::Inherit,
                            };
                            target.with_value(|target| editing.set(target, verb, to));
                        }
                    />
                </Field>
                {move || {
                    (0..count.get())
                        .map(|at| view! { <OneRule editing=editing target=target verb=verb at=at rules=rules /> })
                        .collect_view()
                }}
                <Show when=move || { count.get() > 0 }>
                    <Button id="cell-add-rule" label=tr!("cell-add-rule") icon=Icon::Plus look=Look::Quiet on_press=add />
                </Show>
            </Show>
        </div>
    }
}

/// What the cell comes to, and which grants make it so.
#[component]
fn Why(editing: Editing, target: StoredValue<Target>, verb: Verb) -> impl IntoView {
    move || {
        let compiled = editing.policy.get();
        let named = editing.names.find();
        let grants = editing.grants.get();
        let of = target.get_value();
        let effective = model::effective(&compiled.policy, &grants, &of, verb);
        let (text, icon, class) = match effective.extent {
            Extent::All => (t!("extent-all"), Icon::CircleCheck, "tone-success"),
            Extent::Some => (t!("extent-some"), Icon::Filter, "tone-info"),
            Extent::None if effective.denied => (t!("extent-denied"), Icon::Ban, "tone-danger"),
            Extent::None => (t!("extent-none"), Icon::Circle, "tone-neutral"),
        };
        let by = editing.catalogue.with_value(|catalogue| {
            effective
                .grants
                .iter()
                .filter_map(|at| grants.get(*at))
                .map(|grant| {
                    let rule = Rule {
                        effect: grant.effect,
                        condition: grant.condition.clone(),
                        limit: grant.limit.clone(),
                        within: grant.within.clone(),
                    };
                    let place = words::path_of(catalogue, &grant.target);
                    let says = words::rules(catalogue, &grant.target, &[rule], &named);
                    let own = grant.target == of;
                    view! {
                        <li>
                            <span class="strong">{if own { t!("cell-this") } else { place }}</span>
                            " "
                            {says}
                        </li>
                    }
                })
                .collect_view()
        });
        let nothing = effective.grants.is_empty();
        view! {
            <div class="cell-why">
                <p class="row"><Drawn icon=icon class=class /><span class="strong">{text}</span></p>
                {if nothing {
                    view! { <p class="weak small">{t!("cell-no-grant")}</p> }.into_any()
                } else {
                    view! { <ul class="problem-list small">{by}</ul> }.into_any()
                }}
            </div>
        }
    }
}

#[component]
fn OneRule(
    editing: Editing,
    target: StoredValue<Target>,
    verb: Verb,
    at: usize,
    rules: Memo<Vec<Rule>>,
) -> impl IntoView {
    let change = move |change: &dyn Fn(&mut Rule)| {
        let mut all = rules.get_untracked();
        if let Some(rule) = all.get_mut(at) {
            change(rule);
            target.with_value(|target| editing.put(target, verb, &all));
        }
    };
    let entity = target.with_value(|target| words::entity_of(target).map(str::to_owned));
    let conditioned = Memo::new(move |_| {
        rules.with(|rules| rules.get(at).is_some_and(|rule| rule.condition.is_some()))
    });
    let denies = Memo::new(move |_| {
        rules.with(|rules| {
            rules
                .get(at)
                .is_some_and(|rule| rule.effect == Grants::Deny)
        })
    });
    let condition = Signal::derive(move || {
        rules.with(|rules| rules.get(at).and_then(|rule| rule.condition.clone()))
    });
    let remove = move || {
        let mut all = rules.get_untracked();
        if at < all.len() {
            all.remove(at);
            target.with_value(|target| editing.put(target, verb, &all));
        }
    };
    let entity = StoredValue::new(entity);
    let has_entity = entity.with_value(Option::is_some);
    let on_condition = Callback::new(move |(filter,): (Option<kernel::Filter>,)| {
        change(&|rule| rule.condition = filter.clone());
    });
    let on_limit = Callback::new(move |(limit,): (Option<Limit>,)| {
        change(&|rule| rule.limit = limit.clone());
    });
    let on_within = Callback::new(move |(within,): (Option<Within>,)| {
        change(&|rule| rule.within = within.clone());
    });
    view! {
        <fieldset class="rule">
            <legend class="row">
                <span class="strong grow">
                    {move || if denies.get() { t!("rule-denies", number = at + 1) } else { t!("rule-allows", number = at + 1) }}
                </span>
                <IconButton small=true icon=Icon::Trash label=tr!("rule-remove") on_press=remove />
            </legend>
            <Show when=move || { has_entity }>
                <Show
                    when=move || conditioned.get()
                    fallback=move || {
                        view! {
                            <Presets
                                editing=editing
                                entity=entity
                                on_choose=move |filter: kernel::Filter| change(&|rule| rule.condition = Some(filter.clone()))
                            />
                        }
                    }
                >
                    <ConditionEditor
                        editing=editing
                        entity=entity.get_value().unwrap_or_default()
                        filter=condition
                        on_change=on_condition
                    />
                </Show>
            </Show>
            <Show when=move || !denies.get()>
                <LimitEditor
                    editing=editing
                    target=target
                    limit=Signal::derive(move || rules.with(|rules| rules.get(at).and_then(|rule| rule.limit.clone())))
                    on_change=on_limit
                />
            </Show>
            <WithinEditor
                editing=editing
                within=Signal::derive(move || rules.with(|rules| rules.get(at).and_then(|rule| rule.within.clone())))
                on_change=on_within
            />
        </fieldset>
    }
}

/// The conditions that most roles want, in one press.
#[component]
fn Presets(
    editing: Editing,
    entity: StoredValue<Option<String>>,
    #[prop(into)] on_choose: Callback<(kernel::Filter,)>,
) -> impl IntoView {
    let own = |field: &str, whose: &str| {
        kernel::Filter::equal(field, kernel::Operand::Text(whose.to_owned()))
    };
    let presets = editing.catalogue.with_value(|catalogue| {
        let name = entity.get_value().unwrap_or_default();
        let fields = words::find_entity(catalogue, &name)
            .map(|entity| entity.fields.clone())
            .unwrap_or_default();
        let mut all = Vec::new();
        for field in fields {
            match field.kind {
                GrantFieldKind::User => all.push(("preset-own", own(&field.name, "$user"))),
                GrantFieldKind::Unit => {
                    all.push(("preset-unit", own(&field.name, "$unit")));
                    all.push(("preset-below", own(&field.name, "$unit_and_below")));
                }
                GrantFieldKind::Group => all.push(("preset-groups", own(&field.name, "$groups"))),
                _ => {}
            }
        }
        all
    });
    view! {
        <div class="presets">
            <span class="weak small">{tr!("rule-always")}</span>
            {presets
                .into_iter()
                .map(|(key, filter)| {
                    view! { <Button label=tr!(key) look=Look::Quiet icon=Icon::Filter on_press=move || on_choose.run((filter.clone(),)) /> }
                })
                .collect_view()}
            <Button
                id="rule-condition"
                label=tr!("preset-other")
                look=Look::Quiet
                icon=Icon::Plus
                on_press=move || on_choose.run((kernel::Filter::TRUE,))
            />
        </div>
    }
}

/// A number up to which the cell grants; above it somebody must approve.
#[component]
fn LimitEditor(
    editing: Editing,
    target: StoredValue<Target>,
    #[prop(into)] limit: Signal<Option<Limit>>,
    #[prop(into)] on_change: Callback<(Option<Limit>,)>,
) -> impl IntoView {
    let fields = Signal::derive(move || {
        editing
            .catalogue
            .with_value(|catalogue| target.with_value(|target| words::numbers(catalogue, target)))
            .into_iter()
            .map(|(name, label)| Choice::new(name, label))
            .collect::<Vec<_>>()
    });
    let field = RwSignal::new(
        limit
            .get_untracked()
            .map(|limit| limit.field)
            .unwrap_or_default(),
    );
    let at_most = RwSignal::new(
        limit
            .get_untracked()
            .map(|limit| limit.at_most.to_string())
            .unwrap_or_default(),
    );
    let tell = move || {
        let field = field.get_untracked();
        let limit = at_most
            .with_untracked(|text| text.parse().ok())
            .filter(|_| !field.is_empty())
            .map(|at_most| Limit { field, at_most });
        on_change.run((limit,));
    };
    view! {
        <Show when=move || fields.with(|fields| !fields.is_empty())>
            <Field label=tr!("rule-limit") hint=tr!("rule-limit-hint") group=true>
                <div class="pair">
                    <Select id=fresh_id("limit") value=field options=fields label=tr!("rule-limit") none=tr!("rule-no-limit") on_commit=tell />
                    <Show when=move || field.with(|field| !field.is_empty())>
                        <NumberField id=fresh_id("limit") value=at_most label=tr!("rule-at-most") on_commit=tell />
                    </Show>
                </div>
            </Field>
        </Show>
    }
}

/// Only while working in a process, or in one activity of it.
#[component]
fn WithinEditor(
    editing: Editing,
    #[prop(into)] within: Signal<Option<Within>>,
    #[prop(into)] on_change: Callback<(Option<Within>,)>,
) -> impl IntoView {
    let known = within.get_untracked();
    let process = RwSignal::new(
        known
            .as_ref()
            .map(|w| w.process.clone())
            .unwrap_or_default(),
    );
    let activity = RwSignal::new(known.and_then(|w| w.activity).unwrap_or_default());
    let processes = Signal::derive(move || {
        editing.catalogue.with_value(|catalogue| {
            let mut all = vec![Choice::new("*", t!("matrix-all-processes"))];
            all.extend(
                catalogue
                    .processes
                    .iter()
                    .map(|one| Choice::new(one.key.clone(), words::process(catalogue, &one.key))),
            );
            all
        })
    });
    let activities = Signal::derive(move || {
        let process = process.get();
        editing.catalogue.with_value(|catalogue| {
            catalogue
                .processes
                .iter()
                .find(|one| one.key == process)
                .map(|one| {
                    one.activities
                        .iter()
                        .map(|a| {
                            Choice::new(a.id.clone(), words::activity(catalogue, &process, &a.id))
                        })
                        .collect::<Vec<_>>()
                })
                .unwrap_or_default()
        })
    });
    let tell = move || {
        let process = process.get_untracked();
        let within = (!process.is_empty()).then(|| Within {
            process,
            activity: Some(activity.get_untracked()).filter(|a| !a.is_empty()),
        });
        on_change.run((within,));
    };
    view! {
        <Field label=tr!("rule-within") group=true>
            <div class="stack stack-tight">
                <Select
                    id=fresh_id("within")
                    value=process
                    options=processes
                    label=tr!("rule-within")
                    none=tr!("rule-anywhere")
                    on_commit=move || {
                        activity.set(String::new());
                        tell();
                    }
                />
                <Show when=move || activities.with(|all| !all.is_empty())>
                    <Select id=fresh_id("within") value=activity options=activities label=tr!("rule-activity") none=tr!("matrix-all-activities") on_commit=tell />
                </Show>
            </div>
        </Field>
    }
}
