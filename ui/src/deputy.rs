//! Who stands in for somebody while they are away: for oneself from the person's menu, for others in the settings.

use std::sync::LazyLock;

use api::{customers::Keeper, engine::Deputy, path};
use kernel::Moment;
use leptos::prelude::*;

use crate::{
    day::Day,
    desk::choice,
    format,
    kit::{
        Badge, Button, Choice, Combobox, DateField, Dialog, Field, Icon, Look, Notice, Tone, toast,
        toast_with,
    },
    loaded::Loaded,
    moment::ms,
    problem::Problem,
    session, t, tr, transport,
};

static ASKED: LazyLock<ArcRwSignal<bool>> = LazyLock::new(ArcRwSignal::default);

/// Opens the dialog: the person will be away.
pub fn ask_for_deputy() {
    ASKED.set(true);
}

/// One's own deputy.
#[component]
pub fn OwnDeputy() -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(ASKED.get()));
    view! {
        <Dialog open=open title=tr!("deputy-title") on_close=move || ASKED.set(false) id="own-deputy">
            {move || {
                let me = session::me().filter(|_| open.get())?;
                Some(view! { <DeputyForm user=me.id.to_string() own=true /> })
            }}
        </Dialog>
    }
}

/// The first instant of a day on this device, and of the one after.
fn bounds(from: &str, until: &str) -> Option<(Moment, Moment)> {
    let start = |day: Day| Moment::from_millis(format::day_start(day));
    Some((
        start(Day::parse(from)?),
        start(Day(Day::parse(until)?.0 + 1)),
    ))
}

fn day_of(moment: Moment) -> Day {
    format::local_day(ms(moment))
}

/// The last day of somebody's time: it ends when that day does.
fn last_day(deputy: &Deputy) -> Day {
    format::local_day(ms(deputy.ends) - 1.0)
}

/// Who, from when to when. Ids for tests: `deputy-who`, `deputy-from`, `deputy-until`, `deputy-save`, `deputy-none`,
/// `deputy-standing`.
#[component]
pub fn DeputyForm(
    user: String,
    #[prop(optional)] own: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let address = StoredValue::new(path::fill(path::USER_DEPUTY, &[&user]));
    let offers = StoredValue::new(path::fill(path::USER_DEPUTIES, &[&user]));
    let who = RwSignal::new(String::new());
    let from = RwSignal::new(String::new());
    let until = RwSignal::new(String::new());
    let options = RwSignal::new(Vec::<Choice>::new());
    let problem = RwSignal::new(None::<Problem>);
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let set = Loaded::new(move || {
        let address = address.get_value();
        async move { transport::get::<Option<Deputy>>(&address, &[]).await }
    });
    let take = move |set: Option<&Deputy>| {
        let today = format::today();
        who.set(set.map(|set| set.deputy.clone()).unwrap_or_default());
        from.set(set.map_or(today, |set| day_of(set.begins)).to_string());
        until.set(set.map(|set| last_day(set).to_string()).unwrap_or_default());
        if let Some(set) = set {
            options.set(vec![Choice::new(&set.deputy, &set.name)]);
        }
        tried.set(false);
        problem.set(None);
    };
    Effect::new(move |_| {
        if let Some(set) = set.get() {
            take(set.as_ref());
        }
    });
    let look = move |text: String| {
        let address = offers.get_value();
        leptos::task::spawn_local(async move {
            let found: Result<Vec<Keeper>, Problem> =
                transport::get(&address, &[("q", text)]).await;
            match found {
                Ok(found) => {
                    options.try_set(found.into_iter().map(choice).collect());
                }
                Err(wrong) => {
                    problem.try_set(Some(wrong));
                }
            }
        });
    };
    Effect::new(move |_| {
        if !disabled.get() {
            look(String::new());
        }
    });
    let wrong = move |field: &'static str| {
        Signal::derive(move || {
            let said = problem.with(|problem| problem.as_ref()?.fields.get(field).cloned());
            said.or_else(|| {
                if !tried.get() {
                    return None;
                }
                match field {
                    "deputy" => who.with(String::is_empty).then(|| t!("deputy-choose")),
                    "begins" => Day::parse(&from.get()).is_none().then(|| t!("deputy-day")),
                    _ => match (Day::parse(&from.get()), Day::parse(&until.get())) {
                        (_, None) => Some(t!("deputy-day")),
                        (Some(first), Some(last)) if last.0 < first.0 => {
                            Some(t!("deputy-ends-first", day = format::day(first)))
                        }
                        _ => None,
                    },
                }
            })
        })
    };
    let wrongs = ["deputy", "begins", "ends"].map(wrong);
    let [wrong_who, wrong_from, wrong_until] = wrongs;
    let rest = move || {
        problem.with(|problem| {
            let problem = problem.as_ref()?;
            let shown = ["deputy", "begins", "ends"]
                .iter()
                .any(|field| problem.fields.contains_key(*field));
            (!shown).then(|| problem.sentence.clone())
        })
    };
    let save = move || {
        tried.set(true);
        problem.set(None);
        if busy.get_untracked() || wrongs.iter().any(|wrong| wrong.get_untracked().is_some()) {
            return;
        }
        let Some((begins, ends)) = bounds(&from.get_untracked(), &until.get_untracked()) else {
            return;
        };
        let new = Deputy {
            deputy: who.get_untracked(),
            begins,
            ends,
            ..Deputy::default()
        };
        let address = address.get_value();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer: Result<serde_json::Value, Problem> = transport::put(&address, &new).await;
            busy.try_set(false);
            match answer {
                Ok(_) => {
                    toast(t!("deputy-saved"));
                    set.again();
                }
                Err(refused) => {
                    problem.try_set(Some(refused));
                }
            }
        });
    };
    let nobody = move || {
        let address = address.get_value();
        busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = transport::delete(&address, &[]).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    toast(t!("deputy-gone"));
                    set.again();
                }
                Err(refused) => toast_with(refused.sentence, Tone::Danger, None),
            }
        });
    };
    let standing = move || {
        let deputy = set.get().flatten()?;
        let today = format::today();
        let (label, tone) = if last_day(&deputy).0 < today.0 {
            (
                t!("deputy-over", day = format::day(last_day(&deputy))),
                Tone::Neutral,
            )
        } else if day_of(deputy.begins).0 > today.0 {
            (
                t!("deputy-coming", day = format::day(day_of(deputy.begins))),
                Tone::Info,
            )
        } else {
            (
                t!("deputy-now", day = format::day(last_day(&deputy))),
                Tone::Success,
            )
        };
        Some(view! {
            <p class="row" id="deputy-standing">
                <Badge label=label tone=tone icon=Icon::UserCheck />
                <span class="cut">{deputy.name}</span>
            </p>
        })
    };
    set.view(
        3,
        || t!("deputy-failed"),
        move || {
            view! {
                <div class="stack" id="deputy">
                    <p class="weak small">{if own { t!("deputy-own-text") } else { t!("deputy-text") }}</p>
                    {standing}
                    <Field label=tr!("deputy-who") error=wrong_who>
                        <Combobox
                            id="deputy-who"
                            value=who
                            options=options
                            disabled=disabled
                            placeholder=tr!("deputy-nobody")
                            on_search=move |text: String| look(text)
                        />
                    </Field>
                    <div class="pair">
                        <Field label=tr!("deputy-from") error=wrong_from>
                            <DateField id="deputy-from" value=from disabled=disabled />
                        </Field>
                        // With a hint of its own: what is said of a day that is typed goes as one presses the button, which
                        // must not move away from under the pointer.
                        <Field label=tr!("deputy-until") hint=tr!("deputy-until-hint") error=wrong_until>
                            <DateField id="deputy-until" value=until disabled=disabled />
                        </Field>
                    </div>
                    {move || rest().map(|text| view! { <Notice tone=Tone::Danger text=text /> })}
                    <Show when=move || !disabled.get()>
                        <div class="row">
                            <Button id="deputy-save" label=tr!("kit-save") look=Look::Primary busy=busy on_press=save />
                            <Show when=move || set.get().flatten().is_some()>
                                <Button id="deputy-none" label=tr!("deputy-take-away") look=Look::Quiet busy=busy on_press=nobody />
                            </Show>
                        </div>
                    </Show>
                </div>
            }
        },
    )
}
