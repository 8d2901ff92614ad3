//! Conditions on records, built without code: comparisons in groups, of which all or one must hold.

use api::roles::{GrantField, GrantFieldKind};
use kernel::{Comparison, Filter, Operand};
use leptos::prelude::*;

use super::{editing::Editing, words};
use crate::{
    kit::{
        Button, Choice, Combobox, DateField, Icon, IconButton, Look, Select, TextInput, debounced,
    },
    settings::parts::users_like,
    t, tr,
};

/// Groups inside groups, as deep as a person still reads.
const DEEPEST: usize = 3;

#[component]
pub fn ConditionEditor(
    editing: Editing,
    entity: String,
    #[prop(into)] filter: Signal<Option<Filter>>,
    #[prop(into)] on_change: Callback<(Option<Filter>,)>,
) -> impl IntoView {
    // What the service has may be one comparison: here it stands in a group, so that there is a place for the next.
    let tree = Memo::new(move |_| grouped(filter.get().unwrap_or(Filter::TRUE)));
    let sentence = {
        let entity = entity.clone();
        move || {
            let named = editing.names.find();
            editing
                .catalogue
                .with_value(|catalogue| words::condition(catalogue, &entity, &tree.get(), &named))
        }
    };
    let fields = comparable(editing, &entity);
    let entity = StoredValue::new(entity);
    let fields = StoredValue::new(fields);
    let write = Callback::new(move |(path, part): (Vec<usize>, Option<Filter>)| {
        let mut whole = tree.get_untracked();
        match part {
            Some(part) => put(&mut whole, &path, part),
            None => take_out(&mut whole, &path),
        }
        on_change.run((Some(whole),));
    });
    view! {
        <div class="condition">
            <div class="row">
                <span class="field-label grow">{tr!("rule-only-if")}</span>
                <Button label=tr!("rule-always-again") look=Look::Quiet on_press=move || on_change.run((None,)) />
            </div>
            {move || view! { <Group editing=editing entity=entity fields=fields filter=tree.get() path=Vec::new() on_write=write /> }}
            <p class="small weak condition-sentence" aria-live="polite">{sentence}</p>
        </div>
    }
}

fn grouped(filter: Filter) -> Filter {
    match filter {
        Filter::All(_) | Filter::Any(_) => filter,
        other => Filter::All(vec![other]),
    }
}

/// The fields that a condition can compare, with their names.
fn comparable(editing: Editing, entity: &str) -> Vec<(GrantField, String)> {
    editing.catalogue.with_value(|catalogue| {
        words::find_entity(catalogue, entity)
            .map(|known| {
                known
                    .fields
                    .iter()
                    .filter(|field| field.kind != GrantFieldKind::Opaque)
                    .map(|field| (field.clone(), words::field(catalogue, entity, &field.name)))
                    .collect()
            })
            .unwrap_or_default()
    })
}

fn put(whole: &mut Filter, path: &[usize], part: Filter) {
    let Some((first, rest)) = path.split_first() else {
        *whole = part;
        return;
    };
    match whole {
        Filter::All(parts) | Filter::Any(parts) => {
            if *first < parts.len() {
                put(&mut parts[*first], rest, part);
            } else {
                parts.push(part);
            }
        }
        Filter::Not(inner) => put(inner, path, part),
        Filter::Compare { .. } | Filter::In { .. } => {}
    }
}

fn take_out(whole: &mut Filter, path: &[usize]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match whole {
        Filter::All(parts) | Filter::Any(parts) => {
            if rest.is_empty() {
                if *first < parts.len() {
                    parts.remove(*first);
                }
            } else if let Some(part) = parts.get_mut(*first) {
                take_out(part, rest);
            }
        }
        Filter::Not(inner) => take_out(inner, path),
        Filter::Compare { .. } | Filter::In { .. } => {}
    }
}

/// A comparison to begin with: the first field, in the way that is asked most.
fn first_comparison(fields: &[(GrantField, String)]) -> Option<Filter> {
    let (field, _) = fields
        .iter()
        .find(|(field, _)| matches!(field.kind, GrantFieldKind::User | GrantFieldKind::Unit))
        .or_else(|| fields.first())?;
    Some(Filter::equal(field.name.clone(), first_value(field)))
}

fn first_value(field: &GrantField) -> Operand {
    match field.kind {
        GrantFieldKind::User => Operand::Text("$user".to_owned()),
        GrantFieldKind::Unit => Operand::Text("$unit_and_below".to_owned()),
        GrantFieldKind::Group => Operand::Text("$groups".to_owned()),
        GrantFieldKind::Boolean => Operand::Boolean(true),
        _ => field
            .options
            .first()
            .map_or(Operand::Null, |option| Operand::Text(option.value.clone())),
    }
}

type Write = Callback<(Vec<usize>, Option<Filter>)>;

#[component]
fn Group(
    editing: Editing,
    entity: StoredValue<String>,
    fields: StoredValue<Vec<(GrantField, String)>>,
    filter: Filter,
    path: Vec<usize>,
    on_write: Write,
) -> impl IntoView {
    let (all, parts) = match filter {
        Filter::All(parts) => (true, parts),
        Filter::Any(parts) => (false, parts),
        other => (true, vec![other]),
    };
    let depth = path.len();
    let how = RwSignal::new(if all { "all" } else { "any" }.to_owned());
    let options = Signal::derive(|| {
        vec![
            Choice::new("all", t!("condition-all")),
            Choice::new("any", t!("condition-any")),
        ]
    });
    let regroup = {
        let (path, parts) = (path.clone(), parts.clone());
        move || {
            let parts = parts.clone();
            let group = if how.get_untracked() == "all" {
                Filter::All(parts)
            } else {
                Filter::Any(parts)
            };
            on_write.run((path.clone(), Some(group)));
        }
    };
    let count = parts.len();
    let add = {
        let path = path.clone();
        move |group: bool| {
            let mut path = path.clone();
            path.push(count);
            let part = fields.with_value(|fields| first_comparison(fields));
            if let Some(part) = part {
                let part = if group { Filter::Any(vec![part]) } else { part };
                on_write.run((path, Some(part)));
            }
        }
    };
    let lines = parts
        .into_iter()
        .enumerate()
        .map(|(at, part)| {
            let mut own = path.clone();
            own.push(at);
            let gone = own.clone();
            let inner = match part {
                Filter::All(_) | Filter::Any(_) => {
                    view! { <Group editing=editing entity=entity fields=fields filter=part path=own on_write=on_write /> }.into_any()
                }
                Filter::Compare { field, comparison, value } => {
                    view! {
                        <Comparing editing=editing fields=fields field=field comparison=comparison value=value path=own on_write=on_write />
                    }
                        .into_any()
                }
                other => {
                    let named = editing.names.find();
                    let text = editing
                        .catalogue
                        .with_value(|catalogue| words::condition(catalogue, &entity.get_value(), &other, &named));
                    view! { <p class="grow">{text}</p> }.into_any()
                }
            };
            view! {
                <li class="condition-part">
                    {inner}
                    <IconButton small=true icon=Icon::X label=tr!("condition-remove") on_press=move || on_write.run((gone.clone(), None)) />
                </li>
            }
        })
        .collect_view();
    let add_group = add.clone();
    view! {
        <div class="condition-group" role="group" aria-label=tr!("rule-only-if")>
            <Show when=move || { count > 1 || depth > 0 }>
                <Select value=how options=options label=tr!("condition-how") on_commit=regroup.clone() />
            </Show>
            <ul class="condition-parts">{lines}</ul>
            <div class="row condition-add">
                <Button label=tr!("condition-add") icon=Icon::Plus look=Look::Quiet on_press=move || add(false) />
                {(depth + 1 < DEEPEST)
                    .then(|| view! { <Button label=tr!("condition-add-group") look=Look::Quiet on_press=move || add_group(true) /> })}
            </div>
        </div>
    }
}

fn comparisons(kind: GrantFieldKind) -> &'static [Comparison] {
    match kind {
        GrantFieldKind::Text => &[
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Contains,
            Comparison::StartsWith,
        ],
        GrantFieldKind::Number | GrantFieldKind::Date | GrantFieldKind::Moment => &[
            Comparison::Equal,
            Comparison::NotEqual,
            Comparison::Less,
            Comparison::LessOrEqual,
            Comparison::Greater,
            Comparison::GreaterOrEqual,
        ],
        _ => &[Comparison::Equal, Comparison::NotEqual],
    }
}

/// Only names have a folded form to look into; elsewhere text is compared whole.
fn searchable(field: &GrantField) -> bool {
    field.name == "name"
}

fn comparison_key(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "equal",
        Comparison::NotEqual => "not_equal",
        Comparison::Less => "less",
        Comparison::LessOrEqual => "less_or_equal",
        Comparison::Greater => "greater",
        Comparison::GreaterOrEqual => "greater_or_equal",
        Comparison::Contains => "contains",
        Comparison::StartsWith => "starts_with",
    }
}

#[component]
fn Comparing(
    editing: Editing,
    fields: StoredValue<Vec<(GrantField, String)>>,
    field: String,
    comparison: Comparison,
    value: Operand,
    path: Vec<usize>,
    on_write: Write,
) -> impl IntoView {
    let known = fields
        .with_value(|fields| fields.iter().find(|(one, _)| one.name == field).cloned())
        .map_or_else(
            || GrantField {
                name: field.clone(),
                label: None,
                kind: GrantFieldKind::Text,
                options: Vec::new(),
            },
            |(known, _)| known,
        );
    let chosen = RwSignal::new(field.clone());
    let field_options = Signal::derive(move || {
        fields.with_value(|fields| {
            fields
                .iter()
                .map(|(field, name)| Choice::new(field.name.clone(), name.clone()))
                .collect::<Vec<_>>()
        })
    });
    let write = {
        let path = path.clone();
        Callback::new(
            move |(field, comparison, value): (String, Comparison, Operand)| {
                on_write.run((
                    path.clone(),
                    Some(Filter::Compare {
                        field,
                        comparison,
                        value,
                    }),
                ));
            },
        )
    };
    let other_field = move || {
        let name = chosen.get_untracked();
        let first =
            fields.with_value(|fields| fields.iter().find(|(one, _)| one.name == name).cloned());
        if let Some((field, _)) = first {
            write.run((name, Comparison::Equal, first_value(&field)));
        }
    };
    let how = RwSignal::new(comparison_key(comparison).to_owned());
    let shown = known.clone();
    let hows = Signal::derive(move || {
        comparisons(shown.kind)
            .iter()
            .filter(|how| {
                !matches!(how, Comparison::Contains | Comparison::StartsWith) || searchable(&shown)
            })
            .map(|how| Choice::new(comparison_key(*how), words::comparison(*how)))
            .collect::<Vec<_>>()
    });
    let other_how = {
        let (field, value, kind) = (field.clone(), value.clone(), known.kind);
        move || {
            let wanted = how.get_untracked();
            let found = comparisons(kind)
                .iter()
                .find(|one| comparison_key(**one) == wanted);
            if let Some(found) = found {
                write.run((field.clone(), *found, value.clone()));
            }
        }
    };
    let on_value = {
        let field = field.clone();
        Callback::new(move |(value,): (Operand,)| write.run((field.clone(), comparison, value)))
    };
    view! {
        <div class="comparing">
            <Select value=chosen options=field_options label=tr!("condition-field") on_commit=other_field />
            <Select value=how options=hows label=tr!("condition-comparison") on_commit=other_how />
            <Value editing=editing field=known value=value on_value=on_value />
        </div>
    }
}

#[component]
fn Value(
    editing: Editing,
    field: GrantField,
    value: Operand,
    on_value: Callback<(Operand,)>,
) -> impl IntoView {
    let text = match &value {
        Operand::Null => String::new(),
        Operand::Boolean(yes) => yes.to_string(),
        Operand::Number(number) => number.to_string(),
        Operand::Text(text) | Operand::Date(text) => text.clone(),
        Operand::Moment(at) => at.to_string().chars().take(10).collect(),
    };
    let typed = RwSignal::new(text.clone());
    let label = tr!("condition-value");
    match field.kind {
        GrantFieldKind::Boolean => {
            let options = Signal::derive(|| {
                vec![
                    Choice::new("true", t!("settings-yes")),
                    Choice::new("false", t!("settings-no")),
                ]
            });
            view! {
                <Select value=typed options=options label=label on_commit=move || on_value.run((Operand::Boolean(typed.get_untracked() == "true"),)) />
            }
            .into_any()
        }
        GrantFieldKind::Number => view! {
            <TextInput
                value=typed
                label=label
                on_commit=move || {
                    let number = typed.with_untracked(|text| text.replace(',', ".").parse().ok());
                    on_value.run((number.map_or(Operand::Null, Operand::Number),));
                }
            />
        }
        .into_any(),
        GrantFieldKind::Date => view! {
            <DateField value=typed label=label on_commit=move || on_value.run((Operand::Date(typed.get_untracked()),)) />
        }
        .into_any(),
        GrantFieldKind::Moment => view! {
            <DateField
                value=typed
                label=label
                on_commit=move || {
                    let at = typed.with_untracked(|day| format!("{day}T00:00:00Z").parse().ok());
                    on_value.run((at.map_or(Operand::Null, Operand::Moment),));
                }
            />
        }
        .into_any(),
        GrantFieldKind::User | GrantFieldKind::Unit | GrantFieldKind::Group => {
            view! { <Whom editing=editing kind=field.kind typed=typed on_value=on_value /> }
                .into_any()
        }
        GrantFieldKind::Text | GrantFieldKind::Opaque if !field.options.is_empty() => {
            let options = Signal::derive(move || {
                let language = crate::prefs::preferences().language();
                field
                    .options
                    .iter()
                    .map(|option| Choice::new(option.value.clone(), option.label.get(language)))
                    .collect::<Vec<_>>()
            });
            view! { <Select value=typed options=options label=label none=tr!("condition-nothing") on_commit=move || on_value.run((text_or_null(typed),)) /> }
                .into_any()
        }
        GrantFieldKind::Text | GrantFieldKind::Opaque => view! {
            <TextInput value=typed label=label on_commit=move || on_value.run((text_or_null(typed),)) />
        }
        .into_any(),
    }
}

fn text_or_null(typed: RwSignal<String>) -> Operand {
    let text = typed.get_untracked();
    if text.is_empty() {
        Operand::Null
    } else if text.starts_with('$') {
        // Written by hand it means itself, not a placeholder.
        Operand::Text(format!("${text}"))
    } else {
        Operand::Text(text)
    }
}

/// A user, a unit or a group: the asker's own first, then one by name.
#[component]
fn Whom(
    editing: Editing,
    kind: GrantFieldKind,
    typed: RwSignal<String>,
    on_value: Callback<(Operand,)>,
) -> impl IntoView {
    let people = RwSignal::new(Vec::<Choice>::new());
    let look = debounced(150, move |text: String| {
        leptos::task::spawn_local(async move {
            let found = users_like(&text).await;
            people.try_set(found);
        });
    });
    let options = Signal::derive(move || match kind {
        GrantFieldKind::User => {
            let mut all = vec![Choice::new("$user", t!("condition-user"))];
            all.extend(people.get());
            all
        }
        GrantFieldKind::Unit => {
            let mut all = vec![
                Choice::new("$unit_and_below", t!("condition-unit-and-below")),
                Choice::new("$unit", t!("condition-unit")),
            ];
            all.extend(editing.names.0.with(|names| {
                names
                    .iter()
                    .filter(|(id, _)| id.contains('-'))
                    .map(|(id, name)| Choice::new(id.clone(), name.clone()))
                    .collect::<Vec<_>>()
            }));
            all
        }
        _ => vec![Choice::new("$groups", t!("condition-groups"))],
    });
    let tell = move || on_value.run((Operand::Text(typed.get_untracked()),));
    if kind == GrantFieldKind::User {
        view! {
            <Combobox value=typed options=options label=tr!("condition-value") on_search=move |text: String| look(text) on_commit=tell />
        }
        .into_any()
    } else {
        view! { <Combobox value=typed options=options label=tr!("condition-value") on_commit=tell /> }
            .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(field: &str) -> Filter {
        Filter::equal(field, Operand::Null)
    }

    #[test]
    fn parts_are_put_and_taken_by_their_place() {
        let mut whole = grouped(leaf("owner"));
        put(&mut whole, &[1], Filter::Any(vec![leaf("unit")]));
        put(&mut whole, &[1, 1], leaf("segment"));
        put(&mut whole, &[0], leaf("name"));
        assert_eq!(
            whole,
            Filter::All(vec![
                leaf("name"),
                Filter::Any(vec![leaf("unit"), leaf("segment")])
            ])
        );
        take_out(&mut whole, &[1, 0]);
        take_out(&mut whole, &[0]);
        assert_eq!(whole, Filter::All(vec![Filter::Any(vec![leaf("segment")])]));
    }
}
