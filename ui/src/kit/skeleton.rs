use leptos::prelude::*;

use super::after;
use crate::t;

/// Grey lines in the shape of what is coming.
#[component]
pub fn Skeleton(#[prop(default = 6)] lines: usize) -> impl IntoView {
    // Uneven, as text is.
    const WIDTHS: [(u32, u32); 4] = [(62, 38), (48, 70), (74, 30), (55, 52)];
    view! {
        <div class="skeleton-rows" aria-hidden="true">
            {(0..lines)
                .map(|at| {
                    let (first, second) = WIDTHS.get(at % WIDTHS.len()).copied().unwrap_or((60, 40));
                    view! {
                        <div class="skeleton-line">
                            <span class="skeleton" style:width=format!("{first}%")></span>
                            <span class="skeleton" style:width=format!("{second}%")></span>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// Waits 150 ms before it shows a skeleton, so that what comes at once does not flicker. Screen readers hear that it loads.
#[component]
pub fn Loading(#[prop(default = 6)] lines: usize) -> impl IntoView {
    let late = RwSignal::new(false);
    after(150, move || late.set(true));
    view! {
        <div aria-busy="true" role="status">
            <Show when=move || late.get()>
                <span class="only-read">{move || t!("kit-loading")}</span>
                <Skeleton lines=lines />
            </Show>
        </div>
    }
}
