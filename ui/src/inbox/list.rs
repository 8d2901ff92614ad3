use api::work::WorkItemLine;
use leptos::{html, prelude::*};

use crate::{
    format,
    kit::{Drawn, EmptyState, Icon, Loading, every, now_ms},
    loaded::Failed,
    moment::ms,
    prefs::preferences,
    problem::Problem,
    t, tr,
};

/// Two lines of text an item, in the reader's density.
fn line_height() -> f64 {
    preferences().row_height() + 24.0
}

/// How near its end an item is: the colour and weight of its time.
pub fn due_class(due: f64, now: f64) -> &'static str {
    const SOON: f64 = 30.0 * 60_000.0;
    if due <= now {
        "due due-late"
    } else if due - now < SOON {
        "due due-soon"
    } else {
        "due"
    }
}

/// The lines, a few dozen in the page however many there are. One tab stop; arrows, Home, End and Page keys move, Enter
/// or a double click opens.
#[component]
pub fn List(
    lines: RwSignal<Option<Vec<WorkItemLine>>>,
    problem: RwSignal<Option<Problem>>,
    chosen: Memo<Option<WorkItemLine>>,
    #[prop(into)] on_choose: Callback<(String,)>,
    #[prop(into)] on_open: Callback<()>,
    #[prop(into)] on_end: Callback<()>,
    #[prop(into)] on_retry: Callback<()>,
    #[prop(into)] on_step: Callback<(isize,)>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let scrolled = RwSignal::new(0.0_f64);
    let height = RwSignal::new(800.0_f64);
    let now = RwSignal::new(now_ms());
    every(15_000, move || now.set(now_ms()));
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            height.set(f64::from(node.client_height()).max(200.0));
        }
    });
    let count = Memo::new(move |_| lines.with(|lines| lines.as_ref().map_or(0, Vec::len)));
    let in_sight = Memo::new(move |_| {
        let each = line_height();
        let first = whole(scrolled.get() / each).saturating_sub(2);
        let last = first + whole(height.get() / each) + 5;
        (first.min(count.get()), last.min(count.get()))
    });
    Effect::new(move |_| {
        let (_, last) = in_sight.get();
        if last > 0 && last + 10 >= count.get() {
            on_end.run(());
        }
    });
    // The chosen line stays in sight.
    Effect::new(move |_| {
        let Some(id) = chosen.with(|chosen| chosen.as_ref().map(|line| line.id)) else {
            return;
        };
        let at = lines.with_untracked(|lines| {
            lines
                .as_ref()
                .and_then(|all| all.iter().position(|line| line.id == id))
        });
        let (Some(at), Some(node)) = (at, node.get_untracked()) else {
            return;
        };
        let each = line_height();
        #[expect(
            clippy::cast_precision_loss,
            reason = "lines of an inbox, far below 2^52"
        )]
        let top = at as f64 * each;
        let (seen, room) = (
            f64::from(node.scroll_top()),
            f64::from(node.client_height()),
        );
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a scroll position is a few million pixels at most"
        )]
        if top < seen {
            node.set_scroll_top(top as i32);
        } else if top + each > seen + room {
            node.set_scroll_top((top + each - room).ceil() as i32);
        }
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        let page = (height.get_untracked() / line_height()).floor().max(1.0);
        #[expect(clippy::cast_possible_truncation, reason = "lines in a window")]
        let page = page as isize;
        match event.key().as_str() {
            "ArrowDown" => on_step.run((1,)),
            "ArrowUp" => on_step.run((-1,)),
            "PageDown" => on_step.run((page,)),
            "PageUp" => on_step.run((-page,)),
            "Home" => on_step.run((isize::MIN / 2,)),
            "End" => on_step.run((isize::MAX / 2,)),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        {move || {
            problem
                .get()
                .map(|problem| {
                    view! {
                        <div class="inbox-problem">
                            <Failed problem=problem title=t!("inbox-failed") on_retry=on_retry />
                        </div>
                    }
                })
        }}
        <div
            node_ref=node
            id="inbox-list"
            class="inbox-list"
            role="listbox"
            tabindex="0"
            aria-label=tr!("place-inbox")
            aria-activedescendant=move || chosen.with(|chosen| chosen.as_ref().map(|line| format!("item-{}", line.id)))
            on:scroll=move |_| {
                if let Some(node) = node.get_untracked() {
                    scrolled.set(f64::from(node.scroll_top()));
                    height.set(f64::from(node.client_height()));
                }
            }
            on:keydown=keys
        >
            <Show when=move || lines.with(Option::is_none) && problem.with(Option::is_none)>
                <Loading lines=6 />
            </Show>
            <Show when=move || lines.with(|lines| lines.as_ref().is_some_and(Vec::is_empty))>
                <EmptyState icon=Icon::Inbox title=tr!("inbox-none") text=Signal::derive(|| t!("inbox-none-text")) />
            </Show>
            <div
                class="inbox-lines"
                role="presentation"
                style:height=move || {
                    #[expect(clippy::cast_precision_loss, reason = "lines of an inbox, far below 2^52")]
                    let count = count.get() as f64;
                    format!("{}px", count * line_height())
                }
            >
                <For
                    each=move || {
                        let (from, to) = in_sight.get();
                        lines
                            .with(|lines| {
                                lines
                                    .iter()
                                    .flatten()
                                    .enumerate()
                                    .skip(from)
                                    .take(to.saturating_sub(from))
                                    .map(|(at, line)| (at, line.clone()))
                                    .collect::<Vec<_>>()
                            })
                    }
                    key=|(at, line)| (*at, line.id, line.version)
                    let:place
                >
                    <Line at=place.0 line=place.1 chosen=chosen now=now on_choose=on_choose on_open=on_open />
                </For>
            </div>
        </div>
    }
}

#[component]
fn Line(
    at: usize,
    line: WorkItemLine,
    chosen: Memo<Option<WorkItemLine>>,
    now: RwSignal<f64>,
    on_choose: Callback<(String,)>,
    on_open: Callback<()>,
) -> impl IntoView {
    let id = line.id;
    let own = id.to_string();
    let here =
        Memo::new(move |_| chosen.with(|chosen| chosen.as_ref().map(|line| line.id) == Some(id)));
    #[expect(
        clippy::cast_precision_loss,
        reason = "lines of an inbox, far below 2^52"
    )]
    let place = at as f64;
    let who = line
        .customer_name
        .clone()
        .unwrap_or_else(|| line.process.name.clone());
    let mine = line.assignee.is_some();
    let from = line
        .assignee
        .map(|named| named.name)
        .or(line.group.map(|named| named.name))
        .unwrap_or_default();
    let paused = line.paused.map(ms);
    let due = line.due.map(ms);
    let created = ms(line.created);
    view! {
        <div
            id=format!("item-{id}")
            class="inbox-line"
            role="option"
            aria-selected=move || here.get().to_string()
            style:top=move || format!("{}px", place * line_height())
            style:height=move || format!("{}px", line_height())
            on:click=move |_| on_choose.run((own.clone(),))
            on:dblclick=move |_| on_open.run(())
        >
            <div class="inbox-line-top">
                {(line.escalation_level > 0)
                    .then(|| {
                        let label = t!("inbox-escalated", level = line.escalation_level);
                        let title = label.clone();
                        view! {
                            <span class="tone-danger" title=title>
                                <Drawn icon=Icon::TriangleAlert />
                                <span class="only-read">{label}</span>
                            </span>
                        }
                    })}
                <span class="strong cut grow">{line.activity}</span>
                {move || match due {
                    _ if paused.is_some() => {
                        let since = paused.unwrap_or_default();
                        view! {
                            <time class="due due-none" title=t!("attend-waits", when = format::date_time(since))>
                                <Drawn icon=Icon::Hourglass />
                                {t!("inbox-waits")}
                            </time>
                        }
                            .into_any()
                    }
                    Some(due) => {
                        let now = now.get();
                        let late = due <= now;
                        view! {
                            <time class=due_class(due, now) title=format::date_time(due)>
                                {late.then(|| view! { <Drawn icon=Icon::Clock /> })}
                                {format::due(due)}
                            </time>
                        }
                            .into_any()
                    }
                    None => {
                        now.track();
                        view! { <time class="due due-none" title=format::date_time(created)>{format::when(created)}</time> }.into_any()
                    }
                }}
            </div>
            <div class="inbox-line-low">
                <span class="cut grow">{who}</span>
                <span class="row inbox-line-from" class:inbox-line-mine=mine>
                    <Drawn icon=if mine { Icon::UserCheck } else { Icon::Group } class="icon-small" />
                    <span class="cut">{from}</span>
                </span>
            </div>
        </div>
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small positive range"
)]
fn whole(number: f64) -> usize {
    number.clamp(0.0, 1_000_000.0) as usize
}
