use leptos::{html, prelude::*};

use super::{Icon, IconButton};
use crate::{day::Day, format, tr};

/// A month to choose a day from: the inside of [`DateField`]. Arrow keys move by day and week, PageUp and PageDown by
/// month, Home and End within the week; Enter chooses.
///
/// [`DateField`]: super::DateField
#[component]
pub fn Calendar(
    chosen: Signal<Option<Day>>,
    #[prop(into)] on_choose: Callback<(Day,)>,
) -> impl IntoView {
    let cursor = RwSignal::new(chosen.get_untracked().unwrap_or_else(format::today));
    let grid = NodeRef::<html::Div>::new();
    let focus_cursor = move || {
        request_animation_frame(move || {
            let Some(grid) = grid.get_untracked() else {
                return;
            };
            if let Ok(Some(day)) = grid.query_selector("[tabindex='0']") {
                let _ = wasm_bindgen::JsCast::unchecked_into::<web_sys::HtmlElement>(day).focus();
            }
        });
    };
    Effect::new(move |before: Option<()>| {
        if grid.get().is_some() && before.is_none() {
            focus_cursor();
        }
    });
    let keys = move |event: web_sys::KeyboardEvent| {
        let at = cursor.get_untracked();
        let to = match event.key().as_str() {
            "ArrowLeft" => at.plus(-1),
            "ArrowRight" => at.plus(1),
            "ArrowUp" => at.plus(-7),
            "ArrowDown" => at.plus(7),
            "PageUp" => at.plus_months(-1),
            "PageDown" => at.plus_months(1),
            "Home" => at.plus(-at.weekday()),
            "End" => at.plus(6 - at.weekday()),
            _ => return,
        };
        event.prevent_default();
        cursor.set(to);
        focus_cursor();
    };
    let days = move || {
        let first = cursor.get().first_of_month();
        let start = first.plus(-first.weekday());
        (0..42).map(|at| start.plus(at)).collect::<Vec<_>>()
    };
    view! {
        <div class="calendar">
            <div class="calendar-head">
                <IconButton
                    icon=Icon::ChevronLeft
                    label=tr!("kit-previous-month")
                    on_press=move || cursor.update(|day| *day = day.plus_months(-1))
                />
                <strong class="strong" aria-live="polite">
                    {move || format::month(cursor.get())}
                </strong>
                <IconButton
                    icon=Icon::ChevronRight
                    label=tr!("kit-next-month")
                    on_press=move || cursor.update(|day| *day = day.plus_months(1))
                />
            </div>
            <div class="calendar-days" node_ref=grid role="group" on:keydown=keys>
                // 1970-01-05 was a Monday.
                {move || (4..11).map(|at| view! { <span aria-hidden="true">{format::weekday(Day(at))}</span> }).collect_view()}
                {move || {
                    let (_, month, _) = cursor.get().parts();
                    let today = format::today();
                    days()
                        .into_iter()
                        .map(|day| {
                            let (_, own_month, of_month) = day.parts();
                            view! {
                                <button
                                    type="button"
                                    class="calendar-day"
                                    class:calendar-day-other=own_month != month
                                    class:calendar-day-today=day == today
                                    aria-pressed=(chosen.get() == Some(day)).to_string()
                                    aria-label=format::day(day)
                                    tabindex=if cursor.get_untracked() == day { "0" } else { "-1" }
                                    on:click=move |_| on_choose.run((day,))
                                >
                                    {of_month}
                                </button>
                            }
                        })
                        .collect_view()
                }}
            </div>
        </div>
    }
}
