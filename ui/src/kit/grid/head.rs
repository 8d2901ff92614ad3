use leptos::{ev, prelude::*};

use super::{
    Align, Column,
    layout::{Layout, NARROWEST, Placed, WIDEST},
};
use crate::{
    kit::{Drawn, Icon, IconButton, Menu, MenuItem, Side},
    tr,
};

/// The line of headings: sorts by press, changes widths by dragging.
#[component]
pub fn Head(
    placed: Memo<Vec<Placed>>,
    layout: RwSignal<Layout>,
    /// The column under the grid's cursor when it stands on the headings.
    active: Signal<Option<usize>>,
    grid: String,
) -> impl IntoView {
    let dragging = RwSignal::new(None::<(String, f64, f64)>);
    let moved = window_event_listener(ev::pointermove, move |event| {
        let Some((key, from, before)) = dragging.get_untracked() else {
            return;
        };
        let width = (before + f64::from(event.client_x()) - from).clamp(NARROWEST, WIDEST);
        layout.update(|layout| {
            layout.widths.insert(key, width);
        });
    });
    let released = window_event_listener(ev::pointerup, move |_| {
        if dragging.with_untracked(Option::is_some) {
            dragging.set(None);
        }
    });
    on_cleanup(move || {
        moved.remove();
        released.remove();
    });
    view! {
        <div class="grid-head" role="row" aria-rowindex="1">
            {move || {
                let sort = layout.with(|layout| layout.sort.clone());
                placed
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(|(at, place)| {
                        let Column { key, label, align, sortable, .. } = place.column;
                        let width = place.width;
                        let own = sort.as_ref().filter(|(by, _)| *by == key).map(|(_, down)| *down);
                        let said = match own {
                            Some(true) => "descending",
                            Some(false) => "ascending",
                            None => "none",
                        };
                        let drag = key.clone();
                        view! {
                            <div
                                id=format!("{grid}-h-{at}")
                                class="grid-head-cell"
                                class:grid-cell-end=align == Align::End
                                class:grid-head-cell-active=move || active.get() == Some(at)
                                role="columnheader"
                                aria-colindex=at + 1
                                aria-sort=sortable.then_some(said)
                                style:width=format!("{width}px")
                                on:click=move |_| {
                                    if sortable {
                                        layout.update(|layout| layout.sort_by(&key));
                                    }
                                }
                            >
                                <span class="cut">{label}</span>
                                {own
                                    .map(|down| {
                                        view! { <Drawn icon=if down { Icon::ArrowDown } else { Icon::ArrowUp } /> }
                                    })}
                                <span
                                    class="grid-grip"
                                    on:click=move |event| event.stop_propagation()
                                    on:pointerdown=move |event| {
                                        event.prevent_default();
                                        event.stop_propagation();
                                        dragging.set(Some((drag.clone(), f64::from(event.client_x()), width)));
                                    }
                                ></span>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}

/// Chooses which columns are shown.
#[component]
pub fn ColumnChoice(
    #[prop(into)] columns: Signal<Vec<Column>>,
    layout: RwSignal<Layout>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let items = Signal::derive(move || {
        columns
            .get()
            .into_iter()
            .filter(|column| !column.unseen)
            .map(|column| {
                let toggled = column.clone();
                MenuItem::choose(
                    column.label,
                    Signal::derive(move || layout.with(|layout| layout.shows(&column))),
                    move || {
                        layout.update(|layout| {
                            let shown = layout.shows(&toggled);
                            layout.shown.insert(toggled.key.clone(), !shown);
                        });
                    },
                )
            })
            .collect()
    });
    view! {
        <Menu open=open items=items label=tr!("grid-columns") side=Side::BelowEnd>
            <IconButton
                icon=Icon::Columns
                label=tr!("grid-columns")
                expanded=Signal::from(open)
                on_press=move || open.update(|open| *open = !*open)
            />
        </Menu>
    }
}
