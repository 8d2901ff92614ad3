use kernel::Filter;
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};

use super::{
    Align, Cell, Column, GridQuery, Source,
    filter::{AddFilter, Chips, kept, together},
    head::{ColumnChoice, Head},
    layout::{self, Placed},
    pages::Pages,
};
use crate::{
    format,
    kit::{Badge, Drawn, EmptyState, Failure, Icon, Loading, fresh_id},
    prefs::preferences,
    problem::ProblemKind,
    t, tr,
};

const HEAD: f64 = 32.0;
/// Rows kept above and below what is in sight.
const MARGIN: usize = 2;

/// A list of many rows and chosen columns; see the [module](super). For a handful of rows that never grow a plain
/// `<table class="table">` is enough; for one line an item in a narrow pane, a list.
#[component]
pub fn DataGrid(
    /// What the reader's choices are remembered under.
    #[prop(into)]
    name: String,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] columns: Signal<Vec<Column>>,
    source: Source,
    /// What is searched for: another text asks anew.
    #[prop(optional, into)]
    text: Signal<String>,
    /// Any change asks anew (a filter of the screen's own, a live event).
    #[prop(optional, into)]
    refresh: Signal<u64>,
    /// Enter or double click, with the row's key.
    #[prop(optional, into)]
    on_open: Option<Callback<(String,)>>,
    /// The key of the row under the cursor.
    #[prop(optional)]
    chosen: Option<RwSignal<Option<String>>>,
    /// What stands before the column choice: search box, filters.
    #[prop(optional, into)]
    bar: Option<ViewFn>,
    /// What an empty list says, and the one thing to do about it.
    #[prop(optional, into)]
    empty: Option<ViewFn>,
) -> impl IntoView {
    let grid = fresh_id("grid");
    let layout = layout::kept(&name);
    let placed = Memo::new_with_compare(
        move |_| columns.with(|columns| layout.with(|layout| layout.place(columns))),
        // Labels are signals of their own; what matters here is which, where and how wide.
        |before, now| {
            let key = |all: &Vec<Placed>| {
                all.iter()
                    .map(|one| (one.index, one.width.to_bits()))
                    .collect::<Vec<_>>()
            };
            before.map(key) != now.map(key)
        },
    );
    let pages = Pages::new(source);
    let scroller = NodeRef::<html::Div>::new();
    let scrolled = RwSignal::new(0.0_f64);
    let height = RwSignal::new(600.0_f64);
    // None: the headings.
    let row = RwSignal::new(Some(0_usize));
    let column = RwSignal::new(0_usize);

    let conditions = kept(&name);
    let editing = RwSignal::new(None::<String>);
    let sort = Memo::new(move |_| layout.with(|layout| layout.sort.clone()));
    let filter = Memo::new(move |_| {
        columns.with(|columns| conditions.with(|conditions| together(columns, conditions)))
    });
    Effect::new(move |before: Option<GridQuery>| {
        let asked = GridQuery {
            text: text.get(),
            sort: sort.get(),
            filter: Some(filter.get()).filter(|filter| *filter != Filter::TRUE),
            ..GridQuery::default()
        };
        refresh.track();
        // Another question begins at the top; the same one read again leaves the reader where they are.
        if before.as_ref().is_some_and(|before| *before != asked)
            && let Some(scroller) = scroller.get_untracked()
        {
            scroller.set_scroll_top(0);
            row.set(Some(0));
        }
        pages.ask(asked.clone());
        asked
    });

    let row_height = move || preferences().row_height();
    let in_sight = Memo::new(move |_| {
        let each = row_height();
        let first = whole(scrolled.get() / each).saturating_sub(MARGIN);
        let count = whole(((height.get() - HEAD) / each).ceil()) + 2 * MARGIN;
        let reach = pages.reach.get();
        (first.min(reach), (first + count).min(reach))
    });
    Effect::new(move |_| {
        let (from, to) = in_sight.get();
        pages.begun.track();
        pages.want(from, to);
    });
    watch_height(scroller, height);

    let keep_in_sight = move |at: usize| {
        let Some(scroller) = scroller.get_untracked() else {
            return;
        };
        let each = row_height();
        #[expect(clippy::cast_precision_loss, reason = "rows on a page, far below 2^52")]
        let top = at as f64 * each;
        let seen = f64::from(scroller.scroll_top());
        let room = f64::from(scroller.client_height()) - HEAD;
        let to = if top < seen {
            top
        } else if top + each > seen + room {
            top + each - room
        } else {
            return;
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a scroll position is a few million pixels at most"
        )]
        scroller.set_scroll_top(to.ceil() as i32);
    };
    let choose = move |at: Option<usize>| {
        row.set(at);
        if let Some(at) = at {
            keep_in_sight(at);
            if let Some(chosen) = chosen {
                chosen.set(pages.row_untracked(at).map(|row| row.key));
            }
        }
    };
    let open = move |at: usize| {
        if let (Some(on_open), Some(row)) = (on_open, pages.row_untracked(at)) {
            on_open.run((row.key,));
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let last_row = pages.reach.get_untracked().saturating_sub(1);
        let last_column = placed.with_untracked(Vec::len).saturating_sub(1);
        let by = whole((height.get_untracked() - HEAD) / row_height())
            .saturating_sub(1)
            .max(1);
        let at = row.get_untracked();
        let far = event.ctrl_key() || event.meta_key();
        match event.key().as_str() {
            "ArrowDown" => choose(Some(at.map_or(0, |at| (at + 1).min(last_row)))),
            "ArrowUp" => choose(at.and_then(|at| at.checked_sub(1))),
            "PageDown" => choose(Some((at.unwrap_or(0) + by).min(last_row))),
            "PageUp" => choose(Some(at.unwrap_or(0).saturating_sub(by))),
            "Home" if far => choose(Some(0)),
            "End" if far => choose(Some(last_row)),
            "Home" => column.set(0),
            "End" => column.set(last_column),
            "ArrowRight" => column.update(|at| *at = (*at + 1).min(last_column)),
            "ArrowLeft" => column.update(|at| *at = at.saturating_sub(1)),
            "Enter" => match at {
                Some(at) => open(at),
                None => {
                    let key = placed.with_untracked(|placed| {
                        let place = placed.get(column.get_untracked())?;
                        place.column.sortable.then(|| place.column.key.clone())
                    });
                    if let Some(key) = key {
                        layout.update(|layout| layout.sort_by(&key));
                    }
                }
            },
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let active = {
        let grid = grid.clone();
        move || match row.get() {
            Some(at) => format!("{grid}-{at}-{}", column.get()),
            None => format!("{grid}-h-{}", column.get()),
        }
    };
    let filter_id = format!("{}-filter", name.replace('.', "-"));
    let filter_button = StoredValue::new(filter_id.clone());
    let bar = StoredValue::new(bar);
    let empty = StoredValue::new(empty);
    let rows_grid = grid.clone();
    let head_grid = grid.clone();
    view! {
        <div class="grid">
            <div class="grid-bar">
                {bar.with_value(|bar| bar.as_ref().map(ViewFn::run))} <span class="grow"></span>
                <AddFilter id=filter_id columns=columns conditions=conditions editing=editing />
                <ColumnChoice columns=columns layout=layout />
            </div>
            <Chips
                columns=columns
                conditions=conditions
                editing=editing
                back=Callback::new(move |()| {
                    let button = filter_button.with_value(|id| document().get_element_by_id(id));
                    if let Some(button) = button {
                        let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
                    }
                })
            />
            <div
                node_ref=scroller
                id=grid
                class="grid-scroll"
                role="grid"
                tabindex="0"
                aria-label=label
                aria-rowcount=move || pages.total.get().map_or_else(|| "-1".to_owned(), |total| (total + 1).to_string())
                aria-colcount=move || placed.with(Vec::len)
                aria-activedescendant=active
                aria-busy=move || pages.first_loading.get().then_some("true")
                on:scroll=move |_| {
                    if let Some(scroller) = scroller.get_untracked() {
                        scrolled.set(f64::from(scroller.scroll_top()));
                    }
                }
                on:keydown=keys
            >
                <Head
                    placed=placed
                    layout=layout
                    grid=head_grid
                    active=Signal::derive(move || row.get().is_none().then(|| column.get()))
                />
                <div
                    class="grid-table"
                    role="rowgroup"
                    style:height=move || {
                        #[expect(clippy::cast_precision_loss, reason = "rows on a page, far below 2^52")]
                        let reach = pages.reach.get() as f64;
                        format!("{}px", reach * row_height())
                    }
                >
                    <For
                        each=move || {
                            let (from, to) = in_sight.get();
                            from..to
                        }
                        key=|at| *at
                        let:at
                    >
                        <Row
                            at=at
                            grid=rows_grid.clone()
                            pages=pages
                            placed=placed
                            row=row
                            column=column
                            on_press=move |place| {
                                column.set(place);
                                choose(Some(at));
                            }
                            on_open=move || open(at)
                        />
                    </For>
                </div>
                {move || {
                    let problem = pages.problem.get();
                    if let Some(problem) = problem {
                        let forbidden = problem.kind == ProblemKind::Forbidden;
                        return Some(
                            view! {
                                <div class="grid-state surface-fill">
                                    <Failure
                                        title=if forbidden { t!("kit-no-permission") } else { t!("grid-failed") }
                                        text=problem.sentence
                                        details=problem.details
                                        icon=if forbidden { Icon::Lock } else { Icon::CircleAlert }
                                        on_retry=move || pages.retry()
                                    />
                                </div>
                            }
                                .into_any(),
                        );
                    }
                    if pages.first_loading.get() {
                        return Some(view! { <div class="grid-state"><Loading lines=8 /></div> }.into_any());
                    }
                    (pages.reach.get() == 0)
                        .then(|| {
                            if filter.get() != Filter::TRUE {
                                return view! {
                                    <div class="grid-state">
                                        <EmptyState icon=Icon::Filter title=tr!("grid-none-so") text=tr!("grid-none-so-text") />
                                    </div>
                                }
                                    .into_any();
                            }
                            view! {
                                <div class="grid-state">
                                    {empty
                                        .with_value(|empty| match empty {
                                            Some(empty) => empty.run(),
                                            None => {
                                                view! { <EmptyState icon=Icon::Search title=tr!("kit-nothing-found") /> }
                                                    .into_any()
                                            }
                                        })}
                                </div>
                            }
                                .into_any()
                        })
                }}
            </div>
            <div class="grid-foot figures">
                <span role="status">
                    {move || {
                        let reach = u64::try_from(pages.reach.get()).unwrap_or(0);
                        match pages.total.get() {
                            Some(total) => t!("grid-total", count = total, shown = format::count(total)),
                            None if pages.ended.get() => t!("grid-total", count = reach, shown = format::count(reach)),
                            None => String::new(),
                        }
                    }}
                </span>
                <Show when=move || pages.cut.get()>
                    <span>{tr!("grid-cut")}</span>
                </Show>
            </div>
        </div>
    }
}

#[component]
fn Row(
    at: usize,
    grid: String,
    pages: Pages,
    placed: Memo<Vec<Placed>>,
    row: RwSignal<Option<usize>>,
    column: RwSignal<usize>,
    #[prop(into)] on_press: Callback<(usize,)>,
    #[prop(into)] on_open: Callback<()>,
) -> impl IntoView {
    let own = Memo::new(move |_| pages.row(at));
    let here = Memo::new(move |_| row.get() == Some(at));
    #[expect(clippy::cast_precision_loss, reason = "rows on a page, far below 2^52")]
    let number = at as f64;
    view! {
        <div
            class="grid-row"
            role="row"
            aria-rowindex=at + 2
            aria-selected=move || here.get().to_string()
            style:top=move || format!("{}px", number * preferences().row_height())
            on:dblclick=move |_| on_open.run(())
        >
            {move || {
                let grid = grid.clone();
                let data = own.get();
                placed
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(move |(place, placed)| {
                        let cell = data.as_ref().map(|row| row.cells.get(placed.index).cloned().unwrap_or_default());
                        let strong = matches!(cell, Some(Cell::Strong(_)));
                        view! {
                            <div
                                id=format!("{grid}-{at}-{place}")
                                class="grid-cell"
                                class:grid-cell-strong=strong
                                class:grid-cell-end=placed.column.align == Align::End
                                class:grid-cell-active=move || here.get() && column.get() == place
                                role="gridcell"
                                aria-colindex=place + 1
                                style:width=format!("{}px", placed.width)
                                on:click=move |_| on_press.run((place,))
                            >
                                {match cell {
                                    None => view! { <span class="skeleton" style:width="60%"></span> }.into_any(),
                                    Some(Cell::Empty) => ().into_any(),
                                    Some(Cell::Text(text) | Cell::Strong(text)) => {
                                        let title = text.clone();
                                        view! { <span title=title>{text}</span> }.into_any()
                                    }
                                    Some(Cell::State(text, tone)) => view! { <Badge label=text tone=tone /> }.into_any(),
                                    Some(Cell::Locked) => {
                                        view! {
                                            <span class="weak" title=t!("kit-locked")>
                                                <Drawn icon=Icon::Lock />
                                                <span class="only-read">{t!("kit-locked")}</span>
                                            </span>
                                        }
                                            .into_any()
                                    }
                                }}
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// Follows the height of the scrolling part, for as long as it lives.
fn watch_height(scroller: NodeRef<html::Div>, height: RwSignal<f64>) {
    Effect::new(move |_| {
        let Some(node) = scroller.get() else { return };
        let seen = node.clone();
        height.set(f64::from(node.client_height()));
        let changed = Closure::<dyn FnMut()>::new(move || {
            height.try_set(f64::from(seen.client_height()));
        });
        let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&node);
        let kept = StoredValue::new_local(Some((observer, changed)));
        on_cleanup(move || {
            if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                observer.disconnect();
            }
        });
    });
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a small positive range"
)]
fn whole(number: f64) -> usize {
    number.clamp(0.0, 10_000_000.0) as usize
}
