use form::Words;
use kernel::calendar::{Calendar, Holiday, Hours, Moved, Rule};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    bound::{RowTools, WordsInput, bound},
    draft::Draft,
    field_editor::swap,
    head::{Head, rename},
    problems::Problems,
};
use crate::{
    kit::{Button, Choice, Field, Icon, Look, Select, TextInput},
    t, tr,
};

/// The part of the body that is edited here; key and name stay beside it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Body {
    key: String,
    name: Words,
    #[serde(flatten)]
    calendar: Calendar,
}

/// Working hours per weekday and holidays.
#[component]
pub fn CalendarEditor(draft: Draft, #[prop(into)] on_reread: Callback<()>) -> impl IntoView {
    let body = Memo::new(move |_| draft.typed::<Body>());
    let edit = move |what: &'static str, change: Box<dyn FnOnce(&mut Calendar)>| {
        draft.edit::<Body>(what, |body| change(&mut body.calendar));
    };
    let name = Signal::derive(move || {
        body.with(|body| {
            body.as_ref()
                .map(|body| body.name.clone())
                .unwrap_or_default()
        })
    });
    let zone = bound(
        move || {
            body.with(|body| {
                body.as_ref()
                    .map(|body| body.calendar.zone.clone())
                    .unwrap_or_default()
            })
        },
        move |zone| edit("zone", Box::new(move |calendar| calendar.zone = zone)),
    );
    view! {
        <div class="editor">
            <Head draft=draft on_reread=on_reread />
            <div class="editor-main">
                <div class="editor-scroll pad stack">
                    <div class="pair">
                        <WordsInput label=tr!("designer-name") value=name on_change=move |words: Words| rename(draft, words) />
                        <Field label=tr!("calendar-zone") hint=Signal::derive(|| t!("calendar-zone-hint"))>
                            <TextInput value=zone />
                        </Field>
                    </div>
                    <h2>{tr!("calendar-week")}</h2>
                    <div class="surface pad week">
                        {(0..7)
                            .map(|day| {
                                let hours = bound(
                                    move || body.with(|body| body.as_ref().map(|body| written(&body.calendar.week[day])).unwrap_or_default()),
                                    move |text: String| {
                                        if let Some(hours) = read(&text) {
                                            edit("week", Box::new(move |calendar| calendar.week[day] = hours));
                                        }
                                    },
                                );
                                let wrong = Signal::derive(move || read(&hours.get()).is_none().then(|| t!("calendar-hours-hint")));
                                view! {
                                    <Field label=Signal::derive(move || weekday_name(day)) error=wrong>
                                        <TextInput value=hours placeholder=tr!("calendar-closed") />
                                    </Field>
                                }
                            })
                            .collect_view()}
                    </div>
                    <p class="small weak">{tr!("calendar-hours-hint")}</p>
                    <Holidays body=body edit=Callback::new(move |(change,): (Change,)| edit("holidays", Box::new(move |calendar| (change)(calendar)))) />
                </div>
                <Problems problems=draft.problems on_go=|_: String| {} />
            </div>
        </div>
    }
}

type Change = std::sync::Arc<dyn Fn(&mut Calendar) + Send + Sync>;

#[component]
fn Holidays(body: Memo<Option<Body>>, edit: Callback<(Change,)>) -> impl IntoView {
    let count = Memo::new(move |_| {
        body.with(|body| body.as_ref().map_or(0, |body| body.calendar.holidays.len()))
    });
    let change = move |change: Change| edit.run((change,));
    let kinds = Signal::derive(|| {
        vec![
            Choice::new("fixed", t!("calendar-fixed")),
            Choice::new("easter", t!("calendar-easter")),
            Choice::new("once", t!("calendar-once")),
            Choice::new("nth", t!("calendar-nth")),
        ]
    });
    view! {
        <div class="row">
            <h2 class="grow">{tr!("calendar-holidays")}</h2>
            <Button
                label=tr!("calendar-add-holiday")
                icon=Icon::Plus
                look=Look::Quiet
                on_press=move || {
                    change(std::sync::Arc::new(|calendar| calendar.holidays.push(Holiday {
                        name: t!("calendar-new-holiday"),
                        rule: Rule::Fixed { month: 1, day: 1 },
                        moved: Moved::Never,
                        hours: Vec::new(),
                    })));
                }
            />
        </div>
        <div class="stack stack-tight">
            {move || {
                let count = count.get();
                (0..count)
                    .map(|at| {
                        let own = move || body.with(|body| body.as_ref().and_then(|body| body.calendar.holidays.get(at).cloned()));
                        let name = bound(
                            move || own().map(|own| own.name).unwrap_or_default(),
                            move |text: String| change(std::sync::Arc::new(move |calendar| {
                                if let Some(holiday) = calendar.holidays.get_mut(at) {
                                    holiday.name.clone_from(&text);
                                }
                            })),
                        );
                        let kind = bound(
                            move || own().map(|own| rule_word(&own.rule).to_owned()).unwrap_or_default(),
                            move |word: String| change(std::sync::Arc::new(move |calendar| {
                                if let Some(holiday) = calendar.holidays.get_mut(at).filter(|holiday| rule_word(&holiday.rule) != word) {
                                    holiday.rule = match word.as_str() {
                                        "easter" => Rule::Easter { days: -2 },
                                        "once" => Rule::Once { date: "2027-01-01".to_owned() },
                                        "nth" => Rule::NthWeekday { month: 8, weekday: 1, nth: 3 },
                                        _ => Rule::Fixed { month: 1, day: 1 },
                                    };
                                }
                            })),
                        );
                        let when = bound(
                            move || own().map(|own| rule_text(&own.rule)).unwrap_or_default(),
                            move |text: String| change(std::sync::Arc::new(move |calendar| {
                                if let Some(holiday) = calendar.holidays.get_mut(at)
                                    && let Some(rule) = rule_read(&holiday.rule, &text)
                                {
                                    holiday.rule = rule;
                                }
                            })),
                        );
                        view! {
                            <div class="holiday-row">
                                <TextInput value=name label=tr!("designer-name") />
                                <Select value=kind options=kinds label=tr!("calendar-rule") />
                                <TextInput value=when label=tr!("calendar-when") />
                                <RowTools
                                    first=at == 0
                                    last=at + 1 == count
                                    on_move=move |down: bool| change(std::sync::Arc::new(move |calendar| swap(&mut calendar.holidays, at, down)))
                                    on_remove=move || change(std::sync::Arc::new(move |calendar| {
                                        if at < calendar.holidays.len() {
                                            calendar.holidays.remove(at);
                                        }
                                    }))
                                />
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
        <p class="small weak">{tr!("calendar-when-hint")}</p>
    }
}

fn weekday_name(day: usize) -> String {
    match day {
        0 => t!("weekday-1"),
        1 => t!("weekday-2"),
        2 => t!("weekday-3"),
        3 => t!("weekday-4"),
        4 => t!("weekday-5"),
        5 => t!("weekday-6"),
        _ => t!("weekday-7"),
    }
}

/// `09:00-13:00, 14:00-18:00`; nothing for a day off.
fn written(hours: &[Hours]) -> String {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    hours
        .iter()
        .map(|h| format!("{}-{}", clock(h.from), clock(h.to)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn read(text: &str) -> Option<Vec<Hours>> {
    let clock = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':').unwrap_or((text.trim(), "0"));
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours <= 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (from, to) = part.split_once(['-', '–'])?;
            let (from, to) = (clock(from)?, clock(to)?);
            (from < to && to <= 1_440).then_some(Hours { from, to })
        })
        .collect()
}

fn rule_word(rule: &Rule) -> &'static str {
    match rule {
        Rule::Fixed { .. } => "fixed",
        Rule::Easter { .. } => "easter",
        Rule::Once { .. } => "once",
        Rule::NthWeekday { .. } => "nth",
    }
}

/// `25/12`, `-2` (days from Easter), `2027-01-01`, `3/1/8` (third Monday of August).
fn rule_text(rule: &Rule) -> String {
    match rule {
        Rule::Fixed { month, day } => format!("{day}/{month}"),
        Rule::Easter { days } => days.to_string(),
        Rule::Once { date } => date.clone(),
        Rule::NthWeekday {
            month,
            weekday,
            nth,
        } => format!("{nth}/{weekday}/{month}"),
    }
}

fn rule_read(of: &Rule, text: &str) -> Option<Rule> {
    let numbers: Option<Vec<i8>> = text
        .split('/')
        .map(|part| part.trim().parse().ok())
        .collect();
    match of {
        Rule::Fixed { .. } => match numbers?.as_slice() {
            [day @ 1..=31, month @ 1..=12] => Some(Rule::Fixed {
                month: *month,
                day: *day,
            }),
            _ => None,
        },
        Rule::Easter { .. } => text.trim().parse().ok().map(|days| Rule::Easter { days }),
        Rule::Once { .. } => form::schema::date(text.trim()).map(|_| Rule::Once {
            date: text.trim().to_owned(),
        }),
        Rule::NthWeekday { .. } => match numbers?.as_slice() {
            [nth, weekday @ 1..=7, month @ 1..=12] => Some(Rule::NthWeekday {
                month: *month,
                weekday: *weekday,
                nth: *nth,
            }),
            _ => None,
        },
    }
}
