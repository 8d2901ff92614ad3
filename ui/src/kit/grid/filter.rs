//! Conditions on what a grid lists: a chip for each, edited where it stands.

use std::{collections::BTreeMap, sync::Mutex};

use kernel::{Comparison, Filter, Operand};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Column;
use crate::{
    day::Day,
    format,
    kit::{
        Button, Checkbox, Choice, DateField, Drawn, Field, Floating, Icon, IconButton, Look, Menu,
        MenuItem, NumberField, Select, Side, TextInput, fresh_id,
    },
    t, tr,
};

/// What a column holds, for asking about it. A column without it cannot be asked about.
#[derive(Clone)]
pub enum Filtering {
    /// `folded`: the service also looks into it, whatever the accents and capitals; other text is compared as it stands.
    Text {
        folded: bool,
    },
    Number,
    Date,
    /// An instant; asked about by days.
    Moment,
    Boolean,
    Choice(Signal<Vec<Choice>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Contains,
    Begins,
    Is,
    IsNot,
    Between,
    Among,
    Empty,
    Present,
}

impl How {
    const fn key(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Begins => "begins",
            Self::Is => "is",
            Self::IsNot => "is-not",
            Self::Between => "between",
            Self::Among => "among",
            Self::Empty => "empty",
            Self::Present => "present",
        }
    }

    fn words(self) -> String {
        match self {
            Self::Contains => t!("grid-how-contains"),
            Self::Begins => t!("grid-how-begins"),
            Self::Is => t!("grid-how-is"),
            Self::IsNot => t!("grid-how-is-not"),
            Self::Between => t!("grid-how-between"),
            Self::Among => t!("grid-how-among"),
            Self::Empty => t!("grid-how-empty"),
            Self::Present => t!("grid-how-present"),
        }
    }
}

impl Filtering {
    /// In the order in which they are offered; the first is what is asked most.
    const fn hows(&self) -> &'static [How] {
        match self {
            Self::Text { folded: true } => &[How::Contains, How::Begins, How::Empty, How::Present],
            Self::Text { folded: false } => &[How::Is, How::IsNot, How::Empty, How::Present],
            Self::Number | Self::Date => &[How::Between, How::Empty, How::Present],
            Self::Moment => &[How::Between],
            Self::Boolean | Self::Choice(_) => &[How::Among, How::Empty, How::Present],
        }
    }

    fn options(&self) -> Vec<Choice> {
        match self {
            Self::Choice(options) => options.get(),
            Self::Boolean => vec![
                Choice::new("true", t!("settings-yes")),
                Choice::new("false", t!("settings-no")),
            ],
            _ => Vec::new(),
        }
    }
}

/// What is asked of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column's.
    pub key: String,
    pub how: How,
    /// The text, or where a range begins. A number has a point, a day is `2026-11-21`.
    pub from: String,
    /// Where a range ends, itself included.
    pub to: String,
    pub among: Vec<String>,
}

impl Condition {
    fn of(column: &Column) -> Option<Self> {
        Some(Self {
            key: column.key.clone(),
            how: *column.filtering.as_ref()?.hows().first()?,
            from: String::new(),
            to: String::new(),
            among: Vec::new(),
        })
    }

    /// As the service is asked; nothing while something is missing.
    pub fn filter(&self, filtering: &Filtering) -> Option<Filter> {
        let compare = |how, value| Filter::compare(self.key.clone(), how, value);
        let text = || {
            let text = self.from.trim();
            (!text.is_empty()).then(|| Operand::Text(text.to_owned()))
        };
        match self.how {
            How::Contains => text().map(|text| compare(Comparison::Contains, text)),
            How::Begins => text().map(|text| compare(Comparison::StartsWith, text)),
            How::Is => text().map(|text| compare(Comparison::Equal, text)),
            How::IsNot => text().map(|text| compare(Comparison::NotEqual, text)),
            How::Empty => Some(compare(Comparison::Equal, Operand::Null)),
            How::Present => Some(compare(Comparison::NotEqual, Operand::Null)),
            How::Among => {
                let value = |value: &String| match filtering {
                    Filtering::Boolean => Operand::Boolean(value == "true"),
                    _ => Operand::Text(value.clone()),
                };
                (!self.among.is_empty()).then(|| Filter::In {
                    field: self.key.clone(),
                    values: self.among.iter().map(value).collect(),
                })
            }
            How::Between => {
                let begin = Self::bound(filtering, &self.from, false)
                    .map(|value| compare(Comparison::GreaterOrEqual, value));
                let end = Self::bound(filtering, &self.to, true).map(|value| {
                    // A day ends where the next begins.
                    let how = if matches!(filtering, Filtering::Moment) {
                        Comparison::Less
                    } else {
                        Comparison::LessOrEqual
                    };
                    compare(how, value)
                });
                match (begin, end) {
                    (None, None) => None,
                    (begin, end) => Some(
                        begin
                            .unwrap_or(Filter::TRUE)
                            .and(end.unwrap_or(Filter::TRUE)),
                    ),
                }
            }
        }
    }

    fn bound(filtering: &Filtering, text: &str, end: bool) -> Option<Operand> {
        match filtering {
            Filtering::Number => text.parse().ok().map(Operand::Number),
            Filtering::Date => Day::parse(text).map(|day| Operand::Date(day.to_string())),
            Filtering::Moment => {
                let day = Day::parse(text)?.plus(i64::from(end));
                Some(Operand::Moment(kernel::Moment::from_millis(
                    format::day_start(day),
                )))
            }
            _ => None,
        }
    }

    /// What stands on its chip behind the column's name.
    fn words(&self, filtering: &Filtering) -> String {
        if self.filter(filtering).is_none() {
            return "…".to_owned();
        }
        let told = |text: &str| match filtering {
            Filtering::Number => format::number(text, None),
            Filtering::Date | Filtering::Moment => {
                Day::parse(text).map(format::day).unwrap_or_default()
            }
            _ => format!("«{}»", text.trim()),
        };
        match self.how {
            How::Empty | How::Present => self.how.words(),
            How::Contains | How::Begins | How::Is | How::IsNot => {
                format!("{} {}", self.how.words(), told(&self.from))
            }
            How::Between if self.to.is_empty() => t!("grid-from", value = told(&self.from)),
            How::Between if self.from.is_empty() => t!("grid-to", value = told(&self.to)),
            How::Between => format!("{} – {}", told(&self.from), told(&self.to)),
            How::Among => {
                let options = filtering.options();
                let label = |value: &String| {
                    let known = options.iter().find(|option| option.value == *value);
                    known.map_or_else(|| value.clone(), |option| option.label.clone())
                };
                let first: Vec<String> = self.among.iter().take(2).map(label).collect();
                let rest = self.among.len() - first.len();
                if rest == 0 {
                    first.join(", ")
                } else {
                    format!("{} +{rest}", first.join(", "))
                }
            }
        }
    }
}

/// The conditions of a grid, for this person alone, until the page is closed.
pub fn kept(name: &str) -> RwSignal<Vec<Condition>> {
    let who = crate::session::me().map(|me| me.id.to_string());
    let key = format!("{}/{name}", who.unwrap_or_default());
    let before = KEPT
        .lock()
        .ok()
        .and_then(|kept| kept.get(&key).cloned())
        .unwrap_or_default();
    let conditions = RwSignal::new(before);
    Effect::new(move |_| {
        let now = conditions.get();
        if let Ok(mut kept) = KEPT.lock() {
            kept.insert(key.clone(), now);
        }
    });
    conditions
}

static KEPT: Mutex<BTreeMap<String, Vec<Condition>>> = Mutex::new(BTreeMap::new());

/// All conditions as one; those of columns that cannot be asked about any more are left out.
pub fn together(columns: &[Column], conditions: &[Condition]) -> Filter {
    conditions
        .iter()
        .filter_map(|condition| {
            let column = columns.iter().find(|column| column.key == condition.key)?;
            condition.filter(column.filtering.as_ref()?)
        })
        .fold(Filter::TRUE, Filter::and)
}

/// The button that adds a condition. Its id is `GRID-filter`; nothing where no column can be asked about.
#[component]
pub fn AddFilter(
    id: String,
    columns: Signal<Vec<Column>>,
    conditions: RwSignal<Vec<Condition>>,
    /// The column whose condition is being edited.
    editing: RwSignal<Option<String>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let items = Signal::derive(move || {
        columns
            .get()
            .into_iter()
            .filter(|column| column.filtering.is_some())
            .map(|column| {
                MenuItem::choose(
                    column.label,
                    {
                        let key = column.key.clone();
                        Signal::derive(move || {
                            conditions.with(|all| all.iter().any(|one| one.key == key))
                        })
                    },
                    move || {
                        let key = column.key.clone();
                        if !conditions.with_untracked(|all| all.iter().any(|one| one.key == key))
                            && let Some(new) = Condition::of(&column)
                        {
                            conditions.update(|all| all.push(new));
                        }
                        // Once the chip stands and the menu has given the focus back.
                        request_animation_frame(move || editing.set(Some(key)));
                    },
                )
            })
            .collect::<Vec<_>>()
    });
    let id = StoredValue::new(id);
    let any = Memo::new(move |_| {
        columns.with(|columns| columns.iter().any(|column| column.filtering.is_some()))
    });
    view! {
        <Show when=move || any.get()>
            <Menu open=open items=items label=tr!("grid-filter") side=Side::BelowEnd>
                <IconButton
                    id=id.get_value()
                    icon=Icon::Filter
                    label=tr!("grid-filter")
                    pressed=Signal::derive(move || conditions.with(|all| !all.is_empty()))
                    expanded=Signal::from(open)
                    on_press=move || open.update(|open| *open = !*open)
                />
            </Menu>
        </Show>
    }
}

/// The conditions that hold. Nothing while there are none.
#[component]
pub fn Chips(
    columns: Signal<Vec<Column>>,
    conditions: RwSignal<Vec<Condition>>,
    editing: RwSignal<Option<String>>,
    /// Where the focus goes when a chip goes.
    back: Callback<()>,
) -> impl IntoView {
    let keys = Memo::new(move |_| -> Vec<String> {
        conditions.with(|all| all.iter().map(|one| one.key.clone()).collect())
    });
    view! {
        <Show when=move || keys.with(|keys| !keys.is_empty())>
            <div class="grid-filters" role="group" aria-label=tr!("grid-filters")>
                <For
                    each=move || keys.get()
                    key=Clone::clone
                    let:key
                >
                    {columns
                        .with_untracked(|columns| columns.iter().find(|column| column.key == key).cloned())
                        .map(|column| view! { <Chip column=column conditions=conditions editing=editing back=back /> })}
                </For>
                <Button
                    look=Look::Quiet
                    label=tr!("grid-filters-clear")
                    on_press=move || {
                        conditions.set(Vec::new());
                        back.run(());
                    }
                />
            </div>
        </Show>
    }
}

#[component]
fn Chip(
    column: Column,
    conditions: RwSignal<Vec<Condition>>,
    editing: RwSignal<Option<String>>,
    back: Callback<()>,
) -> impl IntoView {
    let key = StoredValue::new(column.key.clone());
    let Some(filtering) = column.filtering.clone() else {
        return ().into_any();
    };
    let filtering = StoredValue::new(filtering);
    let label = column.label;
    let own = Memo::new(move |_| {
        key.with_value(|key| conditions.with(|all| all.iter().find(|one| one.key == *key).cloned()))
    });
    let words = move || {
        own.with(|own| {
            own.as_ref()
                .map(|own| filtering.with_value(|filtering| own.words(filtering)))
        })
    };
    let open = RwSignal::new(false);
    let anchor = NodeRef::<leptos::html::Button>::new();
    let take_out = move || {
        let gone = key.get_value();
        conditions.update(|all| all.retain(|one| one.key != gone));
    };
    Effect::new(move |_| {
        if key.with_value(|key| editing.with(|editing| editing.as_ref() == Some(key))) {
            open.set(true);
            editing.set(None);
        }
    });
    // Left with nothing asked, it goes again.
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        let asked = own.with_untracked(|own| {
            own.as_ref()
                .and_then(|own| filtering.with_value(|filtering| own.filter(filtering)))
                .is_some()
        });
        if before == Some(true) && !now && !asked {
            take_out();
        }
        now
    });
    view! {
        <span class="grid-filter">
            <button
                node_ref=anchor
                type="button"
                class="grid-filter-text"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span class="weak">{label}</span>
                " "
                <span class="cut">{words}</span>
            </button>
            <button
                type="button"
                class="grid-filter-gone"
                aria-label=move || t!("grid-filter-remove", name = label.get())
                on:click=move |_| {
                    take_out();
                    back.run(());
                }
            >
                <Drawn icon=Icon::X />
            </button>
            <Floating
                open=open
                anchor=move || anchor.get_untracked().map(JsCast::unchecked_into)
                class="grid-filter-edit"
            >
                <Editor
                    filtering=filtering
                    label=label
                    own=own
                    on_change=move |changed: Condition| {
                        conditions
                            .update(|all| {
                                if let Some(one) = all.iter_mut().find(|one| one.key == changed.key) {
                                    *one = changed;
                                }
                            });
                    }
                    on_done=move || {
                        open.set(false);
                        if let Some(anchor) = anchor.get_untracked() {
                            let _ = anchor.focus();
                        }
                    }
                />
            </Floating>
        </span>
    }
    .into_any()
}

/// How and what is asked of a column; what is chosen or left takes effect at once.
#[component]
fn Editor(
    filtering: StoredValue<Filtering>,
    label: Signal<String>,
    own: Memo<Option<Condition>>,
    #[prop(into)] on_change: Callback<(Condition,)>,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let Some(first) = own.get_untracked() else {
        return ().into_any();
    };
    let ground = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        let Some(ground) = ground.get() else { return };
        request_animation_frame(move || {
            // Where something is to be typed or ticked, there; else where it is chosen how.
            let found = ground
                .query_selector("input")
                .ok()
                .flatten()
                .or_else(|| ground.query_selector("select").ok().flatten());
            if let Some(control) = found {
                let _ = control.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        });
    });
    let how = RwSignal::new(first.how.key().to_owned());
    let from = RwSignal::new(first.from.clone());
    let to = RwSignal::new(first.to.clone());
    let among = RwSignal::new(first.among.clone());
    let chosen = Memo::new(move |_| {
        how.with(|key| {
            let hows = filtering.with_value(Filtering::hows);
            hows.iter()
                .copied()
                .find(|how| how.key() == key)
                .unwrap_or(first.how)
        })
    });
    let key = StoredValue::new(first.key.clone());
    let tell = move || {
        on_change.try_run((Condition {
            key: key.get_value(),
            how: chosen.get_untracked(),
            from: from.get_untracked(),
            to: to.get_untracked(),
            among: among.get_untracked(),
        },));
    };
    let told = Callback::new(move |()| tell());
    let hows = Signal::derive(move || {
        filtering
            .with_value(Filtering::hows)
            .iter()
            .map(|how| Choice::new(how.key(), how.words()))
            .collect::<Vec<_>>()
    });
    let several = filtering.with_value(|filtering| filtering.hows().len() > 1);
    let wrong_from = RwSignal::new(false);
    let wrong_to = RwSignal::new(false);
    let wrong = move || {
        [wrong_from, wrong_to]
            .iter()
            .any(|wrong| wrong.try_get_untracked().unwrap_or(false))
    };
    // What cannot be read stays, with the sentence below it.
    let done = Callback::new(move |()| {
        if !wrong() {
            tell();
            on_done.run(());
        }
    });
    let control = move || {
        match chosen.get() {
        How::Empty | How::Present => ().into_any(),
        How::Contains | How::Begins | How::Is | How::IsNot => view! {
            <TextInput value=from label=label on_commit=told on_enter=done />
            {(!filtering.with_value(|filtering| matches!(filtering, Filtering::Text { folded: true })))
                .then(|| view! { <p class="small weak">{tr!("grid-exactly")}</p> })}
        }
        .into_any(),
        How::Among => filtering
            .with_value(Filtering::options)
            .into_iter()
            .map(|option| {
                let value = option.value.clone();
                let on = RwSignal::new(among.with_untracked(|among| among.contains(&value)));
                let commit = move || {
                    let value = value.clone();
                    among.update(|among| {
                        among.retain(|one| *one != value);
                        if on.get_untracked() {
                            among.push(value);
                        }
                    });
                    tell();
                };
                view! { <Checkbox value=on label=option.label on_commit=commit /> }
            })
            .collect_view()
            .into_any(),
        How::Between => {
            let numbers = filtering.with_value(|filtering| matches!(filtering, Filtering::Number));
            let error = move |wrong: RwSignal<bool>| {
                Signal::derive(move || {
                    wrong.get().then(|| {
                        if numbers {
                            t!("grid-not-a-number", example = format::number("1250.5", Some(2)))
                        } else {
                            t!("grid-not-a-day", example = format::day(format::today()))
                        }
                    })
                })
            };
            let field = move |value: RwSignal<String>, wrong: RwSignal<bool>| {
                if numbers {
                    view! { <NumberField value=value unreadable=wrong on_commit=told /> }.into_any()
                } else {
                    view! { <DateField value=value unreadable=wrong on_commit=told /> }.into_any()
                }
            };
            view! {
                <Field label=tr!("grid-range-from") error=error(wrong_from)>
                    {field(from, wrong_from)}
                </Field>
                <Field label=tr!("grid-range-to") error=error(wrong_to)>
                    {field(to, wrong_to)}
                </Field>
            }
            .into_any()
        }
    }
    };
    let heading = StoredValue::new(fresh_id("filter"));
    view! {
        <div
            node_ref=ground
            class="stack-tight"
            role="dialog"
            aria-labelledby=heading.get_value()
            on:keydown=move |event| {
                let on_input = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
                if event.key() == "Enter" && !event.default_prevented() && let Some(input) = on_input {
                    event.prevent_default();
                    // What is typed counts when it is left.
                    let _ = input.blur();
                    done.run(());
                    // Still here: it is to be written anew.
                    if input.is_connected() && wrong() {
                        let _ = input.focus();
                    }
                }
            }
        >
            <p class="strong" id=heading.get_value()>{label}</p>
            {several.then(|| view! { <Select value=how options=hows label=tr!("grid-how") on_commit=told /> })}
            <div class="grid-filter-control stack-tight">{control}</div>
            <div class="row">
                <span class="grow"></span>
                <Button label=tr!("grid-filter-done") on_press=move || done.run(()) />
            </div>
        </div>
    }
    .into_any()
}
