use api::{definitions::DifferenceLine, path};
use leptos::prelude::*;

use super::draft::Draft;
use crate::{
    kit::{Dialog, EmptyState, Icon},
    loaded::Loaded,
    t, tr, transport,
};

/// What the draft changes in what is published, line by line.
#[component]
pub fn DifferenceDialog(open: RwSignal<bool>, draft: Draft) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!("designer-difference") wide=true>
            <Lines draft=draft />
        </Dialog>
    }
}

#[component]
fn Lines(draft: Draft) -> impl IntoView {
    let lines = Loaded::new(move || async move {
        transport::get::<Vec<DifferenceLine>>(&draft.path(path::DIFFERENCE), &[]).await
    });
    lines.view(
        6,
        || t!("designer-difference-failed"),
        move || {
            let lines = lines.get_untracked().unwrap_or_default();
            if lines.is_empty() {
                return view! { <EmptyState icon=Icon::Check title=tr!("designer-difference-none") /> }.into_any();
            }
            view! {
                <div class="difference" tabindex="0" role="region" aria-label=tr!("designer-difference")>
                    {lines
                        .into_iter()
                        .map(|line| {
                            let (class, sign) = match line.change.as_str() {
                                "added" => ("difference-line difference-added", "+"),
                                "removed" => ("difference-line difference-removed", "−"),
                                "file" => ("difference-line difference-file", ""),
                                "gap" => ("difference-line difference-gap", "⋯"),
                                _ => ("difference-line", ""),
                            };
                            let text = if line.change == "gap" {
                                t!("designer-difference-gap", count = line.text.parse::<i64>().unwrap_or(0))
                            } else {
                                line.text
                            };
                            view! { <div class=class><span class="difference-sign">{sign}</span><span>{text}</span></div> }
                        })
                        .collect_view()}
                </div>
            }
            .into_any()
        },
    )
}
