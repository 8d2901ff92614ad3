use leptos::prelude::*;

use super::Tone;
use crate::{format, t};

/// How far something long has come; `None` while that is not known. For what takes under a second show nothing.
#[component]
pub fn Progress(
    /// 0 to 1.
    #[prop(into)]
    done: Signal<Option<f64>>,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] tone: Signal<Tone>,
) -> impl IntoView {
    let percent = move || {
        done.get()
            .map(|done| (done.clamp(0.0, 1.0) * 100.0).floor())
    };
    view! {
        <div class=move || format!("progress progress-{}", tone.get().name())>
            <div class="progress-head small">
                <span class="cut">{label}</span>
                <span class="figures weak">
                    {move || percent().map(|percent| t!("kit-percent", number = format::number(&percent.to_string(), Some(0))))}
                </span>
            </div>
            <div
                class="progress-track"
                role="progressbar"
                aria-label=label
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || percent().map(|percent| percent.to_string())
            >
                {move || match percent() {
                    Some(percent) => {
                        view! { <div class="progress-fill" style:width=format!("{percent}%")></div> }.into_any()
                    }
                    None => view! { <div class="progress-unknown"></div> }.into_any(),
                }}
            </div>
        </div>
    }
}
