use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Choice;

/// Switches one view among two to four (list or board, my items or the group's). Takes effect at once; arrow keys move.
#[component]
pub fn Segments(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Vec<Choice>>,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] on_change: Callback<(String,)>,
) -> impl IntoView {
    let step = move |event: web_sys::KeyboardEvent| {
        let forward = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => true,
            "ArrowLeft" | "ArrowUp" => false,
            _ => return,
        };
        event.prevent_default();
        let current = value.get_untracked();
        let next = options.with_untracked(|options| {
            let at = options.iter().position(|one| one.value == current)?;
            let count = options.len();
            let to = if forward {
                (at + 1) % count
            } else {
                (at + count - 1) % count
            };
            options.get(to).map(|one| (to, one.value.clone()))
        });
        if let Some((at, next)) = next {
            on_change.run((next,));
            let group = event
                .current_target()
                .map(JsCast::unchecked_into::<web_sys::Element>);
            let button =
                group.and_then(|group| group.children().item(u32::try_from(at).unwrap_or(0)));
            if let Some(button) = button {
                let _ = button.unchecked_into::<web_sys::HtmlElement>().focus();
            }
        }
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=label on:keydown=step>
            {move || {
                options
                    .get()
                    .into_iter()
                    .map(|one| {
                        let (own, tab, set) = (one.value.clone(), one.value.clone(), one.value);
                        view! {
                            <button
                                type="button"
                                class="segment"
                                role="radio"
                                aria-checked=move || value.with(|value| *value == own).to_string()
                                tabindex=move || if value.with(|value| *value == tab) { "0" } else { "-1" }
                                on:click=move |_| on_change.run((set.clone(),))
                            >
                                {one.label}
                                {(!one.hint.is_empty()).then(|| view! { <span class="count">{one.hint}</span> })}
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
